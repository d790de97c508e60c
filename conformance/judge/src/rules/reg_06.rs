//! REG-06: the link runs over the certificate serial, the portal's agency code and the insured number; the
//! individual number never appears at the clinic or in its traffic.

use std::collections::BTreeSet;

use super::Rule;
use super::common::{INSURER, SERVER};
use crate::Finding;
use crate::case::{Case, Sighting, list};
use crate::finding::{q, t};

/// The rule.
pub const RULE: Rule = Rule {
    id: "REG-06",
    roles: &[SERVER, INSURER],
    clause: (
        "結び付けは発行番号・機関別符号・被保険者番号で行い、個人番号は窓口にも電文にも現れない",
        "The link runs over serial, agency code and insured number; the individual number appears nowhere else.",
    ),
    check,
};

/// Where the individual number rightly travels: from the insurer, and to a card as 照合番号A.
const RIGHTLY: [&str; 2] = ["registration", "card"];

fn check(case: &Case) -> Vec<Finding> {
    let linked = case
        .feed
        .iter()
        .filter(|e| e.posts("/v1/feed/use-registrations"));
    let Some(last) = { linked }.next_back() else {
        return Vec::new();
    };
    let wrongly = |s: &&Sighting| s.token.leak || !RIGHTLY.contains(&s.place.as_str());
    let seen: Vec<&Sighting> = case
        .sightings
        .iter()
        .filter(|s| s.token.kind == "INDIVIDUAL-NUMBER")
        .filter(wrongly)
        .collect();
    let expected = t(
        "個人番号は、保険者の登録のほかのどの電文にも現れない",
        "No message but the insurers' registrations carries an individual number.",
    );
    // Who lets it out first is at fault; who repeats it only passed it on.
    let Some(first) = seen.first() else {
        let actual = t("どこにも現れなかった", "It appeared nowhere.");
        let quotes = vec![q(last.seq, "POST /v1/feed/use-registrations", last.said())];
        let entered = (!case.registrations.is_empty()).then_some(INSURER);
        let clean = [SERVER].into_iter().chain(entered);
        return clean
            .map(|role| {
                let say = case.of(RULE.id, role);
                say.pass(expected.clone(), actual.clone(), quotes.clone())
            })
            .collect();
    };
    let names = list(&seen.iter().map(|s| s.role.clone()).collect::<BTreeSet<_>>());
    let actual = t(
        format!("{names}の電文に現れた"),
        format!("It appears in messages of {names}."),
    );
    let quotes = seen
        .iter()
        .map(|s| q(s.seq, s.place.clone(), s.token.text.clone()))
        .collect();
    let role = first.role.as_str();
    if role != SERVER && role != INSURER {
        let say = case.of(RULE.id, SERVER);
        return vec![say.unclear(role, expected, actual, quotes)];
    }
    let advice = t(
        "個人番号は登録の所定の項目でだけ送り、ほかの電文には書き出さない",
        "Send the individual number in its own member of a registration alone, and write it nowhere else.",
    );
    let say = case.of(RULE.id, role);
    vec![say.fail(expected, actual, advice, quotes)]
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Inconclusive, Pass};
    use crate::testing::*;
    use evidence::Party;

    #[test]
    fn the_individual_number_stays_with_the_insurer() {
        let scene = Scene::registered();
        assert_eq!(scene.said("REG-06")[0].1, Pass);
        let leak = "⟦LEAK INDIVIDUAL-NUMBER#1⟧".as_bytes();
        for (role, to, due) in [
            ("eligibility-server", "portal", Fail),
            ("portal", "intermediate", Inconclusive),
        ] {
            let mut scene = Scene::registered();
            scene.tap("insured", Party::role(role), Party::role(to), 3, leak, None);
            let said = &scene.said("REG-06")[0];
            assert_eq!((said.1, said.2.as_deref()), (due, Some(role)));
        }
        assert_eq!(Scene::unregistered().said("REG-06"), []);
    }
}
