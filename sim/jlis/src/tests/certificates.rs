//! What the two kinds of certificate say of a person (CARD-02): the signing certificate its four attributes,
//! the user-authentication certificate nothing.

use der::Decode;
use der::asn1::Utf8StringRef;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use world::keys::{self, Authority as KeyOf};
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::site::{FROM, jpki, serial};
use crate::{Authority, Conduct, Holder, Leaf, Purpose, Reference};

const HOLDER: Holder<'_> = Holder {
    name: "田中　花子",
    address: "模擬県模擬市１－２－３",
    birth: date(1980, 2, 17),
    sex: "2",
};

fn leaf(key: &world::Key) -> Leaf<'_> {
    Leaf {
        serial: serial(0xA1_B2C3),
        first_day: date(2025, 10, 27),
        last_day: date(2030, 2, 17),
        key: &key.pair,
    }
}

fn signing(holder: &Holder<'_>) -> Vec<u8> {
    let authority = Authority::new(Purpose::Signing, KeyOf::Signing, FROM);
    authority.issue_signing(&leaf(&keys::card(1)), holder)
}

/// otherNames of a certificate: last arc and text, in order.
fn attributes(der: &[u8]) -> Option<Vec<(u32, String)>> {
    let certificate = Certificate::from_der(der).unwrap();
    let (_, names) = certificate
        .tbs_certificate
        .get::<SubjectAltName>()
        .unwrap()?;
    let one = |name: &GeneralName| {
        let GeneralName::OtherName(other) = name else {
            panic!("{name:?} is no otherName");
        };
        let arc = other.type_id.arcs().last().unwrap();
        assert!(
            other
                .type_id
                .to_string()
                .starts_with("1.2.392.200149.8.5.5.")
        );
        let text = other.value.decode_as::<Utf8StringRef<'_>>().unwrap();
        (arc, text.as_str().to_owned())
    };
    Some(names.0.iter().map(one).collect())
}

#[test]
fn the_signing_certificate_has_the_four_attributes() {
    let said = attributes(&signing(&HOLDER)).unwrap();
    let wanted = [
        (1, "田中　花子"),
        (4, "319800217"),
        (3, "2"),
        (5, "模擬県模擬市１－２－３"),
        (2, "00000"),
        (6, "00000000000"),
    ];
    assert_eq!(said, wanted.map(|(arc, text)| (arc, text.to_owned())));
}

/// Kinds of attribute in the subject, and whether any byte string of the person is in the certificate.
fn about_the_person(der: &[u8]) -> (Vec<String>, bool) {
    let certificate = Certificate::from_der(der).unwrap();
    let subject = &certificate.tbs_certificate.subject;
    let parts = subject.0.iter().flat_map(|rdn| rdn.0.iter());
    let kinds = parts.map(|part| part.oid.to_string()).collect();
    let name = HOLDER.name;
    let (family, given) = name.split_once('　').unwrap();
    let said = [
        name,
        family,
        given,
        HOLDER.address,
        "１－２－３",
        "19800217",
    ];
    let found = said.iter().any(|text| {
        let wanted = text.as_bytes();
        der.windows(wanted.len()).any(|window| window == wanted)
    });
    (kinds, found)
}

struct Naming;

impl Conduct for Naming {
    fn names_person_in_authentication_certificate(&self) -> bool {
        true
    }
}

struct BeforeItsDay;

impl Conduct for BeforeItsDay {
    fn first_day(&self, found: Date) -> Date {
        found.yesterday().unwrap()
    }
}

#[test]
fn a_certificate_begins_on_its_day_unless_bent() {
    let key = keys::card(0);
    let begins = |conduct: &dyn Conduct| {
        let der = jpki().issue_authentication_for(&HOLDER, &leaf(&key), conduct);
        let certificate = Certificate::from_der(&der).unwrap();
        let validity = certificate.tbs_certificate.validity;
        validity.not_before.to_unix_duration()
    };
    let (right, bent) = (begins(&Reference), begins(&BeforeItsDay));
    assert_eq!((right - bent).as_secs(), 86_400);
}

#[test]
fn the_user_authentication_certificate_says_nothing_of_the_person() {
    let key = keys::card(0);
    let plain = jpki().issue_authentication(&leaf(&key));
    let nothing = (vec!["2.5.4.6".to_owned(), "2.5.4.3".to_owned()], false);
    assert_eq!(about_the_person(&plain), nothing);
    assert_eq!(attributes(&plain), None);
    let reference = jpki().issue_authentication_for(&HOLDER, &leaf(&key), &Reference);
    assert_eq!(reference, plain);

    let naming = jpki().issue_authentication_for(&HOLDER, &leaf(&key), &Naming);
    assert_eq!(about_the_person(&naming), (nothing.0, true));
    assert!(about_the_person(&signing(&HOLDER)).1);
}

proptest! {
    #[test]
    fn the_holder_changes_no_byte_of_the_user_authentication_certificate(
        name in "\\PC{0,40}", address in "\\PC{0,80}"
    ) {
        let key = keys::card(0);
        let holder = Holder { name: &name, address: &address, ..HOLDER };
        let for_holder = jpki().issue_authentication_for(&holder, &leaf(&key), &Reference);
        prop_assert_eq!(for_holder, jpki().issue_authentication(&leaf(&key)));
        prop_assert_eq!(&attributes(&signing(&holder)).unwrap()[0].1, &name);
        let named = jpki().issue_authentication_for(&holder, &leaf(&key), &Naming);
        prop_assert!(Certificate::from_der(&named).is_ok());
    }
}
