//! CARD-02: the user-authentication certificate names nobody: subject of C and CN alone, no subjectAltName.

use super::Rule;
use super::chip::{CARD, judged};
use crate::Finding;
use crate::case::Case;
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "CARD-02",
    roles: &[CARD],
    clause: (
        "利用者証明用電子証明書に、氏名・住所・生年月日・性別がない",
        "The user-authentication certificate holds no name, address, birth date or sex.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "利用者証明用電子証明書の主体者を国と識別子だけにし、別名を付けない",
        "Make its subject of country and an identifier alone, and leave the alternative name out.",
    );
    judged(case, &RULE, &advice)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::pki::{Key, leaf_naming};
    use crate::testing::*;
    use rcgen::DnType;

    fn read(certificate: &[u8]) -> Scene {
        let mut scene = Scene::chip_with(evidence::CardKind::Adult, certificate);
        let (head, rest) = certificate.split_at(40);
        let read = format!("read > 9000 {}", hex::encode(head));
        let more = format!("raw 00B0002800 > 9000 {}", hex::encode(rest));
        scene.examine(&["select jpki > 9000", "file 000A > 9000", &read, &more]);
        scene
    }

    #[test]
    fn one_that_names_nobody_passes() {
        let scene = read(&pki::leaf(&Leaf::default()));
        assert_eq!(scene.said("CARD-02")[0].1, Pass);
        assert_eq!(scene.broken(), Vec::<String>::new());
    }

    #[test]
    fn one_that_names_its_holder_fails() {
        let made = |subject: &[(DnType, &str)], alternative: &[&str]| {
            leaf_naming(&Leaf::default(), Key::Card, subject, alternative)
        };
        for (name, certificate) in [
            ("address", made(&[(DnType::LocalityName, "Mogi-shi")], &[])),
            (
                "another attribute",
                made(&[(DnType::OrganizationName, "x")], &[]),
            ),
            ("alternative name", made(&[], &["hanako.invalid"])),
        ] {
            let scene = read(&certificate);
            assert_eq!(scene.said("CARD-02")[0].1, Fail, "{name}");
            assert_eq!(scene.broken(), ["CARD-02"], "{name}");
        }
    }

    #[test]
    fn nothing_read_nothing_said() {
        let mut scene = Scene::chip();
        scene.examine(&["select jpki > 9000", "file 0018 > 9000", "query > 63C3"]);
        assert_eq!(scene.said("CARD-02"), []);
    }
}
