//! What the document may claim. Only a whole run in which everything binding was judged and met, with nothing
//! waived, is called a certificate; everything else is a test report whose first word says why.

use judge::{Text, Verdict};
use reports::{Page, verdict_name};

use crate::Issue;
use crate::lists::{Line, Lists, lists};

/// What the document may claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everything binding was judged and met: a certificate.
    Conforming,
    /// Met but for deviations accepted by name: a report.
    Waived,
    /// Something binding was broken: a report.
    Failing,
    /// Nothing was found broken, and not everything binding was judged: a report.
    Incomplete,
    /// The bed or its evidence is at fault: a report that says nothing of the product.
    Spoiled,
}

/// What a document about this report may claim.
pub fn standing(page: &Page, issue: &Issue) -> Standing {
    of(page, issue, &lists(page))
}

/// The same, when the lists are at hand.
pub(crate) fn of(page: &Page, issue: &Issue, lists: &Lists) -> Standing {
    let any = |lines: &[Line]| lines.iter().any(Line::binds);
    if page.verdict == Verdict::BedError || !page.bed_errors.is_empty() {
        return Standing::Spoiled;
    }
    if page.verdict == Verdict::Fail || any(&lists.failed) {
        return Standing::Failing;
    }
    let nothing = !page
        .requirements
        .iter()
        .any(|requirement| requirement.verdict == Verdict::Pass);
    let open = matches!(page.verdict, Verdict::Inconclusive | Verdict::NotTested);
    let missing = any(&lists.undecided) || any(&lists.untested);
    if issue.part || nothing || open || missing || page.products.is_empty() {
        return Standing::Incomplete;
    }
    if page.verdict == Verdict::Waived || any(&lists.waived) || !issue.waivers.is_empty() {
        return Standing::Waived;
    }
    Standing::Conforming
}

impl Standing {
    /// What the document is called.
    pub fn title(self) -> Text {
        match self {
            Standing::Conforming => said("適合証明書", "Certificate of Conformity"),
            _ => said("試験結果報告書", "Test Report"),
        }
    }

    /// The verdict in a word.
    pub fn word(self) -> Text {
        match self {
            Standing::Conforming => verdict_name(Verdict::Pass),
            Standing::Waived => said("許容付き", "with waivers"),
            Standing::Failing => verdict_name(Verdict::Fail),
            Standing::Incomplete => said("未完了", "incomplete"),
            Standing::Spoiled => verdict_name(Verdict::BedError),
        }
    }

    /// What is stated.
    pub fn statement(self) -> Text {
        match self {
            Standing::Conforming => said(
                "第2節の試験対象は、第3節の版と条件のもとで試験した必須（MUST）の要求のすべてに適合した。",
                "The items of section 2 conform to every binding (MUST) requirement tested, in the edition and under the conditions of section 3.",
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
}

fn said(ja: &str, en: &str) -> Text {
    Text {
        ja: ja.to_owned(),
        en: en.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, earnest_issue as issue};
    use reports::name_of;

    type Bend = fn(&mut Page, &mut Issue);

    #[test]
    fn a_whole_run_with_everything_met_is_a_certificate() {
        assert_eq!(
            standing(&testing::conforming(), &issue()),
            Standing::Conforming
        );
    }

    #[test]
    fn whatever_is_missing_or_broken_makes_it_a_report() {
        let cases: [(&str, Bend, Standing); 12] = [
            (
                "failed",
                |page, _| *page = testing::failing(),
                Standing::Failing,
            ),
            (
                "bed",
                |page, _| *page = testing::spoiled(),
                Standing::Spoiled,
            ),
            (
                "open",
                |page, _| page.verdict = Verdict::Inconclusive,
                Standing::Incomplete,
            ),
            (
                "judge says not tested",
                |page, _| page.verdict = Verdict::NotTested,
                Standing::Incomplete,
            ),
            (
                "judge says waived",
                |page, _| page.verdict = Verdict::Waived,
                Standing::Waived,
            ),
            (
                "waiver",
                |_, issue| issue.waivers.push(testing::waiver()),
                Standing::Waived,
            ),
            (
                "part of the suite",
                |_, issue| issue.part = true,
                Standing::Incomplete,
            ),
            (
                "no product",
                |page, _| page.products.clear(),
                Standing::Incomplete,
            ),
            (
                "nothing judged",
                |page, _| page.requirements.clear(),
                Standing::Incomplete,
            ),
            (
                "no test yet",
                |page, _| page.untested = testing::golden().untested,
                Standing::Incomplete,
            ),
            (
                "not judged for a role under test",
                |page, _| page.requirements[0].unjudged.push(name_of("reader")),
                Standing::Incomplete,
            ),
            (
                "undecided for one role",
                |page, _| page.requirements[0].by_role[0].verdict = Verdict::Inconclusive,
                Standing::Incomplete,
            ),
        ];
        for (name, bend, expected) in cases {
            let (mut page, mut issue) = (testing::conforming(), issue());
            bend(&mut page, &mut issue);
            let got = standing(&page, &issue);
            assert_eq!(got, expected, "{name}");
            assert_eq!(got.title().ja, "試験結果報告書", "{name}");
            assert!(got.statement().ja.contains("適合証明書ではない"), "{name}");
        }
    }

    #[test]
    fn a_recommendation_and_a_role_nobody_tested_do_not_stand_in_the_way() {
        let mut page = testing::conforming();
        page.requirements[0].level = "SHOULD".into();
        page.requirements[0].by_role[0].verdict = Verdict::Fail;
        page.requirements[1].unjudged.push(name_of("pharmacy"));
        assert_eq!(standing(&page, &issue()), Standing::Conforming);
        page.requirements[0].level = "MUST".into();
        assert_eq!(standing(&page, &issue()), Standing::Failing);
    }
}
