//! The source cut into cells: stretches of a line that stand together, in reading order.

use std::ops::Range;

use crate::ledger::is_line_end;

/// A stretch of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Bytes of the source, trimmed.
    pub(crate) range: Range<usize>,
    /// The line that it stands on, counted from 0.
    pub(crate) line: usize,
    /// Whether a blank line stands before it.
    pub(crate) gap: bool,
    /// Whether it is the first on a page that goes on with what the page before left open.
    pub(crate) breaks: bool,
}

/// A page of the source: all of it where no page end is marked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    /// In reading order: column by column where the extraction has kept the layout.
    pub(crate) cells: Vec<Cell>,
    /// Line by line: how a list reads, whose rows a layout-keeping extraction keeps whole.
    pub(crate) lines: Vec<Cell>,
}

/// What a stretch of a line is to the layout around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A heading: what stands beside each other above it does not go on below.
    Heading,
    /// A label whose value stands to its right.
    Label,
    /// Anything else.
    Text,
}

/// Cuts the source at page ends and lines. `place` tells what a stretch is.
pub(crate) fn pages(source: &str, place: impl Fn(&Range<usize>) -> Place) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut lines: Vec<(Range<usize>, usize)> = Vec::new();
    let (mut start, mut number) = (0, 0);
    for (at, c) in source.char_indices().filter(|(_, c)| is_line_end(*c)).chain([(source.len(), '\u{c}')]) {
        lines.push((start..at, number));
        (start, number) = (at + c.len_utf8(), number + 1);
        if c == '\u{c}' {
            pages.push(page(source, &lines, &place));
            lines.clear();
        }
    }
    pages
}

fn page(source: &str, lines: &[(Range<usize>, usize)], place: &impl Fn(&Range<usize>) -> Place) -> Page {
    let mut page = Page::default();
    let mut rows: Vec<Vec<Stretch>> = Vec::new();
    let mut gap = false;
    for (range, line) in lines {
        let parts = split_columns(source, range);
        let (Some((_, first)), Some((_, last))) = (parts.first(), parts.last()) else {
            gap = true;
            continue;
        };
        let cell = |range: Range<usize>, gap: bool| Cell { range, line: *line, gap, breaks: false };
        page.lines.push(cell(first.start..last.end, gap));
        rows.push(
            parts
                .into_iter()
                .enumerate()
                .map(|(i, (column, range))| Stretch {
                    columns: vec![column],
                    cell: cell(range, gap && i == 0),
                })
                .collect(),
        );
        gap = false;
    }
    // A page keeps its layout when many of its lines hold several stretches; elsewhere two or more spaces are text.
    let several = rows.iter().filter(|row| row.len() > 1).count();
    page.cells = if several * 5 > rows.len() { by_column(rows, place) } else { page.lines.clone() };
    page
}

/// A cell with the columns that what goes on with it may begin in.
struct Stretch {
    columns: Vec<usize>,
    cell: Cell,
}

/// The parts of a line that two or more spaces keep apart, with the column each begins in, counted in characters as a
/// layout-keeping extraction does.
fn split_columns(source: &str, range: &Range<usize>) -> Vec<(usize, Range<usize>)> {
    const APART: usize = 2;
    let mut parts: Vec<(usize, Range<usize>)> = Vec::new();
    let mut spaces = APART;
    for (column, (offset, c)) in source[range.clone()].char_indices().enumerate() {
        let at = range.start + offset;
        match c {
            // An ideographic space is text between words, but never begins or ends a part.
            '\u{3000}' => {}
            _ if c.is_whitespace() => spaces += 1,
            _ => {
                match parts.last_mut() {
                    Some((_, part)) if spaces < APART => part.end = at + c.len_utf8(),
                    _ => parts.push((column, at..at + c.len_utf8())),
                }
                spaces = 0;
            }
        }
    }
    parts
}

/// Puts stretches that begin in the same column on following lines together, block by block, from the top and the left;
/// across a heading no block goes on.
fn by_column(rows: Vec<Vec<Stretch>>, place: &impl Fn(&Range<usize>) -> Place) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    for row in rows {
        if row.iter().any(|stretch| place(&stretch.cell.range) == Place::Heading) {
            cells.extend(blocks.drain(..).flat_map(|block| block.cells));
        }
        for stretch in with_values(row, place) {
            match blocks.iter_mut().rev().find(|block| block.takes(&stretch)) {
                Some(block) => block.take(stretch),
                None => blocks.push(Block::of(stretch)),
            }
        }
    }
    cells.extend(blocks.into_iter().flat_map(|block| block.cells));
    cells
}

/// Joins each label with the value to its right.
fn with_values(row: Vec<Stretch>, place: &impl Fn(&Range<usize>) -> Place) -> Vec<Stretch> {
    let mut joined: Vec<Stretch> = Vec::new();
    let mut open = false;
    for stretch in row {
        let here = place(&stretch.cell.range);
        match joined.last_mut() {
            Some(label) if open && here == Place::Text => {
                label.cell.range.end = stretch.cell.range.end;
                label.columns.extend(stretch.columns);
            }
            _ => joined.push(stretch),
        }
        open = here == Place::Label;
    }
    joined
}

/// Stretches under each other.
struct Block {
    columns: Vec<usize>,
    cells: Vec<Cell>,
}

impl Block {
    fn of(stretch: Stretch) -> Self {
        Self { columns: stretch.columns, cells: vec![stretch.cell] }
    }

    fn takes(&self, stretch: &Stretch) -> bool {
        const DRIFT: usize = 2;
        const REACH: usize = 3;
        let last = self.cells.last().map_or(0, |cell| cell.line);
        let column = stretch.columns.first().copied().unwrap_or_default();
        let is_under = self.columns.iter().any(|own| own.abs_diff(column) <= DRIFT);
        is_under && last < stretch.cell.line && stretch.cell.line - last <= REACH
    }

    fn take(&mut self, stretch: Stretch) {
        if stretch.columns.len() > 1 {
            self.columns = stretch.columns;
        }
        self.cells.push(stretch.cell);
    }
}
