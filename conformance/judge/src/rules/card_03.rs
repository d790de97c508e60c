//! CARD-03: the authentication key works only after its PIN; each wrong try lowers the counter, the
//! third locks, a right try before that restores it.

use super::Rule;
use crate::case::{Card, CardExchange, Case, Visit};
use crate::decode::apdu::{Command, Presented, Response};
use crate::expect::PinCounter;
use crate::finding::{Speaker, q, t};
use crate::{Finding, Quote, Text};

const PIN: u16 = 0x0018;
const KEY: u16 = 0x0017;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-03",
    roles: &["card"],
    clause: (
        "利用者証明用の鍵は4桁の暗証番号の照合後にだけ使え、誤るたびに残数が減り、3回目でロックし、その前の正解で元に戻る",
        "The authentication key works only after its PIN; each wrong try lowers the counter, the third locks, a right one restores it.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    case.facts
        .cards
        .iter()
        .filter_map(|card| of_card(case, card))
        .collect()
}

/// What was seen of one card so far.
struct Watch<'a> {
    card: &'a Card,
    counter: PinCounter,
    since: u32,
    current: Option<u16>,
    verified: bool,
    quotes: Vec<Quote>,
    wrong: Vec<Text>,
}

fn of_card(case: &Case, card: &Card) -> Option<Finding> {
    let counter = PinCounter {
        left: card.tries_left,
    };
    let mut watch = Watch {
        card,
        counter,
        since: 0,
        current: None,
        verified: false,
        quotes: vec![],
        wrong: vec![],
    };
    let say = case.of(RULE.id, "card");
    for visit in case.visits.iter().filter(|v| v.card == card.card) {
        watch.used_elsewhere(case, visit);
        if let Some(stopped) = watch.stay(visit, say) {
            return Some(stopped);
        }
    }
    let (expected, actual) = watch.said();
    let advice = t(
        "引用したVERIFYとその応答で、残数の増減を確かめて直す",
        "Follow the counter through the quoted VERIFY commands and mend where it stops moving.",
    );
    let touched = !watch.quotes.is_empty();
    touched.then(|| {
        say.decide(
            watch.wrong.is_empty(),
            expected,
            actual,
            advice,
            watch.quotes,
        )
    })
}

impl Watch<'_> {
    fn said(&self) -> (Text, Text) {
        let expected = t(
            "誤りで残数が1減り、0でロック（6984）、正解で3に戻る",
            "A wrong PIN takes one try, none left is 6984, a right one restores 3.",
        );
        let fine = t("そのとおりに応答した", "It answered so.");
        (expected, self.wrong.first().cloned().unwrap_or(fine))
    }

    /// Takes in what the card went through elsewhere before this stay.
    fn used_elsewhere(&mut self, case: &Case, visit: &Visit) {
        let mut told = case
            .facts
            .tries
            .iter()
            .filter(|(seq, card, _)| *card == self.card.card && *seq < visit.seq);
        let fresh = told.rfind(|(seq, ..)| *seq > self.since);
        if let Some((_, _, left)) = fresh {
            self.counter.left = *left;
        }
        self.since = visit.seq;
    }

    /// Follows one stay; power is off between two.
    fn stay(&mut self, visit: &Visit, say: Speaker<'_>) -> Option<Finding> {
        (self.current, self.verified) = (None, false);
        for exchange in &visit.card_exchanges {
            let (command, response) = match (&exchange.command, &exchange.response) {
                (Ok(command), Some((_, Ok(response)))) => (command, response),
                (Err(error), _) => {
                    let actual = t(
                        format!("コマンドを読み取れない（{error}）"),
                        format!("A command cannot be read: {error}."),
                    );
                    return Some(say.unclear(
                        "terminal",
                        self.said().0,
                        actual,
                        vec![q(exchange.seq, "APDU", error.to_string())],
                    ));
                }
                (Ok(_), Some((seq, Err(error)))) => {
                    let actual = t(
                        format!("応答を読み取れない（{error}）"),
                        format!("Its response cannot be read: {error}."),
                    );
                    let advice = t(
                        "応答の末尾に状態語を付ける",
                        "End every response with a status word.",
                    );
                    return Some(say.fail(
                        self.said().0,
                        actual,
                        advice,
                        vec![q(*seq, "APDU", error.to_string())],
                    ));
                }
                (Ok(Command::Verify(..)), None) => {
                    let actual = t("照合の応答がない", "A VERIFY was never answered.");
                    return Some(say.unclear(
                        "card",
                        self.said().0,
                        actual,
                        vec![q(exchange.seq, "VERIFY", "")],
                    ));
                }
                (Ok(_), None) => continue,
            };
            self.step(exchange, command, response);
        }
        None
    }

    fn step(&mut self, exchange: &CardExchange, command: &Command, response: &Response) {
        let normal = response.status == 0x9000;
        match command {
            Command::SelectApplication(_) if normal => self.current = None,
            Command::SelectFile(file) if normal => self.current = Some(*file),
            Command::Verify(p2, presented) if self.names(*p2, PIN) => {
                self.verify(exchange.seq, presented, response.status)
            }
            Command::ComputeSignature(_, p2, _)
                if self.names(*p2, KEY) && normal && !self.verified =>
            {
                self.quotes
                    .push(q(exchange.seq, "COMPUTE DIGITAL SIGNATURE", "9000"));
                self.wrong.push(t(
                    "照合なしに署名した",
                    "It signed although no right PIN had been given.",
                ));
            }
            _ => {}
        }
    }

    fn names(&self, p2: u8, file: u16) -> bool {
        if p2 == 0x80 {
            self.current == Some(file)
        } else {
            p2 & 0x80 != 0 && u16::from(p2 & 0x1F) == file
        }
    }

    fn verify(&mut self, seq: u32, presented: &Presented, found: u16) {
        let (due, shown) = match presented {
            Presented::Nothing => (self.counter.query(), "-"),
            Presented::Secret(token) => {
                let right = *token == self.card.pin;
                let due = self.counter.verify(right);
                self.verified = due == 0x9000;
                (due, token.as_str())
            }
            // A PIN of a wrong length is no try.
            Presented::Bytes(_) if found == 0x6700 => return,
            Presented::Bytes(_) => (self.counter.verify(false), "?"),
        };
        self.quotes
            .push(q(seq, format!("VERIFY {shown}"), format!("{found:04X}")));
        if found != due {
            self.wrong.push(t(
                format!("照合{shown}に{due:04X}でなく{found:04X}を返した"),
                format!("It answered VERIFY {shown} with {found:04X}, due was {due:04X}."),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::*;

    fn verdict(pins: Vec<Pin>) -> Option<crate::Verdict> {
        let mut scene = Scene::registered();
        scene.visit(&Play {
            pins,
            ..Play::default()
        });
        scene.said("CARD-03").first().map(|s| s.1)
    }

    #[test]
    fn the_counter_is_followed() {
        let wrong = Pin::wrong;
        let table = [
            ("right", vec![Pin::right()], Some(Pass)),
            (
                "wrong, right",
                vec![wrong(0x63C2), Pin::right()],
                Some(Pass),
            ),
            (
                "restored by a right one",
                vec![wrong(0x63C2), Pin::right(), wrong(0x63C2)],
                Some(Pass),
            ),
            (
                "locked",
                vec![wrong(0x63C2), wrong(0x63C1), wrong(0x63C0), wrong(0x6984)],
                Some(Pass),
            ),
            (
                "locked against the right one",
                vec![
                    wrong(0x63C2),
                    wrong(0x63C1),
                    wrong(0x63C0),
                    Pin {
                        answer: 0x6984,
                        ..Pin::right()
                    },
                ],
                Some(Pass),
            ),
            (
                "forgets wrong tries",
                vec![wrong(0x63C2), wrong(0x63C2)],
                Some(Fail),
            ),
            (
                "never locks",
                vec![wrong(0x63C2), wrong(0x63C1), wrong(0x63C1)],
                Some(Fail),
            ),
            (
                "opens after the lock",
                vec![wrong(0x63C2), wrong(0x63C1), wrong(0x63C0), Pin::right()],
                Some(Fail),
            ),
            ("accepts a wrong one", vec![wrong(0x9000)], Some(Fail)),
            (
                "refuses the right one",
                vec![Pin {
                    answer: 0x63C2,
                    ..Pin::right()
                }],
                Some(Fail),
            ),
        ];
        for (name, pins, due) in table {
            assert_eq!(verdict(pins), due, "{name}");
        }
    }

    #[test]
    fn tries_carry_over_from_stay_to_stay_and_from_elsewhere() {
        let play = |tries, pins| Play {
            tries,
            pins,
            ..Play::default()
        };
        let mut scene = Scene::registered();
        scene.visit(&play(3, vec![Pin::wrong(0x63C2)]));
        scene.visit(&play(2, vec![Pin::wrong(0x63C1)]));
        assert_eq!(scene.said("CARD-03")[0].1, Pass);
        scene.declare(evidence::Fact::Tries {
            card: "田中のカード".into(),
            tries_left: 3,
        });
        scene.visit(&play(3, vec![]));
        assert_eq!(scene.said("CARD-03")[0].1, Pass);
        scene.visit(&play(1, vec![]));
        assert_eq!(
            scene.said("CARD-03")[0].1,
            Fail,
            "it lost two tries by itself"
        );
    }

    #[test]
    fn signing_without_a_pin_is_convicted() {
        let mut scene = Scene::registered();
        // The consents come, the key signs, but the PIN that was typed had been wrong.
        scene.visit(&Play {
            pins: vec![Pin::wrong(0x63C2)],
            ..Play::default()
        });
        assert_eq!(scene.said("CARD-03")[0].1, Pass);
        scene.visit(&Play {
            tries: 2,
            pins: vec![Pin::wrong(0x9000)],
            ..Play::default()
        });
        let finding = &scene.findings("CARD-03")[0];
        assert_eq!(
            (finding.verdict, finding.at_fault.as_deref()),
            (Fail, Some("card"))
        );
        assert!(finding.actual.en.contains("63C1"), "{}", finding.actual.en);
    }

    #[test]
    fn bytes_that_are_no_apdu_name_their_sender() {
        for (from, bytes, due) in [
            ("reader", &[0u8][..], (Inconclusive, Some("terminal"))),
            ("card", &[0x12], (Fail, Some("card"))),
        ] {
            let mut scene = Scene::registered();
            scene.hands(evidence::Act::PlaceCard {
                card: "田中のカード".into(),
                person: "田中".into(),
                facility: CLINIC.into(),
            });
            let (reader, card) = (
                evidence::Party::at("reader", CLINIC),
                evidence::Party::at("card", "田中のカード"),
            );
            if from == "reader" {
                scene.tap("card", reader, card, 1, bytes, None);
            } else {
                scene.tap(
                    "card",
                    reader.clone(),
                    card.clone(),
                    1,
                    &[0x00, 0x20, 0x00, 0x98],
                    None,
                );
                scene.tap("card", card, reader, 1, bytes, None);
            }
            let finding = &scene.findings("CARD-03")[0];
            assert_eq!((finding.verdict, finding.at_fault.as_deref()), due);
        }
    }
}
