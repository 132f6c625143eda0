//! Making a sheet fill its page: the largest size at which it fits, then the room that is left given to its rows.

use crate::geometry::{NEAR_GAP, PART_GAP, SHEET_HEIGHT, SHEET_WIDTH, SIZES, SMALL};
use crate::table::{Block, Table};
use crate::view::{Part, Rules, SheetView};

/// Kept free at the foot of a sheet, for what the estimate does not see.
pub(crate) const SAFETY: f64 = 4.0;
/// A chart's row, so that a bar is a bar also where its text is short.
const CHART_ROW: f64 = 21.0;

impl SheetView {
    /// Chooses the largest size at which the sheet should fit on one page, and lets it fill that page; a sheet that is
    /// too long for the smallest is set in the largest and goes on to further pages.
    pub(crate) fn fit(&mut self) {
        match SIZES.iter().find(|size| self.height(**size) + SAFETY <= SHEET_HEIGHT) {
            Some(size) => {
                self.size = *size;
                self.fill();
                self.settle();
            }
            None => self.go_on(),
        }
    }

    /// The typeset sheet took more than its page: without the added room, or one size smaller, or on to a second page.
    pub(crate) fn tighten(&mut self) {
        let was_filled = self.relax();
        let smaller = SIZES.iter().find(|size| **size < self.size);
        match smaller {
            _ if was_filled => {}
            Some(size) => self.size = *size,
            None => return self.go_on(),
        }
        self.settle();
    }

    fn go_on(&mut self) {
        self.relax();
        self.size = SIZES[0];
        self.continues = true;
        self.even_out(None);
        // Where the page breaks a chart is not known: there each month has a cell, and the cell its rules.
        self.parts.iter_mut().flat_map(Part::tables_mut).for_each(|table| table.heights.clear());
        for part in &mut self.parts {
            if let Part::Chart { table, rules } = part {
                table.split_empty();
                *rules = None;
            }
        }
    }

    /// Notes the heights that are certain, and draws the lines between months and years as high as the charts are now.
    fn settle(&mut self) {
        let size = self.size;
        self.parts.iter_mut().flat_map(Part::tables_mut).for_each(|table| table.fix_heights(size));
        for part in &mut self.parts {
            if let Part::Chart { table, rules } = part {
                let edges = table.widths.iter().scan(0.0, |edge, width| {
                    *edge += width;
                    Some(*edge)
                });
                let at = edges.take(table.widths.len().saturating_sub(1)).collect();
                *rules = Some(Rules { at, top: table.header_height(size), bottom: table.height(size) });
            }
        }
    }

    /// How many pages the sheet should take.
    pub(crate) fn pages(&self) -> u32 {
        if !self.continues {
            return 1;
        }
        (2..100).find(|pages| self.height(self.size) <= SHEET_HEIGHT * f64::from(*pages)).unwrap_or(100)
    }

    /// The height at a size, as estimated, in points.
    pub(crate) fn height(&self, size: f64) -> f64 {
        let parts: f64 = self.parts.iter().map(|part| part.height(size)).sum();
        parts + PART_GAP * self.parts.len().saturating_sub(1) as f64
    }

    /// Gives the room that is left to the rows: first to the charts, then to the answers.
    fn fill(&mut self) {
        let size = self.size;
        let left = SHEET_HEIGHT - SAFETY - self.height(size);
        let lack =
            |table: &Table| table.body_heights(size).iter().map(|height| lacking(*height)).sum::<f64>();
        let wanted: f64 = self.parts.iter_mut().filter_map(Part::chart_mut).map(|table| lack(table)).sum();
        let share = if wanted > left { left.max(0.0) / wanted } else { 1.0 };
        for table in self.parts.iter_mut().filter_map(Part::chart_mut) {
            for (row, height) in table.body_heights(size).into_iter().enumerate() {
                table.stretch(row, lacking(height) * share);
            }
        }
        self.even_out(Some((left - wanted).max(0.0)));
    }

    /// Makes tables side by side end together, the first answers lower by the room that is `left`. Answers that go on
    /// to another page end where they end.
    fn even_out(&mut self, left: Option<f64>) {
        let size = self.size;
        let mut room = left;
        for part in &mut self.parts {
            match part {
                Part::Header { left, right } => {
                    let target = left.height(size).max(right.height(size));
                    left.stretch_to(target, size, false);
                    right.stretch_to(target, size, false);
                }
                Part::Answers { tables } => {
                    let header = highest(tables, size, Table::header_height);
                    tables.iter_mut().for_each(|table| table.raise_header(header, size));
                    if left.is_some() {
                        let target = highest(tables, size, Table::height) + room.take().unwrap_or_default();
                        tables.iter_mut().for_each(|table| table.stretch_to(target, size, true));
                    }
                }
                _ => {}
            }
        }
    }

    /// Takes the added room away; whether there was any.
    fn relax(&mut self) -> bool {
        let before = self.height(self.size);
        self.parts.iter_mut().flat_map(Part::tables_mut).for_each(Table::relax);
        self.height(self.size) < before
    }
}

/// What a chart's row of this height lacks to be a bar high.
fn lacking(height: f64) -> f64 {
    (CHART_ROW - height).max(0.0)
}

fn highest(tables: &[Table], size: f64, height: fn(&Table, f64) -> f64) -> f64 {
    tables.iter().map(|table| height(table, size)).fold(0.0, f64::max)
}

impl Part {
    fn height(&self, size: f64) -> f64 {
        match self {
            Self::Heading { .. } => size + NEAR_GAP - PART_GAP,
            Self::Header { left, right } => left.height(size).max(right.height(size)),
            Self::Answers { tables } => tables.iter().map(|table| table.height(size)).fold(0.0, f64::max),
            Self::Chart { table, .. } | Self::Table { table } => table.height(size),
            Self::Note { lines } => {
                let block = Block::text(lines.clone());
                block.height(SHEET_WIDTH / (size * SMALL)) * size * SMALL
            }
        }
    }

    fn chart_mut(&mut self) -> Option<&mut Table> {
        if let Self::Chart { table, .. } = self { Some(table) } else { None }
    }
}
