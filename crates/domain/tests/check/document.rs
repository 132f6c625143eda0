//! The document around the sheets: its form, the plan's tree, the tally, the achievements.

use kaikaku_domain::FiscalYear;
use kaikaku_domain::plan::Node;
use kaikaku_domain::scale::Grade;
use kaikaku_domain::sheet::Content;
use kaikaku_domain::tally::Change;

use super::{check, on, report, without_pages};
use kaikaku_domain::Report;

#[test]
fn a_document_of_another_form_is_found() {
    check(|report| report.form = "first".to_owned(), &["error document.other_form -"]);
}

#[test]
fn another_numbering_of_a_level_is_found() {
    check(
        |report| report.plan.levels[0].numbering = "1".to_owned().try_into().unwrap(),
        &[["warning document.form -"].as_slice(), &PATH_NUMBERS].concat(),
    );
}

const PATH_NUMBERS: [&str; 8] = [
    "error path.number 5",
    "error path.number 6",
    "error path.number 7",
    "error path.number 8",
    "error path.number 9",
    "error path.number 10",
    "error path.number 11",
    "error path.number 12",
];

#[test]
fn a_grade_called_or_treated_otherwise_than_in_the_form_is_worth_knowing() {
    check(|report| report.scale[0].label = "抜群".to_owned(), &["info document.grade -"]);
    check(|report| report.scale[0].needs_cause = true, &["info document.grade -"]);
    check(|report| report.scale[0].definition = "別の言い方".to_owned(), &[]);
}

#[test]
fn a_year_outside_the_plan_is_found() {
    check(|report| report.fiscal_year = FiscalYear::new(2030).unwrap(), &["error document.year -"]);
    check(|report| report.plan.to_year = FiscalYear::new(2020).unwrap(), &["error document.year -"]);
}

#[test]
fn a_path_goes_down_the_levels_from_the_root() {
    let expect = ["error path.level 5"];
    check(|report| on(report, 12).path.swap(0, 1), &["error path.level 12"]);
    check(|report| on(report, 5).path[1].level = "細目".to_owned(), &[expect[0], "error content.level 5"]);
    check(
        |report| {
            let again = Node { number: "9.".to_owned(), ..on(report, 5).path[1].clone() };
            on(report, 5).path.push(again);
            report.achievements.remove(0);
        },
        &expect,
    );
}

#[test]
fn a_path_without_nodes_or_root_is_found() {
    let expect = ["error path.level 12", "error content.level 12"];
    check(|report| on(report, 12).path.clear(), &expect);
    check(|report| on(report, 12).path.remove(0), &expect[..1]);
}

#[test]
fn a_number_is_written_as_its_level_is_numbered() {
    check(|report| on(report, 6).path[1].number = "(2)".to_owned(), &["error path.number 6"]);
    check(|report| on(report, 6).path[1].number = "２．".to_owned(), &[]);
}

#[test]
fn content_of_a_level_that_the_path_lacks_is_found() {
    check(
        |report| {
            let content = Content { level: "細目".to_owned(), bullets: vec!["甲".to_owned()] };
            on(report, 6).content.push(content);
        },
        &["error content.level 6"],
    );
}

#[test]
fn every_measure_is_there_once() {
    check(|report| on(report, 6).id = Some("b-01".to_owned()), &["error sheet.id 6"]);
    check(|report| on(report, 6).path[1].number = "１．".to_owned(), &["error sheet.reference 6"]);
    check(|report| report.sheets.iter_mut().for_each(|sheet| sheet.id = None), &[]);
}

#[test]
fn a_printed_number_agrees_with_the_counted_one() {
    check(
        |report| report.tally.insert("S".to_owned(), 2),
        &[
            "error tally.count -",
            "error tally.percent -",
            "error tally.percent -",
            "error tally.percent -",
            "error tally.percent -",
        ],
    );
    check(|report| report.percent.insert("S".to_owned(), "11.2".to_owned()), &["error tally.percent -"]);
}

#[test]
fn a_printed_grade_outside_the_scale_is_found_and_not_reckoned_with() {
    check(|report| report.tally.insert("Z".to_owned(), 3), &["error tally.scale -"]);
    check(|report| report.percent.insert("Z".to_owned(), "3.0".to_owned()), &["error tally.scale -"]);
}

#[test]
fn a_counted_grade_is_not_missing_in_a_printed_tally() {
    check(
        |report| {
            report.tally.shift_remove("C");
            report.percent.clear();
        },
        &["error tally.missing -"],
    );
    check(
        |report| {
            let unused = Grade { code: "D".to_owned(), ..report.scale[3].clone() };
            report.scale.push(unused);
        },
        &["warning document.form -", "warning tally.missing -"],
    );
    check(
        |report| {
            report.tally.clear();
            report.percent.clear();
        },
        &[],
    );
}

#[test]
fn a_grade_that_does_not_count_may_be_printed_beside_the_denominator() {
    check(|report| report.tally.insert("－".to_owned(), 1), &[]);
    check(|report| report.tally.insert("－".to_owned(), 2), &["error tally.count -"]);
}

#[test]
fn a_grade_that_does_not_count_is_compared_with_no_other() {
    let change = |change: &dyn Fn(&mut Report)| {
        let mut report = report();
        change(&mut report);
        let change = Change::of_year(&report);
        [change.up, change.same, change.down, change.incomparable]
    };
    // One measure is new, one is 対象外 this year.
    assert_eq!(change(&|_| {}), [3, 3, 2, 2]);
    assert_eq!(change(&|report| report.index[0].previous = Some("－".to_owned())), [2, 3, 2, 3]);
    assert_eq!(change(&without_pages), [3, 3, 2, 2]);
}

#[test]
fn an_achievement_names_a_measure_of_the_report() {
    check(|report| report.achievements[0].reference = None, &["warning achievement.reference -"]);
    check(
        |report| report.achievements[0].reference = Some("Ⅰ-9.".to_owned()),
        &["error achievement.reference -"],
    );
    check(
        |report| report.achievements[0].text.push_str("未利用地の売却及び 貸付け"),
        &["warning achievement.title -"],
    );
}
