//! What is known of one secret of a card: its counter, whether it counts as presented, and what happened
//! since it was last seen, which decides for what a wrong answer is blamed.

use std::cmp::Ordering;

use super::counter::{Counter, Try};
use super::files::Secret;
use crate::case::Card;

/// Whether a secret counts as presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    Yes,
    No,
    Open,
}

/// A try that was torn: tries left before it, where they were known, and whether the secret was wrong.
pub type TornTry = (Option<u8>, bool);

/// What is known of one secret.
pub struct Known {
    pub counter: Counter,
    pub given: Given,
    /// The card left amid a command since the counter was last seen.
    pub disturbed: bool,
    pub torn: Vec<TornTry>,
    /// Power was cut since it was seen locked.
    pub cut_since_locked: bool,
    /// A reset at the counter not yet followed by a use.
    pub reset: bool,
    /// Another secret locked since the counter was last seen.
    pub neighbour_locked: bool,
}

impl Known {
    /// Fresh from its issuer, but for the tries the facts say.
    pub fn of(card: &Card, secret: Secret) -> Self {
        let chip = card.chip.as_ref();
        let fresh = Counter::new(secret.fresh());
        let left = match secret {
            Secret::Pin => Some(card.tries_left),
            Secret::Sign => chip.map(|c| c.sign_tries_left),
            Secret::Text => chip.and_then(|c| c.text_pin.is_empty().then_some(0)),
            _ => None,
        };
        Known {
            counter: left.map_or_else(|| fresh.clone(), |left| fresh.with_left(left)),
            given: Given::No,
            disturbed: false,
            torn: Vec::new(),
            cut_since_locked: false,
            reset: false,
            neighbour_locked: false,
        }
    }

    /// The requirement about something else than the counter itself that a wrong status word breaks.
    pub fn blames(&self, word: u16) -> Option<&'static str> {
        match () {
            () if self.disturbed => Some("CARD-12"),
            () if self.counter.is_locked() && self.cut_since_locked && Counter::is_open(word) => {
                Some("CARD-06")
            }
            () if self.reset => Some("CARD-06"),
            () if self.neighbour_locked && self.counter.is_lower(word) => Some("CARD-05"),
            () => None,
        }
    }

    /// The one torn try since the counter was last known: whether it counted, or did not. A right one that came
    /// to its end leaves the counter full, which tells nothing.
    fn tears(&self) -> (u32, u32) {
        let ([(Some(before), wrong)], Some(left)) = (self.torn.as_slice(), self.counter.left())
        else {
            return (0, 0);
        };
        let full = self.counter.due(Try::Query) == self.counter.restored().due(Try::Query);
        match left.cmp(before) {
            Ordering::Less => (1, 0),
            Ordering::Equal if *wrong || !full => (0, 1),
            _ => (0, 0),
        }
    }

    /// After an answer: what it settles. Torn tries that counted, and that did not.
    pub fn settle(&mut self, tried: Try, word: u16) -> (u32, u32) {
        let said = word == 0x9000 || word & 0xFFF0 == 0x63C0 || word & 0xFFF0 == 0x6980;
        if !said {
            return (0, 0);
        }
        let mut counted = (0, 0);
        if tried == Try::Query {
            counted = self.tears();
        } else {
            self.given = match (tried, word) {
                (_, 0x9000) => Given::Yes,
                // Whether a wrong one undoes a right one before it is not published; a lock surely does.
                _ if self.given == Given::No || self.counter.is_locked() => Given::No,
                _ => Given::Open,
            };
        }
        self.torn.clear();
        (self.disturbed, self.reset, self.neighbour_locked) = (false, false, false);
        if !self.counter.is_locked() {
            self.cut_since_locked = false;
        }
        counted
    }
}
