//! Where passwords are checked, judged and hashed for the server: apart from its own threads, and two at once.
//!
//! Each takes tens of milliseconds and 19 MiB on purpose. On the first morning three hundred people wait for a second
//! or two here, and everybody else's pages are as quick as ever.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::password::{self, Check, NotHashed, Refusal};
use super::random::Random;

/// How many passwords are worked on at once.
const PLACES: usize = 2;

/// The place where passwords are worked on.
pub(crate) struct Gate {
    check: Check,
    places: Arc<Semaphore>,
}

/// Why a password could not be worked on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GateError {
    /// It could not be hashed.
    #[error(transparent)]
    NotHashed(#[from] NotHashed),
    /// The work was broken off, as when the server ends.
    #[error("パスワードの処理が途中で止まりました（{0}）。")]
    BrokenOff(String),
}

impl Gate {
    /// To be made once, when the server starts.
    ///
    /// # Errors
    /// When there are no random bytes or not enough memory.
    pub(crate) fn new(random: &mut Random) -> Result<Self, NotHashed> {
        Ok(Self { check: Check::new(random)?, places: Arc::new(Semaphore::new(PLACES)) })
    }

    /// Whether this is the password of the account whose hash is given; at the same cost without a hash.
    ///
    /// # Errors
    /// When the work was broken off.
    pub(crate) async fn is_password(&self, password: &str, hash: Option<String>) -> Result<bool, GateError> {
        let (check, password) = (self.check.clone(), password.to_owned());
        self.apart(move || check.is_password(&password, hash.as_deref())).await
    }

    /// A new password's hash, or what stands against it.
    ///
    /// # Errors
    /// When the work was broken off, or there are no random bytes or not enough memory.
    pub(crate) async fn hash(
        &self,
        password: &str,
        login: &str,
        town: &str,
    ) -> Result<Result<String, Vec<Refusal>>, GateError> {
        let (password, login, town) = (password.to_owned(), login.to_owned(), town.to_owned());
        let hashed = self.apart(move || {
            let refusals = password::refusals(&password, &login, &town);
            if !refusals.is_empty() {
                return Ok(Err(refusals));
            }
            // A salt must be new, and nothing else: the operating system's is as good here as a lent one.
            password::hash(&password, &mut Random::system()).map(Ok)
        });
        Ok(hashed.await??)
    }

    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, GateError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|closed| GateError::BrokenOff(closed.to_string()))?;
        let work = tokio::task::spawn_blocking(move || {
            let done = work();
            // Given back by the work itself: whoever asked may have gone away meanwhile.
            drop(place);
            done
        });
        work.await.map_err(|broken| GateError::BrokenOff(broken.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_chosen_password_opens_and_no_other_does() {
        let gate = Gate::new(&mut Random::seeded(1)).unwrap();
        let password = "みかん畑と青い自転車と六月";
        let hash = gate.hash(password, "tanaka", "汐見市").await.unwrap().unwrap();
        assert!(gate.is_password(password, Some(hash.clone())).await.unwrap());
        assert!(!gate.is_password("みかん畑と青い自動車と六月", Some(hash)).await.unwrap());
        assert!(!gate.is_password(password, None).await.unwrap());
    }

    #[tokio::test]
    async fn a_password_against_the_rule_gets_no_hash() {
        let gate = Gate::new(&mut Random::seeded(1)).unwrap();
        let refusals = gate.hash("tanaka", "tanaka", "汐見市").await.unwrap().unwrap_err();
        assert_eq!(refusals, [Refusal::TooShort(6), Refusal::Holds("tanaka".to_owned())]);
    }
}
