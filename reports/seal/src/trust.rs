//! Whom a signature may come from: the way from the signer's certificate to an authority that is
//! trusted, at a given time. The way itself is built by webpki; what a certificate is for is ours.

use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage};

use crate::identity::{TEST_CA, read_certificates};
use crate::{SealError, asn1};

/// Authorities that are trusted.
#[derive(Clone, Debug)]
pub struct Trust {
    anchors: Vec<TrustAnchor<'static>>,
    test_key: Vec<u8>,
}

/// What a certificate is to be good for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Signing a document.
    Sign,
    /// Stamping the time (RFC 3161).
    Stamp,
}

const STAMPING: &str = "1.3.6.1.5.5.7.3.8";
/// Any, client authentication, code, e-mail, documents (RFC 9336, and the older vendor's name for it).
const SIGNING: &[&str] = &[
    "2.5.29.37.0",
    "1.3.6.1.5.5.7.3.2",
    "1.3.6.1.5.5.7.3.3",
    "1.3.6.1.5.5.7.3.4",
    "1.3.6.1.5.5.7.3.36",
    "1.3.6.1.4.1.311.10.3.12",
];

impl Trust {
    /// The certificates of a PEM text as trusted authorities. Errors when there is none, or one
    /// that cannot be an authority.
    pub fn anchors_pem(pem: &str) -> Result<Trust, SealError> {
        let anchors = anchors(pem)?;
        if anchors.is_empty() {
            return Err(SealError::Certificates(
                "the file to be trusted holds none. Hand in root certificates as PEM.".to_owned(),
            ));
        }
        let test_key = anchors_key(&self::anchors(TEST_CA)?);
        Ok(Trust { anchors, test_key })
    }

    /// Only the published test authority, which vouches for nobody.
    pub fn test() -> Result<Trust, SealError> {
        Trust::anchors_pem(TEST_CA)
    }

    /// Trust in both.
    #[must_use]
    pub fn and(mut self, other: Trust) -> Trust {
        self.anchors.extend(other.anchors);
        self
    }

    /// Whether `leaf` leads to an anchor at `at` and may do this. Gives whether the anchor was the
    /// test authority.
    pub(crate) fn path(
        &self,
        leaf: &[u8],
        embedded: &[Vec<u8>],
        at: Timestamp,
        purpose: Purpose,
    ) -> Result<bool, SealError> {
        let certificate = <Certificate as der::Decode>::from_der(leaf)
            .map_err(SealError::not_der("the signer's certificate"))?;
        let subject = asn1::subject(&certificate);
        // Of those above, too: a short key in between is as good as none.
        embedded.iter().try_for_each(|der| asn1::strong(der))?;
        let leaf = CertificateDer::from(leaf);
        let told = |error| told(error, &subject, at);
        let end = EndEntityCert::try_from(&leaf).map_err(told)?;
        let between: Vec<CertificateDer<'_>> = embedded
            .iter()
            .map(|der| CertificateDer::from(der.as_slice()))
            .collect();
        let seconds = u64::try_from(at.as_second()).unwrap_or(0);
        let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let algorithms = webpki::ALL_VERIFICATION_ALGS;
        let path = end
            .verify_for_usage(
                algorithms,
                &self.anchors,
                &between,
                time,
                purpose,
                None,
                None,
            )
            .map_err(told)?;
        usage(&certificate, purpose)?;
        Ok(path.anchor().subject_public_key_info.as_ref() == self.test_key.as_slice())
    }
}

fn anchors(pem: &str) -> Result<Vec<TrustAnchor<'static>>, SealError> {
    read_certificates(pem)?
        .into_iter()
        .map(|der| {
            webpki::anchor_from_trusted_cert(&CertificateDer::from(der))
                .map(|anchor| anchor.to_owned())
                .map_err(|error| {
                    SealError::Certificates(format!(
                        "one of those to be trusted cannot be read ({error:?}). Hand in root certificates (X.509 version 3) as PEM."
                    ))
                })
        })
        .collect()
}

fn anchors_key(anchors: &[TrustAnchor<'_>]) -> Vec<u8> {
    anchors
        .first()
        .map_or_else(Vec::new, |a| a.subject_public_key_info.as_ref().to_vec())
}

/// Asked of every certificate below the anchor: what it names must include the purpose, if it names any.
impl ExtendedKeyUsageValidator for Purpose {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let mut none = true;
        for purpose in purposes {
            none = false;
            let named: Vec<String> = purpose?
                .to_decoded_oid()
                .iter()
                .map(ToString::to_string)
                .collect();
            let named = named.join(".");
            let fits = match self {
                Purpose::Sign => SIGNING.contains(&named.as_str()),
                Purpose::Stamp => named == STAMPING,
            };
            if fits {
                return Ok(());
            }
        }
        if none {
            return Ok(());
        }
        Err(webpki::Error::RequiredEkuNotFoundContext(
            webpki::RequiredEkuNotFoundContext {
                required: webpki::KeyUsage::required_if_present(&[]),
                present: Vec::new(),
            },
        ))
    }
}

/// Key usage of the signer's own certificate; webpki leaves it to us.
fn usage(certificate: &Certificate, purpose: Purpose) -> Result<(), SealError> {
    let refused = |reason: String| SealError::Purpose {
        subject: asn1::subject(certificate),
        reason,
    };
    let own = &certificate.tbs_certificate;
    let usage = own
        .get::<KeyUsage>()
        .map_err(|e| refused(format!("its key usage cannot be read ({e})")))?;
    if usage.is_some_and(|(_, u)| !u.digital_signature() && !u.non_repudiation()) {
        return Err(refused(
            "its key usage allows neither digitalSignature nor nonRepudiation".to_owned(),
        ));
    }
    if purpose == Purpose::Sign {
        return Ok(());
    }
    let extended = own
        .get::<ExtendedKeyUsage>()
        .map_err(|e| refused(format!("its extended key usage cannot be read ({e})")))?;
    match extended {
        Some((true, list)) if list.0.len() == 1 => Ok(()),
        _ => Err(refused(
            "a time-stamp authority's certificate must name time stamping alone, and critically"
                .to_owned(),
        )),
    }
}

fn told(error: webpki::Error, subject: &str, at: Timestamp) -> SealError {
    use webpki::Error as E;
    let subject = subject.to_owned();
    let stamp = |time: UnixTime| {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
    };
    match error {
        E::CertExpired { not_after, .. } => SealError::Expired {
            subject,
            not_after: stamp(not_after),
            at,
        },
        E::CertNotValidYet { not_before, .. } => SealError::NotYetValid {
            subject,
            not_before: stamp(not_before),
            at,
        },
        E::UnknownIssuer | E::InvalidSignatureForPublicKey => SealError::NoAnchor { subject },
        E::CaUsedAsEndEntity => purpose(subject, "it is the certificate of an authority"),
        E::EndEntityUsedAsCa => purpose(subject, "one above it is no authority's"),
        E::PathLenConstraintViolated => purpose(
            subject,
            "there are more authorities above it than one of them allows",
        ),
        E::NameConstraintViolation => {
            purpose(subject, "an authority above it may not issue this name")
        }
        E::RequiredEkuNotFoundContext(_) => {
            purpose(subject, "its extended key usage is another one")
        }
        E::UnsupportedCertVersion | E::UnsupportedCriticalExtension => {
            SealError::Unsupported(format!("the certificate of {subject} ({error:?})"))
        }
        E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            SealError::Unsupported(format!("the algorithm of the certificates of {subject}"))
        }
        other => SealError::NotDer {
            what: "the signer's certificate",
            reason: format!("{other:?}"),
        },
    }
}

fn purpose(subject: String, reason: &str) -> SealError {
    SealError::Purpose {
        subject,
        reason: reason.to_owned(),
    }
}
