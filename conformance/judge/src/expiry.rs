//! Where a day lies in a certificate's life: the judge's reading of the renewal notice and of the
//! three months of grace. The end of the grace is disputed, so it is a value of the profile.

use crate::calendar::Day;

/// How the grace ends (profile value `grace_end`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraceEnd {
    /// On the last day of the third month after the month of expiry.
    MonthEnd,
    /// Three months after the last valid day, on the same day of the month.
    SameDay,
}

/// The periods of a certificate's life, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// Before the first valid day.
    NotYet,
    /// Valid, nothing to tell.
    Valid,
    /// Valid, and the renewal notice is due.
    Notice,
    /// Expired; the qualification alone is still confirmed.
    Grace,
    /// Nothing is confirmed any more.
    After,
}

impl GraceEnd {
    /// Reads the profile value.
    pub fn parse(value: &str) -> Option<Self> {
        match value {
            "month_end" => Some(GraceEnd::MonthEnd),
            "same_day" => Some(GraceEnd::SameDay),
            _ => None,
        }
    }
}

/// The last day of the grace of a certificate valid until `last`, that day included.
pub fn grace_ends(last: Day, end: GraceEnd) -> Day {
    let later = last.plus_months(3);
    match end {
        GraceEnd::MonthEnd => later.month_end(),
        GraceEnd::SameDay => later,
    }
}

/// The period in which `today` lies.
pub fn period(first: Day, last: Day, today: Day, end: GraceEnd) -> Period {
    if today > grace_ends(last, end) {
        Period::After
    } else if today > last {
        Period::Grace
    } else if today < first {
        Period::NotYet
    } else if today >= last.plus_months(-3) {
        Period::Notice
    } else {
        Period::Valid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn borders_worked_out_by_the_judges_own_hand() {
        for (last, today, month_end, same_day) in [
            ("2026-08-10", "2026-05-09", Period::Valid, Period::Valid),
            ("2026-08-10", "2026-05-10", Period::Notice, Period::Notice),
            ("2026-08-10", "2026-08-10", Period::Notice, Period::Notice),
            ("2026-08-10", "2026-08-11", Period::Grace, Period::Grace),
            ("2026-08-10", "2026-11-10", Period::Grace, Period::Grace),
            ("2026-08-10", "2026-11-11", Period::Grace, Period::After),
            ("2026-08-10", "2026-11-30", Period::Grace, Period::After),
            ("2026-08-10", "2026-12-01", Period::After, Period::After),
            ("2026-05-31", "2026-02-27", Period::Valid, Period::Valid),
            ("2026-05-31", "2026-02-28", Period::Notice, Period::Notice),
            ("2027-11-30", "2028-02-29", Period::Grace, Period::Grace),
            ("2027-11-30", "2028-03-01", Period::After, Period::After),
            ("2027-11-29", "2028-02-29", Period::Grace, Period::Grace),
            ("2026-11-29", "2027-02-28", Period::Grace, Period::Grace),
            ("2026-11-29", "2027-03-01", Period::After, Period::After),
        ] {
            let first = day("2021-01-01");
            let found = [GraceEnd::MonthEnd, GraceEnd::SameDay]
                .map(|e| period(first, day(last), day(today), e));
            assert_eq!(found, [month_end, same_day], "{last} seen on {today}");
        }
        assert_eq!(
            period(
                day("2026-10-16"),
                day("2031-01-01"),
                day("2026-10-15"),
                GraceEnd::MonthEnd
            ),
            Period::NotYet
        );
    }

    #[test]
    fn the_third_opinion_agrees() {
        let table: Vec<serde_json::Value> =
            serde_saphyr::from_str(include_str!("../../requirements/borders.yaml")).unwrap();
        assert!(table.len() > 20);
        for row in table {
            let at = |name: &str| day(row[name].as_str().unwrap());
            for (name, end) in [
                ("month_end", GraceEnd::MonthEnd),
                ("same_day", GraceEnd::SameDay),
            ] {
                let expected = match row[name].as_str().unwrap() {
                    "not_yet_valid" => Period::NotYet,
                    "normal" => Period::Valid,
                    "notice" => Period::Notice,
                    "grace" => Period::Grace,
                    "over" => Period::After,
                    other => panic!("{other} is no period"),
                };
                let found = period(
                    at("first_valid_day"),
                    at("last_valid_day"),
                    at("today"),
                    end,
                );
                assert_eq!(found, expected, "{name}: {row}");
            }
        }
    }

    proptest! {
        #[test]
        fn periods_come_in_order_and_the_day_ends_no_later_than_the_month(
            year in 2000i64..2100, month in 1i64..=12, d in 1i64..=31, ahead in 0usize..500,
        ) {
            prop_assume!(Day::new(year, month, d).is_some());
            let last = Day::new(year, month, d).unwrap();
            let mut today = last.plus_months(-8);
            let first = last.plus_months(-60);
            for _ in 0..ahead {
                let tomorrow = today.next();
                for end in [GraceEnd::MonthEnd, GraceEnd::SameDay] {
                    prop_assert!(period(first, last, today, end) <= period(first, last, tomorrow, end));
                }
                prop_assert!(
                    period(first, last, today, GraceEnd::MonthEnd) <= period(first, last, today, GraceEnd::SameDay)
                );
                today = tomorrow;
            }
        }
    }
}
