//! The measures of the page, in points: one place for the template, the estimate and the fitting.

use serde::Serialize;

const MM: f64 = 72.0 / 25.4;

/// The sizes that a sheet is set in, largest first. Below seven points a printed Japanese text is no longer read with
/// ease, so a longer sheet goes on to a second page instead.
pub(crate) const SIZES: [f64; 5] = [9.0, 8.5, 8.0, 7.5, 7.0];

/// A sheet's page: A4 landscape.
pub(crate) const SHEET_WIDTH: f64 = (297.0 - 2.0 * 12.0) * MM;
/// The height between the margins of a sheet's page.
pub(crate) const SHEET_HEIGHT: f64 = (210.0 - 11.0 - 12.0) * MM;

/// From a cell's rule to its text.
pub(crate) const PAD_X: f64 = 4.0;
/// From a cell's rule to its text, above and below.
pub(crate) const PAD_Y: f64 = 2.6;
/// The same in the narrow cells of a chart.
pub(crate) const CHART_PAD: f64 = 1.4;
/// Between the parts of a sheet.
pub(crate) const PART_GAP: f64 = 5.0;
/// Between a heading and what it heads.
pub(crate) const NEAR_GAP: f64 = 3.0;
/// A rating's letter on a sheet, in em.
pub(crate) const RATING: f64 = 2.3;
/// Labels and notes that are set smaller, in em.
pub(crate) const SMALL: f64 = 0.89;

/// The column of activity names.
pub(crate) const CHART_LABEL: f64 = 138.0;

/// What the template must know of all this.
#[derive(Serialize)]
pub(crate) struct Geometry {
    leading: f64,
    pad_x: f64,
    pad_y: f64,
    chart_pad: f64,
    part_gap: f64,
    near_gap: f64,
    rating: f64,
    small: f64,
    families: [&'static str; 3],
    breaks: char,
}

impl Geometry {
    pub(crate) fn new() -> Self {
        Self {
            leading: crate::fit::LEADING,
            pad_x: PAD_X,
            pad_y: PAD_Y,
            chart_pad: CHART_PAD,
            part_gap: PART_GAP,
            near_gap: NEAR_GAP,
            rating: RATING,
            small: SMALL,
            families: crate::fonts::FAMILIES,
            breaks: crate::fit::BREAK,
        }
    }
}
