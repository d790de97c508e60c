//! AUTH-04: the reader faces the patient: no step needs the card in the staff's hands.

use super::Rule;
use super::identity::READER;
use crate::Finding;
use crate::case::{Case, Screen, Visit};
use crate::finding::{q, t};

/// The rule.
pub const RULE: Rule = Rule {
    id: "AUTH-04",
    roles: &[READER],
    clause: (
        "どの手順でも、カードを職員に渡させない",
        "No step needs the card in the staff's hands.",
    ),
    check,
};

/// Words by which a sentence speaks of handing something over.
const HANDS: [&str; 4] = ["渡", "預", "あずか", "わたし"];
/// Words by which it says that this is not done.
const NOT: [&str; 7] = ["ません", "ない", "不要", "せず", "さず", "らず", "ずに"];

fn check(case: &Case) -> Vec<Finding> {
    let visits = case.visits.iter();
    visits.filter_map(|visit| of(case, visit)).collect()
}

/// The sentence of a screen that asks for the card to be handed over.
fn handing(screen: &Screen) -> Option<&str> {
    let sentences = screen
        .lines
        .iter()
        .flat_map(|line| line.split_inclusive('。'));
    let asks = |sentence: &&str| {
        let about = sentence.contains("カード") || sentence.contains("職員");
        let hands = HANDS.iter().any(|word| sentence.contains(word));
        about && hands && !NOT.iter().any(|word| sentence.contains(word))
    };
    { sentences }.find(asks)
}

fn of(case: &Case, visit: &Visit) -> Option<Finding> {
    let first = visit.screens.iter().find(|s| s.id != "PLACE_CARD")?;
    let say = case.of(RULE.id, READER);
    let expected = t(RULE.clause.0, RULE.clause.1);
    let found = visit.screens.iter().find_map(|s| Some((s, handing(s)?)));
    let Some((screen, sentence)) = found else {
        let fine = t("渡すよう求めた画面はなかった", "No screen asked for it.");
        return Some(say.pass(
            expected,
            fine,
            vec![q(first.seq, "first screen", first.id.clone())],
        ));
    };
    let actual = t(
        format!("「{sentence}」と表示した"),
        format!("It showed \"{sentence}\"."),
    );
    let advice = t(
        "カードを置いたまま職員が画面の前で確かめる手順にする",
        "Have staff come to the screen while the card stays where it lies.",
    );
    Some(say.fail(
        expected,
        actual,
        advice,
        vec![q(screen.seq, screen.id.clone(), sentence)],
    ))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;

    #[test]
    fn handing_over_is_told_from_leaving_it_there() {
        for (line, due) in [
            (
                "カードを取り出して、職員にお渡しください。職員がお預かりして確認します。",
                Fail,
            ),
            ("マイナンバーカードを窓口の職員に渡してください。", Fail),
            ("カードをお預かりします。", Fail),
            (
                "カードは置いたまま、手に取らずに、写真と見比べてください。",
                Pass,
            ),
            ("カードを職員に渡す必要はありません。", Pass),
            ("職員がカードをお預かりすることはありません。", Pass),
            ("資格確認書を窓口にご提示ください。", Pass),
        ] {
            let mut scene = Scene::chip();
            scene.stay(CLINIC, &stay::call_staff());
            scene.screen(CLINIC, "STAFF_EYE", &[line], None);
            assert_eq!(scene.said("AUTH-04")[0].1, due, "{line}");
        }
    }

    #[test]
    fn without_a_screen_nothing_is_said() {
        let mut scene = Scene::chip();
        scene.stay(CLINIC, &[]);
        assert_eq!(scene.said("AUTH-04"), []);
    }
}
