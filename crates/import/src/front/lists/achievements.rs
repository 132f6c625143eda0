//! The achievements: highlight lines under categories, each with the reference of its measure.

use std::ops::Range;

use kaikaku_domain::report::Achievement;
use kaikaku_domain::text::fold;

use super::Reader;
use crate::cells::Cell;

/// A line that is being put together.
struct Line {
    text: Vec<Range<usize>>,
    reference: Option<Reference>,
}

/// `（１－（１）－②ア　マイナンバーカード利活用の推進）`: where it stands and what it says.
struct Reference {
    whole: Range<usize>,
    reference: String,
}

const MARKS: [char; 6] = ['○', '〇', '◯', '・', '●', '◆'];
const JOINTS: [char; 8] = ['－', '-', '―', '‐', '−', ' ', '\u{3000}', '\n'];

impl Reader<'_, '_> {
    pub(super) fn read_achievements(&mut self, cells: &[Cell]) -> Vec<Achievement> {
        let mut lines: Vec<(usize, Line)> = Vec::new();
        let mut categories: Vec<String> = Vec::new();
        let mut at = 0;
        while at < cells.len() {
            let cell = &cells[at];
            at += 1;
            if !self.ledger.is_free(&cell.range) {
                continue;
            }
            match (self.take_category(&cell.range), categories.len().checked_sub(1)) {
                (Some(category), _) => categories.push(category),
                (None, Some(category)) => {
                    let (range, next) = self.with_open_bracket(cells, at - 1);
                    at = next;
                    self.read_line(&range, category, &mut lines);
                }
                (None, None) => {}
            }
        }
        lines
            .into_iter()
            .filter_map(|(category, line)| self.achievement(&categories[category], line))
            .collect()
    }

    /// The stretch of a cell, with the lines after it while a bracket in it stays open.
    fn with_open_bracket(&self, cells: &[Cell], at: usize) -> (Range<usize>, usize) {
        const FURTHER: usize = 3;
        let range = cells[at].range.clone();
        let balance = |range: &Range<usize>| {
            let count = |c: [char; 2]| self.ledger.text(range).matches(c).count();
            count(['（', '(']).cmp(&count(['）', ')']))
        };
        if balance(&range).is_le() {
            return (range, at + 1);
        }
        let further = (at + 1..cells.len().min(at + 1 + FURTHER))
            .map(|next| (range.start..cells[next].range.end, next + 1));
        let mut closed = further.filter(|(range, _)| range.start < range.end && self.ledger.is_free(range));
        closed.find(|(range, _)| balance(range).is_le()).unwrap_or((range, at + 1))
    }

    fn take_category(&mut self, range: &Range<usize>) -> Option<String> {
        let (before, after) = self.form.report.achievement_category.split_once("{category}")?;
        let text = self.ledger.text(range);
        let name = text.trim().strip_prefix(before)?.strip_suffix(after)?;
        let start = range.start + text.find(before)? + before.len();
        let name = self.ledger.take(&(start..start + name.len()), "achievements")?.to_owned();
        self.ledger.label(&(range.start..start));
        self.ledger.label(&(start + name.len()..range.end));
        Some(name)
    }

    /// A line begins with a mark; one without goes to the first line that still wants its text or its reference, or
    /// else goes on with the last.
    fn read_line(&mut self, range: &Range<usize>, category: usize, lines: &mut Vec<(usize, Line)>) {
        let text = self.ledger.text(range);
        let mark = text.chars().next().filter(|c| MARKS.contains(c)).map_or(0, char::len_utf8);
        let rest = range.start + mark..range.end;
        let reference = self.reference(&rest);
        let mut pieces: Vec<Range<usize>> = match &reference {
            Some(reference) => vec![rest.start..reference.whole.start, reference.whole.end..rest.end],
            None => vec![rest],
        };
        pieces.retain(|piece| !self.ledger.text(piece).trim().is_empty());
        let line = Line { text: pieces, reference };
        if mark > 0 {
            self.ledger.label(&(range.start..range.start + mark));
            lines.push((category, line));
            return;
        }
        let wants = |(_, old): &(usize, Line)| {
            let text = !line.text.is_empty() && old.text.is_empty();
            text || (line.text.is_empty() && old.reference.is_none() && line.reference.is_some())
        };
        let at = lines.iter().position(wants).or_else(|| lines.len().checked_sub(1));
        let Some((_, old)) = at.and_then(|at| lines.get_mut(at)) else { return };
        if old.reference.is_some() && line.reference.is_some() {
            lines.push((category, line));
        } else {
            old.text.extend(line.text);
            old.reference = old.reference.take().or(line.reference);
        }
    }

    /// The first bracket that begins with numbers of the plan's levels, root first.
    fn reference(&self, range: &Range<usize>) -> Option<Reference> {
        let text = self.ledger.text(range);
        text.char_indices().filter(|(_, c)| matches!(c, '（' | '(')).find_map(|(open, c)| {
            let (inner, end) = closing(text, open)?;
            let reference = self.read_numbers(&text[open + c.len_utf8()..inner])?;
            Some(Reference { whole: range.start + open..range.start + end, reference })
        })
    }

    /// `１－（１）－②ア　…` as `1-(1)-②-ア`. Where a title begins like a number (`ア…`), the known titles decide.
    fn read_numbers(&self, text: &str) -> Option<String> {
        const LONGEST: usize = 4;
        let mut numbers: Vec<String> = Vec::new();
        let mut rest = text.trim();
        for level in &self.form.levels {
            let next = rest.trim_start_matches(JOINTS);
            let ends = next.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST).collect::<Vec<_>>();
            let read = ends.iter().rev().find_map(|end| {
                let ordinal =
                    level.printed.read(&next[..*end]).or_else(|| level.numbering.read(&next[..*end]))?;
                Some((ordinal, *end))
            });
            let Some((ordinal, end)) = read else { break };
            if self.is_titled(&numbers.join("-"), next) {
                break;
            }
            numbers.push(level.numbering.print(ordinal));
            rest = &next[end..];
        }
        (numbers.len() > 1).then(|| numbers.join("-"))
    }

    fn is_titled(&self, reference: &str, title: &str) -> bool {
        self.sheets.iter().any(|sheet| sheet.reference() == reference && fold(sheet.title()) == fold(title))
    }

    fn achievement(&mut self, category: &str, line: Line) -> Option<Achievement> {
        let mut text = String::new();
        for piece in &line.text {
            // What stands behind the reference keeps the space that the source sets before it.
            let whole = self.ledger.text(piece);
            let gap = if text.is_empty() { "" } else { &whole[..whole.len() - whole.trim_start().len()] };
            text.push_str(gap);
            // A line end inside was made by the width of the page.
            text.extend(self.ledger.take(piece, "achievements").unwrap_or_default().lines().map(str::trim));
        }
        let reference = line.reference.map(|reference| {
            self.ledger.label(&reference.whole);
            reference.reference
        });
        let is_empty = text.is_empty() && reference.is_none();
        (!is_empty).then(|| Achievement { category: category.to_owned(), text, reference })
    }
}

/// The place of the bracket that closes the one at `open`: before and after it.
fn closing(text: &str, open: usize) -> Option<(usize, usize)> {
    let mut depth = 0;
    for (at, c) in text[open..].char_indices() {
        match c {
            '（' | '(' => depth += 1,
            '）' | ')' => {
                depth -= 1;
                if depth == 0 {
                    return Some((open + at, open + at + c.len_utf8()));
                }
            }
            _ => {}
        }
    }
    None
}
