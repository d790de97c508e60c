//! The card's words and the reader's commands, certificates and signatures sent on, and what revocation services say.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use evidence::{Fact, What};

use super::Due::{Noticed, Open};
use super::body::find;
use super::{Bend, Edit, Kind, Message, Story, parts, with_body};

pub const KINDS: &[Kind] = &[
    ("card: another status word", Noticed, status_words),
    ("card: a byte short", Noticed, |s| {
        data(s, |d| d[..d.len() - 1].to_vec())
    }),
    ("card: a byte more", Noticed, |s| {
        data(s, |d| [d, &[0]].concat())
    }),
    ("card: one bit flipped", Noticed, |s| data(s, flipped)),
    (
        "card: two commands in the other order",
        Open,
        commands_swapped,
    ),
    (
        "card: a command left out with its response",
        Open,
        command_left_out,
    ),
    (
        "proof: the signing certificate",
        Noticed,
        signing_certificate,
    ),
    (
        "proof: another card's certificate",
        Noticed,
        other_certificate,
    ),
    ("proof: another signature", Noticed, other_signature),
    ("ocsp: one bit of the signature flipped", Noticed, |s| {
        ocsp(s, |body| Some(flipped_at(body, body.len() * 2 / 5)))
    }),
    ("ocsp: one bit of the end flipped", Noticed, |s| {
        ocsp(s, |body| Some(flipped_at(body, body.len() - 8)))
    }),
    ("ocsp: older", Noticed, |s| ocsp(s, older)),
    ("ocsp: another answer of the story", Noticed, other_ocsp),
    ("ocsp: half", Noticed, |s| {
        ocsp(s, |body| Some(body[..body.len() / 2].to_vec()))
    }),
    ("crl: an entry changed", Noticed, |s| {
        list(s, |body| Some(flipped_at(body, body.len() / 3)))
    }),
    ("crl: half", Noticed, |s| {
        list(s, |body| Some(body[..body.len() / 2].to_vec()))
    }),
];

const STATUS: [u16; 9] = [
    0x9000, 0x63C3, 0x63C2, 0x63C1, 0x63C0, 0x6983, 0x6982, 0x6A82, 0x6F00,
];

fn responses<'a>(story: &'a Story<'a>) -> impl Iterator<Item = &'a Message<'a>> {
    story
        .messages
        .iter()
        .filter(|m| m.tapped.from.role == "card" && m.bytes.len() >= 2)
}

fn status_words(story: &Story<'_>) -> Vec<Bend> {
    let all = responses(story).flat_map(|m| {
        let (data, own) = m.bytes.split_at(m.bytes.len() - 2);
        STATUS
            .into_iter()
            .filter(move |s| s.to_be_bytes() != own)
            .map(move |status| {
                let bytes = [data, &status.to_be_bytes()].concat();
                let own = hex(own);
                Bend::new(
                    m.at,
                    format!("{own} to {status:04X}"),
                    vec![Edit::Say(m.at, bytes)],
                )
            })
    });
    all.collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}

fn data(story: &Story<'_>, bend: impl Fn(&[u8]) -> Vec<u8>) -> Vec<Bend> {
    let all = responses(story).filter(|m| m.bytes.len() > 2);
    let bends = all.map(|m| {
        let (data, status) = m.bytes.split_at(m.bytes.len() - 2);
        Bend::new(
            m.at,
            "",
            vec![Edit::Say(m.at, [&bend(data), status].concat())],
        )
    });
    bends.collect()
}

fn flipped(data: &[u8]) -> Vec<u8> {
    flipped_at(data, data.len() / 2)
}

fn flipped_at(data: &[u8], at: usize) -> Vec<u8> {
    let mut other = data.to_vec();
    other[at] ^= 1;
    other
}

/// A reader's command and the next, each in the other's place with the response it got.
fn commands_swapped(story: &Story<'_>) -> Vec<Bend> {
    let commands: Vec<&Message<'_>> = { story.messages.iter() }
        .filter(|m| m.tapped.hop == "card" && m.tapped.from.role == "reader")
        .collect();
    let pairs = commands.windows(2).filter_map(|pair| {
        let [one, other] = [pair[0], pair[1]];
        let (first, second) = (story.partner(one)?, story.partner(other)?);
        let swapped = vec![
            Edit::Say(one.at, other.bytes.to_vec()),
            Edit::Say(other.at, one.bytes.to_vec()),
            Edit::Say(first.at, second.bytes.to_vec()),
            Edit::Say(second.at, first.bytes.to_vec()),
        ];
        (one.bytes != other.bytes).then(|| Bend::new(one.at, other.kind.clone(), swapped))
    });
    pairs.collect()
}

fn command_left_out(story: &Story<'_>) -> Vec<Bend> {
    let commands = { story.messages.iter() }
        .filter(|m| m.tapped.hop == "card" && m.tapped.from.role == "reader");
    let out = commands.filter_map(|m| {
        let answer = story.partner(m)?;
        Some(Bend::new(
            m.at,
            "",
            vec![Edit::Leave(m.at), Edit::Leave(answer.at)],
        ))
    });
    out.collect()
}

/// Proofs of cards over HTTP, with their bodies as text.
fn proofs<'a>(story: &'a Story<'a>) -> impl Iterator<Item = (&'a Message<'a>, &'a str)> {
    let all = story.messages.iter().filter(|m| m.answers.is_none());
    all.filter_map(|m| {
        let body = std::str::from_utf8(parts(m.bytes).1).ok()?;
        body.contains("\"certificate\":\"").then_some((m, body))
    })
}

fn member<'a>(body: &'a str, name: &str) -> &'a str {
    let start = format!("\"{name}\":\"");
    let rest = body.split_once(start.as_str()).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or("")
}

fn with_member(m: &Message<'_>, body: &str, name: &str, other: &str) -> Option<Bend> {
    let own = member(body, name);
    let bytes = with_body(m.bytes, body.replacen(own, other, 1).as_bytes());
    (own != other && !other.is_empty()).then(|| Bend::new(m.at, "", vec![Edit::Say(m.at, bytes)]))
}

/// Digests of certificates of declared cards: for authentication and for signing.
fn cards<'a>(story: &'a Story<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let all = story.records.records.iter();
    all.filter_map(|r| match &r.what {
        What::Declared(d) => match &d.fact {
            Fact::Card {
                certificate, chip, ..
            } => {
                let signing = chip.as_ref().map_or("", |c| c.signing_certificate.as_str());
                Some((certificate.as_str(), signing))
            }
            _ => None,
        },
        _ => None,
    })
}

fn der(story: &Story<'_>, digest: &str) -> String {
    let bytes = story.records.bytes.get(digest);
    bytes.map_or_else(String::new, |der| STANDARD.encode(der))
}

fn signing_certificate(story: &Story<'_>) -> Vec<Bend> {
    let all = proofs(story).filter_map(|(m, body)| {
        let own = member(body, "certificate");
        let (_, signing) = cards(story).find(|(auth, _)| der(story, auth) == own)?;
        with_member(m, body, "certificate", &der(story, signing))
    });
    all.collect()
}

fn other_certificate(story: &Story<'_>) -> Vec<Bend> {
    let all = proofs(story).filter_map(|(m, body)| {
        let own = member(body, "certificate");
        let other = cards(story)
            .map(|(auth, _)| der(story, auth))
            .find(|der| *der != own)?;
        with_member(m, body, "certificate", &other)
    });
    all.collect()
}

/// The signature of another session, else one with a bit flipped.
fn other_signature(story: &Story<'_>) -> Vec<Bend> {
    let all = proofs(story).filter_map(|(m, body)| {
        let own = member(body, "signature");
        let before = proofs(story)
            .map(|(_, b)| member(b, "signature"))
            .find(|s| *s != own);
        let bent = STANDARD
            .decode(own)
            .ok()
            .map(|s| STANDARD.encode(flipped(&s)));
        with_member(
            m,
            body,
            "signature",
            before.map(str::to_owned).or(bent)?.as_str(),
        )
    });
    all.collect()
}

/// Answers of a revocation service that were relied on: whoever takes them is wrong, not whoever sent them.
fn told(story: &Story<'_>, hop: &str, bend: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<Bend> {
    let all = story
        .messages
        .iter()
        .filter(|m| m.tapped.hop == hop && m.answers.is_some());
    let bends = all.filter_map(|m| {
        let body = parts(m.bytes).1;
        let other = if body.len() > 20 {
            bend(body)?
        } else {
            return None;
        };
        let mut bend = Bend::new(
            m.at,
            m.tapped.to.role.clone(),
            vec![Edit::Say(m.at, with_body(m.bytes, &other))],
        );
        bend.whose = Some(if m.tapped.to.role == "portal" {
            "portal"
        } else {
            "eligibility-server"
        });
        Some(bend)
    });
    bends.collect()
}

fn ocsp(story: &Story<'_>, bend: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<Bend> {
    told(story, "ocsp", bend)
}

fn list(story: &Story<'_>, bend: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<Bend> {
    told(story, "crl", bend)
}

/// Every time in it a year earlier.
fn older(body: &[u8]) -> Option<Vec<u8>> {
    let mut other = body.to_vec();
    let mut at = 0;
    let mut any = false;
    while let Some(found) = find(&other[at..], b"\x18\x0F20").map(|p| p + at) {
        let year = found + 5;
        if other[year] > b'0' {
            other[year] -= 1;
            any = true;
        }
        at = found + 4;
    }
    any.then_some(other)
}

fn other_ocsp(story: &Story<'_>) -> Vec<Bend> {
    let all = story
        .messages
        .iter()
        .filter(|m| m.tapped.hop == "ocsp" && m.answers.is_some());
    let bends = all.filter_map(|m| {
        let own =
            |o: &&Message<'_>| o.tapped.hop == "ocsp" && o.answers.is_some() && o.bytes != m.bytes;
        let other = story.messages.iter().find(own)?;
        let mut bend = Bend::new(
            m.at,
            m.tapped.to.role.clone(),
            vec![Edit::Say(m.at, other.bytes.to_vec())],
        );
        bend.whose = Some(if m.tapped.to.role == "portal" {
            "portal"
        } else {
            "eligibility-server"
        });
        Some(bend)
    });
    bends.collect()
}
