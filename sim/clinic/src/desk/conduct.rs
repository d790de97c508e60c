//! The receipt computer's decisions, one method each; the defaults are the reference. Whatever a method
//! answers, the rest goes on as if it were right, so that a product wrong in one thing can be built from
//! this one.

use serde::{Deserialize, Serialize};

/// What an insurance in a chart may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChartState {
    /// Confirmed as valid; treatment is charged to it.
    Current,
    /// Shown only.
    Reference,
    /// Was current until a later answer.
    Ended,
}

/// Which chart a result goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// To this chart, a number out of those handed in.
    Chart(usize),
    /// To a chart of its own: nobody here knows the person.
    New,
    /// Staff choose.
    Undecided,
}

/// The decisions.
pub trait Conduct: Send + Sync {
    /// What a qualification of this validity (OQSCD006) may be in a chart (ELIG-12): only what is
    /// valid is current; everything else, unknown codes included, is shown as reference.
    fn state_for(&self, validity: &str) -> ChartState {
        match validity {
            "1" => ChartState::Current,
            _ => ChartState::Reference,
        }
    }

    /// Whether the desk sees what may be used so, as a row and in words (ELIG-17): all of it.
    fn shows(&self, _state: ChartState) -> bool {
        true
    }

    /// Whether a chart keeps an element of a result, by its path (ELIG-19): every one.
    fn keeps_element(&self, _path: &str) -> bool {
        true
    }

    /// Whether the drugs of an answer are shown (ELIG-19).
    fn shows_drugs(&self) -> bool {
        true
    }

    /// The share (InsuredPartialContributionRatio, ElderlyRecipientContributionRatio) a chart takes from a
    /// returned one, empty when none was returned; `age` in whole years on the day asked for, where it is
    /// known. As returned (ELIG-11).
    fn share_to_use(&self, returned: &str, _age: Option<u32>) -> String {
        returned.to_owned()
    }

    /// The limit class (OQSCD012) a chart takes from a returned one, empty when none was returned. As
    /// returned (ELIG-11): without one the class is not known.
    fn limit_to_use(&self, returned: &str) -> String {
        returned.to_owned()
    }

    /// What a chart holds for a code value that is in no table: the value as it came (ELIG-13).
    fn unknown_code(&self, value: &str) -> String {
        value.to_owned()
    }

    /// Whether an empty element says as much as an absent one: nothing (ELIG-13).
    fn empty_is_absent(&self) -> bool {
        true
    }

    /// Whether a file need not be imported because its content was (`known`) before, wherever it lay and
    /// whatever its name.
    fn same_file_again(&self, known: bool) -> bool {
        known
    }

    /// Whether an unreadable file gets time, because its writer may not be done.
    fn waits_for_rest_of_file(&self) -> bool {
        true
    }

    /// Which chart a result without a deciding 照会番号 goes to (ELIG-14): `matches` are the charts that fit
    /// by kana, birth date, sex and name, `similar` those that nearly do. One that fits takes it; two, or a
    /// similar one alone, are for staff.
    fn chart_for(&self, matches: &[usize], similar: &[usize]) -> Choice {
        match (matches, similar) {
            ([one], _) => Choice::Chart(*one),
            ([], []) => Choice::New,
            _ => Choice::Undecided,
        }
    }

    /// Whether a chart keeps the clinic's own writing of a name when a result writes it otherwise (ELIG-14).
    fn keeps_name(&self, _in_chart: &str, _returned: &str) -> bool {
        true
    }

    /// Whether a chart keeps its address when a result has another one.
    fn keeps_address(&self, _in_chart: &str, _returned: &str) -> bool {
        true
    }

    /// Whether a 照会番号 in a result decides which chart it goes to (ELIG-16).
    fn reference_number_decides(&self) -> bool {
        true
    }

    /// Whether a result is imported for a chart whose insurance was already checked in the same month
    /// (ELIG-17): every visit is checked.
    fn checks_again_on_return_visit(&self) -> bool {
        true
    }

    /// Whether the result of a patient who consented to nothing is imported (CONS-05): it says as much about
    /// the qualification as any other.
    fn imports_without_consent(&self) -> bool {
        true
    }

    /// Whether a question put to the terminal is kept until its answer comes (ELIG-18).
    fn remembers_pending(&self) -> bool {
        true
    }

    /// Whether the notice (ProcessingResultCode) of a normal result is shown, such as the one of the grace
    /// after a certificate's expiry (LIFE-02).
    fn shows_notice(&self, _code: &str) -> bool {
        true
    }
}

/// The reference receipt computer.
pub struct Reference;
impl Conduct for Reference {}
