//! The declared facts of a scenario, indexed. Everything the judge expects is computed from these.

use std::collections::BTreeMap;

use evidence::{CertificateEvent, Chip, EntryKind, FaultKind};

use crate::calendar::{Day, Instant};
use crate::decode::certificate::Certificate;
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

/// An invented person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Name in the scenario.
    pub person: String,
    /// Name as registered with the insurer.
    pub name: String,
    /// Half-width kana.
    pub kana: String,
    /// Birth date.
    pub birth: Day,
    /// OQSCD007.
    pub sex: String,
    /// Address as on the card; may be empty.
    pub address: String,
}

/// A card.
#[derive(Clone, Debug)]
pub struct Card {
    /// Record that declares it.
    pub seq: u32,
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
    /// What else is on it.
    pub chip: Option<Chip>,
    /// Its signing certificate, when it has one that can be read.
    pub signing: Option<Certificate>,
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

/// A use registration that was there from the start.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The person.
    pub person: String,
    /// Serial.
    pub serial: String,
    /// When.
    pub at: Instant,
}

/// A card that followed another.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// Serial that ended.
    pub old_serial: String,
    /// Serial that follows.
    pub new_serial: String,
    /// Day of the renewal.
    pub on: Day,
    /// From when on the server may know.
    pub known_at: Instant,
}

/// A release of a use registration.
#[derive(Clone, Debug)]
pub struct Release {
    /// The person.
    pub person: String,
    /// First day without the registration.
    pub effective_on: Day,
    /// When it was entered.
    pub known_at: Instant,
}

/// A drug that was dispensed.
#[derive(Clone, Debug)]
pub struct Drug {
    /// The person.
    pub person: String,
    /// Day of dispensing.
    pub on: Day,
    /// Name.
    pub name: String,
    /// When the server was told.
    pub known_at: Instant,
}

/// A chart the receipt computer had before the story.
#[derive(Clone, Debug)]
pub struct OldChart {
    /// The facility.
    pub facility: String,
    /// The person it is about.
    pub person: String,
    /// The clinic's own number; may be empty.
    pub patient_number: String,
    /// Name as the clinic writes it.
    pub name: String,
    /// Kana as the clinic writes it.
    pub kana: String,
    /// Birth date.
    pub birth: Day,
    /// Address as the clinic knows it; may be empty.
    pub address: String,
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
    /// What else the result must carry, by path in the person block.
    pub carries: BTreeMap<String, String>,
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
    /// `face` or `general`.
    pub reader: String,
    /// Token of the staff's passcode; may be empty.
    pub passcode: String,
}

/// A house that misbehaves on purpose.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Record that declares it.
    pub seq: u32,
    /// Which.
    pub house: String,
    /// How.
    pub kind: FaultKind,
    /// From when on.
    pub from: Instant,
    /// Whether the scenario laid it down; false where it is seen in what crossed the wire alone.
    pub declared: bool,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Authorities.
    pub authorities: Vec<Authority>,
    /// Persons.
    pub persons: Vec<Person>,
    /// Cards.
    pub cards: Vec<Card>,
    /// Certificate events in the order declared.
    pub events: Vec<Event>,
    /// Use registrations there from the start.
    pub registrations: Vec<Registration>,
    /// Renewals and reissues.
    pub renewals: Vec<Renewal>,
    /// Releases of use registrations.
    pub releases: Vec<Release>,
    /// Insurer entries in the order declared.
    pub entries: Vec<Entry>,
    /// Drugs dispensed.
    pub drugs: Vec<Drug>,
    /// Charts there from the start.
    pub charts: Vec<OldChart>,
    /// Clinics.
    pub facilities: Vec<Facility>,
    /// Faults in the order declared.
    pub faults: Vec<Fault>,
    /// Tries left that cards brought along from elsewhere: record, card, tries.
    pub tries: Vec<(u32, String, u8)>,
    /// Profile values that hold in this scenario instead of the run's.
    pub profile: BTreeMap<String, String>,
    /// Facts the judge cannot read, and steps the bed could not play: the bed is at fault.
    pub bed: Vec<String>,
}

impl Facts {
    /// A card by its name.
    pub fn card(&self, name: &str) -> Option<&Card> {
        self.cards.iter().find(|c| c.card == name)
    }

    /// The genuine card whose certificate has a serial; without one, any card that shows it.
    pub fn card_of_serial(&self, serial: &str) -> Option<&Card> {
        let mut own = self.cards.iter().filter(|c| c.serial == serial);
        own.clone().find(|c| c.genuine).or_else(|| own.next())
    }

    /// A person by name in the scenario.
    pub fn person(&self, name: &str) -> Option<&Person> {
        self.persons.iter().find(|p| p.person == name)
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

    /// The fault of one of these houses that holds at an instant. A house that was restarted or mended
    /// is as it should be.
    pub fn fault(&self, houses: &[&str], at: Instant) -> Option<&Fault> {
        houses.iter().find_map(|house| {
            let own = self.faults.iter();
            let last = own
                .filter(|f| f.house == *house && f.from <= at)
                .max_by_key(|f| (f.from, f.seq))?;
            let over = matches!(last.kind, FaultKind::Mended | FaultKind::Restarted);
            (!over).then_some(last)
        })
    }

    /// Whether one of these houses misbehaved at any moment of a span.
    pub fn troubled(&self, houses: &[&str], from: Instant, to: Instant) -> bool {
        self.fault(houses, from).is_some()
            || self.faults.iter().any(|f| {
                houses.contains(&f.house.as_str())
                    && f.kind != FaultKind::Mended
                    && f.from >= from
                    && f.from <= to
            })
    }
}
