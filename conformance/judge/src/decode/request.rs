//! Requests a receipt computer makes through the shared folder and a terminal carries to the server:
//! by number (OQS-IF-001), a clinic's own patient number (OQS-IF-003), drug information (YZK-IF-001).
//! The layout's element positions are not all public, so an element counts wherever it stands.

use super::DecodeError;
use super::result::Numbers;
use super::xml::{Document, Element, document};
use crate::calendar::Day;

/// What every request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// MedicalInstitutionCode.
    pub institution: String,
    /// Whose qualification it is about, as written.
    pub numbers: Numbers,
    /// What it asks.
    pub asks: Asks,
    /// The whole document.
    pub document: Document,
}

/// The kinds of request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Which qualification a number has.
    Number {
        /// Birthdate.
        birth: Option<Day>,
        /// QualificationConfirmationDate; none when it asks about today.
        on: Option<Day>,
        /// LimitApplicationCertificateRelatedConsFlg.
        limit_consent: bool,
    },
    /// To remember the clinic's own number of a patient.
    Reference {
        /// ReferenceNumber.
        reference: String,
    },
    /// Which drugs were dispensed.
    Drugs,
}

/// Reads a request of any kind.
pub fn request(bytes: &[u8]) -> Result<Request, DecodeError> {
    let document = document(bytes)?;
    let root = &document.root;
    if root.name != "XmlMsg" {
        return Err(DecodeError::new("XML root", "XmlMsg", root.name.clone()));
    }
    let (asks, numbers) = if root.find("ReferenceNumberRegistrationInfo").is_some() {
        (reference(root), qualified(root))
    } else if root.find("QualificationConfirmSearchInfo").is_some() {
        (number(root)?, qualified(root))
    } else {
        let person = root
            .find("InsuredPersonIdentificationNumber")
            .map(|e| e.text.as_str());
        let Some(person) = person else {
            return Err(DecodeError::new(
                "XmlMsg",
                "a request by number, for a 照会番号, or for drugs",
                "none of them",
            ));
        };
        let of = |name: &str| root.text_of(name);
        let numbers = Numbers::new(
            of("InsurerNumber"),
            of("InsuranceCardSymbol"),
            person,
            of("BranchNumber"),
        );
        (Asks::Drugs, numbers)
    };
    Ok(Request {
        institution: root.text_of("MedicalInstitutionCode").to_owned(),
        numbers,
        asks,
        document,
    })
}

fn qualified(root: &Element) -> Numbers {
    Numbers::new(
        root.text_of("InsurerNumber"),
        root.text_of("InsuredCardSymbol"),
        root.text_of("InsuredIdentificationNumber"),
        root.text_of("InsuredBranchNumber"),
    )
}

fn reference(root: &Element) -> Asks {
    Asks::Reference {
        reference: root.text_of("ReferenceNumber").to_owned(),
    }
}

fn number(root: &Element) -> Result<Asks, DecodeError> {
    Ok(Asks::Number {
        birth: day(root, "Birthdate")?,
        on: day(root, "QualificationConfirmationDate")?,
        limit_consent: root.text_of("LimitApplicationCertificateRelatedConsFlg") == "1",
    })
}

fn day(root: &Element, name: &str) -> Result<Option<Day>, DecodeError> {
    match root.text_of(name) {
        "" => Ok(None),
        text => Day::compact(text)
            .map(Some)
            .ok_or_else(|| DecodeError::new(format!("XML {name}"), "a day as yyyyMMdd", text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(body: &str) -> Result<Request, DecodeError> {
        let head = "<MessageHeader><MedicalInstitutionCode>9911234567</MedicalInstitutionCode></MessageHeader>";
        request(format!("<XmlMsg>{head}<MessageBody>{body}</MessageBody></XmlMsg>").as_bytes())
    }

    #[test]
    fn each_kind_is_told_from_the_others() {
        let asked = read(
            "<QualificationConfirmSearchInfo><InsurerNumber>06139992</InsurerNumber><InsuredCardSymbol>１２</InsuredCardSymbol>\
             <InsuredIdentificationNumber>３４</InsuredIdentificationNumber><Birthdate>19800217</Birthdate>\
             <QualificationConfirmationDate>20260901</QualificationConfirmationDate>\
             <LimitApplicationCertificateRelatedConsFlg>1</LimitApplicationCertificateRelatedConsFlg></QualificationConfirmSearchInfo>",
        )
        .unwrap();
        assert_eq!(asked.institution, "9911234567");
        assert_eq!(asked.numbers, Numbers::new("06139992", "12", "34", ""));
        assert_eq!(
            asked.asks,
            Asks::Number {
                birth: Day::parse("1980-02-17"),
                on: Day::parse("2026-09-01"),
                limit_consent: true
            }
        );
        let kept = read(
            "<ReferenceNumberRegistrationInfo><ReferenceNumber>A-7</ReferenceNumber><InsurerNumber>  138016</InsurerNumber>\
             <InsuredIdentificationNumber>34</InsuredIdentificationNumber></ReferenceNumberRegistrationInfo>",
        )
        .unwrap();
        assert_eq!(kept.numbers.insurer_number, "138016");
        assert_eq!(
            kept.asks,
            Asks::Reference {
                reference: "A-7".into()
            }
        );
        let drugs = read(
            "<InsurerNumber>06139992</InsurerNumber><InsuranceCardSymbol>12</InsuranceCardSymbol>\
             <InsuredPersonIdentificationNumber>34</InsuredPersonIdentificationNumber><BranchNumber>00</BranchNumber>",
        )
        .unwrap();
        assert_eq!(
            (drugs.numbers, drugs.asks),
            (Numbers::new("06139992", "12", "34", "00"), Asks::Drugs)
        );
    }

    #[test]
    fn others_say_what_is_wrong() {
        for (body, said) in [
            (
                "",
                "XmlMsg: expected a request by number, for a 照会番号, or for drugs, found none of them",
            ),
            (
                "<QualificationConfirmSearchInfo><Birthdate>19800230</Birthdate></QualificationConfirmSearchInfo>",
                "XML Birthdate: expected a day as yyyyMMdd, found 19800230",
            ),
        ] {
            assert_eq!(read(body).unwrap_err().to_string(), said);
        }
        assert!(request(b"<A/>").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = request(&bytes);
        }
    }
}
