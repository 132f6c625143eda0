//! `/entries/{id}`: an entry, to be written by its department and to be read by everyone else concerned.

mod chart;
mod copy;
pub(crate) mod inputs;
pub(crate) mod read;
pub(crate) mod setting;
pub(crate) mod write;

use std::sync::Arc;

use axum::http::StatusCode;
use kaikaku_domain::Moment;
use kaikaku_domain::entry::Content;
use kaikaku_domain::id::{ConflictId, EntryId};
use kaikaku_domain::workflow::Refusal;
use kaikaku_store::StoreError;
use serde_json::json;

use self::inputs::{Inputs, Problem};
use self::read::{Posted, ReadPage};
use self::setting::Setting;
use self::write::{WritePage, anchor, input_name};
use super::{preview, session};
use crate::web::form::Fields;
use crate::web::stop::KEPT;
use crate::web::visit::Visit;
use crate::web::{Answer, App, Ask, Stop, say};
use crate::workflow::{self, Saved};

/// What cannot be saved.
const NOT_SAVED: &str = "保存できない欄があります";
/// What cannot be saved for no fault of its writer.
const OUT_OF_REACH: &str = "まだ保存していません。少し待ってから、もう一度保存してください";
/// Where a message leads that concerns no field: the form's own id.
const FORM: &str = "entry";
/// What cannot be submitted.
pub(crate) const NOT_SUBMITTED: &str = "提出できません。次の欄を直してください";

/// `GET /entries/{id}`
pub(crate) async fn show(ask: Ask) -> Answer {
    let setting = Setting::of(&ask).await?;
    if setting.may_write().is_err() {
        return say::page(&ReadPage::new(&setting, &ask, Posted::default())?);
    }
    let inputs = Inputs::of(&setting.found.draft());
    say::page(&WritePage::new(&setting, ask.layout(), &inputs, &[], NOT_SAVED))
}

/// `POST /entries/{id}/draft`
pub(crate) async fn save(ask: Ask) -> Answer {
    if ask.visit.is_none() {
        // A script keeps what was typed in its page, and only has to know where to sign in.
        return match ask.wants_json {
            true => Err(Stop::SignIn { next: ask.address.clone() }),
            false => session::sign_in_carrying(&ask).await,
        };
    }
    // While one types, only what saving needs is looked up.
    let needs_more = !ask.wants_json;
    let setting = if needs_more { Setting::of(&ask).await? } else { Setting::bare(&ask).await? };
    let actor = ask.actor()?;
    let (inputs, content, problems) = posted(&setting, &ask.form);
    if let Err(Refusal::NotPermitted) = setting.may_write() {
        return Err(Stop::NotFound);
    }
    if !problems.is_empty() {
        return refused(&setting, &ask, &inputs, &problems);
    }
    let content = copy::with_last_years(&setting, &ask.form, content);
    let saved =
        workflow::save(&ask.app.store, &setting.found, actor, (seen(&ask.form)?, &content), ask.now).await;
    let saved = match saved {
        Err(error) if error.is_passing() && !ask.wants_json => {
            return out_of_reach(&setting, &ask, &inputs, error);
        }
        saved => saved?,
    };
    if ask.wants_json {
        say_saved(&setting, &ask, &content, saved).await
    } else {
        go_on(&setting, &ask, saved)
    }
}

/// A text that was typed before the session ended, put where it belongs once its writer has signed in again: the draft,
/// or beside it where somebody else was faster.
pub(crate) async fn take_carried(
    app: &App,
    visit: Arc<Visit>,
    entry: EntryId,
    fields: Fields,
    now: Moment,
) -> Answer {
    let setting = Setting::find(app, &visit.actor, entry, now).await?;
    let (inputs, content, problems) = posted(&setting, &fields);
    if !problems.is_empty() {
        let layout = crate::web::layout::Layout::of(app, Some(visit));
        let page = WritePage::new(&setting, layout, &inputs, &problems, NOT_SAVED)
            .made_from(seen(&fields).unwrap_or_default());
        return say::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let saved =
        workflow::save(&app.store, &setting.found, &visit.actor, (seen(&fields)?, &content), now).await?;
    match saved {
        Saved::Kept { .. } => Ok(say::see(&format!("/entries/{entry}?done=saved"))),
        Saved::Stale { conflict } => Ok(say::see(&conflict_page(entry, conflict))),
        Saved::Refused { refusal, kept: Some(conflict) } => {
            Err(Stop::Kept { refusal, conflict: conflict_page(entry, conflict) })
        }
        Saved::Refused { refusal, .. } => Err(Stop::Refused { refusal, back: format!("/entries/{entry}") }),
    }
}

/// The version of the entry that the page was made from.
pub(crate) fn seen(form: &Fields) -> Result<i64, Stop> {
    let seen = form.value("seen").and_then(|seen| seen.parse().ok());
    seen.ok_or_else(|| {
        Stop::Unacceptable(
            "画面の情報が欠けています。調書を開き直して、もう一度操作してください。".to_owned(),
        )
    })
}

/// What was posted: as it was typed, as a content, and with everything that cannot be kept.
pub(crate) fn posted(setting: &Setting, form: &Fields) -> (Inputs, Content, Vec<Problem>) {
    let inputs = Inputs::posted(form);
    let (content, mut problems) = inputs.content(&setting.form, &setting.found.draft(), setting.is_result());
    for (name, message) in form.wrong() {
        let field = match name.split('.').next() {
            Some("activity") => "activities",
            Some("target" | "roadmap") => "roadmap",
            _ => name.strip_prefix("field.").unwrap_or(name),
        };
        let label = kaikaku_domain::submission::label(&setting.form, field);
        problems.push(Problem { field: field.to_owned(), message: format!("「{label}」に{message}") });
    }
    (inputs, content, problems)
}

/// The form again with what was typed, or for the script the messages at their fields.
fn refused(setting: &Setting, ask: &Ask, inputs: &Inputs, problems: &[Problem]) -> Answer {
    if ask.wants_json {
        let errors: Vec<_> = problems
            .iter()
            .map(
                |problem| json!({ "field": input_name(setting, &problem.field), "message": problem.message }),
            )
            .collect();
        return Ok(say::json(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "errors": errors })));
    }
    let page = WritePage::new(setting, ask.layout(), inputs, problems, NOT_SAVED)
        .made_from(seen(&ask.form).unwrap_or_default());
    say::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The form again with what was typed, when the record cannot be written just now: nothing needs to be typed twice.
fn out_of_reach(setting: &Setting, ask: &Ask, inputs: &Inputs, error: StoreError) -> Answer {
    let message = format!("{error}保存済みの内容はそのままです。");
    let problem = Problem { field: FORM.to_owned(), message };
    Stop::Store(error).log();
    let page = WritePage::new(setting, ask.layout(), inputs, &[problem], OUT_OF_REACH)
        .made_from(seen(&ask.form).unwrap_or_default());
    say::page_with(StatusCode::SERVICE_UNAVAILABLE, &page)
}

/// The answer to the script that saves while one types.
async fn say_saved(setting: &Setting, ask: &Ask, content: &Content, saved: Saved) -> Answer {
    match saved {
        Saved::Kept { version } => {
            let warnings = preview::warnings(setting, content, input_name);
            let body = json!({ "version": version, "saved": ask.now.clock(), "warnings": warnings });
            Ok(say::json(StatusCode::OK, &body))
        }
        Saved::Stale { conflict } => {
            let address = format!("/entries/{}/conflicts/{conflict}", setting.found.entry.id);
            let message =
                "ほかの人が先に保存しました。あなたの文章も残してあります。見比べて選んでください。";
            Ok(say::json(StatusCode::CONFLICT, &json!({ "conflict": address, "message": message })))
        }
        Saved::Refused { refusal: Refusal::NotPermitted, .. } => Err(Stop::NotFound),
        Saved::Refused { refusal, kept } => {
            let message = match kept {
                Some(_) => format!("{refusal}{KEPT}"),
                None => refusal.to_string(),
            };
            Ok(say::json(StatusCode::LOCKED, &json!({ "message": message })))
        }
    }
}

/// Where a plain form goes after it was saved.
fn go_on(setting: &Setting, ask: &Ask, saved: Saved) -> Answer {
    let entry = setting.found.entry.id;
    match saved {
        Saved::Kept { .. } => Ok(say::see(&match (ask.form.value("copy"), ask.form.value("next")) {
            (Some(code), _) => format!("/entries/{entry}?done=copied#{}", anchor(setting, code)),
            (None, Some("submission")) => format!("/entries/{entry}/submission"),
            (None, _) => format!("/entries/{entry}?done=saved"),
        })),
        Saved::Stale { conflict } => Ok(say::see(&conflict_page(entry, conflict))),
        Saved::Refused { refusal, kept: Some(conflict) } => {
            Err(Stop::Kept { refusal, conflict: conflict_page(entry, conflict) })
        }
        Saved::Refused { refusal, .. } => Err(Stop::Refused { refusal, back: format!("/entries/{entry}") }),
    }
}

/// Where two texts of an entry wait for a decision.
fn conflict_page(entry: EntryId, conflict: ConflictId) -> String {
    format!("/entries/{entry}/conflicts/{conflict}")
}
