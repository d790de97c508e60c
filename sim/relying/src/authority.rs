//! A trusted certification authority, read once when a house opens: its name, its key ready to
//! verify with, and the two hashes by which the revocation service knows it.

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use der::oid::ObjectIdentifier;
use der::{Decode, Encode, Reader, SliceReader};
use sha1::{Digest, Sha1};
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

/// sha256WithRSAEncryption, the only signature algorithm of the hierarchy.
pub(crate) const SHA256_WITH_RSA: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Why a configured authority's certificate cannot be used: the configuration is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// None was configured.
    #[error("no certificate of a user-authentication authority is configured: give at least one")]
    None,
    /// Not a certificate.
    #[error(
        "authority certificate {index} is no DER X.509 certificate ({said}): correct the configuration"
    )]
    Unreadable {
        /// Place in the configured list, counted from 1.
        index: usize,
        /// What the reader said.
        said: String,
    },
    /// A key this hierarchy does not use.
    #[error(
        "authority certificate {index} has no RSA key of 2048 to 8192 bits: correct the configuration"
    )]
    Key {
        /// Place in the configured list, counted from 1.
        index: usize,
    },
    /// Without it no certificate can be tied to this key.
    #[error(
        "authority certificate {index} has no subject key identifier: correct the configuration"
    )]
    KeyIdentifier {
        /// Place in the configured list, counted from 1.
        index: usize,
    },
}

/// A trusted authority.
pub struct Authority {
    pub(crate) name: Name,
    pub(crate) serial: SerialNumber,
    pub(crate) key_identifier: Vec<u8>,
    pub(crate) key: ParsedPublicKey,
    pub(crate) name_hash: [u8; 20],
    pub(crate) key_hash: [u8; 20],
}

impl Authority {
    /// Reads all configured authorities; one that cannot be used is an error, not a gap.
    pub fn read_all(certificates: &[Vec<u8>]) -> Result<Vec<Self>, AuthorityError> {
        if certificates.is_empty() {
            return Err(AuthorityError::None);
        }
        certificates
            .iter()
            .enumerate()
            .map(|(at, der)| Self::read(at + 1, der))
            .collect()
    }

    fn read(index: usize, certificate: &[u8]) -> Result<Self, AuthorityError> {
        let unreadable = |e: der::Error| AuthorityError::Unreadable {
            index,
            said: e.to_string(),
        };
        let tbs = Certificate::from_der(certificate)
            .map_err(unreadable)?
            .tbs_certificate;
        let identifier = tbs.get::<SubjectKeyIdentifier>().map_err(unreadable)?;
        let (_, identifier) = identifier.ok_or(AuthorityError::KeyIdentifier { index })?;
        let key = rsa_key(&tbs.subject_public_key_info).ok_or(AuthorityError::Key { index })?;
        let name = tbs.subject.to_der().map_err(unreadable)?;
        Ok(Self {
            key_identifier: identifier.0.into_bytes(),
            name_hash: Sha1::digest(name).into(),
            key_hash: key_hash(&tbs.subject_public_key_info),
            name: tbs.subject,
            serial: tbs.serial_number,
            key,
        })
    }
}

/// An RSA key ready to verify PKCS#1 v1.5 signatures with SHA-256; none for any other key.
pub(crate) fn rsa_key(info: &SubjectPublicKeyInfoOwned) -> Option<ParsedPublicKey> {
    if info.algorithm.oid != RSA_ENCRYPTION {
        return None;
    }
    let bits = info.subject_public_key.as_bytes()?;
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, bits).ok()
}

/// SHA-1 of the key's bits, the identifier of RFC 5280 4.2.1.2 (1) and of OCSP.
pub(crate) fn key_hash(info: &SubjectPublicKeyInfoOwned) -> [u8; 20] {
    Sha1::digest(info.subject_public_key.raw_bytes()).into()
}

/// The first element of a SEQUENCE exactly as it came: what a signature is over. Writing the parsed
/// form out again could differ from what was signed.
pub(crate) fn signed_part(der: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(der).ok()?;
    let header = der::Header::decode(&mut reader).ok()?;
    header.tag.assert_eq(der::Tag::Sequence).ok()?;
    reader.tlv_bytes().ok()
}
