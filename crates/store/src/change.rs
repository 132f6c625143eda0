//! A change: everything that is written together, with its event, or not at all.
//!
//! A municipality's changes happen one after the other: each takes the head of the chain, writes, and puts the head on.

use kaikaku_domain::Moment;
use kaikaku_domain::entry::Content;
use kaikaku_domain::id::{ConflictId, EntryId, MunicipalityId, RevisionId, UserId};
use kaikaku_domain::workflow::State;
use serde_json::{Map, Value, json};

use crate::StoreError;
use crate::chain::{NewEvent, digest, hash};
use crate::database::{Store, Transaction, run, write};
use crate::dialect::Dialect;

/// A change of one municipality's record that is being made. Dropped, it has not happened.
#[derive(Debug)]
pub struct Change {
    pub(crate) transaction: Transaction,
    pub(crate) dialect: Dialect,
    pub(crate) municipality: MunicipalityId,
    seq: i64,
    hash: String,
}

/// An entry as it stands within a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its version.
    pub version: i64,
    /// Its state.
    pub state: State,
    /// The working text.
    pub draft: Option<RevisionId>,
    /// What was submitted.
    pub record: Option<RevisionId>,
}

/// A text that is to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewRevision<'a> {
    /// What it was written from.
    pub base: Option<RevisionId>,
    /// The text.
    pub content: &'a Content,
    /// Who wrote it; none when it was loaded.
    pub by: Option<UserId>,
    /// When.
    pub at: Moment,
}

/// A revision that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: RevisionId,
    /// Counted from 1 within the entry.
    pub number: i64,
    /// The digest of its content.
    pub sha256: String,
}

impl Kept {
    /// As an event's data names it, so that a changed text is found.
    pub fn told(&self) -> Value {
        json!({ self.id.to_string(): self.sha256 })
    }
}

/// A state as an event's data names it.
pub fn state_told(entry: EntryId, state: &State) -> Value {
    let mut states = Map::new();
    states.insert(entry.to_string(), serde_json::to_value(state).unwrap_or_default());
    Value::Object(states)
}

impl Store {
    /// Begins a change of a municipality's record.
    ///
    /// # Errors
    /// When others write for too long, or the record cannot be written.
    pub async fn change(&self, municipality: MunicipalityId) -> Result<Change, StoreError> {
        let dialect = self.dialect();
        let mut change =
            Change { transaction: self.begin().await?, dialect, municipality, seq: 0, hash: String::new() };
        let select =
            format!("select head_seq, head_hash from municipality where id = $1{}", dialect.for_update());
        let head: Option<(i64, String)> = write!(change, db => sqlx::query_as(sqlx::AssertSqlSafe(select.as_str()))
            .bind(municipality.number())
            .fetch_optional(db))?;
        (change.seq, change.hash) =
            head.ok_or_else(|| StoreError::Corrupt(format!("municipality {municipality}")))?;
        Ok(change)
    }
}

impl Change {
    /// Notes what happens.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn note(&mut self, event: NewEvent<'_>) -> Result<i64, StoreError> {
        let seq = self.seq + 1;
        let data = event.data.to_string();
        let hash = hash(&self.hash, seq, &event, &data);
        run!(self, db => sqlx::query(
            "insert into event (municipality_id, seq, at, account_id, kind, entry_id, data, hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(self.municipality.number())
        .bind(seq)
        .bind(event.at.to_string())
        .bind(event.user.map(UserId::number))
        .bind(event.kind)
        .bind(event.entry.map(EntryId::number))
        .bind(&data)
        .bind(&hash)
        .execute(db))?;
        (self.seq, self.hash) = (seq, hash);
        Ok(seq)
    }

    /// The entry as it stands now; none when this municipality has none of this id.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn standing(&mut self, entry: EntryId) -> Result<Option<Standing>, StoreError> {
        let row: Option<(i64, String, Option<i64>, Option<i64>)> = write!(self, db => sqlx::query_as(
            "select version, state_data, draft_id, record_id from entry where id = $1 and municipality_id = $2",
        )
        .bind(entry.number())
        .bind(self.municipality.number())
        .fetch_optional(db))?;
        row.map(|(version, state, draft, record)| {
            Ok(Standing {
                version,
                state: crate::state(&state, entry)?,
                draft: draft.map(RevisionId::new),
                record: record.map(RevisionId::new),
            })
        })
        .transpose()
    }

    /// Keeps a text. Nothing points at it yet.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn keep(&mut self, entry: EntryId, new: NewRevision<'_>) -> Result<Kept, StoreError> {
        let content = new.content.to_json();
        let sha256 = digest(&content);
        let (id, number): (i64, i64) = write!(self, db => sqlx::query_as(
            "insert into revision (municipality_id, entry_id, number, base_id, content, sha256, account_id, at)
             values ($1, $2, 1 + coalesce((select max(number) from revision where entry_id = $2), 0),
                     $3, $4, $5, $6, $7)
             returning id, number",
        )
        .bind(self.municipality.number())
        .bind(entry.number())
        .bind(new.base.map(RevisionId::number))
        .bind(&content)
        .bind(&sha256)
        .bind(new.by.map(UserId::number))
        .bind(new.at.to_string())
        .fetch_one(db))?;
        Ok(Kept { id: RevisionId::new(id), number, sha256 })
    }

    /// Makes a kept text the working text and gives the entry's new version.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn set_draft(
        &mut self,
        entry: EntryId,
        draft: RevisionId,
        by: UserId,
        at: Moment,
    ) -> Result<i64, StoreError> {
        let (version,): (i64,) = write!(self, db => sqlx::query_as(
            "update entry set draft_id = $2, version = version + 1, touched_at = $3, touched_by = $4
             where id = $1 returning version",
        )
        .bind(entry.number())
        .bind(draft.number())
        .bind(at.to_string())
        .bind(by.number())
        .fetch_one(db))?;
        Ok(version)
    }

    /// Puts the entry into a state and gives its new version.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn set_state(
        &mut self,
        entry: EntryId,
        state: &State,
        by: UserId,
        at: Moment,
    ) -> Result<i64, StoreError> {
        let data = serde_json::to_string(state).unwrap_or_default();
        let (version,): (i64,) = write!(self, db => sqlx::query_as(
            "update entry set state = $2, state_data = $3, version = version + 1, touched_at = $4, touched_by = $5
             where id = $1 returning version",
        )
        .bind(entry.number())
        .bind(state.code())
        .bind(data)
        .bind(at.to_string())
        .bind(by.number())
        .fetch_one(db))?;
        Ok(version)
    }

    /// Makes the working text what was submitted.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn set_record(&mut self, entry: EntryId, content: &Content) -> Result<(), StoreError> {
        run!(self, db => sqlx::query("update entry set record_id = draft_id, rating = $2 where id = $1")
            .bind(entry.number())
            .bind(content.rating())
            .execute(db))?;
        Ok(())
    }

    /// Remembers what had been submitted when it was sent back: "what changed since" is told from it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn remember_returned(&mut self, entry: EntryId) -> Result<(), StoreError> {
        run!(self, db => sqlx::query("update entry set returned_id = record_id where id = $1")
            .bind(entry.number())
            .execute(db))?;
        Ok(())
    }

    /// Lets two texts of one entry wait for a decision.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn set_conflict(
        &mut self,
        entry: EntryId,
        mine: &Kept,
        base: Option<RevisionId>,
        theirs: Option<RevisionId>,
        by: UserId,
        at: Moment,
    ) -> Result<ConflictId, StoreError> {
        let (id,): (i64,) = write!(self, db => sqlx::query_as(
            "insert into conflict (municipality_id, entry_id, base_id, mine_id, theirs_id, account_id, at)
             values ($1, $2, $3, $4, $5, $6, $7) returning id",
        )
        .bind(self.municipality.number())
        .bind(entry.number())
        .bind(base.map(RevisionId::number))
        .bind(mine.id.number())
        .bind(theirs.map(RevisionId::number))
        .bind(by.number())
        .bind(at.to_string())
        .fetch_one(db))?;
        Ok(ConflictId::new(id))
    }

    /// The working text as it was in a version of the entry: what a page of that version was made from.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn draft_at(&mut self, entry: EntryId, version: i64) -> Result<Option<RevisionId>, StoreError> {
        let saves: Vec<(String,)> = write!(self, db => sqlx::query_as(
            "select data from event where entry_id = $1 and municipality_id = $2 and kind in ('saved', 'resolved')
             order by seq desc",
        )
        .bind(entry.number())
        .bind(self.municipality.number())
        .fetch_all(db))?;
        for (data,) in saves {
            let data: Value = serde_json::from_str(&data)
                .map_err(|_| StoreError::Corrupt(format!("events of entry {entry}")))?;
            if data["version"].as_i64().is_some_and(|saved| saved <= version) {
                let ids = data["revisions"].as_object().into_iter().flatten();
                return Ok(ids.filter_map(|(id, _)| id.parse().ok()).next());
            }
        }
        // Before the first save there is only what was loaded.
        let loaded: Option<(i64,)> = write!(self, db => sqlx::query_as(
            "select id from revision where entry_id = $1 and account_id is null order by number limit 1",
        )
        .bind(entry.number())
        .fetch_optional(db))?;
        Ok(loaded.map(|(id,)| RevisionId::new(id)))
    }

    /// The conflict of this person at this entry that still waits, with what it is about: further stale saves join it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn waiting_conflict(
        &mut self,
        entry: EntryId,
        user: UserId,
    ) -> Result<Option<ConflictId>, StoreError> {
        let row: Option<(i64,)> = write!(self, db => sqlx::query_as(
            "select id from conflict where entry_id = $1 and account_id = $2 and resolved_at is null
             order by id desc limit 1",
        )
        .bind(entry.number())
        .bind(user.number())
        .fetch_optional(db))?;
        Ok(row.map(|(id,)| ConflictId::new(id)))
    }

    /// Puts a later text of the same person into a conflict that waits.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn set_mine(&mut self, conflict: ConflictId, mine: &Kept) -> Result<(), StoreError> {
        run!(self, db => sqlx::query("update conflict set mine_id = $2 where id = $1")
            .bind(conflict.number())
            .bind(mine.id.number())
            .execute(db))?;
        Ok(())
    }

    /// Notes that a conflict was decided.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn resolve_conflict(&mut self, conflict: ConflictId, at: Moment) -> Result<(), StoreError> {
        run!(self, db => sqlx::query("update conflict set resolved_at = $2 where id = $1 and municipality_id = $3")
            .bind(conflict.number())
            .bind(at.to_string())
            .bind(self.municipality.number())
            .execute(db))?;
        Ok(())
    }

    /// Writes a comment; `with_return` when it came with a 差戻し.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn comment(
        &mut self,
        entry: EntryId,
        field: Option<&str>,
        body: &str,
        with_return: bool,
        (by, at): (UserId, Moment),
    ) -> Result<i64, StoreError> {
        let (id,): (i64,) = write!(self, db => sqlx::query_as(
            "insert into comment (municipality_id, entry_id, field, body, account_id, at, round)
             values ($1, $2, $3, $4, $5, $6, $7) returning id",
        )
        .bind(self.municipality.number())
        .bind(entry.number())
        .bind(field)
        .bind(body)
        .bind(by.number())
        .bind(at.to_string())
        .bind(if with_return { "return" } else { "remark" })
        .fetch_one(db))?;
        Ok(id)
    }

    /// Puts a message for each of these people into the outbox.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn tell(
        &mut self,
        people: &[UserId],
        kind: &str,
        entry: EntryId,
        data: &Value,
        at: Moment,
    ) -> Result<(), StoreError> {
        for person in people {
            run!(self, db => sqlx::query(
                "insert into outbox (municipality_id, seq, account_id, kind, entry_id, data, at)
                 values ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(self.municipality.number())
            .bind(self.seq)
            .bind(person.number())
            .bind(kind)
            .bind(entry.number())
            .bind(data.to_string())
            .bind(at.to_string())
            .execute(db))?;
        }
        Ok(())
    }

    /// Makes it all happen.
    ///
    /// # Errors
    /// When it cannot be written: then nothing of it has happened.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let (seq, hash, municipality) = (self.seq, self.hash.clone(), self.municipality.number());
        run!(self, db => sqlx::query("update municipality set head_seq = $2, head_hash = $3 where id = $1")
            .bind(municipality)
            .bind(seq)
            .bind(hash)
            .execute(db))?;
        self.transaction.commit(self.dialect).await
    }
}
