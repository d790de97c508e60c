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
    case.facts.cards.iter().filter_map(|card| of_card(case, card)).collect()
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
    let counter = PinCounter { left: card.tries_left };
    let mut watch = Watch { card, counter, since: 0, current: None, verified: false, quotes: vec![], wrong: vec![] };
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
    touched.then(|| say.decide(watch.wrong.is_empty(), expected, actual, advice, watch.quotes))
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
        let told = case.facts.tries.iter().filter(|(seq, card, _)| *card == self.card.card && *seq < visit.seq);
        let fresh = told.filter(|(seq, ..)| *seq > self.since).last();
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
                    let actual = t(format!("コマンドを読み取れない（{error}）"), format!("A command cannot be read: {error}."));
                    return Some(say.unclear("terminal", self.said().0, actual, vec![q(exchange.seq, "APDU", error.to_string())]));
                }
                (Ok(_), Some((seq, Err(error)))) => {
                    let actual = t(format!("応答を読み取れない（{error}）"), format!("Its response cannot be read: {error}."));
                    let advice = t("応答の末尾に状態語を付ける", "End every response with a status word.");
                    return Some(say.fail(self.said().0, actual, advice, vec![q(*seq, "APDU", error.to_string())]));
                }
                (Ok(Command::Verify(..)), None) => {
                    let actual = t("照合の応答がない", "A VERIFY was never answered.");
                    return Some(say.unclear("card", self.said().0, actual, vec![q(exchange.seq, "VERIFY", "")]));
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
            Command::Verify(p2, presented) if self.names(*p2, PIN) => self.verify(exchange.seq, presented, response.status),
            Command::ComputeSignature(_, p2, _) if self.names(*p2, KEY) && normal && !self.verified => {
                self.quotes.push(q(exchange.seq, "COMPUTE DIGITAL SIGNATURE", "9000"));
                self.wrong.push(t("照合なしに署名した", "It signed although no right PIN had been given."));
            }
            _ => {}
        }
    }

    fn names(&self, p2: u8, file: u16) -> bool {
        if p2 == 0x80 { self.current == Some(file) } else { p2 & 0x80 != 0 && u16::from(p2 & 0x1F) == file }
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
        self.quotes.push(q(seq, format!("VERIFY {shown}"), format!("{found:04X}")));
        if found != due {
            self.wrong.push(t(
                format!("照合{shown}に{due:04X}でなく{found:04X}を返した"),
                format!("It answered VERIFY {shown} with {found:04X}, due was {due:04X}."),
            ));
        }
    }
}
