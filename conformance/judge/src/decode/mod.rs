//! The judge's own decoders, shared with nobody: bounded, never panicking, and telling of every
//! refusal at which place what was expected and what was found.

pub mod apdu;
pub mod certificate;
pub mod crl;
pub mod der;
pub mod drugs;
pub mod file_name;
pub mod http;
pub mod json;
pub mod ocsp;
pub mod request;
pub mod result;
pub mod token;
mod view;
pub mod xml;

pub use view::view;

/// Largest message any decoder looks at, in bytes.
pub const MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// Why bytes are not the message they should be. The sender of the bytes is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: expected {expected}, found {found}")]
pub struct DecodeError {
    /// Where in the message: `XML line 3`, `APDU byte 4`, `HTTP head`, `/session`, …
    pub place: String,
    /// What the specification puts there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl DecodeError {
    pub(crate) fn new(
        place: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        DecodeError {
            place: place.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }
}

/// At most 60 characters of a text, for errors and quotes.
pub(crate) fn short(text: &str) -> String {
    let mut cut: String = text.chars().take(60).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

/// Refuses messages over [`MAX_MESSAGE`].
pub(crate) fn bounded<'a>(place: &str, bytes: &'a [u8]) -> Result<&'a [u8], DecodeError> {
    if bytes.len() > MAX_MESSAGE {
        let found = format!("{} bytes", bytes.len());
        return Err(DecodeError::new(
            place,
            format!("at most {MAX_MESSAGE} bytes"),
            found,
        ));
    }
    Ok(bytes)
}
