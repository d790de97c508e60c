//! The rules, one file a requirement. Each is a pure function from a case to findings; a rule that
//! meets nothing of its kind in a scenario says nothing.

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

/// Every rule, by id.
pub fn rules() -> &'static [Rule] {
    &[]
}
