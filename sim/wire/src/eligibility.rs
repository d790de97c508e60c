//! Terminal and eligibility server (simulated interface, described in `openapi.yaml`): JSON
//! requests over mutual TLS; the answer is the field's own `XmlMsg` (module `result`).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::reader::Consents;

/// Host the terminals know the server by.
pub const HOST: &str = "eligibility.sim.invalid";
/// Asks for a fresh challenge.
pub const CHALLENGES: &str = "/v1/challenges";
/// Proves the card in the reader and tells how its use registration stands.
pub const CARD_IDENTIFICATIONS: &str = "/v1/card-identifications";
/// First registration at the clinic (初回登録), of the card identified in this session.
pub const USE_REGISTRATIONS: &str = "/v1/use-registrations";
/// Confirms a qualification by number; body and answer are XML (OQS-IF-001/002).
pub const NUMBER_CONFIRMATIONS: &str = "/v1/number-confirmations";
/// Registers a 照会番号; body and answer are XML (OQS-IF-003/004).
pub const REFERENCE_NUMBERS: &str = "/v1/reference-numbers";
/// Asks for drug information; body and answer are XML (YZK-IF-001/002).
pub const DRUG_INFORMATION: &str = "/v1/drug-information";
/// Confirms the qualification of the card identified in this session.
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

/// How a person was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// 暗証番号.
    Pin,
    /// 顔認証.
    Face,
    /// 目視確認 by staff.
    Visual,
}

/// Body of [`CARD_IDENTIFICATIONS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardIdentification {
    /// The session of the challenge.
    pub session: String,
    /// Base64 of the user-authentication certificate, DER.
    pub certificate: String,
    /// Base64 of the card's signature over [`signed_bytes`], PKCS#1 v1.5 with SHA-256.
    pub signature: String,
    /// How the person was proved.
    pub method: Method,
}

/// How a card's use registration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Tied to a person.
    Registered,
    /// This card's holder has never registered.
    NeverRegistered,
    /// Was registered; certificate renewed after the grace, so the registration has lapsed.
    Lapsed,
    /// Was registered and has been released (利用登録解除).
    Released,
    /// The card itself is refused or could not be checked; the confirmation says why.
    Undetermined,
}

/// Answer to [`CARD_IDENTIFICATIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardIdentified {
    /// How the use registration stands.
    pub standing: Standing,
}

/// Body of [`USE_REGISTRATIONS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseRegistration {
    /// A session in which the card was identified.
    pub session: String,
}

/// Answer to [`USE_REGISTRATIONS`]: 201 when the registration is new, 200 when it was there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseRegistered {
    /// False when the registration was there already.
    pub new: bool,
}

/// Body of [`CARD_CONFIRMATIONS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardConfirmation {
    /// A session in which the card was identified; it is used up by this.
    pub session: String,
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
