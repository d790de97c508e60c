//! REG-05: registering twice, or at two places at once, leaves one link.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Rule;
use super::common::{PORTAL, SERVER};
use super::delivery;
use super::registering::sound;
use crate::Finding;
use crate::case::{Case, Exchange};
use crate::expect::{self, Standing, Tie, Way};
use crate::finding::{q, t};

/// The rule.
pub const RULE: Rule = Rule {
    id: "REG-05",
    roles: &[SERVER],
    clause: (
        "二度登録しても、二か所で同時に登録しても、結び付きは一つだけ残る",
        "Registering twice, or at two places at once, leaves one link.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let mut told: BTreeMap<&str, Vec<&Exchange>> = BTreeMap::new();
    let path = "/v1/feed/use-registrations";
    for fed in case
        .feed
        .iter()
        .filter(|e| e.posts(path) && e.from.role == PORTAL)
    {
        told.entry(fed.text("serial")).or_default().push(fed);
    }
    told.into_iter()
        .filter_map(|(serial, all)| of(case, serial, &all))
        .collect()
}

fn of(case: &Case, serial: &str, all: &[&Exchange]) -> Option<Finding> {
    // What the server could not take for being out of order was not told it.
    let all: Vec<&Exchange> = all
        .iter()
        .copied()
        .filter(|e| e.status().is_some_and(|s| s < 500))
        .collect();
    let first = all.first()?;
    // The pair of serials may have tied it before anybody asked.
    let before = expect::standing_without(case, serial, first.seq, first.at);
    let paired = before == Standing::Registered
        && expect::pair_of(case, serial, first.at).is_some()
        && !case
            .ties
            .iter()
            .any(|t| t.serial == serial && t.way == Way::Before);
    let same = all
        .iter()
        .all(|e| e.text("link_number") == first.text("link_number"));
    if !same {
        return None;
    }
    if all.len() < 2 && !paired {
        return misnamed(case, serial, first);
    }
    let say = case.of(RULE.id, SERVER);
    // A release or a lapse in between makes a later tie a new one.
    let renewed = all[1..].iter().filter(|e| {
        expect::standing_without(case, serial, e.seq, e.at) != Standing::Registered
            || case
                .facts
                .releases
                .iter()
                .any(|r| r.known_at <= e.at && r.effective_on <= e.at.day)
    });
    let allowed = usize::from(!paired) + renewed.count();
    let new = all.iter().filter(|e| e.status() == Some(201)).count();
    let refused = all.iter().any(|e| !e.accepted());
    let expected = t(
        format!(
            "発行番号{serial}の登録は{}回届いたが、新しい結び付きは一つだけ",
            all.len()
        ),
        format!(
            "Serial {serial} was reported {} times: one new link, the others were there already.",
            all.len()
        ),
    );
    let actual = t(
        format!("新しい結び付きと答えたのは{new}回"),
        format!("It called {new} of them new."),
    );
    let advice = t(
        "同じ発行番号と紐付番号の登録は、201でなく200で受け、結び付きを増やさない",
        "Take a second report of the same serial and link with 200, and tie nothing more.",
    );
    let quotes = all
        .iter()
        .map(|e| q(e.seq, "POST /v1/feed/use-registrations", e.said()))
        .collect();
    let named = all.iter().all(|e| names_itself(e));
    let holds = new <= allowed && !refused && named;
    Some(say.decide(holds, expected, actual, advice, quotes))
}

/// Whether status and body of an answer that accepts say the same.
fn names_itself(told: &Exchange) -> bool {
    let answer = told.answer.as_ref().and_then(|a| a.body.as_ref().ok());
    let new = answer
        .and_then(|body| body.get("new"))
        .and_then(Value::as_bool);
    match told.status() {
        Some(201) => new == Some(true),
        Some(200) => new == Some(false),
        _ => true,
    }
}

/// The first and only report of a sound card: a new link, and called so.
fn misnamed(case: &Case, serial: &str, told: &Exchange) -> Option<Finding> {
    let card = case.facts.card_of_serial(serial)?;
    let tied = |t: &Tie| t.serial == serial && told.at.millis_since(t.at) > 0;
    let insured = || delivery::told_insured_in(told);
    let sound = sound(case, card, told.at)
        && !case.ties.iter().any(tied)
        && expect::pair_of(case, serial, told.at).is_none()
        && delivery::links(case, &card.holder, told.at, told.seq)
            .contains(told.text("link_number"))
        && expect::entries(&case.facts, &card.holder, told.at)
            .any(|entry| insured().as_ref() == Some(&entry.numbers));
    let right = told.status() == Some(201) && names_itself(told);
    if !sound || right {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let expected = t(
        format!("発行番号{serial}の初めての登録は、新しい結び付きとして受ける"),
        format!("The first report of serial {serial} is taken as a new link."),
    );
    let said = told.said();
    let actual = t(format!("{said}と答えた"), format!("It answered {said}."));
    let advice = t(
        "初めての結び付きは201とnew: trueで、二度目は200とnew: falseで答える",
        "Answer a first link with 201 and new: true, a second report with 200 and new: false.",
    );
    let quotes = vec![
        q(told.seq, "POST /v1/feed/use-registrations", serial),
        q(told.last(), "HTTP", said),
    ];
    Some(say.fail(expected, actual, advice, quotes))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;

    fn said(statuses: &[u16]) -> Vec<Verdict> {
        let mut scene = Scene::unregistered();
        for status in statuses {
            let (person, serial, at) = ("田中".into(), "1001".into(), scene.now.clone());
            scene.declare(evidence::Fact::Registration { person, serial, at });
            scene.tied("1001", NUMBER, *status);
        }
        scene.said("REG-05").into_iter().map(|s| s.1).collect()
    }

    #[test]
    fn twice_is_one() {
        assert_eq!(said(&[201]), []);
        assert_eq!(said(&[201, 200]), [Pass]);
        assert_eq!(said(&[200, 201, 200]), [Pass], "at once, in either order");
        assert_eq!(said(&[201, 201]), [Fail]);
        assert_eq!(said(&[201, 409]), [Fail]);
    }

    #[test]
    fn after_a_release_it_is_new_again() {
        let mut scene = Scene::registered();
        scene.released("2026-10-14", "2026-10-12");
        scene.tied("1001", NUMBER, 201);
        assert_eq!(scene.said("REG-05")[0].1, Pass);
    }
}
