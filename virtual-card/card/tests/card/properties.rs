//! What holds for any bytes, and that neither tearing nor anything else buys a guess.

use crate::cards::{NUMBER, NUMBER_B, PASSWORD, PIN, TEXT_PIN, card_with};
use proptest::prelude::*;
use virtual_card::{Card, Reference};
use wire::apdu::{
    self, JPKI_APPLICATION, Response, SURFACE_APPLICATION, TEXT_APPLICATION, file, surface_file,
    text_file,
};

/// Every secret that can be tried, with the application it lies in, its tries and itself.
const SECRETS: [([u8; 10], u16, u8, &str); 8] = [
    (JPKI_APPLICATION, file::AUTHENTICATION_PIN, 3, PIN),
    (JPKI_APPLICATION, file::SIGN_PASSWORD, 5, PASSWORD),
    (TEXT_APPLICATION, text_file::PIN, 3, TEXT_PIN),
    (TEXT_APPLICATION, text_file::VERIFICATION_A, 10, NUMBER),
    (TEXT_APPLICATION, text_file::VERIFICATION_B, 10, NUMBER_B),
    (
        SURFACE_APPLICATION,
        surface_file::BIRTH_DATE_KEY,
        10,
        "550217",
    ),
    (
        SURFACE_APPLICATION,
        surface_file::VERIFICATION_A,
        10,
        NUMBER,
    ),
    (
        SURFACE_APPLICATION,
        surface_file::VERIFICATION_B,
        10,
        NUMBER_B,
    ),
];

fn select(application: &[u8]) -> Vec<u8> {
    apdu::select_application(application).unwrap().to_bytes()
}

/// The counters as the card itself tells them.
fn tries_left(card: &mut Card) -> Vec<u8> {
    card.power_on();
    let ask = |(application, secret, _, _): &([u8; 10], u16, u8, &str)| {
        card.handle(&select(application));
        let answer = card.handle(&apdu::verify_query_file(*secret).to_bytes());
        let status = Response::parse(&answer).unwrap().status;
        status.tries_left().unwrap()
    };
    SECRETS.iter().map(ask).collect()
}

fn fresh() -> Vec<u8> {
    SECRETS.map(|(_, _, tries, _)| tries).to_vec()
}

/// Bytes that look like a command of the card, but VERIFY.
fn likely_command() -> impl Strategy<Value = Vec<u8>> {
    let header = prop_oneof![
        Just([0x00, 0xA4, 0x04, 0x0C]),
        Just([0x00, 0xA4, 0x02, 0x0C]),
        Just([0x00, 0xB0, 0x00, 0x00]),
        (0x80u8..=0x9F, any::<u8>()).prop_map(|(p1, p2)| [0x00, 0xB0, p1, p2]),
        (0u8..=6, 0x80u8..=0x9F).prop_map(|(p1, p2)| [0x80, 0x2A, p1, p2]),
        (0x80u8..=0x9F).prop_map(|p2| [0x00, 0x24, 0x01, p2]),
        Just([0x00, 0x84, 0x00, 0x00]),
        Just([0x00, 0x82, 0x00, 0x00]),
        Just([0x80, 0xA2, 0x00, 0xC1]),
        any::<[u8; 2]>().prop_map(|[p1, p2]| [0x00, 0xCA, p1, p2]),
    ];
    let data = prop_oneof![
        Just(vec![]),
        Just(JPKI_APPLICATION.to_vec()),
        Just(TEXT_APPLICATION.to_vec()),
        Just(SURFACE_APPLICATION.to_vec()),
        (1u8..=0x1E).prop_map(|id| vec![0x00, id]),
        proptest::collection::vec(any::<u8>(), 0..40),
        proptest::collection::vec(any::<u8>(), 106),
    ];
    (header, data, proptest::option::of(1u32..70_000)).prop_map(|(header, data, expected)| {
        let command = apdu::Command::new(header).with_data(&data).unwrap();
        let plain = command.to_bytes();
        match expected {
            Some(expected) => command
                .expecting(expected)
                .map_or(plain, |command| command.to_bytes()),
            None => plain,
        }
    })
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => proptest::collection::vec(any::<u8>(), 0..300),
        1 => proptest::collection::vec(prop_oneof![Just(0u8), Just(0x80), any::<u8>()], 0..12),
        3 => likely_command(),
    ]
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer_of_at_least_two_bytes(
        commands in proptest::collection::vec(any_bytes(), 1..12),
    ) {
        let mut card = card_with(Reference);
        let before = tries_left(&mut card);
        for command in commands {
            prop_assert!(card.handle(&command).len() >= 2);
            prop_assert!(card.handle(&command).len() <= 0x8000 + 2);
        }
        let after = tries_left(&mut card);
        prop_assert!(after.iter().zip(&before).all(|(after, before)| after <= before));
    }

    #[test]
    fn pulling_never_buys_more_guesses_than_the_counter_allows(
        which in 0..SECRETS.len(),
        pulls in proptest::collection::vec(0u32..5, 40),
    ) {
        let (application, secret, tries, _) = SECRETS[which];
        let mut card = card_with(Reference);
        let mut compared = 0;
        for steps in pulls {
            let open = tries_left(&mut card)[which] > 0;
            card.handle(&select(&application));
            let wrong = apdu::verify_file(secret, b"0000").unwrap();
            card.handle_pulled_after(&wrong.to_bytes(), steps);
            // From the first step on the card may have compared.
            compared += u8::from(open && steps >= 1);
        }
        prop_assert!(compared <= tries, "{compared} guesses were compared");
    }

    #[test]
    fn without_power_the_card_is_mute(command in any_bytes()) {
        let mut card = card_with(Reference);
        prop_assert!(card.handle(&command).is_empty());
        prop_assert_eq!(tries_left(&mut card), fresh());
    }

    #[test]
    fn a_dead_chip_is_mute(commands in proptest::collection::vec(any_bytes(), 1..6)) {
        let mut card = card_with(Reference);
        card.power_on();
        card.tamper();
        for command in commands {
            prop_assert!(card.handle(&command).is_empty());
            prop_assert!(card.power_on().is_empty() && card.reset().is_empty());
            prop_assert!(!card.is_powered());
        }
    }

    #[test]
    fn keys_and_secrets_are_never_read(offset: u8, extended: bool) {
        let mut card = card_with(Reference);
        card.power_on();
        for application in [JPKI_APPLICATION, TEXT_APPLICATION, SURFACE_APPLICATION] {
            card.handle(&select(&application));
            let of_it = |row: &&([u8; 10], u16, u8, &str)| row.0 == application;
            for (_, secret, _, right) in SECRETS.iter().filter(of_it) {
                let open = apdu::verify_file(*secret, right.as_bytes()).unwrap().to_bytes();
                prop_assert_eq!(card.handle(&open), [0x90, 0x00]);
            }
            let length = if extended { 65_536 } else { 256 };
            let mut closed: Vec<u16> = SECRETS.iter().filter(of_it).map(|row| row.1).collect();
            if application == JPKI_APPLICATION {
                closed.extend([file::AUTHENTICATION_KEY, file::SIGN_KEY]);
            }
            for id in closed {
                let read = apdu::read_file(id, offset, length).unwrap();
                prop_assert_eq!(card.handle(&read.to_bytes()), [0x69, 0x81]);
            }
        }
    }
}
