//! The report held to what is computed anew: `report.json` member by member, then every file the
//! printers make, byte by byte.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use certificate::SealedBy;
use evidence::{Evidence, Writer};
use jiff::Timestamp;
use rayon::prelude::*;
use reports::{LARGEST_REPORT, Page, RunInfo};
use seal::{Signed, Trust};
use serde::Deserialize;
use serde_json::Value;

use super::Wrong;
use crate::failure::Failure;
use crate::office::{self, CERTIFICATE};

const REPORT: &str = "report.json";

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

impl Own {
    /// Whether another version printed it, whose printed forms this program cannot make.
    pub fn foreign(&self) -> bool {
        self.info.version != env!("CARGO_PKG_VERSION")
    }
}

/// Reads the report of a folder.
pub fn own(dir: &Path) -> Result<Own, Wrong> {
    let report = member(dir, REPORT, LARGEST_REPORT)?;
    let head: Head = serde_json::from_slice(&report).map_err(unreadable)?;
    if head.run_info.version.is_empty()
        || super::harmless(&head.run_info.version) != head.run_info.version
    {
        return Err(unreadable("its version is no plain word"));
    }
    Ok(Own {
        report,
        info: head.run_info,
    })
}

/// Prints the page again and compares; gives how many files were compared. Of a report by another version the
/// values alone can be compared, and that every form is there.
pub fn printed_again(
    dir: &Path,
    own: &Own,
    page: &Page,
    evidence: &Evidence,
) -> Result<usize, Wrong> {
    let files = reports::printed(page, evidence, &own.info).map_err(Failure::bed)?;
    for (name, anew) in &files {
        let same = *name == REPORT && own.report == anew.as_bytes();
        if *name == REPORT && !same {
            same_values(&own.report, anew.as_bytes(), &own.info.version)?;
        }
        if own.foreign() {
            there(dir, name)?;
        } else if !same {
            same_bytes(dir, name, anew.as_bytes())?;
        }
    }
    let optional = crate::bundle::REPORT
        .iter()
        .filter(|name| !PRINTED_ELSEWHERE.contains(name));
    for name in optional {
        let due = files.iter().any(|(printed, _)| printed == name);
        if !due && fs::symlink_metadata(dir.join(name)).is_ok() {
            return Err(edited(name));
        }
    }
    Ok(files.len())
}

/// Members of a report folder no printer of pages makes.
const PRINTED_ELSEWHERE: &[&str] = &["MANIFEST", "MANIFEST.p7s", "certificate.pdf", "evidence"];

/// Decodes every message again and compares with the views that lie in the evidence for readers.
pub fn views_again(dir: &Path, own: &Own, evidence: &Evidence) -> Result<(), Wrong> {
    let of = |line: &evidence::ScenarioLine| {
        let name = format!("evidence/views/{}.jsonl", line.id);
        let Some(scenario) = evidence.scenario(&line.id) else {
            return Ok(());
        };
        if own.foreign() {
            return there(dir, &name);
        }
        let views = crate::judge::views(scenario);
        same_bytes(dir, &name, &Writer::view_lines(&views))
    };
    let all: Vec<Result<(), Wrong>> = evidence.run.scenarios.par_iter().map(of).collect();
    all.into_iter().collect()
}

fn edited(name: &str) -> Wrong {
    Wrong::Bundle(format!(
        "{name} is not what is printed from the evidence. It was edited; ask for an untouched copy."
    ))
}

/// The page for the office: signed by whoever sealed the folder, and byte for byte what signing makes of the page
/// that is printed from the report.
pub fn office_again(
    dir: &Path,
    own: &Own,
    page: &Page,
    sealer: &Signed,
    (trust, now): (&Trust, Timestamp),
) -> Result<(), Wrong> {
    let signed = member(dir, CERTIFICATE, LARGEST_CERTIFICATE)?;
    let place = certificate::signature(&signed)
        .map_err(|e| Wrong::Bundle(format!("{CERTIFICATE}: {e}")))?;
    let by = seal::verify(&place.cms, &place.sha256, trust, now)
        .map_err(|e| Wrong::Bundle(format!("{CERTIFICATE}: {e}")))?;
    if by.certificate != sealer.certificate {
        let whose = if by.subject == sealer.subject {
            "another certificate of the same name"
        } else {
            &sealer.subject
        };
        return Err(Wrong::Bundle(format!(
            "{CERTIFICATE} is signed by {}, the folder by {whose}. Somebody put two reports together; ask whoever issued it.",
            by.subject
        )));
    }
    if own.foreign() {
        return Ok(());
    }
    let sealed_by = SealedBy {
        subject: by.subject,
        test: by.test,
    };
    let anew = office::printed(page, &own.info, &own.report, sealed_by)
        .map_err(|e| Wrong::Bundle(format!("{e} It was edited; ask for an untouched copy.")))?;
    match certificate::is_signed_form_of(&signed, &anew) {
        true => Ok(()),
        false => Err(edited(CERTIFICATE)),
    }
}

/// More than any page for the office has.
const LARGEST_CERTIFICATE: u64 = 16 * 1024 * 1024;

fn unreadable(error: impl std::fmt::Display) -> Wrong {
    Wrong::Bundle(format!(
        "{REPORT} cannot be read ({error}). It was edited; ask for an untouched copy."
    ))
}

/// A short report may be written with wider blanks.
const MARGIN: usize = 64 * 1024;

/// Whether two reports say the same, however they are written; if not, where first.
fn same_values(own: &[u8], anew: &[u8], version: &str) -> Result<(), Wrong> {
    // What is far longer than the report printed anew is not taken apart; it would take many times its length.
    if own.len() > 2 * anew.len() + MARGIN {
        return Err(edited(REPORT));
    }
    let own = reports::values(own).map_err(|e| Wrong::Bundle(format!("{REPORT}: {e}")))?;
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

/// Whether a member is there, as a plain file.
fn there(dir: &Path, name: &str) -> Result<(), Wrong> {
    measured(dir, name, LARGEST_REPORT).map(drop)
}

fn same_bytes(dir: &Path, name: &str, anew: &[u8]) -> Result<(), Wrong> {
    let length = anew.len() as u64;
    if measured(dir, name, u64::MAX)? != length || member(dir, name, length)? != anew {
        return Err(edited(name));
    }
    Ok(())
}

/// Its length, when it is a plain file of at most so many bytes.
fn measured(dir: &Path, name: &str, most: u64) -> Result<u64, Wrong> {
    let meta = fs::symlink_metadata(dir.join(name)).map_err(|_| {
        Wrong::Bundle(format!(
            "{name} is missing from the bundle. Somebody took it out and sealed the rest; ask for the whole bundle."
        ))
    })?;
    if !meta.is_file() || meta.len() > most {
        return Err(Wrong::Bundle(format!(
            "{name} is no plain file, or larger than any there is. Somebody exchanged it; ask for an untouched copy."
        )));
    }
    Ok(meta.len())
}

fn member(dir: &Path, name: &str, most: u64) -> Result<Vec<u8>, Wrong> {
    measured(dir, name, most)?;
    let path = dir.join(name);
    let mut bytes = Vec::new();
    // It may have grown since it was measured.
    File::open(&path)
        .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|e| Failure::Configuration(format!("{}: {e}.", path.display())))?;
    Ok(bytes)
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
