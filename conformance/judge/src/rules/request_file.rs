//! Whether the receipt computer's request file says what the clerk typed: the numbers, days and flags of a question,
//! and a number of the very patient who was named. ELIG-19 looks at it.

use evidence::Act;

use crate::Text;
use crate::case::{Case, Said};
use crate::decode::request::{Asks, Request};
use crate::decode::result::Numbers;
use crate::finding::t;

/// Whether a request is of the kind the clerk asked for.
pub(super) fn of_kind(act: &Act, request: &Request) -> bool {
    match act {
        Act::AskByNumber { .. } => matches!(request.asks, Asks::Number { .. }),
        Act::AskDrugs { .. } => matches!(request.asks, Asks::Drugs),
        _ => matches!(request.asks, Asks::Reference { .. }),
    }
}

/// The first element of a request that does not say what was typed.
pub(super) fn mistyped(case: &Case, act: &Act, request: &Request, facility: &str) -> Option<Text> {
    let code = case
        .facts
        .facility(facility)
        .map_or("", |f| f.code.as_str());
    let mut wanted = vec![(
        "MedicalInstitutionCode",
        code.to_owned(),
        request.institution.clone(),
    )];
    match (act, &request.asks) {
        (
            Act::AskByNumber {
                insurer_number,
                symbol,
                number,
                branch,
                birth: born,
                on: day,
                limit_consent: agreed,
                ..
            },
            Asks::Number {
                birth,
                on,
                limit_consent,
            },
        ) => {
            let numbers = Numbers::new(insurer_number, symbol, number, branch);
            wanted.push(("numbers", numbers.to_string(), request.numbers.to_string()));
            let plain =
                |day: Option<crate::calendar::Day>| day.map_or(String::new(), |d| d.to_string());
            wanted.push(("Birthdate", born.clone(), plain(*birth)));
            let asked = plain(*on);
            // Without a day the question is about the day itself.
            let on = if asked.is_empty() { day.clone() } else { asked };
            wanted.push(("QualificationConfirmationDate", day.clone(), on));
            wanted.push(("ConsFlg", agreed.to_string(), limit_consent.to_string()));
        }
        (
            Act::RegisterReferenceNumber {
                reference_number, ..
            },
            Asks::Reference { reference },
        ) => {
            wanted.push((
                "ReferenceNumber",
                reference_number.clone(),
                reference.clone(),
            ));
        }
        (Act::AskDrugs { .. }, Asks::Drugs) => wanted.extend(of_outpatient(request)),
        _ => return None,
    }
    wanted.extend(of_person(case, act, request));
    let (element, due, found) = wanted
        .into_iter()
        .find(|(_, due, found)| !due.is_empty() && due != found)?;
    Some(t(
        format!("{element}は「{due}」のはずが「{found}」"),
        format!("{element} should be \"{due}\" and is \"{found}\"."),
    ))
}

/// XML, with or without treatment, of an outpatient.
fn of_outpatient(request: &Request) -> [(&'static str, String, String); 2] {
    let of = |name: &str| request.document.root.text_of(name).to_owned();
    let category = match of("FileCategory").as_str() {
        "4" => "4",
        _ => "2",
    };
    let flag = of("MedicalTreatmentFlag");
    [
        ("FileCategory", category.to_owned(), of("FileCategory")),
        ("MedicalTreatmentFlag", "1".to_owned(), flag),
    ]
}

/// A clerk who names a patient asks under a number the patient has, or was said to have by an answer: where that
/// one was wrong, the desk did not bend it.
fn of_person(case: &Case, act: &Act, request: &Request) -> Option<(&'static str, String, String)> {
    let (Act::RegisterReferenceNumber { person, .. } | Act::AskDrugs { person, .. }) = act else {
        return None;
    };
    let entries = case.facts.entries.iter().filter(|e| e.person == *person);
    let own: Vec<&Numbers> = { entries }.map(|e| &e.numbers).collect();
    let told = case.confirmations.iter().filter_map(|c| match &c.answer {
        Some((_, Said::Outcome(outcome))) => Some(&outcome.persons),
        _ => None,
    });
    let mut told = told.flatten().map(|p| &p.numbers);
    let known = own.contains(&&request.numbers) || told.any(|n| *n == request.numbers);
    let due = own.last().filter(|_| !known)?;
    Some(("numbers", due.to_string(), request.numbers.to_string()))
}
