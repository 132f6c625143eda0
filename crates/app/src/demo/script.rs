//! The story until Monday morning: who wrote, submitted, confirmed, received and sent back what, and when.

use kaikaku_domain::entry::Content;
use kaikaku_domain::period::START;
use kaikaku_domain::workflow::Move;
use kaikaku_domain::{Date, Form, Moment};

use super::documents::{Documents, YEAR_END};
use super::{DemoError, at};
use crate::workflow::Remark;

/// One thing that one person did.
pub(super) struct Act {
    pub(super) at: Moment,
    pub(super) who: Who,
    pub(super) entry: Place,
    pub(super) deed: Deed,
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// The first clerk of the entry's department.
    Clerk,
    /// The head of the entry's department.
    Head,
    /// The person of this sign-in name.
    Named(&'static str),
}

/// The entry of a department in a period of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) is_next_year: bool,
    pub(super) period: &'static str,
    pub(super) reference: &'static str,
    pub(super) department: &'static str,
}

/// What was done.
pub(super) enum Deed {
    /// Saved a text.
    Save(Content),
    /// Saved a text that was written before somebody else saved: it waits for a decision.
    SaveLate(Content),
    /// Made a move.
    Make(Move, Vec<Remark>),
    /// Commented.
    Comment(&'static str),
}

/// How far an entry has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Drafted,
    Submitted,
    Confirmed,
    Received,
    Fixed,
}

use Reach::{Confirmed, Drafted, Fixed, Received, Submitted};

/// The entries of the year's end that are like any other: how far they came, and when their department finished them.
/// What is not listed has not been begun.
const YEAR_ENDS: [(&str, &str, Reach, &str); 21] = [
    ("1-(1)-①", "市民課", Received, "2026-03-31 14:10"),
    ("1-(1)-②-イ", "保育幼稚園課", Fixed, "2026-03-27 11:25"),
    ("1-(1)-③", "総務課", Received, "2026-04-01 10:45"),
    ("1-(2)-①-イ", "総務課", Confirmed, "2026-04-02 15:40"),
    ("1-(2)-①-ウ", "行政経営課", Fixed, "2026-03-27 16:05"),
    ("2-(1)-①", "地域協働課", Confirmed, "2026-04-03 17:12"),
    ("2-(1)-②", "地域協働課", Drafted, "2026-04-03 18:02"),
    ("2-(2)-①", "秘書広報課", Received, "2026-03-31 9:50"),
    ("2-(2)-②", "企画政策課", Fixed, "2026-03-26 13:35"),
    ("3-(1)-①", "人事課", Submitted, "2026-04-03 16:48"),
    ("3-(1)-②", "人事課", Drafted, "2026-04-03 17:30"),
    ("3-(2)-①", "行政経営課", Received, "2026-04-01 11:20"),
    ("3-(2)-②", "総務課", Submitted, "2026-04-03 13:15"),
    ("4-(1)-①-ア", "収納課", Confirmed, "2026-04-02 11:18"),
    ("4-(1)-①-イ", "保険年金課", Received, "2026-03-31 15:55"),
    ("4-(1)-②", "商工観光課", Drafted, "2026-04-06 9:05"),
    ("4-(1)-③", "財政課", Confirmed, "2026-04-03 15:02"),
    ("4-(2)-①", "資産経営課", Drafted, "2026-04-03 19:20"),
    ("4-(2)-②", "土木管理課", Received, "2026-04-01 16:30"),
    ("4-(3)-①", "財政課", Fixed, "2026-03-30 10:20"),
    ("4-(3)-②-ア", "上下水道課", Submitted, "2026-04-06 9:40"),
];

/// The same for the goals of the next year, due on Friday: what is not submitted is late.
const STARTS: [(&str, &str, Reach, &str); 20] = [
    ("1-(1)-①", "市民課", Received, "2026-03-30 15:20"),
    ("1-(1)-②-イ", "保育幼稚園課", Received, "2026-03-30 10:05"),
    ("1-(1)-③", "総務課", Received, "2026-04-01 13:40"),
    ("1-(2)-①-ア", "デジタル推進課", Submitted, "2026-04-02 17:10"),
    ("1-(2)-①-イ", "行政経営課", Received, "2026-03-27 17:00"),
    ("2-(1)-①", "地域協働課", Received, "2026-04-01 9:35"),
    ("2-(1)-②", "地域協働課", Confirmed, "2026-04-03 10:25"),
    ("2-(2)-①", "秘書広報課", Received, "2026-03-31 11:10"),
    ("2-(2)-②", "企画政策課", Received, "2026-03-26 16:45"),
    ("3-(1)-①", "人事課", Received, "2026-03-31 17:05"),
    ("3-(1)-②", "人事課", Confirmed, "2026-04-02 14:30"),
    ("3-(2)-①", "行政経営課", Received, "2026-03-27 17:20"),
    ("3-(2)-②", "総務課", Received, "2026-04-01 14:05"),
    ("4-(1)-①-ア", "収納課", Received, "2026-03-30 11:50"),
    ("4-(1)-①-イ", "保険年金課", Confirmed, "2026-04-03 15:45"),
    ("4-(1)-②", "商工観光課", Drafted, "2026-04-02 18:15"),
    ("4-(1)-③", "財政課", Received, "2026-03-31 16:20"),
    ("4-(2)-①", "資産経営課", Submitted, "2026-04-03 17:08"),
    ("4-(2)-②", "土木管理課", Drafted, "2026-04-03 11:35"),
    ("4-(3)-①", "財政課", Received, "2026-03-31 16:50"),
];

/// A holiday within these weeks: 春分の日.
const HOLIDAY: (u8, u8) = (3, 20);

/// Every act in its order.
pub(super) fn acts(documents: &Documents, form: &Form) -> Result<Vec<Act>, DemoError> {
    let mut acts = Vec::new();
    for (reference, department, reach, moment) in YEAR_ENDS {
        let entry = Place { is_next_year: false, period: YEAR_END, reference, department };
        let content = found(documents.year_end(form, reference, department), entry)?;
        acts.extend(ordinary(entry, content, reach, at(moment)));
    }
    for (reference, department, reach, moment) in STARTS {
        let entry = Place { is_next_year: true, period: START, reference, department };
        let content = found(documents.start(form, reference), entry)?;
        acts.extend(ordinary(entry, content, reach, at(moment)));
    }
    acts.extend(sent_back(documents, form)?);
    acts.extend(written_by_two(documents, form)?);
    acts.extend(half_written(documents, form)?);
    acts.sort_by_key(|act| act.at);
    Ok(acts)
}

/// How an entry that nothing happens to comes as far as it has come: half a text on one day, the whole on the next, and
/// then a step a working day.
fn ordinary(entry: Place, content: Content, reach: Reach, finished: Moment) -> Vec<Act> {
    let act = |at, who, deed| Act { at, who, entry, deed };
    if reach == Drafted {
        return vec![act(finished, Who::Clerk, Deed::Save(half(&content)))];
    }
    let make = |step| Deed::Make(step, Vec::new());
    let begun = Moment::at(working_day(finished.day(), -1), 16, 30).plus_seconds(spread(entry) * 60);
    let confirmed = Moment::at(working_day(finished.day(), 1), 8, 45).plus_seconds(spread(entry) * 60);
    let received = Moment::at(working_day(confirmed.day(), 1), 13, 30).plus_seconds(spread(entry) * 60);
    let fixed = Moment::at(working_day(received.day(), 1), 16, 0).plus_seconds(spread(entry) * 60);
    let mut acts = vec![
        act(begun, Who::Clerk, Deed::Save(half(&content))),
        act(finished.plus_seconds(-20 * 60), Who::Clerk, Deed::Save(content)),
        act(finished, Who::Clerk, make(Move::Submit)),
    ];
    if reach >= Confirmed {
        acts.push(act(confirmed, Who::Head, make(Move::Confirm)));
    }
    if reach >= Received {
        acts.push(act(received, Who::Named("kobayashi"), make(Move::Receive)));
    }
    if reach >= Fixed {
        acts.push(act(fixed, Who::Named("kobayashi"), make(Move::Fix)));
    }
    acts
}

const DIGITAL: &str = "デジタル推進課";

/// 基幹業務システムの標準化: submitted without the town's own part in the delay, and sent back for it.
fn sent_back(documents: &Documents, form: &Form) -> Result<Vec<Act>, DemoError> {
    let entry = Place { is_next_year: false, period: YEAR_END, reference: "1-(2)-②", department: DIGITAL };
    let whole = found(documents.year_end(form, entry.reference, DIGITAL), entry)?;
    let mut first = whole.clone();
    if let Content::Report(report) = &mut first {
        let own_part = report.cause.as_deref().and_then(|cause| cause.rfind("また、遅れの報告"));
        if let (Some(cause), Some(start)) = (&mut report.cause, own_part) {
            cause.truncate(start);
        }
        report.policy = report.policy.as_ref().map(|policy| {
            policy.replace("延長し、その費用2,160万円の負担について事業者と協議する。", "延長する。")
        });
    }
    let remark = |field: &str, body: &str| Remark { field: field.to_owned(), body: body.to_owned() };
    let reason = "「原因」に遅れの経過は書かれていますが、市の側の対応で足りなかったことが分かりません。進行管理の見直しとのつながりが読めるように書き足してください。";
    let remarks = vec![
        remark(
            "cause",
            "市の側の対応で足りなかったことを書いてください。遅れの報告を受けた時期と、進み具合を把握していた方法が分かると、今後の方針につながります。",
        ),
        remark("policy", "保守の延長に掛かる費用の見込みがあれば書いてください。"),
    ];
    let act = |moment: &str, who, deed| Act { at: at(moment), who, entry, deed };
    Ok(vec![
        act("2026-03-31 17:05", Who::Clerk, Deed::Save(half(&first))),
        act("2026-04-01 15:22", Who::Clerk, Deed::Save(first)),
        act("2026-04-01 15:40", Who::Clerk, Deed::Make(Move::Submit, Vec::new())),
        act("2026-04-02 9:10", Who::Head, Deed::Make(Move::Confirm, Vec::new())),
        act(
            "2026-04-03 11:05",
            Who::Named("fukuda"),
            Deed::Comment("福祉課で行う支給決定データの整理は、５月末までに終える予定で進めています。"),
        ),
        act(
            "2026-04-03 16:20",
            Who::Named("kobayashi"),
            Deed::Make(Move::SendBack(reason.to_owned()), remarks),
        ),
    ])
}

/// RPA・AI-OCRの活用: two clerks of the department wrote at the same time this morning.
fn written_by_two(documents: &Documents, form: &Form) -> Result<Vec<Act>, DemoError> {
    let entry =
        Place { is_next_year: false, period: YEAR_END, reference: "1-(2)-①-ア", department: DIGITAL };
    let whole = found(documents.year_end(form, entry.reference, DIGITAL), entry)?;
    let act = |moment: &str, who, deed| Act { at: at(moment), who, entry, deed };
    let (base, mine, theirs) = (&[0, 1][..], &[0, 1, 2][..], &[0, 3][..]);
    Ok(vec![
        act("2026-04-02 17:32", Who::Named("aoki"), Deed::Save(with_sentences(&whole, base))),
        act("2026-04-06 9:10", Who::Named("ishikawa"), Deed::Save(with_sentences(&whole, theirs))),
        act("2026-04-06 9:12", Who::Named("aoki"), Deed::SaveLate(with_sentences(&whole, mine))),
    ])
}

/// 電子申請の対象拡大: half written by the demo's clerk.
fn half_written(documents: &Documents, form: &Form) -> Result<Vec<Act>, DemoError> {
    let entry =
        Place { is_next_year: false, period: YEAR_END, reference: "1-(1)-②-ア", department: DIGITAL };
    let content = half(&found(documents.year_end(form, entry.reference, DIGITAL), entry)?);
    Ok(vec![Act { at: at("2026-04-06 9:58"), who: Who::Named("aoki"), entry, deed: Deed::Save(content) }])
}

fn found(content: Option<Content>, entry: Place) -> Result<Content, DemoError> {
    content.ok_or_else(|| DemoError::Data(format!("{} {}", entry.reference, entry.department)))
}

/// What somebody has in the middle of the work: half of the text, no rating yet; of goals only the goal.
fn half(content: &Content) -> Content {
    let mut content = content.clone();
    match &mut content {
        Content::Report(report) => {
            let sentences = sentences(report.narrative.as_deref().unwrap_or_default()).len();
            let kept: Vec<usize> = (0..sentences.div_ceil(2)).collect();
            (report.rating, report.cause, report.policy) = (None, None, None);
            return with_sentences(&content, &kept);
        }
        Content::Start(start) => {
            start.challenge = None;
            (start.activities, start.roadmap_values) = (Vec::new(), Vec::new());
        }
    }
    content
}

/// An answer with only these sentences of its narrative.
fn with_sentences(content: &Content, kept: &[usize]) -> Content {
    let mut content = content.clone();
    if let Content::Report(report) = &mut content {
        let all = report.narrative.clone().unwrap_or_default();
        let all = sentences(&all);
        let text: String = kept.iter().filter_map(|place| all.get(*place).copied()).collect();
        report.narrative = Some(text.trim_end().to_owned());
    }
    content
}

/// The sentences of a text with the line ends after them.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.find('。') {
        let after = end + '。'.len_utf8();
        let end = after + rest[after..].len() - rest[after..].trim_start_matches('\n').len();
        sentences.push(&rest[..end]);
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        sentences.push(rest);
    }
    sentences
}

/// The working day so many working days later, or earlier.
fn working_day(mut day: Date, by: i64) -> Date {
    for _ in 0..by.abs() {
        day = day.plus_days(by.signum());
        while is_free(day) {
            day = day.plus_days(by.signum());
        }
    }
    day
}

/// Weekends and the holiday. Day 0, 1 January 1970, was a Thursday.
fn is_free(day: Date) -> bool {
    (day.number() + 3).rem_euclid(7) >= 5 || (day.month(), day.day()) == HOLIDAY
}

/// So many minutes, different for every entry: nobody does everything at once.
fn spread(entry: Place) -> i64 {
    let sum: usize = entry.reference.bytes().chain(entry.department.bytes()).map(usize::from).sum();
    i64::try_from((sum + entry.period.len()) % 40).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_ends_before_the_demo_begins_and_no_act_falls_on_a_free_day() {
        let documents = super::super::documents::read().unwrap();
        let form = crate::forms::named(crate::forms::all(&[]).unwrap(), &documents.form).unwrap();
        let acts = acts(&documents, &form).unwrap();
        let (begins, opens) = (at("2026-03-16 8:30"), super::super::beginning());
        for act in &acts {
            assert!(begins < act.at && act.at < opens, "{:?} {}", act.entry, act.at);
            assert!(!is_free(act.at.day()), "{:?} {}", act.entry, act.at);
        }
    }

    #[test]
    fn what_is_submitted_could_be_submitted_on_its_page() {
        let documents = super::super::documents::read().unwrap();
        let form = crate::forms::named(crate::forms::all(&[]).unwrap(), &documents.form).unwrap();
        let acts = acts(&documents, &form).unwrap();
        let submitted: Vec<Place> = acts
            .iter()
            .filter(|act| matches!(act.deed, Deed::Make(Move::Submit, _)))
            .map(|act| act.entry)
            .collect();
        assert_eq!(submitted.len(), 17 + 18 + 1);
        for entry in submitted {
            let saved = acts.iter().rev().find_map(|act| match &act.deed {
                Deed::Save(content) if act.entry == entry => Some(content),
                _ => None,
            });
            let scale = &documents.current.scale;
            let concerns =
                kaikaku_domain::submission::concerns(saved.unwrap(), &form, scale, Default::default());
            let errors: Vec<_> = concerns.into_iter().filter(|concern| concern.is_error()).collect();
            assert!(errors.is_empty(), "{entry:?} {errors:?}");
        }
    }

    #[test]
    fn no_text_that_is_still_to_be_written_is_given_away() {
        let documents = super::super::documents::read().unwrap();
        let form = crate::forms::named(crate::forms::all(&[]).unwrap(), &documents.form).unwrap();
        let told: Vec<String> = acts(&documents, &form)
            .unwrap()
            .into_iter()
            .filter_map(|act| match act.deed {
                Deed::Save(content) | Deed::SaveLate(content) => Some(content.to_json()),
                _ => None,
            })
            .collect();
        for secret in [
            "早い段階で代替の手段を検討できなかった",
            "その費用2,160万円の負担",
            "標準化システムの動作が安定した後",
            "容量の上限を引き上げる契約変更",
        ] {
            let document = super::super::documents::text("2025.json").unwrap();
            assert!(document.contains(secret), "{secret}");
            assert!(!told.iter().any(|text| text.contains(secret)), "{secret}");
        }
    }

    #[test]
    fn a_text_is_the_sum_of_its_sentences() {
        let text = "一つ。二つ。\n三つ。\n\n四つ";
        assert_eq!(sentences(text), ["一つ。", "二つ。\n", "三つ。\n\n", "四つ"]);
        assert_eq!(sentences(""), Vec::<&str>::new());
    }
}
