//! What a check finds, shown by changing one thing in a report in which there is nothing to find.

#![expect(clippy::unwrap_used, reason = "a test whose example cannot be read has failed")]

mod document;
mod list;
mod sheet;

use kaikaku_domain::Severity;
pub(crate) use kaikaku_domain::check::check as findings_of;
use kaikaku_domain::form::Form;
use kaikaku_domain::report::Report;
use kaikaku_domain::sheet::Sheet;

pub(crate) const FORM: &str = include_str!("../../../../examples/second-form/form.toml");
const REPORT: &str = include_str!("../../../../examples/second-form/2024.json");

pub(crate) fn form() -> Form {
    Form::from_toml(FORM).unwrap()
}

pub(crate) fn report() -> Report {
    Report::from_json(REPORT).unwrap()
}

/// Changes the report and compares what is found with what is expected, a line each: `error mark.unknown 5`.
pub(crate) fn check<R>(change: impl FnOnce(&mut Report) -> R, expect: &[&str]) {
    let mut report = report();
    change(&mut report);
    let findings = findings_of(&report, &form());
    let found: Vec<String> = findings
        .iter()
        .map(|finding| {
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
            };
            let page = finding.page.map_or("-".to_owned(), |page| page.to_string());
            format!("{severity} {} {page}", finding.rule)
        })
        .collect();
    assert_eq!(found, expect, "{findings:#?}");
    for finding in &findings {
        assert!(!finding.place.is_empty(), "{finding:?}");
        assert!(finding.message.ends_with('。'), "no sentence: {}", finding.message);
    }
}

/// The sheet that is printed on the page.
pub(crate) fn on(report: &mut Report, page: u32) -> &mut Sheet {
    report.sheets.iter_mut().find(|sheet| sheet.page == Some(page)).unwrap()
}

pub(crate) fn without_pages(report: &mut Report) {
    report.sheets.iter_mut().for_each(|sheet| sheet.page = None);
    report.index.iter_mut().for_each(|line| line.page = None);
}

#[test]
fn in_the_example_there_is_nothing_to_find() {
    check(|_| {}, &[]);
}
