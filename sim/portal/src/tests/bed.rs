//! The town around the portal under test.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use card_driver::Secret;
use identifiers::CertificateSerial;
use jiff::civil::{Date, date, datetime};
use jlis::{JlisHandle, Leaf, Purpose, Registry};
use rules::Profile;
use serde::Serialize;
use wire::certificate::{CRL_HOST, CRL_PATH, OCSP_HOST};
use wire::eligibility::{Challenge, HOST as ELIGIBILITY_HOST, from_base64, to_base64};
use wire::failure::Failure;
use wire::portal::{
    AgencyCode, CHALLENGES, ELIGIBILITY_NAME, HOST, HomeRegistration, INSURED_PERSONS,
    InsuredPerson, JLIS_HOST, JLIS_NAME, NAME, signed_bytes,
};
use wire::registration::{
    FEED_USE_REGISTRATIONS, FedUseRegistration, INTERMEDIATE_HOST, InsuredNumbers,
};
use world::http::{Answer, Asked, Client, NoAnswer, serve};
use world::keys::{self, Authority};
use world::net::{Network, Street};
use world::tls::{Caller, FacilityAuthority, Identity, acceptor, required_clients};
use world::{Clock, Key, Seed, Tap};

use super::card::{Card, Kind, TestSlot};
use crate::{Conduct, Config, Device, DeviceConfig, PortalHandle, Reference, Screen, hop, spawn};

pub(super) const CODE: &str = "agency0000000001";
pub(super) const JSON: &str = "application/json";
const SERIAL: u64 = 0xBFCD;
const PATIENCE: Duration = Duration::from_secs(90);

/// What a scripted neighbour says: what its table holds, or always this.
#[derive(Default)]
pub(super) struct Script {
    pub(super) always: Option<Answer>,
    pub(super) insured: BTreeMap<String, InsuredPerson>,
    /// Serial to link number, as the eligibility server keeps them.
    pub(super) ties: BTreeMap<String, FedUseRegistration>,
    pub(super) asked: usize,
}

pub(super) type Shared = Arc<Mutex<Script>>;

pub(super) struct Bed {
    pub(super) clock: Clock,
    pub(super) tap: Tap,
    pub(super) street: Street,
    pub(super) authority: FacilityAuthority,
    pub(super) ca: jlis::Authority,
    pub(super) registry: Registry,
    pub(super) jlis: JlisHandle,
    pub(super) intermediate: Shared,
    pub(super) eligibility: Shared,
    pub(super) portal: PortalHandle,
    pub(super) card: TestSlot,
}

pub(super) fn key() -> Key {
    keys::card(3)
}

pub(super) fn serial() -> CertificateSerial {
    CertificateSerial::new(SERIAL).unwrap()
}

pub(super) fn last_day() -> Date {
    date(2030, 2, 17)
}

fn person() -> InsuredPerson {
    InsuredPerson {
        link_number: "L000000000001".into(),
        insured: InsuredNumbers {
            insurer_number: "06991234".into(),
            symbol: "１２".into(),
            number: "３４".into(),
            branch: "01".into(),
        },
    }
}

fn json(status: u16, body: &impl Serialize) -> Answer {
    Answer::new(status, JSON, serde_json::to_vec(body).unwrap())
}

pub(super) fn refusal(status: u16, error: &str) -> Answer {
    Answer::new(
        status,
        JSON,
        Failure::new(error, "模擬", "made up").to_json(),
    )
}

fn intermediate(script: &Shared, asked: &Asked) -> Answer {
    let mut script = script.lock().unwrap();
    script.asked += 1;
    if let Some(answer) = &script.always {
        return answer.clone();
    }
    assert_eq!(asked.path, INSURED_PERSONS);
    let code: AgencyCode = serde_json::from_slice(asked.body.as_ref().unwrap()).unwrap();
    match script.insured.get(&code.agency_code) {
        Some(person) => json(200, person),
        None => refusal(404, "no-insured-person"),
    }
}

/// Ties once, and says so when it was tied before.
fn eligibility(script: &Shared, asked: &Asked) -> Answer {
    let mut script = script.lock().unwrap();
    script.asked += 1;
    if let Some(answer) = &script.always {
        return answer.clone();
    }
    assert_eq!(asked.path, FEED_USE_REGISTRATIONS);
    let tie: FedUseRegistration = serde_json::from_slice(asked.body.as_ref().unwrap()).unwrap();
    let new = !script.ties.contains_key(&tie.serial);
    script.ties.entry(tie.serial.clone()).or_insert(tie);
    json(
        if new { 201 } else { 200 },
        &serde_json::json!({ "new": new }),
    )
}

/// A house that takes the portal's certificate only and answers by `say`.
fn open(
    street: &Street,
    host: &'static str,
    identity: &Identity,
    roots: &[Vec<u8>],
    clock: &Clock,
    say: fn(&Shared, &Asked) -> Answer,
) -> Shared {
    let acceptor = acceptor(identity, required_clients(roots).unwrap(), clock).unwrap();
    let script = Shared::default();
    let (mut door, shared) = (street.listen(host), script.clone());
    tokio::spawn(async move {
        while let Some(stream) = door.recv().await {
            let (acceptor, script) = (acceptor.clone(), shared.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                serve(stream, 1 << 16, |asked| {
                    let answer = say(&script, &asked);
                    async move { answer }
                })
                .await;
            });
        }
    });
    script
}

fn certificate_authority() -> jlis::Authority {
    jlis::Authority::new(
        Purpose::UserAuthentication,
        Authority::UserAuthentication,
        date(2023, 4, 1),
    )
}

struct Neighbourhood<'a> {
    authority: &'a FacilityAuthority,
    clock: &'a Clock,
    tap: &'a Tap,
    street: &'a Street,
}

impl Neighbourhood<'_> {
    fn roots(&self) -> Vec<Vec<u8>> {
        vec![self.authority.certificate.clone()]
    }

    fn caller(&self, name: &str, key: &'static [u8]) -> Caller {
        let identity = self.authority.issue(name, 20, key).unwrap();
        Caller::new(&identity, &self.roots(), self.clock).unwrap()
    }

    fn jlis(&self, ca: &jlis::Authority, registry: &Registry) -> JlisHandle {
        let responder = ca.responder_certificate(date(2025, 1, 1));
        let clock = self.clock.clone();
        let responder = jlis::Responder::new(ca, responder, registry.clone(), clock.clone());
        let publisher = jlis::Publisher::new(
            CRL_PATH,
            certificate_authority(),
            registry.clone(),
            clock.clone(),
        );
        let identity = self.authority.issue(JLIS_HOST, 6, keys::tls::JLIS);
        jlis::spawn(jlis::Config {
            registry: registry.clone(),
            responder: Arc::new(responder),
            publisher: Arc::new(publisher),
            other_lists: Vec::new(),
            ocsp_door: self.street.listen(OCSP_HOST),
            crl_door: self.street.listen(CRL_HOST),
            agency_door: self.street.listen(JLIS_HOST),
            identity: identity.unwrap(),
            trusted: self.roots(),
            caller: self.caller(JLIS_NAME, keys::tls::JLIS),
            network: Arc::new(self.street.clone()),
            tap: self.tap.clone(),
            clock,
        })
        .unwrap()
    }

    fn portal(&self, ca: &jlis::Authority, conduct: Arc<dyn Conduct>) -> PortalHandle {
        let identity = self.authority.issue(HOST, 5, keys::tls::PORTAL).unwrap();
        let config = Config {
            door: self.street.listen(HOST),
            identity,
            trusted: self.roots(),
            caller: self.caller(NAME, keys::tls::PORTAL),
            network: Arc::new(self.street.clone()),
            tap: self.tap.clone(),
            clock: self.clock.clone(),
            seed: Seed(7),
            profile: Profile::default(),
            jpki_ca_certificates: vec![ca.certificate.clone()],
        };
        spawn(config, conduct).unwrap()
    }
}

pub(super) fn bed() -> Bed {
    bed_with(Arc::new(Reference))
}

/// Everybody is there, everybody answers, and the card's holder is insured.
pub(super) fn bed_with(conduct: Arc<dyn Conduct>) -> Bed {
    let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
    let (tap, street) = (Tap::new(clock.clone()), Street::default());
    let authority = FacilityAuthority::new(Authority::Facility, date(2025, 1, 1)).unwrap();
    let around = Neighbourhood {
        authority: &authority,
        clock: &clock,
        tap: &tap,
        street: &street,
    };
    let ca = certificate_authority();
    let registry = Registry::new(clock.clone(), 24);
    registry.issue(serial(), last_day()).unwrap();
    let jlis = around.jlis(&ca, &registry);
    jlis.know(serial(), CODE);
    let roots = around.roots();
    let house = |host: &'static str, key, say| {
        let identity = authority.issue(host, 8, key).unwrap();
        open(&street, host, &identity, &roots, &clock, say)
    };
    let intermediate = house(INTERMEDIATE_HOST, keys::tls::INTERMEDIATE, intermediate);
    let eligibility = house(ELIGIBILITY_HOST, keys::tls::ELIGIBILITY, eligibility);
    let insured = &mut intermediate.lock().unwrap().insured;
    insured.insert(CODE.to_owned(), person());
    let portal = around.portal(&ca, conduct);
    let certificate = issue(&ca, date(2025, 2, 17), last_day());
    let card = TestSlot(Arc::new(Mutex::new(Card::new(certificate, key()))));
    Bed {
        portal,
        intermediate: intermediate.clone(),
        eligibility,
        clock,
        tap,
        street,
        authority,
        ca,
        registry,
        jlis,
        card,
    }
}

pub(super) fn issue(ca: &jlis::Authority, first_day: Date, last_day: Date) -> Vec<u8> {
    ca.issue_authentication(&Leaf {
        serial: serial(),
        first_day,
        last_day,
        key: &key().pair,
    })
}

impl Bed {
    pub(super) fn roots(&self) -> Vec<Vec<u8>> {
        vec![self.authority.certificate.clone()]
    }

    pub(super) fn device(&self) -> Device {
        Device::new(DeviceConfig {
            person: "鈴木一郎".to_owned(),
            slot: Box::new(self.card.clone()),
            caller: Caller::anonymous(&self.roots(), &self.clock).unwrap(),
            network: Arc::new(self.street.clone()),
            tap: self.tap.clone(),
            pages: Arc::new(Reference),
        })
    }

    /// One try at home with this PIN, going on after a warning.
    pub(super) async fn register(&self, pin: &str) -> Vec<Screen> {
        let pin = Secret::new(pin.to_owned());
        self.device().register(pin, true).await
    }

    pub(super) fn with_card(&self, change: impl FnOnce(&mut Card)) {
        change(&mut self.card.0.lock().unwrap());
    }

    pub(super) fn card_is(&self, kind: Kind) {
        self.with_card(|card| card.kind = kind);
    }

    /// A client of the portal; without a name it shows no certificate.
    pub(super) fn caller(&self, name: Option<&str>) -> Caller {
        match name {
            None => Caller::anonymous(&self.roots(), &self.clock).unwrap(),
            Some(name) => {
                let identity = self.authority.issue(name, 30, keys::tls::FACILITY).unwrap();
                Caller::new(&identity, &self.roots(), &self.clock).unwrap()
            }
        }
    }

    pub(super) async fn client(&self, caller: &Caller) -> Result<Client, NoAnswer> {
        let stream = self.street.connect(HOST).await.unwrap();
        let stream = caller.call(HOST, stream, &self.tap, hop("試験")).await;
        let stream = stream.map_err(|e| NoAnswer::Connection(e.to_string()))?;
        Client::over(stream, HOST).await
    }

    pub(super) async fn post(&self, name: Option<&str>, path: &str, body: Vec<u8>) -> Answer {
        let mut client = self.client(&self.caller(name)).await.unwrap();
        let asking = client.post(path, JSON, body, PATIENCE, 1 << 16);
        asking.await.unwrap()
    }

    /// A right request under a fresh challenge, signed by the card's key.
    pub(super) async fn request(&self) -> HomeRegistration {
        let answer = self.post(None, CHALLENGES, Vec::new()).await;
        assert_eq!(answer.status, 201);
        let given: Challenge = serde_json::from_slice(&answer.body).unwrap();
        let challenge = from_base64(&given.challenge).unwrap();
        let signed = signed_bytes(&challenge, &given.session);
        let mut signature = vec![0; 256];
        key()
            .pair
            .sign(
                &aws_lc_rs::signature::RSA_PKCS1_SHA256,
                &aws_lc_rs::rand::SystemRandom::new(),
                &signed,
                &mut signature,
            )
            .unwrap();
        HomeRegistration {
            session: given.session,
            certificate: to_base64(&self.card.0.lock().unwrap().certificate),
            signature: to_base64(&signature),
        }
    }

    pub(super) fn ties(&self) -> Vec<FedUseRegistration> {
        let ties = &self.eligibility.lock().unwrap().ties;
        ties.values().cloned().collect()
    }

    /// Everything tapped so far, hop by hop, as text.
    pub(super) async fn told(&self) -> Vec<(&'static str, String)> {
        // Lets connections end.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let messages = self.tap.messages();
        messages
            .into_iter()
            .filter_map(|m| Some((m.hop, String::from_utf8_lossy(&m.bytes?).into_owned())))
            .collect()
    }
}

/// Status and stable name of an answer.
pub(super) fn outcome(answer: &Answer) -> (u16, String) {
    let failure = serde_json::from_slice::<Failure>(&answer.body);
    (answer.status, failure.map(|f| f.error).unwrap_or_default())
}

/// The eligibility server's name towards the portal.
pub(super) const SERVER: Option<&str> = Some(ELIGIBILITY_NAME);
