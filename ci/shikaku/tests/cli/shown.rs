//! `list`, `coverage` and `run`: what exists, what is tested, what crossed between the houses.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::program::{Told, command, fine, list, text};

/// Tags that say what kind of story it is.
const SORTS: [&str; 3] = ["@positive", "@negative", "@border"];

/// Tags of the feature files, read without the program.
fn tags() -> (BTreeSet<String>, BTreeSet<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/features");
    let (mut ids, mut requirements) = (BTreeSet::new(), BTreeSet::new());
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let lines = text.lines().map(str::trim).filter(|l| l.starts_with('@'));
        for tag in lines.flat_map(str::split_whitespace) {
            match tag.strip_prefix("@id-") {
                Some(id) => ids.insert(id.to_owned()),
                None if tag.starts_with("@profile:") || SORTS.contains(&tag) => continue,
                None => requirements.insert(tag[1..].to_owned()),
            };
        }
    }
    assert!(ids.len() >= 6 && requirements.len() >= 10);
    (ids, requirements)
}

/// A row of an outline carries the outline's id and its own number.
fn written(id: &str, ids: &BTreeSet<String>) -> String {
    let outline = id.rsplit_once('-').map_or("", |(outline, _)| outline);
    let id = if ids.contains(id) { id } else { outline };
    assert!(ids.contains(id), "{id}");
    id.to_owned()
}

fn names(value: &Value, name: &str) -> BTreeSet<String> {
    let strings = list(value, name).iter();
    strings.map(|v| v.as_str().unwrap().to_owned()).collect()
}

#[test]
fn list_names_every_scenario_judged_requirement_and_impostor() {
    let (ids, tags) = tags();
    let json = fine(&["list", "--format", "json"]).json();
    let told = fine(&["list"]).out;
    let of = |name: &str| -> BTreeSet<String> {
        list(&json, name)
            .iter()
            .map(|v| text(v, "id").to_owned())
            .collect()
    };
    let listed: BTreeSet<String> = of("scenarios").iter().map(|id| written(id, &ids)).collect();
    assert_eq!(listed, ids);
    assert!(of("requirements").is_superset(&tags));
    for id in ids.iter().chain(&tags).chain(&of("impostors")) {
        assert!(told.contains(id.as_str()), "{id}");
    }
    for heading in ["Scenarios (", "Requirements judged (", "Impostors ("] {
        assert!(told.contains(heading), "{heading}");
    }
}

#[test]
fn coverage_leaves_no_requirement_blank_and_agrees_in_both_directions() {
    let (ids, tags) = tags();
    let json = fine(&["coverage", "--format", "json"]).json();
    let told = fine(&["coverage"]).out;
    let mut pairs = BTreeSet::new();
    for row in list(&json, "requirements") {
        let id = text(row, "requirement");
        assert!(told.contains(id), "{id}");
        let because = row["not_tested_because"].as_str();
        let checked = names(row, "checked_roles");
        assert!(
            because.is_some_and(|b| !b.is_empty()) == checked.is_empty(),
            "{row}"
        );
        if !checked.is_empty() {
            assert!(!names(row, "scenarios").is_empty(), "{row}");
            let must = text(row, "level") == "MUST";
            assert!(!must || !names(row, "impostors").is_empty(), "{row}");
        }
        assert_eq!(
            tags.contains(id),
            !names(row, "scenarios").is_empty(),
            "{id}"
        );
        pairs.extend(
            names(row, "scenarios")
                .into_iter()
                .map(|s| (id.to_owned(), s)),
        );
    }
    let (mut back, mut found) = (BTreeSet::new(), BTreeSet::new());
    for row in list(&json, "scenarios") {
        let scenario = text(row, "scenario");
        assert!(told.contains(scenario), "{scenario}");
        found.insert(written(scenario, &ids));
        back.extend(
            names(row, "requirements")
                .into_iter()
                .map(|r| (r, scenario.to_owned())),
        );
    }
    assert_eq!(found, ids);
    assert_eq!(pairs, back);
}

#[test]
fn run_shows_every_message_by_its_name() {
    let told = fine(&["run", "pin-right"]).out;
    for words in [
        "VERIFY",
        "COMPUTE DIGITAL SIGNATURE",
        "READ BINARY",
        "OQSsiquc01res_face_99",
        "QualificationValidity",
        "ENTER_PIN",
        "⟦PIN#1⟧",
        "PASSED",
    ] {
        assert!(told.contains(words), "{words} in\n{told}");
    }
    assert!(!told.contains("FAILED") && !told.contains("Not tested in this run"));
    let stories = fine(&["list", "--format", "json"]).json();
    let mut stories = list(&stories, "scenarios").iter();
    let place = text(stories.find(|s| s["id"] == "pin-right").unwrap(), "place");
    let short = place.rsplit('/').next().unwrap();
    assert!(short.starts_with("pin.feature:"), "{place}");
    for wanted in [place, short] {
        assert_eq!(fine(&["run", wanted]).out, told, "{wanted}");
    }
}

#[test]
fn one_scenario_answers_for_itself_alone() {
    let stories = fine(&["list", "--format", "json"]).json();
    let stories = list(&stories, "scenarios");
    let alone = |story: &Value| {
        let json = fine(&["run", text(story, "id"), "--format", "json"]).json();
        assert_eq!(json["verdict"], "pass", "{}", story["id"]);
        let played = list(&json, "scenarios");
        assert_eq!((played.len(), &played[0]["id"]), (1, &story["id"]));
    };
    // The longest test of this file, and often the last that runs.
    let (some, others) = stories.split_at(stories.len() / 2);
    rayon::join(
        || some.iter().for_each(alone),
        || others.iter().for_each(alone),
    );
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    for args in [
        &["list"][..],
        &["coverage", "--format", "json"],
        &["run", "lost"],
        &["run", "nobody"],
    ] {
        let closed = || {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            Stdio::from(writer)
        };
        let expected = if args.contains(&"nobody") { 2 } else { 0 };
        let told: Told = command(args).stdout(closed()).output().unwrap().into();
        assert_eq!(told.code, expected, "{args:?}: {}", told.all());
        assert!(!told.err.contains("panicked"), "{args:?}: {}", told.err);
        let mut both = command(args);
        let status = both.stdout(closed()).stderr(closed()).status().unwrap();
        assert_eq!(status.code(), Some(expected), "{args:?} with both closed");
    }
}
