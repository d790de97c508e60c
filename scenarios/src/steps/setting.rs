//! What is so before the visit: the day, the cards that were issued, what the authority knows.

use evidence::{CertificateEvent, Fact, FaultKind};
use town::{CardOrder, Date, Maker, Standing};

use crate::Read;
use crate::stage::{Stage, Stuck, unknown};

/// The phrases played here.
pub const PHRASES: &[&str] = &[
    "today",
    "card-held",
    "card-expired-months",
    "card-expires-in-days",
    "card-foreign",
    "card-clone",
    "pin-tried",
    "certificate-revoked",
    "certificate-suspended",
    "certificate-unknown",
    "ocsp-silent",
    "facility-unenrolled",
    "time-passes",
];

/// Years a certificate is valid.
const YEARS: i32 = 5;

pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let person = read.get("person");
    let today = stage.town.clock().today();
    match read.phrase.as_str() {
        "today" => set_day(stage, read),
        "card-held" => {
            let last = town::months_after(today, 28);
            issue(stage, person, last, Maker::Jpki, None).await
        }
        "card-expired-months" => {
            let last = town::months_after(today, -read.number("months"));
            issue(stage, person, last, Maker::Jpki, None).await
        }
        "card-expires-in-days" => {
            let last = town::days_after(today, read.number("days"));
            issue(stage, person, last, Maker::Jpki, None).await
        }
        "card-foreign" => {
            let last = town::months_after(today, 28);
            issue(
                stage,
                person,
                last,
                Maker::Foreign,
                Some(read.get("victim")),
            )
            .await
        }
        "card-clone" => {
            let last = town::months_after(today, 28);
            issue(stage, person, last, Maker::Jpki, Some(read.get("victim"))).await
        }
        "pin-tried" => tried(stage, person, read.number("times")),
        "certificate-revoked" => {
            certificate(stage, person, CertificateEvent::Revoked, Standing::Revoked)
        }
        "certificate-suspended" => certificate(
            stage,
            person,
            CertificateEvent::Suspended,
            Standing::Suspended,
        ),
        "certificate-unknown" => {
            certificate(stage, person, CertificateEvent::Unknown, Standing::Unknown)
        }
        "ocsp-silent" => {
            stage.town.silence_ocsp();
            let from = stage.now();
            stage.recorder.declare(Fact::Fault {
                house: "ocsp".into(),
                kind: FaultKind::Silent,
                from,
            });
            Ok(())
        }
        "facility-unenrolled" => stage.open_facility(read.get("facility"), false).await,
        "time-passes" => {
            let seconds = u64::try_from(read.number("seconds")).unwrap_or_default();
            stage.wait(std::time::Duration::from_secs(seconds)).await;
            Ok(())
        }
        other => Err(Stuck::NoStep(other.to_owned())),
    }
}

fn set_day(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let part = |name: &str| i16::try_from(read.number(name)).unwrap_or(i16::MAX);
    let small = |name: &str| i8::try_from(read.number(name)).unwrap_or(i8::MAX);
    let day = Date::new(part("year"), small("month"), small("day"))
        .map_err(|e| Stuck::Missing(format!("there is such a day ({e})")))?;
    if !stage.town.clock().jump_to(day.at(9, 0, 0, 0)) {
        return Err(Stuck::Missing(format!(
            "{day} comes after the story's present day"
        )));
    }
    let at = stage.now();
    stage.recorder.declare(Fact::Clock { at });
    Ok(())
}

/// Issues a card and, where a genuine authority made it, registers its use.
async fn issue(
    stage: &mut Stage,
    person: &str,
    last: Date,
    maker: Maker,
    victim: Option<&str>,
) -> Result<(), Stuck> {
    let (index, found) = stage
        .people()
        .person(person)
        .ok_or_else(|| unknown("person", person))?;
    let found = found.clone();
    let first = town::months_after(last, -12 * YEARS);
    let pin = stage.pin(person, &[]);
    let order = CardOrder {
        card: card_of(person),
        key: index,
        first_day: first,
        last_day: last,
        maker,
        copy_of: victim.map(card_of),
        pin: pin.clone(),
    };
    let issued = stage.town.issue_card(&order)?;
    let pin = stage.town.tap().secret("PIN", &pin);
    declare_person(stage, &found);
    let certificate = stage.recorder.keep(&issued.certificate);
    stage.recorder.declare(Fact::Card {
        card: order.card.clone(),
        holder: person.to_owned(),
        serial: issued.serial.clone(),
        certificate,
        first_day: issued.first_day.to_string(),
        last_day: issued.last_day.to_string(),
        pin,
        tries_left: 3,
        genuine: victim.is_none() || maker == Maker::Foreign,
    });
    if victim.is_some() {
        return Ok(());
    }
    let at = stage.now();
    stage.recorder.declare(Fact::Certificate {
        serial: issued.serial.clone(),
        event: CertificateEvent::Issued,
        at: at.clone(),
    });
    let number = stage.individual_number(person)?;
    stage.town.register_use(&number, &issued.serial).await?;
    stage.recorder.declare(Fact::Registration {
        person: person.to_owned(),
        serial: issued.serial,
        at,
    });
    Ok(())
}

/// Declares a person; doing so twice changes nothing.
pub fn declare_person(stage: &mut Stage, person: &crate::Person) {
    stage.recorder.declare(Fact::Person {
        person: person.ja.clone(),
        name: person.name.clone(),
        kana: person.kana.clone(),
        birth: person.birth.clone(),
        sex: person.sex.clone(),
    });
}

/// The card of a person, by name.
pub fn card_of(person: &str) -> String {
    format!("{person}のカード")
}

fn tried(stage: &mut Stage, person: &str, times: i32) -> Result<(), Stuck> {
    let card = card_of(person);
    let right = stage.pin(person, &[]);
    let wrong = stage.pin("a wrong try", &[&right]);
    stage.town.try_wrong_pin(&card, &wrong, times)?;
    let left = u8::try_from(3 - times.clamp(0, 3)).unwrap_or_default();
    stage.recorder.declare(Fact::Tries {
        card,
        tries_left: left,
    });
    Ok(())
}

fn certificate(
    stage: &mut Stage,
    person: &str,
    event: CertificateEvent,
    standing: Standing,
) -> Result<(), Stuck> {
    let serial = stage.town.set_certificate(&card_of(person), standing)?;
    let at = stage.now();
    stage
        .recorder
        .declare(Fact::Certificate { serial, event, at });
    Ok(())
}
