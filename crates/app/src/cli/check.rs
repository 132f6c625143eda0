//! `kaikaku check IN`: every finding about a report, for a person or as JSON.

use std::process::ExitCode;

use kaikaku_domain::{Finding, Severity, check};

use super::{CheckArguments, CommandError, FINDINGS};
use crate::input;

pub(super) fn run(arguments: &CheckArguments) -> Result<ExitCode, CommandError> {
    let loaded = input::load(&arguments.input.input, &arguments.input.forms)?;
    let mut findings = loaded.report.findings.clone();
    // A document carries what its import found; what the checks find now is added once.
    for finding in check::check(&loaded.report, &loaded.form) {
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings.sort_by_key(|finding| finding.page);
    let text = if arguments.json { json(&findings) } else { list(&findings, arguments.all) };
    super::print(&text)?;
    let is_wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if is_wrong { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
}

fn json(findings: &[Finding]) -> String {
    let mut text = serde_json::to_string_pretty(findings).unwrap_or_default();
    text.push('\n');
    text
}

/// Errors and warnings one by one; what is only worth knowing by rule, unless all are asked for.
fn list(findings: &[Finding], all: bool) -> String {
    let mut text = String::new();
    let (told, known): (Vec<&Finding>, Vec<&Finding>) =
        findings.iter().partition(|finding| all || finding.severity > Severity::Info);
    for finding in &told {
        text.push_str(&line(finding));
        text.push('\n');
    }
    let mut rules: Vec<&str> = Vec::new();
    for finding in &known {
        if rules.contains(&finding.rule.as_str()) {
            continue;
        }
        rules.push(&finding.rule);
        let count = known.iter().filter(|other| other.rule == finding.rule).count();
        text.push_str(&format!("参考　{}（{count}件）[{}]\n", finding.message, finding.rule));
    }
    let count = |severity: Severity| findings.iter().filter(|finding| finding.severity == severity).count();
    text.push_str(&format!(
        "エラー {}件、注意 {}件、参考 {}件\n",
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Info)
    ));
    text
}

/// One finding on two lines: where and what, then the evidence.
pub(super) fn line(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "エラー",
        Severity::Warning => "注意",
        Severity::Info => "参考",
    };
    let page = finding.page.map(|page| format!("{page}ページ　")).unwrap_or_default();
    let evidence = match finding.evidence.as_str() {
        "" => String::new(),
        evidence => format!("\n　　　{evidence}"),
    };
    format!("{severity}　{page}{}: {} [{}]{evidence}", finding.place, finding.message, finding.rule)
}
