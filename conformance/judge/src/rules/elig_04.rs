//! ELIG-04: asked by an old number, the server says that a newer qualification exists and nothing of its
//! content.

use super::Rule;
use super::common::{Reply, SERVER};
use super::numbered::{Numbered, numbered};
use super::words::text;
use crate::case::Case;
use crate::decode::result::{Outcome, normal};
use crate::decode::xml::Element;
use crate::expect::{Spell, same_insurer};
use crate::finding::t;
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-04",
    roles: &[SERVER],
    clause: (
        "古い番号での照会には、新しい資格があることだけを伝え、その内容を返さない",
        "Asked by an old number, the server says that a newer one exists and nothing of its content.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let old = |n: &Numbered<'_>| n.due.validities.contains(&"3") && n.due.person.is_some();
    numbered(case).filter(old).map(|n| of(case, &n)).collect()
}

fn of(case: &Case, asked: &Numbered<'_>) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let numbers = &asked.request.numbers;
    let expected = t(
        format!("{numbers}より新しい資格の内容を何も返さない"),
        format!("Not a word of any qualification newer than {numbers}."),
    );
    let advice = t(
        "有効性3では新しい資格の保険者・番号・氏名などを載せない",
        "With validity 3 leave out insurer, numbers and everything else of the newer one.",
    );
    let wrong = match asked.reply() {
        Reply::Confirms(_, outcome) | Reply::Refuses(_, outcome) => told(case, asked, outcome),
        _ => None,
    };
    asked.decide(case, say, expected, wrong, advice)
}

fn told(case: &Case, asked: &Numbered<'_>, outcome: &Outcome) -> Option<Text> {
    let asked_for = &asked.request.numbers;
    let other = outcome.persons.iter().find(|p| {
        !same_insurer(&p.numbers.insurer_number, &asked_for.insurer_number)
            || p.numbers.number != asked_for.number
    });
    if let Some(person) = other {
        let numbers = &person.numbers;
        return Some(t(
            format!("{numbers}の資格情報を返した"),
            format!("It returned a person block of {numbers}."),
        ));
    }
    let secret: Vec<String> = asked
        .due
        .others
        .iter()
        .flat_map(|spell| words(case, asked, spell))
        .collect();
    let found = leaked(&outcome.document.root, &secret)?;
    Some(t(
        format!("新しい資格の「{found}」を載せた"),
        format!("It gave away \"{found}\" of the newer one."),
    ))
}

/// What tells one qualification from the asked one: insurer number and name, and the number where it differs.
fn words(case: &Case, asked: &Numbered<'_>, spell: &Spell<'_>) -> Vec<String> {
    let own = &asked.request.numbers;
    let numbers = &spell.gain.numbers;
    let fed = || case.feed.iter().filter_map(|e| e.body.as_ref().ok());
    let names = |number: &str| -> Vec<String> {
        let named = fed().filter(|b| same_insurer(text(b, "insurer_number"), number));
        named.map(|b| normal(text(b, "insurer_name"))).collect()
    };
    let known = names(&own.insurer_number);
    let mut words = names(&numbers.insurer_number);
    words.retain(|name| !known.contains(name));
    if !same_insurer(&numbers.insurer_number, &own.insurer_number) {
        words.push(numbers.insurer_number.clone());
    }
    if numbers.number != own.number && numbers.number.len() > 3 {
        words.push(numbers.number.clone());
    }
    words.retain(|word| word.len() > 3);
    words
}

fn leaked(element: &Element, secret: &[String]) -> Option<String> {
    let text = normal(&element.text);
    let found = secret.iter().find(|word| text.contains(word.as_str()));
    found
        .cloned()
        .or_else(|| element.children.iter().find_map(|c| leaked(c, secret)))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;
    use evidence::EntryKind::{Gain, Loss};

    const KNOWN: &str = "2026-10-10T09:00:00.000+09:00";

    #[test]
    fn nothing_of_the_newer_one_is_told() {
        let three = || Ask {
            validity: "3",
            block: "",
            ..Ask::default()
        };
        for (name, ask, due) in [
            ("as due", three(), Pass),
            (
                "the old block is no secret",
                Ask {
                    block: NUMBER,
                    ..three()
                },
                Pass,
            ),
            (
                "the newer block",
                Ask {
                    block: OTHER_NUMBER,
                    ..three()
                },
                Fail,
            ),
            (
                "in a message",
                Ask {
                    bend: Some((
                        "<QualificationValidity>",
                        "<ProcessingResultMessage>33120015です</ProcessingResultMessage><QualificationValidity>",
                    )),
                    ..three()
                },
                Fail,
            ),
        ] {
            let mut scene = Scene::registered();
            scene.entry(Loss, NUMBER, "2026-10-05", KNOWN);
            scene.entry(Gain, OTHER_NUMBER, "2026-10-05", KNOWN);
            scene.ask(&ask);
            assert_eq!(scene.said("ELIG-04")[0].1, due, "{name}");
        }
        let mut scene = Scene::registered();
        scene.ask(&Ask::default());
        assert_eq!(scene.said("ELIG-04"), []);
    }
}
