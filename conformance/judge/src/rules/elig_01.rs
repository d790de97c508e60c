//! ELIG-01: by card the current qualification is returned, whatever insurer it is.

use super::Rule;
use super::block;
use super::common::{Asked, Reply, SERVER, asked, code};
use crate::case::Case;
use crate::decode::result::Outcome;
use crate::expect::{Due, Qualified, spells};
use crate::finding::{q, t};
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-01",
    roles: &[SERVER],
    clause: (
        "カードでは、保険者を問わず現在の資格を返す",
        "By card the current qualification is returned, whatever insurer it is.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case).filter_map(|asked| of(case, &asked)).collect()
}

fn of(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let due = asked.expected.due();
    let current = asked
        .expected
        .qualification
        .as_ref()
        .filter(|q| due.confirms() && q.valid)?;
    let say = case.of(RULE.id, SERVER);
    let Qualified { numbers, .. } = current;
    let expected = t(
        format!("現在の資格（保険者番号・記号・番号・枝番 {numbers}）を返す"),
        format!("The current qualification is {numbers} (insurer number, symbol, number, branch)."),
    );
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return Some(finding);
    }
    let advice = t(
        "確認日に有効な資格のうち、資格取得日の最も新しいものを選ぶ",
        "Of the qualifications valid on the day choose the one gained last.",
    );
    let Reply::Confirms(seq, outcome) = asked.reply() else {
        // Refusing in the notice period or in the grace is LIFE-01's and LIFE-02's to judge.
        return (due == Due::Confirmed)
            .then(|| say.fail(expected, asked.actual(), advice, asked.quotes()));
    };
    let found: Vec<String> = outcome
        .persons
        .iter()
        .map(|p| p.numbers.to_string())
        .collect();
    let named =
        !outcome.persons.is_empty() && outcome.persons.iter().all(|p| current.allows(&p.numbers));
    let found = found.join(", ");
    let mut quotes = asked.quotes();
    quotes.push(q(seq, "ResultOfQualificationConfirmation", found.clone()));
    let wrong = match named {
        false => Some(t(
            format!("返した資格は {found}"),
            format!("It returned {found}."),
        )),
        true => wrong(case, asked, outcome),
    };
    let actual = wrong.clone().unwrap_or_else(|| {
        t(
            format!("返した資格は {found}"),
            format!("It returned {found}."),
        )
    });
    Some(say.decide(wrong.is_none(), expected, actual, advice, quotes))
}

/// What is wrong with a result that names the right qualification.
fn wrong(case: &Case, asked: &Asked<'_>, outcome: &Outcome) -> Option<Text> {
    let at = asked.confirmation.at;
    // Notices are other rules' to judge.
    let code = code(case, Due::Confirmed);
    let plain = asked.expected.due() == Due::Confirmed;
    if plain && outcome.code != code {
        let notices =
            [Due::ExpiresSoon, Due::ExpiredGrace].map(|due| super::common::code(case, due));
        if !notices.contains(&outcome.code.as_str()) {
            return Some(t(
                format!("処理結果コードは「{code}」のはずが「{}」", outcome.code),
                format!("The code should be \"{code}\" and is \"{}\".", outcome.code),
            ));
        }
    }
    let spells = spells(&case.facts, &asked.card.holder, at);
    outcome.persons.iter().find_map(|person| {
        let own = spells.iter().rev();
        let spell = { own }.find(|s| s.gain.numbers == person.numbers && s.holds(at.day))?;
        block::deviation(case, person, spell, at.day, asked.confirmation.seq)
    })
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Inconclusive, Pass};
    use crate::testing::*;
    use evidence::EntryKind::{Gain, Loss};

    const KNOWN: &str = "2026-10-10T09:00:00.000+09:00";

    fn changed() -> Scene {
        let mut scene = Scene::registered();
        scene.entry(Loss, NUMBER, "2026-10-05", KNOWN);
        scene.entry(Gain, OTHER_NUMBER, "2026-10-05", KNOWN);
        scene
    }

    fn said(mut scene: Scene, answer: Answer) -> Vec<(Verdict, Option<String>)> {
        scene.visit(&Play {
            answer,
            ..Play::default()
        });
        scene
            .said("ELIG-01")
            .into_iter()
            .map(|(_, verdict, fault)| (verdict, fault))
            .collect()
    }

    #[test]
    fn the_current_qualification_whatever_insurer() {
        let fails = || vec![(Fail, Some("eligibility-server".to_owned()))];
        assert_eq!(
            said(Scene::registered(), Answer::answered("1", NUMBER)),
            [(Pass, None)]
        );
        assert_eq!(
            said(changed(), Answer::answered("1", OTHER_NUMBER)),
            [(Pass, None)]
        );
        assert_eq!(said(changed(), Answer::answered("1", NUMBER)), fails());
        assert_eq!(
            said(changed(), Answer::answered("1", "")),
            fails(),
            "no person block"
        );
        assert_eq!(
            said(Scene::registered(), Answer::refused("SIM-E302")),
            fails()
        );
        assert_eq!(said(Scene::registered(), Answer::Error(500, "x")), fails());
    }

    #[test]
    fn what_others_kept_back_is_not_the_servers_fault() {
        let mut scene = Scene::registered();
        scene.entry_only(Gain, OTHER_NUMBER, "2026-10-05", KNOWN);
        assert_eq!(
            said(scene, Answer::answered("1", NUMBER)),
            [(Inconclusive, Some("insurer".into()))]
        );
        let mut scene = Scene::registered();
        scene.entry_only(Gain, OTHER_NUMBER, "2026-10-05", KNOWN);
        scene.sent(Gain, OTHER_NUMBER, 201);
        assert_eq!(
            said(scene, Answer::answered("1", NUMBER)),
            [(Inconclusive, Some("intermediate".into()))]
        );
        let mut scene = Scene::registered();
        scene.visit(&Play {
            signature: Signature::Foreign,
            answer: Answer::refused("SIM-E207"),
            ..Play::default()
        });
        assert_eq!(
            scene.said("ELIG-01")[0].2.as_deref(),
            Some("terminal"),
            "a genuine card, a wrong signature"
        );
    }

    #[test]
    fn a_lost_one_is_no_current_one() {
        let mut scene = Scene::registered();
        scene.entry(Loss, NUMBER, "2026-10-05", KNOWN);
        assert_eq!(said(scene, Answer::answered("2", NUMBER)), []);
    }
}
