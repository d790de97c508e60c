//! REG-08: a change of insurer needs no new registration.

use super::Rule;
use super::common::{Asked, SERVER, asked};
use super::renewed::unregistered;
use crate::Finding;
use crate::case::{Case, Identified};
use crate::expect::{self, Standing};
use crate::finding::{q, t};

/// The rule.
pub const RULE: Rule = Rule {
    id: "REG-08",
    roles: &[SERVER],
    clause: (
        "保険者が変わっても、利用登録のやり直しは要らない",
        "A change of insurer needs no new registration.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case).filter_map(|asked| of(case, &asked)).collect()
}

/// Whether an insurer took the person in after another had, the registration being made before.
fn changed(case: &Case, asked: &Asked<'_>) -> bool {
    let at = asked.confirmation.at;
    let spells = expect::spells(&case.facts, &asked.card.holder, at);
    let tie = case
        .ties
        .iter()
        .find(|t| t.person == asked.card.holder && t.at <= at);
    let Some(tie) = tie else {
        return false;
    };
    spells.iter().any(|s| {
        let later = s.gain.on > tie.at.day || s.gain.known_at > tie.at;
        let another = spells.iter().any(|o| {
            o.gain.numbers.insurer_number != s.gain.numbers.insurer_number && o.gain.on < s.gain.on
        });
        later && another
    })
}

fn of(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let registered = asked.expected.standing == Standing::Registered;
    if !registered || asked.expected.card_trouble().is_some() || !changed(case, asked) {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "保険者が変わっても登録は続くので、登録を求めずに確認する",
        "The registration goes on over the change of insurer: confirmed without asking for another.",
    );
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return Some(finding);
    }
    let mut quotes = asked.quotes();
    let told = asked.proof.and_then(|p| p.answer.as_ref());
    let standing = match told {
        Some((seq, Identified::Standing(standing))) => {
            quotes.push(q(*seq, "standing", standing.clone()));
            standing.as_str()
        }
        _ => "",
    };
    let holds = standing == "registered" && !unregistered(case, asked);
    let advice = t(
        "利用登録を保険者ごとの番号でなく人（紐付番号）に結び付けておく",
        "Tie the registration to the person's link number, not to one insurer's number.",
    );
    Some(say.decide(holds, expected, asked.actual(), advice, quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;
    use evidence::EntryKind::Gain;

    #[test]
    fn the_registration_outlives_the_insurer() {
        for (standing, answer, due) in [
            ("registered", Answer::answered("1", OTHER_NUMBER), Pass),
            ("registered", Answer::answered("1", NUMBER), Pass),
            ("never-registered", Answer::refused("SIM-E301"), Fail),
            ("registered", Answer::refused("SIM-E301"), Fail),
        ] {
            let mut scene = Scene::registered();
            scene.at("2026-11-01T09:00:00");
            scene.entry(
                Gain,
                OTHER_NUMBER,
                "2026-11-01",
                "2026-11-01T09:00:00.000+09:00",
            );
            scene.visit(&Play {
                standing: Ok(standing),
                answer,
                ..Play::default()
            });
            assert_eq!(scene.said("REG-08")[0].1, due, "{standing}");
        }
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("REG-08"), []);
    }
}
