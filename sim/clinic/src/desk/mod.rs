//! The receipt computer's desk: polls the shared folder for results by card and for answers to its own
//! requests, imports each once, and keeps the charts. Nothing that arrives is lost: what cannot be read is
//! kept aside in `quarantine`, what cannot be bound waits for staff, and a message says why.

mod answers;
mod ask;
mod chart;
mod codes;
mod conduct;
mod files;
mod fold;
mod intake;
mod matching;
mod said;
mod show;
mod state;
mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinHandle;
use world::Clock;

use crate::Shared;
use state::{Change, State};
use store::Store;

pub use ask::{AskError, ChartSeed, Question};
pub use conduct::{ChartState, Choice, Conduct, Reference};
pub use store::DeskError;

/// How often the folder is looked at.
pub const POLL: Duration = Duration::from_millis(500);
/// Polls in a row for which an unreadable file may stay the same before it is put aside.
pub const RETRIES: u32 = 6;

/// A receipt computer.
pub struct Desk {
    shared: Shared,
    store: Store,
    state: State,
    facility_code: String,
    /// Unreadable files: size when last seen, polls since it last changed.
    waiting: BTreeMap<PathBuf, (u64, u32)>,
    /// Names of the answers to questions whose request is not in the folder yet.
    unsent: BTreeSet<String>,
    clock: Clock,
    conduct: Arc<dyn Conduct>,
}

impl Desk {
    /// Opens the receipt computer with the charts kept in `chart_dir`, if there are any; what was asked
    /// and not answered before goes on being asked. `facility_code` (ten digits) stands in its requests.
    pub fn open(
        shared: Shared,
        chart_dir: &Path,
        facility_code: &str,
        clock: Clock,
        conduct: Arc<dyn Conduct>,
    ) -> Result<Self, DeskError> {
        let (store, state) = Store::open(chart_dir)?;
        let mut desk = Desk {
            shared,
            store,
            state,
            facility_code: facility_code.to_owned(),
            waiting: BTreeMap::new(),
            unsent: BTreeSet::new(),
            clock,
            conduct,
        };
        desk.find_unsent();
        Ok(desk)
    }

    /// Keeps changes, then does them. After an error nothing has changed.
    fn commit(&mut self, changes: Vec<Change>) -> io::Result<()> {
        self.store.keep(&self.state, &changes)?;
        for change in changes {
            // Every place in a change comes from this very state.
            let _ = self.state.apply(change);
        }
        Ok(())
    }

    /// Japanese calendar day, `YYYY-MM-DD`.
    fn today(&self) -> String {
        self.clock.today().to_string()
    }

    /// Polls every [`POLL`] in a task of its own. Call it inside a tokio runtime.
    pub fn spawn(self) -> DeskHandle {
        let desk = Arc::new(Mutex::new(self));
        let polled = desk.clone();
        let task = tokio::spawn(async move {
            loop {
                locked(&polled).poll();
                tokio::time::sleep(POLL).await;
            }
        });
        DeskHandle { desk, task }
    }
}

/// `YYYY-MM-DD` as `yyyyMMdd`.
fn dashless(day: &str) -> String {
    day.replace('-', "")
}

fn locked(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running receipt computer; it is switched off when this is dropped, and finds everything again when it
/// is opened on the same folder.
pub struct DeskHandle {
    desk: Arc<Mutex<Desk>>,
    task: JoinHandle<()>,
}

impl DeskHandle {
    /// Polls at once instead of waiting for the next turn.
    pub fn poll_now(&self) {
        locked(&self.desk).poll();
    }

    /// See [`Desk::chart`].
    pub fn chart(&self, kana: &str, birth: &str) -> Value {
        locked(&self.desk).chart(kana, birth)
    }

    /// See [`Desk::chart_numbered`].
    pub fn chart_numbered(&self, patient_number: &str) -> Option<Value> {
        locked(&self.desk).chart_numbered(patient_number)
    }

    /// See [`Desk::messages`].
    pub fn messages(&self) -> Vec<String> {
        locked(&self.desk).messages()
    }

    /// See [`Desk::open_chart`].
    pub fn open_chart(&self, seed: ChartSeed) -> Result<(), AskError> {
        locked(&self.desk).open_chart(seed)
    }

    /// See [`Desk::retire_chart`].
    pub fn retire_chart(&self, patient_number: &str) -> Result<(), AskError> {
        locked(&self.desk).retire_chart(patient_number)
    }

    /// See [`Desk::decide`].
    pub fn decide(&self, file: &str, patient_number: &str) -> Result<(), AskError> {
        locked(&self.desk).decide(file, patient_number)
    }

    /// See [`Desk::ask_by_number`].
    pub fn ask_by_number(&self, question: &Question) -> Result<String, AskError> {
        locked(&self.desk).ask_by_number(question)
    }

    /// See [`Desk::ask_drugs`].
    pub fn ask_drugs(&self, kana: &str, birth: &str) -> Result<String, AskError> {
        locked(&self.desk).ask_drugs(kana, birth)
    }

    /// See [`Desk::register_reference_number`].
    pub fn register_reference_number(
        &self,
        kana: &str,
        birth: &str,
        reference_number: &str,
    ) -> Result<String, AskError> {
        locked(&self.desk).register_reference_number(kana, birth, reference_number)
    }
}

impl Drop for DeskHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests;
