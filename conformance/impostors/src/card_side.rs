//! Wrong cards, one deviation each, the issuer's own mistake included.

use std::sync::Arc;

use rules::Date;

use crate::Build;

/// Which id stands for which card.
pub const BUILT: &[(&str, Build)] = &[
    ("card-gives-private-key", |p| {
        p.card = Arc::new(GivesPrivateKey);
    }),
    ("card-names-its-holder", |p| {
        p.jlis = Arc::new(NamesItsHolder);
    }),
    ("card-begins-before-its-day", |p| {
        p.jlis = Arc::new(BeginsBeforeItsDay);
    }),
    ("card-forgets-wrong-tries", |p| {
        p.card = Arc::new(ForgetsWrongTries);
    }),
    ("card-restores-too-few-tries", |p| {
        p.card = Arc::new(RestoresTooFewTries);
    }),
    ("card-signs-without-pin", |p| {
        p.card = Arc::new(SignsWithoutPin);
    }),
    ("card-allows-six-sign-tries", |p| {
        p.card = Arc::new(AllowsSixSignTries);
    }),
    ("card-signs-without-password", |p| {
        p.card = Arc::new(SignsWithoutPassword);
    }),
    ("card-shows-sign-certificate", |p| {
        p.card = Arc::new(ShowsSignCertificate);
    }),
    ("card-locks-together", |p| {
        p.card = Arc::new(LocksTogether);
    }),
    ("card-unlocks-on-power", |p| {
        p.card = Arc::new(UnlocksOnPower);
    }),
    ("card-gives-number-for-b", |p| {
        p.card = Arc::new(GivesNumberForB);
    }),
    ("card-gives-photo-freely", |p| {
        p.card = Arc::new(GivesPhotoFreely);
    }),
    ("card-carries-insurance", |p| {
        p.card = Arc::new(CarriesInsurance);
    }),
    ("card-answers-after-tamper", |p| {
        p.card = Arc::new(AnswersAfterTamper);
    }),
    ("card-restores-counter-on-tear", |p| {
        p.card = Arc::new(RestoresCounterOnTear);
    }),
    ("card-compares-before-lowering", |p| {
        p.card = Arc::new(ComparesBeforeLowering);
    }),
    ("card-signs-the-same-always", |p| {
        p.card = Arc::new(SignsTheSameAlways);
    }),
];

struct GivesPrivateKey;
impl virtual_card::Conduct for GivesPrivateKey {
    fn lets_private_key_be_read(&self) -> bool {
        true
    }
}

struct NamesItsHolder;
impl jlis::Conduct for NamesItsHolder {
    fn names_person_in_authentication_certificate(&self) -> bool {
        true
    }
}

struct BeginsBeforeItsDay;
impl jlis::Conduct for BeginsBeforeItsDay {
    fn first_day(&self, found: Date) -> Date {
        found.yesterday().unwrap_or(found)
    }
}

struct ForgetsWrongTries;
impl virtual_card::Conduct for ForgetsWrongTries {
    fn tries_after_wrong(&self, left: u8) -> u8 {
        left
    }
}

struct RestoresTooFewTries;
impl virtual_card::Conduct for RestoresTooFewTries {
    fn tries_after_right(&self, maximum: u8) -> u8 {
        maximum.saturating_sub(1)
    }
}

struct SignsWithoutPin;
impl virtual_card::Conduct for SignsWithoutPin {
    fn key_usable(&self, _secret_presented: bool) -> bool {
        true
    }
}

struct AllowsSixSignTries;
impl virtual_card::Conduct for AllowsSixSignTries {
    fn sign_tries_count(&self) -> u8 {
        6
    }
}

struct SignsWithoutPassword;
impl virtual_card::Conduct for SignsWithoutPassword {
    fn sign_needs_password(&self) -> bool {
        false
    }
}

struct ShowsSignCertificate;
impl virtual_card::Conduct for ShowsSignCertificate {
    fn sign_certificate_readable(&self, _password_presented: bool) -> bool {
        true
    }
}

struct LocksTogether;
impl virtual_card::Conduct for LocksTogether {
    fn locks_together(&self) -> bool {
        true
    }
}

struct UnlocksOnPower;
impl virtual_card::Conduct for UnlocksOnPower {
    fn unlocks_on_power(&self) -> bool {
        true
    }
}

struct GivesNumberForB;
impl virtual_card::Conduct for GivesNumberForB {
    fn gives_individual_number_for_b(&self) -> bool {
        true
    }
}

struct GivesPhotoFreely;
impl virtual_card::Conduct for GivesPhotoFreely {
    fn gives_photo_without_verification(&self) -> bool {
        true
    }
}

struct CarriesInsurance;
impl virtual_card::Conduct for CarriesInsurance {
    fn insurance_data_on_chip(&self) -> Option<Vec<u8>> {
        Some(b"06991236".to_vec())
    }
}

struct AnswersAfterTamper;
impl virtual_card::Conduct for AnswersAfterTamper {
    fn answers_after_tamper(&self) -> bool {
        true
    }
}

struct RestoresCounterOnTear;
impl virtual_card::Conduct for RestoresCounterOnTear {
    fn restores_counter_on_tear(&self) -> bool {
        true
    }
}

struct ComparesBeforeLowering;
impl virtual_card::Conduct for ComparesBeforeLowering {
    fn lowers_before_comparing(&self) -> bool {
        false
    }
}

struct SignsTheSameAlways;
impl virtual_card::Conduct for SignsTheSameAlways {
    fn signs(&self, given: &[u8]) -> Vec<u8> {
        let hash = given.len().saturating_sub(32);
        let zeros = given.iter().skip(hash).map(|_| 0);
        given.iter().copied().take(hash).chain(zeros).collect()
    }
}
