//! PKI-02: revocation is asked for every use; good, revoked and unknown are told apart.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code};
use crate::case::{Case, Revocation};
use crate::decode::ocsp;
use crate::expect::Due;
use crate::finding::{Speaker, q, t};
use crate::{Finding, Text};

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
        !matches!(
            first,
            Some(Due::CertificateInvalid | Due::SignatureInvalid | Due::RevocationUnavailable)
        )
    });
    judged.filter_map(|asked| of(case, &asked)).collect()
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
        Reply::Confirms(..) if question(case, asked).is_none() => {
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
    let until = asked
        .confirmation
        .answer
        .as_ref()
        .map_or(u32::MAX, |(seq, _)| *seq);
    case.revocations.iter().find_map(|r| {
        let timely = r.seq > asked.confirmation.seq
            && r.seq < until
            && r.serials.contains(&asked.card.serial);
        match &r.answer {
            Some((seq, Ok(response))) if timely && *seq < until => Some((r, *seq, response)),
            _ => None,
        }
    })
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
    fn a_responder_that_errs_is_the_beds_own() {
        let found = said(
            Some(CertificateEvent::Revoked),
            Some(ocsp::Status::Good),
            Play::default().answer,
        );
        assert_eq!(found, [(Inconclusive, Some("bed".into()))]);
    }
}
