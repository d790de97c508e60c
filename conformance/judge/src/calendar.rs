//! Civil dates of the Japanese calendar day, by own arithmetic: the judge's second reading of every
//! border must not share a library with the simulator's first.

use std::fmt;

/// A day of the Gregorian calendar, years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: i64,
    month: i64,
    day: i64,
}

/// An instant in Japanese time, to the millisecond. In a scenario much happens within one: what was
/// recorded earlier then came earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant {
    /// The Japanese calendar day.
    pub day: Day,
    millis: i64,
    order: u32,
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn digits(text: &str, length: usize) -> Option<i64> {
    let fits = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

impl Day {
    /// A day that exists, or none.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let exists = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=month_length(year, month)).contains(&day);
        exists.then_some(Day { year, month, day })
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        Day::new(digits(y, 4)?, digits(m, 2)?, digits(d, 2)?)
    }

    /// Reads `YYYYMMDD`, as the field's messages write a day.
    pub fn compact(text: &str) -> Option<Self> {
        if text.len() != 8 || !text.is_ascii() {
            return None;
        }
        Day::new(
            digits(&text[..4], 4)?,
            digits(&text[4..6], 2)?,
            digits(&text[6..], 2)?,
        )
    }

    /// Writes `YYYYMMDD`.
    pub fn to_compact(self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }

    /// Whole days from this one to another, negative when the other lies before.
    pub fn days_to(self, other: Day) -> i64 {
        other.number() - self.number()
    }

    /// The same day some months on (or back, when negative); a day the month lacks becomes its last.
    pub fn plus_months(self, months: i64) -> Self {
        let count = (self.year * 12 + self.month - 1 + months).clamp(12, 9999 * 12 + 11);
        let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
        Day {
            year,
            month,
            day: self.day.min(month_length(year, month)),
        }
    }

    /// The last day of its month.
    pub fn month_end(self) -> Self {
        Day {
            day: month_length(self.year, self.month),
            ..self
        }
    }

    /// The next day.
    #[cfg(test)]
    pub fn next(self) -> Self {
        if self.day < month_length(self.year, self.month) {
            return Day {
                day: self.day + 1,
                ..self
            };
        }
        if self.month < 12 {
            return Day {
                month: self.month + 1,
                day: 1,
                ..self
            };
        }
        Day {
            year: self.year + 1,
            month: 1,
            day: 1,
        }
    }

    /// Days since 1970-01-01, counted year by year and month by month.
    fn number(self) -> i64 {
        let before = self.year - 1;
        let leaps = before / 4 - before / 100 + before / 400;
        let months: i64 = (1..self.month).map(|m| month_length(self.year, m)).sum();
        before * 365 + leaps + months + self.day - 1 - 719_162
    }

    /// The day in Japan of a moment in seconds since 1970 UTC; none before 1970 and from 10000 on.
    pub fn of_unix(seconds: i64) -> Option<Self> {
        let mut left = (seconds + 9 * 3_600).div_euclid(86_400);
        let mut year = 1970;
        let length = |year| 365 + i64::from(is_leap(year));
        while left >= length(year) {
            left -= length(year);
            year += 1;
            if year > 9999 {
                return None;
            }
        }
        let mut month = 1;
        while left >= month_length(year, month) {
            left -= month_length(year, month);
            month += 1;
        }
        Day::new(year, month, left + 1)
    }

    /// Seconds since 1970 UTC at which this day begins in Japan.
    pub fn begins(self) -> i64 {
        self.number() * 86_400 - 9 * 3_600
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Instant {
    /// Reads `YYYY-MM-DDTHH:MM:SS[.mmm]+09:00`, the one form evidence uses.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.strip_suffix("+09:00")?.split_once('T')?;
        let (clock, fraction) = time.split_once('.').unwrap_or((time, "000"));
        let mut parts = clock.split(':');
        let (h, m, s) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let (h, m, s, millis) = (
            digits(h, 2)?,
            digits(m, 2)?,
            digits(s, 2)?,
            digits(fraction, 3)?,
        );
        let real = h < 24 && m < 60 && s < 60;
        real.then_some(Instant {
            day: Day::parse(date)?,
            millis: ((h * 60 + m) * 60 + s) * 1000 + millis,
            order: 0,
        })
    }

    /// Reads `YYYYMMDDhhmmss`, as the field's messages write a moment.
    pub fn compact(text: &str) -> Option<Self> {
        let (date, clock) = text.split_at_checked(8)?;
        let (h, rest) = clock.split_at_checked(2)?;
        let (m, s) = rest.split_at_checked(2)?;
        let (h, m, s) = (digits(h, 2)?, digits(m, 2)?, digits(s, 2)?);
        let real = h < 24 && m < 60 && s < 60;
        real.then_some(Instant {
            day: Day::compact(date)?,
            millis: ((h * 60 + m) * 60 + s) * 1000,
            order: 0,
        })
    }

    /// The same instant as seen by a record, which comes after those before it.
    pub fn of_record(self, seq: u32) -> Self {
        Instant { order: seq, ..self }
    }

    /// Milliseconds from another instant to this one, negative when the other lies ahead.
    pub fn millis_since(self, other: Instant) -> i64 {
        other.day.days_to(self.day) * 86_400_000 + self.millis - other.millis
    }

    /// Seconds since 1970 UTC.
    pub fn unix(self) -> i64 {
        self.day.begins() + self.millis.div_euclid(1000)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.millis / 1000;
        let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{} {h:02}:{m:02}:{s:02}", self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_moment_falls_on_its_day_in_japan() {
        for text in [
            "1970-01-02",
            "2000-02-29",
            "2026-12-31",
            "2027-01-01",
            "2100-03-01",
        ] {
            let begins = day(text).begins();
            let (before, after) = (Day::of_unix(begins - 1), Day::of_unix(begins + 86_399));
            assert_eq!(
                (Day::of_unix(begins), after),
                (Some(day(text)), Some(day(text)))
            );
            assert!(before.is_some_and(|b| b < day(text)), "{text}");
        }
        assert_eq!(
            (Day::of_unix(-86_400), Day::of_unix(i64::MAX / 2)),
            (None, None)
        );
    }

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn months_clamp_at_the_end() {
        for (from, months, to) in [
            ("2026-05-31", -3, "2026-02-28"),
            ("2028-05-31", -3, "2028-02-29"),
            ("2026-11-30", 3, "2027-02-28"),
            ("2027-11-30", 3, "2028-02-29"),
            ("2026-12-31", 3, "2027-03-31"),
            ("2026-01-15", -3, "2025-10-15"),
            ("2028-02-29", 12, "2029-02-28"),
            ("2026-08-31", 1, "2026-09-30"),
        ] {
            assert_eq!(
                day(from).plus_months(months).to_string(),
                to,
                "{from} {months:+}"
            );
        }
    }

    #[test]
    fn seconds_agree_with_known_instants() {
        for (text, unix) in [
            ("1970-01-01T09:00:00+09:00", 0),
            ("2000-03-01T00:00:00+09:00", 951_836_400),
            ("2026-10-15T09:00:00.000+09:00", 1_792_022_400),
            ("2100-02-28T23:59:59.999+09:00", 4_107_509_999),
        ] {
            assert_eq!(Instant::parse(text).unwrap().unix(), unix, "{text}");
        }
    }

    #[test]
    fn what_is_no_day_or_instant_is_refused() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-1-01",
            "2026-01-01-",
            "20260101",
            "2026-00-10",
            "0000-01-01",
            "２026-01-01",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        for text in [
            "2026-10-15T09:00:00Z",
            "2026-10-15 09:00:00+09:00",
            "2026-10-15T24:00:00+09:00",
            "2026-10-15T09:00:00.1+09:00",
            "",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn next_day_is_one_later(year in 1i64..9999, month in 1i64..=12, day in 1i64..=28) {
            let mut at = Day::new(year, month, day).unwrap();
            for _ in 0..40 {
                let next = at.next();
                prop_assert!(next > at);
                prop_assert_eq!(next.number(), at.number() + 1);
                prop_assert_eq!(next.begins() - at.begins(), 86_400);
                at = next;
            }
        }

        #[test]
        fn months_go_and_come_back_for_days_every_month_has(year in 10i64..9000, month in 1i64..=12, day in 1i64..=28, months in -60i64..60) {
            let from = Day::new(year, month, day).unwrap();
            prop_assert_eq!(from.plus_months(months).plus_months(-months), from);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,32}") {
            let _ = (Day::parse(&text), Instant::parse(&text));
        }
    }
}
