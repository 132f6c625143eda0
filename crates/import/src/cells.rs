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
}

/// A page of the source: all of it where no page end is marked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) cells: Vec<Cell>,
}

/// Cuts the source at page ends and lines. A page whose lines hold several columns side by side, as a layout-keeping
/// extraction writes them, is put column by column.
pub(crate) fn pages(source: &str) -> Vec<Page> {
    let mut pages = vec![Page::default()];
    let mut lines: Vec<(Range<usize>, usize)> = Vec::new();
    let (mut start, mut number) = (0, 0);
    for (at, c) in source.char_indices().filter(|(_, c)| is_line_end(*c)).chain([(source.len(), '\n')]) {
        lines.push((start..at, number));
        (start, number) = (at + c.len_utf8(), number + 1);
        if c == '\u{c}' || at == source.len() {
            if let Some(page) = pages.last_mut() {
                page.cells = cells(source, &lines);
            }
            lines.clear();
            if c == '\u{c}' {
                pages.push(Page::default());
            }
        }
    }
    pages
}

fn cells(source: &str, lines: &[(Range<usize>, usize)]) -> Vec<Cell> {
    let mut cells: Vec<(Cell, usize)> = Vec::new();
    let mut gap = false;
    for (range, line) in lines {
        let parts = split_columns(source, range);
        gap |= parts.is_empty();
        for (column, range) in parts {
            cells.push((Cell { range, line: *line, gap }, column));
            gap = false;
        }
    }
    let shared = |(_, line): &&(Range<usize>, usize)| cells.iter().filter(|(cell, _)| cell.line == *line).count() > 1;
    if lines.iter().filter(shared).count() * 5 > lines.iter().filter(|(range, _)| !source[range.clone()].trim().is_empty()).count() {
        return by_column(cells);
    }
    cells.into_iter().map(|(cell, _)| cell).collect()
}

/// The parts of a line that two or more spaces keep apart, with the column each begins in (a full-width character
/// takes two).
fn split_columns(source: &str, range: &Range<usize>) -> Vec<(usize, Range<usize>)> {
    let mut parts: Vec<(usize, Range<usize>)> = Vec::new();
    let (mut column, mut spaces) = (0, 2);
    for (offset, c) in source[range.clone()].char_indices() {
        let at = range.start + offset;
        if c.is_whitespace() {
            spaces += if c == '\u{3000}' { 0 } else { 1 };
            // An ideographic space is text between words, but never begins or ends a part.
            if c == '\u{3000}' && parts.is_empty() {
                spaces = 2;
            }
        } else {
            match parts.last_mut() {
                Some((_, part)) if spaces < 2 => part.end = at + c.len_utf8(),
                _ => parts.push((column, at..at + c.len_utf8())),
            }
            spaces = 0;
        }
        column += if c.is_ascii() || ('\u{FF61}'..='\u{FF9F}').contains(&c) { 1 } else { 2 };
    }
    parts
}

/// Puts cells that begin in the same column on following lines together, block by block, from the top and the left.
fn by_column(cells: Vec<(Cell, usize)>) -> Vec<Cell> {
    const DRIFT: usize = 2;
    const REACH: usize = 3;
    struct Block {
        column: usize,
        last_line: usize,
        cells: Vec<Cell>,
    }
    let mut blocks: Vec<Block> = Vec::new();
    for (cell, column) in cells {
        let above = blocks.iter_mut().rev().find(|block| {
            block.column.abs_diff(column) <= DRIFT
                && block.last_line < cell.line
                && cell.line - block.last_line <= REACH
        });
        match above {
            Some(block) => {
                block.last_line = cell.line;
                block.cells.push(cell);
            }
            None => blocks.push(Block { column, last_line: cell.line, cells: vec![cell] }),
        }
    }
    blocks.into_iter().flat_map(|block| block.cells).collect()
}
