//! What can differ between two reports. One shape for every change, so that each printer is a loop: what
//! kind it is, what it is about, and how that read before and after.

use judge::Verdict;
use reports::{ProductPart, RunPart, Standing};
use serde::Serialize;

/// Version of the format, the value of `schema`.
pub(crate) const SCHEMA: &str = "shikaku-difference/1";

/// Everything that differs, most important first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Always `shikaku-difference/1`.
    pub schema: &'static str,
    /// Whether something newly fails or is no longer covered.
    pub worse: bool,
    /// The report compared against.
    pub before: Side,
    /// The report compared.
    pub after: Side,
    /// The changes, by kind in the order of [`Kind`], then by what they are about.
    pub changes: Vec<Change>,
}

/// What identifies one of the two reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// What the whole report may claim.
    pub standing: Standing,
    /// Its verdict.
    pub verdict: Verdict,
    /// What was run.
    pub run: RunPart,
    /// Products under test.
    pub products: Vec<ProductPart>,
}

/// What kind of change it is. The order is that of importance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It fails now, and did not before.
    NewlyFailing,
    /// It was decided before, and now is not: for the requirement in the whole run, or because a scenario is gone.
    NoLongerCovered,
    /// It was not passed before and after, but somebody else is at fault.
    AtFault,
    /// Its verdict is another one in any other way.
    Verdict,
    /// It failed before, and passes now.
    NewlyPassing,
    /// It is decided now, and was not before.
    NewlyCovered,
    /// One scenario decides it in one report only, and others of the same report decide it too: nothing is lost.
    JudgedElsewhere,
    /// The product in a role is another: its name, version, vendor or build.
    Product,
    /// A waiver came, went, reads differently or is in another state.
    Waiver,
    /// The vendor's statement leaves out something else.
    Statement,
    /// A requirement's level, wording or source reads differently.
    Rule,
    /// A requirement came.
    RuleAdded,
    /// A requirement went.
    RuleRemoved,
    /// Features, people, phrases or catalogue are not the same.
    Suite,
    /// The rules of another day.
    Edition,
    /// Another seed.
    Seed,
    /// A value public sources leave open is another.
    Profile,
    /// A scenario came.
    ScenarioAdded,
    /// A scenario went.
    ScenarioRemoved,
    /// A scenario has another title.
    ScenarioRetitled,
}

/// What a change is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Requirement id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// Role id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What of it: `name`, `version`, `vendor`, `digest`; `level`, `ja`, `en`, `source`; a profile value's name; a waiver's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Scenario ids, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<String>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// What kind.
    pub kind: Kind,
    /// What it is about; the whole run when every member is absent.
    pub about: Place,
    /// How it read before: a verdict's name, or the text itself; null where there was nothing.
    pub before: Option<String>,
    /// How it reads now.
    pub after: Option<String>,
    /// Who was at fault before: a role, `configuration` or `bed`.
    pub at_fault_before: Option<String>,
    /// Who is at fault now.
    pub at_fault_after: Option<String>,
}

impl Kind {
    /// Every kind, most important first.
    pub const ALL: &'static [Kind] = &[
        Kind::NewlyFailing,
        Kind::NoLongerCovered,
        Kind::AtFault,
        Kind::Verdict,
        Kind::NewlyPassing,
        Kind::NewlyCovered,
        Kind::JudgedElsewhere,
        Kind::Product,
        Kind::Waiver,
        Kind::Statement,
        Kind::Rule,
        Kind::RuleAdded,
        Kind::RuleRemoved,
        Kind::Suite,
        Kind::Edition,
        Kind::Seed,
        Kind::Profile,
        Kind::ScenarioAdded,
        Kind::ScenarioRemoved,
        Kind::ScenarioRetitled,
    ];

    /// Whether the later report is the worse for it.
    pub fn is_loss(self) -> bool {
        matches!(self, Kind::NewlyFailing | Kind::NoLongerCovered)
    }

    /// Whether `before` and `after` are names of verdicts.
    pub(crate) fn of_verdicts(self) -> bool {
        self <= Kind::JudgedElsewhere
    }

    /// What it means when a verdict becomes another. Nothing when it stays.
    pub(crate) fn between(before: Verdict, after: Verdict) -> Option<Kind> {
        match (before, after) {
            (before, after) if before == after => None,
            (_, Verdict::Fail) => Some(Kind::NewlyFailing),
            (Verdict::Fail, Verdict::Pass) => Some(Kind::NewlyPassing),
            (before, after) => Some(match (decided(before), decided(after)) {
                (true, false) => Kind::NoLongerCovered,
                (false, true) => Kind::NewlyCovered,
                _ => Kind::Verdict,
            }),
        }
    }
}

/// Whether a verdict says something of the product.
pub(crate) fn decided(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Pass | Verdict::Fail | Verdict::Waived)
}

impl Difference {
    /// The changes of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(move |change| change.kind == kind)
    }

    /// Whether the reports say the same.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Exit code of the command line: 1 when something newly fails or is no longer covered, otherwise 0.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.worse)
    }
}
