//! A street with J-LIS open on it, a portal's caller, and an eligibility server that answers what it is told
//! to and remembers what it was told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use identifiers::CertificateSerial;
use jiff::civil::{Date, date, datetime};
use wire::certificate::{CRL_HOST, CRL_PATH, OCSP_HOST};
use wire::eligibility;
use wire::portal::{JLIS_HOST, JLIS_NAME};
use world::http::Answer;
use world::keys::{self, Authority as KeyOf};
use world::net::Street;
use world::tls::{Caller, FacilityAuthority, acceptor, required_clients};
use world::{Clock, Tap};

use crate::{Authority, Config, JlisHandle, Publisher, Purpose, Registry, Responder, spawn};

pub(super) const FROM: Date = date(2023, 7, 16);
pub(super) const DELAY_HOURS: u32 = 24;

pub(super) fn serial(value: u64) -> CertificateSerial {
    CertificateSerial::new(value).unwrap()
}

pub(super) fn clock() -> Clock {
    Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0))
}

pub(super) fn jpki() -> Authority {
    Authority::new(Purpose::UserAuthentication, KeyOf::UserAuthentication, FROM)
}

/// What the eligibility server was told, and what it is to answer; 201 when nothing is prepared.
#[derive(Default)]
pub(super) struct Feed {
    pub(super) told: Vec<String>,
    pub(super) answers: VecDeque<Answer>,
}

pub(super) struct Site {
    pub(super) clock: Clock,
    pub(super) street: Street,
    pub(super) tap: Tap,
    pub(super) registry: Registry,
    pub(super) jlis: JlisHandle,
    pub(super) feed: Arc<Mutex<Feed>>,
    facilities: FacilityAuthority,
}

impl Site {
    pub(super) fn new() -> Self {
        let clock = clock();
        let street = Street::default();
        let tap = Tap::new(clock.clone());
        let facilities = FacilityAuthority::new(KeyOf::Facility, FROM).unwrap();
        let trusted = vec![facilities.certificate.clone()];
        let registry = Registry::new(clock.clone(), DELAY_HOURS);
        let jpki = jpki();
        let certificate = jpki.responder_certificate(FROM);
        let responder = Responder::new(&jpki, certificate, registry.clone(), clock.clone());
        let publisher = Publisher::new(CRL_PATH, jpki, registry.clone(), clock.clone());
        let feeding = facilities.issue(JLIS_NAME, 21, keys::tls::JLIS).unwrap();
        let jlis = spawn(Config {
            registry: registry.clone(),
            responder: Arc::new(responder),
            publisher: Arc::new(publisher),
            other_lists: Vec::new(),
            ocsp_door: street.listen(OCSP_HOST),
            crl_door: street.listen(CRL_HOST),
            agency_door: street.listen(JLIS_HOST),
            identity: facilities.issue(JLIS_HOST, 20, keys::tls::JLIS).unwrap(),
            caller: Caller::new(&feeding, &trusted, &clock).unwrap(),
            trusted,
            network: Arc::new(street.clone()),
            tap: tap.clone(),
            clock: clock.clone(),
        });
        let site = Site {
            clock,
            street,
            tap,
            registry,
            jlis: jlis.unwrap(),
            feed: Arc::default(),
            facilities,
        };
        site.open_eligibility_server();
        site
    }

    fn open_eligibility_server(&self) {
        let trusted = [self.facilities.certificate.clone()];
        let identity = self
            .facilities
            .issue(eligibility::HOST, 10, keys::tls::ELIGIBILITY)
            .unwrap();
        let acceptor = acceptor(&identity, required_clients(&trusted).unwrap(), &self.clock);
        let acceptor = acceptor.unwrap();
        let mut door = self.street.listen(eligibility::HOST);
        let feed = self.feed.clone();
        tokio::spawn(async move {
            while let Some(stream) = door.recv().await {
                let (acceptor, feed) = (acceptor.clone(), feed.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    world::http::serve(stream, 64 * 1024, move |asked| {
                        let body = String::from_utf8(asked.body.unwrap().to_vec()).unwrap();
                        let mut feed = feed.lock().unwrap();
                        feed.told
                            .push(format!("{} {} {body}", asked.method, asked.path));
                        let answer = feed.answers.pop_front();
                        async move { answer.unwrap_or_else(|| Answer::new(201, "", "")) }
                    })
                    .await;
                });
            }
        });
    }

    /// A caller under a common name, or a stranger's with the same name.
    pub(super) fn caller(&self, name: &str, enrolled: bool) -> Caller {
        let strangers;
        let issuer = if enrolled {
            &self.facilities
        } else {
            strangers = FacilityAuthority::new(KeyOf::Foreign, FROM).unwrap();
            &strangers
        };
        let identity = issuer.issue(name, 30, keys::tls::PORTAL).unwrap();
        let trusted = [self.facilities.certificate.clone()];
        Caller::new(&identity, &trusted, &self.clock).unwrap()
    }

    pub(super) fn told(&self) -> Vec<String> {
        self.feed.lock().unwrap().told.clone()
    }

    /// What the server answers next, one after the other.
    pub(super) fn will_answer(&self, statuses: &[u16]) {
        let answers = statuses
            .iter()
            .map(|status| Answer::new(*status, "text/plain", "said"));
        self.feed.lock().unwrap().answers.extend(answers);
    }
}
