//! What somebody had typed when the session ended: it goes through the sign-in pages in hidden fields and is put back into
//! the entry, or shown once more. It is never dropped.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use kaikaku_domain::id::{EntryId, UserId};

use super::entry;
use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::stop::KEPT;
use crate::web::visit::Visit;
use crate::web::{Answer, Ask, Stop, say};

/// A form of an entry that waits for its person to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Carried {
    /// The entry that it was posted to.
    pub(crate) entry: EntryId,
    /// Who had typed it.
    pub(crate) by: UserId,
    /// The form as it was posted, without its token.
    pub(crate) fields: Fields,
}

impl Carried {
    /// What was posted by a person whose session had ended.
    pub(crate) fn of(entry: EntryId, by: UserId, form: &Fields) -> Self {
        Self { entry, by, fields: form.without("csrf") }
    }

    /// What a sign-in page has carried so far.
    pub(crate) fn read(form: &Fields) -> Option<Self> {
        let entry = form.value("carrying.entry")?.parse().ok()?;
        let by = form.value("carrying.by")?.parse().ok()?;
        Some(Self { entry, by, fields: form.under("carried.") })
    }
}

#[derive(Template)]
#[template(path = "session_kept.html")]
struct Kept {
    layout: Layout,
    reason: String,
    is_own: bool,
    carried: Carried,
    texts: Vec<(&'static str, String)>,
}

/// Puts what was carried back into its entry, for the person who had typed it and now is signed in again. Where that
/// cannot be done, it is shown.
pub(crate) async fn put_back(ask: &Ask, visit: Arc<Visit>, carried: Carried) -> Answer {
    if carried.by != visit.session.user {
        let reason = "文章を入力していた方と、今サインインした方が違います。".to_owned();
        return kept(ask, visit, carried, StatusCode::OK, reason);
    }
    let (app, fields) = (&ask.app, carried.fields.clone());
    match entry::take_carried(app, Arc::clone(&visit), carried.entry, fields, ask.now).await {
        Ok(answer) => Ok(answer),
        Err(stop) => {
            let (status, reason) = told(&stop);
            kept(ask, visit, carried, status, reason)
        }
    }
}

fn kept(ask: &Ask, visit: Arc<Visit>, carried: Carried, status: StatusCode, reason: String) -> Answer {
    let is_own = carried.by == visit.session.user;
    let mut layout = Layout::of(&ask.app, Some(visit)).titled("入力した文章を調書に戻せませんでした", "");
    layout.has_errors = true;
    let texts = texts(&carried.fields);
    say::page_with(status, &Kept { layout, reason, is_own, carried, texts })
}

/// Why it could not be put back.
fn told(stop: &Stop) -> (StatusCode, String) {
    match stop {
        Stop::Refused { refusal, .. } => (StatusCode::CONFLICT, refusal.to_string()),
        Stop::Kept { refusal, .. } => (StatusCode::CONFLICT, format!("{refusal}{KEPT}")),
        Stop::Unacceptable(line) => (StatusCode::UNPROCESSABLE_ENTITY, line.clone()),
        Stop::Store(error) if error.is_passing() => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
        Stop::NotFound => {
            (StatusCode::NOT_FOUND, "調書が見つからないか、担当でなくなっています。".to_owned())
        }
        other => {
            tracing::error!(?other, "what was typed could not be put back");
            (StatusCode::INTERNAL_SERVER_ERROR, "予期しない誤りが起きました。".to_owned())
        }
    }
}

/// What a person typed, under the names that stand over the fields; without what the page itself had put in.
fn texts(fields: &Fields) -> Vec<(&'static str, String)> {
    let typed = fields.iter().filter(|(_, value)| !value.trim().is_empty());
    typed.filter_map(|(name, value)| Some((label(name)?, value.to_owned()))).collect()
}

fn label(name: &str) -> Option<&'static str> {
    Some(match name.split('.').next().unwrap_or_default() {
        "seen" | "next" | "copy" | "acknowledged" => return None,
        "goal" => "取組目標",
        "challenge" => "課題",
        "activity" => "具体的な活動",
        "roadmap" | "target" => "年度計画",
        "rating" => "取組結果",
        "narrative" => "取組状況",
        "cause" => "原因",
        "policy" => "今後の方針",
        _ => "その他の欄",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Fields {
        Fields::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_is_carried_through_a_page_is_what_was_posted() {
        let posted = form("csrf=c5a1&seen=12&narrative=A%0AB&activity.0.label=&next=draft");
        let carried = Carried::of(EntryId::new(5), UserId::new(7), &posted);
        let mut page = "name=aoki&password=x&carrying.entry=5&carrying.by=7".to_owned();
        for (name, value) in carried.fields.iter() {
            page.push_str(&format!("&carried.{name}={}", value.replace('\n', "%0D%0A")));
        }
        let read = Carried::read(&form(&page)).unwrap();
        assert_eq!(read, carried);
        assert_eq!(read.fields, form("seen=12&narrative=A%0AB&activity.0.label=&next=draft"));
        assert_eq!(Carried::read(&form("name=aoki&carried.narrative=A")), None);
    }

    #[test]
    fn what_is_shown_is_what_was_typed() {
        let fields = form("seen=12&next=draft&rating=A&narrative=B&cause=+&activity.0.label=C&field.x.0.y=D");
        assert_eq!(
            texts(&fields),
            [
                ("取組結果", "A".to_owned()),
                ("取組状況", "B".to_owned()),
                ("具体的な活動", "C".to_owned()),
                ("その他の欄", "D".to_owned()),
            ]
        );
    }
}
