//! Journeys through the demo with a real browser: people who write, check and decide, by clicking, by keyboard alone and
//! without JavaScript.

#![expect(clippy::unwrap_used, reason = "a journey that cannot go on fails")]

#[path = "journeys/conflict.rs"]
mod conflict;
#[path = "journeys/demo.rs"]
mod demo;
#[path = "journeys/person.rs"]
mod person;
#[path = "journeys/session.rs"]
mod session;
#[expect(dead_code, reason = "journeys need no database and no other client")]
mod support;
#[path = "journeys/way.rs"]
mod way;
