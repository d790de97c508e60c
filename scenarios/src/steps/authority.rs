//! What befalls a card's certificate at the authority and its secrets at the counter, and houses in trouble.

use evidence::{Act, CertificateEvent, Fact, FaultKind};
use town::{House, Kind, Mood, Standing, Trouble};

use super::setting::{declare_card, declare_issued, order};
use crate::Read;
use crate::stage::{Stage, Stuck};

/// The phrases played here.
pub const PHRASES: &[&str] = &[
    "pin-tried",
    "reset-at-counter",
    "certificate-revoked",
    "certificate-revoked-for",
    "certificate-suspended",
    "certificate-lifted",
    "certificate-unknown",
    "moved",
    "renewed",
    "reissued",
    "ocsp-silent",
    "ocsp-mood",
    "crl-mood",
    "crl-silent",
    "house-down",
    "house-mended",
    "server-restarted",
    "server-disk-full",
    "server-broken",
    "server-false",
];

/// Months a renewed certificate is valid.
const RENEWED: i32 = 60;

pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let person = read.get("person");
    use CertificateEvent::{Lifted, Revoked, Suspended, Unknown};
    match read.phrase.as_str() {
        "pin-tried" => tried(stage, person, read.number("times")),
        "reset-at-counter" => reset(stage, person),
        "certificate-revoked" => {
            let standing = Standing::Revoked("cessationOfOperation".into());
            certificate(stage, person, Revoked, "cessationOfOperation", standing)
        }
        "certificate-revoked-for" => {
            let reason = stage.people().meaning(read.get("reason")).to_owned();
            let standing = Standing::Revoked(reason.clone());
            certificate(stage, person, Revoked, &reason, standing)
        }
        "certificate-suspended" => certificate(
            stage,
            person,
            Suspended,
            "certificateHold",
            Standing::Suspended,
        ),
        "certificate-lifted" => certificate(stage, person, Lifted, "", Standing::Lifted),
        "certificate-unknown" => certificate(stage, person, Unknown, "", Standing::Unknown),
        "moved" => moved(stage, person),
        "renewed" | "reissued" => renew(stage, person).await,
        "ocsp-silent" => trouble(stage, House::Ocsp, Trouble::Silent, FaultKind::Silent).await,
        "crl-silent" => trouble(stage, House::Crl, Trouble::Silent, FaultKind::Silent).await,
        "ocsp-mood" => mood(stage, House::Ocsp, read.get("mood")).await,
        "crl-mood" => mood(stage, House::Crl, read.get("mood")).await,
        "house-down" => {
            let house = house(stage, read)?;
            trouble(stage, house, Trouble::Down, FaultKind::Down).await
        }
        "house-mended" => {
            let house = house(stage, read)?;
            trouble(stage, house, Trouble::None, FaultKind::Mended).await
        }
        other => server(stage, other).await,
    }
}

/// What befalls the eligibility server alone.
async fn server(stage: &mut Stage, phrase: &str) -> Result<(), Stuck> {
    let (befalls, kind) = match phrase {
        "server-restarted" => (Trouble::Restart, FaultKind::Restarted),
        "server-broken" => (Trouble::StoreBroken, FaultKind::StoreBroken),
        "server-false" => (Trouble::ForeignCertificate, FaultKind::ForeignCertificate),
        "server-disk-full" => (Trouble::DiskFull, FaultKind::DiskFull),
        other => return Err(Stuck::NoStep(other.to_owned())),
    };
    trouble(stage, House::Eligibility, befalls, kind).await
}

fn tried(stage: &mut Stage, person: &str, times: i32) -> Result<(), Stuck> {
    let card = stage.card_of(person);
    let right = stage.own_pin(person);
    let wrong = stage.pin("a wrong try", &[&right]);
    stage.town.try_wrong_pin(&card, &wrong, times)?;
    let left = u8::try_from(3 - times.clamp(0, 3)).unwrap_or_default();
    stage.recorder.declare(Fact::Tries {
        card,
        tries_left: left,
    });
    Ok(())
}

fn reset(stage: &mut Stage, person: &str) -> Result<(), Stuck> {
    *stage.generations.entry(person.to_owned()).or_default() += 1;
    let (card, new) = (stage.card_of(person), stage.own_pin(person));
    stage.town.reset_pin(&card, &new)?;
    let new = stage.town.tap().secret("PIN", &new);
    let secret = "authentication-pin".to_owned();
    stage.hands("clerk", Act::ResetAtCounter { card, secret, new });
    Ok(())
}

fn certificate(
    stage: &mut Stage,
    person: &str,
    event: CertificateEvent,
    reason: &str,
    standing: Standing,
) -> Result<(), Stuck> {
    let card = stage.card_of(person);
    let serial = stage.town.set_certificate(&card, standing)?;
    declare(stage, serial, event, reason);
    Ok(())
}

fn declare(stage: &mut Stage, serial: String, event: CertificateEvent, reason: &str) {
    let at = stage.now();
    let reason = reason.to_owned();
    stage.recorder.declare(Fact::Certificate {
        serial,
        event,
        reason,
        at,
    });
}

fn moved(stage: &mut Stage, person: &str) -> Result<(), Stuck> {
    let card = stage.card_of(person);
    let serial = stage.town.revoke_signing(&card)?;
    declare(
        stage,
        serial,
        CertificateEvent::Revoked,
        "affiliationChanged",
    );
    Ok(())
}

/// A new certificate on the same card or a new card altogether: for whoever relies on it the same.
async fn renew(stage: &mut Stage, person: &str) -> Result<(), Stuck> {
    let old = stage.card_of(person);
    *stage.generations.entry(person.to_owned()).or_default() += 1;
    *stage.renewals.entry(person.to_owned()).or_default() += 1;
    let today = stage.town.clock().today();
    let last = town::months_after(today, RENEWED);
    let mut order = order(stage, person, last, Kind::Adult)?;
    order.first_day = today;
    let renewal = stage.town.renew_card(&old, &order).await?;
    declare_card(stage, &order, &renewal.issued);
    declare(
        stage,
        renewal.old_serial.clone(),
        CertificateEvent::Revoked,
        "superseded",
    );
    declare_issued(stage, &renewal.issued);
    stage.recorder.declare(Fact::Renewal {
        person: person.to_owned(),
        old_serial: renewal.old_serial,
        new_serial: renewal.issued.serial,
        on: today.to_string(),
        known_at: renewal.known_at,
    });
    Ok(())
}

fn house(stage: &Stage, read: &Read) -> Result<House, Stuck> {
    let named = stage.people().meaning(read.get("house"));
    House::named(named).ok_or_else(|| Stuck::Missing(format!("{named} is a house of the town")))
}

async fn mood(stage: &mut Stage, house: House, word: &str) -> Result<(), Stuck> {
    let (mood, kind) = match stage.people().meaning(word) {
        "slow" => (Mood::Slow, FaultKind::Slow),
        "old" => (Mood::Old, FaultKind::Old),
        "wrong-signature" => (Mood::WrongSignature, FaultKind::WrongSignature),
        "wrong-subject" => (Mood::WrongSubject, FaultKind::WrongSubject),
        "try-later" => (Mood::TryLater, FaultKind::TryLater),
        other => return Err(Stuck::Missing(format!("{other} is a mood"))),
    };
    trouble(stage, house, Trouble::Mood(mood), kind).await
}

async fn trouble(
    stage: &mut Stage,
    house: House,
    trouble: Trouble,
    kind: FaultKind,
) -> Result<(), Stuck> {
    stage.town.trouble(house, trouble).await?;
    let from = stage.now();
    stage.recorder.declare(Fact::Fault {
        house: house.name().to_owned(),
        kind,
        from,
    });
    stage.settle().await;
    Ok(())
}
