//! The house itself: what it is given, how it opens, and how it takes connections, each in a task of its
//! own so that one that misbehaves disturbs nobody.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use identifiers::CertificateSerial;
use relying::{AuthorityError, Relying, Settings};
use rules::{Date, Profile};
use tokio::io::DuplexStream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use wire::eligibility::MAX_BODY;
use wire::failure::Failure;
use world::net::Network;
use world::tls::{Caller, Identity, TlsError, acceptor, optional_clients};
use world::{Clock, Seed, Tap};

use crate::asker::Asker;
use crate::conduct::Conduct;
use crate::desk::answer;
use crate::neighbours::Neighbours;
use crate::sessions::Sessions;

/// Longest TLS handshake waited for.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What a portal is given.
pub struct Config {
    /// Connections, from `Street::listen(wire::portal::HOST)`.
    pub door: UnboundedReceiver<DuplexStream>,
    /// Its server certificate, for `wire::portal::HOST`.
    pub identity: Identity,
    /// Authorities whose client certificates it takes, DER.
    pub trusted: Vec<Vec<u8>>,
    /// Opens connections to J-LIS, intermediate and eligibility server, under `wire::portal::NAME`.
    pub caller: Caller,
    /// Where they and the revocation service are reached.
    pub network: Arc<dyn Network>,
    /// Keeps what crosses the hops `agency`, `insured`, `feed`, `ocsp` and `crl`.
    pub tap: Tap,
    /// The civil clock.
    pub clock: Clock,
    /// Seed of its challenges and nonces.
    pub seed: Seed,
    /// Values public sources leave open.
    pub profile: Profile,
    /// Trusted user-authentication authorities, DER.
    pub jpki_ca_certificates: Vec<Vec<u8>>,
}

/// Why a portal does not open. The configuration is at fault.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// A trusted authority.
    #[error("the portal cannot check cards: {0}")]
    Authority(#[from] AuthorityError),
    /// TLS.
    #[error("the portal cannot speak TLS: {0}")]
    Tls(#[from] TlsError),
}

/// The portal's inside, shared by all its connections.
pub(crate) struct Portal {
    pub(crate) conduct: Arc<dyn Conduct>,
    pub(crate) clock: Clock,
    pub(crate) relying: Relying,
    pub(crate) neighbours: Neighbours,
    sessions: Mutex<Sessions>,
}

impl Portal {
    pub(crate) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running portal; it ends when this is dropped.
pub struct PortalHandle {
    portal: Arc<Portal>,
    serving: JoinHandle<()>,
}

/// Opens a portal. Call it inside a tokio runtime.
pub fn spawn(config: Config, conduct: Arc<dyn Conduct>) -> Result<PortalHandle, PortalError> {
    let seed = config.seed.child("portal");
    let clients = optional_clients(&config.trusted)?;
    let acceptor = acceptor(&config.identity, clients, &config.clock)?;
    let settings = Settings {
        network: config.network.clone(),
        tap: config.tap.clone(),
        clock: config.clock.clone(),
        nonces: seed.stream("nonces"),
        timeout_ms: config.profile.ocsp_timeout_ms,
        fallback: config.profile.revocation_fallback,
        asker: ("portal".to_owned(), String::new()),
    };
    let portal = Arc::new(Portal {
        conduct,
        relying: Relying::new(&config.jpki_ca_certificates, settings)?,
        clock: config.clock,
        neighbours: Neighbours::new(config.caller, config.network, config.tap),
        sessions: Mutex::new(Sessions::new(seed.stream("challenges"))),
    });
    let serving = tokio::spawn(serve(portal.clone(), acceptor, config.door));
    Ok(PortalHandle { portal, serving })
}

async fn serve(
    portal: Arc<Portal>,
    acceptor: TlsAcceptor,
    mut door: UnboundedReceiver<DuplexStream>,
) {
    // Connections end with the house.
    let mut connections = JoinSet::new();
    while let Some(stream) = door.recv().await {
        connections.spawn(attend(portal.clone(), acceptor.clone(), stream));
        while connections.try_join_next().is_some() {}
    }
}

async fn attend(portal: Arc<Portal>, acceptor: TlsAcceptor, stream: DuplexStream) {
    let handshake = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream));
    // Whoever is refused has seen the alert; the tap sits on that side.
    let Ok(Ok(stream)) = handshake.await else {
        return;
    };
    let chain = stream.get_ref().1.peer_certificates();
    let asker = Asker::of(chain.and_then(<[_]>::first).map(|leaf| leaf.as_ref()));
    let (portal, asker) = (&portal, &asker);
    world::http::serve(stream, MAX_BODY, |asked| answer(portal, asker, asked)).await;
}

impl PortalHandle {
    /// Registers a card whose login lies outside the story, by the same function as both other ways; the
    /// certificate's days are not looked at. True when the registration is new. The refusal is what the
    /// portal would have answered.
    pub async fn register_known(
        &self,
        serial: CertificateSerial,
        last_day: Date,
    ) -> Result<bool, Failure> {
        let registered = self.portal.register(serial, last_day).await;
        registered.map_err(|refused| self.portal.conduct.says_why(refused.failure().1))
    }
}

#[cfg(test)]
impl PortalHandle {
    /// Answers one request as the desk does, past TLS and HTTP.
    pub(crate) async fn answer(
        &self,
        asker: &Asker,
        asked: world::http::Asked,
    ) -> world::http::Answer {
        answer(&self.portal, asker, asked).await
    }
}

impl Drop for PortalHandle {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
