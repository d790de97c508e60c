//! How rules speak: short builders for texts, quotes and findings, so that every finding names the
//! rule, the role, the scenario, what was due, what happened, and where that is seen.

use crate::{Case, Finding, Quote, Text, Verdict};

/// A text in both languages.
pub(crate) fn t(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text {
        ja: ja.into(),
        en: en.into(),
    }
}

/// A quote.
pub(crate) fn q(seq: u32, what: impl Into<String>, said: impl Into<String>) -> Quote {
    Quote {
        seq,
        what: what.into(),
        said: said.into(),
    }
}

/// One rule speaking of one role.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speaker<'a> {
    scenario: &'a str,
    requirement: &'static str,
    role: &'a str,
}

impl Case {
    /// Lets a rule speak of a role.
    pub(crate) fn of<'a>(&'a self, requirement: &'static str, role: &'a str) -> Speaker<'a> {
        Speaker {
            scenario: &self.id,
            requirement,
            role,
        }
    }
}

impl Speaker<'_> {
    fn finding(
        self,
        verdict: Verdict,
        expected: Text,
        actual: Text,
        rests_on: Vec<Quote>,
    ) -> Finding {
        Finding {
            requirement: self.requirement.to_owned(),
            role: self.role.to_owned(),
            scenario: self.scenario.to_owned(),
            verdict,
            at_fault: None,
            expected,
            actual,
            advice: None,
            rests_on,
        }
    }

    /// As the rule demands.
    pub fn pass(self, expected: Text, actual: Text, rests_on: Vec<Quote>) -> Finding {
        self.finding(Verdict::Pass, expected, actual, rests_on)
    }

    /// Against the rule; the role judged is at fault.
    pub fn fail(self, expected: Text, actual: Text, advice: Text, rests_on: Vec<Quote>) -> Finding {
        let at_fault = Some(self.role.to_owned());
        Finding {
            at_fault,
            advice: Some(advice),
            ..self.finding(Verdict::Fail, expected, actual, rests_on)
        }
    }

    /// Not decided, because `at_fault` did not give the role its chance.
    pub fn unclear(
        self,
        at_fault: &str,
        expected: Text,
        actual: Text,
        rests_on: Vec<Quote>,
    ) -> Finding {
        let advice = t(
            format!("まず{at_fault}を直し、このシナリオをもう一度実行する"),
            format!("Mend {at_fault} first, then play this scenario again."),
        );
        Finding {
            at_fault: Some(at_fault.to_owned()),
            advice: Some(advice),
            ..self.finding(Verdict::Inconclusive, expected, actual, rests_on)
        }
    }

    /// Pass or fail by a condition.
    pub fn decide(
        self,
        holds: bool,
        expected: Text,
        actual: Text,
        advice: Text,
        rests_on: Vec<Quote>,
    ) -> Finding {
        if holds {
            self.pass(expected, actual, rests_on)
        } else {
            self.fail(expected, actual, advice, rests_on)
        }
    }
}
