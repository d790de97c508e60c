//! Confirmation by number over the street: every state of a number, every asked day, what goes out and
//! what never does, and servers that err in one of these.

use jiff::civil::date;
use rules::number::NumberAnswer;
use rules::{Date, MedicalOutcome, Profile};
use wire::eligibility::NUMBER_CONFIRMATIONS;
use wire::face_file::Charset;
use wire::registration::{
    Benefits, FEED_QUALIFICATIONS, FedQualification, InsuredNumbers, Kind, Limit, Qualification,
};
use wire::request::{QualificationRequest, SearchInfo};
use wire::result::EligibilityResult;

use super::site::{CARD, CLINIC, LINK, Site, post, until};
use crate::entry::tests::{gain, loss};
use crate::routes::XML;
use crate::{Conduct, Reference};

pub(super) const OTHER_PERSON: &str = "L000000000002";

/// The number of `gain`, as a document writes it.
pub(super) fn numbers() -> InsuredNumbers {
    let gain = gain();
    InsuredNumbers {
        insurer_number: gain.insurer_number,
        symbol: gain.symbol,
        number: gain.number,
        branch: gain.branch,
    }
}

fn request() -> QualificationRequest {
    QualificationRequest {
        medical_institution_code: CLINIC.to_owned(),
        search: SearchInfo {
            insured: numbers(),
            birthdate: "19800217".to_owned(),
            ..SearchInfo::default()
        },
        ..QualificationRequest::default()
    }
}

fn on(day: &str) -> QualificationRequest {
    QualificationRequest {
        qualification_confirmation_date: day.to_owned(),
        ..request()
    }
}

async fn ask(site: &Site, request: &QualificationRequest) -> EligibilityResult {
    let mut clinic = site.connect(CLINIC).await.unwrap();
    let body = request.to_bytes(Charset::ShiftJis).unwrap();
    let answer = post(&mut clinic, NUMBER_CONFIRMATIONS, XML, body).await;
    assert_eq!(
        (answer.status, &*answer.content_type),
        (200, XML),
        "{answer:?}"
    );
    EligibilityResult::from_bytes(&answer.body).unwrap()
}

pub(super) async fn feed_for(site: &Site, link: &str, qualification: Qualification) {
    let fed = FedQualification {
        link_number: link.to_owned(),
        qualification,
    };
    let answer = site.feed("intermediate", FEED_QUALIFICATIONS, &fed).await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

/// The qualification that follows: another insurer, from the day given.
pub(super) fn next(on: &str) -> Qualification {
    let insurer = identifiers::InsurerNumber::from_body("0699321").unwrap();
    Qualification {
        insurer_number: insurer.to_string(),
        insurer_name: "別の健康保険組合".into(),
        symbol: "丙".into(),
        number: "987654".into(),
        on: on.into(),
        ..gain()
    }
}

fn limited() -> Qualification {
    Qualification {
        benefits: Benefits {
            limit: Some(Limit {
                classification: "01".into(),
                class: "A99".into(),
                from: "2026-08-01".into(),
                to: "2027-07-31".into(),
            }),
            ..Benefits::default()
        },
        ..gain()
    }
}

/// One person: gained in 2020, lost on 1 October 2026, another insurer from 11 October on.
async fn changed(conduct: impl Conduct + 'static) -> Site {
    let site = Site::new(conduct);
    for entry in [gain(), loss(), next("2026-10-11")] {
        site.feed_qualification(entry).await;
    }
    site
}

#[tokio::test(start_paused = true)]
async fn a_number_is_answered_as_it_stood_on_the_asked_day() {
    let site = changed(Reference).await;
    for (day, validity, echoed) in [
        ("20200331", "4", "20200331"),
        ("20200401", "1", "20200401"),
        ("20260930", "1", "20260930"),
        ("20261001", "2", "20261001"),
        ("20261010", "2", "20261010"),
        ("20261011", "3", "20261011"),
        ("20261015", "3", "20261015"),
        ("", "3", "20261015"),
    ] {
        let result = ask(&site, &on(day)).await;
        assert_eq!(result.qualification_validity, validity, "{day}");
        assert_eq!(result.qualification_confirmation_date, echoed);
        assert_eq!(result.processing_result_status, "1");
        assert_eq!(result.reference_classification, "2");
        assert_eq!(result.results.len(), usize::from(validity != "4"), "{day}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_the_newer_qualification_nothing_goes_out() {
    let site = changed(Reference).await;
    let result = ask(&site, &request()).await;
    let text = result.to_xml(Charset::Utf8);
    let newer = next("2026-10-11");
    for secret in [
        &newer.insurer_number,
        &newer.insurer_name,
        &newer.symbol,
        &newer.number,
        &"20261011".to_owned(),
    ] {
        assert!(!text.contains(secret.as_str()), "{secret} in {text}");
    }
    assert_eq!(result.results[0].get("DisqualificationDate"), "20261001");
}

#[tokio::test(start_paused = true)]
async fn the_answer_document() {
    let site = Site::new(Reference);
    site.feed_qualification(limited()).await;
    let mut full = request();
    full.arbitrary_file_identifier = "F-1".into();
    full.search.limit_consent = "1".into();
    full.search.arbitrary_identifier = "P-7".into();
    let result = ask(&site, &full).await;
    insta::assert_snapshot!(result.to_xml(Charset::Utf8).replace("><", ">\n<"));
    assert_eq!(result.search, Some(full.search));
}

#[tokio::test(start_paused = true)]
async fn limit_data_go_out_only_when_the_patient_agreed() {
    let site = Site::new(Reference);
    site.feed_qualification(limited()).await;
    for (flag, given) in [("1", true), ("0", false), ("", false)] {
        let mut asked = request();
        asked.search.limit_consent = flag.into();
        let result = ask(&site, &asked).await;
        let text = result.to_xml(Charset::Utf8);
        assert_eq!(text.contains("A99"), given, "{flag:?}: {text}");
        assert_eq!(text.contains("RelatedInfo>"), given);
        assert_eq!(text.contains("RelatedConsTime>"), given);
        let said = result.results[0].get("LimitApplicationCertificateRelatedConsFlg");
        assert_eq!(said, if given { "1" } else { "0" });
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_branch_two_people_are_several_and_a_branch_tells_them_apart() {
    let site = Site::new(Reference);
    site.feed_qualification(gain()).await;
    let twin = Qualification {
        branch: "02".into(),
        name: "模擬　月子".into(),
        ..gain()
    };
    feed_for(&site, OTHER_PERSON, twin).await;
    let mut asked = request();
    asked.search.insured.branch = String::new();
    let result = ask(&site, &asked).await;
    assert_eq!(result.qualification_validity, "5");
    assert_eq!(result.results, []);
    // The branch in full width, as some cards print it.
    for (branch, name) in [("01", "模擬　花子"), ("０２", "模擬　月子")] {
        asked.search.insured.branch = branch.into();
        let result = ask(&site, &asked).await;
        assert_eq!(result.qualification_validity, "1");
        assert_eq!(result.results[0].get("Name"), name);
    }
    asked.search.insured.branch = "00".into();
    assert_eq!(ask(&site, &asked).await.qualification_validity, "4");
}

#[tokio::test(start_paused = true)]
async fn a_number_written_otherwise_is_found_and_comes_back_as_the_insurer_wrote_it() {
    let site = Site::new(Reference);
    let held = Qualification {
        symbol: "１２‐３４".into(),
        number: "０００１２３".into(),
        ..gain()
    };
    site.feed_qualification(held.clone()).await;
    let mut asked = request();
    asked.search.insured.symbol = "12-34".into();
    for (number, validity) in [("000123", "1"), ("123", "4")] {
        asked.search.insured.number = number.into();
        let result = ask(&site, &asked).await;
        assert_eq!(result.qualification_validity, validity, "{number}");
        if let Some(block) = result.results.first() {
            assert_eq!(block.get("InsuredIdentificationNumber"), held.number);
            assert_eq!(block.get("InsuredCardSymbol"), held.symbol);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_corrected_birth_date_is_the_one_that_counts() {
    let site = Site::new(Reference);
    site.feed_qualification(gain()).await;
    let corrected = Qualification {
        birthdate: "1980-02-18".into(),
        ..gain()
    };
    site.feed_qualification(corrected).await;
    assert_eq!(ask(&site, &request()).await.qualification_validity, "4");
    let mut asked = request();
    asked.search.birthdate = "19800218".into();
    assert_eq!(ask(&site, &asked).await.qualification_validity, "1");
}

#[tokio::test(start_paused = true)]
async fn a_certificate_s_end_never_touches_a_number() {
    let site = Site::ready(Reference).await;
    let last = date(2026, 1, 1);
    let refused = site.visit(&until(last)).await;
    assert_eq!(refused.processing_result_status, "2");
    site.on_day(date(2032, 1, 1));
    let result = ask(&site, &request()).await;
    assert_eq!(result.qualification_validity, "1");
    assert_eq!(result.processing_result_code, "");
    assert_eq!(result.processing_result_message, "資格を確認しました。");
}

#[tokio::test(start_paused = true)]
async fn values_that_cannot_be_used_are_answered_in_the_field_s_own_form() {
    let site = Site::ready(Reference).await;
    type Spoil = fn(&mut QualificationRequest);
    let table: [(Spoil, &str); 10] = [
        (
            |r| r.search.insured.insurer_number = "06991234".into(),
            "保険者番号",
        ),
        (
            |r| r.search.insured.insurer_number = String::new(),
            "保険者番号",
        ),
        (|r| r.search.insured.number = String::new(), "番号"),
        (|r| r.search.insured.number = "1".repeat(21), "番号"),
        (|r| r.search.insured.branch = "1".into(), "枝番"),
        (|r| r.search.birthdate = "1980-02-17".into(), "birthdate"),
        (|r| r.search.birthdate = String::new(), "birthdate"),
        (|r| r.search.limit_consent = "2".into(), "0又は1"),
        (
            |r| r.qualification_confirmation_date = "20261016".into(),
            "先の日付",
        ),
        (
            |r| r.qualification_confirmation_date = "20261301".into(),
            "実在する日付",
        ),
    ];
    let code = Profile::default();
    let code = code.medical_code(MedicalOutcome::BadRequest);
    for (spoil, said) in table {
        let mut asked = request();
        spoil(&mut asked);
        let result = ask(&site, &asked).await;
        assert_eq!(result.processing_result_status, "2", "{asked:?}");
        assert_eq!(result.processing_result_code, code);
        assert!(
            result.processing_result_message.contains(said),
            "{result:?}"
        );
        assert_eq!(
            (&*result.qualification_validity, result.results.len()),
            ("", 0)
        );
    }
    let kept = site.server.store().inquiries().unwrap();
    assert_eq!(kept.len(), 10);
    assert!(
        kept.iter()
            .all(|(kind, outcome)| kind == "qualification" && outcome == code)
    );
}

struct Discloses;
impl Conduct for Discloses {
    fn discloses_new_qualification(&self) -> bool {
        true
    }
}

struct Today;
impl Conduct for Today {
    fn asked_day(&self, _asked: Date, today: Date) -> Date {
        today
    }
}

struct GivesLimit;
impl Conduct for GivesLimit {
    fn gives_limit_without_consent(&self) -> bool {
        true
    }
}

struct FirstOfSeveral;
impl Conduct for FirstOfSeveral {
    fn matches_without_branch_first(&self) -> bool {
        true
    }
}

struct ExpiryBlocks;
impl Conduct for ExpiryBlocks {
    fn certificate_expiry_blocks_number(&self) -> bool {
        true
    }
}

/// Lost is said to be valid.
struct LostIsValid;
impl Conduct for LostIsValid {
    fn by_number(&self, found: NumberAnswer) -> NumberAnswer {
        match found {
            NumberAnswer::LostWithNewer {
                person,
                qualification,
                ..
            } => NumberAnswer::Valid {
                person,
                qualification,
            },
            other => other,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_errs_in_one_decision_errs_in_that_alone() {
    let site = changed(Discloses).await;
    let result = ask(&site, &request()).await;
    assert_eq!(result.qualification_validity, "3");
    assert!(result.to_xml(Charset::Utf8).contains("987654"));

    let site = changed(Today).await;
    let result = ask(&site, &on("20260901")).await;
    assert_eq!(result.qualification_validity, "3");
    assert_eq!(result.qualification_confirmation_date, "20260901");

    let site = changed(LostIsValid).await;
    assert_eq!(ask(&site, &request()).await.qualification_validity, "1");
    assert_eq!(
        ask(&site, &on("20261005")).await.qualification_validity,
        "2"
    );

    let site = Site::new(GivesLimit);
    site.feed_qualification(limited()).await;
    let result = ask(&site, &request()).await;
    let flag = result.results[0].get("LimitApplicationCertificateRelatedConsFlg");
    assert_eq!(flag, "0");
    assert!(result.to_xml(Charset::Utf8).contains("A99"));

    let site = Site::new(FirstOfSeveral);
    site.feed_qualification(gain()).await;
    let twin = Qualification {
        branch: "02".into(),
        ..gain()
    };
    feed_for(&site, OTHER_PERSON, twin).await;
    let mut asked = request();
    asked.search.insured.branch = String::new();
    let result = ask(&site, &asked).await;
    assert_eq!(result.qualification_validity, "1");
    assert_eq!(result.results[0].get("InsuredBranchNumber"), "01");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_looks_at_certificates_refuses_numbers_of_expired_ones() {
    let site = Site::ready(ExpiryBlocks).await;
    assert_eq!(ask(&site, &request()).await.qualification_validity, "1");
    let unregistered = Qualification {
        kind: Kind::Gain,
        number: "777".into(),
        ..gain()
    };
    feed_for(&site, OTHER_PERSON, unregistered).await;
    site.on_day(CARD.last.tomorrow().unwrap());
    let result = ask(&site, &request()).await;
    assert_eq!(result.processing_result_status, "2");
    assert_eq!(result.processing_result_code, "SIM-E201");
    assert_eq!(
        (&*result.qualification_validity, result.results.len()),
        ("", 0)
    );
    let mut asked = request();
    asked.search.insured.number = "777".into();
    assert_eq!(ask(&site, &asked).await.qualification_validity, "1");
    assert_ne!(LINK, OTHER_PERSON);
}
