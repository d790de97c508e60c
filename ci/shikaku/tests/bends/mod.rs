//! Bends other than of single values: each kind is a row of a table, a function from a story's records to what
//! could be bent in them, as if the sender itself had said it so.

mod body;
mod card;
mod message;
mod seen;
mod sequence;
mod value;

use evidence::{Record, ScenarioRecords, Tapped, What, digest_hex};
use serde_json::Value;

/// What ought to come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Somebody said what he must not: to be noticed, and laid to him.
    Noticed,
    /// Either, depending on what it hits.
    Open,
}

/// One change of a story's records.
pub enum Edit {
    /// The message of a record says something else.
    Say(usize, Vec<u8>),
    /// A record is not there.
    Leave(usize),
    /// A record is there once more, before another.
    Again(usize, usize),
    /// What a product showed is something else.
    Show(usize, Value),
    /// A file has another name.
    Name(usize, String),
    /// The record put in once more has another name.
    NameCopy(usize, String),
}

/// One bend of one message.
pub struct Bend {
    /// Which record.
    pub at: usize,
    /// What of it, for lists: an element's name, a status word.
    pub what: String,
    /// Whose product is wrong by it, when that is not the sender.
    pub whose: Option<&'static str>,
    pub edits: Vec<Edit>,
}

impl Bend {
    pub fn new(at: usize, what: impl Into<String>, edits: Vec<Edit>) -> Self {
        let (what, whose) = (what.into(), None);
        Bend {
            at,
            what,
            whose,
            edits,
        }
    }

    /// The records with everything changed.
    pub fn apply(&self, records: &ScenarioRecords) -> ScenarioRecords {
        let mut other = records.clone();
        let mut order: Vec<(usize, usize)> = (0..records.records.len()).map(|i| (i, i)).collect();
        for edit in &self.edits {
            match edit {
                Edit::Say(at, bytes) => say(&mut other, *at, bytes.clone()),
                Edit::Show(at, seen) => {
                    if let What::Attested(attested) = &mut other.records[*at].what {
                        attested.seen = seen.clone();
                    }
                }
                Edit::Name(at, name) => {
                    if let What::Tapped(tapped) = &mut other.records[*at].what {
                        tapped.name = Some(name.clone());
                    }
                }
                Edit::NameCopy(..) => {}
                Edit::Leave(at) => order.retain(|(own, _)| own != at),
                Edit::Again(at, before) => insert(&mut order, *at, *before),
            }
        }
        let taken = order.iter().map(|(own, from)| {
            let mut record = other.records[*from].clone();
            let copy = self.edits.iter().find_map(|e| match e {
                Edit::NameCopy(at, name) if at == from && *own == usize::MAX => Some(name),
                _ => None,
            });
            if let (Some(name), What::Tapped(tapped)) = (copy, &mut record.what) {
                tapped.name = Some(name.clone());
            }
            record
        });
        let taken: Vec<Record> = taken.collect();
        other.records = taken;
        numbered(&mut other);
        other
    }
}

/// Puts a record before another; the copy is known by a place no record has.
fn insert(order: &mut Vec<(usize, usize)>, at: usize, before: usize) {
    let place = order
        .iter()
        .position(|(own, _)| *own >= before && *own != usize::MAX);
    order.insert(place.unwrap_or(order.len()), (usize::MAX, at));
}

/// Positions without gaps, times that never go back.
fn numbered(records: &mut ScenarioRecords) {
    let mut last = String::new();
    for (at, record) in records.records.iter_mut().enumerate() {
        record.seq = u32::try_from(at + 1).unwrap();
        if record.at < last {
            record.at = last.clone();
        }
        last = record.at.clone();
    }
}

fn say(records: &mut ScenarioRecords, at: usize, bytes: Vec<u8>) {
    let name = digest_hex(&bytes);
    records.bytes.insert(name.clone(), bytes);
    if let What::Tapped(tapped) = &mut records.records[at].what {
        tapped.bytes = Some(name);
    }
}

/// A kind of bend: its name, what ought to come of it, and where it can be done.
pub type Kind = (&'static str, Due, fn(&Story<'_>) -> Vec<Bend>);

/// Every kind.
pub fn kinds() -> Vec<Kind> {
    [
        sequence::KINDS,
        body::KINDS,
        message::KINDS,
        value::KINDS,
        card::KINDS,
        seen::KINDS,
    ]
    .concat()
}

/// A message of a story.
pub struct Message<'a> {
    /// Its record.
    pub at: usize,
    pub tapped: &'a Tapped,
    pub bytes: &'a [u8],
    /// What it is called in lists: hop, sender's role, path or type; of an answer the path it answers.
    pub kind: String,
    /// The record of the request it answers.
    pub answers: Option<usize>,
}

/// The records of a story, its messages taken out.
pub struct Story<'a> {
    pub records: &'a ScenarioRecords,
    pub messages: Vec<Message<'a>>,
}

/// The suite's own hands, and houses that play no part of the field.
const OWN: [&str; 2] = ["bed", "examiner"];

impl<'a> Story<'a> {
    pub fn read(records: &'a ScenarioRecords) -> Self {
        let mut messages: Vec<Message<'a>> = Vec::new();
        for (at, record) in records.records.iter().enumerate() {
            let What::Tapped(tapped) = &record.what else {
                continue;
            };
            let Some(digest) = &tapped.bytes else {
                continue;
            };
            let bytes = records.bytes[digest].as_slice();
            let asked = messages.iter().rev().find(|m| {
                m.tapped.hop == tapped.hop
                    && m.tapped.connection == tapped.connection
                    && m.tapped.from == tapped.to
                    && m.answers.is_none()
            });
            let paired = !["reader", "face-folder", "req-folder", "res-folder"]
                .contains(&tapped.hop.as_str());
            let is_answer = bytes.starts_with(b"HTTP/") || tapped.from.role == "card";
            let answers = asked.filter(|_| paired && is_answer);
            let kind = match answers {
                Some(asked) => format!(
                    "{} {} to {}",
                    tapped.hop,
                    tapped.from.role,
                    what(asked.bytes)
                ),
                None => format!("{} {} {}", tapped.hop, tapped.from.role, what(bytes)),
            };
            let answers = answers.map(|m| m.at);
            messages.push(Message {
                at,
                tapped,
                bytes,
                kind,
                answers,
            });
        }
        messages.retain(|m| !OWN.contains(&m.tapped.from.role.as_str()));
        Story { records, messages }
    }

    /// The answer to a message, or the message it answers.
    pub fn partner(&self, message: &Message<'_>) -> Option<&Message<'a>> {
        let own = |m: &&Message<'_>| m.answers == Some(message.at) || message.answers == Some(m.at);
        self.messages.iter().find(own)
    }
}

/// What a message is about: its path, its type, the first bytes of a command.
fn what(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4000)]).into_owned();
    let path = head.split_once(" HTTP/").map(|(line, _)| line.to_owned());
    let kind = head
        .split_once("\"type\":\"")
        .and_then(|(_, rest)| rest.split('"').next());
    match (path, kind) {
        (Some(path), _) => path,
        (_, Some(kind)) => kind.to_owned(),
        _ if bytes.starts_with(b"<") || bytes.starts_with(b"\xEF") => "file".to_owned(),
        _ => bytes.iter().take(2).map(|b| format!("{b:02X}")).collect(),
    }
}

/// Head (with its empty line) and body; all is body where there is no head.
pub fn parts(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n");
    bytes.split_at(end.map_or(0, |end| end + 4))
}

/// A message with another body, its length told rightly.
pub fn with_body(bytes: &[u8], body: &[u8]) -> Vec<u8> {
    let (head, _) = parts(bytes);
    let Ok(head) = std::str::from_utf8(head) else {
        return bytes.to_vec();
    };
    let lines = head.split("\r\n").map(|line| match line.split_once(": ") {
        Some((name, _)) if name.eq_ignore_ascii_case("content-length") => {
            format!("{name}: {}", body.len() - secrets(body))
        }
        _ => line.to_owned(),
    });
    let head = lines.collect::<Vec<_>>().join("\r\n");
    [head.as_bytes(), body].concat()
}

/// How much longer a body is by tokens in place of individual numbers, the only secrets in bodies of HTTP.
fn secrets(body: &[u8]) -> usize {
    let text = String::from_utf8_lossy(body);
    let tokens = text
        .split('⟦')
        .skip(1)
        .filter_map(|rest| rest.split_once('⟧'));
    tokens
        .map(|(token, _)| (token.len() + 6).saturating_sub(12))
        .sum()
}
