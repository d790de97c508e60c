//! LIFE-03: after the grace nothing is confirmed by card; the person is pointed to the ways that are left.

use super::Rule;
use super::closing;
use super::common::{Asked, READER, Reply, SERVER, asked, names_fallbacks};
use crate::Finding;
use crate::case::Case;
use crate::expect::{Due, grace_end};
use crate::expiry::grace_ends;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "LIFE-03",
    roles: &[SERVER, READER],
    clause: (
        "猶予が過ぎた証明書では何も確認せず、資格確認書などの方法を案内する",
        "After the grace nothing is confirmed by card, and the person is pointed to the ways that are left.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let late: Vec<Asked<'_>> = asked(case)
        .filter(|a| a.expected.due() == Due::Expired)
        .collect();
    let of_server = late.iter().map(|a| of(case, a));
    let of_reader = late.iter().filter_map(|a| pointed_on(case, a));
    of_server.chain(of_reader).collect()
}

/// The screen after a refusal the terminal passed on.
fn pointed_on(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let refused = closing::refused(case, asked, Due::Expired)?;
    let expected = t(
        "REFUSEDの画面で、資格確認書と、資格情報のお知らせまたはマイナポータルの画面を案内する",
        "The screen REFUSED points to 資格確認書, and to the card with 資格情報のお知らせ or the portal's screen.",
    );
    let advice = t(
        "期限切れで断るときは、窓口で使えるほかの方法を画面に並べる",
        "Where it refuses an expired card, list on the screen what else the desk accepts.",
    );
    let holds = refused.shows(|s| s.id == "REFUSED" && names_fallbacks(s));
    let say = case.of(RULE.id, READER);
    Some(say.decide(holds, expected, refused.actual(), advice, refused.quotes()))
}

fn of(case: &Case, asked: &Asked<'_>) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let (last, end) = (
        asked.card.last_day,
        grace_ends(asked.card.last_day, grace_end(case)),
    );
    let expected = t(
        format!("{last}に期限切れ、猶予も{end}で終わったので、資格情報を返さず処理結果状況2とする"),
        format!("Expired on {last}, grace over on {end}: status 2 and no person block."),
    );
    if let Some(finding) = asked.unanswered(case, say, &expected) {
        return finding;
    }
    let holds = matches!(asked.reply(), Reply::Refuses(..) | Reply::Error(..));
    let advice = t(
        "猶予の終わりの日を確かめ、その翌日から断って資格確認書などを案内する",
        "Check the last day of the grace; from the next day on refuse and point to the written proof.",
    );
    say.decide(holds, expected, asked.actual(), advice, asked.quotes())
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::CertificateEvent::Revoked;

    fn said(
        last_day: &'static str,
        revoked: bool,
        grace_end: &str,
        answer: Answer,
    ) -> Vec<Verdict> {
        let mut scene = Scene::with_card(&Leaf {
            last_day,
            ..Leaf::default()
        });
        scene
            .run
            .profile
            .insert("grace_end".into(), grace_end.into());
        if revoked {
            scene.event("1001", Revoked, "2026-06-01T09:00:00.000+09:00");
        }
        scene.visit(&Play {
            answer,
            ..Play::default()
        });
        let said = scene.said("LIFE-03").into_iter();
        said.filter(|s| s.0 == super::SERVER).map(|s| s.1).collect()
    }

    #[test]
    fn the_screen_points_to_the_ways_that_are_left() {
        let ways = "資格確認書、またはカードと資格情報のお知らせをご提示ください。";
        for (screen, line, due) in [
            ("REFUSED", ways, vec![Pass]),
            ("REFUSED", "受付できませんでした。", vec![Fail]),
            ("REFUSED", "資格確認書をご提示ください。", vec![Fail]),
            ("DONE", ways, vec![Fail]),
        ] {
            let mut scene = Scene::with_card(&Leaf {
                last_day: "2026-06-30",
                ..Leaf::default()
            });
            scene.visit(&Play {
                answer: Answer::refused("SIM-E201"),
                last: (screen, Vec::leak(vec![line])),
                ..Play::default()
            });
            let said = scene.said("LIFE-03").into_iter();
            let found: Vec<Verdict> = said.filter(|s| s.0 == "reader").map(|s| s.1).collect();
            assert_eq!(found, due, "{screen} {line}");
        }
    }

    #[test]
    fn of_another_refusal_the_reader_says_nothing_here() {
        for (answer, told) in [
            (Answer::refused("SIM-E202"), None),
            (Answer::confirmed("", "1"), None),
            (Answer::refused("SIM-E201"), Some("")),
        ] {
            let mut scene = Scene::with_card(&Leaf {
                last_day: "2026-06-30",
                ..Leaf::default()
            });
            scene.visit(&Play {
                answer,
                told_code: told,
                ..Play::default()
            });
            let mut said = scene.said("LIFE-03").into_iter();
            assert!(!said.any(|s| s.0 == "reader"));
        }
    }

    #[test]
    fn after_the_grace_nothing_is_confirmed() {
        let month = "month_end";
        assert_eq!(
            said("2026-06-30", false, month, Answer::refused("SIM-E201")),
            [Pass]
        );
        assert_eq!(
            said("2026-06-30", false, month, Answer::refused("SIM-E202")),
            [Pass],
            "the code is PKI-04's"
        );
        assert_eq!(
            said("2026-06-30", false, month, Answer::confirmed("", "1")),
            [Fail]
        );
        assert_eq!(
            said(
                "2026-06-30",
                false,
                month,
                Answer::confirmed("SIM-N102", "0")
            ),
            [Fail]
        );
        let block = Answer::Xml {
            status: "2",
            code: "SIM-E201",
            validity: "",
            insurer: NUMBER,
            flags: "0",
        };
        assert_eq!(
            said("2026-06-30", false, month, block),
            [Fail],
            "a person block gives it away"
        );
    }

    #[test]
    fn the_end_of_the_grace_follows_the_profile() {
        let confirmed = || Answer::confirmed("SIM-N102", "0");
        assert_eq!(said("2026-07-14", false, "month_end", confirmed()), []);
        assert_eq!(said("2026-07-14", false, "same_day", confirmed()), [Fail]);
        assert_eq!(said("2026-07-15", false, "same_day", confirmed()), []);
        assert_eq!(
            said("2026-06-30", true, "month_end", confirmed()),
            [],
            "a revoked one is another rule's"
        );
    }
}
