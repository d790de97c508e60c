//! AUTH-10: one reader is bound to one terminal; two readers at a site never mix their patients.

use super::Rule;
use super::common::described;
use super::identity::TERMINAL;
use crate::case::{Case, Confirmation, File, Person, Said, Visit};
use crate::decode::result;
use crate::finding::{Speaker, q, t};
use crate::{Finding, Quote, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "AUTH-10",
    roles: &[TERMINAL],
    clause: (
        "一つの施設に二台のリーダーがあっても、照会・結果・画面はそれぞれのリーダーの患者のものである",
        "With two readers at a site, each question, file and outcome belongs to the patient at that reader.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let visits = case.visits.iter().filter(|v| has_two(case, &v.facility));
    visits.filter_map(|visit| of(case, visit)).collect()
}

/// Whether cards lay in two readers of a site.
fn has_two(case: &Case, facility: &str) -> bool {
    let mut places = case
        .visits
        .iter()
        .filter(|v| v.facility == facility)
        .map(|v| &v.place);
    let first = places.next();
    places.any(|place| Some(place) != first)
}

fn of(case: &Case, visit: &Visit) -> Option<Finding> {
    let own = |name: &str, seq: u32| visit.covers(name, seq);
    let asked: Vec<&Confirmation> = case
        .confirmations
        .iter()
        .filter(|c| c.from.role == TERMINAL && own(&c.from.name, c.seq))
        .collect();
    let files: Vec<&File> = case.files_in(visit).collect();
    if asked.is_empty() && files.is_empty() {
        return None;
    }
    let mut quotes = Vec::new();
    quotes.extend(
        asked
            .iter()
            .map(|c| q(c.seq, "confirmation at", c.from.name.clone())),
    );
    quotes.extend(
        files
            .iter()
            .map(|f| q(f.seq, "file of", f.from.name.clone())),
    );
    let wrong = asked.iter().find_map(|c| other_session(case, visit, c));
    let wrong = wrong.or_else(|| files.iter().find_map(|f| other_person(case, visit, f)));
    let wrong = wrong.or_else(|| other_outcome(visit, &asked));
    say(case.of(RULE.id, TERMINAL), wrong, quotes)
}

fn say(say: Speaker<'_>, wrong: Option<Text>, quotes: Vec<Quote>) -> Option<Finding> {
    let expected = t(RULE.clause.0, RULE.clause.1);
    let holds = wrong.is_none();
    let fine = t(
        "そのリーダーの患者のものだった",
        "They were the patient's at that reader.",
    );
    let advice = t(
        "照会のセッションと結果を、本人確認をしたリーダーに結び付けておく",
        "Keep session and result tied to the reader at which the person was proved.",
    );
    Some(say.decide(holds, expected, wrong.unwrap_or(fine), advice, quotes))
}

/// A confirmation under a session in which another card, or another terminal, was identified.
fn other_session(case: &Case, visit: &Visit, confirmation: &Confirmation) -> Option<Text> {
    let proof = case.proof_of(confirmation)?;
    let card = case
        .facts
        .cards
        .iter()
        .rfind(|c| c.card == visit.card && c.seq < visit.seq)?;
    let elsewhere = proof.from.name != confirmation.from.name;
    let other = proof
        .request
        .as_ref()
        .is_ok_and(|r| r.digest != card.digest);
    (elsewhere || other).then(|| {
        t(
            format!(
                "{}の患者を、{}で確認したセッションで照会した",
                visit.place, proof.from.name
            ),
            format!(
                "The patient at {} was confirmed under a session of {}.",
                visit.place, proof.from.name
            ),
        )
    })
}

fn is_about(block: &result::Person, person: &Person) -> bool {
    let birth = block.text("Birthdate");
    birth.is_empty()
        || (birth == person.birth.to_compact() && block.text("NameKana") == person.kana)
}

/// A file about somebody else than the holder of the card in that reader.
fn other_person(case: &Case, visit: &Visit, file: &File) -> Option<Text> {
    let holder = &case.facts.card(&visit.card)?.holder;
    let person = case.facts.person(holder)?;
    let Some(Ok(outcome)) = file.outcome() else {
        return None;
    };
    let other = outcome
        .persons
        .iter()
        .find(|block| !is_about(block, person))?;
    // Only what is another patient's at the site is a mixture.
    let mut here = case.visits.iter().filter(|v| v.facility == visit.facility);
    let mixed = here.any(|v| {
        let holder = case.facts.card(&v.card).map(|c| c.holder.as_str());
        let one = holder.and_then(|h| case.facts.person(h));
        one.is_some_and(|p| p.person != person.person && is_about(other, p))
    });
    mixed.then(|| {
        t(
            format!("{}の患者の受付に、別の患者の結果を置いた", visit.place),
            format!(
                "A file of {} is about the patient at the other reader.",
                visit.place
            ),
        )
    })
}

/// An outcome told to the reader that is not the answer to its own question.
fn other_outcome(visit: &Visit, asked: &[&Confirmation]) -> Option<Text> {
    let told = visit.outcomes().last()?;
    let (_, said) = asked.iter().rfind(|c| c.seq < told.seq)?.answer.as_ref()?;
    let Said::Outcome(outcome) = said else {
        return None;
    };
    let due = if outcome.status.as_deref() == Some("1") {
        "confirmed"
    } else {
        "refused"
    };
    let found = told.text("status");
    let differs = found != due || told.text("code") != outcome.code;
    differs.then(|| {
        let was = described(outcome);
        t(
            format!(
                "リーダーに「{found} {}」と伝えたが、応答は{}だった",
                told.text("code"),
                was.ja
            ),
            format!(
                "The reader was told {found} {}, the answer was: {}",
                told.text("code"),
                was.en
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::stay::*;
    use crate::testing::*;

    const CONFIRM: &str = "/v1/card-confirmations";
    const NONE: &str = r#"{"operation":false,"treatment":false,"drug":false,"checkup":false}"#;

    /// Two readers; the card's stay at the second one asks under a session shown at some reader.
    fn mixed(session: &str, told: &str, name: &str) -> Vec<crate::Verdict> {
        let mut scene = Scene::chip();
        scene.person("佐藤", "1990-03-03");
        scene.neighbour("佐藤");
        let second = format!("{CLINIC}#2");
        scene.stay(&second, &identified("pin"));
        let body = format!(r#"{{"session":"{session}","consents":{NONE}}}"#);
        let xml = "<XmlMsg><MessageHeader/><MessageBody><ProcessingResultStatus>1</ProcessingResultStatus>\
                   <QualificationValidity>1</QualificationValidity></MessageBody></XmlMsg>";
        scene.put(&second, CONFIRM, &body, (200, "application/xml", xml));
        let (birth, kana) = match name {
            "佐藤" => ("19900303", "ﾀﾅｶ ﾊﾅｺ"),
            _ => ("19800217", "ﾀﾅｶ ﾊﾅｺ"),
        };
        let block = format!(
            "<ResultOfQualificationConfirmation><NameKana>{kana}</NameKana><Birthdate>{birth}</Birthdate></ResultOfQualificationConfirmation>"
        );
        let file = xml.replace("</MessageBody>", &format!("{block}</MessageBody>"));
        let from = evidence::Party::at("terminal", &second);
        scene.drop_from(from, "OQSsiquc01res_face_2.xml", file.as_bytes());
        let line = format!(r#"{{"type":"outcome","status":"{told}","code":""}}"#);
        scene.tap(
            "reader",
            evidence::Party::at("terminal", &second),
            evidence::Party::at("reader", &second),
            1,
            line.as_bytes(),
            None,
        );
        scene.said("AUTH-10").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn each_reader_has_its_own_patient() {
        let own = "00000000000000000000000000000001";
        assert_eq!(mixed(own, "confirmed", "田中"), [Pass]);
        let other = "00000000000000000000000000000099";
        assert_eq!(
            mixed(other, "confirmed", "田中"),
            [Fail],
            "the other reader's session"
        );
        assert_eq!(
            mixed(own, "confirmed", "佐藤"),
            [Fail],
            "the other one's file"
        );
        assert_eq!(
            mixed(own, "refused", "田中"),
            [Fail],
            "the other one's outcome"
        );
    }

    #[test]
    fn a_single_reader_says_nothing() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("AUTH-10"), []);
    }
}
