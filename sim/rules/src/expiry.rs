//! The five periods in a user-authentication certificate's life and the borders between them.
//! Three months back or forth clamp to the month's end: 31 May less three months is the last of February,
//! 30 November plus three months too. Source: facts/eligibility.md 4.2.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::{GraceEnd, Profile};

const MONTHS: i64 = 3;

/// Where a day lies in a certificate's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// Before the first day.
    NotYetValid,
    /// Valid, nothing to say.
    Normal,
    /// Valid, the renewal notice is shown (LIFE-01).
    Notice,
    /// Expired, qualification only (LIFE-02).
    Grace,
    /// Expired and the grace is over (LIFE-03).
    Over,
}

/// First day of the renewal notice: three months before the last valid day.
pub fn notice_starts(last_valid: Date) -> Date {
    last_valid.saturating_sub(MONTHS.months())
}

/// First day of the grace: the day after the last valid one.
pub fn grace_starts(last_valid: Date) -> Date {
    last_valid.saturating_add(1.day())
}

/// Last day of the grace, which public sources dispute (see [`GraceEnd`]).
pub fn grace_ends(last_valid: Date, grace_end: GraceEnd) -> Date {
    match grace_end {
        GraceEnd::SameDay => last_valid.saturating_add(MONTHS.months()),
        GraceEnd::MonthEnd => last_valid
            .first_of_month()
            .saturating_add(MONTHS.months())
            .last_of_month(),
    }
}

/// First day on which the card confirms nothing any more: the day after the grace.
pub fn over_from(last_valid: Date, grace_end: GraceEnd) -> Date {
    grace_ends(last_valid, grace_end).saturating_add(1.day())
}

/// The period `today` lies in, for a certificate valid from `first_day` to `last_valid`, both inclusive.
pub fn period(first_day: Date, last_valid: Date, today: Date, profile: &Profile) -> Period {
    if today < first_day {
        Period::NotYetValid
    } else if today < notice_starts(last_valid) {
        Period::Normal
    } else if today <= last_valid {
        Period::Notice
    } else if today <= grace_ends(last_valid, profile.grace_end) {
        Period::Grace
    } else {
        Period::Over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn with(grace_end: GraceEnd) -> Profile {
        Profile {
            grace_end,
            ..Profile::default()
        }
    }

    #[test]
    fn borders_clamp_at_both_ends() {
        // last valid day, notice from, grace to by month end, grace to by the day
        for (last, notice, month_end, same_day) in [
            (
                date(2026, 11, 10),
                date(2026, 8, 10),
                date(2027, 2, 28),
                date(2027, 2, 10),
            ),
            (
                date(2026, 5, 31),
                date(2026, 2, 28),
                date(2026, 8, 31),
                date(2026, 8, 31),
            ),
            (
                date(2028, 5, 31),
                date(2028, 2, 29),
                date(2028, 8, 31),
                date(2028, 8, 31),
            ),
            (
                date(2026, 11, 30),
                date(2026, 8, 30),
                date(2027, 2, 28),
                date(2027, 2, 28),
            ),
            (
                date(2027, 11, 30),
                date(2027, 8, 30),
                date(2028, 2, 29),
                date(2028, 2, 29),
            ),
            (
                date(2027, 11, 28),
                date(2027, 8, 28),
                date(2028, 2, 29),
                date(2028, 2, 28),
            ),
            (
                date(2028, 2, 29),
                date(2027, 11, 29),
                date(2028, 5, 31),
                date(2028, 5, 29),
            ),
            (
                date(2027, 1, 31),
                date(2026, 10, 31),
                date(2027, 4, 30),
                date(2027, 4, 30),
            ),
        ] {
            assert_eq!(notice_starts(last), notice, "{last}");
            assert_eq!(grace_ends(last, GraceEnd::MonthEnd), month_end, "{last}");
            assert_eq!(grace_ends(last, GraceEnd::SameDay), same_day, "{last}");
            assert_eq!(
                over_from(last, GraceEnd::SameDay),
                same_day.tomorrow().unwrap(),
                "{last}"
            );
        }
    }

    #[derive(serde::Deserialize)]
    struct Row {
        first_valid_day: String,
        last_valid_day: String,
        today: String,
        month_end: String,
        same_day: String,
    }

    #[test]
    fn the_hand_worked_table_agrees() {
        let rows: Vec<Row> = serde_saphyr::from_str(include_str!(
            "../../../conformance/requirements/borders.yaml"
        ))
        .unwrap();
        assert!(rows.len() >= 14, "{} rows", rows.len());
        for row in rows {
            let days = [&row.first_valid_day, &row.last_valid_day, &row.today]
                .map(|day| day.parse::<Date>().unwrap());
            for (grace_end, expected) in [
                (GraceEnd::MonthEnd, &row.month_end),
                (GraceEnd::SameDay, &row.same_day),
            ] {
                let found = period(days[0], days[1], days[2], &with(grace_end));
                assert_eq!(
                    name(found),
                    expected,
                    "last valid {}, today {}, {grace_end:?}",
                    row.last_valid_day,
                    row.today
                );
            }
        }
    }

    fn name(period: Period) -> &'static str {
        match period {
            Period::NotYetValid => "not_yet_valid",
            Period::Normal => "normal",
            Period::Notice => "notice",
            Period::Grace => "grace",
            Period::Over => "over",
        }
    }

    #[test]
    fn the_ends_of_the_calendar_do_not_panic() {
        for day in [Date::MIN, Date::MAX] {
            for grace_end in [GraceEnd::MonthEnd, GraceEnd::SameDay] {
                assert_eq!(
                    period(Date::MIN, day, day, &with(grace_end)),
                    Period::Notice
                );
            }
        }
    }

    fn any_day() -> impl Strategy<Value = Date> {
        (0i32..36_525).prop_map(|days| date(2000, 1, 1).saturating_add(days.days()))
    }

    proptest! {
        #[test]
        fn periods_follow_one_another(first in any_day(), last in any_day(), today in any_day()) {
            prop_assume!(first <= last);
            for grace_end in [GraceEnd::MonthEnd, GraceEnd::SameDay] {
                let profile = with(grace_end);
                let tomorrow = today.tomorrow().unwrap();
                prop_assert!(period(first, last, today, &profile) <= period(first, last, tomorrow, &profile));
            }
        }

        #[test]
        fn the_certificate_is_in_force_exactly_between_its_days(first in any_day(), last in any_day(), today in any_day()) {
            prop_assume!(first <= last);
            let found = period(first, last, today, &Profile::default());
            prop_assert_eq!(matches!(found, Period::Normal | Period::Notice), first <= today && today <= last);
        }

        #[test]
        fn the_two_readings_end_in_one_month_and_differ_only_before_its_end(last in any_day()) {
            let by_day = grace_ends(last, GraceEnd::SameDay);
            let by_month = grace_ends(last, GraceEnd::MonthEnd);
            prop_assert!(by_day <= by_month);
            prop_assert_eq!(by_day.last_of_month(), by_month);
        }

        #[test]
        fn three_months_are_three_months(last in any_day()) {
            let months = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month());
            prop_assert_eq!(months(notice_starts(last)), months(last) - 3);
            prop_assert_eq!(months(grace_ends(last, GraceEnd::SameDay)), months(last) + 3);
            prop_assert!(notice_starts(last).day() == last.day() || notice_starts(last) == notice_starts(last).last_of_month());
        }
    }
}
