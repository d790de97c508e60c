//! SEC-05: malformed, oversized, mis-encoded or hostile input gets a clear refusal; nothing hangs, nothing
//! else is disturbed.

use super::Rule;
use super::common::{SERVER, SERVER_HOUSES, TERMINAL, limping};
use crate::calendar::Day;
use crate::case::{Case, Chart, Content, Exchange, File};
use crate::decode::http::{Message, Start};
use crate::decode::request::request;
use crate::decode::{json, result};
use crate::expect::check_digit_holds;
use crate::finding::{q, t};
use crate::{Finding, Text};

use super::desk::DESK;
/// Longest wait for a refusal, in milliseconds: the upper end of what a whole answer is expected to take,
/// and some.
const WAIT: i64 = 10_000;
/// Milliseconds after which a question that was put must have its answer: poll, a whole answer, and some.
const ANSWERED: i64 = 5_000;
/// Largest request body of the interface.
const MAX_BODY: usize = 64 * 1024;

/// The rule.
pub const RULE: Rule = Rule {
    id: "SEC-05",
    roles: &[SERVER, DESK, TERMINAL],
    clause: (
        "壊れた入力や悪意ある入力には、はっきりした断りを返し、止まらず、ほかに影響しない",
        "Malformed or hostile input gets a clear refusal; nothing hangs, nothing else is disturbed.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let bed = || {
        case.eligibility
            .iter()
            .chain(&case.feed)
            .filter(|e| e.from.role == "bed")
    };
    for asked in bed() {
        if case
            .facts
            .facility(&asked.from.name)
            .is_some_and(|f| !f.enrolled)
        {
            continue;
        }
        // Whom the server lets in at another's door is SEC-01's.
        let let_in = asked.accepted() && is_another_door(asked);
        findings.extend(
            fault(asked)
                .filter(|_| !let_in)
                .map(|why| refused(case, asked, why)),
        );
    }
    let ill = case
        .eligibility
        .iter()
        .chain(&case.feed)
        .filter(|e| e.from.role != "bed" && limping(case, e.at, e.status()));
    findings.extend(ill.map(|asked| {
        let why = t("サーバーが記録できない", "the server can keep nothing");
        refused(case, asked, why)
    }));
    let last = bed().filter(|e| fault(e).is_some()).map(|e| e.seq).max();
    findings.extend(last.and_then(|last| goes_on(case, last)));
    for file in case.files.iter().filter(|f| f.planted.is_some()) {
        findings.extend(desk(case, file));
        findings.extend(patient(case, file));
        findings.extend(question(case, file));
    }
    findings
}

/// Whether a facility knocks where offices feed the server, or an office where facilities ask.
fn is_another_door(asked: &Exchange) -> bool {
    let target = match asked.request.as_ref().map(|m| &m.start) {
        Ok(Start::Request(_, target)) => target,
        _ => return false,
    };
    target.starts_with("/v1/feed/") != asked.on_feed && target.starts_with("/v1/")
}

/// What is wrong with a request; none when it is sound.
fn fault(asked: &Exchange) -> Option<Text> {
    let message = match &asked.request {
        Ok(message) => message,
        Err(error) => {
            return Some(t(
                format!("HTTPとして読み取れない（{error}）"),
                format!("it is no HTTP message ({error})"),
            ));
        }
    };
    let Start::Request(method, target) = &message.start else {
        return Some(t("要求でない", "it is no request"));
    };
    if message.body.len() > MAX_BODY {
        let length = message.body.len();
        return Some(t(
            format!("本文が{length}バイトある"),
            format!("its body has {length} bytes"),
        ));
    }
    let path = target.split('?').next().unwrap_or(target);
    if is_another_door(asked) {
        return Some(t(
            format!("{path}はこの相手の使う口でない"),
            format!("{path} is no door of this asker's"),
        ));
    }
    let known = [
        "/v1/challenges",
        "/v1/card-identifications",
        "/v1/use-registrations",
        "/v1/card-confirmations",
        "/v1/number-confirmations",
        "/v1/reference-numbers",
        "/v1/drug-information",
    ];
    if !known.contains(&path) && !path.starts_with("/v1/feed/") {
        return Some(t(
            format!("{path}という窓口はない"),
            format!("there is no {path}"),
        ));
    }
    if method != "POST" {
        return Some(t(
            format!("{method}では受けない"),
            format!("{method} is not its method"),
        ));
    }
    body(path, asked, message)
}

fn body(path: &str, asked: &Exchange, message: &Message) -> Option<Text> {
    let broken = |error: String| {
        t(
            format!("本文を読み取れない（{error}）"),
            format!("its body cannot be read ({error})"),
        )
    };
    match path {
        "/v1/challenges" => None,
        "/v1/number-confirmations" | "/v1/reference-numbers" | "/v1/drug-information" => {
            request(&message.body).err().map(|e| broken(e.to_string()))
        }
        _ if path.starts_with("/v1/feed/") => match &asked.body {
            Ok(body) => fed(path, body).map(broken),
            Err(error) => Some(broken(error.to_string())),
        },
        _ => {
            let body = match &asked.body {
                Ok(body) => body,
                Err(error) => return Some(broken(error.to_string())),
            };
            let needs: &[&str] = match path {
                "/v1/card-identifications" => &["session", "certificate", "signature", "method"],
                "/v1/use-registrations" | "/v1/card-confirmations" => &["session"],
                _ => &[],
            };
            let missing = needs
                .iter()
                .find_map(|member| json::text(body, member).err());
            let encoded = ["certificate", "signature"].into_iter().find_map(|member| {
                let due = path == "/v1/card-identifications";
                json::bytes(body, member).err().filter(|_| due)
            });
            missing.or(encoded).map(|e| broken(e.to_string()))
        }
    }
}

/// What is wrong with the values of something fed, as far as the field's own rules tell.
fn fed(path: &str, body: &serde_json::Value) -> Option<String> {
    let day = |member: &str| {
        let text = json::text(body, member);
        text.map_or_else(
            |e| Some(e.to_string()),
            |text| {
                Day::parse(text)
                    .is_none()
                    .then(|| format!("/{member}: no day"))
            },
        )
    };
    let serial = |member: &str| {
        let text = json::text(body, member);
        text.map_or_else(
            |e| Some(e.to_string()),
            |text| {
                let hex = !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
                (!hex).then(|| format!("/{member}: no serial"))
            },
        )
    };
    match path {
        "/v1/feed/qualifications" => {
            let number = json::text(body, "insurer_number");
            let wrong = number.map_or_else(
                |e| Some(e.to_string()),
                |n| (!check_digit_holds(n)).then(|| "/insurer_number: check digit".to_owned()),
            );
            wrong.or_else(|| day("on")).or_else(|| day("birthdate"))
        }
        "/v1/feed/releases" => day("effective_on"),
        "/v1/feed/use-registrations" => serial("serial").or_else(|| day("last_day")),
        "/v1/feed/serial-pairs" => serial("old_serial")
            .or_else(|| serial("new_serial"))
            .or_else(|| day("renewed_on")),
        "/v1/feed/drugs" => day("dispensed_on"),
        _ => Some(format!("{path} is none of the feed's paths")),
    }
}

/// Whether an answer is a refusal in its documented form.
fn is_refusal(asked: &Exchange, message: &Message) -> bool {
    let status = message.status().unwrap_or_default();
    let named = ["error", "message_ja", "message_en"];
    let told = named
        .iter()
        .all(|member| !asked.answered(member).is_empty());
    // What is no HTTP at all is turned away before any body can be written.
    let bare = asked.request.is_err();
    match status {
        400..500 => told || bare,
        // Out of order, and saying so.
        500 | 503 => told && (status == 503 || asked.answered("error") == "store-failed"),
        // The XML interfaces may refuse in their own words.
        200 => match result::outcome(&message.body) {
            Ok(outcome) => outcome.status.as_deref() == Some("2"),
            Err(_) => crate::decode::drugs::drugs(&message.body)
                .is_ok_and(|d| !d.code.is_empty() && d.code != "1" && d.drugs.is_empty()),
        },
        _ => false,
    }
}

fn refused(case: &Case, asked: &Exchange, why: Text) -> Finding {
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        format!("{}ので、理由を示して断る", why.ja),
        format!("Refused with its reason, because {}.", why.en),
    );
    let said = asked.said();
    let mut quotes = vec![q(asked.seq, "request", why.en.clone())];
    let (holds, actual) = match &asked.answer {
        None => {
            // A connection that is no HTTP may simply be closed.
            let closed = asked.request.is_err();
            (closed, t("応答がなかった", "It gave no answer."))
        }
        Some(answer) => {
            quotes.push(q(answer.seq, "HTTP", said.clone()));
            let took = answer.at.millis_since(asked.at);
            let form = answer.message.as_ref().is_ok_and(|m| is_refusal(asked, m));
            let actual = t(
                format!("{took}ミリ秒後に{said}と答えた"),
                format!("After {took} ms it answered {said}."),
            );
            (form && took <= WAIT, actual)
        }
    };
    let advice = t(
        "読み取れない入力は、決められたエラーの形（error・message_ja・message_en）ですぐに断る",
        "Refuse what cannot be read at once, in the documented form (error, message_ja, message_en).",
    );
    say.decide(holds, expected, actual, advice, quotes)
}

/// A sound question after the last hostile one must be answered.
fn goes_on(case: &Case, last: u32) -> Option<Finding> {
    let mut later = case.eligibility.iter().filter(|e| e.seq > last);
    let sound = later.find(|e| fault(e).is_none())?;
    let at = sound.at;
    if case
        .facts
        .fault(&super::common::SERVER_HOUSES, at)
        .is_some()
    {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "そのあとの正しい要求には、いつもどおり答える",
        "The sound request that follows is answered as ever.",
    );
    let said = sound.said();
    let holds = sound.answer.is_some() && sound.status().is_some_and(|s| s != 500);
    let actual = t(format!("{said}と答えた"), format!("It answered {said}."));
    let advice = t(
        "一つの要求の誤りを、その接続の中に閉じ込める",
        "Keep what is wrong with one request inside its own connection.",
    );
    let quotes = vec![q(last, "request", "hostile"), q(sound.seq, "HTTP", said)];
    Some(say.decide(holds, expected, actual, advice, quotes))
}

/// A question nobody can make anything of is answered as aborted, and the sound one after it as ever.
fn question(case: &Case, file: &File) -> Option<Finding> {
    let why = file.request()?.as_ref().err()?.to_string();
    let reply = |asked: &File| {
        let name = asked.name.replacen("req", "res", 1);
        let own = case.files.iter().filter(|f| f.folder == "res");
        { own }.find(|f| f.facility == file.facility && f.name == name && f.seq > asked.seq)
    };
    let end = *case.times.last()?;
    let sound = case.files.iter().find(|f| {
        let later = f.folder == "req" && f.facility == file.facility && f.seq > file.seq;
        let waited = end.millis_since(f.at) >= ANSWERED;
        later && waited && matches!(f.request(), Some(Ok(_)))
    });
    let troubled = case.facts.troubled(&SERVER_HOUSES, file.at, end);
    if troubled || end.millis_since(file.at) < ANSWERED {
        return None;
    }
    let refusal = reply(file);
    let aborted = refusal.is_some_and(|f| {
        matches!(f.outcome(), Some(Ok(o)) if o.segment.as_deref() == Some("9") && o.persons.is_empty())
    });
    let stuck = sound.filter(|f| reply(f).is_none());
    let expected = t(
        format!(
            "壊れた照会{}を中断（9）として答え、次の照会に進む",
            file.name
        ),
        format!(
            "The broken question {} is answered as aborted (9), and the next one is asked.",
            file.name
        ),
    );
    let actual = match (aborted, stuck) {
        (true, None) => t("そのとおりにした", "It did so."),
        (true, Some(_)) => t(
            "次の正しい照会に答えていない",
            "The sound question after it has no answer.",
        ),
        (false, _) if refusal.is_some() => t(
            "中断でない回答を返した",
            "It answered with something else than an abortion.",
        ),
        (false, _) => t("回答がない", "There is no answer."),
    };
    let advice = t(
        "サーバーに断られた照会は、理由を書いた回答をresに置いて片付け、残りを続ける",
        "Put the refusal of a question into res with its reason, be done with it, and go on.",
    );
    let mut quotes = vec![q(file.seq, file.name.clone(), why)];
    quotes.extend(refusal.map(|f| q(f.seq, "res", f.name.clone())));
    quotes.extend(sound.map(|f| q(f.seq, "req", f.name.clone())));
    let say = case.of(RULE.id, TERMINAL);
    Some(say.decide(aborted && stuck.is_none(), expected, actual, advice, quotes))
}

/// A sound result that was half-written at first is taken in once it is whole.
fn patient(case: &Case, file: &File) -> Option<Finding> {
    let (whole, person) = file.planted.as_ref()?;
    let half = case.files.iter().any(|f| {
        let twin = f.name == file.name && f.facility == file.facility && f.seq < file.seq;
        twin && matches!(&f.planted, Some((false, _)))
    });
    let sound = matches!(file.outcome(), Some(Ok(o)) if o.validity.as_deref() == Some("1"));
    if !whole || !half || !sound || person.is_empty() {
        return None;
    }
    let later = |c: &&Chart| {
        let waited = c.at.millis_since(file.at) >= 2_000;
        c.facility == file.facility && c.person == *person && c.seq > file.seq && waited
    };
    let chart = case.charts.iter().find(later)?;
    let say = case.of(RULE.id, DESK);
    let expected = t(
        format!("書きかけだった{}を、書き終わってから取り込む", file.name),
        format!(
            "{}, half-written at first, is taken in once it is whole.",
            file.name
        ),
    );
    let of_file = |name: &str| name.rsplit('/').next() == Some(file.name.as_str());
    let taken = chart
        .insurances
        .as_ref()
        .is_ok_and(|all| all.iter().any(|i| i.source.as_deref().is_some_and(of_file)));
    let waiting = chart.undecided.iter().any(|u| of_file(&u.file));
    let actual = match taken || waiting {
        true => t("取り込んだ", "It took it in."),
        false => t("取り込まなかった", "It never took it in."),
    };
    let advice = t(
        "読み取れない間は待って読み直し、大きさが変わらなくなってから判断する",
        "While a file cannot be read wait and read again; decide when it has stopped growing.",
    );
    let quotes = vec![
        q(file.seq, file.name.clone(), "whole"),
        q(chart.seq, "chart", chart.person.clone()),
    ];
    Some(say.decide(taken || waiting, expected, actual, advice, quotes))
}

/// The receipt computer takes nothing from a file that is broken or half-written, and goes on.
fn desk(case: &Case, file: &File) -> Option<Finding> {
    let (whole, _) = file.planted.as_ref()?;
    let broken = match &file.content {
        Content::Outcome(outcome) => outcome.as_ref().err().map(ToString::to_string),
        Content::Drugs(drugs) => drugs.as_ref().err().map(ToString::to_string),
        Content::Request(_) => None,
    };
    let why = broken.filter(|_| *whole)?;
    let later = |c: &&Chart| c.facility == file.facility && c.seq > file.seq;
    let chart = case.charts.iter().find(later)?;
    let say = case.of(RULE.id, DESK);
    let expected = t(
        format!(
            "壊れたファイル{}から何も取り込まず、カルテは開ける",
            file.name
        ),
        format!(
            "Nothing is taken from the broken file {}, and the chart opens.",
            file.name
        ),
    );
    let taken = match &chart.insurances {
        Ok(insurances) => insurances.iter().any(|i| {
            let source = i.source.as_deref().unwrap_or("");
            source.rsplit('/').next() == Some(file.name.as_str())
        }),
        Err(_) => true,
    };
    let actual = match taken {
        true => t(
            "取り込んだ、またはカルテが開けない",
            "It took it in, or its chart cannot be read.",
        ),
        false => t("取り込まなかった", "It took nothing from it."),
    };
    let advice = t(
        "読み取れないファイルは脇に置き、受付に知らせて続ける",
        "Put aside what cannot be read, tell the clerk, and go on.",
    );
    let quotes = vec![
        q(file.seq, file.name.clone(), why),
        q(chart.seq, "chart", chart.person.clone()),
    ];
    Some(say.decide(!taken, expected, actual, advice, quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::{Act, Party};

    const REFUSAL: &str =
        "{\"error\":\"malformed\",\"message_ja\":\"読めません\",\"message_en\":\"no\"}";

    fn sent(request: &str, answer: Option<(u16, &str)>) -> Vec<Verdict> {
        let mut scene = Scene::registered();
        let (bed, server) = (Party::at("bed", CLINIC), Party::role("eligibility-server"));
        scene.tap(
            "eligibility",
            bed.clone(),
            server.clone(),
            5,
            request.as_bytes(),
            None,
        );
        if let Some((status, body)) = answer {
            let said = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            scene.tap("eligibility", server, bed, 5, said.as_bytes(), None);
        }
        scene.said("SEC-05").into_iter().map(|s| s.1).collect()
    }

    fn post(path: &str, body: &str) -> String {
        format!(
            "POST {path} HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    #[test]
    fn what_cannot_be_read_is_refused_in_form_and_time() {
        let broken = post("/v1/card-confirmations", "{\"session\":");
        assert_eq!(sent(&broken, Some((400, REFUSAL))), [Pass]);
        assert_eq!(sent(&broken, Some((400, ""))), [Fail], "no reason given");
        assert_eq!(sent(&broken, Some((500, REFUSAL))), [Fail]);
        assert_eq!(sent(&broken, Some((200, "{}"))), [Fail]);
        assert_eq!(sent(&broken, None), [Fail], "it hangs");
        for request in [
            post("/v1/number-confirmations", "<!DOCTYPE a []><a/>"),
            post(
                "/v1/card-identifications",
                "{\"session\":\"x\",\"certificate\":\"!\",\"signature\":\"\",\"method\":\"pin\"}",
            ),
            post(
                "/v1/card-confirmations",
                &format!("{{\"session\":\"{}\"}}", "x".repeat(70_000)),
            ),
            post("/v1/nothing", "{}"),
            "GET /v1/challenges HTTP/1.1\r\n\r\n".to_owned(),
        ] {
            assert_eq!(sent(&request, Some((400, REFUSAL))), [Pass]);
            assert_eq!(sent(&request, Some((201, "{}"))), [Fail]);
        }
        assert_eq!(
            sent("\u{1}\u{2}garbage", Some((400, ""))),
            [Pass],
            "no HTTP at all"
        );
        assert_eq!(sent("\u{1}\u{2}garbage", None), [Pass]);
        assert_eq!(
            sent(&post("/v1/challenges", ""), Some((201, "{}"))),
            [],
            "a sound one"
        );
    }

    #[test]
    fn the_next_sound_one_is_answered() {
        let mut scene = Scene::registered();
        let (bed, server) = (Party::at("bed", CLINIC), Party::role("eligibility-server"));
        let broken = post("/v1/card-confirmations", "{");
        scene.tap("eligibility", bed, server, 5, broken.as_bytes(), None);
        scene.visit(&Play::default());
        let said: Vec<_> = scene.said("SEC-05").into_iter().map(|s| s.1).collect();
        assert_eq!(said, [Fail, Pass]);
    }

    /// A broken question lies in the folder, and perhaps an answer, and a sound question with its answer.
    fn stumbled(refusal: Option<&str>, next: Option<bool>) -> Vec<Verdict> {
        let mut scene = Scene::registered();
        let bytes = scene.keep(b"<XmlMsg>");
        scene.hands(Act::PlantFile {
            facility: CLINIC.into(),
            folder: "req".into(),
            name: "OQSsiquc01req_0.xml".into(),
            bytes,
            whole: true,
            person: String::new(),
        });
        scene.file("req", CLINIC, "OQSsiquc01req_0.xml", b"<XmlMsg>");
        if let Some(segment) = refusal {
            let said = format!(
                "<XmlMsg><MessageHeader><SegmentOfResult>{segment}</SegmentOfResult></MessageHeader><MessageBody/></XmlMsg>"
            );
            scene.file("res", CLINIC, "OQSsiquc01res_0.xml", said.as_bytes());
        }
        if let Some(answered) = next {
            scene.request();
            if answered {
                scene.answer_file();
            }
        }
        scene.at("2026-10-15T09:01:00");
        scene.screen(CLINIC, "PLACE_CARD", &[], None);
        let said = scene.said("SEC-05").into_iter();
        said.filter(|s| s.0 == "terminal").map(|s| s.1).collect()
    }

    #[test]
    fn the_terminal_is_done_with_a_broken_question_and_goes_on() {
        assert_eq!(stumbled(Some("9"), None), [Pass]);
        assert_eq!(stumbled(Some("9"), Some(true)), [Pass]);
        assert_eq!(stumbled(Some("9"), Some(false)), [Fail]);
        assert_eq!(stumbled(Some("1"), Some(true)), [Fail]);
        assert_eq!(stumbled(None, Some(true)), [Fail]);
    }

    #[test]
    fn the_desk_takes_nothing_from_a_broken_file() {
        for (source, due) in [("bad.xml", Fail), ("good.xml", Pass)] {
            let mut scene = Scene::registered();
            let bytes = scene.keep(b"<XmlMsg>");
            scene.hands(Act::PlantFile {
                facility: CLINIC.into(),
                folder: "face".into(),
                name: "bad.xml".into(),
                bytes,
                whole: true,
                person: String::new(),
            });
            let seen = serde_json::json!({ "person": "田中", "insurances": [{
                "state": "current", "insurer_number": NUMBER, "symbol": "12", "number": "34", "branch": "00", "source": source }] });
            scene.push(evidence::What::Attested(evidence::Attested {
                product: Party::at("receipt-computer", CLINIC),
                shows: "chart".into(),
                seen,
            }));
            assert_eq!(scene.said("SEC-05")[0].1, due, "{source}");
        }
    }
}
