//! LIFE-03: after the grace nothing is confirmed by card.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked};
use crate::Finding;
use crate::case::Case;
use crate::expect::{Due, grace_end};
use crate::expiry::grace_ends;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "LIFE-03",
    roles: &[SERVER],
    clause: (
        "猶予が過ぎた証明書では何も確認しない",
        "After the grace nothing is confirmed by card.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case)
        .filter(|a| a.expected.due() == Due::Expired)
        .map(|a| of(case, &a))
        .collect()
}

fn of(case: &Case, asked: &Asked<'_>) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let (last, end) = (
        asked.card.last_day,
        grace_ends(asked.card.last_day, grace_end(case)),
    );
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

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::CertificateEvent::Revoked;

    fn said(
        last_day: &'static str,
        revoked: bool,
        grace_end: &str,
        answer: Answer,
    ) -> Vec<Verdict> {
        let mut scene = Scene::with_card(&Leaf {
            last_day,
            ..Leaf::default()
        });
        scene
            .run
            .profile
            .insert("grace_end".into(), grace_end.into());
        if revoked {
            scene.event("1001", Revoked, "2026-06-01T09:00:00.000+09:00");
        }
        scene.visit(&Play {
            answer,
            ..Play::default()
        });
        scene.said("LIFE-03").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn after_the_grace_nothing_is_confirmed() {
        let month = "month_end";
        assert_eq!(
            said("2026-06-30", false, month, Answer::refused("SIM-E201")),
            [Pass]
        );
        assert_eq!(
            said("2026-06-30", false, month, Answer::refused("SIM-E202")),
            [Pass],
            "the code is PKI-04's"
        );
        assert_eq!(
            said("2026-06-30", false, month, Answer::confirmed("", "1")),
            [Fail]
        );
        assert_eq!(
            said(
                "2026-06-30",
                false,
                month,
                Answer::confirmed("SIM-N102", "0")
            ),
            [Fail]
        );
        let block = Answer::Xml {
            status: "2",
            code: "SIM-E201",
            validity: "",
            insurer: NUMBER,
            flags: "0",
        };
        assert_eq!(
            said("2026-06-30", false, month, block),
            [Fail],
            "a person block gives it away"
        );
    }

    #[test]
    fn the_end_of_the_grace_follows_the_profile() {
        let confirmed = || Answer::confirmed("SIM-N102", "0");
        assert_eq!(said("2026-07-14", false, "month_end", confirmed()), []);
        assert_eq!(said("2026-07-14", false, "same_day", confirmed()), [Fail]);
        assert_eq!(said("2026-07-15", false, "same_day", confirmed()), []);
        assert_eq!(
            said("2026-06-30", true, "month_end", confirmed()),
            [],
            "a revoked one is another rule's"
        );
    }
}
