//! CARD-15: card and certificates end on their own days; the card of somebody under 15 carries no signing certificate.

use super::Rule;
use super::chip::{CARD, judged};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-15",
    roles: &[CARD],
    clause: (
        "電子証明書は定められた日に始まって終わり、カードより後まで続かず、15歳未満のカードに署名用はない",
        "Certificates begin and end on their days and never outlast the card; under 15 there is none for signing.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "電子証明書とカードの有効期限を、発行の日に定めたとおりに記録する",
        "Write the days of certificate and card as they were set at issue.",
    );
    judged(case, &RULE, &advice)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;
    use evidence::CardKind;

    fn read(leaf: &Leaf) -> Scene {
        let certificate = pki::leaf(leaf);
        let mut scene = Scene::chip_with(CardKind::Adult, &certificate);
        let read = format!("read > 9000 {}", hex::encode(certificate));
        scene.examine(&["select jpki > 9000", "file 000A > 9000", &read]);
        scene
    }

    #[test]
    fn the_declared_days_pass() {
        let scene = read(&Leaf::default());
        assert_eq!(scene.said("CARD-15")[0].1, Pass);
        assert_eq!(scene.broken(), Vec::<String>::new());
    }

    #[test]
    fn other_days_are_convicted_for_this_alone() {
        for (first_day, last_day) in [
            ("2024-02-15", "2029-02-16"),
            ("2024-02-14", "2029-02-15"),
            ("2024-02-15", "2039-02-15"),
        ] {
            let scene = read(&Leaf {
                first_day,
                last_day,
                ..Leaf::default()
            });
            assert_eq!(scene.said("CARD-15")[0].1, Fail, "{first_day} {last_day}");
            assert_eq!(scene.broken(), ["CARD-15"], "{first_day} {last_day}");
        }
    }

    #[test]
    fn the_face_of_the_card_says_when_it_ends() {
        let opened = [
            "select surface > 9000",
            "file 0012 > 9000",
            "verify b > 9000",
            "file 0002 > 9000",
        ];
        let broken = |face: &str| Scene::broken_by(&[&opened[..], &[face]].concat());
        assert_eq!(broken("read > 9000 face"), Vec::<String>::new());
        assert_eq!(broken("read > 9000 late-face"), ["CARD-15"]);
    }

    #[test]
    fn a_minor_has_no_signing_certificate() {
        for (reply, due) in [("read > 6982", Pass), ("read > 9000 signing", Fail)] {
            let mut scene = Scene::chip_of(CardKind::Minor);
            scene.examine(&["select jpki > 9000", "file 0001 > 9000", reply]);
            assert_eq!(scene.said("CARD-15")[0].1, due, "{reply}");
        }
    }

    #[test]
    fn nothing_read_nothing_said() {
        let mut scene = Scene::chip();
        scene.examine(&["select jpki > 9000", "file 0018 > 9000", "query > 63C3"]);
        assert_eq!(scene.said("CARD-15"), []);
    }
}
