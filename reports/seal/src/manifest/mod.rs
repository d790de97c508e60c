//! The manifest of a bundle: one line a file, its SHA-256 and its path, nothing left out and
//! nothing beside. Written from a folder; a folder is held to it, every difference told.
//!
//! Not covered: the manifest, its signature, and the sidecar of real times.

mod folder;
mod text;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use folder::{Kind, digest, walk};
pub use text::Unusable;

/// File name of the manifest.
pub const NAME: &str = "MANIFEST";

/// Its first line.
pub const HEADER: &str = "shikaku-manifest/1";

/// What no line covers, and what may stand beside the members all the same.
const UNCOVERED: &[&str] = &[NAME, crate::SIGNATURE, "evidence/times.json"];

/// More files than this are no bundle.
const MAX_MEMBERS: usize = 200_000;

/// Bytes of a manifest; every member's line at its longest would not reach it.
const MAX_MANIFEST: u64 = 32 * 1024 * 1024;

/// Bytes of one member.
const MAX_MEMBER: u64 = 1024 * 1024 * 1024;

/// Bytes of a member's path.
const MAX_PATH: usize = 1024;

/// Where a folder differs from its manifest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    /// A link, a device, or a name that is no text.
    #[error(
        "{path} is {what}, not a plain file. Whoever made or handed on the bundle is at fault; ask for an untouched copy."
    )]
    NotPlain {
        /// Path in the bundle.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// Other bytes than when the bundle was sealed.
    #[error(
        "{path} was changed: MANIFEST has SHA-256 {listed}, the file {found}. Somebody changed it after the bundle was made; ask for an untouched copy."
    )]
    Changed {
        /// Path in the bundle.
        path: String,
        /// Digest in the manifest.
        listed: String,
        /// Digest of the file.
        found: String,
    },
    /// The same bytes under another name.
    #[error(
        "{path} was renamed to {to}. Somebody moved it after the bundle was made; ask for an untouched copy."
    )]
    Renamed {
        /// Path in the manifest.
        path: String,
        /// Path of the file.
        to: String,
    },
    /// Not there any more.
    #[error(
        "{path} is missing: MANIFEST lists it. Somebody removed it after the bundle was made; ask for the whole bundle."
    )]
    Missing {
        /// Path in the manifest.
        path: String,
    },
    /// Not there when the bundle was sealed.
    #[error(
        "{path} was added: MANIFEST does not list it. Somebody put it there after the bundle was made; ask for an untouched copy."
    )]
    Added {
        /// Path of the file.
        path: String,
    },
}

/// A folder held to its manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// SHA-256 of the manifest itself: what a signature is over.
    pub sha256: [u8; 32],
    /// How many files it lists.
    pub members: usize,
    /// Their paths, in order.
    pub paths: Vec<String>,
    /// Every difference, the gravest kind first, then by path. Empty when all is well.
    pub faults: Vec<Fault>,
}

/// Lists a folder and writes its manifest into it; gives the text. Errors when something in there
/// cannot be a member.
pub fn write(dir: &Path) -> Result<Vec<u8>, Unusable> {
    let mut text = format!("{HEADER}\n");
    for (path, kind) in walk(dir)? {
        if UNCOVERED.contains(&path.as_str()) {
            continue;
        }
        match kind {
            Kind::File => {}
            Kind::Other(what) => return Err(Unusable::Member { path, what }),
        }
        if let Some(reason) = text::unsafe_because(&path) {
            return Err(Unusable::Member { path, what: reason });
        }
        text += &format!("{}  {path}\n", digest(dir, &path)?);
    }
    let path = dir.join(NAME);
    fs::write(&path, &text).map_err(text::io(&path))?;
    Ok(text.into_bytes())
}

/// Holds a folder to its manifest. Errors when the manifest itself cannot be used or a file cannot
/// be read; differences are in [`Checked::faults`].
pub fn check(dir: &Path) -> Result<Checked, Unusable> {
    let bytes = text::read(dir)?;
    let listed = text::parse(&bytes)?;
    let mut found = walk(dir)?;
    let mut faults = Vec::new();
    for name in UNCOVERED {
        if let Some(Kind::Other(what)) = found.remove(*name) {
            faults.push(not_plain(name, what));
        }
    }
    let mut missing = BTreeMap::new();
    for (path, sum) in &listed {
        match found.remove(path) {
            None => {
                missing.insert(path.clone(), sum.clone());
            }
            Some(Kind::Other(what)) => faults.push(not_plain(path, what)),
            Some(Kind::File) => {
                let own = digest(dir, path)?;
                if own != *sum {
                    faults.push(Fault::Changed {
                        path: path.clone(),
                        listed: sum.clone(),
                        found: own,
                    });
                }
            }
        }
    }
    faults.extend(strangers(dir, found, &mut missing)?);
    faults.extend(missing.into_keys().map(|path| Fault::Missing { path }));
    // The order of the kinds above is the order of telling.
    faults.sort();
    Ok(Checked {
        sha256: crate::sha256(&bytes),
        members: listed.len(),
        paths: listed.into_keys().collect(),
        faults,
    })
}

fn not_plain(path: &str, what: &'static str) -> Fault {
    Fault::NotPlain {
        path: crate::asn1::shown(path),
        what,
    }
}

/// Files no line names. One with the bytes of a missing member is that member under another name.
fn strangers(
    dir: &Path,
    found: BTreeMap<String, Kind>,
    missing: &mut BTreeMap<String, String>,
) -> Result<Vec<Fault>, Unusable> {
    let mut faults = Vec::new();
    for (path, kind) in found {
        if let Kind::Other(what) = kind {
            faults.push(not_plain(&path, what));
            continue;
        }
        let mut former = None;
        if !missing.is_empty() {
            let own = digest(dir, &path)?;
            former = missing
                .iter()
                .find(|(_, sum)| **sum == own)
                .map(|(name, _)| name.clone());
        }
        let shown = crate::asn1::shown(&path);
        faults.push(match former {
            None => Fault::Added { path: shown },
            Some(name) => {
                missing.remove(&name);
                Fault::Renamed {
                    path: name,
                    to: shown,
                }
            }
        });
    }
    Ok(faults)
}

#[cfg(test)]
mod tests;
