//! A report document into the record.

use std::collections::BTreeMap;

use kaikaku_domain::entry::{Content, Frame, Parts};
use kaikaku_domain::id::{DepartmentId, EntryId, MunicipalityId, PeriodId, SheetId, UserId, YearId};
use kaikaku_domain::organisation::{Department, Organisation};
use kaikaku_domain::period::{Dates, START};
use kaikaku_domain::text::{fold, is_blank, reads_same};
use kaikaku_domain::workflow::State;
use kaikaku_domain::{Date, FiscalYear, Form, Moment, Report, Sheet};
use serde_json::{Value, json};
use thiserror::Error;

use crate::StoreError;
use crate::chain::{NewEvent, digest};
use crate::change::{Change, NewRevision};
use crate::database::Store;
use crate::row::binds;

/// Why a document was not loaded. Nothing of it was.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The year is there already.
    #[error("{0}の「{1}」は既に登録されています。登録されている内容はそのままです。")]
    Present(String, String),
    /// A sheet without a department.
    #[error("調書「{0}」に主担当部署がありません。文書に部署を書き加えてから読み込んでください。")]
    NoDepartment(String),
    /// An answer for a period that the document does not name.
    #[error("調書「{0}」に、文書の時期にない「{1}」の回答があります。文書を直してから読み込んでください。")]
    UnknownPeriod(String, String),
    /// Two answers for the same.
    #[error("調書「{0}」に、{1}の「{2}」の回答が二つあります。一つにしてから読み込んでください。")]
    Twice(String, String, String),
    /// The record could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// The year.
    pub year: YearId,
    /// How many sheets it has.
    pub sheets: usize,
    /// How many entries have a text.
    pub entries: usize,
}

/// One entry that is to be made.
struct NewEntry<'a> {
    period: &'a str,
    department: &'a str,
    content: Option<Content>,
}

impl Store {
    /// Loads a report document: its year, its departments, its sheets, and every answer as a fixed entry. What the
    /// document leaves open is a draft.
    ///
    /// # Errors
    /// When the year is there already, the document cannot be kept as entries, or the record cannot be written; then
    /// nothing has changed.
    pub async fn load(
        &self,
        municipality: MunicipalityId,
        report: &Report,
        form: &Form,
        (by, at): (Option<UserId>, Moment),
    ) -> Result<Loaded, LoadError> {
        let change = self.change(municipality).await?;
        // Read after the change has begun, so that nobody else adds departments meanwhile.
        let organisation = self.organisation(municipality).await?;
        let departments = known(&organisation, report.fiscal_year);
        let mut loading = Loading { change, form, report, by, at, organisation, departments, entries: 0 };
        let year = loading.year().await?;
        let periods = loading.periods(year).await?;
        for (position, sheet) in report.sheets.iter().enumerate() {
            loading.sheet(year, &periods, number(position), sheet).await?;
        }
        let Loading { mut change, entries, .. } = loading;
        let data = json!({ "year": year, "document": digest(&report.to_json()) });
        change.note(NewEvent { at, user: by, kind: "loaded", entry: None, data }).await?;
        change.commit().await?;
        Ok(Loaded { year, sheets: report.sheets.len(), entries })
    }
}

/// A document on its way into the record.
struct Loading<'a> {
    change: Change,
    form: &'a Form,
    report: &'a Report,
    by: Option<UserId>,
    at: Moment,
    organisation: Organisation,
    /// Those of the document's year by folded name.
    departments: BTreeMap<String, DepartmentId>,
    entries: usize,
}

impl<'a> Loading<'a> {
    async fn year(&mut self) -> Result<YearId, LoadError> {
        let report = self.report;
        let frame = Report { sheets: Vec::new(), ..report.clone() };
        let town = self.change.municipality.number();
        let year = i64::from(report.fiscal_year.year());
        let present: Option<(i64,)> = self
            .change
            .transaction
            .first(
                "select id from plan_year where municipality_id = $1 and title = $2 and fiscal_year = $3",
                binds![town, &report.plan.title, year],
            )
            .await?;
        if present.is_some() {
            let year = self.form.print_year(report.fiscal_year);
            return Err(LoadError::Present(year, report.plan.title.clone()));
        }
        let id = self
            .change
            .transaction
            .insert(
                "insert into plan_year (municipality_id, title, fiscal_year, form, frame)
                 values ($1, $2, $3, $4, $5)",
                binds![town, &report.plan.title, year, &report.form, frame.to_json()],
            )
            .await?;
        Ok(YearId::new(id))
    }

    async fn periods(&mut self, year: YearId) -> Result<BTreeMap<String, PeriodId>, LoadError> {
        let mut periods = BTreeMap::new();
        let names = std::iter::once(START).chain(self.report.periods.iter().map(String::as_str));
        let count = self.report.periods.len();
        for (position, name) in names.enumerate() {
            let dates = customary_dates(self.report.fiscal_year, position, count);
            let id = self
                .change
                .transaction
                .insert(
                    "insert into period (municipality_id, year_id, position, name, kind, opens, deadline,
                         locks)
                     values ($1, $2, $3, $4, $5, $6, $7, $8)",
                    binds![
                        self.change.municipality.number(),
                        year.number(),
                        number(position),
                        name,
                        if position == 0 { "start" } else { "report" },
                        dates.opens.to_string(),
                        dates.deadline.to_string(),
                        dates.locks.map(|day| day.to_string())
                    ],
                )
                .await?;
            periods.insert(name.to_owned(), PeriodId::new(id));
        }
        Ok(periods)
    }

    async fn sheet(
        &mut self,
        year: YearId,
        periods: &BTreeMap<String, PeriodId>,
        position: i64,
        sheet: &'a Sheet,
    ) -> Result<(), LoadError> {
        let parts = Parts::of(sheet.clone(), self.form, self.report.result_period());
        let id = self.sheet_row(year, position, &parts.frame).await?;
        let supporting: Vec<&str> = sheet.supporting_departments.iter().map(String::as_str).collect();
        for (relation, names) in [("lead", leads(sheet)), ("supporting", supporting)] {
            for (place, name) in names.into_iter().enumerate() {
                let department = self.department(name).await?;
                self.change
                    .transaction
                    .run(
                        "insert into sheet_department (year_id, sheet_id, relation, position, department_id)
                         values ($1, $2, $3, $4, $5)",
                        binds![year.number(), id.number(), relation, number(place), department.number()],
                    )
                    .await?;
            }
        }
        for (place, new) in Self::new_entries(self.report, sheet, parts)?.into_iter().enumerate() {
            let Some(period) = periods.get(new.period) else {
                return Err(LoadError::UnknownPeriod(sheet.title().to_owned(), new.period.to_owned()));
            };
            self.entry((year, id, *period), number(place), new).await?;
        }
        Ok(())
    }

    async fn sheet_row(&mut self, year: YearId, position: i64, frame: &Frame) -> Result<SheetId, LoadError> {
        let id = self
            .change
            .transaction
            .insert(
                "insert into sheet (municipality_id, year_id, position, measure, reference, title,
                     branch, frame)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
                binds![
                    self.change.municipality.number(),
                    year.number(),
                    position,
                    frame.sheet.id.as_deref(),
                    frame.sheet.reference(),
                    frame.sheet.title(),
                    branch(&frame.sheet),
                    serde_json::to_string(frame).unwrap_or_default()
                ],
            )
            .await?;
        Ok(SheetId::new(id))
    }

    /// The goals, then the answers in the document's order, then those that the document leaves out.
    fn new_entries(
        report: &'a Report,
        sheet: &'a Sheet,
        parts: Parts,
    ) -> Result<Vec<NewEntry<'a>>, LoadError> {
        let leads = leads(sheet);
        let first =
            leads.first().copied().ok_or_else(|| LoadError::NoDepartment(sheet.title().to_owned()))?;
        let mut entries =
            vec![NewEntry { period: START, department: first, content: Some(Content::Start(parts.start)) }];
        for (answer, response) in parts.answers.into_iter().zip(&sheet.responses) {
            let (period, department) = (response.period.as_str(), response.department.as_str());
            let is_there =
                |entry: &NewEntry<'_>| entry.period == period && fold(entry.department) == fold(department);
            if entries.iter().any(is_there) {
                let title = sheet.title().to_owned();
                return Err(LoadError::Twice(title, department.to_owned(), period.to_owned()));
            }
            entries.push(NewEntry { period, department, content: Some(Content::Report(answer.content)) });
        }
        for department in leads {
            for period in &report.periods {
                let is_there = |entry: &NewEntry<'_>| {
                    entry.period == period && fold(entry.department) == fold(department)
                };
                if !entries.iter().any(is_there) {
                    entries.push(NewEntry { period, department, content: None });
                }
            }
        }
        Ok(entries)
    }

    async fn entry(
        &mut self,
        (year, sheet, period): (YearId, SheetId, PeriodId),
        position: i64,
        new: NewEntry<'_>,
    ) -> Result<(), LoadError> {
        let department = self.department(new.department).await?;
        let is_written = new.content.as_ref().is_some_and(is_written);
        let state = match is_written {
            // Nobody of the town fixed what the program itself loads: no account has the number 0.
            true => State::Fixed { by: self.by.unwrap_or(UserId::new(0)), at: self.at },
            false => State::NEW,
        };
        let data = serde_json::to_value(&state).unwrap_or_default();
        let id = self
            .change
            .transaction
            .insert(
                "insert into entry (municipality_id, year_id, sheet_id, period_id, department_id,
                     position, written, state, state_data, rating)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                binds![
                    self.change.municipality.number(),
                    year.number(),
                    sheet.number(),
                    period.number(),
                    department.number(),
                    position,
                    new.department,
                    state.code(),
                    data.to_string(),
                    new.content.as_ref().and_then(Content::rating)
                ],
            )
            .await?;
        let id = EntryId::new(id);
        self.change.untold.entry(id, "state", data);
        if let Some(content) = &new.content {
            self.entries += usize::from(is_written);
            self.text(id, content, is_written).await?;
        }
        Ok(())
    }

    /// The document's text as the entry's record, though it be empty: so the same document comes out again. What says
    /// something is the working text, too.
    async fn text(&mut self, entry: EntryId, content: &Content, is_written: bool) -> Result<(), LoadError> {
        let kept =
            self.change.keep(entry, NewRevision { base: None, content, by: self.by, at: self.at }).await?;
        let (record, draft) = (kept.id.number(), is_written.then_some(kept.id.number()));
        self.change
            .transaction
            .run(
                "update entry set record_id = $2, draft_id = $3 where id = $1",
                binds![entry.number(), record, draft],
            )
            .await?;
        self.change
            .transaction
            .run("update revision set submitted = 1 where id = $1", binds![record])
            .await?;
        self.change.untold.entry(entry, "record", record);
        if let Some(draft) = draft {
            self.change.untold.entry(entry, "draft", draft);
        }
        Ok(())
    }

    async fn department(&mut self, name: &str) -> Result<DepartmentId, LoadError> {
        let folded = fold(name);
        if let Some(id) = self.departments.get(&folded) {
            return Ok(*id);
        }
        let id = self.new_department(name).await?;
        self.departments.insert(folded, id);
        Ok(id)
    }

    /// A department that the document's year has not yet. One that is known from a later year on, and followed no other,
    /// was there already: years may be loaded in any order.
    async fn new_department(&mut self, name: &str) -> Result<DepartmentId, LoadError> {
        let year = self.report.fiscal_year;
        let all = &self.organisation.departments;
        let later = all.iter().filter(|other| other.from_year > year && reads_same(&other.name, name));
        let later = later.min_by_key(|other| other.from_year);
        let follows = |later: &Department| all.iter().any(|other| other.successors.contains(&later.id));
        match later {
            Some(later) if !follows(later) => {
                let earlier = Department { from_year: year, ..later.clone() };
                self.change.set_department(&earlier).await?;
                Ok(earlier.id)
            }
            later => {
                let last = later.map(|later| later.from_year.previous());
                Ok(self.change.add_department(name, None, year, last).await?)
            }
        }
    }
}

fn known(organisation: &Organisation, year: FiscalYear) -> BTreeMap<String, DepartmentId> {
    let there = organisation.departments.iter().filter(|department| department.exists_in(year));
    there.map(|department| (fold(&department.name), department.id)).collect()
}

/// The departments that answer: the sheet's leads, or where it names none, whoever gave an answer.
fn leads(sheet: &Sheet) -> Vec<&str> {
    let answering = || sheet.responses.iter().map(|answer| answer.department.as_str());
    let mut leads: Vec<&str> = Vec::new();
    let named = sheet.lead_departments.iter().map(String::as_str);
    for name in named.chain(answering().filter(|_| sheet.lead_departments.is_empty())) {
        if !leads.iter().any(|lead| reads_same(lead, name)) {
            leads.push(name);
        }
    }
    leads
}

/// The node of the plan's first level that a sheet stands under; nothing where the measure itself stands there.
fn branch(sheet: &Sheet) -> String {
    match sheet.path.as_slice() {
        [first, _, ..] => format!("{}　{}", first.number, first.title),
        _ => String::new(),
    }
}

/// Whether a content says anything: an empty answer of a document is still to be written.
fn is_written(content: &Content) -> bool {
    fn says_anything(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::String(text) => !is_blank(Some(text)),
            Value::Array(values) => values.iter().any(says_anything),
            Value::Object(members) => members.values().any(says_anything),
            Value::Bool(_) | Value::Number(_) => true,
        }
    }
    let value = match content {
        Content::Start(start) => serde_json::to_value(start),
        Content::Report(report) => serde_json::to_value(report),
    };
    value.is_ok_and(|value| says_anything(&value))
}

/// The days that a town usually sets: the goals in April and May, each report in the month around its end.
fn customary_dates(year: FiscalYear, position: usize, count: usize) -> Dates {
    let first = Date::first_of_fiscal_year(year);
    if position == 0 {
        return Dates { opens: first, deadline: first.plus_days(60), locks: None };
    }
    let share = i64::try_from(365 * position / count.max(1)).unwrap_or(365);
    let end = first.plus_days(share);
    Dates { opens: end.plus_days(-15), deadline: end.plus_days(14), locks: None }
}

fn number(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}
