//! The receipt computer's part of ELIG-19 at the other end: what results and answers about drugs said stands in
//! the chart, as it came.

use super::codes;
use super::desk::{self, Came, DESK, came, had_time, insurances, source};
use crate::Finding;
use crate::case::{Case, Chart, Content, File, Insurance};
use crate::decode::drugs::{Drug, Drugs};
use crate::decode::result::normal;
use crate::expect;
use crate::finding::{q, t};
use crate::{Quote, Text};

/// What says how, since when, until when and with whom somebody is insured. Shares and limits are ELIG-11's,
/// codes nobody knows ELIG-13's.
const ELEMENTS: [&str; 11] = [
    "InsuredCardClassification",
    "PersonalFamilyClassification",
    "InsuredName",
    "QualificationDate",
    "DisqualificationDate",
    "InsuredCertificateIssuanceDate",
    "InsuredCardValidDate",
    "InsuredCardExpirationDate",
    "PreschoolClassification",
    "ReasonOfLoss",
    "InsurerName",
];

/// One finding for the rows of a chart, one for the drugs in it.
pub(super) fn handed_on(case: &Case, requirement: &'static str) -> Vec<Finding> {
    let charts = case.charts.iter();
    let of = |chart| {
        [
            rows(case, chart, requirement),
            drugs(case, chart, requirement),
        ]
    };
    charts.flat_map(of).flatten().collect()
}

fn rows(case: &Case, chart: &Chart, requirement: &'static str) -> Option<Finding> {
    let came = came(case, chart);
    let mut quotes = Vec::new();
    let mut wrong = None;
    for row in insurances(chart) {
        if let Some(result) = source(&came, row) {
            let found = compared(chart, row, result, &came, &mut quotes);
            wrong = wrong.or(found);
        }
    }
    if quotes.is_empty() {
        return None;
    }
    let expected = t(
        "本人・家族、取得日、喪失日、保険者名などを、結果にあるとおりにカルテに示す",
        "本人・家族, days, insurer and the rest stand in the chart as the result said them.",
    );
    let fine = t("そのとおりに示した", "They do.");
    let advice = t(
        "結果の要素を、値を変えず、落とさずに取り込む",
        "Take the result's elements in, with their values and all of them.",
    );
    let say = case.of(requirement, DESK);
    let actual = wrong.clone().unwrap_or(fine);
    Some(say.decide(wrong.is_none(), expected, actual, advice, quotes))
}

fn compared(
    chart: &Chart,
    row: &Insurance,
    result: &Came<'_>,
    came: &[Came<'_>],
    quotes: &mut Vec<Quote>,
) -> Option<Text> {
    let mut wrong = None;
    for element in ELEMENTS {
        let due = result.block.text(element);
        let found = row.carries.get(element).map_or("", String::as_str);
        if !codes::is_known(element, due) || (due.is_empty() && found.is_empty()) {
            continue;
        }
        // What another result said of the same insurance may still stand there.
        let earlier = || {
            let mut same = came.iter().filter(|c| c.block.numbers == row.numbers);
            due.is_empty() && same.any(|c| c.block.text(element) == found)
        };
        quotes.push(q(result.file.seq, element, due));
        if found != due && !earlier() {
            quotes.push(q(chart.seq, format!("chart {element}"), found));
            wrong.get_or_insert(t(
                format!("{element}は「{due}」と返されたのに「{found}」と示した"),
                format!("{element} came as \"{due}\" and is shown as \"{found}\"."),
            ));
        }
    }
    wrong
}

/// The latest answer about drugs that had come for the person of a chart.
fn answer<'a>(case: &'a Case, chart: &Chart) -> Option<(&'a File, &'a Drugs)> {
    let here =
        case.files.iter().rev().filter(|f| {
            f.facility == chart.facility && f.seq < chart.seq && had_time(case, chart, f)
        });
    let of = |file: &'a File| {
        let Content::Drugs(Ok(drugs)) = &file.content else {
            return None;
        };
        let Some(Ok(request)) = desk::request_of(case, file)?.request() else {
            return None;
        };
        let owners = expect::owners(&case.facts, &request.numbers, None, file.at);
        (owners == [chart.person.as_str()]).then_some((file, drugs))
    };
    { here }.find_map(of)
}

fn drugs(case: &Case, chart: &Chart, requirement: &'static str) -> Option<Finding> {
    let (file, answer) = answer(case, chart)?;
    if answer.code != case.value("medical_code.given") || answer.drugs.is_empty() {
        return None;
    }
    let day = |on: &str| -> String { on.chars().filter(char::is_ascii_digit).collect() };
    let shown = |drug: &Drug| {
        let mut rows = chart.drugs.iter();
        rows.any(|(name, on)| {
            normal(name) == normal(&drug.name) && (on.is_empty() || day(on) == drug.day)
        })
    };
    let missing = answer.drugs.iter().find(|drug| !shown(drug));
    let expected = t(
        "届いた薬剤情報の薬を、すべてカルテに示す",
        "Every drug in the answer that came stands in the chart.",
    );
    let actual = match missing {
        Some(drug) => t(
            format!("{}の「{}」がない", drug.day, drug.name),
            format!("\"{}\" of {} is missing.", drug.name, drug.day),
        ),
        None => t("すべて示した", "All of them do."),
    };
    let advice = t(
        "回答にある薬を、名称と調剤日とともに取り込んで示す",
        "Take the answer's drugs in and show them with name and day.",
    );
    let named = |(name, on): &(String, String)| q(chart.seq, "chart drug", format!("{name} {on}"));
    let mut quotes = vec![q(file.seq, "res file", file.name.clone())];
    quotes.extend(chart.drugs.iter().map(named));
    let say = case.of(requirement, DESK);
    Some(say.decide(missing.is_none(), expected, actual, advice, quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::charted::*;
    use crate::testing::*;

    fn said(scene: &Scene) -> Vec<Verdict> {
        let said = scene.said("ELIG-19").into_iter();
        let own = said.filter(|s| s.0 == "receipt-computer");
        own.map(|s| s.1).collect()
    }

    fn shown(rows: &[serde_json::Value]) -> Vec<Verdict> {
        let mut scene = Scene::registered();
        scene.drops(&Paper {
            elements: &[
                ("PersonalFamilyClassification", "2"),
                ("QualificationDate", "20240401"),
                ("InsurerName", "模擬健保組合"),
                ("InsuredCardClassification", "77"),
                ("PreschoolClassification", ""),
            ],
            ..Paper::default()
        });
        scene.looked(rows, &[]);
        said(&scene)
    }

    #[test]
    fn a_row_says_what_the_result_said() {
        let whole = [
            ("PersonalFamilyClassification", "2"),
            ("QualificationDate", "20240401"),
            ("InsurerName", "模擬健保組合"),
        ];
        assert_eq!(shown(&[row("current", &whole)]), [Pass]);
        assert_eq!(shown(&[row("reference", &whole)]), [Pass]);
        for without in 0..whole.len() {
            let mut rest = whole.to_vec();
            let (lost, _) = rest.remove(without);
            assert_eq!(shown(&[row("current", &rest)]), [Fail], "{lost} is lost");
            rest.push((lost, "1"));
            assert_eq!(shown(&[row("current", &rest)]), [Fail], "{lost} changed");
        }
        let added = [whole.as_slice(), &[("DisqualificationDate", "20260901")]].concat();
        assert_eq!(
            shown(&[row("current", &added)]),
            [Fail],
            "a day nobody said"
        );
        assert_eq!(shown(&[]), [], "whether there is a row is ELIG-17's");
    }

    #[test]
    fn what_an_earlier_result_said_may_stay() {
        for (first, due) in [("20260901", Pass), ("20260801", Fail)] {
            let mut scene = Scene::registered();
            let lost = Paper {
                elements: match first {
                    "20260901" => &[("DisqualificationDate", "20260901")],
                    _ => &[("DisqualificationDate", "20260801")],
                },
                ..Paper::valid("OQSsiquc01res_face_0.xml", "20261014")
            };
            scene.drops(&lost);
            scene.drops(&Paper {
                elements: &[("QualificationDate", "20240401")],
                ..Paper::default()
            });
            let shown = [
                ("QualificationDate", "20240401"),
                ("DisqualificationDate", "20260901"),
            ];
            scene.looked(&[row("current", &shown)], &[]);
            assert_eq!(said(&scene), [due], "{first}");
        }
    }

    #[test]
    fn drugs_that_came_are_shown() {
        let given: &[&str] = &["模擬錠", "模擬散"];
        let both = [("模擬錠", "2026-09-01"), ("模擬散", "2026-09-01")];
        for (name, code, came, drugs, due) in [
            ("both", "1", given, &both[..], Some(Pass)),
            ("none", "1", given, &[], Some(Fail)),
            ("one", "1", given, &both[..1], Some(Fail)),
            (
                "another day",
                "1",
                &given[..1],
                &[("模擬錠", "2026-09-02")],
                Some(Fail),
            ),
            (
                "without its day",
                "1",
                &given[..1],
                &[("模擬錠", "")],
                Some(Pass),
            ),
            ("refused", "SIM-M401", &[], &[], None),
        ] {
            let mut scene = Scene::registered();
            scene.ask_drugs(CLINIC, code, came);
            scene.at("2026-10-15T09:00:10");
            let shown = Shown {
                drugs,
                ..Shown::default()
            };
            scene.shown(&[], &[], &shown);
            // The first is that the request says what was typed.
            assert_eq!(said(&scene).get(1).copied(), due, "{name}");
        }
        let mut scene = Scene::registered();
        scene.ask_drugs(CLINIC, "1", given);
        scene.looked(&[], &[]);
        assert_eq!(said(&scene), [Pass], "it has not been seen yet");
    }
}
