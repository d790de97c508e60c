//! OCSP requests and responses (RFC 6960), walked by hand: what was asked, what was answered, by
//! whom it was signed.

use super::certificate::{Certificate, certificate};
use super::der::{Tlv, Walk, integer_hex};
use super::{DecodeError, bounded};

const BASIC: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];
const NONCE: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02];
const SHA256_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Serials asked for, hex without leading zeros.
    pub serials: Vec<String>,
    /// Nonce in hex, as encoded.
    pub nonce: Option<String>,
}

/// What the responder says of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not revoked.
    Good,
    /// Revoked at a time (GeneralizedTime), with the CRL reason when given; 6 is a suspension.
    Revoked(String, Option<u8>),
    /// The responder has never heard of it.
    Unknown,
}

/// One single response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Single {
    /// Serial, hex.
    pub serial: String,
    /// The status.
    pub status: Status,
    /// GeneralizedTime.
    pub this_update: String,
    /// GeneralizedTime.
    pub next_update: Option<String>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// 0 successful, 1 malformed request, 2 internal error, 3 try later, 5 signature wanted, 6 unauthorized.
    pub status: u8,
    /// When it was produced, GeneralizedTime; empty when not successful.
    pub produced: String,
    /// Single responses; none when not successful.
    pub singles: Vec<Single>,
    /// Nonce in hex, as encoded.
    pub nonce: Option<String>,
    /// Certificates sent along.
    pub certificates: Vec<Certificate>,
    signed: Vec<u8>,
    signature: Vec<u8>,
    rsa_sha256: bool,
}

/// Reads a request.
pub fn request(der: &[u8]) -> Result<Request, DecodeError> {
    let mut outer = Walk::new(bounded("OCSP request", der)?, "OCSP request");
    let mut whole = outer.enter(0x30, "OCSPRequest")?;
    let mut tbs = whole.enter(0x30, "tbsRequest")?;
    tbs.optional(0xA0)?;
    tbs.optional(0xA1)?;
    let mut list = tbs.enter(0x30, "requestList")?;
    let mut serials = Vec::new();
    while !list.done() {
        serials.push(cert_id(&mut list.enter(0x30, "Request")?)?);
    }
    let nonce = match tbs.optional(0xA2)? {
        Some(extensions) => nonce(extensions)?,
        None => None,
    };
    Ok(Request { serials, nonce })
}

fn cert_id(walk: &mut Walk<'_>) -> Result<String, DecodeError> {
    let mut id = walk.enter(0x30, "CertID")?;
    id.take(0x30, "hashAlgorithm")?;
    id.take(0x04, "issuerNameHash")?;
    id.take(0x04, "issuerKeyHash")?;
    Ok(integer_hex(id.take(0x02, "serialNumber")?.content))
}

fn nonce(explicit: Tlv<'_>) -> Result<Option<String>, DecodeError> {
    let mut list = Walk::new(explicit.content, "OCSP extensions").enter(0x30, "Extensions")?;
    while !list.done() {
        let mut extension = list.enter(0x30, "Extension")?;
        let id = extension.take(0x06, "extnID")?;
        extension.optional(0x01)?;
        let value = extension.take(0x04, "extnValue")?;
        if id.content == NONCE {
            return Ok(Some(hex::encode(value.content)));
        }
    }
    Ok(None)
}

/// Reads a response.
pub fn response(der: &[u8]) -> Result<Response, DecodeError> {
    let mut outer = Walk::new(bounded("OCSP response", der)?, "OCSP response");
    let mut whole = outer.enter(0x30, "OCSPResponse")?;
    let status = whole
        .take(0x0A, "responseStatus")?
        .content
        .first()
        .copied()
        .unwrap_or(0xFF);
    let mut response = Response {
        status,
        produced: String::new(),
        singles: Vec::new(),
        nonce: None,
        certificates: Vec::new(),
        signed: Vec::new(),
        signature: Vec::new(),
        rsa_sha256: false,
    };
    let Some(explicit) = whole.optional(0xA0)? else {
        return Ok(response);
    };
    let mut bytes = Walk::new(explicit.content, "OCSP response").enter(0x30, "responseBytes")?;
    if bytes.take(0x06, "responseType")?.content != BASIC {
        return Err(DecodeError::new(
            "OCSP response",
            "the basic response type",
            "another",
        ));
    }
    basic(bytes.take(0x04, "response")?.content, &mut response)?;
    Ok(response)
}

fn basic(der: &[u8], response: &mut Response) -> Result<(), DecodeError> {
    let mut whole = Walk::new(der, "OCSP response").enter(0x30, "BasicOCSPResponse")?;
    let data = whole.take(0x30, "tbsResponseData")?;
    response.signed = data.whole.to_vec();
    let mut tbs = Walk::new(data.content, "OCSP response tbsResponseData");
    tbs.optional(0xA0)?;
    if tbs.optional(0xA1)?.is_none() {
        tbs.take(0xA2, "responderID")?;
    }
    response.produced = time(tbs.take(0x18, "producedAt")?);
    let mut list = tbs.enter(0x30, "responses")?;
    while !list.done() {
        response
            .singles
            .push(single(&mut list.enter(0x30, "SingleResponse")?)?);
    }
    if let Some(extensions) = tbs.optional(0xA1)? {
        response.nonce = nonce(extensions)?;
    }
    let mut algorithm = whole.enter(0x30, "signatureAlgorithm")?;
    response.rsa_sha256 = algorithm.take(0x06, "algorithm")?.content == SHA256_WITH_RSA;
    let bits = whole.take(0x03, "signature")?.content;
    response.signature = bits.get(1..).unwrap_or_default().to_vec();
    if let Some(explicit) = whole.optional(0xA0)? {
        let mut list = Walk::new(explicit.content, "OCSP response certs").enter(0x30, "certs")?;
        while !list.done() {
            response
                .certificates
                .push(certificate(list.take(0x30, "Certificate")?.whole)?);
        }
    }
    Ok(())
}

fn single(walk: &mut Walk<'_>) -> Result<Single, DecodeError> {
    let serial = cert_id(walk)?;
    let said = walk.object()?;
    let status = match said.tag {
        0x80 | 0xA0 => Status::Good,
        0xA1 => revoked(said.content)?,
        0x82 | 0xA2 => Status::Unknown,
        tag => {
            return Err(DecodeError::new(
                "OCSP certStatus",
                "good, revoked or unknown",
                format!("tag {tag:02X}"),
            ));
        }
    };
    let this_update = time(walk.take(0x18, "thisUpdate")?);
    let next_update = match walk.optional(0xA0)? {
        Some(explicit) => Some(time(
            Walk::new(explicit.content, "OCSP nextUpdate").take(0x18, "nextUpdate")?,
        )),
        None => None,
    };
    Ok(Single {
        serial,
        status,
        this_update,
        next_update,
    })
}

fn revoked(content: &[u8]) -> Result<Status, DecodeError> {
    let mut walk = Walk::new(content, "OCSP RevokedInfo");
    let at = time(walk.take(0x18, "revocationTime")?);
    let reason = match walk.optional(0xA0)? {
        Some(explicit) => Walk::new(explicit.content, "OCSP RevokedInfo")
            .take(0x0A, "reason")?
            .content
            .first()
            .copied(),
        None => None,
    };
    Ok(Status::Revoked(at, reason))
}

fn time(tlv: Tlv<'_>) -> String {
    String::from_utf8_lossy(tlv.content).into_owned()
}

impl Response {
    /// What it says of one serial.
    pub fn of(&self, serial: &str) -> Option<&Single> {
        self.singles.iter().find(|s| s.serial == serial)
    }

    /// Whether one of these authorities signed it, or a responder they delegated it to.
    pub fn signed_under(&self, authorities: &[&Certificate]) -> bool {
        let direct = authorities.iter().copied();
        let delegated = self.certificates.iter().filter(|c| {
            c.extended_usages.iter().any(|u| u == OCSP_SIGNING)
                && authorities.iter().any(|a| c.issued_by(a))
        });
        self.rsa_sha256
            && direct
                .chain(delegated)
                .any(|c| c.verifies(&self.signed, &self.signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pki;
    use proptest::prelude::*;

    #[test]
    fn each_status_is_read_and_its_signature_checked() {
        let authority = certificate(&pki::authority()).unwrap();
        let foreign = certificate(&pki::foreign_authority()).unwrap();
        for status in [
            Status::Good,
            Status::Revoked("20261001000000Z".into(), None),
            Status::Revoked("20261001000000Z".into(), Some(6)),
            Status::Unknown,
        ] {
            let read = response(&pki::ocsp_response("1001", &status)).unwrap();
            let single = read.of("1001").unwrap();
            assert_eq!(
                (read.status, &single.status, single.this_update.as_str()),
                (0, &status, "20261015000000Z")
            );
            assert_eq!(single.next_update.as_deref(), Some("20261016000000Z"));
            assert_eq!(
                read.nonce.as_deref(),
                Some("0410000102030405060708090a0b0c0d0e0f")
            );
            assert!(read.signed_under(&[&authority]) && !read.signed_under(&[&foreign]));
        }
        let asked = request(&pki::ocsp_request("1001")).unwrap();
        assert_eq!(
            (asked.serials, asked.nonce.is_some()),
            (vec!["1001".to_owned()], true)
        );
    }

    #[test]
    fn messages_made_elsewhere_are_read() {
        let asked = request(include_bytes!("../../testdata/openssl-request.der")).unwrap();
        assert_eq!(asked.serials, ["5eaf"]);
        let answered = response(include_bytes!("../../testdata/openssl-response.der")).unwrap();
        let said = answered.of("5eaf").unwrap();
        assert!(
            matches!(&said.status, Status::Revoked(at, Some(6)) if at.starts_with("2026")),
            "{said:?}"
        );
        let authority = certificate(include_bytes!("../../testdata/openssl-ca.der")).unwrap();
        assert!(answered.signed_under(&[&authority]));
    }

    #[test]
    fn refusals_and_broken_ones() {
        let later = response(&[0x30, 0x03, 0x0A, 0x01, 0x03]).unwrap();
        assert_eq!((later.status, later.singles.len()), (3, 0));
        let error = response(b"<html>").unwrap_err().to_string();
        assert_eq!(
            error,
            "OCSP response: expected OCSPResponse (tag 30), found tag 3C"
        );
        let whole = pki::ocsp_response("1001", &Status::Good);
        for cut in (0..whole.len()).step_by(7) {
            assert!(response(&whole[..cut]).is_err(), "cut at {cut}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (request(&bytes), response(&bytes));
        }

        #[test]
        fn bent_responses_never_panic(at in 0usize..2000, with in any::<u8>()) {
            let mut der = pki::ocsp_response("1001", &Status::Good);
            let at = at % der.len();
            der[at] = with;
            let _ = response(&der);
        }
    }
}
