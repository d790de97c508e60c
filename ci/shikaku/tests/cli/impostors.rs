//! `impostors`: every row of the list is killed, and nothing recorded betrays one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::json;

use crate::program::{Place, files, fine, holding, list, shikaku, text};

/// Ids, roles and broken requirements as the list has them, read without the program's own reader.
fn listed() -> BTreeMap<String, (String, String)> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/impostors/impostors.yaml");
    let yaml = fs::read_to_string(path).unwrap();
    let rows = yaml.split("\n- id: ").skip(1).map(|row| {
        let field = |name: &str| {
            let mut lines = row.lines();
            let line = lines.find_map(|l| l.trim_start().strip_prefix(name));
            line.unwrap_or_else(|| panic!("{name} in {row}"))
                .trim()
                .to_owned()
        };
        let id = row.lines().next().unwrap().trim().to_owned();
        (id, (field("role:"), field("breaks:")))
    });
    rows.collect()
}

#[test]
fn every_impostor_is_killed_and_the_control_run_is_clean() {
    let told = fine(&["impostors", "--format", "json"]);
    let table = told.json();
    assert_eq!(table["control_clean"], true, "{}", table["control"]);
    let listed = listed();
    assert!(listed.len() >= 100, "{listed:?}");
    let rows = list(&table, "rows");
    let ids: Vec<&str> = rows.iter().map(|r| text(r, "impostor")).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, listed.keys().collect::<Vec<_>>());
    for row in rows {
        let id = text(row, "impostor");
        let (role, breaks) = &listed[id];
        assert_eq!(row["killed"], true, "{row}");
        assert_eq!(row["unrelated"], json!([]), "{row}");
        assert_eq!(row["at_fault"], json!([role]), "{row}");
        assert_eq!(row["bed_errors"], json!([]), "{row}");
        let named: Vec<&str> = list(row, "breaks")
            .iter()
            .map(|b| b.as_str().unwrap())
            .collect();
        assert_eq!(*breaks, format!("[{}]", named.join(", ")), "{id}");
        for requirement in named {
            assert!(list(row, "failed").contains(&json!(requirement)), "{row}");
        }
    }
}

#[test]
fn no_control_run_is_claimed_where_none_was_made() {
    let id = "desk-takes-lost-as-current";
    let table = fine(&["impostors", id, "--format", "json"]).json();
    assert!(table["control_clean"].is_null() && table["control"].is_null());
    let told = fine(&["impostors", id]).out;
    assert!(told.starts_with("control run not made\n"), "{told}");
}

#[test]
fn nothing_recorded_betrays_an_impostor() {
    let ids = listed();
    let place = Place::new();
    for impostor in ["card-forgets-wrong-tries", "desk-takes-lost-as-current"] {
        let out = place.arg(impostor);
        let told = shikaku(&["certify", "--impostor", impostor, "--out", &out]);
        assert_eq!(told.code, 1, "{}", told.all());
        let files = files(&place.path(impostor));
        assert!(!holding(&files, "Shikaku reference card").is_empty());
        for id in ids.keys() {
            assert_eq!(holding(&files, id), Vec::<&str>::new(), "{id}");
        }
    }
}
