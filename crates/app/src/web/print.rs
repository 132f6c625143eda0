//! How pages print days, moments, deadlines and states: one way for all of them.

pub(crate) mod content;
pub(crate) mod heading;

use kaikaku_domain::fiscal_year::Digits;
use kaikaku_domain::period::Window;
use kaikaku_domain::workflow::{State, Step};
use kaikaku_domain::{Date, FiscalYear, Form, Moment};

/// A day of the current time: `4月6日`.
pub(crate) fn day(day: Date) -> String {
    format!("{}月{}日", day.month(), day.day())
}

/// A day with its weekday: `4月6日（月）`.
pub(crate) fn day_with_weekday(date: Date) -> String {
    format!("{}（{}）", day(date), weekday(date))
}

/// A moment in Japanese time: `4月6日 10:41`.
pub(crate) fn moment(moment: Moment) -> String {
    format!("{} {}", day(moment.day()), moment.clock())
}

/// A day with its year in the house's style: `令和8年4月6日（月）`. Digits are half-width on pages, whatever is printed.
pub(crate) fn day_of_year(date: Date, form: &Form) -> String {
    format!("{}（{}）", date.print(form.style.fiscal_year, Digits::Half), weekday(date))
}

/// A fiscal year in the house's style: `令和7年度`.
pub(crate) fn year(year: FiscalYear, form: &Form) -> String {
    year.print(form.style.fiscal_year, Digits::Half)
}

/// How a period stands, for a page: `期限まであと4日`, `今日が期限`, `3日超過`, `4月1日から`, `締切り済み`.
pub(crate) fn window(window: &Window) -> String {
    match window {
        Window::NotYet { opens } => format!("{}から", day(*opens)),
        Window::Open { days_left: 0 } => "今日が期限".to_owned(),
        Window::Open { days_left } => format!("期限まであと{days_left}日"),
        Window::Late { days } => format!("{days}日超過"),
        Window::Locked { .. } => "締切り済み".to_owned(),
    }
}

/// A state as a page shows it: a word, and the code by which it gets its shape (`data-state`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chip {
    /// `none`, `draft`, `submitted`, `confirmed`, `received`, `fixed`, `returned` or `conflict`.
    pub(crate) code: &'static str,
    /// The one word for it.
    pub(crate) word: &'static str,
}

impl Chip {
    /// Two texts wait for a decision.
    pub(crate) const CONFLICT: Self = Self { code: "conflict", word: "競合" };

    /// Nothing has been written yet.
    pub(crate) const NONE: Self = Self { code: "none", word: "未着手" };

    /// The chip of an entry, which has been begun or not.
    pub(crate) fn of(state: &State, is_begun: bool) -> Self {
        let (code, word) = match state {
            State::Draft { reopened: None } if !is_begun => return Self::NONE,
            State::Draft { .. } => ("draft", "下書き"),
            State::Submitted { .. } => ("submitted", "提出済み"),
            State::Confirmed { step: Step::SectionHead, .. } => ("confirmed", "課長確認済み"),
            State::Confirmed { step: Step::DivisionHead, .. } => ("confirmed", "部長確認済み"),
            State::Returned { .. } => ("returned", "差戻し"),
            State::Received { .. } => ("received", "受付済み"),
            State::Fixed { .. } => ("fixed", "確定"),
        };
        Self { code, word }
    }
}

fn weekday(date: Date) -> char {
    // 1970-01-01 was a Thursday.
    match date.number().rem_euclid(7) {
        0 => '木',
        1 => '金',
        2 => '土',
        3 => '日',
        4 => '月',
        5 => '火',
        _ => '水',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::read(text).unwrap()
    }

    #[test]
    fn days_and_moments_are_printed_as_a_town_hall_writes_them() {
        assert_eq!(day(date("2026-04-06")), "4月6日");
        assert_eq!(day_with_weekday(date("2026-04-06")), "4月6日（月）");
        assert_eq!(day_with_weekday(date("1969-12-31")), "12月31日（水）");
        assert_eq!(day_with_weekday(date("2024-02-29")), "2月29日（木）");
        assert_eq!(moment(Moment::at(date("2026-04-06"), 9, 5)), "4月6日 09:05");
    }

    #[test]
    fn a_deadline_is_told_in_days() {
        for (stands, expect) in [
            (Window::NotYet { opens: date("2026-04-01") }, "4月1日から"),
            (Window::Open { days_left: 4 }, "期限まであと4日"),
            (Window::Open { days_left: 0 }, "今日が期限"),
            (Window::Late { days: 3 }, "3日超過"),
            (Window::Locked { since: date("2026-05-01") }, "締切り済み"),
        ] {
            assert_eq!(window(&stands), expect);
        }
    }

    #[test]
    fn a_draft_that_nobody_has_begun_is_not_begun() {
        assert_eq!(Chip::of(&State::NEW, false).word, "未着手");
        assert_eq!(Chip::of(&State::NEW, true).word, "下書き");
    }
}
