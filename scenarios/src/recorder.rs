//! The recorder: merges what a story declared, what the tap kept and what was seen at products
//! into one sequence of records. The one place where the town's trace becomes evidence.

use evidence::{
    Attested, Declared, Fact, Party, Record, ScenarioRecords, Tapped, Tls, What, digest_hex,
};
use serde_json::Value;
use world::tap::{Message, Slot, Tap, TlsSeen};

/// Collects notes while a story is played.
pub struct Recorder {
    tap: Tap,
    notes: Vec<(Slot, What)>,
    bytes: Vec<Vec<u8>>,
}

impl Recorder {
    /// A recorder beside this tap.
    pub fn new(tap: Tap) -> Self {
        Recorder {
            tap,
            notes: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// Lays down a fact.
    pub fn declare(&mut self, fact: Fact) {
        self.notes
            .push((self.tap.slot(), What::Declared(Declared { fact })));
    }

    /// Keeps bytes a fact points at and returns their digest.
    pub fn keep(&mut self, bytes: &[u8]) -> String {
        self.bytes.push(bytes.to_vec());
        digest_hex(bytes)
    }

    /// Notes what was seen at a product; secrets in it are marked as leaks.
    pub fn attest(&mut self, product: Party, shows: &str, seen: &Value) {
        let seen = cleaned(&self.tap, seen);
        let what = What::Attested(Attested {
            product,
            shows: shows.to_owned(),
            seen,
        });
        self.notes.push((self.tap.slot(), what));
    }

    /// Everything, in causal order.
    pub fn finish(self, id: &str) -> ScenarioRecords {
        let mut scenario = ScenarioRecords {
            id: id.to_owned(),
            ..Default::default()
        };
        for bytes in self.bytes {
            scenario.bytes.insert(digest_hex(&bytes), bytes);
        }
        let mut all: Vec<(usize, String, What)> = self
            .notes
            .into_iter()
            .map(|(slot, what)| (slot.index, slot.at, what))
            .collect();
        for message in self.tap.messages() {
            let (slot, at) = (message.slot, message.at.clone());
            all.push((slot, at, What::Tapped(tapped(message, &mut scenario))));
        }
        all.sort_by_key(|(slot, ..)| *slot);
        scenario.records = (1..)
            .zip(all)
            .map(|(seq, (_, at, what))| Record { seq, at, what })
            .collect();
        scenario
    }
}

fn tapped(message: Message, scenario: &mut ScenarioRecords) -> Tapped {
    let mut keep = |bytes: Vec<u8>| {
        let digest = digest_hex(&bytes);
        scenario.bytes.insert(digest.clone(), bytes);
        digest
    };
    let party = |(role, name): (String, String)| Party { role, name };
    Tapped {
        hop: message.hop.to_owned(),
        from: party(message.from),
        to: party(message.to),
        connection: message.connection,
        name: message.name,
        bytes: message.bytes.map(&mut keep),
        tls: message.tls.map(|seen| tls(seen, &mut keep)),
    }
}

fn tls(seen: TlsSeen, keep: &mut impl FnMut(Vec<u8>) -> String) -> Tls {
    let mut chain =
        |certificates: &[Vec<u8>]| certificates.iter().map(|c| keep(c.clone())).collect();
    Tls {
        version: seen.version,
        client_chain: chain(&seen.client_chain),
        server_chain: chain(&seen.server_chain),
        alert: seen.alert,
    }
}

fn cleaned(tap: &Tap, seen: &Value) -> Value {
    match seen {
        Value::String(text) => Value::String(tap.cleaned(text)),
        Value::Array(items) => items.iter().map(|v| cleaned(tap, v)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(k, v)| (tap.cleaned(k), cleaned(tap, v)))
            .collect(),
        plain => plain.clone(),
    }
}
