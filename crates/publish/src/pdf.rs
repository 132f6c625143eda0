//! The report as a typeset PDF: PDF/UA-1 and PDF/A-3a in one file, with the report's document and table attached.

use kaikaku_domain::{Date, Finding, Form, Report};
use serde::Serialize;
use thiserror::Error;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Bytes, Datetime, Label, Smart};
use typst::introspection::Introspector;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::attachments::{self, Attached};
use crate::pack;
use crate::view::{Frame, SheetView, Spot, View, entry_key, sheet_key};
use crate::world::{self, ReportWorld};

/// The day of publication: an argument, for no clock is read.
pub type PublicationDate = Date;

/// A typeset report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// What had to be printed otherwise than it is written, field by field.
    pub findings: Vec<Finding>,
    /// The first printed page of each sheet, in order, counted from 1.
    pub pages: Vec<u32>,
    /// The number of printed pages.
    pub page_count: usize,
}

/// Why a report could not be typeset. None of these is the fault of a text in it.
#[derive(Debug, Error)]
pub enum PdfError {
    /// The template could not be set, or the result is not a file of the standards.
    #[error("PDFを組版できませんでした: {0}")]
    Typesetting(String),
    /// The data could not be handed to the template.
    #[error("PDFに渡すデータを作れませんでした: {0}")]
    Data(String),
    /// The finished file could not be packed.
    #[error("PDFを圧縮できませんでした: {0}")]
    Packing(String),
}

/// Typesets a report by its form. The same report, form and date give the same bytes.
///
/// # Errors
/// With a sentence, when the typesetting itself fails; a text that cannot be printed as it is never fails it but is a
/// finding.
pub fn pdf(report: &Report, form: &Form, date: PublicationDate) -> Result<Pdf, PdfError> {
    let _evict = Evict;
    let (mut view, findings) = View::new(report, form, date);
    view.sheets.iter_mut().for_each(|sheet| sheet.fit());
    let attached = attachments::of(report, form)?;
    let (document, pages) = typeset(&mut view, &attached)?;
    // What was laid out is needed no more: the export goes into its room.
    typst::comemo::evict(0);
    drop(view);
    let page_count = document.pages().len();
    let bytes = export(&document, report, date)?;
    drop(document);
    let bytes = pack::pack(&bytes).map_err(PdfError::Packing)?;
    Ok(Pdf { bytes, findings, pages, page_count })
}

/// Typst keeps what it has laid out for the next time; a server that never forgets grows with every report.
struct Evict;

impl Drop for Evict {
    fn drop(&mut self) {
        typst::comemo::evict(0);
    }
}

/// Sets the pages.
///
/// Every page number that is printed or led to is reckoned before: Typst could find them itself, but would set the
/// whole report three times for it. What was reckoned wrong, and a sheet that the estimate had on one page and that took
/// two, is put right and set again.
pub(crate) fn typeset(view: &mut View, attached: &Attached) -> Result<(PagedDocument, Vec<u32>), PdfError> {
    let front = compile(&view.frame, &[], &vec![1; view.sheets.len()], attached)?;
    let mut front_pages = front.pages().len();
    let mut lengths: Vec<u32> = view.sheets.iter().map(SheetView::pages).collect();
    for (place, sheet) in view.sheets.iter_mut().enumerate() {
        sheet.lead_back(spot(&front, &entry_key(place))?);
    }
    drop(front);
    loop {
        let starts = starts(count(front_pages), &lengths);
        view.sheets.iter_mut().zip(&starts).for_each(|(sheet, start)| sheet.page = Some(*start));
        let document = compile(&view.frame, &view.sheets, &starts, attached)?;
        let keys = (0..view.sheets.len()).map(sheet_key);
        let set = keys.map(|key| Ok(spot(&document, &key)?.page)).collect::<Result<Vec<u32>, PdfError>>()?;
        let ends = set.iter().skip(1).copied().chain(std::iter::once(count(document.pages().len()) + 1));
        let mut is_right = set == starts;
        for ((sheet, length), (start, end)) in
            view.sheets.iter_mut().zip(&mut lengths).zip(set.iter().zip(ends))
        {
            *length = end - start;
            if *length > 1 && !sheet.continues {
                sheet.tighten();
                *length = sheet.pages();
                is_right = false;
            }
        }
        if is_right {
            return Ok((document, set));
        }
        front_pages = set.first().map_or(front_pages, |first| *first as usize - 1);
    }
}

/// The first page of each sheet after so many pages, when each has so many.
fn starts(front: u32, lengths: &[u32]) -> Vec<u32> {
    lengths
        .iter()
        .scan(front + 1, |next, length| {
            let start = *next;
            *next += length;
            Some(start)
        })
        .collect()
}

/// Sets the front pages and these sheets.
pub(crate) fn compile(
    frame: &Frame,
    sheets: &[SheetView],
    pages: &[u32],
    attached: &Attached,
) -> Result<PagedDocument, PdfError> {
    let mut files =
        vec![("data.json", json(frame)?), ("sheets.json", json(sheets)?), ("pages.json", json(pages)?)];
    files.extend(attached.iter().cloned());
    set(world::REPORT, files)
}

/// Sets what a template makes of these files.
pub(crate) fn set(main: &str, files: Vec<(&'static str, Bytes)>) -> Result<PagedDocument, PdfError> {
    let world = ReportWorld::new(main, files)
        .ok_or_else(|| PdfError::Data("a template's path is none".to_owned()))?;
    typst::compile::<PagedDocument>(&world).output.map_err(|errors| failure(&errors))
}

pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<Bytes, PdfError> {
    serde_json::to_vec(value).map(Bytes::new).map_err(|error| PdfError::Data(error.to_string()))
}

/// Where a label came to stand.
pub(crate) fn spot(document: &PagedDocument, key: &str) -> Result<Spot, PdfError> {
    let missing = || PdfError::Typesetting(format!("label {key} is missing"));
    let introspector = document.introspector();
    let label = Label::construct(key.into()).map_err(|_| missing())?;
    let mark = introspector.query_label(label).map_err(|_| missing())?;
    let at = mark.location().and_then(|location| introspector.position(location)).ok_or_else(missing)?;
    Ok(Spot { page: count(at.page.get()), y: at.point.y.to_pt() })
}

fn export(document: &PagedDocument, report: &Report, date: Date) -> Result<Vec<u8>, PdfError> {
    let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
        .map_err(|error| PdfError::Typesetting(error.message().to_string()))?;
    let timestamp = Datetime::from_ymd_hms(date.year(), date.month(), date.day(), 0, 0, 0)
        .and_then(|midnight| Timestamp::new_local(midnight, 9 * 60));
    let town = report.municipality.as_ref().map(|town| town.code.as_str()).unwrap_or_default();
    let options = PdfOptions {
        ident: Smart::Custom(format!(
            "{}/{town}/{}/{}",
            report.form,
            report.plan.title,
            report.fiscal_year.year()
        )),
        creator: Smart::Custom(Some("Kaikaku".to_owned())),
        timestamp,
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options).map_err(|errors| failure(&errors))
}

/// Typst's errors in one sentence, each once.
fn failure(errors: &[SourceDiagnostic]) -> PdfError {
    let mut messages: Vec<String> = Vec::new();
    for error in errors {
        let message = error.message.to_string();
        if !messages.contains(&message) {
            messages.push(message);
        }
    }
    PdfError::Typesetting(messages.join("; "))
}

fn count(pages: usize) -> u32 {
    u32::try_from(pages).unwrap_or(u32::MAX)
}
