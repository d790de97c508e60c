//! Two reports compared by meaning: what fails now that did not, what is no longer judged, and what about
//! the product, the rules or the run explains it. Order, real times and the program that printed a report
//! make no difference. Nothing in here decides a verdict; it sets two of them side by side.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod change;
mod compare;
mod html;
mod json;
mod run;
#[cfg(test)]
mod testing;
mod text;
mod verdicts;
mod words;

pub use change::{Change, Difference, Kind, Place, Side};
pub use compare::compare;
pub use html::html;
pub use json::{SCHEMA_JSON, json};
pub use text::text;

/// Why a difference could not be printed.
#[derive(Debug, thiserror::Error)]
#[error(
    "{format}: {reason}. The printer is at fault, not the reports; please report this with both of them."
)]
pub struct PrintError {
    /// Which format.
    format: &'static str,
    /// What the printer's library said.
    reason: String,
}

impl PrintError {
    pub(crate) fn new(format: &'static str, reason: impl ToString) -> Self {
        PrintError {
            format,
            reason: reason.to_string(),
        }
    }
}
