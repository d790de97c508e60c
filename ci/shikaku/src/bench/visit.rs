//! A full-fidelity visit (APDUs, card signature, chain and revocation check, decision, record,
//! file dropped) against all RSA-2048 private operations it makes; the receipt computer's share
//! and a durable commit are shown beside it.

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use identifiers::{FacilityCode, IndividualNumber, InsurerNumber};
use town::{
    Benefits, CardHolder, CardOrder, Date, Durability, Entry, FacilityOrder, Kind, Maker, Products,
    Profile, Setup, Touch, Town,
};
use world::clock::Stopwatch;
use world::{Seed, keys};

use super::figures::{Figure, median};
use crate::failure::Failure;

const VISITS: u32 = 40;
/// The card's signature over the challenge, and the responder's over its answer.
const PRIVATE_OPERATIONS: f64 = 2.0;
const CLINIC: &str = "bench clinic";
const READER: u8 = 1;

/// Measures rounds of visits, each beside a round of bare private operations.
pub fn measure(rounds: usize) -> Result<Vec<Figure>, Failure> {
    let mut visits = Vec::new();
    let mut durable = Vec::new();
    let mut charted = Vec::new();
    let mut operations = Vec::new();
    let mut ratios = Vec::new();
    for _ in 0..rounds {
        let visit = round(Durability::Relaxed, false)?;
        let bare = private_operation()?;
        durable.push(round(Durability::Full, false)? - visit);
        charted.push(round(Durability::Relaxed, true)? - visit);
        ratios.push(visit / (PRIVATE_OPERATIONS * bare));
        visits.push(visit);
        operations.push(bare);
    }
    Ok(vec![
        Figure::new("RSA-2048 private operation", median(operations), 1, "µs"),
        Figure::new("one visit, tapped, with 2 of them", median(visits), 1, "µs"),
        Figure::new("visit ÷ its private operations", median(ratios), 2, "×")
            .aiming("at most 1.15"),
        Figure::new(
            "on a disk, with a durable commit (synchronous FULL), more",
            median(durable),
            1,
            "µs",
        ),
        Figure::new(
            "the receipt computer more (polls, chart written)",
            median(charted),
            1,
            "µs",
        ),
    ])
}

/// Microseconds one RSA-2048 private operation takes here.
pub fn private_operation() -> Result<f64, Failure> {
    let key = keys::card(0);
    let mut signature = vec![0; key.pair.public_modulus_len()];
    let random = SystemRandom::new();
    let watch = Stopwatch::start();
    for _ in 0..VISITS {
        key.pair
            .sign(&RSA_PKCS1_SHA256, &random, b"challenge", &mut signature)
            .map_err(Failure::bed)?;
    }
    Ok(watch.nanoseconds() as f64 / f64::from(VISITS) / 1000.0)
}

/// Microseconds a visit took, the mean of one round in a fresh town.
fn round(durability: Durability, desk: bool) -> Result<f64, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(Failure::bed)?;
    runtime.block_on(async {
        let mut town = furnished(durability).await?;
        if !desk {
            town.switch_desk(CLINIC, false).map_err(Failure::bed)?;
        }
        visit(&mut town).await?; // opens the connections and warms the keys
        let watch = Stopwatch::start();
        for _ in 0..VISITS {
            visit(&mut town).await?;
        }
        Ok(watch.nanoseconds() as f64 / f64::from(VISITS) / 1000.0)
    })
}

async fn furnished(durability: Durability) -> Result<Town, Failure> {
    let today = Date::constant(2026, 10, 15);
    let setup = Setup {
        seed: Seed(1),
        start: today.at(9, 0, 0, 0),
        profile: Profile::default(),
        products: Products::reference(),
        durability,
    };
    let mut town = Town::build(setup).await.map_err(Failure::bed)?;
    let insurer = InsurerNumber::from_body("0699123").map_err(Failure::bed)?;
    let person = IndividualNumber::invented(1);
    town.open_insurer("insurer", &insurer)
        .await
        .map_err(Failure::bed)?;
    town.register("insurer", &person, entry(insurer.as_str(), today))
        .await
        .map_err(Failure::Bed)?;
    let order = card(today, person);
    let issued = town.issue_card(&order).map_err(Failure::bed)?;
    town.register_use(&issued.serial, issued.last_day)
        .await
        .map_err(Failure::bed)?;
    let clinic = FacilityOrder {
        name: CLINIC.into(),
        code: FacilityCode::from_body("991000001").map_err(Failure::bed)?,
        enrolled: true,
        general: false,
        passcode: "bench-passcode".into(),
    };
    town.open_facility(&clinic).await.map_err(Failure::bed)?;
    Ok(town)
}

fn card(today: Date, individual_number: IndividualNumber) -> CardOrder {
    CardOrder {
        person: "田中花子".into(),
        card: "card".into(),
        holder: CardHolder {
            name: "田中　花子".into(),
            address: "模擬県模擬市１－１".into(),
            birth: Date::constant(1980, 2, 17),
            sex: "2".into(),
        },
        key: 0,
        kind: Kind::Adult,
        first_day: town::months_after(today, -24),
        last_day: town::months_after(today, 36),
        card_last_day: town::months_after(today, 96),
        maker: Maker::Jpki,
        copy_of: None,
        pin: "0417".into(),
        sign_password: "S000000X".into(),
        text_pin: "1704".into(),
        security_code: "0001".into(),
        individual_number,
    }
}

fn entry(insurer_number: &str, today: Date) -> Entry {
    Entry {
        gain: true,
        insurer_number: insurer_number.to_owned(),
        insurer_name: "模擬健保組合".into(),
        symbol: "１２".into(),
        number: "340011".into(),
        branch: "00".into(),
        on: town::months_after(today, -30),
        name: "田中　花子".into(),
        kana: "ﾀﾅｶ ﾊﾅｺ".into(),
        birth: "1980-02-17".into(),
        sex: "2".into(),
        relationship: "1".into(),
        reason_of_loss: None,
        benefits: Benefits::default(),
    }
}

async fn visit(town: &mut Town) -> Result<(), Failure> {
    town.place_card(CLINIC, READER, "card")
        .map_err(Failure::bed)?;
    let touches = [
        ("CHOOSE_METHOD", Touch::ChoosePin),
        ("ENTER_PIN", Touch::EnterPin("0417".into())),
        ("CONSENT_OPERATION", Touch::Consent { given: true }),
        ("CONSENT_TREATMENT_DRUG", Touch::Consent { given: true }),
        ("CONSENT_CHECKUP", Touch::Consent { given: true }),
    ];
    for (screen, touch) in touches {
        shown(town, screen).await?;
        town.touch(CLINIC, READER, touch).map_err(Failure::bed)?;
    }
    shown(town, "TAKE_CARD").await?;
    town.take_card(CLINIC, READER).map_err(Failure::bed)?;
    shown(town, "PLACE_CARD").await?;
    drop(town.shown_screens());
    Ok(())
}

async fn shown(town: &mut Town, screen: &str) -> Result<(), Failure> {
    for _ in 0..1000 {
        if town.current_screen(CLINIC, READER).map_err(Failure::bed)? == screen {
            return Ok(());
        }
        // Virtual time is free, waking up is not: a coarse step keeps the bench out of its own figure.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Err(Failure::Bed(format!("the reader never showed {screen}.")))
}
