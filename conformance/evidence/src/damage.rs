//! Why an evidence folder cannot be written or read: which file, what was expected, what was found.

use std::path::Path;

/// What is wrong with a folder, or with one file in it.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// The file system refused.
    #[error("{path}: {error}. {}", next(error))]
    Io {
        /// Which file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// Written by another version of the format, or no evidence of ours at all.
    #[error(
        "run.json: expected schema {expected}, found {found}. This is evidence of another version, or none; judge it with the program that wrote it, or play the run again."
    )]
    Schema {
        /// What this version reads.
        expected: &'static str,
        /// What the head says.
        found: String,
    },
    /// A file is not what the format says.
    #[error(
        "{path}: expected {expected}, found {found}. The evidence was changed or cut off after it was written; get an untouched copy."
    )]
    Broken {
        /// Which file, with its line where there is one.
        path: String,
        /// What the format says.
        expected: String,
        /// What is there.
        found: String,
    },
}

/// What to do about a refusal of the file system.
fn next(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    match error.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => {
            "There is no room left where the evidence goes; make some, or name another place."
        }
        _ => "The evidence folder must be readable and writable; check the path and its rights.",
    }
}

pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Damage {
    let path = harmless(&path.display().to_string());
    move |error| Damage::Io { path, error }
}

pub(crate) fn broken(path: &str, expected: impl Into<String>, found: impl Into<String>) -> Damage {
    Damage::Broken {
        path: harmless(path),
        expected: harmless(&expected.into()),
        found: harmless(&found.into()),
    }
}

/// Words of a folder in one line: nothing moves the terminal of whoever reads them or turns the text around.
pub(crate) fn harmless(text: &str) -> String {
    let plain = |c: &char| matches!(c, '"' | '\\' | '\'') || c.escape_debug().len() == 1;
    text.chars()
        .map(|c| if plain(&c) { c } else { '\u{fffd}' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_from_a_folder_without_rights() {
        let said =
            |kind: std::io::ErrorKind| io(Path::new("bytes/x.pack"))(kind.into()).to_string();
        let full = said(std::io::ErrorKind::StorageFull);
        assert!(
            full.contains("no room left") && full.contains("bytes/x.pack"),
            "{full}"
        );
        let closed = said(std::io::ErrorKind::PermissionDenied);
        assert!(closed.contains("check the path and its rights"), "{closed}");
    }
}
