//! The record as whoever keeps it meets it: loaded, dumped, verified and served by the real program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "these tests need no browser")]
mod support;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use support::http::Visitor;
use support::postgres::Database;
use support::root;
use support::server::Server;
use tempfile::TempDir;

fn kaikaku<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kaikaku")).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

/// Runs a command that must succeed, and gives what it printed.
#[track_caller]
fn does(arguments: &[&str]) -> String {
    let output = kaikaku(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that must end with this code and say these things.
#[track_caller]
fn fails(arguments: &[&str], code: i32, says: &[&str]) {
    let output = kaikaku(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
    for part in says {
        assert!(said(&output).contains(part), "`{part}` is not in: {}", said(&output));
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn example(year: &str) -> String {
    text(&root().join(format!("examples/shiomi/{year}.json")))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A folder for a record.
fn folder() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let data = text(&folder.path().join("記録"));
    (folder, data)
}

/// Changes bytes in the record's file, as somebody with an editor could.
fn tamper(data: &str, from: &str, to: &str) {
    let path = PathBuf::from(data).join("kaikaku.db");
    let bytes = fs::read(&path).unwrap();
    assert_eq!(from.len(), to.len());
    let mut changed = bytes.clone();
    let places: Vec<usize> =
        (0..=bytes.len() - from.len()).filter(|place| bytes[*place..].starts_with(from.as_bytes())).collect();
    assert!(!places.is_empty(), "`{from}` is not in the file");
    for place in places {
        changed[place..place + to.len()].copy_from_slice(to.as_bytes());
    }
    fs::write(path, changed).unwrap();
}

#[test]
fn the_example_towns_years_come_out_as_they_went_in() {
    let (_folder, data) = folder();
    let database = Database::new();
    for place in [["--data", &data], ["--database", &database.url()]] {
        for year in ["2023", "2024", "2025"] {
            let told = does(&[&["load", &example(year)][..], &place].concat());
            assert!(told.contains("汐見市") && told.contains("枚"), "{told}");
        }
        for year in ["2023", "2024", "2025"] {
            let dumped = does(&[&["dump", "--year", year][..], &place].concat());
            assert_eq!(json(&dumped), json(&fs::read_to_string(example(year)).unwrap()), "{year}");
        }
        assert!(does(&[&["verify"][..], &place].concat()).contains("汐見市　異常なし　事象 3件"));
    }
}

#[test]
fn the_real_report_comes_out_as_it_was_read() {
    let source = root().join("../shared/reports/iwakuni-r2.txt");
    if !source.exists() {
        eprintln!("skipped: {} is not here", source.display());
        return;
    }
    let (folder, data) = folder();
    let read = text(&folder.path().join("read.json"));
    let dumped = text(&folder.path().join("dumped.json"));
    does(&["convert", "--quiet", &text(&source), &read]);
    fails(&["load", &text(&source), "--data", &data], 2, &["市町村の記載がありません", "--town"]);
    does(&["load", &text(&source), "--data", &data, "--town", "352080", "--name", "岩国市"]);
    does(&["dump", "--data", &data, "--output", &dumped]);
    assert_eq!(fs::read_to_string(dumped).unwrap(), fs::read_to_string(read).unwrap());
    assert!(does(&["verify", "--data", &data]).contains("352080 岩国市　異常なし"));
}

#[test]
fn a_year_is_loaded_once_and_what_is_there_stays() {
    let (_folder, data) = folder();
    does(&["load", &example("2025"), "--data", &data]);
    fails(&["load", &example("2025"), "--data", &data], 2, &["令和７年度", "既に登録", "そのまま"]);
    let other = ["load", &example("2024"), "--data", &data, "--town", "352080"];
    fails(&other, 2, &["992011", "352080"]);
    assert!(does(&["verify", "--data", &data]).contains("事象 1件"));
}

#[test]
fn a_text_that_was_changed_behind_the_programs_back_is_found() {
    let (_folder, data) = folder();
    does(&["load", &example("2025"), "--data", &data]);
    assert!(does(&["verify", "--data", &data]).contains("異常なし"));
    tamper(&data, "棚の36％が空き", "棚の63％が空き");
    fails(&["verify", "--data", &data], 1, &["992011 汐見市　異常あり", "1番の事象"]);
}

#[test]
fn an_event_that_was_changed_is_named_by_its_number() {
    let database = Database::new();
    let url = database.url();
    does(&["load", &example("2024"), "--database", &url]);
    does(&["load", &example("2025"), "--database", &url]);
    does(&["route", "--to", "both", "--database", &url]);
    database.ask("update event set at = '2020-01-01T00:00:00.000Z' where seq = 2").unwrap();
    fails(&["verify", "--database", &url], 1, &["異常あり", "2番の事象の内容"]);
    database.ask("delete from event where seq = 2").unwrap();
    fails(&["verify", "--database", &url], 1, &["2番の事象がありません"]);
}

#[test]
fn a_record_of_another_version_is_left_alone_and_says_what_to_do() {
    let database = Database::new();
    let url = database.url();
    assert!(does(&["migrate", "--database", &url]).contains("新しい記録"));
    assert!(does(&["migrate", "--database", &url]).contains("何も変えていません"));
    database
        .ask(
            "insert into _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
             values (9999, 'later', now(), true, '', 0)",
        )
        .unwrap();
    for command in ["verify", "migrate", "dump", "serve"] {
        fails(&[command, "--database", &url], 2, &["新しい版", "9999"]);
    }
    database.ask("delete from _sqlx_migrations").unwrap();
    for command in ["verify", "dump", "serve"] {
        fails(&[command, "--database", &url], 2, &["古い版", "kaikaku migrate"]);
    }
}

#[test]
fn a_place_without_a_record_is_named() {
    let (folder, data) = folder();
    for command in ["verify", "dump", "period", "route"] {
        fails(&[command, "--data", &data], 2, &["記録がありません", &data]);
    }
    assert!(!PathBuf::from(&data).exists(), "nothing is made by looking");
    fs::write(folder.path().join("kaikaku.db"), "予定表").unwrap();
    let own = text(folder.path());
    fails(&["serve", "--data", &own], 2, &["kaikaku の記録ではありません"]);
    assert_eq!(fs::read_to_string(folder.path().join("kaikaku.db")).unwrap(), "予定表");
    let nowhere = text(&folder.path().join("kaikaku.db/中"));
    fails(&["load", &example("2025"), "--data", &nowhere], 2, &["kaikaku.db"]);
    let database = Database::new();
    fails(&["verify", "--database", &database.url()], 2, &["記録がありません"]);
    let unreachable = "postgres://nobody:himitsu@127.0.0.1:1/none";
    let output = kaikaku(["verify", "--database", unreachable]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("つながりません") && !said(&output).contains("himitsu"),
        "{}",
        said(&output)
    );
}

#[test]
fn periods_are_set_with_an_event_and_contradictions_are_refused() {
    let (_folder, data) = folder();
    does(&["load", &example("2025"), "--data", &data]);
    let period = ["period", "--data", &data, "--year", "令和7", "--name", "期末"];
    let set = ["--opens", "2026-03-16", "--deadline", "令和8年4月10日", "--locks", "2026-04-24"];
    let line = "期末　開始 2026-03-16　提出期限 2026-04-10　締切り 2026-04-24";
    assert!(does(&[&period[..], &set].concat()).contains(line));
    assert!(does(&period).contains(line), "nothing but the deadline changes by itself");
    fails(&[&period[..], &["--deadline", "2026-03-01"]].concat(), 2, &["開始日", "そのまま"]);
    fails(&[&period[..], &["--locks", "2026-04-10"]].concat(), 2, &["提出期限", "後の日"]);
    assert!(does(&[&period[..], &["--no-lock"]].concat()).contains("締切り なし"));
    let unknown = ["period", "--data", &data, "--name", "年末", "--deadline", "2026-04-10"];
    fails(&unknown, 2, &["年末", "当初・中間・期末"]);
    fails(&["period", "--data", &data, "--year", "2019"], 2, &["その年度がありません", "2025"]);
    assert!(does(&["verify", "--data", &data]).contains("異常なし　事象 3件"));
}

#[test]
fn the_route_is_set_with_an_event() {
    let (_folder, data) = folder();
    does(&["load", &example("2025"), "--data", &data]);
    let route = ["route", "--data", &data];
    assert!(does(&route).ends_with("課長確認\n"));
    for (to, says) in
        [("both", "課長確認 → 部長確認\n"), ("none", "確認なし\n"), ("section-head", "課長確認\n")]
    {
        assert!(does(&[&route[..], &["--to", to]].concat()).ends_with(says));
        assert!(does(&route).ends_with(says));
    }
    assert!(does(&["verify", "--data", &data]).contains("異常なし　事象 4件"));
}

#[test]
fn an_empty_record_says_how_to_go_on() {
    let (_folder, data) = folder();
    fails(&["serve", "--data", &data], 2, &["まだ市町村がありません", "--town 992011 --name 汐見市"]);
    fails(&["serve", "--data", &data, "--town", "992011"], 2, &["--name"]);
    fails(&["serve", "--data", &data, "--town", "992012", "--name", "汐見市"], 2, &["検査数字"]);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let (_folder, data) = folder();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let serve = ["serve", "--data", &data, "--town", "992011", "--name", "汐見市", "--listen", &address];
    fails(&serve, 2, &[&address, "待ち受けられません", "--listen"]);
}

#[tokio::test]
async fn a_server_ends_when_it_is_asked_to_and_finds_its_record_again() {
    let (_folder, data) = folder();
    let new = ["--town", "992011", "--name", "汐見市"];
    for more in [&new[..], &[]] {
        let server =
            Server::start([&["serve", "--listen", "127.0.0.1:0", "--data", &data][..], more].concat());
        // A connection that stays open does not hold up the end.
        let mut visitor = Visitor::new(server.address());
        assert_eq!(visitor.get("/assets/none.css").await.status, 404);
        let page = visitor.get("/").await;
        assert!(visitor.follow(&page).await.text().contains("サインイン"));
        assert!(server.stop().success());
    }
    assert!(does(&["verify", "--data", &data]).contains("異常なし"));
}

#[test]
fn a_server_that_is_ended_as_soon_as_it_names_its_address_ends_well() {
    let (_folder, data) = folder();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data", &data, "--town", "992011", "--name", "汐見市"];
    for _ in 0..20 {
        assert!(Server::start(serve).stop().success());
    }
}

#[tokio::test]
async fn the_demo_answers_and_leaves_nothing_behind() {
    let temporary = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kaikaku"));
    let server = Server::run(command.arg("demo").env("TMPDIR", temporary.path()));
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 1);
    let mut visitor = Visitor::new(server.address());
    let page = visitor.get("/").await;
    let page = visitor.follow(&page).await.text();
    for person in ["担当者として見る", "課長として見る", "事務局として見る"] {
        assert!(page.contains(person), "{page}");
    }
    for person in ["aoki", "nakamura", "kobayashi"] {
        let mut visitor = Visitor::new(server.address());
        let signed_in = visitor.post("/demo/session", &[("person", person)]).await;
        let home = visitor.follow(&signed_in).await.text();
        assert!(home.contains("次にすること") && home.contains("令和8年4月6日（月）"), "{home}");
    }
    assert!(server.stop().success());
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn a_demo_never_goes_into_a_record_that_is_there() {
    let (_folder, data) = folder();
    does(&["load", &example("2025"), "--data", &data]);
    fails(&["demo", "--data", &data], 2, &["既に記録があります"]);
    assert!(does(&["verify", "--data", &data]).contains("事象 1件"));
}
