//! A sheet's cells cut into tokens: labels, plan nodes and the text between them.

use std::ops::Range;

use kaikaku_domain::form::{FieldKind, Form, Layout};

use crate::cells::Cell;
use crate::folded::Folded;
use crate::labels::{Found, Labels, Role};

/// What a stretch of a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Label(Role),
    /// A level's label with its number and title: `推進項目 （１） …`.
    Node {
        level: usize,
        label: Range<usize>,
        ordinal: u32,
        number: Range<usize>,
        title: Range<usize>,
    },
    Text,
}

/// A stretch of a line with what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) range: Range<usize>,
    /// Whether a blank line stands before it.
    pub(crate) gap: bool,
    /// Whether it is the first on a page that goes on with what the page before left open.
    pub(crate) breaks: bool,
}

impl Token {
    pub(crate) fn role(&self) -> Option<Role> {
        match &self.kind {
            Kind::Label(role) => Some(*role),
            Kind::Node { level, .. } => Some(Role::Level(*level)),
            Kind::Text => None,
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        self.kind == Kind::Text
    }
}

/// Cuts cells into tokens.
pub(crate) fn tokens(source: &str, form: &Form, labels: &Labels, cells: &[Cell]) -> Vec<Token> {
    let mut tokens = Vec::new();
    for cell in cells {
        let folded = Folded::new(source, &cell.range);
        let mut cut = Cut { form, labels, folded: &folded, tokens: Vec::new() };
        cut.cell();
        if let Some(first) = cut.tokens.first_mut() {
            first.gap = cell.gap;
            first.breaks = cell.breaks;
        }
        tokens.append(&mut cut.tokens);
    }
    tokens
}

struct Cut<'a> {
    form: &'a Form,
    labels: &'a Labels,
    folded: &'a Folded,
    tokens: Vec<Token>,
}

impl Cut<'_> {
    fn cell(&mut self) {
        if let Some(found) = self.labels.whole(self.folded) {
            self.tokens.extend(found.iter().map(|found| label(self.folded, found)));
            return;
        }
        let start = self.leading_label(self.folded.len());
        let (end, trailing) = self.trailing_labels(start);
        match self.node_inside(start, end) {
            Some(node) => {
                self.text(start, node.0);
                self.tokens.push(node.1);
            }
            None => self.text_and_grade(start, end),
        }
        self.tokens.extend(trailing);
    }

    /// Periods and grades that the extraction set behind the text of another column, kept apart by a space.
    fn trailing_labels(&self, start: usize) -> (usize, Vec<Token>) {
        let (mut end, mut tokens) = (self.folded.len(), Vec::new());
        while let Some(from) = (start + 1..end).rev().find(|at| self.folded.has_space_before(*at)) {
            let labels = self.labels.at(self.folded, from, true);
            let is_answer = |role: &Role| matches!(role, Role::Period(_) | Role::Grade(_));
            let Some((to, role)) = labels.into_iter().find(|(to, role)| *to == end && is_answer(role)) else {
                break;
            };
            tokens.insert(0, label(self.folded, &Found { role, from, to }));
            end = from;
        }
        (end, tokens)
    }

    /// A label at the beginning of the cell that takes its value on the same line; gives the place after it.
    fn leading_label(&mut self, end: usize) -> usize {
        let mark = self.form.style.department_mark.chars().next();
        for (to, role) in self.labels.at(self.folded, 0, true) {
            let takes_value = to < end
                && match role {
                    Role::Field(i) => self.takes_value_on_its_line(i, to),
                    Role::Period(_) => {
                        self.folded.has_space_before(to) || self.folded.chars.get(to) == mark.as_ref()
                    }
                    Role::Grade(_) => self.folded.has_space_before(to),
                    _ => false,
                };
            if takes_value {
                self.tokens.push(label(self.folded, &Found { role, from: 0, to }));
                return to;
            }
        }
        0
    }

    fn takes_value_on_its_line(&self, field: usize, to: usize) -> bool {
        let field = &self.form.fields[field];
        let bullet = self.form.style.bullet.chars().next();
        match field.kind {
            FieldKind::Content => {
                self.folded.has_space_before(to) || self.folded.chars.get(to).copied() == bullet
            }
            FieldKind::Departments => self.folded.has_space_before(to),
            _ => {
                let in_rows = |section: &&kaikaku_domain::form::Section| {
                    section.layout == Layout::Rows && section.field_codes().any(|code| code == field.code)
                };
                self.folded.has_space_before(to) && self.form.sections.iter().any(|section| in_rows(&section))
            }
        }
    }

    /// The first plan node from `start` on: a level's label, its number and a title.
    fn node_inside(&self, start: usize, end: usize) -> Option<(usize, Token)> {
        (start..end).find_map(|from| {
            self.labels.at(self.folded, from, false).into_iter().find_map(|(to, role)| {
                let Role::Level(level) = role else { return None };
                let (ordinal, number_end) = number_at(self.form, level, self.folded, to, from == start)?;
                let title =
                    self.folded.chars.get(number_end).is_some_and(|c| *c == ':').then_some(number_end + 1);
                let title = title.unwrap_or(number_end);
                let kind = Kind::Node {
                    level,
                    label: self.folded.range(from, to),
                    ordinal,
                    number: self.folded.range(to, title),
                    title: self.folded.range(title, end),
                };
                (title < end).then(|| {
                    (from, Token { kind, range: self.folded.range(from, end), gap: false, breaks: false })
                })
            })
        })
    }

    /// Text, with a grade that the extraction hung on its end cut off: `…を行った。A`.
    fn text_and_grade(&mut self, start: usize, end: usize) {
        const SENTENCE_END: [char; 4] = ['。', '】', ')', '」'];
        let grade = (start + 1..end).find_map(|from| {
            let role = self
                .labels
                .at(self.folded, from, true)
                .into_iter()
                .find(|(to, role)| *to == end && matches!(role, Role::Grade(_)))?
                .1;
            SENTENCE_END.contains(&self.folded.chars[from - 1]).then_some(Found { role, from, to: end })
        });
        self.text(start, grade.map_or(end, |grade| grade.from));
        self.tokens.extend(grade.map(|grade| label(self.folded, &grade)));
    }

    fn text(&mut self, from: usize, to: usize) {
        let range = self.folded.range(from, to);
        if !range.is_empty() {
            self.tokens.push(Token { kind: Kind::Text, range, gap: false, breaks: false });
        }
    }
}

fn label(folded: &Folded, found: &Found) -> Token {
    Token {
        kind: Kind::Label(found.role),
        range: folded.range(found.from, found.to),
        gap: false,
        breaks: false,
    }
}

/// The number of a level at the place, with its value and the place after it. Inside a line (`at_start` false) white
/// space must keep it apart, so that 「推進項目１の…」 in a sentence is no node.
pub(crate) fn number_at(
    form: &Form,
    level: usize,
    folded: &Folded,
    from: usize,
    at_start: bool,
) -> Option<(u32, usize)> {
    const LONGEST: usize = 6;
    let level = &form.levels[level];
    let end = folded.len().min(from + LONGEST);
    (from + 1..=end).rev().find_map(|to| {
        // A number that closes itself, （１）, needs nothing to keep it apart from the title.
        let is_closed = matches!(folded.chars[to - 1], ')' | '.');
        let apart = is_closed || folded.has_space_before(to) || folded.chars.get(to) == Some(&':');
        let kept = apart && (at_start || folded.has_space_before(from));
        let range = folded.range(from, to);
        let written = kept.then(|| folded.source_text(&range))?;
        let ordinal = level.printed.read(&written).or_else(|| level.numbering.read(&written))?;
        Some((ordinal, to))
    })
}
