//! Whole messages and files: heads, statuses, kinds of content, encodings, marks, lengths, halves; names of files.

use super::Due::{Noticed, Open};
use super::body::{encoded, find};
use super::{Bend, Edit, Kind, Message, Story, parts, with_body};

pub const KINDS: &[Kind] = &[
    ("namespace declared", Open, |s| xml(s, namespaced)),
    ("other encoding declared", Noticed, |s| xml(s, other_label)),
    ("other encoding, rightly declared", Open, |s| {
        xml(s, transcoded)
    }),
    ("byte order mark", Open, |s| {
        xml(s, |body| Some([b"\xEF\xBB\xBF", body].concat()))
    }),
    ("declaration missing", Open, |s| xml(s, undeclared)),
    ("other kind of content", Noticed, |s| {
        head(s, |h| swap(h, "content-type", Some("text/plain")))
    }),
    ("kind of content missing", Open, |s| {
        head(s, |h| swap(h, "content-type", None))
    }),
    ("length missing", Open, |s| {
        head(s, |h| swap(h, "content-length", None))
    }),
    ("length too short", Noticed, |s| {
        head(s, |h| swap(h, "content-length", Some("1")))
    }),
    ("host missing", Open, |s| head(s, |h| swap(h, "host", None))),
    ("right body, wrong status", Noticed, wrong_status),
    ("right body, neighbouring status", Open, near_status),
    ("right status, wrong body", Noticed, wrong_body),
    ("empty body", Noticed, |s| bodies(s, |_| Vec::new())),
    ("half a body, length told", Noticed, |s| {
        bodies(s, |body| body[..body.len() / 2].to_vec())
    }),
    ("half a message", Noticed, half),
    ("another method", Noticed, |s| {
        head(s, |h| {
            h.starts_with("POST ")
                .then(|| h.replacen("POST ", "GET ", 1))
        })
    }),
    ("another path", Noticed, |s| {
        head(s, |h| {
            h.starts_with("POST ")
                .then(|| h.replacen(" HTTP/", "x HTTP/", 1))
        })
    }),
    ("file under another name", Noticed, renamed),
    ("file twice under two names", Noticed, twice_named),
];

/// Bends bodies of XML, in files and over HTTP; what was carried on is put into another encoding by nobody.
fn xml(story: &Story<'_>, bend: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<Bend> {
    let all = story.messages.iter().filter_map(|m| {
        let body = parts(m.bytes).1;
        let other = if body.starts_with(b"<") {
            bend(body)?
        } else {
            return None;
        };
        Some(Bend::new(
            m.at,
            "",
            vec![Edit::Say(m.at, with_body(m.bytes, &other))],
        ))
    });
    all.collect()
}

fn replaced(body: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let at = find(body, from)?;
    Some([&body[..at], to, &body[at + from.len()..]].concat())
}

fn namespaced(body: &[u8]) -> Option<Vec<u8>> {
    replaced(body, b"<XmlMsg>", b"<XmlMsg xmlns=\"urn:sim\">")
}

fn other_label(body: &[u8]) -> Option<Vec<u8>> {
    replaced(body, b"UTF-8", b"Shift_JIS").or_else(|| replaced(body, b"Shift_JIS", b"UTF-8"))
}

fn transcoded(body: &[u8]) -> Option<Vec<u8>> {
    let text = match find(body, b"UTF-8").is_some() {
        true => std::str::from_utf8(body)
            .ok()?
            .replacen("UTF-8", "Shift_JIS", 1),
        false => encoding_rs::SHIFT_JIS
            .decode(body)
            .0
            .replacen("Shift_JIS", "UTF-8", 1),
    };
    Some(encoded(text.as_bytes(), &text))
}

fn undeclared(body: &[u8]) -> Option<Vec<u8>> {
    let end = find(body, b"?>")? + 2;
    Some(body[end..].to_vec())
}

fn head(story: &Story<'_>, bend: impl Fn(&str) -> Option<String>) -> Vec<Bend> {
    let all = story.messages.iter().filter_map(|m| {
        let (head, body) = parts(m.bytes);
        let head = std::str::from_utf8(head)
            .ok()
            .filter(|h| h.contains("HTTP/"))?;
        let other = bend(head).filter(|other| other != head)?;
        let bytes = [other.as_bytes(), body].concat();
        Some(Bend::new(m.at, "", vec![Edit::Say(m.at, bytes)]))
    });
    all.collect()
}

/// A head with another value of a header, or without it.
fn swap(head: &str, name: &str, value: Option<&str>) -> Option<String> {
    let is_own = |line: &&str| {
        line.split(':')
            .next()
            .is_some_and(|n| n.eq_ignore_ascii_case(name))
    };
    head.split("\r\n").find(is_own)?;
    let lines = head
        .split("\r\n")
        .filter_map(|line| match (is_own(&line), value) {
            (false, _) => Some(line.to_owned()),
            (true, value) => value.map(|value| format!("{name}: {value}")),
        });
    Some(lines.collect::<Vec<_>>().join("\r\n"))
}

fn status(m: &Message<'_>) -> Option<String> {
    let line = m.bytes.strip_prefix(b"HTTP/1.1 ")?;
    Some(String::from_utf8_lossy(&line[..3]).into_owned())
}

fn with_status(m: &Message<'_>, due: impl Fn(&str) -> Option<&'static str>) -> Option<Bend> {
    let own = status(m)?;
    let other = due(&own)?;
    let bytes = replaced(m.bytes, own.as_bytes(), other.as_bytes())?;
    Some(Bend::new(
        m.at,
        format!("{own} to {other}"),
        vec![Edit::Say(m.at, bytes)],
    ))
}

fn wrong_status(story: &Story<'_>) -> Vec<Bend> {
    let statuses = ["500", "404", "200"].into_iter().flat_map(|other| {
        let all = story.messages.iter();
        all.filter_map(move |m| {
            with_status(m, |own| {
                let crosses = own.starts_with('2') != other.starts_with('2');
                crosses.then_some(other)
            })
        })
    });
    statuses.collect()
}

fn near_status(story: &Story<'_>) -> Vec<Bend> {
    let near = |own: &str| match own {
        "200" | "204" => Some("201"),
        "201" => Some("200"),
        "400" | "404" | "409" | "422" => Some("403"),
        "403" | "401" => Some("400"),
        "503" => Some("500"),
        _ => None,
    };
    story
        .messages
        .iter()
        .filter_map(|m| with_status(m, near))
        .collect()
}

/// The body of another answer of the same house under the same status.
fn wrong_body(story: &Story<'_>) -> Vec<Bend> {
    let all = story.messages.iter().filter_map(|m| {
        let other = story.messages.iter().find(|o| {
            let alike = o.tapped.hop == m.tapped.hop && o.tapped.from == m.tapped.from;
            alike && o.kind != m.kind && !parts(o.bytes).1.is_empty() && o.answers.is_some()
        })?;
        status(m)?;
        let bytes = with_body(m.bytes, parts(other.bytes).1);
        Some(Bend::new(m.at, "", vec![Edit::Say(m.at, bytes)]))
    });
    all.collect()
}

fn bodies(story: &Story<'_>, bend: impl Fn(&[u8]) -> Vec<u8>) -> Vec<Bend> {
    let all = story.messages.iter().filter(|m| m.tapped.hop != "card");
    let bends = all.filter_map(|m| {
        let body = parts(m.bytes).1;
        let bytes = with_body(m.bytes, &bend(body));
        (!body.is_empty()).then(|| Bend::new(m.at, "", vec![Edit::Say(m.at, bytes)]))
    });
    bends.collect()
}

fn half(story: &Story<'_>) -> Vec<Bend> {
    let all = story.messages.iter().filter(|m| m.tapped.hop != "card");
    let half = |m: &Message<'_>| m.bytes[..m.bytes.len() * 2 / 3].to_vec();
    all.map(|m| Bend::new(m.at, "", vec![Edit::Say(m.at, half(m))]))
        .collect()
}

type Renaming = (&'static str, fn(&str) -> String);

const NAMES: [Renaming; 6] = [
    ("other facility", |n| n.replacen("_99", "_98", 1)),
    ("other ending", |n| n.replacen(".xml", ".txt", 1)),
    ("temporary ending", |n| format!("{n}.tmp")),
    ("other kind", |n| n.replacen("OQS", "OQX", 1)),
    ("a second later", |n| later(n, 5)),
    ("a day later", |n| later(n, 11)),
];

/// Counts up a digit of the name's time, counted from the end of the file's name.
fn later(name: &str, from_end: usize) -> String {
    let mut bytes = name.as_bytes().to_vec();
    let at = bytes.len().saturating_sub(from_end);
    if let Some(digit) = bytes.get_mut(at).filter(|b| b.is_ascii_digit()) {
        *digit = if *digit == b'9' { b'8' } else { *digit + 1 };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn named<'a>(story: &'a Story<'a>) -> impl Iterator<Item = (&'a Message<'a>, &'a str)> {
    let all = story.messages.iter();
    all.filter_map(|m| Some((m, m.tapped.name.as_deref()?)))
}

fn renamed(story: &Story<'_>) -> Vec<Bend> {
    let all = named(story).flat_map(|(m, name)| {
        let other = NAMES.iter().map(move |(what, bend)| (*what, bend(name)));
        let other = other.filter(move |(_, other)| other != name);
        other.map(move |(what, other)| Bend::new(m.at, what, vec![Edit::Name(m.at, other)]))
    });
    all.collect()
}

/// The same result once more under another name: the copy keeps the name, the record gets another.
fn twice_named(story: &Story<'_>) -> Vec<Bend> {
    let all = named(story).map(|(m, name)| {
        let edits = vec![
            Edit::Again(m.at, m.at + 1),
            Edit::NameCopy(m.at, later(name, 5)),
        ];
        Bend::new(m.at, "", edits)
    });
    all.collect()
}
