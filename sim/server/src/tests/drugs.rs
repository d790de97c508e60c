//! Drug information over the street: given on a consent at this facility and while it holds, never
//! otherwise; what the review body feeds; and servers that give too much.

use jiff::civil::{Date, date};
use rules::{MedicalOutcome, Profile};
use wire::eligibility::DRUG_INFORMATION;
use wire::face_file::Charset;
use wire::reader::Consents;
use wire::registration::{FEED_DRUGS, FedDrug, Qualification};
use wire::request::{DrugAnswer, DrugRequest};
use world::http::Answer;

use super::by_number::{OTHER_PERSON, feed_for, next, numbers};
use super::site::{CARD, CLINIC, CONSENTS, OTHER_CLINIC, Site, error, post, until};
use crate::entry::tests::{gain, loss};
use crate::routes::XML;
use crate::{Conduct, DrugConsent, Reference};

const AGREED: Consents = Consents {
    drug: true,
    ..CONSENTS
};

fn drug() -> FedDrug {
    FedDrug {
        insured: numbers(),
        month: "2026-08".into(),
        dispensed_on: "2026-08-15".into(),
        drug_code: "620000001".into(),
        drug_name: "模擬錠５ｍｇ".into(),
        quantity: "1.5".into(),
        unit: "錠".into(),
        usage: "１日３回毎食後".into(),
    }
}

fn request() -> DrugRequest {
    DrugRequest {
        medical_institution_code: CLINIC.into(),
        insured: numbers(),
        start_month: "202604".into(),
        end_month: "202610".into(),
        file_category: "2".into(),
        ..DrugRequest::default()
    }
}

async fn feed(site: &Site, drug: &FedDrug) -> Answer {
    site.feed("review-body", FEED_DRUGS, drug).await
}

async fn ask_at(site: &Site, facility: &str, request: &DrugRequest) -> DrugAnswer {
    let mut clinic = site.connect(facility).await.unwrap();
    let body = request.to_bytes(Charset::ShiftJis).unwrap();
    let answer = post(&mut clinic, DRUG_INFORMATION, XML, body).await;
    assert_eq!(
        (answer.status, &*answer.content_type),
        (200, XML),
        "{answer:?}"
    );
    DrugAnswer::from_bytes(&answer.body).unwrap()
}

async fn ask(site: &Site) -> DrugAnswer {
    ask_at(site, CLINIC, &request()).await
}

async fn elsewhere(site: &Site) -> DrugAnswer {
    let asked = DrugRequest {
        medical_institution_code: OTHER_CLINIC.into(),
        ..request()
    };
    ask_at(site, OTHER_CLINIC, &asked).await
}

fn code(outcome: MedicalOutcome) -> String {
    Profile::default().medical_code(outcome).to_owned()
}

/// Refused with this code, and with nothing about the person.
#[track_caller]
fn refused(answer: &DrugAnswer, outcome: MedicalOutcome) {
    assert_eq!(answer.result_code, code(outcome), "{answer:?}");
    assert_eq!((&answer.person, answer.months.len()), (&None, 0));
    assert!(answer.message_contents.ends_with('。'));
}

/// A registered, insured person with one drug.
async fn treated(conduct: impl Conduct + 'static) -> Site {
    let site = Site::ready(conduct).await;
    let answer = feed(&site, &drug()).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    site
}

fn at(site: &Site, day: Date, hour: i8, minute: i8, second: i8, nano: i32) {
    assert!(site.clock.jump_to(day.at(hour, minute, second, nano)));
}

#[tokio::test(start_paused = true)]
async fn the_answer_document() {
    let site = treated(Reference).await;
    let others = [
        FedDrug {
            drug_name: "模擬散".into(),
            ..drug()
        },
        FedDrug {
            month: "2026-09".into(),
            dispensed_on: "2026-09-01".into(),
            ..drug()
        },
        FedDrug {
            dispensed_on: "2026-08-01".into(),
            ..drug()
        },
        // The same again, and one before the asked months.
        drug(),
        FedDrug {
            month: "2026-03".into(),
            ..drug()
        },
    ];
    for other in &others {
        assert_eq!(feed(&site, other).await.status, 204);
    }
    site.visit_agreeing(&until(CARD.last), AGREED).await;
    let xml = ask(&site).await.to_bytes(Charset::Utf8).unwrap();
    insta::assert_snapshot!(String::from_utf8(xml).unwrap().replace("><", ">\n<"));
}

#[tokio::test(start_paused = true)]
async fn drugs_are_given_on_a_consent_here_until_its_last_moment() {
    let site = treated(Reference).await;
    refused(&ask(&site).await, MedicalOutcome::NoConsent);
    site.visit_agreeing(&until(CARD.last), CONSENTS).await;
    refused(&ask(&site).await, MedicalOutcome::NoConsent);
    site.visit_agreeing(&until(CARD.last), AGREED).await;
    assert_eq!(ask(&site).await.months.len(), 1);
    refused(&elsewhere(&site).await, MedicalOutcome::NoConsent);
    at(&site, date(2026, 10, 16), 8, 59, 59, 0);
    assert_eq!(ask(&site).await.result_code, "1");
    at(&site, date(2026, 10, 16), 9, 0, 1, 0);
    refused(&ask(&site).await, MedicalOutcome::ConsentExpired);
    let kept = site.server.store().inquiries().unwrap();
    assert_eq!(kept.len(), 6, "every request is recorded: {kept:?}");
}

#[tokio::test(start_paused = true)]
async fn in_the_grace_no_consent_gives_drugs() {
    let site = treated(Reference).await;
    let expired = until(date(2026, 10, 1));
    let result = site.visit_agreeing(&expired, AGREED).await;
    assert_eq!(result.processing_result_status, "1");
    refused(&ask(&site).await, MedicalOutcome::NoConsent);
}

#[tokio::test(start_paused = true)]
async fn a_consent_not_repeated_at_the_next_visit_is_withdrawn() {
    let site = treated(Reference).await;
    site.visit_agreeing(&until(CARD.last), AGREED).await;
    site.visit_agreeing(&until(CARD.last), CONSENTS).await;
    refused(&ask(&site).await, MedicalOutcome::NoConsent);
}

#[tokio::test(start_paused = true)]
async fn drugs_follow_the_person_from_insurer_to_insurer_and_no_other_person() {
    let site = treated(Reference).await;
    site.feed_qualification(loss()).await;
    let newer = next("2026-10-01");
    site.feed_qualification(newer.clone()).await;
    let twin = Qualification {
        branch: "02".into(),
        ..gain()
    };
    feed_for(&site, OTHER_PERSON, twin).await;
    let mut theirs = drug();
    theirs.insured.branch = "02".into();
    theirs.drug_name = "他人の薬".into();
    assert_eq!(feed(&site, &theirs).await.status, 204);
    site.visit_agreeing(&until(CARD.last), AGREED).await;
    let mut asked = request();
    asked.insured.insurer_number = newer.insurer_number;
    asked.insured.symbol = newer.symbol;
    asked.insured.number = newer.number;
    let answer = ask_at(&site, CLINIC, &asked).await;
    assert_eq!(answer.months.len(), 1);
    assert_eq!(answer.months[0].days[0].drugs[0].name, drug().drug_name);
    let text = String::from_utf8(answer.to_bytes(Charset::Utf8).unwrap()).unwrap();
    assert!(!text.contains("他人の薬"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn values_that_cannot_be_used_get_their_code() {
    let site = treated(Reference).await;
    site.visit_agreeing(&until(CARD.last), AGREED).await;
    type Spoil = fn(&mut DrugRequest);
    use MedicalOutcome::{BadRequest, UnknownNumber};
    let table: [(Spoil, MedicalOutcome); 10] = [
        (|r| r.insured.insurer_number = "06991234".into(), BadRequest),
        (|r| r.insured.number = String::new(), BadRequest),
        (|r| r.insured.number = "777".into(), UnknownNumber),
        (|r| r.start_month = "202613".into(), BadRequest),
        (|r| r.start_month = "2026-04".into(), BadRequest),
        (|r| r.end_month = String::new(), BadRequest),
        (|r| r.end_month = "202603".into(), BadRequest),
        (|r| r.file_category = "1".into(), BadRequest),
        (|r| r.file_category = "4".into(), BadRequest),
        (|r| r.treatment = "2".into(), BadRequest),
    ];
    for (spoil, outcome) in table {
        let mut asked = request();
        spoil(&mut asked);
        refused(&ask_at(&site, CLINIC, &asked).await, outcome);
    }
    let one_month = DrugRequest {
        start_month: "202608".into(),
        end_month: "202608".into(),
        treatment: "1".into(),
        ..request()
    };
    assert_eq!(ask_at(&site, CLINIC, &one_month).await.months.len(), 1);
    let without = DrugRequest {
        start_month: "202609".into(),
        ..request()
    };
    let none = ask_at(&site, CLINIC, &without).await;
    assert_eq!((&*none.result_code, none.months.len()), ("1", 0));
    assert!(none.person.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_drug_is_refused_whole() {
    let site = Site::ready(Reference).await;
    type Spoil = fn(&mut FedDrug);
    let table: [(Spoil, &str); 10] = [
        (
            |d| d.insured.insurer_number = "06991234".into(),
            "insurer-number-check-digit",
        ),
        (|d| d.insured.number = String::new(), "number"),
        (|d| d.month = "2026-8".into(), "month"),
        (|d| d.month = "202608".into(), "month"),
        (|d| d.dispensed_on = "20260815".into(), "dispensed-on"),
        (|d| d.drug_code = "62000000".into(), "drug-code"),
        (|d| d.drug_code = "62000000x".into(), "drug-code"),
        (|d| d.drug_name = String::new(), "drug-name"),
        (|d| d.unit = "\u{7}".into(), "unit"),
        (|d| d.usage = "あ".repeat(101), "usage"),
    ];
    for (spoil, name) in table {
        let mut wrong = drug();
        spoil(&mut wrong);
        let answer = feed(&site, &wrong).await;
        assert_eq!((answer.status, error(&answer)), (422, name.to_owned()));
    }
    for stranger in ["intermediate", "portal", "jlis", CLINIC] {
        let answer = site.feed(stranger, FEED_DRUGS, &drug()).await;
        assert_eq!(answer.status, 403, "{stranger}");
    }
    site.visit_agreeing(&until(CARD.last), AGREED).await;
    assert_eq!(ask(&site).await.months, []);
}

/// Takes one state of a consent for one that holds.
struct Takes(DrugConsent);
impl Conduct for Takes {
    fn drug_consent(&self, found: DrugConsent) -> DrugConsent {
        if found == self.0 {
            DrugConsent::Holds
        } else {
            found
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_errs_in_one_state_of_consent_gives_drugs_in_that_alone() {
    let given = |answer: &DrugAnswer| answer.result_code == "1" && answer.months.len() == 1;
    for bent in [
        DrugConsent::Never,
        DrugConsent::Elsewhere,
        DrugConsent::Over,
        DrugConsent::Holds,
    ] {
        let site = treated(Takes(bent)).await;
        assert_eq!(given(&ask(&site).await), bent == DrugConsent::Never);
        site.visit_agreeing(&until(CARD.last), AGREED).await;
        assert!(given(&ask(&site).await));
        assert_eq!(
            given(&elsewhere(&site).await),
            bent == DrugConsent::Elsewhere
        );
        site.on_day(date(2026, 10, 17));
        assert_eq!(given(&ask(&site).await), bent == DrugConsent::Over);
    }
}
