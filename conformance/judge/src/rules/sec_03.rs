//! SEC-03: PINs and individual numbers appear in no file, message, screen or chart beyond the places
//! where the protocol carries them.

use std::collections::{BTreeMap, BTreeSet};

use super::Rule;
use super::common::SERVER;
use crate::Finding;
use crate::case::{Case, Sighting, list};
use crate::finding::{q, t};

const ROLES: &[&str] = &[
    "reader",
    "terminal",
    "receipt-computer",
    SERVER,
    "insurer",
    "portal",
];

/// The rule.
pub const RULE: Rule = Rule {
    id: "SEC-03",
    roles: ROLES,
    clause: (
        "暗証番号・個人番号などの秘密を、電文の決まった場所のほか、どこにも残さない",
        "Secrets appear nowhere but where the protocol carries them.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    // Who repeats what an earlier house already let out only passed it on.
    let mut origin: BTreeMap<String, &str> = BTreeMap::new();
    let mut leaks: BTreeMap<&str, Vec<&Sighting>> = BTreeMap::new();
    for sighting in case.sightings.iter().filter(|s| leaked(s)) {
        let secret = sighting.token.text.replace("⟦LEAK ", "⟦");
        if *origin.entry(secret).or_insert(&sighting.role) == sighting.role {
            leaks.entry(&sighting.role).or_default().push(sighting);
        }
    }
    let sending = ROLES
        .iter()
        .copied()
        .filter(|role| case.senders.contains_key(*role));
    // Who is no product, the examiner for one, is not judged.
    let leaking = leaks.keys().copied().filter(|role| ROLES.contains(role));
    let judged: BTreeSet<&str> = sending.chain(leaking).collect();
    judged
        .iter()
        .map(|role| of(case, role, leaks.get(role).map_or(&[], Vec::as_slice)))
        .collect()
}

/// A token the tap marked, or one in a place where this protocol carries no such secret.
fn leaked(sighting: &Sighting) -> bool {
    // What a card gives away on its own hop, and under which condition, the rules about the card judge.
    if sighting.role == "card" {
        return false;
    }
    let places: &[&str] = match sighting.token.kind.as_str() {
        "PIN" => &["card", "reader"],
        "INDIVIDUAL-NUMBER" => &["registration", "card"],
        _ => return sighting.token.leak,
    };
    sighting.token.leak || !places.contains(&sighting.place.as_str())
}

fn of(case: &Case, role: &str, leaks: &[&Sighting]) -> Finding {
    let say = case.of(RULE.id, role);
    let expected = t(
        "秘密を決まった場所のほかに出さない",
        "No secret appears where the protocol does not carry it.",
    );
    if leaks.is_empty() {
        let last = case.senders.get(role).copied().unwrap_or_default();
        let actual = t(
            "どの電文・ファイル・画面にも秘密はなかった",
            "None was in any message, file or screen.",
        );
        return say.pass(expected, actual, vec![q(last, "last record", role)]);
    }
    let places: BTreeSet<String> = leaks
        .iter()
        .map(|s| format!("{} ({})", s.token.text, s.place))
        .collect();
    let places = list(&places);
    let actual = t(
        format!("{places}に秘密が出ている"),
        format!("A secret is seen: {places}."),
    );
    let advice = t(
        "引用した記録に秘密を書き込んでいる処理を取り除く",
        "Remove whatever writes the secret into the quoted record.",
    );
    let quotes = leaks
        .iter()
        .map(|s| q(s.seq, s.place.clone(), s.token.text.clone()))
        .collect();
    say.fail(expected, actual, advice, quotes)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{Fail, Pass};
    use crate::testing::*;
    use evidence::Party;

    fn failing(scene: &Scene) -> Vec<String> {
        scene
            .said("SEC-03")
            .into_iter()
            .filter(|s| s.1 == Fail)
            .map(|s| s.0)
            .collect()
    }

    #[test]
    fn a_clean_visit_passes_for_every_role() {
        let mut scene = Scene::registered();
        scene.visit(&Play::default());
        let roles: Vec<(String, crate::Verdict)> = scene
            .said("SEC-03")
            .into_iter()
            .map(|s| (s.0, s.1))
            .collect();
        let due = [
            "eligibility-server",
            "insurer",
            "portal",
            "reader",
            "receipt-computer",
            "terminal",
        ];
        assert_eq!(roles, due.map(|r| (r.to_owned(), Pass)));
    }

    #[test]
    fn a_leak_convicts_its_sender() {
        let mut scene = Scene::registered();
        scene.visit(&Play {
            file: File::Leaking,
            ..Play::default()
        });
        assert_eq!(failing(&scene), ["terminal"]);
        let (desk, seen) = (
            Party::at("receipt-computer", CLINIC),
            serde_json::json!({ "messages": ["⟦LEAK PIN#1⟧"] }),
        );
        scene.push(evidence::What::Attested(evidence::Attested {
            product: desk.clone(),
            shows: "chart".into(),
            seen,
        }));
        assert_eq!(
            failing(&scene),
            ["terminal"],
            "the desk only shows what it was given"
        );
        let seen = serde_json::json!({ "messages": ["⟦LEAK PIN#2⟧"] });
        scene.push(evidence::What::Attested(evidence::Attested {
            product: desk,
            shows: "chart".into(),
            seen,
        }));
        assert_eq!(failing(&scene), ["receipt-computer", "terminal"]);
    }

    #[test]
    fn names_screens_and_wrong_places_count_too() {
        let mut scene = Scene::registered();
        scene.screen(CLINIC, "ENTER_PIN", &["⟦LEAK PIN#1⟧"], None);
        assert_eq!(failing(&scene), ["reader"]);
        let mut scene = Scene::registered();
        let (from, to) = (
            Party::at("terminal", CLINIC),
            Party::role("receipt-computer"),
        );
        let name = Some("⟦LEAK PIN#1⟧.xml".to_owned());
        let tapped = evidence::Tapped {
            hop: "face-folder".into(),
            from,
            to,
            connection: 1,
            name,
            bytes: None,
            tls: None,
        };
        scene.push(evidence::What::Tapped(tapped));
        assert_eq!(failing(&scene), ["terminal"]);
        let mut scene = Scene::registered();
        let (server, jlis) = (Party::role("eligibility-server"), Party::role("jlis"));
        scene.tap("ocsp", server, jlis, 1, "⟦PIN#1⟧".as_bytes(), None);
        assert_eq!(
            failing(&scene),
            ["eligibility-server"],
            "no PIN travels on this hop"
        );
    }
}
