//! A change: everything that is written together, with its event, or not at all.
//!
//! A municipality's changes happen one after the other: each takes the head of the chain, its last event, and notes the
//! next one.

use kaikaku_domain::Moment;
use kaikaku_domain::entry::Content;
use kaikaku_domain::id::{EntryId, MunicipalityId, RevisionId, UserId};
use kaikaku_domain::workflow::State;

use crate::StoreError;
use crate::chain::{Link, NewEvent, digest};
use crate::database::{Store, Transaction};
use crate::row::binds;
use crate::told::Told;

/// A change of one municipality's record that is being made. Dropped, it has not happened.
#[derive(Debug)]
pub struct Change {
    pub(crate) transaction: Transaction,
    pub(crate) municipality: MunicipalityId,
    /// The last event: of those before, or of this change.
    pub(crate) seq: i64,
    hash: String,
    /// The last event of this change that is about no entry.
    town_seq: Option<i64>,
    /// What the next event must tell.
    pub(crate) untold: Told,
    has_event: bool,
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

/// The last event of a municipality's chain.
const HEAD: &str = "select seq, hash from event where municipality_id = $1 order by seq desc limit 1";

impl Store {
    /// Begins a change of a municipality's record.
    ///
    /// # Errors
    /// When others write for too long, or the record cannot be written.
    pub async fn change(&self, municipality: MunicipalityId) -> Result<Change, StoreError> {
        let mut transaction = self.begin().await?;
        let turn = format!("select id from municipality where id = $1{}", self.dialect().for_update());
        let _: (i64,) = transaction.one(turn, binds![municipality.number()]).await?;
        // Asked once it is this change's turn: a query sees what was there when it began.
        let head: Option<(i64, String)> = transaction.first(HEAD, binds![municipality.number()]).await?;
        let (seq, hash) = head.unwrap_or_default();
        Ok(Change {
            transaction,
            municipality,
            seq,
            hash,
            town_seq: None,
            untold: Told::default(),
            has_event: false,
        })
    }
}

impl Change {
    /// Notes what happens, and with it the texts and states that were written since the last event.
    ///
    /// # Errors
    /// When it cannot be written; [`StoreError::Missing`] when this municipality has no such entry.
    pub async fn note(&mut self, event: NewEvent<'_>) -> Result<i64, StoreError> {
        let seq = self.seq + 1;
        let at = event.at.to_string();
        let data = std::mem::take(&mut self.untold).into_data(event.data).to_string();
        let (user, entry) = (event.user.map(UserId::number), event.entry.map(EntryId::number));
        let hash = Link { seq, at: &at, user, kind: event.kind, entry, data: &data }.hash(&self.hash);
        self.transaction
            .run(
                "insert into event (municipality_id, seq, at, account_id, kind, entry_id, before_seq, data,
                     hash)
                 values ($1, $2, $3, $4, $5, $6,
                     (select last_seq from entry where id = $6 and municipality_id = $1), $7, $8)",
                binds![self.municipality.number(), seq, &at, user, event.kind, entry, &data, &hash],
            )
            .await?;
        match entry {
            Some(entry) => {
                let last = "update entry set last_seq = $3 where id = $2 and municipality_id = $1";
                let whose = binds![self.municipality.number(), entry, seq];
                crate::is_there(self.transaction.run(last, whose).await?)?;
            }
            None => self.town_seq = Some(seq),
        }
        (self.seq, self.hash, self.has_event) = (seq, hash, true);
        Ok(seq)
    }

    /// The entry as it stands now; none when this municipality has none of this id.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn standing(&mut self, entry: EntryId) -> Result<Option<Standing>, StoreError> {
        let row: Option<(i64, String, Option<i64>, Option<i64>)> = self
            .transaction
            .first(
                "select version, state_data, draft_id, record_id
                 from entry where id = $1 and municipality_id = $2",
                binds![entry.number(), self.municipality.number()],
            )
            .await?;
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
    /// When it cannot be written; [`StoreError::Missing`] when this municipality has no such entry.
    pub async fn keep(&mut self, entry: EntryId, new: NewRevision<'_>) -> Result<Kept, StoreError> {
        let content = new.content.to_json();
        let sha256 = digest(&content);
        let (number,): (i64,) = self
            .transaction
            .one(
                "select 1 + coalesce((select max(number) from revision where entry_id = $2), 0)
                 from entry where municipality_id = $1 and id = $2",
                binds![self.municipality.number(), entry.number()],
            )
            .await?;
        let id = self
            .transaction
            .insert(
                "insert into revision (municipality_id, entry_id, number, base_id, content, sha256,
                     account_id, at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
                binds![
                    self.municipality.number(),
                    entry.number(),
                    number,
                    new.base.map(RevisionId::number),
                    &content,
                    &sha256,
                    new.by.map(UserId::number),
                    new.at.to_string()
                ],
            )
            .await?;
        self.untold.revision(id, entry, &sha256);
        Ok(Kept { id: RevisionId::new(id), number, sha256 })
    }

    /// Makes a kept text the working text of an entry of this version, and gives its next version.
    ///
    /// # Errors
    /// When it cannot be written; [`StoreError::Missing`] when this municipality has no such entry in this version.
    pub async fn set_draft(
        &mut self,
        (entry, version): (EntryId, i64),
        draft: RevisionId,
        by: UserId,
        at: Moment,
    ) -> Result<i64, StoreError> {
        let touched = self
            .transaction
            .run(
                "update entry set draft_id = $2, version = version + 1, touched_at = $3, touched_by = $4
                 where id = $1 and municipality_id = $5 and version = $6",
                binds![
                    entry.number(),
                    draft.number(),
                    at.to_string(),
                    by.number(),
                    self.municipality.number(),
                    version
                ],
            )
            .await?;
        crate::is_there(touched)?;
        self.untold.entry(entry, "draft", draft.number());
        Ok(version + 1)
    }

    /// Puts an entry of this version into a state, and gives its next version.
    ///
    /// # Errors
    /// When it cannot be written; [`StoreError::Missing`] when this municipality has no such entry in this version.
    pub async fn set_state(
        &mut self,
        (entry, version): (EntryId, i64),
        state: &State,
        by: UserId,
        at: Moment,
    ) -> Result<i64, StoreError> {
        let data = serde_json::to_value(state).unwrap_or_default();
        let touched = self
            .transaction
            .run(
                "update entry
                 set state = $2, state_data = $3, version = version + 1, touched_at = $4, touched_by = $5
                 where id = $1 and municipality_id = $6 and version = $7",
                binds![
                    entry.number(),
                    state.code(),
                    data.to_string(),
                    at.to_string(),
                    by.number(),
                    self.municipality.number(),
                    version
                ],
            )
            .await?;
        crate::is_there(touched)?;
        self.untold.entry(entry, "state", data);
        Ok(version + 1)
    }

    /// Makes the working text what was submitted; `content` is that text.
    ///
    /// # Errors
    /// When it cannot be written; [`StoreError::Missing`] when there is no such entry or it has no working text.
    pub async fn set_record(&mut self, entry: EntryId, content: &Content) -> Result<(), StoreError> {
        let (record,): (i64,) = self
            .transaction
            .one(
                "update entry set record_id = draft_id, rating = $2
                 where id = $1 and municipality_id = $3 and draft_id is not null returning record_id",
                binds![entry.number(), content.rating(), self.municipality.number()],
            )
            .await?;
        self.transaction.run("update revision set submitted = 1 where id = $1", binds![record]).await?;
        self.untold.entry(entry, "record", record);
        Ok(())
    }

    /// Remembers what had been submitted when it was sent back: "what changed since" is told from it.
    ///
    /// # Errors
    /// When it cannot be written; [`StoreError::Missing`] when this municipality has no such entry.
    pub async fn remember_returned(&mut self, entry: EntryId) -> Result<(), StoreError> {
        let (returned,): (Option<i64>,) = self
            .transaction
            .one(
                "update entry set returned_id = record_id where id = $1 and municipality_id = $2
                 returning returned_id",
                binds![entry.number(), self.municipality.number()],
            )
            .await?;
        self.untold.entry(entry, "returned", returned);
        Ok(())
    }

    /// Makes it all happen.
    ///
    /// # Errors
    /// When it cannot be written, or [`StoreError::Unnoted`] when no event tells of it: then nothing of it has happened.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if !self.has_event || !self.untold.is_empty() {
            return Err(StoreError::Unnoted);
        }
        if let Some(seq) = self.town_seq {
            let last = "update municipality set town_seq = $2 where id = $1";
            self.transaction.run(last, binds![self.municipality.number(), seq]).await?;
        }
        self.transaction.commit().await
    }
}
