//! The record: sheets, entries, revisions, events, people, in SQLite or PostgreSQL. The only SQL of the program.
//!
//! A [`Store`] reads; a [`Change`] writes, all of it with its event or nothing. Everything belongs to one municipality,
//! and every finder is given it. What a person may not see is not found.

mod account;
mod chain;
mod change;
mod comment;
mod conflict;
mod database;
mod dialect;
mod dump;
mod entry;
mod error;
mod known;
mod line;
mod load;
mod neighbour;
mod organisation;
mod postgres;
mod resubmitted;
mod roster;
mod row;
mod session;
mod setting;
mod sign_in;
mod sqlite;
mod told;
mod year;

pub use account::{Account, NewAccount};
pub use chain::{Broken, Event, NewEvent, Verified, digest};
pub use change::{Change, Kept, NewRevision, Standing};
pub use comment::Comment;
pub use conflict::Conflict;
pub use database::{PATIENCE, Store};
pub use dialect::Dialect;
pub use entry::{Entry, Revision, RevisionLine};
pub use error::StoreError;
pub use line::Line;
pub use load::{LoadError, Loaded};
pub use neighbour::Neighbour;
pub use organisation::{Municipality, Person};
pub use resubmitted::Resubmitted;
pub use session::{Session, Stage};
pub use sign_in::{NewSession, Remembered};
pub use year::Year;

use kaikaku_domain::entry::Content;
use kaikaku_domain::id::EntryId;
use kaikaku_domain::period::PeriodKind;
use kaikaku_domain::workflow::{Sight, State};
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

/// A state without the words of its reason for those who may not read what it is about.
pub(crate) fn as_seen(mut state: State, sight: Sight) -> State {
    if sight < Sight::Record
        && let State::Returned { reason, .. } | State::Draft { reopened: Some(reason) } = &mut state
    {
        reason.text.clear();
    }
    state
}

pub(crate) fn content(text: &str, entry: EntryId) -> Result<Content, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt(format!("text of entry {entry}")))
}

pub(crate) fn period_kind(word: &str) -> PeriodKind {
    if word == "start" { PeriodKind::Start } else { PeriodKind::Report }
}

/// What is written by its id must be there, and this municipality's.
pub(crate) fn is_there(touched: u64) -> Result<(), StoreError> {
    if touched == 0 { Err(StoreError::Missing) } else { Ok(()) }
}
