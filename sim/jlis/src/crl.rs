//! The publisher of the revocation list (RFC 5280 5): full lists, version 2, with reasons; what has expired
//! stays on them. Signing costs most, so a signed list is kept until the register changes or the day turns.
//! Its mood can be changed while it runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use identifiers::CertificateSerial;
use jiff::civil::Date;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use wire::certificate::CRL_TYPE;
use world::Clock;
use world::clock::to_ms;
use world::http::{Answer, Asked};

use crate::authority::Authority;
use crate::der::{certificate_time, integer, sequence};
use crate::profile;
use crate::registry::Registry;

/// How the publisher gives its list out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListMood {
    /// As it should.
    #[default]
    Normal,
    /// The list it would have given out the day before yesterday, as far as its times tell.
    Old,
    /// Under a signature that does not fit.
    WrongSignature,
}

/// A list as signed, with everything it was made from.
struct Signed {
    day: Date,
    mood: ListMood,
    entries: Vec<(CertificateSerial, i64, u8)>,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct State {
    mood: ListMood,
    number: u64,
    last: Option<Signed>,
}

/// Publishes one authority's list under one path.
pub struct Publisher {
    path: &'static str,
    authority: Authority,
    registry: Registry,
    clock: Clock,
    state: Mutex<State>,
}

const OLD_MS: i64 = 48 * 60 * 60 * 1000;
/// A new list comes when the day turns; an hour is left for the way.
const NEXT_HOUR: i8 = 1;

impl Publisher {
    /// A publisher of `authority`'s list under `path`, such as `wire::certificate::CRL_PATH`.
    pub fn new(path: &'static str, authority: Authority, registry: Registry, clock: Clock) -> Self {
        Publisher {
            path,
            authority,
            registry,
            clock,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it gives its list out now.
    pub fn mood(&self) -> ListMood {
        self.state().mood
    }

    /// Lets it give its list out otherwise from the next request on.
    pub fn set_mood(&self, mood: ListMood) {
        self.state().mood = mood;
    }

    /// The list, DER; the same bytes until the register changes or the day turns.
    pub fn list(&self) -> Vec<u8> {
        let mut state = self.state();
        let (day, mood, entries) = (self.clock.today(), state.mood, self.registry.listed());
        if let Some(last) = &state.last
            && (last.day, last.mood) == (day, mood)
            && last.entries == entries
        {
            return last.bytes.clone();
        }
        // Numbers rise with time and never fall or repeat, also when two lists fall into one instant.
        let now = u64::try_from(self.clock.now_ms()).unwrap_or_default();
        state.number = now.max(state.number + 1);
        let bytes = self.signed(&entries, state.number, mood);
        state.last = Some(Signed {
            day,
            mood,
            entries,
            bytes: bytes.clone(),
        });
        bytes
    }

    fn signed(
        &self,
        entries: &[(CertificateSerial, i64, u8)],
        number: u64,
        mood: ListMood,
    ) -> Vec<u8> {
        let age = if mood == ListMood::Old { OLD_MS } else { 0 };
        let made = self.clock.now_ms() - age;
        let tomorrow = self.clock.today().tomorrow().unwrap_or(Date::MAX);
        let next = to_ms(tomorrow.at(NEXT_HOUR, 0, 0, 0));
        let mut parts = vec![certificate_time(made), certificate_time(next - age)];
        let there = entries.iter().filter(|(_, at, _)| *at <= made);
        let revoked: Vec<Vec<u8>> = there.map(entry).collect();
        // A list without entries leaves them out altogether (RFC 5280 5.1.2.6).
        if !revoked.is_empty() {
            parts.push(sequence(&revoked));
        }
        parts.push(profile::list_extensions(&[
            self.authority.key_of_issuer(),
            profile::list_number(number),
            profile::expired_since(to_ms(self.authority.from.at(0, 0, 0, 0))),
        ]));
        let mut list = self.authority.signed_list(&parts);
        if mood == ListMood::WrongSignature
            && let Some(last) = list.last_mut()
        {
            *last ^= 0x55;
        }
        list
    }
}

fn entry((serial, at_ms, reason): &(CertificateSerial, i64, u8)) -> Vec<u8> {
    sequence(&[
        integer(serial.value()),
        certificate_time(*at_ms),
        sequence(&[profile::reason(*reason)]),
    ])
}

/// Serves the connections that arrive at the door: each publisher's list under its path.
pub async fn serve(
    publishers: Vec<Arc<Publisher>>,
    mut door: mpsc::UnboundedReceiver<DuplexStream>,
) {
    while let Some(stream) = door.recv().await {
        let publishers = publishers.clone();
        tokio::spawn(world::http::serve(stream, 0, move |asked| {
            let answer = over_http(&publishers, &asked);
            async move { answer }
        }));
    }
}

fn over_http(publishers: &[Arc<Publisher>], asked: &Asked) -> Answer {
    let refused = |status: u16, why: &str| {
        Answer::new(status, "text/plain; charset=utf-8", format!("{why}\n"))
    };
    let Some(publisher) = publishers.iter().find(|p| p.path == asked.path) else {
        return refused(404, "no revocation list is published under this path");
    };
    if asked.method != "GET" {
        return refused(405, "a revocation list is fetched by GET");
    }
    Answer::new(200, CRL_TYPE, publisher.list())
}
