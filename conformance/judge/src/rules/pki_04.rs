//! PKI-04: revoked, suspended and expired are different answers.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code, refused_with};
use crate::case::Case;
use crate::expect::Due;
use crate::finding::t;
use crate::Finding;

/// The rule.
pub const RULE: Rule = Rule {
    id: "PKI-04",
    roles: &[SERVER],
    clause: (
        "失効・一時停止・期限切れは、それぞれ別の答えにする",
        "Revoked, suspended and expired are different answers.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case).filter_map(|asked| of(case, &asked)).collect()
}

fn of(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let due = asked.expected.due();
    let because = match due {
        Due::Revoked => t("失効している", "The certificate is revoked"),
        Due::Suspended => t("一時停止中である", "The certificate is suspended"),
        Due::Expired => t("期限が切れ猶予も過ぎている", "The certificate's grace is over"),
        _ => return None,
    };
    let say = case.of(RULE.id, SERVER);
    let expected = refused_with(case, due, because);
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return Some(finding);
    }
    let advice = t(
        "失効の確認を期限の確認より先に行い、理由ごとに別のコードを返す",
        "Look at revocation before expiry, and give each reason its own code.",
    );
    match asked.reply() {
        Reply::Refuses(_, outcome) => {
            let holds = outcome.code == code(case, due);
            Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
        }
        // Confirmed after the grace is LIFE-03's to judge.
        Reply::Confirms(..) if due == Due::Expired => None,
        _ => Some(say.fail(expected, asked.actual(), advice, asked.quotes())),
    }
}
