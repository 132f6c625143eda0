//! The finished file read back: its text with `pdftotext`, its tags and attachments with poppler, its standards with
//! veraPDF where that is at hand. One rendering of one hard report serves them all.

mod fixture;
mod overflow;
mod preview;
mod standards;
mod text;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use kaikaku_domain::{Date, Form, Report};

use crate::pdf::{Pdf, pdf};

/// The hard report and what became of it.
static HARD: LazyLock<(Report, Printed)> = LazyLock::new(|| {
    let report = fixture::hard_report();
    let printed = Printed::new("hard", &report, &fixture::form());
    (report, printed)
});

/// A typeset report as a file.
struct Printed {
    pdf: Pdf,
    path: PathBuf,
}

fn date() -> Date {
    Date::new(2025, 9, 30).unwrap()
}

impl Printed {
    fn new(name: &str, report: &Report, form: &Form) -> Self {
        let pdf = pdf(report, form, date()).unwrap();
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/test-pdf");
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.pdf"));
        fs::write(&path, &pdf.bytes).unwrap();
        Self { pdf, path }
    }

    /// What a poppler tool says about the file.
    fn poppler(&self, tool: &str, before: &[&str], after: &[&str]) -> String {
        let run = Command::new(tool).args(before).arg(&self.path).args(after).output();
        let output = run.unwrap_or_else(|error| panic!("{tool}: {error}: run scripts/setup"));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The text of some pages in the order in which it is written, as a reader compares it: without white space.
    fn text(&self, from: u32, to: u32) -> String {
        let pages = ["-raw", "-enc", "UTF-8", "-f", &from.to_string(), "-l", &to.to_string()];
        squeeze(&self.poppler("pdftotext", &pages, &["-"]))
    }

    /// The pages of one sheet, first and last.
    fn sheet(&self, place: usize) -> (u32, u32) {
        let last = u32::try_from(self.pdf.page_count).unwrap();
        (self.pdf.pages[place], self.pdf.pages.get(place + 1).map_or(last, |next| next - 1))
    }

    /// The text of one sheet.
    fn sheet_text(&self, place: usize) -> String {
        let (from, to) = self.sheet(place);
        self.text(from, to)
    }
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Panics with the part when a text does not have it.
fn assert_has(text: &str, part: &str) {
    assert!(text.contains(&squeeze(part)), "`{part}` is not in:\n{text}");
}
