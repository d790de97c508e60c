//! Every record of a scenario as a reader sees it: when, from whom to whom, decoded by the judge's
//! own decoders, and marked where a failing finding rests on it.

use std::collections::BTreeMap;

use evidence::{Party, Record, ScenarioRecords, Tapped, What};
use judge::{Finding, Text, Verdict};
use serde::Serialize;
use serde_json::Value;

use crate::gist;
use crate::labels::{self, name_of};
use crate::page::{FindingPart, HopPart};

/// The longest text and the longest list a decoded view keeps; the bytes stay in the evidence.
const LONGEST_TEXT: usize = 2_000;
const LONGEST_LIST: usize = 500;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Position in the scenario, from 1.
    pub seq: u32,
    /// Virtual time, RFC 3339 with `+09:00`.
    pub at: String,
    /// `declared`, `tapped` or `attested`.
    pub kind: &'static str,
    /// What it is, in a few words.
    pub gist: Text,
    /// The hop it crossed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hop: Option<HopPart>,
    /// Who sent it, or at whose product it was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<PartyPart>,
    /// To whom it went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<PartyPart>,
    /// Connection on this hop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<u32>,
    /// File name it travelled under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Digest its bytes are kept under in the evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    /// How many bytes, tokens in place of secrets counted as they stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// What TLS said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsPart>,
    /// The content, decoded; long texts cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<Value>,
    /// Requirements whose failing findings rest on this record, which whoever is at fault sent or showed.
    pub failed_by: Vec<String>,
    /// Requirements whose failing findings rest on this record too, though it is no doing of the party at fault.
    pub ground_of: Vec<String>,
}

/// A role, perhaps at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartyPart {
    /// Role, or a house that is never under test.
    pub role: String,
    /// Which one; empty where there is one only.
    pub name: String,
    /// Both, in Japanese.
    pub ja: String,
    /// Both, in English.
    pub en: String,
}

/// What TLS said on a hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TlsPart {
    /// Version; absent when the handshake did not end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Alert or transport error that ended the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
    /// Digests of the connecting side's certificates, leaf first.
    pub client_chain: Vec<String>,
    /// Digests of the answering side's certificates, leaf first.
    pub server_chain: Vec<String>,
}

/// Every record of a scenario, with the marks of its failing findings.
pub fn messages(records: &ScenarioRecords, findings: &[FindingPart]) -> Vec<Message> {
    let mut resting: BTreeMap<u32, Vec<&FindingPart>> = BTreeMap::new();
    for finding in findings.iter().filter(|f| f.verdict == Verdict::Fail) {
        for quote in &finding.rests_on {
            resting.entry(quote.seq).or_default().push(finding);
        }
    }
    records
        .records
        .iter()
        .map(|record| {
            let failing = resting.get(&record.seq).map_or(&[][..], Vec::as_slice);
            let (failed_by, ground_of) = marks(record, failing);
            Message {
                failed_by,
                ground_of,
                ..message(record, &records.bytes)
            }
        })
        .collect()
}

/// Requirements a record breaks, and those it is only a ground for: nobody's message is marked as wrong for
/// what somebody else did.
fn marks(record: &Record, failing: &[&FindingPart]) -> (Vec<String>, Vec<String>) {
    let (mut broken, mut ground) = (Vec::new(), Vec::new());
    for finding in failing {
        let at_fault = finding.at_fault.as_ref().map(|who| who.id.as_str());
        let ids: &mut Vec<String> = match sender(record) {
            Some(from) if Some(from) == at_fault => &mut broken,
            _ => &mut ground,
        };
        if !ids.contains(&finding.requirement) {
            ids.push(finding.requirement.clone());
        }
    }
    ground.retain(|id| !broken.contains(id));
    (broken, ground)
}

/// The record to look at first: of those a failing finding rests on, the first that came from whoever is
/// at fault. Failing that the first that crossed a hop or was seen, then the first at all, since facts the
/// scenario laid down are no product's doing.
pub(crate) fn look_first(records: &[Record], findings: &[&Finding]) -> Option<u32> {
    let failing = || findings.iter().filter(|f| f.verdict == Verdict::Fail);
    let rests = |finding: &Finding, record: &Record| {
        finding.rests_on.iter().any(|quote| quote.seq == record.seq)
    };
    let from_the_blamed = |record: &&Record| {
        let from = sender(record);
        from.is_some()
            && failing()
                .any(|finding| from == finding.at_fault.as_deref() && rests(finding, record))
    };
    let marked = || {
        records
            .iter()
            .filter(|record| failing().any(|finding| rests(finding, record)))
    };
    records
        .iter()
        .find(from_the_blamed)
        .or_else(|| marked().find(|record| !matches!(record.what, What::Declared(_))))
        .or_else(|| marked().next())
        .map(|record| record.seq)
}

/// The role that sent a record or at whose product it was seen.
fn sender(record: &Record) -> Option<&str> {
    match &record.what {
        What::Declared(_) => None,
        What::Tapped(tapped) => Some(&tapped.from.role),
        What::Attested(seen) => Some(&seen.product.role),
    }
}

fn message(record: &Record, bytes: &BTreeMap<String, Vec<u8>>) -> Message {
    let bare = Message {
        seq: record.seq,
        at: record.at.clone(),
        kind: "declared",
        gist: Text::default(),
        hop: None,
        from: None,
        to: None,
        connection: None,
        name: None,
        bytes: None,
        size: None,
        tls: None,
        view: None,
        failed_by: Vec::new(),
        ground_of: Vec::new(),
    };
    match &record.what {
        What::Declared(declared) => {
            let view = serde_json::to_value(&declared.fact).unwrap_or_default();
            Message {
                gist: gist::of_fact(&view),
                view: Some(steady(view)),
                ..bare
            }
        }
        What::Tapped(tapped) => message_of_tapped(tapped, bytes, bare),
        What::Attested(seen) => Message {
            kind: "attested",
            gist: gist::of_seen(seen),
            from: Some(party(&seen.product)),
            view: Some(steady(seen.seen.clone())),
            ..bare
        },
    }
}

fn message_of_tapped(tapped: &Tapped, bytes: &BTreeMap<String, Vec<u8>>, bare: Message) -> Message {
    let content = tapped.bytes.as_ref().and_then(|digest| bytes.get(digest));
    let view = content.map(|content| {
        steady(judge::decode::view(
            &tapped.hop,
            tapped.name.as_deref(),
            content,
        ))
    });
    let (name, simulated_interface) = labels::hop(&tapped.hop);
    Message {
        kind: "tapped",
        gist: gist::of_tapped(tapped, view.as_ref()),
        hop: Some(HopPart {
            name,
            simulated_interface,
        }),
        from: Some(party(&tapped.from)),
        to: Some(party(&tapped.to)),
        connection: Some(tapped.connection),
        name: tapped.name.clone(),
        bytes: tapped.bytes.clone(),
        size: content.map(Vec::len),
        tls: tapped.tls.as_ref().map(|tls| TlsPart {
            version: tls.version.clone(),
            alert: tls.alert.clone(),
            client_chain: tls.client_chain.clone(),
            server_chain: tls.server_chain.clone(),
        }),
        view,
        ..bare
    }
}

fn party(party: &Party) -> PartyPart {
    let role = name_of(&party.role);
    let at = |text: &str, open: &str, close: &str| match party.name.as_str() {
        "" => text.to_owned(),
        name => format!("{text}{open}{name}{close}"),
    };
    PartyPart {
        ja: at(&role.ja, "（", "）"),
        en: at(&role.en, " (", ")"),
        role: party.role.clone(),
        name: party.name.clone(),
    }
}

/// A value whose printed bytes are the same everywhere and which stays small: no floats (they print
/// differently from library to library), long texts and lists cut with their true length told.
fn steady(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(gist::cut(text, LONGEST_TEXT)),
        Value::Number(number) if number.is_f64() => Value::String(number.to_string()),
        Value::Array(list) => {
            let more = list.len().saturating_sub(LONGEST_LIST);
            let mut kept: Vec<_> = list.into_iter().take(LONGEST_LIST).map(steady).collect();
            if more > 0 {
                kept.push(Value::String(format!("… {more} more")));
            }
            Value::Array(kept)
        }
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, steady(member)))
            .collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::finding_part;
    use evidence::Attested;
    use serde_json::json;

    #[test]
    fn views_keep_no_float_and_nothing_large() {
        let long = "あ".repeat(LONGEST_TEXT + 1);
        let list: Vec<u32> = (0..600).collect();
        let value = steady(json!({"a": 1.5, "b": 7, "c": [long], "d": list}));
        assert_eq!(value["a"], "1.5");
        assert_eq!(value["b"], 7);
        let kept = value["c"][0].as_str().unwrap();
        assert_eq!(kept.chars().filter(|c| *c == 'あ').count(), LONGEST_TEXT);
        assert!(kept.ends_with("… (2001 characters)"));
        assert_eq!(value["d"].as_array().unwrap().len(), LONGEST_LIST + 1);
        assert_eq!(value["d"][LONGEST_LIST], "… 100 more");
        let deep = json!({"x": [{"y": 0.5}]});
        assert_eq!(steady(deep), json!({"x": [{"y": "0.5"}]}));
    }

    /// A record by its sender; without one it is a declared fact.
    fn from(seq: u32, sender: &str) -> Record {
        let what = match sender {
            "" => What::Declared(evidence::Declared {
                fact: evidence::Fact::Clock { at: String::new() },
            }),
            sender => What::Attested(Attested {
                product: Party::role(sender),
                shows: "screen".into(),
                seen: Value::Null,
            }),
        };
        let at = String::new();
        Record { seq, at, what }
    }

    #[test]
    fn the_record_to_look_at_first_is_the_blamed_ones() {
        // Each record: its sender, and whether the failing finding quotes it.
        for (records, first) in [
            (
                vec![("", true), ("terminal", true), ("reader", true)],
                Some(3),
            ),
            (vec![("reader", false), ("terminal", true)], Some(2)),
            (vec![("", true), ("terminal", true)], Some(2)),
            (vec![("", true), ("reader", false)], Some(1)),
            (vec![("reader", false)], None),
            (vec![], None),
        ] {
            let numbered = || (1..).zip(&records);
            let whole = ScenarioRecords {
                records: numbered()
                    .map(|(seq, (sender, _))| from(seq, sender))
                    .collect(),
                ..Default::default()
            };
            let quoted = numbered().filter(|(_, (_, quoted))| *quoted);
            let finding = Finding {
                requirement: "A-1".into(),
                role: "reader".into(),
                scenario: "s".into(),
                verdict: Verdict::Fail,
                at_fault: Some("reader".into()),
                expected: Text::default(),
                actual: Text::default(),
                advice: None,
                rests_on: quoted
                    .map(|(seq, _)| judge::Quote {
                        seq,
                        what: String::new(),
                        said: String::new(),
                    })
                    .collect(),
            };
            let told = look_first(&whole.records, &[&finding]);
            assert_eq!(told, first, "{records:?}");
            let marked = messages(&whole, &[finding_part(&finding)]);
            for (message, (sender, quoted)) in marked.iter().zip(&records) {
                let own = *quoted && *sender == "reader";
                let ground = *quoted && *sender != "reader";
                assert_eq!(message.failed_by == ["A-1"], own, "{records:?}");
                assert_eq!(message.ground_of == ["A-1"], ground, "{records:?}");
            }
        }
    }
}
