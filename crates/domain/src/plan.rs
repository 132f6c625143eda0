//! The plan: several fiscal years of one municipality, and the path from its root to a measure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fiscal_year::FiscalYear;
use crate::numbering::Numbering;

/// A plan (行政経営改革プラン) as its reports name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The plan's name as printed.
    pub title: String,
    /// 基本理念: the plan's one sentence.
    pub principle: Option<String>,
    /// First fiscal year.
    pub from_year: FiscalYear,
    /// Last fiscal year.
    pub to_year: FiscalYear,
    /// The levels of its tree, root first.
    pub levels: Vec<Level>,
}

impl Plan {
    /// The plan's fiscal years in order; none when it ends before it begins, which a check says.
    pub fn years(&self) -> impl Iterator<Item = FiscalYear> {
        self.from_year.through(self.to_year)
    }
}

/// One level of a plan's tree: what its nodes are called and how they are numbered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// 基本目標, 推進項目 …
    pub name: String,
    /// The numbering of its nodes under one parent.
    pub numbering: Numbering,
}

/// One node on the way from the plan's root to a measure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The level's name.
    pub level: String,
    /// The number in the level's own writing, narrow: `1`, `(1)`, `①`, `ア`.
    pub number: String,
    /// The title as printed.
    pub title: String,
}

/// The reference that names a measure by its numbers, root first: `1-(1)-②-ア`. Empty for an empty path.
pub fn reference(path: &[Node]) -> String {
    path.iter().map(|node| node.number.as_str()).collect::<Vec<_>>().join("-")
}
