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
mod by_number;
mod conduct;
mod confirmation;
mod consent;
mod drugs;
mod entry;
mod feeds;
mod house;
mod identification;
mod reference;
mod refused;
mod registration;
mod routes;
mod sessions;
mod store;
#[cfg(test)]
mod tests;
mod xml_request;

pub use conduct::{Conduct, Reference};
pub use consent::ConsentKind;
pub use drugs::DrugConsent;
pub use house::{Config, Server, ServerError};
pub use relying::{AuthorityError, Refusal};
pub use store::{Durability, StoreError};
