//! Asks about the revocation of one certificate, for every use anew: the service (OCSP) first, and when
//! that gives no answer to rely on, the list (CRL) if the profile says so. Both over plain HTTP, tapped.
//! Silence, errors and answers that cannot be relied on all end as a [`Doubt`], which is nobody's approval.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use identifiers::CertificateSerial;
use rules::{Revocation, RevocationFallback};
use wire::certificate::{
    CRL_HOST, CRL_PATH, CRL_TYPE, OCSP_HOST, OCSP_REQUEST, OCSP_RESPONSE, SIGNING_CRL_PATH,
};
use world::http::{Answer, Client, NoAnswer};
use world::net::Network;
use world::tls::Tapped;
use world::{Carrier, Clock, Hop, Stream, Tap};
use x509_cert::serial_number::SerialNumber;

use crate::authority::Authority;
use crate::crl;
use crate::doubt::{Doubt, Flaw};
use crate::ocsp::{basic_answer, certificate_id, question};
use crate::ocsp_answer::{Expected, Known, read};

const MAX_ANSWER: usize = 64 * 1024;
/// A list names every certificate revoked in ten years; at 36 bytes each this is above 100,000.
const MAX_LIST: usize = 4 * 1024 * 1024;

/// What the asking side is given.
pub struct Settings {
    /// How the service and the list are reached.
    pub network: Arc<dyn Network>,
    /// Keeps what crosses the hops `ocsp` and `crl`.
    pub tap: Tap,
    /// The civil clock, for the times in answers.
    pub clock: Clock,
    /// Where nonces come from; one of its own for every house.
    pub nonces: Stream,
    /// Longest wait for word of a certificate, connecting included, in milliseconds. Where a list may stand
    /// in, service and list have half of it each: whoever asked waits for both.
    pub timeout_ms: u64,
    /// What is asked when the service gives no answer to rely on.
    pub fallback: RevocationFallback,
    /// The hop's near side, as (role, name).
    pub asker: (String, String),
}

/// The asking side.
pub struct Revocations {
    settings: Settings,
    nonces: Mutex<Stream>,
    known: Known,
}

impl Revocations {
    /// An asking side; it connects when it is asked.
    pub fn new(settings: Settings) -> Self {
        Self {
            nonces: Mutex::new(settings.nonces.clone()),
            known: Known::default(),
            settings,
        }
    }

    /// Asks about a serial of an authority. Never answers [`Revocation::Unavailable`]: that is what a
    /// house makes of the doubt.
    pub async fn ask(
        &self,
        authority: &Authority,
        serial: CertificateSerial,
    ) -> Result<Revocation, Doubt> {
        let service = match self.ask_service(authority, serial).await {
            Ok(answered) => return Ok(answered),
            Err(flaw) => flaw,
        };
        let list = match self.settings.fallback {
            RevocationFallback::None => None,
            RevocationFallback::Crl => match self.look_up(authority, serial).await {
                Ok(listed) => return Ok(listed),
                Err(flaw) => Some(flaw),
            },
        };
        Err(Doubt { service, list })
    }

    async fn ask_service(
        &self,
        authority: &Authority,
        serial: CertificateSerial,
    ) -> Result<Revocation, Flaw> {
        let id = certificate_id(authority, &SerialNumber::from(serial.value()))?;
        let nonce = self.nonce();
        let answer = self.in_time(self.post(question(&id, &nonce)?)).await?;
        let expected = Expected {
            authority,
            id: &id,
            nonce: &nonce,
            now_ms: self.settings.clock.now_ms(),
        };
        let basic = basic_answer(&body_of(answer, OCSP_RESPONSE)?)?;
        read(&basic, &expected, &self.known)
    }

    async fn look_up(
        &self,
        authority: &Authority,
        serial: CertificateSerial,
    ) -> Result<Revocation, Flaw> {
        let answer = self.in_time(self.fetch_list(CRL_PATH)).await?;
        let list = body_of(answer, CRL_TYPE)?;
        crl::look_up(&list, authority, serial, self.settings.clock.now_ms())
    }

    /// Whether the list of signing certificates names a serial. One that cannot be had names nobody.
    pub(crate) async fn signing_list_names(&self, serial: CertificateSerial) -> bool {
        let answer = self.in_time(self.fetch_list(SIGNING_CRL_PATH)).await;
        let list = answer.map_err(Flaw::from);
        let list = list.and_then(|answer| body_of(answer, CRL_TYPE));
        list.is_ok_and(|list| crl::names(&list, serial))
    }

    /// 32 bytes nobody can foresee from outside, and everybody from the seed.
    fn nonce(&self) -> [u8; 32] {
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.block()
    }

    fn timeout(&self) -> Duration {
        let whole = self.settings.timeout_ms;
        Duration::from_millis(match self.settings.fallback {
            RevocationFallback::None => whole,
            RevocationFallback::Crl => (whole / 2).max(1),
        })
    }

    async fn in_time(
        &self,
        asking: impl Future<Output = Result<Answer, NoAnswer>>,
    ) -> Result<Answer, NoAnswer> {
        let wait = self.timeout();
        let late = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        tokio::time::timeout(wait, asking)
            .await
            .map_err(|_| NoAnswer::Timeout(late))?
    }

    async fn post(&self, question: Vec<u8>) -> Result<Answer, NoAnswer> {
        let tapped = self.connect("ocsp", OCSP_HOST).await?;
        let mut client = Client::over(tapped, OCSP_HOST).await?;
        client
            .post("/", OCSP_REQUEST, question, self.timeout(), MAX_ANSWER)
            .await
    }

    async fn fetch_list(&self, path: &str) -> Result<Answer, NoAnswer> {
        let tapped = self.connect("crl", CRL_HOST).await?;
        let mut client = Client::over(tapped, CRL_HOST).await?;
        client
            .ask("GET", path, "", Vec::new(), self.timeout(), MAX_LIST)
            .await
    }

    async fn connect(
        &self,
        hop: &'static str,
        host: &str,
    ) -> Result<Tapped<world::net::BoxStream>, NoAnswer> {
        let stream = self.settings.network.connect(host).await;
        let stream = stream.map_err(|e| NoAnswer::Connection(e.to_string()))?;
        let hop = Hop {
            name: hop,
            near: self.settings.asker.clone(),
            far: ("jlis".to_owned(), String::new()),
            carrier: Carrier::None,
        };
        let tap = &self.settings.tap;
        let connection = tap.connection(&hop);
        Ok(Tapped::new(stream, tap.clone(), hop, connection, None))
    }
}

/// The body of an answer of the right kind.
fn body_of(answer: Answer, wanted: &str) -> Result<Vec<u8>, Flaw> {
    let content_type = answer.content_type.to_ascii_lowercase();
    if answer.status != 200 || content_type != wanted {
        return Err(Flaw::WrongType {
            status: answer.status,
            content_type,
        });
    }
    Ok(answer.body.to_vec())
}
