//! The form definition: a town's sheet as data. Its sections, fields, labels as printed, grades, levels and periods.
//!
//! Everything that prints, reads, checks or asks follows from it; code names neither a town nor a town's own field.

mod contradiction;
mod label;

use serde::Deserialize;
use thiserror::Error;

use crate::date::Date;
use crate::fiscal_year::{Digits, FiscalYear, YearStyle};
use crate::number;
use crate::numbering::Numbering;
use crate::plan::{Level, Node};
use crate::scale::Grade;
use crate::sheet;

pub use label::{Note, ReportLabels, fill};

/// The name and version that a definition must carry.
pub const FORMAT: &str = "kaikaku/form@1";

/// A town's form.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Always `kaikaku/form@1`.
    pub format: String,
    /// The code that documents name it by.
    pub code: String,
    /// What it is, for the person who chooses one.
    pub title: String,
    /// How the house writes.
    pub style: Style,
    /// The plan's levels, root first.
    pub levels: Vec<FormLevel>,
    /// The reporting periods in order; the last gives the year's result.
    pub periods: Vec<String>,
    /// The rating scale, best first.
    pub scale: Vec<Grade>,
    /// The labels of the report around the sheets.
    pub report: ReportLabels,
    /// The fields of a sheet.
    pub fields: Vec<Field>,
    /// The sections of a sheet in printed order.
    pub sections: Vec<Section>,
}

/// How the house writes years, digits and marks.
///
/// Marks are words of the house's own in print only: data holds the fixed codes of [`crate::sheet`], so that documents of
/// different towns can be read together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// A fiscal year in headings.
    pub fiscal_year: YearStyle,
    /// A fiscal year of the plan's period.
    pub plan_year: YearStyle,
    /// The width of digits.
    pub digits: Digits,
    /// The sign before a bullet of the content: `➢`.
    pub bullet: String,
    /// The sign before the label of an activity, so that a reader and a machine see where each begins.
    #[serde(default)]
    pub activity_mark: String,
    /// How text is marked as one department's where several answer: `【{department}】`.
    pub department_mark: String,
    /// What stands before the cause in the printed narrative of a grade that needs one: `【原因】`.
    #[serde(default = "cause_mark")]
    pub cause_mark: String,
    /// What stands before the policy from here: `【今後の方針】`.
    #[serde(default = "policy_mark")]
    pub policy_mark: String,
    /// Between department names.
    pub separator: String,
    /// The printed word for a new measure, whose `mark` in data is always [`sheet::ADDED`].
    pub added: String,
    /// The printed word for a changed measure, whose `mark` in data is always [`sheet::REVISED`].
    pub revised: String,
}

/// One level as the form names, numbers and prints it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormLevel {
    /// 基本目標
    pub name: String,
    /// The numbering in data: `(1)`.
    pub numbering: Numbering,
    /// The numbering in print: `（１）`.
    pub printed: Numbering,
    /// The numbering in a reference, with what joins it to the level above: `－（１）`. Left out, `-` and the print.
    pub reference: Option<Numbering>,
}

/// A field of the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its code: one of [`CORE`] binds it to that member of the sheet, any other to `fields`.
    pub code: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Its label as printed.
    pub label: String,
    /// The most characters it takes as a person counts them ([`crate::text::count_characters`]), at least 1; of content
    /// the characters of all its bullets.
    pub limit: Option<u32>,
    /// When and by whom it is written; left out, see [`Field::entered`].
    pub entered: Option<Entered>,
    /// Whether it is published.
    #[serde(default = "yes")]
    pub public: bool,
    /// The unit of a number.
    pub unit: Option<String>,
    /// What may be chosen.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// The labels of a table's columns (indicators, effects).
    #[serde(default)]
    pub columns: Columns,
}

/// When a field is written, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entered {
    /// By the lead department when the year's goals are written.
    Start,
    /// By each lead department in every reporting period.
    Report,
    /// By the first lead department in the period that gives the year's result.
    Result,
    /// By the secretariat.
    Secretariat,
}

/// The kinds of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Free text.
    Text,
    /// Bullets level by level.
    Content,
    /// A grade of the scale.
    Rating,
    /// The chart of activities, April to March.
    Activities,
    /// Bars across the plan's years.
    Roadmap,
    /// Indicators.
    Indicators,
    /// Financial effects.
    Effects,
    /// One of the choices.
    Choice,
    /// A number as written, with its unit.
    Number,
    /// A date.
    Date,
    /// Department names.
    Departments,
}

/// The codes that bind a field to a member of the sheet of its own, and the kind each must have.
pub const CORE: [(&str, FieldKind); 9] = [
    ("lead", FieldKind::Departments),
    ("supporting", FieldKind::Departments),
    ("content", FieldKind::Content),
    ("goal", FieldKind::Text),
    ("challenge", FieldKind::Text),
    ("rating", FieldKind::Rating),
    ("narrative", FieldKind::Text),
    ("activities", FieldKind::Activities),
    ("roadmap", FieldKind::Roadmap),
];

/// One choice of a choice field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// In data.
    pub code: String,
    /// In print.
    pub label: String,
}

/// The labels of the columns and rows of an indicator or effect table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Columns {
    /// The first column.
    pub name: String,
    /// The value before the plan.
    pub base: String,
    /// The row of targets, or of planned money.
    pub target: String,
    /// The row of actual values.
    pub actual: String,
    /// Before the source or basis.
    pub source: String,
}

impl Default for Columns {
    fn default() -> Self {
        let of = |label: &str| label.to_owned();
        Self {
            name: of("指標"),
            base: of("基準"),
            target: of("目標"),
            actual: of("実績"),
            source: of("出典"),
        }
    }
}

/// A section of the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// How its fields stand.
    pub layout: Layout,
    /// Its heading as printed: `○{year}`.
    pub heading: Option<String>,
    /// The fields, for every layout but columns.
    #[serde(default)]
    pub fields: Vec<String>,
    /// The columns, for the layout of columns.
    #[serde(default)]
    pub columns: Vec<Column>,
}

/// How a section's fields stand on the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Left the path with its content, right the departments.
    Header,
    /// Side by side under column headings.
    Columns,
    /// One under the other, the label left of its value.
    Rows,
    /// The chart of activities under the months: exactly the one field of that kind.
    Chart,
    /// The bars under the plan's fiscal years: exactly the one field of that kind.
    Roadmap,
}

/// A column of a section.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its heading as printed.
    pub heading: String,
    /// The fields in it, one under the other.
    pub fields: Vec<String>,
    /// Its share of the width.
    #[serde(default = "one")]
    pub width: u32,
}

fn cause_mark() -> String {
    "【原因】".to_owned()
}

fn policy_mark() -> String {
    "【今後の方針】".to_owned()
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

/// Why a text is no form definition.
#[derive(Debug, Error)]
pub enum FormError {
    /// Not TOML, or a key is missing, unknown or of the wrong kind.
    #[error("様式定義を読めません: {0}")]
    Syntax(#[from] toml::de::Error),
    /// It contradicts itself.
    #[error("様式定義 `{form}` の誤り: {message}")]
    Content {
        /// The form's code.
        form: String,
        /// What is wrong.
        message: String,
    },
}

impl Form {
    /// Reads a definition and makes sure that it fits together.
    ///
    /// # Errors
    /// Names the line or the key that is wrong and says what to do.
    pub fn from_toml(text: &str) -> Result<Self, FormError> {
        let form: Self = toml::from_str(text)?;
        match form.contradiction() {
            Some(message) => Err(FormError::Content { form: form.code.clone(), message }),
            None => Ok(form),
        }
    }

    /// The field of this code.
    pub fn field(&self, code: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.code == code)
    }

    /// The fields that live in a sheet's `fields`.
    pub fn own_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.is_core())
    }

    /// The form's level of this name.
    pub fn level(&self, name: &str) -> Option<&FormLevel> {
        self.levels.iter().find(|level| level.name == name)
    }

    /// The plan's levels as a document names them.
    pub fn plan_levels(&self) -> Vec<Level> {
        self.levels
            .iter()
            .map(|level| Level { name: level.name.clone(), numbering: level.numbering.clone() })
            .collect()
    }

    /// A node's number as the house prints it: `(1)` becomes `（１）`. As it is when it is not of its level's numbering.
    pub fn print_number(&self, node: &Node) -> String {
        self.level(&node.level)
            .and_then(|level| Some(level.printed.print(level.numbering.read(&node.number)?)))
            .unwrap_or_else(|| node.number.clone())
    }

    /// The reference by numbers as the house prints it: `１－（２）－②ア`.
    pub fn print_reference(&self, path: &[Node]) -> String {
        let mut reference = String::new();
        for node in path {
            let numbering = self.level(&node.level);
            let printed = numbering
                .and_then(|level| Some(level.reference.as_ref()?.print(level.numbering.read(&node.number)?)));
            if printed.is_none() && !reference.is_empty() {
                reference.push('-');
            }
            reference += &printed.unwrap_or_else(|| self.print_number(node));
        }
        reference
    }

    /// A day as the house prints it, however it was written; as it is when it is none.
    pub fn print_date(&self, date: &str) -> String {
        Date::read_written(date)
            .map_or_else(|| date.to_owned(), |day| day.print(self.style.fiscal_year, self.style.digits))
    }

    /// A fiscal year as headings print it.
    pub fn print_year(&self, year: FiscalYear) -> String {
        year.print(self.style.fiscal_year, self.style.digits)
    }

    /// A fiscal year as short as a column heading prints it: `R6`, or `2024` in a house that writes Western years only.
    pub fn print_year_short(&self, year: FiscalYear) -> String {
        year.print_short(self.style.fiscal_year, self.style.digits)
    }

    /// A label with the report's fiscal year filled in.
    pub fn with_year(&self, label: &str, year: FiscalYear) -> String {
        fill(label, &[("year", &self.print_year(year)), ("year_short", &self.print_year_short(year))])
    }

    /// The house's printed word for a mark; a mark that is no known code is printed as it is.
    pub fn print_mark<'f>(&'f self, mark: &'f str) -> &'f str {
        match mark {
            sheet::ADDED => &self.style.added,
            sheet::REVISED => &self.style.revised,
            other => other,
        }
    }

    /// A text marked as one department's.
    pub fn department_mark(&self, department: &str) -> String {
        fill(&self.style.department_mark, &[("department", department)])
    }
}

impl Field {
    /// Whether it is a member of the sheet of its own.
    pub fn is_core(&self) -> bool {
        CORE.iter().any(|(code, _)| *code == self.code)
    }

    /// When it is written and by whom: as the form says, otherwise what the plan says (departments, content) by the
    /// secretariat, rating and narrative in every reporting period, a town's own fields with the year's result and all
    /// else with the goals.
    pub fn entered(&self) -> Entered {
        self.entered.unwrap_or(match self.code.as_str() {
            "lead" | "supporting" | "content" => Entered::Secretariat,
            "rating" | "narrative" => Entered::Report,
            _ if self.is_core() => Entered::Start,
            _ => Entered::Result,
        })
    }

    /// Why a text cannot be this field's value and what to write instead; `None` when it can be.
    ///
    /// Ratings are checked against the report's scale and lengths by [`crate::check`], for neither forbids saving.
    pub fn refuse(&self, text: &str) -> Option<String> {
        match self.kind {
            FieldKind::Choice if self.choices.iter().all(|choice| choice.code != text) => {
                let codes: Vec<&str> = self.choices.iter().map(|choice| choice.code.as_str()).collect();
                Some(format!("`{text}` は選択肢（{}）にありません。選び直してください。", codes.join("・")))
            }
            FieldKind::Number if number::read(text).is_none() => Some(format!(
                "`{text}` は数として読めません。1,234 や ▲5.6 のように、単位を付けずに書いてください。"
            )),
            FieldKind::Date if Date::read_written(text).is_none() => Some(format!(
                "`{text}` は日付として読めません。2025-03-31 や 令和7年3月31日 のように、実在する日を書いてください。"
            )),
            _ => None,
        }
    }
}

impl Section {
    /// The codes of all its fields in printed order.
    pub fn field_codes(&self) -> impl Iterator<Item = &str> {
        let columns = self.columns.iter().flat_map(|column| &column.fields);
        self.fields.iter().chain(columns).map(String::as_str)
    }
}
