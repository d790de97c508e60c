//! Entries insurers fed, as they came, in the order of arrival.

use identifiers::LinkNumber;
use rusqlite::{OptionalExtension, Row, params};
use wire::registration::{Kind, Qualification};

use super::{Store, StoreError};
use crate::entry::Entry;

pub(super) const TABLES: &str = "
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
        benefits TEXT NOT NULL,
        received_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX qualifications_of ON qualifications (link_number);
    CREATE INDEX qualifications_by_number ON qualifications (insurer_number, number);";

/// A table of the same name that hides the one in the file.
pub(super) const IN_MEMORY: &str = "
    PRAGMA temp_store = MEMORY;
    CREATE TEMP TABLE qualifications AS SELECT * FROM main.qualifications WHERE 0;";

const KEEP: &str = "
    INSERT INTO qualifications (link_number, kind, insurer_number, insurer_name, symbol, number, branch,
        on_day, name, name_kana, birthdate, sex, relationship, reason_of_loss, benefits, received_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

const ALL_OF: &str = "
    SELECT rowid, kind, insurer_number, insurer_name, symbol, number, branch, on_day, name, name_kana,
        birthdate, sex, relationship, reason_of_loss, benefits
    FROM qualifications WHERE link_number = ?1 ORDER BY rowid";

/// The latest entry that says the same of the same qualification and day.
const LATEST_LIKE: &str = "
    SELECT rowid, kind, insurer_number, insurer_name, symbol, number, branch, on_day, name, name_kana,
        birthdate, sex, relationship, reason_of_loss, benefits
    FROM qualifications
    WHERE link_number = ?1 AND kind = ?2 AND insurer_number = ?3 AND symbol = ?4 AND number = ?5
        AND branch = ?6 AND on_day = ?7
    ORDER BY rowid DESC LIMIT 1";

impl Store {
    /// Keeps an entry as it came. One delivered twice, word for word and with no other about the same in
    /// between, is kept once: whoever got no answer sends again.
    pub(crate) fn keep_entry(
        &self,
        link: &LinkNumber,
        entry: &Entry,
        at: &str,
    ) -> Result<(), StoreError> {
        let text = &entry.text;
        if self.latest_like(link, text)?.as_ref() == Some(text) {
            return Ok(());
        }
        self.know_number(link, &entry.key)?;
        let kept = self.db.prepare_cached(KEEP).and_then(|mut insert| {
            insert.execute(params![
                link.as_str(),
                kind(text),
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
                // Strings in a fixed shape always serialise.
                serde_json::to_string(&text.benefits).unwrap_or_default(),
                at
            ])
        });
        kept.map(drop).map_err(|e| self.failed(&e))
    }

    fn latest_like(
        &self,
        link: &LinkNumber,
        text: &Qualification,
    ) -> Result<Option<Qualification>, StoreError> {
        let asked = params![
            link.as_str(),
            kind(text),
            text.insurer_number,
            text.symbol,
            text.number,
            text.branch,
            text.on
        ];
        let row = self
            .db
            .prepare_cached(LATEST_LIKE)
            .and_then(|mut select| select.query_row(asked, entry_row).optional());
        Ok(row.map_err(|e| self.failed(&e))?.map(|(_, text)| text))
    }

    /// Every entry about a person, in the order of arrival.
    pub(crate) fn entries(&self, link: &LinkNumber) -> Result<Vec<Entry>, StoreError> {
        let rows: Vec<(i64, Qualification)> = self
            .db
            .prepare_cached(ALL_OF)
            .and_then(|mut select| select.query_map([link.as_str()], entry_row)?.collect())
            .map_err(|e| self.failed(&e))?;
        let read = |(id, text): (i64, Qualification)| {
            Entry::read(text)
                .map_err(|wrong| self.damaged("qualifications", id.to_string(), wrong.en))
        };
        rows.into_iter().map(read).collect()
    }
}

const fn kind(text: &Qualification) -> &'static str {
    match text.kind {
        Kind::Gain => "gain",
        Kind::Loss => "loss",
    }
}

fn entry_row(row: &Row<'_>) -> rusqlite::Result<(i64, Qualification)> {
    let kind: String = row.get(1)?;
    let benefits: String = row.get(14)?;
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
        benefits: serde_json::from_str(&benefits).map_err(|e| {
            rusqlite::Error::FromSqlConversionFailure(14, rusqlite::types::Type::Text, Box::new(e))
        })?,
    };
    Ok((row.get(0)?, text))
}
