//! Wrong readers, one deviation each.

use std::sync::Arc;

use clinic::reader::{Ask, Conduct, Stage};
use wire::eligibility::Standing;

use crate::Build;

/// Which id stands for which reader.
pub const BUILT: &[(&str, Build)] = &[
    ("reader-hides-renewal-notice", |p| {
        p.reader = Arc::new(HidesRenewalNotice);
    }),
    ("reader-hides-grace-notice", |p| {
        p.reader = Arc::new(HidesGraceNotice);
    }),
    ("reader-knows-one-way-only", |p| {
        p.reader = Arc::new(KnowsOneWayOnly);
    }),
    ("reader-asks-pin-after-face", |p| {
        p.reader = Arc::new(AsksPinAfterFace);
    }),
    ("reader-has-staff-take-card", |p| {
        p.reader = Arc::new(HasStaffTakeCard);
    }),
    ("reader-offers-face-without-camera", |p| {
        p.reader = Arc::new(OffersFaceWithoutCamera);
    }),
    ("reader-spends-last-try-silently", |p| {
        p.reader = Arc::new(SpendsLastTrySilently);
    }),
    ("reader-asks-consent-first", |p| {
        p.reader = Arc::new(AsksConsentFirst);
    }),
    ("reader-ends-in-silence", |p| {
        p.reader = Arc::new(EndsInSilence);
    }),
    ("reader-offers-no-registration", |p| {
        p.reader = Arc::new(OffersNoRegistration);
    }),
    ("reader-takes-any-face", |p| {
        p.reader = Arc::new(TakesAnyFace);
    }),
    ("reader-points-nowhere", |p| {
        p.reader = Arc::new(PointsNowhere);
    }),
    ("reader-ends-without-consent", |p| {
        p.reader = Arc::new(EndsWithoutConsent);
    }),
];

struct HidesRenewalNotice;
impl Conduct for HidesRenewalNotice {
    fn shows_renewal_notice(&self) -> bool {
        false
    }
}

struct HidesGraceNotice;
impl Conduct for HidesGraceNotice {
    fn shows_grace_notice(&self) -> bool {
        false
    }
}

struct KnowsOneWayOnly;
impl Conduct for KnowsOneWayOnly {
    fn allows_fail_over(&self) -> bool {
        false
    }
}

struct AsksPinAfterFace;
impl Conduct for AsksPinAfterFace {
    fn asks_pin_in_face_way(&self) -> bool {
        true
    }
}

struct HasStaffTakeCard;
impl Conduct for HasStaffTakeCard {
    fn keeps_card_with_patient(&self) -> bool {
        false
    }
}

struct OffersFaceWithoutCamera;
impl Conduct for OffersFaceWithoutCamera {
    fn offers_face_without_camera(&self) -> bool {
        true
    }
}

struct SpendsLastTrySilently;
impl Conduct for SpendsLastTrySilently {
    fn tells_of_last_try(&self) -> bool {
        false
    }
}

struct AsksConsentFirst;
impl Conduct for AsksConsentFirst {
    fn order(&self) -> &'static [Stage] {
        &[
            Stage::Consent(Ask::Operation),
            Stage::Consent(Ask::TreatmentDrug),
            Stage::Consent(Ask::Checkup),
            Stage::Identity,
            Stage::Registration,
        ]
    }
}

struct EndsInSilence;
impl Conduct for EndsInSilence {
    fn tells_removal(&self) -> bool {
        false
    }
}

struct OffersNoRegistration;
impl Conduct for OffersNoRegistration {
    fn offers_registration(&self, _standing: Standing) -> bool {
        false
    }
}

struct TakesAnyFace;
impl Conduct for TakesAnyFace {
    fn face_matches(&self, _distance: u8) -> bool {
        true
    }
}

struct PointsNowhere;
impl Conduct for PointsNowhere {
    fn names_fallbacks(&self) -> bool {
        false
    }
}

struct EndsWithoutConsent;
impl Conduct for EndsWithoutConsent {
    fn goes_on_without_consent(&self) -> bool {
        false
    }
}
