//! AUTH-03: face authentication never asks the PIN and never uses a PIN try.

use evidence::Act;

use super::Rule;
use super::identity::{PIN_SCREENS, READER, TERMINAL, is_general, steps};
use crate::case::{CardExchange, Case, Visit};
use crate::decode::apdu::{Command, Presented};
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "AUTH-03",
    roles: &[READER],
    clause: (
        "顔認証では暗証番号を求めず、その残り回数も使わない",
        "Face authentication never asks the PIN and never uses a PIN try.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let visits = case.visits.iter().filter(|v| !is_general(case, v));
    visits.filter_map(|visit| of(case, visit)).collect()
}

/// From the choice of the face to the choice of another way, or the card's leaving.
fn spans(visit: &Visit) -> Vec<(u32, u32)> {
    let mut spans: Vec<(u32, u32)> = Vec::new();
    let mut open = None;
    for step in steps(visit) {
        match step.act {
            Act::ChooseFace if step.may_choose() => {
                open.get_or_insert(step.seq);
            }
            Act::ChoosePin | Act::CallStaff | Act::TakeCard => {
                spans.extend(open.take().map(|from| (from, step.seq)));
            }
            _ => {}
        }
    }
    spans.extend(open.map(|from| (from, visit.end)));
    spans
}

fn of(case: &Case, visit: &Visit) -> Option<Finding> {
    let spans = spans(visit);
    let first = spans.first()?;
    let say = case.of(RULE.id, READER);
    let expected = t(RULE.clause.0, RULE.clause.1);
    let mut quotes = vec![q(first.0, "chooses the face", "")];
    for (from, to) in &spans {
        let inside = |seq: u32| seq > *from && seq < *to;
        if let Some(wrong) = asked(visit, inside, &mut quotes) {
            let advice = t(
                "顔認証の経路から暗証番号の画面と照合を取り除く",
                "Take the PIN's screen and its VERIFY out of the face way.",
            );
            return Some(say.fail(expected, wrong, advice, quotes));
        }
        let used = visit
            .card_exchanges
            .iter()
            .find(|e| inside(e.seq) && tries_pin(e));
        if let Some(exchange) = used {
            quotes.push(q(exchange.seq, "VERIFY", "PIN"));
            let actual = t(
                "リーダーが求めないのに、端末が暗証番号を照合した",
                "The terminal tried a PIN the reader had not asked for.",
            );
            return Some(say.unclear(TERMINAL, expected, actual, quotes));
        }
    }
    let looked = visit
        .acts
        .iter()
        .any(|(_, a)| matches!(a, Act::LookIntoCamera { .. }));
    let refused = visit.screens.iter().any(|s| s.id == "FACE_MISMATCH");
    let fine = t("暗証番号を求めなかった", "It asked no PIN.");
    (looked || refused).then(|| say.pass(expected, fine, quotes))
}

/// A PIN screen shown, or a PIN sent, in the face way.
fn asked(visit: &Visit, inside: impl Fn(u32) -> bool, quotes: &mut Vec<Quote>) -> Option<Text> {
    let pad = &PIN_SCREENS[..2];
    let shown = visit
        .screens
        .iter()
        .find(|s| inside(s.seq) && pad.contains(&s.id.as_str()));
    if let Some(screen) = shown {
        quotes.push(q(screen.seq, "screen", screen.id.clone()));
        return Some(t(
            format!("顔認証の途中で{}を表示した", screen.id),
            format!("In the face way it showed {}.", screen.id),
        ));
    }
    let line = visit.said(true, "pin").find(|l| inside(l.seq))?;
    quotes.push(q(line.seq, "pin", line.text("pin")));
    Some(t(
        "顔認証の途中で暗証番号を端末に渡した",
        "In the face way it handed a PIN to the terminal.",
    ))
}

/// Whether a command spends a try of the authentication PIN: a secret of that kind is presented.
fn tries_pin(exchange: &CardExchange) -> bool {
    matches!(&exchange.command, Ok(Command::Verify(_, Presented::Secret(token))) if token.starts_with("⟦PIN#"))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::stay::*;
    use crate::testing::*;

    fn said(stay: &[Did]) -> Vec<crate::Verdict> {
        let mut scene = Scene::chip();
        scene.stay(CLINIC, stay);
        scene.said("AUTH-03").into_iter().map(|s| s.1).collect()
    }

    fn face(then: &[Did]) -> Vec<Did> {
        let start = [
            choose_method(),
            choose_face(),
            shows("FACE_CAMERA"),
            look("⟦FACE#1⟧", true),
        ];
        [start.concat(), then.to_vec()].concat()
    }

    #[test]
    fn the_face_way_knows_no_pin() {
        assert_eq!(said(&face(&compared(true))), [Pass]);
        assert_eq!(said(&face(&shows("ENTER_PIN"))), [Fail]);
        assert_eq!(said(&face(&shows("LAST_TRY_WARNING"))), [Fail]);
        assert_eq!(
            said(&face(&reader(r#"{"type":"pin","pin":"⟦PIN#1⟧"}"#))),
            [Fail]
        );
        assert_eq!(
            said(&face(&commands(&[
                "select jpki > 9000",
                "file 0018 > 9000",
                "verify pin > 9000"
            ]))),
            [Inconclusive]
        );
        assert_eq!(
            said(&face(&commands(&[
                "select surface > 9000",
                "file 0012 > 9000",
                "verify b > 9000"
            ]))),
            [Pass]
        );
    }

    #[test]
    fn a_pin_chosen_instead_is_another_way() {
        let stay = face(
            &[
                compared(false),
                shows("FACE_MISMATCH"),
                choose_pin(),
                shows("ENTER_PIN"),
            ]
            .concat(),
        );
        assert_eq!(said(&stay), [Pass]);
        let stay = [
            choose_method(),
            choose_pin(),
            shows("ENTER_PIN"),
            choose_face(),
            shows("FACE_CAMERA"),
            look("⟦FACE#1⟧", true),
            compared(true),
        ];
        assert_eq!(said(&stay.concat()), [Pass]);
        assert_eq!(
            said(&[choose_method(), choose_pin(), shows("ENTER_PIN")].concat()),
            [],
            "no face"
        );
    }
}
