//! INS-04: gain before loss, loss before gain, corrections in any order of arrival end in the same history.

use evidence::EntryKind;

use super::Rule;
use super::answers::answers;
use super::common::{INSURER, SERVER};
use super::words::had_time;
use crate::Finding;
use crate::calendar::Instant;
use crate::case::{Case, Entry, Exchange};
use crate::expect;
use crate::finding::{q, t};

/// The rule.
pub const RULE: Rule = Rule {
    id: "INS-04",
    roles: &[SERVER, INSURER],
    clause: (
        "取得と喪失がどの順に入力されても一つずつ送られ、同じ履歴になる",
        "Gains and losses are sent one by one in whatever order they are entered, and end in the same history.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    let advice = t(
        "届いた順に上書きせず、取得日と喪失日から履歴を組み立てる",
        "Build the history from days of gain and loss; never let a later arrival overwrite an earlier one.",
    );
    let of_server = answers(case)
        .into_iter()
        .filter(|a| shuffled(case, &a.person, a.at))
        .filter_map(|a| a.finding(case, RULE.id, advice.clone()));
    let entries = case.facts.entries.iter();
    let of_insurer = entries.filter_map(|entry| sent(case, entry));
    of_server.chain(of_insurer).collect()
}

/// An entry out of order is sent as any other: neither held back nor made one with another.
fn sent(case: &Case, entry: &Entry) -> Option<Finding> {
    let end = *case.times.last()?;
    let right = expect::check_digit_holds(&entry.insurer_number);
    if !right || !had_time(case, entry) || !shuffled(case, &entry.person, end) {
        return None;
    }
    let kind = match entry.kind {
        EntryKind::Gain => "gain",
        EntryKind::Loss => "loss",
    };
    // What else stands in it is INS-01's.
    let own = |e: &&Exchange| {
        let named = e.text("insurer_number") == entry.insurer_number && e.text("kind") == kind;
        e.posts("/v1/registrations") && named && e.text("on") == entry.on.to_string()
    };
    let sent = case.registrations.iter().find(own);
    let expected = t(
        format!(
            "{}の{}の登録を、順序にかかわらず送る",
            entry.on, entry.insurer_number
        ),
        format!(
            "The entry of {} for {} is sent, in whatever order it comes.",
            entry.on, entry.insurer_number
        ),
    );
    let actual = match sent {
        Some(_) => t("送った", "It was sent."),
        None => t("送らなかった", "It was not sent."),
    };
    let advice = t(
        "前に送った登録の日付にかかわらず、入力された登録をすべて送る",
        "Send every entry, whatever day the one sent before it had.",
    );
    let quotes = sent.map(|e| q(e.seq, "POST /v1/registrations", entry.on.to_string()));
    let say = case.of(RULE.id, INSURER);
    Some(say.decide(
        sent.is_some(),
        expected,
        actual,
        advice,
        quotes.into_iter().collect(),
    ))
}

/// Whether a person's entries arrived in another order than that of their days.
fn shuffled(case: &Case, person: &str, by: Instant) -> bool {
    let mut entries: Vec<_> = expect::entries(&case.facts, person, by).collect();
    entries.sort_by_key(|e| (e.known_at, e.seq));
    // On one day the old qualification ends before the new one begins.
    let rank = |e: &Entry| (e.on, e.kind == EntryKind::Gain);
    entries.windows(2).any(|pair| rank(pair[0]) > rank(pair[1]))
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Pass};
    use crate::testing::*;
    use evidence::EntryKind::{Gain, Loss};

    fn said(scene: &Scene) -> Vec<Verdict> {
        let said = scene.said("INS-04").into_iter();
        said.filter(|s| s.0 == super::SERVER).map(|s| s.1).collect()
    }

    #[test]
    fn every_entry_out_of_order_is_sent() {
        let of_insurer = |scene: &Scene| -> Vec<Verdict> {
            let said = scene.said("INS-04").into_iter();
            said.filter(|s| s.0 == "insurer").map(|s| s.1).collect()
        };
        let mut scene = Scene::registered();
        assert_eq!(of_insurer(&scene), []);
        let gain = ("2026-10-05", "2026-10-06T09:00:00.000+09:00");
        let loss = ("2026-10-04", "2026-10-08T09:00:00.000+09:00");
        scene.entry(Gain, OTHER_NUMBER, gain.0, gain.1);
        assert_eq!(of_insurer(&scene), [], "in order");
        let mut kept_back = scene.clone();
        scene.entry(Loss, NUMBER, loss.0, loss.1);
        assert_eq!(of_insurer(&scene), [Pass, Pass, Pass]);
        kept_back.entry_only(Loss, NUMBER, loss.0, loss.1);
        assert_eq!(of_insurer(&kept_back), [Pass, Pass], "not yet");
        kept_back.visit(&Play::default());
        assert_eq!(of_insurer(&kept_back), [Pass, Pass, Fail]);
    }

    #[test]
    fn the_order_of_arrival_changes_nothing() {
        let shuffled = || {
            let mut scene = Scene::registered();
            scene.entry(
                Gain,
                OTHER_NUMBER,
                "2026-10-05",
                "2026-10-06T09:00:00.000+09:00",
            );
            scene.entry(Loss, NUMBER, "2026-10-04", "2026-10-08T09:00:00.000+09:00");
            scene
        };
        for (answer, due) in [
            (Answer::answered("1", OTHER_NUMBER), Pass),
            (Answer::answered("2", NUMBER), Fail),
            (Answer::refused("SIM-E302"), Fail),
        ] {
            let mut scene = shuffled();
            scene.visit(&Play {
                answer,
                ..Play::default()
            });
            assert_eq!(said(&scene), [due]);
        }
        let mut scene = Scene::registered();
        scene.entry(Loss, NUMBER, "2026-10-04", "2026-10-08T09:00:00.000+09:00");
        scene.visit(&Play {
            answer: Answer::answered("2", NUMBER),
            ..Play::default()
        });
        assert_eq!(said(&scene), [], "in order");
    }
}
