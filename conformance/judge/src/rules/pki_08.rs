//! PKI-08: identity is proved by a fresh signature of the card over a challenge of this session; a
//! replayed or foreign signature is refused.

use super::Rule;
use super::chip::{CARD, judged};
use super::common::{Asked, Reply, SERVER, TERMINAL, asked, code, limping, reply};
use crate::case::{Case, Confirmation, Exchange, Identification, Identified, Said};
use crate::expect::Due;
use crate::finding::{q, t};
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "PKI-08",
    roles: &[CARD, SERVER],
    clause: (
        "そのセッションのチャレンジへのカードの署名で本人を確かめ、使い回しや別の鍵の署名では確認を返さない",
        "A fresh signature of the card over this session's challenge proves identity; any other confirms nothing.",
    ),
    check,
};

/// What of it is the card's own.
const OF_CARD: Rule = Rule {
    roles: &[CARD],
    clause: (
        "照会のたびに渡される値へ、カードが自分の鍵で署名する",
        "The card signs what it is handed for each session, with the key of its certificate.",
    ),
    ..RULE
};

fn check(case: &Case) -> Vec<Finding> {
    let shown = case.identifications.iter().filter_map(|p| proof(case, p));
    let confirmed = asked(case).filter_map(|asked| of(case, &asked));
    let again = case.confirmations.iter().filter_map(|c| replayed(case, c));
    let given = case.eligibility.iter().filter_map(|e| given(case, e));
    let signed = judged(case, &OF_CARD, &sign());
    let of_server = shown.chain(confirmed).chain(again).chain(given);
    of_server.chain(signed).collect()
}

fn sign() -> Text {
    t(
        "署名は毎回、渡されたDigestInfoに対して計算し、前のものを返さない",
        "Compute each signature over the DigestInfo handed over; never answer with an earlier one.",
    )
}

/// A challenge a clinic asks for is handed out, and never the same twice.
fn given(case: &Case, asked: &Exchange) -> Option<Finding> {
    let own = asked.posts("/v1/challenges") && asked.from.role == TERMINAL;
    let facility = case.facts.facility(asked.facility());
    let enrolled = facility.is_none_or(|f| f.enrolled);
    let status = asked.status().filter(|_| own && enrolled)?;
    if limping(case, asked.at, Some(status)) {
        return None;
    }
    let own = case.challenges.iter().find(|c| c.seq == asked.last());
    let wrong = match own {
        None => Some(t("チャレンジを渡さなかった", "It handed out no challenge.")),
        Some(own) => {
            let mut earlier = case.challenges.iter().filter(|c| c.seq < own.seq);
            let again = earlier.any(|c| c.session == own.session || c.challenge == own.challenge);
            let short = own.challenge.len() < 16 || own.session.is_empty();
            (again || short || !asked.accepted()).then(|| {
                t(
                    "前と同じ、または短いチャレンジを渡した",
                    "It handed out a challenge or session used before, or one too short.",
                )
            })
        }
    }?;
    let expected = t(
        "照会のたびに、推し量れない新しいチャレンジとセッションを渡す",
        "Every asker gets a new challenge and session nobody can guess.",
    );
    let said = own.map_or_else(|| asked.said(), |own| own.session.clone());
    let quotes = vec![q(asked.last(), "POST /v1/challenges", said)];
    let say = case.of(RULE.id, SERVER);
    Some(say.fail(expected, wrong, advice(), quotes))
}

/// A confirmation the bed asks in a session that is used up, or that proved nobody.
fn replayed(case: &Case, confirmation: &Confirmation) -> Option<Finding> {
    let enrolled = case
        .facts
        .facility(&confirmation.facility)
        .is_some_and(|f| f.enrolled);
    let (seq, said) = confirmation.answer.as_ref()?;
    if confirmation.from.role != "bed" || !enrolled {
        return None;
    }
    let why = objection(case, confirmation, case.proof_of(confirmation))?;
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        format!("{}ので、確認を返さない", why.ja),
        format!("{}: nothing may be confirmed.", why.en),
    );
    let confirms = matches!(reply(*seq, said), Reply::Confirms(..));
    let actual = match confirms {
        true => t("確認を返した", "It confirmed."),
        false => t("断った", "It refused."),
    };
    let quotes = vec![q(confirmation.seq, "POST /v1/card-confirmations", why.en)];
    Some(say.decide(!confirms, expected, actual, advice(), quotes))
}

/// A card that is not proved is told nothing of.
fn proof(case: &Case, proof: &Identification) -> Option<Finding> {
    let why = unproved(proof)?;
    let facility = case.facts.facility(&proof.facility);
    let (seq, said) = proof.answer.as_ref()?;
    if facility.is_some_and(|f| !f.enrolled) {
        return None;
    }
    let expected = t(
        format!("{}ので、利用登録の状況を教えない", why.ja),
        format!("{}: nothing is told of the card.", why.en),
    );
    let (holds, told) = match said {
        Identified::Standing(standing) => (standing == "undetermined", standing.clone()),
        Identified::Error(status, name) => (true, format!("{status} {name}")),
        Identified::Broken(error) => (true, error.to_string()),
    };
    let actual = t(format!("{told}と答えた"), format!("It answered {told}."));
    let quotes = vec![
        q(proof.seq, "signature", why.en),
        q(*seq, "POST /v1/card-identifications", told),
    ];
    let say = case.of(RULE.id, SERVER);
    Some(say.decide(holds, expected, actual, advice(), quotes))
}

fn advice() -> Text {
    t(
        "自分が出したチャレンジごとに、証明書の鍵で署名を一度だけ検証する",
        "Verify the signature with the certificate's key, once for each challenge handed out.",
    )
}

fn of(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let say = case.of(RULE.id, SERVER);
    let mut quotes = asked.quotes();
    let Some(why) = objection(case, asked.confirmation, asked.proof) else {
        quotes.push(q(
            asked.confirmation.seq,
            "signature",
            "verifies over challenge, session and facility code",
        ));
        let expected = t(
            "署名は正しいので、それを理由には断らない",
            "The signature is right: it is no reason to refuse.",
        );
        return match asked.reply() {
            Reply::Confirms(..) => Some(say.pass(expected, asked.actual(), quotes)),
            Reply::Refuses(_, outcome) if outcome.code == code(case, Due::SignatureInvalid) => {
                let advice = t(
                    "チャレンジ・セッション・医療機関コードの順につないだものを検証する",
                    "Verify over challenge, session and facility code, joined in this order.",
                );
                Some(say.fail(expected, asked.actual(), advice, quotes))
            }
            _ => None,
        };
    };
    let expected = t(
        format!("{}ので、確認を返さない", why.ja),
        format!("{}: nothing may be confirmed.", why.en),
    );
    quotes.push(q(asked.confirmation.seq, "signature", why.en));
    match asked.reply() {
        Reply::Nothing => Some(say.unclear(SERVER, expected, asked.actual(), quotes)),
        reply => Some(say.decide(
            !matches!(reply, Reply::Confirms(..)),
            expected,
            asked.actual(),
            advice(),
            quotes,
        )),
    }
}

/// Why a confirmation may not be given by the proof of its session; none when it may.
fn objection(
    case: &Case,
    confirmation: &Confirmation,
    proof: Option<&Identification>,
) -> Option<Text> {
    let Ok(request) = &confirmation.request else {
        return Some(t("要求を読み取れない", "The request cannot be read"));
    };
    let used = case.confirmations.iter().any(|earlier| {
        earlier.seq < confirmation.seq
            && proof.is_none_or(|p| earlier.seq > p.seq)
            && matches!(&earlier.answer, Some((_, Said::Outcome(_))))
            && earlier
                .request
                .as_ref()
                .is_ok_and(|r| r.session == request.session)
    });
    match proof {
        _ if used => Some(t(
            "このセッションは既に使われている",
            "This session was used before",
        )),
        None => Some(t(
            "このセッションではカードが示されていない",
            "No card was shown in this session",
        )),
        Some(proof) => unproved(proof),
    }
}

/// Why a signature proves nothing; none when it proves the card.
fn unproved(proof: &Identification) -> Option<Text> {
    if let Err(error) = &proof.request {
        return Some(t(
            format!("署名を読み取れない（{error}）"),
            format!("The signature cannot be read ({error})"),
        ));
    }
    if proof.proves != Some(true) {
        return Some(t(
            "署名がチャレンジ・セッション・医療機関コードに対して証明書の鍵で検証できない",
            "The signature does not verify over challenge, session and facility code with the certificate's key",
        ));
    }
    (!proof.fresh).then(|| {
        t(
            "このセッションは既に使われている",
            "This session was used before",
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    #[test]
    fn the_card_signs_what_it_is_handed() {
        let said = |signature: &str| -> Vec<Verdict> {
            let mut scene = Scene::chip();
            let lines = [
                "select jpki > 9000",
                "file 0018 > 9000",
                "verify pin > 9000",
            ];
            let sign = format!("sign > 9000 {signature}");
            scene.card_visit(&[&lines[..], &["file 0017 > 9000", &sign]].concat());
            let said = scene.said("PKI-08").into_iter();
            said.filter(|s| s.0 == "card").map(|s| s.1).collect()
        };
        assert_eq!(said("by-key"), [Pass]);
        assert_eq!(said("by-signing-key"), [Fail]);
        assert_eq!(said("AABB"), [Fail]);
    }

    #[test]
    fn a_challenge_is_handed_out_once() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert!(scene.bend("HTTP/1.1 201", "HTTP/1.1 500"));
        let said: Vec<_> = scene.said("PKI-08").into_iter().map(|s| s.1).collect();
        assert!(said.contains(&Fail), "{said:?}");
    }

    #[test]
    fn only_a_fresh_signature_of_the_card_proves_it() {
        let confirmed = || Play::default().answer;
        let (sound, unproved) = (Ok("registered"), Ok("undetermined"));
        type Told = Result<&'static str, (u16, &'static str)>;
        let table: [(&str, Signature, Told, Answer, &[Verdict]); 8] = [
            ("right", Signature::Right, sound, confirmed(), &[Pass]),
            (
                "right, refused as wrong",
                Signature::Right,
                sound,
                Answer::refused("SIM-E207"),
                &[Fail],
            ),
            (
                "right, refused for something else",
                Signature::Right,
                sound,
                Answer::refused("SIM-E202"),
                &[],
            ),
            (
                "foreign",
                Signature::Foreign,
                unproved,
                Answer::refused("SIM-E207"),
                &[Pass, Pass],
            ),
            (
                "foreign, HTTP error",
                Signature::Foreign,
                unproved,
                Answer::Error(422, "signature"),
                &[Pass, Pass],
            ),
            (
                "foreign, confirmed",
                Signature::Foreign,
                unproved,
                confirmed(),
                &[Pass, Fail],
            ),
            (
                "foreign, told of the registration",
                Signature::Foreign,
                sound,
                Answer::refused("SIM-E207"),
                &[Fail, Pass],
            ),
            (
                "of no session",
                Signature::Replayed,
                sound,
                confirmed(),
                &[Fail, Fail],
            ),
        ];
        for (name, signature, standing, answer, due) in table {
            let mut scene = Scene::registered();
            scene.visit(&Play {
                signature,
                standing,
                answer,
                ..Play::default()
            });
            let found: Vec<Verdict> = scene.said("PKI-08").into_iter().map(|s| s.1).collect();
            assert_eq!(found, due, "{name}");
        }
    }

    #[test]
    fn a_session_serves_once() {
        for (standing, answer, due) in [
            (Err((409, "session")), Answer::Nothing, vec![Pass, Pass]),
            (
                Ok("registered"),
                Answer::Error(409, "session-used"),
                vec![Fail, Pass, Pass],
            ),
            (
                Ok("undetermined"),
                Play::default().answer,
                vec![Pass, Pass, Fail],
            ),
        ] {
            let mut scene = Scene::registered();
            scene.visit(&Play::default());
            scene.visit(&Play {
                signature: Signature::Replayed,
                standing,
                answer,
                ..Play::default()
            });
            let found: Vec<Verdict> = scene.said("PKI-08").into_iter().map(|s| s.1).collect();
            assert_eq!(found, due);
        }
    }
}
