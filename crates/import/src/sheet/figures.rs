//! The tables of figures, indicators and financial effects: told by their rows' labels and the number of their years.
//!
//! A table is read whole or not at all: a row with a figure too few would give every year another's.

use std::ops::Range;

use kaikaku_domain::field::{Direction, Effect, EffectValue, Indicator, IndicatorValue, recurrence_word};
use kaikaku_domain::form::{Columns, FieldKind};
use kaikaku_domain::text::fold;
use kaikaku_domain::{FiscalYear, number};
use serde_json::Value;

use super::Reader;
use crate::front::lists::{DASHES, words};
use crate::join;
use crate::labels::Role;
use crate::ledger::is_line_end;

/// A piece of a table, in the order of the source.
struct Piece {
    what: What,
    range: Range<usize>,
    /// Its line, counted from that of the first piece.
    line: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// The label of a row of targets.
    Target,
    /// The label of a row of actual values.
    Actual,
    /// A figure, or the dash for none.
    Figure,
    /// Text on one line: of a name or a source.
    Text,
    /// What heads a column.
    Head,
}

/// What a table's source was found to hold.
struct Table {
    years: Vec<FiscalYear>,
    /// Targets and actual values by turns, each with one figure a year.
    rows: Vec<Vec<Range<usize>>>,
    names: Vec<Name>,
    /// The value before the plan, one for each name, where the table has that column.
    bases: Vec<Range<usize>>,
}

/// `収納率（％、増加）` with its source.
struct Name {
    chars: Vec<Char>,
    ending: Ending,
    source: Vec<Char>,
}

/// The bracket that ends a name, unit and word for the direction, as places among its characters.
#[derive(Clone, Copy)]
struct Ending {
    open: usize,
    /// Where the word begins.
    word: usize,
    /// Which of the words it is.
    which: usize,
}

/// A character with its place; a space that joins two lines has none.
type Char = (char, Option<usize>);

impl Reader<'_, '_> {
    /// The stretches of the source that hold tables: what is not read of them is no field's.
    pub(super) fn close_tables(&mut self) {
        for (i, field) in self.frame.form.fields.iter().enumerate() {
            if matches!(field.kind, FieldKind::Indicators | FieldKind::Effects) {
                let region = self.region(i);
                self.closed.extend(region);
            }
        }
    }

    /// From the table's label to the next that is another's.
    fn region(&self, field: usize) -> Option<Range<usize>> {
        let start =
            self.positions(Role::Field(field)).into_iter().map(|at| self.tokens[at].range.end).min()?;
        let is_other = |role: Role| match role {
            Role::Field(other) => other != field,
            role => matches!(role, Role::Heading | Role::RoadmapHeading | Role::Level(_)),
        };
        let behind = self.tokens.iter().filter(|token| token.range.start >= start);
        let other = behind
            .clone()
            .filter(|token| token.role().is_some_and(is_other))
            .map(|token| token.range.start)
            .min();
        let end = other.or_else(|| behind.map(|token| token.range.end).max())?;
        Some(start..end)
    }

    pub(super) fn read_figures(&mut self, field: usize) {
        let form = self.frame.form;
        let Some(region) = self.region(field) else { return };
        let (years, pieces) = self.pieces(field, &region);
        pieces.iter().filter(|piece| piece.what == What::Head).for_each(|head| {
            self.ledger.label(&head.range);
        });
        if pieces.iter().all(|piece| piece.what == What::Head) {
            return;
        }
        match self.table(field, years, &pieces) {
            Some(table) => {
                for label in pieces.iter().filter(|piece| matches!(piece.what, What::Target | What::Actual)) {
                    self.ledger.label(&label.range);
                }
                let value = match form.fields[field].kind {
                    FieldKind::Indicators => self.indicators(table),
                    _ => self.effects(table),
                };
                self.sheet.fields.insert(form.fields[field].code.clone(), value);
            }
            None => {
                let evidence: Vec<&str> = pieces
                    .iter()
                    .filter(|piece| piece.what != What::Head)
                    .map(|piece| self.ledger.text(&piece.range))
                    .collect();
                self.find_unread(field, evidence.join(" "));
            }
        }
    }

    /// The years over the columns, and what stands in the table.
    fn pieces(&mut self, field: usize, region: &Range<usize>) -> (Vec<FiscalYear>, Vec<Piece>) {
        let form = self.frame.form;
        let columns = &form.fields[field].columns;
        let inside = self
            .tokens
            .iter()
            .filter(|token| region.start <= token.range.start && token.range.start < region.end);
        // The table's own label, and what the chart below has lost to it.
        let is_strange = |role: Role| role == Role::Field(field) || matches!(role, Role::Month(_));
        let inside = inside.filter(|token| !token.role().is_some_and(is_strange));
        let mut found: Vec<Range<usize>> =
            inside.flat_map(|token| words(self.ledger.text(&token.range), token.range.start)).collect();
        found.sort_by_key(|word| word.start);
        let mut years: Vec<FiscalYear> = Vec::new();
        let mut pieces: Vec<Piece> = Vec::new();
        let mut label_line = None;
        for range in found {
            let text = fold(self.ledger.text(&range));
            let is = |label: &str| !label.is_empty() && text == fold(label);
            let year = FiscalYear::read(&text).filter(|year| is(&form.print_year(*year)));
            years.extend(year.filter(|year| !years.contains(year)));
            let what = match () {
                () if year.is_some() => What::Head,
                // A table that goes on over a page repeats its head.
                () if is(&columns.name) || is(&columns.base) => What::Head,
                () if is(&columns.target) => What::Target,
                () if is(&columns.actual) => What::Actual,
                () if DASHES.contains(&self.ledger.text(&range)) || number::read(&text).is_some() => {
                    What::Figure
                }
                () => What::Text,
            };
            let line =
                pieces.last().map_or(0, |last| last.line + self.line_ends(last.range.end..range.start));
            if matches!(what, What::Target | What::Actual) {
                label_line = Some(line);
            }
            match pieces.last_mut() {
                // Words make up a text, but behind a row's label each stands under a year.
                Some(last)
                    if (what, last.what, last.line) == (What::Text, What::Text, line)
                        && label_line != Some(line) =>
                {
                    last.range.end = range.end;
                }
                _ => pieces.push(Piece { what, range, line }),
            }
        }
        (years, pieces)
    }

    fn line_ends(&self, range: Range<usize>) -> usize {
        self.ledger.text(&range).chars().filter(|c| is_line_end(*c)).count()
    }

    /// Puts the pieces together; `None` when they do not make one table.
    fn table(&self, field: usize, years: Vec<FiscalYear>, pieces: &[Piece]) -> Option<Table> {
        let kind = self.frame.form.fields[field].kind;
        let columns = &self.frame.form.fields[field].columns;
        let is_in_order = !years.is_empty() && years.is_sorted();
        let rows = rows(pieces, years.len()).filter(|_| is_in_order)?;
        let bases: Vec<usize> = (0..pieces.len())
            .filter(|at| pieces[*at].what == What::Figure && !rows.iter().any(|row| row.contains(at)))
            .collect();
        let names = self.names(kind, columns, pieces, &rows, &bases)?;
        let wanted = if kind == FieldKind::Indicators { names.len() } else { 0 };
        let rows: Vec<Vec<Range<usize>>> = rows
            .into_iter()
            .map(|row| pieces[row].iter().map(|piece| piece.range.clone()).collect())
            .collect();
        let bases: Vec<Range<usize>> = bases.into_iter().map(|at| pieces[at].range.clone()).collect();
        (rows.len() == names.len() * 2 && bases.len() == wanted).then_some(Table {
            years,
            rows,
            names,
            bases,
        })
    }

    /// The names with their sources: a name ends with its bracket, a source with the next name.
    fn names(
        &self,
        kind: FieldKind,
        columns: &Columns,
        pieces: &[Piece],
        rows: &[Range<usize>],
        bases: &[usize],
    ) -> Option<Vec<Name>> {
        let printed = |range: &Range<usize>| self.ledger.text(range).trim();
        let label: Vec<char> = columns.source.chars().collect();
        let mut names: Vec<Name> = Vec::new();
        let mut open: Vec<Char> = Vec::new();
        let mut last: Option<usize> = None;
        let is_text = |at: usize| pieces[at].what == What::Text && !rows.iter().any(|row| row.contains(&at));
        for (at, piece) in pieces.iter().enumerate().filter(|(at, _)| is_text(*at)) {
            let line: Vec<Char> = characters(printed(&piece.range), piece.range.start);
            let is_source = line.iter().map(|(c, _)| c).take(label.len()).eq(&label)
                && matches!(line.get(label.len()), Some(('：' | ':', _)));
            let goes_on = last.is_some_and(|last| !is_apart(pieces, last, at, bases));
            match names.last_mut() {
                Some(name) if open.is_empty() && is_source && name.source.is_empty() => name.source = line,
                Some(name) if open.is_empty() && goes_on && !name.source.is_empty() => {
                    append(&mut name.source, line)
                }
                _ => append(&mut open, line),
            }
            if let Some(ending) = ending(&open, kind) {
                names.push(Name { chars: std::mem::take(&mut open), ending, source: Vec::new() });
            }
            last = Some(at);
        }
        open.is_empty().then_some(names)
    }

    fn indicators(&mut self, table: Table) -> Value {
        let mut indicators: Vec<Indicator> = Vec::new();
        for (i, name) in table.names.iter().enumerate() {
            let (label, unit, source) = self.take_name(name);
            let base = self.figure(&table.bases[i]);
            let values = self.take_values(&table, i).map(|(year, target, actual)| IndicatorValue {
                year,
                target,
                actual,
            });
            let values = values.collect();
            let direction = Direction::ALL[name.ending.which];
            indicators.push(Indicator { name: label, unit, direction, base, values, source });
        }
        serde_json::to_value(indicators).unwrap_or_default()
    }

    fn effects(&mut self, table: Table) -> Value {
        let mut effects: Vec<Effect> = Vec::new();
        for (i, name) in table.names.iter().enumerate() {
            let (label, unit, basis) = self.take_name(name);
            let values = self.take_values(&table, i).map(|(year, planned, actual)| EffectValue {
                year,
                planned,
                actual,
            });
            let values = values.collect();
            effects.push(Effect { label, recurring: RECURRING[name.ending.which], unit, values, basis });
        }
        serde_json::to_value(effects).unwrap_or_default()
    }

    /// Year, target and actual value of the `i`-th name.
    fn take_values(
        &mut self,
        table: &Table,
        i: usize,
    ) -> impl Iterator<Item = (FiscalYear, Option<String>, Option<String>)> + use<> {
        let mut figures =
            |row: &[Range<usize>]| row.iter().map(|range| self.figure(range)).collect::<Vec<_>>();
        let (targets, actuals) = (figures(&table.rows[i * 2]), figures(&table.rows[i * 2 + 1]));
        table
            .years
            .clone()
            .into_iter()
            .zip(targets.into_iter().zip(actuals))
            .map(|(year, (target, actual))| (year, target, actual))
    }

    /// A figure as printed; a dash says that there is none.
    fn figure(&mut self, range: &Range<usize>) -> Option<String> {
        if DASHES.contains(&self.ledger.text(range)) {
            self.ledger.label(range);
            return None;
        }
        self.ledger.take(range, "fields").map(str::to_owned)
    }

    /// Name, unit and source.
    fn take_name(&mut self, name: &Name) -> (String, String, Option<String>) {
        let Ending { open, word, .. } = name.ending;
        let unit = open + 1..word.max(open + 2) - 1;
        let label = self.take_chars(&name.chars[..open], true);
        let of_unit = self.take_chars(&name.chars[unit.clone()], true);
        self.take_chars(&name.chars[open..unit.start], false);
        self.take_chars(&name.chars[unit.end..], false);
        let colon = name.source.iter().position(|(c, _)| matches!(c, '：' | ':')).map_or(0, |at| at + 1);
        self.take_chars(&name.source[..colon], false);
        let source = self.take_chars(&name.source[colon..], true);
        (label.trim().to_owned(), of_unit, (!source.is_empty()).then_some(source))
    }

    /// Claims characters line by line, as a field's value or as a label, and gives them.
    fn take_chars(&mut self, chars: &[Char], is_value: bool) -> String {
        let is_next = |a: &Char, b: &Char| a.1.zip(b.1).is_some_and(|(at, next)| at + a.0.len_utf8() == next);
        for stretch in chars.chunk_by(is_next) {
            if let (Some((_, Some(start))), Some((last, Some(end)))) = (stretch.first(), stretch.last()) {
                let range = *start..end + last.len_utf8();
                if is_value {
                    self.ledger.take(&range, "fields");
                } else {
                    self.ledger.label(&range);
                }
            }
        }
        chars.iter().map(|(c, _)| c).collect()
    }
}

/// Whether another name begins with the second of two texts: a row of targets, a base or a blank line stands between,
/// or its line is where a row of targets begins.
fn is_apart(pieces: &[Piece], first: usize, second: usize, bases: &[usize]) -> bool {
    let between = first + 1..second;
    let is_target = |at: usize| pieces[at].what == What::Target;
    let line = pieces[second].line;
    between.clone().any(|at| is_target(at) || bases.contains(&at))
        || (between.is_empty() && line - pieces[first].line > 1)
        || (second + 1..pieces.len()).take_while(|at| pieces[*at].line == line).any(is_target)
}

/// In the order that the words for an effect are looked for.
const RECURRING: [bool; 2] = [true, false];

/// The figures of every row, as places among the pieces: `count` of them on the line of the row's label. Where an
/// extraction has torn the lines, the one way in which every label gets a run right behind or before it.
fn rows(pieces: &[Piece], count: usize) -> Option<Vec<Range<usize>>> {
    let labels: Vec<usize> =
        (0..pieces.len()).filter(|at| matches!(pieces[*at].what, What::Target | What::Actual)).collect();
    let by_turns =
        labels.iter().enumerate().all(|(i, at)| (pieces[*at].what == What::Target) == (i % 2 == 0));
    if labels.is_empty() || labels.len() % 2 == 1 || !by_turns {
        return None;
    }
    let on_line = |label: usize| rest_of_line(pieces, label).filter(|run| run.len() == count);
    let behind = |label: usize| {
        on_line(label).or_else(|| run_from(pieces, label + 1).filter(|run| run.len() == count))
    };
    let before = |label: usize| run_to(pieces, label).filter(|run| run.len() == count);
    if let Some(rows) = labels.iter().map(|label| on_line(*label)).collect() {
        return Some(rows);
    }
    let mut ways: Vec<Vec<Range<usize>>> = vec![Vec::new()];
    for label in labels {
        let runs: Vec<Range<usize>> = [before(label), behind(label)].into_iter().flatten().collect();
        let longer = |way: &Vec<Range<usize>>| {
            let free = runs.iter().filter(|run| !way.contains(run)).cloned().collect::<Vec<_>>();
            free.into_iter().map(|run| [&way[..], &[run]].concat()).collect::<Vec<_>>()
        };
        ways = ways.iter().flat_map(longer).collect();
    }
    match &ways[..] {
        [way] => Some(way.clone()),
        _ => None,
    }
}

/// What stands on the line behind a label, be it a figure or a word in a figure's place.
fn rest_of_line(pieces: &[Piece], label: usize) -> Option<Range<usize>> {
    let line = pieces.get(label)?.line;
    let length = pieces[label + 1..].iter().take_while(|piece| piece.line == line).count();
    Some(label + 1..label + 1 + length)
}

/// The run of figures that begins here.
fn run_from(pieces: &[Piece], from: usize) -> Option<Range<usize>> {
    let length = pieces.get(from..)?.iter().take_while(|piece| piece.what == What::Figure).count();
    Some(from..from + length)
}

/// The run of figures that ends before here.
fn run_to(pieces: &[Piece], to: usize) -> Option<Range<usize>> {
    let length = pieces.get(..to)?.iter().rev().take_while(|piece| piece.what == What::Figure).count();
    Some(to - length..to)
}

fn characters(text: &str, start: usize) -> Vec<Char> {
    text.char_indices().map(|(at, c)| (c, Some(start + at))).collect()
}

/// Puts a line behind the one that it was broken off.
fn append(text: &mut Vec<Char>, line: Vec<Char>) {
    if join::is_latin(text.last().map(|(c, _)| *c)) && join::is_latin(line.first().map(|(c, _)| *c)) {
        text.push((' ', None));
    }
    text.extend(line);
}

/// The bracket at the end of a name, `（％、増加）`, if its last part is one of the kind's words.
fn ending(name: &[Char], kind: FieldKind) -> Option<Ending> {
    let words: Vec<&str> = match kind {
        FieldKind::Indicators => Direction::ALL.iter().map(|direction| direction.word()).collect(),
        _ => RECURRING.iter().map(|recurring| recurrence_word(*recurring)).collect(),
    };
    let mut depth = 0;
    let open = name.iter().rposition(|(c, _)| {
        match c {
            '）' | ')' => depth += 1,
            '（' | '(' => depth -= 1,
            _ => {}
        }
        depth <= 0
    })?;
    let last =
        name.len().checked_sub(1).filter(|last| open < *last && matches!(name[*last].0, '）' | ')'))?;
    let comma = name[open..last].iter().rposition(|(c, _)| *c == '、').map(|at| open + at);
    let word = comma.unwrap_or(open) + 1;
    let text: String = name[word..last].iter().map(|(c, _)| c).collect();
    let which = words.iter().position(|known| fold(known) == fold(&text))?;
    Some(Ending { open, word, which })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `T` and `A` are rows' labels, digits figures, `n` a text, `|` a line end; gives each row's figures.
    fn check(table: &str, count: usize, expect: Option<&[&str]>) {
        let mut pieces = Vec::new();
        let mut line = 0;
        for (at, c) in table.char_indices() {
            let what = match c {
                'T' => What::Target,
                'A' => What::Actual,
                'n' => What::Text,
                'h' => What::Head,
                '|' => {
                    line += 1;
                    continue;
                }
                _ => What::Figure,
            };
            pieces.push(Piece { what, range: at..at + 1, line });
        }
        let found = rows(&pieces, count).map(|rows| {
            let text = |row: Range<usize>| {
                pieces[row].iter().map(|piece| &table[piece.range.clone()]).collect::<String>()
            };
            rows.into_iter().map(text).collect::<Vec<String>>()
        });
        let expect = expect.map(|rows| rows.iter().map(|row| (*row).to_owned()).collect());
        assert_eq!(found, expect, "{table}");
    }

    #[test]
    fn a_row_has_as_many_figures_as_there_are_years() {
        check("T12|nn|9|A34", 2, Some(&["12", "34"]));
        check("n9T12|nA34|n8T56|nA78", 2, Some(&["12", "34", "56", "78"]));
        check("T|1|2|A|3|4", 2, Some(&["12", "34"]));
        check("T1n|A34", 2, Some(&["1n", "34"]));
        check("T1|A34", 2, None);
    }

    #[test]
    fn figures_before_their_label_are_read_when_there_is_one_way_only() {
        check("h|1|2|T|A|3|4", 2, Some(&["12", "34"]));
        check("h|1|2|T|9|A|3|4|T|5|6|A|7|8", 2, Some(&["12", "34", "56", "78"]));
        check("1|2|T|9|9|A|3|4", 2, None);
        check("T|A|1|2|3|4", 2, None);
        check("T|1|2|T|3|4", 2, None);
    }

    #[test]
    fn a_name_ends_with_the_bracket_that_tells_its_direction() {
        let check = |name: &str, expect: Option<(&str, &str)>| {
            let chars = characters(name, 0);
            let text = |chars: &[Char]| chars.iter().map(|(c, _)| c).collect::<String>();
            let found = ending(&chars, FieldKind::Indicators)
                .map(|ending| (text(&chars[..ending.open]), text(&chars[ending.word..chars.len() - 1])));
            assert_eq!(found, expect.map(|(name, word)| (name.to_owned(), word.to_owned())), "{name}");
        };
        check("利用率（％、増加）", Some(("利用率", "増加")));
        check("利用率（税）（％、減少）", Some(("利用率（税）", "減少")));
        check("利用率（維持）", Some(("利用率", "維持")));
        check("利用率（税）", None);
        check("利用率（％、", None);
        check("増加）", None);
        check("", None);
    }
}
