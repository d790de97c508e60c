//! The revocation list as read by another crate than the one that wrote it, and when it is signed anew.

use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use der::{Decode, Encode};
use jiff::civil::{date, datetime};
use wire::certificate::CRL_PATH;
use world::clock::to_ms;
use world::keys::{self, Authority as KeyOf};
use x509_cert::Version;
use x509_cert::crl::CertificateList;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlNumber, CrlReason};

use super::site::{FROM, clock, jpki, serial};
use crate::{ListMood, Publisher, Reason, Registry};

fn site() -> (world::Clock, Registry, Publisher) {
    let clock = clock();
    let registry = Registry::new(clock.clone(), 24);
    let publisher = Publisher::new(CRL_PATH, jpki(), registry.clone(), clock.clone());
    (clock, registry, publisher)
}

fn read(publisher: &Publisher) -> CertificateList {
    CertificateList::from_der(&publisher.list()).unwrap()
}

/// Whether the authority's key verifies a list's signature.
fn fits(list: &[u8]) -> bool {
    let list = CertificateList::from_der(list).unwrap();
    let key = keys::authority(KeyOf::UserAuthentication);
    let public = key.pair.public_key().as_ref();
    let over = list.tbs_cert_list.to_der().unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
        .verify(&over, list.signature.raw_bytes())
        .is_ok()
}

fn number(publisher: &Publisher) -> Vec<u8> {
    let list = read(publisher);
    let all = list.tbs_cert_list.crl_extensions.unwrap();
    let found = all.iter().find(|e| e.extn_id.to_string() == "2.5.29.20");
    let number = CrlNumber::from_der(found.unwrap().extn_value.as_bytes()).unwrap();
    number.0.as_bytes().to_vec()
}

#[tokio::test(start_paused = true)]
async fn every_reason_its_instant_and_nothing_else_stand_on_the_list() {
    let (clock, registry, publisher) = site();
    let now = clock.now_ms();
    for (value, reason) in (10..).zip(Reason::ALL) {
        registry.issue(serial(value), date(2026, 12, 1)).unwrap();
        registry.revoke(serial(value), reason, now).unwrap();
    }
    registry.issue(serial(5), date(2026, 12, 1)).unwrap();
    registry.suspend(serial(5), now - 3_600_000).unwrap();
    registry.issue(serial(6), date(2026, 12, 1)).unwrap();
    let list = read(&publisher).tbs_cert_list;
    assert_eq!(list.version, Version::V2);
    let entries = list.revoked_certificates.unwrap();
    let said: Vec<_> = entries
        .iter()
        .map(|entry| {
            let [reason] = &entry.crl_entry_extensions.as_ref().unwrap()[..] else {
                panic!("{entry:?}");
            };
            let at = entry.revocation_date.to_unix_duration().as_millis();
            let reason = CrlReason::from_der(reason.extn_value.as_bytes()).unwrap();
            (
                entry.serial_number.as_bytes().to_vec(),
                i64::try_from(at).unwrap(),
                reason,
            )
        })
        .collect();
    let wanted = [
        (vec![5], now - 3_600_000, CrlReason::CertificateHold),
        (vec![10], now, CrlReason::KeyCompromise),
        (vec![11], now, CrlReason::AffiliationChanged),
        (vec![12], now, CrlReason::Superseded),
        (vec![13], now, CrlReason::CessationOfOperation),
        (vec![14], now, CrlReason::PrivilegeWithdrawn),
    ];
    assert_eq!(said, wanted);
    let ids: Vec<_> = list
        .crl_extensions
        .unwrap()
        .into_iter()
        .map(|e| (e.extn_id.to_string(), e.critical))
        .collect();
    let wanted = ["2.5.29.35", "2.5.29.20", "2.5.29.60"].map(|id| (id.to_owned(), false));
    assert_eq!(ids, wanted);
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_leaves_its_entries_out_and_names_its_key_and_first_day() {
    let (clock, _, publisher) = site();
    let list = read(&publisher).tbs_cert_list;
    assert_eq!(list.revoked_certificates, None);
    let unix = |time: x509_cert::time::Time| time.to_unix_duration().as_millis();
    assert_eq!(
        unix(list.this_update),
        u128::try_from(clock.now_ms()).unwrap()
    );
    let next = to_ms(datetime(2026, 10, 16, 1, 0, 0, 0));
    assert_eq!(
        unix(list.next_update.unwrap()),
        u128::try_from(next).unwrap()
    );
    let all = list.crl_extensions.unwrap();
    let key = AuthorityKeyIdentifier::from_der(all[0].extn_value.as_bytes()).unwrap();
    assert_eq!(key.key_identifier.unwrap().as_bytes(), jpki().hashes()[1]);
    let since = format!("{}000000Z", FROM.yesterday().unwrap().strftime("%Y%m%d"));
    let since = since.replace("000000Z", "150000Z");
    let wanted = [&[0x18, 15][..], since.as_bytes()].concat();
    assert_eq!(all[2].extn_value.as_bytes(), wanted);
    assert!(list.issuer.to_der().unwrap().len() > 50);
}

#[tokio::test(start_paused = true)]
async fn it_is_signed_anew_only_when_the_register_changes_or_the_day_turns() {
    let (clock, registry, publisher) = site();
    let first = publisher.list();
    tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
    registry.issue(serial(1), date(2026, 12, 1)).unwrap();
    assert_eq!(publisher.list(), first, "a good certificate is on no list");
    let mut numbers = vec![number(&publisher)];
    registry.suspend(serial(1), clock.now_ms()).unwrap();
    let suspended = publisher.list();
    assert_ne!(suspended, first);
    numbers.push(number(&publisher));
    // Within the same instant the number rises all the same.
    registry.lift(serial(1)).unwrap();
    numbers.push(number(&publisher));
    assert!(clock.jump_to(datetime(2026, 10, 15, 23, 59, 59, 0)));
    let evening = publisher.list();
    numbers.push(number(&publisher));
    assert_eq!(numbers[2], numbers[3]);
    assert!(clock.jump_to(datetime(2026, 10, 16, 0, 0, 0, 0)));
    assert_ne!(publisher.list(), evening, "the day turned");
    numbers.remove(3);
    numbers.push(number(&publisher));
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
}

#[tokio::test(start_paused = true)]
async fn what_has_expired_stays_on_the_list() {
    let (clock, registry, publisher) = site();
    registry.issue(serial(1), date(2026, 12, 1)).unwrap();
    let now = clock.now_ms();
    registry
        .revoke(serial(1), Reason::KeyCompromise, now)
        .unwrap();
    assert!(clock.jump_to(datetime(2033, 1, 1, 9, 0, 0, 0)));
    let entries = read(&publisher).tbs_cert_list.revoked_certificates;
    assert_eq!(entries.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn moods_spoil_times_or_signature_and_pass() {
    let (clock, registry, publisher) = site();
    registry.issue(serial(1), date(2026, 12, 1)).unwrap();
    registry
        .revoke(serial(1), Reason::Superseded, clock.now_ms())
        .unwrap();
    let right = publisher.list();
    assert!(fits(&right));
    publisher.set_mood(ListMood::Old);
    assert!(fits(&publisher.list()));
    let old = read(&publisher).tbs_cert_list;
    let next = old.next_update.unwrap().to_unix_duration().as_millis();
    assert!(next < u128::try_from(clock.now_ms()).unwrap());
    assert_eq!(
        old.revoked_certificates, None,
        "it knew this two days before"
    );
    publisher.set_mood(ListMood::WrongSignature);
    assert!(!fits(&publisher.list()));
    publisher.set_mood(ListMood::Normal);
    let again = CertificateList::from_der(&publisher.list()).unwrap();
    let before = CertificateList::from_der(&right).unwrap();
    let entries = |l: CertificateList| l.tbs_cert_list.revoked_certificates;
    assert_eq!(entries(again), entries(before));
}
