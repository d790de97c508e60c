//! Wrong eligibility servers and insurers, one deviation each.

use insurer::NumberError;
use rules::{
    CertificateCheck, Date, Decision, History, Inputs, Outcome, Profile, Qualification, Revocation,
    Validity, decide,
};
use server::Refusal;

pub struct SendsWrongCheckDigit;
impl insurer::Conduct for SendsWrongCheckDigit {
    fn checks_number(&self, _number: &str) -> Result<(), NumberError> {
        Ok(())
    }
}

pub struct AcceptsForeignCa;
impl server::Conduct for AcceptsForeignCa {
    fn chain_ok(&self, _found: Result<(), Refusal>) -> Result<(), Refusal> {
        Ok(())
    }
}

pub struct TakesUnknownForGood;
impl server::Conduct for TakesUnknownForGood {
    fn revocation(&self, found: Revocation) -> Revocation {
        if found == Revocation::Unknown {
            Revocation::Good
        } else {
            found
        }
    }
}

pub struct TakesSilentOcspForGood;
impl server::Conduct for TakesSilentOcspForGood {
    fn revocation(&self, found: Revocation) -> Revocation {
        if found == Revocation::Unavailable {
            Revocation::Good
        } else {
            found
        }
    }
}

pub struct TreatsRevokedAsExpired;
impl server::Conduct for TreatsRevokedAsExpired {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let decision = decide(inputs, profile, today);
        if decision.outcome == Outcome::CertificateRevoked {
            refused(inputs, profile)
        } else {
            decision
        }
    }
}

fn day(year: i16, month: i8, day: i8) -> Date {
    Date::constant(year, month, day)
}

/// The refusal of a certificate that ended long ago.
fn refused(inputs: &Inputs<'_>, profile: &Profile) -> Decision {
    let first_day = day(2000, 1, 1);
    let certificate = CertificateCheck::Trusted {
        first_day,
        last_valid: day(2005, 1, 1),
    };
    let inputs = Inputs {
        certificate,
        revocation: Revocation::Good,
        ..*inputs
    };
    decide(&inputs, profile, day(2026, 1, 1))
}

pub struct AcceptsAnySignature;
impl server::Conduct for AcceptsAnySignature {
    fn signature_ok(&self, _found: bool) -> bool {
        true
    }
}

pub struct ForgetsRenewalNotice;
impl server::Conduct for ForgetsRenewalNotice {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let decision = decide(inputs, profile, today);
        let soon = decision.outcome == Outcome::NoticeExpiresSoon;
        if soon {
            decide(&never_expiring(inputs), profile, today)
        } else {
            decision
        }
    }
}

/// The same inputs with a certificate that is far from its end.
fn never_expiring<'a>(inputs: &Inputs<'a>) -> Inputs<'a> {
    let certificate = match inputs.certificate {
        CertificateCheck::Trusted { first_day, .. } => CertificateCheck::Trusted {
            first_day,
            last_valid: day(2999, 12, 31),
        },
        invalid => invalid,
    };
    Inputs {
        certificate,
        ..*inputs
    }
}

pub struct GrantsConsentInGrace;
impl server::Conduct for GrantsConsentInGrace {
    fn consents_honoured(&self, _found: bool) -> bool {
        true
    }
}

pub struct IgnoresExpiry;
impl server::Conduct for IgnoresExpiry {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let decision = decide(inputs, profile, today);
        let over = decision.outcome == Outcome::CertificateExpired;
        if over {
            decide(&never_expiring(inputs), profile, today)
        } else {
            decision
        }
    }
}

pub struct AnswersOldest;
impl server::Conduct for AnswersOldest {
    fn choose_qualification(
        &self,
        history: &History,
        chosen: Option<Qualification>,
    ) -> Option<Qualification> {
        let oldest = history
            .qualifications()
            .into_iter()
            .min_by_key(|q| q.gained_on);
        chosen.and(oldest)
    }
}

pub struct CallsLostValid;
impl server::Conduct for CallsLostValid {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let decision = decide(inputs, profile, today);
        let validity = decision.validity.map(|v| {
            if v == Validity::Lost {
                Validity::Valid
            } else {
                v
            }
        });
        Decision {
            validity,
            ..decision
        }
    }
}

pub struct AnswersStrangers;
impl server::Conduct for AnswersStrangers {
    fn refuses_strangers(&self) -> bool {
        false
    }
}
