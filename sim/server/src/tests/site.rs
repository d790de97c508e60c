//! A street with an eligibility server, a revocation service that says what it is told, two clinics and
//! the intermediate server.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::civil::{Date, date, datetime};
use rules::Profile;
use wire::certificate::{OCSP_HOST, OCSP_RESPONSE};
use wire::eligibility::{
    CARD_CONFIRMATIONS, CHALLENGES, CardConfirmation, Challenge, HOST, MAX_BODY, from_base64,
    signed_bytes, to_base64,
};
use wire::reader::Consents;
use wire::registration::{
    FEED_LINKS, FEED_QUALIFICATIONS, FedLink, FedQualification, Qualification,
};
use wire::result::EligibilityResult;
use world::http::{Answer, Client, NoAnswer};
use world::keys::{self, Authority as KeyOf};
use world::net::Network;
use world::tls::{Caller, FacilityAuthority};
use world::{Carrier, Clock, Hop, Seed, Street, Tap};
use x509_cert::der::Encode;
use x509_ocsp::CertStatus;

use super::pki::{Ca, Card, draft, sign};
use crate::{Conduct, Config, Durability, Server, ServerError};

pub(super) const CLINIC: &str = "9910000018";
pub(super) const OTHER_CLINIC: &str = "9910000026";
pub(super) const LINK: &str = "L000000000001";

/// The card of most stories.
pub(super) const CARD: Card = Card {
    serial: 0xBFCD,
    first: date(2021, 11, 1),
    last: date(2027, 10, 1),
};

/// What the revocation service does with a question.
pub(super) type Reply = Box<dyn Fn(&Ca, &[u8], i64) -> Answer + Send>;

pub(super) struct Site {
    pub(super) clock: Clock,
    pub(super) street: Street,
    pub(super) tap: Tap,
    pub(super) server: Arc<Server>,
    facility: FacilityAuthority,
    reply: Arc<Mutex<Reply>>,
    _dir: tempfile::TempDir,
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
) -> Result<(Arc<Server>, FacilityAuthority), ServerError> {
    let facility = FacilityAuthority::new(KeyOf::Facility, date(2025, 1, 1))?;
    let config = Config {
        store_path: path.to_owned(),
        durability: Durability::Relaxed,
        clock: clock.clone(),
        seed: Seed(1),
        tap: tap.clone(),
        network: Arc::new(street.clone()),
        profile: Profile::default(),
        jpki_ca_certificates: vec![Ca::of(KeyOf::UserAuthentication).certificate(|_| {})],
        facility_ca: vec![facility.certificate.clone()],
        identity: facility.issue(HOST, 10, keys::tls::ELIGIBILITY)?,
    };
    Ok((Server::open(config, conduct)?, facility))
}

impl Site {
    pub(super) fn new(conduct: impl Conduct + 'static) -> Self {
        let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
        let tap = Tap::new(clock.clone());
        let street = Street::default();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("eligibility.sqlite");
        let (server, facility) = open(&path, &clock, &tap, &street, Arc::new(conduct)).unwrap();
        tokio::spawn(server.clone().serve(street.listen(HOST)));
        let reply = Arc::new(Mutex::new(says(CertStatus::good())));
        let site = Self {
            clock,
            street,
            tap,
            server,
            facility,
            reply,
            _dir: dir,
        };
        site.open_revocation_service();
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

    pub(super) fn let_service(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    /// A connection of somebody with a certificate of the facility authority, or of a foreign one.
    pub(super) async fn connect(&self, name: &str) -> Result<Client, NoAnswer> {
        self.connect_from(&self.facility, name).await
    }

    pub(super) async fn connect_as_stranger(&self, name: &str) -> Result<Client, NoAnswer> {
        let foreign = FacilityAuthority::new(KeyOf::Foreign, date(2025, 1, 1)).unwrap();
        self.connect_from(&foreign, name).await
    }

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

    /// Feeds a JSON body as the intermediate server.
    pub(super) async fn feed(&self, path: &str, body: &impl serde::Serialize) -> Answer {
        let mut client = self.connect("intermediate").await.unwrap();
        let body = serde_json::to_vec(body).unwrap();
        post(&mut client, path, "application/json", body).await
    }

    pub(super) async fn feed_qualification(&self, qualification: Qualification) {
        let fed = FedQualification {
            link_number: LINK.to_owned(),
            qualification,
        };
        let answer = self.feed(FEED_QUALIFICATIONS, &fed).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{answer:?}");
    }

    pub(super) async fn feed_link(&self, serial: u64) {
        let fed = FedLink {
            link_number: LINK.to_owned(),
            serial: format!("{serial:x}"),
        };
        assert_eq!(self.feed(FEED_LINKS, &fed).await.status, 204);
    }

    /// One visit with the pool's first card key; whatever goes wrong on the way is a panic.
    pub(super) async fn visit(&self, certificate: &[u8]) -> EligibilityResult {
        let mut clinic = self.connect(CLINIC).await.unwrap();
        let body = self.question(&mut clinic, CLINIC, certificate).await;
        let answer = post(&mut clinic, CARD_CONFIRMATIONS, "application/json", body).await;
        assert_eq!(answer.content_type, "application/xml", "{answer:?}");
        assert_eq!(answer.status, 200);
        EligibilityResult::from_bytes(&answer.body).unwrap()
    }

    /// Asks for a challenge and makes the body of a confirmation.
    pub(super) async fn question(
        &self,
        clinic: &mut Client,
        facility: &str,
        certificate: &[u8],
    ) -> Vec<u8> {
        let answer = post(clinic, CHALLENGES, "application/json", "").await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let challenge: Challenge = serde_json::from_slice(&answer.body).unwrap();
        let bytes = from_base64(&challenge.challenge).unwrap();
        let signed = signed_bytes(&bytes, &challenge.session, facility);
        let question = CardConfirmation {
            certificate: to_base64(certificate),
            signature: to_base64(&sign(&keys::card(0), &signed)),
            method: "pin".to_owned(),
            consents: Consents {
                operation: true,
                treatment: true,
                drug: false,
                checkup: true,
            },
            session: challenge.session,
        };
        serde_json::to_vec(&question).unwrap()
    }
}

/// The certificate of a card that ends on a day.
pub(super) fn until(last: Date) -> Vec<u8> {
    issued(KeyOf::UserAuthentication, Card { last, ..CARD })
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
