//! Who asks: nobody in particular (a person's device shows no certificate), the eligibility server, or
//! somebody else with a certificate, by its common name.

use wire::portal::ELIGIBILITY_NAME;
use world::tls::common_name;

/// Who is at the other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// A client without a certificate.
    Anybody,
    /// The eligibility server.
    Eligibility,
    /// Another client; its name.
    Other(String),
}

impl Asker {
    /// Reads the client's certificate, if it showed one.
    pub(crate) fn of(leaf: Option<&[u8]>) -> Self {
        let Some(leaf) = leaf else {
            return Self::Anybody;
        };
        match common_name(leaf).unwrap_or_default() {
            name if name == ELIGIBILITY_NAME => Self::Eligibility,
            name => Self::Other(name),
        }
    }

    /// How a refusal calls it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Anybody => "",
            Self::Eligibility => ELIGIBILITY_NAME,
            Self::Other(name) => name,
        }
    }
}
