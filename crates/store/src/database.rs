//! The two databases behind one face: opening, migrating, asking, and the transaction in which everything is written.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, SqlSafeStr};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::known::Known;
use crate::postgres;
use crate::row::{Row, Value};
use crate::sqlite::{self, File, Lent};

/// Every migration in order: its name and text. A published one is never changed.
const MIGRATIONS: [(&str, &str); 3] = [
    ("record", include_str!("../migrations/0001_record.sql")),
    ("event_of_town", include_str!("../migrations/0002_event_of_town.sql")),
    ("events_in_order", include_str!("../migrations/0003_events_in_order.sql")),
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
    Sqlite(Arc<File>),
    Postgres { read: PgPool, write: PgPool },
}

/// Several statements that happen together or not at all. Dropped, they have not happened.
#[derive(Debug)]
pub(crate) struct Transaction {
    inner: Inner,
    queries: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Inner {
    Sqlite(Lent),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

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
        Ok(Self::over(Database::Sqlite(File::open(path, patience)?)))
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
        let options: PgConnectOptions =
            url.parse().map_err(|_| StoreError::Address(without_password(url)))?;
        let options = options.options([("lock_timeout", format!("{}ms", patience.as_millis()))]);
        // A pool would try again until its patience ends, and could then not say what was wrong.
        let first = PgConnection::connect_with(&options).await?;
        first.close().await?;
        let pool = || PgPoolOptions::new().max_connections(8).acquire_timeout(patience);
        let write = pool().connect_with(options.clone()).await?;
        let read = pool().connect_with(options).await?;
        Ok(Self::over(Database::Postgres { read, write }))
    }

    fn over(database: Database) -> Self {
        Self { database, known: Arc::default(), queries: Arc::default() }
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match self.database {
            Database::Sqlite(_) => Dialect::Sqlite,
            Database::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// How many queries have been asked so far: what a page costs.
    pub fn queries(&self) -> u64 {
        self.queries.load(Ordering::Relaxed)
    }

    /// The rows that a query gives.
    pub(crate) async fn all<R: Row>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<Vec<R>, StoreError> {
        self.queries.fetch_add(1, Ordering::Relaxed);
        match &self.database {
            Database::Sqlite(file) => file.nearest()?.all(&sql.into(), &values),
            Database::Postgres { read, .. } => postgres::all(read, sql.into(), values).await,
        }
    }

    /// The first row that a query gives.
    pub(crate) async fn first<R: Row>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<Option<R>, StoreError> {
        Ok(self.all(sql, values).await?.into_iter().next())
    }

    /// The row that a query gives; none is [`StoreError::Missing`].
    pub(crate) async fn one<R: Row>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<R, StoreError> {
        self.first(sql, values).await?.ok_or(StoreError::Missing)
    }

    /// Brings the database to this program's version. What is there already is kept.
    ///
    /// # Errors
    /// When a later version has been here, or a migration fails; a failed one leaves nothing behind.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.database {
            Database::Sqlite(_) => {
                let begun = self.begin().await?;
                if let Inner::Sqlite(lent) = &begun.inner {
                    sqlite::migrate(lent, &self.migrations())?;
                }
                begun.commit().await
            }
            Database::Postgres { write, .. } => {
                let migrator = Migrator::with_migrations(self.migrations());
                migrator.run(write).await.map_err(|error| match error {
                    MigrateError::VersionMissing(version) => StoreError::Newer(version),
                    MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
                    other => StoreError::Corrupt(other.to_string()),
                })
            }
        }
    }

    /// Whether no version of this program has ever been here.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_new(&self) -> Result<bool, StoreError> {
        let (has_any,): (i64,) = self.one(self.dialect().has_migrations(), Vec::new()).await?;
        Ok(has_any == 0)
    }

    /// Makes sure that the database is of this program's version.
    ///
    /// # Errors
    /// [`StoreError::Older`] when a migration is missing, [`StoreError::Newer`] when there is one too many.
    pub async fn is_current(&self) -> Result<(), StoreError> {
        let last = match self.is_new().await? {
            true => 0,
            false => {
                let last = "select coalesce(max(version), 0) from _sqlx_migrations where success";
                let (last,): (i64,) = self.one(last, Vec::new()).await?;
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

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&self) -> Result<Transaction, StoreError> {
        let begin = self.dialect().begin_writing();
        Ok(self.transaction(match &self.database {
            Database::Sqlite(file) => Inner::Sqlite(file.begin(begin).await?),
            Database::Postgres { write, .. } => Inner::Postgres(write.begin_with(begin).await?),
        }))
    }

    /// Begins a transaction that only reads, and sees nothing of what others write meanwhile.
    pub(crate) async fn snapshot(&self) -> Result<Transaction, StoreError> {
        let begin = self.dialect().begin_reading();
        Ok(self.transaction(match &self.database {
            Database::Sqlite(file) => {
                let lent = file.reader()?;
                lent.run(begin, &[])?;
                Inner::Sqlite(lent)
            }
            Database::Postgres { read, .. } => Inner::Postgres(read.begin_with(begin).await?),
        }))
    }

    fn transaction(&self, inner: Inner) -> Transaction {
        self.queries.fetch_add(1, Ordering::Relaxed);
        Transaction { inner, queries: Arc::clone(&self.queries) }
    }

    /// Lets go of every connection, once what runs is done.
    pub async fn close(&self) {
        match &self.database {
            Database::Sqlite(file) => file.close(),
            Database::Postgres { read, write } => {
                read.close().await;
                write.close().await;
            }
        }
    }
}

impl Transaction {
    /// The rows that a query gives.
    pub(crate) async fn all<R: Row>(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<Vec<R>, StoreError> {
        self.queries.fetch_add(1, Ordering::Relaxed);
        match &mut self.inner {
            Inner::Sqlite(lent) => lent.all(&sql.into(), &values),
            Inner::Postgres(transaction) => postgres::all(&mut **transaction, sql.into(), values).await,
        }
    }

    /// The first row that a query gives.
    pub(crate) async fn first<R: Row>(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<Option<R>, StoreError> {
        Ok(self.all(sql, values).await?.into_iter().next())
    }

    /// The row that a query gives; none is [`StoreError::Missing`].
    pub(crate) async fn one<R: Row>(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<R, StoreError> {
        self.first(sql, values).await?.ok_or(StoreError::Missing)
    }

    /// Inserts one row into a table that numbers its rows, and gives its number; none is [`StoreError::Missing`].
    pub(crate) async fn insert(&mut self, sql: &'static str, values: Vec<Value>) -> Result<i64, StoreError> {
        if let Inner::Sqlite(lent) = &self.inner {
            self.queries.fetch_add(1, Ordering::Relaxed);
            return lent.insert(sql, &values);
        }
        let (id,): (i64,) = self.one(format!("{sql} returning id"), values).await?;
        Ok(id)
    }

    /// Runs a statement that gives no rows, and tells how many it touched.
    pub(crate) async fn run(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        self.queries.fetch_add(1, Ordering::Relaxed);
        match &mut self.inner {
            Inner::Sqlite(lent) => lent.run(&sql.into(), &values),
            Inner::Postgres(transaction) => postgres::run(&mut **transaction, sql.into(), values).await,
        }
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self.inner {
            Inner::Sqlite(lent) => lent.commit(),
            Inner::Postgres(transaction) => Ok(transaction.commit().await?),
        }
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
    let values = std::iter::repeat_n(Value::Number(None), 9).collect();
    let plan: Vec<(i64, i64, i64, String)> =
        store.all(format!("explain query plan {sql}"), values).await.unwrap();
    assert!(plan.iter().any(|(.., step)| step.starts_with("SEARCH")), "{plan:?}");
    assert!(plan.iter().all(|(.., step)| !step.starts_with("SCAN")), "{plan:?}");
}

#[cfg(test)]
mod tests {
    use kaikaku_domain::workflow::Route;

    use super::*;

    #[tokio::test]
    async fn a_record_of_every_earlier_version_is_brought_to_this_one() {
        for version in 1..MIGRATIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open_file(&folder.path().join("kaikaku.db")).await.unwrap();
            let Database::Sqlite(file) = &store.database else { panic!("opened as a file") };
            let earlier = file.begin("begin immediate").await.unwrap();
            sqlite::migrate(&earlier, &store.migrations()[..version]).unwrap();
            for row in [
                "insert into municipality (code, name, route) values ('992011', '汐見市', 'direct')",
                "insert into event (municipality_id, seq, at, kind, data, hash) values (1, 1, '', 'made', '{}', 'a')",
                "insert into event (municipality_id, seq, at, kind, entry_id, data, hash)
                 values (1, 2, '', 'saved', 7, '{}', 'b'), (1, 3, '', 'saved', 7, '{}', 'c')",
            ] {
                earlier.run(row, &[]).unwrap();
            }
            earlier.commit().unwrap();
            store.migrate().await.unwrap();
            store.is_current().await.unwrap();
            let town: (i64,) = store.one("select town_seq from municipality", Vec::new()).await.unwrap();
            assert_eq!(town, (1,), "from version {version}");
            let events: Vec<(i64, Option<i64>, String)> =
                store.all("select seq, before_seq, hash from event order by seq", Vec::new()).await.unwrap();
            assert_eq!(
                events,
                [(1, None, "a".to_owned()), (2, None, "b".to_owned()), (3, Some(2), "c".to_owned())]
            );
            let sound: (String,) = store.one("pragma integrity_check", Vec::new()).await.unwrap();
            assert_eq!(sound.0, "ok");
        }
    }

    /// As on a file that nobody may write, which a test that runs as root cannot make.
    #[tokio::test]
    async fn what_may_not_be_written_is_told_and_readers_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_file(&folder.path().join("kaikaku.db")).await.unwrap();
        store.migrate().await.unwrap();
        let Database::Sqlite(file) = &store.database else { panic!("opened as a file") };
        // Nothing is begun: the writer's connection is what is asked for.
        let set = async |pragma: &str| drop(file.begin(pragma).await.unwrap());
        set("pragma query_only = on").await;
        let told = store.found("992011", "汐見市", Route::Direct).await;
        assert!(matches!(told, Err(StoreError::Full)), "{told:?}");
        assert_eq!(store.municipalities().await.unwrap(), []);
        set("pragma query_only = off").await;
        store.found("992011", "汐見市", Route::Direct).await.unwrap();
        let past = file.reader().unwrap().run("delete from municipality", &[]);
        assert!(past.is_err(), "a reader wrote");
    }
}
