//! The certify run of the built-in products: its time on this machine's threads and its memory; and what a
//! large run costs to print and to verify.

use std::path::Path;

use evidence::{Damage, Declared, Evidence, Fact, Record, Tapped, What, Writer};
use reports::RunInfo;
use scenarios::Story;
use world::clock::{Stopwatch, real_now};

use super::figures::Figure;
use super::visit;
use crate::Setting;
use crate::bundle::{Bed, DEFAULT_EDITION, Judged, jobs};
use crate::failure::Failure;
use crate::office::Naming;
use crate::progress::Progress;
use crate::sealing::Sealing;

/// Scenarios of a large run.
const LARGE: usize = 500;

/// Runs once, report included.
pub fn measure() -> Result<Vec<Figure>, Failure> {
    let watch = Stopwatch::start();
    let setting = Setting {
        seed: 1,
        edition: DEFAULT_EDITION.to_owned(),
        set: Vec::new(),
        impostor: None,
    };
    let bed = Bed::open(&setting)?;
    let dir = tempfile::tempdir()
        .map_err(|e| Failure::Configuration(format!("a temporary folder: {e}.")))?;
    let stories: Vec<_> = bed.suite.stories.iter().collect();
    let jobs = jobs(None);
    let judged = bed.play(
        &stories,
        &bed.cast,
        jobs,
        &dir.path().join("evidence"),
        &Progress::new("scenarios", stories.len()),
    )?;
    printed_and_sealed(dir.path(), &judged)?;
    let took = watch.milliseconds() as f64;
    let mut figures = vec![
        Figure::new(
            format!(
                "certify, {} scenarios, {jobs} threads, report included",
                stories.len()
            ),
            took,
            0,
            "ms",
        )
        .aiming("under 4000"),
    ];
    if let Some(kib) = highest_memory_kib() {
        figures.push(Figure::new("its highest memory", kib / 1024.0, 0, "MiB").aiming("under 256"));
    }
    let operations = private_operations(&judged.reading.evidence, &stories) as f64;
    let share = operations * visit::private_operation()? / 1000.0 / (took * jobs as f64);
    figures.extend([
        Figure::new("RSA-2048 private operations in it", operations, 0, ""),
        Figure::new("their share of the threads' time", 100.0 * share, 0, "%"),
    ]);
    figures.extend(of_a_large_one(judged.reading.evidence)?);
    Ok(figures)
}

fn printed_and_sealed(dir: &Path, judged: &Judged) -> Result<(), Failure> {
    let info = RunInfo {
        office: Some(Naming::default().office(&judged.judgement.evidence, real_now())),
        ..crate::judge::run_info()
    };
    let page = crate::judge::print_into(dir, judged, &info)?;
    let sealer = Sealing::default().open()?;
    sealer.seal(dir, &page, &info)
}

/// Printing a run of [`LARGE`] scenarios in every format and verifying it, each beside hashing the bytes of
/// the folder.
fn of_a_large_one(evidence: Evidence) -> Result<Vec<Figure>, Failure> {
    let folder = tempfile::tempdir()
        .map_err(|e| Failure::Configuration(format!("a temporary folder: {e}.")))?;
    let dir = folder.path();
    repeated(evidence, &dir.join("evidence")).map_err(|e| Failure::Configuration(e.to_string()))?;
    let reading = Evidence::read(&dir.join("evidence")).map_err(Failure::bed)?;
    let judgement = ::judge::judge(&reading);
    let judged = Judged { reading, judgement };
    let printing = Stopwatch::start();
    printed_and_sealed(dir, &judged)?;
    let printing = printing.milliseconds() as f64;
    let highest = highest_memory_kib();
    drop(judged);
    let hashing = Stopwatch::start();
    seal::manifest::check(dir).map_err(|e| Failure::Configuration(e.to_string()))?;
    let hashing = (hashing.milliseconds() as f64).max(1.0);
    let verifying = Stopwatch::start();
    crate::verify::sound(dir)?;
    let verifying = verifying.milliseconds() as f64;
    let over = |name: &str| format!("{name} against hashing the folder's bytes");
    let mut figures = vec![
        Figure::new(
            format!("printing {LARGE} scenarios in every format, sealed"),
            printing,
            0,
            "ms",
        )
        .aiming("under 3000"),
        Figure::new(over("printing"), printing / hashing, 1, "×"),
        Figure::new(
            format!("verifying {LARGE} scenarios, judged again"),
            verifying,
            0,
            "ms",
        )
        .aiming("under 2000"),
        Figure::new(over("verifying"), verifying / hashing, 1, "×"),
    ];
    if let Some(kib) = highest {
        let highest = Figure::new("highest memory once printed", kib / 1024.0, 0, "MiB");
        figures.insert(1, highest.aiming("under 256"));
    }
    Ok(figures)
}

/// The same stories under new ids, as often as it takes; no suite this program knows.
fn repeated(evidence: Evidence, dir: &Path) -> Result<(), Damage> {
    let mut run = evidence.run.clone();
    run.suite = "0".repeat(64);
    run.scenarios.clear();
    let mut writer = Writer::begin(dir, &run)?;
    let lines = evidence.run.scenarios.iter().cycle().take(LARGE);
    for (number, line) in lines.enumerate() {
        let mut line = line.clone();
        let Some(mut records) = evidence.scenario(&line.id).cloned() else {
            continue;
        };
        line.id = format!("{}-{number}", line.id);
        records.id.clone_from(&line.id);
        // No two stories may leave the very same records; the copy says which one it is.
        if let Some(last) = records.records.last().cloned() {
            let fact = Fact::ProfileValue {
                key: "copy".to_owned(),
                value: number.to_string(),
            };
            records.records.push(Record {
                seq: last.seq + 1,
                what: What::Declared(Declared { fact }),
                ..last
            });
        }
        run.scenarios.push(line);
        writer.scenario(&records)?;
    }
    writer.finish(&run, &serde_json::json!({}))
}

/// RSA private operations a run made, by what its evidence shows: signatures of cards, certificates issued onto
/// them, and answers of the revocation service.
fn private_operations(evidence: &Evidence, stories: &[&Story]) -> usize {
    let records = stories.iter().filter_map(|s| evidence.scenario(&s.id));
    let of_each = records.map(|scenario| {
        let each = scenario.records.iter().map(|record| match &record.what {
            What::Declared(declared) => issued(&declared.fact),
            What::Tapped(tapped) => {
                let bytes = tapped.bytes.as_ref().and_then(|d| scenario.bytes.get(d));
                signed(tapped, bytes.map_or(&[], Vec::as_slice))
            }
            What::Attested(_) => 0,
        });
        each.sum::<usize>()
    });
    of_each.sum()
}

fn issued(fact: &Fact) -> usize {
    match fact {
        Fact::Card {
            chip: Some(chip),
            genuine: true,
            ..
        } => 1 + usize::from(!chip.signing_certificate.is_empty()),
        _ => 0,
    }
}

/// A COMPUTE SIGNATURE (INS 2A) that reached a card, or an answer of the revocation service.
fn signed(tapped: &Tapped, bytes: &[u8]) -> usize {
    let by_card = tapped.to.role == "card" && bytes.get(1) == Some(&0x2A);
    let by_responder = tapped.hop == "ocsp" && tapped.from.role == "jlis";
    usize::from(by_card || by_responder)
}

/// Highest resident memory of this process, where the system tells.
fn highest_memory_kib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
