//! CONS-01: medical information goes out only on the person's consent given with the card at that visit;
//! each kind (surgery, treatment and drugs, checkup) has its own consent.

use evidence::Act;

use super::Rule;
use super::common::{Asked, READER, Reply, SERVER, asked};
use super::consented::{counting, wrong_flags};
use super::drugs::{DrugAsk, drug_asks};
use super::wording::senseless;
use crate::case::{Case, Visit};
use crate::expect::{Consent, Due};
use crate::finding::{q, t};
use crate::{Finding, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "CONS-01",
    roles: &[READER, SERVER],
    clause: (
        "医療情報は、本人がその場でカードとともに種類ごとに同意したときにだけ渡す",
        "Medical information goes out only on the consent given with the card, kind by kind.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let passed_on = case.visits.iter().filter_map(|visit| reader(case, visit));
    let flags = asked(case).filter_map(|asked| flags(case, &asked));
    let drugs = drug_asks(case).filter_map(|asked| drugs(case, &asked));
    let said = senseless(case, RULE.id);
    passed_on.chain(flags).chain(drugs).chain(said).collect()
}

/// The reader passes on what the patient answered.
fn reader(case: &Case, visit: &Visit) -> Option<Finding> {
    let (seq, told) = visit.consents()?;
    let mut given = [false; 4];
    for (_, act) in visit.acts.iter().filter(|(s, _)| *s < seq) {
        if let Act::Consent { kind, given: yes } = act {
            match kind.as_str() {
                "operation" => given[0] = *yes,
                "treatment-drug" => (given[1], given[2]) = (*yes, *yes),
                "checkup" => given[3] = *yes,
                _ => {}
            }
        }
    }
    let say = case.of(RULE.id, READER);
    let words = |c: [bool; 4]| {
        let [operation, treatment, drug, checkup] = c.map(|yes| if yes { "1" } else { "0" });
        format!("operation {operation}, treatment {treatment}, drug {drug}, checkup {checkup}")
    };
    let expected = t(
        format!("患者の答え（{}）をそのまま伝える", words(given)),
        format!("The patient's answers are passed on: {}.", words(given)),
    );
    let actual = t(
        format!("{}を伝えた", words(told)),
        format!("It passed on {}.", words(told)),
    );
    let advice = t(
        "画面ごとの答えを種類ごとに分けて伝え、答えのない種類は同意なしとする",
        "Pass each screen's answer on for its own kind; no answer is no consent.",
    );
    let quotes = vec![q(seq, "consents", words(told))];
    Some(say.decide(given == told, expected, actual, advice, quotes))
}

/// Consent flags of a result; those of the grace are LIFE-02's.
fn flags(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let Reply::Confirms(_, outcome) = asked.reply() else {
        return None;
    };
    let due = asked.expected.due();
    if !due.confirms() || due == Due::ExpiredGrace || outcome.persons.is_empty() {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let chosen = counting(asked)
        .map(u8::from)
        .map(|flag| flag.to_string())
        .join("");
    let expected = t(
        format!("同意フラグは患者の答えどおり（手術・診療・薬剤・健診の順に{chosen}）"),
        format!("Consent flags as chosen: {chosen} for operation, treatment, drug, checkup."),
    );
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return Some(finding);
    }
    let wrong = wrong_flags(asked, outcome);
    let advice = t(
        "四つの同意を別々に扱い、選ばれた種類だけを1とする",
        "Treat the four consents one by one and set 1 for those chosen alone.",
    );
    let actual = wrong.clone().unwrap_or_else(|| asked.actual());
    Some(say.decide(wrong.is_none(), expected, actual, advice, asked.quotes()))
}

fn drugs(case: &Case, asked: &DrugAsk<'_>) -> Option<Finding> {
    let say = case.of(RULE.id, SERVER);
    let (holds, expected): (bool, Text) = match (asked.person, asked.consent) {
        (None, _) => (
            asked.refuses(case, "medical_code.unknown-number"),
            t(
                "該当する番号がないので、何も渡さない",
                "Nobody has this number: nothing is given.",
            ),
        ),
        (_, Consent::Holds) => (
            asked.gives(case),
            t(
                "薬剤情報への同意があるので、渡す",
                "Consent for drugs holds here: they are given.",
            ),
        ),
        (_, Consent::None) => (
            asked.refuses(case, "medical_code.no-consent"),
            t(
                "この医療機関での薬剤情報への同意がないので、渡さない",
                "No consent for drugs was given here: none are given.",
            ),
        ),
        // A consent that is over is CONS-02's.
        (_, Consent::Over | Consent::Open) => return None,
    };
    let advice = t(
        "医療情報は、人・医療機関・種類ごとの同意を確かめてから渡す",
        "Look for the consent of that person, facility and kind before giving anything.",
    );
    Some(asked.decide(case, say, holds, expected, advice))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    fn said(scene: &Scene, role: &str) -> Vec<Verdict> {
        let said = scene.said("CONS-01").into_iter();
        said.filter(|s| s.0 == role).map(|s| s.1).collect()
    }

    const SERVER: &str = "eligibility-server";

    #[test]
    fn each_kind_has_its_own_consent() {
        for (consents, answer, due) in [
            (true, Answer::confirmed("", "1"), Pass),
            (false, Answer::confirmed("", "0"), Pass),
            (false, Answer::confirmed("", ""), Pass),
            (false, Answer::confirmed("", "1"), Fail),
            (true, Answer::confirmed("", "0"), Fail),
        ] {
            let mut scene = Scene::registered();
            scene.visit(&Play {
                consents,
                answer,
                ..Play::default()
            });
            assert_eq!(said(&scene, SERVER), [due], "{consents}");
            assert_eq!(said(&scene, "reader"), [Pass]);
        }
        let mut scene = Scene::registered();
        scene.visit(&Play {
            consents: false,
            answer: Answer::confirmed("", "0"),
            bend: Some(("<OperationInfoConsFlg>0", "<OperationInfoConsFlg>1")),
            ..Play::default()
        });
        assert_eq!(said(&scene, SERVER), [Fail], "one kind alone");
    }

    #[test]
    fn the_reader_passes_the_answers_on() {
        let mut scene = Scene::registered();
        scene.visit(&Play {
            consents: false,
            answer: Answer::confirmed("", "0"),
            ..Play::default()
        });
        let line = "{\"consents\":{\"checkup\":false,\"drug\":false,\"operation\":false,\"treatment\":false},\"type\":\"consents\"}";
        assert!(scene.bend(line, &line.replace("\"drug\":false", "\"drug\":true")));
        assert_eq!(said(&scene, "reader"), [Fail]);
    }

    #[test]
    fn drugs_go_out_on_consent_alone() {
        for (name, consents, facility, code, drugs, due) in [
            ("given", true, CLINIC, "1", &["模擬錠"][..], Pass),
            ("kept back", true, CLINIC, "SIM-M401", &[], Fail),
            ("another drug", true, CLINIC, "1", &["別の錠"], Fail),
            ("no consent", false, CLINIC, "SIM-M401", &[], Pass),
            ("no consent, given", false, CLINIC, "1", &["模擬錠"], Fail),
            (
                "no consent, wrong code",
                false,
                CLINIC,
                "SIM-M402",
                &[],
                Fail,
            ),
            ("another clinic", true, STRANGER, "SIM-M401", &[], Pass),
            (
                "another clinic, given",
                true,
                STRANGER,
                "1",
                &["模擬錠"],
                Fail,
            ),
        ] {
            let mut scene = Scene::registered();
            scene.facility(STRANGER, "9917654321", true);
            scene.drug("模擬錠");
            scene.visit(&Play {
                consents,
                answer: Answer::confirmed("", if consents { "1" } else { "0" }),
                ..Play::default()
            });
            scene.ask_drugs(facility, code, drugs);
            assert_eq!(said(&scene, SERVER)[1], due, "{name}");
        }
    }
}
