//! Every single deviation of a card's certificate and what it is refused for (PKI-01).

use der::asn1::OctetString;
use der::oid::AssociatedOid;
use der::{Decode, Encode};
use jiff::civil::date;
use proptest::prelude::*;
use rules::CertificateFault;
use world::keys::{self, Authority as KeyOf};
use x509_cert::certificate::{Certificate, TbsCertificate, Version};
use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, CrlDistributionPoints,
    ExtendedKeyUsage, KeyUsage, KeyUsages,
};
use x509_cert::serial_number::SerialNumber;

use super::pki::{
    Ca, Card, OCSP_SIGNING, algorithm, extension, key_hash, name, of_kind, oid, raw_extension,
    without,
};
use crate::authority::{Authority, AuthorityError};
use crate::certificate::CardCertificate;
use crate::chain::{Refusal, check};

const CARD: Card = Card {
    serial: 0xBFCD,
    first: date(2021, 11, 1),
    last: date(2027, 2, 17),
};

fn ca() -> Ca {
    Ca::of(KeyOf::UserAuthentication)
}

fn trusted() -> Vec<Authority> {
    Authority::read_all(&[ca().certificate(|_| {})]).unwrap()
}

fn judged(der: &[u8]) -> Result<(), Refusal> {
    CardCertificate::read(der).and_then(|card| check(&card, &trusted()))
}

fn spoilt(spoil: impl FnOnce(&mut TbsCertificate)) -> Result<(), Refusal> {
    let ca = ca();
    let mut tbs = ca.person(CARD, &keys::card(0));
    spoil(&mut tbs);
    judged(&ca.seal(tbs).to_der().unwrap())
}

fn put<T: Encode + AssociatedOid>(tbs: &mut TbsCertificate, content: &T) {
    let critical = of_kind::<T>(tbs).critical;
    *of_kind::<T>(tbs) = extension(critical, content);
}

fn add(tbs: &mut TbsCertificate, critical: bool, id: &str) {
    let more = raw_extension(oid(id), critical, vec![5, 0]);
    tbs.extensions.as_mut().unwrap().push(more);
}

fn authority_key(tbs: &mut TbsCertificate, spoil: impl FnOnce(&mut AuthorityKeyIdentifier)) {
    let (_, mut identifier) = tbs.get::<AuthorityKeyIdentifier>().unwrap().unwrap();
    spoil(&mut identifier);
    put(tbs, &identifier);
}

#[test]
fn a_right_certificate_is_trusted_and_read() {
    assert_eq!(spoilt(|_| {}), Ok(()));
    let der = ca()
        .seal(ca().person(CARD, &keys::card(0)))
        .to_der()
        .unwrap();
    let card = CardCertificate::read(&der).unwrap();
    assert_eq!(card.serial.value(), CARD.serial);
    assert_eq!((card.first_day, card.last_valid), (CARD.first, CARD.last));
}

type Spoil = fn(&mut TbsCertificate);

#[test]
fn each_deviation_inside_the_certificate_is_refused_for_what_it_is() {
    let unreadable = |id: &str| Refusal::Extension(oid(id));
    let table: [(&str, Spoil, Refusal); 27] = [
        ("version 1", |t| t.version = Version::V1, Refusal::Version),
        (
            "serial 0",
            |t| t.serial_number = SerialNumber::new(&[0]).unwrap(),
            Refusal::Serial,
        ),
        (
            "serial of 12 bytes",
            |t| t.serial_number = SerialNumber::new(&[1; 12]).unwrap(),
            Refusal::Serial,
        ),
        (
            "key not RSA",
            |t| t.subject_public_key_info.algorithm = algorithm("1.2.840.10045.2.1"),
            Refusal::Key,
        ),
        (
            "no authority key",
            |t| without(t, AuthorityKeyIdentifier::OID),
            Refusal::ForeignKey,
        ),
        (
            "no key identifier",
            |t| authority_key(t, |a| a.key_identifier = None),
            Refusal::ForeignKey,
        ),
        (
            "another key",
            |t| {
                authority_key(t, |a| {
                    a.key_identifier = Some(OctetString::new([1; 20]).unwrap())
                })
            },
            Refusal::ForeignKey,
        ),
        (
            "authority key unreadable",
            |t| of_kind::<AuthorityKeyIdentifier>(t).extn_value = OctetString::new([1, 2]).unwrap(),
            unreadable("2.5.29.35"),
        ),
        (
            "another issuer name",
            |t| t.issuer = name(["TEST user authentication", "another"]),
            Refusal::IssuerName,
        ),
        (
            "issuer units swapped",
            |t| t.issuer = name(["TEST operator", "TEST user authentication"]),
            Refusal::IssuerName,
        ),
        (
            "another authority serial",
            |t| {
                authority_key(t, |a| {
                    a.authority_cert_serial_number = Some(SerialNumber::from(78u64))
                })
            },
            Refusal::IssuerCertificate,
        ),
        (
            "another authority name",
            |t| {
                authority_key(t, |a| {
                    a.authority_cert_issuer =
                        Some(vec![GeneralName::DirectoryName(name(["a", "b"]))])
                })
            },
            Refusal::IssuerCertificate,
        ),
        (
            "SHA-1 named inside",
            |t| t.signature = algorithm("1.2.840.113549.1.1.5"),
            Refusal::Algorithm,
        ),
        (
            "an authority's",
            |t| {
                t.extensions.as_mut().unwrap().push(extension(
                    true,
                    &BasicConstraints {
                        ca: true,
                        path_len_constraint: None,
                    },
                ))
            },
            Refusal::Authority,
        ),
        (
            "no key usage",
            |t| without(t, KeyUsage::OID),
            Refusal::KeyUsage,
        ),
        (
            "signing certificate's usage",
            |t| {
                put(
                    t,
                    &KeyUsage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation),
                )
            },
            Refusal::KeyUsage,
        ),
        (
            "key encipherment",
            |t| put(t, &KeyUsage(KeyUsages::KeyEncipherment.into())),
            Refusal::KeyUsage,
        ),
        (
            "key usage unreadable",
            |t| of_kind::<KeyUsage>(t).extn_value = OctetString::new([4, 0]).unwrap(),
            unreadable("2.5.29.15"),
        ),
        (
            "no extended usage",
            |t| without(t, ExtendedKeyUsage::OID),
            Refusal::ExtendedKeyUsage,
        ),
        (
            "another extended usage",
            |t| put(t, &ExtendedKeyUsage(vec![oid(OCSP_SIGNING)])),
            Refusal::ExtendedKeyUsage,
        ),
        (
            "no policy",
            |t| without(t, CertificatePolicies::OID),
            Refusal::Policy,
        ),
        (
            "signing policy",
            |t| {
                put(
                    t,
                    &CertificatePolicies(vec![PolicyInformation {
                        policy_identifier: oid(wire::certificate::SIGNING_POLICY),
                        policy_qualifiers: None,
                    }]),
                )
            },
            Refusal::Policy,
        ),
        (
            "the real field's policy",
            |t| {
                put(
                    t,
                    &CertificatePolicies(vec![PolicyInformation {
                        policy_identifier: oid("1.2.392.200149.8.5.1.3.30"),
                        policy_qualifiers: None,
                    }]),
                )
            },
            Refusal::Policy,
        ),
        (
            "unknown critical",
            |t| add(t, true, "1.2.3.4"),
            Refusal::UnknownCritical(oid("1.2.3.4")),
        ),
        (
            "critical but unread",
            |t| add(t, true, "2.5.29.31"),
            Refusal::UnknownCritical(CrlDistributionPoints::OID),
        ),
        (
            "twice the same",
            |t| {
                add(t, false, "1.2.3.4");
                add(t, false, "1.2.3.4");
            },
            Refusal::Repeated(oid("1.2.3.4")),
        ),
        (
            "no extensions at all",
            |t| t.extensions = None,
            Refusal::ForeignKey,
        ),
    ];
    for (case, spoil, refusal) in table {
        assert_eq!(spoilt(spoil), Err(refusal), "{case}");
    }
    assert_eq!(
        spoilt(|t| add(t, false, "1.2.3.4")),
        Ok(()),
        "unknown, not critical"
    );
}

#[test]
fn signature_and_issuer_are_checked_by_key() {
    let tbs = || ca().person(CARD, &keys::card(0));
    let foreign = Ca::of(KeyOf::Foreign);
    let under_foreign = foreign.seal(foreign.person(CARD, &keys::card(0)));
    assert_eq!(
        judged(&under_foreign.to_der().unwrap()),
        Err(Refusal::ForeignKey)
    );
    let borrowed = foreign.seal(tbs());
    assert_eq!(judged(&borrowed.to_der().unwrap()), Err(Refusal::Signature));
    let mut two = ca().seal(tbs());
    two.signature_algorithm = algorithm("1.2.840.113549.1.1.12");
    assert_eq!(judged(&two.to_der().unwrap()), Err(Refusal::Algorithm));

    // Two generations under one name: each certificate is checked by its own authority's key.
    let both = [foreign.certificate(|_| {}), ca().certificate(|_| {})];
    let both = Authority::read_all(&both).unwrap();
    for certificate in [under_foreign, ca().seal(tbs())] {
        let card = CardCertificate::read(&certificate.to_der().unwrap()).unwrap();
        assert_eq!(check(&card, &both), Ok(()));
    }
}

#[test]
fn what_is_no_certificate_is_refused() {
    let right = ca()
        .seal(ca().person(CARD, &keys::card(0)))
        .to_der()
        .unwrap();
    let trailing = [&right[..], b"x"].concat();
    let padded = vec![0x30; crate::certificate::MAX_CERTIFICATE + 1];
    for der in [
        b"".as_slice(),
        b"hello",
        &right[..right.len() - 1],
        &trailing,
        &padded,
    ] {
        assert_eq!(judged(der), Err(Refusal::NoCertificate));
    }
}

#[test]
fn every_refusal_is_a_fault_the_rules_know() {
    for (refusal, fault) in [
        (Refusal::NoCertificate, CertificateFault::Malformed),
        (
            Refusal::UnknownCritical(oid("1.2.3.4")),
            CertificateFault::Malformed,
        ),
        (Refusal::ForeignKey, CertificateFault::ForeignIssuer),
        (Refusal::IssuerName, CertificateFault::ForeignIssuer),
        (Refusal::Signature, CertificateFault::WrongSignature),
        (Refusal::KeyUsage, CertificateFault::WrongUsage),
        (Refusal::Policy, CertificateFault::WrongPolicy),
    ] {
        assert_eq!(refusal.fault(), fault, "{refusal}");
    }
}

#[test]
fn the_card_s_signature_proves_only_what_it_signed() {
    let der = ca()
        .seal(ca().person(CARD, &keys::card(0)))
        .to_der()
        .unwrap();
    let card = CardCertificate::read(&der).unwrap();
    let signature = super::pki::sign(&keys::card(0), b"challenge");
    assert!(card.proves(b"challenge", &signature));
    assert!(!card.proves(b"challengE", &signature));
    assert!(!card.proves(
        b"challenge",
        &super::pki::sign(&keys::card(1), b"challenge")
    ));
    assert!(!card.proves(b"challenge", b""));
}

#[test]
fn authorities_that_cannot_be_used_are_named() {
    let right = ca().certificate(|_| {});
    let no_identifier = ca().certificate(|t| t.extensions = None);
    let no_rsa =
        ca().certificate(|t| t.subject_public_key_info.algorithm = algorithm("1.2.840.10045.2.1"));
    let read = |all: &[Vec<u8>]| Authority::read_all(all).map(drop).unwrap_err();
    assert_eq!(read(&[]), AuthorityError::None);
    assert!(matches!(
        read(&[right.clone(), b"x".to_vec()]),
        AuthorityError::Unreadable { index: 2, .. }
    ));
    assert_eq!(
        read(&[right.clone(), right, no_identifier]),
        AuthorityError::KeyIdentifier { index: 3 }
    );
    assert_eq!(read(&[no_rsa]), AuthorityError::Key { index: 1 });
    let read = Authority::read_all(&[ca().certificate(|_| {})]).unwrap();
    assert_eq!(read[0].key_identifier, key_hash(&ca().key));
}

proptest! {
    #[test]
    fn no_flipped_byte_is_trusted(at in 0usize..900, bit in 0u8..8) {
        let right = ca().seal(ca().person(CARD, &keys::card(0))).to_der().unwrap();
        let mut wrong = right.clone();
        let at = at % right.len();
        wrong[at] ^= 1 << bit;
        prop_assert!(judged(&wrong).is_err());
    }

    #[test]
    fn no_bytes_make_the_check_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(judged(&bytes), Err(Refusal::NoCertificate));
        prop_assert!(Certificate::from_der(&bytes).is_err());
    }
}
