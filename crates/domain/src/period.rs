//! The periods of a fiscal year in which departments write: when each opens, when it is due, when it is closed.

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::id::PeriodId;

/// What is written in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodKind {
    /// 当初: goal, challenge, activities, roadmap; one entry a sheet.
    Start,
    /// 中間, 期末: rating and narrative; one entry a lead department.
    Report,
}

/// The name of the period in which the year's goals are written.
pub const START: &str = "当初";

/// A period of one fiscal year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Its id.
    pub id: PeriodId,
    /// 当初, or as the form has it.
    pub name: String,
    /// What is written in it.
    pub kind: PeriodKind,
    /// When.
    pub dates: Dates,
}

/// The days of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// The first day on which departments may write.
    pub opens: Date,
    /// The last day on which a submission is in time.
    pub deadline: Date,
    /// The first day on which departments may write no more; none when they always may.
    pub locks: Option<Date>,
}

/// How a period stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// It opens on that day.
    NotYet {
        /// The first day.
        opens: Date,
    },
    /// It is open, with so many days left: 0 on the last one.
    Open {
        /// Days to the deadline.
        days_left: i64,
    },
    /// The deadline has passed by so many days; one may still write and submit.
    Late {
        /// Days since the deadline, at least 1.
        days: i64,
    },
    /// It is closed.
    Locked {
        /// The first day on which it was.
        since: Date,
    },
}

impl Dates {
    /// How the period stands on a day.
    pub fn window(&self, day: Date) -> Window {
        let left = self.deadline.number() - day.number();
        match self.locks {
            Some(since) if since <= day => Window::Locked { since },
            _ if day < self.opens => Window::NotYet { opens: self.opens },
            _ if left >= 0 => Window::Open { days_left: left },
            _ => Window::Late { days: -left },
        }
    }

    /// What is wrong with these days; none when they are in order.
    pub fn contradiction(&self) -> Option<String> {
        let Self { opens, deadline, locks } = self;
        if deadline < opens {
            return Some(format!("提出期限（{deadline}）が開始日（{opens}）より前です。"));
        }
        locks
            .filter(|locks| locks <= deadline)
            .map(|locks| format!("締切り（{locks}）は提出期限（{deadline}）より後の日にしてください。"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_opens_falls_due_and_is_locked() {
        let day = |text| Date::read(text).unwrap();
        let dates =
            Dates { opens: day("2026-03-16"), deadline: day("2026-04-10"), locks: Some(day("2026-05-01")) };
        for (on, expect) in [
            ("2026-03-15", Window::NotYet { opens: day("2026-03-16") }),
            ("2026-03-16", Window::Open { days_left: 25 }),
            ("2026-04-10", Window::Open { days_left: 0 }),
            ("2026-04-11", Window::Late { days: 1 }),
            ("2026-04-30", Window::Late { days: 20 }),
            ("2026-05-01", Window::Locked { since: day("2026-05-01") }),
        ] {
            assert_eq!(dates.window(day(on)), expect, "{on}");
        }
        assert_eq!(dates.contradiction(), None);
        assert!(Dates { deadline: day("2026-03-01"), ..dates }.contradiction().is_some());
        assert!(Dates { locks: Some(dates.deadline), ..dates }.contradiction().is_some());
    }
}
