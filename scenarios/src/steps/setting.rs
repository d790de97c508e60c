//! What is so before the visit: the day, clinics, and the cards that were issued.

use evidence::{CardKind, CertificateEvent, Chip, Fact};
use town::{CardIssued, CardOrder, Date, Kind, Maker};

use crate::Read;
use crate::stage::{Stage, Stuck, unknown};

/// The phrases played here.
pub const PHRASES: &[&str] = &[
    "today",
    "later",
    "time-passes",
    "card-held",
    "card-unregistered",
    "card-expired-months",
    "card-expired-unregistered",
    "card-expires-in-days",
    "card-until",
    "card-from",
    "card-minor",
    "card-face-only",
    "card-no-photo",
    "card-foreign",
    "card-clone",
    "facility-unenrolled",
    "facility-general",
    "facility-open",
];

/// Years a certificate is valid.
const YEARS: i32 = 5;
/// Months a card that is simply held still has.
const AHEAD: i32 = 28;

pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let today = stage.town.clock().today();
    let ahead = town::months_after(today, AHEAD);
    let months_ago = || town::months_after(today, -read.number("months"));
    match read.phrase.as_str() {
        "today" => jump(stage, day(read)?, 9, 0).await,
        "later" => {
            let day = town::days_after(today, read.number("days"));
            jump(stage, day, read.number("hour"), read.number("minute")).await
        }
        "time-passes" => {
            let seconds = u64::try_from(read.number("seconds")).unwrap_or_default();
            stage.wait(std::time::Duration::from_secs(seconds)).await;
            Ok(())
        }
        "card-held" => issue(stage, &Wish::until(read, ahead)).await,
        "card-unregistered" => issue(stage, &Wish::until(read, ahead).unregistered()).await,
        "card-expired-months" => issue(stage, &Wish::until(read, months_ago())).await,
        "card-expired-unregistered" => {
            issue(stage, &Wish::until(read, months_ago()).unregistered()).await
        }
        "card-expires-in-days" => {
            let last = town::days_after(today, read.number("days"));
            issue(stage, &Wish::until(read, last)).await
        }
        "card-until" => issue(stage, &Wish::until(read, day(read)?)).await,
        "card-from" => {
            let first = town::days_after(today, read.number("days"));
            let last = town::months_after(first, 12 * YEARS);
            let first = Some(first);
            issue(
                stage,
                &Wish {
                    first,
                    ..Wish::until(read, last)
                },
            )
            .await
        }
        "card-minor" => issue(stage, &Wish::until(read, ahead).of(Kind::Minor)).await,
        "card-face-only" => issue(stage, &Wish::until(read, ahead).of(Kind::FaceOnly)).await,
        "card-no-photo" => issue(stage, &Wish::until(read, ahead).of(Kind::NoPhoto)).await,
        "card-foreign" => {
            issue(
                stage,
                &Wish::until(read, ahead).imitating(read, Maker::Foreign),
            )
            .await
        }
        "card-clone" => {
            issue(
                stage,
                &Wish::until(read, ahead).imitating(read, Maker::Jpki),
            )
            .await
        }
        "facility-unenrolled" => stage.open_facility(read.get("facility"), false).await,
        "facility-general" => {
            stage.general.insert(read.get("facility").to_owned());
            stage.open_facility(read.get("facility"), true).await
        }
        "facility-open" => stage.open_facility(read.get("facility"), true).await,
        other => Err(Stuck::NoStep(other.to_owned())),
    }
}

/// The day a step says it is; none when it says nothing of the kind.
pub fn named_day(read: &Read) -> Option<Date> {
    let says = read.phrase == "today";
    says.then(|| day(read).ok()).flatten()
}

/// The day a step names.
fn day(read: &Read) -> Result<Date, Stuck> {
    let part = |name: &str| i16::try_from(read.number(name)).unwrap_or(i16::MAX);
    let small = |name: &str| i8::try_from(read.number(name)).unwrap_or(i8::MAX);
    Date::new(part("year"), small("month"), small("day"))
        .map_err(|e| Stuck::Missing(format!("there is such a day ({e})")))
}

async fn jump(stage: &mut Stage, day: Date, hour: i32, minute: i32) -> Result<(), Stuck> {
    let small = |number: i32| i8::try_from(number).unwrap_or(i8::MAX);
    let to = day.to_datetime(
        town::Time::new(small(hour), small(minute), 0, 0)
            .map_err(|e| Stuck::Missing(format!("there is such a time ({e})")))?,
    );
    if !stage.town.jump_to(to).await {
        return Err(Stuck::Missing(format!(
            "{to} comes after the story's present moment"
        )));
    }
    let at = stage.now();
    stage.recorder.declare(Fact::Clock { at });
    stage.settle().await;
    Ok(())
}

/// A card a story wants somebody to hold.
struct Wish<'a> {
    person: &'a str,
    last: Date,
    first: Option<Date>,
    kind: Kind,
    maker: Maker,
    victim: Option<&'a str>,
    registered: bool,
}

impl<'a> Wish<'a> {
    fn until(read: &'a Read, last: Date) -> Self {
        Wish {
            person: read.get("person"),
            last,
            first: None,
            kind: Kind::Adult,
            maker: Maker::Jpki,
            victim: None,
            registered: true,
        }
    }

    fn unregistered(self) -> Self {
        Wish {
            registered: false,
            ..self
        }
    }

    fn of(self, kind: Kind) -> Self {
        Wish { kind, ..self }
    }

    fn imitating(self, read: &'a Read, maker: Maker) -> Self {
        let victim = Some(read.get("victim"));
        Wish {
            victim,
            maker,
            registered: false,
            ..self
        }
    }
}

/// Issues a card and, where the story says so, registers its use.
async fn issue(stage: &mut Stage, wish: &Wish<'_>) -> Result<(), Stuck> {
    let mut order = order(stage, wish.person, wish.last, wish.kind)?;
    order.first_day = wish.first.unwrap_or(order.first_day);
    order.maker = wish.maker;
    order.copy_of = wish.victim.map(|victim| stage.card_of(victim));
    let issued = stage.town.issue_card(&order)?;
    declare_card(stage, &order, &issued);
    if wish.victim.is_some() {
        return Ok(());
    }
    let at = stage.now();
    declare_issued(stage, &issued);
    if wish.registered {
        stage
            .town
            .register_use(&issued.serial, issued.last_day)
            .await?;
        stage.recorder.declare(Fact::Registration {
            person: wish.person.to_owned(),
            serial: issued.serial,
            at,
        });
    }
    Ok(())
}

/// An order for a card of a person, everything on it from this story's chance.
pub fn order(stage: &mut Stage, person: &str, last: Date, kind: Kind) -> Result<CardOrder, Stuck> {
    let (index, found) = stage
        .people()
        .person(person)
        .ok_or_else(|| unknown("person", person))?;
    let found = found.clone();
    declare_person(stage, &found);
    let birth = found.birth.parse::<Date>();
    let birth = birth.map_err(|e| Stuck::Missing(format!("{person} was born ({e})")))?;
    let individual_number = stage.individual_number(person)?;
    Ok(CardOrder {
        person: person.to_owned(),
        card: stage.card_of(person),
        holder: town::CardHolder {
            name: found.name,
            address: found.address,
            birth,
            sex: found.sex,
        },
        key: index,
        kind,
        // Nobody has a certificate before being born.
        first_day: town::months_after(last, -12 * YEARS).max(birth),
        last_day: last,
        // A card of somebody under 18 lasts five years from its issue, as its certificates do.
        card_last_day: match town::months_after(birth, 12 * 18)
            > town::months_after(last, -12 * YEARS)
        {
            true => last,
            false => town::months_after(last, 12 * YEARS),
        },
        maker: Maker::Jpki,
        copy_of: None,
        pin: stage.own_pin(person),
        sign_password: format!("S{}X", stage.secret_digits(&format!("sign {person}"), 6)),
        text_pin: stage.pin(&format!("text {person}"), &[&stage.own_pin(person)]),
        security_code: stage.secret_digits(&format!("security code {person}"), 4),
        individual_number,
    })
}

/// Declares a card as it was handed out, its secrets as tokens.
pub fn declare_card(stage: &mut Stage, order: &CardOrder, issued: &CardIssued) {
    let tap = stage.town.tap();
    let secret = |kind: &'static str, value: &str| tap.secret(kind, value);
    let holder = order.person.clone();
    let (kind, photo) = match order.kind {
        Kind::Adult => (CardKind::Adult, true),
        Kind::NoPhoto => (CardKind::Minor, false),
        Kind::Minor => (CardKind::Minor, true),
        Kind::FaceOnly => (CardKind::FaceOnly, true),
    };
    let has_pins = kind != CardKind::FaceOnly;
    let pin = secret("PIN", &order.pin);
    let text_pin = secret("TEXT-PIN", &order.text_pin);
    let sign_password = secret("SIGN-PASSWORD", &order.sign_password);
    let face = match photo {
        true => tap.secret_bytes(town::FACE, &stage.town.face_of(&holder)),
        false => String::new(),
    };
    let signing = issued.signing_certificate.as_ref();
    let chip = Chip {
        kind,
        card_last_day: order.card_last_day.to_string(),
        signing_certificate: signing.map_or_else(String::new, |c| stage.recorder.keep(c)),
        sign_password: if signing.is_some() {
            sign_password
        } else {
            String::new()
        },
        sign_tries_left: if signing.is_some() { 5 } else { 0 },
        text_pin: if has_pins { text_pin } else { String::new() },
        verification_a: secret("INDIVIDUAL-NUMBER", order.individual_number.reveal()),
        verification_b: secret("VERIFICATION-B", &issued.verification_b),
        face,
    };
    let certificate = stage.recorder.keep(&issued.certificate);
    stage.recorder.declare(Fact::Card {
        card: order.card.clone(),
        holder,
        serial: issued.serial.clone(),
        certificate,
        first_day: issued.first_day.to_string(),
        last_day: issued.last_day.to_string(),
        pin: if has_pins { pin } else { String::new() },
        tries_left: if has_pins { 3 } else { 0 },
        genuine: order.copy_of.is_none() || order.maker == Maker::Foreign,
        chip: Some(chip),
    });
}

/// Declares that the authority issued a card's certificate.
pub fn declare_issued(stage: &mut Stage, issued: &CardIssued) {
    let at = stage.now();
    stage.recorder.declare(Fact::Certificate {
        serial: issued.serial.clone(),
        event: CertificateEvent::Issued,
        reason: String::new(),
        at,
    });
}

/// Declares a person; doing so twice changes nothing.
pub fn declare_person(stage: &mut Stage, person: &crate::Person) {
    stage.recorder.declare(Fact::Person {
        person: person.ja.clone(),
        name: person.name.clone(),
        kana: person.kana.clone(),
        birth: person.birth.clone(),
        sex: person.sex.clone(),
        address: person.address.clone(),
    });
}
