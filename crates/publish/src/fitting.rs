//! Making a sheet fill its page: the largest size at which it fits, then the room that is left given to its rows.

use crate::geometry::{PART_GAP, SHEET_HEIGHT, SIZES};
use crate::table::Table;
use crate::view::{Part, SheetView};

/// Kept free at the foot of a sheet, for what the estimate does not see.
const SAFETY: f64 = 4.0;
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
            None => self.go_on(),
        }
    }

    fn go_on(&mut self) {
        self.relax();
        self.size = SIZES[0];
        self.continues = true;
    }

    /// The height at a size, as estimated, in points.
    pub(crate) fn height(&self, size: f64) -> f64 {
        let parts: f64 = self.parts.iter().map(|part| part.height(size)).sum();
        parts + PART_GAP * self.parts.len().saturating_sub(1) as f64
    }

    /// Gives the room that is left to the rows: first to the charts, then to the answers.
    fn fill(&mut self) {
        let size = self.size;
        let mut left = SHEET_HEIGHT - SAFETY - self.height(size);
        for table in self.parts.iter_mut().filter_map(Part::chart_mut) {
            for (row, height) in table.body_heights(size).into_iter().enumerate() {
                let extra = (CHART_ROW - height).clamp(0.0, left.max(0.0));
                table.stretch(row, extra);
                left -= extra;
            }
        }
        let answers = self.parts.iter_mut().filter_map(Part::answers_mut).next();
        if let Some(table) = answers
            && left > 0.0
        {
            fill_answers(table, size, left);
        }
    }

    /// Takes the added room away; whether there was any.
    fn relax(&mut self) -> bool {
        let before = self.height(self.size);
        self.parts.iter_mut().flat_map(Part::tables_mut).for_each(Table::relax);
        self.height(self.size) < before
    }
}

/// Spreads room evenly over the rows of the answers; what the cells beside them need comes first.
fn fill_answers(table: &mut Table, size: f64, left: f64) {
    let count = table.rows.len();
    let target = table.body_heights(size).iter().sum::<f64>() + left;
    // The rows as their own cells have them, without the part that a cell beside them all adds to the last.
    let mut own = table.clone();
    own.rows.iter_mut().flatten().filter(|cell| cell.rows > 1).for_each(|cell| cell.blocks.clear());
    let heights = own.body_heights(size);
    let extra = (target - heights.iter().sum::<f64>()) / count.max(1) as f64;
    for row in 0..count {
        table.stretch(row, extra.max(0.0));
    }
}

impl Part {
    fn height(&self, size: f64) -> f64 {
        match self {
            // A heading stands nearer to what it heads.
            Self::Heading { .. } => size * 1.05 - PART_GAP * 0.3,
            Self::Header { left, right } => left.height(size).max(right.height(size)),
            Self::Answers { table } | Self::Chart { table } | Self::Table { table } => table.height(size),
            Self::Note { lines } => {
                let room = crate::geometry::SHEET_WIDTH / (size * 0.89);
                let count: u32 = lines.iter().map(|line| crate::fit::line_count(line, room, room)).sum();
                f64::from(count) * size * 0.89 * (1.0 + crate::fit::LEADING)
            }
        }
    }

    fn chart_mut(&mut self) -> Option<&mut Table> {
        if let Self::Chart { table } = self { Some(table) } else { None }
    }

    fn answers_mut(&mut self) -> Option<&mut Table> {
        if let Self::Answers { table } = self { Some(table) } else { None }
    }
}
