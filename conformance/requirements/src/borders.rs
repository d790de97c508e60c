//! The hand-worked table of expiry borders: the third opinion beside the simulator's and the judge's.

use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use crate::BORDERS_YAML;
use crate::data::{DataError, is_day, read};

/// Where a day lies in a certificate's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Before the first day.
    NotYetValid,
    /// Valid, nothing to say.
    Normal,
    /// Valid, renewal notice.
    Notice,
    /// Expired, qualification only.
    Grace,
    /// Grace over.
    Over,
}

/// One day worked out by hand. Days are Japanese calendar days, `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Border {
    /// First day of the certificate.
    pub first_valid_day: String,
    /// Last valid day of the certificate.
    pub last_valid_day: String,
    /// The day asked about.
    pub today: String,
    /// The period when the grace ends with the month.
    pub month_end: Period,
    /// The period when the grace ends on the day.
    pub same_day: Period,
    /// The arithmetic in words.
    pub working: String,
}

/// The table compiled in.
pub fn borders() -> Result<Vec<Border>, DataError> {
    borders_from("conformance/requirements/borders.yaml", BORDERS_YAML)
}

/// Reads a table. Refuses another shape, a day that is not written `YYYY-MM-DD`, and a row without its working,
/// with file and line.
pub fn borders_from(file: &str, yaml: &str) -> Result<Vec<Border>, DataError> {
    let written: Vec<Spanned<Border>> = read(file, yaml)?;
    written
        .into_iter()
        .map(
            |Spanned {
                 value: row,
                 referenced,
                 ..
             }| match problem_with(&row) {
                None => Ok(row),
                Some((name, problem)) => Err(DataError::Value {
                    file: file.to_owned(),
                    line: referenced.line(),
                    name: name.to_owned(),
                    problem,
                }),
            },
        )
        .collect()
}

fn problem_with(row: &Border) -> Option<(&'static str, String)> {
    let days = [
        ("first_valid_day", &row.first_valid_day),
        ("last_valid_day", &row.last_valid_day),
        ("today", &row.today),
    ];
    if let Some((name, day)) = days.into_iter().find(|(_, day)| !is_day(day)) {
        return Some((name, format!("{day:?} is no day YYYY-MM-DD")));
    }
    row.working
        .trim()
        .is_empty()
        .then(|| ("working", "empty; write the arithmetic out".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_shipped_table_touches_every_period_and_both_readings() {
        let rows = borders().unwrap();
        assert!(rows.len() >= 14, "{} rows", rows.len());
        let periods: BTreeSet<_> = rows
            .iter()
            .flat_map(|row| [row.month_end, row.same_day])
            .collect();
        assert_eq!(periods.len(), 5);
        assert!(rows.iter().any(|row| row.month_end != row.same_day));
        let days: BTreeSet<_> = rows
            .iter()
            .map(|row| (&row.last_valid_day, &row.today))
            .collect();
        assert_eq!(days.len(), rows.len(), "a row is there twice");
    }

    #[test]
    fn mistakes_are_told_with_file_and_line() {
        let good = "- {first_valid_day: 2021-01-01, last_valid_day: 2026-01-01, today: 2025-01-01, month_end: normal, same_day: normal, working: Because.}\n";
        assert!(borders_from("mine.yaml", good).is_ok());
        for (from, to, words) in [
            (
                "2026-01-01",
                "2026-1-1",
                "last_valid_day: \"2026-1-1\" is no day",
            ),
            ("2026-01-01", "2026-13-01", "is no day"),
            ("2026-01-01", "2026-02-29", "is no day"),
            ("2025-01-01", "tomorrow", "today: \"tomorrow\""),
            ("working: Because.", "working: ''", "working: empty"),
            ("month_end: normal", "month_end: fine", "fine"),
            (", working: Because.", "", "working"),
        ] {
            let yaml = format!("# a comment\n{}", good.replacen(from, to, 1));
            let said = borders_from("mine.yaml", &yaml).unwrap_err().to_string();
            assert!(
                said.starts_with("mine.yaml:2:") && said.contains(words),
                "{from} → {to}: {said}"
            );
        }
    }
}
