//! The records of every scenario as the page carries them: compact JSON, deflated, in Base64, unpacked by the
//! page's script when a scenario is opened. What two scenarios have in common stands in one shared table, and
//! long bytes stay in the evidence, so that a page of 500 scenarios stays small.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use evidence::Evidence;
use judge::Verdict;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Page;
use crate::html::visible;
use crate::labels::name_of;
use crate::messages::{Message, PartyPart, messages};
use crate::page::{FindingPart, ScenarioPart};
use crate::write::ReportError;

/// Bytes of a message up to this number stand in the page, and longer ones where a failing finding rests on them;
/// the others are named by their digest and their place in the pack. Answers of the eligibility server fit; with much
/// more a page of 500 different scenarios would grow beyond 10 MB.
const MOST_BYTES: usize = 2400;
/// The longest text inside a decoded view in the page.
const MOST_TEXT: usize = 400;
/// Scenarios drawn at once.
const GROUP: usize = 32;
/// Deflate's effort: beyond it the page hardly shrinks and printing slows.
const EFFORT: u8 = 6;

/// Everything the script unpacks, ready to stand in the page.
pub(crate) struct Embedded {
    /// The table of what several scenarios have in common.
    pub shared: String,
    /// By scenario id; absent where no records lie in the evidence.
    pub scenarios: BTreeMap<String, String>,
}

/// One record; members the script knows by these names. Numbers stand for entries of the table.
#[derive(Clone, Serialize)]
struct Row {
    at: String,
    kind: &'static str,
    gist: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    hop: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    view: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ground: Vec<String>,
}

/// A scenario whose rows are still numbered by its own texts.
struct Drawn {
    id: String,
    lanes: Vec<usize>,
    rows: Vec<Row>,
    passed: Vec<Passed>,
    texts: Vec<Arc<str>>,
}

/// A finding that passed: what was expected, what happened, and the records it rests on.
#[derive(Clone, Serialize)]
struct Passed {
    requirement: String,
    role: usize,
    expected: usize,
    actual: usize,
    rests: Vec<(u32, usize)>,
}

/// The values of a scenario by their JSON text, each once.
#[derive(Default)]
struct Table(BTreeMap<String, usize>);

impl Table {
    /// The number of a value.
    fn put(&mut self, value: &Value) -> usize {
        let next = self.0.len();
        *self.0.entry(value.to_string()).or_insert(next)
    }

    /// The texts in the order of their numbers.
    fn texts(self) -> Vec<Arc<str>> {
        let mut texts: Vec<_> = self.0.into_iter().collect();
        texts.sort_by_key(|(_, number)| *number);
        texts.into_iter().map(|(text, _)| text.into()).collect()
    }
}

/// Every text of a run in the order in which it is first said, with how many scenarios say it.
#[derive(Default)]
struct Common {
    places: BTreeMap<Arc<str>, usize>,
    said: Vec<(Arc<str>, usize)>,
}

impl Common {
    /// Counts the texts of a scenario, and keeps each of them once for the whole run.
    fn count(&mut self, drawn: &mut Drawn) {
        for text in &mut drawn.texts {
            if let Some(place) = self.places.get(text) {
                let (known, times) = &mut self.said[*place];
                *times += 1;
                *text = known.clone();
            } else {
                self.places.insert(text.clone(), self.said.len());
                self.said.push((text.clone(), 1));
            }
        }
    }

    /// What more than one scenario says.
    fn shared(&self) -> Vec<&str> {
        let more_than_once = self.said.iter().filter(|(_, times)| *times > 1);
        more_than_once.map(|(text, _)| &**text).collect()
    }
}

/// Packs the records of every scenario of a page.
pub(crate) fn embed(page: &Page, evidence: &Evidence) -> Result<Embedded, ReportError> {
    let mut common = Common::default();
    let mut all = Vec::new();
    // In groups, because what is common takes memory until it is counted.
    for group in page.scenarios.chunks(GROUP) {
        let drawn = group.par_iter().map(|scenario| draw(scenario, evidence));
        let mut drawn: Vec<Drawn> = drawn.collect();
        drawn.iter_mut().for_each(|drawn| common.count(drawn));
        all.extend(drawn);
    }
    let shared = common.shared();
    let places: BTreeMap<&str, usize> = shared.iter().copied().zip(0..).collect();
    let scenarios = all
        .par_iter()
        .filter(|drawn| !drawn.rows.is_empty())
        .map(|drawn| Ok((drawn.id.clone(), pack(&of_scenario(drawn, &places)?))))
        .collect::<Result<_, ReportError>>()?;
    Ok(Embedded {
        shared: pack(&list(&shared)),
        scenarios,
    })
}

fn draw(scenario: &ScenarioPart, evidence: &Evidence) -> Drawn {
    let mut table = Table::default();
    let mut drawn = Drawn {
        id: scenario.id.clone(),
        lanes: Vec::new(),
        rows: Vec::new(),
        passed: Vec::new(),
        texts: Vec::new(),
    };
    let Some(records) = evidence.scenario(&scenario.id) else {
        return drawn;
    };
    let messages = messages(records, &scenario.findings);
    let lanes = lanes(&messages);
    drawn.lanes = lanes
        .iter()
        .map(|party| {
            let role = name_of(&party.role);
            table.put(&json!([role.ja, role.en, party.name]))
        })
        .collect();
    let lane = |party: &Option<PartyPart>| {
        let party = party.as_ref()?;
        lanes.iter().position(|lane| *lane == party)
    };
    let places = places(&records.bytes);
    for message in &messages {
        let content = message.bytes.as_ref().and_then(|digest| {
            let bytes = records.bytes.get(digest)?;
            Some(Content {
                bytes,
                digest,
                at: places.get(digest.as_str()).copied()?,
                whole: bytes.len() <= MOST_BYTES || proves(message),
            })
        });
        let row = Row {
            from: lane(&message.from),
            to: lane(&message.to),
            ..row(message, content.as_ref(), &mut table)
        };
        drawn.rows.push(row);
    }
    drawn.passed = scenario
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Pass)
        .map(|finding| passed(finding, &mut table))
        .collect();
    drawn.texts = table.texts();
    drawn
}

/// The bytes of a message, with their place in the scenario's pack.
struct Content<'a> {
    bytes: &'a [u8],
    digest: &'a str,
    /// Where they begin in the pack.
    at: usize,
    /// Whether they stand in the page.
    whole: bool,
}

/// Whether a failing finding rests on a message: whoever is told that they failed must see the bytes.
fn proves(message: &Message) -> bool {
    !message.failed_by.is_empty() || !message.ground_of.is_empty()
}

/// Where the bytes of each digest begin in the pack: entries in the order of their digests, each after a line
/// `DIGEST LENGTH` and followed by a line end.
fn places(bytes: &BTreeMap<String, Vec<u8>>) -> BTreeMap<&str, usize> {
    let mut next = 0;
    let mut places = BTreeMap::new();
    for (digest, content) in bytes {
        next += format!("{digest} {}\n", content.len()).len();
        places.insert(digest.as_str(), next);
        next += content.len() + 1;
    }
    places
}

fn row(message: &Message, content: Option<&Content>, table: &mut Table) -> Row {
    let mut put = |value: &Value| table.put(value);
    Row {
        at: message.at.clone(),
        kind: message.kind,
        gist: put(&json!([message.gist.ja, message.gist.en])),
        hop: message.hop.as_ref().map(|hop| {
            put(&json!([hop.name.ja, hop.name.en, hop.simulated_interface, hop.name.id]))
        }),
        from: None,
        to: None,
        connection: message.connection,
        name: message.name.clone(),
        bytes: content.map(|content| put(&raw(content))),
        tls: message
            .tls
            .as_ref()
            .map(|tls| put(&json!({ "version": tls.version, "alert": tls.alert, "client_chain": tls.client_chain, "server_chain": tls.server_chain }))),
        view: message.view.clone().map(|view| put(&short(slim(view, content)))),
        failed: message.failed_by.clone(),
        ground: message.ground_of.clone(),
    }
}

fn passed(finding: &FindingPart, table: &mut Table) -> Passed {
    let mut text = |ja: &str, en: &str| table.put(&json!([ja, en]));
    Passed {
        requirement: finding.requirement.clone(),
        role: text(&finding.role.ja, &finding.role.en),
        expected: text(&finding.expected.ja, &finding.expected.en),
        actual: text(&finding.actual.ja, &finding.actual.en),
        rests: finding
            .rests_on
            .iter()
            .map(|quote| (quote.seq, table.put(&json!([quote.what, quote.said]))))
            .collect(),
    }
}

/// Bytes that are plain text: as such they pack to a fraction of their Base64, in which like words look unlike.
/// Text the page would show otherwise than it is (see [`visible`]) is not plain.
fn as_text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    matches!(visible(text), std::borrow::Cow::Borrowed(_)).then_some(text)
}

/// Bytes as they are, or how many they are, the digest they are kept under and where they begin in the pack.
fn raw(content: &Content) -> Value {
    if content.whole {
        return match as_text(content.bytes) {
            Some(text) => json!({ "text": text }),
            None => Value::String(STANDARD.encode(content.bytes)),
        };
    }
    json!({ "size": content.bytes.len(), "sha256": content.digest, "at": content.at })
}

/// A card's answer without its data where the bytes themselves stand beside it: the same thing twice.
fn slim(mut view: Value, content: Option<&Content>) -> Value {
    let told = content.is_some_and(|content| content.whole);
    if let (true, Some(members)) = (told, view.as_object_mut())
        && members.contains_key("response")
    {
        members.remove("data");
    }
    view
}

/// Texts beyond the page's length cut: what they say stands whole in the evidence.
fn short(view: Value) -> Value {
    match view {
        Value::String(text) if text.len() > MOST_TEXT => {
            let length = text.chars().count();
            if length <= MOST_TEXT {
                return Value::String(text);
            }
            let kept: String = text.chars().take(MOST_TEXT).collect();
            Value::String(format!("{kept}… ({length})"))
        }
        Value::Array(list) => list.into_iter().map(short).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, member)| (name, short(member)))
            .collect(),
        other => other,
    }
}

/// Who sends, receives or is seen, from the patient's hand to the far end of the wire.
fn lanes(messages: &[Message]) -> Vec<&PartyPart> {
    const ORDER: [&str; 12] = [
        "examiner",
        "home",
        "card",
        "reader",
        "terminal",
        "receipt-computer",
        "eligibility-server",
        "portal",
        "jlis",
        "intermediate",
        "insurer",
        "review-body",
    ];
    let mut lanes: Vec<&PartyPart> = Vec::new();
    for party in messages.iter().flat_map(|m| m.from.iter().chain(&m.to)) {
        if !lanes.contains(&party) {
            lanes.push(party);
        }
    }
    let rank = |party: &&PartyPart| ORDER.iter().position(|role| *role == party.role);
    lanes.sort_by_key(|party| rank(party).unwrap_or(ORDER.len()));
    lanes
}

/// A scenario as the script reads it. `own` follows the shared table, and numbers count through both.
fn of_scenario(drawn: &Drawn, places: &BTreeMap<&str, usize>) -> Result<String, ReportError> {
    let mut own: Vec<&str> = Vec::new();
    let numbers: Vec<usize> = drawn
        .texts
        .iter()
        .map(|text| {
            places.get(&**text).copied().unwrap_or_else(|| {
                own.push(text);
                places.len() + own.len() - 1
            })
        })
        .collect();
    let (mut lanes, mut rows, mut passed) = (
        drawn.lanes.clone(),
        drawn.rows.clone(),
        drawn.passed.clone(),
    );
    let renumber = |number: &mut usize| *number = numbers[*number];
    lanes.iter_mut().for_each(renumber);
    for row in &mut rows {
        renumber(&mut row.gist);
        let rest = [&mut row.hop, &mut row.bytes, &mut row.tls, &mut row.view];
        rest.into_iter().flatten().for_each(renumber);
    }
    for passed in &mut passed {
        renumber(&mut passed.role);
        renumber(&mut passed.expected);
        renumber(&mut passed.actual);
        let rests = passed.rests.iter_mut();
        rests.for_each(|(_, number)| renumber(number));
    }
    let json = |value: serde_json::Result<String>| {
        value.map_err(|error| ReportError::print("report.html", error))
    };
    Ok(format!(
        r#"{{"own":{},"lanes":{},"rows":{},"passed":{}}}"#,
        list(&own),
        json(serde_json::to_string(&lanes))?,
        json(serde_json::to_string(&rows))?,
        json(serde_json::to_string(&passed))?,
    ))
}

fn list(texts: &[&str]) -> String {
    format!("[{}]", texts.join(","))
}

fn pack(text: &str) -> String {
    let text = visible(text);
    STANDARD.encode(miniz_oxide::deflate::compress_to_vec(
        text.as_bytes(),
        EFFORT,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn unpack(packed: &str) -> Value {
        let deflated = STANDARD.decode(packed).unwrap();
        let text = miniz_oxide::inflate::decompress_to_vec(&deflated).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    #[test]
    fn a_scenario_unpacks_to_its_records() {
        let embedded = embed(&testing::page(), &testing::evidence()).unwrap();
        assert_eq!(unpack(&embedded.shared), json!([]));
        let ids: Vec<_> = embedded.scenarios.keys().collect();
        assert_eq!(ids, ["expires-soon"], "the others left no records");
        let whole = unpack(&embedded.scenarios["expires-soon"]);
        insta::assert_snapshot!(serde_json::to_string_pretty(&whole).unwrap());
    }

    #[test]
    fn what_two_scenarios_share_stands_in_the_page_once() {
        let (mut judgement, parts) = testing::sample();
        let mut twin = parts.scenario("expires-soon").unwrap().clone();
        let first = twin.clone();
        twin.id = "silent".into();
        twin.records.truncate(2);
        judgement.findings.truncate(1);
        let run = judgement.run.clone();
        let evidence = Evidence::from_parts(run, vec![first, twin]);
        let page = Page::build(&judgement, &evidence, &[]).unwrap();
        let embedded = embed(&page, &evidence).unwrap();
        let shared = unpack(&embedded.shared);
        let shared = shared.as_array().unwrap().len();
        let twin = unpack(&embedded.scenarios["silent"]);
        assert_eq!(twin["own"], json!([]), "nothing of its own");
        let whole = unpack(&embedded.scenarios["expires-soon"]);
        let all = shared + whole["own"].as_array().unwrap().len();
        for row in whole["rows"].as_array().unwrap() {
            assert!((row["gist"].as_u64().unwrap() as usize) < all);
        }
        assert!(shared > 0);
    }

    /// The sample with one very long message more, and whether the failing finding rests on it.
    fn with_a_long_message(quoted: bool) -> (Page, Evidence) {
        let (mut judgement, parts) = testing::sample();
        let mut records = parts.scenario("expires-soon").unwrap().clone();
        let long = format!(r#"{{"type":"{}"}}"#, "x".repeat(MOST_BYTES));
        let digest = evidence::digest_hex(long.as_bytes());
        records.bytes.insert(digest.clone(), long.into_bytes());
        let last = records.records.len();
        let evidence::What::Tapped(tapped) = &mut records.records[last - 2].what else {
            panic!("the last but one crossed a hop")
        };
        tapped.bytes = Some(digest);
        if quoted {
            judgement.findings[1].rests_on[0].seq = last as u32 - 1;
        }
        let run = judgement.run.clone();
        let evidence = Evidence::from_parts(run, vec![records]);
        let page = Page::build(&judgement, &evidence, &[]).unwrap();
        (page, evidence)
    }

    /// What a row of the sample's failing scenario says of its bytes.
    fn bytes_of_long(page: &Page, evidence: &Evidence) -> Value {
        let embedded = embed(page, evidence).unwrap();
        let whole = unpack(&embedded.scenarios["expires-soon"]);
        let row = &whole["rows"][3];
        whole["own"][row["bytes"].as_u64().unwrap() as usize].clone()
    }

    #[test]
    fn the_bytes_a_failure_rests_on_are_always_in_the_page() {
        let (page, evidence) = with_a_long_message(true);
        let packed = bytes_of_long(&page, &evidence);
        assert!(packed["text"].as_str().unwrap().len() > MOST_BYTES);
        let (page, evidence) = with_a_long_message(false);
        assert!(bytes_of_long(&page, &evidence)["size"].is_u64());
    }

    #[test]
    fn bytes_left_out_are_found_in_the_pack_where_the_page_says() {
        let (page, evidence) = with_a_long_message(false);
        let told = bytes_of_long(&page, &evidence);
        let number = |name: &str| told[name].as_u64().unwrap() as usize;
        let folder = tempfile::tempdir().unwrap();
        let mut writer = evidence::Writer::begin(folder.path(), &evidence.run).unwrap();
        let records = evidence.scenario("expires-soon").unwrap();
        writer.scenario(records).unwrap();
        let pack = std::fs::read(folder.path().join("bytes/expires-soon.pack")).unwrap();
        let found = &pack[number("at")..number("at") + number("size")];
        assert_eq!(
            evidence::digest_hex(found),
            told["sha256"].as_str().unwrap()
        );
    }

    #[test]
    fn long_bytes_stay_in_the_evidence_and_nothing_is_told_twice() {
        let of = |bytes, whole| Content {
            bytes,
            digest: "d",
            at: 9,
            whole,
        };
        assert_eq!(raw(&of(b"abc", true)), json!({"text": "abc"}));
        assert_eq!(raw(&of(b"\x90\x00", true)), json!("kAA="), "no text");
        let turned = "a\u{202e}b".as_bytes();
        assert!(raw(&of(turned, true)).is_string(), "kept byte for byte");
        let long = vec![7; MOST_BYTES + 1];
        assert_eq!(
            raw(&of(&long, false)),
            json!({"size": 2401, "sha256": "d", "at": 9})
        );
        let answer = json!({"response": "9000", "means": "normal", "data": "00"});
        assert_eq!(
            slim(answer.clone(), Some(&of(b"abc", true))),
            json!({"response": "9000", "means": "normal"})
        );
        assert_eq!(slim(answer.clone(), Some(&of(&long, false))), answer);
        let text = "あ".repeat(MOST_TEXT + 1);
        let cut = short(json!([text, "い".repeat(MOST_TEXT)]));
        assert!(cut[0].as_str().unwrap().ends_with("… (401)"));
        assert_eq!(cut[1].as_str().unwrap().chars().count(), MOST_TEXT);
    }
}
