//! The list of results in plan order: one line a response, however the extraction has torn its columns apart.

use std::ops::Range;

use kaikaku_domain::report::IndexEntry;
use kaikaku_domain::text::fold;
use kaikaku_domain::{Sheet, sheet};

use super::{Reader, words};
use crate::cells::Cell;
use crate::departments;
use crate::tokens::{self, Kind};

/// A line of the list: department, last and this year's rating, page.
struct Row {
    department: Range<usize>,
    /// `None` is a dash: no rating.
    previous: Option<String>,
    current: Option<String>,
    ratings: Vec<Range<usize>>,
    page: Option<(u32, Range<usize>)>,
    mark: Option<Range<usize>>,
    /// Number and title before the department.
    before: Vec<Range<usize>>,
    /// Department names behind it.
    supporting: Vec<Range<usize>>,
}

/// A line of the list that has been read.
pub(super) struct Line {
    pub(super) sheet: Option<usize>,
    /// Where it stands in the source.
    pub(super) at: usize,
    pub(super) entry: IndexEntry,
}

impl Line {
    /// In plan order, a sheet's leads in theirs; a line of no sheet stays where it stands.
    fn order(&self, sheets: &[Sheet]) -> (usize, usize, usize) {
        let lead = self.sheet.map(|sheet| {
            let name = fold(&self.entry.department);
            sheets[sheet].lead_departments.iter().position(|lead| fold(lead) == name).unwrap_or(usize::MAX)
        });
        (self.sheet.unwrap_or(usize::MAX), lead.unwrap_or_default(), self.at)
    }
}

/// What has been read of the list.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) all: Vec<Line>,
    /// Where titles stand that were taken with their line: the sheet and what is left of the line.
    pub(super) titled: Vec<(usize, usize, Range<usize>)>,
    pub(super) marks: Vec<(usize, &'static str)>,
}

/// What the house prints where there is nothing to print.
pub(crate) const DASHES: [&str; 6] = ["－", "-", "―", "—", "ー", "–"];

impl Reader<'_, '_> {
    pub(super) fn read_index(&mut self, cells: &[Cell]) -> (Vec<IndexEntry>, Vec<Option<String>>) {
        self.claim_groups(cells);
        let mut lines = Lines::default();
        let mut from = 0;
        for (at, cell) in cells.iter().enumerate() {
            let Some(mut row) = self.row(cell) else { continue };
            if let (Some(first), Some(last)) = (row.supporting.first(), row.supporting.last()) {
                // The list may go on below its row.
                row.supporting = self.names_from(cells, at, Some(first.start..last.end)).0;
            }
            if let Some((sheet, _)) = self.title_at(&cell.range) {
                lines.titled.push((cell.range.start, sheet, cell.range.end..cell.range.end));
            }
            let place = self.place_of(&row, from);
            from = place.map_or(from, |(place, _)| place + 1);
            let entry = self.take_row(row, place.map(|(_, sheet)| sheet));
            lines.all.extend(entry.map(|entry| Line {
                sheet: place.map(|(_, sheet)| sheet),
                at: cell.range.start,
                entry,
            }));
        }
        self.take_torn_rows(cells, &mut lines);
        self.take_torn_columns(cells, &mut lines);
        self.take_loose_pages(cells, &mut lines);
        self.take_supporting(cells, &mut lines);
        lines.all.sort_by_key(|line| line.order(self.sheets));
        let marks = (0..self.sheets.len())
            .map(|sheet| {
                lines.marks.iter().find(|(of, _)| *of == sheet).map(|(_, mark)| (*mark).to_owned()).or_else(
                    || {
                        lines
                            .all
                            .iter()
                            .filter(|line| line.sheet == Some(sheet))
                            .find_map(|line| line.entry.mark.clone())
                    },
                )
            })
            .collect::<Vec<_>>();
        let entries = lines.all.into_iter().map(|line| {
            let mark = line.entry.mark.clone().or_else(|| line.sheet.and_then(|sheet| marks[sheet].clone()));
            // A measure that is new was not rated; where a dash is a grade too, it still only says that.
            let is_new = mark.as_deref() == Some(sheet::ADDED);
            let previous = line.entry.previous.filter(|grade| !(is_new && DASHES.contains(&grade.as_str())));
            IndexEntry { mark, previous, ..line.entry }
        });
        (entries.collect(), marks)
    }

    /// Lines that the extraction broke: number, title, mark and lead on one line, the supporting departments on
    /// further ones, the ratings and the page on the last.
    fn take_torn_rows(&mut self, cells: &[Cell], lines: &mut Lines) {
        let mut open: Option<(usize, Option<IndexEntry>, usize)> = None;
        for cell in cells {
            if let Some((sheet, rest)) =
                self.title_at(&cell.range).filter(|_| self.ledger.is_free(&cell.range))
            {
                let mut words = words(self.ledger.text(&rest), rest.start);
                let marked = words.first().and_then(|word| self.mark(word));
                if marked.is_some() {
                    words.remove(0);
                }
                let leads = &self.sheets[sheet].lead_departments;
                let lead = words
                    .first()
                    .filter(|word| leads.iter().any(|lead| fold(lead) == fold(self.ledger.text(word))))
                    .cloned();
                if lead.is_none() && marked.is_none() {
                    continue;
                }
                let head = cell.range.start..words.first().map_or(cell.range.end, |word| word.start);
                lines.marks.extend(marked.map(|mark| (sheet, mark)));
                // The title and the mark repeat the sheet's own; the supporting departments follow later.
                let tail_start = lead.as_ref().map_or(head.end, |lead| lead.end);
                self.ledger.label(&(head.start..head.end));
                let entry = lead.and_then(|lead| {
                    let department = self.ledger.take(&lead, "index")?.to_owned();
                    Some(IndexEntry {
                        page: None,
                        department,
                        supporting: None,
                        previous: None,
                        current: None,
                        mark: None,
                    })
                });
                lines.titled.push((cell.range.start, sheet, tail_start..cell.range.end));
                open = Some((sheet, entry, cell.range.start));
                let rest = tail_start..cell.range.end;
                self.take_tail(&rest, &mut open, lines);
            } else if self.ledger.is_free(&cell.range) {
                self.take_tail(&cell.range, &mut open, lines);
            }
        }
    }

    /// Ratings and page at the end of a stretch complete the line that is open.
    fn take_tail(
        &mut self,
        range: &Range<usize>,
        open: &mut Option<(usize, Option<IndexEntry>, usize)>,
        lines: &mut Lines,
    ) {
        let mut rest = words(self.ledger.text(range), range.start);
        let page = rest.last().and_then(|word| Some((self.number(word)?, word.clone())));
        rest.truncate(rest.len() - usize::from(page.is_some()));
        let mut ratings: Vec<(Option<String>, Range<usize>)> = Vec::new();
        while let Some(rating) = rest.last().filter(|_| ratings.len() < 2).and_then(|word| self.rating(word))
        {
            let Some(word) = rest.pop() else { break };
            ratings.push((rating, word));
        }
        if ratings.is_empty() {
            return;
        }
        let Some((sheet, entry, at)) = open.as_mut() else { return };
        let Some(mut entry) = entry.take() else { return };
        entry.current = ratings[0].0.clone();
        entry.previous = ratings.get(1).and_then(|(rating, _)| rating.clone());
        for (_, word) in &ratings {
            self.ledger.take(word, "index");
        }
        entry.page = page.and_then(|(page, word)| self.ledger.take(&word, "index").map(|_| page));
        lines.all.push(Line { sheet: Some(*sheet), at: *at, entry });
    }

    /// Rows that name a group (基本目標１：…) or a measure's parent (② …) repeat the sheets' paths.
    fn claim_groups(&mut self, cells: &[Cell]) {
        for cell in cells {
            if self.is_parent(&cell.range) {
                self.ledger.label(&cell.range);
                continue;
            }
            let source = self.ledger.text(&(0..cell.range.end));
            for token in tokens::tokens(source, self.form, self.labels, std::slice::from_ref(cell)) {
                let Kind::Node { level, title, .. } = &token.kind else { continue };
                let name = &self.form.levels[*level].name;
                let text = fold(self.ledger.text(title));
                let mut nodes = self.sheets.iter().flat_map(|sheet| &sheet.path);
                if nodes.any(|node| node.level == *name && fold(&node.title) == text) {
                    self.ledger.label(&token.range);
                }
            }
        }
    }

    /// A line of nothing but a parent's title, its number or both.
    fn is_parent(&self, range: &Range<usize>) -> bool {
        let text = self.ledger.text(range).trim();
        let is_number = |text: &str| self.form.levels.iter().any(|level| level.printed.read(text).is_some());
        let mut parents = self.sheets.iter().flat_map(|sheet| sheet.path.iter().rev().skip(1));
        // A grade may be written like a number: C is Ⅽ to who counts in Roman numerals.
        (is_number(text) && self.rating(range).is_none() && !text.chars().all(|c| c.is_ascii_digit()))
            || parents.any(|node| {
                let title = text.trim_start_matches(self.form.print_number(node).as_str());
                fold(title) == fold(&node.title)
            })
    }

    fn row(&self, cell: &Cell) -> Option<Row> {
        if !self.ledger.is_free(&cell.range) {
            return None;
        }
        let mut rest = words(self.ledger.text(&cell.range), cell.range.start);
        let page = rest.last().and_then(|word| Some((self.number(word)?, word.clone())));
        if page.is_some() {
            rest.pop();
        }
        let mut ratings: Vec<(Option<String>, Range<usize>)> = Vec::new();
        while let Some(rating) = rest.last().filter(|_| ratings.len() < 2).and_then(|word| self.rating(word))
        {
            ratings.push((rating, rest.pop()?));
        }
        if ratings.len() < 2 {
            return None;
        }
        let is_name = |word: &Range<usize>| departments::is_complete(self.ledger.text(word));
        let lead =
            rest.iter().position(|word| self.is_lead(word)).or_else(|| rest.iter().rposition(is_name))?;
        let mut before: Vec<Range<usize>> = rest[..lead].to_vec();
        let mark = before.iter().position(|word| self.mark(word).is_some()).map(|at| before.remove(at));
        Some(Row {
            department: rest[lead].clone(),
            current: ratings[0].0.clone(),
            previous: ratings[1].0.clone(),
            ratings: ratings.into_iter().map(|(_, range)| range).collect(),
            page,
            mark,
            before,
            supporting: rest[lead + 1..].to_vec(),
        })
    }

    /// A page number.
    pub(super) fn number(&self, word: &Range<usize>) -> Option<u32> {
        let text = fold(self.ledger.text(word));
        ((1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse().ok())?
    }

    /// A grade's code, or a dash for none.
    pub(super) fn rating(&self, word: &Range<usize>) -> Option<Option<String>> {
        let text = self.ledger.text(word);
        match self.front.scale.iter().find(|grade| fold(&grade.code) == fold(text)) {
            Some(grade) => Some(Some(grade.code.clone())),
            None => DASHES.contains(&text).then_some(None),
        }
    }

    /// The document's word for a mark that the house may print in its own.
    pub(super) fn mark(&self, word: &Range<usize>) -> Option<&'static str> {
        let text = fold(self.ledger.text(word));
        let is = |printed: &str| text == fold(printed);
        if is(&self.form.style.added) {
            Some(sheet::ADDED)
        } else {
            is(&self.form.style.revised).then_some(sheet::REVISED)
        }
    }

    fn is_lead(&self, word: &Range<usize>) -> bool {
        let name = fold(self.ledger.text(word));
        self.sheets.iter().flat_map(|sheet| &sheet.lead_departments).any(|lead| fold(lead) == name)
    }

    /// The response that a line is of, counted over all sheets' leads, with its sheet: the next one of its department
    /// (and page), or else one of its page.
    fn place_of(&self, row: &Row, from: usize) -> Option<(usize, usize)> {
        let responses = || {
            self.sheets
                .iter()
                .enumerate()
                .flat_map(|(i, sheet)| sheet.lead_departments.iter().map(move |lead| (i, lead)))
        };
        let name = fold(self.ledger.text(&row.department));
        let page = row.page.as_ref().map(|(page, _)| *page);
        let fits = |sheet: usize, lead: &str| {
            let of_page =
                page.is_none() || self.sheets[sheet].page.is_none() || page == self.sheets[sheet].page;
            of_page && fold(lead) == name
        };
        let next = responses().enumerate().skip(from).find(|(_, (sheet, lead))| fits(*sheet, lead));
        let of_page = || {
            responses().enumerate().find(|(_, (sheet, _))| page.is_some() && self.sheets[*sheet].page == page)
        };
        next.or_else(of_page).map(|(place, (sheet, _))| (place, sheet))
    }

    fn take_row(&mut self, row: Row, sheet: Option<usize>) -> Option<IndexEntry> {
        let department = self.ledger.take(&row.department, "index")?.to_owned();
        for range in &row.ratings {
            self.ledger.take(range, "index");
        }
        let page =
            row.page.as_ref().and_then(|(page, range)| self.ledger.take(range, "index").map(|_| *page));
        for word in &row.before {
            self.claim_if_known(word, sheet);
        }
        let mark = row.mark.as_ref().and_then(|word| self.mark(word));
        row.mark.iter().for_each(|word| {
            self.ledger.take(word, "index");
        });
        let supporting = departments::take(self.ledger, &row.supporting, "index");
        Some(IndexEntry {
            page,
            department,
            supporting: (!supporting.is_empty()).then_some(supporting),
            previous: row.previous,
            current: row.current,
            mark: mark.map(str::to_owned),
        })
    }

    /// Number and title of a line repeat the sheet's own.
    fn claim_if_known(&mut self, word: &Range<usize>, sheet: Option<usize>) {
        let written = self.ledger.text(word);
        let is_number = self.form.levels.iter().any(|level| level.printed.read(written).is_some());
        let title = sheet.map(|sheet| fold(self.sheets[sheet].title())).unwrap_or_default();
        if is_number || title.contains(&fold(written)) {
            self.ledger.label(word);
        }
    }

    /// Page numbers cut loose from their ratings: each belongs to the lines without one whose sheet stands there.
    fn take_loose_pages(&mut self, cells: &[Cell], lines: &mut Lines) {
        for cell in cells {
            let Some(word) = words(self.ledger.text(&cell.range), cell.range.start).pop() else { continue };
            let Some(page) = self.number(&word).filter(|_| self.ledger.is_free(&word)) else { continue };
            let without = lines.all.iter_mut().filter(|line| line.entry.page.is_none());
            let of_page: Vec<&mut Line> = without
                .filter(|line| line.sheet.is_some_and(|sheet| self.sheets[sheet].page == Some(page)))
                .collect();
            if !of_page.is_empty() {
                self.ledger.take(&word, "index");
                of_page.into_iter().for_each(|line| line.entry.page = Some(page));
            }
        }
    }
}
