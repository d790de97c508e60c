//! What a report says, whatever its format: who was tested, the verdicts, who is at fault, what the
//! verdicts rest on, and what was not tested. `report.json` is this page and nothing beside it.

use std::collections::BTreeMap;

use judge::{Quote, Text, Verdict, WaiverState};
use serde::{Deserialize, Serialize};

use crate::labels::Named;

/// Version of the report format, the value of `schema`.
pub(crate) const SCHEMA: &str = "shikaku-report/1";

/// A whole report.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Always `shikaku-report/1`.
    pub schema: String,
    /// The worst of all verdicts, as the judge gave it.
    pub verdict: Verdict,
    /// The verdict in a sentence, with who is at fault.
    pub headline: Text,
    /// What stands between this run and a certificate, in a sentence: `lacks`, counted.
    pub missing: Text,
    /// Everything that stands between this run and a certificate, the most serious first.
    pub lacks: Vec<LackPart>,
    /// What was run.
    pub run: RunPart,
    /// How many of each verdict.
    pub counts: Count,
    /// Products under test, in the order of the run.
    pub products: Vec<ProductPart>,
    /// Verdict of each role.
    pub roles: Vec<RolePart>,
    /// Requirements of the run, in its order.
    pub requirements: Vec<RequirementPart>,
    /// Scenarios of the run, in its order.
    pub scenarios: Vec<ScenarioPart>,
    /// Requirements of the catalogue that nothing judges yet.
    pub untested: Vec<UntestedPart>,
    /// Faults of the bed and damage of the evidence.
    pub bed_errors: Vec<Bed>,
    /// Values public sources leave open, as this run used them.
    pub profile: Vec<ProfilePart>,
    /// Deviations accepted by name, in the order they were written, used or not.
    pub waivers: Vec<WaiverPart>,
    /// What a vendor's own statement says its product does not do.
    pub statements: Vec<StatementPart>,
    /// True when waivers or statements were handed in anew for this judging, in place of those of the run.
    pub exceptions_replaced: bool,
}

/// Something that stands between a run and a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LackPart {
    /// Of what kind it is.
    pub kind: LackKind,
    /// What is lacking, in a sentence.
    pub what: Text,
    /// The requirement it is about, if it is about one.
    pub requirement: Option<String>,
    /// The role it is about, if it is about one.
    pub role: Option<Named>,
    /// Scenarios to look at.
    pub scenarios: Vec<String>,
}

/// Kinds of lack, the most serious first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LackKind {
    /// The bed went wrong or the evidence is damaged.
    BedError,
    /// A MUST is broken and nobody waived it.
    Failed,
    /// A waiver whose last day lies before the edition date.
    ExpiredWaiver,
    /// A waiver that covers nothing that failed.
    UnusedWaiver,
    /// A MUST the evidence does not decide.
    Inconclusive,
    /// A MUST that was to be judged for a role under test and was not reached.
    NotTested,
    /// A MUST for a role under test that nothing in this suite judges yet.
    NoCheck,
    /// Only a part of the suite was played.
    PartOfSuite,
}

impl LackKind {
    /// Its name in words, for lists.
    pub fn name(self) -> &'static str {
        match self {
            LackKind::BedError => "bed at fault",
            LackKind::Failed => "broken",
            LackKind::ExpiredWaiver => "waiver expired",
            LackKind::UnusedWaiver => "waiver unused",
            LackKind::Inconclusive => "inconclusive",
            LackKind::NotTested => "not tested, not reached",
            LackKind::NoCheck => "not tested, no check yet",
            LackKind::PartOfSuite => "part of the suite",
        }
    }
}

/// A deviation accepted by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaiverPart {
    /// Its name.
    pub id: String,
    /// The requirement whose violation it accepts.
    pub requirement: String,
    /// The one role it accepts it of; any role when absent.
    pub role: Option<Named>,
    /// The one scenario it accepts it in; any scenario when absent.
    pub scenario: Option<String>,
    /// Why, in its owner's words.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day it holds, `YYYY-MM-DD`.
    pub expires: String,
    /// Whether it was needed and still holds.
    pub state: WaiverState,
    /// The failing findings it turned into waived ones.
    pub covers: Vec<CoveredPart>,
}

/// A finding that a waiver covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoveredPart {
    /// Scenario id.
    pub scenario: String,
    /// The role whose deviation it is.
    pub role: Named,
}

/// A line of a vendor's statement: this its product does not do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementPart {
    /// The requirement.
    pub requirement: String,
    /// The role of the product.
    pub role: Named,
    /// The vendor's words.
    pub statement: String,
}

/// What a run was made of: enough to make it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunPart {
    /// Digest of the suite: features, people, phrases, catalogue, profile.
    pub suite: String,
    /// The seed as decimal digits; a text, because JSON numbers of 64 bits do not survive every reader.
    pub seed: String,
    /// Edition date `YYYY-MM-DD`.
    pub edition: String,
    /// Digest that names the evidence; empty when it never lay in files.
    pub evidence: String,
}

/// How many of each verdict, by the verdict's name; verdicts nobody got are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Scenarios.
    pub scenarios: BTreeMap<String, usize>,
    /// Requirements, each by its worst role.
    pub requirements: BTreeMap<String, usize>,
}

/// A product under test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductPart {
    /// The role it was tested in.
    pub role: Named,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whoever makes it; empty when the evidence does not say.
    #[serde(default)]
    pub vendor: String,
    /// Digest of its build, `sha256:` and 64 hex digits; empty when the evidence does not say.
    #[serde(default)]
    pub digest: String,
}

/// Verdict of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolePart {
    /// The role.
    pub role: Named,
    /// The judge's verdict.
    pub verdict: Verdict,
    /// How many requirements were judged for it.
    pub judged: usize,
    /// Ids of requirements that failed for it.
    pub failed: Vec<String>,
    /// Ids of requirements that stayed open for it, inconclusive or not tested.
    pub open: Vec<String>,
    /// How many requirements bind it and are judged by nothing yet.
    pub untested: usize,
}

/// A requirement and its verdicts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequirementPart {
    /// Its id.
    pub id: String,
    /// `MUST` or `SHOULD`.
    pub level: String,
    /// Short Japanese title.
    pub ja: String,
    /// English wording.
    pub en: String,
    /// Public source.
    pub source: String,
    /// The worst of its roles; not tested when no role was judged.
    pub verdict: Verdict,
    /// Verdict of each role that was judged.
    pub by_role: Vec<ByRole>,
    /// Roles it binds and nobody judged it for.
    pub unjudged: Vec<Named>,
}

/// A requirement's verdict for one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByRole {
    /// The role.
    pub role: Named,
    /// The verdict.
    pub verdict: Verdict,
    /// Scenarios it rests on.
    pub scenarios: Vec<String>,
}

/// A scenario and what was found in it. The records behind it stay in the evidence.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioPart {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// `feature file:line`.
    pub place: String,
    /// Requirements it is tagged with.
    pub requirements: Vec<String>,
    /// Roles it exercises.
    pub roles: Vec<Named>,
    /// The verdict.
    pub verdict: Verdict,
    /// Who is at fault.
    pub at_fault: Vec<Named>,
    /// The command that plays it again.
    pub replay: String,
    /// Its steps as played.
    pub steps: Vec<Text>,
    /// What the rules said.
    pub findings: Vec<FindingPart>,
    /// Faults of the bed in it.
    pub bed_errors: Vec<String>,
    /// The record to look at first, by its number: what the failing findings rest on and whoever is at fault sent.
    pub look_first: Option<u32>,
    /// How many records stand behind it in the evidence; 0 when they are damaged.
    pub records: usize,
}

/// What one rule says of one role in one scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingPart {
    /// Requirement id.
    pub requirement: String,
    /// The role judged.
    pub role: Named,
    /// The verdict.
    pub verdict: Verdict,
    /// The waiver that covers it, when it is waived.
    pub waiver: Option<String>,
    /// Who is at fault, when it is not a pass.
    pub at_fault: Option<Named>,
    /// What should have happened.
    pub expected: Text,
    /// What happened.
    pub actual: Text,
    /// What to do next, when it is not a pass.
    pub advice: Option<Text>,
    /// The records it rests on.
    pub rests_on: Vec<Quote>,
}

/// A hop, with a mark where the protocol is ours because the real one is not published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HopPart {
    /// The hop.
    #[serde(flatten)]
    pub name: Named,
    /// True for a simulated interface.
    pub simulated_interface: bool,
}

/// A requirement nothing judges yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UntestedPart {
    /// Its id.
    pub id: String,
    /// `MUST` or `SHOULD`; absent when the catalogue does not know the id.
    pub level: Option<String>,
    /// Roles it binds.
    pub roles: Vec<Named>,
    /// Its title, as in the catalogue.
    pub title: Text,
    /// What it waits for.
    pub reason: Text,
}

/// A fault of the bed or damage of the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bed {
    /// Scenario id; empty for the whole run.
    pub scenario: String,
    /// What happened and what to do.
    pub error: String,
}

/// A value public sources leave open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfilePart {
    /// Its name.
    pub name: String,
    /// What this run used.
    pub value: String,
    /// What is used unless told otherwise; absent for a name this version does not know.
    pub usual: Option<String>,
    /// What it is.
    pub meaning: Text,
}

impl Page {
    /// Failing findings, in the order of scenarios.
    pub fn failures(&self) -> impl Iterator<Item = (&ScenarioPart, &FindingPart)> {
        self.findings(Verdict::Fail)
    }

    /// Findings of one verdict, in the order of scenarios.
    pub fn findings(
        &self,
        verdict: Verdict,
    ) -> impl Iterator<Item = (&ScenarioPart, &FindingPart)> {
        self.scenarios.iter().flat_map(move |scenario| {
            scenario
                .findings
                .iter()
                .filter(move |finding| finding.verdict == verdict)
                .map(move |finding| (scenario, finding))
        })
    }

    /// Faults of the bed and damage that belong to no scenario of the run.
    pub fn bed_errors_of_the_run(&self) -> impl Iterator<Item = &Bed> {
        let known = |bed: &&Bed| self.scenarios.iter().any(|s| s.id == bed.scenario);
        self.bed_errors.iter().filter(move |bed| !known(bed))
    }

    /// Requirements bound to a role that nobody judged for it, though others were: id and roles.
    pub fn gaps(&self) -> impl Iterator<Item = &RequirementPart> {
        self.requirements
            .iter()
            .filter(|requirement| !requirement.unjudged.is_empty())
    }
}
