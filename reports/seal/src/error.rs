//! Why something cannot be sealed, or why a seal is not believed: one variant for each cause, so
//! that a caller can tell a forger from an expired certificate without reading the words.

use jiff::Timestamp;

/// What is wrong, who is at fault, what to do.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The file system refused.
    #[error(
        "{path}: {error}. The folder must be readable, and writable for sealing; check the path and its rights."
    )]
    Io {
        /// Which file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The key handed in cannot be used.
    #[error("the signing key: {0}")]
    Key(String),
    /// The certificates handed in cannot be used.
    #[error("the certificates: {0}")]
    Certificates(String),
    /// There is no signature at all.
    #[error(
        "{0} is missing: the bundle carries no signature. Whoever handed it on left it out; ask for the whole bundle."
    )]
    NoSignature(String),
    /// A file that is no plain file, or is too large to be what it is called.
    #[error("{path}: {reason}. Whoever made this bundle is at fault; ask for an untouched copy.")]
    NotAFile {
        /// Which file.
        path: String,
        /// What it is instead.
        reason: String,
    },
    /// Bytes that are not what they are called.
    #[error(
        "{what} cannot be read: {reason}. It is damaged or was never one; ask for an untouched copy."
    )]
    NotDer {
        /// What was to be read.
        what: &'static str,
        /// Where reading ended.
        reason: String,
    },
    /// The signature is about other content.
    #[error(
        "the signed content was changed: the signature is over SHA-256 {signed}, the content has {found}. Somebody changed it after signing; ask for an untouched copy."
    )]
    ContentChanged {
        /// Digest in the signature, hex.
        signed: String,
        /// Digest of the content, hex.
        found: String,
    },
    /// The signature was not made with the key of the certificate it names.
    #[error(
        "the signature is not by the key of its certificate ({subject}). It is forged or damaged; trust nothing in here."
    )]
    WrongSignature {
        /// Who is said to have signed.
        subject: String,
    },
    /// A key anybody with patience could work out.
    #[error(
        "the key of {subject} is RSA with {bits} bits, too short to prove who signed. The signer must sign with at least 2048 bits, or on P-256."
    )]
    WeakKey {
        /// Whose key it is.
        subject: String,
        /// Its length.
        bits: usize,
    },
    /// The signer's certificate does not lie in the signature.
    #[error(
        "the signer's certificate is not embedded in the signature. Whoever signed must embed the whole chain."
    )]
    NoSignerCertificate,
    /// The certificate is not the one that was signed for.
    #[error(
        "the embedded certificate ({subject}) is not the one the signature names by its digest. Somebody exchanged it; trust nothing in here."
    )]
    OtherCertificate {
        /// Subject of the embedded certificate.
        subject: String,
    },
    /// No way to an anchor.
    #[error(
        "the certificate of {subject} leads to no authority that is trusted here. If you know the signer, hand in the root certificate with --trust; if not, do not believe the bundle."
    )]
    NoAnchor {
        /// The signer.
        subject: String,
    },
    /// A certificate had expired.
    #[error(
        "the certificate of {subject} had expired: it ended {not_after}, the signature counts as of {at}. The signer must sign with a valid certificate, or have the signature time-stamped."
    )]
    Expired {
        /// The signer.
        subject: String,
        /// Last instant.
        not_after: Timestamp,
        /// The instant that counted.
        at: Timestamp,
    },
    /// A certificate was not valid yet.
    #[error(
        "the certificate of {subject} is not valid yet: it begins {not_before}, the signature counts as of {at}. Check this machine's clock; else the signer must say why."
    )]
    NotYetValid {
        /// The signer.
        subject: String,
        /// First instant.
        not_before: Timestamp,
        /// The instant that counted.
        at: Timestamp,
    },
    /// A certificate is for something else.
    #[error(
        "the certificate of {subject} may not sign this: {reason}. The signer must use a certificate for signatures."
    )]
    Purpose {
        /// The signer.
        subject: String,
        /// What it is for instead.
        reason: String,
    },
    /// An algorithm or form this program does not check.
    #[error(
        "{0} is not supported. Sign with RSA (PKCS#1 v1.5, 2048 to 4096 bits) or ECDSA P-256, each with SHA-256."
    )]
    Unsupported(String),
    /// The time stamp, or the answer of its authority, is not one.
    #[error("the time stamp: {0}")]
    TimeStamp(String),
    /// The manifest itself cannot be used.
    #[error(transparent)]
    Manifest(#[from] crate::manifest::Unusable),
    /// Our own making failed.
    #[error(
        "{what} could not be made: {reason}. The program itself is at fault; please report it."
    )]
    Own {
        /// What was to be made.
        what: &'static str,
        /// What the library said.
        reason: String,
    },
}

impl SealError {
    pub(crate) fn own(what: &'static str) -> impl FnOnce(der::Error) -> Self {
        move |error| SealError::Own {
            what,
            reason: error.to_string(),
        }
    }

    pub(crate) fn not_der(what: &'static str) -> impl FnOnce(der::Error) -> Self {
        move |error| SealError::NotDer {
            what,
            reason: error.to_string(),
        }
    }

    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |error| SealError::Io { path, error }
    }
}
