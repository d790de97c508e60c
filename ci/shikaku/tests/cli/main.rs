//! The program as its user meets it: the real binary, its exit codes, its words, its files.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

mod certify;
mod diff;
mod impostors;
mod judge;
mod program;
mod refused;
mod same_bytes;
mod sealing;
mod secrets;
mod shown;
mod signers;
mod verify;
