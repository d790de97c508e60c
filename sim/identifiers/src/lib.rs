//! The numbers of the field: insurers, facilities, persons, certificates, and the check digits that
//! guard them. A value of one of these types is well formed: whoever holds one need not look again.
//! No number made here can be taken for a real person's (see [`IndividualNumber`]).
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod check_digit;
mod facility;
mod individual;
mod insurer;
mod link;
mod person;
mod serial;

pub use check_digit::{NumberError, individual_check_digit, m10w21};
pub use facility::{FacilityCode, FacilityKind};
pub use individual::{IndividualNumber, IndividualNumberError};
pub use insurer::InsurerNumber;
pub use link::{LinkNumber, LinkNumberError};
pub use person::{BranchNumber, InsuredNumber, RecipientNumber, Symbol, TextError};
pub use serial::{CertificateSerial, SerialError};

/// Prefecture code that no prefecture has (real ones are 01 to 47): it marks what was invented.
pub const INVENTED_PREFECTURE: &str = "99";

/// What every identifier kept as text offers: its text, printing, and reading by `str::parse`.
macro_rules! kept_as_text {
    ($name:ident, $error:ty) => {
        impl $name {
            /// The identifier as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
    };
}
pub(crate) use kept_as_text;
