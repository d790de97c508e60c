//! The certificate profile (facts/card.md 6) as data: names, policies and extensions of CA,
//! signing and user-authentication certificates, every one marked as simulated.

use sha1::{Digest, Sha1};
use wire::certificate::{OCSP_URI, PRACTICE_STATEMENT};

use crate::der::{
    bits, enumerated, explicit, generalized_time, ia5, implicit, integer, integer_content, null,
    octets, oid, printable, sequence, set_of_one, tlv, truth, utf8,
};

pub(crate) const COMMON_NAME: &[u64] = &[2, 5, 4, 3];
pub(crate) const COUNTRY: &[u64] = &[2, 5, 4, 6];
pub(crate) const LOCALITY: &[u64] = &[2, 5, 4, 7];
pub(crate) const ORGANISATION: &[u64] = &[2, 5, 4, 10];
pub(crate) const UNIT: &[u64] = &[2, 5, 4, 11];

/// A name: attribute type and text, in order. Country is a PrintableString, the rest UTF8String.
pub(crate) fn name(attributes: &[(&[u64], &str)]) -> Vec<u8> {
    let one = |(kind, text): &(&[u64], &str)| {
        let value = if *kind == COUNTRY {
            printable(text)
        } else {
            utf8(text)
        };
        set_of_one(&sequence(&[oid(kind), value]))
    };
    sequence(&attributes.iter().map(one).collect::<Vec<_>>())
}

/// sha256WithRSAEncryption.
pub(crate) fn sha256_with_rsa() -> Vec<u8> {
    sequence(&[oid(&[1, 2, 840, 113549, 1, 1, 11]), null()])
}

/// SubjectPublicKeyInfo of an RSA key given as PKCS#1 DER.
pub(crate) fn rsa_key(pkcs1: &[u8]) -> Vec<u8> {
    sequence(&[
        sequence(&[oid(&[1, 2, 840, 113549, 1, 1, 1]), null()]),
        bits(0, pkcs1),
    ])
}

/// Key identifier: SHA-1 of the key's bits.
pub(crate) fn key_identifier(pkcs1: &[u8]) -> Vec<u8> {
    Sha1::digest(pkcs1).to_vec()
}

fn extension(kind: &[u64], critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = vec![oid(kind)];
    parts.extend(critical.then(truth));
    parts.push(octets(value));
    sequence(&parts)
}

fn directory(name: &[u8]) -> Vec<u8> {
    explicit(4, name)
}

/// Key usages of the profile.
#[derive(Clone, Copy)]
pub(crate) enum Usage {
    DigitalSignature,
    SignatureAndNonRepudiation,
    CertificatesAndLists,
}

pub(crate) fn key_usage(usage: Usage) -> Vec<u8> {
    let (unused, byte) = match usage {
        Usage::DigitalSignature => (7, 0x80),
        Usage::SignatureAndNonRepudiation => (6, 0xC0),
        Usage::CertificatesAndLists => (1, 0x06),
    };
    extension(&[2, 5, 29, 15], true, &bits(unused, &[byte]))
}

pub(crate) fn client_auth() -> Vec<u8> {
    extension(
        &[2, 5, 29, 37],
        false,
        &sequence(&[oid(&[1, 3, 6, 1, 5, 5, 7, 3, 2])]),
    )
}

pub(crate) fn ocsp_signing() -> Vec<u8> {
    extension(
        &[2, 5, 29, 37],
        true,
        &sequence(&[oid(&[1, 3, 6, 1, 5, 5, 7, 3, 9])]),
    )
}

pub(crate) fn ocsp_no_check() -> Vec<u8> {
    extension(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 5], false, &null())
}

/// Policy of the test arc, in dotted form.
pub(crate) fn policy(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted
        .split('.')
        .filter_map(|arc| arc.parse().ok())
        .collect();
    let qualifier = sequence(&[oid(&[1, 3, 6, 1, 5, 5, 7, 2, 1]), ia5(PRACTICE_STATEMENT)]);
    let information = sequence(&[oid(&arcs), sequence(&[qualifier])]);
    extension(&[2, 5, 29, 32], true, &sequence(&[information]))
}

pub(crate) fn issuer_alternative(name: &[u8]) -> Vec<u8> {
    extension(&[2, 5, 29, 18], false, &sequence(&[directory(name)]))
}

pub(crate) fn subject_alternative(general_names: &[Vec<u8>]) -> Vec<u8> {
    extension(&[2, 5, 29, 17], false, &sequence(general_names))
}

pub(crate) fn directory_name(name: &[u8]) -> Vec<u8> {
    directory(name)
}

/// otherName with a UTF8String under the profile's own arc.
pub(crate) fn other_name(last: u64, text: &str) -> Vec<u8> {
    explicit(
        0,
        &[
            oid(&[1, 2, 392, 200149, 8, 5, 5, last]),
            explicit(0, &utf8(text)),
        ]
        .concat(),
    )
}

pub(crate) fn distribution_point(name: &[u8]) -> Vec<u8> {
    let point = explicit(0, &explicit(0, &directory(name)));
    extension(&[2, 5, 29, 31], false, &sequence(&[sequence(&[point])]))
}

pub(crate) fn ocsp_access() -> Vec<u8> {
    let access = sequence(&[
        oid(&[1, 3, 6, 1, 5, 5, 7, 48, 1]),
        implicit(6, OCSP_URI.as_bytes()),
    ]);
    extension(&[1, 3, 6, 1, 5, 5, 7, 1, 1], false, &sequence(&[access]))
}

pub(crate) fn authority_key(identifier: &[u8], issuer: &[u8], serial: u64) -> Vec<u8> {
    let parts = [
        implicit(0, identifier),
        explicit(1, &directory(issuer)),
        implicit(2, &integer_content(serial)),
    ];
    extension(&[2, 5, 29, 35], false, &sequence(&parts))
}

pub(crate) fn subject_key(identifier: &[u8]) -> Vec<u8> {
    extension(&[2, 5, 29, 14], false, &octets(identifier))
}

pub(crate) fn certification_authority() -> Vec<u8> {
    extension(&[2, 5, 29, 19], true, &sequence(&[truth()]))
}

/// Extensions as they stand in a certificate.
pub(crate) fn extensions(all: &[Vec<u8>]) -> Vec<u8> {
    explicit(3, &tlv(0x30, &all.concat()))
}

/// Extensions as they stand in a revocation list.
pub(crate) fn list_extensions(all: &[Vec<u8>]) -> Vec<u8> {
    explicit(0, &tlv(0x30, &all.concat()))
}

/// Number of a revocation list.
pub(crate) fn list_number(number: u64) -> Vec<u8> {
    extension(&[2, 5, 29, 20], false, &integer(number))
}

/// ExpiredCertsOnCRL (X.509): nothing that expired since then was taken off the list.
pub(crate) fn expired_since(ms: i64) -> Vec<u8> {
    extension(&[2, 5, 29, 60], false, &generalized_time(ms))
}

/// Reason of one entry of a revocation list.
pub(crate) fn reason(code: u8) -> Vec<u8> {
    extension(&[2, 5, 29, 21], false, &enumerated(code))
}
