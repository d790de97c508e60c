//! What the rules about proving a person share: a stay taken apart into what hands did and what the reader
//! showed until they did something again.

use evidence::Act;

use crate::case::{Case, Facility, Screen, Visit};

pub(super) const READER: &str = "reader";
pub(super) const TERMINAL: &str = "terminal";

/// Screens of the PIN way.
pub(super) const PIN_SCREENS: [&str; 4] =
    ["ENTER_PIN", "LAST_TRY_WARNING", "PIN_WRONG", "PIN_LOCKED"];
/// Screens on which a way of proving oneself can be chosen.
const CHOICES: [&str; 10] = [
    "CHOOSE_METHOD",
    "ENTER_PIN",
    "LAST_TRY_WARNING",
    "PIN_WRONG",
    "PIN_LOCKED",
    "FACE_CAMERA",
    "FACE_MISMATCH",
    "STAFF_EYE",
    "PASSCODE_WRONG",
    "",
];

/// Something hands did in a stay, and what was shown until they did something again.
pub(super) struct Step<'a> {
    pub seq: u32,
    pub act: &'a Act,
    /// First record that no longer belongs to it.
    pub until: u32,
    /// The screen on which it was done.
    pub before: Option<&'a Screen>,
    /// Screens shown afterwards.
    pub screens: Vec<&'a Screen>,
}

/// The steps of a stay.
pub(super) fn steps(visit: &Visit) -> Vec<Step<'_>> {
    let ends = visit.acts.iter().skip(1).map(|(seq, _)| *seq);
    let ends = ends.chain([visit.end]);
    let mut steps = Vec::new();
    let mut shown = visit.screens.iter().peekable();
    let mut before = None;
    for ((seq, act), until) in visit.acts.iter().zip(ends) {
        while let Some(screen) = shown.next_if(|s| s.seq < *seq) {
            before = Some(screen);
        }
        let mut screens = Vec::new();
        while let Some(screen) = shown.next_if(|s| s.seq < until) {
            screens.push(screen);
        }
        let last = screens.last().copied();
        steps.push(Step {
            seq: *seq,
            act,
            until,
            before,
            screens,
        });
        before = last.or(before);
    }
    steps
}

impl Step<'_> {
    /// Whether a way could be chosen on the screen it was done on.
    pub fn may_choose(&self) -> bool {
        let id = self.before.map_or("", |s| s.id.as_str());
        CHOICES.contains(&id)
    }

    /// Whether one of these screens followed.
    pub fn led_to(&self, ids: &[&str]) -> bool {
        self.screens.iter().any(|s| ids.contains(&s.id.as_str()))
    }

    /// The screens that followed, for texts.
    pub fn shown(&self) -> String {
        let ids: Vec<&str> = self.screens.iter().map(|s| s.id.as_str()).collect();
        match ids.is_empty() {
            true => "-".to_owned(),
            false => ids.join(", "),
        }
    }
}

/// The facility of a stay.
pub(super) fn facility<'a>(case: &'a Case, visit: &Visit) -> Option<&'a Facility> {
    case.facts.facility(&visit.facility)
}

/// Whether the stay is at a general-purpose reader.
pub(super) fn is_general(case: &Case, visit: &Visit) -> bool {
    facility(case, visit).is_some_and(|f| f.reader == "general")
}

/// Screens by which a visit ends before its time: the chip, the card or the server failed.
pub(super) const ENDS: [&str; 5] = [
    "UNAVAILABLE",
    "CARD_REMOVED",
    "CARD_UNUSABLE",
    "REFUSED",
    "TAKE_CARD",
];
