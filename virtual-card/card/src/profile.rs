//! Points on which the public sources disagree or are silent, each a value with the likelier reading
//! as its default (facts/card.md 10).

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

/// What a card issued without signing certificate (minors under 15, face-only cards) answers to its
/// files. What a real one does is not known. OpenSC 0.23 refuses a card whose password file is missing,
/// so the reading with which foreign software can use such a card is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsentSigning {
    /// Certificates, key and password are not found (`6A82`).
    NoFiles,
    /// The certificates are not found; the password is there, locked for good, and so is its key.
    LockedFiles,
}

/// What a face-only card, on which no PIN was set, answers to its PIN files. What a real one does is
/// not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsentPin {
    /// The PIN is there, with no try left (`63C0`, and VERIFY as for any locked secret).
    Locked,
    /// The PIN file is not found (`6A82`).
    NoFile,
}

/// The disputed points of one card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardProfile {
    /// Answer to reset: [`ATR_CONTACTLESS`] by default, [`ATR_CONTACT`] through the contacts.
    pub answer_to_reset: Vec<u8>,
    /// Answer of VERIFY once the secret is locked: `6984` as two sources report, or `6983` as ISO
    /// says.
    pub blocked: StatusWord,
    /// Whether a warm reset clears presented secrets. One source doubts it for real cards.
    pub reset_clears_security_status: bool,
    /// Tries of 照合番号A and B, 1 to 15. Two sources say 10, one list says 3.
    pub verification_tries: u8,
    /// Tries of the birth date key, 1 to 15. No source says it for sure.
    pub birth_date_tries: u8,
    /// How the lack of a signing certificate shows.
    pub absent_signing: AbsentSigning,
    /// How the lack of a PIN shows.
    pub absent_pin: AbsentPin,
}

impl Default for CardProfile {
    fn default() -> CardProfile {
        CardProfile {
            answer_to_reset: ATR_CONTACTLESS.to_vec(),
            blocked: StatusWord::BLOCKED,
            reset_clears_security_status: true,
            verification_tries: 10,
            birth_date_tries: 10,
            absent_signing: AbsentSigning::LockedFiles,
            absent_pin: AbsentPin::Locked,
        }
    }
}
