//! SEC-06: a cloned certificate without the key, a borrowed card with the wrong face or PIN, a dead person's
//! card: none confirms anybody.

use evidence::{Act, EntryKind};

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked};
use crate::case::{Card, Case, Visit};
use crate::decode::apdu::{Command, Presented};
use crate::expect::{self, Due};
use crate::finding::{q, t};
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "SEC-06",
    roles: &[SERVER],
    clause: (
        "複製された証明書、他人のカード、亡くなった人のカードでは、誰も確認されない",
        "A cloned certificate, a borrowed card, a dead person's card confirm nobody.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    case.visits
        .iter()
        .filter_map(|visit| of(case, visit))
        .collect()
}

/// Why nobody may be confirmed in a stay.
fn objection(case: &Case, visit: &Visit, card: &Card) -> Option<Text> {
    if !card.genuine {
        return Some(t(
            "鍵のない複製のカードである",
            "The card is a copy without the key",
        ));
    }
    if dead(case, visit, card) {
        return Some(t("名義人は亡くなっている", "The card's holder is dead"));
    }
    let another = visit.person != card.holder;
    let revoked = expect::status(&case.facts, &card.serial, visit.at) == Some(Due::Revoked);
    if another && revoked {
        return Some(t(
            "他人のカードで、その電子証明書は失効している",
            "It is another's card, and its certificate is revoked",
        ));
    }
    (another && !passed(case, visit, card)).then(|| {
        t(
            "他人のカードで、暗証番号も顔も名義人のものでない",
            "It is another's card, and neither PIN nor face are the holder's",
        )
    })
}

fn dead(case: &Case, visit: &Visit, card: &Card) -> bool {
    case.facts.entries.iter().any(|e| {
        e.person == card.holder
            && e.kind == EntryKind::Loss
            && e.known_at <= visit.at
            && e.on <= visit.at.day
            && e.carries
                .get("ReasonOfLoss")
                .is_some_and(|reason| reason == "01")
    })
}

/// Whether somebody gave what lets a card be used: its PIN, its holder's face, the staff's passcode.
fn passed(case: &Case, visit: &Visit, card: &Card) -> bool {
    let face = card.chip.as_ref().map(|c| c.face.as_str());
    let passcode = case
        .facts
        .facility(&visit.facility)
        .map(|f| f.passcode.as_str());
    visit.acts.iter().any(|(_, act)| match act {
        Act::EnterPin { pin } => *pin == card.pin,
        Act::LookIntoCamera { face: shown, .. } => Some(shown.as_str()) == face,
        Act::EnterPasscode { passcode: typed } => Some(typed.as_str()) == passcode,
        _ => false,
    })
}

fn of(case: &Case, visit: &Visit) -> Option<Finding> {
    let card = case.facts.card(&visit.card)?;
    let why = objection(case, visit, card)?;
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        format!("{}ので、誰も確認しない", why.ja),
        format!("{}: nobody is confirmed.", why.en),
    );
    let own = |a: &Asked<'_>| visit.covers(&a.confirmation.from.name, a.confirmation.seq);
    let confirmed = asked(case).filter(own).find(|a| gives_away(a));
    let Some(asked) = confirmed else {
        let last = asked(case).filter(own).last();
        let quotes = match &last {
            Some(asked) => asked.quotes(),
            None => vec![q(visit.seq, "place-card", visit.card.clone())],
        };
        let actual = t("誰も確認されなかった", "Nobody was confirmed.");
        return Some(say.pass(expected, actual, quotes));
    };
    let proved = asked.proof.is_some_and(|p| p.proves == Some(true));
    let role = accomplice(visit, card).filter(|_| proved && card.genuine);
    if let Some(role) = role {
        return Some(say.unclear(role, expected, asked.actual(), asked.quotes()));
    }
    let advice = t(
        "署名と失効の確認を、資格を調べる前に必ず行う",
        "Check signature and revocation before any qualification is looked up.",
    );
    Some(say.fail(expected, asked.actual(), advice, asked.quotes()))
}

/// Whether an answer confirms somebody as insured.
fn gives_away(asked: &Asked<'_>) -> bool {
    let dead = asked
        .expected
        .qualification
        .as_ref()
        .is_none_or(|q| !q.valid);
    match asked.reply() {
        // That a dead person's qualification is lost is no confirmation.
        Reply::Confirms(_, outcome) => !dead || outcome.validity.as_deref() == Some("1"),
        _ => false,
    }
}

/// Who let the wrong person use the card.
fn accomplice(visit: &Visit, card: &Card) -> Option<&'static str> {
    let wrong_pin = visit.card_exchanges.iter().any(|e| {
        let other = matches!(&e.command, Ok(Command::Verify(_, Presented::Secret(token)))
            if *token != card.pin && token.starts_with("⟦PIN"));
        let taken = matches!(&e.response, Some((_, Ok(r))) if r.status == 0x9000);
        other && taken
    });
    if wrong_pin {
        return Some("card");
    }
    let matched = visit.said(true, "face-compared").any(|l| {
        let value = l.value.as_ref().ok().and_then(|v| v.get("matched"));
        value.and_then(serde_json::Value::as_bool) == Some(true)
    });
    if matched {
        return Some("reader");
    }
    let waved = visit.said(false, "identity-accepted").next().is_some();
    waved.then_some("terminal")
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::*;
    use evidence::EntryKind::Loss;

    #[test]
    fn a_clone_confirms_nobody() {
        for (answer, due) in [
            (Answer::refused("SIM-E207"), Pass),
            (Play::default().answer, Fail),
        ] {
            let mut scene = Scene::registered();
            scene.card("偽のカード", &Leaf::default(), false);
            scene.visit(&Play {
                card: "偽のカード",
                signature: Signature::Foreign,
                standing: Ok("undetermined"),
                answer,
                ..Play::default()
            });
            assert_eq!(scene.said("SEC-06")[0].1, due);
        }
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("SEC-06"), []);
    }

    #[test]
    fn a_borrowed_card_needs_what_its_holder_knows() {
        let borrowed = |pins| Play {
            person: "偽者",
            pins,
            ..Play::default()
        };
        for (name, pins, due) in [
            ("wrong PIN", vec![Pin::wrong(0x63C2)], vec![Pass]),
            (
                "wrong PIN taken",
                vec![Pin::wrong(0x9000)],
                vec![Inconclusive],
            ),
            ("right PIN", vec![Pin::right()], vec![]),
        ] {
            let mut scene = Scene::registered();
            scene.visit(&borrowed(pins));
            let said: Vec<_> = scene.said("SEC-06").into_iter().map(|s| s.1).collect();
            assert_eq!(said, due, "{name}");
        }
    }

    #[test]
    fn a_dead_persons_card_confirms_nobody() {
        for (answer, due) in [
            (Answer::refused("SIM-E202"), Pass),
            (Answer::answered("2", NUMBER), Pass),
            (Play::default().answer, Fail),
        ] {
            let mut scene = Scene::registered();
            let known = "2026-10-10T09:00:00.000+09:00";
            scene.entered(
                "田中",
                Loss,
                NUMBER,
                "00",
                "2026-10-05",
                known,
                &[("ReasonOfLoss", "01")],
            );
            scene.visit(&Play {
                answer,
                ..Play::default()
            });
            assert_eq!(scene.said("SEC-06")[0].1, due);
        }
    }
}
