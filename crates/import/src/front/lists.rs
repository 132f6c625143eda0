//! The lists around the sheets: results in plan order, results by rating, the tally, the achievements. Read after the
//! sheets, whose titles and departments tell what stands in them.

mod achievements;
mod columns;
mod index;
mod supporting;
mod tally;

pub(crate) use index::DASHES;

use std::ops::Range;

use indexmap::IndexMap;
use kaikaku_domain::form::{Form, fill};
use kaikaku_domain::report::{Achievement, IndexEntry};
use kaikaku_domain::text::fold;
use kaikaku_domain::{Finding, Severity, Sheet};

use crate::cells::{Cell, Page};
use crate::front::Front;
use crate::labels::{Labels, Role};
use crate::ledger::Ledger;

/// What the lists hold.
#[derive(Default)]
pub(crate) struct Lists {
    pub(crate) index: Vec<IndexEntry>,
    pub(crate) tally: IndexMap<String, u32>,
    pub(crate) percent: IndexMap<String, String>,
    pub(crate) achievements: Vec<Achievement>,
    /// 追加 or 修正 by sheet.
    pub(crate) marks: Vec<Option<String>>,
}

/// The parts of the front matter, by the heading that they stand under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Before,
    Index,
    ByRating,
    Achievements,
}

/// What reading any of the lists needs.
struct Reader<'a, 's> {
    ledger: &'a mut Ledger<'s>,
    form: &'a Form,
    labels: &'a Labels,
    front: &'a Front,
    sheets: &'a [Sheet],
    findings: &'a mut Vec<Finding>,
}

/// Reads the lists from the front matter's cells.
pub(crate) fn read(
    ledger: &mut Ledger<'_>,
    form: &Form,
    labels: &Labels,
    pages: &[Page],
    front: &Front,
    sheets: &[Sheet],
    findings: &mut Vec<Finding>,
) -> Lists {
    let mut reader = Reader { ledger, form, labels, front, sheets, findings };
    let parts = reader.parts(pages);
    let of = |part: Part| {
        parts.iter().filter(|(of, _)| *of == part).map(|(_, cell)| (*cell).clone()).collect::<Vec<_>>()
    };
    reader.claim_labels(&parts);
    let (index, marks) = reader.read_index(&of(Part::Index));
    reader.read_by_rating(&of(Part::ByRating));
    let (tally, percent) =
        reader.read_tally(&parts.iter().map(|(_, cell)| (*cell).clone()).collect::<Vec<_>>());
    let achievements = reader.read_achievements(&of(Part::Achievements));
    reader.claim_notes(&parts);
    Lists { index, tally, percent, achievements, marks }
}

impl Reader<'_, '_> {
    /// Sorts the cells by the headings, which may have a number before them.
    fn parts<'c>(&mut self, pages: &'c [Page]) -> Vec<(Part, &'c Cell)> {
        let report = &self.form.report;
        let headings = [
            (Part::Index, fold(&report.index)),
            (Part::ByRating, fold(&report.by_rating)),
            (Part::Achievements, fold(&report.achievements)),
        ];
        const NUMBER: usize = 3;
        let mut part = Part::Before;
        let mut parts = Vec::new();
        for cell in pages.iter().flat_map(|page| &page.cells) {
            let text = fold(self.ledger.text(&cell.range));
            let heading = headings.iter().find(|(_, heading)| {
                text.strip_suffix(heading.as_str()).is_some_and(|number| number.chars().count() <= NUMBER)
            });
            if let Some((begins, _)) = heading {
                part = *begins;
                self.ledger.label(&cell.range);
            }
            parts.push((part, cell));
        }
        parts
    }

    /// Column headings and the like: lines of nothing but labels.
    fn claim_labels(&mut self, parts: &[(Part, &Cell)]) {
        let scale = fold(&self.form.report.scale);
        for (_, cell) in parts {
            let folded = crate::folded::Folded::new(self.ledger.text(&(0..cell.range.end)), &cell.range);
            let is_labels = self.labels.whole_of_front(&folded);
            // A grade alone is a rating cut loose from its line, not a label.
            let has_more = is_labels
                .is_some_and(|found| found.iter().any(|found| !matches!(found.role, Role::Grade(_))));
            if has_more || folded.text(0, folded.len()) == scale {
                self.ledger.label(&cell.range);
            }
        }
    }

    /// The list by rating repeats what list and sheets tell: each line must name a response of that rating.
    fn read_by_rating(&mut self, cells: &[Cell]) {
        let groups: Vec<(String, String)> = self
            .front
            .scale
            .iter()
            .map(|grade| {
                let group =
                    fill(&self.form.report.rating_group, &[("code", &grade.code), ("label", &grade.label)]);
                (grade.code.clone(), fold(&group))
            })
            .collect();
        let responses = self.responses();
        let mut rating: Option<String> = None;
        for cell in cells {
            let text = fold(self.ledger.text(&cell.range));
            if let Some((code, _)) = groups.iter().find(|(_, group)| *group == text) {
                rating = Some(code.clone());
                self.ledger.label(&cell.range);
                continue;
            }
            let mark = fold(&self.form.report.item_mark);
            let line = text.strip_prefix(mark.as_str()).unwrap_or(&text);
            let line = line.trim_start_matches(['○', '〇', '◯', '・']);
            let Some((sheet, department, _)) =
                responses.iter().find(|(_, _, names)| names.iter().any(|name| name == line))
            else {
                continue;
            };
            self.ledger.label(&cell.range);
            let period = self.form.periods.last().map_or("", String::as_str);
            let rated =
                self.sheets[*sheet].response(department, period).and_then(|answer| answer.rating.clone());
            if let (Some(listed), Some(rated)) = (&rating, &rated)
                && listed != rated
            {
                let sheet = &self.sheets[*sheet];
                self.findings.push(Finding {
                    rule: "by_rating.rating".to_owned(),
                    severity: Severity::Error,
                    page: sheet.page,
                    place: format!("{} {} {department}", sheet.reference(), sheet.title()),
                    message: "分類順の一覧の評価が調書と異なります。".to_owned(),
                    evidence: format!("一覧: {listed} ／ 調書: {rated}"),
                });
            }
        }
    }

    /// Every response with the folded names that the list by rating may use for it.
    fn responses(&self) -> Vec<(usize, String, Vec<String>)> {
        let mut responses = Vec::new();
        for (i, sheet) in self.sheets.iter().enumerate() {
            let title = sheet.title();
            let parent = sheet.path.iter().rev().nth(1).map_or("", |node| node.title.as_str());
            for lead in &sheet.lead_departments {
                let marked = format!("{title}{}", self.form.department_mark(lead));
                let names = [title, marked.as_str()]
                    .iter()
                    .flat_map(|title| {
                        let of_parent =
                            fill(&self.form.report.item_of_parent, &[("parent", parent), ("title", title)]);
                        [fold(title), fold(&of_parent)]
                    })
                    .collect();
                responses.push((i, lead.clone(), names));
            }
        }
        // A name without its department would fit several leads; the exact one is looked for first.
        responses
    }

    /// The notes under the list, which count themselves.
    fn claim_notes(&mut self, parts: &[(Part, &Cell)]) {
        let notes: Vec<(String, String)> = self
            .form
            .report
            .notes
            .iter()
            .map(|note| &note.text)
            .chain(&self.form.report.tally_note)
            .chain(&self.form.report.scale_intro)
            .map(|text| {
                let cut = text.find('{').map_or((text.as_str(), ""), |at| {
                    (&text[..at], text[at..].split_once('}').map_or("", |(_, rest)| rest))
                });
                (fold(cut.0), fold(cut.1))
            })
            .collect();
        for (_, cell) in parts {
            let text = fold(self.ledger.text(&cell.range));
            let text = text.trim_start_matches(['※', '・']);
            let is_note = notes.iter().any(|(before, after)| {
                let before = before.trim_start_matches('※');
                text.len() > 3
                    && text.strip_prefix(before).is_some_and(|rest| {
                        after.is_empty() && rest.is_empty()
                            || !after.is_empty() && rest.ends_with(after.as_str())
                    })
            });
            if is_note {
                self.ledger.label(&cell.range);
            }
        }
    }
}

/// The words of a line with their places.
pub(crate) fn words(line: &str, start: usize) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for (at, c) in line.char_indices() {
        let (at, end) = (start + at, start + at + c.len_utf8());
        if c.is_whitespace() {
            open = false;
        } else {
            match words.last_mut() {
                Some(word) if open => word.end = end,
                _ => words.push(at..end),
            }
            open = true;
        }
    }
    words
}
