//! Signing in and out, and how long a session lasts.
//!
//! Whoever must sign in comes back to where they wanted to go, and what they had typed comes with them: see
//! [`carried`](super::carried).

use std::sync::Arc;

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::Response;
use kaikaku_store::{Account, Municipality, Stage};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::carried::{Carried, put_back};
use crate::web::layout::Layout;
use crate::web::sign_in::{self, Attempt, Opened};
use crate::web::visit::{self, Arrival, Visit};
use crate::web::{Answer, App, Ask, Demo, Stop, routes, say};

const WRONG: &str = "利用者名又はパスワードが違います。確かめて、もう一度入力してください。";
const WRONG_CODE: &str =
    "確認コードが違うか、既に使われています。認証アプリに今表示されている数字を入力してください。";

#[derive(Template)]
#[template(path = "session_new.html")]
struct SignIn {
    layout: Layout,
    demo: Option<Demo>,
    towns: Vec<Municipality>,
    /// The code of the town that was chosen.
    town: String,
    name: String,
    next: String,
    carried: Option<Carried>,
    is_ended: bool,
    wrong: Option<Wrong>,
}

/// What is wrong with what was typed, and where.
struct Wrong {
    field: &'static str,
    message: String,
}

#[derive(Template)]
#[template(path = "session_code.html")]
struct Code {
    layout: Layout,
    csrf: String,
    next: String,
    carried: Option<Carried>,
    wrong: Option<String>,
}

pub(crate) async fn show(ask: Ask) -> Answer {
    let next = place(ask.query.value("next"));
    if ask.visit.as_deref().is_some_and(is_full) {
        return Ok(say::see(&next));
    }
    let mut page = SignIn::new(&ask, next).await?;
    page.is_ended = ask.ended.is_some() && page.layout.done.is_none();
    say::page(&page)
}

pub(crate) async fn begin(ask: Ask) -> Answer {
    if !ask.is_from_here() {
        return Err(Stop::Foreign);
    }
    let mut page = SignIn::new(&ask, place(ask.form.value("next"))).await?;
    page.town = ask.form.value("town").unwrap_or_default().to_owned();
    page.name = ask.form.value("name").unwrap_or_default().to_owned();
    page.carried = Carried::read(&ask.form);
    let password = ask.form.value("password").unwrap_or_default();
    let town = match page.wanting(password) {
        Err(wrong) => return page.refused(StatusCode::UNPROCESSABLE_ENTITY, wrong),
        Ok(town) => town.clone(),
    };
    let wrong = |message: String| Wrong { field: "name", message };
    match sign_in::try_password(&ask, &town, &page.name, password).await? {
        Attempt::Wait(message) => page.refused(StatusCode::TOO_MANY_REQUESTS, wrong(message)),
        Attempt::Wrong => page.refused(StatusCode::UNPROCESSABLE_ENTITY, wrong(WRONG.to_owned())),
        Attempt::Right(account) => {
            let opened = match account.second_factor {
                Some(_) => sign_in::open_as(&ask, &account, Stage::Code, None).await?,
                None => sign_in::open(&ask, &town, &account, None).await?,
            };
            match opened {
                None => page.refused(StatusCode::UNPROCESSABLE_ENTITY, wrong(WRONG.to_owned())),
                Some(opened) if account.second_factor.is_some() => page.then_code(&ask, opened),
                Some(opened) => arrived(&ask, opened, &account, &page.next, page.carried).await,
            }
        }
    }
}

pub(crate) async fn ask_code(ask: Ask) -> Answer {
    let (visit, next) = (ask.visitor()?, place(ask.query.value("next")));
    if is_full(visit) {
        return Ok(say::see(&next));
    }
    say::page(&Code::new(&ask, visit.csrf.clone(), next, None))
}

pub(crate) async fn take_code(ask: Ask) -> Answer {
    let (visit, next) = (ask.visitor()?, place(ask.form.value("next")));
    let carried = Carried::read(&ask.form);
    if is_full(visit) {
        return match carried {
            Some(carried) => put_back(&ask, Arc::clone(visit), carried).await,
            None => Ok(say::see(&next)),
        };
    }
    let account = ask.app.store.account_of(visit.town.id, visit.session.user).await?.ok_or(Stop::NotFound)?;
    let typed = ask.form.value("code").unwrap_or_default();
    let (status, message) = match sign_in::try_code(&ask, &visit.town, &account, typed).await? {
        Attempt::Right(opened) => return arrived(&ask, opened, &account, &next, carried).await,
        Attempt::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, WRONG_CODE.to_owned()),
        Attempt::Wait(message) => (StatusCode::TOO_MANY_REQUESTS, message),
    };
    let mut page = Code::new(&ask, visit.csrf.clone(), next, carried);
    page.layout.has_errors = true;
    page.wrong = Some(message);
    say::page_with(status, &page)
}

pub(crate) async fn end(ask: Ask) -> Answer {
    let visit = ask.visitor()?;
    ask.app.store.end_session(&visit.digest, ask.now).await?;
    let mut answer = say::see("/session/new?done=signed_out");
    answer.headers_mut().insert(header::SET_COOKIE, visit::set_cookie(&ask.app, None));
    Ok(answer)
}

/// How long the session lasts, for the script that warns before it ends.
pub(crate) async fn left(ask: Ask) -> Answer {
    let visit = ask.visitor()?;
    Ok(seconds(visit, visit::seconds_left(&ask.app, &visit.session, ask.now)))
}

/// Makes the session last for another while.
pub(crate) async fn renew(ask: Ask) -> Answer {
    let visit = ask.visitor()?;
    ask.app.store.see_session(&visit.digest, ask.now).await?;
    let mut session = visit.session.clone();
    session.seen_at = ask.now;
    Ok(seconds(visit, visit::seconds_left(&ask.app, &session, ask.now)))
}

/// Signs in as one of the people of the demo, without a password: there is nothing to protect in it.
pub(crate) async fn begin_demo(ask: Ask) -> Answer {
    let demo = ask.app.settings.demo.as_ref().ok_or(Stop::NotFound)?;
    let login = ask.form.value("person").unwrap_or_default();
    if !demo.people.iter().any(|person| person.login == login) {
        return Err(Stop::NotFound);
    }
    for town in ask.app.store.municipalities().await? {
        if let Some(account) = ask.app.store.account(town.id, login).await? {
            let opened = sign_in::open_as(&ask, &account, Stage::Full, None).await?.ok_or(Stop::NotFound)?;
            let (next, carried) = (place(ask.form.value("next")), Carried::read(&ask.form));
            return arrived(&ask, opened, &account, &next, carried).await;
        }
    }
    Err(Stop::NotFound)
}

/// The answer to a form of an entry whose session had ended: the sign-in page, with everything that was typed in it.
/// Whoever signs in finds it saved in the entry.
///
/// The form must have been found to be one of the ended session's.
pub(crate) async fn sign_in_carrying(ask: &Ask) -> Answer {
    let entry = ask.entry()?;
    let ended = ask.ended.as_ref().map(visit::hex).unwrap_or_default();
    let session = ask.app.store.session(&ended).await?.ok_or(Stop::NotFound)?;
    let mut page = SignIn::new(ask, format!("/entries/{entry}")).await?;
    let account = ask.app.store.account_of(session.municipality, session.user).await?;
    page.name = account.map(|account| account.login).unwrap_or_default();
    let town = page.towns.iter().find(|town| town.id == session.municipality);
    page.town = town.map(|town| town.code.clone()).unwrap_or_default();
    page.carried = Some(Carried::of(entry, session.user, &ask.form));
    say::page_with(StatusCode::UNAUTHORIZED, &page)
}

impl SignIn {
    async fn new(ask: &Ask, next: String) -> Result<Self, Stop> {
        let towns = ask.app.store.municipalities().await?;
        let mut layout = ask.layout().titled("サインイン", "");
        if let ([town], true) = (towns.as_slice(), layout.town.is_empty()) {
            layout.town.clone_from(&town.name);
        }
        Ok(Self {
            layout,
            demo: ask.app.settings.demo.clone(),
            towns,
            town: String::new(),
            name: String::new(),
            next,
            carried: None,
            is_ended: false,
            wrong: None,
        })
    }

    /// The town in which somebody wants to sign in, or what is still missing.
    fn wanting(&self, password: &str) -> Result<&Municipality, Wrong> {
        let missing = |field, message: &str| Err(Wrong { field, message: message.to_owned() });
        let town = match self.towns.as_slice() {
            [] => {
                return missing(
                    "name",
                    "まだ市区町村が登録されていません。システム管理者に連絡してください。",
                );
            }
            [town] => town,
            towns => match towns.iter().find(|town| town.code == self.town) {
                Some(town) => town,
                None => return missing("town", "市区町村を選んでください。"),
            },
        };
        if self.name.trim().is_empty() {
            return missing("name", "利用者名を入力してください。");
        }
        if password.is_empty() {
            return missing("password", "パスワードを入力してください。");
        }
        Ok(town)
    }

    /// The page once more, with what is wrong; what was typed stays, but the password.
    fn refused(mut self, status: StatusCode, wrong: Wrong) -> Answer {
        self.layout.has_errors = true;
        self.wrong = Some(wrong);
        say::page_with(status, &self)
    }

    /// On to the second factor.
    fn then_code(self, ask: &Ask, opened: Opened) -> Answer {
        let answer = match self.carried {
            // What was typed goes through the hands of each page: no address is long enough for it.
            Some(_) => say::page(&Code::new(ask, opened.token.csrf(), self.next, self.carried))?,
            None => {
                let next = utf8_percent_encode(&self.next, NON_ALPHANUMERIC);
                say::see(&format!("/session/code?next={next}"))
            }
        };
        Ok(opened.hand_over(answer))
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.wrong.as_ref().is_some_and(|wrong| wrong.field == field)
    }

    fn message(&self) -> &str {
        self.wrong.as_ref().map_or("", |wrong| wrong.message.as_str())
    }
}

impl Code {
    fn new(ask: &Ask, csrf: String, next: String, carried: Option<Carried>) -> Self {
        let layout = Layout::of(&ask.app, None).titled("確認コードの入力", "");
        Self { layout, csrf, next, carried, wrong: None }
    }
}

/// On to where one wanted to go: with what was typed before, to a new password first, or simply there.
async fn arrived(
    ask: &Ask,
    opened: Opened,
    account: &Account,
    next: &str,
    carried: Option<Carried>,
) -> Answer {
    let answer = match carried {
        Some(carried) => match visit_of(&ask.app, ask, &opened).await {
            Ok(visit) => put_back(ask, visit, carried).await,
            Err(stop) => Err(stop),
        },
        None if account.must_change => Ok(say::see("/account")),
        None => Ok(say::see(next)),
    };
    // The session is open whatever became of the rest: the browser must have it.
    let answer = answer.unwrap_or_else(|stop| stop.answer(Layout::of(&ask.app, None), false));
    Ok(opened.hand_over(answer))
}

async fn visit_of(app: &App, ask: &Ask, opened: &Opened) -> Result<Arc<Visit>, Stop> {
    match visit::arrive_with(app, opened.token.clone(), ask.now, false).await? {
        Arrival::Here(visit) => Ok(visit),
        Arrival::Nobody | Arrival::Ended(_) => Err(Stop::SignIn { next: ask.address.clone() }),
    }
}

fn is_full(visit: &Visit) -> bool {
    visit.session.stage == Stage::Full
}

fn seconds(visit: &Visit, left: i64) -> Response {
    say::json(StatusCode::OK, &json!({ "seconds": left, "csrf": visit.csrf }))
}

/// Where somebody is sent after signing in: a page of ours, never anybody else's. An address that only takes forms
/// stands for the page above it.
fn place(next: Option<&str>) -> String {
    let next = next.unwrap_or("/");
    let (path, query) = next.split_once('?').map_or((next, None), |(path, query)| (path, Some(query)));
    // Browsers read `\` as `/`, leave out tabs and line ends, and take `//` for another host.
    let is_plain = path.starts_with('/') && !path.starts_with("//") && next.bytes().all(is_plain_byte);
    if !is_plain {
        return "/".to_owned();
    }
    let mut above = path;
    while !routes::is_page(above) {
        match above.rsplit_once('/') {
            Some((rest, _)) if !rest.is_empty() => above = rest,
            _ => return "/".to_owned(),
        }
    }
    match query {
        Some(query) if above == path => format!("{path}?{query}"),
        _ => above.to_owned(),
    }
}

fn is_plain_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_signs_in_comes_back_to_the_page_that_was_asked_for() {
        for next in
            ["/", "/sheets", "/sheets?state=returned&division=2", "/entries/5", "/entries/5/history?from=1"]
        {
            assert_eq!(place(Some(next)), next);
        }
        assert_eq!(place(None), "/");
    }

    #[test]
    fn an_address_that_only_takes_forms_stands_for_the_page_above_it() {
        for (next, page) in [
            ("/entries/5/draft", "/entries/5"),
            ("/entries/5/return", "/entries/5"),
            ("/entries/5/submission", "/entries/5/submission"),
            ("/review/receipt", "/review"),
            ("/account/password", "/account"),
            ("/session", "/"),
            ("/session/new?next=/sheets", "/"),
            ("/demo/session", "/"),
            ("/nowhere/at/all", "/"),
        ] {
            assert_eq!(place(Some(next)), page, "{next}");
        }
    }

    #[test]
    fn nobody_is_sent_to_another_site() {
        for next in [
            "//example.jp",
            "///example.jp",
            "/\\example.jp",
            "\\\\example.jp",
            "/\t/example.jp",
            "/\n/example.jp",
            "https://example.jp",
            "javascript:alert(1)",
            "/entries/5\r\nSet-Cookie: a=b",
            "entries/5",
            "/調書",
            "",
        ] {
            assert_eq!(place(Some(next)), "/", "{next:?}");
        }
    }
}
