//! Why an answer about revocation, or its absence, approves nothing.

use std::fmt;

use world::http::NoAnswer;

/// What keeps one answer from being relied on.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// No answer at all, in time or in size.
    #[error("it did not answer: {0}")]
    Silent(#[from] NoAnswer),
    /// An answer of HTTP, with nothing usable in it.
    #[error("it answered HTTP {status} with {content_type:?}")]
    WrongType {
        /// Status code.
        status: u16,
        /// Content type as it came.
        content_type: String,
    },
    /// The service refused the question.
    #[error("it refused: {0}")]
    Refused(&'static str),
    /// Not DER, or not what RFC 6960 or RFC 5280 describes.
    #[error("its answer cannot be read: {0}")]
    Unreadable(String),
    /// Anything else.
    #[error("its answer is not to be relied on: {0}")]
    Unreliable(&'static str),
}

impl From<der::Error> for Flaw {
    fn from(error: der::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// Nobody's approval: the revocation service, and the list where it was asked too, gave no answer to
/// rely on. Houses keep its text with what they decided.
#[derive(Debug)]
pub struct Doubt {
    /// What was wrong with the service (OCSP).
    pub service: Flaw,
    /// What was wrong with the list (CRL); none when it was not asked.
    pub list: Option<Flaw>,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the revocation service: {}", self.service)?;
        match &self.list {
            Some(flaw) => write!(f, "; the revocation list: {flaw}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Doubt {}
