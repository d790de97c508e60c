//! The declared facts of a scenario, indexed. Everything the judge expects is computed from these.

use evidence::{CertificateEvent, EntryKind, Fact, ScenarioRecords};

use crate::calendar::{Day, Instant};
use crate::decode::certificate::{Certificate, certificate};
use crate::decode::result::Numbers;

/// A certificate relying parties were told to trust, or not.
#[derive(Clone, Debug)]
pub struct Authority {
    /// `jpki-user-authentication`, `facility`, …
    pub name: String,
    /// Whether it is to be trusted.
    pub trusted: bool,
    /// The certificate, when it can be read.
    pub certificate: Option<Certificate>,
}

/// A card.
#[derive(Clone, Debug)]
pub struct Card {
    /// Name in the scenario.
    pub card: String,
    /// The person it was issued to.
    pub holder: String,
    /// Serial of its user-authentication certificate.
    pub serial: String,
    /// Digest of the certificate.
    pub digest: String,
    /// The certificate, when it can be read.
    pub certificate: Option<Certificate>,
    /// First valid day.
    pub first_day: Day,
    /// Last valid day.
    pub last_day: Day,
    /// Token of its PIN.
    pub pin: String,
    /// Tries left at the start.
    pub tries_left: u8,
    /// Whether the key belongs to the certificate.
    pub genuine: bool,
}

/// Something that happened to a certificate.
#[derive(Clone, Debug)]
pub struct Event {
    /// Serial.
    pub serial: String,
    /// What.
    pub event: CertificateEvent,
    /// When.
    pub at: Instant,
}

/// A use registration.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Serial.
    pub serial: String,
    /// When.
    pub at: Instant,
}

/// What an insurer's clerk entered.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Record that declares it.
    pub seq: u32,
    /// The insurer.
    pub insurer: String,
    /// The person.
    pub person: String,
    /// Gain or loss.
    pub kind: EntryKind,
    /// Insurer number as entered.
    pub insurer_number: String,
    /// What names the qualification.
    pub numbers: Numbers,
    /// First day with or without it.
    pub on: Day,
    /// When it was entered.
    pub known_at: Instant,
}

/// A clinic.
#[derive(Clone, Debug)]
pub struct Facility {
    /// Name in the scenario.
    pub facility: String,
    /// Facility code.
    pub code: String,
    /// Digest of its TLS certificate.
    pub digest: String,
    /// Whether the trusted authority issued it.
    pub enrolled: bool,
}

/// A house that misbehaves on purpose.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Which.
    pub house: String,
    /// From when on.
    pub from: Instant,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Authorities.
    pub authorities: Vec<Authority>,
    /// Cards.
    pub cards: Vec<Card>,
    /// Certificate events in the order declared.
    pub events: Vec<Event>,
    /// Use registrations.
    pub registrations: Vec<Registration>,
    /// Insurer entries in the order declared.
    pub entries: Vec<Entry>,
    /// Clinics.
    pub facilities: Vec<Facility>,
    /// Faults.
    pub faults: Vec<Fault>,
    /// Tries left that cards brought along from elsewhere: record, card, tries.
    pub tries: Vec<(u32, String, u8)>,
    /// Facts the judge cannot read, and steps the bed could not play: the bed is at fault.
    pub bed: Vec<String>,
}

impl Facts {
    /// Takes in one fact.
    pub(super) fn add(&mut self, fact: &Fact, seq: u32, scenario: &ScenarioRecords) {
        if self.try_add(fact, seq, scenario).is_none() {
            self.bed.push(format!(
                "record {seq}: a declared date or instant cannot be read; the player must write YYYY-MM-DD and RFC 3339 with +09:00"
            ));
        }
    }

    fn try_add(&mut self, fact: &Fact, seq: u32, scenario: &ScenarioRecords) -> Option<()> {
        match fact {
            Fact::Authority {
                authority,
                certificate,
                trusted,
            } => self.authorities.push(Authority {
                name: authority.clone(),
                trusted: *trusted,
                certificate: read(scenario, certificate),
            }),
            Fact::Card { .. } => self.cards.push(card(fact, scenario)?),
            Fact::Tries { card, tries_left } => self.tries.push((seq, card.clone(), *tries_left)),
            Fact::Certificate { serial, event, at } => {
                self.events.push(Event {
                    serial: serial.clone(),
                    event: event.clone(),
                    at: Instant::parse(at)?,
                });
            }
            Fact::Registration { serial, at, .. } => self.registrations.push(Registration {
                serial: serial.clone(),
                at: Instant::parse(at)?,
            }),
            Fact::InsurerEntry { .. } => self.entries.push(entry(fact, seq)?),
            Fact::Facility {
                facility,
                code,
                certificate,
                enrolled,
            } => self.facilities.push(Facility {
                facility: facility.clone(),
                code: code.clone(),
                digest: certificate.clone(),
                enrolled: *enrolled,
            }),
            Fact::Fault { house, from, .. } => {
                self.faults.push(Fault {
                    house: house.clone(),
                    from: Instant::parse(from)?,
                });
            }
            Fact::BedError { step, error } => self.bed.push(format!("step \"{step}\": {error}")),
            Fact::Clock { .. } | Fact::Person { .. } | Fact::Hands { .. } => {}
        }
        Some(())
    }

    /// A card by its name.
    pub fn card(&self, name: &str) -> Option<&Card> {
        self.cards.iter().find(|c| c.card == name)
    }

    /// A clinic by its name.
    pub fn facility(&self, name: &str) -> Option<&Facility> {
        self.facilities.iter().find(|f| f.facility == name)
    }

    /// Certificates of the trusted authorities whose name starts so.
    pub fn trusted(&self, name: &str) -> Vec<&Certificate> {
        let trusted = self
            .authorities
            .iter()
            .filter(|a| a.trusted && a.name.starts_with(name));
        trusted.filter_map(|a| a.certificate.as_ref()).collect()
    }

    /// The fault of one of these houses that holds at an instant.
    pub fn fault(&self, houses: &[&str], at: Instant) -> Option<&Fault> {
        self.faults
            .iter()
            .find(|f| houses.contains(&f.house.as_str()) && f.from <= at)
    }
}

fn read(scenario: &ScenarioRecords, digest: &str) -> Option<Certificate> {
    certificate(scenario.bytes.get(digest)?).ok()
}

fn card(fact: &Fact, scenario: &ScenarioRecords) -> Option<Card> {
    let Fact::Card {
        card,
        holder,
        serial,
        certificate,
        first_day,
        last_day,
        pin,
        tries_left,
        genuine,
    } = fact
    else {
        return None;
    };
    Some(Card {
        card: card.clone(),
        holder: holder.clone(),
        serial: serial.clone(),
        digest: certificate.clone(),
        certificate: read(scenario, certificate),
        first_day: Day::parse(first_day)?,
        last_day: Day::parse(last_day)?,
        pin: pin.clone(),
        tries_left: *tries_left,
        genuine: *genuine,
    })
}

fn entry(fact: &Fact, seq: u32) -> Option<Entry> {
    let Fact::InsurerEntry {
        insurer,
        person,
        kind,
        insurer_number,
        symbol,
        number,
        branch,
        on,
        known_at,
    } = fact
    else {
        return None;
    };
    Some(Entry {
        seq,
        insurer: insurer.clone(),
        person: person.clone(),
        kind: *kind,
        insurer_number: insurer_number.clone(),
        numbers: Numbers::new(insurer_number, symbol, number, branch),
        on: Day::parse(on)?,
        known_at: Instant::parse(known_at)?,
    })
}
