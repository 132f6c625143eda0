//! Many people at once: every acknowledged save is there, none is half there, none is overwritten in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kaikaku_domain::entry::Content;
use kaikaku_domain::id::{EntryId, RevisionId};
use kaikaku_domain::person::Actor;
use kaikaku_store::{Entry, Store};
use serde_json::Value;

use crate::support::{Place, Saved, Town, Writing, at, on_both, report_content, save};

on_both!(
    three_hundred_who_save_at_once_lose_nothing,
    whoever_walks_away_while_saving_leaves_nothing_half_done,
    two_editors_never_overwrite_each_other,
);

async fn three_hundred_who_save_at_once_lose_nothing(place: Place) {
    let first = place.record().await;
    // Two programs at work: two servers, or the server and a command beside it.
    let second = place.open().await;
    let town = Town::found(&first, "992011", "汐見市").await;
    let (actor, entries) = desk(&first, &town).await;
    let mut drafts = BTreeMap::new();
    for entry in &entries {
        let page = first.entry(&actor, *entry).await.unwrap().unwrap();
        drafts.insert(entry.number(), page.draft.map_or(0, |text| text.id.number()));
    }
    let tasks: Vec<_> = (0..300)
        .map(|number| {
            let store = if number % 2 == 0 { first.clone() } else { second.clone() };
            let (actor, entry) = (actor.clone(), entries[number % entries.len()]);
            tokio::spawn(async move { write_until_saved(&store, &actor, entry, number).await })
        })
        .collect();
    while !tasks.iter().all(|task| task.is_finished()) {
        second.verify(town.id).await.unwrap().unwrap(); // holds at every moment between two saves
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let mut tries = 0;
    for task in tasks {
        tries += task.await.unwrap();
    }
    let words: BTreeSet<String> = working_texts(&place, &mut drafts).await.into_iter().collect();
    assert_eq!(words, (0..300).map(text).collect(), "each text was the working text once");
    for (entry, draft) in drafts {
        let page = first.entry(&actor, EntryId::new(entry)).await.unwrap().unwrap();
        assert_eq!(page.draft.unwrap().id.number(), draft);
    }
    let events = place.ask("select kind from event where account_id is not null").await;
    assert_eq!(events.len(), tries, "one event a save");
    first.verify(town.id).await.unwrap().unwrap();
}

/// The texts that became an entry's working text in the order of the events: each was written from the one before.
async fn working_texts(place: &Place, drafts: &mut BTreeMap<i64, i64>) -> Vec<String> {
    let mut kept = BTreeMap::new();
    for row in place.ask("select id || ' ' || coalesce(base_id, 0) || ' ' || content from revision").await {
        let mut parts = row.splitn(3, ' ');
        let mut next = || parts.next().unwrap().to_owned();
        let (id, base, content): (i64, i64, _) = (next().parse().unwrap(), next().parse().unwrap(), next());
        kept.insert(id, (base, serde_json::from_str::<Content>(&content).unwrap()));
    }
    let mut texts = Vec::new();
    for data in place.ask("select data from event where kind = 'saved' order by seq").await {
        let data: Value = serde_json::from_str(&data).unwrap();
        let (entry, told) = data["entries"].as_object().unwrap().iter().next().unwrap();
        let draft = told["draft"].as_i64().unwrap();
        let (base, content) = &kept[&draft];
        let before = drafts.insert(entry.parse().unwrap(), draft).unwrap();
        assert_eq!(*base, before, "written over what was never seen");
        texts.push(content.texts()[0].1.to_owned());
    }
    texts
}

/// Saves a text, from the page anew as long as somebody else was faster; tells how often it was tried.
async fn write_until_saved(store: &Store, actor: &Actor, entry: EntryId, number: usize) -> usize {
    for tries in 1.. {
        let page = store.entry(actor, entry).await.unwrap().unwrap();
        let content = report_content("A", &text(number));
        let base = page.draft.map(|text| text.id);
        let writing = Writing { entry, seen: page.version, base, content: &content, at: at(1) };
        if matches!(save(store, actor, writing).await.unwrap(), Saved::Done { .. }) {
            return tries;
        }
    }
    unreachable!("it is tried for ever")
}

/// The words of every text that an entry has had.
async fn history_of(store: &Store, page: &Entry) -> Vec<String> {
    let mut words = Vec::new();
    for line in store.history(page).await.unwrap() {
        let text = store.revision(page, line.id).await.unwrap().unwrap();
        words.extend(text.content.texts().iter().map(|(_, text)| (*text).to_owned()));
    }
    words
}

fn text(number: usize) -> String {
    format!("{number}番の文章")
}

/// Somebody who may write 40 entries, and the entries.
async fn desk(store: &Store, town: &Town) -> (Actor, Vec<EntryId>) {
    let organisation = store.organisation(town.id).await.unwrap();
    let mut actor = town.actor(store, "author").await;
    actor.author_of = organisation.departments.iter().map(|department| department.id).collect();
    let lines = store.lines(&actor, town.year).await.unwrap();
    let entries: Vec<EntryId> = lines
        .iter()
        .filter(|line| line.rating.is_some() || !line.has_draft)
        .map(|line| line.entry)
        .take(40)
        .collect();
    assert_eq!(entries.len(), 40);
    (actor, entries)
}

async fn whoever_walks_away_while_saving_leaves_nothing_half_done(place: Place) {
    let store = place.record().await;
    let town = Town::found(&store, "992011", "汐見市").await;
    let (actor, entries) = desk(&store, &town).await;
    let head = store.head(town.id).await.unwrap();
    let acknowledged = Arc::new(std::sync::Mutex::new(BTreeMap::new()));
    let mut random = fastrand::Rng::with_seed(3);
    let mut tasks = Vec::new();
    // While somebody else writes, the first ones wait, and some of them walk away waiting.
    let mut writing = Some(store.change(town.id).await.unwrap());
    for number in 0..120 {
        if number == 30 {
            writing = None;
        }
        let (store, actor, entry) = (store.clone(), actor.clone(), entries[number % entries.len()]);
        let acknowledged = acknowledged.clone();
        tasks.push(tokio::spawn(async move {
            write_until_saved(&store, &actor, entry, number).await;
            acknowledged.lock().unwrap().insert(text(number), entry);
        }));
        if random.bool() {
            tokio::time::sleep(std::time::Duration::from_micros(random.u64(0..4000))).await;
            let victim = random.usize(0..tasks.len());
            tasks[victim].abort();
        }
    }
    let mut aborted = 0;
    for task in tasks {
        aborted += usize::from(task.await.is_err());
    }
    drop(writing);
    assert!(aborted > 0, "nobody walked away");
    let acknowledged = acknowledged.lock().unwrap().clone();
    for (words, entry) in &acknowledged {
        let page = store.entry(&actor, *entry).await.unwrap().unwrap();
        assert!(history_of(&store, &page).await.contains(words), "{words} was acknowledged and is lost");
    }
    let verified = store.verify(town.id).await.unwrap().unwrap();
    let kept = place.ask("select content from revision where account_id is not null").await.len();
    assert_eq!(
        verified.events - head,
        i64::try_from(kept).unwrap(),
        "a text without an event, or the other way"
    );
    let began = store.change(town.id).await;
    assert!(began.is_ok(), "somebody who walked away holds everybody up");
}

/// One of the four things that two editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Reads(usize),
    Saves(usize),
}

/// Every order in which each of two reads before saving.
fn interleavings() -> Vec<Vec<Deed>> {
    fn go(done: &[Deed], left: [&[Deed]; 2], all: &mut Vec<Vec<Deed>>) {
        if left.iter().all(|deeds| deeds.is_empty()) {
            all.push(done.to_vec());
        }
        for editor in 0..2 {
            if let [next, rest @ ..] = left[editor] {
                let mut others = left;
                others[editor] = rest;
                go(&[done, &[*next]].concat(), others, all);
            }
        }
    }
    let mut all = Vec::new();
    let deeds = [[Deed::Reads(0), Deed::Saves(0)], [Deed::Reads(1), Deed::Saves(1)]];
    go(&[], [&deeds[0], &deeds[1]], &mut all);
    all
}

async fn two_editors_never_overwrite_each_other(place: Place) {
    let store = place.record().await;
    let town = Town::found(&store, "992011", "汐見市").await;
    let id = town.entry(&store).await;
    let editors = [town.actor(&store, "author").await, town.actor(&store, "section head").await];
    let all = interleavings();
    assert_eq!(all.len(), 6);
    for order in all {
        let mut pages: [Option<(i64, Option<RevisionId>)>; 2] = [None, None];
        let mut saved = Vec::new();
        for deed in &order {
            match *deed {
                Deed::Reads(editor) => {
                    let page = store.entry(&editors[editor], id).await.unwrap().unwrap();
                    pages[editor] = Some((page.version, page.draft.map(|text| text.id)));
                }
                Deed::Saves(editor) => {
                    let (seen, base) = pages[editor].unwrap();
                    let content = report_content("A", &format!("{order:?} {editor}"));
                    let writing = Writing { entry: id, seen, base, content: &content, at: at(1) };
                    saved.push((editor, save(&store, &editors[editor], writing).await.unwrap(), content));
                }
            }
        }
        none_is_lost(&store, &editors, id, &order, &saved).await;
    }
    store.verify(town.id).await.unwrap().unwrap();
}

async fn none_is_lost(
    store: &Store,
    editors: &[Actor; 2],
    id: EntryId,
    order: &[Deed],
    saved: &[(usize, Saved, Content)],
) {
    let [(first, first_saved, first_text), (second, second_saved, second_text)] = saved else {
        panic!("{order:?}: {saved:?}")
    };
    assert!(matches!(first_saved, Saved::Done { .. }), "{order:?}");
    let page = store.entry(&editors[*second], id).await.unwrap().unwrap();
    let read = order.iter().position(|deed| *deed == Deed::Reads(*second));
    let has_seen = read > order.iter().position(|deed| *deed == Deed::Saves(*first));
    match second_saved {
        Saved::Done { .. } => {
            assert!(has_seen, "{order:?}: written over what was never seen");
            assert_eq!(&page.draft.as_ref().unwrap().content, second_text);
        }
        Saved::Waits { conflict } => {
            assert!(!has_seen, "{order:?}: a conflict with what was seen");
            assert_eq!(&page.draft.as_ref().unwrap().content, first_text, "{order:?}");
            let found = store.conflict(&editors[*second], &page, *conflict).await.unwrap().unwrap();
            assert_eq!(&found.mine.content, second_text);
        }
    }
}
