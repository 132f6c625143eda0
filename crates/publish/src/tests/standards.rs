//! The file itself: same bytes, standards, tags, attachments.

use std::path::PathBuf;
use std::process::Command;

use kaikaku_domain::Report;

use super::fixture;
use super::{HARD, Printed, date};
use crate::pdf::pdf;

#[test]
fn the_same_report_is_the_same_bytes() {
    let again = pdf(&fixture::hard_report(), &fixture::form(), date()).unwrap();
    assert_eq!(again, HARD.1.pdf);
}

#[test]
fn the_file_is_of_both_standards() {
    let tool = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/tools/verapdf");
    if !tool.is_file() {
        println!("skipped: no veraPDF at {}", tool.display());
        return;
    }
    let other = Printed::new("other-standards", &fixture::other_report(), &fixture::other_form());
    let empty = Printed::new("empty-standards", &fixture::report(Vec::new()), &fixture::form());
    let run =
        Command::new(tool).arg("ua1,3a").args([&HARD.1.path, &other.path, &empty.path]).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.matches("compliant=true").count() == 6, "{said}");
}

#[test]
fn it_is_tagged_titled_and_dated() {
    let info = HARD.1.poppler("pdfinfo", &[], &[]);
    for part in ["令和６年度取組結果報告書", "試験市", "Tagged:          yes", "Kaikaku"] {
        assert!(info.contains(part), "{part}: {info}");
    }
    assert!(info.contains("2025"), "{info}");
}

#[test]
fn column_and_row_heads_say_what_they_head() {
    let tags = HARD.1.poppler("pdfinfo", &["-struct"], &[]);
    let is_head = |line: &&str| line.trim_start().starts_with("TH <") || line.trim_start().starts_with("TH:");
    let cells: Vec<&str> = tags.lines().filter(is_head).collect();
    assert!(cells.len() > 100, "{}", cells.len());
    let scopes = tags.lines().filter(|line| line.contains("/Scope")).count();
    assert_eq!(cells.len(), scopes);
    assert!(tags.contains("/Scope /Row") && tags.contains("/Scope /Column"));
}

#[test]
fn the_charts_are_told_in_words() {
    // The words stand in packed objects: an unpacked copy is read.
    let text = unpacked(&HARD.1.pdf.bytes);
    for words in [
        "円グラフ。",
        "点検は6月から7月まで「前期」、1月から2月まで。",
        "期間の分からない活動は期間の表示なし。",
    ] {
        let utf16: Vec<u8> = words.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let hex: String = utf16.iter().map(|byte| format!("{byte:02X}")).collect();
        assert!(text.contains(&hex), "{words}");
    }
}

/// The content of all object streams.
fn unpacked(file: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = file;
    while let Some(at) = rest.windows(7).position(|part| part == b"/ObjStm") {
        rest = &rest[at..];
        let start = rest.windows(8).position(|part| part == b"\nstream\n").unwrap() + 8;
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(&rest[start..]), &mut content)
            .unwrap();
        text += &String::from_utf8_lossy(&content);
        rest = &rest[start..];
    }
    text
}

#[test]
fn the_document_and_its_table_are_attached() {
    let (report, printed) = &*HARD;
    let list = printed.poppler("pdfdetach", &["-list"], &[]);
    assert!(
        list.contains("2 embedded files") && list.contains("report.json") && list.contains("sheets.csv"),
        "{list}"
    );
    let saved = |name: &str| {
        let path = printed.path.with_extension(name);
        printed.poppler("pdfdetach", &["-savefile", name, "-o", path.to_str().unwrap()], &[]);
        std::fs::read_to_string(path).unwrap()
    };
    assert_eq!(&Report::from_json(&saved("report.json")).unwrap(), report);
    let table = saved("sheets.csv");
    assert!(
        table.starts_with("\u{FEFF}\"全国地方公共団体コード\",\"ID\",\"地方公共団体名\",\"年度\""),
        "{table}"
    );
    let mut rows = csv::Reader::from_reader(table.trim_start_matches('\u{FEFF}').as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), report.sheets.iter().map(|sheet| sheet.responses.len()).sum::<usize>());
    let narratives: Vec<&str> = report
        .sheets
        .iter()
        .flat_map(|sheet| &sheet.responses)
        .filter_map(|answer| answer.narrative.as_deref())
        .collect();
    assert!(rows.iter().zip(narratives).all(|(row, narrative)| row.iter().any(|field| field == narrative)));
    assert_eq!(&rows[0][4], "1-1-1");
    assert_eq!(&rows[0][5], "１－（１）－①");
}

#[test]
fn what_the_form_does_not_publish_is_not_attached_either() {
    let printed = Printed::new("other-attached", &fixture::other_report(), &fixture::other_form());
    let path = printed.path.with_extension("json");
    printed.poppler("pdfdetach", &["-savefile", "report.json", "-o", path.to_str().unwrap()], &[]);
    let document = std::fs::read_to_string(path).unwrap();
    assert!(document.contains("３件を売却した") && !document.contains("公表しない記述"));
}

#[test]
fn a_report_without_sheets_is_a_report() {
    let printed = Printed::new("empty", &fixture::report(Vec::new()), &fixture::form());
    assert!(printed.pdf.pages.is_empty());
    super::assert_has(&printed.text(1, 9), "令和６年度取組結果報告書");
}

#[test]
fn a_report_of_one_sheet_is_a_report() {
    let printed = Printed::new("one", &fixture::report(vec![fixture::plain(0)]), &fixture::form());
    assert_eq!(printed.pdf.pages.len(), 1);
    assert_eq!(printed.pdf.page_count, printed.pdf.pages[0] as usize);
}
