//! A secret never leaves: tokens stand in its place, and a token in a wrong place says so.

use crate::program::{Place, certified, files, holding, list, report, shikaku, text};

const TOKEN: &str = "⟦PIN#1⟧";
const LEAK: &str = "LEAK";

#[test]
fn what_was_typed_is_a_token_and_nothing_leaks() {
    let certified = certified();
    let bytes = files(&certified.dir.join("evidence/bytes"));
    let visit = String::from_utf8_lossy(&bytes["pin-right.pack"]).into_owned();
    assert!(visit.matches(TOKEN).count() >= 2, "one on each of two hops");
    assert!(!holding(&bytes, "⟦INDIVIDUAL-NUMBER#1⟧").is_empty());
    let all = files(&certified.dir);
    assert_eq!(holding(&all, LEAK), Vec::<&str>::new());
}

#[test]
fn a_leak_is_marked_where_it_happened_and_its_maker_fails() {
    let place = Place::new();
    let out = place.arg("report");
    let told = shikaku(&[
        "certify",
        "--impostor",
        "terminal-writes-pin-into-file",
        "--out",
        &out,
    ]);
    assert_eq!(told.code, 1, "{}", told.all());
    let bytes = files(&place.path("report/evidence/bytes"));
    let leaks = holding(&bytes, "⟦LEAK PIN#1⟧");
    assert!(!leaks.is_empty());
    let report = report(&place.path("report"));
    let failed: Vec<_> = list(&report, "scenarios")
        .iter()
        .flat_map(|s| list(s, "findings"))
        .filter(|f| f["verdict"] == "fail")
        .map(|f| (text(f, "requirement"), text(&f["at_fault"], "id")))
        .collect();
    assert!(!failed.is_empty());
    assert!(
        failed.iter().any(|f| f.0 == "SEC-03") && failed.iter().all(|f| f.1 == "terminal"),
        "{failed:?}"
    );
}
