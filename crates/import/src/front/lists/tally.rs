//! The printed tally: counts and percentages by grade, and the labels of its pie chart.

use std::ops::Range;

use indexmap::IndexMap;
use kaikaku_domain::form::fill;
use kaikaku_domain::text::fold;

use super::{Reader, words};
use crate::cells::Cell;
use crate::folded::Folded;

/// A count with the percentage that may stand behind it.
type Count = (u32, Option<String>);

impl Reader<'_, '_> {
    pub(super) fn read_tally(&mut self, cells: &[Cell]) -> (IndexMap<String, u32>, IndexMap<String, String>) {
        let names = self.tally_names();
        let mut read: Vec<Option<Count>> = vec![None; names.len()];
        let mut loose: Vec<(Range<usize>, Count)> = Vec::new();
        for at in 0..cells.len() {
            let folded = Folded::new(self.ledger.text(&(0..cells[at].range.end)), &cells[at].range);
            let named = (0..names.len()).find_map(|i| Some((i, folded.after(0, &names[i])?)));
            let from = named.map_or(0, |(_, end)| end);
            // A name alone on its line has its figures on the next ones.
            let figures = match folded.range(from, folded.len()) {
                rest if !rest.is_empty() => {
                    let rest = self.without_pie(&rest);
                    self.count(&fold(self.ledger.text(&rest))).map(|count| (vec![rest], count))
                }
                _ => self.figures_after(cells, at),
            };
            let Some((ranges, count)) = figures else { continue };
            match named {
                Some((i, end))
                    if read[i].is_none() && ranges.iter().all(|range| self.ledger.is_free(range)) =>
                {
                    self.ledger.label(&folded.range(0, end));
                    ranges.iter().for_each(|range| {
                        self.ledger.take(range, "tally");
                    });
                    read[i] = Some(count);
                }
                Some(_) => {}
                None => loose.push((cells[at].range.clone(), count)),
            }
        }
        // One line of figures cut loose belongs to the one grade without any.
        let missing: Vec<usize> =
            (0..names.len()).filter(|i| read[*i].is_none() && self.front.scale[*i].counted).collect();
        if let ([grade], [(range, count)]) = (&missing[..], &loose[..])
            && self.ledger.take(range, "tally").is_some()
        {
            read[*grade] = Some(count.clone());
        }
        if read.iter().any(Option::is_some) {
            self.claim_pie(cells, &names, &read);
        }
        let (mut tally, mut percent) = (IndexMap::new(), IndexMap::new());
        for (grade, read) in self.front.scale.iter().zip(read) {
            let Some((count, share)) = read else { continue };
            tally.insert(grade.code.clone(), count);
            percent.extend(share.map(|share| (grade.code.clone(), share)));
        }
        (tally, percent)
    }

    /// A stretch without the letters of the pie chart that stand beside the table.
    fn without_pie(&self, range: &Range<usize>) -> Range<usize> {
        let words = words(self.ledger.text(range), range.start);
        let end =
            words.iter().rev().find(|word| self.rating(word).is_none()).map_or(range.end, |word| word.end);
        range.start..end
    }

    /// The figures on the one to three cells after a name: count, unit and percentage.
    fn figures_after(&self, cells: &[Cell], at: usize) -> Option<(Vec<Range<usize>>, Count)> {
        const MOST: usize = 3;
        (1..=MOST).rev().find_map(|many| {
            let ranges: Vec<Range<usize>> =
                cells.get(at + 1..at + 1 + many)?.iter().map(|cell| cell.range.clone()).collect();
            let text: String = ranges.iter().map(|range| fold(self.ledger.text(range))).collect();
            self.count(&text).map(|count| (ranges, count))
        })
    }

    fn tally_names(&self) -> Vec<Vec<char>> {
        let label = &self.form.report.tally_grade;
        let name = |grade: &kaikaku_domain::scale::Grade| {
            fill(label, &[("code", &grade.code), ("label", &grade.label)])
        };
        self.front.scale.iter().map(|grade| fold(&name(grade)).chars().collect()).collect()
    }

    /// `21項目56.8%`: the count and, if printed, the percentage.
    fn count(&self, text: &str) -> Option<Count> {
        let (count, rest) = text.split_once(&fold(&self.form.report.tally_unit))?;
        let count = count.parse().ok()?;
        let share = rest.strip_suffix('%').filter(|share| share.parse::<f32>().is_ok());
        (rest.is_empty() || share.is_some()).then(|| (count, share.map(str::to_owned)))
    }

    /// The pie chart repeats the table: percentages and the grades' names, which it may cut short.
    fn claim_pie(&mut self, cells: &[Cell], names: &[Vec<char>], read: &[Option<Count>]) {
        const SHORTEST: usize = 4;
        let shares: Vec<String> =
            read.iter().flatten().filter_map(|(_, share)| Some(format!("{}%", share.as_ref()?))).collect();
        for cell in cells.iter().filter(|cell| self.ledger.is_free(&cell.range)).collect::<Vec<_>>() {
            let is_of_pie = words(self.ledger.text(&cell.range), cell.range.start).iter().all(|word| {
                let text = fold(self.ledger.text(word));
                let cut: Vec<char> = text.chars().collect();
                shares.contains(&text)
                    || names.iter().any(|name| cut.len() >= SHORTEST && name.starts_with(&cut))
            });
            if is_of_pie {
                self.ledger.label(&cell.range);
            }
        }
    }
}
