//! What goes into a statement and what comes out of a query, the same for both databases.

use std::vec::IntoIter;

use crate::StoreError;

/// One value. There are two types of columns; each may be null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Number(Option<i64>),
    Text(Option<String>),
}

/// The values of `$1`, `$2` … of a statement.
macro_rules! binds {
    ($($value:expr),* $(,)?) => { vec![$(crate::row::Value::from($value)),*] };
}

pub(crate) use binds;

/// What is made of a row's columns, in the order in which they are selected.
pub(crate) trait Row: Sized {
    fn read(columns: &mut Columns) -> Result<Self, StoreError>;
}

/// The columns of one row.
pub(crate) struct Columns(IntoIter<Value>);

/// What one column can be read as.
pub(crate) trait Column: Sized {
    fn of(value: Value) -> Option<Self>;
}

impl Columns {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    /// The next column.
    pub(crate) fn next<T: Column>(&mut self) -> Result<T, StoreError> {
        let left = self.0.len();
        let value = self.0.next().and_then(T::of);
        value.ok_or_else(|| StoreError::Corrupt(format!("a column of another type, {left} from the right")))
    }
}

impl Column for i64 {
    fn of(value: Value) -> Option<Self> {
        if let Value::Number(number) = value { number } else { None }
    }
}

impl Column for String {
    fn of(value: Value) -> Option<Self> {
        if let Value::Text(text) = value { text } else { None }
    }
}

impl<T: Column> Column for Option<T> {
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Number(None) | Value::Text(None) => Some(None),
            value => T::of(value).map(Some),
        }
    }
}

macro_rules! tuples {
    ($($($name:ident)+;)+) => {$(
        impl<$($name: Column),+> Row for ($($name,)+) {
            fn read(columns: &mut Columns) -> Result<Self, StoreError> {
                Ok(($(columns.next::<$name>()?,)+))
            }
        }
    )+};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
}

/// Reads a struct from its members in this order.
macro_rules! row {
    ($name:ident { $($member:ident),+ $(,)? }) => {
        impl crate::row::Row for $name {
            fn read(columns: &mut crate::row::Columns) -> Result<Self, crate::StoreError> {
                Ok(Self { $($member: columns.next()?),+ })
            }
        }
    };
}

pub(crate) use row;

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

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(Some(text.clone()))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_from_left_to_right_and_null_is_none() {
        let columns = || Columns::new(binds![7, None::<i64>, "a", None::<&str>]);
        type Four = (i64, Option<i64>, String, Option<String>);
        assert_eq!(Four::read(&mut columns()).unwrap(), (7, None, "a".to_owned(), None));
        type Other = (i64, Option<String>, Option<String>);
        assert_eq!(Other::read(&mut columns()).unwrap(), (7, None, Some("a".to_owned())));
    }

    #[test]
    fn what_is_of_another_type_is_told() {
        assert!(matches!(<(String,)>::read(&mut Columns::new(binds![7])), Err(StoreError::Corrupt(_))));
        assert!(matches!(
            <(i64,)>::read(&mut Columns::new(binds![None::<i64>])),
            Err(StoreError::Corrupt(_))
        ));
        assert!(matches!(<(i64, i64)>::read(&mut Columns::new(binds![7])), Err(StoreError::Corrupt(_))));
    }
}
