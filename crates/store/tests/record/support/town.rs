//! The example town with its reports of two years, the later one without its year-end answers, and everybody who has to
//! do with the entry of 保険年金課 in the sheet m-0018.

use std::collections::BTreeMap;

use kaikaku_domain::entry::{Content, ReportContent};
use kaikaku_domain::id::{DepartmentId, EntryId, MunicipalityId, UserId, YearId};
use kaikaku_domain::person::{Actor, Assignment, Role};
use kaikaku_domain::workflow::Route;
use kaikaku_domain::{Date, FiscalYear, Report};
use kaikaku_store::{Change, Line, NewAccount, NewEvent, Store};
use serde_json::Value;

use super::{at, day, form, report};

pub(crate) struct Town {
    pub(crate) id: MunicipalityId,
    pub(crate) before: YearId,
    pub(crate) year: YearId,
    /// The document of the later year as it was loaded.
    pub(crate) document: Report,
    people: BTreeMap<&'static str, UserId>,
}

/// Whom there is, with the role and the department in which it is held.
const PEOPLE: [(&str, Role, Option<&str>); 11] = [
    ("author", Role::Author, Some("保険年金課")),
    ("section head", Role::SectionHead, Some("保険年金課")),
    ("division head", Role::DivisionHead, Some("健康福祉部")),
    ("co-lead", Role::Author, Some("建築住宅課")),
    ("supporter", Role::Author, Some("収納課")),
    ("stranger", Role::Author, Some("環境課")),
    ("secretariat", Role::Secretariat, None),
    ("headquarters", Role::Headquarters, None),
    ("committee", Role::Committee, None),
    ("viewer", Role::Viewer, None),
    ("administrator", Role::Administrator, None),
];

impl Town {
    pub(crate) async fn found(store: &Store, code: &str, name: &str) -> Self {
        let id = store.found(code, name, Route::BothHeads).await.unwrap();
        assert_eq!(store.found(code, "名前の違う市", Route::Direct).await.unwrap(), id);
        let before = report("examples/shiomi/2024.json");
        let mut document = report("examples/shiomi/2025.json");
        for sheet in &mut document.sheets {
            sheet.responses.retain(|answer| answer.period != "期末");
        }
        let (before, year) = (load(store, id, &before).await, load(store, id, &document).await);
        let mut town = Self { id, before, year, document, people: BTreeMap::new() };
        let mut change = store.change(id).await.unwrap();
        let division = town.divide(store, &mut change).await;
        town.people(store, &mut change, division).await;
        let kind = "town_made";
        change.note(NewEvent { at: at(0), user: None, kind, entry: None, data: Value::Null }).await.unwrap();
        change.commit().await.unwrap();
        town
    }

    /// 保険年金課 belongs to a division.
    async fn divide(&self, store: &Store, change: &mut Change) -> DepartmentId {
        let year = FiscalYear::new(2025).unwrap();
        let organisation = store.organisation(self.id).await.unwrap();
        let division = change.add_department("健康福祉部", None, year, None).await.unwrap();
        let mut own = organisation.named("保険年金課", year).unwrap().clone();
        own.division = Some(division);
        change.set_department(&own).await.unwrap();
        division
    }

    async fn people(&mut self, store: &Store, change: &mut Change, division: DepartmentId) {
        let organisation = store.organisation(self.id).await.unwrap();
        let year = FiscalYear::new(2025).unwrap();
        for (name, role, department) in PEOPLE {
            let login = format!("{name}@{}", self.id);
            let new = NewAccount { login: &login, name, password: "-", must_change: false, at: at(0) };
            let user = change.open_account(new).await.unwrap();
            // The division was added in the same change, which nobody else sees yet.
            let department = department
                .map(|name| organisation.named(name, year).map_or(division, |department| department.id));
            let assignment = Assignment { role, department, from: None, to: None, deputy_of: None };
            change.assign(user, &assignment).await.unwrap();
            self.people.insert(name, user);
        }
    }

    pub(crate) fn user(&self, name: &str) -> UserId {
        self.people[name]
    }

    pub(crate) async fn actor(&self, store: &Store, name: &str) -> Actor {
        self.actor_on(store, name, day("2026-03-25")).await
    }

    pub(crate) async fn actor_on(&self, store: &Store, name: &str, day: Date) -> Actor {
        let assignments = store.assignments(self.id, self.user(name)).await.unwrap();
        let organisation = store.organisation(self.id).await.unwrap();
        Actor::new(self.id, self.user(name), name.to_owned(), &assignments, &organisation, day)
    }

    /// Everybody, in alphabetical order.
    pub(crate) async fn everybody(&self, store: &Store) -> Vec<Actor> {
        let mut actors = Vec::new();
        for name in self.people.keys() {
            actors.push(self.actor(store, name).await);
        }
        actors
    }

    /// The entry of a department in a sheet and a period of the later year.
    pub(crate) async fn line(&self, store: &Store, measure: &str, period: &str, department: &str) -> Line {
        let year = store.year(self.id, self.year).await.unwrap().unwrap();
        let period = year.period_named(period).unwrap().id;
        let place =
            self.document.sheets.iter().position(|sheet| sheet.id.as_deref() == Some(measure)).unwrap();
        let title = self.document.sheets[place].title();
        let secretariat = self.actor(store, "secretariat").await;
        let lines = store.lines(&secretariat, self.year).await.unwrap();
        let is_it =
            |line: &Line| line.title == title && line.period == period && line.department_name == department;
        lines.into_iter().find(is_it).unwrap()
    }

    /// The entry that the stories are about.
    pub(crate) async fn entry(&self, store: &Store) -> EntryId {
        self.line(store, "m-0018", "期末", "保険年金課").await.entry
    }

    /// The people who find these words in anything that the record shows them.
    pub(crate) async fn readers(&self, store: &Store, words: &str) -> Vec<String> {
        let secretariat = self.actor(store, "secretariat").await;
        let lines = store.lines(&secretariat, self.year).await.unwrap();
        let sheet = lines.iter().find(|line| line.title == self.story_sheet()).unwrap().sheet;
        let entries: Vec<EntryId> =
            lines.into_iter().filter(|line| line.sheet == sheet).map(|line| line.entry).collect();
        let mut readers = Vec::new();
        for actor in self.everybody(store).await {
            if everything(store, &actor, &[self.before, self.year], &entries).await.contains(words) {
                readers.push(actor.name);
            }
        }
        readers
    }

    fn story_sheet(&self) -> &str {
        self.document.sheets.iter().find(|sheet| sheet.id.as_deref() == Some("m-0018")).unwrap().title()
    }
}

async fn load(store: &Store, town: MunicipalityId, report: &Report) -> YearId {
    store.load(town, report, &form(), (None, at(0))).await.unwrap().year
}

/// All that the record shows a person of these years and entries.
pub(crate) async fn everything(
    store: &Store,
    actor: &Actor,
    years: &[YearId],
    entries: &[EntryId],
) -> String {
    let mut text = String::new();
    for year in years {
        text += &format!("{:?}\n", store.lines(actor, *year).await.unwrap());
    }
    for id in entries {
        let Some(entry) = store.entry(actor, *id).await.unwrap() else { continue };
        for line in store.history(&entry).await.unwrap() {
            text += &format!("{line:?} {:?}\n", store.revision(&entry, line.id).await.unwrap());
        }
        let (comments, events) = (store.comments(&entry).await, store.events_of(actor, &entry).await);
        let neighbours = store.neighbours(actor, &entry).await.unwrap();
        text += &format!("{entry:?}\n{comments:?}\n{events:?}\n{neighbours:?}\n");
    }
    text
}

/// Words that occur nowhere else.
pub(crate) fn canary(what: &str) -> String {
    format!("鶺鴒〔{what}〕")
}

/// An answer that says these words.
pub(crate) fn report_content(rating: &str, narrative: &str) -> Content {
    Content::Report(ReportContent {
        rating: Some(rating.to_owned()),
        narrative: Some(narrative.to_owned()),
        ..ReportContent::default()
    })
}
