//! CARD-10: forced reading ends in a dead chip: after it no command is answered again.

use super::Rule;
use super::chip::{CARD, judged};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-10",
    roles: &[CARD],
    clause: (
        "こじ開けられたチップは、どのコマンドにも二度と応答しない",
        "A chip forced open answers no command again.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "加害を検知したら、以後のすべてのコマンドに応答しない",
        "Once tampering is noticed answer nothing any more.",
    );
    judged(case, &RULE, &advice)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;
    use evidence::Act;

    fn forced(lines: &[&str]) -> Scene {
        let mut scene = Scene::chip();
        scene.examine(&["select jpki > 9000"]);
        scene.hands(Act::Tamper {
            card: chip::CARD.into(),
        });
        scene.examine(lines);
        scene
    }

    #[test]
    fn a_dead_chip_is_mute() {
        let scene = forced(&["select jpki", "file 0018", "query"]);
        assert_eq!(scene.said("CARD-10")[0].1, Pass);
        assert_eq!(scene.broken(), Vec::<String>::new());
        assert_eq!(forced(&[]).said("CARD-10"), [], "nothing was tried");
    }

    #[test]
    fn any_answer_is_convicted_for_this_alone() {
        for reply in [
            "select jpki > 9000",
            "select jpki > 6F00",
            "file 0017 > 9000",
        ] {
            let scene = forced(&["select jpki", reply, "read > 9000 private-key"]);
            assert_eq!(scene.said("CARD-10")[0].1, Fail, "{reply}");
            assert_eq!(scene.broken(), ["CARD-10"], "{reply}");
        }
    }
}
