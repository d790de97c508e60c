//! Wrong portals, one deviation each.

use std::sync::Arc;

use portal::{CertificateFault, Conduct};
use wire::failure::Failure;

use crate::Build;

/// Which id stands for which portal.
pub const BUILT: &[(&str, Build)] = &[
    ("portal-takes-any-signature", |p| {
        p.portal = Arc::new(TakesAnySignature);
    }),
    ("portal-takes-any-certificate", |p| {
        p.portal = Arc::new(TakesAnyCertificate);
    }),
    ("portal-gives-no-reason", |p| {
        p.portal = Arc::new(GivesNoReason);
    }),
    ("portal-calls-every-registration-new", |p| {
        p.portal = Arc::new(CallsEveryRegistrationNew);
    }),
    ("portal-shows-no-failure", |p| {
        p.portal = Arc::new(ShowsNoFailure);
    }),
];

struct TakesAnySignature;
impl Conduct for TakesAnySignature {
    fn accepts_unsigned(&self, _found: bool) -> bool {
        true
    }
}

struct TakesAnyCertificate;
impl Conduct for TakesAnyCertificate {
    fn certificate_ok(&self, _found: Result<(), CertificateFault>) -> Result<(), CertificateFault> {
        Ok(())
    }
}

struct GivesNoReason;
impl Conduct for GivesNoReason {
    fn says_why(&self, found: Failure) -> Failure {
        Failure::new(&found.error, "", "")
    }
}

struct CallsEveryRegistrationNew;
impl Conduct for CallsEveryRegistrationNew {
    fn tells_result(&self, _new: bool) -> bool {
        true
    }
}

struct ShowsNoFailure;
impl Conduct for ShowsNoFailure {
    fn shows_failure(&self) -> bool {
        false
    }
}
