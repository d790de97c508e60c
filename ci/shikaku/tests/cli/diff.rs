//! `diff`: two reports compared by meaning, and refused when either is not one.

use std::fs;

use serde_json::Value;

use crate::program::{Place, fine, list, report, shikaku, text};

const IMPOSTOR: &str = "insurer-sends-wrong-check-digit";

/// Two small reports in a place: `good` of the reference, `bad` of an impostor.
fn two() -> Place {
    let place = Place::new();
    let certify = ["certify", "--role", "insurer", "--out"];
    fine(&[&certify[..], &[&place.arg("good")]].concat());
    let told = shikaku(&[&certify[..], &[&place.arg("bad"), "--impostor", IMPOSTOR]].concat());
    assert_eq!(told.code, 1, "{}", told.all());
    place
}

#[test]
fn what_newly_fails_comes_first_and_decides_the_exit_code() {
    let place = two();
    let (good, bad) = (place.arg("good"), place.arg("bad"));
    let same = fine(&["diff", &good, &good]);
    assert!(same.out.starts_with("Nothing differs\n"), "{}", same.out);
    let there = shikaku(&["diff", &good, &bad]);
    assert_eq!(there.code, 1, "{}", there.all());
    assert!(there.out.starts_with("Worse: "), "{}", there.out);
    assert!(there.out.contains("Newly failing ("), "{}", there.out);
    assert!(there.out.contains("at fault: insurer"), "{}", there.out);
    let file = place.arg("bad/report.json");
    let back = fine(&["diff", &file, &good, "--format", "json"]).json();
    let kinds: Vec<_> = list(&back, "changes")
        .iter()
        .map(|c| text(c, "kind"))
        .collect();
    assert!(kinds.contains(&"newly-passing"), "{kinds:?}");
    assert_eq!(back["worse"], false);
    // The same program played both, so neither the product nor the suite is what explains it.
    for kind in ["product", "suite", "rule", "seed", "scenario-added"] {
        assert!(!kinds.contains(&kind), "{kind} in {kinds:?}");
    }
    let failed: Vec<_> = list(&report(&place.path("bad")), "requirements")
        .iter()
        .filter(|r| r["verdict"] == "fail")
        .map(|r| text(r, "id").to_owned())
        .collect();
    for id in failed {
        assert!(there.out.contains(&id), "{id} in {}", there.out);
    }
    assert!(!there.out.contains(IMPOSTOR));
    a_page_is_written_and_nothing_else_written_over(&place);
    who_was_tested_is_told_by_digest(&place);
}

fn a_page_is_written_and_nothing_else_written_over(place: &Place) {
    let (good, bad, out) = (place.arg("good"), place.arg("bad"), place.arg("two.html"));
    for _ in 0..2 {
        let told = shikaku(&["diff", &good, &bad, "--out", &out]);
        assert_eq!(told.code, 1, "{}", told.all());
        assert!(told.err.contains("two.html"), "{}", told.err);
        let page = fs::read_to_string(&out).unwrap();
        assert!(page.ends_with("</html>\n") && page.contains("新たな不適合"));
    }
    for (name, left) in [("notes.txt", "years of work"), ("empty", "")] {
        fs::write(place.path(name), left).unwrap();
        let told = shikaku(&["diff", &good, &bad, "--out", &place.arg(name)]);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{}", told.all());
        assert!(told.err.contains("no comparison"), "{}", told.err);
        assert_eq!(fs::read_to_string(place.path(name)).unwrap(), left);
    }
    let told = shikaku(&[
        "diff",
        &good,
        &bad,
        "--out",
        &place.arg("no/such/folder.html"),
    ]);
    assert_eq!(told.code, 2, "{}", told.all());
}

/// The built-in products are the program itself, the impostor among them: nothing tells them apart.
fn who_was_tested_is_told_by_digest(place: &Place) {
    let [good, bad] = ["good", "bad"].map(|name| report(&place.path(name)));
    assert_eq!(good["products"], bad["products"]);
    for product in list(&good, "products") {
        assert_eq!(product["vendor"], "Shikaku (built in)");
        assert_eq!(text(product, "digest").len(), "sha256:".len() + 64);
    }
    let statement = fs::read(place.path("bad/statement.intoto.json")).unwrap();
    let statement: Value = serde_json::from_slice(&statement).unwrap();
    assert_eq!(statement["predicate"]["result"], "FAILED");
    let subjects = list(&statement, "subject");
    assert_eq!(subjects.len(), list(&bad, "products").len());
    for (subject, product) in subjects.iter().zip(list(&bad, "products")) {
        let digest = format!("sha256:{}", text(&subject["digest"], "sha256"));
        assert_eq!(digest, text(product, "digest"));
    }
}

#[test]
fn what_is_no_report_is_refused_with_its_file_and_a_reason() {
    let place = Place::new();
    fs::create_dir(place.path("empty")).unwrap();
    for (name, content) in [
        ("older", r#"{"schema":"shikaku-report/0"}"#),
        ("newer", r#"{"schema":"shikaku-report/9"}"#),
        ("foreign", r#"{"schema":"shikaku-evidence/3"}"#),
        (
            "twice",
            r#"{"schema":"shikaku-report/1","schema":"shikaku-report/1"}"#,
        ),
        ("cut", r#"{"schema":"shikaku-re"#),
    ] {
        fs::write(place.path(name), content).unwrap();
    }
    fs::write(place.path("deep"), "[".repeat(100_000)).unwrap();
    let gigantic = fs::File::create(place.path("gigantic")).unwrap();
    gigantic.set_len(reports::LARGEST_REPORT * 1000).unwrap();
    for (name, words) in [
        ("older", "older schema"),
        ("newer", "newer schema"),
        ("foreign", "no Shikaku report"),
        ("twice", "stands twice"),
        ("cut", "no whole JSON"),
        ("deep", "nested deeper"),
        ("gigantic", "larger than"),
        ("empty", "report.json"),
        ("missing", "Name the folder of a report"),
    ] {
        let told = shikaku(&["diff", &place.arg(name), &place.arg(name)]);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{}", told.all());
        assert!(told.err.contains(words), "{words} in {}", told.err);
        assert!(told.err.contains(&place.arg(name)), "{}", told.err);
        assert!(!told.err.contains("panicked"), "{}", told.err);
    }
}
