//! Which line of the printed list belongs to which sheet: by page, or where pages are not told by department in plan order.

use std::collections::BTreeMap;

use crate::report::{IndexEntry, Report};
use crate::sheet::Sheet;
use crate::text::fold;

/// A report's printed list, laid beside its sheets.
#[derive(Debug, Clone)]
pub struct Listing<'r> {
    sheets: &'r [Sheet],
    /// Each sheet's lines, in the order of the sheets.
    lines: Vec<Vec<&'r IndexEntry>>,
    /// Lines that name a page on which there is no sheet.
    pub astray: Vec<&'r IndexEntry>,
    /// Lines without a page that may belong to several sheets, or to none.
    pub unmatched: Vec<&'r IndexEntry>,
    /// Sheets and their leads for which no line is certain, in plan order. They are missing in the list when nothing is
    /// `unmatched`; otherwise theirs may be among it.
    pub unlisted: Vec<(&'r Sheet, &'r str)>,
}

impl<'r> Listing<'r> {
    /// Lays the list beside the sheets.
    ///
    /// The list stands in plan order with one line a response. So lines without a page follow the order of the sheets
    /// and their leads, and a line is given to a sheet only where every way of laying the two side by side with the
    /// most departments in common does so.
    pub fn of(report: &'r Report) -> Self {
        let mut listing = Self {
            sheets: &report.sheets,
            lines: vec![Vec::new(); report.sheets.len()],
            astray: Vec::new(),
            unmatched: Vec::new(),
            unlisted: Vec::new(),
        };
        let floating = listing.match_pages(&report.index);
        listing.match_order(floating);
        listing
    }

    /// The lines of one of the report's sheets; none for a sheet that is not the report's.
    pub fn lines(&self, sheet: &Sheet) -> &[&'r IndexEntry] {
        let at = self.sheets.iter().position(|other| std::ptr::eq(other, sheet));
        at.and_then(|at| self.lines.get(at)).map_or(&[], Vec::as_slice)
    }

    /// The line for the response of one of the report's sheets and one lead department of it.
    pub fn entry(&self, sheet: &Sheet, department: &str) -> Option<&'r IndexEntry> {
        let department = fold(department);
        self.lines(sheet).iter().find(|line| fold(&line.department) == department).copied()
    }

    /// Gives every line with a page to its sheet; the lines whose page tells nothing are handed back.
    fn match_pages(&mut self, index: &'r [IndexEntry]) -> Vec<&'r IndexEntry> {
        let mut on_page: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (at, sheet) in self.sheets.iter().enumerate() {
            if let Some(page) = sheet.page {
                on_page.entry(page).or_default().push(at);
            }
        }
        let has_sheet_without_page = self.sheets.iter().any(|sheet| sheet.page.is_none());
        let mut floating = Vec::new();
        for line in index {
            let candidates = line.page.and_then(|page| on_page.get(&page)).map_or(&[][..], Vec::as_slice);
            match candidates {
                [] if line.page.is_some() && !has_sheet_without_page => self.astray.push(line),
                [] => floating.push(line),
                [first, ..] => {
                    let lead = fold(&line.department);
                    let answers = |at: &&usize| self.open_leads(**at).any(|(folded, _)| folded == lead);
                    let at = candidates.iter().find(answers).unwrap_or(first);
                    self.lines[*at].push(line);
                }
            }
        }
        floating
    }

    /// Lays the lines without a page beside the leads without a line.
    fn match_order(&mut self, floating: Vec<&'r IndexEntry>) {
        let open: Vec<(usize, String, &'r str)> = (0..self.sheets.len())
            .flat_map(|at| self.open_leads(at).map(move |(folded, lead)| (at, folded, lead)))
            .collect();
        let leads: Vec<&str> = open.iter().map(|(_, folded, _)| folded.as_str()).collect();
        let departments: Vec<String> = floating.iter().map(|line| fold(&line.department)).collect();
        let pairs = certain_pairs(&leads, &departments.iter().map(String::as_str).collect::<Vec<_>>());
        for (lead, line) in &pairs {
            self.lines[open[*lead].0].push(floating[*line]);
        }
        let is_left = |line: usize| pairs.iter().all(|(_, matched)| *matched != line);
        self.unmatched = (0..floating.len()).filter(|i| is_left(*i)).map(|i| floating[i]).collect();
        let is_open = |lead: usize| pairs.iter().all(|(matched, _)| *matched != lead);
        let unlisted = open.iter().enumerate().filter(|(i, _)| is_open(*i));
        self.unlisted = unlisted.map(|(_, (at, _, lead))| (&self.sheets[*at], *lead)).collect();
    }

    /// A sheet's leads that have no line yet, folded and as written.
    fn open_leads(&self, at: usize) -> impl Iterator<Item = (String, &'r str)> {
        let taken: Vec<String> = self.lines[at].iter().map(|line| fold(&line.department)).collect();
        let leads = self.sheets[at].lead_departments.iter();
        leads.map(|lead| (fold(lead), lead.as_str())).filter(move |(folded, _)| !taken.contains(folded))
    }
}

/// The pairs of equal names that every longest common subsequence of the two rows has.
///
/// A longest common subsequence has one pair of each rank (how many come before it), so that a rank with one possible
/// pair is certain.
fn certain_pairs(left: &[&str], right: &[&str]) -> Vec<(usize, usize)> {
    let (rows, columns) = (left.len(), right.len());
    let mut before = vec![vec![0_usize; columns + 1]; rows + 1];
    let mut after = before.clone();
    for i in 0..rows {
        for j in 0..columns {
            before[i + 1][j + 1] =
                if left[i] == right[j] { before[i][j] + 1 } else { before[i][j + 1].max(before[i + 1][j]) };
        }
    }
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            after[i][j] = if left[i] == right[j] {
                after[i + 1][j + 1] + 1
            } else {
                after[i + 1][j].max(after[i][j + 1])
            };
        }
    }
    let longest = before[rows][columns];
    let mut of_rank: Vec<Vec<(usize, usize)>> = vec![Vec::new(); longest];
    for i in 0..rows {
        for j in (0..columns).filter(|j| left[i] == right[*j]) {
            if before[i][j] + 1 + after[i + 1][j + 1] == longest {
                of_rank[before[i][j]].push((i, j));
            }
        }
    }
    of_rank.into_iter().filter(|pairs| pairs.len() == 1).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of one-letter names.
    fn check(left: &str, right: &str, expect: &[(usize, usize)]) {
        let names = |row: &str| row.chars().map(String::from).collect::<Vec<_>>();
        let (left_names, right_names) = (names(left), names(right));
        let left_row: Vec<&str> = left_names.iter().map(String::as_str).collect();
        let right_row: Vec<&str> = right_names.iter().map(String::as_str).collect();
        assert_eq!(certain_pairs(&left_row, &right_row), expect, "{left} {right}");
    }

    #[test]
    fn equal_rows_are_paired_from_first_to_last() {
        check("", "", &[]);
        check("aba", "aba", &[(0, 0), (1, 1), (2, 2)]);
        check("aaa", "aaa", &[(0, 0), (1, 1), (2, 2)]);
    }

    #[test]
    fn only_what_every_best_pairing_has_is_paired() {
        check("abc", "axc", &[(0, 0), (2, 2)]);
        check("aab", "ab", &[(2, 1)]);
        check("aba", "ba", &[(1, 0), (2, 1)]);
        check("ab", "ba", &[]);
        check("abc", "", &[]);
        check("abc", "xyz", &[]);
    }
}
