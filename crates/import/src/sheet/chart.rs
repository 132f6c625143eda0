//! What is left between the labels: the rows of the chart, the texts in its bars, and the roadmap.

use kaikaku_domain::Severity;
use kaikaku_domain::form::FieldKind;
use kaikaku_domain::sheet::Activity;
use kaikaku_domain::text::fold;

use std::ops::Range;

use super::Reader;
use crate::join;
use crate::labels::Role;

/// Free text between two labels.
pub(super) struct Run {
    tokens: Vec<usize>,
    /// Where the extraction has put it among the labels: rows stand in this order, then in source order.
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Directly over the last period's label: the first row, cut loose from the rest.
    First,
    /// In its own place.
    Middle,
    /// Before any month and before the roadmap's first year: the rows nearest the roadmap's heading.
    Last,
    /// Between a section's heading and the roadmap's: text in bars.
    Bars,
}

impl Reader<'_, '_> {
    pub(super) fn read_chart_and_roadmap(&mut self) {
        let has = |kind: FieldKind| self.frame.form.fields.iter().any(|field| field.kind == kind);
        let (has_chart, has_roadmap) = (has(FieldKind::Activities), has(FieldKind::Roadmap));
        let mut runs = self.runs();
        let all: Vec<usize> = runs.iter().flat_map(|run| run.tokens.iter().copied()).collect();
        let is_marked = self.is_marked(&all);
        if is_marked && has_roadmap {
            let run = self.all_after_heading(&mut runs);
            self.read_roadmap(&run);
        } else if has_roadmap && let Some(run) = self.roadmap_run(&mut runs) {
            self.read_roadmap(&run);
        }
        if has_chart {
            self.read_chart(runs, is_marked);
        }
    }

    /// Where marks tell the chart's rows, all other free text behind the roadmap's heading is the roadmap's.
    fn all_after_heading(&self, runs: &mut Vec<Run>) -> Vec<usize> {
        let Some(heading) = self.positions(Role::RoadmapHeading).first().copied() else { return Vec::new() };
        let mark = self.frame.form.style.activity_mark.as_str();
        let is_marked = |at: &usize| self.ledger.text(&self.tokens[*at].range).starts_with(mark);
        let (after, before): (Vec<Run>, Vec<Run>) = std::mem::take(runs).into_iter().partition(|run| {
            let first = run.tokens.first().copied().unwrap_or_default();
            let behind_month = first > 0 && matches!(self.tokens[first - 1].role(), Some(Role::Month(_)));
            !behind_month && run.tokens.iter().all(|at| *at > heading && !is_marked(at))
        });
        *runs = before;
        after.into_iter().flat_map(|run| run.tokens).collect()
    }

    fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let (mut at, mut month_seen, mut first_year_seen) = (0, false, false);
        let last_period = self.frame.periods.len().checked_sub(1).map(Role::Period);
        while at < self.tokens.len() {
            let role = self.tokens[at].role();
            month_seen |= matches!(role, Some(Role::Month(_)));
            first_year_seen |= role == Some(Role::Year(self.frame.plan_years.0));
            if !self.is_open_text(at) {
                at += 1;
                continue;
            }
            let tokens: Vec<usize> = std::iter::once(at).chain(self.text_after(at)).collect();
            let before = at.checked_sub(1).and_then(|before| self.tokens[before].role());
            at += tokens.len();
            let after = self.tokens.get(at).and_then(|token| token.role());
            let place = match (before, after) {
                (Some(Role::Heading), Some(Role::RoadmapHeading)) => Place::Bars,
                (_, Some(_)) if after == last_period => Place::First,
                _ if !month_seen && !first_year_seen => Place::Last,
                _ => Place::Middle,
            };
            runs.push(Run { tokens, place });
        }
        runs
    }

    /// The roadmap is the last free text of a sheet, after the roadmap's heading and its first year.
    fn roadmap_run(&self, runs: &mut Vec<Run>) -> Option<Vec<usize>> {
        let first_year = self.positions(Role::Year(self.frame.plan_years.0)).first().copied()?;
        let heading = self.positions(Role::RoadmapHeading).first().copied()?;
        let first = *runs.last()?.tokens.first()?;
        if first < first_year || first < heading {
            return None;
        }
        runs.pop().map(|run| run.tokens)
    }

    fn read_chart(&mut self, mut runs: Vec<Run>, is_marked: bool) {
        let tokens: Vec<usize> = runs.iter().flat_map(|run| run.tokens.iter().copied()).collect();
        let labels = if is_marked {
            self.take_marked_rows(&tokens)
        } else {
            runs.sort_by_key(|run| run.place);
            self.take_runs(runs)
        };
        if !labels.is_empty() {
            let label = self.label("activities");
            self.find(
                "chart.bars",
                Severity::Info,
                &label,
                "棒の月は文字から読み取れません。",
                labels.join("・"),
            );
        }
        self.sheet.activities = labels.into_iter().map(|label| Activity { label, bars: None }).collect();
    }

    /// Whether the chart's labels carry the form's mark.
    fn is_marked(&self, tokens: &[usize]) -> bool {
        let mark = &self.frame.form.style.activity_mark;
        !mark.is_empty()
            && tokens.iter().any(|at| self.ledger.text(&self.tokens[*at].range).starts_with(mark.as_str()))
    }

    /// Rows whose labels begin with a mark: a label goes on while its lines are full; all else is text in bars.
    fn take_marked_rows(&mut self, tokens: &[usize]) -> Vec<String> {
        let mark = self.frame.form.style.activity_mark.clone();
        let mut rows: Vec<String> = Vec::new();
        let mut last_line: Option<String> = None;
        let mut last_bar: Option<String> = None;
        for at in tokens {
            let range = self.tokens[*at].range.clone();
            let text = self.ledger.text(&range).trim();
            let begins = text.starts_with(&mark);
            let goes_on = !begins
                && !self.tokens[*at].gap
                && last_line
                    .as_deref()
                    .is_some_and(|line| join::is_full(line, text, self.frame.marked_chart));
            if !begins && !goes_on {
                last_line = None;
                self.take_bar_text(&range, &mut last_bar);
                continue;
            }
            last_bar = None;
            let sign = range.start..range.start + if begins { mark.len() } else { 0 };
            self.ledger.label(&sign);
            // What a space keeps apart from the label is text in the row's bars.
            let end = self
                .ledger
                .text(&(sign.end..range.end))
                .find(' ')
                .map_or(range.end, |space| sign.end + space);
            let label = self.ledger.take(&(sign.end..end), "activities").unwrap_or_default();
            match rows.last_mut() {
                Some(row) if goes_on => row.push_str(label),
                _ => rows.push(label.to_owned()),
            }
            last_line = (end == range.end).then(|| text.to_owned());
            self.take_notes(&[end..range.end]);
        }
        rows
    }

    /// A line of text in bars; one alone may go on with the one alone before it.
    fn take_bar_text(&mut self, range: &Range<usize>, last: &mut Option<String>) {
        let text = self.ledger.text(range).trim();
        let alone = (!text.contains(' ')).then(|| text.to_owned());
        let goes_on = last
            .as_deref()
            .zip(alone.as_deref())
            .is_some_and(|(last, text)| join::is_broken_word(last, text));
        if goes_on && let Some(text) = self.ledger.take(range, "activity_notes") {
            self.sheet.activity_notes.last_mut().into_iter().for_each(|note| note.push_str(text));
        } else {
            self.take_notes(std::slice::from_ref(range));
        }
        *last = alone;
    }

    /// Rows without marks, told apart by width and wording.
    fn take_runs(&mut self, runs: Vec<Run>) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        let pieces = runs.len();
        for run in runs {
            let ranges = self.ranges(&run.tokens);
            let gaps: Vec<bool> = run.tokens.iter().map(|at| self.tokens[*at].gap).collect();
            if run.place == Place::Bars {
                self.take_notes(&ranges);
            } else {
                labels.extend(self.take_rows(&ranges, &gaps));
            }
        }
        if pieces > 1 && self.sheet.has_several_leads() {
            self.order_by_lead(&mut labels);
        }
        labels
    }

    fn label(&self, code: &str) -> String {
        self.frame.form.field(code).map_or_else(|| code.to_owned(), |field| field.label.clone())
    }

    /// The labels of rows; a line that holds several texts side by side is text in bars, and so is what follows it.
    fn take_rows(&mut self, ranges: &[Range<usize>], gaps: &[bool]) -> Vec<String> {
        let texts: Vec<String> =
            ranges.iter().map(|range| self.ledger.text(range).trim().to_owned()).collect();
        let is_bars = |at: usize| texts[at].contains(' ') && !texts[at].is_ascii();
        let mut is_note: Vec<bool> = (0..texts.len()).map(is_bars).collect();
        for at in 1..texts.len() {
            is_note[at] |= is_note[at - 1];
        }
        let first_note = is_note.iter().position(|note| *note).unwrap_or(texts.len());
        let mut label_count = first_note;
        let labels: Vec<&str> = texts[..first_note].iter().map(String::as_str).collect();
        let mut groups = join::labels(&labels, self.frame.chart_width);
        // A line on its own right over a line of bars, after a finished label, is the first line of a bar's text.
        let alone = groups.last().is_some_and(|group| group.len() == 1 && groups.len() > 1);
        if first_note < texts.len()
            && alone
            && gaps.get(first_note - 1) == Some(&true)
            && gaps.get(first_note) == Some(&false)
        {
            groups.pop();
            label_count -= 1;
        }
        let rows = groups
            .into_iter()
            .map(|group| {
                group.into_iter().filter_map(|at| self.ledger.take(&ranges[at], "activities")).collect()
            })
            .collect();
        self.take_notes(&ranges[label_count..]);
        rows
    }

    /// Texts of bars: kept apart by a space on one line, or each on a line; a first line without any belongs to the
    /// text under it.
    fn take_notes(&mut self, ranges: &[Range<usize>]) {
        let mut open = false;
        for range in ranges {
            let line = self.ledger.text(range);
            let several = line.contains(' ');
            let mut from = range.start;
            let mut parts: Vec<Range<usize>> = Vec::new();
            for (at, c) in line.char_indices().filter(|(_, c)| *c == ' ') {
                parts.push(from..range.start + at);
                from = range.start + at + c.len_utf8();
            }
            parts.push(from..range.end);
            for (i, part) in parts.iter().filter(|part| !part.is_empty()).enumerate() {
                let Some(text) = self.ledger.take(part, "activity_notes") else { continue };
                match self.sheet.activity_notes.last_mut() {
                    Some(last) if i == 0 && open && several => last.push_str(text),
                    _ => self.sheet.activity_notes.push(text.to_owned()),
                }
            }
            open = !several && std::ptr::eq(range, &ranges[0]);
        }
    }

    /// A chart that the extraction cut to pieces on a sheet with several leads: its rows are put together again by the
    /// department whose goal and narratives share their words.
    fn order_by_lead(&mut self, labels: &mut [String]) {
        let before = labels.to_vec();
        let leads = self.sheet.lead_departments.clone();
        let own: Vec<String> = leads.iter().map(|lead| self.words_of(lead)).collect();
        labels.sort_by_key(|label| {
            let shares: Vec<usize> = own.iter().map(|words| shared_pairs(&fold(label), words)).collect();
            let best = shares.iter().copied().max().unwrap_or_default();
            shares.iter().position(|share| *share == best)
        });
        if before != labels {
            let name = self.label("activities");
            self.find(
                "chart.order",
                Severity::Info,
                &name,
                "活動の行が離れて抽出されたため、部署ごとにまとめて並べました。順序を確かめてください。",
                before.join("・"),
            );
        }
    }

    /// What a department says on the sheet: its narratives and its marked parts of the goal.
    fn words_of(&self, lead: &str) -> String {
        let mark = self.frame.form.department_mark(lead);
        let marked = self
            .sheet
            .goal
            .iter()
            .chain(&self.sheet.challenge)
            .flat_map(|text| text.split('\n'))
            .filter(|part| part.contains(&mark));
        let answers = self
            .sheet
            .responses
            .iter()
            .filter(|answer| answer.department == lead)
            .filter_map(|answer| answer.narrative.as_deref());
        fold(&marked.chain(answers).collect::<String>())
    }
}

/// How many pairs of neighbouring characters of `label` stand in `words` too.
fn shared_pairs(label: &str, words: &str) -> usize {
    let chars: Vec<char> = label.chars().collect();
    chars.windows(2).filter(|pair| words.contains(&pair.iter().collect::<String>())).count()
}
