//! Typesets a report: `typeset REPORT.json FORM.toml OUT.pdf`.

use std::{env, fs, process};

use kaikaku_domain::{Date, Form, Report};

fn main() {
    let paths: Vec<String> = env::args().skip(1).collect();
    if let Err(message) = run(&paths) {
        eprintln!("{message}");
        process::exit(1);
    }
}

fn run(paths: &[String]) -> Result<(), String> {
    let [report, form, out] = paths else { return Err("typeset REPORT.json FORM.toml OUT.pdf".to_owned()) };
    let read = |path: &String| fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
    let report = Report::from_json(&read(report)?).map_err(|error| error.to_string())?;
    let form = Form::from_toml(&read(form)?).map_err(|error| error.to_string())?;
    let date = Date::new(report.fiscal_year.next().year(), 9, 1)?;
    let pdf = kaikaku_publish::pdf::pdf(&report, &form, date).map_err(|error| error.to_string())?;
    for finding in &pdf.findings {
        println!("{} {}", finding.place, finding.message);
    }
    println!("{} pages, {} bytes, sheets on {:?}", pdf.page_count, pdf.bytes.len(), pdf.pages);
    fs::write(out, pdf.bytes).map_err(|error| format!("{out}: {error}"))
}
