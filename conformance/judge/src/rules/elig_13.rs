//! ELIG-13: an unknown code value is kept and shown as it came; absent and empty elements mean the same; the
//! declaration says in which characters a result is written.

use super::Rule;
use super::codes;
use super::desk::{Came, DESK, came, had_time, imports, insurances, source, waits};
use crate::case::{Case, Chart, Insurance};
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-13",
    roles: &[DESK],
    clause: (
        "知らないコードは来たまま残して示し、空の要素はないものとし、文字は宣言に従って読む",
        "Unknown codes stay as they came, empty is absent, and the declaration decides about characters.",
    ),
    check,
};

/// Elements of person and numbers, which a chart shows in places of their own.
const ELSEWHERE: [&str; 12] = [
    "InsurerNumber",
    "InsuredCardSymbol",
    "InsuredIdentificationNumber",
    "InsuredBranchNumber",
    "Name",
    "NameOfOther",
    "NameKana",
    "NameOfOtherKana",
    "Birthdate",
    "Address",
    "PostNumber",
    "ReferenceNumber",
];

fn check(case: &Case) -> Vec<Finding> {
    let charts = case.charts.iter();
    charts.filter_map(|chart| of(case, chart)).collect()
}

fn of(case: &Case, chart: &Chart) -> Option<Finding> {
    let came = came(case, chart);
    let mut quotes = Vec::new();
    let mut wrong: Option<Text> = None;
    for insurance in insurances(chart) {
        if let Some(result) = source(&came, insurance) {
            let found = unknown(chart, insurance, result, &mut quotes)
                .or_else(|| empty(chart, insurance, result, &mut quotes));
            wrong = wrong.or(found);
        }
    }
    for result in came.iter().filter(|r| r.outcome.remark.is_some()) {
        let ready = had_time(case, chart, result.file) && !waits(chart, result);
        let remark = result.outcome.remark.clone().unwrap_or_default();
        quotes.push(q(result.file.seq, result.file.name.clone(), remark));
        if ready && imports(chart, result).unwrap_or(0) == 0 {
            wrong.get_or_insert(t(
                "宣言に従えば読める結果を取り込まなかった",
                "It did not take in a result that can be read by its declaration.",
            ));
        }
    }
    if quotes.is_empty() {
        return None;
    }
    let say = case.of(RULE.id, DESK);
    let expected = t(RULE.clause.0, RULE.clause.1);
    let holds = wrong.is_none();
    let fine = t("そのとおりに扱った", "It treated them so.");
    let advice = t(
        "表にない値は置き換えず、空の要素は読み飛ばし、XML宣言の文字コードで読む",
        "Replace no value that is in no table, skip empty elements, and read by the XML declaration.",
    );
    Some(say.decide(holds, expected, wrong.unwrap_or(fine), advice, quotes))
}

fn unknown(
    chart: &Chart,
    row: &Insurance,
    result: &Came<'_>,
    quotes: &mut Vec<Quote>,
) -> Option<Text> {
    let mut wrong = None;
    for (path, value) in &result.block.paths {
        if codes::is_known(path, value) {
            continue;
        }
        quotes.push(q(result.file.seq, path.clone(), value.clone()));
        let shown = row.carries.get(path);
        let told = chart.messages.iter().any(|m| m.contains(value.as_str()));
        let kept = shown.map_or(told, |shown| shown == value);
        if !kept {
            let found = shown.cloned().unwrap_or_default();
            quotes.push(q(chart.seq, format!("chart {path}"), found.clone()));
            wrong.get_or_insert(t(
                format!("知らないコード{path}「{value}」を「{found}」とした"),
                format!("The unknown code {path} \"{value}\" is shown as \"{found}\"."),
            ));
        }
    }
    wrong
}

fn empty(
    chart: &Chart,
    row: &Insurance,
    result: &Came<'_>,
    quotes: &mut Vec<Quote>,
) -> Option<Text> {
    let mut wrong = None;
    for (path, _) in result
        .block
        .paths
        .iter()
        .filter(|(_, value)| value.is_empty())
    {
        quotes.push(q(result.file.seq, path.clone(), ""));
        let shown = row
            .carries
            .get(path)
            .filter(|_| !ELSEWHERE.contains(&path.as_str()));
        // What an earlier result said of it may still stand there.
        if let Some(shown) = shown.filter(|s| s.is_empty()) {
            quotes.push(q(chart.seq, format!("chart {path}"), shown.clone()));
            wrong.get_or_insert(t(
                format!("空の要素{path}を、値があるものとして示した"),
                format!("The empty element {path} is shown as if it said something."),
            ));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::charted::*;
    use crate::testing::*;

    const KIND: &str = "InsuredCardClassification";

    fn said(file: &'static [(&'static str, &'static str)], shown: &[(&str, &str)]) -> Vec<Verdict> {
        let mut scene = Scene::registered();
        scene.drops(&Paper {
            elements: file,
            ..Paper::default()
        });
        scene.looked(&[row("current", shown)], &[]);
        scene.said("ELIG-13").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn unknown_codes_stay_as_they_came() {
        assert_eq!(said(&[(KIND, "77")], &[(KIND, "77")]), [Pass]);
        assert_eq!(said(&[(KIND, "77")], &[(KIND, "01")]), [Fail]);
        assert_eq!(said(&[(KIND, "77")], &[]), [Fail]);
        assert_eq!(said(&[(KIND, "01")], &[]), [], "a known one");
    }

    #[test]
    fn empty_is_absent() {
        assert_eq!(said(&[("PreschoolClassification", "")], &[]), [Pass]);
        assert_eq!(
            said(
                &[("PreschoolClassification", "")],
                &[("PreschoolClassification", "")]
            ),
            [Fail]
        );
    }

    #[test]
    fn the_declaration_decides_about_characters() {
        for (imported, due) in [(true, Pass), (false, Fail)] {
            let mut scene = Scene::registered();
            let result = Paper {
                charset: "1",
                utf8: true,
                ..Paper::default()
            };
            scene.drops(&result);
            scene.at("2026-10-15T09:00:10");
            let checks = [(result.name, "2026-10-15")];
            let rows = if imported {
                vec![row("current", &[])]
            } else {
                vec![]
            };
            scene.looked(&rows, if imported { &checks } else { &[] });
            assert_eq!(scene.said("ELIG-13")[0].1, due, "{imported}");
        }
    }
}
