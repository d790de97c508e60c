//! One scenario made readable: declared facts indexed, messages decoded by the judge's own decoders
//! and paired, records of one card's stay gathered. Nothing is judged here; what cannot be decoded
//! is kept as an error with its record, so that the rule that needed it can name the sender.

mod chart;
mod declared;
mod doubtful;
mod facts;
mod files;
mod question;
mod reader;
mod session;
mod visit;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Act, Party, Run, ScenarioLine, ScenarioRecords};

pub use chart::{Chart, Insurance};
pub use facts::{Card, Entry, Facility, Facts, OldChart, Person, Release, Renewal};
pub use files::{Content, File};
pub use question::{Kind, Question};
pub use session::{Challenge, Confirmation, Identification, Identified, UseRegistration};
pub use visit::{CardExchange, Line, Screen, Visit};
pub use wire::{Connection, Exchange, ListFetch, Revocation, Said};

use crate::calendar::Instant;
use crate::card;
use crate::decode::token;
use crate::expect::{self, Expected, Tie};
use crate::expiry::GraceEnd;

/// A secret's token, and where it was seen.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// Record.
    pub seq: u32,
    /// Role that sent or showed it.
    pub role: String,
    /// Hop, or `screen` or `chart`.
    pub place: String,
    /// The token.
    pub token: token::Token,
}

/// The first message of a connection on an HTTP hop.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Hop.
    pub hop: String,
    /// Record.
    pub seq: u32,
    /// Who spoke first.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// Whether it asks rather than answers.
    pub asks: bool,
}

/// One scenario made readable for the rules.
#[derive(Debug)]
pub struct Case {
    /// Scenario id.
    pub(crate) id: String,
    /// Profile values that hold in it: the run's, and those the scenario laid down instead.
    pub(crate) profile: BTreeMap<String, String>,
    /// Declared facts.
    pub(crate) facts: Facts,
    /// Stays of cards on readers, in order.
    pub(crate) visits: Vec<Visit>,
    /// Every command to a card, from readers, devices at home and the examiner, in order.
    pub(crate) card_exchanges: Vec<CardExchange>,
    /// Connections to the eligibility server.
    pub(crate) connections: Vec<Connection>,
    /// First messages of the connections on HTTP hops.
    pub(crate) openings: Vec<Opening>,
    /// Everything asked of the eligibility server by its clinics, or by the bed in their place.
    pub(crate) eligibility: Vec<Exchange>,
    /// Challenges the server gave out.
    pub(crate) challenges: Vec<Challenge>,
    /// Cards shown to it.
    pub(crate) identifications: Vec<Identification>,
    /// First registrations asked of it.
    pub(crate) use_registrations: Vec<UseRegistration>,
    /// Card confirmations asked of it.
    pub(crate) confirmations: Vec<Confirmation>,
    /// Questions in XML asked of it.
    pub(crate) questions: Vec<Question>,
    /// Exchanges of devices at home with the portal.
    pub(crate) portal: Vec<Exchange>,
    /// Screens of devices at home, each with whose it is.
    pub(crate) home_screens: Vec<(String, Screen)>,
    /// Cards shown to the portal.
    pub(crate) home_proofs: Vec<Identification>,
    /// Exchanges eligibility server → portal.
    pub(crate) clinic_registrations: Vec<Exchange>,
    /// Exchanges portal → J-LIS.
    pub(crate) agency: Vec<Exchange>,
    /// Exchanges portal → intermediate server.
    pub(crate) insured: Vec<Exchange>,
    /// Questions to the OCSP responder.
    pub(crate) revocations: Vec<Revocation>,
    /// Fetchings of the revocation list.
    pub(crate) list_fetches: Vec<ListFetch>,
    /// Exchanges insurer → intermediate server.
    pub(crate) registrations: Vec<Exchange>,
    /// What intermediate server, portal, J-LIS and review body fed the eligibility server.
    pub(crate) feed: Vec<Exchange>,
    /// Files in shared folders.
    pub(crate) files: Vec<File>,
    /// Charts looked at.
    pub(crate) charts: Vec<Chart>,
    /// Tokens of secrets seen anywhere.
    pub(crate) sightings: Vec<Sighting>,
    /// Hands, in order.
    pub(crate) acts: Vec<(u32, Act)>,
    /// Roles that sent or showed anything, with their last record.
    pub(crate) senders: BTreeMap<String, u32>,
    /// Instant of each record.
    pub(crate) times: Vec<Instant>,
    /// Use registrations that ought to have been made, in order of time.
    pub(crate) ties: Vec<Tie>,
    /// What was seen of each card, followed command by command.
    pub(crate) chips: Vec<card::Report>,
    /// What is due to each confirmation; none where no declared card can be told.
    pub(crate) due: Vec<Option<Expected>>,
}

impl Case {
    /// Reads a scenario's records. Never fails: what is not readable is kept as such.
    pub fn read(line: &ScenarioLine, records: &ScenarioRecords, run: &Run) -> Case {
        let mut reader = reader::Reader::default();
        reader.records(records);
        reader.finish(line, run)
    }

    /// When a record was made.
    pub(crate) fn when(&self, seq: u32) -> Option<Instant> {
        let index = usize::try_from(seq).ok()?.checked_sub(1)?;
        self.times.get(index).copied()
    }

    /// The stay into which something a terminal sent falls.
    pub(crate) fn stay(&self, terminal: &Party, seq: u32) -> Option<&Visit> {
        let own = self.visits.iter();
        own.filter(|_| terminal.role == "terminal")
            .find(|v| v.covers(&terminal.name, seq))
    }

    /// The stay into which a confirmation falls.
    pub(crate) fn visit_of(&self, confirmation: &Confirmation) -> Option<&Visit> {
        self.stay(&confirmation.from, confirmation.seq)
    }

    /// The card a proof is about: the one on the reader, else the one whose certificate was sent.
    pub(crate) fn card_proved(&self, proof: &Identification) -> Option<&Card> {
        if let Some(visit) = self.stay(&proof.from, proof.seq) {
            return self.facts.card(&visit.card);
        }
        let digest = &proof.request.as_ref().ok()?.digest;
        self.facts.cards.iter().find(|c| c.digest == *digest)
    }

    /// The proof a confirmation rests on.
    pub(crate) fn proof_of(&self, confirmation: &Confirmation) -> Option<&Identification> {
        self.identifications.get(confirmation.proof?)
    }

    /// The card a confirmation is about.
    pub(crate) fn card_of(&self, confirmation: &Confirmation) -> Option<&Card> {
        match self.visit_of(confirmation) {
            Some(visit) => self.facts.card(&visit.card),
            None => self.card_proved(self.proof_of(confirmation)?),
        }
    }

    /// Files in the `face` folder of a clinic.
    pub(crate) fn faces(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|f| f.folder == "face")
    }

    /// Files dropped into `face` during a stay, by its own terminal.
    pub(crate) fn files_in<'a>(&'a self, visit: &'a Visit) -> impl Iterator<Item = &'a File> {
        self.faces().filter(|f| visit.covers(&f.from.name, f.seq))
    }

    /// A value of the profile; empty when it is not there.
    pub(crate) fn value(&self, key: &str) -> &str {
        self.profile.get(key).map_or("", String::as_str)
    }
}

/// Profile values no judgement can do without.
fn missing_values(profile: &BTreeMap<String, String>) -> Vec<String> {
    let grace = profile
        .get("grace_end")
        .and_then(|v| GraceEnd::parse(v))
        .is_none();
    let grace = grace.then(|| "grace_end (month_end or same_day)".to_owned());
    let codes = expect::ALL
        .iter()
        .map(|due| due.profile_key())
        .filter(|key| !profile.contains_key(key));
    let missing = grace.into_iter().chain(codes);
    missing
        .map(|key| {
            format!("run.json: the profile lacks {key}; the player must copy the whole profile in")
        })
        .collect()
}

/// Names in a set, for texts.
pub(crate) fn list(names: &BTreeSet<String>) -> String {
    names.iter().cloned().collect::<Vec<_>>().join(", ")
}
