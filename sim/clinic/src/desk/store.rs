//! The receipt computer's memory: one JSON file, written whole and moved into place, so that a
//! restart finds either the state before an import or the state after it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::chart::Charts;

const FILE: &str = "charts.json";

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
    #[error("{path}: {said}; put a sound copy there, or move it away to begin without charts")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong, with line and column.
        said: String,
    },
}

pub(super) struct Store {
    path: PathBuf,
}

impl Store {
    pub(super) fn open(folder: &Path) -> Result<(Self, Charts), DeskError> {
        let path = folder.join(FILE);
        let failed = |error| DeskError::Folder {
            path: folder.to_owned(),
            error,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        let charts = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| DeskError::Damaged {
                path: path.clone(),
                said: e.to_string(),
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Charts::default(),
            Err(error) => return Err(DeskError::Folder { path, error }),
        };
        Ok((Store { path }, charts))
    }

    pub(super) fn save(&self, charts: &Charts) -> io::Result<()> {
        let draft = self.path.with_extension("json.new");
        fs::write(&draft, serde_json::to_vec_pretty(charts)?)?;
        fs::rename(draft, &self.path)
    }
}
