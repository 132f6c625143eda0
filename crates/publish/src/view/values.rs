//! A field's value in print, and the tables of indicators and financial effects.

use kaikaku_domain::FiscalYear;
use kaikaku_domain::field::{FieldValue, recurrence_word};
use kaikaku_domain::form::{Field, FieldKind};

use super::sheet::Printer;
use super::{FieldPlace, Part};
use crate::geometry::SHEET_WIDTH;
use crate::table::{Block, Cell, Look, Table};

/// Writes a field's value into a cell; nothing where nothing is entered.
pub(super) fn write(printer: &mut Printer, field: &Field, cell: &mut Cell) {
    let sheet = printer.sheet;
    let separator = &printer.form.style.separator;
    let text = match field.code.as_str() {
        "lead" => sheet.lead_departments.join(separator),
        "supporting" => sheet.supporting_departments.join(separator),
        "goal" => sheet.goal.clone().unwrap_or_default(),
        "challenge" => sheet.challenge.clone().unwrap_or_default(),
        "rating" | "narrative" => return answers(printer, field, cell),
        "content" => {
            let bullets = sheet.content.iter().flat_map(|content| &content.bullets);
            bullets
                .map(|bullet| format!("{}{bullet}", printer.form.style.bullet))
                .collect::<Vec<_>>()
                .join("\n")
        }
        _ => own(printer, field),
    };
    write_at(printer, field, FieldPlace::of(&field.code), &text, cell);
}

/// Ratings or narratives where the form does not put them into columns: each after its period and department.
fn answers(printer: &mut Printer, field: &Field, cell: &mut Cell) {
    for answer in printer.answers() {
        let text = answer.response.and_then(|response| {
            if field.kind == FieldKind::Rating {
                response.rating.as_deref()
            } else {
                response.narrative.as_deref()
            }
        });
        let mark = if printer.sheet.has_several_leads() {
            printer.form.department_mark(answer.department)
        } else {
            String::new()
        };
        let text = text.map(|text| format!("{}{mark} {text}", answer.period)).unwrap_or_default();
        write_at(printer, field, answer.place(field), &text, cell);
    }
}

fn write_at(printer: &mut Printer, field: &Field, place: FieldPlace, text: &str, cell: &mut Cell) {
    printer.ink.of(Some(place.clone()));
    let blocks =
        if text.is_empty() { Vec::new() } else { Block::prose(printer.ink.lines(&field.label, text)) };
    printer.ink.of(None);
    if matches!(field.kind, FieldKind::Text | FieldKind::Content | FieldKind::Departments) {
        cell.write(place, blocks);
    } else {
        // What has one short value cannot be too long.
        blocks.into_iter().for_each(|block| cell.push(block));
    }
}

/// The value of one of the form's own fields, as text.
fn own(printer: &Printer, field: &Field) -> String {
    let Some(value) = printer.sheet.fields.get(&field.code) else { return String::new() };
    match FieldValue::read(field, value) {
        Ok(FieldValue::Text(text)) => match field.kind {
            FieldKind::Choice => {
                let choice = field.choices.iter().find(|choice| choice.code == text);
                choice.map_or(text, |choice| choice.label.clone())
            }
            FieldKind::Number => text + field.unit.as_deref().unwrap_or_default(),
            FieldKind::Date => printer.form.print_date(&text),
            _ => text,
        },
        Ok(FieldValue::Departments(names)) => names.join(&printer.form.style.separator),
        Ok(_) => String::new(),
        // A value of the wrong kind is an error of the checks; it is printed as it stands rather than lost.
        Err(_) => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}

/// What stands where there is no figure, so that a reader and a machine can count the columns.
const NO_FIGURE: &str = "－";

/// One thing measured over the years: two rows of figures.
struct Series {
    name: Vec<String>,
    base: Option<String>,
    values: Vec<YearValue>,
}

/// What was aimed at and what was reached in one year.
struct YearValue {
    year: FiscalYear,
    target: Option<String>,
    actual: Option<String>,
}

/// The table of indicators or of financial effects.
pub(super) fn figures(printer: &mut Printer, field: &Field) -> Vec<Part> {
    let value = printer.sheet.fields.get(&field.code);
    let read = value.map_or(Ok(FieldValue::Empty), |value| FieldValue::read(field, value));
    let (series, has_base) = match read {
        Ok(FieldValue::Indicators(indicators)) => (
            indicators
                .into_iter()
                .map(|one| Series {
                    name: named(
                        format!("{}（{}{}）", one.name, unit(&one.unit), one.direction.word()),
                        &field.columns.source,
                        one.source,
                    ),
                    base: one.base,
                    values: one
                        .values
                        .into_iter()
                        .map(|of| YearValue { year: of.year, target: of.target, actual: of.actual })
                        .collect(),
                })
                .collect(),
            true,
        ),
        Ok(FieldValue::Effects(effects)) => (
            effects
                .into_iter()
                .map(|one| Series {
                    name: named(
                        format!("{}（{}{}）", one.label, unit(&one.unit), recurrence_word(one.recurring)),
                        &field.columns.source,
                        one.basis,
                    ),
                    base: None,
                    values: one
                        .values
                        .into_iter()
                        .map(|of| YearValue { year: of.year, target: of.planned, actual: of.actual })
                        .collect(),
                })
                .collect(),
            false,
        ),
        Ok(_) => (Vec::new(), field.kind == FieldKind::Indicators),
        Err(_) => (
            vec![Series {
                name: vec![value.map(ToString::to_string).unwrap_or_default()],
                base: None,
                values: Vec::new(),
            }],
            field.kind == FieldKind::Indicators,
        ),
    };
    vec![Part::Table { table: table(printer, field, &series, has_base) }]
}

fn table(printer: &mut Printer, field: &Field, series: &[Series], has_base: bool) -> Table {
    let mut years: Vec<FiscalYear> = printer.report.plan.years().collect();
    years.extend(series.iter().flat_map(|one| one.values.iter().map(|value| value.year)));
    years.sort();
    years.dedup();
    let columns = &field.columns;
    let mut head = vec![columns.name.clone()];
    head.extend(has_base.then(|| columns.base.clone()));
    head.push(String::new());
    head.extend(years.iter().map(|year| printer.form.print_year(*year)));
    let lead = 1 + usize::from(has_base) + 1;
    let name = SHEET_WIDTH * 0.28;
    let kind = 44.0;
    let rest = (SHEET_WIDTH - name - kind) / (years.len() + usize::from(has_base)).max(1) as f64;
    let mut widths = vec![name];
    widths.extend(has_base.then_some(rest));
    widths.push(kind);
    widths.extend(years.iter().map(|_| rest));
    let label = printer.ink.line("", &field.label);
    let header = vec![
        vec![Cell::text(Look::Column, vec![label]).over(lead + years.len())],
        head.iter().map(|text| Cell::text(Look::Column, vec![printer.ink.line("", text)])).collect(),
    ];
    let mut rows = Vec::new();
    for one in series {
        let name = one.name.iter().flat_map(|line| printer.ink.lines(&field.label, line)).collect();
        let mut first = vec![Cell::text(Look::Row, name).down(2)];
        if has_base {
            let base = one.base.as_deref().unwrap_or(NO_FIGURE);
            first.push(Cell::text(Look::Figure, vec![printer.ink.line(&field.label, base)]).down(2));
        }
        let mut row = |label: &str, pick: fn(&YearValue) -> &Option<String>| {
            let mut cells = vec![Cell::text(Look::Row, vec![printer.ink.line("", label)])];
            for year in &years {
                let values = one
                    .values
                    .iter()
                    .filter(|value| value.year == *year)
                    .filter_map(|value| pick(value).as_deref());
                let mut lines: Vec<String> =
                    values.map(|value| printer.ink.line(&field.label, value)).collect();
                if lines.is_empty() {
                    lines.push(NO_FIGURE.to_owned());
                }
                cells.push(Cell::text(Look::Figure, lines));
            }
            cells
        };
        let target = row(&columns.target, |value| &value.target);
        let actual = row(&columns.actual, |value| &value.actual);
        rows.push(first.into_iter().chain(target).collect());
        rows.push(actual);
    }
    if rows.is_empty() {
        rows.push(vec![Cell::empty(Look::Plain).over(lead + years.len())]);
    }
    Table { widths, header, rows, summary: None, heights: Vec::new(), place: None }
}

/// A name with its source or basis under it.
fn named(name: String, label: &str, source: Option<String>) -> Vec<String> {
    let source = source.filter(|text| !text.is_empty()).map(|text| format!("{label}：{text}"));
    [Some(name), source].into_iter().flatten().collect()
}

fn unit(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!("{unit}、") }
}
