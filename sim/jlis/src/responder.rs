//! The revocation service: OCSP over plain HTTP (RFC 6960), answers signed by a delegated responder and
//! made for each question, so that they are never older than a second. Bad questions get the refusal the
//! protocol has for them.

use std::sync::Arc;

use der::asn1::{GeneralizedTime, ObjectIdentifier, OctetString};
use der::{Decode, Encode};
use identifiers::CertificateSerial;
use sha1::{Digest, Sha1};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::sync::mpsc::UnboundedReceiver;
use wire::certificate::{OCSP_REQUEST, OCSP_RESPONSE};
use world::http::{Answer, Asked, BodyRefused};
use world::keys::{self, Authority};
use world::{Clock, Key};
use x509_cert::Certificate;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::CrlReason;
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, OcspRequest, OcspResponse,
    Request, ResponderId, ResponseData, RevokedInfo, SingleResponse, Version,
};

use crate::der_parts::{date_time, key_hash, sign, signature_algorithm};
use crate::{IssueError, Reason, Register, Status, UserAuthenticationCa};

const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
const MAX_REQUEST: usize = 4 * 1024;
const MAX_QUESTIONS: usize = 8;
/// Longest nonce echoed (RFC 9654).
const MAX_NONCE: usize = 128;
/// How long an answer may be kept by whoever asked.
const NEXT_UPDATE_MS: i64 = 60 * 60 * 1000;

/// The responder for user-authentication certificates.
pub struct Responder {
    register: Register,
    clock: Clock,
    key: Key,
    certificate: Certificate,
    issuer_name_hash: [u8; 20],
    issuer_key_hash: [u8; 20],
}

/// Why a question has no answer.
enum Unanswered {
    Malformed,
    NotOurs,
    Internal,
}

impl From<IssueError> for Unanswered {
    fn from(_: IssueError) -> Self {
        Self::Internal
    }
}

impl From<der::Error> for Unanswered {
    fn from(_: der::Error) -> Self {
        Self::Internal
    }
}

impl Responder {
    /// A responder delegated by `ca` that answers from `register`.
    pub fn new(
        ca: &UserAuthenticationCa,
        register: Register,
        clock: Clock,
    ) -> Result<Arc<Self>, IssueError> {
        Ok(Arc::new(Self {
            register,
            clock,
            key: keys::authority(Authority::Ocsp),
            certificate: ca.issue_responder()?,
            issuer_name_hash: Sha1::digest(ca.name().to_der()?).into(),
            issuer_key_hash: ca.key_hash(),
        }))
    }

    /// Takes connections from `door` until nobody can knock any more.
    pub async fn serve(self: Arc<Self>, mut door: UnboundedReceiver<DuplexStream>) {
        while let Some(stream) = door.recv().await {
            let house = self.clone();
            tokio::spawn(async move { house.attend(stream).await });
        }
    }

    /// Serves one connection until it ends.
    pub async fn attend<S>(self: Arc<Self>, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let house = &self;
        world::http::serve(stream, MAX_REQUEST, |asked| async move { house.http(asked) }).await;
    }

    fn http(&self, asked: Asked) -> Answer {
        let refused = |status, said: &str| Answer::new(status, "text/plain", said.to_owned());
        match asked.body {
            _ if asked.path != "/" => refused(404, "ask at /"),
            _ if asked.method != "POST" => refused(405, "ask by POST"),
            _ if asked.content_type != OCSP_REQUEST => refused(415, "ask in application/ocsp-request"),
            Err(BodyRefused::TooLarge) => refused(413, "ask in 4096 bytes at most"),
            Err(BodyRefused::Broken) => refused(400, "the question ended early: ask again"),
            Ok(body) => Answer::new(200, OCSP_RESPONSE, self.answer(&body)),
        }
    }

    /// Answers one question, both DER. A question that cannot be answered gets the protocol's refusal.
    pub fn answer(&self, question: &[u8]) -> Vec<u8> {
        let response = self.respond(question).unwrap_or_else(|why| match why {
            Unanswered::Malformed => OcspResponse::malformed_request(),
            Unanswered::NotOurs => OcspResponse::unauthorized(),
            Unanswered::Internal => OcspResponse::internal_error(),
        });
        // An envelope around bytes that were encoded before always encodes.
        response.to_der().unwrap_or_default()
    }

    fn respond(&self, question: &[u8]) -> Result<OcspResponse, Unanswered> {
        let asked = OcspRequest::from_der(question).map_err(|_| Unanswered::Malformed)?;
        let asked = asked.tbs_request;
        let nonce = nonce(asked.request_extensions.as_deref().unwrap_or_default())?;
        if !(1..=MAX_QUESTIONS).contains(&asked.request_list.len()) {
            return Err(Unanswered::Malformed);
        }
        let now_ms = self.clock.now_ms();
        let about = |request: &Request| self.about(&request.req_cert, now_ms);
        let tbs_response_data = ResponseData {
            version: Version::V1,
            responder_id: ResponderId::ByKey(OctetString::new(key_hash(&self.key))?),
            produced_at: generalized(now_ms)?,
            responses: asked
                .request_list
                .iter()
                .map(about)
                .collect::<Result<_, _>>()?,
            response_extensions: nonce.map(|nonce| vec![nonce]),
        };
        let signature = sign(&self.key, &tbs_response_data.to_der()?)?;
        let basic = BasicOcspResponse {
            tbs_response_data,
            signature_algorithm: signature_algorithm(),
            signature,
            certs: Some(vec![self.certificate.clone()]),
        };
        Ok(OcspResponse::successful(basic)?)
    }

    fn about(&self, id: &CertId, now_ms: i64) -> Result<SingleResponse, Unanswered> {
        if id.hash_algorithm.oid != SHA1
            || id.issuer_name_hash.as_bytes() != self.issuer_name_hash
            || id.issuer_key_hash.as_bytes() != self.issuer_key_hash
        {
            return Err(Unanswered::NotOurs);
        }
        let serial = CertificateSerial::from_der_integer(id.serial_number.as_bytes());
        // A serial that no certificate of ours can have is one we do not know.
        let status = serial.map_or(Status::Unknown, |serial| self.register.status(serial));
        Ok(SingleResponse {
            cert_id: id.clone(),
            cert_status: certificate_status(status)?,
            this_update: generalized(now_ms)?,
            next_update: Some(generalized(now_ms + NEXT_UPDATE_MS)?),
            single_extensions: None,
        })
    }
}

/// The nonce to echo, as it came. Other extensions are left unread, unless they insist.
fn nonce(extensions: &[Extension]) -> Result<Option<Extension>, Unanswered> {
    let mut found = None;
    for extension in extensions {
        if extension.extn_id != NONCE {
            if extension.critical {
                return Err(Unanswered::Malformed);
            }
            continue;
        }
        let value = OctetString::from_der(extension.extn_value.as_bytes());
        let value = value.map_err(|_| Unanswered::Malformed)?;
        if !(1..=MAX_NONCE).contains(&value.as_bytes().len()) || found.is_some() {
            return Err(Unanswered::Malformed);
        }
        found = Some(extension.clone());
    }
    Ok(found)
}

fn certificate_status(status: Status) -> Result<CertStatus, IssueError> {
    let revoked = |at_ms, reason| {
        Ok(CertStatus::revoked(RevokedInfo {
            revocation_time: generalized(at_ms)?,
            revocation_reason: Some(reason),
        }))
    };
    match status {
        Status::Good => Ok(CertStatus::good()),
        Status::Unknown => Ok(CertStatus::unknown()),
        Status::Suspended { at_ms } => revoked(at_ms, CrlReason::CertificateHold),
        Status::Revoked { at_ms, reason } => revoked(
            at_ms,
            match reason {
                Reason::Unspecified => CrlReason::Unspecified,
                Reason::KeyCompromise => CrlReason::KeyCompromise,
                Reason::AffiliationChanged => CrlReason::AffiliationChanged,
                Reason::Superseded => CrlReason::Superseded,
                Reason::CessationOfOperation => CrlReason::CessationOfOperation,
            },
        ),
    }
}

fn generalized(ms: i64) -> Result<OcspGeneralizedTime, IssueError> {
    Ok(OcspGeneralizedTime(GeneralizedTime::from_date_time(
        date_time(ms)?,
    )))
}
