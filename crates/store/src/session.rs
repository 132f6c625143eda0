//! Sessions and failed sign-ins: the two things that are written without an event, for they change nobody's record.

use kaikaku_domain::Moment;
use kaikaku_domain::id::{MunicipalityId, UserId};

use crate::StoreError;
use crate::database::Store;
use crate::row::binds;

/// How far a sign-in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; the second factor is still to come.
    Code,
    /// Signed in.
    Full,
}

/// A session by the digest of its token, with whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose town it is.
    pub municipality: MunicipalityId,
    /// The account.
    pub user: UserId,
    /// The person's name.
    pub name: String,
    /// Whether the password must be changed first.
    pub must_change: bool,
    /// How far the sign-in has come.
    pub stage: Stage,
    /// When it began.
    pub created_at: Moment,
    /// When it was last used, to the minute.
    pub seen_at: Moment,
    /// When it was ended: by its person, or because the account was closed.
    pub ended_at: Option<Moment>,
    /// The last event of the town's chain.
    pub head: i64,
    /// The last event about the town and none of its entries: people, departments and settings are as they were since.
    pub town_seq: i64,
}

type SessionRow = (i64, i64, String, i64, String, String, String, Option<String>, Option<String>, i64, i64);

impl Store {
    /// The session of a token's digest, ended or not; none when there never was one.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn session(&self, digest: &str) -> Result<Option<Session>, StoreError> {
        let row: Option<SessionRow> = self
            .first(
                "select s.municipality_id, s.account_id, a.name, a.must_change, s.stage, s.created_at,
                     s.seen_at, s.ended_at, a.disabled_at,
                     (select coalesce(max(seq), 0) from event where municipality_id = m.id), m.town_seq
                 from session s join account a on a.id = s.account_id
                 join municipality m on m.id = s.municipality_id
                 where s.digest = $1",
                binds![digest],
            )
            .await?;
        let Some((town, user, name, must_change, stage, created, seen, ended, disabled, head, town_seq)) =
            row
        else {
            return Ok(None);
        };
        Ok(Some(Session {
            municipality: MunicipalityId::new(town),
            user: UserId::new(user),
            name,
            must_change: must_change != 0,
            stage: if stage == "full" { Stage::Full } else { Stage::Code },
            created_at: crate::moment(&created)?,
            seen_at: crate::moment(&seen)?,
            ended_at: ended.or(disabled).as_deref().map(crate::moment).transpose()?,
            head,
            town_seq,
        }))
    }

    /// Begins a session.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn begin_session(
        &self,
        digest: &str,
        (municipality, user): (MunicipalityId, UserId),
        stage: Stage,
        at: Moment,
    ) -> Result<(), StoreError> {
        let mut aside = self.begin().await?;
        aside
            .run(
                "insert into session (digest, municipality_id, account_id, stage, created_at, seen_at)
                 values ($1, $2, $3, $4, $5, $5)",
                binds![
                    digest,
                    municipality.number(),
                    user.number(),
                    match stage {
                        Stage::Code => "code",
                        Stage::Full => "full",
                    },
                    at.to_string()
                ],
            )
            .await?;
        aside.commit().await
    }

    /// Notes that a session is in use.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn see_session(&self, digest: &str, at: Moment) -> Result<(), StoreError> {
        let mut aside = self.begin().await?;
        aside
            .run(
                "update session set seen_at = $2 where digest = $1 and ended_at is null",
                binds![digest, at.to_string()],
            )
            .await?;
        aside.commit().await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn end_session(&self, digest: &str, at: Moment) -> Result<(), StoreError> {
        let mut aside = self.begin().await?;
        aside
            .run(
                "update session set ended_at = $2 where digest = $1 and ended_at is null",
                binds![digest, at.to_string()],
            )
            .await?;
        aside.commit().await
    }

    /// Forgets sessions that began before a moment.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn forget_sessions(&self, before: Moment) -> Result<(), StoreError> {
        let mut aside = self.begin().await?;
        aside.run("delete from session where created_at < $1", binds![before.to_string()]).await?;
        aside.commit().await
    }

    /// What is remembered of failed sign-ins under these keys, one answer a key.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn failures(&self, keys: &[String]) -> Result<Vec<Option<String>>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            let row: Option<(String,)> =
                self.first("select state from throttle where key = $1", binds![key]).await?;
            found.push(row.map(|(state,)| state));
        }
        Ok(found)
    }
}
