//! CONS-02: counter consent holds for that facility for its published time and not a second longer.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked};
use super::consented::{FLAGS, counting};
use super::drugs::{DRUG, DrugAsk, drug_asks};
use crate::calendar::Instant;
use crate::case::Case;
use crate::decode::result::{Outcome, Person};
use crate::expect::{self, Consent};
use crate::finding::t;
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "CONS-02",
    roles: &[SERVER],
    clause: (
        "窓口での同意は、その医療機関で、定められた時間だけ有効で、1秒も延びない",
        "Consent at the counter holds there for its published time and not a second longer.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let told = asked(case).filter_map(|asked| times(case, &asked));
    let viewed = drug_asks(case).filter_map(|asked| drugs(case, &asked));
    told.chain(viewed).collect()
}

fn hours(case: &Case) -> i64 {
    case.value("consent_hours").parse().unwrap_or(24)
}

/// The times a result gives with each consent.
fn times(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let Reply::Confirms(_, outcome) = asked.reply() else {
        return None;
    };
    if counting(asked) == [false; 4] || outcome.persons.is_empty() {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let hours = hours(case);
    let expected = t(
        format!("同意の日時はこの確認の時で、有効期限はその{hours}時間後"),
        format!("Consent time is that of this check, available until {hours} hours later."),
    );
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return Some(finding);
    }
    let wrong = wrong(asked, outcome, hours);
    let advice = t(
        "同意日時（ConsTime）に同意の時、有効期限（AvailableTime）にその定められた時間の後を入れる",
        "Put the moment of consent into ConsTime and that plus the published hours into AvailableTime.",
    );
    let actual = wrong.clone().unwrap_or_else(|| asked.actual());
    Some(say.decide(wrong.is_none(), expected, actual, advice, asked.quotes()))
}

fn wrong(asked: &Asked<'_>, outcome: &Outcome, hours: i64) -> Option<Text> {
    let given = |person: &Person, kind: &str| person.text(&format!("{kind}ConsFlg")) == "1";
    outcome.persons.iter().find_map(|person| {
        let set = FLAGS.iter().filter(|(kind, _)| given(person, kind));
        { set }.find_map(|(kind, _)| {
            let (from, to) = (
                person.text(&format!("{kind}ConsTime")),
                person.text(&format!("{kind}AvailableTime")),
            );
            let right = match (Instant::compact(from), Instant::compact(to)) {
                (Some(from), Some(to)) => {
                    let near = from.millis_since(asked.confirmation.at).abs() <= 120_000;
                    near && to.millis_since(from) == hours * 3_600_000
                }
                _ => false,
            };
            (!right).then(|| {
                t(
                    format!("{kind}の同意は{from}から{to}まで"),
                    format!("{kind}: from {from} to {to}."),
                )
            })
        })
    })
}

/// Whether some time had gone by since the consent.
fn aged(case: &Case, asked: &DrugAsk<'_>) -> bool {
    let fresh = asked.person.and_then(|person| {
        let own = case.confirmations.iter().enumerate().rev();
        let mut own = own.filter(|(index, c)| {
            c.seq < asked.question.seq
                && c.facility == asked.question.facility
                && case.card_of(c).is_some_and(|card| card.holder == person)
                && expect::granted(case, *index).is_some_and(|given| given[DRUG])
        });
        own.next()
            .map(|(_, c)| asked.question.at.millis_since(c.at))
    });
    fresh.is_some_and(|age| age >= 3_600_000)
}

fn drugs(case: &Case, asked: &DrugAsk<'_>) -> Option<Finding> {
    let hours = hours(case);
    let (holds, expected) = match asked.consent {
        Consent::Over => (
            asked.refuses(case, "medical_code.consent-expired"),
            t(
                format!("同意から{hours}時間が過ぎたので、渡さない"),
                format!("More than {hours} hours have gone by: nothing is given."),
            ),
        ),
        Consent::Holds if aged(case, asked) => (
            asked.gives(case),
            t(
                format!("同意から{hours}時間以内なので、渡す"),
                format!("Within {hours} hours of the consent: drugs are given."),
            ),
        ),
        _ => return None,
    };
    let say = case.of(RULE.id, SERVER);
    let advice = t(
        "同意の日時と今の時刻の差を秒まで比べ、定められた時間を過ぎたら期限切れのコードを返す",
        "Compare to the second; past the published time answer with the code for an expired consent.",
    );
    Some(asked.decide(case, say, holds, expected, advice))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;

    #[test]
    fn a_consent_ends_with_its_hours() {
        for (name, at, code, drugs, due) in [
            (
                "to the second",
                "2026-10-16T09:00:00",
                "1",
                &["模擬錠"][..],
                Some(Pass),
            ),
            (
                "to the second, refused",
                "2026-10-16T09:00:00",
                "SIM-M402",
                &[],
                Some(Fail),
            ),
            (
                "a second later",
                "2026-10-16T09:00:01",
                "SIM-M402",
                &[],
                Some(Pass),
            ),
            (
                "a second later, given",
                "2026-10-16T09:00:01",
                "1",
                &["模擬錠"],
                Some(Fail),
            ),
            (
                "a second later, other code",
                "2026-10-16T09:00:01",
                "SIM-M401",
                &[],
                Some(Fail),
            ),
            (
                "at once is CONS-01's",
                "2026-10-15T09:00:05",
                "1",
                &["模擬錠"],
                None,
            ),
        ] {
            let mut scene = Scene::registered();
            scene.drug("模擬錠");
            scene.visit(&Play::default());
            scene.at(at);
            scene.ask_drugs(CLINIC, code, drugs);
            let said: Vec<_> = scene.said("CONS-02").into_iter().map(|s| s.1).collect();
            assert_eq!(said.get(1).copied(), due, "{name}");
        }
    }

    #[test]
    fn the_times_are_told_rightly() {
        for (from, to, due) in [
            (
                "InfoAvailableTime>20261016",
                "InfoAvailableTime>20261016",
                Pass,
            ),
            (
                "InfoAvailableTime>20261016",
                "InfoAvailableTime>20261017",
                Fail,
            ),
            (
                "OperationInfoConsTime>20261015",
                "OperationInfoConsTime>20261014",
                Fail,
            ),
        ] {
            let mut scene = Scene::registered();
            scene.visit(&Play {
                bend: Some((from, to)),
                ..Play::default()
            });
            assert_eq!(scene.said("CONS-02")[0].1, due, "{to}");
        }
    }
}
