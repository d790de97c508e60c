//! Who is registered when: use registrations that were there, that ought to have been made at home or
//! at a clinic, that passed to a new serial, lapsed, or were released.

use evidence::{Act, EntryKind};

use super::certificate::{flaws, revocation};
use super::{entries, grace_end};
use crate::calendar::Instant;
use crate::case::{Card, Case, Renewal};
use crate::decode::apdu::Command;
use crate::expiry::{Period, grace_ends, period};

/// How a card's use registration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Tied to a person.
    Registered,
    /// Nobody has registered it.
    Never,
    /// Lapsed by a renewal after the grace of the certificate before.
    Lapsed,
    /// Released.
    Released,
}

impl Standing {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Registered => "registered",
            Standing::Never => "never-registered",
            Standing::Lapsed => "lapsed",
            Standing::Released => "released",
        }
    }
}

/// Where a use registration was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Before the story.
    Before,
    /// At the portal, from home.
    Home,
    /// At a clinic's reader.
    Clinic,
    /// Told the server although nobody had asked for it; whose fault that is, other rules say.
    Told,
}

/// A use registration that ought to have been made: a serial tied to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// Serial of the certificate.
    pub serial: String,
    /// The person.
    pub person: String,
    /// When.
    pub at: Instant,
    /// Where.
    pub way: Way,
    /// Record of the hands that asked for it; 0 for one that was there before.
    pub seq: u32,
}

/// Houses a registration runs through, as faults name them.
const HOUSES: [&str; 7] = [
    "portal",
    "jlis",
    "agency",
    "ocsp",
    "intermediate",
    "eligibility-server",
    "server",
];

/// Every use registration that ought to have been made, in order of time. Where the public sources do
/// not say whether one succeeds (in the grace, with a house out of order), what the server was told
/// decides.
pub fn ties(case: &Case) -> Vec<Tie> {
    let before = case.facts.registrations.iter().map(|r| Tie {
        serial: r.serial.clone(),
        person: r.person.clone(),
        at: r.at,
        way: Way::Before,
        seq: 0,
    });
    let asked = case.acts.iter().filter_map(|(seq, act)| match act {
        Act::RegisterAtPortal { card, pin, .. } => at_home(case, *seq, card, pin),
        Act::AnswerRegistration { agreed: true } => at_clinic(case, *seq),
        _ => None,
    });
    let mut ties: Vec<Tie> = before.chain(asked).collect();
    let told = || {
        let path = "/v1/feed/use-registrations";
        case.feed
            .iter()
            .filter(move |e| e.posts(path) && e.accepted())
    };
    let unasked = told().filter_map(|e| {
        let serial = e.text("serial");
        let own = |t: &&Tie| t.serial == serial && t.seq < e.seq;
        let hands = ties
            .iter()
            .filter(own)
            .map(|t| t.seq)
            .filter(|seq| *seq != 0);
        let since = hands.max();
        // The first report after the hands that asked for it is theirs, and the first of all that of a
        // registration there before.
        let first = !told().any(|f| {
            f.text("serial") == serial && f.seq < e.seq && f.seq > since.unwrap_or_default()
        });
        let explained = first && (since.is_some() || ties.iter().any(|t| own(&t)));
        let card = case.facts.card_of_serial(serial);
        let card = card.filter(|_| !explained)?;
        Some(Tie {
            serial: serial.to_owned(),
            person: card.holder.clone(),
            at: e.at,
            way: Way::Told,
            seq: e.seq,
        })
    });
    ties.extend(unasked.collect::<Vec<_>>());
    ties.sort_by_key(|tie| tie.at);
    ties
}

fn at_home(case: &Case, seq: u32, card: &str, pin: &str) -> Option<Tie> {
    let card = case.facts.card(card)?;
    let at = case.when(seq)?;
    let locked = case.card_exchanges.iter().any(|e| {
        let refused = matches!(&e.response, Some((_, Ok(r))) if r.status == 0x6984);
        e.seq > seq
            && e.card == card.card
            && e.by.role == "home"
            && matches!(e.command, Ok(Command::Verify(..)))
            && refused
    });
    if card.pin != pin || locked {
        return None;
    }
    made(case, card, at, Way::Home, seq)
}

fn at_clinic(case: &Case, seq: u32) -> Option<Tie> {
    let visit = case
        .visits
        .iter()
        .find(|v| v.acts.iter().any(|(s, _)| *s == seq))?;
    let card = case.facts.card(&visit.card)?;
    let enrolled = case.facts.facility(&visit.facility)?.enrolled;
    let gone = visit.taken.is_some_and(|taken| taken < seq);
    if !enrolled || gone {
        return None;
    }
    made(case, card, case.when(seq)?, Way::Clinic, seq)
}

/// The tie a sound card of an insured holder ought to get.
fn made(case: &Case, card: &Card, at: Instant, way: Way, seq: u32) -> Option<Tie> {
    let facts = &case.facts;
    let mut known = entries(facts, &card.holder, at);
    let insured = known.any(|e| e.kind == EntryKind::Gain);
    let sound = card.genuine && flaws(facts, card.certificate.as_ref(), at).is_empty();
    if !sound || !insured {
        return None;
    }
    let tie = |at| Tie {
        serial: card.serial.clone(),
        person: card.holder.clone(),
        at,
        way,
        seq,
    };
    let told = || told(case, &card.serial, seq).map(tie);
    let period = period(card.first_day, card.last_day, at.day, grace_end(case));
    let disturbed = HOUSES
        .iter()
        .any(|house| facts.fault(&[house], at).is_some());
    match period {
        Period::Grace => told(),
        _ if disturbed => told(),
        Period::Valid | Period::Notice if revocation(case, &card.serial, at).is_none() => {
            Some(tie(at))
        }
        _ => None,
    }
}

/// When the server took the next registration of a serial after a record.
fn told(case: &Case, serial: &str, seq: u32) -> Option<Instant> {
    let fed = case.feed.iter().find(|e| {
        e.seq > seq
            && e.posts("/v1/feed/use-registrations")
            && e.accepted()
            && e.text("serial") == serial
    });
    fed.map(|e| e.at)
}

enum State {
    Never,
    Lapsed,
    Tied(String),
}

/// How the registration of a serial stands at an instant.
pub fn standing(case: &Case, serial: &str, at: Instant) -> Standing {
    let all = |_: &Tie| true;
    of_state(case, state(case, serial, at, 8, &all), at, &all)
}

/// How it stood just before an attempt made at a record: ties made for that attempt do not count.
pub fn standing_without(case: &Case, serial: &str, seq: u32, at: Instant) -> Standing {
    let asked = case
        .ties
        .iter()
        .rev()
        .find(|t| t.serial == serial && t.seq != 0 && t.seq < seq && t.at <= at);
    // The hands that led to this attempt are the last ones before it, unless an attempt came between.
    let answered = asked.is_some_and(|tie| {
        let after = |e: &crate::case::Exchange| e.seq > tie.seq && e.last() < seq && e.accepted();
        case.portal
            .iter()
            .any(|e| e.posts("/v1/use-registrations") && after(e))
            || case.clinic_registrations.iter().any(after)
    });
    let but = asked.filter(|_| !answered).map(|own| own.seq);
    let ties = |t: &Tie| t.seq < seq && Some(t.seq) != but;
    of_state(case, state(case, serial, at, 8, &ties), at, &ties)
}

/// The pair by which the server may know a serial as the one that followed another.
pub fn pair_of<'a>(case: &'a Case, serial: &str, at: Instant) -> Option<&'a Renewal> {
    let pairs = case.facts.renewals.iter();
    pairs
        .filter(|r| r.new_serial == serial && r.known_at <= at)
        .max_by_key(|r| r.known_at)
}

/// Which ties count.
type Counts<'a> = &'a dyn Fn(&Tie) -> bool;

fn of_state(case: &Case, state: State, at: Instant, counts: Counts<'_>) -> Standing {
    match state {
        State::Never => Standing::Never,
        State::Lapsed => Standing::Lapsed,
        State::Tied(person) if released(case, &person, at, counts) => Standing::Released,
        State::Tied(_) => Standing::Registered,
    }
}

fn state(case: &Case, serial: &str, at: Instant, depth: u8, counts: Counts<'_>) -> State {
    let mut own = case.ties.iter().rev().filter(|t| counts(t));
    if let Some(tie) = own.find(|t| t.serial == serial && t.at <= at) {
        return State::Tied(tie.person.clone());
    }
    let Some(pair) = pair_of(case, serial, at).filter(|_| depth > 0) else {
        return State::Never;
    };
    match state(case, &pair.old_serial, pair.known_at, depth - 1, counts) {
        State::Tied(person) if in_time(case, pair) => State::Tied(person),
        State::Tied(_) | State::Lapsed => State::Lapsed,
        State::Never => State::Never,
    }
}

/// Whether a renewal came no later than the grace of the certificate before.
fn in_time(case: &Case, pair: &Renewal) -> bool {
    let old = case.facts.card_of_serial(&pair.old_serial);
    old.is_none_or(|old| pair.on <= grace_ends(old.last_day, grace_end(case)))
}

/// Whether a release is in effect that no later registration undid.
fn released(case: &Case, person: &str, at: Instant, counts: Counts<'_>) -> bool {
    let own = case.facts.releases.iter();
    let mut in_effect =
        own.filter(|r| r.person == person && r.known_at <= at && r.effective_on <= at.day);
    in_effect.any(|release| {
        !case.ties.iter().any(|tie| {
            tie.person == person
                && counts(tie)
                && tie.at <= at
                && tie.at >= release.known_at
                && tie.at.day >= release.effective_on
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Leaf, Scene, instant};
    use evidence::Fact;

    fn at(text: &str) -> Instant {
        instant(&format!("{text}T10:00:00.000+09:00"))
    }

    /// An old certificate until 2026-07-20, a new one, and the day of the renewal.
    fn renewed(registered: bool, on: &str, known: &str) -> Scene {
        let mut scene = Scene::with_card(&Leaf {
            last_day: "2026-07-20",
            ..Leaf::default()
        });
        if !registered {
            scene.forget_registrations();
        }
        let leaf = Leaf {
            serial: 0x1002,
            last_day: "2031-02-15",
            ..Leaf::default()
        };
        scene.card("新しいカード", &leaf, true);
        scene.declare(Fact::Renewal {
            person: "田中".into(),
            old_serial: "1001".into(),
            new_serial: "1002".into(),
            on: on.into(),
            known_at: format!("{known}T09:00:00.000+09:00"),
        });
        scene
    }

    #[test]
    fn a_pair_hands_the_registration_on_in_time() {
        use Standing::{Lapsed, Never, Registered};
        // Grace of 2026-07-20: to the month's end 2026-10-31, to the day 2026-10-20.
        for (name, registered, on, grace, today, due) in [
            (
                "paired",
                true,
                "2026-10-14",
                "month_end",
                "2026-10-16",
                Registered,
            ),
            (
                "before the pair is known",
                true,
                "2026-10-14",
                "month_end",
                "2026-10-14",
                Never,
            ),
            (
                "last day of the grace",
                true,
                "2026-10-31",
                "month_end",
                "2026-11-02",
                Registered,
            ),
            (
                "after the grace",
                true,
                "2026-11-01",
                "month_end",
                "2026-11-03",
                Lapsed,
            ),
            (
                "after the grace by the day",
                true,
                "2026-10-21",
                "same_day",
                "2026-11-03",
                Lapsed,
            ),
            (
                "in it by the day",
                true,
                "2026-10-20",
                "same_day",
                "2026-11-03",
                Registered,
            ),
            (
                "never registered",
                false,
                "2026-10-14",
                "month_end",
                "2026-10-16",
                Never,
            ),
            (
                "never registered, late",
                false,
                "2026-11-01",
                "month_end",
                "2026-11-03",
                Never,
            ),
        ] {
            let known = match today {
                "2026-10-14" => "2026-10-15",
                today => today,
            };
            let mut scene = renewed(registered, on, known);
            scene.run.profile.insert("grace_end".into(), grace.into());
            let case = scene.case();
            assert_eq!(standing(&case, "1002", at(today)), due, "{name}");
        }
    }

    #[test]
    fn a_release_holds_from_its_day_until_registered_anew() {
        use Standing::{Registered, Released};
        let mut scene = Scene::registered();
        scene.declare(Fact::Release {
            person: "田中".into(),
            effective_on: "2026-10-20".into(),
            known_at: "2026-10-16T09:00:00.000+09:00".into(),
        });
        let again = |at: &str| Fact::Registration {
            person: "田中".into(),
            serial: "1001".into(),
            at: at.into(),
        };
        let case = scene.case();
        let found =
            ["2026-10-19", "2026-10-20", "2026-11-01"].map(|day| standing(&case, "1001", at(day)));
        assert_eq!(found, [Registered, Released, Released]);
        scene.declare(again("2026-10-18T09:00:00.000+09:00"));
        let found = standing(&scene.case(), "1001", at("2026-10-21"));
        assert_eq!(found, Released, "registered before its day");
        scene.declare(again("2026-10-21T09:00:00.000+09:00"));
        assert_eq!(
            standing(&scene.case(), "1001", at("2026-10-21")),
            Registered
        );
        assert_eq!(
            standing(&scene.case(), "9999", at("2026-10-21")),
            Standing::Never
        );
    }
}
