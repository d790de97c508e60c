//! A private key on the card and the one thing it does: sign what the terminal hands over. The
//! usual SHA-256 DigestInfo goes through the fast library; anything odd through the one that pads
//! whatever it is given. Loading is dear, so a key is loaded once and shared by all its cards.

use crate::chance::Chance;
use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use rsa::pkcs8::DecodePrivateKey;
use rsa::{Pkcs1v15Sign, Pss, RsaPrivateKey};
use sha2::Sha256;
use std::fmt;
use std::sync::{Arc, OnceLock};
use wire::apdu::{SHA256_DIGEST_INFO_HEADER, sha256_digest_info, signature_input};

/// Bytes of the modulus, and so of every signature.
pub(crate) const SIGNATURE_LENGTH: usize = 256;

/// Longest input that PKCS#1 v1.5 padding leaves room for.
const LONGEST_INPUT: usize = SIGNATURE_LENGTH - 11;

/// Why a key cannot go onto a card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not an RSA private key in PKCS#8.
    #[error(
        "the issuer handed over a private key that is not an RSA key in PKCS#8 DER ({reason}); hand over the DER bytes, not PEM"
    )]
    NotRsaPkcs8 {
        /// What the library said.
        reason: String,
    },
    /// Not 2 048 bits.
    #[error(
        "the issuer handed over an RSA key of {bits} bits; this card generation has RSA-2048 only"
    )]
    WrongSize {
        /// Bits of the modulus.
        bits: usize,
    },
}

/// Why no signature came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignFailure {
    /// The input has a length this kind of input cannot have.
    Length,
    /// There is no such kind of input.
    UnknownInput,
    /// The key itself failed.
    Key,
}

/// An RSA-2048 private key, loaded. Clones share the loaded key.
#[derive(Clone)]
pub struct CardKey {
    usual: Arc<KeyPair>,
    pkcs8: Arc<[u8]>,
    odd: Arc<OnceLock<Option<RsaPrivateKey>>>,
}

impl CardKey {
    /// Loads a key from PKCS#8 DER.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<CardKey, KeyError> {
        let pair = KeyPair::from_pkcs8(pkcs8).map_err(|reason| KeyError::NotRsaPkcs8 {
            reason: reason.to_string(),
        })?;
        CardKey::from_loaded(Arc::new(pair), pkcs8.into())
    }

    /// Takes a key already loaded elsewhere, with the PKCS#8 DER it was loaded from.
    pub fn from_loaded(pair: Arc<KeyPair>, pkcs8: Arc<[u8]>) -> Result<CardKey, KeyError> {
        let bits = pair.public_modulus_len() * 8;
        if bits != SIGNATURE_LENGTH * 8 {
            return Err(KeyError::WrongSize { bits });
        }
        Ok(CardKey {
            usual: pair,
            pkcs8,
            odd: Arc::new(OnceLock::new()),
        })
    }

    /// The loaded key pair, to share or to ask for the public key.
    pub fn pair(&self) -> &Arc<KeyPair> {
        &self.usual
    }

    /// The key itself, for a card that gives away what it never may.
    pub(crate) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// A signature as COMPUTE SIGNATURE defines it: `input` is P1, `data` its data.
    pub(crate) fn sign(
        &self,
        input: u8,
        data: &[u8],
        chance: &mut Chance,
    ) -> Result<Vec<u8>, SignFailure> {
        match input {
            signature_input::AS_GIVEN => self.pad_and_sign(data),
            signature_input::MESSAGE_BARE_HASH => self.pad_and_sign(&sha256(data)),
            signature_input::HASH => self.pad_and_sign(&sha256_digest_info(hash(data)?)),
            signature_input::MESSAGE => self.pad_and_sign(&sha256_digest_info(&sha256(data))),
            signature_input::HASH_PSS => self.sign_pss(hash(data)?, chance),
            signature_input::MESSAGE_PSS => self.sign_pss(&sha256(data), chance),
            _ => Err(SignFailure::UnknownInput),
        }
    }

    /// PKCS#1 v1.5 around the data as given, 1 to 245 bytes.
    pub(crate) fn pad_and_sign(&self, data: &[u8]) -> Result<Vec<u8>, SignFailure> {
        if data.is_empty() || data.len() > LONGEST_INPUT {
            return Err(SignFailure::Length);
        }
        match data.strip_prefix(SHA256_DIGEST_INFO_HEADER.as_slice()) {
            Some(hash) if hash.len() == digest::SHA256_OUTPUT_LEN => self.sign_hash(hash),
            _ => self.sign_as_given(data),
        }
    }

    fn sign_hash(&self, hash: &[u8]) -> Result<Vec<u8>, SignFailure> {
        let hash =
            Digest::import_less_safe(hash, &digest::SHA256).map_err(|_| SignFailure::Length)?;
        let mut signature = vec![0; SIGNATURE_LENGTH];
        self.usual
            .sign_digest(&RSA_PKCS1_SHA256, &hash, &mut signature)
            .map_err(|_| SignFailure::Key)?;
        Ok(signature)
    }

    fn sign_as_given(&self, data: &[u8]) -> Result<Vec<u8>, SignFailure> {
        self.odd_key()?
            .sign(Pkcs1v15Sign::new_unprefixed(), data)
            .map_err(|_| SignFailure::Key)
    }

    // The length of the salt on a real card is not known; that of the hash is the usual one.
    fn sign_pss(&self, hash: &[u8; 32], chance: &mut Chance) -> Result<Vec<u8>, SignFailure> {
        self.odd_key()?
            .sign_with_rng(chance, Pss::new_with_salt::<Sha256>(hash.len()), hash)
            .map_err(|_| SignFailure::Key)
    }

    fn odd_key(&self) -> Result<&RsaPrivateKey, SignFailure> {
        self.odd
            .get_or_init(|| RsaPrivateKey::from_pkcs8_der(&self.pkcs8).ok())
            .as_ref()
            .ok_or(SignFailure::Key)
    }
}

impl fmt::Debug for CardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardKey(hidden)")
    }
}

fn sha256(message: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, message).as_ref());
    hash
}

fn hash(data: &[u8]) -> Result<&[u8; 32], SignFailure> {
    data.try_into().map_err(|_| SignFailure::Length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{
        KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
    };

    const TEST_KEY: &[u8] = include_bytes!("../tests/keys/test-key-sign.pk8");
    const OTHER_SIZE: &[u8] = include_bytes!("../tests/keys/test-key-3072.pk8");

    fn key() -> CardKey {
        CardKey::from_pkcs8(TEST_KEY).unwrap()
    }

    fn chance() -> Chance {
        Chance::new([1; 32])
    }

    #[test]
    fn both_libraries_give_the_same_bytes() {
        let key = key();
        for message in [&b""[..], b"a", &[0xFF; 300]] {
            let hash = sha256(message);
            assert_eq!(
                key.sign_hash(&hash),
                key.sign_as_given(&sha256_digest_info(&hash))
            );
        }
    }

    #[test]
    fn every_kind_of_input_verifies_elsewhere() {
        let key = key();
        let message = b"message";
        let hash = sha256(message);
        let plain = &RSA_PKCS1_2048_8192_SHA256;
        let pss = &RSA_PSS_2048_8192_SHA256;
        let info = sha256_digest_info(&hash);
        let table: [(
            u8,
            &[u8],
            &'static dyn aws_lc_rs::signature::VerificationAlgorithm,
        ); 5] = [
            (signature_input::AS_GIVEN, &info, plain),
            (signature_input::HASH, &hash, plain),
            (signature_input::MESSAGE, message, plain),
            (signature_input::HASH_PSS, &hash, pss),
            (signature_input::MESSAGE_PSS, message, pss),
        ];
        for (input, data, algorithm) in table {
            let signature = key.sign(input, data, &mut chance()).unwrap();
            assert_eq!(signature.len(), SIGNATURE_LENGTH);
            UnparsedPublicKey::new(algorithm, key.pair().public_key().as_ref())
                .verify(message, &signature)
                .unwrap_or_else(|_| panic!("input {input:02X}"));
        }
    }

    #[test]
    fn a_bare_hash_is_padded_without_digest_info() {
        let key = key();
        let public = key.odd_key().unwrap().to_public_key();
        let signature = key
            .sign(signature_input::MESSAGE_BARE_HASH, b"m", &mut chance())
            .unwrap();
        public
            .verify(Pkcs1v15Sign::new_unprefixed(), &sha256(b"m"), &signature)
            .unwrap();
    }

    #[test]
    fn inputs_of_impossible_length_are_refused() {
        let table = [
            (signature_input::AS_GIVEN, 0, Some(SignFailure::Length)),
            (signature_input::AS_GIVEN, 1, None),
            (signature_input::AS_GIVEN, 245, None),
            (signature_input::AS_GIVEN, 246, Some(SignFailure::Length)),
            (signature_input::HASH, 31, Some(SignFailure::Length)),
            (signature_input::HASH, 33, Some(SignFailure::Length)),
            (signature_input::HASH_PSS, 33, Some(SignFailure::Length)),
            (6, 32, Some(SignFailure::UnknownInput)),
        ];
        for (input, length, failure) in table {
            let result = key().sign(input, &vec![0x5A; length], &mut chance());
            assert_eq!(result.err(), failure, "input {input}, {length} bytes");
        }
    }

    #[test]
    fn foreign_keys_are_refused_with_the_reason() {
        assert_eq!(
            CardKey::from_pkcs8(OTHER_SIZE).err(),
            Some(KeyError::WrongSize { bits: 3072 })
        );
        for bytes in [&TEST_KEY[..100], b"-----BEGIN PRIVATE KEY-----", b""] {
            assert!(matches!(
                CardKey::from_pkcs8(bytes),
                Err(KeyError::NotRsaPkcs8 { .. })
            ));
        }
    }
}
