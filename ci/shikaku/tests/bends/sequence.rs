//! Messages left out, sent twice, sent too late, answers and requests of another time in their place.

use super::Due::{Noticed, Open};
use super::{Bend, Edit, Kind, Message, Story};

pub const KINDS: &[Kind] = &[
    ("message left out", Noticed, |s| {
        each(s, |m| vec![Edit::Leave(m.at)])
    }),
    ("question left out with its answer", Open, left_out_whole),
    ("message sent twice", Open, |s| {
        each(s, |m| vec![Edit::Again(m.at, m.at + 1)])
    }),
    ("question and answer twice", Open, twice_whole),
    ("message later than the sender's next", Open, later),
    ("two answers exchanged", Noticed, exchanged),
    ("an earlier answer again", Noticed, |s| earlier(s, true)),
    ("an earlier question again", Noticed, |s| earlier(s, false)),
];

fn each(story: &Story<'_>, edits: impl Fn(&Message<'_>) -> Vec<Edit>) -> Vec<Bend> {
    let all = story.messages.iter();
    all.map(|m| Bend::new(m.at, "", edits(m))).collect()
}

fn left_out_whole(story: &Story<'_>) -> Vec<Bend> {
    let asked = story.messages.iter().filter(|m| m.answers.is_none());
    let whole = asked.filter_map(|m| {
        let answer = story.partner(m)?;
        Some(Bend::new(
            m.at,
            "",
            vec![Edit::Leave(m.at), Edit::Leave(answer.at)],
        ))
    });
    whole.collect()
}

fn twice_whole(story: &Story<'_>) -> Vec<Bend> {
    let asked = story.messages.iter().filter(|m| m.answers.is_none());
    let whole = asked.filter_map(|m| {
        let end = story.partner(m)?.at + 1;
        Some(Bend::new(
            m.at,
            "",
            vec![Edit::Again(m.at, end), Edit::Again(end - 1, end)],
        ))
    });
    whole.collect()
}

/// A message and the next of the same sender on the same hop, each in the other's place.
fn later(story: &Story<'_>) -> Vec<Bend> {
    let pairs = story.messages.iter().enumerate().filter_map(|(i, m)| {
        let next = story.messages[i + 1..].iter().find(|n| alike(m, n))?;
        let swapped = vec![
            Edit::Say(m.at, next.bytes.to_vec()),
            Edit::Say(next.at, m.bytes.to_vec()),
        ];
        (m.bytes != next.bytes && m.kind != next.kind).then(|| Bend::new(m.at, "", swapped))
    });
    pairs.collect()
}

fn alike(one: &Message<'_>, other: &Message<'_>) -> bool {
    one.tapped.hop == other.tapped.hop && one.tapped.from == other.tapped.from
}

/// Two answers to the same kind of question, each in the other's place, whoever asked.
fn exchanged(story: &Story<'_>) -> Vec<Bend> {
    let pairs = story.messages.iter().enumerate().filter_map(|(i, m)| {
        let own = |n: &&Message<'_>| n.kind == m.kind && n.bytes != m.bytes;
        let next = story.messages[i + 1..].iter().find(own)?;
        let swapped = vec![
            Edit::Say(m.at, next.bytes.to_vec()),
            Edit::Say(next.at, m.bytes.to_vec()),
        ];
        m.answers.is_some().then(|| Bend::new(m.at, "", swapped))
    });
    pairs.collect()
}

/// What was said of the same kind before, said again in place of what was due.
fn earlier(story: &Story<'_>, answers: bool) -> Vec<Bend> {
    let all = story.messages.iter().enumerate();
    let again = all
        .filter(|(_, m)| m.answers.is_some() == answers)
        .filter_map(|(i, m)| {
            let own = |n: &&Message<'_>| n.kind == m.kind && n.bytes != m.bytes;
            let before = story.messages[..i].iter().rev().find(own)?;
            Some(Bend::new(
                m.at,
                "",
                vec![Edit::Say(m.at, before.bytes.to_vec())],
            ))
        });
    again.collect()
}
