//! What the card says back: data and a status word, with the words' names for people.

use super::ApduError;
use std::fmt;

/// One response: data and status word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Response data, possibly empty.
    pub data: Vec<u8>,
    /// How it went.
    pub status: StatusWord,
}

impl Response {
    /// A response of status alone.
    pub fn status(status: StatusWord) -> Response {
        Response {
            data: Vec::new(),
            status,
        }
    }

    /// A good response with data.
    pub fn ok(data: Vec<u8>) -> Response {
        Response {
            data,
            status: StatusWord::OK,
        }
    }

    /// Reads a response as it comes from the card: data, then two status bytes.
    pub fn parse(bytes: &[u8]) -> Result<Response, ApduError> {
        let Some((data, status)) = bytes.split_last_chunk::<2>() else {
            return Err(ApduError::ResponseTooShort { got: bytes.len() });
        };
        Ok(Response {
            data: data.to_vec(),
            status: StatusWord(u16::from_be_bytes(*status)),
        })
    }

    /// The bytes as they come from the card.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.data.clone();
        bytes.extend_from_slice(&self.status.0.to_be_bytes());
        bytes
    }
}

/// Status word (SW1 SW2), the JICSAP set as the card uses it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatusWord(pub u16);

macro_rules! status_words {
    ($($constant:ident = $value:literal, $name:literal;)*) => {
        impl StatusWord {
            $(#[doc = $name] pub const $constant: StatusWord = StatusWord($value);)*

            /// What the status word means, in a few words.
            pub fn name(self) -> &'static str {
                match self.0 {
                    $($value => $name,)*
                    0x63C0 => "no tries left",
                    0x63C1..=0x63CF => "wrong, or asked: tries left",
                    _ => "a status word this card does not use",
                }
            }
        }
    };
}

status_words! {
    OK = 0x9000, "done";
    WRONG_LENGTH = 0x6700, "wrong length";
    CHANNEL_NOT_SUPPORTED = 0x6881, "logical channel other than 0";
    WRONG_FILE_KIND = 0x6981, "the file is not of the kind this command needs";
    SECURITY_NOT_SATISFIED = 0x6982, "the secret for this has not been presented";
    BLOCKED_ISO = 0x6983, "the secret is blocked (ISO reading)";
    BLOCKED = 0x6984, "the secret is blocked";
    CONDITIONS_NOT_SATISFIED = 0x6985, "conditions of use not satisfied";
    NO_CURRENT_FILE = 0x6986, "no current file";
    SECURE_MESSAGING_MISSING = 0x6987, "secure messaging object missing or not supported";
    SECURE_MESSAGING_WRONG = 0x6988, "secure messaging object wrong";
    WRONG_DATA = 0x6A80, "wrong data";
    FUNCTION_NOT_SUPPORTED = 0x6A81, "function not supported";
    FILE_NOT_FOUND = 0x6A82, "file or application not found";
    RECORD_NOT_FOUND = 0x6A83, "record not found";
    WRONG_P1_P2 = 0x6A86, "P1-P2 not supported";
    DATA_NOT_FOUND = 0x6A88, "referenced data not found";
    OFFSET_BEYOND_END = 0x6B00, "offset beyond the end of the file";
    INSTRUCTION_NOT_SUPPORTED = 0x6D00, "instruction not supported";
    CLASS_NOT_SUPPORTED = 0x6E00, "class not supported";
    NO_DIAGNOSIS = 0x6F00, "failed without precise diagnosis";
}

impl StatusWord {
    /// `63Cx` with that many tries left; above 15 the word cannot say it and 15 is written.
    pub fn tries(left: u8) -> StatusWord {
        StatusWord(0x63C0 | u16::from(left.min(15)))
    }

    /// The tries left that a `63Cx` tells; `None` for every other word.
    pub fn tries_left(self) -> Option<u8> {
        let [high, low] = self.0.to_be_bytes();
        (high == 0x63 && low & 0xF0 == 0xC0).then_some(low & 0x0F)
    }

    /// Whether the command was carried out (`9000`).
    pub fn is_ok(self) -> bool {
        self == StatusWord::OK
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X} ({})", self.0, self.name())
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn status_words_tell_the_tries_left() {
        let table = [
            (0x63C3, Some(3), "wrong, or asked: tries left"),
            (0x63C0, Some(0), "no tries left"),
            (0x6984, None, "the secret is blocked"),
            (0x9000, None, "done"),
            (0x6300, None, "a status word this card does not use"),
        ];
        for (word, left, name) in table {
            assert_eq!(StatusWord(word).tries_left(), left);
            assert_eq!(StatusWord(word).name(), name);
        }
        assert_eq!(StatusWord::tries(3), StatusWord(0x63C3));
        assert_eq!(StatusWord::tries(200), StatusWord(0x63CF));
        assert_eq!(
            StatusWord::BLOCKED.to_string(),
            "6984 (the secret is blocked)"
        );
    }

    #[test]
    fn a_response_needs_its_status() {
        assert_eq!(
            Response::parse(&[0x90]),
            Err(ApduError::ResponseTooShort { got: 1 })
        );
        let response = Response::parse(&[0xAA, 0x90, 0x00]).unwrap();
        assert_eq!(response, Response::ok(vec![0xAA]));
    }

    proptest! {
        #[test]
        fn responses_are_read_back(data in proptest::collection::vec(any::<u8>(), 0..300), word: u16) {
            let response = Response { data, status: StatusWord(word) };
            prop_assert_eq!(Response::parse(&response.to_bytes()), Ok(response));
        }
    }
}
