//! What the clinic's people do at the receipt computer: charts, questions, numbers of their own. Looking is
//! not judging.

use evidence::{Act, Fact};
use town::{Chart, NumberQuestion};

use crate::Read;
use crate::stage::{Numbers, Stage, Stuck, unknown};

/// The phrases played here.
pub const PHRASES: &[&str] = &[
    "chart-kept",
    "chart-written",
    "chart-address",
    "chart-namesake",
    "ask-by-number",
    "ask-by-number-past",
    "ask-without-branch",
    "ask-with-limit",
    "ask-wrong-number",
    "ask-drugs",
    "register-reference",
    "desk-off",
    "desk-on",
    "look-at-chart",
    "look-at-reader",
];

/// How long a clerk waits for the answer to a question.
const ANSWER: std::time::Duration = std::time::Duration::from_secs(3);

pub async fn play(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let (facility, person) = (read.get("facility"), read.get("person"));
    match read.phrase.as_str() {
        "chart-kept" | "chart-written" | "chart-address" | "chart-namesake" => {
            open_chart(stage, read).await
        }
        "ask-by-number" | "ask-by-number-past" | "ask-without-branch" | "ask-with-limit"
        | "ask-wrong-number" => ask(stage, read).await,
        "ask-drugs" => {
            let act = Act::AskDrugs {
                facility: facility.to_owned(),
                person: person.to_owned(),
            };
            stage.hands("clerk", act);
            let (kana, birth) = key(stage, person)?;
            stage.town.ask_drugs(facility, &kana, &birth)?;
            stage.wait(ANSWER).await;
            Ok(())
        }
        "register-reference" => {
            let reference_number = read.get("reference").to_owned();
            let act = Act::RegisterReferenceNumber {
                facility: facility.to_owned(),
                person: person.to_owned(),
                reference_number: reference_number.clone(),
            };
            stage.hands("clerk", act);
            let (kana, birth) = key(stage, person)?;
            stage
                .town
                .register_reference_number(facility, &kana, &birth, &reference_number)?;
            stage.wait(ANSWER).await;
            Ok(())
        }
        "desk-off" => switch(stage, facility, false),
        "desk-on" => switch(stage, facility, true),
        "look-at-chart" => {
            let act = Act::LookAtChart {
                facility: facility.to_owned(),
                person: person.to_owned(),
            };
            stage.hands("clerk", act);
            stage.look_at_chart(facility, person)
        }
        "look-at-reader" => {
            stage.look_at_readers();
            Ok(())
        }
        other => Err(Stuck::NoStep(other.to_owned())),
    }
}

/// What a receipt computer knows a person by.
fn key(stage: &Stage, person: &str) -> Result<(String, String), Stuck> {
    let found = stage.people().person(person);
    let (_, found) = found.ok_or_else(|| unknown("person", person))?;
    Ok((found.kana.clone(), found.birth.clone()))
}

async fn open_chart(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let (facility, person) = (read.get("facility"), read.get("person"));
    stage.open_facility(facility, true).await?;
    let found = stage.people().person(person);
    let (index, found) = found.ok_or_else(|| unknown("person", person))?;
    let found = found.clone();
    super::setting::declare_person(stage, &found);
    let said = |name: &str, own: &str| match read.get(name) {
        "" => own.to_owned(),
        other => other.to_owned(),
    };
    // A clinic writes what its keyboard has.
    let own_name = found.name.replace('𠮷', "吉");
    let namesake = read.phrase == "chart-namesake";
    let chart = Chart {
        patient_number: format!("{:05}", 100 + 2 * index + usize::from(namesake)),
        name: said("name", &own_name),
        kana: said("kana", &found.kana),
        birth: found.birth.clone(),
        sex: found.sex.clone(),
        address: said("address", &found.address),
    };
    stage.town.open_chart(facility, &chart)?;
    stage.recorder.declare(Fact::Chart {
        facility: facility.to_owned(),
        person: if namesake {
            String::new()
        } else {
            person.to_owned()
        },
        patient_number: chart.patient_number,
        name: chart.name,
        kana: chart.kana,
        birth: chart.birth,
        address: chart.address,
    });
    Ok(())
}

async fn ask(stage: &mut Stage, read: &Read) -> Result<(), Stuck> {
    let (facility, person) = (read.get("facility"), read.get("person"));
    stage.open_facility(facility, true).await?;
    let key = (read.get("insurer").to_owned(), person.to_owned());
    let numbers = stage.insured.get(&key).cloned();
    let Numbers {
        insurer_number,
        symbol,
        mut number,
        mut branch,
    } = numbers.ok_or_else(|| Stuck::Missing(format!("{person} is insured with {}", key.0)))?;
    match read.phrase.as_str() {
        "ask-without-branch" => branch.clear(),
        "ask-wrong-number" => number.push('9'),
        _ => {}
    }
    let (_, found) = stage
        .people()
        .person(person)
        .ok_or_else(|| unknown("person", person))?;
    let (kana, birth) = (found.kana.clone(), found.birth.clone());
    let days = match read.phrase.as_str() {
        "ask-by-number-past" => read.number("days"),
        _ => 0,
    };
    let on = town::days_after(stage.town.clock().today(), -days);
    let limit_consent = read.phrase == "ask-with-limit";
    let act = Act::AskByNumber {
        facility: facility.to_owned(),
        person: person.to_owned(),
        insurer_number: insurer_number.clone(),
        symbol: symbol.clone(),
        number: number.clone(),
        branch: branch.clone(),
        birth: birth.clone(),
        on: on.to_string(),
        limit_consent,
    };
    stage.hands("clerk", act);
    let question = NumberQuestion {
        kana,
        insurer_number,
        symbol,
        number,
        branch,
        birth,
        on,
        limit_consent,
    };
    stage.town.ask_by_number(facility, &question)?;
    stage.wait(ANSWER).await;
    Ok(())
}

fn switch(stage: &mut Stage, facility: &str, on: bool) -> Result<(), Stuck> {
    let facility = facility.to_owned();
    stage.town.switch_desk(&facility, on)?;
    stage.hands("clerk", Act::SwitchDesk { facility, on });
    Ok(())
}
