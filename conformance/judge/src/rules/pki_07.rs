//! PKI-07: when the revocation service does not answer, nothing is silently accepted: the answer says
//! that validity could not be checked, and the screen names the ways that are left.

use super::Rule;
use super::closing;
use super::common::{
    Asked, PORTAL, READER, Reply, SERVER, SERVER_HOUSES, TERMINAL, asked, code, limping,
    names_fallbacks, refused_with,
};
use super::pki_02::was_asked;
use super::wording::names_reason;
use crate::Finding;
use crate::case::{Case, Exchange, Identification};
use crate::expect::{self, Due};
use crate::finding::{q, t};

/// Milliseconds a clinic waits: a whole answer is expected in 3 to 7 seconds (facts/eligibility.md 1.1).
const PATIENCE: i64 = 10_000;

/// The rule.
pub const RULE: Rule = Rule {
    id: "PKI-07",
    roles: &[SERVER, READER],
    clause: (
        "失効を確認できないときは確認を返さず、確認できなかったことを答え、代わりの方法を示す",
        "When revocation cannot be asked nothing is confirmed, the answer says so and the fallback is offered.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let unavailable = asked(case).filter(|a| a.expected.due() == Due::RevocationUnavailable);
    let unavailable = unavailable.map(|a| of(case, &a));
    let by_list = asked(case).filter_map(|a| listed(case, &a));
    let told = case.feed.iter().filter_map(|e| registration(case, e));
    let silent = case.identifications.iter().filter_map(|p| silent(case, p));
    let offered = asked(case).filter_map(|a| offered(case, &a));
    unavailable
        .chain(by_list)
        .chain(told)
        .chain(silent)
        .chain(offered)
        .collect()
}

/// Whoever shows a card while revocation cannot be asked gets an answer before giving up.
fn silent(case: &Case, shown: &Identification) -> Option<Finding> {
    let facility = case.facts.facility(&shown.facility);
    let own = shown.from.role == TERMINAL && facility.is_none_or(|f| f.enrolled);
    let trouble = case.facts.fault(&["ocsp", "crl"], shown.at).is_some();
    let until = *case.times.last()?;
    let in_order = !case.facts.troubled(&SERVER_HOUSES, shown.at, until);
    let waited = until.millis_since(shown.at) >= PATIENCE;
    let visit = case.stay(&shown.from, shown.seq)?;
    let left = visit.taken.and_then(|taken| case.when(taken));
    let left = left.is_some_and(|taken| taken.millis_since(shown.at) < PATIENCE);
    if !(own && trouble && in_order && waited) || (left && shown.answer.is_none()) {
        return None;
    }
    let took = shown.answer.as_ref().and_then(|(seq, _)| case.when(*seq));
    let took = took.map(|at| at.millis_since(shown.at));
    let expected = t(
        "失効を確認できなくても、待つ時間を限って答える",
        "Revocation that cannot be asked does not keep the asker waiting: an answer comes in time.",
    );
    let actual = match took {
        Some(took) => t(
            format!("{took}ミリ秒後に答えた"),
            format!("It answered after {took} ms."),
        ),
        None => t("答えなかった", "It never answered."),
    };
    let advice = t(
        "OCSPと失効リストを合わせて数秒で打ち切り、確認できなかったと答える",
        "Give OCSP and list together a few seconds, then say that it could not be checked.",
    );
    let quotes = vec![q(
        shown.seq,
        "POST /v1/card-identifications",
        "revocation out of order",
    )];
    let holds = took.is_some_and(|took| took <= PATIENCE);
    let say = case.of(RULE.id, SERVER);
    Some(say.decide(holds, expected, actual, advice, quotes))
}

/// The ways on, on the screen after a refusal for want of the revocation service.
fn offered(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let due = Due::RevocationUnavailable;
    let refused = closing::refused(case, asked, due)?;
    let expected = t(
        "有効性を確認できないことと、資格確認書・資格情報のお知らせなどの代わりの方法を画面に示す",
        "The screen says that validity cannot be checked and names 資格確認書 and the sheets as ways on.",
    );
    let advice = t(
        "失効を確認できずに断るときは、そのことと代わりの方法を画面に並べる",
        "Where it refuses because revocation cannot be asked, say so and list the fallbacks on the screen.",
    );
    let holds = refused.shows(|s| names_fallbacks(s) && names_reason(s, due) == Some(true));
    let say = case.of(RULE.id, READER);
    Some(say.decide(holds, expected, refused.actual(), advice, refused.quotes()))
}

/// Where the profile lets a list stand in for the responder: it must have been fetched.
fn listed(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let at = asked.proof.map_or(asked.confirmation.at, |p| p.at);
    let out_of_order = case.facts.fault(&["ocsp"], at).is_some();
    if !out_of_order || asked.expected.due() == Due::RevocationUnavailable {
        return None;
    }
    let Reply::Confirms(..) = asked.reply() else {
        return None;
    };
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "OCSPが応答しないので、失効リストを確かめてから確認を返す",
        "The responder does not answer: the list is looked at before anything is confirmed.",
    );
    let advice = t(
        "失効リストを取り寄せ、署名と期限を確かめてから使う",
        "Fetch the list and check its signature and time before using it.",
    );
    let holds = was_asked(case, asked);
    Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
}

/// A registration is tied to no certificate whose validity cannot be checked.
fn registration(case: &Case, told: &Exchange) -> Option<Finding> {
    let own = told.posts("/v1/feed/use-registrations") && told.from.role == PORTAL;
    let serial = told.text("serial");
    let due = expect::revocation(case, serial, told.at).filter(|_| own)?;
    if due != Due::RevocationUnavailable
        || limping(case, told.at, told.status().filter(|s| *s == 500))
    {
        return None;
    }
    told.answer.as_ref()?;
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "失効を確認できないので、利用登録を結び付けず理由を答える",
        "Revocation cannot be asked: nothing is tied, and the answer says why.",
    );
    let said = told.said();
    let actual = t(format!("{said}と答えた"), format!("It answered {said}."));
    let advice = t(
        "利用登録を受けるときも失効を確認し、確認できなければ結び付けない",
        "Ask for revocation when taking a registration too, and tie nothing without an answer.",
    );
    let quotes = vec![q(told.seq, "POST /v1/feed/use-registrations", said)];
    let holds = !told.accepted() && !told.answered("error").is_empty();
    Some(say.decide(holds, expected, actual, advice, quotes))
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
    fn where_a_list_stands_in_it_is_looked_at() {
        for (fetched, due) in [(true, Pass), (false, Fail)] {
            let mut scene = Scene::registered();
            scene.declare(Fact::ProfileValue {
                key: "revocation_fallback".into(),
                value: "crl".into(),
            });
            scene.fault("ocsp", FaultKind::Silent);
            if fetched {
                scene.fetch_list();
            }
            scene.visit(&Play {
                ocsp: Some(None),
                ..Play::default()
            });
            assert_eq!(scene.said("PKI-07")[0].1, due);
        }
    }

    #[test]
    fn nobody_is_kept_waiting() {
        use evidence::What;
        let mut scene = Scene::registered();
        scene.fault("ocsp", FaultKind::Silent);
        scene.visit(&Play::default());
        let mut silent = scene.clone();
        let bytes = silent.records.bytes.clone();
        silent.records.records.retain(|record| match &record.what {
            What::Tapped(t) => {
                let said = t
                    .bytes
                    .as_ref()
                    .map(|digest| String::from_utf8_lossy(&bytes[digest]));
                !said.is_some_and(|said| {
                    said.starts_with("HTTP/1.1 200") && said.contains("standing")
                })
            }
            What::Declared(d) => !matches!(
                &d.fact,
                Fact::Hands {
                    act: evidence::Act::TakeCard,
                    ..
                }
            ),
            What::Attested(_) => true,
        });
        for (scene, due) in [(&mut scene, Pass), (&mut silent, Fail)] {
            scene.at("2026-10-15T09:01:00");
            scene.screen(CLINIC, "PLACE_CARD", &[], None);
            let found = scene.findings("PKI-07");
            let of_wait = found.iter().find(|f| f.expected.en.contains("waiting"));
            assert_eq!(of_wait.unwrap().verdict, due);
        }
    }

    #[test]
    fn the_ways_on_are_offered() {
        let ways = "資格確認書、またはカードと資格情報のお知らせをご提示ください。";
        let why = "有効かどうかを確認できません。";
        for (lines, due) in [
            (vec![why, ways], Pass),
            (vec![why], Fail),
            (vec![ways], Fail),
            (vec!["失効しています。", ways], Fail),
        ] {
            let mut scene = Scene::registered();
            scene.fault("ocsp", FaultKind::Silent);
            scene.visit(&Play {
                ocsp: Some(None),
                answer: Answer::refused("SIM-E205"),
                last: ("REFUSED", Vec::leak(lines.clone())),
                ..Play::default()
            });
            let mut said = scene.said("PKI-07").into_iter();
            let found = said.find(|s| s.0 == "reader").map(|s| s.1);
            assert_eq!(found, Some(due), "{lines:?}");
        }
    }

    #[test]
    fn nothing_is_tied_unasked() {
        for (status, due) in [(503, Fail), (201, Fail)] {
            let mut scene = Scene::unregistered();
            scene.fault("ocsp", FaultKind::Silent);
            scene.tied("1001", NUMBER, status);
            // The synthetic refusal names no reason.
            assert_eq!(scene.said("PKI-07")[0].1, due);
        }
    }

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
