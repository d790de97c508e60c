//! The insurers' intermediate server (中間サーバー): takes gain and loss of qualification and release of the
//! use registration from the insurers, gives each person a link number (紐付番号), and passes everything on
//! to the eligibility server in the order it came. It tells the portal who is insured under an agency code.
//! Its memory lasts as long as the process: what it has confirmed to an insurer is lost only with it.
//! Individual numbers go no further than this house.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test that meets an error should stop there"
    )
)]

mod checks;
mod courier;
mod desk;
mod house;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use identifiers::{IndividualNumber, LinkNumber};
use tokio::io::DuplexStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use wire::registration::Qualification;
use world::net::Network;
use world::tls::{Caller, Identity, TlsError, acceptor, required_clients};
use world::{Carrier, Clock, Hop, Tap};

use courier::Courier;
use house::{House, Shared};

pub use courier::{ANSWER_TIME, ATTEMPTS, LONGEST_PAUSE};
pub use house::{LONGEST_QUEUE, Undelivered};

/// Common name of the intermediate server's client certificate on the feed.
pub const FEED_NAME: &str = "intermediate";

/// What the intermediate server is set up with.
pub struct Config {
    /// Connections of insurers and the portal, from `Street::listen(wire::registration::INTERMEDIATE_HOST)`.
    pub door: mpsc::UnboundedReceiver<DuplexStream>,
    /// Its server certificate.
    pub identity: Identity,
    /// Authorities whose client certificates it takes, DER.
    pub trusted: Vec<Vec<u8>>,
    /// Opens connections to the eligibility server, under the name [`FEED_NAME`].
    pub caller: Caller,
    /// Where the eligibility server is reached.
    pub network: Arc<dyn Network>,
    /// Keeps what crosses the hop `feed`.
    pub tap: Tap,
    /// The civil clock.
    pub clock: Clock,
}

/// One kept entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The person's link number.
    pub link_number: LinkNumber,
    /// What was registered.
    pub qualification: Qualification,
    /// When, RFC 3339.
    pub at: String,
}

/// A running intermediate server; it ends when this is dropped.
pub struct IntermediateHandle {
    shared: Shared,
    waiting: watch::Receiver<usize>,
    tasks: [JoinHandle<()>; 2],
}

/// The hop between the intermediate and the eligibility server.
pub fn feed_hop() -> Hop {
    let end = |role: &str| (role.to_owned(), String::new());
    Hop {
        name: "feed",
        near: end("intermediate"),
        far: end("eligibility-server"),
        carrier: Carrier::None,
    }
}

/// Starts the intermediate server. Call it inside a tokio runtime.
pub fn spawn(config: Config) -> Result<IntermediateHandle, TlsError> {
    let Config {
        mut door,
        identity,
        trusted,
        caller,
        network,
        tap,
        clock,
    } = config;
    let acceptor = acceptor(&identity, required_clients(&trusted)?, &clock)?;
    let (told, waiting) = watch::channel(0);
    let shared: Shared = Arc::new(Mutex::new(House::new(clock, told)));
    let house = shared.clone();
    let serving = tokio::spawn(async move {
        // Insurers' connections end with the house.
        let mut connections = tokio::task::JoinSet::new();
        while let Some(stream) = door.recv().await {
            let (acceptor, house) = (acceptor.clone(), house.clone());
            connections.spawn(async move {
                // Who is refused has seen the alert; the tap sits on that side.
                if let Ok(stream) = acceptor.accept(stream).await {
                    let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
                    let asker = chain
                        .first()
                        .and_then(|leaf| world::tls::common_name(leaf))
                        .unwrap_or_default();
                    desk::serve(stream, house, asker).await;
                }
            });
            while connections.try_join_next().is_some() {}
        }
    });
    let courier = Courier::new(shared.clone(), caller, network, tap);
    let delivering = tokio::spawn(courier.run());
    Ok(IntermediateHandle {
        shared,
        waiting,
        tasks: [serving, delivering],
    })
}

impl IntermediateHandle {
    /// Enters which person a portal's agency code (機関別符号) stands for, as the municipality does off
    /// stage. A code once given stays that person's: entering it for another changes nothing.
    pub fn know_code(&self, agency_code: &str, person: &IndividualNumber) {
        house::locked(&self.shared).know_code(agency_code, person);
    }

    /// Waits until nothing is left to deliver, at most `limit`. False when something still waits.
    pub async fn settled(&mut self, limit: Duration) -> bool {
        let empty = self.waiting.wait_for(|waiting| *waiting == 0);
        tokio::time::timeout(limit, empty)
            .await
            .is_ok_and(|waited| waited.is_ok())
    }

    /// Messages that wait for the eligibility server.
    pub fn waiting(&self) -> usize {
        *self.waiting.borrow()
    }

    /// Lets the courier go at once, also after it has given up ([`ATTEMPTS`]).
    pub fn retry(&self) {
        house::locked(&self.shared).wake();
    }

    /// Everything registered so far, in order of arrival.
    pub fn entries(&self) -> Vec<Entry> {
        house::locked(&self.shared).entries().to_vec()
    }

    /// What the eligibility server refused for good, with its reason.
    pub fn refused(&self) -> Vec<Undelivered> {
        house::locked(&self.shared).refused().to_vec()
    }
}

impl Drop for IntermediateHandle {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

#[cfg(test)]
mod tests;
