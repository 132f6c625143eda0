//! The report document (`kaikaku/report`, version 1): one plan's one fiscal year as one JSON document.
//!
//! What an importer produces, what the store loads and gives back unchanged, what every output is made from.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::finding::Finding;
use crate::fiscal_year::FiscalYear;
use crate::listing::Listing;
use crate::municipality::Municipality;
use crate::plan::Plan;
use crate::scale::Grade;
use crate::sheet::Sheet;
use crate::text::reads_same;

/// The name and version that a document must carry.
pub const FORMAT: &str = "kaikaku/report@1";

/// One plan's one fiscal year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "kaikaku/report@1")]
pub struct Report {
    /// Always `kaikaku/report@1`.
    #[schemars(extend("const" = FORMAT))]
    pub format: String,
    /// The code of the form definition that the sheets follow.
    pub form: String,
    /// Whose plan it is; `null` when the source does not tell it.
    pub municipality: Option<Municipality>,
    /// The plan.
    pub plan: Plan,
    /// The fiscal year reported on.
    pub fiscal_year: FiscalYear,
    /// The reporting periods in order; the last one gives the year's result.
    pub periods: Vec<String>,
    /// The rating scale in order, best first.
    pub scale: Vec<Grade>,
    /// The list of results as printed, one entry a response.
    pub index: Vec<IndexEntry>,
    /// The printed number of responses by grade; empty where none is printed.
    pub tally: IndexMap<String, u32>,
    /// The printed percentages by grade, one decimal: `2.7`.
    pub percent: IndexMap<String, String>,
    /// Highlights by category.
    pub achievements: Vec<Achievement>,
    /// The sheets in plan order.
    pub sheets: Vec<Sheet>,
    /// Every piece of the source that fits no field.
    pub unassigned: Vec<Unassigned>,
    /// What the import found.
    pub findings: Vec<Finding>,
}

/// One line of the printed list of results: one response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexEntry {
    /// The page that the list names.
    pub page: Option<u32>,
    /// The lead department that answered.
    pub department: String,
    /// The supporting departments as the list has them; `null` when they cannot be told.
    pub supporting: Option<Vec<String>>,
    /// Last year's result, a code of the scale.
    pub previous: Option<String>,
    /// This year's result.
    pub current: Option<String>,
    /// `追加` when the measure is new in this year, `修正` when it was changed: codes, which a form words for print.
    pub mark: Option<String>,
}

/// A highlight line (取組の成果) tied to a measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Achievement {
    /// The heading that it stands under.
    pub category: String,
    /// The line.
    pub text: String,
    /// The measure's reference, `1-(1)-②-ア`, or as printed if it cannot be read.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
}

/// A piece of the source that fits no field: never dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unassigned {
    /// The page that it stands on.
    pub page: Option<u32>,
    /// The piece, to the letter.
    pub text: String,
}

/// Why a text is no report document.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// Not JSON, or a member is missing, unknown or of the wrong kind.
    #[error("{line}行{column}文字目: {message}")]
    Content {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What is wrong, naming the member.
        message: String,
    },
    /// A document of another format or version.
    #[error("format が `{0}` です。`{FORMAT}` の文書を指定してください")]
    Format(String),
}

impl Report {
    /// Reads a document strictly.
    ///
    /// # Errors
    /// Names the line and the member that is missing, unknown or of the wrong kind; a byte order mark is forgiven.
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let content = |error: serde_json::Error| DocumentError::Content {
            line: error.line(),
            column: error.column(),
            message: error.to_string(),
        };
        // The format first: another version's document would otherwise be refused for its first unknown member.
        #[derive(Deserialize)]
        struct Head {
            format: String,
        }
        let head: Head = serde_json::from_str(text).map_err(content)?;
        if head.format != FORMAT {
            return Err(DocumentError::Format(head.format));
        }
        serde_json::from_str(text).map_err(content)
    }

    /// The document as text: members in the schema's order, two spaces an indent, a line end at the end.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The JSON Schema of the document (2020-12).
    pub fn schema() -> String {
        let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Report)).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The period that gives the year's result: the last one.
    pub fn result_period(&self) -> Option<&str> {
        self.periods.last().map(String::as_str)
    }

    /// Every response of the period that gives the year's result, with its sheet, in plan order.
    pub fn results(&self) -> impl Iterator<Item = (&Sheet, &crate::sheet::Response)> {
        let period = self.result_period().unwrap_or_default();
        self.sheets.iter().flat_map(move |sheet| {
            sheet
                .responses
                .iter()
                .filter(move |answer| answer.period == period)
                .map(move |answer| (sheet, answer))
        })
    }

    /// The list entry for the response of one of this report's sheets and one lead department of it.
    ///
    /// Where the list and the sheets have pages it is found by them; otherwise [`Listing`] tells what is certain, and it
    /// is better asked once than for every response.
    pub fn index_entry(&self, sheet: &Sheet, department: &str) -> Option<&IndexEntry> {
        let mut on_page = self.sheets.iter().filter(|other| other.page.is_some() && other.page == sheet.page);
        if on_page.next().is_some() && on_page.next().is_none() {
            let entries = || self.index.iter().filter(|entry| entry.page == sheet.page);
            if let Some(entry) = entries().find(|entry| reads_same(&entry.department, department)) {
                return Some(entry);
            }
        }
        Listing::of(self).entry(sheet, department)
    }
}
