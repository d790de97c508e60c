//! Files in the shared folder, from being seen to being gone from there: read once they are whole, taken in
//! once whatever their name, put aside with the reason when they cannot be read. Nobody's file is lost and
//! no file stops another.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use wire::face_file::PREFIX;
use wire::request::Api;
use wire::result::MAX_DOCUMENT;

use super::chart::Message;
use super::state::Change;
use super::{Desk, RETRIES};
use crate::shared::move_into;

/// What a file is by its place and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A result by card.
    Face,
    /// An answer to a request.
    Answer(Api),
}

/// A file waiting in the shared folder, with its content.
pub(super) struct Arrived<'a> {
    pub kind: Kind,
    pub name: &'a str,
    pub digest: String,
    pub bytes: &'a [u8],
}

/// What became of a file.
pub(super) enum Taken {
    /// These changes take it in.
    In(Vec<Change>),
    /// It is not whole, or not what it should be.
    Unreadable(String),
    /// It is readable and nobody asked for it, or it answers something else.
    Unfitting(String),
}

impl Desk {
    /// Looks at the folder once and imports what is there, oldest file first.
    pub fn poll(&mut self) {
        self.send_unsent();
        let mut files = seen(&self.shared.face(), face);
        files.extend(seen(&self.shared.res(), answer));
        files.sort();
        self.waiting
            .retain(|path, _| files.iter().any(|(_, _, _, known)| known == path));
        for (_, name, kind, path) in files {
            self.look_at(kind, &name, &path);
        }
    }

    fn look_at(&mut self, kind: Kind, name: &str, path: &Path) {
        let size = fs::metadata(path).map_or(0, |data| data.len());
        if size > MAX_DOCUMENT as u64 {
            let reason = format!("{size}バイトあり、大きすぎます");
            return self.put_aside(path, &unreadable(name, &reason));
        }
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            // Locked by its writer, perhaps.
            Err(error) => return self.retry(name, path, size, &error.to_string()),
        };
        let digest = hex::encode(Sha256::digest(&bytes));
        let known = self.state.imported.contains_key(&digest);
        if self.conduct.same_file_again(known) {
            let _ = move_into(path, &self.shared.trash());
            return;
        }
        let arrived = Arrived {
            kind,
            name,
            digest,
            bytes: &bytes,
        };
        match self.take(&arrived) {
            Taken::In(changes) => self.finish(path, changes),
            Taken::Unreadable(said) => self.retry(name, path, size, &said),
            Taken::Unfitting(said) => {
                let text = format!("{said}ファイル {name} は隔離フォルダーに移しました。");
                self.put_aside(path, &text);
            }
        }
    }

    /// Kept first, moved second: after a crash between the two the digest tells that it is in.
    fn finish(&mut self, path: &Path, changes: Vec<Change>) {
        if self.commit(changes).is_ok() {
            let _ = move_into(path, &self.shared.trash());
            self.waiting.remove(path);
        }
    }

    /// An unreadable file may still be being written: it gets time as long as it grows, and then some.
    fn retry(&mut self, name: &str, path: &Path, size: u64, said: &str) {
        let (seen, polls) = self.waiting.entry(path.to_owned()).or_insert((size, 0));
        *polls = if *seen == size { *polls + 1 } else { 1 };
        *seen = size;
        if *polls >= RETRIES || !self.conduct.waits_for_rest_of_file() {
            self.put_aside(path, &unreadable(name, said));
        }
    }

    fn put_aside(&mut self, path: &Path, text: &str) {
        if move_into(path, &self.shared.quarantine()).is_ok() {
            self.waiting.remove(path);
            let (on, text) = (self.today(), text.to_owned());
            // If the message cannot be kept, the file in quarantine still tells.
            let _ = self.commit(vec![Change::Said(Message { on, text })]);
        }
    }
}

fn unreadable(name: &str, said: &str) -> String {
    format!(
        "ファイル {name} を読み取れないため、隔離フォルダーに移しました（{said}）。端末の担当者に確認してください。"
    )
}

/// Time, name, kind and path.
type Seen = (String, String, Kind, PathBuf);

/// Files of a folder that are for the receipt computer. Everything else there is not ours to touch.
fn seen(folder: &Path, kind: fn(&str) -> Option<Kind>) -> Vec<Seen> {
    // An unreachable share is not an error of a file: the next poll finds what has waited.
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let ours = files.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let stem = name.strip_suffix(".xml")?;
        let kind = kind(&name)?;
        let time = stem.rsplit('_').next().unwrap_or_default().to_owned();
        Some((time, name, kind, entry.path()))
    });
    ours.collect()
}

fn face(name: &str) -> Option<Kind> {
    name.starts_with(PREFIX).then_some(Kind::Face)
}

fn answer(name: &str) -> Option<Kind> {
    Api::of(&name.replacen("res_", "req_", 1)).map(Kind::Answer)
}
