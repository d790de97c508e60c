//! Folders somebody damaged, forged or made to hurt: each is refused, or its damage told with the place, and
//! nothing outside the folder is read.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use evidence::{Evidence, Run, SCHEMA, digest_hex};
use serde_json::{Value, json};

fn head() -> Value {
    let line = |id: &str| json!({"id": id, "ja": "題", "en": "title", "place": "a.feature:3", "requirements": [], "roles": [], "steps": [], "replay": "r"});
    json!({
        "schema": SCHEMA, "suite": "s", "seed": 1, "edition": "2026-10-15", "profile": {}, "products": [],
        "requirements": [], "scenarios": [line("one")],
    })
}

/// A folder whose digests fit whatever stands in it.
fn write(dir: &Path, head: &str, files: &[(&str, Vec<u8>)]) {
    let mut sums = String::new();
    for (name, bytes) in [("run.json", head.as_bytes().to_vec())].iter().chain(files) {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        sums += &format!("{}  {name}\n", digest_hex(bytes));
    }
    fs::write(dir.join("DIGESTS"), sums).unwrap();
}

/// A scenario without records, as far as the head can be read.
fn whole(head: &str) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("scenarios/one.jsonl", first_line(head)),
        ("bytes/one.pack", Vec::new()),
    ]
}

fn first_line(head: &str) -> Vec<u8> {
    let run: Option<Run> = serde_json::from_str(head).ok();
    run.map(|run| run.first_line("one") + "\n")
        .unwrap_or_default()
        .into_bytes()
}

/// In the form the writer writes it, where it is a head at all.
fn formed(head: &Value) -> String {
    match serde_json::from_value::<Run>(head.clone()) {
        Ok(run) => serde_json::to_string_pretty(&run).unwrap() + "\n",
        Err(_) => head.to_string(),
    }
}

fn good() -> String {
    formed(&head())
}

/// Everything reading a folder says.
fn said(dir: &Path) -> String {
    match Evidence::read(dir) {
        Err(damage) => format!("refused: {damage}"),
        Ok(reading) => {
            let damage = reading.damage.iter();
            let lines: Vec<_> = damage.map(|(id, d)| format!("{id}: {d}")).collect();
            lines.join("\n")
        }
    }
}

fn of_head(head: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), head, &whole(head));
    said(dir.path())
}

#[test]
fn a_plain_folder_is_taken() {
    assert_eq!(of_head(&good()), "");
}

#[test]
fn a_head_that_lies_is_refused() {
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value = head();
        change(&mut value);
        formed(&value)
    };
    let with_id = |id: &str| changed(&|h| h["scenarios"][0]["id"] = json!(id));
    let again = |h: &mut Value| {
        let line = h["scenarios"][0].clone();
        h["scenarios"].as_array_mut().unwrap().push(line);
    };
    let must = json!({"id": "A-1", "level": "MUST", "roles": [], "ja": "", "en": "", "source": ""});
    let waiver = json!({"id": "W", "requirement": "A-1", "reason": "r", "owner": "o", "expires": "2999-01-01"});
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    for (head, words) in [
        (
            changed(&|h| h["schema"] = json!("shikaku-evidence/1")),
            "another version",
        ),
        (changed(&|h| h["schema"] = json!(7)), "found none"),
        (
            changed(&|h| h["schema"] = json!("x".repeat(100_000))),
            "another version",
        ),
        (with_id("../../etc/passwd"), "scenario ids of letters"),
        (with_id("/etc/passwd"), "scenario ids of letters"),
        (with_id("a/b"), "scenario ids of letters"),
        (with_id(".."), "scenario ids of letters"),
        (with_id(""), "scenario ids of letters"),
        (with_id("one\u{0}"), "scenario ids of letters"),
        (
            with_id("<script>alert(1)</script>"),
            "scenario ids of letters",
        ),
        (with_id(&"x".repeat(101)), "scenario ids of letters"),
        (changed(&again), "each scenario once"),
        (
            changed(&|h| h["requirements"] = json!([must, must])),
            "each requirement once",
        ),
        (
            changed(&|h| h["waivers"] = json!([waiver, waiver])),
            "each waiver once",
        ),
        (
            changed(&|h| {
                h["requirements"] = json!([must]);
                h["requirements"][0]["level"] = json!("MAY");
            }),
            "level MUST or SHOULD",
        ),
        (
            changed(&|h| h["waivers"] = json!([{"id": "W"}])),
            "missing field",
        ),
        (
            changed(&|h| {
                h["waivers"] = json!([waiver]);
                h["waivers"][0]["owner"] = json!(" ");
            }),
            "waivers with id",
        ),
        (
            changed(&|h| {
                h["waivers"] = json!([waiver]);
                h["waivers"][0]["reason"] = json!("fine\u{202e}");
            }),
            "waivers with id",
        ),
        (
            changed(&|h| {
                h["waivers"] = json!([waiver]);
                h["waivers"][0]["expires"] = json!("2026-02-30");
            }),
            "waivers with id",
        ),
        (
            changed(&|h| {
                h["statements"] = json!([{"requirement": "A-1", "role": "card", "statement": ""}])
            }),
            "statements with requirement",
        ),
        (
            changed(&|h| h["scenarios"][0]["replay"] = json!("r1:x;rm -rf ~")),
            "copied into a shell",
        ),
        (
            changed(&|h| h["edition"] = json!("2026-10-15 $(id)")),
            "copied into a shell",
        ),
        (
            changed(&|h| h["profile"] = json!({"grace_end": "`id`"})),
            "copied into a shell",
        ),
        (
            changed(&|h| {
                h["products"] = json!([{"role": "card", "name": "a\u{1b}[2J", "version": "1"}])
            }),
            "one plain line",
        ),
        (head().to_string(), "the form it is written in"),
        (
            good().replacen("  \"seed\"", " \"seed\"", 1),
            "the form it is written in",
        ),
        (changed(&|h| h["pass"] = json!(true)), "unknown field"),
        (changed(&|h| h["seed"] = json!(-1)), "a run head"),
        (
            head()
                .to_string()
                .replacen("\"suite\"", "\"seed\":2,\"suite\"", 1),
            "duplicate field",
        ),
        (deep("[", "]"), "recursion limit"),
        (deep("{\"a\":", "}"), "recursion limit"),
        ("null".into(), "found none"),
        (String::new(), "JSON"),
        ("\u{feff}{}".into(), "JSON"),
    ] {
        let told = of_head(&head);
        assert!(
            told.starts_with("refused: ") && told.contains(words),
            "{words}: {told}"
        );
        assert!(
            told.len() < 2000,
            "the reason is no place for what was refused"
        );
    }
}

#[test]
fn a_list_of_digests_that_climbs_swells_or_repeats_is_refused() {
    let sum = "0".repeat(64);
    let many: String = (0..200_001)
        .map(|n| format!("{sum}  bytes/{n}\n"))
        .collect();
    let long = format!("{sum}  bytes/{}\n", "x".repeat(1_000_000));
    for (sums, words) in [
        (format!("{sum}  scenarios/../../x\n"), "a relative path"),
        (format!("{sum}  /etc/passwd\n"), "a relative path"),
        (format!("{sum}  bytes/../run.json\n"), "a relative path"),
        (format!("{sum}  bytes\\..\\x\n"), "a relative path"),
        (format!("{sum}  ../run.json\n"), "a relative path"),
        (
            format!("{sum}  run.json\n{sum}  run.json\n"),
            "each file named once",
        ),
        (
            format!("{}  run.json\n", sum.to_uppercase().replace('0', "A")),
            "64 hex digits",
        ),
        (format!("{sum} run.json\n"), "two spaces"),
        (format!("{sum}  run.json"), "a line end"),
        ("\n".repeat(1_000_000), "DIGESTS:1"),
        (many, "at most 200000 files"),
        (long, "a line for run.json"),
        (String::new(), "a line"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &good(), &whole(&good()));
        fs::write(dir.path().join("DIGESTS"), sums).unwrap();
        let told = said(dir.path());
        assert!(
            told.starts_with("refused: ") && told.contains(words),
            "{words}: {told}"
        );
        assert!(told.len() < 2000);
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    // Files with nothing in them but their length: no disk is filled and none is read.
    let swell = |path: &Path, length: u64| File::create(path).unwrap().set_len(length).unwrap();
    for (name, length, words) in [
        ("DIGESTS", 10_000_000 * 77, "at most 67108864 bytes"),
        ("run.json", 65 << 20, "at most 67108864 bytes"),
        (
            "scenarios/one.jsonl",
            65 << 20,
            "at most 50331648 bytes in all",
        ),
        ("bytes/one.pack", 2 << 30, "at most 268435456 bytes in all"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &good(), &whole(&good()));
        swell(&dir.path().join(name), length);
        let told = said(dir.path());
        assert!(told.contains(words), "{name}: {told}");
    }
}

#[test]
fn a_link_leads_nowhere() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), &good(), &whole(&good()));
    for name in [
        "DIGESTS",
        "run.json",
        "scenarios",
        "bytes",
        "scenarios/one.jsonl",
        "bytes/one.pack",
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &good(), &whole(&good()));
        let path = dir.path().join(name);
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        symlink(outside.path().join(name), &path).unwrap();
        let told = said(dir.path());
        assert!(told.contains("link"), "{name}: {told}");
    }
}

#[test]
fn records_that_hurt_are_damage_of_their_scenario() {
    let deep = format!(
        "{{\"seq\":1,\"at\":\"x\",\"attested\":{{\"product\":{{\"role\":\"reader\"}},\"shows\":\"screen\",\"seen\":{}{}}}}}\n",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let record = |seq: usize, at: &str| {
        format!(
            "{{\"seq\":{seq},\"at\":\"{at}\",\"record\":\"attested\",\"product\":{{\"role\":\"reader\"}},\"shows\":\"screen\",\"seen\":null}}\n"
        )
    };
    let one = record(1, "x");
    let many: String = (1..=5_001).map(|seq| record(seq, "x")).collect();
    for (records, pack, words) in [
        (deep, &b""[..], "recursion limit"),
        (
            "{}\n".repeat(1000),
            b"",
            "scenarios/one.jsonl:2: expected a record",
        ),
        (
            one.trim_end().to_owned(),
            b"",
            "a line end after the last line",
        ),
        (
            one.replace('\n', "\r\n"),
            b"",
            "in the form it is written in",
        ),
        (
            one.replace("\"at\"", " \"at\""),
            b"",
            "in the form it is written in",
        ),
        (
            one.replace("\"at\"", "\"pass\":true,\"at\""),
            b"",
            "in the form it is written in",
        ),
        (
            one.clone() + "\n",
            b"",
            "scenarios/one.jsonl:3: expected a record",
        ),
        (record(2, "x"), b"", "expected seq 1"),
        (many, b"", "at most 5000 records"),
        (String::new(), b"nothing", "bytes/one.pack"),
        (String::new(), b"0 99999999999999999999\n", "bytes/one.pack"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let records = [first_line(&good()), records.into_bytes()].concat();
        let files = [
            ("scenarios/one.jsonl", records),
            ("bytes/one.pack", pack.to_vec()),
        ];
        write(dir.path(), &good(), &files);
        let told = said(dir.path());
        assert!(
            told.starts_with("one: ") && told.contains(words),
            "{words}: {told}"
        );
        assert!(told.len() < 2000);
    }
    let dir = tempfile::tempdir().unwrap();
    let records = [first_line(&good()), one.into_bytes()].concat();
    let files = [
        ("scenarios/one.jsonl", records),
        ("bytes/one.pack", Vec::new()),
    ];
    write(dir.path(), &good(), &files);
    assert_eq!(said(dir.path()), "");
}

#[test]
fn records_belong_to_one_scenario_of_one_town() {
    let mut two = head();
    let mut line = two["scenarios"][0].clone();
    line["id"] = json!("two");
    two["scenarios"].as_array_mut().unwrap().push(line);
    let two = formed(&two);
    let run: Run = serde_json::from_str(&two).unwrap();
    let record = "{\"seq\":1,\"at\":\"x\",\"record\":\"attested\",\"product\":{\"role\":\"reader\"},\"shows\":\"screen\",\"seen\":null}\n";
    let of = |run: &Run, id: &str, record: &str| (run.first_line(id) + "\n" + record).into_bytes();
    let other = |change: &dyn Fn(&mut Run)| {
        let mut other = run.clone();
        change(&mut other);
        of(&other, "two", "")
    };
    for (second, words) in [
        (of(&run, "two", ""), ""),
        (of(&run, "one", ""), "the records of this scenario"),
        (other(&|r| r.seed = 2), "in the town run.json tells of"),
        (other(&|r| r.edition = "2027-01-01".into()), "in the town"),
        (other(&|r| r.suite = "t".into()), "in the town"),
        (
            other(&|r| drop(r.profile.insert("grace_end".into(), "same_day".into()))),
            "in the town",
        ),
        (
            of(&run, "two", record),
            "two: scenarios/two.jsonl: expected records of its own, found the very records of one",
        ),
        (record.into(), "the records of this scenario"),
        (Vec::new(), "the records of this scenario"),
        (b"\xff\xfe".to_vec(), "UTF-8"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let files = [
            ("bytes/one.pack", Vec::new()),
            ("bytes/two.pack", Vec::new()),
            ("scenarios/one.jsonl", of(&run, "one", record)),
            ("scenarios/two.jsonl", second),
        ];
        write(dir.path(), &two, &files);
        let told = said(dir.path());
        assert!(
            told.contains(words) && told.is_empty() == words.is_empty(),
            "{words}: {told}"
        );
    }
}
