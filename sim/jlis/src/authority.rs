//! A certification authority and the certificates it issues.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use identifiers::CertificateSerial;
use jiff::civil::Date;
use sha1::{Digest, Sha1};
use wire::certificate::{SIGNING_POLICY, USER_AUTHENTICATION_POLICY};
use world::clock::{end_of, months_after, to_ms};
use world::{Key, keys};

use crate::conduct::Conduct;
use crate::der::{bits, certificate_time, explicit, integer, sequence};
use crate::profile::{
    self, COMMON_NAME, COUNTRY, LOCALITY, ORGANISATION, UNIT, Usage, extensions, key_identifier,
    name, rsa_key, sha256_with_rsa,
};

/// What an authority's certificates are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// 利用者証明用.
    UserAuthentication,
    /// 署名用.
    Signing,
}

impl Purpose {
    fn english(self) -> &'static str {
        match self {
            Purpose::UserAuthentication => "SIMULATED JPKI for user authentication (模擬)",
            Purpose::Signing => "SIMULATED JPKI for digital signature (模擬)",
        }
    }

    fn japanese(self) -> &'static str {
        match self {
            Purpose::UserAuthentication => "模擬公的個人認証サービス利用者証明用",
            Purpose::Signing => "模擬公的個人認証サービス署名用",
        }
    }
}

/// Days and key of a certificate to be issued.
pub struct Leaf<'a> {
    /// Serial number.
    pub serial: CertificateSerial,
    /// First valid day, from 00:00:00 Japanese time.
    pub first_day: Date,
    /// Last valid day, to 23:59:59 Japanese time.
    pub last_day: Date,
    /// The key pair whose public half is certified.
    pub key: &'a RsaKeyPair,
}

/// What a signing certificate says of its holder.
pub struct Holder<'a> {
    /// 氏名.
    pub name: &'a str,
    /// 住所.
    pub address: &'a str,
    /// Birth date.
    pub birth: Date,
    /// 1 male, 2 female, 3 not set.
    pub sex: &'a str,
}

/// An authority with its key. Cloning shares the key.
#[derive(Clone)]
pub struct Authority {
    purpose: Purpose,
    key: Key,
    name: Vec<u8>,
    identifier: Vec<u8>,
    serial: u64,
    /// First day of its own certificate.
    pub(crate) from: Date,
    /// Its own certificate, DER.
    pub certificate: Vec<u8>,
}

const ORGANISATION_NAME: &str = "JPKI-SIM";
/// A unit has at most 64 characters (RFC 5280), so 模擬 stands in the other one.
const OPERATOR: &str = "SIMULATED Japan Agency for Local Authority Information Systems";
/// Below every serial a card is given.
const RESPONDER_SERIAL: u64 = 2;
/// Invented municipality code; prefecture 99 does not exist.
const MUNICIPALITY: &str = "99101";

impl Authority {
    /// An authority that signs with one of the pool's keys and is valid for ten years from `from`.
    pub fn new(purpose: Purpose, key: keys::Authority, from: Date) -> Self {
        let key = keys::authority(key);
        let public = key.pair.public_key().as_ref().to_vec();
        let english = purpose.english();
        let name = name(&[
            (COUNTRY, "JP"),
            (ORGANISATION, ORGANISATION_NAME),
            (UNIT, english),
            (UNIT, OPERATOR),
        ]);
        let identifier = key_identifier(&public);
        // Distinct per key, as the generations of the real CAs have distinct serials.
        let serial = u64::from(u16::from_be_bytes([identifier[0] & 0x7F, identifier[1]])) + 1;
        let mut authority = Authority {
            purpose,
            key,
            name,
            identifier,
            serial,
            from,
            certificate: Vec::new(),
        };
        authority.certificate = authority.own_certificate(&public, from);
        authority
    }

    fn own_certificate(&self, public: &[u8], from: Date) -> Vec<u8> {
        let list = [
            profile::key_usage(Usage::CertificatesAndLists),
            profile::certification_authority(),
            profile::subject_alternative(&[profile::directory_name(&self.japanese_name())]),
            profile::distribution_point(&self.name),
            profile::subject_key(&self.identifier),
        ];
        let key = rsa_key(public);
        self.signed(self.serial, ten_years(from), &self.name, &key, &list)
    }

    fn japanese_name(&self) -> Vec<u8> {
        let operator = "模擬地方公共団体情報システム機構";
        let all = [
            (COUNTRY, "JP"),
            (ORGANISATION, "模擬公的個人認証サービス"),
            (UNIT, self.purpose.japanese()),
            (UNIT, operator),
        ];
        name(&all)
    }

    fn distribution_point(&self) -> Vec<u8> {
        profile::distribution_point(&name(&[
            (COUNTRY, "JP"),
            (ORGANISATION, ORGANISATION_NAME),
            (UNIT, self.purpose.english()),
            (UNIT, "CRL Distribution Points"),
            (UNIT, "Mogi-ken"),
            (COMMON_NAME, "Mogi-shi CRLDP"),
        ]))
    }

    fn authority_extensions(&self, public: &[u8]) -> [Vec<u8>; 3] {
        [
            self.distribution_point(),
            self.key_of_issuer(),
            profile::subject_key(&key_identifier(public)),
        ]
    }

    /// Issues a user-authentication certificate: nothing about the person in it.
    pub fn issue_authentication(&self, leaf: &Leaf<'_>) -> Vec<u8> {
        self.authentication(leaf, "")
    }

    /// Issues a user-authentication certificate as whoever issues cards conducts himself.
    pub fn issue_authentication_for(
        &self,
        holder: &Holder<'_>,
        leaf: &Leaf<'_>,
        conduct: &dyn Conduct,
    ) -> Vec<u8> {
        let leaf = &Leaf {
            first_day: conduct.first_day(leaf.first_day),
            ..*leaf
        };
        if conduct.names_person_in_authentication_certificate() {
            self.authentication(leaf, holder.name)
        } else {
            self.issue_authentication(leaf)
        }
    }

    fn authentication(&self, leaf: &Leaf<'_>, named: &str) -> Vec<u8> {
        let public = leaf.key.public_key().as_ref().to_vec();
        let common = format!(
            "SIM{:011X}{MUNICIPALITY}003A{named}",
            leaf.serial.value() & 0xFFF_FFFF_FFFF
        );
        // A common name has at most 64 characters (RFC 5280).
        let common: String = common.chars().take(64).collect();
        let subject = name(&[(COUNTRY, "JP"), (COMMON_NAME, &common)]);
        let [point, authority, own] = self.authority_extensions(&public);
        let list = [
            profile::key_usage(Usage::DigitalSignature),
            profile::client_auth(),
            profile::policy(USER_AUTHENTICATION_POLICY),
            profile::issuer_alternative(&self.japanese_name()),
            point,
            profile::ocsp_access(),
            authority,
            own,
        ];
        self.signed(
            leaf.serial.value(),
            leaf.validity(),
            &subject,
            &rsa_key(&public),
            &list,
        )
    }

    /// Issues a signing certificate with the holder's four attributes.
    pub fn issue_signing(&self, leaf: &Leaf<'_>, holder: &Holder<'_>) -> Vec<u8> {
        let public = leaf.key.public_key().as_ref().to_vec();
        let day = leaf.first_day.strftime("%Y%m%d").to_string();
        let common = format!(
            "{day}000000{:05}{MUNICIPALITY}003A",
            leaf.serial.value() % 100_000
        );
        let subject = name(&[
            (COUNTRY, "JP"),
            (LOCALITY, "Mogi-ken"),
            (LOCALITY, "Mogi-shi"),
            (COMMON_NAME, &common),
        ]);
        let flags = |text: &str| "0".repeat(text.chars().count());
        let alternative = profile::subject_alternative(&[
            profile::other_name(1, holder.name),
            profile::other_name(
                4,
                &format!("{}{}", era(holder.birth), holder.birth.strftime("%Y%m%d")),
            ),
            profile::other_name(3, holder.sex),
            profile::other_name(5, holder.address),
            profile::other_name(2, &flags(holder.name)),
            profile::other_name(6, &flags(holder.address)),
        ]);
        let [point, authority, own] = self.authority_extensions(&public);
        let list = [
            profile::key_usage(Usage::SignatureAndNonRepudiation),
            alternative,
            profile::policy(SIGNING_POLICY),
            profile::issuer_alternative(&self.japanese_name()),
            point,
            authority,
            own,
        ];
        self.signed(
            leaf.serial.value(),
            leaf.validity(),
            &subject,
            &rsa_key(&public),
            &list,
        )
    }

    /// How OCSP requests name this authority: SHA-1 of its name and of its key's bits.
    pub(crate) fn hashes(&self) -> [Vec<u8>; 2] {
        [Sha1::digest(&self.name).to_vec(), self.identifier.clone()]
    }

    /// Issues the certificate of the OCSP responder that answers for this authority, good for ten years
    /// from `from`. The same for the same day: keep it.
    pub fn responder_certificate(&self, from: Date) -> Vec<u8> {
        let key = keys::authority(keys::Authority::Ocsp);
        let public = key.pair.public_key().as_ref().to_vec();
        let subject = name(&[
            (COUNTRY, "JP"),
            (ORGANISATION, ORGANISATION_NAME),
            (UNIT, self.purpose.english()),
            (COMMON_NAME, "SIMULATED OCSP responder (模擬)"),
        ]);
        let list = [
            profile::key_usage(Usage::DigitalSignature),
            profile::ocsp_signing(),
            profile::ocsp_no_check(),
            self.key_of_issuer(),
            profile::subject_key(&key_identifier(&public)),
        ];
        let days = ten_years(from);
        self.signed(RESPONDER_SERIAL, days, &subject, &rsa_key(&public), &list)
    }

    /// A list of this authority under its signature: `parts` are what follows the issuer.
    pub(crate) fn signed_list(&self, parts: &[Vec<u8>]) -> Vec<u8> {
        let head = [integer(1), sha256_with_rsa(), self.name.clone()];
        let to_be_signed = sequence(&[head.concat(), parts.concat()]);
        sealed(&self.key, to_be_signed)
    }

    /// The extension that names this authority as issuer by its key.
    pub(crate) fn key_of_issuer(&self) -> Vec<u8> {
        profile::authority_key(&self.identifier, &self.name, self.serial)
    }

    fn signed(
        &self,
        serial: u64,
        validity: Vec<u8>,
        subject: &[u8],
        key: &[u8],
        list: &[Vec<u8>],
    ) -> Vec<u8> {
        let to_be_signed = sequence(&[
            explicit(0, &integer(2)),
            integer(serial),
            sha256_with_rsa(),
            self.name.clone(),
            validity,
            subject.to_vec(),
            key.to_vec(),
            extensions(list),
        ]);
        sealed(&self.key, to_be_signed)
    }
}

fn sealed(key: &Key, to_be_signed: Vec<u8>) -> Vec<u8> {
    let signature = sign(&key.pair, &to_be_signed);
    sequence(&[to_be_signed, sha256_with_rsa(), bits(0, &signature)])
}

impl Leaf<'_> {
    fn validity(&self) -> Vec<u8> {
        validity(
            to_ms(self.first_day.at(0, 0, 0, 0)),
            to_ms(end_of(self.last_day)),
        )
    }
}

fn ten_years(from: Date) -> Vec<u8> {
    validity(
        to_ms(from.at(0, 0, 0, 0)),
        to_ms(end_of(months_after(from, 120))),
    )
}

fn validity(from_ms: i64, to_ms: i64) -> Vec<u8> {
    sequence(&[certificate_time(from_ms), certificate_time(to_ms)])
}

/// PKCS#1 v1.5 with SHA-256; the same bytes every time.
pub(crate) fn sign(key: &RsaKeyPair, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; key.public_modulus_len()];
    // The pool's keys are RSA-2048 with room for SHA-256; v1.5 padding draws no randomness.
    let signed = key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message,
        &mut signature,
    );
    assert!(signed.is_ok(), "a key of the pool cannot sign");
    signature
}

/// Era digit of a birth date (facts/card.md 6): 1 明治 … 5 令和.
fn era(day: Date) -> char {
    let text = day.to_string();
    match text.as_str() {
        d if d >= "2019-05-01" => '5',
        d if d >= "1989-01-08" => '4',
        d if d >= "1926-12-25" => '3',
        d if d >= "1912-07-30" => '2',
        _ => '1',
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn eras_change_on_their_days() {
        let table = [
            (date(2019, 5, 1), '5'),
            (date(2019, 4, 30), '4'),
            (date(1989, 1, 8), '4'),
            (date(1989, 1, 7), '3'),
            (date(1926, 12, 25), '3'),
            (date(1926, 12, 24), '2'),
            (date(1912, 7, 30), '2'),
            (date(1912, 7, 29), '1'),
        ];
        for (day, digit) in table {
            assert_eq!(era(day), digit, "{day}");
        }
    }
}
