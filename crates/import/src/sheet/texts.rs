//! The text fields under labels of their own: goal, challenge, and those that only a town's form has.

use std::ops::Range;

use serde_json::Value;

use kaikaku_domain::form::Form;

use super::Reader;
use crate::join::{self, Column, Line, Widths};
use crate::labels::{Role, is_labelled_text};
use crate::ledger::Ledger;
use crate::tokens::Kind;

/// The lines of the columns that hold text, learnt from all sheets, as a report sets them alike: how wide a full one is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edges<'s> {
    lines: Vec<(&'static str, &'s str)>,
    pub(crate) widths: Widths,
}

impl<'s> Edges<'s> {
    /// Learns from each sheet's lines with the names of their columns.
    pub(crate) fn of(sheets: Vec<Vec<(&'static str, &'s str)>>) -> Self {
        let of_column = |lines: &Vec<(&'static str, &'s str)>, column: &str| {
            lines.iter().filter(|(name, _)| *name == column).map(|(_, line)| *line).collect::<Vec<&str>>()
        };
        let groups = ["goal", "narrative"]
            .iter()
            .flat_map(|column| sheets.iter().map(|lines| of_column(lines, column)));
        let widths = Widths::fitting(&groups.collect::<Vec<_>>());
        Self { lines: sheets.into_iter().flatten().collect(), widths }
    }

    /// The width of a column's full line.
    pub(crate) fn width(&self, column: &str) -> f32 {
        let of_column = self.lines.iter().filter(|(name, _)| *name == column).map(|(_, line)| *line);
        match self.widths {
            Widths::Even => join::full_width(of_column, self.widths).unwrap_or_default(),
            _ => join::column_width(of_column, self.widths),
        }
    }
}

impl<'s> Reader<'_, 's> {
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
            let lines = self
                .positions(Role::Field(i))
                .into_iter()
                .map(|label| self.text_after(label))
                .find(|lines| !lines.is_empty());
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
        let name = if matches!(field, "goal" | "challenge") { "goal" } else { field };
        let lines: Vec<Line<'_>> =
            ranges.iter().filter_map(|range| line(self.ledger, range, field)).collect();
        let column = self.column(name, &lines);
        let marks: Vec<String> =
            self.sheet.lead_departments.iter().map(|lead| self.frame.form.department_mark(lead)).collect();
        join::paragraphs(&lines, column, &marks)
    }

    /// The column that the lines stand in. A sheet may be set smaller than the others, and then tells its own edge by
    /// the lines that break off in the middle of a sentence, as far as widths are known and not guessed.
    fn column(&self, name: &str, lines: &[Line<'_>]) -> Column {
        let widths = self.frame.edges.widths;
        let of_sheet = self.lines_of(name).into_iter().chain(lines.iter().map(|line| line.text));
        let full = join::full_width(of_sheet, widths).filter(|_| widths == Widths::Even);
        Column { widths, edge: full.unwrap_or_else(|| self.frame.edges.width(name)) }
    }

    /// The sheet's lines in a column, whatever has been taken of them.
    fn lines_of(&self, name: &str) -> Vec<&'s str> {
        let mut column = None;
        let mut lines = Vec::new();
        for token in &self.tokens {
            column = column_after(self.frame.form, column, &token.kind, self.ledger.text(&token.range));
            if token.is_text() && column == Some(name) {
                lines.push(self.ledger.text(&token.range).trim());
            }
        }
        lines
    }
}

/// Which column of text the tokens stand in after this one: `goal` for goal and challenge, `narrative`, or none.
pub(crate) fn column_after(
    form: &Form,
    column: Option<&'static str>,
    kind: &Kind,
    text: &str,
) -> Option<&'static str> {
    match kind {
        Kind::Label(Role::Period(_)) => Some("narrative"),
        Kind::Label(Role::Field(i)) => match form.fields[*i].code.as_str() {
            "goal" | "challenge" => Some("goal"),
            "narrative" if form.periods.len() == 1 => Some("narrative"),
            _ => None,
        },
        Kind::Label(Role::Grade(_)) => column,
        Kind::Text if !text.starts_with(&form.style.bullet) => column,
        _ => None,
    }
}

/// Takes a line, noting whether an ideographic space stands before it.
fn line<'s>(ledger: &mut Ledger<'s>, range: &Range<usize>, field: &'static str) -> Option<Line<'s>> {
    let before = ledger.text(&(0..range.start));
    let indented = before.ends_with('\u{3000}');
    let text = ledger.take(range, field)?;
    Some(Line { text, indented })
}
