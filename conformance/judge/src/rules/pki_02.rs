//! PKI-02: revocation is asked for every use; good, revoked and unknown are told apart.

use evidence::FaultKind;

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code};
use crate::case::{Case, Revocation};
use crate::decode::ocsp;
use crate::expect::Due;
use crate::finding::{Speaker, q, t};
use crate::{Finding, Text};

const JLIS: &str = "jlis";

/// The rule.
pub const RULE: Rule = Rule {
    id: "PKI-02",
    roles: &[SERVER],
    clause: (
        "使うたびに失効を確認し、有効・失効・不明を区別する",
        "Revocation is asked for every use; good, revoked and unknown are told apart.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let judged = asked(case).filter(|asked| {
        let first = asked.expected.troubles.first();
        !matches!(first, Some(Due::CertificateInvalid | Due::SignatureInvalid))
    });
    judged
        .filter_map(|asked| match asked.expected.due() {
            Due::RevocationUnavailable => unreliable(case, &asked),
            _ => of(case, &asked),
        })
        .collect()
}

/// An answer came that is none to rely on: it proves the certificate neither good nor revoked. Where none
/// came at all PKI-07 speaks.
fn unreliable(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let at = asked.proof.map_or(asked.confirmation.at, |p| p.at);
    let fault = case.facts.fault(&["ocsp"], at)?;
    let mood = fault.kind;
    let answers = [
        FaultKind::WrongSignature,
        FaultKind::WrongSubject,
        FaultKind::Old,
        FaultKind::TryLater,
    ];
    // One that never came and was not laid down is a spoiled answer too.
    if fault.declared && !answers.contains(&mood) {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "OCSPの答えは信頼できないので、有効とも失効とも不明ともせず、確認を返さない",
        "The responder's answer is none to rely on: neither good nor revoked nor unknown, and nothing is confirmed.",
    );
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return Some(finding);
    }
    let accusing = [Due::Revoked, Due::Suspended, Due::Unknown].map(|due| code(case, due));
    let holds = match asked.reply() {
        Reply::Confirms(..) => false,
        Reply::Refuses(_, outcome) => !accusing.contains(&outcome.code.as_str()),
        _ => true,
    };
    if holds && !fault.declared {
        return Some(say.unclear(JLIS, expected, spoiled(), asked.quotes()));
    }
    let advice = t(
        "OCSPの署名・対象・時刻・ノンスを確かめ、合わない答えは答えのないものとして扱う",
        "Check signature, subject, time and nonce; an answer that fails is no answer.",
    );
    Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
}

/// No fault was laid down, so the way the story was meant to go is not seen; the server did right.
fn spoiled() -> Text {
    t(
        "信頼できないOCSPの答えが届いた（宣言にない）",
        "The responder's answer came spoiled, which the scenario had not laid down.",
    )
}

fn of(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let say = case.of(RULE.id, SERVER);
    let due = asked.expected.due();
    let expected = expectation(case, due);
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return Some(finding);
    }
    if let Some(finding) = odd_responder(case, asked, say, &expected) {
        return Some(finding);
    }
    let advice = t(
        "OCSPの応答のcertStatusを、good・revoked・unknownの三つに分けて扱う",
        "Treat certStatus good, revoked and unknown of the OCSP answer as three different things.",
    );
    let bad = matches!(due, Due::Revoked | Due::Suspended | Due::Unknown);
    match asked.reply() {
        Reply::Confirms(..) if bad => {
            Some(say.fail(expected, asked.actual(), advice, quotes(case, asked)))
        }
        Reply::Confirms(..) if !was_asked(case, asked) => {
            let actual = t(
                "失効を確認せずに確認を返した",
                "It confirmed without having asked for revocation.",
            );
            Some(say.fail(expected, actual, advice, asked.quotes()))
        }
        Reply::Confirms(..) => Some(say.pass(expected, asked.actual(), quotes(case, asked))),
        Reply::Refuses(_, outcome) if due == Due::Unknown => {
            let holds = outcome.code == code(case, Due::Unknown);
            Some(say.decide(holds, expected, asked.actual(), advice, quotes(case, asked)))
        }
        Reply::Refuses(..) | Reply::Error(..) if bad => {
            Some(say.pass(expected, asked.actual(), quotes(case, asked)))
        }
        Reply::Refuses(_, outcome) => {
            let accuses = [Due::Revoked, Due::Suspended, Due::Unknown]
                .iter()
                .any(|d| outcome.code == code(case, *d));
            accuses.then(|| say.fail(expected, asked.actual(), advice, quotes(case, asked)))
        }
        Reply::Error(..) | Reply::Broken(..) | Reply::Nothing => None,
    }
}

fn expectation(case: &Case, due: Due) -> Text {
    match due {
        Due::Unknown => {
            let code = code(case, due);
            t(
                format!("OCSPの答えが「不明」なので、コード{code}で断る"),
                format!("The responder does not know the certificate: refuse with code {code}."),
            )
        }
        Due::Revoked | Due::Suspended => t(
            "証明書は失効しているので、確認を返さない",
            "The certificate is revoked: nothing is confirmed.",
        ),
        _ => t(
            "OCSPで失効を確認し、有効なので失効を理由に断らない",
            "Ask OCSP; the certificate is good, so revocation is no reason to refuse.",
        ),
    }
}

/// The question for this card's serial that was answered before the server answered.
fn question<'a>(
    case: &'a Case,
    asked: &Asked<'_>,
) -> Option<(&'a Revocation, u32, &'a ocsp::Response)> {
    let (from, until) = span(asked);
    case.revocations.iter().find_map(|r| {
        let timely = r.from.role == SERVER
            && r.seq > from
            && r.seq < until
            && r.serials.contains(&asked.card.serial);
        match &r.answer {
            Some((seq, Ok(response))) if timely && *seq < until => Some((r, *seq, response)),
            _ => None,
        }
    })
}

/// From the card's being shown to the server's answer.
fn span(asked: &Asked<'_>) -> (u32, u32) {
    let from = asked.proof.map_or(asked.confirmation.seq, |p| p.seq);
    let answer = asked.confirmation.answer.as_ref();
    (from, answer.map_or(u32::MAX, |(seq, _)| *seq))
}

/// Whether the server asked: by OCSP, or by the list where the profile says so and OCSP is out of order.
pub(super) fn was_asked(case: &Case, asked: &Asked<'_>) -> bool {
    let (_, until) = span(asked);
    let at = asked.proof.map_or(asked.confirmation.at, |p| p.at);
    let listed = case.value("revocation_fallback") == "crl"
        && case.facts.fault(&["ocsp", "jlis"], at).is_some()
        && case.list_fetches.iter().any(|f| {
            f.from.role == SERVER && matches!(&f.answer, Some((seq, Ok(_))) if *seq < until)
        });
    listed || question(case, asked).is_some()
}

fn quotes(case: &Case, asked: &Asked<'_>) -> Vec<crate::Quote> {
    let mut quotes = asked.quotes();
    if let Some((_, seq, response)) = question(case, asked) {
        let said = response
            .of(&asked.card.serial)
            .map_or("-".to_owned(), |s| format!("{:?}", s.status));
        quotes.push(q(seq, "OCSP certStatus", said));
    }
    quotes
}

/// The responder is the bed's own: when it says other than declared, or signs wrongly, nothing is proved.
fn odd_responder(
    case: &Case,
    asked: &Asked<'_>,
    say: Speaker<'_>,
    expected: &Text,
) -> Option<Finding> {
    let at = asked.proof.map_or(asked.confirmation.at, |p| p.at);
    if case.facts.fault(&["ocsp", "jlis"], at).is_some() {
        return None;
    }
    let (_, seq, response) = question(case, asked)?;
    let declared = match asked.expected.due() {
        Due::Revoked | Due::Suspended => "revoked",
        Due::Unknown => "unknown",
        _ => "good",
    };
    let said = match response.of(&asked.card.serial).map(|s| &s.status) {
        Some(ocsp::Status::Good) => "good",
        Some(ocsp::Status::Revoked(..)) => "revoked",
        Some(ocsp::Status::Unknown) => "unknown",
        None => "nothing",
    };
    let signed = response.signed_under(&case.facts.trusted("jpki"));
    if said == declared && signed {
        return None;
    }
    let actual = t(
        format!("OCSPレスポンダーの答えは{said}（宣言では{declared}）、署名の検証は{signed}"),
        format!(
            "The responder said {said} (declared: {declared}); its signature verifies: {signed}."
        ),
    );
    Some(say.unclear(
        "bed",
        expected.clone(),
        actual,
        vec![q(seq, "OCSP certStatus", said)],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::*;
    use evidence::CertificateEvent;

    fn said(
        event: Option<CertificateEvent>,
        ocsp: Option<ocsp::Status>,
        answer: Answer,
    ) -> Vec<(crate::Verdict, Option<String>)> {
        let mut scene = Scene::registered();
        if let Some(event) = event {
            scene.event("1001", event, "2026-10-10T09:00:00.000+09:00");
        }
        scene.visit(&Play {
            ocsp: ocsp.map(Some),
            answer,
            ..Play::default()
        });
        scene
            .said("PKI-02")
            .into_iter()
            .map(|(_, verdict, fault)| (verdict, fault))
            .collect()
    }

    /// A visit whose OCSP answer is bent, though no fault was laid down.
    fn spoiled(from: &str, to: &str, answer: Answer) -> Scene {
        let mut scene = Scene::registered();
        let confirmed = matches!(&answer, Answer::Xml { status: "1", .. });
        let play = Play::default();
        let refused: (&str, &[&str]) = (
            "REFUSED",
            &[
                "有効かどうかを確認できません。資格確認書か、カードと資格情報のお知らせをご提示ください。",
            ],
        );
        scene.visit(&Play {
            answer,
            last: if confirmed { play.last } else { refused },
            chart: play.chart.filter(|_| confirmed),
            ..play
        });
        assert!(from.is_empty() || scene.bend_bytes("ocsp", from, to));
        scene
    }

    #[test]
    fn a_spoiled_answer_convicts_whoever_relies_on_it_and_nobody_else() {
        let refused = || Answer::refused("SIM-E205");
        for (name, from, to) in [
            ("older", "32303236313031353030", "32303235313031353030"),
            ("of another session", "000102030405", "000102030406"),
            ("under another signature", "0603550403", "0603550404"),
        ] {
            let relied = spoiled(from, to, Play::default().answer);
            let fails = relied.fails();
            let server = |rule: &str| fails.contains(&(rule.into(), "eligibility-server".into()));
            assert!(server("PKI-07") && server("PKI-02"), "{name}: {fails:?}");
            let minded = spoiled(from, to, refused());
            assert_eq!(minded.fails(), [], "{name}");
            let said = minded.said("PKI-02");
            assert_eq!(said[0].1, Inconclusive, "{name}");
            assert_eq!(said[0].2.as_deref(), Some("jlis"), "{name}");
        }
        let sound = spoiled("", "", refused()).fails();
        assert!(
            sound.contains(&("ELIG-01".into(), "eligibility-server".into())),
            "{sound:?}"
        );
    }

    #[test]
    fn good_revoked_and_unknown_are_told_apart() {
        use CertificateEvent::{Revoked, Suspended, Unknown};
        let confirmed = || Play::default().answer;
        let gone = |reason| Some(ocsp::Status::Revoked("20261010000000Z".into(), reason));
        let table = [
            (
                "good",
                None,
                Some(ocsp::Status::Good),
                confirmed(),
                vec![Pass],
            ),
            (
                "good, refused as unknown",
                None,
                Some(ocsp::Status::Good),
                Answer::refused("SIM-E204"),
                vec![Fail],
            ),
            (
                "good, refused for something else",
                None,
                Some(ocsp::Status::Good),
                Answer::refused("SIM-E301"),
                vec![],
            ),
            ("never asked", None, None, confirmed(), vec![Fail]),
            (
                "unknown",
                Some(Unknown),
                Some(ocsp::Status::Unknown),
                Answer::refused("SIM-E204"),
                vec![Pass],
            ),
            (
                "unknown taken for good",
                Some(Unknown),
                Some(ocsp::Status::Unknown),
                confirmed(),
                vec![Fail],
            ),
            (
                "unknown taken for revoked",
                Some(Unknown),
                Some(ocsp::Status::Unknown),
                Answer::refused("SIM-E202"),
                vec![Fail],
            ),
            (
                "revoked",
                Some(Revoked),
                gone(None),
                Answer::refused("SIM-E202"),
                vec![Pass],
            ),
            (
                "revoked taken for good",
                Some(Revoked),
                gone(None),
                confirmed(),
                vec![Fail],
            ),
            (
                "revoked called expired is PKI-04's",
                Some(Revoked),
                gone(None),
                Answer::refused("SIM-E201"),
                vec![Pass],
            ),
            (
                "suspended",
                Some(Suspended),
                gone(Some(6)),
                Answer::refused("SIM-E203"),
                vec![Pass],
            ),
        ];
        for (name, event, status, answer, due) in table {
            let found: Vec<_> = said(event, status, answer)
                .into_iter()
                .map(|s| s.0)
                .collect();
            assert_eq!(found, due, "{name}");
        }
    }

    #[test]
    fn an_answer_that_proves_nothing_is_taken_for_nothing() {
        use evidence::FaultKind::{Old, Silent, TryLater, WrongSignature, WrongSubject};
        for mood in [Old, TryLater, WrongSignature, WrongSubject] {
            for (answer, due) in [
                (Answer::refused("SIM-E205"), Pass),
                (Answer::refused("SIM-E202"), Fail),
                (Play::default().answer, Fail),
            ] {
                let mut scene = Scene::registered();
                scene.fault("ocsp", mood);
                scene.visit(&Play {
                    answer,
                    ..Play::default()
                });
                assert_eq!(scene.said("PKI-02")[0].1, due, "{mood:?}");
            }
        }
        let mut scene = Scene::registered();
        scene.fault("ocsp", Silent);
        scene.visit(&Play::default());
        assert_eq!(scene.said("PKI-02"), [], "silence is PKI-07's");
    }

    #[test]
    fn a_responder_that_errs_is_the_beds_own() {
        let found = said(
            Some(CertificateEvent::Revoked),
            Some(ocsp::Status::Good),
            Play::default().answer,
        );
        assert_eq!(found, [(Inconclusive, Some("bed".into()))]);
    }
}
