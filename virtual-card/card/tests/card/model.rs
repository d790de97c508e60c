//! A small model of the card, written from the fact sheet and not from the card: which secret opens what,
//! how counters move, and what a card pulled out in the middle of a command has done. The card must give
//! the model's answer to every command of any sequence.

use crate::cards::{self, NUMBER, NUMBER_B, PASSWORD, PIN, TEXT_PIN, card_with};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use virtual_card::{Card, Reference};
use wire::apdu::{
    self, Command, JPKI_APPLICATION, Response, SURFACE_APPLICATION, TEXT_APPLICATION,
};

/// A secret, by application and file.
type Place = (char, u16);

const AUTHENTICATION: Place = ('j', 0x18);
const SIGNING: Place = ('j', 0x1B);
const TEXT: Place = ('t', 0x11);
const TEXT_A: Place = ('t', 0x14);
const TEXT_B: Place = ('t', 0x15);
const BIRTH: Place = ('s', 0x11);
const SURFACE_B: Place = ('s', 0x12);
const SURFACE_A: Place = ('s', 0x13);

const SECRETS: [(Place, u8, &str); 8] = [
    (AUTHENTICATION, 3, PIN),
    (SIGNING, 5, PASSWORD),
    (TEXT, 3, TEXT_PIN),
    (TEXT_A, 10, NUMBER),
    (TEXT_B, 10, NUMBER_B),
    (BIRTH, 10, "550217"),
    (SURFACE_B, 10, NUMBER_B),
    (SURFACE_A, 10, NUMBER),
];

/// Data files and what opens each; nothing in the list means that anybody may read it.
const DATA: [(Place, &[Place]); 20] = [
    (('j', 0x01), &[SIGNING]),
    (('j', 0x02), &[]),
    (('j', 0x06), &[]),
    (('j', 0x08), &[]),
    (('j', 0x0A), &[]),
    (('j', 0x0B), &[]),
    (('t', 0x01), &[TEXT, TEXT_A]),
    (('t', 0x02), &[TEXT, TEXT_B]),
    (('t', 0x03), &[TEXT, TEXT_A, TEXT_B]),
    (('t', 0x04), &[]),
    (('t', 0x05), &[]),
    (('t', 0x06), &[TEXT, TEXT_A, TEXT_B]),
    (('t', 0x07), &[TEXT, TEXT_A, TEXT_B]),
    (('t', 0x08), &[]),
    (('s', 0x01), &[BIRTH]),
    (('s', 0x02), &[SURFACE_A, SURFACE_B]),
    (('s', 0x03), &[]),
    (('s', 0x04), &[]),
    (('s', 0x05), &[SURFACE_A]),
    (('s', 0x06), &[SURFACE_A, SURFACE_B]),
];

/// Files that can neither be read nor presented: keys, references.
const OTHERS: [Place; 5] = [
    ('j', 0x16),
    ('j', 0x17),
    ('j', 0x1A),
    ('t', 0x13),
    ('i', 0x1E),
];

#[derive(Debug, Clone)]
enum Deed {
    PowerCycle,
    Reset,
    Select(char),
    Present { id: u16, given: String },
    Change { id: u16, new: String },
    Read(u16),
    Sign(u16),
    Terminal { enrolled: bool, answers: bool },
}

#[derive(Clone)]
struct Model {
    application: char,
    left: BTreeMap<Place, u8>,
    secrets: BTreeMap<Place, String>,
    presented: BTreeSet<Place>,
    proved: bool,
}

impl Model {
    fn new() -> Model {
        Model {
            application: 'i',
            left: SECRETS.map(|(place, tries, _)| (place, tries)).into(),
            secrets: SECRETS
                .map(|(place, _, secret)| (place, secret.to_owned()))
                .into(),
            presented: BTreeSet::new(),
            proved: false,
        }
    }

    fn forget(&mut self) {
        self.presented.clear();
        self.proved = false;
    }

    fn off(&mut self) {
        self.forget();
        self.application = 'i';
    }

    fn exists(&self, id: u16) -> bool {
        let place = (self.application, id);
        self.left.contains_key(&place)
            || DATA.iter().any(|(data, _)| *data == place)
            || OTHERS.contains(&place)
            || place == ('j', 0x09)
            || place == ('t', 0x12)
    }

    /// What a VERIFY does in so many steps: lower, compare, restore when right; then its answer.
    fn present(&mut self, id: u16, given: &str, steps: u32) -> (u16, u32) {
        let place = (self.application, id);
        if !self.exists(id) {
            return (0x6A82, 0);
        }
        if place == ('t', 0x12) {
            return (0x6984, 0);
        }
        let Some(left) = self.left.get(&place).copied() else {
            return (0x6981, 0);
        };
        if left == 0 {
            return (0x6984, 0);
        }
        let right = self.secrets[&place] == given;
        if steps >= 1 {
            self.left.insert(place, left - 1);
        }
        if steps >= 3 && right {
            let most = SECRETS.iter().find(|row| row.0 == place).unwrap().1;
            self.left.insert(place, most);
        }
        match right {
            true => {
                self.presented.insert(place);
                (0x9000, 3)
            }
            false => {
                self.presented.remove(&place);
                (0x63C0 | u16::from(left - 1), 2)
            }
        }
    }

    fn change(&mut self, id: u16, new: &str, steps: u32) -> (u16, u32) {
        let place = (self.application, id);
        if !self.exists(id) {
            return (0x6A82, 0);
        }
        if place == ('t', 0x12) {
            return (0x6985, 0);
        }
        if !self.left.contains_key(&place) {
            return (0x6981, 0);
        }
        if ![AUTHENTICATION, SIGNING, TEXT].contains(&place) {
            return (0x6985, 0);
        }
        if !self.presented.contains(&place) {
            return (0x6982, 0);
        }
        let fits = match place {
            SIGNING => new == PASSWORD || new == "NEWPASS1",
            _ => new.len() == 4,
        };
        if !fits {
            return (0x6A80, 0);
        }
        if steps >= 1 {
            self.secrets.insert(place, new.to_owned());
        }
        (0x9000, 1)
    }

    fn read(&self, id: u16) -> u16 {
        let place = (self.application, id);
        let data = DATA.iter().find(|(data, _)| *data == place);
        match data {
            Some((_, [])) => 0x9000,
            Some((_, openers)) if openers.iter().any(|by| self.presented.contains(by)) => 0x9000,
            Some(_) => 0x6982,
            None if place == ('j', 0x09) => 0x6982,
            None if self.exists(id) => 0x6981,
            None => 0x6A82,
        }
    }

    fn sign(&self, id: u16) -> u16 {
        let opened = match (self.application, id) {
            ('j', 0x17) => self.presented.contains(&AUTHENTICATION) || self.proved,
            ('j', 0x1A) => self.presented.contains(&SIGNING),
            ('t', 0x13) => true,
            place if self.left.contains_key(&place) || place == ('t', 0x12) => return 0x6985,
            _ if self.exists(id) => return 0x6981,
            _ => return 0x6A82,
        };
        if opened { 0x9000 } else { 0x6982 }
    }

    /// The model's status word and the steps before its answer.
    fn answer(&mut self, deed: &Deed, steps: u32) -> (u16, u32) {
        match deed {
            Deed::Select(application) => {
                if *application != self.application {
                    self.forget();
                }
                self.application = *application;
                (0x9000, 0)
            }
            Deed::Present { id, given } => self.present(*id, given, steps),
            Deed::Change { id, new } => self.change(*id, new, steps),
            Deed::Read(id) => (self.read(*id), 0),
            Deed::Sign(id) => (self.sign(*id), 0),
            Deed::PowerCycle | Deed::Reset | Deed::Terminal { .. } => (0x9000, 0),
        }
    }
}

fn bytes(deed: &Deed) -> Vec<u8> {
    let command = match deed {
        Deed::Select('j') => apdu::select_application(&JPKI_APPLICATION),
        Deed::Select('t') => apdu::select_application(&TEXT_APPLICATION),
        Deed::Select('s') => apdu::select_application(&SURFACE_APPLICATION),
        Deed::Select(_) => apdu::select_application(&apdu::ISSUER_DOMAIN),
        Deed::Present { id, given } => apdu::verify_file(*id, given.as_bytes()),
        Deed::Change { id, new } => {
            let p2 = 0x80 | u8::try_from(*id).unwrap();
            Command::new([0, 0x24, 1, p2]).with_data(new.as_bytes())
        }
        Deed::Read(id) => apdu::read_file(*id, 0, 16),
        Deed::Sign(id) => apdu::compute_signature_file(*id, 3, b"message"),
        Deed::PowerCycle | Deed::Reset | Deed::Terminal { .. } => unreachable!(),
    };
    command.unwrap().to_bytes()
}

fn status(answer: &[u8]) -> u16 {
    Response::parse(answer).unwrap().status.0
}

/// The whole stand-in for the use without a PIN; whether it was let through.
fn prove(card: &mut Card, enrolled: bool, answers: bool) -> bool {
    card.handle(&apdu::select_file(0x16).to_bytes());
    let which = if enrolled { "enrolled" } else { "foreign" };
    let certificate = cards::terminal_certificate(which).unwrap();
    let present = Command::new([0x80, 0xA2, 0, 0xC1]).with_data(&certificate);
    card.handle(&present.unwrap().to_bytes());
    let challenge = card.handle(&apdu::get_challenge(32).unwrap().to_bytes());
    let challenge = &challenge[..challenge.len() - 2];
    let answer = match answers {
        true => cards::terminal_answer(challenge),
        false => vec![7; 64],
    };
    let authenticate = Command::new([0, 0x82, 0, 0]).with_data(&answer).unwrap();
    status(&card.handle(&authenticate.to_bytes())) == 0x9000
}

fn do_deed(card: &mut Card, model: &mut Model, deed: &Deed, pulled_after: Option<u32>) {
    match deed {
        Deed::PowerCycle => {
            card.power_off();
            card.power_on();
            model.off();
        }
        Deed::Reset => {
            card.reset();
            model.off();
        }
        Deed::Terminal { enrolled, answers } => {
            let expected = model.application == 'j' && *enrolled && *answers;
            assert_eq!(prove(card, *enrolled, *answers), expected);
            model.proved = expected;
        }
        _ => {
            let steps = pulled_after.unwrap_or(u32::MAX);
            let (expected, before_answer) = model.answer(deed, steps);
            let command = bytes(deed);
            let answer = match pulled_after {
                Some(steps) => card.handle_pulled_after(&command, steps),
                None => Some(card.handle(&command)),
            };
            if steps <= before_answer {
                assert_eq!(answer, None);
                model.off();
                card.power_on();
            } else {
                let got = status(&answer.unwrap());
                assert_eq!(got, expected, "{got:04X} instead of {expected:04X}");
            }
        }
    }
}

/// The counters as the card itself tells them.
fn counters(card: &mut Card) -> BTreeMap<Place, u8> {
    let tries = |(place, _, _): (Place, u8, &str)| {
        card.handle(&bytes(&Deed::Select(place.0)));
        let answer = card.handle(&apdu::verify_query_file(place.1).to_bytes());
        (place, u8::try_from(status(&answer) & 0x0F).unwrap())
    };
    SECRETS.map(tries).into()
}

fn deed() -> impl Strategy<Value = Deed> {
    let application = prop_oneof![3 => Just('j'), 3 => Just('t'), 3 => Just('s'), 1 => Just('i')];
    let secret = prop_oneof![8 => 0x11u16..=0x1B, 1 => 1u16..=0x1E];
    let text = proptest::sample::select(vec![
        PIN, TEXT_PIN, "9999", PASSWORD, "NEWPASS1", NUMBER, NUMBER_B, "550217", "abc123",
    ]);
    let right = proptest::sample::select(SECRETS.to_vec());
    let flags = (prop::bool::weighted(0.8), prop::bool::weighted(0.8));
    prop_oneof![
        4 => application.prop_map(Deed::Select),
        4 => right.prop_map(|((_, id), _, given)| Deed::Present { id, given: given.to_owned() }),
        3 => (secret.clone(), text.clone())
            .prop_map(|(id, given)| Deed::Present { id, given: given.to_owned() }),
        2 => (secret, text).prop_map(|(id, new)| Deed::Change { id, new: new.to_owned() }),
        6 => prop_oneof![4 => 1u16..=8, 1 => 1u16..=0x1E].prop_map(Deed::Read),
        2 => prop_oneof![3 => Just(0x17u16), 2 => Just(0x1A), 1 => 0x11u16..=0x1B]
            .prop_map(Deed::Sign),
        1 => flags.prop_map(|(enrolled, answers)| Deed::Terminal { enrolled, answers }),
        1 => Just(Deed::PowerCycle),
        1 => Just(Deed::Reset),
    ]
}

proptest! {
    #[test]
    fn the_card_does_what_the_model_says(
        deeds in proptest::collection::vec(
            (deed(), proptest::option::weighted(0.15, 0u32..6)), 1..40,
        ),
    ) {
        let mut card = card_with(Reference);
        let mut model = Model::new();
        card.power_on();
        for (deed, pulled_after) in deeds {
            do_deed(&mut card, &mut model, &deed, pulled_after);
        }
        card.power_off();
        card.power_on();
        prop_assert_eq!(counters(&mut card), model.left);
    }
}

/// Pulls the card out at every command and every step of a whole visit, and once again.
#[test]
fn a_visit_can_end_anywhere() {
    let present = |id, given: &str| Deed::Present {
        id,
        given: given.to_owned(),
    };
    let visit = [
        Deed::Select('s'),
        present(0x12, "00000000000000"),
        present(0x12, NUMBER_B),
        Deed::Read(0x02),
        Deed::Select('j'),
        present(0x18, "0000"),
        present(0x18, PIN),
        Deed::Change {
            id: 0x18,
            new: "9999".to_owned(),
        },
        Deed::Read(0x0A),
        Deed::Sign(0x17),
        present(0x1B, PASSWORD),
        Deed::Read(0x01),
        Deed::Sign(0x1A),
        Deed::Select('t'),
        present(0x11, TEXT_PIN),
        Deed::Read(0x01),
    ];
    for index in 0..visit.len() {
        for steps in 0..5 {
            let mut card = card_with(Reference);
            let mut model = Model::new();
            card.power_on();
            for deed in &visit[..index] {
                do_deed(&mut card, &mut model, deed, None);
            }
            for _ in 0..2 {
                do_deed(&mut card, &mut model, &visit[index], Some(steps));
            }
            assert_eq!(
                counters(&mut card),
                model.left,
                "deed {index}, step {steps}"
            );
        }
    }
}
