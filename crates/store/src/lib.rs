//! The record: sheets, entries, revisions, events, people, in SQLite or PostgreSQL. The only SQL of the program.
//!
//! A [`Store`] reads; a [`Change`] writes, all of it with its event or nothing. Everything belongs to one municipality,
//! and every finder is given it. What a person may not see is not found.

mod account;
mod chain;
mod change;
mod database;
mod dialect;
mod document;
mod entry;
mod error;
mod line;
mod organisation;
mod roster;
mod session;
mod sign_in;
mod year;

pub use account::{Account, NewAccount};
pub use chain::{Broken, Event, NewEvent, Verified, digest};
pub use change::{Change, Kept, NewRevision, Standing, state_told};
pub use database::Store;
pub use dialect::Dialect;
pub use document::{LoadError, Loaded};
pub use entry::{Comment, Conflict, Entry, Neighbour, Revision, RevisionLine};
pub use error::StoreError;
pub use line::Line;
pub use organisation::{Municipality, Person};
pub use session::{Session, Stage};
pub use sign_in::{NewSession, Remembered};
pub use year::Year;

use kaikaku_domain::id::EntryId;
use kaikaku_domain::workflow::State;
use kaikaku_domain::{Date, FiscalYear, Moment};

pub(crate) fn moment(text: &str) -> Result<Moment, StoreError> {
    Moment::read(text).ok_or_else(|| StoreError::Corrupt(format!("moment `{text}`")))
}

pub(crate) fn day(text: &str) -> Result<Date, StoreError> {
    Date::read(text).ok_or_else(|| StoreError::Corrupt(format!("day `{text}`")))
}

pub(crate) fn fiscal_year(year: i64) -> Result<FiscalYear, StoreError> {
    let year = i32::try_from(year).ok().and_then(|year| FiscalYear::new(year).ok());
    year.ok_or_else(|| StoreError::Corrupt("fiscal year".to_owned()))
}

pub(crate) fn state(text: &str, entry: EntryId) -> Result<State, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt(format!("state of entry {entry}")))
}
