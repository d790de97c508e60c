//! What software asks of a card in a slot, command by command, as public clients do: PIN, certificate,
//! signature, photo, and the labelled stand-in for use without a PIN. Every response is distrusted.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod card;
mod error;
mod face;
mod read;
mod secret;
mod slot;
mod terminal;
#[cfg(test)]
mod tests;

pub use card::Card;
pub use error::CardError;
pub use secret::{Secret, wipe};
pub use slot::{Slot, SlotError};
pub use terminal::{CredentialError, TerminalCredential};
