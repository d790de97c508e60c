//! Reading an evidence folder. Every covered byte is checked against `DIGESTS`, and each damage is
//! told with its file, what was expected and what was found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;

use crate::damage::{Damage, broken, harmless, io};
use crate::pack::unpack;
use crate::write::pretty;
use crate::{
    Act, DIGESTS, Fact, Record, Run, SCHEMA, ScenarioLine, ScenarioRecords, What, digest_hex,
};

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
const MAX_ID: usize = 100;

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
        let run = read_run(dir, &sums)?;
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

fn read_run(dir: &Path, sums: &BTreeMap<String, String>) -> Result<Run, Damage> {
    let bytes = checked(dir, "run.json", sums)?;
    let head: serde_json::Value = serde_json::from_slice(&bytes).map_err(|e| {
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
        return Err(Damage::Schema {
            expected: SCHEMA,
            found: harmless(&schema.chars().take(80).collect::<String>()),
        });
    }
    let run: Run = serde_json::from_slice(&bytes).map_err(|e| {
        broken(
            &format!("run.json:{}:{}", e.line(), e.column()),
            "a run head",
            e.to_string(),
        )
    })?;
    if let Some(product) = run.products.iter().find(|p| !p.digest_reads()) {
        return Err(broken(
            "run.json",
            format!(
                "sha256: and 64 hex digits as digest of the {}",
                product.role
            ),
            product.digest.chars().take(80).collect::<String>(),
        ));
    }
    match problem_with(&run) {
        Some((expected, found)) => Err(broken("run.json", expected, found)),
        // A member standing twice, or spelled in another way, could be read differently by two readers.
        None if pretty(&run) != bytes => Err(broken(
            "run.json",
            "the form it is written in",
            "another order, other blanks or a member twice",
        )),
        None => Ok(run),
    }
}

/// What a head of the right shape may not say: expected and found.
fn problem_with(run: &Run) -> Option<(&'static str, String)> {
    let scenarios: Vec<&str> = run.scenarios.iter().map(|line| line.id.as_str()).collect();
    if let Some(id) = scenarios.iter().find(|id| !plain_id(id)) {
        let found: String = id.chars().take(MAX_ID).collect();
        return Some((
            "scenario ids of letters, digits, - and _, which name files",
            format!("{found:?}"),
        ));
    }
    if let Some(twice) = twice(scenarios.iter().copied()) {
        return Some(("each scenario once", format!("{twice} twice")));
    }
    if let Some(twice) = twice(run.requirements.iter().map(|line| line.id.as_str())) {
        return Some(("each requirement once", format!("{twice:?} twice")));
    }
    if let Some(twice) = twice(run.waivers.iter().map(|line| line.id.as_str())) {
        return Some(("each waiver once", format!("{twice:?} twice")));
    }
    if let Some(problem) = exception_problem(run) {
        return Some(problem);
    }
    let said = [&run.suite, &run.edition].into_iter();
    let said = said.chain(run.scenarios.iter().map(|line| &line.replay));
    let mut said = said.chain(run.profile.iter().flat_map(|(name, value)| [name, value]));
    if let Some(odd) = said.find(|text| !text.bytes().all(plain_token)) {
        let found: String = odd.chars().take(MAX_ID).collect();
        return Some((
            "suite, edition, profile and replay lines of letters, digits and : = . _ -, which are copied into a shell",
            format!("{found:?}"),
        ));
    }
    let products = run.products.iter();
    let mut words = products.flat_map(|p| [&p.role, &p.name, &p.version, &p.vendor]);
    if let Some(odd) = words.find(|text| !one_line(text)) {
        return Some(("products named in one plain line", format!("{odd:?}")));
    }
    let mut levels = run.requirements.iter().map(|line| line.level.as_str());
    let level = levels.find(|level| !["MUST", "SHOULD"].contains(level))?;
    Some(("level MUST or SHOULD", format!("{level:?}")))
}

/// What waivers and statements may not say, however they came into the head: the same as where people write them.
fn exception_problem(run: &Run) -> Option<(&'static str, String)> {
    let filled = |text: &str| !text.trim().is_empty() && one_line(text);
    let waived = run.waivers.iter().find(|w| {
        let named = [&w.role, &w.scenario].into_iter().flatten();
        let mut all = named.chain([&w.id, &w.requirement, &w.reason, &w.owner]);
        !all.all(|text| filled(text)) || !is_day(&w.expires)
    });
    if let Some(waiver) = waived {
        return Some((
            "waivers with id, requirement, reason and owner in plain words and a last day YYYY-MM-DD",
            format!("the waiver {:?}", waiver.id),
        ));
    }
    let mut stated = run.statements.iter();
    let odd = stated.find(|s| !filled(&s.requirement) || !filled(&s.role) || !filled(&s.statement));
    odd.map(|statement| {
        (
            "statements with requirement, role and plain words",
            format!("the statement about {:?}", statement.requirement),
        )
    })
}

/// Nothing in it moves a terminal, breaks the line or turns the text around.
fn one_line(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    !text.chars().any(|c| c.is_control() || turns(c))
}

/// `YYYY-MM-DD`, a day the calendar has.
fn is_day(text: &str) -> bool {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| match at {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let (Some(year), Some(month), Some(day)) = (part(0..4), part(5..7), part(8..10)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    shaped && (1..=12).contains(&month) && (1..=days).contains(&day)
}

fn plain_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b":=._-".contains(&b)
}

fn plain_id(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=MAX_ID).contains(&id.len()) && id.bytes().all(plain)
}

fn twice<'a>(mut ids: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    ids.find(|id| !seen.insert(*id))
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
