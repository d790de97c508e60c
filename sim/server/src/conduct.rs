//! The server's decisions, one method each, so that a server that errs on purpose differs from the
//! reference in one decision only. Whatever a method lets through goes on as if it had been right.

use rules::{Date, Decision, History, Inputs, Profile, Qualification, Revocation};

use crate::chain::Refusal;

/// What a server decides. Every default is the reference behaviour.
pub trait Conduct: Send + Sync {
    /// Whether a client must show a certificate of the facility authority (SEC-01). A server that
    /// refuses nobody takes any certificate's common name for the asker.
    fn refuses_strangers(&self) -> bool {
        true
    }

    /// Whether the card's certificate is one to trust (PKI-01); `found` is what the check found.
    fn chain_ok(&self, found: Result<(), Refusal>) -> Result<(), Refusal> {
        found
    }

    /// Whether the card's signature counts (PKI-08); `found` is what the check found.
    fn signature_ok(&self, found: bool) -> bool {
        found
    }

    /// What the revocation service's answer counts as (PKI-02, PKI-07).
    fn revocation(&self, found: Revocation) -> Revocation {
        found
    }

    /// The decision on one confirmation (PKI-04, LIFE-01 to LIFE-03, ELIG-03).
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        rules::decide(inputs, profile, today)
    }

    /// Which of a person's qualifications is answered (ELIG-01); `chosen` is the decision's.
    fn choose_qualification(
        &self,
        _history: &History,
        chosen: Option<Qualification>,
    ) -> Option<Qualification> {
        chosen
    }

    /// Whether the patient's consents count (LIFE-02); `found` is the decision's.
    fn consents_honoured(&self, found: bool) -> bool {
        found
    }
}

/// The server that errs nowhere on purpose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Conduct for Reference {}
