//! What is put onto a card at issue: certificates, keys, secrets, the seed of its chance and the
//! disputed points of its behaviour. Checked once here, so that the card itself need not doubt it.
//! A clone is only other contents: the certificate of one person over the key of another.

use crate::key::CardKey;
use std::fmt;
use wire::apdu::StatusWord;

/// Contactless (type B) answer to reset, as the reader makes it; the usual one.
pub const ATR_CONTACTLESS: [u8; 13] = [
    0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x05, 0xE0, 0xB3, 0x81, 0xA1, 0x00, 0x7F,
];

/// Answer to reset of newer cards through their contacts.
pub const ATR_CONTACT: [u8; 19] = [
    0x3B, 0xDA, 0x13, 0xFF, 0x81, 0x31, 0xFB, 0x46, 0x80, 0x12, 0x39, 0x2F, 0x31, 0xC1, 0x73, 0xC6,
    0x01, 0xC0, 0x3B,
];

/// Tries of the authentication PIN before it locks.
pub const AUTHENTICATION_TRIES: u8 = 3;

/// Tries of the sign password before it locks.
pub const SIGN_TRIES: u8 = 5;

/// Longest file READ BINARY can reach into: its offset has 15 bits.
const LONGEST_FILE: usize = 0x8000;

/// What a credential of the card is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// 利用者証明用: proving who holds the card.
    Authentication,
    /// 署名用: signing documents.
    Signing,
}

impl Use {
    /// Tries of its secret before it locks.
    pub fn tries(self) -> u8 {
        match self {
            Use::Authentication => AUTHENTICATION_TRIES,
            Use::Signing => SIGN_TRIES,
        }
    }
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
    /// least one of each, for signing.
    pub secret: String,
}

/// Everything that makes one card.
#[derive(Clone)]
pub struct CardContents {
    /// User authentication.
    pub authentication: Credential,
    /// Signing; a card may have been issued without it.
    pub signing: Option<Credential>,
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

/// Points on which the public sources disagree or are silent, with the likelier reading as default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardProfile {
    /// Answer to reset: [`ATR_CONTACTLESS`] by default, [`ATR_CONTACT`] through the contacts.
    pub answer_to_reset: Vec<u8>,
    /// Answer of VERIFY once the secret is locked: `6984` as two sources report, or `6983` as ISO
    /// says.
    pub blocked: StatusWord,
    /// Whether a warm reset clears presented secrets. One source doubts it for real cards.
    pub reset_clears_security_status: bool,
}

impl Default for CardProfile {
    fn default() -> CardProfile {
        CardProfile {
            answer_to_reset: ATR_CONTACTLESS.to_vec(),
            blocked: StatusWord::BLOCKED,
            reset_clears_security_status: true,
        }
    }
}

/// Why a card cannot be issued from its contents. The issuer is at fault each time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// The authentication PIN is not 4 digits.
    #[error("the issuer gave an authentication PIN that is not 4 digits; choose 4 of 0-9")]
    AuthenticationPin,
    /// The sign password breaks its rule.
    #[error(
        "the issuer gave a sign password outside its rule; choose 6 to 16 of A-Z and 0-9 with at least one letter and one digit"
    )]
    SignPassword,
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
    /// An answer to reset that no reader would take.
    #[error(
        "the issuer gave an answer to reset that does not start with 3B or 3F or is not 2 to 33 bytes; give a complete ATR"
    )]
    AnswerToReset,
}

/// Checks everything the card later relies on.
pub(crate) fn check(contents: &CardContents) -> Result<(), IssueError> {
    check_certificates(Use::Authentication, &contents.authentication)?;
    if !is_authentication_pin(&contents.authentication.secret) {
        return Err(IssueError::AuthenticationPin);
    }
    if let Some(signing) = &contents.signing {
        check_certificates(Use::Signing, signing)?;
        if !is_sign_password(&signing.secret) {
            return Err(IssueError::SignPassword);
        }
    }
    match contents.profile.answer_to_reset.as_slice() {
        atr @ [0x3B | 0x3F, _, ..] if atr.len() <= 33 => Ok(()),
        _ => Err(IssueError::AnswerToReset),
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

fn is_authentication_pin(pin: &str) -> bool {
    pin.len() == 4 && pin.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_sign_password(password: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_uppercase();
    let digit = |byte: u8| byte.is_ascii_digit();
    (6..=16).contains(&password.len())
        && password.bytes().all(|byte| letter(byte) || digit(byte))
        && password.bytes().any(letter)
        && password.bytes().any(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_keep_their_rules() {
        let pins = [
            ("1234", true),
            ("0000", true),
            ("123", false),
            ("12345", false),
            ("12a4", false),
            ("１２３４", false),
            ("", false),
        ];
        for (pin, good) in pins {
            assert_eq!(is_authentication_pin(pin), good, "{pin}");
        }
        let passwords = [
            ("ABC123", true),
            ("ABCDEFGHIJKLMN12", true),
            ("ABC12", false),
            ("ABCDEFGHIJKLMN123", false),
            ("ABCDEF", false),
            ("123456", false),
            ("abc123", false),
            ("ABC-123", false),
        ];
        for (password, good) in passwords {
            assert_eq!(is_sign_password(password), good, "{password}");
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
