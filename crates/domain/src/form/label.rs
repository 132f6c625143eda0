//! The labels around the sheets, and filling in what they leave open.

use serde::Deserialize;

/// The labels around the sheets: cover, list, tally, achievements. `{…}` is filled in when printed; [`fill`] says how.
///
/// What may stand in the braces: `{year}` and `{year_short}` (the report's fiscal year) in `title`, `scale_intro` and the
/// notes, as in the headings of sections and columns; in the other labels what their own comment shows. Any other name
/// is refused, and so is a name in a label that is printed as it is.
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
    /// Over one grade's measures, by `{code}` and `{label}`: `◆ 「{code}」と評価した取組項目`.
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
    /// Under the tally when responses are outside the denominator: `（このほか集計の対象外{n}{unit}）`.
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

fn tally_total() -> String {
    "計".to_owned()
}

fn tally_left_out() -> String {
    "（このほか集計の対象外{n}{unit}）".to_owned()
}

fn achievement_measure() -> String {
    "（{reference}　{title}）".to_owned()
}

/// A sentence under the list; `{n}` is the number of nodes on `level`, `{year}` and `{year_short}` the fiscal year.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The level whose nodes are counted; without one the sentence has no `{n}`.
    pub level: Option<String>,
    /// The sentence.
    pub text: String,
}

/// Fills `{name}` in a label; a name that is not given stays as it is, so that it is seen.
///
/// A filled-in value is never filled again: a title that holds `{title}` is printed to the letter.
pub fn fill(label: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = label;
    while let Some((before, name, after)) = next_placeholder(rest) {
        filled.push_str(before);
        match values.iter().find(|(given, _)| *given == name) {
            Some((_, value)) => filled.push_str(value),
            None => filled.push_str(&format!("{{{name}}}")),
        }
        rest = after;
    }
    filled + rest
}

/// The first `{name}` of a label, with what stands before and after it.
pub(super) fn next_placeholder(label: &str) -> Option<(&str, &str, &str)> {
    let close = label.find('}').filter(|close| label[..*close].contains('{'));
    let Some(close) = close else {
        // A `}` that nothing opened is text.
        let stray = label.find('}')?;
        let (before, name, after) = next_placeholder(&label[stray + 1..])?;
        return Some((&label[..stray + 1 + before.len()], name, after));
    };
    let open = label[..close].rfind('{')?;
    Some((&label[..open], &label[open + 1..close], &label[close + 1..]))
}
