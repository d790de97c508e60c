//! PKI-07: when the revocation service does not answer, nothing is silently accepted: the answer says
//! that validity could not be checked.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code, refused_with};
use crate::Finding;
use crate::case::Case;
use crate::expect::Due;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "PKI-07",
    roles: &[SERVER],
    clause: (
        "失効を確認できないときは確認を返さず、確認できなかったことを答える",
        "When revocation cannot be asked nothing is confirmed, and the answer says so.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case)
        .filter(|a| a.expected.due() == Due::RevocationUnavailable)
        .map(|a| of(case, &a))
        .collect()
}

fn of(case: &Case, asked: &Asked<'_>) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let because = t(
        "失効確認サービスが応答しない",
        "The revocation service does not answer",
    );
    let expected = refused_with(case, Due::RevocationUnavailable, because);
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return finding;
    }
    let holds = match asked.reply() {
        Reply::Refuses(_, outcome) => asked
            .expected
            .troubles
            .iter()
            .any(|due| outcome.code == code(case, *due)),
        _ => false,
    };
    let advice = t(
        "OCSPの待ち時間を限り、答えがなければ確認できなかったと返す（代わりの確認方法を案内する）",
        "Limit the wait for OCSP; without an answer say that it could not be checked and offer the fallback.",
    );
    say.decide(holds, expected, asked.actual(), advice, asked.quotes())
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::*;
    use evidence::{Fact, FaultKind};

    #[test]
    fn silence_is_never_taken_for_good() {
        for (kind, ocsp) in [(FaultKind::Silent, Some(None)), (FaultKind::Down, None)] {
            for (answer, due) in [
                (Answer::refused("SIM-E205"), Pass),
                (Answer::refused("SIM-E202"), Fail),
                (Answer::Error(503, "busy"), Fail),
                (Play::default().answer, Fail),
                (Answer::Nothing, Inconclusive),
            ] {
                let mut scene = Scene::registered();
                let from = scene.now.clone();
                scene.declare(Fact::Fault {
                    house: "ocsp".into(),
                    kind,
                    from,
                });
                scene.visit(&Play {
                    ocsp: ocsp.clone(),
                    answer: answer.clone(),
                    ..Play::default()
                });
                assert_eq!(scene.said("PKI-07")[0].1, due, "{kind:?} {answer:?}");
                assert_eq!(scene.said("PKI-02"), [], "PKI-02 has nothing to say");
            }
        }
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("PKI-07"), []);
    }
}
