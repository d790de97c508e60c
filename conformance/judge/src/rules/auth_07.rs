//! AUTH-07: screens come in the published order: place card, choose method, PIN, consents, done and
//! take the card. The sources fix no order among the consents.

use super::Rule;
use super::identity::{READER, TERMINAL};
use super::wording::{has, senseless};
use crate::Finding;
use crate::case::{Case, Line, Screen, Visit};
use crate::finding::{q, t};

/// The rule.
pub const RULE: Rule = Rule {
    id: "AUTH-07",
    roles: &[READER, TERMINAL],
    clause: (
        "画面は、カードを置く・方法を選ぶ・暗証番号・同意・完了とカードを取る、の順に出す",
        "Screens come in order: place card, choose method, PIN, consents, done and take the card.",
    ),
    check,
};

/// Screens on which a person is proved: the first ones of a way may follow any of them, since the patient may
/// turn to another way.
const IDENTITY: [&str; 9] = [
    "CHOOSE_METHOD",
    "LAST_TRY_WARNING",
    "ENTER_PIN",
    "PIN_WRONG",
    "PIN_LOCKED",
    "FACE_CAMERA",
    "FACE_MISMATCH",
    "STAFF_EYE",
    "PASSCODE_WRONG",
];
const FIRST: [&str; 6] = [
    "LAST_TRY_WARNING",
    "ENTER_PIN",
    "PIN_LOCKED",
    "FACE_CAMERA",
    "FACE_MISMATCH",
    "STAFF_EYE",
];

/// The consents, each asked once and in any order.
const CONSENTS: [&str; 3] = [
    "CONSENT_OPERATION",
    "CONSENT_TREATMENT_DRUG",
    "CONSENT_CHECKUP",
];

/// Which other screens may follow which, with `CONSENT` for any of the consents. A screen shown again is no step.
const ORDER: &[(&str, &[&str])] = &[
    (
        "",
        &["PLACE_CARD", "CHOOSE_METHOD", "PIN_LOCKED", "REFUSED"],
    ),
    ("PLACE_CARD", &["CHOOSE_METHOD", "PIN_LOCKED", "REFUSED"]),
    ("CHOOSE_METHOD", &["REFUSED"]),
    ("LAST_TRY_WARNING", &["CHOOSE_METHOD"]),
    (
        "ENTER_PIN",
        &[
            "PIN_WRONG",
            "REGISTRATION_OFFER",
            "CONSENT",
            "CHOOSE_METHOD",
            "REFUSED",
        ],
    ),
    ("PIN_WRONG", &["CHOOSE_METHOD", "TAKE_CARD"]),
    ("PIN_LOCKED", &["CHOOSE_METHOD", "TAKE_CARD"]),
    (
        "FACE_CAMERA",
        &["REGISTRATION_OFFER", "CONSENT", "CHOOSE_METHOD", "REFUSED"],
    ),
    (
        "FACE_MISMATCH",
        &[
            "REGISTRATION_OFFER",
            "CONSENT",
            "CHOOSE_METHOD",
            "TAKE_CARD",
        ],
    ),
    (
        "STAFF_EYE",
        &[
            "PASSCODE_WRONG",
            "REGISTRATION_OFFER",
            "CONSENT",
            "CHOOSE_METHOD",
            "REFUSED",
            "TAKE_CARD",
        ],
    ),
    ("PASSCODE_WRONG", &["CHOOSE_METHOD", "TAKE_CARD"]),
    (
        "REGISTRATION_OFFER",
        &["REGISTERED", "REGISTRATION_FAILED", "PROCESSING"],
    ),
    ("REGISTERED", &["CONSENT"]),
    ("REGISTRATION_FAILED", &["PROCESSING"]),
    ("CONSENT", &["CONSENT", "PROCESSING"]),
    ("PROCESSING", &["DONE", "DONE_NOTICE", "REFUSED"]),
    ("DONE", &["TAKE_CARD"]),
    ("DONE_NOTICE", &["TAKE_CARD"]),
    ("REFUSED", &["TAKE_CARD"]),
    ("UNAVAILABLE", &["TAKE_CARD"]),
    ("CARD_UNUSABLE", &["TAKE_CARD"]),
    ("CARD_REMOVED", &["PLACE_CARD"]),
    ("TAKE_CARD", &["PLACE_CARD"]),
];

/// What the terminal tells the reader, and what it waits for first: of its own lines and of the reader's.
const FIRST_COMES: &[(&str, &[&str])] = &[
    ("card-ready", &["card-placed"]),
    ("photo", &["face-read"]),
    ("photo-refused", &["face-read"]),
    ("pin-accepted", &["pin"]),
    ("pin-wrong", &["pin"]),
    ("pin-locked", &["pin"]),
    ("passcode-wrong", &["staff-confirmed"]),
    ("identity-accepted", &["face-compared", "staff-confirmed"]),
    ("standing", &["pin-accepted", "identity-accepted"]),
    ("registered", &["registration"]),
    ("registration-failed", &["registration"]),
];

fn check(case: &Case) -> Vec<Finding> {
    let of_reader = case.visits.iter().filter_map(|visit| of(case, visit));
    let of_terminal = case.visits.iter().filter_map(|visit| told(case, visit));
    let ended = case.visits.iter().filter_map(|visit| ended(case, visit));
    let said = senseless(case, RULE.id);
    of_reader
        .chain(of_terminal)
        .chain(ended)
        .chain(said)
        .collect()
}

/// Screens after which the patient is to take the card.
const END: [&str; 5] = [
    "DONE",
    "DONE_NOTICE",
    "REFUSED",
    "UNAVAILABLE",
    "CARD_UNUSABLE",
];
/// Milliseconds within which a hand takes the card before it need have been told to.
const AT_ONCE: i64 = 2_000;

/// A stay that ended without the patient being told to take the card.
fn ended(case: &Case, visit: &Visit) -> Option<Finding> {
    let end = visit
        .screens
        .iter()
        .find(|s| END.contains(&s.id.as_str()))?;
    let taken = visit.taken.filter(|taken| *taken > end.seq)?;
    let (shown, left) = (case.when(end.seq)?, case.when(taken)?);
    let asks = |s: &Screen| {
        let aloud = has(
            s,
            &[
                &["カード"],
                &["お取り", "取ってく", "お忘れ", "抜いて", "お持ち帰り"],
            ],
        );
        s.id == "TAKE_CARD" || (s.seq == end.seq && aloud)
    };
    let told = visit.shown_from(end.seq - 1).any(asks);
    let gone = visit.shown_from(end.seq).any(|s| s.id == "CARD_REMOVED");
    if told || gone || left.millis_since(shown) < AT_ONCE {
        return None;
    }
    let expected = t(
        "受付が終わったら、カードを取るよう画面で案内する",
        "When the visit is over a screen says to take the card.",
    );
    let actual = t("案内しなかった", "No screen said so.");
    let advice = t(
        "終わりの画面の後にTAKE_CARDを出し、カードが取られるまで残す",
        "Show TAKE_CARD after the closing screen and leave it until the card is taken.",
    );
    let quotes = vec![
        q(end.seq, "screen", end.id.clone()),
        q(taken, "take-card", ""),
    ];
    let say = case.of(RULE.id, READER);
    Some(say.fail(expected, actual, advice, quotes))
}

/// Whether a line of the terminal came before what it waits for.
fn is_early(visit: &Visit, line: &Line) -> bool {
    let before = |kinds: &[&str]| {
        let mut earlier = visit.lines.iter().filter(|l| l.seq < line.seq);
        earlier.any(|l| kinds.contains(&l.kind()))
    };
    let listed = FIRST_COMES.iter().find(|(kind, _)| *kind == line.kind());
    // Nobody is confirmed or refused before having answered; that nobody could be asked comes at any time.
    let answered = line.kind() == "outcome" && line.text("status") != "unavailable";
    listed.is_some_and(|(_, first)| !before(first)) || (answered && !before(&["consents"]))
}

/// The first line of the terminal that came too early.
fn early(visit: &Visit) -> Option<&Line> {
    let own = visit.lines.iter().filter(|l| !l.from_reader);
    { own }.find(|line| is_early(visit, line))
}

fn told(case: &Case, visit: &Visit) -> Option<Finding> {
    let own: Vec<&Line> = visit.lines.iter().filter(|l| !l.from_reader).collect();
    own.first()?;
    let wrong = early(visit);
    let expected = t(
        "カード、本人確認、利用登録の状況、同意の答えの順に待ってから、次を伝える",
        "It waits for card, identity and consents, in this order, before it tells what follows.",
    );
    let actual = match wrong {
        Some(line) => t(
            format!("待つべきものより先に{}を伝えた", line.kind()),
            format!("It told {} before what that waits for.", line.kind()),
        ),
        None => t("その順に伝えた", "It told them in that order."),
    };
    let advice = t(
        "引用した通知は、それに先立つリーダーの知らせを受けてから送る",
        "Send the quoted line only after the reader said what comes before it.",
    );
    let quotes = own.iter().map(|l| q(l.seq, "told", l.kind())).collect();
    let say = case.of(RULE.id, TERMINAL);
    Some(say.decide(wrong.is_none(), expected, actual, advice, quotes))
}

fn of(case: &Case, visit: &Visit) -> Option<Finding> {
    let known: Vec<&Screen> = visit
        .screens
        .iter()
        .filter(|s| ORDER.iter().any(|(id, _)| *id == step(&s.id)))
        .collect();
    let quotes = known
        .iter()
        .map(|s| q(s.seq, "screen", s.id.clone()))
        .collect();
    let mut before = "";
    let mut wrong = None;
    for (index, screen) in known.iter().enumerate() {
        if !allowed(before, screen, visit) || !each_consent_once(&known[..index], screen) {
            wrong = Some((before, screen.id.as_str(), screen.seq));
            break;
        }
        before = &screen.id;
    }
    known.first()?;
    let say = case.of(RULE.id, READER);
    let led = early(visit).filter(|line| wrong.is_some_and(|(.., seq)| line.seq < seq));
    let expected = t(
        "カードを置く→方法を選ぶ→暗証番号→三つの同意（順は問わず一度ずつ）→処理中→完了→カードを取る",
        "Place card, choose method, PIN, the three consents (each once, in any order), processing, done, take card.",
    );
    let actual = match wrong {
        Some((before, screen, _)) => {
            let before = if before.is_empty() {
                "PLACE_CARD"
            } else {
                before
            };
            t(
                format!("{before}の次に{screen}を表示した"),
                format!("After {before} it showed {screen}."),
            )
        }
        None => t("その順に表示した", "It showed them in that order."),
    };
    let advice = t(
        "引用した画面の並びを公表された順に直す",
        "Bring the quoted screens into the published order.",
    );
    Some(match led {
        // It showed what it was told, too early.
        Some(_) => say.unclear(TERMINAL, expected, actual, quotes),
        None => say.decide(wrong.is_none(), expected, actual, advice, quotes),
    })
}

/// A screen's name in the table.
fn step(id: &str) -> &str {
    match CONSENTS.contains(&id) {
        true => "CONSENT",
        false => id,
    }
}

/// Whether a consent was not asked before, save that its screen still stands there; and whether each was asked when
/// the answers are processed.
fn each_consent_once(before: &[&Screen], screen: &Screen) -> bool {
    let asked = |id: &str| before.iter().any(|s| s.id == id);
    let last = before.last().map_or("", |s| s.id.as_str());
    match step(&screen.id) {
        "CONSENT" => last == screen.id || !asked(&screen.id),
        "PROCESSING" => step(last) != "CONSENT" || CONSENTS.iter().all(|id| asked(id)),
        _ => true,
    }
}

/// Any screen may give way to one that ends the stay before its time, and to the end once the card is gone.
fn allowed(before: &str, screen: &Screen, visit: &Visit) -> bool {
    let id = screen.id.as_str();
    let gone = visit.taken.is_some_and(|taken| taken < screen.seq);
    let listed = ORDER
        .iter()
        .any(|(from, to)| *from == step(before) && to.contains(&step(id)));
    let turned = IDENTITY.contains(&before) && FIRST.contains(&id);
    listed
        || turned
        || id == before
        || ["UNAVAILABLE", "CARD_REMOVED", "CARD_UNUSABLE"].contains(&id)
        || (gone && ["PLACE_CARD", "TAKE_CARD"].contains(&id))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::*;
    use evidence::Act;

    fn ordered(screens: &[&str]) -> (crate::Verdict, String) {
        let mut scene = Scene::registered();
        scene.hands(Act::PlaceCard {
            card: "田中のカード".into(),
            person: "田中".into(),
            facility: CLINIC.into(),
            reader: 1,
        });
        for id in screens {
            match *id {
                "taken" => scene.hands(Act::TakeCard),
                id => scene.screen(CLINIC, id, &[], None),
            }
        }
        let finding = scene.findings("AUTH-07").remove(0);
        (finding.verdict, finding.actual.en)
    }

    #[test]
    fn published_orders_pass() {
        let consents = "CONSENT_OPERATION CONSENT_TREATMENT_DRUG CONSENT_CHECKUP";
        for order in [
            format!(
                "CHOOSE_METHOD ENTER_PIN {consents} PROCESSING DONE TAKE_CARD taken PLACE_CARD"
            ),
            format!(
                "PLACE_CARD CHOOSE_METHOD LAST_TRY_WARNING ENTER_PIN ENTER_PIN {consents} PROCESSING DONE_NOTICE TAKE_CARD"
            ),
            format!(
                "CHOOSE_METHOD ENTER_PIN PIN_WRONG LAST_TRY_WARNING ENTER_PIN {consents} PROCESSING REFUSED TAKE_CARD"
            ),
            "CHOOSE_METHOD ENTER_PIN PIN_WRONG ENTER_PIN PIN_LOCKED TAKE_CARD taken PLACE_CARD"
                .into(),
            "CHOOSE_METHOD PIN_LOCKED TAKE_CARD".into(),
            "CHOOSE_METHOD ENTER_PIN CONSENT_OPERATION UNAVAILABLE TAKE_CARD".into(),
            "CHOOSE_METHOD ENTER_PIN taken CARD_REMOVED PLACE_CARD".into(),
            "CHOOSE_METHOD ENTER_PIN CARD_UNUSABLE TAKE_CARD".into(),
            "CHOOSE_METHOD FACE_MISMATCH ENTER_PIN PIN_WRONG FACE_CAMERA FACE_MISMATCH STAFF_EYE PASSCODE_WRONG STAFF_EYE TAKE_CARD".into(),
            "CARD_REMOVED PLACE_CARD CHOOSE_METHOD PIN_LOCKED FACE_CAMERA CARD_REMOVED PLACE_CARD".into(),
            format!("CHOOSE_METHOD FACE_CAMERA REGISTRATION_OFFER REGISTERED {consents} PROCESSING DONE TAKE_CARD"),
            "CHOOSE_METHOD ENTER_PIN CONSENT_CHECKUP CONSENT_OPERATION CONSENT_OPERATION CONSENT_TREATMENT_DRUG PROCESSING DONE TAKE_CARD".into(),
            "CHOOSE_METHOD ENTER_PIN REGISTRATION_OFFER REGISTRATION_FAILED PROCESSING REFUSED TAKE_CARD".into(),
        ] {
            let screens: Vec<&str> = order.split(' ').collect();
            assert_eq!(ordered(&screens).0, Pass, "{order}");
        }
    }

    #[test]
    fn at_the_end_the_patient_is_told_to_take_the_card() {
        use crate::testing::stay::*;
        let aloud = says("DONE", "受付が完了しました。カードをお取りください。");
        for (end, waits, then, due) in [
            (shows("DONE"), "10", shows("TAKE_CARD"), vec![Pass]),
            (shows("DONE"), "10", vec![], vec![Pass, Fail]),
            (shows("REFUSED"), "10", vec![], vec![Pass, Fail]),
            (aloud, "10", vec![], vec![Pass]),
            (shows("DONE"), "01", vec![], vec![Pass]),
            (
                shows("DONE"),
                "10",
                says("TAKE_CARD", " "),
                vec![Pass, Fail],
            ),
        ] {
            let mut scene = Scene::chip();
            let begins = [choose_method(), shows("ENTER_PIN"), consents()].concat();
            scene.stay(CLINIC, &[begins, shows("PROCESSING"), end].concat());
            scene.at(&format!("2026-10-15T09:00:{waits}"));
            then.iter().for_each(|did| scene.happens(CLINIC, did));
            scene.hands(Act::TakeCard);
            let said = scene.said("AUTH-07").into_iter().map(|s| s.1);
            assert_eq!(said.collect::<Vec<_>>(), due, "{waits} {then:?}");
        }
    }

    fn consents() -> Vec<crate::testing::stay::Did> {
        let all = super::CONSENTS.iter();
        all.flat_map(|id| crate::testing::stay::shows(id)).collect()
    }

    /// What AUTH-07 says of a stay; lines as `reader>kind`, `terminal>kind`, and screens by name.
    fn stayed(moves: &[&str]) -> Vec<(String, crate::Verdict)> {
        use crate::testing::stay::*;
        let line = |text: &str| match text.split_once(' ') {
            Some((kind, status)) => format!("{{\"type\":\"{kind}\",\"status\":\"{status}\"}}"),
            None => format!("{{\"type\":\"{text}\"}}"),
        };
        let did = moves.iter().flat_map(|one| match one.split_once('>') {
            Some(("reader", text)) => reader(&line(text)),
            Some((_, text)) => terminal(&line(text)),
            None => shows(one),
        });
        let mut scene = Scene::chip();
        scene.stay(CLINIC, &did.collect::<Vec<_>>());
        let said = scene.said("AUTH-07").into_iter();
        said.map(|s| (s.0, s.1)).collect()
    }

    #[test]
    fn the_terminal_waits_for_what_comes_first() {
        let placed = ["reader>card-placed", "terminal>card-ready"];
        let pin = ["reader>pin", "terminal>pin-accepted", "terminal>standing"];
        let ended = ["reader>consents", "terminal>outcome confirmed"];
        let terminal = |verdict| [("terminal".to_owned(), verdict)];
        for moves in [
            [&placed[..], &pin, &ended],
            [&placed, &["terminal>outcome unavailable"], &[]],
            [
                &placed,
                &["reader>staff-confirmed", "terminal>identity-accepted"],
                &[],
            ],
        ] {
            assert_eq!(stayed(&moves.concat()), terminal(Pass), "{moves:?}");
        }
        for moves in [
            [&placed[..], &pin, &ended[1..]],
            [&placed, &pin, &["terminal>outcome refused"]],
            [&placed, &pin[1..], &[]],
            [&placed, &pin[2..], &[]],
            [&placed[1..], &[], &[]],
        ] {
            assert_eq!(stayed(&moves.concat()), terminal(Fail), "{moves:?}");
        }
    }

    #[test]
    fn a_reader_that_shows_what_it_was_told_too_early_is_not_at_fault() {
        let said = stayed(&[
            "reader>card-placed",
            "terminal>card-ready",
            "CHOOSE_METHOD",
            "ENTER_PIN",
            "reader>pin",
            "terminal>pin-accepted",
            "terminal>outcome confirmed",
            "DONE",
        ]);
        let due = [("reader", Inconclusive), ("terminal", Fail)];
        assert_eq!(said, due.map(|(role, verdict)| (role.to_owned(), verdict)));
    }

    #[test]
    fn others_fail_and_name_the_step() {
        for (order, said) in [
            (
                "CHOOSE_METHOD CONSENT_OPERATION",
                "After CHOOSE_METHOD it showed CONSENT_OPERATION.",
            ),
            (
                "CONSENT_OPERATION",
                "After PLACE_CARD it showed CONSENT_OPERATION.",
            ),
            (
                "CHOOSE_METHOD ENTER_PIN PROCESSING",
                "After ENTER_PIN it showed PROCESSING.",
            ),
            (
                "CHOOSE_METHOD ENTER_PIN CONSENT_CHECKUP CONSENT_OPERATION CONSENT_CHECKUP",
                "After CONSENT_OPERATION it showed CONSENT_CHECKUP.",
            ),
            (
                "CHOOSE_METHOD ENTER_PIN CONSENT_OPERATION PROCESSING",
                "After CONSENT_OPERATION it showed PROCESSING.",
            ),
            (
                "CHOOSE_METHOD ENTER_PIN PIN_LOCKED PLACE_CARD",
                "After PIN_LOCKED it showed PLACE_CARD.",
            ),
            ("ENTER_PIN", "After PLACE_CARD it showed ENTER_PIN."),
            (
                "CHOOSE_METHOD PASSCODE_WRONG",
                "After CHOOSE_METHOD it showed PASSCODE_WRONG.",
            ),
            (
                "CHOOSE_METHOD FACE_CAMERA PROCESSING",
                "After FACE_CAMERA it showed PROCESSING.",
            ),
        ] {
            let screens: Vec<&str> = order.split(' ').collect();
            assert_eq!(ordered(&screens), (Fail, said.to_owned()), "{order}");
        }
    }
}
