//! One scenario made readable: declared facts indexed, messages decoded by the judge's own decoders
//! and paired, records of one card's stay gathered. Nothing is judged here; what cannot be decoded
//! is kept as an error with its record, so that the rule that needed it can name the sender.

mod facts;
mod visit;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Act, Attested, Fact, Run, ScenarioLine, ScenarioRecords, Tapped, What};

pub use facts::{Card, Entry, Facility, Facts};
pub use visit::{CardExchange, Chart, FaceFile, Insurance, Line, Screen, Visit};
pub use wire::{Challenge, Confirmation, Connection, Exchange, Revocation, Said};

use crate::calendar::Instant;
use crate::decode::{apdu, json, result, token};
use crate::expect;
use crate::expiry::GraceEnd;
use wire::Pairing;

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

/// One scenario made readable for the rules.
#[derive(Debug)]
pub struct Case {
    /// Scenario id.
    pub(crate) id: String,
    /// Profile values of the run.
    pub(crate) profile: BTreeMap<String, String>,
    /// Declared facts.
    pub(crate) facts: Facts,
    /// Stays of cards on readers, in order.
    pub(crate) visits: Vec<Visit>,
    /// Connections to the eligibility server.
    pub(crate) connections: Vec<Connection>,
    /// Card confirmations asked of it.
    pub(crate) confirmations: Vec<Confirmation>,
    /// Challenges it gave out.
    pub(crate) challenges: Vec<Challenge>,
    /// Questions to the OCSP responder.
    pub(crate) revocations: Vec<Revocation>,
    /// Exchanges insurer ↔ intermediate.
    pub(crate) registrations: Vec<Exchange>,
    /// Exchanges intermediate ↔ eligibility server.
    pub(crate) feed: Vec<Exchange>,
    /// Files in `face` folders.
    pub(crate) files: Vec<FaceFile>,
    /// Charts looked at.
    pub(crate) charts: Vec<Chart>,
    /// Tokens of secrets seen anywhere.
    pub(crate) sightings: Vec<Sighting>,
    /// Hands, in order.
    pub(crate) acts: Vec<(u32, Act)>,
    /// Roles that sent or showed anything, with their last record.
    pub(crate) senders: BTreeMap<String, u32>,
}

impl Case {
    /// Reads a scenario's records. Never fails: what is not readable is kept as such.
    pub fn read(line: &ScenarioLine, records: &ScenarioRecords, run: &Run) -> Case {
        let mut reader = Reader::default();
        for record in &records.records {
            match (&record.what, Instant::parse(&record.at)) {
                (_, None) => reader.facts.bed.push(format!(
                    "record {}: no instant in \"{}\"",
                    record.seq, record.at
                )),
                (What::Declared(d), Some(at)) => reader.declared(record.seq, at, &d.fact, records),
                (What::Tapped(t), Some(at)) => reader.tapped(record.seq, at, t, records),
                (What::Attested(a), Some(_)) => reader.attested(record.seq, a),
            }
        }
        reader.finish(line, run)
    }

    /// The stay into which a confirmation falls.
    pub(crate) fn visit_of(&self, confirmation: &Confirmation) -> Option<&Visit> {
        self.visits
            .iter()
            .find(|v| v.covers(&confirmation.facility, confirmation.seq))
    }

    /// The card a confirmation is about: the one on the reader, else the one whose certificate was sent.
    pub(crate) fn card_of(&self, confirmation: &Confirmation) -> Option<&Card> {
        if let Some(visit) = self.visit_of(confirmation) {
            return self.facts.card(&visit.card);
        }
        let der = &confirmation.request.as_ref().ok()?.der;
        let digest = evidence::digest_hex(der);
        self.facts.cards.iter().find(|c| c.digest == digest)
    }

    /// Files dropped during a stay.
    pub(crate) fn files_in<'a>(&'a self, visit: &'a Visit) -> impl Iterator<Item = &'a FaceFile> {
        self.files
            .iter()
            .filter(|f| visit.covers(&f.facility, f.seq))
    }
}

#[derive(Default)]
struct Reader {
    facts: Facts,
    visits: Vec<Visit>,
    acts: Vec<(u32, Act)>,
    cards: Vec<(String, CardExchange)>,
    lines: Vec<(String, Line)>,
    screens: Vec<(String, Screen)>,
    eligibility: Pairing,
    feed: Pairing,
    registration: Pairing,
    ocsp: Pairing,
    connections: BTreeMap<u32, Connection>,
    files: Vec<FaceFile>,
    charts: Vec<Chart>,
    sightings: Vec<Sighting>,
    senders: BTreeMap<String, u32>,
}

impl Reader {
    fn declared(&mut self, seq: u32, at: Instant, fact: &Fact, records: &ScenarioRecords) {
        self.facts.add(fact, seq, records);
        let Fact::Hands { act, .. } = fact else {
            return;
        };
        self.acts.push((seq, act.clone()));
        if let Act::PlaceCard { card, facility, .. } = act {
            for open in self
                .visits
                .iter_mut()
                .filter(|v| v.facility == *facility && v.end == u32::MAX)
            {
                open.end = seq;
            }
            self.visits.push(Visit {
                facility: facility.clone(),
                card: card.clone(),
                seq,
                at,
                end: u32::MAX,
                taken: None,
                acts: Vec::new(),
                card_exchanges: Vec::new(),
                lines: Vec::new(),
                screens: Vec::new(),
            });
        } else if let Some(open) = self.visits.last_mut() {
            if *act == Act::TakeCard && open.taken.is_none() {
                open.taken = Some(seq);
            }
            open.acts.push((seq, act.clone()));
        }
    }

    fn tapped(&mut self, seq: u32, at: Instant, tapped: &Tapped, records: &ScenarioRecords) {
        self.senders.insert(tapped.from.role.clone(), seq);
        let bytes = tapped
            .bytes
            .as_ref()
            .and_then(|d| records.bytes.get(d))
            .map(Vec::as_slice);
        let named = tapped.name.as_deref().unwrap_or("").as_bytes();
        for found in token::find(named)
            .into_iter()
            .chain(token::find(bytes.unwrap_or_default()))
        {
            self.saw(seq, &tapped.from.role, &tapped.hop, found);
        }
        if tapped.hop == "eligibility" {
            self.connected(seq, at, tapped);
        }
        let Some(bytes) = bytes else { return };
        match tapped.hop.as_str() {
            "card" => self.card(seq, tapped, bytes),
            "reader" => {
                let from_reader = tapped.from.role == "reader";
                let facility = if from_reader {
                    &tapped.from.name
                } else {
                    &tapped.to.name
                };
                self.lines.push((
                    facility.clone(),
                    Line {
                        seq,
                        from_reader,
                        value: json::parse(bytes),
                    },
                ));
            }
            "face-folder" => self.files.push(FaceFile {
                seq,
                facility: tapped.from.name.clone(),
                name: tapped.name.clone().unwrap_or_default(),
                outcome: result::outcome(bytes),
            }),
            "eligibility" => pair(
                &mut self.eligibility,
                "eligibility-server",
                seq,
                at,
                tapped,
                bytes,
            ),
            "feed" => pair(&mut self.feed, "eligibility-server", seq, at, tapped, bytes),
            "registration" => pair(
                &mut self.registration,
                "intermediate",
                seq,
                at,
                tapped,
                bytes,
            ),
            "ocsp" => pair(&mut self.ocsp, "jlis", seq, at, tapped, bytes),
            _ => {}
        }
    }

    fn saw(&mut self, seq: u32, role: &str, place: &str, token: token::Token) {
        self.sightings.push(Sighting {
            seq,
            role: role.to_owned(),
            place: place.to_owned(),
            token,
        });
    }

    fn card(&mut self, seq: u32, tapped: &Tapped, bytes: &[u8]) {
        if tapped.to.role == "card" {
            let exchange = CardExchange {
                seq,
                card: tapped.to.name.clone(),
                command: apdu::command(bytes),
                response: None,
            };
            self.cards.push((tapped.from.name.clone(), exchange));
        } else if let Some((_, open)) = self
            .cards
            .iter_mut()
            .rev()
            .find(|(f, e)| *f == tapped.to.name && e.card == tapped.from.name)
            && open.response.is_none()
        {
            open.response = Some((seq, apdu::response(bytes)));
        }
    }

    fn connected(&mut self, seq: u32, at: Instant, tapped: &Tapped) {
        let answers = tapped.from.role == "eligibility-server";
        let facility = if answers {
            &tapped.to.name
        } else {
            &tapped.from.name
        };
        let connection = self
            .connections
            .entry(tapped.connection)
            .or_insert_with(|| Connection {
                seq,
                last: seq,
                at,
                facility: facility.clone(),
                version: None,
                client: None,
                server_shown: false,
                alert: None,
                answers: Vec::new(),
                requests: Vec::new(),
            });
        connection.last = seq;
        if tapped.bytes.is_some() {
            let side = if answers {
                &mut connection.answers
            } else {
                &mut connection.requests
            };
            side.push(seq);
        }
        let Some(tls) = &tapped.tls else { return };
        connection.version = connection.version.take().or_else(|| tls.version.clone());
        connection.client = connection
            .client
            .take()
            .or_else(|| tls.client_chain.first().cloned());
        connection.server_shown |= !tls.server_chain.is_empty();
        connection.alert = connection.alert.take().or_else(|| tls.alert.clone());
    }

    fn attested(&mut self, seq: u32, attested: &Attested) {
        let role = attested.product.role.as_str();
        self.senders.insert(role.to_owned(), seq);
        for found in token::find(attested.seen.to_string().as_bytes()) {
            self.saw(seq, role, &attested.shows, found);
        }
        match attested.shows.as_str() {
            "screen" => self
                .screens
                .push((attested.product.name.clone(), Screen::read(seq, attested))),
            "chart" => self.charts.push(Chart::read(seq, attested)),
            _ => {}
        }
    }

    fn finish(mut self, line: &ScenarioLine, run: &Run) -> Case {
        self.facts.bed.extend(missing_values(run));
        for visit in &mut self.visits {
            let card = visit.card.clone();
            let own = |f: &String, seq: u32| visit.covers(f, seq);
            let cards = self
                .cards
                .iter()
                .filter(|(f, e)| own(f, e.seq) && e.card == card);
            let card_exchanges = cards.map(|(_, e)| e.clone()).collect();
            let lines = self
                .lines
                .iter()
                .filter(|(f, l)| own(f, l.seq))
                .map(|(_, l)| l.clone())
                .collect();
            let screens = self
                .screens
                .iter()
                .filter(|(f, s)| own(f, s.seq))
                .map(|(_, s)| s.clone())
                .collect();
            (visit.card_exchanges, visit.lines, visit.screens) = (card_exchanges, lines, screens);
        }
        let eligibility = self.eligibility.exchanges;
        Case {
            id: line.id.clone(),
            profile: run.profile.clone(),
            facts: self.facts,
            visits: self.visits,
            connections: self.connections.into_values().collect(),
            confirmations: eligibility
                .iter()
                .filter_map(Exchange::confirmation)
                .collect(),
            challenges: eligibility.iter().filter_map(Exchange::challenge).collect(),
            revocations: self
                .ocsp
                .exchanges
                .iter()
                .filter_map(Exchange::revocation)
                .collect(),
            registrations: self.registration.exchanges,
            feed: self.feed.exchanges,
            files: self.files,
            charts: self.charts,
            sightings: self.sightings,
            acts: self.acts,
            senders: self.senders,
        }
    }
}

fn pair(
    pairing: &mut Pairing,
    answerer: &str,
    seq: u32,
    at: Instant,
    tapped: &Tapped,
    bytes: &[u8],
) {
    if tapped.from.role == answerer {
        pairing.answer(seq, tapped, bytes);
    } else {
        pairing.request(seq, at, tapped, bytes);
    }
}

/// Profile values no judgement can do without.
fn missing_values(run: &Run) -> Vec<String> {
    let grace = run
        .profile
        .get("grace_end")
        .and_then(|v| GraceEnd::parse(v))
        .is_none();
    let grace = grace.then(|| "grace_end (month_end or same_day)".to_owned());
    let codes = expect::ALL
        .iter()
        .map(|due| due.profile_key())
        .filter(|key| !run.profile.contains_key(key));
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
