//! What outlives a run, in one SQLite file: every entry insurers fed, which serial belongs to whom, and
//! a record of every confirmation, written before its answer goes out. Entries are kept as they came,
//! never merged: what follows from them is worked out when somebody asks.

use std::path::{Path, PathBuf};

use identifiers::{CertificateSerial, LinkNumber};
use rusqlite::{Connection, OptionalExtension, Row, params};

use wire::registration::{Kind, Qualification};

use crate::entry::Entry;

/// The layout this program writes and reads.
const VERSION: i64 = 1;

const LAYOUT: &str = "
    CREATE TABLE qualifications (
        id INTEGER PRIMARY KEY,
        link_number TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('gain', 'loss')),
        insurer_number TEXT NOT NULL,
        insurer_name TEXT NOT NULL,
        symbol TEXT NOT NULL,
        number TEXT NOT NULL,
        branch TEXT NOT NULL,
        on_day TEXT NOT NULL,
        name TEXT NOT NULL,
        name_kana TEXT NOT NULL,
        birthdate TEXT NOT NULL,
        sex TEXT NOT NULL,
        relationship TEXT NOT NULL,
        reason_of_loss TEXT,
        received_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX qualifications_of ON qualifications (link_number);
    CREATE TABLE links (
        serial TEXT PRIMARY KEY,
        link_number TEXT NOT NULL,
        received_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE confirmations (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        facility TEXT NOT NULL,
        session TEXT NOT NULL,
        serial TEXT,
        link_number TEXT,
        outcome TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    PRAGMA user_version = 1;";

const KEEP_ENTRY: &str = "
    INSERT INTO qualifications (link_number, kind, insurer_number, insurer_name, symbol, number, branch,
        on_day, name, name_kana, birthdate, sex, relationship, reason_of_loss, received_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

const ENTRIES: &str = "
    SELECT id, kind, insurer_number, insurer_name, symbol, number, branch, on_day, name, name_kana,
        birthdate, sex, relationship, reason_of_loss
    FROM qualifications WHERE link_number = ?1 ORDER BY id";

const KEEP_CONFIRMATION: &str = "
    INSERT INTO confirmations (at, facility, session, serial, link_number, outcome, detail)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

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

/// What came of tying a serial to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tied {
    /// Done, or known already.
    Yes,
    /// The serial is somebody else's.
    ToAnother,
}

/// One confirmation, as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Confirmation<'a> {
    pub(crate) at: &'a str,
    pub(crate) facility: &'a str,
    pub(crate) session: &'a str,
    pub(crate) serial: Option<String>,
    pub(crate) link_number: Option<&'a str>,
    pub(crate) outcome: &'a str,
    pub(crate) detail: &'a str,
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
            self.db.execute_batch(&format!("BEGIN; {LAYOUT} COMMIT;"))?;
        }
        Ok(())
    }

    fn failed(&self, error: &rusqlite::Error) -> StoreError {
        database(&self.path, error)
    }

    /// Keeps an entry as it came.
    pub(crate) fn keep_entry(
        &self,
        link: &LinkNumber,
        entry: &Entry,
        at: &str,
    ) -> Result<(), StoreError> {
        let text = &entry.text;
        let kind = match text.kind {
            Kind::Gain => "gain",
            Kind::Loss => "loss",
        };
        let kept = self.db.prepare_cached(KEEP_ENTRY).and_then(|mut insert| {
            insert.execute(params![
                link.as_str(),
                kind,
                text.insurer_number,
                text.insurer_name,
                text.symbol,
                text.number,
                text.branch,
                text.on,
                text.name,
                text.name_kana,
                text.birthdate,
                text.sex,
                text.relationship,
                text.reason_of_loss,
                at
            ])
        });
        kept.map(drop).map_err(|e| self.failed(&e))
    }

    /// Ties a serial to a person, once and for all: a certificate never changes hands.
    pub(crate) fn tie(
        &self,
        serial: CertificateSerial,
        link: &LinkNumber,
        at: &str,
    ) -> Result<Tied, StoreError> {
        if let Some(known) = self.link_of(serial)? {
            return Ok(if known == *link {
                Tied::Yes
            } else {
                Tied::ToAnother
            });
        }
        self.db
            .prepare_cached(
                "INSERT INTO links (serial, link_number, received_at) VALUES (?1, ?2, ?3)",
            )
            .and_then(|mut insert| insert.execute(params![serial.to_string(), link.as_str(), at]))
            .map_err(|e| self.failed(&e))?;
        Ok(Tied::Yes)
    }

    /// Whose serial it is, if anybody's.
    pub(crate) fn link_of(
        &self,
        serial: CertificateSerial,
    ) -> Result<Option<LinkNumber>, StoreError> {
        let serial = serial.to_string();
        let text: Option<String> = self
            .db
            .prepare_cached("SELECT link_number FROM links WHERE serial = ?1")
            .and_then(|mut select| select.query_row([&serial], |row| row.get(0)).optional())
            .map_err(|e| self.failed(&e))?;
        let read = text.map(|text| LinkNumber::parse(&text)).transpose();
        read.map_err(|e| self.damaged("links", serial, e.to_string()))
    }

    /// Every entry about a person, in the order of arrival.
    pub(crate) fn entries(&self, link: &LinkNumber) -> Result<Vec<Entry>, StoreError> {
        let rows: Vec<(i64, Qualification)> = self
            .db
            .prepare_cached(ENTRIES)
            .and_then(|mut select| select.query_map([link.as_str()], entry_row)?.collect())
            .map_err(|e| self.failed(&e))?;
        let read = |(id, text): (i64, Qualification)| {
            Entry::read(text)
                .map_err(|wrong| self.damaged("qualifications", id.to_string(), wrong.en))
        };
        rows.into_iter().map(read).collect()
    }

    /// Records a confirmation.
    pub(crate) fn record(&self, what: &Confirmation<'_>) -> Result<(), StoreError> {
        let kept = self
            .db
            .prepare_cached(KEEP_CONFIRMATION)
            .and_then(|mut insert| {
                insert.execute(params![
                    what.at,
                    what.facility,
                    what.session,
                    what.serial,
                    what.link_number,
                    what.outcome,
                    what.detail
                ])
            });
        kept.map(drop).map_err(|e| self.failed(&e))
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

fn entry_row(row: &Row<'_>) -> rusqlite::Result<(i64, Qualification)> {
    let kind: String = row.get(1)?;
    let text = Qualification {
        // The table's own check allows two words only.
        kind: if kind == "gain" {
            Kind::Gain
        } else {
            Kind::Loss
        },
        insurer_number: row.get(2)?,
        insurer_name: row.get(3)?,
        symbol: row.get(4)?,
        number: row.get(5)?,
        branch: row.get(6)?,
        on: row.get(7)?,
        name: row.get(8)?,
        name_kana: row.get(9)?,
        birthdate: row.get(10)?,
        sex: row.get(11)?,
        relationship: row.get(12)?,
        reason_of_loss: row.get(13)?,
    };
    Ok((row.get(0)?, text))
}

fn database(path: &Path, error: &rusqlite::Error) -> StoreError {
    StoreError::Database {
        path: path.to_owned(),
        said: error.to_string(),
    }
}

#[cfg(test)]
impl Store {
    /// Outcome and detail of every confirmation, in order.
    pub(crate) fn confirmations(&self) -> rusqlite::Result<Vec<(String, String)>> {
        let mut select = self
            .db
            .prepare("SELECT outcome, detail FROM confirmations ORDER BY id")?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    }

    /// Takes a table away, as a damaged disk might.
    pub(crate) fn break_for_test(&self) {
        self.db.execute_batch("DROP TABLE links").unwrap();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::tests::{gain, loss};

    fn serial(value: u64) -> CertificateSerial {
        CertificateSerial::new(value).unwrap()
    }

    fn entry(text: Qualification) -> Entry {
        Entry::read(text).unwrap()
    }

    fn confirmation() -> Confirmation<'static> {
        Confirmation {
            at: "2026-10-15T09:00:00.000+09:00",
            facility: "9910000018",
            session: "00",
            serial: None,
            link_number: None,
            outcome: "confirmed",
            detail: "",
        }
    }

    fn count(path: &Path, table: &str) -> i64 {
        let db = Connection::open(path).unwrap();
        db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
            row.get(0)
        })
        .unwrap()
    }

    #[test]
    fn everything_survives_reopening_in_both_durabilities() {
        for durability in [Durability::Full, Durability::Relaxed] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("store.sqlite");
            let link = LinkNumber::numbered(1);
            let store = Store::open(&path, durability).unwrap();
            store.keep_entry(&link, &entry(gain()), "t1").unwrap();
            store.keep_entry(&link, &entry(loss()), "t2").unwrap();
            store.keep_entry(&link, &entry(gain()), "t3").unwrap();
            assert_eq!(store.tie(serial(7), &link, "t4").unwrap(), Tied::Yes);
            store.record(&confirmation()).unwrap();
            drop(store);

            let store = Store::open(&path, durability).unwrap();
            let kept = [gain(), loss(), gain()].map(entry);
            assert_eq!(store.entries(&link).unwrap(), kept);
            assert_eq!(store.link_of(serial(7)).unwrap(), Some(link.clone()));
            assert_eq!(store.link_of(serial(8)).unwrap(), None);
            assert_eq!(store.entries(&LinkNumber::numbered(2)).unwrap(), []);
            drop(store);
            assert_eq!(count(&path, "confirmations"), 1);
        }
    }

    #[test]
    fn durability_is_what_sqlite_was_told() {
        for (durability, level) in [(Durability::Full, 2), (Durability::Relaxed, 0)] {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(&dir.path().join("s"), durability).unwrap();
            let ask = |pragma: &str| {
                store
                    .db
                    .query_row(&format!("PRAGMA {pragma}"), [], |row| {
                        row.get::<_, rusqlite::types::Value>(0)
                    })
                    .unwrap()
            };
            assert_eq!(ask("synchronous"), rusqlite::types::Value::Integer(level));
            assert_eq!(
                ask("journal_mode"),
                rusqlite::types::Value::Text("wal".into())
            );
        }
    }

    #[test]
    fn a_serial_never_changes_hands() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("s"), Durability::Relaxed).unwrap();
        let (one, other) = (LinkNumber::numbered(1), LinkNumber::numbered(2));
        assert_eq!(store.tie(serial(7), &one, "t").unwrap(), Tied::Yes);
        assert_eq!(store.tie(serial(7), &one, "t").unwrap(), Tied::Yes);
        assert_eq!(store.tie(serial(7), &other, "t").unwrap(), Tied::ToAnother);
        assert_eq!(store.tie(serial(8), &one, "t").unwrap(), Tied::Yes);
        assert_eq!(store.link_of(serial(7)).unwrap(), Some(one));
    }

    #[test]
    fn what_is_no_store_of_ours_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.sqlite");
        let open = || {
            Store::open(&path, Durability::Relaxed)
                .map(drop)
                .unwrap_err()
        };

        drop(Store::open(&path, Durability::Relaxed).unwrap());
        let db = Connection::open(&path).unwrap();
        db.pragma_update(None, "user_version", 2).unwrap();
        drop(db);
        let said = open();
        assert!(
            matches!(said, StoreError::Version { found: 2, .. }),
            "{said}"
        );
        assert!(said.to_string().contains("layout 2"), "{said}");

        std::fs::remove_file(&path).unwrap();
        let db = Connection::open(&path).unwrap();
        db.execute_batch("CREATE TABLE accounts (id INTEGER)")
            .unwrap();
        drop(db);
        assert!(matches!(open(), StoreError::Foreign { .. }));
        assert_eq!(count(&path, "accounts"), 0);

        std::fs::write(
            &path,
            "no database, but long enough to be looked at ".repeat(40),
        )
        .unwrap();
        assert!(matches!(open(), StoreError::Database { .. }));
        let nowhere = dir.path().join("missing/store.sqlite");
        let said = Store::open(&nowhere, Durability::Full)
            .map(drop)
            .unwrap_err();
        assert!(said.to_string().contains("missing/store.sqlite"), "{said}");
    }

    #[test]
    fn a_damaged_row_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("s"), Durability::Relaxed).unwrap();
        let link = LinkNumber::numbered(1);
        store.keep_entry(&link, &entry(gain()), "t").unwrap();
        store
            .db
            .execute("UPDATE qualifications SET on_day = 'soon'", [])
            .unwrap();
        let said = store.entries(&link).unwrap_err().to_string();
        assert!(said.contains("table qualifications, row 1"), "{said}");
    }
}
