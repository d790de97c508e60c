//! Goes through a scenario's records once, in order, and puts each where the rules will look for it.

use std::collections::BTreeMap;

use evidence::{Act, Attested, Fact, Party, Run, ScenarioLine, ScenarioRecords, Tapped, What};

use super::chart::Chart;
use super::facts::Facts;
use super::files::File;
use super::session::{Confirmation, Identification, UseRegistration, check_proofs};
use super::visit::{CardExchange, Line, Screen, Visit};
use super::wire::{Connection, Exchange, Pairing, facility_of};
use super::{Case, Opening, Sighting, doubtful, missing_values};
use crate::calendar::Instant;
use crate::decode::certificate::certificate;
use crate::decode::{apdu, json, token};
use crate::expect;

#[derive(Default)]
pub(super) struct Reader {
    facts: Facts,
    times: Vec<Instant>,
    visits: Vec<Visit>,
    /// Whose stay the hands belong to: where the last card was placed, or who was told to go on.
    turn: usize,
    acts: Vec<(u32, Act)>,
    cards: Vec<CardExchange>,
    open_commands: BTreeMap<Party, usize>,
    lines: Vec<(String, Line)>,
    screens: Vec<(Party, Screen)>,
    hops: BTreeMap<String, Pairing>,
    connections: BTreeMap<u32, Connection>,
    openings: BTreeMap<(String, u32), Opening>,
    files: Vec<File>,
    charts: Vec<Chart>,
    sightings: Vec<Sighting>,
    senders: BTreeMap<String, u32>,
}

/// Hops on which HTTP is spoken.
const HTTP: [&str; 9] = [
    "eligibility",
    "feed",
    "registration",
    "portal",
    "clinic-registration",
    "agency",
    "insured",
    "ocsp",
    "crl",
];

impl Reader {
    /// Takes in every record.
    pub fn records(&mut self, records: &ScenarioRecords) {
        for record in &records.records {
            let Some(at) = Instant::parse(&record.at) else {
                self.facts.bed.push(format!(
                    "record {}: no instant in \"{}\"",
                    record.seq, record.at
                ));
                self.times.extend(self.times.last().copied());
                continue;
            };
            let at = at.of_record(record.seq);
            if self.times.last().is_some_and(|last| at < *last) {
                self.facts.bed.push(format!(
                    "record {}: {} comes after a later instant; the player must write records in the order of time",
                    record.seq, record.at
                ));
            }
            self.times.push(at);
            match &record.what {
                What::Declared(d) => self.declared(record.seq, at, &d.fact, records),
                What::Tapped(t) => self.tapped(record.seq, at, t, records),
                What::Attested(a) => self.attested(record.seq, at, a),
            }
        }
    }

    fn declared(&mut self, seq: u32, at: Instant, fact: &Fact, records: &ScenarioRecords) {
        self.facts.add(fact, seq, records);
        let Fact::Hands { act, .. } = fact else {
            return;
        };
        self.acts.push((seq, act.clone()));
        self.files.extend(File::planted(seq, at, act, records));
        if let Act::PlaceCard {
            card,
            person,
            facility,
            reader,
        } = act
        {
            let place = match reader {
                0 | 1 => facility.clone(),
                other => format!("{facility}#{other}"),
            };
            self.turn = self.visits.len();
            self.placed(seq, at, (card, person), facility, place);
            return;
        }
        if let Act::GoOn { person } = act {
            let own = self.visits.iter().rposition(|v| v.person == *person);
            self.turn = own.unwrap_or(self.turn);
        }
        if let Some(open) = self.visits.get_mut(self.turn) {
            if *act == Act::TakeCard && open.taken.is_none() {
                open.taken = Some(seq);
            }
            open.acts.push((seq, act.clone()));
        }
    }

    fn placed(
        &mut self,
        seq: u32,
        at: Instant,
        (card, person): (&str, &str),
        facility: &str,
        place: String,
    ) {
        let before = self.visits.iter_mut();
        for open in before.filter(|v| v.place == place && v.end == u32::MAX) {
            open.end = seq;
        }
        self.visits.push(Visit {
            facility: facility.to_owned(),
            place,
            card: card.to_owned(),
            person: person.to_owned(),
            seq,
            at,
            end: u32::MAX,
            taken: None,
            acts: Vec::new(),
            card_exchanges: Vec::new(),
            lines: Vec::new(),
            screens: Vec::new(),
        });
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
            self.connected(seq, at, tapped, records);
        }
        let Some(bytes) = bytes else { return };
        match tapped.hop.as_str() {
            "card" => self.card(seq, tapped, bytes),
            "reader" => self.line(seq, at, tapped, bytes),
            hop if HTTP.contains(&hop) => {
                self.opened(seq, tapped, bytes);
                let pairing = self.hops.entry(hop.to_owned()).or_default();
                pairing.take(seq, at, tapped, bytes);
            }
            _ => self.files.extend(File::tapped(seq, at, tapped, bytes)),
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

    fn opened(&mut self, seq: u32, tapped: &Tapped, bytes: &[u8]) {
        let key = (tapped.hop.clone(), tapped.connection);
        self.openings.entry(key).or_insert_with(|| Opening {
            hop: tapped.hop.clone(),
            seq,
            from: tapped.from.clone(),
            to: tapped.to.clone(),
            asks: !bytes.starts_with(b"HTTP/"),
        });
    }

    fn line(&mut self, seq: u32, at: Instant, tapped: &Tapped, bytes: &[u8]) {
        let from_reader = tapped.from.role == "reader";
        let place = match from_reader {
            true => &tapped.from.name,
            false => &tapped.to.name,
        };
        let value = json::parse(bytes);
        let line = Line {
            seq,
            at,
            from_reader,
            value,
        };
        self.lines.push((place.clone(), line));
    }

    fn card(&mut self, seq: u32, tapped: &Tapped, bytes: &[u8]) {
        if tapped.to.role == "card" {
            self.open_commands
                .insert(tapped.from.clone(), self.cards.len());
            self.cards.push(CardExchange {
                seq,
                by: tapped.from.clone(),
                card: tapped.to.name.clone(),
                connection: tapped.connection,
                bytes: bytes.to_vec(),
                command: apdu::command(bytes),
                response: None,
            });
        } else if let Some(open) = self.open_commands.remove(&tapped.to)
            && self.cards[open].card == tapped.from.name
        {
            self.cards[open].response = Some((seq, apdu::response(bytes)));
        }
    }

    fn connected(&mut self, seq: u32, at: Instant, tapped: &Tapped, records: &ScenarioRecords) {
        let answers = tapped.from.role == "eligibility-server";
        let asker = if answers { &tapped.to } else { &tapped.from };
        let connection = self
            .connections
            .entry(tapped.connection)
            .or_insert_with(|| Connection {
                seq,
                last: seq,
                at,
                asker: asker.clone(),
                facility: facility_of(&asker.name).to_owned(),
                version: None,
                client: None,
                server: None,
                server_certificate: None,
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
        let first = |chain: &[String]| chain.first().cloned();
        connection.version = connection.version.take().or_else(|| tls.version.clone());
        connection.client = connection
            .client
            .take()
            .or_else(|| first(&tls.client_chain));
        if connection.server.is_none() {
            connection.server = first(&tls.server_chain);
            let shown = connection.server.as_ref();
            let der = shown.and_then(|digest| records.bytes.get(digest));
            connection.server_certificate = der.and_then(|der| certificate(der).ok());
        }
        connection.alert = connection.alert.take().or_else(|| tls.alert.clone());
    }

    fn attested(&mut self, seq: u32, at: Instant, attested: &Attested) {
        let role = attested.product.role.as_str();
        self.senders.insert(role.to_owned(), seq);
        for found in token::find(attested.seen.to_string().as_bytes()) {
            self.saw(seq, role, &attested.shows, found);
        }
        match attested.shows.as_str() {
            "screen" => {
                let screen = Screen::read(seq, attested);
                self.screens.push((attested.product.clone(), screen));
            }
            "chart" => self.charts.push(Chart::read(seq, at, attested)),
            _ => {}
        }
    }

    fn hop(&mut self, name: &str) -> Vec<Exchange> {
        self.hops.remove(name).unwrap_or_default().exchanges
    }

    /// Gathers what belongs to each stay.
    fn stays(&mut self) {
        for visit in &mut self.visits {
            let cards = self.cards.iter().filter(|e| {
                e.by.role == "reader" && visit.covers(&e.by.name, e.seq) && e.card == visit.card
            });
            let card_exchanges = cards.cloned().collect();
            let lines = self.lines.iter().filter(|(p, l)| visit.covers(p, l.seq));
            let lines = lines.map(|(_, l)| l.clone()).collect();
            let screens = self
                .screens
                .iter()
                .filter(|(p, s)| p.role == "reader" && visit.covers(&p.name, s.seq));
            let screens = screens.map(|(_, s)| s.clone()).collect();
            (visit.card_exchanges, visit.lines, visit.screens) = (card_exchanges, lines, screens);
        }
    }

    /// A planted file that also crossed a tapped hop is one file.
    fn files(&mut self) -> Vec<File> {
        let twin = |f: &File| (f.facility.clone(), f.name.clone(), f.digest.clone());
        let planted = self.files.iter().filter(|f| f.planted.is_some());
        let planted: Vec<_> = planted.map(twin).collect();
        let files = std::mem::take(&mut self.files).into_iter();
        files
            .filter(|f| {
                // A request is tapped where the terminal takes it up, as if the receipt computer had put it there.
                let taken_up = f.from.role == "bed" || f.folder == "req";
                f.planted.is_some() || !taken_up || !planted.contains(&twin(f))
            })
            .collect()
    }

    /// The case, with what is due to each confirmation worked out.
    pub fn finish(mut self, line: &ScenarioLine, run: &Run) -> Case {
        let mut profile = run.profile.clone();
        profile.append(&mut self.facts.profile.clone());
        self.facts.bed.extend(missing_values(&profile));
        self.stays();
        let eligibility = self.hop("eligibility");
        let portal = self.hop("portal");
        let challenges: Vec<_> = eligibility.iter().filter_map(Exchange::challenge).collect();
        let given: Vec<_> = portal.iter().filter_map(Exchange::challenge).collect();
        let proofs = |exchanges: &[Exchange], path: &str| -> Vec<Identification> {
            let found = exchanges.iter().filter_map(|e| e.identification(path));
            found.collect()
        };
        let mut identifications = proofs(&eligibility, "/v1/card-identifications");
        let facts = &self.facts;
        check_proofs(&mut identifications, &challenges, |proof| {
            let shown = facts
                .facilities
                .iter()
                .find(|f| Some(&f.digest) == proof.client.as_ref());
            let facility = shown.or_else(|| facts.facility(&proof.facility))?;
            Some(facility.code.clone())
        });
        let mut home_proofs = proofs(&portal, "/v1/use-registrations");
        check_proofs(&mut home_proofs, &given, |_| {
            Some("portal.sim.invalid".to_owned())
        });
        let (confirmations, use_registrations) = of_sessions(&eligibility, &identifications);
        let revocations = self.hop("ocsp");
        let case = Case {
            id: line.id.clone(),
            profile,
            files: self.files(),
            visits: std::mem::take(&mut self.visits),
            connections: std::mem::take(&mut self.connections)
                .into_values()
                .collect(),
            openings: std::mem::take(&mut self.openings).into_values().collect(),
            questions: eligibility.iter().filter_map(Exchange::question).collect(),
            challenges,
            identifications,
            confirmations,
            use_registrations,
            home_proofs,
            home_screens: home_screens(std::mem::take(&mut self.screens)),
            portal,
            clinic_registrations: self.hop("clinic-registration"),
            agency: self.hop("agency"),
            insured: self.hop("insured"),
            registrations: self.hop("registration"),
            feed: self.hop("feed"),
            revocations: revocations
                .iter()
                .filter_map(Exchange::revocation)
                .collect(),
            list_fetches: self.hop("crl").iter().map(Exchange::list_fetch).collect(),
            eligibility,
            card_exchanges: self.cards,
            charts: self.charts,
            sightings: self.sightings,
            acts: self.acts,
            senders: self.senders,
            times: self.times,
            facts: self.facts,
            ties: Vec::new(),
            chips: Vec::new(),
            due: Vec::new(),
        };
        worked_out(case)
    }
}

/// Screens people see at home.
fn home_screens(screens: Vec<(Party, Screen)>) -> Vec<(String, Screen)> {
    let home = screens.into_iter().filter(|(p, _)| p.role == "home");
    home.map(|(p, screen)| (p.name, screen)).collect()
}

/// What can be told once everything is read: how the cards answered, and what was due.
fn worked_out(mut case: Case) -> Case {
    let seen = doubtful::faults(&case);
    case.facts.faults.extend(seen);
    case.chips = crate::card::follow(&case);
    case.ties = expect::ties(&case);
    case.due = expect::all_due(&case);
    case
}

/// Confirmations and first registrations, each with the proof of its session.
fn of_sessions(
    eligibility: &[Exchange],
    proofs: &[Identification],
) -> (Vec<Confirmation>, Vec<UseRegistration>) {
    let proof = |session: &str, seq: u32| {
        let own = proofs.iter().enumerate().rev();
        let mut own = own
            .filter(|(_, p)| p.seq < seq && p.request.as_ref().is_ok_and(|r| r.session == session));
        own.next().map(|(index, _)| index)
    };
    let mut confirmations: Vec<Confirmation> = eligibility
        .iter()
        .filter_map(Exchange::confirmation)
        .collect();
    for confirmation in &mut confirmations {
        if let Ok(request) = &confirmation.request {
            confirmation.proof = proof(&request.session, confirmation.seq);
        }
    }
    let mut registrations: Vec<UseRegistration> = eligibility
        .iter()
        .filter_map(Exchange::use_registration)
        .collect();
    for registration in &mut registrations {
        registration.proof = proof(&registration.session, registration.seq);
    }
    (confirmations, registrations)
}
