//! Revocation service and list behind their doors: what HTTP carries, and what it does not.

use std::time::Duration;

use jiff::civil::date;
use wire::certificate::{CRL_HOST, CRL_PATH, OCSP_HOST, OCSP_REQUEST, OCSP_RESPONSE};
use world::http::{Answer, Client};
use world::net::Network;

use super::site::{Site, serial};
use crate::Mood;

async fn posted(site: &Site, host: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
    let stream = site.street.connect(host).await.unwrap();
    let mut client = Client::over(stream, host).await.unwrap();
    let limit = Duration::from_secs(60);
    client
        .post(path, kind, body, limit, 64 * 1024)
        .await
        .unwrap()
}

const MALFORMED: [u8; 5] = [0x30, 3, 0x0A, 1, 1];

#[tokio::test(start_paused = true)]
async fn what_is_no_question_is_refused_by_http() {
    let site = Site::new();
    let table = [
        (OCSP_HOST, "/", OCSP_REQUEST, 10, 200),
        (OCSP_HOST, "/other", OCSP_REQUEST, 10, 404),
        (OCSP_HOST, "/", "text/plain", 10, 415),
        (OCSP_HOST, "/", OCSP_REQUEST, 20_000, 413),
        (CRL_HOST, CRL_PATH, "text/plain", 0, 405),
        (CRL_HOST, "/other.crl", "text/plain", 0, 404),
    ];
    for (host, path, kind, length, status) in table {
        let answer = posted(&site, host, path, kind, vec![0; length]).await;
        assert_eq!(answer.status, status, "{host}{path} {kind} {length}");
        if status == 200 {
            assert_eq!(answer.content_type, OCSP_RESPONSE);
            assert_eq!(answer.body[..], MALFORMED);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn moods_are_changed_while_the_house_is_open() {
    let site = Site::new();
    site.registry.issue(serial(1), date(2030, 1, 1)).unwrap();
    let asked = || posted(&site, OCSP_HOST, "/", OCSP_REQUEST, vec![0]);
    let late = Duration::from_secs(7);
    for (mood, waited) in [
        (Mood::Normal, Duration::ZERO),
        (Mood::Slow(late), late),
        (Mood::Normal, Duration::ZERO),
    ] {
        site.jlis.set_mood(mood);
        let before = site.clock.now_ms();
        assert_eq!(asked().await.body[..], MALFORMED);
        let passed = u64::try_from(site.clock.now_ms() - before).unwrap();
        assert!(
            passed.abs_diff(u64::try_from(waited.as_millis()).unwrap()) <= 1,
            "{passed}"
        );
    }
}
