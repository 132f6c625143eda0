//! A day of the calendar, and how a house prints it: ISO inside, era outside.

use std::fmt;

use crate::fiscal_year::{Digits, ERAS, Era, FiscalYear, YearStyle};
use crate::text::fold;

/// The Julian day number of 1970-01-01.
const UNIX_DAY: i32 = 2_440_588;

/// A day that exists in the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// The day of these numbers.
    ///
    /// # Errors
    /// When there is no such day, or its year has not four digits.
    pub fn new(year: i32, month: u8, day: u8) -> Result<Self, String> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        if (1000..=9999).contains(&year) && (1..=days).contains(&day) {
            Ok(Self { year, month, day })
        } else {
            Err(format!("{year}-{month}-{day} is not a day"))
        }
    }

    /// 1 April of a fiscal year.
    pub fn first_of_fiscal_year(year: FiscalYear) -> Self {
        Self { year: year.year(), month: 4, day: 1 }
    }

    /// Reads an ISO date, `2025-06-18`; `None` when it is none.
    pub fn read(text: &str) -> Option<Self> {
        let shape = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        (shape && parts.next().is_none())
            .then(|| Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok())?
    }

    /// Reads a day in every way a town hall writes it: `2025-03-31`, `2025/3/31`, `令和7年3月31日`, `R7.3.31`,
    /// `2025（令和7）年3月31日`; width and spaces do not matter. `None` when it is no day, or its two years disagree.
    ///
    /// An era may be counted past its end (`平成32年3月31日` was printed before the era changed) but not before its
    /// first day: there is no 令和元年4月1日.
    pub fn read_written(text: &str) -> Option<Self> {
        let folded = fold(text);
        let [year, month, day] = parts(&folded)?;
        let (month, day) = (one_or_two_digits(month)?, one_or_two_digits(day)?);
        if let Some((western, era)) = year.strip_suffix(')').and_then(|year| year.split_once('(')) {
            let of = |year: &str| Self::read_written(&format!("{year}年{month}月{day}日"));
            return of(western).filter(|date| of(era) == Some(*date));
        }
        if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) {
            return Self::new(year.parse().ok()?, month, day).ok();
        }
        let (era, number) = Era::read_year(year)?;
        let has_begun = number > 1 || (month, day) >= era.first_day;
        Self::new(era.first + number - 1, month, day).ok().filter(|_| has_begun)
    }

    /// The day so many days after 1970-01-01; outside the years 1000 to 9999, the nearest in them.
    pub fn from_number(number: i64) -> Self {
        let number = number.clamp(-354_285, 2_932_896);
        let julian = i32::try_from(number).map_or(UNIX_DAY, |number| number + UNIX_DAY);
        let day = time::Date::from_julian_day(julian).unwrap_or(time::Date::MIN);
        Self { year: day.year(), month: u8::from(day.month()), day: day.day() }
    }

    /// Days since 1970-01-01, negative before it: the difference of two is the days between them.
    pub fn number(self) -> i64 {
        let month = time::Month::try_from(self.month).unwrap_or(time::Month::January);
        let julian =
            time::Date::from_calendar_date(self.year, month, self.day).map(time::Date::to_julian_day);
        i64::from(julian.unwrap_or(UNIX_DAY) - UNIX_DAY)
    }

    /// The day so many days later; earlier where they are negative.
    pub fn plus_days(self, days: i64) -> Self {
        Self::from_number(self.number().saturating_add(days))
    }

    /// The Western year.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, counted from 1.
    pub fn day(self) -> u8 {
        self.day
    }

    /// The day in print: `令和7年6月18日`.
    pub fn print(self, style: YearStyle, digits: Digits) -> String {
        format!("{}{}日", self.print_month(style, digits), digits.print(i32::from(self.day)))
    }

    /// The month in print: `令和7年6月`.
    pub fn print_month(self, style: YearStyle, digits: Digits) -> String {
        let started =
            |first: i32, (month, day): (u8, u8)| (first, month, day) <= (self.year, self.month, self.day);
        let era = ERAS.iter().find(|era| started(era.first, era.first_day)).map(|era| {
            let number = match self.year - era.first + 1 {
                1 => "元".to_owned(),
                n => digits.print(n),
            };
            format!("{}{number}", era.name)
        });
        let year = match (style, era) {
            (YearStyle::Era | YearStyle::Short, Some(era)) => era,
            (YearStyle::WesternEra, Some(era)) => format!("{}（{era}）", self.year),
            _ => self.year.to_string(),
        };
        format!("{year}年{}月", digits.print(i32::from(self.month)))
    }
}

impl fmt::Display for Date {
    /// The ISO form, `2025-03-31`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Year, month and day as written, parted by 年月日 or by one sign used twice.
fn parts(text: &str) -> Option<[&str; 3]> {
    if let Some((year, rest)) = text.split_once('年') {
        let (month, day) = rest.strip_suffix('日')?.split_once('月')?;
        return Some([year, month, day]);
    }
    ['-', '/', '.'].iter().find_map(|sign| {
        let (year, rest) = text.split_once(*sign)?;
        let (month, day) = rest.split_once(*sign)?;
        Some([year, month, day])
    })
}

fn one_or_two_digits(text: &str) -> Option<u8> {
    ((1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

impl serde::Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no day (2026-03-31)")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_across_leap_years() {
        let day = |text| Date::read(text).unwrap();
        assert_eq!(day("1970-01-01").number(), 0);
        assert_eq!(day("2024-03-01").number() - day("2024-02-28").number(), 2);
        assert_eq!(day("2025-12-31").plus_days(1), day("2026-01-01"));
        assert_eq!(Date::from_number(day("1000-01-01").number()), day("1000-01-01"));
        assert_eq!(Date::from_number(i64::MAX), day("9999-12-31"));
        assert_eq!(Date::from_number(i64::MIN), day("1000-01-01"));
    }

    #[test]
    fn a_day_is_printed_in_its_own_era() {
        for (iso, style, digits, printed) in [
            ("2025-06-18", YearStyle::Era, Digits::Half, "令和7年6月18日"),
            ("2025-06-18", YearStyle::Era, Digits::FullSingle, "令和７年６月18日"),
            ("2019-04-30", YearStyle::Era, Digits::Half, "平成31年4月30日"),
            ("2019-05-01", YearStyle::Era, Digits::Half, "令和元年5月1日"),
            ("1989-01-07", YearStyle::Era, Digits::Half, "昭和64年1月7日"),
            ("2025-06-18", YearStyle::WesternEra, Digits::Half, "2025（令和7）年6月18日"),
            ("2025-06-18", YearStyle::Western, Digits::Half, "2025年6月18日"),
        ] {
            assert_eq!(Date::read(iso).unwrap().print(style, digits), printed);
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in
            ["2025-02-29", "2025-13-01", "2025-00-10", "2025-6-18", "令和7年6月18日", "", "2025-06-18-"]
        {
            assert_eq!(Date::read(text), None, "{text}");
        }
        assert!(Date::read("2024-02-29").is_some());
    }

    fn check(cases: &[(&str, Option<&str>)]) {
        for (text, expect) in cases {
            assert_eq!(Date::read_written(text).map(|date| date.to_string()).as_deref(), *expect, "{text}");
        }
    }

    #[test]
    fn a_date_is_read_in_every_way_a_town_hall_writes_it() {
        check(&[
            ("2025-03-31", Some("2025-03-31")),
            ("2025/3/31", Some("2025-03-31")),
            ("2025.3.31", Some("2025-03-31")),
            ("２０２５年３月３１日", Some("2025-03-31")),
            ("令和7年3月31日", Some("2025-03-31")),
            ("令和 7 年 3 月 31 日", Some("2025-03-31")),
            ("R7.3.31", Some("2025-03-31")),
            ("Ｒ７．３．３１", Some("2025-03-31")),
            ("r7/3/31", Some("2025-03-31")),
            ("令和元年5月1日", Some("2019-05-01")),
            ("平成31年4月30日", Some("2019-04-30")),
            ("平成32年3月31日", Some("2020-03-31")),
            ("昭和64年1月7日", Some("1989-01-07")),
            ("R6.2.29", Some("2024-02-29")),
            ("2025（令和7）年6月18日", Some("2025-06-18")),
            ("2019(令和元)年5月1日", Some("2019-05-01")),
        ]);
    }

    #[test]
    fn a_day_that_does_not_exist_is_no_date() {
        check(&[
            ("", None),
            ("2025-99-99", None),
            ("2025-02-29", None),
            ("1900-02-29", None),
            ("2025-04-31", None),
            ("2025-00-10", None),
            ("2025-03-00", None),
            ("令和元年4月30日", None),
            ("令和0年4月1日", None),
        ]);
    }

    #[test]
    fn what_is_not_one_whole_date_is_not_read_as_one() {
        check(&[
            ("2025-03", None),
            ("令和7年3月", None),
            ("令和7年度", None),
            ("2025/3-31", None),
            ("25/3/31", None),
            ("3/31/2025", None),
            ("2025-03-31 10:00", None),
            ("2025-003-31", None),
            ("7.3.31", None),
            ("3月31日", None),
            ("2025（令和6）年6月18日", None),
            ("2025（令和7年6月18日", None),
            ("2025（（令和7））年6月18日", None),
            ("未定", None),
        ]);
    }
}
