//! INS-04: gain before loss, loss before gain, corrections in any order of arrival end in the same history.

use evidence::EntryKind;

use super::Rule;
use super::answers::answers;
use super::common::SERVER;
use crate::Finding;
use crate::calendar::Instant;
use crate::case::{Case, Entry};
use crate::expect;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "INS-04",
    roles: &[SERVER],
    clause: (
        "取得と喪失がどの順に届いても、同じ履歴になる",
        "Gains and losses end in the same history in whatever order they arrive.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "届いた順に上書きせず、取得日と喪失日から履歴を組み立てる",
        "Build the history from days of gain and loss; never let a later arrival overwrite an earlier one.",
    );
    answers(case)
        .into_iter()
        .filter(|a| shuffled(case, &a.person, a.at))
        .filter_map(|a| a.finding(case, RULE.id, advice.clone()))
        .collect()
}

/// Whether a person's entries arrived in another order than that of their days.
fn shuffled(case: &Case, person: &str, by: Instant) -> bool {
    let mut entries: Vec<_> = expect::entries(&case.facts, person, by).collect();
    entries.sort_by_key(|e| (e.known_at, e.seq));
    // On one day the old qualification ends before the new one begins.
    let rank = |e: &Entry| (e.on, e.kind == EntryKind::Gain);
    entries.windows(2).any(|pair| rank(pair[0]) > rank(pair[1]))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::EntryKind::{Gain, Loss};

    fn said(scene: &Scene) -> Vec<Verdict> {
        scene.said("INS-04").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn the_order_of_arrival_changes_nothing() {
        let shuffled = || {
            let mut scene = Scene::registered();
            scene.entry(
                Gain,
                OTHER_NUMBER,
                "2026-10-05",
                "2026-10-06T09:00:00.000+09:00",
            );
            scene.entry(Loss, NUMBER, "2026-10-04", "2026-10-08T09:00:00.000+09:00");
            scene
        };
        for (answer, due) in [
            (Answer::answered("1", OTHER_NUMBER), Pass),
            (Answer::answered("2", NUMBER), Fail),
            (Answer::refused("SIM-E302"), Fail),
        ] {
            let mut scene = shuffled();
            scene.visit(&Play {
                answer,
                ..Play::default()
            });
            assert_eq!(said(&scene), [due]);
        }
        let mut scene = Scene::registered();
        scene.entry(Loss, NUMBER, "2026-10-04", "2026-10-08T09:00:00.000+09:00");
        scene.visit(&Play {
            answer: Answer::answered("2", NUMBER),
            ..Play::default()
        });
        assert_eq!(said(&scene), [], "in order");
    }
}
