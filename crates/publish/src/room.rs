//! How long each text of a sheet is and how much room its page has for it, in lines of the smallest size.
//!
//! Reckoned with the estimate that chooses a sheet's size (`fit.rs`, `table.rs`), so that it says what the pages show.

use crate::fit::LEADING;
use crate::fitting::SAFETY;
use crate::geometry::{PAD_Y, SHEET_HEIGHT, SIZES};
use crate::table::{Cell, Look, Table, Written, stacked};
use crate::view::{FieldPlace, Part, SheetView};

/// The size that a sheet is set in before it goes on to a second page, in points.
pub(crate) const SMALLEST: f64 = SIZES[SIZES.len() - 1];
/// The height that a sheet on one page may have, in points.
const ROOM: f64 = SHEET_HEIGHT - SAFETY;
/// More lines than any page has.
const MANY: u32 = 200;

/// The texts of one sheet in printed order, and the sheet to try other lengths of them on.
pub(crate) struct Texts {
    /// The sheet without its content: only the heights that the content takes.
    sheet: SheetView,
    texts: Vec<Text>,
}

/// A field's text, or the rows of its chart, which can be longer or shorter.
pub(crate) struct Text {
    pub(crate) place: FieldPlace,
    /// Whether its lines are a table's rows.
    pub(crate) is_rows: bool,
    /// Full-width characters on a line.
    pub(crate) characters: u32,
    /// The height of each of its lines, in points.
    lines: Vec<f64>,
    /// The height of a further line.
    further: f64,
    /// How many lines it has on the sheet as it is tried.
    kept: u32,
    /// Part, table, row and cell that it stands in.
    at: [usize; 4],
}

impl Texts {
    /// The texts of a sheet that has not been fitted to its page.
    pub(crate) fn of(mut sheet: SheetView) -> Self {
        let mut texts = Vec::new();
        for (part, tables) in sheet.parts.iter_mut().map(Part::tables_mut).enumerate() {
            for (at, table) in tables.into_iter().enumerate() {
                texts.extend(texts_of(table, [part, at, 0, 0]));
                table.freeze(SMALLEST);
            }
        }
        Self { sheet, texts }
    }

    /// The text of a field, where the sheet has the field.
    pub(crate) fn text(&self, place: &FieldPlace) -> Option<&Text> {
        self.texts.iter().find(|text| text.place == *place)
    }

    /// How many lines the field may have in all while the sheet is on one page and everything else stays as it is.
    pub(crate) fn most(&mut self, place: &FieldPlace) -> Option<u32> {
        let text = self.texts.iter().position(|text| text.place == *place)?;
        let before = self.texts[text].kept;
        let most = last(MANY, |lines| {
            self.keep(text, lines);
            self.height() <= ROOM
        });
        self.keep(text, before);
        Some(most.unwrap_or_default())
    }

    /// By how many lines the texts that may be shortened are too long, when the longest give way first: without these
    /// lines the sheet is on one page. `None` when it would not be, even if each of them kept but one line.
    ///
    /// The typeset pages have the last word: a sheet that goes on to a second page is too long by a line at least.
    pub(crate) fn excess(&mut self, may_change: impl Fn(&FieldPlace) -> bool) -> Option<Vec<(usize, u32)>> {
        let limit = ROOM.min(self.height() - 1.0);
        let texts: Vec<usize> = (0..self.texts.len())
            .filter(|text| self.texts[*text].kept > 0 && may_change(&self.texts[*text].place))
            .collect();
        let longest = last(MANY, |lines| {
            self.cut(&texts, lines);
            self.height() <= limit
        });
        if let Some(lines) = longest {
            self.cut(&texts, lines);
            // What one text gives up may be room enough for another one, or no room to it at all.
            for text in &texts {
                let (least, all) = (self.texts[*text].kept, self.texts[*text].count());
                let more = last(all - least, |more| {
                    self.keep(*text, least + more);
                    self.height() <= limit
                });
                self.keep(*text, least + more.unwrap_or_default());
            }
        }
        let excess = texts.iter().map(|text| (*text, self.texts[*text].count() - self.texts[*text].kept));
        let excess: Vec<(usize, u32)> = excess.filter(|(_, lines)| *lines > 0).collect();
        for text in texts {
            self.keep(text, self.texts[text].count());
        }
        longest.map(|_| excess)
    }

    /// The text of this number.
    pub(crate) fn get(&self, text: usize) -> &Text {
        &self.texts[text]
    }

    fn height(&self) -> f64 {
        self.sheet.height(SMALLEST)
    }

    /// Tries texts that are no higher than so many lines, but a line at least.
    fn cut(&mut self, texts: &[usize], lines: u32) {
        let height = f64::from(lines) * SMALLEST * (1.0 + LEADING);
        for text in texts {
            self.keep(*text, self.texts[*text].lines_within(height).max(1));
        }
    }

    /// Tries a text with so many lines.
    fn keep(&mut self, text: usize, lines: u32) {
        let text = &mut self.texts[text];
        let change = text.height(lines) - text.height(text.kept);
        text.kept = lines;
        let [part, table, row, cell] = text.at;
        let mut tables = self.sheet.parts[part].tables_mut();
        tables[table].rows[row][cell].extra += change;
    }
}

impl Text {
    /// How many lines it has.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.lines.len()).unwrap_or(MANY)
    }

    /// The height of its first lines, or with further ones like them.
    fn height(&self, lines: u32) -> f64 {
        let further = f64::from(lines.saturating_sub(self.count())) * self.further;
        self.lines.iter().take(lines as usize).sum::<f64>() + further
    }

    /// How many of its lines are within a height.
    fn lines_within(&self, height: f64) -> u32 {
        last(self.count(), |lines| self.height(lines) <= height + 1e-6).unwrap_or_default()
    }
}

/// What is written into a table: its rows, where they are one field's, otherwise the texts in its cells.
fn texts_of(table: &mut Table, [part, at, ..]: [usize; 4]) -> Vec<Text> {
    if let Some(place) = table.place.clone() {
        let lines = table.body_heights(SMALLEST);
        let first = table.rows.first().and_then(|row| row.first());
        let characters = first.map(|cell| characters(cell, table.width_of(0, 0)));
        // Rows go one by one only when they are one cell.
        let mut whole = Cell::empty(Look::Plain).over(table.widths.len());
        whole.extra = lines.iter().sum::<f64>() - 2.0 * PAD_Y;
        table.rows = vec![vec![whole]];
        return vec![Text {
            place,
            is_rows: true,
            characters: characters.unwrap_or_default(),
            kept: u32::try_from(lines.len()).unwrap_or(MANY),
            further: SMALLEST + 2.0 * PAD_Y,
            lines,
            at: [part, at, 0, 0],
        }];
    }
    let mut texts = Vec::new();
    for (row, cells) in table.rows.iter().enumerate() {
        for (place, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.written.is_empty()) {
            let width = table.width_of(row, place);
            let at = [part, at, row, place];
            texts.extend(cell.written.iter().map(|written| text_of(cell, written, width, at)));
        }
    }
    texts
}

fn text_of(cell: &Cell, written: &Written, width: f64, at: [usize; 4]) -> Text {
    let em = SMALLEST * cell.scale();
    let blocks = cell.blocks.get(written.blocks.clone()).unwrap_or_default();
    let count = blocks.iter().map(|block| block.lines(cell.inner(width) / em)).sum();
    let line = (stacked(2) - stacked(1)) * em;
    Text {
        place: written.place.clone(),
        is_rows: false,
        characters: characters(cell, width),
        lines: std::iter::repeat_n(line, count as usize).collect(),
        further: line,
        kept: count,
        at,
    }
}

/// How many full-width characters a line in a cell of this width has.
fn characters(cell: &Cell, width: f64) -> u32 {
    let room = cell.inner(width) / (SMALLEST * cell.scale());
    last(MANY, |count| f64::from(count) <= room).unwrap_or_default()
}

/// The last number up to `most` for which something holds that holds up to some number and not beyond.
fn last(most: u32, mut holds: impl FnMut(u32) -> bool) -> Option<u32> {
    if !holds(0) {
        return None;
    }
    let (mut yes, mut no) = (0, most + 1);
    while no - yes > 1 {
        let middle = yes + (no - yes) / 2;
        if holds(middle) { yes = middle } else { no = middle }
    }
    Some(yes)
}
