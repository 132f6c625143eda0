//! The content of an entry as text that a person reads, charts and tables included, so that two versions of it can be
//! held against each other.

use kaikaku_domain::difference::{Kind, Piece, difference};
use kaikaku_domain::entry::{Content, ReportContent, StartContent};
use kaikaku_domain::field::{Effect, FieldValue, Indicator, recurrence_word};
use kaikaku_domain::form::FieldKind;
use kaikaku_domain::period::PeriodKind;
use kaikaku_domain::scale::{Grade, grade};
use kaikaku_domain::sheet::{Activity, Bar};
use kaikaku_domain::submission::{fields_of, label};
use kaikaku_domain::text::count_characters;
use kaikaku_domain::{FiscalYear, Form};
use serde_json::Value;

/// A field of an entry in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Printed {
    /// The field's code.
    pub(crate) code: String,
    /// Its label as its writer knows it.
    pub(crate) label: String,
    /// What it says; empty where nothing is written.
    pub(crate) text: String,
}

/// A field that two versions have differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changed {
    /// The field's code.
    pub(crate) code: String,
    /// Its label.
    pub(crate) label: String,
    /// What leads from the one version to the other.
    pub(crate) pieces: Vec<Piece>,
    /// How many characters were added.
    pub(crate) added: usize,
    /// How many were removed.
    pub(crate) removed: usize,
}

/// Every field of an entry in the order of the form, written or not. What the form does not know comes last: nothing
/// that was written is left out.
pub(crate) fn fields(content: &Content, form: &Form, scale: &[Grade]) -> Vec<Printed> {
    let (kind, own) = match content {
        Content::Start(start) => (PeriodKind::Start, &start.fields),
        Content::Report(report) => (PeriodKind::Report, &report.fields),
    };
    let mut codes: Vec<&str> = Vec::new();
    for field in fields_of(form, kind, true) {
        codes.push(&field.code);
        if field.code == "narrative" {
            codes.extend(["cause", "policy"]);
        }
    }
    codes.extend(own.keys().map(String::as_str).filter(|code| form.field(code).is_none()));
    codes
        .into_iter()
        .map(|code| Printed {
            code: code.to_owned(),
            label: label(form, code).to_owned(),
            text: text(content, code, form, scale),
        })
        .collect()
}

/// The fields that two versions have differently, and the labels of those that say the same in both.
pub(crate) fn changes(before: &[Printed], after: &[Printed]) -> (Vec<Changed>, Vec<String>) {
    let text = |of: &[Printed], code: &str| {
        of.iter().find(|field| field.code == code).map(|field| field.text.clone()).unwrap_or_default()
    };
    let gone = before.iter().filter(|field| after.iter().all(|other| other.code != field.code));
    let (mut changed, mut same) = (Vec::new(), Vec::new());
    for field in after.iter().chain(gone) {
        let (old, new) = (text(before, &field.code), text(after, &field.code));
        if old != new {
            changed.push(Changed::between(field, &old, &new));
        } else if !new.is_empty() {
            same.push(field.label.clone());
        }
    }
    (changed, same)
}

impl Changed {
    fn between(field: &Printed, before: &str, after: &str) -> Self {
        let pieces = difference(before, after);
        let count = |kind| {
            pieces.iter().filter(|piece| piece.kind == kind).map(|piece| count_characters(&piece.text)).sum()
        };
        let (added, removed) = (count(Kind::Added), count(Kind::Removed));
        Self { code: field.code.clone(), label: field.label.clone(), pieces, added, removed }
    }

    /// How much it is: `＋108字　－2字`.
    pub(crate) fn extent(&self) -> String {
        let parts = [("＋", self.added), ("－", self.removed)];
        let parts = parts.into_iter().filter(|(_, count)| *count > 0);
        parts.map(|(sign, count)| format!("{sign}{count}字")).collect::<Vec<_>>().join("　")
    }
}

fn text(content: &Content, code: &str, form: &Form, scale: &[Grade]) -> String {
    match content {
        Content::Start(start) => start_text(start, code, form),
        Content::Report(report) => report_text(report, code, form, scale),
    }
}

fn start_text(start: &StartContent, code: &str, form: &Form) -> String {
    match code {
        "goal" => start.goal.clone().unwrap_or_default(),
        "challenge" => start.challenge.clone().unwrap_or_default(),
        "activities" => {
            let rows = start.activities.iter().map(activity);
            rows.chain(start.activity_notes.iter().cloned()).collect::<Vec<_>>().join("\n")
        }
        "roadmap" => roadmap(start, form),
        _ => own(start.fields.get(code), code, form),
    }
}

fn report_text(report: &ReportContent, code: &str, form: &Form, scale: &[Grade]) -> String {
    match code {
        "rating" => report.rating.as_deref().map(|code| rating(code, scale)).unwrap_or_default(),
        "narrative" => report.narrative.clone().unwrap_or_default(),
        "cause" => report.cause.clone().unwrap_or_default(),
        "policy" => report.policy.clone().unwrap_or_default(),
        _ => own(report.fields.get(code), code, form),
    }
}

fn rating(code: &str, scale: &[Grade]) -> String {
    grade(scale, code).map_or_else(|| code.to_owned(), |grade| format!("{}　{}", grade.code, grade.label))
}

/// `窓口の設計：4月～6月（設計）、9月`
fn activity(activity: &Activity) -> String {
    let bars: Vec<String> = activity.bars.iter().flatten().map(bar).collect();
    match bars.is_empty() {
        true => activity.label.clone(),
        false => format!("{}：{}", activity.label, bars.join("、")),
    }
}

fn bar(bar: &Bar) -> String {
    let (from, to) = (bar.from_month.number(), bar.to_month.number());
    let months = if from == to { format!("{from}月") } else { format!("{from}月～{to}月") };
    match &bar.text {
        Some(text) => format!("{months}（{text}）"),
        None => months,
    }
}

/// `令和5年度～令和7年度　設計`, then the targets: `削減時間　令和7年度　3,500時間`.
fn roadmap(start: &StartContent, form: &Form) -> String {
    let year = |year: Option<FiscalYear>| year.map(|year| super::year(year, form)).unwrap_or_default();
    let bars = start.roadmap.iter().map(|bar| {
        let years = match (bar.from_year, bar.to_year) {
            (from, to) if from == to => year(from),
            (from, to) => format!("{}～{}", year(from), year(to)),
        };
        joined(&[&years, &bar.label])
    });
    let values = start.roadmap_values.iter().map(|value| {
        let figure = format!("{}{}", value.value, value.unit.as_deref().unwrap_or_default());
        joined(&[&value.indicator, &year(value.year), &figure])
    });
    bars.chain(values).collect::<Vec<_>>().join("\n")
}

/// A town's own field; one that the form does not know, or whose value is of another kind, as it is kept.
fn own(value: Option<&Value>, code: &str, form: &Form) -> String {
    let Some(value) = value else { return String::new() };
    let field = form.field(code);
    match field.map(|field| (field, FieldValue::read(field, value))) {
        Some((_, Ok(FieldValue::Empty))) => String::new(),
        Some((field, Ok(FieldValue::Text(text)))) => match field.kind {
            FieldKind::Choice => {
                let choice = field.choices.iter().find(|choice| choice.code == text);
                choice.map_or(text, |choice| choice.label.clone())
            }
            FieldKind::Number => format!("{text}{}", field.unit.as_deref().unwrap_or_default()),
            FieldKind::Date => form.print_date(&text),
            _ => text,
        },
        Some((_, Ok(FieldValue::Departments(names)))) => names.join(&form.style.separator),
        Some((_, Ok(FieldValue::Indicators(rows)))) => {
            rows.iter().map(|row| indicator(row, form)).collect::<Vec<_>>().join("\n")
        }
        Some((_, Ok(FieldValue::Effects(rows)))) => {
            rows.iter().map(|row| effect(row, form)).collect::<Vec<_>>().join("\n")
        }
        Some((_, Err(_))) | None => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}

fn indicator(row: &Indicator, form: &Form) -> String {
    let some = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
    let mut parts = vec![format!("{}（{}、{}）", row.name, row.unit, row.direction.word())];
    parts.extend(some("基準", &row.base));
    for value in &row.values {
        let year = form.print_year_short(value.year);
        parts.extend(some(&format!("{year}目標"), &value.target));
        parts.extend(some(&format!("{year}実績"), &value.actual));
    }
    parts.extend(some("出典", &row.source));
    parts.join("　")
}

fn effect(row: &Effect, form: &Form) -> String {
    let some = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
    let mut parts = vec![format!("{}（{}、{}）", row.label, row.unit, recurrence_word(row.recurring))];
    for value in &row.values {
        let year = form.print_year_short(value.year);
        parts.extend(some(&format!("{year}計画"), &value.planned));
        parts.extend(some(&format!("{year}実績"), &value.actual));
    }
    parts.extend(some("根拠", &row.basis));
    parts.join("　")
}

fn joined(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("　")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaikaku_domain::Report;
    use kaikaku_domain::entry::Parts;

    fn read(path: &str) -> String {
        std::fs::read_to_string(format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn example(document: &str, form: &str) -> (Report, Form) {
        (Report::from_json(&read(document)).unwrap(), Form::from_toml(&read(form)).unwrap())
    }

    #[test]
    fn everything_that_was_written_is_in_the_printed_fields() {
        for (document, form) in [
            ("examples/shiomi/2025.json", "forms/iwakuni.toml"),
            ("examples/second-form/2024.json", "examples/second-form/form.toml"),
        ] {
            let (report, form) = example(document, form);
            for sheet in &report.sheets {
                let parts = Parts::of(sheet.clone(), &form, report.result_period());
                let mut contents = vec![Content::Start(parts.start)];
                contents.extend(parts.answers.into_iter().map(|answer| Content::Report(answer.content)));
                for content in contents {
                    let printed = fields(&content, &form, &report.scale);
                    let all: String = printed.iter().map(|field| field.text.as_str()).collect();
                    for text in texts_in(&serde_json::to_value(&content).unwrap()) {
                        assert!(all.contains(&text) || form.field(&text).is_some(), "{text}\n{printed:#?}");
                    }
                }
            }
        }
    }

    /// Every free text in a content, however deep; codes and words of the format are none.
    fn texts_in(value: &Value) -> Vec<String> {
        match value {
            Value::String(text) if !text.is_ascii() => vec![text.clone()],
            Value::Array(values) => values.iter().flat_map(texts_in).collect(),
            Value::Object(members) => members.values().flat_map(texts_in).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_chart_is_read_row_by_row() {
        let (report, form) = example("examples/shiomi/2025.json", "forms/iwakuni.toml");
        let month = |number| kaikaku_domain::Month::new(number).unwrap();
        let bar = |from, to, text: Option<&str>| Bar {
            from_month: month(from),
            to_month: month(to),
            text: text.map(str::to_owned),
        };
        let bars = Some(vec![bar(4, 6, Some("設計")), bar(9, 9, None)]);
        let start = StartContent {
            activities: vec![Activity { label: "窓口の設計".to_owned(), bars }],
            ..StartContent::default()
        };
        let printed = fields(&Content::Start(start), &form, &report.scale);
        let chart = printed.iter().find(|field| field.code == "activities").unwrap();
        assert_eq!(chart.text, "窓口の設計：4月～6月（設計）、9月");
    }

    #[test]
    fn changed_fields_are_told_with_their_extent_and_the_others_named() {
        let (report, form) = example("examples/shiomi/2025.json", "forms/iwakuni.toml");
        let answer = |rating: &str, narrative: &str| {
            let text = |text: &str| Some(text.to_owned());
            let content =
                ReportContent { rating: text(rating), narrative: text(narrative), ..Default::default() };
            fields(&Content::Report(content), &form, &report.scale)
        };
        let (changed, same) = changes(&answer("B", "9月に実施した。"), &answer("B", "8月下旬に実施した。"));
        assert_eq!(same, ["取組結果"]);
        assert_eq!(changed.len(), 1);
        assert_eq!((changed[0].code.as_str(), changed[0].extent().as_str()), ("narrative", "＋4字　－2字"));
    }
}
