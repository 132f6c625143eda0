//! The moves of one entry, one address each, the check before a submission, and comments.

use askama::Template;
use axum::http::StatusCode;
use kaikaku_domain::entry::Content;
use kaikaku_domain::submission::{Concern, concerns, label};
use kaikaku_domain::text::{count_characters, is_blank};
use kaikaku_domain::workflow::{Move, REASON_LIMIT, Refusal};

use super::entry::inputs::{Inputs, Problem};
use super::entry::read::{Posted, ReadPage};
use super::entry::setting::{Head, Setting};
use super::entry::write::{WritePage, anchor};
use super::entry::{NOT_SUBMITTED, seen};
use crate::web::layout::Layout;
use crate::web::print::content::{Printed, fields};
use crate::web::{Answer, Ask, Stop, say};
use crate::workflow::{self, Moved, Remark};

/// The check before a submission: every answer once more, with what is worth a second look.
#[derive(Template)]
#[template(path = "submission.html")]
struct CheckPage {
    layout: Layout,
    head: Head,
    seen: i64,
    answers: Vec<CheckedAnswer>,
    warnings: Vec<(String, String)>,
    next: &'static str,
    is_unread: bool,
}

struct CheckedAnswer {
    name: String,
    label: String,
    text: String,
    warnings: Vec<String>,
}

/// `GET /entries/{id}/submission`
pub(crate) async fn check(ask: Ask) -> Answer {
    let setting = writable(&ask).await?;
    let concerns = concerns_of(&setting);
    if concerns.iter().any(Concern::is_error) {
        return not_submitted(&setting, &ask, &concerns);
    }
    say::page(&CheckPage::new(&setting, &ask, &concerns, false)?)
}

/// `POST /entries/{id}/submission`
pub(crate) async fn submit(ask: Ask) -> Answer {
    let setting = Setting::of(&ask).await?;
    may(&setting, &Move::Submit)?;
    if setting.may_write().is_ok() && setting.found.entry.version == seen(&ask.form)? {
        let concerns = concerns_of(&setting);
        if concerns.iter().any(Concern::is_error) {
            return not_submitted(&setting, &ask, &concerns);
        }
        if !concerns.is_empty() && ask.form.value("acknowledged").is_none() {
            let page = CheckPage::new(&setting, &ask, &concerns, true)?;
            return say::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    }
    make(&setting, &ask, Move::Submit, &[]).await
}

/// `POST /entries/{id}/confirmation`
pub(crate) async fn confirm(ask: Ask) -> Answer {
    plain(ask, Move::Confirm).await
}

/// `POST /entries/{id}/withdrawal`
pub(crate) async fn withdraw(ask: Ask) -> Answer {
    plain(ask, Move::Withdraw).await
}

/// `POST /entries/{id}/receipt`
pub(crate) async fn receive(ask: Ask) -> Answer {
    plain(ask, Move::Receive).await
}

/// `POST /entries/{id}/fixing`
pub(crate) async fn fix(ask: Ask) -> Answer {
    plain(ask, Move::Fix).await
}

/// `POST /entries/{id}/return`
pub(crate) async fn send_back(ask: Ask) -> Answer {
    let setting = Setting::of(&ask).await?;
    let remarks: Vec<Remark> = ask
        .form
        .iter()
        .filter_map(|(name, body)| Some((name.strip_prefix("comment.")?, body)))
        .filter(|(_, body)| !is_blank(Some(body)))
        .map(|(field, body)| Remark { field: field.to_owned(), body: body.to_owned() })
        .collect();
    if let Some(problem) = unfit(&ask, remarks.iter().map(|remark| remark.body.as_str())) {
        return Err(Stop::Unacceptable(problem));
    }
    with_reason(&setting, &ask, Move::SendBack, &remarks).await
}

/// `POST /entries/{id}/reopening`
pub(crate) async fn reopen(ask: Ask) -> Answer {
    let setting = Setting::of(&ask).await?;
    if let Some(problem) = unfit(&ask, std::iter::empty()) {
        return Err(Stop::Unacceptable(problem));
    }
    with_reason(&setting, &ask, Move::Reopen, &[]).await
}

/// `POST /entries/{id}/comments`
pub(crate) async fn comment(ask: Ask) -> Answer {
    let setting = Setting::of(&ask).await?;
    let entry = &setting.found.entry;
    if !entry.relations.may_comment() || entry.sight < kaikaku_domain::workflow::Sight::Record {
        return Err(Stop::NotFound);
    }
    let body = ask.form.text("body").unwrap_or_default();
    if let Some(problem) = unfit(&ask, std::iter::once(body)) {
        return Err(Stop::Unacceptable(problem));
    }
    if body.is_empty() {
        return Err(Stop::Unacceptable(
            "コメントを入力してください。前の画面に戻ると続きを書けます。".to_owned(),
        ));
    }
    let field = ask
        .form
        .text("field")
        .filter(|code| label(&setting.form, code) != *code || setting.form.field(code).is_some());
    workflow::comment(&ask.app.store, &setting.found, ask.actor()?, (field, body), ask.now).await?;
    Ok(say::see(&format!("/entries/{}?done=commented", entry.id)))
}

/// What in reasons and comments cannot be kept.
fn unfit<'a>(ask: &Ask, bodies: impl Iterator<Item = &'a str>) -> Option<String> {
    if let Some((_, message)) = ask.form.wrong().first() {
        return Some(format!("入力した文章に{message}"));
    }
    let longest = bodies.map(count_characters).max().unwrap_or(0);
    (longest > REASON_LIMIT).then(|| {
        format!("コメントは{REASON_LIMIT}文字以内で入力してください（今は{longest}文字です）。前の画面に戻ると文章が残っています。")
    })
}

/// The entry, which the visitor may write now.
async fn writable(ask: &Ask) -> Result<Setting, Stop> {
    let setting = Setting::of(ask).await?;
    match setting.may_write() {
        Ok(()) => Ok(setting),
        Err(Refusal::NotPermitted) => Err(Stop::NotFound),
        Err(refusal) => Err(Stop::Refused { refusal, back: format!("/entries/{}", setting.found.entry.id) }),
    }
}

/// A move that is never this person's to make is not found.
fn may(setting: &Setting, step: &Move) -> Result<(), Stop> {
    if step.is_for(&setting.found.entry.relations) { Ok(()) } else { Err(Stop::NotFound) }
}

fn concerns_of(setting: &Setting) -> Vec<Concern> {
    concerns(&setting.found.draft(), &setting.form, &setting.found.frame().scale, setting.beside())
}

fn not_submitted(setting: &Setting, ask: &Ask, concerns: &[Concern]) -> Answer {
    let errors = concerns.iter().filter(|concern| concern.is_error());
    let problems: Vec<Problem> = errors
        .map(|concern| Problem { field: concern.field.clone(), message: concern.message.clone() })
        .collect();
    let inputs = Inputs::of(&setting.found.draft());
    let page = WritePage::new(setting, ask.layout(), &inputs, &problems, NOT_SUBMITTED);
    say::page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn plain(ask: Ask, step: Move) -> Answer {
    let setting = Setting::of(&ask).await?;
    may(&setting, &step)?;
    make(&setting, &ask, step, &[]).await
}

async fn with_reason(setting: &Setting, ask: &Ask, step: fn(String) -> Move, remarks: &[Remark]) -> Answer {
    let reason = ask.form.value("reason").unwrap_or_default().to_owned();
    let step = step(reason.clone());
    may(setting, &step)?;
    let again = |status, problem: String| {
        let remarks = remarks.iter().map(|remark| (remark.field.clone(), remark.body.clone())).collect();
        let posted = Posted { reason, remarks, problem: Some(problem) };
        say::page_with(status, &ReadPage::new(setting, ask, posted)?)
    };
    let refused = setting.found.entry.state.after(step.clone(), &setting.hand(ask)?).err();
    if let Some(refusal @ (Refusal::ReasonMissing | Refusal::ReasonTooLong)) = refused {
        return again(StatusCode::UNPROCESSABLE_ENTITY, refusal.to_string());
    }
    match make(setting, ask, step, remarks).await {
        // When the record cannot be written just now, nothing needs to be typed twice.
        Err(Stop::Store(error)) if error.is_passing() => {
            let problem = error.to_string();
            Stop::Store(error).log();
            again(StatusCode::SERVICE_UNAVAILABLE, problem)
        }
        made => made,
    }
}

/// Makes the move and goes where its maker goes on: whoever decides, to the next that waits.
async fn make(setting: &Setting, ask: &Ask, step: Move, remarks: &[Remark]) -> Answer {
    let visit = ask.visitor()?;
    let back = format!("/entries/{}", setting.found.entry.id);
    let (done, route) = (step.code(), visit.town.route);
    let moved = workflow::make(
        &ask.app.store,
        &setting.found,
        &visit.actor,
        route,
        (seen(&ask.form)?, step),
        remarks,
        ask.now,
    )
    .await?;
    match moved {
        Moved::Done => Ok(say::see(&format!("{back}?done={done}"))),
        Moved::Refused(refusal) => Err(Stop::Refused { refusal, back }),
        Moved::Stale => Err(Stop::Refused { refusal: Refusal::Changed, back }),
    }
}

impl CheckPage {
    fn new(setting: &Setting, ask: &Ask, concerns: &[Concern], is_unread: bool) -> Result<Self, Stop> {
        let head = setting.head();
        let content = setting.found.draft();
        let mut layout = ask.layout().titled(format!("提出内容の確認：{}", head.heading.title), "sheets");
        layout.has_errors = is_unread;
        let warnings = concerns.iter().filter(|concern| !concern.is_error());
        let link =
            |concern: &Concern| (format!("a-{}", anchor(setting, &concern.field)), concern.message.clone());
        let steps = ask.visitor()?.town.route.steps();
        Ok(Self {
            seen: setting.found.entry.version,
            answers: answers(setting, &content, concerns),
            warnings: warnings.map(link).collect(),
            next: if steps.is_empty() { "事務局" } else { "課長" },
            is_unread,
            head,
            layout,
        })
    }
}

fn answers(setting: &Setting, content: &Content, concerns: &[Concern]) -> Vec<CheckedAnswer> {
    let answer = |field: Printed| CheckedAnswer {
        name: anchor(setting, &field.code),
        warnings: concerns
            .iter()
            .filter(|concern| concern.field == field.code && !concern.is_error())
            .map(|concern| concern.message.clone())
            .collect(),
        label: field.label,
        text: field.text,
    };
    let written = fields(content, &setting.form, &setting.found.frame().scale);
    written.into_iter().filter(|field| !field.text.trim().is_empty()).map(answer).collect()
}
