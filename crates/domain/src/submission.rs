//! What stands in the way of submitting an entry, and what is worth a second look before.
//!
//! A draft may be imperfect; a submission is stricter. All concerns are told at once, each at its field.

use crate::entry::{Content, ReportContent, StartContent};
use crate::finding::Severity;
use crate::form::{Entered, Field, Form};
use crate::period::PeriodKind;
use crate::scale::{Grade, grade};
use crate::text::{count_characters, is_blank, reads_same};

/// One thing about an entry that its writer should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concern {
    /// The field: a code of the form, or `cause` and `policy`.
    pub field: String,
    /// An error forbids submitting; a warning asks to be read.
    pub severity: Severity,
    /// What is wrong and what to do, in Japanese.
    pub message: String,
}

/// What an entry is compared with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The same entry of the year before.
    pub last_year: Option<&'a Content>,
    /// The same department's entry of the period before.
    pub earlier: Option<&'a Content>,
    /// What that period is called.
    pub earlier_name: &'a str,
}

/// The most characters that any text may have, whatever the form says: far beyond what can be printed on a sheet.
pub const TEXT_LIMIT: usize = 20_000;

/// Everything about an entry that its writer should know before submitting, errors and warnings, in printed order.
pub fn concerns(content: &Content, form: &Form, scale: &[Grade], beside: Beside<'_>) -> Vec<Concern> {
    let mut concerns = match content {
        Content::Start(start) => start_concerns(start, form),
        Content::Report(report) => report_concerns(report, form, scale),
    };
    concerns.extend(length_concerns(content, form));
    concerns.extend(same_concerns(content, form, beside));
    concerns
}

/// The label of a field as its writer knows it.
pub fn label<'f>(form: &'f Form, code: &'f str) -> &'f str {
    match code {
        "cause" => "原因",
        "policy" => "今後の方針",
        _ => form.field(code).map_or(code, |field| field.label.as_str()),
    }
}

/// The fields of a form that are written in a period, in the form's order.
pub fn fields_of(form: &Form, kind: PeriodKind, is_result: bool) -> impl Iterator<Item = &Field> {
    form.fields.iter().filter(move |field| match field.entered() {
        Entered::Start => kind == PeriodKind::Start,
        Entered::Report => kind == PeriodKind::Report,
        Entered::Result => kind == PeriodKind::Report && is_result,
        Entered::Secretariat => false,
    })
}

fn start_concerns(start: &StartContent, form: &Form) -> Vec<Concern> {
    let has = |code: &str| form.field(code).is_some();
    let mut concerns = Vec::new();
    for (code, text) in [("goal", &start.goal), ("challenge", &start.challenge)] {
        if has(code) && is_blank(text.as_deref()) {
            concerns.push(missing(form, code));
        }
    }
    if has("activities") && start.activities.is_empty() {
        concerns.push(Concern::warning(
            "activities",
            format!(
                "「{}」が入力されていません。活動がないときは、このまま提出できます。",
                label(form, "activities")
            ),
        ));
    }
    for activity in &start.activities {
        let line = if is_blank(Some(&activity.label)) {
            "活動の名前が空の行があります。名前を入力するか、その行の期間を空にしてください。".to_owned()
        } else if activity.bars.as_ref().is_some_and(Vec::is_empty) {
            format!("活動「{}」の期間が入力されていません。", activity.label)
        } else {
            continue;
        };
        let is_error = is_blank(Some(&activity.label));
        let make = if is_error { Concern::error } else { Concern::warning };
        concerns.push(make("activities", line));
    }
    for bar in &start.roadmap {
        if bar.from_year > bar.to_year && bar.to_year.is_some() {
            concerns.push(Concern::error(
                "roadmap",
                format!("「{}」の終わりの年度が始まりより前です。年度を選び直してください。", bar.label),
            ));
        }
    }
    concerns
}

fn report_concerns(report: &ReportContent, form: &Form, scale: &[Grade]) -> Vec<Concern> {
    let mut concerns = Vec::new();
    let chosen = report.rating.as_deref().and_then(|code| grade(scale, code));
    if chosen.is_none() && form.field("rating").is_some() {
        let name = label(form, "rating");
        concerns.push(Concern::error(
            "rating",
            match &report.rating {
                Some(other) => format!("「{other}」は評価区分にありません。「{name}」を選び直してください。"),
                None => format!("「{name}」を選んでください。"),
            },
        ));
    }
    if form.field("narrative").is_some() && is_blank(report.narrative.as_deref()) {
        concerns.push(missing(form, "narrative"));
    }
    if let Some(grade) = chosen.filter(|grade| grade.needs_cause) {
        for (code, text) in [("cause", &report.cause), ("policy", &report.policy)] {
            if is_blank(text.as_deref()) {
                concerns.push(Concern::error(
                    code,
                    format!(
                        "評価が「{}」のときは「{}」が必要です。入力してください。",
                        grade.code,
                        label(form, code)
                    ),
                ));
            }
        }
    }
    concerns
}

fn length_concerns(content: &Content, form: &Form) -> Vec<Concern> {
    let mut concerns = Vec::new();
    for (code, text) in content.texts() {
        let limit =
            form.field(code).and_then(|field| field.limit).and_then(|limit| usize::try_from(limit).ok());
        let count = count_characters(text);
        if let Some(limit) = limit.filter(|limit| count > *limit) {
            concerns.push(Concern::error(code, format!(
                "「{}」は{limit}文字以内で入力してください（今は{count}文字で、{}文字多くなっています）。",
                label(form, code),
                count - limit
            )));
        }
    }
    concerns
}

/// Text that was copied and left as it was: the plague of these reports.
fn same_concerns(content: &Content, form: &Form, beside: Beside<'_>) -> Vec<Concern> {
    let mut concerns = Vec::new();
    for (name, other) in [("前年度", beside.last_year), (beside.earlier_name, beside.earlier)] {
        let Some(other) = other else { continue };
        if let (Content::Start(now), Content::Start(before)) = (content, other)
            && !now.activities.is_empty()
            && now.activities == before.activities
        {
            concerns.push(Concern::warning(
                "activities",
                format!(
                    "「{}」が{name}と同じです。今回の内容になっているか確かめてください。",
                    label(form, "activities")
                ),
            ));
        }
        for (code, text) in content.texts() {
            let before = other.texts().into_iter().find(|(other, _)| *other == code);
            if before.is_some_and(|(_, before)| !is_blank(Some(before)) && reads_same(text, before)) {
                concerns.push(Concern::warning(
                    code,
                    format!(
                        "「{}」が{name}と同じ文章です。今回の内容になっているか確かめてください。",
                        label(form, code)
                    ),
                ));
            }
        }
    }
    concerns
}

fn missing(form: &Form, code: &str) -> Concern {
    Concern::error(code, format!("「{}」を入力してください。", label(form, code)))
}

impl Concern {
    fn error(field: &str, message: String) -> Self {
        Self { field: field.to_owned(), severity: Severity::Error, message }
    }

    fn warning(field: &str, message: String) -> Self {
        Self { field: field.to_owned(), severity: Severity::Warning, message }
    }

    /// Whether it forbids submitting.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Activity;

    fn form() -> Form {
        let path = format!("{}/../../forms/iwakuni.toml", env!("CARGO_MANIFEST_DIR"));
        Form::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn report(rating: &str, narrative: &str) -> Content {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Content::Report(ReportContent {
            rating: text(rating),
            narrative: text(narrative),
            ..ReportContent::default()
        })
    }

    fn check(content: &Content, beside: Beside<'_>, expect: &[(&str, Severity)]) {
        let form = form();
        let found = concerns(content, &form, &form.scale, beside);
        let found: Vec<_> = found.iter().map(|concern| (concern.field.as_str(), concern.severity)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn an_answer_needs_a_rating_and_a_narrative() {
        use Severity::Error;
        check(&report("A", "実施した。"), Beside::default(), &[]);
        check(&report("", ""), Beside::default(), &[("rating", Error), ("narrative", Error)]);
        check(&report("Z", "実施した。"), Beside::default(), &[("rating", Error)]);
    }

    #[test]
    fn a_grade_that_needs_them_asks_for_cause_and_policy() {
        use Severity::Error;
        check(&report("C", "遅れた。"), Beside::default(), &[("cause", Error), ("policy", Error)]);
    }

    #[test]
    fn a_text_beyond_its_limit_is_refused_with_both_numbers() {
        let form = form();
        let found = concerns(&report("A", &"あ".repeat(1501)), &form, &form.scale, Beside::default());
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("1500文字以内") && found[0].message.contains("1文字多く"));
    }

    #[test]
    fn a_text_that_is_last_years_or_mid_terms_is_pointed_out() {
        use Severity::Warning;
        let last = report("A", "窓口を改善した。");
        let beside = Beside { last_year: Some(&last), earlier: Some(&last), earlier_name: "中間" };
        check(&report("B", "窓口を改善 した。"), beside, &[("narrative", Warning), ("narrative", Warning)]);
        check(&report("B", "窓口を二つ改善した。"), beside, &[]);
    }

    #[test]
    fn a_chart_that_is_last_years_is_pointed_out() {
        let start = |goal: &str, label: &str| {
            let text = |text: &str| Some(text.to_owned());
            let activities = vec![Activity { label: label.to_owned(), bars: None }];
            let (goal, challenge) = (text(goal), text("人手が足りない。"));
            Content::Start(StartContent { goal, challenge, activities, ..StartContent::default() })
        };
        let challenge = ("challenge", Severity::Warning);
        let last = start("300件とする。", "公開");
        let beside = Beside { last_year: Some(&last), ..Beside::default() };
        check(&start("400件とする。", "公開"), beside, &[("activities", Severity::Warning), challenge]);
        check(&start("400件とする。", "公開と周知"), beside, &[challenge]);
    }

    #[test]
    fn goals_need_texts_and_activities_their_names() {
        use Severity::{Error, Warning};
        let empty = Content::Start(StartContent::default());
        let expect = [("goal", Error), ("challenge", Error), ("activities", Warning)];
        check(&empty, Beside::default(), &expect);
        let text = |text: &str| Some(text.to_owned());
        let nameless = crate::sheet::Activity { label: " ".to_owned(), bars: Some(Vec::new()) };
        let content = StartContent {
            goal: text("目標"),
            challenge: text("課題"),
            activities: vec![nameless],
            ..StartContent::default()
        };
        check(&Content::Start(content), Beside::default(), &[("activities", Error)]);
    }
}
