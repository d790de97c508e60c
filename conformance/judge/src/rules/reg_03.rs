//! REG-03: an unknown serial of a person who never registered and one whose registered serial has lapsed are
//! told apart.

use super::Rule;
use super::common::{
    Asked, Reply, SERVER, SERVER_HOUSES, asked, code, limping, refused_with, unfair_proof,
};
use super::delivery;
use crate::Finding;
use crate::case::{Case, Identification, Identified};
use crate::expect::{self, Due, Standing};
use crate::finding::{q, t};

/// The rule.
pub const RULE: Rule = Rule {
    id: "REG-03",
    roles: &[SERVER],
    clause: (
        "登録したことのないカードと、登録が無効になったカードと、登録のあるカードを区別する",
        "Never registered, lapsed and registered are told apart.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let shown = case
        .identifications
        .iter()
        .filter_map(|p| proof(case, p, RULE.id));
    let confirmed = asked(case).filter_map(|a| confirmation(case, &a));
    shown.chain(confirmed).collect()
}

/// What the server said of a sound card's registration, against what is due. A release is REG-07's.
pub(super) fn proof(
    case: &Case,
    proof: &Identification,
    requirement: &'static str,
) -> Option<Finding> {
    let enrolled = case
        .facts
        .facility(&proof.facility)
        .is_none_or(|f| f.enrolled);
    let status = match &proof.answer {
        Some((_, Identified::Error(status, _))) => Some(*status),
        _ => None,
    };
    let limping = limping(case, proof.at, status);
    let own = enrolled && proof.from.role == "terminal" && proof.fresh && !limping;
    let (card, expected) = expect::of_proof(case, proof).filter(|_| own)?;
    let fair = unfair_proof(case, proof, card).is_none();
    let of_release = requirement == RULE.id && expected.standing == Standing::Released;
    if !fair || of_release || expected.card_trouble().is_some() {
        return None;
    }
    let say = case.of(requirement, SERVER);
    let due = expected.standing.name();
    let due_text = t(
        format!("発行番号{}の利用登録の状況は{due}", card.serial),
        format!("Serial {} stands as {due}.", card.serial),
    );
    let mut quotes = vec![q(
        proof.seq,
        "POST /v1/card-identifications",
        card.card.clone(),
    )];
    let said = match &proof.answer {
        Some((seq, said)) => {
            let (said, holds) = match said {
                Identified::Standing(standing) => (standing.clone(), standing == due),
                Identified::Error(status, name) => (format!("{status} {name}"), false),
                Identified::Broken(error) => (error.to_string(), false),
            };
            quotes.push(q(*seq, "standing", said.clone()));
            Some((said, holds))
        }
        None => None,
    };
    let kept = delivery::standing(case, &card.serial, &card.holder, proof.at, proof.seq);
    if let Some((role, why)) = kept {
        return Some(say.unclear(role, due_text, why, quotes));
    }
    let Some((said, holds)) = said else {
        let actual = t("応答がなかった", "It gave no answer.");
        let until = *case.times.last()?;
        let down = case.facts.troubled(&SERVER_HOUSES, proof.at, until);
        let role = if down { "bed" } else { SERVER };
        return Some(say.unclear(role, due_text, actual, quotes));
    };
    let actual = t(format!("{said}と答えた"), format!("It answered {said}."));
    let advice = t(
        "発行番号の履歴（登録・紐付け・無効・解除）から状況を答える",
        "Answer from the serial's history: registered, paired, lapsed, released.",
    );
    Some(say.decide(holds, due_text, actual, advice, quotes))
}

/// The code of a refusal for want of a registration.
fn confirmation(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let due = asked.expected.due();
    let because = match due {
        Due::NotRegistered => t("利用登録がない", "It was never registered"),
        Due::Lapsed => t("利用登録が無効になっている", "Its registration has lapsed"),
        _ => return None,
    };
    let say = case.of(RULE.id, SERVER);
    let expected = refused_with(case, due, because);
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return Some(finding);
    }
    let holds = matches!(asked.reply(), Reply::Refuses(_, o) if o.code == code(case, due));
    let advice = t(
        "未登録と無効に別のコードを返し、どちらでも資格情報を返さない",
        "Give never-registered and lapsed their own codes, and no person block in either case.",
    );
    Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Inconclusive, Pass};
    use crate::testing::*;

    fn said(
        mut scene: Scene,
        card: &'static str,
        standing: &'static str,
        answer: Answer,
    ) -> Vec<Verdict> {
        scene.visit(&Play {
            card,
            standing: Ok(standing),
            answer,
            ..Play::default()
        });
        scene.said("REG-03").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn never_lapsed_and_registered_are_three_things() {
        let late = || {
            let mut scene = Scene::renewed("2026-11-01", true);
            scene.at("2026-11-02T09:00:00");
            scene
        };
        let (old, new) = ("田中のカード", "新しいカード");
        let (never, lapsed) = (Answer::refused("SIM-E301"), Answer::refused("SIM-E303"));
        let confirmed = || Play::default().answer;
        assert_eq!(
            said(Scene::registered(), old, "registered", confirmed()),
            [Pass]
        );
        assert_eq!(
            said(Scene::registered(), old, "never-registered", confirmed()),
            [Fail]
        );
        assert_eq!(
            said(
                Scene::unregistered(),
                old,
                "never-registered",
                never.clone()
            ),
            [Pass, Pass]
        );
        assert_eq!(
            said(Scene::unregistered(), old, "lapsed", lapsed.clone()),
            [Fail, Fail]
        );
        assert_eq!(said(late(), new, "lapsed", lapsed.clone()), [Pass, Pass]);
        assert_eq!(said(late(), new, "never-registered", never), [Fail, Fail]);
        assert_eq!(said(late(), new, "registered", confirmed()), [Fail, Fail]);
        let mut down = Scene::registered();
        down.visit(&Play {
            standing: Err((500, "broken")),
            ..Play::default()
        });
        assert_eq!(down.said("REG-03")[0].1, Fail);
    }

    #[test]
    fn a_report_that_never_came_is_the_portals_fault() {
        let mut scene = Scene::unregistered();
        scene.tied("2002", NUMBER, 201);
        let (person, serial, at) = ("田中".into(), "1001".into(), scene.now.clone());
        scene.declare(evidence::Fact::Registration { person, serial, at });
        let said = said(
            scene,
            "田中のカード",
            "never-registered",
            Answer::refused("SIM-E301"),
        );
        assert_eq!(said, [Inconclusive]);
    }
}
