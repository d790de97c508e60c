//! REG-01: first registration links the certificate serial to the person's individual insured number: the
//! portal proves the card, asks J-LIS for its agency code, the intermediate server for the insured number
//! behind it, and reports serial and number to the eligibility server.

use evidence::Act;
use serde_json::Value;

use super::Rule;
use super::common::{PORTAL, SERVER};
use super::delivery;
use super::home;
use super::registering::{Registering, registerings};
use crate::case::{Card, Case, Exchange};
use crate::expect;
use crate::finding::{q, t};
use crate::{Finding, Quote, Text};

/// Records from the portal's question for the insured number to its report, when nothing comes between.
const WAY: u32 = 6;

/// The rule.
pub const RULE: Rule = Rule {
    id: "REG-01",
    roles: &[PORTAL],
    clause: (
        "利用登録は、カードを確かめ、機関別符号で得た個人単位の被保険者番号と発行番号を結び付ける",
        "Registration proves the card and links its serial to the individual insured number behind the agency code.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let all = registerings(case).into_iter().filter(|r| !r.disturbed);
    let mut findings: Vec<Finding> = all.filter_map(|r| of(case, &r)).collect();
    findings.extend(unproved(case));
    findings.extend(reports(case));
    findings.extend(home::result_shown(case, RULE.id));
    findings
}

/// Reports of registrations nobody is seen to ask for: made before the story, by the same way.
fn reports(case: &Case) -> Vec<Finding> {
    let asked = registerings(case);
    let alone = case.feed.iter().filter(|e| {
        let during = |r: &Registering<'_>| r.exchange.seq < e.seq && e.seq < r.exchange.last();
        let own = e.posts("/v1/feed/use-registrations") && e.from.role == PORTAL;
        own && !asked.iter().any(during)
    });
    alone.filter_map(|fed| report(case, fed)).collect()
}

fn report(case: &Case, fed: &Exchange) -> Option<Finding> {
    let before = |e: &&Exchange| e.seq < fed.seq && fed.seq - e.seq <= WAY;
    let insured = case.insured.iter().rfind(before)?;
    let card = case.facts.card_of_serial(fed.text("serial"));
    let agency = case.agency.iter().rfind(|e| e.seq < insured.seq);
    let say = case.of(RULE.id, PORTAL);
    let expected = t(
        "発行番号を、機関別符号から得た被保険者番号とともにサーバーに知らせる",
        "The serial is reported with the insured number behind its agency code.",
    );
    let mut quotes: Vec<Quote> = agency
        .map(|e| q(e.seq, "POST /v1/agency-codes", e.text("serial")))
        .into_iter()
        .collect();
    quotes.push(q(insured.seq, "POST /v1/insured-persons", insured.said()));
    let serial = fed.text("serial");
    quotes.push(q(fed.seq, "POST /v1/feed/use-registrations", serial));
    let odd = match (agency, card) {
        (Some(agency), _) if !agency.accepted() => None,
        (Some(agency), Some(_)) if agency.text("serial") == serial => {
            other_code(case, agency).map(|why| ("jlis", why))
        }
        _ => None,
    };
    let odd = odd.or_else(|| {
        let why = other_person(case, &card?.holder, insured)?;
        Some(("intermediate", why))
    });
    if let Some((role, why)) = odd {
        return Some(say.unclear(role, expected, why, quotes));
    }
    let asked = agency.filter(|e| e.text("serial") == serial && e.accepted());
    let behind = asked.is_some_and(|e| e.answered("agency_code") == insured.text("agency_code"));
    let wrong = match behind && insured.accepted() {
        true => reported(serial, card, insured, fed),
        false => Some(t(
            "この発行番号の機関別符号から得た番号でない",
            "The number reported is not the one behind this serial's agency code.",
        )),
    };
    let fine = t("そのとおりに知らせた", "It reported it.");
    let actual = wrong.clone().unwrap_or(fine);
    let advice = t(
        "引用した一続きの電文をたどり、変えたり飛ばしたりしたところを直す",
        "Follow the quoted messages and mend the one that was bent or left out.",
    );
    Some(say.decide(wrong.is_none(), expected, actual, advice, quotes))
}

/// Somebody at home who does not know the card's PIN: nothing is registered.
fn unproved(case: &Case) -> Vec<Finding> {
    let acts = case.acts.iter().filter_map(|(seq, act)| match act {
        Act::RegisterAtPortal { card, pin, .. } => Some((*seq, case.facts.card(card)?, pin)),
        _ => None,
    });
    let judge = |(seq, card, pin): (u32, &Card, &String)| {
        let next = case.acts.iter().map(|(s, _)| *s).find(|s| *s > seq);
        let until = next.unwrap_or(u32::MAX);
        let within = |e: &&Exchange| e.seq > seq && e.seq < until;
        let asked = case.portal.iter().filter(within);
        if card.pin == *pin || { asked }.any(|e| e.posts("/v1/use-registrations")) {
            return None;
        }
        let say = case.of(RULE.id, PORTAL);
        let expected = t(
            "暗証番号が誤りで本人を確かめられないので、登録しない",
            "The PIN was wrong and nobody is proved: nothing is registered.",
        );
        let reported = case
            .feed
            .iter()
            .filter(within)
            .find(|e| e.posts("/v1/feed/use-registrations") && e.text("serial") == card.serial);
        let actual = match reported {
            None => t("登録を知らせなかった", "It reported no registration."),
            Some(_) => t("登録を知らせた", "It reported a registration."),
        };
        let advice = t(
            "カードの署名を受け取り確かめてから登録する",
            "Register after the card's signature was taken and checked alone.",
        );
        let mut quotes = vec![q(seq, "register-at-portal", pin.clone())];
        quotes.extend(reported.map(|e| q(e.seq, "POST /v1/feed/use-registrations", e.said())));
        Some(say.decide(reported.is_none(), expected, actual, advice, quotes))
    };
    acts.filter_map(judge).collect()
}

fn of(case: &Case, registering: &Registering<'_>) -> Option<Finding> {
    registering.card?;
    let say = case.of(RULE.id, PORTAL);
    let serial = &registering.serial;
    let quotes = quotes(case, registering);
    if !registering.sound {
        let expected = t(
            format!("発行番号{serial}のカードは確かめられないので、登録せず断る"),
            format!(
                "The card of serial {serial} is not proved or not valid: refused, nothing reported."
            ),
        );
        let reported = registering.fed(case).is_some();
        let holds = !registering.exchange.accepted() && !reported;
        let advice = t(
            "登録の前に、署名・証明書・失効・有効期間を確かめる",
            "Check signature, certificate, revocation and validity before registering.",
        );
        return Some(say.decide(holds, expected, actual(registering), advice, quotes));
    }
    let expected = t(
        format!("発行番号{serial}を、機関別符号から得た被保険者番号とともにサーバーに知らせる"),
        format!("Serial {serial} is reported with the insured number behind the agency code."),
    );
    if let Some((role, why)) = odd(case, registering) {
        return Some(say.unclear(role, expected, why, quotes));
    }
    let wrong = wrong(case, registering);
    let advice = t(
        "引用した一続きの電文をたどり、変えたり飛ばしたりしたところを直す",
        "Follow the quoted messages and mend the one that was bent or left out.",
    );
    let actual = wrong.clone().unwrap_or_else(|| actual(registering));
    Some(say.decide(wrong.is_none(), expected, actual, advice, quotes))
}

fn actual(registering: &Registering<'_>) -> Text {
    let said = registering.exchange.said();
    t(format!("{said}と答えた"), format!("It answered {said}."))
}

fn quotes(case: &Case, registering: &Registering<'_>) -> Vec<Quote> {
    let mut quotes = registering.quotes();
    let named = [
        ("POST /v1/agency-codes", registering.any_agency(case)),
        ("POST /v1/insured-persons", registering.asked_insured(case)),
        ("POST /v1/feed/use-registrations", registering.fed(case)),
    ];
    let seen = named
        .into_iter()
        .filter_map(|(path, e)| e.map(|e| q(e.seq, path, e.said())));
    quotes.extend(seen);
    quotes
}

/// Whether a house beside the portal did not do its part.
fn odd(case: &Case, registering: &Registering<'_>) -> Option<(&'static str, Text)> {
    let silent = |what: &str, exchange: &Exchange| {
        let said = exchange.said();
        t(
            format!("{what}の答えは{said}だった"),
            format!("{what} was answered {said}."),
        )
    };
    if let Some(why) = other_day(registering) {
        return Some((SERVER, why));
    }
    if let Some(agency) = registering.agency(case) {
        if !agency.accepted() {
            return Some(("jlis", silent("/v1/agency-codes", agency)));
        }
        if let Some(why) = other_code(case, agency) {
            return Some(("jlis", why));
        }
    }
    let insured = registering.asked_insured(case)?;
    let known = insured.accepted() || (insured.status() == Some(404) && !registering.insured);
    if !known {
        return Some(("intermediate", silent("/v1/insured-persons", insured)));
    }
    let holder = &registering.card?.holder;
    let why = other_person(case, holder, insured)?;
    Some(("intermediate", why))
}

/// Whether the server ordered the registration with another last day than the certificate has. What the portal
/// makes of it afterwards is not its own.
fn other_day(registering: &Registering<'_>) -> Option<Text> {
    let ordered = registering.exchange.text("last_day");
    let due = registering.card?.last_day.to_string();
    let asked_by_server = registering.proof.is_none();
    (asked_by_server && ordered != due).then(|| {
        t(
            format!("サーバーが頼んだ登録の有効期間満了日（{ordered}）が証明書の{due}と違う"),
            format!(
                "The server ordered it with the last day {ordered}; the certificate's is {due}."
            ),
        )
    })
}

/// Whether J-LIS answered one person two codes, or two persons one.
fn other_code(case: &Case, agency: &Exchange) -> Option<Text> {
    let code = agency.answered("agency_code");
    let holder = |e: &Exchange| {
        let card = case.facts.card_of_serial(e.text("serial"))?;
        Some(card.holder.as_str())
    };
    let own = holder(agency)?;
    let all = case.agency.iter().filter(|e| e.accepted());
    let other = { all }.find(|e| {
        let same = e.answered("agency_code") == code;
        holder(e).is_some_and(|holder| (holder == own) != same)
    })?;
    let found = other.answered("agency_code");
    Some(t(
        format!("J-LISの答えた機関別符号（{code}・{found}）は一人に一つでない"),
        format!("The agency codes J-LIS answered ({code}, {found}) are not one to a person."),
    ))
}

/// Whether the intermediate server named a number that is not the person's, or another link.
fn other_person(case: &Case, holder: &str, insured: &Exchange) -> Option<Text> {
    if !insured.accepted() {
        return None;
    }
    let told = delivery::told_insured(insured);
    let mut own = expect::entries(&case.facts, holder, insured.at);
    if !own.any(|entry| told.as_ref() == Some(&entry.numbers)) {
        let told = told.map(|n| n.to_string()).unwrap_or_default();
        return Some(t(
            format!("中間サーバーの答えた番号（{told}）はこの人のものでない"),
            format!("The number the intermediate server named ({told}) is not this person's."),
        ));
    }
    let links = delivery::links(case, holder, insured.at, u32::MAX);
    (links.len() > 1).then(|| {
        t(
            "中間サーバーの答えた紐付番号が一つでない",
            "The intermediate server named more than one link number.",
        )
    })
}

/// The first thing the portal did wrong on the way.
fn wrong(case: &Case, registering: &Registering<'_>) -> Option<Text> {
    let said = |ja: &str, en: &str| Some(t(ja, en));
    let exchange = registering.exchange;
    let Some(agency) = registering.agency(case) else {
        let known = exchange.status() == Some(200) && registering.any_agency(case).is_none();
        // It may remember what it registered before.
        return match known {
            true => None,
            false => said(
                "J-LISにこの発行番号の機関別符号を尋ねなかった",
                "It did not ask J-LIS for the agency code of this serial.",
            ),
        };
    };
    let Some(insured) = registering.asked_insured(case) else {
        return said(
            "中間サーバーに被保険者番号を尋ねなかった",
            "It did not ask the intermediate server for the insured number.",
        );
    };
    if insured.text("agency_code") != agency.answered("agency_code") {
        return said(
            "J-LISの答えと違う機関別符号で尋ねた",
            "It asked under another agency code than J-LIS had answered.",
        );
    }
    if !insured.accepted() {
        // Nobody insured is REG-04's.
        return (exchange.accepted() || registering.fed(case).is_some()).then(|| {
            t(
                "加入者情報がないのに登録した",
                "It registered somebody nobody insures.",
            )
        });
    }
    let Some(fed) = registering.fed(case) else {
        return said(
            "サーバーに知らせなかった",
            "It did not report it to the server.",
        );
    };
    reported(&registering.serial, registering.card, insured, fed)
        .or_else(|| answered(exchange, fed))
}

/// Whether the report says what J-LIS and intermediate server had answered.
fn reported(serial: &str, card: Option<&Card>, insured: &Exchange, fed: &Exchange) -> Option<Text> {
    let last_day = card.map(|c| c.last_day.to_string());
    let sent = delivery::told_insured_in(fed);
    let wrong = [
        ("serial", fed.text("serial") == serial),
        (
            "last_day",
            last_day.is_none_or(|day| fed.text("last_day") == day),
        ),
        (
            "link_number",
            fed.text("link_number") == insured.answered("link_number"),
        ),
        ("insured", sent == delivery::told_insured(insured)),
    ];
    let (member, _) = wrong.into_iter().find(|(_, holds)| !holds)?;
    Some(t(
        format!("サーバーへの知らせの{member}が正しくない"),
        format!("{member} of its report to the server is wrong."),
    ))
}

/// Whether it answered what the server had said.
fn answered(exchange: &Exchange, fed: &Exchange) -> Option<Text> {
    let new = exchange
        .answer
        .as_ref()
        .and_then(|a| a.body.as_ref().ok())
        .and_then(|b| b.get("new"))
        .and_then(Value::as_bool);
    let due = match fed.status() {
        Some(201) => (Some(201), Some(true)),
        Some(200) => (Some(200), Some(false)),
        _ => return None,
    };
    ((exchange.status(), new) != due).then(|| {
        let said = exchange.said();
        t(
            format!("登録の結果を{said}と答えた"),
            format!("It answered {said} to a registration that had been made otherwise."),
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Inconclusive, Pass};
    use crate::testing::*;
    use evidence::CertificateEvent::Revoked;

    fn said(scene: &Scene) -> Vec<Verdict> {
        scene.said("REG-01").into_iter().map(|s| s.1).collect()
    }

    fn at_home(home: &Home) -> Vec<Verdict> {
        let mut scene = Scene::unregistered();
        scene.register_at_home(home);
        said(&scene)
    }

    #[test]
    fn from_home_the_serial_is_tied_to_the_number() {
        let right = Home::default;
        assert_eq!(at_home(&right()), [Pass]);
        for bend in [
            "last_day",
            "link_number",
            "insured",
            "serial",
            "agency_code",
        ] {
            let home = Home {
                bend: Some(bend),
                ..right()
            };
            assert_eq!(at_home(&home), [Fail], "{bend}");
        }
        for skip in ["agency", "insured", "feed"] {
            let home = Home {
                skip: Some(skip),
                ..right()
            };
            assert_eq!(at_home(&home), [Fail], "{skip}");
        }
        let refused = Home {
            answer: (503, "intermediate-unavailable"),
            skip: Some("insured"),
            ..right()
        };
        assert_eq!(at_home(&refused), [Fail], "it never asked");
    }

    #[test]
    fn a_card_that_is_not_proved_is_not_registered() {
        let refused = Home {
            answer: (403, "signature-invalid"),
            signed: false,
            ..Home::default()
        };
        assert_eq!(at_home(&refused), [Pass]);
        let taken = Home {
            signed: false,
            ..Home::default()
        };
        assert_eq!(at_home(&taken), [Fail]);
        for (answer, due) in [((403, "certificate-revoked"), Pass), ((201, ""), Fail)] {
            let mut scene = Scene::unregistered();
            scene.event("1001", Revoked, "2026-10-10T09:00:00.000+09:00");
            scene.register_at_home(&Home {
                answer,
                ..Home::default()
            });
            assert_eq!(said(&scene), [due]);
        }
    }

    #[test]
    fn a_wrong_day_is_blamed_on_whoever_said_it_first() {
        let mut scene = Scene::unregistered();
        scene.visit(&Play {
            standing: Ok("never-registered"),
            registers: Some(Registers {
                agreed: true,
                answer: (201, ""),
                chain: true,
            }),
            ..Play::default()
        });
        let blamed = |scene: &Scene| {
            let found = scene.said("REG-01").into_iter();
            found.map(|s| (s.1, s.2)).collect::<Vec<_>>()
        };
        assert_eq!(blamed(&scene), [(Pass, None)]);
        let day = scene.last_day("1001");
        let tail = |day: &str| format!("\"last_day\":\"{day}\",\"serial\"");
        assert!(scene.bend(&tail(&day), &tail("2020-01-01")), "the order");
        let server = Some("eligibility-server".into());
        assert_eq!(blamed(&scene), [(Inconclusive, server)]);
    }

    #[test]
    fn a_wrong_pin_registers_nothing() {
        let mut scene = Scene::unregistered();
        let (person, card) = ("田中".into(), "田中のカード".into());
        scene.hands(evidence::Act::RegisterAtPortal {
            person,
            card,
            pin: "⟦PIN#2⟧".into(),
        });
        assert_eq!(said(&scene), [Pass]);
        scene.tied("1001", NUMBER, 201);
        assert_eq!(said(&scene), [Fail]);
    }

    #[test]
    fn what_others_answered_is_not_the_portals() {
        let home = Home {
            agency_status: 500,
            answer: (503, "jlis-unavailable"),
            ..Home::default()
        };
        assert_eq!(at_home(&home), [Inconclusive]);
        assert_eq!(said(&Scene::registered()), []);
    }
}
