//! SEC-01: terminal and server know each other by certificate; a facility without one, or with a
//! foreign one, gets no answer.

use evidence::FaultKind;

use super::Rule;
use super::common::{SERVER, SERVER_HOUSES, TERMINAL};
use crate::case::{Case, Connection, Exchange, Facility};
use crate::decode::http::Start;
use crate::finding::{Speaker, q, t};
use crate::{Finding, Quote};

/// The rule.
pub const RULE: Rule = Rule {
    id: "SEC-01",
    roles: &[SERVER, TERMINAL],
    clause: (
        "端末とサーバーは証明書で互いを確かめ、登録のない医療機関には何も答えない",
        "Terminal and server know each other by certificate; a facility without a trusted one gets no answer.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let facilities = case.facts.facilities.iter();
    let mut findings = Vec::new();
    for facility in facilities {
        let own: Vec<&Connection> = case
            .connections
            .iter()
            .filter(|c| c.facility == facility.facility)
            .collect();
        let say = case.of(RULE.id, SERVER);
        findings.extend(match own.is_empty() {
            true => None,
            false if facility.enrolled => known(case, facility, &own, say),
            false => Some(stranger(facility, &own, say)),
        });
        findings.extend(terminal(case, &own));
    }
    findings.extend(doors(case));
    findings
}

/// A certificate opens its holder's own door alone: facilities do not feed, offices do not ask.
fn doors(case: &Case) -> Option<Finding> {
    let knocks = |e: &&Exchange| {
        let target = match e.request.as_ref().map(|m| &m.start) {
            Ok(Start::Request(_, target)) => target.as_str(),
            _ => "",
        };
        target.starts_with("/v1/") && target.starts_with("/v1/feed/") != e.on_feed
    };
    let asked: Vec<&Exchange> = case
        .eligibility
        .iter()
        .chain(&case.feed)
        .filter(knocks)
        .collect();
    let first = asked.first()?;
    let opened = asked.iter().find(|e| e.accepted());
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        "証明書の持ち主に許された窓口のほかは使わせない",
        "A certificate opens its holder's own door and no other.",
    );
    let actual = match opened {
        Some(_) => t("ほかの機関の窓口を使わせた", "It opened another's door."),
        None => t("使わせなかった", "It opened none."),
    };
    let advice = t(
        "窓口ごとに、証明書の名義が許された相手かを確かめる",
        "At every path check that the certificate's holder may use it.",
    );
    let shown = opened.unwrap_or(first);
    let quotes = vec![q(shown.seq, "HTTP", shown.said())];
    Some(say.decide(opened.is_none(), expected, actual, advice, quotes))
}

/// Looks at whether a terminal speaks to servers alone whose certificate a trusted authority issued.
fn terminal(case: &Case, own: &[&Connection]) -> Option<Finding> {
    let issued = |c: &Connection, trusted: bool| {
        let shown = c.server_certificate.as_ref();
        shown.is_some_and(|shown| {
            let mut authorities = case
                .facts
                .authorities
                .iter()
                .filter(|a| a.trusted == trusted);
            authorities.any(|a| a.certificate.as_ref().is_some_and(|a| shown.issued_by(a)))
        })
    };
    let spoken = |c: &&&Connection| c.asker.role == TERMINAL && !c.requests.is_empty();
    let asked: Vec<&Connection> = own.iter().filter(spoken).copied().collect();
    let say = case.of(RULE.id, TERMINAL);
    let expected = t(
        "信頼する認証局の証明書を示したサーバーにだけ話す",
        "It speaks to servers alone whose certificate a trusted authority issued.",
    );
    if let Some(wrong) = asked.iter().find(|c| issued(c, false) && !issued(c, true)) {
        let actual = t(
            "信頼されない証明書のサーバーに要求を送った",
            "It sent requests to a server with an untrusted certificate.",
        );
        let advice = t(
            "サーバー証明書を信頼する認証局で検証し、合わなければ接続を切る",
            "Verify the server's certificate against the trusted authority, and hang up otherwise.",
        );
        return Some(say.fail(expected, actual, advice, quotes(&[wrong])));
    }
    if let Some(fine) = asked.iter().find(|c| issued(c, true)) {
        let actual = t("そのサーバーに話した", "It spoke to such a server.");
        return Some(say.pass(expected, actual, quotes(&[fine])));
    }
    // Whom it turned away shows no certificate here: that somebody false stood there was laid down.
    let false_one = |c: &&&Connection| {
        let fault = case.facts.fault(&SERVER_HOUSES, c.at);
        let foreign = fault.is_some_and(|f| f.kind == FaultKind::ForeignCertificate);
        c.asker.role == TERMINAL && foreign && c.alert.is_some()
    };
    let turned = own.iter().find(false_one)?;
    let actual = t("話さずに接続を切った", "It hung up without a word.");
    Some(say.pass(expected, actual, quotes(&[turned])))
}

fn quotes(connections: &[&Connection]) -> Vec<Quote> {
    let quote = |c: &&Connection| {
        let version = c.version.as_deref().unwrap_or("no handshake");
        let client = if c.client.is_some() {
            "client certificate"
        } else {
            "no client certificate"
        };
        let alert = c.alert.as_deref().unwrap_or("no alert");
        q(
            c.seq,
            "TLS",
            format!("{version}, {client}, {alert}, {} answers", c.answers.len()),
        )
    };
    connections.iter().map(quote).collect()
}

fn stranger(facility: &Facility, own: &[&Connection], say: Speaker<'_>) -> Finding {
    let name = &facility.facility;
    let expected = t(
        format!("{name}は信頼された証明書を持たないので、何も答えない"),
        format!("{name} holds no trusted certificate: not one byte of answer."),
    );
    let answered: usize = own.iter().map(|c| c.answers.len()).sum();
    let actual = if answered == 0 {
        t(
            "接続を断り、何も答えなかった",
            "It turned the connection away and answered nothing.",
        )
    } else {
        t(
            format!("{answered}件の応答を返した"),
            format!("It sent {answered} answers."),
        )
    };
    let advice = t(
        "TLSでクライアント証明書を必須にし、医療機関の認証局で検証する",
        "Demand a client certificate in TLS and verify it against the facility authority.",
    );
    say.decide(answered == 0, expected, actual, advice, quotes(own))
}

fn own_shown(facility: &Facility, connection: &Connection) -> bool {
    connection.client.as_deref() == Some(facility.digest.as_str())
}

fn known(
    case: &Case,
    facility: &Facility,
    own: &[&Connection],
    say: Speaker<'_>,
) -> Option<Finding> {
    let name = &facility.facility;
    let expected = t(
        format!("{name}とサーバーが互いに証明書を示した接続でだけ答える"),
        format!(
            "Answers cross only where {name} and the server showed each other their certificates."
        ),
    );
    let advice = t(
        "クライアント証明書を必須にし、登録のある医療機関の接続は受け入れる",
        "Demand the client certificate, and accept the connections of enrolled facilities.",
    );
    let mutual =
        |c: &Connection| own_shown(facility, c) && c.server.is_some() && c.version.is_some();
    if let Some(bare) = own.iter().find(|c| !c.answers.is_empty() && !mutual(c)) {
        let actual = t(
            "証明書を確かめ合わない接続で答えた",
            "It answered where the certificates had not been shown.",
        );
        return Some(say.fail(expected, actual, advice, quotes(&[bare])));
    }
    if own.iter().any(|c| !c.answers.is_empty()) {
        let actual = t(
            "互いに証明書を示した接続で答えた",
            "It answered where both had shown their certificates.",
        );
        return Some(say.pass(expected, actual, quotes(own)));
    }
    let refused = own
        .iter()
        .find(|c| c.alert.is_some() && c.asker.role == TERMINAL)?;
    if case
        .facts
        .fault(&["eligibility-server", "server"], refused.at)
        .is_some()
    {
        return None;
    }
    let actual = t(
        "登録のある医療機関の接続を断った",
        "It turned an enrolled facility away.",
    );
    if !own_shown(facility, refused) {
        return Some(say.unclear("terminal", expected, actual, quotes(own)));
    }
    Some(say.fail(expected, actual, advice, quotes(own)))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Inconclusive, Pass};
    use crate::testing::*;
    use evidence::{Fact, FaultKind};

    fn said(scene: &Scene) -> Vec<(Verdict, Option<String>)> {
        scene
            .said("SEC-01")
            .into_iter()
            .map(|(_, verdict, fault)| (verdict, fault))
            .collect()
    }

    fn stranger(play: Play) -> Vec<(Verdict, Option<String>)> {
        let mut scene = Scene::registered();
        scene.facility(STRANGER, "9917654321", false);
        scene.visit(&Play {
            facility: STRANGER,
            ..play
        });
        said(&scene)
    }

    #[test]
    fn strangers_get_nothing() {
        let fails = [(Fail, Some("eligibility-server".to_owned()))];
        assert_eq!(
            stranger(Play {
                alert: Some("UnknownCA"),
                ..Play::default()
            }),
            [(Pass, None)]
        );
        assert_eq!(stranger(Play::default()), fails);
        assert_eq!(
            stranger(Play {
                answer: Answer::Error(403, "stranger"),
                ..Play::default()
            }),
            fails
        );
    }

    #[test]
    fn the_enrolled_are_answered_over_mutual_tls() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        assert_eq!(said(&scene), [(Pass, None)]);
        for bend in [
            |tls: &mut evidence::Tls| tls.client_chain.clear(),
            |tls: &mut evidence::Tls| tls.server_chain.clear(),
            |tls: &mut evidence::Tls| tls.version = None,
        ] {
            let mut scene = Scene::registered();
            scene.visit(&Play::default());
            for record in &mut scene.records.records {
                if let evidence::What::Tapped(evidence::Tapped { tls: Some(tls), .. }) =
                    &mut record.what
                {
                    bend(tls);
                }
            }
            assert_eq!(said(&scene)[0].0, Fail);
        }
    }

    #[test]
    fn a_certificate_opens_its_own_door_alone() {
        let (bed, server) = (
            evidence::Party::at("bed", CLINIC),
            evidence::Party::role("eligibility-server"),
        );
        for (status, due) in [(403, Pass), (204, Fail)] {
            let mut scene = Scene::registered();
            let none = serde_json::json!({});
            let path = "/v1/feed/releases";
            scene.exchange("eligibility", (&bed, &server), path, &none, (status, &none));
            assert_eq!(scene.said("SEC-01").pop().unwrap().1, due);
        }
    }

    #[test]
    fn a_terminal_speaks_to_the_right_server_alone() {
        for (issuer, due) in [(pki::Key::Authority, Pass), (pki::Key::Foreign, Fail)] {
            let mut scene = Scene::registered();
            scene.visit(&Play::default());
            let shown = scene.keep(&pki::leaf(&Leaf {
                issuer,
                ..Leaf::default()
            }));
            for record in &mut scene.records.records {
                if let evidence::What::Tapped(evidence::Tapped { tls: Some(tls), .. }) =
                    &mut record.what
                {
                    tls.server_chain = vec![shown.clone()];
                }
            }
            let terminal = scene.said("SEC-01").pop().unwrap();
            assert_eq!((terminal.0.as_str(), terminal.1), ("terminal", due));
        }
    }

    #[test]
    fn a_terminal_hangs_up_on_a_false_server() {
        for (alert, due) in [(Some("UnknownIssuer"), vec![Pass]), (None, vec![])] {
            let mut scene = Scene::registered();
            scene.fault("eligibility-server", FaultKind::ForeignCertificate);
            scene.visit(&Play {
                alert,
                ..Play::default()
            });
            let said = scene.said("SEC-01").into_iter();
            let found: Vec<Verdict> = said.filter(|s| s.0 == "terminal").map(|s| s.1).collect();
            assert_eq!(found, due, "without an alert its certificate tells");
        }
    }

    #[test]
    fn the_enrolled_are_not_turned_away() {
        let refused = Play {
            alert: Some("UnknownCA"),
            ..Play::default()
        };
        let mut scene = Scene::registered();
        scene.visit(&refused);
        assert_eq!(said(&scene)[0].0, Fail);
        let mut scene = Scene::registered();
        let from = scene.now.clone();
        scene.declare(Fact::Fault {
            house: "eligibility-server".into(),
            kind: FaultKind::Down,
            from,
        });
        scene.visit(&refused);
        assert_eq!(said(&scene), []);
        let mut scene = Scene::registered();
        scene.visit(&refused);
        for record in &mut scene.records.records {
            if let evidence::What::Tapped(evidence::Tapped { tls: Some(tls), .. }) =
                &mut record.what
            {
                tls.client_chain.clear();
            }
        }
        assert_eq!(said(&scene), [(Inconclusive, Some("terminal".into()))]);
    }
}
