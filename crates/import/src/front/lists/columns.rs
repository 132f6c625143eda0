//! The list of results when the extraction has given each of its cells a line of its own: ratings, departments and
//! pages then stand apart, but each in plan order.

use std::ops::Range;

use kaikaku_domain::report::IndexEntry;
use kaikaku_domain::text::fold;

use super::index::{Line, Lines};
use super::{Reader, words};
use crate::cells::Cell;
use crate::departments;

/// Last and this year's rating as they stand side by side; only this year's where nothing stands for last year's.
type Pair = Vec<(Option<String>, Range<usize>)>;

impl Reader<'_, '_> {
    pub(super) fn take_torn_columns(&mut self, cells: &[Cell], lines: &mut Lines) {
        let responses = self.responses_without_line(lines);
        let pairs = self.pairs(cells);
        // Told by their order alone, so only when there are just as many as there should be.
        if responses.is_empty() || pairs.len() != responses.len() {
            return;
        }
        let mut from = 0;
        for ((sheet, lead), pair) in responses.into_iter().zip(pairs) {
            let found = self
                .lead_cell(cells, from..cells.len(), &lead)
                .or_else(|| self.lead_cell(cells, 0..from, &lead));
            let Some((at, word)) = found else { continue };
            from = from.max(at + 1);
            let head = cells[at].range.start..word.start;
            let Some(department) = self.ledger.take(&word, "index").map(str::to_owned) else { continue };
            lines.marks.extend(self.mark(&head).map(|mark| (sheet, mark)));
            self.ledger.label(&head);
            for (_, rating) in &pair {
                self.ledger.take(rating, "index");
            }
            // Several leads share one list of supporting departments, behind the first of them.
            let shared = lines.all.iter().rev().find(|line| line.sheet == Some(sheet));
            let shared = shared.map(|line| line.entry.supporting.clone());
            let supporting = shared.unwrap_or_else(|| {
                let (names, _) = self.names_from(cells, at, None);
                (!names.is_empty()).then(|| departments::take(self.ledger, &names, "index"))
            });
            let entry = IndexEntry {
                page: None,
                department,
                supporting,
                previous: pair.len().checked_sub(2).and_then(|at| pair[at].0.clone()),
                current: pair.last().and_then(|(rating, _)| rating.clone()),
                mark: None,
            };
            lines.titled.push((cells[at].range.start, sheet, word.end..word.end));
            lines.all.push(Line { sheet: Some(sheet), at: cells[at].range.start, entry });
        }
    }

    /// The sheets' leads in plan order, as far as no line of the list is known of them.
    fn responses_without_line(&self, lines: &Lines) -> Vec<(usize, String)> {
        let has_line = |sheet: usize, lead: &str| {
            lines
                .all
                .iter()
                .any(|line| line.sheet == Some(sheet) && fold(&line.entry.department) == fold(lead))
        };
        let of_sheet = |(i, sheet): (usize, &kaikaku_domain::Sheet)| {
            let leads = sheet.lead_departments.iter().filter(|lead| !has_line(i, lead));
            leads.map(|lead| (i, lead.clone())).collect::<Vec<_>>()
        };
        self.sheets.iter().enumerate().flat_map(of_sheet).collect()
    }

    /// The free ratings that stand next to each other, two by two.
    fn pairs(&self, cells: &[Cell]) -> Vec<Pair> {
        let mut runs: Vec<Pair> = vec![Vec::new()];
        for cell in cells {
            let words = words(self.ledger.text(&cell.range), cell.range.start);
            for word in words {
                match self.rating(&word).filter(|_| self.ledger.is_free(&word)) {
                    Some(rating) => {
                        runs.last_mut().into_iter().for_each(|run| run.push((rating.clone(), word.clone())))
                    }
                    None => runs.push(Vec::new()),
                }
            }
        }
        runs.iter().filter(|run| !run.is_empty()).flat_map(|run| run.chunks(2).map(<[_]>::to_vec)).collect()
    }

    /// The free cell that holds the department, maybe with a mark before it.
    fn lead_cell(
        &self,
        cells: &[Cell],
        mut places: Range<usize>,
        lead: &str,
    ) -> Option<(usize, Range<usize>)> {
        places.find_map(|at| {
            let mut words = words(self.ledger.text(&cells[at].range), cells[at].range.start);
            if words.len() == 2 && self.mark(&words[0]).is_some() {
                words.remove(0);
            }
            let [word] = &words[..] else { return None };
            (fold(self.ledger.text(word)) == fold(lead) && self.ledger.is_free(word))
                .then(|| (at, word.clone()))
        })
    }
}
