//! What an event tells of texts and entries, so that the record can be held against its chain.
//!
//! In the data of an event: `"revisions": {"7": {"entry": 5, "sha256": "…"}}` for the texts that it kept, and
//! `"entries": {"5": {"draft": 7, "record": 7, "returned": 3, "state": {…}}}` for what it set at entries.

use std::collections::BTreeMap;

use kaikaku_domain::id::EntryId;
use serde_json::{Map, Value, json};

use crate::chain::{Broken, Event, digest};

const REVISIONS: &str = "revisions";
const ENTRIES: &str = "entries";

/// What the next event must tell.
#[derive(Debug, Default)]
pub(crate) struct Told {
    revisions: Map<String, Value>,
    entries: Map<String, Value>,
}

impl Told {
    /// A text was kept.
    pub(crate) fn revision(&mut self, id: i64, entry: EntryId, sha256: &str) {
        self.revisions.insert(id.to_string(), json!({ "entry": entry, "sha256": sha256 }));
    }

    /// A member of an entry was set.
    pub(crate) fn entry(&mut self, entry: EntryId, member: &str, value: impl Into<Value>) {
        let members = self.entries.entry(entry.to_string()).or_insert_with(|| Value::Object(Map::new()));
        if let Some(members) = members.as_object_mut() {
            members.insert(member.to_owned(), value.into());
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.revisions.is_empty() && self.entries.is_empty()
    }

    /// The data of an event with what it must tell.
    pub(crate) fn into_data(self, data: Value) -> Value {
        let mut data = match data {
            Value::Object(members) => members,
            Value::Null => Map::new(),
            other => Map::from_iter([("data".to_owned(), other)]),
        };
        for (name, list) in [(REVISIONS, self.revisions), (ENTRIES, self.entries)] {
            data.shift_remove(name);
            if !list.is_empty() {
                data.insert(name.to_owned(), Value::Object(list));
            }
        }
        Value::Object(data)
    }
}

/// A text as it is kept.
pub(crate) struct RevisionRow {
    id: i64,
    entry_id: i64,
    content: String,
    sha256: String,
}

crate::row::row!(RevisionRow { id, entry_id, content, sha256 });

/// An entry as it is kept.
pub(crate) struct EntryRow {
    id: i64,
    state: String,
    state_data: String,
    draft_id: Option<i64>,
    record_id: Option<i64>,
    returned_id: Option<i64>,
    rating: Option<String>,
    pub(crate) last_seq: Option<i64>,
}

crate::row::row!(EntryRow { id, state, state_data, draft_id, record_id, returned_id, rating, last_seq });

/// Where an entry should be, with the last event that told of it.
#[derive(Default)]
struct Standing<'a> {
    seq: i64,
    members: BTreeMap<&'a str, &'a Value>,
}

/// Whether texts and entries are what the events say; names the first event that they contradict.
pub(crate) fn agrees(
    events: &[Event],
    last_of: &BTreeMap<Option<i64>, i64>,
    revisions: &[RevisionRow],
    entries: &[EntryRow],
) -> Result<(), Broken> {
    let mut untold: BTreeMap<i64, &RevisionRow> = revisions.iter().map(|row| (row.id, row)).collect();
    let mut standings: BTreeMap<i64, Standing<'_>> = BTreeMap::new();
    for event in events {
        for (id, told) in list(&event.data, REVISIONS) {
            if !untold.remove(&id).is_some_and(|row| row.is_as(told)) {
                return Err(Broken::Revision { seq: event.seq, revision: id });
            }
        }
        for (entry, told) in list(&event.data, ENTRIES) {
            let standing = standings.entry(entry).or_default();
            standing.seq = event.seq;
            standing
                .members
                .extend(told.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value)));
        }
    }
    if let Some((id, row)) = untold.first_key_value() {
        return Err(Broken::Unaccounted { entry: row.entry_id, revision: *id });
    }
    let contents: BTreeMap<i64, &RevisionRow> = revisions.iter().map(|row| (row.id, row)).collect();
    for row in entries {
        let standing = standings.remove(&row.id).unwrap_or_default();
        let last = last_of.get(&Some(row.id)).copied();
        if !row.is_at(&standing)
            || row.last_seq != last
            || !row.shows_rating_of(row.record_id.and_then(|id| contents.get(&id).copied()))
        {
            return Err(Broken::State { entry: row.id, seq: standing.seq });
        }
    }
    match standings.first_key_value() {
        Some((entry, standing)) => Err(Broken::State { entry: *entry, seq: standing.seq }),
        None => Ok(()),
    }
}

fn list<'v>(data: &'v Value, name: &str) -> impl Iterator<Item = (i64, &'v Value)> {
    let members = data.get(name).and_then(Value::as_object).into_iter().flatten();
    members.filter_map(|(id, value)| Some((id.parse().ok()?, value)))
}

impl RevisionRow {
    fn is_as(&self, told: &Value) -> bool {
        let sha256 = digest(&self.content);
        sha256 == self.sha256
            && told.get("sha256").and_then(Value::as_str) == Some(&sha256)
            && told.get("entry").and_then(Value::as_i64) == Some(self.entry_id)
    }
}

impl EntryRow {
    fn is_at(&self, standing: &Standing<'_>) -> bool {
        let told = |name: &str| standing.members.get(name).copied();
        let state = serde_json::from_str::<Value>(&self.state_data).ok();
        let code = state
            .clone()
            .and_then(|state| serde_json::from_value::<kaikaku_domain::workflow::State>(state).ok());
        state.is_some()
            && told("state") == state.as_ref()
            && code.is_some_and(|state| state.code() == self.state)
            && [("draft", self.draft_id), ("record", self.record_id), ("returned", self.returned_id)]
                .into_iter()
                .all(|(name, id)| told(name).and_then(Value::as_i64) == id)
    }

    /// The lists show a rating without opening the text that it is from.
    fn shows_rating_of(&self, record: Option<&RevisionRow>) -> bool {
        let content =
            record.and_then(|row| serde_json::from_str::<kaikaku_domain::entry::Content>(&row.content).ok());
        content.as_ref().and_then(kaikaku_domain::entry::Content::rating) == self.rating.as_deref()
    }
}
