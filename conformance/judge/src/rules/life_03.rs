//! LIFE-03: after the grace nothing is confirmed by card.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked};
use crate::case::Case;
use crate::expect::{Due, grace_end};
use crate::expiry::grace_ends;
use crate::finding::t;
use crate::Finding;

/// The rule.
pub const RULE: Rule = Rule {
    id: "LIFE-03",
    roles: &[SERVER],
    clause: ("猶予が過ぎた証明書では何も確認しない", "After the grace nothing is confirmed by card."),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case).filter(|a| a.expected.due() == Due::Expired).map(|a| of(case, &a)).collect()
}

fn of(case: &Case, asked: &Asked<'_>) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let (last, end) = (asked.card.last_day, grace_ends(asked.card.last_day, grace_end(case)));
    let expected = t(
        format!("{last}に期限切れ、猶予も{end}で終わったので、資格情報を返さず処理結果状況2とする"),
        format!("Expired on {last}, grace over on {end}: status 2 and no person block."),
    );
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return finding;
    }
    let holds = matches!(asked.reply(), Reply::Refuses(..) | Reply::Error(..));
    let advice = t(
        "猶予の終わりの日を確かめ、その翌日から断って資格確認書などを案内する",
        "Check the last day of the grace; from the next day on refuse and point to the written proof.",
    );
    say.decide(holds, expected, asked.actual(), advice, asked.quotes())
}
