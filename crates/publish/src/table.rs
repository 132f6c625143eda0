//! Tables as plain data, for the template to set and for the estimate to measure: a sheet is a pile of them.

use std::ops::Range;

use serde::Serialize;

use crate::fit::{self, LEADING};
use crate::geometry::{CHART_PAD, PAD_X, PAD_Y, RATING, SMALL};
use crate::view::{FieldPlace, Spot};

/// The part of a line's width up to which a text is on one line for sure.
const CERTAIN: f64 = 0.9;

/// A table; `widths` in points.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Table {
    pub(crate) widths: Vec<f64>,
    /// Header rows: repeated on each page that the table goes on to.
    pub(crate) header: Vec<Vec<Cell>>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// What it shows in words, for those who do not see it.
    pub(crate) summary: Option<String>,
    /// The heights of the header's and the other rows that are certain, in points: Typst sets a row of unknown height
    /// twice.
    pub(crate) heights: Vec<Option<f64>>,
    /// The field whose value the rows are, where the whole table is one.
    #[serde(skip)]
    pub(crate) place: Option<FieldPlace>,
}

/// What a cell is to a reader, and how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Look {
    /// Content.
    Plain,
    /// Content over a chart's whole width.
    Wide,
    /// Content in the middle.
    Centre,
    /// A figure in the middle, on the line that its row's label begins on.
    Figure,
    /// The head of a column.
    Column,
    /// The head of a row.
    Row,
    /// The head of a row in a chart: an activity.
    Activity,
    /// Months or years without a bar.
    Empty,
    /// A bar.
    Bar,
    /// A milestone: one month with a text.
    Milestone,
}

/// A cell over some columns and rows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cell {
    pub(crate) look: Look,
    pub(crate) span: usize,
    pub(crate) rows: usize,
    /// Room added at the bottom so that the sheet fills its page, in points.
    pub(crate) extra: f64,
    /// Whether its blocks are one run of lines: a paragraph each is many times the work.
    in_lines: bool,
    pub(crate) blocks: Vec<Block>,
    /// Which of the blocks somebody wrote, and where.
    #[serde(skip)]
    pub(crate) written: Vec<Written>,
}

/// The blocks of a cell that one field's text became: none where nothing is written yet.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) place: FieldPlace,
    pub(crate) blocks: Range<usize>,
}

/// A piece of a cell's content.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Block {
    /// Text, line by line.
    Text { lines: Vec<String> },
    /// Text whose further lines hang behind the bullet that it begins with.
    Item { text: String },
    /// A label above what it names.
    Label { text: String },
    /// A rating, large.
    Rating { text: String },
    /// The title of a node after its number: a heading of the document where `level` is given, bold where it is the
    /// measure itself; `back` is the list's row that it leads back to.
    Node { text: String, level: Option<usize>, bold: bool, back: Option<Spot> },
    /// A bar that has no text, told in words.
    Alt { text: String },
}

impl Cell {
    pub(crate) fn new(look: Look, blocks: Vec<Block>) -> Self {
        let in_lines = blocks.iter().all(Block::is_in_lines);
        Self { look, span: 1, rows: 1, extra: 0.0, in_lines, blocks, written: Vec::new() }
    }

    pub(crate) fn push(&mut self, block: Block) {
        self.in_lines &= block.is_in_lines();
        self.blocks.push(block);
    }

    /// Adds what was written into a field.
    pub(crate) fn write(&mut self, place: FieldPlace, blocks: Vec<Block>) {
        let from = self.blocks.len();
        blocks.into_iter().for_each(|block| self.push(block));
        self.written.push(Written { place, blocks: from..self.blocks.len() });
    }

    pub(crate) fn text(look: Look, lines: Vec<String>) -> Self {
        Self::new(look, vec![Block::text(lines)])
    }

    pub(crate) fn empty(look: Look) -> Self {
        Self::new(look, Vec::new())
    }

    pub(crate) fn over(mut self, span: usize) -> Self {
        self.span = span;
        self
    }

    pub(crate) fn down(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// Whether every piece of it is on one line for sure, also where a glyph is wider than the estimate has it.
    fn is_one_line(&self, width: f64, size: f64) -> bool {
        let room = self.inner(width) / (size * self.scale()) * CERTAIN;
        self.blocks.iter().all(|block| match block {
            Block::Text { lines } => lines.iter().all(|line| fit::width(line) <= room),
            Block::Item { text } | Block::Label { text } | Block::Node { text, .. } => {
                fit::width(text) <= room
            }
            Block::Rating { text } => fit::width(text) * RATING <= room,
            Block::Alt { .. } => true,
        })
    }

    /// The room for text in a cell of this width, in points.
    pub(crate) fn inner(&self, width: f64) -> f64 {
        let pad = match self.look {
            Look::Bar | Look::Milestone => 3.0 * CHART_PAD,
            Look::Empty => CHART_PAD,
            _ => PAD_X,
        };
        (width - 2.0 * pad).max(1.0)
    }

    /// How large its text is set, as a part of the sheet's size.
    pub(crate) fn scale(&self) -> f64 {
        if matches!(self.look, Look::Bar | Look::Milestone) { SMALL } else { 1.0 }
    }

    /// The height in a column of this width with text of this size, in points.
    fn height(&self, width: f64, size: f64) -> f64 {
        let em = size * self.scale();
        let room = self.inner(width) / em;
        let blocks: f64 = self.blocks.iter().map(|block| block.height(room) * em).sum();
        let gaps = self.blocks.len().saturating_sub(1) as f64 * LEADING * em;
        self.bare_height() + blocks + gaps + self.extra
    }

    /// The height without any content.
    fn bare_height(&self) -> f64 {
        2.0 * match self.look {
            Look::Bar | Look::Milestone => 2.0 * CHART_PAD,
            Look::Empty => CHART_PAD,
            _ => PAD_Y,
        }
    }
}

impl Block {
    pub(crate) fn text(lines: Vec<String>) -> Self {
        Self::Text { lines }
    }

    /// A text's lines, those that begin with a bullet hanging behind it.
    pub(crate) fn prose(lines: Vec<String>) -> Vec<Self> {
        let mut blocks = Vec::new();
        for line in lines {
            let bulleted = line.starts_with(BULLETS) && line.chars().nth(1).is_some();
            match blocks.last_mut() {
                _ if bulleted => blocks.push(Self::Item { text: line }),
                Some(Self::Text { lines }) => lines.push(line),
                _ => blocks.push(Self::text(vec![line])),
            }
        }
        blocks
    }

    /// Whether it can be one run of lines with its neighbours.
    fn is_in_lines(&self) -> bool {
        !matches!(self, Self::Item { .. } | Self::Alt { .. })
    }

    /// The height in em, in a column of this width in em.
    pub(crate) fn height(&self, room: f64) -> f64 {
        let scale = if matches!(self, Self::Rating { .. }) { RATING } else { 1.0 };
        stacked(self.lines(room)) * scale
    }

    /// How many lines it takes in a column of this width in em.
    pub(crate) fn lines(&self, room: f64) -> u32 {
        match self {
            Self::Text { lines } => lines.iter().map(|line| fit::line_count(line, room, room)).sum(),
            Self::Item { text } => fit::line_count(text, room, room - 1.0),
            Self::Label { text } | Self::Node { text, .. } => fit::line_count(text, room, room),
            Self::Rating { text } => fit::line_count(text, room / RATING, room / RATING),
            Self::Alt { .. } => 1,
        }
    }

    fn soften(&mut self, room: f64) {
        match self {
            Self::Text { lines } => {
                for line in lines {
                    *line = fit::soften(line, room);
                }
            }
            Self::Item { text } => *text = fit::soften(text, room - 1.0),
            Self::Label { text } => *text = fit::soften(text, room),
            Self::Rating { text } => *text = fit::soften(text, room / RATING),
            Self::Node { text, .. } => *text = fit::soften(text, room),
            Self::Alt { .. } => {}
        }
    }
}

/// The signs that begin an item: its further lines hang behind them.
const BULLETS: [char; 14] = ['・', '•', '➢', '○', '〇', '●', '◎', '◇', '◆', '□', '■', '△', '▲', '※'];

/// The height of lines on one another, in em.
pub(crate) fn stacked(lines: u32) -> f64 {
    f64::from(lines) + f64::from(lines.saturating_sub(1)) * LEADING
}

impl Table {
    /// Gives every run of text that is wider than its cell places to break.
    pub(crate) fn soften(&mut self, size: f64) {
        let widths = self.widths.clone();
        for (at, cell) in placed(&mut self.header).chain(placed(&mut self.rows)) {
            let room = cell.inner(spanned(&widths, at, cell.span)) / (size * cell.scale());
            for block in &mut cell.blocks {
                block.soften(room);
            }
        }
    }

    /// The height with text of this size, in points.
    pub(crate) fn height(&self, size: f64) -> f64 {
        self.header_height(size) + self.body_heights(size).iter().sum::<f64>()
    }

    /// Adds `extra` points to the height of row `row`.
    pub(crate) fn stretch(&mut self, row: usize, extra: f64) {
        for cell in self.rows.get_mut(row).into_iter().flatten().filter(|cell| cell.rows == 1) {
            cell.extra += extra;
        }
    }

    /// Adds points to the rows until they are `target` high together: to all the same, or to the last alone.
    pub(crate) fn stretch_to(&mut self, target: f64, size: f64, all: bool) {
        let count = self.rows.len();
        let from = if all { 0 } else { count.saturating_sub(1) };
        let extra = (target - self.height(size)) / (count - from).max(1) as f64;
        if extra > 0.0 {
            (from..count).for_each(|row| self.stretch(row, extra));
        }
    }

    /// Makes the header `height` points high.
    pub(crate) fn raise_header(&mut self, height: f64, size: f64) {
        let extra = height - self.header_height(size);
        self.header.iter_mut().take(1).flatten().for_each(|cell| cell.extra = extra.max(0.0));
    }

    /// The height of the header, in points.
    pub(crate) fn header_height(&self, size: f64) -> f64 {
        measure(&self.header, &self.widths, size).iter().sum()
    }

    /// The heights of the rows below the header.
    pub(crate) fn body_heights(&self, size: f64) -> Vec<f64> {
        measure(&self.rows, &self.widths, size)
    }

    /// Notes the height of every row whose cells are all on one line for sure; of the others Typst finds it.
    pub(crate) fn fix_heights(&mut self, size: f64) {
        self.heights = [&self.header, &self.rows]
            .into_iter()
            .flat_map(|rows| {
                let heights = measure(rows, &self.widths, size);
                let mut certain = vec![true; rows.len()];
                for (row, column, cell) in places(rows) {
                    let sure =
                        cell.rows == 1 && cell.is_one_line(spanned(&self.widths, column, cell.span), size);
                    let reached = (row + cell.rows).min(rows.len());
                    certain[row..reached].iter_mut().for_each(|certain| *certain &= sure);
                }
                heights
                    .into_iter()
                    .zip(certain)
                    .map(|(height, certain)| certain.then_some(height))
                    .collect::<Vec<_>>()
            })
            .collect();
    }

    /// Forgets the content and keeps its heights with text of this size, as added room: such a table is measured at once.
    pub(crate) fn freeze(&mut self, size: f64) {
        let widths = self.widths.clone();
        for (at, cell) in placed(&mut self.header).chain(placed(&mut self.rows)) {
            cell.extra = cell.height(spanned(&widths, at, cell.span), size) - cell.bare_height();
            cell.blocks.clear();
        }
    }

    /// The width of a cell of row `row`, in points.
    pub(crate) fn width_of(&self, row: usize, cell: usize) -> f64 {
        let at = places(&self.rows).filter(|(of, _, _)| *of == row).nth(cell);
        at.map_or(0.0, |(_, column, cell)| spanned(&self.widths, column, cell.span))
    }

    /// Gives every month or year without a bar a cell of its own.
    pub(crate) fn split_empty(&mut self) {
        for row in &mut self.rows {
            let whole = std::mem::take(row);
            row.extend(whole.into_iter().flat_map(|cell| {
                let count = if cell.look == Look::Empty { cell.span } else { 1 };
                let span = if cell.look == Look::Empty { 1 } else { cell.span };
                std::iter::repeat_n(cell.over(span), count)
            }));
        }
    }

    /// Takes away what [`Table::stretch`] added.
    pub(crate) fn relax(&mut self) {
        for cell in self.header.iter_mut().chain(&mut self.rows).flatten() {
            cell.extra = 0.0;
        }
    }
}

fn spanned(widths: &[f64], at: usize, span: usize) -> f64 {
    widths.iter().skip(at).take(span).sum()
}

/// Row heights: the tallest cell's, and what a cell over several rows lacks goes to the last of them.
fn measure(rows: &[Vec<Cell>], widths: &[f64], size: f64) -> Vec<f64> {
    let mut heights = vec![0.0_f64; rows.len()];
    let mut tall = Vec::new();
    for (row, column, cell) in places(rows) {
        let height = cell.height(spanned(widths, column, cell.span), size);
        if cell.rows == 1 {
            heights[row] = heights[row].max(height);
        } else {
            tall.push((row, (row + cell.rows).min(rows.len()), height));
        }
    }
    for (from, to, height) in tall {
        let lack = height - heights[from..to].iter().sum::<f64>();
        heights[to - 1] += lack.max(0.0);
    }
    heights
}

/// Each cell with its row and column, behind the cells that reach down from rows above.
fn places(rows: &[Vec<Cell>]) -> impl Iterator<Item = (usize, usize, &Cell)> {
    let mut reach: Vec<usize> = Vec::new();
    rows.iter().enumerate().flat_map(move |(row, cells)| {
        let mut column = 0;
        let found: Vec<_> = cells
            .iter()
            .map(|cell| {
                while reach.get(column).is_some_and(|until| *until > row) {
                    column += 1;
                }
                let at = column;
                column += cell.span;
                reach.resize(reach.len().max(column), 0);
                reach[at..column].fill(row + cell.rows);
                (row, at, cell)
            })
            .collect();
        found
    })
}

fn placed(rows: &mut [Vec<Cell>]) -> impl Iterator<Item = (usize, &mut Cell)> {
    let columns: Vec<usize> = places(rows).map(|(_, column, _)| column).collect();
    columns.into_iter().zip(rows.iter_mut().flatten())
}
