//! The printed list and the sheets, with pages and without.

use kaikaku_domain::Report;

use super::{check, findings_of, form, on, report, without_pages};

#[test]
fn a_grade_in_the_list_is_of_the_scale() {
    check(
        |report| report.index[0].current = Some("Z".to_owned()),
        &["error index.scale 5", "error index.rating 5"],
    );
    check(|report| report.index[0].previous = Some("Z".to_owned()), &["warning index.previous 5"]);
}

#[test]
fn the_list_and_the_sheets_tell_the_same() {
    check(|report| report.index[0].current = Some("B".to_owned()), &["error index.rating 5"]);
    check(|report| report.index[0].supporting = Some(Vec::new()), &["error index.supporting 5"]);
    check(|report| report.index.remove(0), &["error index.missing 5"]);
    check(
        |report| report.index[0].department = "税務課".to_owned(),
        &["error index.lead 5", "error index.missing 5"],
    );
    check(|report| report.index[0].page = Some(99), &["error index.missing 5", "error index.page 99"]);
    check(|report| report.index[2].department = "保険 年金課".to_owned(), &[]);
}

#[test]
fn without_pages_the_list_is_compared_in_plan_order() {
    check(without_pages, &[]);
    check(
        |report| {
            without_pages(report);
            report.index[0].current = Some("C".to_owned());
        },
        &["error index.rating -"],
    );
    check(|report| report.sheets.iter_mut().for_each(|sheet| sheet.page = None), &[]);
    check(|report| report.index.iter_mut().for_each(|line| line.page = None), &[]);
}

#[test]
fn without_pages_a_line_that_is_not_there_is_missed_where_that_is_certain() {
    check(
        |report| {
            without_pages(report);
            report.index.remove(1);
        },
        &["error index.missing -"],
    );
}

#[test]
fn without_pages_what_may_be_of_several_sheets_is_said_once_and_not_compared() {
    check(
        |report| {
            without_pages(report);
            report.index[8].department = "市民課".to_owned();
            report.index[8].current = Some("C".to_owned());
        },
        &["warning index.unmatched -"],
    );
    check(
        |report| {
            without_pages(report);
            report.index.reverse();
            report.index.truncate(2);
            report.index[0].department = "広報課".to_owned();
            report.index[1].department = "広報課".to_owned();
        },
        &["warning index.unmatched -"],
    );
}

#[test]
fn a_line_is_found_by_page_and_without_pages_by_order() {
    for change in [|_: &mut Report| {}, without_pages] {
        let mut report = report();
        change(&mut report);
        let previous: Vec<Option<&str>> = report
            .results()
            .map(|(sheet, answer)| report.index_entry(sheet, &answer.department)?.previous.as_deref())
            .collect();
        let printed: Vec<Option<&str>> = report.index.iter().map(|line| line.previous.as_deref()).collect();
        assert_eq!(previous, printed);
    }
}

#[test]
fn two_sheets_on_one_page_have_each_their_own_line() {
    let mut report = report();
    on(&mut report, 7).page = Some(5);
    report.index[3].page = Some(5);
    for (sheet, line) in [(0, 0), (2, 3)] {
        let entry = report.index_entry(&report.sheets[sheet], "財務課").unwrap();
        assert!(std::ptr::eq(entry, &report.index[line]), "sheet {sheet}");
    }
    assert_eq!(findings_of(&report, &form()), []);
}
