//! The card from outside, through bytes alone: dialogues kept as files, properties that must hold
//! for any bytes and for a card pulled out at any moment, and what may not be issued.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

mod cards;
mod dialogue;
mod faces;
mod impostors;
mod issue;
mod language;
mod model;
mod properties;
