//! The report as a typeset PDF: PDF/UA-1 and PDF/A-3a in one file, with the report's document and table attached.

use kaikaku_domain::{Date, Finding, Form, Report};
use thiserror::Error;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Bytes, Datetime, Label, Smart};
use typst::introspection::Introspector;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::attachments::{self, Attached};
use crate::pack;
use crate::view::{View, sheet_key};
use crate::world::ReportWorld;

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

/// Sets the pages; a sheet that the estimate had on one page and that took two is tightened and set again.
fn typeset(view: &mut View, attached: &Attached) -> Result<(PagedDocument, Vec<u32>), PdfError> {
    loop {
        let document = compile(view, attached)?;
        let pages = sheet_pages(&document, view.sheets.len())?;
        let ends = pages.iter().skip(1).copied().chain(std::iter::once(count(document.pages().len()) + 1));
        let mut is_right = true;
        for ((sheet, start), end) in view.sheets.iter_mut().zip(&pages).zip(ends) {
            if end - start > 1 && !sheet.continues {
                sheet.tighten();
                is_right = false;
            }
        }
        if is_right {
            return Ok((document, pages));
        }
    }
}

pub(crate) fn compile(view: &View, attached: &Attached) -> Result<PagedDocument, PdfError> {
    let data = serde_json::to_vec(view).map_err(|error| PdfError::Data(error.to_string()))?;
    let mut files = vec![("data.json", Bytes::new(data))];
    files.extend(attached.iter().cloned());
    let world = ReportWorld::new(files).ok_or_else(|| PdfError::Data("a template's path is none".to_owned()))?;
    typst::compile::<PagedDocument>(&world).output.map_err(|errors| failure(&errors))
}

/// The page that each sheet begins on.
fn sheet_pages(document: &PagedDocument, sheets: usize) -> Result<Vec<u32>, PdfError> {
    let introspector = document.introspector();
    (0..sheets)
        .map(|place| {
            let key = sheet_key(place);
            let label = Label::construct(key.as_str().into()).map_err(|_| PdfError::Data(key.clone()))?;
            let mark =
                introspector.query_label(label).map_err(|error| PdfError::Typesetting(error.to_string()))?;
            let page = mark.location().and_then(|location| introspector.page(location));
            page.map(|page| count(page.get())).ok_or_else(|| PdfError::Typesetting(key))
        })
        .collect()
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
