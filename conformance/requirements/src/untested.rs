//! The requirements no check judges yet, each with what it waits for, so that incomplete never looks green.

use serde::Serialize;

use crate::data::{DataError, Ordered, read};
use crate::{InTwoTongues, UNTESTED_YAML};

/// A requirement without a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Untested {
    /// Its id in the catalogue.
    pub id: String,
    /// What it waits for.
    pub reason: InTwoTongues,
}

/// The list compiled in, in the catalogue's order.
pub fn untested() -> Result<Vec<Untested>, DataError> {
    untested_from("conformance/requirements/untested.yaml", UNTESTED_YAML)
}

/// Reads a list. Refuses another shape, an id twice and an empty reason, with file and line.
pub fn untested_from(file: &str, yaml: &str) -> Result<Vec<Untested>, DataError> {
    let Ordered(written) = read::<Ordered<InTwoTongues>>(file, yaml)?;
    let mut rows = Vec::new();
    for (id, reason) in written {
        if reason.ja.trim().is_empty() || reason.en.trim().is_empty() {
            let line = id.referenced.line();
            return Err(DataError::Value {
                file: file.to_owned(),
                line,
                name: id.value,
                problem: "a reason is empty".to_owned(),
            });
        }
        rows.push(Untested {
            id: id.value,
            reason,
        });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;

    #[test]
    fn every_row_is_a_requirement_in_the_catalogues_order() {
        let catalogue = Catalogue::shipped().unwrap();
        let rows = untested().unwrap();
        let known: Vec<_> = catalogue
            .requirements()
            .map(|requirement| requirement.id.as_str())
            .filter(|id| rows.iter().any(|row| row.id == *id))
            .collect();
        let listed: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(listed, known);
    }

    #[test]
    fn mistakes_are_told_with_file_and_line() {
        for (yaml, place) in [
            (
                "A-1: {ja: 一, en: One.}\nA-2: {ja: '', en: Two.}\n",
                "mine.yaml:2: A-2: a reason is empty",
            ),
            (
                "A-1: {ja: 一, en: One.}\nA-1: {ja: 一, en: One.}\n",
                "mine.yaml:2:",
            ),
            ("A-1: {ja: 一}\n", "mine.yaml:1:"),
            ("- A-1\n", "mine.yaml:1:"),
        ] {
            let said = untested_from("mine.yaml", yaml).unwrap_err().to_string();
            assert!(said.starts_with(place), "{said}");
        }
    }
}
