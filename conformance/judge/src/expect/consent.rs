//! Which consent holds: given with the card at a confirmation, for that facility and kind, for the
//! hours of the profile. In the grace none is ever stored.

use crate::calendar::Instant;
use crate::case::{Case, Confirmation, Said};

/// How a person's consent stands at a facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Given, and it holds.
    Holds,
    /// Given, and its time is over.
    Over,
    /// Never given here.
    None,
    /// The public sources do not say: at the very border, refused after it was given, or the
    /// certificate expired meanwhile.
    Open,
}

/// Whether the server took a confirmation in which consents count, and what they were.
pub fn granted(case: &Case, index: usize) -> Option<[bool; 4]> {
    let confirmation = case.confirmations.get(index)?;
    let expected = case.due.get(index)?.as_ref()?;
    let counts = expected.due().confirms() && expected.due() != super::Due::ExpiredGrace;
    let answered = matches!(&confirmation.answer, Some((_, Said::Outcome(o))) if o.confirms());
    let request = confirmation.request.as_ref().ok()?;
    Some(if counts && answered {
        request.consents
    } else {
        [false; 4]
    })
}

/// Consent of a kind (position in operation, treatment, drug, checkup) of a person at a facility.
pub fn consent_for(case: &Case, person: &str, facility: &str, kind: usize, at: Instant) -> Consent {
    let hours: i64 = case.value("consent_hours").parse().unwrap_or(24);
    let length = hours * 3_600_000;
    let mut consent = Consent::None;
    for (index, confirmation) in case.confirmations.iter().enumerate() {
        let card = case.card_of(confirmation);
        let own = confirmation.facility == facility
            && confirmation.at <= at
            && confirmation.from.role != "bed"
            && card.is_some_and(|c| c.holder == person);
        let Some(given) = granted(case, index).filter(|_| own) else {
            continue;
        };
        if !given[kind] {
            consent = match consent {
                Consent::Holds => Consent::Open,
                before => before,
            };
            continue;
        }
        let told = answered_at(case, confirmation);
        consent = if at.millis_since(confirmation.at) <= length {
            Consent::Holds
        } else if at.millis_since(told) >= length + 1_000 {
            Consent::Over
        } else {
            Consent::Open
        };
    }
    consent
}

fn answered_at(case: &Case, confirmation: &Confirmation) -> Instant {
    let answer = confirmation.answer.as_ref();
    answer
        .and_then(|(seq, _)| case.when(*seq))
        .unwrap_or(confirmation.at)
}

/// Name and day of the drugs the server had been told of for a person.
pub fn drugs_due(case: &Case, person: &str, at: Instant) -> Vec<(String, String)> {
    let own = case
        .facts
        .drugs
        .iter()
        .filter(|d| d.person == person && d.known_at <= at);
    own.map(|d| (d.name.clone(), d.on.to_compact())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CLINIC, Play, STRANGER, Scene, instant};

    #[test]
    fn a_consent_holds_for_its_hours_at_its_facility() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        let case = scene.case();
        let at = |text: &str| instant(&format!("2026-10-{text}+09:00"));
        let found = |facility, at| consent_for(&case, "田中", facility, 2, at);
        assert_eq!(found(CLINIC, at("15T09:00:00.000")), Consent::Holds);
        assert_eq!(found(CLINIC, at("16T09:00:00.000")), Consent::Holds);
        assert_eq!(found(CLINIC, at("16T09:00:00.500")), Consent::Open);
        assert_eq!(found(CLINIC, at("16T09:00:01.000")), Consent::Over);
        assert_eq!(found(STRANGER, at("15T09:00:00.000")), Consent::None);
        assert_eq!(found(CLINIC, at("14T09:00:00.000")), Consent::None);
    }

    #[test]
    fn none_is_stored_when_refused_or_in_the_grace() {
        let mut scene = Scene::registered();
        scene.visit(&Play {
            consents: false,
            ..Play::default()
        });
        let now = instant("2026-10-15T10:00:00.000+09:00");
        let found = |scene: &Scene| consent_for(&scene.case(), "田中", CLINIC, 2, now);
        assert_eq!(found(&scene), Consent::None);
        let mut scene = Scene::with_card(&crate::testing::Leaf {
            last_day: "2026-08-15",
            ..Default::default()
        });
        scene.visit(&Play::default());
        assert_eq!(found(&scene), Consent::None);
    }
}
