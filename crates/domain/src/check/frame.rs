//! The document against its form: the form's name, levels, periods, scale; and its fiscal year against the plan.

use super::Place;
use crate::finding::{Finding, Severity};
use crate::form::Form;
use crate::plan::Level;
use crate::report::Report;
use crate::scale::{self, Grade};

pub(super) fn check(report: &Report, form: &Form, findings: &mut Vec<Finding>) {
    let mut document = Place::document(findings);
    if report.form != form.code {
        document.error(
            "document.other_form",
            "様式",
            "文書が別の様式を指しています。文書の様式で開き直すか、文書の form を直してください。",
            &format!("文書: {} ／ 使った様式: {}", report.form, form.code),
        );
    }
    for (what, of_document, of_form) in compared(report, form) {
        if of_document != of_form {
            let message = format!(
                "文書の{what}が様式の定義と異なります。文書の内容を使います。意図したものか確かめてください。"
            );
            let evidence = format!("文書: {of_document} ／ 様式: {of_form}");
            document.warning("document.form", what, &message, &evidence);
        }
    }
    for grade in &report.scale {
        if let Some(of_form) = scale::grade(&form.scale, &grade.code)
            && described(grade) != described(of_form)
        {
            document.find(
                Severity::Info,
                "document.grade",
                &format!("評価区分 {}", grade.code),
                "文書の評価区分の名称又は扱いが様式の定義と異なります。文書の内容を使います。",
                &format!("文書: {} ／ 様式: {}", described(grade), described(of_form)),
            );
        }
    }
    if !report.plan.years().any(|year| year == report.fiscal_year) {
        document.error(
            "document.year",
            "年度",
            "報告の年度が計画期間の中にありません。報告の年度か計画期間を直してください。",
            &format!(
                "{}（計画期間 {}～{}）",
                report.fiscal_year.year(),
                report.plan.from_year.year(),
                report.plan.to_year.year()
            ),
        );
    }
}

/// What the document repeats of its form, in one line each: what it is, as the document and as the form has it.
fn compared(report: &Report, form: &Form) -> [(&'static str, String, String); 4] {
    let join = |names: Vec<&str>| names.join("・");
    let levels = form.plan_levels();
    let numbers =
        |levels: &[Level]| levels.iter().map(|level| level.numbering.print(1)).collect::<Vec<_>>().join("・");
    let codes = |scale: &[Grade]| join(scale.iter().map(|grade| grade.code.as_str()).collect());
    [
        (
            "階層",
            join(report.plan.levels.iter().map(|level| level.name.as_str()).collect()),
            join(levels.iter().map(|level| level.name.as_str()).collect()),
        ),
        ("階層の番号", numbers(&report.plan.levels), numbers(&levels)),
        ("期", report.periods.join("・"), form.periods.join("・")),
        ("評価区分", codes(&report.scale), codes(&form.scale)),
    ]
}

/// What a grade is called and how it is treated; its definition may be worded freely.
fn described(grade: &Grade) -> String {
    let mut words = vec![grade.label.as_str(), if grade.counted { "集計する" } else { "集計しない" }];
    if grade.ends_measure {
        words.push("取組を終える");
    }
    if grade.needs_cause {
        words.push("原因と方針を書く");
    }
    words.join("・")
}
