//! The values of a form's own fields: what may stand in a sheet's `fields`, by the field's kind.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fiscal_year::FiscalYear;
use crate::form::{Field, FieldKind};

/// A field's value, read by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// Nothing entered.
    Empty,
    /// Text, a rating's or choice's code, a number or a date as written.
    Text(String),
    /// Department names.
    Departments(Vec<String>),
    /// Indicators with their values by year.
    Indicators(Vec<Indicator>),
    /// Financial effects with their values by year.
    Effects(Vec<Effect>),
}

/// 指標: what is measured, with targets and actual values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Its name.
    pub name: String,
    /// Its unit: `％`, `件`.
    pub unit: String,
    /// Whether more is better.
    pub direction: Direction,
    /// The value before the plan, as printed.
    pub base: Option<String>,
    /// Target and actual value by fiscal year.
    pub values: Vec<IndicatorValue>,
    /// Where the figures come from.
    pub source: Option<String>,
}

/// Which way an indicator should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is better.
    Up,
    /// Less is better.
    Down,
    /// To be kept.
    Keep,
}

/// One fiscal year's target and actual value, as printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorValue {
    /// The fiscal year.
    pub year: FiscalYear,
    /// 目標
    pub target: Option<String>,
    /// 実績
    pub actual: Option<String>,
}

/// 効果額: planned and actual money by year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// What brings it.
    pub label: String,
    /// Whether it comes once or every year.
    pub recurring: bool,
    /// `千円`
    pub unit: String,
    /// Planned and actual money by fiscal year.
    pub values: Vec<EffectValue>,
    /// How it was reckoned.
    pub basis: Option<String>,
}

/// One fiscal year's planned and actual effect, as printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EffectValue {
    /// The fiscal year.
    pub year: FiscalYear,
    /// 計画
    pub planned: Option<String>,
    /// 実績
    pub actual: Option<String>,
}

impl FieldValue {
    /// Reads a document's value by the field's kind.
    ///
    /// # Errors
    /// A Japanese sentence that says what the field wants: when the value is of another kind, a choice that the form
    /// lacks, no number or no date.
    pub fn read(field: &Field, value: &Value) -> Result<Self, String> {
        if value.is_null() {
            return Ok(Self::Empty);
        }
        match field.kind {
            FieldKind::Departments => from(value, "部署名の並び").map(Self::Departments),
            FieldKind::Indicators => from(value, "指標の並び").map(Self::Indicators),
            FieldKind::Effects => from(value, "効果額の並び").map(Self::Effects),
            _ => {
                let text: String = from(value, "文字列")?;
                field.refuse(&text).map_or(Ok(Self::Text(text)), Err)
            }
        }
    }
}

fn from<T: serde::de::DeserializeOwned>(value: &Value, wanted: &str) -> Result<T, String> {
    serde_json::from_value(value.clone())
        .map_err(|error| format!("この欄の値は{wanted}でなければなりません。値を直してください（{error}）。"))
}
