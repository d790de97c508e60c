//! What whoever relies on a JPKI certificate does with it: chain, the card's signature, and revocation
//! by OCSP or list. Houses that accept cards share it; what they make of it is theirs. Days of validity
//! are left to `rules`: an expired certificate is still looked at in full.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod authority;
mod certificate;
pub mod chain;
mod crl;
mod doubt;
mod examine;
mod ocsp;
mod ocsp_answer;
mod revocation;
#[cfg(test)]
mod tests;

pub use authority::{Authority, AuthorityError};
pub use certificate::{CardCertificate, MAX_CERTIFICATE};
pub use chain::Refusal;
pub use doubt::{Doubt, Flaw};
pub use examine::{Bend, Examined, Relying, Straight};
pub use revocation::{Revocations, Settings};
