//! The supporting departments of the list of results: names behind, under or far from the title that they belong to.

use std::ops::Range;

use kaikaku_domain::text::fold;

use super::index::Lines;
use super::{Reader, words};
use crate::cells::Cell;
use crate::departments;
use crate::folded::Folded;

/// Department names without a title before them.
struct Orphan {
    /// The sheet whose title stands last before them.
    after: Option<usize>,
    at: usize,
    lines: Vec<Range<usize>>,
}

impl Reader<'_, '_> {
    /// Supporting departments that stand behind or under a title. Where every list of names has its title, a title
    /// without names has none; else it cannot be told.
    pub(super) fn take_supporting(&mut self, cells: &[Cell], lines: &mut Lines) {
        let mut found: Vec<Option<Vec<String>>> = vec![None; self.sheets.len()];
        let mut titled: Vec<(usize, usize)> = Vec::new();
        let mut orphans: Vec<Orphan> = Vec::new();
        let mut at = 0;
        while at < cells.len() {
            let range = self.free_head(&cells[at].range);
            let taken = lines.titled.iter().find(|(start, ..)| *start == cells[at].range.start);
            let title = match taken {
                Some((_, sheet, rest)) => Some((*sheet, self.free_head(rest))),
                None => self.take_title(&range),
            };
            if let Some((sheet, rest)) = title {
                let first = Some(rest).filter(|rest| self.is_names(rest));
                let (names, next) = self.names_from(cells, at, first);
                titled.push((at, sheet));
                if !names.is_empty() {
                    found[sheet] = Some(departments::take(self.ledger, &names, "index"));
                }
                at = next;
            } else if !range.is_empty() && self.is_names(&range) {
                let (names, next) = self.names_from(cells, at, Some(range));
                orphans.push(Orphan { after: titled.last().map(|(_, sheet)| *sheet), at, lines: names });
                at = next;
            } else {
                at += 1;
            }
        }
        let left = self.give_orphans(orphans, &titled, &mut found);
        let page_start =
            |at: usize| cells[..=at].iter().rposition(|cell| self.is_column_heading(cell)).unwrap_or(0);
        let of_lines: Vec<(Option<usize>, Vec<String>)> =
            lines.all.iter().filter_map(|line| Some((line.sheet, line.entry.supporting.clone()?))).collect();
        for line in &mut lines.all {
            let Some(sheet) = line.sheet else { continue };
            // Several leads share one cell of supporting departments.
            let shared =
                || of_lines.iter().find(|(of, _)| *of == Some(sheet)).map(|(_, names)| names.clone());
            // A list on another page than the names without a title has lost nothing.
            let place = titled.iter().find(|(_, one)| *one == sheet).map(|(place, _)| *place);
            let is_sure =
                place.is_some_and(|place| left.iter().all(|orphan| page_start(*orphan) != page_start(place)));
            let own = line.entry.supporting.take();
            line.entry.supporting =
                own.or_else(|| found[sheet].clone()).or_else(shared).or_else(|| is_sure.then(Vec::new));
        }
    }

    /// The part of a stretch before whatever of it has been taken; empty when its beginning has.
    fn free_head(&self, range: &Range<usize>) -> Range<usize> {
        let words = words(self.ledger.text(range), range.start);
        let free = words.iter().take_while(|word| self.ledger.is_free(word)).last();
        let start = words.first().map_or(range.start, |word| word.start);
        start..free.map_or(start, |word| word.end)
    }

    /// Whether the cell holds the short years over the list's ratings: once a page.
    fn is_column_heading(&self, cell: &Cell) -> bool {
        let text = fold(self.ledger.text(&cell.range));
        let year = self.front.fiscal_year;
        let short = |year| fold(&self.form.print_year_short(year));
        text == format!("{}{}", short(year.previous()), short(year))
    }

    /// Takes a measure's title off the beginning of a stretch; gives the sheet and what stands behind.
    fn take_title(&mut self, range: &Range<usize>) -> Option<(usize, Range<usize>)> {
        let (sheet, rest) = self.title_at(range).filter(|_| self.ledger.is_free(range))?;
        self.ledger.label(&(range.start..if rest.is_empty() { range.end } else { rest.start }));
        Some((sheet, rest))
    }

    /// The measure whose title, with its number if one stands before it, begins a stretch, and what stands behind.
    pub(super) fn title_at(&self, range: &Range<usize>) -> Option<(usize, Range<usize>)> {
        let folded = Folded::new(self.ledger.text(&(0..range.end)), range);
        let ends = self.sheets.iter().enumerate().filter_map(|(i, sheet)| {
            let node = sheet.path.last()?;
            let title: Vec<char> = fold(&node.title).chars().collect();
            let number = self.form.print_number(node);
            let numbered = || {
                let width = fold(&number).chars().count();
                let is_number = width < folded.len() && folded.source_text(&folded.range(0, width)) == number;
                is_number.then(|| folded.after(width, &title))?
            };
            let end = folded.after(0, &title).or_else(numbered)?;
            folded.has_space_before(end).then_some((end, i))
        });
        let (end, sheet) = ends.max_by_key(|(end, i)| (*end, std::cmp::Reverse(*i)))?;
        let rest = folded.range(end, folded.len());
        Some((sheet, if rest.is_empty() { range.end..range.end } else { rest }))
    }

    pub(super) fn is_names(&self, range: &Range<usize>) -> bool {
        let text = self.ledger.text(range);
        let last = text.trim_end_matches(['、', '・']).len() < text.len();
        departments::looks_like_departments(text)
            && (departments::is_complete(text) || last || text.contains(['、', '・']))
    }

    /// The lines of one list of names and the cell after it: `first`, or else the cell after `at` if it holds names. A
    /// list goes on while its last line leaves a name or a separator open.
    pub(super) fn names_from(
        &self,
        cells: &[Cell],
        at: usize,
        first: Option<Range<usize>>,
    ) -> (Vec<Range<usize>>, usize) {
        let free = |at: usize| {
            cells.get(at).map(|cell| self.free_head(&cell.range)).filter(|range| !range.is_empty())
        };
        let mut next = at + 1;
        let mut lines: Vec<Range<usize>> = Vec::new();
        if first.is_none() {
            next += 1;
        }
        lines.extend(
            first.or_else(|| {
                free(at + 1).filter(|range| self.is_names(range) && !self.begins_with_title(range))
            }),
        );
        if lines.is_empty() {
            return (lines, at + 1);
        }
        loop {
            let joined: String = lines.iter().map(|line| self.ledger.text(line).trim()).collect();
            let last = joined.rsplit(['、', '・']).next().unwrap_or_default();
            let is_open = last.is_empty() || !departments::is_complete(last);
            let goes_on = |range: &Range<usize>| departments::looks_like_departments(self.ledger.text(range));
            let Some(range) = free(next).filter(|range| is_open && goes_on(range)) else { break };
            lines.push(range);
            next += 1;
        }
        (lines, next)
    }

    fn begins_with_title(&self, range: &Range<usize>) -> bool {
        let text = fold(self.ledger.text(range));
        self.sheets.iter().any(|sheet| !sheet.title().is_empty() && text.starts_with(&fold(sheet.title())))
    }

    /// Gives names without a title to the one measure between their neighbours that has none; gives the places of
    /// those that stay without.
    fn give_orphans(
        &mut self,
        orphans: Vec<Orphan>,
        titled: &[(usize, usize)],
        found: &mut [Option<Vec<String>>],
    ) -> Vec<usize> {
        let mut left = Vec::new();
        for orphan in orphans {
            let next = titled.iter().find(|(place, _)| *place > orphan.at).map(|(_, sheet)| *sheet);
            let between = match (orphan.after, next) {
                (Some(after), Some(next)) if after < next => after + 1..next,
                _ => 0..0,
            };
            let without: Vec<usize> = between.filter(|sheet| found[*sheet].is_none()).collect();
            match without[..] {
                [sheet] => found[sheet] = Some(departments::take(self.ledger, &orphan.lines, "index")),
                _ => left.push(orphan.at),
            }
        }
        left
    }
}
