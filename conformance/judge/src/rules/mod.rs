//! The rules, one file a requirement. Each is a pure function from a case to findings: it judges what
//! is its own alone, names the role at fault, and says nothing where it meets nothing of its kind.

mod answers;
mod auth_01;
mod auth_02;
mod auth_03;
mod auth_04;
mod auth_05;
mod auth_06;
mod auth_07;
mod auth_08;
mod auth_10;
mod block;
mod card_01;
mod card_02;
mod card_03;
mod card_04;
mod card_05;
mod card_06;
mod card_07;
mod card_08;
mod card_09;
mod card_10;
mod card_12;
mod card_15;
mod chip;
mod closing;
mod codes;
mod common;
mod cons_01;
mod cons_02;
mod cons_05;
mod consented;
mod delivery;
mod desk;
mod drugs;
mod elig_01;
mod elig_02;
mod elig_03;
mod elig_04;
mod elig_05;
mod elig_06;
mod elig_07;
mod elig_08;
mod elig_11;
mod elig_12;
mod elig_13;
mod elig_14;
mod elig_16;
mod elig_17;
mod elig_18;
mod elig_19;
mod elig_20;
mod handed_on;
mod home;
mod identity;
mod ins_01;
mod ins_02;
mod ins_03;
mod ins_04;
mod ins_06;
mod life_01;
mod life_02;
mod life_03;
mod life_05;
mod life_06;
mod life_07;
mod life_08;
mod lost;
mod notice;
mod numbered;
mod outcomes;
mod passed_on;
mod pki_01;
mod pki_02;
mod pki_03;
mod pki_04;
mod pki_05;
mod pki_06;
mod pki_07;
mod pki_08;
mod reference_shown;
mod reg_01;
mod reg_02;
mod reg_03;
mod reg_04;
mod reg_05;
mod reg_06;
mod reg_07;
mod reg_08;
mod registering;
mod renewed;
mod request_file;
mod sec_01;
mod sec_02;
mod sec_03;
mod sec_04;
mod sec_05;
mod sec_06;
mod shown;
mod spoken;
#[cfg(test)]
mod tests;
mod wording;
mod words;

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
    auth_01::RULE,
    auth_02::RULE,
    auth_03::RULE,
    auth_04::RULE,
    auth_05::RULE,
    auth_06::RULE,
    auth_07::RULE,
    auth_08::RULE,
    auth_10::RULE,
    card_01::RULE,
    card_02::RULE,
    card_03::RULE,
    card_04::RULE,
    card_05::RULE,
    card_06::RULE,
    card_07::RULE,
    card_08::RULE,
    card_09::RULE,
    card_10::RULE,
    card_12::RULE,
    card_15::RULE,
    cons_01::RULE,
    cons_02::RULE,
    cons_05::RULE,
    elig_01::RULE,
    elig_02::RULE,
    elig_03::RULE,
    elig_04::RULE,
    elig_05::RULE,
    elig_06::RULE,
    elig_07::RULE,
    elig_08::RULE,
    elig_11::RULE,
    elig_12::RULE,
    elig_13::RULE,
    elig_14::RULE,
    elig_16::RULE,
    elig_17::RULE,
    elig_18::RULE,
    elig_19::RULE,
    elig_20::RULE,
    ins_01::RULE,
    ins_02::RULE,
    ins_03::RULE,
    ins_04::RULE,
    ins_06::RULE,
    life_01::RULE,
    life_02::RULE,
    life_03::RULE,
    life_05::RULE,
    life_06::RULE,
    life_07::RULE,
    life_08::RULE,
    pki_01::RULE,
    pki_02::RULE,
    pki_03::RULE,
    pki_04::RULE,
    pki_05::RULE,
    pki_06::RULE,
    pki_07::RULE,
    pki_08::RULE,
    reg_01::RULE,
    reg_02::RULE,
    reg_03::RULE,
    reg_04::RULE,
    reg_05::RULE,
    reg_06::RULE,
    reg_07::RULE,
    reg_08::RULE,
    sec_01::RULE,
    sec_02::RULE,
    sec_03::RULE,
    sec_04::RULE,
    sec_05::RULE,
    sec_06::RULE,
];

/// Every rule, by id.
pub fn rules() -> &'static [Rule] {
    RULES
}
