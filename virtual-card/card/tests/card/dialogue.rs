//! Replays every file of `dialogues/` against a fresh card each.

use crate::cards;
use crate::language::{Deed, Line, Player, read_line};
use std::fs;
use std::path::{Path, PathBuf};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialogues");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files
}

/// Lines with their numbers, behind the first one that names the card.
fn read(path: &Path) -> Result<(String, Vec<(usize, Line)>), String> {
    let text = fs::read_to_string(path).unwrap();
    let mut card = None;
    let mut lines = Vec::new();
    for (index, text) in text.lines().enumerate() {
        let place = |error: String| format!("{}:{}: {error}", path.display(), index + 1);
        match text.strip_prefix("card: ") {
            Some(name) if card.is_none() => card = Some(name.to_owned()),
            Some(_) => return Err(place("a second card".to_owned())),
            None => {
                let line = read_line(text).map_err(place)?;
                lines.extend(line.map(|line| (index + 1, line)));
            }
        }
    }
    let card = card.ok_or(format!("{}: no card is named", path.display()))?;
    Ok((card, lines))
}

/// Plays a file and gives its transcript.
fn replay(path: &Path) -> Result<String, String> {
    let (name, lines) = read(path)?;
    let card = cards::named(&name).ok_or(format!("{}: no card {name}", path.display()))?;
    let mut player = Player::new(card);
    let mut transcript = String::new();
    for (number, line) in &lines {
        let got = player
            .play(line)
            .map_err(|error| format!("{}:{number}: {error}", path.display()))?;
        transcript.push_str(&said(line, &got));
    }
    match lines.is_empty() {
        true => Err(format!("{}: says nothing", path.display())),
        false => Ok(transcript),
    }
}

fn said(line: &Line, got: &[u8]) -> String {
    let deed = match &line.deed {
        Deed::PowerOn => "(power on)".to_owned(),
        Deed::PowerOff => "(power off)".to_owned(),
        Deed::Reset => "(reset)".to_owned(),
        Deed::Tamper => "(tamper)".to_owned(),
        Deed::CounterSets { which, .. } => format!("(the counter sets the {which})"),
        Deed::Authenticate => "(the terminal answers the challenge)".to_owned(),
        Deed::Send { bytes, .. } => hex::encode_upper(bytes),
    };
    format!("> {deed}\n< {}\n", hex::encode_upper(got))
}

#[test]
fn every_dialogue_goes_as_written() {
    let files = files();
    assert!(files.len() >= 28, "dialogues are missing: {files:?}");
    let failures: Vec<String> = files.iter().filter_map(|path| replay(path).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_whole_session_keeps_its_bytes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialogues/whole-session.txt");
    insta::assert_snapshot!(replay(&path).unwrap());
}

#[test]
fn a_wrong_expectation_is_noticed() {
    let right = [
        "power on -> atr 3B888001000005E0B381A1007F",
        "tries of 18 -> 6A82",
        "select application JPKI -> 9000",
        "read file 08 0 3 -> 8F8F00 9000",
        "present \"1234\" to 18 -> 9000",
        "sign 00 digest-info \"m\" with 17 -> plain signature by authentication over \"m\" 9000",
    ];
    let wrong = [
        (0, "power on -> atr 3B888001000041E0B381A1003B"),
        (1, "tries of 18 -> 63C3"),
        (2, "select application JPKI -> AA 9000"),
        (3, "read file 08 0 3 -> 8F8F01 9000"),
        (3, "read file 08 0 3 -> 4 bytes 9000"),
        (3, "read file 08 0 3 -> holding 8F8F8F 9000"),
        (3, "counter sets PIN \"5678\" -> refused"),
        (3, "counter sets PIN \"567\" -> done"),
        (3, "tamper -> done"),
        (4, "present \"1234\" to 18 -> nothing"),
        (
            5,
            "sign 00 digest-info \"m\" with 17 -> plain signature by signing over \"m\" 9000",
        ),
        (
            5,
            "sign 00 digest-info \"m\" with 17 -> plain signature by authentication over \"n\" 9000",
        ),
    ];
    for (index, line) in wrong {
        let mut player = Player::new(cards::named("standard").unwrap());
        for before in &right[..index] {
            player.play(&read_line(before).unwrap().unwrap()).unwrap();
        }
        let line = read_line(line).unwrap().unwrap();
        assert!(player.play(&line).is_err(), "line {index}");
    }
}

#[test]
fn broken_lines_are_named() {
    for line in [
        "power on",
        "power sideways -> 9000",
        "bytes 00A -> 9000",
        "read 99999 1 -> 9000",
        "tries -> 63C",
        "tries ->",
        "present \"1234 -> 9000",
        "tries -> file nothing 9000",
    ] {
        let result = read_line(line);
        let lenient = line == "tries -> 63C";
        assert_eq!(result.is_err(), !lenient, "{line}");
    }
    assert!(read_line("   # only a comment").unwrap().is_none());
}
