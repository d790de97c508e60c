//! ELIG-16: a clinic's own patient number registered for a person comes back with every later card check at
//! that clinic and only there.

use super::Rule;
use super::common::{Asked, Reply, SERVER, SERVER_HOUSES, asked, described};
use super::delivery;
use super::desk::DESK;
use super::reference_shown;
use crate::Finding;
use crate::case::{Case, Kind, Question, Said};
use crate::decode::request::Asks;
use crate::decode::result::Numbers;
use crate::expect::{self, same_insurer};
use crate::finding::{q, t};

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-16",
    roles: &[SERVER, DESK],
    clause: (
        "医療機関が登録した照会番号を、その後のカードの確認のたびに、その医療機関にだけ返す",
        "A clinic's own number of a patient comes back with every later card check there, and only there.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let mut findings: Vec<Finding> = asked(case).filter_map(|asked| of(case, &asked)).collect();
    findings.extend(case.questions.iter().filter_map(|a| told(case, a)));
    findings.extend(reference_shown::shown(case, RULE.id));
    findings
}

/// A number registered for somebody insured is taken and echoed as it was.
fn told(case: &Case, question: &Question) -> Option<Finding> {
    let enrolled = case
        .facts
        .facility(&question.facility)
        .is_none_or(|f| f.enrolled);
    let own = question.kind == Kind::Reference && question.from.role == "terminal" && enrolled;
    let request = question.request.as_ref().ok().filter(|_| own)?;
    let Asks::Reference { reference } = &request.asks else {
        return None;
    };
    let at = question.at;
    let due = expect::by_number(&case.facts, &request.numbers, None, at.day, at);
    let fits = !reference.is_empty() && reference.chars().count() <= 50;
    if due.validities != ["1"] || !fits || case.facts.fault(&SERVER_HOUSES, at).is_some() {
        return None;
    }
    let (seq, _, said) = question.answer.as_ref()?;
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        format!("{}の照会番号「{reference}」を受け付ける", request.numbers),
        format!(
            "The number \"{reference}\" of {} is taken.",
            request.numbers
        ),
    );
    let kept = delivery::entries(case, due.person?, at, question.seq);
    let quotes = vec![q(question.seq, "ReferenceNumber", reference.clone())];
    if let Some((role, why)) = kept {
        return Some(say.unclear(role, expected, why, quotes));
    }
    let echoed = match said {
        Said::Outcome(outcome) => outcome.document.root.text_of("ReferenceNumber"),
        _ => "",
    };
    let holds = taken(question) && (echoed.is_empty() || echoed == reference);
    let actual = match said {
        Said::Outcome(outcome) => described(outcome),
        Said::Error(status, name) => t(
            format!("HTTP {status}（{name}）を返した"),
            format!("It answered HTTP {status} ({name})."),
        ),
        _ => t("読み取れない応答だった", "Its answer cannot be read."),
    };
    let advice = t(
        "番号で一人に決まるときは照会番号を受け付け、そのまま返す",
        "Where the number names one person, take the clinic's number and echo it.",
    );
    let mut quotes = quotes;
    quotes.push(q(*seq, "ReferenceNumber", echoed));
    Some(say.decide(holds, expected, actual, advice, quotes))
}

fn taken(question: &Question) -> bool {
    matches!(&question.answer, Some((_, _, Said::Outcome(o))) if o.status.as_deref() == Some("1"))
}

/// A number registered: record, facility, number, and the qualification it was registered under.
type Kept<'a> = (u32, &'a str, &'a str, &'a Numbers);

/// Registrations of a person's number the server took before a record, in order.
fn registered<'a>(case: &'a Case, person: &str, seq: u32) -> Vec<Kept<'a>> {
    let kept = case.questions.iter().filter(|question| {
        question.kind == Kind::Reference && question.seq < seq && taken(question)
    });
    let of = |question: &'a Question| {
        let request = question.request.as_ref().ok()?;
        let Asks::Reference { reference } = &request.asks else {
            return None;
        };
        let owners = expect::owners(&case.facts, &request.numbers, None, question.at);
        let own = owners.contains(&person);
        let facility = question.facility.as_str();
        own.then_some((question.seq, facility, reference.as_str(), &request.numbers))
    };
    kept.filter_map(of).collect()
}

fn of(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    let Reply::Confirms(_, outcome) = asked.reply() else {
        return None;
    };
    let facility = &asked.confirmation.facility;
    let all = registered(case, &asked.card.holder, asked.confirmation.seq);
    let own = all.iter().rfind(|(_, f, ..)| f == facility);
    let due = own.map_or("", |(_, _, reference, _)| reference);
    let found = outcome.persons.iter().map(|p| p.text("ReferenceNumber"));
    let found = { found }.find(|text| !text.is_empty()).unwrap_or("");
    if all.is_empty() && found.is_empty() {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let expected = match due {
        "" => t(
            format!("{facility}は照会番号を登録していないので、返さない"),
            format!("{facility} registered no number for the person: none comes back."),
        ),
        due => t(
            format!("{facility}の登録した照会番号「{due}」を返す"),
            format!("The number {facility} registered, \"{due}\", comes back."),
        ),
    };
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return Some(finding);
    }
    let actual = t(
        format!("照会番号は「{found}」だった"),
        format!("The number was \"{found}\"."),
    );
    let advice = t(
        "照会番号を医療機関と人の組に結び付け、その医療機関の結果にだけ載せる",
        "Tie the number to facility and person, and put it into that facility's results alone.",
    );
    let mut quotes = asked.quotes();
    quotes.extend(
        all.iter()
            .map(|(seq, f, reference, _)| q(*seq, format!("ReferenceNumber of {f}"), *reference)),
    );
    quotes.push(q(asked.confirmation.seq, "ReferenceNumber", found));
    // After a change of insurer it may be missing until it is registered anew (facts/eligibility.md 8, 40).
    let changed = own.is_some_and(|(.., numbers)| {
        outcome.persons.iter().all(|p| {
            p.numbers.number != numbers.number
                || !same_insurer(&p.numbers.insurer_number, &numbers.insurer_number)
        })
    });
    let holds = found == due || (changed && found.is_empty());
    Some(say.decide(holds, expected, actual, advice, quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    fn said(facility: &'static str, reference: &'static str) -> Vec<Verdict> {
        let mut scene = Scene::registered();
        scene.facility(STRANGER, "9917654321", true);
        scene.register_reference(CLINIC, "A-7");
        scene.visit(&Play {
            facility,
            reference,
            ..Play::default()
        });
        let said = scene.said("ELIG-16").into_iter();
        said.take(1).map(|s| s.1).collect()
    }

    #[test]
    fn the_number_comes_back_there_and_only_there() {
        assert_eq!(said(CLINIC, "A-7"), [Pass]);
        assert_eq!(said(CLINIC, ""), [Fail]);
        assert_eq!(said(CLINIC, "A-8"), [Fail]);
        assert_eq!(said(STRANGER, ""), [Pass]);
        assert_eq!(said(STRANGER, "A-7"), [Fail]);
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(scene.said("ELIG-16"), []);
        scene.visit(&Play {
            reference: "A-7",
            ..Play::default()
        });
        assert_eq!(scene.said("ELIG-16")[0].1, Fail, "nobody registered it");
    }

    #[test]
    fn the_latest_number_counts() {
        let mut scene = Scene::registered();
        scene.register_reference(CLINIC, "A-7");
        scene.register_reference(CLINIC, "B-9");
        scene.visit(&Play {
            reference: "B-9",
            ..Play::default()
        });
        assert_eq!(scene.said("ELIG-16")[0].1, Pass);
    }
}
