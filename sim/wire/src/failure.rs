//! The error body of our HTTP interfaces (simulated interface): what happened, in a word for
//! programs and a sentence for people.

use serde::{Deserialize, Serialize};

/// A refusal. `error` is stable kebab-case; the sentences may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// Stable name, e.g. `insurer-number-check-digit`.
    pub error: String,
    /// Japanese sentence: what happened and what to do.
    pub message_ja: String,
    /// The same in English.
    pub message_en: String,
}

impl Failure {
    /// Makes a refusal.
    pub fn new(error: &str, message_ja: impl Into<String>, message_en: impl Into<String>) -> Self {
        Failure {
            error: error.to_owned(),
            message_ja: message_ja.into(),
            message_en: message_en.into(),
        }
    }

    /// As JSON bytes.
    pub fn to_json(&self) -> Vec<u8> {
        // Three strings always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }
}
