//! What stands in the input fields of an entry: made from its content, or from what was posted, and read back into a
//! content. Texts are kept to the letter; only codes and numbers are read without regard to width.

mod own;

use std::collections::BTreeMap;

use kaikaku_domain::entry::{Content, ReportContent, StartContent};
use kaikaku_domain::form::Form;
use kaikaku_domain::period::PeriodKind;
use kaikaku_domain::sheet::{Activity, Bar, RoadmapBar, RoadmapValue};
use kaikaku_domain::submission::{self, TEXT_LIMIT};
use kaikaku_domain::text::count_characters;
use kaikaku_domain::{FiscalYear, Month};

use crate::web::form::Fields;

/// One thing that cannot be kept as it was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The field's code.
    pub(crate) field: String,
    /// What is wrong and what to do.
    pub(crate) message: String,
}

/// A bar as its inputs have it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BarInput {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) text: String,
}

/// A row of the chart as its inputs have it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ActivityInput {
    pub(crate) label: String,
    pub(crate) bars: Vec<BarInput>,
}

/// A numeric target as its inputs have it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TargetInput {
    pub(crate) indicator: String,
    pub(crate) year: String,
    pub(crate) value: String,
    pub(crate) unit: String,
}

/// All inputs of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Inputs {
    /// Texts by field code: `goal`, `challenge`, `narrative`, `cause`, `policy`, `rating`, and `field.CODE…`.
    pub(crate) texts: BTreeMap<String, String>,
    pub(crate) activities: Vec<ActivityInput>,
    /// Label, first and last year.
    pub(crate) roadmap: Vec<BarInput>,
    pub(crate) targets: Vec<TargetInput>,
}

impl Inputs {
    /// The inputs that show a content.
    pub(crate) fn of(content: &Content) -> Self {
        match content {
            Content::Start(start) => Self::of_start(start),
            Content::Report(report) => Self::of_report(report),
        }
    }

    fn of_report(report: &ReportContent) -> Self {
        let mut inputs = Self::default();
        for (code, text) in [
            ("rating", &report.rating),
            ("narrative", &report.narrative),
            ("cause", &report.cause),
            ("policy", &report.policy),
        ] {
            inputs.texts.insert(code.to_owned(), text.clone().unwrap_or_default());
        }
        inputs.own_fields(&report.fields);
        inputs
    }

    fn of_start(start: &StartContent) -> Self {
        let mut inputs = Self::default();
        for (code, text) in [("goal", &start.goal), ("challenge", &start.challenge)] {
            inputs.texts.insert(code.to_owned(), text.clone().unwrap_or_default());
        }
        let month = |month: Month| month.number().to_string();
        let bar = |bar: &Bar| BarInput {
            from: month(bar.from_month),
            to: month(bar.to_month),
            text: bar.text.clone().unwrap_or_default(),
        };
        inputs.activities = start
            .activities
            .iter()
            .map(|activity| ActivityInput {
                label: activity.label.clone(),
                bars: activity.bars.iter().flatten().map(bar).collect(),
            })
            .collect();
        let year = |year: Option<FiscalYear>| year.map(|year| year.year().to_string()).unwrap_or_default();
        let bars = start.roadmap.iter();
        inputs.roadmap = bars
            .map(|bar| BarInput { text: bar.label.clone(), from: year(bar.from_year), to: year(bar.to_year) })
            .collect();
        let targets = start.roadmap_values.iter().map(|target| TargetInput {
            indicator: target.indicator.clone(),
            year: year(target.year),
            value: target.value.clone(),
            unit: target.unit.clone().unwrap_or_default(),
        });
        inputs.targets = targets.collect();
        inputs.own_fields(&start.fields);
        inputs
    }

    /// The inputs as they were posted.
    pub(crate) fn posted(fields: &Fields) -> Self {
        let value = |name: &str| fields.value(name).unwrap_or_default().to_owned();
        let mut inputs = Self::default();
        for (name, text) in fields.iter() {
            let is_text = matches!(name, "goal" | "challenge" | "rating" | "narrative" | "cause" | "policy");
            if is_text || name.starts_with("field.") {
                inputs.texts.insert(name.to_owned(), text.to_owned());
            }
        }
        for row in 0..fields.rows("activity.") {
            let prefix = format!("activity.{row}");
            let bars = (0..fields.rows(&format!("{prefix}.bar."))).map(|bar| BarInput {
                from: value(&format!("{prefix}.bar.{bar}.from")),
                to: value(&format!("{prefix}.bar.{bar}.to")),
                text: value(&format!("{prefix}.bar.{bar}.text")),
            });
            let bars: Vec<_> = bars.filter(|bar| *bar != BarInput::default()).collect();
            let label = value(&format!("{prefix}.label"));
            if !bars.is_empty() || !label.is_empty() {
                inputs.activities.push(ActivityInput { label, bars });
            }
        }
        let roadmap = (0..fields.rows("roadmap.")).map(|row| BarInput {
            text: value(&format!("roadmap.{row}.label")),
            from: value(&format!("roadmap.{row}.from")),
            to: value(&format!("roadmap.{row}.to")),
        });
        inputs.roadmap = roadmap.filter(|bar| *bar != BarInput::default()).collect();
        let targets = (0..fields.rows("target.")).map(|row| TargetInput {
            indicator: value(&format!("target.{row}.indicator")),
            year: value(&format!("target.{row}.year")),
            value: value(&format!("target.{row}.value")),
            unit: value(&format!("target.{row}.unit")),
        });
        inputs.targets = targets.filter(|target| *target != TargetInput::default()).collect();
        inputs
    }

    /// The value of a text.
    pub(crate) fn text(&self, code: &str) -> &str {
        self.texts.get(code).map_or("", String::as_str)
    }

    /// The content that these inputs say, with everything that cannot be kept.
    ///
    /// What has no input of its own (an importer's notes, a chart row whose bars the source did not tell) is taken from
    /// `before`, so that looking at an entry and saving it changes nothing.
    pub(crate) fn content(&self, form: &Form, before: &Content, is_result: bool) -> (Content, Vec<Problem>) {
        let mut problems = self.lengths(form);
        let content = match before {
            Content::Start(before) => Content::Start(self.start(form, before, &mut problems)),
            Content::Report(before) => Content::Report(self.report(form, before, is_result, &mut problems)),
        };
        (content, problems)
    }

    fn lengths(&self, form: &Form) -> Vec<Problem> {
        let too_long = |(code, text): (&String, &String)| {
            // No text has more characters than bytes, and counting takes a while.
            let count = if text.len() > TEXT_LIMIT { count_characters(text) } else { 0 };
            let code = code.strip_prefix("field.").unwrap_or(code);
            (count > TEXT_LIMIT).then(|| Problem {
                field: code.to_owned(),
                message: format!(
                    "「{}」が長すぎます（{count}文字）。{TEXT_LIMIT}文字までしか保存できません。文章を短くしてから保存してください。",
                    submission::label(form, code)
                ),
            })
        };
        self.texts.iter().filter_map(too_long).collect()
    }

    fn start(&self, form: &Form, before: &StartContent, problems: &mut Vec<Problem>) -> StartContent {
        let mut bars_of = |row: usize, activity: &ActivityInput| {
            let old = before.activities.get(row).filter(|old| old.label == activity.label);
            if activity.bars.is_empty() {
                return old.map_or(Some(Vec::new()), |old| old.bars.clone().filter(Vec::is_empty));
            }
            Some(activity.bars.iter().filter_map(|bar| read_bar(bar, &activity.label, problems)).collect())
        };
        let rows = self.activities.iter().enumerate();
        let activities = rows
            .map(|(row, activity)| Activity { label: activity.label.clone(), bars: bars_of(row, activity) });
        StartContent {
            goal: self.said("goal"),
            challenge: self.said("challenge"),
            activities: activities.collect(),
            activity_notes: before.activity_notes.clone(),
            roadmap: self.roadmap.iter().map(|bar| read_roadmap(bar, problems)).collect(),
            roadmap_values: self.targets.iter().map(|target| read_target(target, problems)).collect(),
            fields: self.fields(form, PeriodKind::Start, false, &before.fields, problems),
        }
    }

    fn report(
        &self,
        form: &Form,
        before: &ReportContent,
        is_result: bool,
        problems: &mut Vec<Problem>,
    ) -> ReportContent {
        ReportContent {
            rating: self.said("rating"),
            narrative: self.said("narrative"),
            cause: self.said("cause"),
            policy: self.said("policy"),
            fields: self.fields(form, PeriodKind::Report, is_result, &before.fields, problems),
        }
    }

    fn said(&self, code: &str) -> Option<String> {
        self.texts.get(code).filter(|text| !text.is_empty()).cloned()
    }
}

fn read_bar(bar: &BarInput, label: &str, problems: &mut Vec<Problem>) -> Option<Bar> {
    let month = |text: &str| text.parse().ok().and_then(|number| Month::new(number).ok());
    let wrong = |message: String| Problem { field: "activities".to_owned(), message };
    // One month chosen is a bar of one month.
    let (from, to) = (month(&bar.from).or(month(&bar.to)), month(&bar.to).or(month(&bar.from)));
    let (Some(from_month), Some(to_month)) = (from, to) else {
        problems.push(wrong(format!("活動「{label}」の帯「{}」の月を選んでください。", bar.text)));
        return None;
    };
    if from_month > to_month {
        problems.push(wrong(format!(
            "活動「{label}」の帯は、終わりの月（{}月）が始めの月（{}月）より前です。月を選び直してください。",
            to_month.number(),
            from_month.number()
        )));
        return None;
    }
    Some(Bar { from_month, to_month, text: (!bar.text.is_empty()).then(|| bar.text.clone()) })
}

fn read_year(text: &str) -> Result<Option<FiscalYear>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().ok().and_then(|year| FiscalYear::new(year).ok()).map(Some).ok_or(())
}

fn read_roadmap(bar: &BarInput, problems: &mut Vec<Problem>) -> RoadmapBar {
    let mut year = |text: &str| {
        read_year(text).unwrap_or_else(|()| {
            let message = format!("年度計画「{}」の年度を選び直してください。", bar.text);
            problems.push(Problem { field: "roadmap".to_owned(), message });
            None
        })
    };
    let (from_year, to_year) = (year(&bar.from), year(&bar.to));
    RoadmapBar { label: bar.text.clone(), from_year, to_year }
}

fn read_target(target: &TargetInput, problems: &mut Vec<Problem>) -> RoadmapValue {
    let year = read_year(&target.year).unwrap_or_else(|()| {
        let message = format!("数値目標「{}」の年度を選び直してください。", target.indicator);
        problems.push(Problem { field: "roadmap".to_owned(), message });
        None
    });
    RoadmapValue {
        indicator: target.indicator.clone(),
        year,
        value: target.value.clone(),
        unit: (!target.unit.is_empty()).then(|| target.unit.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaikaku_domain::Report;
    use kaikaku_domain::entry::Parts;

    fn read(path: &str) -> String {
        std::fs::read_to_string(format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    /// As a browser posts the inputs back.
    fn body(inputs: &Inputs) -> String {
        let mut pairs: Vec<(String, String)> =
            inputs.texts.iter().map(|(name, text)| (name.clone(), text.clone())).collect();
        for (row, activity) in inputs.activities.iter().enumerate() {
            pairs.push((format!("activity.{row}.label"), activity.label.clone()));
            for (place, bar) in activity.bars.iter().enumerate() {
                let prefix = format!("activity.{row}.bar.{place}");
                pairs.push((format!("{prefix}.from"), bar.from.clone()));
                pairs.push((format!("{prefix}.to"), bar.to.clone()));
                pairs.push((format!("{prefix}.text"), bar.text.clone()));
            }
        }
        for (row, bar) in inputs.roadmap.iter().enumerate() {
            pairs.push((format!("roadmap.{row}.label"), bar.text.clone()));
            pairs.push((format!("roadmap.{row}.from"), bar.from.clone()));
            pairs.push((format!("roadmap.{row}.to"), bar.to.clone()));
        }
        for (row, target) in inputs.targets.iter().enumerate() {
            pairs.push((format!("target.{row}.indicator"), target.indicator.clone()));
            pairs.push((format!("target.{row}.year"), target.year.clone()));
            pairs.push((format!("target.{row}.value"), target.value.clone()));
            pairs.push((format!("target.{row}.unit"), target.unit.clone()));
        }
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(
                &text.replace('\n', "\r\n"),
                percent_encoding::NON_ALPHANUMERIC,
            )
            .to_string()
        };
        let pairs = pairs.iter().map(|(name, text)| format!("{}={}", encode(name), encode(text)));
        pairs.collect::<Vec<_>>().join("&")
    }

    #[test]
    fn looking_at_an_entry_and_saving_it_changes_nothing() {
        for (document, form) in [
            ("examples/shiomi/2025.json", "forms/iwakuni.toml"),
            ("examples/second-form/2024.json", "examples/second-form/form.toml"),
        ] {
            let report = Report::from_json(&read(document)).unwrap();
            let form = Form::from_toml(&read(form)).unwrap();
            for sheet in &report.sheets {
                let parts = Parts::of(sheet.clone(), &form, report.result_period());
                let answers = parts.answers.into_iter().map(|answer| {
                    (Some(answer.period.as_str()) == report.result_period(), Content::Report(answer.content))
                });
                for (is_result, content) in answers.chain([(false, Content::Start(parts.start))]) {
                    let fields = Fields::read(body(&Inputs::of(&content)).as_bytes()).unwrap();
                    let (read, problems) = Inputs::posted(&fields).content(&form, &content, is_result);
                    assert_eq!(problems, []);
                    assert_eq!(read, content, "{}", sheet.title());
                }
            }
        }
    }

    #[test]
    fn a_bar_that_ends_before_it_begins_is_told() {
        let form = Form::from_toml(&read("forms/iwakuni.toml")).unwrap();
        let before = Content::Start(StartContent::default());
        let posted = |body: &str| Inputs::posted(&Fields::read(body.as_bytes()).unwrap());
        let inputs =
            posted("activity.0.label=a&activity.0.bar.0.from=3&activity.0.bar.0.to=4&activity.0.bar.0.text=");
        let (_, problems) = inputs.content(&form, &before, false);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].message.contains("終わりの月（4月）が始めの月（3月）より前"));
        let (content, problems) =
            posted("activity.0.label=a&activity.0.bar.0.from=6").content(&form, &before, false);
        assert_eq!(problems, []);
        let Content::Start(start) = content else { panic!() };
        assert_eq!(start.activities[0].bars.as_ref().unwrap()[0].to_month.number(), 6);
    }

    #[test]
    fn a_text_of_two_hundred_thousand_characters_is_told_at_its_field() {
        let form = Form::from_toml(&read("forms/iwakuni.toml")).unwrap();
        let mut inputs = Inputs::default();
        inputs.texts.insert("narrative".to_owned(), "あ".repeat(200_000));
        let before = Content::Report(ReportContent::default());
        let (_, problems) = inputs.content(&form, &before, true);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].field, "narrative");
        assert!(problems[0].message.contains("200000文字"));
    }
}
