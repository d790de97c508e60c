//! Whether a signature is to be believed: over this content, by the key of the certificate it
//! names, that certificate leading to a trusted authority at the time that counts.

use aws_lc_rs::digest;
use cms::cert::CertificateChoices;
use cms::signed_data::SignerIdentifier;
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode, Encode};
use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::EndEntityCert;
use webpki::aws_lc_rs as algorithms;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use x509_cert::time::Time;

use crate::asn1::{self, Message, SigningCertificateV1, SigningCertificateV2, single};
use crate::sign::issuer_and_serial;
use crate::trust::Purpose;
use crate::{SealError, Trust, stamp};

/// A signature that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Who signed: the subject of the certificate, one line.
    pub subject: String,
    /// SHA-256 of the signer's certificate, hex: two signers may bear one name.
    pub certificate: String,
    /// When, as the signer says; nobody vouches for it.
    pub claimed: Option<Timestamp>,
    /// When, as an authority says.
    pub stamp: Stamp,
    /// Whether the published test authority vouched for it, that is, nobody.
    pub test: bool,
}

/// What the time stamp over the signature says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// There is none.
    None,
    /// There is one, whole, by an authority that is not trusted here: it proves nothing.
    Untrusted {
        /// The time it gives.
        time: Timestamp,
        /// Who gave it.
        authority: String,
    },
    /// By a trusted authority: the signature existed at this time.
    Trusted {
        /// The time it gives.
        time: Timestamp,
        /// Who gave it.
        authority: String,
    },
}

const WHAT: &str = "the signature";

/// Checks a detached signature over content with this SHA-256. The signer's certificate must have
/// been valid when a trusted time stamp says, or else at `at`. Each cause has its own error.
pub fn verify(
    cms: &[u8],
    sha256: &[u8; 32],
    trust: &Trust,
    at: Timestamp,
) -> Result<Signed, SealError> {
    let message = Message::read(cms, WHAT)?;
    if message.data.encap_content_info.econtent.is_some() {
        return Err(SealError::Unsupported(
            "a signature that brings its own content".to_owned(),
        ));
    }
    let proof = proved(&message, WHAT, asn1::DATA, |algorithm| {
        if algorithm == asn1::SHA256 {
            return Ok(sha256.to_vec());
        }
        Err(SealError::Unsupported(format!("the digest {algorithm}")))
    })?;
    let stamp = stamp::of(&message, trust, at)?;
    let counts = match &stamp {
        Stamp::Trusted { time, .. } => *time,
        Stamp::Untrusted { .. } | Stamp::None => at,
    };
    let certificate = hex::encode(crate::sha256(&proof.der));
    let test = trust.path(&proof.der, &proof.embedded, counts, Purpose::Sign)?;
    Ok(Signed {
        subject: proof.subject,
        certificate,
        claimed: proof.claimed,
        stamp,
        test,
    })
}

/// A signature made by the key of the certificate it names; whether that one is trusted is another question.
pub(crate) struct Proof {
    pub der: Vec<u8>,
    pub subject: String,
    pub embedded: Vec<Vec<u8>>,
    pub claimed: Option<Timestamp>,
}

/// Proves one signer's signature. `digest_of` gives the content's digest by the algorithm named.
pub(crate) fn proved(
    message: &Message,
    what: &'static str,
    content_type: ObjectIdentifier,
    digest_of: impl Fn(ObjectIdentifier) -> Result<Vec<u8>, SealError>,
) -> Result<Proof, SealError> {
    let signer = &message.signer;
    let attributes = signer.signed_attrs.as_ref();
    let absent = |name: &str| SealError::NotDer {
        what,
        reason: format!("its signed attribute {name} is absent"),
    };
    let named =
        single(attributes, asn1::CONTENT_TYPE, what)?.ok_or_else(|| absent("content type"))?;
    let named: ObjectIdentifier = named.decode_as().map_err(SealError::not_der(what))?;
    let given = message.data.encap_content_info.econtent_type;
    if named != content_type || given != content_type {
        return Err(SealError::NotDer {
            what,
            reason: format!("its content is {given} and {named}, not {content_type}"),
        });
    }
    let signed =
        single(attributes, asn1::MESSAGE_DIGEST, what)?.ok_or_else(|| absent("message digest"))?;
    let signed: OctetString = signed.decode_as().map_err(SealError::not_der(what))?;
    let found = digest_of(signer.digest_alg.oid)?;
    if signed.as_bytes() != found.as_slice() {
        return Err(SealError::ContentChanged {
            signed: hex::encode(signed.as_bytes()),
            found: hex::encode(found),
        });
    }
    let embedded = embedded(message)?;
    let (certificate, der) = find(&signer.sid, &embedded)?;
    let subject = asn1::subject(&certificate);
    if !names(message, what, &der)? {
        return Err(SealError::OtherCertificate { subject });
    }
    // Over the attributes as a SET in DER, not as they stand in the message (RFC 5652, 5.4).
    let bytes = attributes.map_or_else(|| Ok(Vec::new()), Encode::to_der);
    let bytes = bytes.map_err(SealError::not_der(what))?;
    check_key(message, &der, &bytes, &subject)?;
    let claimed = single(attributes, asn1::SIGNING_TIME, what)?
        .map(|time| time.to_der().and_then(|der| Time::from_der(&der)))
        .transpose()
        .map_err(SealError::not_der(what))?
        .and_then(|time| i64::try_from(time.to_unix_duration().as_secs()).ok())
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    Ok(Proof {
        der,
        subject,
        embedded,
        claimed,
    })
}

/// Certificates a message brings; more than this is no chain.
const MAX_CERTIFICATES: usize = 32;

fn embedded(message: &Message) -> Result<Vec<Vec<u8>>, SealError> {
    let choices = message
        .data
        .certificates
        .as_ref()
        .map_or(&[][..], |set| set.0.as_slice());
    if choices.len() > MAX_CERTIFICATES {
        return Err(SealError::Unsupported(format!(
            "a signature with {} certificates",
            choices.len()
        )));
    }
    choices
        .iter()
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate.to_der()),
            CertificateChoices::Other(_) => None,
        })
        .collect::<der::Result<_>>()
        .map_err(SealError::not_der(WHAT))
}

fn find(sid: &SignerIdentifier, embedded: &[Vec<u8>]) -> Result<(Certificate, Vec<u8>), SealError> {
    for der in embedded {
        let certificate = Certificate::from_der(der).map_err(SealError::not_der(WHAT))?;
        let fits = match sid {
            SignerIdentifier::IssuerAndSerialNumber(named) => {
                *named == issuer_and_serial(&certificate)
            }
            SignerIdentifier::SubjectKeyIdentifier(named) => certificate
                .tbs_certificate
                .get::<SubjectKeyIdentifier>()
                .is_ok_and(|own| own.is_some_and(|(_, own)| own == *named)),
        };
        if fits {
            return Ok((certificate, der.clone()));
        }
    }
    Err(SealError::NoSignerCertificate)
}

/// Whether the signed attributes name this certificate by its digest (first place, RFC 5035).
fn names(message: &Message, what: &'static str, der: &[u8]) -> Result<bool, SealError> {
    let attributes = message.signer.signed_attrs.as_ref();
    if let Some(value) = single(attributes, asn1::SIGNING_CERTIFICATE_V2, what)? {
        let named: SigningCertificateV2 = value.decode_as().map_err(SealError::not_der(what))?;
        let Some(first) = named.certs.first() else {
            return Ok(false);
        };
        let by = first
            .hash_algorithm
            .as_ref()
            .map_or(asn1::SHA256, |a| a.oid);
        return Ok(first.cert_hash.as_bytes() == digest_by(by, der)?.as_slice());
    }
    if let Some(value) = single(attributes, asn1::SIGNING_CERTIFICATE, what)? {
        let named: SigningCertificateV1 = value.decode_as().map_err(SealError::not_der(what))?;
        let own = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der);
        return Ok(named
            .certs
            .first()
            .is_some_and(|first| first.cert_hash.as_bytes() == own.as_ref()));
    }
    Err(SealError::NotDer {
        what,
        reason: "its signed attribute signing certificate is absent".to_owned(),
    })
}

/// Digest of some bytes by an algorithm's name.
pub(crate) fn digest_by(name: ObjectIdentifier, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    let algorithm = match name {
        asn1::SHA256 => &digest::SHA256,
        asn1::SHA384 => &digest::SHA384,
        asn1::SHA512 => &digest::SHA512,
        other => return Err(SealError::Unsupported(format!("the digest {other}"))),
    };
    Ok(digest::digest(algorithm, bytes).as_ref().to_vec())
}

fn check_key(
    message: &Message,
    certificate: &[u8],
    bytes: &[u8],
    subject: &str,
) -> Result<(), SealError> {
    let signer = &message.signer;
    asn1::strong(certificate)?;
    let candidates = candidates(signer.signature_algorithm.oid, signer.digest_alg.oid)?;
    let der = CertificateDer::from(certificate);
    let end = EndEntityCert::try_from(&der).map_err(|error| SealError::NotDer {
        what: "the signer's certificate",
        reason: format!("{error:?}"),
    })?;
    for algorithm in candidates {
        match end.verify_signature(algorithm, bytes, signer.signature.as_bytes()) {
            Ok(()) => return Ok(()),
            // Another curve: perhaps the next one.
            Err(webpki::Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)) => {}
            Err(_) => {
                return Err(SealError::WrongSignature {
                    subject: subject.to_owned(),
                });
            }
        }
    }
    Err(SealError::Unsupported(format!(
        "the key of {subject} with signature algorithm {}",
        signer.signature_algorithm.oid
    )))
}

type Algorithms = Vec<&'static dyn SignatureVerificationAlgorithm>;

fn candidates(
    signature: ObjectIdentifier,
    digest: ObjectIdentifier,
) -> Result<Algorithms, SealError> {
    // rsaEncryption says nothing of the digest; it is the one of the content then.
    let named = match (signature, digest) {
        (asn1::RSA, asn1::SHA256) => asn1::RSA_SHA256,
        (asn1::RSA, asn1::SHA384) => asn1::RSA_SHA384,
        (asn1::RSA, asn1::SHA512) => asn1::RSA_SHA512,
        (other, _) => other,
    };
    match named {
        asn1::RSA_SHA256 => Ok(vec![algorithms::RSA_PKCS1_2048_8192_SHA256]),
        asn1::RSA_SHA384 => Ok(vec![algorithms::RSA_PKCS1_2048_8192_SHA384]),
        asn1::RSA_SHA512 => Ok(vec![algorithms::RSA_PKCS1_2048_8192_SHA512]),
        asn1::ECDSA_SHA256 => Ok(vec![
            algorithms::ECDSA_P256_SHA256,
            algorithms::ECDSA_P384_SHA256,
        ]),
        asn1::ECDSA_SHA384 => Ok(vec![
            algorithms::ECDSA_P384_SHA384,
            algorithms::ECDSA_P256_SHA384,
        ]),
        asn1::ECDSA_SHA512 => Ok(vec![
            algorithms::ECDSA_P384_SHA512,
            algorithms::ECDSA_P256_SHA512,
        ]),
        other => Err(SealError::Unsupported(format!(
            "the signature algorithm {other}"
        ))),
    }
}
