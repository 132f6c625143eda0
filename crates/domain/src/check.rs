//! Checking a report document: what is written twice must agree, and every sheet must follow its form.

use crate::field::FieldValue;
use crate::finding::{Finding, Severity};
use crate::form::{FieldKind, Form};
use crate::report::Report;
use crate::scale;
use crate::sheet::Sheet;
use crate::tally::{self, Tally};
use crate::text::{fold, reads_same};

/// Every finding about a document, by page and then in the order of the rules. The import's own findings are not among
/// them: they stand in the document.
pub fn check(report: &Report, form: &Form) -> Vec<Finding> {
    let mut findings = Vec::new();
    check_frame(report, form, &mut findings);
    check_list(report, form, &mut findings);
    check_tally(report, &mut findings);
    check_achievements(report, &mut findings);
    for sheet in &report.sheets {
        check_sheet(report, form, sheet, &mut findings);
    }
    findings.sort_by_key(|finding| finding.page);
    findings
}

/// The document against its form: levels, periods, scale.
fn check_frame(report: &Report, form: &Form, findings: &mut Vec<Finding>) {
    let mut differ = |what: &str, document: String, form: String| {
        if document != form {
            findings.push(Finding {
                rule: "document.form".to_owned(),
                severity: Severity::Warning,
                page: None,
                place: what.to_owned(),
                message: format!("文書の{what}が様式の定義と異なります。文書の内容を使います。"),
                evidence: format!("文書: {document} ／ 様式: {form}"),
            });
        }
    };
    let join = |names: Vec<&str>| names.join("・");
    differ(
        "階層",
        join(report.plan.levels.iter().map(|level| level.name.as_str()).collect()),
        join(form.levels.iter().map(|level| level.name.as_str()).collect()),
    );
    differ(
        "期",
        join(report.periods.iter().map(String::as_str).collect()),
        join(form.periods.iter().map(String::as_str).collect()),
    );
    differ(
        "評価区分",
        join(report.scale.iter().map(|grade| grade.code.as_str()).collect()),
        join(form.scale.iter().map(|grade| grade.code.as_str()).collect()),
    );
    if report.plan.to_year < report.plan.from_year
        || !report.plan.years().any(|year| year == report.fiscal_year)
    {
        findings.push(Finding {
            rule: "document.year".to_owned(),
            severity: Severity::Error,
            page: None,
            place: "年度".to_owned(),
            message: "報告の年度が計画期間の中にありません。".to_owned(),
            evidence: format!(
                "{}（計画期間 {}～{}）",
                report.fiscal_year.year(),
                report.plan.from_year.year(),
                report.plan.to_year.year()
            ),
        });
    }
}

/// The printed list against the sheets: leads, supporting departments, ratings, pages.
fn check_list(report: &Report, form: &Form, findings: &mut Vec<Finding>) {
    if report.index.is_empty() {
        return;
    }
    let period = report.result_period().unwrap_or_default();
    let supporting = label(form, "supporting");
    for sheet in &report.sheets {
        let mut find = |rule: &str, severity: Severity, field: &str, message: String, evidence: String| {
            findings.push(Finding {
                rule: rule.to_owned(),
                severity,
                page: sheet.page,
                place: format!("{} {}", place(sheet), field),
                message,
                evidence,
            });
        };
        let entries: Vec<_> = report.index.iter().filter(|entry| entry.page == sheet.page).collect();
        for entry in &entries {
            if !sheet.lead_departments.iter().any(|lead| reads_same(lead, &entry.department)) {
                find(
                    "index.lead",
                    Severity::Error,
                    label(form, "lead"),
                    format!("一覧の{}が調書と異なります。", label(form, "lead")),
                    format!("一覧: {} ／ 調書: {}", entry.department, sheet.lead_departments.join("・")),
                );
            }
            let answer = sheet.response(&entry.department, period);
            let rating = answer.and_then(|answer| answer.rating.as_deref());
            if let (Some(listed), Some(rated)) = (entry.current.as_deref(), rating)
                && listed != rated
            {
                find(
                    "index.rating",
                    Severity::Error,
                    label(form, "rating"),
                    format!("一覧の{period}の評価が調書と異なります（{}）。", entry.department),
                    format!("一覧: {listed} ／ 調書: {rated}"),
                );
            }
        }
        if let Some(lead) = sheet
            .lead_departments
            .iter()
            .find(|lead| !entries.iter().any(|entry| reads_same(&entry.department, lead)))
        {
            find(
                "index.missing",
                Severity::Error,
                label(form, "lead"),
                "調書の回答が一覧にありません。一覧のページ又は部署名を確かめてください。".to_owned(),
                lead.clone(),
            );
        }
        if let Some(listed) = entries.iter().find_map(|entry| entry.supporting.as_ref()) {
            let missing = without(&sheet.supporting_departments, listed);
            let extra = without(listed, &sheet.supporting_departments);
            if !missing.is_empty() || !extra.is_empty() {
                let mut parts = Vec::new();
                if !missing.is_empty() {
                    parts.push(format!("調書だけにある: {}", missing.join("・")));
                }
                if !extra.is_empty() {
                    parts.push(format!("一覧だけにある: {}", extra.join("・")));
                }
                find(
                    "index.supporting",
                    Severity::Error,
                    supporting,
                    format!("{supporting}が一覧と調書で異なります。どちらが正しいか確かめてください。"),
                    parts.join(" ／ "),
                );
            }
        }
    }
    for entry in &report.index {
        if entry.page.is_some() && !report.sheets.iter().any(|sheet| sheet.page == entry.page) {
            findings.push(Finding {
                rule: "index.page".to_owned(),
                severity: Severity::Error,
                page: entry.page,
                place: format!("一覧 {}", entry.department),
                message: "一覧が示すページに調書がありません。".to_owned(),
                evidence: entry.page.map(|page| page.to_string()).unwrap_or_default(),
            });
        }
    }
}

fn without<'n>(names: &'n [String], others: &[String]) -> Vec<&'n str> {
    names
        .iter()
        .filter(|name| !others.iter().any(|other| reads_same(other, name)))
        .map(String::as_str)
        .collect()
}

/// The printed tally and percentages against the counted ones.
fn check_tally(report: &Report, findings: &mut Vec<Finding>) {
    let counted = Tally::of_year(report);
    for (code, printed) in &report.tally {
        let count = counted.counts.get(code).copied().unwrap_or_default();
        if *printed != count {
            findings.push(Finding {
                rule: "tally.count".to_owned(),
                severity: Severity::Error,
                page: None,
                place: format!("集計 {code}"),
                message: "集計の件数が調書の評価を数えた件数と異なります。".to_owned(),
                evidence: format!("集計: {printed} ／ 数えた件数: {count}"),
            });
        }
    }
    let total: u32 = report.tally.values().sum();
    for (code, printed) in &report.percent {
        let Some(reckoned) = report.tally.get(code).and_then(|count| tally::percent(*count, total)) else {
            continue;
        };
        if *printed != reckoned {
            findings.push(Finding {
                rule: "tally.percent".to_owned(),
                severity: Severity::Error,
                page: None,
                place: format!("集計 {code}"),
                message: "割合が件数から計算した値と異なります（四捨五入、小数第1位）。".to_owned(),
                evidence: format!("集計: {printed}% ／ 計算: {reckoned}%"),
            });
        }
    }
}

/// Every achievement must name a measure of this report, and its text must not have the measure's name run into it.
fn check_achievements(report: &Report, findings: &mut Vec<Finding>) {
    for achievement in &report.achievements {
        let mut find = |rule: &str, severity: Severity, message: &str, evidence: String| {
            findings.push(Finding {
                rule: rule.to_owned(),
                severity,
                page: None,
                place: format!("成果【{}】", achievement.category),
                message: message.to_owned(),
                evidence,
            });
        };
        let measure = achievement
            .reference
            .as_deref()
            .and_then(|reference| report.sheets.iter().find(|sheet| sheet.reference() == reference));
        match (&achievement.reference, measure) {
            (None, _) => find(
                "achievement.reference",
                Severity::Warning,
                "成果に取組の番号がありません。",
                achievement.text.clone(),
            ),
            (Some(reference), None) => find(
                "achievement.reference",
                Severity::Error,
                "成果が指す取組がこの報告にありません。番号を確かめてください。",
                format!("{reference}: {}", achievement.text),
            ),
            (Some(_), Some(sheet)) => {
                let (text, title) = (fold(&achievement.text), fold(sheet.title()));
                if text.len() > title.len() && text.ends_with(&title) {
                    find(
                        "achievement.title",
                        Severity::Warning,
                        "成果の文の終わりに取組の名称が入り込んでいるようです。",
                        achievement.text.clone(),
                    );
                }
            }
        }
    }
}

/// One sheet against its form.
fn check_sheet(report: &Report, form: &Form, sheet: &Sheet, findings: &mut Vec<Finding>) {
    let mut find = |rule: &str, severity: Severity, field: &str, message: String, evidence: String| {
        findings.push(Finding {
            rule: rule.to_owned(),
            severity,
            page: sheet.page,
            place: format!("{} {field}", place(sheet)),
            message,
            evidence,
        });
    };
    for answer in &sheet.responses {
        let field = format!("{}（{}・{}）", label(form, "rating"), answer.department, answer.period);
        if let Some(code) = &answer.rating
            && scale::grade(&report.scale, code).is_none()
        {
            find(
                "rating.scale",
                Severity::Error,
                &field,
                "評価区分にない評価です。".to_owned(),
                code.clone(),
            );
        }
        if !report.periods.contains(&answer.period) {
            find(
                "response.period",
                Severity::Error,
                &field,
                "この報告にない期です。".to_owned(),
                answer.period.clone(),
            );
        }
        if !sheet.lead_departments.contains(&answer.department) {
            let message = format!("{}でない部署の回答です。", label(form, "lead"));
            find("response.department", Severity::Error, &field, message, answer.department.clone());
        }
    }
    for activity in &sheet.activities {
        for bar in activity.bars.iter().flatten().filter(|bar| bar.to_month < bar.from_month) {
            let months =
                format!("{}: {}月～{}月", activity.label, bar.from_month.number(), bar.to_month.number());
            let message = "終わりの月が始まりの月より前です（4月から翌年3月の順）。".to_owned();
            find("activity.months", Severity::Error, label(form, "activities"), message, months);
        }
    }
    for bar in sheet.roadmap.iter().filter(|bar| bar.from_year.zip(bar.to_year).is_some_and(|(a, b)| b < a)) {
        let message = "終わりの年度が始まりの年度より前です。".to_owned();
        find("roadmap.years", Severity::Error, label(form, "roadmap"), message, bar.label.clone());
    }
    for (code, value) in &sheet.fields {
        match form.field(code).filter(|field| !field.is_core()) {
            None => find(
                "field.unknown",
                Severity::Error,
                code,
                "様式にない欄です。".to_owned(),
                value.to_string(),
            ),
            Some(field) => match FieldValue::read(field, value) {
                Err(message) => {
                    find("field.value", Severity::Error, &field.label, message, value.to_string())
                }
                Ok(FieldValue::Text(code))
                    if field.kind == FieldKind::Rating && scale::grade(&report.scale, &code).is_none() =>
                {
                    find(
                        "rating.scale",
                        Severity::Error,
                        &field.label,
                        "評価区分にない評価です。".to_owned(),
                        code,
                    );
                }
                Ok(_) => {}
            },
        }
    }
}

/// A sheet in the reader's words: reference and title.
fn place(sheet: &Sheet) -> String {
    format!("{} {}", sheet.reference(), sheet.title())
}

/// The printed label of a core field, or its code where the form has none.
fn label<'f>(form: &'f Form, code: &'f str) -> &'f str {
    form.field(code).map_or(code, |field| field.label.as_str())
}
