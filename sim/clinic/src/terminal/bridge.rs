//! The linkage of the receipt computer with the server: its requests lie in `req/`, are passed on as
//! they are, and are answered in `res/` once. While the server cannot be reached they wait (ELIG-18).
//! Each step leaves behind, in `work/`, what the next start needs, so that a crash between two of them
//! neither loses an answer nor asks twice.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wire::eligibility::MAX_BODY;
use wire::request::{Api, answer_name};
use wire::xml::{NotTranscoded, transcode};
use world::http::Answer;

use super::config::{req_folder_hop, res_folder_hop};
use super::refusal::{self, Reason};
use super::server::{Server, ServerLine};
use super::{Conduct, Config};
use crate::shared::move_into;

/// How often the folder is looked at.
pub const POLL: Duration = Duration::from_millis(500);
/// After how long a request that could not be asked is tried again.
pub const RETRY: Duration = Duration::from_secs(30);

/// What is kept of a request from its first sight until it is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    /// Of the request's bytes, so that another one under the same name is told apart.
    digest: String,
    /// The answer is written, and lies in `work/` or in `res/`.
    answered: bool,
}

/// A request that can be passed on.
struct Request {
    name: String,
    path: PathBuf,
    api: Api,
    answer_name: String,
    bytes: Vec<u8>,
    digest: String,
}

/// How asking ended.
enum Asked {
    /// This is the answer's file.
    Answered(Vec<u8>),
    /// Nobody could be reached.
    Down,
    /// The server is there and cannot deal with this one now.
    NotNow,
}

/// The bridge of one facility.
pub(super) struct Bridge {
    config: Config,
    conduct: Arc<dyn Conduct>,
    server: Server,
    /// Until when nothing is asked, and until when not for this request: milliseconds of the civil clock.
    down_until: i64,
    waiting: BTreeMap<String, i64>,
}

impl Bridge {
    pub(super) fn new(config: Config, conduct: Arc<dyn Conduct>) -> Self {
        let server = Server::new(&config);
        Bridge {
            config,
            conduct,
            server,
            down_until: i64::MIN,
            waiting: BTreeMap::new(),
        }
    }

    pub(super) fn server_line(&self) -> ServerLine {
        self.server.line()
    }

    /// Looks into the folder every [`POLL`], for ever.
    pub(super) async fn run(mut self) {
        loop {
            self.round().await;
            tokio::time::sleep(POLL).await;
        }
    }

    /// Deals with what lies there, in the order in which it was numbered.
    async fn round(&mut self) {
        let names = request_names(&self.config.shared.req());
        self.waiting.retain(|name, _| names.contains(name));
        for name in names {
            if let Some(request) = self.taken(&name) {
                // What goes wrong in the folder is seen again at the next round.
                let _ = self.serve(request).await;
            }
        }
    }

    /// Reads a request; what can be none is put aside, and what cannot be read now is left.
    fn taken(&self, name: &str) -> Option<Request> {
        let path = self.config.shared.req().join(name);
        let (Some(api), Some(answer_name)) = (Api::of(name), answer_name(name)) else {
            return self.put_aside(&path, "扱えない名前です");
        };
        let kind = fs::symlink_metadata(&path).ok()?.file_type();
        if !kind.is_file() {
            return self.put_aside(&path, "通常のファイルではありません");
        }
        let mut bytes = Vec::new();
        let most = u64::try_from(MAX_BODY).unwrap_or(u64::MAX);
        // Gone again, or locked by its writer: the next round sees.
        let file = fs::File::open(&path).ok()?;
        file.take(most.saturating_add(1))
            .read_to_end(&mut bytes)
            .ok()?;
        match bytes.len() {
            0 => self.put_aside(&path, "中身がありません"),
            length if length > MAX_BODY => {
                let said = format!("{MAX_BODY}バイトを超えています");
                self.put_aside(&path, &said)
            }
            _ => Some(Request {
                name: name.to_owned(),
                path,
                api,
                answer_name,
                digest: hex::encode(Sha256::digest(&bytes)),
                bytes,
            }),
        }
    }

    /// Into `quarantine` with a file beside it that says why.
    fn put_aside(&self, path: &Path, said: &str) -> Option<Request> {
        let moved = move_into(path, &self.config.shared.quarantine()).ok()?;
        let name = moved.file_name().unwrap_or_default().to_string_lossy();
        let text = format!(
            "要求ファイル {name} を送信せずに保留しました（{said}）。受付のシステムの担当者に確認してください。\n"
        );
        let note = self.config.shared.quarantine().join(format!("{name}.txt"));
        // If the note cannot be written, the file in quarantine still tells.
        let _ = self.written(&note, text.as_bytes());
        None
    }

    async fn serve(&mut self, request: Request) -> io::Result<()> {
        let known = self.mark_of(&request);
        if known.is_none() {
            // Kept first, so that one that stays unanswered for long crosses the hop once.
            self.set_mark(&request, false)?;
            let config = &self.config;
            let hop = req_folder_hop(&config.party(), &config.facility_name);
            config.tap.file(&hop, &request.name, &request.bytes);
        }
        let drafted = self.draft_of(&request).exists();
        if drafted || known.is_some_and(|mark| mark.answered) {
            self.deliver(&request)?;
            return self.settle(&request);
        }
        if self.answer_of(&request).exists() {
            // Answered already, by whomever: never asked for a second time.
            return self.settle(&request);
        }
        let now = self.config.clock.now_ms();
        let due = self
            .waiting
            .get(&request.name)
            .is_none_or(|due| *due <= now);
        match due && self.down_until <= now {
            true => self.ask(request).await,
            false => Ok(()),
        }
    }

    async fn ask(&mut self, request: Request) -> io::Result<()> {
        let mut answers = 0;
        loop {
            let asked = self.asked(&request).await;
            let Asked::Answered(bytes) = asked else {
                self.postpone(&request, matches!(asked, Asked::Down));
                return match self.conduct.drops_pending_request() {
                    true => self.settle(&request),
                    false => Ok(()),
                };
            };
            self.written(&self.draft_of(&request), &bytes)?;
            self.deliver(&request)?;
            answers += 1;
            if !self.conduct.asks_again(answers) {
                return self.settle(&request);
            }
        }
    }

    fn postpone(&mut self, request: &Request, down: bool) {
        let retry = i64::try_from(RETRY.as_millis()).unwrap_or(i64::MAX);
        let due = self.config.clock.now_ms().saturating_add(retry);
        match down {
            true => self.down_until = due,
            false => drop(self.waiting.insert(request.name.clone(), due)),
        }
    }

    async fn asked(&self, request: &Request) -> Asked {
        let answer = self.server.pass_on(request.api, request.bytes.clone());
        let Ok(answer) = answer.await else {
            return Asked::Down;
        };
        match answer.status {
            200 => self.answered(request, &answer),
            400..500 if !self.conduct.settles_refused_request() => Asked::Down,
            400..500 => self.refused(request, &Reason::of_refusal(&answer)),
            _ => Asked::NotNow,
        }
    }

    fn answered(&self, request: &Request, answer: &Answer) -> Asked {
        match transcode(&answer.body, self.config.charset) {
            Ok(bytes) => Asked::Answered(bytes),
            Err(lost @ NotTranscoded::Character(_)) => {
                self.refused(request, &Reason::of_characters(&lost))
            }
            Err(NotTranscoded::Read(_)) => Asked::NotNow,
        }
    }

    fn refused(&self, request: &Request, reason: &Reason) -> Asked {
        match refusal::answer(&self.config, request.api, &request.bytes, reason) {
            Ok(bytes) => Asked::Answered(bytes),
            Err(_) => Asked::NotNow,
        }
    }

    /// Moves the written answer into `res/`, if it is not there yet.
    fn deliver(&self, request: &Request) -> io::Result<()> {
        let draft = self.draft_of(request);
        let bytes = match fs::read(&draft) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        // Before it can be seen and taken away: from then on its absence means that it was taken.
        self.set_mark(request, true)?;
        fs::rename(&draft, self.answer_of(request))?;
        let config = &self.config;
        let hop = res_folder_hop(&config.party(), &config.facility_name);
        config.tap.file(&hop, &request.answer_name, &bytes);
        Ok(())
    }

    /// The request is done with: it goes first, what was kept about it afterwards.
    fn settle(&mut self, request: &Request) -> io::Result<()> {
        fs::remove_file(&request.path)?;
        self.waiting.remove(&request.name);
        fs::remove_file(self.mark_path(request))
    }

    fn answer_of(&self, request: &Request) -> PathBuf {
        self.config.shared.res().join(&request.answer_name)
    }

    /// Where the answer to exactly these bytes is written.
    fn draft_of(&self, request: &Request) -> PathBuf {
        let short = request.digest.get(..16).unwrap_or_default();
        let name = format!("{}.{short}.answer", request.name);
        self.config.shared.work().join(name)
    }

    fn mark_path(&self, request: &Request) -> PathBuf {
        let name = format!("{}.mark", request.name);
        self.config.shared.work().join(name)
    }

    /// What is kept about exactly these bytes.
    fn mark_of(&self, request: &Request) -> Option<Mark> {
        let bytes = fs::read(self.mark_path(request)).ok()?;
        let mark: Mark = serde_json::from_slice(&bytes).ok()?;
        (mark.digest == request.digest).then_some(mark)
    }

    fn set_mark(&self, request: &Request, answered: bool) -> io::Result<()> {
        let mark = Mark {
            digest: request.digest.clone(),
            answered,
        };
        self.written(&self.mark_path(request), &serde_json::to_vec(&mark)?)
    }

    /// Writes a file so that nobody ever sees a part of it.
    fn written(&self, place: &Path, bytes: &[u8]) -> io::Result<()> {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let draft = self.config.shared.work().join(format!("{name}.part"));
        fs::write(&draft, bytes)?;
        fs::rename(&draft, place)
    }
}

/// Names of what may be requests, by the number behind the prefix: the order in which the desk wrote
/// them. A name that does not end in `.xml` is somebody's file in the making, or not ours to touch.
fn request_names(folder: &Path) -> Vec<String> {
    // An unreachable share is no error of a file: the next round finds what has waited.
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<(String, String)> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".xml"))
        .map(|name| {
            let free = name.split_once('_').map_or("", |(_, free)| free);
            (free.to_owned(), name)
        })
        .collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests;
