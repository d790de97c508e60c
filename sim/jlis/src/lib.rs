//! J-LIS (simulated): two certification authorities, certificates by the published profile, the register of
//! what became of each, OCSP responder and revocation list that answer from it, the courier that tells which
//! serial follows which, and the service that knows agency codes. Every name says that it is simulated;
//! bytes are the same for the same inputs.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod agency;
mod authority;
mod conduct;
mod courier;
mod crl;
mod der;
mod house;
mod ocsp;
mod profile;
mod registry;
#[cfg(test)]
mod tests;

pub use authority::{Authority, Holder, Leaf, Purpose};
pub use conduct::{Conduct, Reference};
pub use courier::{ANSWER_TIME, ATTEMPTS, LONGEST_PAUSE, Refused, feed_hop};
pub use crl::{ListMood, Publisher, serve as serve_lists};
pub use house::{Config, JlisHandle, spawn};
pub use ocsp::{HOST, Mood, Responder, serve};
pub use registry::{Reason, Registry, RegistryError, Standing};
