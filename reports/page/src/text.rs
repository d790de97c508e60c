//! The plain summary for a terminal or a log: English, with Japanese titles. Short when all is well;
//! otherwise each failure with who is at fault, what was due, what happened, what to do, and its replay line.

use std::collections::BTreeSet;

use judge::Verdict;

use crate::labels::{counted, terms, verdict};
use crate::lacks::Tally;
use crate::outcome::records;
use crate::page::{FindingPart, LackKind, LackPart, Page, ScenarioPart};
use crate::standing::Standing;

/// The summary, ending in a line end. Control and direction characters that came from a product are shown as
/// `\u{…}`, so that no evidence can steer the terminal it is printed on.
pub fn text(page: &Page) -> String {
    let mut lines = vec![format!("{}: {}", shout(page), page.headline.en)];
    lines.push(format!("  {}", page.missing.en));
    lines.extend(not_offered(page));
    lines.push(scenarios(page));
    lines.push(format!(
        "  {} {}, {} {}, {} {}, {} {}",
        terms::EDITION.en,
        page.run.edition,
        terms::SEED.en,
        page.run.seed,
        terms::SUITE.en,
        short(&page.run.suite),
        terms::EVIDENCE.en,
        short(&page.run.evidence)
    ));
    lines.push(String::new());
    lines.extend(roles(page));
    lines.extend(lacking(page));
    lines.extend(exceptions(page));
    lines.extend(bed(page));
    lines.extend(all_told(page));
    lines.extend(untouched(page));
    joined(&lines)
}

/// One scenario that was played by itself: its verdict, what was found, and how to play it again. What the
/// rest of the suite would say is no matter of it.
pub fn of_scenario(page: &Page) -> String {
    let mut lines = Vec::new();
    for scenario in &page.scenarios {
        let word = match scenario.verdict {
            Verdict::Pass => "PASSED",
            Verdict::Fail => "FAILED",
            Verdict::BedError => "BED ERROR",
            Verdict::Waived => "PASSED WITH WAIVERS",
            Verdict::NotApplicable => "NOT APPLICABLE",
            Verdict::NotTested => "NOT TESTED",
            Verdict::Inconclusive => "INCONCLUSIVE",
        };
        let judged = counted(scenario.findings.len(), "finding", "findings");
        lines.push(format!("{word}: {}, {judged}", scenario.id));
    }
    lines.push(String::new());
    lines.extend(bed(page));
    lines.extend(all_told(page));
    joined(&lines)
}

fn joined(lines: &[String]) -> String {
    let mut whole: String = lines.iter().map(|line| plain(line) + "\n").collect();
    whole.truncate(whole.trim_end().len());
    whole + "\n"
}

/// Why a run that is incomplete for want of checks ends with exit code 0 all the same.
fn not_offered(page: &Page) -> Option<String> {
    let unchecked = page.lacks.iter().any(|l| l.kind == LackKind::NoCheck);
    let passed = page.verdict == Verdict::Pass && page.standing() == Standing::Incomplete;
    (unchecked && passed).then(|| {
        "  What this suite has no check for yet is not offered by it and leaves the exit code at 0".into()
    })
}

/// Everything that did not pass, scenario by scenario.
fn all_told(page: &Page) -> Vec<String> {
    let mut lines = Vec::new();
    for (word, wanted) in [
        ("FAILED", Verdict::Fail),
        ("WAIVED", Verdict::Waived),
        ("INCONCLUSIVE", Verdict::Inconclusive),
    ] {
        for scenario in &page.scenarios {
            let findings: Vec<_> = scenario
                .findings
                .iter()
                .filter(|finding| finding.verdict == wanted)
                .collect();
            if !findings.is_empty() {
                lines.extend(told(word, scenario, &findings));
            }
        }
    }
    lines
}

fn scenarios(page: &Page) -> String {
    let counts: Vec<_> = page
        .counts
        .scenarios
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let total = counted(page.scenarios.len(), "scenario", "scenarios");
    format!("  {total}: {}", counts.join(", "))
}

fn roles(page: &Page) -> Vec<String> {
    let mut lines: Vec<_> = page
        .roles
        .iter()
        .map(|line| {
            let product = page
                .products
                .iter()
                .find(|product| product.role == line.role)
                .map(|product| format!("{} {}", product.name, product.version))
                .unwrap_or_default();
            let mut told = format!(
                "  {:<20} {:<13} {} judged, {} {}",
                line.role.id,
                verdict(line.verdict).en,
                counted(line.judged, "requirement", "requirements"),
                line.untested,
                terms::NOT_TESTED.en
            );
            for (word, ids) in [("failed", &line.failed), ("open", &line.open)] {
                if !ids.is_empty() {
                    told += &format!("; {word}: {}", ids.join(", "));
                }
            }
            if !product.is_empty() {
                told += &format!("  [{product}]");
            }
            told
        })
        .collect();
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// How many lines of one kind of lack are printed; `report.json` has them all.
const LACKS_SHOWN: usize = 8;

/// What is still missing for the certificate: of each kind the number and the first few.
fn lacking(page: &Page) -> Vec<String> {
    let mut lines = Vec::new();
    let kinds: BTreeSet<LackKind> = page.lacks.iter().map(|lack| lack.kind).collect();
    for kind in kinds {
        let of_kind: Vec<_> = page.lacks.iter().filter(|lack| lack.kind == kind).collect();
        let ids: Vec<_> = of_kind.iter().map(|lack| in_short(lack)).collect();
        let shown = ids[..ids.len().min(LACKS_SHOWN)].join(", ");
        let rest = match ids.len().saturating_sub(LACKS_SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let tally = Tally::of(&page.lacks, kind);
        lines.push(format!(
            "  {:>4} {}{}: {shown}{rest}",
            tally.times,
            kind.name(),
            tally.by_role().en
        ));
    }
    if !lines.is_empty() {
        lines.insert(0, "Missing for the certificate".to_owned());
        lines.push(String::new());
    }
    lines
}

fn in_short(lack: &LackPart) -> String {
    match (&lack.requirement, &lack.role) {
        (Some(id), Some(role)) => format!("{id} {}", role.id),
        (Some(id), None) => id.clone(),
        (None, _) if lack.scenarios.is_empty() => lack.what.en.clone(),
        (None, _) => lack.scenarios.join(" "),
    }
}

/// Waivers and statements, each with the words of whoever answers for it: what is waived is never silent.
fn exceptions(page: &Page) -> Vec<String> {
    let mut lines = Vec::new();
    if page.exceptions_replaced {
        lines.push(
            "Waivers or statements were handed in for this judging, in place of the run's own"
                .into(),
        );
    }
    for waiver in &page.waivers {
        let within = [
            waiver.role.as_ref().map(|role| role.id.as_str()),
            waiver.scenario.as_deref(),
        ];
        let within: String = within
            .iter()
            .flatten()
            .map(|one| format!(" {one}"))
            .collect();
        lines.push(format!(
            "WAIVER {} {}: {}{within}, until {}",
            waiver.id,
            waiver.state.name(),
            waiver.requirement,
            waiver.expires
        ));
        lines.push(format!("  reason    {}", waiver.reason));
        lines.push(format!("  owner     {}", waiver.owner));
        for covered in &waiver.covers {
            lines.push(format!(
                "  covers    {} {}",
                covered.scenario, covered.role.id
            ));
        }
    }
    for line in &page.statements {
        lines.push(format!(
            "NOT APPLICABLE {} {}: {}",
            line.requirement, line.role.id, line.statement
        ));
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

fn bed(page: &Page) -> Vec<String> {
    let mut lines: Vec<_> = page
        .bed_errors
        .iter()
        .map(|bed| match bed.scenario.as_str() {
            "" => format!("BED ERROR {}", bed.error),
            id => format!("BED ERROR {id}: {}", bed.error),
        })
        .collect();
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

fn told(word: &str, scenario: &ScenarioPart, findings: &[&FindingPart]) -> Vec<String> {
    let mut lines = vec![
        format!("{word} {}  {}", scenario.id, scenario.title.ja),
        format!("  {}  ({})", scenario.title.en, scenario.place),
    ];
    for finding in findings {
        let blamed = match &finding.at_fault {
            Some(who) => format!(": at fault: {}", who.en),
            None => String::new(),
        };
        lines.push(format!(
            "  {} {}{blamed}{}",
            finding.requirement,
            finding.role.id,
            waived(finding)
        ));
        lines.push(format!("    expected  {}", finding.expected.en));
        lines.push(format!("    actual    {}", finding.actual.en));
        if !finding.rests_on.is_empty() {
            lines.push(format!("    records   {}", records(finding)));
        }
        if let Some(advice) = &finding.advice {
            lines.push(format!("    next      {}", advice.en));
        }
    }
    lines.push(format!("  replay: {}", scenario.replay));
    lines.push(String::new());
    lines
}

fn waived(finding: &FindingPart) -> String {
    match &finding.waiver {
        Some(id) => format!("; waived by {id}"),
        None => String::new(),
    }
}

/// Requirements of the run that no finding reached, though a scenario is tagged with them.
fn untouched(page: &Page) -> Vec<String> {
    let ids: Vec<_> = page
        .requirements
        .iter()
        .filter(|requirement| requirement.verdict == Verdict::NotTested)
        .map(|requirement| requirement.id.as_str())
        .collect();
    match ids.as_slice() {
        [] => Vec::new(),
        ids => vec![format!("Not tested in this run: {}", ids.join(", "))],
    }
}

fn shout(page: &Page) -> &'static str {
    match page.standing() {
        Standing::Conforming => "PASSED",
        Standing::Waived => "PASSED WITH WAIVERS",
        Standing::Incomplete => "INCOMPLETE",
        Standing::Failing => "FAILED",
        Standing::Spoiled => "BED ERROR",
    }
}

fn short(digest: &str) -> String {
    match digest {
        "" => "(none)".to_owned(),
        digest => digest.chars().take(12).collect(),
    }
}

/// One line for a terminal: what would steer it, such as control and direction characters, is shown as `\u{…}`.
pub fn plain(line: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::with_capacity(line.len());
    for c in line.trim_end().chars() {
        if steers(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_report_reads_as_it_always_did() {
        insta::assert_snapshot!(text(&testing::page()));
    }

    #[test]
    fn a_run_that_passed_is_told_calmly() {
        let told = text(&testing::calm_page());
        insta::assert_snapshot!(told);
        for word in ["FAIL", "ERROR", "fault", "INCO"] {
            assert!(!told.contains(word), "{word} in\n{told}");
        }
    }

    #[test]
    fn evidence_cannot_steer_the_terminal() {
        let mut page = testing::page();
        page.scenarios[1].title.ja = "赤\u{1b}[31m\u{7}\u{202E}逆".into();
        page.bed_errors[0].error = "two\nlines\r".into();
        let told = text(&page);
        assert!(told.contains("赤\\u{1b}[31m\\u{7}\\u{202e}逆"), "{told}");
        assert!(told.contains("two\\u{a}lines"), "{told}");
        assert!(told.chars().all(|c| c == '\n' || !c.is_control()));
    }
}
