//! Whether records that pass can be all there were. A question without its answer, an answer to nothing, a look
//! without what was seen, a number left out: where the judge finds a product at fault for it, that is the product's
//! matter; where nothing is found wrong and nothing was broken on purpose, somebody took a line away.

use std::collections::{BTreeMap, BTreeSet};

use ::judge::{Judgement, Verdict};
use evidence::{Act, Evidence, Fact, Party, Record, ScenarioRecords, Tapped, What};

use super::Wrong;

/// Looks at every scenario that passes.
pub fn none(judgement: &Judgement, evidence: &Evidence) -> Result<(), Wrong> {
    let passed = judgement
        .scenarios
        .iter()
        .filter(|s| s.verdict == Verdict::Pass);
    for scenario in passed {
        let gap = evidence.scenario(&scenario.scenario).and_then(gap);
        if let Some(gap) = gap {
            return Err(Wrong::Bundle(format!(
                "the records of {} pass, but are not all there were: {gap}. Somebody took lines away; ask for an untouched copy.",
                scenario.scenario
            )));
        }
    }
    Ok(())
}

/// The first gap found, in words.
fn gap(scenario: &ScenarioRecords) -> Option<String> {
    let mut gaps = Gaps::default();
    for (at, record) in scenario.records.iter().enumerate() {
        gaps.follow(record, scenario, scenario.records.get(at + 1));
    }
    gaps.finish()
}

#[derive(Default)]
struct Gaps<'a> {
    said: Option<String>,
    /// Something was broken on purpose, so questions may stay open.
    trouble: bool,
    /// A chip was forced open or a card left its slot, so commands may stay open.
    disturbed: bool,
    /// Questions on connections of HTTP hops, and commands to cards, that wait for their answer.
    questions: BTreeMap<(&'a str, u32), u32>,
    commands: BTreeMap<(&'a Party, u32), u32>,
    /// Numbers of the connections seen on each hop.
    connections: BTreeMap<&'a str, BTreeSet<u32>>,
    /// The record before was a look at a chart.
    looked: bool,
}

impl<'a> Gaps<'a> {
    fn follow(&mut self, record: &'a Record, scenario: &ScenarioRecords, next: Option<&Record>) {
        let looked = std::mem::take(&mut self.looked);
        match &record.what {
            What::Declared(declared) => self.declared(record.seq, &declared.fact, next),
            What::Tapped(tapped) => {
                let digest = tapped.bytes.as_ref();
                let bytes = digest.and_then(|digest| scenario.bytes.get(digest));
                self.tapped(record.seq, tapped, bytes.map(Vec::as_slice));
            }
            What::Attested(seen) if seen.shows == "chart" && !looked => {
                self.say(record.seq, "shows a chart nobody looked at");
            }
            What::Attested(_) => {}
        }
    }

    fn declared(&mut self, seq: u32, fact: &Fact, next: Option<&Record>) {
        match fact {
            Fact::Fault { .. } => self.trouble = true,
            Fact::Hands { act, .. } => match act {
                Act::Tamper { .. } | Act::CardSlips { .. } => self.disturbed = true,
                Act::LookAtChart { .. } => {
                    self.looked = true;
                    let chart =
                        |r: &Record| matches!(&r.what, What::Attested(a) if a.shows == "chart");
                    if !next.is_some_and(chart) {
                        self.say(seq, "is a look at a chart, and what it showed is not there");
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn tapped(&mut self, seq: u32, tapped: &'a Tapped, bytes: Option<&[u8]>) {
        let hop = tapped.hop.as_str();
        let numbers = self.connections.entry(hop).or_default();
        numbers.insert(tapped.connection);
        let key = (hop, tapped.connection);
        match bytes {
            _ if hop == "card" => self.card(seq, tapped),
            Some(bytes) if bytes.starts_with(b"HTTP/") => {
                let open = self.questions.remove(&key);
                self.answered(seq, open);
            }
            Some(bytes) if asks(bytes) => {
                let open = self.questions.insert(key, seq);
                self.open_question(open);
            }
            _ => {}
        }
    }

    fn answered(&mut self, seq: u32, open: Option<u32>) {
        if open.is_none() {
            self.say(seq, "is an answer where nothing was asked");
        }
    }

    fn card(&mut self, seq: u32, tapped: &'a Tapped) {
        if tapped.to.role == "card" {
            let open = self.commands.insert((&tapped.from, tapped.connection), seq);
            self.open_command(open);
        } else if self
            .commands
            .remove(&(&tapped.to, tapped.connection))
            .is_none()
        {
            self.say(seq, "is a card's answer where no command was sent");
        }
    }

    fn open_command(&mut self, open: Option<u32>) {
        if let Some(seq) = open.filter(|_| !self.disturbed) {
            self.say(seq, "is a command to a card that has no answer");
        }
    }

    fn open_question(&mut self, open: Option<u32>) {
        if let Some(seq) = open.filter(|_| !self.trouble) {
            self.say(
                seq,
                "is a request that has no answer, and nothing was broken on purpose",
            );
        }
    }

    fn say(&mut self, seq: u32, what: &str) {
        self.said
            .get_or_insert_with(|| format!("record {seq} {what}"));
    }

    fn finish(mut self) -> Option<String> {
        // The examiner tears commands off on purpose and powers the card anew; nothing then answers.
        let commands = std::mem::take(&mut self.commands).into_iter();
        for (_, seq) in commands.filter(|((by, _), _)| by.role != "examiner") {
            self.open_command(Some(seq));
        }
        let questions = std::mem::take(&mut self.questions);
        questions
            .into_values()
            .for_each(|seq| self.open_question(Some(seq)));
        // Readers number their connections for all of them together, used or not.
        let hops = self.connections.iter().filter(|(hop, _)| **hop != "reader");
        let mut hops =
            hops.map(|(hop, numbers)| (hop, (1..).zip(numbers).all(|(due, n)| due == *n)));
        let gap = hops.find(|(_, whole)| !whole);
        let gap = gap.map(|(hop, _)| format!("connections on {hop} are left out of their numbers"));
        self.said.or(gap)
    }
}

/// Whether it is a request of HTTP.
fn asks(bytes: &[u8]) -> bool {
    let line = bytes.split(|b| *b == b'\r').next().unwrap_or_default();
    line.ends_with(b" HTTP/1.1")
}

#[cfg(test)]
mod tests {
    use evidence::{Attested, Declared};

    use super::*;

    fn crossed(hop: &str, [from, to]: [&str; 2], connection: u32, bytes: &str) -> What {
        What::Tapped(Tapped {
            hop: hop.into(),
            from: Party::role(from),
            to: Party::role(to),
            connection,
            name: None,
            bytes: Some(bytes.into()),
            tls: None,
        })
    }

    fn hands(act: Act) -> What {
        let who = "clerk".into();
        let fact = Fact::Hands { who, act };
        What::Declared(Declared { fact })
    }

    fn look() -> What {
        let (facility, person) = ("clinic".into(), "somebody".into());
        hands(Act::LookAtChart { facility, person })
    }

    fn chart() -> What {
        What::Attested(Attested {
            product: Party::role("receipt-computer"),
            shows: "chart".into(),
            seen: serde_json::Value::Null,
        })
    }

    fn whole() -> Vec<What> {
        vec![
            crossed("card", ["reader", "card"], 1, "select"),
            crossed("card", ["card", "reader"], 1, "9000"),
            crossed("ocsp", ["server", "jlis"], 1, "POST /ocsp HTTP/1.1\r\n\r\n"),
            crossed("ocsp", ["jlis", "server"], 1, "HTTP/1.1 200 OK\r\n\r\n"),
            crossed("ocsp", ["server", "jlis"], 2, "POST /ocsp HTTP/1.1\r\n\r\n"),
            crossed("ocsp", ["jlis", "server"], 2, "HTTP/1.1 200 OK\r\n\r\n"),
            look(),
            chart(),
        ]
    }

    fn found(whats: Vec<What>) -> Option<String> {
        let mut scenario = ScenarioRecords::default();
        for (what, seq) in whats.into_iter().zip(1..) {
            if let What::Tapped(Tapped {
                bytes: Some(text), ..
            }) = &what
            {
                scenario
                    .bytes
                    .insert(text.clone(), text.clone().into_bytes());
            }
            let at = String::new();
            scenario.records.push(Record { seq, at, what });
        }
        gap(&scenario)
    }

    #[test]
    fn a_line_taken_away_leaves_a_gap() {
        assert_eq!(found(whole()), None);
        for (at, words) in [
            (0, "record 1 is a card's answer where no command was sent"),
            (1, "record 1 is a command to a card that has no answer"),
            (2, "record 3 is an answer where nothing was asked"),
            (3, "record 3 is a request that has no answer"),
            (6, "record 7 shows a chart nobody looked at"),
            (7, "record 7 is a look at a chart"),
        ] {
            let mut less = whole();
            less.remove(at);
            let said = found(less).unwrap_or_default();
            assert!(said.starts_with(words), "{words}: {said}");
        }
        let mut pair = whole();
        pair.drain(2..4);
        let said = found(pair).unwrap_or_default();
        assert_eq!(said, "connections on ocsp are left out of their numbers");
    }

    #[test]
    fn what_was_broken_on_purpose_leaves_no_gap() {
        let fault = Fact::Fault {
            house: "ocsp".into(),
            kind: evidence::FaultKind::Silent,
            from: String::new(),
        };
        let mut silent = whole();
        silent.remove(3);
        silent.insert(0, What::Declared(Declared { fact: fault }));
        assert_eq!(found(silent), None);
        let mut tampered = whole();
        tampered.remove(1);
        let card = "card".into();
        tampered.insert(0, hands(Act::Tamper { card }));
        assert_eq!(found(tampered), None);
    }
}
