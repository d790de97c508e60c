//! The portal's interfaces (simulated): the person at home registers the card's use; the clinic's
//! first registration ends at the same function; and what the portal asks of J-LIS (its agency code
//! for a person) and of the intermediate server (the individual insured number behind that code).
//! No individual number travels on any of them.

use serde::{Deserialize, Serialize};

use crate::registration::InsuredNumbers;

/// Host the portal is known by.
pub const HOST: &str = "portal.sim.invalid";
/// Asks the portal for a fresh challenge; answer as `eligibility::Challenge`.
pub const CHALLENGES: &str = "/v1/challenges";
/// Registers the use of the card that signed (利用登録), from the person's own device.
pub const USE_REGISTRATIONS: &str = "/v1/use-registrations";
/// The same function, asked by the eligibility server for a card identified at a clinic.
pub const CLINIC_REGISTRATIONS: &str = "/v1/clinic-registrations";
/// Host of J-LIS's service for agencies.
pub const JLIS_HOST: &str = "agency.jpki.sim.invalid";
/// Portal asks J-LIS which agency code (機関別符号) the holder of a certificate has with it.
pub const AGENCY_CODES: &str = "/v1/agency-codes";
/// Portal asks the intermediate server who is insured under an agency code.
pub const INSURED_PERSONS: &str = "/v1/insured-persons";
/// Common name of the portal's client certificate.
pub const NAME: &str = "portal";
/// Common name of the eligibility server's client certificate towards the portal.
pub const ELIGIBILITY_NAME: &str = "eligibility-server";
/// Common name of J-LIS's client certificate on the feed.
pub const JLIS_NAME: &str = "jlis";

/// Body of [`USE_REGISTRATIONS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeRegistration {
    /// The session of the challenge.
    pub session: String,
    /// Base64 of the user-authentication certificate, DER.
    pub certificate: String,
    /// Base64 of the card's signature over [`signed_bytes`], PKCS#1 v1.5 with SHA-256.
    pub signature: String,
}

/// Body of [`CLINIC_REGISTRATIONS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClinicRegistration {
    /// Serial of the certificate the eligibility server checked, lower-case hex.
    pub serial: String,
    /// Its last valid day, `YYYY-MM-DD`.
    pub last_day: String,
}

/// Answer to both registrations: 201 when new, 200 when it was there already. Refusals are
/// `failure::Failure`: 403 `certificate-…` and `signature-invalid`, 409 `session`, 422
/// `no-insured-person`, 503 `…-unavailable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    /// False when the registration was there already.
    pub new: bool,
}

/// Body of [`AGENCY_CODES`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyCodeQuestion {
    /// Serial of the user-authentication certificate, lower-case hex.
    pub serial: String,
}

/// Answer to [`AGENCY_CODES`]; 404 `unknown-serial` otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyCode {
    /// The person's code with the portal: 16 lower-case letters and digits.
    pub agency_code: String,
}

/// Answer to [`INSURED_PERSONS`] (whose body is [`AgencyCode`]); 404 `no-insured-person` otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsuredPerson {
    /// 紐付番号.
    pub link_number: String,
    /// The latest individual insured number.
    pub insured: InsuredNumbers,
}

/// What the card signs for the portal: challenge, session and the portal's host.
pub fn signed_bytes(challenge: &[u8], session: &str) -> Vec<u8> {
    [challenge, session.as_bytes(), HOST.as_bytes()].concat()
}
