//! The fields that only a town's form has: short values beside their labels, each told by its kind.
//!
//! A label's value stands behind it. Where an extraction has moved it away, it is what can be a value of that field and
//! of no other; where that is not one piece of text alone, the field stays empty.

use std::ops::Range;

use kaikaku_domain::form::{Field, FieldKind, Form};
use kaikaku_domain::text::{fold, reads_same};
use kaikaku_domain::{Date, Severity, number};
use serde_json::Value;

use super::Reader;
use crate::departments;
use crate::labels::Role;
use crate::tokens::Kind;

/// Whether a field only the form has, whose value is a word or two: several may stand on one line.
pub(crate) fn is_short(field: &Field) -> bool {
    let kinds = [FieldKind::Rating, FieldKind::Choice, FieldKind::Number, FieldKind::Date];
    !field.is_core() && kinds.contains(&field.kind)
}

/// A value read, with the stretch that tells it: a number's without its unit.
struct Read {
    value: String,
    range: Range<usize>,
}

impl Reader<'_, '_> {
    /// Reads every field of the form's own but text; each has its place in `fields`, in the form's order.
    pub(super) fn read_own(&mut self) {
        let form = self.frame.form;
        self.sheet.fields = form.own_fields().map(|field| (field.code.clone(), Value::Null)).collect();
        let mut missing: Vec<usize> = Vec::new();
        for (i, field) in form.fields.iter().enumerate().filter(|(_, field)| !field.is_core()) {
            match field.kind {
                FieldKind::Indicators | FieldKind::Effects => self.read_figures(i),
                FieldKind::Departments => self.read_names(i),
                _ if is_short(field) => {
                    let behind = self.positions(Role::Field(i)).into_iter().map(|label| label + 1);
                    let found = behind.filter_map(|at| Some((at, self.value_at(field, at)?))).next();
                    match found {
                        Some((at, read)) => self.take_value(field, at, &read),
                        None => missing.push(i),
                    }
                }
                _ => {}
            }
        }
        self.read_moved(&missing);
    }

    /// Values that were moved away from their labels but not out of their section.
    fn read_moved(&mut self, missing: &[usize]) {
        let form = self.frame.form;
        let mut found: Vec<(usize, usize, Read)> = Vec::new();
        for i in missing {
            let Some(label) = self.positions(Role::Field(*i)).first().copied() else { continue };
            let fits = |at: usize| Some((at, self.value_at(&form.fields[*i], at)?));
            let mut values = self.section_of(label).filter_map(fits);
            if let (Some((at, read)), None) = (values.next(), values.next()) {
                found.push((*i, at, read));
            }
        }
        let places: Vec<usize> = found.iter().map(|(_, at, _)| *at).collect();
        for (i, at, read) in found {
            // What two fields could have is neither's.
            if places.iter().filter(|other| **other == at).count() == 1 {
                self.take_value(&form.fields[i], at, &read);
            }
        }
    }

    /// The tokens between the headings around a token.
    fn section_of(&self, at: usize) -> Range<usize> {
        let is_heading =
            |at: &usize| matches!(self.tokens[*at].role(), Some(Role::Heading | Role::RoadmapHeading));
        let from = (0..at).rev().find(is_heading).map_or(0, |heading| heading + 1);
        let to = (at..self.tokens.len()).find(is_heading).unwrap_or(self.tokens.len());
        from..to
    }

    /// What a free token is as the field's value.
    fn value_at(&self, field: &Field, at: usize) -> Option<Read> {
        let token = self.tokens.get(at)?;
        let is_value = matches!(token.kind, Kind::Text | Kind::Label(Role::Grade(_)));
        let is_free = is_value && !self.is_closed(at) && self.ledger.is_free(&token.range);
        let range = is_free.then(|| token.range.clone())?;
        let (value, length) = read(self.frame.form, field, self.ledger.text(&range))?;
        Some(Read { value, range: range.start..range.start + length })
    }

    fn take_value(&mut self, field: &Field, at: usize, read: &Read) {
        let end = self.tokens[at].range.end;
        if self.ledger.take(&read.range, "fields").is_some() {
            self.ledger.label(&(read.range.end..end));
            self.sheet.fields.insert(field.code.clone(), Value::String(read.value.clone()));
        }
    }

    fn read_names(&mut self, field: usize) {
        let labels = self.positions(Role::Field(field));
        let names = labels.into_iter().map(|label| self.names_after(label)).find(|names| !names.is_empty());
        let ranges = self.ranges(&names.unwrap_or_default());
        let names = departments::take(self.ledger, &ranges, "fields");
        if !names.is_empty() {
            let code = self.frame.form.fields[field].code.clone();
            self.sheet.fields.insert(code, names.into_iter().map(Value::String).collect());
        }
    }

    /// Tells that a field's table could not be read.
    pub(super) fn find_unread(&mut self, field: usize, evidence: String) {
        let label = self.frame.form.fields[field].label.clone();
        self.find("sheet.figures", Severity::Warning, &label, "表の行と列を読み取れません。", evidence);
    }
}

/// The value that a text is in print, and how many of its bytes tell it; `None` when it cannot be this field's.
fn read(form: &Form, field: &Field, text: &str) -> Option<(String, usize)> {
    let whole = text.trim_end().len();
    match field.kind {
        FieldKind::Rating => {
            let grade = form.scale.iter().find(|grade| reads_same(&grade.code, text))?;
            Some((grade.code.clone(), whole))
        }
        FieldKind::Choice => {
            let choice = field.choices.iter().find(|choice| reads_same(&choice.label, text))?;
            Some((choice.code.clone(), whole))
        }
        FieldKind::Number => {
            let unit = field.unit.as_deref().unwrap_or_default();
            let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
            let end = ends.rev().find(|end| {
                fold(&text[*end..]) == fold(unit) && !text[..*end].ends_with(char::is_whitespace)
            })?;
            number::read(&text[..end])?;
            Some((text[..end].trim().to_owned(), end))
        }
        FieldKind::Date => Some((Date::read_written(text)?.to_string(), whole)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_by_its_kind() {
        let form = Form::from_toml(include_str!("../../../../examples/second-form/form.toml")).unwrap();
        let field = |kind: FieldKind| form.own_fields().find(|field| field.kind == kind).unwrap().clone();
        let check = |field: &Field, text: &str, expect: Option<(&str, &str)>| {
            let found = read(&form, field, text).map(|(value, end)| (value, text[..end].to_owned()));
            assert_eq!(found, expect.map(|(value, told)| (value.to_owned(), told.to_owned())), "{text}");
        };
        let choice = field(FieldKind::Choice);
        check(&choice, &choice.choices[0].label, Some((&choice.choices[0].code, &choice.choices[0].label)));
        check(&choice, "その他", None);
        let number = Field { unit: Some("人".to_owned()), ..field(FieldKind::Number) };
        check(&number, "1,234.5人", Some(("1,234.5", "1,234.5")));
        check(&number, "▲2 人", Some(("▲2", "▲2")));
        check(&number, "12", None);
        check(&number, "約12人", None);
        let date = field(FieldKind::Date);
        check(&date, "2025（令和7）年6月18日", Some(("2025-06-18", "2025（令和7）年6月18日")));
        check(&date, "2025（令和7）年度", None);
        let rating = field(FieldKind::Rating);
        check(&rating, "Ｓ", Some(("S", "Ｓ")));
        check(&rating, "AA", None);
    }
}
