//! AUTH-02: when face fails or the PIN is forgotten, staff confirm by eye and the result records that method;
//! the method the server is told is the one by which the person was proved.

use evidence::Act;

use super::Rule;
use super::identity::{READER, Step, TERMINAL, facility, steps};
use super::wording::senseless;
use crate::case::{Case, Identification, Line, Visit};
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "AUTH-02",
    roles: &[READER, TERMINAL],
    clause: (
        "職員の目視は施設のパスコードが正しいときだけ成立し、本人確認の方法を実際のとおりに記録する",
        "Staff's eye counts with the facility's passcode only, and the method recorded is the one that was used.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let mut findings = Vec::new();
    for visit in &case.visits {
        for step in steps(visit) {
            if let Act::EnterPasscode { passcode } = step.act {
                findings.extend(typed(case, visit, &step, passcode));
            }
        }
        let own = case.identifications.iter();
        let own = own.filter(|i| i.from.role == TERMINAL && visit.covers(&i.from.name, i.seq));
        findings.extend(own.filter_map(|identification| told(case, visit, identification)));
    }
    findings.extend(senseless(case, RULE.id));
    findings
}

/// A passcode that was typed: passed on as it is, and taken when it is the facility's.
fn typed(case: &Case, visit: &Visit, step: &Step<'_>, passcode: &str) -> Vec<Finding> {
    let asked = step
        .before
        .is_some_and(|s| ["STAFF_EYE", "PASSCODE_WRONG"].contains(&s.id.as_str()));
    let Some(own) = facility(case, visit).filter(|f| asked && !f.passcode.is_empty()) else {
        return Vec::new();
    };
    let right = own.passcode == passcode;
    let expected = match right {
        true => t(
            "正しいパスコードで目視の確認が成立する",
            "The right passcode makes the staff's eye count.",
        ),
        false => t(
            "誤ったパスコードでは成立しない",
            "A wrong passcode does not make it count.",
        ),
    };
    let passed = visit
        .said(true, "staff-confirmed")
        .find(|l| l.seq > step.seq && l.seq < step.until);
    let mut findings = vec![passed_on(case, step, passcode, passed, expected.clone())];
    if let Some(line) = passed.filter(|line| line.text("passcode") == passcode) {
        findings.extend(taken(case, visit, step, line, (right, expected)));
    }
    findings
}

/// Whether the reader passed on what was typed.
fn passed_on(
    case: &Case,
    step: &Step<'_>,
    passcode: &str,
    passed: Option<&Line>,
    expected: Text,
) -> Finding {
    let said = passed.map_or("-", |line| line.text("passcode")).to_owned();
    let rightly = said == passcode;
    let actual = match rightly {
        true => t(
            "リーダーが入力されたパスコードを端末に渡した",
            "The reader passed on what was typed.",
        ),
        false => t(
            "リーダーが入力されたパスコードを端末に渡さなかった",
            "The reader did not pass on what was typed.",
        ),
    };
    let advice = t(
        "入力されたパスコードをそのまま端末に渡す",
        "Pass what was typed on to the terminal as it is.",
    );
    let quotes = vec![
        q(step.seq, "passcode typed", passcode),
        q(passed.map_or(step.seq, |l| l.seq), "staff-confirmed", said),
    ];
    case.of(RULE.id, READER)
        .decide(rightly, expected, actual, advice, quotes)
}

/// What the terminal made of a passcode.
fn taken(
    case: &Case,
    visit: &Visit,
    step: &Step<'_>,
    line: &Line,
    (right, expected): (bool, Text),
) -> Option<Finding> {
    let say = case.of(RULE.id, TERMINAL);
    let mut quotes = vec![q(line.seq, "staff-confirmed", line.text("passcode"))];
    let answers = visit
        .lines
        .iter()
        .filter(|l| !l.from_reader && l.seq > line.seq);
    let Some(answer) = { answers }.find(|l| l.seq < step.until) else {
        let gone = step.led_to(&["UNAVAILABLE", "CARD_REMOVED"]);
        let actual = t("端末が答えなかった", "The terminal gave no answer.");
        return (!gone).then(|| say.unclear(TERMINAL, expected, actual, quotes));
    };
    quotes.push(q(answer.seq, "terminal", answer.kind()));
    if right && answer.kind() == "card-unusable" {
        let actual = t("カードが使えなかった", "The card could not be used.");
        return Some(say.unclear("card", expected, actual, quotes));
    }
    let taken = answer.kind() == "identity-accepted";
    let actual = match taken {
        true => t("目視の確認が成立した", "It let the staff's eye count."),
        false => t("目視の確認が成立しなかった", "It did not let it count."),
    };
    let advice = t(
        "渡されたパスコードを施設のものと比べ、一致したときだけ本人確認とする",
        "Compare what was passed on with the facility's passcode and take equality alone.",
    );
    Some(say.decide(taken == right, expected, actual, advice, quotes))
}

/// How the person of a stay had been proved before a record; the record that says so.
fn proved(visit: &Visit, seq: u32) -> Option<(&'static str, u32)> {
    let lines = visit.lines.iter().rev().filter(|l| l.seq < seq);
    for line in lines {
        match (line.from_reader, line.kind()) {
            (false, "pin-accepted") => return Some(("pin", line.seq)),
            (true, "staff-confirmed") => return Some(("visual", line.seq)),
            (true, "face-compared") => return Some(("face", line.seq)),
            _ => {}
        }
    }
    None
}

/// The method the server was told.
fn told(case: &Case, visit: &Visit, identification: &Identification) -> Option<Finding> {
    let request = identification.request.as_ref().ok()?;
    let (due, since) = proved(visit, identification.seq)?;
    let quotes: Vec<Quote> = vec![
        q(since, "proved by", due),
        q(identification.seq, "method", request.method.clone()),
    ];
    let expected = t(
        format!("サーバーに伝える本人確認の方法は「{due}」"),
        format!("The server is told the method \"{due}\"."),
    );
    let actual: Text = t(
        format!("「{}」と伝えた", request.method),
        format!("It was told \"{}\".", request.method),
    );
    let advice = t(
        "本人確認に使った方法をそのままサーバーに伝える",
        "Tell the server the method that was used.",
    );
    let say = case.of(RULE.id, TERMINAL);
    Some(say.decide(request.method == due, expected, actual, advice, quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::stay::*;
    use crate::testing::*;

    fn said(stay: &[Did]) -> Vec<(String, crate::Verdict)> {
        let mut scene = Scene::chip();
        scene.passcode(CLINIC, "⟦PASSCODE#1⟧");
        scene.stay(CLINIC, stay);
        scene
            .said("AUTH-02")
            .into_iter()
            .map(|s| (s.0, s.1))
            .collect()
    }

    fn eye(typed: &str, passed: &str, answer: &str) -> Vec<Did> {
        let passed = match passed {
            "" => vec![],
            passed => reader(&format!(
                r#"{{"type":"staff-confirmed","passcode":"{passed}"}}"#
            )),
        };
        let answer = match answer {
            "" => vec![],
            answer => terminal(&format!(r#"{{"type":"{answer}"}}"#)),
        };
        [
            choose_method(),
            call_staff(),
            shows("STAFF_EYE"),
            passcode(typed),
            passed,
            answer,
        ]
        .concat()
    }

    #[test]
    fn the_facilitys_passcode_counts_and_no_other() {
        let (own, other) = ("⟦PASSCODE#1⟧", "⟦PASSCODE#2⟧");
        for (typed, passed, answer, due) in [
            (own, own, "identity-accepted", ("terminal", Pass)),
            (own, own, "passcode-wrong", ("terminal", Fail)),
            (own, own, "card-unusable", ("terminal", Inconclusive)),
            (own, own, "", ("terminal", Inconclusive)),
            (other, other, "passcode-wrong", ("terminal", Pass)),
            (other, other, "identity-accepted", ("terminal", Fail)),
            (own, "", "", ("reader", Fail)),
            (other, own, "identity-accepted", ("reader", Fail)),
        ] {
            let (role, verdict) = due;
            let found = said(&eye(typed, passed, answer));
            let mut due = vec![(role.to_owned(), verdict)];
            if role == "terminal" {
                due.insert(0, ("reader".to_owned(), Pass));
            }
            assert_eq!(found, due, "{typed} {passed} {answer}");
        }
    }

    #[test]
    fn the_method_is_told_as_it_was() {
        let ways = [
            ("pin", terminal(r#"{"type":"pin-accepted"}"#)),
            (
                "face",
                [compared(true), terminal(r#"{"type":"identity-accepted"}"#)].concat(),
            ),
            (
                "visual",
                [
                    reader(r#"{"type":"staff-confirmed","passcode":"⟦PASSCODE#1⟧"}"#),
                    terminal(r#"{"type":"identity-accepted"}"#),
                ]
                .concat(),
            ),
        ];
        for (due, proof) in &ways {
            for told in ["pin", "face", "visual", ""] {
                let verdict = if told == *due { Pass } else { Fail };
                let stay = [choose_method(), proof.clone(), identified(told)].concat();
                assert_eq!(
                    said(&stay),
                    [("terminal".to_owned(), verdict)],
                    "{due} {told}"
                );
            }
        }
    }

    #[test]
    fn a_stay_without_proof_says_nothing() {
        assert_eq!(said(&choose_method()), []);
    }
}
