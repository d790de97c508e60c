//! A folder as it lies on disk: every entry below it, links never followed, files read in pieces.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};

use super::text::{Unusable, io};
use super::{MAX_MEMBER, MAX_MEMBERS};

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A plain file.
    File,
    /// Anything else, in words.
    Other(&'static str),
}

/// Everything below `dir` but folders, by path. Bounded: too many entries are an error.
pub fn walk(dir: &Path) -> Result<BTreeMap<String, Kind>, Unusable> {
    let mut found = BTreeMap::new();
    let mut open = vec![String::new()];
    let mut seen = 0;
    while let Some(folder) = open.pop() {
        let place = dir.join(&folder);
        for entry in fs::read_dir(&place).map_err(io(&place))? {
            let entry = entry.map_err(io(&place))?;
            seen += 1;
            if seen > MAX_MEMBERS {
                return Err(Unusable::TooMany {
                    most: MAX_MEMBERS,
                    place: dir.display().to_string(),
                });
            }
            let name = entry.file_name();
            let shown = name.to_string_lossy();
            let path = if folder.is_empty() {
                shown.clone().into_owned()
            } else {
                format!("{folder}/{shown}")
            };
            let kind = entry.file_type().map_err(io(&place))?;
            if name.to_str().is_none() {
                found.insert(path, Kind::Other("a file whose name is not UTF-8"));
            } else if kind.is_dir() && path.len() > super::MAX_PATH {
                found.insert(path, Kind::Other("a folder deeper than any bundle has"));
            } else if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() {
                found.insert(path, Kind::File);
            } else if kind.is_symlink() {
                found.insert(path, Kind::Other("a link"));
            } else {
                found.insert(path, Kind::Other("a device, pipe or socket"));
            }
        }
    }
    Ok(found)
}

/// SHA-256 of a plain file below `dir`, lower-case hex.
pub fn digest(dir: &Path, path: &str) -> Result<String, Unusable> {
    let place = dir.join(path);
    let mut file = fs::File::open(&place).map_err(io(&place))?;
    let bytes = file.metadata().map_err(io(&place))?.len();
    if bytes > MAX_MEMBER {
        return Err(Unusable::MemberTooLarge {
            path: crate::asn1::shown(path),
            bytes,
            most: MAX_MEMBER,
        });
    }
    let mut context = Context::new(&SHA256);
    let mut buffer = [0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer).map_err(io(&place))?;
        if read == 0 {
            return Ok(hex::encode(context.finish()));
        }
        context.update(&buffer[..read]);
    }
}
