//! What the terminal asks of a card, command by command, as public clients do it
//! (facts/card.md 4 and 5): tries left, PIN, certificate, signature. Every response is distrusted.

use sha2::{Digest, Sha256};
use wire::apdu::{self, ApduError, Command, Response, StatusWord, file, signature_input};

use super::{Slot, SlotError};
use crate::secret::{Secret, wipe};

/// Largest certificate read, in bytes; JPKI's have about 1,600.
const MAX_CERTIFICATE: usize = 8 * 1024;
const CHUNK: usize = 256;

/// What is kept of a right PIN until the visit ends: never the PIN.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verified {
    pub(super) remark: Option<String>,
}

/// Why the card did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CardError {
    #[error(transparent)]
    Slot(#[from] SlotError),
    #[error("the card has no JPKI application; place a My Number card")]
    NotMyNumberCard,
    #[error("the PIN is wrong, {tries_left} tries are left")]
    WrongPin { tries_left: u8 },
    #[error("the PIN is locked; the municipality's counter can reset it")]
    PinLocked,
    #[error("the card answered {doing} with {status}; the card is at fault, try another")]
    Status {
        doing: &'static str,
        status: StatusWord,
    },
    #[error("the card's answer to {doing} is malformed: {said}; the card is at fault, try another")]
    Malformed { doing: &'static str, said: String },
}

/// A card in a slot.
pub(super) struct Card {
    slot: Box<dyn Slot>,
}

impl Card {
    pub(super) fn new(slot: Box<dyn Slot>) -> Self {
        Card { slot }
    }

    fn send(&mut self, doing: &'static str, command: &Command) -> Result<Response, CardError> {
        let answer = self.slot.transmit(&command.to_bytes())?;
        parsed(doing, &answer)
    }

    /// Sends a command that must succeed.
    fn done(&mut self, doing: &'static str, command: &Command) -> Result<Vec<u8>, CardError> {
        let response = self.send(doing, command)?;
        match response.status {
            StatusWord::OK => Ok(response.data),
            status => Err(CardError::Status { doing, status }),
        }
    }

    /// Selects the JPKI application and its PIN; gives the tries left.
    pub(super) fn ready(&mut self) -> Result<u8, CardError> {
        let select = composed("SELECT", apdu::select_application(&apdu::JPKI_APPLICATION))?;
        let mut status = self.send("SELECT", &select)?.status;
        if status == StatusWord::NO_DIAGNOSIS {
            // The first command after power-up has been seen to fail so on a real card.
            status = self.send("SELECT", &select)?.status;
        }
        match status {
            StatusWord::OK => {}
            StatusWord::FILE_NOT_FOUND => return Err(CardError::NotMyNumberCard),
            status => {
                return Err(CardError::Status {
                    doing: "SELECT",
                    status,
                });
            }
        }
        self.done(
            "SELECT of the PIN",
            &apdu::select_file(file::AUTHENTICATION_PIN),
        )?;
        let status = self
            .send("the question for tries left", &apdu::verify_query())?
            .status;
        match (status.tries_left(), status) {
            (Some(left), _) => Ok(left),
            (None, StatusWord::BLOCKED | StatusWord::BLOCKED_ISO) => Ok(0),
            (None, status) => Err(CardError::Status {
                doing: "the question for tries left",
                status,
            }),
        }
    }

    /// Presents the PIN to the file `ready` selected.
    pub(super) fn verify(&mut self, pin: &Secret) -> Result<(), CardError> {
        // Composed here, not by `apdu::verify`, so that the only copy of the PIN can be wiped.
        let mut command = apdu::verify_query().to_bytes();
        command.reserve_exact(1 + pin.bytes().len());
        command.push(u8::try_from(pin.bytes().len()).unwrap_or(u8::MAX));
        command.extend_from_slice(pin.bytes());
        let answer = self.slot.transmit(&command);
        wipe(&mut command);
        let status = parsed("VERIFY", &answer?)?.status;
        match (status.tries_left(), status) {
            (_, StatusWord::OK) => Ok(()),
            (Some(tries_left), _) => Err(CardError::WrongPin { tries_left }),
            (None, StatusWord::BLOCKED | StatusWord::BLOCKED_ISO) => Err(CardError::PinLocked),
            (None, status) => Err(CardError::Status {
                doing: "VERIFY",
                status,
            }),
        }
    }

    /// Reads the user-authentication certificate, DER.
    pub(super) fn certificate(&mut self) -> Result<Vec<u8>, CardError> {
        const DOING: &str = "READ BINARY of the certificate";
        self.done(
            "SELECT of the certificate",
            &apdu::select_file(file::AUTHENTICATION_CERTIFICATE),
        )?;
        let header = self.done(DOING, &composed(DOING, apdu::read_binary(0, 4))?)?;
        let total = der_length(&header).ok_or_else(|| CardError::Malformed {
            doing: DOING,
            said: format!(
                "it begins with {}, which is no certificate",
                hex::encode_upper(&header)
            ),
        })?;
        let mut certificate = Vec::with_capacity(total);
        while certificate.len() < total {
            let wanted = CHUNK.min(total - certificate.len());
            // Below MAX_CERTIFICATE, so both fit.
            let offset = u16::try_from(certificate.len()).unwrap_or(u16::MAX);
            let command = composed(
                DOING,
                apdu::read_binary(offset, u32::try_from(wanted).unwrap_or(1)),
            )?;
            let chunk = self.done(DOING, &command)?;
            if chunk.is_empty() || chunk.len() > wanted {
                let said = format!(
                    "{} bytes where {wanted} were asked for at {offset}",
                    chunk.len()
                );
                return Err(CardError::Malformed { doing: DOING, said });
            }
            certificate.extend_from_slice(&chunk);
        }
        Ok(certificate)
    }

    /// Signs with the user-authentication key, PKCS#1 v1.5 with SHA-256; `verify` came before.
    pub(super) fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, CardError> {
        const DOING: &str = "COMPUTE SIGNATURE";
        self.done(
            "SELECT of the key",
            &apdu::select_file(file::AUTHENTICATION_KEY),
        )?;
        let info = apdu::sha256_digest_info(&Sha256::digest(message).into());
        let signature = self.done(
            DOING,
            &composed(
                DOING,
                apdu::compute_signature(signature_input::AS_GIVEN, &info),
            )?,
        )?;
        match signature.len() {
            256 => Ok(signature),
            other => Err(CardError::Malformed {
                doing: DOING,
                said: format!("{other} bytes, not 256"),
            }),
        }
    }
}

fn parsed(doing: &'static str, answer: &[u8]) -> Result<Response, CardError> {
    Response::parse(answer).map_err(|e| CardError::Malformed {
        doing,
        said: e.to_string(),
    })
}

/// The commands here are all composable; an error would be ours, and still only ends the visit.
fn composed(
    doing: &'static str,
    command: Result<Command, ApduError>,
) -> Result<Command, CardError> {
    command.map_err(|e| CardError::Malformed {
        doing,
        said: e.to_string(),
    })
}

/// Whole length of the DER SEQUENCE that begins so; none when it is no certificate.
fn der_length(header: &[u8]) -> Option<usize> {
    let [0x30, 0x82, high, low] = header else {
        return None;
    };
    let total = usize::from(u16::from_be_bytes([*high, *low])) + 4;
    (total <= MAX_CERTIFICATE).then_some(total)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;

    use super::*;

    struct Script(VecDeque<Vec<u8>>, Arc<Mutex<Vec<String>>>);
    impl Slot for Script {
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, SlotError> {
            self.1.lock().unwrap().push(hex::encode_upper(command));
            self.0.pop_front().ok_or(SlotError::NoCard)
        }
    }

    fn card(answers: &[Vec<u8>]) -> (Card, Arc<Mutex<Vec<String>>>) {
        let sent = Arc::<Mutex<Vec<String>>>::default();
        (
            Card::new(Box::new(Script(answers.to_vec().into(), sent.clone()))),
            sent,
        )
    }

    fn words(answers: &[&str]) -> Vec<Vec<u8>> {
        answers.iter().map(|a| hex::decode(a).unwrap()).collect()
    }

    #[test]
    fn the_card_is_asked_for_its_tries() {
        let no_card = Err(CardError::Slot(SlotError::NoCard));
        let status = |doing, word| {
            Err(CardError::Status {
                doing,
                status: StatusWord(word),
            })
        };
        let table = [
            (&["9000", "9000", "63C3"][..], Ok(3)),
            (&["6F00", "9000", "9000", "63C1"], Ok(1)),
            (&["9000", "9000", "63C0"], Ok(0)),
            (&["9000", "9000", "6984"], Ok(0)),
            (&["9000", "9000", "6983"], Ok(0)),
            (&["6A82"], Err(CardError::NotMyNumberCard)),
            (&["6F00", "6F00"], status("SELECT", 0x6F00)),
            (&["9000", "6A82"], status("SELECT of the PIN", 0x6A82)),
            (
                &["9000", "9000", "9000"],
                status("the question for tries left", 0x9000),
            ),
            (&["9000"], no_card),
        ];
        for (answers, expected) in table {
            assert_eq!(card(&words(answers)).0.ready(), expected, "{answers:?}");
        }
        let (mut short, _) = card(&[vec![0x90]]);
        assert!(matches!(
            short.ready(),
            Err(CardError::Malformed {
                doing: "SELECT",
                ..
            })
        ));
    }

    #[test]
    fn the_pin_is_verified() {
        let pin = Secret::new("0417".to_owned());
        let table = [
            ("9000", Ok(())),
            ("63C2", Err(CardError::WrongPin { tries_left: 2 })),
            ("63C0", Err(CardError::WrongPin { tries_left: 0 })),
            ("6984", Err(CardError::PinLocked)),
            ("6983", Err(CardError::PinLocked)),
            (
                "6985",
                Err(CardError::Status {
                    doing: "VERIFY",
                    status: StatusWord(0x6985),
                }),
            ),
        ];
        for (answer, expected) in table {
            let (mut card, sent) = card(&words(&[answer]));
            assert_eq!(card.verify(&pin), expected, "{answer}");
            assert_eq!(*sent.lock().unwrap(), ["002000800430343137"]);
        }
    }

    #[test]
    fn a_certificate_is_read_in_chunks_to_its_own_end() {
        let der: Vec<u8> = [
            vec![0x30, 0x82, 0x02, 0x08],
            (0..520).map(|i| i as u8).collect(),
        ]
        .concat();
        let ok = |data: &[u8]| [data, &[0x90, 0x00]].concat();
        let answers = [
            ok(&[]),
            ok(&der[..4]),
            ok(&der[..256]),
            ok(&der[256..512]),
            ok(&der[512..]),
        ];
        let (mut card, sent) = card(&answers);
        assert_eq!(card.certificate().unwrap(), der);
        let sent = sent.lock().unwrap().join(" ");
        assert_eq!(
            sent,
            "00A4020C02000A 00B0000004 00B0000000 00B0010000 00B002000C"
        );
    }

    #[test]
    fn a_certificate_that_is_none_is_refused() {
        let table: [&[&str]; 7] = [
            &["6A82"],
            &["9000", "6982"],
            &["9000", "9000"],
            &["9000", "308200009000", "9000"],
            &["9000", "308109009000"],
            &["9000", "3082FFFF9000"],
            &["9000", "308200019000", "0102030405069000"],
        ];
        for answers in table {
            assert!(
                card(&words(answers)).0.certificate().is_err(),
                "{answers:?}"
            );
        }
    }

    #[test]
    fn the_signature_is_asked_for_as_public_clients_do() {
        let (mut card, sent) = card(&[vec![0x90, 0], [vec![7; 256], vec![0x90, 0]].concat()]);
        assert_eq!(card.sign(b"abc").unwrap(), vec![7; 256]);
        let hash = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
        let expected = format!("802A0080333031300D060960864801650304020105000420{hash}00");
        assert_eq!(*sent.lock().unwrap(), ["00A4020C020017", expected.as_str()]);
        for answers in [&["9000", "6982"][..], &["9000", "009000"], &["6A82"], &[]] {
            assert!(
                super::Card::new(Box::new(Script(words(answers).into(), Arc::default())))
                    .sign(b"abc")
                    .is_err()
            );
        }
    }

    proptest! {
        #[test]
        fn no_answers_make_the_terminal_panic_or_hang(answers in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..9), 0..20)) {
            let pin = Secret::new("0417".to_owned());
            let _ = card(&answers).0.ready();
            let _ = card(&answers).0.verify(&pin);
            let _ = card(&answers).0.certificate();
            let _ = card(&answers).0.sign(b"");
        }
    }
}
