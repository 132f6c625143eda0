//! The roadmap: labels of bars across the plan's years, and the numeric targets that hide among them.

use std::ops::Range;

use kaikaku_domain::Severity;
use kaikaku_domain::sheet::{RoadmapBar, RoadmapValue};

use super::Reader;
use crate::join;

impl Reader<'_, '_> {
    pub(super) fn read_roadmap(&mut self, run: &[usize]) {
        let parts: Vec<Range<usize>> =
            self.ranges(run).iter().flat_map(|range| split_spaces(self.ledger.text(range), range)).collect();
        let texts: Vec<String> = parts.iter().map(|part| self.ledger.text(part).trim().to_owned()).collect();
        let mut values: Vec<RoadmapValue> = Vec::new();
        let mut labels: Vec<usize> = Vec::new();
        let mut indicator: Option<usize> = None;
        for (i, text) in texts.iter().enumerate() {
            let Some((number, unit)) = figure(text) else {
                labels.extend(indicator.take());
                indicator = Some(i);
                continue;
            };
            // A figure belongs to the name before it; figures in a row share theirs.
            let name = indicator
                .take()
                .and_then(|at| self.ledger.take(&parts[at], "roadmap_values").map(str::to_owned));
            let Some(name) = name.or_else(|| values.last().map(|value| value.indicator.clone())) else {
                continue;
            };
            if self.ledger.take(&parts[i], "roadmap_values").is_some() {
                values.push(RoadmapValue { indicator: name, year: None, value: number, unit });
            }
        }
        labels.extend(indicator);
        self.take_bars(&parts, &labels);
        let order: Vec<String> = values.iter().map(|value| value.indicator.clone()).collect();
        values.sort_by_key(|value| order.iter().position(|name| *name == value.indicator));
        self.sheet.roadmap_values = values;
    }

    fn take_bars(&mut self, parts: &[Range<usize>], labels: &[usize]) {
        let texts: Vec<&str> = labels.iter().map(|at| self.ledger.text(&parts[*at]).trim()).collect();
        let groups = join::bars(&texts);
        let bars: Vec<String> = groups
            .into_iter()
            .map(|group| {
                group.into_iter().filter_map(|at| self.ledger.take(&parts[labels[at]], "roadmap")).collect()
            })
            .collect();
        if !bars.is_empty() {
            let name = self.frame.form.field("roadmap").map_or(String::new(), |field| field.label.clone());
            self.find(
                "roadmap.bars",
                Severity::Info,
                &name,
                "棒の年度は文字から読み取れません。",
                bars.join("・"),
            );
        }
        self.sheet.roadmap =
            bars.into_iter().map(|label| RoadmapBar { label, from_year: None, to_year: None }).collect();
    }
}

/// The parts of a line that spaces keep apart.
fn split_spaces(line: &str, range: &Range<usize>) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    for (at, c) in line.char_indices().filter(|(_, c)| *c == ' ') {
        parts.push(range.start + from..range.start + at);
        from = at + c.len_utf8();
    }
    parts.push(range.start + from..range.end);
    parts.retain(|part| !part.is_empty());
    parts
}

/// A number with its unit and nothing else: `4,066百万円`, `56.3％`.
fn figure(text: &str) -> Option<(String, Option<String>)> {
    const LONGEST_UNIT: usize = 5;
    let is_number = |c: char| c.is_numeric() || matches!(c, ',' | '.' | '，' | '．' | '▲' | '△' | '-' | '－');
    let end = text.find(|c| !is_number(c)).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let is_figure = number.chars().any(char::is_numeric)
        && unit.chars().count() <= LONGEST_UNIT
        && !unit.contains(['年', '月']);
    is_figure.then(|| (number.to_owned(), (!unit.is_empty()).then(|| unit.to_owned())))
}
