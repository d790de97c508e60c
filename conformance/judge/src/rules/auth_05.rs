//! AUTH-05: remaining tries are shown; the reader never spends the last try without telling, and says
//! where to unlock.

use evidence::Act;

use super::Rule;
use super::identity::{READER, steps};
use super::wording::senseless;
use crate::case::{Case, Line, Screen, Visit};
use crate::decode::apdu::Command;
use crate::decode::result::normal;
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

/// Words by which a screen names the municipal counter, the only place that unlocks.
const COUNTER: [&str; 5] = ["市区町村", "市町村", "役所", "役場", "区役所"];

/// The rule.
pub const RULE: Rule = Rule {
    id: "AUTH-05",
    roles: &[READER],
    clause: (
        "暗証番号の残り回数を示し、最後の1回の前に知らせ、ロックしたら解除の窓口を示す",
        "Remaining tries are shown; the last try is never spent without telling; a lock says where to unlock.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let visits = case.visits.iter();
    let tries = visits.filter_map(|visit| of(case, visit));
    tries.chain(senseless(case, RULE.id)).collect()
}

#[derive(Default)]
struct Seen {
    quotes: Vec<Quote>,
    wrong: Vec<Text>,
    misled: Option<Text>,
}

fn of(case: &Case, visit: &Visit) -> Option<Finding> {
    let mut seen = Seen::default();
    let mut told: Option<(u64, u32)> = None;
    for line in &visit.lines {
        match (line.from_reader, line.kind()) {
            (false, "card-ready" | "pin-wrong") => {
                told = line.number("tries_left").map(|left| (left, line.seq));
                seen.misled = seen.misled.take().or_else(|| misled(visit, line));
                if line.kind() == "pin-wrong" {
                    after_wrong(visit, line, &mut seen);
                }
            }
            (false, "pin-locked") => after_lock(visit, line.seq, "pin-locked", &mut seen),
            (false, "card-unusable") if line.text("reason") == "pin-locked" => {
                after_lock(visit, line.seq, "card-unusable pin-locked", &mut seen);
            }
            (true, "pin") => {
                if let Some((1, since)) = told {
                    before_last(visit, line, since, &mut seen);
                }
            }
            _ => {}
        }
    }
    tries_shown(visit, &mut seen);
    for step in steps(visit) {
        let ready = visit.said(false, "card-ready").find(|l| l.seq < step.seq);
        let none = ready.is_some_and(|l| l.number("tries_left") == Some(0));
        if none && *step.act == Act::ChoosePin && step.may_choose() {
            after_lock(visit, step.seq, "chooses the PIN, none left", &mut seen);
        }
    }
    finish(case, seen)
}

fn finish(case: &Case, seen: Seen) -> Option<Finding> {
    let say = case.of(RULE.id, READER);
    let expected = t(
        "誤りのあとに残り回数を、最後の1回の前に警告を、ロックのあとに市区町村の窓口を表示する",
        "The tries left after a wrong one, a warning before the last one, the municipal counter after the lock.",
    );
    if seen.quotes.is_empty() {
        return None;
    }
    if let Some(misled) = seen.misled {
        return Some(say.unclear("terminal", expected, misled, seen.quotes));
    }
    let fine = t("そのとおりに表示した", "It showed them.");
    let advice = t(
        "残り1回のときは、暗証番号の入力画面の前にLAST_TRY_WARNINGを出して確認を求める",
        "With one try left show LAST_TRY_WARNING and wait for the acknowledgement before asking the PIN.",
    );
    let actual = seen.wrong.first().cloned().unwrap_or(fine);
    Some(say.decide(seen.wrong.is_empty(), expected, actual, advice, seen.quotes))
}

/// Screens after a line, up to the next PIN the reader sent.
fn until_next_pin<'a>(visit: &'a Visit, line: &Line) -> impl Iterator<Item = &'a Screen> {
    let from = line.seq;
    let next = visit
        .lines
        .iter()
        .find(|l| l.seq > from && l.from_reader && l.kind() == "pin")
        .map_or(u32::MAX, |l| l.seq);
    visit
        .screens
        .iter()
        .filter(move |s| s.seq > from && s.seq < next)
}

fn after_wrong(visit: &Visit, line: &Line, seen: &mut Seen) {
    let left = line.number("tries_left").unwrap_or_default();
    seen.quotes
        .push(q(line.seq, "pin-wrong tries_left", left.to_string()));
    let shown = until_next_pin(visit, line).find(|s| s.id == "PIN_WRONG");
    seen.quotes
        .extend(shown.map(|s| q(s.seq, "screen", s.text())));
    let tells = |s: &Screen| {
        s.tries_left == Some(left) || normal(&s.lines.concat()).contains(&left.to_string())
    };
    if !shown.is_some_and(tells) {
        seen.wrong.push(t(
            format!("誤りのあとに残り{left}回を表示しなかった"),
            format!("After a wrong PIN it did not show that {left} tries are left."),
        ));
    }
}

/// Whatever number a screen of the PIN names must be the one last told.
fn tries_shown(visit: &Visit, seen: &mut Seen) {
    let of_pin =
        |s: &&Screen| ["ENTER_PIN", "LAST_TRY_WARNING", "PIN_WRONG"].contains(&s.id.as_str());
    for screen in visit.screens.iter().filter(of_pin) {
        let before = visit.lines.iter().rev().find(|l| {
            let tells = !l.from_reader && ["card-ready", "pin-wrong"].contains(&l.kind());
            tells && l.seq < screen.seq
        });
        let Some((told, shown)) = before
            .and_then(|l| l.number("tries_left"))
            .zip(screen.tries_left)
        else {
            continue;
        };
        if told != shown {
            seen.quotes.push(q(screen.seq, "screen", screen.text()));
            seen.wrong.push(t(
                format!("残り{told}回なのに{shown}回と表示した"),
                format!("It showed {shown} tries left, {told} were."),
            ));
        }
    }
}

fn before_last(visit: &Visit, pin: &Line, since: u32, seen: &mut Seen) {
    let warning = visit
        .screens
        .iter()
        .find(|s| s.seq > since && s.seq < pin.seq && s.id == "LAST_TRY_WARNING");
    seen.quotes.push(q(pin.seq, "pin", pin.text("pin")));
    seen.quotes
        .extend(warning.map(|s| q(s.seq, "screen", s.text())));
    if warning.is_none() {
        seen.wrong.push(t(
            "最後の1回の前に何も知らせずに暗証番号を照合させた",
            "It had the PIN tried on the last try without telling.",
        ));
    }
}

fn after_lock(visit: &Visit, seq: u32, what: &str, seen: &mut Seen) {
    let shown = visit.shown_from(seq).find(|s| s.id == "PIN_LOCKED");
    seen.quotes.push(q(seq, what, ""));
    seen.quotes
        .extend(shown.map(|s| q(s.seq, "screen", s.text())));
    if !shown.is_some_and(|s| COUNTER.iter().any(|word| s.says(word))) {
        seen.wrong.push(t(
            "ロックのあとに解除の窓口（市区町村）を示さなかった",
            "After the lock it did not say that the municipal counter unlocks.",
        ));
    }
}

/// Set when the terminal told the reader another number of tries than the card had said.
fn misled(visit: &Visit, line: &Line) -> Option<Text> {
    let told = line.number("tries_left");
    let verifies = visit
        .card_exchanges
        .iter()
        .filter(|e| matches!(e.command, Ok(Command::Verify(..))));
    let mut said = verifies.filter_map(|e| match &e.response {
        Some((seq, Ok(response))) if *seq < line.seq && response.status & 0xFFF0 == 0x63C0 => {
            Some(u64::from(response.status & 0xF))
        }
        _ => None,
    });
    let said = said.next_back()?;
    (told != Some(said)).then(|| {
        let told = told.map_or("-".to_owned(), |n| n.to_string());
        t(
            format!("カードは残り{said}回、端末はリーダーに{told}回と伝えた"),
            format!("The card said {said} tries left, the terminal told the reader {told}."),
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Inconclusive, Pass};
    use crate::testing::*;

    fn said(play: Play) -> Vec<Verdict> {
        let mut scene = Scene::registered();
        scene.visit(&play);
        scene.said("AUTH-05").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn tries_are_told() {
        let wrong = Pin::wrong;
        let locked = || vec![wrong(0x63C2), wrong(0x63C1), wrong(0x63C0).warned()];
        let play = |tries, pins| Play {
            tries,
            pins,
            ..Play::default()
        };
        assert_eq!(said(play(3, vec![Pin::right()])), [], "nothing to tell");
        assert_eq!(said(play(3, vec![wrong(0x63C2), Pin::right()])), [Pass]);
        assert_eq!(said(play(1, vec![Pin::right().warned()])), [Pass]);
        assert_eq!(
            said(play(1, vec![Pin::right()])),
            [Fail],
            "last try spent in silence"
        );
        assert_eq!(
            said(play(2, vec![wrong(0x63C1), Pin::right()])),
            [Fail],
            "last try in the same stay"
        );
        assert_eq!(said(play(3, locked())), [Pass]);
        let bare = Play {
            locked_lines: &["ロックされました。"],
            ..play(3, locked())
        };
        assert_eq!(said(bare), [Fail], "where to unlock is not said");
    }

    #[test]
    fn the_reader_is_judged_by_what_it_was_told() {
        let play = Play {
            tries: 1,
            told_tries: Some(3),
            pins: vec![Pin::wrong(0x63C0)],
            ..Play::default()
        };
        let mut scene = Scene::registered();
        scene.visit(&play);
        let said = &scene.said("AUTH-05")[0];
        assert_eq!(
            (said.1, said.2.as_deref()),
            (Inconclusive, Some("terminal"))
        );
    }

    #[test]
    fn the_number_on_the_screen_is_the_number_told() {
        let mut scene = Scene::registered();
        scene.visit(&Play {
            pins: vec![Pin::wrong(0x63C2)],
            ..Play::default()
        });
        for record in &mut scene.records.records {
            if let evidence::What::Attested(attested) = &mut record.what
                && attested.seen["id"] == "PIN_WRONG"
            {
                attested.seen["lines"] = serde_json::json!(["残り３回です"]);
            }
        }
        assert_eq!(scene.said("AUTH-05")[0].1, Fail);
    }

    #[test]
    fn a_card_without_tries_says_where_to_unlock() {
        use crate::testing::stay::*;
        let start = [
            reader(r#"{"type":"card-placed"}"#),
            terminal(r#"{"type":"card-ready","tries_left":0}"#),
            choose_method(),
            choose_pin(),
        ]
        .concat();
        for (locked, due) in [
            ("市区町村の窓口で解除できます。", Pass),
            ("使えません。", Fail),
        ] {
            let mut scene = Scene::chip();
            scene.stay(
                CLINIC,
                &[start.clone(), says("PIN_LOCKED", locked)].concat(),
            );
            assert_eq!(scene.said("AUTH-05")[0].1, due, "{locked}");
        }
        let mut scene = Scene::chip();
        scene.stay(CLINIC, &[start, shows("ENTER_PIN")].concat());
        assert_eq!(scene.said("AUTH-05")[0].1, Fail);
    }
}
