//! Signing in, staying in and getting out, as browsers do it: over HTTP without a socket, with their cookies.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use http_body_util::BodyExt;
use kaikaku_domain::id::EntryId;
use kaikaku_domain::person::{Assignment, Role};
use kaikaku_store::Stage;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tower::ServiceExt;

use super::town::{Reply, Town};
use crate::auth::random::Random;
use crate::auth::token::{Token, unhex};
use crate::people;
use crate::web::visit::hex;

const TOWN: &str = "992011";
const PASSWORD: &str = "みかん畑と青い自転車と六月";

/// A browser with its cookies.
struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn at(town: &Town) -> Self {
        Self { router: town.app.router(), cookies: BTreeMap::new() }
    }

    async fn get(&mut self, path: &str) -> Reply {
        self.send(Method::GET, path, "same-origin", String::new()).await
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(Method::POST, path, "same-origin", encoded(fields)).await
    }

    /// Posts a form with what its page had in hidden fields.
    async fn fill(&mut self, page: &Reply, path: &str, fields: &[(&str, &str)]) -> Reply {
        let hidden = hidden(&page.text);
        let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        self.post(path, &all).await
    }

    async fn sign_in(&mut self, name: &str, password: &str) -> Reply {
        self.post("/session", &[("town", TOWN), ("name", name), ("password", password)]).await
    }

    async fn send(&mut self, method: Method, path: &str, site: &str, body: String) -> Reply {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", cookies.join("; "))
            .header("sec-fetch-site", site)
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
            let (name, rest) = cookie.split_once('=').unwrap();
            let (value, rest) = rest.split_once(';').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let (head, body) = answer.into_parts();
        let location = head.headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
        let text = body.collect().await.unwrap().to_bytes();
        Reply {
            status: head.status.as_u16(),
            location: location.to_owned(),
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    }

    fn session(&self) -> String {
        hex(&Token::read(&self.cookies["kaikaku_session"]).unwrap())
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The hidden fields of a page's main part, as a browser would send them.
fn hidden(page: &str) -> Vec<(String, String)> {
    let main = page.split("<main").nth(1).unwrap_or_default();
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        let value = rest.split('"').next()?;
        Some(
            [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
                .iter()
                .fold(value.to_owned(), |value, (escape, sign)| value.replace(escape, sign)),
        )
    };
    let tags = main.split("<input type=\"hidden\"").skip(1).filter_map(|rest| rest.split('>').next());
    tags.filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?))).collect()
}

/// The code that a telephone shows for a secret.
fn code(secret: &str, town: &Town, later: i64) -> String {
    let bytes = unhex::<20>(secret).unwrap().to_vec();
    let telephone =
        totp_rs::TOTP::new_unchecked(totp_rs::Algorithm::SHA1, 6, 1, 30, bytes, None, String::new());
    telephone.generate(u64::try_from(town.app.clock.now().unix_ms() / 1000 + later).unwrap())
}

/// A person of 市民課 with an account; the initial password.
async fn open(town: &Town, login: &str) -> String {
    let organisation = town.app.store.organisation(town.id).await.unwrap();
    let department = people::department_named(&organisation, "市民課", town.now.day());
    let role = Assignment { role: Role::Author, department, from: None, to: None, deputy_of: None };
    let mut random = Random::seeded(7);
    let (store, at) = (&town.app.store, town.now);
    people::open_account(store, town.id, (login, "田中 花子"), &[role], &mut random, at)
        .await
        .unwrap()
        .password
}

/// A person who has signed in and chosen a password.
async fn settled(town: &Town, login: &str) -> Browser {
    let initial = open(town, login).await;
    let mut browser = Browser::at(town);
    assert_eq!(browser.sign_in(login, &initial).await.location, "/account");
    let page = browser.get("/account").await;
    let fields = [("current", initial.as_str()), ("new", PASSWORD), ("again", PASSWORD)];
    let changed = browser.fill(&page, "/account/password", &fields).await;
    assert_eq!((changed.status, changed.location.as_str()), (303, "/?done=password"), "{}", changed.text);
    browser
}

/// Sets up the second factor with the code before the present one; the secret, that code and the recovery codes.
async fn with_factor(town: &Town, browser: &mut Browser) -> (String, String, Vec<String>) {
    let page = browser.get("/account/second-factor").await;
    let secret = hidden(&page.text).into_iter().find(|(name, _)| name == "secret").unwrap().1;
    let code = code(&secret, town, -30);
    let set = browser.fill(&page, "/account/second-factor", &[("code", &code), ("current", PASSWORD)]).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let codes = set.text.split("<li><code>").skip(1).filter_map(|rest| rest.split('<').next());
    (secret, code, codes.map(str::to_owned).collect())
}

#[tokio::test]
async fn an_initial_password_opens_the_account_page_and_nothing_else_until_it_is_changed() {
    let town = Town::new(1).await;
    let initial = open(&town, "tanaka").await;
    let mut browser = Browser::at(&town);
    let signed = browser.sign_in("ＴＡＮＡＫＡ", &initial).await;
    assert_eq!((signed.status, signed.location.as_str()), (303, "/account"), "{}", signed.text);
    let elsewhere = browser.get("/sheets").await;
    assert_eq!((elsewhere.status, elsewhere.location.as_str()), (303, "/account"));
    let page = browser.get("/account").await;
    assert!(page.text.contains("はじめに、パスワードを変えてください") && page.text.contains("担当者"));
    for (current, new, again, message) in [
        ("wrong", PASSWORD, PASSWORD, "今のパスワードが違います"),
        (&initial, "短い", "短い", "12文字以上"),
        (&initial, PASSWORD, "ちがう", "新しいパスワードと違います"),
        (&initial, &initial, &initial, "今のパスワードと同じです"),
    ] {
        let fields = [("current", current), ("new", new), ("again", again)];
        let refused = browser.fill(&page, "/account/password", &fields).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.matches(message).count() >= 2, "{message} {}", refused.text);
        assert!(!refused.text.contains(&initial) && !refused.text.contains(PASSWORD));
    }
    let fields = [("current", initial.as_str()), ("new", PASSWORD), ("again", PASSWORD)];
    assert_eq!(browser.fill(&page, "/account/password", &fields).await.location, "/?done=password");
    assert_ne!(browser.get("/sheets").await.status, 422);
    assert_eq!(Browser::at(&town).sign_in("tanaka", &initial).await.status, 422);
    assert_eq!(Browser::at(&town).sign_in("tanaka", PASSWORD).await.location, "/");
    assert!(town.app.store.verify(town.id).await.unwrap().is_ok());
}

#[tokio::test]
async fn nobody_learns_which_names_there_are() {
    let town = Town::new(1).await;
    settled(&town, "tanaka").await;
    open(&town, "closed").await;
    people::set_disabled(&town.app.store, town.id, "closed", true, town.now).await.unwrap();
    let mut answers = Vec::new();
    for name in ["tanaka", "nobody", "closed", "田中"] {
        let answer = Browser::at(&town).sign_in(name, "まちがったパスワード").await;
        answers.push((answer.status, answer.text.replace(&format!("value=\"{name}\""), "")));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, 422);
    assert!(!answers[0].1.contains("まちがった"));
}

#[tokio::test]
async fn who_guesses_waits_and_the_person_at_a_known_device_does_not() {
    let town = Town::new(1).await;
    let mut own = settled(&town, "tanaka").await;
    let mut attacker = Browser::at(&town);
    for _ in 0..5 {
        assert_eq!(attacker.sign_in("tanaka", "guess").await.status, 422);
    }
    let waits = attacker.sign_in("tanaka", PASSWORD).await;
    assert_eq!(waits.status, 429);
    assert!(waits.text.contains("待ってからやり直してください"));
    // A device that is made up is none.
    attacker.cookies.insert("kaikaku_device".to_owned(), "ab".repeat(32));
    assert_eq!(attacker.sign_in("tanaka", PASSWORD).await.status, 429);
    assert_eq!(own.sign_in("tanaka", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_thousand_guesses_at_once_are_a_thousand() {
    let town = Town::new(1).await;
    open(&town, "tanaka").await;
    let guesses = (0..40).map(|_| {
        let mut browser = Browser::at(&town);
        tokio::spawn(async move { browser.sign_in("tanaka", "guess").await.status })
    });
    let mut tried = 0;
    for guess in guesses.collect::<Vec<_>>() {
        tried += usize::from(guess.await.unwrap() == 422);
    }
    // The clock goes on while the first are looked at: a wait of two seconds may be over.
    assert!((5..8).contains(&tried), "{tried}");
}

#[tokio::test]
async fn every_sign_in_gives_a_new_session_and_ends_the_one_before() {
    let town = Town::new(1).await;
    let mut browser = settled(&town, "tanaka").await;
    let before = browser.session();
    browser.sign_in("tanaka", PASSWORD).await;
    assert_ne!(browser.session(), before);
    assert!(town.app.store.session(&before).await.unwrap().unwrap().ended_at.is_some());
    let page = browser.get("/account").await;
    let csrf = page.text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let out = browser.post("/session/end", &[("csrf", csrf)]).await;
    assert_eq!(out.location, "/session/new?done=signed_out");
    assert!(!browser.cookies.contains_key("kaikaku_session"));
    assert!(browser.get(&out.location).await.text.contains("サインアウトしました。"));
}

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_in_or_out() {
    let town = Town::new(1).await;
    let mut browser = settled(&town, "tanaka").await;
    let fields = encoded(&[("town", TOWN), ("name", "tanaka"), ("password", PASSWORD)]);
    assert_eq!(browser.send(Method::POST, "/session", "cross-site", fields).await.status, 403);
    assert_eq!(browser.post("/session/end", &[("csrf", "0")]).await.status, 403);
    assert_eq!(browser.get("/account").await.status, 200);
}

#[tokio::test]
async fn the_second_factor_is_asked_for_and_each_code_is_good_once() {
    let town = Town::new(1).await;
    let mut own = settled(&town, "tanaka").await;
    let (secret, used, recovery) = with_factor(&town, &mut own).await;
    assert_eq!(recovery.len(), 10);
    assert!(own.get("/account").await.text.contains("回復コードは10個です"));
    let mut browser = Browser::at(&town);
    let fields =
        [("town", TOWN), ("name", "tanaka"), ("password", PASSWORD), ("next", "/account?done=factor")];
    let half = browser.post("/session", &fields).await;
    assert!(half.location.starts_with("/session/code?next="), "{}", half.location);
    // Half signed in is not signed in.
    assert_eq!(browser.get("/account").await.status, 303);
    let page = browser.get(&half.location).await;
    assert!(!page.text.contains("田中") && !page.text.contains("href=\"/sheets\""));
    // The code that proved the telephone is used up.
    let used = browser.fill(&page, "/session/code", &[("code", &used)]).await;
    assert_eq!(used.status, 422, "{}", used.text);
    let full = browser.fill(&page, "/session/code", &[("code", &code(&secret, &town, 0))]).await;
    assert_eq!((full.status, full.location.as_str()), (303, "/account?done=factor"), "{}", full.text);
    for expect in [303, 422] {
        let mut browser = Browser::at(&town);
        browser.sign_in("tanaka", PASSWORD).await;
        let page = browser.get("/session/code").await;
        let typed = recovery[3].to_uppercase();
        assert_eq!(browser.fill(&page, "/session/code", &[("code", &typed)]).await.status, expect);
    }
    let page = own.get("/account").await;
    assert!(page.text.contains("回復コードは9個です"), "{}", page.text);
    let kept = own.fill(&page, "/account/second-factor/removal", &[("current", "wrong")]).await;
    assert_eq!(kept.status, 422);
    own.fill(&page, "/account/second-factor/removal", &[("current", PASSWORD)]).await;
    assert_eq!(Browser::at(&town).sign_in("tanaka", PASSWORD).await.location, "/");
}

#[tokio::test]
async fn a_changed_password_and_a_closed_account_end_the_other_sessions() {
    let town = Town::new(1).await;
    let mut own = settled(&town, "tanaka").await;
    let mut other = Browser::at(&town);
    other.sign_in("tanaka", PASSWORD).await;
    let page = own.get("/account").await;
    let fields = [
        ("current", PASSWORD),
        ("new", "六月の青い自転車とみかん畑"),
        ("again", "六月の青い自転車とみかん畑"),
    ];
    assert_eq!(own.fill(&page, "/account/password", &fields).await.location, "/account?done=password");
    assert_eq!((own.get("/account").await.status, other.get("/account").await.status), (200, 303));
    people::set_disabled(&town.app.store, town.id, "tanaka", true, town.now).await.unwrap();
    assert_eq!(own.get("/account").await.status, 303);
    people::set_disabled(&town.app.store, town.id, "tanaka", false, town.now).await.unwrap();
    assert_eq!(own.get("/account").await.status, 303, "an ended session does not come back");
}

#[tokio::test]
async fn watching_how_long_a_session_lasts_does_not_make_it_last() {
    let town = Town::new(1).await;
    let mut browser = settled(&town, "tanaka").await;
    let account = town.app.store.account(town.id, "tanaka").await.unwrap().unwrap();
    let token = Token::new(&mut Random::seeded(77)).unwrap();
    let (begun, whose) = (town.now.plus_seconds(-25 * 60), (town.id, account.user));
    town.app.store.begin_session(&hex(&token), whose, Stage::Full, begun).await.unwrap();
    browser.cookies.insert("kaikaku_session".to_owned(), token.text());
    let mut seconds = Vec::new();
    for _ in 0..2 {
        let left: serde_json::Value = serde_json::from_str(&browser.get("/session").await.text).unwrap();
        assert_eq!(left["csrf"], token.csrf());
        seconds.push(left["seconds"].as_i64().unwrap());
    }
    assert!(seconds.iter().all(|left| (280..=301).contains(left)), "{seconds:?}");
    let renewed = browser.post("/session/renewal", &[("csrf", &token.csrf())]).await;
    let renewed: serde_json::Value = serde_json::from_str(&renewed.text).unwrap();
    assert_eq!(renewed["seconds"], 1800);
}

/// An entry's form, posted by a browser whose session has ended: the sign-in page that carries it.
async fn carried(town: &Town, browser: &mut Browser) -> (EntryId, Reply) {
    let entry = town.entries().await[0];
    let page = browser.get(&format!("/entries/{entry}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    town.app.store.end_session(&browser.session(), town.now).await.unwrap();
    let typed = "窓口を\n「二つ」増やした。<b>&amp;";
    let fields = [("rating", "B"), ("narrative", typed)];
    let asked = browser.fill(&page, &format!("/entries/{entry}/draft"), &fields).await;
    assert_eq!(asked.status, 401, "{}", asked.text);
    assert!(asked.text.contains("入力した文章はこの画面が預かっています。"));
    (entry, asked)
}

#[tokio::test]
async fn what_was_typed_after_the_session_had_ended_is_saved_by_signing_in() {
    let town = Town::new(1).await;
    let mut browser = settled(&town, "tanaka").await;
    let (entry, asked) = carried(&town, &mut browser).await;
    let wrong = [("town", TOWN), ("name", "tanaka"), ("password", "wrong")];
    let again = browser.fill(&asked, "/session", &wrong).await;
    assert_eq!(again.status, 422);
    let right = [("town", TOWN), ("name", "tanaka"), ("password", PASSWORD)];
    let saved = browser.fill(&again, "/session", &right).await;
    assert_eq!(saved.location, format!("/entries/{entry}?done=saved"), "{}", saved.text);
    let found = town.found("author", entry).await;
    let draft = serde_json::to_value(found.draft()).unwrap().to_string();
    assert!(draft.contains("窓口を\\n「二つ」増やした。<b>&amp;"), "{draft}");
}

#[tokio::test]
async fn what_was_typed_goes_through_the_second_factor_too() {
    let town = Town::new(1).await;
    let mut browser = settled(&town, "tanaka").await;
    let (secret, ..) = with_factor(&town, &mut browser).await;
    let (entry, asked) = carried(&town, &mut browser).await;
    let right = [("town", TOWN), ("name", "tanaka"), ("password", PASSWORD)];
    let half = browser.fill(&asked, "/session", &right).await;
    assert_eq!(half.status, 200, "{}", half.text);
    let wrong = browser.fill(&half, "/session/code", &[("code", "000000")]).await;
    assert_eq!(wrong.status, 422);
    let saved = browser.fill(&wrong, "/session/code", &[("code", &code(&secret, &town, 0))]).await;
    assert_eq!(saved.location, format!("/entries/{entry}?done=saved"), "{}", saved.text);
}

#[tokio::test]
async fn what_was_typed_and_comes_after_the_lock_is_kept_beside_and_shown() {
    let town = Town::new(1).await;
    let mut browser = settled(&town, "tanaka").await;
    let (entry, asked) = carried(&town, &mut browser).await;
    town.lock(entry).await;
    let right = [("town", TOWN), ("name", "tanaka"), ("password", PASSWORD)];
    let shown = browser.fill(&asked, "/session", &right).await;
    assert_eq!(shown.status, 409, "{}", shown.text);
    for part in ["締め切られました", "消えていません", "「二つ」増やした。"] {
        assert!(shown.text.contains(part), "`{part}` is not in {}", shown.text);
    }
    assert!(browser.get("/").await.text.contains(&format!("/entries/{entry}/conflicts/")));
}

#[tokio::test]
async fn what_another_person_had_typed_is_shown_and_not_saved() {
    let town = Town::new(1).await;
    let mut browser = settled(&town, "tanaka").await;
    settled(&town, "suzuki").await;
    let (entry, asked) = carried(&town, &mut browser).await;
    let other = [("town", TOWN), ("name", "suzuki"), ("password", PASSWORD)];
    let shown = browser.fill(&asked, "/session", &other).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert!(shown.text.contains("「二つ」増やした。&#60;b&#62;&#38;amp;"), "{}", shown.text);
    assert!(shown.text.contains("今サインインした方が違います"));
    assert_eq!(town.found("author", entry).await.entry.version, 0);
    assert_eq!(browser.get("/account").await.status, 200);
}

#[tokio::test]
async fn a_town_without_accounts_gets_one_administrator_and_only_one() {
    let town = Town::new(1).await;
    let store = &town.app.store;
    let id = store.found("012033", "沖合町", kaikaku_domain::workflow::Route::Direct).await.unwrap();
    let mut random = Random::seeded(3);
    let first = people::found_administrator(store, id, &mut random, town.now).await.unwrap();
    let (login, password) = first.unwrap();
    assert!(people::found_administrator(store, id, &mut random, town.now).await.unwrap().is_none());
    let mut browser = Browser::at(&town);
    let fields = [("town", "012033"), ("name", login.as_str()), ("password", password.as_str())];
    assert_eq!(browser.post("/session", &fields).await.location, "/account");
    assert!(store.verify(id).await.unwrap().is_ok());
}
