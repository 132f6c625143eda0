//! The pages before the sheets: cover, rating definitions, list in plan order, list by rating, tally, achievements.

use kaikaku_domain::form::fill;
use kaikaku_domain::plan::Node;
use kaikaku_domain::tally::{self, Tally};
use kaikaku_domain::{Date, Form, Report, Sheet};
use serde::Serialize;

use super::entry_key;
use crate::fit;
use crate::ink::Ink;

/// The longest line of the plan's principle on the cover, in em.
const PRINCIPLE: f64 = 36.0;

/// Everything before the sheets.
#[derive(Serialize)]
pub(crate) struct Front {
    title: String,
    municipality: String,
    plan: String,
    plan_years: String,
    principle: String,
    /// The width at which the principle's lines are of one length, in em.
    principle_width: f64,
    month: String,
    scale: Scale,
    index: Index,
    by_rating: Chapter,
    tally: TallyView,
    achievements: Chapter,
}

/// The rating definitions.
#[derive(Serialize)]
struct Scale {
    intro: String,
    heading: String,
    grades: Vec<GradeView>,
}

#[derive(Serialize)]
struct GradeView {
    code: String,
    label: String,
    definition: String,
}

/// The list in plan order.
#[derive(Serialize)]
struct Index {
    heading: String,
    head: IndexHead,
    rows: Vec<IndexRow>,
    notes: Vec<String>,
}

/// The list's column headings.
#[derive(Serialize)]
struct IndexHead {
    path: String,
    marks: [String; 2],
    lead: String,
    supporting: String,
    result: String,
    previous: String,
    current: String,
    page: String,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum IndexRow {
    /// A node that heads a group, over the whole width.
    Group { text: String, depth: usize },
    /// A node that has measures under it and none of its own.
    Node { number: String, title: String, depth: usize },
    /// A measure with its answers.
    Measure {
        number: String,
        title: String,
        depth: usize,
        /// The sheet's place in the report.
        sheet: usize,
        entry: String,
        mark: String,
        supporting: String,
        answers: Vec<IndexAnswer>,
    },
}

#[derive(Serialize)]
struct IndexAnswer {
    department: String,
    previous: String,
    current: String,
}

/// Headed groups of lines that lead to sheets.
#[derive(Serialize)]
struct Chapter {
    heading: String,
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    heading: String,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    text: String,
    /// What is said of the measure after the text.
    measure: String,
    /// Whether that is short enough to stay on one line.
    keep: bool,
    /// The sheet that it leads to.
    sheet: Option<usize>,
}

/// The tally, which is also the legend of its pie.
#[derive(Serialize)]
struct TallyView {
    rows: Vec<TallyRow>,
    total_label: String,
    total: String,
    total_percent: String,
    unit: String,
    notes: Vec<String>,
    /// The pie in words.
    alt: String,
}

#[derive(Serialize)]
struct TallyRow {
    code: String,
    grade: String,
    count: u32,
    printed: String,
    percent: String,
}

impl Front {
    pub(super) fn new(report: &Report, form: &Form, date: Date, ink: &mut Ink) -> Self {
        let labels = &form.report;
        ink.at(None, "表紙".to_owned());
        let title = ink.line("", &form.with_year(&labels.title, report.fiscal_year));
        let municipality = report.municipality.as_ref().map(|town| town.name.as_str()).unwrap_or_default();
        let years = [report.plan.from_year, report.plan.to_year]
            .map(|year| year.print(form.style.plan_year, form.style.digits));
        let mut chapter = 0;
        let mut number = |heading: &str| {
            chapter += 1;
            format!("{} {heading}", form.style.digits.print(chapter))
        };
        let (index, by_rating, achievements) =
            (number(&labels.index), number(&labels.by_rating), number(&labels.achievements));
        let principle = ink.line("", report.plan.principle.as_deref().unwrap_or_default());
        let principle_length = fit::width(&principle);
        Self {
            title,
            municipality: ink.line("", municipality),
            plan: ink.line("", &report.plan.title),
            plan_years: years.join("～"),
            principle_width: (principle_length / (principle_length / PRINCIPLE).ceil().max(1.0)).ceil() + 2.0,
            principle,
            month: date.print_month(form.style.fiscal_year, form.style.digits),
            scale: scale(report, form, ink),
            index: Index::new(report, form, index, ink),
            by_rating: by_rating_of(report, form, by_rating, ink),
            tally: TallyView::new(report, form, ink),
            achievements: achievements_of(report, form, achievements, ink),
        }
    }
}

fn scale(report: &Report, form: &Form, ink: &mut Ink) -> Scale {
    ink.at(None, form.report.scale.clone());
    let intro = form.report.scale_intro.as_deref().unwrap_or_default();
    Scale {
        intro: ink.line("", &form.with_year(intro, report.fiscal_year)),
        heading: ink.line("", &form.report.scale),
        grades: report
            .scale
            .iter()
            .map(|grade| GradeView {
                code: ink.line("", &grade.code),
                label: ink.line("", &grade.label),
                definition: ink.line("", &grade.definition),
            })
            .collect(),
    }
}

impl Index {
    fn new(report: &Report, form: &Form, heading: String, ink: &mut Ink) -> Self {
        ink.at(None, form.report.index.clone());
        let label = |code: &str| form.field(code).map(|field| field.label.clone()).unwrap_or_default();
        let head = IndexHead {
            path: ink.line("", &form.report.index_path),
            marks: [ink.line("", &form.style.added), ink.line("", &form.style.revised)],
            lead: ink.line("", &label("lead")),
            supporting: ink.line("", &label("supporting")),
            result: ink.line("", &form.report.index_result),
            previous: form.print_year_short(report.fiscal_year.previous()),
            current: form.print_year_short(report.fiscal_year),
            page: ink.line("", &form.report.index_page),
        };
        let notes = form.report.notes.iter().map(|note| {
            let count = note.level.as_deref().map_or(0, |level| nodes_on(report, level));
            let printed = form.style.digits.print(i32::try_from(count).unwrap_or(i32::MAX));
            fill(&form.with_year(&note.text, report.fiscal_year), &[("n", &printed)])
        });
        let notes = notes.map(|note| ink.line("", &note)).collect();
        Self { heading: ink.line("", &heading), head, rows: index_rows(report, form, ink), notes }
    }
}

fn index_rows(report: &Report, form: &Form, ink: &mut Ink) -> Vec<IndexRow> {
    let groups = &form.report.index_groups;
    let mut rows = Vec::new();
    let mut before: &[Node] = &[];
    for (place, sheet) in report.sheets.iter().enumerate() {
        let shared = before.iter().zip(&sheet.path).take_while(|(a, b)| a == b).count();
        for (depth, node) in sheet.path.iter().enumerate().skip(shared) {
            let (number, title) = (ink.line("", &form.print_number(node)), ink.line("", &node.title));
            if depth + 1 == sheet.path.len() {
                break;
            } else if let Some(group) = groups.get(depth) {
                let values =
                    [("level", node.level.as_str()), ("number", number.as_str()), ("title", title.as_str())];
                rows.push(IndexRow::Group { text: ink.line("", &fill(group, &values)), depth });
            } else {
                rows.push(IndexRow::Node { number, title, depth: depth - groups.len() });
            }
        }
        rows.push(measure(report, form, sheet, place, ink));
        before = &sheet.path;
    }
    rows
}

fn measure(report: &Report, form: &Form, sheet: &Sheet, place: usize, ink: &mut Ink) -> IndexRow {
    ink.at(sheet.page, format!("{} {} {}", form.report.index, sheet.reference(), sheet.title()));
    let period = report.result_period().unwrap_or_default();
    // A document that no page is known of has no printed list either to find the measure in.
    let entry = |department: &str| sheet.page.and_then(|_| report.index_entry(sheet, department));
    let departments =
        if sheet.lead_departments.is_empty() { vec![String::new()] } else { sheet.lead_departments.clone() };
    let answers = departments
        .iter()
        .map(|department| IndexAnswer {
            department: ink.line("", department),
            previous: ink
                .line("", entry(department).and_then(|entry| entry.previous.as_deref()).unwrap_or(NOT_RATED)),
            current: {
                let rating = sheet.response(department, period).and_then(|answer| answer.rating.as_deref());
                ink.line("", rating.unwrap_or_default())
            },
        })
        .collect();
    let listed = departments.iter().find_map(|department| entry(department)?.mark.as_deref());
    let node = sheet.path.last();
    IndexRow::Measure {
        number: ink.line("", &node.map(|node| form.print_number(node)).unwrap_or_default()),
        title: ink.line("", sheet.title()),
        depth: sheet.path.len().saturating_sub(1).saturating_sub(form.report.index_groups.len()),
        sheet: place,
        entry: entry_key(place),
        mark: ink
            .line("", listed.or(sheet.mark.as_deref()).map(|mark| form.print_mark(mark)).unwrap_or_default()),
        supporting: ink.line("", &sheet.supporting_departments.join("、")),
        answers,
    }
}

/// How many different nodes the sheets' paths have on a level.
fn nodes_on(report: &Report, level: &str) -> usize {
    let mut found: Vec<&[Node]> = Vec::new();
    for sheet in &report.sheets {
        if let Some(depth) = sheet.path.iter().position(|node| node.level == level)
            && !found.contains(&&sheet.path[..=depth])
        {
            found.push(&sheet.path[..=depth]);
        }
    }
    found.len()
}

/// Stands where a measure had no rating: an empty cell could be an oversight.
const NOT_RATED: &str = "－";

fn by_rating_of(report: &Report, form: &Form, heading: String, ink: &mut Ink) -> Chapter {
    ink.at(None, form.report.by_rating.clone());
    let period = report.result_period().unwrap_or_default();
    let mut groups = Vec::new();
    for grade in &report.scale {
        let mut lines = Vec::new();
        for (place, sheet) in report.sheets.iter().enumerate() {
            for answer in sheet.responses.iter().filter(|answer| answer.period == period) {
                if answer.rating.as_deref() == Some(grade.code.as_str()) {
                    let text =
                        format!("{} {}", form.report.item_mark, named(form, sheet, &answer.department));
                    lines.push(Line {
                        text: ink.line("", &text),
                        measure: String::new(),
                        keep: false,
                        sheet: Some(place),
                    });
                }
            }
        }
        if !lines.is_empty() {
            let values = [("code", grade.code.as_str()), ("label", grade.label.as_str())];
            groups.push(Group { heading: ink.line("", &fill(&form.report.rating_group, &values)), lines });
        }
    }
    Chapter { heading: ink.line("", &heading), groups }
}

/// A measure in the list by rating: with its parent where that is listed too, with the department where several answer.
fn named(form: &Form, sheet: &Sheet, department: &str) -> String {
    let mark = if sheet.has_several_leads() { form.department_mark(department) } else { String::new() };
    let title = format!("{}{mark}", sheet.title());
    match sheet.path.len().checked_sub(2).and_then(|parent| Some((parent, sheet.path.get(parent)?))) {
        Some((depth, parent)) if depth >= form.report.index_groups.len() => {
            fill(&form.report.item_of_parent, &[("parent", &parent.title), ("title", &title)])
        }
        _ => title,
    }
}

impl TallyView {
    fn new(report: &Report, form: &Form, ink: &mut Ink) -> Self {
        let labels = &form.report;
        let tally = Tally::of_year(report);
        let number = |count: u32| form.style.digits.print(i32::try_from(count).unwrap_or(i32::MAX));
        let mut rows = Vec::new();
        for grade in report.scale.iter().filter(|grade| grade.counted) {
            let count = tally.counts.get(&grade.code).copied().unwrap_or_default();
            let values = [("code", grade.code.as_str()), ("label", grade.label.as_str())];
            rows.push(TallyRow {
                code: ink.line("", &grade.code),
                grade: ink.line("", &fill(&labels.tally_grade, &values)),
                count,
                printed: count.to_string(),
                percent: tally.percent(&grade.code).map(|percent| format!("{percent}%")).unwrap_or_default(),
            });
        }
        let unit = ink.line("", &labels.tally_unit);
        let mut notes = Vec::new();
        if tally.left_out > 0 {
            let left_out = number(tally.left_out);
            notes.push(ink.line("", &fill(&labels.tally_left_out, &[("n", &left_out), ("unit", &unit)])));
        }
        notes.extend(labels.tally_note.as_deref().map(|note| ink.line("", note)));
        let parts = rows.iter().map(|row| format!("{} {}{unit} {}", row.grade, row.printed, row.percent));
        let alt = format!("円グラフ。{}。", parts.collect::<Vec<_>>().join("、"));
        Self {
            alt,
            rows,
            total_label: ink.line("", &labels.tally_total),
            total: tally.total.to_string(),
            total_percent: tally::percent(tally.total, tally.total)
                .map(|all| format!("{all}%"))
                .unwrap_or_default(),
            unit,
            notes,
        }
    }
}

fn achievements_of(report: &Report, form: &Form, heading: String, ink: &mut Ink) -> Chapter {
    ink.at(None, form.report.achievements.clone());
    let mut groups: Vec<(String, Vec<Line>)> = Vec::new();
    for achievement in &report.achievements {
        let place = achievement
            .reference
            .as_deref()
            .and_then(|reference| report.sheets.iter().position(|sheet| sheet.reference() == reference));
        let measure = match (place.and_then(|place| report.sheets.get(place)), &achievement.reference) {
            (Some(sheet), _) => {
                let reference = form.print_reference(&sheet.path);
                fill(&form.report.achievement_measure, &[("reference", &reference), ("title", sheet.title())])
            }
            (None, Some(reference)) => format!("（{reference}）"),
            (None, None) => String::new(),
        };
        let text = format!("{} {}", form.report.item_mark, achievement.text);
        let measure = ink.line("", &measure);
        let line = Line {
            text: fit::soften(&ink.line("", &text), 30.0),
            keep: !measure.is_empty() && fit::width(&measure) < 45.0,
            measure: fit::soften(&measure, 30.0),
            sheet: place,
        };
        match groups.iter_mut().find(|(category, _)| *category == achievement.category) {
            Some((_, lines)) => lines.push(line),
            None => groups.push((achievement.category.clone(), vec![line])),
        }
    }
    let groups = groups.into_iter().map(|(category, lines)| {
        let heading = fill(&form.report.achievement_category, &[("category", &category)]);
        Group { heading: ink.line("", &heading), lines }
    });
    Chapter { groups: groups.collect(), heading: ink.line("", &heading) }
}
