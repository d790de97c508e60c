//! CARD-08: the face photo comes out against 照合番号 only, which is made of what is printed on the card.

use super::Rule;
use super::chip::{CARD, judged};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-08",
    roles: &[CARD],
    clause: (
        "顔写真は、券面に印刷された照合番号の照合後にだけ渡す",
        "The face photo comes out against the 照合番号 printed on the card only.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "券面事項確認APのファイル0002を、照合番号の照合後にだけ読ませる",
        "Let file 0002 of the surface application be read after 照合番号 only.",
    );
    judged(case, &RULE, &advice)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::Pass;
    use crate::testing::*;

    const SURFACE: &str = "select surface > 9000";
    const FACE: &str = "file 0002 > 9000";
    const B: &str = "file 0012 > 9000";
    const RIGHT: &str = "verify b > 9000";
    const SHUT: &str = "read > 6982";
    const OUT: &str = "read > 9000 face";
    const BIRTH: [&str; 2] = ["file 0011 > 9000", "verify birth > 9000"];
    const PIN: [&str; 3] = [
        "select jpki > 9000",
        "file 0018 > 9000",
        "verify pin > 9000",
    ];

    #[test]
    fn the_photo_for_b_passes() {
        let lines = [
            &[SURFACE, FACE, SHUT][..],
            &BIRTH,
            &[
                FACE,
                SHUT,
                B,
                "query > 63CA",
                "verify wrong-b > 63C9",
                FACE,
                SHUT,
                B,
                RIGHT,
                FACE,
                OUT,
            ],
            &["power", SURFACE, FACE, SHUT],
            &PIN,
            &[SURFACE, FACE, SHUT],
        ];
        let mut scene = Scene::chip();
        scene.examine(&lines.concat());
        assert_eq!(scene.said("CARD-08")[0].1, Pass);
        assert_eq!(scene.broken(), Vec::<String>::new());
    }

    #[test]
    fn each_deviation_breaks_this_alone() {
        let cases: [(&str, &[&str], &[&str]); 9] = [
            ("to anybody", &[SURFACE], &[FACE, OUT]),
            (
                "after a wrong B",
                &[SURFACE, B, "verify wrong-b > 63C9"],
                &[FACE, OUT],
            ),
            (
                "after the birth date",
                &[SURFACE, BIRTH[0], BIRTH[1]],
                &[FACE, OUT],
            ),
            ("after the PIN", &PIN, &[SURFACE, FACE, OUT]),
            (
                "open over a power cut",
                &[SURFACE, B, RIGHT],
                &["power", SURFACE, FACE, OUT],
            ),
            (
                "another one's",
                &[SURFACE, B, RIGHT],
                &[FACE, "read > 9000 other-face"],
            ),
            ("refused", &[SURFACE, B, RIGHT], &[FACE, SHUT]),
            (
                "B not counted",
                &[SURFACE, B, "query > 63CA"],
                &["verify wrong-b > 63CA"],
            ),
            (
                "elsewhere",
                &["select text > 9000"],
                &["file 0008 > 9000", OUT],
            ),
        ];
        for (name, before, lines) in cases {
            let lines = [before, lines].concat();
            assert_eq!(Scene::broken_by(&lines), ["CARD-08"], "{name}");
        }
    }

    #[test]
    fn it_locks_after_ten_tries_or_after_three_by_the_other_source() {
        for most in [10u8, 3] {
            let mut lines = vec![
                SURFACE.to_owned(),
                B.to_owned(),
                format!("query > 63C{most:X}"),
            ];
            lines.extend(
                (0..most)
                    .rev()
                    .map(|left| format!("verify wrong-b > 63C{left:X}")),
            );
            lines.push("verify b > 6984".to_owned());
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            assert_eq!(Scene::broken_by(&lines), Vec::<String>::new(), "{most}");
        }
    }

    #[test]
    fn a_visit_by_pin_says_nothing_of_it() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("CARD-08"), []);
    }
}
