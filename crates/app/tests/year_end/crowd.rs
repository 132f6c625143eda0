//! The last evening: three hundred save at once, in forty entries, from pages that were all made before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use kaikaku_store::Store;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::look::{actor, found, texts};
use crate::person::Person;
use crate::plan::Written;
use crate::town::{DEPARTMENTS, Member, Place, Town};

const CROWD: usize = 300;
const ENTRIES: usize = 40;

/// What one of them was told.
struct Told {
    login: String,
    entry: String,
    text: String,
    /// Where the text waits, when somebody else was faster.
    conflict: Option<String>,
}

/// An author and a head a department: few accounts, for each costs a password's hash, and many connections.
fn members() -> Vec<Member> {
    let two = |(place, department)| {
        let of = |word, role| Member::new(format!("{word}-{place}"), &[(role, department)]);
        [of("tanto", "担当者"), of("kacho", "課長")]
    };
    DEPARTMENTS.into_iter().enumerate().flat_map(two).collect()
}

/// Nobody is sent away, and every text is in the record once: as the working text or beside it.
pub(crate) async fn three_hundred_at_once_lose_nothing(place: Place) {
    let town = Town::found(place, &members(), "none");
    let server = town.serve();
    let (people, entries) = signed_in(&town, server.address()).await;
    let before = town.events();
    let told = save_at_once(&people, &entries, server.address()).await;
    assert_eq!(town.events() - before, 300, "one event a save");
    let store = town.place.store().await;
    for (department, entry) in &entries {
        let own: Vec<&Told> = told.iter().filter(|told| told.entry == *entry).collect();
        none_is_lost(&store, &format!("tanto-{department}"), entry, &own).await;
    }
    for (login, conflict) in told.iter().filter_map(|told| Some((&told.login, told.conflict.as_ref()?))) {
        let page = people[login].at(server.address()).get(conflict).await.text();
        assert!(page.contains("二つの文章から選んでください"), "{page}");
    }
    assert!(!server.said().contains("ERROR"), "{}", server.said());
}

/// Everybody signed in, by name, and five entries of each department with its place.
async fn signed_in(town: &Town, address: &str) -> (BTreeMap<String, Person>, Vec<(usize, String)>) {
    let changes = Arc::new(AtomicU64::new(0));
    let mut arriving = JoinSet::new();
    for (login, password) in town.passwords.clone() {
        let mut person = Person::new(&[address.to_owned()], &login, &changes);
        arriving.spawn(async move {
            person.sign_in(&password).await;
            person
        });
    }
    let people = arriving.join_all().await.into_iter().map(|person| (person.login.clone(), person));
    let mut people: BTreeMap<String, Person> = people.collect();
    let mut entries = Vec::new();
    for department in 0..DEPARTMENTS.len() {
        let author = people.get_mut(&format!("tanto-{department}")).unwrap();
        let tasks = author.tasks().await.into_iter().take(ENTRIES / DEPARTMENTS.len());
        entries.extend(tasks.map(|(entry, _)| (department, entry)));
    }
    assert_eq!(entries.len(), ENTRIES);
    (people, entries)
}

/// All open their pages; when the last has, all save, each over a connection of their own.
async fn save_at_once(
    people: &BTreeMap<String, Person>,
    entries: &[(usize, String)],
    address: &str,
) -> Vec<Told> {
    let ready = Arc::new(Barrier::new(CROWD));
    let mut crowd = JoinSet::new();
    for number in 0..CROWD {
        let (department, entry) = entries[number % ENTRIES].clone();
        let word = ["tanto", "kacho"][number / ENTRIES % 2];
        let mut person = people[&format!("{word}-{department}")].at(address);
        let ready = Arc::clone(&ready);
        crowd.spawn(async move {
            let (seen, _) = person.open(&entry).await;
            ready.wait().await;
            let text = format!("{number}番の人が最後の晩に書いた文章。");
            let written =
                Written { rating: "A", narrative: text.clone(), cause: String::new(), policy: String::new() };
            let answer = person.save(&entry, &seen, &written).await;
            let conflict = match answer.status {
                200 => None,
                409 => Some(answer.json()["conflict"].as_str().unwrap().to_owned()),
                status => panic!("{status} for number {number}: {}", answer.text()),
            };
            Told { login: person.login.clone(), entry, text, conflict }
        });
    }
    crowd.join_all().await
}

/// Of those who saved one entry exactly one was first: that text stands, and the others are kept beside.
async fn none_is_lost(store: &Store, login: &str, entry: &str, told: &[&Told]) {
    let author = actor(store, login).await;
    let first: Vec<&str> =
        told.iter().filter(|told| told.conflict.is_none()).map(|told| told.text.as_str()).collect();
    let draft = found(store, &author, entry).await.draft.unwrap();
    assert_eq!(first, [draft.content.texts()[0].1], "{entry}");
    let kept = texts(store, &author, entry, 0).await;
    assert_eq!(kept.len(), told.len(), "{entry}: a text is lost, or there twice");
    let sent: BTreeSet<&str> = told.iter().map(|told| told.text.as_str()).collect();
    assert_eq!(kept.iter().map(String::as_str).collect::<BTreeSet<_>>(), sent, "{entry}");
}
