//! CARD-03: the authentication key works only after its PIN; each wrong try lowers the counter, the
//! third locks, a right try before that restores it.

use super::Rule;
use super::chip::{CARD, judged};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-03",
    roles: &[CARD],
    clause: (
        "利用者証明用の鍵は4桁の暗証番号の照合後にだけ使え、誤るたびに残数が減り、3回目でロックし、その前の正解で元に戻る",
        "The authentication key works only after its PIN; each wrong try lowers the counter, the third locks, a right one restores it.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "引用したVERIFYとその応答で、残数の増減を確かめて直す",
        "Follow the counter through the quoted VERIFY commands and mend where it stops moving.",
    );
    judged(case, &RULE, &advice)
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
                reader: 1,
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

    #[test]
    fn a_terminal_that_proves_itself_needs_no_pin() {
        let start = [
            "select jpki > 9000",
            "file 0016 > 9000",
            "present > 9000",
            "challenge > 9000 challenge",
        ];
        let end = ["file 0017 > 9000", "sign > 9000 by-key"];
        let broken =
            |middle: &[&'static str]| Scene::broken_by(&[&start[..], middle, &end].concat());
        assert_eq!(broken(&["prove > 9000"]), Vec::<String>::new());
        assert_eq!(
            broken(&["misprove > 9000"]),
            ["CARD-03"],
            "any terminal will do"
        );
        assert_eq!(broken(&["misprove > 6982"]), ["CARD-03"], "it was refused");
        assert_eq!(
            broken(&["prove > 9000", "select text > 9000", "select jpki > 9000"]),
            ["CARD-03"]
        );
        assert_eq!(
            broken(&["prove > 9000", "challenge > 9000 challenge"]),
            ["CARD-03"]
        );
    }

    #[test]
    fn the_key_works_after_its_pin_only() {
        let jpki = "select jpki > 9000";
        let (pin, key) = ("file 0018 > 9000", "file 0017 > 9000");
        for (name, lines, due) in [
            (
                "after it",
                vec![
                    jpki,
                    pin,
                    "verify pin > 9000",
                    "query > 63C3",
                    key,
                    "sign > 9000 by-key",
                ],
                false,
            ),
            (
                "twice",
                vec![
                    jpki,
                    pin,
                    "verify pin > 9000",
                    jpki,
                    key,
                    "sign > 9000 by-key",
                ],
                false,
            ),
            ("before it", vec![jpki, key, "sign > 9000 by-key"], true),
            (
                "after another application",
                vec![
                    jpki,
                    pin,
                    "verify pin > 9000",
                    "select text > 9000",
                    jpki,
                    key,
                    "sign > 9000 by-key",
                ],
                true,
            ),
            (
                "after a power cut",
                vec![
                    jpki,
                    pin,
                    "verify pin > 9000",
                    "power",
                    jpki,
                    key,
                    "sign > 9000 by-key",
                ],
                true,
            ),
            (
                "refused",
                vec![jpki, pin, "verify pin > 9000", key, "sign > 6982"],
                true,
            ),
            (
                "asked for after it",
                vec![jpki, pin, "verify pin > 9000", "query > 9000"],
                true,
            ),
        ] {
            let broken: &[&str] = if due { &["CARD-03"] } else { &[] };
            assert_eq!(Scene::broken_by(&lines), broken, "{name}");
        }
    }

    #[test]
    fn an_imitation_is_not_judged() {
        let mut scene = Scene::chip();
        for record in &mut scene.records.records {
            if let evidence::What::Declared(declared) = &mut record.what
                && let evidence::Fact::Card { genuine, .. } = &mut declared.fact
            {
                *genuine = false;
            }
        }
        scene.examine(&[
            "select jpki > 9000",
            "file 0017 > 9000",
            "sign > 9000 by-key",
        ]);
        assert_eq!(scene.broken(), Vec::<String>::new());
    }
}
