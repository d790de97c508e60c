//! A bundle's folder sealed: the manifest over its files, and the signature over the manifest.

use std::fs;
use std::io::Read;
use std::path::Path;

use jiff::Timestamp;

use crate::{Identity, SealError, manifest, sha256, sign};

/// File name of the signature over the manifest.
pub const SIGNATURE: &str = "MANIFEST.p7s";

/// Signatures are a few kilobytes; with a time stamp and long chains some tens.
const MAX_SIGNATURE: u64 = 1024 * 1024;

/// Writes `MANIFEST` and `MANIFEST.p7s` into a complete bundle; former ones are replaced. Gives the
/// signature, DER.
pub fn seal_folder(
    dir: &Path,
    identity: &Identity,
    signing_time: Option<Timestamp>,
) -> Result<Vec<u8>, SealError> {
    let text = manifest::write(dir)?;
    let cms = sign(identity, &sha256(&text), signing_time)?;
    let path = dir.join(SIGNATURE);
    fs::write(&path, &cms).map_err(SealError::io(&path))?;
    Ok(cms)
}

/// The bytes of `MANIFEST.p7s`. Errors when there is none, or when it is no plain file of a
/// signature's size.
pub fn signature_of(dir: &Path) -> Result<Vec<u8>, SealError> {
    let path = dir.join(SIGNATURE);
    let meta = match fs::symlink_metadata(&path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(SealError::NoSignature(SIGNATURE.to_owned()));
        }
        Err(error) => return Err(SealError::io(&path)(error)),
    };
    let refused = |reason: String| SealError::NotAFile {
        path: SIGNATURE.to_owned(),
        reason,
    };
    if !meta.is_file() {
        return Err(refused("it is a folder, a link or a device".to_owned()));
    }
    if meta.len() > MAX_SIGNATURE {
        return Err(refused(format!(
            "{} bytes are more than any signature has",
            meta.len()
        )));
    }
    let mut bytes = Vec::new();
    let mut file = fs::File::open(&path).map_err(SealError::io(&path))?;
    file.by_ref()
        .take(MAX_SIGNATURE)
        .read_to_end(&mut bytes)
        .map_err(SealError::io(&path))?;
    Ok(bytes)
}
