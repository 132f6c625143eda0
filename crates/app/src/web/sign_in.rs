//! From a name and a password to a session: counted first, checked at equal cost, then opened under a new token.
//!
//! A browser from which somebody signed in to an account before is known by a cookie of its own. The row under which its
//! failures are counted is also how the record knows it; so a device that is made up is none.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::PoisonError;

use axum::http::{HeaderValue, header};
use axum::response::Response;
use kaikaku_domain::Moment;
use kaikaku_domain::roster::login_name;
use kaikaku_domain::text::hex;
use kaikaku_store::{Account, Municipality, NewSession, Remembered, Stage, StoreError};
use serde_json::{Value, json};

use super::{App, Ask, Stop, visit};
use crate::auth::factor::Factor;
use crate::auth::gate::GateError;
use crate::auth::random::NoRandomness;
use crate::auth::throttle::{Answer, Counter, Key, Visitor};
use crate::auth::token::Token;

const DAY: i64 = 86_400;
/// How long a device is known after its last sign-in: as long as browsers keep a cookie at most.
const DEVICE_KEPT: i64 = 400 * DAY;
/// How long the end of a session is remembered: a page that was left open over the holidays is still known to be ours.
const SESSION_KEPT: i64 = 30 * DAY;

const DEVICE: &str = "kaikaku_device";
const SECURE_DEVICE: &str = "__Host-kaikaku_device";

/// What became of an attempt.
pub(crate) enum Attempt<T> {
    /// It was right.
    Right(T),
    /// It was wrong, in whatever way.
    Wrong,
    /// It was not looked at; the words for whoever must wait.
    Wait(String),
}

/// A session that was opened.
pub(crate) struct Opened {
    pub(crate) token: Token,
    cookies: Vec<HeaderValue>,
}

impl Opened {
    /// The answer that hands it to the browser.
    pub(crate) fn hand_over(self, mut answer: Response) -> Response {
        for cookie in self.cookies {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
        answer
    }
}

/// Tries a name and a password. An unknown name, a closed account and a wrong password are one and the same, in words
/// and in time.
pub(crate) async fn try_password(
    ask: &Ask,
    town: &Municipality,
    name: &str,
    password: &str,
) -> Result<Attempt<Account>, Stop> {
    let caller = Caller::at_password(ask, &counted_name(town, name)).await?;
    if let Some(wait) = caller.begins(&ask.app, ask.now).await? {
        return Ok(Attempt::Wait(wait));
    }
    let login = login_name(name).unwrap_or_default();
    let account = ask.app.store.account(town.id, &login).await?;
    let account = account.filter(|account| account.disabled_at.is_none());
    let hash = account.as_ref().map(|account| account.password.clone());
    let is_right = ask.app.gate.is_password(password, hash).await?;
    match account {
        Some(account) if is_right => {
            caller.succeeds(&ask.app, ask.now).await?;
            Ok(Attempt::Right(account))
        }
        _ => Ok(Attempt::Wrong),
    }
}

/// Tries the second factor of an account whose password was right, and opens the session with it.
pub(crate) async fn try_code(
    ask: &Ask,
    town: &Municipality,
    account: &Account,
    typed: &str,
) -> Result<Attempt<Opened>, Stop> {
    let caller = Caller::at_code(ask, &counted_name(town, &account.login)).await?;
    if let Some(wait) = caller.begins(&ask.app, ask.now).await? {
        return Ok(Attempt::Wait(wait));
    }
    let Some(kept) = &account.second_factor else {
        // It was taken away since the password was given.
        return open(ask, town, account, None).await.map(opened_or_wrong);
    };
    let mut factor = factor(account, kept)?;
    if !factor.takes(typed, ask.now) {
        return Ok(Attempt::Wrong);
    }
    let opened = open(ask, town, account, Some((kept, &factor.kept()))).await?;
    if opened.is_some() {
        caller.succeeds(&ask.app, ask.now).await?;
    }
    Ok(opened_or_wrong(opened))
}

/// Asks a person who is signed in for the password once more, before something that a thief of the session would do.
pub(crate) async fn try_own_password(
    ask: &Ask,
    account: &Account,
    password: &str,
) -> Result<Attempt<()>, Stop> {
    let town = &ask.visitor()?.town;
    let name = format!("{}/signed in", counted_name(town, &account.login));
    let caller = Caller { visitor: Visitor::at_code(&name), kept_seconds: 0 };
    if let Some(wait) = caller.begins(&ask.app, ask.now).await? {
        return Ok(Attempt::Wait(wait));
    }
    if !ask.app.gate.is_password(password, Some(account.password.clone())).await? {
        return Ok(Attempt::Wrong);
    }
    caller.succeeds(&ask.app, ask.now).await?;
    Ok(Attempt::Right(()))
}

/// The second factor that an account keeps.
pub(crate) fn factor(account: &Account, kept: &Value) -> Result<Factor, StoreError> {
    Factor::read(kept)
        .ok_or_else(|| StoreError::Corrupt(format!("second factor of account {}", account.user)))
}

/// Opens the session of a person who has given all that was asked for, from now on known at this device; none when the
/// account was closed, or its code used, in this very moment.
pub(crate) async fn open(
    ask: &Ask,
    town: &Municipality,
    account: &Account,
    factor: Option<(&Value, &Value)>,
) -> Result<Option<Opened>, Stop> {
    let Some(mut opened) = open_as(ask, account, Stage::Full, factor).await? else { return Ok(None) };
    opened.cookies.push(remember_device(ask, &counted_name(town, &account.login)).await?);
    ask.app.store.forget_attempts(ask.now).await?;
    ask.app.store.forget_sessions(ask.now.plus_seconds(-SESSION_KEPT)).await?;
    Ok(Some(opened))
}

/// Opens a session as far as `stage`, in the place of the one that the browser had. Its token is always a new one.
pub(crate) async fn open_as(
    ask: &Ask,
    account: &Account,
    stage: Stage,
    factor: Option<(&Value, &Value)>,
) -> Result<Option<Opened>, Stop> {
    let token = new_token(&ask.app)?;
    let session = NewSession {
        digest: &visit::hex(&token),
        municipality: account.municipality,
        user: account.user,
        stage,
        at: ask.now,
        instead_of: ask.visit.as_ref().map(|visit| visit.digest.as_str()),
        factor,
    };
    if !ask.app.store.open_session(session).await? {
        return Ok(None);
    }
    let cookies = vec![visit::set_cookie(&ask.app, Some(&token))];
    Ok(Some(Opened { token, cookies }))
}

/// Who is counted, and for how long that is kept at least.
struct Caller {
    visitor: Visitor<Key>,
    kept_seconds: i64,
}

impl Caller {
    async fn at_password(ask: &Ask, name: &str) -> Result<Self, StoreError> {
        let source = ask.source.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let device = Self::of_device(ask, name).await?;
        Ok(device.unwrap_or_else(|| Self { visitor: Visitor::unknown(name, source), kept_seconds: 0 }))
    }

    async fn at_code(ask: &Ask, name: &str) -> Result<Self, StoreError> {
        let device = Self::of_device(ask, name).await?;
        Ok(device.unwrap_or_else(|| Self { visitor: Visitor::at_code(name), kept_seconds: 0 }))
    }

    /// The device, where the record knows it for this name.
    async fn of_device(ask: &Ask, name: &str) -> Result<Option<Self>, StoreError> {
        let Some(token) = device_token(ask) else { return Ok(None) };
        let device = Self::device(name, &token);
        let is_known = match device.keys().first() {
            Some(key) => ask.app.store.is_remembered(key).await?,
            None => false,
        };
        Ok(is_known.then_some(device))
    }

    fn device(name: &str, token: &Token) -> Self {
        Self { visitor: Visitor::known(name, token), kept_seconds: DEVICE_KEPT }
    }

    /// Counts an attempt; the words for whoever must wait instead.
    async fn begins(&self, app: &App, now: Moment) -> Result<Option<String>, StoreError> {
        let answer = self.recount(app, now, |counters| counters.attempt(now.unix_ms())).await?;
        Ok(Answer::message(answer))
    }

    /// Takes back what was counted.
    async fn succeeds(&self, app: &App, now: Moment) -> Result<(), StoreError> {
        self.recount(app, now, Visitor::succeeded).await
    }

    async fn recount<T: Send>(
        &self,
        app: &App,
        now: Moment,
        count: impl FnOnce(&mut Visitor<Counter>) -> T + Send,
    ) -> Result<T, StoreError> {
        let least = now.plus_seconds(self.kept_seconds);
        app.store
            .recount(&self.keys(), now, |states| {
                let mut states = states.iter();
                let mut counters = self.visitor.map(|_| counter(states.next().and_then(Option::as_deref)));
                let answer = count(&mut counters);
                (counters.each().into_iter().map(|counter| remembered(counter, least)).collect(), answer)
            })
            .await
    }

    fn keys(&self) -> Vec<String> {
        self.visitor.each().into_iter().map(|key| hex(key)).collect()
    }
}

/// A name as attempts are counted by it: the same name in another town is another.
fn counted_name(town: &Municipality, name: &str) -> String {
    format!("{}/{name}", town.code)
}

fn counter(state: Option<&str>) -> Counter {
    let state: Value = state.and_then(|state| serde_json::from_str(state).ok()).unwrap_or_default();
    let number = |name| state.get(name).and_then(Value::as_i64).unwrap_or_default();
    Counter { last_ms: number("last"), forgotten_ms: number("forgotten") }
}

fn remembered(counter: &Counter, least: Moment) -> Remembered {
    let state = json!({ "last": counter.last_ms, "forgotten": counter.forgotten_ms }).to_string();
    Remembered { state, until: least.max(Moment::from_unix_ms(counter.forgotten_ms)) }
}

fn device_token(ask: &Ask) -> Option<Token> {
    ask.cookie(device_cookie(&ask.app)).and_then(Token::read)
}

fn device_cookie(app: &App) -> &'static str {
    if app.settings.is_behind_https { SECURE_DEVICE } else { DEVICE }
}

/// Remembers that somebody signed in under this name at this device; the header that lets the device be known again.
async fn remember_device(ask: &Ask, name: &str) -> Result<HeaderValue, Stop> {
    let token = match device_token(ask) {
        Some(token) => token,
        None => new_token(&ask.app)?,
    };
    Caller::device(name, &token).succeeds(&ask.app, ask.now).await?;
    let secure = ask.app.settings.is_behind_https;
    Ok(visit::cookie_header(device_cookie(&ask.app), &token.text(), DEVICE_KEPT, secure))
}

fn new_token(app: &App) -> Result<Token, NoRandomness> {
    Token::new(&mut app.random.lock().unwrap_or_else(PoisonError::into_inner))
}

fn opened_or_wrong(opened: Option<Opened>) -> Attempt<Opened> {
    opened.map_or(Attempt::Wrong, Attempt::Right)
}

impl From<GateError> for Stop {
    fn from(error: GateError) -> Self {
        Self::Unexpected(error.to_string())
    }
}

impl From<NoRandomness> for Stop {
    fn from(error: NoRandomness) -> Self {
        Self::Unexpected(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_read_back_as_it_was_kept_and_at_least_as_long_as_it_counts() {
        let counter = Counter { last_ms: 1_774_900_000_000, forgotten_ms: 1_774_900_600_000 };
        let kept = remembered(&counter, Moment::EPOCH);
        assert_eq!(self::counter(Some(&kept.state)), counter);
        assert_eq!(kept.until.unix_ms(), counter.forgotten_ms);
        let later = Moment::from_unix_ms(1_774_999_999_999);
        assert_eq!(remembered(&counter, later).until, later);
    }

    #[test]
    fn what_nobody_has_counted_yet_is_nothing() {
        for state in [None, Some(""), Some("known"), Some("{}"), Some("[]")] {
            assert_eq!(counter(state), Counter::default(), "{state:?}");
        }
    }
}
