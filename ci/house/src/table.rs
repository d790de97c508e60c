//! The import table, read from `edges.yaml`: a decision about the design, kept as data and shown in
//! `ARCHITECTURE.md` row for row.

use serde::Deserialize;

use crate::trouble::Trouble;

/// Where the table lies in the tree.
pub const FILE: &str = "ci/house/edges.yaml";

/// Who may import whom.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// One row a crate of ours.
    pub rooms: Vec<Row>,
    /// Imports that are narrowed to one module.
    pub only: Vec<Only>,
    /// Crates that must be found nowhere below some rooms.
    pub absent: Vec<Absent>,
}

/// What one room may import.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The crate's name.
    pub room: String,
    /// The crates it may import; a lone `*` stands for every room.
    pub imports: Vec<String>,
    /// What the row protects.
    pub because: String,
}

/// An import of which only one module may be named.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// The importing crate.
    pub room: String,
    /// The imported crate.
    pub of: String,
    /// The module it may name.
    pub module: String,
    /// What the row protects.
    pub because: String,
}

/// Crates that may not be part of some rooms, directly or through others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absent {
    /// The rooms looked at.
    pub from: Vec<String>,
    /// What must not be found there.
    pub crates: Vec<String>,
    /// What the row protects.
    pub because: String,
}

impl Table {
    /// The table this program was built with.
    pub fn of_this_house() -> Result<Self, Trouble> {
        Self::parse(include_str!("../edges.yaml"))
    }

    /// Reads a table.
    pub fn parse(yaml: &str) -> Result<Self, Trouble> {
        serde_saphyr::from_str(yaml).map_err(|error| Trouble::OwnTable {
            file: FILE,
            reason: error.to_string(),
        })
    }

    /// The row of `room`.
    pub fn row(&self, room: &str) -> Option<&Row> {
        self.rooms.iter().find(|row| row.room == room)
    }
}

impl Row {
    /// Whether this row lets its room import `room`.
    pub fn allows(&self, room: &str) -> bool {
        self.imports
            .iter()
            .any(|import| import == "*" || import == room)
    }

    /// The row as `ARCHITECTURE.md` shows it.
    pub fn shown(&self) -> String {
        let imports = match self.imports.as_slice() {
            [] => "nothing".to_owned(),
            [all] if all == "*" => "everything".to_owned(),
            some => some.join(", "),
        };
        format!("| {} | {} | {} |", self.room, imports, self.because)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_this_house_is_closed_and_says_why() {
        let table = Table::of_this_house().unwrap();
        for row in &table.rooms {
            assert!(!row.because.is_empty(), "{} gives no reason", row.room);
            for import in row.imports.iter().filter(|import| *import != "*") {
                assert!(
                    table.row(import).is_some(),
                    "{} may import {import}, which is no room",
                    row.room
                );
                assert_ne!(import, &row.room, "a room imports itself");
            }
        }
        for only in &table.only {
            assert!(
                table.row(&only.room).unwrap().allows(&only.of),
                "{} narrows what it may not import",
                only.room
            );
        }
    }

    #[test]
    fn the_judge_may_import_no_room_of_the_simulator() {
        let table = Table::of_this_house().unwrap();
        assert_eq!(
            table.row("judge").unwrap().imports,
            ["evidence", "requirements"]
        );
        assert!(
            !table.row("scenarios").unwrap().allows("judge"),
            "whoever plays never judges"
        );
    }

    #[test]
    fn rows_are_shown_in_one_way() {
        let row = |imports: &[&str]| Row {
            room: "r".into(),
            imports: imports.iter().map(|&import| import.to_owned()).collect(),
            because: "b".into(),
        };
        assert_eq!(row(&[]).shown(), "| r | nothing | b |");
        assert_eq!(row(&["*"]).shown(), "| r | everything | b |");
        assert_eq!(row(&["x", "y"]).shown(), "| r | x, y | b |");
        assert!(row(&["*"]).allows("anything") && !row(&["x"]).allows("y"));
    }

    #[test]
    fn a_misspelt_field_is_refused_with_its_place() {
        let trouble = Table::parse("rooms: []\nonly: []\nabsent: []\nrums: []\n")
            .unwrap_err()
            .to_string();
        assert!(
            trouble.contains("ci/house/edges.yaml") && trouble.contains("rums"),
            "{trouble}"
        );
    }
}
