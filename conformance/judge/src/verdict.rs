//! What a judge says: findings, and the verdicts that follow from them for scenarios,
//! requirements and roles.

use evidence::{Run, Waiver};
use serde::{Deserialize, Serialize};

/// The seven verdicts, in the order in which the worse one wins when several meet. What does not apply to
/// one gives way to whatever was said of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The vendor's own statement says the product does not do this.
    NotApplicable,
    /// As the rule demands.
    Pass,
    /// A deviation accepted by name, with reason and expiry.
    Waived,
    /// No scenario touched it; the reason is given.
    NotTested,
    /// Touched, but the evidence does not decide.
    Inconclusive,
    /// Against the rule.
    Fail,
    /// The bed itself went wrong; nothing is said about the product.
    BedError,
}

impl Verdict {
    /// All seven, the mildest first.
    pub const ALL: [Verdict; 7] = [
        Verdict::NotApplicable,
        Verdict::Pass,
        Verdict::Waived,
        Verdict::NotTested,
        Verdict::Inconclusive,
        Verdict::Fail,
        Verdict::BedError,
    ];
}

/// One sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// A place in the evidence a finding rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// Record number in the scenario.
    pub seq: u32,
    /// What is quoted, e.g. `OQSsiquc01res QualificationValidity`.
    pub what: String,
    /// What it said.
    pub said: String,
}

/// What one rule says of one role in one scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Requirement id.
    pub requirement: String,
    /// Role judged.
    pub role: String,
    /// Scenario id.
    pub scenario: String,
    /// The verdict. A waived one keeps who is at fault and what happened.
    pub verdict: Verdict,
    /// Who is at fault when it is not a pass: a role name, `configuration` or `bed`.
    pub at_fault: Option<String>,
    /// What should have happened, computed from the declared facts.
    pub expected: Text,
    /// What happened.
    pub actual: Text,
    /// What to do next, when it is not a pass.
    pub advice: Option<Text>,
    /// Where in the evidence this is seen.
    pub rests_on: Vec<Quote>,
}

/// Verdict of a requirement for one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequirementVerdict {
    /// Requirement id.
    pub requirement: String,
    /// Role.
    pub role: String,
    /// `MUST` or `SHOULD`.
    pub level: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Scenarios it rests on.
    pub scenarios: Vec<String>,
}

/// Verdict of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScenarioVerdict {
    /// Scenario id.
    pub scenario: String,
    /// The worst of its findings; inconclusive when a tagged requirement found nothing to judge.
    pub verdict: Verdict,
    /// Roles at fault.
    pub at_fault: Vec<String>,
}

/// Verdict of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleVerdict {
    /// Role name of the catalogue.
    pub role: String,
    /// The worst of its MUST requirements.
    pub verdict: Verdict,
    /// Requirements judged for it.
    pub judged: usize,
}

/// What became of a waiver in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverState {
    /// It covers at least one failing finding.
    Used,
    /// Nothing that failed is covered by it: it hides nothing today and would hide something tomorrow.
    Unused,
    /// Its last day lies before the edition date, or is no day: it covers nothing.
    Expired,
    /// Only a part of the suite was played, and nothing of it could have used this waiver.
    NotReached,
}

/// A waiver and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaiverVerdict {
    /// The waiver.
    pub waiver: Waiver,
    /// Whether it was needed and still holds.
    pub state: WaiverState,
    /// Findings it turned from fail into waived, as (scenario, role), in their order.
    pub covers: Vec<(String, String)>,
}

/// Something wrong with the bed or the evidence itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BedError {
    /// Scenario id, or empty for the whole run.
    pub scenario: String,
    /// What happened and what to do.
    pub error: String,
}

/// Everything the judge says of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The head of the evidence.
    pub run: Run,
    /// Digest that names the evidence.
    pub evidence: String,
    /// Findings, by scenario in the suite's order, then requirement, then role.
    pub findings: Vec<Finding>,
    /// By requirement and role.
    pub requirements: Vec<RequirementVerdict>,
    /// By scenario.
    pub scenarios: Vec<ScenarioVerdict>,
    /// By role.
    pub roles: Vec<RoleVerdict>,
    /// Faults of the bed or damage of the evidence.
    pub bed_errors: Vec<BedError>,
    /// Waivers of the run, in their order, and what became of each.
    pub waivers: Vec<WaiverVerdict>,
    /// True when waivers or statements were handed in anew, in place of those the run was made with.
    pub exceptions_replaced: bool,
    /// The worst of all; at least a fail when a waiver is unused or expired.
    pub verdict: Verdict,
}

impl WaiverState {
    /// Stable name in reports.
    pub fn name(self) -> &'static str {
        match self {
            WaiverState::Used => "used",
            WaiverState::Unused => "unused",
            WaiverState::Expired => "expired",
            WaiverState::NotReached => "not-reached",
        }
    }

    /// Whether it fails the run: the configuration is at fault, not the product.
    pub fn fails(self) -> bool {
        matches!(self, WaiverState::Unused | WaiverState::Expired)
    }
}

impl Judgement {
    /// Waivers that fail the run.
    pub fn idle_waivers(&self) -> impl Iterator<Item = &WaiverVerdict> {
        self.waivers.iter().filter(|line| line.state.fails())
    }

    /// Exit code of the command line: 3 the bed is at fault, 2 a waiver is unused or expired, else as the
    /// verdict says.
    pub fn exit_code(&self) -> u8 {
        match self.verdict {
            Verdict::BedError => Verdict::BedError.exit_code(),
            _ if self.idle_waivers().next().is_some() => CONFIGURATION,
            verdict => verdict.exit_code(),
        }
    }
}

/// Exit code when the configuration is at fault.
const CONFIGURATION: u8 = 2;

impl Verdict {
    /// Stable name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::NotApplicable => "not-applicable",
            Verdict::Waived => "waived",
            Verdict::NotTested => "not-tested",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Fail => "fail",
            Verdict::BedError => "bed-error",
        }
    }

    /// Exit code of the command line: 0 passed, 1 product failed, 3 bed at fault, 4 incomplete.
    /// When several hold, the order is 3, 1, 4: the worse verdict already carries it.
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Pass | Verdict::NotApplicable | Verdict::Waived => 0,
            Verdict::Fail => 1,
            Verdict::BedError => 3,
            Verdict::NotTested | Verdict::Inconclusive => 4,
        }
    }
}
