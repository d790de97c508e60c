//! ELIG-19: what crosses a clinic is carried faithfully: the receipt computer asks what the clerk typed, the
//! terminal sends what card, reader and request file said, and tells and drops what the server answered, the
//! chart shows what results said; nothing added, changed or lost.

use evidence::Act;

use super::Rule;
use super::block::same_letters;
use super::closing;
use super::common::{READER, TERMINAL};
use super::desk::{is_about, troubled};
use super::handed_on::handed_on;
use super::lost::lost;
use super::outcomes::{tells, unfounded};
use super::passed_on;
use super::request_file::{mistyped, of_kind};
use super::spoken::spoken;
use super::wording::senseless;
use crate::case::{Case, Confirmation, Content, File, Line, Question, Said, Visit};
use crate::decode::result::Outcome;
use crate::decode::xml::Element;
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

const DESK: &str = "receipt-computer";

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-19",
    roles: &[READER, TERMINAL, DESK],
    clause: (
        "リーダー・端末・レセコンは、問われたことと答えられたことを、加えず変えず失わずに運ぶ",
        "Reader, terminal and receipt computer carry what was asked and answered; nothing added, changed or lost.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let own = |c: &&Confirmation| c.from.role == TERMINAL;
    let mut findings: Vec<Finding> = Vec::new();
    for confirmation in case.confirmations.iter().filter(own) {
        findings.extend(confirmed(case, confirmation));
    }
    let questions = case.questions.iter().filter(|a| a.from.role == TERMINAL);
    findings.extend(questions.filter_map(|a| asked(case, a)));
    let dropped = case
        .files
        .iter()
        .filter(|f| f.folder == "res" && f.planted.is_none());
    findings.extend(dropped.filter_map(|file| answered(case, file)));
    findings.extend(typed(case));
    findings.extend(spoken(case, RULE.id));
    findings.extend(lost(case));
    findings.extend(passed_on::requests(case));
    findings.extend(passed_on::unanswered(case));
    findings.extend(unfounded(case, RULE.id));
    findings.extend(handed_on(case, RULE.id));
    findings.extend(closing::shown(case, RULE.id));
    findings.extend(senseless(case, RULE.id));
    findings
}

pub(super) fn advice() -> Text {
    t(
        "引用した記録の前後を比べ、運ぶ途中で変わったところを直す",
        "Compare the quoted records before and after, and mend what changed on the way.",
    )
}

fn said(
    case: &Case,
    role: &'static str,
    expected: Text,
    wrong: Option<Text>,
    quotes: Vec<Quote>,
) -> Finding {
    let fine = t("そのまま運んだ", "It was carried as it was.");
    let actual = wrong.clone().unwrap_or(fine);
    case.of(RULE.id, role)
        .decide(wrong.is_none(), expected, actual, advice(), quotes)
}

/// A card confirmation: its consents, its outcome on the reader, its file.
fn confirmed(case: &Case, confirmation: &Confirmation) -> Option<Finding> {
    let visit = case.visit_of(confirmation)?;
    let expected = t(
        "リーダーの伝えた同意を送り、サーバーの答えをリーダーに伝え、そのままファイルに置く",
        "The reader's consents are sent, the server's answer is told to the reader and dropped as it is.",
    );
    let mut quotes = vec![q(
        confirmation.seq,
        "POST /v1/card-confirmations",
        confirmation.facility.clone(),
    )];
    let wrong = consents(visit, confirmation, &mut quotes);
    let wrong = wrong.or_else(|| proof(case, visit, confirmation, &mut quotes));
    let (seq, answer) = confirmation.answer.as_ref()?;
    quotes.push(q(*seq, "answer", told(answer)));
    let wrong = wrong
        .or_else(|| outcome(visit, *seq, answer, &mut quotes))
        .or_else(|| file(case, visit, *seq, answer, &mut quotes));
    Some(said(case, TERMINAL, expected, wrong, quotes))
}

fn told(answer: &Said) -> String {
    match answer {
        Said::Outcome(o) => format!(
            "status {}, code {}, validity {}",
            o.status.as_deref().unwrap_or("-"),
            o.code,
            o.validity.as_deref().unwrap_or("-")
        ),
        Said::Drugs(drugs) => drugs.code.clone(),
        Said::Error(status, name) => format!("{status} {name}"),
        Said::Broken(error) => error.to_string(),
    }
}

fn consents(visit: &Visit, confirmation: &Confirmation, quotes: &mut Vec<Quote>) -> Option<Text> {
    let sent = confirmation.request.as_ref().ok()?.consents;
    let before = visit.consents().filter(|(seq, _)| *seq < confirmation.seq);
    quotes.extend(before.map(|(seq, given)| q(seq, "consents", format!("{given:?}"))));
    let due = before.map_or([false; 4], |(_, given)| given);
    (sent != due).then(|| {
        t(
            format!("リーダーの伝えた{due:?}と違う同意{sent:?}を送った"),
            format!("It sent consents {sent:?}, the reader had said {due:?}."),
        )
    })
}

/// Certificate and signature are the card's own words, the method the way the person was proved.
fn proof(
    case: &Case,
    visit: &Visit,
    confirmation: &Confirmation,
    quotes: &mut Vec<Quote>,
) -> Option<Text> {
    let proof = case.proof_of(confirmation)?;
    let request = proof.request.as_ref().ok()?;
    let card = case.facts.card(&visit.card)?;
    if request.digest != card.digest {
        return Some(t(
            "カードのものでない証明書を送った",
            "It sent a certificate that is not the card's.",
        ));
    }
    if let Some(foreign) = passed_on::foreign_signature(visit, proof) {
        return Some(foreign);
    }
    let before = |l: &&Line| l.seq < proof.seq;
    let pin = visit.said(false, "pin-accepted").filter(before).last();
    let other = visit.said(false, "identity-accepted").filter(before).last();
    let staff = visit.said(true, "staff-confirmed").filter(before).last();
    let due = match (pin, other, staff) {
        (Some(pin), Some(other), _) if pin.seq > other.seq => "pin",
        (Some(_), None, _) => "pin",
        (_, Some(other), Some(staff)) if staff.seq < other.seq => {
            let face = visit.said(true, "face-compared").filter(before).last();
            if face.is_some_and(|f| f.seq > staff.seq) {
                "face"
            } else {
                "visual"
            }
        }
        (_, Some(_), _) => "face",
        _ => return None,
    };
    quotes.push(q(proof.seq, "method", request.method.clone()));
    (request.method != due).then(|| {
        t(
            format!("本人確認の方法を{due}でなく「{}」とした", request.method),
            format!(
                "It called the method \"{}\", due was {due}.",
                request.method
            ),
        )
    })
}

fn outcome(visit: &Visit, seq: u32, answer: &Said, quotes: &mut Vec<Quote>) -> Option<Text> {
    let line = visit.outcomes().find(|l| l.seq > seq);
    // Between an answer and the outcome lies nothing but the file: without an outcome that is time enough.
    let due = line.map_or(seq + 3, |l| l.seq);
    let gone = visit.taken.is_some_and(|taken| taken < due);
    if gone {
        return None;
    }
    let Some(line) = line else {
        return Some(t(
            "結果をリーダーに伝えなかった",
            "It did not tell the reader the outcome.",
        ));
    };
    let validity = line.value.as_ref().ok().and_then(|v| v.get("validity"));
    let validity = validity.and_then(serde_json::Value::as_str).unwrap_or("");
    let told = format!("{} {} {validity}", line.text("status"), line.text("code"));
    quotes.push(q(line.seq, "outcome", told.clone()));
    (!tells(line, answer)).then(|| {
        t(
            format!("リーダーに「{told}」と伝えた"),
            format!("It told the reader \"{told}\"."),
        )
    })
}

fn file(
    case: &Case,
    visit: &Visit,
    seq: u32,
    answer: &Said,
    quotes: &mut Vec<Quote>,
) -> Option<Text> {
    let Said::Outcome(answer) = answer else {
        return None;
    };
    let files: Vec<&File> = case.files_in(visit).filter(|f| f.seq > seq).collect();
    quotes.extend(files.iter().map(|f| q(f.seq, "face file", f.name.clone())));
    let Some(file) = files.first() else {
        let gone = visit.taken.is_some();
        // A card taken away meanwhile may leave no file; that is another rule's.
        return (!gone || visit.taken.is_some_and(|taken| taken > seq + 2)).then(|| {
            t(
                "結果のファイルを置かなかった",
                "It dropped no file of the result.",
            )
        });
    };
    let same = matches!(file.outcome(), Some(Ok(outcome)) if carries(outcome, answer));
    if !same || files.len() > 1 {
        return Some(t(
            "サーバーの答えと違うファイルを置いた",
            "The file it dropped does not say what the server answered.",
        ));
    }
    named(case, visit, file)
}

/// The name begins with the facility's own code.
fn named(case: &Case, visit: &Visit, file: &File) -> Option<Text> {
    let code = &case.facts.facility(&visit.facility)?.code;
    let own = crate::decode::file_name::face(&file.name).is_ok_and(|n| n.facility_code == *code);
    (!own).then(|| {
        t(
            format!("ファイル名{}が決まりのとおりでない", file.name),
            format!("The file's name {} is not as laid down.", file.name),
        )
    })
}

fn carries(file: &Outcome, answer: &Outcome) -> bool {
    same(&file.document.root, &answer.document.root) && names_its_code(file, answer)
}

/// Whether a file that was put into another character set says so.
fn names_its_code(file: &Outcome, answer: &Outcome) -> bool {
    let code = |of: &Outcome| of.header("CharacterCodeIdentifier").is_empty();
    file.remark.is_none() && code(file) == code(answer)
}

/// Whether two documents say the same: encoding aside, with ● for what it lacks, empty meaning absent.
pub(super) fn same(file: &Element, answer: &Element) -> bool {
    let full = |e: &&Element| !(e.children.is_empty() && e.text.is_empty());
    let of = |e: &'_ Element| -> Vec<Element> {
        let kept = e.children.iter().filter(full);
        { kept }
            .filter(|c| c.name != "CharacterCodeIdentifier")
            .cloned()
            .collect()
    };
    let (one, other) = (of(file), of(answer));
    file.name == answer.name
        && same_letters(&answer.text, &file.text)
        && one.len() == other.len()
        && one.iter().zip(&other).all(|(f, a)| same(f, a))
}

/// A question in XML: some request file said exactly that.
fn asked(case: &Case, question: &Question) -> Option<Finding> {
    let request = question.request.as_ref().ok();
    let files = case
        .files
        .iter()
        .filter(|f| f.folder == "req" && f.facility == question.facility && f.seq < question.seq);
    let files: Vec<&File> = files.collect();
    files.first()?;
    let said_so = |f: &&&File| match (f.request(), request) {
        (Some(Ok(file)), Some(sent)) => same(&file.document.root, &sent.document.root),
        (Some(Err(_)), None) => true,
        _ => false,
    };
    let source = files.iter().rev().find(said_so);
    let mut quotes = vec![q(
        question.seq,
        question.kind.path(),
        question.facility.clone(),
    )];
    quotes.extend(source.map(|f| q(f.seq, "req file", f.name.clone())));
    let expected = t(
        "要求ファイルの内容をそのままサーバーに送る",
        "What the request file says is sent to the server as it is.",
    );
    let wrong = source.is_none().then(|| {
        t(
            "どの要求ファイルとも違う要求を送った",
            "It sent a question no request file had asked.",
        )
    });
    Some(said(case, TERMINAL, expected, wrong, quotes))
}

/// A file in `res`: the server's answer to that very request.
fn answered(case: &Case, file: &File) -> Option<Finding> {
    let request = file.name.replacen("01res_", "01req_", 1);
    let own = |f: &&File| f.folder == "req" && f.facility == file.facility && f.name == request;
    let asked = case.files.iter().find(own);
    let questions = case.questions.iter().filter(|a| {
        let of_file = match (asked.and_then(|f| f.request()), &a.request) {
            (Some(Ok(file)), Ok(sent)) => same(&file.document.root, &sent.document.root),
            _ => false,
        };
        a.facility == file.facility && a.seq < file.seq && of_file
    });
    let mut answers = questions.filter_map(|a| a.answer.as_ref()).rev().peekable();
    // Refusals of the interface itself have no layout of their own to compare with.
    let readable = matches!(
        answers.peek(),
        Some((_, _, Said::Outcome(_) | Said::Drugs(_)))
    );
    if asked.is_some() && !readable {
        return None;
    }
    let source = answers.find(|(_, _, said)| match (said, &file.content) {
        (Said::Outcome(o), Content::Outcome(Ok(file))) => carries(file, o),
        (Said::Drugs(d), Content::Drugs(Ok(file))) => same(&file.document.root, &d.document.root),
        _ => false,
    });
    let mut quotes = vec![q(file.seq, "res file", file.name.clone())];
    quotes.extend(asked.map(|f| q(f.seq, "req file", f.name.clone())));
    quotes.extend(source.map(|(seq, _, said)| q(*seq, "answer", told(said))));
    let expected = t(
        "要求と同じ名前（reqをresに）で、サーバーの答えをそのまま置く",
        "The server's answer is put under the request's name (req → res), as it is.",
    );
    let wrong = match (asked, source) {
        (None, _) => Some(t("要求のない名前で置いた", "No request has that name.")),
        (_, None) => Some(t(
            "サーバーの答えと違うファイルを置いた",
            "The file does not say what the server answered.",
        )),
        _ => None,
    };
    Some(said(case, TERMINAL, expected, wrong, quotes))
}

/// What the clerk typed stands in the request file that follows.
fn typed(case: &Case) -> Vec<Finding> {
    let acts = case.acts.iter().filter_map(|(seq, act)| {
        let (facility, _) = typed_at(act)?;
        let next = case.acts.iter().find(|(s, a)| {
            let of_kind = std::mem::discriminant(a) == std::mem::discriminant(act);
            *s > *seq && of_kind && typed_at(a).is_some_and(|(f, _)| f == facility)
        });
        let until = next.map_or(u32::MAX, |(s, _)| *s);
        let file = case.files.iter().find(|f| {
            f.folder == "req"
                && f.facility == facility
                && f.seq > *seq
                && f.seq < until
                && f.request()
                    .is_some_and(|r| r.as_ref().map_or(true, |r| of_kind(act, r)))
        });
        let expected = t(
            "受付の入力どおりの要求ファイルを置く",
            "The request file says what the clerk typed.",
        );
        let typed = q(*seq, "typed", format!("{act:?}"));
        let Some(file) = file else {
            let none = t("要求ファイルを置かなかった", "It put no request file.");
            let idle = case.facts.faults.is_empty() && !troubled(case);
            let due = idle && can_be_asked(case, act, *seq);
            return due.then(|| said(case, DESK, expected, Some(none), vec![typed]));
        };
        let wrong = match file.request() {
            Some(Ok(request)) => mistyped(case, act, request, facility),
            Some(Err(error)) => Some(t(
                format!("要求ファイルを読み取れない（{error}）"),
                format!("Its request file cannot be read: {error}."),
            )),
            None => None,
        };
        let quotes = vec![typed, q(file.seq, "req file", file.name.clone())];
        Some(said(case, DESK, expected, wrong, quotes))
    });
    acts.collect()
}

/// Whether the receipt computer has what it takes to ask: whose latest result is not valid can be asked for by
/// what the clerk types alone.
fn can_be_asked(case: &Case, act: &Act, seq: u32) -> bool {
    let Some((facility, person)) = typed_at(act) else {
        return false;
    };
    let by_number = matches!(act, Act::AskByNumber { .. });
    let found = case.facts.person(person);
    let known = found.is_some_and(|person| {
        let birth = person.birth.to_compact();
        let before = case
            .files
            .iter()
            .filter(|f| f.seq < seq && f.facility == facility);
        let mut outcomes = before.filter_map(|f| f.outcome()?.as_ref().ok());
        let about = |o: &&Outcome| o.persons.iter().any(|b| is_about(b, &person.kana, &birth));
        let latest = outcomes.rfind(about);
        latest.is_some_and(|o| o.validity.as_deref() == Some("1"))
    });
    by_number || known
}

fn typed_at(act: &Act) -> Option<(&str, &str)> {
    match act {
        Act::AskByNumber {
            facility, person, ..
        }
        | Act::RegisterReferenceNumber {
            facility, person, ..
        }
        | Act::AskDrugs { facility, person } => Some((facility, person)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;

    fn fails(scene: &Scene) -> Vec<String> {
        let failing = scene.said("ELIG-19").into_iter().filter(|s| s.1 == Fail);
        failing.map(|s| s.0).collect()
    }

    #[test]
    fn a_card_check_is_carried_as_it_is() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        let role = |role: &str| (role.to_owned(), Pass, None);
        let due = ["terminal", "reader", "receipt-computer", "reader"].map(role);
        assert_eq!(scene.said("ELIG-19"), due);
        for play in [
            Play {
                file: File::None,
                ..Play::default()
            },
            Play {
                file: File::Other(b"<XmlMsg><MessageHeader/><MessageBody/></XmlMsg>"),
                ..Play::default()
            },
            Play {
                file: File::Leaking,
                ..Play::default()
            },
            Play {
                told_code: Some("SIM-N101"),
                ..Play::default()
            },
        ] {
            let mut scene = Scene::registered();
            scene.visit(&play);
            assert_eq!(fails(&scene), ["terminal"], "{play:?}");
        }
        for (from, to) in [
            (
                "\"drug\":true,\"operation\":true,\"treatment\":true},\"session\"",
                "\"drug\":false,\"operation\":true,\"treatment\":true},\"session\"",
            ),
            ("\"method\":\"pin\"", "\"method\":\"face\""),
            ("\"validity\":\"1\"", "\"validity\":\"2\""),
        ] {
            let mut scene = Scene::registered();
            scene.visit(&Play::default());
            assert!(scene.bend(from, to), "{from} is nowhere");
            assert_eq!(fails(&scene), ["terminal"], "{from}");
        }
    }

    /// What is said of the reader where a visit ends so.
    fn closes(answer: Answer, id: &'static str, line: &'static str) -> bool {
        let mut scene = Scene::registered();
        scene.visit(&Play {
            answer,
            last: (id, Vec::leak(vec![line])),
            ..Play::default()
        });
        !fails(&scene).contains(&"reader".to_owned())
    }

    #[test]
    fn the_closing_screen_says_what_was_told() {
        let valid = || Answer::confirmed("", "1");
        let lost = || Answer::answered("2", NUMBER);
        let revoked = || Answer::refused("SIM-E202");
        let done = "受付が完了しました。健康保険の資格を確認しました。";
        let none = "照会が終わりました。有効な資格を確認できませんでした。";
        let failed = "受付できませんでした。電子証明書が失効しています。";
        for (answer, id, line, due) in [
            (valid(), "DONE", done, true),
            (valid(), "DONE", " ", false),
            (valid(), "DONE", "資格を確認できませんでした。", false),
            (valid(), "REFUSED", failed, false),
            (valid(), "UNAVAILABLE", "確認できません。", false),
            (lost(), "DONE", none, true),
            (lost(), "DONE", "照会が終わりました。", true),
            (lost(), "DONE", done, false),
            (Answer::answered("", NUMBER), "DONE", done, true),
            (revoked(), "REFUSED", failed, true),
            (
                revoked(),
                "REFUSED",
                "電子証明書の更新をお願いします。受付できません。",
                true,
            ),
            (revoked(), "REFUSED", "受付できません。", false),
            (revoked(), "REFUSED", done, false),
            (revoked(), "DONE", failed, false),
            (
                revoked(),
                "REFUSED",
                "受付が完了しました。失効はありません。",
                false,
            ),
        ] {
            assert_eq!(closes(answer, id, line), due, "{id} {line}");
        }
    }

    #[test]
    fn a_reader_is_not_asked_for_screens_it_could_not_show() {
        use crate::testing::stay::*;
        let told =
            terminal(r#"{"type":"outcome","status":"refused","code":"SIM-E202","message":"x"}"#);
        let answered = [shows("CONSENT_OPERATION"), reader(r#"{"type":"consents"}"#)].concat();
        let closings = |moves: &[Did]| {
            let mut scene = Scene::chip();
            scene.stay(CLINIC, moves);
            let case = scene.case();
            super::closing::shown(&case, "ELIG-19").len()
        };
        let later = shows("PLACE_CARD");
        let with = |parts: &[&[Did]]| closings(&parts.concat());
        assert_eq!(with(&[&answered, &told, &shows("DONE")]), 1);
        assert_eq!(with(&[&told, &later]), 0, "before the answers");
        assert_eq!(with(&[&answered, &shows("UNAVAILABLE"), &told, &later]), 0);
        assert_eq!(with(&[&answered, &take_card(), &told, &later]), 0);
        assert_eq!(with(&[&answered, &told, &shows("CARD_REMOVED")]), 0);
        assert_eq!(with(&[&answered, &told]), 0, "the evidence ends there");
    }

    #[test]
    fn a_question_by_number_is_carried_as_it_is() {
        let mut scene = Scene::registered();
        scene.ask(&Ask::default());
        let said: Vec<_> = scene
            .said("ELIG-19")
            .into_iter()
            .map(|s| (s.0, s.1))
            .collect();
        let due = [
            ("terminal", Pass),
            ("terminal", Pass),
            ("receipt-computer", Pass),
        ];
        assert_eq!(said, due.map(|(role, verdict)| (role.to_owned(), verdict)));
        for (ask, role) in [
            (
                Ask {
                    bend_file: Some(("<QualificationValidity>1", "<QualificationValidity>2")),
                    ..Ask::default()
                },
                "terminal",
            ),
            (
                Ask {
                    bend_question: Some(("３４", "３５")),
                    ..Ask::default()
                },
                "terminal",
            ),
        ] {
            let mut scene = Scene::registered();
            scene.ask(&ask);
            assert!(fails(&scene).iter().all(|r| r == role) && !fails(&scene).is_empty());
        }
    }

    #[test]
    fn the_request_file_says_what_was_typed() {
        let mut scene = Scene::registered();
        scene.ask(&Ask::default());
        for record in &mut scene.records.records {
            if let evidence::What::Declared(evidence::Declared {
                fact:
                    evidence::Fact::Hands {
                        act: evidence::Act::AskByNumber { on, .. },
                        ..
                    },
            }) = &mut record.what
            {
                *on = "2026-10-14".into();
            }
        }
        assert_eq!(fails(&scene), ["receipt-computer"]);
    }
}
