//! Two texts of one entry that were written at once: mine and theirs beside what both were written from. Nothing is
//! overwritten; the writer of the later one chooses, field by field.

mod choice;

use std::collections::HashMap;

use askama::Template;
use axum::http::StatusCode;
use kaikaku_domain::entry::Content;
use kaikaku_domain::id::{ConflictId, UserId};
use kaikaku_domain::workflow::Refusal;
use kaikaku_domain::{Form, Moment};
use kaikaku_store::Conflict;

use super::entry::seen;
use crate::web::layout::Layout;
use crate::web::print::heading::Heading;
use crate::web::{Answer, Ask, Stop, print, say};
use crate::workflow::{self, Found, Saved};
use choice::{Field, Texts, chosen};

#[derive(Template)]
#[template(path = "conflict.html")]
struct Choosing {
    layout: Layout,
    heading: Heading,
    conflict: ConflictId,
    seen: i64,
    /// Who wrote what is saved: `石川さん`, or one's own other window.
    other: String,
    /// `青木　4月6日 9:12`
    mine_by: String,
    theirs_by: String,
    fields: Vec<Field>,
    /// Why nothing can be chosen now.
    refusal: Option<Refusal>,
}

/// Everything that a choice is made from.
struct Setting {
    found: Found,
    conflict: Conflict,
    names: HashMap<UserId, String>,
}

pub(crate) async fn show(ask: Ask) -> Answer {
    let setting = Setting::of(&ask).await?;
    if setting.conflict.is_resolved {
        return Ok(decided(&ask, &setting));
    }
    let form = ask.app.form(&setting.found.year.form)?;
    let fields = setting.texts().fields(form, &setting.found.frame().scale);
    say::page(&setting.page(&ask, form, fields, setting.refusal(ask.now)?))
}

pub(crate) async fn resolve(ask: Ask) -> Answer {
    let setting = Setting::of(&ask).await?;
    let id = setting.found.entry.id;
    if setting.conflict.is_resolved {
        return Ok(decided(&ask, &setting));
    }
    let form = ask.app.form(&setting.found.year.form)?;
    let mut fields = setting.texts().fields(form, &setting.found.frame().scale);
    let Some(content) = chosen(&setting.texts(), &mut fields, &ask.form) else {
        let refusal = setting.refusal(ask.now)?;
        let status = if refusal.is_some() { StatusCode::LOCKED } else { StatusCode::UNPROCESSABLE_ENTITY };
        return say::page_with(status, &setting.page(&ask, form, fields, refusal));
    };
    let version = seen(&ask.form)?;
    let (store, actor) = (&ask.app.store, ask.actor()?);
    match workflow::resolve(store, &setting.found, actor, &setting.conflict, (version, &content), ask.now)
        .await?
    {
        Saved::Kept { .. } => Ok(say::see(&format!("/entries/{id}?done=resolved"))),
        Saved::Stale { conflict } => Ok(say::see(&format!("/entries/{id}/conflicts/{conflict}?done=again"))),
        Saved::Refused { refusal: Refusal::NotPermitted, .. } => Err(Stop::NotFound),
        Saved::Refused { refusal, .. } => {
            // As it stands now: what was put together waits in the place of one's own.
            let setting = Setting::of(&ask).await?;
            let fields = setting.texts().fields(form, &setting.found.frame().scale);
            say::page_with(StatusCode::LOCKED, &setting.page(&ask, form, fields, Some(refusal)))
        }
    }
}

/// What is left to say when it has been decided.
fn decided(ask: &Ask, setting: &Setting) -> axum::response::Response {
    let lines = vec![
        "二つの文章のどちらを使うかは、もう選ばれています。".to_owned(),
        "選ばなかった文章は、調書の「履歴」で読むことができます。".to_owned(),
    ];
    let way = (format!("/entries/{}", setting.found.entry.id), "調書を開く");
    say::message(StatusCode::OK, ask.layout(), "選び終わっています", lines, way)
}

impl Setting {
    async fn of(ask: &Ask) -> Result<Self, Stop> {
        let (store, actor) = (&ask.app.store, ask.actor()?);
        let found = Found::find(store, actor, ask.entry()?).await?.ok_or(Stop::NotFound)?;
        let conflict = store.conflict(actor, &found.entry, ask.id("conflict")?).await?;
        let conflict = conflict.ok_or(Stop::NotFound)?;
        let names = ask.app.names(actor.municipality).await?;
        Ok(Self { found, conflict, names })
    }

    fn texts(&self) -> Texts {
        let empty = || Content::empty(self.found.entry.kind);
        Texts {
            base: self.conflict.base.as_ref().map_or_else(empty, |base| base.content.clone()),
            mine: self.conflict.mine.content.clone(),
            theirs: self.found.draft(),
        }
    }

    /// Why the entry cannot be written now.
    fn refusal(&self, now: Moment) -> Result<Option<Refusal>, Stop> {
        let window = self.found.period()?.dates.window(now.day());
        match self.found.entry.state.may_write(&self.found.entry.relations, window) {
            Err(Refusal::NotPermitted) => Err(Stop::NotFound),
            other => Ok(other.err()),
        }
    }

    fn page(&self, ask: &Ask, form: &Form, fields: Vec<Field>, refusal: Option<Refusal>) -> Choosing {
        let heading = Heading::of(&self.found, form);
        let draft = self.found.entry.draft.as_ref();
        let (theirs_by, mine_by) = (draft.and_then(|draft| draft.by), self.conflict.mine.by);
        let signed = |by: Option<UserId>, at: Moment| format!("{}　{}", self.name(by), print::moment(at));
        let mut layout = ask.layout().titled(format!("競合：{}（{}）", heading.title, heading.period), "");
        layout.has_errors = fields.iter().any(|field| field.error.is_some());
        Choosing {
            layout,
            conflict: self.conflict.id,
            seen: self.found.entry.version,
            other: match theirs_by == mine_by {
                true => "あなたの別の画面".to_owned(),
                false => format!("{}さん", self.name(theirs_by)),
            },
            mine_by: signed(mine_by, self.conflict.mine.at),
            theirs_by: draft.map(|draft| signed(draft.by, draft.at)).unwrap_or_default(),
            fields,
            refusal,
            heading,
        }
    }

    fn name(&self, user: Option<UserId>) -> &str {
        user.and_then(|user| self.names.get(&user)).map_or("―", String::as_str)
    }
}

impl Choosing {
    /// Whether anything is left to choose: both may say the same.
    fn differs(&self) -> bool {
        self.fields.iter().any(|field| !field.is_same)
    }
}
