//! ELIG-07: limit-amount data (限度額) come with a card without paper; by number only when the flag says
//! the patient agreed.

use super::Rule;
use super::block;
use super::common::{Asked, Reply, SERVER, asked};
use super::numbered::{Numbered, numbered};
use crate::case::Case;
use crate::decode::result::{Outcome, Person};
use crate::expect::{Spell, spells};
use crate::finding::t;
use crate::{Finding, Text};

const GROUP: &[&str] = &["LimitApplicationCertificateRelatedInfo"];

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-07",
    roles: &[SERVER],
    clause: (
        "限度額の情報は、カードなら同意なしで、番号なら患者が同意したときだけ返す",
        "Limit-amount data come by card without more, by number only when the patient agreed.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let by_card = asked(case).filter_map(|a| card(case, &a));
    let by_number = numbered(case).filter_map(|n| number(case, &n));
    by_card.chain(by_number).collect()
}

fn has(path: &str) -> bool {
    GROUP.iter().any(|group| path.starts_with(group))
}

fn entered(spell: &Spell<'_>) -> bool {
    spell.gain.carries.keys().any(|path| has(path))
}

fn shown(person: &Person) -> bool {
    person
        .paths
        .iter()
        .any(|(path, value)| has(path) && !value.is_empty())
}

fn advice() -> Text {
    t(
        "保険者の登録した限度額を、カードでは常に、番号では同意フラグが1のときだけ、そのまま返す",
        "Return the limit data the insurer registered as they are: always by card, by number only with consent flag 1.",
    )
}

fn card(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let at = asked.confirmation.at;
    let Reply::Confirms(_, outcome) = asked.reply() else {
        return None;
    };
    let current = asked.expected.qualification.as_ref().filter(|q| q.valid)?;
    let spells = spells(&case.facts, &asked.card.holder, at);
    let person = outcome
        .persons
        .iter()
        .find(|p| current.allows(&p.numbers))?;
    let own = |s: &&Spell<'_>| s.gain.numbers == person.numbers && s.holds(at.day);
    let spell = spells.iter().rev().find(own)?;
    if !entered(spell) && !shown(person) {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "カードでの確認なので、登録された限度額の情報を返す",
        "By card the limit data registered come along.",
    );
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return Some(finding);
    }
    let wrong = block::carried(person, spell, GROUP);
    let actual = wrong.clone().unwrap_or_else(|| asked.actual());
    Some(say.decide(wrong.is_none(), expected, actual, advice(), asked.quotes()))
}

fn number(case: &Case, asked: &Numbered<'_>) -> Option<Finding> {
    let spell = asked.due.spell.filter(|s| s.holds(asked.on))?;
    let Reply::Confirms(_, outcome) = asked.reply() else {
        return None;
    };
    if !entered(&spell) && !outcome.persons.iter().any(shown) {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let expected = match asked.limit_consent {
        true => t(
            "患者が同意したので、登録された限度額の情報を返す",
            "The patient agreed: the limit data registered come along.",
        ),
        false => t(
            "患者が同意していないので、限度額の情報を返さない",
            "The patient did not agree: no limit data.",
        ),
    };
    let wrong = wrong(asked, outcome, &spell);
    Some(asked.decide(case, say, expected, wrong, advice()))
}

fn wrong(asked: &Numbered<'_>, outcome: &Outcome, spell: &Spell<'_>) -> Option<Text> {
    let due = if asked.limit_consent { "1" } else { "0" };
    let odd = outcome.persons.iter().find_map(|p| {
        let flag = p.text("LimitApplicationCertificateRelatedConsFlg");
        (!flag.is_empty() && flag != due).then(|| flag.to_owned())
    });
    if let Some(flag) = odd {
        return Some(t(
            format!("同意フラグを{flag}とした"),
            format!("It set the consent flag to {flag}."),
        ));
    }
    if asked.limit_consent {
        let person = outcome.persons.first()?;
        return block::carried(person, spell, GROUP);
    }
    outcome.persons.iter().any(shown).then(|| {
        t(
            "同意がないのに限度額の情報を返した",
            "It gave limit data away without consent.",
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;

    const NO_LIMIT: Option<(&str, &str)> = Some(("LimitApplicationCertificateRelatedInfo", "X"));

    #[test]
    fn by_card_always_as_registered() {
        let mut scene = Scene::limited();
        scene.visit(&Play::default());
        assert_eq!(scene.said("ELIG-07")[0].1, Pass);
        let mut scene = Scene::limited();
        scene.visit(&Play {
            bend: Some(("A03", "A02")),
            ..Play::default()
        });
        assert_eq!(scene.said("ELIG-07")[0].1, Fail);
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("ELIG-07"), []);
    }

    #[test]
    fn by_number_with_consent_alone() {
        for (name, consent, block, bend, due) in [
            ("agreed", true, NUMBER, None, Pass),
            ("agreed, bent", true, NUMBER, Some(("A03", "A01")), Fail),
            ("agreed, left out", true, NUMBER, NO_LIMIT, Fail),
            ("refused, given", false, NUMBER, None, Fail),
        ] {
            let mut scene = Scene::limited();
            scene.ask(&Ask {
                limit_consent: consent,
                block,
                bend,
                ..Ask::default()
            });
            assert_eq!(scene.said("ELIG-07")[0].1, due, "{name}");
        }
        let mut scene = Scene::limited();
        scene.ask(&Ask {
            without: "LimitApplicationCertificateRelatedInfo",
            ..Ask::default()
        });
        assert_eq!(scene.said("ELIG-07")[0].1, Pass);
    }
}
