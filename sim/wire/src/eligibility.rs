//! Terminal and eligibility server (simulated interface, described in `openapi.yaml`): JSON
//! requests over mutual TLS; the answer is the field's own `XmlMsg` (module `result`).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::reader::Consents;

/// Host the terminals know the server by.
pub const HOST: &str = "eligibility.sim.invalid";
/// Asks for a fresh challenge.
pub const CHALLENGES: &str = "/v1/challenges";
/// Confirms a qualification by card.
pub const CARD_CONFIRMATIONS: &str = "/v1/card-confirmations";
/// Largest request body taken, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// Answer to [`CHALLENGES`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// 32 hex digits naming this session.
    pub session: String,
    /// Base64 of 32 bytes.
    pub challenge: String,
}

/// Body of [`CARD_CONFIRMATIONS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardConfirmation {
    /// The session of the challenge.
    pub session: String,
    /// Base64 of the user-authentication certificate, DER.
    pub certificate: String,
    /// Base64 of the card's signature over [`signed_bytes`], PKCS#1 v1.5 with SHA-256.
    pub signature: String,
    /// How the person was proved: `pin`.
    pub method: String,
    /// The patient's answers.
    pub consents: Consents,
}

/// What the card signs: challenge, session and facility code, one after the other, so that a
/// signature serves one session at one facility only.
pub fn signed_bytes(challenge: &[u8], session: &str, facility_code: &str) -> Vec<u8> {
    [challenge, session.as_bytes(), facility_code.as_bytes()].concat()
}

/// Base64 as used in these bodies.
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads base64; the error says what was wrong.
pub fn from_base64(text: &str) -> Result<Vec<u8>, String> {
    STANDARD.decode(text).map_err(|e| e.to_string())
}
