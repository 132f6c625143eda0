//! Pages that were made before. Every change of the record is an event, so a page is fresh as long as the town's last
//! event is the one that it was made after, and the day is the same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::body::Bytes;
use axum::response::Response;
use kaikaku_domain::Date;
use kaikaku_domain::id::{MunicipalityId, UserId};
use kaikaku_domain::person::Actor;
use kaikaku_store::Municipality;

use super::{Answer, Ask, Stop, say};

/// How many pages are remembered: each has some tens of kilobytes.
const MOST: usize = 256;

/// What a page or a person was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Made {
    /// The town's last event.
    pub(crate) head: i64,
    /// The last event about the town and none of its entries: all that people and settings are made from.
    pub(crate) town_seq: i64,
    /// The day in Japan.
    pub(crate) day: Date,
}

impl Made {
    /// Whether people, departments and settings are the same.
    fn is_same_town(self, other: Self) -> bool {
        (self.town_seq, self.day) == (other.town_seq, other.day)
    }
}

/// Pages by session and address, people by account.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    pages: Mutex<HashMap<(String, String), (Made, Bytes)>>,
    actors: Mutex<HashMap<UserId, (Made, Arc<Actor>)>>,
    towns: Mutex<HashMap<MunicipalityId, (Made, Municipality)>>,
}

impl Cache {
    pub(crate) fn page(&self, session: &str, address: &str, made: Made) -> Option<Bytes> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let (from, page) = pages.get(&(session.to_owned(), address.to_owned()))?;
        (*from == made).then(|| page.clone())
    }

    pub(crate) fn keep_page(&self, session: &str, address: &str, made: Made, page: Bytes) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.len() >= MOST {
            pages.retain(|_, (from, _)| *from == made);
        }
        if pages.len() >= MOST {
            pages.clear();
        }
        pages.insert((session.to_owned(), address.to_owned()), (made, page));
    }

    pub(crate) fn actor(&self, user: UserId, made: Made) -> Option<Arc<Actor>> {
        let actors = self.actors.lock().unwrap_or_else(PoisonError::into_inner);
        let (from, actor) = actors.get(&user)?;
        from.is_same_town(made).then(|| Arc::clone(actor))
    }

    pub(crate) fn keep_actor(&self, made: Made, actor: Arc<Actor>) {
        let mut actors = self.actors.lock().unwrap_or_else(PoisonError::into_inner);
        if actors.len() >= MOST {
            actors.clear();
        }
        actors.insert(actor.user, (made, actor));
    }

    pub(crate) fn town(&self, id: MunicipalityId, made: Made) -> Option<Municipality> {
        let towns = self.towns.lock().unwrap_or_else(PoisonError::into_inner);
        let (from, town) = towns.get(&id)?;
        from.is_same_town(made).then(|| town.clone())
    }

    pub(crate) fn keep_town(&self, made: Made, town: Municipality) {
        let mut towns = self.towns.lock().unwrap_or_else(PoisonError::into_inner);
        towns.insert(town.id, (made, town));
    }
}

/// The page that this visitor was given at this address and that is still right.
pub(crate) fn kept(ask: &Ask) -> Option<Response> {
    let visit = ask.visit.as_ref().filter(|_| ask.query.value("done").is_none())?;
    ask.app.cache.page(&visit.digest, &ask.address, visit.made).map(say::html)
}

/// A page, kept for the next time; one that tells what has just been done is said once.
pub(crate) fn keep<T: Template>(ask: &Ask, page: &T) -> Answer {
    let html = page.render().map_err(|error| Stop::Unexpected(error.to_string()))?;
    let html = Bytes::from(html);
    if let Some(visit) = ask.visit.as_ref().filter(|_| ask.query.value("done").is_none()) {
        ask.app.cache.keep_page(&visit.digest, &ask.address, visit.made, html.clone());
    }
    Ok(say::html(html))
}
