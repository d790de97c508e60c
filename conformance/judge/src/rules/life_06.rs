//! LIFE-06: renewal after the grace needs the use registration again.

use super::Rule;
use super::common::{PORTAL, Reply, SERVER, code};
use super::registering::{Registering, registerings};
use super::renewed::{Renewed, When, renewed};
use crate::Finding;
use crate::case::Case;
use crate::expect::{Due, Standing};
use crate::finding::t;

/// The rule.
pub const RULE: Rule = Rule {
    id: "LIFE-06",
    roles: &[SERVER, PORTAL],
    clause: (
        "猶予の後に更新したときは、利用登録のやり直しが要り、やり直せば使える",
        "Renewal after the grace needs the use registration again, and works once it is made.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let late = renewed(case).filter(|r| r.when == When::Late && !r.tied);
    let lapsed = late.filter(|r| r.asked.expected.due() == Due::Lapsed);
    let server = lapsed.map(|r| server(case, &r));
    let again = registerings(case).into_iter();
    let again = again.filter(|r| r.before == Standing::Lapsed && r.sound && r.insured);
    let portal = again.filter_map(|r| portal(case, &r));
    server.chain(portal).collect()
}

fn server(case: &Case, renewed: &Renewed<'_>) -> Finding {
    let Renewed { asked, pair, .. } = renewed;
    let say = case.of(RULE.id, SERVER);
    let on = pair.on;
    let code = code(case, Due::Lapsed);
    let expected = t(
        format!("猶予の後の{on}に更新したので、登録し直すまでコード{code}で断る"),
        format!(
            "Renewed on {on}, after the grace: refused with code {code} until registered again."
        ),
    );
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return finding;
    }
    let advice = t(
        "更新日が古い証明書の猶予の後なら、新しい発行番号の利用登録を無効として扱う",
        "When the renewal came after the old certificate's grace, treat the registration as lapsed.",
    );
    let holds = matches!(asked.reply(), Reply::Refuses(_, o) if o.code == code);
    say.decide(holds, expected, asked.actual(), advice, asked.quotes())
}

/// The portal takes the registration made again.
fn portal(case: &Case, registering: &Registering<'_>) -> Option<Finding> {
    let say = case.of(RULE.id, PORTAL);
    let expected = t(
        "無効になった利用登録のやり直しを受け付ける",
        "The registration made again is taken.",
    );
    let advice = t(
        "無効になった登録と新しい登録を区別し、やり直しを断らない",
        "Tell a lapsed registration from one that holds, and do not refuse to make it again.",
    );
    if registering.disturbed {
        return None;
    }
    let exchange = registering.exchange;
    let actual = t(
        format!("{}と答えた", exchange.said()),
        format!("It answered {}.", exchange.said()),
    );
    Some(say.decide(
        exchange.accepted(),
        expected,
        actual,
        advice,
        registering.quotes(),
    ))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;

    fn late() -> Scene {
        let mut scene = Scene::renewed("2026-11-01", true);
        scene.at("2026-11-02T09:00:00");
        scene
    }

    #[test]
    fn renewed_after_the_grace_it_has_lapsed() {
        for (answer, due) in [
            (Answer::refused("SIM-E303"), Pass),
            (Answer::refused("SIM-E301"), Fail),
            (Play::default().answer, Fail),
        ] {
            let mut scene = late();
            scene.visit(&Play {
                card: "新しいカード",
                standing: Ok("lapsed"),
                answer,
                ..Play::default()
            });
            assert_eq!(scene.said("LIFE-06")[0].1, due);
        }
    }

    #[test]
    fn the_portal_takes_it_again() {
        for (answer, due) in [((201, ""), Pass), ((422, "no-insured-person"), Fail)] {
            let mut scene = late();
            scene.visit(&Play {
                card: "新しいカード",
                standing: Ok("lapsed"),
                registers: Some(Registers {
                    agreed: true,
                    answer,
                    chain: true,
                }),
                ..Play::default()
            });
            let said = scene.said("LIFE-06");
            let portal = said.iter().find(|s| s.0 == "portal").unwrap();
            assert_eq!(portal.1, due, "{answer:?}");
        }
    }
}
