//! ELIG-12: a valid answer becomes the current insurance in the chart; a lost, absent or several-hits answer
//! never does.

use super::Rule;
use super::desk::{Came, came, is_later, nameless, ready};
use crate::case::{Case, Chart, File, Insurance};
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

const DESK: &str = "receipt-computer";

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-12",
    roles: &[DESK],
    clause: (
        "有効の答えをカルテの現在の保険とし、無効・該当なし・複数該当の答えを現在の保険にしない",
        "A valid answer becomes the current insurance in the chart; a lost, absent or several-hits answer never does.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    case.charts
        .iter()
        .filter_map(|chart| of(case, chart))
        .collect()
}

fn is_valid(file: &File) -> bool {
    file.outcome().is_some_and(|o| {
        o.as_ref()
            .is_ok_and(|o| o.status.as_deref() == Some("1") && o.validity.as_deref() == Some("1"))
    })
}

/// Results of a check, not echoes of a 照会番号 that was registered.
fn qualifies(file: &File) -> bool {
    !file.name.starts_with("OQSsiimm")
}

/// Results the clinic had before the chart was looked at.
fn results_before<'a>(case: &'a Case, chart: &Chart) -> Vec<&'a File> {
    let here = case.files.iter().filter(|f| f.facility == chart.facility);
    here.filter(|f| f.seq < chart.seq && f.outcome().is_some() && qualifies(f))
        .collect()
}

fn unbacked(insurance: &Insurance) -> Text {
    let numbers = &insurance.numbers;
    t(
        format!("有効な結果に基づかない保険（{numbers}）を現在の保険とした"),
        format!("It shows {numbers} as current, which no valid result backs."),
    )
}

/// The valid result of the day, when nothing later was answered about the person: how the insurance stands on
/// another day is the product's to say.
fn valid_today<'a>(case: &'a Case, chart: &Chart) -> Option<Came<'a>> {
    let ready = ready(case, chart).into_iter();
    let today = chart.at.day.to_compact();
    let of_today = |r: &Came<'_>| r.asked_on() == today && r.file.at.day == chart.at.day;
    let mut valid = ready.filter(|r| r.validity() == "1" && !r.is_aid() && of_today(r));
    valid.find(|r| {
        let own = (r.file, r.outcome);
        let all = came(case, chart).into_iter().map(|c| (c.file, c.outcome));
        let nameless = nameless(case, chart).into_iter();
        let mut others = all.chain(nameless.map(|n| (n.file, n.outcome)));
        !others.any(|other| other.0.seq != r.file.seq && is_later(other, own))
    })
}

/// Whether that one is current, where it has a row at all: that it has one is ELIG-17's.
fn degraded(
    case: &Case,
    chart: &Chart,
    rows: &[Insurance],
    quotes: &mut Vec<Quote>,
) -> Option<Text> {
    let result = valid_today(case, chart)?;
    let own = rows.iter().filter(|i| i.numbers == result.block.numbers);
    let states: Vec<&str> = own.map(|i| i.state.as_str()).collect();
    let state = *states.first()?;
    quotes.push(q(result.file.seq, "QualificationValidity", "1"));
    (!states.contains(&"current")).then(|| {
        let numbers = &result.block.numbers;
        t(
            format!("有効と答えられた保険（{numbers}）を現在の保険とせず「{state}」とした"),
            format!(
                "It shows {numbers}, which was answered as valid, as {state} and not as current."
            ),
        )
    })
}

fn of(case: &Case, chart: &Chart) -> Option<Finding> {
    let say = case.of(RULE.id, DESK);
    let person = &chart.person;
    let expected = t(
        format!(
            "資格有効性1の結果ファイルから来た保険を{person}の現在の保険とし、ほかは現在の保険にしない"
        ),
        format!(
            "Current insurances of {person} are those of result files with validity 1, and no others."
        ),
    );
    let files = results_before(case, chart);
    let mut quotes: Vec<Quote> = files
        .iter()
        .filter(|f| !is_valid(f))
        .map(|f| quoted(f))
        .collect();
    let insurances = match &chart.insurances {
        Ok(insurances) => insurances,
        Err(error) => {
            let actual = t(
                format!("カルテの画面を読み取れない（{error}）"),
                format!("The chart cannot be read: {error}."),
            );
            return Some(say.unclear(
                DESK,
                expected,
                actual,
                vec![q(chart.seq, "chart", error.to_string())],
            ));
        }
    };
    let mut current = insurances.iter().filter(|i| i.state == "current");
    let baseless = current.find(|i| !files.iter().any(|f| backs(f, i)));
    let wrong = baseless.map(unbacked);
    let wrong = wrong.or_else(|| degraded(case, chart, insurances, &mut quotes));
    if wrong.is_none() && quotes.is_empty() {
        return None;
    }
    quotes.extend(insurances.iter().map(|i| {
        q(
            chart.seq,
            format!("chart {}", i.state),
            i.numbers.to_string(),
        )
    }));
    let fine = t(
        "有効な結果だけを現在の保険とした",
        "It took valid results as current, and nothing else.",
    );
    let holds = wrong.is_none();
    let advice = t(
        "資格有効性1の結果を現在の保険に取り込み、1でない結果は参考として表示する",
        "Take results with validity 1 in as current; show the others as reference.",
    );
    Some(say.decide(holds, expected, wrong.unwrap_or(fine), advice, quotes))
}

/// Whether a file makes an insurance a current one: valid, the same numbers, and the source it names.
fn backs(file: &File, insurance: &Insurance) -> bool {
    let source = insurance.source.as_deref().filter(|s| !s.is_empty());
    let named = source.is_none_or(|s| s.rsplit('/').next() == Some(file.name.as_str()));
    let held = file.outcome().is_some_and(|o| {
        o.as_ref()
            .is_ok_and(|o| o.persons.iter().any(|p| p.numbers == insurance.numbers))
    });
    is_valid(file) && named && held
}

fn quoted(file: &File) -> Quote {
    let said = match file.outcome() {
        Some(Ok(outcome)) => outcome
            .validity
            .clone()
            .unwrap_or_else(|| format!("- ({})", outcome.code)),
        Some(Err(error)) => error.to_string(),
        None => String::new(),
    };
    q(
        file.seq,
        format!("{} QualificationValidity", file.name),
        said,
    )
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    fn said(answer: Answer, file: File, chart: (&'static str, &'static str)) -> Vec<Verdict> {
        let mut scene = Scene::registered();
        scene.visit(&Play {
            answer,
            file,
            chart: Some(chart),
            ..Play::default()
        });
        scene.said("ELIG-12").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn only_valid_results_make_a_current_insurance() {
        type Chart = (&'static str, &'static str);
        let table: [(&str, Answer, Chart, &[Verdict]); 8] = [
            (
                "lost as reference",
                Answer::answered("2", NUMBER),
                ("reference", NUMBER),
                &[Pass],
            ),
            (
                "lost as ended",
                Answer::answered("2", NUMBER),
                ("ended", NUMBER),
                &[Pass],
            ),
            (
                "lost as current",
                Answer::answered("2", NUMBER),
                ("current", NUMBER),
                &[Fail],
            ),
            (
                "several hits as current",
                Answer::answered("5", NUMBER),
                ("current", NUMBER),
                &[Fail],
            ),
            (
                "refused, nothing shown",
                Answer::refused("SIM-E202"),
                ("current", ""),
                &[Pass],
            ),
            (
                "refused, shown from nowhere",
                Answer::refused("SIM-E202"),
                ("current", NUMBER),
                &[Fail],
            ),
            (
                "valid as current",
                Answer::answered("1", NUMBER),
                ("current", NUMBER),
                &[],
            ),
            (
                "valid, another as current",
                Answer::answered("1", NUMBER),
                ("current", OTHER_NUMBER),
                &[Fail],
            ),
        ];
        for (name, answer, chart, due) in table {
            assert_eq!(said(answer, File::Same, chart), due, "{name}");
        }
        let broken = File::Other(b"<XmlMsg>");
        assert_eq!(
            said(Answer::answered("1", NUMBER), broken, ("current", NUMBER)),
            [Fail],
            "from a broken file"
        );
    }

    #[test]
    fn an_earlier_valid_result_backs_what_it_named_only() {
        for (number, due) in [(NUMBER, Pass), (OTHER_NUMBER, Fail)] {
            let mut scene = Scene::registered();
            scene.visit(&Play {
                chart: None,
                ..Play::default()
            });
            let lost = Answer::answered("2", OTHER_NUMBER);
            scene.visit(&Play {
                answer: lost,
                chart: None,
                ..Play::default()
            });
            let seen = serde_json::json!({ "person": "田中", "insurances": [{
                "state": "current", "insurer_number": number, "symbol": "12", "number": "34", "branch": "00" }] });
            let product = evidence::Party::at("receipt-computer", CLINIC);
            scene.push(evidence::What::Attested(evidence::Attested {
                product,
                shows: "chart".into(),
                seen,
            }));
            assert_eq!(scene.said("ELIG-12")[0].1, due, "{number}");
        }
    }
    #[test]
    fn a_valid_result_is_current() {
        use crate::testing::charted::*;
        let before = Paper::valid("OQSsiquc01res_face_0.xml", "20261014");
        let today = Paper::default();
        let lost = Paper {
            validity: "2",
            ..Paper::valid("OQSsiquc01res_face_2.xml", "20261015")
        };
        let none = Paper {
            validity: "4",
            nameless: true,
            ..lost
        };
        let table: [(&str, &[&Paper], &str, &[Verdict]); 8] = [
            ("current", &[&today], "current", &[Pass]),
            ("as reference", &[&today], "reference", &[Fail]),
            ("as ended", &[&today], "ended", &[Fail]),
            (
                "after an earlier one",
                &[&before, &today],
                "reference",
                &[Fail],
            ),
            ("of yesterday alone", &[&before], "reference", &[]),
            ("lost since", &[&today, &lost], "ended", &[Pass]),
            ("lost before", &[&lost, &today], "ended", &[Fail]),
            ("no longer found", &[&today, &none], "ended", &[Pass]),
        ];
        for (name, results, state, due) in table {
            let mut scene = Scene::registered();
            results.iter().for_each(|r| scene.plant(r));
            scene.at("2026-10-15T09:00:10");
            scene.looked(&[row_of(results[results.len() - 1], state)], &[]);
            let said: Vec<Verdict> = scene.said("ELIG-12").into_iter().map(|s| s.1).collect();
            assert_eq!(said, due, "{name}");
        }
        let mut scene = Scene::registered();
        scene.plant(&today);
        scene.at("2026-10-15T09:00:10");
        scene.looked(&[], &[]);
        assert_eq!(
            scene.said("ELIG-12"),
            [],
            "a row that is missing is ELIG-17's"
        );
    }
}
