//! ELIG-17: every visit is checked, return visits too, so that a stale qualification is found at the desk.

use super::Rule;
use super::desk::{Came, DESK, came, had_time, imports, insurances, ready, waits};
use super::identity::TERMINAL;
use super::shown;
use crate::case::{Case, Chart, Visit};
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-17",
    roles: &[DESK, TERMINAL],
    clause: (
        "受診のたびに資格を確認し、それぞれの結果を一度ずつ、確認した日のものとして取り込み、受付に示す",
        "Every visit is checked, and each result is taken in once, for the day it was asked for, and shown at the desk.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let charts = case.charts.iter().filter_map(|chart| of(case, chart));
    let returns = case.visits.iter().filter_map(|visit| asked(case, visit));
    charts.chain(returns).collect()
}

/// What a chart shows of the results that came.
fn of(case: &Case, chart: &Chart) -> Option<Finding> {
    let all = came(case, chart);
    let mut quotes = Vec::new();
    let ready = ready(case, chart);
    let ready: Vec<&Came<'_>> = ready.iter().collect();
    let mut wrong = None;
    for result in &ready {
        let found = taken(chart, result, &ready, &mut quotes);
        wrong = wrong.or(found);
    }
    wrong = wrong.or_else(|| given_up(case, chart, &all, &mut quotes));
    wrong = wrong.or_else(|| stale(case, chart, &all, &mut quotes));
    wrong = wrong.or_else(|| shown::missing(case, chart, &mut quotes));
    if quotes.is_empty() {
        return None;
    }
    let say = case.of(RULE.id, DESK);
    let expected = t(RULE.clause.0, RULE.clause.1);
    let holds = wrong.is_none();
    let fine = t("そのとおりに取り込んだ", "It took them in so.");
    let advice = t(
        "同じ月に確認済みでも結果を取り込み、同じ内容は一度だけ、確認した日の順に扱う",
        "Take results in though the month was checked before, the same one once, in order of the day asked for.",
    );
    Some(say.decide(holds, expected, wrong.unwrap_or(fine), advice, quotes))
}

/// Whether a result was taken in once and for its own day.
fn taken(
    chart: &Chart,
    result: &Came<'_>,
    all: &[&Came<'_>],
    quotes: &mut Vec<Quote>,
) -> Option<Text> {
    let times = match imports(chart, result) {
        Some(times) => times,
        // A product that shows no list of checks shows of each number the latest result alone.
        None => {
            let newest = all
                .iter()
                .filter(|r| r.block.numbers == result.block.numbers);
            let newest = newest.max_by_key(|r| (r.asked_on(), r.file.seq))?;
            let shown = insurances(chart)
                .iter()
                .any(|i| i.numbers == result.block.numbers);
            if !shown || newest.file.seq != result.file.seq {
                return None;
            }
            0
        }
    };
    let name = &result.file.name;
    quotes.push(q(
        result.file.seq,
        name.clone(),
        format!("taken in {times} time(s)"),
    ));
    if times != 1 {
        return Some(t(
            format!("結果{name}を{times}回取り込んだ"),
            format!("The result {name} was taken in {times} time(s)."),
        ));
    }
    let checks = chart.checks.iter().flatten();
    let on = { checks }
        .find(|(file, _)| result.is_named(file))
        .map(|(_, on)| on)?;
    let day: String = on.chars().filter(char::is_ascii_digit).collect();
    (day != result.asked_on()).then(|| {
        t(
            format!("{}の確認を{on}のものとした", result.asked_on()),
            format!("A check of {} is shown as of {on}.", result.asked_on()),
        )
    })
}

/// Words by which a product says that it could not take a file in.
const GIVEN_UP: [&str; 5] = ["読み取れ", "読めな", "隔離", "quarantine", "取り込め"];

/// A result that was put aside as unreadable while it was still being written.
fn given_up(case: &Case, chart: &Chart, all: &[Came<'_>], quotes: &mut Vec<Quote>) -> Option<Text> {
    let begun = case.files.iter().filter(|f| f.facility == chart.facility);
    for half in begun.filter(|f| matches!(&f.planted, Some((false, _)))) {
        let whole = all.iter().any(|r| r.file.name == half.name);
        let says = |m: &&String| m.contains(&half.name) && GIVEN_UP.iter().any(|w| m.contains(w));
        if let Some(message) = chart.messages.iter().find(says).filter(|_| whole) {
            quotes.push(q(half.seq, "half written", half.name.clone()));
            quotes.push(q(chart.seq, "chart message", message.clone()));
            return Some(t(
                "書きかけの結果を、書き終わるのを待たずに除けた",
                "It put a result aside that was still being written.",
            ));
        }
    }
    None
}

/// A row shown as current although the latest result about its numbers says that it is not.
fn stale(case: &Case, chart: &Chart, all: &[Came<'_>], quotes: &mut Vec<Quote>) -> Option<Text> {
    for row in insurances(chart) {
        let own = all.iter().filter(|r| {
            r.block.numbers == row.numbers && !waits(chart, r) && had_time(case, chart, r.file)
        });
        let own: Vec<&Came<'_>> = own.collect();
        let Some(latest) = own.iter().max_by_key(|r| (r.asked_on(), r.file.seq)) else {
            continue;
        };
        let validity = latest.outcome.validity.as_deref().unwrap_or("");
        if own.len() < 2 || validity == "1" {
            continue;
        }
        quotes.push(q(latest.file.seq, "QualificationValidity", validity));
        quotes.push(q(
            chart.seq,
            format!("chart {}", row.state),
            row.numbers.to_string(),
        ));
        if row.state == "current" {
            return Some(t(
                "後の日の確認で有効でなくなった保険を、現在の保険のままにした",
                "An insurance a later check found not valid is still shown as current.",
            ));
        }
    }
    None
}

/// On a return visit the terminal asks anew.
fn asked(case: &Case, visit: &Visit) -> Option<Finding> {
    let mut before = case.visits.iter();
    before.find(|v| v.seq < visit.seq && v.card == visit.card && v.facility == visit.facility)?;
    let told = visit.outcomes().find(|l| l.text("status") == "confirmed")?;
    let mut confirmations = case.confirmations.iter();
    let own = confirmations.find(|c| visit.covers(&c.from.name, c.seq) && c.seq < told.seq);
    let expected = t(
        "再診でもサーバーに照会してから結果を伝える",
        "On a return visit too the server is asked before the outcome is told.",
    );
    let mut quotes: Vec<Quote> = vec![q(told.seq, "outcome", told.text("status"))];
    quotes.extend(own.map(|c| q(c.seq, "POST /v1/card-confirmations", "")));
    let actual = match own {
        Some(_) => t("照会した", "It asked."),
        None => t(
            "照会せずに確認済みとした",
            "It told a confirmation without asking.",
        ),
    };
    let advice = t(
        "前回の結果を使い回さない",
        "Never use an earlier result again.",
    );
    let say = case.of(RULE.id, TERMINAL);
    Some(say.decide(own.is_some(), expected, actual, advice, quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::charted::*;
    use crate::testing::*;

    const FIRST: Paper = Paper::valid("OQSsiquc01res_face_1.xml", "20261015");

    fn said(scene: &Scene) -> Vec<(String, Verdict)> {
        scene
            .said("ELIG-17")
            .into_iter()
            .map(|s| (s.0, s.1))
            .collect()
    }

    fn desk(verdict: Verdict) -> Vec<(String, Verdict)> {
        vec![("receipt-computer".to_owned(), verdict)]
    }

    #[test]
    fn each_result_is_taken_in_once_for_its_day() {
        let (one, day) = (FIRST.name, "2026-10-15");
        for (checks, due) in [
            (vec![(one, day)], Pass),
            (vec![], Fail),
            (vec![(one, day), (one, day)], Fail),
            (vec![(one, "2026-10-14")], Fail),
        ] {
            let mut scene = Scene::registered();
            scene.drops(&FIRST);
            scene.at("2026-10-15T09:00:10");
            scene.looked(&[row_of(&FIRST, "current")], &checks);
            assert_eq!(said(&scene), desk(due), "{checks:?}");
        }
        let mut scene = Scene::registered();
        scene.drops(&FIRST);
        scene.looked(&[], &[]);
        assert_eq!(said(&scene), [], "it has not been seen yet");
    }

    #[test]
    fn the_same_result_twice_is_one() {
        for (times, due) in [(1, Pass), (2, Fail)] {
            let mut scene = Scene::registered();
            scene.plant(&FIRST);
            scene.at("2026-10-15T09:00:10");
            scene.plant(&FIRST);
            scene.at("2026-10-15T09:00:20");
            scene.looked(
                &[row_of(&FIRST, "current")],
                &vec![(FIRST.name, "2026-10-15"); times],
            );
            assert_eq!(said(&scene), desk(due), "{times}");
        }
    }

    #[test]
    fn a_result_still_being_written_is_waited_for() {
        let gave_up = format!("{}を読み取れないため除けました。", FIRST.name);
        for (messages, due) in [(vec![], Pass), (vec![gave_up], Fail)] {
            let mut scene = Scene::registered();
            scene.plant_half(&FIRST);
            scene.at("2026-10-15T09:00:02");
            scene.plant(&FIRST);
            scene.at("2026-10-15T09:00:10");
            let said_of = Shown {
                messages: &messages,
                ..Shown::default()
            };
            let checks = [(FIRST.name, "2026-10-15")];
            scene.shown(&[row_of(&FIRST, "current")], &checks, &said_of);
            assert_eq!(said(&scene), desk(due), "{messages:?}");
        }
    }

    #[test]
    fn the_latest_day_says_how_it_stands() {
        let lost = Paper {
            validity: "2",
            ..FIRST
        };
        let before = Paper::valid("OQSsiquc01res_face_0.xml", "20261014");
        let checks = [(before.name, "2026-10-14"), (lost.name, "2026-10-15")];
        for (state, due) in [("ended", Pass), ("reference", Pass), ("current", Fail)] {
            for order in [[&before, &lost], [&lost, &before]] {
                let mut scene = Scene::registered();
                order.iter().for_each(|r| scene.drops(r));
                scene.at("2026-10-15T09:00:10");
                scene.looked(&[row_of(&lost, state)], &checks);
                assert_eq!(said(&scene), desk(due), "{state}");
            }
        }
    }

    #[test]
    fn a_product_without_a_list_of_checks_shows_the_latest_source() {
        let second = Paper::valid("OQSsiquc01res_face_2.xml", "20261016");
        for (shown, due) in [(&second, Pass), (&FIRST, Fail)] {
            let mut scene = Scene::registered();
            scene.drops(&FIRST);
            scene.at("2026-10-16T09:00:00");
            scene.drops(&second);
            scene.at("2026-10-16T09:00:10");
            scene.unlisted(&[row_of(shown, "current")]);
            assert_eq!(said(&scene), desk(due), "{}", shown.name);
        }
    }

    #[test]
    fn the_terminal_asks_on_every_visit() {
        let mut scene = Scene::registered();
        let play = Play {
            chart: None,
            ..Play::default()
        };
        scene.visit(&play);
        assert_eq!(said(&scene), [], "a first visit");
        scene.visit(&play);
        assert_eq!(said(&scene), [("terminal".to_owned(), Pass)]);
        scene.visit(&Play {
            asks: false,
            ..play
        });
        assert_eq!(said(&scene)[1], ("terminal".to_owned(), Fail));
    }
}
