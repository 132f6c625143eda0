//! Counting ratings: per response, the unit of counting, with percentages half up and the denominator kept.

use indexmap::IndexMap;

use crate::listing::Listing;
use crate::report::Report;
use crate::scale::Grade;

/// How many responses got each grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Number by grade code, every grade of the scale in its order, also those with none.
    pub counts: IndexMap<String, u32>,
    /// The denominator: the responses that count.
    pub total: u32,
    /// Responses left out: without a rating, or with a grade that does not count.
    pub left_out: u32,
}

impl Tally {
    /// Counts ratings by a scale; a rating that the scale lacks is left out.
    pub fn count<'r>(scale: &[Grade], ratings: impl IntoIterator<Item = Option<&'r str>>) -> Self {
        let mut counts: IndexMap<String, u32> =
            scale.iter().filter(|grade| grade.counted).map(|grade| (grade.code.clone(), 0)).collect();
        let (mut total, mut left_out) = (0, 0);
        for rating in ratings {
            match rating.and_then(|code| counts.get_mut(code)) {
                Some(count) => {
                    *count += 1;
                    total += 1;
                }
                None => left_out += 1,
            }
        }
        Self { counts, total, left_out }
    }

    /// The tally of a report's year: every response of the period that gives the result.
    pub fn of_year(report: &Report) -> Self {
        Self::count(&report.scale, report.results().map(|(_, answer)| answer.rating.as_deref()))
    }

    /// The tally by the first node of the path (基本目標), in plan order: number and title, tally.
    pub fn by_goal(report: &Report) -> Vec<(String, String, Self)> {
        let mut goals: IndexMap<(String, String), Vec<Option<&str>>> = IndexMap::new();
        for (sheet, answer) in report.results() {
            let Some(goal) = sheet.path.first() else { continue };
            goals
                .entry((goal.number.clone(), goal.title.clone()))
                .or_default()
                .push(answer.rating.as_deref());
        }
        goals
            .into_iter()
            .map(|((number, title), ratings)| (number, title, Self::count(&report.scale, ratings)))
            .collect()
    }

    /// The tally of last year's results as this year's list names them.
    pub fn of_previous_year(report: &Report) -> Self {
        Self::count(&report.scale, report.index.iter().map(|entry| entry.previous.as_deref()))
    }

    /// The percentage of one grade, one decimal, half up: `2.7`. `None` when nothing was counted.
    ///
    /// The parts may not add to 100.0 and are never made to.
    pub fn percent(&self, code: &str) -> Option<String> {
        percent(*self.counts.get(code)?, self.total)
    }
}

/// `count` of `total` in percent, one decimal, half up; `None` of nothing.
pub fn percent(count: u32, total: u32) -> Option<String> {
    let (count, total) = (u64::from(count), u64::from(total));
    let tenths = (2000 * count + total).checked_div(2 * total)?;
    Some(format!("{}.{}", tenths / 10, tenths % 10))
}

/// How ratings moved against last year, counted over responses rated in both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// Better grade than last year.
    pub up: u32,
    /// The same grade.
    pub same: u32,
    /// Worse grade.
    pub down: u32,
    /// No comparison: new, unrated, a grade that the scale lacks, or one that does not count (対象外) in either year.
    pub incomparable: u32,
}

impl Change {
    /// The change of a report's year against the previous ratings that its list names.
    pub fn of_year(report: &Report) -> Self {
        // A grade that does not count stands in the scale, but is neither better nor worse than another.
        let place = |code: &Option<String>| {
            let code = code.as_deref()?;
            report.scale.iter().position(|grade| grade.code == code && grade.counted)
        };
        let listing = Listing::of(report);
        let mut change = Self::default();
        for (sheet, answer) in report.results() {
            let previous = listing.entry(sheet, &answer.department).and_then(|entry| place(&entry.previous));
            let count = match (previous, place(&answer.rating)) {
                (Some(before), Some(now)) if now < before => &mut change.up,
                (Some(before), Some(now)) if now == before => &mut change.same,
                (Some(_), Some(_)) => &mut change.down,
                _ => &mut change.incomparable,
            };
            *count += 1;
        }
        change
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(codes: &[(&str, bool)]) -> Vec<Grade> {
        codes
            .iter()
            .map(|(code, counted)| Grade {
                code: (*code).to_owned(),
                label: String::new(),
                definition: String::new(),
                counted: *counted,
                ends_measure: false,
                needs_cause: false,
            })
            .collect()
    }

    #[test]
    fn percentages_are_rounded_half_up_to_one_decimal() {
        for (count, total, expect) in [
            (1, 37, "2.7"),
            (21, 37, "56.8"),
            (13, 37, "35.1"),
            (2, 37, "5.4"),
            (0, 37, "0.0"),
            (1, 8, "12.5"),
            (1, 16, "6.3"),
            (1, 400, "0.3"),
            (5, 5, "100.0"),
        ] {
            assert_eq!(percent(count, total).as_deref(), Some(expect), "{count}/{total}");
        }
        assert_eq!(percent(0, 0), None);
    }

    #[test]
    fn a_grade_that_does_not_count_is_outside_the_denominator() {
        let tally = Tally::count(
            &scale(&[("A", true), ("B", true), ("－", false)]),
            [Some("A"), Some("A"), Some("－"), None, Some("Z")],
        );
        assert_eq!((tally.total, tally.left_out), (2, 3));
        assert_eq!(tally.percent("A").as_deref(), Some("100.0"));
        assert_eq!(tally.percent("B").as_deref(), Some("0.0"));
        assert_eq!(tally.percent("－"), None);
    }
}
