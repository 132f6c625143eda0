//! `kaikaku convert IN OUT`: a report from one form into another.

use std::path::Path;
use std::process::ExitCode;

use kaikaku_domain::{Date, Finding, FiscalYear, Severity};

use super::{CommandError, ConvertArguments};
use crate::input::{self, Loaded};
use crate::output::{self, OutputError};
use crate::progress::Progress;

pub(super) fn run(arguments: &ConvertArguments) -> Result<ExitCode, CommandError> {
    let target = Target::of(&arguments.output)?;
    output::refuse_same_file(&arguments.input.input, &arguments.output)?;
    let progress = Progress::start(arguments.quiet);
    progress.say("読み取っています");
    let Loaded { report, form, .. } = input::load(&arguments.input.input, &arguments.input.forms)?;
    let (bytes, findings) = match target {
        Target::Json => (report.to_json().into_bytes(), report.findings.clone()),
        Target::Pdf => {
            progress.say("組版しています");
            let date = arguments.date.unwrap_or_else(|| day_after(report.fiscal_year));
            let pdf = kaikaku_publish::pdf::pdf(&report, &form, date)?;
            (pdf.bytes, pdf.findings)
        }
    };
    progress.say("書き出しています");
    output::write(&arguments.output, &bytes)?;
    if !arguments.quiet {
        summarise(&findings);
    }
    Ok(ExitCode::SUCCESS)
}

/// What is written, by the extension.
enum Target {
    Json,
    Pdf,
}

impl Target {
    fn of(path: &Path) -> Result<Self, OutputError> {
        match path.extension().and_then(|extension| extension.to_str()).map(str::to_lowercase).as_deref() {
            Some("json") => Ok(Self::Json),
            Some("pdf") => Ok(Self::Pdf),
            _ => Err(OutputError::Extension(path.to_owned())),
        }
    }
}

/// The first day on which a fiscal year's report can be out: 1 April of the next. The clock is not asked, so that the
/// same document gives the same bytes.
fn day_after(year: FiscalYear) -> Date {
    Date::first_of_fiscal_year(year.next())
}

/// What could not be taken over as it is, on standard error: each warning and error, the rest as a number.
fn summarise(findings: &[Finding]) {
    for finding in findings.iter().filter(|finding| finding.severity > Severity::Info) {
        eprintln!("{}", super::check::line(finding));
    }
    let known = findings.iter().filter(|finding| finding.severity == Severity::Info).count();
    if known > 0 {
        eprintln!("ほかに参考の指摘が{known}件あります（kaikaku check で一覧にできます）。");
    }
}
