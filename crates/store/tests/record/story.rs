//! One entry's year-end from the first word to 確定 and back, as everybody who has to do with it sees it.

use kaikaku_domain::entry::Content;
use kaikaku_domain::id::EntryId;
use kaikaku_domain::workflow::{Move, Sight, State};
use kaikaku_store::{Store, StoreError};

use crate::support::{
    Place, Saved, Town, Writing, act, at, canary, everything, form, on_both, report_content, save, write,
};

on_both!(
    an_entry_goes_its_way_and_everybody_sees_what_is_theirs,
    of_two_who_write_at_once_neither_loses_a_word,
    nothing_crosses_from_one_town_to_another,
);

const OWN: [&str; 3] = ["author", "division head", "section head"];
const FOLLOWING: [&str; 6] =
    ["author", "co-lead", "division head", "secretariat", "section head", "supporter"];

async fn an_entry_goes_its_way_and_everybody_sees_what_is_theirs(place: Place) {
    let store = place.record().await;
    let town = Town::found(&store, "992011", "汐見市").await;
    let id = town.entry(&store).await;
    assert_eq!(sights(&store, &town, id).await, DRAFTED);

    let author = town.actor(&store, "author").await;
    let draft = write(&store, &author, id, &canary("一")).await;
    write(&store, &author, id, &canary("二")).await;
    assert_eq!(town.readers(&store, &canary("一")).await, OWN);
    assert_eq!(town.readers(&store, &canary("二")).await, OWN);

    step(&store, &town, id, "author", Move::Submit, 10).await;
    assert_eq!(town.readers(&store, &canary("二")).await, FOLLOWING);
    step(&store, &town, id, "section head", Move::Confirm, 11).await;
    step(&store, &town, id, "division head", Move::Confirm, 12).await;
    let secretariat = town.actor(&store, "secretariat").await;
    let back = Move::SendBack(canary("理由"));
    act(&store, &secretariat, id, back, Some(("narrative", &canary("指摘"))), at(13)).await.unwrap();
    for words in ["理由", "指摘"] {
        assert_eq!(town.readers(&store, &canary(words)).await, FOLLOWING, "{words}");
    }
    for (name, rating) in [("secretariat", Some("B")), ("headquarters", None)] {
        let lines = store.lines(&town.actor(&store, name).await, town.year).await.unwrap();
        assert_eq!(
            lines.into_iter().find(|line| line.entry == id).unwrap().rating.as_deref(),
            rating,
            "{name}"
        );
    }
    let messages = place.ask("select kind || ' ' || account_id || ' ' || entry_id from outbox").await;
    assert_eq!(messages, [format!("sent_back {} {id}", author.user)]);

    write(&store, &author, id, &canary("三")).await;
    let entry = store.entry(&author, id).await.unwrap().unwrap();
    assert_eq!(narrative(&entry.returned.unwrap().content), canary("二"));
    assert_eq!(narrative(&entry.record.unwrap().content), canary("二"));
    step(&store, &town, id, "author", Move::Submit, 20).await;
    let line = town.line(&store, "m-0018", "期末", "保険年金課").await;
    let again = store.resubmitted(&secretariat, &[&line]).await.unwrap().remove(0);
    assert_eq!([narrative(&again.before), narrative(&again.now)], [canary("二"), canary("三")]);
    let viewer = town.actor(&store, "viewer").await;
    let lines = store.lines(&viewer, town.year).await.unwrap();
    assert_eq!(store.resubmitted(&viewer, &lines.iter().collect::<Vec<_>>()).await.unwrap(), []);
    step(&store, &town, id, "section head", Move::Confirm, 21).await;
    step(&store, &town, id, "division head", Move::Confirm, 22).await;
    step(&store, &town, id, "secretariat", Move::Receive, 23).await;
    let reading = [&FOLLOWING[..], &["headquarters", "viewer"]].concat();
    assert_eq!(town.readers(&store, &canary("三")).await, sorted(&reading));
    assert_eq!(town.readers(&store, &canary("二")).await, FOLLOWING, "what was sent back is not an outcome");
    assert_eq!(town.readers(&store, &canary("指摘")).await, FOLLOWING);
    step(&store, &town, id, "secretariat", Move::Fix, 24).await;
    assert_eq!(sights(&store, &town, id).await, FIXED);
    assert_eq!(town.readers(&store, &canary("三")).await, sorted(&[&reading[..], &["committee"]].concat()));
    assert_eq!(town.readers(&store, &canary("一")).await, OWN, "a text that was never submitted");
    let supporter = town.actor(&store, "supporter").await;
    let entry = store.entry(&supporter, id).await.unwrap().unwrap();
    assert_eq!(store.revision(&entry, draft).await.unwrap(), None);

    holds_and_dumps(&store, &town, &canary("三")).await;
    step(&store, &town, id, "secretariat", Move::Reopen(canary("再開")), 30).await;
    assert_eq!(town.readers(&store, &canary("再開")).await, FOLLOWING);
    write(&store, &author, id, &canary("四")).await;
    holds_and_dumps(&store, &town, &canary("三")).await;
    let others = act(&store, &supporter, id, Move::Submit, None, at(31)).await;
    assert!(others.is_err(), "a supporter submits nothing");
    step(&store, &town, id, "author", Move::Submit, 32).await;
    holds_and_dumps(&store, &town, &canary("四")).await;

    let kinds: Vec<String> =
        store.events_of(&author, &entry).await.unwrap().into_iter().map(|event| event.kind).collect();
    let expected = "saved saved submitted confirmed confirmed sent_back saved submitted confirmed confirmed received \
                    fixed reopened saved submitted";
    assert_eq!(kinds.join(" "), expected, "one event a change");
    assert_eq!(store.head(town.id).await.unwrap(), 2 + 1 + 15);
}

/// What everybody sees of an entry that its department writes, in alphabetical order.
const DRAFTED: [&str; 11] = [
    "administrator: none",
    "author: Draft",
    "co-lead: Record",
    "committee: none",
    "division head: Draft",
    "headquarters: Outline",
    "secretariat: Record",
    "section head: Draft",
    "stranger: none",
    "supporter: Record",
    "viewer: Outline",
];

const FIXED: [&str; 11] = [
    "administrator: none",
    "author: Draft",
    "co-lead: Record",
    "committee: Record",
    "division head: Draft",
    "headquarters: Record",
    "secretariat: Record",
    "section head: Draft",
    "stranger: none",
    "supporter: Record",
    "viewer: Record",
];

/// What everybody sees of an entry, by its id and in the list: never two different things.
async fn sights(store: &Store, town: &Town, id: EntryId) -> Vec<String> {
    let mut sights = Vec::new();
    for actor in town.everybody(store).await {
        let sight = store.entry(&actor, id).await.unwrap().map(|entry| entry.sight);
        let lines = store.lines(&actor, town.year).await.unwrap();
        assert_eq!(lines.iter().find(|line| line.entry == id).map(|line| line.sight), sight);
        assert_ne!(sight, Some(Sight::Nothing));
        sights.push(format!(
            "{}: {}",
            actor.name,
            sight.map_or("none".to_owned(), |sight| format!("{sight:?}"))
        ));
    }
    sights
}

async fn step(store: &Store, town: &Town, id: EntryId, name: &str, step: Move, second: i64) {
    let actor = town.actor(store, name).await;
    let state = act(store, &actor, id, step, None, at(second)).await.unwrap();
    let entry = store.entry(&actor, id).await.unwrap().unwrap();
    assert_eq!(entry.state, state);
    let line =
        store.lines(&actor, town.year).await.unwrap().into_iter().find(|line| line.entry == id).unwrap();
    let rating = entry.record.as_ref().and_then(|record| record.content.rating().map(str::to_owned));
    assert_eq!((line.state, line.version, line.rating), (state, entry.version, rating));
}

fn narrative(content: &Content) -> String {
    content.texts().iter().find(|(code, _)| *code == "narrative").unwrap().1.to_owned()
}

fn sorted(names: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    names.sort();
    names
}

/// The chain holds, and the document is the one that was loaded with this answer more.
async fn holds_and_dumps(store: &Store, town: &Town, words: &str) {
    store.verify(town.id).await.unwrap().unwrap();
    let mut expected = town.document.clone();
    let sheet = expected.sheets.iter_mut().find(|sheet| sheet.id.as_deref() == Some("m-0018")).unwrap();
    sheet.responses.push(kaikaku_domain::sheet::Response {
        department: "保険年金課".to_owned(),
        period: "期末".to_owned(),
        rating: Some("B".to_owned()),
        narrative: Some(words.to_owned()),
    });
    let dumped = store.dump(town.id, town.year, &form()).await.unwrap().unwrap();
    assert_eq!(dumped.to_json(), expected.to_json());
}

async fn of_two_who_write_at_once_neither_loses_a_word(place: Place) {
    let store = place.record().await;
    let town = Town::found(&store, "992011", "汐見市").await;
    let id = town.entry(&store).await;
    let (author, head) = (town.actor(&store, "author").await, town.actor(&store, "section head").await);
    let base = write(&store, &author, id, "土台").await;
    let seen = store.entry(&head, id).await.unwrap().unwrap().version;
    write(&store, &author, id, "先に保存").await;

    let late = |words: &str| report_content("A", words);
    let writing = |content| Writing { entry: id, seen, base: Some(base), content, at: at(7) };
    let content = late(&canary("後から"));
    let Saved::Waits { conflict } = save(&store, &head, writing(&content)).await.unwrap() else {
        panic!("a stale text was saved over another")
    };
    let content = late(&canary("その続き"));
    assert_eq!(save(&store, &head, writing(&content)).await.unwrap(), Saved::Waits { conflict });
    assert_eq!(store.waiting_conflicts(&head).await.unwrap(), [(conflict, id)]);
    assert_eq!(store.waiting_conflicts(&author).await.unwrap(), []);

    let page = store.entry(&head, id).await.unwrap().unwrap();
    let found = store.conflict(&head, &page, conflict).await.unwrap().unwrap();
    assert_eq!(narrative(&found.base.unwrap().content), "土台");
    assert_eq!(narrative(&found.mine.content), canary("その続き"));
    assert_eq!(narrative(&page.draft.as_ref().unwrap().content), "先に保存");
    assert!(!found.is_resolved);
    let authors = store.entry(&author, id).await.unwrap().unwrap();
    assert_eq!(store.conflict(&author, &authors, conflict).await.unwrap(), None, "another's conflict");
    // What was set aside first is in the history still.
    assert_eq!(town.readers(&store, &canary("後から")).await, OWN);

    let mut change = store.change(town.id).await.unwrap();
    assert_eq!(change.draft_at(id, seen).await.unwrap(), Some(base), "what the stale page was made from");
    assert_eq!(change.draft_at(id, seen + 1).await.unwrap(), page.draft.map(|text| text.id));
    assert_eq!(change.draft_at(id, 0).await.unwrap(), None, "nothing was loaded for it");
    change.resolve_conflict(conflict, at(9)).await.unwrap();
    let again = change.resolve_conflict(conflict, at(9)).await;
    assert!(matches!(again, Err(StoreError::Missing)), "{again:?}");
    assert!(change.waiting_conflict(id, head.user).await.unwrap().is_none());
    assert!(matches!(change.commit().await, Err(StoreError::Unnoted)), "a decision without an event is none");
    assert_eq!(store.waiting_conflicts(&head).await.unwrap(), [(conflict, id)]);
    store.verify(town.id).await.unwrap().unwrap();
}

async fn nothing_crosses_from_one_town_to_another(place: Place) {
    let store = place.record().await;
    let town = Town::found(&store, "992011", "汐見市").await;
    let other = Town::found(&store, "992029", "汐見市の隣の市").await;
    let id = town.entry(&store).await;
    let author = town.actor(&store, "author").await;
    write(&store, &author, id, &canary("こちら")).await;
    let step = act(&store, &author, id, Move::Submit, None, at(1)).await.unwrap();
    assert!(matches!(step, State::Submitted { .. }));

    let every_entry: Vec<EntryId> = (1..600).map(EntryId::new).collect();
    let years = [town.before, town.year, other.before, other.year];
    let mut found = 0;
    for stranger in other.everybody(&store).await {
        assert!(!everything(&store, &stranger, &years, &every_entry).await.contains(&canary("こちら")));
        assert_eq!(store.entry(&stranger, id).await.unwrap(), None);
        assert_eq!(store.lines(&stranger, town.year).await.unwrap(), []);
        found += store.lines(&stranger, other.year).await.unwrap().len();
    }
    assert!(found > 0, "their own is found");
    assert_eq!(store.year(other.id, town.year).await.unwrap(), None);
    assert_eq!(store.dump(other.id, town.year, &form()).await.unwrap(), None);
    assert_eq!(store.account_of(other.id, author.user).await.unwrap(), None);
    assert_eq!(store.assignments(other.id, author.user).await.unwrap(), []);

    let stranger = other.actor(&store, "secretariat").await;
    let mut change = store.change(other.id).await.unwrap();
    assert_eq!(change.standing(id).await.unwrap(), None);
    let content = report_content("D", "よそから");
    let new =
        kaikaku_store::NewRevision { base: None, content: &content, by: Some(stranger.user), at: at(2) };
    assert!(matches!(change.keep(id, new).await, Err(StoreError::Missing)));
    let version = store.entry(&author, id).await.unwrap().unwrap().version;
    let moved = change.set_state((id, version), &State::NEW, stranger.user, at(2)).await;
    assert!(matches!(moved, Err(StoreError::Missing)), "{moved:?}");
    assert!(matches!(change.set_record(id, &content).await, Err(StoreError::Missing)));
    assert!(matches!(
        change.comment(id, None, "よそから", false, (stranger.user, at(2))).await,
        Err(StoreError::Missing)
    ));
    assert!(matches!(change.set_disabled(author.user, Some(at(2))).await, Err(StoreError::Missing)));
    drop(change);
    for town in [&town, &other] {
        store.verify(town.id).await.unwrap().unwrap();
    }
    assert_eq!(store.head(town.id).await.unwrap(), store.head(other.id).await.unwrap() + 2);
}
