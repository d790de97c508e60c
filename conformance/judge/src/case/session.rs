//! What a terminal asks of the server for a card, session by session: the challenge, the proof of the
//! card, the use registration, the confirmation.

use evidence::Party;
use serde_json::Value;

use super::wire::{Exchange, Said, error, facility_of};
use crate::calendar::Instant;
use crate::decode::certificate::{Certificate, certificate};
use crate::decode::http::Message;
use crate::decode::{DecodeError, json, result};

/// A challenge the server, or the portal, gave out.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// Record of the answer that carried it.
    pub seq: u32,
    /// Session, 32 hex digits.
    pub session: String,
    /// 32 random bytes.
    pub challenge: Vec<u8>,
}

/// The proof of a card: certificate and signature over the session's challenge.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Session of the challenge.
    pub session: String,
    /// Its digest.
    pub digest: String,
    /// The certificate, read.
    pub certificate: Result<Certificate, DecodeError>,
    /// The card's signature.
    pub signature: Vec<u8>,
    /// `pin`, `face` or `visual`; empty towards the portal.
    pub method: String,
}

/// A card shown to the server (or, by the person's device, to the portal).
#[derive(Clone, Debug)]
pub struct Identification {
    /// Record of the request.
    pub seq: u32,
    /// When it was sent.
    pub at: Instant,
    /// Who asked.
    pub from: Party,
    /// Its facility.
    pub facility: String,
    /// Digest of the TLS certificate it showed.
    pub client: Option<String>,
    /// The proof.
    pub request: Result<Proof, DecodeError>,
    /// Record of the answer, and the answer.
    pub answer: Option<(u32, Identified)>,
    /// Whether the signature is the certificate's key's over challenge, session and what follows; none
    /// when that cannot be told.
    pub proves: Option<bool>,
    /// Whether the session had been given out before and not been used for another proof.
    pub fresh: bool,
}

/// What the server said of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identified {
    /// How the use registration stands, as it said it.
    Standing(String),
    /// An HTTP error and the name it carries.
    Error(u16, String),
    /// Something that is no message of this interface.
    Broken(DecodeError),
}

/// What a card confirmation asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The session.
    pub session: String,
    /// Operation, treatment, drug, checkup.
    pub consents: [bool; 4],
}

/// A card confirmation.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// Record of the request.
    pub seq: u32,
    /// When it was sent.
    pub at: Instant,
    /// Who asked.
    pub from: Party,
    /// Its facility.
    pub facility: String,
    /// The request.
    pub request: Result<Request, DecodeError>,
    /// Position of the proof in `case.identifications`.
    pub proof: Option<usize>,
    /// Record of the answer, and the answer.
    pub answer: Option<(u32, Said)>,
}

/// A first registration asked of the server for the card of a session.
#[derive(Clone, Debug)]
pub struct UseRegistration {
    /// Record of the request.
    pub seq: u32,
    /// When it was sent.
    pub at: Instant,
    /// Who asked.
    pub from: Party,
    /// Its facility.
    pub facility: String,
    /// The session named.
    pub session: String,
    /// Position of the proof in `case.identifications`.
    pub proof: Option<usize>,
    /// Record, status, name of a refusal and what `new` said.
    pub answer: Option<(u32, u16, String, Option<bool>)>,
}

/// Operation, treatment, drug and checkup of a `consents` object.
pub fn consents(body: &Value) -> Result<[bool; 4], DecodeError> {
    let given = body.get("consents").unwrap_or(&Value::Null);
    Ok([
        json::flag(given, "operation")?,
        json::flag(given, "treatment")?,
        json::flag(given, "drug")?,
        json::flag(given, "checkup")?,
    ])
}

impl Exchange {
    pub(super) fn challenge(&self) -> Option<Challenge> {
        if !self.posts("/v1/challenges") {
            return None;
        }
        let answer = self.answer.as_ref()?;
        let body = answer.body.as_ref().ok()?;
        Some(Challenge {
            seq: answer.seq,
            session: json::text(body, "session").ok()?.to_owned(),
            challenge: json::bytes(body, "challenge").ok()?,
        })
    }

    pub(super) fn identification(&self, path: &str) -> Option<Identification> {
        if !self.posts(path) {
            return None;
        }
        let body = self.body.as_ref().map_err(Clone::clone);
        let answer = self.answer.as_ref().map(|a| {
            let said = match (&a.message, &a.body) {
                (Err(error), _) => Identified::Broken(error.clone()),
                (Ok(message), body) => identified(message, body),
            };
            (a.seq, said)
        });
        Some(Identification {
            seq: self.seq,
            at: self.at,
            from: self.from.clone(),
            facility: facility_of(&self.from.name).to_owned(),
            client: self.client.clone(),
            request: body.and_then(proof),
            answer,
            proves: None,
            fresh: false,
        })
    }

    pub(super) fn confirmation(&self) -> Option<Confirmation> {
        if !self.posts("/v1/card-confirmations") {
            return None;
        }
        let request = self.body.as_ref().map_err(Clone::clone).and_then(|body| {
            Ok(Request {
                session: json::text(body, "session")?.to_owned(),
                consents: consents(body)?,
            })
        });
        let answer = self.answer.as_ref().map(|a| (a.seq, said(&a.message)));
        Some(Confirmation {
            seq: self.seq,
            at: self.at,
            from: self.from.clone(),
            facility: facility_of(&self.from.name).to_owned(),
            request,
            proof: None,
            answer,
        })
    }

    pub(super) fn use_registration(&self) -> Option<UseRegistration> {
        if !self.posts("/v1/use-registrations") {
            return None;
        }
        let answer = self.answer.as_ref().map(|a| {
            let new = a.body.as_ref().ok().and_then(|b| b.get("new"));
            let status = self.status().unwrap_or_default();
            let error = self.answered("error").to_owned();
            (a.seq, status, error, new.and_then(Value::as_bool))
        });
        Some(UseRegistration {
            seq: self.seq,
            at: self.at,
            from: self.from.clone(),
            facility: facility_of(&self.from.name).to_owned(),
            session: self.text("session").to_owned(),
            proof: None,
            answer,
        })
    }
}

fn identified(message: &Message, body: &Result<Value, DecodeError>) -> Identified {
    let status = message.status().unwrap_or_default();
    match body {
        Ok(body) if status == 200 => match json::text(body, "standing") {
            Ok(standing) => Identified::Standing(standing.to_owned()),
            Err(error) => Identified::Broken(error),
        },
        Err(error) if status == 200 => Identified::Broken(error.clone()),
        Ok(body) => {
            let name = json::text(body, "error").unwrap_or("");
            Identified::Error(status, name.to_owned())
        }
        Err(_) => Identified::Error(status, String::new()),
    }
}

fn proof(body: &Value) -> Result<Proof, DecodeError> {
    let der = json::bytes(body, "certificate")?;
    Ok(Proof {
        session: json::text(body, "session")?.to_owned(),
        certificate: certificate(&der),
        digest: evidence::digest_hex(&der),
        signature: json::bytes(body, "signature")?,
        method: json::text(body, "method").unwrap_or("").to_owned(),
    })
}

/// What an answer in XML says.
pub(super) fn said(answer: &Result<Message, DecodeError>) -> Said {
    let message = match answer {
        Ok(message) => message,
        Err(error) => return Said::Broken(error.clone()),
    };
    match message.status().unwrap_or_default() {
        200 => match result::outcome(&message.body) {
            Ok(outcome) => Said::Outcome(outcome),
            Err(error) => Said::Broken(error),
        },
        status => error(status, message),
    }
}

/// Sets for every proof whether its signature holds, and whether its session was given out and unused.
/// `follows` is what the card signs after challenge and session.
pub(super) fn check_proofs(
    proofs: &mut [Identification],
    challenges: &[Challenge],
    follows: impl Fn(&Identification) -> Option<String>,
) {
    let mut used: Vec<(String, u32)> = Vec::new();
    for proof in proofs.iter_mut() {
        let Ok(request) = &proof.request else {
            continue;
        };
        let given = challenges
            .iter()
            .rfind(|c| c.session == request.session && c.seq < proof.seq);
        let since = given.map_or(0, |c| c.seq);
        let before = used
            .iter()
            .any(|(session, seq)| *session == request.session && *seq > since);
        proof.fresh = given.is_some() && !before;
        let taken = matches!(&proof.answer, Some((_, Identified::Standing(_))));
        if taken {
            used.push((request.session.clone(), proof.seq));
        }
        proof.proves = match (given, &request.certificate, follows(proof)) {
            (None, ..) => Some(false),
            (Some(given), Ok(certificate), Some(follows)) => {
                let signed = [
                    given.challenge.as_slice(),
                    request.session.as_bytes(),
                    follows.as_bytes(),
                ];
                Some(certificate.verifies(&signed.concat(), &request.signature))
            }
            _ => None,
        };
    }
}
