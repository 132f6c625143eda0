//! The page on which an entry is written: fields in printed order, last year's and mid-term's text beside each.

mod views;

use askama::Template;
use kaikaku_domain::FiscalYear;
use kaikaku_domain::difference::{Kind, Piece};
use kaikaku_domain::period::PeriodKind;
use kaikaku_domain::submission::label;
use kaikaku_domain::text::is_blank;
use kaikaku_domain::workflow::State;

use self::views::Views;
use super::chart::{self, Chart};
use super::inputs::{ActivityInput, BarInput, Inputs, Problem, TargetInput};
use super::setting::{Head, Setting};
use crate::web::layout::Layout;
use crate::web::print;

/// The page.
#[derive(Template)]
#[template(path = "entry_write.html")]
pub(crate) struct WritePage {
    layout: Layout,
    head: Head,
    seen: i64,
    saved: String,
    errors: Vec<(String, String)>,
    errors_title: &'static str,
    returned: Option<Returned>,
    goals: Option<Goals>,
    heading: String,
    blocks: Vec<Block>,
    charts: Vec<Chart>,
    is_report: bool,
}

/// Why it came back.
struct Returned {
    title: &'static str,
    by: String,
    text: String,
    fields: Vec<(String, String)>,
}

/// The goals that a report is measured by.
struct Goals {
    heading: String,
    texts: Vec<(String, String)>,
}

/// One thing to fill in.
enum Block {
    Rating {
        field: FieldView,
        grades: Vec<GradeView>,
        beside: Vec<(String, String)>,
    },
    Text(FieldView),
    /// Cause and policy, shown where the chosen grade needs them.
    Causes(Vec<FieldView>),
    Activities(ActivitiesView),
    Roadmap(RoadmapView),
    /// One of some choices, a code each.
    Choice {
        field: FieldView,
        choices: Vec<(String, String, bool)>,
    },
    Short {
        field: FieldView,
        unit: String,
    },
    Figures(FiguresView),
}

/// A field with all that stands around it.
pub(crate) struct FieldView {
    code: String,
    name: String,
    label: String,
    hint: String,
    value: String,
    rows: usize,
    limit: Option<u32>,
    count: usize,
    is_needed: bool,
    error: String,
    is_same: bool,
    previous: Option<(String, String)>,
    earlier: Option<(String, String)>,
    said: Vec<(String, String)>,
    changed: Vec<Piece>,
}

struct GradeView {
    code: String,
    label: String,
    definition: String,
    needs_cause: bool,
    is_chosen: bool,
}

struct ActivitiesView {
    label: String,
    /// Whether it is last year's chart to the letter.
    is_same: bool,
    error: String,
    previous: Option<Previous>,
    rows: Vec<ActivityInput>,
    months: Vec<String>,
    said: Vec<(String, String)>,
}

/// Last year's chart, to be read and carried over.
struct Previous {
    /// The field's code.
    code: &'static str,
    /// `前年度（令和7年度 当初）`
    title: String,
    charts: Vec<Chart>,
    /// Whether it is shown at once: where nothing is written yet.
    is_open: bool,
}

struct RoadmapView {
    label: String,
    error: String,
    previous: Option<Previous>,
    rows: Vec<BarInput>,
    targets: Vec<TargetInput>,
    years: Vec<(String, String)>,
    said: Vec<(String, String)>,
}

/// A table of figures by year: indicators or effects.
struct FiguresView {
    name: String,
    label: String,
    error: String,
    is_effects: bool,
    columns: [String; 5],
    years: Vec<(String, String)>,
    rows: Vec<FiguresRow>,
}

struct FiguresRow {
    texts: Vec<(String, String)>,
    direction: String,
    is_recurring: bool,
    /// Year, its name, target or plan, actual.
    figures: Vec<(String, String, String, String)>,
}

impl FieldView {
    /// Whether it is longer than it may be.
    fn is_over(&self) -> bool {
        self.limit.is_some_and(|limit| self.count > usize::try_from(limit).unwrap_or(usize::MAX))
    }

    /// `127／1500字`, or how many too many.
    fn counted(&self) -> String {
        let Some(limit) = self.limit else { return format!("{}字", self.count) };
        let over = self.count.saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
        let over = if over > 0 { format!("（{over}字超過）") } else { String::new() };
        format!("{}／{limit}字{over}", self.count)
    }
}

impl WritePage {
    /// The page for these inputs, with what cannot be kept or submitted.
    pub(crate) fn new(
        setting: &Setting,
        layout: Layout,
        inputs: &Inputs,
        problems: &[Problem],
        errors_title: &'static str,
    ) -> Self {
        let entry = &setting.found.entry;
        let is_report = setting.period.kind == PeriodKind::Report;
        let head = setting.head();
        let mut layout =
            layout.titled(format!("{}（{}の入力）", head.heading.title, setting.period.name), "sheets");
        layout.has_errors = !problems.is_empty();
        let saved = entry.draft.as_ref().map_or("まだ保存していません".to_owned(), |draft| {
            format!("{} 下書き保存", print::moment(draft.at))
        });
        let views = Views { setting, inputs, problems };
        Self {
            head,
            seen: entry.version,
            saved,
            errors: problems
                .iter()
                .map(|problem| (anchor(setting, &problem.field), problem.message.clone()))
                .collect(),
            errors_title,
            returned: returned(setting),
            goals: is_report.then(|| goals(setting)).flatten(),
            heading: views.heading(),
            blocks: views.blocks(),
            charts: if is_report { charts(setting) } else { Vec::new() },
            is_report,
            layout,
        }
    }
}

impl WritePage {
    /// The page as it comes back with what was typed in it: what others have saved meanwhile has not been seen, and must
    /// not be written over with the next save.
    pub(crate) fn made_from(mut self, seen: i64) -> Self {
        self.seen = seen;
        self
    }
}

/// The name of a field's input: the town's own stand apart.
pub(crate) fn input_name(setting: &Setting, code: &str) -> String {
    match setting.form.field(code) {
        Some(field) if !field.is_core() => format!("field.{code}"),
        _ => code.to_owned(),
    }
}

/// Where a link in the error summary leads.
pub(crate) fn anchor(setting: &Setting, code: &str) -> String {
    match code {
        "activities" => "activity.0.label".to_owned(),
        "roadmap" => "roadmap.0.label".to_owned(),
        code => input_name(setting, code),
    }
}

fn returned(setting: &Setting) -> Option<Returned> {
    let entry = &setting.found.entry;
    let reason = entry.state.reason()?;
    let (title, reviewer) = match &entry.state {
        State::Returned { reviewer, .. } => ("差戻し", reviewer.word()),
        _ => ("再開", "事務局"),
    };
    let mut fields: Vec<(String, String)> = Vec::new();
    for comment in setting.comments.iter().filter(|comment| comment.with_return && comment.at >= reason.at) {
        let code = comment.field.as_deref().unwrap_or_default();
        let link = (anchor(setting, code), label(&setting.form, code).to_owned());
        if !fields.contains(&link) {
            fields.push(link);
        }
    }
    let by = format!("{reviewer} {}　{}", setting.name(reason.by), print::moment(reason.at));
    Some(Returned { title, by, text: reason.text.clone(), fields })
}

fn goals(setting: &Setting) -> Option<Goals> {
    let start = setting.start()?;
    let texts = [("goal", &start.goal), ("challenge", &start.challenge)];
    let texts: Vec<_> = texts
        .into_iter()
        .filter(|(code, text)| setting.form.field(code).is_some() && !is_blank(text.as_deref()))
        .map(|(code, text)| (label(&setting.form, code).to_owned(), text.clone().unwrap_or_default()))
        .collect();
    let heading = format!("{}の目標・課題（当初に入力したもの）", setting.year());
    (!texts.is_empty()).then_some(Goals { heading, texts })
}

/// The charts of the goals, to be read.
pub(crate) fn charts(setting: &Setting) -> Vec<Chart> {
    let Some(start) = setting.start() else { return Vec::new() };
    charts_of(setting, start)
}

/// The charts of these goals.
pub(crate) fn charts_of(setting: &Setting, start: &kaikaku_domain::entry::StartContent) -> Vec<Chart> {
    let years: Vec<FiscalYear> = setting.found.frame().plan.years().collect();
    [chart::activities(&setting.form, &start.activities), chart::roadmap(&setting.form, &years, start)]
        .into_iter()
        .flatten()
        .collect()
}
