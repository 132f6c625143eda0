//! What waits for a head or for the secretariat, the longest wait first, with what changed since it was sent back; and
//! many of them dealt with at once.

mod bulk;

use askama::Template;
use axum::http::StatusCode;
use kaikaku_domain::submission::label;
use kaikaku_domain::workflow::{Awaits, Relation, Route};
use kaikaku_domain::{Date, Moment};
use kaikaku_store::Resubmitted;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::home::since;
use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::print::content::{changes, fields};
use crate::web::print::{self, Chip};
use crate::web::work::{Item, Work};
use crate::web::{Answer, App, Ask, Stop, say};

pub(crate) use bulk::{confirm, fix, receive, send_back};

#[derive(Template)]
#[template(path = "review.html")]
struct Review {
    layout: Layout,
    queue: Queue,
    /// Every queue of this person, with how many wait in it.
    queues: Vec<(Queue, usize)>,
    filter: Filter,
    periods: Vec<(String, String)>,
    departments: Vec<(String, String)>,
    /// What the rating is called.
    rating: String,
    rows: Vec<Row>,
    errors: Vec<Problem>,
    /// What was typed as the reason.
    reason: String,
}

/// What entries wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Queue {
    /// A head's confirmation.
    Confirmation,
    /// The secretariat's receipt.
    Receipt,
    /// The secretariat's fixing.
    Fixing,
}

/// One entry that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    entry: String,
    version: i64,
    reference: String,
    title: String,
    department: String,
    period: String,
    chip: Chip,
    rating: String,
    /// `4月3日 17:02（3日）`
    since: String,
    /// What changed since it was sent back.
    changed: Option<String>,
    is_chosen: bool,
}

/// What part of the queue is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Filter {
    queue: String,
    period: String,
    department: String,
    /// Whether in the order of the plan, not of the wait.
    by_plan: bool,
    /// Whether every row begins chosen: without a script, too, all can be chosen at once.
    is_all: bool,
}

/// Something that must be put right, with the field that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    field: &'static str,
    message: String,
}

pub(crate) async fn show(ask: Ask) -> Answer {
    let work = Work::of(&ask.app, ask.visitor()?, ask.now).await?;
    let filter = Filter::read(&ask.query);
    say::page(&page(&ask, &work, filter).await?)
}

/// The page again, with what must be put right and with what was chosen and typed.
async fn again(ask: &Ask, status: StatusCode, errors: Vec<Problem>) -> Answer {
    let work = Work::of(&ask.app, ask.visitor()?, ask.now).await?;
    let mut page = page(ask, &work, Filter::read(&ask.form)).await?;
    for row in &mut page.rows {
        row.is_chosen = ask.form.all("entry").any(|entry| entry == row.entry);
    }
    page.reason = ask.form.value("reason").unwrap_or_default().to_owned();
    page.errors = errors;
    page.layout.has_errors = true;
    say::page_with(status, &page)
}

async fn page(ask: &Ask, work: &Work, mut filter: Filter) -> Result<Review, Stop> {
    let visit = ask.visitor()?;
    let route = visit.town.route;
    let queues = queues(work, route);
    let queue = filter.queue(&queues);
    queue.code().clone_into(&mut filter.queue);
    let waiting: Vec<&Item> =
        work.items.iter().filter(|item| Queue::of(item, route) == Some(queue)).collect();
    let periods = choices(waiting.iter().map(|item| (item.line.period.to_string(), item.period_name())));
    let departments =
        waiting.iter().map(|item| (item.line.department.to_string(), item.department().to_owned()));
    let departments = choices(departments);
    let shown = filter.shown(waiting);
    let lines: Vec<_> = shown.iter().map(|item| &item.line).collect();
    let resubmitted = ask.app.store.resubmitted(&visit.actor, &lines).await?;
    let changed = |item: &Item| changed(&ask.app, work, item, &resubmitted);
    let rows = shown.iter().map(|item| Ok(row(item, changed(item)?, ask.now.day(), filter.is_all)));
    Ok(Review {
        layout: ask.layout().titled("確認待ち", "review"),
        rating: rating(&ask.app, work)?,
        rows: rows.collect::<Result<_, Stop>>()?,
        queue,
        queues,
        filter,
        periods,
        departments,
        errors: Vec::new(),
        reason: String::new(),
    })
}

impl Review {
    /// How many wait in all queues.
    fn total(&self) -> usize {
        self.queues.iter().map(|(_, count)| count).sum()
    }

    /// What must be put right in a field.
    fn problem(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }
}

impl Queue {
    const ALL: [Self; 3] = [Self::Confirmation, Self::Receipt, Self::Fixing];

    /// The queue in which an entry waits for the person who sees it.
    fn of(item: &Item, route: Route) -> Option<Self> {
        let is_secretariat = item.line.relations.has(Relation::Secretariat);
        match item.line.state.awaits(route) {
            Awaits::Confirmation(_) if item.waits_for_confirmation(route) => Some(Self::Confirmation),
            Awaits::Receipt if is_secretariat => Some(Self::Receipt),
            Awaits::Fixing if is_secretariat => Some(Self::Fixing),
            _ => None,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::Receipt => "receipt",
            Self::Fixing => "fixing",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Confirmation => "確認",
            Self::Receipt => "受付",
            Self::Fixing => "確定",
        }
    }

    fn caption(self) -> &'static str {
        match self {
            Self::Confirmation => "あなたの確認を待っている調書",
            Self::Receipt => "事務局の受付を待っている調書",
            Self::Fixing => "受付が済み、確定を待っている調書",
        }
    }

    /// What is done with many at once.
    fn button(self) -> &'static str {
        match self {
            Self::Confirmation => "選んだ調書を確認済みにする",
            Self::Receipt => "選んだ調書を受け付ける",
            Self::Fixing => "選んだ調書を確定する",
        }
    }

    /// What must be known before that is done.
    fn hint(self) -> Option<&'static str> {
        match self {
            Self::Confirmation | Self::Receipt => None,
            Self::Fixing => Some(
                "確定すると、担当課も事務局も書き直せません。直すときは、調書を1件ずつ開いて再開します。",
            ),
        }
    }
}

/// The queues that this person ever has, each with how many wait in it; those in which something waits at least.
fn queues(work: &Work, route: Route) -> Vec<(Queue, usize)> {
    let count = |queue| work.items.iter().filter(|item| Queue::of(item, route) == Some(queue)).count();
    Queue::ALL.into_iter().map(|queue| (queue, count(queue))).filter(|(_, count)| *count > 0).collect()
}

impl Filter {
    fn read(fields: &Fields) -> Self {
        let text = |name| fields.text(name).unwrap_or_default().to_owned();
        Self {
            queue: text("queue"),
            period: text("period"),
            department: text("department"),
            by_plan: fields.value("order") == Some("plan"),
            is_all: fields.value("all") == Some("1"),
        }
    }

    /// The queue that is asked for, else the first in which anything waits.
    fn queue(&self, queues: &[(Queue, usize)]) -> Queue {
        let asked = Queue::ALL.into_iter().find(|queue| queue.code() == self.queue);
        asked.or(queues.first().map(|(queue, _)| *queue)).unwrap_or(Queue::Receipt)
    }

    /// Those that are asked for, the longest wait first or in the order of the plan.
    fn shown<'w>(&self, mut waiting: Vec<&'w Item>) -> Vec<&'w Item> {
        let is_asked = |asked: &str, own: String| asked.is_empty() || asked == own;
        waiting.retain(|item| {
            is_asked(&self.period, item.line.period.to_string())
                && is_asked(&self.department, item.line.department.to_string())
        });
        if !self.by_plan {
            waiting.sort_by_key(|item| since(&item.line.state));
        }
        waiting
    }

    /// The address of the same list, with every row chosen or none.
    fn address(&self, is_all: bool) -> String {
        let order = if self.by_plan { "plan" } else { "" };
        let mut address = "/review?".to_owned();
        for (name, value) in [
            ("queue", self.queue.as_str()),
            ("period", &self.period),
            ("department", &self.department),
            ("order", order),
            ("all", if is_all { "1" } else { "" }),
        ] {
            if !value.is_empty() {
                address += &format!("{name}={}&", utf8_percent_encode(value, NON_ALPHANUMERIC));
            }
        }
        address.trim_end_matches(['&', '?']).to_owned()
    }

    /// Whether a part of the queue is asked for.
    fn is_narrow(&self) -> bool {
        !self.period.is_empty() || !self.department.is_empty()
    }
}

/// What the rating is called in the form of the latest year.
fn rating(app: &App, work: &Work) -> Result<String, Stop> {
    let form = work.years.first().map(|year| app.form(&year.form)).transpose()?;
    Ok(form.map_or("評価", |form| label(form, "rating")).to_owned())
}

/// Different values with their labels, in the order in which they come.
fn choices(all: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut choices: Vec<(String, String)> = Vec::new();
    for choice in all {
        if !choices.iter().any(|(value, _)| *value == choice.0) {
            choices.push(choice);
        }
    }
    choices
}

fn row(item: &Item, changed: Option<String>, today: Date, is_chosen: bool) -> Row {
    let line = &item.line;
    Row {
        entry: line.entry.to_string(),
        version: line.version,
        reference: line.reference.clone(),
        title: line.title.clone(),
        department: line.department_name.clone(),
        period: item.period_name(),
        chip: Chip::of(&line.state, true),
        rating: line.rating.clone().unwrap_or_else(|| "―".to_owned()),
        since: since(&line.state).map(|at| waited(at, today)).unwrap_or_default(),
        changed,
        is_chosen,
    }
}

/// `4月3日 17:02（3日）`
fn waited(since: Moment, today: Date) -> String {
    let days = today.number() - since.day().number();
    let days = if days <= 0 { "今日".to_owned() } else { format!("{days}日") };
    format!("{}（{days}）", print::moment(since))
}

/// What changed since it was sent back, field by field: `取組状況 ＋86字 －12字`.
fn changed(app: &App, work: &Work, item: &Item, resubmitted: &[Resubmitted]) -> Result<Option<String>, Stop> {
    let Some(pair) = resubmitted.iter().find(|pair| pair.entry == item.line.entry) else { return Ok(None) };
    let year = work.years.iter().find(|year| year.id == item.year).ok_or(Stop::NotFound)?;
    let form = app.form(&year.form)?;
    let printed = |content| fields(content, form, &year.frame.scale);
    let (changed, _) = changes(&printed(&pair.before), &printed(&pair.now));
    let parts: Vec<String> =
        changed.iter().map(|field| format!("{} {}", field.label, field.extent())).collect();
    Ok(Some(if parts.is_empty() { "変更なし".to_owned() } else { parts.join("、") }))
}

#[cfg(test)]
mod tests;
