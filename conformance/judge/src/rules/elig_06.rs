//! ELIG-06: numbers are individual (two-digit branch); 75-and-over numbers carry none; a number without
//! branch still works where it is unique.

use super::Rule;
use super::common::{INSURER, SERVER};
use super::numbered::{Numbered, numbered};
use super::words::{numbers, text};
use crate::Finding;
use crate::case::{Case, Exchange};
use crate::expect::check_digit_holds;
use crate::finding::{q, t};

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-06",
    roles: &[SERVER, INSURER],
    clause: (
        "番号は2桁の枝番で個人単位とし、後期高齢者には枝番がなく、枝番なしの照会は一人に決まるときだけ答える",
        "Numbers are individual by a two-digit branch, late-elderly ones carry none, and without branch a unique one still works.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let bare = |n: &Numbered<'_>| n.request.numbers.branch.is_empty() && n.on == n.question.at.day;
    let asked = numbered(case).filter(bare).map(|n| server(case, &n));
    let sent = case
        .registrations
        .iter()
        .filter(|e| e.posts("/v1/registrations"));
    asked.chain(sent.filter_map(|e| insurer(case, e))).collect()
}

fn server(case: &Case, asked: &Numbered<'_>) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let advice = t(
        "枝番のない照会は、同じ番号の加入者が一人ならその資格を、複数なら有効性5だけを返す",
        "Without a branch: the one person's qualification where there is one, validity 5 and nothing else where there are several.",
    );
    let several = asked.due.validities == ["5"];
    let gives =
        matches!(asked.reply(), super::common::Reply::Confirms(_, o) if !o.persons.is_empty());
    let wrong = (!asked.valid() || (several && gives)).then(|| asked.actual());
    asked.decide(case, say, asked.expected(), wrong, advice)
}

/// A branch the insurer made up; one its clerk entered so is not its deviation.
fn insurer(case: &Case, sent: &Exchange) -> Option<Finding> {
    let body = sent.body.as_ref().ok()?;
    let number = text(body, "insurer_number");
    if !check_digit_holds(number) {
        return None;
    }
    let branch = text(body, "branch");
    let late_elderly = number.len() == 8 && number.starts_with("39");
    let shaped = match late_elderly {
        true => branch.is_empty(),
        false => branch.len() == 2 && branch.bytes().all(|b| b.is_ascii_digit()),
    };
    let entered = case
        .facts
        .entries
        .iter()
        .any(|e| e.numbers == numbers(body));
    let expected = t(
        format!("{number}の枝番は、後期高齢者ならなし、ほかは2桁"),
        format!("Branch of a number of {number}: none for the late-elderly, else two digits."),
    );
    let actual = t(
        format!("枝番「{branch}」を送った"),
        format!("It sent branch \"{branch}\"."),
    );
    let advice = t(
        "加入者ごとの枝番を、入力されたとおりに送る",
        "Send each person's own branch, as it was entered.",
    );
    let quotes = vec![q(sent.seq, "branch", branch)];
    let say = case.of(RULE.id, INSURER);
    Some(say.decide(shaped || entered, expected, actual, advice, quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;
    use evidence::EntryKind::Gain;

    const KNOWN: &str = "2026-10-03T09:00:00.000+09:00";

    fn server(scene: &Scene) -> Vec<crate::Verdict> {
        let said = scene.said("ELIG-06").into_iter();
        said.filter(|s| s.0 == "eligibility-server")
            .map(|s| s.1)
            .collect()
    }

    #[test]
    fn a_number_without_branch_works_where_it_is_unique() {
        let bare = |validity, block| Ask {
            branch: "",
            validity,
            block,
            ..Ask::default()
        };
        for (name, twins, ask, due) in [
            ("unique", false, bare("1", NUMBER), Pass),
            ("unique, refused", false, bare("4", ""), Fail),
            ("several", true, bare("5", ""), Pass),
            ("several, the first taken", true, bare("1", NUMBER), Fail),
            ("several, one shown", true, bare("5", NUMBER), Fail),
        ] {
            let mut scene = Scene::registered();
            if twins {
                scene.entry_of("弟", Gain, NUMBER, "01", "2024-04-01", KNOWN);
            }
            scene.ask(&ask);
            assert_eq!(server(&scene), [due], "{name}");
        }
        let mut scene = Scene::registered();
        scene.ask(&Ask::default());
        assert_eq!(server(&scene), [], "with its branch");
    }

    #[test]
    fn an_insurer_sends_the_branch_that_was_entered() {
        for (number, entered, sent, due) in [
            (NUMBER, "00", "00", Pass),
            (NUMBER, "00", "0", Fail),
            (NUMBER, "00", "", Fail),
            ("39123450", "", "", Pass),
            ("39123450", "", "00", Fail),
        ] {
            assert!(crate::expect::check_digit_holds(number), "{number}");
            let mut scene = Scene::bare();
            scene.entered("田中", Gain, number, entered, "2026-10-01", KNOWN, &[]);
            let mut body = scene.words(Gain, number);
            body["branch"] = serde_json::json!(sent);
            scene.post(
                "registration",
                "insurer",
                INSURER,
                "intermediate",
                "/v1/registrations",
                &body,
                201,
            );
            assert_eq!(scene.said("ELIG-06")[0].1, due, "{number} {sent}");
        }
    }
}
