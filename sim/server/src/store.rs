//! What outlives a run, in one SQLite file: every entry insurers fed, which serial belongs to whom, and
//! a record of every confirmation, written before its answer goes out. Entries are kept as they came,
//! never merged: what follows from them is worked out when somebody asks.

use std::path::{Path, PathBuf};

use identifiers::{CertificateSerial, LinkNumber};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::entry::Entry;

/// The layout this program writes and reads.
const VERSION: i64 = 1;

const LAYOUT: &str = "
    CREATE TABLE qualifications (
        id INTEGER PRIMARY KEY,
        link_number TEXT NOT NULL,
        entry TEXT NOT NULL,
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
