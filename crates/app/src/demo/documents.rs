//! The example town's reports as the demo's people find them: what lies behind them is there and fixed, what they are
//! still to write is not.

use kaikaku_domain::entry::{Content, Parts, ReportContent};
use kaikaku_domain::id::{MunicipalityId, YearId};
use kaikaku_domain::period::{Dates, START};
use kaikaku_domain::{Date, Form, Moment, Report};
use kaikaku_store::{NewEvent, Store};
use rust_embed::RustEmbed;
use serde_json::json;

use super::{DemoError, at};

#[derive(RustEmbed)]
#[folder = "../../examples/shiomi"]
struct Shipped;

/// The period that the demo is in the middle of.
pub(super) const YEAR_END: &str = "期末";

/// The shipped reports.
pub(super) struct Documents {
    /// Code and name of the town.
    pub(super) town: (String, String),
    /// The code of their form.
    pub(super) form: String,
    /// 2023 and 2024: finished years.
    finished: [Report; 2],
    /// 2025 with the texts of its year's end, which the demo's people write in these days.
    pub(super) current: Report,
    /// 2026 with its goals, which they write too.
    pub(super) next: Report,
}

/// The two years in which something is still to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Years {
    pub(super) current: YearId,
    pub(super) next: YearId,
}

/// A shipped file as text.
pub(super) fn text(name: &str) -> Result<String, DemoError> {
    let file = Shipped::get(name).ok_or_else(|| DemoError::Data(name.to_owned()))?;
    Ok(String::from_utf8_lossy(&file.data).into_owned())
}

/// Reads the shipped reports.
pub(super) fn read() -> Result<Documents, DemoError> {
    let report = |name: &str| {
        Report::from_json(&text(name)?).map_err(|error| DemoError::Data(format!("{name}: {error}")))
    };
    let current = report("2025.json")?;
    let town = current.municipality.as_ref().ok_or_else(|| DemoError::Data("2025.json".to_owned()))?;
    Ok(Documents {
        town: (town.code.as_str().to_owned(), town.name.clone()),
        form: current.form.clone(),
        finished: [report("2023.json")?, report("2024.json")?],
        next: report("2026.json")?,
        current,
    })
}

/// Loads the years, each when its secretariat did, and sets their periods.
pub(super) async fn load(
    store: &Store,
    town: MunicipalityId,
    documents: &Documents,
    form: &Form,
) -> Result<Years, DemoError> {
    let [first, second] = &documents.finished;
    let (current, next) = (before_year_end(&documents.current), before_start(&documents.next));
    let loads = [
        (first, "2025-04-14 9:30"),
        (second, "2025-05-20 14:00"),
        (&current, "2025-11-04 10:00"),
        (&next, "2026-03-13 17:00"),
    ];
    let mut years = Vec::new();
    for (report, moment) in loads {
        let year = store.load(town, report, form, (None, at(moment))).await?.year;
        set_periods(store, town, year, report.fiscal_year.year(), at(moment)).await?;
        years.push(year);
    }
    match years.as_slice() {
        [.., current, next] => Ok(Years { current: *current, next: *next }),
        _ => Err(DemoError::Data("years".to_owned())),
    }
}

/// The days of a period: the town wants its goals in April, and from 2026 on before April begins.
fn dates(year: i32, period: &str) -> Option<Dates> {
    match period {
        START if year < 2026 => days(&[(year, 4, 1), (year, 4, 30), (year, 5, 15)]),
        START => days(&[(year, 3, 16), (year, 4, 3), (year, 4, 17)]),
        YEAR_END => days(&[(year + 1, 3, 16), (year + 1, 4, 10), (year + 1, 4, 24)]),
        _ => days(&[(year, 9, 16), (year, 10, 10), (year, 10, 24)]),
    }
}

/// First day, deadline, lock.
fn days(days: &[(i32, u8, u8); 3]) -> Option<Dates> {
    let [opens, deadline, locks] = days.map(|(year, month, day)| Date::new(year, month, day).ok());
    Some(Dates { opens: opens?, deadline: deadline?, locks })
}

async fn set_periods(
    store: &Store,
    town: MunicipalityId,
    year: YearId,
    fiscal_year: i32,
    at: Moment,
) -> Result<(), DemoError> {
    let found = store.year(town, year).await?.ok_or_else(|| DemoError::Data(format!("year {year}")))?;
    let mut change = store.change(town).await?;
    for period in &found.periods {
        let dates = dates(fiscal_year, &period.name).ok_or_else(|| DemoError::Data(period.name.clone()))?;
        let data =
            json!({ "period": period.id, "name": period.name, "before": period.dates, "dates": dates });
        let event = NewEvent { at, user: None, kind: "period_set", entry: None, data };
        change.set_dates(period.id, dates, event).await?;
    }
    Ok(change.commit().await?)
}

/// The report as it was after its mid-term: no answer, list or tally of the year's end.
fn before_year_end(report: &Report) -> Report {
    let mut report = without_lists(report.clone());
    for sheet in &mut report.sheets {
        sheet.responses.retain(|answer| answer.period != YEAR_END);
    }
    report
}

/// The report before anybody wrote into it.
fn before_start(report: &Report) -> Report {
    let mut report = without_lists(report.clone());
    for sheet in &mut report.sheets {
        (sheet.goal, sheet.challenge) = (None, None);
        (sheet.activities, sheet.roadmap, sheet.roadmap_values) = (Vec::new(), Vec::new(), Vec::new());
    }
    report
}

fn without_lists(mut report: Report) -> Report {
    report.index.clear();
    report.tally.clear();
    report.percent.clear();
    report.achievements.clear();
    report
}

impl Documents {
    /// What a department answers for the year's end; the measure by its reference.
    pub(super) fn year_end(&self, form: &Form, reference: &str, department: &str) -> Option<Content> {
        let sheet = self.current.sheets.iter().find(|sheet| sheet.reference() == reference)?;
        let parts = Parts::of(sheet.clone(), form, self.current.result_period());
        let mut answers = parts.answers.into_iter();
        let answer = answers.find(|answer| answer.period == YEAR_END && answer.department == department)?;
        Some(Content::Report(in_parts(answer.content)))
    }

    /// What the lead departments set themselves for the next year.
    pub(super) fn start(&self, form: &Form, reference: &str) -> Option<Content> {
        let sheet = self.next.sheets.iter().find(|sheet| sheet.reference() == reference)?;
        Some(Content::Start(Parts::of(sheet.clone(), form, None).start))
    }
}

/// An answer whose narrative holds cause and policy under headings, taken apart as it is entered.
fn in_parts(answer: ReportContent) -> ReportContent {
    let narrative = answer.narrative.clone().unwrap_or_default();
    let lines: Vec<&str> = narrative.lines().collect();
    let heading = |title: &str| {
        let ornament = |c: char| "【】０１２３４５６７８９　 ".contains(c);
        lines.iter().position(|line| line.trim_matches(ornament) == title)
    };
    match (heading("原因"), heading("今後の方針")) {
        (Some(cause), Some(policy)) if cause < policy => ReportContent {
            narrative: Some(lines[..cause].join("\n")),
            cause: Some(lines[cause + 1..policy].join("\n")),
            policy: Some(lines[policy + 1..].join("\n")),
            ..answer
        },
        _ => answer,
    }
}
