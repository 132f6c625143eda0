//! The commands, in pandoc's manner: what is done follows from the files' extensions.

mod check;
mod choice;
mod convert;
mod demo;
mod department;
mod dump;
mod load;
mod migrate;
mod period;
pub(crate) mod place;
mod route;
mod serve;
mod user;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use kaikaku_domain::{Date, Report};

use crate::forms::FormError;
use crate::input::InputError;
use crate::output::OutputError;

/// The exit code for findings of severity error.
pub(crate) const FINDINGS: u8 = 1;
/// The exit code for what cannot be read or written, as for a wrong command line.
pub(crate) const UNREADABLE: u8 = 2;

/// 行政経営改革プランの調書を入力・確認し、報告書を読み取り、点検し、組版します。
#[derive(Debug, Parser)]
#[command(name = "kaikaku", version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 報告書を別の形式に変換します（入力 .txt .json、出力 .json .pdf）
    Convert(ConvertArguments),
    /// 報告書を点検し、食い違いや読み取れない箇所を一覧にします
    Check(CheckArguments),
    /// 報告書文書（kaikaku/report@1）の JSON Schema を出力します
    Schema,
    /// 組み込んだ書体とデザイントークンのライセンスを表示します
    Notices,
    /// 架空の市のデータで、調書の入力から受付までを試します
    Demo(demo::DemoArguments),
    /// 調書を入力し、確認するサーバーを動かします
    Serve(serve::ServeArguments),
    /// 報告書を記録に読み込みます（入力 .txt .json）
    Load(load::LoadArguments),
    /// 記録から一年度分の報告書文書（.json）を書き出します
    Dump(dump::DumpArguments),
    /// 時期の開始日・提出期限・締切りを表示し、定めます
    Period(period::PeriodArguments),
    /// 提出から受付までの確認（課長・部長）を表示し、定めます
    Route(route::RouteArguments),
    /// 利用者を登録し、パスワードや役割を定めます
    User(user::UserArguments),
    /// 部署を登録し、一覧にします
    Department(department::DepartmentArguments),
    /// 記録が書き換えられていないか確かめます
    Verify(verify::VerifyArguments),
    /// 古い版の記録をこの版に移します（先に控えを取ってください）
    Migrate(migrate::MigrateArguments),
}

/// What every command that reads a report takes.
#[derive(Debug, Args)]
struct InputArguments {
    /// 読み取る報告書（.txt: PDFなどから取り出した文字、.json: 報告書文書）
    #[arg(value_name = "入力")]
    input: PathBuf,
    /// 様式定義（.toml）。付属の様式のほかに使うものを指定します（複数可）
    #[arg(long = "form", value_name = "ファイル")]
    forms: Vec<PathBuf>,
}

#[derive(Debug, Args)]
struct ConvertArguments {
    #[command(flatten)]
    input: InputArguments,
    /// 書き出すファイル（.json .pdf）
    #[arg(value_name = "出力")]
    output: PathBuf,
    /// PDFに記す発行日（例 2026-06-30）。指定しないときは年度の翌年度の4月1日
    #[arg(long, value_name = "日付", value_parser = parse_date)]
    date: Option<Date>,
    /// 進み具合や指摘の件数を表示しません
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Args)]
struct CheckArguments {
    #[command(flatten)]
    input: InputArguments,
    /// 指摘をJSONで出力します
    #[arg(long)]
    json: bool,
    /// 参考の指摘もまとめずに一つずつ表示します
    #[arg(long)]
    all: bool,
}

/// Why a command could not do its work: what, where and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Form(#[from] FormError),
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Pdf(#[from] kaikaku_publish::pdf::PdfError),
    #[error(transparent)]
    Place(#[from] place::PlaceError),
    #[error(transparent)]
    Store(#[from] kaikaku_store::StoreError),
    #[error(transparent)]
    Load(#[from] kaikaku_store::LoadError),
    #[error(transparent)]
    Choice(#[from] choice::ChoiceError),
    #[error(transparent)]
    Period(#[from] period::PeriodError),
    #[error(transparent)]
    Demo(#[from] crate::demo::DemoError),
    #[error(transparent)]
    Serve(#[from] serve::ServeError),
    #[error(transparent)]
    People(#[from] crate::people::PeopleError),
    #[error(transparent)]
    Password(#[from] crate::auth::password::NotHashed),
    #[error("標準出力に書けません: {0}")]
    Standard(std::io::Error),
}

/// Runs one command and gives its exit code.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    match arguments.command {
        Command::Convert(arguments) => convert::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Notices => notices(),
        Command::Schema => print(&Report::schema()).map(|()| ExitCode::SUCCESS),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Load(arguments) => load::run(&arguments),
        Command::Dump(arguments) => dump::run(&arguments),
        Command::Period(arguments) => period::run(&arguments),
        Command::Route(arguments) => route::run(&arguments),
        Command::User(arguments) => user::run(&arguments),
        Command::Department(arguments) => department::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Migrate(arguments) => migrate::run(&arguments),
    }
}

/// The licences of what is inside the program and was made by others.
fn notices() -> Result<ExitCode, CommandError> {
    const TOKENS: &str = include_str!("../assets/tokens/LICENSE-design-tokens.txt");
    for font in kaikaku_publish::fonts::notices() {
        print(&format!("{}\n\n{}\n\n", font.file, font.licence))?;
    }
    print(&format!("@digital-go-jp/design-tokens\n\n{TOKENS}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes to standard output; a reader that has gone (`| head`) is no error.
fn print(text: &str) -> Result<(), CommandError> {
    use std::io::Write;
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CommandError::Standard(error)),
        _ => Ok(()),
    }
}

fn parse_date(text: &str) -> Result<Date, String> {
    Date::read_written(text)
        .ok_or_else(|| format!("`{text}` は日付ではありません（例 2026-06-30、令和8年6月30日）"))
}
