//! PKI-05: a move or name change revokes the signing certificate only; use as a health card goes on.

use evidence::CertificateEvent;

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code};
use crate::Finding;
use crate::case::Case;
use crate::expect::Due;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "PKI-05",
    roles: &[SERVER],
    clause: (
        "署名用電子証明書だけが失効しても、健康保険証としての利用は続く",
        "With the signing certificate alone revoked, use as a health card goes on.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case)
        .filter(|a| signing_revoked(case, a))
        .filter_map(|a| of(case, &a))
        .collect()
}

fn signing_revoked(case: &Case, asked: &Asked<'_>) -> bool {
    let signing = asked.card.signing.as_ref();
    signing.is_some_and(|certificate| {
        certificate.serial != asked.card.serial
            && case.facts.events.iter().any(|e| {
                e.serial == certificate.serial
                    && e.event == CertificateEvent::Revoked
                    && e.at <= asked.confirmation.at
            })
    })
}

fn of(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    if asked.expected.card_trouble().is_some() {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "失効したのは署名用電子証明書だけなので、利用者証明用での確認は断らない",
        "Only the signing certificate is revoked: the user-authentication one is no reason to refuse.",
    );
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return Some(finding);
    }
    let codes = [
        Due::Revoked,
        Due::Suspended,
        Due::Unknown,
        Due::CertificateInvalid,
    ];
    let codes = codes.map(|due| code(case, due));
    let accused = matches!(asked.reply(), Reply::Refuses(_, o) if codes.contains(&o.code.as_str()));
    let advice = t(
        "カードから読んだ利用者証明用電子証明書の発行番号だけを失効確認に使う",
        "Ask for revocation by the serial of the user-authentication certificate alone.",
    );
    Some(say.decide(!accused, expected, asked.actual(), advice, asked.quotes()))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;
    use evidence::CertificateEvent::Revoked;

    #[test]
    fn the_signing_certificate_is_another_matter() {
        for (revoked, answer, due) in [
            (true, Play::default().answer, vec![Pass]),
            (true, Answer::refused("SIM-E202"), vec![Fail]),
            (true, Answer::refused("SIM-E206"), vec![Fail]),
            (false, Play::default().answer, vec![]),
        ] {
            let mut scene = Scene::registered();
            let signing = Leaf {
                serial: 0x5001,
                ..Leaf::default()
            };
            scene.signing("田中のカード", &signing);
            if revoked {
                scene.event("5001", Revoked, "2026-10-10T09:00:00.000+09:00");
            }
            scene.visit(&Play {
                answer,
                ..Play::default()
            });
            let said: Vec<_> = scene.said("PKI-05").into_iter().map(|s| s.1).collect();
            assert_eq!(said, due);
        }
    }
}
