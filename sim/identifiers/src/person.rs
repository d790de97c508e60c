//! What names an insured person beside the insurer: symbol, number and branch, and the recipient number
//! of public expense. Symbol and number are free text in the field and carry no check digit.

use thiserror::Error;

use crate::check_digit::{checked, completed, plain};
use crate::{NumberError, kept_as_text};

const RECIPIENT: &str = "recipient number (受給者番号)";
const BRANCH: &str = "branch number (枝番)";
const SYMBOL: &str = "symbol (記号)";
const NUMBER: &str = "insured number (番号)";

/// Longest symbol or number the interface carries, in characters.
const LONGEST: usize = 20;

/// Recipient number (受給者番号) of a national scheme: 6 digits and a check digit.
/// Source: facts/eligibility.md 3.1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecipientNumber(String);

/// Branch number (枝番): two digits that make a household's number one person's; "00" is a branch, not
/// an absent one. Source: facts/eligibility.md 3.1 and 8 C.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BranchNumber(String);

/// Symbol (記号) of an insured person: 1 to 20 characters kept as they came, full-width included.
/// Source: facts/eligibility.md 3.1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Symbol(String);

/// Number (番号) of an insured person: 1 to 20 characters kept as they came, leading zeros included.
/// Source: facts/eligibility.md 3.1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InsuredNumber(String);

/// Why a symbol or number was refused. All are the sender's fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing but blanks.
    #[error("{kind} is empty: the sender must leave the element out or fill it")]
    Blank {
        /// Which text, in English and Japanese.
        kind: &'static str,
    },
    /// Longer than the interface carries.
    #[error(
        "{kind} has {found} characters and may have {longest}: the sender must give it as printed on the certificate"
    )]
    Long {
        /// Which text.
        kind: &'static str,
        /// Characters found.
        found: usize,
        /// Characters allowed.
        longest: usize,
    },
    /// A control character, which no certificate shows.
    #[error(
        "{kind}: character {position} is the control character {found:?}: the sender must remove it"
    )]
    Control {
        /// Which text.
        kind: &'static str,
        /// Place, counted from 1.
        position: usize,
        /// What stands there.
        found: char,
    },
}

impl RecipientNumber {
    /// Reads a whole number. Refuses other lengths, other characters and a wrong check digit.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        checked(RECIPIENT, text, &[7], "7").map(Self)
    }

    /// Sets the check digit behind 6 body digits. Refuses other lengths and characters.
    pub fn from_body(body: &str) -> Result<Self, NumberError> {
        completed(RECIPIENT, body, &[6], "6").map(Self)
    }
}

impl BranchNumber {
    /// Reads two digits. Refuses other lengths and characters.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        plain(BRANCH, text, &[2], "2").map(Self)
    }
}

impl Symbol {
    /// Reads 1 to 20 characters. Refuses blanks only, more, and control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        free_text(SYMBOL, text).map(Self)
    }
}

impl InsuredNumber {
    /// Reads 1 to 20 characters. Refuses blanks only, more, and control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        free_text(NUMBER, text).map(Self)
    }
}

kept_as_text!(RecipientNumber, NumberError);
kept_as_text!(BranchNumber, NumberError);
kept_as_text!(Symbol, TextError);
kept_as_text!(InsuredNumber, TextError);

fn free_text(kind: &'static str, text: &str) -> Result<String, TextError> {
    if let Some((index, found)) = text.chars().enumerate().find(|(_, c)| c.is_control()) {
        return Err(TextError::Control {
            kind,
            position: index + 1,
            found,
        });
    }
    if text.trim().is_empty() {
        return Err(TextError::Blank { kind });
    }
    match text.chars().count() {
        found if found > LONGEST => Err(TextError::Long {
            kind,
            found,
            longest: LONGEST,
        }),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn recipient_numbers_carry_their_check_digit() {
        assert_eq!(
            RecipientNumber::from_body("123456").unwrap().as_str(),
            "1234566"
        );
        assert!(RecipientNumber::parse("1234566").is_ok());
        let said = RecipientNumber::parse("1234567").unwrap_err().to_string();
        assert!(
            said.contains("ends in 7, its check digit must be 6"),
            "{said}"
        );
    }

    #[test]
    fn a_branch_is_two_digits() {
        for (text, fits) in [
            ("00", true),
            ("01", true),
            ("99", true),
            ("", false),
            ("1", false),
            ("001", false),
            ("０１", false),
            ("1a", false),
        ] {
            assert_eq!(BranchNumber::parse(text).is_ok(), fits, "{text:?}");
        }
    }

    #[test]
    fn symbol_and_number_are_kept_as_they_came() {
        for text in [
            "1",
            "１２‐３４",
            "千代田・あ",
            "000123",
            " 12 ",
            "12345678901234567890",
            "１２３４５６７８９０１２３４５６７８９０",
        ] {
            assert_eq!(Symbol::parse(text).unwrap().as_str(), text);
            assert_eq!(InsuredNumber::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_no_symbol_is_refused_with_its_reason() {
        for (text, error) in [
            ("", TextError::Blank { kind: SYMBOL }),
            (" \u{3000}", TextError::Blank { kind: SYMBOL }),
            (
                "123456789012345678901",
                TextError::Long {
                    kind: SYMBOL,
                    found: 21,
                    longest: 20,
                },
            ),
            (
                "12\n34",
                TextError::Control {
                    kind: SYMBOL,
                    position: 3,
                    found: '\n',
                },
            ),
        ] {
            assert_eq!(Symbol::parse(text), Err(error), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_recipient_number_is_read_back_from_its_body(body in "[0-9]{6}") {
            let number = RecipientNumber::from_body(&body).unwrap();
            prop_assert_eq!(number.as_str().parse::<RecipientNumber>(), Ok(number));
        }
    }
}
