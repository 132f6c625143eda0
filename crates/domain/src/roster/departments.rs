//! `部署,上位部署,開始年度,終了年度,後継部署`: one line a department in a row of fiscal years.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::{Fault, Line, in_order, key, lines};
use super::{DepartmentRow, Reading};
use crate::fiscal_year::FiscalYear;
use crate::text::reads_same;

const COLUMNS: [&str; 5] = ["部署", "上位部署", "開始年度", "終了年度", "後継部署"];
const NAME: usize = 0;
const DIVISION: usize = 1;
const FROM: usize = 2;
const TO: usize = 3;
const SUCCESSORS: usize = 4;

/// Reads departments. The same name may come again for years that do not overlap (it got another division, or was
/// taken up again).
///
/// Successors are parted by `・` or `;`. A name that holds a `・` itself is kept whole where it is a 部署 of the same
/// file, or where the cell has a `;`: `デジタル・情報課;`.
pub fn read_departments(text: &str) -> Reading<DepartmentRow> {
    let mut findings = Vec::new();
    let lines = lines(text, COLUMNS, &mut findings);
    let names: BTreeSet<String> = lines.iter().filter_map(|line| line.cell(NAME)).map(key).collect();
    let mut rows = Vec::new();
    let mut years: BTreeMap<String, Vec<(FiscalYear, Option<FiscalYear>, usize)>> = BTreeMap::new();
    for line in &lines {
        let Some(row) = department(line, &names, &mut findings) else { continue };
        let earlier = years.entry(key(&row.name)).or_default();
        let overlaps = |(from, to, _): &&(FiscalYear, Option<FiscalYear>, usize)| {
            to.is_none_or(|to| row.from_year <= to) && row.to_year.is_none_or(|to| *from <= to)
        };
        if let Some((_, _, first)) = earlier.iter().find(overlaps) {
            let message = format!(
                "{first}行目に同じ名前の部署があり、年度が重なっています。一行にまとめるか、年度を分けてください。"
            );
            findings.push(line.finding(NAME, "roster.duplicate", message));
        } else {
            earlier.push((row.from_year, row.to_year, row.line));
            rows.push(row);
        }
    }
    report_circles(&rows, &lines, &mut findings);
    Reading { rows, findings: in_order(findings) }
}

/// The line's department; `None` with every finding about its cells.
fn department(line: &Line<5>, names: &BTreeSet<String>, findings: &mut Vec<Fault>) -> Option<DepartmentRow> {
    let name = line.required(NAME, findings).map(str::to_owned);
    let from_year = line.required(FROM, findings).and_then(|_| line.fiscal_year(FROM, findings)).flatten();
    let to_year = line.fiscal_year(TO, findings);
    if let (Some(from), Some(Some(to))) = (from_year, to_year)
        && to < from
    {
        let message = "終了年度が開始年度より前です。どちらかを直してください。";
        findings.push(line.finding(TO, "roster.period", message.to_owned()));
        return None;
    }
    let successors = successors(line, names, findings);
    Some(DepartmentRow {
        line: line.number,
        name: name?,
        division: line.cell(DIVISION).map(str::to_owned),
        from_year: from_year?,
        to_year: to_year?,
        successors: successors?,
    })
}

/// What became of the department; `None` with a finding when that cannot be.
fn successors(line: &Line<5>, names: &BTreeSet<String>, findings: &mut Vec<Fault>) -> Option<Vec<String>> {
    let Some(cell) = line.cell(SUCCESSORS) else { return Some(Vec::new()) };
    let parts: Vec<&str> = match cell {
        _ if cell.contains([';', '；']) => cell.split([';', '；']).collect(),
        _ if names.contains(&key(cell)) => vec![cell],
        _ => cell.split(['・', '･']).collect(),
    };
    let mut successors: Vec<String> = Vec::new();
    let mut fault = None;
    for part in parts.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        if successors.iter().any(|earlier| reads_same(earlier, part)) {
            fault = Some(format!("「{part}」が二度あります。一つにしてください。"));
        } else if line.cell(NAME).is_some_and(|name| reads_same(name, part)) {
            fault = Some(
                "部署が自分自身の後継になっています。続く部署の名前を書くか、空欄にしてください。".to_owned(),
            );
        }
        successors.push(part.to_owned());
    }
    if successors.is_empty() {
        fault = Some(format!("「{cell}」に部署の名前がありません。名前を書くか、空欄にしてください。"));
    } else if line.cell(TO).is_none() {
        fault = Some(
            "後継部署がありますが、終了年度が空欄です。最後の年度を書くか、後継部署を空欄にしてください。"
                .to_owned(),
        );
    }
    match fault {
        None => Some(successors),
        Some(message) => {
            findings.push(line.finding(SUCCESSORS, "roster.successor", message));
            None
        }
    }
}

/// Reports departments that would be their own division, directly or through others, in the year in which they begin.
fn report_circles(rows: &[DepartmentRow], lines: &[Line<5>], findings: &mut Vec<Fault>) {
    let mut by_name: BTreeMap<String, Vec<&DepartmentRow>> = BTreeMap::new();
    for row in rows {
        by_name.entry(key(&row.name)).or_default().push(row);
    }
    let division_of = |row: &DepartmentRow, year: FiscalYear| {
        let candidates = by_name.get(&key(row.division.as_deref()?))?;
        let exists = |row: &&&DepartmentRow| row.from_year <= year && row.to_year.is_none_or(|to| year <= to);
        candidates.iter().find(exists).copied()
    };
    for row in rows {
        // No town hall has sixteen storeys of departments: so long a chain ends in a circle further up.
        let mut above = division_of(row, row.from_year);
        for _ in 0..16 {
            let Some(department) = above else { break };
            if department.line == row.line {
                let message = "上位部署をたどると自分自身に戻ります。上位部署を直してください。";
                let line = lines.iter().find(|line| line.number == row.line);
                findings
                    .extend(line.map(|line| line.finding(DIVISION, "roster.division", message.to_owned())));
                break;
            }
            above = division_of(department, row.from_year);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "部署,上位部署,開始年度,終了年度,後継部署\n";

    fn read(body: &str) -> Reading<DepartmentRow> {
        read_departments(&format!("{HEADER}{body}"))
    }

    fn check(cases: &[(&str, &[&str])]) {
        for (body, expect) in cases {
            let found: Vec<String> =
                read(body).findings.iter().map(|it| format!("{} {}", it.place, it.rule)).collect();
            assert_eq!(found, *expect, "{body}");
        }
    }

    #[test]
    fn a_row_is_one_department_in_its_years() {
        let reading = read(
            "総務部,,2019,,\n\
             上下水道課,上下水道部,令和元年度,R7,水道課・下水道課\n\
             情報課,総務部,H31,2025,デジタル・情報課;\n",
        );
        assert_eq!(reading.findings, []);
        let [first, second, third] = &reading.rows[..] else { panic!("{reading:?}") };
        assert_eq!((first.name.as_str(), first.division.as_deref(), first.line), ("総務部", None, 2));
        assert_eq!((first.from_year.year(), first.to_year), (2019, None));
        assert_eq!(second.successors, ["水道課", "下水道課"]);
        assert_eq!((second.from_year.year(), second.to_year.map(FiscalYear::year)), (2019, Some(2025)));
        assert_eq!(third.successors, ["デジタル・情報課"]);
    }

    #[test]
    fn a_name_with_a_dot_is_whole_where_the_file_knows_it() {
        let reading = read("デジタル・情報課,,2026,,\n情報課,,2019,2025,ﾃﾞｼﾞﾀﾙ･情報課\n");
        assert_eq!(reading.rows[1].successors, ["ﾃﾞｼﾞﾀﾙ･情報課"]);
        let reading = read("情報課,,2019,2025,デジタル課;情報・統計課\n");
        assert_eq!(reading.rows[0].successors, ["デジタル課", "情報・統計課"]);
    }

    #[test]
    fn every_fault_of_a_row_is_told_with_line_and_column() {
        check(&[
            ("税務課,総務部,2019,,\n", &[]),
            (
                ",,昨年度,そのうち,\n",
                &[
                    "2行目「部署」 roster.blank",
                    "2行目「開始年度」 roster.value",
                    "2行目「終了年度」 roster.value",
                ],
            ),
            ("税務課,,,,\n", &["2行目「開始年度」 roster.blank"]),
            ("税務課,,2026,2025,\n", &["2行目「終了年度」 roster.period"]),
            ("税務課,,2019,,収税課\n", &["2行目「後継部署」 roster.successor"]),
            ("税務課,,2019,2025,収税課・収税 課\n", &["2行目「後継部署」 roster.successor"]),
            ("税務課,,2019,2025,税務課\n", &["2行目「後継部署」 roster.successor"]),
            ("税務課,,2019,2025,・\n", &["2行目「後継部署」 roster.successor"]),
        ]);
    }

    #[test]
    fn one_name_is_one_department_in_any_year() {
        check(&[
            ("税務課,,2019,2025,\n税務 課,総務部,2025,,\n", &["3行目「部署」 roster.duplicate"]),
            ("税務課,,2019,2025,\n税務課,総務部,2026,,\n", &[]),
        ]);
    }

    #[test]
    fn no_department_is_its_own_division() {
        check(&[
            ("総務部,,2019,,\n税務課,総務部,2019,,\n", &[]),
            ("税務課,税務課,2019,,\n", &["2行目「上位部署」 roster.division"]),
            (
                "甲,乙,2019,,\n乙,丙,2019,,\n丙,甲,2019,,\n丁,甲,2019,,\n",
                &[
                    "2行目「上位部署」 roster.division",
                    "3行目「上位部署」 roster.division",
                    "4行目「上位部署」 roster.division",
                ],
            ),
            // The circle is none when the two never exist in one year.
            ("甲,乙,2019,2020,\n乙,甲,2021,,\n", &[]),
        ]);
    }
}
