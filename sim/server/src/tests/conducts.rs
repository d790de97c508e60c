//! Servers that err on purpose: each bends one decision, and what it lets through goes on as if it had
//! been right. The control is the reference in the same story.

use jiff::civil::date;
use rules::{Date, Decision, History, Inputs, Outcome, Profile, Qualification, Revocation};
use wire::certificate::OCSP_HOST;
use wire::eligibility::CARD_CONFIRMATIONS;
use world::Fault;
use world::keys::Authority as KeyOf;
use x509_ocsp::CertStatus;

use super::site::{CARD, CLINIC, Site, issued, post, says, until};
use crate::entry::tests::{gain, loss};
use crate::{Conduct, Reference, Refusal};

async fn ready(conduct: impl Conduct + 'static) -> Site {
    let site = Site::new(conduct);
    site.feed_link(CARD.serial).await;
    site.feed_qualification(gain()).await;
    site
}

struct AnyChain;
impl Conduct for AnyChain {
    fn chain_ok(&self, _found: Result<(), Refusal>) -> Result<(), Refusal> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_foreign_certificate_let_through_is_confirmed() {
    let foreign = issued(KeyOf::Foreign, CARD);
    let control = ready(Reference).await.visit(&foreign).await;
    assert_eq!(control.processing_result_code, "SIM-E206");
    let bent = ready(AnyChain).await.visit(&foreign).await;
    assert_eq!(
        (bent.processing_result_code.as_str(), bent.results.len()),
        ("", 1)
    );
}

struct AnySignature;
impl Conduct for AnySignature {
    fn signature_ok(&self, _found: bool) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_signature_let_through_is_confirmed() {
    let site = ready(AnySignature).await;
    let mut clinic = site.connect(CLINIC).await.unwrap();
    let body = site
        .question(&mut clinic, "9910000026", &until(date(2027, 10, 1)))
        .await;
    let answer = post(&mut clinic, CARD_CONFIRMATIONS, "application/json", body).await;
    let answer = wire::result::EligibilityResult::from_bytes(&answer.body).unwrap();
    assert_eq!(
        (answer.processing_result_code.as_str(), answer.results.len()),
        ("", 1)
    );
}

struct TakesForGood(Revocation);
impl Conduct for TakesForGood {
    fn revocation(&self, found: Revocation) -> Revocation {
        if found == self.0 {
            Revocation::Good
        } else {
            found
        }
    }
}

#[tokio::test(start_paused = true)]
async fn unknown_and_silence_taken_for_good_confirm() {
    let card = until(date(2027, 10, 1));
    let unknown = ready(TakesForGood(Revocation::Unknown)).await;
    unknown.let_service(says(CertStatus::unknown()));
    assert_eq!(unknown.visit(&card).await.processing_result_status, "1");
    unknown.street.set_fault(OCSP_HOST, Some(Fault::Silent));
    assert_eq!(
        unknown.visit(&card).await.processing_result_code,
        "SIM-E205"
    );

    let silent = ready(TakesForGood(Revocation::Unavailable)).await;
    silent.let_service(says(CertStatus::unknown()));
    assert_eq!(silent.visit(&card).await.processing_result_code, "SIM-E204");
    silent.street.set_fault(OCSP_HOST, Some(Fault::Silent));
    assert_eq!(silent.visit(&card).await.processing_result_status, "1");
}

struct Decides;
impl Conduct for Decides {
    fn decide(&self, inputs: &Inputs<'_>, profile: &Profile, today: Date) -> Decision {
        let mut decision = rules::decide(inputs, profile, today);
        if decision.outcome == Outcome::NoticeExpiresSoon {
            decision.outcome = Outcome::Confirmed;
        }
        decision
    }
}

#[tokio::test(start_paused = true)]
async fn a_bent_decision_is_what_goes_out() {
    let soon = until(date(2026, 12, 1));
    assert_eq!(
        ready(Reference)
            .await
            .visit(&soon)
            .await
            .processing_result_code,
        "SIM-N101"
    );
    assert_eq!(
        ready(Decides)
            .await
            .visit(&soon)
            .await
            .processing_result_code,
        ""
    );
}

struct Oldest;
impl Conduct for Oldest {
    fn choose_qualification(
        &self,
        history: &History,
        chosen: Option<Qualification>,
    ) -> Option<Qualification> {
        chosen.and(history.qualifications().into_iter().next())
    }
}

#[tokio::test(start_paused = true)]
async fn another_qualification_goes_out_with_its_own_words() {
    let mut newer = gain();
    newer.on = "2026-10-01".into();
    newer.number = "７７７".into();
    newer.name = "模擬　花代".into();
    for (site, number, name) in [
        (ready(Reference).await, "７７７", "模擬　花代"),
        (ready(Oldest).await, "４５６", "模擬　花子"),
    ] {
        site.feed_qualification(loss()).await;
        site.feed_qualification(newer.clone()).await;
        let answer = site.visit(&until(date(2027, 10, 1))).await;
        let block = &answer.results[0];
        assert_eq!(block.get("InsuredIdentificationNumber"), number);
        assert_eq!(block.get("Name"), name);
    }
}

struct GrantsConsent;
impl Conduct for GrantsConsent {
    fn consents_honoured(&self, _found: bool) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn consents_count_in_the_grace_only_where_bent() {
    let grace = until(date(2026, 8, 20));
    for (site, flag, until) in [
        (ready(Reference).await, "0", ""),
        (ready(GrantsConsent).await, "1", "20261016090000"),
    ] {
        let answer = site.visit(&grace).await;
        assert_eq!(answer.processing_result_code, "SIM-N102");
        assert_eq!(answer.results[0].get("OperationInfoConsFlg"), flag);
        assert_eq!(answer.results[0].get("OperationInfoAvailableTime"), until);
        assert_eq!(answer.results[0].get("PharmacistsInfoConsFlg"), "0");
    }
}

struct Hospitable;
impl Conduct for Hospitable {
    fn refuses_strangers(&self) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_nobody_answers_strangers() {
    let site = ready(Hospitable).await;
    let mut stranger = site.connect_as_stranger(CLINIC).await.unwrap();
    let answer = post(&mut stranger, "/v1/challenges", "application/json", "").await;
    assert_eq!(answer.status, 201);
    // Those it always knew are served as before.
    assert_eq!(
        site.visit(&until(date(2027, 10, 1)))
            .await
            .processing_result_status,
        "1"
    );
}
