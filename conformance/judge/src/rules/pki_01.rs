//! PKI-01: a certificate is accepted only with a valid chain to the right authority, inside its
//! validity (grace aside), with the right key usage and policy; every single deviation is refused.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code, refused_with};
use crate::Finding;
use crate::case::Case;
use crate::expect::Due;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "PKI-01",
    roles: &[SERVER],
    clause: (
        "信頼する認証局に連なり、有効期間の開始後で、用途とポリシーの正しい証明書だけを受け入れる",
        "Only a certificate of a trusted authority, begun, with the right usage and policy is accepted.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case)
        .filter_map(|asked| {
            if asked.expected.flaws.is_empty() {
                sound(case, &asked)
            } else {
                flawed(case, &asked)
            }
        })
        .collect()
}

fn flawed(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let say = case.of(RULE.id, SERVER);
    let because = t(
        asked
            .expected
            .flaws
            .iter()
            .map(|f| f.ja.as_str())
            .collect::<Vec<_>>()
            .join("、"),
        format!(
            "The certificate is none to trust ({})",
            asked
                .expected
                .flaws
                .iter()
                .map(|f| f.en.as_str())
                .collect::<Vec<_>>()
                .join("; ")
        ),
    );
    let expected = refused_with(case, Due::CertificateInvalid, because);
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return Some(finding);
    }
    let holds = match asked.reply() {
        Reply::Refuses(_, outcome) => outcome.code == code(case, Due::CertificateInvalid),
        Reply::Error(..) => true,
        Reply::Confirms(..) | Reply::Broken(..) | Reply::Nothing => false,
    };
    let advice = t(
        "失効確認の前に、発行者の署名・鍵用途・拡張鍵用途・開始日を検証する",
        "Check issuer signature, key usage, extended key usage and begin before anything else is asked.",
    );
    Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
}

fn sound(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "正しい証明書なので、それを理由には断らない",
        "The certificate is sound: it is no reason to refuse.",
    );
    match asked.reply() {
        Reply::Confirms(..) => Some(say.pass(expected, asked.actual(), asked.quotes())),
        Reply::Refuses(_, outcome) if outcome.code == code(case, Due::CertificateInvalid) => {
            let advice = t(
                "信頼する認証局の一覧と時計を確かめる",
                "Check the list of trusted authorities and the clock.",
            );
            Some(say.fail(expected, asked.actual(), advice, asked.quotes()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::pki::Key;
    use crate::testing::*;
    use rcgen::{ExtendedKeyUsagePurpose, KeyUsagePurpose};

    #[test]
    fn every_single_deviation_is_to_be_refused() {
        let sound = Leaf::default;
        let leaves = [
            (
                "foreign issuer",
                Leaf {
                    issuer: Key::Foreign,
                    ..sound()
                },
            ),
            (
                "usage",
                Leaf {
                    usage: KeyUsagePurpose::KeyEncipherment,
                    ..sound()
                },
            ),
            (
                "extended usage",
                Leaf {
                    extended: ExtendedKeyUsagePurpose::ServerAuth,
                    ..sound()
                },
            ),
            (
                "policy of the signing certificate",
                Leaf {
                    policy: Some(&[1, 2, 392, 200149, 8, 5, 1, 1, 20]),
                    ..sound()
                },
            ),
            (
                "not yet valid",
                Leaf {
                    first_day: "2026-10-16",
                    ..sound()
                },
            ),
        ];
        for (name, leaf) in leaves {
            for (answer, due) in [
                (Answer::refused("SIM-E206"), Pass),
                (Answer::Error(403, "certificate-refused"), Pass),
                (Answer::refused("SIM-E204"), Fail),
                (Play::default().answer, Fail),
                (Answer::Raw("<html>"), Fail),
                (Answer::Nothing, Inconclusive),
            ] {
                let mut scene = Scene::with_card(&leaf);
                scene.visit(&Play {
                    answer: answer.clone(),
                    ..Play::default()
                });
                assert_eq!(scene.said("PKI-01")[0].1, due, "{name}: {answer:?}");
            }
        }
    }

    #[test]
    fn a_sound_one_is_no_reason_to_refuse() {
        let policy: &[u64] = &[1, 2, 392, 200149, 8, 5, 1, 3, 30];
        let leaf = Leaf {
            policy: Some(policy),
            first_day: "2026-10-15",
            last_day: "2031-10-14",
            ..Leaf::default()
        };
        for (answer, due) in [
            (Play::default().answer, vec![Pass]),
            (Answer::refused("SIM-E206"), vec![Fail]),
            (Answer::refused("SIM-E202"), vec![]),
        ] {
            let mut scene = Scene::with_card(&leaf);
            scene.visit(&Play {
                answer,
                ..Play::default()
            });
            assert_eq!(
                scene
                    .said("PKI-01")
                    .into_iter()
                    .map(|s| s.1)
                    .collect::<Vec<_>>(),
                due
            );
        }
    }
}
