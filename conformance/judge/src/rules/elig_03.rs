//! ELIG-03: valid, lost, none: each state gives its own validity code.

use super::Rule;
use super::common::{Asked, Reply, SERVER, asked, code, refused_with};
use crate::case::Case;
use crate::expect::Due;
use crate::finding::t;
use crate::Finding;

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-03",
    roles: &[SERVER],
    clause: (
        "有効・無効・該当なしを、それぞれの資格有効性コードで返す",
        "Valid, lost and none each give their own validity code.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    asked(case)
        .filter_map(|asked| match asked.expected.due() {
            Due::NoQualification => Some(none(case, &asked)),
            due if due.confirms() => some(case, &asked),
            _ => None,
        })
        .collect()
}

fn some(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let qualified = asked.expected.qualification.as_ref()?;
    let say = case.of(RULE.id, SERVER);
    let (due, ja, en) = if qualified.valid { ("1", "有効", "valid") } else { ("2", "無効", "lost") };
    let numbers = &qualified.numbers;
    let expected = t(
        format!("資格（{numbers}）は{ja}なので、資格有効性{due}を返す"),
        format!("The qualification {numbers} is {en}: validity {due}."),
    );
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return Some(finding);
    }
    let Reply::Confirms(_, outcome) = asked.reply() else { return None };
    // Where another qualification was returned, ELIG-01 speaks and its code proves nothing.
    let other = outcome.persons.iter().any(|p| p.numbers != *numbers);
    let advice = t(
        "喪失年月日の当日から資格は無効とし、有効性2で返す",
        "From the loss date itself the qualification is lost: answer validity 2.",
    );
    let holds = outcome.validity.as_deref() == Some(due);
    (!other).then(|| say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
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
            outcome.code == code(case, Due::NoQualification) && matches!(outcome.validity.as_deref(), None | Some("4"))
        }
        _ => false,
    };
    let advice = t("資格がない人には該当なしのコードだけを返す", "For a person without any, answer the code for none and nothing else.");
    say.decide(holds, expected, asked.actual(), advice, asked.quotes())
}
