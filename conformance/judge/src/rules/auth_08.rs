//! AUTH-08: a card taken away too early ends in one clear message and no half-finished visit.

use evidence::Act;

use super::Rule;
use super::identity::{READER, TERMINAL};
use super::wording::senseless;
use crate::case::{Case, Line, Visit};
use crate::finding::{q, t};
use crate::{Finding, Quote};

/// The rule.
pub const RULE: Rule = Rule {
    id: "AUTH-08",
    roles: &[READER, TERMINAL],
    clause: (
        "途中でカードが取られたら、案内を一度だけ出し、半端な受付を残さず、次の受付ができる",
        "A card taken too early ends in one message and no half visit, and the next visit works.",
    ),
    check,
};

/// Screens on which a stay is still under way.
const UNDER_WAY: [&str; 15] = [
    "CHOOSE_METHOD",
    "ENTER_PIN",
    "LAST_TRY_WARNING",
    "PIN_WRONG",
    "FACE_CAMERA",
    "FACE_MISMATCH",
    "STAFF_EYE",
    "PASSCODE_WRONG",
    "REGISTRATION_OFFER",
    "REGISTERED",
    "REGISTRATION_FAILED",
    "CONSENT_OPERATION",
    "CONSENT_TREATMENT_DRUG",
    "CONSENT_CHECKUP",
    "PROCESSING",
];
/// Ways to say that the card is gone, for a reader that names the screen otherwise.
const GONE: [&str; 5] = ["取り出され", "取られ", "離れ", "外れ", "途中で"];

fn check(case: &Case) -> Vec<Finding> {
    let visits = case.visits.iter();
    let early = visits.filter_map(|visit| Some((visit, removal(visit)?)));
    let early = early.flat_map(|(visit, removal)| of(case, visit, &removal));
    early.chain(senseless(case, RULE.id)).collect()
}

/// The card's leaving too early.
struct Removal {
    /// Record after which nothing of the stay may be finished.
    seq: u32,
    /// True when the patient took it; false when it slipped off.
    taken: bool,
}

fn removal(visit: &Visit) -> Option<Removal> {
    slipped(visit).or_else(|| {
        let taken = visit.taken?;
        let last = visit.screens.iter().rev().find(|s| s.seq < taken)?;
        // The outcome is there, and only its screen is not yet seen.
        let over = visit.outcomes().any(|l| l.seq < taken);
        let early = UNDER_WAY.contains(&last.id.as_str()) && !over;
        early.then_some(Removal {
            seq: taken,
            taken: true,
        })
    })
}

/// A card that lay so badly that it slipped off before a command, if so many commands came.
fn slipped(visit: &Visit) -> Option<Removal> {
    let (laid, command) = visit.acts.iter().find_map(|(seq, act)| match act {
        Act::CardSlips { command } => Some((*seq, usize::try_from(*command).ok()?)),
        _ => None,
    })?;
    let last = visit.card_exchanges.last().map_or(visit.seq, |e| {
        e.response.as_ref().map_or(e.seq, |(seq, _)| *seq)
    });
    let noticed = |l: &&Line| l.seq > last && l.seq > laid;
    let noticed = visit.said(false, "card-unusable").any(|l| noticed(&l));
    // Counted from the stay's beginning or from when it came to lie so.
    let since = visit.card_exchanges.iter().filter(|e| e.seq > laid).count();
    let before = command.checked_sub(1)?;
    let reached = since == before || visit.card_exchanges.len() == before;
    // With no command left to come, the card never slipped.
    let finished = visit.outcomes().any(|l| l.text("status") != "unavailable");
    let gone = visit.taken.is_some_and(|taken| taken > laid);
    let stuck = reached && !finished && (!gone || since > 0);
    (noticed || stuck).then_some(Removal {
        seq: last,
        taken: false,
    })
}

fn of(case: &Case, visit: &Visit, removal: &Removal) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(told(case, visit, removal));
    findings.extend(half(case, visit, removal));
    findings.extend(next(case, visit));
    findings
}

/// One message on the screen.
fn told(case: &Case, visit: &Visit, removal: &Removal) -> Option<Finding> {
    let says = |text: &str| GONE.iter().any(|word| text.contains(word)) && text.contains("カード");
    let messages: Vec<Quote> = visit
        .screens
        .iter()
        .filter(|s| s.seq > removal.seq)
        .filter(|s| s.id == "CARD_REMOVED" || (s.id == "CARD_UNUSABLE" && says(&s.text())))
        .map(|s| q(s.seq, "screen", s.text()))
        .collect();
    let expected = t(
        "カードが離れたことを一度だけ案内する",
        "One message says that the card is gone.",
    );
    let mut quotes = vec![q(removal.seq, "card gone", visit.card.clone())];
    let noticed = visit
        .said(false, "card-unusable")
        .any(|l| l.seq > removal.seq);
    let shown = messages.len();
    quotes.extend(messages);
    // Somebody who leaves at once is gone before anything can be read.
    let seen = visit.screens.iter().any(|s| s.seq > removal.seq);
    if !seen && removal.taken {
        return None;
    }
    if !removal.taken && !noticed && shown == 0 {
        let say = case.of(RULE.id, TERMINAL);
        let actual = t(
            "端末がカードの離脱を知らせなかった",
            "The terminal did not say that the card is gone.",
        );
        let advice = t(
            "カードが応答しなくなったら card-unusable を送る",
            "Send card-unusable once the card answers no more.",
        );
        return Some(say.fail(expected, actual, advice, quotes));
    }
    let actual = t(
        format!("案内を{shown}回表示した"),
        format!("It showed {shown} message(s)."),
    );
    let advice = t(
        "カードが離れたらCARD_REMOVEDを一度だけ表示し、待受けに戻る",
        "Show CARD_REMOVED once when the card is gone and go back to waiting.",
    );
    Some(
        case.of(RULE.id, READER)
            .decide(shown == 1, expected, actual, advice, quotes),
    )
}

/// No confirmation asked for and no file dropped once the card is gone.
fn half(case: &Case, visit: &Visit, removal: &Removal) -> Option<Finding> {
    let after = |place: &str, seq: u32| visit.covers(place, seq) && seq > removal.seq;
    let asked = case
        .confirmations
        .iter()
        .find(|c| after(&c.from.name, c.seq));
    let dropped = case
        .faces()
        .find(|f| f.planted.is_none() && after(&f.from.name, f.seq));
    let expected = t(
        "カードが離れた後に資格を照会せず、結果ファイルも置かない",
        "With the card gone no confirmation is asked for and no file is dropped.",
    );
    let mut quotes = vec![q(removal.seq, "card gone", visit.card.clone())];
    quotes.extend(asked.map(|c| q(c.seq, "POST /v1/card-confirmations", "")));
    quotes.extend(dropped.map(|f| q(f.seq, "face folder", f.name.clone())));
    let actual = match (asked, dropped) {
        (None, None) => t("何も残さなかった", "It left nothing behind."),
        (Some(_), _) => t("カードのないまま照会した", "It asked without the card."),
        (None, Some(_)) => t(
            "カードのない受付の結果を置いた",
            "It dropped the result of a visit without a card.",
        ),
    };
    let holds = asked.is_none() && dropped.is_none();
    let advice = t(
        "カードが離れたら、その受付を取り消し、後から届いた応答も捨てる",
        "Call the visit off when the card is gone, and let an answer that comes later go.",
    );
    Some(
        case.of(RULE.id, TERMINAL)
            .decide(holds, expected, actual, advice, quotes),
    )
}

/// The next stay on the same reader begins as any other.
fn next(case: &Case, visit: &Visit) -> Option<Finding> {
    let mut later = case.visits.iter();
    let next = later.find(|v| v.place == visit.place && v.seq >= visit.end)?;
    let answered = next.card_exchanges.iter().any(|e| e.response.is_some());
    let expected = t("次のカードを受け付ける", "The next card is taken.");
    let placed = next.said(true, "card-placed").next();
    let Some(placed) = placed else {
        let actual = t(
            "リーダーが次のカードを知らせなかった",
            "The reader did not announce the next card.",
        );
        let advice = t(
            "案内の後に待受けに戻る",
            "Go back to waiting after the message.",
        );
        let quotes = vec![q(next.seq, "card placed", next.card.clone())];
        return Some(
            case.of(RULE.id, READER)
                .fail(expected, actual, advice, quotes),
        );
    };
    let ready = next.said(false, "card-ready").next();
    let quotes = vec![
        q(placed.seq, "card-placed", next.card.clone()),
        q(
            ready.map_or(placed.seq, |l| l.seq),
            "terminal",
            ready.map_or("-", |l| l.kind()),
        ),
    ];
    let actual = match ready {
        Some(_) => t("次のカードを受け付けた", "It took the next card."),
        None => t(
            "次のカードを受け付けなかった",
            "It did not take the next card.",
        ),
    };
    let advice = t(
        "途中で終わった受付の状態を捨てる",
        "Forget the state of the visit that broke off.",
    );
    answered.then(|| {
        let say = case.of(RULE.id, TERMINAL);
        say.decide(ready.is_some(), expected, actual, advice, quotes)
    })
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::stay::*;
    use crate::testing::*;

    fn said(stay: &[Did]) -> Vec<(String, crate::Verdict)> {
        let mut scene = Scene::chip();
        scene.stay(CLINIC, stay);
        scene
            .said("AUTH-08")
            .into_iter()
            .map(|s| (s.0, s.1))
            .collect()
    }

    fn both(reader: crate::Verdict, terminal: crate::Verdict) -> Vec<(String, crate::Verdict)> {
        vec![
            ("reader".to_owned(), reader),
            ("terminal".to_owned(), terminal),
        ]
    }

    fn early(then: &[Did]) -> Vec<Did> {
        [
            choose_method(),
            choose_pin(),
            shows("CONSENT_OPERATION"),
            take_card(),
            then.to_vec(),
        ]
        .concat()
    }

    #[test]
    fn one_message_and_nothing_else() {
        let removed = shows("CARD_REMOVED");
        let waiting = shows("PLACE_CARD");
        assert_eq!(
            said(&early(&[removed.clone(), waiting.clone()].concat())),
            both(Pass, Pass)
        );
        assert_eq!(said(&early(&waiting)), both(Fail, Pass), "it keeps silent");
        let twice = [removed.clone(), waiting, removed].concat();
        assert_eq!(said(&early(&twice)), both(Fail, Pass), "it says so twice");
    }

    #[test]
    fn nothing_half_finished_stays() {
        let mut scene = Scene::chip();
        scene.stay(CLINIC, &early(&shows("CARD_REMOVED")));
        scene.file("face", CLINIC, "OQSsiquc01res_face_1.xml", b"<XmlMsg/>");
        let said: Vec<_> = scene
            .said("AUTH-08")
            .into_iter()
            .map(|s| (s.0, s.1))
            .collect();
        assert_eq!(said, both(Pass, Fail));
        let mut scene = Scene::chip();
        scene.stay(CLINIC, &early(&shows("CARD_REMOVED")));
        scene.put(
            CLINIC,
            "/v1/card-confirmations",
            "{}",
            (200, "application/xml", "<XmlMsg/>"),
        );
        let said: Vec<_> = scene
            .said("AUTH-08")
            .into_iter()
            .map(|s| (s.0, s.1))
            .collect();
        assert_eq!(said, both(Pass, Fail));
    }

    #[test]
    fn a_stay_that_is_over_is_not_early() {
        for last in ["DONE", "REFUSED", "UNAVAILABLE", "TAKE_CARD", "PIN_LOCKED"] {
            let stay = [
                choose_method(),
                choose_pin(),
                shows(last),
                take_card(),
                shows("PLACE_CARD"),
            ];
            assert_eq!(said(&stay.concat()), [], "{last}");
        }
        let told = terminal(r#"{"type":"outcome","status":"confirmed","code":""}"#);
        let stay = [shows("PROCESSING"), told, take_card(), shows("PLACE_CARD")];
        assert_eq!(said(&stay.concat()), []);
    }

    #[test]
    fn a_card_that_slips_is_noticed_by_the_terminal() {
        let begun = [
            slips(3),
            commands(&["select jpki > 9000", "file 0018 > 9000"]),
        ]
        .concat();
        let unusable = terminal(r#"{"type":"card-unusable","reason":"removed"}"#);
        let noticed = [begun.clone(), unusable, shows("CARD_REMOVED")].concat();
        assert_eq!(said(&noticed), both(Pass, Pass));
        assert_eq!(
            said(&begun),
            [("terminal".to_owned(), Fail), ("terminal".to_owned(), Pass)]
        );
        let more = [slips(9), commands(&["select jpki > 9000"])].concat();
        assert_eq!(said(&more), [], "it never came to the ninth command");
    }

    #[test]
    fn the_next_stay_works() {
        for (answer, due) in [
            (r#"{"type":"card-ready","tries_left":3}"#, Pass),
            (r#"{"type":"noise"}"#, Fail),
        ] {
            let mut scene = Scene::chip();
            scene.stay(
                CLINIC,
                &early(&[shows("CARD_REMOVED"), shows("PLACE_CARD")].concat()),
            );
            let placed = reader(r#"{"type":"card-placed"}"#);
            let stay = [placed, commands(&["select jpki > 9000"]), terminal(answer)];
            scene.stay(CLINIC, &stay.concat());
            assert_eq!(scene.said("AUTH-08")[2].1, due, "{answer}");
        }
    }
}
