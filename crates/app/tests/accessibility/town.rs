//! The example town with somebody in every role, and every page that they come to.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use totp_rs::{Algorithm, TOTP};

use super::pages::{Page, Pages};
use super::support::http::{Answer, Visitor};
use super::support::server::Server;

/// How many acts the story has.
pub(crate) const ACTS: usize = 4;

/// The people of the demo who have a button, and those who sign in with a password: 部長, 本部員, 外部委員, 閲覧,
/// システム管理者.
const BY_BUTTON: [&str; 3] = ["aoki", "nakamura", "kobayashi"];
const BY_PASSWORD: [&str; 5] = ["ueda", "yokoyama", "miyazaki", "miyamoto", "uchida"];

const PASSWORD: &str = "みなとに船が七つ並んでいる静かな朝です";

/// What everybody may try to open.
const PLACES: [&str; 12] = [
    "/",
    "/sheets",
    "/sheets?year=3&period=2",
    "/sheets?year=3&period=2&state=fixed",
    "/sheets?state=none&department=1",
    "/review",
    "/review?queue=fixing",
    "/review?period=1",
    "/account",
    "/account/second-factor",
    "/session/new",
    "/nowhere",
];

/// The lists in which the demo's own department has something: next year's goals, this year's end and goals.
const OWN: [&str; 3] = [
    "/sheets?year=4&period=0&department=6",
    "/sheets?year=3&period=2&department=6",
    "/sheets?year=3&period=0&department=6",
];

/// What is final at this year's end.
const FIXED: &str = "/sheets?year=3&period=2&state=fixed";

/// Three servers: the demo, one over the same record on another day, when nothing may be written, and an empty town.
pub(crate) struct Town {
    demo: Server,
    closed: Server,
    empty: Server,
    folder: TempDir,
    empty_folder: TempDir,
    people: Vec<Somebody>,
}

/// Somebody with a session.
#[derive(Clone)]
struct Somebody {
    who: String,
    address: String,
    visitor: Visitor,
}

/// A page with the answer that it came with.
type Come = (Page, Answer);

impl Town {
    pub(crate) async fn start() -> Town {
        let (folder, empty_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let demo = Server::start(serving("demo", folder.path(), &[]));
        let closed = Server::start(serving("serve", folder.path(), &[]));
        let town = ["--town", "992011", "--name", "汐見市"];
        let empty = Server::start(serving("serve", empty_folder.path(), &town));
        let mut people = vec![Somebody::nobody(&demo)];
        for login in BY_BUTTON {
            people.push(Somebody::by_button(&demo, login).await);
        }
        for login in BY_PASSWORD {
            let first = said_password(&["user", "password", login], folder.path());
            people.push(Somebody::by_password(&demo, login, &first).await.with_own_password(&first).await);
        }
        let first = said_password(&["user", "password", "ishikawa"], folder.path());
        people.push(Somebody::by_password(&demo, "ishikawa", &first).await);
        Town { demo, closed, empty, folder, empty_folder, people }
    }

    /// Plays an act and gives the pages in which something is new.
    pub(crate) async fn act(&self, act: usize, pages: &mut Pages) -> Vec<Page> {
        match act {
            0 => self.morning(pages).await,
            1 => self.noon(pages).await,
            2 => self.afternoon().await,
            _ => self.another_day(pages).await,
        }
    }

    /// The demo as it begins, and everything that can be got wrong in it.
    async fn morning(&self, pages: &mut Pages) -> Vec<Page> {
        let entries = self.entries().await;
        let mut seen = self.everything(&self.people, &entries, pages).await;
        let (clerk, head, secretary) =
            (self.person("aoki"), self.person("nakamura"), self.person("kobayashi"));
        let (draft, returned) = (clerk.task("続きを書く").await, clerk.task("直して再提出する").await);
        let submitted = head.task("内容を見て確認する").await;
        let conflict = clerk.task("見比べて選ぶ").await;
        let fixed = secretary.link(FIXED).await;
        let long = "長".repeat(20_001);
        seen.extend([
            clerk.posts(&format!("{draft}/draft"), &[("seen", "1"), ("narrative", &long)]),
            clerk.posts(&format!("{draft}/draft"), &[("narrative", "版がない")]),
            clerk.posts(&format!("{draft}/submission"), &[("seen", "1")]),
            clerk.posts(&format!("{returned}/return"), &[("seen", "1")]),
            clerk.posts(&conflict, &[("seen", "2")]),
            head.posts(&format!("{submitted}/return"), &[("seen", "2"), ("comment.goal", "数値を。")]),
            secretary.posts(&format!("{fixed}/reopening"), &[("seen", "0")]),
            secretary.posts(&format!("{fixed}/comments"), &[("body", "")]),
            secretary.posts("/review/receipt", &[]),
            secretary.posts("/review/return", &[("reason", "")]),
            clerk.posts("/account/password", &[("current", "x"), ("new", "y"), ("again", "z")]),
            clerk.posts(
                "/account/second-factor",
                &[("secret", &"ab".repeat(20)), ("code", "1"), ("current", "x")],
            ),
            self.person("nobody").posts("/session", &[("name", "aoki"), ("password", "x")]),
            Page { fields: vec![("csrf".to_owned(), "x".to_owned())], ..clerk.page("/account/password") },
        ]);
        seen
    }

    /// Some hours later: sent in again, sent back, reopened, and a conflict in what is submitted.
    async fn noon(&self, pages: &mut Pages) -> Vec<Page> {
        let (clerk, head, secretary) =
            (self.person("aoki"), self.person("nakamura"), self.person("kobayashi"));
        let (returned, conflict) = (clerk.task("直して再提出する").await, clerk.task("見比べて選ぶ").await);
        let text =
            [("rating", "C"), ("narrative", "書き直した。"), ("cause", "遅れた。"), ("policy", "急ぐ。")];
        clerk.does(&returned, "draft", &text).await;
        clerk.does(&returned, "submission", &[("acknowledged", "1")]).await;
        let both = conflict.split("/conflicts").next().unwrap();
        clerk.does(both, "draft", &[("rating", "B"), ("narrative", "間に合わせた。")]).await;
        clerk.does(both, "submission", &[("acknowledged", "1")]).await;
        let goals = head.task("内容を見て確認する").await;
        let remarks = [
            ("comment.goal", "いつまでに。"),
            ("comment.activities", "何月に。"),
            ("comment.roadmap", "何年に。"),
        ];
        head.does(&goals, "return", &[&[("reason", "数値を。")], &remarks[..]].concat()).await;
        let fixed = clerk.link(OWN[2]).await;
        secretary.does(&fixed, "reopening", &[("reason", "誤記がありました。")]).await;
        let fresh = clerk.task("書き始める").await;
        clerk.does(&fresh, "draft", &[("copy", "goal")]).await;
        clerk
            .does(
                &fresh,
                "draft",
                &[("goal", "300件とする。"), ("challenge", "例規の改正。"), ("copy", "challenge")],
            )
            .await;

        let own = self.own_entries().await;
        let mut pages = self.everything(&self.people, &own, pages).await;
        pages.push(clerk.page(&conflict));
        pages.push(clerk.posts(&format!("{fresh}/submission"), &[("seen", &clerk.seen(&fresh).await)]));
        pages
    }

    /// Many sheets received at once, and a clerk whose session has ended.
    async fn afternoon(&self) -> Vec<Page> {
        let draft = self.person("aoki").task("続きを書く").await;
        let mut seen = self.after_the_end(&draft).await;
        let secretary = self.person("kobayashi");
        let waiting = secretary.entries("/review").await;
        let number = |place: usize| waiting[place].trim_start_matches("/entries/").to_owned();
        let (version, name) = (secretary.seen(&waiting[0]).await, format!("seen.{}", number(0)));
        let chosen = [("entry", number(0)), ("entry", number(1)), (&name, version)];
        let chosen = chosen.each_ref().map(|(name, value)| (*name, value.as_str()));
        seen.push(secretary.posts("/review/receipt", &chosen));
        seen
    }

    /// Another day: nothing may be written, a telephone is asked for codes, a town has nothing yet.
    async fn another_day(&self, pages: &mut Pages) -> Vec<Page> {
        let (own, draft) = (self.own_entries().await, self.person("aoki").task("続きを書く").await);
        let mut people = vec![Somebody::nobody(&self.closed)];
        for login in ["aoki", "nakamura", "kobayashi", "uchida"] {
            let first = said_password(&["user", "password", login], self.folder.path());
            people.push(
                Somebody::by_password(&self.closed, login, &first).await.with_own_password(&first).await,
            );
        }
        let mut seen = self.everything(&people, &own, pages).await;
        let text = [("seen", "1"), ("narrative", "締切りの後に書いた。")];
        seen.push(people[1].posts(&format!("{draft}/draft"), &text));
        seen.push(people[0].posts("/session", &[("name", ""), ("password", "x")]));
        seen.extend(self.with_codes(&people[4]).await);
        seen.extend(self.in_an_empty_town(pages).await);
        seen
    }

    /// An administrator with a second factor, from the set-up to the code at the door.
    async fn with_codes(&self, person: &Somebody) -> Vec<Page> {
        let mut visitor = person.visitor.clone();
        let secret = visitor.get("/account/second-factor").await.input("secret").unwrap();
        let totp = TOTP::new_unchecked(Algorithm::SHA1, 6, 1, 30, unhex(&secret), None, String::new());
        let code = totp.generate_current().unwrap();
        let fields = [("secret", secret.as_str()), ("code", &code), ("current", PASSWORD)];
        let csrf = visitor.get("/account").await.input("csrf").unwrap();
        let done = visitor.post("/account/second-factor", &[&fields[..], &[("csrf", &csrf)]].concat()).await;
        assert_eq!(done.status, 200, "{}", done.text());
        let half = Somebody::by_password(&self.closed, "uchida", PASSWORD).await;
        vec![
            person.page("/account"),
            person.posts("/account/second-factor/removal", &[("current", "x")]),
            half.page("/session/code"),
            half.posts("/session/code", &[("code", "000000")]),
        ]
    }

    /// What meets a clerk whose session has ended.
    async fn after_the_end(&self, draft: &str) -> Vec<Page> {
        let ended = Somebody::by_button(&self.demo, "aoki").await;
        let csrf = ended.visitor.clone().get("/account").await.input("csrf").unwrap();
        let mut other = ended.clone();
        other.visitor.set_cookie("kaikaku_session", ended.visitor.cookie("kaikaku_session").unwrap());
        other.sends("/session/end", &[]).await;
        let own = |mut page: Page| {
            page.fields.retain(|(name, _)| name != "csrf");
            page.fields.push(("csrf".to_owned(), csrf.clone()));
            page
        };
        let carried = [
            ("carrying.entry", draft.trim_start_matches("/entries/")),
            ("carrying.by", "1"),
            ("carried.seen", "1"),
            ("carried.narrative", "預けた文章。"),
            ("person", "nakamura"),
        ];
        vec![
            ended.page("/session/new"),
            own(ended.posts(&format!("{draft}/draft"), &[("seen", "1"), ("narrative", "期限の後。")])),
            self.person("nobody").posts("/demo/session", &carried),
        ]
    }

    /// A secretary and an administrator before anything has been loaded.
    async fn in_an_empty_town(&self, pages: &mut Pages) -> Vec<Page> {
        let add = ["user", "add", "kaneda", "金田", "--role", "事務局"];
        let first = said_password(&add, self.empty_folder.path());
        let secretary =
            Somebody::by_password(&self.empty, "kaneda", &first).await.with_own_password(&first).await;
        self.everything(&[secretary], &[], pages).await
    }

    /// Every place and every entry with all that hangs on it, for each of these people.
    async fn everything(&self, people: &[Somebody], entries: &[String], pages: &mut Pages) -> Vec<Page> {
        let mut asking = tokio::task::JoinSet::new();
        for (place, somebody) in people.iter().cloned().enumerate() {
            let entries = entries.to_vec();
            asking.spawn(async move { (place, somebody.opens_everything(&entries).await) });
        }
        let mut come = asking.join_all().await;
        come.sort_by_key(|(place, _)| *place);
        let come = come.into_iter().flat_map(|(_, come)| come);
        come.filter(|(page, answer)| pages.is_new(page, answer.status, &answer.text()))
            .map(|(page, _)| page)
            .collect()
    }

    /// An entry of every period and state, and all of the demo's own department.
    async fn entries(&self) -> Vec<String> {
        let secretary = self.person("kobayashi");
        let list = secretary.visitor.clone().get("/sheets").await.text();
        let mut entries = self.own_entries().await;
        for year in options(&list, "year") {
            let list = secretary.visitor.clone().get(&format!("/sheets?year={year}")).await.text();
            for period in options(&list, "period") {
                for state in ["none", "draft", "submitted", "confirmed", "received", "fixed", "returned"] {
                    let path = format!("/sheets?year={year}&period={period}&state={state}");
                    entries.extend(secretary.entries(&path).await.into_iter().take(1));
                }
            }
        }
        let entries: BTreeSet<String> = entries.into_iter().collect();
        entries.into_iter().collect()
    }

    async fn own_entries(&self) -> Vec<String> {
        let mut own = Vec::new();
        for list in OWN {
            own.extend(self.person("aoki").entries(list).await);
        }
        assert!(own.len() >= 9, "{own:?}");
        own
    }

    fn person(&self, who: &str) -> &Somebody {
        self.people.iter().find(|person| person.who == who).unwrap()
    }
}

impl Somebody {
    fn nobody(server: &Server) -> Somebody {
        let address = server.address().to_owned();
        Somebody { who: "nobody".to_owned(), visitor: Visitor::new(&address), address }
    }

    async fn by_button(server: &Server, login: &str) -> Somebody {
        let mut somebody = Somebody { who: login.to_owned(), ..Somebody::nobody(server) };
        assert_eq!(somebody.visitor.post("/demo/session", &[("person", login)]).await.status, 303);
        somebody
    }

    async fn by_password(server: &Server, login: &str, password: &str) -> Somebody {
        let mut somebody = Somebody { who: login.to_owned(), ..Somebody::nobody(server) };
        let answer = somebody.visitor.post("/session", &[("name", login), ("password", password)]).await;
        assert_eq!(answer.status, 303, "{login}: {}", answer.text());
        somebody
    }

    /// The same after choosing a password.
    async fn with_own_password(self, first: &str) -> Somebody {
        let chosen = [("current", first), ("new", PASSWORD), ("again", PASSWORD)];
        self.sends("/account/password", &chosen).await;
        self
    }

    async fn opens_everything(mut self, entries: &[String]) -> Vec<Come> {
        let mut come = Vec::new();
        for place in PLACES {
            self.opens(place, &mut come).await;
        }
        let home = come.first().map(|(_, answer)| answer.text()).unwrap_or_default();
        for conflict in links(&home).into_iter().filter(|link| link.contains("/conflicts/")) {
            self.opens(&conflict, &mut come).await;
        }
        for entry in entries {
            if !self.opens(entry, &mut come).await {
                continue;
            }
            self.opens(&format!("{entry}/submission"), &mut come).await;
            self.opens(&format!("{entry}/history"), &mut come).await;
            let history = come.last().map(|(_, answer)| answer.text()).unwrap_or_default();
            let versions: Vec<&str> = history
                .split("name=\"from\" value=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .collect();
            if let [newest, .., oldest] = versions[..] {
                self.opens(&format!("{entry}/history?from={oldest}&to={newest}"), &mut come).await;
            }
        }
        come
    }

    /// Opens a page; whether there is one.
    async fn opens(&mut self, path: &str, come: &mut Vec<Come>) -> bool {
        let answer = self.visitor.get(path).await;
        if answer.status == 303 {
            return false;
        }
        let is_there = answer.status == 200;
        let page = Page { has_form: answer.text().contains("data-autosave"), ..self.page(path) };
        come.push((page, answer));
        is_there
    }

    fn page(&self, path: &str) -> Page {
        let session = self.visitor.cookie("kaikaku_session").map(str::to_owned);
        Page {
            address: self.address.clone(),
            who: self.who.clone(),
            session,
            path: path.to_owned(),
            fields: Vec::new(),
            has_form: false,
        }
    }

    /// The page that a form answers with, when it is posted from a page of this session.
    fn posts(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Page { fields: fields.chain([("csrf".to_owned(), String::new())]).collect(), ..self.page(path) }
    }

    /// Does something with an entry as it stands.
    async fn does(&self, entry: &str, what: &str, fields: &[(&str, &str)]) {
        let seen = self.seen(entry).await;
        self.sends(&format!("{entry}/{what}"), &[fields, &[("seen", &seen)]].concat()).await;
    }

    /// Posts a form, which must do its work.
    async fn sends(&self, path: &str, fields: &[(&str, &str)]) {
        let mut visitor = self.visitor.clone();
        let csrf = visitor.get("/account").await.input("csrf").unwrap();
        let answer = visitor.post(path, &[fields, &[("csrf", &csrf)]].concat()).await;
        assert_eq!(answer.status, 303, "{} {path}: {}", self.who, answer.text());
    }

    /// The version of an entry.
    async fn seen(&self, entry: &str) -> String {
        self.visitor.clone().get(entry).await.input("seen").unwrap()
    }

    /// Where the button with these words leads to from one's home.
    async fn task(&self, words: &str) -> String {
        let home = self.visitor.clone().get("/").await.text();
        let before = home.split(&format!(">{words}<")).next().unwrap();
        assert!(before.len() < home.len(), "{} has nothing to do with {words}", self.who);
        links(before).pop().unwrap()
    }

    /// The first entry of a list.
    async fn link(&self, list: &str) -> String {
        let first = self.entries(list).await.into_iter().next();
        first.unwrap_or_else(|| panic!("{} has nothing in {list}", self.who))
    }

    /// The entries in the rows of a list.
    async fn entries(&self, list: &str) -> Vec<String> {
        let page = self.visitor.clone().get(list).await.text();
        let rows: Vec<&str> = page.split("<th scope=\"row\">").skip(1).collect();
        rows.into_iter()
            .filter_map(|row| links(row).into_iter().next())
            .filter(|link| link.starts_with("/entries/"))
            .collect()
    }
}

fn serving<'a>(command: &'a str, folder: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let always = [command, "--listen", "127.0.0.1:0", "--data", folder.to_str().unwrap()];
    [&always[..], more].concat()
}

/// The password that a command prints.
fn said_password(arguments: &[&str], folder: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kaikaku"));
    let done = command.args(arguments).arg("--data").arg(folder).output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    let (_, password) = said
        .split_once("最初のパスワード: ")
        .unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&done.stderr)));
    password.lines().next().unwrap().trim().to_owned()
}

/// Where the links of a page lead.
fn links(html: &str) -> Vec<String> {
    html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// The values of a select.
fn options(html: &str, name: &str) -> Vec<String> {
    let select = html.split(&format!("<select id=\"{name}\"")).nth(1).unwrap_or("");
    let select = select.split("</select>").next().unwrap();
    select
        .split("<option value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}
