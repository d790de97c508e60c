//! Writing and reading an evidence folder. Reading checks every covered byte against `DIGESTS`
//! and says of each damage which file, what was expected and what was found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::{Record, Run, SCHEMA, run::ScenarioLine};

const MAX_FILE: u64 = 64 * 1024 * 1024;
const MAX_FILES: usize = 200_000;
const DIGESTS: &str = "DIGESTS";

/// Lower-case hex SHA-256 of some bytes: the name they are kept under.
pub fn digest_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Why a folder cannot be written, or cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// The file system refused.
    #[error(
        "{path}: {error}. The evidence folder must be readable and writable; check the path and its rights."
    )]
    Io {
        /// Which file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file is not what the format says.
    #[error(
        "{path}: expected {expected}, found {found}. The evidence was changed or cut off after it was written; get an untouched copy."
    )]
    Broken {
        /// Which file, with its line where there is one.
        path: String,
        /// What the format says.
        expected: String,
        /// What is there.
        found: String,
    },
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Damage {
    let path = path.display().to_string();
    move |error| Damage::Io { path, error }
}

fn broken(path: &str, expected: impl Into<String>, found: impl Into<String>) -> Damage {
    Damage::Broken {
        path: path.to_owned(),
        expected: expected.into(),
        found: found.into(),
    }
}

/// The records of one scenario, ready to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScenarioRecords {
    /// Scenario id.
    pub id: String,
    /// Records in causal order.
    pub records: Vec<Record>,
    /// Bytes the records point at, by digest.
    pub bytes: BTreeMap<String, Vec<u8>>,
}

/// Writes a whole run at once.
pub struct Writer;

impl Writer {
    /// Writes the folder `dir`, which must be absent or empty. `real_times` goes to the sidecar.
    pub fn write(
        dir: &Path,
        run: &Run,
        scenarios: &[ScenarioRecords],
        real_times: &serde_json::Value,
    ) -> Result<(), Damage> {
        let occupied = fs::read_dir(dir)
            .map(|mut d| d.next().is_some())
            .unwrap_or(false);
        if occupied {
            return Err(broken(
                &dir.display().to_string(),
                "an absent or empty folder",
                "files in it",
            ));
        }
        for sub in ["scenarios", "bytes", "views"] {
            let path = dir.join(sub);
            fs::create_dir_all(&path).map_err(io(&path))?;
        }
        let mut sums = BTreeMap::new();
        let mut put = |name: String, content: &[u8]| -> Result<(), Damage> {
            let path = dir.join(&name);
            fs::write(&path, content).map_err(io(&path))?;
            sums.insert(name, digest_hex(content));
            Ok(())
        };
        put("run.json".into(), &pretty(run))?;
        let mut seen = BTreeSet::new();
        for scenario in scenarios {
            put(
                format!("scenarios/{}.jsonl", scenario.id),
                &lines(&scenario.records),
            )?;
            for (digest, bytes) in &scenario.bytes {
                if seen.insert(digest.clone()) {
                    put(format!("bytes/{digest}"), bytes)?;
                }
            }
        }
        let text: String = sums
            .iter()
            .map(|(name, sum)| format!("{sum}  {name}\n"))
            .collect();
        fs::write(dir.join(DIGESTS), text).map_err(io(&dir.join(DIGESTS)))?;
        fs::write(dir.join("times.json"), pretty(real_times)).map_err(io(&dir.join("times.json")))
    }

    /// Writes one decoded view, for readers only.
    pub fn view(dir: &Path, digest: &str, view: &serde_json::Value) -> Result<(), Damage> {
        let path = dir.join("views").join(format!("{digest}.json"));
        fs::write(&path, pretty(view)).map_err(io(&path))
    }
}

fn pretty(value: &impl serde::Serialize) -> Vec<u8> {
    // Plain data with string keys always serialises.
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}

fn lines(records: &[Record]) -> Vec<u8> {
    let mut out = Vec::new();
    for record in records {
        out.extend(serde_json::to_vec(record).unwrap_or_default());
        out.push(b'\n');
    }
    out
}

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
        let mut damage = Vec::new();
        let mut files = BTreeMap::new();
        for (name, sum) in &sums {
            match checked(dir, name, sum) {
                Ok(bytes) => {
                    files.insert(name.clone(), bytes);
                }
                Err(d) => damage.push((scenario_of(name), d)),
            }
        }
        for name in strangers(dir, &sums)? {
            damage.push((
                String::new(),
                broken(&name, "no file that DIGESTS does not name", "one"),
            ));
        }
        let run = read_run(&files)?;
        let mut scenarios = BTreeMap::new();
        for line in &run.scenarios {
            match read_scenario(line, &files) {
                Ok(records) => {
                    scenarios.insert(line.id.clone(), records);
                }
                Err(d) => damage.push((line.id.clone(), d)),
            }
        }
        for name in files.keys() {
            let id = scenario_of(name);
            if !id.is_empty() && !run.scenarios.iter().any(|s| s.id == id) {
                damage.push((
                    String::new(),
                    broken(name, "a scenario that run.json names", "another"),
                ));
            }
        }
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
    }
    if sums.len() > MAX_FILES {
        return Err(broken(
            DIGESTS,
            format!("at most {MAX_FILES} files"),
            sums.len().to_string(),
        ));
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

fn checked(dir: &Path, name: &str, sum: &str) -> Result<Vec<u8>, Damage> {
    let bytes = slurp(&dir.join(name))?;
    let found = digest_hex(&bytes);
    if found != sum {
        return Err(broken(name, format!("SHA-256 {sum}"), found));
    }
    match name.strip_prefix("bytes/") {
        Some(own) if own != found => Err(broken(name, "a name equal to its own digest", found)),
        _ => Ok(bytes),
    }
}

fn scenario_of(name: &str) -> String {
    name.strip_prefix("scenarios/")
        .and_then(|n| n.strip_suffix(".jsonl"))
        .unwrap_or("")
        .to_owned()
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

fn read_run(files: &BTreeMap<String, Vec<u8>>) -> Result<Run, Damage> {
    let Some(bytes) = files.get("run.json") else {
        return Err(broken(
            "run.json",
            "the head of the run, unchanged",
            "none that matches DIGESTS",
        ));
    };
    let head: serde_json::Value = serde_json::from_slice(bytes).map_err(|e| {
        broken(
            &format!("run.json:{}:{}", e.line(), e.column()),
            "JSON",
            e.to_string(),
        )
    })?;
    let schema = head
        .get("schema")
        .and_then(|s| s.as_str())
        .unwrap_or("none");
    if schema != SCHEMA {
        return Err(broken("run.json", format!("schema {SCHEMA}"), schema));
    }
    let run: Run = serde_json::from_slice(bytes).map_err(|e| {
        broken(
            &format!("run.json:{}:{}", e.line(), e.column()),
            "a run head",
            e.to_string(),
        )
    })?;
    let mut ids = BTreeSet::new();
    match run.scenarios.iter().find(|s| !ids.insert(s.id.clone())) {
        Some(twice) => Err(broken(
            "run.json",
            "each scenario once",
            format!("{} twice", twice.id),
        )),
        None => Ok(run),
    }
}

fn read_scenario(
    line: &ScenarioLine,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<ScenarioRecords, Damage> {
    let name = format!("scenarios/{}.jsonl", line.id);
    let Some(content) = files.get(&name) else {
        return Err(broken(
            &name,
            "the scenario's records, unchanged",
            "none that match DIGESTS",
        ));
    };
    let text =
        std::str::from_utf8(content).map_err(|e| broken(&name, "UTF-8 text", e.to_string()))?;
    let mut scenario = ScenarioRecords {
        id: line.id.clone(),
        ..Default::default()
    };
    for (number, row) in text.lines().enumerate() {
        let place = format!("{name}:{}", number + 1);
        let record: Record =
            serde_json::from_str(row).map_err(|e| broken(&place, "a record", e.to_string()))?;
        if record.seq as usize != number + 1 {
            return Err(broken(
                &place,
                format!("seq {}", number + 1),
                format!("seq {}", record.seq),
            ));
        }
        for digest in digests_of(&record) {
            let Some(bytes) = files.get(&format!("bytes/{digest}")) else {
                return Err(broken(
                    &place,
                    format!("bytes/{digest}, unchanged"),
                    "none that match DIGESTS",
                ));
            };
            scenario.bytes.insert(digest.to_owned(), bytes.clone());
        }
        scenario.records.push(record);
    }
    Ok(scenario)
}

/// Every digest a record points at.
fn digests_of(record: &Record) -> Vec<&str> {
    use crate::{Act, Fact, What};
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
