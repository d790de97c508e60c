//! Files in a clinic's shared folder: what the terminal or the receipt computer dropped, and what the
//! bed itself planted there.

use evidence::{Act, Party, ScenarioRecords, Tapped};

use super::wire::facility_of;
use crate::calendar::Instant;
use crate::decode::request::{Request, request};
use crate::decode::{DecodeError, drugs, result};

/// A file in the shared folder.
#[derive(Clone, Debug)]
pub struct File {
    /// Record.
    pub seq: u32,
    /// When it was dropped.
    pub at: Instant,
    /// `face`, `req` or `res`.
    pub folder: &'static str,
    /// Facility.
    pub facility: String,
    /// Who dropped it.
    pub from: Party,
    /// File name.
    pub name: String,
    /// Digest of its bytes.
    pub digest: String,
    /// What it says, by its name.
    pub content: Content,
    /// Set when the bed planted it: whether it was whole, and the person it is about.
    pub planted: Option<(bool, String)>,
}

/// What a file says.
#[derive(Clone, Debug)]
pub enum Content {
    /// A result (OQS…res).
    Outcome(Result<result::Outcome, DecodeError>),
    /// A request (…req).
    Request(Result<Request, DecodeError>),
    /// An answer about drugs (YZK…res).
    Drugs(Result<drugs::Drugs, DecodeError>),
}

impl File {
    pub(super) fn tapped(seq: u32, at: Instant, tapped: &Tapped, bytes: &[u8]) -> Option<File> {
        let folder = folder(&tapped.hop)?;
        let name = tapped.name.clone().unwrap_or_default();
        let owner = match tapped.from.name.as_str() {
            "" => &tapped.to.name,
            name => name,
        };
        Some(File {
            seq,
            at,
            folder,
            facility: facility_of(owner).to_owned(),
            from: tapped.from.clone(),
            content: content(folder, &name, bytes),
            name,
            digest: tapped.bytes.clone().unwrap_or_default(),
            planted: None,
        })
    }

    pub(super) fn planted(
        seq: u32,
        at: Instant,
        act: &Act,
        records: &ScenarioRecords,
    ) -> Option<File> {
        let Act::PlantFile {
            facility,
            folder: into,
            name,
            bytes,
            whole,
            person,
        } = act
        else {
            return None;
        };
        let folder = folder(into)?;
        let kept = records.bytes.get(bytes).map(Vec::as_slice);
        Some(File {
            seq,
            at,
            folder,
            facility: facility_of(facility).to_owned(),
            from: Party::at("bed", facility),
            name: name.clone(),
            digest: bytes.clone(),
            content: content(folder, name, kept.unwrap_or_default()),
            planted: Some((*whole, person.clone())),
        })
    }

    /// The result it holds, if it is a result file.
    pub fn outcome(&self) -> Option<&Result<result::Outcome, DecodeError>> {
        match &self.content {
            Content::Outcome(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// The request it holds, if it is a request file.
    pub fn request(&self) -> Option<&Result<Request, DecodeError>> {
        match &self.content {
            Content::Request(request) => Some(request),
            _ => None,
        }
    }
}

fn folder(hop: &str) -> Option<&'static str> {
    match hop.strip_suffix("-folder").unwrap_or(hop) {
        "face" => Some("face"),
        "req" => Some("req"),
        "res" => Some("res"),
        _ => None,
    }
}

fn content(folder: &str, name: &str, bytes: &[u8]) -> Content {
    match folder {
        "req" => Content::Request(request(bytes)),
        "res" if name.starts_with("YZK") => Content::Drugs(drugs::drugs(bytes)),
        _ => Content::Outcome(result::outcome(bytes)),
    }
}
