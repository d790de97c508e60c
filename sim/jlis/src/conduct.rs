//! The decisions of the authority that an issuer of cards who errs on purpose takes otherwise, one each.

use jiff::civil::Date;

/// What whoever issues cards decides. Every default is the reference behaviour.
pub trait Conduct: Send + Sync {
    /// Whether the user-authentication certificate names its holder in the subject's common name. It
    /// must not (CARD-02).
    fn names_person_in_authentication_certificate(&self) -> bool {
        false
    }

    /// The first day written into a user-authentication certificate: the one laid down at issue (CARD-15).
    fn first_day(&self, found: Date) -> Date {
        found
    }
}

/// The issuer that errs nowhere on purpose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Conduct for Reference {}
