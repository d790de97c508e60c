//! The courier: tells the eligibility server which new serial follows an old one, each pair once its delay
//! is over by the civil clock, one after the other in the order they fall due. A server that is away is
//! tried again with growing pauses; nothing is ever dropped.
//!
//! A jump of the civil clock moves none of tokio's timers. So the courier looks at the clock again whenever
//! it is poked, which the town does after each jump, and once a virtual minute while a pair is waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use wire::eligibility::HOST;
use wire::failure::Failure;
use wire::registration::{FEED_SERIAL_PAIRS, FedSerialPair};
use world::http::{Answer, Client, NoAnswer};
use world::net::Network;
use world::tls::Caller;
use world::{Carrier, Clock, Hop, Tap};

use crate::registry::{Pair, Registry};

/// How long the courier waits for an answer, connecting included.
pub const ANSWER_TIME: Duration = Duration::from_secs(10);
/// Failed tries in a row after which the courier rests until it is poked or another pair is entered.
pub const ATTEMPTS: u32 = 20;
/// The longest the courier waits before it looks at the clock again, and between two tries; pauses
/// between tries begin at one second and double.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const MAX_ANSWER: usize = 64 * 1024;

/// A pair the eligibility server refused for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What was told.
    pub pair: FedSerialPair,
    /// HTTP status and, where it gave one, its reason.
    pub reason: String,
}

/// How far the courier is, shared with whoever waits for it.
#[derive(Default)]
pub(crate) struct Progress {
    /// For each pair of the register, in its order, whether it is done with.
    done: Vec<bool>,
    refused: Vec<Refused>,
}

/// The round the courier makes, as both it and the house see it.
#[derive(Clone)]
pub(crate) struct Round {
    registry: Registry,
    clock: Clock,
    progress: Arc<Mutex<Progress>>,
    /// Counts pokes.
    poked: watch::Sender<u64>,
    /// Counts pairs done with.
    finished: watch::Sender<u64>,
}

impl Round {
    pub(crate) fn new(registry: Registry, clock: Clock) -> Self {
        Round {
            registry,
            clock,
            progress: Arc::default(),
            poked: watch::Sender::new(0),
            finished: watch::Sender::new(0),
        }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pairs not done with, by the instant they fall due; with their place in the register.
    fn open(&self) -> Vec<(usize, Pair)> {
        let pairs = self.registry.pairs();
        let progress = self.progress();
        let done = |at: usize| progress.done.get(at).copied().unwrap_or_default();
        let all = pairs.into_iter().enumerate();
        let mut open: Vec<_> = all.filter(|(at, _)| !done(*at)).collect();
        open.sort_by_key(|(_, pair)| pair.due_ms);
        open
    }

    /// How many pairs are due and not done with.
    pub(crate) fn waiting(&self) -> usize {
        let now = self.clock.now_ms();
        let open = self.open();
        open.iter().filter(|(_, pair)| pair.due_ms <= now).count()
    }

    pub(crate) fn refused(&self) -> Vec<Refused> {
        self.progress().refused.clone()
    }

    fn finish(&self, at: usize, refused: Option<Refused>) {
        let mut progress = self.progress();
        let length = progress.done.len().max(at + 1);
        progress.done.resize(length, false);
        progress.done[at] = true;
        progress.refused.extend(refused);
        drop(progress);
        self.finished.send_modify(|count| *count += 1);
    }

    /// Lets the courier look at the clock, and go, at once.
    pub(crate) fn poke(&self) {
        self.poked.send_modify(|count| *count += 1);
    }

    /// Waits until nothing that is due is left to tell, at most `limit`.
    pub(crate) async fn settled(&self, limit: Duration) -> bool {
        self.poke();
        let mut finished = self.finished.subscribe();
        let all = async { while self.waiting() > 0 && finished.changed().await.is_ok() {} };
        timeout(limit, all).await.is_ok()
    }
}

/// How a delivery ended.
enum Delivery {
    Arrived,
    /// Refused for good.
    Declined(String),
    /// To be tried again.
    Failed,
}

pub(crate) struct Courier {
    round: Round,
    poked: watch::Receiver<u64>,
    paired: watch::Receiver<usize>,
    caller: Caller,
    network: Arc<dyn Network>,
    tap: Tap,
}

impl Courier {
    pub(crate) fn new(round: Round, caller: Caller, network: Arc<dyn Network>, tap: Tap) -> Self {
        Courier {
            poked: round.poked.subscribe(),
            paired: round.registry.paired(),
            round,
            caller,
            network,
            tap,
        }
    }

    pub(crate) async fn run(mut self) {
        let mut failures = 0;
        // Kept while there is something to tell; an idle connection would only age.
        let mut client = None;
        loop {
            let first = self.round.open().into_iter().next();
            let Some((at, pair)) = first else {
                client = None;
                self.called().await;
                continue;
            };
            let early = pair.due_ms - self.round.clock.now_ms();
            if early > 0 {
                client = None;
                let wait = Duration::from_millis(early.unsigned_abs()).min(LONGEST_PAUSE);
                self.called_within(wait).await;
                continue;
            }
            let pair = told(&pair);
            match self.deliver(&mut client, &pair).await {
                Delivery::Arrived => self.round.finish(at, None),
                Delivery::Declined(reason) => {
                    self.round.finish(at, Some(Refused { pair, reason }));
                }
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

    /// Waits for a poke or for another pair.
    async fn called(&mut self) {
        let (poked, paired) = (&mut self.poked, &mut self.paired);
        let poke = std::pin::pin!(poked.changed());
        let pair = std::pin::pin!(paired.changed());
        // Either ends the wait; which of them did is of no matter.
        futures::future::select(poke, pair).await;
    }

    async fn called_within(&mut self, wait: Duration) {
        // Being late and being called are the same to the courier: it looks again.
        let _ = timeout(wait, self.called()).await;
    }

    async fn pause(&mut self, failures: &mut u32) {
        if *failures >= ATTEMPTS {
            *failures = 0;
            self.called().await;
            return;
        }
        let doubled = Duration::from_secs(1 << (*failures - 1).min(6));
        self.called_within(doubled.min(LONGEST_PAUSE)).await;
    }

    async fn deliver(&self, client: &mut Option<Client>, pair: &FedSerialPair) -> Delivery {
        match timeout(ANSWER_TIME, self.post(client, pair)).await {
            Ok(Ok(answer)) => judged(&answer),
            Ok(Err(_)) | Err(_) => Delivery::Failed,
        }
    }

    async fn post(
        &self,
        client: &mut Option<Client>,
        pair: &FedSerialPair,
    ) -> Result<Answer, NoAnswer> {
        let mut open = match client.take().filter(Client::is_open) {
            Some(open) => open,
            None => self.connect().await?,
        };
        // Strings alone always serialise.
        let body = serde_json::to_vec(pair).unwrap_or_default();
        let answer = open
            .post(
                FEED_SERIAL_PAIRS,
                "application/json",
                body,
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
        let stream = self.caller.call(HOST, stream, &self.tap, feed_hop()).await;
        Client::over(stream.map_err(broken)?, HOST).await
    }
}

/// The hop between J-LIS and the eligibility server.
pub fn feed_hop() -> Hop {
    let end = |role: &str| (role.to_owned(), String::new());
    Hop {
        name: "feed",
        near: end("jlis"),
        far: end("eligibility-server"),
        carrier: Carrier::None,
    }
}

fn told(pair: &Pair) -> FedSerialPair {
    let hex = |serial: identifiers::CertificateSerial| format!("{:x}", serial.value());
    FedSerialPair {
        old_serial: hex(pair.old),
        old_last_day: pair.old_last_day.to_string(),
        new_serial: hex(pair.new),
        new_last_day: pair.new_last_day.to_string(),
        renewed_on: pair.renewed_on.to_string(),
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
            let said = said.unwrap_or_default();
            Delivery::Declined(format!("HTTP {}{said}", answer.status))
        }
        _ => Delivery::Failed,
    }
}
