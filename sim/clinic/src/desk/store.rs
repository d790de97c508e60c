//! The receipt computer's memory: a file of lines, the state as it was when the file was last begun, and
//! one line of changes for each import or act since. A line counts once it is whole, so a killed process
//! leaves either the state before an import or the state after it, and an import costs one line.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::state::{Change, State};

const FILE: &str = "charts.jsonl";

/// Why the receipt computer cannot open.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The folder cannot be read or written.
    #[error("{path}: {error}; check that the folder is there and may be written")]
    Folder {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The file is not ours, or damaged. It is left as it is.
    #[error(
        "{path}, line {line}: {said}; put a sound copy there, or move it away to begin without charts"
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        said: String,
    },
}

/// A line of the file; the first is a state, the others are changes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line<S, C> {
    State(S),
    Changes(C),
}

/// The file and its length after the last whole line.
pub(super) struct Store {
    path: PathBuf,
    length: u64,
}

impl Store {
    /// Reads the folder's file, or begins one. A last line without its end never was kept and is cut off.
    pub(super) fn open(folder: &Path) -> Result<(Self, State), DeskError> {
        let path = folder.join(FILE);
        let failed = |path: &Path| {
            let path = path.to_owned();
            |error| DeskError::Folder { path, error }
        };
        fs::create_dir_all(folder).map_err(failed(folder))?;
        let mut store = Store {
            path: path.clone(),
            length: 0,
        };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let state = State::default();
                store.begin(&state).map_err(failed(&path))?;
                return Ok((store, state));
            }
            Err(error) => return Err(failed(&path)(error)),
        };
        let state = read(&bytes).map_err(|(line, said)| DeskError::Damaged {
            path: path.clone(),
            line,
            said,
        })?;
        store.begin(&state).map_err(failed(&path))?;
        Ok((store, state))
    }

    /// Writes the file anew, whole and moved into place.
    fn begin(&mut self, state: &State) -> io::Result<()> {
        let line = line(&Line::<_, ()>::State(state))?;
        let draft = self.path.with_extension("jsonl.new");
        fs::write(&draft, &line)?;
        fs::rename(draft, &self.path)?;
        self.length = line.len() as u64;
        Ok(())
    }

    /// Keeps changes made to `state`, which does not have them yet. After an error nothing was kept.
    pub(super) fn keep(&mut self, state: &State, changes: &[Change]) -> io::Result<()> {
        let bytes = line(&Line::<(), _>::Changes(changes))?;
        // The file may have been taken away, or hold a part of a line that did not fit on the disk.
        let length = fs::metadata(&self.path).map_or(0, |data| data.len());
        if length < self.length {
            self.begin(state)?;
        }
        let mut file = OpenOptions::new().append(true).open(&self.path)?;
        if length > self.length {
            file.set_len(self.length)?;
        }
        file.write_all(&bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }
}

fn line(content: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(content)?;
    line.push(b'\n');
    Ok(line)
}

/// The state after all whole lines; the number of a wrong line and what is wrong with it.
fn read(bytes: &[u8]) -> Result<State, (usize, String)> {
    let whole = bytes
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    let mut lines = bytes[..whole].split_inclusive(|b| *b == b'\n').enumerate();
    let wrong = |at: usize, said: String| (at + 1, said);
    let mut state = match lines.next() {
        Some((at, line)) => match serde_json::from_slice(line) {
            Ok(Line::<State, Vec<Change>>::State(state)) => state.indexed(),
            Ok(Line::Changes(_)) => return Err(wrong(at, "changes of no state".to_owned())),
            Err(error) => return Err(wrong(at, error.to_string())),
        },
        None => return Err(wrong(0, "no state".to_owned())),
    };
    for (at, line) in lines {
        let Line::Changes(changes) = serde_json::from_slice::<Line<State, Vec<Change>>>(line)
            .map_err(|error| wrong(at, error.to_string()))?
        else {
            return Err(wrong(at, "a second state".to_owned()));
        };
        for change in changes {
            let done = state.apply(change);
            done.map_err(|_| wrong(at, "a change of a chart that is not there".to_owned()))?;
        }
    }
    Ok(state)
}
