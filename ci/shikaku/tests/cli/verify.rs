//! `verify`: what was sealed is believed, and each way to cheat is told in one line with its own words.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use crate::program::{Certified, Place, Told, certified, copied, fine, shared, shikaku};
use crate::signers::{Root, bound_anew, digests_anew, test_identity_seals};

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

/// Edits the head and writes it in its own form where it still is one; binds the records to it.
fn edited_run(dir: &Path, edit: impl Fn(&mut Value)) {
    let path = dir.join("evidence/run.json");
    edited(&path, edit);
    if let Ok(run) = serde_json::from_slice::<evidence::Run>(&fs::read(&path).unwrap()) {
        fs::write(&path, serde_json::to_string_pretty(&run).unwrap() + "\n").unwrap();
    }
    bound_anew(dir);
    digests_anew(dir);
}

/// Judges and prints anew what the evidence says now, and seals it: all that a forger with the key can make fit.
fn printed_anew(dir: &Path, version: &str) {
    digests_anew(dir);
    let reading = evidence::Evidence::read(&dir.join("evidence")).unwrap();
    let judgement = judge::judge(&reading);
    let untested = requirements::untested().unwrap();
    let page = reports::Page::build(&judgement, &reading.evidence, &untested).unwrap();
    let own: Value = serde_json::from_slice(&fs::read(dir.join("report.json")).unwrap()).unwrap();
    let mut info: reports::RunInfo = serde_json::from_value(own["run_info"].clone()).unwrap();
    info.version = version.to_owned();
    reports::write_all(dir, &page, &reading.evidence, &info).unwrap();
    test_identity_seals(dir);
}

/// The file of records of the nth scenario, and its lines.
fn records(dir: &Path, nth: usize) -> (std::path::PathBuf, Vec<String>) {
    let run: Value =
        serde_json::from_slice(&fs::read(dir.join("evidence/run.json")).unwrap()).unwrap();
    let id = run["scenarios"][nth]["id"].as_str().unwrap();
    let path = dir.join(format!("evidence/scenarios/{id}.jsonl"));
    let text = fs::read_to_string(&path).unwrap();
    (path, text.lines().map(str::to_owned).collect())
}

/// Takes the first record away that holds these words, and numbers the others anew. Bytes nothing points at any
/// more go too.
fn without(dir: &Path, words: &[&str]) {
    let (path, lines, at) = (0..17)
        .find_map(|nth| {
            let (path, lines) = records(dir, nth);
            let at = lines
                .iter()
                .position(|line| words.iter().all(|word| line.contains(word)))?;
            Some((path, lines, at))
        })
        .unwrap_or_else(|| panic!("no record with {words:?}"));
    let mut kept: Vec<String> = lines[..at].to_vec();
    for line in &lines[at + 1..] {
        let (number, rest) = line
            .strip_prefix("{\"seq\":")
            .unwrap()
            .split_once(',')
            .unwrap();
        let number: u32 = number.parse().unwrap();
        kept.push(format!("{{\"seq\":{},{rest}", number - 1));
    }
    let text = kept.join("\n") + "\n";
    let pack = dir.join(format!(
        "evidence/bytes/{}.pack",
        path.file_stem().unwrap().display()
    ));
    let packed = fs::read(&pack).unwrap();
    fs::write(&pack, pointed_at(&packed, &text)).unwrap();
    fs::write(&path, text).unwrap();
}

/// The entries of a pack some line still names.
fn pointed_at(mut packed: &[u8], text: &str) -> Vec<u8> {
    let mut kept = Vec::new();
    while !packed.is_empty() {
        let end = packed.iter().position(|b| *b == b'\n').unwrap();
        let head = std::str::from_utf8(&packed[..end]).unwrap();
        let (digest, length) = head.split_once(' ').unwrap();
        let next = end + 1 + length.parse::<usize>().unwrap() + 1;
        if text.contains(digest) {
            kept.extend_from_slice(&packed[..next]);
        }
        packed = &packed[next..];
    }
    kept
}

/// The records of one scenario laid under the name of another, first line and all.
fn exchanged(dir: &Path, from: &Path, [own, other]: [usize; 2]) {
    let (path, lines) = records(dir, own);
    let (source, sources) = records(from, other);
    let text = lines[0].clone() + "\n" + &sources[1..].join("\n") + "\n";
    fs::write(&path, text).unwrap();
    let pack = |dir: &Path, path: &Path| {
        dir.join(format!(
            "evidence/bytes/{}.pack",
            path.file_stem().unwrap().display()
        ))
    };
    fs::copy(pack(from, &source), pack(dir, &path)).unwrap();
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

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
            "has other values of the profile",
        ),
        (
            "a setting there is not, in the replay lines too",
            |d| {
                edited_run(d, |r| {
                    r["profile"]["colour"] = "red".into();
                    let replay = r["scenarios"][0]["replay"].as_str().unwrap().to_owned();
                    r["scenarios"][0]["replay"] = (replay + ":colour=red").into();
                });
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
    edited_run(&dir, |run| {
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
    printed_anew(&dir, "0.0.9");
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

#[test]
fn another_version_switches_nothing_off_in_silence() {
    let of = |version: &str, cheat: Cheat| {
        let place = Place::new();
        let dir = place.path("bundle");
        copied(&small().dir, &dir);
        printed_anew(&dir, version);
        cheat(&dir);
        test_identity_seals(&dir);
        verify(&dir, &[])
    };
    let told = of("0.1.99", |_| {});
    assert_eq!(told.code, 4, "{}", told.all());
    let words = "sound, but the printed forms were not checked: ";
    assert!(told.out.starts_with(words), "{}", told.out);
    let words = "they are by version 0.1.99 and this is 0.1.0: use that version";
    assert!(told.out.contains(words), "{}", told.out);
    for (name, version, cheat, words) in [
        (
            "a form missing",
            "0.1.99",
            (|d| fs::remove_file(d.join("junit.xml")).unwrap()) as Cheat,
            "junit.xml is missing from the bundle",
        ),
        (
            "views missing",
            "0.1.99",
            |d| {
                let view = fs::read_dir(d.join("evidence/views"))
                    .unwrap()
                    .next()
                    .unwrap();
                fs::remove_file(view.unwrap().path()).unwrap();
            },
            "is missing from the bundle",
        ),
        (
            "a member twice",
            "0.1.99",
            |d| {
                let path = d.join("report.json");
                let text = fs::read_to_string(&path).unwrap();
                let twice = text.replacen("\"verdict\"", "\"verdict\": \"pass\", \"verdict\"", 1);
                fs::write(path, twice).unwrap();
            },
            "stands twice in one object",
        ),
        ("no version", "", |_| {}, "its version is no plain word"),
        (
            "a version that moves the terminal",
            "0\u{1b}[2J",
            |_| {},
            "its version is no plain word",
        ),
        (
            "far longer than printed anew",
            "0.1.99",
            |d| {
                let path = d.join("report.json");
                let text = fs::read_to_string(&path).unwrap();
                let crowd = format!("{{\"more\":[{}[]],", "[],".repeat(2_000_000));
                fs::write(path, text.replacen('{', &crowd, 1)).unwrap();
            },
            "report.json is not what is printed",
        ),
    ] {
        let told = of(version, cheat);
        assert_eq!(told.code, 3, "{name}: {}", told.all());
        assert!(
            told.out.contains(words),
            "{name}: {words} in {}",
            told.all()
        );
    }
}

#[test]
fn whoever_has_the_key_puts_nothing_beside_the_report() {
    fn with(d: &Path, name: &str) {
        let path = d.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "<html>all is well</html>").unwrap();
        test_identity_seals(d);
    }
    /// As openssl would, whatever our own writer refuses to list.
    fn listed(d: &Path, name: &str) {
        let path = d.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
        let text = fs::read_to_string(d.join("MANIFEST")).unwrap();
        let mut rows: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
        rows.push(format!("{}  {name}", evidence::digest_hex(b"")));
        rows.sort_by(|a, b| a[66..].cmp(&b[66..]));
        let text = format!("shikaku-manifest/1\n{}\n", rows.join("\n"));
        fs::write(d.join("MANIFEST"), &text).unwrap();
        let identity = seal::Identity::test().unwrap();
        let cms = seal::sign(&identity, &seal::sha256(text.as_bytes()), None).unwrap();
        fs::write(d.join("MANIFEST.p7s"), cms).unwrap();
    }
    caught(&[
        (
            "a second page",
            |d| with(d, "report-final.html"),
            "report-final.html is listed and sealed, and is no part",
        ),
        (
            "a folder",
            |d| with(d, "docs/x.pdf"),
            "there is a folder docs",
        ),
        (
            "a program among the views",
            |d| with(d, "evidence/views/zzz.exe"),
            "no part of a report",
        ),
        (
            "a view of no scenario",
            |d| with(d, "evidence/views/zzz.jsonl"),
            "no part of a report",
        ),
        (
            "evidence in a folder of its own",
            |d| with(d, "evidence/scenarios/deep/x.jsonl"),
            "there is a folder deep",
        ),
        (
            "text turned around",
            |d| listed(d, "report\u{202e}lmth.html"),
            "means harm",
        ),
        (
            "two spellings",
            |d| listed(d, "re\u{301}port.html"),
            "means harm",
        ),
        (
            "a blank behind",
            |d| listed(d, "report.html "),
            "some systems drop",
        ),
        (
            "a dot behind",
            |d| listed(d, "report.html."),
            "some systems drop",
        ),
        ("a device", |d| listed(d, "CON.html"), "name of a device"),
        (
            "an empty folder",
            |d| fs::create_dir(d.join("more")).unwrap(),
            "there is a folder more",
        ),
        (
            "times that are none",
            |d| {
                fs::File::create(d.join("evidence/times.json"))
                    .unwrap()
                    .set_len(2 << 20)
                    .unwrap()
            },
            "evidence/times.json has more than",
        ),
        (
            "a view falsified",
            |d| {
                let view = fs::read_dir(d.join("evidence/views"))
                    .unwrap()
                    .next()
                    .unwrap()
                    .unwrap()
                    .path();
                let text = fs::read_to_string(&view).unwrap();
                fs::write(view, text.replacen("\"seq\":", "\"seq\":1", 1)).unwrap();
                test_identity_seals(d);
            },
            ".jsonl is not what is printed from the evidence",
        ),
        (
            "a view removed",
            |d| {
                let view = fs::read_dir(d.join("evidence/views"))
                    .unwrap()
                    .next()
                    .unwrap()
                    .unwrap()
                    .path();
                fs::remove_file(view).unwrap();
                test_identity_seals(d);
            },
            "is missing from the bundle",
        ),
        (
            "the page for the office with more behind it",
            |d| {
                let path = d.join("certificate.pdf");
                let signed = fs::read(&path).unwrap();
                fs::write(&path, [&signed[..], b"% painted\n"].concat()).unwrap();
                test_identity_seals(d);
            },
            "certificate.pdf",
        ),
    ]);
}

#[test]
fn records_exchanged_or_taken_out_are_told_though_everything_is_made_to_fit() {
    caught(&[
        (
            "of a sibling",
            |d| {
                exchanged(d, d, [3, 2]);
                digests_anew(d);
                test_identity_seals(d);
            },
            "expected records of its own, found the very records of",
        ),
        (
            "of a sibling, the sibling's of a third",
            |d| {
                exchanged(d, &other().dir.clone(), [3, 2]);
                printed_anew(d, VERSION);
            },
            "are not those of this scenario",
        ),
        (
            "of another run, as they are",
            |d| {
                let (path, _) = records(d, 3);
                let (from, _) = records(&other().dir, 3);
                fs::copy(from, path).unwrap();
                digests_anew(d);
                test_identity_seals(d);
            },
            "the records of this scenario in the town run.json tells of",
        ),
        (
            "what hands did taken out",
            |d| {
                without(d, &["\"is\":\"hands\"", "\"do\":\"enter-pin\""]);
                printed_anew(d, VERSION);
            },
            "of what was laid down and done they have",
        ),
        (
            "a registration taken out",
            |d| {
                without(d, &["\"is\":\"card\""]);
                printed_anew(d, VERSION);
            },
            "it has card",
        ),
        (
            "the clock taken out",
            |d| {
                without(d, &["\"is\":\"clock\""]);
                printed_anew(d, VERSION);
            },
            "they do not begin with the clock",
        ),
        (
            "a member more in a record",
            |d| {
                let (path, lines) = records(d, 0);
                let text =
                    lines
                        .join("\n")
                        .replacen("\"record\":", "\"green\":true,\"record\":", 1)
                        + "\n";
                fs::write(path, text).unwrap();
                digests_anew(d);
                test_identity_seals(d);
            },
            "a record in the form it is written in",
        ),
    ]);
}

#[test]
fn a_head_that_tells_of_another_run_is_told() {
    fn head(d: &Path, edit: impl Fn(&mut Value)) {
        edited_run(d, edit);
        test_identity_seals(d);
    }
    fn replays(r: &mut Value, from: &str, to: &str) {
        for line in r["scenarios"].as_array_mut().unwrap() {
            line["replay"] = line["replay"]
                .as_str()
                .unwrap()
                .replacen(from, to, 1)
                .into();
        }
    }
    caught(&[
        (
            "seed",
            |d| head(d, |r| r["seed"] = 3.into()),
            "its replay lines say",
        ),
        (
            "edition",
            |d| head(d, |r| r["edition"] = "2027-10-15".into()),
            "its replay lines say",
        ),
        (
            "edition in the replay lines too",
            |d| {
                edited_run(d, |r| {
                    r["edition"] = "2027-10-15".into();
                    replays(r, ":2026-10-15:", ":2027-10-15:");
                });
                printed_anew(d, VERSION);
            },
            "they begin at 2026-10-15T09:00:00.000+09:00, it begins at 2027-10-15",
        ),
        (
            "edition odd",
            |d| head(d, |r| r["edition"] = "20261015".into()),
            "its replay lines say",
        ),
        (
            "one replay line",
            |d| {
                head(d, |r| {
                    let other = r["scenarios"][2]["replay"].clone();
                    r["scenarios"][1]["replay"] = other;
                });
            },
            "plays something else",
        ),
        (
            "a replay line for a shell",
            |d| head(d, |r| r["scenarios"][1]["replay"] = "r1:x; rm -rf ~".into()),
            "copied into a shell",
        ),
        (
            "no product",
            |d| head(d, |r| drop(r["products"].as_array_mut().unwrap().pop())),
            "names products for the roles",
        ),
        (
            "a product of no role",
            |d| head(d, |r| r["products"][0]["role"] = "judge".into()),
            "names products for the roles",
        ),
        (
            "a product twice",
            |d| {
                head(d, |r| {
                    let again = r["products"][0].clone();
                    r["products"].as_array_mut().unwrap().push(again);
                });
            },
            "names products for the roles",
        ),
        (
            "a value of the profile left out",
            |d| {
                head(d, |r| {
                    drop(r["profile"].as_object_mut().unwrap().remove("grace_end"))
                })
            },
            "other values of the profile",
        ),
        (
            "a value of the profile changed",
            |d| head(d, |r| r["profile"]["grace_end"] = "same_day".into()),
            "other values of the profile",
        ),
        (
            "a member twice",
            |d| {
                let path = d.join("evidence/run.json");
                let text = fs::read_to_string(&path).unwrap();
                let twice = text.replacen(
                    "\"grace_end\"",
                    "\"grace_end\": \"same_day\",\n    \"grace_end\"",
                    1,
                );
                fs::write(path, twice).unwrap();
                digests_anew(d);
                test_identity_seals(d);
            },
            "the form it is written in",
        ),
        (
            "a waiver without an owner",
            |d| {
                head(
                    d,
                    |r| r["waivers"] = serde_json::json!([{"id": "W", "requirement": "REG-01", "reason": "r", "owner": "", "expires": "2099-01-01"}]),
                )
            },
            "waivers with id, requirement, reason and owner",
        ),
        (
            "a waiver of nothing",
            |d| {
                head(
                    d,
                    |r| r["waivers"] = serde_json::json!([{"id": "W", "requirement": "XX-01", "reason": "r", "owner": "o", "expires": "2099-01-01"}]),
                )
            },
            "has a waiver W of what this suite does not have",
        ),
    ]);
}

#[test]
fn a_waiver_is_named_and_one_that_is_over_is_no_success() {
    let place = Place::new();
    let waivers = |expires: &str| {
        let text = format!(
            "W-1:\n  requirement: REG-01\n  reason: known\n  owner: somebody\n  expires: {expires}\n"
        );
        fs::write(place.path("waivers.yaml"), text).unwrap();
        let out = place.arg("waived");
        let told = shikaku(&[
            "certify",
            "--role",
            "portal",
            "--out",
            &out,
            "--waivers",
            &place.arg("waivers.yaml"),
        ]);
        assert_eq!(told.code, 2, "{}", told.all());
        verify(&place.path("waived"), &[])
    };
    for expires in ["2099-12-31", "2020-01-01"] {
        let told = waivers(expires);
        assert_eq!(told.code, 2, "{}", told.all());
        assert!(
            told.out
                .starts_with("sound, but a waiver in it is unused or over: "),
            "{}",
            told.out
        );
        assert!(
            told.out
                .contains("With waivers: W-1 of REG-01 by somebody until"),
            "{}",
            told.out
        );
    }
}

#[test]
fn only_plain_files_of_a_files_size_are_trusted() {
    let place = Place::new();
    let pipe = place.arg("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    fs::write(place.path("large.pem"), vec![b' '; 2 << 20]).unwrap();
    for (name, words) in [
        ("/dev/zero", "no plain file"),
        (pipe.as_str(), "no plain file"),
        (&place.arg("large.pem"), "more than 1048576 bytes"),
    ] {
        let told = verify(&small().dir, &["--trust", name]);
        assert_eq!(told.code, 2, "{name}: {}", told.all());
        assert!(told.err.contains(words), "{name}: {}", told.err);
        let told = shikaku(&[
            "certify",
            "--sign-key",
            name,
            "--sign-chain",
            name,
            "--out",
            &place.arg("no"),
        ]);
        assert_eq!(told.code, 2, "{name}: {}", told.all());
    }
    let told = shikaku(&["diff", &pipe, &small().dir.display().to_string()]);
    assert_eq!(told.code, 2, "{}", told.all());
    let told = verify(&place.path("no\u{1b}[2J\u{202e}"), &[]);
    assert_eq!(told.code, 2);
    assert!(!told.err.contains(['\u{1b}', '\u{202e}']), "{:?}", told.err);
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
    // Another signer of the same authority seals the folder of the first, first under the same name.
    let two = place.path("signed");
    mine.leaf("Laboratory", [2020, 2090]).seals(&two);
    let told = verify(&two, &trust);
    assert_eq!(told.code, 3, "{}", told.all());
    assert!(
        told.out
            .contains("the folder by another certificate of the same name"),
        "{}",
        told.out
    );
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
