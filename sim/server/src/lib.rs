//! The reference eligibility server (資格確認サーバー): facilities known by certificate ask it, over
//! mutual TLS, whose card lies in the reader. It checks chain, signature and revocation of every use
//! itself, keeps what insurers feed it on disk and answers by `rules`. The interface is simulated and
//! described in `sim/wire/openapi.yaml`; only the answer's XML bears the field's names.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod answer;
mod asker;
mod authority;
mod certificate;
mod chain;
mod conduct;
mod confirmation;
mod entry;
mod house;
mod ocsp;
mod ocsp_answer;
mod refused;
mod routes;
mod sessions;
mod store;
#[cfg(test)]
mod tests;

pub use authority::AuthorityError;
pub use chain::Refusal;
pub use conduct::{Conduct, Reference};
pub use house::{Config, Server, ServerError};
pub use store::{Durability, StoreError};
