//! The binary against small evidence folders written here: exit codes, what it prints, and what it says
//! of folders that are damaged, missing or no evidence at all.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use evidence::{
    Act, Attested, Declared, Fact, Party, ProductLine, Record, RequirementLine, Run, SCHEMA,
    ScenarioLine, ScenarioRecords, Tapped, What, Writer, digest_hex,
};
use serde_json::Value;

const CLINIC: &str = "さくら診療所";
const SCENARIO: &str = "last-try";

/// What the reader does when one try is left.
#[derive(Clone, Copy, PartialEq)]
enum Reader {
    Warns,
    SpendsSilently,
    NeverAsks,
}

/// A stay of a card with one try left, at a reader under test.
fn write(dir: &Path, reader: Reader) {
    let mut whole = ScenarioRecords {
        id: SCENARIO.into(),
        ..Default::default()
    };
    let fact = |fact| What::Declared(Declared { fact });
    let mut records = vec![
        fact(Fact::Clock {
            at: "2026-10-15T09:00:00.000+09:00".into(),
        }),
        fact(Fact::Hands {
            who: "patient".into(),
            act: Act::PlaceCard {
                card: "花子のカード".into(),
                person: "花子".into(),
                facility: CLINIC.into(),
                reader: 1,
            },
        }),
        line(&mut whole.bytes, true, r#"{"type":"card-placed"}"#),
    ];
    if reader != Reader::NeverAsks {
        let ready = r#"{"type":"card-ready","tries_left":1}"#;
        records.push(line(&mut whole.bytes, false, ready));
        records.push(screen("CHOOSE_METHOD"));
        if reader == Reader::Warns {
            records.push(screen("LAST_TRY_WARNING"));
        }
        records.push(screen("ENTER_PIN"));
        let pin = r#"{"type":"pin","pin":"⟦PIN#1⟧"}"#;
        records.push(line(&mut whole.bytes, true, pin));
        records.push(line(&mut whole.bytes, false, r#"{"type":"pin-accepted"}"#));
    }
    whole.records = (1..)
        .zip(records)
        .map(|(seq, what)| Record {
            seq,
            at: format!("2026-10-15T09:00:{seq:02}.000+09:00"),
            what,
        })
        .collect();
    Writer::write(dir, &run(), &[whole], &serde_json::json!({})).unwrap();
}

fn line(bytes: &mut BTreeMap<String, Vec<u8>>, from_reader: bool, text: &str) -> What {
    let digest = digest_hex(text.as_bytes());
    bytes.insert(digest.clone(), text.as_bytes().to_vec());
    let (reader, terminal) = (Party::at("reader", CLINIC), Party::at("terminal", CLINIC));
    let (from, to) = if from_reader {
        (reader, terminal)
    } else {
        (terminal, reader)
    };
    What::Tapped(Tapped {
        hop: "reader".into(),
        from,
        to,
        connection: 1,
        name: None,
        bytes: Some(digest),
        tls: None,
    })
}

fn screen(id: &str) -> What {
    What::Attested(Attested {
        product: Party::at("reader", CLINIC),
        shows: "screen".into(),
        seen: serde_json::json!({"id": id, "lines": ["残り1回です"], "tries_left": 1}),
    })
}

fn run() -> Run {
    Run {
        schema: SCHEMA.into(),
        suite: "5".repeat(64),
        seed: 7,
        edition: "2026-10-15".into(),
        profile: requirements::Profile::shipped().unwrap().values(),
        part: false,
        waivers: vec![],
        statements: vec![],
        products: vec![ProductLine {
            role: "reader".into(),
            name: "Example Reader".into(),
            version: "2.1".into(),
            vendor: "Example Works".into(),
            digest: format!("sha256:{}", "7".repeat(64)),
        }],
        requirements: vec![RequirementLine {
            id: "AUTH-05".into(),
            level: "MUST".into(),
            roles: vec!["reader".into()],
            ja: "残り回数の表示".into(),
            en: "Remaining tries are shown.".into(),
            source: "OQ-20".into(),
        }],
        scenarios: vec![ScenarioLine {
            id: SCENARIO.into(),
            ja: "最後の一回".into(),
            en: "The last try".into(),
            place: "scenarios/features/pin.feature:3".into(),
            requirements: vec!["AUTH-05".into()],
            roles: vec!["reader".into()],
            steps: vec![["花子がカードを置く".into(), "Hanako places her card".into()]],
            replay: "1-last-try-7".into(),
        }],
    }
}

struct Told {
    code: i32,
    out: String,
    err: String,
}

fn judge(args: &[&str]) -> Told {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_shikaku-judge"))
        .args(args)
        .output()
        .unwrap();
    Told {
        code: status.code().unwrap(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

fn folder(reader: Reader) -> (tempfile::TempDir, String) {
    let around = tempfile::tempdir().unwrap();
    write(&around.path().join("evidence"), reader);
    let dir = around.path().join("evidence").display().to_string();
    (around, dir)
}

#[test]
fn exit_codes_follow_the_verdict() {
    for (reader, code, words) in [
        (Reader::Warns, 0, vec!["PASSED", "Example Reader 2.1"]),
        (
            Reader::SpendsSilently,
            1,
            vec![
                "FAILED: 1 requirement broken; at fault: card reader",
                "FAILED last-try  最後の一回",
                "next ",
                "replay: shikaku replay 1-last-try-7",
            ],
        ),
        (Reader::NeverAsks, 4, vec!["INCOMPLETE", "OPEN last-try"]),
    ] {
        let (around, dir) = folder(reader);
        let told = judge(&[&dir]);
        assert_eq!(told.code, code, "{}{}", told.out, told.err);
        for word in words {
            assert!(told.out.contains(word), "{word} in\n{}", told.out);
        }
        assert_eq!(told.err, "");
        let outer = judge(&[&around.path().display().to_string()]);
        assert_eq!(
            (outer.code, outer.out),
            (code, told.out),
            "the folder around it"
        );
    }
}

#[test]
fn json_is_a_report_by_its_schema_and_the_same_every_time() {
    let (_around, dir) = folder(Reader::SpendsSilently);
    let told = judge(&[&dir, "--format", "json"]);
    assert_eq!(told.code, 1);
    let report: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let schema = serde_json::from_str(reports::SCHEMA_JSON).unwrap();
    jsonschema::validate(&schema, &report).unwrap();
    assert_eq!(report["verdict"], "fail");
    assert_eq!(report["scenarios"][0]["at_fault"][0]["id"], "reader");
    assert_eq!(report["run_info"]["tool"], "shikaku-judge");
    let sums = fs::read(Path::new(&dir).join("DIGESTS")).unwrap();
    assert_eq!(report["run"]["evidence"], digest_hex(&sums));
    assert!(report["untested"].as_array().unwrap().len() > 10);
    assert_eq!(judge(&[&dir, "--format", "json"]).out, told.out);
}

#[test]
fn the_report_lands_where_it_was_asked_for() {
    let (around, dir) = folder(Reader::Warns);
    let out = around.path().join("report");
    let told = judge(&[&dir, "--out", &out.display().to_string()]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.err.contains("report.html"), "{}", told.err);
    let json = fs::read_to_string(out.join("report.json")).unwrap();
    assert_eq!(json, judge(&[&dir, "--format", "json"]).out);
    for name in [
        "report.html",
        "junit.xml",
        "ctrf.json",
        "statement.intoto.json",
        "report.schema.json",
    ] {
        assert!(fs::metadata(out.join(name)).unwrap().len() > 500, "{name}");
    }
    assert_eq!(judge(&[&dir]).code, 0, "the evidence is as it was");
    for inside in ["", "bytes", "new/deep"] {
        let path = Path::new(&dir).join(inside).display().to_string();
        let told = judge(&[&dir, "--out", &path]);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{inside}");
        assert!(told.err.contains("inside the evidence"), "{}", told.err);
    }
    let taken = around.path().join("taken");
    fs::write(&taken, "a file").unwrap();
    let told = judge(&[&dir, "--out", &taken.display().to_string()]);
    assert_eq!(told.code, 2);
    assert!(told.err.contains("taken"), "{}", told.err);
}

#[test]
fn damage_is_the_beds_fault_and_never_the_products() {
    for name in ["scenarios/last-try.jsonl", "bytes"] {
        let (_around, dir) = folder(Reader::SpendsSilently);
        let mut path = Path::new(&dir).join(name);
        if path.is_dir() {
            let mut files: Vec<_> = fs::read_dir(&path)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect();
            files.sort();
            path = files.remove(0);
        }
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        let told = judge(&[&dir]);
        assert_eq!(told.code, 3, "{name}\n{}{}", told.out, told.err);
        assert!(told.out.contains("BED ERROR"), "{}", told.out);
        assert!(told.out.contains("untouched copy"), "{}", told.out);
        assert!(!told.out.contains("at fault: card reader"), "{}", told.out);
    }
}

#[test]
fn folders_that_cannot_be_judged_are_told_apart() {
    let (around, dir) = folder(Reader::Warns);
    let missing = around.path().join("nowhere").display().to_string();
    let empty = around.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let headless = around.path().join("headless");
    write(&headless, Reader::Warns);
    fs::write(headless.join("run.json"), "{}").unwrap();
    let cut = around.path().join("cut");
    write(&cut, Reader::Warns);
    fs::write(cut.join("DIGESTS"), "half a li").unwrap();
    for (path, words) in [
        (missing, "is no folder"),
        (empty.display().to_string(), "holds no evidence"),
        (headless.display().to_string(), "run.json"),
        (cut.display().to_string(), "DIGESTS:1"),
        (format!("{dir}/run.json"), "is no folder"),
    ] {
        let told = judge(&[&path]);
        assert_eq!(
            (told.code, told.out.as_str()),
            (2, ""),
            "{path}: {}",
            told.err
        );
        assert!(told.err.starts_with("shikaku-judge: "), "{}", told.err);
        assert!(told.err.contains(words), "{words} in {}", told.err);
    }
    for args in [&[][..], &["--format", "xml", &dir], &[&dir, "--seed", "1"]] {
        assert_eq!(judge(args).code, 2, "{args:?}");
    }
}

/// Lines of the report in the form of the golden folder's own snapshot, sorted.
fn verdict_lines(report: &Value) -> BTreeSet<String> {
    let list = |value: &Value, name: &str| value[name].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut lines = BTreeSet::new();
    for scenario in list(report, "scenarios") {
        let blamed: Vec<_> = list(&scenario, "at_fault")
            .iter()
            .map(|f| text(&f["id"]))
            .collect();
        let (id, verdict) = (text(&scenario["id"]), text(&scenario["verdict"]));
        lines.insert(format!("{id} {verdict} {}", blamed.join(",")));
    }
    for requirement in list(report, "requirements") {
        let id = text(&requirement["id"]);
        for by in list(&requirement, "by_role") {
            let (role, verdict) = (text(&by["role"]["id"]), text(&by["verdict"]));
            lines.insert(format!("{id} {role} {verdict}"));
        }
    }
    for role in list(report, "roles") {
        let (id, verdict) = (text(&role["role"]["id"]), text(&role["verdict"]));
        lines.insert(format!("{id} {verdict} {}", role["judged"]));
    }
    lines
}

#[test]
fn the_golden_folder_gives_the_verdicts_recorded_beside_it() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/judge/tests");
    let golden = tests.join("golden").display().to_string();
    let told = judge(&[&golden, "--format", "json"]);
    assert_eq!(told.code, 1, "{}", told.err);
    let found = verdict_lines(&serde_json::from_str(&told.out).unwrap());
    // The judge's own tests keep the snapshot: one record of the verdicts, held by library and binary alike.
    let snapshot =
        fs::read_to_string(tests.join("snapshots/evidence__golden_verdicts.snap")).unwrap();
    let recorded = snapshot.splitn(3, "---\n").nth(2).unwrap();
    let recorded: BTreeSet<String> = recorded.lines().map(str::to_owned).collect();
    assert!(recorded.len() > 20, "{recorded:?}");
    assert_eq!(found, recorded);
    assert!(
        judge(&[&golden])
            .out
            .contains("FAILED desk-takes-lost-as-current")
    );
}
