//! The described interface against the real one: what this house refuses stands in
//! `openapi-neighbours.yaml` and nothing else does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

fn described() -> Value {
    serde_saphyr::from_str(include_str!("../../../wire/openapi-neighbours.yaml")).unwrap()
}

/// Names of refusals the sources make: the literal each maker of one begins with.
fn names_in_the_sources() -> BTreeSet<String> {
    let makers = [
        "failure(",
        "code(",
        "text(",
        "period(",
        "date(",
        "malformed(",
        "unlisted(",
        "Failure::new(",
        "refused(",
    ];
    let sources = [
        include_str!("../checks.rs"),
        include_str!("../desk.rs"),
        include_str!("../house.rs"),
    ];
    let mut names = BTreeSet::new();
    for source in sources {
        for maker in makers {
            for rest in source.split(maker).skip(1) {
                // A status stands before some of them.
                let rest = rest
                    .trim_start()
                    .trim_start_matches(|c: char| c.is_ascii_digit());
                let rest = rest.trim_start_matches(',').trim_start();
                if let Some(name) = rest.strip_prefix('"') {
                    names.insert(name.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
    names
}

#[test]
fn every_refusal_is_described_and_every_described_one_exists() {
    let page = described();
    let schema = &page["components"]["schemas"]["IntermediateFailure"];
    let listed = schema["properties"]["error"]["enum"]
        .as_array()
        .unwrap()
        .iter();
    let listed: BTreeSet<String> = listed.map(|n| n.as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, names_in_the_sources());
}

#[tokio::test(start_paused = true)]
async fn every_status_is_described_and_every_described_one_is_answered() {
    let insurer = insurer_number();
    let body = |value: &Value| value.to_string().into_bytes();
    let registration = serde_json::to_value(registration(1)).unwrap();
    let release = serde_json::to_value(release(1)).unwrap();
    let code = serde_json::json!({ "agency_code": "agency0000000001" });
    for (path, asker, good) in [
        (REGISTRATIONS, insurer.as_str(), &registration),
        (RELEASES, insurer.as_str(), &release),
        (INSURED_PERSONS, PORTAL, &code),
    ] {
        let (told, _waiting) = watch::channel(0);
        let clock = Clock::starting_at(datetime(2026, 10, 15, 9, 0, 0, 0));
        let house: Shared = Arc::new(Mutex::new(House::new(clock, told)));
        let say = |asker: &str, asked: Asked| desk::answer(&house, asker, &asked).status;
        let at = |bytes: Vec<u8>| Asked {
            path: path.into(),
            ..asked(bytes)
        };
        let wrong = |bytes| match path {
            INSURED_PERSONS => None,
            _ => Some(say(asker, at(bytes))),
        };
        let mut found = BTreeSet::new();
        house::locked(&house).know_code("agency0000000001", &IndividualNumber::invented(1));
        // Before anybody is registered: 403 for a release, 404 for the portal.
        found.insert(say(asker, at(body(good))));
        let entry = desk::answer(&house, &insurer, &asked(body(&registration)));
        assert_eq!(entry.status, 201);
        found.insert(say(asker, at(body(good))));
        found.insert(say("somebody", at(body(good))));
        found.insert(say(asker, at(Vec::new())));
        let mut spoilt = good.clone();
        spoilt["individual_number"] = "123456789018".into();
        found.extend(wrong(body(&spoilt)));
        for unfit in [
            Asked {
                method: "GET".into(),
                ..at(body(good))
            },
            Asked {
                content_type: "text/xml".into(),
                ..at(body(good))
            },
            Asked {
                body: Err(BodyRefused::TooLarge),
                ..at(Vec::new())
            },
        ] {
            found.insert(say(asker, unfit));
        }
        // The queue itself is filled elsewhere.
        found.extend((path != INSURED_PERSONS).then_some(503));
        let page = described();
        let responses = page["paths"][path]["post"]["responses"].as_object();
        let listed = responses.unwrap().keys().map(|key| key.parse().unwrap());
        assert_eq!(listed.collect::<BTreeSet<u16>>(), found, "{path}");
        let server = &page["paths"][path]["servers"][0]["url"];
        assert_eq!(*server, format!("https://{INTERMEDIATE_HOST}"));
    }
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn members_are_those_of_the_wire() {
    let page = described();
    let mut full = loss(1);
    full.qualification.benefits = Benefits {
        card_classification: Some("01".into()),
        address: Some("模擬".into()),
        name_of_other: Some("模擬".into()),
        contribution_ratio: Some("010".into()),
        elderly: Some(Elderly {
            ratio: "020".into(),
            from: "2026-04-01".into(),
            to: "2027-03-31".into(),
        }),
        limit: Some(Limit {
            classification: "01".into(),
            class: "A01".into(),
            from: "2026-04-01".into(),
            to: "2027-03-31".into(),
        }),
    };
    let full = serde_json::to_value(full).unwrap();
    let person = InsuredPerson {
        link_number: "L1".into(),
        insured: InsuredNumbers::default(),
    };
    let person = serde_json::to_value(person).unwrap();
    for (schema, real) in [
        ("Registration", &full),
        ("Benefits", &full["benefits"]),
        ("Elderly", &full["benefits"]["elderly"]),
        ("Limit", &full["benefits"]["limit"]),
        ("Release", &serde_json::to_value(release(1)).unwrap()),
        ("InsuredPerson", &person),
        ("InsuredNumbers", &person["insured"]),
    ] {
        let described = &page["components"]["schemas"][schema]["properties"];
        assert_eq!(keys(described), keys(real), "{schema}");
    }
}
