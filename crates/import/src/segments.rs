//! Where the front matter ends and where each sheet begins and ends.

use kaikaku_domain::form::{FieldKind, Form};

use crate::cells::{self, Cell, Page};
use crate::folded::Folded;
use crate::labels::{Labels, Role};

/// The cells of one sheet, with the physical pages that it stands on (counted from 1; none where the source marks no
/// page ends).
#[derive(Debug, Clone, Default)]
pub(crate) struct Segment {
    pub(crate) cells: Vec<Cell>,
    pub(crate) first_page: Option<u32>,
    /// A number printed alone at the segment's edge: its page number.
    pub(crate) printed_page: Option<(u32, std::ops::Range<usize>)>,
}

/// The source cut into front matter and sheets.
pub(crate) struct Segments {
    pub(crate) front: Vec<Page>,
    pub(crate) sheets: Vec<Segment>,
}

/// How many of a form's sheet labels the source shows.
pub(crate) fn count_labels(source: &str, form: &Form) -> usize {
    let labels = Labels::of(form);
    cells::pages(source).iter().flat_map(|page| &page.cells).filter(|cell| !marks(source, form, &labels, cell).is_empty()).count()
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
            Role::Heading | Role::RoadmapHeading => Some(Mark::Heading(labels.heading_at(&folded, found.from)?)),
            Role::Field(field) if !matches!(form.fields[field].kind, FieldKind::Departments | FieldKind::Rating) => {
                Some(Mark::Field(field))
            }
            _ => None,
        })
        .collect()
}

/// Cuts the source. Where it marks page ends, a page is a sheet's when it shows two or more of its labels; elsewhere a
/// sheet begins with the label that would be the second of its kind.
pub(crate) fn segments(source: &str, form: &Form, labels: &Labels) -> Segments {
    let pages = cells::pages(source);
    if pages.iter().filter(|page| !page.cells.is_empty()).count() > 1 {
        by_page(source, form, labels, pages)
    } else {
        by_label(source, form, labels, pages.into_iter().next().unwrap_or_default())
    }
}

fn by_page(source: &str, form: &Form, labels: &Labels, pages: Vec<Page>) -> Segments {
    let mut segments = Segments { front: Vec::new(), sheets: Vec::new() };
    let mut page_number = 0;
    for page in pages {
        page_number += 1;
        let found: Vec<Mark> = page.cells.iter().flat_map(|cell| marks(source, form, labels, cell)).collect();
        let is_sheet = found.iter().enumerate().filter(|(i, mark)| !found[..*i].contains(mark)).count() > 1;
        let (printed, cells) = page_number_of(source, page.cells);
        if is_sheet {
            segments.sheets.push(Segment { cells, first_page: Some(page_number), printed_page: printed });
        } else if let Some(sheet) = segments.sheets.last_mut() {
            sheet.cells.extend(cells);
        } else {
            segments.front.push(Page { cells: restore(printed, cells) });
        }
    }
    segments
}

/// A page number stays with the front matter's cells: there it may be part of the list.
fn restore(printed: Option<(u32, std::ops::Range<usize>)>, mut cells: Vec<Cell>) -> Vec<Cell> {
    if let Some((_, range)) = printed {
        let line = cells.last().map_or(0, |cell| cell.line + 1);
        cells.push(Cell { range, line, gap: true });
    }
    cells
}

fn by_label(source: &str, form: &Form, labels: &Labels, page: Page) -> Segments {
    let mut front: Vec<Cell> = Vec::new();
    let mut sheets: Vec<Vec<Cell>> = Vec::new();
    let mut seen: Vec<Mark> = Vec::new();
    for cell in page.cells {
        let found = marks(source, form, labels, &cell);
        let begins = found.iter().any(|mark| matches!(mark, Mark::Heading(_))) && found.iter().any(|mark| seen.contains(mark));
        let first = sheets.is_empty() && found.iter().any(|mark| matches!(mark, Mark::Heading(_)));
        if begins || first {
            sheets.push(Vec::new());
            seen.clear();
        }
        seen.extend(found);
        sheets.last_mut().unwrap_or(&mut front).push(cell);
    }
    let sheets = sheets
        .into_iter()
        .map(|cells| {
            let (printed_page, cells) = page_number_of(source, cells);
            Segment { cells, first_page: None, printed_page }
        })
        .collect();
    Segments { front: vec![Page { cells: front }], sheets }
}

/// Takes a number that stands alone on the last or first line off the cells.
fn page_number_of(source: &str, mut cells: Vec<Cell>) -> (Option<(u32, std::ops::Range<usize>)>, Vec<Cell>) {
    let number = |cell: &Cell| {
        let folded = Folded::new(source, &cell.range);
        let text: String = folded.chars.iter().filter(|c| **c != '-').collect();
        let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten().map(|n| (n, cell.range.clone()))
    };
    if let Some(found) = cells.last().and_then(number) {
        cells.pop();
        return (Some(found), cells);
    }
    match cells.first().and_then(number) {
        Some(found) => {
            cells.remove(0);
            (Some(found), cells)
        }
        None => (None, cells),
    }
}
