//! An insurer's house: registers gain and loss of qualification at the intermediate server over
//! mutual TLS, after looking at its own numbers, so that a mistyped one never leaves the house.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

use std::sync::Arc;
use std::time::Duration;

pub use identifiers::NumberError;
use identifiers::{BranchNumber, IndividualNumber, IndividualNumberError, InsurerNumber};
use wire::failure::Failure;
use wire::registration::{INTERMEDIATE_HOST, REGISTRATIONS, Registration};
use world::http::{Answer, Client, NoAnswer};
use world::net::Network;
use world::tls::Caller;
use world::{Carrier, Hop, Tap};

/// How long the insurer waits for the intermediate server, connecting included.
pub const ANSWER_TIME: Duration = Duration::from_secs(10);
const MAX_ANSWER: usize = 64 * 1024;

/// The insurer's decisions, one method each; the defaults are the reference.
pub trait Conduct: Send + Sync {
    /// Whether an insurer number may be sent: its check digit must be right (INS-06).
    fn checks_number(&self, number: &str) -> Result<(), NumberError> {
        InsurerNumber::parse(number).map(drop)
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
}

/// Why a registration was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum InsurerError {
    /// A number of our own is wrong; nothing was sent.
    #[error("not sent: {0}")]
    Number(#[from] NumberError),
    /// The individual number is wrong; nothing was sent, and no digit of it is shown.
    #[error("not sent: {0}")]
    IndividualNumber(#[from] IndividualNumberError),
    /// The intermediate server refused it.
    #[error(
        "the intermediate server refused the registration ({error}, HTTP {status}): {message_en}; correct the entry and send it again"
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
    /// It did not answer in time; whether it took the registration is not known.
    #[error(
        "the intermediate server did not answer within {0} ms; send the registration again, it is kept once"
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
        carrier: Carrier::JsonMember("individual_number"),
    }
}

impl Insurer {
    /// An insurer with its settings and its way of acting.
    pub fn new(config: Config, conduct: Arc<dyn Conduct>) -> Self {
        Insurer { config, conduct }
    }

    /// Registers gain or loss. Returns once the intermediate server has taken it.
    pub async fn register(&self, registration: Registration) -> Result<(), InsurerError> {
        self.conduct
            .checks_number(&registration.qualification.insurer_number)?;
        IndividualNumber::parse(&registration.individual_number)?;
        if !registration.qualification.branch.is_empty() {
            BranchNumber::parse(&registration.qualification.branch)?;
        }
        let body = serde_json::to_vec(&registration)
            .map_err(|e| InsurerError::Unreachable(e.to_string()))?;
        read(&self.send(body).await?)
    }

    async fn send(&self, body: Vec<u8>) -> Result<Answer, InsurerError> {
        let Config {
            name,
            caller,
            network,
            tap,
        } = &self.config;
        let broken = |e: std::io::Error| NoAnswer::Connection(e.to_string());
        let asking = async {
            let stream = network.connect(INTERMEDIATE_HOST).await.map_err(broken)?;
            let stream = caller
                .call(INTERMEDIATE_HOST, stream, tap, hop(name))
                .await
                .map_err(broken)?;
            let mut client = Client::over(stream, INTERMEDIATE_HOST).await?;
            client
                .post(
                    REGISTRATIONS,
                    "application/json",
                    body,
                    ANSWER_TIME,
                    MAX_ANSWER,
                )
                .await
        };
        let late = u64::try_from(ANSWER_TIME.as_millis()).unwrap_or(u64::MAX);
        let answer = tokio::time::timeout(ANSWER_TIME, asking)
            .await
            .unwrap_or(Err(NoAnswer::Timeout(late)));
        answer.map_err(|error| match error {
            NoAnswer::Connection(said) => InsurerError::Unreachable(said),
            NoAnswer::Timeout(ms) => InsurerError::Late(ms),
            NoAnswer::TooLarge(_) => InsurerError::Unreadable { status: 0 },
        })
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
