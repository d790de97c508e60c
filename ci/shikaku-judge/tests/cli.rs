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
        seen: serde_json::json!({"id": id, "lines": ["顔認証または暗証番号", "暗証番号は残り1回です"], "tries_left": 1}),
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
        (
            Reader::Warns,
            0,
            vec![
                "INCOMPLETE: passed as far as judged",
                "leaves the exit code at 0",
                "Example Reader 2.1",
            ],
        ),
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
        (
            Reader::NeverAsks,
            4,
            vec!["INCOMPLETE", "INCONCLUSIVE last-try"],
        ),
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

/// A waiver of what `Reader::SpendsSilently` breaks.
const WAIVER: &str = "W-7:\n  requirement: AUTH-05\n  role: reader\n  scenario: last-try\n  reason: The warning follows in June.\n  owner: Example Ltd.\n  expires: 2026-10-15\n";
const STATEMENT: &str = "CARD-11:\n  roles: [card]\n  statement: No free area in this model.\n";

/// Judges a folder under files of exceptions; what was said, and report.json.
fn excepted(dir: &str, files: &[(&str, &str)]) -> (Told, Value) {
    let around = tempfile::tempdir().unwrap();
    let mut args = vec![dir.to_owned()];
    for (option, yaml) in files {
        let path = around.path().join(option);
        fs::write(&path, yaml).unwrap();
        args.extend([format!("--{option}"), path.display().to_string()]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let json = judge(&[&args[..], &["--format", "json"]].concat());
    let told = judge(&args);
    assert_eq!(told.code, json.code);
    (told, serde_json::from_str(&json.out).unwrap_or_default())
}

/// A folder whose run names no scenario at all.
fn empty() -> (tempfile::TempDir, String) {
    let around = tempfile::tempdir().unwrap();
    let dir = around.path().join("evidence");
    let bare = Run {
        scenarios: vec![],
        ..run()
    };
    Writer::write(&dir, &bare, &[], &serde_json::json!({})).unwrap();
    let name = dir.display().to_string();
    (around, name)
}

fn damaged() -> (tempfile::TempDir, String) {
    let (around, dir) = folder(Reader::Warns);
    fs::write(Path::new(&dir).join("scenarios/last-try.jsonl"), "cut").unwrap();
    (around, dir)
}

#[test]
fn each_of_the_seven_verdicts_comes_about_and_none_but_pass_looks_like_one() {
    let waivers = [("waivers", WAIVER)];
    let statement = [("statement", STATEMENT)];
    let schema = serde_json::from_str(reports::SCHEMA_JSON).unwrap();
    for ((_around, dir), files, id, verdict, code, words) in [
        (
            folder(Reader::Warns),
            &[][..],
            "AUTH-05",
            "pass",
            0,
            "INCOMPLETE: passed as far as judged\n",
        ),
        (
            folder(Reader::SpendsSilently),
            &[],
            "AUTH-05",
            "fail",
            1,
            "FAILED:",
        ),
        (
            folder(Reader::NeverAsks),
            &[],
            "AUTH-05",
            "inconclusive",
            4,
            "INCOMPLETE:",
        ),
        (empty(), &[], "AUTH-05", "not-tested", 4, "INCOMPLETE:"),
        (
            folder(Reader::SpendsSilently),
            &waivers,
            "AUTH-05",
            "waived",
            0,
            "INCOMPLETE: passed as far as judged, but for 1 requirement waived",
        ),
        (damaged(), &[], "AUTH-05", "bed-error", 3, "BED ERROR:"),
        (
            folder(Reader::Warns),
            &statement,
            "CARD-11",
            "not-applicable",
            0,
            "NOT APPLICABLE CARD-11 card: No free area",
        ),
    ] {
        let (told, report) = excepted(&dir, files);
        assert_eq!(told.code, code, "{verdict}: {}{}", told.out, told.err);
        assert!(told.out.contains(words), "{verdict}: {}", told.out);
        // One requirement judged is no whole suite, so nothing of this looks like a plain pass.
        assert!(!told.out.starts_with("PASSED"), "{}", told.out);
        assert_eq!(
            told.out.contains("passed as far as judged"),
            code == 0,
            "{}",
            told.out
        );
        let claims = told.out.split(':').next().unwrap().to_lowercase();
        let standing = report["standing"].as_str().unwrap();
        let word = match standing {
            "failing" => "failed",
            "spoiled" => "bed error",
            other => other,
        };
        assert_eq!(claims, word, "console and report.json say the same");
        jsonschema::validate(&schema, &report).unwrap();
        let requirements = report["requirements"].as_array().unwrap();
        let line = requirements.iter().find(|r| r["id"] == id).unwrap();
        assert_eq!(line["verdict"], verdict);
        let missing = report["lacks"].as_array().unwrap();
        assert!(
            !missing.is_empty(),
            "a suite that judges one requirement certifies nobody"
        );
        let kinds: Vec<_> = missing
            .iter()
            .map(|lack| lack["kind"].as_str().unwrap())
            .collect();
        let own = match verdict {
            "fail" => "failed",
            "inconclusive" | "not-tested" | "bed-error" => verdict,
            _ => "no-check",
        };
        assert_eq!(
            kinds[0], own,
            "{verdict}: the most serious first in {kinds:?}"
        );
    }
}

#[test]
fn a_waiver_is_seen_in_every_output_and_its_deviation_stays() {
    let (around, dir) = folder(Reader::SpendsSilently);
    let (told, report) = excepted(&dir, &[("waivers", WAIVER)]);
    for words in [
        "WAIVER W-7 used: AUTH-05 reader last-try, until 2026-10-15",
        "reason    The warning follows in June.",
        "owner     Example Ltd.",
        "WAIVED last-try",
        "waived by W-7",
        "handed in for this judging",
    ] {
        assert!(told.out.contains(words), "{words} in\n{}", told.out);
    }
    assert_eq!(report["verdict"], "waived");
    assert_eq!(report["exceptions_replaced"], true);
    assert_eq!(report["waivers"][0]["state"], "used");
    assert_eq!(report["waivers"][0]["covers"][0]["scenario"], SCENARIO);
    let findings = report["scenarios"][0]["findings"].as_array().unwrap();
    let finding = findings.iter().find(|f| f["waiver"] == "W-7").unwrap();
    assert_eq!(
        (&finding["verdict"], &finding["waiver"]),
        (&"waived".into(), &"W-7".into())
    );
    assert_eq!(finding["at_fault"]["id"], "reader");

    let (file, out) = (around.path().join("w.yaml"), around.path().join("out"));
    fs::write(&file, WAIVER).unwrap();
    let [file, to] = [&file, &out].map(|path| path.display().to_string());
    assert_eq!(judge(&[&dir, "--waivers", &file, "--out", &to]).code, 0);
    let junit = fs::read_to_string(out.join("junit.xml")).unwrap();
    for words in [
        "waiver-used",
        "name=\"waiver\" value=\"W-7\"",
        "type=\"waived\"",
        "owner: Example Ltd.",
    ] {
        assert!(junit.contains(words), "{words} in\n{junit}");
    }
    assert_eq!(judge(&[&dir]).code, 1, "the evidence is as it was");
}

#[test]
fn a_waiver_nobody_needs_or_that_is_over_is_the_configurations_fault() {
    let over = WAIVER.replace("2026-10-15", "2026-10-14");
    for (reader, yaml, state, words) in [
        (
            Reader::Warns,
            WAIVER,
            "unused",
            "FAILED: 1 waiver unused or expired (W-7); at fault: configuration",
        ),
        (
            Reader::SpendsSilently,
            &over,
            "expired",
            "FAILED: 1 requirement broken; at fault: card reader",
        ),
    ] {
        let (around, dir) = folder(reader);
        let (told, report) = excepted(&dir, &[("waivers", yaml)]);
        assert_eq!(told.code, 2, "{}", told.out);
        assert!(told.out.starts_with(words), "{}", told.out);
        assert_eq!(report["waivers"][0]["state"], state);
        let kind = format!("{state}-waiver");
        let lacks = report["lacks"].as_array().unwrap();
        assert!(
            lacks.iter().any(|lack| lack["kind"] == kind.as_str()),
            "{lacks:?}"
        );
        let (file, out) = (around.path().join("w.yaml"), around.path().join("out"));
        fs::write(&file, yaml).unwrap();
        let [file, to] = [&file, &out].map(|path| path.display().to_string());
        judge(&[&dir, "--waivers", &file, "--out", &to]);
        let junit = fs::read_to_string(out.join("junit.xml")).unwrap();
        assert!(
            junit.contains(&format!("type=\"waiver-{state}\"")),
            "{junit}"
        );
    }
}

#[test]
fn exceptions_nobody_can_take_are_refused_with_file_and_line() {
    let (_around, dir) = folder(Reader::SpendsSilently);
    let large = "#".repeat(1024 * 1024 + 1);
    for (option, yaml, words) in [
        (
            "waivers",
            WAIVER.replace("AUTH-05", "AUTH-99"),
            "waivers:2: AUTH-99",
        ),
        (
            "waivers",
            WAIVER.replace("last-try", "first-try"),
            "waivers:4: first-try",
        ),
        (
            "waivers",
            WAIVER.replace("2026-10-15", "soon"),
            "waivers:7: soon",
        ),
        ("waivers", [WAIVER, WAIVER].concat(), "waivers:8:"),
        (
            "statement",
            STATEMENT.replace("CARD-11", "CARD-01"),
            "statement:1: CARD-01: this is a MUST",
        ),
        ("waivers", large, "more than 1048576 bytes"),
    ] {
        let (told, _) = excepted(&dir, &[(option, &yaml)]);
        assert_eq!((told.code, told.out.as_str()), (2, ""), "{words}");
        assert!(told.err.contains(words), "{words}: {}", told.err);
    }
    for (path, words) in [
        ("/nowhere/w.yaml", "/nowhere/w.yaml"),
        ("/dev/zero", "no plain file"),
    ] {
        let told = judge(&[&dir, "--waivers", path]);
        assert_eq!(told.code, 2);
        assert!(told.err.contains(words), "{}", told.err);
    }
}

#[test]
fn script_in_a_name_is_text_in_every_output() {
    const SCRIPT: &str = "<script>alert(1)</script>\"'\u{1b}[31m\u{202e}";
    let around = tempfile::tempdir().unwrap();
    let dir = around.path().join("evidence");
    let mut hostile = run();
    // Names, suite and replay lines that could move a terminal or a shell are refused as they are read.
    hostile.products[0].name = "<script>alert(1)</script>\"'".into();
    hostile.requirements[0].ja = SCRIPT.into();
    let line = &mut hostile.scenarios[0];
    (line.ja, line.en, line.place) = (SCRIPT.into(), SCRIPT.into(), SCRIPT.into());
    line.steps = vec![[SCRIPT.into(), SCRIPT.into()]];
    let empty = ScenarioRecords {
        id: SCENARIO.into(),
        ..Default::default()
    };
    Writer::write(&dir, &hostile, &[empty], &serde_json::json!({})).unwrap();
    let out = around.path().join("out");
    let [dir, to] = [&dir, &out].map(|path| path.display().to_string());
    let told = judge(&[&dir, "--out", &to]);
    assert_eq!(told.code, 4, "{}{}", told.out, told.err);
    assert!(
        told.out
            .chars()
            .all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}'))
    );
    for name in ["report.html", "junit.xml"] {
        let text = fs::read_to_string(out.join(name)).unwrap();
        assert!(!text.contains("<script>alert"), "{name}");
    }
}

#[test]
fn messages_nested_without_end_are_judged_without_harm() {
    let around = tempfile::tempdir().unwrap();
    for (number, hostile) in [
        "[".repeat(200_000),
        "{\"a\":".repeat(100_000),
        "<a>".repeat(200_000),
        "0\u{80}".repeat(100_000),
        "\u{0}".repeat(300_000),
    ]
    .into_iter()
    .enumerate()
    {
        let dir = around.path().join(number.to_string());
        let mut whole = ScenarioRecords {
            id: SCENARIO.into(),
            ..Default::default()
        };
        let digest = digest_hex(hostile.as_bytes());
        whole.bytes.insert(digest.clone(), hostile.into_bytes());
        let hops = [
            "reader",
            "card",
            "eligibility",
            "ocsp",
            "registration",
            "feed",
            "face-folder",
        ];
        whole.records = (1..)
            .zip(hops)
            .map(|(seq, hop)| Record {
                seq,
                at: format!("2026-10-15T09:00:{seq:02}.000+09:00"),
                what: What::Tapped(Tapped {
                    hop: hop.into(),
                    from: Party::at("reader", CLINIC),
                    to: Party::at("terminal", CLINIC),
                    connection: 1,
                    name: Some("OQSsiquc01res_1.xml".into()),
                    bytes: Some(digest.clone()),
                    tls: None,
                }),
            })
            .collect();
        Writer::write(&dir, &run(), &[whole], &serde_json::json!({})).unwrap();
        let out = around.path().join(format!("out {number}"));
        let [dir, to] = [&dir, &out].map(|path| path.display().to_string());
        let told = judge(&[&dir, "--out", &to]);
        assert!(
            [1, 3, 4].contains(&told.code),
            "{number}: {}{}",
            told.out,
            told.err
        );
    }
}
