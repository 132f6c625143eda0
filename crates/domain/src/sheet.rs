//! The sheet (調書): one measure in one fiscal year, as the report document carries it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fiscal_year::{FiscalYear, Month};
use crate::plan::{self, Node};

/// The `mark` of a measure that is new in this year. A code, not a label: a form prints its own word for it.
pub const ADDED: &str = "追加";
/// The `mark` of a measure that was changed in this year. A code, not a label: a form prints its own word for it.
pub const REVISED: &str = "修正";

/// One measure in one fiscal year: one printed sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Permanent: the same for this measure in every year. `null` from an importer that cannot know.
    pub id: Option<String>,
    /// The printed page, counted from 1.
    pub page: Option<u32>,
    /// `追加` when the measure is new in this year, `修正` when it was changed: codes, which a form words for print.
    pub mark: Option<String>,
    /// From the plan's root to the measure.
    pub path: Vec<Node>,
    /// The departments that answer and rate, in printed order.
    pub lead_departments: Vec<String>,
    /// The departments that support, as on the sheet.
    pub supporting_departments: Vec<String>,
    /// What the measure is, level by level.
    pub content: Vec<Content>,
    /// 取組目標: what is to be reached this fiscal year.
    pub goal: Option<String>,
    /// 課題: what stands in the way.
    pub challenge: Option<String>,
    /// The answers: lead departments × periods.
    pub responses: Vec<Response>,
    /// The rows of the April–March chart.
    pub activities: Vec<Activity>,
    /// Text printed inside bars whose row cannot be told.
    pub activity_notes: Vec<String>,
    /// Bars across the plan's fiscal years.
    pub roadmap: Vec<RoadmapBar>,
    /// Numeric targets printed in the roadmap.
    pub roadmap_values: Vec<RoadmapValue>,
    /// What the town's form has beyond these, by field code.
    pub fields: IndexMap<String, serde_json::Value>,
}

impl Sheet {
    /// The title of the measure: that of the last node of its path.
    pub fn title(&self) -> &str {
        self.path.last().map_or("", |node| node.title.as_str())
    }

    /// The reference by numbers, `1-(1)-②-ア`.
    pub fn reference(&self) -> String {
        plan::reference(&self.path)
    }

    /// The answer of one department for one period.
    pub fn response(&self, department: &str, period: &str) -> Option<&Response> {
        self.responses.iter().find(|answer| answer.department == department && answer.period == period)
    }

    /// Whether several departments answer, each for itself.
    pub fn has_several_leads(&self) -> bool {
        self.lead_departments.len() > 1
    }
}

/// What a measure is on one level of its path: printed as bullets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// The level's name.
    pub level: String,
    /// One text a bullet, without the bullet sign.
    pub bullets: Vec<String>,
}

/// One lead department's answer for one sheet and period: the unit of counting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The department that answers.
    pub department: String,
    /// The period's name.
    pub period: String,
    /// A code of the scale; `null` where none is given or it cannot be told.
    pub rating: Option<String>,
    /// What was done; for some grades also the cause and the policy from here.
    pub narrative: Option<String>,
}

/// A row of the chart from April to March.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// What is done.
    pub label: String,
    /// Its bars in order; `null` when the source does not tell them.
    pub bars: Option<Vec<Bar>>,
}

/// A bar in the chart, from one month to another, both included; one month with a text is a milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bar {
    /// First month.
    pub from_month: Month,
    /// Last month, never before the first in the order April to March.
    pub to_month: Month,
    /// Text printed inside.
    pub text: Option<String>,
}

/// A bar across the plan's fiscal years.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoadmapBar {
    /// The text in it.
    pub label: String,
    /// First fiscal year; `null` when the source does not tell it.
    pub from_year: Option<FiscalYear>,
    /// Last fiscal year; `null` when the source does not tell it.
    pub to_year: Option<FiscalYear>,
}

/// A numeric target printed in the roadmap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoadmapValue {
    /// What is measured.
    pub indicator: String,
    /// The fiscal year that it is for; `null` when the source does not tell it.
    pub year: Option<FiscalYear>,
    /// The figure as printed: `4,066`.
    pub value: String,
    /// Its unit as printed: `百万円`.
    pub unit: Option<String>,
}
