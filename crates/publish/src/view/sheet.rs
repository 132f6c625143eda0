//! A sheet's parts in printed order, as the form's sections have them.

use kaikaku_domain::form::{Column, Field, FieldKind, Layout, Section};
use kaikaku_domain::plan::Node;
use kaikaku_domain::sheet::Response;
use kaikaku_domain::{Form, Report, Sheet};

use super::{FieldPlace, Part, SheetView, Spot, chart, sheet_key, values};
use crate::fit;
use crate::geometry::{PAD_X, SHEET_WIDTH, SIZES};
use crate::ink::Ink;
use crate::table::{Block, Cell, Look, Table};

/// Every sheet in the report's order.
pub(super) fn sheets(report: &Report, form: &Form, ink: &mut Ink) -> Vec<SheetView> {
    (0..report.sheets.len()).filter_map(|place| view(report, form, place, ink)).collect()
}

/// The report's sheet of this place in its order.
pub(super) fn view(report: &Report, form: &Form, place: usize, ink: &mut Ink) -> Option<SheetView> {
    let sheet = report.sheets.get(place)?;
    let before = place.checked_sub(1).and_then(|before| report.sheets.get(before));
    let before: &[Node] = before.map_or(&[], |sheet| &sheet.path);
    ink.at(sheet.page, format!("{} {}", sheet.reference(), sheet.title()));
    let shared = before.iter().zip(&sheet.path).take_while(|(a, b)| a == b).count();
    // The measure itself is a heading in any case, so that every sheet is in the outline.
    let new_from = shared.min(sheet.path.len().saturating_sub(1));
    let mut parts = Printer { report, form, sheet, ink, new_from }.parts();
    parts.iter_mut().flat_map(Part::tables_mut).for_each(|table| table.soften(SIZES[0]));
    let title = ink.line("", sheet.title());
    Some(SheetView {
        key: sheet_key(place),
        page: sheet.page,
        name: format!("{}　{title}（続き）", form.print_reference(&sheet.path)),
        size: SIZES[0],
        continues: false,
        parts,
    })
}

/// One sheet with what is needed to print it.
pub(super) struct Printer<'p> {
    pub(super) report: &'p Report,
    pub(super) form: &'p Form,
    pub(super) sheet: &'p Sheet,
    pub(super) ink: &'p mut Ink,
    /// The first node of the path that the sheet before did not have: from here on they are headings.
    new_from: usize,
}

impl<'p> Printer<'p> {
    fn parts(&mut self) -> Vec<Part> {
        let form = self.form;
        form.sections.iter().flat_map(|section| self.section(section)).collect()
    }

    fn section(&mut self, section: &Section) -> Vec<Part> {
        let form = self.form;
        let fields: Vec<&Field> =
            section.field_codes().filter_map(|code| form.field(code)).filter(|field| field.public).collect();
        let mut parts = Vec::new();
        if let Some(heading) = &section.heading {
            let text = self.form.with_year(heading, self.report.fiscal_year);
            parts.push(Part::Heading { text: self.ink.line("", &text), level: self.sheet.path.len() + 1 });
        }
        let (tables, plain): (Vec<&Field>, Vec<&Field>) =
            fields.into_iter().partition(|field| is_table(field));
        match section.layout {
            Layout::Header => parts.push(self.header(&plain)),
            Layout::Columns => parts.push(Part::Answers { tables: self.columns(&section.columns) }),
            Layout::Rows | Layout::Chart | Layout::Roadmap => parts.extend(self.rows(&plain)),
        }
        for field in tables {
            parts.extend(self.table_of(field));
        }
        parts
    }

    /// Left the path with its content, right the rest.
    fn header(&mut self, fields: &[&Field]) -> Part {
        let content = fields.iter().find(|field| field.kind == FieldKind::Content);
        let names = self.sheet.path.iter().map(|node| node.level.as_str());
        let label = label_width(names.chain(content.map(|field| field.label.as_str())));
        let left_width =
            if fields.len() > usize::from(content.is_some()) { SHEET_WIDTH * 0.68 } else { SHEET_WIDTH };
        let mut rows = Vec::new();
        let mut printed = vec![false; self.sheet.content.len()];
        let sheet = self.sheet;
        for (depth, node) in sheet.path.iter().enumerate() {
            rows.push(self.node(depth, node));
            for (at, content_of) in sheet.content.iter().enumerate().filter(|(_, of)| of.level == node.level)
            {
                if let (Some(field), false) = (content, printed[at]) {
                    printed[at] = true;
                    rows.push(self.content(field, &content_of.bullets));
                }
            }
        }
        for (content_of, _) in sheet.content.iter().zip(&printed).filter(|(_, printed)| !**printed) {
            if let Some(field) = content {
                rows.push(self.content(field, &content_of.bullets));
            }
        }
        let others: Vec<&Field> =
            fields.iter().copied().filter(|field| field.kind != FieldKind::Content).collect();
        let right_label = label_width(others.iter().map(|field| field.label.as_str()));
        let right_rows = others.iter().map(|field| self.labelled(field)).collect();
        Part::Header {
            left: table(vec![label, left_width - label], rows),
            right: table(vec![right_label, SHEET_WIDTH - left_width - right_label], right_rows),
        }
    }

    fn node(&mut self, depth: usize, node: &Node) -> Vec<Cell> {
        let text = self.ink.line(&node.level, &format!("{} {}", self.form.print_number(node), node.title));
        let level = (depth >= self.new_from).then_some(depth + 1);
        let bold = depth + 1 == self.sheet.path.len();
        vec![
            Cell::text(Look::Row, vec![self.ink.line("", &node.level)]),
            Cell::new(Look::Plain, vec![Block::Node { text, level, bold, back: None }]),
        ]
    }

    fn content(&mut self, field: &Field, bullets: &[String]) -> Vec<Cell> {
        let place = FieldPlace::of(&field.code);
        self.ink.of(Some(place.clone()));
        let items = bullets.iter().map(|bullet| {
            let text = format!("{}{bullet}", self.form.style.bullet);
            Block::Item { text: self.ink.lines(&field.label, &text).join(" ") }
        });
        let mut cell = Cell::empty(Look::Plain);
        cell.write(place, items.collect());
        self.ink.of(None);
        vec![Cell::text(Look::Row, vec![field.label.clone()]), cell]
    }

    /// A field's label left of its value.
    fn labelled(&mut self, field: &Field) -> Vec<Cell> {
        let label = self.ink.line("", &field.label);
        let mut cell = Cell::empty(Look::Plain);
        values::write(self, field, &mut cell);
        vec![Cell::text(Look::Row, vec![label]), cell]
    }

    /// One under the other; short values that follow one another share a row.
    fn rows(&mut self, fields: &[&Field]) -> Vec<Part> {
        let mut parts = Vec::new();
        for run in fields.chunk_by(|a, b| is_short(a) == is_short(b)) {
            let label = label_width(run.iter().map(|field| field.label.as_str()));
            if is_short(run[0]) && run.len() > 1 {
                for group in run.chunks(4) {
                    let width = SHEET_WIDTH / group.len() as f64;
                    let cells = group.iter().flat_map(|field| self.labelled(field)).collect();
                    let widths = group.iter().flat_map(|_| [label, width - label]).collect();
                    parts.push(Part::Table { table: table(widths, vec![cells]) });
                }
            } else {
                let rows = run.iter().map(|field| self.labelled(field)).collect();
                parts.push(Part::Table { table: table(vec![label, SHEET_WIDTH - label], rows) });
            }
        }
        parts
    }

    /// Side by side under column headings: what belongs to a period in a row for each answer, the rest beside them all.
    fn columns(&mut self, columns: &[Column]) -> Vec<Table> {
        let form = self.form;
        let fields = |column: &Column| -> Vec<&Field> {
            let of = column.fields.iter().filter_map(|code| form.field(code));
            of.filter(|field| field.public && !is_table(field)).collect()
        };
        let columns = columns.iter().map(|column| (column, fields(column)));
        let columns: Vec<(&Column, Vec<&Field>)> = columns.filter(|(_, fields)| !fields.is_empty()).collect();
        let shares: u32 = columns.iter().map(|(column, _)| column.width).sum();
        let share = SHEET_WIDTH / f64::from(shares.max(1));
        let answers = self.answers();
        let has_periods = |fields: &[&Field]| fields.iter().any(|field| is_of_period(field));
        columns
            .chunk_by(|a, b| has_periods(&a.1) == has_periods(&b.1))
            .map(|run| {
                let header = run.iter().map(|(column, _)| {
                    let heading = form.with_year(&column.heading, self.report.fiscal_year);
                    Cell::text(Look::Column, vec![self.ink.line("", &heading)])
                });
                let header = vec![header.collect()];
                let mut row = |answer: Option<&Answer>| -> Vec<Cell> {
                    run.iter()
                        .map(|(column, fields)| match answer {
                            Some(answer) => self.answer(fields, answer),
                            None => {
                                let named = fields.len() > 1 || fields[0].label != column.heading;
                                self.beside(fields, named)
                            }
                        })
                        .collect()
                };
                let rows = if has_periods(&run[0].1) {
                    answers.iter().map(|answer| row(Some(answer))).collect()
                } else {
                    vec![row(None)]
                };
                let widths = run.iter().map(|(column, _)| f64::from(column.width) * share).collect();
                Table { header, ..table(widths, rows) }
            })
            .collect()
    }

    /// Fields that belong to no period, one under the other, each under its label where it is `named`.
    fn beside(&mut self, fields: &[&Field], named: bool) -> Cell {
        let mut cell = Cell::empty(Look::Plain);
        for field in fields {
            if named {
                cell.push(Block::Label { text: self.ink.line("", &field.label) });
            }
            values::write(self, field, &mut cell);
        }
        cell
    }

    /// One answer in one column: the period, the department where several answer, then the fields.
    fn answer(&mut self, fields: &[&Field], answer: &Answer) -> Cell {
        let is_rating = fields.iter().all(|field| field.kind == FieldKind::Rating);
        let mut blocks = vec![Block::Label { text: self.ink.line("", answer.period) }];
        if answer.is_one_of_several {
            let mark = self.ink.line(answer.period, &self.form.department_mark(answer.department));
            match blocks.last_mut() {
                // The rating's column is narrow: there the department has a line of its own.
                Some(Block::Label { text }) if !is_rating => text.push_str(&mark),
                _ => blocks.push(Block::Label { text: mark }),
            }
        }
        let mut cell = Cell::new(if is_rating { Look::Centre } else { Look::Plain }, blocks);
        for field in fields {
            let place = answer.place(field);
            let label = format!("{}（{}）", field.label, answer.period);
            self.ink.of(Some(place.clone()));
            match field.code.as_str() {
                "rating" => {
                    let rating = answer.response.and_then(|response| response.rating.as_deref());
                    if let Some(code) = rating {
                        cell.push(Block::Rating { text: self.ink.line(&label, code) });
                    }
                }
                "narrative" => {
                    let narrative = answer.response.and_then(|response| response.narrative.as_deref());
                    let prose = narrative.map(|text| Block::prose(self.ink.lines(&label, text)));
                    cell.write(place, prose.unwrap_or_default());
                }
                _ => values::write(self, field, &mut cell),
            }
            self.ink.of(None);
        }
        cell
    }

    /// The answers in printed order: every period with every lead department, then what the document has beyond these.
    pub(super) fn answers(&self) -> Vec<Answer<'p>> {
        let (report, sheet) = (self.report, self.sheet);
        let several = sheet.has_several_leads()
            || sheet.responses.iter().any(|one| !sheet.lead_departments.contains(&one.department));
        let one = |period, department, response| Answer {
            period,
            department,
            response,
            is_one_of_several: several,
        };
        let mut answers: Vec<Answer> = Vec::new();
        for period in &report.periods {
            for department in &sheet.lead_departments {
                answers.push(one(period, department, sheet.response(department, period)));
            }
        }
        for response in &sheet.responses {
            if !answers
                .iter()
                .any(|answer| answer.response.is_some_and(|other| std::ptr::eq(other, response)))
            {
                answers.push(one(&response.period, &response.department, Some(response)));
            }
        }
        answers
    }

    /// A chart, roadmap, or table of figures.
    fn table_of(&mut self, field: &Field) -> Vec<Part> {
        let place = FieldPlace::of(&field.code);
        self.ink.of(Some(place.clone()));
        let mut parts = match field.kind {
            FieldKind::Activities => chart::activities(self, field),
            FieldKind::Roadmap => chart::roadmap(self, field),
            _ => values::figures(self, field),
        };
        self.ink.of(None);
        for table in parts.iter_mut().flat_map(Part::tables_mut) {
            table.place = Some(place.clone());
        }
        parts
    }
}

/// One department's answer for one period, or the place for it.
pub(super) struct Answer<'p> {
    pub(super) period: &'p str,
    pub(super) department: &'p str,
    pub(super) response: Option<&'p Response>,
    is_one_of_several: bool,
}

impl Answer<'_> {
    /// This answer's part of a field.
    pub(super) fn place(&self, field: &Field) -> FieldPlace {
        FieldPlace::of_answer(&field.code, self.department, self.period)
    }
}

impl SheetView {
    /// Makes the headings lead back to the sheet's row in the list.
    pub(crate) fn lead_back(&mut self, row: Spot) {
        let cells =
            self.parts.iter_mut().flat_map(Part::tables_mut).flat_map(|table| &mut table.rows).flatten();
        for block in cells.flat_map(|cell| &mut cell.blocks) {
            if let Block::Node { back, level: Some(_), .. } = block {
                *back = Some(row);
            }
        }
    }
}

impl Part {
    /// The tables in it.
    pub(crate) fn tables_mut(&mut self) -> Vec<&mut Table> {
        match self {
            Self::Heading { .. } | Self::Note { .. } => Vec::new(),
            Self::Header { left, right } => vec![left, right],
            Self::Answers { tables } => tables.iter_mut().collect(),
            Self::Chart { table, .. } | Self::Table { table } => vec![table],
        }
    }
}

/// A table without column headings.
pub(super) fn table(widths: Vec<f64>, rows: Vec<Vec<Cell>>) -> Table {
    Table { widths, header: Vec::new(), rows, summary: None, heights: Vec::new(), place: None }
}

/// The width of a column of labels: the longest on one line, at most ten characters.
fn label_width<'l>(labels: impl Iterator<Item = &'l str>) -> f64 {
    let longest = labels.map(fit::width).fold(3.0, f64::max).min(10.0);
    longest * SIZES[0] + 2.0 * PAD_X + 3.0
}

fn is_table(field: &Field) -> bool {
    matches!(
        field.kind,
        FieldKind::Activities | FieldKind::Roadmap | FieldKind::Indicators | FieldKind::Effects
    )
}

/// Whether each period has its own.
fn is_of_period(field: &Field) -> bool {
    matches!(field.code.as_str(), "rating" | "narrative")
}

/// Whether its value takes a part of a line.
fn is_short(field: &Field) -> bool {
    let short =
        matches!(field.kind, FieldKind::Rating | FieldKind::Choice | FieldKind::Number | FieldKind::Date);
    short && !is_of_period(field)
}
