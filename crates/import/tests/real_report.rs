//! A real published report, where its text is at hand: what the importer must read of it.
//!
//! The text and the eight sheets written out in full stand beside the project, not in it; the other 27 sheets were read
//! by hand and are held as digests.

use std::path::PathBuf;

use kaikaku_domain::text::visible_chars;
use kaikaku_domain::{Form, Report, Severity, Sheet};
use kaikaku_import::{Imported, Use, report_text};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file beside the project; says so when it is not there.
fn beside(name: &str) -> Option<String> {
    let path = root().join("../shared/reports").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: {} is not here", path.display());
    }
    text
}

fn form() -> Form {
    Form::from_toml(&std::fs::read_to_string(root().join("forms/iwakuni.toml")).unwrap()).unwrap()
}

fn imported() -> Option<(String, Imported)> {
    let source = beside("iwakuni-r2.txt")?;
    let imported = report_text(&source, &[form()]).unwrap();
    Some((source, imported))
}

/// A sheet's fields by name: several leads and periods count as fields of their own.
fn fields(sheet: &Sheet) -> Vec<(String, Value)> {
    let labels = |labels: Vec<&String>| json!(labels);
    let mut fields = vec![
        ("path".to_owned(), json!(sheet.path)),
        ("lead_departments".to_owned(), json!(sheet.lead_departments)),
        ("supporting_departments".to_owned(), json!(sheet.supporting_departments)),
        ("content".to_owned(), json!(sheet.content)),
        ("goal".to_owned(), json!(sheet.goal)),
        ("challenge".to_owned(), json!(sheet.challenge)),
        ("activity_notes".to_owned(), json!(sheet.activity_notes)),
        ("roadmap_values".to_owned(), json!(sheet.roadmap_values)),
        ("activities".to_owned(), labels(sheet.activities.iter().map(|row| &row.label).collect())),
        ("roadmap".to_owned(), labels(sheet.roadmap.iter().map(|bar| &bar.label).collect())),
    ];
    for answer in &sheet.responses {
        let lead =
            sheet.lead_departments.iter().position(|lead| *lead == answer.department).map_or(0, |at| at + 1);
        let period = if answer.period == "中間" { 1 } else { 2 };
        fields.push((format!("rating {lead}.{period}"), json!(answer.rating)));
        fields.push((format!("narrative {lead}.{period}"), json!(answer.narrative)));
    }
    fields
}

fn digest(value: &Value) -> String {
    let hash = Sha256::digest(value.to_string().as_bytes());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn sheet(report: &Report, page: u32) -> &Sheet {
    report.sheets.iter().find(|sheet| sheet.page == Some(page)).unwrap()
}

#[test]
fn the_report_has_35_sheets_and_74_responses() {
    let Some((_, imported)) = imported() else { return };
    assert_eq!(imported.report.sheets.len(), 35);
    assert_eq!(imported.report.sheets.iter().map(|sheet| sheet.responses.len()).sum::<usize>(), 74);
    assert_eq!(imported.report.index.len(), 37);
    assert_eq!(imported.report.achievements.len(), 10);
}

#[test]
fn eight_sheets_come_out_field_for_field_as_written_out() {
    let (Some((_, imported)), Some(expected)) = (imported(), beside("iwakuni-r2.expected.json")) else {
        return;
    };
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let report: Value = serde_json::to_value(&imported.report).unwrap();
    for member in ["title", "principle", "from_year", "to_year"] {
        assert_eq!(report["plan"][member], expected["plan"][member]);
    }
    assert_eq!(report["fiscal_year"], expected["fiscal_year"]);
    assert_eq!(report["periods"], expected["periods"]);
    for (grade, expected) in
        report["scale"].as_array().unwrap().iter().zip(expected["scale"].as_array().unwrap())
    {
        for member in ["code", "label", "definition"] {
            assert_eq!(grade[member], expected[member]);
        }
    }
    assert_eq!(report["tally"], expected["tally"]);
    // The document holds percentages as printed; the written-out ones are numbers.
    for (code, percent) in expected["percent"].as_object().unwrap() {
        assert_eq!(report["percent"][code], format!("{:.1}", percent.as_f64().unwrap()));
    }
    let sheets = expected["sheets"].as_array().unwrap();
    assert_eq!(sheets.len(), 8);
    for expected in sheets {
        let page = u32::try_from(expected["page"].as_u64().unwrap()).unwrap();
        let read = serde_json::to_value(sheet(&imported.report, page)).unwrap();
        for (member, value) in expected.as_object().unwrap() {
            assert_eq!(read[member], *value, "page {page}, {member}");
        }
    }
}

#[test]
fn at_least_98_percent_of_the_other_sheets_fields_agree_with_a_hand_read_truth() {
    let Some((_, imported)) = imported() else { return };
    let truth: Vec<Vec<&str>> = include_str!("real_report.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .collect();
    let mut wrong: Vec<String> = Vec::new();
    for row in &truth {
        let fields = fields(sheet(&imported.report, row[0].parse().unwrap()));
        let read = fields.iter().find(|(name, _)| name == row[1]).map(|(_, value)| digest(value));
        if read.as_deref() != Some(row[2]) {
            wrong.push(format!("page {} {}", row[0], row[1]));
        }
    }
    assert!(wrong.iter().all(|field| !field.contains("rating")), "{wrong:?}");
    assert!(wrong.len() * 100 <= truth.len() * 2, "{} of {}: {wrong:?}", wrong.len(), truth.len());
}

#[test]
fn not_a_character_of_the_report_is_lost() {
    let Some((source, imported)) = imported() else { return };
    let claimed: usize =
        imported.claims.iter().map(|claim| visible_chars(&source[claim.range.clone()])).sum();
    let unassigned: usize = imported.report.unassigned.iter().map(|piece| visible_chars(&piece.text)).sum();
    assert_eq!(claimed + unassigned, visible_chars(&source));
    // And what was claimed as a text is in the document's texts of that kind, character for character.
    let of_kind = |kind: &str| -> usize {
        let is = |what: Use| {
            what == Use::Field(match kind {
                "goal" => "goal",
                "challenge" => "challenge",
                "narrative" => "narrative",
                "content" => "content",
                "activities" => "activities",
                "roadmap" => "roadmap",
                _ => "activity_notes",
            })
        };
        imported
            .claims
            .iter()
            .filter(|claim| is(claim.what))
            .map(|claim| visible_chars(&source[claim.range.clone()]))
            .sum()
    };
    let sheets = &imported.report.sheets;
    let count = |texts: Vec<&str>| texts.into_iter().map(visible_chars).sum::<usize>();
    assert_eq!(of_kind("goal"), count(sheets.iter().filter_map(|sheet| sheet.goal.as_deref()).collect()));
    assert_eq!(
        of_kind("challenge"),
        count(sheets.iter().filter_map(|sheet| sheet.challenge.as_deref()).collect())
    );
    let narratives =
        sheets.iter().flat_map(|sheet| &sheet.responses).filter_map(|answer| answer.narrative.as_deref());
    assert_eq!(of_kind("narrative"), count(narratives.collect()));
    let bullets = sheets.iter().flat_map(|sheet| &sheet.content).flat_map(|content| &content.bullets);
    assert_eq!(of_kind("content"), count(bullets.map(String::as_str).collect()));
    assert_eq!(
        of_kind("activities"),
        count(sheets.iter().flat_map(|sheet| &sheet.activities).map(|row| row.label.as_str()).collect())
    );
    assert_eq!(
        of_kind("roadmap"),
        count(sheets.iter().flat_map(|sheet| &sheet.roadmap).map(|bar| bar.label.as_str()).collect())
    );
    assert_eq!(
        of_kind("notes"),
        count(sheets.iter().flat_map(|sheet| &sheet.activity_notes).map(String::as_str).collect())
    );
}

#[test]
fn what_list_and_sheets_say_differently_is_found_and_no_printed_total_is_called_wrong() {
    let Some((_, imported)) = imported() else { return };
    let of_rule = |rule: &str| {
        let found = imported.report.findings.iter().filter(|finding| finding.rule == rule);
        found.filter_map(|finding| finding.page).collect::<Vec<u32>>()
    };
    let differing = of_rule("index.supporting");
    assert!([5, 6, 7, 17, 19].iter().all(|page| differing.contains(page)), "{differing:?}");
    let totals = imported.report.findings.iter().filter(|finding| finding.rule.starts_with("tally"));
    assert_eq!(totals.count(), 0);
    let errors = imported.report.findings.iter().filter(|finding| finding.severity == Severity::Error);
    assert!(
        errors.clone().all(|finding| finding.rule == "index.supporting"),
        "{:?}",
        errors.collect::<Vec<_>>()
    );
    // One highlight has its measure's name run into it.
    assert_eq!(
        imported.report.findings.iter().filter(|finding| finding.rule == "achievement.title").count(),
        1
    );
}

#[test]
fn what_the_text_does_not_tell_is_null_with_a_finding() {
    let Some((_, imported)) = imported() else { return };
    let report = &imported.report;
    assert!(report.municipality.is_none() && report.sheets.iter().all(|sheet| sheet.id.is_none()));
    assert!(report.sheets.iter().flat_map(|sheet| &sheet.activities).all(|row| row.bars.is_none()));
    assert_eq!(report.findings.iter().filter(|finding| finding.rule == "chart.bars").count(), 35);
    // A lead's line whose supporting departments stand too far off to be told.
    assert!(report.index.iter().any(|entry| entry.page == Some(14) && entry.supporting.is_none()));
}

#[test]
fn the_document_reads_back_as_itself() {
    let Some((_, imported)) = imported() else { return };
    assert_eq!(Report::from_json(&imported.report.to_json()).unwrap(), imported.report);
}
