//! Findings: what a check or an import has to say, with the place and the evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing: something the source does not tell.
    Info,
    /// Worth a look before publishing.
    Warning,
    /// The report contradicts itself or its form.
    Error,
}

/// One thing found, in words for the person who can put it right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The rule's permanent code, subject first: `index.supporting`. Messages may be reworded, codes may not.
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// The printed page, where there is one.
    pub page: Option<u32>,
    /// Where on it: the measure and the field, in the reader's words.
    pub place: String,
    /// What is wrong and what to do, in Japanese.
    pub message: String,
    /// The text that shows it.
    pub evidence: String,
}
