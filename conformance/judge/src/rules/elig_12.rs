//! ELIG-12: a lost, absent or several-hits answer never becomes a current insurance in the chart.

use super::Rule;
use crate::case::{Case, Chart, File, Insurance};
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

const DESK: &str = "receipt-computer";

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-12",
    roles: &[DESK],
    clause: (
        "無効・該当なし・複数該当の答えを、カルテの現在の保険にしない",
        "A lost, absent or several-hits answer never becomes a current insurance in the chart.",
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

fn shown(unbacked: Option<&Insurance>) -> Text {
    match unbacked {
        Some(i) => t(
            format!(
                "有効な結果に基づかない保険（{}）を現在の保険とした",
                i.numbers
            ),
            format!(
                "It shows {} as current, which no valid result backs.",
                i.numbers
            ),
        ),
        None => t(
            "有効でない結果を現在の保険にしなかった",
            "It took no result that is not valid as current.",
        ),
    }
}

fn of(case: &Case, chart: &Chart) -> Option<Finding> {
    let say = case.of(RULE.id, DESK);
    let person = &chart.person;
    let expected = t(
        format!("{person}の現在の保険は、資格有効性1の結果ファイルから来たものに限る"),
        format!("Current insurances of {person} come from result files with validity 1 only."),
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
    let unbacked: Vec<&Insurance> = insurances
        .iter()
        .filter(|i| i.state == "current" && !files.iter().any(|f| backs(f, i)))
        .collect();
    if unbacked.is_empty() && quotes.is_empty() {
        return None;
    }
    quotes.extend(insurances.iter().map(|i| {
        q(
            chart.seq,
            format!("chart {}", i.state),
            i.numbers.to_string(),
        )
    }));
    let actual = shown(unbacked.first().copied());
    let advice = t(
        "資格有効性が1でない結果は参考として表示し、現在の保険に取り込まない",
        "Show results whose validity is not 1 as reference; never take them in as current.",
    );
    Some(say.decide(unbacked.is_empty(), expected, actual, advice, quotes))
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
}
