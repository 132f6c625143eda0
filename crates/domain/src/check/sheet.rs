//! One sheet's fields against its form: none that is not printed, each of its kind, none too long.

use super::{Place, label, list};
use crate::field::FieldValue;
use crate::finding::Finding;
use crate::form::{FieldKind, Form};
use crate::report::Report;
use crate::scale;
use crate::sheet::Sheet;
use crate::text::{count_characters, is_blank};

pub(super) fn check(report: &Report, form: &Form, sheet: &Sheet, findings: &mut Vec<Finding>) {
    let mut place = Place::sheet(sheet, findings);
    list::check_mark(&mut place, sheet.mark.as_deref());
    for (code, text) in filled(sheet) {
        if form.field(code).is_none() {
            say_unknown(&mut place, label(form, code), &text);
        }
    }
    check_bars(form, sheet, &mut place);
    check_own_fields(report, form, sheet, &mut place);
    check_lengths(form, sheet, &mut place);
}

/// The core fields in which the sheet says something, with what it says.
fn filled(sheet: &Sheet) -> Vec<(&'static str, String)> {
    let text = |text: &Option<String>| text.iter().cloned().collect::<Vec<_>>();
    let of_answers = |texts: Vec<&Option<String>>| texts.into_iter().flatten().cloned().collect::<Vec<_>>();
    let mut roadmap: Vec<String> = sheet.roadmap.iter().map(|bar| bar.label.clone()).collect();
    roadmap.extend(sheet.roadmap_values.iter().map(|value| format!("{} {}", value.indicator, value.value)));
    let activities = sheet.activities.iter().map(|activity| &activity.label).chain(&sheet.activity_notes);
    [
        ("lead", sheet.lead_departments.clone()),
        ("supporting", sheet.supporting_departments.clone()),
        ("content", sheet.content.iter().flat_map(|content| content.bullets.clone()).collect()),
        ("goal", text(&sheet.goal)),
        ("challenge", text(&sheet.challenge)),
        ("rating", of_answers(sheet.responses.iter().map(|answer| &answer.rating).collect())),
        ("narrative", of_answers(sheet.responses.iter().map(|answer| &answer.narrative).collect())),
        ("activities", activities.cloned().collect()),
        ("roadmap", roadmap),
    ]
    .into_iter()
    .map(|(code, texts)| (code, texts.join(" ／ ")))
    .filter(|(_, text)| !is_blank(Some(text)))
    .collect()
}

fn say_unknown(place: &mut Place, part: &str, evidence: &str) {
    place.error(
        "field.unknown",
        part,
        "様式にない欄に記入があり、このままでは印刷されません。様式に欄を加えるか、記入をほかの欄に移してください。",
        evidence,
    );
}

fn check_bars(form: &Form, sheet: &Sheet, place: &mut Place) {
    for activity in &sheet.activities {
        for bar in activity.bars.iter().flatten().filter(|bar| bar.to_month < bar.from_month) {
            place.error(
                "activity.months",
                label(form, "activities"),
                "終わりの月が始まりの月より前です（4月から翌年3月の順）。月を直してください。",
                &format!("{}: {}月～{}月", activity.label, bar.from_month.number(), bar.to_month.number()),
            );
        }
    }
    for bar in sheet.roadmap.iter().filter(|bar| bar.from_year.zip(bar.to_year).is_some_and(|(a, b)| b < a)) {
        place.error(
            "roadmap.years",
            label(form, "roadmap"),
            "終わりの年度が始まりの年度より前です。年度を直してください。",
            &bar.label,
        );
    }
}

/// The fields of the form's own: each known to it and read by its kind.
fn check_own_fields(report: &Report, form: &Form, sheet: &Sheet, place: &mut Place) {
    for (code, value) in &sheet.fields {
        let Some(field) = form.field(code).filter(|field| !field.is_core()) else {
            say_unknown(place, code, &value.to_string());
            continue;
        };
        match FieldValue::read(field, value) {
            Err(message) => place.error("field.value", &field.label, &message, &value.to_string()),
            Ok(FieldValue::Text(code))
                if field.kind == FieldKind::Rating && scale::grade(&report.scale, &code).is_none() =>
            {
                place.error(
                    "rating.scale",
                    &field.label,
                    "評価区分にない評価です。評価区分のどれかに直してください。",
                    &code,
                );
            }
            Ok(_) => {}
        }
    }
}

/// No text may be longer than its field's limit, for more does not fit the printed sheet.
fn check_lengths(form: &Form, sheet: &Sheet, place: &mut Place) {
    for field in &form.fields {
        let Some(limit) = field.limit.and_then(|limit| usize::try_from(limit).ok()) else { continue };
        for (who, text) in texts_of(sheet, &field.code, field.kind) {
            let length: usize = text.iter().map(|text| count_characters(text)).sum();
            if length > limit {
                place.warning(
                    "field.limit",
                    &format!("{}{who}", field.label),
                    &format!(
                        "{length}字あり、上限の{limit}字を{}字超えています。短くしてください。",
                        length - limit
                    ),
                    &text.join(" ／ "),
                );
            }
        }
    }
}

/// The texts that a field's limit is for, each with whose it is; the pieces of one text count together.
fn texts_of<'s>(sheet: &'s Sheet, code: &str, kind: FieldKind) -> Vec<(String, Vec<&'s str>)> {
    let one = |text: Option<&'s str>| text.map(|text| (String::new(), vec![text])).into_iter().collect();
    match code {
        "goal" => one(sheet.goal.as_deref()),
        "challenge" => one(sheet.challenge.as_deref()),
        "narrative" => {
            let answers = sheet.responses.iter();
            let of = |(department, period): (&str, &str)| format!("（{department}・{period}）");
            answers
                .filter_map(|answer| {
                    Some((of((&answer.department, &answer.period)), vec![answer.narrative.as_deref()?]))
                })
                .collect()
        }
        "content" => {
            let bullets = sheet.content.iter().flat_map(|content| &content.bullets);
            vec![(String::new(), bullets.map(String::as_str).collect())]
        }
        _ if kind == FieldKind::Text => one(sheet.fields.get(code).and_then(|value| value.as_str())),
        _ => Vec::new(),
    }
}
