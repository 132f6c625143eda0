//! What signing in writes: counted attempts, and the session that is opened. Without an event, as sessions are.

use kaikaku_domain::Moment;
use kaikaku_domain::id::{MunicipalityId, UserId};
use serde_json::Value;

use crate::StoreError;
use crate::database::Store;
use crate::row::binds;
use crate::session::Stage;

/// What is remembered under a key from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The state, as the program writes it.
    pub state: String,
    /// Until when it must be kept.
    pub until: Moment,
}

/// A session that is to be opened.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// The digest of its token.
    pub digest: &'a str,
    /// Whose town it is.
    pub municipality: MunicipalityId,
    /// The account.
    pub user: UserId,
    /// How far the sign-in has come.
    pub stage: Stage,
    /// When.
    pub at: Moment,
    /// The digest of the session whose place it takes.
    pub instead_of: Option<&'a str>,
    /// The second factor as it was when its code was checked, and as it is with that code used up.
    pub factor: Option<(&'a Value, &'a Value)>,
}

impl Store {
    /// Counts attempts: `count` is given what is remembered under each key and says what is to be remembered instead.
    /// Nobody else counts under these keys meanwhile, so that a thousand attempts at once are a thousand.
    ///
    /// Keys that several callers share must always come in the same order.
    ///
    /// # Errors
    /// When the record cannot be read or written: then nothing was counted.
    pub async fn recount<T, F>(&self, keys: &[String], at: Moment, count: F) -> Result<T, StoreError>
    where
        F: FnOnce(&[Option<String>]) -> (Vec<Remembered>, T) + Send,
        T: Send,
    {
        let mut aside = self.begin().await?;
        let select = format!("select state from throttle where key = $1{}", self.dialect().for_update());
        let mut states = Vec::with_capacity(keys.len());
        for key in keys {
            // A row that is not there cannot be locked: an empty one is put in first.
            aside
                .run(
                    "insert into throttle (key, state, at)
                     values ($1, '', $2) on conflict (key) do nothing",
                    binds![key, at.to_string()],
                )
                .await?;
            let (state,): (String,) = aside.one(select.clone(), binds![key]).await?;
            states.push(Some(state).filter(|state| !state.is_empty()));
        }
        let (remembered, answer) = count(&states);
        for (key, remembered) in keys.iter().zip(&remembered) {
            aside
                .run(
                    "update throttle set state = $2, at = $3 where key = $1",
                    binds![key, &remembered.state, remembered.until.to_string()],
                )
                .await?;
        }
        aside.commit().await?;
        Ok(answer)
    }

    /// Whether anything is remembered under a key.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn is_remembered(&self, key: &str) -> Result<bool, StoreError> {
        let row: Option<(String,)> =
            self.first("select key from throttle where key = $1 and state <> ''", binds![key]).await?;
        Ok(row.is_some())
    }

    /// Forgets what need not be remembered any longer.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn forget_attempts(&self, now: Moment) -> Result<(), StoreError> {
        let mut aside = self.begin().await?;
        aside.run("delete from throttle where at < $1", binds![now.to_string()]).await?;
        aside.commit().await
    }

    /// Opens a session, ends the one whose place it takes, and keeps the second factor with its code used up: all of it,
    /// or, when the account was closed or the code used meanwhile, nothing. Tells whether it was done.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn open_session(&self, new: NewSession<'_>) -> Result<bool, StoreError> {
        let mut aside = self.begin().await?;
        if let Some((before, after)) = new.factor {
            let touched = aside
                .run(
                    "update account set second_factor = $3
                     where id = $1 and municipality_id = $2 and second_factor = $4",
                    binds![
                        new.user.number(),
                        new.municipality.number(),
                        after.to_string(),
                        before.to_string()
                    ],
                )
                .await?;
            if touched == 0 {
                return Ok(false);
            }
        }
        if let Some(earlier) = new.instead_of {
            aside
                .run(
                    "update session set ended_at = $2 where digest = $1 and ended_at is null",
                    binds![earlier, new.at.to_string()],
                )
                .await?;
        }
        let opened = aside
            .run(
                "insert into session (digest, municipality_id, account_id, stage, created_at, seen_at)
                 select $1, municipality_id, id, $4, $5, $5 from account
                 where id = $2 and municipality_id = $3 and disabled_at is null",
                binds![
                    new.digest,
                    new.user.number(),
                    new.municipality.number(),
                    match new.stage {
                        Stage::Code => "code",
                        Stage::Full => "full",
                    },
                    new.at.to_string()
                ],
            )
            .await?;
        if opened == 0 {
            return Ok(false);
        }
        aside.commit().await?;
        Ok(true)
    }
}
