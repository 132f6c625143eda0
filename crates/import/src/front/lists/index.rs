//! The list of results in plan order: one line a response, however the extraction has torn its columns apart.

use std::ops::Range;

use kaikaku_domain::report::IndexEntry;
use kaikaku_domain::text::fold;

use super::{Reader, words};
use crate::cells::Cell;
use crate::departments;
use crate::folded::Folded;
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

/// Department names without a title before them.
struct Orphan {
    /// The sheet whose title stands last before them.
    after: Option<usize>,
    at: usize,
    lines: Vec<Range<usize>>,
}

const DASHES: [&str; 6] = ["－", "-", "―", "—", "ー", "–"];

impl Reader<'_, '_> {
    pub(super) fn read_index(&mut self, cells: &[Cell]) -> (Vec<IndexEntry>, Vec<Option<String>>) {
        let mut marks: Vec<Option<String>> = vec![None; self.sheets.len()];
        self.claim_groups(cells);
        let rows: Vec<Row> = cells.iter().filter_map(|cell| self.row(cell)).collect();
        let mut index: Vec<IndexEntry> = Vec::new();
        let mut sheets: Vec<Option<usize>> = Vec::new();
        let mut from = 0;
        for row in rows {
            let place = self.place_of(&row, from);
            from = place.map_or(from, |(place, _)| place + 1);
            let sheet = place.map(|(_, sheet)| sheet);
            let Some(entry) = self.take_row(row, sheet) else { continue };
            if let Some(sheet) = sheet {
                marks[sheet] = marks[sheet].take().or_else(|| entry.mark.clone());
            }
            index.push(entry);
            sheets.push(sheet);
        }
        self.take_loose_pages(cells, &mut index, &sheets);
        self.take_supporting(cells, &mut index, &sheets);
        (index, marks)
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
        let page = self.number(range).is_some();
        let mut parents = self.sheets.iter().flat_map(|sheet| sheet.path.iter().rev().skip(1));
        (is_number(text) && !page)
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
        while let Some(rating) = rest.last().filter(|_| ratings.len() < 2).and_then(|word| self.rating(word)) {
            ratings.push((rating, rest.pop()?));
        }
        if ratings.len() < 2 {
            return None;
        }
        let is_name = |word: &Range<usize>| departments::is_complete(self.ledger.text(word));
        let lead = rest.iter().position(|word| self.is_lead(word)).or_else(|| rest.iter().rposition(is_name))?;
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
    fn number(&self, word: &Range<usize>) -> Option<u32> {
        let text = fold(self.ledger.text(word));
        ((1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
    }

    /// A grade's code, or a dash for none.
    fn rating(&self, word: &Range<usize>) -> Option<Option<String>> {
        let text = self.ledger.text(word);
        match self.front.scale.iter().find(|grade| fold(&grade.code) == fold(text)) {
            Some(grade) => Some(Some(grade.code.clone())),
            None => DASHES.contains(&text).then_some(None),
        }
    }

    /// The document's word for a mark that the house may print in its own.
    fn mark(&self, word: &Range<usize>) -> Option<&'static str> {
        let text = fold(self.ledger.text(word));
        let is = |printed: &str| text == fold(printed);
        if is(&self.form.style.added) {
            Some("追加")
        } else {
            is(&self.form.style.revised).then_some("修正")
        }
    }

    fn is_lead(&self, word: &Range<usize>) -> bool {
        let name = fold(self.ledger.text(word));
        self.sheets.iter().flat_map(|sheet| &sheet.lead_departments).any(|lead| fold(lead) == name)
    }

    /// The response that a line is of, counted over all sheets' leads, with its sheet: the next one of its department
    /// (and page), or else one of its page.
    fn place_of(&self, row: &Row, from: usize) -> Option<(usize, usize)> {
        let responses =
            || self.sheets.iter().enumerate().flat_map(|(i, sheet)| sheet.lead_departments.iter().map(move |lead| (i, lead)));
        let name = fold(self.ledger.text(&row.department));
        let page = row.page.as_ref().map(|(page, _)| *page);
        let fits = |sheet: usize, lead: &str| {
            let of_page = page.is_none() || self.sheets[sheet].page.is_none() || page == self.sheets[sheet].page;
            of_page && fold(lead) == name
        };
        let next = responses().enumerate().skip(from).find(|(_, (sheet, lead))| fits(*sheet, lead));
        let of_page = || responses().enumerate().find(|(_, (sheet, _))| page.is_some() && self.sheets[*sheet].page == page);
        next.or_else(of_page).map(|(place, (sheet, _))| (place, sheet))
    }

    fn take_row(&mut self, row: Row, sheet: Option<usize>) -> Option<IndexEntry> {
        let department = self.ledger.take(&row.department, "index")?.to_owned();
        for range in &row.ratings {
            self.ledger.take(range, "index");
        }
        let page = row.page.as_ref().and_then(|(page, range)| self.ledger.take(range, "index").map(|_| *page));
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

    /// Page numbers cut loose from their lines: each belongs to the lines without one whose sheet stands on that page.
    fn take_loose_pages(&mut self, cells: &[Cell], index: &mut [IndexEntry], sheets: &[Option<usize>]) {
        for cell in cells {
            let Some(page) = self.number(&cell.range).filter(|_| self.ledger.is_free(&cell.range)) else { continue };
            let is_of_page = |sheet: &Option<usize>| sheet.is_some_and(|sheet| self.sheets[sheet].page == Some(page));
            let lines: Vec<usize> =
                (0..index.len()).filter(|i| index[*i].page.is_none() && is_of_page(&sheets[*i])).collect();
            if !lines.is_empty() {
                self.ledger.take(&cell.range, "index");
                lines.into_iter().for_each(|i| index[i].page = Some(page));
            }
        }
    }

    /// Supporting departments that stand behind or under a title. Where every list of names has its title, a title
    /// without names has none; else it cannot be told.
    fn take_supporting(&mut self, cells: &[Cell], index: &mut [IndexEntry], sheets: &[Option<usize>]) {
        let mut found: Vec<Option<Vec<String>>> = vec![None; self.sheets.len()];
        let mut titled: Vec<(usize, usize)> = Vec::new();
        let mut orphans: Vec<Orphan> = Vec::new();
        let mut at = 0;
        while at < cells.len() {
            let range = cells[at].range.clone();
            if let Some((sheet, rest)) = self.take_title(&range) {
                let first = Some(rest).filter(|rest| self.is_names(rest));
                let (lines, next) = self.names_from(cells, at, first);
                titled.push((at, sheet));
                if !lines.is_empty() {
                    found[sheet] = Some(departments::take(self.ledger, &lines, "index"));
                }
                at = next;
            } else if self.ledger.is_free(&range) && self.is_names(&range) {
                let (lines, next) = self.names_from(cells, at, Some(range));
                orphans.push(Orphan { after: titled.last().map(|(_, sheet)| *sheet), at, lines });
                at = next;
            } else {
                at += 1;
            }
        }
        let left = self.give_orphans(orphans, &titled, &mut found);
        // A list on another page than the orphans' has lost nothing.
        let first_left = left.iter().copied().min();
        let last_left = left.iter().copied().max();
        for (entry, sheet) in index.iter_mut().zip(sheets) {
            let Some(sheet) = *sheet else { continue };
            let place = titled.iter().find(|(_, one)| *one == sheet).map(|(place, _)| *place);
            let page_start = |at: usize| cells[..=at].iter().rposition(|cell| self.is_column_heading(cell)).unwrap_or(0);
            let is_sure = place.is_some_and(|place| {
                first_left.is_none_or(|first| page_start(place) > first || last_left.is_some_and(|last| page_start(last) > place))
            });
            entry.supporting = entry.supporting.take().or_else(|| found[sheet].clone()).or_else(|| is_sure.then(Vec::new));
        }
    }

    /// Whether the cell holds the short years over the list's ratings: once a page.
    fn is_column_heading(&self, cell: &Cell) -> bool {
        let text = fold(self.ledger.text(&cell.range));
        let year = self.front.fiscal_year;
        let short = |year| fold(&self.form.print_year_short(year));
        text == format!("{}{}", short(year.previous()), short(year))
    }

    /// Takes a measure's title, with its number if one stands before it, off the beginning of a cell; gives the sheet
    /// and what stands behind.
    fn take_title(&mut self, range: &Range<usize>) -> Option<(usize, Range<usize>)> {
        if !self.ledger.is_free(range) {
            return None;
        }
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
        self.ledger.label(&folded.range(0, end));
        let rest = folded.range(end, folded.len());
        Some((sheet, if rest.is_empty() { range.end..range.end } else { rest }))
    }

    fn is_names(&self, range: &Range<usize>) -> bool {
        let text = self.ledger.text(range);
        let last = text.trim_end_matches(['、', '・']).len() < text.len();
        departments::looks_like_departments(text) && (departments::is_complete(text) || last || text.contains(['、', '・']))
    }

    /// The lines of one list of names and the cell after it: `first`, or else the cell after `at` if it holds names. A
    /// list goes on while its last line leaves a name or a separator open.
    fn names_from(&self, cells: &[Cell], at: usize, first: Option<Range<usize>>) -> (Vec<Range<usize>>, usize) {
        let free = |at: usize| cells.get(at).map(|cell| cell.range.clone()).filter(|range| self.ledger.is_free(range));
        let mut next = at + 1;
        let mut lines: Vec<Range<usize>> = Vec::new();
        if first.is_none() {
            next += 1;
        }
        lines.extend(first.or_else(|| free(at + 1).filter(|range| self.is_names(range) && !self.begins_with_title(range))));
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
