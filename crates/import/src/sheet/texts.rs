//! The text fields under labels of their own: goal, challenge, and those that only a town's form has.

use std::ops::Range;

use serde_json::Value;

use super::Reader;
use crate::join::{self, Line, Widths};
use crate::labels::{Role, is_labelled_text};
use crate::ledger::Ledger;

/// The lines of the columns that hold text, learnt from all sheets, as a report sets them alike: how wide a full one is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edges<'s> {
    lines: Vec<(&'static str, &'s str)>,
    pub(crate) widths: Widths,
}

impl<'s> Edges<'s> {
    /// Learns from lines with the names of their columns.
    pub(crate) fn of(lines: Vec<(&'static str, &'s str)>) -> Self {
        let widths = Widths::fitting(lines.iter().map(|(_, line)| *line));
        Self { lines, widths }
    }

    /// The width of a column's full line.
    pub(crate) fn width(&self, column: &str) -> f32 {
        let of_column = self.lines.iter().filter(|(name, _)| *name == column);
        of_column.map(|(_, line)| self.widths.of(line)).fold(0.0, f32::max)
    }
}

impl Reader<'_, '_> {
    pub(super) fn read_texts(&mut self) {
        let form = self.frame.form;
        for (i, field) in form.fields.iter().enumerate() {
            if !is_labelled_text(form, i) {
                continue;
            }
            let name: &'static str = match field.code.as_str() {
                "goal" => "goal",
                "challenge" => "challenge",
                _ => "fields",
            };
            let lines = self.positions(Role::Field(i)).into_iter().map(|label| self.text_after(label)).find(|lines| !lines.is_empty());
            let text = lines.map(|lines| {
                let ranges = self.ranges(&lines);
                self.take_paragraphs(&ranges, name)
            });
            match name {
                "goal" => self.sheet.goal = text,
                "challenge" => self.sheet.challenge = text,
                _ => {
                    self.sheet.fields.insert(field.code.clone(), text.map_or(Value::Null, Value::String));
                }
            }
        }
    }

    /// Takes lines as one text with its paragraphs.
    pub(super) fn take_paragraphs(&mut self, ranges: &[Range<usize>], field: &'static str) -> String {
        let column = if matches!(field, "goal" | "challenge") { "goal" } else { field };
        let (edge, widths) = (self.frame.edges.width(column), self.frame.edges.widths);
        let lines: Vec<Line<'_>> = ranges.iter().filter_map(|range| line(self.ledger, range, field)).collect();
        // Without other lines to learn from, the text's own widest line is the edge.
        let own = lines.iter().map(|line| widths.of(line.text)).fold(0.0, f32::max);
        join::paragraphs(&lines, widths, edge.max(own))
    }
}

/// Takes a line, noting whether an ideographic space stands before it.
fn line<'s>(ledger: &mut Ledger<'s>, range: &Range<usize>, field: &'static str) -> Option<Line<'s>> {
    let before = ledger.text(&(0..range.start));
    let indented = before.ends_with('\u{3000}');
    let text = ledger.take(range, field)?;
    Some(Line { text, indented })
}
