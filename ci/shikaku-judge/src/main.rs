//! The judge alone, for those who trust no simulator: a folder of recorded evidence in, verdicts and
//! report out. Exit codes: 0 passed, 1 a product failed, 2 usage, unreadable folder, or a waiver unused or
//! expired, 3 the bed is at fault, 4 incomplete.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use evidence::Evidence;
use judge::Exceptions;
use reports::{Page, RunInfo};

/// Judges recorded evidence again and prints the report.
#[derive(Parser)]
#[command(name = "shikaku-judge", version, after_help = CODES)]
struct Asked {
    /// Evidence folder, or a report folder that has one called `evidence`
    dir: PathBuf,
    /// Also write report.json, report.html, junit.xml and the schema into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Waivers (YAML) in place of those the run was made with
    #[arg(long, value_name = "FILE")]
    waivers: Option<PathBuf>,
    /// The vendor's statement (YAML) of what its products leave out, in place of the run's own
    #[arg(long, value_name = "FILE")]
    statement: Option<PathBuf>,
    /// What to print: a summary to read, or report.json
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

const CODES: &str = "Exit codes: 0 passed, 1 a product failed, 2 usage, unreadable folder, or a waiver unused or \
                     expired, 3 the bed or its evidence is at fault, 4 incomplete";
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let asked = Asked::parse();
    match judge(&asked) {
        Ok(code) => ExitCode::from(code),
        Err(said) => {
            remark(&format!("shikaku-judge: {said}"));
            ExitCode::from(USAGE)
        }
    }
}

fn judge(asked: &Asked) -> Result<u8, String> {
    let folder = evidence_in(&asked.dir)?;
    if let Some(out) = &asked.out {
        keep_apart(&folder, out)?;
    }
    let reading = Evidence::read(&folder)
        .map_err(|damage| format!("{}: cannot be judged. {damage}", folder.display()))?;
    let scenarios = reading.evidence.run.scenarios.iter();
    let exceptions = Exceptions::read(
        asked.waivers.as_deref(),
        asked.statement.as_deref(),
        &scenarios.map(|line| line.id.as_str()).collect(),
    )
    .map_err(|error| error.to_string())?;
    let judgement = judge::judge_with(&reading, &exceptions);
    let untested = requirements::untested().map_err(|error| error.to_string())?;
    let page = Page::build(&judgement, &reading.evidence, &untested).map_err(|e| e.to_string())?;
    let run_info = RunInfo {
        tool: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..RunInfo::default()
    };
    if let Some(out) = &asked.out {
        reports::write_all(out, &page, &reading.evidence, &run_info)
            .map_err(|error| error.to_string())?;
    }
    let printed = match asked.format {
        Format::Text => reports::text(&page),
        Format::Json => reports::json(&page, &run_info).map_err(|error| error.to_string())?,
    };
    // Whoever reads may close the pipe early (`| head`); the verdict stands all the same.
    let _ = std::io::stdout().write_all(printed.as_bytes());
    if let (Some(out), Format::Text) = (&asked.out, asked.format) {
        remark(&format!(
            "Report written to {}",
            out.join("report.html").display()
        ));
    }
    Ok(judgement.exit_code())
}

/// The evidence folder itself: `dir`, or `evidence` in it.
fn evidence_in(dir: &Path) -> Result<PathBuf, String> {
    if !dir.is_dir() {
        return Err(format!(
            "{} is no folder, or may not be read. Name the evidence folder of a run, or the report folder around it.",
            dir.display()
        ));
    }
    let inner = dir.join("evidence");
    [dir.to_owned(), inner]
        .into_iter()
        .find(|folder| folder.join("DIGESTS").exists())
        .ok_or_else(|| {
            format!(
                "{} holds no evidence: neither it nor a folder evidence in it has the file DIGESTS. \
                 Name the evidence folder of a run, or the report folder around it.",
                dir.display()
            )
        })
}

/// A report written into the evidence would be damage to the next who reads it.
fn keep_apart(evidence: &Path, out: &Path) -> Result<(), String> {
    let evidence = evidence
        .canonicalize()
        .map_err(|error| format!("{}: {error}", evidence.display()))?;
    // What does not exist yet is judged by the nearest folder around it that does.
    let around = out.ancestors().find_map(|folder| match folder.as_os_str() {
        empty if empty.is_empty() => Path::new(".").canonicalize().ok(),
        _ => folder.canonicalize().ok(),
    });
    match around {
        Some(folder) if folder.starts_with(&evidence) => Err(format!(
            "--out {}: this lies inside the evidence, where a report would be damage. Name a folder outside it.",
            out.display()
        )),
        _ => Ok(()),
    }
}

/// Says something on standard error; a reader that went away is no error.
fn remark(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}
