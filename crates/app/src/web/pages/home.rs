//! Home: what a person has to do, in the order in which it should be done, with one next step on top; then what is done.

mod board;
mod task;

use askama::Template;
use kaikaku_domain::period::Window;
use kaikaku_domain::person::{Actor, Role};
use kaikaku_domain::workflow::{Awaits, Relation, Route};
use kaikaku_domain::{Date, Form, Moment};
use kaikaku_store::Stage;

use crate::web::layout::Layout;
use crate::web::visit::Visit;
use crate::web::work::{Item, Work};
use crate::web::{Answer, App, Ask, Stop, cache, print, say};
use board::Board;
use task::Task;

pub(crate) use task::since;

/// How many of the entries that are done are shown.
const MOST_DONE: usize = 10;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    layout: Layout,
    heading: String,
    /// `令和8年4月6日（月）`
    today: String,
    /// The deadline that comes next, with how it stands.
    deadline: Option<(String, String)>,
    next: Next,
    lists: Lists,
    board: Option<Board>,
    /// What one may read without having to do anything with it.
    notes: Vec<String>,
    /// The whole number of the entries that are done.
    done: usize,
}

/// The one next step.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Next {
    text: String,
    /// The entry that it is about, with its period.
    about: Option<(String, String)>,
    /// Where to go; nothing where there is nothing to go to.
    way: Option<(String, &'static str)>,
}

/// What a person has to do with the entries, each in one list.
#[derive(Debug, Default)]
struct Lists {
    /// To be written by this person: returned first.
    to_do: Vec<Task>,
    /// To be confirmed by this person: what came first, first.
    to_confirm: Vec<Task>,
    /// Being written in the departments that this person heads.
    watched: Vec<Task>,
    /// Not written in time, and closed.
    closed: Vec<Task>,
    /// Submitted in sheets that this person's department supports.
    supported: Vec<Task>,
    /// With others, or done: the latest first.
    done: Vec<Task>,
}

pub(crate) async fn show(ask: Ask) -> Answer {
    let Some(visit) = ask.visit.clone() else { return Ok(say::sign_in("/", ask.wants_json)) };
    if visit.session.stage != Stage::Full {
        return Ok(say::see("/session/code"));
    }
    if visit.session.must_change {
        return Ok(say::see("/account"));
    }
    if let Some(page) = cache::kept(&ask) {
        return Ok(page);
    }
    let work = Work::of(&ask.app, &visit, ask.now).await?;
    let form = form(&ask.app, &work)?;
    cache::keep(&ask, &page(ask.layout(), &visit, &work, form, ask.now))
}

/// The form by which the latest year's days are printed; none before anything is loaded.
fn form<'a>(app: &'a App, work: &Work) -> Result<Option<&'a Form>, Stop> {
    Ok(work.years.first().map(|year| app.form(&year.form)).transpose()?.map(std::sync::Arc::as_ref))
}

fn page(layout: Layout, visit: &Visit, work: &Work, form: Option<&Form>, now: Moment) -> Home {
    let (actor, route, today) = (&visit.actor, visit.town.route, now.day());
    let mut lists = Lists::of(work, route, today);
    let board = actor.has(Role::Secretariat).then(|| Board::of(work, route));
    let notes = notes(actor, work, visit.reads_sheets());
    let next = next(&lists, board.as_ref(), (actor, visit.reads_sheets()));
    let done = lists.done.len();
    lists.done.truncate(MOST_DONE);
    Home {
        layout: layout.titled("ホーム", "home"),
        heading: heading(actor, work),
        today: form.map_or_else(|| print::day_with_weekday(today), |form| print::day_of_year(today, form)),
        deadline: deadline(work),
        next,
        lists,
        board,
        notes,
        done,
    }
}

/// The names of the departments that one writes for or heads, in the latest year.
fn departments(work: &Work) -> Vec<&str> {
    let is_of = |item: &&Item| {
        let own = [Relation::Author, Relation::SectionHead, Relation::DivisionHead];
        !item.is_start() && item.line.relations.has_any(&own)
    };
    let latest = work.years.first().map(|year| year.fiscal_year);
    let mut names: Vec<&str> = Vec::new();
    for item in work.items.iter().filter(is_of).filter(|item| Some(item.fiscal_year) == latest) {
        if !names.contains(&item.department()) {
            names.push(item.department());
        }
    }
    names
}

/// Whose page it is: the departments' that one writes for or heads, or the town's.
fn heading(actor: &Actor, work: &Work) -> String {
    let names = departments(work);
    match names.as_slice() {
        [] if actor.has(Role::Secretariat) => "調書の進み具合".to_owned(),
        [] => "ホーム".to_owned(),
        [one] => format!("{one}の調書"),
        [one, two] => format!("{one}・{two}の調書"),
        [one, .., _] => format!("{one}ほか{}課の調書", names.len() - 1),
    }
}

/// The deadline that comes next: `期末の期限 4月10日（金）まで`, `あと4日`.
fn deadline(work: &Work) -> Option<(String, String)> {
    let open = work.items.iter().filter_map(|item| match item.window {
        Window::Open { days_left } => Some((days_left, item)),
        _ => None,
    });
    let (days_left, item) = open.min_by_key(|(days_left, _)| *days_left)?;
    let day = print::day_with_weekday(item.period.dates.deadline);
    let left = if days_left == 0 { "今日".to_owned() } else { format!("あと{days_left}日") };
    Some((format!("{}の期限 {day}まで", item.period.name), left))
}

impl Lists {
    fn of(work: &Work, route: Route, today: Date) -> Self {
        let has_several = departments(work).len() > 1;
        let mut places: Vec<(Place, &Item)> =
            work.items.iter().map(|item| (Place::of(item, route), item)).collect();
        places.sort_by_key(|(place, item)| (*place, urgency(*place, item)));
        let mut lists = Self::default();
        for (place, item) in places {
            let list = match place {
                Place::Nowhere => continue,
                Place::Returned | Place::Conflict | Place::Draft | Place::NotBegun => &mut lists.to_do,
                Place::ToConfirm => &mut lists.to_confirm,
                Place::Watched => &mut lists.watched,
                Place::Closed => &mut lists.closed,
                Place::Supported => &mut lists.supported,
                Place::Done => &mut lists.done,
            };
            list.push(Task::of(item, (place, has_several), work, (route, today)));
        }
        lists
    }
}

/// Where an entry stands on a person's page, in the order of what comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Returned,
    Conflict,
    Draft,
    NotBegun,
    ToConfirm,
    Watched,
    Closed,
    Supported,
    Done,
    Nowhere,
}

impl Place {
    fn of(item: &Item, route: Route) -> Self {
        use Relation::{Author, CoLead, DivisionHead, SectionHead, Supporter};
        let relations = &item.line.relations;
        if item.conflict.is_some() {
            return Self::Conflict;
        }
        if item.waits_for_confirmation(route) {
            return Self::ToConfirm;
        }
        let is_departments = relations.has_any(&[Author, SectionHead, DivisionHead]);
        match item.line.state.awaits(route) {
            Awaits::Department if is_departments => Self::of_unfinished(item),
            _ if is_departments => Self::Done,
            Awaits::Department | Awaits::Nobody => Self::Nowhere,
            // Until it is fixed, a comment may still change something.
            _ if relations.has_any(&[CoLead, Supporter]) => Self::Supported,
            _ => Self::Nowhere,
        }
    }

    /// Of one that is with the department.
    fn of_unfinished(item: &Item) -> Self {
        let may_write = item.may_write();
        match item.window {
            Window::NotYet { .. } => Self::Nowhere,
            Window::Locked { .. } if !may_write => Self::Closed,
            _ if !item.is_own() => Self::Watched,
            _ if item.line.state.reason().is_some() => Self::Returned,
            _ if item.is_begun() => Self::Draft,
            _ => Self::NotBegun,
        }
    }
}

/// What comes first among those of one place, smallest first: what was sent back, then the nearest deadline; what waits
/// longest; the latest done.
fn urgency(place: Place, item: &Item) -> (bool, i64) {
    let since = task::since(&item.line.state).map_or(0, Moment::unix_ms);
    match place {
        Place::ToConfirm => (false, since),
        Place::Done | Place::Supported => (false, -since),
        _ => (item.line.state.reason().is_none(), item.period.dates.deadline.number()),
    }
}

/// The one next step: what was sent back, what others wait for, what is to be written, and for the secretariat what came.
fn next(lists: &Lists, board: Option<&Board>, (actor, reads_sheets): (&Actor, bool)) -> Next {
    let first = lists.to_do.first();
    if let Some(task) = first.filter(|task| task.place <= Place::Conflict) {
        return task.next();
    }
    if let [task, rest @ ..] = lists.to_confirm.as_slice() {
        let count = rest.len() + 1;
        let text = format!(
            "あなたの確認を待っている調書が{count}件あります。内容を見て、確認するか差し戻してください。"
        );
        return Next {
            text, about: Some(task.about()), way: Some(("/review".to_owned(), "確認待ちを開く"))
        };
    }
    if let Some(task) = first {
        return task.next();
    }
    if let Some(next) = board.and_then(Board::next) {
        return next;
    }
    let text = match actor.has(Role::Administrator) && !reads_sheets {
        true => "利用者の登録・異動・利用停止は、サーバーで kaikaku user コマンドを実行して行います。",
        false => "今することはありません。",
    };
    let way = reads_sheets.then(|| ("/sheets".to_owned(), "調書一覧を見る"));
    Next { text: text.to_owned(), about: None, way }
}

/// What somebody who writes nothing may read, and what an administrator does.
fn notes(actor: &Actor, work: &Work, reads_sheets: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let readable =
        work.items.iter().filter(|item| item.line.sight >= kaikaku_domain::workflow::Sight::Record);
    let count = readable.count();
    if actor.has(Role::Headquarters) || actor.has(Role::Viewer) {
        notes.push(format!("事務局の受付が済んだ調書を読むことができます（今は{count}件）。"));
    } else if actor.has(Role::Committee) {
        notes.push(format!("確定した調書を読むことができます（今は{count}件）。"));
    }
    if actor.has(Role::Administrator) && !reads_sheets {
        notes.push("システム管理者は調書を読みません。".to_owned());
    } else if !reads_sheets {
        notes.push(
            "今日の時点で、担当する部署も役割も登録されていません。異動の直後のときは、システム管理者に登録を依頼してください。"
                .to_owned(),
        );
    }
    if reads_sheets && work.years.is_empty() {
        notes.push("調書はまだ登録されていません。事務局が計画を登録すると、ここに表示されます。".to_owned());
    }
    notes
}

#[cfg(test)]
mod tests;
