//! Pages that promise to be complete are held to it: `ARCHITECTURE.md` shows the import table row for row,
//! and `CONTRIBUTING.md` says of every dependency why it was chosen.

use std::collections::BTreeSet;

use crate::broken::Broken;
use crate::metadata::Room;
use crate::table::{self, Table};
use crate::tree::File;

const ARCHITECTURE: &str = "ARCHITECTURE.md";
const CONTRIBUTING: &str = "CONTRIBUTING.md";
/// The heading of the import table in `ARCHITECTURE.md`.
const IMPORTS: &str = "| room | may import | because |";
/// The heading of the dependency table in `CONTRIBUTING.md`; a first cell may name several crates.
const DEPENDENCIES: &str = "| crate | why this one |";

/// Names the rows that are missing or stale.
pub fn check(table: &Table, rooms: &[Room], files: &[File]) -> Vec<Broken> {
    let mut broken = Vec::new();
    if let Some(shown) = rows(files, ARCHITECTURE, IMPORTS, &mut broken) {
        let expected: Vec<String> = table.rooms.iter().map(table::Row::shown).collect();
        for row in expected
            .iter()
            .filter(|row| !shown.iter().any(|(_, shown)| shown == *row))
        {
            broken.push(at(
                ARCHITECTURE,
                1,
                format!("the import table lacks the row {row}"),
                "write it as it stands here",
            ));
        }
        for (line, row) in shown.iter().filter(|(_, row)| !expected.contains(row)) {
            broken.push(at(
                ARCHITECTURE,
                *line,
                format!("{row} is not what {} says", table::FILE),
                "mend the row",
            ));
        }
    }
    if let Some(shown) = rows(files, CONTRIBUTING, DEPENDENCIES, &mut broken) {
        broken.extend(unexplained(rooms, &shown));
    }
    broken
}

fn unexplained(rooms: &[Room], shown: &[(usize, String)]) -> Vec<Broken> {
    let ours: BTreeSet<&str> = rooms.iter().map(|room| room.name.as_str()).collect();
    let all = rooms
        .iter()
        .flat_map(|room| &room.dependencies)
        .map(|dependency| dependency.name.as_str());
    let used: BTreeSet<&str> = all.filter(|name| !ours.contains(name)).collect();
    let explained: Vec<(usize, &str)> = shown
        .iter()
        .flat_map(|(line, row)| first_cell(row).split(", ").map(|name| (*line, name)))
        .collect();
    let missing = used
        .iter()
        .filter(|name| !explained.iter().any(|(_, row)| row == *name))
        .map(|name| {
            at(
                CONTRIBUTING,
                1,
                format!("no word about the dependency {name}"),
                "add a row that says why it was chosen",
            )
        });
    let stale = explained
        .iter()
        .filter(|(_, name)| !used.contains(name))
        .map(|(line, name)| {
            at(
                CONTRIBUTING,
                *line,
                format!("{name} is explained and used by no room"),
                "take it out of the table",
            )
        });
    missing.chain(stale).collect()
}

/// The rows below the table heading `heading` in `page`, with their lines.
fn rows(
    files: &[File],
    page: &str,
    heading: &str,
    broken: &mut Vec<Broken>,
) -> Option<Vec<(usize, String)>> {
    let text = files
        .iter()
        .find(|file| file.path == page)
        .map_or("", |file| file.text.as_str());
    let numbered: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .collect();
    let Some(start) = numbered.iter().position(|(_, line)| *line == heading) else {
        broken.push(at(
            page,
            1,
            format!("no table headed {heading}"),
            "bring the page and its table back",
        ));
        return None;
    };
    let rows = numbered[start + 1..]
        .iter()
        .take_while(|(_, line)| line.starts_with('|'));
    Some(
        rows.filter(|(_, line)| !line.starts_with("|--"))
            .map(|&(line, row)| (line, row.to_owned()))
            .collect(),
    )
}

fn first_cell(row: &str) -> &str {
    row.split('|').nth(1).unwrap_or("").trim()
}

fn at(file: &str, line: usize, what: String, next: &str) -> Broken {
    Broken {
        rule: "pages",
        file: file.into(),
        line,
        what,
        who: format!("the page {file}"),
        next: next.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::testing::room;

    fn found(imports: &str, dependencies: &str) -> Vec<String> {
        let table = Table::parse(
            "rooms:\n  - {room: a, imports: [], because: alone}\nonly: []\nabsent: []\n",
        )
        .unwrap();
        let rooms = [room(
            "a",
            &[
                ("serde", "normal", false),
                ("tokio", "dev", false),
                ("a", "normal", true),
            ],
        )];
        let page = |path: &str, heading: &str, rows: &str| File {
            path: path.into(),
            text: format!("# Page\n\n{heading}\n|---|---|\n{rows}\nAfter.\n"),
        };
        let files = [
            page(ARCHITECTURE, IMPORTS, imports),
            page(CONTRIBUTING, DEPENDENCIES, dependencies),
        ];
        check(&table, &rooms, &files)
            .into_iter()
            .map(|broken| format!("{} {}", broken.line, broken.what))
            .collect()
    }

    const IMPORTED: &str = "| a | nothing | alone |\n";

    #[test]
    fn complete_pages_pass() {
        assert_eq!(
            found(IMPORTED, "| serde, tokio | both |\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn missing_and_stale_rows_are_named() {
        assert_eq!(
            found("| a | serde | alone |\n", "| serde | x |\n| tokio | y |\n"),
            [
                "1 the import table lacks the row | a | nothing | alone |",
                "5 | a | serde | alone | is not what ci/house/edges.yaml says",
            ]
        );
        assert_eq!(
            found(IMPORTED, "| serde | x |\n| syn | y |\n"),
            [
                "1 no word about the dependency tokio",
                "6 syn is explained and used by no room",
            ]
        );
    }

    #[test]
    fn a_page_without_its_table_is_broken() {
        let table = Table::parse("rooms: []\nonly: []\nabsent: []\n").unwrap();
        let whats: Vec<String> = check(&table, &[], &[])
            .into_iter()
            .map(|broken| broken.file)
            .collect();
        assert_eq!(whats, [ARCHITECTURE, CONTRIBUTING]);
    }
}
