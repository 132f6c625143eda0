//! The rating scale: a town's own grades, in order, as data.

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
    /// Whether responses with it are in the tally (対象外 is not).
    #[serde(default = "yes")]
    pub counted: bool,
    /// Whether the measure ends with it (完了: no sheet next year).
    #[serde(default)]
    pub ends_measure: bool,
    /// Whether the narrative must tell cause and policy.
    #[serde(default)]
    pub needs_cause: bool,
}

fn yes() -> bool {
    true
}

/// The grade of this code, if the scale has it.
pub fn grade<'s>(scale: &'s [Grade], code: &str) -> Option<&'s Grade> {
    scale.iter().find(|grade| grade.code == code)
}
