//! CONS-05: refusing every consent never hinders the eligibility result.

use evidence::Act;

use super::Rule;
use super::common::{Asked, READER, Reply, TERMINAL, asked, described, quoted};
use super::desk::{DESK, came, had_time, imports, insurances, waits};
use crate::case::{Case, Chart, File, Visit};
use crate::decode::apdu::{Command, Presented};
use crate::decode::result::Outcome;
use crate::expect;
use crate::finding::{Speaker, q, t};
use crate::{Finding, Quote, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "CONS-05",
    roles: &[READER, TERMINAL, DESK],
    clause: (
        "同意しなくても、資格確認の結果は受け取れる",
        "Refusing consent never hinders the eligibility result.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let of_terminal = case.visits.iter().filter_map(|visit| of(case, visit));
    let of_reader = case.visits.iter().filter_map(|visit| goes_on(case, visit));
    let of_desk = case.charts.iter().flat_map(|chart| taken_in(case, chart));
    of_reader.chain(of_terminal).chain(of_desk).collect()
}

/// The reader goes on to the check after the last answer, whatever the answers were.
fn goes_on(case: &Case, visit: &Visit) -> Option<Finding> {
    let known = visit.said(false, "standing").next()?.seq;
    let answers = visit.acts.iter().filter(|(seq, _)| *seq > known);
    let answers: Vec<(u32, bool)> = answers
        .filter_map(|(seq, act)| match act {
            Act::Consent { given, .. } => Some((*seq, *given)),
            _ => None,
        })
        .collect();
    let (last, _) = *answers.last()?;
    let all = answers.len() == 3 && answers.iter().any(|(_, given)| !given);
    let passed_on = visit.said(true, "consents").find(|l| l.seq > last);
    let screen = visit.shown_from(last).next()?;
    // The terminal may have ended the stay meanwhile, or the card have left.
    let ended = visit.lines.iter().any(|l| {
        let ends = ["outcome", "card-unusable"].contains(&l.kind());
        !l.from_reader && ends && l.seq > known && l.seq < screen.seq
    });
    let ended = ended || visit.taken.is_some_and(|taken| taken < screen.seq);
    if !all || (passed_on.is_none() && ended) {
        return None;
    }
    let expected = t(
        "同意を断っても、答えを端末に伝えて資格の確認に進む",
        "Consents refused, it passes the answers on all the same.",
    );
    let actual = match passed_on {
        Some(_) => t("伝えて進んだ", "It passed them on."),
        None => t(
            format!("伝えずに{}を表示した", screen.id),
            format!("It showed {} and passed nothing on.", screen.id),
        ),
    };
    let mut quotes = vec![q(screen.seq, "screen", screen.id.clone())];
    quotes.extend(passed_on.map(|l| q(l.seq, "consents", "passed on")));
    let holds = passed_on.is_some();
    let advice = t(
        "同意の答えがすべて「いいえ」でも、資格の確認に進む",
        "Go on to the check even when every answer is no.",
    );
    let say = case.of(RULE.id, READER);
    Some(say.decide(holds, expected, actual, advice, quotes))
}

/// The receipt computer takes in the result of a patient who consented to nothing.
fn taken_in(case: &Case, chart: &Chart) -> Vec<Finding> {
    let refused = case.visits.iter().filter(|v| {
        let none = v.consents().is_some_and(|(_, given)| given == [false; 4]);
        v.facility == chart.facility && none
    });
    let files: Vec<u32> = { refused }
        .flat_map(|v| case.files_in(v).map(|f| f.seq))
        .collect();
    let all = came(case, chart);
    let own = all.iter().filter(|c| {
        files.contains(&c.file.seq) && had_time(case, chart, c.file) && !waits(chart, c)
    });
    own.map(|result| {
        // A product that lists no checks shows the insurance at least.
        let shown = || {
            let rows = insurances(chart).iter();
            { rows }.any(|row| row.numbers == result.block.numbers)
        };
        let holds = imports(chart, result).map_or_else(shown, |times| times > 0);
        let expected = t(
            "同意のない受診の結果も、カルテに取り込む",
            "The result of a visit without consent, too, is taken into the chart.",
        );
        let actual = match holds {
            true => t("取り込んだ", "It took it in."),
            false => t("取り込まなかった", "It did not take it in."),
        };
        let advice = t(
            "同意フラグは医療情報の閲覧のためだけに使い、資格の取込みを左右させない",
            "Use the consent flags for medical information alone; they decide nothing about the qualification.",
        );
        let quotes = vec![
            q(result.file.seq, "face file", result.file.name.clone()),
            q(chart.seq, "chart", chart.person.clone()),
        ];
        let say = case.of(RULE.id, DESK);
        say.decide(holds, expected, actual, advice, quotes)
    })
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
        let said = scene.said("CONS-05").into_iter();
        said.filter(|s| s.0 == super::TERMINAL)
            .map(|(_, verdict, fault)| (verdict, fault))
            .collect()
    }

    fn refusing() -> Scene {
        let mut scene = Scene::registered();
        scene.visit(&Play {
            consents: false,
            answer: Answer::confirmed("", "0"),
            ..Play::default()
        });
        scene
    }

    fn of(scene: &Scene, role: &str) -> Vec<Verdict> {
        let said = scene.said("CONS-05").into_iter();
        said.filter(|s| s.0 == role).map(|s| s.1).collect()
    }

    #[test]
    fn the_reader_goes_on_after_three_refusals() {
        let scene = refusing();
        assert_eq!(of(&scene, "reader"), [Pass]);
        let mut ending = scene.clone();
        let told = |record: &evidence::Record| match &record.what {
            evidence::What::Tapped(t) => {
                let bytes = &scene.records.bytes[t.bytes.as_ref().unwrap()];
                let line = String::from_utf8_lossy(bytes);
                t.hop == "reader" && ["consents", "outcome"].iter().any(|k| line.contains(k))
            }
            _ => false,
        };
        ending.records.records.retain(|record| !told(record));
        assert_eq!(of(&ending, "reader"), [Fail]);
        let mut agreed = Scene::registered();
        agreed.visit(&Play::default());
        assert_eq!(of(&agreed, "reader"), []);
    }

    #[test]
    fn the_receipt_computer_takes_it_in() {
        use crate::testing::charted::{Paper, row};
        let mut scene = refusing();
        scene.at("2026-10-15T09:30:00");
        assert_eq!(
            of(&scene, "receipt-computer"),
            [],
            "nobody looked long enough after"
        );
        let mut left_out = scene.clone();
        scene.unlisted(&[row("current", &[])]);
        assert_eq!(of(&scene, "receipt-computer"), [Pass]);
        left_out.unlisted(&[]);
        assert_eq!(of(&left_out, "receipt-computer"), [Fail]);
        let mut planted = Scene::registered();
        planted.plant(&Paper::default());
        planted.at("2026-10-15T09:30:00");
        planted.unlisted(&[]);
        assert_eq!(
            of(&planted, "receipt-computer"),
            [],
            "no visit of anybody's"
        );
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
        assert_eq!(of(&scene, "terminal"), [], "everything was consented to");
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
        assert_eq!(of(&scene, "terminal"), [Fail]);
    }

    const OTHER: &str = "<XmlMsg><MessageHeader/><MessageBody><ProcessingResultStatus>1</ProcessingResultStatus>\
        <QualificationValidity>1</QualificationValidity></MessageBody></XmlMsg>";
}
