//! Imports narrowed to one module: cargo cannot say it, so the sources are read. The card may name
//! `wire::apdu` and nothing else of `wire`.

use crate::broken::Broken;
use crate::metadata::Room;
use crate::source;
use crate::table::{Only, Table};
use crate::tree::File;

/// Finds every path into a narrowed import that leaves its one module.
pub fn check(table: &Table, rooms: &[Room], files: &[File]) -> Vec<Broken> {
    let mut broken = Vec::new();
    for only in &table.only {
        let Some(room) = rooms.iter().find(|room| room.name == only.room) else {
            continue;
        };
        let folder = format!("{}/", room.folder);
        for file in files
            .iter()
            .filter(|file| file.ending() == "rs" && file.path.starts_with(&folder))
        {
            for (line, named) in strays(&source::blank(&file.text), only) {
                broken.push(Broken {
                    rule: "modules",
                    file: file.path.clone(),
                    line,
                    what: format!(
                        "{} names {named}; of {} it may name {} only",
                        only.room, only.of, only.module
                    ),
                    who: format!("the room {}: {}", only.room, only.because),
                    next: format!("use {}::{}, written as a whole path", only.of, only.module),
                });
            }
        }
    }
    broken
}

/// Lines and texts of the paths that begin with the imported crate and do not go into its one module.
fn strays(code: &str, only: &Only) -> Vec<(usize, String)> {
    let name = only.of.replace('-', "_");
    let mut strays = Vec::new();
    for (at, _) in code.match_indices(&name) {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        if touches_a_word(before.chars().next_back()) || touches_a_word(after.chars().next()) {
            continue;
        }
        let line = before.matches('\n').count() + 1;
        let before = before.trim_end();
        // `other::wire` and `x.wire` are somebody else's names; `::wire` at the start of a path is the crate.
        let inner = before.ends_with("::")
            && touches_a_word(before.trim_end_matches("::").chars().next_back());
        if inner || before.ends_with('.') {
            continue;
        }
        match after.trim_start().strip_prefix("::") {
            Some(path) => strays.extend(
                outside(path.trim_start(), &only.module).map(|to| (line, format!("{name}::{to}"))),
            ),
            None if is_import(before) => strays.push((line, format!("{name} as a whole"))),
            None => {}
        }
    }
    strays
}

/// What a path (behind `wire::`) names outside of `module`, if it does.
fn outside(path: &str, module: &str) -> Option<String> {
    if let Some(group) = path.strip_prefix('{') {
        return items(group)
            .into_iter()
            .find(|item| first_segment(item) != module);
    }
    let first = first_segment(path);
    (first != module).then(|| {
        if first.is_empty() {
            path.chars().take(1).collect()
        } else {
            first.to_owned()
        }
    })
}

/// The comma-separated items of a `{…}` group, nested groups left whole.
fn items(group: &str) -> Vec<String> {
    let (mut depth, mut items) = (0_usize, vec![String::new()]);
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => items.push(String::new()),
            _ => {
                depth = if c == '{' {
                    depth + 1
                } else if c == '}' {
                    depth - 1
                } else {
                    depth
                };
                if let Some(item) = items.last_mut() {
                    item.push(c);
                }
            }
        }
    }
    items
        .into_iter()
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect()
}

fn first_segment(path: &str) -> &str {
    path.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next()
        .unwrap_or("")
}

fn touches_a_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

fn is_import(before: &str) -> bool {
    let before = before.trim_end_matches("::").trim_end();
    ["use", "crate"].iter().any(|word| {
        before
            .strip_suffix(word)
            .is_some_and(|rest| !touches_a_word(rest.chars().next_back()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::testing::room;

    fn found(code: &str) -> Vec<(usize, String)> {
        let only = Only {
            room: "card".into(),
            of: "wire".into(),
            module: "apdu".into(),
            because: "bytes".into(),
        };
        strays(&source::blank(code), &only)
    }

    #[test]
    fn the_one_module_may_be_named_in_every_way() {
        for code in [
            "use wire::apdu::Command;",
            "use wire::apdu;",
            "use ::wire::apdu::{Command, Response};",
            "use wire::{apdu::Command, apdu::Response};",
            "use wire::{apdu::{self, Command}};",
            "let c: wire::apdu::Command = x.wire;",
            "// wire::eligibility is none of a card's business\nlet s = \"wire::reader\";",
            "fn rewire() { rewire::all(); other::wire::x(); let wire = 3; }",
        ] {
            assert_eq!(found(code), [], "{code}");
        }
    }

    #[test]
    fn every_other_way_in_is_found_with_its_line() {
        for (code, line, named) in [
            ("use wire::eligibility::Answer;", 1, "wire::eligibility"),
            ("\n\nfn f() { wire::reader::g() }", 3, "wire::reader"),
            ("use wire::{apdu, reader};", 1, "wire::reader"),
            (
                "use wire::{\n  apdu::{A, B},\n  Answer,\n};",
                1,
                "wire::Answer",
            ),
            ("use wire::*;", 1, "wire::*"),
            ("use wire as w;", 1, "wire as a whole"),
            ("use ::wire;", 1, "wire as a whole"),
            ("extern crate wire;", 1, "wire as a whole"),
        ] {
            assert_eq!(found(code), [(line, named.to_owned())], "{code}");
        }
    }

    #[test]
    fn only_the_narrowed_rooms_are_read() {
        let table = Table::parse(
            "rooms: []\nabsent: []\nonly:\n  - {room: card, of: wire, module: apdu, because: bytes}\n",
        )
        .unwrap();
        let file = |path: &str| File {
            path: path.into(),
            text: "use wire::reader;".into(),
        };
        let files = [
            file("sim/card/src/lib.rs"),
            file("sim/clinic/src/lib.rs"),
            file("sim/card/notes.md"),
        ];
        let broken = check(&table, &[room("card", &[]), room("clinic", &[])], &files);
        assert_eq!(broken.len(), 1);
        assert_eq!(
            (broken[0].file.as_str(), broken[0].line),
            ("sim/card/src/lib.rs", 1)
        );
    }
}
