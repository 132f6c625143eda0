//! The history of an entry: every version and everything that happened to it, newest first, and what changed between
//! two versions. Whoever reads only what was submitted finds nothing else here.

mod timeline;

use askama::Template;
use kaikaku_domain::Form;
use kaikaku_store::{Revision, RevisionLine};

use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::print::content::{Changed, changes, fields};
use crate::web::print::heading::Heading;
use crate::web::{Answer, Ask, Stop, print, say};
use crate::workflow::Found;
use timeline::{Happening, happenings};

#[derive(Template)]
#[template(path = "history.html")]
struct History {
    layout: Layout,
    heading: Heading,
    comparison: Comparison,
    happenings: Vec<Happening>,
    /// How many versions one may read.
    versions: usize,
}

/// Two versions held against each other.
enum Comparison {
    /// There are not two to compare.
    Nothing,
    /// One was chosen twice.
    Same,
    Of {
        /// `版11（4月1日 17:40 提出）から版14（4月6日 9:58 提出）への変更`
        title: String,
        changed: Vec<Changed>,
        /// The labels of the fields that are as they were.
        unchanged: Vec<String>,
    },
}

pub(crate) async fn show(ask: Ask) -> Answer {
    let store = &ask.app.store;
    let actor = ask.actor()?;
    let found = Found::find(store, actor, ask.entry()?).await?.ok_or(Stop::NotFound)?;
    let form = ask.app.form(&found.year.form)?;
    let lines = store.history(&found.entry).await?;
    let events = store.events_of(actor, &found.entry).await?;
    let names = ask.app.names(actor.municipality).await?;
    let chosen = chosen(&ask.query, &lines, &found)?;
    let heading = Heading::of(&found, form);
    let title = format!("履歴：{}（{}）", heading.title, heading.period);
    say::page(&History {
        layout: ask.layout().titled(title, ""),
        comparison: comparison(&ask, &found, chosen, form).await?,
        happenings: happenings(&found.entry, &lines, &events, (&names, form), chosen),
        versions: lines.len(),
        heading,
    })
}

/// The two versions that are asked for by their numbers; without, what changed since it was sent back or submitted last.
fn chosen<'l>(
    query: &Fields,
    lines: &'l [RevisionLine],
    found: &Found,
) -> Result<Option<(&'l RevisionLine, &'l RevisionLine)>, Stop> {
    let asked = |name: &str| match query.text(name) {
        None => Ok(None),
        Some(number) => {
            let number = number.parse().ok();
            lines.iter().find(|line| Some(line.number) == number).map(Some).ok_or(Stop::NotFound)
        }
    };
    let usual = usual(lines, found);
    let (from, to) = (asked("from")?, asked("to")?);
    Ok(match (from, to) {
        (None, None) => usual,
        (from, to) => from.or(usual.map(|(from, _)| from)).zip(to.or(lines.last())),
    })
}

/// What one wants to see first: the version that was sent back against the latest, else the version that was submitted
/// last against the draft, else the last two that were submitted.
fn usual<'l>(lines: &'l [RevisionLine], found: &Found) -> Option<(&'l RevisionLine, &'l RevisionLine)> {
    let entry = &found.entry;
    let line = |revision: &Option<Revision>| {
        let id = revision.as_ref()?.id;
        lines.iter().find(|line| line.id == id)
    };
    let latest = line(&entry.draft).or(line(&entry.record))?;
    let before = lines.iter().rev().filter(|line| line.number < latest.number);
    let submitted = before.clone().find(|line| line.was_submitted);
    let from = [line(&entry.returned), line(&entry.record), submitted]
        .into_iter()
        .flatten()
        .find(|line| line.number < latest.number);
    // What was submitted and is as it was has not changed; a first draft is held against the save before.
    let is_first_draft = lines.iter().all(|line| !line.was_submitted);
    from.or_else(|| before.clone().next().filter(|_| is_first_draft)).map(|from| (from, latest))
}

async fn comparison(
    ask: &Ask,
    found: &Found,
    chosen: Option<(&RevisionLine, &RevisionLine)>,
    form: &Form,
) -> Result<Comparison, Stop> {
    let Some((from, to)) = chosen else { return Ok(Comparison::Nothing) };
    if from.id == to.id {
        return Ok(Comparison::Same);
    }
    let text = async |line: &RevisionLine| {
        let revision = ask.app.store.revision(&found.entry, line.id).await?.ok_or(Stop::NotFound)?;
        Ok::<_, Stop>(fields(&revision.content, form, &found.frame().scale))
    };
    let (changed, unchanged) = changes(&text(from).await?, &text(to).await?);
    Ok(Comparison::Of { title: format!("{}から{}への変更", name(from), name(to)), changed, unchanged })
}

/// `版11（4月1日 17:40 提出）`
fn name(line: &RevisionLine) -> String {
    let what = match (line.by, line.was_submitted) {
        (None, _) => "読込み",
        (_, true) => "提出した文章",
        (_, false) => "下書き",
    };
    format!("版{}（{} {what}）", line.number, print::moment(line.at))
}

#[cfg(test)]
mod tests;
