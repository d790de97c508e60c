//! What the printers for pipelines say of a scenario that did not pass: each of them in its own format,
//! all of them in the same words.

use judge::Verdict;

use crate::labels;
use crate::page::{FindingPart, ScenarioPart};

/// The feature file a scenario is written in, and its line where the place names one.
pub(crate) fn place(scenario: &ScenarioPart) -> (&str, Option<u32>) {
    match scenario.place.rsplit_once(':') {
        Some((file, line)) => (file, line.parse().ok()),
        None => (&scenario.place, None),
    }
}

/// In one line why a scenario has its verdict: the first finding or fault of the bed behind it.
/// Nothing for a scenario that passed.
pub(crate) fn in_short(scenario: &ScenarioPart) -> Option<String> {
    let verdict = scenario.verdict;
    if verdict == Verdict::Pass {
        return None;
    }
    let word = labels::verdict(verdict).en;
    let first = scenario.findings.iter().find(|f| f.verdict == verdict);
    Some(match (verdict, first, scenario.bed_errors.first()) {
        (Verdict::BedError, _, Some(error)) => error.clone(),
        (Verdict::Fail | Verdict::BedError, Some(finding), _) => due_and_done(finding),
        (_, Some(finding), _) => format!("{word}: {}", due_and_done(finding)),
        (_, None, _) => word,
    })
}

/// Every finding behind a scenario's verdict in words, the bed's errors, and the line that plays it again.
pub(crate) fn at_length(scenario: &ScenarioPart) -> String {
    let mut lines: Vec<String> = Vec::new();
    let behind = |f: &&FindingPart| f.verdict == scenario.verdict;
    for finding in scenario.findings.iter().filter(behind) {
        lines.push(format!("{} ({})", finding.requirement, finding.role.en));
        if let Some(id) = &finding.waiver {
            lines.push(format!("  waived by: {id}"));
        }
        if let Some(who) = &finding.at_fault {
            lines.push(format!("  at fault: {}", who.en));
        }
        for (word, text) in [("expected", &finding.expected), ("actual", &finding.actual)] {
            lines.push(format!("  {word}: {} / {}", text.en, text.ja));
        }
        if !finding.rests_on.is_empty() {
            lines.push(format!("  records: {}", records(finding)));
        }
        if let Some(advice) = &finding.advice {
            lines.push(format!("  next: {} / {}", advice.en, advice.ja));
        }
    }
    lines.extend(scenario.bed_errors.iter().map(|e| format!("bed: {e}")));
    lines.push(format!("replay: {}", scenario.replay));
    lines.join("\n")
}

/// The records a finding rests on, such as `#83 ProcessingResultStatus=1`.
pub(crate) fn records(finding: &FindingPart) -> String {
    let quotes = finding.rests_on.iter();
    let told: Vec<_> = quotes
        .map(|quote| format!("#{} {}={}", quote.seq, quote.what, quote.said))
        .collect();
    told.join(", ")
}

fn due_and_done(finding: &FindingPart) -> String {
    let blamed = match &finding.at_fault {
        Some(who) => format!("; at fault: {}", who.en),
        None => String::new(),
    };
    format!(
        "{}: expected {}; actual {}{blamed}",
        finding.requirement, finding.expected.en, finding.actual.en
    )
}
