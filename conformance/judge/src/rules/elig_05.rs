//! ELIG-05: the answer holds for the asked date: past dates return what was valid then.

use super::Rule;
use super::common::{Reply, SERVER};
use super::numbered::{Numbered, numbered};
use crate::case::Case;
use crate::finding::t;
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-05",
    roles: &[SERVER],
    clause: (
        "照会した日についての資格を返し、過去の日にはその日に有効だった資格を返す",
        "The answer holds for the asked date: past dates return what was valid then.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let dated = |n: &Numbered<'_>| n.on != n.question.at.day;
    numbered(case).filter(dated).map(|n| of(case, &n)).collect()
}

fn of(case: &Case, asked: &Numbered<'_>) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let advice = t(
        "今日ではなく、要求の資格確認日（QualificationConfirmationDate）で資格を判定する",
        "Judge by the date in the request (QualificationConfirmationDate), not by today.",
    );
    asked.decide(case, say, asked.expected(), wrong(asked), advice)
}

fn wrong(asked: &Numbered<'_>) -> Option<Text> {
    if !asked.valid() {
        return Some(asked.actual());
    }
    let (Reply::Confirms(_, outcome) | Reply::Refuses(_, outcome)) = asked.reply() else {
        return Some(asked.actual());
    };
    let (due, found) = (
        asked.on.to_compact(),
        outcome.header("QualificationConfirmationDate"),
    );
    if found != due {
        return Some(t(
            format!("資格確認日を{found}とした"),
            format!("It answered for {found}, asked was {due}."),
        ));
    }
    let spell = asked.due.spell.filter(|_| asked.validity() == "1")?;
    let held = outcome.persons.iter().any(|p| {
        p.numbers == spell.gain.numbers && p.text("QualificationDate") == spell.gain.on.to_compact()
    });
    (!held).then(|| {
        t(
            "その日に有効だった資格の情報を返さなかった",
            "It did not return the qualification that held on that day.",
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;
    use evidence::EntryKind::Loss;

    #[test]
    fn past_days_are_answered_as_they_were() {
        for (name, on, validity, block, due) in [
            ("valid then", "2026-10-01", "1", NUMBER, Pass),
            ("answered for today", "2026-10-01", "2", NUMBER, Fail),
            ("no block", "2026-10-01", "1", "", Fail),
            ("lost then", "2026-10-07", "2", "", Pass),
            ("before it began", "2024-03-31", "4", "", Pass),
            (
                "before it began, called valid",
                "2024-03-31",
                "1",
                NUMBER,
                Fail,
            ),
        ] {
            let mut scene = Scene::registered();
            scene.entry(Loss, NUMBER, "2026-10-05", "2026-10-06T09:00:00.000+09:00");
            scene.ask(&Ask {
                on,
                validity,
                block,
                ..Ask::default()
            });
            assert_eq!(scene.said("ELIG-05")[0].1, due, "{name}");
        }
        let mut scene = Scene::registered();
        scene.ask(&Ask::default());
        assert_eq!(scene.said("ELIG-05"), [], "today is no other day");
        scene.ask(&Ask {
            on: "2026-10-01",
            bend: Some((
                "<QualificationConfirmationDate>20261001",
                "<QualificationConfirmationDate>20261015",
            )),
            ..Ask::default()
        });
        assert_eq!(scene.said("ELIG-05")[0].1, Fail);
    }
}
