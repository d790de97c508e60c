//! LIFE-05: renewal inside the grace restores everything, consent included, without new registration.

use super::Rule;
use super::common::{Reply, SERVER};
use super::consented;
use super::renewed::{Renewed, When, renewed, unregistered};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "LIFE-05",
    roles: &[SERVER],
    clause: (
        "猶予の間に更新すれば、登録し直さずに、同意を含めてすべて元どおりになる",
        "Renewal inside the grace restores everything, consent included, without new registration.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    renewed(case)
        .filter(|r| r.when == When::Grace && !r.tied && r.asked.expected.due().confirms())
        .map(|r| of(case, &r))
        .collect()
}

fn of(case: &Case, renewed: &Renewed<'_>) -> Finding {
    let Renewed { asked, pair, .. } = renewed;
    let say = case.of(RULE.id, SERVER);
    let on = pair.on;
    let expected = t(
        format!("猶予中の{on}に更新したので、登録なしで確認し、選ばれた同意を有効にする"),
        format!(
            "Renewed on {on}, inside the grace: confirmed without registration, consents as chosen."
        ),
    );
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return finding;
    }
    let advice = t(
        "新しい証明書の期限で判定し、猶予中の更新では利用登録も同意も元に戻す",
        "Judge by the new certificate; after a renewal in the grace registration and consents are as before.",
    );
    let wrong = match asked.reply() {
        Reply::Confirms(_, outcome) => consented::wrong_flags(asked, outcome),
        _ if unregistered(case, asked) => Some(asked.actual()),
        // What else refuses is judged by the rule of its reason.
        _ => None,
    };
    let actual = wrong.clone().unwrap_or_else(|| asked.actual());
    say.decide(wrong.is_none(), expected, actual, advice, asked.quotes())
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;

    #[test]
    fn renewed_in_the_grace_all_is_as_before() {
        for (answer, due) in [
            (Play::default().answer, Pass),
            (Answer::confirmed("", "0"), Fail),
            (Answer::refused("SIM-E303"), Fail),
        ] {
            let mut scene = Scene::renewed("2026-10-01", true);
            scene.visit(&Play {
                card: "新しいカード",
                answer,
                ..Play::default()
            });
            assert_eq!(scene.said("LIFE-05")[0].1, due);
        }
        let mut scene = Scene::renewed("2026-07-20", true);
        scene.visit(&Play {
            card: "新しいカード",
            ..Play::default()
        });
        assert_eq!(scene.said("LIFE-05"), [], "renewed while it was valid");
    }
}
