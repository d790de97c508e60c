//! 照会番号 over the street: registered by number, coming back by card and by number at that clinic and
//! nowhere else, through a change of insurer.

use rules::{MedicalOutcome, Profile};
use wire::eligibility::{CARD_CONFIRMATIONS, NUMBER_CONFIRMATIONS, REFERENCE_NUMBERS};
use wire::face_file::Charset;
use wire::registration::{InsuredNumbers, Qualification};
use wire::request::{
    QualificationRequest, ReferenceNumberAnswer, ReferenceNumberInfo, ReferenceNumberRequest,
    SearchInfo,
};
use wire::result::EligibilityResult;

use super::by_number::{OTHER_PERSON, feed_for, next, numbers};
use super::site::{CARD, CLINIC, OTHER_CLINIC, Site, post, until};
use crate::entry::tests::{gain, loss};
use crate::routes::XML;
use crate::{Conduct, Reference};

fn request(facility: &str, number: &str, insured: InsuredNumbers) -> ReferenceNumberRequest {
    ReferenceNumberRequest {
        medical_institution_code: facility.to_owned(),
        arbitrary_file_identifier: "F-1".to_owned(),
        info: ReferenceNumberInfo {
            reference_number: number.to_owned(),
            insured,
        },
    }
}

async fn register(site: &Site, facility: &str, number: &str) -> ReferenceNumberAnswer {
    send(site, facility, &request(facility, number, numbers())).await
}

async fn send(
    site: &Site,
    facility: &str,
    request: &ReferenceNumberRequest,
) -> ReferenceNumberAnswer {
    let mut clinic = site.connect(facility).await.unwrap();
    let body = request.to_bytes(Charset::ShiftJis).unwrap();
    let answer = post(&mut clinic, REFERENCE_NUMBERS, XML, body).await;
    assert_eq!(
        (answer.status, &*answer.content_type),
        (200, XML),
        "{answer:?}"
    );
    ReferenceNumberAnswer::from_bytes(&answer.body).unwrap()
}

async fn by_number(site: &Site, facility: &str) -> EligibilityResult {
    let request = QualificationRequest {
        medical_institution_code: facility.to_owned(),
        search: SearchInfo {
            insured: numbers(),
            birthdate: "19800217".to_owned(),
            ..SearchInfo::default()
        },
        ..QualificationRequest::default()
    };
    let mut clinic = site.connect(facility).await.unwrap();
    let body = request.to_bytes(Charset::Utf8).unwrap();
    let answer = post(&mut clinic, NUMBER_CONFIRMATIONS, XML, body).await;
    EligibilityResult::from_bytes(&answer.body).unwrap()
}

fn references(result: &EligibilityResult) -> Vec<&str> {
    result.results[0].get_all("ReferenceNumber")
}

#[tokio::test(start_paused = true)]
async fn the_answer_echoes_what_was_registered() {
    let site = Site::ready(Reference).await;
    let answer = register(&site, CLINIC, "00012").await;
    let xml = answer.to_bytes(Charset::Utf8).unwrap();
    insta::assert_snapshot!(String::from_utf8(xml).unwrap().replace("><", ">\n<"));
    assert_eq!(answer.info, request(CLINIC, "00012", numbers()).info);
}

#[tokio::test(start_paused = true)]
async fn a_number_comes_back_at_its_clinic_and_only_there() {
    let site = Site::ready(Reference).await;
    let card = until(CARD.last);
    assert_eq!(references(&site.visit(&card).await), [""; 0]);
    register(&site, OTHER_CLINIC, "X-9").await;
    assert_eq!(references(&site.visit(&card).await), [""; 0]);
    for number in ["00012", "A34", "00012"] {
        let answer = register(&site, CLINIC, number).await;
        assert_eq!(answer.processing_result_status, "1");
    }
    assert_eq!(references(&site.visit(&card).await), ["00012", "A34"]);
    assert_eq!(
        references(&by_number(&site, CLINIC).await),
        ["00012", "A34"]
    );
    assert_eq!(references(&by_number(&site, OTHER_CLINIC).await), ["X-9"]);
}

#[tokio::test(start_paused = true)]
async fn a_change_of_insurer_and_a_new_card_take_no_number_away() {
    let site = Site::ready(Reference).await;
    register(&site, CLINIC, "00012").await;
    site.feed_qualification(loss()).await;
    site.feed_qualification(next("2026-10-11")).await;
    assert_eq!(site.register(0x77).await.status, 201);
    let result = site.visit(&super::site::numbered(0x77, CARD.last)).await;
    assert_eq!(
        result.results[0].get("InsuredIdentificationNumber"),
        "987654"
    );
    assert_eq!(references(&result), ["00012"]);
}

#[tokio::test(start_paused = true)]
async fn one_number_means_one_person_at_a_clinic() {
    let site = Site::ready(Reference).await;
    register(&site, CLINIC, "00012").await;
    register(&site, OTHER_CLINIC, "00012").await;
    let twin = Qualification {
        branch: "02".into(),
        ..gain()
    };
    feed_for(&site, OTHER_PERSON, twin).await;
    let mut theirs = numbers();
    theirs.branch = "02".into();
    let answer = send(&site, CLINIC, &request(CLINIC, "00012", theirs)).await;
    assert_eq!(answer.processing_result_status, "1");
    assert_eq!(references(&by_number(&site, CLINIC).await), [""; 0]);
    assert_eq!(references(&by_number(&site, OTHER_CLINIC).await), ["00012"]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_registered_is_answered_with_a_code_and_a_word() {
    let site = Site::ready(Reference).await;
    let twin = Qualification {
        branch: "02".into(),
        ..gain()
    };
    feed_for(&site, OTHER_PERSON, twin).await;
    type Spoil = fn(&mut ReferenceNumberInfo);
    use MedicalOutcome::{BadRequest, UnknownNumber};
    let table: [(Spoil, MedicalOutcome, &str); 7] = [
        (
            |i| i.reference_number = String::new(),
            BadRequest,
            "照会番号",
        ),
        (
            |i| i.reference_number = "1".repeat(51),
            BadRequest,
            "50文字",
        ),
        (
            |i| i.reference_number = "1\t2".into(),
            BadRequest,
            "制御文字",
        ),
        (
            |i| i.insured.insurer_number = "06991234".into(),
            BadRequest,
            "保険者番号",
        ),
        (|i| i.insured.number = String::new(), BadRequest, "番号"),
        (
            |i| i.insured.number = "777".into(),
            UnknownNumber,
            "該当する資格がありません",
        ),
        (|i| i.insured.branch = String::new(), BadRequest, "枝番"),
    ];
    let profile = Profile::default();
    for (spoil, outcome, said) in table {
        let mut asked = request(CLINIC, "00012", numbers());
        spoil(&mut asked.info);
        let answer = send(&site, CLINIC, &asked).await;
        assert_eq!(answer.processing_result_status, "2", "{asked:?}");
        assert_eq!(answer.processing_result_code, profile.medical_code(outcome));
        assert!(
            answer.processing_result_message.contains(said),
            "{answer:?}"
        );
    }
    assert_eq!(references(&by_number(&site, CLINIC).await), [""; 0]);
    let longest = "あ".repeat(50);
    assert_eq!(
        register(&site, CLINIC, &longest)
            .await
            .processing_result_status,
        "1"
    );
    assert_eq!(references(&by_number(&site, CLINIC).await), [longest]);
}

#[tokio::test(start_paused = true)]
async fn six_digits_and_two_spaces_are_the_insurer_s_number() {
    let site = Site::new(Reference);
    let insurer = identifiers::InsurerNumber::from_body("99001").unwrap();
    let national = Qualification {
        insurer_number: insurer.to_string(),
        symbol: String::new(),
        ..gain()
    };
    site.feed_qualification(national).await;
    let insured = InsuredNumbers {
        insurer_number: insurer.to_string(),
        symbol: String::new(),
        ..numbers()
    };
    let answer = send(&site, CLINIC, &request(CLINIC, "1", insured)).await;
    assert_eq!(answer.processing_result_status, "1", "{answer:?}");
}

struct ShowsAll;
impl Conduct for ShowsAll {
    fn shows_reference_number(&self, _own: bool) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_gives_numbers_of_other_clinics() {
    let site = Site::ready(ShowsAll).await;
    register(&site, OTHER_CLINIC, "X-9").await;
    register(&site, CLINIC, "00012").await;
    let result = site.visit(&until(CARD.last)).await;
    assert_eq!(references(&result), ["X-9", "00012"]);
}

#[tokio::test(start_paused = true)]
async fn numbers_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.sqlite");
    let open = || crate::store::Store::open(&path, crate::Durability::Full).unwrap();
    let link = identifiers::LinkNumber::numbered(1);
    let clinic = identifiers::FacilityCode::parse(CLINIC).unwrap();
    let entry = crate::entry::Entry::read(gain()).unwrap();
    let store = open();
    store.keep_entry(&link, &entry, "t1").unwrap();
    store
        .keep_reference_number(&clinic, &link, "00012", "t2")
        .unwrap();
    drop(store);
    let store = open();
    let kept = store.reference_numbers(&link).unwrap();
    assert_eq!((&*kept[0].facility, &*kept[0].number), (CLINIC, "00012"));
    let found = store.people_with(&entry.key.insurer, &entry.key.number);
    assert_eq!(found.unwrap(), [link]);
    assert_ne!(CARD_CONFIRMATIONS, REFERENCE_NUMBERS);
}
