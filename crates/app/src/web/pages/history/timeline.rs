//! Versions and events as one list, newest first.

use std::collections::{BTreeSet, HashMap};

use kaikaku_domain::id::{RevisionId, UserId};
use kaikaku_domain::submission::label;
use kaikaku_domain::workflow::{Sight, State};
use kaikaku_domain::{Form, Moment};
use kaikaku_store::{Entry, Event, RevisionLine};
use serde_json::Value;

use crate::web::print;

/// One thing that happened to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Happening {
    at: Moment,
    /// `4月6日 9:58`
    pub(super) when: String,
    pub(super) who: String,
    /// The code and the word of what happened; no code for what leads to no state.
    pub(super) chip: (&'static str, &'static str),
    /// The version that it is about.
    pub(super) version: Option<i64>,
    /// What was said.
    pub(super) about: Vec<String>,
    /// Whether that version is chosen here: once, where it comes up first.
    pub(super) is_choice: bool,
    pub(super) is_from: bool,
    pub(super) is_to: bool,
}

/// Everything that a person may know of, newest first. Of drafts only those hear who may read them.
pub(super) fn happenings(
    entry: &Entry,
    lines: &[RevisionLine],
    events: &[Event],
    (names, form): (&HashMap<UserId, String>, &Form),
    chosen: Option<(&RevisionLine, &RevisionLine)>,
) -> Vec<Happening> {
    let told = events.iter().filter(|event| entry.sight >= Sight::Draft || !is_of_draft(event));
    let mut all: Vec<Happening> =
        told.filter_map(|event| happening(entry, event, lines, (names, form))).collect();
    let versions: BTreeSet<i64> = all.iter().filter_map(|one| one.version).collect();
    let untold = lines.iter().filter(|line| !versions.contains(&line.number));
    all.extend(untold.map(|line| without_event(line, names)));
    all.reverse();
    // Stable: what happened in the same moment stays in the order of the events, latest first.
    all.sort_by_key(|one| std::cmp::Reverse(one.at));
    let mut seen = BTreeSet::new();
    for one in &mut all {
        one.is_choice = one.version.is_some_and(|version| seen.insert(version));
        one.is_from = one.is_choice && chosen.is_some_and(|(from, _)| Some(from.number) == one.version);
        one.is_to = one.is_choice && chosen.is_some_and(|(_, to)| Some(to.number) == one.version);
    }
    all
}

/// Whether an event is about text that was never submitted.
fn is_of_draft(event: &Event) -> bool {
    matches!(event.kind.as_str(), "saved" | "resolved" | "conflicted")
}

fn happening(
    entry: &Entry,
    event: &Event,
    lines: &[RevisionLine],
    (names, form): (&HashMap<UserId, String>, &Form),
) -> Option<Happening> {
    let state = state(entry, event);
    let chip = match (event.kind.as_str(), &state) {
        ("saved", _) => ("draft", "下書き保存"),
        ("resolved", _) => ("draft", "見比べて保存"),
        ("conflicted", _) => ("conflict", "別に残した文章"),
        ("submitted", _) => ("submitted", "提出"),
        ("confirmed", Some(state)) => ("confirmed", state.word()),
        ("withdrawn", _) => ("draft", "取下げ"),
        ("sent_back", _) => ("returned", "差戻し"),
        ("received", _) => ("received", "受付"),
        ("fixed", _) => ("fixed", "確定"),
        ("reopened", _) => ("returned", "再開"),
        ("commented", _) => ("", "コメント"),
        _ => return None,
    };
    let version = revision(entry, event).and_then(|id| lines.iter().find(|line| line.id == id));
    Some(Happening {
        at: event.at,
        when: print::moment(event.at),
        who: who(event, state.as_ref(), names),
        chip,
        version: version.map(|line| line.number),
        about: about(event, state.as_ref(), form),
        is_choice: false,
        is_from: false,
        is_to: false,
    })
}

/// A version that no event tells of, or none that this person may know.
fn without_event(line: &RevisionLine, names: &HashMap<UserId, String>) -> Happening {
    let chip = match line.by {
        None => ("fixed", "読込み"),
        Some(_) if line.was_submitted => ("submitted", "提出"),
        Some(_) => ("draft", "下書き保存"),
    };
    Happening {
        at: line.at,
        when: print::moment(line.at),
        who: line.by.map_or_else(|| "―".to_owned(), |by| name(by, names)),
        chip,
        version: Some(line.number),
        about: Vec::new(),
        is_choice: false,
        is_from: false,
        is_to: false,
    }
}

/// The text that an event is about: the one that it kept or submitted.
fn revision(entry: &Entry, event: &Event) -> Option<RevisionId> {
    match event.kind.as_str() {
        "saved" | "resolved" | "conflicted" => {
            let kept = event.data.get("revisions")?.as_object()?;
            kept.keys().next()?.parse().ok()
        }
        "submitted" => told(entry, event, "record")?.as_i64().map(RevisionId::new),
        _ => None,
    }
}

/// The state to which an event led.
fn state(entry: &Entry, event: &Event) -> Option<State> {
    serde_json::from_value(told(entry, event, "state")?.clone()).ok()
}

/// What an event set at the entry.
fn told<'e>(entry: &Entry, event: &'e Event, member: &str) -> Option<&'e Value> {
    event.data.get("entries")?.get(entry.id.to_string())?.get(member)
}

/// `小林（事務局）`
fn who(event: &Event, state: Option<&State>, names: &HashMap<UserId, String>) -> String {
    let name = event.user.map_or_else(|| "―".to_owned(), |user| name(user, names));
    let role = match (event.kind.as_str(), state) {
        ("sent_back", Some(State::Returned { reviewer, .. })) => Some(reviewer.word()),
        ("received" | "fixed" | "reopened", _) => Some("事務局"),
        _ => None,
    };
    role.map_or(name.clone(), |role| format!("{name}（{role}）"))
}

/// The reason, then the remarks, each with the field that it is about.
fn about(event: &Event, state: Option<&State>, form: &Form) -> Vec<String> {
    let reason = state.and_then(State::reason).map(|reason| reason.text.clone());
    let remarks = event.data.get("remarks").and_then(Value::as_array).into_iter().flatten();
    let said = remarks.chain([&event.data]).filter_map(|said| {
        let body = said.get("body").and_then(Value::as_str)?;
        Some(match said.get("field").and_then(Value::as_str) {
            Some(field) => format!("{}：{body}", label(form, field)),
            None => body.to_owned(),
        })
    });
    reason.into_iter().chain(said).collect()
}

fn name(user: UserId, names: &HashMap<UserId, String>) -> String {
    names.get(&user).cloned().unwrap_or_else(|| "―".to_owned())
}
