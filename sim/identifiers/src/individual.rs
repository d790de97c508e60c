//! Individual numbers (マイナンバー), invented ones only: every one made or read here carries a check
//! digit that no issued number can carry, so none is anybody's. They are secret all the same, because the
//! town must show that they do not leak: they are never printed, neither by `Debug` nor in an error.

use std::fmt;

use thiserror::Error;

use crate::{NumberError, individual_check_digit};

/// Bodies an index can be spread over: eleven digits.
const BODIES: u128 = 100_000_000_000;
/// Coprime to ten, so that indexes below `BODIES` never share a body; large, so that a number is
/// distinctive enough to be looked for in a heap of bytes.
const SPREAD: u128 = 38_196_601_129;
const START: u128 = 27_182_818_285;

/// An invented individual number (マイナンバー): 12 digits, the last deliberately wrong.
/// Source of the check digit: facts/eligibility.md 3.1.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndividualNumber(String);

/// Why an individual number was refused. The text never shows a digit of it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IndividualNumberError {
    /// Not twelve characters.
    #[error(
        "an individual number has 12 digits, this has {found} characters: the sender must give the whole number"
    )]
    Length {
        /// Characters found.
        found: usize,
    },
    /// A character that is no ASCII digit.
    #[error(
        "character {position} of the individual number is no digit 0 to 9: the sender must correct it"
    )]
    NotADigit {
        /// Place, counted from 1.
        position: usize,
    },
    /// The check digit is right, so the number may be a living person's.
    #[error(
        "the check digit of this individual number is right, so it may be somebody's: the sender must use an invented number, whose check digit is wrong on purpose"
    )]
    MayBeReal,
}

impl IndividualNumber {
    /// The invented number of an index or seed; indexes below 10^11 give different numbers.
    pub fn invented(index: u64) -> Self {
        let body = format!("{:011}", (u128::from(index) * SPREAD + START) % BODIES);
        let right = right_digit(&body).unwrap_or(0);
        // 1 to 9 added to a digit, modulo ten, never gives the digit back.
        let wrong = (u64::from(right) + 1 + index % 9) % 10;
        Self(format!("{body}{wrong}"))
    }

    /// Reads twelve digits. A number with a right check digit is refused, for it may be real.
    pub fn parse(text: &str) -> Result<Self, IndividualNumberError> {
        let found = text.chars().count();
        if found != 12 {
            return Err(IndividualNumberError::Length { found });
        }
        if let Some(index) = text.chars().position(|c| !c.is_ascii_digit()) {
            return Err(IndividualNumberError::NotADigit {
                position: index + 1,
            });
        }
        let (body, last) = text.split_at(11);
        if right_digit(body).is_ok_and(|right| last == right.to_string()) {
            return Err(IndividualNumberError::MayBeReal);
        }
        Ok(Self(text.to_owned()))
    }

    /// The twelve digits: for the registration message to the insurers' side and the list of secrets
    /// only, never for a screen, a file or a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IndividualNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndividualNumber(⟦secret⟧)")
    }
}

fn right_digit(body: &str) -> Result<u32, NumberError> {
    individual_check_digit(body).map(|digit| digit.to_digit(10).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_that_may_be_real_is_refused_without_being_shown() {
        let said = IndividualNumber::parse("123456789018").unwrap_err();
        assert_eq!(said, IndividualNumberError::MayBeReal);
        assert!(!said.to_string().contains("1234"));
        // The same body with each of the nine other digits passes.
        for last in (0..10).filter(|last| *last != 8) {
            assert!(IndividualNumber::parse(&format!("12345678901{last}")).is_ok());
        }
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_reason() {
        for (text, error) in [
            ("", IndividualNumberError::Length { found: 0 }),
            ("1234567890123", IndividualNumberError::Length { found: 13 }),
            (
                "12345678901x",
                IndividualNumberError::NotADigit { position: 12 },
            ),
            (
                "１23456789012",
                IndividualNumberError::NotADigit { position: 1 },
            ),
        ] {
            assert_eq!(IndividualNumber::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn debug_shows_no_digit() {
        let shown = format!("{:?}", IndividualNumber::invented(7));
        assert!(!shown.chars().any(|c| c.is_ascii_digit()), "{shown}");
    }

    proptest! {
        #[test]
        fn every_invented_number_has_a_wrong_check_digit(index: u64) {
            let number = IndividualNumber::invented(index);
            let (body, last) = number.reveal().split_at(11);
            prop_assert_ne!(individual_check_digit(body).unwrap().to_string(), last);
            prop_assert_eq!(IndividualNumber::parse(number.reveal()), Ok(number.clone()));
        }

        #[test]
        fn two_indexes_never_share_a_number(one in 0u64..100_000_000_000, other in 0u64..100_000_000_000) {
            prop_assume!(one != other);
            prop_assert_ne!(IndividualNumber::invented(one), IndividualNumber::invented(other));
        }
    }
}
