//! The authorisation matrix: every route of the router × every person × every state of an entry.
//!
//! What is expected is written down here once more, in other words than the program's, so that a mistake must be made
//! twice to go unseen. A refused request changes nothing and reads as if there were nothing.

use super::town::{PEOPLE, Reply, Town};
use crate::web::routes::{Policy, Route, routes};
use axum::http::Method;
use kaikaku_domain::id::EntryId;

const STATES: [&str; 8] = [
    "draft",
    "submitted",
    "section_confirmed",
    "division_confirmed",
    "received",
    "returned",
    "reopened",
    "fixed",
];

/// What one cell expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// It is done or shown.
    Allowed,
    /// As if there were nothing.
    NotFound,
    /// Sign in first.
    SignIn,
    /// The person could in another state, and is told so.
    Refused,
}

/// Who sees an entry of 市民課 in a state.
fn sees(person: &str, state: &str) -> bool {
    match person {
        "author" | "section_head" | "division_head" | "co_lead" | "supporter" | "secretariat"
        | "headquarters" | "viewer" => true,
        "committee" => state == "fixed",
        _ => false,
    }
}

/// Who makes a move, and in which states it leads on.
fn moves(step: &str) -> (&'static [&'static str], &'static [&'static str]) {
    const DEPARTMENT: &[&str] = &["author", "section_head"];
    const SECRETARIAT: &[&str] = &["secretariat"];
    match step {
        "submitted" => (DEPARTMENT, &["draft", "returned", "reopened"]),
        "withdrawn" => (DEPARTMENT, &["submitted", "section_confirmed", "division_confirmed"]),
        "confirmed" => (&["section_head", "division_head"], &["submitted", "section_confirmed"]),
        "sent_back" => (
            &["section_head", "division_head", "secretariat"],
            &["submitted", "section_confirmed", "division_confirmed", "received"],
        ),
        "received" => (SECRETARIAT, &["division_confirmed"]),
        "fixed" => (SECRETARIAT, &["received"]),
        "reopened" => (SECRETARIAT, &["fixed"]),
        other => panic!("the move {other} is not in the matrix"),
    }
}

/// A head makes a move only while the entry waits for the head's own confirmation.
fn is_in_turn(person: &str, step: &str, state: &str) -> bool {
    match (person, step) {
        ("section_head", "confirmed" | "sent_back") => state == "submitted",
        ("division_head", "confirmed" | "sent_back") => state == "section_confirmed",
        _ => true,
    }
}

fn expect(route: &Route, person: &str, state: &str) -> Expect {
    let is_nobody = person == "nobody";
    let entry_is_seen = sees(person, state);
    let found = |may: bool| if may { Expect::Allowed } else { Expect::NotFound };
    match route.policy {
        Policy::Public if route.path == "/" && is_nobody => Expect::SignIn,
        Policy::Public => Expect::Allowed,
        Policy::Demo => Expect::NotFound,
        _ if is_nobody => Expect::SignIn,
        Policy::HalfSignedIn | Policy::SignedIn => Expect::Allowed,
        Policy::Reader => found(person != "administrator"),
        Policy::Reviewer => {
            let heads = ["section_head", "division_head", "secretariat", "foreign_secretariat"];
            found(heads.contains(&person))
        }
        Policy::Read if route.path.contains("/preview/") => {
            // A page of the text: those who may read the text.
            let reads_record = state == "received" || state == "fixed";
            let may = match person {
                "author" | "section_head" | "division_head" => true,
                // Nothing has been submitted in a first draft.
                "co_lead" | "supporter" | "secretariat" => state != "draft",
                "headquarters" | "viewer" => reads_record,
                "committee" => state == "fixed",
                _ => false,
            };
            found(may)
        }
        Policy::Read => found(entry_is_seen),
        Policy::Write => match (person, state) {
            ("author" | "section_head", "draft" | "returned" | "reopened") => Expect::Allowed,
            ("author" | "section_head", _) => Expect::Refused,
            _ => Expect::NotFound,
        },
        // The conflict is the section head's own, and read as long as the head reads drafts.
        Policy::Conflict if route.method == Method::GET => found(person == "section_head"),
        Policy::Conflict => match (person, state) {
            ("section_head", "draft" | "returned" | "reopened") => Expect::Allowed,
            ("section_head", _) => Expect::Refused,
            _ => Expect::NotFound,
        },
        Policy::Comment => {
            let follows = ["author", "section_head", "division_head", "co_lead", "supporter", "secretariat"]
                .contains(&person);
            found(follows)
        }
        Policy::Move(step) => {
            let (people, states) = moves(step);
            match (people.contains(&person), states.contains(&state) && is_in_turn(person, step, state)) {
                (false, _) => Expect::NotFound,
                (true, true) => Expect::Allowed,
                (true, false) => Expect::Refused,
            }
        }
    }
}

/// What came back, in the matrix' words.
fn came(reply: &Reply) -> Expect {
    match reply.status {
        404 => Expect::NotFound,
        303 if reply.location.starts_with("/session/new") => Expect::SignIn,
        200 | 303 => Expect::Allowed,
        // A form of another page that lacks its fields is answered, so its person may ask.
        422 | 401 => Expect::Allowed,
        _ => Expect::Refused,
    }
}

/// One entry in a state with everything that its routes need.
struct Subject {
    entry: EntryId,
    seen: String,
    conflict: String,
}

async fn subject(town: &Town, entry: EntryId, state: &str) -> Subject {
    // The section head saves a stale text first, so that a conflict waits in every state.
    town.write(entry, "先に保存した文章。").await;
    let path = format!("/entries/{entry}/draft");
    let stale = [("seen", "0"), ("rating", "A"), ("narrative", "後から保存した文章。")];
    let conflict = town.post("section_head", &path, &stale).await.location;
    let conflict = conflict.rsplit('/').next().unwrap().to_owned();
    town.bring(entry, state).await;
    let seen = town.found("author", entry).await.entry.version.to_string();
    Subject { entry, seen, conflict }
}

async fn ask(town: &Town, route: &Route, person: &str, subject: &Subject) -> Reply {
    let path = route
        .path
        .replace("{id}", &subject.entry.to_string())
        .replace("{conflict}", &subject.conflict)
        .replace("{page}", "1")
        .replace("{name}", town.app_asset());
    if route.method == Method::GET {
        return town.get(person, &path).await;
    }
    let fields = [
        ("seen", subject.seen.as_str()),
        ("rating", "B"),
        ("narrative", "数値を書き足した。"),
        ("reason", "根拠を示してください。"),
        ("body", "確かめました。"),
        ("acknowledged", "1"),
        ("choice.rating", "mine"),
        ("choice.narrative", "mine"),
    ];
    town.post(person, &path, &fields).await
}

impl Town {
    fn app_asset(&self) -> &'static str {
        static NAME: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
            crate::web::assets::address("kaikaku.css").trim_start_matches("/assets/").to_owned()
        });
        &NAME
    }
}

/// Routes whose allowed use ends or changes the session that asks: they have tests of their own.
fn spoils_the_session(route: &Route) -> bool {
    matches!(
        route.path,
        "/session/end" | "/account/password" | "/account/second-factor" | "/account/second-factor/removal"
    ) && route.method == Method::POST
}

#[tokio::test]
async fn everyone_may_do_what_is_theirs_in_every_state_and_nothing_else() {
    let town = Town::new(400).await;
    let mut entries = town.entries().await.into_iter();
    let people = PEOPLE.iter().copied().chain(["nobody"]);
    let people: Vec<&str> = people.collect();
    let mut cells = 0;
    let mut wrong = Vec::new();
    for state in STATES {
        let mut subject_now = subject(&town, entries.next().unwrap(), state).await;
        for route in routes() {
            for person in &people {
                cells += 1;
                let expect = expect(&route, person, state);
                if expect == Expect::Allowed && spoils_the_session(&route) {
                    continue;
                }
                let before = town.app.store.head(town.id).await.unwrap();
                let reply = ask(&town, &route, person, &subject_now).await;
                let after = town.app.store.head(town.id).await.unwrap();
                if came(&reply) != expect {
                    wrong.push(format!(
                        "{state} {person} {} {}: {} instead of {expect:?}",
                        route.method, route.path, reply.status
                    ));
                }
                if after != before {
                    if expect != Expect::Allowed && route.policy != Policy::Write {
                        wrong.push(format!(
                            "{state} {person} {} {}: it changed the record",
                            route.method, route.path
                        ));
                    }
                    subject_now = subject(&town, entries.next().unwrap(), state).await;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cells >= 3000, "{cells} cells");
}

#[tokio::test]
async fn what_one_may_not_see_reads_like_what_is_not_there() {
    let town = Town::new(1).await;
    let entry = town.entries().await[0];
    town.bring(entry, "submitted").await;
    for person in ["stranger", "foreign_secretariat", "committee", "administrator"] {
        let hidden = town.get(person, &format!("/entries/{entry}")).await;
        let missing = town.get(person, "/entries/999999").await;
        assert_eq!((hidden.status, &hidden.text), (missing.status, &missing.text), "{person}");
        let odd = town.get(person, "/entries/%E3%81%82").await;
        assert_eq!((odd.status, &odd.text), (missing.status, &missing.text), "{person}");
    }
}

#[tokio::test]
async fn a_form_without_the_sessions_token_changes_nothing() {
    let town = Town::new(1).await;
    let entry = town.entries().await[0];
    let before = town.app.store.head(town.id).await.unwrap();
    for route in routes().iter().filter(|route| route.method == Method::POST && route.path != "/session") {
        let path = route.path.replace("{id}", &entry.to_string()).replace("{conflict}", "1");
        for csrf in ["", "csrf=wrong", &format!("csrf={}", town.csrf("secretariat"))] {
            let reply =
                town.ask("author", Method::POST, &path, format!("{csrf}&seen=0&narrative=a"), false).await;
            assert!(matches!(reply.status, 403 | 404), "{path} {csrf}: {}", reply.status);
        }
    }
    assert_eq!(town.app.store.head(town.id).await.unwrap(), before);
}
