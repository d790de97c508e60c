//! Use registrations from every side: made at the clinic or reported by the portal, carried over by a
//! renewal or lapsed by a late one, released and made again. Days are those of the rules' tables.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use wire::certificate::OCSP_HOST;
use wire::eligibility::Standing;
use wire::failure::Failure;
use wire::portal::HOST as PORTAL;
use wire::registration::{FEED_USE_REGISTRATIONS, FedSerialPair};
use world::Fault;
use world::http::Answer;
use x509_cert::ext::pkix::CrlReason;
use x509_ocsp::CertStatus;

use rules::{GraceEnd, Profile};

use super::dialogues::{FAR, GRACE, OVER, revoked};
use super::site::{
    CARD, CLINIC, CONSENTS, LINK, OTHER_CLINIC, Portal, Site, code, confirm, error, numbered, pair,
    register_here, registration, says, until,
};
use crate::Reference;
use crate::entry::tests::gain;

const NEW: u64 = 0xC0DE;
const NEWEST: u64 = 0xC0DF;

fn renewed() -> Vec<u8> {
    numbered(NEW, date(2031, 10, 1))
}

fn refusal(status: u16, error: &str) -> Answer {
    Answer::new(
        status,
        "application/json",
        Failure::new(error, "否", "no").to_json(),
    )
}

#[tokio::test(start_paused = true)]
async fn a_card_registered_at_the_clinic_is_confirmed_in_the_same_visit() {
    let site = Site::new(Reference);
    site.feed_qualification(gain()).await;
    let mut clinic = site.connect(CLINIC).await.unwrap();
    let (session, standing) = site.identified(&mut clinic, &until(FAR)).await;
    assert_eq!(standing, Standing::NeverRegistered);
    for (status, new) in [(201, true), (200, false)] {
        let answer = register_here(&mut clinic, &session).await;
        let said: wire::eligibility::UseRegistered = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, said.new), (status, new));
    }
    let answer = confirm(&mut clinic, &session, CONSENTS).await;
    assert_eq!(code(&answer), "");
    assert_eq!(site.standing(&until(FAR)).await, Standing::Registered);
    // On the way lie serial and link number, and nothing that names a person.
    let messages = site.tap.messages();
    let asked = messages
        .iter()
        .find(|m| m.hop == "clinic-registration")
        .unwrap();
    let asked = String::from_utf8_lossy(asked.bytes.as_ref().unwrap());
    assert!(
        asked.ends_with(r#"{"serial":"bfcd","last_day":"2027-10-01"}"#),
        "{asked}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_declines_is_told_that_nobody_registered_this_card() {
    let site = Site::new(Reference);
    let answer = site.visit(&until(FAR)).await;
    assert_eq!(answer.processing_result_code, "SIM-E301");
    assert_eq!(
        (answer.results.len(), answer.qualification_validity.as_str()),
        (0, "")
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_portal_says_is_what_the_clinic_hears() {
    let site = Site::new(Reference);
    let mut clinic = site.connect(CLINIC).await.unwrap();
    let (session, _) = site.identified(&mut clinic, &until(FAR)).await;
    let mut heard = Vec::new();
    for said in [
        refusal(422, "no-insured-person"),
        refusal(422, "serial-of-another"),
        refusal(403, "certificate-revoked"),
        refusal(403, "certificate-suspended"),
        refusal(403, "certificate-expired"),
        refusal(503, "revocation-unavailable"),
        refusal(503, "jlis-unavailable"),
        refusal(403, "asker-not-allowed"),
        refusal(500, "no-insured-person"),
        Answer::new(422, "text/plain", "no"),
        Answer::new(204, "", ""),
    ] {
        let asked = format!("{} {}", said.status, String::from_utf8_lossy(&said.body));
        site.let_portal(Portal::Says(said));
        let answer = register_here(&mut clinic, &session).await;
        heard.push(format!(
            "{asked}\n  -> {} {}",
            answer.status,
            error(&answer)
        ));
    }
    insta::assert_snapshot!(heard.join("\n"));
    // Nothing was tied, and the next attempt, after the insurer's entry, succeeds.
    assert_eq!(site.standing(&until(FAR)).await, Standing::NeverRegistered);
    site.let_portal(Portal::Reports(LINK));
    assert_eq!(register_here(&mut clinic, &session).await.status, 201);
}

#[tokio::test(start_paused = true)]
async fn a_portal_that_is_down_silent_or_not_configured_registers_nobody_and_stops_nobody() {
    for fault in [Some(Fault::Down), Some(Fault::Silent), None] {
        let site = Site::with(Reference, |config| {
            if fault.is_none() {
                config.portal = None;
            }
        });
        site.street.set_fault(PORTAL, fault);
        let mut clinic = site.connect(CLINIC).await.unwrap();
        let (session, _) = site.identified(&mut clinic, &until(FAR)).await;
        let answer = register_here(&mut clinic, &session).await;
        assert_eq!(
            (answer.status, error(&answer).as_str()),
            (503, "portal-unavailable")
        );
        let answer = confirm(&mut clinic, &session, CONSENTS).await;
        assert_eq!(code(&answer), "SIM-E301", "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_that_is_refused_is_not_registered_at_the_clinic() {
    let hold = revoked(Some(CrlReason::CertificateHold));
    for (last, status, expected) in [
        (OVER, CertStatus::good(), (422, "certificate-expired")),
        (FAR, revoked(None), (422, "certificate-revoked")),
        (FAR, hold, (422, "certificate-suspended")),
        (FAR, CertStatus::unknown(), (422, "certificate-unknown")),
    ] {
        let site = Site::new(Reference);
        site.let_service(says(status));
        let mut clinic = site.connect(CLINIC).await.unwrap();
        let (session, _) = site.identified(&mut clinic, &until(last)).await;
        let answer = register_here(&mut clinic, &session).await;
        assert_eq!((answer.status, error(&answer).as_str()), expected);
        assert!(
            site.tap
                .messages()
                .iter()
                .all(|m| m.hop != "clinic-registration")
        );
    }
    let site = Site::new(Reference);
    site.street.set_fault(OCSP_HOST, Some(Fault::Down));
    let mut clinic = site.connect(CLINIC).await.unwrap();
    let (session, _) = site.identified(&mut clinic, &until(FAR)).await;
    let answer = register_here(&mut clinic, &session).await;
    assert_eq!(
        (answer.status, error(&answer).as_str()),
        (503, "revocation-unavailable")
    );
}

#[tokio::test(start_paused = true)]
async fn the_portal_s_report_is_checked_with_the_authority_first() {
    let site = Site::new(Reference);
    let hold = revoked(Some(CrlReason::CertificateHold));
    for (status, expected) in [
        (revoked(None), "certificate-revoked"),
        (hold, "certificate-suspended"),
        (CertStatus::unknown(), "certificate-unknown"),
    ] {
        site.let_service(says(status));
        let answer = site.register(CARD.serial).await;
        assert_eq!((answer.status, error(&answer).as_str()), (422, expected));
    }
    site.street.set_fault(OCSP_HOST, Some(Fault::Silent));
    let answer = site.register(CARD.serial).await;
    assert_eq!(
        (answer.status, error(&answer).as_str()),
        (503, "revocation-unavailable")
    );
    site.street.set_fault(OCSP_HOST, None);
    site.let_service(says(CertStatus::good()));
    assert_eq!(site.standing(&until(FAR)).await, Standing::NeverRegistered);
    assert_eq!(site.register(CARD.serial).await.status, 201);
}

#[tokio::test(start_paused = true)]
async fn registering_twice_or_at_two_places_at_once_leaves_one_tie() {
    let site = Site::new(Reference);
    site.feed_qualification(gain()).await;
    let mut one = site.connect(CLINIC).await.unwrap();
    let mut other = site.connect(OTHER_CLINIC).await.unwrap();
    let (here, _) = site.identified(&mut one, &until(FAR)).await;
    let there = super::site::question(&mut other, OTHER_CLINIC, &until(FAR)).await;
    super::site::identify(&mut other, &there).await;
    let (first, second, third) = tokio::join!(
        register_here(&mut one, &here),
        register_here(&mut other, &there.session),
        site.register(CARD.serial),
    );
    let mut statuses = [first.status, second.status, third.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 201]);
    assert_eq!(ties(&site), 1);

    // Somebody else's it never becomes.
    let theirs = registration(CARD.serial, "L000000000002");
    let answer = site.feed("portal", FEED_USE_REGISTRATIONS, &theirs).await;
    assert_eq!(
        (answer.status, error(&answer).as_str()),
        (422, "serial-of-another")
    );
    assert_eq!(ties(&site), 1);
    assert_eq!(site.visit(&until(FAR)).await.processing_result_code, "");
}

fn ties(site: &Site) -> i64 {
    site.server.store().count("ties")
}

struct Renewal {
    case: &'static str,
    grace_end: GraceEnd,
    old_last_day: &'static str,
    renewed_on: &'static str,
    standing: Standing,
    code: &'static str,
}

#[tokio::test(start_paused = true)]
async fn a_renewal_carries_the_registration_over_up_to_the_last_day_of_grace() {
    use GraceEnd::{MonthEnd, SameDay};
    let row = |case, grace_end, old_last_day, renewed_on, in_time| Renewal {
        case,
        grace_end,
        old_last_day,
        renewed_on,
        standing: if in_time {
            Standing::Registered
        } else {
            Standing::Lapsed
        },
        code: if in_time { "" } else { "SIM-E303" },
    };
    for renewal in [
        row("before expiry", MonthEnd, "2026-11-10", "2026-10-01", true),
        row("in the grace", MonthEnd, "2026-07-10", "2026-10-14", true),
        row("last day of it", MonthEnd, "2026-07-10", "2026-10-31", true),
        row("the day after", MonthEnd, "2026-07-10", "2026-11-01", false),
        row("last day of it", SameDay, "2026-07-10", "2026-10-10", true),
        row("the day after", SameDay, "2026-07-10", "2026-10-11", false),
        row("leap year's end", SameDay, "2027-11-30", "2028-02-29", true),
        row("after that", SameDay, "2027-11-30", "2028-03-01", false),
    ] {
        let profile = Profile {
            grace_end: renewal.grace_end,
            ..Profile::default()
        };
        let site = Site::with(Reference, |config| config.profile = profile);
        site.register(CARD.serial).await;
        site.feed_qualification(gain()).await;
        let said = format!("{} of {:?}", renewal.case, renewal.grace_end);
        // Before J-LIS has told the pair, the new serial was simply never seen.
        assert_eq!(
            site.standing(&renewed()).await,
            Standing::NeverRegistered,
            "{said}"
        );
        let pair = pair(CARD.serial, renewal.old_last_day, NEW, renewal.renewed_on);
        for _ in 0..2 {
            assert_eq!(site.pair(&pair).await.status, 204, "{said}");
        }
        assert_eq!(site.standing(&renewed()).await, renewal.standing, "{said}");
        let answer = site.visit(&renewed()).await;
        assert_eq!(answer.processing_result_code, renewal.code, "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn renewed_in_the_grace_everything_is_back_consent_included() {
    let site = Site::ready(Reference).await;
    let in_grace = site.visit(&until(GRACE)).await;
    assert_eq!(in_grace.processing_result_code, "SIM-N102");
    assert_eq!(in_grace.results[0].get("OperationInfoConsFlg"), "0");
    site.pair(&pair(CARD.serial, "2026-08-20", NEW, "2026-10-15"))
        .await;
    let after = site.visit(&renewed()).await;
    assert_eq!(after.processing_result_code, "");
    assert_eq!(after.results[0].get("OperationInfoConsFlg"), "1");
}

#[tokio::test(start_paused = true)]
async fn a_lapsed_registration_is_made_again_and_then_renewed_as_any() {
    let site = Site::ready(Reference).await;
    site.pair(&pair(CARD.serial, "2026-06-10", NEW, "2026-10-14"))
        .await;
    assert_eq!(site.standing(&renewed()).await, Standing::Lapsed);
    // What follows a lapsed one is lapsed too, however soon it came.
    site.pair(&pair(NEW, "2031-10-01", NEWEST, "2026-10-15"))
        .await;
    let newest = numbered(NEWEST, date(2032, 1, 1));
    assert_eq!(site.standing(&newest).await, Standing::Lapsed);
    assert_eq!(site.register(NEW).await.status, 201);
    assert_eq!(site.standing(&renewed()).await, Standing::Registered);
    assert_eq!(site.standing(&newest).await, Standing::Registered);
    assert_eq!(site.register(NEWEST).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_pair_before_any_registration_is_kept_for_later() {
    let site = Site::new(Reference);
    site.feed_qualification(gain()).await;
    site.pair(&pair(CARD.serial, "2026-11-10", NEW, "2026-10-14"))
        .await;
    assert_eq!(site.standing(&renewed()).await, Standing::NeverRegistered);
    site.register(CARD.serial).await;
    assert_eq!(site.standing(&renewed()).await, Standing::Registered);
}

#[tokio::test(start_paused = true)]
async fn a_pair_that_contradicts_another_or_itself_is_refused() {
    let site = Site::new(Reference);
    let known = pair(CARD.serial, "2026-11-10", NEW, "2026-10-14");
    assert_eq!(site.pair(&known).await.status, 204);
    let other_old = FedSerialPair {
        old_serial: "7".to_owned(),
        ..known.clone()
    };
    let other_day = FedSerialPair {
        renewed_on: "2026-10-13".to_owned(),
        ..known.clone()
    };
    for (bad, name) in [
        (other_old, "serial-pair-known-otherwise"),
        (other_day, "serial-pair-known-otherwise"),
        (pair(NEW, "2026-11-10", NEW, "2026-10-14"), "serial-pair"),
    ] {
        let answer = site.pair(&bad).await;
        assert_eq!((answer.status, error(&answer).as_str()), (422, name));
    }
    // A circle leads to nobody, and ends.
    assert_eq!(
        site.pair(&pair(NEW, "2026-11-10", CARD.serial, "2026-10-14"))
            .await
            .status,
        204
    );
    assert_eq!(site.standing(&renewed()).await, Standing::NeverRegistered);
}

#[tokio::test(start_paused = true)]
async fn a_release_counts_from_its_day_until_a_new_registration() {
    let site = Site::ready(Reference).await;
    site.release("2026-10-31").await;
    let step = async |day: Date, expected: (Standing, &str)| {
        site.on_day(day);
        let standing = site.standing(&until(FAR)).await;
        let answer = site.visit(&until(FAR)).await;
        assert_eq!(
            (standing, answer.processing_result_code.as_str()),
            expected,
            "{day}"
        );
    };
    step(date(2026, 10, 30), (Standing::Registered, "")).await;
    // Registering what is registered changes nothing, the coming release included.
    assert_eq!(site.register(CARD.serial).await.status, 200);
    step(date(2026, 10, 31), (Standing::Released, "SIM-E304")).await;
    step(date(2026, 11, 20), (Standing::Released, "SIM-E304")).await;
    assert_eq!(site.register(CARD.serial).await.status, 201);
    step(date(2026, 11, 21), (Standing::Registered, "")).await;
    // The old release told once more is the old release.
    site.release("2026-10-31").await;
    step(date(2026, 11, 22), (Standing::Registered, "")).await;
    site.release("2026-11-23").await;
    step(date(2026, 11, 23), (Standing::Released, "SIM-E304")).await;
}

#[tokio::test(start_paused = true)]
async fn a_release_is_the_person_s_whatever_card_comes_next() {
    let site = Site::ready(Reference).await;
    site.release("2026-10-15").await;
    site.pair(&pair(CARD.serial, "2026-11-10", NEW, "2026-10-15"))
        .await;
    assert_eq!(site.standing(&renewed()).await, Standing::Released);
    assert_eq!(site.register(NEW).await.status, 201);
    assert_eq!(site.standing(&renewed()).await, Standing::Registered);
    assert_eq!(ties(&site), 2);
}

/// Something that can happen to three serials and two persons.
#[derive(Debug, Clone)]
enum Event {
    Register(u64, u64),
    Pair(u64, u64, bool),
    Release(u64, i8),
    NextDay,
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (1..=4u64, 1..=2u64).prop_map(|(serial, link)| Event::Register(serial, link)),
        3 => (1..=4u64, 1..=4u64, any::<bool>())
            .prop_map(|(old, new, in_time)| Event::Pair(old, new, in_time)),
        2 => (1..=2u64, 0..4i8).prop_map(|(link, days)| Event::Release(link, days)),
        1 => Just(Event::NextDay),
    ]
}

async fn play(site: &Site, event: &Event) {
    match event {
        Event::Register(serial, link) => {
            let link = identifiers::LinkNumber::numbered(*link);
            let fed = registration(*serial, link.as_str());
            let before = site.server.standing_of(*serial);
            let status = site
                .server
                .take_registration(&fed)
                .await
                .map_err(|e| e.answer(&crate::Reference).status);
            let after = site.server.standing_of(*serial);
            // New, again or refused; and after the first two this person's for certain.
            match status {
                Ok(_) => assert_eq!(after, rules::Registered::To(link)),
                Err(status) => {
                    assert_eq!((status, &after), (422, &before));
                    assert_ne!(before.person(), Some(&link));
                }
            }
        }
        Event::Pair(old, new, in_time) => {
            let renewed_on = if *in_time { "2026-10-15" } else { "2027-10-15" };
            let said = pair(*old, "2026-11-10", *new, renewed_on);
            let _ = site.server.take_pair(&said);
        }
        Event::Release(link, days) => {
            let day = site
                .clock
                .today()
                .saturating_add(jiff::Span::new().days(i64::from(*days)));
            let said = wire::registration::FedRelease {
                link_number: identifiers::LinkNumber::numbered(*link).as_str().to_owned(),
                effective_on: day.to_string(),
            };
            site.server.take_release(&said).unwrap();
        }
        Event::NextDay => site.on_day(site.clock.today().tomorrow().unwrap()),
    }
}

#[test]
fn whatever_happens_in_whatever_order_a_serial_stands_in_one_way_and_is_one_person_s() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(60));
    let tried = runner.run(&proptest::collection::vec(any_event(), 1..14), |events| {
        runtime.block_on(async {
            let site = Site::new(Reference);
            let mut tied = std::collections::BTreeMap::new();
            for event in &events {
                play(&site, event).await;
                for serial in 1..=4 {
                    let found = site.server.tie_of(serial);
                    // A tie once made is never another person's.
                    if let Some(link) = &found {
                        assert_eq!(tied.entry(serial).or_insert_with(|| link.clone()), link);
                    }
                }
            }
            // Everything told again changes nothing: pairs and releases are what they were.
            let standings = || (1..=4).map(|serial| site.server.standing_of(serial));
            let before: Vec<_> = standings().collect();
            for event in &events {
                if matches!(event, Event::Pair(..)) {
                    play(&site, event).await;
                }
            }
            assert_eq!(standings().collect::<Vec<_>>(), before);
        });
        Ok(())
    });
    tried.unwrap();
}

#[test]
fn pairs_and_registrations_come_in_any_order() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    // One registration and a chain of renewals, each in time or not, told in any order.
    let chain = (
        proptest::collection::vec(any::<bool>(), 3),
        Just(vec![0usize, 1, 2, 3]).prop_shuffle(),
    );
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(40));
    let tried = runner.run(&chain, |(in_time, order)| {
        runtime.block_on(async {
            let site = Site::new(Reference);
            for step in order {
                let event = match step {
                    0 => Event::Register(1, 1),
                    n => Event::Pair(n as u64, n as u64 + 1, in_time[n - 1]),
                };
                play(&site, &event).await;
            }
            let mut carried = true;
            for (at, in_time) in in_time.iter().enumerate() {
                carried &= in_time;
                let link = identifiers::LinkNumber::numbered(1);
                let expected = if carried {
                    rules::Registered::To(link)
                } else {
                    rules::Registered::Lapsed(link)
                };
                assert_eq!(site.server.standing_of(at as u64 + 2), expected);
            }
        });
        Ok(())
    });
    tried.unwrap();
}
