//! INS-03: until the new insurer's entry arrives the answer is lost or none; after it arrives, even
//! back-dated, past dates are answered by it.

use super::Rule;
use super::answers::{Answer, answers};
use super::common::SERVER;
use crate::Finding;
use crate::case::Case;
use crate::expect;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "INS-03",
    roles: &[SERVER],
    clause: (
        "登録が届くまでは無効か該当なし、届いたあとは、さかのぼる日についてもその登録で答える",
        "Until an entry arrives the answer is lost or none; afterwards past dates too are answered by it.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "登録は届いた時から使い、取得日・喪失日にさかのぼって過去の日の答えにも反映する",
        "Use an entry from its arrival on, back to its day of gain or loss for past dates too.",
    );
    answers(case)
        .into_iter()
        .filter(|a| late(case, a))
        .filter_map(|a| a.finding(case, RULE.id, advice.clone()))
        .collect()
}

/// Whether the answer stands before or after an entry that came late by its declared times: after the first
/// question was asked, or on a later day than the story's first one and than the day asked about. What was
/// entered before the story began to ask was simply known; no lag was declared for it.
fn late(case: &Case, answer: &Answer) -> bool {
    let Some((begun, ever)) = case.times.first().zip(case.times.last()) else {
        return false;
    };
    let confirmed = case.confirmations.iter().map(|c| c.at);
    let Some(first) = confirmed.chain(case.questions.iter().map(|a| a.at)).min() else {
        return false;
    };
    expect::entries(&case.facts, &answer.person, *ever).any(|e| {
        let arrived = e.known_at;
        let amid = arrived > first;
        let past = arrived.day > answer.on && arrived.day > begun.day;
        arrived.day > e.on && e.on <= answer.on && (amid || past)
    })
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::EntryKind::Gain;

    fn said(scene: &Scene) -> Vec<Verdict> {
        scene.said("INS-03").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn an_entry_counts_from_its_arrival_and_back() {
        let before = |validity: &'static str| {
            let mut scene = Scene::registered();
            scene.ask(&Ask {
                number: OTHER_NUMBER,
                on: "2026-10-12",
                validity,
                block: "",
                ..Ask::default()
            });
            scene.at("2026-10-16T09:00:00");
            scene.entry(
                Gain,
                OTHER_NUMBER,
                "2026-10-10",
                "2026-10-16T09:00:00.000+09:00",
            );
            scene
        };
        assert_eq!(said(&before("4")), [Pass]);
        assert_eq!(said(&before("1")), [Fail], "before anybody said so");
        for (validity, block, due) in [("1", OTHER_NUMBER, Pass), ("4", "", Fail)] {
            let mut scene = before("4");
            scene.ask(&Ask {
                number: OTHER_NUMBER,
                on: "2026-10-12",
                validity,
                block,
                ..Ask::default()
            });
            assert_eq!(said(&scene), [Pass, due], "after it arrived");
        }
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(said(&scene), [], "nothing came late");
        let mut scene = Scene::registered();
        scene.ask(&Ask {
            on: "2026-10-12",
            ..Ask::default()
        });
        assert_eq!(said(&scene), [], "what the story began with is not late");
    }
}
