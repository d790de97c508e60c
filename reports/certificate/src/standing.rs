//! What the document is called and what it states, by the standing of the report. The standing itself is worked
//! out where all printers read it; only a conforming report is called a certificate.

use judge::Text;
use reports::Standing;

/// What the document is called.
pub(crate) fn title(standing: Standing) -> Text {
    match standing {
        Standing::Conforming => said("適合証明書", "Certificate of Conformity"),
        _ => said("試験結果報告書", "Test Report"),
    }
}

/// What is stated.
pub(crate) fn statement(standing: Standing) -> Text {
    match standing {
        Standing::Conforming => said(
            "第2節の試験対象は、第3節の基準日と条件のもとで試験した必須（MUST）の要求のすべてに適合した。",
            "The items of section 2 conform to every binding (MUST) requirement tested, for the edition date and under the conditions of section 3.",
        ),
        Standing::Waived => said(
            "第2節の試験対象は、第7節で許容した逸脱を除き、試験した必須（MUST）の要求に適合した。この文書は適合証明書ではない。",
            "The items of section 2 conform to the binding (MUST) requirements tested, except for the deviations waived in section 7. This document is not a certificate of conformity.",
        ),
        Standing::Failing => said(
            "第2節の試験対象は、第6節に挙げる要求に不適合である。この文書は適合証明書ではない。",
            "The items of section 2 do not conform to the requirements listed in section 6. This document is not a certificate of conformity.",
        ),
        Standing::Incomplete => said(
            "試験は未完了であり、適合を表明しない。判定していない要求は第6節に挙げる。この文書は適合証明書ではない。",
            "Testing is incomplete and no conformity is stated. What was not judged is listed in section 6. This document is not a certificate of conformity.",
        ),
        Standing::Spoiled => said(
            "試験環境または証跡に誤りがあり、試験対象について何も表明しない。この文書は適合証明書ではない。",
            "The test bed or its evidence is at fault; nothing is stated about the items. This document is not a certificate of conformity.",
        ),
    }
}

fn said(ja: &str, en: &str) -> Text {
    Text {
        ja: ja.to_owned(),
        en: en.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use judge::Verdict;
    use reports::{LackKind, LackPart, Page, name_of};

    use super::*;
    use crate::testing;

    type Bend = fn(&mut Page);

    /// What says that only a part of the suite was played.
    fn part_of_suite() -> LackPart {
        LackPart {
            kind: LackKind::PartOfSuite,
            what: said("一部だけを実行した", "Only a part was played"),
            requirement: None,
            role: None,
            scenarios: Vec::new(),
        }
    }

    #[test]
    fn a_whole_run_with_everything_met_is_a_certificate() {
        assert_eq!(testing::conforming().standing(), Standing::Conforming);
    }

    #[test]
    fn whatever_is_missing_or_broken_makes_it_a_report() {
        let cases: [(&str, Bend, Standing); 12] = [
            (
                "failed",
                |page| *page = testing::failing(),
                Standing::Failing,
            ),
            ("bed", |page| *page = testing::spoiled(), Standing::Spoiled),
            (
                "open",
                |page| page.verdict = Verdict::Inconclusive,
                Standing::Incomplete,
            ),
            (
                "judge says not tested",
                |page| page.verdict = Verdict::NotTested,
                Standing::Incomplete,
            ),
            (
                "judge says waived",
                |page| page.verdict = Verdict::Waived,
                Standing::Waived,
            ),
            (
                "waiver",
                |page| page.waivers.push(testing::waiver()),
                Standing::Waived,
            ),
            (
                "part of the suite",
                |page| page.lacks.push(part_of_suite()),
                Standing::Incomplete,
            ),
            (
                "no product",
                |page| page.products.clear(),
                Standing::Incomplete,
            ),
            (
                "nothing judged",
                |page| page.requirements.clear(),
                Standing::Incomplete,
            ),
            (
                "no test yet",
                |page| page.untested = testing::golden().untested,
                Standing::Incomplete,
            ),
            (
                "not judged for a role under test",
                |page| page.requirements[0].unjudged.push(name_of("reader")),
                Standing::Incomplete,
            ),
            (
                "inconclusive for one role",
                |page| page.requirements[0].by_role[0].verdict = Verdict::Inconclusive,
                Standing::Incomplete,
            ),
        ];
        for (name, bend, expected) in cases {
            let mut page = testing::conforming();
            bend(&mut page);
            let got = page.standing();
            assert_eq!(got, expected, "{name}");
            assert_eq!(title(got).ja, "試験結果報告書", "{name}");
            assert!(statement(got).ja.contains("適合証明書ではない"), "{name}");
        }
    }

    #[test]
    fn a_recommendation_and_a_role_nobody_tested_do_not_stand_in_the_way() {
        let mut page = testing::conforming();
        page.requirements[0].level = "SHOULD".into();
        page.requirements[0].by_role[0].verdict = Verdict::Fail;
        page.requirements[1].unjudged.push(name_of("pharmacy"));
        assert_eq!(page.standing(), Standing::Conforming);
        page.requirements[0].level = "MUST".into();
        assert_eq!(page.standing(), Standing::Failing);
    }
}
