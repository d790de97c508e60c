//! ELIG-03: valid, lost, lost with a newer one, none, several: each state gives its own validity code,
//! by card and by number.

use super::common::{Asked, Reply, SERVER, asked, code, refused_with};
use super::numbered::{Numbered, numbered};
use super::{Rule, block};
use crate::case::Case;
use crate::decode::result::{Outcome, Person};
use crate::expect::{Due, Spell, spells};
use crate::finding::t;
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-03",
    roles: &[SERVER],
    clause: (
        "有効・無効・新資格あり・該当なし・複数該当を、それぞれの資格有効性コードで返す",
        "Valid, lost, lost with a newer one, none and several each give their own validity code.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let by_card = asked(case).filter_map(|asked| match asked.expected.due() {
        Due::NoQualification => Some(none(case, &asked)),
        due if due.confirms() => some(case, &asked),
        _ => None,
    });
    // Another day is ELIG-05's, a branch left out ELIG-06's.
    let whole = |n: &Numbered<'_>| {
        let branched = n.request.numbers.branch.len() == 2 || n.due.validities == ["5"];
        n.on == n.question.at.day && branched
    };
    let by_number = numbered(case).filter(whole).map(|n| number(case, &n));
    by_card.chain(by_number).collect()
}

fn number(case: &Case, asked: &Numbered<'_>) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let advice = t(
        "その番号の資格が確認日に有効なら1、喪失なら2、新しい資格があれば3、該当がなければ4、複数なら5とする",
        "On the day: 1 where the number's qualification holds, 2 lost, 3 lost with a newer one, 4 none, 5 several.",
    );
    let wrong = (!asked.valid()).then(|| asked.actual());
    let wrong = wrong.or_else(|| {
        asked
            .due
            .spell
            .as_ref()
            .and_then(|spell| lost(spell, asked))
    });
    asked.decide(case, say, asked.expected(), wrong, advice)
}

/// What is wrong with the block of a number that is lost. One that holds is ELIG-02's.
fn lost(spell: &Spell<'_>, asked: &Numbered<'_>) -> Option<Text> {
    let Reply::Confirms(_, outcome) = asked.reply() else {
        return None;
    };
    if spell.holds(asked.on) {
        return None;
    }
    gone(spell, outcome)
}

/// A lost qualification is told with the day of its loss; a reason may be left out, but not be another.
fn gone(spell: &Spell<'_>, outcome: &Outcome) -> Option<Text> {
    let own = |p: &&Person| p.numbers == spell.gain.numbers;
    let person = outcome.persons.iter().find(own)?;
    let loss = spell.loss?;
    let (day, told) = (loss.on.to_compact(), person.text("DisqualificationDate"));
    if told != day {
        return Some(block::differs("DisqualificationDate", &day, told));
    }
    let told = person.text("ReasonOfLoss");
    let entered = loss.carries.get("ReasonOfLoss");
    let other = entered.filter(|due| !told.is_empty() && told != due.as_str());
    other.map(|due| block::differs("ReasonOfLoss", due, told))
}

fn some(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let qualified = asked.expected.qualification.as_ref()?;
    let say = case.of(RULE.id, SERVER);
    let (due, ja, en) = if qualified.valid {
        ("1", "有効", "valid")
    } else {
        ("2", "無効", "lost")
    };
    let numbers = &qualified.numbers;
    let expected = t(
        format!("資格（{numbers}）は{ja}なので、資格有効性{due}を返す"),
        format!("The qualification {numbers} is {en}: validity {due}."),
    );
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return Some(finding);
    }
    let Reply::Confirms(_, outcome) = asked.reply() else {
        return None;
    };
    // Where another qualification was returned, ELIG-01 speaks and its code proves nothing.
    let other = outcome
        .persons
        .iter()
        .any(|p| !qualified.allows(&p.numbers));
    let advice = t(
        "喪失年月日の当日から資格は無効とし、有効性2で返す",
        "From the loss date itself the qualification is lost: answer validity 2.",
    );
    let holds = outcome.validity.as_deref() == Some(due);
    let at = asked.confirmation.at;
    let spells = spells(&case.facts, &asked.card.holder, at);
    let lost = spells
        .iter()
        .rev()
        .find(|s| !qualified.valid && s.gain.numbers == *numbers);
    let bent = lost.and_then(|s| gone(s, outcome));
    let holds = holds && bent.is_none();
    let actual = bent.unwrap_or_else(|| asked.actual());
    (!other).then(|| say.decide(holds, expected, actual, advice, asked.quotes()))
}

fn none(case: &Case, asked: &Asked<'_>) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let because = t("資格の情報がない", "No insurer ever entered the person");
    let expected = refused_with(case, Due::NoQualification, because);
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return finding;
    }
    let holds = match asked.reply() {
        Reply::Refuses(_, outcome) => {
            outcome.code == code(case, Due::NoQualification)
                && matches!(outcome.validity.as_deref(), None | Some("4"))
        }
        _ => false,
    };
    let advice = t(
        "資格がない人には該当なしのコードだけを返す",
        "For a person without any, answer the code for none and nothing else.",
    );
    say.decide(holds, expected, asked.actual(), advice, asked.quotes())
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::EntryKind::{Gain, Loss};

    const KNOWN: &str = "2026-10-10T09:00:00.000+09:00";

    fn said(mut scene: Scene, answer: Answer) -> Vec<Verdict> {
        scene.visit(&Play {
            answer,
            ..Play::default()
        });
        scene.said("ELIG-03").into_iter().map(|s| s.1).collect()
    }

    fn lost(on: &str) -> Scene {
        let mut scene = Scene::registered();
        scene.entry(Loss, NUMBER, on, KNOWN);
        scene
    }

    #[test]
    fn valid_and_lost_have_their_codes() {
        assert_eq!(
            said(Scene::registered(), Answer::answered("1", NUMBER)),
            [Pass]
        );
        assert_eq!(
            said(Scene::registered(), Answer::answered("2", NUMBER)),
            [Fail]
        );
        assert_eq!(
            said(Scene::registered(), Answer::answered("", NUMBER)),
            [Fail]
        );
        for on in ["2026-10-05", "2026-10-15"] {
            assert_eq!(
                said(lost(on), Answer::answered("2", NUMBER)),
                [Pass],
                "{on}"
            );
            assert_eq!(
                said(lost(on), Answer::answered("1", NUMBER)),
                [Fail],
                "{on}"
            );
        }
        assert_eq!(
            said(lost("2026-10-16"), Answer::answered("1", NUMBER)),
            [Pass],
            "lost tomorrow"
        );
    }

    #[test]
    fn a_lost_one_is_told_with_its_own_day() {
        for (bend, due) in [
            (None, Pass),
            (
                Some((
                    "DisqualificationDate>20261005",
                    "DisqualificationDate>20261006",
                )),
                Fail,
            ),
            (
                Some(("<DisqualificationDate>20261005</DisqualificationDate>", "")),
                Fail,
            ),
        ] {
            let mut scene = lost("2026-10-05");
            scene.visit(&Play {
                answer: Answer::answered("2", NUMBER),
                bend,
                ..Play::default()
            });
            assert_eq!(scene.said("ELIG-03")[0].1, due, "{bend:?}");
        }
    }

    #[test]
    fn another_qualification_is_elig_01s() {
        let mut scene = lost("2026-10-05");
        scene.entry(Gain, OTHER_NUMBER, "2026-10-05", KNOWN);
        assert_eq!(said(scene, Answer::answered("2", NUMBER)), []);
    }

    #[test]
    fn none_has_its_own() {
        let nobody = || {
            let mut scene = Scene::bare();
            scene.card("田中のカード", &Leaf::default(), true);
            scene.registration("田中", "1001");
            scene
        };
        assert_eq!(said(nobody(), Answer::refused("SIM-E302")), [Pass]);
        let four = Answer::Xml {
            status: "2",
            code: "SIM-E302",
            validity: "4",
            insurer: "",
            flags: "",
        };
        assert_eq!(said(nobody(), four), [Pass]);
        assert_eq!(said(nobody(), Answer::refused("SIM-E301")), [Fail]);
        assert_eq!(said(nobody(), Answer::answered("1", NUMBER)), [Fail]);
    }
}
