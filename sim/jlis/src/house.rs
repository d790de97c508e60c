//! The house as a whole: revocation service, list, the service for agencies and the courier, opened behind
//! their doors and closed together.

use std::sync::Arc;
use std::time::Duration;

use identifiers::CertificateSerial;
use tokio::io::DuplexStream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use world::net::Network;
use world::tls::{Caller, Identity, TlsError, acceptor, required_clients};
use world::{Clock, Tap};

use crate::agency::{self, Codes};
use crate::courier::{Courier, Refused, Round};
use crate::crl::{self, ListMood, Publisher};
use crate::ocsp::{self, Mood, Responder};
use crate::registry::Registry;

/// Longest TLS handshake waited for.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What J-LIS is set up with.
pub struct Config {
    /// The register of user-authentication certificates, whose pairs the courier tells.
    pub registry: Registry,
    /// The revocation service.
    pub responder: Arc<Responder>,
    /// The list of revoked user-authentication certificates.
    pub publisher: Arc<Publisher>,
    /// Lists beside it, such as that of signing certificates.
    pub other_lists: Vec<Arc<Publisher>>,
    /// Connections to the revocation service, from `Street::listen(wire::certificate::OCSP_HOST)`.
    pub ocsp_door: UnboundedReceiver<DuplexStream>,
    /// Connections to the lists, from `Street::listen(wire::certificate::CRL_HOST)`.
    pub crl_door: UnboundedReceiver<DuplexStream>,
    /// Connections of agencies, from `Street::listen(wire::portal::JLIS_HOST)`.
    pub agency_door: UnboundedReceiver<DuplexStream>,
    /// Certificate of the service for agencies, for `wire::portal::JLIS_HOST`.
    pub identity: Identity,
    /// Authorities whose client certificates that service takes, DER.
    pub trusted: Vec<Vec<u8>>,
    /// Opens connections to the eligibility server, under the name `wire::portal::JLIS_NAME`.
    pub caller: Caller,
    /// Where the eligibility server is reached.
    pub network: Arc<dyn Network>,
    /// Keeps what crosses the hop `feed`.
    pub tap: Tap,
    /// The civil clock.
    pub clock: Clock,
}

/// A running J-LIS; it ends when this is dropped.
pub struct JlisHandle {
    responder: Arc<Responder>,
    publisher: Arc<Publisher>,
    codes: Codes,
    round: Round,
    tasks: [JoinHandle<()>; 4],
}

/// Opens J-LIS. Call it inside a tokio runtime.
pub fn spawn(config: Config) -> Result<JlisHandle, TlsError> {
    let clients = required_clients(&config.trusted)?;
    let acceptor = acceptor(&config.identity, clients, &config.clock)?;
    let codes = Codes::default();
    let round = Round::new(config.registry.clone(), config.clock);
    let courier = Courier::new(round.clone(), config.caller, config.network, config.tap);
    let mut lists = config.other_lists;
    lists.push(config.publisher.clone());
    let agencies = agencies(acceptor, config.agency_door, codes.clone(), config.registry);
    let tasks = [
        tokio::spawn(ocsp::serve(config.responder.clone(), config.ocsp_door)),
        tokio::spawn(crl::serve(lists, config.crl_door)),
        tokio::spawn(agencies),
        tokio::spawn(courier.run()),
    ];
    Ok(JlisHandle {
        responder: config.responder,
        publisher: config.publisher,
        codes,
        round,
        tasks,
    })
}

async fn agencies(
    acceptor: TlsAcceptor,
    mut door: UnboundedReceiver<DuplexStream>,
    codes: Codes,
    registry: Registry,
) {
    // Agencies' connections end with the house.
    let mut connections = JoinSet::new();
    while let Some(stream) = door.recv().await {
        let (acceptor, codes, registry) = (acceptor.clone(), codes.clone(), registry.clone());
        connections.spawn(async move {
            let handshake = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await;
            // Who is refused has seen the alert; the tap sits on that side.
            if let Ok(Ok(stream)) = handshake {
                let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
                let asker = chain.first().and_then(|leaf| world::tls::common_name(leaf));
                agency::serve(stream, codes, registry, asker.unwrap_or_default()).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

impl JlisHandle {
    /// Enters the agency code of a certificate's holder: 16 lower-case letters and digits. Certificates
    /// that follow this one have it too.
    pub fn know(&self, serial: CertificateSerial, agency_code: &str) {
        self.codes.know(serial, agency_code);
    }

    /// Lets the revocation service answer otherwise from now on.
    pub fn set_mood(&self, mood: Mood) {
        self.responder.set_mood(mood);
    }

    /// Lets the list of user-authentication certificates be given out otherwise from now on.
    pub fn set_list_mood(&self, mood: ListMood) {
        self.publisher.set_mood(mood);
    }

    /// Lets the courier look at the clock and go at once: after a jump of the civil clock, and when the
    /// eligibility server is back.
    pub fn poke(&self) {
        self.round.poke();
    }

    /// Pokes the courier and waits until every pair that is due by the civil clock is told or refused, at
    /// most `limit`. False when one still waits. Pairs whose delay is not over do not count.
    pub async fn settled(&self, limit: Duration) -> bool {
        self.round.settled(limit).await
    }

    /// Pairs that are due and not told.
    pub fn waiting(&self) -> usize {
        self.round.waiting()
    }

    /// What the eligibility server refused for good, with its reason.
    pub fn refused(&self) -> Vec<Refused> {
        self.round.refused()
    }
}

impl Drop for JlisHandle {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
