//! The OCSP responder (RFC 6960) over HTTP: a delegated responder certificate, the request's
//! nonce echoed, times in whole seconds, bad requests answered as `malformedRequest`. Its mood can be
//! changed while it runs, so that relying parties meet every answer that is not to be relied on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::der::{Decode, Encode};
use aws_lc_rs::signature::KeyPair;
use identifiers::CertificateSerial;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use wire::certificate::{OCSP_HOST, OCSP_REQUEST, OCSP_RESPONSE};
use world::http::{Answer, Asked};
use world::{Clock, Key, keys};
use x509_cert::serial_number::SerialNumber;
use x509_ocsp::{CertId, OcspRequest};

use crate::authority::{Authority, sign};
use crate::der::{
    bits, enumerated, explicit, generalized_time, implicit, octets, oid, sequence, tlv,
};
use crate::profile::{key_identifier, sha256_with_rsa};
use crate::registry::{Registry, Standing};

/// Host the responder is reached under; the address stands in the certificates.
pub const HOST: &str = OCSP_HOST;

const MAX_REQUEST: usize = 16 * 1024;
const FRESH_MS: i64 = 60 * 60 * 1000;
const OLD_MS: i64 = 48 * 60 * 60 * 1000;
const MALFORMED_REQUEST: u8 = 1;
const TRY_LATER: u8 = 3;
const BASIC: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 48, 1, 1];
const NONCE: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 48, 1, 2];

/// How the responder answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    #[default]
    Normal,
    /// Rightly, but so late; longer than the profile's wait is a fault.
    Slow(Duration),
    /// With the times of the day before yesterday.
    Old,
    /// Under a signature that does not fit.
    WrongSignature,
    /// About the serial after the one asked for, which it says is good.
    WrongSubject,
    /// That it cannot answer now.
    TryLater,
    /// That it knows no serial at all.
    Unknown,
}

/// Answers for one authority.
pub struct Responder {
    authority: [Vec<u8>; 2],
    key: Key,
    certificate: Vec<u8>,
    registry: Registry,
    clock: Clock,
    mood: Mutex<Mood>,
}

impl Responder {
    /// A responder for `authority` with the certificate it was given by
    /// [`Authority::responder_certificate`].
    pub fn new(
        authority: &Authority,
        certificate: Vec<u8>,
        registry: Registry,
        clock: Clock,
    ) -> Self {
        Responder {
            authority: authority.hashes(),
            key: keys::authority(keys::Authority::Ocsp),
            certificate,
            registry,
            clock,
            mood: Mutex::default(),
        }
    }

    /// How it answers now.
    pub fn mood(&self) -> Mood {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets it answer otherwise from the next request on.
    pub fn set_mood(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// The response to a request, DER, in the present mood; slowness is left to [`serve`].
    pub fn answer(&self, request: &[u8]) -> Vec<u8> {
        let mood = self.mood();
        let parsed = OcspRequest::from_der(request).ok();
        let known = parsed.filter(|r| {
            !r.tbs_request.request_list.is_empty() && r.tbs_request.request_list.len() <= 16
        });
        let Some(known) = known else {
            return refused(MALFORMED_REQUEST);
        };
        if mood == Mood::TryLater {
            return refused(TRY_LATER);
        }
        self.basic(&known, mood)
            .map_or_else(|| refused(MALFORMED_REQUEST), successful)
    }

    fn basic(&self, request: &OcspRequest, mood: Mood) -> Option<Vec<u8>> {
        let age = if mood == Mood::Old { OLD_MS } else { 0 };
        let made = self.clock.now_ms() - age;
        let mut singles = Vec::new();
        for asked in &request.tbs_request.request_list {
            let (id, standing) = self.said(&asked.req_cert, mood)?;
            singles.push(sequence(&[
                id,
                status(standing),
                generalized_time(made),
                explicit(0, &generalized_time(made + FRESH_MS)),
            ]));
        }
        let public = self.key.pair.public_key().as_ref();
        let mut data = vec![
            explicit(2, &octets(&key_identifier(public))),
            generalized_time(made),
            tlv(0x30, &singles.concat()),
        ];
        if let Some(nonce) = nonce(request) {
            data.push(explicit(
                1,
                &sequence(&[sequence(&[oid(NONCE), octets(&nonce)])]),
            ));
        }
        let data = sequence(&data);
        let mut signature = sign(&self.key.pair, &data);
        if mood == Mood::WrongSignature {
            signature.iter_mut().for_each(|byte| *byte ^= 0x55);
        }
        let certificates = explicit(0, &sequence(std::slice::from_ref(&self.certificate)));
        Some(sequence(&[
            data,
            sha256_with_rsa(),
            bits(0, &signature),
            certificates,
        ]))
    }

    /// Whom an answer names (CertID) and what it says; none for a serial nobody can have.
    fn said(&self, asked: &CertId, mood: Mood) -> Option<(Vec<u8>, Standing)> {
        let serial = CertificateSerial::from_der_integer(asked.serial_number.as_bytes()).ok()?;
        if mood == Mood::WrongSubject {
            let mut other = asked.clone();
            other.serial_number = SerialNumber::from(serial.value().wrapping_add(1));
            return Some((other.to_der().ok()?, Standing::Good));
        }
        let standing = match mood {
            Mood::Unknown => Standing::Unknown,
            _ => self.standing(asked, serial),
        };
        Some((asked.to_der().ok()?, standing))
    }

    /// What is known of a serial; of another authority's certificates nothing is.
    fn standing(&self, id: &CertId, serial: CertificateSerial) -> Standing {
        let ours = [
            id.issuer_name_hash.as_bytes(),
            id.issuer_key_hash.as_bytes(),
        ] == self.authority.each_ref().map(Vec::as_slice);
        if ours {
            self.registry.standing(serial)
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
    match (standing, standing.listed()) {
        (_, Some((at, reason))) => explicit(
            1,
            &[generalized_time(at), explicit(0, &enumerated(reason))].concat(),
        ),
        (Standing::Unknown, None) => implicit(2, &[]),
        (_, None) => implicit(0, &[]),
    }
}

fn refused(status: u8) -> Vec<u8> {
    sequence(&[enumerated(status)])
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
            let responder = responder.clone();
            async move { over_http(&responder, asked).await }
        }));
    }
}

async fn over_http(responder: &Responder, asked: Asked) -> Answer {
    let not_taken = |status: u16, why: &str| {
        Answer::new(status, "text/plain; charset=utf-8", format!("{why}\n"))
    };
    if asked.path != "/" {
        return not_taken(404, "the responder answers under / alone");
    }
    if asked.method != "POST" {
        return not_taken(405, "OCSP requests come by POST here");
    }
    if asked.content_type != OCSP_REQUEST {
        return not_taken(415, "expected application/ocsp-request");
    }
    match asked.body {
        Ok(body) => {
            if let Mood::Slow(late) = responder.mood() {
                tokio::time::sleep(late).await;
            }
            Answer::new(200, OCSP_RESPONSE, responder.answer(&body))
        }
        Err(world::http::BodyRefused::TooLarge) => {
            not_taken(413, "an OCSP request has at most 16 KiB here")
        }
        Err(world::http::BodyRefused::Broken) => not_taken(400, "the request's body ended early"),
    }
}
