//! The ids under which the record keeps things: numbers that say what they number.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// The id of this number.
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// Its number.
            pub const fn number(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// A municipality of the installation.
    MunicipalityId,
    /// One plan's one fiscal year.
    YearId,
    /// A reporting period of one fiscal year.
    PeriodId,
    /// A department.
    DepartmentId,
    /// A sheet: one measure in one fiscal year.
    SheetId,
    /// What one department writes into one sheet in one period.
    EntryId,
    /// One immutable content of an entry.
    RevisionId,
    /// A person with an account.
    UserId,
    /// A comment at an entry.
    CommentId,
    /// Two texts of one entry that wait for a decision.
    ConflictId,
}
