//! CARD-09: no medical, tax, pension or insurance data can be read from any application of the chip.

use super::Rule;
use super::chip::{CARD, judged};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-09",
    roles: &[CARD],
    clause: (
        "チップのどのアプリケーションからも、医療・税・年金・保険の情報は読めない",
        "No medical, tax, pension or insurance data can be read from the chip.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "引用した応答にある情報をチップから取り除く",
        "Take what stands in the quoted answer off the chip.",
    );
    judged(case, &RULE, &advice)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;

    #[test]
    fn what_a_card_holds_is_no_insurance() {
        let mut scene = Scene::chip();
        let open = [
            "select text > 9000",
            "file 0011 > 9000",
            "verify text > 9000",
        ];
        scene.examine(&[&open[..], &["file 0002 > 9000", "read > 9000 attributes"]].concat());
        assert_eq!(scene.said("CARD-09")[0].1, Pass);
    }

    #[test]
    fn a_number_a_name_or_a_drug_is_convicted() {
        let (drug, _, _) = encoding_rs::SHIFT_JIS.encode("模擬アムロジピン錠");
        let label = hex::encode("被保険者番号");
        for found in [
            "insurance".to_owned(),
            hex::encode(INSURER),
            hex::encode(drug),
            label,
        ] {
            let mut scene = Scene::chip();
            scene.drug("模擬アムロジピン錠");
            let read = format!("read > 9000 {found}");
            scene.examine(&["select text > 9000", "file 000A > 9000", &read]);
            assert_eq!(scene.said("CARD-09")[0].1, Fail, "{found}");
            assert_eq!(scene.broken(), ["CARD-09"], "{found}");
        }
    }

    #[test]
    fn a_visit_says_nothing_of_it() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("CARD-09"), []);
    }
}
