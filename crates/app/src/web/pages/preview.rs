//! The printed page of a sheet: live while it is written, and of the saved text.

use axum::http::StatusCode;
use kaikaku_domain::entry::Content;
use kaikaku_publish::preview::{FieldWarning, Preview, WarningKind, preview};
use serde_json::{Value, json};

use super::entry::posted;
use super::entry::read::shown;
use super::entry::setting::Setting;
use super::entry::write::input_name;
use crate::web::{Answer, Ask, Stop, say};

/// `POST /entries/{id}/preview`: nothing is saved.
pub(crate) async fn live(ask: Ask) -> Answer {
    let setting = Setting::of(&ask).await?;
    setting.may_write().map_err(|refusal| match refusal {
        kaikaku_domain::workflow::Refusal::NotPermitted => Stop::NotFound,
        refusal => Stop::Refused { refusal, back: format!("/entries/{}", setting.found.entry.id) },
    })?;
    let (_, content, _) = posted(&setting, &ask.form);
    let set = set(&ask, &setting, &content).await?;
    let warnings = told(&setting, &content, &set.warnings);
    let title = setting.found.entry.frame.sheet.title();
    let alt = format!("「{title}」の調書の印刷ページ。内容は入力欄と同じです。");
    Ok(say::json(StatusCode::OK, &json!({ "pages": set.pages, "warnings": warnings, "alt": alt })))
}

/// `GET /entries/{id}/preview/{page}`: a page of the saved text, as far as the visitor may read it.
pub(crate) async fn saved(ask: Ask) -> Answer {
    let setting = Setting::of(&ask).await?;
    let number: usize = ask.id("page")?;
    let empty = Content::empty(setting.period.kind);
    let content = match shown(&setting) {
        Some(content) => content,
        None if setting.found.entry.sight == kaikaku_domain::workflow::Sight::Draft => &empty,
        None => return Err(Stop::NotFound),
    };
    let set = set(&ask, &setting, content).await?;
    let page =
        number.checked_sub(1).and_then(|place| set.pages.into_iter().nth(place)).ok_or(Stop::NotFound)?;
    Ok(say::with_type(StatusCode::OK, "image/svg+xml", page))
}

/// Sets the sheet on a thread of its own: it takes a processor for some hundredths of a second.
async fn set(ask: &Ask, setting: &Setting, content: &Content) -> Result<Preview, Stop> {
    let (mut report, form) = (setting.printed(content), setting.form.clone());
    let before = ask.app.store.frame_before(&setting.found.entry).await?;
    let place = usize::from(before.is_some());
    report.sheets.splice(0..0, before.map(|frame| frame.sheet));
    let period = setting.period.name.clone();
    let is_start = matches!(content, Content::Start(_));
    let _turn = ask.app.previews.acquire().await.map_err(|error| Stop::Unexpected(error.to_string()))?;
    let task = tokio::task::spawn_blocking(move || {
        use kaikaku_publish::preview::Writing;
        let writing = if is_start { Writing::Start } else { Writing::Period(&period) };
        preview(&report, &form, place, writing)
    });
    let set = task.await.map_err(|error| Stop::Unexpected(error.to_string()))?;
    set.map_err(|error| Stop::Unexpected(error.to_string()))
}

/// What a save tells at once: characters that the report's fonts lack. How many lines are too long is the preview's to
/// tell, which sets the page.
pub(crate) fn warnings(
    setting: &Setting,
    content: &Content,
    name: impl Fn(&Setting, &str) -> String,
) -> Vec<Value> {
    content
        .texts()
        .into_iter()
        .filter_map(|(code, text)| {
            let mut missing: Vec<char> = text
                .chars()
                .filter(|c| !c.is_whitespace() && !kaikaku_publish::fonts::has_glyph(*c))
                .collect();
            missing.dedup();
            if missing.is_empty() {
                return None;
            }
            let characters: String = missing.iter().map(|c| format!("「{c}」")).collect();
            let message = format!(
                "{characters}は報告書の書体にないため、〓と印刷されます。別の文字に置き換えてください。"
            );
            Some(json!({ "field": name(setting, code), "message": message }))
        })
        .collect()
}

/// The warnings of a set page that concern what is being written here: others' texts are others' to shorten.
fn told(setting: &Setting, content: &Content, warnings: &[FieldWarning]) -> Vec<Value> {
    let entry = &setting.found.entry;
    let is_own = |warning: &&FieldWarning| {
        let own = |value: &Option<String>, of: &str| value.as_deref().is_none_or(|value| value == of);
        own(&warning.department, &entry.department_name) && own(&warning.period, &setting.period.name)
    };
    let own = warnings.iter().filter(is_own).filter(|warning| {
        let code = warning.field.as_str();
        let kind = setting.period.kind;
        let written = kaikaku_domain::submission::fields_of(&setting.form, kind, setting.is_result());
        let is_written = written.into_iter().any(|field| field.code == code);
        is_written || matches!(warning.kind, WarningKind::Overflow { .. })
    });
    let at_its_fields = own.flat_map(|warning| {
        let fields = written_at(warning, content).into_iter();
        fields.map(move |field| (field, &warning.message))
    });
    let told = at_its_fields.map(|(field, message)| {
        let is_written = !matches!(field, "content" | "lead" | "supporting");
        let field = if is_written { input_name(setting, field) } else { "form".to_owned() };
        json!({ "field": field, "message": message })
    });
    told.collect()
}

/// The fields in which what a warning tells of was written: cause and policy are printed in one cell with the narrative.
fn written_at<'w>(warning: &'w FieldWarning, content: &'w Content) -> Vec<&'w str> {
    let printed_at = warning.field.as_str();
    let WarningKind::MissingCharacter { characters } = &warning.kind else { return vec![printed_at] };
    let is_there =
        |code: &str| code == printed_at || (printed_at == "narrative" && matches!(code, "cause" | "policy"));
    let texts = content.texts().into_iter();
    let with_it = texts.filter(|(code, text)| is_there(code) && text.contains(&characters[..]));
    let fields: Vec<&str> = with_it.map(|(code, _)| code).collect();
    if fields.is_empty() { vec![printed_at] } else { fields }
}
