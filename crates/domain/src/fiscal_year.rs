//! Fiscal years and months of a Japanese town hall: April to March, Western inside, era outside.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A fiscal year, by the Western year in which its April falls: 2020 is April 2020 to March 2021.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "i32", into = "i32")]
#[schemars(with = "i32", extend("minimum" = FiscalYear::FIRST, "maximum" = FiscalYear::LAST))]
pub struct FiscalYear(i32);

/// An era by its names, the Western year that is its year 1 (元年) and the month and day on which it began.
pub(crate) struct Era {
    pub(crate) name: &'static str,
    short: &'static str,
    letter: char,
    pub(crate) first: i32,
    pub(crate) first_day: (u8, u8),
}

/// Newest first. A fiscal year in which an era began is named after the new era: fiscal 2019 is 令和元年度.
///
/// Source of the first days: 元号を改める政令 (令和, 平成) and the 改元の詔書 (昭和, 大正). 明治 is counted from 1 January.
pub(crate) const ERAS: [Era; 5] = [
    Era { name: "令和", short: "令", letter: 'R', first: 2019, first_day: (5, 1) },
    Era { name: "平成", short: "平", letter: 'H', first: 1989, first_day: (1, 8) },
    Era { name: "昭和", short: "昭", letter: 'S', first: 1926, first_day: (12, 25) },
    Era { name: "大正", short: "大", letter: 'T', first: 1912, first_day: (7, 30) },
    Era { name: "明治", short: "明", letter: 'M', first: 1868, first_day: (1, 1) },
];

impl Era {
    /// The era and its year at the beginning of a folded text: `令和7`, `令7`, `R7`, `r7`, `令和元`.
    pub(crate) fn read_year(text: &str) -> Option<(&'static Self, i32)> {
        let (era, rest) = ERAS.iter().find_map(|era| {
            let rest = text
                .strip_prefix(era.name)
                .or_else(|| text.strip_prefix(era.short))
                .or_else(|| text.strip_prefix([era.letter, era.letter.to_ascii_lowercase()]))?;
            Some((era, rest))
        })?;
        let number = match rest {
            "元" => 1,
            _ if (1..=2).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit()) => {
                rest.parse().ok()?
            }
            _ => return None,
        };
        (number >= 1).then_some((era, number))
    }
}

/// How a house prints its fiscal years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum YearStyle {
    /// `令和2年度`
    Era,
    /// `2020（令和2）年度`
    WesternEra,
    /// `2020年度`
    Western,
    /// `R2`
    Short,
}

/// The width in which a house prints digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Digits {
    /// `2`, `12`
    Half,
    /// `２`, `１２`
    Full,
    /// `２` but `12`: one digit takes the width of a character, more stay narrow.
    FullSingle,
}

impl Digits {
    /// The number in this width.
    pub fn print(self, number: i32) -> String {
        let plain = number.to_string();
        match self {
            Digits::Half => plain,
            Digits::FullSingle if plain.chars().count() > 1 => plain,
            Digits::Full | Digits::FullSingle => plain.chars().map(widen).collect(),
        }
    }
}

/// The full-width form of an ASCII letter or digit, any other character as it is.
pub fn widen(c: char) -> char {
    match c {
        '0'..='9' | 'A'..='Z' | 'a'..='z' => char::from_u32(c as u32 + 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

impl FiscalYear {
    /// The first fiscal year that exists here: 明治元年度.
    pub const FIRST: i32 = 1868;
    /// 明治元年度, as a fiscal year.
    pub const EARLIEST: Self = Self(Self::FIRST);
    /// The last one that is believed.
    pub const LAST: i32 = 2199;

    /// The fiscal year of a Western year.
    ///
    /// # Errors
    /// When the year lies outside 1868–2199.
    pub fn new(year: i32) -> Result<Self, String> {
        if (Self::FIRST..=Self::LAST).contains(&year) {
            Ok(Self(year))
        } else {
            Err(format!("{year} is not a fiscal year between {} and {}", Self::FIRST, Self::LAST))
        }
    }

    /// The Western year in which its April falls.
    pub fn year(self) -> i32 {
        self.0
    }

    /// The fiscal year before.
    pub fn previous(self) -> Self {
        Self((self.0 - 1).max(Self::FIRST))
    }

    /// The fiscal year after.
    pub fn next(self) -> Self {
        Self((self.0 + 1).min(Self::LAST))
    }

    /// Every fiscal year from this one to `last`, both included; none when `last` is earlier.
    pub fn through(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    /// Reads what town halls write: `R1`, `Ｒ１`, `Ｒ元`, `令元`, `令和元年度`, `H31`, `平成32年度`, `2020`,
    /// `2020（令和２）年度`. `None` when it is none of these or the two years in it disagree.
    pub fn read(text: &str) -> Option<Self> {
        let folded: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
        let body = folded.strip_suffix("年度").or_else(|| folded.strip_suffix('年')).unwrap_or(&folded);
        if let Some((outside, inside)) = body.split_once('(') {
            let (first, second) = (Self::read_one(outside)?, Self::read_one(inside.strip_suffix(')')?)?);
            return (first == second).then_some(first);
        }
        Self::read_one(body)
    }

    fn read_one(text: &str) -> Option<Self> {
        let text = text.strip_suffix("年度").or_else(|| text.strip_suffix('年')).unwrap_or(text);
        if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Self::new(text.parse().ok()?).ok();
        }
        // An era may be counted past its end: 平成32年度 was printed before anyone knew of 令和2年度.
        let (era, number) = Era::read_year(text)?;
        Self::new(era.first + number - 1).ok()
    }

    /// The fiscal year as a house prints it.
    pub fn print(self, style: YearStyle, digits: Digits) -> String {
        let Some(era) = ERAS.iter().find(|era| era.first <= self.0) else {
            return format!("{}年度", self.0);
        };
        let number = match self.0 - era.first + 1 {
            1 => "元".to_owned(),
            n => digits.print(n),
        };
        match style {
            YearStyle::Era => format!("{}{number}年度", era.name),
            YearStyle::WesternEra => format!("{}（{}{number}）年度", self.0, era.name),
            YearStyle::Western => format!("{}年度", self.0),
            YearStyle::Short => {
                let n = digits.print(self.0 - era.first + 1);
                let letter = if n.is_ascii() { era.letter } else { widen(era.letter) };
                format!("{letter}{n}")
            }
        }
    }

    /// The fiscal year as short as a column heading needs it, in the manner of the house's long form: `2024` where the
    /// house writes Western years only, `R6` otherwise.
    pub fn print_short(self, style: YearStyle, digits: Digits) -> String {
        match style {
            YearStyle::Western => self.0.to_string(),
            YearStyle::Era | YearStyle::WesternEra | YearStyle::Short => self.print(YearStyle::Short, digits),
        }
    }
}

impl TryFrom<i32> for FiscalYear {
    type Error = String;

    /// The same as [`FiscalYear::new`].
    ///
    /// # Errors
    /// When the year lies outside 1868–2199.
    fn try_from(year: i32) -> Result<Self, String> {
        Self::new(year)
    }
}

impl From<FiscalYear> for i32 {
    fn from(year: FiscalYear) -> i32 {
        year.0
    }
}

/// A calendar month, 1 to 12, ordered as a fiscal year runs: April first, March last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
#[schemars(with = "u8", extend("minimum" = 1, "maximum" = 12))]
pub struct Month(u8);

impl Month {
    /// The month of a calendar number.
    ///
    /// # Errors
    /// When the number is not 1 to 12.
    pub fn new(number: u8) -> Result<Self, String> {
        if (1..=12).contains(&number) { Ok(Self(number)) } else { Err(format!("{number} is not a month")) }
    }

    /// The twelve months from April to March.
    pub fn of_fiscal_year() -> impl Iterator<Item = Self> {
        (0..12).map(|i| Self((i + 3) % 12 + 1))
    }

    /// The calendar number, 1 to 12.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The place in the fiscal year: April 0, March 11.
    pub fn fiscal_index(self) -> u8 {
        (self.0 + 8) % 12
    }
}

impl PartialOrd for Month {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Month {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.fiscal_index().cmp(&other.fiscal_index())
    }
}

impl TryFrom<u8> for Month {
    type Error = String;

    /// The same as [`Month::new`].
    ///
    /// # Errors
    /// When the number is not 1 to 12.
    fn try_from(number: u8) -> Result<Self, String> {
        Self::new(number)
    }
}

impl From<Month> for u8 {
    fn from(month: Month) -> u8 {
        month.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_a_town_hall_writes_a_fiscal_year_is_read() {
        for (text, year) in [
            ("R1", 2019),
            ("Ｒ１", 2019),
            ("Ｒ元", 2019),
            ("令元", 2019),
            ("令和元年度", 2019),
            ("H31", 2019),
            ("平成32年度", 2020),
            ("2020", 2020),
            ("２０２０", 2020),
            ("2020（令和２）年度", 2020),
            ("2019（令和元）年度", 2019),
            ("令和２年度", 2020),
            ("令和 2 年度", 2020),
            ("r7", 2025),
            ("平29", 2017),
            ("昭和63年度", 1988),
        ] {
            assert_eq!(FiscalYear::read(text).map(FiscalYear::year), Some(year), "{text}");
        }
    }

    #[test]
    fn what_is_no_fiscal_year_is_not_read_as_one() {
        for text in ["", "令和", "R0", "R123", "2020（令和３）年度", "12月", "年度", "20200", "1(2)", "R-1"]
        {
            assert_eq!(FiscalYear::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_fiscal_year_is_printed_in_the_house_style_asked_for() {
        let year = FiscalYear::new(2020).unwrap();
        assert_eq!(year.print(YearStyle::Era, Digits::Half), "令和2年度");
        assert_eq!(year.print(YearStyle::Era, Digits::FullSingle), "令和２年度");
        assert_eq!(year.print(YearStyle::WesternEra, Digits::FullSingle), "2020（令和２）年度");
        assert_eq!(year.print(YearStyle::Western, Digits::Half), "2020年度");
        assert_eq!(year.print(YearStyle::Short, Digits::Full), "Ｒ２");
        assert_eq!(year.previous().print(YearStyle::Era, Digits::Full), "令和元年度");
        assert_eq!(FiscalYear::new(2030).unwrap().print(YearStyle::Era, Digits::FullSingle), "令和12年度");
    }

    #[test]
    fn a_short_fiscal_year_follows_the_style_of_the_long_one() {
        for (year, style, digits, expect) in [
            (2024, YearStyle::Western, Digits::Half, "2024"),
            (2024, YearStyle::Western, Digits::Full, "2024"),
            (2024, YearStyle::Era, Digits::Half, "R6"),
            (2024, YearStyle::Era, Digits::FullSingle, "Ｒ６"),
            (2024, YearStyle::WesternEra, Digits::Half, "R6"),
            (2028, YearStyle::Short, Digits::FullSingle, "R10"),
            (2019, YearStyle::Era, Digits::Half, "R1"),
            (2018, YearStyle::Era, Digits::Half, "H30"),
        ] {
            let year = FiscalYear::new(year).unwrap();
            assert_eq!(year.print_short(style, digits), expect, "{year:?} {style:?} {digits:?}");
            assert_eq!(FiscalYear::read(expect), Some(year), "{expect}");
        }
    }

    #[test]
    fn every_printed_style_reads_back_as_the_same_year() {
        for year in FiscalYear::new(1868).unwrap().through(FiscalYear::new(2117).unwrap()) {
            for style in [YearStyle::Era, YearStyle::WesternEra, YearStyle::Western] {
                for digits in [Digits::Half, Digits::Full, Digits::FullSingle] {
                    assert_eq!(
                        FiscalYear::read(&year.print(style, digits)),
                        Some(year),
                        "{year:?} {style:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn april_is_the_first_month_and_march_the_last() {
        let months: Vec<u8> = Month::of_fiscal_year().map(Month::number).collect();
        assert_eq!(months, [4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3]);
        assert!(Month::new(3).unwrap() > Month::new(12).unwrap());
        assert!(Month::new(0).is_err() && Month::new(13).is_err());
    }
}
