//! Journeys through the demo with a real browser: people who write, check and decide, by clicking, by keyboard alone and
//! without JavaScript.

#![expect(clippy::unwrap_used, reason = "a journey that cannot go on fails")]

#[path = "journeys/person.rs"]
mod person;
mod support;

use std::process::Command;

use person::Person;
use support::browser::{Browser, View};
use support::server::Server;
use tempfile::TempDir;

const CLERK: &str = "担当者として見る";
const HEAD: &str = "課長として見る";
const SECRETARY: &str = "事務局として見る";

/// The demo's half-written sheet.
const SHEET: &str = "電子申請の対象拡大（令和７年度 期末）";
const SHEET_OF: &str = "電子申請の対象拡大（令和７年度 期末　デジタル推進課）";
const NARRATIVE: &str = "//section[@aria-labelledby='h-narrative']";

/// A demo whose record stays readable beside it.
struct Demo {
    server: Server,
    folder: TempDir,
}

impl Demo {
    fn start() -> Demo {
        Demo::with(&[])
    }

    fn with(arguments: &[&str]) -> Demo {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let always = ["demo", "--listen", "127.0.0.1:0", "--data", data];
        let server = Server::start(always.iter().chain(arguments));
        Demo { server, folder }
    }

    /// What `kaikaku verify` says of the record, while the server goes on.
    fn verified(&self) -> String {
        let done = Command::new(env!("CARGO_BIN_EXE_kaikaku"))
            .args(["verify", "--data"])
            .arg(self.folder.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_people_bring_a_sheet_from_its_draft_over_a_return_to_the_final_text_by_clicking() {
    let (demo, browser) = (Demo::start(), Browser::start());
    let windows = [CLERK, HEAD, SECRETARY]
        .map(|button| Person::signed_in(&browser, &demo.server, View::LAPTOP, button));
    let [clerk, head, secretary] = windows;
    let (clerk, head, secretary) = tokio::join!(clerk, head, secretary);

    clerk.clicks(&format!("続きを書く：{SHEET}")).await;
    clerk.chooses("Bおおむね順調").await;
    clerk.writes("取組状況", "累計は271件で、目標の300件には届かなかった。").await;
    saved_by_itself(&clerk).await;
    clerk.clicks("提出内容を確認する").await;
    clerk.sees("提出内容の確認").await;
    clerk.sees("累計は271件で、目標の300件には届かなかった。").await;
    clerk.clicks("課長へ提出する").await;
    clerk.sees("提出しました。").await;

    head.clicks("ホーム").await;
    head.clicks(&format!("内容を見て確認する：{SHEET_OF}")).await;
    head.clicks("確認する").await;
    head.sees("確認しました。").await;

    secretary.clicks("確認待ち").await;
    secretary.clicks("電子申請の対象拡大").await;
    secretary.clicks_in(NARRATIVE, "この欄に指摘を書く（差戻しのとき）").await;
    secretary
        .writes("取組状況（C又はDの場合は、原因及び今後の方針）への指摘", "割合の実績も書いてください。")
        .await;
    secretary.clicks("差し戻す").await;
    secretary.clicks("理由を付けて差し戻す").await;
    secretary.sees("差し戻せません。次の欄を直してください").await;
    assert!(secretary.window.title().await.unwrap().starts_with("エラー："));
    assert_eq!(secretary.asks("document.activeElement.className").await, "error-summary");
    assert_eq!(
        secretary.reads("取組状況（C又はDの場合は、原因及び今後の方針）への指摘").await,
        "割合の実績も書いてください。"
    );
    secretary.writes("差戻しの理由", "目標のうち割合に触れていません。").await;
    secretary.clicks("理由を付けて差し戻す").await;
    secretary.sees("差し戻しました。").await;

    clerk.clicks("ホーム").await;
    clerk.sees("目標のうち割合に触れていません。").await;
    clerk.clicks(&format!("直して再提出する：{SHEET}")).await;
    clerk.sees_in("//*[@id='narrative-said']", "割合の実績も書いてください。").await;
    clerk.writes("取組状況", "累計は271件で、目標の300件には届かなかった。割合は27％であった。").await;
    clerk.clicks("下書き保存").await;
    clerk.sees("提出した文章からの変更").await;
    clerk.sees_in("//details[@id='narrative-difference']//ins", "割合は27％であった。").await;
    clerk.clicks("提出内容を確認する").await;
    clerk.clicks("課長へ提出する").await;
    clerk.sees("提出しました。").await;

    head.clicks("ホーム").await;
    head.clicks(&format!("内容を見て確認する：{SHEET_OF}")).await;
    head.sees("差し戻した後に変わったところ").await;
    head.clicks("確認する").await;
    head.sees("確認しました。").await;

    secretary.clicks("確認待ち").await;
    secretary.sees_in("//tr[contains(., '電子申請の対象拡大')]", "取組状況").await;
    secretary.clicks("電子申請の対象拡大").await;
    secretary.sees_in(&format!("{NARRATIVE}//ins"), "割合は27％であった。").await;
    secretary.clicks("受け付ける").await;
    secretary.sees("受け付けました。").await;
    secretary.clicks("確定する").await;
    secretary.sees("確定しました。").await;

    clerk.clicks("ホーム").await;
    clerk.sees_in("//h2[starts-with(., '済んだもの')]/following-sibling::ul", "電子申請の対象拡大").await;
    assert!(demo.verified().contains("異常なし"));
}

/// Waits until the page has been saved without a click, since it was opened.
async fn saved_by_itself(person: &Person) {
    person
        .until("the status line tells of a save of this minute", async || {
            let line = person.text("//*[@data-saved]").await;
            line.ends_with("下書き保存") && line.find(':') == Some(2)
        })
        .await;
}
