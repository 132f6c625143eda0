//! A moment: when something happened, to the millisecond, shown in Japanese time.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use crate::date::Date;

/// Japan has had one offset and no summer time since 1951.
const JAPAN: time::UtcOffset = match UtcOffset::from_hms(9, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// The beginning of 1970 (UTC).
    pub const EPOCH: Self = Self(0);

    /// The moment so many milliseconds after the beginning of 1970 (UTC); outside the years 0 to 9999, the nearest in it.
    pub fn from_unix_ms(ms: i64) -> Self {
        Self(ms.clamp(-62_167_219_200_000, 253_402_300_799_999))
    }

    /// The beginning of an hour and minute of a day in Japan.
    pub fn at(day: Date, hour: u8, minute: u8) -> Self {
        Self::from_unix_ms(
            day.number() * 86_400_000 + (i64::from(hour) * 60 + i64::from(minute) - 9 * 60) * 60_000,
        )
    }

    /// Milliseconds since the beginning of 1970 (UTC).
    pub fn unix_ms(self) -> i64 {
        self.0
    }

    /// This moment so many seconds later; earlier where they are negative.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_unix_ms(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// How many whole seconds later than another moment it is.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(1000)
    }

    /// Reads RFC 3339 (`2026-03-31T03:05:06.789Z`); `None` when it is none.
    pub fn read(text: &str) -> Option<Self> {
        let read = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(read.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(Self::from_unix_ms)
    }

    /// The day in Japan.
    pub fn day(self) -> Date {
        Date::from_number((self.0 + 9 * 3_600_000).div_euclid(86_400_000))
    }

    /// The time of day in Japan: `12:03`.
    pub fn clock(self) -> String {
        let there = self.utc().to_offset(JAPAN);
        format!("{:02}:{:02}", there.hour(), there.minute())
    }

    fn utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl fmt::Display for Moment {
    /// RFC 3339 in UTC with milliseconds, always as long: `2026-03-31T03:05:06.789Z`. Sorts as it passes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = self.utc();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            utc.year(),
            u8::from(utc.month()),
            utc.day(),
            utc.hour(),
            utc.minute(),
            utc.second(),
            utc.millisecond()
        )
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no moment (RFC 3339)")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc_and_shown_in_japan() {
        let moment = Moment::read("2026-03-31T15:04:05.678Z").unwrap();
        assert_eq!(moment.to_string(), "2026-03-31T15:04:05.678Z");
        assert_eq!(moment.day().to_string(), "2026-04-01");
        assert_eq!(moment.clock(), "00:04");
        assert_eq!(Moment::at(moment.day(), 0, 4).to_string(), "2026-03-31T15:04:00.000Z");
        assert_eq!(Moment::read("2026-04-01T00:04:05.678+09:00"), Some(moment));
        assert_eq!(Moment::read("2026-04-01"), None);
    }

    #[test]
    fn days_before_1970_are_days_too() {
        let moment = Moment::from_unix_ms(-1);
        assert_eq!(moment.to_string(), "1969-12-31T23:59:59.999Z");
        assert_eq!(moment.day().to_string(), "1970-01-01");
        assert_eq!(Moment::from_unix_ms(i64::MAX).day().to_string(), "9999-12-31");
    }
}
