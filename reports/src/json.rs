//! `report.json`: the page, canonical, and beside it the one block that may differ between two runs.
//! Canonical: members sorted by name, two spaces a level, UTF-8 unescaped, no floats, one line end last.

use serde::Serialize;
use serde_json::Value;

use crate::Page;
use crate::write::ReportError;

/// JSON Schema (draft 2020-12) of `report.json`.
pub const SCHEMA_JSON: &str = include_str!("../schema/report.schema.json");

/// What may differ between two runs of one seed: which program wrote the report, and real times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunInfo {
    /// Program that wrote the report.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// When the run began, RFC 3339, real time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// How long it took, in real milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
}

/// The report as canonical JSON.
pub fn json(page: &Page, run_info: &RunInfo) -> Result<String, ReportError> {
    let printed = |error: serde_json::Error| ReportError::print("report.json", error);
    let mut whole = serde_json::to_value(page).map_err(printed)?;
    if let Value::Object(members) = &mut whole {
        let info = serde_json::to_value(run_info).map_err(printed)?;
        members.insert("run_info".to_owned(), info);
    }
    pretty(whole)
        .map(|text| text + "\n")
        .map_err(printed)
}

/// A value with its members sorted, two spaces a level.
pub(crate) fn pretty(value: Value) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&sorted(value))
}

/// Sorts by name at every level, whichever kind of map serde_json was built with.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            members
                .into_iter()
                .map(|(name, member)| (name, sorted(member)))
                .collect()
        }
        Value::Array(list) => list.into_iter().map(sorted).collect(),
        other => other,
    }
}
