//! What a run makes exceptions for: deviations accepted by name (waivers) and what a vendor's own statement
//! leaves out. Both come after every rule has spoken, and neither makes a pass of anything.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use evidence::{RequirementLine, Run, Statement, Waiver};
use requirements::{Catalogue, DataError, Level};

use crate::calendar::Day;
use crate::{BedError, Finding, Verdict, WaiverState, WaiverVerdict};

/// A file of exceptions larger than this is none that people wrote.
const MAX_FILE: u64 = 1024 * 1024;

/// Exceptions handed in beside a run. What is absent leaves what the run was made with.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    waivers: Option<Vec<Waiver>>,
    statements: Option<Vec<Statement>>,
    /// What statements are about, as this version's catalogue words it: a run names only what it uses.
    lines: Vec<RequirementLine>,
}

/// Why exceptions were not taken: the fault of whoever wrote or named the file.
#[derive(Debug, thiserror::Error)]
pub enum ExceptionError {
    /// The file cannot be read.
    #[error("{path}: {error}. Name a file that can be read.")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file is too large to be hand-written.
    #[error("{path}: more than {MAX_FILE} bytes. Name a file of waivers or a statement.")]
    Large {
        /// The file.
        path: String,
    },
    /// The file says something wrong.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl Exceptions {
    /// Reads a file of waivers and a vendor's statement, where given. `scenarios` are the ids a waiver may name.
    pub fn read(
        waivers: Option<&Path>,
        statement: Option<&Path>,
        scenarios: &BTreeSet<&str>,
    ) -> Result<Self, ExceptionError> {
        let catalogue = Catalogue::shipped()?;
        let mut read = Exceptions::default();
        if let Some(path) = waivers {
            let (file, yaml) = (path.display().to_string(), slurp(path)?);
            let rows = requirements::waivers_from(&file, &yaml, &catalogue, scenarios)?;
            read.waivers = Some(rows.into_iter().map(waiver).collect());
        }
        if let Some(path) = statement {
            let (file, yaml) = (path.display().to_string(), slurp(path)?);
            let rows = requirements::statements_from(&file, &yaml, &catalogue)?;
            let about: BTreeSet<_> = rows.iter().map(|row| row.requirement.as_str()).collect();
            read.lines = about
                .into_iter()
                .filter_map(|id| catalogue.get(id))
                .map(requirement_line)
                .collect();
            read.statements = Some(rows.into_iter().map(statement_line).collect());
        }
        Ok(read)
    }

    /// Whether nothing was handed in.
    pub fn is_empty(&self) -> bool {
        self.waivers.is_none() && self.statements.is_none()
    }

    /// Puts them into the head of a run, in place of what stands there.
    pub fn put_into(&self, run: &mut Run) {
        if let Some(waivers) = &self.waivers {
            run.waivers.clone_from(waivers);
        }
        if let Some(statements) = &self.statements {
            run.statements.clone_from(statements);
        }
        for line in &self.lines {
            if !run.requirements.iter().any(|known| known.id == line.id) {
                run.requirements.push(line.clone());
            }
        }
    }
}

/// A requirement of the catalogue as a run copies it.
pub fn requirement_line(found: &requirements::Requirement) -> RequirementLine {
    let level = match found.level {
        Level::Must => "MUST",
        Level::Should => "SHOULD",
    };
    RequirementLine {
        id: found.id.clone(),
        level: level.to_owned(),
        roles: found.roles.iter().map(|r| r.name().to_owned()).collect(),
        ja: found.ja.clone(),
        en: found.en.clone(),
        source: found.source.clone(),
    }
}

/// Opens a plain file: a pipe might never begin, and a device never end.
fn plain(path: &Path) -> std::io::Result<File> {
    match std::fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(std::io::Error::other("it is no plain file")),
    }
}

fn slurp(path: &Path) -> Result<String, ExceptionError> {
    let shown = path.display().to_string();
    let mut text = String::new();
    let read = plain(path).and_then(|file| file.take(MAX_FILE + 1).read_to_string(&mut text));
    match read {
        Err(error) => Err(ExceptionError::Io { path: shown, error }),
        Ok(length) if length as u64 > MAX_FILE => Err(ExceptionError::Large { path: shown }),
        Ok(_) => Ok(text),
    }
}

fn waiver(row: requirements::Waiver) -> Waiver {
    Waiver {
        id: row.id,
        requirement: row.requirement,
        role: row.role.map(|role| role.name().to_owned()),
        scenario: row.scenario,
        reason: row.reason,
        owner: row.owner,
        expires: row.expires,
    }
}

fn statement_line(row: requirements::Statement) -> Statement {
    Statement {
        requirement: row.requirement,
        role: row.role.name().to_owned(),
        statement: row.statement,
    }
}

/// Turns findings a statement covers into not applicable ones. A statement about what is no SHOULD is
/// none of ours: the evidence was made by hand, and nothing is believed of it.
pub(crate) fn declare(run: &Run, findings: &mut [Finding], bed_errors: &mut Vec<BedError>) {
    for statement in &run.statements {
        if !may_be_left_out(run, statement) {
            bed_errors.push(BedError {
                scenario: String::new(),
                error: format!(
                    "run.json: a statement leaves out {} for {}, which the run does not name as a SHOULD. No statement is taken of a MUST; get an untouched copy of the evidence",
                    statement.requirement, statement.role
                ),
            });
            continue;
        }
        let covered = findings.iter_mut().filter(|finding| {
            finding.requirement == statement.requirement
                && finding.role == statement.role
                && finding.verdict != Verdict::BedError
        });
        for finding in covered {
            finding.verdict = Verdict::NotApplicable;
            finding.at_fault = None;
            finding.advice = None;
        }
    }
}

/// Whether the run's own copy of the requirement lets a product leave it out.
pub(crate) fn may_be_left_out(run: &Run, statement: &Statement) -> bool {
    let mut lines = run.requirements.iter();
    lines.any(|line| line.id == statement.requirement && line.level == "SHOULD")
}

/// Turns failing findings into waived ones and tells what became of each waiver. A finding goes to the first
/// waiver that covers it.
pub(crate) fn waive(run: &Run, findings: &mut [Finding]) -> Vec<WaiverVerdict> {
    let of = |waiver: &Waiver| {
        let holds = holds(waiver, &run.edition);
        let mut covers = Vec::new();
        let mut reached = false;
        for finding in findings.iter_mut().filter(|f| is_about(waiver, f)) {
            reached = true;
            if holds && finding.verdict == Verdict::Fail {
                finding.verdict = Verdict::Waived;
                let covered = (finding.scenario.clone(), finding.role.clone());
                if !covers.contains(&covered) {
                    covers.push(covered);
                }
            }
        }
        let state = match (holds, covers.is_empty()) {
            (false, _) => WaiverState::Expired,
            (true, false) => WaiverState::Used,
            (true, true) if run.part && !reached => WaiverState::NotReached,
            (true, true) => WaiverState::Unused,
        };
        WaiverVerdict {
            waiver: waiver.clone(),
            state,
            covers,
        }
    };
    run.waivers.iter().map(of).collect()
}

/// Its last day is a day and not before the edition date; the last day itself still counts.
fn holds(waiver: &Waiver, edition: &str) -> bool {
    match (Day::parse(&waiver.expires), Day::parse(edition)) {
        (Some(last), Some(today)) => today <= last,
        _ => false,
    }
}

fn is_about(waiver: &Waiver, finding: &Finding) -> bool {
    let named = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|one| one == is);
    waiver.requirement == finding.requirement
        && named(&waiver.role, &finding.role)
        && named(&waiver.scenario, &finding.scenario)
}
