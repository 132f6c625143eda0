//! The list of all sheets that one may read: a row for each lead department of a sheet, a column for each period.

mod filter;

use askama::Template;
use kaikaku_domain::id::{ConflictId, DepartmentId, EntryId, PeriodId, SheetId, UserId, YearId};
use kaikaku_domain::period::{Period, PeriodKind, Window};
use kaikaku_domain::submission::label;
use kaikaku_domain::workflow::{Awaits, Route, Sight};
use kaikaku_domain::{Date, FiscalYear, Form};
use kaikaku_store::{Line, Year};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::web::layout::Layout;
use crate::web::print::{self, Chip};
use crate::web::visit::Visit;
use crate::web::work::latest;
use crate::web::{Answer, Ask, Stop, cache, say};
use filter::{Choice, Filter, State};

#[derive(Template)]
#[template(path = "sheets.html")]
struct Sheets {
    layout: Layout,
    filter: Filter,
    years: Vec<Choice>,
    periods: Vec<Choice>,
    states: Vec<Choice>,
    departments: Vec<Choice>,
    /// The entries of the chosen period by state, those of every state first.
    counts: Vec<Count>,
    /// How the chosen period stands: `期末の期限 4月10日（金）`, `あと4日`.
    deadline: (String, String),
    caption: String,
    /// The periods' names, and whether it is the chosen one.
    columns: Vec<(String, bool)>,
    rating: String,
    groups: Vec<Group>,
}

#[derive(Template)]
#[template(path = "sheets-none.html")]
struct NoSheets {
    layout: Layout,
}

/// How many entries are in a state, with the address of the list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Count {
    address: String,
    chip: Option<Chip>,
    number: usize,
    is_chosen: bool,
}

/// The rows of one node of the plan's first level.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    title: String,
    rows: Vec<Row>,
}

/// One lead department of one sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    sheet: SheetId,
    department: DepartmentId,
    department_name: String,
    branch: String,
    reference: String,
    title: String,
    /// The page of the chosen period's entry, or of any other that one may see.
    address: String,
    /// One for each period, in their order.
    cells: Vec<Cell>,
    rating: String,
    touched: String,
}

/// One department's entry of one period.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cell {
    entry: Option<EntryId>,
    chip: Chip,
    is_chosen: bool,
    /// `3日超過`
    late: Option<String>,
}

pub(crate) async fn show(ask: Ask) -> Answer {
    if let Some(page) = cache::kept(&ask) {
        return Ok(page);
    }
    let visit = ask.visitor()?;
    let years = ask.app.store.years(visit.town.id).await?;
    let layout = ask.layout().titled("調書一覧", "sheets");
    let Some(year) = year(&ask, &years).await? else { return say::page(&NoSheets { layout }) };
    let form = ask.app.form(&year.form)?;
    let seen = Seen {
        lines: ask.app.store.lines(&visit.actor, year.id).await?,
        conflicts: ask.app.store.waiting_conflicts(&visit.actor).await?,
        names: ask.app.names(visit.town.id).await?,
        year,
        today: ask.now.day(),
    };
    let filter = Filter::read(&ask.query, &seen.year, seen.today);
    let mut page = page(layout, visit, seen, filter, form);
    page.years = filter::years(&years, &page.filter, form);
    cache::keep(&ask, &page)
}

/// The year that is asked for; without, that of the period that matters today.
async fn year(ask: &Ask, years: &[(YearId, FiscalYear, String)]) -> Result<Option<Arc<Year>>, Stop> {
    let (store, town) = (&ask.app.store, ask.visitor()?.town.id);
    if let Some(asked) = ask.query.text("year") {
        let asked = asked.parse().ok();
        let (id, ..) = years.iter().find(|(id, ..)| Some(*id) == asked).ok_or(Stop::NotFound)?;
        return Ok(store.year(town, *id).await?);
    }
    let mut worked_on = Vec::new();
    for (id, ..) in latest(years) {
        worked_on.extend(store.year(town, *id).await?);
    }
    let periods: Vec<Period> = worked_on.iter().flat_map(|year| year.periods.iter().cloned()).collect();
    let current = filter::current(&periods, ask.now.day()).map(|period| period.id);
    let place = worked_on.iter().position(|year| year.periods.iter().any(|own| Some(own.id) == current));
    Ok(worked_on.into_iter().nth(place.unwrap_or_default()))
}

/// What one may see of a year.
struct Seen {
    year: Arc<Year>,
    lines: Vec<Line>,
    conflicts: Vec<(ConflictId, EntryId)>,
    names: HashMap<UserId, String>,
    today: Date,
}

fn page(layout: Layout, visit: &Visit, seen: Seen, filter: Filter, form: &Form) -> Sheets {
    let route = visit.town.route;
    let mut rows = rows(&seen, &filter, route);
    let departments = filter::departments(&rows, &filter);
    rows.retain(|row| filter.department.is_none_or(|department| row.department == department));
    let counts = counts(&rows, &filter, route);
    rows.retain(|row| filter.state.is_none_or(|state| row.state() == Some(state)));
    let period = filter.period(&seen.year);
    let (name, shown) = (period.map_or("", |period| period.name.as_str()), distinct(&rows));
    Sheets {
        layout,
        years: Vec::new(),
        periods: filter::periods(&seen.year, &filter),
        states: filter::states(&counts, &filter, route),
        departments,
        deadline: period.map(|period| deadline(period, seen.today)).unwrap_or_default(),
        caption: format!("{}の調書　{name}　{shown}件", print::year(seen.year.fiscal_year, form)),
        columns: columns(&rows, &seen, &filter),
        rating: label(form, "rating").to_owned(),
        groups: groups(rows),
        counts,
        filter,
    }
}

/// `期末の期限 4月10日（金）`, `あと4日`
fn deadline(period: &Period, today: Date) -> (String, String) {
    let day = print::day_with_weekday(period.dates.deadline);
    let stands = period.dates.window(today);
    let left = match stands {
        Window::NotYet { .. } => format!("（入力は{}）", print::window(&stands)),
        Window::Open { days_left: 0 } => "　今日まで".to_owned(),
        Window::Open { days_left } => format!("　あと{days_left}日"),
        Window::Late { .. } | Window::Locked { .. } => format!("　{}", print::window(&stands)),
    };
    (format!("{}の期限 {day}", period.name), left)
}

/// The periods' names; those in which departments still write say so.
fn columns(rows: &[Row], seen: &Seen, filter: &Filter) -> Vec<(String, bool)> {
    let column = |(place, period): (usize, &Period)| {
        let is_owed = rows.iter().any(|row| row.cells[place].late.is_some());
        let is_open = matches!(period.dates.window(seen.today), Window::Open { .. }) || is_owed;
        let name = if is_open { format!("{}（入力中）", period.name) } else { period.name.clone() };
        (name, Some(period.id) == filter.period)
    };
    seen.year.periods.iter().enumerate().map(column).collect()
}

/// A row for each department that answers in a sheet; the goals, which all of them write together, stand in each.
fn rows(seen: &Seen, filter: &Filter, route: Route) -> Vec<Row> {
    let mut rows = Vec::new();
    for lines in seen.lines.chunk_by(|one, other| one.sheet == other.sheet) {
        let is_start = |line: &&Line| is_start(&seen.year, line.period);
        let reports = lines.iter().filter(|line| !is_start(line));
        let mut leads: Vec<&Line> = Vec::new();
        for line in reports.chain(lines.iter().filter(is_start)) {
            // The goals make a row of their own only where nothing else of the sheet is to be seen.
            let is_new = leads.iter().all(|lead| lead.department != line.department);
            if is_new && (leads.is_empty() || !is_start(&line)) {
                leads.push(line);
            }
        }
        leads.sort_by_key(|lead| lines.iter().position(|line| line.entry == lead.entry));
        rows.extend(leads.into_iter().map(|lead| row(lead, lines, seen, (filter, route))));
    }
    rows
}

fn is_start(year: &Year, period: PeriodId) -> bool {
    year.period(period).is_some_and(|period| period.kind == PeriodKind::Start)
}

fn row(lead: &Line, lines: &[Line], seen: &Seen, (filter, route): (&Filter, Route)) -> Row {
    let of = |period: &Period| {
        lines.iter().find(|line| {
            line.period == period.id
                && (period.kind == PeriodKind::Start || line.department == lead.department)
        })
    };
    let periods = seen.year.periods.iter();
    let cells = periods.map(|period| cell(of(period), period, seen, (filter, route))).collect();
    let chosen = filter.period(&seen.year).and_then(of);
    Row {
        sheet: lead.sheet,
        department: lead.department,
        department_name: lead.department_name.clone(),
        branch: lead.branch.clone(),
        reference: lead.reference.clone(),
        title: lead.title.clone(),
        address: format!("/entries/{}", chosen.unwrap_or(lead).entry),
        cells,
        rating: chosen.and_then(|line| line.rating.clone()).unwrap_or_else(|| "―".to_owned()),
        touched: chosen.and_then(|line| touched(line, seen)).unwrap_or_else(|| "―".to_owned()),
    }
}

fn cell(line: Option<&Line>, period: &Period, seen: &Seen, (filter, route): (&Filter, Route)) -> Cell {
    let is_chosen = Some(period.id) == filter.period;
    let Some(line) = line else {
        return Cell { entry: None, chip: Chip { code: "", word: "" }, is_chosen, late: None };
    };
    let is_late = line.state.awaits(route) == Awaits::Department;
    let stands = period.dates.window(seen.today);
    let late = matches!(stands, Window::Late { .. }).then(|| print::window(&stands));
    let chip = match seen.conflicts.iter().any(|(_, entry)| *entry == line.entry) {
        true => Chip::CONFLICT,
        false => Chip::of(&line.state, line.touched_at.is_some()),
    };
    Cell { entry: Some(line.entry), chip, is_chosen, late: late.filter(|_| is_late) }
}

/// When and by whom, for those who may read something of it.
fn touched(line: &Line, seen: &Seen) -> Option<String> {
    let (at, by) = line.touched_at.zip(line.touched_by).filter(|_| line.sight >= Sight::Record)?;
    let name = seen.names.get(&by).map_or("", String::as_str);
    Some(format!("{} {name}", print::moment(at)))
}

impl Row {
    /// The entry of the chosen period.
    fn chosen(&self) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.is_chosen && cell.entry.is_some())
    }

    /// Its state.
    fn state(&self) -> Option<State> {
        self.chosen().and_then(|cell| State::from_code(cell.chip.code))
    }
}

/// How many entries there are of each state that occurs, each entry counted once though it stands in several rows.
fn counts(rows: &[Row], filter: &Filter, route: Route) -> Vec<Count> {
    let all = Count {
        address: filter.address(None),
        chip: None,
        number: distinct(rows),
        is_chosen: filter.state.is_none(),
    };
    let of = |state: State| {
        let number = rows.iter().filter(|row| row.state() == Some(state)).filter_map(Row::chosen);
        let number = number.filter_map(|cell| cell.entry).collect::<BTreeSet<_>>().len();
        Count {
            address: filter.address(Some(state)),
            chip: Some(state.chip(route)),
            number,
            is_chosen: filter.state == Some(state),
        }
    };
    let states = State::ALL.into_iter().map(of).filter(|count| count.number > 0 || count.is_chosen);
    std::iter::once(all).chain(states).collect()
}

fn distinct(rows: &[Row]) -> usize {
    let entries = rows.iter().filter_map(Row::chosen).filter_map(|cell| cell.entry);
    entries.collect::<BTreeSet<_>>().len()
}

fn groups(rows: Vec<Row>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for row in rows {
        match groups.last_mut().filter(|group| group.title == row.branch) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { title: row.branch.clone(), rows: vec![row] }),
        }
    }
    groups
}

#[cfg(test)]
mod tests;
