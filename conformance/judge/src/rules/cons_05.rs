//! CONS-05: refusing every consent never hinders the eligibility result.

use super::Rule;
use super::common::{Asked, Reply, asked, described, quoted};
use crate::case::{Case, File, Visit};
use crate::decode::apdu::{Command, Presented};
use crate::decode::result::Outcome;
use crate::expect;
use crate::finding::{Speaker, q, t};
use crate::{Finding, Quote, Text};

const TERMINAL: &str = "terminal";

/// The rule.
pub const RULE: Rule = Rule {
    id: "CONS-05",
    roles: &[TERMINAL],
    clause: (
        "同意しなくても、資格確認の結果は受け取れる",
        "Refusing consent never hinders the eligibility result.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    case.visits
        .iter()
        .filter_map(|visit| of(case, visit))
        .collect()
}

fn of(case: &Case, visit: &Visit) -> Option<Finding> {
    let (consents_seq, consents) = visit.consents()?;
    let enrolled = case
        .facts
        .facility(&visit.facility)
        .is_some_and(|f| f.enrolled);
    if consents.iter().all(|given| *given) || !enrolled || !pin_accepted(visit, consents_seq) {
        return None;
    }
    let say = case.of(RULE.id, TERMINAL);
    let refused = consents.iter().filter(|given| !**given).count();
    let expected = t(
        format!(
            "四つの同意のうち{refused}つを断っても、サーバーの答えた資格がそのまま結果ファイルで届く"
        ),
        format!(
            "{refused} of four consents are refused; the qualification the server answers still arrives in the result file."
        ),
    );
    let quotes = vec![q(consents_seq, "consents", format!("{consents:?}"))];
    match asked(case)
        .filter(|a| visit.covers(&a.confirmation.from.name, a.confirmation.seq))
        .last()
    {
        Some(asked) => answered(case, visit, &asked, say, expected, quotes),
        None => not_asked(case, visit, consents_seq, say, expected, quotes),
    }
}

fn pin_accepted(visit: &Visit, before: u32) -> bool {
    let verified = visit.card_exchanges.iter().any(|e| {
        let right = matches!(&e.response, Some((_, Ok(response))) if response.status == 0x9000);
        right && e.seq < before && matches!(e.command, Ok(Command::Verify(_, Presented::Secret(_))))
    });
    // A reader may ask the consents first; that is AUTH-07's to judge.
    verified
        || visit
            .lines
            .iter()
            .any(|l| !l.from_reader && l.kind() == "pin-accepted")
}

fn advice() -> Text {
    t(
        "同意の有無にかかわらず資格を照会し、その結果をfaceフォルダーに置く",
        "Ask for the qualification whatever was consented to, and put the result into the face folder.",
    )
}

fn answered(
    case: &Case,
    visit: &Visit,
    asked: &Asked<'_>,
    say: Speaker<'_>,
    expected: Text,
    mut quotes: Vec<Quote>,
) -> Option<Finding> {
    // A refusal by the server is no hindrance of the terminal's making.
    let Reply::Confirms(seq, outcome) = asked.reply() else {
        return None;
    };
    quotes.extend(quoted(seq, outcome));
    let files: Vec<&File> = case.files_in(visit).filter(|f| f.seq > seq).collect();
    quotes.extend(files.iter().map(|f| q(f.seq, "face file", f.name.clone())));
    if files
        .iter()
        .any(|f| matches!(f.outcome(), Some(Ok(o)) if same(o, outcome)))
    {
        return Some(say.pass(expected, described(outcome), quotes));
    }
    let actual = match files.last().and_then(|f| f.outcome()) {
        None => t("結果ファイルが届いていない", "No result file arrived."),
        Some(Err(error)) => t(
            format!("結果ファイルを読み取れない（{error}）"),
            format!("The result file cannot be read: {error}."),
        ),
        Some(Ok(outcome)) => described(outcome),
    };
    Some(say.fail(expected, actual, advice(), quotes))
}

fn same(file: &Outcome, answer: &Outcome) -> bool {
    let numbers = |o: &Outcome| {
        o.persons
            .iter()
            .map(|p| p.numbers.clone())
            .collect::<Vec<_>>()
    };
    file.status == answer.status
        && file.validity == answer.validity
        && numbers(file) == numbers(answer)
}

/// The terminal never asked: its own doing, unless the server turned it away, the card would not sign,
/// or the patient had gone.
fn not_asked(
    case: &Case,
    visit: &Visit,
    consents_seq: u32,
    say: Speaker<'_>,
    expected: Text,
    quotes: Vec<Quote>,
) -> Option<Finding> {
    let card = case.facts.card(&visit.card)?;
    if !expect::expected(case, card, visit.at, visit.at)
        .due()
        .confirms()
    {
        return None;
    }
    let processing = visit
        .screens
        .iter()
        .find(|s| s.id == "PROCESSING")
        .map_or(u32::MAX, |s| s.seq);
    if visit
        .taken
        .is_some_and(|taken| taken < processing.max(consents_seq))
    {
        return None;
    }
    let within = |seq: u32| visit.covers(&visit.place, seq);
    let failed = case
        .connections
        .iter()
        .any(|c| c.asker.name == visit.place && within(c.last) && c.alert.is_some());
    let unsigned = visit.card_exchanges.iter().any(|e| {
        matches!(e.command, Ok(Command::ComputeSignature(..)))
            && matches!(&e.response, Some((_, Ok(response))) if response.status != 0x9000)
    });
    let actual = t(
        "資格を照会しなかった",
        "It never asked for the qualification.",
    );
    if failed || unsigned {
        let role = if failed { "eligibility-server" } else { "card" };
        return Some(say.unclear(role, expected, actual, quotes));
    }
    Some(say.fail(expected, actual, advice(), quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    fn said(play: Play) -> Vec<(Verdict, Option<String>)> {
        let mut scene = Scene::registered();
        scene.visit(&Play {
            consents: false,
            ..play
        });
        scene
            .said("CONS-05")
            .into_iter()
            .map(|(_, verdict, fault)| (verdict, fault))
            .collect()
    }

    #[test]
    fn the_result_arrives_without_consent() {
        let fails = [(Fail, Some("terminal".to_owned()))];
        let same = || Play {
            answer: Answer::confirmed("", "0"),
            ..Play::default()
        };
        assert_eq!(said(same()), [(Pass, None)]);
        assert_eq!(
            said(Play {
                answer: Answer::answered("2", NUMBER),
                ..Play::default()
            }),
            [(Pass, None)]
        );
        assert_eq!(
            said(Play {
                file: File::None,
                ..same()
            }),
            fails
        );
        assert_eq!(
            said(Play {
                file: File::Other(b"<XmlMsg/>"),
                ..same()
            }),
            fails
        );
        assert_eq!(
            said(Play {
                asks: false,
                ..same()
            }),
            fails
        );
    }

    #[test]
    fn what_others_did_is_not_the_terminals() {
        assert_eq!(
            said(Play {
                answer: Answer::refused("SIM-E202"),
                ..Play::default()
            }),
            []
        );
        assert_eq!(
            said(Play {
                pins: vec![Pin::wrong(0x63C2)],
                ..Play::default()
            }),
            []
        );
        let alert = Play {
            alert: Some("UnknownCA"),
            ..Play::default()
        };
        assert_eq!(said(alert), [], "consents were never asked");
        let mut scene = Scene::registered();
        scene.visit(&Play {
            file: File::None,
            ..Play::default()
        });
        assert_eq!(scene.said("CONS-05"), [], "everything was consented to");
    }

    #[test]
    fn a_file_that_says_otherwise_fails() {
        let mut scene = Scene::registered();
        scene.visit(&Play {
            consents: false,
            answer: Answer::answered("2", NUMBER),
            file: File::Other(OTHER.as_bytes()),
            ..Play::default()
        });
        assert_eq!(scene.said("CONS-05")[0].1, Fail);
    }

    const OTHER: &str = "<XmlMsg><MessageHeader/><MessageBody><ProcessingResultStatus>1</ProcessingResultStatus>\
        <QualificationValidity>1</QualificationValidity></MessageBody></XmlMsg>";
}
