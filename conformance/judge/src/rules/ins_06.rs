//! INS-06: insurer numbers carry right check digits; a wrong one is refused and never sent on.

use std::collections::BTreeSet;

use evidence::Act;

use super::Rule;
use super::words::text;
use crate::case::{Case, Exchange};
use crate::expect::check_digit_holds;
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

const INSURER: &str = "insurer";

/// The rule.
pub const RULE: Rule = Rule {
    id: "INS-06",
    roles: &[INSURER],
    clause: (
        "保険者番号の検証番号が誤っていれば、登録を断り送らない",
        "An insurer number with a wrong check digit is refused and never sent on.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let typing = case.acts.iter().filter_map(|(_, act)| match act {
        Act::EnterRegistration { insurer, .. } => Some(insurer.clone()),
        _ => None,
    });
    let sending = case.registrations.iter().map(|e| e.from.name.clone());
    let insurers: BTreeSet<String> = typing.chain(sending).collect();
    insurers.iter().map(|insurer| of(case, insurer)).collect()
}

fn of(case: &Case, insurer: &str) -> Finding {
    let say = case.of(RULE.id, INSURER);
    let sent: Vec<&Exchange> = case
        .registrations
        .iter()
        .filter(|e| e.from.name == insurer && e.posts("/v1/registrations"))
        .collect();
    let mistyped = mistyped(case, insurer);
    let expected = match mistyped.first() {
        Some((_, number, _)) => t(
            format!("{insurer}は検証番号の誤った保険者番号{number}を断り、何も送らない"),
            format!(
                "{insurer} refuses insurer number {number}, whose check digit is wrong, and sends nothing."
            ),
        ),
        None => t(
            format!("{insurer}の送る保険者番号は検証番号が正しい"),
            format!("Every insurer number {insurer} sends has a right check digit."),
        ),
    };
    let mut quotes: Vec<Quote> = mistyped
        .iter()
        .map(|(seq, number, _)| q(*seq, "typed insurer_number", number))
        .collect();
    quotes.extend(
        sent.iter()
            .map(|e| q(e.seq, "insurer_number", number(e).unwrap_or_else(|e| e.en))),
    );
    let wrong = sent
        .iter()
        .find_map(|exchange| objection(exchange, &mistyped));
    let advice = t(
        "入力のときに検証番号（モジュラス10ウェイト2・1）を確かめ、誤りなら番号を示して断る",
        "Check the digit (modulus 10, weights 2 and 1) at entry; refuse a wrong one and name it.",
    );
    let fine = t("誤った番号は送られていない", "No wrong number was sent.");
    say.decide(
        wrong.is_none(),
        expected,
        wrong.unwrap_or(fine),
        advice,
        quotes,
    )
}

fn number(exchange: &Exchange) -> Result<String, Text> {
    let body = exchange.body.as_ref().map_err(|e| {
        t(
            format!("登録電文を読み取れない（{e}）"),
            format!("A registration it sent cannot be read: {e}."),
        )
    })?;
    Ok(text(body, "insurer_number").to_owned())
}

/// What is wrong with a registration that was sent.
fn objection(exchange: &Exchange, mistyped: &[(u32, String, u32)]) -> Option<Text> {
    let number = match number(exchange) {
        Ok(number) => number,
        Err(text) => return Some(text),
    };
    if !check_digit_holds(&number) {
        return Some(t(
            format!("検証番号の誤った保険者番号{number}を送った"),
            format!("It sent insurer number {number}, whose check digit is wrong."),
        ));
    }
    let answers = mistyped
        .iter()
        .find(|(from, _, until)| exchange.seq > *from && exchange.seq < *until)?;
    Some(t(
        format!("誤った番号{}の入力のあとに{number}を送った", answers.1),
        format!(
            "After {} was typed it sent {number}, which nobody had typed.",
            answers.1
        ),
    ))
}

/// Wrong numbers that were typed, each with the record up to which nothing may be sent for it.
fn mistyped(case: &Case, insurer: &str) -> Vec<(u32, String, u32)> {
    let typed = case.acts.iter().filter_map(|(seq, act)| match act {
        Act::EnterRegistration {
            insurer: i,
            insurer_number,
            ..
        } if i == insurer => Some((*seq, insurer_number.clone())),
        _ => None,
    });
    let entered = case.facts.entries.iter().filter(|e| e.insurer == insurer);
    let mut all: Vec<(u32, String)> = typed
        .chain(entered.map(|e| (e.seq, e.insurer_number.clone())))
        .collect();
    all.sort();
    let is_typed = |seq: u32| case.acts.iter().any(|(s, _)| *s == seq);
    let next_right = |from: u32| {
        all.iter()
            .find(|(s, n)| *s > from && check_digit_holds(n))
            .map_or(u32::MAX, |(s, _)| *s)
    };
    let wrong = all
        .iter()
        .filter(|(seq, n)| is_typed(*seq) && !check_digit_holds(n));
    wrong
        .map(|(seq, n)| (*seq, n.clone(), next_right(*seq)))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::Act;
    use evidence::EntryKind::Gain;

    const WRONG: &str = "06139993";
    const KNOWN: &str = "2026-10-15T09:00:00.000+09:00";

    fn typed(number: &str) -> Scene {
        let mut scene = Scene::bare();
        scene.hands(Act::EnterRegistration {
            insurer: INSURER.into(),
            person: "田中".into(),
            insurer_number: number.into(),
        });
        scene.entry_only(Gain, number, "2026-10-01", KNOWN);
        scene
    }

    fn verdicts(scene: &Scene) -> Vec<Verdict> {
        scene.said("INS-06").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn a_wrong_digit_never_leaves_the_house() {
        assert_eq!(verdicts(&typed(WRONG)), [Pass]);
        let mut scene = typed(WRONG);
        scene.sent(Gain, WRONG, 422);
        assert_eq!(
            verdicts(&scene),
            [Fail],
            "though the intermediate server refused it"
        );
        let mut scene = typed(WRONG);
        scene.sent(Gain, NUMBER, 201);
        assert_eq!(verdicts(&scene), [Fail], "mended in silence");
        let mut scene = typed(WRONG);
        scene.entry(Gain, NUMBER, "2026-10-01", KNOWN);
        assert_eq!(verdicts(&scene), [Pass], "typed again, rightly");
    }

    #[test]
    fn right_ones_are_sent() {
        assert_eq!(verdicts(&Scene::registered()), [Pass]);
        let mut scene = typed(NUMBER);
        scene.sent(Gain, WRONG, 422);
        assert_eq!(verdicts(&scene), [Fail], "bent on the way out");
        assert_eq!(verdicts(&Scene::bare()), []);
    }
}
