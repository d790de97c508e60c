//! The OCSP responder (RFC 6960) over HTTP: a delegated responder certificate, the request's
//! nonce echoed, times in whole seconds, bad requests answered as `malformedRequest`.

use std::sync::Arc;

use ::der::{Decode, Encode};
use aws_lc_rs::signature::KeyPair;
use identifiers::CertificateSerial;
use jiff::civil::Date;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use wire::certificate::{OCSP_HOST, OCSP_REQUEST, OCSP_RESPONSE};
use world::clock::months_after;
use world::http::{Answer, Asked};
use world::{Clock, Key, keys};
use x509_ocsp::{CertId, OcspRequest};

use crate::authority::{Authority, Leaf, sign};
use crate::der::{
    bits, enumerated, explicit, generalized_time, implicit, octets, oid, sequence, tlv,
};
use crate::profile::{key_identifier, sha256_with_rsa};
use crate::{Register, Standing};

/// Host the responder is reached under; the address stands in the certificates.
pub const HOST: &str = OCSP_HOST;

const MAX_REQUEST: usize = 16 * 1024;
const FRESH_MS: i64 = 60 * 60 * 1000;
const BASIC: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 48, 1, 1];
const NONCE: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 48, 1, 2];

/// Answers for one authority.
pub struct Responder {
    authority: [Vec<u8>; 2],
    key: Key,
    certificate: Vec<u8>,
    register: Register,
    clock: Clock,
}

impl Responder {
    /// A responder with a certificate of its own from `authority`, valid from `from`.
    pub fn new(
        authority: &Authority,
        register: Register,
        clock: Clock,
        from: Date,
    ) -> Option<Self> {
        let key = keys::authority(keys::Authority::Ocsp);
        let serial = CertificateSerial::new(2).ok()?;
        let leaf = Leaf {
            serial,
            first_day: from,
            last_day: months_after(from, 120),
            key: &key.pair,
        };
        let certificate = authority.issue_responder(&leaf);
        Some(Responder {
            authority: authority.hashes(),
            certificate,
            key,
            register,
            clock,
        })
    }

    /// The response to a request, DER.
    pub fn answer(&self, request: &[u8]) -> Vec<u8> {
        let parsed = OcspRequest::from_der(request).ok();
        let known = parsed.filter(|r| {
            !r.tbs_request.request_list.is_empty() && r.tbs_request.request_list.len() <= 16
        });
        known
            .and_then(|request| self.basic(&request))
            .map_or_else(malformed, successful)
    }

    fn basic(&self, request: &OcspRequest) -> Option<Vec<u8>> {
        let now = self.clock.now_ms();
        let mut singles = Vec::new();
        for asked in &request.tbs_request.request_list {
            let serial =
                CertificateSerial::from_der_integer(asked.req_cert.serial_number.as_bytes())
                    .ok()?;
            let id = asked.req_cert.to_der().ok()?;
            let status = status(self.standing(&asked.req_cert, serial));
            singles.push(sequence(&[
                id,
                status,
                generalized_time(now),
                explicit(0, &generalized_time(now + FRESH_MS)),
            ]));
        }
        let public = self.key.pair.public_key().as_ref();
        let mut data = vec![
            explicit(2, &octets(&key_identifier(public))),
            generalized_time(now),
            tlv(0x30, &singles.concat()),
        ];
        if let Some(nonce) = nonce(request) {
            data.push(explicit(
                1,
                &sequence(&[sequence(&[oid(NONCE), octets(&nonce)])]),
            ));
        }
        let data = sequence(&data);
        let signature = sign(&self.key.pair, &data);
        let certificates = explicit(0, &sequence(std::slice::from_ref(&self.certificate)));
        Some(sequence(&[
            data,
            sha256_with_rsa(),
            bits(0, &signature),
            certificates,
        ]))
    }
}

impl Responder {
    /// What is known of a serial; of another authority's certificates nothing is.
    fn standing(&self, id: &CertId, serial: CertificateSerial) -> Standing {
        let ours = [
            id.issuer_name_hash.as_bytes(),
            id.issuer_key_hash.as_bytes(),
        ] == self.authority.each_ref().map(Vec::as_slice);
        if ours {
            self.register.get(serial)
        } else {
            Standing::Unknown
        }
    }
}

fn nonce(request: &OcspRequest) -> Option<Vec<u8>> {
    let wanted = oid(NONCE);
    let list = request.tbs_request.request_extensions.as_ref()?;
    let found = list
        .iter()
        .find(|e| e.extn_id.to_der().is_ok_and(|id| id == wanted))?;
    Some(found.extn_value.as_bytes().to_vec())
}

fn status(standing: Standing) -> Vec<u8> {
    // Reasons of RFC 5280: 6 certificateHold; a plain revocation names none.
    match standing {
        Standing::Good => implicit(0, &[]),
        Standing::Revoked(at) => explicit(1, &generalized_time(at)),
        Standing::Suspended(at) => explicit(
            1,
            &[generalized_time(at), explicit(0, &enumerated(6))].concat(),
        ),
        Standing::Unknown => implicit(2, &[]),
    }
}

fn malformed() -> Vec<u8> {
    sequence(&[enumerated(1)])
}

fn successful(basic: Vec<u8>) -> Vec<u8> {
    let bytes = sequence(&[oid(BASIC), octets(&basic)]);
    sequence(&[enumerated(0), explicit(0, &bytes)])
}

/// Serves the connections that arrive at the door.
pub async fn serve(responder: Arc<Responder>, mut door: mpsc::UnboundedReceiver<DuplexStream>) {
    while let Some(stream) = door.recv().await {
        let responder = responder.clone();
        tokio::spawn(world::http::serve(stream, MAX_REQUEST, move |asked| {
            let answer = over_http(&responder, asked);
            async move { answer }
        }));
    }
}

fn over_http(responder: &Responder, asked: Asked) -> Answer {
    let refused = |status: u16, why: &str| {
        Answer::new(status, "text/plain; charset=utf-8", format!("{why}\n"))
    };
    if asked.path != "/" {
        return refused(404, "the responder answers under / alone");
    }
    if asked.method != "POST" {
        return refused(405, "OCSP requests come by POST here");
    }
    if asked.content_type != OCSP_REQUEST {
        return refused(415, "expected application/ocsp-request");
    }
    match asked.body {
        Ok(body) => Answer::new(200, OCSP_RESPONSE, responder.answer(&body)),
        Err(world::http::BodyRefused::TooLarge) => {
            refused(413, "an OCSP request has at most 16 KiB here")
        }
        Err(world::http::BodyRefused::Broken) => refused(400, "the request's body ended early"),
    }
}
