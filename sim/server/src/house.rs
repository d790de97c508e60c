//! The house itself: what it is given, how it opens, and how it takes connections, each in a task of its
//! own so that one that misbehaves disturbs nobody.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use relying::{AuthorityError, Relying, Settings};
use rules::Profile;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_rustls::TlsAcceptor;
use wire::eligibility::MAX_BODY;
use world::net::Network;
use world::tls::{Caller, Identity, TlsError, acceptor, required_clients};
use world::{Clock, Seed, Tap};

use crate::asker::{Anybody, Asker};
use crate::conduct::Conduct;
use crate::routes::answer;
use crate::sessions::Sessions;
use crate::store::{Durability, Store, StoreError};

/// Longest TLS handshake waited for.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What a server is given.
pub struct Config {
    /// The file that holds its state; made when it is not there.
    pub store_path: PathBuf,
    /// How safely it writes.
    pub durability: Durability,
    /// The town's clock.
    pub clock: Clock,
    /// Seed of its challenges and nonces.
    pub seed: Seed,
    /// Tap of the hops on which it asks others.
    pub tap: Tap,
    /// How it reaches the revocation service and the portal.
    pub network: Arc<dyn Network>,
    /// Calls the portal in this server's name; without it no use is registered at a clinic.
    pub portal: Option<Caller>,
    /// Values public sources leave open.
    pub profile: Profile,
    /// Trusted user-authentication authorities (DER); chosen by key, for all share one name.
    pub jpki_ca_certificates: Vec<Vec<u8>>,
    /// Trusted authorities of its clients' TLS certificates (DER).
    pub facility_ca: Vec<Vec<u8>>,
    /// Its own TLS certificate.
    pub identity: Identity,
}

/// Why a server does not open. The configuration, or the store's file, is at fault.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The store.
    #[error("the eligibility server's store does not open: {0}")]
    Store(#[from] StoreError),
    /// A trusted authority.
    #[error("the eligibility server cannot check cards: {0}")]
    Authority(#[from] AuthorityError),
    /// TLS.
    #[error("the eligibility server cannot speak TLS: {0}")]
    Tls(#[from] TlsError),
}

/// An eligibility server.
pub struct Server {
    pub(crate) conduct: Arc<dyn Conduct>,
    pub(crate) clock: Clock,
    pub(crate) profile: Profile,
    pub(crate) relying: Relying,
    pub(crate) network: Arc<dyn Network>,
    pub(crate) portal: Option<Caller>,
    pub(crate) tap: Tap,
    store: Mutex<Store>,
    sessions: Mutex<Sessions>,
    store_failure: Mutex<Option<String>>,
    acceptor: TlsAcceptor,
}

impl Server {
    /// Opens a server. Says which part of the configuration keeps it closed.
    pub fn open(config: Config, conduct: Arc<dyn Conduct>) -> Result<Arc<Self>, ServerError> {
        let seed = config.seed.child("eligibility-server");
        let clients = if conduct.refuses_strangers() {
            required_clients(&config.facility_ca)?
        } else {
            Arc::new(Anybody::new())
        };
        let store = Store::open(&config.store_path, config.durability)?;
        if !conduct.keeps_before_answering() {
            store.keep_entries_in_memory()?;
        }
        let settings = Settings {
            network: config.network.clone(),
            tap: config.tap.clone(),
            clock: config.clock.clone(),
            nonces: seed.stream("nonces"),
            timeout_ms: conduct.revocation_wait_ms(config.profile.ocsp_timeout_ms),
            fallback: config.profile.revocation_fallback,
            asker: ("eligibility-server".to_owned(), String::new()),
        };
        Ok(Arc::new(Self {
            acceptor: acceptor(&config.identity, clients, &config.clock)?,
            relying: Relying::new(&config.jpki_ca_certificates, settings)?,
            store: Mutex::new(store),
            sessions: Mutex::new(Sessions::new(seed.stream("challenges"))),
            store_failure: Mutex::default(),
            network: config.network,
            portal: config.portal,
            tap: config.tap,
            clock: config.clock,
            profile: config.profile,
            conduct,
        }))
    }

    /// Takes connections from `door` until nobody can knock any more.
    pub async fn serve(self: Arc<Self>, mut door: UnboundedReceiver<DuplexStream>) {
        while let Some(stream) = door.recv().await {
            let house = self.clone();
            tokio::spawn(async move { house.attend(stream).await });
        }
    }

    /// Serves one connection until it ends. A handshake that fails ends it; the caller has been told
    /// by a TLS alert.
    pub async fn attend<S>(self: Arc<Self>, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let handshake = tokio::time::timeout(HANDSHAKE, self.acceptor.accept(stream));
        let Ok(Ok(stream)) = handshake.await else {
            return;
        };
        let asker = Asker::of(stream.get_ref().1.peer_certificates());
        let (house, asker) = (&self, &asker);
        world::http::serve(stream, MAX_BODY, |asked| answer(house, asker, asked)).await;
    }

    /// Makes every write of the store fail from now on, as a full disk would, or lets them through again.
    pub fn fail_writes(&self, fail: bool) -> Result<(), StoreError> {
        self.store().fail_writes(fail)
    }

    /// Makes every statement of the store fail from now on, reads included, or lets them through again.
    pub fn break_store(&self, broken: bool) {
        self.store().break_off(broken);
    }

    /// What the store said when it last failed; callers only learn that it did (500).
    pub fn store_failure(&self) -> Option<String> {
        self.failure().clone()
    }

    pub(crate) fn keep_store_failure(&self, said: String) {
        *self.failure() = Some(said);
    }

    fn failure(&self) -> MutexGuard<'_, Option<String>> {
        let failure = self.store_failure.lock();
        failure.unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        // A thread that panicked left SQLite's own state whole.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When an answer says it was made, by this server's own lights.
    pub(crate) fn executed(&self) -> jiff::civil::DateTime {
        world::clock::civil(self.conduct.executed_ms(self.clock.now_ms()))
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
