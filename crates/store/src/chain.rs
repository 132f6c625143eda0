//! Events: one for every change, each hashed together with all before it, so that a changed past is found.

use std::collections::BTreeMap;

use kaikaku_domain::Moment;
use kaikaku_domain::id::{EntryId, MunicipalityId, UserId};
use kaikaku_domain::person::Actor;
use kaikaku_domain::text::hex;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::database::Store;
use crate::row::binds;
use crate::told::{EntryRow, RevisionRow, agrees};
use crate::{Entry, StoreError};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Counted from 1 within the municipality.
    pub seq: i64,
    /// When.
    pub at: Moment,
    /// Who; none for the program itself.
    pub user: Option<UserId>,
    /// What, in the past tense: `saved`, `submitted`, `sent_back`.
    pub kind: String,
    /// The entry that it happened to.
    pub entry: Option<EntryId>,
    /// What belongs to it.
    pub data: Value,
    /// The digest of all before it and of itself, in hexadecimal.
    pub hash: String,
}

/// Something that is about to be noted.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// When.
    pub at: Moment,
    /// Who; none for the program itself.
    pub user: Option<UserId>,
    /// What, in the past tense.
    pub kind: &'a str,
    /// The entry that it happens to.
    pub entry: Option<EntryId>,
    /// What belongs to it.
    pub data: Value,
}

/// The first thing in a chain that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An event is missing, or one was put in.
    #[error("{expected}番の事象がありません（次にあるのは{found}番です）")]
    Gap {
        /// The number that should come.
        expected: i64,
        /// The number that comes.
        found: i64,
    },
    /// An event is not what its digest was made from.
    #[error("{0}番の事象の内容が、記録されたときと違います")]
    Changed(i64),
    /// The last event is not the one that a town or an entry names as its last.
    #[error("最後の事象は{head}番のはずですが、{found}番までしかありません")]
    Cut {
        /// The number that is named.
        head: i64,
        /// The last number that is there.
        found: i64,
    },
    /// The last event that is about no entry is not the one that the town names.
    #[error("調書によらない最後の事象（{0}番）が、記録された最後の事象と違います")]
    Town(i64),
    /// A text is not the one that an event tells of.
    #[error("{seq}番の事象で保存された文章（版{revision}）が、記録されたときと違うか、失われています")]
    Revision {
        /// The event.
        seq: i64,
        /// The revision's id.
        revision: i64,
    },
    /// An entry stands elsewhere than its events led it, or shows another text.
    #[error("調書の記入（番号{entry}）の状態か文章が、事象の記録（最後は{seq}番）と違うか、失われています")]
    State {
        /// The entry.
        entry: i64,
        /// Its last event.
        seq: i64,
    },
    /// A text is there that no event tells of.
    #[error("調書の記入（番号{entry}）に、事象の記録にない文章（版{revision}）があります")]
    Unaccounted {
        /// The entry.
        entry: i64,
        /// The revision's id.
        revision: i64,
    },
}

/// A chain that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many events it has.
    pub events: i64,
    /// The digest of the last: noted on paper, it proves later that nothing was cut off.
    pub head: String,
}

/// The SHA-256 of a text in hexadecimal.
pub fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// An event as it goes into the chain.
pub(crate) struct Link<'a> {
    pub(crate) seq: i64,
    pub(crate) at: &'a str,
    pub(crate) user: Option<i64>,
    pub(crate) kind: &'a str,
    pub(crate) entry: Option<i64>,
    pub(crate) data: &'a str,
}

impl Link<'_> {
    /// Its digest after another: every member with its length, so that no two events can look alike.
    pub(crate) fn hash(&self, before: &str) -> String {
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let (seq, user, entry) = (self.seq.to_string(), number(self.user), number(self.entry));
        let mut hasher = Sha256::new();
        for part in [before, &seq, self.at, &user, self.kind, &entry, self.data] {
            hasher.update(part.len().to_string().as_bytes());
            hasher.update(b":");
            hasher.update(part.as_bytes());
        }
        hex(&hasher.finalize())
    }
}

/// The events of an entry of a municipality, oldest first, as they lead back from its last one.
pub(crate) const EVENTS_OF_ENTRY: &str = "
    with recursive own as (
        select event.* from event join entry on entry.last_seq = event.seq
        where event.municipality_id = $1 and entry.municipality_id = $1 and entry.id = $2
        union all
        select event.* from own join event on event.seq = own.before_seq and event.seq < own.seq
        where event.municipality_id = $1
    )
    select seq, at, account_id, kind, entry_id, before_seq, data, hash from own order by seq";

/// An event as it is kept.
pub(crate) struct EventRow {
    seq: i64,
    at: String,
    user: Option<i64>,
    kind: String,
    entry: Option<i64>,
    /// The event before it at the same entry.
    before: Option<i64>,
    data: String,
    hash: String,
}

crate::row::row!(EventRow { seq, at, user, kind, entry, before, data, hash });

impl EventRow {
    pub(crate) fn into_event(self) -> Result<Event, StoreError> {
        let data = serde_json::from_str(&self.data);
        Ok(Event {
            seq: self.seq,
            at: crate::moment(&self.at)?,
            user: self.user.map(UserId::new),
            kind: self.kind,
            entry: self.entry.map(EntryId::new),
            data: data.map_err(|_| StoreError::Corrupt(format!("event {}", self.seq)))?,
            hash: self.hash,
        })
    }
}

impl Store {
    /// The last event of a municipality: its number, 0 when there is none. Whatever was made from the record before
    /// this number grew is still right while it stands.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn head(&self, municipality: MunicipalityId) -> Result<i64, StoreError> {
        let head: (i64,) = self
            .one(
                "select coalesce(max(seq), 0) from event where municipality_id = $1",
                binds![municipality.number()],
            )
            .await?;
        Ok(head.0)
    }

    /// The events of an entry that was found for a person, oldest first: none for those who read only the outcome.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn events_of(&self, actor: &Actor, entry: &Entry) -> Result<Vec<Event>, StoreError> {
        if !crate::entry::follows(&entry.relations) {
            return Ok(Vec::new());
        }
        let whose = binds![actor.municipality.number(), entry.id.number()];
        let rows: Vec<EventRow> = self.all(EVENTS_OF_ENTRY, whose).await?;
        rows.into_iter().map(EventRow::into_event).collect()
    }

    /// Makes every digest of a municipality's chain again, and holds entries and their texts against it, all as they
    /// are at one moment.
    ///
    /// # Errors
    /// When the record cannot be read. A chain that does not hold is no error but the inner one.
    pub async fn verify(&self, municipality: MunicipalityId) -> Result<Result<Verified, Broken>, StoreError> {
        let mut snapshot = self.snapshot().await?;
        let (town_seq,): (i64,) = snapshot
            .one("select town_seq from municipality where id = $1", binds![municipality.number()])
            .await?;
        let rows: Vec<EventRow> = snapshot
            .all(
                "select seq, at, account_id, kind, entry_id, before_seq, data, hash from event
                 where municipality_id = $1 order by seq",
                binds![municipality.number()],
            )
            .await?;
        let revisions: Vec<RevisionRow> = snapshot
            .all(
                "select r.id, r.entry_id, r.content, r.sha256
                 from plan_year y join entry e on e.year_id = y.id join revision r on r.entry_id = e.id
                 where y.municipality_id = $1 order by r.id",
                binds![municipality.number()],
            )
            .await?;
        let entries: Vec<EntryRow> = snapshot
            .all(
                "select e.id, e.state, e.state_data, e.draft_id, e.record_id, e.returned_id, e.rating,
                     e.last_seq
                 from plan_year y join entry e on e.year_id = y.id where y.municipality_id = $1 order by e.id",
                binds![municipality.number()],
            )
            .await?;
        let named = entries.iter().filter_map(|entry| entry.last_seq).fold(town_seq, i64::max);
        let last_of = match chain_holds(&rows, town_seq, named) {
            Ok(last_of) => last_of,
            Err(broken) => return Ok(Err(broken)),
        };
        let head = rows.last().map_or_else(String::new, |last| last.hash.clone());
        let events = rows.into_iter().map(EventRow::into_event).collect::<Result<Vec<_>, _>>()?;
        let verified = Verified { events: events.last().map_or(0, |last| last.seq), head };
        Ok(agrees(&events, &last_of, &revisions, &entries).map(|()| verified))
    }
}

/// The last event of each entry, and of none, where no event is missing and each is what it was; `town_seq` should be the
/// last that is about no entry, `named` the last that anything names.
fn chain_holds(rows: &[EventRow], town_seq: i64, named: i64) -> Result<BTreeMap<Option<i64>, i64>, Broken> {
    let mut before = "";
    let mut last = 0;
    let mut last_of: BTreeMap<Option<i64>, i64> = BTreeMap::new();
    for row in rows {
        if row.seq != last + 1 {
            return Err(Broken::Gap { expected: last + 1, found: row.seq });
        }
        let EventRow { seq, at, user, kind, entry, data, hash, .. } = row;
        let link = Link { seq: *seq, at, user: *user, kind, entry: *entry, data };
        let of_same = last_of.insert(*entry, *seq).filter(|_| entry.is_some());
        if link.hash(before) != *hash || row.before != of_same {
            return Err(Broken::Changed(*seq));
        }
        (before, last) = (hash, *seq);
    }
    let of_town = last_of.get(&None).copied().unwrap_or_default();
    if named > last {
        return Err(Broken::Cut { head: named, found: last });
    }
    if of_town == town_seq { Ok(last_of) } else { Err(Broken::Town(of_town)) }
}
