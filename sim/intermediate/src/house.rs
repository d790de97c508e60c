//! The house itself: link numbers, agency codes, every entry, and the queue of what must reach the
//! eligibility server. What the desk has read is decided here; the courier empties the queue.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use identifiers::{IndividualNumber, LinkNumber};
use rules::{History, InsuredKey, Standing};
use tokio::sync::{Notify, watch};
use wire::failure::Failure;
use wire::portal::InsuredPerson;
use wire::registration::{
    FEED_QUALIFICATIONS, FEED_RELEASES, FedQualification, FedRelease, InsuredNumbers, Registration,
    Release,
};
use world::Clock;

use crate::checks::Said;
use crate::{Entry, checks};

/// Messages that may wait for the eligibility server; more are refused before they are confirmed.
pub const LONGEST_QUEUE: usize = 10_000;

/// A refusal with its status.
pub(crate) type Refused = (u16, Failure);
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
    /// The portal's agency codes, each with the individual number behind it.
    codes: BTreeMap<String, String>,
    people: BTreeMap<LinkNumber, Person>,
    entries: Vec<Entry>,
    queue: VecDeque<Letter>,
    refused: Vec<Undelivered>,
    waiting: watch::Sender<usize>,
    wake: Arc<Notify>,
}

/// What the insurers have said about one person.
struct Person {
    history: History,
    /// Of the entry that came last: all there is when a loss came before its gain.
    last: InsuredKey,
}

impl House {
    pub(crate) fn new(clock: Clock, waiting: watch::Sender<usize>) -> Self {
        House {
            clock,
            links: BTreeMap::new(),
            codes: BTreeMap::new(),
            people: BTreeMap::new(),
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

    pub(crate) fn know_code(&mut self, agency_code: &str, person: &IndividualNumber) {
        self.codes
            .entry(agency_code.to_owned())
            .or_insert_with(|| person.reveal().to_owned());
    }

    /// Who is insured under an agency code: nobody without a code, and nobody an insurer has not registered.
    pub(crate) fn insured_person(&self, agency_code: &str) -> Result<InsuredPerson, Refused> {
        let person = self.codes.get(agency_code);
        let link = person.and_then(|person| self.links.get(person));
        let found = link.and_then(|link| Some((link, self.people.get(link)?)));
        let Some((link, person)) = found else {
            return Err((404, no_insured_person()));
        };
        Ok(InsuredPerson {
            link_number: link.to_string(),
            insured: numbers(&person.latest(&self.clock)),
        })
    }

    fn room(&self) -> Result<(), Refused> {
        if self.queue.len() < LONGEST_QUEUE {
            return Ok(());
        }
        let ja = "資格確認のサーバーへの送信が滞っているため、受け付けられません。時間をおいて再送してください。";
        let en =
            "too much waits for the eligibility server; nothing was taken, send it again later";
        Err((503, Failure::new("queue-full", ja, en)))
    }

    pub(crate) fn register(
        &mut self,
        asker: &str,
        registration: Registration,
    ) -> Result<(), Refused> {
        let checked =
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
        self.room()?;
        let link_number = self.link(&checked.person);
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
        self.remember(&link_number, checked.key, checked.said);
        let fed = FedQualification {
            link_number: link_number.to_string(),
            qualification: qualification.clone(),
        };
        // Plain strings always serialise.
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

    fn remember(&mut self, link: &LinkNumber, key: InsuredKey, said: Said) {
        let person = self.people.entry(link.clone()).or_insert_with(|| Person {
            history: History::new(),
            last: key.clone(),
        });
        person.last = key.clone();
        match said {
            Said::Gain(on) => person.history.gain(key, on),
            Said::Loss(loss) => person.history.lose(key, loss),
        }
    }

    /// Takes a release from an insurer of the person, present or past. One sent again is passed on again:
    /// the eligibility server keeps each day of a person once, so nothing comes of it.
    pub(crate) fn release(&mut self, asker: &str, release: &Release) -> Result<(), Refused> {
        let person = checks::check_release(release).map_err(|failure| (422, failure))?;
        let link = self.links.get(person.reveal()).cloned();
        let own = link.filter(|link| {
            let mut theirs = self.entries.iter().filter(|e| e.link_number == *link);
            theirs.any(|entry| entry.qualification.insurer_number == asker)
        });
        let Some(link) = own else {
            let ja = format!(
                "この人は保険者 {asker} の加入者として登録されていません。自らの加入者の利用登録だけを解除できます。"
            );
            let en = format!(
                "insurer {asker} has not registered this person; release your own insured only"
            );
            return Err((403, Failure::new("not-own-insured", ja, en)));
        };
        self.room()?;
        let fed = FedRelease {
            link_number: link.to_string(),
            effective_on: release.effective_on.clone(),
        };
        self.post(FEED_RELEASES, serde_json::to_vec(&fed).unwrap_or_default());
        Ok(())
    }
}

impl Person {
    /// The number that holds today; else the one lost last; else the one that lies furthest ahead.
    fn latest(&self, clock: &Clock) -> InsuredKey {
        match self.history.on(clock.today()) {
            Standing::Valid(held) | Standing::Lost(held) => held.key,
            Standing::None => {
                let ahead = self.history.qualifications().pop();
                ahead.map_or_else(|| self.last.clone(), |ahead| ahead.key)
            }
        }
    }
}

fn numbers(key: &InsuredKey) -> InsuredNumbers {
    let symbol = key.symbol.as_ref().map_or("", |symbol| symbol.as_str());
    let branch = key.branch.as_ref().map_or("", |branch| branch.as_str());
    InsuredNumbers {
        insurer_number: key.insurer.to_string(),
        symbol: symbol.to_owned(),
        number: key.number.to_string(),
        branch: branch.to_owned(),
    }
}

fn no_insured_person() -> Failure {
    Failure::new(
        "no-insured-person",
        "この人の加入者情報は、どの保険者からも登録されていません。保険者の登録を待って、もう一度お試しください。",
        "no insurer has registered this person; try again after the insurer's entry",
    )
}
