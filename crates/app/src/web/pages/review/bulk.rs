//! Many entries dealt with at once: each is its own change, and each is told what became of it.

use std::collections::BTreeSet;

use askama::Template;
use axum::http::StatusCode;
use kaikaku_domain::id::EntryId;
use kaikaku_domain::text::count_characters;
use kaikaku_domain::workflow::{Move, REASON_LIMIT, Refusal};

use super::{Problem, again};
use crate::web::layout::Layout;
use crate::web::{Answer, Ask, Stop, say};
use crate::workflow::{Found, Moved, make};

#[derive(Template)]
#[template(path = "review-done.html")]
struct Done {
    layout: Layout,
    heading: String,
    refused: Vec<Outcome>,
    done: Vec<Outcome>,
}

/// What became of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    /// `1-(2)-②　基幹業務システムの標準化（令和7年度 期末　デジタル推進課）`
    name: String,
    /// Its page; none where there is nothing to be seen.
    address: Option<String>,
    /// Why nothing was done.
    refusal: Option<String>,
}

pub(crate) async fn confirm(ask: Ask) -> Answer {
    all(&ask, &Move::Confirm).await
}

pub(crate) async fn receive(ask: Ask) -> Answer {
    all(&ask, &Move::Receive).await
}

pub(crate) async fn fix(ask: Ask) -> Answer {
    all(&ask, &Move::Fix).await
}

pub(crate) async fn send_back(ask: Ask) -> Answer {
    let reason = ask.form.value("reason").unwrap_or_default().to_owned();
    all(&ask, &Move::SendBack(reason)).await
}

async fn all(ask: &Ask, step: &Move) -> Answer {
    let chosen: BTreeSet<&str> = ask.form.all("entry").collect();
    let errors = problems(ask, chosen.len(), step);
    if !errors.is_empty() {
        return again(ask, StatusCode::UNPROCESSABLE_ENTITY, errors).await;
    }
    let mut outcomes = Vec::new();
    // In the order of the page.
    let mut left = chosen;
    for entry in ask.form.all("entry") {
        if !left.remove(entry) {
            continue;
        }
        match one(ask, entry, step).await {
            Ok(outcome) => outcomes.push(outcome),
            // What is done is done; the rest is still chosen, and a reason still typed.
            Err(trouble) => {
                let done = outcomes.iter().filter(|outcome| outcome.refusal.is_none()).count();
                let message = format!("{done}件を{}。残りはまだです。{trouble}", what(step));
                let problem = Problem { field: "entry", message };
                return again(ask, StatusCode::SERVICE_UNAVAILABLE, vec![problem]).await;
            }
        }
    }
    say::page(&page(ask.layout(), step, outcomes))
}

/// What was done, in words.
fn what(step: &Move) -> &'static str {
    match step {
        Move::Confirm => "確認済みにしました",
        Move::Receive => "受け付けました",
        Move::Fix => "確定しました",
        _ => "差し戻しました",
    }
}

fn page(layout: Layout, step: &Move, outcomes: Vec<Outcome>) -> Done {
    let (refused, done): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|one| one.refusal.is_some());
    let what = what(step);
    let heading = match (done.len(), refused.len()) {
        (done, 0) => format!("{done}件を{what}"),
        (0, refused) => format!("{}できませんでした（{refused}件）", step.word()),
        (done, refused) => format!("{done}件を{what}。{refused}件は処理していません"),
    };
    Done { layout: layout.titled(heading.clone(), "review"), heading, refused, done }
}

/// What must be put right before anything is done.
fn problems(ask: &Ask, chosen: usize, step: &Move) -> Vec<Problem> {
    let mut problems = Vec::new();
    if chosen == 0 {
        let message = format!("{}する調書を選んでください。", step.word());
        problems.push(Problem { field: "entry", message });
    }
    if let Move::SendBack(reason) = step {
        let wrong = ask.form.wrong().iter().find(|(name, _)| name == "reason");
        let message = match wrong {
            Some((_, message)) => Some((*message).to_owned()),
            None if reason.trim().is_empty() => Some(Refusal::ReasonMissing.to_string()),
            None if count_characters(reason) > REASON_LIMIT => Some(Refusal::ReasonTooLong.to_string()),
            None => None,
        };
        problems.extend(message.map(|message| Problem { field: "reason", message }));
    }
    problems
}

/// One entry: what became of it, or the trouble that keeps the others from being dealt with, too.
async fn one(ask: &Ask, entry: &str, step: &Move) -> Result<Outcome, String> {
    let passing = |stop: Stop| match stop {
        Stop::Store(error) => error.to_string(),
        _ => "処理できませんでした。もう一度操作してください。".to_owned(),
    };
    let visit = ask.visitor().map_err(passing)?;
    let store = |error| passing(Stop::Store(error));
    let found = match entry.parse::<EntryId>() {
        Ok(id) => Found::find(&ask.app.store, &visit.actor, id).await.map_err(store)?,
        Err(_) => None,
    };
    let Some(found) = found else {
        let refusal = Some("見つかりません。担当が変わったか、読むことのできない調書です。".to_owned());
        return Ok(Outcome { name: format!("記入番号{entry}"), address: None, refusal });
    };
    let seen = ask.form.value(&format!("seen.{entry}")).and_then(|seen| seen.parse().ok());
    let moved = match seen {
        Some(seen) => {
            let hand = (seen, step.clone());
            make(&ask.app.store, &found, &visit.actor, visit.town.route, hand, &[], ask.now)
                .await
                .map_err(store)?
        }
        None => Moved::Stale,
    };
    let refusal = match moved {
        Moved::Done => None,
        Moved::Refused(Refusal::NotPermitted) => Some("この調書を処理する役割がありません。".to_owned()),
        Moved::Refused(refusal) => Some(refusal.to_string()),
        Moved::Stale => Some(
            "画面を開いた後に、ほかの人が変更しました。内容を開いて確かめてから、もう一度操作してください。"
                .to_owned(),
        ),
    };
    Ok(Outcome { name: name(&found), address: Some(format!("/entries/{entry}")), refusal })
}

fn name(found: &Found) -> String {
    let entry = &found.entry;
    let (sheet, department) = (&entry.frame.sheet, &entry.department_name);
    let period = found.year.period(entry.period).map_or("", |period| period.name.as_str());
    format!("{}　{}（{period}　{department}）", sheet.reference(), sheet.title())
}
