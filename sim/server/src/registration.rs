//! Use registrations (利用登録): asked for at a clinic they go to the portal, made anywhere they come back
//! from it. Here a serial is tied to a person, once: whoever registers twice, or at two places at once,
//! finds the tie that is there (REG-05).

use std::time::Duration;

use identifiers::{CertificateSerial, FacilityCode, LinkNumber};
use rules::{Date, Outcome, Revocation, Tie};
use wire::eligibility::UseRegistration;
use wire::failure::Failure;
use wire::portal::{CLINIC_REGISTRATIONS, ClinicRegistration, HOST};
use wire::registration::FedUseRegistration;
use world::http::{Answer, Client, NoAnswer};
use world::{Carrier, Hop};

use crate::entry::{date, key, link_number, serial, wrong};
use crate::house::Server;
use crate::identification::Identified;
use crate::refused::Refused;
use crate::sessions::AskedFor;
use crate::store::{Registration, Store, StoreError};

/// Longest wait for the portal, which asks three houses in turn.
const PORTAL_WAIT: Duration = Duration::from_secs(20);
const MAX_ANSWER: usize = 16 * 1024;

impl Server {
    /// Registers the card identified in a session, by way of the portal; says whether it is new. No lock
    /// is held while the portal works, for it comes back with what it found.
    pub(crate) async fn register_use(
        &self,
        facility: &FacilityCode,
        question: &UseRegistration,
    ) -> Result<bool, Refused> {
        let session = AskedFor {
            facility,
            name: &question.session,
            now_ms: self.clock.now_ms(),
        };
        let found = self.sessions().identified(session);
        let found = found.map_err(Refused::Session)?;
        let (serial, last_day) = self.registrable(&found)?;
        let asked = ClinicRegistration {
            serial: format!("{:x}", serial.value()),
            last_day: last_day.to_string(),
        };
        // Two strings always serialise.
        let body = serde_json::to_vec(&asked).unwrap_or_default();
        let answer = self.ask_portal(body).await;
        registered(answer.map_err(|e| Refused::PortalUnavailable(e.to_string()))?)
    }

    fn registrable(&self, found: &Identified) -> Result<(CertificateSerial, Date), Refused> {
        match self.refuses_card(found) {
            Some(Outcome::RevocationUnavailable) => {
                return Err(Refused::RevocationUnavailable(found.detail.clone()));
            }
            Some(other) => return Err(Refused::Card(other)),
            None => {}
        }
        let both = found.serial.zip(found.last_day());
        both.ok_or(Refused::Card(Outcome::CertificateInvalid))
    }

    async fn ask_portal(&self, body: Vec<u8>) -> Result<Answer, NoAnswer> {
        let broken = |said: String| NoAnswer::Connection(said);
        let Some(caller) = &self.portal else {
            return Err(broken("no way to the portal is configured".to_owned()));
        };
        let asking = async {
            let stream = self.network.connect(HOST).await;
            let stream = stream.map_err(|e| broken(e.to_string()))?;
            let hop = Hop {
                name: "clinic-registration",
                near: ("eligibility-server".to_owned(), String::new()),
                far: ("portal".to_owned(), String::new()),
                carrier: Carrier::None,
            };
            let stream = caller.call(HOST, stream, &self.tap, hop).await;
            let stream = stream.map_err(|e| broken(e.to_string()))?;
            let mut client = Client::over(stream, HOST).await?;
            let json = "application/json";
            client
                .post(CLINIC_REGISTRATIONS, json, body, PORTAL_WAIT, MAX_ANSWER)
                .await
        };
        let late = u64::try_from(PORTAL_WAIT.as_millis()).unwrap_or(u64::MAX);
        tokio::time::timeout(PORTAL_WAIT, asking)
            .await
            .map_err(|_| NoAnswer::Timeout(late))?
    }

    /// Takes in a registration the portal reports; says whether it is new.
    pub(crate) async fn take_registration(
        &self,
        fed: &FedUseRegistration,
    ) -> Result<bool, Refused> {
        let insured = &fed.insured;
        let (insurer, symbol) = (&insured.insurer_number, &insured.symbol);
        key(insurer, symbol, &insured.number, &insured.branch)?;
        let link = link_number(&fed.link_number)?;
        let registration = Registration {
            serial: serial("serial", &fed.serial)?,
            last_day: date("last-day", &fed.last_day)?,
            link: &link,
            insured,
        };
        self.still_good(registration.serial).await?;
        let store = self.store();
        let tied = store.at_once(|| self.tie(&store, &registration))?;
        match tied {
            Tie::New => Ok(true),
            Tie::Again => Ok(false),
            Tie::OfAnother => Err(of_another()),
        }
    }

    async fn still_good(&self, serial: CertificateSerial) -> Result<(), Refused> {
        let answered = self.relying.revocation_of(serial).await;
        let (found, doubt) = match answered {
            Ok(found) => (found, String::new()),
            Err(doubt) => (Revocation::Unavailable, doubt.to_string()),
        };
        match self.conduct.revocation(found) {
            Revocation::Good => Ok(()),
            Revocation::Unavailable => Err(Refused::RevocationUnavailable(doubt)),
            Revocation::Revoked => Err(Refused::Card(Outcome::CertificateRevoked)),
            Revocation::Suspended => Err(Refused::Card(Outcome::CertificateSuspended)),
            Revocation::Unknown => Err(Refused::Card(Outcome::CertificateUnknown)),
        }
    }

    fn tie(&self, store: &Store, what: &Registration<'_>) -> Result<Tie, StoreError> {
        let found = self.registered(store, Some(what.serial))?;
        let tie = self
            .conduct
            .tie(rules::registration::tie(&found, what.link));
        if tie == Tie::New {
            let at = self.clock.rfc3339();
            store.tie(what, &at)?;
            self.end_releases(store, what.link, &at)?;
        }
        Ok(tie)
    }

    fn end_releases(&self, store: &Store, link: &LinkNumber, at: &str) -> Result<(), StoreError> {
        for day in self.releases_in_force(store, link)? {
            store.end_release(link, day, at)?;
        }
        Ok(())
    }
}

/// What the portal's answer says to the clinic.
fn registered(answer: Answer) -> Result<bool, Refused> {
    match answer.status {
        201 => return Ok(true),
        200 => return Ok(false),
        _ => {}
    }
    let failure = serde_json::from_slice::<Failure>(&answer.body);
    let error = failure.map(|failure| failure.error).unwrap_or_default();
    Err(match (answer.status, error.as_str()) {
        (422, "no-insured-person") => Refused::NoInsuredPerson,
        (422, "serial-of-another") => of_another(),
        (503, "revocation-unavailable") => Refused::RevocationUnavailable(error),
        (403 | 422, said) if let Some(outcome) = about_the_card(said) => Refused::Card(outcome),
        (status, said) => Refused::PortalUnavailable(format!("HTTP {status} {said}")),
    })
}

fn about_the_card(name: &str) -> Option<Outcome> {
    let mut outcomes = Outcome::ALL.into_iter();
    outcomes.find(|outcome| outcome.is_about_the_card() && outcome.name() == name)
}

fn of_another() -> Refused {
    Refused::Entry(wrong(
        "serial-of-another",
        "この発行番号は別の紐付番号に登録されています。紐付番号を確かめてください。",
        "this serial is tied to another link number: check the link number",
    ))
}
