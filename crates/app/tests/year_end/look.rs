//! The record itself, looked at beside its servers.

use kaikaku_domain::Date;
use kaikaku_domain::id::EntryId;
use kaikaku_domain::person::Actor;
use kaikaku_store::{Entry, Store};

/// A person of the only town, as the record knows them.
pub(crate) async fn actor(store: &Store, login: &str) -> Actor {
    let town = store.municipalities().await.unwrap()[0].id;
    let person = store.people(town).await.unwrap().into_iter().find(|person| person.login == login).unwrap();
    let organisation = store.organisation(town).await.unwrap();
    let day = Date::read("2026-04-06").unwrap();
    Actor::new(town, person.user, person.name, &person.assignments, &organisation, day)
}

/// The words of every revision of an entry in their order, from a place on.
pub(crate) async fn texts(store: &Store, actor: &Actor, entry: &str, from: usize) -> Vec<String> {
    let found = found(store, actor, entry).await;
    let mut texts = Vec::new();
    for line in store.history(&found).await.unwrap().into_iter().skip(from) {
        let revision = store.revision(&found, line.id).await.unwrap().unwrap();
        texts.push(revision.content.texts()[0].1.to_owned());
    }
    texts
}

/// An entry by its address.
pub(crate) async fn found(store: &Store, actor: &Actor, entry: &str) -> Entry {
    let id = EntryId::new(entry.trim_start_matches("/entries/").parse().unwrap());
    store.entry(actor, id).await.unwrap().unwrap()
}
