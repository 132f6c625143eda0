//! The entries of the two latest fiscal years as one person sees them, each with its year, its period and how that
//! stands: what home and the review queue are made from. As many queries as there are years, however many entries.

use std::collections::HashMap;
use std::sync::Arc;

use kaikaku_domain::id::{ConflictId, EntryId, UserId, YearId};
use kaikaku_domain::period::{Period, PeriodKind, Window};
use kaikaku_domain::workflow::{Awaits, Relation, Route};
use kaikaku_domain::{FiscalYear, Moment};
use kaikaku_store::{Line, Year};

use super::print::{self, Chip};
use super::visit::Visit;
use super::{App, Stop};

/// How many fiscal years are worked on at once: one is reported on while the next begins.
const YEARS: usize = 2;

/// What a person sees of the years that are worked on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Work {
    /// Latest first.
    pub(crate) years: Vec<Arc<Year>>,
    /// In the order of years, sheets and periods.
    pub(crate) items: Vec<Item>,
    /// The names of everyone in the town.
    pub(crate) names: HashMap<UserId, String>,
}

/// An entry with its year and period.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) line: Line,
    pub(crate) year: YearId,
    pub(crate) fiscal_year: FiscalYear,
    /// `令和7年度`
    pub(crate) year_name: String,
    pub(crate) period: Period,
    /// How the period stands today.
    pub(crate) window: Window,
    /// A text of this person that came too late and waits.
    pub(crate) conflict: Option<ConflictId>,
}

impl Work {
    /// What this visitor sees now.
    pub(crate) async fn of(app: &App, visit: &Visit, now: Moment) -> Result<Self, Stop> {
        let (actor, town) = (&visit.actor, visit.town.id);
        let conflicts = app.store.waiting_conflicts(actor).await?;
        let mut work = Self { names: app.names(town).await?, ..Self::default() };
        for (id, ..) in latest(&app.store.years(town).await?) {
            let Some(year) = app.store.year(town, *id).await? else { continue };
            let year_name = print::year(year.fiscal_year, app.form(&year.form)?);
            let lines = app.store.lines(actor, *id).await?;
            work.items
                .extend(lines.into_iter().filter_map(|line| item(line, &year, &year_name, &conflicts, now)));
            work.years.push(year);
        }
        Ok(work)
    }

    /// The address of the list of a period's entries in a state, all of them or one department's.
    pub(crate) fn list(&self, item: &Item, narrowed: &str) -> String {
        let year = self.years.iter().find(|year| year.id == item.year);
        let place = year.and_then(|year| year.periods.iter().position(|own| own.id == item.period.id));
        format!("/sheets?year={}&period={}{narrowed}", item.year, place.unwrap_or_default())
    }

    /// The name of a person; a dash for nobody.
    pub(crate) fn name(&self, user: UserId) -> &str {
        self.names.get(&user).map_or("―", String::as_str)
    }
}

/// The plans of the latest fiscal years, of those of all years, latest first.
pub(crate) fn latest<T>(years: &[(T, FiscalYear, String)]) -> impl Iterator<Item = &(T, FiscalYear, String)> {
    let mut different: Vec<FiscalYear> = years.iter().map(|(_, year, _)| *year).collect();
    different.dedup();
    different.truncate(YEARS);
    years.iter().filter(move |(_, year, _)| different.contains(year))
}

fn item(
    line: Line,
    year: &Year,
    year_name: &str,
    conflicts: &[(ConflictId, EntryId)],
    now: Moment,
) -> Option<Item> {
    let period = year.period(line.period)?.clone();
    let conflict = conflicts.iter().find(|(_, entry)| *entry == line.entry).map(|(conflict, _)| *conflict);
    Some(Item {
        window: period.dates.window(now.day()),
        year: year.id,
        fiscal_year: year.fiscal_year,
        year_name: year_name.to_owned(),
        period,
        conflict,
        line,
    })
}

impl Item {
    /// `1-(2)-②　基幹業務システムの標準化`
    pub(crate) fn name(&self) -> String {
        format!("{}　{}", self.line.reference, self.line.title)
    }

    /// `令和7年度 期末`
    pub(crate) fn period_name(&self) -> String {
        format!("{} {}", self.year_name, self.period.name)
    }

    /// Who answers, where several departments answer each for itself.
    pub(crate) fn department(&self) -> &str {
        &self.line.department_name
    }

    /// The state as it is shown.
    pub(crate) fn chip(&self) -> Chip {
        match self.conflict {
            Some(_) => Chip::CONFLICT,
            None => Chip::of(&self.line.state, self.is_begun()),
        }
    }

    /// Whether anybody has written or done anything.
    pub(crate) fn is_begun(&self) -> bool {
        self.line.touched_at.is_some()
    }

    /// Whether it waits for this person's own confirmation.
    pub(crate) fn waits_for_confirmation(&self, route: Route) -> bool {
        match self.line.state.awaits(route) {
            Awaits::Confirmation(step) => self.line.relations.has(step.into()),
            _ => false,
        }
    }

    /// Whether this person writes it as the department's own.
    pub(crate) fn is_own(&self) -> bool {
        self.line.relations.has(Relation::Author)
    }

    /// Whether the department may write it today.
    pub(crate) fn may_write(&self) -> bool {
        self.line.state.may_write(&self.line.relations, self.window).is_ok()
    }

    /// Whether goals are written in it, all lead departments together.
    pub(crate) fn is_start(&self) -> bool {
        self.period.kind == PeriodKind::Start
    }
}

/// Entries for the tests of the pages.
#[cfg(test)]
pub(crate) mod fixture {
    use super::*;
    use kaikaku_domain::Date;
    use kaikaku_domain::id::{DepartmentId, PeriodId, SheetId};
    use kaikaku_domain::period::Dates;
    use kaikaku_domain::workflow::{Reason, Relation, Relations, Reviewer, State};

    /// The Monday on which the tests live.
    pub(crate) fn today() -> Date {
        Date::read("2026-04-06").unwrap()
    }

    /// A moment of that day's year.
    pub(crate) fn at(day: &str) -> Moment {
        Moment::at(Date::read(day).unwrap(), 10, 0)
    }

    /// The state of this word in data.
    pub(crate) fn state(code: &str) -> State {
        let (by, at) = (UserId::new(1), at("2026-04-02"));
        let reason = Reason { by, at, text: "根拠を示してください。".to_owned() };
        match code {
            "draft" => State::NEW,
            "submitted" => State::Submitted { by, at },
            "confirmed" => State::Confirmed { by, at, step: kaikaku_domain::workflow::Step::SectionHead },
            "returned" => State::Returned { reviewer: Reviewer::Secretariat, reason },
            "reopened" => State::Draft { reopened: Some(reason) },
            "received" => State::Received { by, at },
            "fixed" => State::Fixed { by, at },
            other => panic!("no state {other}"),
        }
    }

    /// An entry of a reporting period: its number, what one is to it, its state, its deadline and lock.
    pub(crate) fn item(
        number: i64,
        relations: &[Relation],
        state: State,
        (deadline, locks): (&str, Option<&str>),
    ) -> Item {
        let day = |text: &str| Date::read(text).unwrap();
        let dates = Dates { opens: day("2026-03-16"), deadline: day(deadline), locks: locks.map(day) };
        let relations = Relations::from_slice(relations);
        let (user, changed) = (UserId::new(1), at("2026-04-02"));
        let is_begun = state != State::NEW;
        Item {
            window: dates.window(today()),
            period: Period {
                id: PeriodId::new(3), name: "期末".to_owned(), kind: PeriodKind::Report, dates
            },
            year: YearId::new(1),
            fiscal_year: FiscalYear::new(2025).unwrap(),
            year_name: "令和7年度".to_owned(),
            conflict: None,
            line: Line {
                entry: EntryId::new(number),
                sheet: SheetId::new(number),
                period: PeriodId::new(3),
                department: DepartmentId::new(1),
                department_name: "市民課".to_owned(),
                reference: format!("1-({number})"),
                title: format!("取組{number}"),
                branch: "1　市民に届くサービス".to_owned(),
                sight: relations.sight(&state),
                state,
                version: 1,
                rating: None,
                has_draft: is_begun,
                touched_at: is_begun.then_some(changed),
                touched_by: is_begun.then_some(user),
                relations,
            },
        }
    }

    /// The work of a person who sees these entries.
    pub(crate) fn work(items: Vec<Item>) -> Work {
        let names = [(UserId::new(1), "小林".to_owned())].into_iter().collect();
        Work { years: Vec::new(), items, names }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_plans_of_the_two_latest_fiscal_years_are_worked_on() {
        let year = |id: i32, year: i32| (id, FiscalYear::new(year).unwrap(), String::new());
        let years = [year(4, 2026), year(3, 2025), year(5, 2025), year(1, 2024)];
        assert_eq!(latest(&years).map(|(id, ..)| *id).collect::<Vec<_>>(), [4, 3, 5]);
    }
}
