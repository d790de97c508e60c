//! PKI-06: renewal or reissue gives a new serial; old and new are paired so that the person needs no new
//! registration, after the pairing delay.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked};
use super::delivery;
use super::renewed::{Renewed, When, renewed, unregistered};
use crate::Finding;
use crate::case::{Case, Exchange};
use crate::expect::Due;
use crate::finding::{q, t};

const PATH: &str = "/v1/feed/serial-pairs";

/// The rule.
pub const RULE: Rule = Rule {
    id: "PKI-06",
    roles: &[SERVER],
    clause: (
        "更新・再発行の後は、新旧の発行番号の紐付けにより、登録し直さずに使える",
        "After renewal or reissue the pair of serials hands the registration on.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let paired = renewed(case)
        .filter(|r| r.when != When::Late && r.asked.expected.due().confirms())
        .map(|r| of(case, &r));
    let waiting = asked(case).filter_map(|a| waiting(case, &a));
    let known = |e: &Exchange| {
        let own = case.facts.renewals.iter();
        { own }.any(|r| {
            r.old_serial == e.text("old_serial")
                && r.new_serial == e.text("new_serial")
                && r.on.to_string() == e.text("renewed_on")
        })
    };
    let lost = delivery::turned_away(case, PATH, known);
    let lost = lost.map(|e| delivery::not_taken(case, RULE.id, PATH, e));
    paired.chain(waiting).chain(lost).collect()
}

/// Until the pair is told the new serial is one nobody registered.
fn waiting(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let (serial, at) = (&asked.card.serial, asked.confirmation.at);
    let pair = case.facts.renewals.iter();
    let pair = { pair }.find(|r| r.new_serial == *serial && r.known_at > at)?;
    if asked.expected.due() != Due::NotRegistered {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let known = pair.known_at;
    let expected = t(
        format!("新旧の組は{known}まで知らされないので、まだ未登録と答える"),
        format!("The pair is told no earlier than {known}: not registered yet."),
    );
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return Some(finding);
    }
    let advice = t(
        "知らされていない新しい発行番号を、氏名などから推し量って結び付けない",
        "Tie no new serial by guessing before its pair is told.",
    );
    let holds = !matches!(asked.reply(), Reply::Confirms(..));
    Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
}

fn of(case: &Case, renewed: &Renewed<'_>) -> Finding {
    let Renewed { asked, pair, .. } = renewed;
    let say = case.of(RULE.id, SERVER);
    let (old, new) = (&pair.old_serial, &pair.new_serial);
    let expected = t(
        format!("発行番号{new}は{old}の後継なので、利用登録を引き継ぐ"),
        format!("Serial {new} followed {old}: the registration passes on."),
    );
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return finding;
    }
    let advice = t(
        "J-LISから届いた新旧の組で、新しい発行番号を同じ紐付番号に結び付ける",
        "Tie the new serial to the same link number by the pair J-LIS tells.",
    );
    let mut quotes = asked.quotes();
    let fed = case.feed.iter().find(|e| e.text("new_serial") == new);
    quotes.extend(fed.map(|e| q(e.seq, "POST /v1/feed/serial-pairs", e.said())));
    let holds = !unregistered(case, asked);
    say.decide(holds, expected, asked.actual(), advice, quotes)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::*;

    #[test]
    fn a_pair_hands_the_registration_on() {
        for (answer, due) in [
            (Play::default().answer, Pass),
            (Answer::refused("SIM-E301"), Fail),
            (Answer::refused("SIM-E303"), Fail),
        ] {
            let mut scene = Scene::renewed("2026-10-01", true);
            scene.visit(&Play {
                card: "新しいカード",
                answer,
                ..Play::default()
            });
            assert_eq!(scene.said("PKI-06")[0].1, due);
        }
        for (answer, due) in [
            (Answer::refused("SIM-E301"), Pass),
            (Play::default().answer, Fail),
        ] {
            let mut scene = Scene::renewed("2026-11-01", false);
            scene.at("2026-11-01T12:00:00");
            scene.visit(&Play {
                card: "新しいカード",
                answer,
                standing: Ok("never-registered"),
                ..Play::default()
            });
            assert_eq!(scene.said("PKI-06")[0].1, due, "before the pair is told");
        }
        let mut scene = Scene::renewed("2026-10-01", false);
        scene.visit(&Play {
            card: "新しいカード",
            answer: Answer::refused("SIM-E301"),
            standing: Ok("never-registered"),
            ..Play::default()
        });
        let said = &scene.said("PKI-06")[0];
        assert_eq!((said.1, said.2.as_deref()), (Inconclusive, Some("jlis")));
    }

    #[test]
    fn the_first_card_and_a_late_renewal_are_others() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("PKI-06"), []);
        let mut scene = Scene::renewed("2026-11-01", true);
        scene.at("2026-11-02T09:00:00");
        scene.visit(&Play {
            card: "新しいカード",
            answer: Answer::refused("SIM-E303"),
            ..Play::default()
        });
        assert_eq!(scene.said("PKI-06"), []);
    }
}
