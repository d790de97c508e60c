//! The language of vpcd: two length bytes, then that many bytes. One byte alone is an order to the
//! card's power, everything else a command that needs an answer, or the reader hangs for ever.

use virtual_card::Card;

const POWER_OFF: u8 = 0x00;
const POWER_ON: u8 = 0x01;
const RESET: u8 = 0x02;
const GIVE_ATR: u8 = 0x04;

/// What a reader is told when the card is mute: `6F00`, no precise diagnosis. Silence would block it.
const MUTE: [u8; 2] = [0x6F, 0x00];

/// What a reader is told in place of the answer to reset that a dead chip does not give: an empty frame
/// would block it, and no answer to reset begins with this byte.
const NO_ATR: [u8; 1] = [0x00];

/// An answer that two length bytes cannot announce.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the card gave a response of {length} bytes and vpcd carries at most 65535; the command must ask for less"
)]
pub struct TooLong {
    /// Bytes of the response.
    pub length: usize,
}

/// Takes whole frames out of the bytes received so far, however they were cut.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    received: Vec<u8>,
}

impl Inbox {
    /// Adds received bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
    }

    /// The next whole frame's body, if it is there.
    pub(crate) fn next(&mut self) -> Option<Vec<u8>> {
        let (header, rest) = self.received.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*header));
        let body = rest.get(..length)?.to_vec();
        self.received.drain(..2 + length);
        Some(body)
    }
}

/// Does what a frame says to the card. `None` for orders that are not answered.
pub(crate) fn answer(card: &mut Card, body: &[u8]) -> Option<Vec<u8>> {
    match body {
        [POWER_OFF] => {
            card.power_off();
            None
        }
        [POWER_ON] => {
            card.power_on();
            None
        }
        [RESET] => {
            card.reset();
            None
        }
        [GIVE_ATR] => match card.atr() {
            [] => Some(NO_ATR.to_vec()),
            atr => Some(atr.to_vec()),
        },
        command => {
            let response = card.handle(command);
            match response.is_empty() {
                true => Some(MUTE.to_vec()),
                false => Some(response),
            }
        }
    }
}

/// The frame around an answer, to be written in one piece.
pub(crate) fn frame(body: &[u8]) -> Result<Vec<u8>, TooLong> {
    let length = u16::try_from(body.len()).map_err(|_| TooLong { length: body.len() })?;
    Ok([length.to_be_bytes().as_slice(), body].concat())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use jiff::civil::date;
    use std::sync::Arc;
    use virtual_card::{
        ATR_CONTACTLESS, CardContents, CardKey, CardProfile, Credential, Holder, Reference,
    };

    const CERTIFICATE: &[u8] =
        include_bytes!("../../card/tests/keys/test-certificate-authentication.der");
    const KEY: &[u8] = include_bytes!("../../card/tests/keys/test-key-authentication.pk8");

    /// A card without signing certificate, PIN 1234.
    pub(crate) fn card() -> Card {
        let contents = CardContents {
            authentication: Credential {
                certificate: CERTIFICATE.to_vec(),
                ca_certificate: CERTIFICATE.to_vec(),
                key: CardKey::from_pkcs8(KEY).unwrap(),
                secret: Some("1234".to_owned()),
            },
            signing: None,
            holder: Holder {
                name: "模擬　花子".to_owned(),
                address: "模擬県模擬市".to_owned(),
                birth: date(1980, 2, 17),
                sex: '2',
            },
            photo: None,
            security_code: "2285".to_owned(),
            expires_on: date(2035, 2, 17),
            individual_number: "123456789010".to_owned(),
            text_pin: None,
            terminal_authority: [0; 32],
            seed: [1; 32],
            profile: CardProfile::default(),
        };
        Card::issue(contents, Arc::new(Reference)).unwrap()
    }

    #[test]
    fn orders_reach_the_power_of_the_card() {
        let mut card = card();
        type Row<'a> = (&'a [u8], Option<&'a [u8]>, bool);
        let table: [Row; 8] = [
            (&[0x04], Some(&ATR_CONTACTLESS), false),
            (&[0x00, 0x84, 0x00, 0x00], Some(&MUTE), false),
            (&[0x01], None, true),
            (&[0x02], None, true),
            (&[], Some(&[0x67, 0x00]), true),
            (&[0x03], Some(&[0x67, 0x00]), true),
            (&[0x00, 0xB0, 0x00, 0x00, 0x04], Some(&[0x69, 0x86]), true),
            (&[0x00], None, false),
        ];
        for (body, expected, powered) in table {
            assert_eq!(answer(&mut card, body).as_deref(), expected, "{body:02X?}");
            assert_eq!(card.is_powered(), powered, "{body:02X?}");
        }
    }

    #[test]
    fn a_dead_chip_is_told_from_silence() {
        let mut card = card();
        card.power_on();
        card.tamper();
        for (body, expected) in [
            ([0x04].as_slice(), Some(NO_ATR.as_slice())),
            (&[0x01], None),
            (&[0x02], None),
            (&[0x00, 0x84, 0x00, 0x00, 0x08], Some(&MUTE)),
        ] {
            assert_eq!(answer(&mut card, body).as_deref(), expected, "{body:02X?}");
        }
        assert!(!card.is_powered());
    }

    #[test]
    fn frames_come_out_whole_however_they_arrive() {
        let stream = [
            0x00, 0x01, 0x04, 0x00, 0x00, 0x00, 0x03, 0xAA, 0xBB, 0xCC, 0x00,
        ];
        let expected = vec![vec![0x04], vec![], vec![0xAA, 0xBB, 0xCC]];
        for size in 1..=stream.len() {
            let mut inbox = Inbox::default();
            let mut frames = Vec::new();
            for piece in stream.chunks(size) {
                inbox.push(piece);
                frames.extend(std::iter::from_fn(|| inbox.next()));
            }
            assert_eq!(frames, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn an_answer_too_long_for_its_frame_is_refused() {
        assert_eq!(frame(&[0xAA]), Ok(vec![0x00, 0x01, 0xAA]));
        assert_eq!(frame(&vec![0; 65_535]).map(|frame| frame.len()), Ok(65_537));
        assert_eq!(frame(&vec![0; 65_536]), Err(TooLong { length: 65_536 }));
    }
}
