//! The desk at which entries are saved and moved: the program's own order of steps, with nothing around it.

use kaikaku_domain::entry::Content;
use kaikaku_domain::id::{ConflictId, EntryId, RevisionId};
use kaikaku_domain::person::Actor;
use kaikaku_domain::workflow::{Hand, Move, Refusal, Route, State};
use kaikaku_domain::{Moment, period::Window};
use kaikaku_store::{NewEvent, NewRevision, Store, StoreError};
use serde_json::{Value, json};

use super::{at, report_content};

/// A text on its way from a page to the record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writing<'a> {
    pub(crate) entry: EntryId,
    /// The version that the page was made from.
    pub(crate) seen: i64,
    /// The text that the page was made from.
    pub(crate) base: Option<RevisionId>,
    pub(crate) content: &'a Content,
    pub(crate) at: Moment,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saved {
    Done { version: i64 },
    Waits { conflict: ConflictId },
}

/// Saves a text: as the working text, or, where somebody saved before, as a conflict beside it.
pub(crate) async fn save(store: &Store, actor: &Actor, writing: Writing<'_>) -> Result<Saved, StoreError> {
    let Writing { entry, seen, base, content, at } = writing;
    let mut change = store.change(actor.municipality).await?;
    let standing = change.standing(entry).await?.ok_or(StoreError::Missing)?;
    let mine = change.keep(entry, NewRevision { base, content, by: Some(actor.user), at }).await?;
    let (saved, kind, data) = if standing.version == seen {
        let version = change.set_draft((entry, seen), mine.id, actor.user, at).await?;
        (Saved::Done { version }, "saved", json!({ "version": version }))
    } else {
        let conflict = match change.waiting_conflict(entry, actor.user).await? {
            Some(conflict) => {
                change.set_mine(conflict, &mine).await?;
                conflict
            }
            None => change.set_conflict(entry, &mine, base, standing.draft, actor.user, at).await?,
        };
        (Saved::Waits { conflict }, "set_aside", Value::Null)
    };
    change.note(NewEvent { at, user: Some(actor.user), kind, entry: Some(entry), data }).await?;
    change.commit().await?;
    Ok(saved)
}

/// Saves a text from a page that was opened just before, and gives its revision.
pub(crate) async fn write(store: &Store, actor: &Actor, id: EntryId, words: &str) -> RevisionId {
    let page = store.entry(actor, id).await.unwrap().unwrap();
    let content = report_content("B", words);
    let base = page.draft.map(|text| text.id);
    let saved =
        save(store, actor, Writing { entry: id, seen: page.version, base, content: &content, at: at(5) })
            .await;
    assert_eq!(saved.unwrap(), Saved::Done { version: page.version + 1 });
    let page = store.entry(actor, id).await.unwrap().unwrap();
    let draft = page.draft.unwrap();
    assert_eq!((&draft.content, draft.by, draft.at), (&content, Some(actor.user), at(5)));
    draft.id
}

/// Makes a move in an open period of a town that wants both confirmations, tells the authors of a 差戻し, and keeps a
/// comment that came with it.
pub(crate) async fn act(
    store: &Store,
    actor: &Actor,
    id: EntryId,
    step: Move,
    comment: Option<(&str, &str)>,
    at: Moment,
) -> Result<State, Refusal> {
    let entry = store.entry(actor, id).await.unwrap().ok_or(Refusal::NotPermitted)?;
    let mut change = store.change(actor.municipality).await.unwrap();
    let standing = change.standing(id).await.unwrap().unwrap();
    let (user, window) = (actor.user, Window::Open { days_left: 3 });
    let hand = Hand { user, relations: &entry.relations, route: Route::BothHeads, window, at };
    let state = standing.state.after(step.clone(), &hand)?;
    match step {
        Move::Submit => change.set_record(id, &entry.draft.as_ref().unwrap().content).await.unwrap(),
        Move::SendBack(_) => change.remember_returned(id).await.unwrap(),
        _ => {}
    }
    change.set_state((id, standing.version), &state, user, at).await.unwrap();
    if let Some((field, body)) = comment {
        let with_return = matches!(step, Move::SendBack(_));
        change.comment(id, Some(field), body, with_return, (user, at)).await.unwrap();
    }
    let event = NewEvent { at, user: Some(user), kind: step.code(), entry: Some(id), data: Value::Null };
    change.note(event).await.unwrap();
    if matches!(step, Move::SendBack(_)) {
        let author = entry.draft.or(entry.record).and_then(|text| text.by);
        change.tell(author.as_slice(), step.code(), id, &json!({ "by": user }), at).await.unwrap();
    }
    change.commit().await.unwrap();
    Ok(state)
}
