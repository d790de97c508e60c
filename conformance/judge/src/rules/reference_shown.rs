//! The receipt computer's part of ELIG-16: a 照会番号 that came with a result is shown in the chart.

use super::desk::{DESK, came, had_time, waits};
use crate::Finding;
use crate::case::{Case, Chart};
use crate::finding::{q, t};

/// One finding for each chart whose latest result carried the clinic's own number.
pub(super) fn shown(case: &Case, requirement: &'static str) -> Vec<Finding> {
    let charts = case.charts.iter();
    charts
        .filter_map(|chart| of(case, chart, requirement))
        .collect()
}

fn of(case: &Case, chart: &Chart, requirement: &'static str) -> Option<Finding> {
    let came = came(case, chart);
    let ready = came
        .iter()
        .filter(|r| had_time(case, chart, r.file) && !waits(chart, r));
    let latest = ready.max_by_key(|r| (r.asked_on(), r.file.seq))?;
    let due = latest.block.text("ReferenceNumber");
    if due.is_empty() {
        return None;
    }
    let found = chart.reference_number.as_str();
    let expected = t(
        format!("結果にある照会番号「{due}」をカルテに示す"),
        format!("The number \"{due}\" in the result is shown in the chart."),
    );
    let actual = t(
        format!("「{found}」と示した"),
        format!("It shows \"{found}\"."),
    );
    let advice = t(
        "結果の照会番号をカルテに取り込んで示す",
        "Take the result's 照会番号 into the chart and show it.",
    );
    let quotes = vec![
        q(latest.file.seq, "ReferenceNumber", due),
        q(chart.seq, "chart reference_number", found),
    ];
    Some(
        case.of(requirement, DESK)
            .decide(found == due, expected, actual, advice, quotes),
    )
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::charted::*;
    use crate::testing::*;

    #[test]
    fn the_number_that_came_is_shown() {
        for (reference, due) in [("A-7", Some(Pass)), ("", Some(Fail)), ("A-8", Some(Fail))] {
            let mut scene = Scene::registered();
            scene.drops(&Paper {
                elements: &[("ReferenceNumber", "A-7")],
                ..Paper::default()
            });
            scene.at("2026-10-15T09:00:10");
            scene.shown(
                &[row("current", &[])],
                &[],
                &Shown {
                    reference,
                    ..Shown::default()
                },
            );
            let said = scene.said("ELIG-16");
            let own = said.iter().find(|s| s.0 == "receipt-computer");
            assert_eq!(own.map(|s| s.1), due, "{reference}");
        }
        let mut scene = Scene::registered();
        scene.drops(&Paper::default());
        scene.at("2026-10-15T09:00:10");
        scene.looked(&[row("current", &[])], &[]);
        assert_eq!(scene.said("ELIG-16"), [], "none came");
    }
}
