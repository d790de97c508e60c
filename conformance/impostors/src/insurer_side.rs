//! Wrong insurers, one deviation each.

use std::sync::Arc;

use insurer::{Conduct, NumberError};
use rules::Date;
use wire::registration::{Benefits, Kind, Qualification};

use crate::Build;

/// Which id stands for which insurer.
pub const BUILT: &[(&str, Build)] = &[
    ("insurer-sends-wrong-check-digit", |p| {
        p.insurer = Arc::new(SendsWrongCheckDigit);
    }),
    ("insurer-leaves-out-shares", |p| {
        p.insurer = Arc::new(LeavesOutShares);
    }),
    ("insurer-keeps-losses-back", |p| {
        p.insurer = Arc::new(KeepsLossesBack);
    }),
    ("insurer-leaves-out-branch", |p| {
        p.insurer = Arc::new(LeavesOutBranch);
    }),
    ("insurer-writes-individual-number", |p| {
        p.insurer = Arc::new(WritesIndividualNumber);
    }),
    ("insurer-releases-at-once", |p| {
        p.insurer = Arc::new(ReleasesAtOnce);
    }),
];

struct SendsWrongCheckDigit;
impl Conduct for SendsWrongCheckDigit {
    fn checks_number(&self, _number: &str) -> Result<(), NumberError> {
        Ok(())
    }
}

struct LeavesOutShares;
impl Conduct for LeavesOutShares {
    fn passes_benefits(&self, _found: Benefits) -> Benefits {
        Benefits::default()
    }
}

struct KeepsLossesBack;
impl Conduct for KeepsLossesBack {
    fn sends_entry(&self, entry: &Qualification) -> bool {
        entry.kind != Kind::Loss
    }
}

struct LeavesOutBranch;
impl Conduct for LeavesOutBranch {
    fn branch(&self, _found: String) -> String {
        String::new()
    }
}

struct WritesIndividualNumber;
impl Conduct for WritesIndividualNumber {
    fn other_name(&self, _found: Option<String>, individual_number: &str) -> Option<String> {
        Some(individual_number.to_owned())
    }
}

struct ReleasesAtOnce;
impl Conduct for ReleasesAtOnce {
    fn release_day(&self, _found: Date, today: Date) -> Date {
        today
    }
}
