//! Who visits: a session by its cookie, and the person behind it as of today.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use kaikaku_domain::Moment;
use kaikaku_domain::person::{Actor, Role};
use kaikaku_store::{Municipality, Session, Stage};

use super::cache::Made;
use super::{App, Stop};
use crate::auth::token::Token;

/// How often the use of a session is noted, in seconds: reading should not write.
pub(crate) const RENEWED_EVERY: i64 = 60;

/// How long somebody who only reads waits until that is noted.
const NOTED_WITHIN: Duration = Duration::from_secs(1);

const COOKIE: &str = "kaikaku_session";
/// Over HTTPS: bound to the host and never sent without.
const SECURE_COOKIE: &str = "__Host-kaikaku_session";

/// A visitor who is signed in, at least half.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// The digest of the session's token.
    pub(crate) digest: String,
    /// The session.
    pub(crate) session: Session,
    /// What every form of this session carries.
    pub(crate) csrf: String,
    /// The person.
    pub(crate) actor: Arc<Actor>,
    /// The person's town.
    pub(crate) town: Municipality,
    /// What pages made now are made from.
    pub(crate) made: Made,
}

impl Visit {
    /// Whether the visitor has something to confirm or receive.
    pub(crate) fn is_reviewer(&self) -> bool {
        self.actor.has(Role::Secretariat)
            || !self.actor.section_head_of.is_empty()
            || !self.actor.division_head_of.is_empty()
    }

    /// Whether the visitor reads sheets at all.
    pub(crate) fn reads_sheets(&self) -> bool {
        let actor = &self.actor;
        actor.departments().next().is_some()
            || [Role::Secretariat, Role::Headquarters, Role::Viewer, Role::Committee]
                .iter()
                .any(|role| actor.has(*role))
    }
}

/// What the cookie tells: nobody, a session that has ended, or one that lasts.
pub(crate) enum Arrival {
    Nobody,
    /// A session that is over: a form that it was shown is still known to be ours.
    Ended(Token),
    Here(Arc<Visit>),
}

/// Who comes with these headers, at this moment. What `is_use` goes on for another while; a page that only watches how
/// long its session lasts must not make it last.
pub(crate) async fn arrive(
    app: &App,
    headers: &HeaderMap,
    now: Moment,
    is_use: bool,
) -> Result<Arrival, Stop> {
    match cookie(headers, app.settings.is_behind_https).and_then(Token::read) {
        Some(token) => arrive_with(app, token, now, is_use).await,
        None => Ok(Arrival::Nobody),
    }
}

/// Who comes with this token.
pub(crate) async fn arrive_with(app: &App, token: Token, now: Moment, is_use: bool) -> Result<Arrival, Stop> {
    let digest = hex(&token);
    let Some(session) = app.store.session(&digest).await? else { return Ok(Arrival::Nobody) };
    if !lasts(app, &session, now) {
        return Ok(Arrival::Ended(token));
    }
    let is_full = session.stage == Stage::Full;
    if is_use && is_full && now.seconds_since(session.seen_at) >= RENEWED_EVERY {
        note_use(app, &digest, now).await?;
    }
    let made = Made { head: session.head, town_seq: session.town_seq, day: now.day() };
    let actor = actor(app, &session, made).await?;
    let town = app.town_of(session.municipality, made).await?;
    Ok(Arrival::Here(Arc::new(Visit { digest, csrf: token.csrf(), session, actor, town, made })))
}

/// Notes that a session is in use, so that it lasts. What cannot be written just now keeps nobody from reading: it is
/// noted with one of the next requests.
async fn note_use(app: &App, digest: &str, now: Moment) -> Result<(), Stop> {
    match tokio::time::timeout(NOTED_WITHIN, app.store.see_session(digest, now)).await {
        Ok(Err(error)) if !error.is_passing() => Err(error.into()),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the use of a session is not noted");
            Ok(())
        }
        Ok(Ok(())) | Err(_) => Ok(()),
    }
}

/// How many seconds a session lasts from now on when nothing more is done.
pub(crate) fn seconds_left(app: &App, session: &Session, now: Moment) -> i64 {
    let idle = app.settings.idle_seconds - now.seconds_since(session.seen_at);
    let longest = app.settings.longest_seconds - now.seconds_since(session.created_at);
    idle.min(longest).max(0)
}

fn lasts(app: &App, session: &Session, now: Moment) -> bool {
    session.ended_at.is_none() && seconds_left(app, session, now) > 0
}

/// The person as of today; asked for once, as long as nothing has changed.
async fn actor(app: &App, session: &Session, made: Made) -> Result<Arc<Actor>, Stop> {
    if let Some(actor) = app.cache.actor(session.user, made) {
        return Ok(actor);
    }
    let (town, user) = (session.municipality, session.user);
    let assignments = app.store.assignments(town, user).await?;
    let organisation = app.store.organisation(town).await?;
    let actor = Actor::new(town, user, session.name.clone(), &assignments, &organisation, made.day);
    let actor = Arc::new(actor);
    app.cache.keep_actor(made, Arc::clone(&actor));
    Ok(actor)
}

/// The digest of a token, as the record keeps it.
pub(crate) fn hex(token: &Token) -> String {
    kaikaku_domain::text::hex(&token.digest())
}

fn cookie(headers: &HeaderMap, secure: bool) -> Option<&str> {
    let name = if secure { SECURE_COOKIE } else { COOKIE };
    headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).find_map(|cookies| {
        cookies.split(';').find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
    })
}

/// The header that hands a session's token to the browser; without a token it takes it away.
pub(crate) fn set_cookie(app: &App, token: Option<&Token>) -> HeaderValue {
    let secure = app.settings.is_behind_https;
    let name = if secure { SECURE_COOKIE } else { COOKIE };
    let (value, age) = match token {
        Some(token) => (token.text(), app.settings.longest_seconds),
        None => (String::new(), 0),
    };
    cookie_header(name, &value, age, secure)
}

/// The header that hands a cookie to the browser for so many seconds; only over HTTPS where `secure`.
pub(crate) fn cookie_header(name: &str, value: &str, age: i64, secure: bool) -> HeaderValue {
    let mark = if secure { "; Secure" } else { "" };
    // Lax: a link to a sheet in a mail opens it.
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{mark}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("kaikaku_session=; Path=/; Max-Age=0"))
}
