//! `shikaku verify`: a report folder checked offline, by somebody who trusts nobody. Whole as it was
//! sealed, by whom, complete, judged again with the same result, printed again with the same bytes;
//! one line says what is wrong first, or that all is well.

mod compare;
mod gaps;
mod head;
mod members;
mod story;

use std::path::{Path, PathBuf};

use clap::Args;
use evidence::{Evidence, Run};
use jiff::Timestamp;
use seal::manifest::{self, Unusable};
use seal::{SealError, Signed, Stamp, Trust};
use serde::Serialize;

use crate::bundle::Judged;
use crate::failure::{Failure, harmless};
use crate::{Format, Style, say, say_json};
use compare::Own;
use head::Extent;

/// Arguments of `shikaku verify`.
#[derive(Args)]
#[command(after_help = CODES)]
pub struct Options {
    /// A report folder.
    bundle: PathBuf,
    /// Root certificates (PEM) of the signers and time-stamp authorities you trust; may be repeated.
    /// Without it only the published test authority is known, and its signatures are nobody's.
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    #[command(flatten)]
    format: Format,
}

/// The end of a check.
pub enum Wrong {
    /// Forged or damaged.
    Bundle(String),
    /// Cannot be read, or this program cannot do it.
    Reading(Failure),
}

impl Wrong {
    fn bundle(said: impl std::fmt::Display) -> Self {
        Wrong::Bundle(said.to_string())
    }
}

impl From<Failure> for Wrong {
    fn from(failure: Failure) -> Self {
        Wrong::Reading(failure)
    }
}

impl From<Unusable> for Wrong {
    fn from(error: Unusable) -> Self {
        match error {
            Unusable::Io { .. } => Wrong::Reading(Failure::Configuration(error.to_string())),
            other => Wrong::bundle(other),
        }
    }
}

impl From<SealError> for Wrong {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Io { .. } => Wrong::Reading(Failure::Configuration(error.to_string())),
            SealError::NoSignature(_) | SealError::NotAFile { .. } => Wrong::bundle(error),
            other => Wrong::Bundle(format!("{}: {other}", seal::SIGNATURE)),
        }
    }
}

/// What was found, for programs; `line` is for people.
#[derive(Default, Serialize)]
struct Answer {
    line: String,
    result: &'static str,
    exit_code: u8,
    /// Every difference from the manifest, the gravest first; at most [`MOST_TOLD`].
    differences: Vec<String>,
    files: Option<usize>,
    signed_by: Option<String>,
    test_identity: Option<bool>,
    signed_at: Option<String>,
    time_stamped_at: Option<String>,
    scenarios: Option<usize>,
    scenarios_of_suite: Option<usize>,
    verdict: Option<&'static str>,
    standing: Option<&'static str>,
}

const CODES: &str = "Exit codes: 0 sound, and everything judged passed · 1 sound, but the product failed · 2 usage, or \
                     nothing that can be read · 3 forged or damaged, or the bed was at fault · 4 sound, but incomplete: a part \
                     of the suite, another suite, or something inconclusive";

const MOST_TOLD: usize = 100;

/// Checks a folder.
pub fn run(options: &Options) -> Result<u8, Failure> {
    let dir = &options.bundle;
    if !["MANIFEST", "report.json", "evidence"]
        .iter()
        .any(|name| dir.join(name).exists())
    {
        return Err(Failure::Configuration(format!(
            "{} is no report folder: it holds neither MANIFEST nor report.json nor evidence. Name the folder `shikaku certify` made.",
            dir.display()
        )));
    }
    let trust = trusted(&options.trust)?;
    let mut answer = Answer::default();
    match checked(dir, &trust, world::clock::real_now(), &mut answer) {
        Ok(()) => {}
        Err(Wrong::Reading(failure)) => return Err(failure),
        Err(Wrong::Bundle(said)) => {
            answer.result = "forged or damaged";
            answer.exit_code = 3;
            answer.line = said;
        }
    }
    answer.line = harmless(&answer.line);
    match options.format.format {
        Style::Json => say_json(&answer)?,
        Style::Text => say(&format!("{}: {}\n", answer.result, answer.line))?,
    }
    Ok(answer.exit_code)
}

/// Whether a folder sealed by the test identity is sound; the whole check, with nothing told but a fault.
pub fn sound(dir: &Path) -> Result<(), Failure> {
    let trust = Trust::test().map_err(Failure::bed)?;
    checked(
        dir,
        &trust,
        world::clock::real_now(),
        &mut Answer::default(),
    )
    .map_err(|wrong| match wrong {
        Wrong::Reading(failure) => failure,
        Wrong::Bundle(said) => Failure::bed(said),
    })
}

fn trusted(files: &[PathBuf]) -> Result<Trust, Failure> {
    let mut all: Option<Trust> = None;
    for file in files {
        let one = Trust::anchors_pem(&crate::sealing::text(file, "--trust")?)
            .map_err(|e| Failure::Configuration(format!("--trust {}: {e}", file.display())))?;
        all = Some(match all {
            None => one,
            Some(others) => others.and(one),
        });
    }
    all.map_or_else(|| Trust::test().map_err(Failure::bed), Ok)
}

fn checked(dir: &Path, trust: &Trust, now: Timestamp, answer: &mut Answer) -> Result<(), Wrong> {
    let whole = manifest::check(dir)?;
    answer.files = Some(whole.members);
    if let Some(first) = whole.faults.first() {
        answer.differences = whole
            .faults
            .iter()
            .take(MOST_TOLD)
            .map(|fault| harmless(&fault.to_string()))
            .collect();
        let more = match whole.faults.len() - 1 {
            0 => String::new(),
            others => format!(" ({others} more differences; --format json lists them)"),
        };
        return Err(Wrong::Bundle(format!("{first}{more}")));
    }
    let signed = seal::verify(&seal::signature_of(dir)?, &whole.sha256, trust, now)?;
    answer.signed_by = Some(signed.subject.clone());
    answer.test_identity = Some(signed.test);
    answer.signed_at = signed.claimed.map(|t| t.to_string());
    if let Stamp::Trusted { time, .. } = &signed.stamp {
        answer.time_stamped_at = Some(time.to_string());
    }
    members::unlisted(dir)?;
    let (judged, extent) = judged_again(dir, &whole.paths, answer)?;
    let own = compare::own(dir)?;
    let (page, evidence) = (crate::judge::page(&judged)?, &judged.reading.evidence);
    let printed = compare::printed_again(dir, &own, &page, evidence)?;
    compare::views_again(dir, &own, evidence)?;
    compare::office_again(dir, &own, &page, &signed, (trust, now))?;
    answer.standing = Some(page.standing().name());
    concluded(answer, &judged, &extent, &own);
    let forms = if own.foreign() {
        format!(
            "the values of report.json as computed anew; its printed forms were not checked, they are by version {} and this is {}: use that version",
            own.info.version,
            env!("CARGO_PKG_VERSION")
        )
    } else {
        format!("{printed} printed files as printed anew")
    };
    answer.line = format!(
        "{} Sealed by {}. {} files as sealed; {forms}. Judged again: {}; the report as a whole: {}.{}",
        extent.told(evidence.run.scenarios.len()),
        by(&signed),
        whole.members,
        judged.judgement.verdict.name(),
        page.standing().word().en,
        waived(&evidence.run),
    );
    Ok(())
}

/// The evidence read, held to members and suite, and judged.
fn judged_again(
    dir: &Path,
    paths: &[String],
    answer: &mut Answer,
) -> Result<(Judged, Extent), Wrong> {
    let reading = Evidence::read(&dir.join("evidence")).map_err(damaged)?;
    let run = &reading.evidence.run;
    let (extent, bed) = head::extent(run)?;
    answer.scenarios = Some(run.scenarios.len());
    answer.scenarios_of_suite = extent.of_suite();
    if let Some((_, damage)) = reading.damage.first() {
        return Err(damaged(damage));
    }
    members::known(paths, run)?;
    if let Some(bed) = &bed {
        story::told(run, &reading.evidence, bed)?;
    }
    let judgement = ::judge::judge(&reading);
    if bed.is_some() {
        gaps::none(&judgement, &reading.evidence)?;
    }
    Ok((Judged { reading, judgement }, extent))
}

/// Exit code and word of what was found: those of the judge, unless the suite or the printed forms are not all.
fn concluded(answer: &mut Answer, judged: &Judged, extent: &Extent, own: &Own) {
    let judgement = &judged.judgement;
    answer.verdict = Some(judgement.verdict.name());
    answer.exit_code = match judgement.exit_code() {
        0 if own.foreign() || !matches!(extent, Extent::Whole(_)) => 4,
        code => code,
    };
    answer.result = match answer.exit_code {
        1 => "sound, but the product failed",
        2 => "sound, but a waiver in it is unused or over",
        3 => "sound, but the bed itself was at fault",
        _ if own.foreign() => "sound, but the printed forms were not checked",
        0 => "sound",
        _ => "sound, but incomplete",
    };
}

/// Deviations somebody accepted, by name; nothing where there are none.
fn waived(run: &Run) -> String {
    if run.waivers.is_empty() {
        return String::new();
    }
    let one = |w: &evidence::Waiver| {
        format!(
            "{} of {} by {} until {}",
            w.id, w.requirement, w.owner, w.expires
        )
    };
    let shown: Vec<String> = run.waivers.iter().take(MOST_WAIVERS).map(one).collect();
    let more = match run.waivers.len().saturating_sub(MOST_WAIVERS) {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    format!(" With waivers: {}{more}.", shown.join("; "))
}

const MOST_WAIVERS: usize = 5;

fn damaged(damage: impl std::fmt::Display) -> Wrong {
    Wrong::Bundle(format!("the evidence is damaged: {damage}"))
}

fn by(signed: &Signed) -> String {
    let who = if signed.test {
        format!(
            "the TEST IDENTITY, a signature of NOBODY (試験用・誰の署名でもありません): {}",
            signed.subject
        )
    } else {
        signed.subject.clone()
    };
    let when = match (&signed.stamp, signed.claimed) {
        (Stamp::Trusted { time, authority }, _) => format!(", time-stamped {time} by {authority}"),
        (Stamp::Untrusted { authority, .. }, _) => {
            format!(", with a time stamp by {authority}, who is not trusted here")
        }
        (Stamp::None, Some(time)) => format!(", at {time} by the signer's own clock"),
        (Stamp::None, None) => String::new(),
    };
    who + &when
}
