//! A PIN on its way from the line to the card: hidden from `Debug`, and overwritten as soon as it
//! is let go.

use std::fmt;
use std::hint::black_box;

/// Overwrites bytes so that the compiler may not leave it out.
pub(crate) fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    black_box(bytes);
}

/// A secret text, overwritten when dropped.
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    pub(crate) fn new(text: String) -> Self {
        Secret(text.into_bytes())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text; empty when it is none, which `new` does not allow.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether this is what a PIN pad gives: four digits 0 to 9.
    pub(crate) fn is_pin(&self) -> bool {
        self.0.len() == 4 && self.0.iter().all(u8::is_ascii_digit)
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
    fn only_four_digits_are_a_pin() {
        for (text, is) in [
            ("0417", true),
            ("", false),
            ("041", false),
            ("04170", false),
            ("04a7", false),
            ("０４１７", false),
        ] {
            assert_eq!(Secret::new(text.to_owned()).is_pin(), is, "{text}");
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
