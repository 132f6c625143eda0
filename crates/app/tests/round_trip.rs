//! Our own PDFs, turned to text by an ordinary tool, come back as data; and whatever happens to a text, not a character
//! of it is lost.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::OnceLock;

use common::{form, report, root};
use kaikaku_domain::text::visible_chars;
use kaikaku_domain::{Date, Report, Sheet};
use kaikaku_import::{Imported, report_text};
use serde_json::{Value, json};

const FIRST: &str = "forms/iwakuni.toml";
const SECOND: &str = "examples/second-form/form.toml";

/// The text of a document's PDF, as `pdftotext` takes it out.
fn text(document: &str, form_path: &str, mode: Option<&str>) -> String {
    let report = report(document);
    let date = Date::first_of_fiscal_year(report.fiscal_year.next());
    let pdf = kaikaku_publish::pdf::pdf(&report, &form(form_path), date).unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, pdf.bytes).unwrap();
    let output = Command::new("pdftotext").args(mode).arg(&path).arg("-").output();
    String::from_utf8(output.expect("pdftotext is installed by scripts/setup").stdout).unwrap()
}

/// A document's fields by name, as far as a text layer can tell them: not where bars begin and end, nor the year of a
/// figure, nor permanent ids and the town's code.
fn fields(report: &Report) -> BTreeMap<String, Value> {
    let mut fields = BTreeMap::new();
    let mut add = |name: String, value: Value| {
        // pdftotext writes an ideographic space as a plain one.
        let value: Value = serde_json::from_str(&value.to_string().replace('\u{3000}', " ")).unwrap();
        fields.insert(name, value);
    };
    add("plan".into(), json!(report.plan));
    add("fiscal_year".into(), json!(report.fiscal_year));
    add("scale".into(), json!(report.scale));
    add("tally".into(), json!(report.tally));
    add("percent".into(), json!(report.percent));
    for (i, achievement) in report.achievements.iter().enumerate() {
        add(format!("achievement {i}"), json!(achievement));
    }
    for (i, entry) in report.index.iter().enumerate() {
        add(format!("index {i} department"), json!(entry.department));
        add(format!("index {i} supporting"), json!(entry.supporting));
        add(format!("index {i} previous"), json!(entry.previous));
        add(format!("index {i} current"), json!(entry.current));
        add(format!("index {i} mark"), json!(entry.mark));
    }
    for (i, sheet) in report.sheets.iter().enumerate() {
        of_sheet(i, sheet, &mut add);
    }
    fields
}

fn of_sheet(i: usize, sheet: &Sheet, add: &mut impl FnMut(String, Value)) {
    add(format!("sheet {i} mark"), json!(sheet.mark));
    add(format!("sheet {i} path"), json!(sheet.path));
    add(format!("sheet {i} lead"), json!(sheet.lead_departments));
    add(format!("sheet {i} supporting"), json!(sheet.supporting_departments));
    add(format!("sheet {i} content"), json!(sheet.content));
    add(format!("sheet {i} goal"), json!(sheet.goal));
    add(format!("sheet {i} challenge"), json!(sheet.challenge));
    for answer in &sheet.responses {
        let name = format!("sheet {i} {} {}", answer.department, answer.period);
        add(format!("{name} rating"), json!(answer.rating));
        add(format!("{name} narrative"), json!(answer.narrative));
    }
    let labels: Vec<&str> = sheet.activities.iter().map(|row| row.label.as_str()).collect();
    add(format!("sheet {i} activities"), json!(labels));
    let bars = sheet
        .activities
        .iter()
        .flat_map(|row| row.bars.iter().flatten())
        .filter_map(|bar| bar.text.as_deref());
    let mut notes: Vec<&str> = bars.chain(sheet.activity_notes.iter().map(String::as_str)).collect();
    notes.sort_unstable();
    add(format!("sheet {i} texts in bars"), json!(notes));
    let roadmap: Vec<&str> = sheet.roadmap.iter().map(|bar| bar.label.as_str()).collect();
    add(format!("sheet {i} roadmap"), json!(roadmap));
    let mut values: Vec<_> =
        sheet.roadmap_values.iter().map(|value| (&value.indicator, &value.value, &value.unit)).collect();
    values.sort_unstable();
    add(format!("sheet {i} values"), json!(values));
    for (code, value) in &sheet.fields {
        add(format!("sheet {i} field {code}"), value.clone());
    }
}

/// The share of a document's fields that come back right, in percent, and those that do not.
fn come_back(document: &str, form_path: &str, mode: Option<&str>) -> (usize, Vec<String>) {
    let source = text(document, form_path, mode);
    let imported = report_text(&source, &[form(FIRST), form(SECOND)]).unwrap();
    nothing_is_lost(&source, &imported);
    assert_eq!(imported.report.form, report(document).form, "the form is told by its labels");
    let (expected, read) = (fields(&report(document)), fields(&imported.report));
    let wrong: Vec<String> = expected
        .iter()
        .filter(|(name, value)| read.get(*name) != Some(value))
        .map(|(name, value)| format!("{name}: {value} ≠ {:?}", read.get(name).map(Value::to_string)))
        .collect();
    (100 * (expected.len() - wrong.len()) / expected.len(), wrong)
}

fn nothing_is_lost(source: &str, imported: &Imported) {
    let claimed: usize =
        imported.claims.iter().map(|claim| visible_chars(&source[claim.range.clone()])).sum();
    let left: usize = imported.report.unassigned.iter().map(|piece| visible_chars(&piece.text)).sum();
    assert_eq!(claimed + left, visible_chars(source));
}

#[track_caller]
fn check(document: &str, form_path: &str, mode: Option<&str>, percent: usize) {
    let (share, wrong) = come_back(document, form_path, mode);
    assert!(share >= percent, "{document} {mode:?}: {share} %\n{}", wrong.join("\n"));
}

#[test]
fn the_example_towns_newest_report_comes_back_from_its_text() {
    check("examples/shiomi/2025.json", FIRST, None, 95);
    check("examples/shiomi/2025.json", FIRST, Some("-raw"), 95);
}

#[test]
fn the_example_towns_earlier_reports_come_back_from_their_text() {
    for year in ["2023", "2024"] {
        check(&format!("examples/shiomi/{year}.json"), FIRST, None, 95);
        check(&format!("examples/shiomi/{year}.json"), FIRST, Some("-raw"), 95);
    }
}

#[test]
fn text_that_keeps_its_layout_comes_back_too() {
    check("examples/shiomi/2025.json", FIRST, Some("-layout"), 90);
}

#[test]
fn a_report_of_a_quite_different_form_comes_back_the_same_way() {
    check("examples/second-form/2024.json", SECOND, None, 95);
    check("examples/second-form/2024.json", SECOND, Some("-raw"), 95);
}

/// What can be damaged: the real report's text where it is at hand, and the example town's.
fn texts() -> &'static [String] {
    static TEXTS: OnceLock<Vec<String>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let real = std::fs::read_to_string(root().join("../shared/reports/iwakuni-r2.txt")).ok();
        if real.is_none() {
            eprintln!("skipped for the real report: its text is not here");
        }
        real.into_iter().chain([text("examples/shiomi/2025.json", FIRST, None)]).collect()
    })
}

const STRANGE: [char; 17] = [
    'A', '課', '①', '（', '）', '【', '】', '\u{c}', '\u{3000}', ' ', '\u{200b}', '𠮷', 'ｶ', '\u{1}', '・',
    '0', '\n',
];

/// One damaged text, the same for the same seed.
fn damaged(text: &str, seed: u64) -> String {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut lines: Vec<&str> = text.split_inclusive(['\n', '\u{c}']).collect();
    match seed % 5 {
        // Lines in any order.
        0 => random.shuffle(&mut lines),
        // A piece moved somewhere else.
        1 => {
            let (from, to) = (random.usize(..lines.len()), random.usize(..lines.len()));
            let (from, to) = (from.min(to), from.max(to));
            let piece: Vec<&str> = lines.drain(from..to).collect();
            let at = random.usize(..=lines.len());
            lines.splice(at..at, piece);
        }
        // Lines missing and lines twice.
        2 => lines = lines.iter().flat_map(|line| std::iter::repeat_n(*line, random.usize(0..3))).collect(),
        _ => {}
    }
    let mut text: Vec<char> = lines.concat().chars().collect();
    match seed % 5 {
        // Cut off anywhere, at both ends.
        3 => {
            let (from, to) = (random.usize(..text.len()), random.usize(..text.len()));
            text = text[from.min(to)..from.max(to)].to_vec();
        }
        // Characters exchanged, also for what no report has.
        4 => {
            for _ in 0..random.usize(1..400) {
                let at = random.usize(..text.len());
                text[at] = STRANGE[random.usize(..STRANGE.len())];
            }
        }
        _ => {}
    }
    text.into_iter().collect()
}

#[test]
fn a_thousand_damaged_texts_neither_panic_nor_lose_a_character() {
    const ALL: usize = 1000;
    let forms = [form(FIRST), form(SECOND)];
    std::thread::scope(|scope| {
        for text in texts() {
            scope.spawn(|| {
                for seed in 0..ALL / texts().len() {
                    let source = damaged(text, u64::try_from(seed).unwrap());
                    // A text without any sheet left is refused, which loses nothing either.
                    if let Ok(imported) = report_text(&source, &forms) {
                        nothing_is_lost(&source, &imported);
                        Report::from_json(&imported.report.to_json()).unwrap();
                    }
                }
            });
        }
    });
}

#[test]
fn the_real_reports_pdf_has_every_rating_narrative_and_label_of_its_source() {
    let Some(source) = std::fs::read_to_string(root().join("../shared/reports/iwakuni-r2.txt")).ok() else {
        eprintln!("skipped: the real report's text is not here");
        return;
    };
    let form = form(FIRST);
    let report = report_text(&source, std::slice::from_ref(&form)).unwrap().report;
    let pdf =
        kaikaku_publish::pdf::pdf(&report, &form, Date::first_of_fiscal_year(report.fiscal_year.next()))
            .unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, &pdf.bytes).unwrap();
    let output = Command::new("pdftotext").arg("-raw").arg(&path).arg("-").output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let all = squeezed(&printed);
    let pages: Vec<String> = printed.split('\u{c}').map(squeezed).collect();
    for (sheet, page) in report.sheets.iter().zip(&pdf.pages) {
        // A sheet may go on to the next page.
        let at = usize::try_from(*page).unwrap() - 1;
        let here = pages[at..(at + 2).min(pages.len())].concat();
        for answer in &sheet.responses {
            let narrative = squeezed(answer.narrative.as_deref().unwrap());
            assert!(contains_but_for_breaks(&here, &narrative), "page {page}: {narrative}");
        }
        for text in [&sheet.goal, &sheet.challenge].into_iter().flatten() {
            for part in text.split('\n') {
                assert!(contains_but_for_breaks(&here, &squeezed(part)), "page {page}: {part}");
            }
        }
    }
    // The ratings, sheet by sheet, as the printed text gives them back.
    let again = report_text(&printed, std::slice::from_ref(&form)).unwrap().report;
    let results =
        |report: &Report| report.results().map(|(_, answer)| answer.rating.clone()).collect::<Vec<_>>();
    assert_eq!(results(&report).len(), 37);
    assert_eq!(results(&again), results(&report));
    let year = report.fiscal_year;
    let fixed = form.fields.iter().map(|field| field.label.clone()).chain(form.periods.iter().cloned());
    let headings = form.sections.iter().flat_map(|section| {
        section.heading.iter().chain(section.columns.iter().map(|column| &column.heading)).cloned()
    });
    let titles = report.sheets.iter().flat_map(|sheet| sheet.path.iter().map(|node| node.title.clone()));
    let months = (1..=12).map(|month| format!("{month}月"));
    for label in fixed.chain(headings).chain(titles).chain(months) {
        let label = squeezed(&form.with_year(&label, year));
        assert!(all.contains(&label), "{label}");
    }
}

/// Whether `text` stands in `page`, where a page break may have put a running head or a page number in between.
fn contains_but_for_breaks(page: &str, text: &str) -> bool {
    const PIECE: usize = 20;
    let chars: Vec<char> = text.chars().collect();
    page.contains(text) || {
        let pieces = chars.chunks(PIECE).map(|piece| piece.iter().collect::<String>());
        let missing = pieces.filter(|piece| !page.contains(piece.as_str())).count();
        // At a break one piece, at most, is cut in two.
        missing <= 1 && chars.len() > PIECE * 3
    }
}
