//! ELIG-18: with the server, the network or the reader down the visit goes on by the published fallbacks, and
//! the check is caught up later, once.

use evidence::FaultKind;

use super::Rule;
use super::common::{SERVER_HOUSES, names_fallbacks};
use super::desk::{
    self, Came, DESK, POLL, all_came, had_time, imports, insurances, is_about, is_unasked, waited,
    waits,
};
use super::identity::{READER, TERMINAL};
use crate::case::{Case, Chart, File, Kind, Line, Question, Said, Visit};
use crate::decode::request::Asks;
use crate::finding::{q, t};
use crate::{Finding, Quote};

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-18",
    roles: &[TERMINAL, DESK, READER],
    clause: (
        "障害のときは公表された代わりの方法を示し、待っていた照会と結果は復旧後に一度だけ片付ける",
        "In an outage the published fallbacks are shown, and what waited is caught up once afterwards.",
    ),
    check,
};

/// Milliseconds after which a question that waited must have been asked: it is tried every 30 s.
const RETRY: i64 = 60_000;

fn check(case: &Case) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(case.visits.iter().flat_map(|visit| during(case, visit)));
    if desk::troubled(case) {
        let asked = case
            .files
            .iter()
            .filter(|f| f.folder == "req" && f.from.role == DESK);
        findings.extend(asked.filter_map(|file| carried(case, file)));
    }
    let charts = case.charts.iter();
    findings.extend(charts.flat_map(|chart| at_desk(case, chart)));
    findings
}

/// A card shown while the server is down.
fn during(case: &Case, visit: &Visit) -> Vec<Finding> {
    let mut proofs = visit.lines.iter().filter(|l| !l.from_reader);
    let proved = proofs.find(|l| ["pin-accepted", "identity-accepted"].contains(&l.kind()));
    let Some(proved) = proved else {
        return Vec::new();
    };
    if !unanswered(case, visit, proved) {
        return Vec::new();
    }
    let mut told = visit.outcomes().filter(|l| l.seq > proved.seq);
    let Some(told) = told.next() else {
        // Somebody who left did not wait for it.
        let expected = t(
            "照会できないことを伝える",
            "It says that nobody could be asked.",
        );
        let actual = t("何も伝えなかった", "It said nothing.");
        let advice = t(
            "サーバーに届かないときは unavailable を伝える",
            "Tell unavailable when the server cannot be reached.",
        );
        let left = visit.taken.is_some_and(|taken| {
            let at = case.when(taken).unwrap_or(proved.at);
            at.millis_since(proved.at) < RETRY
        });
        let say = case.of(RULE.id, TERMINAL);
        let quotes = vec![q(proved.seq, "proved", proved.kind())];
        return if left {
            Vec::new()
        } else {
            vec![say.fail(expected, actual, advice, quotes)]
        };
    };
    let quotes = vec![q(told.seq, "outcome", told.text("status"))];
    let expected = t(
        "照会できないことを伝える",
        "It says that nobody could be asked.",
    );
    let actual = t(
        format!("「{}」と伝えた", told.text("status")),
        format!("It told \"{}\".", told.text("status")),
    );
    let advice = t(
        "サーバーに届かないときは unavailable を伝える",
        "Tell unavailable when the server cannot be reached.",
    );
    let holds = told.text("status") == "unavailable";
    let say = case.of(RULE.id, TERMINAL);
    let mut findings = vec![say.decide(holds, expected, actual, advice, quotes)];
    if holds {
        findings.extend(shown(case, visit, told.seq));
    }
    findings
}

/// Whether the server was in trouble for a proved card and gave no answer about its qualification.
fn unanswered(case: &Case, visit: &Visit, proved: &Line) -> bool {
    let kind = |at| case.facts.fault(&SERVER_HOUSES, at).map(|f| f.kind);
    if kind(proved.at) == Some(FaultKind::Down) {
        return true;
    }
    let mut asked = case.confirmations.iter();
    let asked = asked.rfind(|c| visit.covers(&c.from.name, c.seq));
    asked.is_some_and(|c| kind(c.at).is_some() && !matches!(&c.answer, Some((_, Said::Outcome(_)))))
}

/// The fallbacks on the reader's screen.
fn shown(case: &Case, visit: &Visit, seq: u32) -> Option<Finding> {
    if visit.taken.is_some_and(|taken| taken < seq) {
        return None;
    }
    // What was shown may have been looked at a moment later.
    let screen = visit.screens.iter().find(|s| s.id == "UNAVAILABLE");
    let named = screen.is_some_and(names_fallbacks);
    let expected = t(
        "照会できないことと、資格確認書・資格情報のお知らせなどの代わりの方法を画面に示す",
        "UNAVAILABLE names the fallbacks: 資格確認書, and the notice, the portal's sheet or the declaration.",
    );
    let actual = match screen {
        Some(screen) => t(
            format!("「{}」と表示した", screen.text()),
            format!("It showed \"{}\".", screen.text()),
        ),
        None => t("その画面を表示しなかった", "It showed no such screen."),
    };
    let advice = t(
        "UNAVAILABLEの画面に公表された代わりの方法を並べる",
        "List the published fallbacks on the screen.",
    );
    let quotes: Vec<Quote> = screen
        .map(|s| q(s.seq, "screen", s.text()))
        .into_iter()
        .collect();
    Some(
        case.of(RULE.id, READER)
            .decide(named, expected, actual, advice, quotes),
    )
}

/// Whether an exchange carried what a request file asks.
fn is_of(question: &Question, file: &File) -> bool {
    match (&question.request, file.request()) {
        (Ok(asked), Some(Ok(wanted))) => {
            asked.numbers == wanted.numbers && asked.asks == wanted.asks
        }
        _ => false,
    }
}

/// A question by number that was put to the terminal: asked and answered once.
fn carried(case: &Case, file: &File) -> Option<Finding> {
    let Some(Ok(request)) = file.request() else {
        return None;
    };
    if !matches!(request.asks, Asks::Number { .. }) {
        return None;
    }
    let same = |f: &&File| f.folder == "req" && f.facility == file.facility;
    let asked = case.files.iter().filter(same);
    let twins = asked.filter(|f| matches!(f.request(), Some(Ok(r)) if r.numbers == request.numbers && r.asks == request.asks));
    let twins = twins.count();
    let answered: Vec<&Question> = case
        .questions
        .iter()
        .filter(|a| {
            a.kind == Kind::Number && a.facility == file.facility && a.from.role == TERMINAL
        })
        .filter(|a| is_of(a, file) && matches!(&a.answer, Some((.., Said::Outcome(_)))))
        .collect();
    let reply = file.name.replacen("req", "res", 1);
    let replies = case.files.iter().filter(|f| {
        f.folder == "res" && f.facility == file.facility && f.name == reply && f.planted.is_none()
    });
    let replies = replies.count();
    let end = *case.times.last()?;
    let mended = case
        .facts
        .faults
        .iter()
        .filter(|f| SERVER_HOUSES.contains(&f.house.as_str()));
    let since = { mended }
        .map(|f| f.from)
        .filter(|from| from.millis_since(file.at) > 0)
        .max();
    let since = since.unwrap_or(file.at);
    let due = case.facts.fault(&SERVER_HOUSES, end).is_none() && end.millis_since(since) >= RETRY;
    let mut quotes = vec![q(file.seq, "request", file.name.clone())];
    quotes.extend(
        answered
            .iter()
            .map(|a| q(a.seq, "POST /v1/number-confirmations", "answered")),
    );
    let expected = t(
        "待っていた照会を一度だけ尋ね、回答を一つ置く",
        "What waited is asked once and answered by one file.",
    );
    let actual = t(
        format!("{}回尋ね、回答を{replies}個置いた", answered.len()),
        format!(
            "It was answered {} time(s) and {replies} file(s) were put there.",
            answered.len()
        ),
    );
    let advice = t(
        "尋ねられなかった要求を残し、回答を書いてから消す",
        "Keep a request that could not be asked, and remove it after its answer is written.",
    );
    let often = answered.len() > twins || replies > 1;
    let dropped = due && (answered.is_empty() || replies == 0);
    if !often && !due && answered.is_empty() {
        return None;
    }
    let say = case.of(RULE.id, TERMINAL);
    Some(say.decide(!often && !dropped, expected, actual, advice, quotes))
}

/// What a chart shows of answers that waited, and of one nobody asked for.
fn at_desk(case: &Case, chart: &Chart) -> Vec<Finding> {
    let results = all_came(case, chart);
    let mut findings = Vec::new();
    for result in &results {
        let file = result.file;
        if is_unasked(case, file) {
            findings.push(unasked(case, chart, result));
        } else if waited(case, file) && had_time(case, chart, file) && !is_open(case, chart, result)
        {
            findings.push(caught_up(case, chart, result));
        }
    }
    findings
}

/// Whether a result rightly waits for staff, because several charts fit.
fn is_open(case: &Case, chart: &Chart, result: &Came<'_>) -> bool {
    let fitting = case.facts.charts.iter().filter(|c| {
        c.facility == chart.facility && is_about(result.block, &c.kana, &c.birth.to_compact())
    });
    waits(chart, result) && fitting.count() > 1
}

fn caught_up(case: &Case, chart: &Chart, result: &Came<'_>) -> Finding {
    let times = imports(chart, result).unwrap_or(0);
    let expected = t(
        "待っていた結果を一度だけ取り込む",
        "A result that waited is taken in once.",
    );
    let actual = t(
        format!("{times}回取り込んだ"),
        format!("It was taken in {times} time(s)."),
    );
    let advice = t(
        "尋ねた照会を電源が切れても覚えておき、置かれた結果を起動後に一度ずつ取り込む",
        "Remember what was asked over a restart, and take in what lies there once each.",
    );
    let quotes = vec![
        q(result.file.seq, result.file.name.clone(), ""),
        q(chart.seq, "chart", times.to_string()),
    ];
    case.of(RULE.id, DESK)
        .decide(times == 1, expected, actual, advice, quotes)
}

fn unasked(case: &Case, chart: &Chart, result: &Came<'_>) -> Finding {
    let named =
        |i: &crate::case::Insurance| i.source.as_deref().is_some_and(|s| result.is_named(s));
    let taken = insurances(chart).iter().any(named) || imports(chart, result).unwrap_or(0) > 0;
    let name = &result.file.name;
    let told = waits(chart, result) || chart.messages.iter().any(|m| m.contains(name.as_str()));
    let ready = chart.at.millis_since(result.file.at) >= POLL;
    let expected = t(
        "尋ねていない結果は取り込まず、手作業のために取り置いて知らせる",
        "A result nobody asked for is not taken in but kept for staff, who are told.",
    );
    let actual = match (taken, told) {
        (true, _) => t("カルテに取り込んだ", "It was taken into the chart."),
        (false, true) => t("取り置いて知らせた", "It was kept and staff were told."),
        (false, false) => t("何も知らせなかった", "Nobody was told."),
    };
    let advice = t(
        "要求と対にならない回答を取り置き、職員に示す",
        "Keep an answer without its request, and show it to staff.",
    );
    let quotes = vec![
        q(result.file.seq, name.clone(), ""),
        q(chart.seq, "chart", ""),
    ];
    case.of(RULE.id, DESK)
        .decide(!taken && (told || !ready), expected, actual, advice, quotes)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::charted::*;
    use crate::testing::stay::*;
    use crate::testing::*;
    use evidence::{Act, FaultKind};

    fn said(scene: &Scene) -> Vec<(String, Verdict)> {
        scene
            .said("ELIG-18")
            .into_iter()
            .map(|s| (s.0, s.1))
            .collect()
    }

    fn of(all: &[(&str, Verdict)]) -> Vec<(String, Verdict)> {
        all.iter()
            .map(|(role, verdict)| ((*role).to_owned(), *verdict))
            .collect()
    }

    #[test]
    fn the_fallbacks_are_shown_while_the_server_is_down() {
        let ways = "資格確認書、または資格情報のお知らせをご提示ください。";
        let accepted = terminal(r#"{"type":"pin-accepted"}"#);
        for (status, line, due) in [
            (
                "unavailable",
                ways,
                of(&[("terminal", Pass), ("reader", Pass)]),
            ),
            (
                "unavailable",
                "使えません。",
                of(&[("terminal", Pass), ("reader", Fail)]),
            ),
            ("refused", ways, of(&[("terminal", Fail)])),
        ] {
            let mut scene = Scene::chip();
            scene.fault("eligibility-server", FaultKind::Down);
            let outcome = terminal(&format!(
                r#"{{"type":"outcome","status":"{status}","code":""}}"#
            ));
            scene.stay(
                CLINIC,
                &[accepted.clone(), outcome, says("UNAVAILABLE", line)].concat(),
            );
            assert_eq!(said(&scene), due, "{status} {line}");
        }
        let mut scene = Scene::chip();
        scene.stay(CLINIC, &[accepted, shows("CONSENT_OPERATION")].concat());
        assert_eq!(said(&scene), [], "nothing is down");
    }

    /// A question put while the server is down, and what came of it after it was mended.
    fn asked_in_outage(answers: usize, replies: usize) -> Vec<(String, Verdict)> {
        let mut scene = Scene::registered();
        scene.fault("eligibility-server", FaultKind::Down);
        scene.request();
        scene.at("2026-10-15T09:02:00");
        scene.fault("eligibility-server", FaultKind::Mended);
        (0..answers).for_each(|_| scene.carry());
        (0..replies).for_each(|_| scene.answer_file());
        scene.at("2026-10-15T09:05:00");
        scene.fault("ocsp", FaultKind::Mended);
        said(&scene)
    }

    #[test]
    fn a_question_that_waited_is_asked_once() {
        assert_eq!(asked_in_outage(1, 1), of(&[("terminal", Pass)]));
        assert_eq!(asked_in_outage(0, 0), of(&[("terminal", Fail)]), "let go");
        assert_eq!(
            asked_in_outage(2, 1),
            of(&[("terminal", Fail)]),
            "asked again"
        );
        assert_eq!(
            asked_in_outage(1, 2),
            of(&[("terminal", Fail)]),
            "answered twice"
        );
        assert_eq!(
            asked_in_outage(1, 0),
            of(&[("terminal", Fail)]),
            "the answer is lost"
        );
    }

    #[test]
    fn what_came_meanwhile_is_taken_in_once() {
        let result = Paper::valid("OQSsiquc01res_face_1.xml", "20261015");
        for (times, due) in [(1, Pass), (0, Fail), (2, Fail)] {
            let mut scene = Scene::registered();
            let switch = |on| Act::SwitchDesk {
                facility: CLINIC.into(),
                on,
            };
            scene.hands(switch(false));
            scene.drops(&result);
            scene.at("2026-10-15T09:01:00");
            scene.hands(switch(true));
            scene.at("2026-10-15T09:01:10");
            scene.looked(
                &[row_of(&result, "current")],
                &vec![(result.name, "2026-10-15"); times],
            );
            assert_eq!(said(&scene), of(&[("receipt-computer", due)]), "{times}");
        }
    }

    #[test]
    fn a_result_nobody_asked_for_is_kept_for_staff() {
        let stray = Paper {
            folder: "res",
            ..Paper::valid("OQSsiquc01res_20261015x.xml", "20261015")
        };
        let kept = [stray.name];
        for (rows, undecided, due) in [
            (vec![], &kept[..], Pass),
            (vec![row_of(&stray, "current")], &kept[..], Fail),
            (vec![], &[][..], Fail),
        ] {
            let mut scene = Scene::registered();
            scene.plant(&stray);
            scene.at("2026-10-15T09:00:10");
            scene.shown(
                &rows,
                &[],
                &Shown {
                    undecided,
                    ..Shown::default()
                },
            );
            assert_eq!(said(&scene), of(&[("receipt-computer", due)]));
        }
    }
}
