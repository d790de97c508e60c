//! Answers to the registration of a 照会番号 and to the request for drug information: taken only for the
//! question they belong to, and only when they speak of what was asked.

use wire::request::{Api, DrugAnswer, ReferenceNumberAnswer};

use super::chart::{Drug, Message};
use super::files::{Arrived, Taken};
use super::state::{Change, Pending, State};
use super::{fold, said};

const OTHER: &str = "回答が要求した内容と異なります。手作業で確認してください。";

/// Whether a file is an answer of its kind at all; if not, what is wrong.
pub(super) fn readable(api: Api, bytes: &[u8]) -> Result<(), String> {
    let read = match api {
        Api::Drugs => DrugAnswer::from_bytes(bytes).map(|_| ()),
        _ => ReferenceNumberAnswer::from_bytes(bytes).map(|_| ()),
    };
    read.map_err(|error| error.to_string())
}

/// The changes an answer to the registration of a 照会番号 makes.
pub(super) fn reference_number(question: &Pending, arrived: &Arrived<'_>, on: &str) -> Taken {
    let answer = match ReferenceNumberAnswer::from_bytes(arrived.bytes) {
        Ok(answer) => answer,
        Err(error) => return Taken::Unreadable(error.to_string()),
    };
    let echoed = &answer.info.reference_number;
    let (number, Some(at)) = (&question.reference_number, question.chart) else {
        return Taken::Unfitting(OTHER.to_owned());
    };
    if !echoed.is_empty() && echoed != number {
        return Taken::Unfitting(OTHER.to_owned());
    }
    let registered = answer.processing_result_status == "1" && answer.segment_of_result != "9";
    let coded = said::with_code(
        &answer.processing_result_message,
        &answer.processing_result_code,
    );
    let text = match registered {
        true => format!("照会番号「{number}」を登録しました。{coded}"),
        false => format!(
            "照会番号「{number}」を登録できませんでした。{coded}受付はこのまま続けられます。後で登録し直してください。"
        ),
    };
    let note = Message {
        on: on.to_owned(),
        text,
    };
    let mut changes = vec![Change::Noted(at, note)];
    if registered {
        changes.push(Change::Referenced(at, number.clone()));
    }
    Taken::In(changes)
}

/// The changes an answer with drug information makes. A refused request leaves nothing on the screen of what
/// was given before: the consent that showed it is over.
pub(super) fn drugs(state: &State, question: &Pending, arrived: &Arrived<'_>, on: &str) -> Taken {
    let answer = match DrugAnswer::from_bytes(arrived.bytes) {
        Ok(answer) => answer,
        Err(error) => return Taken::Unreadable(error.to_string()),
    };
    let Some((at, chart)) = question
        .chart
        .and_then(|at| Some((at, state.charts.get(at)?)))
    else {
        return Taken::Unfitting(OTHER.to_owned());
    };
    let somebody_else = answer.person.as_ref().is_some_and(|person| {
        let kana = fold::loose_kana(&person.kana);
        (!person.birth.is_empty() && person.birth != chart.birth)
            || (!kana.is_empty()
                && !person.kana.contains('●')
                && kana != fold::loose_kana(&chart.kana))
    });
    if somebody_else {
        return Taken::Unfitting(OTHER.to_owned());
    }
    let coded = said::with_code(&answer.message_contents, &answer.result_code);
    let given = answer.result_code == "1";
    let drugs = if given { listed(&answer) } else { Vec::new() };
    let text = match given {
        true => format!("薬剤情報を取り込みました（{}件）。", drugs.len()),
        false => format!("薬剤情報は提供されませんでした。{coded}"),
    };
    let note = Message {
        on: on.to_owned(),
        text,
    };
    Taken::In(vec![Change::Prescribed(at, drugs), Change::Noted(at, note)])
}

fn listed(answer: &DrugAnswer) -> Vec<Drug> {
    let days = answer.months.iter().flat_map(|month| &month.days);
    let drugs = days.flat_map(|day| {
        day.drugs.iter().map(|drug| Drug {
            on: day.day.clone(),
            name: drug.name.clone(),
        })
    });
    let mut drugs: Vec<Drug> = drugs.collect();
    drugs.sort();
    drugs
}
