//! REG-04: registration of somebody whose insurer has not registered them ends without a link and says why;
//! the next attempt after the insurer's entry succeeds.

use super::Rule;
use super::common::{PORTAL, SERVER};
use super::home;
use super::registering::{Registering, registerings};
use crate::case::{Case, Exchange};
use crate::expect;
use crate::finding::{q, t};
use crate::{Finding, Text};

const NONE: &str = "no-insured-person";

/// The rule.
pub const RULE: Rule = Rule {
    id: "REG-04",
    roles: &[SERVER, PORTAL],
    clause: (
        "加入者情報のない人の登録は、結び付けずに理由を答え、保険者の登録の後ならできる",
        "Without an insurer's entry registration ends without a link and says why; after it the next attempt succeeds.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut turned_away: Vec<String> = Vec::new();
    for attempt in registerings(case).iter().filter(|r| r.sound) {
        if attempt.disturbed {
            findings.extend(interrupted(case, attempt));
            turned_away.push(attempt.serial.clone());
        } else if !attempt.insured {
            findings.push(nobody(case, attempt));
            turned_away.push(attempt.serial.clone());
        } else if turned_away.contains(&attempt.serial) || lost(case, attempt) {
            findings.extend(again(case, attempt));
        }
    }
    let asked = case
        .eligibility
        .iter()
        .filter(|e| e.from.role == "terminal");
    findings.extend(asked.filter_map(|e| server(case, e)));
    findings.extend(home::reason_shown(case, RULE.id));
    findings
}

fn actual(exchange: &Exchange) -> Text {
    let said = exchange.said();
    t(format!("{said}と答えた"), format!("It answered {said}."))
}

fn advice() -> Text {
    t(
        "中間サーバーに加入者がなければ、結び付けずに422 no-insured-personと理由の文を返す",
        "Where the intermediate server knows nobody, tie nothing and answer 422 no-insured-person with the reason.",
    )
}

/// Whether an answer says that nobody is insured, and says it to people too.
fn says_so(exchange: &Exchange) -> bool {
    exchange.status() == Some(422)
        && exchange.answered("error") == NONE
        && !exchange.answered("message_ja").is_empty()
}

fn nobody(case: &Case, attempt: &Registering<'_>) -> Finding {
    let say = case.of(RULE.id, PORTAL);
    let expected = t(
        "加入者情報がないので、何も結び付けず422 no-insured-personと理由を答える",
        "No insurer entered the person: nothing is tied, and the answer is 422 no-insured-person with the reason.",
    );
    let fed = attempt.fed(case);
    let mut quotes = attempt.quotes();
    quotes.extend(fed.map(|e| q(e.seq, "POST /v1/feed/use-registrations", e.said())));
    if let Some(insured) = attempt.asked_insured(case).filter(|e| e.accepted()) {
        let why = t(
            "中間サーバーが、誰も入力していない加入者を答えた",
            "The intermediate server named an insured person nobody had entered.",
        );
        quotes.push(q(insured.seq, "POST /v1/insured-persons", insured.said()));
        return say.unclear("intermediate", expected, why, quotes);
    }
    let holds = says_so(attempt.exchange) && fed.is_none();
    say.decide(holds, expected, actual(attempt.exchange), advice(), quotes)
}

/// Whether the holder's qualifications are all lost: insured once, and so registered like anybody.
fn lost(case: &Case, attempt: &Registering<'_>) -> bool {
    let at = attempt.exchange.at;
    let holder = attempt.card.map(|card| card.holder.as_str());
    let held = holder.and_then(|h| expect::qualification(&case.facts, h, at.day, at));
    held.is_some_and(|q| !q.valid)
}

/// A house on the way is out of order: the registration ends with its reason and without a link, or is made.
fn interrupted(case: &Case, attempt: &Registering<'_>) -> Option<Finding> {
    let exchange = attempt.exchange;
    if exchange.accepted() || exchange.answer.is_none() {
        return None;
    }
    let say = case.of(RULE.id, PORTAL);
    let expected = t(
        "登録に要る相手が応答しないので、結び付けず理由を答える",
        "A house the registration needs does not answer: nothing is tied, and the answer says why.",
    );
    let tied = attempt.fed(case).filter(|e| e.accepted());
    let named =
        !exchange.answered("error").is_empty() && !exchange.answered("message_ja").is_empty();
    let advice = t(
        "途中で終わった登録は理由を添えて断り、次の申込みを妨げない",
        "Refuse with the reason what could not be finished, and let the next attempt through.",
    );
    let holds = named && tied.is_none();
    Some(say.decide(holds, expected, actual(exchange), advice, attempt.quotes()))
}

fn again(case: &Case, attempt: &Registering<'_>) -> Option<Finding> {
    let say = case.of(RULE.id, PORTAL);
    let expected = t(
        "保険者の登録があり、妨げもないので、登録できる",
        "The insurer's entry is there and nothing is in the way: the registration succeeds.",
    );
    let holds = attempt.exchange.accepted();
    let unknown = attempt.asked_insured(case).filter(|e| !e.accepted());
    if let Some(insured) = unknown.filter(|_| !holds) {
        let why = t(
            "保険者の登録が中間サーバーに届いていない",
            "The insurer's entry has not reached the intermediate server.",
        );
        let mut quotes = attempt.quotes();
        quotes.push(q(insured.seq, "POST /v1/insured-persons", insured.said()));
        return Some(say.unclear("intermediate", expected, why, quotes));
    }
    Some(say.decide(
        holds,
        expected,
        actual(attempt.exchange),
        advice(),
        attempt.quotes(),
    ))
}

/// The server passes the portal's reason on, and holds nothing tied.
fn server(case: &Case, asked: &Exchange) -> Option<Finding> {
    if !asked.posts("/v1/use-registrations") {
        return None;
    }
    let (from, to) = (asked.seq, asked.last());
    let mut passed = case.clinic_registrations.iter();
    let passed = passed.find(|e| e.seq > from && e.seq < to && says_so(e))?;
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "ポータルの答えた理由no-insured-personをそのまま返す",
        "The portal's reason, no-insured-person, comes back as it is.",
    );
    let quotes = vec![
        q(
            passed.last(),
            "POST /v1/clinic-registrations",
            passed.said(),
        ),
        q(to, "POST /v1/use-registrations", asked.said()),
    ];
    Some(say.decide(says_so(asked), expected, actual(asked), advice(), quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::EntryKind::Gain;

    fn nobody() -> Scene {
        let mut scene = Scene::bare();
        scene.card("田中のカード", &Leaf::default(), true);
        scene
    }

    fn said(scene: &Scene) -> Vec<(String, Verdict)> {
        let said = scene.said("REG-04").into_iter();
        said.map(|(role, verdict, _)| (role, verdict)).collect()
    }

    #[test]
    fn without_an_entry_nothing_is_tied() {
        for (answer, due) in [
            ((422, "no-insured-person"), Pass),
            ((503, "no-insured-person"), Fail),
            ((201, ""), Verdict::Inconclusive),
        ] {
            let mut scene = nobody();
            scene.register_at_home(&Home {
                answer,
                ..Home::default()
            });
            assert_eq!(said(&scene)[0].1, due, "{answer:?}");
        }
        let mut scene = nobody();
        scene.register_at_home(&Home {
            answer: (422, "no-insured-person"),
            ..Home::default()
        });
        scene.at("2026-10-15T09:30:00");
        scene.entry(Gain, NUMBER, "2026-10-01", "2026-10-15T09:30:00.000+09:00");
        scene.register_at_home(&Home::default());
        assert_eq!(said(&scene)[1], ("portal".into(), Pass), "the next attempt");
    }

    #[test]
    fn a_house_down_is_named_and_the_next_attempt_succeeds() {
        let mut scene = Scene::unregistered();
        scene.fault("intermediate", evidence::FaultKind::Down);
        scene.register_at_home(&Home {
            answer: (503, "intermediate-unavailable"),
            skip: Some("insured"),
            ..Home::default()
        });
        scene.fault("intermediate", evidence::FaultKind::Mended);
        for (answer, due) in [((201, ""), Pass), ((503, "intermediate-unavailable"), Fail)] {
            let mut scene = scene.clone();
            scene.register_at_home(&Home {
                answer,
                ..Home::default()
            });
            let verdicts: Vec<_> = said(&scene).into_iter().map(|s| s.1).collect();
            assert_eq!(verdicts, [Pass, due]);
        }
    }

    #[test]
    fn the_server_passes_the_reason_on() {
        let registers = Registers {
            agreed: true,
            answer: (422, "no-insured-person"),
            chain: true,
        };
        let play = Play {
            standing: Ok("never-registered"),
            registers: Some(registers),
            answer: Answer::refused("SIM-E301"),
            ..Play::default()
        };
        let mut scene = nobody();
        scene.visit(&play);
        let due = ["portal", "eligibility-server"].map(|role| (role.to_owned(), Pass));
        assert_eq!(said(&scene), due);
    }
}
