//! Which serial leads to whom: ties that registrations made, pairs of serials J-LIS told of, and releases.
//! Only what was said is kept; where a serial leads is worked out along the pairs when somebody asks, so
//! that the order in which pairs and registrations arrived cannot show.

use identifiers::{CertificateSerial, LinkNumber};
use rules::{Date, Holder};
use rusqlite::{OptionalExtension, params};
use wire::registration::InsuredNumbers;

use super::{Store, StoreError};

pub(super) const TABLES: &str = "
    CREATE TABLE ties (
        serial TEXT PRIMARY KEY,
        link_number TEXT NOT NULL,
        last_day TEXT NOT NULL,
        insurer_number TEXT NOT NULL,
        symbol TEXT NOT NULL,
        number TEXT NOT NULL,
        branch TEXT NOT NULL,
        registered_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE pairs (
        new_serial TEXT PRIMARY KEY,
        new_last_day TEXT NOT NULL,
        old_serial TEXT NOT NULL,
        old_last_day TEXT NOT NULL,
        renewed_on TEXT NOT NULL,
        in_time INTEGER NOT NULL CHECK (in_time IN (0, 1)),
        received_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE releases (
        link_number TEXT NOT NULL,
        effective_on TEXT NOT NULL,
        received_at TEXT NOT NULL,
        ended_at TEXT,
        PRIMARY KEY (link_number, effective_on)
    ) STRICT, WITHOUT ROWID;";

/// Nobody renews a certificate so often; longer chains are circles.
const LONGEST_CHAIN: usize = 64;

const TIE: &str = "
    INSERT INTO ties (serial, link_number, last_day, insurer_number, symbol, number, branch, registered_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (serial) DO UPDATE SET link_number = excluded.link_number, last_day = excluded.last_day,
        insurer_number = excluded.insurer_number, symbol = excluded.symbol, number = excluded.number,
        branch = excluded.branch, registered_at = excluded.registered_at";

const PAIR: &str = "
    INSERT INTO pairs (new_serial, new_last_day, old_serial, old_last_day, renewed_on, in_time, received_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const PAIR_OF: &str = "
    SELECT old_serial, old_last_day, new_last_day, renewed_on, in_time FROM pairs WHERE new_serial = ?1";

/// A registration that is to be tied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registration<'a> {
    pub(crate) serial: CertificateSerial,
    pub(crate) last_day: Date,
    pub(crate) link: &'a LinkNumber,
    pub(crate) insured: &'a InsuredNumbers,
}

/// A pair of serials, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) old: CertificateSerial,
    pub(crate) old_last_day: Date,
    pub(crate) new: CertificateSerial,
    pub(crate) new_last_day: Date,
    pub(crate) renewed_on: Date,
    pub(crate) in_time: bool,
}

/// What came of keeping a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PairKept {
    /// Kept, or known already.
    Yes,
    /// The new serial is known to follow another one, or otherwise.
    Contradicts,
}

struct PairRow {
    old: String,
    old_last_day: String,
    new_last_day: String,
    renewed_on: String,
    in_time: bool,
}

impl Store {
    /// Ties a serial to a person.
    pub(crate) fn tie(&self, what: &Registration<'_>, at: &str) -> Result<(), StoreError> {
        let tied = self.db.prepare_cached(TIE).and_then(|mut insert| {
            insert.execute(params![
                what.serial.to_string(),
                what.link.as_str(),
                what.last_day.to_string(),
                what.insured.insurer_number,
                what.insured.symbol,
                what.insured.number,
                what.insured.branch,
                at
            ])
        });
        tied.map(drop).map_err(|e| self.failed(&e))
    }

    /// Last day of the person's certificate that lasts longest, pairs that follow a tie included.
    pub(crate) fn last_day_of_certificates(
        &self,
        link: &LinkNumber,
    ) -> Result<Option<Date>, StoreError> {
        // UNION drops what was seen, so that a circle of pairs ends.
        let select = "
            WITH RECURSIVE own (serial, last_day) AS (
                SELECT serial, last_day FROM ties WHERE link_number = ?1
                UNION
                SELECT new_serial, new_last_day FROM pairs JOIN own ON old_serial = own.serial
            )
            SELECT max(last_day) FROM own";
        let text: Option<String> = self
            .db
            .prepare_cached(select)
            .and_then(|mut select| select.query_row([link.as_str()], |row| row.get(0)))
            .map_err(|e| self.failed(&e))?;
        let read = text.map(|text| text.parse::<Date>()).transpose();
        read.map_err(|e| self.damaged("ties", link.as_str().to_owned(), e.to_string()))
    }

    /// Whom a serial leads to: its own tie before any pair, then along the pairs.
    pub(crate) fn holder(&self, serial: CertificateSerial) -> Result<Holder, StoreError> {
        let mut asked = serial.to_string();
        let mut in_time = true;
        for _ in 0..LONGEST_CHAIN {
            if let Some(link) = self.tied(&asked)? {
                return Ok(rules::registration::successor(Holder::Tied(link), in_time));
            }
            match self.pair_of(&asked)? {
                Some(pair) => {
                    in_time &= pair.in_time;
                    asked = pair.old;
                }
                None => break,
            }
        }
        Ok(Holder::Nobody)
    }

    pub(crate) fn tied(&self, serial: &str) -> Result<Option<LinkNumber>, StoreError> {
        let text: Option<String> = self
            .db
            .prepare_cached("SELECT link_number FROM ties WHERE serial = ?1")
            .and_then(|mut select| select.query_row([serial], |row| row.get(0)).optional())
            .map_err(|e| self.failed(&e))?;
        let read = text.map(|text| LinkNumber::parse(&text)).transpose();
        read.map_err(|e| self.damaged("ties", serial.to_owned(), e.to_string()))
    }

    fn pair_of(&self, new: &str) -> Result<Option<PairRow>, StoreError> {
        let found = self.db.prepare_cached(PAIR_OF).and_then(|mut select| {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(PairRow {
                    old: row.get(0)?,
                    old_last_day: row.get(1)?,
                    new_last_day: row.get(2)?,
                    renewed_on: row.get(3)?,
                    in_time: row.get(4)?,
                })
            };
            select.query_row([new], read).optional()
        });
        found.map_err(|e| self.failed(&e))
    }

    /// Keeps a pair; the same said twice is kept once.
    pub(crate) fn keep_pair(&self, pair: &Pair, at: &str) -> Result<PairKept, StoreError> {
        let new = pair.new.to_string();
        if let Some(known) = self.pair_of(&new)? {
            let same = known.old == pair.old.to_string()
                && known.old_last_day == pair.old_last_day.to_string()
                && known.new_last_day == pair.new_last_day.to_string()
                && known.renewed_on == pair.renewed_on.to_string();
            return Ok(if same {
                PairKept::Yes
            } else {
                PairKept::Contradicts
            });
        }
        let kept = self.db.prepare_cached(PAIR).and_then(|mut insert| {
            insert.execute(params![
                new,
                pair.new_last_day.to_string(),
                pair.old.to_string(),
                pair.old_last_day.to_string(),
                pair.renewed_on.to_string(),
                pair.in_time,
                at
            ])
        });
        kept.map_err(|e| self.failed(&e))?;
        Ok(PairKept::Yes)
    }

    /// Keeps a release. One of the same person and day is the same release: delivered again after it was
    /// ended by a new registration, it stays ended.
    pub(crate) fn keep_release(
        &self,
        link: &LinkNumber,
        effective_on: Date,
        at: &str,
    ) -> Result<(), StoreError> {
        let insert = "
            INSERT INTO releases (link_number, effective_on, received_at) VALUES (?1, ?2, ?3)
            ON CONFLICT DO NOTHING";
        let kept = self.db.prepare_cached(insert).and_then(|mut insert| {
            insert.execute(params![link.as_str(), effective_on.to_string(), at])
        });
        kept.map(drop).map_err(|e| self.failed(&e))
    }

    /// The days of a person's releases that no registration has ended, whether they have come or not.
    pub(crate) fn open_releases(&self, link: &LinkNumber) -> Result<Vec<Date>, StoreError> {
        let select = "
            SELECT effective_on FROM releases
            WHERE link_number = ?1 AND ended_at IS NULL ORDER BY effective_on";
        let days: Vec<String> = self
            .db
            .prepare_cached(select)
            .and_then(|mut select| {
                let rows = select.query_map([link.as_str()], |row| row.get(0))?;
                rows.collect()
            })
            .map_err(|e| self.failed(&e))?;
        let read = |text: String| {
            let day = text.parse::<Date>();
            day.map_err(|e| self.damaged("releases", link.as_str().to_owned(), e.to_string()))
        };
        days.into_iter().map(read).collect()
    }

    /// Ends one release of a person.
    pub(crate) fn end_release(
        &self,
        link: &LinkNumber,
        effective_on: Date,
        at: &str,
    ) -> Result<(), StoreError> {
        let update = "
            UPDATE releases SET ended_at = ?3
            WHERE link_number = ?1 AND effective_on = ?2 AND ended_at IS NULL";
        let ended = self.db.prepare_cached(update).and_then(|mut update| {
            update.execute(params![link.as_str(), effective_on.to_string(), at])
        });
        ended.map(drop).map_err(|e| self.failed(&e))
    }
}
