//! Wrong readers, one deviation each.

use std::sync::Arc;

use clinic::reader::{Ask, Conduct, ScreenId, Stage};
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
    ("reader-confirms-lost-qualification", |p| {
        p.reader = Arc::new(ConfirmsLostQualification);
    }),
    ("reader-welcomes-the-refused", |p| {
        p.reader = Arc::new(WelcomesTheRefused);
    }),
    ("reader-gives-one-reason", |p| {
        p.reader = Arc::new(GivesOneReason);
    }),
    ("reader-blames-the-card", |p| {
        p.reader = Arc::new(BlamesTheCard);
    }),
    ("reader-warns-without-words", |p| {
        p.reader = Arc::new(WarnsWithoutWords);
    }),
    ("reader-presses-for-consent", |p| {
        p.reader = Arc::new(PressesForConsent);
    }),
    ("reader-keeps-face-to-itself", |p| {
        p.reader = Arc::new(KeepsFaceToItself);
    }),
    ("reader-calls-nobody", |p| {
        p.reader = Arc::new(CallsNobody);
    }),
    ("reader-breaks-off-without-words", |p| {
        p.reader = Arc::new(BreaksOffWithoutWords);
    }),
    ("reader-lets-cards-be-forgotten", |p| {
        p.reader = Arc::new(LetsCardsBeForgotten);
    }),
    ("reader-plays-expiry-down", |p| {
        p.reader = Arc::new(PlaysExpiryDown);
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

struct ConfirmsLostQualification;
impl Conduct for ConfirmsLostQualification {
    fn tells_validity(&self) -> bool {
        false
    }
}

struct WelcomesTheRefused;
impl Conduct for WelcomesTheRefused {
    fn words(&self, screen: ScreenId, lines: Vec<String>) -> Vec<String> {
        match screen {
            ScreenId::Refused => [vec!["受付が完了しました。".to_owned()], lines].concat(),
            _ => lines,
        }
    }
}

struct GivesOneReason;
impl Conduct for GivesOneReason {
    fn words(&self, screen: ScreenId, lines: Vec<String>) -> Vec<String> {
        // The ways on are the last three lines.
        let ways = lines.len().saturating_sub(3);
        match screen {
            ScreenId::Refused => {
                [&["このカードは使えません。".to_owned()], &lines[ways..]].concat()
            }
            _ => lines,
        }
    }
}

struct BlamesTheCard;
impl Conduct for BlamesTheCard {
    fn words(&self, screen: ScreenId, lines: Vec<String>) -> Vec<String> {
        let unasked = lines
            .iter()
            .any(|line| line.contains("いま確かめられません"));
        match screen {
            ScreenId::Refused if unasked => lines[..1].to_vec(),
            _ => lines,
        }
    }
}

struct WarnsWithoutWords;
impl Conduct for WarnsWithoutWords {
    fn words(&self, screen: ScreenId, lines: Vec<String>) -> Vec<String> {
        match screen {
            ScreenId::LastTryWarning => Vec::new(),
            _ => lines,
        }
    }
}

struct PressesForConsent;
impl Conduct for PressesForConsent {
    fn words(&self, screen: ScreenId, lines: Vec<String>) -> Vec<String> {
        let asks = [
            ScreenId::ConsentOperation,
            ScreenId::ConsentTreatmentDrug,
            ScreenId::ConsentCheckup,
        ];
        match asks.contains(&screen) {
            true => [
                lines,
                vec!["同意しないと、このカードでは受付できません。".to_owned()],
            ]
            .concat(),
            false => lines,
        }
    }
}

struct KeepsFaceToItself;
impl Conduct for KeepsFaceToItself {
    fn words(&self, screen: ScreenId, lines: Vec<String>) -> Vec<String> {
        match screen {
            ScreenId::ChooseMethod => lines
                .into_iter()
                .filter(|line| !line.contains("顔"))
                .collect(),
            _ => lines,
        }
    }
}

struct CallsNobody;
impl Conduct for CallsNobody {
    fn words(&self, screen: ScreenId, lines: Vec<String>) -> Vec<String> {
        match screen {
            ScreenId::StaffEye => Vec::new(),
            _ => lines,
        }
    }
}

struct BreaksOffWithoutWords;
impl Conduct for BreaksOffWithoutWords {
    fn words(&self, screen: ScreenId, lines: Vec<String>) -> Vec<String> {
        match screen {
            ScreenId::CardRemoved => Vec::new(),
            _ => lines,
        }
    }
}

struct LetsCardsBeForgotten;
impl Conduct for LetsCardsBeForgotten {
    fn words(&self, screen: ScreenId, lines: Vec<String>) -> Vec<String> {
        match screen {
            ScreenId::TakeCard => Vec::new(),
            _ => lines,
        }
    }
}

struct PlaysExpiryDown;
impl Conduct for PlaysExpiryDown {
    fn words(&self, screen: ScreenId, lines: Vec<String>) -> Vec<String> {
        let expired = lines.iter().any(|line| line.contains("切れています"));
        match screen {
            ScreenId::DoneNotice if expired => {
                let fine = "更新は不要です。診療情報をすべて利用できます。".to_owned();
                [lines, vec![fine]].concat()
            }
            _ => lines,
        }
    }
}
