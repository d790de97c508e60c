//! X.509 certificates as the rules need them, and signature checks with the key inside.

use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};

use super::{DecodeError, bounded, der::integer_hex, short};
use crate::calendar::Day;

const SHA256_WITH_RSA: &str = "1.2.840.113549.1.1.11";
const MAX_DER: usize = 64 * 1024;

/// A certificate taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Issuer, readable.
    pub issuer: String,
    /// Subject, readable.
    pub subject: String,
    /// CN of the subject.
    pub common_name: Option<String>,
    /// Serial in lower-case hex without leading zeros.
    pub serial: String,
    /// Begin of validity, seconds since 1970 UTC.
    pub not_before: i64,
    /// End of validity, seconds since 1970 UTC.
    pub not_after: i64,
    /// Key usage: digitalSignature, if the extension is there.
    pub digital_signature: Option<bool>,
    /// Key usage: keyCertSign.
    pub signs_certificates: bool,
    /// Extended key usages as OIDs.
    pub extended_usages: Vec<String>,
    /// Certificate policies as OIDs.
    pub policies: Vec<String>,
    /// Authority key identifier, hex.
    pub authority_key: Option<String>,
    /// Subject key identifier, hex.
    pub subject_key: Option<String>,
    /// Basic constraints say CA.
    pub is_authority: bool,
    issuer_der: Vec<u8>,
    subject_der: Vec<u8>,
    key: Vec<u8>,
    tbs: Vec<u8>,
    signature: Vec<u8>,
    algorithm: String,
}

/// Reads one certificate in DER, with nothing behind it.
pub fn certificate(der: &[u8]) -> Result<Certificate, DecodeError> {
    bounded("certificate", der)?;
    if der.len() > MAX_DER {
        return Err(DecodeError::new(
            "certificate",
            format!("at most {MAX_DER} bytes"),
            format!("{}", der.len()),
        ));
    }
    let (rest, parsed) = X509Certificate::from_der(der)
        .map_err(|e| DecodeError::new("certificate", "X.509 in DER", short(&e.to_string())))?;
    // The parser takes a primitive tag for the outer SEQUENCE, which no signature covers.
    if der.first() != Some(&0x30) {
        let found = format!("tag {:02x}", der[0]);
        return Err(DecodeError::new("certificate", "a SEQUENCE (30)", found));
    }
    if !rest.is_empty() {
        let found = format!("{} bytes more", rest.len());
        return Err(DecodeError::new("certificate", "nothing behind it", found));
    }
    let mut certificate = Certificate {
        issuer: parsed.issuer().to_string(),
        subject: parsed.subject().to_string(),
        common_name: parsed
            .subject()
            .iter_common_name()
            .find_map(|n| n.as_str().ok())
            .map(str::to_owned),
        serial: integer_hex(parsed.tbs_certificate.raw_serial()),
        not_before: parsed.validity().not_before.timestamp(),
        not_after: parsed.validity().not_after.timestamp(),
        digital_signature: None,
        signs_certificates: false,
        extended_usages: Vec::new(),
        policies: Vec::new(),
        authority_key: None,
        subject_key: None,
        is_authority: false,
        issuer_der: parsed.issuer().as_raw().to_vec(),
        subject_der: parsed.subject().as_raw().to_vec(),
        key: parsed.public_key().subject_public_key.data.to_vec(),
        tbs: parsed.tbs_certificate.as_ref().to_vec(),
        signature: parsed.signature_value.data.to_vec(),
        algorithm: parsed.signature_algorithm.algorithm.to_id_string(),
    };
    for extension in parsed.extensions() {
        certificate.note(extension.parsed_extension());
    }
    Ok(certificate)
}

impl Certificate {
    fn note(&mut self, extension: &ParsedExtension<'_>) {
        match extension {
            ParsedExtension::KeyUsage(usage) => {
                self.digital_signature = Some(usage.digital_signature());
                self.signs_certificates = usage.key_cert_sign();
            }
            ParsedExtension::ExtendedKeyUsage(usage) => self.extended_usages = extended(usage),
            ParsedExtension::CertificatePolicies(policies) => {
                self.policies = policies
                    .iter()
                    .map(|p| p.policy_id.to_id_string())
                    .collect();
            }
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key = id.key_identifier.as_ref().map(|k| hex::encode(k.0));
            }
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key = Some(hex::encode(id.0)),
            ParsedExtension::BasicConstraints(basic) => self.is_authority = basic.ca,
            _ => {}
        }
    }

    /// Whether `authority` issued this one: names, key identifiers where both are there, signature.
    pub fn issued_by(&self, authority: &Certificate) -> bool {
        let keys_meet = match (&self.authority_key, &authority.subject_key) {
            (Some(named), Some(own)) => named == own,
            _ => true,
        };
        keys_meet
            && self.issuer_der == authority.subject_der
            && self.algorithm == SHA256_WITH_RSA
            && authority.verifies(&self.tbs, &self.signature)
    }

    /// Whether the key inside made this PKCS#1 v1.5 SHA-256 signature over the message.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.key)
            .verify(message, signature)
            .is_ok()
    }
}

impl Certificate {
    /// Whether the key inside made this PKCS#1 v1.5 signature over a SHA-256 digest.
    pub fn verifies_digest(&self, digest: &[u8], signature: &[u8]) -> bool {
        let Ok(digest) = Digest::import_less_safe(digest, &SHA256) else {
            return false;
        };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.key)
            .verify_digest(&digest, signature)
            .is_ok()
    }

    /// Whether both certify the same key.
    pub fn shares_key(&self, other: &Certificate) -> bool {
        self.key == other.key
    }

    /// First day of validity, in Japan.
    pub fn first_day(&self) -> Option<Day> {
        Day::of_unix(self.not_before)
    }

    /// Last day of validity, in Japan.
    pub fn last_day(&self) -> Option<Day> {
        Day::of_unix(self.not_after)
    }
}

fn extended(usage: &x509_parser::extensions::ExtendedKeyUsage<'_>) -> Vec<String> {
    let known = [
        (usage.any, "2.5.29.37.0"),
        (usage.server_auth, "1.3.6.1.5.5.7.3.1"),
        (usage.client_auth, "1.3.6.1.5.5.7.3.2"),
        (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
        (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
        (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
        (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
    ];
    let named = known
        .into_iter()
        .filter(|(held, _)| *held)
        .map(|(_, oid)| oid.to_owned());
    named
        .chain(usage.other.iter().map(|oid| oid.to_id_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pki;
    use proptest::prelude::*;

    #[test]
    fn a_leaf_is_taken_apart_and_checked() {
        let leaf = certificate(&pki::leaf(&pki::Leaf::default())).unwrap();
        let authority = certificate(&pki::authority()).unwrap();
        let foreign = certificate(&pki::foreign_authority()).unwrap();
        assert_eq!(leaf.serial, "1001");
        assert_eq!(leaf.digital_signature, Some(true));
        assert_eq!(leaf.extended_usages, ["1.3.6.1.5.5.7.3.2"]);
        assert!(authority.is_authority && authority.signs_certificates && !leaf.is_authority);
        assert!(leaf.issued_by(&authority) && authority.issued_by(&authority));
        assert!(!leaf.issued_by(&foreign), "same name, other key");
        let signature = pki::sign(b"message", pki::Key::Card);
        assert!(leaf.verifies(b"message", &signature));
        assert!(
            !leaf.verifies(b"massage", &signature) && !authority.verifies(b"message", &signature)
        );
    }

    #[test]
    fn a_certificate_made_elsewhere_is_read() {
        let der = include_bytes!("../../testdata/openssl-leaf.der");
        let read = certificate(der).unwrap();
        assert_eq!(read.common_name.as_deref(), Some("9999910007"));
        assert_eq!(read.serial, "5eaf");
        let authority = certificate(include_bytes!("../../testdata/openssl-ca.der")).unwrap();
        assert!(read.issued_by(&authority));
    }

    #[test]
    fn broken_ones_say_so() {
        let mut der = pki::leaf(&pki::Leaf::default());
        der.push(0);
        assert_eq!(
            certificate(&der).unwrap_err().to_string(),
            "certificate: expected nothing behind it, found 1 bytes more"
        );
        let cut = certificate(&der[..100]).unwrap_err().to_string();
        assert!(
            cut.starts_with("certificate: expected X.509 in DER"),
            "{cut}"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = certificate(&bytes);
        }

        #[test]
        fn bent_certificates_never_panic_nor_verify(at in 0usize..600, bit in 0u8..8) {
            let mut der = pki::leaf(&pki::Leaf::default());
            let at = at % der.len();
            der[at] ^= 1 << bit;
            if let (Ok(bent), Ok(authority)) = (certificate(&der), certificate(&pki::authority())) {
                // Outside the signed part lie only the algorithm's name and the signature.
                prop_assert!(!bent.issued_by(&authority) || at + 276 >= der.len(), "byte {at}");
            }
        }
    }
}
