//! `shikaku judge`: judges recorded evidence again. Also the one place where a judged run is
//! turned into a page and printed.

use std::path::{Path, PathBuf};

use clap::Args;
use evidence::{Evidence, Record, ScenarioRecords, What, Writer};
use rayon::prelude::*;
use reports::{Page, RunInfo};

use crate::bundle::{ExceptionFiles, Judged};
use crate::failure::Failure;
use crate::{Format, Style, say};

/// Arguments of `shikaku judge`.
#[derive(Args)]
pub struct Options {
    /// An evidence folder, or a report folder that holds one.
    dir: PathBuf,
    #[command(flatten)]
    exceptions: ExceptionFiles,
    #[command(flatten)]
    format: Format,
}

/// Judges a folder.
pub fn run(options: &Options) -> Result<u8, Failure> {
    let nested = options.dir.join("evidence");
    let dir = if nested.is_dir() {
        nested
    } else {
        options.dir.clone()
    };
    if !dir.join("DIGESTS").exists() {
        return Err(Failure::Configuration(format!(
            "{} holds no evidence: there is no file DIGESTS. Name the evidence folder of a run, or the report folder around it.",
            options.dir.display()
        )));
    }
    let reading = Evidence::read(&dir).map_err(|e| Failure::Configuration(e.to_string()))?;
    let scenarios = reading.evidence.run.scenarios.iter();
    let exceptions = options
        .exceptions
        .read(&scenarios.map(|line| line.id.as_str()).collect())?;
    let judgement = ::judge::judge_with(&reading, &exceptions);
    let judged = Judged { reading, judgement };
    let page = page(&judged)?;
    match options.format.format {
        Style::Json => say(&as_json(&page)?)?,
        Style::Text => say(&reports::text(&page))?,
    }
    Ok(judged.judgement.exit_code())
}

/// The page of a judged run.
pub fn page(judged: &Judged) -> Result<Page, Failure> {
    let untested = requirements::untested().map_err(Failure::bed)?;
    Page::build(&judged.judgement, &judged.reading.evidence, &untested).map_err(Failure::bed)
}

/// The page as `report.json` has it, without real times.
pub fn as_json(page: &Page) -> Result<String, Failure> {
    reports::json(page, &run_info()).map_err(Failure::bed)
}

/// This program, as a report names it.
pub fn run_info() -> RunInfo {
    RunInfo {
        tool: "shikaku".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..RunInfo::default()
    }
}

/// Prints the report and the decoded views of a judged run into a folder; returns the page printed.
pub fn print_into(dir: &Path, judged: &Judged, info: &RunInfo) -> Result<Page, Failure> {
    let evidence = &judged.reading.evidence;
    let told = |e: &dyn std::fmt::Display| Failure::Configuration(e.to_string());
    let views = || {
        evidence.run.scenarios.par_iter().try_for_each(|line| {
            let Some(scenario) = evidence.scenario(&line.id) else {
                return Ok(());
            };
            let views = views(scenario);
            Writer::views(&dir.join("evidence"), &line.id, &views).map_err(|e| told(&e))
        })
    };
    let printed = || {
        let page = page(judged)?;
        reports::write_all(dir, &page, evidence, info).map_err(|e| told(&e))?;
        Ok(page)
    };
    let (views, page) = rayon::join(views, printed);
    views.and(page)
}

/// What the judge's decoders make of each message of a scenario that carried bytes, by its number.
pub fn views(scenario: &ScenarioRecords) -> Vec<(u32, serde_json::Value)> {
    let decoded = |record: &Record| {
        let What::Tapped(tapped) = &record.what else {
            return None;
        };
        let bytes = scenario.bytes.get(tapped.bytes.as_ref()?)?;
        let view = ::judge::decode::view(&tapped.hop, tapped.name.as_deref(), bytes);
        Some((record.seq, view))
    };
    scenario.records.iter().filter_map(decoded).collect()
}
