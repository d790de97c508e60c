//! Every way in which a revocation answer cannot be relied on (PKI-02, PKI-07), and the ones that can.

use der::asn1::{Null, OctetString};
use der::oid::AssociatedOid;
use der::{Decode, Encode};
use proptest::prelude::*;
use rules::Revocation;
use world::keys::{self, Authority as KeyOf};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlReason, ExtendedKeyUsage};
use x509_cert::serial_number::SerialNumber;
use x509_ocsp::{CertId, CertStatus, OcspRequest, OcspResponse, ResponderId, RevokedInfo};

use super::pki::{
    CLIENT_AUTH, Ca, Draft, NO_CHECK, NONCE, algorithm, draft, extension, generalized, key_hash,
    of_kind, oid, raw_extension, time, without,
};
use crate::authority::Authority;
use crate::doubt::Flaw;
use crate::ocsp::{basic_answer, certificate_id, question};
use crate::ocsp_answer::{Expected, Known, read};

const NOW: i64 = 1_790_000_000_000;
const HOUR: i64 = 3_600_000;

fn ca() -> Ca {
    Ca::of(KeyOf::UserAuthentication)
}

fn authority() -> Authority {
    let certificate = ca().certificate(|_| {});
    Authority::read_all(&[certificate]).unwrap().remove(0)
}

fn id() -> CertId {
    certificate_id(&authority(), &SerialNumber::from(0xBFCDu64)).unwrap()
}

const NONCE_SENT: [u8; 32] = [7; 32];

fn asked() -> Vec<u8> {
    question(&id(), &NONCE_SENT).unwrap()
}

fn judged(answer: &[u8], known: &Known) -> Result<Revocation, Flaw> {
    let authority = authority();
    let id = id();
    let expected = Expected {
        authority: &authority,
        id: &id,
        nonce: &NONCE_SENT,
        now_ms: NOW,
    };
    read(&basic_answer(answer)?, &expected, known)
}

fn spoilt(spoil: impl FnOnce(&mut Draft)) -> Result<Revocation, String> {
    let mut draft = draft(&ca(), &asked(), CertStatus::good(), NOW);
    spoil(&mut draft);
    judged(&draft.seal(), &Known::default()).map_err(|doubt| doubt.to_string())
}

fn revoked(reason: Option<CrlReason>) -> CertStatus {
    CertStatus::revoked(RevokedInfo {
        revocation_time: generalized(NOW - HOUR),
        revocation_reason: reason,
    })
}

#[test]
fn the_question_is_one_serial_with_a_nonce() {
    let request = OcspRequest::from_der(&asked()).unwrap();
    assert_eq!(request.nonce().unwrap().0.as_bytes(), NONCE_SENT);
    assert_eq!(request.tbs_request.request_list.len(), 1);
    assert_eq!(request.tbs_request.request_list[0].req_cert, id());
}

#[test]
fn each_status_is_told_apart() {
    for (status, answer) in [
        (CertStatus::good(), Revocation::Good),
        (CertStatus::unknown(), Revocation::Unknown),
        (revoked(None), Revocation::Revoked),
        (revoked(Some(CrlReason::Superseded)), Revocation::Revoked),
        (
            revoked(Some(CrlReason::CertificateHold)),
            Revocation::Suspended,
        ),
    ] {
        let found = spoilt(|d| d.data.responses[0].cert_status = status);
        assert_eq!(found, Ok(answer));
    }
}

type Spoil = fn(&mut Draft);

#[test]
fn answers_that_can_be_relied_on_in_other_shapes() {
    let table: [(&str, Spoil); 6] = [
        ("signed by the authority itself", |d| {
            d.key = keys::authority(KeyOf::UserAuthentication);
            let hash = key_hash(&d.key);
            d.data.responder_id = ResponderId::ByKey(OctetString::new(hash).unwrap());
            d.certificates.clear();
        }),
        ("responder by name", |d| {
            let name = d.certificates[0].tbs_certificate.subject.clone();
            d.data.responder_id = ResponderId::ByName(name);
        }),
        ("a clock four minutes ahead", |d| {
            d.data.produced_at = generalized(NOW + 240_000);
            d.data.responses[0].this_update = generalized(NOW + 240_000);
        }),
        ("just made, without a next update", |d| {
            d.data.responses[0].next_update = None
        }),
        ("another answer beside ours", |d| {
            let mut other = d.data.responses[0].clone();
            other.cert_id.serial_number = SerialNumber::from(1u64);
            other.cert_status = CertStatus::unknown();
            d.data.responses.insert(0, other);
        }),
        ("an extension that does not insist", |d| {
            let all = d.data.response_extensions.as_mut().unwrap();
            all.push(raw_extension(oid("1.2.3.4"), false, vec![5, 0]));
        }),
    ];
    for (case, spoil) in table {
        assert_eq!(spoilt(spoil), Ok(Revocation::Good), "{case}");
    }
}

#[test]
fn answers_that_cannot_be_relied_on() {
    let table: [(&str, Spoil, &str); 17] = [
        ("no nonce", |d| d.data.response_extensions = None, "nonce"),
        (
            "another nonce",
            |d| {
                let other = OctetString::new([8; 32]).unwrap().to_der().unwrap();
                d.data.response_extensions = Some(vec![raw_extension(oid(NONCE), false, other)]);
            },
            "nonce",
        ),
        (
            "another serial",
            |d| d.data.responses[0].cert_id.serial_number = SerialNumber::from(1u64),
            "not about",
        ),
        (
            "another authority",
            |d| d.data.responses[0].cert_id.issuer_key_hash = OctetString::new([1; 20]).unwrap(),
            "not about",
        ),
        (
            "two answers",
            |d| {
                let again = d.data.responses[0].clone();
                d.data.responses.push(again);
            },
            "not about",
        ),
        ("no answer", |d| d.data.responses.clear(), "not about"),
        (
            "made tomorrow",
            |d| d.data.produced_at = generalized(NOW + HOUR),
            "ahead",
        ),
        (
            "of tomorrow",
            |d| d.data.responses[0].this_update = generalized(NOW + HOUR),
            "ahead",
        ),
        (
            "of yesterday",
            |d| d.data.responses[0].next_update = Some(generalized(NOW - HOUR)),
            "out of date",
        ),
        (
            "old, without a next update",
            |d| {
                d.data.responses[0].next_update = None;
                d.data.responses[0].this_update = generalized(NOW - HOUR);
            },
            "out of date",
        ),
        (
            "insists on something",
            |d| {
                d.data
                    .response_extensions
                    .as_mut()
                    .unwrap()
                    .push(raw_extension(oid("1.2.3.4"), true, vec![5, 0]));
            },
            "critical",
        ),
        (
            "insists on something about ours",
            |d| {
                d.data.responses[0].single_extensions =
                    Some(vec![raw_extension(oid("1.2.3.4"), true, vec![5, 0])]);
            },
            "critical",
        ),
        (
            "signed with another key",
            |d| d.key = keys::card(5),
            "signature",
        ),
        (
            "another algorithm named",
            |d| d.algorithm = algorithm("1.2.840.113549.1.1.5"),
            "sha256WithRSA",
        ),
        ("no certificate", |d| d.certificates.clear(), "not there"),
        (
            "a stranger's certificate",
            |d| d.certificates = vec![Ca::of(KeyOf::Foreign).seal(ca().responder())],
            "delegated",
        ),
        (
            "a person as responder",
            |d| {
                let card = super::pki::CARD;
                d.key = keys::card(3);
                let tbs = ca().person(card, &d.key);
                let hash = key_hash(&d.key);
                d.data.responder_id = ResponderId::ByKey(OctetString::new(hash).unwrap());
                d.certificates = vec![ca().seal(tbs)];
            },
            "something else",
        ),
    ];
    for (case, spoil, words) in table {
        let doubt = spoilt(spoil).unwrap_err();
        assert!(doubt.contains(words), "{case}: {doubt}");
    }
}

#[test]
fn a_responder_s_certificate_must_be_fit_for_it() {
    type SpoilCertificate = fn(&mut x509_cert::TbsCertificate);
    let table: [(&str, SpoilCertificate, &str); 8] = [
        (
            "no purpose",
            |t| without(t, ExtendedKeyUsage::OID),
            "something else",
        ),
        (
            "another purpose",
            |t| {
                *of_kind::<ExtendedKeyUsage>(t) =
                    extension(true, &ExtendedKeyUsage(vec![oid(CLIENT_AUTH)]));
            },
            "something else",
        ),
        (
            "may itself be revoked",
            |t| without(t, oid(NO_CHECK)),
            "stays open",
        ),
        (
            "insists on something",
            |t| {
                t.extensions.as_mut().unwrap().push(raw_extension(
                    oid("1.2.3.4"),
                    true,
                    vec![5, 0],
                ));
            },
            "critical",
        ),
        (
            "expired",
            |t| t.validity.not_after = time(NOW - HOUR),
            "not valid now",
        ),
        (
            "not yet valid",
            |t| t.validity.not_before = time(NOW + HOUR),
            "not valid now",
        ),
        (
            "another issuer",
            |t| t.issuer = super::pki::name(["a", "b"]),
            "delegated",
        ),
        (
            "another authority key",
            |t| {
                *of_kind::<AuthorityKeyIdentifier>(t) = extension(
                    false,
                    &AuthorityKeyIdentifier {
                        key_identifier: Some(OctetString::new([1; 20]).unwrap()),
                        ..Default::default()
                    },
                );
            },
            "delegated",
        ),
    ];
    for (case, spoil, words) in table {
        let doubt = spoilt(|d| {
            let mut tbs = ca().responder();
            spoil(&mut tbs);
            d.certificates = vec![ca().seal(tbs)];
        });
        let doubt = doubt.unwrap_err();
        assert!(doubt.contains(words), "{case}: {doubt}");
    }
}

#[test]
fn a_known_responder_is_known_by_its_bytes_alone() {
    let known = Known::default();
    let answer = |spoil: Spoil| {
        let mut draft = draft(&ca(), &asked(), CertStatus::good(), NOW);
        spoil(&mut draft);
        draft.seal()
    };
    assert_eq!(judged(&answer(|_| {}), &known).unwrap(), Revocation::Good);
    assert_eq!(judged(&answer(|_| {}), &known).unwrap(), Revocation::Good);
    let forged = answer(|d| d.certificates = vec![Ca::of(KeyOf::Foreign).seal(ca().responder())]);
    assert!(judged(&forged, &known).is_err());
    let forged = answer(|d| d.key = keys::card(5));
    assert!(judged(&forged, &known).is_err());
    assert_eq!(judged(&answer(|_| {}), &known).unwrap(), Revocation::Good);
}

#[test]
fn refusals_of_the_service_approve_nothing() {
    for (refusal, word) in [
        (OcspResponse::malformed_request(), "malformedRequest"),
        (OcspResponse::internal_error(), "internalError"),
        (OcspResponse::try_later(), "tryLater"),
        (OcspResponse::sig_required(), "sigRequired"),
        (OcspResponse::unauthorized(), "unauthorized"),
    ] {
        let doubt = basic_answer(&refusal.to_der().unwrap()).unwrap_err();
        assert!(doubt.to_string().contains(word), "{doubt}");
    }
    let mut empty = OcspResponse::try_later();
    empty.response_status = x509_ocsp::OcspResponseStatus::Successful;
    assert!(basic_answer(&empty.to_der().unwrap()).is_err());
    let right = draft(&ca(), &asked(), CertStatus::good(), NOW).seal();
    let mut other = OcspResponse::from_der(&right).unwrap();
    other.response_bytes.as_mut().unwrap().response_type = oid("1.2.3.4");
    assert!(basic_answer(&other.to_der().unwrap()).is_err());
    assert!(basic_answer(&Null.to_der().unwrap()).is_err());
}

proptest! {
    #[test]
    fn no_flipped_bit_is_good(at in 0usize..2000, bit in 0u8..8) {
        let right = draft(&ca(), &asked(), CertStatus::unknown(), NOW).seal();
        let mut wrong = right.clone();
        let at = at % right.len();
        wrong[at] ^= 1 << bit;
        if let Ok(found) = judged(&wrong, &Known::default()) {
            prop_assert_eq!(found, Revocation::Unknown, "byte {}", at);
        }
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(judged(&bytes, &Known::default()).is_err());
    }
}
