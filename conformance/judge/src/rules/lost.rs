//! What reader or terminal kept to itself, or said once too often: hands the other side was not told of once,
//! lines left without a reply.

use evidence::Act;

use super::common::{READER, TERMINAL};
use super::elig_19::{RULE, advice};
use crate::case::{Case, Line, Visit};
use crate::finding::{q, t};
use crate::{Finding, Text};

/// Looks at every stay; only what was lost is told.
pub(super) fn lost(case: &Case) -> Vec<Finding> {
    let stays = case.visits.iter().filter(|v| !slipped(v));
    let all = stays.flat_map(|visit| {
        let untold = untold(case, visit).map(|(seq, kind)| {
            let actual = t(
                format!("患者・職員の操作（{kind}）を端末に一度だけ伝えていない"),
                format!("It did not tell the terminal once what was done ({kind})."),
            );
            said(case, READER, actual, seq, kind)
        });
        let silent = unreplied(visit).map(|line| {
            let kind = line.kind();
            let actual = t(
                format!("リーダーの{kind}に応えなかった"),
                format!("It gave no reply to the reader's {kind}."),
            );
            said(case, TERMINAL, actual, line.seq, kind)
        });
        [untold, silent]
    });
    all.flatten().collect()
}

fn said(case: &Case, role: &'static str, actual: Text, seq: u32, kind: &str) -> Finding {
    let expected = t(
        "患者・職員の操作はすべて端末に伝え、端末はそのそれぞれに応える",
        "Whatever was done is told to the terminal, and the terminal replies to each of it.",
    );
    let quotes = vec![q(seq, "line", kind)];
    case.of(RULE.id, role)
        .fail(expected, actual, advice(), quotes)
}

/// A card that slips off ends the talk at any point.
fn slipped(visit: &Visit) -> bool {
    visit
        .acts
        .iter()
        .any(|(_, act)| matches!(act, Act::CardSlips { .. }))
}

/// The line by which the reader tells the terminal of a hand, and the screens on which it is heeded: what is
/// typed where nothing is asked is nobody's to pass on.
fn telling(act: &Act) -> Option<(&'static str, &'static [&'static str])> {
    Some(match act {
        Act::EnterPin { .. } => ("pin", &["ENTER_PIN", "PIN_WRONG"]),
        Act::EnterPasscode { .. } => ("staff-confirmed", &["STAFF_EYE", "PASSCODE_WRONG"]),
        Act::AnswerRegistration { .. } => ("registration", &["REGISTRATION_OFFER"]),
        Act::Consent { kind, .. } if kind == "checkup" => ("consents", &["CONSENT_CHECKUP"]),
        Act::TakeCard => ("card-removed", &[]),
        _ => return None,
    })
}

/// Whether a hand did what the screen before it asked; consents are told once the person is proved (AUTH-07).
fn heeded(visit: &Visit, seq: u32, kind: &str, screens: &[&str]) -> bool {
    let before = visit.screens.iter().rfind(|s| s.seq < seq);
    let asked = screens.is_empty() || before.is_some_and(|s| screens.contains(&s.id.as_str()));
    let proved = visit.said(false, "standing").any(|l| l.seq < seq);
    asked && (kind != "consents" || proved)
}

/// The first hand the terminal was not told of, or twice, and the line that was due.
fn untold(case: &Case, visit: &Visit) -> Option<(u32, &'static str)> {
    visit.lines.first()?;
    if case
        .facts
        .fault(&["reader", "terminal"], visit.at)
        .is_some()
    {
        return None;
    }
    let told = |seq: u32, kind: &str| {
        let next = visit.acts.iter().find(|(other, _)| *other > seq);
        let until = next.map_or(visit.end, |(other, _)| *other);
        let lines = visit.said(true, kind);
        lines.filter(|l| l.seq > seq && l.seq < until).count() == 1
    };
    if !told(visit.seq, "card-placed") {
        return Some((visit.seq, "card-placed"));
    }
    let hands = visit
        .acts
        .iter()
        .filter_map(|(seq, act)| Some((*seq, telling(act)?)))
        .filter(|(seq, (kind, screens))| heeded(visit, *seq, kind, screens))
        .map(|(seq, (kind, _))| (seq, kind));
    let mut hands = hands.filter(|(seq, _)| visit.taken.is_none_or(|taken| *seq <= taken));
    hands.find(|(seq, kind)| !told(*seq, kind))
}

/// Replies one of which is due to a line of the reader.
fn replies(line: &Line) -> &'static [&'static str] {
    let said = |member: &str| {
        let value = line.value.as_ref().ok().and_then(|v| v.get(member));
        value.and_then(serde_json::Value::as_bool) == Some(true)
    };
    match line.kind() {
        "card-placed" => &["card-ready"],
        "pin" => &["pin-accepted", "pin-wrong", "pin-locked"],
        "face-read" => &["photo", "photo-refused"],
        "face-compared" if said("matched") => &["identity-accepted"],
        "staff-confirmed" => &["identity-accepted", "passcode-wrong"],
        "registration" if said("agreed") => &["registered", "registration-failed"],
        "consents" => &["outcome"],
        _ => &[],
    }
}

/// Lines after which the card cannot be used or nobody could be asked end the talk and answer anything.
const ENDS: [&str; 2] = ["card-unusable", "outcome"];

/// The first line of the reader the terminal did not reply to though the reader went on.
fn unreplied(visit: &Visit) -> Option<&Line> {
    let asked = visit
        .lines
        .iter()
        .filter(|l| l.from_reader && !replies(l).is_empty());
    { asked }.find(|line| {
        let next = visit.lines.iter().find(|l| l.seq > line.seq);
        match next {
            // A line said twice is the reader's error, not the terminal's.
            Some(next) if next.from_reader => {
                next.kind() != "card-removed" && next.value != line.value
            }
            Some(next) => !replies(line).contains(&next.kind()) && !ENDS.contains(&next.kind()),
            None => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::Verdict::Fail;
    use crate::testing::*;

    fn fails(scene: &Scene) -> Vec<String> {
        let failing = scene.said("ELIG-19").into_iter().filter(|s| s.1 == Fail);
        failing.map(|s| s.0).collect()
    }

    #[test]
    fn whoever_kept_a_line_to_himself_is_named() {
        for (line, role) in [
            ("card-placed", "reader"),
            ("\"type\":\"pin\"", "reader"),
            ("card-removed", "reader"),
            ("card-ready", "terminal"),
            ("pin-accepted", "terminal"),
            ("\"type\":\"outcome\"", "terminal"),
        ] {
            let mut scene = Scene::registered();
            scene.visit(&Play::default());
            assert!(scene.leave_out("reader", line), "{line} is nowhere");
            assert_eq!(fails(&scene), [role], "{line}");
        }
    }
}
