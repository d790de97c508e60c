//! Cards that are wrong in exactly one way: each bent method shows, and the reference does not.

use crate::cards::{self, NUMBER_B, PASSWORD, PIN, card_with};
use virtual_card::{Card, Conduct, Reference};
use wire::apdu::{
    self, ApduError, Command, JPKI_APPLICATION, Response, SURFACE_APPLICATION, StatusWord,
    TEXT_APPLICATION, file, surface_file, text_file,
};

fn select(card: &mut Card, application: &[u8; 10]) {
    card.power_on();
    let command = apdu::select_application(application).unwrap();
    card.handle(&command.to_bytes());
}

fn ask(card: &mut Card, command: Result<Command, ApduError>) -> Response {
    Response::parse(&card.handle(&command.unwrap().to_bytes())).unwrap()
}

fn tries(card: &mut Card, secret: u16) -> Option<u8> {
    ask(card, Ok(apdu::verify_query_file(secret)))
        .status
        .tries_left()
}

fn try_wrongly(card: &mut Card, secret: u16, times: u8) {
    for _ in 0..times {
        ask(card, apdu::verify_file(secret, b"0000"));
    }
}

macro_rules! impostor {
    ($name:ident, $($method:tt)*) => {
        struct $name;
        impl Conduct for $name {
            $($method)*
        }
    };
}

impostor!(
    ForgetsWrongTries,
    fn tries_after_wrong(&self, left: u8) -> u8 {
        left
    }
);
impostor!(
    ComparesFirst,
    fn lowers_before_comparing(&self) -> bool {
        false
    }
);
impostor!(
    RestoresWithPower,
    fn tries_after_power_cycle(&self, _: u8, maximum: u8) -> u8 {
        maximum
    }
);
impostor!(
    RestoresOnTear,
    fn restores_counter_on_tear(&self) -> bool {
        true
    }
);

fn left_after_three_wrong_tries(conduct: impl Conduct + 'static, pulled_after: u32) -> Option<u8> {
    let mut card = card_with(conduct);
    let wrong = apdu::verify_file(file::AUTHENTICATION_PIN, b"0000").unwrap();
    for _ in 0..3 {
        select(&mut card, &JPKI_APPLICATION);
        assert_eq!(
            card.handle_pulled_after(&wrong.to_bytes(), pulled_after),
            None
        );
        assert!(!card.is_powered());
    }
    select(&mut card, &JPKI_APPLICATION);
    tries(&mut card, file::AUTHENTICATION_PIN)
}

#[test]
fn counters_that_come_back() {
    for pulled_after in [1, 2] {
        assert_eq!(
            left_after_three_wrong_tries(Reference, pulled_after),
            Some(0)
        );
    }
    assert_eq!(left_after_three_wrong_tries(ForgetsWrongTries, 2), Some(3));
    assert_eq!(left_after_three_wrong_tries(ComparesFirst, 1), Some(3));
    assert_eq!(left_after_three_wrong_tries(RestoresWithPower, 2), Some(3));
    assert_eq!(left_after_three_wrong_tries(RestoresOnTear, 2), Some(3));
}

impostor!(
    UnlocksOnPower,
    fn unlocks_on_power(&self) -> bool {
        true
    }
);

#[test]
fn a_lock_that_does_not_outlive_the_power() {
    let after = |conduct: Box<dyn Fn() -> Card>, wrong| {
        let mut card = conduct();
        select(&mut card, &JPKI_APPLICATION);
        try_wrongly(&mut card, file::AUTHENTICATION_PIN, wrong);
        card.power_off();
        select(&mut card, &JPKI_APPLICATION);
        tries(&mut card, file::AUTHENTICATION_PIN)
    };
    let reference = || card_with(Reference);
    let unlocks = || card_with(UnlocksOnPower);
    assert_eq!(after(Box::new(reference), 3), Some(0));
    assert_eq!(after(Box::new(unlocks), 3), Some(3));
    // A secret not yet locked keeps its count, and one never set is never unlocked.
    assert_eq!(after(Box::new(unlocks), 2), Some(1));
    let mut card = card_with(UnlocksOnPower);
    select(&mut card, &TEXT_APPLICATION);
    assert_eq!(tries(&mut card, 0x0012), Some(0));
}

impostor!(
    CountsToTen,
    fn sign_tries_count(&self) -> u8 {
        10
    }
);
impostor!(
    LocksTogether,
    fn locks_together(&self) -> bool {
        true
    }
);

#[test]
fn wrong_counts_and_locks_that_spread() {
    for (mut card, expected) in [(card_with(Reference), 5), (card_with(CountsToTen), 10)] {
        select(&mut card, &JPKI_APPLICATION);
        assert_eq!(tries(&mut card, file::SIGN_PASSWORD), Some(expected));
        try_wrongly(&mut card, file::SIGN_PASSWORD, 1);
        let right = apdu::verify_file(file::SIGN_PASSWORD, PASSWORD.as_bytes());
        assert_eq!(ask(&mut card, right).status, StatusWord::OK);
        assert_eq!(tries(&mut card, file::SIGN_PASSWORD), Some(expected));
    }
    for (mut card, pin, number) in [
        (card_with(Reference), Some(3), Some(10)),
        (card_with(LocksTogether), Some(0), Some(0)),
    ] {
        select(&mut card, &JPKI_APPLICATION);
        try_wrongly(&mut card, file::SIGN_PASSWORD, 5);
        assert_eq!(tries(&mut card, file::AUTHENTICATION_PIN), pin);
        select(&mut card, &SURFACE_APPLICATION);
        assert_eq!(tries(&mut card, surface_file::VERIFICATION_B), number);
    }
}

impostor!(
    KeyOpen,
    fn key_usable(&self, _: bool) -> bool {
        true
    }
);
impostor!(
    CertificateOpen,
    fn sign_certificate_readable(&self, _: bool) -> bool {
        true
    }
);
impostor!(
    SignsFreely,
    fn sign_needs_password(&self) -> bool {
        false
    }
);
impostor!(
    GivesKey,
    fn lets_private_key_be_read(&self) -> bool {
        true
    }
);
impostor!(
    GivesPhoto,
    fn gives_photo_without_verification(&self) -> bool {
        true
    }
);

/// Which of the doors stand open to somebody who presented nothing.
fn open_doors(conduct: impl Conduct + 'static) -> Vec<&'static str> {
    let read = |file| apdu::read_file(file, 0, 256);
    let sign = |file| apdu::compute_signature_file(file, 3, b"m");
    let doors = [
        (
            "sign certificate",
            JPKI_APPLICATION,
            read(file::SIGN_CERTIFICATE),
        ),
        (
            "authentication",
            JPKI_APPLICATION,
            sign(file::AUTHENTICATION_KEY),
        ),
        ("signing", JPKI_APPLICATION, sign(file::SIGN_KEY)),
        ("key", JPKI_APPLICATION, read(file::AUTHENTICATION_KEY)),
        ("sign key", JPKI_APPLICATION, read(file::SIGN_KEY)),
        ("photo", SURFACE_APPLICATION, read(surface_file::CARD_FACE)),
        (
            "number picture",
            SURFACE_APPLICATION,
            read(surface_file::INDIVIDUAL_NUMBER_IMAGE),
        ),
        (
            "number",
            TEXT_APPLICATION,
            read(text_file::INDIVIDUAL_NUMBER),
        ),
        ("insurance", TEXT_APPLICATION, read(0x000A)),
    ];
    let mut card = card_with(conduct);
    let mut open = Vec::new();
    for (name, application, command) in doors {
        select(&mut card, &application);
        if ask(&mut card, command).status == StatusWord::OK {
            open.push(name);
        }
    }
    open
}

impostor!(
    Insures,
    fn insurance_data_on_chip(&self) -> Option<Vec<u8>> {
        Some(b"06991234".to_vec())
    }
);

#[test]
fn doors_open_only_on_a_bent_card() {
    assert!(open_doors(Reference).is_empty());
    assert_eq!(open_doors(KeyOpen), ["authentication", "signing"]);
    assert_eq!(open_doors(CertificateOpen), ["sign certificate"]);
    assert_eq!(open_doors(SignsFreely), ["signing"]);
    assert_eq!(open_doors(GivesKey), ["key", "sign key"]);
    assert_eq!(open_doors(GivesPhoto), ["photo"]);
    assert_eq!(open_doors(Insures), ["insurance"]);
}

#[test]
fn the_key_that_is_given_away_is_the_key() {
    let mut card = card_with(GivesKey);
    select(&mut card, &JPKI_APPLICATION);
    let key = ask(
        &mut card,
        apdu::read_file(file::AUTHENTICATION_KEY, 0, 65_536),
    );
    let stolen = virtual_card::CardKey::from_pkcs8(&key.data).unwrap();
    let public = |key: &virtual_card::CardKey| {
        use aws_lc_rs::signature::KeyPair;
        key.pair().public_key().as_ref().to_vec()
    };
    assert_eq!(public(&stolen), public(&cards::AUTHENTICATION_KEY));
}

impostor!(
    NumberForB,
    fn gives_individual_number_for_b(&self) -> bool {
        true
    }
);

#[test]
fn the_individual_number_comes_out_for_b() {
    for (mut card, after_b) in [
        (card_with(Reference), StatusWord::SECURITY_NOT_SATISFIED),
        (card_with(NumberForB), StatusWord::OK),
    ] {
        select(&mut card, &TEXT_APPLICATION);
        let number = || apdu::read_file(text_file::INDIVIDUAL_NUMBER, 0, 256);
        assert_eq!(
            ask(&mut card, number()).status,
            StatusWord::SECURITY_NOT_SATISFIED
        );
        ask(
            &mut card,
            apdu::verify_file(text_file::VERIFICATION_B, NUMBER_B.as_bytes()),
        );
        assert_eq!(ask(&mut card, number()).status, after_b);
    }
}

impostor!(
    TakesAnyTerminal,
    fn pinless_without_terminal(&self) -> bool {
        true
    }
);

#[test]
fn a_terminal_nobody_enrolled_is_taken() {
    for (mut card, expected) in [
        (card_with(Reference), StatusWord::SECURITY_NOT_SATISFIED),
        (card_with(TakesAnyTerminal), StatusWord::OK),
    ] {
        select(&mut card, &JPKI_APPLICATION);
        ask(&mut card, Ok(apdu::select_file(file::TERMINAL_CA_KEY)));
        let foreign = cards::terminal_certificate("foreign").unwrap();
        ask(
            &mut card,
            Command::new([0x80, 0xA2, 0, 0xC1]).with_data(&foreign),
        );
        let challenge = ask(&mut card, apdu::get_challenge(32)).data;
        let answer = cards::terminal_answer(&challenge);
        ask(&mut card, Command::new([0, 0x82, 0, 0]).with_data(&answer));
        let sign = apdu::compute_signature_file(file::AUTHENTICATION_KEY, 3, b"m");
        assert_eq!(ask(&mut card, sign).status, expected);
    }
}

impostor!(
    Survives,
    fn answers_after_tamper(&self) -> bool {
        true
    }
);
impostor!(
    KeepsOverApplications,
    fn keeps_security_status_across_applications(&self) -> bool {
        true
    }
);
impostor!(
    KeepsOverPower,
    fn keeps_security_status_over_power_cycle(&self) -> bool {
        true
    }
);

#[test]
fn a_chip_that_survives_and_a_status_that_stays() {
    let mut dead = card_with(Reference);
    let mut alive = card_with(Survives);
    for card in [&mut dead, &mut alive] {
        card.power_on();
        card.tamper();
    }
    let command = apdu::get_challenge(8).unwrap().to_bytes();
    assert_eq!(
        (dead.handle(&command).len(), alive.handle(&command).len()),
        (0, 10)
    );

    let signs = |mut card: Card, away: fn(&mut Card)| {
        select(&mut card, &JPKI_APPLICATION);
        ask(
            &mut card,
            apdu::verify_file(file::AUTHENTICATION_PIN, PIN.as_bytes()),
        );
        away(&mut card);
        select(&mut card, &JPKI_APPLICATION);
        let sign = apdu::compute_signature_file(file::AUTHENTICATION_KEY, 3, b"m");
        ask(&mut card, sign).status == StatusWord::OK
    };
    let elsewhere: fn(&mut Card) = |card| select(card, &TEXT_APPLICATION);
    let off: fn(&mut Card) = |card| card.power_off();
    assert!(!signs(card_with(Reference), elsewhere) && !signs(card_with(Reference), off));
    assert!(signs(card_with(KeepsOverApplications), elsewhere));
    assert!(!signs(card_with(KeepsOverApplications), off));
    assert!(signs(card_with(KeepsOverPower), off));
    assert!(!signs(card_with(KeepsOverPower), elsewhere));
}
