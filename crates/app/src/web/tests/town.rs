//! A small town for tests: sheets that 市民課 and 総務課 answer for and 税務課 supports, one person for every relation.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use http_body_util::BodyExt;
use kaikaku_domain::entry::{Content, ReportContent};
use kaikaku_domain::id::{EntryId, MunicipalityId, UserId};
use kaikaku_domain::person::{Actor, Assignment, Role};
use kaikaku_domain::workflow::{Move, Route, State};
use kaikaku_domain::{FiscalYear, Form, Moment, Report};
use kaikaku_store::{NewAccount, NewEvent, Stage, Store};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tower::ServiceExt;

use crate::auth::random::Random;
use crate::auth::token::Token;
use crate::clock::Clock;
use crate::web::visit::hex;
use crate::web::{App, Settings};
use crate::workflow::{self, Found, Moved, Saved};

/// Everyone in the order of the matrix, with what they are to an entry of 市民課.
pub(super) const PEOPLE: [&str; 12] = [
    "author",
    "section_head",
    "division_head",
    "co_lead",
    "supporter",
    "stranger",
    "secretariat",
    "headquarters",
    "viewer",
    "committee",
    "administrator",
    "foreign_secretariat",
];

/// The town, its server and its people.
pub(super) struct Town {
    pub(super) app: App,
    router: Router,
    pub(super) now: Moment,
    pub(super) id: MunicipalityId,
    users: BTreeMap<&'static str, (MunicipalityId, UserId, Token)>,
    _folder: tempfile::TempDir,
}

/// What the server answered.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) location: String,
    pub(super) text: String,
}

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A report of so many like sheets, with goals and mid-term answers, and nothing for the year's end.
pub(super) fn report(sheets: usize) -> Report {
    let mut report = Report::from_json(&read("examples/shiomi/2025.json")).unwrap();
    let one = report.sheets.remove(0);
    report.sheets = (0..sheets)
        .map(|place| {
            let mut sheet = one.clone();
            sheet.id = Some(format!("t-{place:04}"));
            sheet.page = None;
            if let Some(node) = sheet.path.last_mut() {
                node.title = format!("{}その{}", node.title, place + 1);
            }
            let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
            sheet.lead_departments = names(&["市民課", "総務課"]);
            sheet.supporting_departments = names(&["税務課"]);
            sheet.responses.retain(|answer| answer.period == "中間");
            let mut second = sheet.responses[0].clone();
            second.department = "総務課".to_owned();
            sheet.responses.push(second);
            sheet
        })
        .collect();
    report.index.clear();
    report
}

impl Town {
    /// A town with so many sheets, in the middle of its year-end period.
    pub(super) async fn new(sheets: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_file(&folder.path().join("kaikaku.db")).await.unwrap();
        Self::over(store, folder, sheets).await
    }

    /// The same over a record that is open already.
    pub(super) async fn over(store: Store, folder: tempfile::TempDir, sheets: usize) -> Self {
        store.migrate().await.unwrap();
        let now = Moment::read("2026-04-06T10:30:00+09:00").unwrap();
        let form = Form::from_toml(&read("forms/iwakuni.toml")).unwrap();
        let id = store.found("992011", "汐見市", Route::BothHeads).await.unwrap();
        let other = store.found("992020", "沖浦市", Route::BothHeads).await.unwrap();
        store.load(id, &report(sheets), &form, (None, now)).await.unwrap();
        store.load(other, &report(2), &form, (None, now)).await.unwrap();
        let app = App::new(store, vec![form], Clock::set_to(now), Settings::default()).unwrap();
        let router = app.router();
        let mut town = Self { app, router, now, id, users: BTreeMap::new(), _folder: folder };
        town.settle(other).await;
        town
    }

    async fn settle(&mut self, other: MunicipalityId) {
        let store = self.app.store.clone();
        let organisation = store.organisation(self.id).await.unwrap();
        let year = organisation.departments[0].from_year;
        let mut change = store.change(self.id).await.unwrap();
        let division = change.add_department("市民部", None, year, None).await.unwrap();
        let finance = change.add_department("財政課", None, year, None).await.unwrap();
        let of = |name: &str| organisation.named(name, year).unwrap().clone();
        let mut citizens = of("市民課");
        citizens.division = Some(division);
        change.set_department(&citizens).await.unwrap();
        let event =
            NewEvent { at: self.now, user: None, kind: "settled", entry: None, data: serde_json::json!({}) };
        change.note(event).await.unwrap();
        change.commit().await.unwrap();
        let roles = [
            ("author", Role::Author, Some(citizens.id)),
            ("section_head", Role::SectionHead, Some(citizens.id)),
            ("division_head", Role::DivisionHead, Some(division)),
            ("co_lead", Role::Author, Some(of("総務課").id)),
            ("supporter", Role::Author, Some(of("税務課").id)),
            ("stranger", Role::Author, Some(finance)),
            ("secretariat", Role::Secretariat, None),
            ("headquarters", Role::Headquarters, None),
            ("viewer", Role::Viewer, None),
            ("committee", Role::Committee, None),
            ("administrator", Role::Administrator, None),
        ];
        for (place, (name, role, department)) in (1_u64..).zip(roles) {
            let user = self.person(self.id, name, role, department, place).await;
            self.users.insert(name, user);
        }
        let foreign = self.person(other, "foreign_secretariat", Role::Secretariat, None, 99).await;
        self.users.insert("foreign_secretariat", foreign);
    }

    async fn person(
        &self,
        town: MunicipalityId,
        login: &str,
        role: Role,
        department: Option<kaikaku_domain::id::DepartmentId>,
        seed: u64,
    ) -> (MunicipalityId, UserId, Token) {
        let store = &self.app.store;
        let mut change = store.change(town).await.unwrap();
        let new = NewAccount { login, name: role.label(), password: "-", must_change: false, at: self.now };
        let user = change.open_account(new).await.unwrap();
        let assignment = Assignment { role, department, from: None, to: None, deputy_of: None };
        change.assign(user, &assignment).await.unwrap();
        let data = serde_json::json!({ "login": login });
        change
            .note(NewEvent { at: self.now, user: None, kind: "account_opened", entry: None, data })
            .await
            .unwrap();
        change.commit().await.unwrap();
        let token = Token::new(&mut Random::seeded(seed)).unwrap();
        store.begin_session(&hex(&token), (town, user), Stage::Full, self.now).await.unwrap();
        (town, user, token)
    }

    /// The person of this name as the workflow knows them.
    pub(super) async fn actor(&self, name: &str) -> Actor {
        let (town, user, _) = &self.users[name];
        let assignments = self.app.store.assignments(*town, *user).await.unwrap();
        let organisation = self.app.store.organisation(*town).await.unwrap();
        Actor::new(*town, *user, name.to_owned(), &assignments, &organisation, self.now.day())
    }

    /// The year-end entries of 市民課, in the order of the sheets.
    pub(super) async fn entries(&self) -> Vec<EntryId> {
        let actor = self.actor("author").await;
        let (year, ..) = self.app.store.years(self.id).await.unwrap()[0];
        let found = self.app.store.year(self.id, year).await.unwrap().unwrap();
        let period = found.period_named("期末").unwrap().id;
        let lines = self.app.store.lines(&actor, year).await.unwrap();
        let own = lines.iter().filter(|line| line.period == period && line.department_name == "市民課");
        own.map(|line| line.entry).collect()
    }

    /// Loads the next year's plan, in which nothing is written yet: the entry of its first sheet's goals.
    pub(super) async fn begins_next_year(&self) -> EntryId {
        let mut next = report(1);
        next.fiscal_year = FiscalYear::new(next.fiscal_year.year() + 1).unwrap();
        for sheet in &mut next.sheets {
            (sheet.goal, sheet.challenge) = (None, None);
            sheet.activities.clear();
            sheet.roadmap.clear();
            sheet.roadmap_values.clear();
            sheet.responses.clear();
        }
        let form = &self.app.forms[0];
        let year = self.app.store.load(self.id, &next, form, (None, self.now)).await.unwrap().year;
        let lines = self.app.store.lines(&self.actor("author").await, year).await.unwrap();
        lines[0].entry
    }

    pub(super) async fn found(&self, name: &str, entry: EntryId) -> Found {
        let actor = self.actor(name).await;
        Found::find(&self.app.store, &actor, entry).await.unwrap().unwrap()
    }

    /// Saves an answer as the author.
    pub(super) async fn write(&self, entry: EntryId, narrative: &str) {
        let content = Content::Report(ReportContent {
            rating: Some("A".to_owned()),
            narrative: Some(narrative.to_owned()),
            ..ReportContent::default()
        });
        let found = self.found("author", entry).await;
        let actor = self.actor("author").await;
        let seen = found.entry.version;
        let saved =
            workflow::save(&self.app.store, &found, &actor, (seen, &content), self.now).await.unwrap();
        assert!(matches!(saved, Saved::Kept { .. }), "{saved:?}");
    }

    /// Closes the period of an entry from today on.
    pub(super) async fn lock(&self, entry: EntryId) {
        let found = self.found("secretariat", entry).await;
        let mut dates = found.period().unwrap().dates;
        (dates.deadline, dates.locks) = (self.now.day().plus_days(-1), Some(self.now.day()));
        let mut change = self.app.store.change(self.id).await.unwrap();
        let data = serde_json::json!({});
        let event = NewEvent { at: self.now, user: None, kind: "period_set", entry: None, data };
        change.set_dates(found.entry.period, dates, event).await.unwrap();
        change.commit().await.unwrap();
    }

    /// Makes a move as somebody.
    pub(super) async fn make(&self, name: &str, entry: EntryId, step: Move) {
        let found = self.found(name, entry).await;
        let actor = self.actor(name).await;
        let seen = found.entry.version;
        let moved =
            workflow::make(&self.app.store, &found, &actor, Route::BothHeads, (seen, step), &[], self.now)
                .await;
        assert_eq!(moved.unwrap(), Moved::Done);
    }

    /// Brings an untouched entry into a state, by the moves that lead there.
    pub(super) async fn bring(&self, entry: EntryId, state: &str) {
        let reason = || "数値の根拠を示してください。".to_owned();
        self.write(entry, "窓口の改善を行った。").await;
        let path: &[(&str, Move)] = &[
            ("author", Move::Submit),
            ("section_head", Move::Confirm),
            ("division_head", Move::Confirm),
            ("secretariat", Move::Receive),
            ("secretariat", Move::Fix),
        ];
        let steps = match state {
            "draft" => 0,
            "submitted" => 1,
            "section_confirmed" => 2,
            "division_confirmed" => 3,
            "received" | "returned" => 4,
            _ => 5,
        };
        for (name, step) in &path[..steps] {
            self.make(name, entry, step.clone()).await;
        }
        match state {
            "returned" => self.make("secretariat", entry, Move::SendBack(reason())).await,
            "reopened" => self.make("secretariat", entry, Move::Reopen(reason())).await,
            _ => {}
        }
    }

    /// The state of an entry.
    pub(super) async fn state(&self, entry: EntryId) -> State {
        self.found("secretariat", entry).await.entry.state
    }

    pub(super) fn csrf(&self, name: &str) -> String {
        self.users.get(name).map(|(.., token)| token.csrf()).unwrap_or_default()
    }

    pub(super) async fn get(&self, name: &str, path: &str) -> Reply {
        self.ask(name, Method::GET, path, String::new(), false).await
    }

    /// Posts a form with the person's own token.
    pub(super) async fn post(&self, name: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let csrf = self.csrf(name);
        let fields = fields.iter().copied().chain([("csrf", csrf.as_str())]);
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs: Vec<String> =
            fields.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.ask(name, Method::POST, path, pairs.join("&"), false).await
    }

    pub(super) async fn ask(
        &self,
        name: &str,
        method: Method,
        path: &str,
        body: String,
        json: bool,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if let Some((.., token)) = self.users.get(name) {
            request = request.header("cookie", format!("kaikaku_session={}", token.text()));
        }
        if json {
            request = request.header("accept", "application/json");
        }
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let location = answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
        let location = location.to_owned();
        let text = answer.into_body().collect().await.unwrap().to_bytes();
        Reply { status, location, text: String::from_utf8_lossy(&text).into_owned() }
    }
}
