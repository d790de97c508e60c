//! What holds for any bytes, any order of deeds and any moment of pulling the card out.

use crate::cards::{PASSWORD, PIN, card_with};
use proptest::prelude::*;
use virtual_card::{Card, Reference, Use};
use wire::apdu::{self, JPKI_APPLICATION, Response, file};

fn pin_file(purpose: Use) -> u16 {
    match purpose {
        Use::Authentication => file::AUTHENTICATION_PIN,
        Use::Signing => file::SIGN_PASSWORD,
    }
}

fn secret(purpose: Use, right: bool) -> &'static [u8] {
    match (purpose, right) {
        (Use::Authentication, true) => PIN.as_bytes(),
        (Use::Signing, true) => PASSWORD.as_bytes(),
        (Use::Authentication, false) => b"1235",
        (Use::Signing, false) => b"abc123",
    }
}

fn select() -> Vec<u8> {
    apdu::select_application(&JPKI_APPLICATION)
        .unwrap()
        .to_bytes()
}

/// The counters as the card itself tells them.
fn tries_left(card: &mut Card) -> [u8; 2] {
    card.power_on();
    card.handle(&select());
    [Use::Authentication, Use::Signing].map(|purpose| {
        let query = apdu::verify_query_file(pin_file(purpose)).to_bytes();
        let answer = card.handle(&query);
        Response::parse(&answer)
            .unwrap()
            .status
            .tries_left()
            .unwrap()
    })
}

fn index(purpose: Use) -> usize {
    match purpose {
        Use::Authentication => 0,
        Use::Signing => 1,
    }
}

#[derive(Debug, Clone)]
enum Deed {
    Present {
        purpose: Use,
        right: bool,
        pulled_after: Option<u32>,
    },
    Send {
        bytes: Vec<u8>,
        pulled_after: Option<u32>,
    },
    PowerCycle,
    Reset,
}

fn purpose() -> impl Strategy<Value = Use> {
    prop_oneof![Just(Use::Authentication), Just(Use::Signing)]
}

/// Bytes that look like a command of the JPKI application, but VERIFY.
fn likely_command() -> impl Strategy<Value = Vec<u8>> {
    let header = prop_oneof![
        Just([0x00, 0xA4, 0x04, 0x0C]),
        Just([0x00, 0xA4, 0x02, 0x0C]),
        Just([0x00, 0xB0, 0x00, 0x00]),
        (0x80u8..=0x9F, any::<u8>()).prop_map(|(p1, p2)| [0x00, 0xB0, p1, p2]),
        (0u8..=6, 0x80u8..=0x9F).prop_map(|(p1, p2)| [0x80, 0x2A, p1, p2]),
        Just([0x00, 0x84, 0x00, 0x00]),
    ];
    let data = prop_oneof![
        Just(vec![]),
        Just(JPKI_APPLICATION.to_vec()),
        (1u8..=0x1E).prop_map(|id| vec![0x00, id]),
        proptest::collection::vec(any::<u8>(), 0..40),
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

fn deed() -> impl Strategy<Value = Deed> {
    let pulled = || proptest::option::of(0u32..6);
    prop_oneof![
        4 => (purpose(), any::<bool>(), pulled()).prop_map(|(purpose, right, pulled_after)| {
            Deed::Present { purpose, right, pulled_after }
        }),
        2 => (likely_command(), pulled())
            .prop_map(|(bytes, pulled_after)| Deed::Send { bytes, pulled_after }),
        1 => Just(Deed::PowerCycle),
        1 => Just(Deed::Reset),
    ]
}

fn send(card: &mut Card, bytes: &[u8], pulled_after: Option<u32>) -> Option<Vec<u8>> {
    match pulled_after {
        Some(steps) => card.handle_pulled_after(bytes, steps),
        None => Some(card.handle(bytes)),
    }
}

/// What the counter may be afterwards. Steps of a try: lower, compare, (restore when right), answer.
fn allowed(before: u8, maximum: u8, right: bool, pulled_after: Option<u32>) -> u8 {
    let steps = pulled_after.unwrap_or(u32::MAX);
    match (before, right, steps) {
        (0, _, _) => 0,
        (_, _, 0) => before,
        (_, true, 3..) => maximum,
        _ => before - 1,
    }
}

fn do_deed(card: &mut Card, deed: &Deed, before: [u8; 2]) -> [u8; 2] {
    let mut after = before;
    match deed {
        Deed::PowerCycle => {
            card.power_off();
            card.power_on();
        }
        Deed::Reset => {
            card.reset();
        }
        Deed::Send {
            bytes,
            pulled_after,
        } => {
            send(card, bytes, *pulled_after);
        }
        Deed::Present {
            purpose,
            right,
            pulled_after,
        } => {
            let given = secret(*purpose, *right);
            let command = apdu::verify_file(pin_file(*purpose), given).unwrap();
            let answer = send(card, &command.to_bytes(), *pulled_after);
            let counter = &mut after[index(*purpose)];
            *counter = allowed(*counter, purpose.tries(), *right, *pulled_after);
            if answer.is_none() {
                assert!(!card.is_powered());
            }
        }
    }
    after
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer_of_at_least_two_bytes(
        commands in proptest::collection::vec(any_bytes(), 1..12),
    ) {
        let mut card = card_with(Reference);
        card.power_on();
        card.handle(&select());
        let before = tries_left(&mut card);
        for command in commands {
            prop_assert!(card.handle(&command).len() >= 2);
            prop_assert!(card.handle(&command).len() <= 0x8000 + 2);
        }
        let after = tries_left(&mut card);
        prop_assert!(after[0] <= before[0] && after[1] <= before[1]);
    }

    #[test]
    fn counters_move_only_as_tries_and_pulls_say(
        deeds in proptest::collection::vec(deed(), 1..25),
    ) {
        let mut card = card_with(Reference);
        let mut counters = tries_left(&mut card);
        prop_assert_eq!(counters, [3, 5]);
        for deed in deeds {
            let expected = do_deed(&mut card, &deed, counters);
            counters = tries_left(&mut card);
            prop_assert_eq!(counters, expected, "after {:?}", deed);
        }
    }

    #[test]
    fn pulling_never_buys_more_guesses_than_the_counter_allows(
        pulls in proptest::collection::vec(0u32..5, 40),
    ) {
        let mut card = card_with(Reference);
        let mut compared = 0;
        for steps in pulls {
            card.power_on();
            card.handle(&select());
            let wrong = apdu::verify_file(file::AUTHENTICATION_PIN, b"0000").unwrap();
            let open = tries_left(&mut card)[0] > 0;
            card.handle_pulled_after(&wrong.to_bytes(), steps);
            // From the first step on the card may have compared.
            compared += u32::from(open && steps >= 1);
        }
        prop_assert!(compared <= 3, "{compared} guesses were compared");
    }

    #[test]
    fn without_power_the_card_is_mute(command in any_bytes()) {
        let mut card = card_with(Reference);
        prop_assert!(card.handle(&command).is_empty());
        prop_assert_eq!(tries_left(&mut card), [3, 5]);
    }

    #[test]
    fn keys_and_secrets_are_never_read(offset: u8, extended: bool) {
        let mut card = card_with(Reference);
        card.power_on();
        card.handle(&select());
        for purpose in [Use::Authentication, Use::Signing] {
            let open = apdu::verify_file(pin_file(purpose), secret(purpose, true)).unwrap();
            card.handle(&open.to_bytes());
        }
        let length = if extended { 65_536 } else { 256 };
        for id in [
            file::AUTHENTICATION_KEY, file::AUTHENTICATION_PIN, file::SIGN_KEY, file::SIGN_PASSWORD,
        ] {
            let read = apdu::read_file(id, offset, length).unwrap();
            prop_assert_eq!(card.handle(&read.to_bytes()), [0x69, 0x81]);
        }
    }
}
