//! Certificates, signatures and OCSP messages for tests, from checked-in test keys.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};
use std::time::Duration;

use crate::calendar::Day;
use crate::decode::ocsp::Status;

/// A key of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The trusted authority's.
    Authority,
    /// A foreign authority's.
    Foreign,
    /// The card's.
    Card,
    /// The OCSP responder's.
    Responder,
}

impl Key {
    fn pkcs8(self) -> &'static [u8] {
        match self {
            Key::Authority => include_bytes!("../../testdata/authority.test-key.p8"),
            Key::Foreign => include_bytes!("../../testdata/foreign.test-key.p8"),
            Key::Card => include_bytes!("../../testdata/card.test-key.p8"),
            Key::Responder => include_bytes!("../../testdata/responder.test-key.p8"),
        }
    }

    fn pair(self) -> KeyPair {
        KeyPair::try_from(self.pkcs8()).unwrap()
    }
}

/// What a leaf is made of.
#[derive(Clone, Debug)]
pub struct Leaf {
    pub serial: u64,
    pub first_day: &'static str,
    pub last_day: &'static str,
    pub issuer: Key,
    pub usage: KeyUsagePurpose,
    pub extended: ExtendedKeyUsagePurpose,
    pub policy: Option<&'static [u64]>,
}

impl Default for Leaf {
    fn default() -> Self {
        Leaf {
            serial: 0x1001,
            first_day: "2024-02-15",
            last_day: "2029-02-15",
            issuer: Key::Authority,
            usage: KeyUsagePurpose::DigitalSignature,
            extended: ExtendedKeyUsagePurpose::ClientAuth,
            policy: None,
        }
    }
}

fn params(common_name: &str, serial: u64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "JP");
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.serial_number = Some(SerialNumber::from(serial));
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params
}

fn authority_params() -> CertificateParams {
    let mut params = params("SIMULATED test authority", 1);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// The trusted authority.
pub fn authority() -> Vec<u8> {
    authority_params()
        .self_signed(&Key::Authority.pair())
        .unwrap()
        .der()
        .to_vec()
}

/// An authority of the same name with another key.
pub fn foreign_authority() -> Vec<u8> {
    authority_params()
        .self_signed(&Key::Foreign.pair())
        .unwrap()
        .der()
        .to_vec()
}

/// A card's certificate.
pub fn leaf(leaf: &Leaf) -> Vec<u8> {
    let params = leaf_params(leaf);
    let issuer = Issuer::new(authority_params(), leaf.issuer.pair());
    params
        .signed_by(&Key::Card.pair(), &issuer)
        .unwrap()
        .der()
        .to_vec()
}

/// A certificate over another key, with more in its subject and a subjectAltName where some are given.
pub fn leaf_naming(
    leaf: &Leaf,
    key: Key,
    subject: &[(DnType, &str)],
    alternative: &[&str],
) -> Vec<u8> {
    let mut params = leaf_params(leaf);
    for (kind, value) in subject {
        params.distinguished_name.push(kind.clone(), *value);
    }
    let names = alternative
        .iter()
        .map(|n| rcgen::SanType::DnsName((*n).try_into().unwrap()));
    params.subject_alt_names = names.collect();
    let issuer = Issuer::new(authority_params(), leaf.issuer.pair());
    let made = params.signed_by(&key.pair(), &issuer).unwrap();
    made.der().to_vec()
}

fn leaf_params(leaf: &Leaf) -> CertificateParams {
    let mut params = params("TESTUSER99", leaf.serial);
    let begins = |day: &str| u64::try_from(Day::parse(day).unwrap().begins()).unwrap();
    let epoch = date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(begins(leaf.first_day));
    params.not_after = epoch + Duration::from_secs(begins(leaf.last_day) + 86_399);
    params.key_usages = vec![leaf.usage];
    params.extended_key_usages = vec![leaf.extended.clone()];
    params.use_authority_key_identifier_extension = true;
    params.custom_extensions.extend(leaf.policy.map(policy));
    params
}

/// An OID's content: the first two arcs in one byte, the rest in groups of seven bits.
fn oid(arcs: &[u64]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(arcs[0] * 40 + arcs[1]).unwrap()];
    for arc in &arcs[2..] {
        let groups: Vec<u8> = (0..5)
            .rev()
            .map(|i| u8::try_from(arc >> (7 * i) & 0x7F).unwrap())
            .collect();
        let first = groups.iter().position(|g| *g != 0).unwrap_or(4);
        for (i, group) in groups.iter().enumerate().skip(first) {
            bytes.push(if i == 4 { *group } else { group | 0x80 });
        }
    }
    bytes
}

fn policy(arcs: &[u64]) -> CustomExtension {
    let list = tlv(0x30, &[&tlv(0x30, &[&tlv(0x06, &[&oid(arcs)])])]);
    CustomExtension::from_oid_content(&[2, 5, 29, 32], list)
}

/// PKCS#1 v1.5 with SHA-256.
pub fn sign(message: &[u8], key: Key) -> Vec<u8> {
    let pair = RsaKeyPair::from_pkcs8(key.pkcs8()).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message,
        &mut signature,
    )
    .unwrap();
    signature
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut bytes = vec![tag];
    match content.len() {
        short @ 0..=0x7F => bytes.push(u8::try_from(short).unwrap()),
        long => bytes.extend([
            0x82,
            u8::try_from(long >> 8).unwrap(),
            u8::try_from(long & 0xFF).unwrap(),
        ]),
    }
    bytes.extend(content);
    bytes
}

fn cert_id(serial: &str) -> Vec<u8> {
    let sha1 = tlv(
        0x30,
        &[
            &tlv(0x06, &[&[0x2B, 0x0E, 0x03, 0x02, 0x1A]]),
            &[0x05, 0x00],
        ],
    );
    let serial = hex::decode(format!("{serial:0>4}")).unwrap();
    tlv(
        0x30,
        &[
            &sha1,
            &tlv(0x04, &[&[1; 20]]),
            &tlv(0x04, &[&[2; 20]]),
            &tlv(0x02, &[&serial]),
        ],
    )
}

fn nonce() -> Vec<u8> {
    let id = tlv(
        0x06,
        &[&[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02]],
    );
    let value = tlv(0x04, &[&tlv(0x04, &[&(0..16).collect::<Vec<u8>>()])]);
    tlv(0x30, &[&tlv(0x30, &[&id, &value])])
}

/// A question for one serial.
pub fn ocsp_request(serial: &str) -> Vec<u8> {
    let list = tlv(0x30, &[&tlv(0x30, &[&cert_id(serial)])]);
    tlv(0x30, &[&tlv(0x30, &[&list, &tlv(0xA2, &[&nonce()])])])
}

fn responder() -> Vec<u8> {
    let mut params = params("SIMULATED test responder", 2);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
    let issuer = Issuer::new(authority_params(), Key::Authority.pair());
    params
        .signed_by(&Key::Responder.pair(), &issuer)
        .unwrap()
        .der()
        .to_vec()
}

/// An answer for one serial, signed by a delegated responder, on the day every story begins.
pub fn ocsp_response(serial: &str, status: &Status) -> Vec<u8> {
    ocsp_response_for(serial, status, ["20261015000000Z", "20261016000000Z"])
}

/// The same for another span of time.
pub fn ocsp_response_for(serial: &str, status: &Status, span: [&str; 2]) -> Vec<u8> {
    let said = match status {
        Status::Good => vec![0x80, 0x00],
        Status::Unknown => vec![0x82, 0x00],
        Status::Revoked(at, reason) => {
            let reason = reason
                .map(|r| tlv(0xA0, &[&tlv(0x0A, &[&[r]])]))
                .unwrap_or_default();
            tlv(0xA1, &[&tlv(0x18, &[at.as_bytes()]), &reason])
        }
    };
    let this = tlv(0x18, &[span[0].as_bytes()]);
    let next = tlv(0xA0, &[&tlv(0x18, &[span[1].as_bytes()])]);
    let single = tlv(0x30, &[&cert_id(serial), &said, &this, &next]);
    let who = tlv(0xA2, &[&tlv(0x04, &[&[3; 20]])]);
    let data = tlv(
        0x30,
        &[&who, &this, &tlv(0x30, &[&single]), &tlv(0xA1, &[&nonce()])],
    );
    let sha256_rsa = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
    let algorithm = tlv(0x30, &[&tlv(0x06, &[&sha256_rsa]), &[0x05, 0x00]]);
    let signature = tlv(0x03, &[&[0], &sign(&data, Key::Responder)]);
    let certs = tlv(0xA0, &[&tlv(0x30, &[&responder()])]);
    let basic = tlv(0x30, &[&data, &algorithm, &signature, &certs]);
    let id = tlv(
        0x06,
        &[&[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01]],
    );
    let bytes = tlv(0xA0, &[&tlv(0x30, &[&id, &tlv(0x04, &[&basic])])]);
    tlv(0x30, &[&[0x0A, 0x01, 0x00], &bytes])
}

/// A revocation list of serials with their reasons, signed by the trusted authority.
pub fn revocation_list(revoked: &[(&str, Option<u8>)]) -> Vec<u8> {
    let sha256_rsa = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
    let algorithm = tlv(0x30, &[&tlv(0x06, &[&sha256_rsa]), &[0x05, 0x00]]);
    let entries: Vec<Vec<u8>> = revoked
        .iter()
        .map(|(serial, reason)| {
            let number = hex::decode(format!("00{serial:0>4}")).unwrap();
            let extension = |code: u8| {
                let id = tlv(0x06, &[&[0x55, 0x1D, 0x15]]);
                let value = tlv(0x04, &[&tlv(0x0A, &[&[code]])]);
                tlv(0x30, &[&tlv(0x30, &[&id, &value])])
            };
            let extensions = reason.map(extension).unwrap_or_default();
            tlv(
                0x30,
                &[
                    &tlv(0x02, &[&number]),
                    &tlv(0x17, &[b"261010000000Z"]),
                    &extensions,
                ],
            )
        })
        .collect();
    let entries = entries.concat();
    let listed = match entries.is_empty() {
        true => vec![],
        false => tlv(0x30, &[&entries]),
    };
    let tbs = tlv(
        0x30,
        &[
            &tlv(0x02, &[&[1]]),
            &algorithm,
            &tlv(0x30, &[]),
            &tlv(0x17, &[b"261015000000Z"]),
            &tlv(0x17, &[b"261016000000Z"]),
            &listed,
        ],
    );
    let signature = tlv(0x03, &[&[0], &sign(&tbs, Key::Authority)]);
    tlv(0x30, &[&tbs, &algorithm, &signature])
}
