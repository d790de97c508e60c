//! `report.json`: the page, canonical, and beside it the one block that may differ between two runs.
//! Canonical: members sorted by name, two spaces a level, UTF-8 unescaped, no floats, one line end last.

use judge::{Text, Verdict};
use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::Page;
use crate::page::{
    Bed, Count, LackPart, ProductPart, ProfilePart, RequirementPart, RolePart, RunPart,
    ScenarioPart, StatementPart, UntestedPart, WaiverPart,
};
use crate::standing::Standing;
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
    serde_json::to_string_pretty(&Whole::of(page, run_info))
        .map(|text| text + "\n")
        .map_err(|error| ReportError::print(REPORT_JSON, error))
}

/// The members of the report, sorted by name. Scenarios are turned into values one by one: all of them at once
/// would take several times the memory of the text.
#[derive(Serialize)]
struct Whole<'a> {
    bed_errors: Sorted<'a, [Bed]>,
    counts: Sorted<'a, Count>,
    exceptions_replaced: bool,
    headline: Sorted<'a, Text>,
    lacks: Sorted<'a, [LackPart]>,
    missing: Sorted<'a, Text>,
    products: Sorted<'a, [ProductPart]>,
    profile: Sorted<'a, [ProfilePart]>,
    requirements: Sorted<'a, [RequirementPart]>,
    roles: Sorted<'a, [RolePart]>,
    run: Sorted<'a, RunPart>,
    run_info: Sorted<'a, RunInfo>,
    scenarios: Vec<Sorted<'a, ScenarioPart>>,
    schema: &'a str,
    standing: Standing,
    statements: Sorted<'a, [StatementPart]>,
    untested: Sorted<'a, [UntestedPart]>,
    verdict: Verdict,
    waivers: Sorted<'a, [WaiverPart]>,
}

impl<'a> Whole<'a> {
    fn of(page: &'a Page, run_info: &'a RunInfo) -> Self {
        let Page {
            schema,
            verdict,
            headline,
            missing,
            lacks,
            run,
            counts,
            products,
            roles,
            requirements,
            scenarios,
            untested,
            bed_errors,
            profile,
            waivers,
            statements,
            exceptions_replaced,
        } = page;
        Whole {
            bed_errors: Sorted(bed_errors),
            counts: Sorted(counts),
            exceptions_replaced: *exceptions_replaced,
            headline: Sorted(headline),
            lacks: Sorted(lacks),
            missing: Sorted(missing),
            products: Sorted(products),
            profile: Sorted(profile),
            requirements: Sorted(requirements),
            roles: Sorted(roles),
            run: Sorted(run),
            run_info: Sorted(run_info),
            scenarios: scenarios.iter().map(Sorted).collect(),
            schema,
            standing: page.standing(),
            statements: Sorted(statements),
            untested: Sorted(untested),
            verdict: *verdict,
            waivers: Sorted(waivers),
        }
    }
}

/// Whatever it is, its members sorted by name.
struct Sorted<'a, T: ?Sized>(&'a T);

impl<T: Serialize + ?Sized> Serialize for Sorted<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(self.0).map_err(S::Error::custom)?;
        sort(&mut value);
        value.serialize(serializer)
    }
}

/// A value with its members sorted, two spaces a level.
pub fn pretty(mut value: Value) -> Result<String, serde_json::Error> {
    sort(&mut value);
    serde_json::to_string_pretty(&value)
}

/// Sorts by name at every level, whichever kind of map serde_json was built with.
fn sort(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if !members.keys().is_sorted() {
                let mut all: Vec<_> = std::mem::take(members).into_iter().collect();
                all.sort_by(|(a, _), (b, _)| a.cmp(b));
                members.extend(all);
            }
            members.values_mut().for_each(sort);
        }
        Value::Array(list) => list.iter_mut().for_each(sort),
        _ => {}
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
    fn every_member_stands_sorted_by_its_name() {
        for page in [testing::page(), testing::calm_page()] {
            let mut whole = serde_json::to_value(&page).unwrap();
            whole["standing"] = page.standing().name().into();
            whole["run_info"] = serde_json::to_value(testing::run_info()).unwrap();
            let text = json(&page, &testing::run_info()).unwrap();
            assert_eq!(text, pretty(whole).unwrap() + "\n");
        }
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
        let mut mixed = mixed;
        sort(&mut mixed);
        assert_eq!(mixed.to_string(), r#"{"a":3,"b":[{"c":2,"d":1}]}"#);
    }
}
