//! The words that structure a printed report, as the form names them, and finding them in the source.

use kaikaku_domain::form::{FieldKind, Form, Layout, fill};
use kaikaku_domain::text::fold;
use kaikaku_domain::{FiscalYear, Month};

use crate::folded::Folded;

/// What a label says about the text near it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// The name of the plan's level, counted from 0.
    Level(usize),
    /// A field of the form, counted from 0; also the heading of a column that holds nothing else.
    Field(usize),
    /// A heading over sections or columns.
    Heading,
    /// The heading of the roadmap.
    RoadmapHeading,
    /// A reporting period, counted from 0.
    Period(usize),
    /// A month of the chart.
    Month(Month),
    /// A fiscal year over a column.
    Year(FiscalYear),
    /// A grade of the scale, counted from 0.
    Grade(usize),
}

/// A label found at folded characters `from..to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) role: Role,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// Every label of a form, ready to be found.
pub(crate) struct Labels {
    /// What only the list's columns are called.
    front: Vec<Vec<char>>,
    fixed: Vec<(Vec<char>, Role)>,
    /// Headings with a fiscal year in them, cut where the year stands.
    dated: Vec<(Vec<char>, Vec<char>, Role)>,
    /// The months `4月` and the grades' codes, which are labels only where nothing else stands on the line.
    alone: Vec<(Vec<char>, Role)>,
}

const YEAR: &str = "{year}";

impl Labels {
    pub(crate) fn of(form: &Form) -> Self {
        let mut labels = Self { front: Vec::new(), fixed: Vec::new(), dated: Vec::new(), alone: Vec::new() };
        for (i, level) in form.levels.iter().enumerate() {
            labels.add(&level.name, Role::Level(i));
        }
        for (i, field) in form.fields.iter().enumerate() {
            labels.add(&field.label, Role::Field(i));
        }
        for section in &form.sections {
            let role = if section.layout == Layout::Roadmap { Role::RoadmapHeading } else { Role::Heading };
            let headings = section.columns.iter().map(|column| (&column.heading, Role::Heading));
            for (heading, role) in section.heading.iter().map(|heading| (heading, role)).chain(headings) {
                labels.add(heading, role);
            }
        }
        for (i, period) in form.periods.iter().enumerate() {
            labels.add(period, Role::Period(i));
        }
        for (i, grade) in form.scale.iter().enumerate() {
            labels.alone.push((chars(&grade.code), Role::Grade(i)));
        }
        for month in Month::of_fiscal_year() {
            labels.alone.push((chars(&format!("{}月", month.number())), Role::Month(month)));
        }
        let report = &form.report;
        let columns = [
            &report.index_path,
            &report.index_result,
            &report.index_page,
            &form.style.added,
            &form.style.revised,
        ];
        labels.front = columns.iter().map(|label| chars(label)).collect();
        // The longest first, so that 取組結果一覧 is not taken for 取組結果 and AA not for A.
        labels.fixed.sort_by_key(|(label, _)| std::cmp::Reverse(label.len()));
        labels.alone.sort_by_key(|(label, _)| std::cmp::Reverse(label.len()));
        labels
    }

    fn add(&mut self, label: &str, role: Role) {
        // What the form leaves to the report's year is found whatever year it is.
        if let Some((before, after)) = label.split_once(YEAR) {
            self.dated.push((chars(before), chars(after), role));
        } else if self.fixed.iter().all(|(known, _)| *known != chars(label)) {
            self.fixed.push((chars(&fill(label, &[])), role));
        }
    }

    /// The labels that make up the whole stretch, if nothing but labels stands in it.
    pub(crate) fn whole(&self, text: &Folded) -> Option<Vec<Found>> {
        let mut found = Vec::new();
        (text.len() > 0 && self.whole_from(text, 0, &mut found)).then_some(found)
    }

    /// The labels that make up a whole stretch of the front matter: the list's columns, with years as short as `R2`.
    pub(crate) fn whole_of_front(&self, text: &Folded) -> Option<Vec<Found>> {
        const SHORT_YEAR: usize = 4;
        let mut found = Vec::new();
        let mut from = 0;
        while from < text.len() {
            let column = self
                .front
                .iter()
                .filter_map(|label| text.after(from, label))
                .max()
                .map(|to| (to, Role::Heading));
            let short_year = || {
                (from + 2..=text.len().min(from + SHORT_YEAR)).rev().find_map(|to| {
                    let apart = text.has_space_before(from) && text.has_space_before(to);
                    let year = FiscalYear::read(&text.text(from, to)).filter(|_| apart)?;
                    Some((to, Role::Year(year)))
                })
            };
            let label = self.at(text, from, true).first().copied();
            let (to, role) = label.into_iter().chain(column).max_by_key(|(to, _)| *to).or_else(short_year)?;
            found.push(Found { role, from, to });
            from = to;
        }
        (!found.is_empty()).then_some(found)
    }

    fn whole_from(&self, text: &Folded, from: usize, found: &mut Vec<Found>) -> bool {
        if from == text.len() {
            return true;
        }
        // Labels rarely share a beginning, so that trying each is cheap; a long line of labels is cut short all the same.
        for (to, role) in self.at(text, from, true) {
            found.push(Found { role, from, to });
            if found.len() < 64 && self.whole_from(text, to, found) {
                return true;
            }
            found.pop();
        }
        false
    }

    /// Which of the form's headings stands at the place: the same number for the same heading.
    pub(crate) fn heading_at(&self, text: &Folded, from: usize) -> Option<usize> {
        let is_heading = |role: &Role| matches!(role, Role::Heading | Role::RoadmapHeading);
        let dated = self.dated.iter().position(|(before, after, role)| {
            let after_year = (if before.is_empty() { Some(from) } else { text.after(from, before) })
                .and_then(|at| fiscal_year_at(text, at));
            is_heading(role)
                && after_year.is_some_and(|(to, _)| {
                    if after.is_empty() { to == text.len() } else { text.after(to, after).is_some() }
                })
        });
        let fixed = || {
            self.fixed.iter().position(|(label, role)| is_heading(role) && text.after(from, label).is_some())
        };
        dated.or_else(|| fixed().map(|at| at + self.dated.len()))
    }

    /// Every label that stands at the place, the longest first.
    pub(crate) fn at(&self, text: &Folded, from: usize, alone: bool) -> Vec<(usize, Role)> {
        let mut found: Vec<(usize, Role)> = Vec::new();
        for (before, after, role) in &self.dated {
            let Some(year_at) = (if before.is_empty() { Some(from) } else { text.after(from, before) })
            else {
                continue;
            };
            let after_year = fiscal_year_at(text, year_at).map(|(to, _)| to);
            found.extend(
                after_year
                    .and_then(|to| if after.is_empty() { Some(to) } else { text.after(to, after) })
                    .map(|to| (to, *role)),
            );
        }
        found.extend(self.fixed.iter().filter_map(|(label, role)| Some((text.after(from, label)?, *role))));
        if alone {
            found.extend(
                self.alone.iter().filter_map(|(label, role)| Some((text.after(from, label)?, *role))),
            );
            found.extend(fiscal_year_at(text, from).map(|(to, year)| (to, Role::Year(year))));
        }
        found.sort_by_key(|(to, _)| std::cmp::Reverse(*to));
        found
    }
}

/// The fiscal year written at the place with 年度, and the place after it: `令和2年度`, `2020(令和2)年度`.
pub(crate) fn fiscal_year_at(text: &Folded, from: usize) -> Option<(usize, FiscalYear)> {
    const LONGEST: usize = 14;
    let end = text.len().min(from + LONGEST);
    let to = (from + 2..=end).find(|to| text.chars[..*to].ends_with(&['年', '度']))?;
    FiscalYear::read(&text.text(from, to)).map(|year| (to, year))
}

/// The role of a label that stands for a field of this kind, if the form has one.
pub(crate) fn field_of(form: &Form, code: &str) -> Option<usize> {
    form.fields.iter().position(|field| field.code == code)
}

/// Whether a field's value is text under a label of its own.
pub(crate) fn is_labelled_text(form: &Form, field: usize) -> bool {
    let field = &form.fields[field];
    field.kind == FieldKind::Text && field.code != "narrative"
}

fn chars(label: &str) -> Vec<char> {
    fold(label).chars().collect()
}
