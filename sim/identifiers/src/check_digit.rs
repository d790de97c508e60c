//! The two check digits of the field and the error every digit-only number reports.
//! M10W21 finds each single wrong digit and each swap of neighbours but 0 and 9; the individual
//! number's modulo 11 misses the digits whose remainders 0 and 1 both give a zero.

use thiserror::Error;

/// Why a number made of digits was refused. All three are the sender's fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NumberError {
    /// Too short or too long.
    #[error(
        "{kind} has {found} characters and must have {expected} digits: the sender must give the whole number, leading zeros kept"
    )]
    Length {
        /// Which number, in English and Japanese.
        kind: &'static str,
        /// The lengths allowed, in words.
        expected: &'static str,
        /// Characters found.
        found: usize,
    },
    /// A character that is no ASCII digit (full-width digits are none).
    #[error(
        "{kind}: character {position} is {found:?} where a digit 0 to 9 belongs: the sender must correct it"
    )]
    NotADigit {
        /// Which number.
        kind: &'static str,
        /// Place, counted from 1.
        position: usize,
        /// What stands there.
        found: char,
    },
    /// The last digit is not the one its body asks for (M10W21).
    #[error(
        "{kind} {number} ends in {found}, its check digit must be {right}: one digit is mistyped, the sender must compare with the certificate"
    )]
    CheckDigit {
        /// Which number.
        kind: &'static str,
        /// The number as it came.
        number: String,
        /// The wrong last digit.
        found: char,
        /// The digit that belongs there.
        right: char,
    },
}

/// Check digit (検証番号) of a body of digits by M10W21: from the right, weights 2, 1, 2, 1 …, products
/// counted by their digit sum, then what is missing to the next ten.
///
/// Source: facts/eligibility.md 3.1. Fails on a character that is no digit.
pub fn m10w21(body: &str) -> Result<char, NumberError> {
    let digits = digits("number body", body)?;
    let sum: u32 = digits
        .iter()
        .rev()
        .zip([2, 1].into_iter().cycle())
        .map(|(digit, weight)| digit_sum(digit * weight))
        .sum();
    Ok(as_char((10 - sum % 10) % 10))
}

/// Check digit (検査用数字) of the eleven body digits of an individual number (マイナンバー).
///
/// Source: facts/eligibility.md 3.1. Fails on a wrong length or a character that is no digit.
pub fn individual_check_digit(body: &str) -> Result<char, NumberError> {
    let kind = "individual number body";
    let digits = digits(kind, body)?;
    if digits.len() != 11 {
        return Err(NumberError::Length {
            kind,
            expected: "11",
            found: digits.len(),
        });
    }
    let weights = (2..=7).chain(2..=6);
    let remainder = digits
        .iter()
        .rev()
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum::<u32>()
        % 11;
    Ok(as_char(if remainder <= 1 { 0 } else { 11 - remainder }))
}

/// Splits a whole number of one of `lengths` digits and compares its last digit with M10W21.
pub(crate) fn checked(
    kind: &'static str,
    text: &str,
    lengths: &[usize],
    expected: &'static str,
) -> Result<String, NumberError> {
    let number = plain(kind, text, lengths, expected)?;
    let (body, last) = number.split_at(number.len() - 1);
    let right = m10w21(body)?;
    let found = last.chars().next().unwrap_or(' ');
    if found == right {
        Ok(number)
    } else {
        Err(NumberError::CheckDigit {
            kind,
            number,
            found,
            right,
        })
    }
}

/// Body digits of one of `lengths` with their check digit set behind them.
pub(crate) fn completed(
    kind: &'static str,
    body: &str,
    lengths: &[usize],
    expected: &'static str,
) -> Result<String, NumberError> {
    let mut number = plain(kind, body, lengths, expected)?;
    number.push(m10w21(body)?);
    Ok(number)
}

/// Digits of one of `lengths`, without a check digit.
pub(crate) fn plain(
    kind: &'static str,
    text: &str,
    lengths: &[usize],
    expected: &'static str,
) -> Result<String, NumberError> {
    let found = text.chars().count();
    if !lengths.contains(&found) {
        return Err(NumberError::Length {
            kind,
            expected,
            found,
        });
    }
    digits(kind, text)?;
    Ok(text.to_owned())
}

fn digits(kind: &'static str, text: &str) -> Result<Vec<u32>, NumberError> {
    text.chars()
        .enumerate()
        .map(|(index, found)| {
            found.to_digit(10).ok_or(NumberError::NotADigit {
                kind,
                position: index + 1,
                found,
            })
        })
        .collect()
}

fn digit_sum(product: u32) -> u32 {
    product / 10 + product % 10
}

fn as_char(digit: u32) -> char {
    char::from_digit(digit, 10).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn m10w21_gives_the_published_examples() {
        for (body, right) in [
            ("3312001", '5'),
            ("011011371", '9'),
            ("13801", '6'),
            ("123456", '6'),
            ("0000000", '0'),
            ("5", '9'),
        ] {
            assert_eq!(m10w21(body), Ok(right), "body {body}");
        }
    }

    #[test]
    fn individual_check_digit_gives_the_published_example() {
        assert_eq!(individual_check_digit("12345678901"), Ok('8'));
        // Remainder 0 and remainder 1 both give 0: nothing, then 1 × 6 + 1 × 6 = 12 = 11 + 1.
        assert_eq!(individual_check_digit("00000000000"), Ok('0'));
        assert_eq!(individual_check_digit("10000010000"), Ok('0'));
    }

    #[test]
    fn what_is_no_digit_is_named_with_its_place() {
        assert_eq!(
            m10w21("12x4"),
            Err(NumberError::NotADigit {
                kind: "number body",
                position: 3,
                found: 'x'
            })
        );
        assert_eq!(
            m10w21("1２"),
            Err(NumberError::NotADigit {
                kind: "number body",
                position: 2,
                found: '２'
            })
        );
        assert!(matches!(
            individual_check_digit("123"),
            Err(NumberError::Length { found: 3, .. })
        ));
    }

    #[test]
    fn a_wrong_check_digit_is_named_with_the_right_one() {
        let error = checked("insurer number", "33120014", &[8], "8").unwrap_err();
        assert_eq!(
            error,
            NumberError::CheckDigit {
                kind: "insurer number",
                number: "33120014".into(),
                found: '4',
                right: '5'
            }
        );
        assert!(
            error
                .to_string()
                .contains("ends in 4, its check digit must be 5")
        );
    }

    proptest! {
        #[test]
        fn m10w21_finds_every_single_wrong_digit(body in "[0-9]{1,12}", place in 0usize..13, by in 1u32..10) {
            let number = completed("n", &body, &[body.len()], "").unwrap();
            let wrong = with_digit_changed(&number, place % number.len(), by);
            prop_assert!(checked("n", &wrong, &[number.len()], "").is_err());
        }

        #[test]
        fn m10w21_finds_every_swap_of_neighbours_but_0_and_9(body in "[0-9]{2,12}", place in 0usize..12) {
            let number = completed("n", &body, &[body.len()], "").unwrap();
            let mut swapped: Vec<char> = number.chars().collect();
            let at = place % (swapped.len() - 1);
            let pair = (swapped[at], swapped[at + 1]);
            swapped.swap(at, at + 1);
            let swapped: String = swapped.into_iter().collect();
            let passes = checked("n", &swapped, &[number.len()], "").is_ok();
            prop_assert_eq!(passes, pair.0 == pair.1 || matches!(pair, ('0', '9') | ('9', '0')));
        }

        #[test]
        fn the_individual_check_digit_misses_a_wrong_digit_only_when_it_is_zero(body in "[0-9]{11}", place in 0usize..11, by in 1u32..10) {
            let right = individual_check_digit(&body).unwrap();
            let other = individual_check_digit(&with_digit_changed(&body, place, by)).unwrap();
            prop_assert!(right != other || right == '0');
        }
    }

    fn with_digit_changed(number: &str, place: usize, by: u32) -> String {
        number
            .chars()
            .enumerate()
            .map(|(index, digit)| {
                if index == place {
                    as_char((digit.to_digit(10).unwrap() + by) % 10)
                } else {
                    digit
                }
            })
            .collect()
    }
}
