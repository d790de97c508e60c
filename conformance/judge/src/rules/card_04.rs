//! CARD-04: the signing certificate and key need the 6 to 16 character password; five wrong tries lock it.

use super::Rule;
use super::chip::{CARD, judged};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-04",
    roles: &[CARD],
    clause: (
        "署名用の証明書と鍵は署名用パスワードの照合後にだけ使え、5回の誤りでロックする",
        "The signing certificate and key need the sign password; five wrong tries lock it.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "引用したコマンドで、パスワードの照合と残数の増減を確かめて直す",
        "Follow password and counter through the quoted commands and mend where they part from the rule.",
    );
    judged(case, &RULE, &advice)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::Pass;
    use crate::testing::*;

    const JPKI: &str = "select jpki > 9000";
    const PASSWORD: &str = "file 001B > 9000";
    const KEY: &str = "file 001A > 9000";
    const CERTIFICATE: &str = "file 0001 > 9000";
    const RIGHT: &str = "verify sign > 9000";
    const SIGNED: &str = "sign > 9000 by-signing-key";
    const WRONG: [&str; 5] = [
        "verify wrong-sign > 63C4",
        "verify wrong-sign > 63C3",
        "verify wrong-sign > 63C2",
        "verify wrong-sign > 63C1",
        "verify wrong-sign > 63C0",
    ];

    fn after<'a>(before: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
        [&[JPKI, PASSWORD, "query > 63C5"], before, more].concat()
    }

    #[test]
    fn five_wrong_tries_lock() {
        let locked = [
            "query > 63C0",
            "verify sign > 6984",
            KEY,
            "sign > 6982",
            "power",
            JPKI,
            PASSWORD,
            "query > 63C0",
        ];
        let lines = after(
            &WRONG,
            &[&locked[..], &[CERTIFICATE, "read > 6982"]].concat(),
        );
        let mut scene = Scene::chip();
        scene.examine(&lines);
        assert_eq!(scene.said("CARD-04")[0].1, Pass);
        assert_eq!(scene.broken(), Vec::<String>::new());
    }

    #[test]
    fn each_deviation_breaks_this_alone() {
        let away = [RIGHT, "select text > 9000", JPKI];
        for (name, lines) in [
            ("ten tries", vec![JPKI, PASSWORD, "query > 63CA"]),
            ("never locks", after(&WRONG, &[RIGHT])),
            (
                "takes a wrong one",
                after(&["verify wrong-sign > 9000"], &[]),
            ),
            ("does not count", after(&["verify wrong-sign > 63C5"], &[])),
            (
                "does not restore",
                after(&WRONG[..1], &[RIGHT, "query > 63C4"]),
            ),
            ("signs without it", after(&[KEY], &[SIGNED])),
            (
                "signs after the PIN",
                after(&["file 0018 > 9000", "verify pin > 9000"], &[KEY, SIGNED]),
            ),
            (
                "certificate without it",
                after(&[CERTIFICATE], &["read > 9000 signing"]),
            ),
            (
                "still open",
                after(&away, &[CERTIFICATE, "read > 9000 signing"]),
            ),
            ("refuses to sign", after(&[RIGHT], &[KEY, "sign > 6982"])),
        ] {
            assert_eq!(Scene::broken_by(&lines), ["CARD-04"], "{name}");
        }
    }

    #[test]
    fn a_card_for_under_fifteen_has_nothing_to_open() {
        let mut scene = Scene::chip_of(evidence::CardKind::Minor);
        let info = ["file 0006 > 9000", "read > 9000 4A50"];
        let none = [
            "file 0001 > 6A82",
            "read > 9000 4A50",
            "file 001B > 6A82",
            "query > 6A82",
        ];
        scene.examine(&[&[JPKI], &info[..], &none].concat());
        assert_eq!(scene.said("CARD-04")[0].1, Pass);
        assert_eq!(scene.broken(), Vec::<String>::new());
    }

    #[test]
    fn a_visit_says_nothing_of_it() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("CARD-04"), []);
    }
}
