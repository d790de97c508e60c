//! `shikaku impostors`: the judge is judged. Every impostor plays the whole suite; it must fail a
//! requirement it breaks and no unrelated one, and the control run must be clean.

use ::impostors::Impostor;
use ::judge::{Judgement, Verdict};
use clap::Args;
use serde::Serialize;

use crate::bundle::{Bed, jobs};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::{Format, Setting, Style, say, say_json};

/// Arguments of `shikaku impostors`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    setting: Setting,
    /// Threads; as many as the machine has unless told otherwise.
    #[arg(long)]
    jobs: Option<usize>,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Row {
    impostor: String,
    role: String,
    breaks: Vec<String>,
    failed: Vec<String>,
    unrelated: Vec<String>,
    at_fault: Vec<String>,
    killed: bool,
}

#[derive(Serialize)]
struct Kills {
    control_clean: bool,
    rows: Vec<Row>,
}

/// Plays everything and prints the kill table. Exit code 3 when an impostor survives: then the
/// suite itself cannot be trusted.
pub fn run(options: &Options) -> Result<u8, Failure> {
    let bed = Bed::open(&options.setting)?;
    let all = ::impostors::impostors().map_err(Failure::bed)?;
    let jobs = jobs(options.jobs);
    let progress = Progress::new("impostors", all.len());
    let control = judged(&bed, &bed.cast, jobs)?;
    let mut rows = Vec::new();
    for (done, impostor) in all.iter().enumerate() {
        let products = ::impostors::products(&impostor.id).ok_or_else(|| {
            Failure::Bed(format!(
                "impostors.yaml names {}, and no such product is built.",
                impostor.id
            ))
        })?;
        rows.push(row(
            impostor,
            &judged(&bed, &bed.with_products(products), jobs)?,
        ));
        progress.at(done + 1);
    }
    progress.finish();
    let kills = Kills {
        control_clean: control.verdict == Verdict::Pass,
        rows,
    };
    match options.format.format {
        Style::Json => say_json(&kills)?,
        Style::Text => say(&text(&kills))?,
    }
    let sound = kills.control_clean && kills.rows.iter().all(|r| r.killed);
    Ok(if sound { 0 } else { 3 })
}

fn judged(bed: &Bed, cast: &scenarios::Cast, jobs: usize) -> Result<Judgement, Failure> {
    let dir = tempfile::tempdir()
        .map_err(|e| Failure::Configuration(format!("a temporary folder: {e}.")))?;
    let stories: Vec<_> = bed.suite.stories.iter().collect();
    let quiet = Progress::new("", usize::MAX);
    Ok(bed
        .play(&stories, cast, jobs, &dir.path().join("evidence"), &quiet)?
        .judgement)
}

fn row(impostor: &Impostor, judgement: &Judgement) -> Row {
    let mut failed: Vec<String> = judgement
        .findings
        .iter()
        .filter(|f| f.verdict == Verdict::Fail)
        .map(|f| f.requirement.clone())
        .collect();
    failed.sort();
    failed.dedup();
    let mut at_fault: Vec<String> = judgement
        .findings
        .iter()
        .filter(|f| f.verdict == Verdict::Fail)
        .filter_map(|f| f.at_fault.clone())
        .collect();
    at_fault.sort();
    at_fault.dedup();
    let related =
        |id: &&String| impostor.breaks.contains(id) || impostor.also.iter().any(|a| &&a.id == id);
    let unrelated: Vec<String> = failed.iter().filter(|id| !related(id)).cloned().collect();
    let hit = impostor.breaks.iter().all(|id| failed.contains(id));
    let blamed = at_fault == [impostor.role.clone()];
    Row {
        impostor: impostor.id.clone(),
        role: impostor.role.clone(),
        breaks: impostor.breaks.clone(),
        killed: hit && blamed && unrelated.is_empty() && judgement.bed_errors.is_empty(),
        failed,
        unrelated,
        at_fault,
    }
}

fn text(kills: &Kills) -> String {
    let killed = kills.rows.iter().filter(|r| r.killed).count();
    let mut out = format!(
        "control run {}\n",
        if kills.control_clean {
            "clean"
        } else {
            "NOT CLEAN"
        }
    );
    for row in &kills.rows {
        let state = if row.killed { "killed  " } else { "SURVIVES" };
        out += &format!(
            "{state} {:<36} breaks {:<9} failed {}",
            row.impostor,
            row.breaks.join(" "),
            row.failed.join(" ")
        );
        if !row.unrelated.is_empty() {
            out += &format!("  UNRELATED {}", row.unrelated.join(" "));
        }
        out += &format!("  at fault: {}\n", row.at_fault.join(" "));
    }
    out + &format!("{killed} of {} impostors killed\n", kills.rows.len())
}
