//! The content of an entry (記入): what one department writes into one sheet in one period.
//!
//! A sheet taken apart is its frame (what the plan and the secretariat say) and the contents of its entries; put together
//! again it is the same sheet. So the record keeps each fact once, and the report document follows from it.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::form::{Entered, Form, Style};
use crate::sheet::{Activity, Response, RoadmapBar, RoadmapValue, Sheet};
use crate::text::is_blank;

/// What an entry holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Of the period in which the year's goals are written.
    Start(StartContent),
    /// Of a reporting period.
    Report(ReportContent),
}

/// Goal, challenge, activities and roadmap of a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartContent {
    /// 取組目標
    pub goal: Option<String>,
    /// 課題
    pub challenge: Option<String>,
    /// The rows of the April–March chart.
    pub activities: Vec<Activity>,
    /// Text of bars whose row an importer could not tell.
    pub activity_notes: Vec<String>,
    /// Bars across the plan's fiscal years.
    pub roadmap: Vec<RoadmapBar>,
    /// Numeric targets in the roadmap.
    pub roadmap_values: Vec<RoadmapValue>,
    /// The town's own fields that are written with the goals, by code.
    #[serde(default)]
    pub fields: IndexMap<String, Value>,
}

/// One department's answer for one period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportContent {
    /// A code of the scale.
    pub rating: Option<String>,
    /// What was done.
    pub narrative: Option<String>,
    /// Why the goal was missed: asked for by grades that need it.
    pub cause: Option<String>,
    /// 今後の方針: what follows from it.
    pub policy: Option<String>,
    /// The town's own fields that are written with the result, by code.
    #[serde(default)]
    pub fields: IndexMap<String, Value>,
}

/// A sheet without what departments write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// The sheet, with everything that entries hold taken out and the secretariat's own fields left in.
    pub sheet: Sheet,
    /// The codes of the town's own fields in the order in which the document had them.
    #[serde(default)]
    pub field_order: Vec<String>,
}

/// A sheet taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// What the plan says.
    pub frame: Frame,
    /// What is written with the goals.
    pub start: StartContent,
    /// The answers in the document's order.
    pub answers: Vec<Answer>,
}

/// One department's answer, with whose it is and for when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The department, as the sheet writes it.
    pub department: String,
    /// The period's name.
    pub period: String,
    /// The answer.
    pub content: ReportContent,
}

impl Content {
    /// Nothing written yet, for a period of this kind.
    pub fn empty(kind: crate::period::PeriodKind) -> Self {
        match kind {
            crate::period::PeriodKind::Start => Self::Start(StartContent::default()),
            crate::period::PeriodKind::Report => Self::Report(ReportContent::default()),
        }
    }

    /// Its free texts by field code, in printed order; own fields as they are written.
    pub fn texts(&self) -> Vec<(&str, &str)> {
        let (texts, fields) = match self {
            Self::Start(start) => {
                (vec![("goal", &start.goal), ("challenge", &start.challenge)], &start.fields)
            }
            Self::Report(report) => (
                vec![("narrative", &report.narrative), ("cause", &report.cause), ("policy", &report.policy)],
                &report.fields,
            ),
        };
        let core = texts.into_iter().filter_map(|(code, text)| Some((code, text.as_deref()?)));
        core.chain(fields.iter().filter_map(|(code, value)| Some((code.as_str(), value.as_str()?)))).collect()
    }

    /// The rating, where it has one.
    pub fn rating(&self) -> Option<&str> {
        match self {
            Self::Report(report) => report.rating.as_deref(),
            Self::Start(_) => None,
        }
    }

    /// Its canonical text: the same content is always the same bytes.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl ReportContent {
    /// The narrative as it is printed: what was done, then cause and policy under their marks.
    pub fn printed_narrative(&self, style: &Style) -> Option<String> {
        let marked = [(&style.cause_mark, &self.cause), (&style.policy_mark, &self.policy)];
        let marked = marked.into_iter().filter(|(_, text)| !is_blank(text.as_deref()));
        marked.fold(self.narrative.clone(), |narrative, (mark, text)| {
            let text = format!("{mark}{}", text.as_deref().unwrap_or_default());
            Some(match narrative {
                Some(before) if !before.is_empty() => format!("{before}\n{text}"),
                _ => text,
            })
        })
    }
}

impl Parts {
    /// A sheet taken apart. The town's own fields of the result go to the first answer for `result_period`; where there
    /// is none they stay in the frame.
    pub fn of(sheet: Sheet, form: &Form, result_period: Option<&str>) -> Self {
        let mut frame = sheet;
        let mut start = StartContent {
            goal: frame.goal.take(),
            challenge: frame.challenge.take(),
            activities: std::mem::take(&mut frame.activities),
            activity_notes: std::mem::take(&mut frame.activity_notes),
            roadmap: std::mem::take(&mut frame.roadmap),
            roadmap_values: std::mem::take(&mut frame.roadmap_values),
            fields: IndexMap::new(),
        };
        let mut answers: Vec<Answer> =
            std::mem::take(&mut frame.responses).into_iter().map(Answer::from).collect();
        let field_order = frame.fields.keys().cloned().collect();
        let mut result = answers.iter_mut().find(|answer| Some(answer.period.as_str()) == result_period);
        for (code, value) in std::mem::take(&mut frame.fields) {
            let fields = match (form.field(&code).map(|field| field.entered()), &mut result) {
                (Some(Entered::Start), _) => &mut start.fields,
                (Some(Entered::Result | Entered::Report), Some(answer)) => &mut answer.content.fields,
                _ => &mut frame.fields,
            };
            fields.insert(code, value);
        }
        Self { frame: Frame { sheet: frame, field_order }, start, answers }
    }

    /// The sheet that these are the parts of.
    pub fn into_sheet(self, style: &Style) -> Sheet {
        let Self { frame: Frame { mut sheet, field_order }, start, answers } = self;
        sheet.goal = start.goal;
        sheet.challenge = start.challenge;
        sheet.activities = start.activities;
        sheet.activity_notes = start.activity_notes;
        sheet.roadmap = start.roadmap;
        sheet.roadmap_values = start.roadmap_values;
        sheet.fields.extend(start.fields);
        for answer in answers {
            let narrative = answer.content.printed_narrative(style);
            sheet.fields.extend(answer.content.fields);
            sheet.responses.push(Response {
                department: answer.department,
                period: answer.period,
                rating: answer.content.rating,
                narrative,
            });
        }
        let place = |code: &String| field_order.iter().position(|other| other == code).unwrap_or(usize::MAX);
        sheet.fields.sort_by(|one, _, other, _| place(one).cmp(&place(other)));
        sheet
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        let Response { department, period, rating, narrative } = response;
        Self { department, period, content: ReportContent { rating, narrative, ..ReportContent::default() } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Report;

    fn read(path: &str) -> String {
        std::fs::read_to_string(format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn a_sheet_taken_apart_and_put_together_is_the_same_sheet() {
        for (document, form) in [
            ("examples/shiomi/2024.json", "forms/iwakuni.toml"),
            ("examples/shiomi/2025.json", "forms/iwakuni.toml"),
            ("examples/second-form/2024.json", "examples/second-form/form.toml"),
        ] {
            let report = Report::from_json(&read(document)).unwrap();
            let form = Form::from_toml(&read(form)).unwrap();
            for sheet in &report.sheets {
                let parts = Parts::of(sheet.clone(), &form, report.result_period());
                assert!(parts.frame.sheet.responses.is_empty() && parts.frame.sheet.goal.is_none());
                let whole = parts.into_sheet(&form.style);
                assert_eq!(serde_json::to_string(&whole).unwrap(), serde_json::to_string(sheet).unwrap());
            }
        }
    }

    #[test]
    fn cause_and_policy_are_printed_under_the_narrative() {
        let form = Form::from_toml(&read("forms/iwakuni.toml")).unwrap();
        let text = |text: &str| Some(text.to_owned());
        let mut content = ReportContent { narrative: text("実施した。"), ..ReportContent::default() };
        assert_eq!(content.printed_narrative(&form.style), text("実施した。"));
        content.policy = text("来年度に行う。");
        content.cause = text("人手が足りなかった。");
        let printed = content.printed_narrative(&form.style).unwrap();
        assert_eq!(printed, "実施した。\n【原因】人手が足りなかった。\n【今後の方針】来年度に行う。");
        content.narrative = None;
        content.cause = text(" ");
        assert_eq!(content.printed_narrative(&form.style), text("【今後の方針】来年度に行う。"));
    }
}
