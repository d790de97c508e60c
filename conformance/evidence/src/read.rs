//! Reading an evidence folder. Every covered byte is checked against `DIGESTS`, and each damage is
//! told with its file, what was expected and what was found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;

use crate::damage::{Damage, broken, io};
use crate::head::read_head;
use crate::pack::unpack;
use crate::{Act, DIGESTS, Fact, Record, Run, ScenarioLine, ScenarioRecords, What, digest_hex};

const MAX_FILE: u64 = 64 * 1024 * 1024;
const MAX_FILES: usize = 200_000;
/// All covered files together: ten times what the largest suite there is takes.
const MAX_ALL: u64 = 256 * 1024 * 1024;
/// All files of records together. Read and judged, a record takes many times its bytes.
const MAX_RECORD_FILES: u64 = 48 * 1024 * 1024;
/// Records of one scenario; the longest has some hundreds.
const MAX_RECORDS: usize = 5_000;
/// What the records of one scenario may point at in all: the same bytes can be pointed at again and again, and are
/// read each time.
const MAX_POINTED: usize = 64 * 1024 * 1024;

/// A folder read and checked.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The head.
    pub run: Run,
    /// Digest of `DIGESTS`: names this evidence.
    pub digest: String,
    scenarios: BTreeMap<String, ScenarioRecords>,
}

/// What reading found: the evidence as far as it can be trusted, and every damage.
#[derive(Debug)]
pub struct Reading {
    /// Head and records that passed the check.
    pub evidence: Evidence,
    /// Damage by scenario id; the empty id concerns the whole run.
    pub damage: Vec<(String, Damage)>,
}

impl Evidence {
    /// Reads `dir`. Fails only when there is no usable head; any other damage is returned
    /// beside what could be read, tied to the scenarios it spoils.
    pub fn read(dir: &Path) -> Result<Reading, Damage> {
        let sums_bytes = slurp(&dir.join(DIGESTS))?;
        let sums = parse_sums(&sums_bytes)?;
        real_folders(dir)?;
        bearable(dir, &sums)?;
        let run = read_head(&checked(dir, "run.json", &sums)?)?;
        let mut scenarios = BTreeMap::new();
        let mut damage = Vec::new();
        let read = |line: &ScenarioLine| read_scenario(dir, &run, &line.id, &sums);
        let all: Vec<_> = run.scenarios.par_iter().map(read).collect();
        let mut bodies: BTreeMap<String, &str> = BTreeMap::new();
        for (line, read) in run.scenarios.iter().zip(all) {
            match read {
                Ok((records, body)) => match bodies.insert(body, &line.id) {
                    Some(other) if !records.records.is_empty() => {
                        damage.push((line.id.clone(), same_records(&line.id, other)));
                    }
                    _ => {
                        scenarios.insert(line.id.clone(), records);
                    }
                },
                Err(d) => damage.push((line.id.clone(), d)),
            }
        }
        damage.extend(
            unasked(dir, &sums, &run)?
                .into_iter()
                .map(|d| (String::new(), d)),
        );
        Ok(Reading {
            evidence: Evidence {
                run,
                digest: digest_hex(&sums_bytes),
                scenarios,
            },
            damage,
        })
    }

    /// The records of a scenario, if they were whole.
    pub fn scenario(&self, id: &str) -> Option<&ScenarioRecords> {
        self.scenarios.get(id)
    }

    /// Evidence straight from a play, without the way over files.
    pub fn from_parts(run: Run, scenarios: Vec<ScenarioRecords>) -> Self {
        let scenarios = scenarios.into_iter().map(|s| (s.id.clone(), s)).collect();
        Evidence {
            run,
            digest: String::new(),
            scenarios,
        }
    }
}

/// The folders in `dir` stand in it: a link would lead the reader to files of somebody else.
fn real_folders(dir: &Path) -> Result<(), Damage> {
    for name in ["scenarios", "bytes"] {
        let meta = fs::symlink_metadata(dir.join(name));
        if meta.is_ok_and(|meta| !meta.is_dir()) {
            return Err(broken(name, "a folder", "a file or a link"));
        }
    }
    Ok(())
}

/// No more in all than a reader can bear; what is missing is told when it is asked for.
fn bearable(dir: &Path, sums: &BTreeMap<String, String>) -> Result<(), Damage> {
    let all_of = |folder: &str| {
        let names = sums.keys().filter(|name| name.starts_with(folder));
        let lengths = names
            .filter_map(|name| fs::symlink_metadata(dir.join(name)).ok())
            .map(|meta| meta.len());
        lengths.fold(0_u64, u64::saturating_add)
    };
    for (folder, most) in [("", MAX_ALL), ("scenarios/", MAX_RECORD_FILES)] {
        let all = all_of(folder);
        if all > most {
            return Err(broken(
                &dir.join(folder).display().to_string(),
                format!("at most {most} bytes in all"),
                format!("{all} bytes"),
            ));
        }
    }
    Ok(())
}

/// No two stories of one seed leave the same trace: one of them was put in the place of the other.
fn same_records(id: &str, other: &str) -> Damage {
    broken(
        &format!("scenarios/{id}.jsonl"),
        "records of its own",
        format!("the very records of {other}"),
    )
}

fn slurp(path: &Path) -> Result<Vec<u8>, Damage> {
    let meta = fs::symlink_metadata(path).map_err(io(path))?;
    let shown = path.display().to_string();
    if !meta.is_file() {
        return Err(broken(&shown, "a plain file", "a folder or a link"));
    }
    if meta.len() > MAX_FILE {
        return Err(broken(
            &shown,
            format!("at most {MAX_FILE} bytes"),
            format!("{} bytes", meta.len()),
        ));
    }
    fs::read(path).map_err(io(path))
}

fn parse_sums(bytes: &[u8]) -> Result<BTreeMap<String, String>, Damage> {
    let text =
        std::str::from_utf8(bytes).map_err(|e| broken(DIGESTS, "UTF-8 text", e.to_string()))?;
    let mut sums = BTreeMap::new();
    for (number, line) in text.split_terminator('\n').enumerate() {
        let place = format!("{DIGESTS}:{}", number + 1);
        let parsed = line.split_once("  ").filter(|(sum, name)| {
            sum.len() == 64
                && sum
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
                && safe(name)
        });
        let Some((sum, name)) = parsed else {
            return Err(broken(
                &place,
                "64 hex digits, two spaces, a relative path",
                line.chars().take(80).collect::<String>(),
            ));
        };
        if sums.insert(name.to_owned(), sum.to_owned()).is_some() {
            return Err(broken(
                &place,
                "each file named once",
                format!("{name} twice"),
            ));
        }
        if sums.len() > MAX_FILES {
            return Err(broken(&place, format!("at most {MAX_FILES} files"), "more"));
        }
    }
    if !text.ends_with('\n') {
        return Err(broken(DIGESTS, "a line end after the last line", "none"));
    }
    Ok(sums)
}

fn safe(name: &str) -> bool {
    let path = Path::new(name);
    let covered =
        name == "run.json" || name.starts_with("scenarios/") || name.starts_with("bytes/");
    covered && !name.contains('\\') && path.components().all(|c| matches!(c, Component::Normal(_)))
}

/// A covered file, if its digest is the one `DIGESTS` says.
fn checked(dir: &Path, name: &str, sums: &BTreeMap<String, String>) -> Result<Vec<u8>, Damage> {
    let sum = sums
        .get(name)
        .ok_or_else(|| broken(DIGESTS, format!("a line for {name}"), "none"))?;
    let bytes = slurp(&dir.join(name))?;
    let found = digest_hex(&bytes);
    if found != *sum {
        return Err(broken(name, format!("SHA-256 {sum}"), found));
    }
    Ok(bytes)
}

/// Files that no scenario of the run owns, and files that `DIGESTS` does not name.
fn unasked(dir: &Path, sums: &BTreeMap<String, String>, run: &Run) -> Result<Vec<Damage>, Damage> {
    let owned: BTreeSet<String> = run
        .scenarios
        .iter()
        .flat_map(|line| files_of(&line.id))
        .chain(["run.json".to_owned()])
        .collect();
    let foreign = sums.keys().filter(|name| !owned.contains(*name));
    let foreign = foreign.map(|name| broken(name, "a scenario that run.json names", "another"));
    let unnamed = strangers(dir, sums)?;
    let unnamed = unnamed
        .iter()
        .map(|name| broken(name, "no file that DIGESTS does not name", "one"));
    Ok(foreign.chain(unnamed).collect())
}

fn files_of(id: &str) -> [String; 2] {
    [format!("scenarios/{id}.jsonl"), format!("bytes/{id}.pack")]
}

fn strangers(dir: &Path, sums: &BTreeMap<String, String>) -> Result<Vec<String>, Damage> {
    let mut found = Vec::new();
    for sub in ["", "scenarios", "bytes"] {
        let folder: PathBuf = dir.join(sub);
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let entry = entry.map_err(io(&folder))?;
            let file = entry.file_name().to_string_lossy().into_owned();
            let name = if sub.is_empty() {
                file
            } else {
                format!("{sub}/{file}")
            };
            let free =
                ["scenarios", "bytes", "views", "times.json", DIGESTS].contains(&name.as_str());
            if !free && !sums.contains_key(&name) {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The records of a scenario, and the digest of the lines they stand in.
fn read_scenario(
    dir: &Path,
    run: &Run,
    id: &str,
    sums: &BTreeMap<String, String>,
) -> Result<(ScenarioRecords, String), Damage> {
    let [name, packed] = files_of(id);
    let content = checked(dir, &name, sums)?;
    let text =
        std::str::from_utf8(&content).map_err(|e| broken(&name, "UTF-8 text", e.to_string()))?;
    let body = bound(&name, text, &run.first_line(id))?;
    let mut scenario = ScenarioRecords {
        id: id.to_owned(),
        bytes: unpack(&packed, &checked(dir, &packed, sums)?)?,
        ..Default::default()
    };
    let mut asked = BTreeSet::new();
    let mut pointed = 0_usize;
    for (number, row) in body.split_terminator('\n').enumerate() {
        let place = format!("{name}:{}", number + 2);
        if number >= MAX_RECORDS {
            return Err(broken(
                &place,
                format!("at most {MAX_RECORDS} records"),
                "more",
            ));
        }
        let record = read_record(&place, row, number + 1)?;
        for digest in digests_of(&record) {
            let Some(bytes) = scenario.bytes.get(digest) else {
                return Err(broken(&place, format!("{digest} in {packed}"), "none"));
            };
            pointed = pointed.saturating_add(bytes.len());
            asked.insert(digest.to_owned());
        }
        if pointed > MAX_POINTED {
            return Err(broken(
                &place,
                format!("records that point at no more than {MAX_POINTED} bytes"),
                format!("{pointed} bytes"),
            ));
        }
        scenario.records.push(record);
    }
    match scenario
        .bytes
        .keys()
        .find(|digest| !asked.contains(*digest))
    {
        Some(idle) => Err(broken(&packed, "bytes some record points at", idle)),
        None => Ok((scenario, digest_hex(body.as_bytes()))),
    }
}

/// What follows the first line, which must be the one `run` gives this scenario.
fn bound<'a>(name: &str, text: &'a str, due: &str) -> Result<&'a str, Damage> {
    let (first, body) = text.split_once('\n').unwrap_or((text, ""));
    if first != due {
        return Err(broken(
            &format!("{name}:1"),
            format!("{due}, the records of this scenario in the town run.json tells of"),
            first.chars().take(200).collect::<String>(),
        ));
    }
    if !body.is_empty() && !body.ends_with('\n') {
        return Err(broken(name, "a line end after the last line", "none"));
    }
    Ok(body)
}

/// One record, written exactly as the writer writes it: no member more, none twice, no blank, no other line end.
fn read_record(place: &str, row: &str, seq: usize) -> Result<Record, Damage> {
    let record: Record =
        serde_json::from_str(row).map_err(|e| broken(place, "a record", e.to_string()))?;
    if record.seq as usize != seq {
        return Err(broken(
            place,
            format!("seq {seq}"),
            format!("seq {}", record.seq),
        ));
    }
    if serde_json::to_string(&record).ok().as_deref() != Some(row) {
        return Err(broken(
            place,
            "a record in the form it is written in",
            "unknown members, another order, other blanks or another line end",
        ));
    }
    Ok(record)
}

/// Every digest a record points at.
fn digests_of(record: &Record) -> Vec<&str> {
    match &record.what {
        What::Declared(d) => match &d.fact {
            Fact::Authority { certificate, .. } | Fact::Facility { certificate, .. } => {
                vec![certificate.as_str()]
            }
            Fact::Card {
                certificate, chip, ..
            } => {
                let signing = chip.iter().map(|c| c.signing_certificate.as_str());
                let signing = signing.filter(|digest| !digest.is_empty());
                std::iter::once(certificate.as_str())
                    .chain(signing)
                    .collect()
            }
            Fact::Hands {
                act: Act::PlantFile { bytes, .. },
                ..
            } => vec![bytes.as_str()],
            _ => Vec::new(),
        },
        What::Tapped(t) => {
            let chains = t
                .tls
                .iter()
                .flat_map(|t| t.client_chain.iter().chain(&t.server_chain));
            t.bytes.iter().chain(chains).map(String::as_str).collect()
        }
        What::Attested(_) => Vec::new(),
    }
}
