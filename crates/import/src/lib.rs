//! Reads what towns have now into the report document: the text of a published report.
//!
//! Never fails on content, never writes. Every visible character of the source is in a field, a recognised label or
//! `unassigned` ([`ledger`]); what the source does not tell is `null` with a finding.

mod assemble;
mod cells;
mod departments;
mod folded;
mod front;
mod join;
mod labels;
mod ledger;
mod segments;
mod sheet;
mod tokens;

use kaikaku_domain::{Form, Report};
use thiserror::Error;

pub use ledger::{Claim, Use};

/// A report read from its text, with the account of where every character went.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The document, with the import's own findings.
    pub report: Report,
    /// Which stretch of the source became what; the rest is in the document's `unassigned`.
    pub claims: Vec<Claim>,
}

/// Why a text cannot be read as a report at all.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing visible in it.
    #[error("文字がありません。テキスト層のない（画像だけの）PDFから作られた可能性があります")]
    Empty,
    /// No form's labels are found in it.
    #[error("取組調書の見出し（{0}）が見つかりません。報告書のテキストか、様式（--form）を確かめてください")]
    NoSheet(String),
}

/// Reads a report's text by the form among `forms` whose labels it shows most of.
///
/// # Errors
/// Only when there is no sheet of any of the forms in the text.
pub fn report_text(source: &str, forms: &[Form]) -> Result<Imported, Unreadable> {
    if source.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    let mut best: Option<(usize, &Form)> = None;
    for form in forms {
        let labels = segments::count_labels(source, form);
        if best.is_none_or(|(most, _)| labels > most) {
            best = Some((labels, form));
        }
    }
    best.and_then(|(_, form)| assemble::assemble(source, form)).ok_or_else(|| {
        let shown: Vec<&str> =
            forms.iter().flat_map(|form| &form.fields).take(3).map(|field| field.label.as_str()).collect();
        Unreadable::NoSheet(shown.join("・"))
    })
}
