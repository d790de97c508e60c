//! The link number (紐付番号) that ties a certificate's serial and an insured number to one person.

use thiserror::Error;

use crate::kept_as_text;

/// Link number (紐付番号) of one person. The real format is not public; ours is 1 to 32 ASCII letters and
/// digits (simulated interface). Source of the idea: facts/documents.md 2.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkNumber(String);

/// Why a link number was refused: the sender's fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LinkNumberError {
    /// Empty or longer than 32 characters.
    #[error(
        "a link number (紐付番号) has 1 to 32 characters, this has {found}: the intermediate server must send the one it issued"
    )]
    Length {
        /// Characters found.
        found: usize,
    },
    /// A character that is no ASCII letter or digit.
    #[error(
        "character {position} of the link number (紐付番号) is {found:?}, no ASCII letter or digit: the intermediate server must send the one it issued"
    )]
    Character {
        /// Place, counted from 1.
        position: usize,
        /// What stands there.
        found: char,
    },
}

impl LinkNumber {
    /// Reads a link number. Refuses an empty or long one and characters beyond ASCII letters and digits.
    pub fn parse(text: &str) -> Result<Self, LinkNumberError> {
        let found = text.chars().count();
        if !(1..=32).contains(&found) {
            return Err(LinkNumberError::Length { found });
        }
        match text
            .chars()
            .enumerate()
            .find(|(_, c)| !c.is_ascii_alphanumeric())
        {
            Some((index, found)) => Err(LinkNumberError::Character {
                position: index + 1,
                found,
            }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The link number of the n-th person a server numbers, such as `L000000000001`.
    pub fn numbered(index: u64) -> Self {
        Self(format!("L{index:012}"))
    }
}

kept_as_text!(LinkNumber, LinkNumberError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_ones_are_read_back_and_differ() {
        for index in [0, 1, 999_999_999_999, u64::MAX] {
            let number = LinkNumber::numbered(index);
            assert_eq!(LinkNumber::parse(number.as_str()), Ok(number));
        }
        assert_eq!(LinkNumber::numbered(1).as_str(), "L000000000001");
        assert_ne!(LinkNumber::numbered(1), LinkNumber::numbered(2));
    }

    #[test]
    fn what_is_no_link_number_is_refused_with_its_reason() {
        for (text, error) in [
            (String::new(), LinkNumberError::Length { found: 0 }),
            ("L".repeat(33), LinkNumberError::Length { found: 33 }),
            (
                "L1/2".into(),
                LinkNumberError::Character {
                    position: 3,
                    found: '/',
                },
            ),
            (
                "Ｌ1".into(),
                LinkNumberError::Character {
                    position: 1,
                    found: 'Ｌ',
                },
            ),
        ] {
            assert_eq!(LinkNumber::parse(&text), Err(error), "{text:?}");
        }
    }
}
