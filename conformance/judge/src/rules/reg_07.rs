//! REG-07: release of the registration takes effect on its day; before it the card works, after it the
//! reader offers registration.

use super::Rule;
use super::common::{Asked, INSURER, Reply, SERVER, asked, code};
use super::delivery;
use super::reg_03;
use super::renewed::unregistered;
use crate::Finding;
use crate::calendar::Instant;
use crate::case::{Case, Exchange};
use crate::expect::{Due, Standing};
use crate::finding::{q, t};

const PATH: &str = "/v1/feed/releases";

/// The rule.
pub const RULE: Rule = Rule {
    id: "REG-07",
    roles: &[SERVER, INSURER],
    clause: (
        "利用登録の解除は効力の日から効き、その前は使え、その後は登録を案内する",
        "A release takes effect on its day: before it the card works, after it registration is offered.",
    ),
    check,
};

fn check(case: &Case) -> Vec<Finding> {
    if case.facts.releases.is_empty() && !case.registrations.iter().any(|e| e.posts("/v1/releases"))
    {
        return Vec::new();
    }
    let mut findings: Vec<Finding> = Vec::new();
    let shown = case.identifications.iter();
    let shown = shown.filter(|p| {
        case.card_proved(p)
            .is_some_and(|card| touched(case, &card.holder, p.at))
    });
    findings.extend(shown.filter_map(|p| reg_03::proof(case, p, RULE.id)));
    let confirmed = asked(case).filter(|a| touched(case, &a.card.holder, a.confirmation.at));
    findings.extend(confirmed.filter_map(|a| server(case, &a)));
    let sent = case
        .registrations
        .iter()
        .filter(|e| e.posts("/v1/releases"));
    findings.extend(sent.map(|e| insurer(case, e)));
    let entered = |e: &Exchange| {
        let known = delivery::known_link(case, e.text("link_number"), e.seq);
        let mut days = case
            .facts
            .releases
            .iter()
            .map(|r| r.effective_on.to_string());
        known && days.any(|day| day == e.text("effective_on"))
    };
    let lost = delivery::turned_away(case, PATH, entered);
    findings.extend(lost.map(|e| delivery::not_taken(case, RULE.id, PATH, e)));
    findings
}

/// Whether an insurer had entered the release of a person by then.
fn touched(case: &Case, person: &str, at: Instant) -> bool {
    let releases = &case.facts.releases;
    releases
        .iter()
        .any(|r| r.person == person && r.known_at <= at)
}

fn server(case: &Case, asked: &Asked<'_>) -> Option<Finding> {
    if asked.expected.card_trouble().is_some() {
        return None;
    }
    let say = case.of(RULE.id, SERVER);
    let code = code(case, Due::Released);
    let released = asked.expected.standing == Standing::Released;
    let expected = match released {
        true => t(
            format!("解除の効力が生じているので、コード{code}で断る"),
            format!("The release is in effect: refused with code {code}."),
        ),
        false => t(
            "解除の効力の日の前、または登録し直した後なので、断らない",
            "The release is not yet in effect, or was undone by a new registration: not refused for it.",
        ),
    };
    if let Some(finding) = asked.unjudged(case, say, &expected) {
        return Some(finding);
    }
    let holds = match released {
        true => matches!(asked.reply(), Reply::Refuses(_, o) if o.code == code),
        false => !unregistered(case, asked),
    };
    let advice = t(
        "解除は受け取った日でなく効力の日（effective_on）から効かせる",
        "Let a release take effect on its day (effective_on), not on the day it arrived.",
    );
    Some(say.decide(holds, expected, asked.actual(), advice, asked.quotes()))
}

fn insurer(case: &Case, sent: &Exchange) -> Finding {
    let say = case.of(RULE.id, INSURER);
    let day = sent.text("effective_on");
    let number = sent.text("individual_number");
    let of = |person: &str| {
        let own = case.facts.cards.iter().filter(|c| c.holder == person);
        let tokens: Vec<&str> = { own }
            .filter_map(|c| c.chip.as_ref())
            .map(|c| c.verification_a.as_str())
            .collect();
        tokens.is_empty() || tokens.contains(&number)
    };
    let entered = case.facts.releases.iter();
    let holds = { entered }.any(|r| r.effective_on.to_string() == day && of(&r.person));
    let expected = t(
        "担当者が入力した解除を、入力どおりの人と日付で送る",
        "A release its clerk entered is sent for that person and that day.",
    );
    let actual = t(
        format!("{number}について{day}からの解除を送った"),
        format!("It sent a release of {number} from {day} on."),
    );
    let advice = t(
        "入力と引用した電文を比べる",
        "Compare the quoted message with what was entered.",
    );
    let quotes = vec![q(sent.seq, "POST /v1/releases", format!("{number} {day}"))];
    say.decide(holds, expected, actual, advice, quotes)
}

#[cfg(test)]
mod tests {
    use crate::Verdict::{self, Fail, Inconclusive, Pass};
    use crate::testing::*;

    fn said(effective_on: &str, standing: &'static str, answer: Answer) -> Vec<Verdict> {
        let mut scene = Scene::registered();
        scene.released(effective_on, effective_on);
        scene.visit(&Play {
            standing: Ok(standing),
            answer,
            ..Play::default()
        });
        let said = scene.said("REG-07").into_iter();
        said.filter(|s| s.0 == "eligibility-server")
            .map(|s| s.1)
            .collect()
    }

    #[test]
    fn a_release_takes_effect_on_its_day() {
        let (released, confirmed) = (|| Answer::refused("SIM-E304"), || Play::default().answer);
        for (day, standing, answer, due) in [
            ("2026-10-15", "released", released(), [Pass, Pass]),
            ("2026-10-15", "registered", confirmed(), [Fail, Fail]),
            (
                "2026-10-15",
                "never-registered",
                Answer::refused("SIM-E301"),
                [Fail, Fail],
            ),
            ("2026-10-16", "registered", confirmed(), [Pass, Pass]),
            ("2026-10-16", "released", released(), [Fail, Fail]),
        ] {
            assert_eq!(said(day, standing, answer), due, "{day} {standing}");
        }
        assert_eq!(Scene::registered().said("REG-07"), []);
    }

    #[test]
    fn the_insurer_sends_the_day_that_was_entered() {
        for (sent, due) in [("2026-10-20", Pass), ("2026-10-21", Fail)] {
            let mut scene = Scene::registered();
            scene.released("2026-10-20", sent);
            assert_eq!(scene.said("REG-07")[0].1, due);
        }
        let mut scene = Scene::registered();
        scene.declare(evidence::Fact::Release {
            person: "田中".into(),
            effective_on: "2026-10-14".into(),
            known_at: "2026-10-12T09:00:00.000+09:00".into(),
        });
        scene.visit(&Play::default());
        let said = scene.said("REG-07");
        assert!(
            said.iter()
                .all(|s| s.1 == Inconclusive && s.2.as_deref() == Some("insurer"))
        );
    }
}
