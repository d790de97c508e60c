//! Records of one scenario in causal order: declared, tapped, attested.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Fact;

/// The records of one scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScenarioRecords {
    /// Scenario id.
    pub id: String,
    /// Records in causal order.
    pub records: Vec<Record>,
    /// Bytes the records point at, by digest.
    pub bytes: BTreeMap<String, Vec<u8>>,
}

/// One line of a scenario's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Position in the scenario, from 1, without gaps.
    pub seq: u32,
    /// Virtual time, RFC 3339 with milliseconds and `+09:00`.
    pub at: String,
    /// What kind of record, with its content.
    #[serde(flatten)]
    pub what: What,
}

/// The three kinds of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum What {
    /// Laid down by the scenario.
    Declared(Declared),
    /// Crossed a hop.
    Tapped(Tapped),
    /// Seen at a product, where no wire carries it.
    Attested(Attested),
}

/// A declared fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The fact.
    pub fact: Fact,
}

/// A message that crossed a hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tapped {
    /// Hop: `card`, `reader`, `eligibility`, `ocsp`, `crl`, `registration`, `feed`, `portal` (person's device to
    /// portal), `clinic-registration` (eligibility server to portal), `agency` (portal to J-LIS), `insured`
    /// (portal to intermediate server), `face-folder`, `req-folder`, `res-folder`.
    pub hop: String,
    /// Who sent it.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// Connection number on this hop (from 1); records of one connection belong together.
    pub connection: u32,
    /// Name it travelled under, for files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Digest of the bytes (secrets replaced by tokens) kept with the scenario; absent when a
    /// connection failed before any byte crossed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    /// What TLS said, on TLS hops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
}

/// A role, or a role at a place: `reader`, `eligibility-server`, `card`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Role name of the catalogue, or `jlis`, `intermediate`.
    pub role: String,
    /// Which one: a facility's or an insurer's name, a card's name; empty where there is one only.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// What the TLS layer of a hop showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// `TLSv1.3`, `TLSv1.2`; absent when the handshake did not end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Digests of the certificates the connecting side presented, leaf first.
    pub client_chain: Vec<String>,
    /// Digests of the certificates the answering side presented, leaf first.
    pub server_chain: Vec<String>,
    /// Alert or transport error that ended the connection, in the protocol's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
}

/// Something seen at a product through the hands protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attested {
    /// At whose product.
    pub product: Party,
    /// `screen` (reader, or a person's device at home) or `chart` (receipt computer).
    pub shows: String,
    /// What it showed. A screen: `{"id","lines":[…],"tries_left"?}`. A chart:
    /// `{"person","patient_number"?,"name","kana","address"?,"reference_number"?,"insurances":[…],"messages":[…],
    /// "undecided":[{"file","name","kana","birth","reason"}],"drugs":[{"name","on"}]}`, an insurance
    /// `{"state","insurer_number","symbol","number","branch","source","asked_on","carries":{element: value}}`
    /// where state is `current`, `reference` or `ended` and `carries` holds the returned share and limit
    /// elements as they came.
    pub seen: serde_json::Value,
}

impl Party {
    /// A party known by its role alone.
    pub fn role(role: &str) -> Self {
        Party {
            role: role.to_owned(),
            name: String::new(),
        }
    }

    /// A party of a role at a place.
    pub fn at(role: &str, name: &str) -> Self {
        Party {
            role: role.to_owned(),
            name: name.to_owned(),
        }
    }
}
