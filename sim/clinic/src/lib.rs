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
mod fallback;
mod lines;
pub mod reader;
pub mod shared;
pub mod terminal;

pub use shared::Shared;

/// Name in evidence of a facility's reader and of the terminal behind it: the first carry the
/// facility's own name, the next ones `#2`, `#3`, … behind it.
pub fn party(facility: &str, reader: u8) -> String {
    match reader {
        0 | 1 => facility.to_owned(),
        number => format!("{facility}#{number}"),
    }
}
