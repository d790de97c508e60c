//! What a receipt computer asks of the server by way of the terminal, as it crossed the server's hop.

use evidence::Party;

use super::wire::{Exchange, Said, error, facility_of};
use crate::calendar::Instant;
use crate::decode::DecodeError;
use crate::decode::request::{Request, request};
use crate::decode::{drugs, result};

/// Which of the server's XML interfaces is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// By number (OQS-IF-001).
    Number,
    /// The clinic's own number of a patient (OQS-IF-003).
    Reference,
    /// Drug information (YZK-IF-001).
    Drugs,
}

/// A question in XML.
#[derive(Clone, Debug)]
pub struct Question {
    /// Which interface.
    pub kind: Kind,
    /// Record of the request.
    pub seq: u32,
    /// When it was sent.
    pub at: Instant,
    /// Who asked.
    pub from: Party,
    /// Its facility.
    pub facility: String,
    /// What is asked.
    pub request: Result<Request, DecodeError>,
    /// Record of the answer, when it came, and the answer.
    pub answer: Option<(u32, Instant, Said)>,
}

impl Kind {
    /// Path of the interface.
    pub fn path(self) -> &'static str {
        match self {
            Kind::Number => "/v1/number-confirmations",
            Kind::Reference => "/v1/reference-numbers",
            Kind::Drugs => "/v1/drug-information",
        }
    }
}

impl Exchange {
    pub(super) fn question(&self) -> Option<Question> {
        let kind = [Kind::Number, Kind::Reference, Kind::Drugs]
            .into_iter()
            .find(|kind| self.posts(kind.path()))?;
        let asked = self.request.as_ref().ok()?;
        let answer = self.answer.as_ref().map(|a| {
            let said = match &a.message {
                Err(broken) => Said::Broken(broken.clone()),
                Ok(message) => match message.status().unwrap_or_default() {
                    200 => read(kind, &message.body).unwrap_or_else(Said::Broken),
                    status => error(status, message),
                },
            };
            (a.seq, a.at, said)
        });
        Some(Question {
            kind,
            seq: self.seq,
            at: self.at,
            from: self.from.clone(),
            facility: facility_of(&self.from.name).to_owned(),
            request: request(&asked.body),
            answer,
        })
    }
}

fn read(kind: Kind, body: &[u8]) -> Result<Said, DecodeError> {
    match kind {
        Kind::Number | Kind::Reference => result::outcome(body).map(Said::Outcome),
        Kind::Drugs => drugs::drugs(body).map(Said::Drugs),
    }
}
