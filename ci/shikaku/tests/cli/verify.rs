//! `verify`: what was sealed is believed, and each way to cheat is told in one line with its own words.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use crate::program::{Certified, Place, Told, certified, copied, fine, shared, shikaku};
use crate::signers::{Root, digests_anew, test_identity_seals};

/// The role with the fewest scenarios: a small report, a part of the suite.
fn small() -> Certified {
    shared("small", &["--role", "portal"])
}

fn other() -> Certified {
    shared("small-other-seed", &["--role", "portal", "--seed", "2"])
}

fn verify(dir: &Path, more: &[&str]) -> Told {
    let dir = dir.display().to_string();
    let told = shikaku(&[&["verify", &dir], more].concat());
    assert!(!told.all().contains("panicked"), "{}", told.all());
    if told.code != 2 && more.is_empty() {
        assert_eq!(
            told.out.lines().count(),
            1,
            "more than a line: {}",
            told.all()
        );
        assert_eq!(told.err, "");
    }
    told
}

fn edited(path: &Path, edit: impl Fn(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    edit(&mut value);
    fs::write(path, serde_json::to_string_pretty(&value).unwrap() + "\n").unwrap();
}

fn edited_run(dir: &Path, edit: impl Fn(&mut Value)) {
    edited(&dir.join("evidence/run.json"), edit);
    digests_anew(dir);
}

type Cheat = fn(&Path);

/// Each cheat on a copy of its own: exit code 3 and these words.
fn caught(cheats: &[(&str, Cheat, &str)]) {
    let small = small();
    for (name, cheat, words) in cheats {
        let place = Place::new();
        let dir = place.path("bundle");
        copied(&small.dir, &dir);
        cheat(&dir);
        let told = verify(&dir, &[]);
        assert_eq!(told.code, 3, "{name}: {}", told.all());
        assert!(
            told.out.starts_with("forged or damaged: "),
            "{name}: {}",
            told.all()
        );
        assert!(
            told.out.contains(words),
            "{name}: {words} in {}",
            told.all()
        );
    }
}

#[test]
fn a_whole_report_is_sound_and_its_test_identity_loudly_nobody() {
    let certified = certified();
    let told = verify(&certified.dir, &[]);
    assert_eq!(told.code, 0, "{}", told.all());
    for words in [
        "sound: The whole suite",
        "TEST IDENTITY, a signature of NOBODY",
        "試験用",
        "printed anew",
        "Judged again: pass",
    ] {
        assert!(told.out.contains(words), "{words} in {}", told.out);
    }
    let json = verify(&certified.dir, &["--format", "json"]).json();
    assert_eq!(json["result"], "sound");
    assert_eq!(json["exit_code"], 0);
    assert_eq!(json["test_identity"], true);
    assert_eq!(json["scenarios"], json["scenarios_of_suite"]);
}

#[test]
fn a_part_is_never_the_whole_and_a_failed_product_has_failed() {
    let told = verify(&small().dir, &[]);
    assert_eq!(told.code, 4, "{}", told.all());
    assert!(
        told.out.contains("incomplete: A part of the suite, 17 of "),
        "{}",
        told.out
    );
    let bent = shared(
        "small-bent",
        &[
            "--role",
            "insurer",
            "--impostor",
            "insurer-leaves-out-shares",
        ],
    );
    let told = verify(&bent.dir, &[]);
    assert_eq!(told.code, 1, "{}", told.all());
    assert!(
        told.out.starts_with("sound, but the product failed: "),
        "{}",
        told.out
    );
    assert!(told.out.contains("Judged again: fail"), "{}", told.out);
}

#[test]
fn whoever_has_no_key_is_caught_by_manifest_and_signature() {
    caught(&[
        (
            "changed",
            |d| fs::write(d.join("junit.xml"), "<testsuites/>").unwrap(),
            "junit.xml was changed",
        ),
        (
            "removed",
            |d| fs::remove_file(d.join("junit.xml")).unwrap(),
            "junit.xml is missing",
        ),
        (
            "added",
            |d| fs::write(d.join("evidence/more.json"), "{}").unwrap(),
            "evidence/more.json was added",
        ),
        (
            "renamed",
            |d| fs::rename(d.join("report.html"), d.join("report.htm")).unwrap(),
            "report.html was renamed to report.htm",
        ),
        (
            "swapped with another run's",
            |d| {
                fs::copy(other().dir.join("report.json"), d.join("report.json")).unwrap();
            },
            "report.json was changed",
        ),
        (
            "evidence of another run",
            |d| {
                fs::remove_dir_all(d.join("evidence")).unwrap();
                copied(&other().dir.join("evidence"), &d.join("evidence"));
            },
            "more differences",
        ),
        (
            "seal of another run",
            |d| {
                for name in ["MANIFEST", "MANIFEST.p7s"] {
                    fs::copy(other().dir.join(name), d.join(name)).unwrap();
                }
            },
            "more differences",
        ),
        (
            "signature of another run",
            |d| {
                fs::copy(other().dir.join("MANIFEST.p7s"), d.join("MANIFEST.p7s")).unwrap();
            },
            "the signed content was changed",
        ),
        (
            "edited and listed anew, not signed anew",
            |d| {
                edited(&d.join("report.json"), |r| r["verdict"] = "fail".into());
                seal::manifest::write(d).unwrap();
            },
            "MANIFEST.p7s: the signed content was changed",
        ),
        (
            "signature missing",
            |d| fs::remove_file(d.join("MANIFEST.p7s")).unwrap(),
            "MANIFEST.p7s is missing",
        ),
        (
            "signature no signature",
            |d| fs::write(d.join("MANIFEST.p7s"), "signed").unwrap(),
            "MANIFEST.p7s: the signature cannot be read",
        ),
        (
            "signature with another's value",
            |d| {
                let mut bytes = fs::read(d.join("MANIFEST.p7s")).unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                fs::write(d.join("MANIFEST.p7s"), bytes).unwrap();
            },
            "not by the key of its certificate",
        ),
        (
            "manifest missing",
            |d| fs::remove_file(d.join("MANIFEST")).unwrap(),
            "MANIFEST is missing",
        ),
        (
            "a link in place of a member",
            |d| {
                fs::rename(d.join("report.html"), d.join("../elsewhere.html")).unwrap();
                symlink("../elsewhere.html", d.join("report.html")).unwrap();
            },
            "report.html is a link",
        ),
        (
            "a path that climbs",
            |d| {
                let text = fs::read_to_string(d.join("MANIFEST")).unwrap();
                let sum = "0".repeat(64);
                fs::write(
                    d.join("MANIFEST"),
                    text + &format!("{sum}  ../../etc/passwd\n"),
                )
                .unwrap();
            },
            "climbs out of the bundle",
        ),
        (
            "a manifest of a hundred megabytes",
            |d| {
                fs::File::create(d.join("MANIFEST"))
                    .unwrap()
                    .set_len(100_000_000)
                    .unwrap();
            },
            "MANIFEST has 100000000 bytes",
        ),
    ]);
}

#[test]
fn whoever_has_the_key_is_caught_by_evidence_and_suite() {
    caught(&[
        (
            "verdict edited",
            |d| {
                edited(&d.join("report.json"), |r| r["verdict"] = "fail".into());
                test_identity_seals(d);
            },
            "report.json says at /verdict what the evidence does not: it has \"fail\"",
        ),
        (
            "report of another run",
            |d| {
                fs::copy(other().dir.join("report.json"), d.join("report.json")).unwrap();
                test_identity_seals(d);
            },
            "report.json says at /",
        ),
        (
            "evidence of another run",
            |d| {
                fs::remove_dir_all(d.join("evidence")).unwrap();
                copied(&other().dir.join("evidence"), &d.join("evidence"));
                test_identity_seals(d);
            },
            "report.json says at /",
        ),
        (
            "another form",
            |d| {
                let path = d.join("report.json");
                let value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                fs::write(path, value.to_string()).unwrap();
                test_identity_seals(d);
            },
            "report.json is not what is printed",
        ),
        (
            "another page",
            |d| {
                let page = fs::read_to_string(d.join("report.html")).unwrap();
                fs::write(d.join("report.html"), page + "<script>alert(1)</script>").unwrap();
                test_identity_seals(d);
            },
            "report.html is not what is printed",
        ),
        (
            "deep JSON",
            |d| {
                fs::write(d.join("report.json"), "[".repeat(100_000)).unwrap();
                test_identity_seals(d);
            },
            "report.json cannot be read",
        ),
        (
            "a member taken out",
            |d| {
                fs::remove_file(d.join("junit.xml")).unwrap();
                test_identity_seals(d);
            },
            "junit.xml is missing from the bundle",
        ),
        (
            "evidence edited, its digests not",
            |d| {
                edited(&d.join("evidence/run.json"), |r| r["seed"] = 3.into());
                test_identity_seals(d);
            },
            "the evidence is damaged: run.json: expected SHA-256",
        ),
        (
            "a part called whole",
            |d| {
                edited_run(d, |r| {
                    r.as_object_mut().unwrap().remove("part").unwrap();
                });
                test_identity_seals(d);
            },
            "is left out",
        ),
        (
            "a level lowered",
            |d| {
                edited_run(d, |r| r["requirements"][0]["level"] = "SHOULD".into());
                test_identity_seals(d);
            },
            "other requirements than the suite",
        ),
        (
            "a tag taken away",
            |d| {
                edited_run(d, |r| {
                    r["scenarios"][0]["requirements"] = Value::Array(Vec::new())
                });
                test_identity_seals(d);
            },
            "other words or requirements for scenario",
        ),
        (
            "a scenario of nobody's",
            |d| {
                edited_run(d, |r| r["scenarios"][0]["id"] = "invented".into());
                test_identity_seals(d);
            },
            "the suite does not have",
        ),
        (
            "a setting there is not",
            |d| {
                edited_run(d, |r| r["profile"]["colour"] = "red".into());
                test_identity_seals(d);
            },
            "a setting this suite cannot have",
        ),
    ]);
}

#[test]
fn a_scenario_left_out_of_the_whole_is_named() {
    let certified = certified();
    let place = Place::new();
    let dir = place.path("bundle");
    copied(&certified.dir, &dir);
    let path = dir.join("evidence/run.json");
    let run: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let id = run["scenarios"][7]["id"].as_str().unwrap().to_owned();
    edited(&path, |run| {
        run["scenarios"].as_array_mut().unwrap().remove(7);
    });
    // Its own file too, so that nothing in the evidence speaks of it any more.
    let text = fs::read_to_string(dir.join("evidence/DIGESTS")).unwrap();
    for name in text.lines().map(|row| row.split_once("  ").unwrap().1) {
        if Path::new(name).file_stem().is_some_and(|stem| *stem == *id) {
            fs::remove_file(dir.join("evidence").join(name)).unwrap();
        }
    }
    digests_anew(&dir);
    test_identity_seals(&dir);
    let told = verify(&dir, &[]);
    assert_eq!(told.code, 3, "{}", told.all());
    assert!(
        told.out.contains(&format!("the scenario {id} is left out")),
        "{}",
        told.out
    );
}

#[test]
fn another_suite_cannot_be_checked_for_completeness() {
    let place = Place::new();
    let dir = place.path("bundle");
    copied(&small().dir, &dir);
    edited_run(&dir, |run| run["suite"] = "f".repeat(64).into());
    // Judged and printed anew, as another version with that suite would have.
    let reading = evidence::Evidence::read(&dir.join("evidence")).unwrap();
    let judgement = judge::judge(&reading);
    let untested = requirements::untested().unwrap();
    let page = reports::Page::build(&judgement, &reading.evidence, &untested).unwrap();
    let info = reports::RunInfo {
        tool: "shikaku".to_owned(),
        version: "0.0.9".to_owned(),
        ..reports::RunInfo::default()
    };
    reports::write_all(&dir, &page, &reading.evidence, &info).unwrap();
    test_identity_seals(&dir);
    let told = verify(&dir, &[]);
    assert_eq!(told.code, 4, "{}", told.all());
    assert!(
        told.out.contains("Another suite (ffffffffffff)"),
        "{}",
        told.out
    );
    assert!(
        told.out.contains("cannot be checked by this program"),
        "{}",
        told.out
    );
}

/// The small report, sealed and signed with a laboratory's own key.
fn signed_by(leaf: &crate::signers::Leaf, place: &Place) -> std::path::PathBuf {
    fs::write(place.path("key.pem"), &leaf.key).unwrap();
    fs::write(place.path("chain.pem"), &leaf.pem).unwrap();
    let [out, key, chain] = ["signed", "key.pem", "chain.pem"].map(|name| place.arg(name));
    let told = shikaku(&[
        "certify",
        "--role",
        "portal",
        "--out",
        &out,
        "--sign-key",
        &key,
        "--sign-chain",
        &chain,
    ]);
    assert_eq!(told.code, 0, "{}", told.all());
    place.path("signed")
}

#[test]
fn signers_are_told_apart() {
    let place = Place::new();
    let dir = place.path("bundle");
    copied(&small().dir, &dir);
    let (mine, theirs) = (Root::new(), Root::new());
    fs::write(place.path("root.pem"), &mine.pem).unwrap();
    let trust = ["--trust", &place.arg("root.pem")];
    let told = verify(&dir, &trust);
    assert_eq!(
        told.code,
        3,
        "the test identity, where another is trusted: {}",
        told.all()
    );
    assert!(
        told.out
            .contains("leads to no authority that is trusted here"),
        "{}",
        told.out
    );
    let by = |leaf: &crate::signers::Leaf, more: &[&str]| {
        leaf.seals(&dir);
        verify(&dir, more)
    };
    // Both signatures are looked at: who seals the folder anew has not signed the page for the office.
    let half = by(&mine.leaf("Laboratory", [2020, 2090]), &trust);
    assert_eq!(half.code, 3, "{}", half.all());
    assert!(
        half.out
            .contains("certificate.pdf: the certificate of CN=SHIKAKU TEST"),
        "{}",
        half.out
    );
    let good = verify(
        &signed_by(&mine.leaf("Laboratory", [2020, 2090]), &place),
        &trust,
    );
    assert_eq!(good.code, 4, "{}", good.all());
    assert!(good.out.contains("Sealed by CN=Laboratory"), "{}", good.out);
    assert!(!good.out.contains("TEST"), "{}", good.out);
    // Another signer of the same authority seals the folder of the first.
    let two = place.path("signed");
    mine.leaf("Other", [2020, 2090]).seals(&two);
    let told = verify(&two, &trust);
    assert_eq!(told.code, 3, "{}", told.all());
    assert!(
        told.out
            .contains("certificate.pdf is signed by CN=Laboratory, the folder by CN=Other"),
        "{}",
        told.out
    );
    for (leaf, more, words) in [
        (
            mine.leaf("Laboratory", [2020, 2090]),
            &[][..],
            "leads to no authority",
        ),
        (
            theirs.leaf("Laboratory", [2020, 2090]),
            &trust[..],
            "leads to no authority",
        ),
        (
            mine.leaf("Old", [2010, 2015]),
            &trust[..],
            "CN=Old had expired: it ended 2015-01-01",
        ),
        (
            mine.leaf("Early", [2095, 2096]),
            &trust[..],
            "CN=Early is not valid yet",
        ),
    ] {
        let told = by(&leaf, more);
        assert_eq!(told.code, 3, "{words}: {}", told.all());
        assert!(told.out.contains(words), "{words} in {}", told.all());
    }
    // Edited and signed anew by a stranger: the signature is what fails.
    edited(&dir.join("report.json"), |r| r["verdict"] = "fail".into());
    let told = by(&theirs.leaf("Laboratory", [2020, 2090]), &trust);
    assert_eq!(told.code, 3, "{}", told.all());
    assert!(told.out.contains("leads to no authority"), "{}", told.out);
}

#[test]
fn what_is_no_bundle_and_no_root_is_a_usage_error() {
    let place = Place::new();
    fs::create_dir(place.path("empty")).unwrap();
    fs::write(place.path("no.pem"), "nothing").unwrap();
    for name in ["empty", "missing"] {
        let told = verify(&place.path(name), &[]);
        assert_eq!(told.code, 2, "{}", told.all());
        assert!(told.err.contains("is no report folder"), "{}", told.err);
    }
    for name in ["no.pem", "missing.pem"] {
        let told = verify(&small().dir, &["--trust", &place.arg(name)]);
        assert_eq!(told.code, 2, "{}", told.all());
        assert!(told.err.contains(&place.arg(name)), "{}", told.err);
    }
    // An older report, unsealed, is not believed.
    let dir = place.path("older");
    copied(&small().dir, &dir);
    fs::remove_file(dir.join("MANIFEST")).unwrap();
    fs::remove_file(dir.join("MANIFEST.p7s")).unwrap();
    assert_eq!(verify(&dir, &[]).code, 3);
    fine(&["judge", &dir.display().to_string()]);
}
