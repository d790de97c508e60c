//! What hangs on insured numbers: who has one, patient numbers of facilities (照会番号), drugs that claims
//! told of, and the record of everything asked by number. Numbers are kept beside their folded form,
//! so that one written otherwise is found too.

use identifiers::{FacilityCode, InsuredNumber, InsurerNumber, LinkNumber};
use rules::InsuredKey;
use rules::number::fold;
use rusqlite::{Row, params};
use wire::registration::{FedDrug, InsuredNumbers};

use super::{Store, StoreError};

pub(super) const TABLES: &str = "
    CREATE TABLE insured_numbers (
        insurer_number TEXT NOT NULL,
        folded_number TEXT NOT NULL,
        link_number TEXT NOT NULL,
        PRIMARY KEY (insurer_number, folded_number, link_number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE reference_numbers (
        id INTEGER PRIMARY KEY,
        facility TEXT NOT NULL,
        reference_number TEXT NOT NULL,
        link_number TEXT NOT NULL,
        registered_at TEXT NOT NULL,
        UNIQUE (facility, reference_number)
    ) STRICT;
    CREATE INDEX reference_numbers_of ON reference_numbers (link_number);
    CREATE TABLE drugs (
        id INTEGER PRIMARY KEY,
        folded_key TEXT NOT NULL,
        insurer_number TEXT NOT NULL,
        symbol TEXT NOT NULL,
        number TEXT NOT NULL,
        branch TEXT NOT NULL,
        month TEXT NOT NULL,
        dispensed_on TEXT NOT NULL,
        drug_code TEXT NOT NULL,
        drug_name TEXT NOT NULL,
        quantity TEXT NOT NULL,
        unit TEXT NOT NULL,
        usage TEXT NOT NULL,
        received_at TEXT NOT NULL,
        UNIQUE (folded_key, month, dispensed_on, drug_code, drug_name, quantity, unit, usage)
    ) STRICT;
    CREATE TABLE inquiries (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        facility TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('qualification', 'reference-number', 'drugs')),
        link_number TEXT,
        outcome TEXT NOT NULL
    ) STRICT;";

const DRUGS_OF: &str = "
    SELECT insurer_number, symbol, number, branch, month, dispensed_on, drug_code, drug_name, quantity,
        unit, usage
    FROM drugs WHERE folded_key = ?1 AND month BETWEEN ?2 AND ?3";

const KEEP_DRUG: &str = "
    INSERT INTO drugs (folded_key, insurer_number, symbol, number, branch, month, dispensed_on, drug_code,
        drug_name, quantity, unit, usage, received_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
    ON CONFLICT DO NOTHING";

/// A clinic's own number for a person, and whose clinic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReferenceNumber {
    pub(crate) facility: String,
    pub(crate) number: String,
}

/// One thing asked by number, as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inquiry<'a> {
    pub(crate) at: &'a str,
    pub(crate) facility: &'a FacilityCode,
    /// `qualification`, `reference-number` or `drugs`.
    pub(crate) kind: &'static str,
    pub(crate) link: Option<&'a LinkNumber>,
    /// Validity or result code.
    pub(crate) outcome: &'a str,
}

impl Store {
    /// Remembers that a person has, or had, a number.
    pub(crate) fn know_number(
        &self,
        link: &LinkNumber,
        key: &InsuredKey,
    ) -> Result<(), StoreError> {
        let insert = "
            INSERT INTO insured_numbers (insurer_number, folded_number, link_number)
            VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let folded = fold(key.number.as_str());
        self.db
            .prepare_cached(insert)
            .and_then(|mut insert| {
                insert.execute(params![key.insurer.as_str(), folded, link.as_str()])
            })
            .map(drop)
            .map_err(|e| self.failed(&e))
    }

    /// Everybody who has, or had, a number of an insurer, whatever symbol and branch go with it.
    pub(crate) fn people_with(
        &self,
        insurer: &InsurerNumber,
        number: &InsuredNumber,
    ) -> Result<Vec<LinkNumber>, StoreError> {
        let select = "
            SELECT link_number FROM insured_numbers
            WHERE insurer_number = ?1 AND folded_number = ?2 ORDER BY link_number";
        let folded = fold(number.as_str());
        let found: Vec<String> = self
            .db
            .prepare_cached(select)
            .and_then(|mut select| {
                let rows = select.query_map([insurer.as_str(), &folded], |row| row.get(0))?;
                rows.collect()
            })
            .map_err(|e| self.failed(&e))?;
        let read = |text: String| {
            LinkNumber::parse(&text)
                .map_err(|e| self.damaged("insured_numbers", text.clone(), e.to_string()))
        };
        found.into_iter().map(read).collect()
    }

    /// Keeps a clinic's own number for a person. A number means one person at a clinic: registered for
    /// somebody else, it is that one's from then on. A person may have several.
    pub(crate) fn keep_reference_number(
        &self,
        facility: &FacilityCode,
        link: &LinkNumber,
        number: &str,
        at: &str,
    ) -> Result<(), StoreError> {
        let keep = "
            INSERT INTO reference_numbers (facility, reference_number, link_number, registered_at)
            VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (facility, reference_number) DO UPDATE
                SET link_number = excluded.link_number, registered_at = excluded.registered_at
                WHERE link_number <> excluded.link_number";
        self.db
            .prepare_cached(keep)
            .and_then(|mut keep| {
                keep.execute(params![facility.as_str(), number, link.as_str(), at])
            })
            .map(drop)
            .map_err(|e| self.failed(&e))
    }

    /// Every number any clinic has for a person, in the order of registration.
    pub(crate) fn reference_numbers(
        &self,
        link: &LinkNumber,
    ) -> Result<Vec<ReferenceNumber>, StoreError> {
        let select = "
            SELECT facility, reference_number FROM reference_numbers
            WHERE link_number = ?1 ORDER BY id";
        let read = |row: &Row<'_>| {
            Ok(ReferenceNumber {
                facility: row.get(0)?,
                number: row.get(1)?,
            })
        };
        self.db
            .prepare_cached(select)
            .and_then(|mut select| select.query_map([link.as_str()], read)?.collect())
            .map_err(|e| self.failed(&e))
    }

    /// Keeps a dispensed drug; the same told twice is kept once.
    pub(crate) fn keep_drug(
        &self,
        key: &InsuredKey,
        drug: &FedDrug,
        at: &str,
    ) -> Result<(), StoreError> {
        let kept = self.db.prepare_cached(KEEP_DRUG).and_then(|mut insert| {
            insert.execute(params![
                folded_key(key),
                drug.insured.insurer_number,
                drug.insured.symbol,
                drug.insured.number,
                drug.insured.branch,
                drug.month,
                drug.dispensed_on,
                drug.drug_code,
                drug.drug_name,
                drug.quantity,
                drug.unit,
                drug.usage,
                at
            ])
        });
        kept.map(drop).map_err(|e| self.failed(&e))
    }

    /// Drugs dispensed under a number, of the months `YYYY-MM` from one to another, in the order of days.
    pub(crate) fn drugs(
        &self,
        key: &InsuredKey,
        first: &str,
        last: &str,
    ) -> Result<Vec<FedDrug>, StoreError> {
        let select = format!("{DRUGS_OF} ORDER BY month, dispensed_on, id");
        let folded = folded_key(key);
        self.db
            .prepare_cached(&select)
            .and_then(|mut select| {
                let rows = select.query_map([folded.as_str(), first, last], drug_row)?;
                rows.collect()
            })
            .map_err(|e| self.failed(&e))
    }

    /// Records what was asked by number, before it is answered.
    pub(crate) fn record_inquiry(&self, what: &Inquiry<'_>) -> Result<(), StoreError> {
        let insert = "
            INSERT INTO inquiries (at, facility, kind, link_number, outcome)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let kept = self.db.prepare_cached(insert).and_then(|mut insert| {
            insert.execute(params![
                what.at,
                what.facility.as_str(),
                what.kind,
                what.link.map(LinkNumber::as_str),
                what.outcome
            ])
        });
        kept.map(drop).map_err(|e| self.failed(&e))
    }
}

/// A whole number in one text; no part can hold the separator, which is a control character.
fn folded_key(key: &InsuredKey) -> String {
    let symbol = key.symbol.as_ref().map_or("", |symbol| symbol.as_str());
    let branch = key.branch.as_ref().map_or("", |branch| branch.as_str());
    [
        key.insurer.as_str(),
        &fold(symbol),
        &fold(key.number.as_str()),
        branch,
    ]
    .join("\n")
}

fn drug_row(row: &Row<'_>) -> rusqlite::Result<FedDrug> {
    Ok(FedDrug {
        insured: InsuredNumbers {
            insurer_number: row.get(0)?,
            symbol: row.get(1)?,
            number: row.get(2)?,
            branch: row.get(3)?,
        },
        month: row.get(4)?,
        dispensed_on: row.get(5)?,
        drug_code: row.get(6)?,
        drug_name: row.get(7)?,
        quantity: row.get(8)?,
        unit: row.get(9)?,
        usage: row.get(10)?,
    })
}

#[cfg(test)]
impl Store {
    /// Kind and outcome of everything asked by number, in order.
    pub(crate) fn inquiries(&self) -> rusqlite::Result<Vec<(String, String)>> {
        let mut select = self
            .db
            .prepare("SELECT kind, outcome FROM inquiries ORDER BY id")?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    }
}
