//! SEC-02: only the terminal opens connections to the server, only the receipt computer pulls from the
//! terminal; nothing is pushed inwards.

use super::Rule;
use super::common::TERMINAL;
use crate::Finding;
use crate::case::{Case, Opening};
use crate::finding::{q, t};

/// The rule.
pub const RULE: Rule = Rule {
    id: "SEC-02",
    roles: &[TERMINAL],
    clause: (
        "接続を開くのは端末からサーバーへだけとし、医療機関の中へは何も押し込まない",
        "Only the terminal opens connections, to the server alone; nothing is pushed inwards.",
    ),
    check,
};

/// Roles inside a clinic.
const INSIDE: [&str; 4] = ["terminal", "reader", "receipt-computer", "card"];

fn check(case: &Case) -> Vec<Finding> {
    let touching: Vec<&Opening> = case
        .openings
        .iter()
        .filter(|o| {
            [&o.from, &o.to]
                .iter()
                .any(|p| INSIDE.contains(&p.role.as_str()))
        })
        .collect();
    let Some(first) = touching.first() else {
        return Vec::new();
    };
    let say = case.of(RULE.id, TERMINAL);
    let expected = t(
        "医療機関に関わる接続は、すべて端末がサーバーに向けて開いたもの",
        "Every connection that touches the clinic was opened by the terminal, to the server.",
    );
    let rightly =
        |o: &&&Opening| o.asks && o.from.role == TERMINAL && o.to.role == "eligibility-server";
    let Some(wrong) = touching.iter().find(|o| !rightly(o)) else {
        let actual = t(
            "端末がサーバーに向けて開いた",
            "The terminal opened them, to the server.",
        );
        let quotes = vec![q(first.seq, first.hop.clone(), told(first))];
        return vec![say.pass(expected, actual, quotes)];
    };
    let quotes = vec![q(wrong.seq, wrong.hop.clone(), told(wrong))];
    let actual = t(
        format!("{}の接続があった", told(wrong)),
        format!("There was a connection {}.", told(wrong)),
    );
    let opener = if wrong.asks { &wrong.from } else { &wrong.to };
    if opener.role != TERMINAL {
        return vec![say.unclear(&opener.role, expected, actual, quotes)];
    }
    let advice = t(
        "端末からはサーバーだけに接続し、レセコンには共有フォルダーのファイルで渡す",
        "Connect from the terminal to the server alone; hand files over in the shared folder.",
    );
    vec![say.fail(expected, actual, advice, quotes)]
}

fn told(opening: &Opening) -> String {
    let (from, to) = match opening.asks {
        true => (&opening.from, &opening.to),
        false => (&opening.to, &opening.from),
    };
    format!("{} → {} ({})", from.role, to.role, opening.hop)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::*;
    use evidence::Party;

    #[test]
    fn the_terminal_opens_and_to_the_server_alone() {
        let asks = b"POST /v1/anything HTTP/1.1\r\ncontent-length: 0\r\n\r\n";
        for (from, to, due) in [
            ("terminal", "eligibility-server", Pass),
            ("terminal", "receipt-computer", Fail),
            ("terminal", "jlis", Fail),
            ("eligibility-server", "terminal", Inconclusive),
            ("receipt-computer", "eligibility-server", Inconclusive),
            ("eligibility-server", "jlis", Pass),
        ] {
            let mut scene = Scene::registered();
            scene.visit(&Play::default());
            scene.tap(
                "eligibility",
                Party::at(from, CLINIC),
                Party::at(to, ""),
                77,
                asks,
                None,
            );
            assert_eq!(scene.said("SEC-02")[0].1, due, "{from} to {to}");
        }
        assert_eq!(Scene::registered().said("SEC-02"), []);
    }
}
