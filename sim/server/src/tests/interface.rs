//! The described interface against the real one: every path, status and refusal of the house stands in
//! `openapi.yaml`, and nothing stands there that the house does not know.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use wire::eligibility::{
    CARD_CONFIRMATIONS, CARD_IDENTIFICATIONS, CHALLENGES, CardConfirmation, CardIdentification,
    CardIdentified, Challenge, DRUG_INFORMATION, MAX_BODY, Method, NUMBER_CONFIRMATIONS,
    REFERENCE_NUMBERS, Standing, USE_REGISTRATIONS, UseRegistered, UseRegistration,
};
use wire::registration::{
    Benefits, Elderly, FEED_DRUGS, FEED_QUALIFICATIONS, FEED_RELEASES, FEED_SERIAL_PAIRS,
    FEED_USE_REGISTRATIONS, FedQualification, FedRelease, Limit,
};

use super::site::{CONSENTS, LINK, pair, registration};

fn described() -> Value {
    serde_saphyr::from_str(include_str!("../../../wire/openapi.yaml")).unwrap()
}

/// Names of refusals the sources make: the first literal after each place that takes one.
fn names_in_the_sources() -> BTreeSet<String> {
    let sources = [
        (include_str!("../refused.rs"), "Failure::new("),
        (include_str!("../entry.rs"), "wrong("),
        (include_str!("../feeds.rs"), "wrong("),
        (include_str!("../drugs/feed.rs"), "wrong("),
        (include_str!("../registration.rs"), "wrong("),
    ];
    let mut names = BTreeSet::new();
    for (source, mark) in sources {
        let source = source.split("#[cfg(test)]").next().unwrap();
        for rest in source.split(mark).skip(1) {
            if let Some(name) = rest.trim_start().strip_prefix('"') {
                names.insert(name.split('"').next().unwrap().to_owned());
            }
        }
    }
    // Named by whoever calls a reader of one value, or by the outcome a card ends with.
    let marks = [
        "date(",
        "serial(",
        "one_of(",
        "name(",
        "span(",
        "malformed(",
    ];
    for source in [
        include_str!("../entry.rs"),
        include_str!("../feeds.rs"),
        include_str!("../drugs/feed.rs"),
        include_str!("../registration.rs"),
    ] {
        let source = source.split("#[cfg(test)]").next().unwrap();
        for rest in marks.iter().flat_map(|mark| source.split(mark).skip(1)) {
            if let Some(name) = rest.trim_start().strip_prefix('"') {
                names.insert(name.split('"').next().unwrap().to_owned());
            }
        }
    }
    let outcomes = rules::Outcome::ALL.into_iter();
    names.extend(
        outcomes
            .filter(|outcome| outcome.is_about_the_card())
            .map(|outcome| outcome.name().to_owned()),
    );
    names.extend(["insurer-number", "insurer-number-check-digit"].map(str::to_owned));
    names
}

#[test]
fn it_is_openapi_3_1_and_says_that_it_is_simulated() {
    let page = described();
    assert_eq!(page["openapi"], "3.1.0");
    let words = page["info"]["description"].as_str().unwrap();
    assert!(words.contains("simulated interface"), "{words}");
}

#[test]
fn paths_and_statuses_are_the_house_s() {
    let page = described();
    let paths = page["paths"].as_object().unwrap();
    let feed = &["204", "400", "403", "405", "413", "415", "422", "500"][..];
    let xml = &["200", "400", "403", "405", "413", "415", "500"][..];
    let known: BTreeMap<&str, &[&str]> = BTreeMap::from([
        (CHALLENGES, &["201", "400", "403", "405", "413"][..]),
        (
            CARD_IDENTIFICATIONS,
            &["200", "400", "403", "405", "409", "413", "415", "500"],
        ),
        (
            USE_REGISTRATIONS,
            &[
                "200", "201", "400", "403", "405", "409", "413", "415", "422", "503",
            ],
        ),
        (
            CARD_CONFIRMATIONS,
            &["200", "400", "403", "405", "409", "413", "415", "500"],
        ),
        (FEED_QUALIFICATIONS, feed),
        (FEED_RELEASES, feed),
        (FEED_SERIAL_PAIRS, feed),
        (FEED_DRUGS, feed),
        (NUMBER_CONFIRMATIONS, xml),
        (REFERENCE_NUMBERS, xml),
        (DRUG_INFORMATION, xml),
        (
            FEED_USE_REGISTRATIONS,
            &[
                "200", "201", "400", "403", "405", "413", "415", "422", "500", "503",
            ],
        ),
    ]);
    let described: BTreeSet<&str> = paths.keys().map(String::as_str).collect();
    assert_eq!(described, known.keys().copied().collect());
    for (path, statuses) in known {
        let methods = paths[path].as_object().unwrap();
        assert_eq!(methods.keys().collect::<Vec<_>>(), ["post"], "{path}");
        let responses = methods["post"]["responses"].as_object().unwrap();
        let found: Vec<&str> = responses.keys().map(String::as_str).collect();
        assert_eq!(found, statuses, "{path}");
    }
}

#[test]
fn every_refusal_is_described_and_every_described_one_exists() {
    let page = described();
    let listed = page["components"]["schemas"]["Failure"]["properties"]["error"]["enum"].as_array();
    let listed = listed
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned());
    assert_eq!(listed.collect::<BTreeSet<_>>(), names_in_the_sources());
}

/// The members of a shape as written, all optional ones present.
fn members(of: &impl Serialize) -> BTreeSet<String> {
    let value = serde_json::to_value(of).unwrap();
    value.as_object().unwrap().keys().cloned().collect()
}

fn benefits() -> Benefits {
    let text = || Some("01".to_owned());
    Benefits {
        card_classification: text(),
        address: text(),
        name_of_other: text(),
        contribution_ratio: text(),
        elderly: Some(Elderly {
            ratio: "020".into(),
            from: "2026-08-01".into(),
            to: "2027-07-31".into(),
        }),
        limit: Some(Limit {
            classification: "01".into(),
            class: "B05".into(),
            from: "2026-08-01".into(),
            to: "2027-07-31".into(),
        }),
    }
}

fn shapes() -> Vec<(&'static str, BTreeSet<String>)> {
    let text = String::new;
    let benefits = benefits();
    let fed = FedQualification {
        link_number: text(),
        qualification: wire::registration::Qualification {
            benefits: benefits.clone(),
            ..crate::entry::tests::loss()
        },
    };
    let reported = registration(7, LINK);
    let identified = CardIdentified {
        standing: Standing::Lapsed,
    };
    vec![
        (
            "Challenge",
            members(&Challenge {
                session: text(),
                challenge: text(),
            }),
        ),
        (
            "CardIdentification",
            members(&CardIdentification {
                session: text(),
                certificate: text(),
                signature: text(),
                method: Method::Pin,
            }),
        ),
        ("CardIdentified", members(&identified)),
        (
            "UseRegistration",
            members(&UseRegistration { session: text() }),
        ),
        ("UseRegistered", members(&UseRegistered { new: true })),
        (
            "Registered",
            members(&wire::portal::Registered { new: true }),
        ),
        (
            "CardConfirmation",
            members(&CardConfirmation {
                session: text(),
                consents: CONSENTS,
            }),
        ),
        ("Consents", members(&CONSENTS)),
        ("FedQualification", members(&fed)),
        ("Benefits", members(&benefits)),
        ("Elderly", members(&benefits.elderly)),
        ("Limit", members(&benefits.limit)),
        (
            "FedRelease",
            members(&FedRelease {
                link_number: text(),
                effective_on: text(),
            }),
        ),
        ("InsuredNumbers", members(&reported.insured)),
        ("FedUseRegistration", members(&reported)),
        ("FedSerialPair", members(&pair(1, "", 2, ""))),
    ]
}

#[test]
fn members_words_and_limits_are_those_of_the_wire() {
    let page = described();
    let schemas = &page["components"]["schemas"];
    for (name, members) in shapes() {
        let properties = schemas[name]["properties"].as_object();
        let described: BTreeSet<String> = properties
            .unwrap_or_else(|| panic!("{name} is not described"))
            .keys()
            .cloned()
            .collect();
        assert_eq!(described, members, "{name}");
    }
    let words = |schema: &str, member: &str| {
        schemas[schema]["properties"][member]["enum"]
            .as_array()
            .unwrap()
            .clone()
    };
    let written = |of: &dyn Fn(usize) -> Value, count| (0..count).map(of).collect::<Vec<_>>();
    let standings = [
        Standing::Registered,
        Standing::NeverRegistered,
        Standing::Lapsed,
        Standing::Released,
        Standing::Undetermined,
    ];
    let standing = |at: usize| serde_json::to_value(standings[at]).unwrap();
    assert_eq!(words("CardIdentified", "standing"), written(&standing, 5));
    let methods = [Method::Pin, Method::Face, Method::Visual];
    let method = |at: usize| serde_json::to_value(methods[at]).unwrap();
    assert_eq!(words("CardIdentification", "method"), written(&method, 3));
    let said = page["info"]["description"].as_str().unwrap();
    assert!(
        said.contains(&MAX_BODY.to_string()),
        "the limit of bodies is named"
    );
}
