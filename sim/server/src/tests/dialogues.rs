//! Whole confirmations over the street, each answer as it went out.

use jiff::civil::{Date, date};
use rules::Outcome;
use wire::certificate::OCSP_HOST;
use wire::eligibility::{CARD_CONFIRMATIONS, CardConfirmation};
use wire::face_file::Charset;
use wire::registration::Qualification;
use world::Fault;
use world::http::Answer;
use world::keys::Authority as KeyOf;
use x509_cert::ext::pkix::CrlReason;
use x509_ocsp::{CertStatus, RevokedInfo};

use super::pki::{Card, generalized};
use super::site::{CARD, CLINIC, LINK, OTHER_CLINIC, Site, issued, post, says, until};
use crate::Reference;
use crate::entry::tests::{gain, loss};

fn revoked(reason: Option<CrlReason>) -> CertStatus {
    CertStatus::revoked(RevokedInfo {
        revocation_time: generalized(1_780_000_000_000),
        revocation_reason: reason,
    })
}

fn new_insurer() -> Qualification {
    Qualification {
        insurer_number: identifiers::InsurerNumber::from_body("0199200")
            .unwrap()
            .to_string(),
        insurer_name: "模擬協会".into(),
        symbol: String::new(),
        number: "９８７".into(),
        branch: String::new(),
        on: "2026-10-01".into(),
        relationship: "2".into(),
        ..gain()
    }
}

struct Story {
    name: &'static str,
    last_day: Date,
    status: CertStatus,
    fed: Vec<Qualification>,
}

const FAR: Date = date(2027, 10, 1);
const SOON: Date = date(2026, 12, 1);
const GRACE: Date = date(2026, 8, 20);
const OVER: Date = date(2026, 6, 20);

#[tokio::test(start_paused = true)]
async fn each_card_gets_its_answer() {
    let good = CertStatus::good();
    let story = |name, last_day, status, fed: &[Qualification]| Story {
        name,
        last_day,
        status,
        fed: fed.to_vec(),
    };
    let fed = [gain()];
    let hold = revoked(Some(CrlReason::CertificateHold));
    let stories = [
        story("confirmed", FAR, good, &fed),
        story("expires soon", SOON, good, &fed),
        story("grace", GRACE, good, &fed),
        story("expired", OVER, good, &fed),
        story("revoked", FAR, revoked(None), &fed),
        story(
            "revoked and expired",
            OVER,
            revoked(Some(CrlReason::KeyCompromise)),
            &fed,
        ),
        story("suspended", FAR, hold, &fed),
        story("unknown to the authority", FAR, CertStatus::unknown(), &fed),
        story("no qualification", FAR, good, &[loss()]),
        story("lost", FAR, good, &[loss(), gain()]),
        story("new insurer", FAR, good, &[new_insurer(), gain(), loss()]),
    ];
    let mut answers = String::new();
    for Story {
        name,
        last_day,
        status,
        fed,
    } in stories
    {
        let site = Site::new(Reference);
        site.let_service(says(status));
        site.feed_link(CARD.serial).await;
        for entry in fed {
            site.feed_qualification(entry).await;
        }
        let answer = site.visit(&until(last_day)).await;
        let xml = answer.to_xml(Charset::Utf8).replace("><", ">\n<");
        answers.push_str(&format!("## {name}\n{xml}\n\n"));
    }
    insta::assert_snapshot!(answers);
}

#[tokio::test(start_paused = true)]
async fn a_card_nobody_registered_is_told_apart() {
    let site = Site::new(Reference);
    let answer = site.visit(&until(FAR)).await;
    assert_eq!(answer.processing_result_code, "SIM-E301");
    assert_eq!(
        (answer.results.len(), answer.qualification_validity.as_str()),
        (0, "")
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_or_silent_confirms_nobody() {
    for fault in [Fault::Down, Fault::Silent] {
        let site = Site::new(Reference);
        site.feed_link(CARD.serial).await;
        site.feed_qualification(gain()).await;
        site.street.set_fault(OCSP_HOST, Some(fault));
        let before = site.clock.now_ms();
        let answer = site.visit(&until(FAR)).await;
        assert_eq!(answer.processing_result_code, "SIM-E205", "{fault:?}");
        let timeout = i64::try_from(rules::Profile::default().ocsp_timeout_ms).unwrap();
        let waited = if fault == Fault::Silent { timeout } else { 0 };
        assert_eq!(site.clock.now_ms() - before, waited, "{fault:?}");
        site.street.set_fault(OCSP_HOST, None);
        assert_eq!(site.visit(&until(FAR)).await.processing_result_status, "1");
    }
}

#[tokio::test(start_paused = true)]
async fn certificates_not_to_be_trusted_are_refused_without_asking_further() {
    let site = Site::new(Reference);
    site.feed_link(CARD.serial).await;
    site.feed_qualification(gain()).await;
    let tomorrow = Card {
        first: date(2026, 10, 16),
        ..CARD
    };
    let not_yet = issued(KeyOf::UserAuthentication, tomorrow);
    for certificate in [issued(KeyOf::Foreign, CARD), b"no certificate".to_vec()] {
        let answer = site.visit(&certificate).await;
        assert_eq!(answer.processing_result_code, "SIM-E206");
    }
    assert!(site.tap.messages().iter().all(|m| m.hop != "ocsp"));
    let answer = site.visit(&not_yet).await;
    assert_eq!(answer.processing_result_code, "SIM-E206");
}

#[tokio::test(start_paused = true)]
async fn a_signature_serves_one_session_at_one_facility_with_one_key() {
    type Spoil = fn(&mut CardConfirmation, &CardConfirmation);
    let table: [(&str, Spoil); 3] = [
        ("of another session", |q, other| {
            q.signature.clone_from(&other.signature)
        }),
        ("none", |q, _| q.signature = String::new()),
        ("cut", |q, _| q.signature.truncate(40)),
    ];
    let site = Site::new(Reference);
    site.feed_link(CARD.serial).await;
    site.feed_qualification(gain()).await;
    let mut clinic = site.connect(CLINIC).await.unwrap();
    for (case, spoil) in table {
        let read = |body: Vec<u8>| serde_json::from_slice::<CardConfirmation>(&body).unwrap();
        let other = read(site.question(&mut clinic, CLINIC, &until(FAR)).await);
        let mut question = read(site.question(&mut clinic, CLINIC, &until(FAR)).await);
        spoil(&mut question, &other);
        assert_eq!(
            code(send(&mut clinic, &question).await),
            "SIM-E207",
            "{case}"
        );
    }
    // Signed for the other clinic's code, sent by this one.
    let body = site.question(&mut clinic, OTHER_CLINIC, &until(FAR)).await;
    let answer = post(&mut clinic, CARD_CONFIRMATIONS, "application/json", body).await;
    assert_eq!(code(answer), "SIM-E207");
}

#[tokio::test(start_paused = true)]
async fn sessions_are_used_up_and_never_cross_facilities() {
    let site = Site::new(Reference);
    let mut clinic = site.connect(CLINIC).await.unwrap();
    let mut other = site.connect(OTHER_CLINIC).await.unwrap();
    let mut names = Vec::new();
    let body = site.question(&mut clinic, CLINIC, &until(FAR)).await;
    let json = "application/json";
    names.push(failure(
        post(&mut other, CARD_CONFIRMATIONS, json, body.clone()).await,
    ));
    assert_eq!(
        code(post(&mut clinic, CARD_CONFIRMATIONS, json, body.clone()).await),
        "SIM-E301"
    );
    names.push(failure(
        post(&mut clinic, CARD_CONFIRMATIONS, json, body).await,
    ));
    let late = site.question(&mut clinic, CLINIC, &until(FAR)).await;
    tokio::time::advance(std::time::Duration::from_secs(300)).await;
    names.push(failure(
        post(&mut clinic, CARD_CONFIRMATIONS, json, late).await,
    ));
    assert_eq!(
        names,
        ["session-unknown", "session-used", "session-expired"]
    );
}

#[tokio::test(start_paused = true)]
async fn two_clinics_ask_at_once() {
    let site = Site::new(Reference);
    site.feed_link(CARD.serial).await;
    site.feed_qualification(gain()).await;
    let certificate = until(FAR);
    let (one, two) = tokio::join!(site.visit(&certificate), site.visit(&certificate));
    assert_eq!(
        (one.processing_result_status, two.processing_result_status),
        ("1".into(), "1".into())
    );
}

#[tokio::test(start_paused = true)]
async fn every_use_is_asked_about_anew_and_the_same_seed_says_the_same() {
    let run = async || {
        let site = Site::new(Reference);
        site.feed_link(CARD.serial).await;
        site.feed_qualification(gain()).await;
        for _ in 0..2 {
            site.visit(&until(FAR)).await;
        }
        let said = site.tap.messages().into_iter();
        let said = said.filter(|m| m.hop == "ocsp").map(|m| m.bytes.unwrap());
        said.collect::<Vec<_>>()
    };
    let first = run().await;
    assert_eq!(first.len(), 4, "two questions, two answers");
    assert_ne!(first[0], first[2], "each question has a nonce of its own");
    assert_eq!(first, run().await);
}

#[tokio::test(start_paused = true)]
async fn strangers_get_no_answer_and_nobody_gets_another_s_paths() {
    let site = Site::new(Reference);
    let asked = async {
        let mut client = site.connect_as_stranger(CLINIC).await?;
        let wait = std::time::Duration::from_secs(5);
        let asked = client.post("/v1/challenges", "", "", wait, 100);
        asked.await
    };
    assert!(asked.await.is_err());

    let fed = wire::registration::FedLink {
        link_number: LINK.into(),
        serial: "7".into(),
    };
    let fed = serde_json::to_vec(&fed).unwrap();
    for (who, path, status) in [
        (CLINIC, "/v1/feed/links", 403),
        (CLINIC, "/v1/feed/qualifications", 403),
        ("intermediate", "/v1/challenges", 403),
        ("intermediate", "/v1/card-confirmations", 403),
        ("06991231", "/v1/feed/links", 403),
        ("9910000019", "/v1/challenges", 403),
        ("intermediate", "/v1/feed/links", 204),
    ] {
        let mut client = site.connect(who).await.unwrap();
        let answer = post(&mut client, path, "application/json", fed.clone()).await;
        assert_eq!(answer.status, status, "{who} {path}");
    }
}

#[tokio::test(start_paused = true)]
async fn confirmations_are_recorded_with_what_spoke_against_them() {
    let site = Site::new(Reference);
    site.feed_link(CARD.serial).await;
    site.feed_qualification(gain()).await;
    site.visit(&until(FAR)).await;
    site.street.set_fault(OCSP_HOST, Some(Fault::Silent));
    site.visit(&until(FAR)).await;
    site.visit(&issued(KeyOf::Foreign, CARD)).await;
    let recorded = site.server.store().confirmations().unwrap();
    let outcomes: Vec<_> = recorded.iter().map(|r| r.0.as_str()).collect();
    let expected = [
        Outcome::Confirmed,
        Outcome::RevocationUnavailable,
        Outcome::CertificateInvalid,
    ];
    assert_eq!(outcomes, expected.map(|outcome| outcome.name()));
    assert_eq!(recorded[0].1, "");
    assert!(recorded[1].1.contains("no answer within"), "{recorded:?}");
    assert!(
        recorded[2].1.contains("no trusted authority"),
        "{recorded:?}"
    );
}

async fn send(clinic: &mut world::http::Client, question: &CardConfirmation) -> Answer {
    let body = serde_json::to_vec(question).unwrap();
    post(clinic, CARD_CONFIRMATIONS, "application/json", body).await
}

fn code(answer: Answer) -> String {
    let result = wire::result::EligibilityResult::from_bytes(&answer.body);
    result.unwrap().processing_result_code
}

fn failure(answer: Answer) -> String {
    assert_eq!(answer.status, 409);
    let failure: wire::failure::Failure = serde_json::from_slice(&answer.body).unwrap();
    failure.error
}
