//! AUTH-06: a general-purpose reader works by PIN on a key pad or by staff's eye; it has no camera to offer.

use evidence::Act;

use super::Rule;
use super::identity::{ENDS, PIN_SCREENS, READER, is_general, steps};
use crate::case::{Case, Visit};
use crate::finding::{q, t};
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "AUTH-06",
    roles: &[READER],
    clause: (
        "汎用カードリーダーは、キーパッドの暗証番号か職員の目視で使え、顔認証を求めない",
        "A general-purpose reader works by PIN on its key pad or by staff's eye, and offers no face.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let visits = case.visits.iter().filter(|v| is_general(case, v));
    visits.filter_map(|visit| of(case, visit)).collect()
}

fn of(case: &Case, visit: &Visit) -> Option<Finding> {
    let say = case.of(RULE.id, READER);
    let expected = t(RULE.clause.0, RULE.clause.1);
    let mut quotes = Vec::new();
    let mut wrong: Option<Text> = None;
    for screen in &visit.screens {
        let offers = screen.id == "CHOOSE_METHOD" && screen.says("顔認証");
        if offers || screen.id.starts_with("FACE_") {
            quotes.push(q(screen.seq, "screen", screen.text()));
            wrong.get_or_insert(t(
                "カメラがないのに顔認証を示した",
                "It offers the face although it has no camera.",
            ));
        }
    }
    for step in steps(visit) {
        let (due, en): (&[&str], &str) = match step.act {
            Act::ChoosePin => (&PIN_SCREENS, "the PIN"),
            Act::CallStaff => (&["STAFF_EYE"], "the staff's eye"),
            _ => continue,
        };
        if !step.may_choose() {
            continue;
        }
        quotes.push(q(step.seq, format!("chooses {en}"), step.shown()));
        if !step.led_to(due) && !step.led_to(&ENDS) {
            let shown = step.shown();
            wrong.get_or_insert(t(
                format!("選ばれた方法に進まず{shown}を表示した"),
                format!("{en} was chosen and it showed {shown}."),
            ));
        }
    }
    if quotes.is_empty() {
        return None;
    }
    let holds = wrong.is_none();
    let fine = t("そのとおりに使えた", "It worked so.");
    let advice = t(
        "汎用カードリーダーでは暗証番号と目視だけを示し、選ばれた方法の画面に進む",
        "Offer PIN and staff's eye alone, and go to the screen of the one that is chosen.",
    );
    Some(say.decide(holds, expected, wrong.unwrap_or(fine), advice, quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::stay::*;
    use crate::testing::*;

    fn choose_method() -> Vec<Did> {
        says("CHOOSE_METHOD", "暗証番号か職員の目視を選んでください。")
    }

    fn said(stay: &[Did]) -> Vec<crate::Verdict> {
        let mut scene = Scene::chip();
        scene.general(CLINIC);
        scene.stay(CLINIC, stay);
        scene.said("AUTH-06").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn pin_and_eye_work_and_no_face_is_offered() {
        assert_eq!(
            said(&[choose_method(), choose_pin(), shows("ENTER_PIN")].concat()),
            [Pass]
        );
        assert_eq!(
            said(&[choose_method(), call_staff(), shows("STAFF_EYE")].concat()),
            [Pass]
        );
        assert_eq!(
            said(&[choose_method(), choose_pin()].concat()),
            [Fail],
            "nothing follows"
        );
        assert_eq!(
            said(&[choose_method(), call_staff(), shows("ENTER_PIN")].concat()),
            [Fail]
        );
        assert_eq!(
            said(&[choose_method(), choose_pin(), shows("FACE_CAMERA")].concat()),
            [Fail]
        );
        assert_eq!(
            said(
                &[
                    says("CHOOSE_METHOD", "・顔認証"),
                    choose_pin(),
                    shows("ENTER_PIN")
                ]
                .concat()
            ),
            [Fail]
        );
    }

    #[test]
    fn a_face_reader_is_judged_elsewhere() {
        let mut scene = Scene::chip();
        scene.stay(
            CLINIC,
            &[choose_method(), choose_pin(), shows("ENTER_PIN")].concat(),
        );
        assert_eq!(scene.said("AUTH-06"), []);
    }
}
