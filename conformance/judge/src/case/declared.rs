//! Reads declared facts into their index. A date or instant that cannot be read is the bed's error.

use evidence::{Fact, ScenarioRecords};

use super::facts::{
    Authority, Card, Drug, Entry, Event, Facility, Facts, Fault, OldChart, Person, Registration,
    Release, Renewal,
};
use crate::calendar::{Day, Instant};
use crate::decode::certificate::{Certificate, certificate};
use crate::decode::result::Numbers;

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
            Fact::Card { .. } => self.cards.push(card(fact, seq, scenario)?),
            Fact::Tries { card, tries_left } => self.tries.push((seq, card.clone(), *tries_left)),
            Fact::InsurerEntry { .. } => self.entries.push(entry(fact, seq)?),
            Fact::Facility { .. } => self.facilities.push(facility(fact)?),
            Fact::Person { .. } => self.persons.push(person(fact)?),
            Fact::Chart { .. } => self.charts.push(chart(fact)?),
            Fact::ProfileValue { key, value } => {
                self.profile.insert(key.clone(), value.clone());
            }
            Fact::BedError { step, error } => self.bed.push(format!("step \"{step}\": {error}")),
            Fact::Fault { house, kind, from } => self.faults.push(Fault {
                seq,
                house: house.clone(),
                kind: *kind,
                from: Instant::parse(from)?.of_record(seq),
                declared: true,
            }),
            Fact::Clock { at } => drop(Instant::parse(at)?),
            Fact::Hands { .. } => {}
            Fact::Certificate { .. }
            | Fact::Registration { .. }
            | Fact::Renewal { .. }
            | Fact::Release { .. }
            | Fact::Drug { .. } => self.happened(fact, seq)?,
        }
        Some(())
    }

    /// What happened at some moment.
    fn happened(&mut self, fact: &Fact, seq: u32) -> Option<()> {
        match fact {
            Fact::Certificate {
                serial, event, at, ..
            } => self.events.push(Event {
                serial: serial.clone(),
                event: event.clone(),
                at: Instant::parse(at)?.of_record(seq),
            }),
            Fact::Registration { person, serial, at } => self.registrations.push(Registration {
                person: person.clone(),
                serial: serial.clone(),
                at: Instant::parse(at)?.of_record(seq),
            }),
            Fact::Renewal {
                old_serial,
                new_serial,
                on,
                known_at,
                ..
            } => self.renewals.push(Renewal {
                old_serial: old_serial.clone(),
                new_serial: new_serial.clone(),
                on: Day::parse(on)?,
                known_at: Instant::parse(known_at)?.of_record(seq),
            }),
            Fact::Release {
                person,
                effective_on,
                known_at,
            } => self.releases.push(Release {
                person: person.clone(),
                effective_on: Day::parse(effective_on)?,
                known_at: Instant::parse(known_at)?.of_record(seq),
            }),
            Fact::Drug {
                person,
                on,
                name,
                known_at,
            } => self.drugs.push(Drug {
                person: person.clone(),
                on: Day::parse(on)?,
                name: name.clone(),
                known_at: Instant::parse(known_at)?.of_record(seq),
            }),
            _ => {}
        }
        Some(())
    }
}

fn read(scenario: &ScenarioRecords, digest: &str) -> Option<Certificate> {
    certificate(scenario.bytes.get(digest)?).ok()
}

fn card(fact: &Fact, seq: u32, scenario: &ScenarioRecords) -> Option<Card> {
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
        chip,
    } = fact
    else {
        return None;
    };
    let signing = chip.as_ref().map(|c| c.signing_certificate.as_str());
    Some(Card {
        seq,
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
        signing: signing.and_then(|digest| read(scenario, digest)),
        chip: chip.clone(),
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
        carries,
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
        known_at: Instant::parse(known_at)?.of_record(seq),
        carries: carries.clone(),
    })
}

fn facility(fact: &Fact) -> Option<Facility> {
    let Fact::Facility {
        facility,
        code,
        certificate,
        enrolled,
        reader,
        passcode,
    } = fact
    else {
        return None;
    };
    Some(Facility {
        facility: facility.clone(),
        code: code.clone(),
        digest: certificate.clone(),
        enrolled: *enrolled,
        reader: reader.clone(),
        passcode: passcode.clone(),
    })
}

fn person(fact: &Fact) -> Option<Person> {
    let Fact::Person {
        person,
        name,
        kana,
        birth,
        sex,
        address,
    } = fact
    else {
        return None;
    };
    Some(Person {
        person: person.clone(),
        name: name.clone(),
        kana: kana.clone(),
        birth: Day::parse(birth)?,
        sex: sex.clone(),
        address: address.clone(),
    })
}

fn chart(fact: &Fact) -> Option<OldChart> {
    let Fact::Chart {
        facility,
        person,
        patient_number,
        name,
        kana,
        birth,
        address,
    } = fact
    else {
        return None;
    };
    Some(OldChart {
        facility: facility.clone(),
        person: person.clone(),
        patient_number: patient_number.clone(),
        name: name.clone(),
        kana: kana.clone(),
        birth: Day::parse(birth)?,
        address: address.clone(),
    })
}
