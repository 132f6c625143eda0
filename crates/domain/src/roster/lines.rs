//! A CSV text as lines with known columns: the header's order is free, a cell is found by its column's name.

use crate::date::Date;
use crate::finding::{Finding, Severity};
use crate::fiscal_year::FiscalYear;
use crate::text::{count_characters, fold, reads_same};

/// The longest cell that is believed, in characters as a person counts them.
const LONGEST_CELL: usize = 100;

/// One line with its cells in the order of the columns asked for, without the white space around them.
pub(super) struct Line<const COLUMNS: usize> {
    /// Counted from 1, by line ends, as an editor shows it.
    pub(super) number: usize,
    columns: [&'static str; COLUMNS],
    cells: [String; COLUMNS],
}

/// A finding with the number of its line, by which findings are put in order.
pub(super) struct Fault {
    line: usize,
    finding: Finding,
}

/// The findings in the file's order, those of one line as they were found.
pub(super) fn in_order(mut faults: Vec<Fault>) -> Vec<Finding> {
    faults.sort_by_key(|fault| fault.line);
    faults.into_iter().map(|fault| fault.finding).collect()
}

/// The lines of a CSV text that hold anything. Findings about the header end the reading; a line with findings about
/// its shape is left out.
pub(super) fn lines<const COLUMNS: usize>(
    text: &str,
    columns: [&'static str; COLUMNS],
    findings: &mut Vec<Fault>,
) -> Vec<Line<COLUMNS>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut records = records(text).into_iter();
    let (number, header) = records.next().unwrap_or((1, Vec::new()));
    let Some(places) = places(number, &header, columns, findings) else { return Vec::new() };
    let mut lines = Vec::new();
    for (number, cells) in records {
        let before = findings.len();
        check_shape(number, &cells, &header, findings);
        if findings.len() == before {
            let cells = places.map(|place| cells[place].trim().to_owned());
            lines.push(Line { number, columns, cells });
        }
    }
    lines
}

/// The records that are not blank, each with the line on which it begins.
fn records(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut records = Vec::new();
    let (mut line, mut seen) = (1, 0);
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    // Nothing can go wrong here: the text is in memory, it is UTF-8, and records may differ in length.
    for record in reader.into_records().flatten() {
        let start = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
        // Blank lines before a record count as read with it.
        let rest = text.get(start..).unwrap_or_default();
        let start = text.len() - rest.trim_start_matches(['\r', '\n']).len();
        line += line_ends(text.get(seen..start).unwrap_or_default());
        seen = start;
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            records.push((line, record.iter().map(str::to_owned).collect()));
        }
    }
    records
}

fn line_ends(text: &str) -> usize {
    text.matches('\n').count() + text.matches('\r').count() - text.matches("\r\n").count()
}

/// Where each column stands; `None` with findings when the header is not as it must be.
fn places<const COLUMNS: usize>(
    number: usize,
    header: &[String],
    columns: [&'static str; COLUMNS],
    findings: &mut Vec<Fault>,
) -> Option<[usize; COLUMNS]> {
    let before = findings.len();
    let mut report = |rule, message: String, evidence: &str| {
        findings.push(fault(number, rule, &format!("{number}行目"), message, evidence));
    };
    let expected = columns.join(",");
    if header.len() == 1 && header[0].contains('\t') {
        let message = "列がタブで区切られています。コンマ区切りのCSVとして保存し直してください。";
        report("roster.header", message.to_owned(), &header[0]);
        return None;
    }
    for cell in header.iter().filter(|cell| !cell.trim().is_empty()) {
        if !columns.iter().any(|column| reads_same(column, cell)) {
            let message =
                format!("「{}」という列は使えません。1行目を「{expected}」にしてください。", cell.trim());
            report("roster.header", message, cell);
        }
    }
    let places = columns.map(|column| {
        let mut found = (0..header.len()).filter(|place| reads_same(&header[*place], column));
        let first = found.next();
        if first.is_none() {
            let message = format!(
                "列「{column}」がありません。1行目に列の名前「{expected}」を書いてください（順序は自由、値のない列も必要です）。"
            );
            report("roster.header", message, &header.join(","));
        } else if found.next().is_some() {
            report("roster.header", format!("列「{column}」が二つあります。一つにしてください。"), column);
        }
        first.unwrap_or_default()
    });
    (findings.len() == before).then_some(places)
}

/// Reports what makes a line's cells unreadable as such: their number, and signs that no cell holds.
fn check_shape(number: usize, cells: &[String], header: &[String], findings: &mut Vec<Fault>) {
    let place = format!("{number}行目");
    let surplus = cells.iter().skip(header.len()).any(|cell| !cell.trim().is_empty());
    if cells.len() < header.len() || surplus {
        let message = format!(
            "列の数が1行目と違います（1行目は{}、この行は{}）。値のないところも「,」で区切り、値に「,」を含むときは「\"」で囲んでください。",
            header.len(),
            cells.len()
        );
        findings.push(fault(number, "roster.columns", &place, message, &cells.join(",")));
    }
    for (cell, column) in cells.iter().zip(header) {
        let message = if cell.contains(['\n', '\r']) {
            "セルの中に改行があります。「\"」が閉じられているか確かめ、改行を取ってください。".to_owned()
        } else if cell.contains('\u{FFFD}') {
            "文字化けがあります。UTF-8のCSVとして保存し直してください。".to_owned()
        } else if cell.trim().contains(|c: char| c.is_control()) {
            "目に見えない制御文字があります。セルを書き直してください。".to_owned()
        } else if count_characters(cell.trim()) > LONGEST_CELL {
            format!("長すぎます。{LONGEST_CELL}字までにしてください。")
        } else {
            continue;
        };
        let place = format!("{place}「{}」", column.trim());
        findings.push(fault(number, "roster.cell", &place, message, cell));
    }
}

impl<const COLUMNS: usize> Line<COLUMNS> {
    /// What is wrong with a cell of this line.
    pub(super) fn finding(&self, column: usize, rule: &str, message: String) -> Fault {
        let place = format!("{}行目「{}」", self.number, self.columns[column]);
        fault(self.number, rule, &place, message, &self.cells[column])
    }

    /// A cell's text; `None` when it is blank.
    pub(super) fn cell(&self, column: usize) -> Option<&str> {
        Some(self.cells[column].as_str()).filter(|cell| !cell.is_empty())
    }

    /// A cell that may not be blank; `None` with a finding when it is.
    pub(super) fn required(&self, column: usize, findings: &mut Vec<Fault>) -> Option<&str> {
        let cell = self.cell(column);
        if cell.is_none() {
            let message = format!("{}が空欄です。書いてください。", self.columns[column]);
            findings.push(self.finding(column, "roster.blank", message));
        }
        cell
    }

    /// A cell's day; `Some(None)` when it is blank, `None` with a finding when it is no day.
    pub(super) fn day(&self, column: usize, findings: &mut Vec<Fault>) -> Option<Option<Date>> {
        let how =
            "日付として読めません。2026-04-01 や 令和8年4月1日 のように、実際にある日を書いてください。";
        self.read(column, Date::read_written, how, findings)
    }

    /// A cell's fiscal year; `Some(None)` when it is blank, `None` with a finding when it is none.
    pub(super) fn fiscal_year(&self, column: usize, findings: &mut Vec<Fault>) -> Option<Option<FiscalYear>> {
        let how = "年度として読めません。2026 や 令和8年度 のように書いてください。";
        self.read(column, FiscalYear::read, how, findings)
    }

    fn read<T>(
        &self,
        column: usize,
        read: impl Fn(&str) -> Option<T>,
        how: &str,
        findings: &mut Vec<Fault>,
    ) -> Option<Option<T>> {
        let Some(cell) = self.cell(column) else { return Some(None) };
        let value = read(cell);
        if value.is_none() {
            findings.push(self.finding(column, "roster.value", format!("「{cell}」は{how}")));
        }
        value.map(Some)
    }
}

/// What a town hall's name is compared by: width, case and spaces do not matter.
pub(super) fn key(name: &str) -> String {
    fold(name).to_lowercase()
}

fn fault(line: usize, rule: &str, place: &str, message: String, evidence: &str) -> Fault {
    let finding = Finding {
        rule: rule.to_owned(),
        severity: Severity::Error,
        page: None,
        place: place.to_owned(),
        message,
        // A quote that is not closed makes one cell of the whole rest of the file.
        evidence: evidence.chars().take(LONGEST_CELL).collect(),
    };
    Fault { line, finding }
}
