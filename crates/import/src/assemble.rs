//! Puts the parts together: front matter and sheets into one document, then what only all of it tells.

use kaikaku_domain::form::Form;
use kaikaku_domain::report::{FORMAT, Unassigned};
use kaikaku_domain::sheet::Content;
use kaikaku_domain::text::{fold, reads_same};
use kaikaku_domain::{Finding, Report, Severity, Sheet, check};

use crate::Imported;
use crate::cells::Cell;
use crate::front::{self, Front};
use crate::join::{self, Column, Widths};
use crate::labels::{Labels, Role};
use crate::ledger::Ledger;
use crate::segments::{self, Segment};
use crate::sheet::{self, Frame, ReadSheet};
use crate::tokens::{self, Token};

/// Reads the source by one form; `None` when it shows no sheet of it.
pub(crate) fn assemble(source: &str, form: &Form) -> Option<Imported> {
    let labels = Labels::of(form);
    let segments = segments::segments(source, form, &labels);
    if segments.sheets.is_empty() {
        return None;
    }
    let mut ledger = Ledger::new(source);
    let sheet_cells = segments.sheets.iter().flat_map(|sheet| &sheet.cells);
    let mut front = Front::read(&mut ledger, form, &segments.front, sheet_cells);

    let tokens: Vec<Vec<Token>> =
        segments.sheets.iter().map(|sheet| tokens::tokens(source, form, &labels, &sheet.cells)).collect();
    let frame = Frame {
        form,
        periods: form.periods.clone(),
        grades: form.scale.iter().map(|grade| grade.code.clone()).collect(),
        plan_years: (front.from_year, front.to_year),
        titles: front.titles.clone(),
        edges: edges(source, form, &tokens),
        chart_width: chart_width(source, &tokens, Widths::Pressed),
        marked_chart: Column { widths: Widths::Even, edge: chart_width(source, &tokens, Widths::Even) },
    };
    segments.page_numbers.iter().for_each(|range| {
        ledger.label(range);
    });
    let pages = pages(&mut ledger, &segments.sheets);
    let read: Vec<ReadSheet> = tokens
        .into_iter()
        .zip(&pages)
        .map(|(tokens, page)| sheet::read(&frame, &mut ledger, tokens, *page))
        .collect();
    let mut findings: Vec<Finding> = read.iter().flat_map(|read| read.findings.clone()).collect();
    let contents: Vec<Vec<Vec<String>>> = read.iter().map(|read| read.contents.clone()).collect();
    let mut sheets: Vec<Sheet> = read.into_iter().map(|read| read.sheet).collect();
    give_content_its_level(&mut sheets, contents);

    let lists =
        front::lists::read(&mut ledger, form, &labels, &segments.front, &front, &sheets, &mut findings);
    for (sheet, mark) in sheets.iter_mut().zip(&lists.marks) {
        sheet.mark.clone_from(mark);
    }
    let mut report = Report {
        format: FORMAT.to_owned(),
        form: form.code.clone(),
        municipality: None,
        plan: kaikaku_domain::plan::Plan {
            title: front.plan_title.clone(),
            principle: front.principle.clone(),
            from_year: front.from_year,
            to_year: front.to_year,
            levels: form.plan_levels(),
        },
        fiscal_year: front.fiscal_year,
        periods: form.periods.clone(),
        scale: front.scale.clone(),
        index: lists.index,
        tally: lists.tally,
        percent: lists.percent,
        achievements: lists.achievements,
        sheets,
        unassigned: Vec::new(),
        findings: Vec::new(),
    };
    findings.append(&mut front.findings);
    report.unassigned = unassigned(&ledger, &segments.sheets, &pages, &segments.front);
    if !report.unassigned.is_empty() {
        findings.push(Finding {
            rule: "import.unassigned".to_owned(),
            severity: Severity::Info,
            page: None,
            place: "未割当".to_owned(),
            message: format!(
                "どの欄にも当てはまらない文字が{}か所あります。unassigned に残しました。",
                report.unassigned.len()
            ),
            evidence: String::new(),
        });
    }
    findings.extend(check::check(&report, form));
    findings.sort_by_key(|finding| finding.page);
    report.findings = findings;
    Some(Imported { report, claims: ledger.into_claims() })
}

/// How wide the lines of goals and narratives run: they are set in one column on every sheet.
fn edges<'s>(source: &'s str, form: &Form, sheets: &[Vec<Token>]) -> sheet::texts::Edges<'s> {
    let mut of_sheets = Vec::new();
    for tokens in sheets {
        let mut lines = Vec::new();
        let mut column = None;
        for token in tokens {
            let text = source[token.range.clone()].trim();
            column = sheet::texts::column_after(form, column, &token.kind, text);
            if let Some(column) = column.filter(|_| token.is_text()) {
                lines.push((column, text));
            }
        }
        of_sheets.push(lines);
    }
    sheet::texts::Edges::of(of_sheets)
}

/// How wide the chart's column of labels usually is: the middle of what the sheets' lines behind the months tell.
fn chart_width(source: &str, sheets: &[Vec<Token>], model: Widths) -> f32 {
    let mut widths: Vec<f32> = Vec::new();
    for tokens in sheets {
        let behind_months =
            (1..tokens.len()).filter(|at| matches!(tokens[at - 1].role(), Some(Role::Month(_))));
        let lines = behind_months.flat_map(|at| tokens[at..].iter().take_while(|token| token.is_text()));
        let width = join::column_width(
            lines.map(|token| source[token.range.clone()].trim()).filter(|line| !line.contains(' ')),
            model,
        );
        if width > 0.0 {
            widths.push(width);
        }
    }
    widths.sort_by(f32::total_cmp);
    widths.get(widths.len() / 2).copied().unwrap_or_default()
}

/// The printed page of each sheet: from the numbers printed on them, carried on over sheets that show none.
fn pages(ledger: &mut Ledger<'_>, sheets: &[Segment]) -> Vec<Option<u32>> {
    let repeated = sheets.iter().flat_map(|sheet| &sheet.repeated);
    for range in sheets.iter().flat_map(|sheet| &sheet.printed_pages).map(|(_, range)| range).chain(repeated)
    {
        ledger.label(range);
    }
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    if sheets.iter().all(|sheet| sheet.first_page.is_some()) {
        let printed = |sheet: &Segment| sheet.printed_pages.first().map(|(number, _)| *number);
        return sheets.iter().map(|sheet| printed(sheet).or(sheet.first_page)).collect();
    }
    let offsets: Vec<u32> = sheets
        .iter()
        .enumerate()
        .filter_map(|(i, sheet)| sheet.printed_pages.first()?.0.checked_sub(place(i)))
        .collect();
    let agreed =
        offsets.iter().max_by_key(|offset| offsets.iter().filter(|other| other == offset).count()).copied();
    (0..sheets.len()).map(|i| agreed.map(|first| first + place(i))).collect()
}

/// Tells which level each group of bullets belongs to. A node's content is printed alike on every sheet under it; so
/// of two groups the one that another sheet of the same parent has too is the parent's.
fn give_content_its_level(sheets: &mut [Sheet], contents: Vec<Vec<Vec<String>>>) {
    let seen = contents.clone();
    let parents: Vec<Vec<String>> = sheets.iter().map(|sheet| parent_key(sheet)).collect();
    for (i, groups) in contents.into_iter().enumerate() {
        let sheet = &mut sheets[i];
        let depth = sheet.path.len();
        let shared = |group: &Vec<String>| {
            (0..seen.len()).any(|other| {
                other != i
                    && parents[other] == parents[i]
                    && depth > 1
                    && seen[other].iter().any(|one| same_bullets(one, group))
            })
        };
        let mut groups = groups;
        // Parents before the measure: a group known from a sibling sheet goes first, whatever the source's order.
        groups.sort_by_key(|group| !shared(group));
        let levels =
            sheet.path.iter().rev().take(groups.len()).map(|node| node.level.clone()).collect::<Vec<_>>();
        let mut levels = levels.into_iter().rev();
        for bullets in groups {
            match levels.next() {
                Some(level) => sheet.content.push(Content { level, bullets }),
                None => {
                    if let Some(last) = sheet.content.last_mut() {
                        last.bullets.extend(bullets);
                    } else {
                        sheet.content.push(Content { level: String::new(), bullets });
                    }
                }
            }
        }
    }
}

fn parent_key(sheet: &Sheet) -> Vec<String> {
    let parents = sheet.path.len().saturating_sub(1);
    sheet.path[..parents].iter().map(|node| node.number.clone()).collect()
}

fn same_bullets(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| reads_same(a, b) || fold(a) == fold(b))
}

fn unassigned(
    ledger: &Ledger<'_>,
    sheets: &[Segment],
    pages: &[Option<u32>],
    front: &[crate::cells::Page],
) -> Vec<Unassigned> {
    let holds =
        |cells: &[Cell], at: usize| cells.iter().any(|cell| cell.range.start <= at && at < cell.range.end);
    ledger
        .unclaimed()
        .into_iter()
        .map(|range| {
            let sheet =
                sheets.iter().position(|sheet| holds(&sheet.cells, range.start)).and_then(|i| pages[i]);
            let in_front = || {
                (front.len() > 1)
                    .then(|| front.iter().position(|page| holds(&page.cells, range.start)))
                    .flatten()
            };
            let page = sheet.or_else(|| in_front().and_then(|i| u32::try_from(i + 1).ok()));
            Unassigned { page, text: ledger.text(&range).trim().to_owned() }
        })
        .collect()
}
