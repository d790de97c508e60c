//! What insurers' clerks register, rightly and wrongly.

use evidence::{Act, EntryKind, Fact, Party};
use serde_json::json;
use town::Entry;

use super::setting::declare_person;
use crate::Read;
use crate::stage::{Stage, Stuck, unknown};

/// The phrases played here.
pub const PHRASES: &[&str] = &[
    "insured",
    "gained-days-ago",
    "lost-days-ago",
    "enter-wrong-insurer-number",
];

/// First day of the qualification of somebody simply insured, in months before the story's day.
const INSURED_MONTHS: i32 = 30;

pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let today = stage.town.clock().today();
    let number = stage.insurer_number(read.get("insurer"))?.to_string();
    let days_ago = || town::days_after(today, -read.number("days"));
    match read.phrase.as_str() {
        "insured" => register(
            stage,
            read,
            EntryKind::Gain,
            town::months_after(today, -INSURED_MONTHS),
            &number,
        )
        .await?
        .map_err(refused),
        "gained-days-ago" => register(stage, read, EntryKind::Gain, days_ago(), &number)
            .await?
            .map_err(refused),
        "lost-days-ago" => register(stage, read, EntryKind::Loss, days_ago(), &number)
            .await?
            .map_err(refused),
        "enter-wrong-insurer-number" => {
            let wrong = with_wrong_check_digit(&number);
            stage.hands(
                "clerk",
                Act::EnterRegistration {
                    insurer: read.get("insurer").to_owned(),
                    person: read.get("person").to_owned(),
                    insurer_number: wrong.clone(),
                },
            );
            let said = register(stage, read, EntryKind::Gain, today, &wrong).await?;
            let seen =
                json!({ "accepted": said.is_ok(), "message": said.err().unwrap_or_default() });
            stage
                .recorder
                .attest(Party::at("insurer", read.get("insurer")), "message", &seen);
            Ok(())
        }
        other => Err(Stuck::NoStep(other.to_owned())),
    }
}

/// A right entry that is refused leaves a story without its ground.
fn refused(said: String) -> Stuck {
    Stuck::Missing(format!("a right entry may be refused ({said})"))
}

/// The same number with a check digit that is one too high.
fn with_wrong_check_digit(number: &str) -> String {
    let (body, digit) = number.split_at(number.len() - 1);
    let digit = digit.parse::<u8>().unwrap_or_default();
    format!("{body}{}", (digit + 1) % 10)
}

async fn register(
    stage: &mut Stage,
    read: &Read,
    kind: EntryKind,
    on: town::Date,
    insurer_number: &str,
) -> Result<Result<(), String>, Stuck> {
    let (name, person) = (read.get("insurer"), read.get("person"));
    let (index, found) = stage
        .people()
        .person(person)
        .ok_or_else(|| unknown("person", person))?;
    let (_, insurer) = stage
        .people()
        .insurer(name)
        .ok_or_else(|| unknown("insurer", name))?;
    let (found, insurer) = (found.clone(), insurer.clone());
    if stage.opened.insert(name.to_owned()) {
        let own = stage.insurer_number(name)?;
        stage.town.open_insurer(name, &own).await?;
    }
    declare_person(stage, &found);
    let number = format!("{}{:02}", insurer.prefix, index + 11);
    let known_at = stage.now();
    stage.recorder.declare(Fact::InsurerEntry {
        insurer: name.to_owned(),
        person: person.to_owned(),
        kind,
        insurer_number: insurer_number.to_owned(),
        symbol: insurer.symbol.clone(),
        number: number.clone(),
        branch: "00".into(),
        on: on.to_string(),
        known_at,
    });
    let entry = Entry {
        gain: kind == EntryKind::Gain,
        insurer_number: insurer_number.to_owned(),
        insurer_name: name.to_owned(),
        symbol: insurer.symbol,
        number,
        branch: "00".into(),
        on,
        name: found.name,
        kana: found.kana,
        birth: found.birth,
        sex: found.sex,
    };
    let individual = stage.individual_number(person)?;
    let said = stage.town.register(name, &individual, entry).await;
    stage.settle().await;
    Ok(said)
}
