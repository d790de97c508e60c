//! The My Number card as a function from command bytes to response bytes: the JPKI application
//! with its two certificates, keys and secrets. What third parties saw of real cards is followed
//! where it is known and is a parameter of [`CardProfile`] where it is disputed.
//! Readers, terminals and foreign programs all meet the card through [`Card::handle`] alone.

mod card;
mod chance;
mod commands;
mod conduct;
mod contents;
mod files;
mod key;

pub use card::Card;
pub use conduct::{Conduct, Reference};
pub use contents::{
    ATR_CONTACT, ATR_CONTACTLESS, AUTHENTICATION_TRIES, CardContents, CardProfile, Credential,
    IssueError, SIGN_TRIES, Use,
};
pub use key::{CardKey, KeyError};
