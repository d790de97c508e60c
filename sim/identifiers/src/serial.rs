//! The serial number (発行番号) of a user-authentication certificate: what a card is known by.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Serial number of a certificate, a positive integer of at most eight bytes (JPKI's have three or four).
/// Shown as upper-case hex of whole bytes without leading zero bytes, such as `BFCD`.
/// Sources: facts/eligibility.md 4.1, facts/card.md 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CertificateSerial(u64);

/// Why a serial number was refused: the fault of whoever issued or sent the certificate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SerialError {
    /// Zero is no serial number.
    #[error(
        "certificate serial is zero: serial numbers are positive, the issuer must give another"
    )]
    Zero,
    /// No content at all.
    #[error("certificate serial is empty: the sender must give the integer's content bytes")]
    Empty,
    /// The sign bit is set.
    #[error(
        "certificate serial is negative (first byte {first:02X}): the issuer must put a zero byte before it"
    )]
    Negative {
        /// The first content byte.
        first: u8,
    },
    /// A leading zero byte that DER forbids.
    #[error(
        "certificate serial has a needless leading zero byte, which DER forbids: the issuer must leave it out"
    )]
    NotMinimal,
    /// More than eight bytes.
    #[error(
        "certificate serial has {found} bytes and JPKI's have at most 8: the certificate is not from this authority"
    )]
    Long {
        /// Bytes found, the sign's zero byte left out.
        found: usize,
    },
    /// A character that is no hex digit.
    #[error(
        "character {position} of the certificate serial is {found:?}, no hex digit: the sender must correct it"
    )]
    NotHex {
        /// Place, counted from 1.
        position: usize,
        /// What stands there.
        found: char,
    },
}

impl CertificateSerial {
    /// The serial number of a value. Refuses zero.
    pub fn new(value: u64) -> Result<Self, SerialError> {
        if value == 0 {
            Err(SerialError::Zero)
        } else {
            Ok(Self(value))
        }
    }

    /// Reads the content bytes of a DER INTEGER, as certificates and OCSP answers carry them. Refuses what
    /// is empty, negative, zero, not minimal or longer than eight bytes.
    pub fn from_der_integer(content: &[u8]) -> Result<Self, SerialError> {
        let magnitude = match content {
            [] => return Err(SerialError::Empty),
            [first, ..] if *first >= 0x80 => return Err(SerialError::Negative { first: *first }),
            [0, next, ..] if *next < 0x80 => return Err(SerialError::NotMinimal),
            [0, rest @ ..] => rest,
            all => all,
        };
        if magnitude.len() > 8 {
            return Err(SerialError::Long {
                found: magnitude.len(),
            });
        }
        Self::new(
            magnitude
                .iter()
                .fold(0, |value, byte| value << 8 | u64::from(*byte)),
        )
    }

    /// The content bytes of the DER INTEGER, shortest form.
    pub fn to_der_integer(self) -> Vec<u8> {
        let mut content = self.magnitude();
        if content.first().is_some_and(|first| *first >= 0x80) {
            content.insert(0, 0);
        }
        content
    }

    /// The number itself.
    pub fn value(self) -> u64 {
        self.0
    }

    /// Reads what [`fmt::Display`] shows: 1 to 16 hex digits of either case.
    pub fn parse(text: &str) -> Result<Self, SerialError> {
        if text.is_empty() {
            return Err(SerialError::Empty);
        }
        if let Some((index, found)) = text
            .chars()
            .enumerate()
            .find(|(_, c)| !c.is_ascii_hexdigit())
        {
            return Err(SerialError::NotHex {
                position: index + 1,
                found,
            });
        }
        let value = u64::from_str_radix(text, 16).map_err(|_| SerialError::Long {
            found: text.len().div_ceil(2),
        })?;
        Self::new(value)
    }

    fn magnitude(self) -> Vec<u8> {
        self.0
            .to_be_bytes()
            .into_iter()
            .skip_while(|byte| *byte == 0)
            .collect()
    }
}

impl fmt::Display for CertificateSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.magnitude()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl FromStr for CertificateSerial {
    type Err = SerialError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn der_content_and_hex_go_both_ways() {
        for (value, content, shown) in [
            (1, vec![1], "01"),
            (0x7f, vec![0x7f], "7F"),
            (0x80, vec![0, 0x80], "80"),
            (0xBFCD, vec![0, 0xBF, 0xCD], "BFCD"),
            (0x0123_4567, vec![1, 0x23, 0x45, 0x67], "01234567"),
            (
                u64::MAX,
                [vec![0], vec![0xff; 8]].concat(),
                "FFFFFFFFFFFFFFFF",
            ),
        ] {
            let serial = CertificateSerial::new(value).unwrap();
            assert_eq!(serial.to_der_integer(), content);
            assert_eq!(CertificateSerial::from_der_integer(&content), Ok(serial));
            assert_eq!(serial.to_string(), shown);
            assert_eq!(shown.to_lowercase().parse(), Ok(serial));
        }
    }

    #[test]
    fn der_that_is_no_serial_is_refused_with_its_reason() {
        for (content, error) in [
            (vec![], SerialError::Empty),
            (vec![0], SerialError::Zero),
            (vec![0x80], SerialError::Negative { first: 0x80 }),
            (vec![0, 0x7f], SerialError::NotMinimal),
            (vec![1; 9], SerialError::Long { found: 9 }),
            (
                [vec![0], vec![0xff; 9]].concat(),
                SerialError::Long { found: 9 },
            ),
        ] {
            assert_eq!(
                CertificateSerial::from_der_integer(&content),
                Err(error),
                "{content:?}"
            );
        }
    }

    #[test]
    fn text_that_is_no_serial_is_refused_with_its_reason() {
        for (text, error) in [
            ("", SerialError::Empty),
            ("00", SerialError::Zero),
            (
                "0x1",
                SerialError::NotHex {
                    position: 2,
                    found: 'x',
                },
            ),
            (
                "+1",
                SerialError::NotHex {
                    position: 1,
                    found: '+',
                },
            ),
            ("10000000000000000", SerialError::Long { found: 9 }),
        ] {
            assert_eq!(CertificateSerial::parse(text), Err(error), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_serial_is_read_back(value in 1u64..) {
            let serial = CertificateSerial::new(value).unwrap();
            prop_assert_eq!(CertificateSerial::from_der_integer(&serial.to_der_integer()), Ok(serial));
            prop_assert_eq!(CertificateSerial::parse(&serial.to_string()), Ok(serial));
        }

        #[test]
        fn no_bytes_panic_and_what_is_read_is_written_the_same(content in proptest::collection::vec(any::<u8>(), 0..12)) {
            if let Ok(serial) = CertificateSerial::from_der_integer(&content) {
                prop_assert_eq!(serial.to_der_integer(), content);
            }
        }
    }
}
