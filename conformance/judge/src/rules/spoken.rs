//! What reader and terminal say to each other: messages of the interface alone, and in them what the
//! patient typed, what is printed on the card, and how many tries the card said are left.

use evidence::Act;
use serde_json::Value;

use super::common::{READER, TERMINAL};
use crate::case::{Case, Line, Visit};
use crate::decode::apdu::{Command, Presented};
use crate::finding::{q, t};
use crate::{Finding, Text};

/// What a member of a message holds.
enum Holds {
    Words,
    Yes,
    Tries,
    One(&'static [&'static str]),
    /// The four consents.
    Consents,
}

type Member = (&'static str, Holds);

/// Members of a message of the reader; none when it knows no such message.
fn of_reader(kind: &str) -> Option<&'static [Member]> {
    Some(match kind {
        "card-placed" | "card-removed" => &[],
        "pin" => &[("pin", Holds::Words)],
        "face-read" => &[("verification_b", Holds::Words)],
        "face-compared" => &[("matched", Holds::Yes)],
        "staff-confirmed" => &[("passcode", Holds::Words)],
        "registration" => &[("agreed", Holds::Yes)],
        "consents" => &[("consents", Holds::Consents)],
        _ => return None,
    })
}

/// Members of a message of the terminal.
fn of_terminal(kind: &str) -> Option<&'static [Member]> {
    Some(match kind {
        "card-ready" | "pin-wrong" => &[("tries_left", Holds::Tries)],
        "card-unusable" => &[("reason", Holds::Words)],
        "photo" => &[("image", Holds::Words)],
        "photo-refused" => &[(
            "reason",
            Holds::One(&["verification-b-wrong", "verification-b-locked", "no-photo"]),
        )],
        "pin-accepted" | "identity-accepted" | "passcode-wrong" | "registered" | "pin-locked" => {
            &[]
        }
        "standing" => &[(
            "standing",
            Holds::One(&[
                "registered",
                "never-registered",
                "lapsed",
                "released",
                "undetermined",
            ]),
        )],
        "registration-failed" => &[("error", Holds::Words), ("message", Holds::Words)],
        "outcome" => &[
            (
                "status",
                Holds::One(&["confirmed", "refused", "unavailable"]),
            ),
            ("message", Holds::Words),
        ],
        _ => return None,
    })
}

/// Looks at every stay; the terminal is spoken of only where it errs, since other findings say the rest.
pub(crate) fn spoken(case: &Case, rule: &'static str) -> Vec<Finding> {
    let all = case.visits.iter().flat_map(|visit| {
        let [reader, terminal] = [true, false].map(|side| said(case, visit, side, rule));
        [
            reader,
            terminal.filter(|f| f.verdict == crate::Verdict::Fail),
        ]
    });
    all.flatten().collect()
}

fn said(case: &Case, visit: &Visit, from_reader: bool, rule: &'static str) -> Option<Finding> {
    let mut lines = visit.lines.iter().filter(|l| l.from_reader == from_reader);
    let first = lines.clone().next()?;
    let wrong = lines.find_map(|line| {
        let why = shape(line).or_else(|| content(case, visit, line))?;
        Some((line, why))
    });
    let (line, wrong) = wrong.map_or((first, None), |(line, why)| (line, Some(why)));
    let role = if from_reader { READER } else { TERMINAL };
    let expected = t(
        "取り決めた電文だけを送り、患者の入力・券面・カードの答えをそのまま入れる",
        "Messages of the interface alone are sent, with what patient, card face and card said.",
    );
    let fine = t("そのとおりに送った", "It did so.");
    let advice = t(
        "引用した行の種類と項目を取り決めと、値を患者の操作やカードの応答と比べる",
        "Compare kind and members of the quoted line with the interface, its values with what was done.",
    );
    let quotes = vec![q(line.seq, "line", line.kind())];
    let actual = wrong.clone().unwrap_or(fine);
    let say = case.of(rule, role);
    Some(say.decide(wrong.is_none(), expected, actual, advice, quotes))
}

/// Whether a line is a message of the interface.
fn shape(line: &Line) -> Option<Text> {
    let value = match &line.value {
        Ok(value) => value,
        Err(error) => {
            return Some(t(
                format!("行を読み取れない（{error}）"),
                format!("A line cannot be read: {error}."),
            ));
        }
    };
    let kind = line.kind();
    let members = match line.from_reader {
        true => of_reader(kind),
        false => of_terminal(kind),
    };
    let Some(members) = members else {
        return Some(t(
            format!("「{kind}」という電文はない"),
            format!("There is no message \"{kind}\"."),
        ));
    };
    let wrong = members
        .iter()
        .find(|(name, holds)| !fits(value.get(*name), holds));
    wrong.map(|(name, _)| {
        t(
            format!("{kind}の{name}が取り決めのとおりでない"),
            format!("{name} of {kind} is not as laid down."),
        )
    })
}

fn fits(value: Option<&Value>, holds: &Holds) -> bool {
    let Some(value) = value else {
        return false;
    };
    match holds {
        Holds::Words => value.is_string(),
        Holds::Yes => value.is_boolean(),
        Holds::Tries => value.as_u64().is_some_and(|tries| tries <= 15),
        Holds::One(of) => value.as_str().is_some_and(|word| of.contains(&word)),
        Holds::Consents => ["operation", "treatment", "drug", "checkup"]
            .iter()
            .all(|kind| value.get(kind).is_some_and(Value::is_boolean)),
    }
}

/// Whether a line says what had been typed, printed or answered.
fn content(case: &Case, visit: &Visit, line: &Line) -> Option<Text> {
    let (member, due) = match line.kind() {
        "pin" => ("pin", typed(visit, line)?.to_owned()),
        "face-read" => {
            let chip = case.facts.card(&visit.card)?.chip.as_ref()?;
            ("verification_b", chip.verification_b.clone())
        }
        "card-ready" => {
            let left = left(visit, line)?;
            return (line.number("tries_left") != Some(left)).then(|| {
                t(
                    format!("カードの残り回数は{left}なのに違う回数を伝えた"),
                    format!("The card had said {left} tries left; it told another number."),
                )
            });
        }
        _ => return None,
    };
    (!due.is_empty() && line.text(member) != due).then(|| {
        t(
            format!("{}の{member}が元の値と違う", line.kind()),
            format!("{member} of {} is not what it was.", line.kind()),
        )
    })
}

/// The PIN the patient typed last before a line.
fn typed<'a>(visit: &'a Visit, line: &Line) -> Option<&'a str> {
    let acts = visit.acts.iter().rev().filter(|(seq, _)| *seq < line.seq);
    { acts }.find_map(|(_, act)| match act {
        Act::EnterPin { pin } => Some(pin.as_str()),
        _ => None,
    })
}

/// Tries the card had last said are left.
fn left(visit: &Visit, line: &Line) -> Option<u64> {
    let before = visit.card_exchanges.iter().rev();
    let mut asked = before.filter(|e| {
        let query = matches!(e.command, Ok(Command::Verify(_, Presented::Nothing)));
        query && e.seq < line.seq
    });
    let status = match &asked.next()?.response {
        Some((_, Ok(response))) => response.status,
        _ => return None,
    };
    (status & 0xFFF0 == 0x63C0).then_some(u64::from(status & 0xF))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;

    #[test]
    fn lines_are_of_the_interface_and_say_what_was_done() {
        for (from, to, role, due) in [
            ("", "", "reader", Pass),
            ("card-placed", "card-placee", "reader", Fail),
            ("\"pin\":\"⟦PIN#1⟧\"", "\"pin\":\"⟦PIN#2⟧\"", "reader", Fail),
            (
                "\"type\":\"consents\"",
                "\"type\":\"consentt\"",
                "reader",
                Fail,
            ),
            ("pin-accepted", "pin-accepteq", "terminal", Fail),
            ("\"tries_left\":3", "\"tries_left\":4", "terminal", Fail),
        ] {
            let mut scene = Scene::registered();
            scene.visit(&Play::default());
            assert!(from.is_empty() || scene.bend(from, to), "{from}");
            let said = scene.said("ELIG-19");
            let own = said.iter().filter(|s| s.0 == role);
            let worst = { own }.map(|s| s.1).find(|v| *v == Fail).unwrap_or(Pass);
            assert_eq!(worst, due, "{from}");
        }
    }
}
