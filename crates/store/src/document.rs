//! A report document into the record, and the same document out of it.

use std::collections::BTreeMap;

use kaikaku_domain::entry::{Answer, Content, Frame, Parts, ReportContent, StartContent};
use kaikaku_domain::id::{DepartmentId, EntryId, MunicipalityId, PeriodId, SheetId, UserId, YearId};
use kaikaku_domain::organisation::Organisation;
use kaikaku_domain::period::{Dates, START};
use kaikaku_domain::text::fold;
use kaikaku_domain::workflow::State;
use kaikaku_domain::{Date, FiscalYear, Form, Moment, Report, Sheet};
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::StoreError;
use crate::chain::{NewEvent, digest};
use crate::change::{Change, NewRevision};
use crate::database::{Store, read, run, write};

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
        let organisation = self.organisation(municipality).await?;
        let change = self.change(municipality).await?;
        let mut loading = Loading {
            change,
            form,
            report,
            by,
            at,
            departments: known(&organisation, report.fiscal_year),
            revisions: Map::new(),
            states: Map::new(),
            entries: 0,
        };
        let year = loading.year().await?;
        let periods = loading.periods(year).await?;
        for (position, sheet) in report.sheets.iter().enumerate() {
            loading.sheet(year, &periods, number(position), sheet).await?;
        }
        let Loading { mut change, revisions, states, entries, .. } = loading;
        change
            .note(NewEvent {
                at,
                user: by,
                kind: "loaded",
                entry: None,
                data: json!({
                    "year": year,
                    "document": digest(&report.to_json()),
                    "revisions": revisions,
                    "states": states,
                }),
            })
            .await?;
        change.commit().await?;
        Ok(Loaded { year, sheets: report.sheets.len(), entries })
    }

    /// The report document of a year: the frame as it was loaded, and what has been submitted since.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub async fn dump(
        &self,
        municipality: MunicipalityId,
        year: YearId,
        form: &Form,
    ) -> Result<Option<Report>, StoreError> {
        let Some(found) = self.year(municipality, year).await? else { return Ok(None) };
        let sheets: Vec<(i64, String)> = read!(self, db => sqlx::query_as(
            "select id, frame from sheet where year_id = $1 and municipality_id = $2 order by position",
        )
        .bind(year.number())
        .bind(municipality.number())
        .fetch_all(db))?;
        let rows: Vec<(i64, String, String, String)> = read!(self, db => sqlx::query_as(
            "select e.sheet_id, p.name, e.written, r.content
             from entry e join period p on p.id = e.period_id join revision r on r.id = e.record_id
             where e.year_id = $1 and e.municipality_id = $2 order by e.sheet_id, e.position",
        )
        .bind(year.number())
        .bind(municipality.number())
        .fetch_all(db))?;
        let mut texts: BTreeMap<i64, Vec<(String, String, String)>> = BTreeMap::new();
        for (sheet, period, department, content) in rows {
            texts.entry(sheet).or_default().push((period, department, content));
        }
        let mut report = found.frame;
        for (id, frame) in sheets {
            let corrupt = || StoreError::Corrupt(format!("sheet {id}"));
            let frame: Frame = serde_json::from_str(&frame).map_err(|_| corrupt())?;
            let mut parts = Parts { frame, start: StartContent::default(), answers: Vec::new() };
            for (period, department, content) in texts.remove(&id).unwrap_or_default() {
                match serde_json::from_str(&content).map_err(|_| corrupt())? {
                    Content::Start(start) => parts.start = start,
                    Content::Report(content) => parts.answers.push(Answer { department, period, content }),
                }
            }
            report.sheets.push(parts.into_sheet(&form.style));
        }
        Ok(Some(report))
    }
}

/// A document on its way into the record.
struct Loading<'a> {
    change: Change,
    form: &'a Form,
    report: &'a Report,
    by: Option<UserId>,
    at: Moment,
    /// By folded name.
    departments: BTreeMap<String, DepartmentId>,
    revisions: Map<String, Value>,
    states: Map<String, Value>,
    entries: usize,
}

impl<'a> Loading<'a> {
    async fn year(&mut self) -> Result<YearId, LoadError> {
        let report = self.report;
        let frame = Report { sheets: Vec::new(), ..report.clone() };
        let town = self.change.municipality.number();
        let year = i64::from(report.fiscal_year.year());
        let present: Option<(i64,)> = write!(self.change, db => sqlx::query_as(
            "select id from plan_year where municipality_id = $1 and title = $2 and fiscal_year = $3",
        )
        .bind(town)
        .bind(&report.plan.title)
        .bind(year)
        .fetch_optional(db))?;
        if present.is_some() {
            let year = self.form.print_year(report.fiscal_year);
            return Err(LoadError::Present(year, report.plan.title.clone()));
        }
        let (id,): (i64,) = write!(self.change, db => sqlx::query_as(
            "insert into plan_year (municipality_id, title, fiscal_year, form, frame)
             values ($1, $2, $3, $4, $5) returning id",
        )
        .bind(town)
        .bind(&report.plan.title)
        .bind(year)
        .bind(&report.form)
        .bind(frame.to_json())
        .fetch_one(db))?;
        Ok(YearId::new(id))
    }

    async fn periods(&mut self, year: YearId) -> Result<BTreeMap<String, PeriodId>, LoadError> {
        let mut periods = BTreeMap::new();
        let names = std::iter::once(START).chain(self.report.periods.iter().map(String::as_str));
        let count = self.report.periods.len();
        for (position, name) in names.enumerate() {
            let dates = customary_dates(self.report.fiscal_year, position, count);
            let (id,): (i64,) = write!(self.change, db => sqlx::query_as(
                "insert into period (municipality_id, year_id, position, name, kind, opens, deadline, locks)
                 values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
            )
            .bind(self.change.municipality.number())
            .bind(year.number())
            .bind(number(position))
            .bind(name)
            .bind(if position == 0 { "start" } else { "report" })
            .bind(dates.opens.to_string())
            .bind(dates.deadline.to_string())
            .bind(dates.locks.map(|day| day.to_string()))
            .fetch_one(db))?;
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
        for (relation, names) in
            [("lead", &sheet.lead_departments), ("supporting", &sheet.supporting_departments)]
        {
            for (place, name) in names.iter().enumerate() {
                let department = self.department(name).await?;
                run!(self.change, db => sqlx::query(
                    "insert into sheet_department (sheet_id, relation, position, department_id)
                     values ($1, $2, $3, $4)",
                )
                .bind(id.number())
                .bind(relation)
                .bind(number(place))
                .bind(department.number())
                .execute(db))?;
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
        let (id,): (i64,) = write!(self.change, db => sqlx::query_as(
            "insert into sheet (municipality_id, year_id, position, measure, reference, title, frame)
             values ($1, $2, $3, $4, $5, $6, $7) returning id",
        )
        .bind(self.change.municipality.number())
        .bind(year.number())
        .bind(position)
        .bind(frame.sheet.id.as_deref())
        .bind(frame.sheet.reference())
        .bind(frame.sheet.title())
        .bind(serde_json::to_string(frame).unwrap_or_default())
        .fetch_one(db))?;
        Ok(SheetId::new(id))
    }

    /// The goals, then the answers in the document's order, then those that the document leaves out.
    fn new_entries(
        report: &'a Report,
        sheet: &'a Sheet,
        parts: Parts,
    ) -> Result<Vec<NewEntry<'a>>, LoadError> {
        let first =
            sheet.lead_departments.first().or(sheet.responses.first().map(|answer| &answer.department));
        let first = first.ok_or_else(|| LoadError::NoDepartment(sheet.title().to_owned()))?;
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
        for department in &sheet.lead_departments {
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
        let written = new.content.as_ref().is_some_and(is_written);
        let state = match (written, self.by) {
            (true, by) => State::Fixed { by: by.unwrap_or(UserId::new(0)), at: self.at },
            (false, _) => State::NEW,
        };
        let (id,): (i64,) = write!(self.change, db => sqlx::query_as(
            "insert into entry (municipality_id, year_id, sheet_id, period_id, department_id, position, written,
                                state, state_data, rating)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id",
        )
        .bind(self.change.municipality.number())
        .bind(year.number())
        .bind(sheet.number())
        .bind(period.number())
        .bind(department.number())
        .bind(position)
        .bind(new.department)
        .bind(state.code())
        .bind(serde_json::to_string(&state).unwrap_or_default())
        .bind(new.content.as_ref().and_then(Content::rating))
        .fetch_one(db))?;
        let id = EntryId::new(id);
        self.states.insert(id.to_string(), serde_json::to_value(&state).unwrap_or_default());
        if let Some(content) = &new.content {
            let revision = NewRevision { base: None, content, by: self.by, at: self.at };
            let kept = self.change.keep(id, revision).await?;
            run!(self.change, db => sqlx::query("update entry set draft_id = $2, record_id = $2 where id = $1")
                .bind(id.number())
                .bind(kept.id.number())
                .execute(db))?;
            self.revisions.insert(kept.id.to_string(), Value::String(kept.sha256));
            self.entries += usize::from(written);
        }
        Ok(())
    }

    async fn department(&mut self, name: &str) -> Result<DepartmentId, LoadError> {
        let folded = fold(name);
        if let Some(id) = self.departments.get(&folded) {
            return Ok(*id);
        }
        let id = self.change.add_department(name, None, self.report.fiscal_year, None).await?;
        self.departments.insert(folded, id);
        Ok(id)
    }
}

fn known(organisation: &Organisation, year: FiscalYear) -> BTreeMap<String, DepartmentId> {
    let there = organisation.departments.iter().filter(|department| department.exists_in(year));
    there.map(|department| (fold(&department.name), department.id)).collect()
}

/// Whether a content says anything: an empty answer of a document is still to be written.
fn is_written(content: &Content) -> bool {
    match content {
        Content::Start(start) => *start != StartContent::default(),
        Content::Report(report) => *report != ReportContent::default(),
    }
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
