//! The reader's decisions, one method each, so that any one of them can be bent alone; the defaults
//! are the reference.

use wire::eligibility::Standing;

use super::ScreenId;

/// Kinds of medical information the patient is asked about, one screen each (CONS-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// 手術情報.
    Operation,
    /// 診療・薬剤情報.
    TreatmentDrug,
    /// 特定健診情報.
    Checkup,
}

/// One step between the ready card and the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Choosing a method and being identified by it: face, PIN or staff's eye.
    Identity,
    /// The offer of the use registration, where there is something to offer.
    Registration,
    /// One consent screen.
    Consent(Ask),
}

/// The published order: identified first, then registered if need be, asked for consent afterwards
/// (AUTH-07, facts/eligibility.md 5.2).
pub const PUBLISHED_ORDER: [Stage; 5] = [
    Stage::Identity,
    Stage::Registration,
    Stage::Consent(Ask::Operation),
    Stage::Consent(Ask::TreatmentDrug),
    Stage::Consent(Ask::Checkup),
];

/// Largest mean difference of a byte between photo and camera that still is the same person.
pub const FACE_TOLERANCE: u8 = 24;

/// The reader's decisions.
pub trait Conduct: Send + Sync {
    /// In which order the screens come.
    fn order(&self) -> &'static [Stage] {
        &PUBLISHED_ORDER
    }

    /// Whether the patient is told before the last PIN try is spent (AUTH-05).
    fn tells_of_last_try(&self) -> bool {
        true
    }

    /// Whether the PIN is asked from somebody whose face matched (AUTH-03 forbids it).
    fn asks_pin_in_face_way(&self) -> bool {
        false
    }

    /// Whether photo and camera show the same person, by the mean difference of a byte, rounded up
    /// (SEC-06).
    fn face_matches(&self, distance: u8) -> bool {
        distance <= FACE_TOLERANCE
    }

    /// Whether a reader without a camera offers the face all the same (AUTH-06).
    fn offers_face_without_camera(&self) -> bool {
        false
    }

    /// Whether a patient whose method fails may go on by another one (AUTH-01).
    fn allows_fail_over(&self) -> bool {
        true
    }

    /// Whether staff are asked to compare with the card where it lies, out of their hands (AUTH-04).
    fn keeps_card_with_patient(&self) -> bool {
        true
    }

    /// Whether the use registration is offered to a card that stands so (REG-02, REG-07, LIFE-06).
    fn offers_registration(&self, standing: Standing) -> bool {
        match standing {
            Standing::NeverRegistered | Standing::Lapsed | Standing::Released => true,
            Standing::Registered | Standing::Undetermined => false,
        }
    }

    /// Whether the patient is told that the visit broke off with the card (AUTH-08).
    fn tells_removal(&self) -> bool {
        true
    }

    /// Whether a refusal names the ways that are left to the patient (LIFE-03).
    fn names_fallbacks(&self) -> bool {
        true
    }

    /// Whether the check goes on for a patient who gave no consent at all (CONS-05).
    fn goes_on_without_consent(&self) -> bool {
        true
    }

    /// Whether the notice of a certificate that expires within three months is shown (LIFE-01).
    fn shows_renewal_notice(&self) -> bool {
        true
    }

    /// Whether the notice of an expired certificate in its grace is shown (LIFE-02).
    fn shows_grace_notice(&self) -> bool {
        true
    }

    /// Whether a qualification that is not valid is told from a valid one at the end (ELIG-19).
    fn tells_validity(&self) -> bool {
        true
    }

    /// The words of a screen, as they were written for it.
    fn words(&self, _screen: ScreenId, lines: Vec<String>) -> Vec<String> {
        lines
    }
}

/// The reference reader.
pub struct Reference;
impl Conduct for Reference {}
