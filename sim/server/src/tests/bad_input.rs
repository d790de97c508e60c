//! Everything nobody should send, over real HTTP and TLS, and arbitrary bytes at the desk itself: a clear
//! refusal each time, and the house goes on as before.

use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::eligibility::{CARD_CONFIRMATIONS, CHALLENGES, HOST, MAX_BODY};
use wire::failure::Failure;
use wire::registration::{FEED_LINKS, FEED_QUALIFICATIONS, FedLink, FedQualification};
use world::http::{Asked, BodyRefused};
use world::net::Network;

use super::site::{CARD, CLINIC, LINK, Site, post, until};
use crate::asker::Asker;
use crate::entry::tests::{gain, loss};
use crate::routes::answer;
use crate::{Reference, Server};

const JSON: &str = "application/json";

fn confirmation(spoil: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let mut body = serde_json::json!({
        "session": "00112233445566778899aabbccddeeff",
        "certificate": "AAAA",
        "signature": "AAAA",
        "method": "pin",
        "consents": {"operation": true, "treatment": true, "drug": true, "checkup": true},
    });
    spoil(&mut body);
    body.to_string().into_bytes()
}

fn fed(spoil: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let qualification = FedQualification {
        link_number: LINK.into(),
        qualification: loss(),
    };
    let mut body = serde_json::to_value(qualification).unwrap();
    spoil(&mut body);
    body.to_string().into_bytes()
}

fn link(link_number: &str, serial: &str) -> Vec<u8> {
    let link = FedLink {
        link_number: link_number.into(),
        serial: serial.into(),
    };
    serde_json::to_vec(&link).unwrap()
}

type Case = (
    &'static str,
    &'static str,
    &'static str,
    Vec<u8>,
    u16,
    &'static str,
);

fn clinic_cases() -> Vec<Case> {
    let deep = [vec![b'['; 5000], vec![b']'; 5000]].concat();
    vec![
        (
            "no such path",
            "/v1/nothing",
            JSON,
            vec![],
            404,
            "path-unknown",
        ),
        ("the root", "/", JSON, vec![], 404, "path-unknown"),
        (
            "a path with more",
            "/v1/challenges/",
            JSON,
            vec![],
            404,
            "path-unknown",
        ),
        (
            "a challenge with a body",
            CHALLENGES,
            JSON,
            b"{}".to_vec(),
            400,
            "body-not-empty",
        ),
        (
            "text",
            CARD_CONFIRMATIONS,
            "text/plain",
            confirmation(|_| {}),
            415,
            "content-type",
        ),
        (
            "no content type",
            CARD_CONFIRMATIONS,
            "",
            confirmation(|_| {}),
            415,
            "content-type",
        ),
        (
            "too large",
            CARD_CONFIRMATIONS,
            JSON,
            vec![b' '; MAX_BODY + 1],
            413,
            "body-too-large",
        ),
        (
            "empty",
            CARD_CONFIRMATIONS,
            JSON,
            vec![],
            400,
            "body-malformed",
        ),
        (
            "cut",
            CARD_CONFIRMATIONS,
            JSON,
            confirmation(|_| {})[..40].to_vec(),
            400,
            "body-malformed",
        ),
        (
            "not UTF-8",
            CARD_CONFIRMATIONS,
            JSON,
            b"{\"session\":\"\xff\"}".to_vec(),
            400,
            "body-malformed",
        ),
        (
            "deep",
            CARD_CONFIRMATIONS,
            JSON,
            deep,
            400,
            "body-malformed",
        ),
        (
            "a list",
            CARD_CONFIRMATIONS,
            JSON,
            b"[]".to_vec(),
            400,
            "body-malformed",
        ),
        (
            "a member more",
            CARD_CONFIRMATIONS,
            JSON,
            confirmation(|b| b["pin"] = "0417".into()),
            400,
            "body-malformed",
        ),
        (
            "a member less",
            CARD_CONFIRMATIONS,
            JSON,
            confirmation(|b| b["method"].take().as_null().unwrap_or(())),
            400,
            "body-malformed",
        ),
        (
            "consents as text",
            CARD_CONFIRMATIONS,
            JSON,
            confirmation(|b| b["consents"]["drug"] = "yes".into()),
            400,
            "body-malformed",
        ),
        (
            "certificate not base64",
            CARD_CONFIRMATIONS,
            JSON,
            confirmation(|b| b["certificate"] = "*".into()),
            400,
            "base64-malformed",
        ),
        (
            "signature not base64",
            CARD_CONFIRMATIONS,
            JSON,
            confirmation(|b| b["signature"] = "AAA".into()),
            400,
            "base64-malformed",
        ),
        (
            "another proof",
            CARD_CONFIRMATIONS,
            JSON,
            confirmation(|b| b["method"] = "face".into()),
            422,
            "method-unknown",
        ),
        (
            "no such session",
            CARD_CONFIRMATIONS,
            JSON,
            confirmation(|_| {}),
            409,
            "session-unknown",
        ),
    ]
}

fn feed_cases() -> Vec<Case> {
    let path = FEED_QUALIFICATIONS;
    vec![
        (
            "check digit",
            path,
            JSON,
            fed(|b| b["insurer_number"] = "06991234".into()),
            422,
            "insurer-number-check-digit",
        ),
        (
            "no such day",
            path,
            JSON,
            fed(|b| b["on"] = "2026-02-30".into()),
            422,
            "on",
        ),
        (
            "no such kind",
            path,
            JSON,
            fed(|b| b["kind"] = "move".into()),
            400,
            "body-malformed",
        ),
        (
            "link number",
            path,
            JSON,
            fed(|b| b["link_number"] = "../1".into()),
            422,
            "link-number",
        ),
        (
            "a number for a text",
            path,
            JSON,
            fed(|b| b["number"] = 5.into()),
            400,
            "body-malformed",
        ),
        ("serial", FEED_LINKS, JSON, link(LINK, "xyz"), 422, "serial"),
        (
            "serial too long",
            FEED_LINKS,
            JSON,
            link(LINK, &"f".repeat(17)),
            422,
            "serial",
        ),
        (
            "link of nobody",
            FEED_LINKS,
            JSON,
            link("", "7"),
            422,
            "link-number",
        ),
        (
            "somebody else's serial",
            FEED_LINKS,
            JSON,
            link("L2", "bfcd"),
            422,
            "serial-of-another",
        ),
        (
            "text",
            FEED_LINKS,
            "text/plain",
            link(LINK, "7"),
            415,
            "content-type",
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn each_bad_request_gets_its_refusal() {
    let site = Site::new(Reference);
    site.feed_link(CARD.serial).await;
    site.feed_qualification(gain()).await;
    for (who, cases) in [(CLINIC, clinic_cases()), ("intermediate", feed_cases())] {
        for (case, path, content_type, body, status, error) in cases {
            // A refused body ends the connection, as HTTP/1.1 allows; each case has its own.
            let mut client = site.connect(who).await.unwrap();
            let answer = post(&mut client, path, content_type, body).await;
            assert_eq!(
                (answer.status, answer.content_type.as_str()),
                (status, JSON),
                "{case}"
            );
            let failure: Failure = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(failure.error, error, "{case}");
            assert!(
                !failure.message_ja.is_empty() && !failure.message_en.is_empty(),
                "{case}"
            );
        }
    }
    let entries = site.server.store().entries(&LINK.parse().unwrap()).unwrap();
    assert_eq!(entries.len(), 1, "no refused entry was kept");
    let card = until(jiff::civil::date(2027, 10, 1));
    assert_eq!(site.visit(&card).await.processing_result_status, "1");
}

#[tokio::test(start_paused = true)]
async fn bytes_that_are_no_tls_or_no_http_end_their_own_connection_only() {
    let site = Site::new(Reference);
    site.feed_link(CARD.serial).await;
    site.feed_qualification(gain()).await;
    for noise in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0x16, 3, 1, 0xff, 0xff],
        &[0; 2000],
    ] {
        let mut stream = site.street.connect(HOST).await.unwrap();
        stream.write_all(noise).await.unwrap();
        let mut said = Vec::new();
        let wait = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut said));
        assert!(wait.await.is_ok(), "the house let go of {noise:?}");
    }
    let silent = site.street.connect(HOST).await.unwrap();
    let card = until(jiff::civil::date(2027, 10, 1));
    assert_eq!(site.visit(&card).await.processing_result_status, "1");
    drop(silent);
}

fn asked(
    method: &str,
    path: &str,
    content_type: &str,
    body: Result<Vec<u8>, BodyRefused>,
) -> Asked {
    Asked {
        method: method.to_owned(),
        path: path.to_owned(),
        content_type: content_type.to_owned(),
        body: body.map(Into::into),
    }
}

fn askers() -> [Asker; 3] {
    [
        Asker::Facility(CLINIC.parse().unwrap()),
        Asker::Intermediate,
        Asker::Other("insurer".to_owned()),
    ]
}

#[tokio::test(start_paused = true)]
async fn other_methods_and_broken_bodies_are_refused() {
    let site = Site::new(Reference);
    let [clinic, intermediate, _] = askers();
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "FOO"] {
        for (asker, path) in [
            (&clinic, CHALLENGES),
            (&clinic, CARD_CONFIRMATIONS),
            (&intermediate, FEED_LINKS),
            (&intermediate, FEED_QUALIFICATIONS),
        ] {
            let refused = answer(&site.server, asker, asked(method, path, JSON, Ok(vec![]))).await;
            assert_eq!(refused.status, 405, "{method} {path}");
        }
    }
    let broken = asked("POST", CARD_CONFIRMATIONS, JSON, Err(BodyRefused::Broken));
    assert_eq!(answer(&site.server, &clinic, broken).await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_the_server_s_fault_and_says_nothing_of_itself() {
    let site = Site::new(Reference);
    site.feed_link(CARD.serial).await;
    site.feed_qualification(gain()).await;
    site.server.store().break_for_test();
    let answer = site
        .feed(
            FEED_LINKS,
            &FedLink {
                link_number: LINK.into(),
                serial: "8".into(),
            },
        )
        .await;
    let failure: Failure = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        (answer.status, failure.error.as_str()),
        (500, "store-failed")
    );
    assert!(!failure.message_en.contains("sqlite"), "{failure:?}");
    assert!(site.server.store_failure().unwrap().contains("links"));
}

async fn statuses(server: &Server, path: &str, content_type: &str, body: &[u8]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for asker in askers() {
        let question = asked("POST", path, content_type, Ok(body.to_vec()));
        statuses.push(answer(server, &asker, question).await.status);
    }
    statuses
}

fn paths() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just(CHALLENGES),
        Just(CARD_CONFIRMATIONS),
        Just(FEED_LINKS),
        Just(FEED_QUALIFICATIONS)
    ]
}

/// Right bodies with one place overwritten come further than noise does.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let right = prop_oneof![
        Just(confirmation(|_| {})),
        Just(fed(|_| {})),
        Just(link(LINK, "7"))
    ];
    let overwritten =
        (right, any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut body, at, byte)| {
            let at = at.index(body.len());
            body[at] = byte;
            body
        });
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        "\\PC{0,100}".prop_map(String::into_bytes),
        overwritten
    ]
}

#[test]
fn no_body_makes_the_house_panic_or_fail() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let site = runtime.block_on(async { Site::new(Reference) });
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(300));
    let tried = runner.run(&(paths(), bodies()), |(path, body)| {
        let statuses = runtime.block_on(statuses(&site.server, path, JSON, &body));
        for status in statuses {
            prop_assert!((200..500).contains(&status), "{} to {}", status, path);
        }
        Ok(())
    });
    tried.unwrap();
}
