//! The manifest as text: read within bounds, each line held to its form before any path in it is
//! used.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use super::{HEADER, MAX_MANIFEST, MAX_MEMBERS, MAX_PATH, NAME, UNCOVERED};
use crate::asn1::shown;

/// Why a manifest cannot be used, or cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The file system refused.
    #[error("{path}: {error}. The bundle must be readable; check the path and its rights.")]
    Io {
        /// Which file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// There is none.
    #[error(
        "MANIFEST is missing: nothing says what belongs to this bundle. Whoever handed it on left it out; ask for the whole bundle."
    )]
    Missing,
    /// A link, a folder, a device.
    #[error(
        "MANIFEST is not a plain file. Whoever made this bundle is at fault; ask for an untouched copy."
    )]
    NotAFile,
    /// Larger than any bundle's.
    #[error(
        "MANIFEST has {bytes} bytes, more than the {most} any bundle needs. Whoever made this bundle is at fault; nothing of it was read."
    )]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The bound.
        most: u64,
    },
    /// More files than any bundle has.
    #[error(
        "{place}: more than {most} files. This is no bundle, or somebody filled it up; ask for an untouched copy."
    )]
    TooMany {
        /// Manifest or folder.
        place: String,
        /// The bound.
        most: usize,
    },
    /// A file larger than any member.
    #[error(
        "{path} has {bytes} bytes, more than the {most} any member of a bundle has. Somebody exchanged it; ask for an untouched copy."
    )]
    MemberTooLarge {
        /// Path in the bundle.
        path: String,
        /// Its size.
        bytes: u64,
        /// The bound.
        most: u64,
    },
    /// Another format.
    #[error(
        "MANIFEST begins with {found:?}, not with {HEADER:?}. It is another format or damaged; use the program version that made the bundle, or ask for an untouched copy."
    )]
    Header {
        /// First line, cut.
        found: String,
    },
    /// A line that is none.
    #[error(
        "MANIFEST, line {line}: {reason}. It is damaged or made by another program; ask for an untouched copy."
    )]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A path that leads out of the bundle or hides itself.
    #[error(
        "MANIFEST, line {line}: the path {path} {reason}. Whoever made this bundle means harm; nothing of it was read."
    )]
    Path {
        /// Counted from 1.
        line: usize,
        /// The path, made safe to show.
        path: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// One file listed twice.
    #[error(
        "MANIFEST, line {line}: {path} is listed twice. It is forged or damaged; ask for an untouched copy."
    )]
    Twice {
        /// The second time, counted from 1.
        line: usize,
        /// The path.
        path: String,
    },
    /// Two files some systems cannot keep apart.
    #[error(
        "MANIFEST, line {line}: {path} and {other} differ only in capitals, and some systems keep only one of them. Whoever made this bundle is at fault; ask for another."
    )]
    Alike {
        /// Counted from 1.
        line: usize,
        /// The path.
        path: String,
        /// The one before.
        other: String,
    },
    /// While writing: something that cannot be a member.
    #[error("{path}: {what}. A bundle holds plain files only; take it out and seal again.")]
    Member {
        /// Path in the folder.
        path: String,
        /// What it is.
        what: &'static str,
    },
}

/// An error of the file system, with its file.
pub fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Unusable {
    let path = path.display().to_string();
    move |error| Unusable::Io { path, error }
}

/// The manifest's bytes, at most [`MAX_MANIFEST`].
pub fn read(dir: &Path) -> Result<Vec<u8>, Unusable> {
    let path = dir.join(NAME);
    let meta = match fs::symlink_metadata(&path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Unusable::Missing);
        }
        Err(error) => return Err(io(&path)(error)),
    };
    if !meta.is_file() {
        return Err(Unusable::NotAFile);
    }
    if meta.len() > MAX_MANIFEST {
        return Err(Unusable::TooLarge {
            bytes: meta.len(),
            most: MAX_MANIFEST,
        });
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(&path).map_err(io(&path))?;
    // It may have grown since it was measured.
    file.take(MAX_MANIFEST)
        .read_to_end(&mut bytes)
        .map_err(io(&path))?;
    Ok(bytes)
}

/// Digest by path. Every line must have the form it is written in, in the order it is written in.
pub fn parse(bytes: &[u8]) -> Result<BTreeMap<String, String>, Unusable> {
    let bad = |line: usize, reason: &str| Unusable::Line {
        line,
        reason: reason.to_owned(),
    };
    let text = std::str::from_utf8(bytes).map_err(|_| bad(1, "it is not UTF-8 text"))?;
    let mut lines = text.split_terminator('\n');
    let first = lines.next().unwrap_or_default();
    if first != HEADER {
        return Err(Unusable::Header {
            found: shown(first).chars().take(40).collect(),
        });
    }
    if !text.ends_with('\n') {
        return Err(bad(text.lines().count(), "the line end is missing"));
    }
    let mut listed = BTreeMap::new();
    let mut folded: BTreeMap<String, String> = BTreeMap::new();
    let mut last = "";
    for (line, row) in lines.enumerate().map(|(n, row)| (n + 2, row)) {
        let (sum, path) = row
            .split_once("  ")
            .filter(|(sum, _)| is_digest(sum))
            .ok_or_else(|| bad(line, "no 64 hex digits, two spaces and a path"))?;
        if let Some(reason) = unsafe_because(path) {
            let path = format!("{:?}", shown(path));
            return Err(Unusable::Path { line, path, reason });
        }
        if UNCOVERED.contains(&path) {
            return Err(bad(line, &format!("{path} may not be listed")));
        }
        if listed.insert(path.to_owned(), sum.to_owned()).is_some() {
            let path = path.to_owned();
            return Err(Unusable::Twice { line, path });
        }
        if path < last {
            return Err(bad(line, "the lines are not in the order of their paths"));
        }
        last = path;
        if let Some(other) = folded.insert(path.to_lowercase(), path.to_owned()) {
            let path = path.to_owned();
            return Err(Unusable::Alike { line, path, other });
        }
        if listed.len() > MAX_MEMBERS {
            return Err(Unusable::TooMany {
                place: NAME.to_owned(),
                most: MAX_MEMBERS,
            });
        }
    }
    Ok(listed)
}

fn is_digest(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Names some systems give to devices, whatever follows their first dot.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// Why a path may not be a member's, if so. Every name of ours is plain ASCII, and so must every other be: what looks
/// like another name, turns it around or is dropped by some system has no place in a bundle.
pub fn unsafe_because(path: &str) -> Option<&'static str> {
    if path.is_empty() || path.len() > MAX_PATH {
        return Some("is empty or too long");
    }
    if path.chars().any(char::is_control) {
        return Some("holds control characters");
    }
    if path.contains('\\') || path.contains(':') {
        return Some("holds a backslash or a colon");
    }
    if path.starts_with('/') {
        return Some("is absolute");
    }
    let parts = || path.split('/');
    if parts().any(|part| part == "..") {
        return Some("climbs out of the bundle");
    }
    if parts().any(|part| part.is_empty() || part == ".") {
        return Some("holds empty parts");
    }
    if parts().any(|part| part.ends_with(['.', ' '])) {
        return Some("has a part ending in a dot or a blank, which some systems drop");
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-".contains(&b);
    if !path.bytes().all(plain) {
        return Some(
            "holds more than ASCII letters, digits, dots, - and _, and could pass for another",
        );
    }
    if parts().any(is_device) {
        return Some("is the name of a device on some systems");
    }
    None
}

fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default();
    let stem = stem.to_ascii_lowercase();
    let port = ["com", "lpt"]
        .iter()
        .find_map(|name| stem.strip_prefix(name));
    let numbered = port.is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()));
    numbered || DEVICES.contains(&stem.as_str())
}
