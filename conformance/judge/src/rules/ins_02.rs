//! INS-02: one person's qualifications are one history over all insurers: no gap is closed, no overlap is
//! hidden, nothing is lost by a correction.

use std::collections::BTreeSet;

use super::Rule;
use super::answers::answers;
use super::common::SERVER;
use super::delivery;
use crate::Finding;
use crate::calendar::Instant;
use crate::case::{Case, Exchange};
use crate::expect::{self, check_digit_holds};
use crate::finding::t;

const PATH: &str = "/v1/feed/qualifications";

/// The rule.
pub const RULE: Rule = Rule {
    id: "INS-02",
    roles: &[SERVER],
    clause: (
        "一人の資格は全保険者を通じて一つの履歴とし、空白を埋めず、重なりを隠さず、訂正で何も失わない",
        "One person's qualifications are one history over all insurers: no gap closed, no overlap hidden, nothing lost by a correction.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "保険者ごとではなく人ごとに履歴を持ち、取得日と喪失日だけで確認日の資格を決める",
        "Keep the history by person, not by insurer, and decide by days of gain and loss alone.",
    );
    let told = answers(case)
        .into_iter()
        .filter(|a| has_history(case, &a.person, a.at))
        .filter_map(|a| a.finding(case, RULE.id, advice.clone()));
    // Wrong check digits are refused rightly.
    let entered = |e: &Exchange| {
        let entries = &case.facts.entries;
        check_digit_holds(e.text("insurer_number"))
            && entries.iter().any(|entry| delivery::says(case, e, entry))
    };
    let lost = delivery::turned_away(case, PATH, entered);
    told.chain(lost.map(|e| delivery::not_taken(case, RULE.id, PATH, e)))
        .collect()
}

/// Whether insurers had entered more than one qualification of a person by then.
fn has_history(case: &Case, person: &str, by: Instant) -> bool {
    let spells = expect::spells(&case.facts, person, by);
    let several: BTreeSet<_> = spells
        .iter()
        .map(|s| (&s.gain.numbers, s.gain.on))
        .collect();
    several.len() > 1
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Inconclusive, Pass};
    use crate::testing::*;
    use evidence::EntryKind::{Gain, Loss};

    const KNOWN: &str = "2026-10-10T09:00:00.000+09:00";

    fn said(scene: &Scene) -> Vec<Verdict> {
        scene.said("INS-02").into_iter().map(|s| s.1).collect()
    }

    /// Lost on 2026-09-01, the next one from 2026-09-10.
    fn with_gap() -> Scene {
        let mut scene = Scene::registered();
        scene.entry(Loss, NUMBER, "2026-09-01", KNOWN);
        scene.entry(Gain, OTHER_NUMBER, "2026-09-10", KNOWN);
        scene
    }

    #[test]
    fn a_gap_stays_a_gap_and_an_overlap_an_overlap() {
        for (name, number, on, validity, due) in [
            ("the gap", NUMBER, "2026-09-05", "2", Pass),
            ("the gap closed", NUMBER, "2026-09-05", "1", Fail),
            ("after it", OTHER_NUMBER, "2026-09-10", "1", Pass),
            ("before it, forgotten", NUMBER, "2026-08-01", "4", Fail),
        ] {
            let mut scene = with_gap();
            scene.ask(&Ask {
                number,
                on,
                validity,
                block: number,
                ..Ask::default()
            });
            assert_eq!(said(&scene), [due], "{name}");
        }
        let mut scene = Scene::registered();
        scene.entry(Gain, OTHER_NUMBER, "2026-10-01", KNOWN);
        scene.ask(&Ask::default());
        assert_eq!(said(&scene), [Pass], "the old one is valid too");
    }

    #[test]
    fn by_card_the_history_speaks_too() {
        let mut scene = with_gap();
        scene.visit(&Play {
            answer: Answer::answered("1", OTHER_NUMBER),
            ..Play::default()
        });
        assert_eq!(said(&scene), [Pass]);
        let mut scene = with_gap();
        scene.visit(&Play::default());
        assert_eq!(said(&scene), [Fail]);
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(said(&scene), [], "one qualification is no history");
        let mut scene = Scene::registered();
        scene.entry_only(Gain, OTHER_NUMBER, "2026-09-10", KNOWN);
        scene.visit(&Play::default());
        assert_eq!(said(&scene), [Inconclusive], "the insurer kept it back");
    }
}
