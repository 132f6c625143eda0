//! A town's own fields among the inputs: texts, choices, numbers, and tables of figures by year.

use indexmap::IndexMap;
use kaikaku_domain::FiscalYear;
use kaikaku_domain::field::{Direction, Effect, EffectValue, Indicator, IndicatorValue};
use kaikaku_domain::form::{Field, FieldKind, Form};
use kaikaku_domain::period::PeriodKind;
use kaikaku_domain::submission;
use serde_json::Value;

use super::{Inputs, Problem};

impl Inputs {
    /// A town's own fields: a text is one input, a table one for every figure.
    pub(super) fn own_fields(&mut self, fields: &IndexMap<String, Value>) {
        for (code, value) in fields {
            let name = format!("field.{code}");
            match value {
                Value::String(text) => {
                    self.texts.insert(name, text.clone());
                }
                Value::Array(items) if items.iter().all(Value::is_string) => {
                    let lines: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                    self.texts.insert(name, lines.join("\n"));
                }
                Value::Array(items) => {
                    for (row, item) in items.iter().enumerate() {
                        self.table_row(&format!("{name}.{row}"), item);
                    }
                }
                _ => {}
            }
        }
    }

    fn table_row(&mut self, prefix: &str, item: &Value) {
        for (key, value) in item.as_object().into_iter().flatten() {
            match value {
                Value::String(text) => {
                    self.texts.insert(format!("{prefix}.{key}"), text.clone());
                }
                Value::Bool(flag) => {
                    self.texts.insert(format!("{prefix}.{key}"), if *flag { "1" } else { "" }.to_owned());
                }
                Value::Array(years) => {
                    for figures in years {
                        let year = figures["year"].as_i64().unwrap_or_default();
                        for (column, figure) in figures.as_object().into_iter().flatten() {
                            if let Some(figure) = figure.as_str() {
                                self.texts.insert(format!("{prefix}.{column}.{year}"), figure.to_owned());
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The town's own fields that are written in this period; the others stay as they are.
    pub(super) fn fields(
        &self,
        form: &Form,
        kind: PeriodKind,
        is_result: bool,
        before: &IndexMap<String, Value>,
        problems: &mut Vec<Problem>,
    ) -> IndexMap<String, Value> {
        let mut fields = before.clone();
        for field in submission::fields_of(form, kind, is_result).filter(|field| !field.is_core()) {
            match self.own_value(field, before.get(&field.code)) {
                // A document may hold the field as null: then it stays so, and another one does not get it.
                Ok(Value::Null) => {
                    if let Some(value) = fields.get_mut(&field.code) {
                        *value = Value::Null;
                    }
                }
                Ok(value) => {
                    fields.insert(field.code.clone(), value);
                }
                Err(message) => problems.push(Problem { field: field.code.clone(), message }),
            }
        }
        fields
    }

    /// A field's value as the document has it; null where nothing was entered.
    fn own_value(&self, field: &Field, before: Option<&Value>) -> Result<Value, String> {
        let name = format!("field.{}", field.code);
        let text = self.text(&name);
        let value = match field.kind {
            FieldKind::Indicators => self.indicators(&name, before),
            FieldKind::Effects => self.effects(&name, before),
            FieldKind::Departments => {
                let names: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                if names.is_empty() { Value::Null } else { serde_json::json!(names) }
            }
            _ if text.is_empty() => Value::Null,
            // What is read as a code or a number is read without regard to width; a text is kept to the letter.
            _ => match field.refuse(text) {
                Some(message) => return Err(message),
                None => Value::String(text.to_owned()),
            },
        };
        Ok(value)
    }

    fn indicators(&self, name: &str, before: Option<&Value>) -> Value {
        let rows = self.rows(name).filter_map(|row| {
            let text = |key: &str| self.said(&format!("{name}.{row}.{key}"));
            let years = self.years(name, row, before);
            let values = years.into_iter().map(|year| IndicatorValue {
                year,
                target: text(&format!("target.{year}", year = year.year())),
                actual: text(&format!("actual.{year}", year = year.year())),
            });
            let direction = match self.text(&format!("{name}.{row}.direction")) {
                "down" => Direction::Down,
                "keep" => Direction::Keep,
                _ => Direction::Up,
            };
            let indicator = Indicator {
                name: text("name")?,
                unit: text("unit").unwrap_or_default(),
                direction,
                base: text("base"),
                values: values.collect(),
                source: text("source"),
            };
            serde_json::to_value(indicator).ok()
        });
        table(rows.collect())
    }

    fn effects(&self, name: &str, before: Option<&Value>) -> Value {
        let rows = self.rows(name).filter_map(|row| {
            let text = |key: &str| self.said(&format!("{name}.{row}.{key}"));
            let values = self.years(name, row, before).into_iter().map(|year| EffectValue {
                year,
                planned: text(&format!("planned.{}", year.year())),
                actual: text(&format!("actual.{}", year.year())),
            });
            let effect = Effect {
                label: text("label")?,
                recurring: text("recurring").is_some(),
                unit: text("unit").unwrap_or_default(),
                values: values.collect(),
                basis: text("basis"),
            };
            serde_json::to_value(effect).ok()
        });
        table(rows.collect())
    }

    /// The rows of a table that anything was posted for.
    pub(crate) fn rows(&self, name: &str) -> impl Iterator<Item = usize> + use<> {
        let prefix = format!("{name}.");
        let number = |key: &String| key.strip_prefix(&prefix)?.split('.').next()?.parse::<usize>().ok();
        let rows: std::collections::BTreeSet<usize> = self.texts.keys().filter_map(number).collect();
        rows.into_iter()
    }

    /// The years of which a row has a figure, and those that it had before, with or without one; in order.
    fn years(&self, name: &str, row: usize, before: Option<&Value>) -> Vec<FiscalYear> {
        let prefix = format!("{name}.{row}.");
        let year = |(key, text): (&String, &String)| {
            let (_, year) = key.strip_prefix(&prefix)?.split_once('.')?;
            FiscalYear::new(year.parse().ok()?).ok().filter(|_| !text.is_empty())
        };
        let had = before.and_then(|rows| rows.get(row)).and_then(|row| row["values"].as_array());
        let had = had
            .into_iter()
            .flatten()
            .filter_map(|figures| FiscalYear::new(i32::try_from(figures["year"].as_i64()?).ok()?).ok());
        let years: std::collections::BTreeSet<FiscalYear> =
            self.texts.iter().filter_map(year).chain(had).collect();
        years.into_iter().collect()
    }
}

fn table(rows: Vec<Value>) -> Value {
    if rows.is_empty() { Value::Null } else { Value::Array(rows) }
}
