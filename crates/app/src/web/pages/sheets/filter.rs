//! What part of the list is asked for, in the address and in the form above the list.

use kaikaku_domain::id::{DepartmentId, PeriodId, YearId};
use kaikaku_domain::period::{Period, Window};
use kaikaku_domain::workflow::Route;
use kaikaku_domain::{Date, FiscalYear, Form};
use kaikaku_store::Year;

use super::{Count, Row};
use crate::web::form::Fields;
use crate::web::print::{self, Chip};

/// What part of the list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) year: YearId,
    /// The period whose states are counted; none in a year without periods.
    pub(super) period: Option<PeriodId>,
    /// Its place in the year.
    place: usize,
    pub(super) state: Option<State>,
    pub(super) department: Option<DepartmentId>,
}

/// One choice of a list in the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) is_chosen: bool,
}

/// The states by which one may filter, in the order of an entry's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    None,
    Draft,
    Conflict,
    Returned,
    Submitted,
    Confirmed,
    Received,
    Fixed,
}

impl State {
    pub(super) const ALL: [Self; 8] = [
        Self::None,
        Self::Draft,
        Self::Conflict,
        Self::Returned,
        Self::Submitted,
        Self::Confirmed,
        Self::Received,
        Self::Fixed,
    ];

    /// The chip of all entries in this state: heads of both kinds share one.
    pub(super) fn chip(self, route: Route) -> Chip {
        let (code, word) = match self {
            Self::None => return Chip::NONE,
            Self::Conflict => return Chip::CONFLICT,
            Self::Draft => ("draft", "下書き"),
            Self::Returned => ("returned", "差戻し"),
            Self::Submitted => ("submitted", "提出済み"),
            Self::Confirmed if route == Route::SectionHead => ("confirmed", "課長確認済み"),
            Self::Confirmed => ("confirmed", "確認済み"),
            Self::Received => ("received", "受付済み"),
            Self::Fixed => ("fixed", "確定"),
        };
        Chip { code, word }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    fn code(self) -> &'static str {
        self.chip(Route::Direct).code
    }
}

impl Filter {
    /// What is asked for of a year; what the year does not have is not asked for.
    pub(super) fn read(query: &Fields, year: &Year, today: Date) -> Self {
        let asked = query.text("period").and_then(|period| period.parse::<usize>().ok());
        let asked = asked.and_then(|place| year.periods.get(place));
        let period = asked.or_else(|| current(&year.periods, today)).map(|period| period.id);
        Self {
            year: year.id,
            period,
            place: year.periods.iter().position(|own| Some(own.id) == period).unwrap_or_default(),
            state: query.text("state").and_then(State::from_code),
            department: query.text("department").and_then(|id| id.parse().ok()),
        }
    }

    /// The chosen period.
    pub(super) fn period<'y>(&self, year: &'y Year) -> Option<&'y Period> {
        self.period.and_then(|period| year.period(period))
    }

    /// The address of this list, in another state.
    pub(super) fn address(&self, state: Option<State>) -> String {
        let mut address = format!("/sheets?year={}&period={}", self.year, self.place);
        if let Some(state) = state {
            address += &format!("&state={}", state.code());
        }
        if let Some(department) = self.department {
            address += &format!("&department={department}");
        }
        address
    }
}

/// The period that matters today: the one whose deadline comes next, else the one that is late, else the last that has
/// begun, else the first.
pub(super) fn current(periods: &[Period], today: Date) -> Option<&Period> {
    let stands = |period: &Period| period.dates.window(today);
    let open = periods.iter().filter(|period| matches!(stands(period), Window::Open { .. }));
    let late = periods.iter().rev().find(|period| matches!(stands(period), Window::Late { .. }));
    let begun = periods.iter().rev().find(|period| !matches!(stands(period), Window::NotYet { .. }));
    open.min_by_key(|period| period.dates.deadline).or(late).or(begun).or(periods.first())
}

/// The years, the plan's name with them where one fiscal year has several plans.
pub(super) fn years(years: &[(YearId, FiscalYear, String)], filter: &Filter, form: &Form) -> Vec<Choice> {
    let of = |(id, year, plan): &(YearId, FiscalYear, String)| {
        let has_several = years.iter().filter(|(_, other, _)| other == year).count() > 1;
        let year = print::year(*year, form);
        let label = if has_several { format!("{year}　{plan}") } else { year };
        Choice { value: id.to_string(), label, is_chosen: *id == filter.year }
    };
    years.iter().map(of).collect()
}

pub(super) fn periods(year: &Year, filter: &Filter) -> Vec<Choice> {
    let of = |(place, period): (usize, &Period)| Choice {
        value: place.to_string(),
        label: period.name.clone(),
        is_chosen: Some(period.id) == filter.period,
    };
    year.periods.iter().enumerate().map(of).collect()
}

/// The states that occur, and the one that is chosen.
pub(super) fn states(counts: &[Count], filter: &Filter, route: Route) -> Vec<Choice> {
    let occurs = |state: &State| {
        counts.iter().any(|count| count.chip == Some(state.chip(route))) || filter.state == Some(*state)
    };
    let of = |state: State| Choice {
        value: state.code().to_owned(),
        label: state.chip(route).word.to_owned(),
        is_chosen: filter.state == Some(state),
    };
    State::ALL.into_iter().filter(occurs).map(of).collect()
}

/// The departments that answer, in the order of the sheets.
pub(super) fn departments(rows: &[Row], filter: &Filter) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for row in rows {
        let value = row.department.to_string();
        if choices.iter().all(|choice| choice.value != value) {
            let is_chosen = filter.department == Some(row.department);
            choices.push(Choice { value, label: row.department_name.clone(), is_chosen });
        }
    }
    choices
}
