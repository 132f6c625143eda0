//! The two charts of a sheet: activities from April to March, and the roadmap across the plan's fiscal years. Both are
//! real tables: a bar is a cell over its months or years.

use kaikaku_domain::fiscal_year::Month;
use kaikaku_domain::form::Field;
use kaikaku_domain::sheet::{Activity, Bar, RoadmapBar, RoadmapValue};
use kaikaku_domain::{FiscalYear, Form};

use super::Part;
use super::sheet::Printer;
use crate::geometry::{CHART_LABEL, SHEET_WIDTH};
use crate::table::{Block, Cell, Look, Table};

/// A cell of a chart's row before it is printed: columns, text, look.
struct Piece {
    from: usize,
    to: usize,
    text: Option<String>,
    words: String,
}

/// The chart of activities, with the texts whose row cannot be told under it.
pub(super) fn activities(printer: &mut Printer, field: &Field) -> Vec<Part> {
    let sheet = printer.sheet;
    let mut head = vec![Cell::text(Look::Column, vec![printer.ink.line("", &field.label)])];
    head.extend(
        Month::of_fiscal_year().map(|month| Cell::text(Look::Column, vec![format!("{}月", month.number())])),
    );
    let mut rows = Vec::new();
    for activity in &sheet.activities {
        let lanes = lanes(activity.bars.iter().flatten().map(piece).collect());
        let label = format!("{}{}", printer.form.style.activity_mark, activity.label);
        let label = printer.ink.lines(&field.label, &label);
        let mut label = Some(Cell::new(Look::Activity, Block::prose(label)).down(lanes.len()));
        for lane in lanes {
            let mut cells: Vec<Cell> = label.take().into_iter().collect();
            cells.extend(lane_cells(printer, field, &lane, 12, Look::Milestone));
            rows.push(cells);
        }
    }
    if rows.is_empty() {
        rows.push(std::iter::once(Cell::empty(Look::Activity)).chain(gap(0, 12)).collect());
    }
    let month = (SHEET_WIDTH - CHART_LABEL) / 12.0;
    let summary = sheet.activities.iter().map(in_words).collect::<Vec<_>>().join("");
    let table = Table {
        widths: std::iter::once(CHART_LABEL).chain(std::iter::repeat_n(month, 12)).collect(),
        header: vec![head],
        rows,
        summary: Some(printer.ink.line(&field.label, &format!("{}：{summary}", field.label))),
        heights: Vec::new(),
        place: None,
    };
    let mut parts = vec![Part::Chart { table, rules: None }];
    if !sheet.activity_notes.is_empty() {
        parts.push(Part::Note { lines: printer.ink.lines(&field.label, &sheet.activity_notes.join("／")) });
    }
    parts
}

fn piece(bar: &Bar) -> Piece {
    let from = usize::from(bar.from_month.fiscal_index());
    // A bar that ends before it begins is an error of the checks; it is drawn in its first month.
    let to = usize::from(bar.to_month.fiscal_index()).max(from);
    Piece {
        from,
        to,
        text: bar.text.clone().filter(|text| !text.trim().is_empty()),
        words: bar_in_words(bar),
    }
}

/// Bars that share a month cannot share a row: each goes to the first lane that is free.
fn lanes(mut pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    pieces.sort_by_key(|piece| piece.from);
    let mut lanes: Vec<Vec<Piece>> = vec![Vec::new()];
    for piece in pieces {
        let free = lanes.iter().position(|lane| lane.last().is_none_or(|last| last.to < piece.from));
        match free {
            Some(lane) => lanes[lane].push(piece),
            None => lanes.push(vec![piece]),
        }
    }
    lanes
}

/// A lane's cells over `columns` months or years; a text in a single one of them looks like `one`.
fn lane_cells(printer: &mut Printer, field: &Field, lane: &[Piece], columns: usize, one: Look) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut column = 0;
    for piece in lane {
        cells.extend(gap(column, piece.from));
        let block = match &piece.text {
            Some(text) => Block::text(printer.ink.lines(&field.label, text)),
            None => Block::Alt { text: piece.words.clone() },
        };
        let look = if piece.from == piece.to && piece.text.is_some() { one } else { Look::Bar };
        cells.push(Cell::new(look, vec![block]).over(piece.to - piece.from + 1));
        column = piece.to + 1;
    }
    cells.extend(gap(column, columns));
    cells
}

/// The months or years between two bars: one cell, for a reader of tables has nothing to hear in them.
fn gap(from: usize, to: usize) -> Option<Cell> {
    (to > from).then(|| Cell::empty(Look::Empty).over(to - from))
}

/// An activity's bars as a sentence, for those who do not see them.
fn in_words(activity: &Activity) -> String {
    let bars = activity.bars.as_deref().unwrap_or_default();
    if bars.is_empty() {
        return format!("{}は期間の表示なし。", activity.label);
    }
    format!("{}は{}。", activity.label, bars.iter().map(bar_in_words).collect::<Vec<_>>().join("、"))
}

fn bar_in_words(bar: &Bar) -> String {
    let (from, to) = (bar.from_month.number(), bar.to_month.number());
    let when = if from == to { format!("{from}月") } else { format!("{from}月から{to}月まで") };
    match &bar.text {
        Some(text) if !text.trim().is_empty() => format!("{when}「{text}」"),
        _ => when,
    }
}

/// The roadmap: bars and yearly values under the plan's fiscal years.
pub(super) fn roadmap(printer: &mut Printer, field: &Field) -> Vec<Part> {
    let years: Vec<FiscalYear> = printer.report.plan.years().collect();
    let (sheet, form) = (printer.sheet, printer.form);
    let width = SHEET_WIDTH / years.len().max(1) as f64;
    let head = years.iter().map(|year| Cell::text(Look::Column, vec![form.print_year(*year)]));
    let mut table = Table {
        widths: years.iter().map(|_| width).collect(),
        header: vec![head.collect()],
        rows: Vec::new(),
        summary: None,
        heights: Vec::new(),
        place: None,
    };
    let mut lane: Vec<Piece> = Vec::new();
    for bar in &sheet.roadmap {
        match year_piece(bar, &years, form) {
            Ok(piece) => {
                // In the source's order: a bar begins a row of its own unless it stands right of the one before it.
                if lane.last().is_some_and(|last| last.to >= piece.from) {
                    flush(printer, field, &mut lane, &mut table, years.len());
                }
                lane.push(piece);
            }
            Err(text) => {
                flush(printer, field, &mut lane, &mut table, years.len());
                table.rows.push(wide(printer, field, &text, years.len()));
            }
        }
    }
    flush(printer, field, &mut lane, &mut table, years.len());
    values(printer, field, &years, &mut table);
    if table.rows.is_empty() {
        table.rows.push(gap(0, years.len()).into_iter().collect());
    }
    vec![Part::Chart { table, rules: None }]
}

fn flush(printer: &mut Printer, field: &Field, lane: &mut Vec<Piece>, table: &mut Table, columns: usize) {
    if !lane.is_empty() {
        table.rows.push(lane_cells(printer, field, &std::mem::take(lane), columns, Look::Bar));
    }
}

/// A text over all years.
fn wide(printer: &mut Printer, field: &Field, text: &str, columns: usize) -> Vec<Cell> {
    vec![Cell::text(Look::Wide, printer.ink.lines(&field.label, text)).over(columns)]
}

/// A bar's place, or its text where it has no place among the plan's years.
fn year_piece(bar: &RoadmapBar, years: &[FiscalYear], form: &Form) -> Result<Piece, String> {
    let (Some(from), Some(to)) = (bar.from_year, bar.to_year) else {
        let when = match (bar.from_year, bar.to_year) {
            (Some(year), None) => format!("（{}～）", form.print_year(year)),
            (None, Some(year)) => format!("（～{}）", form.print_year(year)),
            _ => String::new(),
        };
        return Err(format!("{}{when}", bar.label));
    };
    let inside: Vec<usize> = years
        .iter()
        .enumerate()
        .filter(|(_, year)| (from..=to.max(from)).contains(year))
        .map(|(place, _)| place)
        .collect();
    match (inside.first(), inside.last()) {
        (Some(first), Some(last)) => Ok(Piece {
            from: *first,
            to: *last,
            text: Some(bar.label.clone()).filter(|label| !label.is_empty()),
            words: format!("{}から{}まで", form.print_year(from), form.print_year(to)),
        }),
        _ => Err(format!("{}（{}～{}）", bar.label, form.print_year(from), form.print_year(to))),
    }
}

/// Yearly values, an indicator a row, each in its year's column; those of no year one after the other.
fn values(printer: &mut Printer, field: &Field, years: &[FiscalYear], table: &mut Table) {
    let sheet = printer.sheet;
    let mut indicators: Vec<&str> = Vec::new();
    for value in &sheet.roadmap_values {
        if !indicators.contains(&value.indicator.as_str()) {
            indicators.push(&value.indicator);
        }
    }
    let printed =
        |value: &RoadmapValue| format!("{}{}", value.value, value.unit.as_deref().unwrap_or_default());
    for indicator in indicators {
        let of: Vec<&RoadmapValue> =
            sheet.roadmap_values.iter().filter(|value| value.indicator == indicator).collect();
        let mut cells = Vec::new();
        for year in years {
            let here = of.iter().filter(|value| value.year == Some(*year));
            let text =
                here.map(|value| format!("{indicator} {}", printed(value))).collect::<Vec<_>>().join("\n");
            cells.push(if text.is_empty() {
                Cell::empty(Look::Empty)
            } else {
                Cell::text(Look::Centre, printer.ink.lines(&field.label, &text))
            });
        }
        if cells.iter().any(|cell| cell.look == Look::Centre) {
            table.rows.push(cells);
        }
        let elsewhere = of.iter().filter(|value| value.year.is_none_or(|year| !years.contains(&year)));
        let list: Vec<String> = elsewhere
            .map(|value| match value.year {
                Some(year) => format!("{}{}", printer.form.print_year(year), printed(value)),
                None => printed(value),
            })
            .collect();
        if !list.is_empty() {
            table.rows.push(wide(printer, field, &format!("{indicator} {}", list.join("、")), years.len()));
        }
    }
}
