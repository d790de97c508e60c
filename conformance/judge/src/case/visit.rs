//! One stay of a card on a reader: from the placing hand to the next placing at that clinic, with
//! everything that crossed the clinic's hops and showed on its screens meanwhile.

use evidence::{Act, Attested};
use serde_json::Value;

use crate::calendar::Instant;
use crate::decode::apdu::{Command, Response};
use crate::decode::result::{Numbers, Outcome};
use crate::decode::{DecodeError, json};

/// A command to a card and its response.
#[derive(Clone, Debug)]
pub struct CardExchange {
    /// Record of the command.
    pub seq: u32,
    /// The card.
    pub card: String,
    /// The command.
    pub command: Result<Command, DecodeError>,
    /// Record of the response, and the response.
    pub response: Option<(u32, Result<Response, DecodeError>)>,
}

/// A line between reader and terminal.
#[derive(Clone, Debug)]
pub struct Line {
    /// Record.
    pub seq: u32,
    /// True when the reader sent it.
    pub from_reader: bool,
    /// The line.
    pub value: Result<Value, DecodeError>,
}

/// A reader screen.
#[derive(Clone, Debug)]
pub struct Screen {
    /// Record.
    pub seq: u32,
    /// `PLACE_CARD`, `ENTER_PIN`, …
    pub id: String,
    /// Its Japanese lines.
    pub lines: Vec<String>,
    /// Tries left, where the screen tells them.
    pub tries_left: Option<u64>,
}

/// A file in the `face` folder.
#[derive(Clone, Debug)]
pub struct FaceFile {
    /// Record.
    pub seq: u32,
    /// Facility.
    pub facility: String,
    /// File name.
    pub name: String,
    /// Its content.
    pub outcome: Result<Outcome, DecodeError>,
}

/// One insurance in a chart.
#[derive(Clone, Debug)]
pub struct Insurance {
    /// `current`, `reference` or `ended`.
    pub state: String,
    /// What names it.
    pub numbers: Numbers,
    /// The file it came from.
    pub source: Option<String>,
}

/// What a receipt computer shows for a patient.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Record.
    pub seq: u32,
    /// Facility.
    pub facility: String,
    /// The patient.
    pub person: String,
    /// Insurances, or why they cannot be read.
    pub insurances: Result<Vec<Insurance>, DecodeError>,
}

/// A stay of a card.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Facility.
    pub facility: String,
    /// Card.
    pub card: String,
    /// Record of the placing hand.
    pub seq: u32,
    /// When the card was placed.
    pub at: Instant,
    /// First record that no longer belongs to it.
    pub end: u32,
    /// Record of the hand that took the card.
    pub taken: Option<u32>,
    /// What hands did meanwhile.
    pub acts: Vec<(u32, Act)>,
    /// Commands to the card.
    pub card_exchanges: Vec<CardExchange>,
    /// Lines between reader and terminal.
    pub lines: Vec<Line>,
    /// Screens in the order shown.
    pub screens: Vec<Screen>,
}

impl Line {
    /// The `type` member.
    pub fn kind(&self) -> &str {
        self.value
            .as_ref()
            .ok()
            .and_then(|v| v.get("type"))
            .and_then(Value::as_str)
            .unwrap_or("")
    }

    /// A number member.
    pub fn number(&self, member: &str) -> Option<u64> {
        self.value.as_ref().ok()?.get(member)?.as_u64()
    }

    /// A text member; empty when it is not there.
    pub fn text(&self, member: &str) -> &str {
        self.value
            .as_ref()
            .ok()
            .and_then(|v| v.get(member))
            .and_then(Value::as_str)
            .unwrap_or("")
    }
}

impl Visit {
    /// Whether a record of this clinic falls into this stay.
    pub fn covers(&self, facility: &str, seq: u32) -> bool {
        self.facility == facility && seq > self.seq && seq < self.end
    }

    /// The outcome lines the terminal sent to the reader.
    pub fn outcomes(&self) -> impl Iterator<Item = &Line> {
        self.lines
            .iter()
            .filter(|l| !l.from_reader && l.kind() == "outcome")
    }

    /// The consents the reader passed on: operation, treatment, drug, checkup.
    pub fn consents(&self) -> Option<(u32, [bool; 4])> {
        let line = self
            .lines
            .iter()
            .rev()
            .find(|l| l.from_reader && l.kind() == "consents")?;
        let given = line.value.as_ref().ok()?.get("consents")?;
        let of = |name: &str| json::flag(given, name).unwrap_or(false);
        Some((
            line.seq,
            [of("operation"), of("treatment"), of("drug"), of("checkup")],
        ))
    }

    /// Lines of every screen from a record on, spaces removed, in order.
    pub fn shown_from(&self, seq: u32) -> impl Iterator<Item = &Screen> {
        self.screens.iter().filter(move |s| s.seq > seq)
    }
}

impl Screen {
    pub(super) fn read(seq: u32, attested: &Attested) -> Screen {
        let lines = attested.seen.get("lines").and_then(Value::as_array);
        let lines = lines
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        Screen {
            seq,
            id: attested
                .seen
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or("")
                .to_owned(),
            lines,
            tries_left: attested.seen.get("tries_left").and_then(Value::as_u64),
        }
    }

    /// Whether a text stands on it, however its lines are broken.
    pub fn says(&self, text: &str) -> bool {
        let plain = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        plain(&self.lines.concat()).contains(&plain(text))
    }

    /// All lines in one, for quotes.
    pub fn text(&self) -> String {
        format!("{} {}", self.id, self.lines.join(" / "))
            .trim()
            .to_owned()
    }
}

impl Chart {
    pub(super) fn read(seq: u32, attested: &Attested) -> Chart {
        let insurances = match attested.seen.get("insurances") {
            Some(Value::Array(rows)) => rows
                .iter()
                .enumerate()
                .map(|(i, row)| insurance(i, row))
                .collect(),
            _ => Err(DecodeError::new("chart /insurances", "a list", "none")),
        };
        Chart {
            seq,
            facility: attested.product.name.clone(),
            person: attested
                .seen
                .get("person")
                .and_then(Value::as_str)
                .unwrap_or("")
                .to_owned(),
            insurances,
        }
    }
}

fn insurance(index: usize, row: &Value) -> Result<Insurance, DecodeError> {
    let of = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or("");
    let state = of("state");
    if !["current", "reference", "ended"].contains(&state) {
        let place = format!("chart /insurances/{index}/state");
        return Err(DecodeError::new(
            place,
            "current, reference or ended",
            state,
        ));
    }
    Ok(Insurance {
        state: state.to_owned(),
        numbers: Numbers::new(
            of("insurer_number"),
            of("symbol"),
            of("number"),
            of("branch"),
        ),
        source: row.get("source").and_then(Value::as_str).map(str::to_owned),
    })
}
