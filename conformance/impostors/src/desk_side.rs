//! Wrong receipt computers, one deviation each. Most are faults that makers have published of their own
//! products (facts/eligibility.md 6 and 8).

use std::sync::Arc;

use clinic::desk::{ChartState, Choice, Conduct};

use crate::Build;

/// Which id stands for which receipt computer.
pub const BUILT: &[(&str, Build)] = &[
    ("desk-takes-lost-as-current", |p| {
        p.desk = Arc::new(TakesLostAsCurrent);
    }),
    ("desk-computes-share", |p| {
        p.desk = Arc::new(ComputesShare);
    }),
    ("desk-computes-limit", |p| {
        p.desk = Arc::new(ComputesLimit);
    }),
    ("desk-replaces-unknown-code", |p| {
        p.desk = Arc::new(ReplacesUnknownCode);
    }),
    ("desk-keeps-empty-elements", |p| {
        p.desk = Arc::new(KeepsEmptyElements);
    }),
    ("desk-imports-twice", |p| {
        p.desk = Arc::new(ImportsTwice);
    }),
    ("desk-gives-up-half-written-file", |p| {
        p.desk = Arc::new(GivesUpHalfWrittenFile);
    }),
    ("desk-binds-to-first-namesake", |p| {
        p.desk = Arc::new(BindsToFirstNamesake);
    }),
    ("desk-overwrites-name", |p| {
        p.desk = Arc::new(OverwritesName);
    }),
    ("desk-overwrites-address", |p| {
        p.desk = Arc::new(OverwritesAddress);
    }),
    ("desk-ignores-reference-number", |p| {
        p.desk = Arc::new(IgnoresReferenceNumber);
    }),
    ("desk-skips-return-visit", |p| {
        p.desk = Arc::new(SkipsReturnVisit);
    }),
    ("desk-forgets-its-question", |p| {
        p.desk = Arc::new(ForgetsItsQuestion);
    }),
    ("desk-hides-grace-notice", |p| {
        p.desk = Arc::new(HidesGraceNotice);
    }),
    ("desk-wants-consent", |p| {
        p.desk = Arc::new(WantsConsent);
    }),
    ("desk-takes-valid-as-reference", |p| {
        p.desk = Arc::new(TakesValidAsReference);
    }),
    ("desk-shows-only-current", |p| {
        p.desk = Arc::new(ShowsOnlyCurrent);
    }),
    ("desk-drops-family-relation", |p| {
        p.desk = Arc::new(DropsFamilyRelation);
    }),
    ("desk-drops-days-and-insurer", |p| {
        p.desk = Arc::new(DropsDaysAndInsurer);
    }),
    ("desk-hides-drugs", |p| {
        p.desk = Arc::new(HidesDrugs);
    }),
];

struct TakesLostAsCurrent;
impl Conduct for TakesLostAsCurrent {
    fn state_for(&self, _validity: &str) -> ChartState {
        ChartState::Current
    }
}

struct ComputesShare;
impl Conduct for ComputesShare {
    /// The ordinary share by age, whatever the income: 1 tenth from 75, 2 from 70, 3 below.
    fn share_to_use(&self, _returned: &str, age: Option<u32>) -> String {
        match age {
            Some(75..) => "010",
            Some(70..) => "020",
            _ => "030",
        }
        .to_owned()
    }
}

struct ComputesLimit;
impl Conduct for ComputesLimit {
    fn limit_to_use(&self, _returned: &str) -> String {
        "A05".to_owned()
    }
}

struct ReplacesUnknownCode;
impl Conduct for ReplacesUnknownCode {
    fn unknown_code(&self, _value: &str) -> String {
        "01".to_owned()
    }
}

struct KeepsEmptyElements;
impl Conduct for KeepsEmptyElements {
    fn empty_is_absent(&self) -> bool {
        false
    }
}

struct ImportsTwice;
impl Conduct for ImportsTwice {
    fn same_file_again(&self, _known: bool) -> bool {
        false
    }
}

struct GivesUpHalfWrittenFile;
impl Conduct for GivesUpHalfWrittenFile {
    fn waits_for_rest_of_file(&self) -> bool {
        false
    }
}

struct BindsToFirstNamesake;
impl Conduct for BindsToFirstNamesake {
    fn chart_for(&self, matches: &[usize], similar: &[usize]) -> Choice {
        let first = matches.first().or(similar.first());
        first.map_or(Choice::New, |at| Choice::Chart(*at))
    }
}

struct OverwritesName;
impl Conduct for OverwritesName {
    fn keeps_name(&self, _in_chart: &str, _returned: &str) -> bool {
        false
    }
}

struct OverwritesAddress;
impl Conduct for OverwritesAddress {
    fn keeps_address(&self, _in_chart: &str, _returned: &str) -> bool {
        false
    }
}

struct IgnoresReferenceNumber;
impl Conduct for IgnoresReferenceNumber {
    fn reference_number_decides(&self) -> bool {
        false
    }
}

struct SkipsReturnVisit;
impl Conduct for SkipsReturnVisit {
    fn checks_again_on_return_visit(&self) -> bool {
        false
    }
}

struct ForgetsItsQuestion;
impl Conduct for ForgetsItsQuestion {
    fn remembers_pending(&self) -> bool {
        false
    }
}

struct HidesGraceNotice;
impl Conduct for HidesGraceNotice {
    fn shows_notice(&self, _code: &str) -> bool {
        false
    }
}

struct WantsConsent;
impl Conduct for WantsConsent {
    fn imports_without_consent(&self) -> bool {
        false
    }
}

struct TakesValidAsReference;
impl Conduct for TakesValidAsReference {
    fn state_for(&self, _validity: &str) -> ChartState {
        ChartState::Reference
    }
}

struct ShowsOnlyCurrent;
impl Conduct for ShowsOnlyCurrent {
    fn shows(&self, state: ChartState) -> bool {
        state == ChartState::Current
    }
}

struct DropsFamilyRelation;
impl Conduct for DropsFamilyRelation {
    fn keeps_element(&self, path: &str) -> bool {
        path != "PersonalFamilyClassification"
    }
}

struct DropsDaysAndInsurer;
impl Conduct for DropsDaysAndInsurer {
    fn keeps_element(&self, path: &str) -> bool {
        ![
            "QualificationDate",
            "DisqualificationDate",
            "ReasonOfLoss",
            "InsurerName",
        ]
        .contains(&path)
    }
}

struct HidesDrugs;
impl Conduct for HidesDrugs {
    fn shows_drugs(&self) -> bool {
        false
    }
}
