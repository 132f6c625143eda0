//! A day of the calendar, and how a house prints it: ISO inside, era outside.

use crate::fiscal_year::{Digits, ERAS, FiscalYear, YearStyle};

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
