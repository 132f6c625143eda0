//! Nobody loses a word: not when the server is killed, when the disk is full, when others write, when two write the same,
//! when the period is closed while one types.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod editors;
mod kill;
#[path = "../year_end/look.rs"]
mod look;
#[path = "../year_end/person.rs"]
#[expect(dead_code, reason = "the moves are the year-end test's")]
mod person;
#[path = "../year_end/plan.rs"]
#[expect(dead_code, reason = "these tests have plans of their own")]
mod plan;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "these tests need no browser")]
mod support;
#[path = "../year_end/town.rs"]
#[expect(dead_code, reason = "the document is the year-end test's")]
mod town;
mod trouble;
