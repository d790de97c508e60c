//! The records of a scenario held to the story they bear the name of: the day it begins on, the values it lays down,
//! the people and clinics it names, and step by step what was laid down and what hands did. What products answered
//! is the judge's matter.

use std::collections::BTreeSet;

use evidence::{Act, CertificateEvent, EntryKind, Evidence, Fact, Run, ScenarioRecords, What};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use rayon::prelude::*;
use scenarios::{PhraseBook, Read, Story};

use super::Wrong;
use crate::bundle::Bed;

/// Holds every scenario of a run to its story.
pub fn told(run: &Run, evidence: &Evidence, bed: &Bed) -> Result<(), Wrong> {
    let edition: Date = bed.cast.edition;
    let of = |line: &evidence::ScenarioLine| {
        let story = bed.suite.stories.iter().find(|s| s.id == line.id)?;
        let records = evidence.scenario(&line.id)?;
        let problem = problem_with(records, story, &bed.suite.book, edition)?;
        Some(format!(
            "the records of {} are not those of this scenario: {problem}. Somebody exchanged or edited them; ask for an untouched copy.",
            line.id
        ))
    };
    let first = run.scenarios.par_iter().find_map_first(of);
    first.map_or(Ok(()), |said| Err(Wrong::Bundle(said)))
}

fn problem_with(
    records: &ScenarioRecords,
    story: &Story,
    book: &PhraseBook,
    edition: Date,
) -> Option<String> {
    let facts: Vec<&Fact> = facts(records).collect();
    // A story the bed could not play to its end is the judge's to report, and ends anywhere.
    if facts.iter().any(|f| matches!(f, Fact::BedError { .. })) {
        return None;
    }
    let steps: Vec<Read> = story
        .steps
        .iter()
        .filter_map(|[ja, _]| book.read(ja))
        .collect();
    beginning(&facts, &steps, edition)
        .or_else(|| values(&facts, story))
        .or_else(|| named(&facts, &steps))
        .or_else(|| course(&facts, &steps, book))
}

fn facts(records: &ScenarioRecords) -> impl Iterator<Item = &Fact> {
    records
        .records
        .iter()
        .filter_map(|record| match &record.what {
            What::Declared(declared) => Some(&declared.fact),
            _ => None,
        })
}

/// The clock is the first thing declared: on the edition's day, or a month before the first day the story names.
fn beginning(facts: &[&Fact], steps: &[Read], edition: Date) -> Option<String> {
    let part = |read: &Read, name: &str| i16::try_from(read.number(name)).unwrap_or(i16::MAX);
    let small = |read: &Read, name: &str| i8::try_from(read.number(name)).unwrap_or(i8::MAX);
    let named = steps.iter().filter(|read| read.phrase == "today");
    let days = named.filter_map(|read| {
        Date::new(part(read, "year"), small(read, "month"), small(read, "day")).ok()
    });
    let first = days.min().map_or(edition, |day| {
        day.checked_sub(1.month()).unwrap_or(date(1, 1, 1))
    });
    let due = format!("{first}T09:00:00.000+09:00");
    match facts.first() {
        Some(Fact::Clock { at }) if *at == due => None,
        Some(Fact::Clock { at }) => Some(format!("they begin at {at}, it begins at {due}")),
        _ => Some(format!("they do not begin with the clock at {due}")),
    }
}

/// Values of the profile the story lays down for itself.
fn values(facts: &[&Fact], story: &Story) -> Option<String> {
    let laid: Vec<(&str, &str)> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::ProfileValue { key, value } => Some((key.as_str(), value.as_str())),
            _ => None,
        })
        .collect();
    let due = story.profile.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    (laid != due.collect::<Vec<_>>())
        .then(|| "they lay down other values of the profile than it does".to_owned())
}

/// Nobody and no clinic stands in the records whom the story does not name, and the other way about.
fn named(facts: &[&Fact], steps: &[Read]) -> Option<String> {
    let mut people = BTreeSet::new();
    let mut clinics = BTreeSet::new();
    for fact in facts {
        match fact {
            Fact::Person { person, .. } => drop(people.insert(person.as_str())),
            Fact::Facility { facility, .. } => drop(clinics.insert(facility.as_str())),
            _ => {}
        }
    }
    let of = |keys: &[&str], read: &dyn Fn(&Read) -> bool| -> BTreeSet<&str> {
        let all = steps.iter().filter(|step| read(step));
        let all = all.flat_map(|step| step.values.iter());
        let own = all.filter(|(key, _)| keys.contains(&key.as_str()));
        own.map(|(_, value)| value.as_str()).collect()
    };
    let whoever = ["person", "victim", "head"];
    let differs = |what: &str,
                   there: &BTreeSet<&str>,
                   may: &BTreeSet<&str>,
                   must: &BTreeSet<&str>| {
        let strange = there.difference(may).next();
        let strange = strange.map(|name| format!("they tell of the {what} {name}, it does not"));
        let absent = must.difference(there).next();
        strange.or_else(|| absent.map(|name| format!("it tells of the {what} {name}, they do not")))
    };
    // Whoever comes with somebody else's card need not be anybody's patient.
    let patients = of(&whoever, &|step| step.phrase != "place-borrowed");
    let clinics_due = of(&["facility"], &|_| true);
    differs("person", &people, &of(&whoever, &|_| true), &patients)
        .or_else(|| differs("clinic", &clinics, &clinics_due, &clinics_due))
}

/// What was laid down and what hands did, in order.
fn course(facts: &[&Fact], steps: &[Read], book: &PhraseBook) -> Option<String> {
    // The first clock stands before every step.
    let done: Vec<String> = facts.iter().skip(1).filter_map(|fact| said(fact)).collect();
    let due: Vec<String> = steps.iter().flat_map(|read| due(read, book)).collect();
    let at = (0..done.len().max(due.len())).find(|at| done.get(*at) != due.get(*at))?;
    let shown = |list: &[String]| {
        list.get(at)
            .cloned()
            .unwrap_or_else(|| "nothing more".into())
    };
    Some(format!(
        "as number {} of what was laid down and done they have {}, it has {}",
        at + 1,
        shown(&done),
        shown(&due)
    ))
}

/// A fact in the words both sides are compared in. People, clinics, authorities and values are compared as a whole.
fn said(fact: &Fact) -> Option<String> {
    let words: Vec<&str> = match fact {
        Fact::Clock { .. } => vec!["clock"],
        Fact::Card { holder, .. } => vec!["card", holder],
        Fact::Tries { tries_left, .. } => return Some(format!("tries {tries_left}")),
        Fact::Certificate { event, .. } => vec![event_name(event)],
        Fact::Registration { person, .. } => vec!["registration", person],
        Fact::Renewal { person, .. } => vec!["renewal", person],
        Fact::Release { person, .. } => vec!["released", person],
        Fact::Drug { person, name, .. } => vec!["drug", person, name],
        Fact::Chart { facility, .. } => vec!["chart", facility],
        Fact::InsurerEntry {
            insurer,
            person,
            kind,
            ..
        } => {
            let gain = *kind == EntryKind::Gain;
            vec![if gain { "gain" } else { "loss" }, insurer, person]
        }
        Fact::Fault { .. } => vec!["fault"],
        Fact::Hands { act, .. } => return deed(act),
        Fact::Person { .. }
        | Fact::Facility { .. }
        | Fact::Authority { .. }
        | Fact::ProfileValue { .. }
        | Fact::BedError { .. } => return None,
    };
    Some(words.join(" "))
}

fn event_name(event: &CertificateEvent) -> &'static str {
    match event {
        CertificateEvent::Issued => "issued",
        CertificateEvent::Revoked => "revoked",
        CertificateEvent::Suspended => "suspended",
        CertificateEvent::Lifted => "lifted",
        CertificateEvent::Unknown => "unknown",
    }
}

/// What a step lays down and what hands do in it. A phrase that stands in neither list does neither.
fn due(read: &Read, book: &PhraseBook) -> Vec<String> {
    let mut due = deeds(read, book);
    due.extend(laid_down(read));
    due
}

fn laid_down(read: &Read) -> Vec<String> {
    let (person, insurer) = (read.get("person"), read.get("insurer"));
    let card = format!("card {person}");
    let registration = format!("registration {person}");
    let one = |words: &[&str]| vec![words.join(" ")];
    match read.phrase.as_str() {
        "today" | "later" => one(&["clock"]),
        "card-held"
        | "card-expired-months"
        | "card-expires-in-days"
        | "card-until"
        | "card-from"
        | "card-minor"
        | "card-face-only"
        | "card-no-photo" => {
            vec![card, "issued".into(), registration]
        }
        "card-unregistered" | "card-expired-unregistered" => vec![card, "issued".into()],
        "card-foreign" | "card-clone" => vec![card],
        "insured"
        | "insured-share"
        | "insured-elderly"
        | "insured-limit"
        | "insured-family"
        | "gained-days-ago"
        | "enter-wrong-insurer-number" => one(&["gain", insurer, person]),
        "lost-days-ago" | "lost-by-death" => one(&["loss", insurer, person]),
        "dispensed" => one(&["drug", person, read.get("drug")]),
        "release" => one(&["released", person]),
        "pin-tried" => vec![format!("tries {}", 3 - read.number("times").clamp(0, 3))],
        "certificate-revoked" | "certificate-revoked-for" | "moved" => one(&["revoked"]),
        "certificate-suspended" => one(&["suspended"]),
        "certificate-lifted" => one(&["lifted"]),
        "certificate-unknown" => one(&["unknown"]),
        "renewed" | "reissued" => {
            let renewal = format!("renewal {person}");
            vec![card, "revoked".into(), "issued".into(), renewal]
        }
        "ocsp-silent" | "ocsp-mood" | "crl-mood" | "crl-silent" | "house-down" | "house-mended"
        | "server-restarted" | "server-broken" | "server-false" | "server-disk-full" => {
            one(&["fault"])
        }
        "chart-kept" | "chart-written" | "chart-address" | "chart-namesake" => {
            one(&["chart", read.get("facility")])
        }
        _ => Vec::new(),
    }
}

/// An act in the same words. Consents and answers to an offer come as the screens ask for them, and are left out.
fn deed(act: &Act) -> Option<String> {
    let words: Vec<&str> = match act {
        Act::Consent { .. } | Act::AnswerRegistration { .. } => return None,
        Act::PlaceCard {
            person,
            facility,
            reader,
            ..
        } => {
            return Some(format!("place-card {person} {facility} {reader}"));
        }
        Act::GoOn { person } => vec!["go-on", person],
        Act::ChoosePin => vec!["choose-pin"],
        Act::ChooseFace => vec!["choose-face"],
        Act::LookIntoCamera { clear: true, .. } => vec!["look"],
        Act::LookIntoCamera { .. } => vec!["look-unclear"],
        Act::CallStaff => vec!["call-staff"],
        Act::EnterPasscode { .. } => vec!["enter-passcode"],
        Act::AcknowledgeWarning => vec!["acknowledge"],
        Act::EnterPin { .. } => vec!["enter-pin"],
        Act::TakeCard => vec!["take-card"],
        Act::CardSlips { .. } => vec!["card-slips"],
        Act::RegisterAtPortal { person, .. } => vec!["register-at-portal", person],
        Act::Examine { script, .. } => vec!["examine", script],
        Act::Tamper { .. } => vec!["tamper"],
        Act::ResetAtCounter { .. } => vec!["reset"],
        Act::AskByNumber {
            facility, person, ..
        } => vec!["ask-by-number", facility, person],
        Act::AskDrugs { facility, person } => vec!["ask-drugs", facility, person],
        Act::RegisterReferenceNumber {
            facility,
            person,
            reference_number,
        } => {
            vec!["register-reference", facility, person, reference_number]
        }
        Act::SwitchDesk { facility, on } => {
            vec![if *on { "desk-on" } else { "desk-off" }, facility]
        }
        Act::PlantFile {
            facility, person, ..
        } => vec!["plant-file", facility, person],
        Act::SendRequest { request, sender } => vec!["send-request", request, sender],
        Act::LookAtChart { facility, person } => vec!["look-at-chart", facility, person],
        Act::EnterRelease {
            insurer, person, ..
        } => vec!["release", insurer, person],
        Act::EnterRegistration {
            insurer, person, ..
        } => vec!["enter-registration", insurer, person],
    };
    Some(words.join(" "))
}

/// What hands do in a step.
fn deeds(read: &Read, book: &PhraseBook) -> Vec<String> {
    let get = |name: &str| read.get(name);
    let person = get("person");
    let place = |reader: u8| format!("place-card {person} {} {reader}", get("facility"));
    let plain = |words: &[&str]| vec![words.join(" ")];
    match read.phrase.as_str() {
        "place-card" | "place-borrowed" => vec![place(1)],
        "place-second" => vec![place(2)],
        "turn" => plain(&["go-on", person]),
        "visit-pin" => vec![
            place(1),
            "choose-pin".into(),
            "enter-pin".into(),
            "take-card".into(),
        ],
        "visit-face" | "visit-register" => {
            vec![
                place(1),
                "choose-face".into(),
                "look".into(),
                "take-card".into(),
            ]
        }
        "staff-confirms" | "staff-mistypes" => plain(&["enter-passcode"]),
        "enter-right-pin" | "enter-wrong-pin" => plain(&["enter-pin"]),
        "take-card" | "take-early" => plain(&["take-card"]),
        "choose-pin" | "choose-face" | "look" | "look-unclear" | "call-staff" | "acknowledge"
        | "card-slips" => plain(&[&read.phrase]),
        "register-at-portal" | "register-wrong-pin" => plain(&["register-at-portal", person]),
        "examine" => plain(&["examine", get("script")]),
        "tampered" => plain(&["tamper"]),
        "reset-at-counter" => plain(&["reset"]),
        "ask-by-number" | "ask-by-number-past" | "ask-without-branch" | "ask-with-limit"
        | "ask-wrong-number" => plain(&["ask-by-number", get("facility"), person]),
        "ask-drugs" | "look-at-chart" => plain(&[&read.phrase, get("facility"), person]),
        "register-reference" => plain(&[
            "register-reference",
            get("facility"),
            person,
            get("reference"),
        ]),
        "desk-on" | "desk-off" => plain(&[&read.phrase, get("facility")]),
        "plant-file" | "plant-half" | "plant-rest" | "plant-question" => {
            plain(&["plant-file", get("facility"), person])
        }
        "send-request" => {
            let group = book.props().requests(get("request"));
            let all = group.iter().flat_map(|group| {
                let name = |request: &scenarios::RawRequest| {
                    format!(
                        "send-request {}/{} {}",
                        group.ja,
                        request.name,
                        get("sender")
                    )
                };
                group.requests.iter().map(name).collect::<Vec<_>>()
            });
            all.collect()
        }
        "release" => plain(&["release", get("insurer"), person]),
        "enter-wrong-insurer-number" => plain(&["enter-registration", get("insurer"), person]),
        _ => Vec::new(),
    }
}
