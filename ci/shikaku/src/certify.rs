//! `shikaku certify`: the whole suite for the built-in reference products, or with one of them
//! replaced by an impostor.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use ::judge::{Judgement, Verdict};
use clap::Args;
use reports::RunInfo;
use requirements::Role;
use scenarios::Story;

use crate::bundle::{Bed, ExceptionFiles, Fresh, jobs};
use crate::failure::Failure;
use crate::office::Naming;
use crate::progress::Progress;
use crate::sealing::Sealing;
use crate::{Format, Setting, Style, remark, say};

/// Arguments of `shikaku certify`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    setting: Setting,
    /// Only what concerns this role, e.g. eligibility-server.
    #[arg(long)]
    role: Option<String>,
    /// Threads; as many as the machine has unless told otherwise.
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    /// Where the report goes; a former report there is replaced.
    #[arg(long, default_value = "shikaku-report")]
    out: PathBuf,
    #[command(flatten)]
    exceptions: ExceptionFiles,
    #[command(flatten)]
    naming: Naming,
    #[command(flatten)]
    sealing: Sealing,
    #[command(flatten)]
    format: Format,
}

/// Plays, judges, reports.
pub fn run(options: &Options) -> Result<u8, Failure> {
    let watch = world::clock::Stopwatch::start();
    let mut bed = Bed::open(&options.setting)?;
    bed.except(&options.exceptions)?;
    let stories = chosen(&bed, options.role.as_deref())?;
    // A wrong key is told before anybody waits for the suite.
    let sealer = options.sealing.open()?;
    let fresh = Fresh::beside(&options.out)?;
    let progress = Progress::new("scenarios", stories.len());
    let judged = bed.play(
        &stories,
        &bed.cast,
        jobs(options.jobs),
        &fresh.dir().join("evidence"),
        &progress,
    )?;
    let info = RunInfo {
        duration_ms: Some(watch.milliseconds()),
        office: Some(
            options
                .naming
                .office(&judged.judgement.evidence, world::clock::real_now()),
        ),
        ..crate::judge::run_info()
    };
    let page = crate::judge::print_into(fresh.dir(), &judged, &info)?;
    sealer.seal(fresh.dir(), &page, &info)?;
    fresh.settle()?;
    match options.format.format {
        Style::Json => say(&crate::judge::as_json(&page)?)?,
        Style::Text => {
            let shown = crate::run::replayed_with(page, bed.impostor());
            say(&reports::text(&shown))?;
            say(&format!(
                "\nreport: {}\n",
                options.out.join("report.html").display()
            ))?;
        }
    }
    Ok(of_run(&judged.judgement, bed.has_impostor()))
}

/// The exit code of a run, waivers included.
fn of_run(judgement: &Judgement, impostor: bool) -> u8 {
    let broken = judgement
        .roles
        .iter()
        .any(|role| role.verdict == Verdict::Fail);
    let products = if broken {
        exit_code(Verdict::Fail, impostor)
    } else {
        0
    };
    match products {
        3 => 3,
        _ => judgement.exit_code(),
    }
}

/// The reference products are ours: when they fail, simulator and judge read a rule differently,
/// and that is the bed's own fault.
pub fn exit_code(verdict: Verdict, impostor: bool) -> u8 {
    match verdict {
        Verdict::Fail if !impostor => {
            remark(
                "shikaku: a built-in reference product failed. Simulator and judge read a rule differently: \
                 the bed itself is at fault. Please report it with the replay line.",
            );
            Verdict::BedError.exit_code()
        }
        other => other.exit_code(),
    }
}

fn chosen<'a>(bed: &'a Bed, role: Option<&str>) -> Result<Vec<&'a Story>, Failure> {
    let Some(role) = role else {
        return Ok(bed.suite.stories.iter().collect());
    };
    let known = Role::from_name(role).ok_or_else(|| {
        let names: Vec<_> = Role::ALL.iter().map(|r| r.name()).collect();
        Failure::Configuration(format!(
            "--role {role}: there is no such role. Choose one of {}.",
            names.join(", ")
        ))
    })?;
    let ids: Vec<&str> = ::judge::rules()
        .iter()
        .filter(|r| r.roles.contains(&known.name()))
        .map(|r| r.id)
        .collect();
    let stories: Vec<&Story> = bed
        .suite
        .stories
        .iter()
        .filter(|s| s.requirements.iter().any(|id| ids.contains(&id.as_str())))
        .collect();
    if stories.is_empty() {
        return Err(Failure::Configuration(format!(
            "--role {role}: not offered by this suite yet. `shikaku coverage` says what is tested and why the rest is not."
        )));
    }
    Ok(stories)
}
