//! What every story needs: an empty place for a record, a town in it, a desk at which entries are saved and moved.

mod desk;
mod postgres;
mod town;

use std::path::PathBuf;
use std::time::Duration;

use kaikaku_domain::{Date, Form, Moment, Report};
use kaikaku_store::Store;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

pub(crate) use desk::{Saved, Writing, act, save, write};
pub(crate) use town::{Town, canary, everything, report_content};

/// Where a record is kept; gone with the test.
pub(crate) enum Place {
    File(TempDir),
    Server(postgres::Database),
}

/// Tells each story in a SQLite file and on a PostgreSQL server.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_a_file() {
                super::$story(crate::support::Place::file()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_a_server() {
                super::$story(crate::support::Place::server()).await;
            }
        }
    )+};
}

pub(crate) use on_both;

impl Place {
    pub(crate) fn file() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    pub(crate) fn server() -> Self {
        Self::Server(postgres::Database::new())
    }

    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::File(folder) => folder.path().join("kaikaku.db"),
            Self::Server(_) => panic!("a server has no path"),
        }
    }

    /// The record in it, not migrated.
    pub(crate) async fn open(&self) -> Store {
        self.open_within(Duration::from_secs(60)).await
    }

    pub(crate) async fn open_within(&self, patience: Duration) -> Store {
        match self {
            Self::File(_) => Store::open_file_within(&self.path(), patience).await.unwrap(),
            Self::Server(database) => Store::open_server_within(&database.url(), patience).await.unwrap(),
        }
    }

    /// The record in it, ready.
    pub(crate) async fn record(&self) -> Store {
        let store = self.open().await;
        store.migrate().await.unwrap();
        store
    }

    /// Writes past the program, as a person with a database client would.
    pub(crate) async fn run(&self, sql: &str) {
        match self {
            Self::File(_) => self.client().execute_batch(sql).unwrap(),
            Self::Server(database) => {
                let mut connection = PgConnection::connect(&database.url()).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// The first column of what a statement answers, which must be text.
    pub(crate) async fn ask(&self, sql: &str) -> Vec<String> {
        match self {
            Self::File(_) => {
                let client = self.client();
                let mut statement = client.prepare(sql).unwrap();
                let first = statement.query_map([], |row| row.get(0)).unwrap();
                first.map(Result::unwrap).collect()
            }
            Self::Server(database) => {
                let mut connection = PgConnection::connect(&database.url()).await.unwrap();
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap()
            }
        }
    }

    /// A connection to the file that is not the program's.
    pub(crate) fn client(&self) -> rusqlite::Connection {
        let client = rusqlite::Connection::open(self.path()).unwrap();
        client.busy_timeout(Duration::from_secs(60)).unwrap();
        client.pragma_update(None, "foreign_keys", true).unwrap();
        client
    }
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the repository.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

pub(crate) fn report(path: &str) -> Report {
    Report::from_json(&read(path)).unwrap()
}

pub(crate) fn form() -> Form {
    Form::from_toml(&read("forms/iwakuni.toml")).unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    Date::read(text).unwrap()
}

/// A moment in the year-end period of 2025, so many seconds after nine o'clock.
pub(crate) fn at(second: i64) -> Moment {
    Moment::at(day("2026-03-25"), 9, 0).plus_seconds(second)
}
