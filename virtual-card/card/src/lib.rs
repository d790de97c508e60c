//! The My Number card as a function from command bytes to response bytes: the JPKI application with its
//! two certificates, keys and secrets, and the two applications of the card's face. What third parties
//! saw of real cards is followed where it is known and is a parameter of [`CardProfile`] where it is
//! disputed. Readers, terminals and foreign programs all meet the card through [`Card::handle`] alone.

mod card;
mod chance;
mod commands;
mod conduct;
mod contents;
mod cvc;
mod files;
mod jpki;
mod key;
pub mod photo;
mod pinless;
mod png;
mod present;
mod profile;
mod secret;
mod session;
mod stamp;
mod surface;
mod text;
mod tlv;
mod traces;

pub use card::{Card, ResetError};
pub use conduct::{Conduct, Reference};
pub use contents::{CardContents, Credential, Holder, IssueError, Use};
pub use key::{CardKey, KeyError};
pub use profile::{ATR_CONTACT, ATR_CONTACTLESS, AbsentPin, AbsentSigning, CardProfile};
pub use secret::{PIN_TRIES, SIGN_TRIES, SecretName};
pub use traces::{Trace, signed_traces, traces};
