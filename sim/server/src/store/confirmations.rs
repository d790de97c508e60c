//! The record of every confirmation by card, with how the person was proved and what spoke against it.

use rusqlite::params;

use super::{Store, StoreError};

pub(super) const TABLES: &str = "
    CREATE TABLE confirmations (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        facility TEXT NOT NULL,
        session TEXT NOT NULL,
        method TEXT NOT NULL,
        serial TEXT,
        link_number TEXT,
        outcome TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;";

const KEEP: &str = "
    INSERT INTO confirmations (at, facility, session, method, serial, link_number, outcome, detail)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/// One confirmation, as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Confirmation<'a> {
    pub(crate) at: &'a str,
    pub(crate) facility: &'a str,
    pub(crate) session: &'a str,
    pub(crate) method: &'a str,
    pub(crate) serial: Option<String>,
    pub(crate) link_number: Option<&'a str>,
    pub(crate) outcome: &'a str,
    pub(crate) detail: &'a str,
}

impl Store {
    /// Records a confirmation.
    pub(crate) fn record(&self, what: &Confirmation<'_>) -> Result<(), StoreError> {
        let kept = self.db.prepare_cached(KEEP).and_then(|mut insert| {
            insert.execute(params![
                what.at,
                what.facility,
                what.session,
                what.method,
                what.serial,
                what.link_number,
                what.outcome,
                what.detail
            ])
        });
        kept.map(drop).map_err(|e| self.failed(&e))
    }
}

#[cfg(test)]
impl Store {
    /// Method, outcome and detail of every confirmation, in order.
    pub(crate) fn confirmations(&self) -> rusqlite::Result<Vec<[String; 3]>> {
        let mut select = self
            .db
            .prepare("SELECT method, outcome, detail FROM confirmations ORDER BY id")?;
        let rows = select.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
        rows.collect()
    }
}
