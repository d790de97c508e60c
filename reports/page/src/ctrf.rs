//! `ctrf.json` for pipelines that read the Common Test Report Format: one test a scenario, and damage of the
//! evidence as tests of its own. CTRF demands times; ours are virtual and would differ from the machine's,
//! so every one of them is 0, and `extra.times` says so.

use judge::Verdict;
use serde_json::{Value, json};

use crate::page::{Bed, ScenarioPart};
use crate::write::ReportError;
use crate::{Named, Page, outcome};

/// Version of the format this follows; the published schema lies in `tests/ctrf`.
const SPEC_VERSION: &str = "0.0.0";
const TIMES: &str = "every start, stop and duration is 0: the same run gives the same bytes, so no real time is told";

/// The report as CTRF.
pub fn ctrf(page: &Page) -> Result<String, ReportError> {
    let damage = page.bed_errors_of_the_run();
    let tests: Vec<Value> = page
        .scenarios
        .iter()
        .map(test)
        .chain((1..).zip(damage).map(|(number, bed)| damaged(number, bed)))
        .collect();
    let whole = json!({
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "generatedBy": "shikaku",
        "results": {
            "tool": {"name": "shikaku"},
            "summary": summary(&tests),
            "tests": tests,
            "environment": environment(page),
        },
        "extra": {
            "times": TIMES,
            "standing": page.standing().name(),
            "verdict": page.verdict.name(),
            "headline": page.headline,
            "missing": page.missing,
            "run": page.run,
            "products": page.products,
            "waivers": page.waivers,
            "statements": page.statements,
            "notTested": page.untested.iter().map(|row| json!({"requirement": row.id, "reason": row.reason})).collect::<Vec<_>>(),
        },
    });
    let printed = |error| ReportError::print("ctrf.json", error);
    crate::json::pretty(whole)
        .map(|text| text + "\n")
        .map_err(printed)
}

/// CTRF's word for a verdict. A fault of the bed says nothing about the product, so it is no failure;
/// what was accepted by name or not decided is skipped, and never looks passed.
fn status(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "passed",
        Verdict::Fail => "failed",
        Verdict::BedError => "other",
        Verdict::NotApplicable | Verdict::Waived | Verdict::NotTested | Verdict::Inconclusive => {
            "skipped"
        }
    }
}

fn test(scenario: &ScenarioPart) -> Value {
    let (file, line) = outcome::place(scenario);
    let ids = |named: &[Named]| named.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    let mut test = json!({
        "testId": scenario.id,
        "name": format!("{} {}", scenario.id, scenario.title.ja),
        "status": status(scenario.verdict),
        "rawStatus": scenario.verdict.name(),
        "duration": 0,
        "suite": [file],
        "filePath": file,
        "tags": scenario.requirements,
        "extra": {
            "title": scenario.title,
            "requirements": scenario.requirements,
            "roles": ids(&scenario.roles),
            "atFault": ids(&scenario.at_fault),
            "replay": scenario.replay,
        },
    });
    if let Some(line) = line {
        test["line"] = line.into();
    }
    if let Some(short) = outcome::in_short(scenario) {
        test["message"] = format!("{short}; replay: {}", scenario.replay).into();
        test["trace"] = outcome::at_length(scenario).into();
    }
    test
}

fn damaged(number: usize, bed: &Bed) -> Value {
    json!({
        "testId": format!("evidence-{number}"),
        "name": format!("evidence {number}"),
        "status": status(Verdict::BedError),
        "rawStatus": Verdict::BedError.name(),
        "duration": 0,
        "suite": ["test bed"],
        "message": bed.error,
    })
}

fn summary(tests: &[Value]) -> Value {
    let count = |wanted: &str| tests.iter().filter(|test| test["status"] == wanted).count();
    let mut suites: Vec<&str> = tests
        .iter()
        .filter_map(|t| t["suite"][0].as_str())
        .collect();
    suites.sort_unstable();
    suites.dedup();
    json!({
        "tests": tests.len(),
        "passed": count("passed"),
        "failed": count("failed"),
        "skipped": count("skipped"),
        "pending": 0,
        "other": count("other"),
        "suites": suites.len(),
        "start": 0,
        "stop": 0,
        "duration": 0,
    })
}

/// One application is named when one product was tested; a whole town has several.
fn environment(page: &Page) -> Value {
    let mut environment = json!({
        "testEnvironment": format!("edition {}, seed {}", page.run.edition, page.run.seed),
        "healthy": page.bed_errors.is_empty(),
    });
    if let [product] = page.products.as_slice() {
        environment["appName"] = product.name.as_str().into();
        environment["appVersion"] = product.version.as_str().into();
    }
    environment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    /// The schema of the format's own package (npm ctrf 0.3.0, MIT; the licence lies beside it).
    const SCHEMA: &str = include_str!("../tests/ctrf/ctrf-schema-0.0.json");

    fn printed(page: &Page) -> Value {
        serde_json::from_str(&ctrf(page).unwrap()).unwrap()
    }

    fn validator() -> jsonschema::Validator {
        jsonschema::draft7::new(&serde_json::from_str(SCHEMA).unwrap()).unwrap()
    }

    #[test]
    fn a_report_reads_as_it_always_did() {
        insta::assert_snapshot!(ctrf(&testing::page()).unwrap());
    }

    #[test]
    fn it_is_what_the_published_schema_says() {
        let validator = validator();
        for page in [testing::page(), testing::calm_page()] {
            let whole = printed(&page);
            let errors: Vec<_> = validator
                .iter_errors(&whole)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
        let mut bad = printed(&testing::page());
        bad["results"]["tests"][0]["status"] = "green".into();
        assert!(!validator.is_valid(&bad));
    }

    #[test]
    fn failed_skipped_and_the_beds_own_fault_are_told_apart() {
        let whole = printed(&testing::page());
        let told: Vec<_> = whole["results"]["tests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| ["testId", "status", "rawStatus"].map(|name| t[name].as_str().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ["pin-right", "passed", "pass"],
                ["expires-soon", "failed", "fail"],
                ["silent", "skipped", "inconclusive"],
                ["spoiled", "other", "bed-error"],
                ["evidence-1", "other", "bed-error"],
            ]
        );
        let summary = &whole["results"]["summary"];
        assert_eq!(
            (&summary["tests"], &summary["other"]),
            (&json!(5), &json!(2))
        );
        assert_eq!(whole["results"]["environment"]["healthy"], false);
        let calm = printed(&testing::calm_page());
        assert_eq!(calm["results"]["environment"]["healthy"], true);
    }

    #[test]
    fn a_failure_says_what_was_due_what_happened_who_is_at_fault_and_how_to_see_it_again() {
        let whole = printed(&testing::page());
        let failed = &whole["results"]["tests"][1];
        let message = failed["message"].as_str().unwrap();
        for words in [
            "expected screen DONE_NOTICE",
            "actual screen DONE",
            "at fault: card reader",
            "replay: shikaku replay 1-expires-soon-",
        ] {
            assert!(message.contains(words), "{words} in {message}");
        }
        assert_eq!(failed["tags"], json!(["LIFE-01"]));
    }
}
