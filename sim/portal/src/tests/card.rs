//! A card just good enough for the device: it counts PIN tries, hands out a certificate and signs.

use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use card_driver::{Slot, SlotError};
use wire::apdu::{JPKI_APPLICATION, file};
use world::Key;

/// What lies in the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    MyNumberCard,
    /// Some other card, without the JPKI application.
    Other,
    /// Nothing.
    Absent,
    /// A card that signs something else than it was asked to.
    SignsOtherwise,
    /// A card that answers nonsense.
    Broken,
}

pub(super) struct Card {
    pub(super) kind: Kind,
    pub(super) pin: &'static str,
    pub(super) tries_left: u8,
    pub(super) certificate: Vec<u8>,
    pub(super) key: Key,
    /// How often VERIFY carried a PIN.
    pub(super) presented: usize,
    selected: u16,
    verified: bool,
}

impl Card {
    pub(super) fn new(certificate: Vec<u8>, key: Key) -> Self {
        Card {
            kind: Kind::MyNumberCard,
            pin: "0417",
            tries_left: 3,
            certificate,
            key,
            presented: 0,
            selected: 0,
            verified: false,
        }
    }

    fn verify(&mut self, pin: &[u8]) -> Vec<u8> {
        if !pin.is_empty() {
            self.presented += 1;
        }
        self.verified = false;
        match (pin, self.tries_left) {
            (_, 0) => vec![0x69, 0x84],
            ([], left) => vec![0x63, 0xC0 | left],
            (right, _) if right == self.pin.as_bytes() => {
                (self.tries_left, self.verified) = (3, true);
                vec![0x90, 0x00]
            }
            _ => {
                self.tries_left -= 1;
                vec![0x63, 0xC0 | self.tries_left]
            }
        }
    }

    fn sign(&self, digest_info: &[u8]) -> Vec<u8> {
        if !self.verified || self.selected != file::AUTHENTICATION_KEY {
            return vec![0x69, 0x82];
        }
        let mut hash = digest_info[digest_info.len() - 32..].to_vec();
        if self.kind == Kind::SignsOtherwise {
            hash[0] ^= 1;
        }
        let digest = Digest::import_less_safe(&hash, &SHA256).unwrap();
        let mut signature = vec![0; 256];
        self.key
            .pair
            .sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature)
            .unwrap();
        [&signature[..], &[0x90, 0x00]].concat()
    }

    fn handle(&mut self, command: &[u8]) -> Vec<u8> {
        match command {
            [0x00, 0xA4, 0x04, _, length, name @ ..] => {
                let known = name.get(..usize::from(*length)) == Some(&JPKI_APPLICATION[..]);
                match known && self.kind != Kind::Other {
                    true => vec![0x90, 0x00],
                    false => vec![0x6A, 0x82],
                }
            }
            [0x00, 0xA4, 0x02, _, 2, high, low] => {
                self.selected = u16::from_be_bytes([*high, *low]);
                vec![0x90, 0x00]
            }
            [0x00, 0x20, 0x00, 0x80] => self.verify(&[]),
            [0x00, 0x20, 0x00, 0x80, _, pin @ ..] => self.verify(pin),
            [0x00, 0xB0, high, low, wanted] => {
                let offset = usize::from(u16::from_be_bytes([*high, *low]));
                let wanted = if *wanted == 0 {
                    256
                } else {
                    usize::from(*wanted)
                };
                let end = (offset + wanted).min(self.certificate.len());
                [&self.certificate[offset..end], &[0x90, 0x00]].concat()
            }
            [0x80, 0x2A, _, _, length, rest @ ..] => self.sign(&rest[..usize::from(*length)]),
            other => panic!("no such command: {other:02X?}"),
        }
    }
}

/// Where the card lies; sharing it by cloning.
#[derive(Clone)]
pub(super) struct TestSlot(pub(super) Arc<Mutex<Card>>);

impl Slot for TestSlot {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, SlotError> {
        let mut card = self.0.lock().unwrap();
        match card.kind {
            Kind::Absent => Err(SlotError::NoCard),
            Kind::Broken => Ok(vec![0x6F]),
            _ => Ok(card.handle(command)),
        }
    }
}
