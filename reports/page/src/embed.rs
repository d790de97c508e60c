//! The records of every scenario as the page carries them: compact JSON, deflated, in Base64, unpacked by the
//! page's script when a scenario is opened. What two scenarios have in common stands in one shared table, and
//! long bytes stay in the evidence, so that a page of 500 scenarios stays small.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use evidence::Evidence;
use judge::Verdict;
use serde::Serialize;
use serde_json::{Value, json};

use crate::Page;
use crate::html::visible;
use crate::labels::name_of;
use crate::messages::{Message, PartyPart, messages};
use crate::page::{FindingPart, ScenarioPart};
use crate::write::ReportError;

/// Bytes of a message up to this number stand in the page; longer ones are named by their digest.
const MOST_BYTES: usize = 512;
/// The longest text inside a decoded view in the page.
const MOST_TEXT: usize = 400;
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
#[derive(Serialize)]
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
}

/// A scenario whose entries are still numbered by the table of the whole run.
struct Drawn {
    id: String,
    lanes: Vec<usize>,
    rows: Vec<Row>,
    passed: Vec<Passed>,
}

/// A finding that passed: what was expected, what happened, and the records it rests on.
#[derive(Serialize)]
struct Passed {
    requirement: String,
    role: usize,
    expected: usize,
    actual: usize,
    rests: Vec<(u32, usize)>,
}

/// Values by their JSON text, each with how many scenarios use it.
#[derive(Default)]
struct Table {
    numbers: BTreeMap<String, usize>,
    values: Vec<Entry>,
}

struct Entry {
    text: String,
    used_by: usize,
    last: usize,
}

impl Table {
    /// The number of a value, used by the scenario of that position.
    fn put(&mut self, value: &Value, scenario: usize) -> usize {
        let text = value.to_string();
        if let Some(&number) = self.numbers.get(&text) {
            let entry = &mut self.values[number];
            if entry.last != scenario {
                entry.used_by += 1;
                entry.last = scenario;
            }
            return number;
        }
        let number = self.values.len();
        self.numbers.insert(text.clone(), number);
        self.values.push(Entry {
            text,
            used_by: 1,
            last: scenario,
        });
        number
    }
}

/// Packs the records of every scenario of a page.
pub(crate) fn embed(page: &Page, evidence: &Evidence) -> Result<Embedded, ReportError> {
    let mut table = Table::default();
    let mut drawn = Vec::new();
    for (position, scenario) in page.scenarios.iter().enumerate() {
        drawn.push(draw(position, scenario, evidence, &mut table));
    }
    let shared: Vec<usize> = (0..table.values.len())
        .filter(|number| table.values[*number].used_by > 1)
        .collect();
    let places: BTreeMap<usize, usize> = (0..).zip(&shared).map(|(at, n)| (*n, at)).collect();
    let mut scenarios = BTreeMap::new();
    for drawn in drawn.into_iter().filter(|drawn| !drawn.rows.is_empty()) {
        let id = drawn.id.clone();
        scenarios.insert(id, pack(&of_scenario(drawn, &table, &places)?));
    }
    Ok(Embedded {
        shared: pack(&list(&shared, &table)),
        scenarios,
    })
}

fn draw(position: usize, scenario: &ScenarioPart, evidence: &Evidence, table: &mut Table) -> Drawn {
    let mut drawn = Drawn {
        id: scenario.id.clone(),
        lanes: Vec::new(),
        rows: Vec::new(),
        passed: Vec::new(),
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
            table.put(&json!([role.ja, role.en, party.name]), position)
        })
        .collect();
    let lane = |party: &Option<PartyPart>| {
        let party = party.as_ref()?;
        lanes.iter().position(|lane| *lane == party)
    };
    for message in &messages {
        let content = message.bytes.as_ref().and_then(|d| records.bytes.get(d));
        let row = Row {
            from: lane(&message.from),
            to: lane(&message.to),
            ..row(message, content.map(Vec::as_slice), position, table)
        };
        drawn.rows.push(row);
    }
    drawn.passed = scenario
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Pass)
        .map(|finding| passed(finding, position, table))
        .collect();
    drawn
}

fn row(message: &Message, content: Option<&[u8]>, position: usize, table: &mut Table) -> Row {
    let mut put = |value: &Value| table.put(value, position);
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
        bytes: content.map(|content| put(&raw(content, message.bytes.as_deref()))),
        tls: message
            .tls
            .as_ref()
            .map(|tls| put(&json!({ "version": tls.version, "alert": tls.alert, "client_chain": tls.client_chain, "server_chain": tls.server_chain }))),
        view: message.view.clone().map(|view| put(&short(slim(view, content)))),
        failed: message.failed_by.clone(),
    }
}

fn passed(finding: &FindingPart, position: usize, table: &mut Table) -> Passed {
    let mut text = |ja: &str, en: &str| table.put(&json!([ja, en]), position);
    Passed {
        requirement: finding.requirement.clone(),
        role: text(&finding.role.ja, &finding.role.en),
        expected: text(&finding.expected.ja, &finding.expected.en),
        actual: text(&finding.actual.ja, &finding.actual.en),
        rests: finding
            .rests_on
            .iter()
            .map(|quote| {
                (
                    quote.seq,
                    table.put(&json!([quote.what, quote.said]), position),
                )
            })
            .collect(),
    }
}

/// Bytes as they are, or how many they are and the digest they are kept under.
fn raw(content: &[u8], digest: Option<&str>) -> Value {
    if content.len() <= MOST_BYTES {
        return Value::String(STANDARD.encode(content));
    }
    json!({ "size": content.len(), "sha256": digest })
}

/// A card's answer without its data where the bytes themselves stand beside it: the same thing twice.
fn slim(mut view: Value, content: Option<&[u8]>) -> Value {
    let told = content.is_some_and(|content| content.len() <= MOST_BYTES);
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
fn of_scenario(
    mut drawn: Drawn,
    table: &Table,
    places: &BTreeMap<usize, usize>,
) -> Result<String, ReportError> {
    let mut own: Vec<usize> = Vec::new();
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    let mut renumber = |number: &mut usize| {
        *number = places.get(number).copied().unwrap_or_else(|| {
            *seen.entry(*number).or_insert_with(|| {
                own.push(*number);
                places.len() + own.len() - 1
            })
        });
    };
    drawn.lanes.iter_mut().for_each(&mut renumber);
    for row in &mut drawn.rows {
        renumber(&mut row.gist);
        let rest = [&mut row.hop, &mut row.bytes, &mut row.tls, &mut row.view];
        rest.into_iter().flatten().for_each(&mut renumber);
    }
    for passed in &mut drawn.passed {
        renumber(&mut passed.role);
        renumber(&mut passed.expected);
        renumber(&mut passed.actual);
        passed
            .rests
            .iter_mut()
            .for_each(|(_, number)| renumber(number));
    }
    let json = |value: serde_json::Result<String>| {
        value.map_err(|error| ReportError::print("report.html", error))
    };
    Ok(format!(
        r#"{{"own":{},"lanes":{},"rows":{},"passed":{}}}"#,
        list(&own, table),
        json(serde_json::to_string(&drawn.lanes))?,
        json(serde_json::to_string(&drawn.rows))?,
        json(serde_json::to_string(&drawn.passed))?,
    ))
}

fn list(numbers: &[usize], table: &Table) -> String {
    let texts: Vec<&str> = numbers
        .iter()
        .map(|number| table.values[*number].text.as_str())
        .collect();
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

    #[test]
    fn long_bytes_stay_in_the_evidence_and_nothing_is_told_twice() {
        assert_eq!(raw(b"abc", Some("d")), json!("YWJj"));
        let long = vec![7; MOST_BYTES + 1];
        assert_eq!(raw(&long, Some("d")), json!({"size": 513, "sha256": "d"}));
        let answer = json!({"response": "9000", "means": "normal", "data": "00"});
        assert_eq!(
            slim(answer.clone(), Some(b"abc")),
            json!({"response": "9000", "means": "normal"})
        );
        assert_eq!(slim(answer.clone(), Some(&long)), answer);
        let text = "あ".repeat(MOST_TEXT + 1);
        let cut = short(json!([text, "い".repeat(MOST_TEXT)]));
        assert!(cut[0].as_str().unwrap().ends_with("… (401)"));
        assert_eq!(cut[1].as_str().unwrap().chars().count(), MOST_TEXT);
    }
}
