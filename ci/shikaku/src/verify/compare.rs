//! The report held to what is computed anew: `report.json` member by member, then every file the
//! printers make, byte by byte.

use std::fs;
use std::path::Path;

use certificate::SealedBy;
use evidence::Evidence;
use jiff::Timestamp;
use reports::{Page, RunInfo};
use seal::{Signed, Trust};
use serde::Deserialize;
use serde_json::Value;

use super::Wrong;
use crate::failure::Failure;
use crate::office::{self, CERTIFICATE};

const REPORT: &str = "report.json";

/// More than any report has; reading one takes a multiple of it in memory.
const MAX_REPORT: u64 = 256 * 1024 * 1024;

/// Of the report, read quickly.
#[derive(Deserialize)]
struct Head {
    run_info: RunInfo,
}

/// The report as it lies there, and the block of it that may differ between two runs.
pub struct Own {
    report: Vec<u8>,
    /// As the report says.
    pub info: RunInfo,
}

/// Reads the report of a folder.
pub fn own(dir: &Path) -> Result<Own, Wrong> {
    let report = member(dir, REPORT)?;
    let head: Head = serde_json::from_slice(&report).map_err(unreadable)?;
    Ok(Own {
        report,
        info: head.run_info,
    })
}

/// Prints the page again and compares; gives in words what was compared.
pub fn printed_again(
    dir: &Path,
    own: &Own,
    page: &Page,
    evidence: &Evidence,
) -> Result<String, Wrong> {
    let ours = env!("CARGO_PKG_VERSION");
    let version = &own.info.version;
    let files = reports::printed(page, evidence, &own.info).map_err(Failure::bed)?;
    for (name, anew) in &files {
        let same = *name == REPORT && own.report == anew.as_bytes();
        if *name == REPORT && !same {
            same_values(&own.report, anew.as_bytes(), version)?;
        }
        if version == ours && !same && member(dir, name)? != anew.as_bytes() {
            return Err(edited(name));
        }
    }
    if version != ours {
        return Ok(format!(
            "{REPORT} as computed anew, its printed forms by version {} not comparable with this {ours}",
            shown(Some(&Value::from(version.as_str())))
        ));
    }
    Ok(format!("{} printed files as printed anew", files.len()))
}

fn edited(name: &str) -> Wrong {
    Wrong::Bundle(format!(
        "{name} is not what is printed from the evidence. It was edited; ask for an untouched copy."
    ))
}

/// The page for the office: signed by whoever sealed the folder, and beneath the signature the very bytes that
/// are printed from the report.
pub fn office_again(
    dir: &Path,
    own: &Own,
    page: &Page,
    sealer: &Signed,
    (trust, now): (&Trust, Timestamp),
) -> Result<(), Wrong> {
    let signed = member(dir, CERTIFICATE)?;
    let place = certificate::signature(&signed)
        .map_err(|e| Wrong::Bundle(format!("{CERTIFICATE}: {e}")))?;
    let by = seal::verify(&place.cms, &place.sha256, trust, now)
        .map_err(|e| Wrong::Bundle(format!("{CERTIFICATE}: {e}")))?;
    if by.subject != sealer.subject {
        return Err(Wrong::Bundle(format!(
            "{CERTIFICATE} is signed by {}, the folder by {}. Somebody put two reports together; ask whoever issued it.",
            by.subject, sealer.subject
        )));
    }
    if own.info.version != env!("CARGO_PKG_VERSION") {
        return Ok(());
    }
    let sealed_by = SealedBy {
        subject: by.subject,
        test: by.test,
    };
    let anew = office::printed(page, &own.info, &own.report, sealed_by)
        .map_err(|e| Wrong::Bundle(e.to_string()))?;
    match signed.starts_with(&anew) {
        true => Ok(()),
        false => Err(edited(CERTIFICATE)),
    }
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
