//! The keys behind the text and surface applications: who certifies the municipality, the municipality
//! that signs the files, and the chip's own. Test keys shared by all simulated cards; loaded when a file
//! with a signature is first read, so that issuing a card costs nothing.

use crate::key::{CardKey, SIGNATURE_LENGTH, SignFailure};
use aws_lc_rs::digest;
use aws_lc_rs::signature::KeyPair;
use std::sync::LazyLock;
use wire::apdu::sha256_digest_info;

/// One of the three keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// Certifies municipalities.
    Authority,
    /// Signs the files of the cards it issued.
    Municipality,
    /// The chip's own, usable without any secret: it proves a genuine chip.
    Chip,
}

static AUTHORITY: LazyLock<Option<CardKey>> =
    LazyLock::new(|| load(include_bytes!("../keys/face-authority.pk8")));
static MUNICIPALITY: LazyLock<Option<CardKey>> =
    LazyLock::new(|| load(include_bytes!("../keys/face-municipality.pk8")));
static CHIP: LazyLock<Option<CardKey>> =
    LazyLock::new(|| load(include_bytes!("../keys/face-chip.pk8")));

fn load(pkcs8: &[u8]) -> Option<CardKey> {
    CardKey::from_pkcs8(pkcs8).ok()
}

impl Stamp {
    /// The key itself. It fails only if the key built in is broken.
    pub(crate) fn key(self) -> Result<&'static CardKey, SignFailure> {
        let key = match self {
            Stamp::Authority => &AUTHORITY,
            Stamp::Municipality => &MUNICIPALITY,
            Stamp::Chip => &CHIP,
        };
        key.as_ref().ok_or(SignFailure::Key)
    }

    /// The public key as the card's files keep one: `90 03 010001 91 820100` modulus.
    pub(crate) fn public(self) -> Result<Vec<u8>, SignFailure> {
        let public = self.key()?.pair().public_key();
        // RSAPublicKey in DER: with 2 048 bits and exponent 65537 the modulus always lies there.
        let modulus = public.as_ref().get(9..9 + SIGNATURE_LENGTH);
        let head: [u8; 9] = [0x90, 0x03, 0x01, 0x00, 0x01, 0x91, 0x82, 0x01, 0x00];
        Ok([&head, modulus.ok_or(SignFailure::Key)?].concat())
    }

    /// sha256WithRSA over a message.
    pub(crate) fn signature(self, message: &[u8]) -> Result<Vec<u8>, SignFailure> {
        let mut hash = [0; 32];
        hash.copy_from_slice(sha256(message).as_ref());
        self.signature_of_info(&sha256_digest_info(&hash))
    }

    /// PKCS#1 v1.5 around a DigestInfo as given.
    pub(crate) fn signature_of_info(self, info: &[u8]) -> Result<Vec<u8>, SignFailure> {
        self.key()?.pad_and_sign(info)
    }
}

/// SHA-256.
pub(crate) fn sha256(message: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, message)
}
