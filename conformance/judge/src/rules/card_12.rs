//! CARD-12: removing the card at any point of a command leaves it consistent: tearing neither skips nor restores a counter.

use super::Rule;
use super::chip::{CARD, judged};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-12",
    roles: &[CARD],
    clause: (
        "どのコマンドの途中で抜かれても、残り回数は飛ばず、戻らない",
        "Torn at any point of a command, the card neither skips nor restores a counter.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "照合の前に残数を減らして書き込み、正しかったときにだけ元に戻す",
        "Lower and write the counter before comparing, and restore it only when the secret was right.",
    );
    judged(case, &RULE, &advice)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;
    use evidence::Act;

    const JPKI: &str = "select jpki > 9000";
    const PIN: &str = "file 0018 > 9000";
    const FULL: &str = "query > 63C3";
    const TEAR: &str = "tear verify wrong-pin";

    fn torn(lines: &[&str]) -> Scene {
        let mut scene = Scene::chip();
        scene.examine(&[&[JPKI, PIN, FULL], lines].concat());
        scene
    }

    #[test]
    fn a_torn_try_counts_or_not() {
        let wrong = "verify wrong-pin > 63C2";
        for lines in [
            vec![TEAR, JPKI, PIN, FULL],
            vec![TEAR, JPKI, PIN, "query > 63C2"],
            vec![wrong, "tear verify pin", JPKI, PIN, "query > 63C1"],
            vec![wrong, "tear verify pin", JPKI, PIN, FULL],
            vec![TEAR, JPKI, PIN, "verify wrong-pin > 63C1"],
        ] {
            let scene = torn(&lines);
            assert_eq!(scene.said("CARD-12")[0].1, Pass, "{lines:?}");
            assert_eq!(scene.broken(), Vec::<String>::new(), "{lines:?}");
        }
    }

    #[test]
    fn skipping_and_restoring_are_convicted_for_this_alone() {
        for lines in [
            vec![TEAR, JPKI, PIN, "query > 63C1"],
            vec!["verify wrong-pin > 63C2", TEAR, JPKI, PIN, FULL],
            vec!["tear file 0018", JPKI, PIN, "query > 63C2"],
        ] {
            let scene = torn(&lines);
            assert_eq!(scene.said("CARD-12")[0].1, Fail, "{lines:?}");
            assert_eq!(scene.broken(), ["CARD-12"], "{lines:?}");
        }
    }

    #[test]
    fn tries_that_never_count_when_torn_are_convicted() {
        let again = [TEAR, JPKI, PIN, FULL];
        let two = torn(&[again, again].concat());
        assert_eq!(
            two.said("CARD-12")[0].1,
            Pass,
            "both may have come too early"
        );
        let scene = torn(&[again, again, again].concat());
        assert_eq!(scene.broken(), ["CARD-12"]);
        let counted = [TEAR, JPKI, PIN, "query > 63C2"];
        let late = torn(&[again, again, again, counted].concat());
        assert_eq!(late.broken(), ["CARD-12"], "it compares before it lowers");
        let more = [TEAR, JPKI, PIN, "query > 63C1"];
        let scene = torn(&[again, again, counted, more].concat());
        assert_eq!(scene.broken(), Vec::<String>::new());
    }

    #[test]
    fn a_card_that_slipped_off_keeps_its_counters() {
        for (reply, due) in [(FULL, Pass), ("query > 63C2", Fail)] {
            let mut scene = Scene::chip();
            scene.hands(Act::PlaceCard {
                card: chip::CARD.into(),
                person: "田中".into(),
                facility: CLINIC.into(),
                reader: 1,
            });
            scene.send_to_card(&evidence::Party::at("reader", CLINIC), &[JPKI, PIN, FULL]);
            scene.hands(Act::CardSlips { command: 4 });
            scene.card_visit(&[JPKI, PIN, reply]);
            assert_eq!(scene.said("CARD-12")[0].1, due, "{reply}");
        }
    }

    #[test]
    fn a_visit_says_nothing_of_it() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("CARD-12"), []);
    }
}
