//! Conflicts: a text that came too late is kept beside the one that came first until somebody decides.

use kaikaku_domain::Moment;
use kaikaku_domain::id::{ConflictId, EntryId, RevisionId, UserId};
use kaikaku_domain::person::Actor;
use kaikaku_domain::workflow::Sight;

use crate::chain::{EVENTS_OF_ENTRY, EventRow};
use crate::change::{Change, Kept};
use crate::database::Store;
use crate::row::binds;
use crate::{Entry, Revision, StoreError};

/// Two texts of one entry that wait for a decision, with what both were written from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Its id.
    pub id: ConflictId,
    /// The entry.
    pub entry: EntryId,
    /// What both were written from.
    pub base: Option<Revision>,
    /// What came too late.
    pub mine: Revision,
    /// When.
    pub at: Moment,
    /// Whether it was decided.
    pub is_resolved: bool,
}

impl Store {
    /// The conflicts of a person that wait, with their entries.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn waiting_conflicts(&self, actor: &Actor) -> Result<Vec<(ConflictId, EntryId)>, StoreError> {
        let rows: Vec<(i64, i64)> = self
            .all(
                "select id, entry_id from conflict
                 where account_id = $1 and municipality_id = $2 and resolved_at is null order by id",
                binds![actor.user.number(), actor.municipality.number()],
            )
            .await?;
        Ok(rows.into_iter().map(|(id, entry)| (ConflictId::new(id), EntryId::new(entry))).collect())
    }

    /// A conflict of this person at an entry that was found for the person and whose drafts the person may read;
    /// nobody else's is found.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn conflict(
        &self,
        actor: &Actor,
        entry: &Entry,
        id: ConflictId,
    ) -> Result<Option<Conflict>, StoreError> {
        if entry.sight < Sight::Draft {
            return Ok(None);
        }
        let row: Option<(Option<i64>, i64, String, Option<String>)> = self
            .first(
                "select base_id, mine_id, at, resolved_at from conflict
                 where id = $1 and entry_id = $2 and account_id = $3",
                binds![id.number(), entry.id.number(), actor.user.number()],
            )
            .await?;
        let Some((base, mine, at, resolved)) = row else { return Ok(None) };
        let (base, mine) = (base.map(RevisionId::new), RevisionId::new(mine));
        let texts = self.revisions(entry.id, &[base, Some(mine)]).await?;
        let find = |id: Option<RevisionId>| texts.iter().find(|text| Some(text.id) == id).cloned();
        Ok(Some(Conflict {
            id,
            entry: entry.id,
            base: find(base),
            mine: find(Some(mine))
                .ok_or_else(|| StoreError::Corrupt(format!("revision {mine} of conflict {id}")))?,
            at: crate::moment(&at)?,
            is_resolved: resolved.is_some(),
        }))
    }
}

impl Change {
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
        let id = self
            .transaction
            .insert(
                "insert into conflict (municipality_id, entry_id, base_id, mine_id, theirs_id,
                     account_id, at)
                 select municipality_id, id, $3, $4, $5, $6, $7
                 from entry where municipality_id = $1 and id = $2",
                binds![
                    self.municipality.number(),
                    entry.number(),
                    base.map(RevisionId::number),
                    mine.id.number(),
                    theirs.map(RevisionId::number),
                    by.number(),
                    at.to_string()
                ],
            )
            .await?;
        Ok(ConflictId::new(id))
    }

    /// The working text as it was in a version of the entry: what a page of that version was made from.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn draft_at(&mut self, entry: EntryId, version: i64) -> Result<Option<RevisionId>, StoreError> {
        let events: Vec<EventRow> =
            self.transaction.all(EVENTS_OF_ENTRY, binds![self.municipality.number(), entry.number()]).await?;
        for event in events.into_iter().rev() {
            let data = event.into_event()?.data;
            let draft = data["entries"][entry.to_string()]["draft"].as_i64();
            if let (Some(draft), Some(saved)) = (draft, data["version"].as_i64())
                && saved <= version
            {
                return Ok(Some(RevisionId::new(draft)));
            }
        }
        // Before the first save there is only what was loaded.
        let loaded: Option<(i64,)> = self
            .transaction
            .first(
                "select id from revision
                 where entry_id = $1 and municipality_id = $2 and account_id is null order by number limit 1",
                binds![entry.number(), self.municipality.number()],
            )
            .await?;
        Ok(loaded.map(|(id,)| RevisionId::new(id)))
    }

    /// The conflict of this person at this entry that still waits: further stale saves join it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn waiting_conflict(
        &mut self,
        entry: EntryId,
        user: UserId,
    ) -> Result<Option<ConflictId>, StoreError> {
        let row: Option<(i64,)> = self
            .transaction
            .first(
                "select id from conflict
                 where entry_id = $1 and account_id = $2 and municipality_id = $3 and resolved_at is null
                 order by id desc limit 1",
                binds![entry.number(), user.number(), self.municipality.number()],
            )
            .await?;
        Ok(row.map(|(id,)| ConflictId::new(id)))
    }

    /// Puts a later text of the same person into a conflict that waits.
    ///
    /// # Errors
    /// When it cannot be written; [`StoreError::Missing`] when it was decided meanwhile.
    pub async fn set_mine(&mut self, conflict: ConflictId, mine: &Kept) -> Result<(), StoreError> {
        let touched = self
            .transaction
            .run(
                "update conflict set mine_id = $2
                 where id = $1 and municipality_id = $3 and resolved_at is null",
                binds![conflict.number(), mine.id.number(), self.municipality.number()],
            )
            .await?;
        crate::is_there(touched)
    }

    /// Notes that a conflict was decided.
    ///
    /// # Errors
    /// When it cannot be written; [`StoreError::Missing`] when it was decided before.
    pub async fn resolve_conflict(&mut self, conflict: ConflictId, at: Moment) -> Result<(), StoreError> {
        let touched = self
            .transaction
            .run(
                "update conflict set resolved_at = $2
                 where id = $1 and municipality_id = $3 and resolved_at is null",
                binds![conflict.number(), at.to_string(), self.municipality.number()],
            )
            .await?;
        crate::is_there(touched)
    }
}
