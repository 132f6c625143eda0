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
        let (pairs, names_before): (Vec<Pair>, Vec<Vec<Range<usize>>>) =
            self.pairs(cells).into_iter().unzip();
        // Told by their order alone, so only when there are just as many as there should be.
        if responses.is_empty() || pairs.len() != responses.len() {
            return;
        }
        let mut from = 0;
        for (((sheet, lead), pair), names_before) in responses.into_iter().zip(pairs).zip(names_before) {
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
                let mut names: Vec<_> =
                    names_before.into_iter().filter(|name| self.ledger.is_free(name)).collect();
                let list: String = names.iter().map(|name| self.ledger.text(name).trim()).collect();
                if !departments::are_complete(&list) {
                    names = self.names_from(cells, at, None).0;
                }
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

    /// The free ratings that stand next to each other, two by two, with the department names right before those that
    /// stand alone: they are of one row.
    fn pairs(&self, cells: &[Cell]) -> Vec<(Pair, Vec<Range<usize>>)> {
        let mut runs: Vec<(Pair, Vec<Range<usize>>)> = vec![Default::default()];
        let mut names: Vec<Range<usize>> = Vec::new();
        for cell in cells {
            let words = words(self.ledger.text(&cell.range), cell.range.start);
            let is_rating = |word: &Range<usize>| self.rating(word).is_some() && self.ledger.is_free(word);
            for word in words.iter() {
                match self.rating(word).filter(|_| self.ledger.is_free(word)) {
                    Some(rating) => {
                        let Some((run, before)) = runs.last_mut() else { continue };
                        before.append(&mut names);
                        run.push((rating, word.clone()));
                    }
                    None => runs.push(Default::default()),
                }
            }
            let is_open = self.ledger.is_free(&cell.range) && self.title_at(&cell.range).is_none();
            if is_open && self.is_names(&cell.range) {
                names.push(cell.range.clone());
            } else if !words.iter().all(is_rating) {
                names.clear();
            }
        }
        let of_run = |(run, names): (Pair, Vec<Range<usize>>)| {
            let names = if run.len() <= 2 { names } else { Vec::new() };
            run.chunks(2).map(|pair| (pair.to_vec(), names.clone())).collect::<Vec<_>>()
        };
        runs.into_iter().filter(|(run, _)| !run.is_empty()).flat_map(of_run).collect()
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
