//! CARD-07: the text application gives attributes after its PIN or 照合番号B, the individual number after its PIN or A.

use super::Rule;
use super::chip::{CARD, judged};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-07",
    roles: &[CARD],
    clause: (
        "四情報は券面入力補助用PINか照合番号Bの後に、個人番号は同PINか照合番号Aの後にだけ渡す",
        "Attributes come after the text PIN or 照合番号B only, the individual number after the PIN or 照合番号A only.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "引用した読出しの条件を、ファイルごとの照合に合わせる",
        "Bring the condition of the quoted file to the secrets that open it.",
    );
    judged(case, &RULE, &advice)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::Pass;
    use crate::testing::*;

    const TEXT: &str = "select text > 9000";
    const NUMBER: &str = "file 0001 > 9000";
    const ATTRIBUTES: &str = "file 0002 > 9000";
    const PIN: [&str; 2] = ["file 0011 > 9000", "verify text > 9000"];
    const A: [&str; 2] = ["file 0014 > 9000", "verify a > 9000"];
    const B: [&str; 2] = ["file 0015 > 9000", "verify b > 9000"];
    const SHUT: &str = "read > 6982";
    const NUMBER_OUT: &str = "read > 9000 number";
    const ATTRIBUTES_OUT: &str = "read > 9000 attributes";

    #[test]
    fn each_file_under_its_own_condition_passes() {
        let lines = [
            &[TEXT, NUMBER, SHUT, ATTRIBUTES, SHUT][..],
            &B,
            &[ATTRIBUTES, ATTRIBUTES_OUT, NUMBER, SHUT, "power", TEXT],
            &A,
            &[
                NUMBER,
                NUMBER_OUT,
                ATTRIBUTES,
                SHUT,
                "power",
                TEXT,
                PIN[0],
                "verify wrong-text > 63C2",
            ],
            &PIN,
            &[
                NUMBER,
                NUMBER_OUT,
                ATTRIBUTES,
                ATTRIBUTES_OUT,
                "select jpki > 9000",
                TEXT,
                NUMBER,
                SHUT,
            ],
        ];
        let mut scene = Scene::chip();
        scene.examine(&lines.concat());
        assert_eq!(scene.said("CARD-07")[0].1, Pass);
        assert_eq!(scene.broken(), Vec::<String>::new());
    }

    #[test]
    fn each_deviation_breaks_this_alone() {
        let none: &[&str] = &[];
        let cases: [(&str, &[&str], &[&str]); 10] = [
            ("number to anybody", none, &[NUMBER, NUMBER_OUT]),
            ("number for B", &B, &[NUMBER, NUMBER_OUT]),
            ("attributes for A", &A, &[ATTRIBUTES, ATTRIBUTES_OUT]),
            ("attributes refused", &B, &[ATTRIBUTES, SHUT]),
            (
                "another one's attributes",
                &B,
                &[ATTRIBUTES, "read > 9000 other-attributes"],
            ),
            (
                "another one's number",
                &A,
                &[NUMBER, "read > 9000 other-number"],
            ),
            (
                "still open",
                &PIN,
                &["select jpki > 9000", TEXT, NUMBER, NUMBER_OUT],
            ),
            (
                "open over a power cut",
                &PIN,
                &["power", TEXT, NUMBER, NUMBER_OUT],
            ),
            ("number elsewhere", none, &["file 0004 > 9000", NUMBER_OUT]),
            (
                "PIN not counted",
                none,
                &[PIN[0], "verify wrong-text > 63C3"],
            ),
        ];
        for (name, before, lines) in cases {
            let lines = [&[TEXT][..], before, lines].concat();
            assert_eq!(Scene::broken_by(&lines), ["CARD-07"], "{name}");
        }
    }

    #[test]
    fn a_visit_says_nothing_of_it() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("CARD-07"), []);
    }
}
