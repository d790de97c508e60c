//! Messages of the hops between servers, paired: what was asked on a connection and what came back.

use evidence::Party;

use crate::calendar::Instant;
use crate::decode::certificate::{Certificate, certificate};
use crate::decode::http::{Message, message};
use crate::decode::{DecodeError, json, ocsp, result};

/// A request on an HTTP hop and its answer, if one came.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Record of the request.
    pub seq: u32,
    /// When it was sent.
    pub at: Instant,
    /// Who asked.
    pub from: Party,
    /// Connection number.
    pub connection: u32,
    /// Digest of the certificate the asker showed, if it showed one.
    pub client: Option<String>,
    /// The request.
    pub request: Result<Message, DecodeError>,
    /// Record of the answer, and the answer.
    pub answer: Option<(u32, Result<Message, DecodeError>)>,
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
    /// Facility that connected.
    pub facility: String,
    /// TLS version of a finished handshake.
    pub version: Option<String>,
    /// Digest of the certificate the asker showed.
    pub client: Option<String>,
    /// Whether the server showed its own.
    pub server_shown: bool,
    /// What ended it.
    pub alert: Option<String>,
    /// Records with bytes from the server.
    pub answers: Vec<u32>,
    /// Records with bytes to the server.
    pub requests: Vec<u32>,
}

/// What a card confirmation asks.
#[derive(Clone, Debug)]
pub struct Request {
    /// Session of the challenge.
    pub session: String,
    /// The certificate as sent.
    pub der: Vec<u8>,
    /// The certificate, read.
    pub certificate: Result<Certificate, DecodeError>,
    /// The card's signature.
    pub signature: Vec<u8>,
}

/// What the server said to a card confirmation.
#[derive(Clone, Debug)]
pub enum Said {
    /// A result message.
    Outcome(result::Outcome),
    /// An HTTP error and the name it carries.
    Error(u16, String),
    /// Something that is no message of this interface.
    Broken(DecodeError),
}

/// A card confirmation.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// Record of the request.
    pub seq: u32,
    /// When it was sent.
    pub at: Instant,
    /// Facility that asked.
    pub facility: String,
    /// Digest of the certificate it showed.
    pub client: Option<String>,
    /// The request.
    pub request: Result<Request, DecodeError>,
    /// Record of the answer, and the answer.
    pub answer: Option<(u32, Said)>,
}

/// A challenge the server gave out.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// Record of the answer that carried it.
    pub seq: u32,
    /// Session, 32 hex digits.
    pub session: String,
    /// 32 random bytes.
    pub challenge: Vec<u8>,
}

/// A question to the OCSP responder.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// Record of the request.
    pub seq: u32,
    /// Serials asked for.
    pub serials: Vec<String>,
    /// Record of the answer, and the answer.
    pub answer: Option<(u32, Result<ocsp::Response, DecodeError>)>,
}

impl Exchange {
    /// Status code of the answer.
    pub fn status(&self) -> Option<u16> {
        self.answer
            .as_ref()
            .and_then(|(_, a)| a.as_ref().ok())
            .and_then(Message::status)
    }

    /// Whether the answer accepts.
    pub fn accepted(&self) -> bool {
        self.status().is_some_and(|s| (200..300).contains(&s))
    }

    /// The body of the request as JSON.
    pub fn body(&self) -> Result<serde_json::Value, DecodeError> {
        json::parse(&self.request.as_ref().map_err(Clone::clone)?.body)
    }

    /// Whether it asks for that path with POST.
    pub fn posts(&self, path: &str) -> bool {
        self.request.as_ref().is_ok_and(|r| r.asks("POST", path))
    }

    pub(super) fn confirmation(&self) -> Option<Confirmation> {
        if !self.posts("/v1/card-confirmations") {
            return None;
        }
        let answer = self.answer.as_ref().map(|(seq, a)| (*seq, said(a)));
        Some(Confirmation {
            seq: self.seq,
            at: self.at,
            facility: self.from.name.clone(),
            client: self.client.clone(),
            request: self.body().and_then(|body| request(&body)),
            answer,
        })
    }

    pub(super) fn challenge(&self) -> Option<Challenge> {
        if !self.posts("/v1/challenges") {
            return None;
        }
        let (seq, answer) = self.answer.as_ref()?;
        let body = json::parse(&answer.as_ref().ok()?.body).ok()?;
        let session = json::text(&body, "session").ok()?.to_owned();
        Some(Challenge {
            seq: *seq,
            session,
            challenge: json::bytes(&body, "challenge").ok()?,
        })
    }

    pub(super) fn revocation(&self) -> Option<Revocation> {
        let asked = ocsp::request(&self.request.as_ref().ok()?.body).ok()?;
        let answer = self.answer.as_ref().map(|(seq, a)| {
            (
                *seq,
                a.as_ref()
                    .map_err(Clone::clone)
                    .and_then(|message| ocsp::response(&message.body)),
            )
        });
        Some(Revocation {
            seq: self.seq,
            serials: asked.serials,
            answer,
        })
    }
}

fn request(body: &serde_json::Value) -> Result<Request, DecodeError> {
    let der = json::bytes(body, "certificate")?;
    Ok(Request {
        session: json::text(body, "session")?.to_owned(),
        certificate: certificate(&der),
        der,
        signature: json::bytes(body, "signature")?,
    })
}

fn said(answer: &Result<Message, DecodeError>) -> Said {
    let message = match answer {
        Ok(message) => message,
        Err(error) => return Said::Broken(error.clone()),
    };
    let status = message.status().unwrap_or_default();
    if status == 200 {
        return match result::outcome(&message.body) {
            Ok(outcome) => Said::Outcome(outcome),
            Err(error) => Said::Broken(error),
        };
    }
    let body = json::parse(&message.body).ok();
    let name = body
        .as_ref()
        .and_then(|b| json::text(b, "error").ok())
        .unwrap_or("");
    Said::Error(status, name.to_owned())
}

/// Pairs the messages of one hop. `answerer` is the role that answers.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    pub exchanges: Vec<Exchange>,
}

impl Pairing {
    pub fn request(&mut self, seq: u32, at: Instant, tapped: &evidence::Tapped, bytes: &[u8]) {
        self.exchanges.push(Exchange {
            seq,
            at,
            from: tapped.from.clone(),
            connection: tapped.connection,
            client: tapped
                .tls
                .as_ref()
                .and_then(|t| t.client_chain.first().cloned()),
            request: message(bytes),
            answer: None,
        });
    }

    pub fn answer(&mut self, seq: u32, tapped: &evidence::Tapped, bytes: &[u8]) {
        let mut open = self
            .exchanges
            .iter_mut()
            .filter(|e| e.connection == tapped.connection && e.answer.is_none());
        if let Some(exchange) = open.next() {
            exchange.answer = Some((seq, message(bytes)));
        }
    }
}
