//! The described interface against the real one: every path, status and refusal of the house stands in
//! `openapi.yaml`, and nothing stands there that the house does not know.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wire::eligibility::{CARD_CONFIRMATIONS, CHALLENGES, MAX_BODY};
use wire::registration::{FEED_LINKS, FEED_QUALIFICATIONS};

fn described() -> Value {
    serde_saphyr::from_str(include_str!("../../../wire/openapi.yaml")).unwrap()
}

/// Names of refusals the sources make: the first literal after each place that takes one.
fn names_in_the_sources() -> BTreeSet<String> {
    let sources = [
        (include_str!("../refused.rs"), "Failure::new("),
        (include_str!("../routes.rs"), "error: "),
        (include_str!("../entry.rs"), "wrong("),
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
    let helpers = [
        "symbol",
        "number",
        "branch",
        "on",
        "birthdate",
        "sex",
        "relationship",
        "name",
        "name-kana",
        "insurer-name",
        "insurer-number",
        "insurer-number-check-digit",
    ];
    names.extend(helpers.map(str::to_owned));
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
    let known: BTreeMap<&str, &[&str]> = BTreeMap::from([
        (CHALLENGES, &["201", "400", "403", "405", "413"][..]),
        (
            CARD_CONFIRMATIONS,
            &[
                "200", "400", "403", "405", "409", "413", "415", "422", "500",
            ],
        ),
        (
            FEED_QUALIFICATIONS,
            &["204", "400", "403", "405", "413", "415", "422", "500"],
        ),
        (
            FEED_LINKS,
            &["204", "400", "403", "405", "413", "415", "422", "500"],
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

#[test]
fn members_and_limits_are_those_of_the_wire() {
    let page = described();
    let schema = |name: &str| page["components"]["schemas"][name].clone();
    let members = |name: &str| -> BTreeSet<String> {
        schema(name)["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    let of =
        |value: Value| -> BTreeSet<String> { value.as_object().unwrap().keys().cloned().collect() };
    let consents = serde_json::to_value(wire::reader::Consents::default()).unwrap();
    assert_eq!(members("Consents"), of(consents));
    let link = wire::registration::FedLink {
        link_number: "L1".into(),
        serial: "7".into(),
    };
    assert_eq!(members("FedLink"), of(serde_json::to_value(link).unwrap()));
    let fed = wire::registration::FedQualification {
        link_number: "L1".into(),
        qualification: crate::entry::tests::loss(),
    };
    assert_eq!(
        members("FedQualification"),
        of(serde_json::to_value(fed).unwrap())
    );
    let confirmation = ["certificate", "consents", "method", "session", "signature"];
    assert_eq!(
        members("CardConfirmation"),
        confirmation.map(str::to_owned).into()
    );
    let words = page["info"]["description"].as_str().unwrap();
    assert!(
        words.contains(&MAX_BODY.to_string()),
        "the limit of bodies is named"
    );
}
