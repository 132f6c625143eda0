//! The printed tally and percentages against the counted ones.

use super::Place;
use crate::finding::{Finding, Severity};
use crate::report::Report;
use crate::scale::{self, Grade};
use crate::tally::{self, Tally};

pub(super) fn check(report: &Report, findings: &mut Vec<Finding>) {
    let mut document = Place::document(findings);
    let counted = Tally::of_year(report);
    let printed_codes =
        report.tally.keys().chain(report.percent.keys().filter(|code| !report.tally.contains_key(*code)));
    for code in printed_codes.filter(|code| scale::grade(&report.scale, code).is_none()) {
        document.error(
            "tally.scale",
            &format!("集計 {code}"),
            "集計に評価区分にない評価があります。集計から除くか、評価区分に加えてください。",
            code,
        );
    }
    for grade in &report.scale {
        let found = count_of(report, &counted, grade);
        match report.tally.get(&grade.code) {
            Some(printed) if *printed != found => document.error(
                "tally.count",
                &format!("集計 {}", grade.code),
                "集計の件数が調書の評価を数えた件数と異なります。集計か調書の評価を直してください。",
                &format!("集計: {printed} ／ 数えた件数: {found}"),
            ),
            None if grade.counted && !report.tally.is_empty() => document.find(
                if found > 0 { Severity::Error } else { Severity::Warning },
                "tally.missing",
                &format!("集計 {}", grade.code),
                "集計にこの評価の件数がありません。0件でも件数を書き加えてください。",
                &format!("数えた件数: {found}"),
            ),
            _ => {}
        }
    }
    check_percent(report, &mut document);
}

/// Percentages are reckoned from the printed numbers, so that one slip is one finding.
fn check_percent(report: &Report, document: &mut Place) {
    let is_counted = |code: &str| scale::grade(&report.scale, code).is_some_and(|grade| grade.counted);
    // The denominator leaves out what does not count, also where the list prints its number.
    let total: u32 = report.tally.iter().filter(|(code, _)| is_counted(code)).map(|(_, count)| count).sum();
    for (code, printed) in report.percent.iter().filter(|(code, _)| is_counted(code)) {
        let reckoned = report.tally.get(code).and_then(|count| tally::percent(*count, total));
        if let Some(reckoned) = reckoned.filter(|reckoned| reckoned != printed) {
            document.error(
                "tally.percent",
                &format!("集計 {code}"),
                "割合が件数から計算した値と異なります（四捨五入、小数第1位）。割合か件数を直してください。",
                &format!("集計: {printed}% ／ 計算: {reckoned}%"),
            );
        }
    }
}

/// How many responses of the year have the grade, also one that is outside the denominator.
fn count_of(report: &Report, counted: &Tally, grade: &Grade) -> u32 {
    counted.counts.get(&grade.code).copied().unwrap_or_else(|| {
        let has_grade = |rating: &Option<String>| rating.as_deref() == Some(grade.code.as_str());
        report.results().filter(|(_, answer)| has_grade(&answer.rating)).map(|_| 1).sum()
    })
}
