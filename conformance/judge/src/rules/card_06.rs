//! CARD-06: a locked PIN stays locked over power cycles; only the municipal counter resets it.

use super::Rule;
use super::chip::{CARD, judged};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-06",
    roles: &[CARD],
    clause: (
        "ロックは電源を入れ直しても続き、市区町村の窓口だけが解除できる",
        "A locked PIN stays locked over power cycles; only the municipal counter opens it again.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "残数を不揮発性の記憶に置き、窓口の操作のほかでは元に戻さない",
        "Keep the counter in permanent memory and restore it by the municipality's operation alone.",
    );
    judged(case, &RULE, &advice)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;
    use evidence::{Act, Fact};

    fn locked(lines: &[&str]) -> Scene {
        let mut scene = Scene::chip();
        scene.declare(Fact::Tries {
            card: chip::CARD.into(),
            tries_left: 0,
        });
        scene.card_visit(&["select jpki > 9000", "file 0018 > 9000", "query > 63C0"]);
        scene.card_visit(lines);
        scene
    }

    #[test]
    fn a_lock_outlasts_the_power() {
        let start = ["select jpki > 9000", "file 0018 > 9000"];
        let scene = locked(&[&start[..], &["query > 63C0", "verify pin > 6984"]].concat());
        assert_eq!(scene.said("CARD-06")[0].1, Pass);
        assert_eq!(scene.broken(), Vec::<String>::new());
        for reply in [
            "query > 63C3",
            "verify pin > 9000",
            "verify wrong-pin > 63C2",
        ] {
            let scene = locked(&[&start[..], &[reply]].concat());
            assert_eq!(scene.said("CARD-06")[0].1, Fail, "{reply}");
            assert_eq!(scene.broken(), ["CARD-06"], "{reply}");
        }
    }

    #[test]
    fn the_counter_opens_it() {
        for (reply, due) in [
            ("verify new-pin > 9000", Pass),
            ("verify new-pin > 6984", Fail),
        ] {
            let mut scene = locked(&[]);
            scene.hands(Act::ResetAtCounter {
                card: chip::CARD.into(),
                secret: "authentication-pin".into(),
                new: "⟦PIN#3⟧".into(),
            });
            scene.card_visit(&["select jpki > 9000", "file 0018 > 9000", reply]);
            assert_eq!(scene.said("CARD-06")[0].1, due, "{reply}");
        }
    }

    #[test]
    fn without_a_lock_nothing_is_said() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("CARD-06"), []);
    }
}
