//! The screen by which a visit ends, beside what the terminal told the reader: its kind, its sense, and the reason
//! it names.

use super::common::{Asked, READER, Reply, code};
use super::notice::last_screen;
use super::wording::{self, CONFIRMED, Claim, FAILED, RECEIVED};
use crate::case::{Case, Line, Screen, Visit};
use crate::expect::{ALL, Due};
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

/// Screens after which a visit is over, whatever is told later.
const OVER: [&str; 7] = [
    "DONE",
    "DONE_NOTICE",
    "REFUSED",
    "UNAVAILABLE",
    "CARD_UNUSABLE",
    "CARD_REMOVED",
    "TAKE_CARD",
];
const FINAL: [&str; 4] = ["DONE", "DONE_NOTICE", "REFUSED", "UNAVAILABLE"];
const ENDED: &[&str] = &["完了", "終", "確認", "済", "受付", "受け付け"];
const FAILS: &[&str] = &["ません", "ない", "失効", "切れ", "停止", "解除"];
/// Milliseconds a reader waits in any case, before it may say for itself that nobody answered.
const WAITS: i64 = 20_000;
/// Milliseconds within which a screen need not have come before a hand takes the card.
const AT_ONCE: i64 = 2_000;

/// What an outcome lets the closing screen be and say.
struct Told {
    ids: &'static [&'static str],
    says: &'static [&'static [&'static str]],
    never: &'static [Claim],
    expected: (&'static str, &'static str),
}

fn told(line: &Line) -> Option<Told> {
    let validity = line.value.as_ref().ok().and_then(|v| v.get("validity"));
    let validity = validity.and_then(serde_json::Value::as_str).unwrap_or("");
    Some(match (line.text("status"), validity) {
        ("confirmed", "1") => Told {
            ids: &["DONE", "DONE_NOTICE"],
            says: &[ENDED],
            never: &[FAILED],
            expected: (
                "資格が確認されたと伝えられたので、完了の画面を出す",
                "It was told of a valid qualification: a screen says that it is done.",
            ),
        },
        // Of no validity at all nothing can be said, neither that it holds nor that it does not.
        ("confirmed", "") => Told {
            ids: &["DONE", "DONE_NOTICE"],
            says: &[ENDED],
            never: &[],
            expected: (
                "確認されたと伝えられたので、完了の画面を出す",
                "It was told that the card was confirmed: a screen says that it is done.",
            ),
        },
        ("confirmed", _) => Told {
            ids: &["DONE", "DONE_NOTICE"],
            says: &[ENDED],
            never: &[CONFIRMED],
            expected: (
                "有効な資格は伝えられていないので、完了の画面でも資格を確認したとしない",
                "It was told of no valid qualification: the screen is done and confirms none.",
            ),
        },
        ("refused", _) => Told {
            ids: &["REFUSED"],
            says: &[FAILS],
            never: &[CONFIRMED, RECEIVED],
            expected: (
                "断られたと伝えられたので、断る画面に理由を出す",
                "It was told of a refusal: a screen refuses and gives the reason.",
            ),
        },
        ("unavailable", _) => Told {
            ids: &["UNAVAILABLE"],
            says: &[FAILS],
            never: &[CONFIRMED, RECEIVED],
            expected: (
                "照会できないと伝えられたので、そのことを画面に出す",
                "It was told that nobody could be asked: a screen says so.",
            ),
        },
        _ => return None,
    })
}

/// One finding for each outcome the reader could show.
pub(super) fn shown(case: &Case, requirement: &'static str) -> Vec<Finding> {
    let all = case.visits.iter().flat_map(|visit| {
        let lines = visit.outcomes();
        lines.filter_map(move |line| of(case, visit, line, requirement))
    });
    all.collect()
}

/// Whether a reader need not show an outcome: the visit was over, or it came before the answers.
fn idle(visit: &Visit, line: &Line) -> bool {
    let before = visit.screens.iter().rfind(|s| s.seq < line.seq);
    let over = before.is_some_and(|s| OVER.contains(&s.id.as_str()));
    let mut answers = visit.said(true, "consents").map(|l| l.seq);
    let early = line.text("status") != "unavailable" && !answers.any(|seq| seq < line.seq);
    over || early || visit.taken.is_some_and(|taken| taken < line.seq)
}

/// Whether nobody can have seen a screen after an outcome: the card was taken at once, or the records end there.
fn unseen(case: &Case, visit: &Visit, line: &Line) -> bool {
    let at_once = |taken| {
        let at = case.when(taken);
        at.is_some_and(|at| at.millis_since(line.at) < AT_ONCE)
    };
    let later = visit.screens.iter().any(|s| s.seq > line.seq);
    visit.taken.map_or(!later, at_once)
}

/// Whether the reader had waited so long that it may have given the visit up before the outcome came.
fn gave_up(visit: &Visit, line: &Line, screen: &Screen) -> bool {
    let mut said = visit.lines.iter().rev();
    let asked = said.find(|l| l.from_reader && l.seq < line.seq);
    screen.id == "UNAVAILABLE" && asked.is_some_and(|l| line.at.millis_since(l.at) >= WAITS)
}

fn of(case: &Case, visit: &Visit, line: &Line, requirement: &'static str) -> Option<Finding> {
    let told = told(line).filter(|_| !idle(visit, line))?;
    let ends = |s: &&Screen| s.seq > line.seq && OVER[..6].contains(&s.id.as_str());
    let screen = visit.screens.iter().find(ends);
    let elsewhere = screen.is_some_and(|s| {
        let other = !FINAL.contains(&s.id.as_str());
        other || (line.text("status") != "unavailable" && gave_up(visit, line, s))
    });
    if elsewhere {
        return None;
    }
    let wrong = match screen {
        Some(screen) => contradiction(case, line, screen, &told),
        None if unseen(case, visit, line) => return None,
        None => Some(t(
            "結果の画面を表示しなかった",
            "It showed no closing screen.",
        )),
    };
    let advice = t(
        "端末の伝えた結果と有効性に合う終了画面を出し、理由を言葉で書く",
        "Show the closing screen that goes with status and validity as told, with the reason in words.",
    );
    let fine = t("そのとおりに表示した", "It did so.");
    let actual = wrong.clone().unwrap_or(fine);
    let expected = t(told.expected.0, told.expected.1);
    let say = case.of(requirement, READER);
    Some(say.decide(
        wrong.is_none(),
        expected,
        actual,
        advice,
        quotes(line, screen),
    ))
}

fn quotes(line: &Line, screen: Option<&Screen>) -> Vec<Quote> {
    let said = format!("{} {}", line.text("status"), line.text("code"));
    let mut quotes = vec![q(line.seq, "outcome", said.trim())];
    quotes.extend(screen.map(|s| q(s.seq, "screen", s.text())));
    quotes
}

fn contradiction(case: &Case, line: &Line, screen: &Screen, told: &Told) -> Option<Text> {
    let shown = t(
        format!("画面「{}」を表示した", screen.text()),
        format!("It showed \"{}\".", screen.text()),
    );
    if !told.ids.contains(&screen.id.as_str()) {
        return Some(shown);
    }
    if let Some(claim) = wording::claimed(screen, told.never) {
        return Some(t(
            format!("「{claim}」と表示した"),
            format!("It showed \"{claim}\"."),
        ));
    }
    // A notice stands for itself.
    let senseless = screen.id != "DONE_NOTICE" && !wording::has(screen, told.says);
    let reasonless = screen.id == "REFUSED" && !reason_shown(case, line, screen);
    (senseless || reasonless).then_some(shown)
}

/// Whether the reason told is on the screen: as it came, or in words of the reader's own.
fn reason_shown(case: &Case, line: &Line, screen: &Screen) -> bool {
    let (told, message) = (line.text("code"), line.text("message"));
    let due = ALL
        .into_iter()
        .find(|due| !told.is_empty() && code(case, *due) == told);
    let named = due.and_then(|due| wording::names_reason(screen, due));
    let carried = |text: &str| !text.is_empty() && screen.says(text);
    let nothing = told.is_empty() && message.is_empty();
    nothing || carried(message) || named.unwrap_or_else(|| carried(told))
}

/// A refusal of the server with a code, passed on to the reader, and the screen that followed.
pub(super) struct Refused<'a> {
    pub(super) line: &'a Line,
    pub(super) screen: Option<Screen>,
}

/// The refusal of a card confirmation with a code, where the terminal told the reader of it and somebody was there
/// to read the screen.
pub(super) fn refused<'a>(case: &'a Case, asked: &Asked<'a>, due: Due) -> Option<Refused<'a>> {
    let visit = case.visit_of(asked.confirmation)?;
    let due = code(case, due);
    let Reply::Refuses(seq, outcome) = asked.reply() else {
        return None;
    };
    let mut told = visit.outcomes().filter(|l| l.seq > seq);
    let line = told.next().filter(|l| l.text("code") == due)?;
    if outcome.code != due || visit.taken.is_some_and(|taken| taken < line.seq) {
        return None;
    }
    let screen = last_screen(visit, line);
    Some(Refused { line, screen })
}

impl Refused<'_> {
    /// What was shown, in words.
    pub(super) fn actual(&self) -> Text {
        match &self.screen {
            Some(screen) => t(
                format!("画面「{}」を表示した", screen.text()),
                format!("It showed \"{}\".", screen.text()),
            ),
            None => t("結果の画面を表示しなかった", "It showed no closing screen."),
        }
    }

    /// Quotes of the line and the screen.
    pub(super) fn quotes(&self) -> Vec<Quote> {
        quotes(self.line, self.screen.as_ref())
    }

    /// Whether the screen refuses or says that nobody could be asked, and satisfies a condition.
    pub(super) fn shows(&self, holds: impl Fn(&Screen) -> bool) -> bool {
        self.screen.as_ref().is_some_and(holds)
    }
}
