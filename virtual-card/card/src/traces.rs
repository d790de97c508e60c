//! What of a card's files gives a secret away without naming it: pictures of it, a hash of it, signatures over
//! either. Whoever records what a card says must know these bytes to keep them out.

use crate::contents::CardContents;
use crate::{surface, text};

/// Bytes that tell a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Of which kind: `SECURITY-CODE`, `NUMBER-PICTURE`, `NUMBER-DIGEST`, `NUMBER-SIGNATURE`.
    pub kind: &'static str,
    /// As they stand in a file.
    pub bytes: Vec<u8>,
}

fn trace(kind: &'static str, bytes: Vec<u8>) -> Trace {
    Trace { kind, bytes }
}

/// The pictures and the hash; quickly made.
pub fn traces(contents: &CardContents) -> [Trace; 3] {
    let [code, number] = surface::pictured(contents);
    [
        trace("SECURITY-CODE", code),
        trace("NUMBER-PICTURE", number),
        trace("NUMBER-DIGEST", text::number_digest(contents)),
    ]
}

/// The signatures over the number: two of RSA, for whoever reads the files they lie in. Nothing only if the
/// key built in is broken.
pub fn signed_traces(contents: &CardContents) -> Option<[Trace; 2]> {
    let both = [
        text::hashes_signature(contents).ok()?,
        surface::number_signature(contents).ok()?,
    ];
    Some(both.map(|bytes| trace("NUMBER-SIGNATURE", bytes)))
}
