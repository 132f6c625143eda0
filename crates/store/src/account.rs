//! Accounts: who may sign in, and with what.

use kaikaku_domain::Moment;
use kaikaku_domain::id::{MunicipalityId, UserId};
use serde_json::Value;

use crate::StoreError;
use crate::change::Change;
use crate::database::Store;
use crate::row::binds;

/// An account with its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub user: UserId,
    /// Whose it is.
    pub municipality: MunicipalityId,
    /// What is typed to sign in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The password's hash (PHC string).
    pub password: String,
    /// Whether the password is one that somebody else chose.
    pub must_change: bool,
    /// The second factor as the program keeps it; none when it is not used.
    pub second_factor: Option<Value>,
    /// Since when it is closed; none while it is open.
    pub disabled_at: Option<Moment>,
}

/// An account that is to be opened.
#[derive(Debug, Clone, Copy)]
pub struct NewAccount<'a> {
    /// What is typed to sign in.
    pub login: &'a str,
    /// The person's name.
    pub name: &'a str,
    /// The password's hash.
    pub password: &'a str,
    /// Whether it must be changed at the first sign-in.
    pub must_change: bool,
    /// When.
    pub at: Moment,
}

pub(crate) type AccountRow = (i64, i64, String, String, String, i64, Option<String>, Option<String>);

pub(crate) fn account(row: AccountRow) -> Result<Account, StoreError> {
    let (id, municipality, login, name, password, must_change, second_factor, disabled_at) = row;
    let second_factor = second_factor.map(|text| serde_json::from_str(&text)).transpose();
    Ok(Account {
        user: UserId::new(id),
        municipality: MunicipalityId::new(municipality),
        login,
        name,
        password,
        must_change: must_change != 0,
        second_factor: second_factor
            .map_err(|_| StoreError::Corrupt(format!("second factor of account {id}")))?,
        disabled_at: disabled_at.as_deref().map(crate::moment).transpose()?,
    })
}

/// A sign-in name as it is compared: narrow, small, without spaces.
pub(crate) fn folded(login: &str) -> String {
    kaikaku_domain::text::fold(login).to_lowercase()
}

impl Store {
    /// The account of this sign-in name.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn account(
        &self,
        municipality: MunicipalityId,
        login: &str,
    ) -> Result<Option<Account>, StoreError> {
        let row: Option<AccountRow> = self
            .first(
                "select id, municipality_id, login, name, password, must_change, second_factor, disabled_at
                 from account where municipality_id = $1 and login = $2",
                binds![municipality.number(), folded(login)],
            )
            .await?;
        row.map(account).transpose()
    }

    /// The account of this id.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn account_of(
        &self,
        municipality: MunicipalityId,
        user: UserId,
    ) -> Result<Option<Account>, StoreError> {
        let row: Option<AccountRow> = self
            .first(
                "select id, municipality_id, login, name, password, must_change, second_factor, disabled_at
                 from account where municipality_id = $1 and id = $2",
                binds![municipality.number(), user.number()],
            )
            .await?;
        row.map(account).transpose()
    }
}

impl Change {
    /// Opens an account.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when the sign-in name is taken.
    pub async fn open_account(&mut self, new: NewAccount<'_>) -> Result<UserId, StoreError> {
        let id = self
            .transaction
            .insert(
                "insert into account (municipality_id, login, name, password, must_change, created_at)
                 values ($1, $2, $3, $4, $5, $6)",
                binds![
                    self.municipality.number(),
                    folded(new.login),
                    new.name,
                    new.password,
                    i64::from(new.must_change),
                    new.at.to_string()
                ],
            )
            .await?;
        Ok(UserId::new(id))
    }

    /// Sets a person's name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn rename(&mut self, user: UserId, name: &str) -> Result<(), StoreError> {
        let touched = self
            .transaction
            .run(
                "update account set name = $2 where id = $1 and municipality_id = $3",
                binds![user.number(), name, self.municipality.number()],
            )
            .await?;
        crate::is_there(touched)
    }

    /// Sets a password; `must_change` when somebody else chose it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn set_password(
        &mut self,
        user: UserId,
        password: &str,
        must_change: bool,
    ) -> Result<(), StoreError> {
        let touched = self
            .transaction
            .run(
                "update account set password = $2, must_change = $3 where id = $1 and municipality_id = $4",
                binds![user.number(), password, i64::from(must_change), self.municipality.number()],
            )
            .await?;
        crate::is_there(touched)
    }

    /// Sets the second factor, or takes it away.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn set_second_factor(
        &mut self,
        user: UserId,
        factor: Option<&Value>,
    ) -> Result<(), StoreError> {
        let touched = self
            .transaction
            .run(
                "update account set second_factor = $2 where id = $1 and municipality_id = $3",
                binds![user.number(), factor.map(Value::to_string), self.municipality.number()],
            )
            .await?;
        crate::is_there(touched)
    }

    /// Closes an account and ends its sessions, or opens it again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn set_disabled(&mut self, user: UserId, at: Option<Moment>) -> Result<(), StoreError> {
        let touched = self
            .transaction
            .run(
                "update account set disabled_at = $2 where id = $1 and municipality_id = $3",
                binds![user.number(), at.map(|at| at.to_string()), self.municipality.number()],
            )
            .await?;
        crate::is_there(touched)?;
        match at {
            // Opened again, it must not bring back the sessions of before.
            Some(at) => self.end_sessions(user, None, at).await,
            None => Ok(()),
        }
    }

    /// Ends every session of a person but one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn end_sessions(
        &mut self,
        user: UserId,
        but: Option<&str>,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.transaction
            .run(
                "update session set ended_at = $2
                 where account_id = $1 and municipality_id = $3 and ended_at is null and digest <> $4",
                binds![user.number(), at.to_string(), self.municipality.number(), but.unwrap_or_default()],
            )
            .await?;
        Ok(())
    }
}
