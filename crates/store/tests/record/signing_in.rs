//! Sessions, second factors and counted attempts: what is kept beside the chain.

use kaikaku_domain::Moment;
use kaikaku_domain::id::UserId;
use kaikaku_store::{NewEvent, NewSession, Remembered, Stage, Store};
use serde_json::{Value, json};

use crate::support::{Place, Town, at, on_both};

on_both!(
    a_session_begins_is_seen_and_ends,
    a_closed_account_has_no_session_and_gets_none_back,
    a_code_of_the_second_factor_opens_one_session,
    attempts_at_once_are_all_counted_and_later_forgotten,
);

async fn a_session_begins_is_seen_and_ends(place: Place) {
    let store = place.record().await;
    let town = Town::found(&store, "992011", "汐見市").await;
    let user = town.user("author");
    assert!(store.open_session(session(&town, "1", Stage::Code)).await.unwrap());
    let second = NewSession { instead_of: Some("1"), ..session(&town, "2", Stage::Full) };
    assert!(store.open_session(second).await.unwrap());
    store.see_session("2", at(60)).await.unwrap();
    let found = store.session("2").await.unwrap().unwrap();
    assert_eq!((found.municipality, found.user, found.stage), (town.id, user, Stage::Full));
    assert_eq!((found.created_at, found.seen_at, found.ended_at, found.head), (at(0), at(60), None, 3));
    let before = store.session("1").await.unwrap().unwrap();
    assert_eq!((before.stage, before.ended_at), (Stage::Code, Some(at(0))), "its place was taken");
    assert_eq!(store.session("3").await.unwrap(), None);

    store.end_session("2", at(61)).await.unwrap();
    store.end_session("2", at(99)).await.unwrap();
    store.see_session("2", at(99)).await.unwrap();
    let ended = store.session("2").await.unwrap().unwrap();
    assert_eq!((ended.seen_at, ended.ended_at), (at(60), Some(at(61))));
    store.forget_sessions(at(0)).await.unwrap();
    assert!(store.session("2").await.unwrap().is_some());
    store.forget_sessions(at(1)).await.unwrap();
    assert_eq!(store.session("2").await.unwrap(), None);
    store.verify(town.id).await.unwrap().unwrap();
}

async fn a_closed_account_has_no_session_and_gets_none_back(place: Place) {
    let store = place.record().await;
    let town = Town::found(&store, "992011", "汐見市").await;
    let user = town.user("author");
    for digest in ["1", "2"] {
        assert!(store.open_session(session(&town, digest, Stage::Full)).await.unwrap());
    }
    let mut change = store.change(town.id).await.unwrap();
    change.end_sessions(user, Some("2"), at(50)).await.unwrap();
    noted(change, user).await;
    assert_eq!(ended(&store, "1").await, Some(at(50)));
    assert_eq!(ended(&store, "2").await, None, "the session in which one changes one's password");
    for disabled in [Some(at(70)), None] {
        let mut change = store.change(town.id).await.unwrap();
        change.set_disabled(user, disabled).await.unwrap();
        noted(change, user).await;
        assert_eq!(ended(&store, "2").await, Some(at(70)), "an account that is opened again signs in anew");
        let opens = store.open_session(session(&town, &format!("{disabled:?}"), Stage::Full)).await.unwrap();
        assert_eq!(opens, disabled.is_none());
    }
}

async fn a_code_of_the_second_factor_opens_one_session(place: Place) {
    let store = place.record().await;
    let town = Town::found(&store, "992011", "汐見市").await;
    let user = town.user("author");
    let (before, after) = (json!({ "secret": "x", "step": 1 }), json!({ "secret": "x", "step": 2 }));
    let mut change = store.change(town.id).await.unwrap();
    change.set_second_factor(user, Some(&before)).await.unwrap();
    noted(change, user).await;
    let with = |digest| NewSession { factor: Some((&before, &after)), ..session(&town, digest, Stage::Full) };
    let (one, other) = tokio::join!(store.open_session(with("1")), store.open_session(with("2")));
    assert!(one.unwrap() != other.unwrap(), "one code, one session");
    let open = [store.session("1").await.unwrap(), store.session("2").await.unwrap()];
    assert_eq!(open.iter().flatten().count(), 1);
    assert_eq!(store.account_of(town.id, user).await.unwrap().unwrap().second_factor, Some(after));
}

async fn attempts_at_once_are_all_counted_and_later_forgotten(place: Place) {
    let (store, other) = (place.record().await, place.open().await);
    let keys = ["家".to_owned(), "庁舎".to_owned()];
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let (store, keys) = (if number % 2 == 0 { store.clone() } else { other.clone() }, keys.clone());
            tokio::spawn(async move { store.recount(&keys, at(0), count).await.unwrap() })
        })
        .collect();
    let mut counted = Vec::new();
    for task in tasks {
        counted.push(task.await.unwrap()[0]);
    }
    counted.sort_unstable();
    assert_eq!(counted, (1..=40).collect::<Vec<_>>());
    store.forget_attempts(at(15)).await.unwrap();
    assert_eq!(
        store.failures(&keys).await.unwrap(),
        [None, Some("40".to_owned())],
        "what is old is forgotten"
    );
    assert_eq!(store.recount(&keys, at(15), count).await.unwrap(), [1, 41]);
}

/// One attempt more under each of two keys, the first of which is kept for the shorter time.
fn count(states: &[Option<String>]) -> (Vec<Remembered>, Vec<i64>) {
    let before = |state: &Option<String>| state.as_deref().map_or(0, |state| state.parse().unwrap());
    let counts: Vec<i64> = states.iter().map(|state| before(state) + 1).collect();
    let remembered = |(count, until): (&i64, Moment)| Remembered { state: count.to_string(), until };
    (counts.iter().zip([at(10), at(20)]).map(remembered).collect(), counts)
}

fn session<'a>(town: &Town, digest: &'a str, stage: Stage) -> NewSession<'a> {
    let user = town.user("author");
    NewSession { digest, municipality: town.id, user, stage, at: at(0), instead_of: None, factor: None }
}

async fn ended(store: &Store, digest: &str) -> Option<Moment> {
    store.session(digest).await.unwrap().unwrap().ended_at
}

async fn noted(mut change: kaikaku_store::Change, user: UserId) {
    let (kind, data) = ("account_changed", Value::Null);
    change.note(NewEvent { at: at(70), user: Some(user), kind, entry: None, data }).await.unwrap();
    change.commit().await.unwrap();
}
