//! The printed page of one sheet while somebody is writing into it: the same view, fitting, template and measures as the
//! report's, so that the preview shows what will be printed. Its cost does not depend on the other sheets.
//!
//! **Overflow.** A sheet is set in 9 points, tighter down to 7, and goes on to further pages only when it is too long for
//! one even then. It is too long by as many lines of 7 points as would have to go for it to be on one page. Those lines
//! are asked of what is being written ([`Writing`]), of the longest texts first until none is longer than the others that
//! are asked; a text that stands beside a longer one, and would make no room, is not asked. Each text keeps a line. Where
//! that is not enough all fields are asked, and where nothing helps, because the form alone needs more than a page, none.
//! A chart's lines are its rows.

use kaikaku_domain::{Form, Report};
use serde::Serialize;
use typst_layout::PagedDocument;

use crate::geometry::Geometry;
use crate::ink::{GETA, is_invisible};
use crate::pdf::{PdfError, json, set};
use crate::room::{SMALLEST, Text, Texts};
use crate::svg;
use crate::view::SheetView;
use crate::world;

pub use crate::view::FieldPlace;

/// A sheet as it will be printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// A picture (SVG) of each page that the sheet takes, which needs nothing from outside.
    pub pages: Vec<String>,
    /// What will not be printed as it is written, or not on one page, in printed order.
    pub warnings: Vec<FieldWarning>,
    /// The size that its text is set in, in points: 9 where there is room, at least 7.
    pub size: f64,
}

/// What the writer of a field should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldWarning {
    /// The form's code of the field: `goal`, `narrative`, or a town's own.
    pub field: String,
    /// The department whose answer it is in.
    pub department: Option<String>,
    /// The period that the answer is for.
    pub period: Option<String>,
    /// What it is.
    pub kind: WarningKind,
    /// What it is and what to do, in Japanese.
    pub message: String,
}

/// What can stand in the way of printing a field as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WarningKind {
    /// The sheet is longer than its page, and this field by so many lines of the smallest size.
    Overflow {
        /// Printed lines; rows of a chart.
        lines: u32,
    },
    /// No font of the report has these characters: they are printed as 〓, or left out when they have no form.
    MissingCharacter {
        /// Each once.
        characters: Vec<char>,
    },
}

/// What of a sheet is being written, and can be shortened therefore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing<'w> {
    /// Everything.
    Everything,
    /// What belongs to the sheet and to no answer, except its departments.
    Start,
    /// The answers of all lead departments for this period.
    Period(&'w str),
}

/// The room that a field has on its sheet's page, everything else being as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// How many lines it may have in all.
    pub lines: u32,
    /// How many it has.
    pub used: u32,
    /// How many full-width characters are on a line.
    pub characters_a_line: u32,
}

/// Sets one sheet of a report as it will be printed in it.
///
/// Of the other sheets only the one before is looked at, for which nodes of the path are new. The page's number is the
/// sheet's own `page`; nothing is printed in its place where that is not known.
///
/// # Errors
/// When the report has no such sheet or the typesetting itself fails; no text that somebody can write makes it fail.
pub fn preview(report: &Report, form: &Form, sheet: usize, writing: Writing) -> Result<Preview, PdfError> {
    let _ageing = Ageing;
    let (mut view, missing) = alone(report, form, sheet)?;
    view.fit();
    let document = typeset(&mut view)?;
    let mut warnings = Vec::new();
    if view.continues {
        let several = report.sheets[sheet].has_several_leads();
        let texts = Texts::of(alone(report, form, sheet)?.0);
        warnings = overflows(texts, writing, |place| name(form, place, several));
    }
    warnings.extend(missing_characters(missing));
    let pages = document.pages().iter().map(svg::picture).collect();
    Ok(Preview { pages, warnings, size: view.size })
}

/// How much room a field has; `None` where the sheet does not print it or it is no text.
pub fn room(report: &Report, form: &Form, sheet: usize, field: &FieldPlace) -> Option<Room> {
    let mut texts = Texts::of(SheetView::alone(report, form, sheet)?.0);
    let text = texts.text(field)?;
    let (used, characters_a_line) = (text.count(), text.characters);
    Some(Room { lines: texts.most(field)?, used, characters_a_line })
}

impl Room {
    /// How many more lines there is room for: none where it is too long already.
    pub fn left(&self) -> u32 {
        self.lines.saturating_sub(self.used)
    }
}

impl Writing<'_> {
    fn has(self, place: &FieldPlace) -> bool {
        match self {
            Self::Everything => true,
            Self::Start => place.period.is_none() && !matches!(place.field.as_str(), "lead" | "supporting"),
            Self::Period(period) => place.period.as_deref() == Some(period),
        }
    }
}

fn alone(
    report: &Report,
    form: &Form,
    sheet: usize,
) -> Result<(SheetView, Vec<(FieldPlace, char)>), PdfError> {
    let missing = || PdfError::Data(format!("{}番目の調書はありません", sheet + 1));
    SheetView::alone(report, form, sheet).ok_or_else(missing)
}

/// What the template is given of all that is not the sheet.
#[derive(Serialize)]
struct Frame {
    geometry: Geometry,
}

/// Sets the sheet, again where it took more pages than the estimate had, as the whole report is.
fn typeset(view: &mut SheetView) -> Result<PagedDocument, PdfError> {
    loop {
        let frame = Frame { geometry: Geometry::new() };
        let files = vec![("data.json", json(&frame)?), ("sheets.json", json(&[&*view])?)];
        let document = set(world::PREVIEW, files)?;
        if document.pages().len() == 1 || view.continues {
            return Ok(document);
        }
        view.tighten();
    }
}

/// Typst keeps what it has laid out, for the next key that is pressed changes little of it. What so many previews have
/// not needed is forgotten, also after a failure, so that a server that runs for a year does not grow.
struct Ageing;

/// About as many people as type into different sheets at once.
const PREVIEWS_KEPT: usize = 12;

impl Drop for Ageing {
    fn drop(&mut self) {
        typst::comemo::evict(PREVIEWS_KEPT);
    }
}

fn overflows(mut texts: Texts, writing: Writing, name: impl Fn(&FieldPlace) -> String) -> Vec<FieldWarning> {
    let excess =
        texts.excess(|place| writing.has(place)).or_else(|| texts.excess(|_| true)).unwrap_or_default();
    let mut fields: Vec<(&Text, u32)> = Vec::new();
    for (text, lines) in excess {
        let text = texts.get(text);
        match fields.iter_mut().find(|(other, _)| other.place == text.place) {
            Some((_, sum)) => *sum += lines,
            None => fields.push((text, lines)),
        }
    }
    let cut = |(text, lines): &(&Text, u32)| match text.is_rows {
        true => format!("{lines}行"),
        false => format!("{lines}行（約{}文字）", lines * text.characters),
    };
    let together: Vec<String> =
        fields.iter().map(|field| format!("「{}」を{}", name(&field.0.place), cut(field))).collect();
    let advice = match fields.as_slice() {
        [one] => format!("{}減らすと", cut(one)),
        _ => format!("{}それぞれ減らすと", together.join("、")),
    };
    fields
        .iter()
        .map(|(text, lines)| {
            let message = format!(
                "この欄は{lines}行あふれます。最も小さい文字（{SMALLEST}ポイント）でも調書が1ページに収まらず、続きは次のページに印刷されます。{advice}1ページに収まります。"
            );
            warning(&text.place, WarningKind::Overflow { lines: *lines }, message)
        })
        .collect()
}

/// A field's label, with period and department where the field is there for each.
fn name(form: &Form, place: &FieldPlace, several: bool) -> String {
    let label = form.field(&place.field).map_or(place.field.as_str(), |field| field.label.as_str());
    let period = place.period.as_ref().map(|period| format!("（{period}）")).unwrap_or_default();
    let department = place.department.as_ref().filter(|_| several);
    format!("{label}{period}{}", department.map(|name| form.department_mark(name)).unwrap_or_default())
}

/// A warning for each field with characters that are replaced, and one for each with characters that are left out.
fn missing_characters(missing: Vec<(FieldPlace, char)>) -> Vec<FieldWarning> {
    let mut fields: Vec<(FieldPlace, bool, Vec<char>)> = Vec::new();
    for (place, c) in missing {
        let invisible = is_invisible(c);
        match fields.iter_mut().find(|(other, known, _)| *other == place && *known == invisible) {
            Some((.., characters)) => characters.push(c),
            None => fields.push((place, invisible, vec![c])),
        }
    }
    let fields = fields.into_iter().map(|(place, invisible, characters)| {
        let message = if invisible {
            let codes: Vec<String> = characters.iter().copied().map(code).collect();
            format!(
                "目に見えない制御文字（{}）が入っています。印刷では取り除かれます。前後の文字を入力し直すと消えます。",
                codes.join("、")
            )
        } else {
            let named: String = characters.iter().copied().map(quoted).collect();
            format!("{named}は報告書の書体にありません。{GETA}と印刷されます。別の文字に替えてください。")
        };
        warning(&place, WarningKind::MissingCharacter { characters }, message)
    });
    fields.collect()
}

/// A character in quotation marks; a town's own (外字) looks different everywhere and is told by its code.
fn quoted(c: char) -> String {
    let is_own = matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFD}');
    if is_own { format!("「{c}」（外字{}）", code(c)) } else { format!("「{c}」") }
}

fn code(c: char) -> String {
    format!("U+{:04X}", c as u32)
}

fn warning(place: &FieldPlace, kind: WarningKind, message: String) -> FieldWarning {
    let FieldPlace { field, department, period } = place.clone();
    FieldWarning { field, department, period, kind, message }
}
