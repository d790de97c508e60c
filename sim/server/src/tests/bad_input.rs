//! Everything nobody should send, over real HTTP and TLS, and arbitrary bytes at the desk itself: a clear
//! refusal each time, and the house goes on as before.

use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::eligibility::{
    CARD_CONFIRMATIONS, CARD_IDENTIFICATIONS, CHALLENGES, HOST, MAX_BODY, USE_REGISTRATIONS,
};
use wire::failure::Failure;
use wire::registration::{
    FEED_QUALIFICATIONS, FEED_RELEASES, FEED_SERIAL_PAIRS, FEED_USE_REGISTRATIONS, FedQualification,
};
use world::http::{Asked, BodyRefused};
use world::net::Network;

use super::site::{CLINIC, JSON, LINK, Site, error, pair, post, registration, until};
use crate::asker::{Asker, House};
use crate::entry::tests::loss;
use crate::routes::answer;
use crate::{Reference, Server};

type Spoil<'a> = &'a dyn Fn(&mut serde_json::Value);

const SESSION: &str = "00112233445566778899aabbccddeeff";

fn spoilt(mut body: serde_json::Value, spoil: Spoil<'_>) -> Vec<u8> {
    spoil(&mut body);
    body.to_string().into_bytes()
}

fn identification(spoil: Spoil<'_>) -> Vec<u8> {
    let body = serde_json::json!({
        "session": SESSION, "certificate": "AAAA", "signature": "AAAA", "method": "pin",
    });
    spoilt(body, spoil)
}

fn confirmation(spoil: Spoil<'_>) -> Vec<u8> {
    let body = serde_json::json!({
        "session": SESSION,
        "consents": {"operation": true, "treatment": true, "drug": true, "checkup": true},
    });
    spoilt(body, spoil)
}

fn use_registration(spoil: Spoil<'_>) -> Vec<u8> {
    spoilt(serde_json::json!({"session": SESSION}), spoil)
}

fn reported(spoil: Spoil<'_>) -> Vec<u8> {
    spoilt(serde_json::to_value(registration(7, LINK)).unwrap(), spoil)
}

fn released(spoil: Spoil<'_>) -> Vec<u8> {
    let body = serde_json::json!({"link_number": LINK, "effective_on": "2026-10-31"});
    spoilt(body, spoil)
}

fn paired(spoil: Spoil<'_>) -> Vec<u8> {
    let body = pair(7, "2026-10-31", 8, "2026-10-15");
    spoilt(serde_json::to_value(body).unwrap(), spoil)
}

fn fed(spoil: Spoil<'_>) -> Vec<u8> {
    let qualification = FedQualification {
        link_number: LINK.into(),
        qualification: loss(),
    };
    spoilt(serde_json::to_value(qualification).unwrap(), spoil)
}

/// What is wrong, where it is sent, as what, and what is said to it.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    Vec<u8>,
    u16,
    &'static str,
);

fn shapeless() -> Vec<Case> {
    let whole = confirmation(&|_| {});
    let deep = [vec![b'['; 5000], vec![b']'; 5000]].concat();
    let path = CARD_CONFIRMATIONS;
    let bad = "body-malformed";
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
            "a path of long ago",
            "/v1/feed/links",
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
            path,
            "text/plain",
            whole.clone(),
            415,
            "content-type",
        ),
        (
            "no content type",
            path,
            "",
            whole.clone(),
            415,
            "content-type",
        ),
        (
            "too large",
            path,
            JSON,
            vec![b' '; MAX_BODY + 1],
            413,
            "body-too-large",
        ),
        ("empty", path, JSON, vec![], 400, bad),
        ("cut", path, JSON, whole[..40].to_vec(), 400, bad),
        (
            "not UTF-8",
            path,
            JSON,
            b"{\"session\":\"\xff\"}".to_vec(),
            400,
            bad,
        ),
        ("deep", path, JSON, deep, 400, bad),
        ("a list", path, JSON, b"[]".to_vec(), 400, bad),
    ]
}

fn clinic_cases() -> Vec<Case> {
    let (bad, unknown) = ("body-malformed", "session-unknown");
    let identify = |case, spoil: Spoil<'_>, status, error| -> Case {
        let body = identification(spoil);
        (case, CARD_IDENTIFICATIONS, JSON, body, status, error)
    };
    let confirm = |case, spoil: Spoil<'_>, status, error| -> Case {
        (
            case,
            CARD_CONFIRMATIONS,
            JSON,
            confirmation(spoil),
            status,
            error,
        )
    };
    let register = |case, spoil: Spoil<'_>, status, error| -> Case {
        (
            case,
            USE_REGISTRATIONS,
            JSON,
            use_registration(spoil),
            status,
            error,
        )
    };
    vec![
        identify("a member more", &|b| b["pin"] = "0417".into(), 400, bad),
        identify(
            "a member less",
            &|b| b["method"] = serde_json::Value::Null,
            400,
            bad,
        ),
        identify("another proof", &|b| b["method"] = "iris".into(), 400, bad),
        identify(
            "certificate",
            &|b| b["certificate"] = "*".into(),
            400,
            "base64-malformed",
        ),
        identify(
            "signature",
            &|b| b["signature"] = "AAA".into(),
            400,
            "base64-malformed",
        ),
        identify("no such session", &|_| {}, 409, unknown),
        confirm(
            "consents as text",
            &|b| b["consents"]["drug"] = "yes".into(),
            400,
            bad,
        ),
        confirm(
            "the old shape",
            &|b| b["certificate"] = "AAAA".into(),
            400,
            bad,
        ),
        confirm("no such session", &|_| {}, 409, unknown),
        confirm(
            "session of nobody",
            &|b| b["session"] = "".into(),
            409,
            unknown,
        ),
        register("a member more", &|b| b["serial"] = "7".into(), 400, bad),
        register("no such session", &|_| {}, 409, unknown),
    ]
}

fn intermediate_cases() -> Vec<Case> {
    let bad = "body-malformed";
    let fed = |case, spoil: Spoil<'_>, status, error| -> Case {
        (case, FEED_QUALIFICATIONS, JSON, fed(spoil), status, error)
    };
    let released = |case, spoil: Spoil<'_>, status, error| -> Case {
        (case, FEED_RELEASES, JSON, released(spoil), status, error)
    };
    let digit = "insurer-number-check-digit";
    let limit = |from: &str, to: &str| serde_json::json!({"limit": {"classification": "01", "class": "A01", "from": from, "to": to}});
    vec![
        fed(
            "check digit",
            &|b| b["insurer_number"] = "06991234".into(),
            422,
            digit,
        ),
        fed("no such day", &|b| b["on"] = "2026-02-30".into(), 422, "on"),
        fed("no such kind", &|b| b["kind"] = "move".into(), 400, bad),
        fed(
            "link number",
            &|b| b["link_number"] = "../1".into(),
            422,
            "link-number",
        ),
        fed("a number for a text", &|b| b["number"] = 5.into(), 400, bad),
        fed(
            "unknown benefit",
            &|b| b["benefits"] = serde_json::json!({"gift": "1"}),
            400,
            bad,
        ),
        fed(
            "a span backwards",
            &|b| b["benefits"] = limit("2027-01-01", "2026-01-01"),
            422,
            "limit",
        ),
        fed(
            "a span of no days",
            &|b| b["benefits"] = limit("", "2026-01-01"),
            422,
            "limit",
        ),
        released(
            "link of nobody",
            &|b| b["link_number"] = "".into(),
            422,
            "link-number",
        ),
        released(
            "no day",
            &|b| b["effective_on"] = "soon".into(),
            422,
            "effective-on",
        ),
        released(
            "a member more",
            &|b| b["individual_number"] = "1".into(),
            400,
            bad,
        ),
        (
            "text",
            FEED_RELEASES,
            "text/plain",
            vec![],
            415,
            "content-type",
        ),
    ]
}

fn portal_cases() -> Vec<Case> {
    let reported = |case, spoil: Spoil<'_>, status, error| -> Case {
        (
            case,
            FEED_USE_REGISTRATIONS,
            JSON,
            reported(spoil),
            status,
            error,
        )
    };
    let long = "f".repeat(17);
    vec![
        reported("serial", &|b| b["serial"] = "xyz".into(), 422, "serial"),
        reported(
            "serial too long",
            &|b| b["serial"] = long.clone().into(),
            422,
            "serial",
        ),
        reported(
            "no last day",
            &|b| b["last_day"] = "".into(),
            422,
            "last-day",
        ),
        reported(
            "link of nobody",
            &|b| b["link_number"] = "".into(),
            422,
            "link-number",
        ),
        reported(
            "number",
            &|b| b["insured"]["number"] = "".into(),
            422,
            "number",
        ),
        reported(
            "somebody else's serial",
            &|b| {
                b["link_number"] = "L2".into();
                b["serial"] = "bfcd".into();
            },
            422,
            "serial-of-another",
        ),
    ]
}

fn jlis_cases() -> Vec<Case> {
    let paired = |case, spoil: Spoil<'_>, error| -> Case {
        (case, FEED_SERIAL_PAIRS, JSON, paired(spoil), 422, error)
    };
    vec![
        paired(
            "old serial",
            &|b| b["old_serial"] = "0".into(),
            "old-serial",
        ),
        paired("new serial", &|b| b["new_serial"] = "".into(), "new-serial"),
        paired("the same", &|b| b["new_serial"] = "7".into(), "serial-pair"),
        paired(
            "old day",
            &|b| b["old_last_day"] = "x".into(),
            "old-last-day",
        ),
        paired(
            "new day",
            &|b| b["new_last_day"] = "x".into(),
            "new-last-day",
        ),
        paired("renewal", &|b| b["renewed_on"] = "x".into(), "renewed-on"),
    ]
}

#[tokio::test(start_paused = true)]
async fn each_bad_request_gets_its_refusal() {
    let site = Site::ready(Reference).await;
    for (who, cases) in [
        (CLINIC, shapeless()),
        (CLINIC, clinic_cases()),
        ("intermediate", intermediate_cases()),
        ("portal", portal_cases()),
        ("jlis", jlis_cases()),
    ] {
        for (case, path, content_type, body, status, expected) in cases {
            // A refused body ends the connection, as HTTP/1.1 allows; each case has its own.
            let mut client = site.connect(who).await.unwrap();
            let answer = post(&mut client, path, content_type, body).await;
            assert_eq!(
                (answer.status, answer.content_type.as_str()),
                (status, JSON),
                "{case}"
            );
            assert_eq!(error(&answer), expected, "{case}");
        }
    }
    let count = |table| site.server.store().count(table);
    let kept = [
        "qualifications",
        "ties",
        "pairs",
        "releases",
        "confirmations",
    ]
    .map(count);
    assert_eq!(kept, [1, 1, 0, 0, 0], "nothing refused was kept");
    let card = until(jiff::civil::date(2027, 10, 1));
    assert_eq!(site.visit(&card).await.processing_result_status, "1");
}

#[tokio::test(start_paused = true)]
async fn bytes_that_are_no_tls_or_no_http_end_their_own_connection_only() {
    let site = Site::ready(Reference).await;
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

fn askers() -> Vec<Asker> {
    let houses = [
        House::Intermediate,
        House::Portal,
        House::Jlis,
        House::ReviewBody,
    ];
    let mut askers = vec![
        Asker::Facility(CLINIC.parse().unwrap()),
        Asker::Other("insurer".to_owned()),
    ];
    askers.extend(houses.map(Asker::House));
    askers
}

const PATHS: [&str; 8] = [
    CHALLENGES,
    CARD_IDENTIFICATIONS,
    USE_REGISTRATIONS,
    CARD_CONFIRMATIONS,
    FEED_QUALIFICATIONS,
    FEED_RELEASES,
    FEED_USE_REGISTRATIONS,
    FEED_SERIAL_PAIRS,
];

#[tokio::test(start_paused = true)]
async fn other_methods_and_broken_bodies_are_refused() {
    let site = Site::new(Reference);
    for path in PATHS {
        for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "FOO"] {
            let mut statuses = Vec::new();
            for asker in askers() {
                let wrong = asked(method, path, JSON, Ok(vec![]));
                statuses.push(answer(&site.server, &asker, wrong).await.status);
            }
            statuses.sort_unstable();
            // One asker may use the path, and is told that the method is wrong; the others are not.
            assert_eq!(statuses, [403, 403, 403, 403, 403, 405], "{method} {path}");
        }
    }
    let clinic = &askers()[0];
    let broken = asked("POST", CARD_CONFIRMATIONS, JSON, Err(BodyRefused::Broken));
    assert_eq!(answer(&site.server, clinic, broken).await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_the_server_s_fault_and_says_nothing_of_itself() {
    let site = Site::ready(Reference).await;
    site.server.store().break_for_test();
    let answer = site.register(8).await;
    let failure: Failure = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        (answer.status, failure.error.as_str()),
        (500, "store-failed")
    );
    assert!(!failure.message_en.contains("sqlite"), "{failure:?}");
    assert!(site.server.store_failure().unwrap().contains("ties"));
}

async fn statuses(server: &Server, path: &str, content_type: &str, body: &[u8]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for asker in askers() {
        let question = asked("POST", path, content_type, Ok(body.to_vec()));
        statuses.push(answer(server, &asker, question).await.status);
    }
    statuses
}

/// Right bodies with one place overwritten come further than noise does.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let right = proptest::sample::select(vec![
        confirmation(&|_| {}),
        identification(&|_| {}),
        use_registration(&|_| {}),
        fed(&|_| {}),
        reported(&|_| {}),
        released(&|_| {}),
        paired(&|_| {}),
    ]);
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
    let tried = runner.run(
        &(proptest::sample::select(&PATHS[..]), bodies()),
        |(path, body)| {
            let statuses = runtime.block_on(statuses(&site.server, path, JSON, &body));
            for status in statuses {
                prop_assert!((200..500).contains(&status), "{} to {}", status, path);
            }
            Ok(())
        },
    );
    tried.unwrap();
}
