//! The house itself: link numbers, every entry, and the queue of what must reach the eligibility
//! server. The insurers' requests are answered here; the courier empties the queue.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use identifiers::{CertificateSerial, IndividualNumber, LinkNumber};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, watch};
use wire::failure::Failure;
use wire::registration::{
    FEED_LINKS, FEED_QUALIFICATIONS, FedLink, FedQualification, REGISTRATIONS, Registration,
};
use world::Clock;
use world::http::{Answer, Asked, BodyRefused};

use crate::{Entry, TieError, checks};

/// Messages that may wait for the eligibility server; more are refused before they are confirmed.
pub const LONGEST_QUEUE: usize = 10_000;
const MAX_BODY: usize = 64 * 1024;
const JSON: &str = "application/json";

pub(crate) type Shared = Arc<Mutex<House>>;

pub(crate) fn locked(house: &Shared) -> MutexGuard<'_, House> {
    house.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A message to the eligibility server, in the form it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) path: &'static str,
    pub(crate) body: Vec<u8>,
}

/// A message the eligibility server refused for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// Path it was posted to.
    pub path: &'static str,
    /// The JSON body.
    pub body: Vec<u8>,
    /// HTTP status and, where it gave one, its reason.
    pub reason: String,
}

pub(crate) struct House {
    clock: Clock,
    /// Individual number to link number, which counts up and tells nothing of the former.
    links: BTreeMap<String, LinkNumber>,
    entries: Vec<Entry>,
    queue: VecDeque<Letter>,
    refused: Vec<Undelivered>,
    waiting: watch::Sender<usize>,
    wake: Arc<Notify>,
}

impl House {
    pub(crate) fn new(clock: Clock, waiting: watch::Sender<usize>) -> Self {
        House {
            clock,
            links: BTreeMap::new(),
            entries: Vec::new(),
            queue: VecDeque::new(),
            refused: Vec::new(),
            waiting,
            wake: Arc::default(),
        }
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn refused(&self) -> &[Undelivered] {
        &self.refused
    }

    pub(crate) fn woken(&self) -> Arc<Notify> {
        self.wake.clone()
    }

    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    pub(crate) fn next(&self) -> Option<Letter> {
        self.queue.front().cloned()
    }

    /// The first message has arrived.
    pub(crate) fn delivered(&mut self) {
        self.queue.pop_front();
        self.waiting.send_replace(self.queue.len());
    }

    /// The first message was refused for good; it is kept aside and the next one follows.
    pub(crate) fn declined(&mut self, reason: String) {
        if let Some(Letter { path, body }) = self.queue.pop_front() {
            self.refused.push(Undelivered { path, body, reason });
        }
        self.waiting.send_replace(self.queue.len());
    }

    fn post(&mut self, path: &'static str, body: Vec<u8>) {
        self.queue.push_back(Letter { path, body });
        self.waiting.send_replace(self.queue.len());
        self.wake();
    }

    fn link(&mut self, person: &IndividualNumber) -> LinkNumber {
        let next = LinkNumber::numbered(self.links.len() as u64 + 1);
        self.links
            .entry(person.reveal().to_owned())
            .or_insert(next)
            .clone()
    }

    pub(crate) fn tie(
        &mut self,
        person: &IndividualNumber,
        serial: CertificateSerial,
    ) -> Result<(), TieError> {
        if self.queue.len() >= LONGEST_QUEUE {
            return Err(TieError::Full(self.queue.len()));
        }
        let link_number = self.link(person).to_string();
        let tie = FedLink {
            link_number,
            serial: format!("{:x}", serial.value()),
        };
        // Two strings always serialise.
        self.post(FEED_LINKS, serde_json::to_vec(&tie).unwrap_or_default());
        Ok(())
    }

    fn register(&mut self, asker: &str, registration: Registration) -> Result<(), (u16, Failure)> {
        let person =
            checks::check(&registration, self.clock.today()).map_err(|failure| (422, failure))?;
        let number = &registration.qualification.insurer_number;
        if asker != number {
            let ja = format!(
                "証明書の保険者番号 {asker} と登録の保険者番号 {number} が異なります。自らの加入者だけを登録できます。"
            );
            let en = format!(
                "the certificate names insurer {asker}, the entry insurer {number}; register your own insured only"
            );
            return Err((403, Failure::new("insurer-not-asker", ja, en)));
        }
        if self.queue.len() >= LONGEST_QUEUE {
            let ja = "資格確認のサーバーへの送信が滞っているため、受け付けられません。時間をおいて再送してください。";
            let en =
                "too much waits for the eligibility server; nothing was taken, send it again later";
            return Err((503, Failure::new("queue-full", ja, en)));
        }
        let link_number = self.link(&person);
        let qualification = registration.qualification;
        let latest = self
            .entries
            .iter()
            .rev()
            .find(|entry| entry.link_number == link_number);
        if latest.is_some_and(|latest| latest.qualification == qualification) {
            // Sent again because our answer got lost: it is in already.
            return Ok(());
        }
        let fed = FedQualification {
            link_number: link_number.to_string(),
            qualification: qualification.clone(),
        };
        self.post(
            FEED_QUALIFICATIONS,
            serde_json::to_vec(&fed).unwrap_or_default(),
        );
        self.entries.push(Entry {
            link_number,
            qualification,
            at: self.clock.rfc3339(),
        });
        Ok(())
    }
}

/// Answers one insurer's connection; `asker` is the name in its certificate.
pub(crate) async fn serve<S>(stream: S, house: Shared, asker: String)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    world::http::serve(stream, MAX_BODY, |asked| {
        let answered = answer(&house, &asker, &asked);
        async move { answered }
    })
    .await;
}

pub(crate) fn answer(house: &Shared, asker: &str, asked: &Asked) -> Answer {
    let registration = match read(asked) {
        Ok(registration) => registration,
        Err((status, failure)) => return Answer::new(status, JSON, failure.to_json()),
    };
    match locked(house).register(asker, registration) {
        Ok(()) => Answer::new(201, JSON, &br#"{"accepted":true}"#[..]),
        Err((status, failure)) => Answer::new(status, JSON, failure.to_json()),
    }
}

fn read(asked: &Asked) -> Result<Registration, (u16, Failure)> {
    let refused =
        |status: u16, error: &str, ja: &str, en: &str| (status, Failure::new(error, ja, en));
    if asked.path != REGISTRATIONS {
        let en = "this server offers /v1/registrations only; correct the address";
        return Err(refused(
            404,
            "not-found",
            "このサーバーにあるのは /v1/registrations だけです。",
            en,
        ));
    }
    if asked.method != "POST" {
        let en = "registrations are posted; use POST";
        return Err(refused(
            405,
            "method-not-allowed",
            "登録はPOSTで送信してください。",
            en,
        ));
    }
    if asked.content_type != JSON {
        let en = "a registration is application/json; set the content type";
        return Err(refused(
            415,
            "content-type",
            "登録は application/json で送信してください。",
            en,
        ));
    }
    let body = asked.body.as_ref().map_err(|why| match why {
        BodyRefused::TooLarge => {
            let en = "a registration has at most 65536 bytes; send one at a time";
            refused(
                413,
                "too-large",
                "登録は65536バイト以内です。1件ずつ送信してください。",
                en,
            )
        }
        BodyRefused::Broken => {
            let en = "the body ended early or was malformed; send it again";
            refused(
                400,
                "body-broken",
                "本文が途中で切れているか壊れています。もう一度送信してください。",
                en,
            )
        }
    })?;
    serde_json::from_slice(body).map_err(|error| {
        // Only the kind and place of the error: its text may quote the body, an individual number with it.
        let place = format!("line {}, column {}", error.line(), error.column());
        let ja = format!(
            "本文を登録として読み取れません（{place}）。項目の名前と型を確認してください。"
        );
        let en = format!(
            "the body is not a registration ({place}); compare names and types of its members"
        );
        (400, Failure::new("malformed", ja, en))
    })
}
