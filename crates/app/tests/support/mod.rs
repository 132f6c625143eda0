//! What the tests stand on: a real browser, a real HTTP client, the real program, a database of one's own.
//!
//! A test that needs only a part of it says so:
//! `#[expect(dead_code, reason = "this test needs no browser")] mod support;`

pub(crate) mod browser;
pub(crate) mod http;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod server;

use std::path::PathBuf;

/// The repository's folder.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
