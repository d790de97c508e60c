//! What belongs into a report folder: its known members and nothing else. A file that is listed and sealed, and that
//! nobody made from the evidence, would still be read by whoever opens the folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use evidence::Run;

use super::Wrong;
use crate::bundle::REPORT;

/// Real times are some bytes a scenario.
const MAX_TIMES: u64 = 1024 * 1024;

/// Holds the paths a manifest lists to those a report of this run has.
pub fn known(paths: &[String], run: &Run) -> Result<(), Wrong> {
    let mut due: BTreeSet<String> = ["DIGESTS", "run.json"]
        .map(|name| format!("evidence/{name}"))
        .into();
    for line in &run.scenarios {
        due.insert(format!("evidence/scenarios/{}.jsonl", line.id));
        due.insert(format!("evidence/bytes/{}.pack", line.id));
        due.insert(format!("evidence/views/{}.jsonl", line.id));
    }
    let known = |path: &String| match path.strip_prefix("evidence/") {
        Some(_) => due.contains(path),
        None => path != "evidence" && REPORT.contains(&path.as_str()),
    };
    match paths.iter().find(|path| !known(path)) {
        None => Ok(()),
        Some(stranger) => Err(Wrong::Bundle(format!(
            "{stranger} is listed and sealed, and is no part of a report of this run. Somebody put it in and sealed it along; do not open it, and ask for an untouched copy."
        ))),
    }
}

/// Folders nobody's files are in, and a sidecar of times that is no such thing: no manifest speaks of either.
pub fn unlisted(dir: &Path) -> Result<(), Wrong> {
    let unread = |error: std::io::Error| {
        crate::failure::Failure::Configuration(format!("{}: {error}.", dir.display()))
    };
    let folders = [
        ("", &["evidence"][..]),
        ("evidence", &["scenarios", "bytes", "views"]),
        ("evidence/scenarios", &[]),
        ("evidence/bytes", &[]),
        ("evidence/views", &[]),
    ];
    for (folder, inside) in folders {
        let Ok(entries) = fs::read_dir(dir.join(folder)) else {
            continue;
        };
        for entry in entries {
            let entry = entry.map_err(unread)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.file_type().map_err(unread)?.is_dir();
            if is_folder && !inside.contains(&name.as_str()) {
                return Err(Wrong::Bundle(format!(
                    "there is a folder {} in {}, which no report has. Somebody put it there; ask for an untouched copy.",
                    super::harmless(&name),
                    if folder.is_empty() { "it" } else { folder },
                )));
            }
        }
    }
    let times = fs::symlink_metadata(dir.join("evidence/times.json"));
    if times.is_ok_and(|meta| meta.len() > MAX_TIMES) {
        return Err(Wrong::Bundle(format!(
            "evidence/times.json has more than {MAX_TIMES} bytes, and holds a number a scenario. Somebody exchanged it; ask for an untouched copy."
        )));
    }
    Ok(())
}
