//! ELIG-20: every answer in XML says whom it answers, what was asked and when, and how it ended; header,
//! status, code, words and echo agree with the question and with one another.

use super::Rule;
use super::block::same_text;
use super::common::{SERVER, TERMINAL};
use crate::calendar::{Day, Instant};
use crate::case::{Case, Kind, Said};
use crate::decode::request::{Asks, Request};
use crate::decode::result::Outcome;
use crate::decode::xml::Element;
use crate::finding::{q, t};
use crate::{Finding, Text};

/// How far the server's clock may be from that of the record, in milliseconds.
const CLOCKS: i64 = 2_000;

/// The rule.
pub const RULE: Rule = Rule {
    id: "ELIG-20",
    roles: &[SERVER],
    clause: (
        "応答の見出し・処理結果・写しは、照会した医療機関と内容と時刻に合い、互いに矛盾しない",
        "Header, status and echo of an answer agree with who asked what and when, and with one another.",
    ),
    check,
};

/// An answer and what it answers.
struct Told<'a> {
    seq: u32,
    outcome: &'a Outcome,
    facility: &'a str,
    asked: Instant,
    /// Day asked for and OQSCD002; none for a clinic's own number of a patient.
    about: Option<(Day, &'static str)>,
    request: Option<&'a Request>,
}

fn check(case: &Case) -> Vec<Finding> {
    let by_card = case
        .confirmations
        .iter()
        .filter(|c| c.from.role == TERMINAL);
    let by_card = by_card.filter_map(|c| match &c.answer {
        Some((seq, Said::Outcome(outcome))) => Some(Told {
            seq: *seq,
            outcome,
            facility: &c.facility,
            asked: c.at,
            about: Some((c.at.day, "1")),
            request: None,
        }),
        _ => None,
    });
    let asked = case.questions.iter().filter(|a| a.from.role == TERMINAL);
    let asked = asked.filter_map(|a| {
        let Some((seq, _, Said::Outcome(outcome))) = &a.answer else {
            return None;
        };
        let request = a.request.as_ref().ok()?;
        let about = match (a.kind, &request.asks) {
            (Kind::Number, Asks::Number { on, .. }) => Some((on.unwrap_or(a.at.day), "2")),
            (Kind::Reference, Asks::Reference { .. }) => None,
            _ => return None,
        };
        Some(Told {
            seq: *seq,
            outcome,
            facility: &a.facility,
            asked: a.at,
            about,
            request: Some(request),
        })
    });
    let enrolled = |told: &Told<'_>| {
        case.facts
            .facility(told.facility)
            .is_none_or(|f| f.enrolled)
    };
    { by_card }
        .chain(asked)
        .filter(enrolled)
        .map(|told| of(case, &told))
        .collect()
}

fn of(case: &Case, told: &Told<'_>) -> Finding {
    let wrong = kind_of_content(case, told)
        .or_else(|| header(case, told))
        .or_else(|| ended(told))
        .or_else(|| echo(told))
        .or_else(|| twice(&told.outcome.document.root))
        .or_else(|| wide(&told.outcome.document.root));
    let expected = t(
        "応答の見出し・処理結果・写しが照会に合う",
        "Header, status and echo fit what was asked.",
    );
    let fine = t("合っている", "They do.");
    let advice = t(
        "引用した項目を、照会した医療機関・照会の内容・処理した時刻から作る",
        "Make the quoted element of who asked, what was asked and when it was done.",
    );
    let quotes = vec![q(
        told.seq,
        "MessageHeader",
        [
            "ProcessExecutionTime",
            "QualificationConfirmationDate",
            "MedicalInstitutionCode",
            "ReferenceClassification",
            "SegmentOfResult",
            "CharacterCodeIdentifier",
        ]
        .map(|element| told.outcome.header(element))
        .join(" "),
    )];
    let actual = wrong.clone().unwrap_or(fine);
    case.of(RULE.id, SERVER)
        .decide(wrong.is_none(), expected, actual, advice, quotes)
}

fn differs(element: &str, due: &str, found: &str) -> Text {
    t(
        format!("{element}は「{due}」のはずが「{found}」"),
        format!("{element} should be \"{due}\" and is \"{found}\"."),
    )
}

/// The interface's XML goes under its own kind of content.
fn kind_of_content(case: &Case, told: &Told<'_>) -> Option<Text> {
    let mut answers = case.eligibility.iter().filter_map(|e| e.answer.as_ref());
    let answer = answers.find(|a| a.seq == told.seq)?;
    let kind = answer
        .message
        .as_ref()
        .ok()?
        .header("content-type")
        .unwrap_or("");
    let plain = kind.split(';').next().unwrap_or("").trim();
    let is_xml = ["application/xml", "text/xml"].contains(&plain.to_ascii_lowercase().as_str());
    (!is_xml).then(|| differs("Content-Type", "application/xml", kind))
}

fn header(case: &Case, told: &Told<'_>) -> Option<Text> {
    let (day, classification) = match told.about {
        Some((day, classification)) => (day.to_compact(), classification),
        None => (String::new(), ""),
    };
    let code = case.facts.facility(told.facility).map(|f| f.code.as_str());
    let wanted = [
        ("QualificationConfirmationDate", day.as_str()),
        ("ReferenceClassification", classification),
        ("MedicalInstitutionCode", code.unwrap_or("")),
        ("SegmentOfResult", "1"),
    ];
    let wrong = wanted.into_iter().find_map(|(element, due)| {
        let found = told.outcome.header(element);
        let unknown = element == "MedicalInstitutionCode" && code.is_none();
        (found != due && !unknown).then(|| differs(element, due, found))
    });
    let wrong = wrong.or_else(|| {
        let found = told.outcome.header("CharacterCodeIdentifier");
        let declared = told.outcome.encoding;
        (told.outcome.remark.is_some() || found.is_empty())
            .then(|| differs("CharacterCodeIdentifier", declared, found))
    });
    wrong.or_else(|| {
        let found = told.outcome.header("ProcessExecutionTime");
        let until = case.when(told.seq).unwrap_or(told.asked);
        let near = Instant::compact(found).is_some_and(|made| {
            made.millis_since(told.asked) >= -CLOCKS && made.millis_since(until) <= CLOCKS
        });
        (!near).then(|| differs("ProcessExecutionTime", &told.asked.to_string(), found))
    })
}

/// Whether status, code, words and blocks say the same thing.
fn ended(told: &Told<'_>) -> Option<Text> {
    let outcome = told.outcome;
    let status = outcome.status.as_deref().unwrap_or("");
    let blocks = outcome.persons.len();
    let validity = outcome.validity.as_deref().unwrap_or("");
    // Whether the right blocks came is ELIG-01's and ELIG-02's.
    let carries = match told.request.map(|r| &r.asks) {
        Some(Asks::Reference { .. }) => true,
        _ => blocks > 0 || !validity.is_empty(),
    };
    let right = match status {
        "1" => carries,
        "2" => blocks == 0 && !outcome.code.is_empty() && !outcome.message.is_empty(),
        _ => false,
    };
    let found = || {
        format!(
            "{status} {} \"{}\" [{blocks}]",
            outcome.code, outcome.message
        )
    };
    if !right {
        return Some(differs("ProcessingResultStatus", "1 / 2", &found()));
    }
    // A code nobody is told the meaning of helps nobody.
    (!outcome.code.is_empty() && outcome.message.is_empty())
        .then(|| differs("ProcessingResultMessage", "…", ""))
}

/// What is echoed is what was asked, whole.
fn echo(told: &Told<'_>) -> Option<Text> {
    let (asked, answer) = (&told.request?.document.root, &told.outcome.document.root);
    let identifier = asked.text_of("ArbitraryFileIdentifier");
    let echoed = told.outcome.header("ArbitraryFileIdentifier");
    if identifier != echoed {
        return Some(differs("ArbitraryFileIdentifier", identifier, echoed));
    }
    [
        "QualificationConfirmSearchInfo",
        "ReferenceNumberRegistrationInfo",
    ]
    .into_iter()
    .find_map(|group| {
        let (asked, echoed) = (asked.find(group)?, answer.find(group)?);
        let lost = differing(asked, echoed).map(|name| (name, asked, echoed));
        let lost = lost.or_else(|| {
            let name = differing(echoed, asked)?;
            Some((name, asked, echoed))
        });
        let (name, asked, echoed) = lost?;
        Some(differs(name, asked.text_of(name), echoed.text_of(name)))
    })
}

/// An element that stands twice in its group says nothing for sure; blocks may come several, each another.
fn twice(group: &Element) -> Option<Text> {
    let again = group.children.iter().enumerate().find(|(at, child)| {
        let mut before = group.children[..*at]
            .iter()
            .filter(|c| c.name == child.name);
        let block = child.name == "ResultOfQualificationConfirmation";
        before.any(|c| !block || c == *child)
    });
    let again = again.map(|(_, child)| {
        let name = &child.name;
        t(
            format!("{name}が同じ場所に二度ある"),
            format!("{name} stands twice in one place."),
        )
    });
    again.or_else(|| group.children.iter().find_map(twice))
}

/// Days, times, flags and codes are written in half-width digits.
fn wide(group: &Element) -> Option<Text> {
    const CODED: [&str; 12] = [
        "Date",
        "Time",
        "Birthdate",
        "Flg",
        "Flag",
        "Status",
        "Validity",
        "Classification",
        "Sex1",
        "Ratio",
        "ReasonOfLoss",
        "SegmentOfResult",
    ];
    let coded = |e: &&Element| CODED.iter().any(|end| e.name.ends_with(end));
    let leaves = group.children.iter().filter(|c| c.children.is_empty());
    let wide = { leaves }.filter(coded).find(|e| !e.text.is_ascii());
    let wide = wide.map(|e| {
        t(
            format!("{}が半角でない（{}）", e.name, e.text),
            format!("{} is not written in half width ({}).", e.name, e.text),
        )
    });
    wide.or_else(|| group.children.iter().find_map(self::wide))
}

/// A leaf of one that the other does not have alike.
fn differing<'a>(one: &'a Element, other: &Element) -> Option<&'a str> {
    let leaves = one.children.iter().filter(|c| !c.text.is_empty());
    { leaves }
        .find(|c| !same_text(&c.text, other.text_of(&c.name)))
        .map(|c| c.name.as_str())
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    fn bent(bend: Option<(&'static str, &'static str)>) -> Vec<Verdict> {
        let mut scene = Scene::registered();
        scene.visit(&Play {
            bend,
            ..Play::default()
        });
        scene.said("ELIG-20").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn the_header_says_who_asked_what_and_when() {
        assert_eq!(bent(None), [Pass]);
        for bend in [
            (
                "<ProcessExecutionTime>20261015",
                "<ProcessExecutionTime>20261014",
            ),
            ("ConfirmationDate>20261015", "ConfirmationDate>20261016"),
            ("9911234567", "9911234568"),
            ("<ReferenceClassification>1", "<ReferenceClassification>2"),
            ("<SegmentOfResult>1", "<SegmentOfResult>2"),
            ("<CharacterCodeIdentifier>0", "<CharacterCodeIdentifier>1"),
            ("<ProcessingResultStatus>1", "<ProcessingResultStatus>2"),
            (
                "<ProcessingResultStatus>1</ProcessingResultStatus>",
                "<ProcessingResultStatus/>",
            ),
        ] {
            assert_eq!(bent(Some(bend)), [Fail], "{bend:?}");
        }
    }

    #[test]
    fn elements_stand_once_and_codes_in_half_width() {
        for bend in [
            ("<Sex1>2</Sex1>", "<Sex1>2</Sex1><Sex1>1</Sex1>"),
            ("<QualificationValidity>1<", "<QualificationValidity>１<"),
            ("<Birthdate>1980", "<Birthdate>１980"),
            (
                "<ResultList>",
                "<ResultList><ResultList></ResultList><ResultList></ResultList>",
            ),
        ] {
            assert_eq!(bent(Some(bend)), [Fail], "{bend:?}");
        }
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert!(scene.bend("content-type: application/xml", "content-type: text/plain"));
        assert_eq!(scene.said("ELIG-20")[0].1, Fail);
    }

    #[test]
    fn a_refusal_says_why() {
        let refused = |code| {
            let mut scene = Scene::registered();
            scene.visit(&Play {
                answer: Answer::refused(code),
                ..Play::default()
            });
            scene.said("ELIG-20")[0].1
        };
        assert_eq!(refused("SIM-E202"), Pass);
        assert_eq!(refused(""), Fail, "no code and no word");
    }

    #[test]
    fn the_echo_is_what_was_asked() {
        for (bend, due) in [
            (None, Pass),
            (
                Some(("<ReferenceClassification>2", "<ReferenceClassification>1")),
                Fail,
            ),
            (Some(("9911234567", "9911234568")), Fail),
            (
                Some((
                    "</MessageBody>",
                    "<QualificationConfirmSearchInfo><InsurerNumber>06139999</InsurerNumber>\
                     </QualificationConfirmSearchInfo></MessageBody>",
                )),
                Fail,
            ),
        ] {
            let mut scene = Scene::registered();
            scene.ask(&Ask {
                bend,
                ..Ask::default()
            });
            assert_eq!(scene.said("ELIG-20")[0].1, due, "{bend:?}");
        }
        let mut scene = Scene::registered();
        scene.register_reference(CLINIC, "A-1");
        assert_eq!(scene.said("ELIG-20")[0].1, Pass);
    }
}
