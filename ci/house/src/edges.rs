//! The import table against the manifests: an edge between two of our rooms that no row declares fails, and
//! so does a room without a row or a row without a room.

use std::collections::BTreeSet;

use crate::broken::Broken;
use crate::metadata::Room;
use crate::table::{self, Table};

/// Names every undeclared edge.
pub fn check(table: &Table, rooms: &[Room]) -> Vec<Broken> {
    let ours: BTreeSet<&str> = rooms.iter().map(|room| room.name.as_str()).collect();
    let mut broken = rows_without_rooms(table, &ours);
    for room in rooms {
        match table.row(&room.name) {
            None => broken.push(Broken {
                rule: "edges",
                file: room.manifest_path(),
                line: room.line_of("name"),
                what: format!("{} has no row in the import table", room.name),
                who: format!("the room {}", room.name),
                next: format!(
                    "decide what it may import and write the row in {}",
                    table::FILE
                ),
            }),
            Some(row) => broken.extend(undeclared(row, room, &ours)),
        }
    }
    broken
}

fn undeclared(row: &table::Row, room: &Room, ours: &BTreeSet<&str>) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut seen = BTreeSet::new();
    for dependency in &room.dependencies {
        let known = ours.contains(dependency.name.as_str());
        let is_edge = known || dependency.by_path;
        if !is_edge || (known && row.allows(&dependency.name)) || !seen.insert(&dependency.name) {
            continue;
        }
        let kind = if dependency.kind == "normal" {
            String::new()
        } else {
            format!(" ({} dependency)", dependency.kind)
        };
        let why = if known {
            "not in the table"
        } else {
            "a path to something that is no room of this workspace"
        };
        broken.push(Broken {
            rule: "edges",
            file: room.manifest_path(),
            line: room.line_of(&dependency.name),
            what: format!("{} → {}{kind}: {why}", room.name, dependency.name),
            who: format!("the room {} ({})", room.name, row.because),
            next: format!(
                "take the dependency out, or change the design and {} with it",
                table::FILE
            ),
        });
    }
    broken
}

fn rows_without_rooms(table: &Table, ours: &BTreeSet<&str>) -> Vec<Broken> {
    table
        .rooms
        .iter()
        .filter(|row| !ours.contains(row.room.as_str()))
        .map(|row| Broken {
            rule: "edges",
            file: table::FILE.into(),
            line: 1,
            what: format!(
                "the table has a row for {}, which is no crate of the workspace",
                row.room
            ),
            who: "the import table".into(),
            next: "take the row out".into(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::testing::room;

    fn table() -> Table {
        Table::parse(
            "rooms:\n  - {room: judge, imports: [evidence], because: own code}\n  - {room: evidence, imports: [], \
             because: files}\n  - {room: world, imports: [], because: clock}\n  - {room: top, imports: ['*'], because: \
             all}\nonly: []\nabsent: []\n",
        )
        .unwrap()
    }

    fn whats(rooms: &[Room]) -> Vec<String> {
        check(&table(), rooms)
            .into_iter()
            .map(|broken| broken.what)
            .collect()
    }

    fn all(judge: Room) -> Vec<Room> {
        vec![
            judge,
            room("evidence", &[]),
            room("world", &[]),
            room("top", &[("judge", "normal", true)]),
        ]
    }

    #[test]
    fn declared_edges_and_other_peoples_crates_pass() {
        let judge = room(
            "judge",
            &[("evidence", "normal", true), ("serde", "normal", false)],
        );
        assert!(whats(&all(judge)).is_empty());
    }

    #[test]
    fn an_undeclared_edge_is_named_whatever_its_kind() {
        for (kind, expected) in [
            ("normal", "judge → world: not in the table"),
            ("dev", "judge → world (dev dependency): not in the table"),
            (
                "build",
                "judge → world (build dependency): not in the table",
            ),
        ] {
            let found = check(&table(), &all(room("judge", &[("world", kind, true)])));
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].what, expected);
            assert_eq!(
                (found[0].file.as_str(), found[0].line),
                ("sim/judge/Cargo.toml", 6)
            );
        }
    }

    #[test]
    fn a_path_to_a_crate_outside_the_workspace_is_an_edge_too() {
        let found = whats(&all(room("judge", &[("hidden", "normal", true)])));
        assert_eq!(
            found,
            ["judge → hidden: a path to something that is no room of this workspace"]
        );
    }

    #[test]
    fn rooms_and_rows_must_match() {
        let mut rooms = all(room("judge", &[]));
        rooms.push(room("newcomer", &[]));
        rooms.retain(|room| room.name != "world");
        assert_eq!(
            whats(&rooms),
            [
                "the table has a row for world, which is no crate of the workspace",
                "newcomer has no row in the import table"
            ]
        );
    }
}
