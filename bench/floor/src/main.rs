//! What lies beneath a save over HTTP, for `bench/web/save`: the record alone, SQLite alone, and SQLite alone behind the
//! same HTTP server.
//!
//! `kaikaku-bench-floor RECORD LOGIN FOLDER` prints where it listens. There `POST /` commits what it is sent as one row. For
//! each line of its input it does what the line says, `save` or `commit`, and prints the seconds that this took.

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use axum::serve::ListenerExt;
use kaikaku_domain::entry::Content;
use kaikaku_domain::id::EntryId;
use kaikaku_domain::person::Actor;
use kaikaku_domain::{Date, Moment};
use kaikaku_store::{NewEvent, NewRevision, Store, StoreError};
use rusqlite::Connection;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

type Failure = Box<dyn Error + Send + Sync>;

#[expect(clippy::disallowed_methods, reason = "it times what it does")]
fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [record, login, folder] = arguments.as_slice() else {
        return Err("usage: kaikaku-bench-floor RECORD LOGIN FOLDER".into());
    };
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut writer = runtime.block_on(Writer::open(Path::new(record), login))?;
    let bare = Bare::open(&Path::new(folder).join("alone.db"))?;
    let behind = Arc::new(Mutex::new(Bare::open(&Path::new(folder).join("behind.db"))?));
    println!("{}", runtime.block_on(listen(behind))?);
    for line in stdin().lock().lines() {
        let start = Instant::now();
        match line?.as_str() {
            "save" => runtime.block_on(writer.save())?,
            "commit" => bare.commit(&text(0))?,
            other => return Err(format!("what is {other}?").into()),
        }
        println!("{}", start.elapsed().as_secs_f64());
        stdout().flush()?;
    }
    Ok(())
}

/// As long as a narrative.
fn text(number: i64) -> String {
    format!("{number}回目。{}", "窓口で聞き取った内容を整理し、関係課と手順を見直した。".repeat(10))
}

/// Somebody who saves one entry again and again.
struct Writer {
    store: Store,
    actor: Actor,
    entry: EntryId,
    number: i64,
}

impl Writer {
    async fn open(record: &Path, login: &str) -> Result<Self, Failure> {
        let store = Store::open_file(record).await?;
        let town = store.municipalities().await?.pop().ok_or("no municipality")?.id;
        let user = store.account(town, login).await?.ok_or("no such account")?.user;
        let assignments = store.assignments(town, user).await?;
        let organisation = store.organisation(town).await?;
        // Whoever is anything at all is it then.
        let day = Date::read("2099-03-31").ok_or("no day")?;
        let actor = Actor::new(town, user, login.to_owned(), &assignments, &organisation, day);
        let (year, ..) = store.years(town).await?.pop().ok_or("no year")?;
        let lines = store.lines(&actor, year).await?;
        // The last of a sheet is what it says at the year's end: a narrative.
        let last = lines.last().ok_or("no entry")?;
        Ok(Self { entry: last.entry, store, actor, number: 0 })
    }

    /// What the program writes for a save: the text, the entry that shows it, the event and the head of the chain.
    async fn save(&mut self) -> Result<(), StoreError> {
        self.number += 1;
        let at = Moment::from_unix_ms(1_775_433_600_000 + self.number);
        let entry = self.store.entry(&self.actor, self.entry).await?.ok_or(StoreError::Missing)?;
        let mut content = Content::empty(entry.kind);
        match &mut content {
            Content::Start(start) => start.goal = Some(text(self.number)),
            Content::Report(report) => report.narrative = Some(text(self.number)),
        }
        let user = self.actor.user;
        let mut change = self.store.change(self.actor.municipality).await?;
        let now = change.standing(self.entry).await?.ok_or(StoreError::Missing)?;
        let new = NewRevision { base: now.draft, content: &content, by: Some(user), at };
        let kept = change.keep(self.entry, new).await?;
        let version = change.set_draft((self.entry, now.version), kept.id, user, at).await?;
        let data = json!({ "version": version });
        change.note(NewEvent { at, user: Some(user), kind: "saved", entry: Some(self.entry), data }).await?;
        change.commit().await
    }
}

/// SQLite with one table of texts, as durable as it can be.
struct Bare(Connection);

impl Bare {
    fn open(path: &Path) -> Result<Self, Failure> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full;
             create table revision (number integer primary key, text text not null) strict;",
        )?;
        Ok(Self(connection))
    }

    fn commit(&self, text: &str) -> Result<(), rusqlite::Error> {
        self.0.prepare_cached("insert into revision (text) values (?)")?.execute([text])?;
        Ok(())
    }
}

/// Listens on loopback and commits for whoever asks; gives the address.
async fn listen(bare: Arc<Mutex<Bare>>) -> Result<String, Failure> {
    let commit = post(move |text: String| async move {
        match bare.lock().unwrap_or_else(PoisonError::into_inner).commit(&text) {
            Ok(()) => (StatusCode::OK, "{}"),
            Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "{}"),
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", commit)).await });
    Ok(format!("http://{address}"))
}
