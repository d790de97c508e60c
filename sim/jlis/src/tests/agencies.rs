//! The service for agencies: whom it answers what (REG-06), and everything nobody should send.

use std::time::Duration;

use wire::portal::{AGENCY_CODES, JLIS_HOST, NAME};
use world::http::{Answer, Asked, BodyRefused, Client};
use world::net::Network;
use world::{Carrier, Hop};

use super::site::{Site, serial};
use crate::agency::{Codes, answer};

async fn client(site: &Site, name: &str, enrolled: bool) -> Option<Client> {
    let hop = Hop {
        name: "agency",
        near: ("portal".to_owned(), String::new()),
        far: ("jlis".to_owned(), String::new()),
        carrier: Carrier::None,
    };
    let stream = site.street.connect(JLIS_HOST).await.unwrap();
    let caller = site.caller(name, enrolled);
    let stream = caller.call(JLIS_HOST, stream, &site.tap, hop).await.ok()?;
    Client::over(stream, JLIS_HOST).await.ok()
}

async fn posted(site: &Site, asker: &str, path: &str, kind: &str, body: &str) -> Answer {
    let mut client = client(site, asker, true).await.unwrap();
    let limit = Duration::from_secs(5);
    client
        .post(path, kind, body.to_owned(), limit, 4096)
        .await
        .unwrap()
}

fn error(answer: &Answer) -> (u16, String) {
    let failure: wire::failure::Failure = serde_json::from_slice(&answer.body).unwrap();
    assert!(!failure.message_ja.is_empty() && !failure.message_en.is_empty());
    (answer.status, failure.error)
}

const JSON: &str = "application/json";

#[tokio::test(start_paused = true)]
async fn the_portal_learns_the_code_behind_a_serial_and_behind_what_followed_it() {
    let site = Site::new();
    let day = site.clock.today();
    for value in [0xA1, 0xA2, 0xA3, 0xB1] {
        site.registry.issue(serial(value), day).unwrap();
    }
    site.jlis.know(serial(0xA1), "k3x0m2p9q8r7s6t5");
    site.registry
        .renew(serial(0xA1), serial(0xA2), day)
        .unwrap();
    site.registry
        .renew(serial(0xA2), serial(0xA3), day)
        .unwrap();
    for asked in ["a1", "A2", "00a3"] {
        let body = format!(r#"{{"serial":"{asked}"}}"#);
        let answer = posted(&site, NAME, AGENCY_CODES, JSON, &body).await;
        let said = String::from_utf8(answer.body.to_vec()).unwrap();
        let wanted = r#"{"agency_code":"k3x0m2p9q8r7s6t5"}"#;
        assert_eq!((answer.status, said.as_str()), (200, wanted), "{asked}");
    }
    for nobodys in ["b1", "a4"] {
        let body = format!(r#"{{"serial":"{nobodys}"}}"#);
        let answer = posted(&site, NAME, AGENCY_CODES, JSON, &body).await;
        assert_eq!(error(&answer), (404, "unknown-serial".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_should_send_is_refused_with_its_reason() {
    let site = Site::new();
    site.jlis.know(serial(0xA1), "k3x0m2p9q8r7s6t5");
    let right = r#"{"serial":"a1"}"#;
    let long = format!(r#"{{"serial":"{}"}}"#, "1".repeat(20_000));
    let table = [
        (
            "eligibility-server",
            AGENCY_CODES,
            JSON,
            right,
            403,
            "not-portal",
        ),
        ("1312345678", AGENCY_CODES, JSON, right, 403, "not-portal"),
        (NAME, "/v1/other", JSON, right, 404, "not-found"),
        (NAME, AGENCY_CODES, "text/plain", right, 415, "content-type"),
        (NAME, AGENCY_CODES, JSON, &long, 413, "too-large"),
        (NAME, AGENCY_CODES, JSON, "", 400, "malformed"),
        (NAME, AGENCY_CODES, JSON, "{}", 400, "malformed"),
        (
            NAME,
            AGENCY_CODES,
            JSON,
            r#"{"serial":161}"#,
            400,
            "malformed",
        ),
        (
            NAME,
            AGENCY_CODES,
            JSON,
            r#"{"serial":"a1","name":"x"}"#,
            400,
            "malformed",
        ),
        (
            NAME,
            AGENCY_CODES,
            JSON,
            r#"{"serial":"xyz"}"#,
            422,
            "serial",
        ),
        (NAME, AGENCY_CODES, JSON, r#"{"serial":""}"#, 422, "serial"),
        (NAME, AGENCY_CODES, JSON, r#"{"serial":"0"}"#, 422, "serial"),
    ];
    for (asker, path, kind, body, status, name) in table {
        let answer = posted(&site, asker, path, kind, body).await;
        assert_eq!(error(&answer), (status, name.to_owned()), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stranger_s_certificate_ends_the_handshake_or_what_follows() {
    let site = Site::new();
    site.jlis.know(serial(0xA1), "k3x0m2p9q8r7s6t5");
    // In TLS 1.3 the client learns of the refusal after its own handshake.
    if let Some(mut client) = client(&site, NAME, false).await {
        let body = r#"{"serial":"a1"}"#;
        let limit = Duration::from_secs(5);
        let answer = client.post(AGENCY_CODES, JSON, body, limit, 4096).await;
        assert!(answer.is_err(), "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_get_and_a_body_that_broke_off_are_refused_too() {
    let registry = crate::Registry::new(super::site::clock(), 24);
    let asked = |method: &str, body| Asked {
        method: method.to_owned(),
        path: AGENCY_CODES.to_owned(),
        content_type: JSON.to_owned(),
        body,
    };
    let table = [
        (
            asked("GET", Ok(Default::default())),
            (405, "method-not-allowed"),
        ),
        (
            asked("POST", Err(BodyRefused::Broken)),
            (400, "body-broken"),
        ),
    ];
    for (asked, (status, name)) in table {
        let answer = answer(&Codes::default(), &registry, NAME, &asked);
        assert_eq!(error(&answer), (status, name.to_owned()));
    }
}
