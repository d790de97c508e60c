//! The ten-digit facility code (医療機関コード) by which a clinic or pharmacy is known to the server.

use crate::check_digit::{checked, completed};
use crate::{INVENTED_PREFECTURE, NumberError, kept_as_text};

const KIND: &str = "facility code (医療機関コード)";

/// Facility code (医療機関コード): prefecture 2, score table 1, district 2, facility 4, check 1.
/// Source: facts/eligibility.md 3.1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FacilityCode(String);

/// What kind of facility the score-table digit (点数表番号) names. The values are from memory of the
/// field, not from a source we hold, so any other digit is let through as unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FacilityKind {
    /// 医科
    Medical,
    /// 歯科
    Dental,
    /// 調剤
    Pharmacy,
    /// 訪問看護
    HomeNursing,
}

impl FacilityCode {
    /// Reads a whole code. Refuses other lengths, other characters and a wrong check digit.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        checked(KIND, text, &[10], "10").map(Self)
    }

    /// Sets the check digit behind 9 body digits. Refuses other lengths and characters.
    pub fn from_body(body: &str) -> Result<Self, NumberError> {
        completed(KIND, body, &[9], "9").map(Self)
    }

    /// Prefecture (都道府県番号), two digits, "99" for an invented one.
    pub fn prefecture(&self) -> &str {
        &self.0[..2]
    }

    /// Score-table digit (点数表番号) as it stands.
    pub fn table_digit(&self) -> &str {
        &self.0[2..3]
    }

    /// The kind of facility the table digit names, if it is one we know.
    pub fn kind(&self) -> Option<FacilityKind> {
        match self.table_digit() {
            "1" => Some(FacilityKind::Medical),
            "3" => Some(FacilityKind::Dental),
            "4" => Some(FacilityKind::Pharmacy),
            "6" => Some(FacilityKind::HomeNursing),
            _ => None,
        }
    }

    /// Whether the code carries the prefecture no prefecture has.
    pub fn invented(&self) -> bool {
        self.prefecture() == INVENTED_PREFECTURE
    }
}

kept_as_text!(FacilityCode, NumberError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_read_into_its_parts() {
        let code = FacilityCode::parse("0110113719").unwrap();
        assert_eq!(
            (
                code.prefecture(),
                code.table_digit(),
                code.kind(),
                code.invented()
            ),
            ("01", "1", Some(FacilityKind::Medical), false)
        );
        assert_eq!(FacilityCode::from_body("011011371").unwrap(), code);
    }

    #[test]
    fn the_table_digit_names_the_kind() {
        for (digit, kind) in [
            ('1', Some(FacilityKind::Medical)),
            ('3', Some(FacilityKind::Dental)),
            ('4', Some(FacilityKind::Pharmacy)),
            ('6', Some(FacilityKind::HomeNursing)),
            ('5', None),
        ] {
            let code = FacilityCode::from_body(&format!("99{digit}012345")).unwrap();
            assert_eq!(code.kind(), kind);
            assert!(code.invented());
        }
    }

    #[test]
    fn what_is_no_facility_code_is_refused_with_its_reason() {
        for (text, reason) in [
            ("011011371", "has 9 characters"),
            ("0110113710", "ends in 0, its check digit must be 9"),
            ("01101137l9", "character 9 is 'l'"),
        ] {
            let said = FacilityCode::parse(text).unwrap_err().to_string();
            assert!(said.contains(reason), "{text:?}: {said}");
        }
    }
}
