//! The clinic: the reader the patient stands at, the card-processing software of the terminal,
//! and the receipt computer at the desk. The three know each other only by what crosses between
//! them: JSON lines, and files in the shared folder.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

pub mod desk;
mod lines;
pub mod reader;
mod secret;
pub mod shared;
pub mod terminal;

pub use shared::Shared;
