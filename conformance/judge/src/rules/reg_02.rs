//! REG-02: first registration at the clinic's reader, by face without PIN or by PIN, in the same visit,
//! followed at once by the eligibility result.

use super::Rule;
use super::common::{READER, Reply, SERVER, SERVER_HOUSES, TERMINAL, asked, limping, unfair_proof};
use super::renewed::unregistered;
use super::wording::senseless;
use crate::case::{
    Case, Confirmation, Exchange, Identification, Identified, UseRegistration, Visit,
};
use crate::expect;
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

/// The rule.
pub const RULE: Rule = Rule {
    id: "REG-02",
    roles: &[READER, TERMINAL, SERVER],
    clause: (
        "未登録のカードでは、その来院のうちにリーダーで利用登録ができ、続けて資格を確認する",
        "An unregistered card is registered at the reader in the same visit, and the result follows at once.",
    ),
    check,
};

/// Standings that lead to the offer.
const OFFERED: [&str; 3] = ["never-registered", "lapsed", "released"];

fn check(case: &Case) -> Vec<Finding> {
    let mut findings = Vec::new();
    for visit in &case.visits {
        findings.extend(reader(case, visit));
        findings.extend(terminal(case, visit));
    }
    let asked = case.use_registrations.iter();
    let asked = asked.filter(|u| u.from.role == "terminal");
    findings.extend(asked.filter_map(|u| server(case, u)));
    findings.extend(senseless(case, RULE.id));
    findings
}

/// Looks at what the reader makes of the standing it was told.
fn reader(case: &Case, visit: &Visit) -> Option<Finding> {
    let line = visit.said(false, "standing").last()?;
    let standing = line.text("standing");
    let offered = OFFERED.contains(&standing);
    let after = |id: &str| visit.shown_from(line.seq).find(|s| s.id == id);
    let offer = after("REGISTRATION_OFFER");
    let gone = visit.taken.is_some_and(|taken| taken < line.seq);
    if gone || (!offered && offer.is_none()) {
        return None;
    }
    let mut quotes = vec![q(line.seq, "standing", standing)];
    quotes.extend(offer.map(|s| q(s.seq, "screen", s.id.clone())));
    let wrong = match (offered, offer) {
        (true, None) => Some(t(
            "利用登録の案内を表示しなかった",
            "It did not offer the registration.",
        )),
        (false, Some(_)) => Some(t(
            "登録のあるカードに利用登録を案内した",
            "It offered the registration although none was due.",
        )),
        _ => {
            passed_on(visit, line.seq, &mut quotes).or_else(|| shown(visit, line.seq, &mut quotes))
        }
    };
    let expected = t(
        "未登録・無効・解除済みのときに利用登録を案内し、答えをそのまま伝え、結果を表示する",
        "Never registered, lapsed or released: the offer is shown, the answer passed on, the outcome shown.",
    );
    let fine = t("そのとおりにした", "It did so.");
    let advice = t(
        "standingを受けたらREGISTRATION_OFFERを出し、患者の答えと登録の結果を変えずに扱う",
        "On standing show REGISTRATION_OFFER, and pass answer and outcome on unchanged.",
    );
    let say = case.of(RULE.id, READER);
    let actual = wrong.clone().unwrap_or(fine);
    Some(say.decide(wrong.is_none(), expected, actual, advice, quotes))
}

fn passed_on(visit: &Visit, since: u32, quotes: &mut Vec<Quote>) -> Option<Text> {
    let line = visit.said(true, "registration").find(|l| l.seq > since)?;
    let told = line.value.as_ref().ok()?.get("agreed")?.as_bool()?;
    let acts = visit
        .acts
        .iter()
        .filter(|(seq, _)| *seq > since && *seq < line.seq);
    let mut answer = { acts }.filter_map(|(_, act)| match act {
        evidence::Act::AnswerRegistration { agreed } => Some(*agreed),
        _ => None,
    });
    let answer = answer.next_back();
    quotes.push(q(line.seq, "registration agreed", told.to_string()));
    (answer != Some(told)).then(|| {
        t(
            format!("患者の答えと違うagreed={told}を伝えた"),
            format!("It passed on agreed={told}, which the patient had not said."),
        )
    })
}

fn shown(visit: &Visit, since: u32, quotes: &mut Vec<Quote>) -> Option<Text> {
    let ended = visit.lines.iter().find(|l| {
        l.seq > since && !l.from_reader && ["registered", "registration-failed"].contains(&l.kind())
    })?;
    let (id, message) = match ended.kind() {
        "registered" => ("REGISTERED", ""),
        _ => ("REGISTRATION_FAILED", ended.text("message")),
    };
    let gone = visit.taken.is_some_and(|taken| taken < ended.seq);
    let screen = visit.shown_from(ended.seq).find(|s| s.id == id);
    quotes.push(q(ended.seq, ended.kind().to_owned(), ended.text("error")));
    quotes.extend(screen.map(|s| q(s.seq, "screen", s.text())));
    let tells = screen.is_some_and(|s| message.is_empty() || s.says(message));
    (!tells && !gone).then(|| {
        t(
            format!("{id}の画面で結果を知らせなかった"),
            format!("It did not show the outcome ({id})."),
        )
    })
}

/// Looks at how the terminal carries standing and registration between reader and server.
fn terminal(case: &Case, visit: &Visit) -> Option<Finding> {
    let own = |p: &&Identification| visit.covers(&p.from.name, p.seq);
    let proof = case.identifications.iter().rev().find(own)?;
    let Some((seq, Identified::Standing(standing))) = &proof.answer else {
        return None;
    };
    let line = visit.said(false, "standing").find(|l| l.seq > *seq);
    let gone = visit
        .taken
        .is_some_and(|taken| line.is_none_or(|l| taken < l.seq));
    if gone
        || (!OFFERED.contains(&standing.as_str())
            && line.is_some_and(|l| l.text("standing") == standing))
    {
        return None;
    }
    let mut quotes = vec![q(*seq, "standing of the server", standing.clone())];
    quotes.extend(line.map(|l| q(l.seq, "standing", l.text("standing"))));
    let told = line.is_some_and(|l| l.text("standing") == standing);
    let wrong = match told {
        false => Some(t(
            "サーバーの答えたstandingをリーダーに伝えなかった",
            "It did not tell the reader the standing the server had answered.",
        )),
        true => carried(case, visit, (*seq, proof), &mut quotes),
    };
    let expected = t(
        "登録の状況・患者の答え・登録の結果を、リーダーとサーバーの間でそのまま運ぶ",
        "Standing, answer and outcome are carried between reader and server as they are.",
    );
    let fine = t("そのまま運んだ", "It carried them.");
    let advice = t(
        "同意されたら/v1/use-registrationsを送り、その答えをリーダーに伝えてから照会する",
        "On agreement post /v1/use-registrations, tell the reader its answer, then confirm.",
    );
    let say = case.of(RULE.id, TERMINAL);
    let actual = wrong.clone().unwrap_or(fine);
    Some(say.decide(wrong.is_none(), expected, actual, advice, quotes))
}

fn carried(
    case: &Case,
    visit: &Visit,
    (since, proof): (u32, &Identification),
    quotes: &mut Vec<Quote>,
) -> Option<Text> {
    let line = visit.said(true, "registration").find(|l| l.seq > since)?;
    let agreed = line.value.as_ref().ok()?.get("agreed")?.as_bool()?;
    let asked = |e: &&Exchange| {
        e.posts("/v1/use-registrations") && e.seq > line.seq && visit.covers(&e.from.name, e.seq)
    };
    let asked = case.eligibility.iter().find(asked);
    quotes.extend(asked.map(|e| q(e.seq, "POST /v1/use-registrations", e.said())));
    let failed = case
        .connections
        .iter()
        .any(|c| c.asker.name == visit.place && c.alert.is_some() && c.last > line.seq);
    let gone = visit
        .taken
        .is_some_and(|taken| asked.is_none_or(|e| taken < e.last()));
    let session = proof.request.as_ref().map_or("", |r| r.session.as_str());
    let other = |e: &Exchange| !session.is_empty() && e.text("session") != session;
    match (agreed, asked) {
        (true, Some(exchange)) if other(exchange) => Some(t(
            "カードを示したのと違うセッションで登録を頼んだ",
            "It asked in another session than the one the card was shown in.",
        )),
        (true, None) if !failed && !gone => Some(t(
            "同意されたのに登録を頼まなかった",
            "The patient agreed and it did not ask for the registration.",
        )),
        (false, Some(_)) => Some(t(
            "断られたのに登録を頼んだ",
            "The patient declined and it asked for the registration.",
        )),
        (true, Some(exchange)) if exchange.answer.is_some() && !gone => {
            let wrong = told(visit, exchange, quotes);
            wrong.or_else(|| unconfirmed(case, visit, quotes))
        }
        _ => None,
    }
}

/// Once it is registered the card is checked in the same stay, as soon as the reader has passed the patient's
/// consents on.
fn unconfirmed(case: &Case, visit: &Visit, quotes: &mut Vec<Quote>) -> Option<Text> {
    let registered = visit.said(false, "registered").next()?;
    let ready = visit
        .said(true, "consents")
        .find(|l| l.seq > registered.seq)?;
    let own = |c: &&Confirmation| visit.covers(&c.from.name, c.seq) && c.seq > registered.seq;
    if let Some(asked) = case.confirmations.iter().find(own) {
        quotes.push(q(asked.seq, "POST /v1/card-confirmations", ""));
        return None;
    }
    let ended = visit.outcomes().find(|l| l.seq > ready.seq);
    // Somebody who took the card away did not wait for it, and a server that is down cannot be asked.
    let gone = visit
        .taken
        .is_some_and(|taken| ended.is_none_or(|l| taken < l.seq));
    let mut failed = case.connections.iter().filter(|c| c.last > registered.seq);
    let failed = failed.any(|c| c.asker.name == visit.place && c.alert.is_some());
    let last = *case.times.last().unwrap_or(&ready.at);
    let until = ended.map_or(last, |l| l.at);
    let down = case.facts.troubled(&SERVER_HOUSES, ready.at, until);
    if gone || failed || down {
        return None;
    }
    quotes.push(q(ready.seq, "consents", ""));
    quotes.extend(ended.map(|l| q(l.seq, "outcome", l.text("status"))));
    Some(t(
        "登録のあと、資格を照会しなかった",
        "After the registration it did not ask for the qualification.",
    ))
}

fn told(visit: &Visit, exchange: &Exchange, quotes: &mut Vec<Quote>) -> Option<Text> {
    let line = visit.lines.iter().find(|l| {
        l.seq > exchange.last()
            && !l.from_reader
            && ["registered", "registration-failed"].contains(&l.kind())
    });
    quotes.extend(line.map(|l| q(l.seq, l.kind().to_owned(), l.text("error"))));
    let (error, message) = (exchange.answered("error"), exchange.answered("message_ja"));
    let right = match line {
        None => false,
        Some(l) if exchange.accepted() => l.kind() == "registered",
        Some(l) => {
            l.kind() == "registration-failed"
                && (error.is_empty() || l.text("error") == error)
                && (message.is_empty() || l.text("message") == message)
        }
    };
    (!right).then(|| {
        t(
            "登録の結果をサーバーの答えどおりに伝えなかった",
            "It did not tell the reader what the server had answered.",
        )
    })
}

/// Looks at what the server makes of a registration asked in a session.
fn server(case: &Case, registration: &UseRegistration) -> Option<Finding> {
    let enrolled = case
        .facts
        .facility(&registration.facility)
        .is_none_or(|f| f.enrolled);
    let (seq, status, error, _) = registration.answer.as_ref().filter(|_| enrolled)?;
    if limping(case, registration.at, Some(*status)) {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let proof = registration.proof.and_then(|p| case.identifications.get(p));
    let passed = case
        .clinic_registrations
        .iter()
        .find(|e| e.posts("/v1/clinic-registrations") && e.seq > registration.seq && e.seq < *seq);
    let mut quotes = vec![q(
        registration.seq,
        "POST /v1/use-registrations",
        registration.session.clone(),
    )];
    quotes.extend(passed.map(|e| q(e.seq, "POST /v1/clinic-registrations", e.said())));
    quotes.push(q(*seq, "HTTP", format!("{status} {error}")));
    let sound = proof.and_then(|p| sound(case, p));
    let Some(serial) = sound else {
        let expected = t(
            "このセッションで確かめられたカードがないので、登録を断る",
            "No card was proved in this session: the registration is refused.",
        );
        let holds = *status >= 400 && passed.is_none();
        let actual = t(
            format!("{status} {error}と答えた"),
            format!("It answered {status} {error}."),
        );
        let advice = t(
            "本人を確かめたセッションでだけ登録する",
            "Register in sessions alone that proved a card.",
        );
        return Some(say.decide(holds, expected, actual, advice, quotes));
    };
    let expected = t(
        format!("発行番号{serial}をポータルに渡し、その答えを返す"),
        format!("Serial {serial} goes to the portal, and its answer comes back."),
    );
    let wrong = answer(case, registration, passed, &serial);
    let wrong = wrong.or_else(|| confirmed(case, registration));
    let actual = wrong.clone().unwrap_or_else(|| {
        t(
            format!("{status} {error}と答えた"),
            format!("It answered {status} {error}."),
        )
    });
    let advice = t(
        "確かめた証明書の発行番号と期限をポータルに渡し、答えをそのまま返し、続く照会に登録を反映する",
        "Hand serial and last day to the portal, return its answer, and let the confirmation that follows know.",
    );
    Some(say.decide(wrong.is_none(), expected, actual, advice, quotes))
}

/// Serial of the card a proof rightly proved.
fn sound(case: &Case, proof: &Identification) -> Option<String> {
    let (card, expected) = expect::of_proof(case, proof)?;
    let fair = unfair_proof(case, proof, card).is_none() && proof.fresh;
    (fair && expected.card_trouble().is_none()).then(|| card.serial.clone())
}

/// What the server did wrong with the portal's part.
fn answer(
    case: &Case,
    registration: &UseRegistration,
    passed: Option<&Exchange>,
    serial: &str,
) -> Option<Text> {
    let (_, status, error, new) = registration.answer.as_ref()?;
    let Some(passed) = passed else {
        let before = expect::standing_without(case, serial, registration.seq, registration.at);
        let known = *status == 200 && before == expect::Standing::Registered;
        let down = case.facts.fault(&["portal"], registration.at).is_some();
        return (!known && !down).then(|| {
            t(
                "ポータルに登録を渡さなかった",
                "It did not hand the registration to the portal.",
            )
        });
    };
    let card = case.facts.card_of_serial(serial)?;
    let last_day = card.last_day.to_string();
    if passed.text("serial") != serial || passed.text("last_day") != last_day {
        let sent = format!("{} {}", passed.text("serial"), passed.text("last_day"));
        return Some(t(
            format!("ポータルに{sent}を渡した"),
            format!("It handed {sent} to the portal."),
        ));
    }
    let right = match passed.status() {
        Some(201) => *status == 201 && *new == Some(true),
        Some(200) => *status == 200 && *new == Some(false),
        Some(refused) if (400..500).contains(&refused) => {
            (400..500).contains(status) && *error == passed.answered("error")
        }
        _ => *status >= 500 && !error.is_empty(),
    };
    (!right).then(|| {
        t(
            format!(
                "ポータルの答え（{}）と違う{status} {error}を返した",
                passed.said()
            ),
            format!(
                "It answered {status} {error}, the portal had said {}.",
                passed.said()
            ),
        )
    })
}

/// The confirmation that follows a registration that was made must know of it.
fn confirmed(case: &Case, registration: &UseRegistration) -> Option<Text> {
    let (seq, status, ..) = registration.answer.as_ref()?;
    if !matches!(status, 200 | 201) {
        return None;
    }
    let mut later = asked(case).filter(|a| {
        let session = a.confirmation.request.as_ref().map(|r| r.session.as_str());
        a.confirmation.seq > *seq && session == Ok(&registration.session)
    });
    let asked = later.next()?;
    let known = !unregistered(case, &asked) || matches!(asked.reply(), Reply::Nothing);
    (!known).then(|| asked.actual())
}

#[cfg(test)]
mod tests {
    use evidence::FaultKind;

    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    const AGREED: Registers = Registers {
        agreed: true,
        answer: (201, ""),
        chain: true,
    };

    fn play(registers: Registers) -> Play {
        Play {
            standing: Ok("never-registered"),
            registers: Some(registers),
            ..Play::default()
        }
    }

    fn said(scene: &Scene) -> Vec<(String, Verdict)> {
        let said = scene.said("REG-02").into_iter();
        said.map(|(role, verdict, _)| (role, verdict)).collect()
    }

    fn fails(scene: &Scene) -> Vec<String> {
        let failing = said(scene).into_iter().filter(|s| s.1 == Fail);
        failing.map(|s| s.0).collect()
    }

    fn visited(play: &Play) -> Scene {
        let mut scene = Scene::unregistered();
        scene.visit(play);
        scene
    }

    #[test]
    fn registered_in_the_same_visit() {
        let found = said(&visited(&play(AGREED)));
        let due = ["reader", "terminal", "eligibility-server"].map(|role| (role.to_owned(), Pass));
        assert_eq!(found, due);
        let declined = Registers {
            agreed: false,
            ..AGREED
        };
        let refused = Play {
            answer: Answer::refused("SIM-E301"),
            ..play(declined)
        };
        assert_eq!(fails(&visited(&refused)), Vec::<String>::new());
        let nobody = Registers {
            answer: (422, "no-insured-person"),
            ..AGREED
        };
        assert_eq!(
            fails(&visited(&Play {
                answer: Answer::refused("SIM-E301"),
                ..play(nobody)
            })),
            Vec::<String>::new()
        );
        assert_eq!(
            said(&{
                let mut scene = Scene::registered();
                scene.visit(&Play::default());
                scene
            }),
            [],
            "nothing to register"
        );
    }

    #[test]
    fn the_check_follows_the_registration() {
        let unasked = Play {
            asks: false,
            ..play(AGREED)
        };
        assert_eq!(fails(&visited(&unasked)), ["terminal"]);
        let unavailable = Play {
            answer: Answer::Error(503, "out-of-service"),
            ..unasked.clone()
        };
        assert_eq!(
            fails(&visited(&unavailable)),
            ["terminal"],
            "nothing is down"
        );
        let mut scene = Scene::unregistered();
        scene.fault("eligibility-server", FaultKind::Down);
        scene.visit(&unavailable);
        assert!(
            !fails(&scene).contains(&"terminal".to_owned()),
            "it is down"
        );
    }

    #[test]
    fn each_house_is_judged_for_its_own_part() {
        let unasked = Registers {
            chain: false,
            ..AGREED
        };
        assert_eq!(fails(&visited(&play(unasked))), ["eligibility-server"]);
        let forgets = Play {
            answer: Answer::refused("SIM-E301"),
            ..play(AGREED)
        };
        assert_eq!(fails(&visited(&forgets)), ["eligibility-server"]);
        let unoffered = Play {
            standing: Ok("never-registered"),
            answer: Answer::refused("SIM-E301"),
            ..Play::default()
        };
        assert_eq!(fails(&visited(&unoffered)), ["reader"]);
        for (from, to, role) in [
            ("\"agreed\":true", "\"agreed\":false", "reader"),
            (
                "{\"type\":\"registered\"}",
                "{\"type\":\"registration-failed\",\"error\":\"x\",\"message\":\"\"}",
                "terminal",
            ),
            (
                "{\"standing\":\"never-registered\",\"type\":\"standing\"}",
                "{\"standing\":\"lapsed\",\"type\":\"standing\"}",
                "terminal",
            ),
            (
                "{\"last_day\":\"2029-02-15\",\"serial\":\"1001\"}",
                "{\"last_day\":\"2029-02-15\",\"serial\":\"1002\"}",
                "eligibility-server",
            ),
        ] {
            let mut scene = visited(&play(AGREED));
            assert!(scene.bend(from, to), "{from} is nowhere");
            assert!(
                fails(&scene).contains(&role.to_owned()),
                "{from}: {:?}",
                fails(&scene)
            );
        }
    }
}
