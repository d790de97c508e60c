//! What a card of the declared kind must answer: every command of a scenario followed through the card's
//! applications, files, secrets and counters (facts/card.md), and each wrong answer laid to the one
//! requirement it breaks. The rules CARD-* only repeat what stands here.

mod certificates;
mod content;
mod counter;
mod files;
mod known;
mod pinless;
mod read;
mod reading;
mod secrets;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use evidence::Act;

use watch::Watch;

use crate::case::{Card, CardExchange, Case};
use crate::finding::q;
use crate::{Quote, Text};

/// Quotes kept of what went as it should.
const QUOTES: usize = 12;

/// What was seen of one card for one requirement.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Where it is seen.
    pub quotes: Vec<Quote>,
    /// What was wrong, in order.
    pub wrong: Vec<Text>,
}

/// What was seen of one card, by requirement.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// By requirement id; only those the scenario touched.
    pub seen: BTreeMap<&'static str, Seen>,
    /// A command that cannot be read: its record, and why. Nothing after it was followed.
    pub unreadable: Option<(u32, String)>,
}

impl Report {
    /// Something that went as it should.
    fn touch(
        &mut self,
        id: &'static str,
        seq: u32,
        what: impl Into<String>,
        said: impl Into<String>,
    ) {
        let seen = self.seen.entry(id).or_default();
        if seen.quotes.len() < QUOTES {
            seen.quotes.push(q(seq, what, said));
        }
    }

    /// Something that did not.
    fn breach(&mut self, id: &'static str, quote: Quote, wrong: Text) {
        let seen = self.seen.entry(id).or_default();
        seen.quotes.push(quote);
        seen.wrong.push(wrong);
    }
}

enum Event<'a> {
    Handed(&'a Card),
    Tries(u8),
    Reset { secret: &'a str, new: &'a str },
    Tampered,
    Slips,
    Powered,
    Command(&'a CardExchange),
}

/// Follows every card of a scenario that is no imitation, one report for each time it was handed out.
pub fn follow(case: &Case) -> Vec<Report> {
    let needles = content::Needles::of(case);
    let mut held: BTreeMap<&str, Watch<'_>> = BTreeMap::new();
    let mut done = Vec::new();
    for (seq, name, event) in events(case) {
        match (event, held.get_mut(name)) {
            (Event::Handed(card), _) => {
                let before = held.remove(name);
                done.extend(before.map(Watch::finish));
                if card.genuine {
                    held.insert(name, Watch::new(case, card, &needles));
                }
            }
            (_, None) => {}
            (Event::Tries(left), Some(watch)) => watch.tried_elsewhere(left),
            (Event::Reset { secret, new }, Some(watch)) => watch.reset(seq, secret, new),
            (Event::Tampered, Some(watch)) => watch.tampered(seq),
            (Event::Slips, Some(watch)) => watch.slips(seq),
            (Event::Powered, Some(watch)) => watch.powered(),
            (Event::Command(exchange), Some(watch)) => watch.command(exchange),
        }
    }
    done.extend(held.into_values().map(Watch::finish));
    done
}

/// Everything that happens to cards, in order.
fn events(case: &Case) -> Vec<(u32, &str, Event<'_>)> {
    let mut events: Vec<(u32, &str, Event<'_>)> = Vec::new();
    let cards = case.facts.cards.iter();
    events.extend(cards.map(|c| (c.seq, c.card.as_str(), Event::Handed(c))));
    let tries = case.facts.tries.iter();
    events.extend(tries.map(|(seq, card, left)| (*seq, card.as_str(), Event::Tries(*left))));
    for (seq, act) in &case.acts {
        match act {
            Act::ResetAtCounter { card, secret, new } => {
                events.push((*seq, card, Event::Reset { secret, new }));
            }
            Act::PlaceCard { card, .. } | Act::Examine { card, .. } => {
                events.push((*seq, card, Event::Powered));
            }
            Act::Tamper { card } => events.push((*seq, card, Event::Tampered)),
            _ => {}
        }
    }
    for visit in &case.visits {
        let slips = visit
            .acts
            .iter()
            .filter(|(_, a)| matches!(a, Act::CardSlips { .. }));
        events.extend(slips.map(|(seq, _)| (*seq, visit.card.as_str(), Event::Slips)));
    }
    let commands = case.card_exchanges.iter();
    events.extend(commands.map(|e| (e.seq, e.card.as_str(), Event::Command(e))));
    events.sort_by_key(|(seq, ..)| *seq);
    events
}

/// Names in words, for texts.
fn either(words: &BTreeSet<u16>) -> String {
    let words: Vec<String> = words.iter().map(|w| format!("{w:04X}")).collect();
    words.join("/")
}
