//! The portal's decisions, one method each; the defaults are the reference. A portal that errs on purpose
//! overrides exactly one of them.

use wire::failure::Failure;
use wire::portal::InsuredPerson;

/// What speaks against a certificate somebody wants to register with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CertificateFault {
    /// Not one to trust, or not valid yet.
    Invalid,
    /// Expired; the grace is for confirmations only, nobody registers in it.
    Expired,
    /// Revoked for good.
    Revoked,
    /// Suspended after a loss report.
    Suspended,
    /// The authority does not know it.
    Unknown,
    /// The authority could not be asked.
    Unasked,
}

/// The portal's decisions.
pub trait Conduct: Send + Sync {
    /// Whether the card's signature counts, which no card gives without the PIN (REG-01).
    fn accepts_unsigned(&self, found: bool) -> bool {
        found
    }

    /// Whether a certificate serves for a registration; `found` is what the check found (REG-01).
    fn certificate_ok(&self, found: Result<(), CertificateFault>) -> Result<(), CertificateFault> {
        found
    }

    /// The agency code (機関別符号) used for the person: the one J-LIS gave (REG-06).
    fn agency(&self, found: String) -> String {
        found
    }

    /// Who is insured under the code; with nobody there is no registration (REG-04).
    fn insured_person(&self, found: Option<InsuredPerson>) -> Option<InsuredPerson> {
        found
    }

    /// What a refusal says: what happened and what to do (REG-04).
    fn says_why(&self, found: Failure) -> Failure {
        found
    }

    /// Whether the pages tell a registration that failed from one that was made (REG-01, REG-04).
    fn shows_failure(&self) -> bool {
        true
    }

    /// Whether the registration is told as new: as the eligibility server said (REG-05).
    fn tells_result(&self, new: bool) -> bool {
        new
    }
}

/// The reference portal.
pub struct Reference;
impl Conduct for Reference {}
