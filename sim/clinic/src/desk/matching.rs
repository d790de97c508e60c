//! Which chart a result belongs to (ELIG-14, ELIG-16): by 照会番号 where exactly one living chart has it,
//! else by kana, birth date, sex and name in any of their spellings. Two charts that fit, or only ones that
//! nearly do, are for staff: a result in a wrong chart harms two patients.

use super::chart::{Chart, Who};
use super::conduct::{Choice, Conduct};
use super::fold;
use super::state::State;

/// Where a result goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    Chart(usize),
    New,
    /// To staff, for this reason.
    Undecided(String),
}

/// Finds the place. `asked_from` is the chart a question by number was put from.
pub(super) fn place(
    state: &State,
    conduct: &dyn Conduct,
    who: &Who,
    asked_from: Option<usize>,
) -> Place {
    if conduct.reference_number_decides()
        && let Some(place) = by_reference_number(state, who)
    {
        return place;
    }
    if let Some(place) = asked_from.and_then(|at| by_question(state, at, who)) {
        return place;
    }
    if fold::kana(&who.kana).is_empty() || who.birth.is_empty() {
        let reason = "結果にカナ氏名または生年月日がないため、患者を特定できません。";
        return Place::Undecided(reason.to_owned());
    }
    let (matches, similar) = candidates(state, who);
    match conduct.chart_for(&matches, &similar) {
        Choice::Chart(at) if state.charts.get(at).is_some() => Place::Chart(at),
        Choice::New => Place::New,
        _ => Place::Undecided(why(state, &matches, &similar)),
    }
}

/// None when no chart has the number: then the person decides.
fn by_reference_number(state: &State, who: &Who) -> Option<Place> {
    let number = who.reference_number.as_str();
    if number.is_empty() {
        return None;
    }
    let mut charts = state.referenced(number);
    if charts.is_empty() {
        // The clinic's own number of the patient is what it registers as 照会番号.
        charts.extend(state.numbered(number));
    }
    let living = |at: &&usize| state.charts.get(**at).is_some_and(|chart| !chart.retired);
    let living: Vec<usize> = charts.iter().filter(living).copied().collect();
    Some(match (living.as_slice(), charts.is_empty()) {
        (_, true) => return None,
        ([one], _) if contradicts(&state.charts[*one], who) => Place::Undecided(format!(
            "照会番号「{number}」のカルテと、結果の氏名・生年月日が異なります。"
        )),
        ([one], _) => Place::Chart(*one),
        ([], _) => Place::Undecided(format!(
            "照会番号「{number}」は、統合または削除されたカルテのものです。"
        )),
        _ => Place::Undecided(format!("照会番号「{number}」のカルテが複数あります。")),
    })
}

/// Names change, and one date may be mistyped; a number whose chart differs in both is somebody else's.
fn contradicts(chart: &Chart, who: &Who) -> bool {
    let other_birth = !who.birth.is_empty() && who.birth != chart.birth;
    other_birth && !same_kana(chart, who) && !names_agree(chart, who)
}

/// Staff asked from this chart: that settles it if the answer is about such a person.
fn by_question(state: &State, at: usize, who: &Who) -> Option<Place> {
    let chart = state.charts.get(at).filter(|chart| !chart.retired)?;
    let fits = who.birth == chart.birth && (same_kana(chart, who) || nearly_same_kana(chart, who));
    Some(match fits {
        true => Place::Chart(at),
        false => Place::Undecided("照会した患者と、結果の氏名・生年月日が異なります。".to_owned()),
    })
}

/// Charts that fit, and charts that nearly do, each in the order they were opened.
fn candidates(state: &State, who: &Who) -> (Vec<usize>, Vec<usize>) {
    let (mut matches, mut similar) = (Vec::new(), Vec::new());
    for (at, chart) in state.born_on(&who.birth) {
        if fits(chart, who) {
            matches.push(at);
        } else if nearly_fits(chart, who) {
            similar.push(at);
        }
    }
    for (at, chart) in state.called(&who.kana) {
        let name = fold::same_legible_name(&chart.name, &who.name);
        if name && same_sex(chart, who) && one_digit_off(&chart.birth, &who.birth) {
            similar.push(at);
        }
    }
    (matches, similar)
}

/// One of the same birth date who is the same by everything both sides can write.
fn fits(chart: &Chart, who: &Who) -> bool {
    let nameless = who.name.is_empty() || chart.name.is_empty();
    let by_kana = same_kana(chart, who) && (nameless || names_agree(chart, who));
    let by_ear = nearly_same_kana(chart, who) && same_legible_name(chart, who);
    let by_other_name = fold::same_legible_name(&chart.name, &who.other_name);
    same_sex(chart, who) && (by_kana || by_ear || by_other_name)
}

/// One of the same birth date who may be the same: other kanji, another reading, another family name, or
/// another sex than the clinic wrote down.
fn nearly_fits(chart: &Chart, who: &Who) -> bool {
    let given = fold::given_kana(&who.kana);
    same_kana(chart, who)
        || nearly_same_kana(chart, who)
        || same_legible_name(chart, who)
        || (!given.is_empty() && given == fold::given_kana(&chart.kana) && same_sex(chart, who))
}

fn same_kana(chart: &Chart, who: &Who) -> bool {
    let kana = fold::kana(&chart.kana);
    let known = |other: &String| fold::kana(other) == kana;
    !kana.is_empty() && [&who.kana, &who.other_kana].into_iter().any(known)
}

fn nearly_same_kana(chart: &Chart, who: &Who) -> bool {
    let kana = fold::loose_kana(&chart.kana);
    let known = |other: &String| fold::loose_kana(other) == kana;
    !kana.is_empty() && [&who.kana, &who.other_kana].into_iter().any(known)
}

fn names_agree(chart: &Chart, who: &Who) -> bool {
    let agrees = |other: &String| fold::names_agree(&chart.name, other);
    [&who.name, &who.other_name].into_iter().any(agrees)
}

fn same_legible_name(chart: &Chart, who: &Who) -> bool {
    let same = |other: &String| fold::same_legible_name(&chart.name, other);
    [&who.name, &who.other_name].into_iter().any(same)
}

/// Whether sex tells them apart. Either of Sex1 and Sex2 may be the one the clinic wrote; what is not set
/// or unknown says nothing.
fn same_sex(chart: &Chart, who: &Who) -> bool {
    let says = |sex: &str| matches!(sex, "1" | "2");
    let said: Vec<&String> = who.sexes.iter().filter(|sex| says(sex)).collect();
    !says(&chart.sex) || said.is_empty() || said.contains(&&chart.sex)
}

fn one_digit_off(one: &str, other: &str) -> bool {
    let pairs = one.chars().zip(other.chars());
    one.len() == other.len() && pairs.filter(|(a, b)| a != b).count() == 1
}

fn why(state: &State, matches: &[usize], similar: &[usize]) -> String {
    let numbers = |places: &[usize]| {
        let charts = places.iter().filter_map(|at| state.charts.get(*at));
        let numbers: Vec<&str> = charts.map(|chart| chart.number.as_str()).collect();
        numbers.join("、")
    };
    match matches {
        [] => format!(
            "よく似たカルテ（患者番号 {}）がありますが、同じ患者とは言い切れません。",
            numbers(similar)
        ),
        _ => format!(
            "カナ氏名と生年月日が同じカルテ（患者番号 {}）が複数あるため、患者を特定できません。",
            numbers(matches)
        ),
    }
}
