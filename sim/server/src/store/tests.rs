//! The file itself: what it keeps over an opening, what it refuses to open, and what it says of damage.

use identifiers::{CertificateSerial, FacilityCode, LinkNumber};
use rules::{Date, Holder};
use wire::registration::{InsuredNumbers, Qualification};

use super::*;
use crate::consent::ConsentKind;
use crate::entry::Entry;
use crate::entry::tests::{gain, loss};

fn serial(value: u64) -> CertificateSerial {
    CertificateSerial::new(value).unwrap()
}

fn entry(text: Qualification) -> Entry {
    Entry::read(text).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn confirmation() -> Confirmation<'static> {
    Confirmation {
        at: "2026-10-15T09:00:00.000+09:00",
        facility: "9910000018",
        session: "00",
        method: "pin",
        serial: None,
        link_number: None,
        outcome: "confirmed",
        detail: "",
    }
}

fn tie(store: &Store, value: u64, link: &LinkNumber) {
    let registration = Registration {
        serial: serial(value),
        last_day: day("2027-10-01"),
        link,
        insured: &InsuredNumbers::default(),
    };
    store.tie(&registration, "t").unwrap();
}

fn relaxed(path: &Path) -> Store {
    Store::open(path, Durability::Relaxed).unwrap()
}

#[test]
fn everything_survives_reopening_in_both_durabilities() {
    for durability in [Durability::Full, Durability::Relaxed] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.sqlite");
        let link = LinkNumber::numbered(1);
        let facility = FacilityCode::from_body("991000001").unwrap();
        let store = Store::open(&path, durability).unwrap();
        store.keep_entry(&link, &entry(gain()), "t1").unwrap();
        store.keep_entry(&link, &entry(loss()), "t2").unwrap();
        tie(&store, 7, &link);
        store.keep_release(&link, day("2026-10-31"), "t").unwrap();
        store.record(&confirmation()).unwrap();
        let consenting = Consenting {
            link: &link,
            facility: &facility,
            session: "00",
            serial: serial(7),
            kinds: &[ConsentKind::Drug],
            until_ms: 5,
        };
        store.keep_consents(&consenting, "t").unwrap();
        drop(store);

        let store = Store::open(&path, durability).unwrap();
        assert_eq!(store.entries(&link).unwrap(), [gain(), loss()].map(entry));
        assert_eq!(store.entries(&LinkNumber::numbered(2)).unwrap(), []);
        let tied = Holder::Tied(link.clone());
        assert_eq!(store.holder(serial(7)).unwrap(), tied);
        assert_eq!(store.holder(serial(8)).unwrap(), Holder::Nobody);
        let open = store.open_releases(&link).unwrap();
        assert_eq!(open, [day("2026-10-31")]);
        let consent = |kind| store.consent(&link, &facility, kind).unwrap();
        assert_eq!(consent(ConsentKind::Drug), Some(Consent { until_ms: 5 }));
        assert_eq!(consent(ConsentKind::Operation), None);
        assert_eq!(store.count("confirmations"), 1);
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
fn several_writes_are_kept_as_one_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let store = relaxed(&dir.path().join("s"));
    let twice = |fail: bool| {
        store.at_once(|| {
            store.record(&confirmation())?;
            if fail {
                return Err(store.damaged("ties", "7".to_owned(), "no".to_owned()));
            }
            store.record(&confirmation())
        })
    };
    assert!(twice(true).is_err());
    assert_eq!(store.count("confirmations"), 0);
    twice(false).unwrap();
    assert_eq!(store.count("confirmations"), 2);
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

    drop(relaxed(&path));
    for found in [VERSION - 1, VERSION + 1] {
        let db = Connection::open(&path).unwrap();
        db.pragma_update(None, "user_version", found).unwrap();
        drop(db);
        let said = open();
        assert!(
            matches!(said, StoreError::Version { found: named, .. } if named == found),
            "{said}"
        );
        assert!(said.to_string().contains(&format!("layout {found}")));
    }

    std::fs::remove_file(&path).unwrap();
    let db = Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE accounts (id INTEGER)")
        .unwrap();
    drop(db);
    assert!(matches!(open(), StoreError::Foreign { .. }));
    let db = Connection::open(&path).unwrap();
    let rows: i64 = db
        .query_row("SELECT count(*) FROM accounts", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 0);
    drop(db);

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
    let store = relaxed(&dir.path().join("s"));
    let link = LinkNumber::numbered(1);
    store.keep_entry(&link, &entry(gain()), "t").unwrap();
    tie(&store, 7, &link);
    store.keep_release(&link, day("2026-10-31"), "t").unwrap();
    for (damage, named) in [
        (
            "qualifications SET on_day = 'soon'",
            "table qualifications, row 1",
        ),
        ("ties SET link_number = '-'", "table ties, row 07"),
        (
            "releases SET effective_on = 'soon'",
            "table releases, row L000000000001",
        ),
    ] {
        store.db.execute(&format!("UPDATE {damage}"), []).unwrap();
        let said = [
            store.entries(&link).map(drop),
            store.holder(serial(7)).map(drop),
            store.open_releases(&link).map(drop),
        ];
        let said: Vec<_> = said.into_iter().filter_map(Result::err).collect();
        assert!(
            said.iter().any(|e| e.to_string().contains(named)),
            "{said:?}"
        );
    }
}
