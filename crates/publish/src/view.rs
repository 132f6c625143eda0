//! The printed report as plain data: what the templates are given, in printed order.
//!
//! Everything that a reader sees is decided here, from the report and the form; the templates only set it.

mod chart;
mod front;
mod sheet;
mod values;

use kaikaku_domain::{Date, Finding, Form, Report};
use serde::Serialize;

use crate::geometry::Geometry;
use crate::ink::Ink;
use crate::table::Table;

pub(crate) use front::Front;

/// The whole report.
pub(crate) struct View {
    pub(crate) frame: Frame,
    pub(crate) sheets: Vec<SheetView>,
}

/// What is not a sheet.
#[derive(Serialize)]
pub(crate) struct Frame {
    geometry: Geometry,
    /// Year, month and day of publication.
    date: (i32, u8, u8),
    front: Front,
}

/// One sheet.
#[derive(Serialize)]
pub(crate) struct SheetView {
    /// The label at its beginning, by which its page is found.
    key: String,
    /// The page that it should begin on; `None`, and not printed, where only the sheet is set and its page not known.
    pub(crate) page: Option<u32>,
    /// What its further pages are headed with.
    name: String,
    /// The size of its text, in points.
    pub(crate) size: f64,
    /// Whether it goes on to further pages.
    pub(crate) continues: bool,
    pub(crate) parts: Vec<Part>,
}

/// A part of a sheet, over its whole width.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Part {
    /// A heading between the tables; `level` as a heading of the document.
    Heading { text: String, level: usize },
    /// Path and content on the left, departments on the right, in one frame.
    Header { left: Table, right: Table },
    /// Columns side by side, which take the room that the page has left: a table for those that have a row an answer,
    /// one for those beside them, so that each is read to its end before the next.
    Answers { tables: Vec<Table> },
    /// The chart or the roadmap; `rules` are the lines between its months or years.
    Chart { table: Table, rules: Option<Rules> },
    /// Any other table.
    Table { table: Table },
    /// Small lines under a table.
    Note { lines: Vec<String> },
}

/// A place in the printed report that a link leads to: a page, and points from its top.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Spot {
    pub(crate) page: u32,
    pub(crate) y: f64,
}

/// A field of a sheet that somebody writes into: of an answer also whose and for when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPlace {
    /// The form's code of the field.
    pub field: String,
    /// The lead department that answers; `None` for what belongs to no answer.
    pub department: Option<String>,
    /// The period that it answers for; `None` for what belongs to no answer.
    pub period: Option<String>,
}

impl FieldPlace {
    /// A field that belongs to the sheet and to no answer.
    pub fn of(field: &str) -> Self {
        Self { field: field.to_owned(), department: None, period: None }
    }

    /// A field of one department's answer for one period.
    pub fn of_answer(field: &str, department: &str, period: &str) -> Self {
        Self {
            field: field.to_owned(),
            department: Some(department.to_owned()),
            period: Some(period.to_owned()),
        }
    }
}

/// Upright lines behind a chart, in points from its corner.
#[derive(Serialize)]
pub(crate) struct Rules {
    pub(crate) at: Vec<f64>,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

impl View {
    /// The report as it is printed, and a finding for every character that had to be replaced.
    pub(crate) fn new(report: &Report, form: &Form, date: Date) -> (Self, Vec<Finding>) {
        let mut ink = Ink::default();
        let front = Front::new(report, form, date, &mut ink);
        let sheets = sheet::sheets(report, form, &mut ink);
        let frame = Frame { geometry: Geometry::new(), date: (date.year(), date.month(), date.day()), front };
        (Self { frame, sheets }, ink.into_findings())
    }
}

impl SheetView {
    /// One sheet of a report as it is printed in it, and the characters that had to be replaced, field by field; `None`
    /// when the report has no such sheet. Of the others only the one before it is looked at.
    pub(crate) fn alone(
        report: &Report,
        form: &Form,
        place: usize,
    ) -> Option<(Self, Vec<(FieldPlace, char)>)> {
        let mut ink = Ink::default();
        let sheet = sheet::view(report, form, place, &mut ink)?;
        Some((sheet, ink.into_missing()))
    }
}

/// The label at a sheet's beginning.
pub(crate) fn sheet_key(place: usize) -> String {
    format!("sheet-{place}")
}

/// The label of a sheet's row in the list.
pub(crate) fn entry_key(place: usize) -> String {
    format!("entry-{place}")
}
