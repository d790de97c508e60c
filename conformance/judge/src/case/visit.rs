//! One stay of a card on a reader: from the placing hand to the next placing at that clinic, with
//! everything that crossed the clinic's hops and showed on its screens meanwhile.

use evidence::{Act, Attested, Party};
use serde_json::Value;

use super::session;
use crate::calendar::Instant;
use crate::decode::DecodeError;
use crate::decode::apdu::{Command, Response};

/// A command to a card and its response.
#[derive(Clone, Debug)]
pub struct CardExchange {
    /// Record of the command.
    pub seq: u32,
    /// Who sent it: a reader, a person's device at home, the examiner.
    pub by: Party,
    /// The card.
    pub card: String,
    /// Connection on the hop: the card has power as long as it lasts.
    pub connection: u32,
    /// The command as it crossed, secrets as tokens.
    pub bytes: Vec<u8>,
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
    /// When it was sent.
    pub at: Instant,
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

/// A stay of a card.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Facility.
    pub facility: String,
    /// Name of reader and terminal: the facility's, with `#2` at its second reader.
    pub place: String,
    /// Card.
    pub card: String,
    /// The person at the reader.
    pub person: String,
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
    /// Whether a record of the reader or terminal of that name falls into this stay.
    pub fn covers(&self, place: &str, seq: u32) -> bool {
        self.place == place && seq > self.seq && seq < self.end
    }

    /// The outcome lines the terminal sent to the reader.
    pub fn outcomes(&self) -> impl Iterator<Item = &Line> {
        self.lines
            .iter()
            .filter(|l| !l.from_reader && l.kind() == "outcome")
    }

    /// The consents the reader passed on: operation, treatment, drug, checkup.
    pub fn consents(&self) -> Option<(u32, [bool; 4])> {
        let lines = self.lines.iter().rev();
        let mut said = lines.filter(|l| l.from_reader && l.kind() == "consents");
        let line = said.next()?;
        let given = session::consents(line.value.as_ref().ok()?).ok()?;
        Some((line.seq, given))
    }

    /// Lines of one side and kind, in order.
    pub fn said<'a>(
        &'a self,
        from_reader: bool,
        kind: &'a str,
    ) -> impl Iterator<Item = &'a Line> + 'a {
        self.lines
            .iter()
            .filter(move |l| l.from_reader == from_reader && l.kind() == kind)
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
