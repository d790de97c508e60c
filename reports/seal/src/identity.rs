//! Who signs: a key and the certificates that say whose it is. The key is checked against its
//! certificate when it is handed in, so that a wrong pair is told before anything is written.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256,
};
use der::{Decode, Encode};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use x509_cert::Certificate;

use crate::SealError;
use crate::asn1;

const TEST_KEY: &str = include_str!("../test-identity/test-key.pem");
const TEST_LEAF: &str = include_str!("../test-identity/test-leaf.pem");
pub(crate) const TEST_CA: &str = include_str!("../test-identity/test-ca.pem");

/// RSA modulus lengths in bytes that are taken: 2048 to 4096 bits.
const RSA_LENGTHS: std::ops::RangeInclusive<usize> = 256..=512;

/// A key with its certificates, leaf first.
pub struct Identity {
    key: Key,
    leaf: Certificate,
    chain: Vec<Vec<u8>>,
    test: bool,
}

enum Key {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the key.
        f.debug_tuple("Identity").field(&self.subject()).finish()
    }
}

impl Identity {
    /// From a private key (PKCS#8, PKCS#1 or SEC 1) and its certificates (leaf first), both PEM.
    /// Errors when the key is encrypted, of another kind, or not that of the first certificate.
    pub fn from_pem(key_pem: &str, chain_pem: &str) -> Result<Identity, SealError> {
        let key = read_key(key_pem)?;
        let chain = read_certificates(chain_pem)?;
        let parsed = chain
            .iter()
            .map(|der| read_certificate(der))
            .collect::<Result<Vec<_>, _>>()?;
        let leaf = parsed.into_iter().next().ok_or_else(|| {
            SealError::Certificates(
                "the file holds no certificate. Hand in the signer's certificate and those above it, as PEM, the signer's first.".to_owned(),
            )
        })?;
        let named = leaf
            .tbs_certificate
            .subject_public_key_info
            .subject_public_key
            .raw_bytes();
        if named != key.public() {
            return Err(SealError::Key(format!(
                "it does not belong to the first certificate ({}). Hand in the key of that certificate, or put its own certificate first.",
                asn1::subject(&leaf)
            )));
        }
        let test = read_certificates(TEST_LEAF)?.first() == chain.first();
        Ok(Identity {
            key,
            leaf,
            chain,
            test,
        })
    }

    /// The published test identity, whose signature is nobody's.
    pub fn test() -> Result<Identity, SealError> {
        Identity::from_pem(TEST_KEY, &format!("{TEST_LEAF}{TEST_CA}"))
    }

    /// Whether this is the published test identity.
    pub fn is_test(&self) -> bool {
        self.test
    }

    /// The subject of the signer's certificate.
    pub fn subject(&self) -> String {
        asn1::subject(&self.leaf)
    }

    /// The certificates as DER, leaf first.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    pub(crate) fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// The algorithm's name as CMS writes it, and the signature over `message`.
    pub(crate) fn sign(
        &self,
        message: &[u8],
    ) -> Result<(x509_cert::spki::AlgorithmIdentifierOwned, Vec<u8>), SealError> {
        let own = |_| SealError::Own {
            what: "the signature",
            reason: "the crypto library refused".to_owned(),
        };
        let random = SystemRandom::new();
        match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(own)?;
                let mut algorithm = asn1::plain(asn1::RSA_SHA256);
                algorithm.parameters = Some(der::asn1::Any::null());
                Ok((algorithm, signature))
            }
            Key::P256(key) => {
                let signature = key.sign(&random, message).map_err(own)?;
                Ok((asn1::plain(asn1::ECDSA_SHA256), signature.as_ref().to_vec()))
            }
        }
    }
}

impl Key {
    /// As it stands in a certificate's bit string.
    fn public(&self) -> &[u8] {
        match self {
            Key::Rsa(key) => key.public_key().as_ref(),
            Key::P256(key) => key.public_key().as_ref(),
        }
    }
}

fn read_key(pem: &str) -> Result<Key, SealError> {
    let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| {
        SealError::Key(if pem.contains("ENCRYPTED") {
            "it is encrypted. Hand in an unencrypted copy from a protected place (openssl pkey -in FILE), and remove it afterwards.".to_owned()
        } else {
            format!("the file holds no private key in PEM form ({error}). Hand in PKCS#8, PKCS#1 or SEC 1 as PEM.")
        })
    })?;
    let bytes = der.secret_der();
    let rsa = RsaKeyPair::from_pkcs8(bytes).or_else(|_| RsaKeyPair::from_der(bytes));
    if let Ok(key) = rsa {
        let bits = key.public_modulus_len() * 8;
        if !RSA_LENGTHS.contains(&key.public_modulus_len()) {
            return Err(SealError::Key(format!(
                "RSA with {bits} bits. Take one of 2048, 3072 or 4096 bits."
            )));
        }
        return Ok(Key::Rsa(key));
    }
    EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_ASN1_SIGNING, bytes)
        .map(Key::P256)
        .map_err(|_| {
            SealError::Key(
                "it is neither RSA of 2048 to 4096 bits nor ECDSA on P-256, or it is damaged. Take one of these.".to_owned(),
            )
        })
}

/// Every certificate of a PEM text, as DER.
pub(crate) fn read_certificates(pem: &str) -> Result<Vec<Vec<u8>>, SealError> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .map(|found| match found {
            Ok(der) => Ok(der.to_vec()),
            Err(error) => Err(SealError::Certificates(format!(
                "the file is no whole PEM ({error}). Hand in certificates as PEM."
            ))),
        })
        .collect()
}

fn read_certificate(bytes: &[u8]) -> Result<Certificate, SealError> {
    let refused = |reason: String| {
        SealError::Certificates(format!(
            "one of them cannot be used ({reason}). Its issuer must issue it in DER; take another."
        ))
    };
    let certificate = Certificate::from_der(bytes).map_err(|e| refused(e.to_string()))?;
    // What is embedded is written anew; a certificate that would change by that would be broken.
    match certificate.to_der() {
        Ok(again) if again == bytes => Ok(certificate),
        _ => Err(refused("its encoding is not DER".to_owned())),
    }
}
