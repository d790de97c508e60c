//! A stranger bends messages: in every kind of message that crosses a hop each value is changed in turn, as if
//! its sender had said something else, and the judge must notice and blame that sender. What no rule can
//! tell (words for people, names of sessions) is listed, so that a new blind spot does not pass unseen.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

mod bed;

use std::collections::{BTreeMap, BTreeSet};

use bed::Bed;
use evidence::{Evidence, Reading, Run, ScenarioRecords, Tapped, What, digest_hex};
use judge::{Verdict, judge};

/// Stories whose messages are bent: between them they hold every kind of message.
const STORIES: &[&str] = &[
    "pin-right",
    "expired-two-months",
    "revoked",
    "register-clinic-face",
    "register-home",
    "renewed-before-expiry",
    "released",
    "changed-insurer",
    "number-newer",
    "drugs-given",
    "reference-number",
    "limit-by-card",
    "late-elderly-share-1",
    "staff-eye",
    "caught-up",
];

/// One value in a message: where it stands, and how it is called.
struct Value {
    name: String,
    range: std::ops::Range<usize>,
}

/// Leaves of a JSON body (`"name":"value"`, numbers and truth values too) and of XML (`<Name>value</Name>`), read as
/// plainly as can be; only values that end in an ASCII letter or digit are bent, so that lengths stay.
fn values(bytes: &[u8]) -> Vec<Value> {
    let start = bytes
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .map_or(0, |at| at + 4);
    let body = &bytes[start..];
    let found = match body.first() {
        Some(b'{') => json_values(body),
        Some(b'<') => xml_values(body),
        _ => Vec::new(),
    };
    let shifted = found.into_iter().map(|v| Value {
        range: v.range.start + start..v.range.end + start,
        ..v
    });
    shifted
        .filter(|v| bytes[v.range.end - 1].is_ascii_alphanumeric())
        .collect()
}

fn json_values(body: &[u8]) -> Vec<Value> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(colon) = body[at..]
        .windows(2)
        .position(|w| w == b"\":")
        .map(|p| p + at)
    {
        let name = body[..colon].iter().rposition(|b| *b == b'"').unwrap() + 1;
        let (from, quoted) = match body[colon + 2] {
            b'"' => (colon + 3, true),
            b'{' | b'[' => {
                at = colon + 2;
                continue;
            }
            _ => (colon + 2, false),
        };
        let ends = |b: &u8| {
            if quoted {
                *b == b'"'
            } else {
                matches!(b, b',' | b'}')
            }
        };
        let to = body[from..].iter().position(ends).unwrap() + from;
        if to > from {
            let name = String::from_utf8_lossy(&body[name..colon]).into_owned();
            all.push(Value {
                name,
                range: from..to,
            });
        }
        at = to;
    }
    all
}

fn xml_values(body: &[u8]) -> Vec<Value> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(close) = body[at..]
        .windows(2)
        .position(|w| w == b"</")
        .map(|p| p + at)
    {
        let open = body[..close].iter().rposition(|b| *b == b'>').unwrap();
        let end = body[close..].iter().position(|b| *b == b'>').unwrap() + close;
        if close > open + 1 {
            let name = String::from_utf8_lossy(&body[close + 2..end]).into_owned();
            all.push(Value {
                name,
                range: open + 1..close,
            });
        }
        at = end;
    }
    all
}

/// The same bytes with one value changed, its length kept.
fn bent(bytes: &[u8], value: &Value) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let text = &bytes[value.range.clone()];
    if text == b"true" || text == b"false" {
        let flipped = if text == b"true" {
            &b"false"[..]
        } else {
            &b"true"[..]
        };
        bytes.splice(value.range.clone(), flipped.iter().copied());
        return lengthened(bytes);
    }
    let last = value.range.end - 1;
    bytes[last] = match bytes[last] {
        b'9' => b'8',
        digit @ b'0'..=b'8' => digit + 1,
        b'z' => b'y',
        b'Z' => b'Y',
        letter => letter + 1,
    };
    bytes
}

/// Puts the right length into an HTTP head after the body grew or shrank.
fn lengthened(bytes: Vec<u8>) -> Vec<u8> {
    let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
        return bytes;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = bytes.len() - end - 4;
    let lines = head.split("\r\n").map(|line| match line.split_once(": ") {
        Some((name, _)) if name.eq_ignore_ascii_case("content-length") => {
            format!("{name}: {length}")
        }
        _ => line.to_owned(),
    });
    let head = lines.collect::<Vec<_>>().join("\r\n");
    [head.as_bytes(), &bytes[end..]].concat()
}

/// What a message is called in the list of blind spots: its hop, its sender's role, its path or its type.
fn kind(tapped: &Tapped, bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(90)]).into_owned();
    let what = match (head.split_once(" HTTP/"), head.split_once("\"type\":\"")) {
        (Some((line, _)), _) => line.to_owned(),
        (_, Some((_, rest))) => rest.split('"').next().unwrap_or_default().to_owned(),
        _ if head.starts_with("HTTP/") => "answer".to_owned(),
        _ => String::new(),
    };
    format!("{} {} {what}", tapped.hop, tapped.from.role)
}

/// What passes a value on as it came: bending it for the first is bending it for all.
const CARRIED_ON: &[(&str, &[&str])] = &[
    ("registration", &["feed"]),
    ("eligibility", &["face-folder", "res-folder"]),
    ("req-folder", &["eligibility"]),
];

/// The records with one value of one message bent, and bent alike wherever it was carried on to.
fn bent_records(records: &ScenarioRecords, at: usize, value: &Value) -> ScenarioRecords {
    let What::Tapped(tapped) = &records.records[at].what else {
        return records.clone();
    };
    let bytes = &records.bytes[tapped.bytes.as_ref().unwrap()];
    let mut other = records.clone();
    replace(&mut other, at, bent(bytes, value));
    let on = CARRIED_ON.iter().find(|(hop, _)| *hop == tapped.hop);
    let on = on.map_or(&[][..], |(_, hops)| hops);
    let written = (value.name.as_str(), &bytes[value.range.clone()]);
    for later in at + 1..records.records.len() {
        let What::Tapped(next) = &records.records[later].what else {
            continue;
        };
        let Some(digest) = next
            .bytes
            .as_ref()
            .filter(|_| on.contains(&next.hop.as_str()))
        else {
            continue;
        };
        let bytes = &records.bytes[digest];
        let same = values(bytes)
            .into_iter()
            .find(|v| (v.name.as_str(), &bytes[v.range.clone()]) == written);
        if let Some(same) = same {
            replace(&mut other, later, bent(bytes, &same));
        }
    }
    other
}

fn replace(records: &mut ScenarioRecords, at: usize, bytes: Vec<u8>) {
    let name = digest_hex(&bytes);
    records.bytes.insert(name.clone(), bytes);
    if let What::Tapped(tapped) = &mut records.records[at].what {
        tapped.bytes = Some(name);
    }
}

#[derive(Default)]
struct Tally {
    bent: usize,
    noticed: usize,
    blamed: usize,
}

/// Who is at fault in the evidence of one scenario. Houses that are no product under test (intermediate server,
/// J-LIS, review body) are never convicted: a finding about somebody else stays open and names them.
fn at_fault(run: &Run, records: ScenarioRecords) -> BTreeSet<String> {
    let evidence = Evidence::from_parts(run.clone(), vec![records]);
    let reading = Reading {
        evidence,
        damage: Vec::new(),
    };
    let findings = judge(&reading).findings.into_iter();
    let open = [Verdict::Fail, Verdict::Inconclusive];
    let against = findings.filter(|f| open.contains(&f.verdict));
    against.filter_map(|f| f.at_fault).collect()
}

/// Bends every value of every message of a story in turn.
fn bend_all(run: &Run, records: &ScenarioRecords, tallies: &mut BTreeMap<String, Tally>) {
    for (at, record) in records.records.iter().enumerate() {
        let What::Tapped(tapped) = &record.what else {
            continue;
        };
        let Some(bytes) = tapped.bytes.as_ref().map(|digest| &records.bytes[digest]) else {
            continue;
        };
        if ["card", "ocsp", "crl"].contains(&tapped.hop.as_str()) {
            continue;
        }
        for value in values(bytes) {
            let blamed = at_fault(run, bent_records(records, at, &value));
            let name = format!("{} {}", kind(tapped, bytes), value.name);
            let tally = tallies.entry(name).or_default();
            tally.bent += 1;
            tally.noticed += usize::from(!blamed.is_empty());
            tally.blamed += usize::from(blamed.contains(&tapped.from.role));
        }
    }
}

#[test]
fn a_bent_message_is_noticed_and_its_sender_blamed() {
    let bed = Bed::open();
    let mut tallies = BTreeMap::new();
    for id in STORIES {
        let (run, records) = bed.shipped(id);
        let unbent = at_fault(&run, records.clone());
        assert!(unbent.is_empty(), "{id} fails unbent: {unbent:?}");
        bend_all(&run, &records, &mut tallies);
    }
    let sum = |part: fn(&Tally) -> usize| tallies.values().map(part).sum::<usize>();
    let (bent, noticed) = (sum(|t| t.bent), sum(|t| t.noticed));
    assert!(bent > 1000, "{bent} values bent");
    assert!(noticed * 20 > bent * 19, "{noticed} of {bent} noticed");
    let blind = tallies.iter().filter(|(_, t)| t.noticed == 0);
    let blind: Vec<&str> = blind.map(|(name, _)| name.as_str()).collect();
    insta::assert_snapshot!("blind_spots", blind.join("\n"));
    let elsewhere = tallies
        .iter()
        .filter(|(_, t)| t.noticed > 0 && t.blamed == 0);
    let elsewhere: Vec<&str> = elsewhere.map(|(name, _)| name.as_str()).collect();
    insta::assert_snapshot!("blamed_elsewhere", elsewhere.join("\n"));
}
