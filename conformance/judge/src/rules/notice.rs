//! What LIFE-01 and LIFE-02 share: whether the reader shows the notice the terminal's message carried.

use super::block::same_text;
use super::common::{Asked, READER, Reply, TERMINAL, asked, code};
use super::wording::wrong;
use crate::case::{Case, Line, Screen, Visit};
use crate::expect::Due;
use crate::finding::{q, t};
use crate::{Finding, Quote};

const FINAL: [&str; 4] = ["DONE", "DONE_NOTICE", "REFUSED", "UNAVAILABLE"];

/// Stays in which the server gave a confirmation that was due, with the terminal's message about it.
/// Where the server erred the reader had no chance.
fn told<'a>(
    case: &'a Case,
    due: Due,
) -> impl Iterator<Item = (&'a Visit, Asked<'a>, Option<&'a Line>)> {
    asked(case).filter_map(move |asked| {
        let visit = case.visit_of(asked.confirmation)?;
        let Reply::Confirms(seq, outcome) = asked.reply() else {
            return None;
        };
        if asked.expected.due() != due || outcome.code != code(case, due) {
            return None;
        }
        let line = visit.outcomes().find(|line| line.seq > seq);
        let gone = visit
            .taken
            .is_some_and(|taken| taken < line.map_or(seq, |l| l.seq));
        (!gone).then_some((visit, asked, line))
    })
}

/// The screen that tells what the terminal's message said.
pub(super) fn last_screen(visit: &Visit, line: &Line) -> Option<Screen> {
    visit
        .screens
        .iter()
        .find(|s| s.seq > line.seq && FINAL.contains(&s.id.as_str()))
        .cloned()
}

/// Whether a screen tells the notice: as it came, or in words of its own that say as much.
fn tells(screen: &Screen, line: &Line, due: Due) -> bool {
    let message = line.text("message");
    let words: &[&str] = match due {
        Due::ExpiredGrace => &["有効期限", "切れ", "更新"],
        _ => &["有効期限", "更新"],
    };
    (!message.is_empty() && screen.says(message)) || words.iter().all(|word| screen.says(word))
}

fn quotes(line: &Line, screen: Option<&Screen>) -> Vec<Quote> {
    let mut quotes = vec![q(
        line.seq,
        "outcome",
        format!("{} {}", line.text("code"), line.text("message")),
    )];
    quotes.extend(screen.map(|s| q(s.seq, "screen", s.text())));
    quotes
}

/// Where a notice is due: the screen after the outcome must show it.
pub(super) fn shown(case: &Case, requirement: &'static str, due: Due) -> Vec<Finding> {
    let expected = t(
        "端末の結果通知に付いた案内を、終了画面（DONE_NOTICE）に表示する",
        "The notice in the terminal's outcome stands on the closing screen (DONE_NOTICE).",
    );
    let advice = t(
        "結果通知のコードが案内のとき、有効期限と更新のことを終了画面に出す",
        "When the outcome's code is a notice, tell of expiry and renewal on the closing screen.",
    );
    let judge = |(visit, asked, line): (&Visit, Asked<'_>, Option<&Line>)| {
        let say = case.of(requirement, READER);
        let Some(line) = line.filter(|l| l.text("code") == code(case, due)) else {
            let actual = t(
                "端末がサーバーの案内をリーダーに伝えていない",
                "The terminal did not pass the server's notice on.",
            );
            return say.unclear("terminal", expected.clone(), actual, asked.quotes());
        };
        let screen = last_screen(visit, line);
        let holds = screen.as_ref().is_some_and(|s| {
            s.id == "DONE_NOTICE" && tells(s, line, due) && wrong(requirement, s).is_none()
        });
        let actual = match &screen {
            Some(screen) => t(
                format!("画面「{}」を表示した", screen.text()),
                format!("It showed \"{}\".", screen.text()),
            ),
            None => t("結果の画面を表示しなかった", "It showed no closing screen."),
        };
        say.decide(
            holds,
            expected.clone(),
            actual,
            advice.clone(),
            quotes(line, screen.as_ref()),
        )
    };
    told(case, due).map(judge).collect()
}

/// Where the server gave a notice: the terminal must tell the reader of it, as it came.
pub(super) fn carried(case: &Case, requirement: &'static str, due: Due) -> Vec<Finding> {
    let judge = |(_, asked, line): (&Visit, Asked<'_>, Option<&Line>)| {
        let Reply::Confirms(seq, outcome) = asked.reply() else {
            return None;
        };
        let line = line?;
        let expected = t(
            "サーバーの案内（コードと文）を、結果通知に載せてリーダーに伝える",
            "The server's notice, code and message, is told to the reader in the outcome.",
        );
        let told = format!("{} {}", line.text("code"), line.text("message"));
        let actual = t(
            format!("「{told}」と伝えた"),
            format!("It told \"{told}\"."),
        );
        let advice = t(
            "結果のProcessingResultCodeとProcessingResultMessageを、正常終了のときも伝える",
            "Pass ProcessingResultCode and ProcessingResultMessage on, on normal end too.",
        );
        let holds =
            line.text("code") == outcome.code && same_text(&outcome.message, line.text("message"));
        let quotes = vec![
            q(seq, "ProcessingResultCode", outcome.code.clone()),
            q(line.seq, "outcome", told),
        ];
        let say = case.of(requirement, TERMINAL);
        Some(say.decide(holds, expected, actual, advice, quotes))
    };
    told(case, due).filter_map(judge).collect()
}

/// Where no notice is due: none may be shown.
pub(super) fn not_shown(case: &Case, requirement: &'static str) -> Vec<Finding> {
    let judge = |(visit, _, line): (&Visit, Asked<'_>, Option<&Line>)| {
        let line = line.filter(|l| l.text("code") == code(case, Due::Confirmed))?;
        let screen = last_screen(visit, line)?;
        let expected = t(
            "案内がないので、更新の案内を表示しない",
            "No notice came, so none is shown.",
        );
        let actual = t(
            format!("画面「{}」を表示した", screen.text()),
            format!("It showed \"{}\".", screen.text()),
        );
        let advice = t(
            "結果通知のコードが案内のときだけDONE_NOTICEを出す",
            "Show DONE_NOTICE only when the outcome's code is a notice.",
        );
        let say = case.of(requirement, READER);
        Some(say.decide(
            screen.id != "DONE_NOTICE",
            expected,
            actual,
            advice,
            quotes(line, Some(&screen)),
        ))
    };
    told(case, Due::Confirmed).filter_map(judge).collect()
}
