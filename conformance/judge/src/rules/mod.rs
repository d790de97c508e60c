//! The rules, one file a requirement. Each is a pure function from a case to findings: it judges what
//! is its own alone, names the role at fault, and says nothing where it meets nothing of its kind.

mod auth_05;
mod auth_07;
mod card_03;
mod common;
mod cons_05;
mod elig_01;
mod elig_03;
mod elig_12;
mod ins_06;
mod life_01;
mod life_02;
mod life_03;
mod notice;
mod pki_01;
mod pki_02;
mod pki_04;
mod pki_07;
mod pki_08;
mod sec_01;
mod sec_03;
#[cfg(test)]
mod tests;

use crate::{Case, Finding};

/// One requirement the judge can decide.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Requirement id of the catalogue, e.g. `LIFE-02`.
    pub id: &'static str,
    /// Roles the rule can convict.
    pub roles: &'static [&'static str],
    /// What the rule demands, Japanese and English.
    pub clause: (&'static str, &'static str),
    /// The rule itself.
    pub check: fn(&Case) -> Vec<Finding>,
}

const RULES: &[Rule] = &[
    auth_05::RULE,
    auth_07::RULE,
    card_03::RULE,
    cons_05::RULE,
    elig_01::RULE,
    elig_03::RULE,
    elig_12::RULE,
    ins_06::RULE,
    life_01::RULE,
    life_02::RULE,
    life_03::RULE,
    pki_01::RULE,
    pki_02::RULE,
    pki_04::RULE,
    pki_07::RULE,
    pki_08::RULE,
    sec_01::RULE,
    sec_03::RULE,
];

/// Every rule, by id.
pub fn rules() -> &'static [Rule] {
    RULES
}
