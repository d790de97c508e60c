//! The process is killed at every single write to the store, and the file opened again each time: nothing
//! that was acknowledged is missing, nothing is there twice, nothing is there by half. A child process
//! plays a fixed list of requests over the house's real interface and says after each that it was
//! answered; strace kills it at the boundary whose turn it is. Both are this one test.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Mutex;

use wire::eligibility::REFERENCE_NUMBERS;
use wire::face_file::Charset;
use wire::registration::{
    FEED_DRUGS, FEED_QUALIFICATIONS, FEED_RELEASES, FEED_SERIAL_PAIRS, FEED_USE_REGISTRATIONS,
    FedDrug, FedQualification, FedRelease, Qualification,
};
use wire::request::{ReferenceNumberInfo, ReferenceNumberRequest};
use world::http::Answer;

use super::dialogues::FAR;
use super::disk::life;
use super::site::{CARD, CLINIC, CONSENTS, LINK, Site, confirm, pair, post, registration, until};
use crate::entry::tests::{gain, loss};
use crate::store::Store;
use crate::{Durability, Reference};

/// Where the child finds the store; without it this is the parent.
const STORE: &str = "STORE_OF_A_HOUSE_TO_BE_KILLED";
/// Begins each line in which the child says what was answered.
const ANSWERED: &str = "answered ";
/// What changes a file on this system's SQLite.
const BOUNDARIES: [&str; 5] = ["pwrite64", "fdatasync", "fsync", "ftruncate", "unlink"];

/// One request after another, each with the status it must get.
const STEPS: [(&str, u16); 10] = [
    ("a registration", 201),
    ("a gain", 204),
    ("a release of today", 204),
    ("a registration that ends it", 201),
    ("a pair", 204),
    ("a loss", 204),
    ("a release to come", 204),
    ("a clinic's own number", 200),
    ("a drug", 204),
    ("a visit with consents", 200),
];

async fn step(site: &Site, at: usize) -> Answer {
    let entry = |qualification: Qualification| FedQualification {
        link_number: LINK.to_owned(),
        qualification,
    };
    let release = |effective_on: &str| FedRelease {
        link_number: LINK.to_owned(),
        effective_on: effective_on.to_owned(),
    };
    let insurers = "intermediate";
    match at {
        0 | 3 => {
            let fed = registration(CARD.serial, LINK);
            site.feed("portal", FEED_USE_REGISTRATIONS, &fed).await
        }
        1 => {
            site.feed(insurers, FEED_QUALIFICATIONS, &entry(gain()))
                .await
        }
        2 => {
            site.feed(insurers, FEED_RELEASES, &release("2026-10-15"))
                .await
        }
        4 => {
            let fed = pair(CARD.serial, "2027-10-01", 0xC0DE, "2026-10-15");
            site.feed("jlis", FEED_SERIAL_PAIRS, &fed).await
        }
        5 => {
            site.feed(insurers, FEED_QUALIFICATIONS, &entry(loss()))
                .await
        }
        6 => {
            site.feed(insurers, FEED_RELEASES, &release("2026-12-31"))
                .await
        }
        7 => own_number(site).await,
        8 => site.feed("review-body", FEED_DRUGS, &drug()).await,
        _ => {
            let mut clinic = site.connect(CLINIC).await.unwrap();
            let (session, _) = site.identified(&mut clinic, &until(FAR)).await;
            confirm(&mut clinic, &session, CONSENTS).await
        }
    }
}

async fn own_number(site: &Site) -> Answer {
    let request = ReferenceNumberRequest {
        medical_institution_code: CLINIC.to_owned(),
        arbitrary_file_identifier: String::new(),
        info: ReferenceNumberInfo {
            reference_number: "A-17".to_owned(),
            insured: registration(CARD.serial, LINK).insured,
        },
    };
    let body = request.to_bytes(Charset::Utf8).unwrap();
    let mut clinic = site.connect(CLINIC).await.unwrap();
    post(&mut clinic, REFERENCE_NUMBERS, "application/xml", body).await
}

fn drug() -> FedDrug {
    FedDrug {
        insured: registration(CARD.serial, LINK).insured,
        month: "2026-09".to_owned(),
        dispensed_on: "2026-09-03".to_owned(),
        drug_code: "620000001".to_owned(),
        drug_name: "模擬錠５ｍｇ".to_owned(),
        quantity: "28".to_owned(),
        unit: "錠".to_owned(),
        usage: "１日１回朝食後".to_owned(),
    }
}

/// A house on a disk that is told to keep every write.
fn house(path: &Path) -> Site {
    Site::on(path, Reference, |config| {
        config.durability = Durability::Full
    })
}

fn be_killed(path: &Path) {
    life().block_on(async {
        let site = house(path);
        println!("{ANSWERED}0");
        for (at, (what, status)) in STEPS.into_iter().enumerate() {
            let answer = step(&site, at).await;
            assert_eq!(answer.status, status, "{what}: {answer:?}");
            println!("{ANSWERED}{}", at + 1);
        }
    });
    println!("ended");
}

/// What lies in the store after the opening and after each step, when nobody is killed.
fn undisturbed(path: &Path) -> Vec<Vec<String>> {
    life().block_on(async {
        let site = house(path);
        let dump = || site.server.store().dump();
        let mut dumps = vec![dump()];
        for (at, (what, status)) in STEPS.into_iter().enumerate() {
            assert_eq!(step(&site, at).await.status, status, "{what}");
            dumps.push(dump());
        }
        dumps
    })
}

/// Runs the child under strace with these options more.
fn traced(store: &Path, options: &[&str]) -> Output {
    let own = std::env::current_exe().unwrap();
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-qq"])
        .arg(format!("--trace={}", BOUNDARIES.join(",")))
        .args(options)
        .arg(own)
        .args(["--exact", NAME, "--nocapture", "--test-threads=1"])
        .env(STORE, store);
    strace.output().unwrap_or_else(|e| {
        panic!(
            "strace cannot be run ({e}): install the package `strace`, it kills the process here"
        )
    })
}

const NAME: &str = "tests::kill::killed_at_any_write_nothing_acknowledged_is_lost";

/// How often the child crosses each boundary when nobody is killed.
fn crossings(dir: &Path) -> Vec<(&'static str, usize)> {
    let log = dir.join("strace.log");
    let options = ["-o", log.to_str().unwrap()];
    let output = traced(&dir.join("counted"), &options);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains("ended"),
        "the child did not end by itself: {output:?}"
    );
    let log = std::fs::read_to_string(log).unwrap();
    let count = |name: &str| log.matches(&format!(" {name}(")).count();
    BOUNDARIES.map(|name| (name, count(name))).to_vec()
}

/// Kills the child at one crossing; how many steps it had said were answered.
fn killed_at(store: &Path, boundary: &str, crossing: usize) -> usize {
    let inject = format!("--inject={boundary}:signal=SIGKILL:when={crossing}");
    let output = traced(store, &["-o", "/dev/null", &inject]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        !said.contains("ended"),
        "not killed at {boundary} {crossing}"
    );
    assert!(!said.contains("FAILED"), "{said}");
    said.matches(ANSWERED).count()
}

/// Looks at the file of a killed child, and sends again what got no answer.
fn examine(store: &Path, answered: usize, undisturbed: &[Vec<String>], case: &str) {
    // The opening itself was not acknowledged: then there may be nothing yet, but it opens.
    let done = answered.saturating_sub(1);
    let found = Store::open(store, Durability::Full).unwrap().dump();
    let next = (done + 1).min(undisturbed.len() - 1);
    let whole = found == undisturbed[done] || (answered > 0 && found == undisturbed[next]);
    assert!(whole, "{case}: {answered} answered, found {found:#?}");
    if done >= STEPS.len() - 1 || answered == 0 {
        return;
    }
    life().block_on(async {
        let site = house(store);
        let again = step(&site, done).await;
        let case = format!("{case}: {}", STEPS[done].0);
        assert!(
            again.status == STEPS[done].1 || again.status == 200,
            "{case}"
        );
        let tables = |dump: &[String]| {
            let mut rows = BTreeMap::<String, usize>::new();
            for line in dump {
                // What is asked by number is written down as often as it is asked.
                let table = line.split(' ').next().unwrap_or_default();
                if table != "inquiries" {
                    *rows.entry(table.to_owned()).or_default() += 1;
                }
            }
            rows
        };
        let found = tables(&site.server.store().dump());
        assert_eq!(found, tables(&undisturbed[next]), "{case}");
    });
}

#[test]
fn killed_at_any_write_nothing_acknowledged_is_lost() {
    if let Some(store) = std::env::var_os(STORE) {
        return be_killed(Path::new(&store));
    }
    let dir = tempfile::tempdir().unwrap();
    let undisturbed = undisturbed(&dir.path().join("undisturbed"));
    let crossings = crossings(dir.path());
    let written: usize = crossings.iter().map(|(_, count)| count).sum();
    assert!(
        written > 5 * STEPS.len(),
        "too few boundaries: {crossings:?}"
    );

    let all = crossings
        .iter()
        .flat_map(|(boundary, count)| (1..=*count).map(move |crossing| (*boundary, crossing)));
    let waiting = Mutex::new(all);
    let next = || waiting.lock().unwrap().next();
    let kill_in_turn = || {
        while let Some((boundary, crossing)) = next() {
            let case = format!("{boundary}-{crossing}");
            let store = dir.path().join(&case);
            let answered = killed_at(&store, boundary, crossing);
            examine(&store, answered, &undisturbed, &case);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(kill_in_turn);
        }
    });
}
