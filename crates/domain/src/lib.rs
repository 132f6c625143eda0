//! What a reform plan, its sheets, ratings and report are, and what is allowed with them.
//!
//! Pure: no input or output, no clock, no randomness, no async. Everything else depends on this crate and it on
//! nothing of ours. Names are the glossary's of `docs/glossary.md`.

pub mod check;
pub mod date;
pub mod difference;
pub mod entry;
pub mod field;
pub mod finding;
pub mod fiscal_year;
pub mod form;
pub mod id;
pub mod listing;
pub mod moment;
pub mod municipality;
pub mod number;
pub mod numbering;
pub mod organisation;
pub mod period;
pub mod person;
pub mod plan;
pub mod report;
pub mod roster;
pub mod scale;
pub mod sheet;
pub mod submission;
pub mod tally;
pub mod text;
pub mod workflow;

pub use date::Date;
pub use finding::{Finding, Severity};
pub use fiscal_year::{FiscalYear, Month};
pub use form::Form;
pub use moment::Moment;
pub use report::Report;
pub use sheet::Sheet;
