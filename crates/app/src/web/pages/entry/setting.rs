//! An entry with everything that its pages show around it: the sheet's head, last year's and mid-term's text, the goals
//! that it is measured by, comments, and the printed page.

use std::collections::HashMap;
use std::sync::Arc;

use kaikaku_domain::entry::{Answer, Content, Parts, StartContent};
use kaikaku_domain::form::{Form, fill};
use kaikaku_domain::id::{DepartmentId, EntryId, UserId};
use kaikaku_domain::period::{Period, PeriodKind, Window};
use kaikaku_domain::person::Actor;
use kaikaku_domain::submission::Beside;
use kaikaku_domain::workflow::{Hand, State};
use kaikaku_domain::{FiscalYear, Moment, Report};
use kaikaku_store::{Comment, Neighbour};

use crate::web::print;
use crate::web::print::heading::Heading;
use crate::web::{App, Ask, Stop};
use crate::workflow::Found;

/// An entry with what is around it. Eight queries, whatever the town.
pub(crate) struct Setting {
    pub(crate) found: Found,
    pub(crate) form: Arc<Form>,
    pub(crate) period: Period,
    pub(crate) window: Window,
    pub(crate) neighbours: Vec<Neighbour>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) names: HashMap<UserId, String>,
    years: Vec<(kaikaku_domain::id::YearId, FiscalYear)>,
    lineage: Vec<DepartmentId>,
}

/// What stands above every page of an entry.
pub(crate) struct Head {
    pub(crate) heading: Heading,
    /// The deadline.
    pub(crate) date: String,
    /// Days left or late, while the department owes it.
    pub(crate) left: String,
    pub(crate) is_late: bool,
    pub(crate) department: String,
    /// Label and names.
    pub(crate) departments: Vec<(String, String)>,
    /// Label and bullets.
    pub(crate) content: Vec<(String, Vec<String>)>,
    /// The pages of the same sheet's other entries.
    pub(crate) others: Vec<(EntryId, String)>,
}

impl Setting {
    /// The entry that the path names; what the visitor may not know of is not found.
    pub(crate) async fn of(ask: &Ask) -> Result<Self, Stop> {
        Self::find(&ask.app, ask.actor()?, ask.entry()?, ask.now).await
    }

    /// The same with nothing around it: what saving needs. Five queries.
    pub(crate) async fn bare(ask: &Ask) -> Result<Self, Stop> {
        Self::found(&ask.app, ask.actor()?, ask.entry()?, ask.now).await
    }

    /// The entry of this id for this person.
    pub(crate) async fn find(app: &App, actor: &Actor, id: EntryId, now: Moment) -> Result<Self, Stop> {
        let mut setting = Self::found(app, actor, id, now).await?;
        let entry = &setting.found.entry;
        setting.neighbours = app.store.neighbours(actor, entry).await?;
        setting.comments = app.store.comments(entry).await?;
        setting.names = app.names(actor.municipality).await?;
        setting.lineage = app.store.organisation(actor.municipality).await?.lineage(entry.department);
        let years = app.store.years(actor.municipality).await?;
        setting.years = years.into_iter().map(|(id, year, _)| (id, year)).collect();
        Ok(setting)
    }

    async fn found(app: &App, actor: &Actor, id: EntryId, now: Moment) -> Result<Self, Stop> {
        let found = Found::find(&app.store, actor, id).await?.ok_or(Stop::NotFound)?;
        let period = found.period()?.clone();
        Ok(Self {
            form: Arc::clone(app.form(&found.year.form)?),
            window: period.dates.window(now.day()),
            period,
            found,
            neighbours: Vec::new(),
            comments: Vec::new(),
            names: HashMap::new(),
            years: Vec::new(),
            lineage: Vec::new(),
        })
    }

    /// Whether this period gives the year's result.
    pub(crate) fn is_result(&self) -> bool {
        self.found.year.is_result(&self.period)
    }

    /// The hand that the visitor lays on the entry now.
    pub(crate) fn hand(&self, ask: &Ask) -> Result<Hand<'_>, Stop> {
        let visit = ask.visitor()?;
        Ok(self.found.hand(visit.actor.user, visit.town.route, ask.now)?)
    }

    /// Whether the visitor may write now.
    pub(crate) fn may_write(&self) -> Result<(), kaikaku_domain::workflow::Refusal> {
        self.found.entry.state.may_write(&self.found.entry.relations, self.window)
    }

    /// The same department's entry for the same period of the year before.
    pub(crate) fn last_year(&self) -> Option<&Neighbour> {
        let before = self.found.year.fiscal_year.previous();
        self.of_year(before)
            .filter(|other| other.period_name == self.period.name)
            .max_by_key(|other| self.nearness(other))
    }

    /// The same department's entry for the reporting period before, in this year.
    pub(crate) fn earlier(&self) -> Option<&Neighbour> {
        let periods = &self.found.year.periods;
        let place = periods.iter().position(|period| period.id == self.period.id)?;
        let before = periods[..place].iter().rev().find(|period| period.kind == PeriodKind::Report)?;
        let same =
            |other: &&Neighbour| other.period == before.id && other.department == self.found.entry.department;
        self.neighbours.iter().find(same)
    }

    /// What this entry is compared with before it is submitted.
    pub(crate) fn beside(&self) -> Beside<'_> {
        let earlier = self.earlier();
        Beside {
            last_year: self.last_year().and_then(|other| other.record.as_ref()),
            earlier: earlier.and_then(|other| other.record.as_ref()),
            earlier_name: earlier.map_or("", |other| other.period_name.as_str()),
        }
    }

    fn of_year(&self, year: FiscalYear) -> impl Iterator<Item = &Neighbour> {
        let of = move |other: &&Neighbour| {
            self.years.iter().any(|(id, fiscal_year)| *id == other.year && *fiscal_year == year)
        };
        self.neighbours.iter().filter(of)
    }

    /// A department's own entry comes first, then one of what it came from, then any: one sheet may have several leads.
    fn nearness(&self, other: &Neighbour) -> u8 {
        match other.department {
            department if department == self.found.entry.department => 2,
            department if self.lineage.contains(&department) => 1,
            _ => 0,
        }
    }

    /// The goals, activities and roadmap of this year's sheet, as far as the visitor may read them.
    pub(crate) fn start(&self) -> Option<&StartContent> {
        let of_year = self.neighbours.iter().filter(|other| other.year == self.found.entry.year);
        of_year.filter_map(|other| other.record.as_ref()).find_map(|content| match content {
            Content::Start(start) => Some(start),
            Content::Report(_) => None,
        })
    }

    /// The sheet as it will be printed when this content is submitted, in a report of its own.
    pub(crate) fn printed(&self, content: &Content) -> Report {
        let entry = &self.found.entry;
        let mut parts = Parts {
            frame: (*entry.frame).clone(),
            start: self.start().cloned().unwrap_or_default(),
            answers: Vec::new(),
        };
        for other in self.neighbours.iter().filter(|other| other.year == entry.year) {
            if let Some(Content::Report(answer)) = &other.record {
                parts.answers.push(Answer {
                    department: other.department_name.clone(),
                    period: other.period_name.clone(),
                    content: answer.clone(),
                });
            }
        }
        match content {
            Content::Start(start) => parts.start = start.clone(),
            Content::Report(answer) => parts.answers.push(Answer {
                department: entry.department_name.clone(),
                period: self.period.name.clone(),
                content: answer.clone(),
            }),
        }
        let mut report = self.found.frame().clone();
        report.sheets = vec![parts.into_sheet(&self.form.style)];
        // The page shows the period that is being written as the result, as its own report would.
        if let Some(place) = report.periods.iter().position(|period| *period == self.period.name) {
            report.periods.truncate(place + 1);
        }
        report
    }

    /// What stands above the page.
    pub(crate) fn head(&self) -> Head {
        let entry = &self.found.entry;
        let sheet = &entry.frame.sheet;
        // Once it has been submitted, nobody owes anything by that day.
        let is_owed = matches!(entry.state, State::Draft { .. } | State::Returned { .. });
        let fields = |code: &str| self.form.field(code).map_or(code, |field| field.label.as_str()).to_owned();
        let several = sheet.content.len() > 1;
        Head {
            heading: Heading::of(&self.found, &self.form),
            date: print::day_with_weekday(self.period.dates.deadline),
            left: if is_owed { print::window(&self.window) } else { String::new() },
            is_late: matches!(self.window, Window::Late { .. } | Window::Locked { .. }),
            department: entry.department_name.clone(),
            departments: vec![
                (fields("lead"), sheet.lead_departments.join(&self.form.style.separator)),
                (fields("supporting"), sheet.supporting_departments.join(&self.form.style.separator)),
            ],
            content: sheet
                .content
                .iter()
                .map(|content| {
                    let label = fields("content");
                    let label = if several { format!("{label}（{}）", content.level) } else { label };
                    (label, content.bullets.clone())
                })
                .collect(),
            others: self
                .neighbours
                .iter()
                .filter(|other| other.year == entry.year)
                .map(|other| (other.entry, self.name_of(other)))
                .collect(),
        }
    }

    fn name_of(&self, other: &Neighbour) -> String {
        if self.found.entry.leads.len() > 1 && other.kind == PeriodKind::Report {
            format!("{}（{}）", other.period_name, other.department_name)
        } else {
            other.period_name.clone()
        }
    }

    /// `令和7年度`
    pub(crate) fn year(&self) -> String {
        print::year(self.found.year.fiscal_year, &self.form)
    }

    /// The heading of the section or column that a field stands under, with the year: the words of the printed sheet.
    pub(crate) fn heading(&self, code: &str) -> String {
        let with_year = |text: &str| self.form.with_year(text, self.found.year.fiscal_year);
        for section in &self.form.sections {
            for column in &section.columns {
                if column.fields.len() == 1 && column.fields[0] == code {
                    return with_year(&column.heading);
                }
            }
        }
        fill(kaikaku_domain::submission::label(&self.form, code), &[])
    }

    /// A person's name.
    pub(crate) fn name(&self, user: UserId) -> &str {
        self.names.get(&user).map_or("（登録前の記録）", String::as_str)
    }
}
