//! AUTH-01: the patient chooses face or PIN; either can fail over to the other. A face counts when it is the
//! one in the card's photo and can be seen, and never else.

use evidence::{Act, CardKind};

use super::Rule;
use super::identity::{ENDS, PIN_SCREENS, READER, Step, TERMINAL, is_general, steps};
use super::wording::{has, senseless};
use crate::case::{Case, Visit};
use crate::finding::{Speaker, q, t};
use crate::{Finding, Quote, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "AUTH-01",
    roles: &[READER],
    clause: (
        "患者は顔認証か暗証番号を選び、一方が失敗したら他方に移れ、写真と一致する顔だけを通す",
        "The patient chooses face or PIN, either fails over to the other, and only the face in the photo counts.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let visits = case.visits.iter().filter(|v| !is_general(case, v));
    let ways = visits.clone().filter_map(|visit| of(case, visit));
    let choices = visits.filter_map(|visit| choice(case, visit));
    ways.chain(choices)
        .chain(senseless(case, RULE.id))
        .collect()
}

/// The first screen on which a way is chosen names face and PIN; a later one may leave out a way that was closed.
fn choice(case: &Case, visit: &Visit) -> Option<Finding> {
    let screen = visit.screens.iter().find(|s| s.id == "CHOOSE_METHOD")?;
    let chip = case.facts.card(&visit.card).and_then(|c| c.chip.as_ref());
    let mut ready = visit.said(false, "card-ready");
    let locked = ready.any(|l| l.number("tries_left") == Some(0));
    let no_pin = locked || chip.is_some_and(|c| c.kind == CardKind::FaceOnly);
    let face = has(screen, &[&["顔"]]);
    let pin = no_pin || has(screen, &[&["暗証番号", "PIN"]]);
    let expected = t(
        "方法を選ぶ画面に、顔認証と暗証番号を並べる",
        "The screen on which the method is chosen offers face and PIN.",
    );
    let actual = t(
        format!("画面「{}」を表示した", screen.text()),
        format!("It showed \"{}\".", screen.text()),
    );
    let advice = t(
        "使える方法をすべて画面に並べ、患者に選ばせる",
        "List every way there is and let the patient choose.",
    );
    let quotes = vec![q(screen.seq, "screen", screen.text())];
    let say = case.of(RULE.id, READER);
    (!(face && pin)).then(|| say.fail(expected, actual, advice, quotes))
}

/// A way of proving oneself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Face,
    Pin,
    Staff,
}

impl Way {
    fn chosen(act: &Act) -> Option<Way> {
        match act {
            Act::ChooseFace => Some(Way::Face),
            Act::ChoosePin => Some(Way::Pin),
            Act::CallStaff => Some(Way::Staff),
            _ => None,
        }
    }

    fn screens(self) -> &'static [&'static str] {
        match self {
            Way::Face => &["FACE_CAMERA", "FACE_MISMATCH"],
            Way::Pin => &PIN_SCREENS,
            Way::Staff => &["STAFF_EYE"],
        }
    }

    fn name(self) -> (&'static str, &'static str) {
        match self {
            Way::Face => ("顔認証", "the face"),
            Way::Pin => ("暗証番号", "the PIN"),
            Way::Staff => ("職員の目視", "the staff's eye"),
        }
    }
}

#[derive(Default)]
struct Seen {
    quotes: Vec<Quote>,
    wrong: Option<Text>,
    spoilt: Option<Text>,
    tried: Vec<Way>,
}

fn of(case: &Case, visit: &Visit) -> Option<Finding> {
    let mut seen = Seen::default();
    for step in steps(visit) {
        if let Some(way) = Way::chosen(step.act) {
            chose(visit, &step, way, &mut seen);
        } else if let Act::LookIntoCamera { face, clear } = step.act {
            looked(case, visit, &step, (face, *clear), &mut seen);
        }
    }
    finish(case.of(RULE.id, READER), seen)
}

fn finish(say: Speaker<'_>, seen: Seen) -> Option<Finding> {
    if seen.quotes.is_empty() {
        return None;
    }
    let expected = t(RULE.clause.0, RULE.clause.1);
    if let (None, Some(why)) = (&seen.wrong, seen.spoilt) {
        return Some(say.unclear(TERMINAL, expected, why, seen.quotes));
    }
    let holds = seen.wrong.is_none();
    let fine = t("そのとおりに進んだ", "It went on so.");
    let advice = t(
        "選ばれた方法の画面を出し、顔の比較の結果だけで通すか断るかを決める",
        "Show the screen of the way that was chosen, and let the comparison alone decide about a face.",
    );
    Some(say.decide(
        holds,
        expected,
        seen.wrong.unwrap_or(fine),
        advice,
        seen.quotes,
    ))
}

fn chose(visit: &Visit, step: &Step<'_>, way: Way, seen: &mut Seen) {
    let again = seen.tried.contains(&way);
    seen.tried.push(way);
    // A way that came to its end may stay closed; a stay may be over.
    if again || !step.may_choose() {
        return;
    }
    let (ja, en) = way.name();
    seen.quotes
        .push(q(step.seq, format!("chooses {en}"), step.shown()));
    if step.led_to(way.screens()) || step.led_to(&ENDS) {
        return;
    }
    let asked = visit
        .said(true, "face-read")
        .any(|l| l.seq > step.seq && l.seq < step.until);
    if way == Way::Face && asked {
        seen.spoilt = Some(t(
            "端末が顔写真の求めに答えなかった",
            "The terminal did not answer when the photo was asked for.",
        ));
        return;
    }
    let shown = step.shown();
    seen.wrong.get_or_insert(t(
        format!("{ja}を選んだのに{shown}を表示した"),
        format!("{en} was chosen and it showed {shown}."),
    ));
}

fn looked(
    case: &Case,
    visit: &Visit,
    step: &Step<'_>,
    (face, clear): (&str, bool),
    seen: &mut Seen,
) {
    let camera = step
        .before
        .is_some_and(|s| Way::Face.screens().contains(&s.id.as_str()));
    let card = case.facts.card(&visit.card);
    let Some(chip) = card.and_then(|c| c.chip.as_ref()).filter(|_| camera) else {
        return;
    };
    let photos = visit.said(false, "photo").filter(|l| l.seq < step.seq);
    let photo = photos.last().map(|l| l.text("image").replace("LEAK ", ""));
    let known = |text: &str| text.starts_with('⟦');
    let handed = photo.is_some();
    if let Some(given) = photo.filter(|given| known(given) && *given != chip.face) {
        seen.quotes.push(q(step.seq, "photo", given));
        seen.spoilt = Some(t(
            "端末が渡した写真はこのカードのものでない",
            "The photo the terminal gave is not the one on this card.",
        ));
        return;
    }
    // Without a photo there is nothing to compare with.
    let due = clear && handed && face == chip.face;
    let mut said = visit.said(true, "face-compared");
    let compared = said.find(|l| l.seq > step.seq && l.seq < step.until);
    let matched = compared.and_then(|l| l.value.as_ref().ok()?.get("matched")?.as_bool());
    // A reader that goes on to the PIN has taken the face, and breaks another rule.
    let passed = matched.unwrap_or_else(|| step.led_to(&["ENTER_PIN", "LAST_TRY_WARNING"]));
    let said = format!("matched {passed}; {}", step.shown());
    seen.quotes.push(q(
        compared.map_or(step.seq, |l| l.seq),
        "face-compared",
        said,
    ));
    let over = step.led_to(&["UNAVAILABLE", "CARD_REMOVED"]);
    if passed != due && !(over && matched.is_none()) {
        seen.wrong.get_or_insert(match due {
            true => t(
                "写真と一致する顔を通さなかった",
                "It did not let the face in the photo pass.",
            ),
            false => t(
                "写真と一致しない、または見えない顔を通した",
                "It let a face pass that is not the one in the photo or cannot be seen.",
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::stay::*;
    use crate::testing::*;

    fn said(stay: &[Did]) -> Vec<crate::Verdict> {
        let mut scene = Scene::chip();
        scene.stay(CLINIC, stay);
        scene.said("AUTH-01").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn ways_are_honoured_and_fail_over() {
        let camera = shows("FACE_CAMERA");
        let differs = [compared(false), shows("FACE_MISMATCH")].concat();
        let stay = [
            choose_method(),
            choose_face(),
            camera.clone(),
            look("⟦FACE#1⟧", false),
            differs.clone(),
            choose_pin(),
            shows("ENTER_PIN"),
        ];
        assert_eq!(said(&stay.concat()), [Pass]);
        let stay = [
            choose_method(),
            choose_pin(),
            shows("PIN_LOCKED"),
            choose_face(),
            camera.clone(),
            photo(),
            look("⟦FACE#1⟧", true),
            compared(true),
        ];
        assert_eq!(said(&stay.concat()), [Pass]);
        let stuck = [
            choose_method(),
            choose_face(),
            camera.clone(),
            look("⟦FACE#1⟧", false),
            differs,
            choose_pin(),
        ];
        assert_eq!(said(&stuck.concat()), [Fail], "nothing follows");
        let over = [choose_method(), choose_pin(), shows("UNAVAILABLE")];
        assert_eq!(said(&over.concat()), [Pass]);
        let gone = [choose_method(), shows("CARD_REMOVED"), choose_pin()];
        assert_eq!(said(&gone.concat()), [], "nobody could choose any more");
    }

    #[test]
    fn the_face_in_the_photo_counts_and_no_other() {
        for (face, clear, matched, due) in [
            ("⟦FACE#1⟧", true, true, Pass),
            ("⟦FACE#1⟧", true, false, Fail),
            ("⟦FACE#1⟧", false, false, Pass),
            ("⟦FACE#1⟧", false, true, Fail),
            ("⟦FACE#2⟧", true, false, Pass),
            ("⟦FACE#2⟧", true, true, Fail),
        ] {
            let shown = if matched {
                vec![]
            } else {
                shows("FACE_MISMATCH")
            };
            let stay = [
                choose_method(),
                choose_face(),
                shows("FACE_CAMERA"),
                photo(),
                look(face, clear),
                compared(matched),
                shown,
            ];
            assert_eq!(said(&stay.concat()), [due], "{face} {clear} {matched}");
        }
    }

    #[test]
    fn a_reader_is_not_blamed_for_its_terminal() {
        let stay = [
            choose_method(),
            choose_face(),
            reader(r#"{"type":"face-read","verification_b":"⟦VERIFICATION-B#1⟧"}"#),
        ];
        assert_eq!(said(&stay.concat()), [Inconclusive], "no photo came");
        let other = terminal(r#"{"type":"photo","image":"⟦FACE#2⟧"}"#);
        let stay = [
            choose_method(),
            choose_face(),
            other,
            shows("FACE_CAMERA"),
            look("⟦FACE#1⟧", true),
            compared(false),
            shows("FACE_MISMATCH"),
        ];
        assert_eq!(
            said(&stay.concat()),
            [Inconclusive],
            "somebody else's photo"
        );
    }

    #[test]
    fn a_general_reader_is_judged_elsewhere() {
        let mut scene = Scene::chip();
        scene.general(CLINIC);
        scene.stay(CLINIC, &[choose_method(), choose_face()].concat());
        assert_eq!(scene.said("AUTH-01"), []);
    }
}
