//! What people do with an entry, from the request to the record: each function is the table of contents of one change.
//!
//! Rules are in `domain::workflow` and `domain::submission`; here is only the order: find, ask, begin, look again, write
//! with the event, tell, commit.

use std::sync::Arc;

use kaikaku_domain::entry::Content;
use kaikaku_domain::id::{ConflictId, EntryId, UserId};
use kaikaku_domain::person::{Actor, Role};
use kaikaku_domain::workflow::{Awaits, Hand, Move, Refusal, Route, State, Step};
use kaikaku_domain::{Moment, Report};
use kaikaku_store::{
    Change, Conflict, Entry, NewEvent, NewRevision, Person, Standing, Store, StoreError, Year,
};
use serde_json::{Value, json};

/// An entry with the year that it belongs to, as a person found it.
pub(crate) struct Found {
    pub(crate) entry: Entry,
    pub(crate) year: Arc<Year>,
}

/// What became of a save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Saved {
    /// It is the working text now, under this version.
    Kept { version: i64 },
    /// Somebody else had saved in between: it is kept beside, and waits for a decision.
    Stale { conflict: ConflictId },
    /// The entry cannot be written now. The text is kept beside where it says anything new.
    Refused { refusal: Refusal, kept: Option<ConflictId> },
}

/// What became of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Moved {
    /// The entry is in its next state.
    Done,
    /// A rule forbids it.
    Refused(Refusal),
    /// Somebody changed the entry since the page was made.
    Stale,
}

/// A comment that goes with a 差戻し.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    /// The field's code.
    pub(crate) field: String,
    /// What to put right.
    pub(crate) body: String,
}

impl Found {
    /// The entry of this id with its year; none where the person may not know of it.
    pub(crate) async fn find(store: &Store, actor: &Actor, id: EntryId) -> Result<Option<Self>, StoreError> {
        let Some(entry) = store.entry(actor, id).await? else { return Ok(None) };
        let year = store.year_of(actor, &entry).await?;
        Ok(year.map(|year| Self { entry, year }))
    }

    /// The entry's period.
    pub(crate) fn period(&self) -> Result<&kaikaku_domain::period::Period, StoreError> {
        self.year
            .period(self.entry.period)
            .ok_or_else(|| StoreError::Corrupt(format!("period of entry {}", self.entry.id)))
    }

    /// The hand that this person lays on it now.
    pub(crate) fn hand(&self, user: UserId, route: Route, at: Moment) -> Result<Hand<'_>, StoreError> {
        let window = self.period()?.dates.window(at.day());
        Ok(Hand { user, relations: &self.entry.relations, route, window, at })
    }

    /// The working text, empty where nothing has been written.
    pub(crate) fn draft(&self) -> Content {
        self.entry
            .draft
            .as_ref()
            .map_or_else(|| Content::empty(self.entry.kind), |draft| draft.content.clone())
    }

    /// The frame of the year's document: plan, scale, periods.
    pub(crate) fn frame(&self) -> &Report {
        &self.year.frame
    }
}

/// Saves a working text that was written from the version `seen`.
///
/// An unchanged text changes nothing. A stale one is kept as a revision beside the head. One that comes when the entry
/// can no longer be written is kept too, as its writer's, so that nothing typed is lost.
pub(crate) async fn save(
    store: &Store,
    found: &Found,
    actor: &Actor,
    text: (i64, &Content),
    at: Moment,
) -> Result<Saved, StoreError> {
    write(store, found, actor, None, text, at).await
}

/// Saves the text that was decided on in a conflict. Where the entry can no longer be written, a text that was put
/// together from both waits in the place of one's own.
pub(crate) async fn resolve(
    store: &Store,
    found: &Found,
    actor: &Actor,
    conflict: &Conflict,
    text: (i64, &Content),
    at: Moment,
) -> Result<Saved, StoreError> {
    write(store, found, actor, Some(conflict), text, at).await
}

async fn write(
    store: &Store,
    found: &Found,
    actor: &Actor,
    decided: Option<&Conflict>,
    (seen, content): (i64, &Content),
    at: Moment,
) -> Result<Saved, StoreError> {
    let id = found.entry.id;
    let window = found.period()?.dates.window(at.day());
    let mut change = store.change(actor.municipality).await?;
    let Some(now) = change.standing(id).await? else {
        return Ok(Saved::Refused { refusal: Refusal::NotPermitted, kept: None });
    };
    let is_new = found.entry.draft.as_ref().map(|draft| draft.id) != now.draft || found.draft() != *content;
    if let Err(refusal) = now.state.may_write(&found.entry.relations, window) {
        // One's own text of the conflict is kept already.
        let is_kept = !is_new || decided.is_some_and(|conflict| conflict.mine.content == *content);
        if is_kept || refusal == Refusal::NotPermitted {
            return Ok(Saved::Refused { refusal, kept: None });
        }
        let conflict = beside(&mut change, id, (actor.user, at), content, (seen, &now)).await?;
        change.commit().await?;
        return Ok(Saved::Refused { refusal, kept: Some(conflict) });
    }
    if !is_new && decided.is_none() {
        return Ok(Saved::Kept { version: now.version });
    }
    if now.version != seen {
        let conflict = beside(&mut change, id, (actor.user, at), content, (seen, &now)).await?;
        change.commit().await?;
        return Ok(Saved::Stale { conflict });
    }
    let kind = if decided.is_some() { "resolved" } else { "saved" };
    let version = put(&mut change, id, (actor.user, at), content, &now, kind).await?;
    if let Some(conflict) = decided {
        change.resolve_conflict(conflict.id, at).await?;
    }
    change.commit().await?;
    Ok(Saved::Kept { version })
}

/// Makes a text the working text, with its event.
async fn put(
    change: &mut Change,
    id: EntryId,
    (by, at): (UserId, Moment),
    content: &Content,
    now: &Standing,
    kind: &str,
) -> Result<i64, StoreError> {
    let kept = change.keep(id, NewRevision { base: now.draft, content, by: Some(by), at }).await?;
    let version = change.set_draft((id, now.version), kept.id, by, at).await?;
    let data = json!({ "version": version });
    change.note(NewEvent { at, user: Some(by), kind, entry: Some(id), data }).await?;
    Ok(version)
}

/// Keeps a text beside the head, in the conflict of its writer that waits or in a new one.
async fn beside(
    change: &mut Change,
    id: EntryId,
    (by, at): (UserId, Moment),
    content: &Content,
    (seen, now): (i64, &Standing),
) -> Result<ConflictId, StoreError> {
    let waiting = change.waiting_conflict(id, by).await?;
    let base = change.draft_at(id, seen).await?;
    let kept = change.keep(id, NewRevision { base, content, by: Some(by), at }).await?;
    let conflict = match waiting {
        Some(conflict) => {
            change.set_mine(conflict, &kept).await?;
            conflict
        }
        None => change.set_conflict(id, &kept, base, now.draft, by, at).await?,
    };
    let data = json!({ "conflict": conflict });
    change.note(NewEvent { at, user: Some(by), kind: "conflicted", entry: Some(id), data }).await?;
    Ok(conflict)
}

/// Makes a move with an entry that the person saw in the version `seen`.
///
/// A second click finds its work done and is content.
pub(crate) async fn make(
    store: &Store,
    found: &Found,
    actor: &Actor,
    route: Route,
    (seen, step): (i64, Move),
    remarks: &[Remark],
    at: Moment,
) -> Result<Moved, StoreError> {
    let id = found.entry.id;
    let hand = found.hand(actor.user, route, at)?;
    let people = if tells(&step) { store.people(actor.municipality).await? } else { Vec::new() };
    let organisation =
        if people.is_empty() { Default::default() } else { store.organisation(actor.municipality).await? };
    let mut change = store.change(actor.municipality).await?;
    let Some(now) = change.standing(id).await? else { return Ok(Moved::Refused(Refusal::NotPermitted)) };
    // What was found is what is submitted: it must be what stands there now.
    if now.version != seen || found.entry.version != seen {
        let done = now.version == seen + 1 && is_own_doing(&now.state, &step, actor.user);
        let refused = now.state.after(step, &hand).err();
        return Ok(match (done, refused) {
            (true, _) => Moved::Done,
            (false, Some(refusal)) => Moved::Refused(refusal),
            (false, None) => Moved::Stale,
        });
    }
    let next = match now.state.after(step.clone(), &hand) {
        Ok(next) => next,
        Err(refusal) => return Ok(Moved::Refused(refusal)),
    };
    if step == Move::Submit {
        change.set_record(id, &found.draft()).await?;
    }
    if matches!(step, Move::SendBack(_)) {
        change.remember_returned(id).await?;
    }
    let version = change.set_state((id, now.version), &next, actor.user, at).await?;
    let data = json!({
        "version": version,
        "record": if step == Move::Submit { now.draft } else { now.record },
        "remarks": remarks.iter().map(|remark| json!({ "field": remark.field, "body": remark.body })).collect::<Vec<_>>(),
    });
    change.note(NewEvent { at, user: Some(actor.user), kind: step.code(), entry: Some(id), data }).await?;
    for remark in remarks {
        change.comment(id, Some(&remark.field), &remark.body, true, (actor.user, at)).await?;
    }
    let told = recipients(&people, &organisation, found, &next, (actor, route, at));
    change.tell(&told, step.code(), id, &message(found, &step), at).await?;
    change.commit().await?;
    Ok(Moved::Done)
}

/// Whether a state is what this person's move has just led to.
fn is_own_doing(state: &State, step: &Move, user: UserId) -> bool {
    match (state, step) {
        (State::Submitted { by, .. }, Move::Submit)
        | (State::Confirmed { by, .. }, Move::Confirm)
        | (State::Received { by, .. }, Move::Receive)
        | (State::Fixed { by, .. }, Move::Fix) => *by == user,
        (State::Returned { reason, .. }, Move::SendBack(_)) => reason.by == user,
        (State::Draft { reopened: Some(reason) }, Move::Reopen(_)) => reason.by == user,
        (State::Draft { reopened: None }, Move::Withdraw) => true,
        _ => false,
    }
}

/// Whether somebody should hear of a move.
fn tells(step: &Move) -> bool {
    matches!(step, Move::Submit | Move::Confirm | Move::SendBack(_) | Move::Reopen(_))
}

/// Who should hear of an entry's new state: those whose turn it is now, never the one who made the move.
fn recipients(
    people: &[Person],
    organisation: &kaikaku_domain::organisation::Organisation,
    found: &Found,
    next: &State,
    (actor, route, at): (&Actor, Route, Moment),
) -> Vec<UserId> {
    let is_next = |person: &Actor| match next.awaits(route) {
        Awaits::Department => person.author_of.contains(&found.entry.department),
        Awaits::Confirmation(Step::SectionHead) => person.section_head_of.contains(&found.entry.department),
        Awaits::Confirmation(Step::DivisionHead) => person.division_head_of.contains(&found.entry.department),
        Awaits::Receipt => person.has(Role::Secretariat),
        Awaits::Fixing | Awaits::Nobody => false,
    };
    let open = people.iter().filter(|person| person.disabled_at.is_none() && person.user != actor.user);
    open.filter(|person| {
        let town = actor.municipality;
        is_next(&Actor::new(town, person.user, String::new(), &person.assignments, organisation, at.day()))
    })
    .map(|person| person.user)
    .collect()
}

fn message(found: &Found, step: &Move) -> Value {
    let sheet = &found.entry.frame.sheet;
    let reason = match step {
        Move::SendBack(reason) | Move::Reopen(reason) => Some(reason),
        _ => None,
    };
    json!({ "reference": sheet.reference(), "title": sheet.title(), "move": step.word(), "reason": reason })
}

/// Writes a comment at an entry.
pub(crate) async fn comment(
    store: &Store,
    found: &Found,
    actor: &Actor,
    (field, body): (Option<&str>, &str),
    at: Moment,
) -> Result<(), StoreError> {
    let id = found.entry.id;
    let mut change = store.change(actor.municipality).await?;
    let comment = change.comment(id, field, body, false, (actor.user, at)).await?;
    let data = json!({ "comment": comment, "field": field, "body": body });
    change.note(NewEvent { at, user: Some(actor.user), kind: "commented", entry: Some(id), data }).await?;
    change.commit().await
}
