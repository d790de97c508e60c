//! Offices that enter data from their desks: insurers, and the review body with what claims say of drugs.
//! And requests the bed sends to a house in somebody's name.

use std::sync::Arc;
use std::time::Duration;

use identifiers::{IndividualNumber, InsurerNumber};
use insurer::Insurer;
use jiff::civil::Date;
use wire::registration::{
    Benefits, FEED_DRUGS, FedDrug, InsuredNumbers, Kind, Qualification, Registration, Release,
};
use world::http::Client;
use world::keys;
use world::net::Network;
use world::tap::{Carrier, Hop};
use world::tls::Caller;

use crate::houses::House;
use crate::town::{Town, TownError, house};

/// Common name of the review body's client certificate on the feed.
const REVIEW_BODY: &str = "review-body";
/// Longest a request of the bed waits for its answer.
const PATIENCE: Duration = Duration::from_secs(30);
const MAX_ANSWER: usize = 1024 * 1024;

/// What an insurer's clerk enters.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Gain, or loss.
    pub gain: bool,
    /// Insurer number as typed.
    pub insurer_number: String,
    /// 保険者名称.
    pub insurer_name: String,
    /// 記号.
    pub symbol: String,
    /// 番号.
    pub number: String,
    /// 枝番.
    pub branch: String,
    /// First day with or without the qualification.
    pub on: Date,
    /// 氏名.
    pub name: String,
    /// Half-width kana.
    pub kana: String,
    /// `YYYY-MM-DD`.
    pub birth: String,
    /// OQSCD007.
    pub sex: String,
    /// OQSCD009.
    pub relationship: String,
    /// OQSCD008, with a loss.
    pub reason_of_loss: Option<String>,
    /// What comes with a gain.
    pub benefits: Benefits,
}

/// In whose name the bed sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A facility's, by its name in the story.
    Facility(String),
    /// An office's, by the common name of its certificate.
    Office(String),
}

/// A request of the bed's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRequest {
    /// The house, by its name in evidence.
    pub house: String,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Content type; empty for none.
    pub content_type: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Town {
    /// Opens an insurer.
    pub async fn open_insurer(
        &mut self,
        name: &str,
        number: &InsurerNumber,
    ) -> Result<(), TownError> {
        let config = insurer::Config {
            name: name.to_owned(),
            caller: self.ground.caller(number.as_str(), keys::tls::INSURER)?,
            network: Arc::new(self.ground.street.clone()),
            tap: self.tap.clone(),
            clock: self.clock.clone(),
        };
        let insurer = Insurer::new(config, self.products.insurer.clone());
        self.insurers.insert(name.to_owned(), insurer);
        Ok(())
    }

    fn insurer(&self, name: &str) -> Result<&Insurer, String> {
        let none = || format!("the town has no insurer called {name}");
        self.insurers.get(name).ok_or_else(none)
    }

    /// An insurer's clerk enters something. What the insurer's product does with it is seen on
    /// the tap; what it says to the clerk is returned.
    pub async fn register(
        &mut self,
        insurer: &str,
        person: &IndividualNumber,
        entry: Entry,
    ) -> Result<(), String> {
        let qualification = Qualification {
            kind: if entry.gain { Kind::Gain } else { Kind::Loss },
            insurer_number: entry.insurer_number,
            insurer_name: entry.insurer_name,
            symbol: entry.symbol,
            number: entry.number,
            branch: entry.branch,
            on: entry.on.to_string(),
            name: entry.name,
            name_kana: entry.kana,
            birthdate: entry.birth,
            sex: entry.sex,
            relationship: entry.relationship,
            reason_of_loss: entry.reason_of_loss,
            benefits: entry.benefits,
        };
        let registration = Registration {
            individual_number: person.reveal().to_owned(),
            qualification,
        };
        let sent = self.insurer(insurer)?.register(registration).await;
        sent.map_err(|e| e.to_string())?;
        self.delivered().await.map_err(|e| e.to_string())
    }

    /// An insurer's clerk enters the release of a use registration, from `effective_on` (`YYYY-MM-DD`).
    pub async fn release(
        &mut self,
        insurer: &str,
        person: &IndividualNumber,
        effective_on: &str,
    ) -> Result<(), String> {
        let release = Release {
            individual_number: person.reveal().to_owned(),
            effective_on: effective_on.to_owned(),
        };
        let sent = self.insurer(insurer)?.release(release).await;
        sent.map_err(|e| e.to_string())?;
        self.delivered().await.map_err(|e| e.to_string())
    }

    /// The review body hands over one dispensed drug.
    pub async fn feed_drug(
        &mut self,
        insured: InsuredNumbers,
        on: Date,
        drug: &str,
    ) -> Result<(), TownError> {
        let failed = |said: String| TownError::Undelivered("a dispensed drug", said);
        let fed = FedDrug {
            insured,
            month: on.strftime("%Y-%m").to_string(),
            dispensed_on: on.to_string(),
            drug_code: "699000001".into(),
            drug_name: drug.to_owned(),
            quantity: "1".into(),
            unit: "錠".into(),
            usage: "1日1回朝食後".into(),
        };
        let body = serde_json::to_vec(&fed).map_err(|e| failed(e.to_string()))?;
        let raw = RawRequest {
            house: House::Eligibility.name().to_owned(),
            method: "POST".into(),
            path: FEED_DRUGS.into(),
            content_type: "application/json".into(),
            body,
        };
        let answer = self
            .ask(REVIEW_BODY, ("review-body", ""), "feed", raw)
            .await?;
        match answer {
            Some(204) => Ok(()),
            other => Err(failed(format!("answered {other:?}"))),
        }
    }

    /// The bed sends a request to a house in somebody's name. What comes of it is seen on the tap.
    pub async fn send_request(
        &mut self,
        sender: &Sender,
        raw: RawRequest,
    ) -> Result<(), TownError> {
        match sender {
            Sender::Facility(name) => {
                let code = self.site(name)?.code.clone();
                self.ask(&code, ("bed", name), "eligibility", raw).await?;
            }
            Sender::Office(office) => {
                self.ask(office, ("bed", office), "feed", raw).await?;
            }
        }
        Ok(())
    }

    /// Asks a house under a certificate; gives the status, none when no answer came.
    async fn ask(
        &self,
        common_name: &str,
        near: (&str, &str),
        hop: &'static str,
        raw: RawRequest,
    ) -> Result<Option<u16>, TownError> {
        let house_of = House::named(&raw.house);
        let to = house_of.ok_or_else(|| TownError::Nothing("house", raw.house.clone()))?;
        let identity = self
            .authorities
            .identity(common_name, keys::tls::FACILITY, true);
        let identity = identity.map_err(house("bed's certificate"))?;
        let caller = Caller::new(&identity, &self.ground.trusted(), &self.clock);
        let caller = caller.map_err(house("bed's certificate"))?;
        let hop = Hop {
            name: hop,
            near: (near.0.to_owned(), near.1.to_owned()),
            far: (to.name().to_owned(), String::new()),
            carrier: Carrier::None,
        };
        let asking = async {
            let stream = self.ground.street.connect(to.host()).await.ok()?;
            let stream = caller.call(to.host(), stream, &self.tap, hop).await.ok()?;
            let mut client = Client::over(stream, to.host()).await.ok()?;
            let RawRequest {
                method,
                path,
                content_type,
                body,
                ..
            } = raw;
            let answer = client
                .ask(&method, &path, &content_type, body, PATIENCE, MAX_ANSWER)
                .await;
            Some(answer.ok()?.status)
        };
        Ok(asking.await)
    }
}
