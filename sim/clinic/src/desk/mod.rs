//! The receipt computer's desk: polls the shared folder for results by card, imports each once,
//! and keeps the charts. Nothing that arrives is lost: what cannot be read or bound is kept aside
//! in `quarantine` with a message.

mod chart;
mod fold;
mod store;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;
use wire::face_file::PREFIX;
use wire::result::{EligibilityResult, MAX_DOCUMENT};
use world::Clock;

use crate::Shared;
use crate::shared::move_into;
use chart::{Charts, Import, Insurance, Message};
use store::Store;

pub use chart::ChartState;
pub use store::DeskError;

/// How often the folder is looked at.
pub const POLL: Duration = Duration::from_millis(500);
/// Polls in a row for which an unreadable file may stay the same before it is put aside.
pub const RETRIES: u32 = 6;

/// The desk's decisions, one method each; the defaults are the reference.
pub trait Conduct: Send + Sync {
    /// What a qualification of this validity (OQSCD006) may be in a chart (ELIG-12): only what is
    /// valid is current; everything else, unknown codes included, is shown as reference.
    fn state_for(&self, validity: &str) -> ChartState {
        match validity {
            "1" => ChartState::Current,
            _ => ChartState::Reference,
        }
    }
}

/// The reference receipt computer.
pub struct Reference;
impl Conduct for Reference {}

/// A receipt computer.
pub struct Desk {
    shared: Shared,
    store: Store,
    charts: Charts,
    /// Unreadable files: size when last seen, polls since it last changed.
    waiting: BTreeMap<String, (u64, u32)>,
    clock: Clock,
    conduct: Arc<dyn Conduct>,
}

impl Desk {
    /// Opens the receipt computer with the charts kept in `chart_dir`, if there are any.
    pub fn open(
        shared: Shared,
        chart_dir: &Path,
        clock: Clock,
        conduct: Arc<dyn Conduct>,
    ) -> Result<Self, DeskError> {
        let (store, charts) = Store::open(chart_dir)?;
        Ok(Desk {
            shared,
            store,
            charts,
            waiting: BTreeMap::new(),
            clock,
            conduct,
        })
    }

    /// Opens a chart by hand; `birth` as `YYYY-MM-DD` or `yyyyMMdd`. Fails when it cannot be kept.
    pub fn open_chart(&mut self, name: &str, kana: &str, birth: &str, sex: &str) -> io::Result<()> {
        let mut charts = self.charts.clone();
        charts.open(name, kana, birth, sex);
        self.keep(charts)
    }

    /// Looks at the folder once and imports what is there, oldest result first.
    pub fn poll(&mut self) {
        let files = face_files(&self.shared.face());
        self.waiting
            .retain(|name, _| files.iter().any(|(_, known, _)| known == name));
        for (_, name, path) in files {
            self.look_at(&name, &path);
        }
    }

    fn look_at(&mut self, name: &str, path: &Path) {
        let size = fs::metadata(path).map_or(0, |data| data.len());
        if size > MAX_DOCUMENT as u64 {
            return self.put_aside(name, path, &format!("{size}バイトあり、大きすぎます"));
        }
        // Gone again, or locked by its writer: the next poll sees.
        let Ok(bytes) = fs::read(path) else { return };
        let digest = hex::encode(Sha256::digest(&bytes));
        if self.charts.imported.contains_key(&digest) {
            let _ = move_into(path, &self.shared.trash());
            return;
        }
        match EligibilityResult::from_bytes(&bytes) {
            Ok(result) => self.import(name, path, digest, &result),
            Err(error) => self.retry(name, path, size, &error.to_string()),
        }
    }

    /// An unreadable file may still be being written: it gets time as long as it grows, and then some.
    fn retry(&mut self, name: &str, path: &Path, size: u64, said: &str) {
        let (seen, polls) = self.waiting.entry(name.to_owned()).or_insert((size, 0));
        *polls = if *seen == size { *polls + 1 } else { 1 };
        *seen = size;
        if *polls >= RETRIES {
            self.put_aside(name, path, said);
        }
    }

    fn import(&mut self, name: &str, path: &Path, digest: String, result: &EligibilityResult) {
        let today = self.clock.today().to_string();
        let state = match result.processing_result_status.as_str() {
            "1" => self.conduct.state_for(&result.qualification_validity),
            _ => ChartState::Reference,
        };
        let import = Import {
            name,
            today: &today,
            result,
        };
        let mut charts = self.charts.clone();
        let folder = match charts.import(&import, state) {
            Ok(()) => {
                charts.imported.insert(digest, name.to_owned());
                self.shared.trash()
            }
            Err(reason) => {
                charts.say_on_board(
                    &import,
                    format!("{reason}ファイル {name} を保留しました。手作業で確認してください。"),
                );
                self.shared.quarantine()
            }
        };
        // Kept first, moved second: after a crash between the two the digest tells that it is in.
        if self.keep(charts).is_ok() {
            let _ = move_into(path, &folder);
            self.waiting.remove(name);
        }
    }

    fn put_aside(&mut self, name: &str, path: &Path, said: &str) {
        let mut charts = self.charts.clone();
        let text = format!(
            "ファイル {name} を読み取れないため保留しました（{said}）。端末の担当者に確認してください。"
        );
        charts.board.push(Message {
            on: self.clock.today().to_string(),
            text,
        });
        if move_into(path, &self.shared.quarantine()).is_ok() {
            self.waiting.remove(name);
            // If the message cannot be kept, the file in quarantine still tells.
            let _ = self.keep(charts);
        }
    }

    fn keep(&mut self, charts: Charts) -> io::Result<()> {
        self.store.save(&charts)?;
        self.charts = charts;
        Ok(())
    }

    /// What the clerk sees for a person: `{"person","insurances":[{"state","insurer_number",
    /// "symbol","number","branch","source","share"?}],"messages"}`, with `public_expenses` of the
    /// same rows where there is public aid. `source` is the file of the latest answer, `share` the
    /// contribution ratio as returned. Messages are the chart's own, then (marked 受付) the day's
    /// about results that named nobody. Without a chart, or with several, there are no insurances
    /// and a message says so.
    pub fn chart(&self, kana: &str, birth: &str) -> Value {
        let found = self.charts.find(kana, birth);
        let board = self
            .messages()
            .into_iter()
            .map(|text| format!("受付：{text}"));
        match found.as_slice() {
            [one] => {
                let chart = &self.charts.charts[*one];
                let own = chart.messages.iter().map(|message| message.text.clone());
                let rows = |aid: bool| -> Vec<Value> {
                    chart
                        .insurances
                        .iter()
                        .filter(|insurance| insurance.aid == aid)
                        .map(shown)
                        .collect()
                };
                let messages: Vec<String> = own.chain(board).collect();
                let mut view =
                    json!({"person": chart.name, "insurances": rows(false), "messages": messages});
                if chart.insurances.iter().any(|insurance| insurance.aid) {
                    view["public_expenses"] = json!(rows(true));
                }
                view
            }
            other => {
                let said = match other {
                    [] => "この患者のカルテはまだありません。",
                    _ => "カナ氏名と生年月日が同じカルテが複数あります。",
                };
                let messages: Vec<String> = std::iter::once(said.to_owned()).chain(board).collect();
                json!({"person": kana, "insurances": [], "messages": messages})
            }
        }
    }

    /// Today's messages about results that belong to nobody's chart: refusals, files put aside.
    pub fn messages(&self) -> Vec<String> {
        let today = self.clock.today().to_string();
        self.charts
            .board
            .iter()
            .filter(|message| message.on == today)
            .map(|message| message.text.clone())
            .collect()
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

fn shown(insurance: &Insurance) -> Value {
    let latest = insurance.answers.last();
    let mut row = json!({
        "state": insurance.state,
        "insurer_number": insurance.insurer_number,
        "symbol": insurance.symbol,
        "number": insurance.number,
        "branch": insurance.branch,
        "source": latest.map_or("", |answer| answer.source.as_str()),
    });
    let element = |name: &str| {
        latest?
            .elements
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.clone())
    };
    if let Some(share) = element("InsuredPartialContributionRatio") {
        row["share"] = json!(share);
    }
    row
}

/// Result files with their time, name and path, oldest first. Everything else in the folder is
/// not ours to touch.
fn face_files(folder: &Path) -> Vec<(String, String, PathBuf)> {
    // An unreachable share is not an error of a file: the next poll finds what has waited.
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<(String, String, PathBuf)> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let stem = name
                .strip_suffix(".xml")
                .filter(|stem| stem.starts_with(PREFIX))?;
            let time = stem.rsplit('_').next().unwrap_or_default().to_owned();
            Some((time, name, entry.path()))
        })
        .collect();
    files.sort();
    files
}

fn locked(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running receipt computer; it stops polling when this is dropped.
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

    /// See [`Desk::messages`].
    pub fn messages(&self) -> Vec<String> {
        locked(&self.desk).messages()
    }
}

impl Drop for DeskHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests;
