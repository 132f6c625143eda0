//! The example town and the second form's report: what they promise to be.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeSet;

use common::{form, report};
use kaikaku_domain::tally::Tally;
use kaikaku_domain::{Date, Form, Report};

fn town() -> [Report; 3] {
    ["2023", "2024", "2025"].map(|year| report(&format!("examples/shiomi/{year}.json")))
}

#[test]
fn every_page_that_a_document_names_is_the_one_its_sheet_is_printed_on() {
    let mut documents: Vec<(Report, Form)> = town().map(|report| (report, form("forms/iwakuni.toml"))).into();
    documents.push((report("examples/second-form/2024.json"), form("examples/second-form/form.toml")));
    for (report, form) in documents {
        let date = Date::first_of_fiscal_year(report.fiscal_year.next());
        let pdf = kaikaku_publish::pdf::pdf(&report, &form, date).unwrap();
        let named: Vec<u32> = report.sheets.iter().filter_map(|sheet| sheet.page).collect();
        assert_eq!(named, pdf.pages, "{} {}", report.plan.title, report.fiscal_year.year());
    }
}

#[test]
fn the_town_shows_what_real_towns_show() {
    let [first, second, third] = town();
    assert!(third.sheets.len() >= 24);
    let goals: BTreeSet<&str> = third.sheets.iter().map(|sheet| sheet.path[0].number.as_str()).collect();
    assert_eq!(goals.len(), 4);
    assert_eq!(third.sheets.iter().filter(|sheet| sheet.has_several_leads()).count(), 2);
    let tally = Tally::of_year(&third);
    assert!(tally.counts.values().all(|count| *count > 0), "every grade is used: {tally:?}");
    let ids = |report: &Report| {
        report.sheets.iter().filter_map(|sheet| sheet.id.clone()).collect::<BTreeSet<String>>()
    };
    assert!(
        !ids(&second).is_subset(&ids(&first)) && !ids(&third).is_subset(&ids(&second)),
        "measures are added"
    );
    assert!(!ids(&second).is_subset(&ids(&third)), "measures end");
    let long =
        third.sheets.iter().flat_map(|sheet| &sheet.responses).filter_map(|answer| answer.narrative.as_ref());
    assert!(long.filter(|text| text.chars().count() > 800).count() >= 3, "some texts are very long");
    let bars =
        || third.sheets.iter().flat_map(|sheet| &sheet.activities).flat_map(|row| row.bars.iter().flatten());
    assert!(bars().any(|bar| bar.from_month == bar.to_month && bar.text.is_some()), "milestones");
    assert!(bars().any(|bar| bar.from_month != bar.to_month && bar.text.is_some()), "text in bars");
    for code in ["C", "D"] {
        assert!(third.results().any(|(_, answer)| answer.rating.as_deref() == Some(code)));
    }
}

#[test]
fn a_measures_rating_of_last_year_is_the_one_its_sheet_had_then() {
    let years = town();
    for pair in years.windows(2) {
        for sheet in &pair[1].sheets {
            let before = pair[0].sheets.iter().find(|old| old.id == sheet.id);
            for (i, lead) in sheet.lead_departments.iter().enumerate() {
                let listed = pair[1].index_entry(sheet, lead).unwrap().previous.clone();
                // A department may have another name this year; its place among the leads is the same.
                let rated = before.and_then(|old| {
                    let period = pair[0].result_period()?;
                    old.response(old.lead_departments.get(i)?, period)?.rating.clone()
                });
                assert_eq!(listed, rated, "{:?} {}", sheet.id, sheet.title());
            }
        }
    }
}

#[test]
fn no_sentence_of_the_newest_year_stands_twice() {
    let [.., newest] = town();
    let mut seen = BTreeSet::new();
    for sheet in &newest.sheets {
        let narratives = sheet.responses.iter().filter_map(|answer| answer.narrative.as_deref());
        for text in narratives.chain(sheet.goal.as_deref()).chain(sheet.challenge.as_deref()) {
            for sentence in text.split(['。', '\n']).filter(|sentence| sentence.chars().count() > 12) {
                assert!(seen.insert(sentence.to_owned()), "{}: {sentence}", sheet.title());
            }
        }
    }
}
