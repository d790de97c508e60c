//! What insurers' clerks register, rightly and wrongly, and what claims say of drugs.

use std::collections::BTreeMap;

use evidence::{Act, EntryKind, Fact, Party};
use serde_json::json;
use town::{Benefits, Date, Elderly, Entry, Limit};

use super::setting::declare_person;
use crate::Read;
use crate::stage::{Numbers, Stage, Stuck, unknown};

/// The phrases played here.
pub const PHRASES: &[&str] = &[
    "insured",
    "insured-share",
    "insured-elderly",
    "insured-limit",
    "insured-family",
    "gained-days-ago",
    "lost-days-ago",
    "lost-by-death",
    "dispensed",
    "release",
    "enter-wrong-insurer-number",
];

/// How the numbers of unions for the late elderly begin (法別番号).
const LATE_ELDERLY: &str = "39";
/// First day of the qualification of somebody simply insured, in months before the story's day.
const INSURED_MONTHS: i32 = 30;

/// The year of shares and limits a day falls into: 1 August to 31 July (facts/eligibility.md 4.6).
fn benefit_year(on: Date) -> (Date, Date) {
    let begun = if on.month() >= 8 {
        on.year()
    } else {
        on.year() - 1
    };
    let day = |year, month, day| Date::new(year, month, day).unwrap_or(on);
    (day(begun, 8, 1), day(begun + 1, 7, 31))
}

pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let today = stage.town.clock().today();
    let days_ago = || town::days_after(today, -read.number("days"));
    let long_ago = town::months_after(today, -INSURED_MONTHS).max(first_day(stage, read));
    match read.phrase.as_str() {
        "insured" => enter(stage, read, Wish::gain(long_ago)).await,
        "insured-share" => {
            let benefits = Benefits {
                contribution_ratio: Some(percent(read)),
                ..Benefits::default()
            };
            enter(stage, read, Wish::gain(long_ago).with(benefits)).await
        }
        "insured-elderly" => {
            let (from, to) = benefit_year(today);
            let benefits = Benefits {
                elderly: Some(Elderly {
                    ratio: percent(read),
                    from: from.to_string(),
                    to: to.to_string(),
                }),
                ..Benefits::default()
            };
            enter(stage, read, Wish::gain(long_ago).with(benefits)).await
        }
        "insured-limit" => {
            let (from, to) = benefit_year(today);
            let benefits = Benefits {
                limit: Some(Limit {
                    classification: "01".into(),
                    class: read.get("class").to_owned(),
                    from: from.to_string(),
                    to: to.to_string(),
                }),
                ..Benefits::default()
            };
            enter(stage, read, Wish::gain(long_ago).with(benefits)).await
        }
        "insured-family" => {
            let head = Some(read.get("head").to_owned());
            enter(
                stage,
                read,
                Wish {
                    head,
                    ..Wish::gain(long_ago)
                },
            )
            .await
        }
        "gained-days-ago" => enter(stage, read, Wish::gain(days_ago())).await,
        "lost-days-ago" => enter(stage, read, Wish::loss(days_ago(), "99")).await,
        "lost-by-death" => enter(stage, read, Wish::loss(days_ago(), "01")).await,
        "dispensed" => dispensed(stage, read).await,
        "release" => release(stage, read).await,
        "enter-wrong-insurer-number" => enter_wrong(stage, read).await,
        other => Err(Stuck::NoStep(other.to_owned())),
    }
}

/// Nobody is insured before being born.
/// Before which day nobody can be insured there: the birth, or with a union for the late elderly the 75th
/// birthday.
fn first_day(stage: &Stage, read: &Read) -> Date {
    let found = stage.people().person(read.get("person"));
    let birth = found.and_then(|(_, p)| p.birth.parse().ok());
    let insurer = stage.people().insurer(read.get("insurer"));
    let late_elderly = insurer.is_some_and(|(_, i)| i.number_body.starts_with(LATE_ELDERLY));
    match birth {
        Some(birth) if late_elderly => town::months_after(birth, 12 * 75),
        birth => birth.unwrap_or(Date::MIN),
    }
}

fn percent(read: &Read) -> String {
    format!("0{}0", read.number("tenths"))
}

/// An entry a story wants an insurer to make.
struct Wish {
    kind: EntryKind,
    on: Date,
    reason: Option<String>,
    benefits: Benefits,
    /// Under whose number a family member stands.
    head: Option<String>,
    /// Insurer number as typed, where it is not the insurer's own.
    typed: Option<String>,
}

impl Wish {
    fn gain(on: Date) -> Self {
        Wish {
            kind: EntryKind::Gain,
            on,
            reason: None,
            benefits: Benefits::default(),
            head: None,
            typed: None,
        }
    }

    fn loss(on: Date, reason: &str) -> Self {
        Wish {
            kind: EntryKind::Loss,
            reason: Some(reason.to_owned()),
            ..Wish::gain(on)
        }
    }

    fn with(self, benefits: Benefits) -> Self {
        Wish { benefits, ..self }
    }
}

/// A right entry; one that is refused leaves a story without its ground.
async fn enter(stage: &mut Stage, read: &Read, wish: Wish) -> Result<(), Stuck> {
    register(stage, read, wish)
        .await?
        .map_err(|said| Stuck::Missing(format!("a right entry may be refused ({said})")))
}

async fn enter_wrong(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let today = stage.town.clock().today();
    let right = stage.insurer_number(read.get("insurer"))?.to_string();
    let wrong = with_wrong_check_digit(&right);
    stage.hands(
        "clerk",
        Act::EnterRegistration {
            insurer: read.get("insurer").to_owned(),
            person: read.get("person").to_owned(),
            insurer_number: wrong.clone(),
        },
    );
    let typed = Some(wrong);
    let said = register(
        stage,
        read,
        Wish {
            typed,
            ..Wish::gain(today)
        },
    )
    .await?;
    let seen = json!({ "accepted": said.is_ok(), "message": said.err().unwrap_or_default() });
    stage
        .recorder
        .attest(Party::at("insurer", read.get("insurer")), "message", &seen);
    Ok(())
}

/// The same number with a check digit that is one too high.
fn with_wrong_check_digit(number: &str) -> String {
    let (body, digit) = number.split_at(number.len() - 1);
    let digit = digit.parse::<u8>().unwrap_or_default();
    format!("{body}{}", (digit + 1) % 10)
}

async fn open(stage: &mut Stage, name: &str) -> Result<(), Stuck> {
    if stage.opened.insert(name.to_owned()) {
        let own = stage.insurer_number(name)?;
        stage.town.open_insurer(name, &own).await?;
    }
    Ok(())
}

/// The numbers of a person with an insurer: their own, or those of the head of the family with the next branch.
fn numbers(
    stage: &mut Stage,
    insurer: &str,
    person: &str,
    head: Option<&str>,
) -> Result<Numbers, Stuck> {
    let key = (insurer.to_owned(), person.to_owned());
    if let Some(known) = stage.insured.get(&key) {
        return Ok(known.clone());
    }
    let people = stage.people();
    let (_, house) = people
        .insurer(insurer)
        .ok_or_else(|| unknown("insurer", insurer))?;
    let of = head.unwrap_or(person);
    let (index, _) = people.person(of).ok_or_else(|| unknown("person", of))?;
    let numbers = Numbers {
        insurer_number: stage.insurer_number(insurer)?.to_string(),
        symbol: house.symbol.clone(),
        number: format!("{}{:02}", house.prefix, index + 11),
        branch: match head {
            Some(_) => "01".to_owned(),
            None => house.branch.clone(),
        },
    };
    stage.insured.insert(key, numbers.clone());
    Ok(numbers)
}

async fn register(stage: &mut Stage, read: &Read, wish: Wish) -> Result<Result<(), String>, Stuck> {
    let (name, person) = (read.get("insurer"), read.get("person"));
    let found = stage.people().person(person);
    let (_, found) = found.ok_or_else(|| unknown("person", person))?;
    let found = found.clone();
    open(stage, name).await?;
    declare_person(stage, &found);
    let mut numbers = numbers(stage, name, person, wish.head.as_deref())?;
    if let Some(typed) = &wish.typed {
        numbers.insurer_number.clone_from(typed);
    }
    let known_at = stage.now();
    let Numbers {
        insurer_number,
        symbol,
        number,
        branch,
    } = numbers;
    stage.recorder.declare(Fact::InsurerEntry {
        insurer: name.to_owned(),
        person: person.to_owned(),
        kind: wish.kind,
        insurer_number: insurer_number.clone(),
        symbol: symbol.clone(),
        number: number.clone(),
        branch: branch.clone(),
        on: wish.on.to_string(),
        known_at,
        carries: carried(&wish.benefits),
    });
    let entry = Entry {
        gain: wish.kind == EntryKind::Gain,
        insurer_number,
        insurer_name: name.to_owned(),
        symbol,
        number,
        branch,
        on: wish.on,
        name: found.name,
        kana: found.kana,
        birth: found.birth,
        sex: found.sex,
        relationship: if wish.head.is_some() { "2" } else { "1" }.to_owned(),
        reason_of_loss: wish.reason,
        benefits: wish.benefits,
    };
    let individual = stage.individual_number(person)?;
    let said = stage.town.register(name, &individual, entry).await;
    stage.settle().await;
    Ok(said)
}

/// What the result must carry, by the layout's element names.
fn carried(benefits: &Benefits) -> BTreeMap<String, String> {
    let compact = |day: &str| day.replace('-', "");
    let mut carries = BTreeMap::new();
    let mut put = |name: &str, value: &str| carries.insert(name.to_owned(), value.to_owned());
    if let Some(ratio) = &benefits.contribution_ratio {
        put("InsuredPartialContributionRatio", ratio);
    }
    if let Some(elderly) = &benefits.elderly {
        let at = |name: &str| format!("ElderlyRecipientCertificateInfo/{name}");
        put(&at("ElderlyRecipientContributionRatio"), &elderly.ratio);
        put(
            &at("ElderlyRecipientValidStartDate"),
            &compact(&elderly.from),
        );
        put(&at("ElderlyRecipientValidEndDate"), &compact(&elderly.to));
    }
    if let Some(limit) = &benefits.limit {
        let at = |name: &str| {
            format!("LimitApplicationCertificateRelatedInfo/LimitApplicationCertificate{name}")
        };
        put(&at("Classification"), &limit.classification);
        put(&at("ClassificationFlag"), &limit.class);
        put(&at("ValidStartDate"), &compact(&limit.from));
        put(&at("ValidEndDate"), &compact(&limit.to));
    }
    carries
}

async fn dispensed(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let (person, drug) = (read.get("person"), read.get("drug"));
    let today = stage.town.clock().today();
    let on = town::days_after(today, -read.number("days"));
    let numbers = stage.insured.iter().find(|((_, p), _)| p == person);
    let numbers = numbers.map(|(_, n)| n.clone());
    let numbers = numbers.ok_or_else(|| Stuck::Missing(format!("{person} is insured")))?;
    let known_at = stage.now();
    stage.recorder.declare(Fact::Drug {
        person: person.to_owned(),
        on: on.to_string(),
        name: drug.to_owned(),
        known_at,
    });
    let insured = town::InsuredNumbers {
        insurer_number: numbers.insurer_number,
        symbol: numbers.symbol,
        number: numbers.number,
        branch: numbers.branch,
    };
    stage.town.feed_drug(insured, on, drug).await?;
    stage.settle().await;
    Ok(())
}

async fn release(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let (insurer, person) = (read.get("insurer"), read.get("person"));
    open(stage, insurer).await?;
    let today = stage.town.clock().today();
    let effective_on = town::days_after(today, read.number("days")).to_string();
    stage.hands(
        "clerk",
        Act::EnterRelease {
            insurer: insurer.to_owned(),
            person: person.to_owned(),
            effective_on: effective_on.clone(),
        },
    );
    let known_at = stage.now();
    stage.recorder.declare(Fact::Release {
        person: person.to_owned(),
        effective_on: effective_on.clone(),
        known_at,
    });
    let individual = stage.individual_number(person)?;
    let said = stage
        .town
        .release(insurer, &individual, &effective_on)
        .await;
    stage.settle().await;
    said.map_err(|said| Stuck::Missing(format!("a right release may be refused ({said})")))
}
