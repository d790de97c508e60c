//! ELIG-01: by card the current qualification is returned, whatever insurer it is.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked};
use crate::case::Case;
use crate::expect::{Due, Qualified};
use crate::finding::{q, t};
use crate::Finding;

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
    let current = asked.expected.qualification.as_ref().filter(|q| due.confirms() && q.valid)?;
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
        return (due == Due::Confirmed).then(|| say.fail(expected, asked.actual(), advice, asked.quotes()));
    };
    let found: Vec<String> = outcome.persons.iter().map(|p| p.numbers.to_string()).collect();
    let holds = !outcome.persons.is_empty() && outcome.persons.iter().all(|p| p.numbers == *numbers);
    let found = found.join(", ");
    let mut quotes = asked.quotes();
    quotes.push(q(seq, "ResultOfQualificationConfirmation", found.clone()));
    let actual = t(format!("返した資格は {found}"), format!("It returned {found}."));
    Some(say.decide(holds, expected, actual, advice, quotes))
}
