//! Servers that err on purpose: each bends one decision, and what it lets through goes on as if it had
//! been right. The control is the reference in the same story.

use jiff::civil::date;
use rules::{
    Date, Decision, History, Inputs, Outcome, Profile, Qualification, Registered, Revocation, Tie,
};
use wire::certificate::OCSP_HOST;
use wire::eligibility::Standing;
use wire::failure::Failure;
use wire::registration::Benefits;
use world::Fault;
use world::keys::Authority as KeyOf;
use x509_ocsp::CertStatus;

use super::dialogues::{FAR, GRACE, OVER, revoked};
use super::site::{
    CARD, CLINIC, CONSENTS, LINK, OTHER_CLINIC, Site, code, confirm, error, identify, issued,
    numbered, pair, post, question, registration, says, until,
};
use crate::entry::tests::{gain, loss};
use crate::{Conduct, Reference, Refusal};

async fn ready(conduct: impl Conduct + 'static) -> Site {
    Site::ready(conduct).await
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
    let crossed = question(&mut clinic, OTHER_CLINIC, &until(FAR)).await;
    identify(&mut clinic, &crossed).await;
    let answer = confirm(&mut clinic, &crossed.session, CONSENTS).await;
    assert_eq!(code(&answer), "");
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

struct Replays;
impl Conduct for Replays {
    fn refuses_replay(&self, _used: bool) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn a_replayed_session_let_through_serves_again() {
    for (site, status) in [(ready(Reference).await, 409), (ready(Replays).await, 200)] {
        let mut clinic = site.connect(CLINIC).await.unwrap();
        let first = question(&mut clinic, CLINIC, &until(FAR)).await;
        assert_eq!(identify(&mut clinic, &first).await.status, 200);
        assert_eq!(
            confirm(&mut clinic, &first.session, CONSENTS).await.status,
            200
        );
        assert_eq!(identify(&mut clinic, &first).await.status, status);
        let again = confirm(&mut clinic, &first.session, CONSENTS).await;
        assert_eq!(again.status, status);
        if status == 200 {
            assert_eq!(code(&again), "");
        }
    }
}

struct AsksNotOfExpired;
impl Conduct for AsksNotOfExpired {
    fn asks_revocation_for_expired(&self) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn expired_certificates_not_asked_about_count_as_good() {
    for (site, in_grace) in [
        (ready(Reference).await, "SIM-E202"),
        (ready(AsksNotOfExpired).await, "SIM-N102"),
    ] {
        site.let_service(says(revoked(None)));
        let answer = site.visit(&until(GRACE)).await;
        assert_eq!(answer.processing_result_code, in_grace);
        assert_eq!(
            site.visit(&until(FAR)).await.processing_result_code,
            "SIM-E202"
        );
    }
    let site = ready(AsksNotOfExpired).await;
    let mut clinic = site.connect(CLINIC).await.unwrap();
    let crossed = question(&mut clinic, OTHER_CLINIC, &until(GRACE)).await;
    identify(&mut clinic, &crossed).await;
    let answer = confirm(&mut clinic, &crossed.session, CONSENTS).await;
    assert_eq!(code(&answer), "SIM-E207", "the signature still counts");
    assert_eq!(
        site.visit(&until(OVER)).await.processing_result_code,
        "SIM-E201"
    );
}

struct LapsedIsNever;
impl Conduct for LapsedIsNever {
    fn standing(&self, found: Registered) -> Registered {
        match found {
            Registered::Lapsed(_) => Registered::Never,
            other => other,
        }
    }
}

struct LapsedIsRegistered;
impl Conduct for LapsedIsRegistered {
    fn standing(&self, found: Registered) -> Registered {
        match found {
            Registered::Lapsed(link) => Registered::To(link),
            other => other,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bent_standing_is_told_and_decided_with() {
    for (site, standing, code) in [
        (ready(Reference).await, Standing::Lapsed, "SIM-E303"),
        (
            ready(LapsedIsNever).await,
            Standing::NeverRegistered,
            "SIM-E301",
        ),
        (ready(LapsedIsRegistered).await, Standing::Registered, ""),
    ] {
        site.pair(&pair(CARD.serial, "2026-06-10", 0xC0DE, "2026-10-14"))
            .await;
        let card = numbered(0xC0DE, date(2031, 10, 1));
        assert_eq!(site.standing(&card).await, standing);
        assert_eq!(site.visit(&card).await.processing_result_code, code);
    }
}

struct CarriesAll;
impl Conduct for CarriesAll {
    fn carries_over(&self, _found: bool, _lapsed: bool) -> bool {
        true
    }
}

struct CarriesNone;
impl Conduct for CarriesNone {
    fn carries_over(&self, _found: bool, _lapsed: bool) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn a_bent_pairing_carries_over_what_it_should_not_or_nothing() {
    for (site, renewed_on, standing) in [
        (ready(Reference).await, "2026-10-31", Standing::Registered),
        (ready(CarriesNone).await, "2026-10-31", Standing::Lapsed),
        (ready(Reference).await, "2026-11-01", Standing::Lapsed),
        (ready(CarriesAll).await, "2026-11-01", Standing::Registered),
    ] {
        site.pair(&pair(CARD.serial, "2026-07-10", 0xC0DE, renewed_on))
            .await;
        let card = numbered(0xC0DE, date(2031, 10, 1));
        assert_eq!(site.standing(&card).await, standing, "{renewed_on}");
    }
}

struct ReleasesAtOnce;
impl Conduct for ReleasesAtOnce {
    fn release_effective(&self, effective_on: Date) -> Date {
        effective_on.saturating_sub(jiff::Span::new().days(7))
    }
}

#[tokio::test(start_paused = true)]
async fn a_bent_release_counts_from_another_day_and_ends_with_a_registration() {
    for (site, before) in [
        (ready(Reference).await, Standing::Registered),
        (ready(ReleasesAtOnce).await, Standing::Released),
    ] {
        site.release("2026-10-20").await;
        assert_eq!(site.standing(&until(FAR)).await, before);
        site.on_day(date(2026, 10, 20));
        assert_eq!(site.standing(&until(FAR)).await, Standing::Released);
        assert_eq!(site.register(CARD.serial).await.status, 201);
        assert_eq!(site.standing(&until(FAR)).await, Standing::Registered);
    }
}

struct TiesAnew;
impl Conduct for TiesAnew {
    fn tie(&self, _found: Tie) -> Tie {
        Tie::New
    }
}

#[tokio::test(start_paused = true)]
async fn a_bent_tie_is_new_each_time_and_changes_hands() {
    for (site, again, theirs) in [
        (ready(Reference).await, 200, 422),
        (ready(TiesAnew).await, 201, 201),
    ] {
        assert_eq!(site.register(CARD.serial).await.status, again);
        let fed = registration(CARD.serial, "L000000000002");
        let answer = site
            .feed("portal", "/v1/feed/use-registrations", &fed)
            .await;
        assert_eq!(answer.status, theirs);
    }
}

struct FedByAnybody;
impl Conduct for FedByAnybody {
    fn feed_asker_ok(&self, _found: bool) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn a_feed_open_to_all_takes_entries_from_a_clinic() {
    for (site, status) in [
        (ready(Reference).await, 403),
        (ready(FedByAnybody).await, 204),
    ] {
        let said = wire::registration::FedRelease {
            link_number: LINK.to_owned(),
            effective_on: "2026-10-15".to_owned(),
        };
        let answer = site.feed(CLINIC, "/v1/feed/releases", &said).await;
        assert_eq!(answer.status, status);
        if status == 403 {
            assert_eq!(error(&answer), "asker-not-allowed");
        }
    }
}

struct DropsEarlyLoss;
impl Conduct for DropsEarlyLoss {
    fn keeps_early_loss(&self) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn a_loss_before_its_gain_counts_unless_bent() {
    let early = |number: &str| {
        let (mut lost, mut gained) = (loss(), gain());
        for one in [&mut lost, &mut gained] {
            one.number = number.to_owned();
        }
        gained.on = "2026-08-01".into();
        (lost, gained)
    };
    for (site, losses) in [
        (ready(Reference).await, 1),
        (ready(DropsEarlyLoss).await, 0),
    ] {
        let (lost, gained) = early("７７７");
        site.feed_qualification(lost).await;
        site.feed_qualification(gained).await;
        let link = identifiers::LinkNumber::parse(LINK).unwrap();
        let entries = site.server.store().entries(&link).unwrap();
        let kept = entries.iter().filter(|one| one.text.number == "７７７");
        assert_eq!(kept.count(), 1 + losses);
    }
}

struct ForgetsLosses;
impl Conduct for ForgetsLosses {
    fn history(&self, found: History) -> History {
        let mut bent = History::new();
        for one in found.qualifications() {
            bent.gain(one.key, one.gained_on);
        }
        bent
    }
}

#[tokio::test(start_paused = true)]
async fn a_bent_history_is_decided_with() {
    for (site, validity) in [
        (ready(Reference).await, "2"),
        (ready(ForgetsLosses).await, "1"),
    ] {
        site.feed_qualification(loss()).await;
        let answer = site.visit(&until(FAR)).await;
        assert_eq!(answer.qualification_validity, validity);
    }
}

struct SharesAlike;
impl Conduct for SharesAlike {
    fn benefits(&self, mut found: Benefits) -> Benefits {
        found.contribution_ratio = Some("030".to_owned());
        found
    }
}

#[tokio::test(start_paused = true)]
async fn bent_benefits_are_what_goes_out() {
    for (site, share) in [
        (ready(Reference).await, ""),
        (ready(SharesAlike).await, "030"),
    ] {
        let answer = site.visit(&until(FAR)).await;
        let ratio = answer.results[0].get("InsuredPartialContributionRatio");
        assert_eq!(ratio, share);
    }
}

struct GivesNoReason;
impl Conduct for GivesNoReason {
    fn says_why(&self, found: Failure) -> Failure {
        Failure::new(&found.error, "", "")
    }
}

#[tokio::test(start_paused = true)]
async fn a_bent_refusal_says_nothing() {
    for (site, silent) in [
        (ready(Reference).await, false),
        (ready(GivesNoReason).await, true),
    ] {
        let mut clinic = site.connect(CLINIC).await.unwrap();
        let answer = post(&mut clinic, "/v1/nothing", "application/json", "{}").await;
        let failure: Failure = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(
            (answer.status, failure.message_ja.is_empty()),
            (404, silent)
        );
    }
}
