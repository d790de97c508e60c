//! `shikaku run`: one scenario, every message shown in the order it crossed.

use clap::Args;
use evidence::{Act, Fact, Party, What};
use reports::{Message, Page};

use crate::bundle::{Bed, Judged};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::{Format, Setting, Style, say};

/// Arguments of `shikaku run`.
#[derive(Args)]
pub struct Options {
    /// A scenario's id, or FILE:LINE of any of its lines.
    scenario: String,
    #[command(flatten)]
    setting: Setting,
    #[command(flatten)]
    format: Format,
}

/// Plays the scenario.
pub fn run(options: &Options) -> Result<u8, Failure> {
    one(
        &Bed::open(&options.setting)?,
        &options.scenario,
        options.format.format,
    )
}

/// Plays one scenario of an open bed and shows it.
pub fn one(bed: &Bed, wanted: &str, style: Style) -> Result<u8, Failure> {
    let story = crate::find::story(&bed.suite, wanted)?;
    let dir = tempfile::tempdir()
        .map_err(|e| Failure::Configuration(format!("a temporary folder: {e}.")))?;
    let judged = bed.play(
        &[story],
        &bed.cast,
        1,
        &dir.path().join("evidence"),
        &Progress::new("scenario", 1),
    )?;
    let page = crate::judge::page(&judged)?;
    match style {
        Style::Json => say(&crate::judge::as_json(&page)?)?,
        Style::Text => {
            say(&told(&judged, &page))?;
            say(&reports::of_scenario(&replayed_with(page, bed.impostor())))?;
        }
    }
    // The scenario's own verdict: what it leaves open elsewhere is no matter of this one.
    let own = judged.judgement.scenarios.first();
    Ok(crate::certify::exit_code(
        own.map_or(judged.judgement.verdict, |s| s.verdict),
        bed.has_impostor(),
    ))
}

/// The page with replay lines that name the impostor: for the console only, since no evidence and no report may
/// say which product was a wrong one.
pub fn replayed_with(mut page: Page, impostor: Option<&str>) -> Page {
    if let Some(id) = impostor {
        for scenario in &mut page.scenarios {
            scenario.replay += &format!(" --impostor {id}");
        }
    }
    page
}

/// What stands before a record: × where it breaks a requirement, › where a failing finding rests on it too.
fn mark(message: Option<&Message>) -> (&'static str, String) {
    match message {
        Some(one) if !one.failed_by.is_empty() => ("×", one.failed_by.join(" ")),
        Some(one) if !one.ground_of.is_empty() => ("›", one.ground_of.join(" ")),
        _ => (" ", String::new()),
    }
}

fn told(judged: &Judged, page: &Page) -> String {
    let evidence = &judged.reading.evidence;
    let mut out = String::new();
    for line in &evidence.run.scenarios {
        out += &format!("{}\n{}\n{}\n\n", line.ja, line.en, line.place);
        for [ja, en] in &line.steps {
            out += &format!("  {ja}\n    {en}\n");
        }
        out.push('\n');
        let Some(scenario) = evidence.scenario(&line.id) else {
            continue;
        };
        let findings = page.scenarios.iter().find(|s| s.id == line.id);
        let findings = findings.map_or(&[][..], |found| &found.findings);
        let messages = reports::messages(scenario, findings);
        for (record, at) in scenario.records.iter().zip(0..) {
            let time = record.at.get(11..23).unwrap_or(&record.at);
            let (sign, ids) = mark(messages.get(at));
            let shown = shown(&record.what, &scenario.bytes);
            let line = format!("{sign}{:>4} {time} {shown}", record.seq);
            // The requirement stands on the record's first line, above its decoded bytes.
            match line.split_once('\n') {
                _ if ids.is_empty() => out += &line,
                Some((head, rest)) => out += &format!("{head}  ← {ids}\n{rest}"),
                None => out += &format!("{line}  ← {ids}"),
            }
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

fn shown(what: &What, bytes: &std::collections::BTreeMap<String, Vec<u8>>) -> String {
    match what {
        What::Declared(d) => match &d.fact {
            Fact::Hands { who, act } => format!("{who} {}", hand(act)),
            fact => format!(
                "declared {}",
                serde_json::to_string(fact).unwrap_or_default()
            ),
        },
        What::Attested(a) => format!("{} shows {} {}", party(&a.product), a.shows, a.seen),
        What::Tapped(t) => {
            let head = format!(
                "{} → {} [{} {}]",
                party(&t.from),
                party(&t.to),
                t.hop,
                t.connection
            );
            let alert = t
                .tls
                .as_ref()
                .and_then(|t| t.alert.clone())
                .map(|a| format!(" {a}"))
                .unwrap_or_default();
            match t.bytes.as_ref().and_then(|d| bytes.get(d)) {
                Some(bytes) => {
                    let view = ::judge::decode::view(&t.hop, t.name.as_deref(), bytes);
                    let pretty = serde_json::to_string_pretty(&view).unwrap_or_default();
                    format!("{head}{alert}\n{}", indented(&pretty))
                }
                None => format!("{head} no bytes{alert}"),
            }
        }
    }
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|l| format!("       {l}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn party(party: &Party) -> String {
    if party.name.is_empty() {
        party.role.clone()
    } else {
        format!("{} ({})", party.role, party.name)
    }
}

fn hand(act: &Act) -> String {
    serde_json::to_string(act).unwrap_or_default()
}
