//! The report held to what is computed anew: `report.json` member by member, then every file the
//! printers make, byte by byte.

use std::fs;
use std::path::Path;

use evidence::Evidence;
use reports::{Page, RunInfo};
use serde::Deserialize;
use serde_json::Value;

use super::Wrong;
use crate::failure::Failure;

const REPORT: &str = "report.json";

/// More than any report has; reading one takes a multiple of it in memory.
const MAX_REPORT: u64 = 256 * 1024 * 1024;

/// The block that may differ between two runs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Info {
    tool: String,
    version: String,
    started: Option<String>,
    duration_ms: Option<u64>,
}

/// Of the report, read quickly.
#[derive(Deserialize)]
struct Head {
    run_info: Info,
}

/// Prints the page again and compares; gives in words what was compared.
pub fn printed_again(dir: &Path, page: &Page, evidence: &Evidence) -> Result<String, Wrong> {
    let own = member(dir, REPORT)?;
    let head: Head = serde_json::from_slice(&own).map_err(unreadable)?;
    let info = RunInfo {
        tool: head.run_info.tool,
        version: head.run_info.version,
        started: head.run_info.started,
        duration_ms: head.run_info.duration_ms,
    };
    let ours = env!("CARGO_PKG_VERSION");
    let files = files_again(page, evidence, &info)?;
    for (name, anew) in &files {
        let same = name == REPORT && own == *anew;
        if name == REPORT && !same {
            same_values(&own, anew, &info.version)?;
        }
        if info.version != ours {
            continue;
        }
        if !same && member(dir, name)? != *anew {
            return Err(Wrong::Bundle(format!(
                "{name} is not what is printed from the evidence. It was edited; ask for an untouched copy."
            )));
        }
    }
    if info.version != ours {
        return Ok(format!(
            "{REPORT} as computed anew, its printed forms by version {} not comparable with this {ours}",
            shown(Some(&Value::from(info.version)))
        ));
    }
    Ok(format!("{} printed files as printed anew", files.len()))
}

fn unreadable(error: serde_json::Error) -> Wrong {
    Wrong::Bundle(format!(
        "{REPORT} cannot be read ({error}). It was edited; ask for an untouched copy."
    ))
}

/// Whether two reports say the same, however they are written; if not, where first.
fn same_values(own: &[u8], anew: &[u8], version: &str) -> Result<(), Wrong> {
    let own: Value = serde_json::from_slice(own).map_err(unreadable)?;
    let anew: Value = serde_json::from_slice(anew).map_err(Failure::bed)?;
    let Some(place) = difference(&own, &anew) else {
        return Ok(());
    };
    let ours = env!("CARGO_PKG_VERSION");
    let next = if version == ours {
        "The report was edited; ask for an untouched copy.".to_owned()
    } else {
        format!(
            "It was made by version {}, this is {ours}: either the rules changed or the report was edited; use that version.",
            shown(Some(&Value::from(version)))
        )
    };
    Err(Wrong::Bundle(format!(
        "{REPORT} says at {place} what the evidence does not: it has {}, judging again gives {}. {next}",
        shown(own.pointer(&place)),
        shown(anew.pointer(&place)),
    )))
}

/// Every file the printers make of a page, name and bytes. The printers' own way of writing is used,
/// so that a new format is compared from its first day.
fn files_again(
    page: &Page,
    evidence: &Evidence,
    info: &RunInfo,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let place = tempfile::tempdir()
        .map_err(|e| Failure::Configuration(format!("a temporary folder: {e}.")))?;
    let paths = reports::write_all(place.path(), page, evidence, info).map_err(Failure::bed)?;
    paths
        .iter()
        .map(|path| {
            let name = path.strip_prefix(place.path()).map_err(Failure::bed)?;
            let bytes = fs::read(path).map_err(Failure::bed)?;
            Ok((name.display().to_string(), bytes))
        })
        .collect()
}

fn member(dir: &Path, name: &str) -> Result<Vec<u8>, Wrong> {
    let path = dir.join(name);
    let meta = fs::symlink_metadata(&path).map_err(|_| {
        Wrong::Bundle(format!(
            "{name} is missing from the bundle. Somebody took it out and sealed the rest; ask for the whole bundle."
        ))
    })?;
    if !meta.is_file() || meta.len() > MAX_REPORT {
        return Err(Wrong::Bundle(format!(
            "{name} is no plain file, or larger than any report. Somebody exchanged it; ask for an untouched copy."
        )));
    }
    fs::read(&path).map_err(|e| Failure::Configuration(format!("{}: {e}.", path.display())).into())
}

/// The place (JSON pointer) of the first difference in the order of names.
fn difference(own: &Value, anew: &Value) -> Option<String> {
    match (own, anew) {
        (Value::Object(a), Value::Object(b)) => {
            let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
            names.sort();
            names.dedup();
            names.into_iter().find_map(|name| {
                let step = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => difference(a, b).map(|rest| step + &rest),
                    _ => Some(step),
                }
            })
        }
        (Value::Array(a), Value::Array(b)) => {
            let inside = a
                .iter()
                .zip(b)
                .enumerate()
                .find_map(|(n, (a, b))| difference(a, b).map(|rest| format!("/{n}{rest}")));
            let shorter = a.len().min(b.len());
            inside.or_else(|| (a.len() != b.len()).then(|| format!("/{shorter}")))
        }
        (a, b) => (a != b).then(String::new),
    }
}

/// A value in one short line.
fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "nothing".to_owned();
    };
    let text = value.to_string();
    let short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short + "…"
    } else {
        short
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_is_named_by_its_place() {
        let whole = json!({"a": [1, {"b/c": "x"}], "verdict": "pass"});
        for (other, place) in [
            (whole.clone(), None),
            (
                json!({"a": [1, {"b/c": "y"}], "verdict": "fail"}),
                Some("/a/1/b~1c"),
            ),
            (json!({"a": [1], "verdict": "pass"}), Some("/a/1")),
            (
                json!({"a": [1, {"b/c": "x"}, 3], "verdict": "pass"}),
                Some("/a/2"),
            ),
            (json!({"a": [1, {"b/c": "x"}]}), Some("/verdict")),
            (
                json!({"a": [1, {"b/c": "x"}], "verdict": "pass", "z": 1}),
                Some("/z"),
            ),
            (json!([]), Some("")),
        ] {
            assert_eq!(difference(&whole, &other).as_deref(), place);
            assert_eq!(difference(&other, &whole).as_deref(), place);
        }
        assert_eq!(shown(None), "nothing");
        assert!(shown(Some(&json!("x".repeat(500)))).ends_with('…'));
    }
}
