//! An insurer's house: registers gain and loss of qualification, and release of the use registration, at
//! the intermediate server over mutual TLS. It looks at what its clerk enters first, by kind of insurer, so
//! that a mistyped number or an impossible share never leaves the house.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod entry;

use std::sync::Arc;
use std::time::Duration;

pub use entry::{Scheme, WrongEntry};
pub use identifiers::NumberError;
use identifiers::{IndividualNumber, IndividualNumberError, InsurerNumber};
use jiff::civil::Date;
use serde::Serialize;
use wire::failure::Failure;
use wire::registration::{
    Benefits, INTERMEDIATE_HOST, Kind, Qualification, REGISTRATIONS, RELEASES, Registration,
    Release,
};
use world::http::{Answer, Client, NoAnswer};
use world::net::Network;
use world::tls::Caller;
use world::{Carrier, Clock, Hop, Tap};

/// How long the insurer waits for the intermediate server, connecting included.
pub const ANSWER_TIME: Duration = Duration::from_secs(10);
const MAX_ANSWER: usize = 64 * 1024;

/// The insurer's decisions, one method each; the defaults are the reference.
pub trait Conduct: Send + Sync {
    /// Whether an insurer number may be sent: its check digit must be right (INS-06).
    fn checks_number(&self, number: &str) -> Result<(), NumberError> {
        InsurerNumber::parse(number).map(drop)
    }

    /// The shares and certificates that are sent: those entered (INS-01).
    fn passes_benefits(&self, found: Benefits) -> Benefits {
        found
    }

    /// The branch (枝番) that is sent: the one entered.
    fn branch(&self, found: String) -> String {
        found
    }

    /// The other name (氏名（その他）) that is sent: the one entered, and nothing of the individual number
    /// (REG-06, SEC-03).
    fn other_name(&self, found: Option<String>, _individual_number: &str) -> Option<String> {
        found
    }

    /// Whether an entry is sent at all: always (INS-01, INS-04).
    fn sends_entry(&self, _entry: &Qualification) -> bool {
        true
    }

    /// The day from which a release takes effect: the one entered (REG-07).
    fn release_day(&self, found: Date, _today: Date) -> Date {
        found
    }
}

/// The reference insurer.
pub struct Reference;
impl Conduct for Reference {}

/// What an insurer is set up with.
#[derive(Clone)]
pub struct Config {
    /// Its name in evidence.
    pub name: String,
    /// Opens connections with the insurer's certificate, whose name is its insurer number.
    pub caller: Caller,
    /// Where the intermediate server is reached.
    pub network: Arc<dyn Network>,
    /// Keeps what crosses the hop `registration`.
    pub tap: Tap,
    /// The civil clock.
    pub clock: Clock,
}

/// Why a registration or release was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum InsurerError {
    /// A number of our own is wrong; nothing was sent.
    #[error("not sent: {0}")]
    Number(#[from] NumberError),
    /// The individual number is wrong; nothing was sent, and no digit of it is shown.
    #[error("not sent: {0}")]
    IndividualNumber(#[from] IndividualNumberError),
    /// Another field of the entry is wrong; nothing was sent.
    #[error("not sent: {0}")]
    Entry(#[from] WrongEntry),
    /// The intermediate server refused it.
    #[error(
        "the intermediate server refused the entry ({error}, HTTP {status}): {message_en}; correct the entry and send it again"
    )]
    Refused {
        /// HTTP status.
        status: u16,
        /// Stable name, e.g. `insurer-number-check-digit`.
        error: String,
        /// Its sentence in Japanese.
        message_ja: String,
        /// The same in English.
        message_en: String,
    },
    /// The intermediate server could not be reached, or the connection broke.
    #[error(
        "the intermediate server could not be asked: {0}; look at the line and at the insurer's certificate, then send it again"
    )]
    Unreachable(String),
    /// It did not answer in time; whether it took the entry is not known.
    #[error(
        "the intermediate server did not answer within {0} ms; send the entry again, it counts once"
    )]
    Late(u64),
    /// It answered something else than the interface says.
    #[error(
        "the intermediate server answered HTTP {status} with something unreadable; its operator must look"
    )]
    Unreadable {
        /// HTTP status.
        status: u16,
    },
}

/// An insurer.
pub struct Insurer {
    config: Config,
    conduct: Arc<dyn Conduct>,
}

/// The hop between an insurer and the intermediate server.
pub fn hop(insurer: &str) -> Hop {
    Hop {
        name: "registration",
        near: ("insurer".to_owned(), insurer.to_owned()),
        far: ("intermediate".to_owned(), String::new()),
        carrier: Carrier::JsonMembers(&[("individual_number", "INDIVIDUAL-NUMBER")]),
    }
}

impl Insurer {
    /// An insurer with its settings and its way of acting.
    pub fn new(config: Config, conduct: Arc<dyn Conduct>) -> Self {
        Insurer { config, conduct }
    }

    /// Registers gain or loss. Returns once the intermediate server has taken it.
    pub async fn register(&self, mut registration: Registration) -> Result<(), InsurerError> {
        let entry = &mut registration.qualification;
        self.conduct.checks_number(&entry.insurer_number)?;
        IndividualNumber::parse(&registration.individual_number)?;
        entry::check(entry)?;
        entry.branch = self.conduct.branch(std::mem::take(&mut entry.branch));
        let entered = std::mem::take(&mut entry.benefits);
        entry.benefits = self.conduct.passes_benefits(entered);
        // Names come with a gain; a loss carries none.
        if entry.kind == Kind::Gain {
            let other_name = entry.benefits.name_of_other.take();
            let number = &registration.individual_number;
            entry.benefits.name_of_other = self.conduct.other_name(other_name, number);
        }
        if !self.conduct.sends_entry(entry) {
            return Ok(());
        }
        read(&self.send(REGISTRATIONS, &registration).await?)
    }

    /// Enters the release of a person's use registration (利用登録解除). Returns once the intermediate
    /// server has taken it.
    pub async fn release(&self, mut release: Release) -> Result<(), InsurerError> {
        IndividualNumber::parse(&release.individual_number)?;
        let entered = entry::day("effective_on", &release.effective_on)?;
        let day = self.conduct.release_day(entered, self.config.clock.today());
        release.effective_on = day.to_string();
        read(&self.send(RELEASES, &release).await?)
    }

    async fn send(&self, path: &str, body: &impl Serialize) -> Result<Answer, InsurerError> {
        let body =
            serde_json::to_vec(body).map_err(|e| InsurerError::Unreachable(e.to_string()))?;
        let late = u64::try_from(ANSWER_TIME.as_millis()).unwrap_or(u64::MAX);
        let answer = tokio::time::timeout(ANSWER_TIME, self.post(path, body))
            .await
            .unwrap_or(Err(NoAnswer::Timeout(late)));
        answer.map_err(|error| match error {
            NoAnswer::Connection(said) => InsurerError::Unreachable(said),
            NoAnswer::Timeout(ms) => InsurerError::Late(ms),
            NoAnswer::TooLarge(_) => InsurerError::Unreadable { status: 0 },
        })
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> Result<Answer, NoAnswer> {
        let Config {
            name,
            caller,
            network,
            tap,
            ..
        } = &self.config;
        let broken = |e: std::io::Error| NoAnswer::Connection(e.to_string());
        let stream = network.connect(INTERMEDIATE_HOST).await.map_err(broken)?;
        let stream = caller
            .call(INTERMEDIATE_HOST, stream, tap, hop(name))
            .await
            .map_err(broken)?;
        let mut client = Client::over(stream, INTERMEDIATE_HOST).await?;
        let json = "application/json";
        client.post(path, json, body, ANSWER_TIME, MAX_ANSWER).await
    }
}

fn read(answer: &Answer) -> Result<(), InsurerError> {
    let status = answer.status;
    if status == 201 {
        let accepted = serde_json::from_slice::<serde_json::Value>(&answer.body)
            .is_ok_and(|body| body["accepted"] == true);
        return if accepted {
            Ok(())
        } else {
            Err(InsurerError::Unreadable { status })
        };
    }
    let failure: Failure =
        serde_json::from_slice(&answer.body).map_err(|_| InsurerError::Unreadable { status })?;
    let Failure {
        error,
        message_ja,
        message_en,
    } = failure;
    Err(InsurerError::Refused {
        status,
        error,
        message_ja,
        message_en,
    })
}

#[cfg(test)]
mod tests;
