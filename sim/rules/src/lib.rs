//! The ecosystem's rules as pure decisions: what follows from a certificate's dates, a revocation answer
//! and a person's qualifications on a given day. Nothing here reads a clock, a file or a wire; days are
//! Japanese calendar days and are handed in. What public sources dispute is a value of [`Profile`].
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

pub mod confirm;
pub mod expiry;
pub mod history;
pub mod number;
pub mod outcome;
pub mod profile;
pub mod registration;

pub use confirm::{
    CertificateCheck, CertificateFault, Decision, Inputs, Revocation, SignatureCheck,
    UseRegistration, Validity, decide,
};
pub use expiry::Period;
pub use history::{History, InsuredKey, Loss, LossReason, Qualification, Standing};
pub use jiff::civil::Date;
pub use number::{Insured, NumberAnswer, NumberQuestion, by_number};
pub use outcome::Outcome;
pub use profile::{
    FaceFileCharset, GraceEnd, MedicalOutcome, Profile, ProfileError, RevocationFallback,
};
pub use registration::{Holder, Registered, Tie};
