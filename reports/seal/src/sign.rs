//! The signature itself: detached CMS SignedData (RFC 5652) with the signed attributes CAdES asks
//! for. The content is known by its SHA-256 alone, so that a PDF may hash itself in two pieces.

use std::time::Duration;

use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::CmsVersion;
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use der::asn1::{GeneralizedTime, OctetString, SetOfVec, UtcTime};
use der::{Decode, Encode};
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::attr::Attributes;
use x509_cert::time::Time;

use crate::asn1::{self, EssCertIdV2, Message, SigningCertificateV2};
use crate::{Identity, SealError};

/// Signs content by its SHA-256. Gives a DER ContentInfo with SignedData, detached, the chain
/// embedded. In a PDF (PAdES) the signing time stands elsewhere and must be left out here.
pub fn sign(
    identity: &Identity,
    sha256: &[u8; 32],
    signing_time: Option<Timestamp>,
) -> Result<Vec<u8>, SealError> {
    let own = || SealError::own("the signature");
    let attributes = attributes(identity, sha256, signing_time).map_err(own())?;
    let (signature_algorithm, signature) = identity.sign(&attributes.to_der().map_err(own())?)?;
    let signer = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(issuer_and_serial(identity.leaf())),
        digest_alg: asn1::plain(asn1::SHA256),
        signed_attrs: Some(attributes),
        signature_algorithm,
        signature: OctetString::new(signature).map_err(own())?,
        unsigned_attrs: None,
    };
    let data = data(identity).map_err(own())?;
    Message { data, signer }.write().map_err(own())
}

fn data(identity: &Identity) -> der::Result<SignedData> {
    let mut certificates = SetOfVec::new();
    for bytes in identity.chain() {
        let choice = CertificateChoices::Certificate(Certificate::from_der(bytes)?);
        if !certificates.as_slice().contains(&choice) {
            certificates.insert(choice)?;
        }
    }
    let mut digest_algorithms = SetOfVec::new();
    digest_algorithms.insert(asn1::plain(asn1::SHA256))?;
    Ok(SignedData {
        version: CmsVersion::V1,
        digest_algorithms,
        encap_content_info: EncapsulatedContentInfo {
            econtent_type: asn1::DATA,
            econtent: None,
        },
        certificates: Some(CertificateSet(certificates)),
        crls: None,
        signer_infos: SignerInfos(SetOfVec::new()),
    })
}

fn attributes(
    identity: &Identity,
    sha256: &[u8; 32],
    signing_time: Option<Timestamp>,
) -> der::Result<Attributes> {
    let mut attributes = SetOfVec::new();
    attributes.insert(asn1::attribute(asn1::CONTENT_TYPE, &asn1::DATA)?)?;
    let digest = OctetString::new(sha256.as_slice())?;
    attributes.insert(asn1::attribute(asn1::MESSAGE_DIGEST, &digest)?)?;
    let leaf = identity.chain().first().map_or(&[][..], Vec::as_slice);
    let named = SigningCertificateV2 {
        certs: vec![EssCertIdV2 {
            hash_algorithm: None,
            cert_hash: OctetString::new(crate::sha256(leaf).as_slice())?,
            issuer_serial: None,
        }],
        policies: None,
    };
    attributes.insert(asn1::attribute(asn1::SIGNING_CERTIFICATE_V2, &named)?)?;
    if let Some(at) = signing_time {
        attributes.insert(asn1::attribute(asn1::SIGNING_TIME, &time(at)?)?)?;
    }
    Ok(attributes)
}

/// UTCTime until 2049, GeneralizedTime from then on (RFC 5652, 11.3).
fn time(at: Timestamp) -> der::Result<Time> {
    let since = Duration::from_secs(u64::try_from(at.as_second()).unwrap_or(0));
    match UtcTime::from_unix_duration(since) {
        Ok(time) => Ok(Time::UtcTime(time)),
        Err(_) => GeneralizedTime::from_unix_duration(since).map(Time::GeneralTime),
    }
}

pub(crate) fn issuer_and_serial(certificate: &Certificate) -> IssuerAndSerialNumber {
    IssuerAndSerialNumber {
        issuer: certificate.tbs_certificate.issuer.clone(),
        serial_number: certificate.tbs_certificate.serial_number.clone(),
    }
}
