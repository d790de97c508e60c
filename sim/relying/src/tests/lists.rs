//! Every way in which a revocation list cannot be relied on (PKI-02, PKI-07), and what one says that can.

use der::asn1::{BitString, OctetString};
use der::oid::AssociatedOid;
use der::{Decode, Encode};
use identifiers::CertificateSerial;
use proptest::prelude::*;
use rules::Revocation;
use world::Key;
use world::keys::{self, Authority as KeyOf};
use x509_cert::Version;
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlReason};
use x509_cert::serial_number::SerialNumber;

use super::pki::{
    Ca, SHA256_RSA, algorithm, extension, key_hash, name, oid, raw_extension, sign, time,
};
use crate::authority::Authority;
use crate::crl::look_up;

const NOW: i64 = 1_790_000_000_000;
const HOUR: i64 = 3_600_000;
const OURS: u64 = 0xBFCD;

fn ca() -> Ca {
    Ca::of(KeyOf::UserAuthentication)
}

fn authority() -> Authority {
    Authority::read_all(&[ca().certificate(|_| {})])
        .unwrap()
        .remove(0)
}

fn entry(serial: u64, reason: Option<CrlReason>) -> RevokedCert {
    RevokedCert {
        serial_number: SerialNumber::from(serial),
        revocation_date: time(NOW - HOUR),
        crl_entry_extensions: reason.map(|reason| vec![extension(false, &reason)]),
    }
}

/// A list about to be signed.
struct Draft {
    tbs: TbsCertList,
    key: Key,
}

fn draft() -> Draft {
    let key = AuthorityKeyIdentifier {
        key_identifier: Some(OctetString::new(key_hash(&ca().key)).unwrap()),
        ..Default::default()
    };
    let others = [
        entry(1, Some(CrlReason::KeyCompromise)),
        entry(2, Some(CrlReason::CertificateHold)),
    ];
    Draft {
        tbs: TbsCertList {
            version: Version::V2,
            signature: algorithm(SHA256_RSA),
            issuer: ca().name,
            this_update: time(NOW),
            next_update: Some(time(NOW + 24 * HOUR)),
            revoked_certificates: Some(others.to_vec()),
            crl_extensions: Some(vec![extension(false, &key)]),
        },
        key: ca().key,
    }
}

impl Draft {
    fn seal(self) -> Vec<u8> {
        let signature = sign(&self.key, &self.tbs.to_der().unwrap());
        let list = CertificateList {
            signature_algorithm: self.tbs.signature.clone(),
            tbs_cert_list: self.tbs,
            signature: BitString::from_bytes(&signature).unwrap(),
        };
        list.to_der().unwrap()
    }

    fn entries(&mut self) -> &mut Vec<RevokedCert> {
        self.tbs.revoked_certificates.as_mut().unwrap()
    }

    fn add(&mut self, critical: bool, id: &str) {
        let more = raw_extension(oid(id), critical, vec![5, 0]);
        self.tbs.crl_extensions.as_mut().unwrap().push(more);
    }
}

fn judged(list: &[u8]) -> Result<Revocation, String> {
    let serial = CertificateSerial::new(OURS).unwrap();
    look_up(list, &authority(), serial, NOW).map_err(|flaw| flaw.to_string())
}

fn spoilt(spoil: impl FnOnce(&mut Draft)) -> Result<Revocation, String> {
    let mut draft = draft();
    spoil(&mut draft);
    judged(&draft.seal())
}

#[test]
fn what_a_list_says_of_a_serial() {
    assert_eq!(spoilt(|_| {}), Ok(Revocation::Good), "others only");
    let empty = spoilt(|d| d.tbs.revoked_certificates = None);
    assert_eq!(empty, Ok(Revocation::Good), "nobody");
    let table = [
        (None, Revocation::Revoked),
        (Some(CrlReason::Unspecified), Revocation::Revoked),
        (Some(CrlReason::KeyCompromise), Revocation::Revoked),
        (Some(CrlReason::AffiliationChanged), Revocation::Revoked),
        (Some(CrlReason::Superseded), Revocation::Revoked),
        (Some(CrlReason::CessationOfOperation), Revocation::Revoked),
        (Some(CrlReason::PrivilegeWithdrawn), Revocation::Revoked),
        (Some(CrlReason::CertificateHold), Revocation::Suspended),
    ];
    for (reason, said) in table {
        let found = spoilt(|d| d.entries().insert(1, entry(OURS, reason)));
        assert_eq!(found, Ok(said), "{reason:?}");
    }
}

type Spoil = fn(&mut Draft);

#[test]
fn lists_that_can_be_relied_on_in_other_shapes() {
    let table: [(&str, Spoil); 4] = [
        ("a clock four minutes ahead", |d| {
            d.tbs.this_update = time(NOW + 240_000);
        }),
        ("overdue for four minutes", |d| {
            d.tbs.next_update = Some(time(NOW - 240_000));
        }),
        ("an extension that does not insist", |d| {
            d.add(false, "1.2.3.4");
        }),
        ("a reason that insists", |d| {
            let reason = extension(true, &CrlReason::Superseded);
            d.entries()[0].crl_entry_extensions = Some(vec![reason]);
        }),
    ];
    for (case, spoil) in table {
        assert_eq!(spoilt(spoil), Ok(Revocation::Good), "{case}");
    }
}

#[test]
fn lists_that_cannot_be_relied_on() {
    let table: [(&str, Spoil, &str); 19] = [
        (
            "another issuer",
            |d| d.tbs.issuer = name(["a", "b"]),
            "another issuer",
        ),
        (
            "the issuer's other key",
            |d| d.key = keys::authority(KeyOf::Foreign),
            "signature",
        ),
        (
            "says it is of the other key",
            |d| {
                let key = AuthorityKeyIdentifier {
                    key_identifier: Some(OctetString::new([1; 20]).unwrap()),
                    ..Default::default()
                };
                d.tbs.crl_extensions = Some(vec![extension(false, &key)]);
            },
            "another key",
        ),
        (
            "names no key",
            |d| d.tbs.crl_extensions = None,
            "another key",
        ),
        (
            "the key is not readable",
            |d| {
                let id = AuthorityKeyIdentifier::OID;
                d.tbs.crl_extensions = Some(vec![raw_extension(id, false, vec![1, 2])]);
            },
            "cannot be read",
        ),
        (
            "another algorithm",
            |d| d.tbs.signature = algorithm("1.2.840.113549.1.1.5"),
            "sha256WithRSA",
        ),
        (
            "made tomorrow",
            |d| d.tbs.this_update = time(NOW + HOUR),
            "ahead",
        ),
        (
            "overdue",
            |d| d.tbs.next_update = Some(time(NOW - HOUR)),
            "out of date",
        ),
        ("never followed", |d| d.tbs.next_update = None, "next one"),
        ("a delta", |d| d.add(true, "2.5.29.27"), "part"),
        (
            "a delta that says so softly",
            |d| d.add(false, "2.5.29.27"),
            "part",
        ),
        (
            "of one distribution point",
            |d| d.add(true, "2.5.29.28"),
            "part",
        ),
        (
            "insists on something",
            |d| d.add(true, "1.2.3.4"),
            "critical",
        ),
        (
            "an extension twice",
            |d| {
                d.add(false, "1.2.3.4");
                d.add(false, "1.2.3.4");
            },
            "twice",
        ),
        (
            "an entry that insists",
            |d| {
                let other = raw_extension(oid("2.5.29.29"), true, vec![0x30, 0]);
                d.entries()[1].crl_entry_extensions = Some(vec![other]);
            },
            "critical",
        ),
        (
            "two reasons",
            |d| {
                let hold = extension(false, &CrlReason::CertificateHold);
                d.entries()[1].crl_entry_extensions = Some(vec![hold.clone(), hold]);
            },
            "twice",
        ),
        (
            "takes off what a whole list never has",
            |d| d.entries().push(entry(3, Some(CrlReason::RemoveFromCRL))),
            "part",
        ),
        (
            "a reason nobody knows",
            |d| {
                let odd = raw_extension(CrlReason::OID, false, vec![0x0A, 1, 99]);
                d.entries()[0].crl_entry_extensions = Some(vec![odd]);
            },
            "cannot be read",
        ),
        (
            "a serial twice",
            |d| d.entries().push(entry(1, Some(CrlReason::Superseded))),
            "a serial twice",
        ),
    ];
    for (case, spoil, words) in table {
        let flaw = spoilt(spoil).unwrap_err();
        assert!(flaw.contains(words), "{case}: {flaw}");
    }
}

#[test]
fn the_outer_algorithm_and_the_version_count() {
    let list = draft().seal();
    let mut other = CertificateList::from_der(&list).unwrap();
    other.signature_algorithm = algorithm("1.2.840.113549.1.1.12");
    let flaw = judged(&other.to_der().unwrap()).unwrap_err();
    assert!(flaw.contains("sha256WithRSA"), "{flaw}");
    let old = spoilt(|d| d.tbs.version = Version::V1).unwrap_err();
    assert!(old.contains("version 2"), "{old}");
    let trailing = [&list[..], b"x"].concat();
    for bytes in [&b""[..], b"hello", &list[..list.len() - 1], &trailing] {
        let flaw = judged(bytes).unwrap_err();
        assert!(flaw.contains("cannot be read"), "{flaw}");
    }
}

proptest! {
    #[test]
    fn no_flipped_bit_is_believed(at in 0usize..2000, bit in 0u8..8) {
        let mut draft = draft();
        draft.entries().push(entry(OURS, Some(CrlReason::KeyCompromise)));
        let right = draft.seal();
        let mut wrong = right.clone();
        let at = at % right.len();
        wrong[at] ^= 1 << bit;
        prop_assert!(judged(&wrong).is_err(), "byte {}", at);
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(judged(&bytes).is_err());
    }
}
