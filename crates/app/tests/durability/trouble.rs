//! No room on the disk, others who write for too long: the user is told, nothing is lost, and the same server goes on
//! once the trouble has passed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use kaikaku_store::Store;

use crate::look::{actor, texts};
use crate::person::Person;
use crate::plan::Written;
use crate::support::process::Process;
use crate::town::{Member, Place, Town};

/// More saves than there is room for.
const MOST: usize = 400;

/// A server that has too little room, and how it is given more.
struct Narrow {
    process: Process,
    address: String,
}

fn town(place: Place) -> Town {
    Town::found(place, &[Member::new("tanto", &[("担当者", "市民課")])], "none")
}

/// Somebody who has signed in, and an entry to write.
async fn writer(town: &Town, address: &str) -> (Person, String) {
    let mut person = Person::new(&[address.to_owned()], "tanto", &Arc::new(AtomicU64::new(0)));
    person.sign_in(&town.passwords["tanto"]).await;
    let entry = person.tasks().await.remove(0).0;
    (person, entry)
}

/// A text that takes some room.
fn text(number: usize) -> Written {
    let narrative = format!("{number}番の文章。{}", "長い説明が続く。".repeat(800));
    Written { rating: "A", narrative, cause: String::new(), policy: String::new() }
}

/// Saves until there is no room, is told so in every way, then saves on once there is. The texts that were acknowledged.
async fn fills_and_goes_on(person: &mut Person, entry: &str, make_room: impl FnOnce()) -> Vec<Written> {
    let (mut seen, _) = person.open(entry).await;
    let mut kept = Vec::new();
    let full = loop {
        let answer = person.save(entry, &seen, &text(kept.len())).await;
        if answer.status != 200 {
            break answer;
        }
        seen = answer.json()["version"].to_string();
        kept.push(text(kept.len()));
        assert!(kept.len() < MOST, "there is too much room");
    };
    assert!(!kept.is_empty());
    assert_eq!(full.status, 503, "{}", full.text());
    for _ in 0..3 {
        is_told(person, entry, &seen, "空き容量").await;
        let (now, page) = person.open(entry).await;
        assert!(now == seen && page.contains(&kept.last().unwrap().narrative), "the last saved text stands");
        for page in ["/", "/sheets", "/account"] {
            person.get(page).await;
        }
    }
    make_room();
    for _ in 0..5 {
        let answer = person.save(entry, &seen, &text(kept.len())).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        seen = answer.json()["version"].to_string();
        kept.push(text(kept.len()));
    }
    kept
}

/// A save that cannot be kept now: to the script in words, to the form with everything that was typed in it.
async fn is_told(person: &mut Person, entry: &str, seen: &str, words: &str) {
    // Longer than the one before, for which there was no room: a shorter one may still fit.
    let narrative = text(0).narrative.repeat(2) + "今書いたばかりの文。";
    let typed = Written { narrative, ..text(0) };
    let answer = person.save(entry, seen, &typed).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(message.contains(words) && message.contains("保存済みの内容"), "{message}");
    let fields: Vec<_> = std::iter::once(("seen", seen)).chain(typed.fields()).collect();
    let answer = person.post(&format!("{entry}/draft"), &fields).await;
    let page = answer.text();
    assert_eq!(answer.status, 503, "{page}");
    assert_eq!(answer.input("seen").as_deref(), Some(seen));
    for part in [words, "エラー：", "今書いたばかりの文。</textarea>", "この画面に残っています"]
    {
        assert!(page.contains(part), "`{part}` is not in {page}");
    }
}

/// What was acknowledged is there, in its order, and nothing else.
async fn has(store: &Store, entry: &str, kept: &[Written]) {
    let tanto = actor(store, "tanto").await;
    let there = texts(store, &tanto, entry, 0).await;
    let kept: Vec<&str> = kept.iter().map(|written| written.narrative.as_str()).collect();
    assert_eq!(there, kept);
    store.verify(tanto.municipality).await.unwrap().unwrap();
}

impl Narrow {
    /// Starts a shell's line that becomes the server: `$0` is the program, `$1` the folder of the record.
    fn start(line: &str, folder: &Path) -> Narrow {
        let mut command = Command::new("sh");
        command.args(["-c", line]).arg(env!("CARGO_BIN_EXE_kaikaku")).arg(folder);
        let (process, address) = Process::start(&mut command, |line| {
            let (_, rest) = line.split_once("http://127.0.0.1:")?;
            let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
            Some(format!("http://127.0.0.1:{port}"))
        });
        Narrow { process, address }
    }

    fn id(&self) -> String {
        self.process.id().to_string()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_may_not_grow_is_told_and_once_it_may_the_same_server_goes_on() {
    let town = town(Place::folder());
    let Place::Folder(folder) = &town.place else { unreachable!() };
    let size = fs::metadata(folder.path().join("kaikaku.db")).unwrap().len() + 300_000;
    // Without the trap the first byte too many would end the process instead of failing the write.
    let line = format!(
        r#"trap "" XFSZ; exec prlimit --fsize={size}:unlimited "$0" serve --listen 127.0.0.1:0 --data "$1""#
    );
    let server = Narrow::start(&line, folder.path());
    let (mut person, entry) = writer(&town, &server.address).await;
    let make_room =
        || does(Command::new("prlimit").args(["--fsize=unlimited:unlimited", "--pid", &server.id()]));
    let kept = fills_and_goes_on(&mut person, &entry, make_room).await;
    let store = town.place.store().await;
    has(&store, &entry, &kept).await;
    store.close().await;
    assert!(server.process.stop().success());
    has(&town.place.store().await, &entry, &kept).await;
}

/// A disk of eight megabytes that only the server sees, and that is gone with it. Only root may have one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_once_there_is_room_the_same_server_goes_on() {
    let may_mount = Command::new("unshare").args(["--mount", "true"]).stderr(Stdio::null()).status();
    if !may_mount.is_ok_and(|done| done.success()) {
        eprintln!("skipped: only root can make a small disk");
        return;
    }
    let town = town(Place::folder());
    let Place::Folder(folder) = &town.place else { unreachable!() };
    let disk = tempfile::tempdir().unwrap();
    let source = folder.path().join("kaikaku.db");
    let line = format!(
        r#"exec unshare --mount sh -c 'mount -t tmpfs -o size=8m none "$1" && cp "{}" "$1" && head -c 3000000 /dev/zero >"$1/ballast" && exec "$0" serve --listen 127.0.0.1:0 --data "$1"' "$0" "$1""#,
        source.display()
    );
    let server = Narrow::start(&line, disk.path());
    // The server's own view of its disk.
    let seen: PathBuf = [Path::new("/proc"), Path::new(&server.id()), Path::new("root")].iter().collect();
    let seen = seen.join(disk.path().strip_prefix("/").unwrap());
    let (mut person, entry) = writer(&town, &server.address).await;
    let kept =
        fills_and_goes_on(&mut person, &entry, || fs::remove_file(seen.join("ballast")).unwrap()).await;
    let program = env!("CARGO_BIN_EXE_kaikaku");
    let inside = ["--mount", "--target", &server.id(), program, "verify", "--data"];
    does(Command::new("nsenter").args(inside).arg(disk.path()));
    let copy = tempfile::tempdir().unwrap();
    for file in ["kaikaku.db", "kaikaku.db-wal"] {
        fs::copy(seen.join(file), copy.path().join(file)).unwrap();
    }
    has(&Store::open_file(&copy.path().join("kaikaku.db")).await.unwrap(), &entry, &kept).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_others_write_for_too_long_is_told_and_read_meanwhile() {
    for place in [Place::folder(), Place::database()] {
        let town = town(place);
        let server = town.serve_with(&["--patience", "1"]);
        let (mut person, entry) = writer(&town, server.address()).await;
        let (seen, _) = person.open(&entry).await;
        let others = town.place.store().await;
        let id = others.municipalities().await.unwrap()[0].id;
        let writing = others.change(id).await.unwrap();
        is_told(&mut person, &entry, &seen, "待っています").await;
        assert_eq!(person.open(&entry).await.0, seen);
        person.get("/").await;
        drop(writing);
        let answer = person.save(&entry, &seen, &text(0)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        has(&others, &entry, &[text(0)]).await;
        others.close().await;
    }
}

fn does(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
