//! `kaikaku demo`: a server over the example town, in a folder that is gone at the end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::CommandError;
use super::place::{Place, PlaceError, wait};
use super::serve::{self, Sessions};
use crate::clock::Clock;
use crate::web::{App, Settings};
use crate::{demo, forms};

#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// 待ち受けるアドレスとポート（ポート0は空いているポート）
    #[arg(long, value_name = "アドレス:ポート", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// デモの記録を残すフォルダー。指定しないときは、終えたときに消えます
    #[arg(long, value_name = "フォルダー")]
    data: Option<PathBuf>,
    #[command(flatten)]
    sessions: Sessions,
}

pub(super) fn run(arguments: &DemoArguments) -> Result<ExitCode, CommandError> {
    serve::log_to_standard_error();
    let temporary = tempfile::tempdir().map_err(PlaceError::Temporary)?;
    let folder = arguments.data.clone().unwrap_or_else(|| temporary.path().to_owned());
    let forms = forms::all(&[])?;
    wait(async {
        let store = Place::folder(folder).make().await?;
        demo::fill(&store, &forms).await?;
        let settings = Settings { demo: Some(demo::people()), ..arguments.sessions.settings() };
        let app = App::new(store.clone(), forms, Clock::set_to(demo::beginning()), settings)?;
        serve::answer(&app, arguments.listen, |address| super::print(&welcome(&address))).await?;
        serve::close(&store).await;
        Ok(ExitCode::SUCCESS)
    })
}

fn welcome(address: &str) -> String {
    format!(
        "デモを始めました。ブラウザーで次のアドレスを開いてください。

  {address}

架空の市「汐見市」の、令和8年4月6日（月）午前10時30分から始まります。期末の入力期間の途中です。
最初のページで、担当者・課長・事務局のうち誰の画面を見るかを選べます。
  担当者　差し戻された調書を直す、同僚と同時に書いた文章から選ぶ、書きかけの調書を仕上げて提出する
  課長　　届いた調書を確認するか、理由を付けて差し戻す
  事務局　どの課が遅れているかを見て、届いた調書をまとめて受け付けるか、差し戻す
終えるときは Ctrl+C を押してください。
"
    )
}
