//! Wrong cards, readers, terminals and receipt computers, one deviation each.

use clinic::reader::{Ask, Stage};
use wire::reader::Consents;

pub struct ForgetsWrongTries;
impl virtual_card::Conduct for ForgetsWrongTries {
    fn tries_after_wrong(&self, left: u8) -> u8 {
        left
    }

    // A counter that is lowered first and put back afterwards would still show; it stays as it is.
    fn lowers_before_comparing(&self) -> bool {
        false
    }
}

pub struct HidesRenewalNotice;
impl clinic::reader::Conduct for HidesRenewalNotice {
    fn shows_renewal_notice(&self) -> bool {
        false
    }
}

pub struct HidesGraceNotice;
impl clinic::reader::Conduct for HidesGraceNotice {
    fn shows_grace_notice(&self) -> bool {
        false
    }
}

pub struct SpendsLastTrySilently;
impl clinic::reader::Conduct for SpendsLastTrySilently {
    fn tells_of_last_try(&self) -> bool {
        false
    }
}

pub struct AsksConsentFirst;
impl clinic::reader::Conduct for AsksConsentFirst {
    fn order(&self) -> &'static [Stage] {
        &[
            Stage::Consent(Ask::Operation),
            Stage::Consent(Ask::TreatmentDrug),
            Stage::Consent(Ask::Checkup),
            Stage::Method,
            Stage::Pin,
        ]
    }
}

pub struct WritesPinIntoFile;
impl clinic::terminal::Conduct for WritesPinIntoFile {
    fn remark(&self, pin: &str) -> Option<String> {
        Some(pin.to_owned())
    }
}

pub struct WithholdsWithoutConsent;
impl clinic::terminal::Conduct for WithholdsWithoutConsent {
    fn drops_file(&self, consents: &Consents) -> bool {
        consents.operation || consents.treatment || consents.drug || consents.checkup
    }
}

pub struct TakesLostAsCurrent;
impl clinic::desk::Conduct for TakesLostAsCurrent {
    fn state_for(&self, _validity: &str) -> clinic::desk::ChartState {
        clinic::desk::ChartState::Current
    }
}
