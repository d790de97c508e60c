//! An evidence folder survives the way to disk and back, and no covered byte changes unnoticed.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets an error should stop there"
)]

use evidence::{
    Attested, Declared, EntryKind, Evidence, Fact, Party, Record, Run, SCHEMA, ScenarioLine,
    ScenarioRecords, Tapped, Tls, What, Writer, digest_hex,
};

fn sample() -> (Run, Vec<ScenarioRecords>) {
    let bytes = "POST / ⟦PIN#1⟧".as_bytes().to_vec();
    let digest = digest_hex(&bytes);
    let line = |id: &str| ScenarioLine {
        id: id.into(),
        ja: "題".into(),
        en: "title".into(),
        place: "a.feature:3".into(),
        requirements: vec!["SEC-03".into()],
        roles: vec!["terminal".into()],
        steps: vec![],
        replay: "r".into(),
    };
    let whats = vec![
        What::Declared(Declared {
            fact: Fact::InsurerEntry {
                insurer: "A".into(),
                person: "田中".into(),
                kind: EntryKind::Gain,
                insurer_number: "06991234".into(),
                symbol: "1".into(),
                number: "2".into(),
                branch: "00".into(),
                on: "2026-04-01".into(),
                known_at: "x".into(),
                carries: Default::default(),
            },
        }),
        What::Tapped(Tapped {
            hop: "reader".into(),
            from: Party::role("reader"),
            to: Party::role("terminal"),
            connection: 1,
            name: None,
            bytes: Some(digest.clone()),
            tls: Some(Tls::default()),
        }),
        What::Attested(Attested {
            product: Party::role("reader"),
            shows: "screen".into(),
            seen: serde_json::json!({"id": "DONE"}),
        }),
    ];
    let records: Vec<Record> = whats
        .into_iter()
        .zip(1..)
        .map(|(what, seq)| Record {
            seq,
            at: "2026-10-15T09:00:00.000+09:00".into(),
            what,
        })
        .collect();
    let scenario = |id: &str| ScenarioRecords {
        id: id.into(),
        records: records.clone(),
        bytes: [(digest.clone(), bytes.clone())].into(),
    };
    let run = Run {
        schema: SCHEMA.into(),
        suite: "s".into(),
        seed: 1,
        edition: "2026-10-15".into(),
        profile: Default::default(),
        part: false,
        waivers: vec![],
        statements: vec![],
        products: vec![],
        requirements: vec![],
        scenarios: vec![line("one"), line("two")],
    };
    let mut two = scenario("two");
    two.records[0].at = "2026-10-15T08:59:00.000+09:00".into();
    (run, vec![scenario("one"), two])
}

fn files(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = vec![dir.join("run.json"), dir.join("DIGESTS")];
    for sub in ["scenarios", "bytes"] {
        all.extend(
            std::fs::read_dir(dir.join(sub))
                .unwrap()
                .map(|e| e.unwrap().path()),
        );
    }
    all
}

#[test]
fn what_was_written_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let (run, scenarios) = sample();
    Writer::write(dir.path(), &run, &scenarios, &serde_json::json!({})).unwrap();
    let reading = Evidence::read(dir.path()).unwrap();
    assert!(reading.damage.is_empty(), "{:?}", reading.damage);
    assert_eq!(reading.evidence.run, run);
    assert_eq!(reading.evidence.scenario("one"), Some(&scenarios[0]));
}

#[test]
fn every_flipped_byte_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let (run, scenarios) = sample();
    Writer::write(dir.path(), &run, &scenarios, &serde_json::json!({})).unwrap();
    for path in files(dir.path()) {
        let whole = std::fs::read(&path).unwrap();
        for index in 0..whole.len() {
            let mut bent = whole.clone();
            bent[index] ^= 1;
            std::fs::write(&path, &bent).unwrap();
            let noticed = match Evidence::read(dir.path()) {
                Err(_) => true,
                Ok(reading) => !reading.damage.is_empty(),
            };
            assert!(
                noticed,
                "byte {index} of {} changed unnoticed",
                path.display()
            );
        }
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let cut = Evidence::read(dir.path());
        assert!(
            cut.map_or(true, |r| !r.damage.is_empty()),
            "{} cut unnoticed",
            path.display()
        );
        std::fs::write(&path, &whole).unwrap();
    }
    assert!(Evidence::read(dir.path()).unwrap().damage.is_empty());
}

#[test]
fn strangers_links_and_gaps_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let (run, scenarios) = sample();
    Writer::write(dir.path(), &run, &scenarios, &serde_json::json!({})).unwrap();
    std::fs::write(dir.path().join("scenarios/three.jsonl"), b"").unwrap();
    std::fs::remove_file(dir.path().join("scenarios/two.jsonl")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", dir.path().join("scenarios/two.jsonl")).unwrap();
    let reading = Evidence::read(dir.path()).unwrap();
    let text: Vec<String> = reading
        .damage
        .iter()
        .map(|(id, d)| format!("{id}: {d}"))
        .collect();
    assert!(
        text.iter().any(|t| t.contains("scenarios/three.jsonl")),
        "{text:?}"
    );
    assert!(
        text.iter()
            .any(|t| t.starts_with("two: ") && t.contains("a plain file")),
        "{text:?}"
    );
    assert!(
        reading.evidence.scenario("one").is_some() && reading.evidence.scenario("two").is_none()
    );
}

#[test]
fn older_and_foreign_folders_are_refused_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    assert!(
        Evidence::read(dir.path())
            .unwrap_err()
            .to_string()
            .contains("DIGESTS")
    );
    let (mut run, scenarios) = sample();
    run.schema = "shikaku-evidence/1".into();
    Writer::write(dir.path(), &run, &scenarios, &serde_json::json!({})).unwrap();
    let said = Evidence::read(dir.path()).unwrap_err().to_string();
    assert!(
        said.contains("shikaku-evidence/3") && said.contains("shikaku-evidence/1"),
        "{said}"
    );
}

#[test]
fn a_products_digest_is_kept_when_it_is_one_and_absent_when_nobody_told_it() {
    let (mut run, scenarios) = sample();
    let product = |digest: &str| evidence::ProductLine {
        role: "reader".into(),
        name: "Example Reader".into(),
        version: "2.1".into(),
        vendor: String::new(),
        digest: digest.into(),
    };
    let good = format!("sha256:{}", "a".repeat(64));
    for (digest, reads) in [
        ("", true),
        (good.as_str(), true),
        (&good[..70], false),
        (&good.to_uppercase(), false),
        (&"a".repeat(64), false),
    ] {
        let dir = tempfile::tempdir().unwrap();
        run.products = vec![product(digest)];
        Writer::write(dir.path(), &run, &scenarios, &serde_json::json!({})).unwrap();
        let head = std::fs::read_to_string(dir.path().join("run.json")).unwrap();
        assert_eq!(head.contains("digest"), !digest.is_empty(), "{head}");
        assert!(!head.contains("vendor"), "{head}");
        match Evidence::read(dir.path()) {
            Ok(reading) => assert!(reads && reading.evidence.run == run, "{digest}"),
            Err(damage) => {
                let said = damage.to_string();
                assert!(!reads && said.contains("digest of the reader"), "{said}");
            }
        }
    }
}
