//! Folders somebody damaged, forged or made to hurt: each is refused, or its damage told with the place, and
//! nothing outside the folder is read.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use evidence::{Evidence, SCHEMA, digest_hex};
use serde_json::{Value, json};

fn head() -> Value {
    let line = |id: &str| json!({"id": id, "ja": "題", "en": "title", "place": "a.feature:3", "requirements": [], "roles": [], "steps": [], "replay": "r"});
    json!({
        "schema": SCHEMA, "suite": "s", "seed": 1, "edition": "2026-10-15", "profile": {}, "products": [],
        "requirements": [], "scenarios": [line("one")],
    })
}

/// A folder whose digests fit whatever stands in it.
fn write(dir: &Path, head: &str, files: &[(&str, &[u8])]) {
    let mut sums = String::new();
    for (name, bytes) in [("run.json", head.as_bytes())].iter().chain(files) {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        sums += &format!("{}  {name}\n", digest_hex(bytes));
    }
    fs::write(dir.join("DIGESTS"), sums).unwrap();
}

const WHOLE: &[(&str, &[u8])] = &[("scenarios/one.jsonl", b""), ("bytes/one.pack", b"")];

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
    write(dir.path(), head, WHOLE);
    said(dir.path())
}

#[test]
fn a_plain_folder_is_taken() {
    assert_eq!(of_head(&head().to_string()), "");
}

#[test]
fn a_head_that_lies_is_refused() {
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value = head();
        change(&mut value);
        value.to_string()
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
        write(dir.path(), &head().to_string(), WHOLE);
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
        ("scenarios/one.jsonl", 65 << 20, "at most 67108864 bytes"),
        ("bytes/one.pack", 2 << 30, "at most 1073741824 bytes in all"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &head().to_string(), WHOLE);
        swell(&dir.path().join(name), length);
        let told = said(dir.path());
        assert!(told.contains(words), "{name}: {told}");
    }
}

#[test]
fn a_link_leads_nowhere() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), &head().to_string(), WHOLE);
    for name in [
        "DIGESTS",
        "run.json",
        "scenarios",
        "bytes",
        "scenarios/one.jsonl",
        "bytes/one.pack",
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &head().to_string(), WHOLE);
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
    let lines = "{}\n".repeat(1000);
    for (records, pack, words) in [
        (deep.as_bytes(), &b""[..], "recursion limit"),
        (
            lines.as_bytes(),
            b"",
            "scenarios/one.jsonl:1: expected a record",
        ),
        (b"\xff\xfe", b"", "UTF-8"),
        (b"", b"nothing", "bytes/one.pack"),
        (b"", b"0 99999999999999999999\n", "bytes/one.pack"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let files = [("scenarios/one.jsonl", records), ("bytes/one.pack", pack)];
        write(dir.path(), &head().to_string(), &files);
        let told = said(dir.path());
        assert!(
            told.starts_with("one: ") && told.contains(words),
            "{words}: {told}"
        );
        assert!(told.len() < 2000);
    }
}
