//! The rating scale: a town's own grades, best first, as data.
//!
//! A document carries the scale of its own year, so that a scale may change between years and between towns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One grade of a rating scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// As a sheet shows it: `AA`, `S`, `◎`.
    pub code: String,
    /// Its name: `順調`.
    pub label: String,
    /// The sentence that defines it.
    pub definition: String,
    /// Whether responses with it are in the tally's denominator and are compared with last year's (対象外 are not).
    #[serde(default = "yes")]
    pub counted: bool,
    /// Whether the measure ends with it (完了: no sheet next year).
    #[serde(default)]
    pub ends_measure: bool,
    /// Whether the narrative must tell the cause and the policy from here (原因及び今後の方針).
    #[serde(default)]
    pub needs_cause: bool,
}

fn yes() -> bool {
    true
}

/// The grade of this code, if the scale has it; codes are compared to the letter.
pub fn grade<'s>(scale: &'s [Grade], code: &str) -> Option<&'s Grade> {
    scale.iter().find(|grade| grade.code == code)
}
