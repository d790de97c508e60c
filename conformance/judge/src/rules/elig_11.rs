//! ELIG-11: the receipt computer uses the returned share and limit class and never computes its own in their
//! place.

use std::collections::BTreeSet;

use super::Rule;
use super::codes;
use super::desk::{Came, DESK, came, insurances, source};
use crate::case::{Case, Chart, Insurance};
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-11",
    roles: &[DESK],
    clause: (
        "返された負担割合と適用区分をそのまま使い、自分で計算したものに置き換えない",
        "The returned share and limit class are used as they came; none is computed in their place.",
    ),
    check,
};

/// Elements about shares and limits, by how their path begins.
const GROUPS: [&str; 3] = [
    "InsuredPartialContributionRatio",
    "ElderlyRecipientCertificateInfo/",
    "LimitApplicationCertificateRelatedInfo/",
];

fn check(case: &Case) -> Vec<Finding> {
    let charts = case.charts.iter();
    charts.filter_map(|chart| of(case, chart)).collect()
}

fn of(case: &Case, chart: &Chart) -> Option<Finding> {
    let came = came(case, chart);
    let mut quotes = Vec::new();
    let mut wrong = None;
    for insurance in insurances(chart) {
        if let Some(result) = source(&came, insurance) {
            let found = compare(chart, insurance, result, &mut quotes);
            wrong = wrong.or(found);
        }
    }
    if quotes.is_empty() {
        return None;
    }
    let say = case.of(RULE.id, DESK);
    let expected = t(RULE.clause.0, RULE.clause.1);
    let holds = wrong.is_none();
    let fine = t("結果にあるとおりに示した", "It shows them as they came.");
    let advice = t(
        "結果の要素の値をそのまま取り込み、なければ「なし」のままにする",
        "Take the element's value as it is, and leave it out where there is none.",
    );
    Some(say.decide(holds, expected, wrong.unwrap_or(fine), advice, quotes))
}

/// Compares shares and limits of a chart's row with the result it names.
fn compare(
    chart: &Chart,
    row: &Insurance,
    result: &Came<'_>,
    quotes: &mut Vec<Quote>,
) -> Option<Text> {
    let is_ours = |path: &&String| GROUPS.iter().any(|group| path.starts_with(group));
    // An element said again stands in the chart under a path of its own.
    let once = |path: &&String| !path.ends_with(']');
    let paths: BTreeSet<&String> = { result.block.paths.keys().chain(row.carries.keys()) }
        .filter(is_ours)
        .filter(once)
        .collect();
    let mut wrong = None;
    for path in paths {
        let of = |map: &std::collections::BTreeMap<String, String>| {
            map.get(path.as_str()).cloned().unwrap_or_default()
        };
        let (due, found) = (of(&result.block.paths), of(&row.carries));
        // Codes nobody knows are ELIG-13's, empty elements too.
        if !codes::is_known(path, &due) || (due.is_empty() && found.is_empty()) {
            continue;
        }
        quotes.push(q(result.file.seq, path.clone(), due.clone()));
        if due != found {
            quotes.push(q(chart.seq, format!("chart {path}"), found.clone()));
            wrong.get_or_insert(t(
                format!("{path}は「{due}」と返されたのに「{found}」とした"),
                format!("{path} came as \"{due}\" and is shown as \"{found}\"."),
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

    const SHARE: &str = "InsuredPartialContributionRatio";
    const LIMIT: &str =
        "LimitApplicationCertificateRelatedInfo/LimitApplicationCertificateClassificationFlag";

    fn said(file: &'static [(&'static str, &'static str)], shown: &[(&str, &str)]) -> Vec<Verdict> {
        let mut scene = Scene::registered();
        scene.drops(&Paper {
            elements: file,
            ..Paper::default()
        });
        scene.looked(&[row("current", shown)], &[]);
        scene.said("ELIG-11").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn what_came_is_shown() {
        assert_eq!(said(&[(SHARE, "010")], &[(SHARE, "010")]), [Pass]);
        assert_eq!(
            said(
                &[(SHARE, "010"), (LIMIT, "B04")],
                &[(SHARE, "010"), (LIMIT, "B04")]
            ),
            [Pass]
        );
        assert_eq!(
            said(&[(SHARE, "010")], &[(SHARE, "10")]),
            [Fail],
            "a number"
        );
        assert_eq!(said(&[(SHARE, "020")], &[(SHARE, "030")]), [Fail], "by age");
        assert_eq!(said(&[(SHARE, "020")], &[]), [Fail], "left out");
        assert_eq!(said(&[], &[(LIMIT, "B04")]), [Fail], "made up");
        assert_eq!(
            said(&[(LIMIT, "Z42")], &[(LIMIT, "B04")]),
            [],
            "unknown codes are judged elsewhere"
        );
        assert_eq!(said(&[], &[]), []);
    }
}
