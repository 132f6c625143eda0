//! Last year's content put into this year's, by the button beside it. What is written already stays: last year's comes
//! after it. A script puts a text in at once, and this is not asked.

use kaikaku_domain::entry::{Content, ReportContent, StartContent};
use kaikaku_domain::text::is_blank;
use serde_json::Value;

use super::setting::Setting;
use crate::web::form::Fields;

/// The posted content with last year's of the field that the button names.
pub(super) fn with_last_years(setting: &Setting, form: &Fields, mut content: Content) -> Content {
    let last = setting.last_year().and_then(|last| last.record.as_ref());
    let (Some(code), Some(last)) = (form.value("copy"), last) else { return content };
    if let (Content::Start(now), Content::Start(before)) = (&mut content, last) {
        charts(now, before, code);
    }
    let text = last.texts().into_iter().find(|(own, _)| *own == code).map(|(_, text)| text.to_owned());
    let Some(text) = text else { return content };
    match (&mut content, code) {
        (Content::Start(now), "goal") => add(&mut now.goal, text),
        (Content::Start(now), "challenge") => add(&mut now.challenge, text),
        (Content::Report(now), "narrative") => add(&mut now.narrative, text),
        (Content::Report(now), "cause") => add(&mut now.cause, text),
        (Content::Report(now), "policy") => add(&mut now.policy, text),
        (
            Content::Start(StartContent { fields, .. }) | Content::Report(ReportContent { fields, .. }),
            code,
        ) if setting.form.field(code).is_some_and(|field| !field.is_core()) => {
            let mut own = fields.get(code).and_then(Value::as_str).map(str::to_owned);
            add(&mut own, text);
            fields.insert(code.to_owned(), own.map_or(Value::Null, Value::String));
        }
        _ => {}
    }
    content
}

fn add(own: &mut Option<String>, text: String) {
    match own {
        Some(written) if !is_blank(Some(written)) && *written != text => {
            *written = format!("{written}\n{text}")
        }
        _ => *own = Some(text),
    }
}

fn charts(now: &mut StartContent, before: &StartContent, code: &str) {
    match code {
        "activities" => extend(&mut now.activities, &before.activities),
        "roadmap" => {
            extend(&mut now.roadmap, &before.roadmap);
            extend(&mut now.roadmap_values, &before.roadmap_values);
        }
        _ => {}
    }
}

/// Each row once: a second click adds nothing.
fn extend<T: Clone + PartialEq>(now: &mut Vec<T>, before: &[T]) {
    let new: Vec<T> = before.iter().filter(|row| !now.contains(row)).cloned().collect();
    now.extend(new);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_stays_before_what_is_copied() {
        let added = |own: Option<&str>| {
            let mut own = own.map(str::to_owned);
            add(&mut own, "前年度".to_owned());
            own.unwrap()
        };
        assert_eq!(added(None), "前年度");
        assert_eq!(added(Some("　")), "前年度");
        assert_eq!(added(Some("今年度")), "今年度\n前年度");
        assert_eq!(added(Some("前年度")), "前年度", "a second click");
    }

    #[test]
    fn rows_are_copied_once() {
        let mut now = vec![1, 2];
        extend(&mut now, &[2, 3]);
        extend(&mut now, &[2, 3]);
        assert_eq!(now, [1, 2, 3]);
    }
}
