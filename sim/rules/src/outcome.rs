//! The outcomes a confirmation by card can have, with their names. The real result codes (処理結果コード,
//! 別紙6-1) are not public, so the code of each outcome is a value of the profile.

use std::fmt;

use crate::Profile;

/// How a confirmation by card ended. Ordered from good to bad; the names are the profile's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Answered, nothing to say.
    Confirmed,
    /// Answered; the certificate expires within three months (LIFE-01).
    NoticeExpiresSoon,
    /// Answered; the certificate has expired and the grace runs (LIFE-02).
    NoticeExpiredGrace,
    /// Refused: the grace is over (LIFE-03).
    CertificateExpired,
    /// Refused: revoked (PKI-04).
    CertificateRevoked,
    /// Refused: suspended after a loss report (PKI-03).
    CertificateSuspended,
    /// Refused: the responder does not know the certificate (PKI-02).
    CertificateUnknown,
    /// Not answered: revocation could not be asked (PKI-07).
    RevocationUnavailable,
    /// Refused: chain, issuer, usage, policy, or not yet valid (PKI-01).
    CertificateInvalid,
    /// Refused: the signature does not prove the card (PKI-08).
    SignatureInvalid,
    /// Refused: nobody has registered this card as a health card (REG-03).
    NotRegistered,
    /// Refused: the person has no qualification on the day, and had none before (ELIG-03).
    NoQualification,
    /// Refused: the registration has lapsed, because the certificate was renewed after its grace (LIFE-06, REG-03).
    RegistrationLapsed,
    /// Refused: the registration was released (REG-07).
    RegistrationReleased,
}

impl Outcome {
    /// Every outcome, in order.
    pub const ALL: [Self; 14] = [
        Self::Confirmed,
        Self::NoticeExpiresSoon,
        Self::NoticeExpiredGrace,
        Self::CertificateExpired,
        Self::CertificateRevoked,
        Self::CertificateSuspended,
        Self::CertificateUnknown,
        Self::RevocationUnavailable,
        Self::CertificateInvalid,
        Self::SignatureInvalid,
        Self::NotRegistered,
        Self::NoQualification,
        Self::RegistrationLapsed,
        Self::RegistrationReleased,
    ];

    /// The outcome's name, such as `notice-expires-soon`; the profile's key is `result_code.` before it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::NoticeExpiresSoon => "notice-expires-soon",
            Self::NoticeExpiredGrace => "notice-expired-grace",
            Self::CertificateExpired => "certificate-expired",
            Self::CertificateRevoked => "certificate-revoked",
            Self::CertificateSuspended => "certificate-suspended",
            Self::CertificateUnknown => "certificate-unknown",
            Self::RevocationUnavailable => "revocation-unavailable",
            Self::CertificateInvalid => "certificate-invalid",
            Self::SignatureInvalid => "signature-invalid",
            Self::NotRegistered => "not-registered",
            Self::NoQualification => "no-qualification",
            Self::RegistrationLapsed => "registration-lapsed",
            Self::RegistrationReleased => "registration-released",
        }
    }

    /// The result code (ProcessingResultCode) the profile gives this outcome; empty for `confirmed` by default.
    pub fn code(self, profile: &Profile) -> &str {
        profile.result_code(self)
    }

    /// Whether a person block goes out: ProcessingResultStatus "1" and not "2" (OQSCD004).
    pub const fn answered(self) -> bool {
        matches!(
            self,
            Self::Confirmed | Self::NoticeExpiresSoon | Self::NoticeExpiredGrace
        )
    }

    /// Whether the card itself is refused, or could not be checked: no registration would help.
    pub const fn is_about_the_card(self) -> bool {
        matches!(
            self,
            Self::CertificateExpired
                | Self::CertificateRevoked
                | Self::CertificateSuspended
                | Self::CertificateUnknown
                | Self::RevocationUnavailable
                | Self::CertificateInvalid
                | Self::SignatureInvalid
        )
    }

    /// ProcessingResultStatus (OQSCD004): "1" answered, "2" error.
    pub const fn processing_status(self) -> &'static str {
        if self.answered() { "1" } else { "2" }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_outcome_is_listed_once_under_its_own_name() {
        let names: BTreeSet<_> = Outcome::ALL.iter().map(|outcome| outcome.name()).collect();
        assert_eq!(names.len(), Outcome::ALL.len());
        let outcomes: BTreeSet<_> = Outcome::ALL.into_iter().collect();
        assert_eq!(outcomes.into_iter().collect::<Vec<_>>(), Outcome::ALL);
    }

    #[test]
    fn seven_are_about_the_card_and_none_of_them_is_answered() {
        let about: Vec<_> = Outcome::ALL
            .into_iter()
            .filter(|outcome| outcome.is_about_the_card())
            .collect();
        assert_eq!(about, Outcome::ALL[3..10]);
    }

    #[test]
    fn only_the_first_three_are_answered() {
        for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome.answered(), index < 3, "{outcome}");
            assert_eq!(
                outcome.processing_status(),
                if index < 3 { "1" } else { "2" }
            );
        }
    }
}
