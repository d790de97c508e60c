//! The portal (マイナポータル), as far as use registration goes: the person at home proves the card, or the
//! eligibility server vouches for a card identified at a clinic; the portal then asks J-LIS for its agency
//! code, the intermediate server for the individual insured number behind it, and reports the tie to the
//! eligibility server. No individual number reaches it. Challenges are kept in memory only: they die with
//! the process, ties do not, for the portal keeps none.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod asker;
mod conduct;
mod desk;
mod device;
mod house;
mod neighbours;
mod proof;
mod refused;
mod registration;
mod sessions;
#[cfg(test)]
mod tests;

pub use conduct::{CertificateFault, Conduct, Reference};
pub use device::{Device, DeviceConfig, Screen, ScreenId, hop};
pub use house::{Config, PortalError, PortalHandle, spawn};
pub use neighbours::{ANSWER_TIME, agency_hop, feed_hop, insured_hop};
pub use sessions::LIFETIME_MS;
