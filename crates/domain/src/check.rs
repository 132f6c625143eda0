//! Checking a report document: what is written twice must agree, and every sheet must follow its form.
//!
//! The rules stand by subject in the files below; `docs/glossary.md` explains their words. A finding never changes the
//! document and never stops the next rule.

mod achievements;
mod frame;
mod list;
mod responses;
mod sheet;
mod tally;
mod tree;

use crate::finding::{Finding, Severity};
use crate::form::Form;
use crate::report::Report;
use crate::sheet::Sheet;

/// Every finding about a document, by page and then in the order of the rules. The import's own findings are not among
/// them: they stand in the document.
pub fn check(report: &Report, form: &Form) -> Vec<Finding> {
    let mut findings = Vec::new();
    frame::check(report, form, &mut findings);
    tree::check(report, &mut findings);
    list::check(report, form, &mut findings);
    tally::check(report, &mut findings);
    achievements::check(report, &mut findings);
    for sheet in &report.sheets {
        responses::check(report, form, sheet, &mut findings);
        sheet::check(report, form, sheet, &mut findings);
    }
    findings.sort_by_key(|finding| finding.page);
    findings
}

/// A place in the document, and what is found there.
struct Place<'f> {
    findings: &'f mut Vec<Finding>,
    page: Option<u32>,
    name: String,
}

impl<'f> Place<'f> {
    /// The document around the sheets.
    fn document(findings: &'f mut Vec<Finding>) -> Self {
        Self { findings, page: None, name: String::new() }
    }

    fn sheet(sheet: &Sheet, findings: &'f mut Vec<Finding>) -> Self {
        Self { findings, page: sheet.page, name: name_of(sheet) }
    }

    /// The report contradicts itself or its form.
    fn error(&mut self, rule: &str, part: &str, message: &str, evidence: &str) {
        self.find(Severity::Error, rule, part, message, evidence);
    }

    /// Worth a look before publishing.
    fn warning(&mut self, rule: &str, part: &str, message: &str, evidence: &str) {
        self.find(Severity::Warning, rule, part, message, evidence);
    }

    fn find(&mut self, severity: Severity, rule: &str, part: &str, message: &str, evidence: &str) {
        self.findings.push(Finding {
            rule: rule.to_owned(),
            severity,
            page: self.page,
            place: format!("{} {part}", self.name).trim().to_owned(),
            message: message.to_owned(),
            evidence: evidence.to_owned(),
        });
    }
}

/// A sheet in the reader's words: reference and title, or where it has none its permanent id.
fn name_of(sheet: &Sheet) -> String {
    match (sheet.path.is_empty(), &sheet.id) {
        (false, _) => format!("{} {}", sheet.reference(), sheet.title()),
        (true, Some(id)) => format!("調書 {id}"),
        (true, None) => "番号のない調書".to_owned(),
    }
}

/// The printed label of a core field, or where the form has none the field's own word for it.
fn label<'f>(form: &'f Form, code: &'f str) -> &'f str {
    match (form.field(code), code) {
        (Some(field), _) => &field.label,
        (None, "lead") => "主担当部署",
        (None, "supporting") => "連携部署",
        (None, "content") => "取組内容",
        (None, "goal") => "取組目標",
        (None, "challenge") => "課題",
        (None, "rating") => "取組結果",
        (None, "narrative") => "取組状況",
        (None, "activities") => "具体的な活動",
        (None, "roadmap") => "年度計画",
        (None, other) => other,
    }
}
