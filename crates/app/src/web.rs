//! The server: what it knows, and how a request becomes an answer.
//!
//! Every address is in [`routes`] with who may use it. A request is taken apart once ([`ask`]), asked of its page, and
//! answered with the same headers; what goes wrong becomes a page in the visitor's words ([`stop`]).

mod ask;
mod assets;
mod cache;
mod form;
mod layout;
mod pages;
mod print;
mod routes;
mod say;
mod sign_in;
mod stop;
#[cfg(test)]
mod tests;
mod visit;
mod work;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use kaikaku_domain::Form;
use kaikaku_domain::id::{MunicipalityId, UserId};
use kaikaku_store::{Municipality, Store};

use crate::auth::gate::Gate;
use crate::auth::password::NotHashed;
use crate::auth::random::Random;
use crate::clock::Clock;

pub(crate) use ask::Ask;
pub(crate) use stop::Stop;

/// What a page answers.
pub(crate) type Answer = Result<axum::response::Response, Stop>;

/// What the server knows.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

/// What every request shares.
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) forms: Vec<Arc<Form>>,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) random: Mutex<Random>,
    pub(crate) gate: Gate,
    cache: cache::Cache,
    previews: tokio::sync::Semaphore,
}

/// How this server is run.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// How long a session lasts without a request, in seconds.
    pub(crate) idle_seconds: i64,
    /// How long a session lasts at most, in seconds.
    pub(crate) longest_seconds: i64,
    /// Whether browsers reach it by HTTPS only, so that the cookie may say so.
    pub(crate) is_behind_https: bool,
    /// Who is introduced on the sign-in page of a demo, each one click away; none in earnest.
    pub(crate) demo: Option<Demo>,
}

/// What a demo shows on its sign-in page.
#[derive(Debug, Clone)]
pub(crate) struct Demo {
    /// The people in order.
    pub(crate) people: Vec<DemoPerson>,
}

/// One person of a demo.
#[derive(Debug, Clone)]
pub(crate) struct DemoPerson {
    /// The sign-in name.
    pub(crate) login: String,
    /// What stands on the button.
    pub(crate) title: String,
    /// What this person sees.
    pub(crate) about: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { idle_seconds: 30 * 60, longest_seconds: 12 * 3600, is_behind_https: false, demo: None }
    }
}

impl App {
    /// A server over a record.
    ///
    /// # Errors
    /// When there are no random bytes or not enough memory for checking passwords.
    pub(crate) fn new(
        store: Store,
        forms: Vec<Form>,
        clock: Clock,
        settings: Settings,
    ) -> Result<Self, NotHashed> {
        let mut random = Random::system();
        Ok(Self(Arc::new(Inner {
            store,
            forms: forms.into_iter().map(Arc::new).collect(),
            clock,
            settings,
            gate: Gate::new(&mut random)?,
            random: Mutex::new(random),
            cache: cache::Cache::default(),
            // Setting a page takes a processor: two at once leave the rest of the machine to the others.
            previews: tokio::sync::Semaphore::new(2),
        })))
    }

    /// The whole of it, ready to be served.
    pub(crate) fn router(&self) -> Router {
        routes::router(self)
    }

    /// The form of this code.
    pub(crate) fn form(&self, code: &str) -> Result<&Arc<Form>, Stop> {
        self.forms
            .iter()
            .find(|form| form.code == code)
            .ok_or_else(|| Stop::Unexpected(format!("the form `{code}` is not known to this server")))
    }

    /// The municipality of this id with its settings; asked for once, as long as nothing has changed.
    pub(crate) async fn town_of(&self, id: MunicipalityId, made: cache::Made) -> Result<Municipality, Stop> {
        if let Some(town) = self.cache.town(id, made) {
            return Ok(town);
        }
        let towns = self.store.municipalities().await?;
        let town = towns.into_iter().find(|town| town.id == id).ok_or(Stop::NotFound)?;
        self.cache.keep_town(made, town.clone());
        Ok(town)
    }

    /// The names of everyone in a town.
    pub(crate) async fn names(&self, id: MunicipalityId) -> Result<HashMap<UserId, String>, Stop> {
        let people = self.store.people(id).await?;
        Ok(people.into_iter().map(|person| (person.user, person.name)).collect())
    }
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
