//! Manifest, signature and time stamp of a bundle: made and checked. The manifest names every file
//! of the bundle with its digest, the signature stands over the manifest, a time stamp over the
//! signature. Bytes only: no socket, no clock, and no idea what a report says.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod asn1;
mod error;
mod folder;
mod identity;
pub mod manifest;
mod sign;
mod stamp;
mod trust;
mod verify;

pub use error::SealError;
pub use folder::{SIGNATURE, seal_folder, signature_of};
pub use identity::Identity;
pub use sign::sign;
pub use stamp::{time_stamp_request, time_stamp_token, with_time_stamp};
pub use trust::Trust;
pub use verify::{Signed, Stamp, verify};

/// SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref());
    out
}
