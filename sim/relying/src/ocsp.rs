//! The question to the revocation service and the envelope of its answer (RFC 6960 4.1, 4.2.1). What the
//! answer inside must fulfil stands in `ocsp_answer`.

use der::asn1::{Null, ObjectIdentifier, OctetString};
use der::{Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_ocsp::ext::Nonce;
use x509_ocsp::{CertId, OcspRequest, OcspResponse, OcspResponseStatus, Request, TbsRequest};

use crate::authority::Authority;
use crate::doubt::Flaw;

const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");

pub(crate) fn certificate_id(
    authority: &Authority,
    serial: &SerialNumber,
) -> Result<CertId, der::Error> {
    Ok(CertId {
        hash_algorithm: AlgorithmIdentifierOwned {
            oid: SHA1,
            parameters: Some(Null.into()),
        },
        issuer_name_hash: OctetString::new(authority.name_hash)?,
        issuer_key_hash: OctetString::new(authority.key_hash)?,
        serial_number: serial.clone(),
    })
}

pub(crate) fn question(id: &CertId, nonce: &[u8; 32]) -> Result<Vec<u8>, der::Error> {
    let nonce = Extension {
        extn_id: NONCE,
        critical: false,
        extn_value: OctetString::new(Nonce::new(*nonce)?.0.to_der()?)?,
    };
    let request = OcspRequest {
        tbs_request: TbsRequest {
            request_list: vec![Request {
                req_cert: id.clone(),
                single_request_extensions: None,
            }],
            request_extensions: Some(vec![nonce]),
            ..TbsRequest::default()
        },
        optional_signature: None,
    };
    request.to_der()
}

/// The basic response inside the envelope.
pub(crate) fn basic_answer(body: &[u8]) -> Result<Vec<u8>, Flaw> {
    let envelope = OcspResponse::from_der(body)?;
    let refused = match envelope.response_status {
        OcspResponseStatus::Successful => None,
        OcspResponseStatus::MalformedRequest => Some("malformedRequest"),
        OcspResponseStatus::InternalError => Some("internalError"),
        OcspResponseStatus::TryLater => Some("tryLater"),
        OcspResponseStatus::SigRequired => Some("sigRequired"),
        OcspResponseStatus::Unauthorized => Some("unauthorized"),
    };
    if let Some(refused) = refused {
        return Err(Flaw::Refused(refused));
    }
    let bytes = envelope
        .response_bytes
        .ok_or(Flaw::Unreliable("it has no content"))?;
    if bytes.response_type != <x509_ocsp::BasicOcspResponse as der::oid::AssociatedOid>::OID {
        return Err(Flaw::Unreliable("it is of another type than basic"));
    }
    Ok(bytes.response.into_bytes())
}
