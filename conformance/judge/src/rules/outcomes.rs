//! The terminal's part of ELIG-19 about outcomes: each one told to the reader rests on an answer of the server
//! in that stay, and says what the answer said.

use super::block::same_text;
use super::common::TERMINAL;
use crate::Finding;
use crate::case::{Case, Confirmation, Line, Said, Visit};
use crate::finding::{q, t};

/// Whether an outcome tells an answer as it was.
pub(super) fn tells(line: &Line, answer: &Said) -> bool {
    let Said::Outcome(outcome) = answer else {
        return line.text("status") != "confirmed";
    };
    let status = match outcome.status.as_deref() {
        Some("1") => "confirmed",
        _ => "refused",
    };
    let same = line.text("code") == outcome.code
        && same_text(&outcome.message, line.text("message"))
        && line.text("validity") == outcome.validity.as_deref().unwrap_or("");
    // Where nobody could be asked, a reader is told so.
    let spoken = line.text("status") == status
        || (status == "refused" && line.text("status") == "unavailable");
    same && spoken
}

/// Findings about outcomes beside the first one after each answer, which is compared with that answer.
pub(super) fn unfounded(case: &Case, requirement: &'static str) -> Vec<Finding> {
    let visits = case.visits.iter();
    visits
        .flat_map(|visit| {
            let told = visit.outcomes().enumerate();
            told.filter_map(|(index, line)| of(case, visit, (index, line), requirement))
        })
        .collect()
}

fn of(
    case: &Case,
    visit: &Visit,
    (index, line): (usize, &Line),
    requirement: &'static str,
) -> Option<Finding> {
    let status = line.text("status");
    if status == "unavailable" {
        return None;
    }
    let own = |c: &&Confirmation| visit.covers(&c.from.name, c.seq);
    let answers = case.confirmations.iter().filter(own);
    let answers = answers.filter_map(|c| c.answer.as_ref());
    let answer = { answers }.rfind(|(seq, _)| *seq < line.seq);
    let between = |seq: u32| visit.outcomes().take(index).any(|l| l.seq > seq);
    let mut quotes = vec![q(line.seq, "outcome", status)];
    let wrong = match answer {
        None => Some(t(
            format!("サーバーに照会せずに「{status}」と伝えた"),
            format!("It told \"{status}\" and had no answer of the server."),
        )),
        Some((seq, _)) if !between(*seq) => return None,
        Some((seq, answer)) => {
            quotes.push(q(*seq, "answer", ""));
            let other = t(
                format!("サーバーの答えと違う「{status}」を重ねて伝えた"),
                format!("It told \"{status}\" once more, and otherwise than the server."),
            );
            (!tells(line, answer)).then_some(other)
        }
    };
    let expected = t(
        "リーダーには、この受付でサーバーが答えたことだけを結果として伝える",
        "The reader is told as the outcome what the server answered in this stay, and nothing else.",
    );
    let fine = t("答えのとおりに伝えた", "It told what was answered.");
    let advice = t(
        "サーバーの答えを受け取ってから伝え、照会できないときは unavailable を伝える",
        "Tell the outcome after the server's answer; where nobody can be asked, tell unavailable.",
    );
    let actual = wrong.clone().unwrap_or(fine);
    let say = case.of(requirement, TERMINAL);
    Some(say.decide(wrong.is_none(), expected, actual, advice, quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    fn said(scene: &Scene) -> Vec<Verdict> {
        let said = scene.said("ELIG-19").into_iter();
        let own = said.filter(|s| s.0 == "terminal");
        own.map(|s| s.1).collect()
    }

    fn visited(play: Play) -> Scene {
        let mut scene = Scene::registered();
        scene.visit(&Play {
            chart: None,
            ..play
        });
        scene
    }

    #[test]
    fn nothing_is_told_that_nobody_answered() {
        assert_eq!(said(&visited(Play::default())), [Pass]);
        let unasked = || Play {
            asks: false,
            ..Play::default()
        };
        assert_eq!(said(&visited(unasked())), [Fail], "a first visit");
        let refused = Play {
            answer: Answer::refused("SIM-E301"),
            ..unasked()
        };
        assert_eq!(said(&visited(refused)), [Fail], "refused unasked");
        let down = Play {
            answer: Answer::Error(503, "out-of-service"),
            ..unasked()
        };
        assert_eq!(said(&visited(down)), [], "unavailable needs no answer");
    }

    #[test]
    fn an_answer_of_an_earlier_stay_does_not_count() {
        let mut scene = visited(Play::default());
        scene.visit(&Play {
            asks: false,
            chart: None,
            ..Play::default()
        });
        assert_eq!(said(&scene), [Pass, Fail]);
    }

    #[test]
    fn what_is_told_again_is_the_same() {
        for (validity, due) in [("1", Pass), ("2", Fail)] {
            let mut scene = visited(Play::default());
            let line = format!(
                "{{\"type\":\"outcome\",\"status\":\"confirmed\",\"code\":\"\",\"message\":\"\",\"validity\":\"{validity}\"}}\n"
            );
            let of = |role: &str| evidence::Party::at(role, CLINIC);
            scene.tap(
                "reader",
                of("terminal"),
                of("reader"),
                1,
                line.as_bytes(),
                None,
            );
            assert_eq!(said(&scene), [Pass, due], "{validity}");
        }
    }
}
