//! `shikaku impostors`: the judge is judged. Every impostor plays the stories about what it breaks, and a
//! sample of the others; it must fail every requirement it breaks and no unrelated one. The control run,
//! with no impostor in it, plays everything and must be clean.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use ::impostors::Impostor;
use ::judge::{Judgement, Verdict};
use clap::Args;
use scenarios::{Cast, Story};
use serde::Serialize;

use crate::bundle::{Bed, jobs};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::{Format, Setting, Style, say, say_json};

/// Arguments of `shikaku impostors`.
#[derive(Args)]
pub struct Options {
    /// Only these impostors, and no control run.
    ids: Vec<String>,
    #[command(flatten)]
    setting: Setting,
    /// Let every impostor play every story, not those it has to do with and a sample.
    #[arg(long)]
    whole: bool,
    /// Threads; as many as the machine has unless told otherwise.
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    format: Format,
}

/// Stories by the requirement that was failed in them.
type Convictions = BTreeMap<String, BTreeSet<String>>;

#[derive(Serialize)]
struct Row {
    impostor: String,
    role: String,
    breaks: Vec<String>,
    failed: Vec<String>,
    unrelated: Vec<String>,
    at_fault: Vec<String>,
    bed_errors: Vec<String>,
    convictions: Convictions,
    killed: bool,
}

#[derive(Serialize)]
struct Kills {
    /// Whether the control run was clean; null when none was made.
    control_clean: Option<bool>,
    /// What the control run did not pass; nothing when it is clean, null when none was made.
    control: Option<Convictions>,
    rows: Vec<Row>,
}

/// Plays and prints the kill table. Exit code 3 when an impostor survives: then the suite itself cannot be
/// trusted.
pub fn run(options: &Options) -> Result<u8, Failure> {
    if let Some(id) = &options.setting.impostor {
        return Err(Failure::Configuration(format!(
            "--impostor {id}: this command plays every impostor by itself. Name the ones you want without the option: `shikaku impostors {id}`."
        )));
    }
    let bed = Bed::open(&options.setting)?;
    let wanted = wanted(&options.ids)?;
    let jobs = jobs(options.jobs);
    let (control_clean, control) = match options.ids.is_empty() {
        true => {
            let (clean, found) = controlled(&bed, jobs)?;
            (Some(clean), Some(found))
        }
        false => (None, None),
    };
    let kills = Kills {
        control_clean,
        control,
        rows: rows(&bed, &wanted, options.whole, jobs)?,
    };
    match options.format.format {
        Style::Json => say_json(&kills)?,
        Style::Text => say(&text(&kills))?,
    }
    let sound = kills.control_clean != Some(false) && kills.rows.iter().all(|r| r.killed);
    Ok(if sound { 0 } else { 3 })
}

fn wanted(ids: &[String]) -> Result<Vec<Impostor>, Failure> {
    let all = ::impostors::impostors().map_err(Failure::bed)?;
    if let Some(unknown) = ids.iter().find(|id| all.iter().all(|i| i.id != **id)) {
        return Err(Failure::Configuration(format!(
            "{unknown}: there is no impostor of that name. `shikaku list` names them all."
        )));
    }
    let chosen = |one: &Impostor| ids.is_empty() || ids.contains(&one.id);
    Ok(all.into_iter().filter(chosen).collect())
}

/// Whether the references pass the whole suite, and what they do not pass.
fn controlled(bed: &Bed, jobs: usize) -> Result<(bool, Convictions), Failure> {
    let stories: Vec<_> = bed.suite.stories.iter().collect();
    let judgement = judged(bed, &stories, &bed.cast, jobs)?;
    let missed = judgement.findings.iter();
    let missed = missed.filter(|f| f.verdict != Verdict::Pass && f.verdict != Verdict::NotTested);
    let mut found = Convictions::new();
    for finding in missed {
        let of = found.entry(finding.requirement.clone()).or_default();
        of.insert(format!("{} {:?}", finding.scenario, finding.verdict));
    }
    let untested = judgement.requirements.iter();
    for one in untested.filter(|r| r.verdict == Verdict::NotTested) {
        let of = found.entry(one.requirement.clone()).or_default();
        of.insert(format!("{} {:?}", one.role, one.verdict));
    }
    for error in &judgement.bed_errors {
        let of = found.entry("bed".to_owned()).or_default();
        of.insert(format!("{} {}", error.scenario, error.error));
    }
    Ok((judgement.verdict == Verdict::Pass, found))
}

/// One row an impostor, shared out over threads.
fn rows(bed: &Bed, wanted: &[Impostor], whole: bool, jobs: usize) -> Result<Vec<Row>, Failure> {
    let progress = Progress::new("impostors", wanted.len());
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let rows: Mutex<Vec<(usize, Result<Row, Failure>)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, wanted.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some(impostor) = wanted.get(at) else {
                        return;
                    };
                    let row = played(bed, impostor, whole);
                    let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
                    rows.push((at, row));
                    progress.at(done.fetch_add(1, Ordering::SeqCst) + 1);
                }
            });
        }
    });
    progress.finish();
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    rows.sort_by_key(|(at, _)| *at);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn played(bed: &Bed, impostor: &Impostor, whole: bool) -> Result<Row, Failure> {
    let products = ::impostors::products(&impostor.id).ok_or_else(|| {
        Failure::Bed(format!(
            "impostors.yaml names {}, and no such product is built.",
            impostor.id
        ))
    })?;
    let sample = sample(&bed.suite.stories);
    let stories = bed.suite.stories.iter();
    let stories: Vec<_> = stories
        .filter(|story| whole || sample.contains(story.id.as_str()) || concerns(story, impostor))
        .collect();
    let judgement = judged(bed, &stories, &bed.with_products(products), 1)?;
    Ok(row(impostor, &judgement))
}

/// The first story of every feature file: a little of everything.
fn sample(stories: &[Story]) -> BTreeSet<&str> {
    let file = |story: &Story| story.place.split(':').next().unwrap_or_default().to_owned();
    let mut seen = BTreeSet::new();
    let first = stories.iter().filter(|story| seen.insert(file(story)));
    first.map(|story| story.id.as_str()).collect()
}

fn concerns(story: &Story, impostor: &Impostor) -> bool {
    let mut ids = story.requirements.iter();
    ids.any(|id| impostor.breaks.contains(id) || impostor.also.iter().any(|a| &a.id == id))
}

fn judged(bed: &Bed, stories: &[&Story], cast: &Cast, jobs: usize) -> Result<Judgement, Failure> {
    let dir = tempfile::tempdir()
        .map_err(|e| Failure::Configuration(format!("a temporary folder: {e}.")))?;
    let quiet = Progress::new("", usize::MAX);
    Ok(bed
        .play(stories, cast, jobs, &dir.path().join("evidence"), &quiet)?
        .judgement)
}

fn row(impostor: &Impostor, judgement: &Judgement) -> Row {
    let mut convictions = Convictions::new();
    let mut at_fault = BTreeSet::new();
    let failed = judgement.findings.iter();
    for finding in failed.filter(|f| f.verdict == Verdict::Fail) {
        let of = convictions.entry(finding.requirement.clone()).or_default();
        of.insert(finding.scenario.clone());
        at_fault.extend(finding.at_fault.clone());
    }
    let failed: Vec<String> = convictions.keys().cloned().collect();
    let related =
        |id: &&String| impostor.breaks.contains(id) || impostor.also.iter().any(|a| &a.id == *id);
    let unrelated: Vec<String> = failed.iter().filter(|id| !related(id)).cloned().collect();
    let hit = impostor.breaks.iter().all(|id| failed.contains(id));
    let at_fault: Vec<String> = at_fault.into_iter().collect();
    let blamed = at_fault == [impostor.role.clone()];
    let bed_errors = judgement.bed_errors.iter();
    let bed_errors: Vec<String> = bed_errors
        .map(|e| format!("{}: {}", e.scenario, e.error))
        .collect();
    Row {
        impostor: impostor.id.clone(),
        role: impostor.role.clone(),
        breaks: impostor.breaks.clone(),
        killed: hit && blamed && unrelated.is_empty() && bed_errors.is_empty(),
        failed,
        unrelated,
        at_fault,
        bed_errors,
        convictions,
    }
}

fn text(kills: &Kills) -> String {
    let killed = kills.rows.iter().filter(|r| r.killed).count();
    let state = match kills.control_clean {
        Some(true) => "clean",
        Some(false) => "NOT CLEAN",
        None => "not made",
    };
    let mut out = format!("control run {state}\n");
    for (requirement, stories) in kills.control.iter().flatten() {
        for story in stories {
            out += &format!("  {requirement:<9} {story}\n");
        }
    }
    for row in &kills.rows {
        out += &told(row);
    }
    out + &format!("{killed} of {} impostors killed\n", kills.rows.len())
}

fn told(row: &Row) -> String {
    let state = if row.killed { "killed  " } else { "SURVIVES" };
    let mut out = format!(
        "{state} {:<42} breaks {:<9} failed {}",
        row.impostor,
        row.breaks.join(" "),
        row.failed.join(" ")
    );
    if !row.unrelated.is_empty() {
        out += &format!("  UNRELATED {}", row.unrelated.join(" "));
    }
    out += &format!("  at fault: {}\n", row.at_fault.join(" "));
    for error in &row.bed_errors {
        out += &format!("         bed error in {error}\n");
    }
    out
}
