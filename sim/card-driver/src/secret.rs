//! A PIN or 照合番号 on its way to the card: hidden from `Debug`, and overwritten as soon as it is let
//! go.

use std::fmt;
use std::hint::black_box;

/// Overwrites bytes so that the compiler may not leave it out.
pub fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    black_box(bytes);
}

/// A secret text, overwritten when dropped.
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes the text over; no copy is made.
    pub fn new(text: String) -> Self {
        Secret(text.into_bytes())
    }

    /// The bytes that go to the card.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text.
    pub fn text(&self) -> &str {
        // Never another: it came in as text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether this is what a PIN pad gives: four digits 0 to 9.
    pub fn is_pin(&self) -> bool {
        self.is_digits(4)
    }

    /// Whether this has the form of 照合番号B: fourteen digits (birth date by era, year of the card's
    /// expiry, security code; facts/card.md 4).
    pub fn is_verification_b(&self) -> bool {
        self.is_digits(14)
    }

    fn is_digits(&self, count: usize) -> bool {
        self.0.len() == count && self.0.iter().all(u8::is_ascii_digit)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("⟦secret⟧")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pin_and_verification_number_have_their_forms() {
        for (text, pin, verification_b) in [
            ("0417", true, false),
            ("", false, false),
            ("041", false, false),
            ("04170", false, false),
            ("04a7", false, false),
            ("０４１７", false, false),
            ("55021720352285", false, true),
            ("5502172035228", false, false),
            ("550217203522855", false, false),
            ("5502172035228B", false, false),
        ] {
            let secret = Secret::new(text.to_owned());
            let got = (secret.is_pin(), secret.is_verification_b());
            assert_eq!(got, (pin, verification_b), "{text}");
            assert_eq!((secret.text(), secret.bytes()), (text, text.as_bytes()));
        }
    }

    #[test]
    fn a_secret_is_not_printed_and_can_be_wiped() {
        let secret = Secret::new("0417".to_owned());
        assert!(!format!("{secret:?}").contains("0417"));
        let mut bytes = *b"0417";
        wipe(&mut bytes);
        assert_eq!(bytes, [0; 4]);
    }
}
