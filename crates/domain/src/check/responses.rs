//! A sheet's responses: one for each lead and period, rated by the scale, with cause and policy where the grade asks.

use super::{Place, label};
use crate::finding::Finding;
use crate::form::Form;
use crate::report::Report;
use crate::scale;
use crate::sheet::{Response, Sheet};
use crate::text::is_blank;

pub(super) fn check(report: &Report, form: &Form, sheet: &Sheet, findings: &mut Vec<Finding>) {
    let mut place = Place::sheet(sheet, findings);
    for (i, answer) in sheet.responses.iter().enumerate() {
        check_who_and_when(report, form, sheet, answer, &mut place);
        let is_same =
            |other: &&Response| other.department == answer.department && other.period == answer.period;
        if sheet.responses[..i].iter().any(|other| is_same(&other)) {
            place.error(
                "response.duplicate",
                &part(form, "rating", answer),
                "同じ部署の同じ期の回答が二つあります。一方を除いてください。",
                answer.narrative.as_deref().unwrap_or_default(),
            );
        }
        check_rating(report, form, answer, &mut place);
    }
    if form.field("rating").or(form.field("narrative")).is_some() {
        check_every_lead_answers(report, form, sheet, &mut place);
    }
}

fn check_who_and_when(report: &Report, form: &Form, sheet: &Sheet, answer: &Response, place: &mut Place) {
    if !report.periods.contains(&answer.period) {
        place.error(
            "response.period",
            &part(form, "rating", answer),
            &format!(
                "この報告にない期の回答です。期を{}のどれかに直してください。",
                report.periods.join("・")
            ),
            &answer.period,
        );
    }
    if !sheet.lead_departments.contains(&answer.department) {
        let lead = label(form, "lead");
        place.error(
            "response.department",
            &part(form, "rating", answer),
            &format!("{lead}でない部署の回答です。部署名を直すか、{lead}に加えてください。"),
            &answer.department,
        );
    }
}

fn check_rating(report: &Report, form: &Form, answer: &Response, place: &mut Place) {
    let code = answer.rating.as_deref().filter(|code| !is_blank(Some(code)));
    let Some(code) = code else {
        if form.field("rating").is_some() && Some(answer.period.as_str()) == report.result_period() {
            place.warning(
                "rating.missing",
                &part(form, "rating", answer),
                "年度の結果となる期の評価がありません。集計に入らないため、評価を入れてください。",
                "",
            );
        }
        return;
    };
    match scale::grade(&report.scale, code) {
        None => place.error(
            "rating.scale",
            &part(form, "rating", answer),
            "評価区分にない評価です。評価区分のどれかに直してください。",
            code,
        ),
        Some(grade) if grade.needs_cause && is_blank(answer.narrative.as_deref()) => place.warning(
            "rating.cause",
            &part(form, "narrative", answer),
            &format!(
                "{code}の評価には原因と今後の方針が必要ですが、何も書かれていません。書き加えてください。"
            ),
            code,
        ),
        Some(_) => {}
    }
}

fn check_every_lead_answers(report: &Report, form: &Form, sheet: &Sheet, place: &mut Place) {
    for lead in &sheet.lead_departments {
        for period in report.periods.iter().filter(|period| sheet.response(lead, period).is_none()) {
            place.warning(
                "response.missing",
                label(form, "lead"),
                &format!("{period}の回答がありません。{lead}の回答を加えてください。"),
                &format!("{lead}・{period}"),
            );
        }
    }
}

/// A field of one answer, in the reader's words: `取組結果（市民課・期末）`.
fn part(form: &Form, code: &str, answer: &Response) -> String {
    format!("{}（{}・{}）", label(form, code), answer.department, answer.period)
}
