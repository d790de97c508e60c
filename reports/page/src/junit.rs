//! `junit.xml` for pipelines: one suite a feature, one case a scenario, and what was not tested as
//! skipped, so that incomplete never looks green. No times and no identifiers of a run: they would
//! make two runs differ.

use std::collections::{BTreeMap, BTreeSet};

use judge::Verdict;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::page::{FindingPart, ScenarioPart, StatementPart, UntestedPart, WaiverPart};
use crate::write::ReportError;
use crate::{Named, Page, labels};

/// The report as JUnit XML.
pub fn junit(page: &Page) -> Result<String, ReportError> {
    let mut report = Report::new("shikaku");
    report.add_test_suites(features(page));
    if let Some(suite) = bed(page) {
        report.add_test_suite(suite);
    }
    if !page.waivers.is_empty() {
        let mut suite = TestSuite::new("waivers");
        suite.add_test_cases(page.waivers.iter().map(waiver));
        report.add_test_suite(suite);
    }
    if !page.statements.is_empty() {
        let mut suite = TestSuite::new("not applicable by statement");
        suite.add_test_cases(page.statements.iter().map(statement));
        report.add_test_suite(suite);
    }
    if !page.untested.is_empty() {
        let mut suite = TestSuite::new("not tested yet");
        suite.add_test_cases(page.untested.iter().map(untested));
        report.add_test_suite(suite);
    }
    report
        .to_string()
        .map_err(|error| ReportError::print("junit.xml", error))
}

/// One suite a feature file, in the order in which the features first appear.
fn features(page: &Page) -> Vec<TestSuite> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut suites: Vec<TestSuite> = Vec::new();
    for scenario in &page.scenarios {
        let feature = feature(scenario);
        let place = *places.entry(feature).or_insert_with(|| {
            let mut suite = TestSuite::new(feature);
            suite.add_properties([
                Property::new("suite", page.run.suite.as_str()),
                Property::new("seed", page.run.seed.as_str()),
                Property::new("edition", page.run.edition.as_str()),
                Property::new("evidence", page.run.evidence.as_str()),
            ]);
            suites.push(suite);
            suites.len() - 1
        });
        suites[place].add_test_case(case(scenario));
    }
    suites
}

fn feature(scenario: &ScenarioPart) -> &str {
    match scenario.place.rsplit_once(':') {
        Some((file, _)) => file,
        None => &scenario.place,
    }
}

fn case(scenario: &ScenarioPart) -> TestCase {
    let mut case = TestCase::new(
        format!("{} {}", scenario.id, scenario.title.ja),
        status(scenario),
    );
    case.set_classname(feature(scenario));
    let mut properties = vec![
        Property::new("title", scenario.title.en.as_str()),
        Property::new("place", scenario.place.as_str()),
        Property::new("replay", scenario.replay.as_str()),
        Property::new("verdict", scenario.verdict.name()),
    ];
    let ids = |named: &[Named]| named.iter().map(|one| one.id.clone()).collect();
    for (name, values) in [
        ("requirement", scenario.requirements.clone()),
        ("role", ids(&scenario.roles)),
        ("at-fault", ids(&scenario.at_fault)),
    ] {
        properties.extend(values.into_iter().map(|value| Property::new(name, value)));
    }
    let waivers: BTreeSet<_> = scenario
        .findings
        .iter()
        .filter_map(|f| f.waiver.as_deref())
        .collect();
    properties.extend(waivers.into_iter().map(|id| Property::new("waiver", id)));
    case.add_properties(properties);
    case
}

fn status(scenario: &ScenarioPart) -> TestCaseStatus {
    match scenario.verdict {
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Fail => broken(scenario, NonSuccessKind::Failure, "fail", Verdict::Fail),
        Verdict::BedError => broken(
            scenario,
            NonSuccessKind::Error,
            "bed-error",
            Verdict::BedError,
        ),
        open => {
            let mut status = TestCaseStatus::skipped();
            let why = scenario
                .findings
                .iter()
                .find(|finding| finding.verdict == open)
                .map(|finding| format!(": {}: {}", finding.requirement, finding.actual.en));
            let word = labels::verdict(open).en;
            status.set_message(format!("{word}{}", why.unwrap_or_default()));
            status.set_type(open.name());
            status.set_description(described(scenario, open));
            status
        }
    }
}

fn broken(
    scenario: &ScenarioPart,
    kind: NonSuccessKind,
    name: &str,
    verdict: Verdict,
) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    let first = scenario.findings.iter().find(|f| f.verdict == verdict);
    let message = match (first, scenario.bed_errors.first()) {
        (_, Some(error)) if verdict == Verdict::BedError => error.clone(),
        (Some(finding), _) => in_short(finding),
        (None, _) => labels::verdict(verdict).en,
    };
    status.set_message(message);
    status.set_type(name);
    status.set_description(described(scenario, verdict));
    status
}

/// Every finding of one verdict in words, the bed's errors, and the line that plays it again.
fn described(scenario: &ScenarioPart, verdict: Verdict) -> String {
    let mut lines: Vec<String> = Vec::new();
    for finding in scenario.findings.iter().filter(|f| f.verdict == verdict) {
        lines.push(format!("{} ({})", finding.requirement, finding.role.en));
        if let Some(id) = &finding.waiver {
            lines.push(format!("  waived by: {id}"));
        }
        if let Some(who) = &finding.at_fault {
            lines.push(format!("  at fault: {}", who.en));
        }
        for (word, text) in [("expected", &finding.expected), ("actual", &finding.actual)] {
            lines.push(format!("  {word}: {} / {}", text.en, text.ja));
        }
        if let Some(advice) = &finding.advice {
            lines.push(format!("  next: {} / {}", advice.en, advice.ja));
        }
    }
    lines.extend(scenario.bed_errors.iter().map(|e| format!("bed: {e}")));
    lines.push(format!("replay: {}", scenario.replay));
    format!("\n{}\n", lines.join("\n"))
}

fn in_short(finding: &FindingPart) -> String {
    let blamed = match &finding.at_fault {
        Some(who) => format!("; at fault: {}", who.en),
        None => String::new(),
    };
    format!(
        "{}: expected {}; actual {}{blamed}",
        finding.requirement, finding.expected.en, finding.actual.en
    )
}

/// Damage that belongs to no scenario.
fn bed(page: &Page) -> Option<TestSuite> {
    let errors: Vec<_> = page
        .bed_errors
        .iter()
        .filter(|bed| !page.scenarios.iter().any(|s| s.id == bed.scenario))
        .collect();
    if errors.is_empty() {
        return None;
    }
    let mut suite = TestSuite::new("test bed");
    for (number, bed) in (1..).zip(errors) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(bed.error.as_str());
        status.set_type("bed-error");
        suite.add_test_case(TestCase::new(format!("evidence {number}"), status));
    }
    Some(suite)
}

/// A waiver as a case of its own: skipped when it was used, an error when it fails the run.
fn waiver(line: &WaiverPart) -> TestCase {
    let told = format!(
        "{}: {}; owner: {}; until {}",
        line.state.name(),
        line.reason,
        line.owner,
        line.expires
    );
    let mut status = if line.state.fails() {
        TestCaseStatus::non_success(NonSuccessKind::Error)
    } else {
        TestCaseStatus::skipped()
    };
    status.set_message(told);
    status.set_type(format!("waiver-{}", line.state.name()));
    let mut case = TestCase::new(format!("{} {}", line.id, line.requirement), status);
    case.set_classname("waivers");
    let mut properties = vec![
        ("requirement", line.requirement.as_str()),
        ("owner", &line.owner),
        ("expires", &line.expires),
        ("state", line.state.name()),
    ];
    properties.extend(line.role.iter().map(|role| ("role", role.id.as_str())));
    properties.extend(line.scenario.iter().map(|id| ("scenario", id.as_str())));
    properties.extend(
        line.covers
            .iter()
            .map(|one| ("covers", one.scenario.as_str())),
    );
    case.add_properties(properties.into_iter().map(|(n, v)| Property::new(n, v)));
    case
}

fn statement(line: &StatementPart) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(format!("not applicable: {}", line.statement));
    status.set_type(Verdict::NotApplicable.name());
    let name = format!("{} {}", line.requirement, line.role.id);
    let mut case = TestCase::new(name, status);
    case.set_classname("not applicable by statement");
    case.add_properties([
        Property::new("requirement", line.requirement.as_str()),
        Property::new("role", line.role.id.as_str()),
    ]);
    case
}

fn untested(row: &UntestedPart) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(format!("not tested: {} / {}", row.reason.en, row.reason.ja));
    status.set_type(Verdict::NotTested.name());
    let mut case = TestCase::new(format!("{} {}", row.id, row.title.ja).trim_end(), status);
    case.set_classname("not tested yet");
    case.add_property(Property::new("requirement", row.id.as_str()));
    case
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_report_reads_as_it_always_did() {
        insta::assert_snapshot!(junit(&testing::page()).unwrap());
    }

    #[test]
    fn failure_error_and_skipped_are_told_apart() {
        let text = junit(&testing::page()).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        let count = |name| root.attribute(name).unwrap();
        assert_eq!(
            ["tests", "failures", "errors", "skipped"].map(count),
            ["7", "1", "2", "3"]
        );
        let of = |id: &str| {
            let case = document
                .descendants()
                .find(|n| n.attribute("name").is_some_and(|name| name.starts_with(id)))
                .unwrap();
            case.children()
                .filter(|n| n.is_element() && n.tag_name().name() != "properties")
                .map(|n| n.tag_name().name().to_owned())
                .collect::<Vec<_>>()
        };
        for (id, tags) in [
            ("pin-right", &[][..]),
            ("expires-soon", &["failure"]),
            ("silent", &["skipped"]),
            ("spoiled", &["error"]),
            ("evidence 1", &["error"]),
            ("LIFE-05", &["skipped"]),
        ] {
            assert_eq!(of(id), tags, "{id}");
        }
        for time in ["time=", "timestamp=", "uuid="] {
            assert!(!text.contains(time), "{time} would differ from run to run");
        }
    }

    #[test]
    fn what_a_product_says_stays_text() {
        let mut page = testing::page();
        page.scenarios[1].title.ja = "<script>]]>\u{1b}[31m&\"".into();
        page.scenarios[1].findings[0].actual.en = "</failure>".into();
        let text = junit(&page).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        assert!(!document.descendants().any(|n| n.has_tag_name("script")));
        assert!(text.contains("&lt;/failure&gt;"));
    }
}
