//! Every exchange of the whole suite fits the interface descriptions, and the suite meets every path and every
//! status the eligibility server's description names: what is described and what is spoken are one.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use evidence::{Record, What};
use jsonschema::Validator;
use scenarios::{Cast, PhraseBook, Played, Suite, play};
use serde_json::{Map, Value, json};
use town::{Date, Products, Profile};

const SERVER: &str = include_str!("../../sim/wire/openapi.yaml");
const NEIGHBOURS: &str = include_str!("../../sim/wire/openapi-neighbours.yaml");

/// A request and its answer, as bytes that crossed a hop.
struct Exchange {
    story: String,
    house: String,
    request: Message,
    answer: Option<Message>,
}

/// An HTTP message, read as plainly as can be.
struct Message {
    line: String,
    content_type: String,
    body: Vec<u8>,
}

impl Message {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap().to_owned();
        let content_type = lines
            .filter_map(|l| l.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            .map(|(_, value)| value.to_owned());
        Message {
            line,
            content_type: content_type.unwrap_or_default(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap()
    }

    fn method(&self) -> String {
        self.line.split(' ').next().unwrap().to_ascii_lowercase()
    }

    fn status(&self) -> &str {
        self.line.split(' ').nth(1).unwrap()
    }
}

fn played() -> Vec<Played> {
    let suite = Suite::shipped().unwrap();
    let cast = Cast {
        seed: 7,
        secrets: 0,
        edition: Date::constant(2026, 10, 15),
        profile: Profile::default(),
        products: Products::reference(),
    };
    let stories: Vec<_> = suite.stories.iter().collect();
    let book = Arc::new(PhraseBook::shipped().unwrap());
    let played = play(&stories, &book, &cast, 2, &|played, _| played).unwrap();
    // The runner mutes panics while it plays, and two of them at once can leave it so.
    drop(std::panic::take_hook());
    played
}

/// The hops that speak HTTP with JSON or XML bodies.
const HOPS: [&str; 7] = [
    "eligibility",
    "feed",
    "registration",
    "portal",
    "clinic-registration",
    "agency",
    "insured",
];

fn exchanges(played: &Played) -> Vec<Exchange> {
    let mut open: BTreeMap<(String, u32), Exchange> = BTreeMap::new();
    let mut all = Vec::new();
    for Record { what, .. } in &played.records.records {
        let What::Tapped(tapped) = what else { continue };
        let (true, Some(digest)) = (HOPS.contains(&tapped.hop.as_str()), &tapped.bytes) else {
            continue;
        };
        let message = Message::read(&played.records.bytes[digest]);
        let key = (tapped.hop.clone(), tapped.connection);
        if message.line.starts_with("HTTP/") {
            let mut exchange = open.remove(&key).unwrap();
            exchange.answer = Some(message);
            all.push(exchange);
        } else {
            let exchange = Exchange {
                story: played.records.id.clone(),
                house: tapped.to.role.clone(),
                request: message,
                answer: None,
            };
            all.extend(open.insert(key, exchange));
        }
    }
    all.extend(open.into_values());
    all
}

/// One interface description with its compiled schemas.
struct Description {
    document: Value,
    schemas: BTreeMap<String, Validator>,
}

impl Description {
    fn read(yaml: &str) -> Self {
        let document: Value = serde_saphyr::from_str(yaml).unwrap();
        Description {
            document,
            schemas: BTreeMap::new(),
        }
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.document.pointer(&reference[1..]).unwrap(),
            None => value,
        }
    }

    fn operation(&self, request: &Message) -> Option<&Value> {
        let path = self.document["paths"].get(request.path())?;
        path.get(request.method())
    }

    /// What is wrong with a body by a schema of the description.
    fn faults(&mut self, schema: &Value, body: &Value) -> Option<String> {
        let components = self.document["components"].clone();
        let validator = self.schemas.entry(schema.to_string()).or_insert_with(|| {
            let whole = json!({ "allOf": [schema], "components": components });
            jsonschema::validator_for(&whole).unwrap()
        });
        let faults: Vec<String> = validator.iter_errors(body).map(|e| e.to_string()).collect();
        (!faults.is_empty()).then(|| faults.join("; "))
    }

    /// What XML leaves open, settled by the schema: one element may be a list of one, and an empty one an
    /// object without members.
    fn shaped(&self, value: Value, schema: &Value) -> Value {
        let schema = self.resolved(schema);
        match (schema["type"].as_str(), value) {
            (Some("array"), Value::Array(items)) => items
                .into_iter()
                .map(|v| self.shaped(v, &schema["items"]))
                .collect(),
            (Some("array"), one) => json!([self.shaped(one, &schema["items"])]),
            (Some("object"), Value::String(text)) if text.is_empty() => json!({}),
            (Some("object"), Value::Object(members)) => {
                let shaped = members.into_iter().map(|(name, v)| {
                    let of = schema["properties"].get(&name).unwrap_or(&Value::Null);
                    let v = self.shaped(v, of);
                    (name, v)
                });
                Value::Object(shaped.collect())
            }
            (_, other) => other,
        }
    }

    /// What is wrong with a message by one `content` of the description.
    fn content_faults(&mut self, described: &Value, message: &Message) -> Option<String> {
        let Some(content) = described.get("content") else {
            let empty = message.body.is_empty();
            return (!empty).then(|| "a body where none is described".to_owned());
        };
        let Some(media) = content.get(&message.content_type) else {
            return Some(format!(
                "content type {} is not described",
                message.content_type
            ));
        };
        let schema = media["schema"].clone();
        if message.content_type == "application/json" {
            // The tap has put a token in the place of an individual number.
            let text = String::from_utf8_lossy(&message.body).into_owned();
            let text = match text.split_once('⟦') {
                Some((before, after)) => {
                    format!("{before}123456789010{}", after.split_once('⟧')?.1)
                }
                None => text,
            };
            let body = serde_json::from_str(&text).ok()?;
            return self.faults(&schema, &body);
        }
        // A document described as a string is what it is; others are described element by element.
        let text = String::from_utf8(message.body.clone()).ok()?;
        let document = roxmltree::Document::parse(&text).ok()?;
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => None,
            _ => {
                let read = self.shaped(as_json(document.root_element()), &schema);
                self.faults(&schema, &read)
            }
        }
    }
}

/// An element as a JSON value: its text, or its children by name; repeated ones become a list.
fn as_json(element: roxmltree::Node<'_, '_>) -> Value {
    let children: Vec<_> = element.children().filter(|n| n.is_element()).collect();
    if children.is_empty() {
        return json!(element.text().unwrap_or_default());
    }
    let mut members: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for child in children {
        members
            .entry(child.tag_name().name())
            .or_default()
            .push(as_json(child));
    }
    let one = |mut values: Vec<Value>| match values.len() {
        1 => values.remove(0),
        _ => Value::Array(values),
    };
    let members = members.into_iter().map(|(k, v)| (k.to_owned(), one(v)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn told(exchange: &Exchange) -> String {
    format!(
        "{}: {} {}",
        exchange.story, exchange.house, exchange.request.line
    )
}

/// What is wrong with one exchange. A request that was refused need not fit; its refusal must.
fn faults(description: &mut Description, exchange: &Exchange) -> Option<String> {
    let answer = exchange.answer.as_ref()?;
    let Some(operation) = description.operation(&exchange.request).cloned() else {
        let refused = ["404", "405"].contains(&answer.status());
        return (!refused).then(|| format!("answered {} though it is not described", answer.line));
    };
    let Some(described) = operation["responses"].get(answer.status()) else {
        return Some(format!("the answer {} is not described", answer.line));
    };
    let described = description.resolved(described).clone();
    if let Some(fault) = description.content_faults(&described, answer) {
        return Some(format!("{}: {fault}", answer.line));
    }
    if answer.status().starts_with('2')
        && let Some(body) = operation.get("requestBody")
    {
        return description
            .content_faults(body, &exchange.request)
            .map(|fault| format!("the request was taken: {fault}"));
    }
    None
}

#[test]
fn every_exchange_fits_its_description_and_every_described_answer_is_met() {
    let (mut server, mut neighbours) = (Description::read(SERVER), Description::read(NEIGHBOURS));
    let mut met: BTreeSet<(String, String)> = BTreeSet::new();
    let mut wrong = BTreeSet::new();
    let mut count = 0;
    for exchange in played().iter().flat_map(exchanges) {
        count += 1;
        let of_server = exchange.house == "eligibility-server";
        let description = if of_server {
            &mut server
        } else {
            &mut neighbours
        };
        if let Some(fault) = faults(description, &exchange) {
            wrong.insert(format!("{}: {fault}", told(&exchange)));
        }
        if let (true, Some(answer)) = (of_server, &exchange.answer) {
            met.insert((
                exchange.request.path().to_owned(),
                answer.status().to_owned(),
            ));
        }
    }
    assert!(count > 1000, "{count} exchanges");
    assert!(
        wrong.is_empty(),
        "{}",
        wrong.into_iter().collect::<Vec<_>>().join("\n")
    );
    let paths = server.document["paths"].as_object().unwrap();
    let described = paths.iter().flat_map(|(path, item)| {
        let statuses = item["post"]["responses"].as_object().unwrap();
        statuses.keys().map(|status| (path.clone(), status.clone()))
    });
    let unmet: Vec<String> = described
        .filter(|pair| !met.contains(pair))
        .map(|(path, status)| format!("{path} {status}"))
        .collect();
    assert!(
        unmet.is_empty(),
        "described, but met by no story: {}",
        unmet.join(", ")
    );
}
