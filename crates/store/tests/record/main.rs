//! The record, told the same stories on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test whose town cannot be made has failed")]

mod cost;
mod neighbours;
mod organisation;
mod round_trip;
mod signing_in;
mod story;
mod support;
mod tampering;
mod together;
mod trouble;
