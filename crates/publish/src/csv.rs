//! The answers as open data: one table, one row an answer, by the conventions for municipal open data.
//!
//! UTF-8 with a byte order mark, so that a spreadsheet reads it right. A cell that begins with `=`, `+`, `-`, `@`, a tab
//! or `'` gets one `'` before it: a spreadsheet would run the others as a formula, and taking one `'` off gives every
//! cell back as it was. The report's document beside it has all texts to the letter.

use std::borrow::Cow;

use csv::{QuoteStyle, Terminator, WriterBuilder};
use kaikaku_domain::Report;
use kaikaku_domain::form::Form;
use kaikaku_domain::scale;

/// The table of answers as a CSV file.
pub(crate) fn responses(report: &Report, form: &Form) -> Result<Vec<u8>, String> {
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Always)
        .terminator(Terminator::CRLF)
        .from_writer(vec![0xEF, 0xBB, 0xBF]);
    let label = |code: &str| form.field(code).map_or(code, |field| field.label.as_str()).to_owned();
    let mut head: Vec<String> =
        ["全国地方公共団体コード", "ID", "地方公共団体名", "年度", "番号", "表示番号"]
            .map(str::to_owned)
            .to_vec();
    head.extend(report.plan.levels.iter().map(|level| level.name.clone()));
    head.extend(["名称".to_owned(), label("lead"), "期".to_owned()]);
    head.extend([
        label("rating"),
        format!("{}（名称）", label("rating")),
        label("narrative"),
        "ページ".to_owned(),
    ]);
    writer.write_record(&head).map_err(|error| error.to_string())?;
    let (code, name) =
        report.municipality.as_ref().map_or(("", ""), |town| (town.code.as_str(), town.name.as_str()));
    for (place, sheet) in report.sheets.iter().enumerate() {
        for answer in &sheet.responses {
            let rating = answer.rating.as_deref().unwrap_or_default();
            let grade =
                scale::grade(&report.scale, rating).map(|grade| grade.label.as_str()).unwrap_or_default();
            let id = sheet.id.clone().unwrap_or_else(|| format!("{}", place + 1));
            let mut row = vec![
                code.to_owned(),
                id,
                name.to_owned(),
                report.fiscal_year.year().to_string(),
                machine_number(report, form, place),
                form.print_reference(&sheet.path),
            ];
            row.extend(report.plan.levels.iter().map(|level| {
                let node = sheet.path.iter().find(|node| node.level == level.name);
                node.map(|node| node.title.clone()).unwrap_or_default()
            }));
            row.extend([sheet.title(), &answer.department, &answer.period, rating, grade].map(str::to_owned));
            row.push(answer.narrative.clone().unwrap_or_default());
            row.push(sheet.page.map(|page| page.to_string()).unwrap_or_default());
            writer.write_record(row.iter().map(|cell| safe(cell))).map_err(|error| error.to_string())?;
        }
    }
    writer.into_inner().map_err(|error| error.to_string())
}

/// A cell that no spreadsheet runs as a formula.
fn safe(cell: &str) -> Cow<'_, [u8]> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) {
        Cow::Owned(format!("'{cell}").into_bytes())
    } else {
        Cow::Borrowed(cell.as_bytes())
    }
}

/// The measure's number for machines: each level's place in plain digits, `1-2-2-1`, without ① or full-width signs.
fn machine_number(report: &Report, form: &Form, place: usize) -> String {
    let Some(sheet) = report.sheets.get(place) else { return String::new() };
    let numbers = sheet.path.iter().map(|node| {
        let number = form.level(&node.level).and_then(|level| level.numbering.read(&node.number));
        number.map_or_else(|| node.number.clone(), |number| number.to_string())
    });
    numbers.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn no_cell_is_a_formula_and_every_cell_can_be_had_back() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("-3", "'-3"),
            ("'a", "''a"),
            ("－", "－"),
            ("前年度-1", "前年度-1"),
            ("", ""),
        ] {
            assert_eq!(&*safe(cell), written.as_bytes());
            assert_eq!(written.strip_prefix('\'').unwrap_or(written), cell);
        }
    }
}
