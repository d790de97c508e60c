//! ELIG-14: names with ●, variant kanji, half-width kana and other names are matched without overwriting the
//! chart; where two charts fit, neither is chosen.

use super::Rule;
use super::desk::{
    Came, DESK, came, files, had_time, imports, insurances, is_about, plain_name, waited, waits,
};
use crate::case::{Case, Chart, OldChart};
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-14",
    roles: &[DESK],
    clause: (
        "●や異体字があっても本人のカルテに結び付け、カルテの氏名・カナ・住所を書き換えず、決められないときは選ばない",
        "Results find their patient's chart without overwriting its name or address; an open choice stays open.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let charts = case.charts.iter();
    charts.filter_map(|chart| of(case, chart)).collect()
}

fn of(case: &Case, chart: &Chart) -> Option<Finding> {
    let mut quotes = Vec::new();
    let own = charts_of(case, chart);
    let wrong = overwritten(&own, chart, &mut quotes)
        .or_else(|| bound(case, &own, chart, &mut quotes))
        .or_else(|| foreign(case, chart, &mut quotes));
    if quotes.is_empty() {
        return None;
    }
    let say = case.of(RULE.id, DESK);
    let expected = t(RULE.clause.0, RULE.clause.1);
    let holds = wrong.is_none();
    let fine = t("そのとおりに扱った", "It treated them so.");
    let advice = t(
        "カナと生年月日で照合し、●は何の字にも当たるものとし、カルテの記載は職員の確認なしに変えない",
        "Match by kana and birth date, let ● stand for any character, and change no chart without staff.",
    );
    Some(say.decide(holds, expected, wrong.unwrap_or(fine), advice, quotes))
}

/// Charts there from the start that have kana and birth date of the person looked up.
fn charts_of<'a>(case: &'a Case, chart: &Chart) -> Vec<&'a OldChart> {
    let Some(person) = case.facts.person(&chart.person) else {
        return Vec::new();
    };
    let kana = super::desk::fold(&person.kana);
    let all = case.facts.charts.iter();
    all.filter(|c| {
        c.facility == chart.facility
            && c.birth == person.birth
            && super::desk::fold(&c.kana) == kana
    })
    .collect()
}

/// Name, kana and address of the chart as they were.
fn overwritten(own: &[&OldChart], chart: &Chart, quotes: &mut Vec<Quote>) -> Option<Text> {
    let named = |c: &&&OldChart| match chart.patient_number.is_empty() {
        true => c.person == chart.person && own.len() == 1,
        false => c.patient_number == chart.patient_number,
    };
    let kept = own.iter().find(named)?;
    let mut wrong = None;
    for (what, due, found) in [
        ("name", &kept.name, &chart.name),
        ("kana", &kept.kana, &chart.kana),
        ("address", &kept.address, &chart.address),
    ] {
        quotes.push(q(chart.seq, format!("chart {what}"), found.clone()));
        // A product may leave a field out of what it shows.
        if due != found && !found.is_empty() && !due.is_empty() {
            wrong.get_or_insert(t(
                format!("カルテの「{due}」が「{found}」に変わった"),
                format!("The chart's {what} \"{due}\" became \"{found}\"."),
            ));
        }
    }
    wrong
}

/// Whether a name in a result may be a chart's: ● stands for any character.
fn fits(returned: &str, kept: &str) -> bool {
    let (returned, kept) = (plain_name(returned), plain_name(kept));
    let same = |(r, k): (char, char)| r == k || r == '●';
    returned.chars().count() == kept.chars().count() && returned.chars().zip(kept.chars()).all(same)
}

/// Results of the person: in the one chart there is, or in none where several fit.
fn bound(case: &Case, own: &[&OldChart], chart: &Chart, quotes: &mut Vec<Quote>) -> Option<Text> {
    let results = came(case, chart);
    // An answer to a question that is not known any more is ELIG-18's.
    let ready = results
        .iter()
        .filter(|r| had_time(case, chart, r.file) && !waited(case, r.file));
    let mut wrong = None;
    for result in ready {
        let open = waits(chart, result);
        let name = result.block.text("Name");
        let fitting = own.iter().filter(|c| fits(name, &c.name)).count();
        let taken = is_taken(chart, result);
        let said = match (open, taken) {
            (true, _) => "undecided",
            (false, true) => "taken in",
            (false, false) => "-",
        };
        // By its own 照会番号 a result names its chart itself.
        let referred = !result.block.text("ReferenceNumber").is_empty();
        match own.len() {
            1 if result.file.folder == "face" => {
                quotes.push(q(result.file.seq, result.file.name.clone(), said));
                if open {
                    wrong.get_or_insert(t(
                        "カナと生年月日の合うカルテが一つなのに結び付けなかった",
                        "One chart alone fits by kana and birth date, and the result was not bound to it.",
                    ));
                }
            }
            2.. if fitting > 1 && !referred => {
                quotes.push(q(result.file.seq, result.file.name.clone(), said));
                if taken {
                    wrong.get_or_insert(t(
                        "当てはまるカルテが複数あるのに一つに結び付けた",
                        "Several charts fit and it bound the result to one of them.",
                    ));
                } else if !open {
                    wrong.get_or_insert(t(
                        "どのカルテとも決められない結果を、職員に示さなかった",
                        "A result that several charts fit was not put before staff.",
                    ));
                }
            }
            _ => {}
        }
    }
    wrong
}

/// Whether a result stands in the chart.
fn is_taken(chart: &Chart, result: &Came<'_>) -> bool {
    let rows = insurances(chart).iter().filter_map(|i| i.source.as_deref());
    let named = { rows }.any(|source| result.is_named(source));
    named || imports(chart, result).unwrap_or(0) > 0
}

/// A result about somebody else in this chart.
fn foreign(case: &Case, chart: &Chart, quotes: &mut Vec<Quote>) -> Option<Text> {
    let person = case.facts.person(&chart.person)?;
    let birth = person.birth.to_compact();
    let files = files(case, &chart.facility, chart.seq);
    for row in insurances(chart) {
        let Some(source) = row.source.as_deref() else {
            continue;
        };
        let mut named = files
            .iter()
            .filter(|f| source.rsplit('/').next() == Some(f.name.as_str()));
        let Some(Ok(outcome)) = named.next_back().and_then(|f| f.outcome()) else {
            continue;
        };
        let own = outcome
            .persons
            .iter()
            .any(|b| is_about(b, &person.kana, &birth));
        if !own && !outcome.persons.is_empty() {
            quotes.push(q(chart.seq, "chart source", source));
            return Some(t(
                "別の人の結果をカルテに取り込んだ",
                "A result about somebody else stands in the chart.",
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::charted::*;
    use crate::testing::*;

    fn said(scene: &Scene) -> Vec<Verdict> {
        scene.said("ELIG-14").into_iter().map(|s| s.1).collect()
    }

    fn kept(name: &str, result_name: &'static str) -> Scene {
        let mut scene = Scene::registered();
        scene.old_chart("100", name, "ﾀﾅｶ ﾊﾅｺ", "模擬県旧町９");
        scene.drops(&Paper {
            person: result_name,
            ..Paper::default()
        });
        scene.at("2026-10-15T09:00:10");
        scene
    }

    #[test]
    fn a_chart_keeps_what_the_clinic_wrote() {
        let own = Shown {
            number: "100",
            name: "吉田　花子",
            kana: "ﾀﾅｶ ﾊﾅｺ",
            address: "模擬県旧町９",
            ..Shown::default()
        };
        for (name, shown, due) in [
            ("as it was", own.clone(), Pass),
            (
                "name",
                Shown {
                    name: "●田　花子",
                    ..own.clone()
                },
                Fail,
            ),
            (
                "kana",
                Shown {
                    kana: "タナカ　ハナコ",
                    ..own.clone()
                },
                Fail,
            ),
            (
                "address not shown",
                Shown {
                    address: "",
                    ..own.clone()
                },
                Pass,
            ),
            (
                "address",
                Shown {
                    address: "模擬県新町１０",
                    ..own
                },
                Fail,
            ),
        ] {
            let mut scene = kept("吉田　花子", "●田　花子");
            scene.shown(&[row("current", &[])], &[], &shown);
            assert_eq!(said(&scene), [due], "{name}");
        }
    }

    #[test]
    fn the_one_chart_that_fits_takes_the_result() {
        let mut scene = kept("髙橋　花子", "高橋　花子");
        let shown = Shown {
            number: "100",
            name: "髙橋　花子",
            kana: "ﾀﾅｶ ﾊﾅｺ",
            address: "模擬県旧町９",
            ..Shown::default()
        };
        scene.shown(
            &[],
            &[],
            &Shown {
                undecided: &[Paper::default().name],
                ..shown
            },
        );
        assert_eq!(said(&scene), [Fail]);
    }

    #[test]
    fn two_that_fit_leave_it_open() {
        let name = Paper::default().name;
        let open = [name];
        for (rows, undecided, due) in [
            (vec![], &open[..], Pass),
            (vec![row("current", &[])], &[][..], Fail),
            (vec![], &[][..], Fail),
        ] {
            let mut scene = kept("吉田　花子", "●田　花子");
            scene.old_chart("101", "岸田　花子", "ﾀﾅｶ ﾊﾅｺ", "");
            scene.shown(
                &rows,
                &[],
                &Shown {
                    undecided,
                    ..Shown::default()
                },
            );
            assert_eq!(said(&scene), [due], "{} {}", rows.len(), undecided.len());
        }
        let mut scene = kept("吉田　花子", "吉田　花子");
        scene.old_chart("101", "岸田　花子", "ﾀﾅｶ ﾊﾅｺ", "");
        scene.shown(&[row("current", &[])], &[], &Shown::default());
        assert_eq!(said(&scene), [], "the name decides");
    }

    #[test]
    fn somebody_elses_result_does_not_belong_here() {
        let mut scene = Scene::registered();
        scene.drops(&Paper {
            birth: "19900303",
            ..Paper::default()
        });
        scene.looked(&[row("current", &[])], &[]);
        assert_eq!(said(&scene), [Fail]);
    }
}
