//! Requests that are none, by whoever sends them: each is refused by name, and nothing is tied.

use proptest::prelude::*;
use wire::eligibility::MAX_BODY;
use wire::failure::Failure;
use wire::portal::{CHALLENGES, CLINIC_REGISTRATIONS, ClinicRegistration, USE_REGISTRATIONS};
use world::http::{Asked, BodyRefused};
use world::keys::{self, Authority};
use world::tls::{Caller, FacilityAuthority};

use super::bed::{JSON, SERVER, bed, outcome};
use crate::LIFETIME_MS;
use crate::asker::Asker;

fn clinic(serial: &str, last_day: &str) -> Vec<u8> {
    let [serial, last_day] = [serial, last_day].map(str::to_owned);
    serde_json::to_vec(&ClinicRegistration { serial, last_day }).unwrap()
}

fn named(status: u16, error: &str) -> (u16, String) {
    (status, error.to_owned())
}

#[tokio::test(start_paused = true)]
async fn the_eligibility_server_registers_for_a_clinic() {
    let bed = bed();
    let good = || clinic("bfcd", "2030-02-17");
    for status in [201, 200] {
        let answer = bed.post(SERVER, CLINIC_REGISTRATIONS, good()).await;
        assert_eq!(answer.status, status);
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(said, format!("{{\"new\":{}}}", status == 201));
    }
    assert_eq!(bed.ties().len(), 1);
    let table = [
        (clinic("xyz", "2030-02-17"), named(422, "serial")),
        (clinic("0", "2030-02-17"), named(422, "serial")),
        (clinic("bfcd", "2030-02-30"), named(422, "last-day")),
        (clinic("bfcd", "20300217"), named(422, "last-day")),
        (
            clinic("bfcd", "2026-10-14"),
            named(403, "certificate-expired"),
        ),
        (
            clinic("bfce", "2030-02-17"),
            named(403, "certificate-unknown"),
        ),
        (b"{}".to_vec(), named(400, "body-malformed")),
    ];
    for (body, expected) in table {
        let answer = bed.post(SERVER, CLINIC_REGISTRATIONS, body).await;
        assert_eq!(outcome(&answer), expected);
    }
    bed.intermediate.lock().unwrap().insured.clear();
    let answer = bed.post(SERVER, CLINIC_REGISTRATIONS, good()).await;
    assert_eq!(outcome(&answer), named(422, "no-insured-person"));
    assert_eq!(bed.ties().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn everybody_has_paths_of_his_own() {
    let bed = bed();
    let facility = Some("9910000010");
    let paths = [CHALLENGES, USE_REGISTRATIONS, CLINIC_REGISTRATIONS];
    for (name, opens) in [
        (None, &paths[..2]),
        (SERVER, &paths[2..]),
        (facility, &[]),
        (Some("portal"), &[]),
    ] {
        for path in paths {
            let answer = bed.post(name, path, Vec::new()).await;
            let refused = outcome(&answer) == named(403, "asker-not-allowed");
            assert_eq!(!refused, opens.contains(&path), "{name:?} {path}");
        }
    }
    assert!(bed.ties().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_certificate_of_a_foreign_authority_ends_at_the_door() {
    let bed = bed();
    let foreign = FacilityAuthority::new(Authority::Foreign, jiff::civil::date(2025, 1, 1));
    let identity = foreign
        .unwrap()
        .issue("eligibility-server", 3, keys::tls::STRANGER);
    let caller = Caller::new(&identity.unwrap(), &bed.roots(), &bed.clock).unwrap();
    let refused = match bed.client(&caller).await {
        Err(error) => Err(error),
        Ok(mut client) => {
            let body = clinic("bfcd", "2030-02-17");
            let patience = std::time::Duration::from_secs(60);
            let asking = client.post(CLINIC_REGISTRATIONS, JSON, body, patience, 1 << 16);
            asking.await
        }
    };
    assert!(refused.is_err());
    assert!(bed.ties().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_challenge_serves_once_and_for_five_minutes() {
    let bed = bed();
    let send = async |request: &wire::portal::HomeRegistration| {
        let body = serde_json::to_vec(request).unwrap();
        outcome(&bed.post(None, USE_REGISTRATIONS, body).await)
    };
    let first = bed.request().await;
    assert_eq!(send(&first).await, named(201, ""));
    assert_eq!(send(&first).await, named(409, "session-used"));
    let mut other = bed.request().await;
    // A signature made for another challenge.
    other.signature.clone_from(&first.signature);
    assert_eq!(send(&other).await, named(403, "signature-invalid"));
    assert_eq!(send(&other).await, named(409, "session-used"));
    let mut unknown = bed.request().await;
    unknown.session = "0".repeat(32);
    assert_eq!(send(&unknown).await, named(409, "session-unknown"));
    let late = bed.request().await;
    let lifetime = u64::try_from(LIFETIME_MS).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(lifetime)).await;
    assert_eq!(send(&late).await, named(409, "session-expired"));
    assert_eq!(bed.eligibility.lock().unwrap().asked, 1);
}

#[tokio::test(start_paused = true)]
async fn wrong_certificates_are_refused_before_anybody_is_asked() {
    let bed = bed();
    let good = bed.request().await;
    let table = [
        (
            "%%%".to_owned(),
            good.signature.clone(),
            named(400, "base64-malformed"),
        ),
        (
            good.certificate.clone(),
            "%%%".to_owned(),
            named(400, "base64-malformed"),
        ),
        (
            String::new(),
            good.signature.clone(),
            named(403, "certificate-invalid"),
        ),
        (
            "AAAA".to_owned(),
            good.signature.clone(),
            named(403, "certificate-invalid"),
        ),
        (
            "A".repeat(40_000),
            good.signature.clone(),
            named(403, "certificate-invalid"),
        ),
    ];
    for (certificate, signature, expected) in table {
        let mut request = bed.request().await;
        (request.certificate, request.signature) = (certificate, signature);
        let body = serde_json::to_vec(&request).unwrap();
        let answer = bed.post(None, USE_REGISTRATIONS, body).await;
        assert_eq!(outcome(&answer), expected);
    }
    assert_eq!(bed.intermediate.lock().unwrap().asked, 0);
    // A request refused for its shape leaves its session alone.
    let body = serde_json::to_vec(&good).unwrap();
    let mut broken = good.clone();
    broken.signature = "%".to_owned();
    let broken = serde_json::to_vec(&broken).unwrap();
    let answer = bed.post(None, USE_REGISTRATIONS, broken).await;
    assert_eq!(outcome(&answer), named(400, "base64-malformed"));
    let answer = bed.post(None, USE_REGISTRATIONS, body).await;
    assert_eq!(answer.status, 201);
}

fn asked(path: &str, body: &[u8]) -> Asked {
    Asked {
        method: "POST".into(),
        path: path.into(),
        content_type: JSON.into(),
        body: Ok(body.to_vec().into()),
    }
}

#[tokio::test(start_paused = true)]
async fn requests_that_are_none_are_refused_by_name() {
    let bed = bed();
    let home = |body: &[u8]| asked(USE_REGISTRATIONS, body);
    let table = [
        (asked("/", b""), 404, "path-unknown"),
        (asked(CHALLENGES, b"{}"), 400, "body-not-empty"),
        (
            Asked {
                method: "GET".into(),
                ..asked(CHALLENGES, b"")
            },
            405,
            "method-not-allowed",
        ),
        (
            Asked {
                content_type: "text/xml".into(),
                ..home(b"{}")
            },
            415,
            "content-type",
        ),
        (
            Asked {
                body: Err(BodyRefused::TooLarge),
                ..home(b"")
            },
            413,
            "body-too-large",
        ),
        (
            Asked {
                body: Err(BodyRefused::Broken),
                ..home(b"")
            },
            400,
            "body-broken",
        ),
        (home(b""), 400, "body-malformed"),
        (home(b"{\"session\":\"1\"}"), 400, "body-malformed"),
        (home(&vec![b'['; MAX_BODY]), 400, "body-malformed"),
    ];
    for (asked, status, error) in table {
        let answer = bed.portal.answer(&Asker::Anybody, asked).await;
        assert_eq!(outcome(&answer), named(status, error));
        let failure: Failure = serde_json::from_slice(&answer.body).unwrap();
        assert!(!failure.message_ja.is_empty() && !failure.message_en.is_empty());
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_desk_panic(body: Vec<u8>, session in "[0-9a-f]{0,32}", text in "\\PC{0,40}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let bed = bed();
            let request = serde_json::json!({"session": session, "certificate": text, "signature": text});
            let requests = [
                (Asker::Anybody, asked(USE_REGISTRATIONS, &body)),
                (Asker::Anybody, asked(USE_REGISTRATIONS, request.to_string().as_bytes())),
                (Asker::Eligibility, asked(CLINIC_REGISTRATIONS, &body)),
                (Asker::Eligibility, asked(CLINIC_REGISTRATIONS, &clinic(&text, &text))),
                (Asker::Other(text.clone()), asked(&text, &body)),
            ];
            for (asker, asked) in requests {
                assert!(bed.portal.answer(&asker, asked).await.status >= 400);
            }
            assert!(bed.ties().is_empty());
        });
    }

    #[test]
    fn no_certificate_makes_the_portal_panic(bytes: Vec<u8>) {
        prop_assert_eq!(Asker::of(Some(&bytes)), Asker::Other(String::new()));
    }
}
