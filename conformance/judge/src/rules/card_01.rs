//! CARD-01: the chip carries both certificates, each with its own key pair; private keys can never be read.

use super::Rule;
use super::chip::{CARD, judged};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-01",
    roles: &[CARD],
    clause: (
        "署名用と利用者証明用の電子証明書があり、それぞれの鍵を持ち、秘密鍵は読み出せない",
        "Both certificates are there, each with its own key; private keys can never be read.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "鍵ファイルのREAD BINARYを6981で断り、証明書とその鍵を発行されたとおりに置く",
        "Answer READ BINARY of key files with 6981, and keep each certificate with its key as issued.",
    );
    judged(case, &RULE, &advice)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::Pass;
    use crate::testing::*;

    const JPKI: &str = "select jpki > 9000";

    #[test]
    fn a_chip_with_both_certificates_passes() {
        let mut scene = Scene::chip();
        scene.examine(&[
            JPKI,
            "file 0008 > 9000",
            "read > 9000 8F8F00",
            "file 000A > 9000",
            "read > 9000 certificate",
            "file 001B > 9000",
            "verify sign > 9000",
            "file 0001 > 9000",
            "read > 9000 signing",
            "file 001A > 9000",
            "read > 6981",
            "sign > 9000 by-signing-key",
            "raw 00CA004200 > 6D00",
        ]);
        assert_eq!(scene.said("CARD-01")[0].1, Pass);
        assert_eq!(scene.broken(), Vec::<String>::new());
    }

    #[test]
    fn each_deviation_breaks_this_alone() {
        let (pin, sign) = ("verify pin > 9000", "verify sign > 9000");
        for (name, lines) in [
            (
                "key read",
                vec!["file 0017 > 9000", "read > 9000 private-key"],
            ),
            (
                "key read after the PIN",
                vec![
                    "file 0018 > 9000",
                    pin,
                    "file 0017 > 9000",
                    "read > 9000 AABB",
                ],
            ),
            ("key by GET DATA", vec!["raw 00CA004200 > 9000 private-key"]),
            (
                "says there is none",
                vec!["file 0008 > 9000", "read > 9000 008F00"],
            ),
            (
                "refuses its certificate",
                vec!["file 000A > 9000", "read > 6982"],
            ),
            ("has no such file", vec!["file 000A > 6A82"]),
            (
                "another certificate",
                vec![
                    "file 001B > 9000",
                    sign,
                    "file 0001 > 9000",
                    "read > 9000 certificate",
                ],
            ),
            (
                "another key",
                vec![
                    "file 0018 > 9000",
                    pin,
                    "file 0017 > 9000",
                    "sign > 9000 by-signing-key",
                ],
            ),
        ] {
            let lines = [&[JPKI][..], &lines].concat();
            assert_eq!(Scene::broken_by(&lines), ["CARD-01"], "{name}");
        }
    }

    #[test]
    fn a_visit_says_nothing_of_it() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("CARD-01"), []);
    }
}
