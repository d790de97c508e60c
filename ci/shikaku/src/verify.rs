//! `shikaku verify`: a report folder checked offline, by somebody who trusts nobody. Whole as it was
//! sealed, by whom, complete, judged again with the same result, printed again with the same bytes;
//! one line says what is wrong first, or that all is well.

mod compare;

use std::path::{Path, PathBuf};

use ::judge::Verdict;
use clap::Args;
use evidence::{Evidence, RequirementLine, Run};
use jiff::Timestamp;
use requirements::Catalogue;
use seal::manifest::{self, Unusable};
use seal::{SealError, Signed, Stamp, Trust};
use serde::Serialize;

use crate::bundle::{Bed, Judged};
use crate::failure::Failure;
use crate::{Format, Setting, Style, say, say_json};

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

/// One line, whatever words from the bundle stand in it: nothing moves the terminal or turns text around.
fn harmless(text: &str) -> String {
    let plain = |c: &char| matches!(c, '"' | '\\' | '\'') || c.escape_debug().len() == 1;
    text.chars()
        .map(|c| if plain(&c) { c } else { '\u{fffd}' })
        .collect()
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
    let reading = Evidence::read(&dir.join("evidence")).map_err(damaged)?;
    let extent = extent(&reading.evidence.run)?;
    answer.scenarios = Some(reading.evidence.run.scenarios.len());
    answer.scenarios_of_suite = extent.of_suite();
    if let Some((_, damage)) = reading.damage.first() {
        return Err(damaged(damage));
    }
    let judgement = ::judge::judge(&reading);
    let judged = Judged { reading, judgement };
    let own = compare::own(dir)?;
    let (page, evidence) = (crate::judge::page(&judged)?, &judged.reading.evidence);
    let printed = compare::printed_again(dir, &own, &page, evidence)?;
    compare::office_again(dir, &own, &page, &signed, (trust, now))?;
    let verdict = judged.judgement.verdict;
    answer.verdict = Some(verdict.name());
    answer.standing = Some(page.standing().name());
    answer.exit_code = code(verdict, &extent);
    answer.result = match answer.exit_code {
        0 => "sound",
        1 => "sound, but the product failed",
        3 => "sound, but the bed itself was at fault",
        _ => "sound, but incomplete",
    };
    answer.line = format!(
        "{} Sealed by {}. {} files as sealed; {}. Judged again: {}; the report as a whole: {}.",
        extent.told(judged.reading.evidence.run.scenarios.len()),
        by(&signed),
        whole.members,
        printed,
        verdict.name(),
        page.standing().word().en,
    );
    Ok(())
}

fn damaged(damage: impl std::fmt::Display) -> Wrong {
    Wrong::Bundle(format!("the evidence is damaged: {damage}"))
}

/// Of several the order is 3, 1, 4: a failed part is failed, a passed part is not the whole.
fn code(verdict: Verdict, extent: &Extent) -> u8 {
    match (verdict.exit_code(), extent) {
        (0, Extent::Whole(_)) => 0,
        (0, _) => 4,
        (other, _) => other,
    }
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

/// How much of which suite was played.
enum Extent {
    /// All of so many.
    Whole(usize),
    /// Some of so many.
    Part(usize),
    OtherSuite(String),
}

impl Extent {
    fn of_suite(&self) -> Option<usize> {
        match self {
            Extent::Whole(all) | Extent::Part(all) => Some(*all),
            Extent::OtherSuite(_) => None,
        }
    }

    fn told(&self, played: usize) -> String {
        match self {
            Extent::Whole(_) => format!("The whole suite, {played} scenarios."),
            Extent::Part(all) => format!(
                "A part of the suite, {played} of {all} scenarios: nothing is said of the rest."
            ),
            Extent::OtherSuite(digest) => format!(
                "Another suite ({}): whether its {played} scenarios are all cannot be checked by this program; use the version that made the report.",
                digest.chars().take(12).collect::<String>()
            ),
        }
    }
}

/// Holds the head of a run to the suite it names: the same scenarios with the same steps, and the
/// same requirements at the same level.
fn extent(run: &Run) -> Result<Extent, Wrong> {
    let setting = Setting {
        seed: run.seed,
        edition: run.edition.clone(),
        set: run
            .profile
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect(),
        impostor: None,
    };
    let suite = scenarios::Suite::shipped().map_err(Failure::bed)?;
    if run.suite != suite.digest {
        return Ok(Extent::OtherSuite(run.suite.clone()));
    }
    let bed = Bed::open(&setting).map_err(|e| {
        Wrong::Bundle(format!("evidence/run.json names a setting this suite cannot have ({e}) It was edited; ask for an untouched copy."))
    })?;
    let mut stories = Vec::new();
    for line in &run.scenarios {
        let story = bed.suite.stories.iter().find(|s| s.id == line.id).ok_or_else(|| {
            Wrong::Bundle(format!(
                "evidence/run.json names a scenario {:?} the suite does not have. It was edited; ask for an untouched copy.",
                line.id
            ))
        })?;
        stories.push(story);
    }
    let all = bed.suite.stories.len();
    if let Some(left_out) = bed
        .suite
        .stories
        .iter()
        .find(|s| !run.part && !run.scenarios.iter().any(|line| line.id == s.id))
    {
        return Err(Wrong::Bundle(format!(
            "the scenario {} is left out: evidence/run.json says it is the whole suite and has {} of {all} scenarios. Somebody took it away; ask for the whole bundle.",
            left_out.id,
            run.scenarios.len()
        )));
    }
    same_head(run, bed.head(&stories)?, &bed.catalogue)?;
    Ok(if run.part {
        Extent::Part(all)
    } else {
        Extent::Whole(all)
    })
}

fn same_head(run: &Run, mut expected: Run, catalogue: &Catalogue) -> Result<(), Wrong> {
    let edited = |what: &str| {
        Err(Wrong::Bundle(format!(
            "evidence/run.json has other {what} than the suite it names. It was edited; ask for an untouched copy."
        )))
    };
    for (own, suite) in run.scenarios.iter().zip(&mut expected.scenarios) {
        // The token also tells who played; that is no part of the suite.
        suite.replay.clone_from(&own.replay);
        if own != suite {
            return edited(&format!("words or requirements for scenario {}", own.id));
        }
    }
    if run.scenarios.len() != expected.scenarios.len() || run.part != expected.part {
        return edited("scenarios");
    }
    // Waivers and statements bring their requirements along where the stories have none.
    let excepted = |id: &str| {
        run.waivers.iter().any(|w| w.requirement == id)
            || run.statements.iter().any(|s| s.requirement == id)
    };
    let brought = run.requirements.iter().skip(expected.requirements.len());
    let known = |line: &RequirementLine| {
        let found = catalogue.get(&line.id).map(::judge::requirement_line);
        excepted(&line.id) && found.as_ref() == Some(line)
    };
    if !run.requirements.starts_with(&expected.requirements) || !brought.into_iter().all(known) {
        return edited("requirements");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_bundle_stay_on_one_line() {
        let hostile = "a\u{1b}[2J\n\u{202e}b\r\"資格\" it's \\u";
        assert_eq!(
            harmless(hostile),
            "a\u{fffd}[2J\u{fffd}\u{fffd}b\u{fffd}\"資格\" it's \\u"
        );
    }
}
