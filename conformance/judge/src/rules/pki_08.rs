//! PKI-08: identity is proved by a fresh signature of the card over a challenge of this session; a
//! replayed or foreign signature is refused.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code};
use crate::case::{Case, Said};
use crate::expect::{self, Due};
use crate::finding::{q, t};
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "PKI-08",
    roles: &[SERVER],
    clause: (
        "そのセッションのチャレンジへのカードの署名で本人を確かめ、使い回しや別の鍵の署名では確認を返さない",
        "A fresh signature of the card over this session's challenge proves identity; any other confirms nothing.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case).filter_map(|asked| of(case, &asked)).collect()
}

fn of(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let say = case.of(RULE.id, SERVER);
    let mut quotes = asked.quotes();
    let Some(why) = objection(case, asked) else {
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
        reply => {
            let advice = t(
                "自分が出したチャレンジごとに、証明書の鍵で署名を一度だけ検証する",
                "Verify the signature with the certificate's key, once for each challenge handed out.",
            );
            Some(say.decide(
                !matches!(reply, Reply::Confirms(..)),
                expected,
                asked.actual(),
                advice,
                quotes,
            ))
        }
    }
}

/// Why the signature proves nothing; none when it proves the card.
fn objection(case: &Case, asked: &Asked<'_>) -> Option<Text> {
    let request = match &asked.confirmation.request {
        Ok(request) => request,
        Err(error) => {
            return Some(t(
                format!("署名を読み取れない（{error}）"),
                format!("The signature cannot be read ({error})"),
            ));
        }
    };
    let used = case.confirmations.iter().any(|earlier| {
        earlier.seq < asked.confirmation.seq
            && matches!(&earlier.answer, Some((_, Said::Outcome(_))))
            && earlier
                .request
                .as_ref()
                .is_ok_and(|r| r.session == request.session)
    });
    if used {
        return Some(t(
            "このセッションは既に使われている",
            "This session was used before",
        ));
    }
    let holds = expect::signature_holds(case, asked.confirmation) == Some(true);
    (!holds).then(|| {
        t(
            "署名がチャレンジ・セッション・医療機関コードに対して証明書の鍵で検証できない",
            "The signature does not verify over challenge, session and facility code with the certificate's key",
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    #[test]
    fn only_a_fresh_signature_of_the_card_proves_it() {
        let confirmed = || Play::default().answer;
        let table: [(&str, Signature, Answer, &[Verdict]); 7] = [
            ("right", Signature::Right, confirmed(), &[Pass]),
            (
                "right, refused as wrong",
                Signature::Right,
                Answer::refused("SIM-E207"),
                &[Fail],
            ),
            (
                "right, refused for something else",
                Signature::Right,
                Answer::refused("SIM-E202"),
                &[],
            ),
            (
                "foreign",
                Signature::Foreign,
                Answer::refused("SIM-E207"),
                &[Pass],
            ),
            (
                "foreign, HTTP error",
                Signature::Foreign,
                Answer::Error(422, "signature"),
                &[Pass],
            ),
            (
                "foreign, confirmed",
                Signature::Foreign,
                confirmed(),
                &[Fail],
            ),
            ("of no session", Signature::Replayed, confirmed(), &[Fail]),
        ];
        for (name, signature, answer, due) in table {
            let mut scene = Scene::registered();
            scene.visit(&Play {
                signature,
                answer,
                ..Play::default()
            });
            let found: Vec<Verdict> = scene.said("PKI-08").into_iter().map(|s| s.1).collect();
            assert_eq!(found, due, "{name}");
        }
    }

    #[test]
    fn a_session_serves_once() {
        for (answer, due) in [
            (Answer::Error(409, "session-used"), Pass),
            (Play::default().answer, Fail),
        ] {
            let mut scene = Scene::registered();
            scene.visit(&Play::default());
            scene.visit(&Play {
                signature: Signature::Replayed,
                answer,
                ..Play::default()
            });
            let found: Vec<Verdict> = scene.said("PKI-08").into_iter().map(|s| s.1).collect();
            assert_eq!(found, [Pass, due]);
        }
    }
}
