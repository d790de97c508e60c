//! A difference for a terminal or a log: English, most important first, short.

use reports::plain;

use crate::change::{Change, Difference, Kind};
use crate::words;

/// How many scenarios of one change are named; the JSON names them all.
const NAMED: usize = 5;
/// How many changes of one kind are shown, unless they are losses; the JSON shows them all.
const SHOWN: usize = 20;

/// The difference in lines, ending in a line end. What would steer a terminal is shown as `\u{…}`.
pub fn text(difference: &Difference) -> String {
    let mut lines = vec![
        words::headline(difference).en,
        format!("  before  {}", words::side(&difference.before).en),
        format!("  after   {}", words::side(&difference.after).en),
    ];
    for kind in Kind::ALL {
        let changes: Vec<_> = difference.of(*kind).collect();
        if changes.is_empty() {
            continue;
        }
        lines.push(String::new());
        lines.push(format!("{} ({})", words::kind(*kind).en, changes.len()));
        let shown = if kind.is_loss() { changes.len() } else { SHOWN };
        lines.extend(changes.iter().take(shown).flat_map(|change| told(change)));
        if changes.len() > shown {
            lines.push(format!(
                "  and {} more; --format json tells all",
                changes.len() - shown
            ));
        }
    }
    lines.iter().map(|line| plain(line) + "\n").collect()
}

fn told(change: &Change) -> Vec<String> {
    let words = words::told(change);
    let mut line = format!("  {}: {}", words.subject.en, words.step.en);
    if words.subject.en.is_empty() {
        line = format!("  {}", words.step.en);
    }
    if let Some(blame) = words.blame {
        line += &format!("; {}", blame.en);
    }
    let mut lines = vec![line];
    if change.about.requirement.is_some() && !change.about.scenarios.is_empty() {
        lines.push(format!("    in {}", named(&change.about.scenarios)));
    }
    lines
}

fn named(scenarios: &[String]) -> String {
    match scenarios.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{} and {more} more", scenarios[..NAMED].join(", ")),
        _ => scenarios.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use judge::Verdict;
    use reports::{Page, name_of};

    use super::*;
    use crate::compare;
    use crate::testing::{of, page};

    /// A report in which much is different.
    fn other() -> Page {
        let mut other = of(&[
            ("pin-right", &[("AUTH-05", "reader", Verdict::Fail)]),
            ("expires-soon", &[("LIFE-01", "reader", Verdict::Fail)]),
            ("silent", &[("PKI-07", "eligibility-server", Verdict::Pass)]),
        ]);
        other.scenarios[1].findings[0].at_fault = Some(name_of("configuration"));
        other.products[0].version = "2.2".into();
        other.requirements[1].level = "SHOULD".into();
        other.profile[0].value = "same_day".into();
        other
    }

    #[test]
    fn a_difference_reads_as_it_always_did() {
        insta::assert_snapshot!(text(&compare(&page(), &other())));
        insta::assert_snapshot!("nothing", text(&compare(&page(), &page())));
    }

    #[test]
    fn many_scenarios_are_counted_and_not_all_named() {
        let ids: Vec<String> = (0..9).map(|n| format!("s{n}")).collect();
        let report = |verdict| {
            let found = [("A-01", "reader", verdict)];
            let all: Vec<_> = ids.iter().map(|id| (id.as_str(), &found[..])).collect();
            of(&all)
        };
        let told = text(&compare(&report(Verdict::Pass), &report(Verdict::Fail)));
        assert!(told.contains("in s0, s1, s2, s3, s4 and 4 more"), "{told}");
    }

    #[test]
    fn losses_are_all_shown_and_gains_counted() {
        let ids: Vec<String> = (0..30).map(|n| format!("A-{n}")).collect();
        let mut many = of(&[("one", &[])]);
        let few = many.clone();
        let part = of(&[("one", &[("A-01", "reader", Verdict::Pass)])]);
        many.requirements = ids
            .iter()
            .map(|id| reports::RequirementPart {
                id: id.clone(),
                ..part.requirements[0].clone()
            })
            .collect();
        let told = |before: &Page, after: &Page| text(&compare(before, after));
        let (gained, lost) = (told(&few, &many), told(&many, &few));
        assert!(
            gained.contains("Newly covered (30)") && gained.contains("and 10 more"),
            "{gained}"
        );
        assert!(lost.contains("No longer covered (30)"), "{lost}");
        assert!(
            ids.iter()
                .all(|id| lost.contains(&format!("  {id} card reader: "))),
            "{lost}"
        );
    }

    #[test]
    fn no_report_steers_the_terminal() {
        let mut evil = page();
        evil.products[0].name = "\u{1b}[2Jgone\u{202e}".into();
        let told = text(&compare(&page(), &evil));
        assert!(told.contains("\\u{1b}[2Jgone\\u{202e}"), "{told}");
    }
}
