//! Names of the simulated JPKI that issuer and verifier must agree on: policies, the revocation
//! service and its media types. How certificates are made and judged is the houses' own affair.

/// Host of the revocation service (OCSP), as certificates name it.
pub const OCSP_HOST: &str = "ocsp.jpki-sim.invalid";
/// Its address in certificates.
pub const OCSP_URI: &str = "http://ocsp.jpki-sim.invalid/";
/// Media type of a revocation question (RFC 6960).
pub const OCSP_REQUEST: &str = "application/ocsp-request";
/// Media type of a revocation answer (RFC 6960).
pub const OCSP_RESPONSE: &str = "application/ocsp-response";
/// Policy of user-authentication certificates (利用者証明用), the arc of the test hierarchy.
pub const USER_AUTHENTICATION_POLICY: &str = "1.2.392.200149.8.5.1.0.30";
/// Policy of signing certificates (署名用), the arc of the test hierarchy.
pub const SIGNING_POLICY: &str = "1.2.392.200149.8.5.1.0.20";
/// Where the practice statement of the simulated authority would be.
pub const PRACTICE_STATEMENT: &str = "http://jpki-sim.invalid/cps.html";
/// Host of the revocation list, asked when the profile's fallback says so.
pub const CRL_HOST: &str = "crl.jpki-sim.invalid";
/// Path of the list of revoked user-authentication certificates, DER (RFC 5280).
pub const CRL_PATH: &str = "/user-authentication.crl";
/// Path of the list of revoked signing certificates, DER; nothing in the town asks for it.
pub const SIGNING_CRL_PATH: &str = "/digital-signature.crl";
/// The bit in which the serials of one card's two certificates differ, as the simulated authority numbers
/// them; no public source says how the real one does.
pub const SIGNING_SERIAL_BIT: u64 = 0x4000_0000;
/// Media type of a revocation list (RFC 2585).
pub const CRL_TYPE: &str = "application/pkix-crl";
