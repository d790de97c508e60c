//! A figure with its unit and aim, and the median all of them are.

use serde::Serialize;

/// One measured figure.
#[derive(Serialize)]
pub struct Figure {
    /// What was measured.
    pub what: String,
    /// The value, rounded for people.
    pub shown: String,
    /// `µs`, `ms`, `MiB`, `×`, `/s`.
    pub unit: &'static str,
    /// What the design aims at.
    pub aim: Option<String>,
}

impl Figure {
    /// A figure with so many decimals.
    pub fn new(what: impl Into<String>, value: f64, decimals: usize, unit: &'static str) -> Self {
        Figure {
            what: what.into(),
            shown: format!("{value:.decimals$}"),
            unit,
            aim: None,
        }
    }

    /// The same with the design's aim.
    pub fn aiming(self, aim: &str) -> Self {
        Figure {
            aim: Some(aim.to_owned()),
            ..self
        }
    }
}

/// The middle of some values; of none, zero.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![]), 0.0);
    }
}
