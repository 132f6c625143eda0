//! The two databases behind one face: opening, migrating, and the transaction in which everything is written.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, SqlSafeStr, Sqlite, SqliteConnection,
    SqlitePool,
};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::known::Known;
use crate::upkeep::{self, Upkeep};

/// Every migration in order: its name and text. A published one is never changed.
const MIGRATIONS: [(&str, &str); 2] = [
    ("record", include_str!("../migrations/0001_record.sql")),
    ("event_of_town", include_str!("../migrations/0002_event_of_town.sql")),
];

/// How long a writer waits for the others before it is told to try again, where nothing else is said.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The record: where everything is kept.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) database: Database,
    pub(crate) known: Arc<Known>,
    queries: Arc<AtomicU64>,
}

/// Readers and writers have connections of their own: a page is read while writers queue for the same head.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    /// Many read, one writes: writers queue here, where it costs nothing, and not at the file's lock.
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
        upkeep: Arc<Upkeep>,
    },
    Postgres {
        read: PgPool,
        write: PgPool,
    },
}

/// Several statements that happen together or not at all. Dropped, they have not happened.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub(crate) inner: Inner,
    pub(crate) dialect: Dialect,
    /// What nobody waits for the outcome of: written before whatever is asked next.
    waiting: Vec<Statement>,
    queries: Arc<AtomicU64>,
    upkeep: Option<Arc<Upkeep>>,
}

/// A statement that touches exactly one row, with what is bound to `$1`, `$2` …
#[derive(Debug)]
struct Statement {
    sql: &'static str,
    values: Vec<Value>,
}

/// What is bound to a statement.
#[derive(Debug)]
pub(crate) enum Value {
    Number(Option<i64>),
    Text(String),
}

#[derive(Debug)]
pub(crate) enum Inner {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// Runs a query for reading: one text, whichever database it is.
macro_rules! read {
    ($store:expr, $database:ident => $query:expr) => {{
        $store.count();
        let result = match &$store.database {
            crate::database::Database::Sqlite { read: $database, .. } => $query.await,
            crate::database::Database::Postgres { read: $database, .. } => $query.await,
        };
        result.map_err(|error| crate::error::StoreError::of($store.dialect(), error))
    }};
}

/// Runs a query within a transaction, after whatever waits to be written before it.
macro_rules! within {
    ($transaction:expr, $connection:ident => $query:expr) => {
        crate::database::inside!($transaction, $connection => $query.await)
    };
}

/// Runs a statement that gives no rows within a transaction, and tells how many it touched.
macro_rules! run {
    ($transaction:expr, $connection:ident => $query:expr) => {
        crate::database::inside!($transaction, $connection => $query.await.map(|done| done.rows_affected()))
    };
}

macro_rules! inside {
    ($transaction:expr, $connection:ident => $outcome:expr) => {
        match $transaction.settle().await {
            Err(error) => Err(error),
            Ok(()) => {
                $transaction.count();
                let outcome = match &mut $transaction.inner {
                    crate::database::Inner::Sqlite(transaction) => {
                        let $connection = &mut **transaction;
                        $outcome
                    }
                    crate::database::Inner::Postgres(transaction) => {
                        let $connection = &mut **transaction;
                        $outcome
                    }
                };
                outcome.map_err(|error| crate::error::StoreError::of($transaction.dialect, error))
            }
        }
    };
}

pub(crate) use {inside, read, run, within};

impl Store {
    /// Opens the record in a SQLite file, which is made when it is not there.
    ///
    /// # Errors
    /// When the file cannot be opened or made.
    pub async fn open_file(path: &Path) -> Result<Self, StoreError> {
        Self::open_file_within(path, PATIENCE).await
    }

    /// Opens the record in a SQLite file as [`Store::open_file`] does; whoever must wait longer than `patience` for
    /// others to write is told [`StoreError::Busy`].
    ///
    /// # Errors
    /// When the file cannot be opened or made.
    pub async fn open_file_within(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        let failed = |error| StoreError::of(Dialect::Sqlite, error);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // NORMAL may lose the last commits on a power cut, and no acknowledged save may be lost.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(patience);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(patience)
            // Asking a thread of one's own whether it is still there costs as much as a query.
            .test_before_acquire(false)
            // A full disk makes SQLite end a transaction by itself, and the driver then believes for ever that one
            // is open: such a connection is not used again.
            .before_acquire(|connection, _| {
                let is_usable = !connection.is_in_transaction();
                Box::pin(async move { Ok(is_usable) })
            })
            .connect_with(options.clone().pragma("wal_autocheckpoint", upkeep::AT_MOST))
            .await
            .map_err(failed)?;
        let upkeep = Arc::new(Upkeep::new(options.clone()));
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(patience)
            .test_before_acquire(false)
            .connect_with(options.pragma("query_only", "on"))
            .await
            .map_err(failed)?;
        Ok(Self {
            database: Database::Sqlite { read, write, upkeep },
            known: Arc::default(),
            queries: Arc::default(),
        })
    }

    /// Opens the record in a PostgreSQL database: `postgres://user@host/database`.
    ///
    /// # Errors
    /// When the address is none or nobody answers there.
    pub async fn open_server(url: &str) -> Result<Self, StoreError> {
        Self::open_server_within(url, PATIENCE).await
    }

    /// Opens the record in a PostgreSQL database as [`Store::open_server`] does; whoever must wait longer than
    /// `patience` for others to write is told [`StoreError::Busy`].
    ///
    /// # Errors
    /// When the address is none or nobody answers there.
    pub async fn open_server_within(url: &str, patience: Duration) -> Result<Self, StoreError> {
        let failed = |error| StoreError::of(Dialect::Postgres, error);
        let options: PgConnectOptions =
            url.parse().map_err(|_| StoreError::Address(without_password(url)))?;
        let options = options.options([("lock_timeout", format!("{}ms", patience.as_millis()))]);
        // A pool would try again until its patience ends, and could then not say what was wrong.
        let first = PgConnection::connect_with(&options).await.map_err(failed)?;
        first.close().await.map_err(failed)?;
        let pool = || PgPoolOptions::new().max_connections(8).acquire_timeout(patience);
        let write = pool().connect_with(options.clone()).await.map_err(failed)?;
        let read = pool().connect_with(options).await.map_err(failed)?;
        Ok(Self {
            database: Database::Postgres { read, write },
            known: Arc::default(),
            queries: Arc::default(),
        })
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match self.database {
            Database::Sqlite { .. } => Dialect::Sqlite,
            Database::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// How many queries have been asked so far: what a page costs.
    pub fn queries(&self) -> u64 {
        self.queries.load(Ordering::Relaxed)
    }

    pub(crate) fn count(&self) {
        self.queries.fetch_add(1, Ordering::Relaxed);
    }

    /// Brings the database to this program's version. What is there already is kept.
    ///
    /// # Errors
    /// When a later version has been here, or a migration fails; a failed one leaves nothing behind.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let migrator = Migrator::with_migrations(self.migrations());
        let done = match &self.database {
            Database::Sqlite { write, .. } => migrator.run(write).await,
            Database::Postgres { write, .. } => migrator.run(write).await,
        };
        done.map_err(|error| match error {
            MigrateError::VersionMissing(version) => StoreError::Newer(version),
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                StoreError::of(self.dialect(), error)
            }
            other => StoreError::Corrupt(other.to_string()),
        })
    }

    /// Whether no version of this program has ever been here.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_new(&self) -> Result<bool, StoreError> {
        let (has_any,): (i64,) =
            read!(self, db => sqlx::query_as(self.dialect().has_migrations()).fetch_one(db))?;
        Ok(has_any == 0)
    }

    /// Makes sure that the database is of this program's version.
    ///
    /// # Errors
    /// [`StoreError::Older`] when a migration is missing, [`StoreError::Newer`] when there is one too many.
    pub async fn is_current(&self) -> Result<(), StoreError> {
        let (has_any,): (i64,) =
            read!(self, db => sqlx::query_as(self.dialect().has_migrations()).fetch_one(db))?;
        let last = match has_any {
            0 => 0,
            _ => {
                let (last,): (i64,) = read!(self, db => sqlx::query_as(
                    "select coalesce(max(version), 0) from _sqlx_migrations where success",
                )
                .fetch_one(db))?;
                last
            }
        };
        let own = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        match last {
            last if last < own => Err(StoreError::Older),
            last if last > own => Err(StoreError::Newer(last)),
            _ => Ok(()),
        }
    }

    fn migrations(&self) -> Vec<Migration> {
        (1..)
            .zip(MIGRATIONS)
            .map(|(number, (name, text))| {
                let sql = AssertSqlSafe(self.dialect().migration(text)).into_sql_str();
                Migration::new(number, name.into(), MigrationType::Simple, sql, false)
            })
            .collect()
    }

    fn upkeep(&self) -> Option<Arc<Upkeep>> {
        match &self.database {
            Database::Sqlite { upkeep, .. } => Some(Arc::clone(upkeep)),
            Database::Postgres { .. } => None,
        }
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&self) -> Result<Transaction, StoreError> {
        let begin = self.dialect().begin_writing();
        let begun = match &self.database {
            Database::Sqlite { write, .. } => write.begin_with(begin).await.map(Inner::Sqlite),
            Database::Postgres { write, .. } => write.begin_with(begin).await.map(Inner::Postgres),
        };
        self.transaction(begun)
    }

    /// Begins a transaction that only reads, and sees nothing of what others write meanwhile.
    pub(crate) async fn snapshot(&self) -> Result<Transaction, StoreError> {
        let begin = self.dialect().begin_reading();
        let begun = match &self.database {
            Database::Sqlite { read, .. } => read.begin_with(begin).await.map(Inner::Sqlite),
            Database::Postgres { read, .. } => read.begin_with(begin).await.map(Inner::Postgres),
        };
        self.transaction(begun)
    }

    fn transaction(&self, begun: Result<Inner, sqlx::Error>) -> Result<Transaction, StoreError> {
        self.count();
        let (dialect, queries) = (self.dialect(), self.queries.clone());
        let inner = begun.map_err(|error| StoreError::of(dialect, error))?;
        Ok(Transaction { inner, dialect, waiting: Vec::new(), queries, upkeep: self.upkeep() })
    }

    /// Lets go of every connection, once what runs is done.
    pub async fn close(&self) {
        match &self.database {
            Database::Sqlite { read, write, upkeep } => {
                read.close().await;
                upkeep.close().await;
                write.close().await;
            }
            Database::Postgres { read, write } => {
                read.close().await;
                write.close().await;
            }
        }
    }
}

impl Transaction {
    pub(crate) fn count(&self) {
        self.queries.fetch_add(1, Ordering::Relaxed);
    }

    /// Writes a statement, which must touch exactly one row, together with the next query or the commit.
    pub(crate) fn later(&mut self, sql: &'static str, values: Vec<Value>) {
        self.waiting.push(Statement { sql, values });
    }

    /// Writes what waits. A file takes all of it as one text, for the way to its thread and back costs more than a
    /// statement; a server takes one statement after the other.
    pub(crate) async fn settle(&mut self) -> Result<(), StoreError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.count();
        let waiting = std::mem::take(&mut self.waiting);
        let (dialect, count) = (self.dialect, waiting.len());
        let touched = match &mut self.inner {
            Inner::Sqlite(transaction) => run_together(&mut **transaction, waiting).await,
            Inner::Postgres(transaction) => run_in_order(&mut **transaction, waiting).await,
        };
        let touched = touched.map_err(|error| StoreError::of(dialect, error))?;
        if touched == u64::try_from(count).unwrap_or(u64::MAX) { Ok(()) } else { Err(StoreError::Missing) }
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        self.settle().await?;
        let done = match self.inner {
            Inner::Sqlite(transaction) => transaction.commit().await,
            Inner::Postgres(transaction) => transaction.commit().await,
        };
        done.map_err(|error| StoreError::of(self.dialect, error))?;
        if let Some(upkeep) = self.upkeep {
            upkeep.committed();
        }
        Ok(())
    }
}

/// Statements as one text, their parameters counted on from one to the next; how many rows they touched.
async fn run_together(to: &mut SqliteConnection, statements: Vec<Statement>) -> Result<u64, sqlx::Error> {
    let mut text = String::new();
    let mut bound = 0;
    for statement in &statements {
        text += &counted_on(statement.sql, bound);
        text += ";\n";
        bound += statement.values.len();
    }
    let mut query = sqlx::query(AssertSqlSafe(text));
    for value in statements.into_iter().flat_map(|statement| statement.values) {
        query = match value {
            Value::Number(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
        };
    }
    query.execute(to).await.map(|done| done.rows_affected())
}

async fn run_in_order(to: &mut PgConnection, statements: Vec<Statement>) -> Result<u64, sqlx::Error> {
    let mut touched = 0;
    for statement in statements {
        let mut query = sqlx::query(statement.sql);
        for value in statement.values {
            query = match value {
                Value::Number(number) => query.bind(number),
                Value::Text(text) => query.bind(text),
            };
        }
        touched += query.execute(&mut *to).await?.rows_affected();
    }
    Ok(touched)
}

/// A statement whose parameters come after so many others: `$1` is `$4` after three.
fn counted_on(sql: &str, before: usize) -> String {
    let mut parts = sql.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = part[..digits].parse().unwrap_or_default();
        text += &format!("${}{}", number + before, &part[digits..]);
    }
    text
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The address without its password, for a message.
fn without_password(url: &str) -> String {
    match url.rsplit_once('@').zip(url.split_once("://")) {
        Some(((_, place), (scheme, _))) => format!("{scheme}://…@{place}"),
        None => url.to_owned(),
    }
}

/// Fails where SQLite would go through a whole table for this query.
#[cfg(test)]
pub(crate) async fn assert_searches(sql: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_file(&folder.path().join("plan.db")).await.unwrap();
    store.migrate().await.unwrap();
    let Database::Sqlite { read, .. } = &store.database else { panic!("opened as a file") };
    let explain = AssertSqlSafe(format!("explain query plan {sql}"));
    let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(read).await.unwrap();
    assert!(plan.iter().any(|(.., step)| step.starts_with("SEARCH")), "{plan:?}");
    assert!(plan.iter().all(|(.., step)| !step.starts_with("SCAN")), "{plan:?}");
}

#[cfg(test)]
mod tests {
    use kaikaku_domain::workflow::Route;

    use super::*;

    /// As on a file that nobody may write, which a test that runs as root cannot make.
    #[tokio::test]
    async fn what_may_not_be_written_is_told_and_readers_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_file(&folder.path().join("kaikaku.db")).await.unwrap();
        store.migrate().await.unwrap();
        let Database::Sqlite { write, read, .. } = &store.database else { panic!("opened as a file") };
        sqlx::query("pragma query_only = on").execute(write).await.unwrap();
        let told = store.found("992011", "汐見市", Route::Direct).await;
        assert!(matches!(told, Err(StoreError::Full)), "{told:?}");
        assert_eq!(store.municipalities().await.unwrap(), []);
        sqlx::query("pragma query_only = off").execute(write).await.unwrap();
        store.found("992011", "汐見市", Route::Direct).await.unwrap();
        let past = sqlx::query("delete from municipality").execute(read).await;
        assert!(past.is_err(), "a reader wrote");
    }

    const INSERT: &str = "insert into throttle (key, state, at) values ($1, $2, $3)";
    const UPDATE: &str = "update throttle set state = state || $2 where key = $1";

    async fn a_file(folder: &tempfile::TempDir) -> Store {
        let store = Store::open_file(&folder.path().join("kaikaku.db")).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    #[tokio::test]
    async fn statements_that_wait_are_written_in_their_order_before_the_next_query() {
        let folder = tempfile::tempdir().unwrap();
        let store = a_file(&folder).await;
        let mut transaction = store.begin().await.unwrap();
        transaction.later(INSERT, vec!["a".into(), "1".into(), "t".into()]);
        transaction.later(UPDATE, vec!["a".into(), "2".into()]);
        transaction.later(UPDATE, vec!["a".into(), "3".into()]);
        let asked = store.queries();
        let (state,): (String,) = within!(transaction, db =>
            sqlx::query_as("select state from throttle where key = 'a'").fetch_one(db))
        .unwrap();
        assert_eq!(state, "123");
        assert_eq!(store.queries(), asked + 2, "all that waited is one");
        transaction.later(UPDATE, vec!["a".into(), "4".into()]);
        transaction.commit().await.unwrap();
        assert_eq!(store.failures(&["a".to_owned()]).await.unwrap(), [Some("1234".to_owned())]);
    }

    #[tokio::test]
    async fn a_statement_that_finds_no_row_undoes_those_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = a_file(&folder).await;
        let mut transaction = store.begin().await.unwrap();
        transaction.later(INSERT, vec!["a".into(), "1".into(), "t".into()]);
        transaction.later(UPDATE, vec!["b".into(), "2".into()]);
        let told = transaction.commit().await;
        assert!(matches!(told, Err(StoreError::Missing)), "{told:?}");
        assert_eq!(store.failures(&["a".to_owned()]).await.unwrap(), [None]);
    }

    #[test]
    fn parameters_are_counted_on() {
        assert_eq!(counted_on("x = $1, y = $12 + $1", 3), "x = $4, y = $15 + $4");
        assert_eq!(counted_on("$2", 0), "$2");
        assert_eq!(counted_on("x", 5), "x");
    }
}
