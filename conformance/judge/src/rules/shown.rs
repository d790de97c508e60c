//! The receipt computer's part of ELIG-17 beyond taking in: what came is found at the desk. A valid answer has
//! its row, and one that is not valid has a row or a word that tells it.

use super::desk::{self, Came, Nameless, insurances, is_later};
use crate::case::{Case, Chart};
use crate::finding::{q, t};
use crate::{Quote, Text};

/// Words any of which tells that a qualification cannot be used.
const NOT_VALID: [&str; 8] = [
    "無効",
    "喪失",
    "失効",
    "有効でな",
    "有効ではな",
    "使え",
    "資格がな",
    "資格がありま",
];
/// Words for a newer qualification (3), none (4) and several (5), besides.
const NEWER: [&str; 2] = ["新しい資格", "新資格"];
const NONE: [&str; 6] = [
    "該当",
    "見つか",
    "未登録",
    "登録されていな",
    "資格なし",
    "資格情報がありま",
];
const SEVERAL: [&str; 4] = ["複数", "重複", "枝番", "特定できま"];

/// Whether a chart tells staff of an answer of this validity: in words of its own, or by the code.
fn tells(chart: &Chart, validity: &str) -> bool {
    let words: [&[&str]; 2] = match validity {
        "2" => [&NOT_VALID, &[]],
        "3" => [&NOT_VALID, &NEWER],
        "4" => [&NOT_VALID, &NONE],
        "5" => [&SEVERAL, &[]],
        _ => [&[], &[]],
    };
    chart.messages.iter().any(|message| {
        let coded = message.contains("有効性") && message.contains(validity);
        coded || words.concat().iter().any(|word| message.contains(word))
    })
}

/// The first result that had come and is not to be found in the chart.
pub(super) fn missing(case: &Case, chart: &Chart, quotes: &mut Vec<Quote>) -> Option<Text> {
    // Rows that cannot be read are ELIG-12's.
    chart.insurances.as_ref().ok()?;
    let came = desk::came(case, chart);
    let nameless = desk::nameless(case, chart);
    let ready = desk::ready(case, chart);
    let own = ready.iter().filter(|r| !r.is_aid());
    let standing = own.filter(|r| !is_replaced(r, &came, &nameless));
    let mut wrong = None;
    for result in standing {
        let rows = insurances(chart).iter();
        let rows = rows.filter(|i| i.numbers == result.block.numbers).count();
        let validity = result.validity();
        let found = rows > 0 || (validity != "1" && tells(chart, validity));
        quotes.push(q(result.file.seq, "QualificationValidity", validity));
        wrong = wrong.or_else(|| (!found).then(|| not_shown(&result.file.name, validity)));
    }
    wrong.or_else(|| untold(case, chart, &nameless, &came, quotes))
}

fn not_shown(name: &str, validity: &str) -> Text {
    t(
        format!("結果{name}（資格有効性{validity}）がカルテのどこにも示されていない"),
        format!("Nothing in the chart shows the result {name} (validity {validity})."),
    )
}

/// Whether a later answer stands in the place of a result: about the same numbers, a valid one, or one that
/// says of the person's number how it stands.
fn is_replaced(result: &Came<'_>, came: &[Came<'_>], nameless: &[Nameless<'_>]) -> bool {
    let own = (result.file, result.outcome);
    let same = |c: &Came<'_>| c.block.numbers == result.block.numbers || c.validity() == "1";
    let others = came.iter().filter(|c| c.file.seq != result.file.seq);
    { others }.any(|c| same(c) && is_later((c.file, c.outcome), own))
        || nameless.iter().any(|n| is_later((n.file, n.outcome), own))
}

/// An answer that names nobody leaves no row: words tell it, on its own day at least.
fn untold(
    case: &Case,
    chart: &Chart,
    nameless: &[Nameless<'_>],
    came: &[Came<'_>],
    quotes: &mut Vec<Quote>,
) -> Option<Text> {
    let mut wrong = None;
    for answer in nameless {
        let own = (answer.file, answer.outcome);
        let later = came.iter().any(|c| is_later((c.file, c.outcome), own))
            || nameless
                .iter()
                .any(|n| n.file.seq != answer.file.seq && is_later((n.file, n.outcome), own));
        let due = answer.file.at.day == chart.at.day
            && desk::had_time(case, chart, answer.file)
            && !desk::waited(case, answer.file);
        if later || !due {
            continue;
        }
        let validity = answer.validity();
        quotes.push(q(answer.file.seq, "QualificationValidity", validity));
        let told = tells(chart, validity);
        wrong = wrong.or_else(|| (!told).then(|| not_shown(&answer.file.name, validity)));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::charted::*;
    use crate::testing::*;

    fn said(result: &Paper, rows: &[serde_json::Value], messages: &[&str]) -> Vec<Verdict> {
        let mut scene = Scene::registered();
        scene.plant(result);
        scene.at("2026-10-15T09:00:10");
        let messages: Vec<String> = messages.iter().map(|m| (*m).to_owned()).collect();
        let shown = Shown {
            messages: &messages,
            ..Shown::default()
        };
        let day = "2026-10-15";
        let named: &[(&str, &str)] = match result.nameless {
            true => &[],
            false => &[(result.name, day)],
        };
        scene.shown(rows, named, &shown);
        let said = scene.said("ELIG-17").into_iter();
        said.map(|s| s.1).collect()
    }

    fn of(validity: &'static str) -> Paper {
        Paper {
            validity,
            nameless: ["4", "5"].contains(&validity),
            ..Paper::default()
        }
    }

    #[test]
    fn a_valid_result_has_its_row() {
        let result = of("1");
        assert_eq!(said(&result, &[row("current", &[])], &[]), [Pass]);
        assert_eq!(
            said(&result, &[row("reference", &[])], &[]),
            [Pass],
            "in which state is ELIG-12's"
        );
        assert_eq!(said(&result, &[], &[]), [Fail]);
        assert_eq!(
            said(&result, &[], &["資格は有効です。"]),
            [Fail],
            "words alone"
        );
    }

    #[test]
    fn one_that_is_not_valid_has_a_row_or_a_word() {
        for (validity, word) in [
            ("2", "資格を喪失しています。"),
            ("2", "無効な資格です。"),
            ("3", "新資格あり"),
            ("8", "資格有効性 8"),
        ] {
            let result = of(validity);
            assert_eq!(said(&result, &[row("reference", &[])], &[]), [Pass]);
            assert_eq!(said(&result, &[row("ended", &[])], &[]), [Pass]);
            assert_eq!(said(&result, &[], &[word]), [Pass], "{word}");
            assert_eq!(said(&result, &[], &[]), [Fail], "{validity}");
            let other = ["最終の資格確認：2026-10-15"];
            assert_eq!(said(&result, &[], &other), [Fail], "{validity}");
        }
    }

    #[test]
    fn one_that_names_nobody_is_told() {
        for (validity, word) in [("4", "該当資格なし"), ("5", "枝番を確かめてください。")]
        {
            let result = of(validity);
            assert_eq!(said(&result, &[], &[word]), [Pass], "{word}");
            let other = ["資格はまだ一度も確認されていません。"];
            assert_eq!(said(&result, &[], &other), [Fail], "{validity}");
        }
    }

    #[test]
    fn what_a_later_answer_replaced_need_not_be_shown() {
        let before = Paper {
            validity: "2",
            ..Paper::valid("OQSsiquc01res_face_0.xml", "20261014")
        };
        let mut scene = Scene::registered();
        scene.plant(&before);
        scene.plant(&of("4"));
        scene.at("2026-10-15T09:00:10");
        let messages = ["該当する資格がありません。".to_owned()];
        let shown = Shown {
            messages: &messages,
            ..Shown::default()
        };
        scene.shown(&[], &[(before.name, "2026-10-14")], &shown);
        let said: Vec<Verdict> = scene.said("ELIG-17").into_iter().map(|s| s.1).collect();
        assert_eq!(said, [Pass]);
    }
}
