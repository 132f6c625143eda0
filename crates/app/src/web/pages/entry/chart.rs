//! Activities and roadmap as tables: what a chart says must be told without looking at it.

use kaikaku_domain::sheet::{Activity, Bar};
use kaikaku_domain::{FiscalYear, Form, Month};

/// A table with bars.
pub(crate) struct Chart {
    pub(crate) label: String,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) has_heads: bool,
}

/// A row: several where bars overlap.
pub(crate) struct Row {
    pub(crate) head: Option<(String, usize)>,
    pub(crate) cells: Vec<Cell>,
}

/// So many columns, with a bar or empty.
pub(crate) struct Cell {
    pub(crate) span: usize,
    pub(crate) bar: Option<(String, String)>,
}

/// A bar by the columns that it takes, counted from 0, with its text and when it is in words.
struct Span {
    from: usize,
    to: usize,
    text: String,
    words: String,
}

/// The chart of activities, April to March.
pub(crate) fn activities(form: &Form, activities: &[Activity]) -> Option<Chart> {
    let label = form.field("activities").filter(|_| !activities.is_empty())?.label.clone();
    let columns: Vec<String> = Month::of_fiscal_year().map(|month| format!("{}月", month.number())).collect();
    let mut rows = Vec::new();
    for activity in activities {
        let spans = activity.bars.iter().flatten().map(month_span).collect();
        let lanes = lanes(spans, columns.len());
        let count = lanes.len();
        for (place, cells) in lanes.into_iter().enumerate() {
            rows.push(Row { head: (place == 0).then(|| (activity.label.clone(), count)), cells });
        }
    }
    Some(Chart { label, columns, rows, has_heads: true })
}

fn month_span(bar: &Bar) -> Span {
    let (from, to) = (bar.from_month, bar.to_month);
    let words = if from == to {
        format!("（{}月）", from.number())
    } else {
        format!("（{}月から{}月まで）", from.number(), to.number())
    };
    Span {
        from: usize::from(from.fiscal_index()),
        to: usize::from(to.fiscal_index()),
        text: bar.text.clone().unwrap_or_default(),
        words,
    }
}

/// The roadmap across the plan's years, with its numeric targets.
pub(crate) fn roadmap(
    form: &Form,
    years: &[FiscalYear],
    start: &kaikaku_domain::entry::StartContent,
) -> Option<Chart> {
    let label = form.field("roadmap")?.label.clone();
    if start.roadmap.is_empty() && start.roadmap_values.is_empty() || years.is_empty() {
        return None;
    }
    let place = |year: Option<FiscalYear>, without: usize| {
        year.and_then(|year| years.iter().position(|own| *own == year)).unwrap_or(without)
    };
    let mut rows: Vec<Row> = Vec::new();
    for bar in &start.roadmap {
        let from = place(bar.from_year, 0);
        let to = place(bar.to_year, years.len() - 1).max(from);
        let words = format!("（{}から{}まで）", form.print_year(years[from]), form.print_year(years[to]));
        let span = Span { from, to, text: bar.label.clone(), words };
        rows.extend(lanes(vec![span], years.len()).into_iter().map(|cells| Row { head: None, cells }));
    }
    let value = |year: FiscalYear| {
        let own = start.roadmap_values.iter().filter(|value| value.year == Some(year));
        let own = own.map(|value| {
            format!("{} {}{}", value.indicator, value.value, value.unit.as_deref().unwrap_or(""))
        });
        own.collect::<Vec<_>>().join("、")
    };
    if start.roadmap_values.iter().any(|value| value.year.is_some()) {
        let cells = years.iter().map(|year| {
            let text = value(*year);
            Cell { span: 1, bar: (!text.is_empty()).then(|| (text, String::new())) }
        });
        rows.push(Row { head: None, cells: cells.collect() });
    }
    let columns = years.iter().map(|year| form.print_year(*year)).collect();
    Some(Chart { label, columns, rows, has_heads: false })
}

/// Bars laid into as few lanes as they need, each lane filled up with empty cells.
fn lanes(mut spans: Vec<Span>, width: usize) -> Vec<Vec<Cell>> {
    spans.sort_by_key(|span| (span.from, span.to));
    let mut lanes: Vec<Vec<Span>> = Vec::new();
    for span in spans {
        match lanes.iter_mut().find(|lane| lane.last().is_none_or(|last| last.to < span.from)) {
            Some(lane) => lane.push(span),
            None => lanes.push(vec![span]),
        }
    }
    if lanes.is_empty() {
        lanes.push(Vec::new());
    }
    lanes.into_iter().map(|lane| cells(lane, width)).collect()
}

fn cells(lane: Vec<Span>, width: usize) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut at = 0;
    for span in lane {
        cells.extend((at..span.from).map(|_| Cell { span: 1, bar: None }));
        cells.push(Cell { span: span.to + 1 - span.from, bar: Some((span.text, span.words)) });
        at = span.to + 1;
    }
    cells.extend((at..width).map(|_| Cell { span: 1, bar: None }));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: usize, to: usize) -> Span {
        Span { from, to, text: String::new(), words: String::new() }
    }

    #[test]
    fn every_lane_is_as_wide_as_the_chart() {
        for spans in [
            vec![],
            vec![span(0, 11)],
            vec![span(2, 3), span(3, 5), span(6, 6)],
            vec![span(5, 9), span(5, 9)],
        ] {
            let lanes = lanes(spans, 12);
            assert!(lanes.iter().all(|lane| lane.iter().map(|cell| cell.span).sum::<usize>() == 12));
        }
        assert_eq!(lanes(vec![span(2, 3), span(3, 5), span(6, 6)], 12).len(), 2);
    }
}
