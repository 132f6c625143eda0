//! The form definition: a town's sheet as data. Its sections, fields, labels as printed, grades, levels and periods.
//!
//! Everything that prints, reads, checks or asks follows from it; code names neither a town nor a town's own field.

use serde::Deserialize;
use thiserror::Error;

use crate::date::Date;
use crate::fiscal_year::{Digits, FiscalYear, YearStyle};
use crate::number;
use crate::numbering::Numbering;
use crate::plan::{Level, Node};
use crate::scale::Grade;

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
    /// How text is marked as one department's where several answer: `【{department}】`.
    pub department_mark: String,
    /// Between department names.
    pub separator: String,
    /// The mark of a new measure in the list.
    pub added: String,
    /// The mark of a changed measure in the list.
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

/// The labels around the sheets: cover, list, tally, achievements. `{…}` is filled in when printed; [`fill`] says how.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportLabels {
    /// On the cover: `{year}取組結果報告書`.
    pub title: String,
    /// The sentence before the rating definitions.
    pub scale_intro: Option<String>,
    /// Over the rating definitions.
    pub scale: String,
    /// Over the list in plan order.
    pub index: String,
    /// The list's column that names the path.
    pub index_path: String,
    /// The list's column of this and last year's rating.
    pub index_result: String,
    /// The list's column of pages.
    pub index_page: String,
    /// A node above the measures in the list: `{level}{number}：{title}`, one for each level that heads a group.
    pub index_groups: Vec<String>,
    /// The notes under the list, one for each thing that counts itself.
    pub notes: Vec<Note>,
    /// Over the list by rating.
    pub by_rating: String,
    /// Over one grade's measures: `◆ 「{code}」と評価した取組項目`.
    pub rating_group: String,
    /// Before each measure in the list by rating and each achievement.
    pub item_mark: String,
    /// A measure in the list by rating when its parent names it: `{parent}（{title}）`.
    pub item_of_parent: String,
    /// A grade in the tally: `{code}（{label}）`.
    pub tally_grade: String,
    /// The unit of the tally's counts: `項目`.
    pub tally_unit: String,
    /// The denominator in the tally: `計`.
    #[serde(default = "tally_total")]
    pub tally_total: String,
    /// Under the tally when responses are outside the denominator: `（このほか集計の対象外{n}項目）`.
    #[serde(default = "tally_left_out")]
    pub tally_left_out: String,
    /// Under the tally.
    pub tally_note: Option<String>,
    /// Over the achievements.
    pub achievements: String,
    /// Over one category's achievements: `【{category}】`.
    pub achievement_category: String,
    /// The measure after an achievement: `（{reference}　{title}）`.
    #[serde(default = "achievement_measure")]
    pub achievement_measure: String,
}

/// A sentence under the list; `{n}` is the number of nodes on `level`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The level whose nodes are counted.
    pub level: Option<String>,
    /// The sentence.
    pub text: String,
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
    /// The most grapheme clusters it takes.
    pub limit: Option<u32>,
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
    /// The chart of activities under the months.
    Chart,
    /// The bars under the plan's fiscal years.
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

fn yes() -> bool {
    true
}

fn tally_total() -> String {
    "計".to_owned()
}

fn tally_left_out() -> String {
    "（このほか集計の対象外{n}{unit}）".to_owned()
}

fn achievement_measure() -> String {
    "（{reference}　{title}）".to_owned()
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
    /// Names the line or the field that is wrong.
    pub fn from_toml(text: &str) -> Result<Self, FormError> {
        let form: Self = toml::from_str(text)?;
        match form.contradiction() {
            Some(message) => Err(FormError::Content { form: form.code.clone(), message }),
            None => Ok(form),
        }
    }

    fn contradiction(&self) -> Option<String> {
        if self.format != FORMAT {
            return Some(format!("format が `{}` です（`{FORMAT}` が必要です）", self.format));
        }
        if self.levels.is_empty() || self.periods.is_empty() || self.scale.is_empty() {
            return Some("levels・periods・scale はそれぞれ1つ以上必要です".to_owned());
        }
        let codes: Vec<&str> = self.fields.iter().map(|field| field.code.as_str()).collect();
        let grades: Vec<&str> = self.scale.iter().map(|grade| grade.code.as_str()).collect();
        let levels: Vec<&str> = self.levels.iter().map(|level| level.name.as_str()).collect();
        for (what, names) in [("field", &codes), ("grade", &grades), ("level", &levels)] {
            if let Some(twice) = first_repeated(names) {
                return Some(format!("{what} `{twice}` が二重に定義されています"));
            }
        }
        for field in &self.fields {
            if let Some((_, kind)) =
                CORE.iter().find(|(code, kind)| *code == field.code && *kind != field.kind)
            {
                return Some(format!("field `{}` の kind は {kind:?} でなければなりません", field.code));
            }
            if (field.kind == FieldKind::Choice) == field.choices.is_empty() {
                return Some(format!(
                    "field `{}`: choices は kind が choice のときだけ、必ず指定します",
                    field.code
                ));
            }
        }
        let placed: Vec<&str> = self.sections.iter().flat_map(Section::field_codes).collect();
        if let Some(unknown) = placed.iter().find(|code| !codes.contains(code)) {
            return Some(format!("sections の `{unknown}` は fields にありません"));
        }
        if let Some(twice) = first_repeated(&placed) {
            return Some(format!("field `{twice}` が sections に二度置かれています"));
        }
        codes
            .iter()
            .find(|code| !placed.contains(code))
            .map(|code| format!("field `{code}` がどの section にもありません"))
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

/// Fills `{name}` in a label; a name that is not given stays as it is, so that it is seen.
pub fn fill(label: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(label.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

fn first_repeated<'n>(names: &[&'n str]) -> Option<&'n str> {
    names.iter().enumerate().find(|(i, name)| names[..*i].contains(name)).map(|(_, name)| *name)
}
