//! What nobody should send to the three paths that take XML, each refusal with its status and name, and
//! the description of these paths against the documents the wire writes.

use std::collections::BTreeSet;

use serde_json::Value;
use wire::eligibility::{DRUG_INFORMATION, MAX_BODY, NUMBER_CONFIRMATIONS, REFERENCE_NUMBERS};
use wire::face_file::{Charset, Unmappable};
use wire::registration::InsuredNumbers;
use wire::request::{
    Drug, DrugAnswer, DrugDay, DrugMonth, DrugPerson, DrugRequest, QualificationRequest,
    ReferenceNumberAnswer, ReferenceNumberInfo, ReferenceNumberRequest, SearchInfo,
};

use super::site::{CLINIC, OTHER_CLINIC, Site, error, post};
use crate::Reference;
use crate::routes::XML;

const PATHS: [&str; 3] = [NUMBER_CONFIRMATIONS, REFERENCE_NUMBERS, DRUG_INFORMATION];

fn message(inside: &str) -> String {
    format!(
        "<XmlMsg><MessageHeader><MedicalInstitutionCode>{CLINIC}</MedicalInstitutionCode></MessageHeader>\
         <MessageBody>{inside}</MessageBody></XmlMsg>"
    )
}

#[tokio::test(start_paused = true)]
async fn hostile_documents_are_refused_and_the_next_one_is_served() {
    let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
    let external = "<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    let shift_jis = "<?xml version=\"1.0\" encoding=\"Shift_JIS\"?>";
    let table: [(&str, Vec<u8>, &str); 11] = [
        ("empty", Vec::new(), "found the end"),
        ("no XML", b"{}".to_vec(), "text outside the root"),
        (
            "billion laughs",
            format!("{laughs}{}", message("&b;")).into(),
            "a document type declaration is not taken",
        ),
        (
            "external entity",
            format!("{external}{}", message("&x;")).into(),
            "a document type declaration is not taken",
        ),
        (
            "entity",
            message("&b;").into(),
            "the entity reference &b; is not taken",
        ),
        (
            "depth",
            message(&"<a>".repeat(1000)).into(),
            "more than 16 levels",
        ),
        (
            "truncated",
            message("").into_bytes()[..60].to_vec(),
            "byte ",
        ),
        (
            "not its encoding",
            [shift_jis.as_bytes(), &[0xfc, 0xff]].concat(),
            "not Shift_JIS",
        ),
        ("UTF-16", vec![0xff, 0xfe, b'<', 0], "UTF-16"),
        ("another root", b"<Other/>".to_vec(), "expected XmlMsg"),
        (
            "two headers",
            message("")
                .replace("<MessageBody>", "<MessageHeader/><MessageBody>")
                .into(),
            "MessageHeader more than once",
        ),
    ];
    let site = Site::ready(Reference).await;
    let mut clinic = site.connect(CLINIC).await.unwrap();
    for path in PATHS {
        for (name, body, said) in &table {
            let answer = post(&mut clinic, path, XML, body.clone()).await;
            assert_eq!(answer.status, 400, "{name}: {answer:?}");
            assert_eq!(error(&answer), "xml-malformed", "{name}");
            let text = String::from_utf8_lossy(&answer.body);
            assert!(text.contains(said), "{name}: {text}");
        }
        let served = post(&mut clinic, path, XML, message("")).await;
        assert_eq!(served.status, 200, "{path}: {served:?}");
    }
    assert_eq!(site.server.store_failure(), None);
}

#[tokio::test(start_paused = true)]
async fn requests_that_do_not_fit_the_path() {
    let site = Site::ready(Reference).await;
    for path in PATHS {
        let mut clinic = site.connect(CLINIC).await.unwrap();
        for (kind, body, status, name) in [
            ("application/json", "{}".to_owned(), 415, "content-type"),
            ("text/xml", message(""), 415, "content-type"),
            ("", message(""), 415, "content-type"),
            (XML, " ".repeat(MAX_BODY + 1), 413, "body-too-large"),
            (
                XML,
                message("").replace(CLINIC, OTHER_CLINIC),
                403,
                "facility-mismatch",
            ),
            (XML, "<XmlMsg/>".to_owned(), 403, "facility-mismatch"),
        ] {
            let answer = post(&mut clinic, path, kind, body).await;
            assert_eq!(
                (answer.status, error(&answer)),
                (status, name.to_owned()),
                "{path} {kind}"
            );
            // A body too large is not read to its end, so the connection has ended.
            clinic = site.connect(CLINIC).await.unwrap();
        }
        let mut portal = site.connect("portal").await.unwrap();
        let answer = post(&mut portal, path, XML, message("")).await;
        assert_eq!(
            (answer.status, error(&answer)),
            (403, "asker-not-allowed".to_owned())
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_settles_nothing_and_says_so() {
    let site = Site::ready(Reference).await;
    site.server.store().fail_writes(true).unwrap();
    for path in PATHS {
        let mut clinic = site.connect(CLINIC).await.unwrap();
        let answer = post(&mut clinic, path, XML, message("")).await;
        assert_eq!(
            (answer.status, error(&answer)),
            (500, "store-failed".to_owned()),
            "{path}"
        );
    }
    site.server.store().fail_writes(false).unwrap();
    let mut clinic = site.connect(CLINIC).await.unwrap();
    let answer = post(&mut clinic, PATHS[0], XML, message("")).await;
    assert_eq!(answer.status, 200);
}

fn described() -> Value {
    serde_saphyr::from_str(include_str!("../../../wire/openapi.yaml")).unwrap()
}

/// Every name a schema describes, at every depth.
fn names(page: &Value, schema: &Value, into: &mut BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        names(page, page.pointer(pointer).unwrap(), into);
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        into.insert(name.clone());
        names(page, inner, into);
    }
    if schema["items"].is_object() {
        names(page, &schema["items"], into);
    }
}

/// Every element of a document, but for its root.
fn elements(document: Result<Vec<u8>, Unmappable>) -> BTreeSet<String> {
    let text = String::from_utf8(document.unwrap()).unwrap();
    let tags = text
        .split("</")
        .skip(1)
        .filter_map(|rest| rest.split('>').next());
    tags.filter(|name| *name != "XmlMsg")
        .map(str::to_owned)
        .collect()
}

fn x() -> String {
    "x".to_owned()
}

fn insured() -> InsuredNumbers {
    InsuredNumbers {
        insurer_number: x(),
        symbol: x(),
        number: x(),
        branch: x(),
    }
}

fn info() -> ReferenceNumberInfo {
    ReferenceNumberInfo {
        reference_number: x(),
        insured: insured(),
    }
}

fn qualification_request() -> QualificationRequest {
    QualificationRequest {
        medical_institution_code: x(),
        arbitrary_file_identifier: x(),
        qualification_confirmation_date: x(),
        search: SearchInfo {
            insured: insured(),
            birthdate: x(),
            limit_consent: x(),
            arbitrary_identifier: x(),
        },
    }
}

fn reference_answer() -> ReferenceNumberAnswer {
    ReferenceNumberAnswer {
        process_execution_time: x(),
        medical_institution_code: x(),
        arbitrary_file_identifier: x(),
        segment_of_result: x(),
        character_code_identifier: x(),
        processing_result_status: x(),
        processing_result_code: x(),
        processing_result_message: x(),
        info: info(),
    }
}

fn drug_request() -> DrugRequest {
    DrugRequest {
        medical_institution_code: x(),
        insured: insured(),
        arbitrary_file_identifier: x(),
        start_month: x(),
        end_month: x(),
        file_category: x(),
        prescriptions: x(),
        treatment: x(),
    }
}

fn drug_answer() -> DrugAnswer {
    let drug = Drug {
        code: x(),
        name: x(),
        quantity: x(),
        unit: x(),
        usage: x(),
    };
    let day = DrugDay {
        day: x(),
        drugs: vec![drug],
    };
    DrugAnswer {
        result_code: x(),
        message_contents: x(),
        person: Some(DrugPerson {
            name: x(),
            kana: x(),
            birth: x(),
            gender: x(),
        }),
        months: vec![DrugMonth {
            month: x(),
            days: vec![day],
        }],
    }
}

#[test]
fn the_documents_described_are_those_the_wire_writes() {
    let page = described();
    let reference_request = ReferenceNumberRequest {
        medical_institution_code: x(),
        arbitrary_file_identifier: x(),
        info: info(),
    };
    let utf_8 = Charset::Utf8;
    for (name, document) in [
        (
            "QualificationRequest",
            qualification_request().to_bytes(utf_8),
        ),
        ("ReferenceNumberRequest", reference_request.to_bytes(utf_8)),
        ("ReferenceNumberAnswer", reference_answer().to_bytes(utf_8)),
        ("DrugRequest", drug_request().to_bytes(utf_8)),
        ("DrugAnswer", drug_answer().to_bytes(utf_8)),
    ] {
        let schema = &page["components"]["schemas"][name];
        assert_eq!(schema["xml"]["name"], "XmlMsg", "{name}");
        let mut found = BTreeSet::new();
        names(&page, schema, &mut found);
        assert_eq!(found, elements(document), "{name}");
    }
}

#[test]
fn the_drug_described_is_the_one_that_is_fed() {
    let page = described();
    let fed = wire::registration::FedDrug {
        insured: insured(),
        month: x(),
        dispensed_on: x(),
        drug_code: x(),
        drug_name: x(),
        quantity: x(),
        unit: x(),
        usage: x(),
    };
    let members = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let schema = &page["components"]["schemas"]["FedDrug"];
    let fed = serde_json::to_value(fed).unwrap();
    assert_eq!(members(&schema["properties"]), members(&fed));
}

#[test]
fn the_paths_take_and_give_xml_with_the_statuses_the_house_has() {
    let page = described();
    for path in PATHS {
        let post = &page["paths"][path]["post"];
        let taken = post["requestBody"]["content"].as_object().unwrap();
        assert_eq!(taken.keys().collect::<Vec<_>>(), [XML], "{path}");
        let responses = post["responses"].as_object().unwrap();
        let statuses: Vec<&str> = responses.keys().map(String::as_str).collect();
        assert_eq!(
            statuses,
            ["200", "400", "403", "405", "413", "415", "500"],
            "{path}"
        );
        assert!(responses["200"]["content"][XML].is_object(), "{path}");
    }
}
