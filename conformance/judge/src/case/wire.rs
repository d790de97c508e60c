//! Messages of the HTTP hops, paired: what was asked on a connection and what came back. Each message
//! is decoded once, here.

use std::collections::BTreeMap;

use evidence::{Party, Tapped};
use serde_json::Value;

use crate::calendar::Instant;
use crate::decode::certificate::Certificate;
use crate::decode::http::{Message, message};
use crate::decode::{DecodeError, crl, drugs, json, ocsp, result};

/// A request on an HTTP hop and its answer, if one came.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Record of the request.
    pub seq: u32,
    /// When it was sent.
    pub at: Instant,
    /// Who asked.
    pub from: Party,
    /// Whether it went over the hop of those who feed the eligibility server.
    pub on_feed: bool,
    /// Digest of the certificate the asker showed, if it showed one.
    pub client: Option<String>,
    /// The request.
    pub request: Result<Message, DecodeError>,
    /// Its body as JSON.
    pub body: Result<Value, DecodeError>,
    /// The answer, when one came.
    pub answer: Option<Answer>,
}

/// An answer on an HTTP hop.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Record.
    pub seq: u32,
    /// When it came.
    pub at: Instant,
    /// The message.
    pub message: Result<Message, DecodeError>,
    /// Its body as JSON.
    pub body: Result<Value, DecodeError>,
}

/// A connection to the eligibility server as TLS showed it.
#[derive(Clone, Debug)]
pub struct Connection {
    /// First record.
    pub seq: u32,
    /// Last record.
    pub last: u32,
    /// When it began.
    pub at: Instant,
    /// Who connected.
    pub asker: Party,
    /// Facility that connected.
    pub facility: String,
    /// TLS version of a finished handshake.
    pub version: Option<String>,
    /// Digest of the certificate the asker showed.
    pub client: Option<String>,
    /// Digest of the certificate the server showed.
    pub server: Option<String>,
    /// That certificate, when it can be read.
    pub server_certificate: Option<Certificate>,
    /// What ended it.
    pub alert: Option<String>,
    /// Records with bytes from the server.
    pub answers: Vec<u32>,
    /// Records with bytes to the server.
    pub requests: Vec<u32>,
}

/// What a house said to a question.
#[derive(Clone, Debug)]
pub enum Said {
    /// A result message.
    Outcome(result::Outcome),
    /// An answer about drugs.
    Drugs(drugs::Drugs),
    /// An HTTP error and the name it carries.
    Error(u16, String),
    /// Something that is no message of this interface.
    Broken(DecodeError),
}

/// A question to the OCSP responder.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// Record of the request.
    pub seq: u32,
    /// Who asked.
    pub from: Party,
    /// When it was asked.
    pub at: Instant,
    /// Serials asked for.
    pub serials: Vec<String>,
    /// Nonce asked with, in hex.
    pub nonce: Option<String>,
    /// Record of the answer, and the answer.
    pub answer: Option<(u32, Result<ocsp::Response, DecodeError>)>,
}

/// A fetching of the revocation list.
#[derive(Clone, Debug)]
pub struct ListFetch {
    /// Who fetched it.
    pub from: Party,
    /// Record of the answer, and the list.
    pub answer: Option<(u32, Result<crl::RevocationList, DecodeError>)>,
}

/// The facility a party belongs to: its name without the number of a second reader.
pub fn facility_of(name: &str) -> &str {
    name.split('#').next().unwrap_or(name)
}

impl Exchange {
    /// Facility of the party that asks.
    pub fn facility(&self) -> &str {
        facility_of(&self.from.name)
    }

    /// Status code of the answer.
    pub fn status(&self) -> Option<u16> {
        self.answer
            .as_ref()
            .and_then(|a| a.message.as_ref().ok())
            .and_then(Message::status)
    }

    /// Whether the answer accepts.
    pub fn accepted(&self) -> bool {
        self.status().is_some_and(|s| (200..300).contains(&s))
    }

    /// Whether it asks for that path with POST.
    pub fn posts(&self, path: &str) -> bool {
        self.request.as_ref().is_ok_and(|r| r.asks("POST", path))
    }

    /// A text member of the request's body; empty when it is not there.
    pub fn text(&self, member: &str) -> &str {
        self.body
            .as_ref()
            .ok()
            .and_then(|b| json::text(b, member).ok())
            .unwrap_or("")
    }

    /// A text member of the answer's body; empty when it is not there.
    pub fn answered(&self, member: &str) -> &str {
        self.answer
            .as_ref()
            .and_then(|a| a.body.as_ref().ok())
            .and_then(|b| json::text(b, member).ok())
            .unwrap_or("")
    }

    /// Record of the answer; of the request when none came.
    pub fn last(&self) -> u32 {
        self.answer.as_ref().map_or(self.seq, |a| a.seq)
    }

    /// A quote of the answer: status and the name of a refusal.
    pub fn said(&self) -> String {
        match &self.answer {
            None => "no answer".to_owned(),
            Some(answer) => match &answer.message {
                Ok(_) => {
                    let status = self.status().unwrap_or_default();
                    format!("{status} {}", self.answered("error"))
                        .trim()
                        .to_owned()
                }
                Err(error) => error.to_string(),
            },
        }
    }

    pub(super) fn revocation(&self) -> Option<Revocation> {
        let asked = ocsp::request(&self.request.as_ref().ok()?.body).ok()?;
        let answer = self.answer.as_ref().map(|a| {
            let read = a.message.as_ref().map_err(Clone::clone);
            (a.seq, read.and_then(|m| ocsp::response(&m.body)))
        });
        Some(Revocation {
            seq: self.seq,
            from: self.from.clone(),
            at: self.at,
            serials: asked.serials,
            nonce: asked.nonce,
            answer,
        })
    }

    pub(super) fn list_fetch(&self) -> ListFetch {
        let answer = self.answer.as_ref().map(|a| {
            let read = a.message.as_ref().map_err(Clone::clone);
            (a.seq, read.and_then(|m| crl::list(&m.body)))
        });
        ListFetch {
            from: self.from.clone(),
            answer,
        }
    }
}

/// An HTTP error as said.
pub(super) fn error(status: u16, message: &Message) -> Said {
    let body = json::parse(&message.body).ok();
    let name = body.as_ref().and_then(|b| json::text(b, "error").ok());
    Said::Error(status, name.unwrap_or("").to_owned())
}

/// Pairs the messages of one hop.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    pub exchanges: Vec<Exchange>,
    open: BTreeMap<u32, usize>,
}

fn as_json(message: &Result<Message, DecodeError>) -> Result<Value, DecodeError> {
    let message = message.as_ref().map_err(Clone::clone)?;
    // Bodies of other kinds have decoders of their own.
    match message.body.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'<' | 0x30) => Err(DecodeError::new("body", "JSON", "something else")),
        _ => json::parse(&message.body),
    }
}

impl Pairing {
    /// Takes in a message; one that starts like an answer is one.
    pub fn take(&mut self, seq: u32, at: Instant, tapped: &Tapped, bytes: &[u8]) {
        let open = self.open.get(&tapped.connection).copied();
        let answers = open.is_some_and(|o| self.exchanges[o].from == tapped.to);
        match open {
            Some(open) if answers => {
                self.open.remove(&tapped.connection);
                let message = message(bytes);
                let body = as_json(&message);
                self.exchanges[open].answer = Some(Answer {
                    seq,
                    at,
                    message,
                    body,
                });
            }
            // An answer nobody asked for is no exchange.
            None if bytes.starts_with(b"HTTP/") => {}
            _ => self.request(seq, at, tapped, bytes),
        }
    }

    fn request(&mut self, seq: u32, at: Instant, tapped: &Tapped, bytes: &[u8]) {
        self.open.insert(tapped.connection, self.exchanges.len());
        let request = message(bytes);
        self.exchanges.push(Exchange {
            seq,
            at,
            from: tapped.from.clone(),
            on_feed: tapped.hop == "feed",
            client: tapped
                .tls
                .as_ref()
                .and_then(|t| t.client_chain.first().cloned()),
            body: as_json(&request),
            request,
            answer: None,
        });
    }
}
