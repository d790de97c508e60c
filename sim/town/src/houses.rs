//! The houses every story needs, opened one by one with their certificates and doors: J-LIS, the eligibility
//! server, the intermediate server and the portal. And the troubles that befall them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use intermediate::IntermediateHandle;
use jlis::{JlisHandle, ListMood, Publisher, Registry, Responder};
use portal::PortalHandle;
use rules::Profile;
use server::{Durability, Server};
use tokio::task::JoinHandle;
use wire::registration::INTERMEDIATE_HOST;
use wire::{certificate, eligibility};
use world::net::{Fault, Street};
use world::tls::Caller;
use world::{Clock, Seed, Tap, keys};

use crate::authorities::Authorities;
use crate::products::Products;
use crate::town::{Town, TownError, house};

/// A folder for one town. A town is made and gone within milliseconds, and a disk would take longer
/// to create its files than the town to live; so memory is preferred where the system offers it,
/// unless the town is to be durable.
pub(crate) fn folder(durability: Durability) -> Result<tempfile::TempDir, TownError> {
    let folder = match durability {
        Durability::Relaxed => tempfile::tempdir_in("/dev/shm"),
        Durability::Full => tempfile::tempdir(),
    };
    folder
        .or_else(|_| tempfile::tempdir())
        .map_err(|e| TownError::Folder("for the town".into(), e.to_string()))
}

/// What every house is given.
#[derive(Clone)]
pub(crate) struct Ground {
    pub authorities: Arc<Authorities>,
    pub profile: Profile,
    pub products: Products,
    pub clock: Clock,
    pub tap: Tap,
    pub street: Street,
    pub seed: Seed,
    pub durability: Durability,
}

/// The running houses.
pub(crate) struct Houses {
    pub jlis: JlisHandle,
    pub intermediate: IntermediateHandle,
    pub portal: PortalHandle,
    pub server: RunningServer,
}

/// The eligibility server and the task that takes its connections.
pub(crate) struct RunningServer {
    /// None only while it is being replaced.
    server: Option<Arc<Server>>,
    serving: JoinHandle<()>,
    store: PathBuf,
}

impl RunningServer {
    fn break_store(&self, broken: bool) {
        if let Some(server) = &self.server {
            server.break_store(broken);
        }
    }

    fn fail_writes(&self, failing: bool) -> Result<(), TownError> {
        match &self.server {
            Some(server) => server
                .fail_writes(failing)
                .map_err(house("eligibility server")),
            None => Ok(()),
        }
    }
}

impl Ground {
    pub(crate) fn trusted(&self) -> Vec<Vec<u8>> {
        vec![self.authorities.facility.certificate.clone()]
    }

    /// Opens connections under a name.
    pub(crate) fn caller(&self, name: &str, key: &'static [u8]) -> Result<Caller, TownError> {
        let identity = self.authorities.identity(name, key, true);
        let identity = identity.map_err(house("TLS party"))?;
        Caller::new(&identity, &self.trusted(), &self.clock).map_err(house("TLS party"))
    }

    /// Opens all of them. Call it inside a tokio runtime.
    pub(crate) fn open(
        &self,
        dir: &Path,
        registry: &Registry,
        signing_registry: &Registry,
    ) -> Result<Houses, TownError> {
        Ok(Houses {
            jlis: self.jlis(registry, signing_registry)?,
            server: self.server(dir.join("eligibility.sqlite"), true)?,
            intermediate: self.intermediate()?,
            portal: self.portal()?,
        })
    }

    fn jlis(&self, registry: &Registry, signing: &Registry) -> Result<JlisHandle, TownError> {
        let failed = house("J-LIS");
        let authorities = &self.authorities;
        let responder = Responder::new(
            &authorities.jpki,
            authorities.responder.clone(),
            registry.clone(),
            self.clock.clone(),
        );
        let list = |path, authority: &jlis::Authority, registry: &Registry| {
            let (registry, clock) = (registry.clone(), self.clock.clone());
            Arc::new(Publisher::new(path, authority.clone(), registry, clock))
        };
        let config = jlis::Config {
            registry: registry.clone(),
            responder: Arc::new(responder),
            publisher: list(certificate::CRL_PATH, &authorities.jpki, registry),
            other_lists: vec![list(
                certificate::SIGNING_CRL_PATH,
                &authorities.signing,
                signing,
            )],
            ocsp_door: self.street.listen(certificate::OCSP_HOST),
            crl_door: self.street.listen(certificate::CRL_HOST),
            agency_door: self.street.listen(wire::portal::JLIS_HOST),
            identity: authorities
                .identity(wire::portal::JLIS_HOST, keys::tls::JLIS, true)
                .map_err(&failed)?,
            trusted: self.trusted(),
            caller: self.caller(wire::portal::JLIS_NAME, keys::tls::JLIS)?,
            network: Arc::new(self.street.clone()),
            tap: self.tap.clone(),
            clock: self.clock.clone(),
        };
        jlis::spawn(config).map_err(failed)
    }

    fn server(&self, store: PathBuf, trusted: bool) -> Result<RunningServer, TownError> {
        let failed = house("eligibility server");
        let identity =
            self.authorities
                .identity(eligibility::HOST, keys::tls::ELIGIBILITY, trusted);
        let config = server::Config {
            store_path: store.clone(),
            durability: self.durability,
            clock: self.clock.clone(),
            seed: self.seed,
            tap: self.tap.clone(),
            network: Arc::new(self.street.clone()),
            portal: Some(self.caller(wire::portal::ELIGIBILITY_NAME, keys::tls::ELIGIBILITY)?),
            profile: self.profile.clone(),
            jpki_ca_certificates: vec![self.authorities.jpki.certificate.clone()],
            facility_ca: self.trusted(),
            identity: identity.map_err(&failed)?,
        };
        let opened = Server::open(config, self.products.server.clone())
            .map_err(house("eligibility server"))?;
        let door = self.street.listen(eligibility::HOST);
        Ok(RunningServer {
            serving: tokio::spawn(opened.clone().serve(door)),
            server: Some(opened),
            store,
        })
    }

    fn intermediate(&self) -> Result<IntermediateHandle, TownError> {
        let failed = house("intermediate server");
        let identity = self
            .authorities
            .identity(INTERMEDIATE_HOST, keys::tls::INTERMEDIATE, true);
        let config = intermediate::Config {
            door: self.street.listen(INTERMEDIATE_HOST),
            identity: identity.map_err(&failed)?,
            trusted: self.trusted(),
            caller: self.caller(intermediate::FEED_NAME, keys::tls::INTERMEDIATE)?,
            network: Arc::new(self.street.clone()),
            tap: self.tap.clone(),
            clock: self.clock.clone(),
        };
        intermediate::spawn(config).map_err(failed)
    }

    fn portal(&self) -> Result<PortalHandle, TownError> {
        let failed = house("portal");
        let identity = self
            .authorities
            .identity(wire::portal::HOST, keys::tls::PORTAL, true);
        let config = portal::Config {
            door: self.street.listen(wire::portal::HOST),
            identity: identity.map_err(&failed)?,
            trusted: self.trusted(),
            caller: self.caller(wire::portal::NAME, keys::tls::PORTAL)?,
            network: Arc::new(self.street.clone()),
            tap: self.tap.clone(),
            clock: self.clock.clone(),
            seed: self.seed,
            profile: self.profile.clone(),
            jpki_ca_certificates: vec![self.authorities.jpki.certificate.clone()],
        };
        portal::spawn(config, self.products.portal.clone()).map_err(house("portal"))
    }
}

/// A house that trouble can befall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum House {
    /// The revocation service.
    Ocsp,
    /// The revocation list.
    Crl,
    /// J-LIS's service for agencies.
    Agency,
    /// The eligibility server.
    Eligibility,
    /// The intermediate server.
    Intermediate,
    /// The portal.
    Portal,
}

impl House {
    const ALL: [House; 6] = [
        House::Ocsp,
        House::Crl,
        House::Agency,
        House::Eligibility,
        House::Intermediate,
        House::Portal,
    ];

    /// Its name in evidence.
    pub const fn name(self) -> &'static str {
        match self {
            House::Ocsp => "ocsp",
            House::Crl => "crl",
            House::Agency => "agency",
            House::Eligibility => "eligibility-server",
            House::Intermediate => "intermediate",
            House::Portal => "portal",
        }
    }

    /// The house of a name.
    pub fn named(name: &str) -> Option<Self> {
        House::ALL.into_iter().find(|house| house.name() == name)
    }

    pub(crate) const fn host(self) -> &'static str {
        match self {
            House::Ocsp => certificate::OCSP_HOST,
            House::Crl => certificate::CRL_HOST,
            House::Agency => wire::portal::JLIS_HOST,
            House::Eligibility => eligibility::HOST,
            House::Intermediate => INTERMEDIATE_HOST,
            House::Portal => wire::portal::HOST,
        }
    }
}

/// How the revocation service or its list answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Later than anybody waits.
    Slow,
    /// With times that are past.
    Old,
    /// Under a signature that does not fit.
    WrongSignature,
    /// About another certificate.
    WrongSubject,
    /// That it cannot answer now.
    TryLater,
}

/// What befalls a house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Connections break and are refused.
    Down,
    /// Connections are taken and never answered.
    Silent,
    /// It answers, but not as it should.
    Mood(Mood),
    /// It is killed and starts again on the same files.
    Restart,
    /// Its disk takes nothing more.
    DiskFull,
    /// Its database can neither be read nor written.
    StoreBroken,
    /// Somebody else answers in its place, under a certificate no trusted authority issued.
    ForeignCertificate,
    /// None any more.
    None,
}

impl Town {
    /// Lets trouble befall a house, or end.
    pub async fn trouble(&mut self, house: House, trouble: Trouble) -> Result<(), TownError> {
        match trouble {
            Trouble::Down => self
                .ground
                .street
                .set_fault(house.host(), Some(Fault::Down)),
            Trouble::Silent => self
                .ground
                .street
                .set_fault(house.host(), Some(Fault::Silent)),
            Trouble::Mood(mood) => self.put_in(house, mood),
            Trouble::Restart => self.restart_server(true).await?,
            Trouble::ForeignCertificate => self.restart_server(false).await?,
            Trouble::DiskFull => self.houses.server.fail_writes(true)?,
            Trouble::StoreBroken => self.houses.server.break_store(true),
            Trouble::None => self.mend(house)?,
        }
        Ok(())
    }

    fn put_in(&self, house: House, mood: Mood) {
        let wait = self.ground.profile.ocsp_timeout_ms;
        let jlis = &self.houses.jlis;
        match (house, mood) {
            (House::Crl, Mood::Old) => jlis.set_list_mood(ListMood::Old),
            (House::Crl, _) => jlis.set_list_mood(ListMood::WrongSignature),
            (_, Mood::Slow) => {
                jlis.set_mood(jlis::Mood::Slow(Duration::from_millis(wait + 1_000)));
            }
            (_, Mood::Old) => jlis.set_mood(jlis::Mood::Old),
            (_, Mood::WrongSignature) => jlis.set_mood(jlis::Mood::WrongSignature),
            (_, Mood::WrongSubject) => jlis.set_mood(jlis::Mood::WrongSubject),
            (_, Mood::TryLater) => jlis.set_mood(jlis::Mood::TryLater),
        }
    }

    fn mend(&self, house: House) -> Result<(), TownError> {
        self.ground.street.set_fault(house.host(), None);
        let jlis = &self.houses.jlis;
        match house {
            House::Ocsp => jlis.set_mood(jlis::Mood::Normal),
            House::Crl => jlis.set_list_mood(ListMood::Normal),
            House::Eligibility => {
                self.houses.server.break_store(false);
                self.houses.server.fail_writes(false)?;
                self.houses.intermediate.retry();
                jlis.poke();
            }
            House::Agency | House::Intermediate | House::Portal => {}
        }
        Ok(())
    }

    /// Kills the eligibility server, connections and all, and opens another on the file it left, under a
    /// certificate that clients trust or not.
    async fn restart_server(&mut self, trusted: bool) -> Result<(), TownError> {
        let host = House::Eligibility.host();
        self.ground.street.set_fault(host, Some(Fault::Down));
        let running = &self.houses.server;
        running.serving.abort();
        let store = running.store.clone();
        // Its connections notice that they are cut, and with the last of them the server is gone.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let last = self.houses.server.server.take().and_then(Arc::into_inner);
        if last.is_none() {
            let said = "one of its tasks outlived it".to_owned();
            return Err(TownError::House("eligibility server", said));
        }
        drop(last);
        self.houses.server = self.ground.server(store, trusted)?;
        self.ground.street.set_fault(host, None);
        Ok(())
    }
}
