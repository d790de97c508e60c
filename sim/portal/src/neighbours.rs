//! Whom the portal asks: J-LIS, the intermediate server and the eligibility server, each over mutual TLS
//! under the portal's name, each on its own hop. Silence, refusals and nonsense all say whose they are.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::failure::Failure;
use world::http::{Answer, Client, NoAnswer};
use world::net::Network;
use world::tls::Caller;
use world::{Carrier, Hop, Tap};

use crate::refused::{Refused, Who};

/// How long the portal waits for each neighbour, connecting included.
pub const ANSWER_TIME: Duration = Duration::from_secs(10);
const MAX_ANSWER: usize = 64 * 1024;

/// The hop between the portal and J-LIS.
pub fn agency_hop() -> Hop {
    hop("agency", "jlis")
}

/// The hop between the portal and the intermediate server.
pub fn insured_hop() -> Hop {
    hop("insured", "intermediate")
}

/// The hop between the portal and the eligibility server.
pub fn feed_hop() -> Hop {
    hop("feed", "eligibility-server")
}

fn hop(name: &'static str, far: &str) -> Hop {
    let end = |role: &str| (role.to_owned(), String::new());
    Hop {
        name,
        near: end("portal"),
        far: end(far),
        carrier: Carrier::None,
    }
}

/// One question's addressee.
pub(crate) struct Neighbour {
    pub(crate) who: Who,
    pub(crate) host: &'static str,
    pub(crate) path: &'static str,
    pub(crate) hop: Hop,
}

/// The way to all of them.
pub(crate) struct Neighbours {
    caller: Caller,
    network: Arc<dyn Network>,
    tap: Tap,
}

/// An answer that came.
pub(crate) struct Reply {
    pub(crate) answer: Answer,
}

impl Neighbours {
    pub(crate) fn new(caller: Caller, network: Arc<dyn Network>, tap: Tap) -> Self {
        Self {
            caller,
            network,
            tap,
        }
    }

    /// Asks a neighbour. No answer in time is its unavailability.
    pub(crate) async fn ask(
        &self,
        neighbour: &Neighbour,
        question: &impl Serialize,
    ) -> Result<Reply, Refused> {
        // Plain strings always serialise.
        let body = serde_json::to_vec(question).unwrap_or_default();
        let answer = tokio::time::timeout(ANSWER_TIME, self.post(neighbour, body)).await;
        match answer {
            Ok(Ok(answer)) => Ok(Reply { answer }),
            Ok(Err(said)) => Err(unavailable(neighbour, said.to_string())),
            Err(_) => {
                let said = format!("no answer within {} s", ANSWER_TIME.as_secs());
                Err(unavailable(neighbour, said))
            }
        }
    }

    async fn post(&self, neighbour: &Neighbour, body: Vec<u8>) -> Result<Answer, NoAnswer> {
        let Neighbour { host, path, .. } = neighbour;
        let broken = |e: std::io::Error| NoAnswer::Connection(e.to_string());
        let stream = self.network.connect(host).await.map_err(broken)?;
        let stream = self
            .caller
            .call(host, stream, &self.tap, neighbour.hop.clone())
            .await
            .map_err(broken)?;
        let mut client = Client::over(stream, host).await?;
        let json = "application/json";
        client.post(path, json, body, ANSWER_TIME, MAX_ANSWER).await
    }
}

fn unavailable(neighbour: &Neighbour, said: String) -> Refused {
    Refused::Unavailable {
        who: neighbour.who,
        said,
    }
}

impl Reply {
    /// Whether it is the refusal of this status and name.
    pub(crate) fn refuses(&self, status: u16, error: &str) -> bool {
        self.answer.status == status && self.failure().is_some_and(|f| f.error == error)
    }

    /// The refusal in it, if it is one.
    pub(crate) fn failure(&self) -> Option<Failure> {
        serde_json::from_slice(&self.answer.body).ok()
    }

    /// The body of an answer with one of these statuses.
    pub(crate) fn expected<T: DeserializeOwned>(
        &self,
        neighbour: &Neighbour,
        statuses: &[u16],
    ) -> Result<T, Refused> {
        let told = statuses.contains(&self.answer.status);
        let body = told.then(|| serde_json::from_slice(&self.answer.body).ok());
        body.flatten().ok_or_else(|| self.unexpected(neighbour))
    }

    /// An answer the interface does not know: as good as none.
    pub(crate) fn unexpected(&self, neighbour: &Neighbour) -> Refused {
        let status = self.answer.status;
        let said = match self.failure() {
            Some(failure) => format!("HTTP {status}, {}", failure.error),
            None => format!("HTTP {status} with something unreadable"),
        };
        unavailable(neighbour, said)
    }
}
