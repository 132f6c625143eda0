//! What was submitted again after it had been sent back, beside what had been submitted then: so that a reviewer reads
//! what changed and not all of it once more.

use kaikaku_domain::entry::Content;
use kaikaku_domain::id::EntryId;
use kaikaku_domain::person::Actor;
use kaikaku_domain::workflow::Sight;

use crate::database::Store;
use crate::row::binds;
use crate::{Line, StoreError};

/// An entry that was sent back once and submitted again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resubmitted {
    /// The entry.
    pub entry: EntryId,
    /// What had been submitted when it was last sent back.
    pub before: Content,
    /// What is submitted now; the same where nothing was put right.
    pub now: Content,
}

impl Store {
    /// Those of a person's lines that were sent back once, with both texts. One query, however many lines.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn resubmitted(&self, actor: &Actor, lines: &[&Line]) -> Result<Vec<Resubmitted>, StoreError> {
        let may_follow = |line: &&&Line| line.sight >= Sight::Record && line.relations.may_comment();
        let wanted: Vec<i64> = lines.iter().filter(may_follow).map(|line| line.entry.number()).collect();
        let wanted = serde_json::to_string(&wanted).unwrap_or_default();
        let select = format!(
            "select e.id, b.content, r.content from entry e
             join revision b on b.id = e.returned_id join revision r on r.id = e.record_id
             where e.municipality_id = $1 and e.id in {}",
            self.dialect().numbers("$2")
        );
        let rows: Vec<(i64, String, String)> =
            self.all(select, binds![actor.municipality.number(), &wanted]).await?;
        rows.into_iter()
            .map(|(id, before, now)| {
                let entry = EntryId::new(id);
                let (before, now) = (crate::content(&before, entry)?, crate::content(&now, entry)?);
                Ok(Resubmitted { entry, before, now })
            })
            .collect()
    }
}
