//! A PostgreSQL server: many connections, and statements on their way over the network.

use std::borrow::Cow;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgExecutor, Postgres, Row as _, TypeInfo, ValueRef};

use crate::StoreError;
use crate::row::{Columns, Row, Value};

/// The rows that a query gives.
pub(crate) async fn all<R: Row>(
    by: impl PgExecutor<'_>,
    sql: Cow<'static, str>,
    values: Vec<Value>,
) -> Result<Vec<R>, StoreError> {
    let rows = query(sql, values).fetch_all(by).await?;
    rows.iter().map(|row| R::read(&mut Columns::new(columns(row)?))).collect()
}

/// How many rows a statement touched.
pub(crate) async fn run(
    by: impl PgExecutor<'_>,
    sql: Cow<'static, str>,
    values: Vec<Value>,
) -> Result<u64, StoreError> {
    Ok(query(sql, values).execute(by).await?.rows_affected())
}

fn query(sql: Cow<'static, str>, values: Vec<Value>) -> Query<'static, Postgres, PgArguments> {
    let query = match sql {
        Cow::Borrowed(sql) => sqlx::query(sql),
        // Only `dialect` makes such a text, and no word of it is a visitor's.
        Cow::Owned(sql) => sqlx::query(AssertSqlSafe(sql)),
    };
    values.into_iter().fold(query, |query, value| match value {
        Value::Number(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
    })
}

fn columns(row: &PgRow) -> Result<Vec<Value>, StoreError> {
    (0..row.len())
        .map(|place| {
            let raw = row.try_get_raw(place)?;
            Ok(match raw.type_info().name() {
                "INT8" => Value::Number(row.try_get(place)?),
                _ => Value::Text(row.try_get(place)?),
            })
        })
        .collect()
}
