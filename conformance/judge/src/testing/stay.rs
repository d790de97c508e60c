//! A stay of a card on a reader, written down move by move: what hands did, what was said between reader and
//! terminal, what the screen showed.

use evidence::{Act, Fact, Party, What};
use serde_json::json;

use super::chip::CARD;
use super::{CLINIC, Scene, pki};
use base64::Engine;

/// One thing that happened in a stay.
#[derive(Clone, Debug)]
pub enum Did {
    Act(Act),
    Reader(String),
    Terminal(String),
    Screen(String, String),
    Identified(String),
    Commands(Vec<String>),
}

pub fn choose_method() -> Vec<Did> {
    shows("CHOOSE_METHOD")
}

pub fn shows(id: &str) -> Vec<Did> {
    says(id, "")
}

pub fn says(id: &str, line: &str) -> Vec<Did> {
    vec![Did::Screen(id.into(), line.into())]
}

pub fn choose_face() -> Vec<Did> {
    vec![Did::Act(Act::ChooseFace)]
}

pub fn choose_pin() -> Vec<Did> {
    vec![Did::Act(Act::ChoosePin)]
}

pub fn call_staff() -> Vec<Did> {
    vec![Did::Act(Act::CallStaff)]
}

pub fn take_card() -> Vec<Did> {
    vec![Did::Act(Act::TakeCard)]
}

pub fn slips(command: u32) -> Vec<Did> {
    vec![Did::Act(Act::CardSlips { command })]
}

pub fn look(face: &str, clear: bool) -> Vec<Did> {
    vec![Did::Act(Act::LookIntoCamera {
        face: face.into(),
        clear,
    })]
}

pub fn passcode(token: &str) -> Vec<Did> {
    vec![Did::Act(Act::EnterPasscode {
        passcode: token.into(),
    })]
}

pub fn compared(matched: bool) -> Vec<Did> {
    reader(&json!({ "type": "face-compared", "matched": matched }).to_string())
}

/// The terminal hands the photo of the card.
pub fn photo() -> Vec<Did> {
    terminal(r#"{"type":"photo","image":"⟦FACE#1⟧"}"#)
}

pub fn reader(line: &str) -> Vec<Did> {
    vec![Did::Reader(line.into())]
}

pub fn terminal(line: &str) -> Vec<Did> {
    vec![Did::Terminal(line.into())]
}

/// The terminal shows the card to the server and tells it this method.
pub fn identified(method: &str) -> Vec<Did> {
    vec![Did::Identified(method.into())]
}

/// The reader sends these lines of [`Scene::examine`] to the card.
pub fn commands(lines: &[&str]) -> Vec<Did> {
    vec![Did::Commands(
        lines.iter().map(|l| (*l).to_owned()).collect(),
    )]
}

impl Scene {
    /// The holder places the card on the first reader of a facility, and then this happens.
    pub fn stay(&mut self, place: &str, happens: &[Did]) {
        let facility = place.split('#').next().unwrap_or(place);
        self.hands(Act::PlaceCard {
            card: CARD.into(),
            person: "田中".into(),
            facility: facility.into(),
            reader: if place.contains('#') { 2 } else { 1 },
        });
        for did in happens {
            self.happens(place, did);
        }
    }

    pub fn happens(&mut self, place: &str, did: &Did) {
        let (reader, terminal) = (Party::at("reader", place), Party::at("terminal", place));
        match did {
            Did::Act(act) => self.hands(act.clone()),
            Did::Reader(line) => self.tap("reader", reader, terminal, 1, line.as_bytes(), None),
            Did::Terminal(line) => self.tap("reader", terminal, reader, 1, line.as_bytes(), None),
            Did::Screen(id, line) => self.screen(place, id, &[line], None),
            Did::Commands(lines) => {
                let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                self.send_to_card(&reader, &lines);
            }
            Did::Identified(method) => {
                let session = "00000000000000000000000000000001";
                self.show(place, &pki::Leaf::default(), session, method);
            }
        }
    }

    fn bend_facility(&mut self, name: &str, bend: impl Fn(&mut Fact)) {
        for record in &mut self.records.records {
            if let What::Declared(declared) = &mut record.what
                && matches!(&declared.fact, Fact::Facility { facility, .. } if facility == name)
            {
                bend(&mut declared.fact);
            }
        }
    }

    /// A facility has a general-purpose reader.
    pub fn general(&mut self, name: &str) {
        self.bend_facility(name, |fact| {
            if let Fact::Facility { reader, .. } = fact {
                *reader = "general".into();
            }
        });
    }

    /// Staff of a facility have this passcode.
    pub fn passcode(&mut self, name: &str, token: &str) {
        self.bend_facility(name, |fact| {
            if let Fact::Facility { passcode, .. } = fact {
                *passcode = token.into();
            }
        });
    }

    /// Somebody else's card lies in the first reader and is shown to the server there.
    pub fn neighbour(&mut self, person: &str) {
        let leaf = pki::Leaf {
            serial: 0x3003,
            ..pki::Leaf::default()
        };
        let certificate = self.keep(&pki::leaf(&leaf));
        let card = format!("{person}のカード");
        self.declare(Fact::Card {
            card: card.clone(),
            holder: person.into(),
            serial: "3003".into(),
            certificate,
            first_day: leaf.first_day.into(),
            last_day: leaf.last_day.into(),
            pin: "⟦PIN#9⟧".into(),
            tries_left: 3,
            genuine: true,
            chip: None,
        });
        self.hands(Act::PlaceCard {
            card,
            person: person.into(),
            facility: CLINIC.into(),
            reader: 1,
        });
        self.show(CLINIC, &leaf, "00000000000000000000000000000099", "pin");
    }

    /// A terminal shows a card to the server.
    fn show(&mut self, place: &str, leaf: &pki::Leaf, session: &str, method: &str) {
        let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let body = json!({
            "session": session, "method": method, "certificate": base64(&pki::leaf(leaf)),
            "signature": base64(&[1; 256]),
        });
        let said = (200, "application/json", r#"{"standing":"registered"}"#);
        self.put(place, "/v1/card-identifications", &body.to_string(), said);
    }

    /// A terminal drops a file for the receipt computer.
    pub fn drop_from(&mut self, from: Party, name: &str, bytes: &[u8]) {
        let bytes = Some(self.keep(bytes));
        self.push(What::Tapped(evidence::Tapped {
            hop: "face-folder".into(),
            from,
            to: Party::at("receipt-computer", CLINIC),
            connection: 1,
            name: Some(name.into()),
            bytes,
            tls: None,
        }));
    }
}
