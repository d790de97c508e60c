//! ELIG-02: by insurer number, symbol, number and branch the qualification of that number is returned, for
//! people without a card.

use super::Rule;
use super::block;
use super::common::{Reply, SERVER};
use super::numbered::{Numbered, numbered};
use crate::case::Case;
use crate::finding::t;
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-02",
    roles: &[SERVER],
    clause: (
        "保険者番号・記号・番号・枝番での照会には、その番号の資格を返す",
        "By insurer number, symbol, number and branch the qualification of that number is returned.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let valid = |n: &Numbered<'_>| n.due.validities == ["1"] && n.on == n.question.at.day;
    numbered(case).filter(valid).map(|n| of(case, &n)).collect()
}

fn of(case: &Case, asked: &Numbered<'_>) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let numbers = &asked.request.numbers;
    let expected = t(
        format!("有効な番号{numbers}の資格を、登録されたとおりに返す"),
        format!("The qualification of {numbers}, which holds, as it was entered."),
    );
    let advice = t(
        "番号で照会されたときは、その番号の資格情報を保険者の登録どおりに返す",
        "Asked by a number, return that number's qualification as the insurer registered it.",
    );
    asked.decide(case, say, expected, wrong(case, asked), advice)
}

/// What is wrong with the answer; its validity code is ELIG-03's to judge.
fn wrong(case: &Case, asked: &Numbered<'_>) -> Option<Text> {
    let Reply::Confirms(_, outcome) = asked.reply() else {
        return Some(asked.actual());
    };
    let spell = asked.due.spell.as_ref()?;
    let own = |p: &&crate::decode::result::Person| p.numbers == spell.gain.numbers;
    let Some(person) = outcome.persons.iter().find(own) else {
        return Some(t(
            "その番号の資格情報がない",
            "No person block names that qualification.",
        ));
    };
    if outcome.persons.len() > 1 {
        return Some(t(
            "ほかの資格情報も返した",
            "It returned other person blocks too.",
        ));
    }
    block::deviation(case, person, spell, asked.on, asked.question.seq)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::*;
    use evidence::EntryKind::Gain;

    #[test]
    fn the_qualification_of_the_number_as_entered() {
        for (name, ask, due) in [
            ("as entered", Ask::default(), Pass),
            (
                "nothing",
                Ask {
                    block: "",
                    ..Ask::default()
                },
                Fail,
            ),
            (
                "another's",
                Ask {
                    block: OTHER_NUMBER,
                    ..Ask::default()
                },
                Fail,
            ),
            (
                "refused",
                Ask {
                    status: "2",
                    block: "",
                    validity: "",
                    ..Ask::default()
                },
                Fail,
            ),
            (
                "bent name",
                Ask {
                    bend: Some(("田中　花子", "田中　太郎")),
                    ..Ask::default()
                },
                Fail,
            ),
            (
                "bent day",
                Ask {
                    bend: Some(("20240401", "20240402")),
                    ..Ask::default()
                },
                Fail,
            ),
        ] {
            let mut scene = Scene::registered();
            scene.ask(&ask);
            assert_eq!(scene.said("ELIG-02")[0].1, due, "{name}");
        }
    }

    #[test]
    fn what_was_kept_back_is_no_fault_of_the_servers() {
        let mut scene = Scene::bare();
        scene.entry_only(Gain, NUMBER, "2024-04-01", "2024-04-05T09:00:00.000+09:00");
        scene.registration("田中", "1001");
        scene.ask(&Ask {
            status: "1",
            validity: "4",
            block: "",
            ..Ask::default()
        });
        let said = &scene.said("ELIG-02")[0];
        assert_eq!((said.1, said.2.as_deref()), (Inconclusive, Some("insurer")));
        assert_eq!(Scene::registered().said("ELIG-02"), []);
    }
}
