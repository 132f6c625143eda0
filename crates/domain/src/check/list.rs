//! The printed list against the sheets: leads, supporting departments, ratings, marks, pages.

use super::{Place, label, name_of};
use crate::finding::Finding;
use crate::form::Form;
use crate::listing::Listing;
use crate::report::{IndexEntry, Report};
use crate::scale;
use crate::sheet::{ADDED, REVISED, Sheet};
use crate::text::{is_blank, reads_same};

pub(super) fn check(report: &Report, form: &Form, findings: &mut Vec<Finding>) {
    if report.index.is_empty() {
        return;
    }
    let listing = Listing::of(report);
    for line in &report.index {
        check_line(report, line, findings);
    }
    for sheet in &report.sheets {
        check_sheet(report, form, sheet, &listing, findings);
    }
    for line in &listing.astray {
        line_place(line, findings).error(
            "index.page",
            "",
            "一覧が示すページに調書がありません。一覧のページを直してください。",
            &line.page.map(|page| page.to_string()).unwrap_or_default(),
        );
    }
    if !listing.unmatched.is_empty() {
        say_what_is_not_compared(&listing, findings);
    }
}

/// One line by itself: its grades and its mark.
fn check_line(report: &Report, line: &IndexEntry, findings: &mut Vec<Finding>) {
    let mut place = line_place(line, findings);
    let is_unknown = |code: &&String| scale::grade(&report.scale, code).is_none();
    if let Some(code) = line.current.as_ref().filter(is_unknown) {
        place.error(
            "index.scale",
            "今年度の評価",
            "一覧の評価が評価区分にありません。評価区分のどれかに直してください。",
            code,
        );
    }
    if let Some(code) = line.previous.as_ref().filter(is_unknown) {
        place.warning(
            "index.previous",
            "前年度の評価",
            "一覧の前年度の評価が評価区分にないため、前年度と比べられません。前年度に区分が異なったのでなければ直してください。",
            code,
        );
    }
    check_mark(&mut place, line.mark.as_deref());
}

/// A mark is one of two fixed codes, whatever word the form prints for it.
pub(super) fn check_mark(place: &mut Place, mark: Option<&str>) {
    if let Some(mark) = mark.filter(|mark| ![ADDED, REVISED].contains(mark)) {
        place.error(
            "mark.unknown",
            "追加・修正",
            &format!("追加・修正の別が読めません。「{ADDED}」か「{REVISED}」とするか、空にしてください。"),
            mark,
        );
    }
}

/// A sheet against its own lines.
fn check_sheet(report: &Report, form: &Form, sheet: &Sheet, listing: &Listing, findings: &mut Vec<Finding>) {
    let mut place = Place::sheet(sheet, findings);
    let lead_label = label(form, "lead");
    let lines = listing.lines(sheet);
    for line in lines {
        let lead = sheet.lead_departments.iter().find(|lead| reads_same(lead, &line.department));
        match lead {
            None => place.error(
                "index.lead",
                lead_label,
                &format!(
                    "一覧の{lead_label}が調書と異なります。どちらが正しいか確かめ、誤りを直してください。"
                ),
                &format!("一覧: {} ／ 調書: {}", line.department, sheet.lead_departments.join("・")),
            ),
            Some(lead) => check_rating(report, form, sheet, (lead, line), &mut place),
        }
    }
    if listing.unmatched.is_empty() {
        let unlisted = listing.unlisted.iter().filter(|(other, _)| std::ptr::eq(*other, sheet));
        for (_, lead) in unlisted {
            place.error(
                "index.missing",
                lead_label,
                "調書の回答が一覧にありません。一覧のページ又は部署名を確かめてください。",
                lead,
            );
        }
    }
    if let Some(listed) = lines.iter().find_map(|line| line.supporting.as_ref()) {
        check_supporting(form, sheet, listed, &mut place);
    }
}

/// The result of a lead's line against its answer on the sheet.
fn check_rating(
    report: &Report,
    form: &Form,
    sheet: &Sheet,
    (lead, line): (&str, &IndexEntry),
    place: &mut Place,
) {
    let period = report.result_period().unwrap_or_default();
    let answer = sheet.response(lead, period);
    let rated = answer.and_then(|answer| answer.rating.as_deref()).filter(|code| !is_blank(Some(code)));
    if let (Some(listed), Some(rated)) = (line.current.as_deref(), rated)
        && listed != rated
    {
        place.error(
            "index.rating",
            label(form, "rating"),
            &format!("一覧の{period}の評価が調書と異なります（{lead}）。どちらが正しいか確かめてください。"),
            &format!("一覧: {listed} ／ 調書: {rated}"),
        );
    }
}

fn check_supporting(form: &Form, sheet: &Sheet, listed: &[String], place: &mut Place) {
    let parts: Vec<String> = [
        ("調書だけにある", without(&sheet.supporting_departments, listed)),
        ("一覧だけにある", without(listed, &sheet.supporting_departments)),
    ]
    .into_iter()
    .filter(|(_, names)| !names.is_empty())
    .map(|(side, names)| format!("{side}: {}", names.join("・")))
    .collect();
    if !parts.is_empty() {
        let supporting = label(form, "supporting");
        place.error(
            "index.supporting",
            supporting,
            &format!("{supporting}が一覧と調書で異なります。どちらが正しいか確かめてください。"),
            &parts.join(" ／ "),
        );
    }
}

/// One finding for all lines that cannot be laid beside a sheet with certainty.
fn say_what_is_not_compared(listing: &Listing, findings: &mut Vec<Finding>) {
    let lines: Vec<&str> = listing.unmatched.iter().map(|line| line.department.as_str()).collect();
    let mut evidence = format!("一覧: {}", lines.join("・"));
    let leads: Vec<String> =
        listing.unlisted.iter().map(|(sheet, lead)| format!("{lead}（{}）", name_of(sheet))).collect();
    if !leads.is_empty() {
        evidence.push_str(&format!(" ／ 調書: {}", leads.join("・")));
    }
    Place::document(findings).warning(
        "index.unmatched",
        "一覧",
        "一覧にページがなく、どの調書の行か決められないものがあるため、比べていません。一覧と調書にページを入れるか、部署名をそろえてください。",
        &evidence,
    );
}

fn line_place<'f>(line: &IndexEntry, findings: &'f mut Vec<Finding>) -> Place<'f> {
    Place { findings, page: line.page, name: format!("一覧 {}", line.department) }
}

/// The names that are not among the others, whatever their width.
fn without<'n>(names: &'n [String], others: &[String]) -> Vec<&'n str> {
    let is_other = |name: &&String| others.iter().any(|other| reads_same(other, name));
    names.iter().filter(|name| !is_other(name)).map(String::as_str).collect()
}
