//! PKI-03: a loss report suspends at once, at any hour of any day; the card is refused although the insurance
//! is valid; the suspension can be lifted when the card is found.

use evidence::CertificateEvent;

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code};
use crate::Finding;
use crate::case::Case;
use crate::expect::Due;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "PKI-03",
    roles: &[SERVER],
    clause: (
        "紛失の届出による一時停止は直ちに効いてカードを断り、解除されれば直ちに元に戻る",
        "A suspension takes effect at once, and so does its lifting.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case)
        .filter_map(|asked| match last(case, &asked)? {
            CertificateEvent::Suspended => suspended(case, &asked),
            CertificateEvent::Lifted => lifted(case, &asked),
            _ => None,
        })
        .collect()
}

/// What happened last to the card's certificate before it was shown.
fn last<'a>(case: &'a Case, asked: &Asked<'_>) -> Option<&'a CertificateEvent> {
    let at = asked.proof.map_or(asked.confirmation.at, |p| p.at);
    let own = case.facts.events.iter();
    let known = own.filter(|e| e.serial == asked.card.serial && e.at <= at);
    known.max_by_key(|e| e.at).map(|e| &e.event)
}

fn suspended(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    if asked.expected.due() != Due::Suspended {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "届出により一時停止中なので、資格が有効でもカードでは確認しない",
        "Suspended by a loss report: nothing is confirmed by card although the insurance is valid.",
    );
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return Some(finding);
    }
    let holds = !matches!(asked.reply(), Reply::Confirms(..));
    let advice = t(
        "失効確認の答えを取り置かず、使うたびに認証局に尋ねる",
        "Keep no earlier answer; ask the authority at every use.",
    );
    Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
}

fn lifted(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let due = asked.expected.due();
    if asked.expected.card_trouble().is_some() {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "一時停止は解除されたので、それを理由には断らない",
        "The suspension was lifted: it is no reason to refuse any more.",
    );
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return Some(finding);
    }
    let advice = t(
        "一時停止の解除も、次の失効確認から直ちに反映する",
        "Let the lifting take effect at the next question for revocation.",
    );
    let codes = [Due::Revoked, Due::Suspended, Due::Unknown].map(|due| code(case, due));
    let accused = matches!(asked.reply(), Reply::Refuses(_, o) if codes.contains(&o.code.as_str()));
    let holds = match due.confirms() {
        true => matches!(asked.reply(), Reply::Confirms(..)) || !accused,
        false => !accused,
    };
    Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::CertificateEvent::{Lifted, Revoked, Suspended};

    fn said(events: &[evidence::CertificateEvent], answer: Answer) -> Vec<Verdict> {
        let mut scene = Scene::registered();
        for (hour, event) in events.iter().enumerate() {
            scene.event(
                "1001",
                event.clone(),
                &format!("2026-10-15T0{hour}:00:00.000+09:00"),
            );
        }
        scene.visit(&Play {
            answer,
            ..Play::default()
        });
        scene.said("PKI-03").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn a_suspension_holds_until_it_is_lifted() {
        let confirmed = || Play::default().answer;
        for (name, events, answer, due) in [
            (
                "suspended",
                vec![Suspended],
                Answer::refused("SIM-E203"),
                vec![Pass],
            ),
            (
                "suspended, confirmed",
                vec![Suspended],
                confirmed(),
                vec![Fail],
            ),
            (
                "suspended, the code is PKI-04's",
                vec![Suspended],
                Answer::refused("SIM-E202"),
                vec![Pass],
            ),
            ("lifted", vec![Suspended, Lifted], confirmed(), vec![Pass]),
            (
                "lifted, still refused",
                vec![Suspended, Lifted],
                Answer::refused("SIM-E203"),
                vec![Fail],
            ),
            (
                "lifted, called revoked",
                vec![Suspended, Lifted],
                Answer::refused("SIM-E202"),
                vec![Fail],
            ),
            (
                "suspended again",
                vec![Suspended, Lifted, Suspended],
                confirmed(),
                vec![Fail],
            ),
            (
                "revoked is another rule's",
                vec![Suspended, Revoked],
                confirmed(),
                vec![],
            ),
            ("never", vec![], confirmed(), vec![]),
        ] {
            assert_eq!(said(&events, answer), due, "{name}");
        }
    }
}
