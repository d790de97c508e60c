//! What a terminal passes on whole: a signature the card made in this stay, requests of the interface alone, an
//! answer for each request file.

use super::common::{SERVER, TERMINAL};
use super::elig_19::{advice, same};
use crate::case::{Case, Exchange, File, Identification, Question, Said, Visit};
use crate::decode::apdu::Command;
use crate::decode::http::Start;
use crate::finding::{q, t};
use crate::{Finding, Text};

const PATHS: [&str; 7] = [
    "/v1/challenges",
    "/v1/card-identifications",
    "/v1/use-registrations",
    "/v1/card-confirmations",
    "/v1/number-confirmations",
    "/v1/reference-numbers",
    "/v1/drug-information",
];

/// Whether the signature sent is none the card was seen to make before. One that holds came from the card
/// all the same: where the card's own word differs from it, that word is the card's to answer for.
pub(super) fn foreign_signature(visit: &Visit, proof: &Identification) -> Option<Text> {
    let sent = &proof.request.as_ref().ok()?.signature;
    let signs = |e: &&crate::case::CardExchange| {
        e.seq < proof.seq && matches!(e.command, Ok(Command::ComputeSignature(..)))
    };
    let mut made = visit.card_exchanges.iter().filter(signs).peekable();
    let asked = made.peek().is_some();
    let own = made.any(|e| matches!(&e.response, Some((_, Ok(r))) if r.data == *sent));
    let holds = asked && proof.proves == Some(true);
    (!own && !holds).then(|| {
        t(
            "カードが作っていない署名を送った",
            "It sent a signature the card had not made.",
        )
    })
}

fn failed(
    case: &Case,
    expected: Text,
    actual: Text,
    seq: u32,
    what: &str,
    said: String,
) -> Finding {
    let say = case.of(super::elig_19::RULE.id, TERMINAL);
    say.fail(expected, actual, advice(), vec![q(seq, what, said)])
}

/// Requests of the terminal that are none of the interface; what is sound is other findings' to tell.
pub(super) fn requests(case: &Case) -> Vec<Finding> {
    // What is pushed elsewhere is SEC-02's.
    let elsewhere = |e: &Exchange| {
        let mut openings = case.openings.iter();
        openings.any(|o| o.seq == e.seq && o.to.role != SERVER)
    };
    let own = case.eligibility.iter();
    let own = own.filter(|e| e.from.role == TERMINAL && !elsewhere(e));
    let wrong = own.filter_map(|e| Some((e, flaw(case, e)?)));
    let told = wrong.map(|(e, why)| {
        let expected = t(
            "取り決めた要求だけをサーバーに送る",
            "Only requests of the interface are sent to the server.",
        );
        let actual = t(
            format!("取り決めにない要求を送った（{why}）"),
            format!("It sent a request that is none of the interface ({why})."),
        );
        failed(case, expected, actual, e.seq, "request", why)
    });
    told.collect()
}

fn flaw(case: &Case, asked: &Exchange) -> Option<String> {
    let message = match &asked.request {
        Ok(message) => message,
        Err(error) => return Some(error.to_string()),
    };
    let Start::Request(method, target) = &message.start else {
        return Some("no request".to_owned());
    };
    if method != "POST" || !PATHS.contains(&target.as_str()) {
        return Some(format!("{method} {target}"));
    }
    let proof = case.identifications.iter().find(|p| p.seq == asked.seq);
    let confirmation = case.confirmations.iter().find(|c| c.seq == asked.seq);
    let proof = proof.and_then(|p| p.request.as_ref().err());
    let confirmation = confirmation.and_then(|c| c.request.as_ref().err());
    proof.or(confirmation).map(ToString::to_string)
}

/// Request files the terminal left lying: not asked of the server, or asked and not answered into `res`.
pub(super) fn unanswered(case: &Case) -> Vec<Finding> {
    let requests = case
        .files
        .iter()
        .filter(|f| f.folder == "req" && f.planted.is_none() && matches!(f.request(), Some(Ok(_))));
    let left = requests.filter_map(|file| Some((file, left_lying(case, file)?)));
    let told = left.map(|(file, actual)| {
        let expected = t(
            "要求ファイルの内容をサーバーに尋ね、答えを結果ファイルとして置く",
            "What a request file asks is asked of the server, and the answer put into res.",
        );
        failed(
            case,
            expected,
            actual,
            file.seq,
            "req file",
            file.name.clone(),
        )
    });
    told.collect()
}

fn left_lying(case: &Case, file: &File) -> Option<Text> {
    let Some(Ok(request)) = file.request() else {
        return None;
    };
    let own = |a: &&Question| {
        let sent = a.request.as_ref();
        a.facility == file.facility
            && a.seq > file.seq
            && sent.is_ok_and(|sent| same(&request.document.root, &sent.document.root))
    };
    let mut asked = case.questions.iter().filter(own).peekable();
    if asked.peek().is_none() {
        // While something is out of order it may wait; ELIG-18 looks at what becomes of it.
        return case.facts.faults.is_empty().then(|| {
            t(
                "要求ファイルをサーバーに尋ねなかった",
                "It did not ask the server what a request file asks.",
            )
        });
    }
    let answer = asked.find_map(|a| match &a.answer {
        Some((seq, _, Said::Outcome(_) | Said::Drugs(_))) => Some(*seq),
        _ => None,
    })?;
    let name = file.name.replacen("01req_", "01res_", 1);
    let put = case.files.iter().any(|f| {
        f.folder == "res" && f.facility == file.facility && f.name == name && f.seq > answer
    });
    (!put).then(|| {
        t(
            "サーバーの答えを結果ファイルとして置かなかった",
            "It put no result file for the server's answer.",
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::Verdict::Fail;
    use crate::testing::*;
    use evidence::What;

    fn fails(scene: &Scene) -> Vec<String> {
        let failing = scene.said("ELIG-19").into_iter().filter(|s| s.1 == Fail);
        failing.map(|s| s.0).collect()
    }

    #[test]
    fn requests_are_those_of_the_interface() {
        for (from, to) in [
            ("POST /v1/challenges", "GET  /v1/challenges"),
            ("POST /v1/challenges", "POST /v1/challengez"),
            ("\"session\":\"", "\"sessioN\":\""),
        ] {
            let mut scene = Scene::registered();
            scene.visit(&Play::default());
            assert!(scene.bend(from, to), "{from} is nowhere");
            assert!(fails(&scene).iter().any(|role| role == "terminal"), "{to}");
        }
    }

    #[test]
    fn a_request_file_is_asked_and_answered() {
        for (hop, text, role) in [
            ("res-folder", "XmlMsg", "terminal"),
            ("req-folder", "XmlMsg", "receipt-computer"),
        ] {
            let mut scene = Scene::registered();
            scene.ask(&Ask::default());
            assert_eq!(fails(&scene), Vec::<String>::new());
            assert!(scene.leave_out(hop, text), "{hop}");
            assert!(fails(&scene).iter().any(|own| own == role), "{hop}");
        }
    }

    #[test]
    fn the_signature_is_the_cards() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(fails(&scene), Vec::<String>::new());
        // The card is asked something else than to sign.
        let select = scene.keep(b"\x00\xA4\x02\x0C\x02\x00\x18");
        let kept = scene.records.bytes.clone();
        for record in &mut scene.records.records {
            if let What::Tapped(tapped) = &mut record.what
                && let Some(bytes) = tapped.bytes.as_mut()
                && kept[bytes.as_str()].starts_with(&[0x80, 0x2A])
            {
                *bytes = select.clone();
            }
        }
        assert_eq!(fails(&scene), ["terminal"]);
    }
}
