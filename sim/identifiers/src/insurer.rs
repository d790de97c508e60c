//! The insurer number (保険者番号), which also names the payer of public expense (公費負担者番号).

use crate::check_digit::{checked, completed};
use crate::{INVENTED_PREFECTURE, NumberError, kept_as_text};

const KIND: &str = "insurer number (保険者番号)";

/// Insurer number (保険者番号): 8 digits (law 2, prefecture 2, insurer 3, check 1), or for national health
/// insurance (国保) 6 digits without the law. Source: facts/eligibility.md 3.1 and 3.2.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InsurerNumber(String);

impl InsurerNumber {
    /// Reads a whole number. Refuses other lengths, other characters and a wrong check digit.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        checked(KIND, text, &[6, 8], "6 or 8").map(Self)
    }

    /// Sets the check digit behind 7 (or 5) body digits. Refuses other lengths and characters.
    pub fn from_body(body: &str) -> Result<Self, NumberError> {
        completed(KIND, body, &[5, 7], "5 or 7").map(Self)
    }

    /// Law number (法別番号), two digits such as "06"; none for the 6-digit numbers of 国保.
    pub fn law_number(&self) -> Option<&str> {
        (self.0.len() == 8).then(|| &self.0[..2])
    }

    /// Prefecture (都道府県番号), two digits, "99" for an invented one.
    pub fn prefecture(&self) -> &str {
        let start = self.0.len() - 6;
        &self.0[start..start + 2]
    }

    /// Whether the number carries the prefecture no prefecture has.
    pub fn invented(&self) -> bool {
        self.prefecture() == INVENTED_PREFECTURE
    }
}

kept_as_text!(InsurerNumber, NumberError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_into_their_parts() {
        for (text, law, prefecture, invented) in [
            ("33120015", Some("33"), "12", false),
            ("06991234", Some("06"), "99", true),
            ("138016", None, "13", false),
        ] {
            // The second row only shows the parts; its check digit is set by from_body.
            let number = InsurerNumber::from_body(&text[..text.len() - 1]).unwrap();
            assert_eq!(number.law_number(), law, "{text}");
            assert_eq!(number.prefecture(), prefecture, "{text}");
            assert_eq!(number.invented(), invented, "{text}");
            assert_eq!(InsurerNumber::parse(number.as_str()).as_ref(), Ok(&number));
        }
        assert_eq!(
            InsurerNumber::from_body("3312001").unwrap().as_str(),
            "33120015"
        );
        assert_eq!(
            InsurerNumber::from_body("13801").unwrap().to_string(),
            "138016"
        );
    }

    #[test]
    fn what_is_no_insurer_number_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", "has 0 characters"),
            ("3312001", "has 7 characters"),
            ("331200150", "must have 6 or 8 digits"),
            ("33120016", "ends in 6, its check digit must be 5"),
            ("  138016", "character 1 is ' '"),
            ("３３１２００１５", "character 1 is '３'"),
        ] {
            let said = InsurerNumber::parse(text).unwrap_err().to_string();
            assert!(said.contains(reason), "{text:?}: {said}");
        }
        assert!(InsurerNumber::from_body("331200").is_err());
    }
}
