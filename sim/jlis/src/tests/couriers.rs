//! The courier (PKI-06): each pair once, not before its delay is over, whatever the clock and the eligibility
//! server do meanwhile.

use std::time::Duration;

use jiff::civil::date;
use wire::eligibility::HOST;
use world::net::Fault;

use super::site::{Site, serial};
use crate::{ATTEMPTS, Refused};

const HOUR: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_secs(5);

/// A site where serials 1 to 6 are issued.
fn site() -> Site {
    let site = Site::new();
    for value in 1..=6 {
        site.registry
            .issue(serial(value), date(2031, 1, 1))
            .unwrap();
    }
    site
}

fn renew(site: &Site, old: u64, new: u64) -> i64 {
    let day = site.clock.today();
    site.registry.renew(serial(old), serial(new), day).unwrap()
}

fn jump(site: &Site, hours: i64) {
    let to = world::clock::civil(site.clock.now_ms() + hours * 3_600_000);
    assert!(site.clock.jump_to(to));
}

#[tokio::test(start_paused = true)]
async fn a_pair_is_told_when_its_delay_is_over_and_never_again() {
    let site = site();
    renew(&site, 1, 0x2);
    assert!(site.jlis.settled(SOON).await, "nothing is due");
    tokio::time::sleep(24 * HOUR - Duration::from_secs(1)).await;
    assert_eq!((site.told().len(), site.jlis.waiting()), (0, 0));
    tokio::time::sleep(Duration::from_secs(2)).await;
    let wanted = concat!(
        r#"POST /v1/feed/serial-pairs {"old_serial":"1","old_last_day":"2031-01-01","#,
        r#""new_serial":"2","new_last_day":"2031-01-01","renewed_on":"2026-10-15"}"#
    );
    assert_eq!(site.told(), [wanted]);
    tokio::time::sleep(48 * HOUR).await;
    assert!(site.jlis.settled(SOON).await);
    assert_eq!(site.told().len(), 1);
    let ends: Vec<_> = site
        .tap
        .messages()
        .into_iter()
        .map(|m| (m.hop, m.from.0))
        .collect();
    assert_eq!(ends[0], ("feed", "jlis".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_jump_of_the_clock_is_noticed_at_a_poke_and_within_a_minute_without() {
    let site = site();
    renew(&site, 1, 2);
    tokio::time::sleep(SOON).await;
    jump(&site, 23);
    assert!(site.jlis.settled(SOON).await);
    assert_eq!(site.told().len(), 0, "an hour too early");
    jump(&site, 1);
    assert_eq!(site.jlis.waiting(), 1);
    let before = site.clock.now_ms();
    assert!(site.jlis.settled(SOON).await);
    assert_eq!(site.told().len(), 1);
    assert!(
        site.clock.now_ms() - before < 1000,
        "it waited for something"
    );

    renew(&site, 3, 4);
    tokio::time::sleep(SOON).await;
    jump(&site, 24);
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(site.told().len(), 2, "the jump went unnoticed");
}

#[tokio::test(start_paused = true)]
async fn pairs_are_told_in_the_order_they_fall_due() {
    let site = site();
    renew(&site, 1, 2);
    let earlier = date(2026, 10, 14);
    site.registry.renew(serial(3), serial(4), earlier).unwrap();
    site.registry
        .renew(serial(5), serial(6), date(2026, 8, 1))
        .unwrap();
    assert!(site.jlis.settled(SOON).await);
    let olds = |site: &Site| -> Vec<String> {
        let told = site.told();
        let old = told.iter().map(|t| t.split('"').nth(3).unwrap().to_owned());
        old.collect()
    };
    assert_eq!(olds(&site), ["5", "3"]);
    jump(&site, 24);
    assert!(site.jlis.settled(SOON).await);
    assert_eq!(olds(&site), ["5", "3", "1"]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_away_is_tried_again_until_it_is_back() {
    for fault in [Fault::Down, Fault::Silent] {
        let site = site();
        site.street.set_fault(HOST, Some(fault));
        renew(&site, 1, 2);
        jump(&site, 24);
        assert!(!site.jlis.settled(5 * SOON).await, "{fault:?}");
        assert_eq!(site.jlis.waiting(), 1);
        site.street.set_fault(HOST, None);
        assert!(site.jlis.settled(12 * SOON).await, "{fault:?}");
        assert_eq!(site.told().len(), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_many_tries_it_rests_until_it_is_poked() {
    let site = site();
    site.street.set_fault(HOST, Some(Fault::Down));
    renew(&site, 1, 2);
    jump(&site, 24);
    tokio::time::sleep(Duration::from_secs(60 * u64::from(ATTEMPTS))).await;
    site.street.set_fault(HOST, None);
    tokio::time::sleep(HOUR).await;
    assert_eq!(site.told().len(), 0, "it did not rest");
    assert!(site.jlis.settled(SOON).await);
    assert_eq!(site.told().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn refusals_for_good_are_kept_and_others_tried_again() {
    let site = site();
    site.will_answer(&[503, 500, 429, 422, 200]);
    renew(&site, 1, 2);
    renew(&site, 3, 4);
    jump(&site, 24);
    assert!(site.jlis.settled(12 * SOON).await);
    assert_eq!(site.told().len(), 5);
    let refused = site.jlis.refused();
    let [Refused { pair, reason }] = &refused[..] else {
        panic!("{refused:?}");
    };
    assert_eq!(
        (pair.old_serial.as_str(), reason.as_str()),
        ("1", "HTTP 422")
    );
    assert!(site.told()[4].contains(r#""old_serial":"3""#));
}
