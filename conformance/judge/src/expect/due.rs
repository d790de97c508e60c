//! The outcomes a card check can have, in the order in which they are looked at.

/// Outcomes of a card check. Their code strings are values of the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// The certificate is none to trust: issuer, usage, not yet valid.
    CertificateInvalid,
    /// The signature is not the card's.
    SignatureInvalid,
    /// Revoked for good.
    Revoked,
    /// Suspended.
    Suspended,
    /// The responder does not know it.
    Unknown,
    /// The responder does not answer.
    RevocationUnavailable,
    /// Expired, and the grace is over.
    Expired,
    /// Never registered for use.
    NotRegistered,
    /// The registration lapsed by a renewal after the grace.
    Lapsed,
    /// The registration was released.
    Released,
    /// No insurer ever entered the person.
    NoQualification,
    /// Confirmed, renewal notice.
    ExpiresSoon,
    /// Confirmed in the grace.
    ExpiredGrace,
    /// Confirmed.
    Confirmed,
}

/// Every outcome.
pub const ALL: [Due; 14] = [
    Due::CertificateInvalid,
    Due::SignatureInvalid,
    Due::Revoked,
    Due::Suspended,
    Due::Unknown,
    Due::RevocationUnavailable,
    Due::Expired,
    Due::NotRegistered,
    Due::Lapsed,
    Due::Released,
    Due::NoQualification,
    Due::ExpiresSoon,
    Due::ExpiredGrace,
    Due::Confirmed,
];

impl Due {
    /// Name under which the profile keeps its code.
    pub fn name(self) -> &'static str {
        match self {
            Due::CertificateInvalid => "certificate-invalid",
            Due::SignatureInvalid => "signature-invalid",
            Due::Revoked => "certificate-revoked",
            Due::Suspended => "certificate-suspended",
            Due::Unknown => "certificate-unknown",
            Due::RevocationUnavailable => "revocation-unavailable",
            Due::Expired => "certificate-expired",
            Due::NotRegistered => "not-registered",
            Due::Lapsed => "registration-lapsed",
            Due::Released => "registration-released",
            Due::NoQualification => "no-qualification",
            Due::ExpiresSoon => "notice-expires-soon",
            Due::ExpiredGrace => "notice-expired-grace",
            Due::Confirmed => "confirmed",
        }
    }

    /// Key of its code in the profile.
    pub fn profile_key(self) -> String {
        format!("result_code.{}", self.name())
    }

    /// Whether it confirms the qualification.
    pub fn confirms(self) -> bool {
        self >= Due::ExpiresSoon
    }

    /// Whether it is a trouble of the card itself, whoever holds it.
    pub fn of_card(self) -> bool {
        self <= Due::Expired
    }
}
