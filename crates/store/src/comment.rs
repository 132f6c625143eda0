//! Comments at an entry, and the messages that tell people of what happened.

use kaikaku_domain::Moment;
use kaikaku_domain::id::{CommentId, EntryId, UserId};
use serde_json::Value;

use crate::change::Change;
use crate::database::Store;
use crate::row::binds;
use crate::{Entry, StoreError};

/// A comment at an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// The field that it is about; none for the whole.
    pub field: Option<String>,
    /// What it says.
    pub body: String,
    /// Who wrote it.
    pub by: UserId,
    /// That person's name.
    pub name: String,
    /// When.
    pub at: Moment,
    /// Whether it came with a 差戻し.
    pub with_return: bool,
}

type CommentRow = (i64, Option<String>, String, i64, String, String, String);

impl Store {
    /// The comments at an entry that was found for a person, oldest first: none for those who may not comment, for it
    /// is a talk between the departments of the sheet and the secretariat.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn comments(&self, entry: &Entry) -> Result<Vec<Comment>, StoreError> {
        if !crate::entry::follows(&entry.relations) {
            return Ok(Vec::new());
        }
        let rows: Vec<CommentRow> = self
            .all(
                "select c.id, c.field, c.body, c.account_id, a.name, c.at, c.round
                 from comment c join account a on a.id = c.account_id where c.entry_id = $1 order by c.id",
                binds![entry.id.number()],
            )
            .await?;
        rows.into_iter()
            .map(|(id, field, body, by, name, at, round)| {
                let (id, by, at) = (CommentId::new(id), UserId::new(by), crate::moment(&at)?);
                Ok(Comment { id, field, body, by, name, at, with_return: round == "return" })
            })
            .collect()
    }
}

impl Change {
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
    ) -> Result<CommentId, StoreError> {
        let id = self
            .transaction
            .insert(
                "insert into comment (municipality_id, entry_id, field, body, account_id, at, round)
                 select municipality_id, id, $3, $4, $5, $6, $7
                 from entry where municipality_id = $1 and id = $2",
                binds![
                    self.municipality.number(),
                    entry.number(),
                    field,
                    body,
                    by.number(),
                    at.to_string(),
                    if with_return { "return" } else { "remark" }
                ],
            )
            .await?;
        Ok(CommentId::new(id))
    }

    /// Puts a message for each of these people into the outbox: of what was noted last.
    ///
    /// # Errors
    /// When it cannot be written; [`StoreError::Missing`] when one of them is not this municipality's.
    pub async fn tell(
        &mut self,
        people: &[UserId],
        kind: &str,
        entry: EntryId,
        data: &Value,
        at: Moment,
    ) -> Result<(), StoreError> {
        for person in people {
            let touched = self
                .transaction
                .run(
                    "insert into outbox (municipality_id, seq, account_id, kind, entry_id, data, at)
                     select municipality_id, $2, id, $4, $5, $6, $7
                     from account where municipality_id = $1 and id = $3",
                    binds![
                        self.municipality.number(),
                        self.seq,
                        person.number(),
                        kind,
                        entry.number(),
                        data.to_string(),
                        at.to_string()
                    ],
                )
                .await?;
            crate::is_there(touched)?;
        }
        Ok(())
    }
}
