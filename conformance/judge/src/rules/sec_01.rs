//! SEC-01: terminal and server know each other by certificate; a facility without one, or with a
//! foreign one, gets no answer.

use super::Rule;
use super::common::SERVER;
use crate::case::{Case, Connection, Facility};
use crate::finding::{Speaker, q, t};
use crate::{Finding, Quote};

/// The rule.
pub const RULE: Rule = Rule {
    id: "SEC-01",
    roles: &[SERVER],
    clause: (
        "端末とサーバーは証明書で互いを確かめ、登録のない医療機関には何も答えない",
        "Terminal and server know each other by certificate; a facility without a trusted one gets no answer.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let facilities = case.facts.facilities.iter();
    facilities
        .filter_map(|facility| {
            let own: Vec<&Connection> = case
                .connections
                .iter()
                .filter(|c| c.facility == facility.facility)
                .collect();
            let say = case.of(RULE.id, SERVER);
            match own.is_empty() {
                true => None,
                false if facility.enrolled => known(case, facility, &own, say),
                false => Some(stranger(facility, &own, say)),
            }
        })
        .collect()
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
    let mutual = |c: &Connection| own_shown(facility, c) && c.server_shown && c.version.is_some();
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
    let refused = own.iter().find(|c| c.alert.is_some())?;
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
