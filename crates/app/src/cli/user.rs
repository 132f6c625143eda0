//! `kaikaku user`: accounts, and the April transfers from a CSV file.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use kaikaku_domain::organisation::Organisation;
use kaikaku_domain::person::{Assignment, Role};
use kaikaku_domain::roster::read_people;
use kaikaku_domain::{Date, Moment};
use kaikaku_store::{Municipality, Person, Store};

use super::choice::Of;
use super::{CommandError, FINDINGS, parse_date};
use crate::auth::random::Random;
use crate::clock::Clock;
use crate::input;
use crate::people::roster::{self, Held, Plan, Transfer};
use crate::people::{self, Initial, PeopleError, department_named};

#[derive(Debug, Args)]
pub(super) struct UserArguments {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// 利用者を一人登録し、最初のパスワードを表示します
    Add {
        /// 利用者名（ログイン名。職員番号など、英字・数字と . _ - @）
        login: String,
        /// 氏名
        name: String,
        /// 役割（例 担当者:税務課、事務局）。複数指定できます
        #[arg(long = "role", value_name = "役割[:部署]", value_parser = parse_role)]
        roles: Vec<NewRole>,
        /// 役割の最初の日（指定しないときは今日）
        #[arg(long, value_name = "日付", value_parser = parse_date)]
        from: Option<Date>,
        #[command(flatten)]
        of: Of,
    },
    /// 利用者と今日の役割を一覧にします
    List {
        #[command(flatten)]
        of: Of,
    },
    /// 新しい最初のパスワードを作って表示し、サインインを全て終わらせます
    Password {
        /// 利用者名
        login: String,
        /// 確認コード（二段階のサインイン）もやめます。認証アプリを失くしたときに使います
        #[arg(long)]
        without_code: bool,
        #[command(flatten)]
        of: Of,
    },
    /// 利用を止め、サインインを全て終わらせます
    Disable {
        /// 利用者名
        login: String,
        #[command(flatten)]
        of: Of,
    },
    /// 止めた利用を再び認めます
    Enable {
        /// 利用者名
        login: String,
        #[command(flatten)]
        of: Of,
    },
    /// 人事異動のCSVを読み込みます。--apply を付けるまでは、変わることを表示するだけです
    ///
    /// 列は ログイン名,氏名,部署,役割,開始日,終了日,代理 です。異動する人について、その日から持つ役割を全部書きます。
    /// それまでの役割は前日で終わります（代理の行は加えるだけです）。ファイルにない人は変わりません。
    Import {
        /// CSVファイル（UTF-8又はシフトJIS）
        file: PathBuf,
        /// 書き込みます
        #[arg(long)]
        apply: bool,
        #[command(flatten)]
        of: Of,
    },
}

/// A role as it is said on the line.
#[derive(Debug, Clone)]
struct NewRole {
    role: Role,
    department: Option<String>,
}

/// What is printed, and with which exit code.
type Told = (String, ExitCode);

pub(super) fn run(arguments: &UserArguments) -> Result<ExitCode, CommandError> {
    let now = Clock::default().now();
    let (told, code) = match &arguments.command {
        UserCommand::Add { login, name, roles, from, of } => {
            let from = from.unwrap_or(now.day());
            of.with(async |store, town| add(store, town, (login, name), roles, (from, now)).await)
        }
        UserCommand::List { of } => of.with(async |store, town| list(store, town, now.day()).await),
        UserCommand::Password { login, without_code, of } => of.with(async |store, town| {
            let mut random = Random::system();
            let initial =
                people::reset_password(store, town.id, login, *without_code, &mut random, now).await?;
            Ok((passwords(&[initial]), ExitCode::SUCCESS))
        }),
        UserCommand::Disable { login, of } => of.with(async |store, town| {
            let is_done = people::set_disabled(store, town.id, login, true, now).await?;
            let told = if is_done {
                "の利用を止めました"
            } else {
                "の利用は既に止めてあります"
            };
            Ok((format!("「{login}」{told}。\n"), ExitCode::SUCCESS))
        }),
        UserCommand::Enable { login, of } => of.with(async |store, town| {
            let is_done = people::set_disabled(store, town.id, login, false, now).await?;
            let told = if is_done {
                "の利用を再び認めました"
            } else {
                "の利用は止めてありません"
            };
            Ok((format!("「{login}」{told}。\n"), ExitCode::SUCCESS))
        }),
        UserCommand::Import { file, apply, of } => {
            let text = input::text(file)?;
            of.with(async |store, town| import(store, town, &text, *apply, now).await)
        }
    }?;
    super::print(&told)?;
    Ok(code)
}

async fn add(
    store: &Store,
    town: &Municipality,
    (login, name): (&str, &str),
    roles: &[NewRole],
    (from, now): (Date, Moment),
) -> Result<Told, CommandError> {
    let organisation = store.organisation(town.id).await?;
    let assignment = |new: &NewRole| {
        let department = match &new.department {
            Some(name) => Some(
                department_named(&organisation, name, from)
                    .ok_or_else(|| PeopleError::Department { name: name.clone(), day: from.to_string() })?,
            ),
            None => None,
        };
        Ok(Assignment { role: new.role, department, from: Some(from), to: None, deputy_of: None })
    };
    let roles = roles.iter().map(assignment).collect::<Result<Vec<_>, PeopleError>>()?;
    let mut random = Random::system();
    let initial = people::open_account(store, town.id, (login, name), &roles, &mut random, now).await?;
    Ok((passwords(&[initial]), ExitCode::SUCCESS))
}

async fn list(store: &Store, town: &Municipality, today: Date) -> Result<Told, CommandError> {
    let (all, organisation) = (store.people(town.id).await?, store.organisation(town.id).await?);
    let mut told = String::new();
    for person in &all {
        let mark = if person.disabled_at.is_some() { "　［利用停止］" } else { "" };
        let _ = writeln!(told, "{}　{}{mark}", person.login, person.name);
        for role in person.assignments.iter().filter(|role| role.holds_on(today)) {
            let deputised = all.iter().find(|other| Some(other.user) == role.deputy_of);
            let held = Held {
                role: role.role,
                department: role.department,
                from: role.from,
                to: role.to,
                deputy_of: deputised.map(|person| person.login.clone()),
            };
            let _ = writeln!(told, "　　{}", printed(&held, &organisation));
        }
    }
    let open = all.iter().filter(|person| person.disabled_at.is_none()).count();
    let _ = writeln!(told, "{}: {}人（うち利用停止 {}人）", town.name, all.len(), all.len() - open);
    Ok((told, ExitCode::SUCCESS))
}

async fn import(
    store: &Store,
    town: &Municipality,
    text: &str,
    apply: bool,
    now: Moment,
) -> Result<Told, CommandError> {
    let reading = read_people(text);
    if !reading.findings.is_empty() {
        return Ok((super::department::findings(&reading.findings), ExitCode::from(FINDINGS)));
    }
    let plan = match roster::plan(store, town.id, &reading.rows).await {
        Ok(plan) => plan,
        Err(PeopleError::Findings(found)) => {
            return Ok((super::department::findings(&found), ExitCode::from(FINDINGS)));
        }
        Err(error) => return Err(error.into()),
    };
    let (people, organisation) = (store.people(town.id).await?, store.organisation(town.id).await?);
    let mut told = changes(&plan, &people, &organisation);
    if plan.transfers.is_empty() {
        told.push_str("変わることはありません。\n");
    } else if apply {
        let new = roster::apply(store, town.id, &reading.rows, &plan, &mut Random::system(), now).await?;
        told.push_str("書き込みました。\n");
        told.push_str(&passwords(&new));
    } else {
        told.push_str(super::department::DRY);
    }
    Ok((told, ExitCode::SUCCESS))
}

/// What a file changes, person by person.
fn changes(plan: &Plan, people: &[Person], organisation: &Organisation) -> String {
    let mut told = String::new();
    for transfer in &plan.transfers {
        let word = if transfer.user.is_none() { "追加" } else { "変更" };
        let _ = writeln!(told, "{word}　{}　{}", transfer.login, transfer.name);
        if let Some(before) = &transfer.name_before {
            let _ = writeln!(told, "　　氏名　{before} → {}", transfer.name);
        }
        for held in transfer.ended() {
            let _ = writeln!(told, "　　終了　{}", printed(held, organisation));
        }
        for held in transfer.added() {
            let _ = writeln!(told, "　　追加　{}", printed(held, organisation));
        }
    }
    let new = plan.transfers.iter().filter(|transfer| transfer.user.is_none()).count();
    let is_named = |person: &&Person| {
        !plan.transfers.iter().any(|transfer: &Transfer| transfer.user == Some(person.user))
    };
    let others = people.iter().filter(is_named).count() - plan.unchanged;
    let _ = writeln!(
        told,
        "追加 {new}人、変更 {}人、変更なし {}人、ファイルにない人 {others}人",
        plan.transfers.len() - new,
        plan.unchanged,
    );
    told
}

fn printed(held: &Held, organisation: &Organisation) -> String {
    let department = held.department.and_then(|id| organisation.department(id));
    let department = department.map(|own| format!("{}　", own.name)).unwrap_or_default();
    let deputised = held.deputy_of.as_ref().map(|login| format!("（{login}の代理）")).unwrap_or_default();
    let span = match (held.from, held.to) {
        (None, None) => String::new(),
        (Some(from), None) => format!("　{from}から"),
        (None, Some(to)) => format!("　{to}まで"),
        (Some(from), Some(to)) => format!("　{from}から{to}まで"),
    };
    format!("{department}{}{deputised}{span}", held.role.label())
}

/// Initial passwords: shown now and never again.
pub(super) fn passwords(new: &[Initial]) -> String {
    let mut told = String::new();
    for Initial { login, name, password } in new {
        let _ = writeln!(told, "{login}　{name}　最初のパスワード: {password}");
    }
    if !new.is_empty() {
        told.push_str("パスワードが表示されるのは今だけです。本人に渡してください。最初のサインインで本人が変えます。\n");
    }
    told
}

fn parse_role(text: &str) -> Result<NewRole, String> {
    let (label, department) = match text.split_once([':', '：']) {
        Some((label, department)) => (label, Some(department.trim().to_owned())),
        None => (text, None),
    };
    let department = department.filter(|name| !name.is_empty());
    let Some(role) = Role::from_label(label) else {
        let known = Role::ALL.map(Role::label).join("、");
        return Err(format!("役割「{label}」はありません。{known}のどれかを指定してください"));
    };
    match (role.needs_department(), &department) {
        (true, None) => Err(format!("役割「{label}」には部署が必要です（例 {label}:税務課）")),
        (false, Some(_)) => {
            Err(format!("役割「{label}」は部署ごとの役割ではありません。部署を付けずに指定してください"))
        }
        _ => Ok(NewRole { role, department }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_said_with_its_department_where_it_has_one() {
        let role = parse_role("課長：税務課").unwrap();
        assert_eq!((role.role, role.department.as_deref()), (Role::SectionHead, Some("税務課")));
        assert_eq!(parse_role("事務局").unwrap().role, Role::Secretariat);
        for wrong in ["係長:税務課", "担当者", "担当者:", "事務局:総務課", ""] {
            assert!(parse_role(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nothing_is_said_of_passwords_where_nobody_is_new() {
        assert_eq!(passwords(&[]), "");
    }
}
