//! How the rules about the card speak: what was seen of each card for one requirement, while it was followed
//! command by command.

use super::Rule;
use crate::card::Report;
use crate::case::Case;
use crate::finding::{q, t};
use crate::{Finding, Text};

pub(super) const CARD: &str = "card";

/// One finding for each card the scenario touched in this respect.
pub(super) fn judged(case: &Case, rule: &Rule, advice: &Text) -> Vec<Finding> {
    let reports = case.chips.iter();
    reports
        .filter_map(|report| of(case, rule, advice, report))
        .collect()
}

fn of(case: &Case, rule: &Rule, advice: &Text, report: &Report) -> Option<Finding> {
    let say = case.of(rule.id, CARD);
    let expected = t(rule.clause.0, rule.clause.1);
    let seen = report.seen.get(rule.id);
    let wrong = seen.and_then(|s| s.wrong.first());
    // Whoever sent what is no command spoilt the rest; the PIN is what every reader begins with.
    let spoilt = report
        .unreadable
        .as_ref()
        .filter(|_| seen.is_some() || rule.id == "CARD-03");
    if let (None, Some((seq, error))) = (wrong, spoilt) {
        let actual = t(
            format!("コマンドを読み取れない（{error}）"),
            format!("A command cannot be read: {error}."),
        );
        return Some(say.unclear("terminal", expected, actual, vec![q(*seq, "APDU", error)]));
    }
    let seen = seen?;
    let fine = t("そのとおりに応答した", "It answered so.");
    let actual = wrong.cloned().unwrap_or(fine);
    let holds = seen.wrong.is_empty();
    Some(say.decide(holds, expected, actual, advice.clone(), seen.quotes.clone()))
}
