//! ELIG-08: 70 to 74: the share of 2 or 3 tenths comes with its dates; 75 and over from their own scheme.

use super::Rule;
use super::block;
use super::common::{Asked, Reply, SERVER, asked};
use super::numbered::{Numbered, numbered};
use crate::Finding;
use crate::case::Case;
use crate::expect::{Spell, spells};
use crate::finding::t;

const GROUPS: &[&str] = &[
    "ElderlyRecipientCertificateInfo",
    "InsuredPartialContributionRatio",
];

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-08",
    roles: &[SERVER],
    clause: (
        "70歳以上の負担割合を、登録されたとおりに日付とともに返す",
        "The share of those over 70 comes as registered, with its dates.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let by_card = asked(case).filter_map(|a| card(case, &a));
    let by_number = numbered(case).filter_map(|n| number(case, &n));
    by_card.chain(by_number).collect()
}

fn entered(spell: &Spell<'_>) -> bool {
    let keys = spell.gain.carries.keys();
    { keys }.any(|path| GROUPS.iter().any(|group| path.starts_with(group)))
}

fn expected(spell: &Spell<'_>) -> crate::Text {
    let shares = spell
        .gain
        .carries
        .iter()
        .filter(|(path, _)| path.ends_with("Ratio"));
    let shares: Vec<&str> = shares.map(|(_, value)| value.as_str()).collect();
    let shares = shares.join(", ");
    t(
        format!("登録された負担割合{shares}と日付をそのまま返す"),
        format!("The share registered ({shares}) comes as it is, with its dates."),
    )
}

fn advice() -> crate::Text {
    t(
        "保険者の登録した負担割合と有効期間を、計算し直さずに返す",
        "Return share and dates as the insurer registered them, computing nothing anew.",
    )
}

fn card(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let at = asked.confirmation.at;
    let current = asked.expected.qualification.as_ref().filter(|q| q.valid)?;
    let spells = spells(&case.facts, &asked.card.holder, at);
    let own = |s: &&Spell<'_>| s.gain.numbers == current.numbers && s.holds(at.day);
    let spell = spells.iter().rev().find(own).filter(|s| entered(s))?;
    let Reply::Confirms(_, outcome) = asked.reply() else {
        return None;
    };
    let person = outcome
        .persons
        .iter()
        .find(|p| p.numbers == current.numbers)?;
    let say = case.of(RULE.id, SERVER);
    let expected = expected(spell);
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return Some(finding);
    }
    let wrong = block::carried(person, spell, GROUPS);
    let actual = wrong.clone().unwrap_or_else(|| asked.actual());
    Some(say.decide(wrong.is_none(), expected, actual, advice(), asked.quotes()))
}

fn number(case: &Case, asked: &Numbered<'_>) -> Option<Finding> {
    let spell = asked
        .due
        .spell
        .filter(|s| s.holds(asked.on) && entered(s))?;
    let Reply::Confirms(_, outcome) = asked.reply() else {
        return None;
    };
    let person = outcome.persons.first()?;
    let say = case.of(RULE.id, SERVER);
    let wrong = block::carried(person, &spell, GROUPS);
    Some(asked.decide(case, say, expected(&spell), wrong, advice()))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;

    #[test]
    fn shares_come_as_registered() {
        for (bend, due) in [
            (None, Pass),
            (Some((">020<", ">030<")), Fail),
            (Some(("20270731", "20280731")), Fail),
            (Some(("ElderlyRecipientContributionRatio", "X")), Fail),
        ] {
            let mut scene = Scene::elderly();
            scene.visit(&Play {
                bend,
                ..Play::default()
            });
            scene.ask(&Ask {
                bend,
                ..Ask::default()
            });
            let said: Vec<_> = scene.said("ELIG-08").into_iter().map(|s| s.1).collect();
            assert_eq!(said, [due, due], "{bend:?}");
        }
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("ELIG-08"), []);
    }
}
