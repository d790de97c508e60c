//! The stand-in for the use of the authentication key without a PIN, as the interface describes it: a
//! terminal shows its certificate, the card gives a challenge, the terminal signs it. Whose certificates a
//! card takes is the card's to say; that a terminal proved itself can be checked here.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

/// Goes before the challenge in what the terminal signs.
const DOMAIN: &[u8] = b"SHIKAKU-SIM pinless 1";
/// Facility code, key and signature in a terminal's certificate.
const CERTIFICATE: usize = 10 + 32 + 64;
const CHALLENGE: usize = 32;

/// How far a terminal has come.
#[derive(Clone, Debug, Default)]
pub struct Pinless {
    key: Option<Vec<u8>>,
    challenge: Option<Vec<u8>>,
    /// Whether the authentication key may be used without the PIN.
    pub proved: bool,
}

impl Pinless {
    /// Whether a command belongs to the exchange.
    pub fn is_part(bytes: &[u8]) -> bool {
        matches!(
            bytes,
            [0x80, 0xA2, ..] | [0x00, 0x84, ..] | [0x00, 0x82, ..]
        )
    }

    /// Takes in a command of the exchange that the card answered with 9000 and this data. False when the card
    /// let a terminal through that had not proved itself.
    pub fn answered(&mut self, bytes: &[u8], data: &[u8]) -> bool {
        let given = bytes.get(5..).unwrap_or_default();
        match bytes {
            [0x80, 0xA2, ..] => {
                *self = Pinless::default();
                let whole = given.get(..CERTIFICATE);
                self.key = whole.map(|certificate| certificate[10..42].to_vec());
                true
            }
            [0x00, 0x84, ..] => {
                (self.proved, self.challenge) = (false, Some(data.to_vec()));
                true
            }
            _ => {
                let challenge = self.challenge.take();
                let signed = self.signed(challenge.as_deref().unwrap_or_default(), given);
                // What the card let through it will honour; it is blamed once.
                self.proved = true;
                signed
            }
        }
    }

    fn signed(&self, challenge: &[u8], given: &[u8]) -> bool {
        let (Some(key), Some(signature)) = (&self.key, given.get(..64)) else {
            return false;
        };
        let message = [DOMAIN, challenge].concat();
        let verifies = UnparsedPublicKey::new(&ED25519, key).verify(&message, signature);
        challenge.len() == CHALLENGE && verifies.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::chip::terminal;

    #[test]
    fn a_terminal_proves_itself_by_its_signature() {
        let challenge = [7; 32];
        let [present, get, right] = terminal(&challenge);
        let [.., other] = terminal(&[8; 32]);
        for (name, last, due) in [("right", &right, true), ("other challenge", &other, false)] {
            let mut pinless = Pinless::default();
            assert!(pinless.answered(&present, &[]));
            assert!(pinless.answered(&get, &challenge));
            assert!(!pinless.proved);
            assert_eq!(pinless.answered(last, &[]), due, "{name}");
        }
        let mut pinless = Pinless::default();
        assert!(
            !pinless.answered(&right, &[]),
            "no certificate, no challenge"
        );
        for part in [&present, &get, &right] {
            assert!(Pinless::is_part(part));
        }
        assert!(!Pinless::is_part(&[0x00, 0xB0, 0, 0, 0]));
    }
}
