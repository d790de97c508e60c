//! `report.json`: the page, canonical, and beside it the one block that may differ between two runs.
//! Canonical: members sorted by name, two spaces a level, UTF-8 unescaped, no floats, one line end last.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Page;
use crate::write::ReportError;

/// JSON Schema (draft 2020-12) of `report.json`.
pub const SCHEMA_JSON: &str = include_str!("../schema/report.schema.json");

/// What may differ between two runs of one seed: which program wrote the report, and real times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunInfo {
    /// Program that wrote the report.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// When the run began, RFC 3339, real time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// How long it took, in real milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Who issued the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<Office>,
}

/// What an office must know and no evidence says: who issued the report, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// Number of the document.
    pub number: String,
    /// Day of issue in Japan, `YYYY-MM-DD`.
    pub issued_on: String,
    /// Name of the laboratory, or of whoever else issues.
    pub laboratory: String,
    /// Its address and contact; may be empty.
    pub address: String,
    /// Who answers for the report.
    pub signatory: String,
    /// Post of the signatory; may be empty.
    pub post: String,
    /// For whom the test was made; absent when for oneself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
}

/// Name of the report in its folder.
pub(crate) const REPORT_JSON: &str = "report.json";

/// The report as canonical JSON.
pub fn json(page: &Page, run_info: &RunInfo) -> Result<String, ReportError> {
    let printed = |error: serde_json::Error| ReportError::print(REPORT_JSON, error);
    let mut whole = serde_json::to_value(page).map_err(printed)?;
    if let Value::Object(members) = &mut whole {
        let info = serde_json::to_value(run_info).map_err(printed)?;
        members.insert("run_info".to_owned(), info);
    }
    pretty(whole).map(|text| text + "\n").map_err(printed)
}

/// A value with its members sorted, two spaces a level.
pub fn pretty(value: Value) -> Result<String, serde_json::Error> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn validator() -> jsonschema::Validator {
        let schema: Value = serde_json::from_str(SCHEMA_JSON).unwrap();
        jsonschema::meta::validate(&schema).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    }

    #[test]
    fn a_report_reads_as_it_always_did_and_as_its_schema_says() {
        let text = json(&testing::page(), &testing::run_info()).unwrap();
        insta::assert_snapshot!(text);
        let whole: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<_> = validator()
            .iter_errors(&whole)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    #[test]
    fn the_schema_refuses_what_is_no_report() {
        let text = json(&testing::page(), &testing::run_info()).unwrap();
        let good: Value = serde_json::from_str(&text).unwrap();
        let validator = validator();
        assert!(validator.is_valid(&good));
        for (place, value) in [
            ("/verdict", Value::from("green")),
            ("/schema", Value::from("shikaku-report/2")),
            ("/run/seed", Value::from(1)),
            ("/scenarios/1/records", Value::from("guessed")),
            ("/scenarios/1/findings/0/expected", Value::from("as due")),
            ("/run_info", Value::Null),
            ("/roles/0/judged", Value::from(-1)),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(place).unwrap() = value;
            assert!(!validator.is_valid(&bad), "{place}");
        }
        for place in [
            "",
            "/run",
            "/scenarios/0",
            "/scenarios/1/findings/0",
            "/run_info",
        ] {
            let mut bad = good.clone();
            let members = bad.pointer_mut(place).unwrap().as_object_mut().unwrap();
            members.insert("stranger".into(), Value::from(1));
            assert!(!validator.is_valid(&bad), "a stranger in {place:?}");
        }
    }

    #[test]
    fn only_the_run_info_block_may_differ() {
        let another = RunInfo {
            started: Some("2026-11-21T10:00:00Z".into()),
            ..RunInfo::default()
        };
        let [one, other] = [testing::run_info(), another].map(|info| {
            let text = json(&testing::page(), &info).unwrap();
            let mut whole: Value = serde_json::from_str(&text).unwrap();
            let info = whole.as_object_mut().unwrap().remove("run_info");
            (whole, info)
        });
        assert_eq!(one.0, other.0);
        assert_ne!(one.1, other.1);
    }

    #[test]
    fn members_are_sorted_and_no_number_is_a_float() {
        fn walk(value: &Value) {
            match value {
                Value::Object(members) => {
                    let names: Vec<_> = members.keys().collect();
                    assert!(names.is_sorted(), "{names:?}");
                    members.values().for_each(walk);
                }
                Value::Array(list) => list.iter().for_each(walk),
                Value::Number(number) => assert!(!number.is_f64(), "{number}"),
                _ => {}
            }
        }
        let text = json(&testing::page(), &testing::run_info()).unwrap();
        walk(&serde_json::from_str(&text).unwrap());
        assert!(text.ends_with("}\n") && text.contains("もうすぐ"));
        let mixed: Value = serde_json::from_str(r#"{"b":[{"d":1,"c":2}],"a":3}"#).unwrap();
        assert_eq!(sorted(mixed).to_string(), r#"{"a":3,"b":[{"c":2,"d":1}]}"#);
    }
}
