//! CARD-05: PINs lock one by one: what else the card holds stays usable beside a locked one.

use super::Rule;
use super::chip::{CARD, judged};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-05",
    roles: &[CARD],
    clause: (
        "一つの暗証番号がロックされても、ほかの暗証番号とアプリケーションは使える",
        "PINs lock one by one: beside a locked one everything else stays usable.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "ロックをそれぞれの残数だけで決め、ほかの残数を動かさない",
        "Let each lock depend on its own counter, and move no other counter with it.",
    );
    judged(case, &RULE, &advice)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;

    const LOCKED: [&str; 7] = [
        "select jpki > 9000",
        "file 001B > 9000",
        "verify wrong-sign > 63C4",
        "verify wrong-sign > 63C3",
        "verify wrong-sign > 63C2",
        "verify wrong-sign > 63C1",
        "verify wrong-sign > 63C0",
    ];

    fn beside(lines: &[&str]) -> Scene {
        let mut scene = Scene::chip();
        scene.examine(&[&LOCKED[..], lines].concat());
        scene
    }

    #[test]
    fn the_rest_works_beside_a_locked_one() {
        let scene = beside(&[
            "file 0018 > 9000",
            "verify pin > 9000",
            "file 0017 > 9000",
            "sign > 9000 by-key",
            "select text > 9000",
            "file 0011 > 9000",
            "query > 63C3",
            "verify text > 9000",
            "file 0002 > 9000",
            "read > 9000 attributes",
            "select surface > 9000",
            "file 0012 > 9000",
            "verify b > 9000",
            "file 0002 > 9000",
            "read > 9000 face",
        ]);
        assert_eq!(scene.said("CARD-05")[0].1, Pass);
        assert_eq!(scene.broken(), Vec::<String>::new());
    }

    #[test]
    fn a_lock_that_spreads_is_convicted_for_this_alone() {
        let scene = beside(&[
            "file 0018 > 9000",
            "query > 63C0",
            "verify pin > 6984",
            "select surface > 9000",
            "file 0012 > 9000",
            "verify b > 6984",
        ]);
        assert_eq!(scene.said("CARD-05")[0].1, Fail);
        assert_eq!(scene.broken(), ["CARD-05"]);
    }

    #[test]
    fn a_face_only_card_works_beside_its_locked_pins() {
        let mut scene = Scene::chip_of(evidence::CardKind::FaceOnly);
        scene.examine(&[
            "select jpki > 9000",
            "file 0018 > 9000",
            "query > 63C0",
            "select surface > 9000",
            "file 0012 > 9000",
            "verify b > 9000",
            "file 0002 > 9000",
            "read > 9000 face",
        ]);
        assert_eq!(scene.said("CARD-05")[0].1, Pass);
        assert_eq!(scene.broken(), Vec::<String>::new());
    }

    #[test]
    fn without_a_lock_nothing_is_said() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("CARD-05"), []);
    }
}
