//! Shows a virtual card to a PC/SC stack: dials vpcd, the virtual reader driver, and answers its
//! frames from the card. Programs that know nothing of this project then find a card in a reader.

mod frames;
mod link;

pub use frames::TooLong;
pub use link::{Bridge, BridgeError, DIALS, PAUSE_BETWEEN_DIALS};
