//! PKI-04: revoked, suspended and expired are different answers.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code, refused_with};
use crate::Finding;
use crate::case::Case;
use crate::expect::Due;
use crate::finding::t;

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
        Due::Expired => t(
            "期限が切れ猶予も過ぎている",
            "The certificate's grace is over",
        ),
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

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::CertificateEvent::{self, Revoked, Suspended};

    #[test]
    fn each_reason_has_its_own_code() {
        let valid = Leaf::default();
        let expired = Leaf {
            last_day: "2026-06-15",
            ..Leaf::default()
        };
        let grace = Leaf {
            last_day: "2026-08-15",
            ..Leaf::default()
        };
        type Row<'a> = (
            &'a str,
            &'a Leaf,
            Option<CertificateEvent>,
            Answer,
            &'a [Verdict],
        );
        let table: [Row<'_>; 10] = [
            (
                "revoked",
                &valid,
                Some(Revoked),
                Answer::refused("SIM-E202"),
                &[Pass],
            ),
            (
                "revoked called expired",
                &valid,
                Some(Revoked),
                Answer::refused("SIM-E201"),
                &[Fail],
            ),
            (
                "revoked by an HTTP error",
                &valid,
                Some(Revoked),
                Answer::Error(403, "refused"),
                &[Fail],
            ),
            (
                "suspended",
                &valid,
                Some(Suspended),
                Answer::refused("SIM-E203"),
                &[Pass],
            ),
            (
                "suspended called revoked",
                &valid,
                Some(Suspended),
                Answer::refused("SIM-E202"),
                &[Fail],
            ),
            (
                "expired",
                &expired,
                None,
                Answer::refused("SIM-E201"),
                &[Pass],
            ),
            (
                "expired called revoked",
                &expired,
                None,
                Answer::refused("SIM-E202"),
                &[Fail],
            ),
            (
                "expired but confirmed is LIFE-03's",
                &expired,
                None,
                Answer::confirmed("", "1"),
                &[],
            ),
            (
                "revoked stays revoked in the grace",
                &grace,
                Some(Revoked),
                Answer::refused("SIM-E202"),
                &[Pass],
            ),
            (
                "revoked stays revoked after it",
                &expired,
                Some(Revoked),
                Answer::refused("SIM-E201"),
                &[Fail],
            ),
        ];
        for (name, leaf, event, answer, due) in table {
            let mut scene = Scene::with_card(leaf);
            if let Some(event) = event {
                scene.event("1001", event, "2026-06-01T09:00:00.000+09:00");
            }
            scene.visit(&Play {
                answer,
                ..Play::default()
            });
            let found: Vec<Verdict> = scene.said("PKI-04").into_iter().map(|s| s.1).collect();
            assert_eq!(found, due, "{name}");
        }
    }
}
