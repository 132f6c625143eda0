//! The two databases behind one face: opening, migrating, and the transaction in which everything is written.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, PgPool, Postgres, SqlSafeStr, Sqlite, SqlitePool};

use crate::dialect::Dialect;
use crate::error::StoreError;

/// Every migration in order: its name and text. A published one is never changed.
const MIGRATIONS: [(&str, &str); 1] = [("record", include_str!("../migrations/0001_record.sql"))];

/// How long a writer waits for the others before it is told to try again.
const PATIENCE: Duration = Duration::from_secs(20);

/// The record: where everything is kept.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) database: Database,
    queries: Arc<AtomicU64>,
}

#[derive(Debug, Clone)]
pub(crate) enum Database {
    /// Many read, one writes: writers queue here, where it costs nothing, and not at the file's lock.
    Sqlite {
        read: SqlitePool,
        write: SqlitePool,
    },
    Postgres(PgPool),
}

/// A transaction that writes.
#[derive(Debug)]
pub(crate) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// Runs a query for reading: one text, whichever database it is.
macro_rules! read {
    ($store:expr, $database:ident => $query:expr) => {{
        $store.count();
        let result = match &$store.database {
            crate::database::Database::Sqlite { read: $database, .. } => $query.await,
            crate::database::Database::Postgres($database) => $query.await,
        };
        result.map_err(|error| crate::error::StoreError::of($store.dialect(), error))
    }};
}

/// Runs a query within a writing transaction.
macro_rules! write {
    ($change:expr, $connection:ident => $query:expr) => {{
        let result = match &mut $change.transaction {
            crate::database::Transaction::Sqlite(transaction) => {
                let $connection = &mut **transaction;
                $query.await
            }
            crate::database::Transaction::Postgres(transaction) => {
                let $connection = &mut **transaction;
                $query.await
            }
        };
        result.map_err(|error| crate::error::StoreError::of($change.dialect, error))
    }};
}

/// Runs a statement that gives no rows within a writing transaction, and tells how many it touched.
macro_rules! run {
    ($change:expr, $connection:ident => $query:expr) => {{
        let touched = match &mut $change.transaction {
            crate::database::Transaction::Sqlite(transaction) => {
                let $connection = &mut **transaction;
                $query.await.map(|done| done.rows_affected())
            }
            crate::database::Transaction::Postgres(transaction) => {
                let $connection = &mut **transaction;
                $query.await.map(|done| done.rows_affected())
            }
        };
        touched.map_err(|error| crate::error::StoreError::of($change.dialect, error))
    }};
}

pub(crate) use {read, run, write};

impl Store {
    /// Opens the record in a SQLite file, which is made when it is not there.
    ///
    /// # Errors
    /// When the file cannot be opened or made.
    pub async fn open_file(path: &Path) -> Result<Self, StoreError> {
        let failed = |error| StoreError::of(Dialect::Sqlite, error);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // NORMAL may lose the last commits on a power cut, and no acknowledged save may be lost.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .connect_with(options.clone())
            .await
            .map_err(failed)?;
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await
            .map_err(failed)?;
        Ok(Self { database: Database::Sqlite { read, write }, queries: Arc::default() })
    }

    /// Opens the record in a PostgreSQL database: `postgres://user@host/database`.
    ///
    /// # Errors
    /// When the address is none or nobody answers there.
    pub async fn open_server(url: &str) -> Result<Self, StoreError> {
        let options: PgConnectOptions =
            url.parse().map_err(|_| StoreError::Address(without_password(url)))?;
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(PATIENCE)
            .connect_with(options)
            .await
            .map_err(|error| StoreError::of(Dialect::Postgres, error))?;
        Ok(Self { database: Database::Postgres(pool), queries: Arc::default() })
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match self.database {
            Database::Sqlite { .. } => Dialect::Sqlite,
            Database::Postgres(_) => Dialect::Postgres,
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
            Database::Postgres(pool) => migrator.run(pool).await,
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
        let failed = |error| StoreError::of(self.dialect(), error);
        let applied = match &self.database {
            Database::Sqlite { write, .. } => {
                write.acquire().await.map_err(failed)?.list_applied_migrations("_sqlx_migrations").await
            }
            Database::Postgres(pool) => {
                pool.acquire().await.map_err(failed)?.list_applied_migrations("_sqlx_migrations").await
            }
        };
        // Without the table of migrations it is a new, empty database.
        let last = applied.ok().and_then(|applied| applied.iter().map(|migration| migration.version).max());
        let own = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        match last.unwrap_or(0) {
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

    pub(crate) async fn begin(&self) -> Result<Transaction, StoreError> {
        self.count();
        let begin = self.dialect().begin_writing();
        let begun = match &self.database {
            Database::Sqlite { write, .. } => write.begin_with(begin).await.map(Transaction::Sqlite),
            Database::Postgres(pool) => pool.begin_with(begin).await.map(Transaction::Postgres),
        };
        begun.map_err(|error| StoreError::of(self.dialect(), error))
    }

    /// Lets go of every connection, once what runs is done.
    pub async fn close(&self) {
        match &self.database {
            Database::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Database::Postgres(pool) => pool.close().await,
        }
    }
}

impl Transaction {
    pub(crate) async fn commit(self, dialect: Dialect) -> Result<(), StoreError> {
        let done = match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => transaction.commit().await,
        };
        done.map_err(|error| StoreError::of(dialect, error))
    }
}

/// The address without its password, for a message.
fn without_password(url: &str) -> String {
    match url.rsplit_once('@').zip(url.split_once("://")) {
        Some(((_, place), (scheme, _))) => format!("{scheme}://…@{place}"),
        None => url.to_owned(),
    }
}
