//! The person at home: every way a registration by one's own device can go.

use std::fmt::Write as _;
use std::sync::Arc;

use card_driver::Secret;
use jiff::civil::{date, datetime};
use jlis::{Mood, Reason};
use wire::certificate::OCSP_HOST;
use wire::eligibility::HOST as ELIGIBILITY_HOST;
use wire::failure::Failure;
use wire::portal::{HOST, InsuredPerson, JLIS_HOST, USE_REGISTRATIONS};
use wire::registration::INTERMEDIATE_HOST;
use world::keys::Authority;
use world::net::Fault;

use super::bed::{Bed, CODE, bed, bed_with, issue, last_day, outcome, serial};
use super::card::Kind;
use crate::{CertificateFault, Conduct, Screen, ScreenId};

fn ids(screens: &[Screen]) -> Vec<ScreenId> {
    screens.iter().map(|screen| screen.id).collect()
}

#[tokio::test(start_paused = true)]
async fn the_right_pin_registers_once_and_the_second_time_says_so() {
    use ScreenId::*;
    let bed = bed();
    assert_eq!(
        ids(&bed.register("0417").await),
        [PortalStart, PortalRegistered]
    );
    assert_eq!(
        ids(&bed.register("0417").await),
        [PortalStart, PortalAlready]
    );
    let ties = bed.ties();
    assert_eq!(ties.len(), 1);
    assert_eq!(
        (ties[0].serial.as_str(), ties[0].last_day.as_str()),
        ("bfcd", "2030-02-17")
    );
    assert_eq!(ties[0].link_number, "L000000000001");
    assert_eq!(ties[0].insured.number, "３４");
    let hops: Vec<&str> = bed.told().await.iter().map(|(hop, _)| *hop).collect();
    let once = [
        "portal", "portal", // challenge
        "portal", "ocsp", "ocsp", "agency", "agency", "insured", "insured", "feed", "feed",
        "portal",
    ];
    assert_eq!(hops, [once, once].concat());
}

#[tokio::test(start_paused = true)]
async fn neither_pin_nor_individual_number_crosses_any_wire() {
    let bed = bed();
    let individual = identifiers::IndividualNumber::invented(1);
    bed.tap.secret("INDIVIDUAL-NUMBER", individual.reveal());
    bed.tap.secret("PIN", "0417");
    bed.register("0417").await;
    let told = bed.told().await;
    assert_eq!(told.len(), 12);
    let known = [
        "session",
        "challenge",
        "certificate",
        "signature",
        "new",
        "serial",
        "agency_code",
        "link_number",
        "insured",
        "insurer_number",
        "symbol",
        "number",
        "branch",
        "last_day",
    ];
    for (hop, text) in told {
        assert!(
            !text.contains('⟦') && !text.contains("0417"),
            "{hop}: {text}"
        );
        assert!(!text.contains("individual"), "{hop}: {text}");
        let Some(body) = text.split("\r\n\r\n").nth(1).filter(|b| b.starts_with('{')) else {
            continue;
        };
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let mut objects = vec![body.as_object().unwrap()];
        while let Some(object) = objects.pop() {
            for (name, value) in object {
                assert!(known.contains(&name.as_str()), "{hop}: {name}");
                objects.extend(value.as_object());
            }
        }
    }
}

type Story = (&'static str, &'static str, fn(&Bed));

/// What happened before, the PIN typed, and how.
const STORIES: [Story; 22] = [
    ("right PIN", "0417", |_| {}),
    ("right PIN, registered before", "0417", |bed| {
        let tie = wire::registration::FedUseRegistration {
            serial: "bfcd".into(),
            last_day: "2030-02-17".into(),
            link_number: "L000000000001".into(),
            insured: Default::default(),
        };
        bed.eligibility
            .lock()
            .unwrap()
            .ties
            .insert("bfcd".into(), tie);
    }),
    ("wrong PIN", "9999", |_| {}),
    ("two tries left, wrong PIN", "9999", |bed| {
        bed.with_card(|c| c.tries_left = 2)
    }),
    ("one try left, right PIN", "0417", |bed| {
        bed.with_card(|c| c.tries_left = 1)
    }),
    ("one try left, wrong PIN", "9999", |bed| {
        bed.with_card(|c| c.tries_left = 1)
    }),
    ("locked", "0417", |bed| bed.with_card(|c| c.tries_left = 0)),
    ("no PIN at all", "041", |_| {}),
    ("no card", "0417", |bed| bed.card_is(Kind::Absent)),
    ("another card", "0417", |bed| bed.card_is(Kind::Other)),
    ("a broken card", "0417", |bed| bed.card_is(Kind::Broken)),
    ("a card that signs something else", "0417", |bed| {
        bed.card_is(Kind::SignsOtherwise)
    }),
    ("nobody insured", "0417", |bed| {
        bed.intermediate.lock().unwrap().insured.clear()
    }),
    ("revoked", "0417", |bed| {
        bed.registry
            .revoke(serial(), Reason::KeyCompromise, 0)
            .unwrap();
    }),
    ("suspended", "0417", |bed| {
        bed.registry.suspend(serial(), 0).unwrap()
    }),
    ("unknown to the authority", "0417", |bed| {
        bed.registry.forget(serial())
    }),
    ("expired yesterday", "0417", |bed| {
        let certificate = issue(&bed.ca, date(2021, 2, 17), date(2026, 10, 14));
        bed.with_card(|c| c.certificate = certificate);
    }),
    ("last day today", "0417", |bed| {
        let certificate = issue(&bed.ca, date(2021, 2, 17), date(2026, 10, 15));
        bed.with_card(|c| c.certificate = certificate);
    }),
    ("not valid before tomorrow", "0417", |bed| {
        let certificate = issue(&bed.ca, date(2026, 10, 16), last_day());
        bed.with_card(|c| c.certificate = certificate);
    }),
    ("of a foreign authority", "0417", |bed| {
        let purpose = jlis::Purpose::UserAuthentication;
        let foreign = jlis::Authority::new(purpose, Authority::Foreign, date(2023, 4, 1));
        let certificate = issue(&foreign, date(2025, 2, 17), last_day());
        bed.with_card(|c| c.certificate = certificate);
    }),
    ("with another card's key", "0417", |bed| {
        bed.with_card(|c| c.key = world::keys::card(4));
    }),
    ("no revocation answer", "0417", |bed| {
        bed.jlis.set_mood(Mood::TryLater)
    }),
];

#[tokio::test(start_paused = true)]
async fn every_story_ends_on_its_screen() {
    let mut out = String::new();
    for (story, pin, before) in STORIES {
        let bed = bed();
        before(&bed);
        let had = bed.ties().len();
        let screens = bed.register(pin).await;
        writeln!(out, "— {story}").unwrap();
        for screen in &screens {
            writeln!(out, "{}", serde_json::to_string(screen).unwrap()).unwrap();
        }
        let done = screens
            .last()
            .is_some_and(|last| last.id == ScreenId::PortalRegistered);
        assert_eq!(bed.ties().len() - had, usize::from(done), "{story}");
    }
    insta::assert_snapshot!(out);
}

#[tokio::test(start_paused = true)]
async fn houses_that_are_down_or_silent_are_told_apart_and_tie_nothing() {
    let mut out = String::new();
    for host in [
        HOST,
        OCSP_HOST,
        JLIS_HOST,
        INTERMEDIATE_HOST,
        ELIGIBILITY_HOST,
    ] {
        for fault in [Fault::Down, Fault::Silent] {
            let bed = bed();
            bed.street.set_fault(host, Some(fault));
            let screens = bed.register("0417").await;
            writeln!(out, "{host} {fault:?}: {}", screens[1].lines[1]).unwrap();
            assert_eq!(screens[1].id, ScreenId::PortalFailed);
            assert!(bed.ties().is_empty());
            // Once it is back, the next attempt succeeds.
            bed.street.set_fault(host, None);
            let again = ids(&bed.register("0417").await);
            assert_eq!(again[1], ScreenId::PortalRegistered, "{host}");
        }
    }
    insta::assert_snapshot!(out);
}

#[tokio::test(start_paused = true)]
async fn no_try_is_spent_unasked() {
    let table = [
        ("0417", 1, false, false, 0),
        ("0417", 1, true, false, 1),
        ("041x", 3, true, false, 0),
        ("0417", 0, true, false, 0),
        // With the portal out of reach the PIN could do no good.
        ("0417", 3, true, true, 0),
    ];
    for (pin, tries, accept, portal_down, presented) in table {
        let bed = bed();
        bed.with_card(|card| card.tries_left = tries);
        let fault = portal_down.then_some(Fault::Down);
        bed.street.set_fault(HOST, fault);
        let pin = Secret::new(pin.to_owned());
        let screens = bed.device().register(pin, accept).await;
        bed.with_card(|card| assert_eq!(card.presented, presented, "{tries} {accept}"));
        let warned = ids(&screens).contains(&ScreenId::PortalLastTry);
        assert_eq!(warned, tries == 1);
        if !accept {
            let stopped = [ScreenId::PortalStart, ScreenId::PortalLastTry];
            assert_eq!(ids(&screens), stopped);
            assert!(bed.told().await.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_the_insurer_s_entry_the_next_attempt_succeeds() {
    let bed = bed();
    let entry = bed
        .intermediate
        .lock()
        .unwrap()
        .insured
        .remove(CODE)
        .unwrap();
    assert_eq!(ids(&bed.register("0417").await)[1], ScreenId::PortalFailed);
    assert!(bed.ties().is_empty());
    bed.intermediate
        .lock()
        .unwrap()
        .insured
        .insert(CODE.into(), entry);
    assert_eq!(
        ids(&bed.register("0417").await)[1],
        ScreenId::PortalRegistered
    );
}

#[tokio::test(start_paused = true)]
async fn two_registrations_at_once_leave_one_tie() {
    let bed = bed();
    let (one, other) = (bed.request().await, bed.request().await);
    let body = |request| serde_json::to_vec(&request).unwrap();
    let (one, other) = tokio::join!(
        bed.post(None, USE_REGISTRATIONS, body(one)),
        bed.post(None, USE_REGISTRATIONS, body(other)),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201]);
    assert_eq!(bed.ties().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_registration_of_long_ago_takes_the_same_way_without_the_login() {
    let bed = bed();
    bed.clock.jump_to(datetime(2030, 4, 17, 9, 0, 0, 0));
    assert_eq!(
        bed.portal.register_known(serial(), last_day()).await,
        Ok(true)
    );
    assert_eq!(
        bed.portal.register_known(serial(), last_day()).await,
        Ok(false)
    );
    assert_eq!(bed.ties()[0].last_day, "2030-02-17");
    bed.intermediate.lock().unwrap().insured.clear();
    let refused = bed.portal.register_known(serial(), last_day()).await;
    assert_eq!(refused.unwrap_err().error, "no-insured-person");
    let hops: Vec<&str> = bed.told().await.iter().map(|(hop, _)| *hop).collect();
    assert_eq!(
        hops[..6],
        ["agency", "agency", "insured", "insured", "feed", "feed"]
    );
}

struct TakesUnsigned;
impl Conduct for TakesUnsigned {
    fn accepts_unsigned(&self, _found: bool) -> bool {
        true
    }
}

struct TakesRevoked;
impl Conduct for TakesRevoked {
    fn certificate_ok(&self, found: Result<(), CertificateFault>) -> Result<(), CertificateFault> {
        match found {
            Err(CertificateFault::Revoked) => Ok(()),
            other => other,
        }
    }
}

struct TakesExpired;
impl Conduct for TakesExpired {
    fn certificate_ok(&self, found: Result<(), CertificateFault>) -> Result<(), CertificateFault> {
        match found {
            Err(CertificateFault::Expired) => Ok(()),
            other => other,
        }
    }
}

struct TakesForeign;
impl Conduct for TakesForeign {
    fn certificate_ok(&self, _found: Result<(), CertificateFault>) -> Result<(), CertificateFault> {
        Ok(())
    }
}

struct SwapsCodes;
impl Conduct for SwapsCodes {
    fn agency(&self, _found: String) -> String {
        "agency0000000002".to_owned()
    }
}

struct MakesUpPeople;
impl Conduct for MakesUpPeople {
    fn insured_person(&self, found: Option<InsuredPerson>) -> Option<InsuredPerson> {
        found.or(Some(InsuredPerson {
            link_number: "L999999999999".to_owned(),
            insured: Default::default(),
        }))
    }
}

struct SaysNothing;
impl Conduct for SaysNothing {
    fn says_why(&self, _found: Failure) -> Failure {
        Failure::new("failed", "できませんでした。", "failed")
    }
}

struct AlwaysNew;
impl Conduct for AlwaysNew {
    fn tells_result(&self, _new: bool) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn each_decision_can_be_bent_alone() {
    type Bent = (Arc<dyn Conduct>, &'static [&'static str], &'static str);
    let stories: [Bent; 8] = [
        (
            Arc::new(TakesUnsigned),
            &[
                "a card that signs something else",
                "with another card's key",
            ],
            "利用登録が終わりました",
        ),
        (
            Arc::new(TakesRevoked),
            &["revoked"],
            "利用登録が終わりました",
        ),
        (
            Arc::new(TakesExpired),
            &["expired yesterday"],
            "利用登録が終わりました",
        ),
        (
            Arc::new(TakesForeign),
            &[
                "revoked",
                "suspended",
                "unknown to the authority",
                "expired yesterday",
                "not valid before tomorrow",
                "of a foreign authority",
                "no revocation answer",
            ],
            "利用登録が終わりました",
        ),
        (
            Arc::new(SwapsCodes),
            &[
                "right PIN",
                "last day today",
                "one try left, right PIN",
                "right PIN, registered before",
            ],
            "加入者情報をまだ登録していない",
        ),
        (
            Arc::new(MakesUpPeople),
            &["nobody insured"],
            "利用登録が終わりました",
        ),
        (
            Arc::new(SaysNothing),
            &[
                "a card that signs something else",
                "nobody insured",
                "revoked",
                "suspended",
                "unknown to the authority",
                "expired yesterday",
                "not valid before tomorrow",
                "of a foreign authority",
                "with another card's key",
                "no revocation answer",
            ],
            "できませんでした。",
        ),
        (
            Arc::new(AlwaysNew),
            &["right PIN, registered before"],
            "利用登録が終わりました",
        ),
    ];
    let mut straight = Vec::new();
    for (_, pin, before) in STORIES {
        let bed = bed();
        before(&bed);
        straight.push(bed.register(pin).await);
    }
    for (at, (conduct, bent, said)) in stories.into_iter().enumerate() {
        for ((story, pin, before), straight) in STORIES.into_iter().zip(&straight) {
            let bed = bed_with(conduct.clone());
            before(&bed);
            let screens = bed.register(pin).await;
            assert_eq!(screens != *straight, bent.contains(&story), "{at} {story}");
            if bent.contains(&story) {
                let last = screens.last().unwrap().lines.join("");
                assert!(last.contains(said), "{at} {story}: {last}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_made_up_person_is_reported_as_if_it_were_one() {
    let bed = bed_with(Arc::new(MakesUpPeople));
    bed.intermediate.lock().unwrap().insured.clear();
    bed.register("0417").await;
    assert_eq!(bed.ties()[0].link_number, "L999999999999");
}

#[tokio::test(start_paused = true)]
async fn what_says_nothing_says_it_by_name_too() {
    let bed = bed_with(Arc::new(SaysNothing));
    bed.intermediate.lock().unwrap().insured.clear();
    let request = bed.request().await;
    let body = serde_json::to_vec(&request).unwrap();
    let answer = bed.post(None, USE_REGISTRATIONS, body).await;
    assert_eq!(outcome(&answer), (422, "failed".to_owned()));
}
