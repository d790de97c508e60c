//! What must be absent: crates that may be found nowhere below a room, neither in its manifest (of any kind)
//! nor in what `cargo tree` says it is built from. Absence is the one thing a reader cannot see by reading.

use std::collections::BTreeSet;
use std::path::Path;

use crate::broken::Broken;
use crate::metadata::{self, Room};
use crate::table::{Absent, Table};
use crate::trouble::Trouble;

/// Checks every row of `absent`; `built_from` answers with the names of all crates a room is built from.
pub fn check(
    table: &Table,
    rooms: &[Room],
    built_from: &mut dyn FnMut(&str) -> Result<BTreeSet<String>, Trouble>,
) -> Result<Vec<Broken>, Trouble> {
    let mut broken = Vec::new();
    for rule in &table.absent {
        for name in &rule.from {
            match rooms.iter().find(|room| &room.name == name) {
                Some(room) => broken.extend(present(rule, room, &built_from(name)?)),
                None => broken.push(Broken {
                    rule: "absent",
                    file: crate::table::FILE.into(),
                    line: 1,
                    what: format!("{name} is named under `absent` and is no room of the workspace"),
                    who: "the import table".into(),
                    next: "take the name out, or mend it".into(),
                }),
            }
        }
    }
    Ok(broken)
}

fn present(rule: &Absent, room: &Room, built_from: &BTreeSet<String>) -> Vec<Broken> {
    let direct: BTreeSet<&str> = room
        .dependencies
        .iter()
        .map(|dependency| dependency.name.as_str())
        .collect();
    rule.crates
        .iter()
        .filter(|name| direct.contains(name.as_str()) || built_from.contains(*name))
        .map(|name| {
            let way = if direct.contains(name.as_str()) {
                "in its manifest"
            } else {
                "through something it imports"
            };
            Broken {
                rule: "absent",
                file: room.manifest_path(),
                line: room.line_of(name),
                what: format!("{name} is part of {} ({way})", room.name),
                who: format!("the room {}: {}", room.name, rule.because),
                next: format!(
                    "`cargo tree -p {} -i {name}` shows the way it came in; cut it there",
                    room.name
                ),
            }
        })
        .collect()
}

/// The names of all crates that `room` is built from, itself included, by `cargo tree`.
pub fn cargo_tree(root: &Path, room: &str) -> Result<BTreeSet<String>, Trouble> {
    let printed = metadata::cargo(
        root,
        &[
            "tree", "--locked", "-p", room, "-e", "normal", "--prefix", "none",
        ],
    )?;
    let names = names(&printed);
    // An empty or foreign answer would prove absence of everything.
    if names.contains(room) {
        Ok(names)
    } else {
        Err(Trouble::Cargo {
            command: format!("tree -p {room}"),
            reason: format!("its answer does not name {room}"),
        })
    }
}

fn names(printed: &str) -> BTreeSet<String> {
    printed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::testing::room;

    const TREE: &str = "judge v0.1.0 (/x/judge)\nserde v1.0.1\nserde_core v1.0.1 (*)\nevidence v0.1.0 (/x/evidence)\n";

    fn table() -> Table {
        Table::parse("rooms: []\nonly: []\nabsent:\n  - {from: [judge], crates: [world, tokio], because: own code}\n")
            .unwrap()
    }

    fn found(judge: Room, tree: &str) -> Vec<String> {
        check(&table(), &[judge], &mut |_| Ok(names(tree)))
            .unwrap()
            .into_iter()
            .map(|broken| broken.what)
            .collect()
    }

    #[test]
    fn the_tree_is_read_by_name_exactly() {
        let expected: BTreeSet<String> = ["evidence", "judge", "serde", "serde_core"]
            .map(str::to_owned)
            .into();
        assert_eq!(names(TREE), expected);
    }

    #[test]
    fn nothing_is_said_when_all_is_absent() {
        assert!(found(room("judge", &[("serde", "normal", false)]), TREE).is_empty());
        let similar = format!("{TREE}tokio-util v1.0.0\nworldly v0.1.0\n");
        assert!(
            found(room("judge", &[]), &similar).is_empty(),
            "a name that only begins alike is another crate"
        );
    }

    #[test]
    fn a_way_in_through_others_or_for_tests_only_is_found() {
        let through = format!("{TREE}world v0.1.0 (/x/world)\n");
        assert_eq!(
            found(room("judge", &[]), &through),
            ["world is part of judge (through something it imports)"]
        );
        let for_tests = room("judge", &[("tokio", "dev", false)]);
        assert_eq!(
            found(for_tests, TREE),
            ["tokio is part of judge (in its manifest)"]
        );
    }

    #[test]
    fn a_rule_for_nobody_is_broken_itself() {
        let none = check(&table(), &[], &mut |_| Ok(BTreeSet::new())).unwrap();
        assert_eq!(none.len(), 1);
        assert!(none[0].what.contains("judge is named under `absent`"));
    }
}
