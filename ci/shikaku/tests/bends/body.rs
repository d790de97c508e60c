//! Elements of XML and members of JSON: removed, emptied, doubled, unknown ones added, lists in another order.

use std::ops::Range;

use super::Due::{Noticed, Open};
use super::{Bend, Edit, Kind, Message, Story, parts, with_body};

pub const KINDS: &[Kind] = &[
    ("element removed", Noticed, |s| {
        leaves(s, |_, leaf| (leaf.whole.clone(), Vec::new()))
    }),
    ("element emptied", Noticed, |s| {
        leaves(s, |_, leaf| (leaf.value.clone(), leaf.nothing()))
    }),
    ("element twice, alike", Open, |s| leaves(s, twice)),
    ("element twice, unlike", Noticed, |s| {
        leaves(s, twice_unlike)
    }),
    ("unknown element", Open, unknown),
    ("group removed", Noticed, |s| {
        groups(s, |body, g| [&body[..g.start], &body[g.end..]].concat())
    }),
    ("group twice", Noticed, |s| {
        groups(s, |body, g| [&body[..g.end], &body[g.start..]].concat())
    }),
    ("groups in another order", Open, reordered),
    ("leaves in another order", Open, leaves_reordered),
];

/// A value in a body.
#[derive(Clone)]
pub struct Leaf {
    pub name: String,
    /// Everything that goes with it: tags, or name and comma.
    pub whole: Range<usize>,
    /// The value alone, without quotes.
    pub value: Range<usize>,
    pub is_json: bool,
    pub quoted: bool,
}

impl Leaf {
    fn nothing(&self) -> Vec<u8> {
        if self.is_json && !self.quoted {
            b"null".to_vec()
        } else {
            Vec::new()
        }
    }
}

/// Leaves of a body, read as plainly as can be.
pub fn of(body: &[u8]) -> Vec<Leaf> {
    match body.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{') => members(body),
        Some(b'<' | 0xEF) => elements(body),
        _ => Vec::new(),
    }
}

fn members(body: &[u8]) -> Vec<Leaf> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(colon) = find(&body[at..], b"\":").map(|p| p + at) {
        let start = body[..colon].iter().rposition(|b| *b == b'"').unwrap_or(0);
        let name = String::from_utf8_lossy(&body[start + 1..colon]).into_owned();
        let quoted = body[colon + 2] == b'"';
        if matches!(body[colon + 2], b'{' | b'[') {
            at = colon + 2;
            continue;
        }
        let from = colon + 2 + usize::from(quoted);
        let ends = |b: &u8| {
            if quoted {
                *b == b'"'
            } else {
                matches!(b, b',' | b'}' | b']')
            }
        };
        let Some(to) = body[from..].iter().position(ends).map(|p| p + from) else {
            break;
        };
        let end = to + usize::from(quoted);
        let whole = match body[end] {
            b',' => start..end + 1,
            _ if body[start - 1] == b',' => start - 1..end,
            _ => start..end,
        };
        all.push(Leaf {
            name,
            whole,
            value: from..to,
            is_json: true,
            quoted,
        });
        at = end;
    }
    all
}

fn elements(body: &[u8]) -> Vec<Leaf> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(close) = find(&body[at..], b"</").map(|p| p + at) {
        let open = body[..close].iter().rposition(|b| *b == b'>').unwrap_or(0);
        let end = close + body[close..].iter().position(|b| *b == b'>').unwrap_or(0);
        let name = String::from_utf8_lossy(&body[close + 2..end]).into_owned();
        let tag = format!("<{name}>");
        let start = (open + 1).saturating_sub(tag.len());
        if close > open + 1 && body[start..].starts_with(tag.as_bytes()) {
            let (whole, value) = (start..end + 1, open + 1..close);
            all.push(Leaf {
                name,
                whole,
                value,
                is_json: false,
                quoted: false,
            });
        }
        at = end;
    }
    all
}

pub fn find(body: &[u8], what: &[u8]) -> Option<usize> {
    body.windows(what.len()).position(|w| w == what)
}

/// A value as text, whatever its encoding.
pub fn text(body: &[u8], range: &Range<usize>) -> String {
    let is_sjis = find(&body[..body.len().min(100)], b"Shift_JIS").is_some();
    let bytes = &body[range.clone()];
    match is_sjis {
        true => encoding_rs::SHIFT_JIS.decode(bytes).0.into_owned(),
        false => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Text in the encoding of a body.
pub fn encoded(body: &[u8], text: &str) -> Vec<u8> {
    let is_sjis = find(&body[..body.len().min(100)], b"Shift_JIS").is_some();
    match is_sjis {
        true => encoding_rs::SHIFT_JIS.encode(text).0.into_owned(),
        false => text.as_bytes().to_vec(),
    }
}

/// What passes a body on as it came: bending it for the first is bending it for all.
fn carried_on(message: &Message<'_>) -> &'static str {
    match message.tapped.hop.as_str() {
        "registration" => "feed",
        "eligibility" if message.kind.ends_with("/v1/card-confirmations") => "face-folder",
        "eligibility" => "res-folder",
        "req-folder" => "eligibility",
        _ => "",
    }
}

/// A message bent, and the same bend wherever its body was carried on to first.
pub fn carried(
    story: &Story<'_>,
    message: &Message<'_>,
    bend: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Option<Vec<Edit>> {
    let own = bend(parts(message.bytes).1)?;
    let mut edits = vec![Edit::Say(message.at, with_body(message.bytes, &own))];
    let on = carried_on(message);
    let alike = |m: &Message<'_>| parts(m.bytes).1.first() == own.first();
    let later = story
        .messages
        .iter()
        .filter(|m| m.at > message.at && m.tapped.hop == on && alike(m));
    let first = { later }.find_map(|m| Some((m, bend(parts(m.bytes).1)?)));
    edits.extend(first.map(|(m, body)| Edit::Say(m.at, with_body(m.bytes, &body))));
    Some(edits)
}

/// Bends every leaf of every body: what takes the place of which bytes.
pub fn leaves(
    story: &Story<'_>,
    bend: impl Fn(&[u8], &Leaf) -> (Range<usize>, Vec<u8>),
) -> Vec<Bend> {
    let mut bends = Vec::new();
    for message in &story.messages {
        let body = parts(message.bytes).1;
        for leaf in of(body) {
            let said = text(body, &leaf.value);
            let edits = carried(story, message, |body| {
                let same = |l: &Leaf| l.name == leaf.name && text(body, &l.value) == said;
                let own = of(body).into_iter().find(same)?;
                let (range, other) = bend(body, &own);
                Some([&body[..range.start], &other, &body[range.end..]].concat())
            });
            bends.extend(edits.map(|edits| Bend::new(message.at, leaf.name.clone(), edits)));
        }
    }
    bends
}

fn twice(body: &[u8], leaf: &Leaf) -> (Range<usize>, Vec<u8>) {
    let own = &body[leaf.whole.clone()];
    let at = leaf.whole.end..leaf.whole.end;
    let comma = own.starts_with(b",") || own.ends_with(b",") || !leaf.is_json;
    (at, [if comma { &b""[..] } else { b"," }, own].concat())
}

fn twice_unlike(body: &[u8], leaf: &Leaf) -> (Range<usize>, Vec<u8>) {
    let (at, mut other) = twice(body, leaf);
    let first = other.len() - (leaf.whole.end - leaf.value.start);
    if let Some(byte) = other.get_mut(first) {
        *byte = if *byte == b'1' { b'2' } else { b'1' };
    }
    (at, other)
}

/// An element nobody knows, in front of the first leaf of each group.
fn unknown(story: &Story<'_>) -> Vec<Bend> {
    let mut bends = Vec::new();
    for message in &story.messages {
        for place in ["first", "last"] {
            let edits = carried(story, message, |body| {
                let all = of(body);
                let leaf = if place == "first" {
                    all.first()?
                } else {
                    all.last()?
                };
                let at = leaf.whole.start;
                let other: &[u8] = match (leaf.is_json, body.get(at)) {
                    (false, _) => b"<UnknownElement>1</UnknownElement>",
                    (true, Some(b',')) => b",\"unknown_member\":\"1\"",
                    (true, _) => b"\"unknown_member\":\"1\",",
                };
                Some([&body[..at], other, &body[at..]].concat())
            });
            bends.extend(edits.map(|edits| Bend::new(message.at, place, edits)));
        }
    }
    bends
}

const GROUPS: [&str; 5] = [
    "ResultOfQualificationConfirmation",
    "ElderlyRecipientCertificateInfo",
    "LimitApplicationCertificateRelatedInfo",
    "QualificationConfirmSearchInfo",
    "Drug",
];

fn group(body: &[u8], name: &str) -> Option<Range<usize>> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let start = find(body, open.as_bytes())?;
    let end = find(&body[start..], close.as_bytes())? + start + close.len();
    Some(start..end)
}

fn groups(story: &Story<'_>, bend: impl Fn(&[u8], Range<usize>) -> Vec<u8>) -> Vec<Bend> {
    let mut bends = Vec::new();
    for message in &story.messages {
        for name in GROUPS {
            let edits = carried(story, message, |body| Some(bend(body, group(body, name)?)));
            bends.extend(edits.map(|edits| Bend::new(message.at, name, edits)));
        }
    }
    bends
}

/// Two neighbouring groups of a name, each in the other's place.
fn reordered(story: &Story<'_>) -> Vec<Bend> {
    let mut bends = Vec::new();
    for message in &story.messages {
        for name in GROUPS {
            let edits = carried(story, message, |body| {
                let one = group(body, name)?;
                let other = group(&body[one.end..], name)?;
                let other = other.start + one.end..other.end + one.end;
                let between = &body[one.end..other.start];
                Some(
                    [
                        &body[..one.start],
                        &body[other.clone()],
                        between,
                        &body[one],
                        &body[other.end..],
                    ]
                    .concat(),
                )
            });
            bends.extend(edits.map(|edits| Bend::new(message.at, name, edits)));
        }
    }
    bends
}

/// The first two neighbouring leaves, each in the other's place.
fn leaves_reordered(story: &Story<'_>) -> Vec<Bend> {
    let bends = story.messages.iter().filter_map(|message| {
        let edits = carried(story, message, |body| {
            let all = of(body);
            let pair = all
                .windows(2)
                .find(|w| !w[0].is_json && w[0].whole.end <= w[1].whole.start)?;
            let (one, other) = (pair[0].whole.clone(), pair[1].whole.clone());
            let between = &body[one.end..other.start];
            let between_is_plain = !between.contains(&b'<');
            between_is_plain.then(|| {
                [
                    &body[..one.start],
                    &body[other.clone()],
                    between,
                    &body[one],
                    &body[other.end..],
                ]
                .concat()
            })
        })?;
        Some(Bend::new(message.at, "", edits))
    });
    bends.collect()
}
