//! What is put onto a card at issue: certificates, keys, secrets, its holder, the seed of its chance
//! and the disputed points of its behaviour. Checked once here, so that the card need not doubt it.
//! A clone is only other contents: the certificate of one person over the key of another.

use crate::key::CardKey;
use crate::profile::CardProfile;
use crate::secret::{SecretName, digits};
use jiff::civil::Date;
use std::fmt;

/// Longest file READ BINARY can reach into: its offset has 15 bits.
const LONGEST_FILE: usize = 0x8000;

/// Longest name, address (bytes of UTF-8) and photo: with all of them the card face still fits.
const LONGEST_TEXT: usize = 400;
const LONGEST_PHOTO: usize = 24 * 1024;

/// What a credential of the card is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// 利用者証明用: proving who holds the card.
    Authentication,
    /// 署名用: signing documents.
    Signing,
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Use::Authentication => "user-authentication (利用者証明用)",
            Use::Signing => "signing (署名用)",
        })
    }
}

/// One certificate with everything that belongs to it.
#[derive(Clone)]
pub struct Credential {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// The certificate of its CA, DER.
    pub ca_certificate: Vec<u8>,
    /// The private key; the card does not ask whether it fits the certificate.
    pub key: CardKey,
    /// The secret that opens the key: 4 digits for authentication; 6 to 16 of A-Z and 0-9, at
    /// least one of each, for signing. `None` on a face-only card: no PIN was set, and the key works
    /// without PIN alone.
    pub secret: Option<String>,
}

/// The four attributes of whoever the card is made out to.
#[derive(Clone)]
pub struct Holder {
    /// Name, family and given name split by U+3000.
    pub name: String,
    /// Address, digits full-width.
    pub address: String,
    /// Birth date, 1868 or later.
    pub birth: Date,
    /// `1` male, `2` female, `9` other, `0` unknown.
    pub sex: char,
}

/// Everything that makes one card.
#[derive(Clone)]
pub struct CardContents {
    /// User authentication.
    pub authentication: Credential,
    /// Signing; a card may have been issued without it (minors under 15, face-only cards).
    pub signing: Option<Credential>,
    /// Whose card it is.
    pub holder: Holder,
    /// The photo, a JP2 file (see [`crate::photo`]); infants' cards have none.
    pub photo: Option<Vec<u8>>,
    /// Security code printed on the card, 4 digits.
    pub security_code: String,
    /// Last valid day of the card itself.
    pub expires_on: Date,
    /// The individual number, 12 digits: it is 照合番号A too. Its check digit is not looked at.
    pub individual_number: String,
    /// PIN of the text application, 4 digits; `None` on a face-only card.
    pub text_pin: Option<String>,
    /// Ed25519 key of the authority whose terminals may use the card without a PIN
    /// (our stand-in, `wire::apdu::pinless`).
    pub terminal_authority: [u8; 32],
    /// Where the card's chance (challenges, salts) starts.
    pub seed: [u8; 32],
    /// The disputed points.
    pub profile: CardProfile,
}

impl CardContents {
    /// A forger's copy: all that can be read from this card, but other private keys behind it,
    /// for the real ones never leave the chip.
    pub fn cloned_over(&self, authentication_key: CardKey) -> CardContents {
        let mut copy = self.clone();
        copy.authentication.key = authentication_key;
        copy
    }

    /// 照合番号B as it is read off the card's face: birth date by era (YYMMDD), year of the card's
    /// expiry, security code (facts/card.md 4).
    pub fn verification_b(&self) -> String {
        format!(
            "{}{:04}{}",
            self.birth_date_key(),
            self.expires_on.year(),
            self.security_code
        )
    }

    /// The birth date with the year of its era, YYMMDD.
    pub fn birth_date_key(&self) -> String {
        let birth = self.holder.birth;
        let year = era_year(birth).unwrap_or_default();
        format!("{year:02}{:02}{:02}", birth.month(), birth.day())
    }
}

// Secrets and keys stay out of every log.
impl fmt::Debug for CardContents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardContents")
            .field("signing", &self.signing.is_some())
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

/// First days of the eras 明治 to 令和.
const ERAS: [(i16, i8, i8); 5] = [
    (1868, 1, 25),
    (1912, 7, 30),
    (1926, 12, 25),
    (1989, 1, 8),
    (2019, 5, 1),
];

/// Year of the era a day lies in, 1 for the era's first; `None` before 明治.
fn era_year(day: Date) -> Option<i16> {
    let first = ERAS
        .into_iter()
        .rfind(|first| (day.year(), day.month(), day.day()) >= *first)?;
    Some(day.year() - first.0 + 1)
}

/// Why a card cannot be issued from its contents. The issuer is at fault each time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// A secret that breaks its rule. The secret itself is not repeated.
    #[error(
        "the issuer gave a {0} outside its rule; PINs are 4 digits, the individual number 12, and a sign password 6 to 16 of A-Z and 0-9 with at least one letter and one digit"
    )]
    Secret(SecretName),
    /// A certificate file that is not one DER structure.
    #[error(
        "the issuer gave a {which} {what} of {length} bytes that is not one DER SEQUENCE of that length; hand over the DER bytes, not PEM, without filler"
    )]
    NotDer {
        /// Which credential.
        which: Use,
        /// Which of its files.
        what: &'static str,
        /// Bytes handed over.
        length: usize,
    },
    /// A certificate longer than READ BINARY reaches.
    #[error(
        "the issuer gave a {which} {what} of {length} bytes; a file on the card holds at most 32768"
    )]
    TooLong {
        /// Which credential.
        which: Use,
        /// Which of its files.
        what: &'static str,
        /// Bytes handed over.
        length: usize,
    },
    /// Something of the holder or the card's face that no card can carry.
    #[error("the issuer gave a {what} that no card carries; give {wanted}")]
    Face {
        /// What it is.
        what: &'static str,
        /// What a card carries.
        wanted: &'static str,
    },
    /// A number of tries that no status word can say.
    #[error("the issuer gave {0} tries to a secret; give 1 to 15")]
    Tries(u8),
    /// An answer to reset that no reader would take.
    #[error(
        "the issuer gave an answer to reset that does not start with 3B or 3F or is not 2 to 33 bytes; give a complete ATR"
    )]
    AnswerToReset,
}

/// Checks everything the card later relies on.
pub(crate) fn check(contents: &CardContents) -> Result<(), IssueError> {
    check_certificates(Use::Authentication, &contents.authentication)?;
    if let Some(signing) = &contents.signing {
        check_certificates(Use::Signing, signing)?;
    }
    check_secrets(contents)?;
    check_face(contents)?;
    for tries in [
        contents.profile.verification_tries,
        contents.profile.birth_date_tries,
    ] {
        if !(1..=15).contains(&tries) {
            return Err(IssueError::Tries(tries));
        }
    }
    match contents.profile.answer_to_reset.as_slice() {
        atr @ [0x3B | 0x3F, _, ..] if atr.len() <= 33 => Ok(()),
        _ => Err(IssueError::AnswerToReset),
    }
}

fn check_secrets(contents: &CardContents) -> Result<(), IssueError> {
    let signing = contents.signing.as_ref();
    let number = Some(contents.individual_number.as_str());
    let secrets = [
        (
            SecretName::AuthenticationPin,
            contents.authentication.secret.as_deref(),
        ),
        (
            SecretName::SignPassword,
            signing.and_then(|signing| signing.secret.as_deref()),
        ),
        (SecretName::TextPin, contents.text_pin.as_deref()),
        (SecretName::TextVerificationA, number),
    ];
    for (name, secret) in secrets {
        if secret.is_some_and(|secret| !name.takes(secret.as_bytes())) {
            return Err(IssueError::Secret(name));
        }
    }
    Ok(())
}

fn check_face(contents: &CardContents) -> Result<(), IssueError> {
    let holder = &contents.holder;
    let text = |text: &str| !text.is_empty() && text.len() <= LONGEST_TEXT;
    let photo = contents.photo.as_deref();
    let rules = [
        (text(&holder.name), "name", "1 to 400 bytes of UTF-8"),
        (text(&holder.address), "address", "1 to 400 bytes of UTF-8"),
        (
            era_year(holder.birth).is_some(),
            "birth date",
            "a day since 25 January 1868",
        ),
        (
            matches!(holder.sex, '0' | '1' | '2' | '9'),
            "sex",
            "0, 1, 2 or 9",
        ),
        (
            digits(contents.security_code.as_bytes(), 4),
            "security code",
            "4 digits",
        ),
        (
            photo.is_none_or(|photo| (1..=LONGEST_PHOTO).contains(&photo.len())),
            "photo",
            "a JP2 file of at most 24576 bytes, or none",
        ),
        (
            (1..=9999).contains(&contents.expires_on.year()),
            "expiry of the card",
            "a day of a year with four digits",
        ),
    ];
    match rules.into_iter().find(|(kept, _, _)| !kept) {
        Some((_, what, wanted)) => Err(IssueError::Face { what, wanted }),
        None => Ok(()),
    }
}

fn check_certificates(which: Use, credential: &Credential) -> Result<(), IssueError> {
    let files = [
        ("certificate", &credential.certificate),
        ("CA certificate", &credential.ca_certificate),
    ];
    for (what, bytes) in files {
        let length = bytes.len();
        if length > LONGEST_FILE {
            return Err(IssueError::TooLong {
                which,
                what,
                length,
            });
        }
        // Clients learn the length of the file from this header and nowhere else.
        if sequence_length(bytes) != Some(length) {
            return Err(IssueError::NotDer {
                which,
                what,
                length,
            });
        }
    }
    Ok(())
}

/// Total length that the header of a DER SEQUENCE promises.
fn sequence_length(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [0x30, length @ 0..=0x7F, ..] => Some(2 + usize::from(length)),
        [0x30, 0x81, length, ..] => Some(3 + usize::from(length)),
        [0x30, 0x82, high, low, ..] => Some(4 + usize::from(u16::from_be_bytes([high, low]))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_year_of_the_era_changes_on_its_first_day() {
        let table = [
            (date(1868, 1, 24), None),
            (date(1868, 1, 25), Some(1)),
            (date(1912, 7, 29), Some(45)),
            (date(1912, 7, 30), Some(1)),
            (date(1926, 12, 24), Some(15)),
            (date(1926, 12, 25), Some(1)),
            (date(1980, 2, 17), Some(55)),
            (date(1989, 1, 7), Some(64)),
            (date(1989, 1, 8), Some(1)),
            (date(2019, 4, 30), Some(31)),
            (date(2019, 5, 1), Some(1)),
            (date(2026, 10, 15), Some(8)),
        ];
        for (day, year) in table {
            assert_eq!(era_year(day), year, "{day}");
        }
    }

    #[test]
    fn the_header_of_a_certificate_tells_its_length() {
        let table: [(&[u8], Option<usize>); 6] = [
            (&[0x30, 0x05], Some(7)),
            (&[0x30, 0x81, 0x80], Some(131)),
            (&[0x30, 0x82, 0x01, 0x00], Some(260)),
            (&[0x30, 0x82, 0x01], None),
            (&[0x31, 0x05], None),
            (b"", None),
        ];
        for (bytes, length) in table {
            assert_eq!(sequence_length(bytes), length, "{bytes:02X?}");
        }
    }
}
