//! Asks the revocation service about one certificate, for every use anew: plain HTTP, tapped, with a
//! nonce. Silence, errors and answers that cannot be relied on all end as a [`Doubt`], which is
//! nobody's approval. What an answer must fulfil stands in `ocsp_answer`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use der::asn1::{Null, ObjectIdentifier, OctetString};
use der::{Decode, Encode};
use rules::Revocation;
use wire::certificate::{OCSP_HOST, OCSP_REQUEST, OCSP_RESPONSE};
use world::http::{Answer, Client, NoAnswer};
use world::net::Network;
use world::tls::Tapped;
use world::{Carrier, Clock, Hop, Stream, Tap};
use x509_cert::ext::Extension;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_ocsp::ext::Nonce;
use x509_ocsp::{CertId, OcspRequest, OcspResponse, OcspResponseStatus, Request, TbsRequest};

use crate::authority::Authority;
use crate::ocsp_answer::{Expected, Known, read};

const MAX_ANSWER: usize = 64 * 1024;
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");

/// Why an answer, or its absence, approves nothing. It is kept with the confirmation.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Doubt {
    /// No answer at all, in time or in size.
    #[error("the revocation service did not answer: {0}")]
    Silent(#[from] NoAnswer),
    /// An answer of HTTP, not of OCSP.
    #[error("the revocation service answered HTTP {status} with {content_type:?}")]
    NotOcsp {
        /// Status code.
        status: u16,
        /// Content type as it came.
        content_type: String,
    },
    /// The service refused the question.
    #[error("the revocation service refused: {0}")]
    Refused(&'static str),
    /// Not DER, or not what RFC 6960 describes.
    #[error("the revocation answer cannot be read: {0}")]
    Unreadable(String),
    /// Anything else that keeps it from being relied on.
    #[error("the revocation answer is not to be relied on: {0}")]
    Unreliable(&'static str),
}

impl From<der::Error> for Doubt {
    fn from(error: der::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// The asking side.
pub(crate) struct Revocations {
    network: Arc<dyn Network>,
    tap: Tap,
    clock: Clock,
    timeout: Duration,
    nonces: Mutex<Stream>,
    known: Known,
}

impl Revocations {
    pub(crate) fn new(
        network: Arc<dyn Network>,
        tap: Tap,
        clock: Clock,
        timeout: Duration,
        nonces: Stream,
    ) -> Self {
        Self {
            network,
            tap,
            clock,
            timeout,
            nonces: Mutex::new(nonces),
            known: Known::default(),
        }
    }

    /// Asks about a serial of an authority.
    pub(crate) async fn ask(
        &self,
        authority: &Authority,
        serial: &SerialNumber,
    ) -> Result<Revocation, Doubt> {
        let id = certificate_id(authority, serial)?;
        let nonce = self.nonce();
        let question = question(&id, &nonce)?;
        let answer = self.exchange(question).await?;
        let content_type = answer.content_type.to_ascii_lowercase();
        if answer.status != 200 || content_type != OCSP_RESPONSE {
            return Err(Doubt::NotOcsp {
                status: answer.status,
                content_type,
            });
        }
        let expected = Expected {
            authority,
            id: &id,
            nonce: &nonce,
            now_ms: self.clock.now_ms(),
        };
        read(&basic_answer(&answer.body)?, &expected, &self.known)
    }

    /// 32 bytes nobody can foresee from outside, and everybody from the seed.
    fn nonce(&self) -> [u8; 32] {
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.block()
    }

    async fn exchange(&self, question: Vec<u8>) -> Result<Answer, NoAnswer> {
        let late = NoAnswer::Timeout(u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX));
        tokio::time::timeout(self.timeout, self.connect_and_ask(question))
            .await
            .map_err(|_| late)?
    }

    async fn connect_and_ask(&self, question: Vec<u8>) -> Result<Answer, NoAnswer> {
        let stream = self.network.connect(OCSP_HOST).await;
        let stream = stream.map_err(|e| NoAnswer::Connection(e.to_string()))?;
        let hop = Hop {
            name: "ocsp",
            near: ("eligibility-server".to_owned(), String::new()),
            far: ("jlis".to_owned(), String::new()),
            carrier: Carrier::None,
        };
        let connection = self.tap.connection(&hop);
        let tapped = Tapped::new(stream, self.tap.clone(), hop, connection, None);
        let mut client = Client::over(tapped, OCSP_HOST).await?;
        client
            .post("/", OCSP_REQUEST, question, self.timeout, MAX_ANSWER)
            .await
    }
}

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
pub(crate) fn basic_answer(body: &[u8]) -> Result<Vec<u8>, Doubt> {
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
        return Err(Doubt::Refused(refused));
    }
    let bytes = envelope
        .response_bytes
        .ok_or(Doubt::Unreliable("it has no content"))?;
    if bytes.response_type != <x509_ocsp::BasicOcspResponse as der::oid::AssociatedOid>::OID {
        return Err(Doubt::Unreliable("it is of another type than basic"));
    }
    Ok(bytes.response.into_bytes())
}
