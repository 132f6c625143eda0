//! Where the front matter ends and where each sheet begins and ends.

use std::ops::Range;

use kaikaku_domain::form::{FieldKind, Form, Layout, Section};

use crate::cells::{self, Cell, Page, Place};
use crate::folded::Folded;
use crate::labels::{Labels, Role};

/// The cells of one sheet, with the physical pages that it stands on (counted from 1; none where the source marks no
/// page ends).
#[derive(Debug, Clone, Default)]
pub(crate) struct Segment {
    pub(crate) cells: Vec<Cell>,
    pub(crate) first_page: Option<u32>,
    /// The page numbers printed on it, in order.
    pub(crate) printed_pages: Vec<(u32, Range<usize>)>,
    /// What its further pages repeat: the sheet's name, the headings.
    pub(crate) repeated: Vec<Range<usize>>,
}

/// The source cut into front matter and sheets.
pub(crate) struct Segments {
    pub(crate) front: Vec<Page>,
    pub(crate) sheets: Vec<Segment>,
    /// The front matter's page numbers.
    pub(crate) page_numbers: Vec<Range<usize>>,
}

/// How many of a form's sheet labels the source shows.
pub(crate) fn count_labels(source: &str, form: &Form) -> usize {
    let labels = Labels::of(form);
    let pages = cells::pages(source, |range| place(source, form, &labels, range));
    pages
        .iter()
        .flat_map(|page| &page.cells)
        .filter(|cell| !marks(source, form, &labels, cell).is_empty())
        .count()
}

/// What a stretch of a line is to the layout around it.
fn place(source: &str, form: &Form, labels: &Labels, range: &Range<usize>) -> Place {
    let found = labels.whole(&Folded::new(source, range)).unwrap_or_default();
    let takes_value = |field: usize| {
        let field = &form.fields[field];
        let in_rows = |section: &Section| {
            section.layout == Layout::Rows && section.field_codes().any(|code| code == field.code)
        };
        matches!(field.kind, FieldKind::Departments | FieldKind::Content) || form.sections.iter().any(in_rows)
    };
    let is_chart = |field: usize| form.fields[field].kind == FieldKind::Activities;
    match found.first().map(|found| found.role) {
        Some(Role::Heading | Role::RoadmapHeading) => Place::Heading,
        Some(Role::Field(field)) if is_chart(field) => Place::Heading,
        Some(Role::Level(_)) if found.len() == 1 => Place::Label,
        Some(Role::Field(field)) if found.len() == 1 && takes_value(field) => Place::Label,
        _ => Place::Text,
    }
}

/// What a cell shows that only a sheet has: once each, so that a second one means another sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Heading(usize),
    Field(usize),
}

fn marks(source: &str, form: &Form, labels: &Labels, cell: &Cell) -> Vec<Mark> {
    let folded = Folded::new(source, &cell.range);
    let Some(found) = labels.whole(&folded) else { return Vec::new() };
    found
        .iter()
        .filter_map(|found| match found.role {
            Role::Heading | Role::RoadmapHeading => {
                Some(Mark::Heading(labels.heading_at(&folded, found.from)?))
            }
            Role::Field(field)
                if !matches!(form.fields[field].kind, FieldKind::Departments | FieldKind::Rating) =>
            {
                Some(Mark::Field(field))
            }
            _ => None,
        })
        .collect()
}

/// Cuts the source. Where it marks page ends, a page is a sheet's when it shows two or more of its labels; elsewhere a
/// sheet begins with the label that would be the second of its kind.
pub(crate) fn segments(source: &str, form: &Form, labels: &Labels) -> Segments {
    let pages = cells::pages(source, |range| place(source, form, labels, range));
    if pages.iter().filter(|page| !page.cells.is_empty()).count() > 1 {
        by_page(source, form, labels, pages)
    } else {
        by_label(source, form, labels, pages.into_iter().next().unwrap_or_default())
    }
}

fn by_page(source: &str, form: &Form, labels: &Labels, pages: Vec<Page>) -> Segments {
    let mut segments = Segments { front: Vec::new(), sheets: Vec::new(), page_numbers: Vec::new() };
    let offset = page_number_offset(source, &pages);
    for (i, mut page) in pages.into_iter().enumerate() {
        let physical = u32::try_from(i + 1).unwrap_or(u32::MAX);
        let printed = offset.and_then(|offset| take_page_number(source, &mut page, physical, offset));
        let found: Vec<Mark> = page.cells.iter().flat_map(|cell| marks(source, form, labels, cell)).collect();
        let is_sheet = found.iter().enumerate().filter(|(i, mark)| !found[..*i].contains(mark)).count() > 1;
        let begins = is_sheet && page.cells.iter().any(|cell| is_level(source, labels, cell));
        match segments.sheets.last_mut() {
            _ if begins => segments.sheets.push(Segment {
                cells: page.cells,
                first_page: Some(physical),
                printed_pages: printed.into_iter().collect(),
                repeated: Vec::new(),
            }),
            Some(sheet) => {
                sheet.continue_on(source, labels, page.cells);
                sheet.printed_pages.extend(printed);
            }
            None => {
                // A list reads line by line, whatever columns it keeps.
                page.lines.retain(|line| printed.as_ref().is_none_or(|(_, number)| line.range != *number));
                segments.page_numbers.extend(printed.map(|(_, range)| range));
                page.cells.clone_from(&page.lines);
                segments.front.push(page);
            }
        }
    }
    segments
}

/// Whether the cell begins with the name of one of the plan's levels: the header of a sheet.
fn is_level(source: &str, labels: &Labels, cell: &Cell) -> bool {
    let folded = Folded::new(source, &cell.range);
    labels.at(&folded, 0, false).iter().any(|(_, role)| matches!(role, Role::Level(_)))
}

impl Segment {
    /// Adds a page on which the sheet goes on: over what goes on it repeats the sheet's name and its headings.
    fn continue_on(&mut self, source: &str, labels: &Labels, cells: Vec<Cell>) {
        const REPEATED: usize = 8;
        let is_heading = |cell: &Cell| {
            let found = labels.whole(&Folded::new(source, &cell.range)).unwrap_or_default();
            found.iter().any(|found| matches!(found.role, Role::Heading | Role::Field(_)))
        };
        let last = cells.iter().take(REPEATED).rposition(is_heading).map_or(0, |at| at + 1);
        self.repeated.extend(cells[..last].iter().map(|cell| cell.range.clone()));
        self.cells.extend(
            cells.into_iter().skip(last).enumerate().map(|(i, cell)| Cell { breaks: i == 0, ..cell }),
        );
    }
}

/// How many more the printed page numbers are than the pages counted from 1: what most numbers alone on a line agree on.
fn page_number_offset(source: &str, pages: &[Page]) -> Option<i64> {
    let mut offsets: Vec<(i64, usize)> = Vec::new();
    for (i, page) in (1_i64..).zip(pages) {
        for number in page.cells.iter().filter_map(|cell| number(source, cell)) {
            let offset = i64::from(number) - i;
            match offsets.iter_mut().find(|(known, _)| *known == offset) {
                Some((_, count)) => *count += 1,
                None => offsets.push((offset, 1)),
            }
        }
    }
    let (offset, count) = offsets.into_iter().max_by_key(|(offset, count)| (*count, -offset.abs()))?;
    (count * 2 > pages.len() || count > 2).then_some(offset)
}

fn take_page_number(
    source: &str,
    page: &mut Page,
    physical: u32,
    offset: i64,
) -> Option<(u32, Range<usize>)> {
    let expected = i64::from(physical) + offset;
    let at =
        page.cells.iter().rposition(|cell| number(source, cell).is_some_and(|n| i64::from(n) == expected))?;
    let number = number(source, &page.cells[at])?;
    Some((number, page.cells.remove(at).range))
}

/// A number that stands alone in a cell, bare or between dashes.
fn number(source: &str, cell: &Cell) -> Option<u32> {
    let folded = Folded::new(source, &cell.range);
    let text: String = folded.chars.iter().filter(|c| !matches!(c, '-' | '−')).collect();
    ((1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn by_label(source: &str, form: &Form, labels: &Labels, page: Page) -> Segments {
    let mut front: Vec<Cell> = Vec::new();
    let mut sheets: Vec<Vec<Cell>> = Vec::new();
    let mut seen: Vec<Mark> = Vec::new();
    for cell in page.cells {
        let found = marks(source, form, labels, &cell);
        let begins = found.iter().any(|mark| matches!(mark, Mark::Heading(_)))
            && found.iter().any(|mark| seen.contains(mark));
        let first = sheets.is_empty() && found.iter().any(|mark| matches!(mark, Mark::Heading(_)));
        if begins || first {
            sheets.push(Vec::new());
            seen.clear();
        }
        seen.extend(found);
        sheets.last_mut().unwrap_or(&mut front).push(cell);
    }
    let sheets = sheets.into_iter().map(|cells| Segment::of(source, cells)).collect();
    Segments { front: vec![Page { cells: front.clone(), lines: front }], sheets, page_numbers: Vec::new() }
}

impl Segment {
    /// A sheet where pages are not marked; a number that stands alone on its last or first line is its page.
    fn of(source: &str, mut cells: Vec<Cell>) -> Self {
        let last = cells.len().checked_sub(1).filter(|at| number(source, &cells[*at]).is_some());
        let first = cells.first().and_then(|cell| number(source, cell)).map(|_| 0);
        let printed = last.or(first).and_then(|at| {
            let number = number(source, &cells[at])?;
            Some((number, cells.remove(at).range))
        });
        Self { cells, first_page: None, printed_pages: printed.into_iter().collect(), repeated: Vec::new() }
    }
}
