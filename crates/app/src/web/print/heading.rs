//! What stands above the pages around an entry: where in the plan it is, its name, its period, its state.

use kaikaku_domain::Form;
use kaikaku_domain::id::EntryId;

use super::Chip;
use crate::workflow::Found;

/// The head of a page about one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) entry: EntryId,
    /// The nodes above the measure: `1 市民に届くサービスへの転換`.
    pub(crate) path: Vec<String>,
    /// `1-(2)-②　基幹業務システムの標準化`
    pub(crate) name: String,
    /// The title alone.
    pub(crate) title: String,
    /// `令和7年度 期末`, with the department where several answer.
    pub(crate) period: String,
    pub(crate) chip: Chip,
}

impl Heading {
    /// The head for an entry.
    pub(crate) fn of(found: &Found, form: &Form) -> Self {
        let entry = &found.entry;
        let sheet = &entry.frame.sheet;
        let year = super::year(found.year.fiscal_year, form);
        let name = found.year.period(entry.period).map_or("", |period| period.name.as_str());
        let above = sheet.path.iter().take(sheet.path.len().saturating_sub(1));
        Self {
            entry: entry.id,
            path: above.map(|node| format!("{} {}", node.number, node.title)).collect(),
            name: format!("{}　{}", sheet.reference(), sheet.title()),
            title: sheet.title().to_owned(),
            period: match entry.leads.len() {
                0 | 1 => format!("{year} {name}"),
                _ => format!("{year} {name}　{}", entry.department_name),
            },
            // Every save and move counts one version further.
            chip: Chip::of(&entry.state, entry.version > 0),
        }
    }
}
