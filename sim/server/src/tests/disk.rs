//! The store behind the house: what is there after it opens anew, and what happens when nothing more can
//! be written.

use std::path::Path;

use jiff::civil::date;
use tokio::runtime::{Builder, Runtime};
use wire::eligibility::Standing;
use wire::registration::{
    FEED_QUALIFICATIONS, FEED_RELEASES, FEED_SERIAL_PAIRS, FEED_USE_REGISTRATIONS,
    FedQualification, FedRelease,
};

use super::dialogues::FAR;
use super::site::{
    CARD, CLINIC, CONSENTS, LINK, Site, code, confirm, error, numbered, pair, register_here,
    registration, until,
};
use crate::entry::tests::gain;
use crate::{Conduct, Reference};

/// A life of the house; when it is dropped, so is everything that holds the store.
pub(super) fn life() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap()
}

#[derive(Clone, Copy)]
struct Forgetful;
impl Conduct for Forgetful {
    fn keeps_before_answering(&self) -> bool {
        false
    }
}

fn code_before_and_after(path: &Path, conduct: impl Conduct + Copy + 'static) -> [String; 2] {
    let before = life().block_on(async {
        let site = Site::on(path, conduct, |_| {});
        site.register(CARD.serial).await;
        site.feed_qualification(gain()).await;
        site.visit(&until(FAR)).await.processing_result_code
    });
    let after = life().block_on(async {
        let site = Site::on(path, conduct, |_| {});
        site.visit(&until(FAR)).await.processing_result_code
    });
    [before, after]
}

#[test]
fn entries_outlive_the_house_unless_it_keeps_them_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    assert_eq!(code_before_and_after(&path("kept"), Reference), ["", ""]);
    assert_eq!(
        code_before_and_after(&path("forgotten"), Forgetful),
        ["", "SIM-E302"]
    );
}

#[test]
fn registrations_pairs_and_releases_outlive_the_house_and_sessions_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.sqlite");
    let session = life().block_on(async {
        let site = Site::on(&path, Reference, |_| {});
        site.register(CARD.serial).await;
        site.pair(&pair(CARD.serial, "2026-06-10", 0xC0DE, "2026-10-14"))
            .await;
        site.release("2026-10-20").await;
        let mut clinic = site.connect(CLINIC).await.unwrap();
        site.identified(&mut clinic, &until(FAR)).await.0
    });
    life().block_on(async {
        let site = Site::on(&path, Reference, |_| {});
        let mut clinic = site.connect(CLINIC).await.unwrap();
        let answer = confirm(&mut clinic, &session, CONSENTS).await;
        assert_eq!(error(&answer), "session-unknown");
        drop(clinic);
        let renewed = numbered(0xC0DE, date(2031, 10, 1));
        assert_eq!(site.standing(&renewed).await, Standing::Lapsed);
        assert_eq!(site.standing(&until(FAR)).await, Standing::Registered);
        site.on_day(date(2026, 10, 20));
        assert_eq!(site.standing(&until(FAR)).await, Standing::Released);
    });
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_settles_nothing_and_hinders_nothing_afterwards() {
    let site = Site::ready(Reference).await;
    let mut clinic = site.connect(CLINIC).await.unwrap();
    let (session, _) = site.identified(&mut clinic, &until(FAR)).await;
    let tables = [
        "qualifications",
        "ties",
        "pairs",
        "releases",
        "consents",
        "confirmations",
    ];
    let rows = || tables.map(|table| site.server.store().count(table));
    let before = rows();
    site.server.fail_writes(true).unwrap();

    let mut failed = vec![
        confirm(&mut clinic, &session, CONSENTS).await,
        site.feed("portal", FEED_USE_REGISTRATIONS, &registration(8, LINK))
            .await,
    ];
    let mut other = gain();
    other.on = "2026-10-01".into();
    let fed = FedQualification {
        link_number: LINK.to_owned(),
        qualification: other,
    };
    failed.push(site.feed("intermediate", FEED_QUALIFICATIONS, &fed).await);
    let said = FedRelease {
        link_number: LINK.to_owned(),
        effective_on: "2026-10-15".to_owned(),
    };
    failed.push(site.feed("intermediate", FEED_RELEASES, &said).await);
    let renewed = pair(CARD.serial, "2026-11-10", 9, "2026-10-15");
    failed.push(site.feed("jlis", FEED_SERIAL_PAIRS, &renewed).await);
    for answer in failed {
        assert_eq!(
            (answer.status, error(&answer).as_str()),
            (500, "store-failed")
        );
    }
    assert!(site.server.store_failure().is_some());
    assert_eq!(rows(), before);
    // What needs no writing is answered; the card is registered as it was.
    assert_eq!(site.standing(&until(FAR)).await, Standing::Registered);
    assert_eq!(register_here(&mut clinic, &session).await.status, 200);

    site.server.fail_writes(false).unwrap();
    let answer = confirm(&mut clinic, &session, CONSENTS).await;
    assert_eq!(code(&answer), "", "the session was given back");
    let answer = confirm(&mut clinic, &session, CONSENTS).await;
    assert_eq!(error(&answer), "session-used");
}

#[tokio::test(start_paused = true)]
async fn what_is_delivered_again_is_kept_once() {
    let site = Site::ready(Reference).await;
    let mut corrected = gain();
    corrected.name = "模擬　花代".into();
    for entry in [&gain(), &corrected, &corrected, &gain()] {
        site.feed_qualification(entry.clone()).await;
    }
    // A correction and its taking back are three entries, not one.
    assert_eq!(site.server.store().count("qualifications"), 3);
    let answer = site.visit(&until(FAR)).await;
    assert_eq!(answer.results[0].get("Name"), gain().name);
}
