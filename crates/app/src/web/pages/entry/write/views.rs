//! The fields of an entry as its page shows them: value, hint, what was said, what stood there before.

use kaikaku_domain::difference::{Piece, difference};
use kaikaku_domain::entry::Content;
use kaikaku_domain::form::{Field, FieldKind, Section};
use kaikaku_domain::submission::{self, label};
use kaikaku_domain::text::count_characters;
use kaikaku_domain::workflow::State;
use kaikaku_domain::{FiscalYear, Month};

use super::super::chart;
use super::super::inputs::{ActivityInput, BarInput, Inputs, Problem, TargetInput};
use super::super::setting::Setting;
use super::{
    ActivitiesView, Block, FieldView, FiguresRow, FiguresView, GradeView, Previous, RoadmapView, input_name,
};
use crate::web::print;

/// Makes the views of the fields.
pub(super) struct Views<'a> {
    pub(super) setting: &'a Setting,
    pub(super) inputs: &'a Inputs,
    pub(super) problems: &'a [Problem],
}

impl Views<'_> {
    /// The heading of the section that the first field stands in, in the words of the printed sheet.
    pub(super) fn heading(&self) -> String {
        let first = self.fields().first().map(|field| field.code.clone()).unwrap_or_default();
        let sections = &self.setting.form.sections;
        let section = sections.iter().find(|section| section.field_codes().any(|code| code == first));
        let heading = section.and_then(|section| section.heading.as_deref()).unwrap_or("{year}");
        self.setting.form.with_year(heading, self.setting.found.year.fiscal_year)
    }

    /// The fields that are written in this period, in printed order.
    fn fields(&self) -> Vec<&Field> {
        let form = &self.setting.form;
        let written: Vec<&Field> =
            submission::fields_of(form, self.setting.period.kind, self.setting.is_result()).collect();
        let codes = form.sections.iter().flat_map(Section::field_codes);
        codes.filter_map(|code| written.iter().find(|field| field.code == code).copied()).collect()
    }

    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for field in self.fields() {
            blocks.push(self.block(field));
            let needs = self.setting.found.frame().scale.iter().any(|grade| grade.needs_cause);
            if field.code == "narrative" && needs {
                blocks.push(Block::Causes(vec![self.cause("cause"), self.cause("policy")]));
            }
        }
        blocks
    }

    fn block(&self, field: &Field) -> Block {
        match field.kind {
            FieldKind::Rating if field.is_core() => self.rating(field),
            FieldKind::Rating => {
                let grades = self.setting.found.frame().scale.iter();
                let grades =
                    grades.map(|grade| (grade.code.clone(), format!("{} {}", grade.code, grade.label)));
                self.choice(field, grades.collect())
            }
            FieldKind::Choice => {
                let choices = field.choices.iter();
                self.choice(
                    field,
                    choices.map(|choice| (choice.code.clone(), choice.label.clone())).collect(),
                )
            }
            FieldKind::Activities => Block::Activities(self.activities(field)),
            FieldKind::Roadmap => Block::Roadmap(self.roadmap(field)),
            FieldKind::Number | FieldKind::Date => {
                Block::Short { field: self.field(field, ""), unit: field.unit.clone().unwrap_or_default() }
            }
            FieldKind::Indicators | FieldKind::Effects => Block::Figures(self.figures(field)),
            FieldKind::Departments => Block::Text(self.field(field, "部署の名前を1行に1つずつ書きます。")),
            FieldKind::Text | FieldKind::Content => Block::Text(self.field(field, hint(&field.code))),
        }
    }

    fn field(&self, field: &Field, hint: &str) -> FieldView {
        let mut view = self.text(&field.code, hint, field.limit);
        view.is_needed = matches!(field.code.as_str(), "goal" | "challenge" | "narrative" | "rating");
        view
    }

    fn cause(&self, code: &str) -> FieldView {
        let codes = self.setting.found.frame().scale.iter().filter(|grade| grade.needs_cause);
        let codes: Vec<&str> = codes.map(|grade| grade.code.as_str()).collect();
        let name = label(&self.setting.form, "rating");
        let hint = format!("{name}が{}のときに書きます。", codes.join("又は"));
        self.text(code, &hint, None)
    }

    fn text(&self, code: &str, hint: &str, limit: Option<u32>) -> FieldView {
        let setting = self.setting;
        let name = input_name(setting, code);
        let value = self.inputs.text(&name).to_owned();
        let last = setting.last_year();
        let previous = text_of(last.and_then(|other| other.record.as_ref()), code);
        let earlier = setting.earlier();
        let is_same =
            previous.as_ref().is_some_and(|text| !text.trim().is_empty() && text.trim() == value.trim());
        FieldView {
            label: setting.heading(code),
            code: code.to_owned(),
            hint: hint.to_owned(),
            rows: rows(code, &value),
            limit,
            count: count_characters(&value),
            is_needed: false,
            error: self.error(code),
            is_same,
            previous: previous.map(|text| (self.title(last, "前年度"), text)),
            earlier: text_of(earlier.and_then(|other| other.record.as_ref()), code)
                .map(|text| (self.title(earlier, "今年度の"), text)),
            said: self.said(code),
            changed: self.changed(code, &value),
            name,
            value,
        }
    }

    /// `前年度（期末・B）`
    fn title(&self, other: Option<&kaikaku_store::Neighbour>, when: &str) -> String {
        let Some(other) = other else { return when.to_owned() };
        let rating = other.record.as_ref().and_then(Content::rating);
        let rating = rating.map(|rating| format!("・{rating}")).unwrap_or_default();
        if when == "前年度" {
            let year = print::year(self.setting.found.year.fiscal_year.previous(), &self.setting.form);
            format!("{when}（{year} {}{rating}）", other.period_name)
        } else {
            format!("{when}{}{rating}", other.period_name)
        }
    }

    fn error(&self, code: &str) -> String {
        let own = self.problems.iter().filter(|problem| problem.field == code);
        own.map(|problem| problem.message.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// What was said at this field when it was sent back.
    fn said(&self, code: &str) -> Vec<(String, String)> {
        let setting = self.setting;
        let Some(reason) = setting.found.entry.state.reason() else { return Vec::new() };
        let own = setting.comments.iter().filter(|comment| {
            comment.with_return && comment.at >= reason.at && comment.field.as_deref() == Some(code)
        });
        own.map(|comment| (format!("{}　{}", comment.name, print::moment(comment.at)), comment.body.clone()))
            .collect()
    }

    /// What was changed since it was submitted, where it was sent back.
    fn changed(&self, code: &str, value: &str) -> Vec<Piece> {
        let returned = self.setting.found.entry.returned.as_ref();
        let before = returned.filter(|_| matches!(self.setting.found.entry.state, State::Returned { .. }));
        let Some(before) = before else { return Vec::new() };
        let before = text_of(Some(&before.content), code).unwrap_or_default();
        if before == value { Vec::new() } else { difference(&before, value) }
    }

    fn rating(&self, field: &Field) -> Block {
        let chosen = self.inputs.text("rating");
        let grades = self.setting.found.frame().scale.iter().map(|grade| GradeView {
            code: grade.code.clone(),
            label: grade.label.clone(),
            definition: grade.definition.clone(),
            needs_cause: grade.needs_cause,
            is_chosen: grade.code == chosen,
        });
        let others = [("前年度", self.setting.last_year()), ("今年度の", self.setting.earlier())];
        let beside = others.into_iter().filter_map(|(when, other)| {
            let other = other?;
            let rating = other.record.as_ref()?.rating()?.to_owned();
            Some((
                if when == "前年度" { when.to_owned() } else { format!("{when}{}", other.period_name) },
                rating,
            ))
        });
        Block::Rating { field: self.field(field, ""), grades: grades.collect(), beside: beside.collect() }
    }

    fn choice(&self, field: &Field, choices: Vec<(String, String)>) -> Block {
        let view = self.field(field, "");
        let choices =
            choices.into_iter().map(|(code, label)| (code.clone(), label, code == view.value)).collect();
        Block::Choice { field: view, choices }
    }

    fn activities(&self, field: &Field) -> ActivitiesView {
        let mut rows = self.inputs.activities.clone();
        rows.extend([ActivityInput::default(), ActivityInput::default()]);
        for row in &mut rows {
            row.bars.push(BarInput::default());
        }
        let last = self.setting.last_year().and_then(|last| last.record.as_ref()).map(Inputs::of);
        let own = &self.inputs.activities;
        ActivitiesView {
            label: field.label.clone(),
            is_same: !own.is_empty() && last.is_some_and(|last| last.activities == *own),
            error: self.error("activities"),
            previous: self.previous("activities", self.inputs.activities.is_empty()),
            rows,
            months: Month::of_fiscal_year().map(|month| month.number().to_string()).collect(),
            said: self.said("activities"),
        }
    }

    fn roadmap(&self, field: &Field) -> RoadmapView {
        let mut rows = self.inputs.roadmap.clone();
        rows.extend([BarInput::default(), BarInput::default()]);
        let mut targets = self.inputs.targets.clone();
        targets.extend([TargetInput::default(), TargetInput::default()]);
        let used =
            rows.iter().flat_map(|row| [&row.from, &row.to]).chain(targets.iter().map(|target| &target.year));
        let years = self.years(used.cloned().collect());
        RoadmapView {
            label: field.label.clone(),
            error: self.error("roadmap"),
            previous: self
                .previous("roadmap", self.inputs.roadmap.is_empty() && self.inputs.targets.is_empty()),
            rows,
            targets,
            years,
            said: self.said("roadmap"),
        }
    }

    /// Last year's chart of a field; none where there was none.
    fn previous(&self, code: &'static str, is_open: bool) -> Option<Previous> {
        let last = self.setting.last_year();
        let Content::Start(start) = last?.record.as_ref()? else { return None };
        let form = &self.setting.form;
        let years: Vec<FiscalYear> = self.setting.found.frame().plan.years().collect();
        let mut chart = match code {
            "activities" => chart::activities(form, &start.activities),
            _ => chart::roadmap(form, &years, start),
        }?;
        chart.label = format!("前年度の{}", chart.label);
        Some(Previous { code, title: self.title(last, "前年度"), charts: vec![chart], is_open })
    }

    /// The plan's years, and any other that is already chosen: a choice must never be lost by looking at it.
    fn years(&self, used: Vec<String>) -> Vec<(String, String)> {
        let mut years: Vec<FiscalYear> = self.setting.found.frame().plan.years().collect();
        years.extend(used.iter().filter_map(|year| FiscalYear::new(year.parse().ok()?).ok()));
        years.sort_unstable();
        years.dedup();
        years
            .into_iter()
            .map(|year| (year.year().to_string(), print::year(year, &self.setting.form)))
            .collect()
    }

    fn figures(&self, field: &Field) -> FiguresView {
        let name = format!("field.{}", field.code);
        let is_effects = field.kind == FieldKind::Effects;
        let years = self.years(Vec::new());
        let keys: &[&str] =
            if is_effects { &["label", "unit", "basis"] } else { &["name", "unit", "base", "source"] };
        let target = if is_effects { "planned" } else { "target" };
        let row = |row: usize| {
            let at = |key: &str| self.inputs.text(&format!("{name}.{row}.{key}")).to_owned();
            FiguresRow {
                texts: keys.iter().map(|key| ((*key).to_owned(), at(key))).collect(),
                direction: at("direction"),
                is_recurring: !at("recurring").is_empty(),
                figures: years
                    .iter()
                    .map(|(year, name)| {
                        let figures = (at(&format!("{target}.{year}")), at(&format!("actual.{year}")));
                        (year.clone(), name.clone(), figures.0, figures.1)
                    })
                    .collect(),
            }
        };
        let filled = self.inputs.rows(&name).max().map_or(0, |last| last + 1);
        let columns = &field.columns;
        FiguresView {
            rows: (0..filled + 2).map(row).collect(),
            label: field.label.clone(),
            error: self.error(&field.code),
            is_effects,
            columns: [&columns.name, &columns.base, &columns.target, &columns.actual, &columns.source]
                .map(String::clone),
            years,
            name,
        }
    }
}

fn text_of(content: Option<&Content>, code: &str) -> Option<String> {
    content?.texts().into_iter().find(|(own, _)| *own == code).map(|(_, text)| text.to_owned())
}

fn hint(code: &str) -> &'static str {
    match code {
        "narrative" => "何をどこまで行い、目標に対してどうなったかを書きます。",
        _ => "",
    }
}

/// As many rows as the text is likely to take, so that it is read without scrolling.
fn rows(code: &str, text: &str) -> usize {
    let least = match code {
        "narrative" => 10,
        "goal" | "challenge" => 4,
        _ => 3,
    };
    let lines: usize = text.lines().map(|line| 1 + line.chars().count() / 46).sum();
    (lines + 1).clamp(least, 22)
}
