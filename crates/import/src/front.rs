//! The front matter: cover and rating definitions, and (in [`lists`]) the list of results, tally and achievements.

pub(crate) mod lists;

use std::ops::Range;

use kaikaku_domain::form::Form;
use kaikaku_domain::scale::Grade;
use kaikaku_domain::text::fold;
use kaikaku_domain::{Finding, FiscalYear, Severity};

use crate::cells::{Cell, Page};
use crate::folded::Folded;
use crate::labels::fiscal_year_at;
use crate::ledger::Ledger;

/// What cover and definitions tell.
pub(crate) struct Front {
    pub(crate) plan_title: String,
    /// 基本理念, as the cover tells it.
    pub(crate) principle: Option<String>,
    pub(crate) from_year: FiscalYear,
    pub(crate) to_year: FiscalYear,
    pub(crate) fiscal_year: FiscalYear,
    pub(crate) scale: Vec<Grade>,
    /// Folded lines of the front matter: among them the titles of the list.
    pub(crate) titles: Vec<String>,
    pub(crate) findings: Vec<Finding>,
}

impl Front {
    /// Reads cover and definitions; the years that the cover does not tell come from the sheets' headings.
    pub(crate) fn read<'c>(
        ledger: &mut Ledger<'_>,
        form: &Form,
        pages: &[Page],
        sheets: impl Iterator<Item = &'c Cell>,
    ) -> Self {
        let cells: Vec<&Cell> = pages.iter().flat_map(|page| &page.cells).collect();
        let mut findings = Vec::new();
        let report_year = report_year(ledger, form, &cells);
        let period = period(ledger, &cells);
        let mut tell = |rule: &str, place: &str, message: &str| {
            findings.push(Finding {
                rule: rule.to_owned(),
                severity: Severity::Warning,
                page: None,
                place: place.to_owned(),
                message: message.to_owned(),
                evidence: String::new(),
            });
        };
        let fiscal_year = report_year.or_else(|| most_frequent_year(ledger, sheets)).unwrap_or_else(|| {
            tell("front.year", "年度", "報告の年度を読み取れません。fiscal_year を書き直してください。");
            FiscalYear::EARLIEST
        });
        let (from_year, to_year) = period.as_ref().map_or_else(
            || {
                tell(
                    "front.period",
                    "計画期間",
                    "計画期間を読み取れません。from_year と to_year を書き直してください。",
                );
                (fiscal_year, fiscal_year)
            },
            |(years, _)| *years,
        );
        let plan_title = plan_title(ledger, form, &cells, period.map(|(_, at)| at)).unwrap_or_else(|| {
            tell(
                "front.title",
                "計画の名称",
                "計画の名称を読み取れません。plan.title を書き直してください。",
            );
            String::new()
        });
        let principle = principle(ledger, pages);
        let scale = scale(ledger, form, &cells, &mut findings);
        let titles = cells.iter().map(|cell| fold(ledger.text(&cell.range))).collect();
        Self { plan_title, principle, from_year, to_year, fiscal_year, scale, titles, findings }
    }
}

/// The report's year, from its title on the cover.
fn report_year(ledger: &mut Ledger<'_>, form: &Form, cells: &[&Cell]) -> Option<FiscalYear> {
    let (before, after) = form.report.title.split_once("{year}")?;
    let (before, after) = (fold(before), fold(after));
    cells.iter().find_map(|cell| {
        let folded = Folded::new(ledger.text(&(0..cell.range.end)), &cell.range);
        let text = folded.text(0, folded.len());
        let year = text.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
        let year = FiscalYear::read(year)?;
        ledger.take(&cell.range, "fiscal_year").map(|_| year)
    })
}

/// The plan's first and last year, from a line that holds both and nothing else, with its place among the cells.
fn period(ledger: &mut Ledger<'_>, cells: &[&Cell]) -> Option<((FiscalYear, FiscalYear), usize)> {
    cells.iter().enumerate().find_map(|(i, cell)| {
        let text = ledger.text(&cell.range);
        let between = ['～', '〜', '~', '－', '―', '-', '→'];
        let (from, to) = text.split_once(between)?;
        let strip = |text: &str| text.trim().trim_start_matches(['（', '(']).to_owned();
        let closing = |text: String| {
            let opens = text.contains(['（', '(']);
            if opens { text } else { text.trim_end_matches(['）', ')']).to_owned() }
        };
        let from = FiscalYear::read(&strip(from))?;
        let to = FiscalYear::read(&closing(strip(to)))?;
        (from <= to && ledger.take(&cell.range, "period").is_some()).then_some(((from, to), i))
    })
}

/// The plan's title: what stands before its period on the cover, or else the first line that is not the report's.
fn plan_title(
    ledger: &mut Ledger<'_>,
    form: &Form,
    cells: &[&Cell],
    period_at: Option<usize>,
) -> Option<String> {
    let reserved = [&form.report.scale, &form.report.index].map(|label| fold(label));
    let is_title = |ledger: &Ledger<'_>, cell: &Cell| {
        let text = fold(ledger.text(&cell.range));
        ledger.is_free(&cell.range) && !reserved.iter().any(|label| text.contains(label))
    };
    let before = period_at.and_then(|at| cells[..at].iter().rev().find(|cell| is_title(ledger, cell)));
    let cell = before.or_else(|| cells.first().filter(|cell| is_title(ledger, cell)))?;
    ledger.take(&cell.range, "plan.title").map(str::to_owned)
}

/// The plan's one sentence: the free lines of a cover of its own that end in a full stop.
fn principle(ledger: &mut Ledger<'_>, pages: &[Page]) -> Option<String> {
    let cover = pages.first().filter(|_| pages.len() > 1)?;
    let free: Vec<&Cell> = cover.cells.iter().filter(|cell| ledger.is_free(&cell.range)).collect();
    let end = free.iter().position(|cell| ledger.text(&cell.range).trim().ends_with('。'))?;
    // The lines right above the one that ends the sentence belong to it.
    let mut start = end;
    while start > 0 && free[start].line == free[start - 1].line + 1 && !free[start].gap {
        start -= 1;
    }
    let lines: Vec<Range<usize>> = free[start..=end].iter().map(|cell| cell.range.clone()).collect();
    Some(lines.iter().filter_map(|line| ledger.take(line, "plan.principle")).collect())
}

fn most_frequent_year<'c>(ledger: &Ledger<'_>, cells: impl Iterator<Item = &'c Cell>) -> Option<FiscalYear> {
    let mut years: Vec<(FiscalYear, usize)> = Vec::new();
    for cell in cells {
        let folded = Folded::new(ledger.text(&(0..cell.range.end)), &cell.range);
        // A heading holds the year near its beginning: ○令和2年度, 令和2年度の取組目標.
        let Some((_, year)) = (0..folded.len().min(2)).find_map(|from| fiscal_year_at(&folded, from)) else {
            continue;
        };
        match years.iter_mut().find(|(known, _)| *known == year) {
            Some((_, count)) => *count += 1,
            None => years.push((year, 1)),
        }
    }
    years.into_iter().max_by_key(|(year, count)| (*count, *year)).map(|(year, _)| year)
}

/// The scale as printed: code and label on a line, the definition on the same line or cut loose from it.
fn scale(ledger: &mut Ledger<'_>, form: &Form, cells: &[&Cell], findings: &mut Vec<Finding>) -> Vec<Grade> {
    let mut scale = form.scale.clone();
    let heading = fold(&form.report.scale);
    let start = cells.iter().position(|cell| fold(ledger.text(&cell.range)).contains(&heading)).unwrap_or(0);
    let mut found: Vec<Option<String>> = vec![None; scale.len()];
    let mut seen = vec![false; scale.len()];
    for (at, cell) in cells.iter().enumerate().skip(start) {
        if let Some((i, definition)) = grade_line(ledger, &scale, &seen, cell) {
            seen[i] = true;
            found[i] = definition;
        } else if let Some((i, definition)) = grade_cells(ledger, &scale, &seen, &cells[at..]) {
            seen[i] = true;
            found[i] = Some(definition);
        }
    }
    let missing: Vec<usize> = (0..scale.len()).filter(|i| found[*i].is_none() && seen[*i]).collect();
    if !missing.is_empty() {
        let loose = loose_definitions(ledger, cells, missing.len());
        for (grade, range) in match_definitions(ledger, &scale, &missing, &loose) {
            found[grade] = ledger.take(&range, "scale").map(str::to_owned);
        }
    }
    for (i, definition) in found.into_iter().enumerate() {
        match definition {
            Some(definition) => scale[i].definition = definition,
            None => findings.push(Finding {
                rule: "front.scale".to_owned(),
                severity: Severity::Info,
                page: None,
                place: format!("評価区分 {}", scale[i].code),
                message: "定義を読み取れないため、様式の定義を使いました。".to_owned(),
                evidence: String::new(),
            }),
        }
    }
    scale
}

/// A line `AA 達成終了 …`: the grade and the definition behind it, if any.
fn grade_line(
    ledger: &mut Ledger<'_>,
    scale: &[Grade],
    seen: &[bool],
    cell: &Cell,
) -> Option<(usize, Option<String>)> {
    let folded = Folded::new(ledger.text(&(0..cell.range.end)), &cell.range);
    let (i, end) = scale.iter().enumerate().filter(|(i, _)| !seen[*i]).find_map(|(i, grade)| {
        let begin: Vec<char> = fold(&format!("{}{}", grade.code, grade.label)).chars().collect();
        let end = folded.after(0, &begin)?;
        let code = fold(&grade.code).chars().count();
        (folded.has_space_before(code) && folded.has_space_before(end)).then_some((i, end))
    })?;
    if !ledger.label(&folded.range(0, end)) {
        return None;
    }
    let definition = ledger.take(&folded.range(end, folded.len()), "scale").map(str::to_owned);
    Some((i, definition))
}

/// Code, label and definition each on a line of its own, one after the other.
fn grade_cells(
    ledger: &mut Ledger<'_>,
    scale: &[Grade],
    seen: &[bool],
    cells: &[&Cell],
) -> Option<(usize, String)> {
    const SHORTEST: usize = 6;
    let [code, label, definition, ..] = cells else { return None };
    let is =
        |cell: &Cell, text: &str| fold(ledger.text(&cell.range)) == fold(text) && ledger.is_free(&cell.range);
    let i =
        (0..scale.len()).find(|i| !seen[*i] && is(code, &scale[*i].code) && is(label, &scale[*i].label))?;
    if fold(ledger.text(&definition.range)).chars().count() < SHORTEST {
        return None;
    }
    let definition = ledger.take(&definition.range, "scale")?.to_owned();
    ledger.label(&code.range);
    ledger.label(&label.range);
    Some((i, definition))
}

/// Lines that can be definitions cut loose: as many as are missing, all ending alike, as definitions do.
fn loose_definitions(ledger: &Ledger<'_>, cells: &[&Cell], count: usize) -> Vec<Range<usize>> {
    const SHORTEST: usize = 6;
    let free: Vec<(&str, Range<usize>)> = cells
        .iter()
        .filter(|cell| ledger.is_free(&cell.range))
        .map(|cell| (ledger.text(&cell.range).trim(), cell.range.clone()))
        .filter(|(text, _)| text.chars().count() >= SHORTEST && !text.contains(['○', '〇', '※', '◆']))
        .collect();
    let ending = |text: &str| text.chars().rev().take(2).collect::<String>();
    free.iter()
        .map(|(text, _)| {
            free.iter()
                .filter(|(other, _)| ending(other) == ending(text))
                .map(|(_, range)| range.clone())
                .collect::<Vec<_>>()
        })
        .find(|alike| alike.len() == count)
        .unwrap_or_default()
}

/// Pairs grades with definitions: first where a label's words stand in the definition, the rest in order.
fn match_definitions(
    ledger: &Ledger<'_>,
    scale: &[Grade],
    grades: &[usize],
    definitions: &[Range<usize>],
) -> Vec<(usize, Range<usize>)> {
    let mut pairs: Vec<(usize, usize, usize)> = Vec::new();
    for grade in grades {
        let label: Vec<char> = fold(&scale[*grade].label).chars().collect();
        for (d, definition) in definitions.iter().enumerate() {
            let text = fold(ledger.text(definition));
            let shared =
                label.windows(2).filter(|pair| text.contains(&pair.iter().collect::<String>())).count();
            // In thousandths of the label, so that a short label wholly found beats a long one half found.
            pairs.push((shared * 1000 / (label.len().max(2) - 1), *grade, d));
        }
    }
    pairs.sort_by_key(|(share, grade, d)| (std::cmp::Reverse(*share), *grade, *d));
    let mut matched: Vec<(usize, usize)> = Vec::new();
    let mut pair = |grade: usize, d: usize| {
        if matched.iter().all(|(g, other)| *g != grade && *other != d) {
            matched.push((grade, d));
        }
    };
    pairs.iter().filter(|(share, ..)| *share > 0).for_each(|(_, grade, d)| pair(*grade, *d));
    for grade in grades {
        (0..definitions.len()).for_each(|d| pair(*grade, d));
    }
    matched.into_iter().map(|(grade, d)| (grade, definitions[d].clone())).collect()
}
