//! Consents given at a counter: who, to what, where, when, with which certificate and until when (CONS-04).
//! A row is never taken away; one the person did not repeat at a later visit there is marked withdrawn.

use identifiers::{CertificateSerial, FacilityCode, LinkNumber};
use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};
use crate::consent::ConsentKind;

pub(super) const TABLES: &str = "
    CREATE TABLE consents (
        id INTEGER PRIMARY KEY,
        link_number TEXT NOT NULL,
        facility TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('operation', 'treatment', 'drug', 'checkup')),
        session TEXT NOT NULL,
        serial TEXT NOT NULL,
        given_at TEXT NOT NULL,
        until_ms INTEGER NOT NULL,
        withdrawn_at TEXT
    ) STRICT;
    CREATE INDEX consents_of ON consents (link_number, facility, kind);";

const KEEP: &str = "
    INSERT INTO consents (link_number, facility, kind, session, serial, given_at, until_ms)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const WITHDRAW: &str = "
    UPDATE consents SET withdrawn_at = ?4
    WHERE link_number = ?1 AND facility = ?2 AND kind = ?3 AND withdrawn_at IS NULL";

const LATEST: &str = "
    SELECT until_ms FROM consents
    WHERE link_number = ?1 AND facility = ?2 AND kind = ?3 AND withdrawn_at IS NULL
    ORDER BY id DESC LIMIT 1";

/// A consent given last and not withdrawn; it may be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Consent {
    /// First moment it no longer holds, in milliseconds since 1970.
    pub(crate) until_ms: i64,
}

/// One visit's consents that are to be kept.
pub(crate) struct Consenting<'a> {
    pub(crate) link: &'a LinkNumber,
    pub(crate) facility: &'a FacilityCode,
    pub(crate) session: &'a str,
    pub(crate) serial: CertificateSerial,
    pub(crate) kinds: &'a [ConsentKind],
    pub(crate) until_ms: i64,
}

impl Store {
    /// Keeps a visit's consents and withdraws those of earlier visits there that it does not repeat.
    pub(crate) fn keep_consents(&self, given: &Consenting<'_>, at: &str) -> Result<(), StoreError> {
        let (link, facility) = (given.link.as_str(), given.facility.as_str());
        let keep = || -> rusqlite::Result<()> {
            let mut insert = self.db.prepare_cached(KEEP)?;
            let mut withdraw = self.db.prepare_cached(WITHDRAW)?;
            for kind in ConsentKind::ALL {
                if given.kinds.contains(&kind) {
                    insert.execute(params![
                        link,
                        facility,
                        kind.name(),
                        given.session,
                        given.serial.to_string(),
                        at,
                        given.until_ms
                    ])?;
                } else {
                    withdraw.execute(params![link, facility, kind.name(), at])?;
                }
            }
            Ok(())
        };
        keep().map_err(|e| self.failed(&e))
    }

    /// Whether a person's consent to a kind of information stands anywhere, over or not.
    pub(crate) fn consented_anywhere(
        &self,
        link: &LinkNumber,
        kind: ConsentKind,
    ) -> Result<bool, StoreError> {
        let select = "
            SELECT EXISTS (SELECT 1 FROM consents
            WHERE link_number = ?1 AND kind = ?2 AND withdrawn_at IS NULL)";
        let found = self.db.prepare_cached(select).and_then(|mut select| {
            select.query_row([link.as_str(), kind.name()], |row| row.get(0))
        });
        found.map_err(|e| self.failed(&e))
    }

    /// The consent of a person to a kind of information at a facility, if one was given and not withdrawn.
    pub(crate) fn consent(
        &self,
        link: &LinkNumber,
        facility: &FacilityCode,
        kind: ConsentKind,
    ) -> Result<Option<Consent>, StoreError> {
        let found = self.db.prepare_cached(LATEST).and_then(|mut select| {
            let asked = params![link.as_str(), facility.as_str(), kind.name()];
            let read = |row: &rusqlite::Row<'_>| {
                Ok(Consent {
                    until_ms: row.get(0)?,
                })
            };
            select.query_row(asked, read).optional()
        });
        found.map_err(|e| self.failed(&e))
    }
}
