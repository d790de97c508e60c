//! The civil clock: a start handed in, plus what tokio's clock says has passed. Under a paused
//! runtime that is virtual time; jumps are an offset kept here.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};
use tokio::time::Instant;

/// Japan has one offset and no summer time.
const JST: Offset = Offset::constant(9);

/// A clock all houses share. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Clock {
    start_ms: i64,
    origin: Instant,
    jumped_ms: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that shows `start` (Japanese civil time) now. Call it inside a tokio runtime.
    pub fn starting_at(start: DateTime) -> Self {
        let start_ms = to_ms(start);
        Clock {
            start_ms,
            origin: Instant::now(),
            jumped_ms: Arc::default(),
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn now_ms(&self) -> i64 {
        let passed = i64::try_from(self.origin.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.start_ms + self.jumped_ms.load(Ordering::SeqCst) + passed
    }

    /// Moves the civil clock forward to `to`; close connections before. Returns false, and
    /// moves nothing, when `to` lies in the past.
    pub fn jump_to(&self, to: DateTime) -> bool {
        let ahead = to_ms(to) - self.now_ms();
        if ahead >= 0 {
            self.jumped_ms.fetch_add(ahead, Ordering::SeqCst);
        }
        ahead >= 0
    }

    /// Japanese civil time now.
    pub fn civil(&self) -> DateTime {
        civil(self.now_ms())
    }

    /// Japanese calendar day now.
    pub fn today(&self) -> Date {
        self.civil().date()
    }

    /// `2026-10-15T09:00:00.000+09:00`.
    pub fn rfc3339(&self) -> String {
        rfc3339(self.now_ms())
    }

    /// `20261015090000`.
    pub fn compact(&self) -> String {
        self.civil().strftime("%Y%m%d%H%M%S").to_string()
    }
}

/// Measures real time, for progress and benches only; nothing it says may reach evidence.
#[derive(Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Stopwatch(std::time::Instant::now())
    }

    /// Real milliseconds since the start.
    pub fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Real nanoseconds since the start.
    pub fn nanoseconds(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Real time now, for seals and the certificates under them; nothing of it may reach evidence.
pub fn real_now() -> Timestamp {
    Timestamp::now()
}

/// Milliseconds since 1970 of a Japanese civil time.
pub fn to_ms(civil: DateTime) -> i64 {
    // Only times beyond year 9999 have no timestamp; they stay at the edge.
    JST.to_timestamp(civil)
        .map_or(i64::MAX / 2, Timestamp::as_millisecond)
}

/// Japanese civil time of an instant.
pub fn civil(ms: i64) -> DateTime {
    let stamp = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
    stamp.to_zoned(TimeZone::fixed(JST)).datetime()
}

/// RFC 3339 with milliseconds and `+09:00`.
pub fn rfc3339(ms: i64) -> String {
    civil(ms)
        .strftime("%Y-%m-%dT%H:%M:%S.%3f+09:00")
        .to_string()
}

/// The last instant a certificate that ends on `last_day` is valid: 23:59:59 Japanese time.
pub fn end_of(last_day: Date) -> DateTime {
    last_day.at(23, 59, 59, 0)
}

/// `day` plus some months, clamped to the month's end.
pub fn months_after(day: Date, months: i32) -> Date {
    day.checked_add(Span::new().months(months)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::civil::datetime;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn shows_virtual_time_and_jumps_forward_only() {
        let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(clock.rfc3339(), "2026-10-15T09:00:01.500+09:00");
        assert!(clock.jump_to(datetime(2031, 1, 1, 0, 0, 0, 0)));
        assert_eq!(clock.compact(), "20310101000000");
        assert!(!clock.jump_to(datetime(2030, 1, 1, 0, 0, 0, 0)));
        assert_eq!(clock.today().to_string(), "2031-01-01");
    }

    #[test]
    fn certificates_end_at_the_utc_second_the_profile_says() {
        let end = to_ms(end_of(jiff::civil::date(2030, 2, 17))) / 1000;
        assert_eq!(
            Timestamp::from_second(end).unwrap().to_string(),
            "2030-02-17T14:59:59Z"
        );
    }
}
