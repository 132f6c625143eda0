//! Every difference between SQLite and PostgreSQL. All other SQL is one text for both.

use sqlx::error::DatabaseError;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// One file beside the program.
    Sqlite,
    /// A server of the town's.
    Postgres,
}

/// What a database says when it cannot do its work now, for everyone in the same words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Others are writing; it may be tried again.
    Busy,
    /// There is no room, or the file cannot be written.
    Full,
    /// Something stands there already.
    Duplicate,
    /// What is referred to is not there.
    Missing,
    /// The server lets nobody in under this address.
    Unreachable(String),
}

impl Dialect {
    /// A migration's text in this dialect. A line that begins with `@sqlite` is for SQLite alone.
    pub(crate) fn migration(self, text: &str) -> String {
        let (id, int, strict, in_order) = match self {
            // AUTOINCREMENT: a number that was once shown to somebody is never given to another thing.
            Self::Sqlite => {
                ("integer primary key autoincrement", "integer", "strict", "strict, without rowid")
            }
            Self::Postgres => ("bigint generated always as identity primary key", "bigint", "", ""),
        };
        // To the letter: what was applied is known by its digest.
        let lines = text.split_inclusive('\n').filter_map(|line| match line.strip_prefix("@sqlite ") {
            Some(own) => (self == Self::Sqlite).then_some(own),
            None => Some(line),
        });
        let text: String = lines.collect();
        text.replace("@id", id).replace("@int", int).replace("@in_order", in_order).replace("@strict", strict)
    }

    /// The statement that begins a writing transaction. SQLite's plain one would take the lock too late, and two readers
    /// that both go on to write could then neither wait nor go on.
    pub(crate) fn begin_writing(self) -> &'static str {
        match self {
            Self::Sqlite => "begin immediate",
            Self::Postgres => "begin",
        }
    }

    /// The statement that begins a transaction whose every query sees the same moment.
    pub(crate) fn begin_reading(self) -> &'static str {
        match self {
            Self::Sqlite => "begin",
            Self::Postgres => "begin isolation level repeatable read read only",
        }
    }

    /// The query that tells 1 when any migration has been here, 0 when not.
    pub(crate) fn has_migrations(self) -> &'static str {
        match self {
            Self::Sqlite => "select count(*) from sqlite_schema where name = '_sqlx_migrations'",
            Self::Postgres => "select count(to_regclass('_sqlx_migrations'))",
        }
    }

    /// What locks the rows of a select until the transaction ends. SQLite has one writer anyway.
    pub(crate) fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " for update",
        }
    }

    /// The rows of a list of numbers that is handed over as one JSON text. Alias and column are named, for a bare name
    /// would mean the outer table's column of that name where it has one.
    pub(crate) fn numbers(self, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!("(select list.value from json_each({parameter}) as list)"),
            Self::Postgres => format!(
                "(select list.item::bigint from json_array_elements_text({parameter}::json) as list(item))"
            ),
        }
    }
}

/// What SQLite means by an extended result code, where it is one of the things that can be told to a person
/// (https://www.sqlite.org/rescode.html: the primary code is in the low byte).
pub(crate) fn trouble_of_sqlite(code: i32) -> Option<Trouble> {
    match code {
        1555 | 2067 => Some(Trouble::Duplicate),
        787 => Some(Trouble::Missing),
        code => match code & 0xFF {
            5 | 6 => Some(Trouble::Busy),
            8 | 10 | 13 | 14 => Some(Trouble::Full),
            _ => None,
        },
    }
}

/// The same of PostgreSQL (https://www.postgresql.org/docs/current/errcodes-appendix.html).
pub(crate) fn trouble_of_postgres(error: &dyn DatabaseError) -> Option<Trouble> {
    match error.code()?.as_ref() {
        "23505" => Some(Trouble::Duplicate),
        "23503" => Some(Trouble::Missing),
        "40001" | "40P01" | "55P03" | "53300" | "57P01" | "57P02" | "57P03" => Some(Trouble::Busy),
        "25006" | "42501" | "53100" | "53200" | "58030" => Some(Trouble::Full),
        "28000" | "28P01" | "3D000" => Some(Trouble::Unreachable(error.message().to_owned())),
        _ => None,
    }
}
