//! `ログイン名,氏名,部署,役割,開始日,終了日,代理`: one line an assignment.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::lines::{Fault, Line, in_order, key, lines};
use super::{AssignmentRow, Reading};
use crate::date::Date;
use crate::person::Role;
use crate::text::reads_same;

const COLUMNS: [&str; 7] = ["ログイン名", "氏名", "部署", "役割", "開始日", "終了日", "代理"];
const LOGIN: usize = 0;
const NAME: usize = 1;
const DEPARTMENT: usize = 2;
const ROLE: usize = 3;
const FROM: usize = 4;
const TO: usize = 5;
const DEPUTY: usize = 6;

/// Reads the assignments of people. The same login name on several lines is one person with several assignments.
pub fn read_people(text: &str) -> Reading<AssignmentRow> {
    let mut findings = Vec::new();
    let mut rows: Vec<AssignmentRow> = Vec::new();
    let mut seen = Seen::default();
    for line in lines(text, COLUMNS, &mut findings) {
        if let Some(row) = assignment(&line, &mut findings)
            && seen.is_new(&row, &line, &mut findings)
        {
            rows.push(row);
        }
    }
    Reading { rows, findings: in_order(findings) }
}

/// The one spelling of a login name: half-width and lower case; `None` when it holds anything but letters, digits and
/// `.` `_` `-` `@`, or more than 64 of them. `ＴＡＮＡＫＡ` and `tanaka` are one name.
pub fn login_name(text: &str) -> Option<String> {
    let name: String = text.trim().nfkc().collect::<String>().to_lowercase();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '@');
    ((1..=64).contains(&name.len()) && name.chars().all(fits)).then_some(name)
}

/// The line's assignment; `None` with every finding about its cells.
fn assignment(line: &Line<7>, findings: &mut Vec<Fault>) -> Option<AssignmentRow> {
    let login = line.required(LOGIN, findings).and_then(|_| login(line, LOGIN, findings));
    let name = line.required(NAME, findings).map(str::to_owned);
    let role = line.required(ROLE, findings).and_then(|_| role(line, findings));
    let department = role.and_then(|role| department(line, role, findings));
    let from = line.required(FROM, findings).and_then(|_| line.day(FROM, findings)).flatten();
    let to = line.day(TO, findings);
    if let (Some(from), Some(Some(to))) = (from, to)
        && to < from
    {
        let message = format!("終了日が開始日（{from}）より前です。どちらかを直してください。");
        findings.push(line.finding(TO, "roster.period", message));
        return None;
    }
    let deputy_of = match line.cell(DEPUTY) {
        None => Some(None),
        Some(_) => self::login(line, DEPUTY, findings).map(Some),
    };
    if let (Some(login), Some(Some(deputised))) = (&login, &deputy_of)
        && login == deputised
    {
        let message = "自分自身の代理にはなれません。代理される人のログイン名を書くか、空欄にしてください。";
        findings.push(line.finding(DEPUTY, "roster.deputy", message.to_owned()));
        return None;
    }
    Some(AssignmentRow {
        line: line.number,
        login: login?,
        name: name?,
        department: department?,
        role: role?,
        from: from?,
        to: to?,
        deputy_of: deputy_of?,
    })
}

fn login(line: &Line<7>, column: usize, findings: &mut Vec<Fault>) -> Option<String> {
    let cell = line.cell(column)?;
    let login = login_name(cell);
    if login.is_none() {
        let message = format!(
            "「{cell}」はログイン名に使えません。英字・数字と「.」「_」「-」「@」だけで64字までにしてください。"
        );
        findings.push(line.finding(column, "roster.login", message));
    }
    login
}

fn role(line: &Line<7>, findings: &mut Vec<Fault>) -> Option<Role> {
    let cell = line.cell(ROLE)?;
    let role = Role::from_label(cell);
    if role.is_none() {
        let known = Role::ALL.map(Role::label).join("、");
        let message = format!("役割「{cell}」はありません。{known}のどれかを書いてください。");
        findings.push(line.finding(ROLE, "roster.role", message));
    }
    role
}

/// The department, where the role needs one, and none where it has none; `None` with a finding otherwise.
fn department(line: &Line<7>, role: Role, findings: &mut Vec<Fault>) -> Option<Option<String>> {
    let label = role.label();
    let message = match (line.cell(DEPARTMENT), role.needs_department()) {
        (Some(name), true) => return Some(Some(name.to_owned())),
        (None, false) => return Some(None),
        (None, true) => format!("役割「{label}」には部署が必要です。部署の名前を書いてください。"),
        (Some(_), false) => {
            format!("役割「{label}」は部署ごとの役割ではありません。部署を空欄にしてください。")
        }
    };
    findings.push(line.finding(DEPARTMENT, "roster.department", message));
    None
}

/// Login name, role, department and the person whose deputy one is: what makes two assignments the same.
type Held = (String, Role, String, Option<String>);

/// First and last day, and the line that said so.
type Days = (Date, Option<Date>, usize);

/// What earlier lines said, to tell what is said twice or otherwise.
#[derive(Default)]
struct Seen {
    /// A person's name by login name, with the line that gave it first.
    names: BTreeMap<String, (String, usize)>,
    /// When each assignment is held, with the line.
    periods: BTreeMap<Held, Vec<Days>>,
}

impl Seen {
    /// Whether a row agrees with the earlier ones and says something new; takes note of it, or reports.
    fn is_new(&mut self, row: &AssignmentRow, line: &Line<7>, findings: &mut Vec<Fault>) -> bool {
        let (name, first) =
            self.names.entry(row.login.clone()).or_insert_with(|| (row.name.clone(), row.line));
        if !reads_same(name, &row.name) {
            let message = format!(
                "ログイン名「{}」の氏名が{first}行目（{name}）と違います。同じ人なら氏名を揃え、別の人ならログイン名を分けてください。",
                row.login
            );
            findings.push(line.finding(NAME, "roster.name", message));
            return false;
        }
        let department = row.department.as_deref().map(key).unwrap_or_default();
        let held = (row.login.clone(), row.role, department, row.deputy_of.clone());
        let periods = self.periods.entry(held).or_default();
        let overlaps =
            |(from, to, _): &&Days| to.is_none_or(|to| row.from <= to) && row.to.is_none_or(|to| *from <= to);
        if let Some((_, _, first)) = periods.iter().find(overlaps) {
            let message = format!(
                "{first}行目と同じ人・部署・役割で、期間が重なっています。一行にまとめるか、期間を分けてください。"
            );
            findings.push(line.finding(FROM, "roster.duplicate", message));
            return false;
        }
        periods.push((row.from, row.to, row.line));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "ログイン名,氏名,部署,役割,開始日,終了日,代理\n";

    /// Each finding as `place rule`.
    fn findings(body: &str) -> Vec<String> {
        let reading = read_people(&format!("{HEADER}{body}"));
        reading.findings.iter().map(|finding| format!("{} {}", finding.place, finding.rule)).collect()
    }

    fn check(cases: &[(&str, &[&str])]) {
        for (body, expect) in cases {
            assert_eq!(findings(body), *expect, "{body}");
        }
    }

    #[test]
    fn a_row_is_one_assignment_of_one_person() {
        let reading = read_people(&format!(
            "{HEADER}tanaka,田中 花子,税務課,担当者,2026-04-01,,\n\
             ＴＡＮＡＫＡ,田中　花子,収納課,課長,令和8年4月1日,R9.3.31,sato\n\
             honda,本多 一郎,,事務局,2026/4/1,,\n"
        ));
        assert_eq!(reading.findings, []);
        let day = |text| Date::read(text).unwrap();
        let [first, second, third] = &reading.rows[..] else { panic!("{reading:?}") };
        assert_eq!((first.login.as_str(), first.line), ("tanaka", 2));
        assert_eq!((first.from, first.to), (day("2026-04-01"), None));
        assert_eq!((first.department.as_deref(), first.role), (Some("税務課"), Role::Author));
        assert_eq!((second.login.as_str(), second.deputy_of.as_deref()), ("tanaka", Some("sato")));
        assert_eq!((second.from, second.to), (day("2026-04-01"), Some(day("2027-03-31"))));
        assert_eq!(second.name, "田中　花子", "kept as written");
        assert_eq!((third.role, third.department.as_deref()), (Role::Secretariat, None));
    }

    #[test]
    fn columns_are_found_by_name_in_any_order_and_width() {
        let reading = read_people(
            "\u{FEFF}役 割,開始日,終了日,氏名,代理,部署,ﾛｸﾞｲﾝ名\r\n課長,2026-04-01,,\"田中, 花子\",,税務課,tanaka\r\n",
        );
        assert_eq!(reading.findings, []);
        assert_eq!((reading.rows[0].login.as_str(), reading.rows[0].name.as_str()), ("tanaka", "田中, 花子"));
    }

    #[test]
    fn a_header_with_a_fault_ends_the_reading() {
        for (text, count) in [
            ("", 7),
            ("ログイン名,氏名,部署,役割,開始日,終了日\na,b,c,担当者,2026-04-01,\n", 1),
            ("ログイン名,氏名,部署,役割,開始日,終了日,代理,代理\n", 1),
            ("ログイン名,氏名,部署,役職,開始日,終了日,代理\n", 2),
            ("ログイン名\t氏名\t部署\t役割\t開始日\t終了日\t代理\n", 1),
        ] {
            let reading = read_people(text);
            assert_eq!((reading.rows.len(), reading.findings.len()), (0, count), "{text:?} {reading:?}");
            assert!(reading.findings.iter().all(|finding| finding.place == "1行目"));
        }
    }

    #[test]
    fn every_fault_of_a_row_is_told_with_line_and_column() {
        check(&[
            ("a,あ,税務課,担当者,2026-04-01,,\n", &[]),
            ("\n,,,,,,\r\na,あ,税務課,担当者,4/1,,\n", &["4行目「開始日」 roster.value"]),
            (
                "田中,,税務課,課長補佐,2026-04-31,そのうち,さとう\n",
                &[
                    "2行目「ログイン名」 roster.login",
                    "2行目「氏名」 roster.blank",
                    "2行目「役割」 roster.role",
                    "2行目「開始日」 roster.value",
                    "2行目「終了日」 roster.value",
                    "2行目「代理」 roster.login",
                ],
            ),
            ("a,あ,税務課,担当者,,,\n", &["2行目「開始日」 roster.blank"]),
            ("a,あ,,課長,2026-04-01,,\n", &["2行目「部署」 roster.department"]),
            ("a,あ,総務課,事務局,2026-04-01,,\n", &["2行目「部署」 roster.department"]),
            ("a,あ,税務課,担当者,2026-04-01,2026-03-31,\n", &["2行目「終了日」 roster.period"]),
            ("a,あ,税務課,担当者,2026-04-01,,Ａ\n", &["2行目「代理」 roster.deputy"]),
        ]);
    }

    #[test]
    fn a_line_of_another_shape_is_not_read_by_guessing() {
        check(&[
            ("a,あ,税務課,担当者,2026-04-01\n", &["2行目 roster.columns"]),
            ("a,あ,税務課,担当者,2026-04-01,,,余り\n", &["2行目 roster.columns"]),
            ("a,あ,税務課,担当者,2026-04-01,,,,\n", &[]),
            (
                "a,\"あ,税務課,担当者,2026-04-01,,\nb,い,税務課,担当者,2026-04-01,,\n",
                &["2行目 roster.columns", "2行目「氏名」 roster.cell"],
            ),
            ("a,あ,税務課,係長,2026-04-01,,\nb,い\n", &["2行目「役割」 roster.role", "3行目 roster.columns"]),
            ("a,\u{FFFD}あ,税務課,担当者,2026-04-01,,\n", &["2行目「氏名」 roster.cell"]),
            ("a,あ\0,税務課,担当者,2026-04-01,,\n", &["2行目「氏名」 roster.cell"]),
        ]);
        let long = "あ".repeat(101);
        assert_eq!(
            findings(&format!("a,{long},税務課,担当者,2026-04-01,,\n")),
            ["2行目「氏名」 roster.cell"]
        );
    }

    #[test]
    fn what_is_said_twice_or_otherwise_is_reported_with_both_lines() {
        let first = "a,あ,税務課,担当者,2026-04-01,2026-09-30,\n";
        check(&[
            (&format!("{first}{first}"), &["3行目「開始日」 roster.duplicate"]),
            (&format!("{first}Ａ,あ,税務 課,担当者,2026-09-30,,\n"), &["3行目「開始日」 roster.duplicate"]),
            (&format!("{first}a,あ,税務課,担当者,2026-10-01,,\n"), &[]),
            (&format!("{first}a,あ,税務課,課長,2026-04-01,,\n"), &[]),
            (&format!("{first}a,あ,税務課,担当者,2026-04-01,,b\n"), &[]),
            (&format!("{first}a,い,収納課,担当者,2026-04-01,,\n"), &["3行目「氏名」 roster.name"]),
        ]);
        let reading = read_people(&format!("{HEADER}{first}{first}"));
        assert!(reading.findings[0].message.starts_with("2行目と同じ"), "{reading:?}");
        assert_eq!(reading.rows.len(), 1);
    }

    #[test]
    fn an_unknown_role_is_answered_with_the_known_ones() {
        let reading = read_people(&format!("{HEADER}a,あ,税務課,係長,2026-04-01,,\n"));
        let message = &reading.findings[0].message;
        assert!(Role::ALL.iter().all(|role| message.contains(role.label())), "{message}");
    }

    #[test]
    fn no_text_whatever_makes_the_reading_fail() {
        let mut random = fastrand::Rng::with_seed(11);
        let parts = [
            ",",
            "\"",
            "\n",
            "\r",
            "a",
            "税務課",
            "担当者",
            "2026-04-01",
            "\u{FEFF}",
            "\0",
            "あ",
            "\u{FFFD}",
        ];
        for _ in 0..3000 {
            let body: String =
                (0..random.usize(0..60)).map(|_| parts[random.usize(0..parts.len())]).collect();
            let reading = read_people(&format!("{HEADER}{body}"));
            assert!(reading.rows.iter().all(|row| (2..=body.len() + 2).contains(&row.line)), "{body:?}");
        }
    }
}
