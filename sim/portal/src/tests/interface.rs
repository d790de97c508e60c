//! The described interface against the real one: what the portal refuses stands in
//! `openapi-neighbours.yaml` and nothing else does, and the running J-LIS answers as described there.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use wire::eligibility::MAX_BODY;
use wire::portal::{
    AGENCY_CODES, CHALLENGES, CLINIC_REGISTRATIONS, HOST, JLIS_HOST, USE_REGISTRATIONS,
};
use world::http::{Answer, Client};
use world::keys;
use world::net::Network;
use world::tls::Caller;

use super::bed::{Bed, CODE, JSON, bed, outcome};
use crate::conduct::CertificateFault;
use crate::refused::{Refused, Who};
use crate::sessions::SessionRefused;

fn described() -> Value {
    serde_saphyr::from_str(include_str!("../../../wire/openapi-neighbours.yaml")).unwrap()
}

/// One of every refusal there is. A new variant must be entered here, or this does not compile.
fn every_refusal() -> Vec<Refused> {
    use Refused::*;
    let first = Path(String::new());
    match first {
        Path(_)
        | Method(_)
        | Asker { .. }
        | ContentType(_)
        | TooLarge
        | BodyBroken
        | BodyNotEmpty
        | Json(_)
        | Base64 { .. }
        | Serial(_)
        | LastDay
        | Session(_)
        | Signature
        | Certificate(_)
        | CertificateNotGood(_)
        | NoInsuredPerson
        | TiedToAnother
        | Unavailable { .. } => {}
    }
    let text = String::new;
    let mut all = vec![
        first,
        Method(text()),
        Asker {
            name: text(),
            devices_only: true,
        },
        ContentType(text()),
        TooLarge,
        BodyBroken,
        BodyNotEmpty,
        Json(text()),
        Base64 {
            member: "",
            said: text(),
        },
        Serial(text()),
        LastDay,
        Signature,
        CertificateNotGood(text()),
        NoInsuredPerson,
        TiedToAnother,
    ];
    let sessions = [
        SessionRefused::Unknown,
        SessionRefused::Used,
        SessionRefused::Expired,
    ];
    all.extend(sessions.map(Session));
    let faults = [
        CertificateFault::Invalid,
        CertificateFault::Expired,
        CertificateFault::Revoked,
        CertificateFault::Suspended,
        CertificateFault::Unknown,
        CertificateFault::Unasked,
    ];
    all.extend(faults.map(Certificate));
    let houses = [Who::Jlis, Who::Intermediate, Who::Eligibility];
    all.extend(houses.map(|who| Unavailable { who, said: text() }));
    all
}

fn listed(schema: &str) -> BTreeSet<String> {
    let page = described();
    let names = &page["components"]["schemas"][schema]["properties"]["error"]["enum"];
    let names = names.as_array().unwrap().iter();
    names
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

fn statuses(path: &str) -> BTreeSet<String> {
    let page = described();
    let post = &page["paths"][path]["post"]["responses"];
    post.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn it_is_openapi_3_1_and_says_that_it_is_simulated() {
    let page = described();
    assert_eq!(page["openapi"], "3.1.0");
    let words = page["info"]["description"].as_str().unwrap();
    assert!(words.contains("simulated interfaces") && words.contains(&MAX_BODY.to_string()));
    for (path, host) in [
        (CHALLENGES, HOST),
        (USE_REGISTRATIONS, HOST),
        (CLINIC_REGISTRATIONS, HOST),
        (AGENCY_CODES, JLIS_HOST),
    ] {
        let server = &page["paths"][path]["servers"][0]["url"];
        assert_eq!(*server, format!("https://{host}"), "{path}");
    }
}

#[test]
fn every_refusal_of_the_portal_is_described_and_every_described_one_exists() {
    let real = every_refusal().into_iter().map(|r| r.failure());
    let real: BTreeSet<(u16, String)> = real.map(|(status, f)| (status, f.error)).collect();
    let names = real.iter().map(|(_, name)| name.clone()).collect();
    assert_eq!(listed("PortalFailure"), names);
    let refusing: BTreeSet<String> = real.iter().map(|(s, _)| s.to_string()).collect();
    // 404 is for paths that are not described.
    let mut described = statuses(USE_REGISTRATIONS);
    described.extend(statuses(CLINIC_REGISTRATIONS));
    described.extend(statuses(CHALLENGES));
    described.extend(["404".to_owned()]);
    let good = ["200".to_owned(), "201".to_owned()];
    assert_eq!(described, refusing.into_iter().chain(good).collect());
}

fn members(value: &impl serde::Serialize) -> BTreeSet<String> {
    let value = serde_json::to_value(value).unwrap();
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn members_are_those_of_the_wire() {
    use wire::{eligibility, portal, registration};
    let page = described();
    let text = String::new;
    let table = [
        (
            "Challenge",
            members(&eligibility::Challenge {
                session: text(),
                challenge: text(),
            }),
        ),
        (
            "HomeRegistration",
            members(&portal::HomeRegistration {
                session: text(),
                certificate: text(),
                signature: text(),
            }),
        ),
        (
            "ClinicRegistration",
            members(&portal::ClinicRegistration {
                serial: text(),
                last_day: text(),
            }),
        ),
        ("Registered", members(&portal::Registered { new: true })),
        (
            "AgencyCodeQuestion",
            members(&portal::AgencyCodeQuestion { serial: text() }),
        ),
        (
            "AgencyCode",
            members(&portal::AgencyCode {
                agency_code: text(),
            }),
        ),
        (
            "InsuredPerson",
            members(&portal::InsuredPerson {
                link_number: text(),
                insured: registration::InsuredNumbers::default(),
            }),
        ),
        (
            "InsuredNumbers",
            members(&registration::InsuredNumbers::default()),
        ),
        (
            "PortalFailure",
            members(&wire::failure::Failure::new("", "", "")),
        ),
    ];
    for (schema, real) in table {
        let schema = &page["components"]["schemas"][schema];
        let described = schema["properties"].as_object().unwrap();
        assert_eq!(described.keys().cloned().collect::<BTreeSet<_>>(), real);
        let required = schema["required"].as_array().unwrap().iter();
        let required: BTreeSet<String> = required
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        assert_eq!(required, real);
        assert_eq!(schema["additionalProperties"], false);
    }
}

async fn asked(bed: &Bed, name: &str, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
    let identity = bed.authority.issue(name, 40, keys::tls::PORTAL).unwrap();
    let caller = Caller::new(&identity, &bed.roots(), &bed.clock).unwrap();
    let stream = bed.street.connect(JLIS_HOST).await.unwrap();
    let hop = crate::agency_hop();
    let stream = caller.call(JLIS_HOST, stream, &bed.tap, hop).await.unwrap();
    let mut client = Client::over(stream, JLIS_HOST).await.unwrap();
    let patience = Duration::from_secs(60);
    let asking = client.post(path, content_type, body, patience, 1 << 16);
    asking.await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn j_lis_answers_as_described() {
    let bed = bed();
    let question = |serial: &str| json!({ "serial": serial }).to_string().into_bytes();
    let table = [
        ("portal", AGENCY_CODES, JSON, question("bfcd"), (200, "")),
        (
            "portal",
            AGENCY_CODES,
            JSON,
            question("77"),
            (404, "unknown-serial"),
        ),
        ("portal", AGENCY_CODES, JSON, question("x"), (422, "serial")),
        (
            "portal",
            AGENCY_CODES,
            JSON,
            b"{}".to_vec(),
            (400, "malformed"),
        ),
        (
            "portal",
            AGENCY_CODES,
            "text/xml",
            question("77"),
            (415, "content-type"),
        ),
        (
            "portal",
            AGENCY_CODES,
            JSON,
            vec![b' '; 20_000],
            (413, "too-large"),
        ),
        (
            "portal",
            "/v1/else",
            JSON,
            question("77"),
            (404, "not-found"),
        ),
        (
            "clinic",
            AGENCY_CODES,
            JSON,
            question("bfcd"),
            (403, "not-portal"),
        ),
    ];
    let mut found = BTreeSet::new();
    let mut names = BTreeSet::new();
    for (name, path, content_type, body, (status, error)) in table {
        let answer = asked(&bed, name, path, content_type, body).await;
        assert_eq!(outcome(&answer), (status, error.to_owned()));
        found.insert(status.to_string());
        names.extend((status != 200).then(|| error.to_owned()));
        if status == 200 {
            let body: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(body, json!({ "agency_code": CODE }));
        }
    }
    // This client only posts, and never breaks off.
    found.insert("405".to_owned());
    names.extend(["method-not-allowed", "body-broken"].map(str::to_owned));
    assert_eq!(found, statuses(AGENCY_CODES));
    assert_eq!(names, listed("JlisFailure"));
}
