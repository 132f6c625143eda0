//! A SQLite file, asked in place: a statement takes some millionths of a second, and handing it to a thread of its own and
//! back takes ten times as long (ADR two-databases).
//!
//! Many read, one writes. Who wants to write waits here for its turn, and at the file only for other programs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use sqlx::migrate::Migration;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use crate::StoreError;
use crate::row::{Columns, Row, Value};

/// How many connections are kept for reading; as many read at once as there are threads.
const READERS: usize = 8;

/// More texts of statements than the program has.
const STATEMENTS: usize = 256;

/// When the write-ahead log has so many pages (16 MB), the next commit copies it into the file. A save writes four
/// or five, so one in some eight hundred waits some milliseconds for that. With SQLite's own 1,000 it would be one in two
/// hundred.
const LOG_PAGES: u32 = 4000;

/// How long a writer waits until it looks again whether another program has ended its change.
const GLANCE: Duration = Duration::from_millis(5);

/// A file that is open.
#[derive(Debug)]
pub(crate) struct File {
    path: PathBuf,
    patience: Duration,
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Option<Connection>>,
    /// Whoever holds it writes.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// A connection in use. Dropped, it is given back, and what was not committed has not happened.
#[derive(Debug)]
pub(crate) struct Lent {
    /// One at a time, for what is borrowed may be looked at from several threads.
    connection: Mutex<Option<Connection>>,
    file: Arc<File>,
    /// Held by who writes.
    turn: Option<OwnedMutexGuard<()>>,
}

impl File {
    /// Opens the file, which is made when it is not there.
    pub(crate) fn open(path: &Path, patience: Duration) -> Result<Arc<Self>, StoreError> {
        let writer = Self::connect(path, patience)?;
        Ok(Arc::new(Self {
            path: path.to_owned(),
            patience,
            readers: Mutex::default(),
            writer: Mutex::new(Some(writer)),
            turn: Arc::default(),
        }))
    }

    fn connect(path: &Path, patience: Duration) -> Result<Connection, StoreError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(patience)?;
        // FULL: NORMAL may lose the last commits on a power cut, and no acknowledged save may be lost.
        connection.execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;",
        )?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    }

    /// A connection that only reads.
    pub(crate) fn reader(self: &Arc<Self>) -> Result<Lent, StoreError> {
        let free = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match free {
            Some(connection) => connection,
            None => {
                let connection = Self::connect(&self.path, self.patience)?;
                connection.pragma_update(None, "query_only", true)?;
                connection
            }
        };
        Ok(Lent { connection: Mutex::new(Some(connection)), file: Arc::clone(self), turn: None })
    }

    /// A connection for one query: the writer's while nobody writes, for it still has the pages that the last change has
    /// written, and any other must read them again.
    pub(crate) fn nearest(self: &Arc<Self>) -> Result<Lent, StoreError> {
        match Arc::clone(&self.turn).try_lock_owned() {
            Ok(turn) => self.writer(turn, self.patience),
            Err(_) => self.reader(),
        }
    }

    fn writer(self: &Arc<Self>, turn: OwnedMutexGuard<()>, patience: Duration) -> Result<Lent, StoreError> {
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let connection = connection.map_or_else(|| Self::connect(&self.path, self.patience), Ok)?;
        connection.busy_timeout(patience)?;
        Ok(Lent { connection: Mutex::new(Some(connection)), file: Arc::clone(self), turn: Some(turn) })
    }

    /// Begins a change: waits for its turn, then for other programs.
    pub(crate) async fn begin(self: &Arc<Self>, begin: &str) -> Result<Lent, StoreError> {
        let until = Instant::now() + self.patience;
        let turn = tokio::time::timeout_at(until, Arc::clone(&self.turn).lock_owned());
        let turn = turn.await.map_err(|_| StoreError::Busy)?;
        // Waiting within SQLite would hold up everyone whose request this thread answers.
        let lent = self.writer(turn, Duration::ZERO)?;
        loop {
            match lent.run(begin, &[]) {
                Err(StoreError::Busy) if Instant::now() < until => tokio::time::sleep(GLANCE).await,
                begun => return begun.map(|_| lent),
            }
        }
    }

    /// Lets go of every connection that is not in use.
    pub(crate) fn close(&self) {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.writer.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Lent {
    fn with<T>(&self, ask: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let place = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        ask(place.as_ref().ok_or(StoreError::Busy)?)
    }

    /// The rows that a query gives.
    pub(crate) fn all<R: Row>(&self, sql: &str, values: &[Value]) -> Result<Vec<R>, StoreError> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            bind(&mut statement, values)?;
            let width = statement.column_count();
            let mut rows = statement.raw_query();
            let mut read = Vec::new();
            while let Some(row) = rows.next()? {
                let values = (0..width).map(|column| value(row.get_ref(column)?));
                read.push(R::read(&mut Columns::new(values.collect::<Result<_, StoreError>>()?))?);
            }
            Ok(read)
        })
    }

    /// How many rows a statement touched.
    pub(crate) fn run(&self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            bind(&mut statement, values)?;
            let touched = statement.raw_execute()?;
            Ok(u64::try_from(touched).unwrap_or(u64::MAX))
        })
    }

    /// The number of the row that a statement inserts. `returning` would make SQLite collect it in a table of its own.
    pub(crate) fn insert(&self, sql: &str, values: &[Value]) -> Result<i64, StoreError> {
        match self.run(sql, values)? {
            0 => Err(StoreError::Missing),
            _ => self.with(|connection| Ok(connection.last_insert_rowid())),
        }
    }

    pub(crate) fn commit(self) -> Result<(), StoreError> {
        self.run("commit", &[]).map(drop)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let place = self.connection.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(connection) = place.take() else { return };
        // A full disk makes SQLite end a transaction by itself; one that cannot be ended is not used again.
        if !connection.is_autocommit() && connection.execute_batch("rollback").is_err() {
            return;
        }
        if self.turn.is_some() {
            *self.file.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
            return;
        }
        let mut readers = self.file.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(connection);
        }
    }
}

/// `$3` is the third value, wherever it stands: SQLite itself counts names in the order in which they come.
fn bind(statement: &mut rusqlite::Statement<'_>, values: &[Value]) -> Result<(), StoreError> {
    for place in 1..=statement.parameter_count() {
        let number = statement.parameter_name(place).and_then(|name| name.strip_prefix('$')?.parse().ok());
        let value = number.and_then(|number: usize| values.get(number.checked_sub(1)?));
        let value = value.ok_or(rusqlite::Error::InvalidParameterCount(place, values.len()))?;
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Number(Some(number)) => ValueRef::Integer(*number),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Number(None) | Self::Text(None) => ValueRef::Null,
        }))
    }
}

fn value(value: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match value {
        ValueRef::Null => Value::Text(None),
        ValueRef::Integer(number) => Value::Number(Some(number)),
        ValueRef::Text(_) => Value::Text(Some(value.as_str().map_err(rusqlite::Error::from)?.to_owned())),
        ValueRef::Real(_) | ValueRef::Blob(_) => {
            return Err(StoreError::Corrupt("a type of column".to_owned()));
        }
    })
}

/// Brings the file to the last of these versions, within the change that has begun.
pub(crate) fn migrate(within: &Lent, migrations: &[Migration]) -> Result<(), StoreError> {
    within.run(
        "create table if not exists _sqlx_migrations (
             version bigint primary key,
             description text not null,
             installed_on timestamp not null default current_timestamp,
             success boolean not null,
             checksum blob not null,
             execution_time bigint not null
         )",
        &[],
    )?;
    let there: Vec<(i64,)> = within.all("select version from _sqlx_migrations order by version", &[])?;
    if let Some((later,)) =
        there.iter().find(|(version,)| migrations.iter().all(|own| own.version != *version))
    {
        return Err(StoreError::Newer(*later));
    }
    for migration in migrations.iter().filter(|own| !there.contains(&(own.version,))) {
        within.with(|connection| {
            connection.execute_batch(migration.sql.as_str())?;
            connection.execute(
                "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (?1, ?2, true, ?3, 0)",
                (migration.version, &*migration.description, &*migration.checksum),
            )?;
            Ok(())
        })?;
    }
    Ok(())
}
