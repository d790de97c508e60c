//! A certification authority and a revocation service for tests, which make whatever card and answer a
//! story needs.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256};
use der::asn1::{
    Any, BitString, GeneralizedTime, Ia5String, Null, ObjectIdentifier, OctetString, SetOfVec,
    UtcTime,
};
use der::oid::AssociatedOid;
use der::{Decode, Encode, Tag};
use jiff::civil::Date;
use sha1::{Digest, Sha1};
use world::Key;
use world::clock::{end_of, to_ms};
use world::keys::{self, Authority as KeyOf};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::certificate::{Certificate, TbsCertificate, Version};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, ExtendedKeyUsage, IssuerAltName,
    KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::{Time, Validity};
use x509_ocsp::{
    BasicOcspResponse, CertStatus, OcspGeneralizedTime, OcspRequest, OcspResponse, ResponderId,
    ResponseData, SingleResponse,
};

pub(super) fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new(text).unwrap()
}

pub(super) const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
pub(super) const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
pub(super) const NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";

/// A name with two units, as the field's authorities have.
pub(super) fn name(units: [&str; 2]) -> Name {
    let part = |id: &str, tag, text: &str| {
        let value = Any::new(tag, text.as_bytes()).unwrap();
        let attribute = AttributeTypeAndValue {
            oid: oid(id),
            value,
        };
        RelativeDistinguishedName(SetOfVec::try_from(vec![attribute]).unwrap())
    };
    RdnSequence(vec![
        part("2.5.4.6", Tag::PrintableString, "JP"),
        part("2.5.4.11", Tag::Utf8String, units[0]),
        part("2.5.4.11", Tag::Utf8String, units[1]),
    ])
}

pub(super) fn algorithm(id: &str) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid: oid(id),
        parameters: Some(Null.into()),
    }
}

pub(super) const SHA256_RSA: &str = "1.2.840.113549.1.1.11";

pub(super) fn extension<T: Encode + AssociatedOid>(critical: bool, content: &T) -> Extension {
    raw_extension(T::OID, critical, content.to_der().unwrap())
}

pub(super) fn raw_extension(id: ObjectIdentifier, critical: bool, content: Vec<u8>) -> Extension {
    Extension {
        extn_id: id,
        critical,
        extn_value: OctetString::new(content).unwrap(),
    }
}

fn public_key(key: &Key) -> SubjectPublicKeyInfoOwned {
    SubjectPublicKeyInfoOwned {
        algorithm: algorithm("1.2.840.113549.1.1.1"),
        subject_public_key: BitString::from_bytes(key.pair.public_key().as_ref()).unwrap(),
    }
}

pub(super) fn key_hash(key: &Key) -> [u8; 20] {
    Sha1::digest(key.pair.public_key().as_ref()).into()
}

/// PKCS#1 v1.5 with SHA-256.
pub(super) fn sign(key: &Key, bytes: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; key.pair.public_modulus_len()];
    key.pair
        .sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            bytes,
            &mut signature,
        )
        .unwrap();
    signature
}

pub(super) fn time(ms: i64) -> Time {
    let since_1970 = std::time::Duration::from_secs(u64::try_from(ms / 1000).unwrap());
    Time::UtcTime(UtcTime::from_unix_duration(since_1970).unwrap())
}

pub(super) fn generalized(ms: i64) -> OcspGeneralizedTime {
    let since_1970 = std::time::Duration::from_secs(u64::try_from(ms / 1000).unwrap());
    OcspGeneralizedTime(GeneralizedTime::from_unix_duration(since_1970).unwrap())
}

/// A certification authority.
pub(super) struct Ca {
    pub(super) key: Key,
    pub(super) name: Name,
    pub(super) serial: u64,
}

/// Which card, and its days.
#[derive(Clone, Copy)]
pub(super) struct Card {
    pub(super) serial: u64,
    pub(super) first: Date,
    pub(super) last: Date,
}

impl Ca {
    pub(super) fn of(key: KeyOf) -> Self {
        Self {
            key: keys::authority(key),
            name: name(["TEST user authentication", "TEST operator"]),
            serial: 77,
        }
    }

    fn tbs(&self, serial: u64, subject: Name, key: &Key, days: (Date, Date)) -> TbsCertificate {
        TbsCertificate {
            version: Version::V3,
            serial_number: SerialNumber::from(serial),
            signature: algorithm(SHA256_RSA),
            issuer: self.name.clone(),
            validity: Validity {
                not_before: time(to_ms(days.0.at(0, 0, 0, 0))),
                not_after: time(to_ms(end_of(days.1))),
            },
            subject,
            subject_public_key_info: public_key(key),
            issuer_unique_id: None,
            subject_unique_id: None,
            extensions: None,
        }
    }

    /// Signs what it is given.
    pub(super) fn seal(&self, tbs_certificate: TbsCertificate) -> Certificate {
        let signature = sign(&self.key, &tbs_certificate.to_der().unwrap());
        Certificate {
            signature_algorithm: tbs_certificate.signature.clone(),
            tbs_certificate,
            signature: BitString::from_bytes(&signature).unwrap(),
        }
    }

    /// Its own certificate.
    pub(super) fn certificate(&self, spoil: impl FnOnce(&mut TbsCertificate)) -> Vec<u8> {
        let days = (jiff::civil::date(2020, 1, 1), jiff::civil::date(2040, 1, 1));
        let mut tbs = self.tbs(self.serial, self.name.clone(), &self.key, days);
        let constraints = BasicConstraints {
            ca: true,
            path_len_constraint: None,
        };
        tbs.extensions = Some(vec![
            extension(true, &constraints),
            extension(
                false,
                &SubjectKeyIdentifier(OctetString::new(key_hash(&self.key)).unwrap()),
            ),
        ]);
        spoil(&mut tbs);
        self.seal(tbs).to_der().unwrap()
    }

    fn authority_key(&self) -> Extension {
        extension(
            false,
            &AuthorityKeyIdentifier {
                key_identifier: Some(OctetString::new(key_hash(&self.key)).unwrap()),
                authority_cert_issuer: Some(vec![GeneralName::DirectoryName(self.name.clone())]),
                authority_cert_serial_number: Some(SerialNumber::from(self.serial)),
            },
        )
    }

    /// A user-authentication certificate nothing is wrong with.
    pub(super) fn person(&self, card: Card, key: &Key) -> TbsCertificate {
        let subject = name(["TEST person", "TEST card"]);
        let mut tbs = self.tbs(card.serial, subject, key, (card.first, card.last));
        let policy = PolicyInformation {
            policy_identifier: oid(wire::certificate::USER_AUTHENTICATION_POLICY),
            policy_qualifiers: None,
        };
        let issuer = GeneralName::UniformResourceIdentifier(Ia5String::new("urn:test").unwrap());
        tbs.extensions = Some(vec![
            extension(true, &KeyUsage(KeyUsages::DigitalSignature.into())),
            extension(false, &ExtendedKeyUsage(vec![oid(CLIENT_AUTH)])),
            extension(true, &CertificatePolicies(vec![policy])),
            extension(false, &IssuerAltName(vec![issuer])),
            self.authority_key(),
        ]);
        tbs
    }

    /// The certificate of a delegated responder.
    pub(super) fn responder(&self) -> TbsCertificate {
        let days = (jiff::civil::date(2020, 1, 1), jiff::civil::date(2040, 1, 1));
        let key = keys::authority(KeyOf::Ocsp);
        let mut tbs = self.tbs(2, name(["TEST OCSP", "TEST operator"]), &key, days);
        tbs.extensions = Some(vec![
            extension(true, &KeyUsage(KeyUsages::DigitalSignature.into())),
            extension(true, &ExtendedKeyUsage(vec![oid(OCSP_SIGNING)])),
            raw_extension(oid(NO_CHECK), false, Null.to_der().unwrap()),
            self.authority_key(),
        ]);
        tbs
    }
}

/// What a revocation service is about to send, each part to be spoilt.
pub(super) struct Draft {
    pub(super) data: ResponseData,
    pub(super) certificates: Vec<Certificate>,
    pub(super) key: Key,
    pub(super) algorithm: AlgorithmIdentifierOwned,
}

/// Draws up the answer of a revocation service to a question.
pub(super) fn draft(ca: &Ca, question: &[u8], status: CertStatus, now_ms: i64) -> Draft {
    let asked = OcspRequest::from_der(question).unwrap().tbs_request;
    let single = SingleResponse {
        cert_id: asked.request_list[0].req_cert.clone(),
        cert_status: status,
        this_update: generalized(now_ms),
        next_update: Some(generalized(now_ms + 3_600_000)),
        single_extensions: None,
    };
    let key = keys::authority(KeyOf::Ocsp);
    Draft {
        data: ResponseData {
            version: Default::default(),
            responder_id: ResponderId::ByKey(OctetString::new(key_hash(&key)).unwrap()),
            produced_at: generalized(now_ms),
            responses: vec![single],
            response_extensions: asked.request_extensions,
        },
        certificates: vec![ca.seal(ca.responder())],
        key,
        algorithm: algorithm(SHA256_RSA),
    }
}

impl Draft {
    /// Signs and wraps it up.
    pub(super) fn seal(self) -> Vec<u8> {
        let signature = sign(&self.key, &self.data.to_der().unwrap());
        let basic = BasicOcspResponse {
            tbs_response_data: self.data,
            signature_algorithm: self.algorithm,
            signature: BitString::from_bytes(&signature).unwrap(),
            certs: Some(self.certificates),
        };
        OcspResponse::successful(basic).unwrap().to_der().unwrap()
    }
}
