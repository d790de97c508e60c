//! What outlives a run, in one SQLite file: entries of insurers, who is tied to which serial, releases,
//! consents, numbers and a record of every confirmation, written before an answer goes out. What was fed
//! is kept as it came, never merged: what follows from it is worked out when somebody asks. Each kind of
//! thing has its own file here, with its tables; a table's columns are read and written nowhere else.

mod confirmations;
mod consents;
mod entries;
mod numbers;
mod ties;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub(crate) use confirmations::Confirmation;
#[cfg(test)]
pub(crate) use consents::Consent;
pub(crate) use consents::Consenting;
pub(crate) use numbers::Inquiry;
pub(crate) use ties::{Pair, PairKept, Registration};

/// The layout this program writes and reads.
const VERSION: i64 = 2;

/// Every table, in the order they are made.
const LAYOUT: [&str; 5] = [
    entries::TABLES,
    ties::TABLES,
    consents::TABLES,
    confirmations::TABLES,
    numbers::TABLES,
];

/// How safely a write is on disk before the answer goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Synced to the disk each time: survives a power cut.
    Full,
    /// Handed to the operating system: survives a crash of this program only. For virtual towns.
    Relaxed,
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another version of this program wrote the file.
    #[error(
        "{path} was written in layout {found}, this program reads layout {VERSION}: use the program that wrote it, or another file"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The layout found.
        found: i64,
    },
    /// A database of something else.
    #[error("{path} is a database of another program: give another file")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// SQLite cannot open, read or write.
    #[error(
        "{path}: {said}: check that the file is this server's, that nobody else uses it, and the disk"
    )]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        said: String,
    },
    /// A row that this program cannot have written.
    #[error("{path}: table {table}, row {row} is damaged ({said}): restore the file")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Table name.
        table: &'static str,
        /// Row id, or the serial.
        row: String,
        /// What is wrong with it.
        said: String,
    },
}

/// The file.
pub(crate) struct Store {
    db: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the file, making it when it is not there.
    pub(crate) fn open(path: &Path, durability: Durability) -> Result<Self, StoreError> {
        let opened = Connection::open(path).and_then(|db| {
            // One server, one file: no second program may look in between.
            db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
            let synchronous = match durability {
                Durability::Full => "FULL",
                Durability::Relaxed => "OFF",
            };
            db.pragma_update(None, "synchronous", synchronous)?;
            db.set_prepared_statement_cache_capacity(64);
            let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            let tables: i64 =
                db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            Ok((db, version, tables))
        });
        let (db, version, tables) = opened.map_err(|e| database(path, &e))?;
        let path = path.to_owned();
        match (version, tables) {
            (VERSION, _) => {}
            (0, 0) => {}
            (0, _) => return Err(StoreError::Foreign { path }),
            (found, _) => return Err(StoreError::Version { path, found }),
        }
        let store = Self { db, path };
        store.prepare(version).map_err(|e| store.failed(&e))?;
        Ok(store)
    }

    fn prepare(&self, version: i64) -> rusqlite::Result<()> {
        self.db
            .query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        if version == 0 {
            let layout = LAYOUT.concat();
            self.db.execute_batch(&format!(
                "BEGIN; {layout} PRAGMA user_version = {VERSION}; COMMIT;"
            ))?;
        }
        Ok(())
    }

    /// From now on every entry lives in memory alone and is gone when the server is. For a server that
    /// acknowledges what it has not kept.
    pub(crate) fn keep_entries_in_memory(&self) -> Result<(), StoreError> {
        let made = self.db.execute_batch(entries::IN_MEMORY);
        made.map_err(|e| self.failed(&e))
    }

    /// Makes every write fail from now on, as a full disk would, or lets them through again.
    pub(crate) fn fail_writes(&self, fail: bool) -> Result<(), StoreError> {
        let told = self.db.pragma_update(None, "query_only", fail);
        told.map_err(|e| self.failed(&e))
    }

    /// Makes every statement fail from now on, reads included, as a damaged disk would, or lets them through
    /// again.
    pub(crate) fn break_off(&mut self, broken: bool) {
        let interrupting: Option<fn() -> bool> = broken.then_some(|| true);
        // Fails only for a connection handed in from C, which this is not.
        let _ = self.db.progress_handler(1, interrupting);
    }

    /// Does several writes as one: all are kept, or none is.
    pub(crate) fn at_once<T>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let begun = self.db.unchecked_transaction();
        let transaction = begun.map_err(|e| self.failed(&e))?;
        // Whatever fails before the commit is undone when the transaction is dropped.
        let done = work()?;
        transaction.commit().map_err(|e| self.failed(&e))?;
        Ok(done)
    }

    fn failed(&self, error: &rusqlite::Error) -> StoreError {
        database(&self.path, error)
    }

    fn damaged(&self, table: &'static str, row: String, said: String) -> StoreError {
        StoreError::Damaged {
            path: self.path.clone(),
            table,
            row,
            said,
        }
    }
}

fn database(path: &Path, error: &rusqlite::Error) -> StoreError {
    StoreError::Database {
        path: path.to_owned(),
        said: error.to_string(),
    }
}

#[cfg(test)]
impl Store {
    /// Rows of a table.
    pub(crate) fn count(&self, table: &str) -> i64 {
        let select = format!("SELECT count(*) FROM {table}");
        self.db.query_row(&select, [], |row| row.get(0)).unwrap()
    }

    /// Every row of every table, each as one line.
    pub(crate) fn dump(&self) -> Vec<String> {
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut select = self.db.prepare(tables).unwrap();
        let names = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let mut lines = Vec::new();
        for name in names.map(Result::unwrap) {
            let mut rows = self.db.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let columns = rows.column_count();
            let line = |row: &rusqlite::Row<'_>| {
                let cells = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at));
                let cells = cells.collect::<rusqlite::Result<Vec<_>>>()?;
                Ok(format!("{name} {cells:?}"))
            };
            lines.extend(rows.query_map([], line).unwrap().map(Result::unwrap));
        }
        lines
    }

    /// Takes a table away, as a damaged disk might.
    pub(crate) fn break_for_test(&self) {
        self.db.execute_batch("DROP TABLE ties").unwrap();
    }
}

#[cfg(test)]
mod tests;
