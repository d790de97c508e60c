//! `certify` and `replay`: exit codes, the report and its schema, what a failure says.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Place, certified, files, fine, list, report, shikaku, text};

const IMPOSTOR: &str = "server-ignores-expiry";

fn errors(dir: &Path) -> Vec<String> {
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(dir.join(name)).unwrap()).unwrap()
    };
    let schema = read("report.schema.json");
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&read("report.json"))
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect()
}

#[test]
fn a_report_is_whole_and_as_its_own_schema_says() {
    let certified = certified();
    assert_eq!(errors(&certified.dir), Vec::<String>::new());
    let report = report(&certified.dir);
    assert_eq!(report["verdict"], "pass");
    assert_eq!(report["standing"], "incomplete", "some checks are missing");
    assert_eq!(list(&report, "bed_errors"), &[] as &[Value]);
    let stories = fine(&["list", "--format", "json"]).json();
    let ids = |value: &Value| -> Vec<String> {
        list(value, "scenarios")
            .iter()
            .map(|s| text(s, "id").to_owned())
            .collect()
    };
    assert_eq!(ids(&report), ids(&stories), "every story was played");
    for scenario in list(&report, "scenarios") {
        assert_eq!(scenario["verdict"], "pass", "{}", scenario["id"]);
        assert!(scenario["records"].as_u64() > Some(3), "{}", scenario["id"]);
    }
    let page = fs::read_to_string(certified.dir.join("report.html")).unwrap();
    let junit = fs::read_to_string(certified.dir.join("junit.xml")).unwrap();
    for id in ids(&stories) {
        assert!(page.contains(&id) && junit.contains(&id), "{id}");
    }
}

#[test]
fn a_failure_names_requirement_culprit_expectation_and_the_way_to_see_it_again() {
    let place = Place::new();
    let told = shikaku(&[
        "certify",
        "--impostor",
        IMPOSTOR,
        "--out",
        &place.arg("report"),
    ]);
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(told.out.contains(&place.arg("report/report.html")));
    assert_eq!(errors(&place.path("report")), Vec::<String>::new());
    let report = report(&place.path("report"));
    // Counts, lines and digest change with the suite; the words of a failure stay.
    let failures = told
        .out
        .split("\n\n")
        .filter(|part| {
            ["FAILED", "INCONCLUSIVE"]
                .iter()
                .any(|word| part.starts_with(word))
        })
        .map(|part| match part.starts_with("FAILED: ") {
            true => part.lines().next().unwrap(),
            false => part,
        });
    let failures = failures.collect::<Vec<_>>().join("\n\n");
    let mut stories = list(&report, "scenarios").iter();
    let story = stories.find(|s| s["verdict"] == "fail").unwrap();
    let failures = failures
        .replace(&text(&report["run"], "suite")[..12], "[suite]")
        .replace(text(story, "place"), "[place]");
    insta::assert_snapshot!("a_failing_certify", failures);

    let line = told.out.lines().find(|l| l.contains("shikaku replay "));
    let line = line.unwrap().trim();
    assert!(line.ends_with(&format!(" --impostor {IMPOSTOR}")), "{line}");
    let mut words = line.split_whitespace().skip_while(|word| *word != "replay");
    let token = words.nth(1).unwrap();
    // Whoever copies the whole line plays the same thing again.
    let again = shikaku(&["replay", line]);
    assert_eq!(again.code, 1, "{}", again.all());
    for words in [
        "LIFE-03",
        "at fault: eligibility server",
        "expected",
        "actual",
        "records   #",
        "← LIFE-03",
        "\n×",
    ] {
        assert!(again.out.contains(words), "{words} in {}", again.out);
    }
    let beside = "Missing for the certificate";
    assert!(!again.out.contains(beside), "no matter of one scenario");
    let without = fine(&["replay", token]);
    assert!(!without.out.contains("FAILED"), "{}", without.out);
    let json = shikaku(&["replay", token, "--impostor", IMPOSTOR, "--format", "json"]).json();
    let failed = |report: &Value| -> Vec<Value> {
        list(report, "scenarios")
            .iter()
            .filter(|s| s["id"] == story["id"])
            .flat_map(|s| list(s, "findings"))
            .filter(|f| f["verdict"] == "fail")
            .cloned()
            .collect()
    };
    assert_eq!(
        failed(&json),
        failed(&report),
        "the same finding, word for word"
    );
    assert!(!failed(&json).is_empty());
}

#[test]
fn a_former_report_is_replaced_and_nothing_is_left_beside_it() {
    let place = Place::new();
    let out = place.arg("report");
    let certify = |seed| {
        let args = [
            "certify", "--role", "insurer", "--seed", seed, "--out", &out,
        ];
        fine(&args);
        let mut found = files(&place.path("report"));
        // Real times, what names the file that holds them, and what is sealed over them.
        for differs in [
            "report.json",
            "statement.intoto.json",
            "certificate.pdf",
            "evidence/times.json",
            "MANIFEST",
            "MANIFEST.p7s",
        ] {
            found.remove(differs).unwrap();
        }
        (found, report(&place.path("report")))
    };
    let first = certify("1");
    let other = certify("2");
    assert!(first != other, "seed 2 took the place of seed 1");
    assert!(certify("1") == first, "and seed 1 that of seed 2, whole");
    let beside: Vec<_> = fs::read_dir(place.path(""))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(beside, ["report"]);
}

#[test]
fn a_role_is_certified_by_what_concerns_it() {
    let place = Place::new();
    fine(&[
        "certify",
        "--role",
        "reader",
        "--set",
        "grace_end=same_day",
        "--out",
        &place.arg("reader"),
    ]);
    let report = report(&place.path("reader"));
    let mut tags: Vec<&str> = Vec::new();
    for scenario in list(&report, "scenarios") {
        assert!(
            list(scenario, "roles").iter().any(|r| r["id"] == "reader"),
            "{}",
            scenario["id"]
        );
        tags.extend(
            list(scenario, "requirements")
                .iter()
                .map(|r| r.as_str().unwrap()),
        );
    }
    let all = list(&fine(&["list", "--format", "json"]).json(), "scenarios").len();
    assert!((2..all).contains(&list(&report, "scenarios").len()));
    let reader = list(&report, "roles")
        .iter()
        .find(|r| r["role"]["id"] == "reader");
    assert_eq!(reader.unwrap()["verdict"], "pass");
    for requirement in list(&report, "requirements") {
        let open = requirement["verdict"] == "not-tested";
        assert!(!open, "{} was never in this part", requirement["id"]);
    }
    for tag in tags {
        let mut ids = list(&report, "requirements").iter().map(|r| text(r, "id"));
        assert!(ids.any(|id| id == tag), "{tag} is left out");
    }
    let profile = list(&report, "profile").iter();
    let grace = profile.clone().find(|p| p["name"] == "grace_end").unwrap();
    assert_eq!(
        (text(grace, "value"), text(grace, "usual")),
        ("same_day", "month_end")
    );
    let replay = text(&list(&report, "scenarios")[0], "replay");
    let token = replay.strip_prefix("shikaku replay ").unwrap();
    let again = fine(&["replay", token, "--format", "json"]).json();
    assert_eq!(again["profile"], report["profile"], "{token}");
}

#[test]
fn other_days_and_other_readings_of_a_rule_are_played_too() {
    let place = Place::new();
    fine(&[
        "certify",
        "--edition",
        "2027-02-28",
        "--out",
        &place.arg("day"),
    ]);
    let report = report(&place.path("day"));
    assert_eq!(report["run"]["edition"], "2027-02-28");
    // Which day ends a grace is what the two readings differ in: the judge must expect the other one.
    for (reading, end) in [("month_end", "2026-09-30"), ("same_day", "2026-09-15")] {
        let set = format!("grace_end={reading}");
        let json = fine(&[
            "run",
            "expired-four-months",
            "--set",
            &set,
            "--format",
            "json",
        ])
        .json();
        let findings = list(&json["scenarios"][0], "findings");
        let life = findings
            .iter()
            .find(|f| f["requirement"] == "LIFE-03")
            .unwrap();
        let expected = text(&life["expected"], "en");
        assert!(expected.contains(end), "{reading}: {expected}");
    }
}
