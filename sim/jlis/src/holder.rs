//! The four attributes a signing certificate carries about its holder, as the profile writes them:
//! otherNames of the subjectAltName in the file order of facts/card.md 6.

use der::Tag;
use der::asn1::Any;
use der::oid::ObjectIdentifier;
use jiff::civil::{Date, date};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::{GeneralName, OtherName};

const NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.5.1");
const NAME_SUBSTITUTES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.5.2");
const SEX: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.5.3");
const BIRTHDATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.5.4");
const ADDRESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.5.5");
const ADDRESS_SUBSTITUTES: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.5.6");

/// Whose signing certificate it is (基本4情報).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// 氏名, U+3000 between its parts.
    pub name: String,
    /// 生年月日.
    pub birthdate: Date,
    /// 性別: 1 男, 2 女, 3 未設定.
    pub sex: String,
    /// 住所.
    pub address: String,
}

impl Holder {
    pub(crate) fn subject_alt_name(&self) -> der::Result<SubjectAltName> {
        let other = |type_id, text: &str| {
            Ok(GeneralName::OtherName(OtherName {
                type_id,
                value: Any::new(Tag::Utf8String, text.as_bytes())?,
            }))
        };
        let names = [
            other(NAME, &self.name),
            other(BIRTHDATE, &birthdate(self.birthdate)),
            other(SEX, &self.sex),
            other(ADDRESS, &self.address),
            other(NAME_SUBSTITUTES, &no_substitutes(&self.name)),
            other(ADDRESS_SUBSTITUTES, &no_substitutes(&self.address)),
        ];
        Ok(SubjectAltName(
            names.into_iter().collect::<der::Result<_>>()?,
        ))
    }
}

/// Era digit and Gregorian date: 1 明治, 2 大正, 3 昭和, 4 平成, 5 令和.
fn birthdate(day: Date) -> String {
    let era = [
        date(1912, 7, 30),
        date(1926, 12, 25),
        date(1989, 1, 8),
        date(2019, 5, 1),
    ];
    let era = 1 + era.iter().filter(|first| **first <= day).count();
    format!("{era}{}", day.strftime("%Y%m%d"))
}

/// One flag a character: none stands for another.
fn no_substitutes(text: &str) -> String {
    "0".repeat(text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birthdate_begins_with_the_digit_of_its_era() {
        for (day, text) in [
            (date(1912, 7, 29), "119120729"),
            (date(1912, 7, 30), "219120730"),
            (date(1926, 12, 24), "219261224"),
            (date(1926, 12, 25), "319261225"),
            (date(1980, 2, 17), "319800217"),
            (date(1989, 1, 7), "319890107"),
            (date(1989, 1, 8), "419890108"),
            (date(2019, 4, 30), "420190430"),
            (date(2019, 5, 1), "520190501"),
        ] {
            assert_eq!(birthdate(day), text);
        }
    }

    #[test]
    fn every_character_has_its_flag() {
        assert_eq!(no_substitutes("模擬\u{3000}花子"), "00000");
    }
}
