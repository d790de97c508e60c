//! The dialogue command by command: what is sent for each wish, and what each answer leads to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use proptest::prelude::*;
use wire::apdu::{StatusWord, pinless};

use crate::{Card, CardError, CredentialError, Secret, Slot, SlotError, TerminalCredential};

const AUTHORITY: [u8; 48] = pkcs8(1);
const TERMINAL: [u8; 48] = pkcs8(2);

/// An Ed25519 key in PKCS#8, made of one byte.
const fn pkcs8(seed: u8) -> [u8; 48] {
    let head = *b"\x30\x2E\x02\x01\x00\x30\x05\x06\x03\x2B\x65\x70\x04\x22\x04\x20";
    let mut key = [seed; 48];
    let mut at = 0;
    while at < head.len() {
        key[at] = head[at];
        at += 1;
    }
    key
}

fn credential() -> TerminalCredential {
    TerminalCredential::issue(&AUTHORITY, "9910000019", &TERMINAL).unwrap()
}

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

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn status<T>(doing: &'static str, word: u16) -> Result<T, CardError> {
    Err(CardError::Status {
        doing,
        status: StatusWord(word),
    })
}

fn ok(data: &[u8]) -> Vec<u8> {
    [data, &[0x90, 0x00]].concat()
}

#[test]
fn the_card_is_asked_for_its_tries() {
    let no_card = Err(CardError::Slot(SlotError::NoCard));
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
    for answer in [vec![0x90], vec![]] {
        let short = card(&[answer]).0.ready();
        assert!(matches!(
            short,
            Err(CardError::Malformed {
                doing: "SELECT",
                ..
            })
        ));
    }
}

#[test]
fn the_pin_is_verified() {
    let table = [
        ("9000", Ok(())),
        ("63C2", Err(CardError::WrongPin { tries_left: 2 })),
        ("63C0", Err(CardError::WrongPin { tries_left: 0 })),
        ("6984", Err(CardError::PinLocked)),
        ("6983", Err(CardError::PinLocked)),
        ("6985", status("VERIFY of the PIN", 0x6985)),
    ];
    for (answer, expected) in table {
        let (mut card, sent) = card(&words(&["9000", answer]));
        assert_eq!(card.verify(&secret("0417")), expected, "{answer}");
        let sent = sent.lock().unwrap().join(" ");
        assert_eq!(sent, "00A4020C020018 002000800430343137");
    }
}

#[test]
fn a_certificate_is_read_in_chunks_to_its_own_end() {
    let der: Vec<u8> = [
        vec![0x30, 0x82, 0x02, 0x08],
        (0..520).map(|i| i as u8).collect(),
    ]
    .concat();
    let answers = [
        ok(&[]),
        ok(&der[..4]),
        ok(&der[..256]),
        ok(&der[256..512]),
        ok(&der[512..]),
    ];
    let (mut first, sent) = card(&answers);
    assert_eq!(first.certificate().unwrap(), der);
    let reads = "00B0000004 00B0000000 00B0010000 00B002000C";
    let said = sent.lock().unwrap().join(" ");
    assert_eq!(said, format!("00A4020C02000A {reads}"));
    let (mut second, sent) = card(&answers);
    assert_eq!(second.sign_certificate().unwrap(), der);
    let said = sent.lock().unwrap().join(" ");
    assert_eq!(said, format!("00A4020C020001 {reads}"));
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
    let hash = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
    let expected = format!("802A0080333031300D060960864801650304020105000420{hash}00");
    for (file, document) in [("17", false), ("1A", true)] {
        let (mut card, sent) = card(&[ok(&[]), ok(&[7; 256])]);
        let signature = match document {
            true => card.sign_document(b"abc"),
            false => card.sign(b"abc"),
        };
        assert_eq!(signature.unwrap(), vec![7; 256]);
        let select = format!("00A4020C0200{file}");
        assert_eq!(*sent.lock().unwrap(), [select, expected.clone()]);
    }
    for answers in [&["9000", "6982"][..], &["9000", "009000"], &["6A82"], &[]] {
        assert!(card(&words(answers)).0.sign(b"abc").is_err());
        assert!(card(&words(answers)).0.sign_document(b"abc").is_err());
    }
}

#[test]
fn the_sign_password_has_answers_of_its_own() {
    let table = [
        (&["9000", "9000"][..], Ok(())),
        (
            &["9000", "63C4"],
            Err(CardError::WrongSignPassword { tries_left: 4 }),
        ),
        (&["9000", "6984"], Err(CardError::SignPasswordLocked)),
        (&["6A82"], Err(CardError::NoSigning)),
        (&["6F00"], status("SELECT of the sign password", 0x6F00)),
    ];
    for (answers, expected) in table {
        let (mut card, sent) = card(&words(answers));
        assert_eq!(card.verify_sign(&secret("ABC123")), expected, "{answers:?}");
        if answers.len() == 2 {
            let sent = sent.lock().unwrap().join(" ");
            assert_eq!(sent, "00A4020C02001B 0020008006414243313233");
        }
    }
    let no_signing = card(&words(&["6A82"])).0.sign_document(b"abc");
    assert_eq!(no_signing, Err(CardError::NoSigning));
}

const SELECT_SURFACE: &str = "00A4040C0AD3921000310001010402";
const SELECT_JPKI: &str = "00A4040C0AD392F000260100000001";

/// A card face: two objects before the photo, one behind.
fn face(photo: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(photo.len()).unwrap().to_be_bytes();
    let objects = [
        vec![0xDF, 0x21, 0x01, 0xAA],
        vec![0xDF, 0x25, 0x81, 0x02, 0xDF, 0x27],
        [&[0xDF, 0x27, 0x82, high, low], photo].concat(),
        vec![0xDF, 0x2A, 0x00],
    ]
    .concat();
    let [high, low] = u16::try_from(objects.len()).unwrap().to_be_bytes();
    [vec![0xFF, 0x20, 0x82, high, low], objects].concat()
}

fn photo_answers(face: &[u8]) -> Vec<Vec<u8>> {
    let mut answers = words(&["9000", "9000", "9000", "9000"]);
    answers.push(ok(&face[..face.len().min(5)]));
    answers.extend(face.chunks(256).map(ok));
    answers.push(ok(&[]));
    answers
}

#[test]
fn the_photo_is_cut_out_of_the_card_face() {
    let photo: Vec<u8> = (0..600).map(|i| i as u8).collect();
    let (mut card, sent) = card(&photo_answers(&face(&photo)));
    assert_eq!(card.photo(&secret("55021720352285")), Ok(photo));
    let sent = sent.lock().unwrap();
    assert_eq!(
        sent[..5],
        [
            SELECT_SURFACE,
            "00A4020C020012",
            "002000800E3535303231373230333532323835",
            "00A4020C020002",
            "00B0000005"
        ]
    );
    assert_eq!(sent.last().unwrap(), SELECT_JPKI);
}

#[test]
fn why_there_is_no_photo() {
    let broken = |mut face: Vec<u8>| {
        // The photo claims to be longer than the face that holds it.
        face[5 + 4 + 6 + 3] = 0x7F;
        photo_answers(&face)
    };
    let after = |answers: &[&str]| [words(answers), words(&["9000"])].concat();
    let no_face = after(&[
        "9000",
        "9000",
        "9000",
        "9000",
        "3082012300 9000".replace(' ', "").as_str(),
    ]);
    let b = |tries_left| Err(CardError::VerificationB { tries_left });
    let malformed = |said: &str| {
        Err(CardError::Malformed {
            doing: "READ BINARY of the card face",
            said: said.to_owned(),
        })
    };
    let select = "SELECT of the surface application";
    let table = [
        (after(&["6A82"]), Err(CardError::NoPhoto)),
        (after(&["6D00"]), status(select, 0x6D00)),
        (
            after(&["9000", "6A82"]),
            status("SELECT of 照合番号B", 0x6A82),
        ),
        (after(&["9000", "9000", "63C9"]), b(9)),
        (after(&["9000", "9000", "63C0"]), b(0)),
        (after(&["9000", "9000", "6984"]), b(0)),
        (photo_answers(&face(&[])), Err(CardError::NoPhoto)),
        (
            photo_answers(b"\xFF\x20\x04\xDF\x22\x01\x31"),
            Err(CardError::NoPhoto),
        ),
        (
            broken(face(&[7; 40])),
            malformed("its objects do not fit into each other"),
        ),
        (
            no_face,
            malformed("it begins with 3082012300, which is not what lies there"),
        ),
        (
            words(&["9000", "9000"]),
            Err(CardError::Slot(SlotError::NoCard)),
        ),
    ];
    for (index, (answers, expected)) in table.into_iter().enumerate() {
        let (mut card, sent) = card(&answers);
        assert_eq!(
            card.photo(&secret("55021720352285")),
            expected,
            "row {index}"
        );
        let back = sent.lock().unwrap().last().unwrap() == SELECT_JPKI;
        // Whatever the answer was, the card is led back; a card that is gone is asked nothing more.
        assert_eq!(
            back,
            !matches!(expected, Err(CardError::Slot(_))),
            "row {index}"
        );
    }
}

#[test]
fn the_terminal_proves_itself_step_by_step() {
    let challenge: Vec<u8> = (0..32).collect();
    let answers = [ok(&[]), ok(&[]), ok(&challenge), ok(&[])];
    let (mut card, sent) = card(&answers);
    card.prove_without_pin(&credential()).unwrap();
    let sent: Vec<Vec<u8>> = words(
        &sent
            .lock()
            .unwrap()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    assert_eq!(sent[0], hex::decode("00A4020C020016").unwrap());
    assert_eq!(sent[2], hex::decode("0084000020").unwrap());

    let (header, certificate) = sent[1].split_at(5);
    assert_eq!(header, [0x80, 0xA2, 0x00, 0xC1, 0x6A]);
    let (named, signature) = certificate.split_at(42);
    assert_eq!(&named[..10], b"9910000019");
    let authority = UnparsedPublicKey::new(&ED25519, public(&AUTHORITY));
    authority.verify(named, signature).unwrap();

    let (header, answer) = sent[3].split_at(5);
    assert_eq!(header, [0x00, 0x82, 0x00, 0x00, 0x40]);
    let message = [pinless::DOMAIN, &challenge].concat();
    let terminal = UnparsedPublicKey::new(&ED25519, &named[10..]);
    terminal.verify(&message, answer).unwrap();
}

fn public(pkcs8: &[u8]) -> Vec<u8> {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).unwrap();
    key.public_key().as_ref().to_vec()
}

#[test]
fn a_card_may_refuse_the_use_without_a_pin() {
    let challenge = hex::encode([7; 32]) + "9000";
    let refused = |word| Err(CardError::PinlessRefused(StatusWord(word)));
    let malformed = Err(CardError::Malformed {
        doing: "GET CHALLENGE",
        said: "8 bytes, not 32".to_owned(),
    });
    let table = [
        (vec!["9000", "6985"], refused(0x6985)),
        (vec!["9000", "9000", &challenge, "6982"], refused(0x6982)),
        (vec!["9000", "6700"], status("PRESENT CERTIFICATE", 0x6700)),
        (
            vec!["6A82"],
            status("SELECT of the terminal authority's key", 0x6A82),
        ),
        (vec!["9000", "9000", "00112233445566779000"], malformed),
        (
            vec!["9000", "9000"],
            Err(CardError::Slot(SlotError::NoCard)),
        ),
    ];
    for (answers, expected) in table {
        let (mut card, _) = card(&words(&answers));
        assert_eq!(
            card.prove_without_pin(&credential()),
            expected,
            "{answers:?}"
        );
    }
}

#[test]
fn a_terminal_is_enrolled_with_a_code_and_keys_that_are_some() {
    let issue = TerminalCredential::issue;
    for code in ["991000001", "99100000190", "99100000I9", "９９１０"] {
        let refused = issue(&AUTHORITY, code, &TERMINAL).unwrap_err();
        assert_eq!(refused, CredentialError::FacilityCode(code.to_owned()));
    }
    for (authority, terminal, who) in [
        (&AUTHORITY[..40], &TERMINAL[..], "terminal authority's"),
        (&AUTHORITY, b"-----BEGIN", "terminal's"),
    ] {
        let refused = issue(authority, "9910000019", terminal).unwrap_err();
        assert!(matches!(refused, CredentialError::Key { whose, .. } if whose == who));
    }
    assert!(!format!("{:?}", credential()).contains("key"));
}

proptest! {
    #[test]
    fn no_answers_make_the_driver_panic_or_hang(
        answers in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..9), 0..20),
    ) {
        let _ = card(&answers).0.ready();
        let _ = card(&answers).0.verify(&secret("0417"));
        let _ = card(&answers).0.certificate();
        let _ = card(&answers).0.sign(b"");
        let _ = card(&answers).0.photo(&secret("0417"));
        let _ = card(&answers).0.prove_without_pin(&credential());
        let _ = card(&answers).0.verify_sign(&secret("ABC123"));
        let _ = card(&answers).0.sign_certificate();
        let _ = card(&answers).0.sign_document(b"");
    }

    #[test]
    fn no_card_face_makes_the_driver_panic(
        face in proptest::collection::vec(
            prop_oneof![Just(0xFFu8), Just(0x20), Just(0xDF), Just(0x27), Just(0x82), any::<u8>()],
            0..60,
        ),
    ) {
        let face = [vec![0xFF, 0x20], face].concat();
        let _ = card(&photo_answers(&face)).0.photo(&secret("55021720352285"));
    }

    #[test]
    fn any_photo_comes_out_whole(photo in proptest::collection::vec(any::<u8>(), 1..2000)) {
        let got = card(&photo_answers(&face(&photo))).0.photo(&secret("55021720352285"));
        prop_assert_eq!(got, Ok(photo));
    }
}
