//! `run.json`: everything a judge needs beside the records, copied in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest_hex;

/// Version of the evidence format. A reader refuses any other.
pub const SCHEMA: &str = "shikaku-evidence/3";

/// The head of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Digest of the suite: features, people, phrases, catalogue, profile.
    pub suite: String,
    /// Seed handed to the town.
    pub seed: u64,
    /// Edition date `YYYY-MM-DD`: the rules as valid on that day, and the town's first day.
    pub edition: String,
    /// Profile values by name.
    pub profile: BTreeMap<String, String>,
    /// Whether only a part of the suite was played. A part need not reach every role of what it touches.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub part: bool,
    /// Deviations accepted by name when the run was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
    /// What a vendor's own statement says its product does not do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Statement>,
    /// Products that were played, one a role.
    pub products: Vec<ProductLine>,
    /// Requirements used, copied from the catalogue.
    pub requirements: Vec<RequirementLine>,
    /// Scenarios of the run, in the suite's order.
    pub scenarios: Vec<ScenarioLine>,
}

impl Run {
    /// The first line of a scenario's file: whose records follow, and in which town they were made. Records laid
    /// under another scenario's name or carried over from another run do not fit it.
    pub fn first_line(&self, scenario: &str) -> String {
        let town = (
            &self.suite,
            self.seed,
            &self.edition,
            &self.profile,
            &self.products,
        );
        // Plain data with string keys always serialises.
        let town = digest_hex(&serde_json::to_vec(&town).unwrap_or_default());
        serde_json::json!({"scenario": scenario, "town": town}).to_string()
    }
}

/// A deviation accepted by name: failing findings it covers are waived, not passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Its name, used once in a run.
    pub id: String,
    /// The requirement whose violation it accepts.
    pub requirement: String,
    /// The one role it accepts it of; any role when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The one scenario it accepts it in; any scenario when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Why it is accepted, in the owner's words.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day it holds, `YYYY-MM-DD`, compared with the run's edition date.
    pub expires: String,
}

/// A line of a vendor's implementation conformance statement: this the product does not do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The requirement, one the catalogue lets a product leave out (`SHOULD`).
    pub requirement: String,
    /// The role of the product.
    pub role: String,
    /// The vendor's words.
    pub statement: String,
}

/// A product under test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductLine {
    /// Role name of the catalogue.
    pub role: String,
    /// Product name.
    pub name: String,
    /// Product version.
    pub version: String,
    /// Whoever makes it; empty when nobody said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub vendor: String,
    /// Digest of the build that was played, `sha256:` and 64 hex digits; empty when nobody said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
}

impl ProductLine {
    /// Whether the digest is written as the format says: `sha256:` and 64 lower-case hex digits, or nothing.
    pub fn digest_reads(&self) -> bool {
        let hex = |digits: &str| {
            digits.len() == 64
                && digits
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        self.digest.is_empty() || self.digest.strip_prefix("sha256:").is_some_and(hex)
    }
}

/// A requirement as it read when the run was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequirementLine {
    /// Identifier, e.g. `LIFE-02`.
    pub id: String,
    /// `MUST` or `SHOULD`.
    pub level: String,
    /// Roles it binds.
    pub roles: Vec<String>,
    /// Short Japanese title.
    pub ja: String,
    /// English wording.
    pub en: String,
    /// Public source.
    pub source: String,
}

/// A scenario of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioLine {
    /// Stable id (the `@id-…` tag), also the record file's name.
    pub id: String,
    /// Japanese title.
    pub ja: String,
    /// English title.
    pub en: String,
    /// Where it is written, `feature file:line`.
    pub place: String,
    /// Requirements it is tagged with.
    pub requirements: Vec<String>,
    /// Roles it exercises.
    pub roles: Vec<String>,
    /// Its steps, Japanese and English, as played.
    pub steps: Vec<[String; 2]>,
    /// The token that plays it again.
    pub replay: String,
}
