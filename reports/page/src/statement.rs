//! `statement.intoto.json`: an in-toto Statement with the test-result predicate, so that a supply chain's
//! policy can ask of a product's build, by its digest, whether it passed. The statement is not signed by
//! itself: it is a member of the bundle, and the bundle's signature covers it.

use judge::Verdict;
use serde_json::{Value, json};

use crate::Page;
use crate::json::REPORT_JSON;
use crate::page::ProductPart;
use crate::standing::Standing;
use crate::write::ReportError;

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://in-toto.io/attestation/test-result/v0.1";
/// How a digest is written in evidence; in-toto names the kind apart from the digits.
const KIND: &str = "sha256:";

/// The statement about every product whose build is known by its digest. `report_json` is the report as
/// printed, which the statement names by its digest. Nothing when no product tells a digest: a statement
/// must be about something.
pub fn statement(page: &Page, report_json: &str) -> Result<Option<String>, ReportError> {
    let subject: Vec<Value> = page.products.iter().filter_map(subject).collect();
    if subject.is_empty() {
        return Ok(None);
    }
    let mut configuration = vec![
        descriptor("suite", &page.run.suite),
        descriptor(REPORT_JSON, &evidence::digest_hex(report_json.as_bytes())),
    ];
    if !page.run.evidence.is_empty() {
        configuration.push(descriptor("evidence", &page.run.evidence));
    }
    let of = |wanted: Outcome| -> Vec<&str> {
        let scenarios = page.scenarios.iter();
        scenarios
            .filter(|scenario| outcome(scenario.verdict) == wanted)
            .map(|scenario| scenario.id.as_str())
            .collect()
    };
    let whole = json!({
        "_type": STATEMENT,
        "subject": subject,
        "predicateType": PREDICATE,
        "predicate": {
            "result": of_run(page.standing()).name(),
            "configuration": configuration,
            "passedTests": of(Outcome::Passed),
            "warnedTests": of(Outcome::Warned),
            "failedTests": of(Outcome::Failed),
        },
    });
    let printed = |error| ReportError::print("statement.intoto.json", error);
    crate::json::pretty(whole)
        .map(|text| Some(text + "\n"))
        .map_err(printed)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Warned,
    Failed,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Outcome::Passed => "PASSED",
            Outcome::Warned => "WARNED",
            Outcome::Failed => "FAILED",
        }
    }
}

/// The same for the whole run: what was left without a check is a warning, never a plain pass.
fn of_run(standing: Standing) -> Outcome {
    match standing {
        Standing::Conforming => Outcome::Passed,
        Standing::Waived | Standing::Incomplete => Outcome::Warned,
        Standing::Failing | Standing::Spoiled => Outcome::Failed,
    }
}

/// Three words for seven verdicts. What nobody can vouch for must not pass a policy, so a fault of the bed
/// counts as failed here; what is accepted by name, not the product's, or undecided is a warning.
fn outcome(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Pass => Outcome::Passed,
        Verdict::NotApplicable | Verdict::Waived | Verdict::NotTested | Verdict::Inconclusive => {
            Outcome::Warned
        }
        Verdict::Fail | Verdict::BedError => Outcome::Failed,
    }
}

fn subject(product: &ProductPart) -> Option<Value> {
    let digest = product.digest.strip_prefix(KIND)?;
    let named = format!("{} {} ({})", product.name, product.version, product.role.id);
    Some(descriptor(&named, digest))
}

fn descriptor(name: &str, sha256: &str) -> Value {
    json!({"name": name, "digest": {"sha256": sha256}})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn printed(page: &Page) -> Option<Value> {
        let text = statement(page, "the report").unwrap()?;
        Some(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_statement_reads_as_it_always_did() {
        insta::assert_snapshot!(statement(&testing::page(), "the report").unwrap().unwrap());
    }

    #[test]
    fn a_run_that_left_a_must_without_a_check_does_not_simply_pass() {
        let whole = printed(&testing::passing_but_unchecked()).unwrap();
        assert_eq!(whole["predicate"]["result"], "WARNED");
    }

    #[test]
    fn every_scenario_stands_in_one_list_and_only_a_pass_passes() {
        let whole = printed(&testing::page()).unwrap();
        let told = &whole["predicate"];
        assert_eq!(told["passedTests"], json!(["pin-right"]));
        assert_eq!(told["warnedTests"], json!(["silent"]));
        assert_eq!(told["failedTests"], json!(["expires-soon", "spoiled"]));
        for (verdict, word) in [
            (Verdict::Pass, "PASSED"),
            (Verdict::NotApplicable, "WARNED"),
            (Verdict::Waived, "WARNED"),
            (Verdict::NotTested, "WARNED"),
            (Verdict::Inconclusive, "WARNED"),
            (Verdict::Fail, "FAILED"),
            (Verdict::BedError, "FAILED"),
        ] {
            let page = Page {
                verdict,
                ..testing::calm_page()
            };
            assert_eq!(printed(&page).unwrap()["predicate"]["result"], word);
        }
    }

    #[test]
    fn it_is_about_products_that_tell_their_digest_and_there_is_none_without() {
        let mut page = testing::page();
        let whole = printed(&page).unwrap();
        let subjects = whole["subject"].as_array().unwrap();
        assert_eq!(subjects.len(), 1, "one of two products tells its digest");
        assert_eq!(subjects[0]["digest"]["sha256"], "7".repeat(64));
        page.products[0].digest.clear();
        assert_eq!(printed(&page), None);
    }
}
