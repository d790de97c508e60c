//! A street with an eligibility server, a revocation service and a portal that say what they are told,
//! two clinics and the houses that feed.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::civil::{Date, date, datetime};
use rules::Profile;
use wire::certificate::{OCSP_HOST, OCSP_RESPONSE};
use wire::eligibility::{
    CARD_CONFIRMATIONS, CARD_IDENTIFICATIONS, CHALLENGES, CardConfirmation, CardIdentification,
    CardIdentified, Challenge, HOST, MAX_BODY, Method, Standing, USE_REGISTRATIONS,
    UseRegistration, from_base64, signed_bytes, to_base64,
};
use wire::portal::{self, ClinicRegistration};
use wire::reader::Consents;
use wire::registration::{
    FEED_QUALIFICATIONS, FEED_RELEASES, FEED_SERIAL_PAIRS, FEED_USE_REGISTRATIONS,
    FedQualification, FedRelease, FedSerialPair, FedUseRegistration, InsuredNumbers, Qualification,
};
use wire::result::EligibilityResult;
use world::http::{Answer, Client, NoAnswer};
use world::keys::{self, Authority as KeyOf};
use world::net::Network;
use world::tls::{Caller, FacilityAuthority, acceptor, required_clients};
use world::{Carrier, Clock, Hop, Seed, Street, Tap};
use x509_cert::der::Encode;
use x509_ocsp::CertStatus;

use super::pki::{Ca, Card, draft, sign};
use crate::entry::tests::gain;
use crate::{Conduct, Config, Durability, Server, ServerError};

pub(super) const CLINIC: &str = "9910000018";
pub(super) const OTHER_CLINIC: &str = "9910000026";
pub(super) const LINK: &str = "L000000000001";
pub(super) const JSON: &str = "application/json";

/// The card of most stories.
pub(super) const CARD: Card = Card {
    serial: 0xBFCD,
    first: date(2021, 11, 1),
    last: date(2027, 10, 1),
};

/// What the patient of most stories agrees to.
pub(super) const CONSENTS: Consents = Consents {
    operation: true,
    treatment: true,
    drug: false,
    checkup: true,
};

/// What the revocation service does with a question.
pub(super) type Reply = Box<dyn Fn(&Ca, &[u8], i64) -> Answer + Send>;

/// What the portal does with a clinic's registration.
#[derive(Clone)]
pub(super) enum Portal {
    /// Reports it to the eligibility server as this person's, and passes on what that says.
    Reports(&'static str),
    /// Says this.
    Says(Answer),
}

pub(super) struct Site {
    pub(super) clock: Clock,
    pub(super) street: Street,
    pub(super) tap: Tap,
    pub(super) server: Arc<Server>,
    facility: Arc<FacilityAuthority>,
    reply: Arc<Mutex<Reply>>,
    portal: Arc<Mutex<Portal>>,
    _dir: Option<tempfile::TempDir>,
}

pub(super) fn says(status: CertStatus) -> Reply {
    Box::new(move |ca, question, now| {
        Answer::new(200, OCSP_RESPONSE, draft(ca, question, status, now).seal())
    })
}

/// Opens a server alone.
pub(super) fn open(
    path: &Path,
    clock: &Clock,
    tap: &Tap,
    street: &Street,
    conduct: Arc<dyn Conduct>,
    tweak: impl FnOnce(&mut Config),
) -> Result<(Arc<Server>, FacilityAuthority), ServerError> {
    let facility = FacilityAuthority::new(KeyOf::Facility, date(2025, 1, 1))?;
    let trusted = vec![facility.certificate.clone()];
    let towards = facility.issue(portal::ELIGIBILITY_NAME, 11, keys::tls::ELIGIBILITY)?;
    let mut config = Config {
        store_path: path.to_owned(),
        durability: Durability::Relaxed,
        clock: clock.clone(),
        seed: Seed(1),
        tap: tap.clone(),
        network: Arc::new(street.clone()),
        portal: Some(Caller::new(&towards, &trusted, clock)?),
        profile: Profile::default(),
        jpki_ca_certificates: vec![Ca::of(KeyOf::UserAuthentication).certificate(|_| {})],
        facility_ca: trusted,
        identity: facility.issue(HOST, 10, keys::tls::ELIGIBILITY)?,
    };
    tweak(&mut config);
    Ok((Server::open(config, conduct)?, facility))
}

impl Site {
    pub(super) fn new(conduct: impl Conduct + 'static) -> Self {
        Self::with(conduct, |_| {})
    }

    pub(super) fn with(conduct: impl Conduct + 'static, tweak: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("eligibility.sqlite");
        let site = Self::on(&path, conduct, tweak);
        Self {
            _dir: Some(dir),
            ..site
        }
    }

    /// On a store that is somebody else's to clear away.
    pub(super) fn on(
        path: &Path,
        conduct: impl Conduct + 'static,
        tweak: impl FnOnce(&mut Config),
    ) -> Self {
        let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
        let tap = Tap::new(clock.clone());
        let street = Street::default();
        let conduct = Arc::new(conduct);
        let (server, facility) = open(path, &clock, &tap, &street, conduct, tweak).unwrap();
        tokio::spawn(server.clone().serve(street.listen(HOST)));
        let site = Self {
            clock,
            street,
            tap,
            server,
            facility: Arc::new(facility),
            reply: Arc::new(Mutex::new(says(CertStatus::good()))),
            portal: Arc::new(Mutex::new(Portal::Reports(LINK))),
            _dir: None,
        };
        site.open_revocation_service();
        site.open_portal();
        site
    }

    fn open_revocation_service(&self) {
        let mut door = self.street.listen(OCSP_HOST);
        let (reply, clock) = (self.reply.clone(), self.clock.clone());
        tokio::spawn(async move {
            while let Some(stream) = door.recv().await {
                let (reply, clock) = (reply.clone(), clock.clone());
                tokio::spawn(world::http::serve(stream, 4096, move |asked| {
                    let question = asked.body.unwrap_or_default();
                    let ca = Ca::of(KeyOf::UserAuthentication);
                    let answer = (reply.lock().unwrap())(&ca, &question, clock.now_ms());
                    async move { answer }
                }));
            }
        });
    }

    fn open_portal(&self) {
        let mut door = self.street.listen(portal::HOST);
        let own = self
            .facility
            .issue(portal::HOST, 20, keys::tls::PORTAL)
            .unwrap();
        let clients = required_clients(std::slice::from_ref(&self.facility.certificate)).unwrap();
        let acceptor = acceptor(&own, clients, &self.clock).unwrap();
        let behaviour = self.portal.clone();
        let street = self.caller();
        tokio::spawn(async move {
            while let Some(stream) = door.recv().await {
                let (acceptor, behaviour, street) =
                    (acceptor.clone(), behaviour.clone(), street.clone());
                tokio::spawn(async move {
                    let stream = acceptor.accept(stream).await.unwrap();
                    let answer = |asked: world::http::Asked| {
                        let behaviour = behaviour.lock().unwrap().clone();
                        let street = street.clone();
                        async move { at_the_portal(behaviour, &street, asked).await }
                    };
                    world::http::serve(stream, 4096, answer).await;
                });
            }
        });
    }

    pub(super) fn let_service(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    pub(super) fn let_portal(&self, portal: Portal) {
        *self.portal.lock().unwrap() = portal;
    }

    fn caller(&self) -> Callers {
        Callers {
            street: self.street.clone(),
            tap: self.tap.clone(),
            clock: self.clock.clone(),
            facility: self.facility.clone(),
        }
    }

    /// A connection of somebody with a certificate of the facility authority, or of a foreign one.
    pub(super) async fn connect(&self, name: &str) -> Result<Client, NoAnswer> {
        self.caller().connect_from(&self.facility, name).await
    }

    pub(super) async fn connect_as_stranger(&self, name: &str) -> Result<Client, NoAnswer> {
        let foreign = FacilityAuthority::new(KeyOf::Foreign, date(2025, 1, 1)).unwrap();
        self.caller().connect_from(&foreign, name).await
    }

    /// Feeds a JSON body as a house.
    pub(super) async fn feed(&self, who: &str, path: &str, body: &impl serde::Serialize) -> Answer {
        self.caller().feed(who, path, body).await
    }

    pub(super) async fn feed_qualification(&self, qualification: Qualification) {
        let fed = FedQualification {
            link_number: LINK.to_owned(),
            qualification,
        };
        let answer = self.feed("intermediate", FEED_QUALIFICATIONS, &fed).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{answer:?}");
    }

    /// A registration reported by the portal.
    pub(super) async fn register(&self, serial: u64) -> Answer {
        let fed = registration(serial, LINK);
        self.feed("portal", FEED_USE_REGISTRATIONS, &fed).await
    }

    pub(super) async fn release(&self, effective_on: &str) {
        let fed = FedRelease {
            link_number: LINK.to_owned(),
            effective_on: effective_on.to_owned(),
        };
        let answer = self.feed("intermediate", FEED_RELEASES, &fed).await;
        assert_eq!(answer.status, 204, "{answer:?}");
    }

    pub(super) async fn pair(&self, pair: &FedSerialPair) -> Answer {
        self.feed("jlis", FEED_SERIAL_PAIRS, pair).await
    }

    /// A registered card of somebody insured.
    pub(super) async fn ready(conduct: impl Conduct + 'static) -> Self {
        let site = Self::new(conduct);
        assert_eq!(site.register(CARD.serial).await.status, 201);
        site.feed_qualification(gain()).await;
        site
    }

    /// One visit with the pool's first card key; whatever goes wrong on the way is a panic.
    pub(super) async fn visit(&self, certificate: &[u8]) -> EligibilityResult {
        self.visit_agreeing(certificate, CONSENTS).await
    }

    pub(super) async fn visit_agreeing(
        &self,
        certificate: &[u8],
        consents: Consents,
    ) -> EligibilityResult {
        let mut clinic = self.connect(CLINIC).await.unwrap();
        let (session, _) = self.identified(&mut clinic, certificate).await;
        let answer = confirm(&mut clinic, &session, consents).await;
        assert_eq!(answer.content_type, "application/xml", "{answer:?}");
        assert_eq!(answer.status, 200);
        EligibilityResult::from_bytes(&answer.body).unwrap()
    }

    /// Challenge and identification at the clinic: the session, and how the registration stands.
    pub(super) async fn identified(
        &self,
        clinic: &mut Client,
        certificate: &[u8],
    ) -> (String, Standing) {
        let question = question(clinic, CLINIC, certificate).await;
        let answer = post(
            clinic,
            CARD_IDENTIFICATIONS,
            JSON,
            serde_json::to_vec(&question).unwrap(),
        )
        .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let identified: CardIdentified = serde_json::from_slice(&answer.body).unwrap();
        (question.session, identified.standing)
    }

    /// How the registration of a card stands.
    pub(super) async fn standing(&self, certificate: &[u8]) -> Standing {
        let mut clinic = self.connect(CLINIC).await.unwrap();
        self.identified(&mut clinic, certificate).await.1
    }

    /// Nine in the morning of a later day.
    pub(super) fn on_day(&self, day: Date) {
        assert!(self.clock.jump_to(day.at(9, 0, 0, 0)), "{day} lies ahead");
    }
}

/// Opens connections to the server.
#[derive(Clone)]
struct Callers {
    street: Street,
    tap: Tap,
    clock: Clock,
    facility: Arc<FacilityAuthority>,
}

impl Callers {
    async fn connect_from(
        &self,
        authority: &FacilityAuthority,
        name: &str,
    ) -> Result<Client, NoAnswer> {
        let identity = authority.issue(name, 500, keys::tls::FACILITY).unwrap();
        let roots = [self.facility.certificate.clone()];
        let caller = Caller::new(&identity, &roots, &self.clock).unwrap();
        let hop = Hop {
            name: "eligibility",
            near: ("terminal".to_owned(), name.to_owned()),
            far: ("eligibility-server".to_owned(), String::new()),
            carrier: Carrier::None,
        };
        let stream = self.street.connect(HOST).await.unwrap();
        let stream = caller.call(HOST, stream, &self.tap, hop).await;
        let stream = stream.map_err(|e| NoAnswer::Connection(e.to_string()))?;
        Client::over(stream, HOST).await
    }

    async fn feed(&self, who: &str, path: &str, body: &impl serde::Serialize) -> Answer {
        let mut client = self.connect_from(&self.facility, who).await.unwrap();
        post(&mut client, path, JSON, serde_json::to_vec(body).unwrap()).await
    }
}

async fn at_the_portal(behaviour: Portal, street: &Callers, asked: world::http::Asked) -> Answer {
    assert_eq!(asked.path, portal::CLINIC_REGISTRATIONS);
    let asked: ClinicRegistration = serde_json::from_slice(&asked.body.unwrap()).unwrap();
    match behaviour {
        Portal::Says(answer) => answer,
        Portal::Reports(link) => {
            let fed = FedUseRegistration {
                serial: asked.serial,
                last_day: asked.last_day,
                ..registration(1, link)
            };
            street.feed("portal", FEED_USE_REGISTRATIONS, &fed).await
        }
    }
}

/// A registration as the portal reports it.
pub(super) fn registration(serial: u64, link: &str) -> FedUseRegistration {
    let gain = gain();
    FedUseRegistration {
        serial: format!("{serial:x}"),
        last_day: "2027-10-01".to_owned(),
        link_number: link.to_owned(),
        insured: InsuredNumbers {
            insurer_number: gain.insurer_number,
            symbol: gain.symbol,
            number: gain.number,
            branch: gain.branch,
        },
    }
}

/// A pair of serials whose old certificate ended on a day.
pub(super) fn pair(old: u64, old_last_day: &str, new: u64, renewed_on: &str) -> FedSerialPair {
    FedSerialPair {
        old_serial: format!("{old:x}"),
        old_last_day: old_last_day.to_owned(),
        new_serial: format!("{new:x}"),
        new_last_day: "2031-10-01".to_owned(),
        renewed_on: renewed_on.to_owned(),
    }
}

/// Asks for a challenge and makes the body of an identification, signed for a facility.
pub(super) async fn question(
    clinic: &mut Client,
    facility: &str,
    certificate: &[u8],
) -> CardIdentification {
    let answer = post(clinic, CHALLENGES, JSON, "").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let challenge: Challenge = serde_json::from_slice(&answer.body).unwrap();
    let bytes = from_base64(&challenge.challenge).unwrap();
    let signed = signed_bytes(&bytes, &challenge.session, facility);
    CardIdentification {
        certificate: to_base64(certificate),
        signature: to_base64(&sign(&keys::card(0), &signed)),
        method: Method::Pin,
        session: challenge.session,
    }
}

/// Identifies with a question already made.
pub(super) async fn identify(clinic: &mut Client, question: &CardIdentification) -> Answer {
    let body = serde_json::to_vec(question).unwrap();
    post(clinic, CARD_IDENTIFICATIONS, JSON, body).await
}

/// Confirms in a session.
pub(super) async fn confirm(clinic: &mut Client, session: &str, consents: Consents) -> Answer {
    let question = CardConfirmation {
        session: session.to_owned(),
        consents,
    };
    let body = serde_json::to_vec(&question).unwrap();
    post(clinic, CARD_CONFIRMATIONS, JSON, body).await
}

/// Registers the card of a session at the clinic.
pub(super) async fn register_here(clinic: &mut Client, session: &str) -> Answer {
    let question = UseRegistration {
        session: session.to_owned(),
    };
    let body = serde_json::to_vec(&question).unwrap();
    post(clinic, USE_REGISTRATIONS, JSON, body).await
}

/// The name of a refusal.
pub(super) fn error(answer: &Answer) -> String {
    let failure: wire::failure::Failure = serde_json::from_slice(&answer.body).unwrap();
    assert!(!failure.message_ja.is_empty() && !failure.message_en.is_empty());
    failure.error
}

/// The code of a result.
pub(super) fn code(answer: &Answer) -> String {
    let result = EligibilityResult::from_bytes(&answer.body);
    result.unwrap().processing_result_code
}

/// The certificate of a card that ends on a day.
pub(super) fn until(last: Date) -> Vec<u8> {
    issued(KeyOf::UserAuthentication, Card { last, ..CARD })
}

/// The certificate of another card of the same maker.
pub(super) fn numbered(serial: u64, last: Date) -> Vec<u8> {
    issued(
        KeyOf::UserAuthentication,
        Card {
            serial,
            last,
            ..CARD
        },
    )
}

pub(super) fn issued(by: KeyOf, card: Card) -> Vec<u8> {
    let ca = Ca::of(by);
    ca.seal(ca.person(card, &keys::card(0))).to_der().unwrap()
}

pub(super) async fn post(
    client: &mut Client,
    path: &str,
    content_type: &str,
    body: impl Into<Vec<u8>>,
) -> Answer {
    let wait = Duration::from_secs(60);
    client
        .post(path, content_type, body.into(), wait, 4 * MAX_BODY)
        .await
        .unwrap()
}
