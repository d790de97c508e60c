//! The kinds of medical information a patient consents to, one by one (CONS-01), and their names on the
//! screen's protocol and in the answer document.

use wire::reader::Consents;

/// A kind of medical information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsentKind {
    /// 特定健診情報.
    Checkup,
    /// 薬剤情報.
    Drug,
    /// 診療情報.
    Treatment,
    /// 手術情報.
    Operation,
}

impl ConsentKind {
    /// Every kind, in the order of the answer document.
    pub const ALL: [Self; 4] = [Self::Checkup, Self::Drug, Self::Treatment, Self::Operation];

    /// Its plain name, as in the patient's answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Checkup => "checkup",
            Self::Drug => "drug",
            Self::Treatment => "treatment",
            Self::Operation => "operation",
        }
    }

    /// The head of its elements in the answer document.
    pub(crate) const fn element(self) -> &'static str {
        match self {
            Self::Checkup => "SpecificHealthCheckupsInfo",
            Self::Drug => "PharmacistsInfo",
            Self::Treatment => "DiagnosisInfo",
            Self::Operation => "OperationInfo",
        }
    }

    /// What the patient answered.
    pub(crate) const fn chosen(self, consents: &Consents) -> bool {
        match self {
            Self::Checkup => consents.checkup,
            Self::Drug => consents.drug,
            Self::Treatment => consents.treatment,
            Self::Operation => consents.operation,
        }
    }
}
