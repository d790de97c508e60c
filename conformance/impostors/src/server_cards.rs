//! Wrong eligibility servers, one deviation each: what they make of a card, its certificate and its use
//! registration.

use std::sync::Arc;

use rules::{
    CertificateCheck, Date, Decision, GraceEnd, History, Inputs, Outcome, Profile, Registered,
    Revocation, Tie, UseRegistration, decide,
};
use server::{Conduct, Refusal};

use crate::Build;

/// Which id stands for which server.
pub const BUILT: &[(&str, Build)] = &[
    ("server-accepts-foreign-ca", |p| {
        p.server = Arc::new(AcceptsForeignCa);
    }),
    ("server-accepts-certificate-before-its-day", |p| {
        p.server = Arc::new(AcceptsBeforeItsDay);
    }),
    ("server-takes-unknown-for-good", |p| {
        p.server = Arc::new(TakesUnknownForGood);
    }),
    ("server-skips-revocation-of-expired", |p| {
        p.server = Arc::new(SkipsRevocationOfExpired);
    }),
    ("server-takes-suspended-for-good", |p| {
        p.server = Arc::new(TakesSuspendedForGood);
    }),
    ("server-treats-suspended-as-revoked", |p| {
        p.server = Arc::new(TreatsSuspendedAsRevoked);
    }),
    ("server-treats-revoked-as-expired", |p| {
        p.server = Arc::new(TreatsRevokedAsExpired);
    }),
    ("server-takes-silent-ocsp-for-good", |p| {
        p.server = Arc::new(TakesSilentOcspForGood);
    }),
    ("server-minds-signing-certificate", |p| {
        p.server = Arc::new(MindsSigningCertificate);
    }),
    ("server-accepts-any-signature", |p| {
        p.server = Arc::new(AcceptsAnySignature);
    }),
    ("server-serves-a-session-again", |p| {
        p.server = Arc::new(ServesASessionAgain);
    }),
    ("server-forgets-renewal-notice", |p| {
        p.server = Arc::new(ForgetsRenewalNotice);
    }),
    ("server-grants-consent-in-grace", |p| {
        p.server = Arc::new(GrantsConsentInGrace);
    }),
    ("server-knows-no-grace", |p| {
        p.server = Arc::new(KnowsNoGrace);
    }),
    ("server-ignores-expiry", |p| {
        p.server = Arc::new(IgnoresExpiry);
    }),
    ("server-ends-grace-otherwise", |p| {
        p.server = Arc::new(EndsGraceOtherwise);
    }),
    ("server-gives-notice-a-day-late", |p| {
        p.server = Arc::new(GivesNoticeADayLate);
    }),
    ("server-asks-certificate-for-number", |p| {
        p.server = Arc::new(AsksCertificateForNumber);
    }),
    ("server-forgets-renewal-in-grace", |p| {
        p.server = Arc::new(ForgetsRenewalInGrace);
    }),
    ("server-carries-over-after-grace", |p| {
        p.server = Arc::new(CarriesOverAfterGrace);
    }),
    ("server-carries-nothing-over", |p| {
        p.server = Arc::new(CarriesNothingOver);
    }),
    ("server-calls-lapsed-never-registered", |p| {
        p.server = Arc::new(CallsLapsedNeverRegistered);
    }),
    ("server-ties-again-and-again", |p| {
        p.server = Arc::new(TiesAgainAndAgain);
    }),
    ("server-repeats-its-challenge", |p| {
        p.server = Arc::new(RepeatsItsChallenge);
    }),
    ("server-releases-before-the-day", |p| {
        p.server = Arc::new(ReleasesBeforeTheDay);
    }),
    ("server-ignores-release", |p| {
        p.server = Arc::new(IgnoresRelease);
    }),
    ("server-drops-registration-with-insurer", |p| {
        p.server = Arc::new(DropsRegistrationWithInsurer);
    }),
    ("server-waits-on-for-revocation", |p| {
        p.server = Arc::new(WaitsOnForRevocation);
    }),
];

struct AcceptsForeignCa;
impl Conduct for AcceptsForeignCa {
    fn chain_ok(&self, _found: Result<(), Refusal>) -> Result<(), Refusal> {
        Ok(())
    }
}

struct AcceptsBeforeItsDay;
impl Conduct for AcceptsBeforeItsDay {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let certificate = match inputs.certificate {
            CertificateCheck::Trusted {
                first_day,
                last_valid,
            } => CertificateCheck::Trusted {
                first_day: first_day.min(today),
                last_valid,
            },
            invalid => invalid,
        };
        let inputs = Inputs {
            certificate,
            ..*inputs
        };
        decide(&inputs, profile, today)
    }
}

/// One answer about revocation taken for another one.
fn mistaken(found: Revocation, this: Revocation, for_that: Revocation) -> Revocation {
    if found == this { for_that } else { found }
}

struct TakesUnknownForGood;
impl Conduct for TakesUnknownForGood {
    fn revocation(&self, found: Revocation) -> Revocation {
        mistaken(found, Revocation::Unknown, Revocation::Good)
    }
}

struct SkipsRevocationOfExpired;
impl Conduct for SkipsRevocationOfExpired {
    fn asks_revocation_for_expired(&self) -> bool {
        false
    }
}

struct TakesSuspendedForGood;
impl Conduct for TakesSuspendedForGood {
    fn revocation(&self, found: Revocation) -> Revocation {
        mistaken(found, Revocation::Suspended, Revocation::Good)
    }
}

struct TreatsSuspendedAsRevoked;
impl Conduct for TreatsSuspendedAsRevoked {
    fn revocation(&self, found: Revocation) -> Revocation {
        mistaken(found, Revocation::Suspended, Revocation::Revoked)
    }
}

struct TreatsRevokedAsExpired;
impl Conduct for TreatsRevokedAsExpired {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let decision = decide(inputs, profile, today);
        if decision.outcome == Outcome::CertificateRevoked {
            refused_as_expired(inputs, profile)
        } else {
            decision
        }
    }
}

fn day(year: i16, month: i8, day: i8) -> Date {
    Date::constant(year, month, day)
}

/// The refusal of a certificate that ended long ago.
fn refused_as_expired(inputs: &Inputs<'_>, profile: &Profile) -> Decision {
    let inputs = Inputs {
        certificate: CertificateCheck::Trusted {
            first_day: day(2000, 1, 1),
            last_valid: day(2005, 1, 1),
        },
        revocation: Revocation::Good,
        ..*inputs
    };
    decide(&inputs, profile, day(2026, 1, 1))
}

struct TakesSilentOcspForGood;
impl Conduct for TakesSilentOcspForGood {
    fn revocation(&self, found: Revocation) -> Revocation {
        mistaken(found, Revocation::Unavailable, Revocation::Good)
    }
}

struct MindsSigningCertificate;
impl Conduct for MindsSigningCertificate {
    fn minds_signing_certificate(&self) -> bool {
        true
    }
}

struct AcceptsAnySignature;
impl Conduct for AcceptsAnySignature {
    fn signature_ok(&self, _found: bool) -> bool {
        true
    }
}

struct ServesASessionAgain;
impl Conduct for ServesASessionAgain {
    fn refuses_replay(&self, _used: bool) -> bool {
        false
    }
}

struct ForgetsRenewalNotice;
impl Conduct for ForgetsRenewalNotice {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let decision = decide(inputs, profile, today);
        if decision.outcome == Outcome::NoticeExpiresSoon {
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

struct GrantsConsentInGrace;
impl Conduct for GrantsConsentInGrace {
    fn consents_honoured(&self, _found: bool) -> bool {
        true
    }
}

struct KnowsNoGrace;
impl Conduct for KnowsNoGrace {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let decision = decide(inputs, profile, today);
        if decision.outcome == Outcome::NoticeExpiredGrace {
            refused_as_expired(inputs, profile)
        } else {
            decision
        }
    }
}

struct IgnoresExpiry;
impl Conduct for IgnoresExpiry {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let decision = decide(inputs, profile, today);
        if decision.outcome == Outcome::CertificateExpired {
            decide(&never_expiring(inputs), profile, today)
        } else {
            decision
        }
    }
}

struct EndsGraceOtherwise;
impl Conduct for EndsGraceOtherwise {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let grace_end = match profile.grace_end {
            GraceEnd::MonthEnd => GraceEnd::SameDay,
            GraceEnd::SameDay => GraceEnd::MonthEnd,
        };
        let other = Profile {
            grace_end,
            ..profile.clone()
        };
        decide(inputs, &other, today)
    }
}

struct GivesNoticeADayLate;
impl Conduct for GivesNoticeADayLate {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let decision = decide(inputs, profile, today);
        let yesterday = today.yesterday().map(|day| decide(inputs, profile, day));
        match yesterday {
            Ok(before)
                if before.outcome == Outcome::Confirmed
                    && decision.outcome == Outcome::NoticeExpiresSoon =>
            {
                decide(&never_expiring(inputs), profile, today)
            }
            _ => decision,
        }
    }
}

struct AsksCertificateForNumber;
impl Conduct for AsksCertificateForNumber {
    fn certificate_expiry_blocks_number(&self) -> bool {
        true
    }
}

struct ForgetsRenewalInGrace;
impl Conduct for ForgetsRenewalInGrace {
    fn carries_over(&self, found: bool, lapsed: bool) -> bool {
        found && !lapsed
    }
}

struct CarriesOverAfterGrace;
impl Conduct for CarriesOverAfterGrace {
    fn carries_over(&self, _found: bool, _lapsed: bool) -> bool {
        true
    }
}

struct CarriesNothingOver;
impl Conduct for CarriesNothingOver {
    fn carries_over(&self, _found: bool, _lapsed: bool) -> bool {
        false
    }
}

struct CallsLapsedNeverRegistered;
impl Conduct for CallsLapsedNeverRegistered {
    fn standing(&self, found: Registered) -> Registered {
        match found {
            Registered::Lapsed(_) => Registered::Never,
            other => other,
        }
    }
}

struct TiesAgainAndAgain;
impl Conduct for TiesAgainAndAgain {
    fn tie(&self, _found: Tie) -> Tie {
        Tie::New
    }
}

struct RepeatsItsChallenge;
impl Conduct for RepeatsItsChallenge {
    fn challenge(&self, _fresh: [u8; 32]) -> [u8; 32] {
        [7; 32]
    }
}

struct ReleasesBeforeTheDay;
impl Conduct for ReleasesBeforeTheDay {
    fn release_effective(&self, _effective_on: Date) -> Date {
        Date::MIN
    }
}

struct IgnoresRelease;
impl Conduct for IgnoresRelease {
    fn standing(&self, found: Registered) -> Registered {
        match found {
            Registered::Released(link) => Registered::To(link),
            other => other,
        }
    }
}

struct DropsRegistrationWithInsurer;
impl Conduct for DropsRegistrationWithInsurer {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let registered = match inputs.registered {
            UseRegistration::Tied(history) if changed_insurer(history) => UseRegistration::Never,
            other => other,
        };
        let inputs = Inputs {
            registered,
            ..*inputs
        };
        decide(&inputs, profile, today)
    }
}

fn changed_insurer(history: &History) -> bool {
    let all = history.qualifications();
    let insurers = all.iter().map(|one| &one.key.insurer);
    insurers
        .clone()
        .any(|one| insurers.clone().any(|other| other != one))
}

struct WaitsOnForRevocation;
impl Conduct for WaitsOnForRevocation {
    fn revocation_wait_ms(&self, _found: u64) -> u64 {
        600_000
    }
}
