//! What a whole report may claim, worked out in this one place and said alike by the page, the console, the JSON
//! and the document for the office. The judge's verdict speaks of what was judged; the standing also counts what
//! was not. Only a whole run in which everything binding was judged and met, with nothing waived, conforms.

use std::collections::BTreeSet;

use judge::{Text, Verdict};
use serde::Serialize;

use crate::labels::{self, Named, said};
use crate::page::{LackKind, Page};

/// What a report may claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Everything binding was judged and met.
    Conforming,
    /// Met but for deviations accepted by name.
    Waived,
    /// Something binding was broken.
    Failing,
    /// Nothing was found broken, and not everything binding was judged.
    Incomplete,
    /// The bed or its evidence is at fault: nothing is said of the product.
    Spoiled,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Standing; 5] = [
        Standing::Conforming,
        Standing::Waived,
        Standing::Failing,
        Standing::Incomplete,
        Standing::Spoiled,
    ];

    /// Its name for programs, as `report.json` writes it.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Conforming => "conforming",
            Standing::Waived => "waived",
            Standing::Failing => "failing",
            Standing::Incomplete => "incomplete",
            Standing::Spoiled => "spoiled",
        }
    }

    /// It in a word, for people.
    pub fn word(self) -> Text {
        match self {
            Standing::Conforming => labels::verdict(Verdict::Pass),
            Standing::Waived => said("許容付き", "with waivers"),
            Standing::Failing => labels::verdict(Verdict::Fail),
            Standing::Incomplete => said("未完了", "incomplete"),
            Standing::Spoiled => labels::verdict(Verdict::BedError),
        }
    }
}

impl Page {
    /// What this report may claim.
    pub fn standing(&self) -> Standing {
        if self.verdict == Verdict::BedError || !self.bed_errors.is_empty() {
            return Standing::Spoiled;
        }
        if self.verdict == Verdict::Fail || self.binding(&[Verdict::Fail]) {
            return Standing::Failing;
        }
        let open = matches!(
            self.verdict,
            Verdict::NotApplicable | Verdict::Inconclusive | Verdict::NotTested
        );
        if open || self.is_part() || self.nothing_passed() || self.leaves_out() {
            return Standing::Incomplete;
        }
        let waived = self.verdict == Verdict::Waived || self.binding(&[Verdict::Waived]);
        if waived || !self.waivers.is_empty() {
            return Standing::Waived;
        }
        Standing::Conforming
    }

    /// Whether only a part of the suite was played.
    pub fn is_part(&self) -> bool {
        let mut lacks = self.lacks.iter();
        lacks.any(|lack| lack.kind == LackKind::PartOfSuite)
    }

    /// Short names of the roles that were under test.
    pub fn under_test(&self) -> BTreeSet<&str> {
        let products = self.products.iter().map(|product| &product.role);
        let judged = self.roles.iter().map(|line| &line.role);
        products
            .chain(judged)
            .map(|role| role.id.as_str())
            .collect()
    }

    /// Whether something binding has one of these verdicts for some role.
    fn binding(&self, verdicts: &[Verdict]) -> bool {
        let mut all = self.requirements.iter();
        all.any(|requirement| {
            let mut roles = requirement.by_role.iter();
            binds(&requirement.level) && roles.any(|by| verdicts.contains(&by.verdict))
        })
    }

    /// Whether nothing at all was met, or nobody's product was tested.
    fn nothing_passed(&self) -> bool {
        let mut all = self.requirements.iter();
        self.products.is_empty() || !all.any(|one| one.verdict == Verdict::Pass)
    }

    /// Whether something binding was not judged for a role under test: left open, not reached, or without a check.
    fn leaves_out(&self) -> bool {
        let scope = self.under_test();
        let within = |roles: &[Named]| roles.iter().any(|role| scope.contains(role.id.as_str()));
        let unreached = |one: &crate::RequirementPart| binds(&one.level) && within(&one.unjudged);
        // What names no role is about everybody.
        let unchecked = |row: &crate::UntestedPart| {
            row.level.as_deref().is_none_or(binds) && (row.roles.is_empty() || within(&row.roles))
        };
        self.binding(&[Verdict::Inconclusive, Verdict::NotTested, Verdict::BedError])
            || self.requirements.iter().any(unreached)
            || self.untested.iter().any(unchecked)
    }
}

/// Whether a level stands in the way of a certificate: everything but a recommendation does.
fn binds(level: &str) -> bool {
    level != "SHOULD"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_run_that_passed_but_left_a_must_without_a_check_is_incomplete_everywhere() {
        let page = testing::passing_but_unchecked();
        assert_eq!(page.verdict, Verdict::Pass, "the judge's own word");
        assert_eq!(page.standing(), Standing::Incomplete);
        let evidence = testing::evidence();
        let html = crate::html(&page, &evidence).unwrap();
        assert!(!html.contains(r#"<div class="verdict pass">"#));
        assert!(html.contains(r#"<div class="verdict incomplete">"#));
        assert!(html.contains("判定した範囲では適合") && html.contains("passed as far as judged"));
        let console = crate::text(&page);
        assert!(
            console.starts_with("INCOMPLETE: passed as far as judged"),
            "{console}"
        );
        let json = crate::json(&page, &testing::run_info()).unwrap();
        assert!(json.contains(r#""standing": "incomplete""#));
        assert!(
            crate::ctrf(&page)
                .unwrap()
                .contains(r#""standing": "incomplete""#)
        );
        let read = crate::read(json.as_bytes()).unwrap();
        assert_eq!(read.standing(), Standing::Incomplete);
    }

    #[test]
    fn the_name_is_what_json_writes() {
        for standing in Standing::ALL {
            let written = serde_json::to_value(standing).unwrap();
            assert_eq!(written, standing.name());
            assert!(!standing.word().ja.is_ascii(), "{standing:?}");
        }
    }

    #[test]
    fn nothing_is_lacking_exactly_where_it_conforms_or_only_waivers_stand_in_the_way() {
        for page in [
            testing::page(),
            testing::calm_page(),
            testing::passing_but_unchecked(),
        ] {
            let whole = matches!(page.standing(), Standing::Conforming | Standing::Waived);
            assert_eq!(whole, page.lacks.is_empty(), "{}", page.missing.en);
        }
    }
}
