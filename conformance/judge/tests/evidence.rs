//! The judge on folders: a golden one gives the verdicts it always gave, decoded views change none
//! of them, and no covered byte changes unnoticed.
#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with the place"
)]

use std::fs;
use std::path::{Path, PathBuf};

use evidence::{Evidence, What, Writer};
use judge::{Judgement, Verdict, judge};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn copied(to: &Path) {
    for sub in ["scenarios", "bytes", "views"] {
        fs::create_dir_all(to.join(sub)).unwrap();
    }
    for file in covered(&golden()) {
        fs::copy(&file, to.join(file.strip_prefix(golden()).unwrap())).unwrap();
    }
}

fn covered(dir: &Path) -> Vec<PathBuf> {
    let mut files = vec![dir.join("run.json"), dir.join("DIGESTS")];
    for sub in ["scenarios", "bytes"] {
        files.extend(
            fs::read_dir(dir.join(sub))
                .unwrap()
                .map(|entry| entry.unwrap().path()),
        );
    }
    files.sort();
    files
}

fn judged(dir: &Path) -> Judgement {
    judge(&Evidence::read(dir).unwrap())
}

#[test]
fn the_golden_folder_gives_its_verdicts() {
    let judgement = judged(&golden());
    let scenarios = judgement.scenarios.iter().map(|s| {
        format!(
            "{} {} {}",
            s.scenario,
            s.verdict.name(),
            s.at_fault.join(",")
        )
    });
    let requirements = judgement
        .requirements
        .iter()
        .map(|r| format!("{} {} {}", r.requirement, r.role, r.verdict.name()));
    let roles = judgement
        .roles
        .iter()
        .map(|r| format!("{} {} {}", r.role, r.verdict.name(), r.judged));
    let lines: Vec<String> = scenarios.chain(requirements).chain(roles).collect();
    insta::assert_snapshot!("golden_verdicts", lines.join("\n"));
    assert_eq!(judgement.verdict, Verdict::Fail);
    assert_eq!(judgement.bed_errors, vec![]);
}

/// Writes a view for every tapped message, as `bend` makes it from the true one.
fn write_views(dir: &Path, bend: impl Fn(serde_json::Value) -> serde_json::Value) -> usize {
    let reading = Evidence::read(dir).unwrap();
    let mut written = 0;
    for line in &reading.evidence.run.scenarios {
        let scenario = reading.evidence.scenario(&line.id).unwrap();
        let mut views = Vec::new();
        for record in &scenario.records {
            let What::Tapped(tapped) = &record.what else {
                continue;
            };
            let Some(digest) = &tapped.bytes else {
                continue;
            };
            let view =
                judge::decode::view(&tapped.hop, tapped.name.as_deref(), &scenario.bytes[digest]);
            assert!(view.get("error").is_none(), "{} {view}", tapped.hop);
            views.push((record.seq, bend(view)));
        }
        written += views.len();
        Writer::views(dir, &line.id, &views).unwrap();
    }
    written
}

#[test]
fn views_true_false_or_gone_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    copied(dir.path());
    let without = judged(dir.path());
    assert!(write_views(dir.path(), |view| view) > 50);
    assert_eq!(judged(dir.path()), without, "true views");
    write_views(
        dir.path(),
        |_| serde_json::json!({ "ProcessingResultStatus": "1", "response": "9000" }),
    );
    assert_eq!(judged(dir.path()), without, "false views");
    for entry in fs::read_dir(dir.path().join("views")).unwrap() {
        fs::write(entry.unwrap().path(), b"\xFF not even JSON").unwrap();
    }
    assert_eq!(judged(dir.path()), without, "broken views");
    fs::remove_dir_all(dir.path().join("views")).unwrap();
    assert_eq!(judged(dir.path()), without, "no views");
}

/// Whether the reader or the judge notices that a folder was touched.
fn noticed(dir: &Path) -> bool {
    match Evidence::read(dir) {
        Err(_) => true,
        Ok(reading) => {
            let judgement = judge(&reading);
            judgement.verdict == Verdict::BedError && !judgement.bed_errors.is_empty()
        }
    }
}

#[test]
fn touched_bytes_are_noticed_in_every_file() {
    let dir = tempfile::tempdir().unwrap();
    copied(dir.path());
    assert!(!noticed(dir.path()));
    for path in covered(dir.path()) {
        let whole = fs::read(&path).unwrap();
        let stride = whole.len() / 3 + 1;
        for at in (0..whole.len()).step_by(stride).chain([whole.len() - 1]) {
            let mut bent = whole.clone();
            bent[at] ^= 0x20;
            fs::write(&path, &bent).unwrap();
            assert!(noticed(dir.path()), "byte {at} of {}", path.display());
        }
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(noticed(dir.path()), "{} cut off", path.display());
        fs::remove_file(&path).unwrap();
        assert!(noticed(dir.path()), "{} gone", path.display());
        fs::write(&path, &whole).unwrap();
    }
    assert!(!noticed(dir.path()));
}

#[test]
fn a_touched_scenario_spoils_itself_alone() {
    let dir = tempfile::tempdir().unwrap();
    copied(dir.path());
    fs::write(dir.path().join("scenarios/stranger.jsonl"), b"{}\n").unwrap();
    let judgement = judged(dir.path());
    let verdict = |id: &str| {
        judgement
            .scenarios
            .iter()
            .find(|s| s.scenario == id)
            .unwrap()
            .verdict
    };
    assert_eq!(
        (verdict("stranger"), verdict("pin-right")),
        (Verdict::BedError, Verdict::Pass)
    );
    assert_eq!(judgement.verdict.exit_code(), 3);
}
