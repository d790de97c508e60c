//! What a terminal shows a card to use it without a PIN: our own stand-in, since the real exchange
//! (特定機関認証) is not public (facts/card.md 5.5, [`wire::apdu::pinless`]).

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use std::fmt;
use wire::apdu::pinless;

/// Bytes of an Ed25519 signature.
pub(crate) const SIGNATURE_LENGTH: usize = 64;

/// Why a terminal's credential cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// A key that is none.
    #[error(
        "the {whose} key is no Ed25519 key in PKCS#8 DER ({reason}); whoever keeps it must give the DER bytes"
    )]
    Key {
        /// Whose key.
        whose: &'static str,
        /// What the library said.
        reason: String,
    },
    /// A facility code that is none.
    #[error("the facility code {0:?} is not 10 digits; give the code of the enrolled facility")]
    FacilityCode(String),
}

/// A terminal's key with what the terminal authority says of it.
pub struct TerminalCredential {
    facility_code: String,
    key: Ed25519KeyPair,
    authority_signature: Vec<u8>,
}

impl TerminalCredential {
    /// Lets the authority enroll a terminal: both keys as PKCS#8 DER (Ed25519), the code 10 digits.
    pub fn issue(
        authority_pkcs8: &[u8],
        facility_code: &str,
        terminal_pkcs8: &[u8],
    ) -> Result<TerminalCredential, CredentialError> {
        if facility_code.len() != 10 || !facility_code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CredentialError::FacilityCode(facility_code.to_owned()));
        }
        let authority = load("terminal authority's", authority_pkcs8)?;
        let key = load("terminal's", terminal_pkcs8)?;
        let named = [facility_code.as_bytes(), key.public_key().as_ref()].concat();
        Ok(TerminalCredential {
            facility_code: facility_code.to_owned(),
            authority_signature: authority.sign(&named).as_ref().to_vec(),
            key,
        })
    }

    /// What PRESENT CERTIFICATE carries: facility code (10) ‖ key (32) ‖ the authority's signature (64).
    pub fn certificate(&self) -> Vec<u8> {
        let key = self.key.public_key();
        let parts: [&[u8]; 3] = [
            self.facility_code.as_bytes(),
            key.as_ref(),
            &self.authority_signature,
        ];
        parts.concat()
    }

    /// What EXTERNAL AUTHENTICATE carries: the terminal's signature over the domain and the challenge.
    pub fn answer(&self, challenge: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        let message = [pinless::DOMAIN, challenge].concat();
        let mut answer = [0; SIGNATURE_LENGTH];
        answer.copy_from_slice(self.key.sign(&message).as_ref());
        answer
    }
}

impl fmt::Debug for TerminalCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TerminalCredential")
            .field("facility_code", &self.facility_code)
            .finish_non_exhaustive()
    }
}

fn load(whose: &'static str, pkcs8: &[u8]) -> Result<Ed25519KeyPair, CredentialError> {
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(|reason| CredentialError::Key {
        whose,
        reason: reason.to_string(),
    })
}
