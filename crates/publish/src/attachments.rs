//! What travels inside the PDF: the report's document as it is, and its answers as a table.

use kaikaku_domain::{Form, Report};
use typst::foundations::Bytes;

use crate::csv;
use crate::pdf::PdfError;

/// The attached files by the name that readers see. The template attaches them under the same names.
pub(crate) type Attached = Vec<(&'static str, Bytes)>;

/// What is attached to a report's PDF.
pub(crate) fn of(report: &Report, form: &Form) -> Result<Attached, PdfError> {
    let public = public(report, form);
    let table = csv::responses(&public, form).map_err(PdfError::Data)?;
    Ok(vec![("report.json", Bytes::new(public.to_json().into_bytes())), ("sheets.csv", Bytes::new(table))])
}

/// The report without the fields that the form does not publish: an attachment must not tell what the page does not.
fn public(report: &Report, form: &Form) -> Report {
    let mut public = report.clone();
    for field in form.fields.iter().filter(|field| !field.public) {
        for sheet in &mut public.sheets {
            match field.code.as_str() {
                "lead" => {}
                "supporting" => sheet.supporting_departments.clear(),
                "content" => sheet.content.clear(),
                "goal" => sheet.goal = None,
                "challenge" => sheet.challenge = None,
                "rating" => sheet.responses.iter_mut().for_each(|answer| answer.rating = None),
                "narrative" => sheet.responses.iter_mut().for_each(|answer| answer.narrative = None),
                "activities" => {
                    sheet.activities.clear();
                    sheet.activity_notes.clear();
                }
                "roadmap" => {
                    sheet.roadmap.clear();
                    sheet.roadmap_values.clear();
                }
                code => {
                    sheet.fields.shift_remove(code);
                }
            }
        }
    }
    public
}
