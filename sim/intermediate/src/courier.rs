//! The courier: carries what waits to the eligibility server, one after the other, in order, and
//! goes again with growing pauses when the server is down. It never drops anything: when it has
//! tried long enough it rests until something new comes or it is told to go.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use wire::eligibility::HOST;
use wire::failure::Failure;
use world::http::{Answer, Client, NoAnswer};
use world::net::Network;
use world::tls::Caller;
use world::{Hop, Tap};

use crate::feed_hop;
use crate::house::{Letter, Shared, locked};

/// How long the courier waits for an answer, connecting included.
pub const ANSWER_TIME: Duration = Duration::from_secs(10);
/// Failed tries in a row after which the courier rests.
pub const ATTEMPTS: u32 = 20;
/// The longest pause between two tries; pauses begin at one second and double.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const MAX_ANSWER: usize = 64 * 1024;

pub(crate) struct Courier {
    house: Shared,
    woken: Arc<Notify>,
    caller: Caller,
    network: Arc<dyn Network>,
    tap: Tap,
    hop: Hop,
}

/// How a delivery ended.
enum Delivery {
    Arrived,
    /// Refused for good.
    Declined(String),
    /// To be tried again.
    Failed,
}

impl Courier {
    pub(crate) fn new(house: Shared, caller: Caller, network: Arc<dyn Network>, tap: Tap) -> Self {
        let woken = locked(&house).woken();
        Courier {
            house,
            woken,
            caller,
            network,
            tap,
            hop: feed_hop(),
        }
    }

    pub(crate) async fn run(self) {
        let mut failures = 0;
        // Kept while there is something to carry; an idle connection would only age.
        let mut client = None;
        loop {
            let Some(letter) = locked(&self.house).next() else {
                client = None;
                failures = 0;
                self.woken.notified().await;
                continue;
            };
            match self.deliver(&mut client, letter).await {
                Delivery::Arrived => locked(&self.house).delivered(),
                Delivery::Declined(reason) => locked(&self.house).declined(reason),
                Delivery::Failed => {
                    client = None;
                    failures += 1;
                    self.pause(&mut failures).await;
                    continue;
                }
            }
            failures = 0;
        }
    }

    async fn pause(&self, failures: &mut u32) {
        if *failures >= ATTEMPTS {
            *failures = 0;
            self.woken.notified().await;
            return;
        }
        let doubled = Duration::from_secs(1 << (*failures - 1).min(6));
        // New mail does not shorten the pause: the server is no nearer for it.
        tokio::time::sleep(doubled.min(LONGEST_PAUSE)).await;
    }

    async fn deliver(&self, client: &mut Option<Client>, letter: Letter) -> Delivery {
        match timeout(ANSWER_TIME, self.post(client, letter)).await {
            Ok(Ok(answer)) => judged(&answer),
            Ok(Err(_)) | Err(_) => Delivery::Failed,
        }
    }

    async fn post(&self, client: &mut Option<Client>, letter: Letter) -> Result<Answer, NoAnswer> {
        let mut open = match client.take().filter(Client::is_open) {
            Some(open) => open,
            None => self.connect().await?,
        };
        let answer = open
            .post(
                letter.path,
                "application/json",
                letter.body,
                ANSWER_TIME,
                MAX_ANSWER,
            )
            .await?;
        *client = Some(open);
        Ok(answer)
    }

    async fn connect(&self) -> Result<Client, NoAnswer> {
        let broken = |e: std::io::Error| NoAnswer::Connection(e.to_string());
        let stream = self.network.connect(HOST).await.map_err(broken)?;
        let stream = self
            .caller
            .call(HOST, stream, &self.tap, self.hop.clone())
            .await
            .map_err(broken)?;
        Client::over(stream, HOST).await
    }
}

/// 2xx has arrived; 4xx will never, except those that ask for patience; everything else may.
fn judged(answer: &Answer) -> Delivery {
    match answer.status {
        200..=299 => Delivery::Arrived,
        408 | 425 | 429 => Delivery::Failed,
        400..=499 => {
            let said = serde_json::from_slice::<Failure>(&answer.body)
                .map(|f| format!(" {}: {}", f.error, f.message_en));
            Delivery::Declined(format!(
                "HTTP {}{}",
                answer.status,
                said.unwrap_or_default()
            ))
        }
        _ => Delivery::Failed,
    }
}
