//! Somebody at work with a browser: signs in, reads pages, posts forms, and counts what was changed by it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::Method;

use crate::plan::Written;
use crate::support::http::{Answer, FORM, Visitor, urlencoded};

/// The cookies that a browser keeps, whichever of the town's servers it was sent to.
const COOKIES: [&str; 2] = ["kaikaku_session", "kaikaku_device"];

/// A person. Where several servers are at work, each request goes to the next of them.
pub(crate) struct Person {
    pub(crate) login: String,
    windows: Vec<Visitor>,
    turn: usize,
    csrf: String,
    changes: Arc<AtomicU64>,
}

impl Person {
    pub(crate) fn new(addresses: &[String], login: &str, changes: &Arc<AtomicU64>) -> Person {
        Person {
            login: login.to_owned(),
            windows: addresses.iter().map(|address| Visitor::new(address)).collect(),
            turn: 0,
            csrf: String::new(),
            changes: Arc::clone(changes),
        }
    }

    /// The same person at another server of the same record, with the session that is open.
    pub(crate) fn at(&self, address: &str) -> Person {
        let mut window = Visitor::new(address);
        for name in COOKIES {
            window.set_cookie(name, self.windows[self.turn].cookie(name).unwrap());
        }
        Person {
            login: self.login.clone(),
            windows: vec![window],
            turn: 0,
            csrf: self.csrf.clone(),
            changes: Arc::clone(&self.changes),
        }
    }

    /// Signs in with the password that somebody else has chosen, and chooses another.
    pub(crate) async fn sign_in(&mut self, initial: &str) {
        let answer = self.post("/session", &[("name", &self.login.clone()), ("password", initial)]).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/account")), "{}", answer.text());
        self.csrf = self.get("/account").await.input("csrf").unwrap();
        let own = format!("青い自転車で海まで三里半 {}", initial.len());
        let fields = [("current", initial), ("new", &own), ("again", &own)];
        let answer = self.post("/account/password", &fields).await;
        assert_eq!(answer.header("location"), Some("/?done=password"), "{}", answer.text());
        self.count();
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let answer = self.window().get(path).await;
        self.share_cookies();
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.text());
        answer
    }

    /// The same where the server may be gone: nothing then.
    pub(crate) async fn try_to_get(&mut self, path: &str) -> Option<Answer> {
        let answer = self.window().send(Method::GET, path, &[], "").await.ok()?;
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.text());
        Some(answer)
    }

    /// Posts a form of one of this session's pages.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.try_to_post(path, fields).await;
        answer.unwrap_or_else(|error| panic!("{} posts {path}: {error}", self.login))
    }

    /// The same where the server may be gone.
    pub(crate) async fn try_to_post(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<Answer, String> {
        self.send(path, &[("content-type", FORM)], fields).await
    }

    /// Opens an entry; the version that its page was made from.
    pub(crate) async fn open(&mut self, entry: &str) -> (String, String) {
        let page = self.get(entry).await;
        let seen = page.input("seen").unwrap_or_else(|| panic!("{} has no form at {entry}", self.login));
        (seen, page.text())
    }

    /// Saves as the page's script does: the status, and what it says. What was changed by it is the caller's to count.
    pub(crate) async fn save(&mut self, entry: &str, seen: &str, written: &Written) -> Answer {
        let answer = self.try_to_save(entry, seen, written).await;
        answer.unwrap_or_else(|error| panic!("{} saves {entry}: {error}", self.login))
    }

    /// The same where the server may be gone.
    pub(crate) async fn try_to_save(
        &mut self,
        entry: &str,
        seen: &str,
        written: &Written,
    ) -> Result<Answer, String> {
        let fields: Vec<_> = std::iter::once(("seen", seen)).chain(written.fields()).collect();
        let headers = [("content-type", FORM), ("accept", "application/json")];
        self.send(&format!("{entry}/draft"), &headers, &fields).await
    }

    /// Makes a move with an entry that was seen in this version, as its page's button does.
    pub(crate) async fn make(
        &mut self,
        entry: &str,
        step: &str,
        seen: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let fields: Vec<_> = std::iter::once(("seen", seen)).chain(more.iter().copied()).collect();
        let answer = self.post(&format!("{entry}/{step}"), &fields).await;
        assert_eq!(answer.status, 303, "{} {step} {entry}: {}", self.login, answer.text());
        answer
    }

    /// Notes that the record was changed.
    pub(crate) fn count(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// The entries that this person may write now, in the order of home.
    pub(crate) async fn tasks(&mut self) -> Vec<(String, String)> {
        let home = self.get("/").await.text();
        let mut tasks = Vec::new();
        for entry in links(&home) {
            let page = self.get(&entry).await.text();
            if page.contains(&format!("action=\"{entry}/draft\"")) {
                tasks.push((entry, page));
            }
        }
        tasks
    }

    async fn send(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Result<Answer, String> {
        let csrf = self.csrf.clone();
        let fields: Vec<_> = std::iter::once(("csrf", csrf.as_str())).chain(fields.iter().copied()).collect();
        let answer = self.window().send(Method::POST, path, headers, urlencoded(&fields)).await;
        self.share_cookies();
        answer
    }

    fn window(&mut self) -> &mut Visitor {
        self.turn = (self.turn + 1) % self.windows.len();
        &mut self.windows[self.turn]
    }

    fn share_cookies(&mut self) {
        let current = &self.windows[self.turn];
        let kept = COOKIES.map(|name| current.cookie(name).map(str::to_owned));
        for (name, value) in COOKIES.into_iter().zip(kept) {
            let Some(value) = value else { continue };
            for window in &mut self.windows {
                window.set_cookie(name, &value);
            }
        }
    }
}

/// The entries that a page links to, each once.
fn links(page: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for rest in page.split("href=\"/entries/").skip(1) {
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let link = format!("/entries/{number}");
        if !links.contains(&link) {
            links.push(link);
        }
    }
    links
}
