//! The course of a visit: what is looked at when, what a session is good for, whom the server answers,
//! and what it writes down.

use jiff::civil::date;
use rules::Outcome;
use wire::certificate::OCSP_HOST;
use wire::eligibility::{CardIdentification, Method, Standing};
use wire::reader::Consents;
use world::Fault;
use world::keys::Authority as KeyOf;
use x509_cert::ext::pkix::CrlReason;
use x509_ocsp::CertStatus;

use super::dialogues::{FAR, GRACE, OVER, SOON, revoked};
use super::pki::Card;
use super::site::{
    CARD, CLINIC, CONSENTS, JSON, LINK, OTHER_CLINIC, Site, code, confirm, error, identify, issued,
    post, question, register_here, says, until,
};
use crate::consent::ConsentKind;
use crate::store::Consent;
use crate::{Conduct, Reference};

const NONE: Consents = Consents {
    operation: false,
    treatment: false,
    drug: false,
    checkup: false,
};

#[tokio::test(start_paused = true)]
async fn identification_says_how_the_card_stands_before_any_consent_is_asked() {
    let site = Site::ready(Reference).await;
    let hold = revoked(Some(CrlReason::CertificateHold));
    for (case, status, last, standing) in [
        ("good", CertStatus::good(), FAR, Standing::Registered),
        (
            "in the grace",
            CertStatus::good(),
            GRACE,
            Standing::Registered,
        ),
        ("past it", CertStatus::good(), OVER, Standing::Undetermined),
        ("revoked", revoked(None), FAR, Standing::Undetermined),
        ("suspended", hold, FAR, Standing::Undetermined),
        (
            "unknown",
            CertStatus::unknown(),
            FAR,
            Standing::Undetermined,
        ),
    ] {
        site.let_service(says(status));
        assert_eq!(site.standing(&until(last)).await, standing, "{case}");
    }
    site.street.set_fault(OCSP_HOST, Some(Fault::Down));
    assert_eq!(site.standing(&until(FAR)).await, Standing::Undetermined);
}

#[tokio::test(start_paused = true)]
async fn each_border_is_exact_to_the_day_in_both_readings() {
    use rules::GraceEnd::{MonthEnd, SameDay};
    // It is 15 October; each certificate's last day lies on one side of a border.
    for (grace_end, last, code) in [
        (MonthEnd, date(2027, 1, 16), ""),
        (MonthEnd, date(2027, 1, 15), "SIM-N101"),
        (MonthEnd, date(2026, 10, 15), "SIM-N101"),
        (MonthEnd, date(2026, 10, 14), "SIM-N102"),
        (MonthEnd, date(2026, 7, 1), "SIM-N102"),
        (MonthEnd, date(2026, 6, 30), "SIM-E201"),
        (SameDay, date(2026, 7, 15), "SIM-N102"),
        (SameDay, date(2026, 7, 14), "SIM-E201"),
    ] {
        let profile = rules::Profile {
            grace_end,
            ..rules::Profile::default()
        };
        let site = Site::with(Reference, |config| config.profile = profile);
        site.register(CARD.serial).await;
        site.feed_qualification(crate::entry::tests::gain()).await;
        let answer = site.visit(&until(last)).await;
        assert_eq!(
            answer.processing_result_code, code,
            "{last} by {grace_end:?}"
        );
        let consent = answer
            .results
            .first()
            .map(|one| one.get("OperationInfoConsFlg"));
        let expected = match code {
            "SIM-E201" => None,
            "SIM-N102" => Some("0"),
            _ => Some("1"),
        };
        assert_eq!(consent, expected, "{last} by {grace_end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_confirmation_rests_on_what_the_identification_found() {
    let site = Site::ready(Reference).await;
    let mut clinic = site.connect(CLINIC).await.unwrap();
    let (session, _) = site.identified(&mut clinic, &until(FAR)).await;
    let asked = || {
        site.tap
            .messages()
            .iter()
            .filter(|m| m.hop == "ocsp")
            .count()
    };
    let before = asked();
    // Revoked in between: this visit goes on with what it found, the next one finds it.
    site.let_service(says(revoked(None)));
    let answer = confirm(&mut clinic, &session, CONSENTS).await;
    assert_eq!((code(&answer).as_str(), asked() - before), ("", 0));
    let next = site.visit(&until(FAR)).await;
    assert_eq!(next.processing_result_code, "SIM-E202");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_or_silent_confirms_nobody() {
    for fault in [Fault::Down, Fault::Silent] {
        let site = Site::ready(Reference).await;
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
async fn a_suspension_counts_at_once_and_is_over_when_it_is_lifted() {
    let site = Site::ready(Reference).await;
    for (status, code) in [
        (CertStatus::good(), ""),
        (revoked(Some(CrlReason::CertificateHold)), "SIM-E203"),
        (CertStatus::good(), ""),
        (revoked(Some(CrlReason::KeyCompromise)), "SIM-E202"),
    ] {
        site.let_service(says(status));
        assert_eq!(site.visit(&until(FAR)).await.processing_result_code, code);
    }
}

#[tokio::test(start_paused = true)]
async fn certificates_not_to_be_trusted_are_refused_without_asking_further() {
    let site = Site::ready(Reference).await;
    let asked = || {
        site.tap
            .messages()
            .iter()
            .filter(|m| m.hop == "ocsp")
            .count()
    };
    let before = asked();
    for certificate in [issued(KeyOf::Foreign, CARD), b"no certificate".to_vec()] {
        let answer = site.visit(&certificate).await;
        assert_eq!(answer.processing_result_code, "SIM-E206");
    }
    assert_eq!(asked(), before);
    let tomorrow = Card {
        first: date(2026, 10, 16),
        ..CARD
    };
    let not_yet = issued(KeyOf::UserAuthentication, tomorrow);
    let answer = site.visit(&not_yet).await;
    assert_eq!(answer.processing_result_code, "SIM-E206");
}

#[tokio::test(start_paused = true)]
async fn a_signature_serves_one_session_at_one_facility_with_one_key() {
    type Spoil = fn(&mut CardIdentification, &CardIdentification);
    let table: [(&str, Spoil); 3] = [
        ("of another session", |q, other| {
            q.signature.clone_from(&other.signature)
        }),
        ("none", |q, _| q.signature = String::new()),
        ("cut", |q, _| q.signature.truncate(40)),
    ];
    let site = Site::ready(Reference).await;
    let mut clinic = site.connect(CLINIC).await.unwrap();
    for (case, spoil) in table {
        let other = question(&mut clinic, CLINIC, &until(FAR)).await;
        let mut spoilt = question(&mut clinic, CLINIC, &until(FAR)).await;
        spoil(&mut spoilt, &other);
        assert_eq!(identify(&mut clinic, &spoilt).await.status, 200, "{case}");
        let answer = confirm(&mut clinic, &spoilt.session, CONSENTS).await;
        assert_eq!(code(&answer), "SIM-E207", "{case}");
    }
    // Signed for the other clinic's code, sent by this one.
    let crossed = question(&mut clinic, OTHER_CLINIC, &until(FAR)).await;
    identify(&mut clinic, &crossed).await;
    let answer = confirm(&mut clinic, &crossed.session, CONSENTS).await;
    assert_eq!(code(&answer), "SIM-E207");
}

#[tokio::test(start_paused = true)]
async fn sessions_are_used_up_and_never_cross_facilities() {
    let site = Site::ready(Reference).await;
    let mut clinic = site.connect(CLINIC).await.unwrap();
    let mut other = site.connect(OTHER_CLINIC).await.unwrap();
    let first = question(&mut clinic, CLINIC, &until(FAR)).await;
    let name = first.session.as_str();
    let mut said = Vec::new();
    let mut refused = |what: &str, answer: world::http::Answer| {
        assert_eq!(answer.status, 409, "{what}");
        said.push(format!("{what}: {}", error(&answer)));
    };
    refused(
        "confirmed first",
        confirm(&mut clinic, name, CONSENTS).await,
    );
    refused("registered first", register_here(&mut clinic, name).await);
    refused("identified elsewhere", identify(&mut other, &first).await);
    assert_eq!(identify(&mut clinic, &first).await.status, 200);
    refused("identified again", identify(&mut clinic, &first).await);
    refused(
        "confirmed elsewhere",
        confirm(&mut other, name, CONSENTS).await,
    );
    refused(
        "registered elsewhere",
        register_here(&mut other, name).await,
    );
    assert_eq!(confirm(&mut clinic, name, CONSENTS).await.status, 200);
    refused(
        "confirmed again",
        confirm(&mut clinic, name, CONSENTS).await,
    );
    refused("registered after", register_here(&mut clinic, name).await);
    let early = question(&mut clinic, CLINIC, &until(FAR)).await;
    let (late, _) = site.identified(&mut clinic, &until(FAR)).await;
    tokio::time::advance(std::time::Duration::from_secs(300)).await;
    refused("identified late", identify(&mut clinic, &early).await);
    refused(
        "confirmed late",
        confirm(&mut clinic, &late, CONSENTS).await,
    );
    refused("registered late", register_here(&mut clinic, &late).await);
    insta::assert_snapshot!(said.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn two_clinics_ask_at_once() {
    let site = Site::ready(Reference).await;
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
        let site = Site::ready(Reference).await;
        for _ in 0..2 {
            site.visit(&until(FAR)).await;
        }
        let said = site.tap.messages().into_iter();
        let said = said.filter(|m| m.hop == "ocsp").map(|m| m.bytes.unwrap());
        said.collect::<Vec<_>>()
    };
    let first = run().await;
    assert_eq!(first.len(), 6, "a registration and two visits");
    assert_ne!(first[2], first[4], "each question has a nonce of its own");
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

    let owners = [
        ("/v1/challenges", CLINIC),
        ("/v1/card-identifications", CLINIC),
        ("/v1/use-registrations", CLINIC),
        ("/v1/card-confirmations", CLINIC),
        ("/v1/number-confirmations", CLINIC),
        ("/v1/reference-numbers", CLINIC),
        ("/v1/drug-information", CLINIC),
        ("/v1/feed/qualifications", "intermediate"),
        ("/v1/feed/releases", "intermediate"),
        ("/v1/feed/use-registrations", "portal"),
        ("/v1/feed/serial-pairs", "jlis"),
        ("/v1/feed/drugs", "review-body"),
    ];
    let askers = [
        CLINIC,
        "intermediate",
        "portal",
        "jlis",
        "review-body",
        "eligibility-server",
        "06991231",
        "9910000019",
    ];
    for who in askers {
        for (path, owner) in owners {
            let mut client = site.connect(who).await.unwrap();
            let answer = post(&mut client, path, "text/plain", "").await;
            assert_eq!(answer.status == 403, who != owner, "{who} {path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn confirmations_are_recorded_with_how_the_person_was_proved_and_what_spoke_against_them() {
    let site = Site::ready(Reference).await;
    site.visit(&until(FAR)).await;
    let mut clinic = site.connect(CLINIC).await.unwrap();
    for method in [Method::Face, Method::Visual] {
        let mut by_face = question(&mut clinic, CLINIC, &until(FAR)).await;
        by_face.method = method;
        identify(&mut clinic, &by_face).await;
        confirm(&mut clinic, &by_face.session, NONE).await;
    }
    site.street.set_fault(OCSP_HOST, Some(Fault::Silent));
    site.visit(&until(FAR)).await;
    site.visit(&issued(KeyOf::Foreign, CARD)).await;
    let recorded = site.server.store().confirmations().unwrap();
    let found: Vec<_> = recorded
        .iter()
        .map(|[method, outcome, _]| (method.as_str(), outcome.as_str()))
        .collect();
    let expected = [
        ("pin", Outcome::Confirmed),
        ("face", Outcome::Confirmed),
        ("visual", Outcome::Confirmed),
        ("pin", Outcome::RevocationUnavailable),
        ("pin", Outcome::CertificateInvalid),
    ];
    assert_eq!(
        found,
        expected.map(|(method, outcome)| (method, outcome.name()))
    );
    assert_eq!(recorded[0][2], "");
    assert!(recorded[3][2].contains("no answer within"), "{recorded:?}");
    assert!(
        recorded[4][2].contains("no trusted authority"),
        "{recorded:?}"
    );
}

fn kept(site: &Site, facility: &str) -> Vec<(&'static str, Option<Consent>)> {
    let (link, facility) = (LINK.parse().unwrap(), facility.parse().unwrap());
    let store = site.server.store();
    let of = |kind: ConsentKind| (kind.name(), store.consent(&link, &facility, kind).unwrap());
    ConsentKind::ALL.map(of).to_vec()
}

fn given(site: &Site) -> Option<Consent> {
    Some(Consent {
        until_ms: site.clock.now_ms() + 24 * 3_600_000,
    })
}

#[tokio::test(start_paused = true)]
async fn each_consent_that_counts_is_kept_for_its_facility_and_the_last_visit_s_word_holds() {
    let site = Site::ready(Reference).await;
    site.visit(&until(SOON)).await;
    let agreed = given(&site);
    assert_eq!(
        kept(&site, CLINIC),
        [
            ("checkup", agreed),
            ("drug", None),
            ("treatment", agreed),
            ("operation", agreed)
        ]
    );
    assert!(
        kept(&site, OTHER_CLINIC)
            .iter()
            .all(|(_, kept)| kept.is_none())
    );
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    let drug_only = Consents { drug: true, ..NONE };
    site.visit_agreeing(&until(SOON), drug_only).await;
    let later = given(&site);
    let expected = [
        ("checkup", None),
        ("drug", later),
        ("treatment", None),
        ("operation", None),
    ];
    assert_eq!(kept(&site, CLINIC), expected);
    // A refused card says nothing of what its holder wants.
    site.let_service(says(revoked(None)));
    site.visit_agreeing(&until(SOON), NONE).await;
    assert_eq!(kept(&site, CLINIC), expected);
}

#[tokio::test(start_paused = true)]
async fn no_consent_is_kept_in_the_grace_nor_for_a_card_that_is_refused() {
    for (last, status) in [
        (GRACE, CertStatus::good()),
        (OVER, CertStatus::good()),
        (FAR, revoked(None)),
    ] {
        let site = Site::ready(Reference).await;
        site.let_service(says(status));
        site.visit(&until(last)).await;
        assert!(kept(&site, CLINIC).iter().all(|(_, kept)| kept.is_none()));
    }
}

struct Generous;
impl Conduct for Generous {
    fn agreed(&self, kind: ConsentKind, chosen: bool) -> bool {
        chosen || kind == ConsentKind::Drug
    }
}

struct Lasting;
impl Conduct for Lasting {
    fn consent_until(&self, given_ms: i64, hours: u32) -> i64 {
        given_ms + i64::from(hours) * 3_600_000 + 1000
    }
}

#[tokio::test(start_paused = true)]
async fn a_bent_consent_is_both_said_and_kept() {
    let site = Site::ready(Generous).await;
    let answer = site.visit_agreeing(&until(FAR), NONE).await;
    assert_eq!(answer.results[0].get("PharmacistsInfoConsFlg"), "1");
    assert_eq!(answer.results[0].get("OperationInfoConsFlg"), "0");
    assert_eq!(kept(&site, CLINIC)[1], ("drug", given(&site)));

    let site = Site::ready(Lasting).await;
    let answer = site.visit(&until(FAR)).await;
    let until = answer.results[0].get("OperationInfoAvailableTime");
    assert_eq!(until, "20261016090001");
    let over = site.clock.now_ms() + 24 * 3_600_000 + 1000;
    assert_eq!(
        kept(&site, CLINIC)[3],
        ("operation", Some(Consent { until_ms: over }))
    );
}

#[tokio::test(start_paused = true)]
async fn another_content_type_is_named_with_the_one_expected() {
    let site = Site::new(Reference);
    let mut clinic = site.connect(CLINIC).await.unwrap();
    let answer = post(&mut clinic, "/v1/card-confirmations", "text/plain", "{}").await;
    let failure: wire::failure::Failure = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        (answer.status, failure.error.as_str()),
        (415, "content-type")
    );
    assert!(failure.message_en.contains(JSON), "{failure:?}");
}
