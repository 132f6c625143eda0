//! A year-end period from the first draft to the last 確定, over HTTP: 40 sheets, 30 people at once, by a plan from one
//! seed. What stands in the record afterwards is exactly what was entered, with one event a change. And its last evening,
//! when three hundred save at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crowd;
mod look;
#[expect(dead_code, reason = "no server is killed here")]
mod person;
mod plan;
mod play;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "these tests need no browser")]
mod support;
mod town;

use support::server::Server;
use town::{Place, Town};

/// Plays the period with so many servers on one record, and holds what is there afterwards against the plan.
async fn a_period_leaves_what_was_entered(place: Place, servers: usize) {
    let town = Town::found(place, &play::members(), "both");
    assert_eq!(town.passwords.len(), 30);
    let works = plan::works();
    assert!(works.len() >= 37 && works.iter().any(|work| work.is_stale && !work.corrections.is_empty()));
    let before = town.events();
    let servers: Vec<Server> = (0..servers).map(|_| town.serve()).collect();
    let addresses: Vec<String> = servers.iter().map(|server| server.address().to_owned()).collect();
    let changes = play::play(&town, &addresses, &works).await;
    assert_eq!(town.dump(), plan::expected(&town.document, &works));
    assert_eq!(town.events() - before, changes, "one event a change");
    for server in servers {
        assert!(!server.said().contains("ERROR"), "{}", server.said());
        assert!(server.stop().success());
    }
    assert_eq!(town.events() - before, changes, "an ended server leaves the record as it was");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_period_on_sqlite_leaves_exactly_what_was_entered() {
    a_period_leaves_what_was_entered(Place::folder(), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_period_on_postgres_leaves_exactly_what_was_entered() {
    a_period_leaves_what_was_entered(Place::database(), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_period_on_two_servers_and_one_postgres_leaves_exactly_what_was_entered() {
    a_period_leaves_what_was_entered(Place::database(), 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_who_save_at_once_on_sqlite_lose_nothing() {
    crowd::three_hundred_at_once_lose_nothing(Place::folder()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_who_save_at_once_on_postgres_lose_nothing() {
    crowd::three_hundred_at_once_lose_nothing(Place::database()).await;
}
