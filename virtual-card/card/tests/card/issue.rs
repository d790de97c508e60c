//! What may not be put onto a card, and that a wrong card can be made on purpose.

use crate::cards::{self, contents};
use std::sync::Arc;
use virtual_card::{Card, CardContents, Conduct, IssueError, Reference, Use};
use wire::apdu::{self, JPKI_APPLICATION, Response, StatusWord, file};

fn refused(change: impl FnOnce(&mut CardContents)) -> IssueError {
    let mut contents = contents();
    change(&mut contents);
    Card::issue(contents, Arc::new(Reference)).unwrap_err()
}

#[test]
fn wrong_contents_are_refused_with_the_reason() {
    let pin = refused(|contents| contents.authentication.secret = "12345".to_owned());
    assert_eq!(pin, IssueError::AuthenticationPin);

    let password = refused(|contents| {
        contents.signing.as_mut().unwrap().secret = "abc123".to_owned();
    });
    assert_eq!(password, IssueError::SignPassword);

    let filler = refused(|contents| contents.authentication.certificate.push(0xFF));
    let length = cards::AUTHENTICATION_CERTIFICATE.len() + 1;
    assert_eq!(
        filler,
        IssueError::NotDer {
            which: Use::Authentication,
            what: "certificate",
            length
        }
    );

    let pem = refused(|contents| {
        contents.signing.as_mut().unwrap().ca_certificate = b"-----BEGIN".to_vec();
    });
    assert_eq!(
        pem,
        IssueError::NotDer {
            which: Use::Signing,
            what: "CA certificate",
            length: 10
        }
    );

    let long = refused(|contents| contents.authentication.certificate = vec![0x30; 32_769]);
    assert!(matches!(long, IssueError::TooLong { length: 32_769, .. }));

    for atr in [vec![], vec![0x3B], vec![0x3C, 0x00], vec![0x3B; 34]] {
        let error = refused(|contents| contents.profile.answer_to_reset = atr);
        assert_eq!(error, IssueError::AnswerToReset);
    }
}

#[test]
fn secrets_and_keys_show_in_no_debug_output() {
    let shown = format!("{:?} {:?}", contents(), cards::card_with(Reference));
    assert!(!shown.contains("1234"), "{shown}");
    assert!(!shown.contains("ABC123"), "{shown}");
    assert!(shown.len() < 400, "{shown}");
}

struct ForgetsWrongTries;

impl Conduct for ForgetsWrongTries {
    fn tries_after_wrong(&self, left: u8) -> u8 {
        left
    }
}

struct ComparesFirst;

impl Conduct for ComparesFirst {
    fn lowers_before_comparing(&self) -> bool {
        false
    }
}

struct RestoresWithPower;

impl Conduct for RestoresWithPower {
    fn tries_after_power_cycle(&self, _left: u8, maximum: u8) -> u8 {
        maximum
    }
}

fn left_after_three_wrong_tries(conduct: impl Conduct + 'static, pulled_after: u32) -> Option<u8> {
    let mut card = cards::card_with(conduct);
    let select = apdu::select_application(&JPKI_APPLICATION).unwrap();
    let wrong = apdu::verify_file(file::AUTHENTICATION_PIN, b"0000").unwrap();
    for _ in 0..3 {
        card.power_on();
        card.handle(&select.to_bytes());
        assert_eq!(
            card.handle_pulled_after(&wrong.to_bytes(), pulled_after),
            None
        );
        assert!(!card.is_powered());
    }
    card.power_on();
    card.handle(&select.to_bytes());
    let query = apdu::verify_query_file(file::AUTHENTICATION_PIN);
    let answer = card.handle(&query.to_bytes());
    Response::parse(&answer).unwrap().status.tries_left()
}

#[test]
fn one_bent_method_makes_a_wrong_card() {
    for pulled_after in [1, 2] {
        assert_eq!(
            left_after_three_wrong_tries(Reference, pulled_after),
            Some(0)
        );
    }
    assert_eq!(left_after_three_wrong_tries(ForgetsWrongTries, 2), Some(3));
    assert_eq!(left_after_three_wrong_tries(ComparesFirst, 1), Some(3));
    assert_eq!(left_after_three_wrong_tries(RestoresWithPower, 2), Some(3));
}

struct Open;

impl Conduct for Open {
    fn key_usable(&self, _secret_presented: bool) -> bool {
        true
    }
    fn sign_certificate_readable(&self, _password_presented: bool) -> bool {
        true
    }
}

#[test]
fn doors_open_only_on_a_bent_card() {
    let status = |card: &mut Card, command: apdu::Command| {
        let answer = card.handle(&command.to_bytes());
        Response::parse(&answer).unwrap().status
    };
    let doors = || {
        [
            apdu::read_file(file::SIGN_CERTIFICATE, 0, 16).unwrap(),
            apdu::compute_signature_file(file::AUTHENTICATION_KEY, 3, b"m").unwrap(),
        ]
    };
    let cards = [
        (
            cards::card_with(Reference),
            StatusWord::SECURITY_NOT_SATISFIED,
        ),
        (cards::card_with(Open), StatusWord::OK),
    ];
    for (mut card, expected) in cards {
        card.power_on();
        let select = apdu::select_application(&JPKI_APPLICATION).unwrap();
        assert_eq!(status(&mut card, select), StatusWord::OK);
        for door in doors() {
            assert_eq!(status(&mut card, door), expected);
        }
    }
}
